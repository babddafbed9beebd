"""How far a class run is: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import TextIO

from grader.language import _


class Progress:
    """Counts what is done and says so.

    Parameters
    ----------
    total : int
    stream : text file
        A terminal gets a bar that is redrawn, anything else a line at each tenth.
    clock : callable, optional
        Seconds, for the rate.
    """

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self.reused = 0
        self.problems = 0
        self._stream = stream
        self._clock = clock
        self._started = clock()
        self._terminal = stream.isatty()
        self._tenths = 0
        self._drawn = 0.0

    def step(self, reused: bool, problem: bool) -> None:
        """One more is done."""
        self.done += 1
        self.reused += reused
        self.problems += problem
        self.show()

    def show(self, last: bool = False) -> None:
        """Draw, but not more often than anybody can read."""
        if self._terminal:
            now = self._clock()
            if last or self.done == self.total or now - self._drawn >= 0.1:
                self._drawn = now
                self._stream.write("\r\x1b[K" + self.line(shutil.get_terminal_size().columns))
                self._stream.flush()
        else:
            tenths = self.done * 10 // self.total if self.total else 10
            if tenths > self._tenths:
                self._tenths = tenths
                print(self.line(), file=self._stream, flush=True)

    def finish(self) -> None:
        """Leave the bar and go to the next line."""
        if self._terminal and self.total:
            self.show(last=True)
            print(file=self._stream)

    @property
    def rate(self) -> float:
        """Submissions a second that were really graded."""
        elapsed = self._clock() - self._started
        return (self.done - self.reused) / elapsed if elapsed > 0 else 0.0

    def line(self, width: int = 0) -> str:
        """What is said now; with a bar in front where there is width for one."""
        parts = [_("{done} of {total} submissions").format(done=self.done, total=self.total)]
        if self.rate:
            parts.append(_("{rate} a second").format(rate=f"{self.rate:.1f}"))
            if self.done < self.total:
                parts.append(_("{time} left").format(time=clock_text((self.total - self.done) / self.rate)))
        if self.reused:
            parts.append(_("{count} unchanged").format(count=self.reused))
        if self.problems:
            parts.append(_("{count} with problems").format(count=self.problems))
        text = ", ".join(parts)
        room = min(width - len(text) - 4, 40)
        if room < 10:
            return text[: width - 1] if width else text
        filled = room * self.done // self.total if self.total else room
        return f"[{'#' * filled}{'.' * (room - filled)}] {text}"


def clock_text(seconds: float) -> str:
    """A time span: `0:07`, `12:30`, `1:02:03`."""
    whole = int(seconds + 0.5)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
