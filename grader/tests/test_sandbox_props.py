"""Props: a worker that plays a check's own objects leaves them as if it had called them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.cast import FULL, split, with_log
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import Limits
from grader.sandbox.wire import WireError, encode
from grader.sandbox.zygote import Zygote
from grader.subject.executor import CheckSideError
from grader.subject.plain import same
from grader.subject.props import PROPS, Clocks, LookUp, Optimizers, Prop, Script, recipe_of
from grader.subject.reply import RemoteReference, Reply
from grader.subject.subject import LocalSubject
from grader.tests.attacks.graded import write
from grader.tests.fuzz.conversation import Conversation, framed

MODULE = """
import os
import numpy as np

def follow(given, story):
    made, heard = dict(enumerate(given)), []
    for who, name, args in story:
        thing = made[who % len(made)]
        arguments = [made[a[1] % len(made)] if isinstance(a, tuple) else a for a in args]
        try:
            answer = (thing if name == "__call__" else getattr(thing, name))(*arguments)
        except AttributeError:
            heard.append("no " + name)
            continue
        if type(answer).__name__ == "Remote":
            made[len(made)] = answer
            answer = "a thing"
        heard.append(answer)
    return heard, list(made.values())
def swallow(model, x):
    try:
        model.forward(x)
    except BaseException:
        return model.parameters()
def often(model, x, times):
    return [model.forward(x) for _ in range(times)][-1]
def forever(model, x):
    while True:
        model.forward(x)
def endless(factory):
    return [factory() for _ in range(20_000)][-1].step(1.0, 1.0)
def use_and_die(model, x):
    model.forward(x)
    model.backward(np.ones((1, 3)))
    os._exit(3)
def look(model): return model.looks
def floats(model, x):
    model.forward(x)
    return np.float64(1.0)
def write_in_the_log(model, *entries):
    model.train()
    cast = model._remote[2]._port._cast
    cast._log.extend(entries[0] if entries else [])
    return 1.0
def forge(model, kind):
    import sys
    encode = sys.modules["grader.sandbox.wire"].encode
    cast = model._remote[2]._port._cast
    cast._log.append({
        "nobody": lambda: encode((7, "train", (), {})),
        "not made": lambda: encode((-1, "step", (1.0, 1.0), {})),
        "far below": lambda: encode((-1 << 70, "step", (1.0, 1.0), {})),
        "a function": lambda: encode((1, "__call__", (1.0,), {})),
        "private": lambda: encode((0, "__init__", ((), ()), {})),
        "no name": lambda: encode((0, ["train"], (), {})),
        "no arguments": lambda: encode((0, "train", [], {})),
        "short": lambda: encode((0, "train")),
        "no call": lambda: encode(5),
        "noise": lambda: b"\\xff\\x00",
        "nothing": lambda: b"",
        "too much": lambda: encode((0, "forward", (np.zeros((200_000, 2)),), {})),
    }[kind]())
    return 1.0
def forge_costly(model):
    import sys
    encode = sys.modules["grader.sandbox.wire"].encode
    log = model._remote[2]._port._cast._log
    log.extend(encode((0, "load_parameters", ({f"W{i}": np.zeros(100_000)},), {})) for i in range(16))
    log.extend([encode((0, "parameters", (), {}))] * 5_000)
    return 1.0
def broadcast(model):
    model.load_parameters({"W1": np.zeros((2, 100_000), dtype=np.int8)})
def step(factory, lr): return factory(lr).step(1.0, 1.0)
def without_end(model, f):
    (f or model.forward)(np.array([[0.0, 1.0]]))
    return without_end(model, f)
"""
NAMES = {
    "topic": (
        *("follow", "swallow", "often", "forever", "endless", "use_and_die", "look", "floats", "write_in_the_log"),
        *("forge", "forge_costly", "broadcast", "step", "without_end"),
    )
}
TABLES = (np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) / 7)
ROWS = np.array([[0.0, 1.0]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("submission"), {"topic": MODULE})


@pytest.fixture(scope="module")
def zygote():
    with Zygote(Limits()) as zygote:
        yield zygote


@pytest.fixture
def subject(zygote, folder):
    subject = SealedSubject(zygote, folder, NAMES, timeout=5.0)
    yield subject
    subject.close()


def ask(subject, name, *args) -> Reply:
    return subject.call(("topic", name), args, {})


def given_props() -> tuple[Prop, ...]:
    return LookUp(*TABLES), Optimizers(), Script([-1.0, -2.0], [1.0, 2.0]), Clocks(), Optimizers(moves=False)


def state(value):
    """Everything that a prop holds, in plain data."""
    if isinstance(value, Prop):
        return type(value).__name__, {key: state(item) for key, item in vars(value).items() if key != "_recipe"}
    return value


FEW = st.sampled_from([0.0, 1.0, -0.5, 3])
ARRAYS = st.sampled_from([ROWS, np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([9.0, 9.0]), np.ones((1, 3)), np.array(2)])
PARAMETERS = st.sampled_from([{"W1": TABLES[1]}, {"W1": np.array([3.0])}, {}, {"b1": "text"}])
THINGS = st.integers(0, 9).map(lambda number: ("thing", number))
ARGUMENTS = st.lists(FEW | ARRAYS | PARAMETERS | THINGS, max_size=2).map(tuple)
METHODS = (
    *("train", "eval", "parameters", "gradients", "load_parameters", "forward", "backward", "step", "copy"),
    "__call__",
)
ANY_STEPS = st.tuples(st.integers(0, 9), st.sampled_from(METHODS), ARGUMENTS)
PROPER_STEPS = st.sampled_from(
    [
        *((0, "train", ()), (0, "eval", ()), (0, "forward", (ROWS,)), (0, "backward", (np.ones((1, 3)),))),
        *((0, "gradients", ()), (0, "load_parameters", ({"W1": TABLES[1]},)), (1, "__call__", ())),
        *((1, "__call__", (0.5,)), (3, "__call__", ()), (4, "__call__", ())),
        *((0, "copy", ()), (5, "forward", (ROWS,)), (5, "load_parameters", ({"W1": TABLES[1]},)), (5, "copy", ())),
        *((5, "step", (1.0, 2.0)), (6, "step", (ROWS, ROWS)), (7, "step", (1, 1))),
        *((2, "load_parameters", ({"W1": [1.0]},)), (2, "forward", (ROWS,)), (2, "forward", (1 - ROWS,))),
    ]
)


def played(subject, story):
    """What a story gives, and what it makes of the check's own objects."""
    subject.begin()
    props = given_props()
    try:
        answer = ask(subject, "follow", [subject.refer(prop) for prop in props], story)
    except CheckSideError as error:
        answer = type(error.__cause__), str(error.__cause__)
    else:
        heard, made = answer.value if answer.value is not None else ((), ())
        assert all(isinstance(thing, RemoteReference) for thing in made)
        assert [thing.reference for thing in made[: len(props)]] == list(props)
        answer = heard, [state(thing.reference) for thing in made], answer.raised
    return answer, [state(prop) for prop in props]


@settings(max_examples=150, deadline=None)
@given(story=st.lists(PROPER_STEPS | ANY_STEPS, max_size=8))
def test_it_makes_no_difference_who_plays(zygote, folder, story):
    """Any calls of props, by a sealed worker and in one process: the same answers, the same objects, the same end."""
    local, sealed = LocalSubject(folder, NAMES), SealedSubject(zygote, folder, NAMES, timeout=5.0)
    try:
        assert same(_plain(played(sealed, story)), _plain(played(local, story)))
    finally:
        local.close()
        sealed.close()


def _plain(value):
    """As `same` compares it: exceptions and classes by what they say, and things that were passed on as things."""
    if isinstance(value, RemoteReference):
        return "a thing"
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value if isinstance(value, np.ndarray) else repr(value)


def test_a_worker_plays_without_asking(subject):
    """A call of a prop is no message of its own."""
    sent = []
    ask(subject, "look", subject.refer(LookUp(*TABLES)))
    send = subject._worker.channel.send
    subject._worker.channel.send = lambda data: [sent.append(data), send(data)]
    subject.begin()
    assert ask(subject, "often", subject.refer(LookUp(*TABLES)), ROWS, 50).value.tolist() == [
        (TABLES[0][0] + TABLES[1][1]).tolist()
    ]
    assert len(sent) == 1


def test_a_long_log_is_sent_in_parts(subject):
    """What was called is never too much for a message, and none of it is lost."""
    model = LookUp(*TABLES)
    times = 3 * FULL // len(encode((0, "forward", (ROWS,), {})))
    ask(subject, "often", subject.refer(model), ROWS, times)
    assert len(model.looks) == times


def test_calls_without_end_are_late(zygote, folder):
    """A flood of calls costs the submission its time, and the grading side no more than that."""
    subject = SealedSubject(zygote, folder, NAMES, timeout=0.3)
    assert ask(subject, "forever", subject.refer(LookUp(*TABLES)), ROWS).raised.kind == "deadline"
    subject.close()


def test_a_log_that_takes_long_to_play_again_is_late(zygote, folder):
    """Calls that cost more than their bytes have the time of callbacks, and not each message all that it likes."""
    subject = SealedSubject(zygote, folder, NAMES, timeout=0.3)
    start = time.monotonic()
    assert ask(subject, "forge_costly", subject.refer(LookUp(*TABLES))).raised.kind == "deadline"
    assert time.monotonic() - start < 5.0
    subject.close()


def test_tables_keep_their_shape(subject, folder):
    """No table of a model becomes so wide that a single look at it takes the grading side minutes."""
    for each in (subject, LocalSubject(folder, NAMES)):
        with pytest.raises(CheckSideError) as caught:
            ask(each, "broadcast", each.refer(LookUp(*TABLES)))
        assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("function", [None, lambda x: x], ids=["a prop", "a function"])
def test_recursion_without_end_is_the_students(subject, folder, function):
    """Whose stack it is that was full when a check's own object was called."""
    for each in (subject, LocalSubject(folder, NAMES)):
        given = None if function is None else each.refer(function)
        raised = ask(each, "without_end", each.refer(LookUp(*TABLES)), given).raised
        assert (raised.kind, raised.type) == ("exception", "RecursionError"), raised


def test_things_without_end(subject):
    """So many optimizers are made that the grading side stops to count them."""
    raised = ask(subject, "endless", subject.refer(Optimizers())).raised
    assert raised is not None and raised.kind == "protocol"


def test_a_prop_that_refuses_its_arguments(subject, folder):
    """The exception is the check's, whoever played; where it is swallowed the request goes on."""
    for each in (subject, LocalSubject(folder, NAMES)):
        with pytest.raises(CheckSideError) as caught:
            ask(each, "often", each.refer(LookUp(*TABLES)), np.array([[9.0, 9.0]]), 1)
        assert isinstance(caught.value.__cause__, IndexError)
        each.begin()
        reply = ask(each, "swallow", each.refer(LookUp(*TABLES)), np.array([[9.0, 9.0]]))
        assert reply.value["W1"].tolist() == TABLES[0].tolist()


def test_a_prop_goes_on_where_it_was(subject):
    """Passed a second time it is the same one; in the process after a death it is asked about, not made anew."""
    model = LookUp(*TABLES)
    for times in (1, 2):
        ask(subject, "often", subject.refer(model), ROWS, 1)
        assert len(model.looks) == times
    assert ask(subject, "use_and_die", subject.refer(model), ROWS).raised.kind == "died"
    ask(subject, "often", subject.refer(model), ROWS, 1)
    assert len(ask(subject, "look", subject.refer(model)).value) == len(model.looks) == 3
    subject.begin()
    fresh = LookUp(*TABLES)
    ask(subject, "often", subject.refer(fresh), ROWS, 1)
    assert len(fresh.looks) == 1


def test_what_props_make_belongs_to_their_worker(subject):
    """What a prop makes in the process after a death is not taken for what another one made before it."""
    first, second = Optimizers(), Optimizers()
    assert ask(subject, "step", subject.refer(first), 1.0).value == 0.0
    assert ask(subject, "use_and_die", subject.refer(LookUp(*TABLES)), ROWS).raised.kind == "died"
    made = []
    kept = subject._number_it
    subject._number_it = lambda value, *rest: [made.append(value), kept(value, *rest)]
    assert ask(subject, "step", subject.refer(second), 1.0).value == 0.0
    assert made[0] is second and np.all(made[1]._velocity == 1.0)


def test_its_floating_point_errors_are_not_the_students(subject, folder):
    """A check's own object that overflows says nothing about the code that called it."""
    huge = (np.full((2, 3), 1.7e308), np.full((2, 3), 1.7e308))
    for each in (subject, LocalSubject(folder, NAMES)):
        assert ask(each, "floats", each.refer(LookUp(*huge)), ROWS).float_errors == ()


@pytest.mark.parametrize(
    "kind",
    [
        *("nobody", "not made", "far below", "a function", "private", "no name", "no arguments", "short", "no call"),
        *("noise", "nothing", "too much"),
    ],
)
def test_forged_logs(subject, kind):
    """What was never called, or cannot be, ends the worker, and nothing else."""
    model = LookUp(*TABLES)
    subject.refer(model)
    subject.refer(lambda x: x)
    raised = ask(subject, "forge", subject.refer(model), kind).raised
    assert raised is not None and raised.kind == "protocol", raised
    assert model.looks == [] and model.steps == []
    subject.begin()
    assert ask(subject, "often", subject.refer(LookUp(*TABLES)), ROWS, 1).value.shape == (1, 3)


def test_only_known_props_have_a_recipe():
    """A class of a check's own with the name of a prop is no prop, and a prop knows how it was made."""

    class Known(Prop):
        pass

    Impostor = type("LookUp", (Prop,), {})
    assert recipe_of(Known()) is recipe_of(Impostor()) is recipe_of(3) is None
    for prop in given_props():
        name, args, kwargs = recipe_of(prop)
        assert type(PROPS[name](*args, **kwargs)) is type(prop)


@given(log=st.lists(st.binary(max_size=20), max_size=5), message=st.binary(max_size=20))
def test_logs_come_apart_as_they_were_put_together(log, message):
    """The entries and the message behind them, whatever bytes they are."""
    if not log and message[:1] == b"L":
        return
    assert split(with_log(log, message) if log else message) == (log, message)


@given(data=st.binary(max_size=40))
def test_any_bytes_come_apart_or_are_refused(data):
    """Nothing but `WireError`, and nothing that was not there."""
    for each in (data, b"L" + data):
        try:
            log, message = split(each)
        except WireError:
            continue
        assert sum(map(len, log)) + len(message) <= len(each)


LOADED = framed(encode(("reply", 1, Reply())))
ENTRIES = st.sampled_from(
    [
        encode((2, "forward", (ROWS,), {})),
        encode((2, "forward", (np.array([[99.0, 0.0]]),), {})),
        encode((2, "parameters", (), {})),
        encode((0, "__call__", (), {})),
        encode((-1, "step", (1.0, 2.0), {})),
        encode((2, "forward", (ROWS,))),
        b"",
    ]
)
ENDS = st.sampled_from([("reply", 2, Reply(1.0)), ("check_broke", 2), ("called", 1), ("called",), ("called", 1, 2)])


@pytest.fixture(scope="module")
def conversation(tmp_path_factory):
    return Conversation(tmp_path_factory.mktemp("conversation"))


@settings(max_examples=100, deadline=None)
@given(log=st.lists(ENTRIES | st.binary(max_size=8), max_size=4), end=ENDS)
def test_every_log_ends_in_a_reply(conversation, log, end):
    """Whatever stands in a log, a request is answered, or a check's own object refuses its arguments."""
    try:
        reply = conversation.call(LOADED + framed(with_log(log, encode(end))))
    except CheckSideError as error:
        assert isinstance(error.__cause__, (TypeError, ValueError, IndexError))
    else:
        assert type(reply) is Reply
