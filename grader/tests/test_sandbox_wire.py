"""The wire format: what goes in comes out, and no bytes do harm."""

from __future__ import annotations

import math
import struct
import time
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox.order import pack, unpack
from grader.sandbox.wire import DTYPES, Bounds, WireError, decode, encode, tidy
from grader.subject.plain import same
from grader.subject.props import LookUp, recipe_of
from grader.subject.reply import ExerciseReference, Frame, GeneratorReference, Handle, Raised, RemoteReference, Reply

QUICK = settings(max_examples=60, deadline=None)
MANY = settings(max_examples=150, deadline=None)

numbers = (
    st.none()
    | st.booleans()
    | st.integers(-(2**8000), 2**8000)
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
)
arrays = hnp.arrays(
    st.sampled_from([np.dtype(code) for code in DTYPES]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
keys = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
short = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=20)
handles = st.builds(Handle, st.integers(0, 2**32), short, st.booleans())
references = (
    handles
    | st.builds(ExerciseReference, short, short)
    | st.builds(GeneratorReference, st.integers(0, 2**40), st.integers(0, 2**70))
)


def plain(leaves):
    """Containers of containers of these."""
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(keys, inner, max_size=4)
            | st.sets(keys, max_size=4)
        ),
        max_leaves=12,
    )


values = plain(numbers | arrays | handles)
frames = st.builds(Frame, short, st.integers(0, 10**6), short, short)
raised = st.builds(
    Raised,
    st.sampled_from(["exception", "to_do", "import", "deadline"]),
    short,
    st.lists(short, max_size=5).map(tuple),
    short,
    short,
    st.lists(frames, max_size=4).map(tuple),
)
replies = st.builds(
    Reply,
    values,
    st.none() | raised,
    st.lists(short, max_size=3).map(tuple),
    st.lists(short, max_size=3).map(tuple),
    st.booleans(),
    st.sampled_from([(), ("array_subclass",), ("array_subclass", "object_array")]),
)


def equal(a, b) -> bool:
    """Whether two values are of one type and content, NaN being equal to itself."""
    if isinstance(a, complex) and isinstance(b, complex):
        return equal(a.real, b.real) and equal(a.imag, b.imag)
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, Reply):
        return type(b) is Reply and equal(tuple(vars(a).values()), tuple(vars(b).values()))
    if isinstance(a, (list, tuple)) and type(a) is type(b):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, (Handle, ExerciseReference, GeneratorReference, Raised, Frame, set)):
        return type(a) is type(b) and a == b
    return same(a, b)


@MANY
@given(values)
def test_what_goes_in_comes_out(value):
    """Any plain value survives, with its exact types."""
    assert equal(decode(encode(value)), value)


class AsTheyAre:
    """Numbers for `pack`."""

    def handle_out(self, handle):
        return handle.number

    def remote_out(self, reference):
        return 7


@MANY
@given(plain(numbers | arrays | references))
def test_orders_arrive_as_they_were_given(value):
    """So does any plain value on its way to a worker, with references of all kinds."""
    assert equal(unpack(pack(value, AsTheyAre())), value)


def test_props_arrive_with_their_recipe():
    """And a check's own objects, by number."""
    model = LookUp(np.ones((2, 3)), b1=np.zeros((2, 3)))
    got = unpack(pack([RemoteReference(model, ("step",)), RemoteReference(model, (), recipe_of(model))], AsTheyAre()))
    assert [(each.reference, each.methods) for each in got] == [(7, ("step",)), (7, ())]
    assert got[0].recipe is None and equal(tuple(got[1].recipe), tuple(recipe_of(model)))


def test_equal_orders_are_equal_bytes():
    """Whatever else refers to their parts: what a check said before is known again by its bytes."""
    text, numbers = "".join(["a", "b"]), np.arange(3.0)
    first = ("call", 1, 10.0, (text, "ab"), (numbers, numbers), {"x": text})
    second = ("call", 1, 10.0, ("ab", "".join(["a", "b"])), (np.arange(3.0), numbers.copy()), {"x": "a" + text[1:]})
    assert pack(first, AsTheyAre()) == pack(second, AsTheyAre())


@pytest.mark.parametrize(
    "value",
    [object(), np.float64(1.0), np.array([None]), [...], np.zeros(3_000_000)],
    ids=["object", "scalar", "objects", "ellipsis", "too much"],
)
def test_what_no_order_can_hold(value):
    """It is the check's mistake, and said to be one."""
    with pytest.raises(WireError):
        pack(value, AsTheyAre())


@QUICK
@given(replies)
def test_replies_survive(reply):
    """So do replies, with everything in them."""
    assert equal(decode(encode(("reply", 7, reply))), ("reply", 7, reply))


@QUICK
@given(arrays)
def test_arrays_own_their_memory(array):
    """An array that comes back is exactly an ndarray, writable, and shares nothing."""
    copy = decode(encode(array))
    assert type(copy) is np.ndarray
    assert copy.flags.owndata and copy.flags.writeable and copy.flags.c_contiguous


@MANY
@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_an_error(data):
    """No bytes make the reader do anything but return a value or raise `WireError`."""
    with suppress(WireError):
        decode(data)


@MANY
@given(replies, st.data())
def test_changed_bytes_give_a_value_or_an_error(reply, data):
    """Nor do messages with some bytes changed, cut out or put in."""
    message = bytearray(encode(("reply", 1, reply)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(message) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "insert", "end"]))
        if kind == "change":
            message[at] = data.draw(st.integers(0, 255))
        elif kind == "cut" and len(message) > 2:
            del message[at]
        elif kind == "insert":
            message[at:at] = data.draw(st.binary(max_size=5))
        elif at:
            del message[at:]
    with suppress(WireError):
        decode(message)


HOSTILE = {
    "nothing": b"",
    "unknown tag": b"?",
    "list of 4 billion": b"[\xff\xff\xff\xff",
    "tuple of 4 billion": b"(\xff\xff\xff\xff",
    "set of 4 billion": b"<\xff\xff\xff\xff" + b"N" * 50,
    "dict of 4 billion": b"{\xff\xff\xff\xff",
    "text of 4 billion": b"s\xff\xff\xff\xffaaaa",
    "text that is not UTF-8": b"s\x02\x00\x00\x00\xff\xfe",
    "text with half a character": b"s\x03\x00\x00\x00\xed\xa0\x80",
    "array of 10**18": b"a\x0b\x02" + b"\xff\xff\xff\x3f" * 2,
    "array of nothing, 10**18 wide": b"a\x0b\x03" + b"\x00\x00\x00\x00" + b"\xff\xff\xff\x7f" * 2,
    "array of 255 axes": b"a\x0b\xff" + b"\x01\x00\x00\x00" * 255,
    "array of objects": b"a\x0e\x01\x01\x00\x00\x00" + bytes(8),
    "array of dtype 255": b"a\xff\x01\x01\x00\x00\x00" + bytes(8),
    "array with too few bytes": b"a\x0b\x01\x02\x00\x00\x00" + bytes(8),
    "integer of 60,000 bytes": b"l\xff\xff" + b"\x01" * 65535,
    "half a float": b"f\x00",
    "half an integer": b"i\x00\x00",
    "dict with a list as key": b"{\x01\x00\x00\x00[\x00\x00\x00\x00NN",
    "dict with an array as key": b"{\x01\x00\x00\x00a\x0b\x00" + bytes(8) + b"N",
    "set with a list in a tuple": b"<\x01\x00\x00\x00(\x01\x00\x00\x00[\x00\x00\x00\x00N",
    "set with an object": b"<\x01\x00\x00\x00H" + bytes(8) + b"Fs\x00\x00\x00\x00",
    "lists without end": b"[\x01\x00\x00\x00" * 10_000,
    "a flag that is neither": b"H" + bytes(8) + b"?s\x00\x00\x00\x00",
    "object with a name of 1 MB": b"H" + bytes(8) + b"F" + encode("x" * 1_000_000),
    "object with an escape in its name": b"H" + bytes(8) + b"F" + encode("\x1b[2J"),
    "bytes after the end": b"NN",
    "a reply in a list in a list": encode([[None]])[:-1] + b"VN",
    "a reply in a reply": b"VVN",
    "an exception where a value belongs": b"XNNNNNN",
    "a frame where a value belongs": b"M\x00\x00\x00\x00",
    "a seed that is no integer": b"G" + bytes(8) + b"N",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes(data):
    """Each is refused, and costs no memory."""
    tracemalloc.start()
    with pytest.raises(WireError):
        decode(data)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000 + 3 * len(data)


def test_a_report_of_a_death_is_not_the_workers_to_make():
    """What only the grading side can know is refused from a worker."""
    for kind in ("died", "passed", ""):
        with pytest.raises(WireError, match="unknown kind"):
            decode(encode(("reply", 1, Reply(None, Raised(kind)))))


def test_unknown_notes_are_refused():
    """A note that the messages do not know would break them."""
    with pytest.raises(WireError, match="unknown note"):
        decode(encode(("reply", 1, Reply(1.0, notes=("nonsense",)))))


def test_references_that_only_checks_make():
    """A submission cannot name exercises or generators to the grading side: there is no way to write them."""
    for value in (ExerciseReference("a", "b"), GeneratorReference(1, 2)):
        with pytest.raises(WireError, match="a value of type"):
            encode(value)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        lambda: None,
        np.float64(1.0),
        np.ma.masked_all(2),
        np.array([None]),
        np.array(["a"]),
        b"bytes",
        frozenset(),
        type("L", (list,), {})(),
        7**4000,
        "x" * (2 << 20),
        np.zeros(3_000_000),
        [0] * 250_000,
        dict.fromkeys(range(5_000)),
        [Handle(1, "A")] * 300,
        {(1, (2, [3])[0:1]): np},
        np.zeros((1,) * 20),
        np.zeros((0, 10**8)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_or_too_much_is_not_sent(value):
    """The writer refuses what the reader would refuse."""
    with pytest.raises(WireError):
        encode(value)


def test_endless_containers_are_not_sent():
    """A list that contains itself."""
    loop: list = []
    loop.append(loop)
    with pytest.raises(WireError):
        encode(loop)


def test_bools_are_true_or_false():
    """A bool array whose bytes are neither 0 nor 1 would equal neither True nor False."""
    data = bytearray(encode(np.array([False, True])))
    data[-2:] = b"\x02\xff"
    assert decode(data).tobytes() == b"\x01\x01"
    data = bytearray(encode(np.array(False)))
    data[-1] = 7
    assert decode(data).tobytes() == b"\x01"


@pytest.mark.parametrize("dtype", ["longdouble", "clongdouble", ">f8", ">i4", ">c16", "float16"])
def test_other_dtypes_keep_their_values(dtype):
    """Long doubles and other byte orders arrive as what comparisons make of them."""
    array = np.array([3.0, -2.0, 0.0]).astype(dtype)
    copy = decode(encode(array))
    assert np.array_equal(copy, np.array([3.0, -2.0, 0.0]))
    assert copy.dtype.kind == np.dtype(dtype).kind


def test_text_is_tidied():
    """Text that is shown is bounded and steers nothing."""
    assert tidy("\x1b[31mred\x07\n") == "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}\n"
    assert tidy("\ud800") == "?"
    assert len(tidy("x" * 10_000)) == 300
    assert tidy(7) == ""


def test_records_arrive_tidied():
    """A worker's own writer already tidies the text of exceptions."""
    ugly = Raised(
        "exception", "E" * 999, ("\x00",) * 99, "\ud800" * 9999, "\x1b" * 9999, (Frame("f", -1, "g", "t"),) * 99
    )
    (_kind, _number, reply) = decode(encode(("reply", 1, Reply(None, ugly))))
    assert len(reply.raised.message) == 2000 and len(reply.raised.trace) == 16 and len(reply.raised.bases) == 16
    assert reply.raised.trace[0].line == 0


def test_a_message_that_is_too_large():
    """The bound on a message holds for reading and writing."""
    tight = Bounds(message=100)
    with pytest.raises(WireError, match="message of"):
        decode(b"N" * 101, bounds=tight)
    with pytest.raises(WireError, match="more than"):
        encode(np.zeros(100), bounds=tight)


def test_colliding_keys_do_not_take_minutes():
    """A message full of keys with one hash is refused before they are all hashed."""
    keys = [k * (2**61 - 1) for k in range(1, 4_097)]
    start = time.monotonic()
    decode(encode(dict.fromkeys(keys[:2_000])))
    with pytest.raises(WireError, match="too many entries"):
        decode(b"{" + struct.pack("<I", 5_000) + b"".join(encode(k) + b"N" for k in range(5_000)))
    assert time.monotonic() - start < 5.0


def test_remote_references_keep_their_methods():
    """An object of a check's keeps its number and the names that may be called."""
    reference = decode(encode(RemoteReference(3, ("step", "update"))))
    assert (reference.reference, reference.methods) == (3, ("step", "update"))
