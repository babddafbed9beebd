"""A deadline for code that runs in this very process.

On POSIX an interval timer interrupts the main thread; elsewhere a watchdog thread plants the exception. Neither can
stop a loop inside a C function: grading therefore never relies on this, it kills the worker from outside.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

HAS_TIMER = hasattr(signal, "setitimer")

_ready: list[bool] = []


class DeadlineExceeded(BaseException):
    """The student's code ran out of time. A `BaseException`, so that `except Exception` does not swallow it."""


def deadline(seconds: float) -> AbstractContextManager[None]:
    """Raise `DeadlineExceeded` inside the block once `seconds` have passed; 0 or less means no limit."""
    if seconds <= 0:
        return nullcontext()
    if HAS_TIMER and threading.get_ident() == threading.main_thread().ident:
        return _Timer(seconds)
    return _watchdog(seconds)


def _on_alarm(number: int, frame: FrameType | None) -> None:
    raise DeadlineExceeded


class _Timer(AbstractContextManager):
    """The interval timer. A class, because a generator would take longer than the timer itself."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        if not _ready:  # once a process: a handler costs more to set than a timer
            signal.signal(signal.SIGALRM, _on_alarm)
            _ready.append(True)
        # The interval repeats the alarm, in case the code under test swallows the first with a bare `except`.
        signal.setitimer(signal.ITIMER_REAL, self._seconds, max(self._seconds / 4, 0.05))

    def __exit__(self, *exception: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    done = threading.Event()
    thread = ctypes.c_ulong(threading.get_ident())

    def watch() -> None:
        if not done.wait(seconds):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(DeadlineExceeded))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
