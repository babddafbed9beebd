"""The claims that a check can make. Each one fails with a message that teaches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

import numpy as np

from grader.checks import comparison, sentences
from grader.checks.run import (
    ANY_RESULT,
    CHANGED_INPUTS,
    FLOAT_ERRORS,
    SHARED_OUTPUT,
    CheckFailed,
    CheckRun,
    ExerciseRaised,
    ToDo,
    show,
)
from grader.checks.suggestion import suggest
from grader.language import _
from grader.result import Failure
from grader.subject.face import ObjectFace, current_run
from grader.subject.reply import GeneratorReference


def _run() -> CheckRun:
    run = current_run()
    assert isinstance(run, CheckRun)
    return run


def _fail(reason: str, message: str, value: Any = None, **parts: str) -> NoReturn:
    run = _run()
    call = run.call_that_gave(value)
    text, inputs = (run.written(call), run.inputs(call)) if call else ("", ())
    raise CheckFailed(Failure(reason, message, text, inputs, **parts))


def _written(value: Any) -> str:
    run = _run()
    call = run.call_that_gave(value)
    return run.written(call) if call else run.exercise


def as_array(got: Any) -> np.ndarray:
    """A result as a float64 array; fails with a sentence where it is not numbers.

    Lists, booleans, integers and float32 are accepted with advice: whether their values are right is for the
    comparison to say.
    """
    run = _run()
    numbers = comparison.as_numbers(got)
    if numbers.array is None:
        if numbers.problem == "none":
            _fail("none", sentences.returned_none(_written(got)), got)
        kind = got._handle.type_name if isinstance(got, ObjectFace) else numbers.problem
        _fail("not_numbers", sentences.not_numbers(_written(got), kind), got, got=show(got))
    if numbers.advice:
        run.advise(numbers.advice, numbers.dtype)
    return numbers.array


def assert_close(
    got: Any, expected: Any, *, rtol: float = comparison.RTOL, atol: float | None = None, because: str = ""
) -> None:
    """Claim that a result has the expected shape and numbers.

    Parameters
    ----------
    got : array_like
        What an exercise returned: anything that reads as numbers.
    expected : array_like
    rtol, atol : float, optional
        Tolerances; the defaults fit formulas in float64 (see `grader.checks.comparison`).
    because : str, optional
        One sentence on what a difference between numbers means; without it, and where the shape is another or NaN came
        back, the pattern of the difference is described.
    """
    wanted = np.asarray(expected, dtype=np.float64)
    array = as_array(got)
    found = comparison.mismatch(array, wanted, rtol, atol)
    if found is None:
        return
    suggestion = _(because) if because and found.reason == "value" else suggest(array, wanted, found.wrong)
    if found.reason == "shape":
        message = sentences.wrong_shape(_written(got), array.shape, wanted.shape)
    elif found.reason in ("nan", "infinite"):
        message = sentences.not_finite(_written(got), found.reason)
    else:
        message = sentences.wrong_value(_written(got))
    _fail(
        found.reason,
        message,
        got,
        expected=show(wanted),
        got=show(array),
        difference=sentences.largest_difference(found.largest, found.index, found.wrong, found.size)
        if found.reason != "shape"
        else "",
        suggestion=suggestion,
    )


def assert_gradient(got: Any, expected: Any, *, because: str = "") -> None:
    """Claim that an analytic gradient agrees with one from finite differences."""
    assert_close(got, expected, rtol=comparison.GRADIENT_RTOL, because=because)


def assert_shape(got: Any, shape: tuple[int, ...]) -> None:
    """Claim that a result has a shape."""
    array = as_array(got)
    if array.shape != tuple(shape):
        _fail("shape", sentences.wrong_shape(_written(got), array.shape, tuple(shape)), got, got=show(array))


def parts(got: Any, *names: str) -> tuple[Any, ...]:
    """The parts of a result that is a tuple (or list), such as `dz, dalpha = parts(got, "dz", "dalpha")`."""
    if got is None:
        _fail("none", sentences.returned_none(_written(got)), got)
    if not isinstance(got, (tuple, list)) or len(got) != len(names):
        listed = f"({', '.join(names)})"
        if isinstance(got, (tuple, list)):
            _fail("parts", sentences.wrong_count(_written(got), listed, len(got)), got)
        _fail("parts", sentences.wrong_parts(_written(got), listed), got, got=show(got))
    return tuple(got)


def assert_finite(got: Any) -> None:
    """Claim that a result holds neither NaN nor infinity."""
    array = as_array(got)
    if not np.isfinite(array).all():
        reason = "nan" if np.isnan(array).any() else "infinite"
        _fail(reason, sentences.not_finite(_written(got), reason), got, got=show(array))


def assert_that(condition: Any, message: str, got: Any = None) -> None:
    """Claim anything else: `message` is the sentence that the student reads when it does not hold.

    Parameters
    ----------
    condition : bool
    message : str
        What should hold, and what a violation means; in English, or in the reader's language already.
    got : object, optional
        The result that is at fault, to show it with the call that gave it.
    """
    if not bool(condition):
        _fail("claim", _(message), got, got=show(got) if got is not None else "")


def assert_raises(exception: type[Exception], function: Callable, *args: Any, **kwargs: Any) -> None:
    """Claim that a call raises `exception` (or a subclass of it)."""
    run = _run()
    try:
        value = function(*args, **kwargs)
    except ExerciseRaised as error:
        if error.raised.kind != "exception" or error.raised.detail:  # what its file or an import raised is no answer
            raise
        if sentences.AMBIGUOUS in error.raised.message:
            raise  # it is no look at the arguments that led to this one
        if exception.__name__ in error.raised.bases:
            return
        failure = error.failure
        call = run.written(run.calls[-1])
        got = f"{error.raised.type}: {error.raised.message}"
        message = sentences.other_exception(call, exception.__name__, got)
        raise CheckFailed(Failure("other_exception", message, call, failure.inputs, trace=failure.trace)) from error
    _fail("no_exception", sentences.no_exception(_written(value), exception.__name__), value, got=show(value))


def no_float_errors() -> AbstractContextManager[None]:
    """While open, a call that overflows, divides by zero or makes an invalid value on the way fails the check."""
    return _run().demanding(FLOAT_ERRORS)


def inputs_unchanged() -> AbstractContextManager[None]:
    """While open, a call that changes its arguments fails the check."""
    return _run().demanding(CHANGED_INPUTS)


def new_output() -> AbstractContextManager[None]:
    """While open, a call whose result shares memory with its arguments fails the check."""
    return _run().demanding(SHARED_OUTPUT)


def any_result() -> AbstractContextManager[None]:
    """While open, the diagnosis does not look at what calls return: the contract leaves it open, in part at least.

    What the check claims about it may be noted with `observe`.
    """
    return _run().demanding(ANY_RESULT)


def observe(name: str, value: Any, tolerance: float = 0.0) -> None:
    """Note a fact about an exercise with random draws that does not depend on the draw.

    Checks marked `random=True` are recognised by these facts alone.

    Parameters
    ----------
    name : str
    value : bool, int, float, str or list of these
    tolerance : float, optional
        Two facts agree when numbers differ by no more than this.
    """
    _run().observe(name, value, tolerance)


def filled(value: Any, label: str = "") -> Any:
    """The content of a table's cell; a cell that is still None is to do."""
    if value is None:
        raise ToDo(label)
    return value


def generator(seed: int) -> GeneratorReference:
    """A `numpy.random.Generator` to pass to an exercise: the same object in every call that receives it."""
    return _run().generator(seed)
