"""The figure of a topic, opened from the desk in a process of its own: a window, or a file where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.language import _

NO_WINDOW = 2
"""The exit status of `grader plot` when it cannot do what it was asked."""


class Figures:
    """Figures that are being drawn or looked at.

    Parameters
    ----------
    folder : Path
        The topic modules.
    home : Path
        Where figures go that cannot be shown in a window.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder = folder
        self._home = home
        self._running: list[tuple[subprocess.Popen[str], str, Path | None]] = []

    def open(self, name: str, file: Path | None = None) -> None:
        """Draw the figure of a topic or an exercise."""
        command = [sys.executable, "-m", "grader", "plot", name, "--target", str(self._folder)]
        if file is not None:
            command += ["-o", str(file)]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        self._running.append((process, name, file))

    def news(self) -> str:
        """A sentence on a figure that is finished or has failed since the last call; empty if there is none."""
        for entry in self._running:
            process, name, file = entry
            status = process.poll()
            if status is None:
                continue
            self._running.remove(entry)
            return self._sentence(process, name, file, status)
        return ""

    def close(self) -> None:
        """Leave windows open that are open; end what is still being drawn into a file."""
        for process, _name, file in self._running:
            if file is not None:
                process.kill()

    def _sentence(self, process: subprocess.Popen[str], name: str, file: Path | None, status: int) -> str:
        said = process.stderr.read().strip().removeprefix("grader: ") if process.stderr is not None else ""
        if status == 0:
            return "" if file is None else _("No window can be opened here: the figure is in {file}.").format(file=file)
        if status == NO_WINDOW and file is None and "-o" in said:
            self._to_file(name)
            return ""
        last = said.splitlines()[-1] if said else ""
        return last or _("The figure could not be drawn.")

    def _to_file(self, name: str) -> None:
        file = self._home / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        self.open(name, file)
