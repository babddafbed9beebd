"""Messages over a stream socket: a length and that many bytes.

The grading side bounds each wait by a deadline and each message by a size; the worker waits as long as it takes.
"""

from __future__ import annotations

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
    """One end of the connection between the grading side and a worker.

    Parameters
    ----------
    connection : socket
    limit : int
        The largest message that is read, in bytes.
    watch : callable, optional
        Called every `tick` seconds of a long wait; may raise to end it.
    """

    tick = 0.25

    def __init__(self, connection: socket.socket, limit: int, watch: Callable[[], None] | None = None) -> None:
        self._socket = connection
        self._limit = limit
        self._watch = watch
        self._buffer = bytearray()
        self._next_look = 0.0

    def start(self) -> None:
        """A request begins: the watch is called once this has lasted for a tick."""
        self._next_look = time.monotonic() + self.tick

    def send(self, payload: bytes, deadline: float | None = None) -> None:
        """Send one message.

        Raises
        ------
        Late
            The other side did not take it before `deadline` (on the clock of `time.monotonic`).
        Gone
        """
        view = memoryview(_header.pack(len(payload)) + payload)
        while view:
            self._wait(deadline)
            try:
                view = view[self._socket.send(view) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise Gone from error

    def receive(self, deadline: float | None = None) -> bytes:
        """Receive one message.

        Raises
        ------
        Late, Gone
        WireError
            It announces more bytes than the limit.
        """
        buffer = self._buffer
        while len(buffer) < 4:
            self._more(deadline)
        (length,) = _header.unpack_from(buffer)
        if length > self._limit:
            raise WireError(f"a message of {length} bytes, more than {self._limit}")
        while len(buffer) < 4 + length:
            self._more(deadline)
        message = bytes(memoryview(buffer)[4 : 4 + length])
        del buffer[: 4 + length]
        return message

    def state(self) -> str:
        """What the other side has done unasked: `QUIET`, `TALKING` (it sent something) or `CLOSED`."""
        if self._buffer:
            return TALKING
        self._socket.settimeout(0)
        try:
            return TALKING if self._socket.recv(1, socket.MSG_PEEK) else CLOSED
        except BlockingIOError:
            return QUIET
        except OSError:
            return CLOSED

    def close(self) -> None:
        self._socket.close()

    def _more(self, deadline: float | None) -> None:
        self._wait(deadline)
        try:
            chunk = self._socket.recv(CHUNK)
        except TimeoutError:
            return
        except OSError as error:
            raise Gone from error
        if not chunk:
            raise Gone
        self._buffer += chunk

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            self._socket.settimeout(None)
            return
        now = time.monotonic()
        if now >= deadline:
            raise Late
        if self._watch is not None and now >= self._next_look:
            self._next_look = now + self.tick
            self._watch()
        self._socket.settimeout(min(deadline - now, self.tick))
