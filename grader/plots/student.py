"""What the figures ask of a student's code: numbers, or the reason why there are none."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import sentences
from grader.checks.run import parameter_names
from grader.course import Course
from grader.language import _
from grader.subject.method import SIGNATURES
from grader.subject.plain import to_plain
from grader.subject.reply import ExerciseReference, GeneratorReference, Handle, Raised, RemoteReference, Reply, Target
from grader.subject.subject import Subject

CALL_SECONDS = 3.0
"""Time for one call of the student's code, unless a picture says otherwise: a curve is some hundred short calls."""

CURVE_SECONDS = 10.0
"""Time for all the calls of a curve, so that slow code costs its curve and not the evening."""

_PROBLEMS = {
    "no_file": lambda detail: _("no file"),
    "unreadable": lambda detail: _("the file cannot be read"),
    "syntax": lambda detail: _("the file does not compile"),
    "import": lambda detail: _("the file does not load"),
    "no_exercise": lambda detail: _("not defined"),
    "not_callable": lambda detail: _("cannot be called"),
    "signature": lambda detail: _("takes other arguments"),
    "no_attribute": lambda detail: _("no {attribute}").format(attribute=detail.rpartition(".")[2]),
    "deadline": lambda detail: _("no answer in time"),
    "needs": lambda detail: _("needs {exercise}").format(exercise=detail),
}
"""Why a call gave no value, in the few words that fit on a figure."""


@dataclass(frozen=True)
class Gap:
    """A curve that is left out, and why.

    `exercise` is `topic.name` of what is to blame, `short` stands on the figure, `sentence` on the terminal.
    """

    exercise: str
    to_do: bool
    short: str
    sentence: str


class NoNumbers(Exception):
    """The student's code gave no numbers that could be drawn."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.sentence)
        self.gap = gap


@dataclass(frozen=True)
class Thing:
    """An object of the student's, such as a `BatchNorm`, and the exercise that made it."""

    exercise: str
    handle: Handle


class Student:
    """The student's code, as the curves see it.

    Parameters
    ----------
    subject : Subject
        Where the code runs; it keeps the deadline of one call.
    course : Course
        For the signatures in messages.
    """

    def __init__(self, subject: Subject, course: Course) -> None:
        self._subject = subject
        self._course = course
        self._end = float("inf")

    def start_curve(self, seconds: float = CURVE_SECONDS) -> None:
        """From now on the calls may take `seconds` together."""
        self._end = time.monotonic() + seconds

    # -- exercises -----------------------------------------------------------------------------------------------

    def numbers(self, exercise: str, *args: Any, shape: tuple[int, ...] | None, **kwargs: Any) -> np.ndarray:
        """Call a function that returns one array.

        Parameters
        ----------
        exercise : str
            `topic.name`.
        shape : tuple of int or None
            The shape that the result must have; None takes any.

        Raises
        ------
        NoNumbers
            It raised, took too long, or gave something else.
        """
        value = self.value(exercise, *args, **kwargs)
        return self._array(exercise, self._written(exercise, "", len(args), kwargs), value, shape)

    def parts(self, exercise: str, *args: Any, count: int, **kwargs: Any) -> list[Any]:
        """Call a function that returns `count` things; what they are is not looked at."""
        value = self.value(exercise, *args, **kwargs)
        if not isinstance(value, (tuple, list)) or len(value) != count:
            text = _("{call} should return {count} things; it returned something else.")
            call = self._written(exercise, "", len(args), kwargs)
            raise self.unusable(exercise, text.format(call=call, count=count), _("returns other things"))
        return list(value)

    def array(self, exercise: str, value: Any, shape: tuple[int, ...] | None) -> np.ndarray:
        """One of the things that a function returned, as an array."""
        return self._array(exercise, self._written(exercise, "", 99, {}), value, shape)

    def value(self, exercise: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function and take whatever plain data it returns."""
        written = self._written(exercise, "", len(args), kwargs)
        return self._call(exercise, tuple(exercise.split(".")), written, args, kwargs)

    def make(self, exercise: str, *args: Any, **kwargs: Any) -> Thing:
        """An object of a class of the student's."""
        made = self.value(exercise, *args, **kwargs)
        if not isinstance(made, Handle):
            sentence = _("{name} made no object.").format(name=_name(exercise))
            raise self.unusable(exercise, sentence, _("makes no object"))
        return Thing(exercise, made)

    # -- objects -------------------------------------------------------------------------------------------------

    def ask(self, thing: Thing, method: str, *args: Any, shape: tuple[int, ...] | None) -> np.ndarray:
        """Call a method that returns one array."""
        return self._array(thing.exercise, self._written(thing.exercise, method, len(args), {}),
                           self.do(thing, method, *args), shape)  # fmt: skip

    def do(self, thing: Thing, method: str, *args: Any) -> Any:
        """Call a method and take whatever plain data it returns."""
        written = self._written(thing.exercise, method, len(args), {})
        return self._call(thing.exercise, (thing.handle.number, method), written, args, {})

    def read(self, thing: Thing, attribute: str, *, shape: tuple[int, ...] | None) -> np.ndarray:
        """Read an attribute that is one array."""
        written = f"{_name(thing.exercise)}.{attribute}"
        reply = self._ask(thing.exercise, written, lambda: self._subject.get((thing.handle.number, attribute)))
        return self._array(thing.exercise, written, self._value_of(reply, thing.exercise, written), shape)

    # -- inside --------------------------------------------------------------------------------------------------

    def _call(self, exercise: str, target: Target, written: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        plain = tuple(to_plain(value, self._outward) for value in args)
        named = {name: to_plain(value, self._outward) for name, value in kwargs.items()}
        reply = self._ask(exercise, written, lambda: self._subject.call(target, plain, named))
        return self._value_of(reply, exercise, written)

    def _outward(self, value: Any) -> Any:
        if isinstance(value, Thing):
            return value.handle
        if isinstance(value, (Handle, ExerciseReference, GeneratorReference, RemoteReference)) or not callable(value):
            return value
        return self._subject.refer(value)

    def _ask(self, exercise: str, written: str, request: Any) -> Reply:
        if time.monotonic() > self._end:
            sentence = _("{name} is too slow: its curve needs many calls and was given up.")
            raise self.unusable(exercise, sentence.format(name=_name(exercise)), _("too slow"))
        silence = io.StringIO()  # what the student's code prints would be printed for each point of a curve
        with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
            return request()

    def _value_of(self, reply: Reply, exercise: str, written: str) -> Any:
        if reply.raised is not None:
            raise NoNumbers(self._gap(exercise, reply.raised, written))
        return reply.value

    def _gap(self, exercise: str, raised: Raised, written: str) -> Gap:
        if raised.kind == "to_do":
            blamed = raised.detail if self._knows(raised.detail) else exercise
            name = _name(blamed)
            sentence = _("{name} is still to do: its curve is left out.").format(name=name)
            return Gap(blamed, True, _("{name}: still to do").format(name=name), sentence)
        signature = self._course.exercise(*exercise.split(".")).signature
        sentence = sentences.for_raised(raised, exercise, signature, written).message
        problem = _PROBLEMS.get(raised.kind, lambda detail: raised.type or raised.kind)(raised.detail)
        return Gap(exercise, False, f"{_name(exercise)}: {problem}", sentence)

    def _knows(self, exercise: str) -> bool:
        topic, _dot, name = exercise.partition(".")
        return self._course.has(topic, name)

    def _array(self, exercise: str, written: str, value: Any, shape: tuple[int, ...] | None) -> np.ndarray:
        if value is None:
            raise self.unusable(exercise, sentences.returned_none(written), _("returns None"))
        array = _real_numbers(value)
        if array is None:
            sentence = sentences.not_numbers(written, getattr(value, "type_name", type(value).__name__))
            raise self.unusable(exercise, sentence, _("returns no numbers"))
        if shape is not None and array.shape != shape:
            sentence = sentences.wrong_shape(written, array.shape, shape)
            raise self.unusable(exercise, sentence, _("wrong shape"))
        return array

    @staticmethod
    def unusable(exercise: str, sentence: str, short: str) -> NoNumbers:
        """What to raise for a curve that cannot be drawn from what came back."""
        return NoNumbers(Gap(exercise, False, f"{_name(exercise)}: {short}", sentence))

    def _written(self, exercise: str, method: str, count: int, kwargs: dict[str, Any]) -> str:
        """The call as a student would write it, arguments by name."""
        topic, _dot, name = exercise.partition(".")
        signature = SIGNATURES.get(method, "") if method else self._course.exercise(topic, name).signature
        names = parameter_names(signature)[:count] if signature else ["..."] * min(count, 1)
        names += [f"{key}=..." for key in kwargs if key not in names]
        return f"{name}.{method}({', '.join(names)})" if method else f"{name}({', '.join(names)})"


def _name(exercise: str) -> str:
    return exercise.rpartition(".")[2]


def _real_numbers(value: Any) -> np.ndarray | None:
    """A value as a new array of float64, or None if it is something else."""
    if isinstance(value, (str, dict, set, Handle)):
        return None
    try:
        array = np.array(value)
    except (TypeError, ValueError):
        return None
    if array.dtype.kind not in "biuf":
        return None
    return array.astype(np.float64)
