"""Notices saves: a thread that watches the folder, and looks for itself once a second where no news comes."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # on stopping it may complain of itself, to the student

STEP = 20
"""Milliseconds without a further change after which a burst of changes is over."""

DEBOUNCE = 200
"""Milliseconds after which a burst is told even if it goes on."""

LOOK = 1000
"""Milliseconds between looks: on drives that send no news, and after the folder was put in place of another."""


READING = ("opened", "closed_no_write")
"""News of somebody who reads, the desk among them."""


class _News(FileSystemEventHandler):
    """Rings whenever something in the folder is written, moved or removed."""

    def __init__(self, bell: threading.Event) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in READING:
            self._bell.set()


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
        self._bell = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._bell.set()

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
        observer = Observer()
        observer.schedule(_News(self._bell), str(self._folder), recursive=False)
        observer.start()
        try:
            while not self._stop.is_set() and _mark(self._folder) == mark:
                if self._bell.wait(LOOK / 1000):
                    self._let_burst_pass()
                    before = _state(self._folder)
                    self._changed()
                else:
                    before = self._look(before)
        finally:
            observer.stop()
            observer.join()
        return before

    def _let_burst_pass(self) -> None:
        end = time.monotonic() + DEBOUNCE / 1000
        self._bell.clear()
        while self._bell.wait(STEP / 1000) and time.monotonic() < end:
            self._bell.clear()

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
