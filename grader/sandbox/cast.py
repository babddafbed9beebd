"""The worker's half of props (`grader.subject.props`): it plays them itself and keeps the log of their calls.

The log goes ahead of the next message, and the grading side makes the same calls on the check's own objects before it
reads on. So a submission that writes into the log does no more than one that makes the calls, which it may.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from grader.sandbox.wire import Bounds, WireError, encode
from grader.subject.executor import CheckSideError, methods_of
from grader.subject.plain import copy_of, to_plain
from grader.subject.props import PROPS
from grader.subject.reply import RemoteReference

LOG = b"L"
"""How a message begins that has a log before it; any other begins with the tag of a tuple."""
FULL = 1 << 16
"""Bytes of a log that is not to grow any further."""

_length = struct.Struct("<I")


class Cast:
    """The props that a worker was given in the check under way, and those that they made.

    A check numbers what it hands over from 0; what is made here is numbered -1, -2, ... on both sides.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._props: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._made = 0
        self._log: list[bytes] = []
        self._size = 0

    def clear(self) -> None:
        """A check begins."""
        self._props.clear()
        self._numbers.clear()
        self._made = 0
        self._log.clear()
        self._size = 0

    def meet(self, reference: RemoteReference) -> None:
        """Have a prop of one's own from here on."""
        if reference.recipe is not None and reference.reference not in self._props:
            name, args, kwargs = copy_of(tuple(reference.recipe))
            self._number_it(PROPS[name](*args, **kwargs), reference.reference)

    def has(self, number: int) -> bool:
        """Whether an object is played here."""
        return number in self._props

    @property
    def full(self) -> bool:
        """Whether the log should be sent before another call."""
        return self._size > FULL

    def play(self, number: int, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Call a prop, and note that.

        Raises
        ------
        CheckSideError
            The prop raised an exception. It will again when the call is made on the check's own.
        ValueError
            The arguments do not fit into a message.
        RecursionError
            The submission calls itself without end, and this was one call more.
        """
        entry = passed_on((number, name, args, kwargs), self._bounds)
        self._log.append(entry)
        self._size += len(entry)
        prop = self._props[number]
        try:
            return to_plain((prop if name == "__call__" else getattr(prop, name))(*args, **kwargs), self._refer)
        except RecursionError:
            raise
        except Exception as error:
            raise CheckSideError from error

    def with_log(self, message: bytes) -> bytes:
        """A message, and before it the calls since the one before."""
        if not self._log:
            return message
        written = with_log(self._log, message)
        self._log.clear()
        self._size = 0
        return written

    def _refer(self, value: Any) -> RemoteReference:
        number = self._numbers.get(id(value))
        if number is None:
            self._made += 1
            number = -self._made
            self._number_it(value, number)
        return RemoteReference(number, methods_of(value))

    def _number_it(self, value: Any, number: int) -> None:
        self._props[number] = value
        self._numbers[id(value)] = number


def passed_on(message: tuple, bounds: Bounds) -> bytes:
    """What the student's code passes to a check's own object, as bytes.

    Raises
    ------
    ValueError
        It does not fit into a message: the student's code is told so.
    """
    try:
        return encode(message, bounds=bounds)
    except WireError as error:
        raise ValueError(f"this cannot be passed on: {error}") from error


def with_log(log: Iterable[bytes], message: bytes) -> bytes:
    """Write a message with a log before it."""
    entries = b"".join(_length.pack(len(entry)) + entry for entry in log)
    return LOG + _length.pack(len(entries)) + entries + message


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """The entries of the log before a message, and the message.

    Raises
    ------
    WireError
    """
    if data[:1] != LOG:
        return [], data
    at = 1 + _length.size
    if len(data) < at:
        raise WireError("a message that ends too early")
    end = at + _length.unpack_from(data, 1)[0]
    if end > len(data):
        raise WireError("a log beyond the end of the message")
    entries = []
    while at < end:
        if end - at < _length.size:
            raise WireError("a log that ends too early")
        begin = at + _length.size
        at = begin + _length.unpack_from(data, at)[0]
        if at > end:
            raise WireError("a call beyond the end of the log")
        entries.append(data[begin:at])
    return entries, data[end:]
