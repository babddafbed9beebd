"""What other threads have to say, on its way to the thread of the desk."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any


class Inbox:
    """A queue of calls. `put` may be used from any thread, the rest belongs to the thread of the desk."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[..., None], tuple]] = queue.SimpleQueue()
        self.wake: Callable[[], None] = lambda: None

    def put(self, function: Callable[..., None], *arguments: Any) -> None:
        self._calls.put((function, arguments))
        self.wake()

    def work(self) -> None:
        """Make every call that waits."""
        while True:
            try:
                function, arguments = self._calls.get_nowait()
            except queue.Empty:
                return
            function(*arguments)

    def wait(self, seconds: float) -> None:
        """Make the calls that wait, or the first to come within some seconds."""
        try:
            function, arguments = self._calls.get(timeout=seconds)
        except queue.Empty:
            return
        function(*arguments)
        self.work()
