"""What is said in one check: kept, so that what answers the same, byte for byte, comes to the same end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

TAPE_BYTES = 1 << 17
"""The longest conversation that is kept."""


class Astray(BaseException):
    """A check that heard what it had heard before said something else: it depends on more than the answers.

    A `BaseException`, because it is no finding about the submission, which a check's exceptions are.
    """


@dataclass(frozen=True)
class Said:
    """A message to the worker; one that opens a request of the check's own has a deadline of its own."""

    data: bytes
    opens: bool


Turn = tuple[Said, bytes]


class Tape:
    """The turns of one check, one message to the worker and one from it.

    Some may have been taken already, on the strength of what the check said for another submission. Then the check,
    when it has to be run after all, hears the same again before it talks to the worker itself.
    """

    def __init__(self) -> None:
        self._ahead: deque[tuple[Said, bytes | Exception]] = deque()
        self._turns: list[Turn] = []
        self._said = Said(b"", False)
        self.kept = 0.0
        self._left = TAPE_BYTES

    @property
    def replaying(self) -> bool:
        """Whether the check is still being told what was heard already."""
        return bool(self._ahead)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns since the check began; none where they are no pattern for other submissions."""
        return tuple(self._turns)

    def spoil(self) -> None:
        """Something happened that counts beyond this check or that no message tells of: a deadline, a new process."""
        self._left = 0
        self._turns.clear()

    def keep(self, said: Said, heard: bytes | Exception) -> None:
        """Add a turn that was taken before the check runs, or how it failed."""
        self._ahead.append((said, heard))
        self.kept = time.monotonic()

    def say(self, said: Said) -> bool:
        """Note a message; gives whether it is still to be sent.

        Raises
        ------
        Astray
        """
        if self._ahead and self._ahead[0][0] != said:
            raise Astray
        self._said = said
        return not self._ahead

    def hear(self, receive: Callable[[], bytes]) -> bytes:
        """The answer to what was said last."""
        heard = self._ahead.popleft()[1] if self._ahead else receive()
        if isinstance(heard, Exception):
            raise heard
        self._left -= len(self._said.data) + len(heard)
        if self._left > 0:
            self._turns.append((self._said, heard))
        else:
            self.spoil()
        return heard


class NoTape(Tape):
    """Keeps nothing: most conversations are no pattern for another."""

    def say(self, said: Said) -> bool:
        return True

    def hear(self, receive: Callable[[], bytes]) -> bytes:
        return receive()
