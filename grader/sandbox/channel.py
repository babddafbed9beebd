"""Messages over a stream socket: a length and that many bytes.

The grading side bounds each wait by a deadline and each message by a size; the worker waits as long as it takes.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable

from grader.sandbox.wire import WireError

_header = struct.Struct("<I")
CHUNK = 1 << 16
QUIET, TALKING, CLOSED = "quiet", "talking", "closed"


class Late(Exception):
    """The deadline passed."""


class Gone(Exception):
    """The other side closed the connection."""


class Channel:
    """The worker's end of its connection to the grading side.

    Parameters
    ----------
    connection : socket
    limit : int
        The largest message that is read, in bytes.
    """

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._socket = connection
        self._limit = limit
        self._buffer = bytearray()

    def send(self, payload: bytes) -> None:
        """Send one message.

        Raises
        ------
        Gone
        """
        message = _header.pack(len(payload)) + payload
        sent = self._send(message)
        if sent < len(message):
            view = memoryview(message)
            while sent < len(message):
                sent += self._send(view[sent:])

    def receive(self) -> bytes:
        """Receive one message.

        Raises
        ------
        Gone
        WireError
            It announces more bytes than the limit.
        """
        buffer = self._buffer
        if not buffer:
            chunk = self._more()
            if len(chunk) >= 4 and _header.unpack_from(chunk)[0] == len(chunk) - 4 <= self._limit:
                return chunk[4:]  # one message and nothing else, as nearly always
            buffer += chunk
        while len(buffer) < 4:
            buffer += self._more()
        (length,) = _header.unpack_from(buffer)
        if length > self._limit:
            raise WireError(f"a message of {length} bytes, more than {self._limit}")
        while len(buffer) < 4 + length:
            buffer += self._more()
        message = bytes(memoryview(buffer)[4 : 4 + length])
        del buffer[: 4 + length]
        return message

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        """What has come, at least a byte; may be nothing yet where waiting is bounded."""
        try:
            chunk = self._socket.recv(CHUNK)
        except OSError as error:
            raise Gone from error
        if not chunk:
            raise Gone
        return chunk

    def _send(self, part: bytes | memoryview) -> int:
        """Send some of it; gives how much."""
        try:
            return self._socket.send(part)
        except OSError as error:
            raise Gone from error


class TimedChannel(Channel):
    """The grading side's end: each wait is bounded.

    Parameters
    ----------
    connection : socket
    limit : int
    watch : callable, optional
        Called once in `tick` seconds, as long as anything is said or awaited; may raise to end that.
    """

    tick = 0.05

    def __init__(self, connection: socket.socket, limit: int, watch: Callable[[], None] | None = None) -> None:
        super().__init__(connection, limit)
        connection.settimeout(self.tick)  # the system waits: twice as fast as to try, to fail, and to poll
        self._is_readable = _watcher(connection)
        self._watch = watch
        self._next_look = 0.0
        self.deadline = 0.0

    def start(self, deadline: float) -> None:
        """A request begins, which has until `deadline` on the clock of `time.monotonic`.

        From here on `send` and `receive` raise `Late` when it has passed.
        """
        self.deadline = deadline

    def state(self) -> str:
        """What the other side has done unasked: `QUIET`, `TALKING` (it sent something) or `CLOSED`."""
        if self._buffer:
            return TALKING
        try:
            if not self._is_readable():
                return QUIET
            return TALKING if self._socket.recv(1, socket.MSG_PEEK) else CLOSED
        except OSError:
            return CLOSED

    def look_at_the_clock(self) -> None:
        """Raise `Late` when the deadline has passed, and call the watch when it is time to."""
        now = time.monotonic()
        if now >= self.deadline:
            raise Late
        if self._watch is not None and now >= self._next_look:
            self._next_look = now + self.tick
            self._watch()

    def _more(self) -> bytes:
        # A stream that trickles in is never waited for: the clock is looked at here as well.
        self.look_at_the_clock()
        try:
            return super()._more()
        except Gone as gone:
            if isinstance(gone.__cause__, TimeoutError):
                return b""
            raise

    def _send(self, part: bytes | memoryview) -> int:
        self.look_at_the_clock()
        try:
            return super()._send(part)
        except Gone as gone:
            if isinstance(gone.__cause__, TimeoutError):
                return 0
            raise


def _watcher(connection: socket.socket) -> Callable[[], bool]:
    """A function that tells at once whether a socket has something to read, or has been closed."""
    if not hasattr(select, "poll"):
        return lambda: bool(select.select([connection], [], [], 0)[0])
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return lambda: bool(poll.poll(0))
