"""What a request answers when the result, an argument or a reference is odd: the same in this process and sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from grader.sandbox.subject import SealedSubject
from grader.sandbox.zygote import Zygote
from grader.subject.reply import ExerciseReference
from grader.subject.subject import LocalSubject, Subject

MODULES = {
    "topic": """
import numpy as np

def nest():
    nested = []
    for _ in range(12):
        nested.append(nested)
    return nested
def once():
    nested = []
    nested.append(nested)
    return nested
def grow(x):
    for _ in range(12):
        x.append(x)
def replace(x):
    class Loop(np.ndarray):
        @property
        def shape(self):
            while True: pass
    x[0] = np.zeros(2).view(Loop)
def odd():
    class Odd(list):
        def __iter__(self):
            raise KeyError("no")
    return Odd()
def sign(x): x[0] = -x[0]
def flip(x): x[0] = np.nan
class Slow:
    @property
    def table(self):
        while True: pass
    @property
    def nested(self):
        return nest()
def use(f): return f(1.0)
def stub(f): raise NotImplementedError("topic.stub")
""",
    "broken": "def twice(x:",
    "raising": "raise ValueError('at import')",
}
NAMES = {
    "topic": ("nest", "once", "grow", "replace", "odd", "sign", "flip", "Slow", "use", "stub"),
    "broken": ("twice",),
    "raising": ("twice",),
    "absent": ("twice",),
}


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as zygote:
        yield zygote


@pytest.fixture(params=["local", "sealed"])
def subject(request: pytest.FixtureRequest, zygote: Zygote, tmp_path: Path) -> Iterator[Subject]:
    for topic, source in MODULES.items():
        (tmp_path / f"{topic}.py").write_text(source, encoding="utf-8")
    with ExitStack() as stack:
        made: Subject
        if request.param == "local":
            made = LocalSubject(tmp_path, NAMES, timeout=0.3)
        else:
            made = SealedSubject(zygote, tmp_path, NAMES, timeout=0.3)
        stack.callback(made.close)
        yield made


def test_a_result_that_holds_itself_many_times_runs_out_of_time(subject: Subject) -> None:
    """Twelve times itself, twelve deep: 12**12 lists."""
    reply = subject.call(("topic", "nest"), (), {})
    assert reply.raised is not None and reply.raised.kind == "deadline"


def test_an_attribute_that_holds_itself_many_times_runs_out_of_time(subject: Subject) -> None:
    made = subject.call(("topic", "Slow"), (), {}).value
    assert subject.get((made.number, "nested")).raised.kind == "deadline"


def test_an_attribute_that_never_comes_runs_out_of_time(subject: Subject) -> None:
    made = subject.call(("topic", "Slow"), (), {}).value
    assert subject.get((made.number, "table")).raised.kind == "deadline"


def test_a_result_that_holds_itself_once_is_a_value(subject: Subject) -> None:
    reply = subject.call(("topic", "once"), (np.zeros(2),)[:0], {})
    assert reply.raised is None and type(reply.value) is list


def test_an_argument_that_was_made_to_hold_itself_has_changed(subject: Subject) -> None:
    reply = subject.call(("topic", "grow"), ([1.0, 2.0],), {})
    assert reply.raised is None and reply.changed == ("0",)


def test_what_was_put_into_an_argument_is_not_run(subject: Subject) -> None:
    reply = subject.call(("topic", "replace"), ([np.zeros(2)],), {})
    assert reply.raised is None and reply.changed == ("0",)


def test_a_result_that_cannot_be_read_is_the_error_of_its_code(subject: Subject) -> None:
    reply = subject.call(("topic", "odd"), (), {})
    assert (reply.raised.kind, reply.raised.type) == ("exception", "KeyError")


@pytest.mark.parametrize(
    ("name", "before", "changed"),
    [("sign", 0.0, True), ("sign", 1.0, True), ("flip", np.nan, False), ("flip", 1.0, True)],
)
def test_a_change_is_told_to_the_bit(subject: Subject, name: str, before: float, changed: bool) -> None:
    reply = subject.call(("topic", name), (np.array([before, 2.0]),), {})
    assert reply.raised is None and reply.changed == (("0",) if changed else ())


@pytest.mark.parametrize("topic", ["absent", "broken", "raising"])
def test_an_exercise_that_cannot_be_handed_over_is_named(subject: Subject, topic: str) -> None:
    reply = subject.call(("topic", "use"), (ExerciseReference(topic, "twice"),), {})
    assert (reply.raised.kind, reply.raised.detail) == ("needs", f"{topic}.twice")


def test_an_exercise_that_its_module_lacks_is_named(subject: Subject) -> None:
    reply = subject.call(("topic", "use"), (), {"f": [ExerciseReference("topic", "gone")]})
    assert (reply.raised.kind, reply.raised.detail) == ("needs", "topic.gone")
