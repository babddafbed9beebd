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
        view = memoryview(_header.pack(len(payload)) + payload)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                self._wait(for_reading=False)
            except OSError as error:
                raise Gone from error

    def receive(self) -> bytes:
        """Receive one message.

        Raises
        ------
        Gone
        WireError
            It announces more bytes than the limit.
        """
        buffer = self._buffer
        while len(buffer) < 4:
            self._more()
        (length,) = _header.unpack_from(buffer)
        if length > self._limit:
            raise WireError(f"a message of {length} bytes, more than {self._limit}")
        while len(buffer) < 4 + length:
            self._more()
        message = bytes(memoryview(buffer)[4 : 4 + length])
        del buffer[: 4 + length]
        return message

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> None:
        try:
            chunk = self._socket.recv(CHUNK)
        except BlockingIOError:
            self._wait(for_reading=True)
            return
        except OSError as error:
            raise Gone from error
        if not chunk:
            raise Gone
        self._buffer += chunk

    def _wait(self, for_reading: bool) -> None:
        """Wait until the socket is ready: only needed where it does not block."""
        _ready(self._socket, for_reading, None)


class TimedChannel(Channel):
    """The grading side's end: each wait is bounded.

    Parameters
    ----------
    connection : socket
    limit : int
    watch : callable, optional
        Called every `tick` seconds of a long wait; may raise to end it.
    """

    tick = 0.05

    def __init__(self, connection: socket.socket, limit: int, watch: Callable[[], None] | None = None) -> None:
        super().__init__(connection, limit)
        connection.setblocking(False)
        self._watch = watch
        self._next_look = 0.0
        self.deadline = 0.0

    def start(self, deadline: float) -> None:
        """A request begins, which has until `deadline` on the clock of `time.monotonic`.

        From here on `send` and `receive` raise `Late` when it has passed. The watch is called once the request has
        lasted for a tick.
        """
        self.deadline = deadline
        self._next_look = time.monotonic() + self.tick

    def state(self) -> str:
        """What the other side has done unasked: `QUIET`, `TALKING` (it sent something) or `CLOSED`."""
        if self._buffer:
            return TALKING
        try:
            return TALKING if self._socket.recv(1, socket.MSG_PEEK) else CLOSED
        except BlockingIOError:
            return QUIET
        except OSError:
            return CLOSED

    def _more(self) -> None:
        # A stream that trickles in is never waited for: the clock is looked at here as well.
        self._look_at_the_clock()
        super()._more()

    def _wait(self, for_reading: bool) -> None:
        left = self._look_at_the_clock()
        _ready(self._socket, for_reading, min(left, self.tick))

    def _look_at_the_clock(self) -> float:
        now = time.monotonic()
        if now >= self.deadline:
            raise Late
        if self._watch is not None and now >= self._next_look:
            self._next_look = now + self.tick
            self._watch()
        return self.deadline - now


def _ready(connection: socket.socket, for_reading: bool, seconds: float | None) -> None:
    """Wait until a socket can be read or written, at most for some seconds."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connection, select.POLLIN if for_reading else select.POLLOUT)
        poll.poll(None if seconds is None else seconds * 1000.0)
    else:
        readers, writers = ([connection], []) if for_reading else ([], [connection])
        select.select(readers, writers, [], seconds)
