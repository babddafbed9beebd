"""`grader watch`: puts a sitting together with the folder it watches, and shows it on a terminal or as plain lines."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader.course import the_course
from grader.desk.inbox import Inbox
from grader.desk.referee import CAN_FORK, TIMEOUT, Heard, Referee
from grader.desk.saves import Saves
from grader.desk.sitting import Sitting
from grader.language import current

TICK_SECONDS = 0.2


class Face(Protocol):
    """Shows a sitting until it is over."""

    def tell(self, what: str) -> None:
        """Something has happened, see `Sitting`."""

    def show(self, desk: Desk) -> None:
        """Run until the sitting is over; `KeyboardInterrupt` passes through."""


@dataclass
class Desk:
    """A sitting, and whatever brings it news."""

    sitting: Sitting
    inbox: Inbox
    folder: Path
    topic: str = ""
    exercise: str = ""
    timeout: float = TIMEOUT
    fork: bool = CAN_FORK
    _saves: Saves | None = field(default=None, init=False)

    def open(self) -> None:
        """Start the warm process and the watching."""
        def relay(heard: Heard) -> None:
            self.inbox.put(self.sitting.hear, heard)

        referee = Referee(self.folder, self.sitting.take, relay, self.timeout, self.fork, language=current())
        self.sitting.begin(referee, self.topic, self.exercise)
        self._saves = Saves(self.folder, lambda: self.inbox.put(self.sitting.saved))
        self._saves.start()

    def close(self) -> None:
        if self._saves is not None:
            self._saves.stop()
        self.sitting.end()


def watch(folder: Path, face: Face, topic: str = "", exercise: str = "", **settings: Any) -> Sitting:
    """Sit at the desk until the student gets up.

    Parameters
    ----------
    folder : Path
        The topic modules.
    face : Face
    topic, exercise : str, optional
        Where to begin; by default where the student stopped.
    **settings
        `timeout` and `fork`, see `Referee`.
    """
    sitting = Sitting(folder.resolve(), the_course(), face.tell)
    desk = Desk(sitting, Inbox(), folder.resolve(), topic, exercise, **settings)
    try:
        desk.open()
        face.show(desk)
    finally:
        desk.close()
    return sitting


def on_a_terminal() -> bool:
    """Whether there is somebody with a keyboard and a screen that can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
