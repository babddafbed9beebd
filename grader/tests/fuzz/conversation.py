"""A worker that sends prepared bytes, whatever it is asked: what the grading side makes of them."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import Limits, Tier
from grader.sandbox.wire import Bounds, encode
from grader.sandbox.worker import READY
from grader.sandbox.zygote import Ending, Order, WorkerProcess
from grader.subject.props import LookUp
from grader.subject.reply import Reply

NAMES = {"topic": ("exercise",)}
LIMITS = Limits(bounds=Bounds(message=1 << 16), callback=1 << 14)


def framed(message: bytes) -> bytes:
    """A message as it lies on the wire."""
    return len(message).to_bytes(4, "little") + message


class CannedZygote:
    """Gives workers that have said everything that they will say."""

    tier = Tier("process")
    limits = LIMITS

    def __init__(self, folder: Path) -> None:
        self.words = b""
        self._folder = folder
        (self._folder / "empty").mkdir()
        self._folders = 0

    def new_folder(self) -> Path:
        self._folders += 1
        folder = self._folder / str(self._folders)
        folder.mkdir()
        return folder

    def spawn(self, order: Order) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        theirs.sendall(framed(encode((READY,))) + self.words)
        theirs.shutdown(socket.SHUT_WR)
        theirs.setblocking(False)
        return WorkerProcess(1, ours, theirs)

    def end(self, worker: WorkerProcess, patient: bool = False) -> Ending:
        worker.connection.close()
        worker.owner.close()
        return Ending(0)

    def problem(self) -> str:
        return ""

    @property
    def empty(self) -> Path:
        return self._folder / "empty"


class Model:
    """What a check might hand over."""

    rate = 0.5

    def step(self, x: Any) -> Any:
        return np.asarray(x) * 2.0


class Conversation:
    """Puts one request to a worker that answers with prepared bytes."""

    def __init__(self, folder: Path) -> None:
        self.zygote = CannedZygote(folder)

    def call(self, words: bytes) -> Reply:
        """The reply to a call, whatever the worker said: this must not raise."""
        self.zygote.words = words
        subject = SealedSubject(self.zygote, self.zygote.empty, NAMES, timeout=0.5, total=2.0)  # type: ignore[arg-type]
        try:
            function = subject.refer(lambda *args, **kwargs: (args, kwargs))
            model, prop = subject.refer(Model()), subject.refer(LookUp(np.ones((2, 3)), np.ones((2, 3))))
            return subject.call(("topic", "exercise"), (function, model, prop), {"x": np.ones(2)})
        finally:
            subject.close()
