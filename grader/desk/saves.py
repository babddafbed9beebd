"""Notices saves: a thread that watches the folder, and looks for itself once a second where no news comes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import watchfiles

STEP = 20
"""Milliseconds without a further change after which a burst of changes is over."""

DEBOUNCE = 200
"""Milliseconds after which a burst is told even if it goes on."""

LOOK = 1000
"""Milliseconds between looks: on drives that send no news, and after the folder was put in place of another."""


class Saves:
    """Calls back, from a thread of its own, whenever something in a folder may have changed.

    Parameters
    ----------
    folder : Path
    changed : callable
    """

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._folder = folder
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        before = _state(self._folder)
        while not self._stop.is_set():
            try:
                before = self._watch(before)
            except (OSError, RuntimeError):  # no folder, or no way to watch it
                self._stop.wait(LOOK / 1000)
                before = self._look(before)

    def _watch(self, before: State) -> State:
        """Until the folder is another one."""
        mark = _mark(self._folder)
        for news in watchfiles.watch(
            self._folder, watch_filter=None, debounce=DEBOUNCE, step=STEP, stop_event=self._stop, rust_timeout=LOOK,
            yield_on_timeout=True, raise_interrupt=False, recursive=False,
        ):  # fmt: skip
            if news:
                before = _state(self._folder)
                self._changed()
            else:
                before = self._look(before)
            if _mark(self._folder) != mark:
                return before
        return before

    def _look(self, before: State) -> State:
        after = _state(self._folder)
        if after != before:
            self._changed()
        return after


State = dict[str, tuple[int, int]]


def _state(folder: Path) -> State:
    """Times and sizes of the modules in a folder."""
    found: State = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = Path(entry.path).stat()
                    found[entry.name] = (status.st_mtime_ns, status.st_size)
    except OSError:
        return found
    return found


def _mark(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino
