"""Comparing what an exercise returned with what was expected. Pure functions; owns the tolerances.

RTOL is for formulas evaluated in float64 in any order: rounding gives some 1e-15 a term, a sum of a few hundred terms
or a mild cancellation 1e-12, so 1e-9 leaves room for every style, while a result that passed through float32
(6e-8) does not fit through. ATOL_SCALE covers entries that cancel to nearly zero beside large ones.
GRADIENT_RTOL is for central differences of fourth order, whose own error is about 1e-10 for the functions here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

RTOL = 1e-9
ATOL_SCALE = 1e-11
ATOL_FLOOR = 1e-12
GRADIENT_RTOL = 1e-6
GRADIENT_ATOL_SCALE = 1e-8


@dataclass(frozen=True)
class Numbers:
    """A result read as numbers, or why it cannot be."""

    array: np.ndarray | None
    problem: str = ""
    advice: str = ""
    dtype: str = ""


@dataclass(frozen=True)
class Mismatch:
    """How two arrays differ: `reason` is `shape`, `nan`, `infinite` or `value`."""

    reason: str
    index: tuple[int, ...] = ()
    largest: float = 0.0
    wrong: int = 0
    size: int = 0


def as_numbers(value: Any) -> Numbers:
    """Read a plain value as a float64 array (complex stays complex)."""
    if value is None:
        return Numbers(None, "none")
    if isinstance(value, (str, dict, set)):
        return Numbers(None, type(value).__name__)
    advice = "list" if isinstance(value, (list, tuple)) else ""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return Numbers(None, "ragged " + type(value).__name__)
    if array.dtype.kind not in "biufc":
        return Numbers(None, type(value).__name__)
    if not advice and isinstance(value, (np.ndarray, bool)):
        advice = {"b": "bool", "i": "integer", "u": "integer"}.get(array.dtype.kind, "")
        if array.dtype.kind == "f" and array.dtype.itemsize < 8:
            advice = "float32"
    dtype = str(array.dtype) if advice else ""
    return Numbers(array if array.dtype.kind == "c" else array.astype(np.float64), "", advice, dtype)


def is_finite(value: Any) -> bool:
    """Whether no number in a result is NaN or infinite; what is no number is passed over."""
    if isinstance(value, (list, tuple)):
        return all(map(is_finite, value))
    numbers = as_numbers(value)
    return numbers.array is None or bool(np.isfinite(numbers.array).all())


def scale_of(expected: np.ndarray) -> float:
    """The largest finite magnitude in an array; 0 for an empty one."""
    finite = np.abs(expected[np.isfinite(expected)])
    return float(finite.max()) if finite.size else 0.0


def tolerance(expected: np.ndarray, rtol: float, atol: float | None) -> np.ndarray:
    """The difference allowed at each entry."""
    if atol is None:
        scale = ATOL_SCALE if rtol <= RTOL else GRADIENT_ATOL_SCALE
        atol = max(scale * scale_of(expected), ATOL_FLOOR)
    magnitude = np.where(np.isfinite(expected), np.abs(expected), 0.0)
    return atol + rtol * magnitude


def mismatch(got: np.ndarray, expected: np.ndarray, rtol: float = RTOL, atol: float | None = None) -> Mismatch | None:
    """How `got` differs from `expected`; None where they agree.

    Only finite numbers agree: where a check compares one answer with another, NaN beside NaN is right in neither.

    Parameters
    ----------
    got, expected : ndarray
    rtol : float
        Relative tolerance, of each expected entry.
    atol : float, optional
        Absolute tolerance; by default derived from the largest expected entry.
    """
    if got.shape != expected.shape:
        return Mismatch("shape")
    if got.dtype.kind == "c" and expected.dtype.kind != "c":
        return Mismatch("complex")
    with np.errstate(all="ignore"):
        difference = np.abs(got - expected)
        agree = np.isfinite(got) & (difference <= tolerance(expected, rtol, atol))
    if agree.all():
        return None
    severity = np.where(agree, -1.0, np.where(np.isfinite(difference), difference, np.inf))
    index = np.unravel_index(int(np.argmax(severity)), severity.shape) if severity.shape else ()
    bad = got[~agree]
    reason = "nan" if np.isnan(bad).any() else "infinite" if np.isinf(bad).any() else "value"
    place = tuple(int(i) for i in index)
    return Mismatch(reason, place, float(severity[index]), int((~agree).sum()), int(got.size))
