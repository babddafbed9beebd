"""What a worker says, as bytes and back: plain data and the records of `grader.subject.reply`.

A value is one tag byte and what belongs to it. There is no pickle, no `eval` and no class name on the wire: the reader
builds exact Python values, exact `ndarray`s of numbers, and the few records listed here, and nothing else.

The reader on the grading side must take any bytes at all. Each count is compared with the bytes that are left before
anything is allocated for it, and one `Bounds` limits depth, number of values and of objects, entries that are hashed
(thousands of colliding keys would take minutes), digits of an integer, and length of a text. Whatever does not fit is a
`WireError`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from grader.subject.plain import ARRAY_SUBCLASS, OBJECT_ARRAY
from grader.subject.reply import Frame, Handle, Raised, RemoteReference, Reply


class WireError(Exception):
    """Bytes that are no message, or a value that does not fit into one. The text says what is wrong with it."""


@dataclass(frozen=True)
class Bounds:
    """How large a message may be.

    `message` is in bytes. `cells` bounds the entries of one array, counting an empty axis as one: an array of shape
    (0, 10**12) has no entries, but its sum over the first axis would have 10**12.
    """

    message: int = 16 << 20
    depth: int = 20
    values: int = 200_000
    hashed: int = 4_096
    objects: int = 256
    integer: int = 1_024
    text: int = 1 << 20
    axes: int = 16
    cells: int = 1 << 19


BOUNDS = Bounds()

WORKER_KINDS = frozenset(
    (
        *("exception", "to_do", "needs", "no_file", "unreadable", "syntax", "import", "deadline", "protocol"),
        *("no_exercise", "not_callable", "signature", "no_attribute"),
    )
)
"""The kinds of `Raised` that a worker may send; `died` is for the grading side to find."""

NOTES = frozenset((ARRAY_SUBCLASS, OBJECT_ARRAY))
SHORT, LONG = 300, 2_000
MAX_ROWS = 16

DTYPES = ("?", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
NUMBERS = tuple(np.dtype(code) for code in DTYPES)
CODES = {dtype: code for code, dtype in enumerate(NUMBERS)}
_BOOL = NUMBERS[0]
_BYTE = np.dtype("u1")

_NONE, _TRUE, _FALSE, _INT, _BIG, _FLOAT, _COMPLEX, _TEXT, _ARRAY = b"NTFilfcsa"
_LIST, _TUPLE, _SET, _DICT = b"[(<{"
_HANDLE, _REMOTE, _VALUE, _REPLY, _RAISED, _FRAME = b"HRVYXM"

_EIGHT_BYTES = (_FLOAT, _INT)

_int64 = struct.Struct("<q")
_count = struct.Struct("<I")
_short = struct.Struct("<H")
_float = struct.Struct("<d")
_complex = struct.Struct("<dd")
_SHAPES = tuple(struct.Struct(f"<{axes}I") for axes in range(BOUNDS.axes + 1))
_HASHABLE = (type(None), bool, int, float, complex, str, tuple)


class Names(Protocol):
    """How the grading side knows objects."""

    def handle_in(self, number: int, type_name: str, callable: bool) -> Handle:
        """What stands for an object of the worker's."""

    def remote_in(self, number: int, methods: tuple[str, ...]) -> RemoteReference:
        """What stands for a check's own object."""


class PlainNames:
    """Numbers as they are."""

    def handle_in(self, number: int, type_name: str, callable: bool) -> Handle:
        return Handle(number, type_name, callable)

    def remote_in(self, number: int, methods: tuple[str, ...]) -> RemoteReference:
        return RemoteReference(number, methods)


def encode(value: Any, bounds: Bounds = BOUNDS) -> bytes:
    """Write a value.

    Raises
    ------
    WireError
        It is not plain, or larger than `bounds`.
    """
    return _Writer(bounds).whole(value)


def decode(data: bytes | bytearray, names: Names | None = None, bounds: Bounds = BOUNDS) -> Any:
    """Read a value.

    Raises
    ------
    WireError
        For any bytes that `encode` would not have written.
    """
    return _Reader(data, names or PlainNames(), bounds).whole()


def tidy(text: Any, limit: int = SHORT) -> str:
    """Text of a student's as it may be shown: bounded, without characters that steer a terminal."""
    if type(text) is not str:
        return ""
    text = text[:limit].encode("utf-8", "replace").decode("utf-8")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


# -- writing -----------------------------------------------------------------------------------------------------------


class _Writer:
    """Half of all messages are numbers, short words and small arrays: these are written in one loop, without a call."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.out: list[bytes] = []
        self.size = 0
        self.values = 0
        self.hashed = 0
        self.objects = 0

    def whole(self, value: Any) -> bytes:
        self.write((value,), 0)
        data = b"".join(self.out)
        if len(data) > self.bounds.message:
            raise WireError(self._too_large(len(data)))
        return data

    def write(self, values: Iterable[Any], depth: int) -> None:
        """Write values one after the other, all at one depth."""
        put = self.out.append
        for value in values:
            self.values += 1
            if self.values > self.bounds.values:
                raise WireError(f"more than {self.bounds.values} values in one answer")
            if depth > self.bounds.depth:
                raise WireError(f"containers nested more than {self.bounds.depth} deep")
            kind = type(value)
            if kind is np.ndarray:
                self.array(value)
            elif kind is float:
                put(b"f" + _float.pack(value))
            elif kind is str:
                put(_word(value) if len(value) <= WORD else self._text(value))
            elif kind is tuple:
                put(b"(" + _count.pack(len(value)))
                self.write(value, depth + 1)
            else:
                write = _WRITERS.get(kind)
                if write is None:
                    raise WireError(f"a value of type {kind.__name__[:100]}")
                write(self, value, depth)

    def array(self, array: np.ndarray) -> None:
        head, cells = _head(array.dtype, array.shape)
        if not head:  # long doubles and other byte orders become what every comparison makes of them anyway
            array = in_wire_order(array)
            head, cells = _head(array.dtype, array.shape)
        if array.ndim > self.bounds.axes:
            raise WireError(f"an array of {array.ndim} axes")
        if cells > self.bounds.cells:
            raise WireError(f"an array of shape {array.shape}")
        self.size += array.nbytes
        if self.size > self.bounds.message:
            raise WireError(self._too_large(self.size))
        self.out.append(head)
        self.out.append(array.tobytes())

    def text(self, value: str) -> None:
        self.out.append(_word(value) if len(value) <= WORD else self._text(value))

    def _text(self, value: str) -> bytes:
        data = value.encode("utf-8", "replace")
        if len(data) > self.bounds.text:
            raise WireError(f"a text of {len(data)} bytes, more than {self.bounds.text}")
        return b"s" + _count.pack(len(data)) + data

    def count(self, tag: int, items: int) -> None:
        self.out.append(bytes((tag,)) + _count.pack(items))

    def object_more(self) -> None:
        self.objects += 1
        if self.objects > self.bounds.objects:
            raise WireError(f"more than {self.bounds.objects} objects in one answer")

    def hash_more(self, entries: int) -> None:
        self.hashed += entries
        if self.hashed > self.bounds.hashed:
            raise WireError(f"sets and dicts of more than {self.bounds.hashed} entries in all")

    def _too_large(self, size: int) -> str:
        return f"an answer of more than {min(size, self.bounds.message) >> 10} KiB"


WORD = 64
"""The longest text, in characters or bytes, of which the other form is kept: names that come again and again."""
_SHORT = b"\0\0\0"


@lru_cache(1024)
def _word(value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    return b"s" + _count.pack(len(data)) + data


@lru_cache(1024)
def _read_word(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError("a text that is not UTF-8") from error


@lru_cache(1024)
def _head(dtype: np.dtype, shape: tuple[int, ...]) -> tuple[bytes, int]:
    """What is written before an array's numbers, and its cells; nothing for a dtype that is not on the wire."""
    code = CODES.get(dtype)
    if code is None:
        return b"", 0
    cells = _cells(shape)
    if len(shape) > BOUNDS.axes or cells > BOUNDS.cells:
        return b"a", cells  # the caller refuses it
    return bytes((_ARRAY, code, len(shape))) + _SHAPES[len(shape)].pack(*shape), cells


def in_wire_order(array: np.ndarray) -> np.ndarray:
    """The same numbers in a dtype that is sent."""
    dtype = array.dtype
    if dtype.kind not in "iufc":
        raise WireError(f"an array of dtype {dtype}")
    size = min(dtype.itemsize, 16 if dtype.kind == "c" else 8)
    with np.errstate(all="ignore"):
        return array.astype(f"<{dtype.kind}{size}")


def _cells(shape: tuple[int, ...]) -> int:
    return math.prod([length or 1 for length in shape])


def _write_int(w: _Writer, value: int, depth: int) -> None:
    if -(1 << 63) <= value < 1 << 63:
        w.out.append(b"i" + _int64.pack(value))
        return
    length = value.bit_length() // 8 + 1
    if length > w.bounds.integer:
        raise WireError(f"an integer of {value.bit_length()} bits")
    w.out.append(b"l" + _short.pack(length) + value.to_bytes(length, "little", signed=True))


def _write_list(w: _Writer, value: list, depth: int) -> None:
    w.count(_LIST, len(value))
    w.write(value, depth + 1)


def _write_set(w: _Writer, value: set, depth: int) -> None:
    w.hash_more(len(value))
    w.count(_SET, len(value))
    for item in value:
        if not isinstance(item, _HASHABLE):
            raise WireError(f"a set that holds a {type(item).__name__[:100]}")
    w.write(value, depth + 1)


def _write_dict(w: _Writer, value: dict, depth: int) -> None:
    w.hash_more(len(value))
    w.count(_DICT, len(value))
    for key, item in value.items():
        if not isinstance(key, _HASHABLE):
            raise WireError(f"a dict with a key of type {type(key).__name__[:100]}")
        w.write((key, item), depth + 1)


def _write_handle(w: _Writer, value: Handle, depth: int) -> None:
    w.object_more()
    w.out.append(b"H" + _int64.pack(value.number) + (b"T" if value.callable else b"F"))
    w.text(tidy(value.type_name))


def _write_remote(w: _Writer, value: RemoteReference, depth: int) -> None:
    w.object_more()
    w.out.append(b"R" + _int64.pack(value.reference))
    _write_texts(w, value.methods, 1 << 10)


def _write_texts(w: _Writer, texts: tuple[str, ...], rows: int = MAX_ROWS) -> None:
    w.count(_TUPLE, min(len(texts), rows))
    for text in texts[:rows]:
        w.text(tidy(text))


def _write_reply(w: _Writer, value: Reply, depth: int) -> None:
    if depth > 1:
        raise WireError("a reply in a value")
    if value.raised is None and not (value.float_errors or value.changed or value.notes or value.aliased):
        w.out.append(b"V")
        w.write((value.value,), depth + 1)
        return
    w.out.append(b"YT" if value.aliased else b"YF")
    w.write((value.value,), depth + 1)
    if value.raised is None:
        w.out.append(b"N")
    else:
        _write_raised(w, value.raised)
    _write_texts(w, value.float_errors)
    _write_texts(w, value.changed, 1 << 10)
    _write_texts(w, value.notes)


def _write_raised(w: _Writer, value: Raised) -> None:
    w.out.append(b"X")
    w.text(tidy(value.kind))
    w.text(tidy(value.type))
    _write_texts(w, value.bases)
    w.text(tidy(value.message, LONG))
    w.text(tidy(value.detail, LONG))
    w.count(_TUPLE, len(value.trace[:MAX_ROWS]))
    for frame in value.trace[:MAX_ROWS]:
        _write_frame(w, frame)


def _write_frame(w: _Writer, value: Frame) -> None:
    line = value.line if type(value.line) is int and 0 <= value.line < 1 << 31 else 0
    w.out.append(b"M" + _count.pack(line))
    w.text(tidy(value.file))
    w.text(tidy(value.function))
    w.text(tidy(value.text))


_WRITERS: dict[type, Callable[[_Writer, Any, int], None]] = {
    type(None): lambda w, value, depth: w.out.append(b"N"),
    bool: lambda w, value, depth: w.out.append(b"T" if value else b"F"),
    int: _write_int,
    complex: lambda w, value, depth: w.out.append(b"c" + _complex.pack(value.real, value.imag)),
    list: _write_list,
    set: _write_set,
    dict: _write_dict,
    Handle: _write_handle,
    RemoteReference: _write_remote,
    Reply: _write_reply,
}


# -- reading -----------------------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, data: bytes | bytearray, names: Names, bounds: Bounds) -> None:
        self.data = data
        self.names = names
        self.bounds = bounds
        self.at = 0
        self.end = len(data)
        self.values = 0
        self.hashed = 0
        self.objects = 0

    def whole(self) -> Any:
        if self.end > self.bounds.message:
            raise WireError(f"a message of {self.end} bytes, more than {self.bounds.message}")
        value = self.read(0)
        if self.at != self.end:
            raise WireError("bytes after the end of the message")
        return value

    def read(self, depth: int) -> Any:
        return self.several(1, depth)[0]

    def several(self, count: int, depth: int) -> list[Any]:
        """The next values, all at one depth. What most messages consist of is read without a call for each."""
        if not count:
            return []
        self.values += count
        if self.values > self.bounds.values:
            raise WireError("too many values in one message")
        if depth > self.bounds.depth:
            raise WireError("containers nested too deep")
        data, end = self.data, self.end
        values: list[Any] = []
        put = values.append
        for _ in range(count):
            at = self.at
            if at >= end:
                raise WireError("a message that ends too early")
            tag = data[at]
            self.at = at + 1
            if tag == _ARRAY:
                put(_read_array(self))
            elif tag in _EIGHT_BYTES:
                if end - at < 9:
                    raise WireError("a message that ends too early")
                put((_float if tag == _FLOAT else _int64).unpack_from(data, at + 1)[0])
                self.at = at + 9
            elif tag == _TEXT:
                length = data[at + 1] if data[at + 2 : at + 5] == _SHORT else end
                if length <= WORD and length <= end - at - 5:
                    put(_read_word(bytes(data[at + 5 : at + 5 + length])))
                    self.at = at + 5 + length
                else:
                    put(self.text(self.bounds.text))
            elif tag == _TUPLE:
                put(tuple(self.several(self.count(), depth + 1)))
            else:
                read = _READERS.get(tag)
                if read is None:
                    raise WireError("an unknown tag")
                put(read(self, depth))
        return values

    def take(self, size: int) -> int:
        """Step over `size` bytes; returns where they begin."""
        at = self.at
        if size > self.end - at:
            raise WireError("a message that ends too early")
        self.at = at + size
        return at

    def integer(self) -> int:
        return _int64.unpack_from(self.data, self.take(8))[0]

    def count(self, each: int = 1) -> int:
        """The number of things that follow, each of at least `each` bytes."""
        (count,) = _count.unpack_from(self.data, self.take(4))
        if count * each > self.end - self.at:
            raise WireError("a count beyond the end of the message")
        return count

    def object_more(self) -> None:
        self.objects += 1
        if self.objects > self.bounds.objects:
            raise WireError("too many objects in one message")

    def hash_more(self, entries: int) -> None:
        self.hashed += entries
        if self.hashed > self.bounds.hashed:
            raise WireError("too many entries in sets and dicts")

    def text(self, limit: int) -> str:
        count = self.count()
        if count > 4 * limit:
            raise WireError("a text that is too long")
        at = self.take(count)
        try:
            text = self.data[at : self.at].decode("utf-8")
        except UnicodeDecodeError as error:
            raise WireError("a text that is not UTF-8") from error
        if len(text) > limit:
            raise WireError("a text that is too long")
        return text

    def field(self, limit: int = SHORT) -> str:
        """A text of a record: tagged, bounded, and printable."""
        self.expect(_TEXT)
        text = self.text(limit)
        if not text.isprintable() and any(not (c.isprintable() or c in "\n\t") for c in text):
            raise WireError("a text with control characters")
        return text

    def fields(self, rows: int = MAX_ROWS) -> tuple[str, ...]:
        return tuple(self.field() for _ in range(self.rows(rows)))

    def rows(self, limit: int = MAX_ROWS) -> int:
        self.expect(_TUPLE)
        count = self.count(2)
        if count > limit:
            raise WireError("too many rows in a record")
        return count

    def flag(self) -> bool:
        tag = self.data[self.take(1)]
        if tag not in (_TRUE, _FALSE):
            raise WireError("a flag that is neither true nor false")
        return tag == _TRUE

    def expect(self, tag: int) -> None:
        if self.data[self.take(1)] != tag:
            raise WireError("a record with a wrong field")


def _read_big(r: _Reader, depth: int) -> int:
    (length,) = _short.unpack_from(r.data, r.take(2))
    if length > r.bounds.integer:
        raise WireError("an integer of too many digits")
    at = r.take(length)
    return int.from_bytes(r.data[at : r.at], "little", signed=True)


def _read_array(r: _Reader) -> np.ndarray:
    start = r.take(2)
    axes = r.data[start + 1]
    if axes > r.bounds.axes:
        raise WireError("an array of too many axes")
    r.take(4 * axes)
    dtype, shape, size, cells = _array_of(bytes(r.data[start : r.at]))
    if cells > r.bounds.cells:
        raise WireError("an array that is too large")
    at = r.take(size)
    if dtype is _BOOL:
        # A byte other than 0 and 1 would make a bool that is neither true nor false.
        return np.ndarray(shape, _BYTE, r.data, at) != 0 if axes else np.array(r.data[at] != 0)
    return np.ndarray(shape, dtype, r.data, at).copy()


@lru_cache(1024)
def _array_of(head: bytes) -> tuple[np.dtype, tuple[int, ...], int, int]:
    """What the bytes before an array's numbers announce: dtype, shape, size in bytes and cells."""
    if head[0] >= len(NUMBERS):
        raise WireError("an array of unknown dtype")
    shape = _SHAPES[head[1]].unpack_from(head, 2)
    dtype = NUMBERS[head[0]]
    return dtype, shape, math.prod(shape) * dtype.itemsize, _cells(shape)


def _read_list(r: _Reader, depth: int) -> list:
    return r.several(r.count(), depth + 1)


def _read_set(r: _Reader, depth: int) -> set:
    count = r.count()
    r.hash_more(count)
    return {_key(value) for value in r.several(count, depth + 1)}


def _read_dict(r: _Reader, depth: int) -> dict:
    count = r.count(2)
    r.hash_more(count)
    flat = r.several(2 * count, depth + 1)
    return {_key(key): value for key, value in zip(flat[::2], flat[1::2], strict=True)}


def _key(value: Any) -> Any:
    if isinstance(value, tuple):
        for item in value:
            _key(item)
    elif not isinstance(value, _HASHABLE):
        raise WireError("a set or dict of what cannot be hashed")
    return value


def _read_handle(r: _Reader, depth: int) -> Handle:
    r.object_more()
    number, callable = r.integer(), r.flag()
    return r.names.handle_in(number, r.field(), callable)


def _read_remote(r: _Reader, depth: int) -> RemoteReference:
    r.object_more()
    number = r.integer()
    return r.names.remote_in(number, r.fields(1 << 10))


def _read_value(r: _Reader, depth: int) -> Reply:
    """A reply with nothing but a value, as most are."""
    if depth > 1:
        raise WireError("a reply in a value")
    value = r.read(depth + 1)
    if isinstance(value, Reply):
        raise WireError("a reply in a reply")
    return Reply(value)


def _read_reply(r: _Reader, depth: int) -> Reply:
    if depth > 1:
        raise WireError("a reply in a value")
    aliased = r.flag()
    value = r.read(depth + 1)
    if isinstance(value, Reply):
        raise WireError("a reply in a reply")
    raised = None
    if r.data[r.take(1)] != _NONE:
        r.at -= 1
        raised = _read_raised(r)
    float_errors, changed, notes = r.fields(), r.fields(1 << 10), r.fields()
    if not NOTES.issuperset(notes):
        raise WireError("a reply with an unknown note")
    return Reply(value, raised, float_errors, changed, aliased, notes)


def _read_raised(r: _Reader) -> Raised:
    r.expect(_RAISED)
    kind = r.field()
    if kind not in WORKER_KINDS:
        raise WireError("a report of an unknown kind")
    name, bases = r.field(), r.fields()
    message, detail = r.field(LONG), r.field(LONG)
    trace = tuple(_read_frame(r) for _ in range(r.rows()))
    return Raised(kind, name, bases, message, detail, trace)


def _read_frame(r: _Reader) -> Frame:
    r.expect(_FRAME)
    (line,) = _count.unpack_from(r.data, r.take(4))
    if line >= 1 << 31:
        raise WireError("a line number that is too large")
    return Frame(r.field(), line, r.field(), r.field())


_READERS: dict[int, Callable[[_Reader, int], Any]] = {
    _NONE: lambda r, depth: None,
    _TRUE: lambda r, depth: True,
    _FALSE: lambda r, depth: False,
    _BIG: _read_big,
    _COMPLEX: lambda r, depth: complex(*_complex.unpack_from(r.data, r.take(16))),
    _LIST: _read_list,
    _SET: _read_set,
    _DICT: _read_dict,
    _HANDLE: _read_handle,
    _REMOTE: _read_remote,
    _VALUE: _read_value,
    _REPLY: _read_reply,
}
