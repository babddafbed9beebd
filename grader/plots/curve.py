"""Curves: what a figure shows of a student's code, as numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from grader.language import _
from grader.plots.student import CURVE_SECONDS, Gap, NoNumbers, Student
from grader.subject.executor import CheckSideError


@dataclass(frozen=True)
class Curve:
    """One array of numbers that some exercises give.

    Attributes
    ----------
    name : str
        Within its picture, and the key of what is recorded.
    exercises : tuple of str
        `topic.name` of what it shows; the first is the one that it is about.
    measure : callable
        Student → array. Raises `NoNumbers` where the student's code gives none.
    record : callable, optional
        Measures the right curve from the reference, where that is more than one run: several seeds, for instance.
    seconds : float
        Time for all its calls.
    """

    name: str
    exercises: tuple[str, ...]
    measure: Callable[[Student], np.ndarray]
    record: Callable[[Student], np.ndarray] | None = None
    seconds: float = CURVE_SECONDS


@dataclass(frozen=True)
class Measured:
    """What a student's code gave: the curves, those that are left out and remarks on curves that are drawn."""

    values: Mapping[str, np.ndarray] = field(default_factory=dict)
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    remarks: Mapping[str, Gap] = field(default_factory=dict)


def measure(curves: Iterable[Curve], student: Student) -> Measured:
    """Run a student's code for some curves. Never raises for anything that it does."""
    values: dict[str, np.ndarray] = {}
    gaps: dict[str, Gap] = {}
    remarks: dict[str, Gap] = {}
    for curve in curves:
        student.start_curve(curve.seconds)
        try:
            # `numpy.seterr` or a warning filter in the student's module must not reach the kit's own arithmetic.
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = np.asarray(curve.measure(student), dtype=np.float64)
        except NoNumbers as problem:
            gaps[curve.name] = problem.gap
            continue
        except (Exception, CheckSideError):
            # Plain data in, plain data out, but of any shape: what a curve makes of it can fail in any way.
            gaps[curve.name] = _unusable(curve)
            continue
        bad = ~np.isfinite(value)
        if value.size and bad.all():
            gaps[curve.name] = _not_finite(curve, int(bad.sum()), value.size, left_out=True)
            continue
        if bad.any():
            remarks[curve.name] = _not_finite(curve, int(bad.sum()), value.size, left_out=False)
        values[curve.name] = np.where(bad, np.nan, value)
    return Measured(values, gaps, remarks)


def _unusable(curve: Curve) -> Gap:
    exercise = curve.exercises[0]
    name = exercise.rpartition(".")[2]
    sentence = _("{name} returned something that cannot be drawn: its curve is left out.").format(name=name)
    return Gap(exercise, False, _("{name}: cannot be drawn").format(name=name), sentence)


def _not_finite(curve: Curve, bad: int, total: int, left_out: bool) -> Gap:
    exercise = curve.exercises[0]
    name = exercise.rpartition(".")[2]
    if left_out:
        sentence = _("{name} gives no finite number: its curve is left out.")
        return Gap(exercise, False, _("{name}: no finite number").format(name=name), sentence.format(name=name))
    sentence = _("{name}: {bad} of {total} values are NaN or infinite and are left out.")
    short = _("{name}: NaN or infinity in {bad} of {total}")
    return Gap(
        exercise, False, short.format(name=name, bad=bad, total=total), sentence.format(name=name, bad=bad, total=total)
    )
