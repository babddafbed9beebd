"""A student at a real terminal: `grader watch` on a pseudo-terminal, its screen read by a terminal emulator."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pexpect
import pyte

PATIENCE = 60.0
"""Seconds after which something that should appear has not; nothing is timed here."""


class Evening:
    """`grader watch` on a terminal of its own.

    Parameters
    ----------
    folder : Path
        The topic modules.
    *arguments : str
        For `grader watch`.
    """

    def __init__(self, folder: Path, *arguments: str, columns: int = 80, lines: int = 24, **settings: str) -> None:
        self.folder = folder
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        environment = {**os.environ, "TERM": "xterm-256color", "GRADER_LANG": "en", **settings}
        environment = {name: value for name, value in environment.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        command = ["-m", "grader", "watch", "--target", str(folder), *arguments]
        size = (lines, columns)
        self.process = pexpect.spawn(sys.executable, command, dimensions=size, env=environment, timeout=None)

    def __enter__(self) -> Evening:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.close(force=True)

    @property
    def screen(self) -> str:
        """What is on the screen, blanks at the ends of lines left out."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def words(self) -> str:
        """The same with every gap one blank, so that a sentence can be found however it was wrapped."""
        return " ".join(self.screen.split())

    def read(self, seconds: float = 0.1) -> bool:
        """Take in what was written; False when the program is over."""
        try:
            self._stream.feed(self.process.read_nonblocking(1 << 16, timeout=seconds))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        return True

    def sees(self, *texts: str, absent: str = "") -> Evening:
        """Wait until all these are on the screen (and `absent` is not)."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            alive = self.read()
            if all(text in self.words for text in texts) and not (absent and absent in self.words):
                return self
            if not alive:
                break
        raise AssertionError(f"never saw {texts}; the screen is\n{self.screen}")

    def press(self, keys: str) -> Evening:
        self.process.send(keys)
        return self

    def save(self, topic: str, old: str, new: str) -> Evening:
        """Replace a piece of a file."""
        file = self.folder / f"{topic}.py"
        source = file.read_text(encoding="utf-8")
        assert source.count(old) == 1, old
        file.write_text(source.replace(old, new), encoding="utf-8")
        return self

    def resize(self, columns: int, lines: int) -> Evening:
        self._screen.resize(lines, columns)
        self.process.setwinsize(lines, columns)
        return self

    def ends(self) -> int | None:
        """Wait for the end; gives the exit status, None where a signal ended it."""
        end = time.monotonic() + PATIENCE
        while self.read() and time.monotonic() < end:
            pass
        self.process.wait()
        return self.process.exitstatus
