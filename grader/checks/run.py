"""The run of one check on one subject: it passes calls on, keeps what came back, and judges how each call behaved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np

from grader.checks import sentences
from grader.checks.comparison import as_numbers, is_finite
from grader.course import Course
from grader.language import _, current
from grader.result import NEVER_RAN, Failure
from grader.subject.face import CallableFace, ExerciseFace, ObjectFace
from grader.subject.method import OPEN_RESULTS, SIGNATURES
from grader.subject.plain import NUMBER_KINDS, digest, to_plain
from grader.subject.reply import GeneratorReference, Handle, Raised, RemoteReference, Reply, Target
from grader.subject.subject import Subject

FLOAT_ERRORS = "float_errors"
CHANGED_INPUTS = "changed_inputs"
SHARED_OUTPUT = "shared_output"
ANY_RESULT = "any_result"
"""Not a demand but its opposite: what comes back says nothing about the answer."""


_generator = np.random.RandomState(0)
"""Seeded anew for each check: making one takes thirty times as long as seeding it."""


class CheckFailed(AssertionError):
    """A claim that does not hold."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class ExerciseRaised(Exception):
    """The student's code gave no value; `raised` says why."""

    def __init__(self, raised: Raised, failure: Failure) -> None:
        super().__init__(failure.message)
        self.raised = raised
        self.failure = failure


class _RaisedValueError(ExerciseRaised, ValueError):
    """Lets a check use `pytest.raises(ValueError)`."""


class ToDo(Exception):
    """The exercise is still a stub."""


@dataclass(frozen=True)
class Call:
    """One request of a check and its outcome; `read` says that an attribute or a table was read or set."""

    label: str
    args: tuple
    kwargs: dict[str, Any]
    target: Target
    reply: Reply
    value: Any
    read: bool = False
    demands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observation:
    """A draw-independent fact that a check noted about an exercise with random draws."""

    name: str
    value: Any
    tolerance: float


class CheckRun:
    """One check, running.

    Parameters
    ----------
    course : Course
    subject : Subject
    topic, exercise : str
        What the check is about.
    check_id : str
    seed : int
    """

    def __init__(self, course: Course, subject: Subject, topic: str, exercise: str, check_id: str, seed: int) -> None:
        self.course = course
        self.subject = subject
        self.topic = topic
        self.exercise = exercise
        self.calls: list[Call] = []
        self.trail: list[Call | Observation] = []
        self.advice: list[str] = []
        self._seed = (seed, check_id)
        self._faces: dict[int, ObjectFace] = {}
        self._demands: list[str] = []
        self._generator_numbers = itertools.count(1)

    @cached_property
    def rng(self) -> np.random.RandomState:
        """Seeded numbers. The legacy generator: its numbers are the same in every NumPy version."""
        _generator.seed(np.frombuffer(digest(*self._seed)[:16], dtype=np.uint32))
        return _generator

    # -- what the stand-ins ask ----------------------------------------------------------------------------------

    def call(self, target: Target, label: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        plain_args = tuple(self._outward(value) for value in args)
        plain_kwargs = {name: self._outward(value) for name, value in kwargs.items()}
        reply = self.subject.call(target, plain_args, plain_kwargs)
        return self._received(target, label, plain_args, plain_kwargs, reply)

    def get(self, target: Target, label: str) -> Any:
        return self._received(target, label, (), {}, self.subject.get(target), read=True)

    def set(self, target: Target, label: str, value: Any) -> None:
        self._received(target, label, (), {}, self.subject.set(target, self._outward(value)), read=True, traced=False)

    # -- what the claims ask -------------------------------------------------------------------------------------

    @contextmanager
    def demanding(self, demand: str) -> Iterator[None]:
        """While this is open, each call must also keep a demand on its behaviour."""
        self._demands.append(demand)
        try:
            yield
        finally:
            self._demands.remove(demand)

    def observe(self, name: str, value: Any, tolerance: float) -> None:
        """Note a fact that does not depend on the draw, for the diagnosis."""
        self.trail.append(Observation(name, value, tolerance))

    def call_that_gave(self, value: Any) -> Call | None:
        """The call whose result `value` is, or else the latest one."""
        for found in (_holds, _equals):
            for call in reversed(self.calls):
                if value is not None and found(call.value, value):
                    return call
        return self.calls[-1] if self.calls else None

    def generator(self, seed: int) -> GeneratorReference:
        """A `numpy.random.Generator` for the student's side."""
        return GeneratorReference(next(self._generator_numbers), seed)

    def advise(self, key: str, dtype: str = "") -> None:
        text = sentences.advice(key, self.exercise, dtype)
        if text not in self.advice:
            self.advice.append(text)

    # -- inside --------------------------------------------------------------------------------------------------

    def _received(
        self,
        target: Target,
        label: str,
        args: tuple,
        kwargs: dict[str, Any],
        reply: Reply,
        read: bool = False,
        traced: bool = True,
    ) -> Any:
        value = None if reply.raised else self._inward(reply.value)
        call = Call(label, args, kwargs, target, reply, value, read, tuple(self._demands))
        if traced and not (isinstance(value, ObjectFace) and value._handle.callable):
            self.calls.append(call)
            if reply.raised is not None or not (isinstance(target[0], int) and target[-1] in OPEN_RESULTS):
                self.trail.append(call)
        if reply.raised is not None:
            self._raise(call, reply.raised)
        for note in reply.notes:
            self.advise(note)
        for demand in call.demands:
            if demand != ANY_RESULT:
                self._enforce(demand, call)
        return value

    def _raise(self, call: Call, raised: Raised) -> None:
        if raised.kind == "to_do":
            raise ToDo(raised.detail)
        failure = self.describe_raised(call, raised)
        answered = raised.kind == "exception" and "ValueError" in raised.bases
        kind = _RaisedValueError if answered else ExerciseRaised
        raise kind(raised, failure)

    def describe_raised(self, call: Call, raised: Raised) -> Failure:
        """The failure record of a call that gave no value."""
        topic, name = self.topic, self.exercise
        if isinstance(call.target[0], str):
            topic, name = call.target[0], call.target[1]
        signature = self.course.exercise(topic, name).signature if self.course.has(topic, name) else ""
        method = call.label if isinstance(call.target[0], int) or len(call.target) > 2 else ""
        failure = sentences.for_raised(raised, f"{topic}.{name}", signature, self.written(call), method)
        inputs = () if failure.reason in NEVER_RAN else self.inputs(call)
        return replace(failure, inputs=inputs)

    def _enforce(self, demand: str, call: Call) -> None:
        reply, text = call.reply, self.written(call)
        message = got = ""
        if self._is_function(call.target) and (call.value is None or isinstance(call.value, (str, ObjectFace))):
            demand = "none" if call.value is None else "not_numbers"
            kind = type(call.value).__name__
            message = sentences.returned_none(text) if call.value is None else sentences.not_numbers(text, kind)
        elif demand == FLOAT_ERRORS and reply.float_errors:
            finite = is_finite(call.value)
            message = sentences.float_errors(text, ", ".join(sorted(reply.float_errors)), not finite)
            got = "" if finite else show(call.value)
        elif demand == CHANGED_INPUTS and reply.changed:
            message = sentences.changed_inputs(text, ", ".join(self._argument_name(call, key) for key in reply.changed))
        elif demand == SHARED_OUTPUT and reply.aliased:
            message = sentences.shared_output(text)
        if message:
            raise CheckFailed(Failure(demand, message, text, self.inputs(call), got=got))

    def _is_function(self, target: Target) -> bool:
        return (
            len(target) == 2
            and self.course.has(str(target[0]), str(target[1]))
            and self.course.exercise(*target).form == "function"
        )

    def written(self, call: Call) -> str:
        """The call as a student would write it, arguments by name; what was read without parentheses."""
        if call.read:
            return call.label
        names = [self._argument_name(call, str(i)) for i in range(len(call.args))]
        return f"{call.label}({', '.join([*names, *(f'{name}=...' for name in call.kwargs)])})"

    def _argument_name(self, call: Call, key: str) -> str:
        if not key.isdigit():
            return key
        names = parameter_names(self._signature_of(call))
        return names[int(key)] if int(key) < len(names) else _("argument {number}").format(number=int(key) + 1)

    def _signature_of(self, call: Call) -> str:
        topic_and_name = call.target[:2]
        if len(call.target) == 2 and isinstance(call.target[0], str) and self.course.has(*topic_and_name):
            return self.course.exercise(*topic_and_name).signature
        return SIGNATURES.get(call.target[-1], "")

    def inputs(self, call: Call) -> tuple[tuple[str, str], ...]:
        """The arguments of a call, by name, as short text."""
        pairs = [(self._argument_name(call, str(i)), value) for i, value in enumerate(call.args)]
        return tuple((name, show(value)) for name, value in [*pairs, *call.kwargs.items()])

    def _outward(self, value: Any) -> Any:
        return to_plain(value, self._reference)

    def _reference(self, value: Any) -> Any:
        if isinstance(value, ObjectFace):
            return value._handle
        if isinstance(value, ExerciseFace):
            return value.reference
        if isinstance(value, (GeneratorReference, Handle)):
            return value
        if isinstance(value, CallableFace):
            raise TypeError("a method of the student's cannot be passed as an argument")
        return self.subject.refer(value)

    def _inward(self, value: Any) -> Any:
        if isinstance(value, Handle):
            if value.number not in self._faces:
                self._faces[value.number] = ObjectFace(value)
            return self._faces[value.number]
        if isinstance(value, RemoteReference):
            return value.reference
        if type(value) in (list, tuple):
            return type(value)(self._inward(item) for item in value)
        if type(value) is dict:
            return {key: self._inward(item) for key, item in value.items()}
        return value


def _equals(result: Any, value: Any) -> bool:
    """Whether an array is a copy of a result, in whatever shape."""
    if not isinstance(result, np.ndarray) or not isinstance(value, np.ndarray) or not result.size == value.size > 1:
        return False
    return result.dtype.kind in NUMBER_KINDS and np.array_equal(result.ravel(), value.ravel())


def _holds(container: Any, value: Any) -> bool:
    """Whether a value is a result, or one of its parts."""
    if container is value:
        return True
    if isinstance(container, dict):
        container = container.values()
    elif not isinstance(container, (tuple, list)):
        return False
    return any(item is value for item in container)


def parameter_names(signature: str) -> list[str]:
    """The parameter names in a signature such as `(y, y_hat, delta=1.0)`."""
    return list(_parameter_names(signature))


@cache
def _parameter_names(signature: str) -> tuple[str, ...]:
    inner, names, depth = signature.strip()[1:-1], [""], 0
    for character in inner:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            names.append("")
        else:
            names[-1] += character
    return tuple(name.split("=")[0].strip() for name in names if name.strip() and name.strip() != "*")


@lru_cache(4096)
def _show_array(dtype: np.dtype, shape: tuple[int, ...], numbers: bytes, _language: str) -> str:
    """Kept, because inputs and expected values are the same for each submission of a class."""
    return _array_text(np.frombuffer(numbers, dtype).reshape(shape))


def _array_text(array: np.ndarray) -> str:
    text = np.array2string(array, precision=4, threshold=24, edgeitems=2, separator=", ", suppress_small=False)
    if array.size > 6 or array.ndim > 1:
        text += "  " + _("shape {shape}").format(shape=array.shape)
    return " ".join(text.split())

BIG = 10**300
"""Integers beyond it are not written out: Python refuses to, from some size on."""


def show(value: Any, limit: int = 240) -> str:
    """A value as short text: four digits, long arrays abridged."""
    if isinstance(value, np.ndarray):
        short = value.size <= 200 and value.dtype.kind in NUMBER_KINDS
        text = _show_array(value.dtype, value.shape, value.tobytes(), current()) if short else _array_text(value)
    elif isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, list) and len(value) > 8 and as_numbers(value).array is not None:
        text = _array_text(np.asarray(value))
    elif isinstance(value, (list, tuple)) and len(value) <= 8:
        inner = ", ".join(show(item, 80) for item in value)
        text = f"[{inner}]" if isinstance(value, list) else f"({inner})"
    elif isinstance(value, dict):
        inner = ", ".join(f"{key}: {show(item, 60)}" for key, item in list(value.items())[:8])
        text = "{" + inner + "}"
    elif isinstance(value, ObjectFace):
        text = repr(value)
    elif isinstance(value, Handle):
        text = f"<{value.type_name} object>"
    elif isinstance(value, int) and not -BIG < value < BIG:
        text = _("an integer of {count} bits").format(count=value.bit_length())
    elif isinstance(value, (str, int, bool, set)) or value is None:
        text = repr(value)
    elif isinstance(value, GeneratorReference):
        text = f"np.random.default_rng({value.seed})"
    elif isinstance(value, RemoteReference) and isinstance(value.reference, type):
        text = f"<class {value.reference.__name__}>"
    else:
        text = f"<{type(value.reference if isinstance(value, RemoteReference) else value).__name__}>"
    return text if len(text) <= limit else text[: limit - 3] + "..."
