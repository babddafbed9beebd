"""Transcripts: what an answer said at each call of a check, small enough to ship and exact enough to recognise.

An entry is a JSON-able dict: `value` (a fingerprint) or `raised` (an exception's type), `flags` (floating-point errors
met, inputs changed, memory shared), or for a noted fact `fact`, `value` and `tolerance`. The entry `SAME` stands for
"as the reference".
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from grader.checks.run import ANY_RESULT, SHARED_OUTPUT, Call, Observation
from grader.subject.face import ObjectFace

Entry = Any
SAME = "="
SHARED = "shared"

FULL_SIZE = 16
SAMPLES = 10
EQUAL_RTOL = 1e-10
AGREE_RTOL = 1e-7
AGREE_FLOOR = 1e-12
AGREE_SHARE = 0.01
"""Two results agree when they differ by less than a hundredth of what sets the mistake apart from the right answer,
within [1e-12, 1e-7] of the numbers' size: a tiny mistake is told from none, and rounding does not hide a mistake."""

ROUNDING = 1e-11
"""How small a number of a dict is rounding, beside the largest of the same dict."""


def transcript(trail: Sequence[Call | Observation], random: bool) -> list[Entry]:
    """The entries of one run of a check.

    Parameters
    ----------
    trail : sequence of Call or Observation
        What the run kept.
    random : bool
        Leave the results themselves out: they depend on the draw.
    """
    return [_entry(item, random) for item in trail]


def _text(value: Any) -> str:
    return str(value)[:200]


def _entry(item: Call | Observation, random: bool) -> Entry:
    if isinstance(item, Observation):
        return {"fact": item.name, "value": _fact(item.value), "tolerance": item.tolerance}
    reply = item.reply
    entry: dict[str, Any] = {}
    if reply.raised is not None:
        kind = reply.raised.kind
        entry["raised"] = reply.raised.type if kind == "exception" else kind
    elif ANY_RESULT not in item.demands:
        entry["value"] = shape_of(item.value) if random else fingerprint(item.value)
    flags = [f"float {name}" for name in sorted(reply.float_errors)]
    flags += [f"changed {name}" for name in reply.changed]
    if reply.aliased and SHARED_OUTPUT in item.demands:  # elsewhere the result may be the argument itself
        flags.append(SHARED)
    if flags:
        entry["flags"] = flags
    return entry


def _fact(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [_fact(item) for item in value]
    return value


def shape_of(value: Any) -> Any:
    """The shape of a result whose numbers do not count."""
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape)}
    if isinstance(value, (list, tuple)):
        return [shape_of(item) for item in value] if len(value) <= 8 else len(value)
    if isinstance(value, dict):
        return {"keys": sorted(map(_text, value))}
    return type(value).__name__


def fingerprint(value: Any) -> Any:
    """A result as JSON: whole where it is small, sampled where it is large."""
    if isinstance(value, np.ndarray):
        plain_number = value.ndim == 0 and value.dtype.kind in "iuf" and not is_short(value)
        return float(value) if plain_number else _array(value)
    if isinstance(value, ObjectFace):
        return {"object": True}  # whatever the student called the class
    if isinstance(value, (list, tuple)):
        if value and all(_is_number(item) for item in value):
            with suppress(OverflowError):  # an integer beyond all floats
                return _array(np.asarray(value, dtype=np.float64))
        return {"items": [fingerprint(item) for item in value[:40]], "length": len(value)}
    if isinstance(value, dict):
        return {"dict": {_text(key): fingerprint(value[key]) for key in sorted(value, key=str)}}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(map(_text, value))}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else {"huge": value > 0}
    if isinstance(value, str):
        return _text(value)
    return {"other": type(value).__name__}


def _array(array: np.ndarray) -> dict[str, Any]:
    numbers = array.real if array.dtype.kind == "c" else array
    flat = numbers.astype(np.float64).ravel()
    result: dict[str, Any] = {"shape": list(array.shape)}
    if is_short(array):
        result["dtype"] = array.dtype.str.lstrip("<>|=")
    if flat.size > FULL_SIZE:
        places = _places(flat.size)
        with np.errstate(all="ignore"):
            weights = np.cos(np.arange(flat.size) * 1.7 + 0.3)
            flat = np.concatenate([flat[places], [float(weights @ flat), float(weights @ np.abs(flat))]])
    result["numbers"] = [_short(number) for number in flat.tolist()]
    return result


def is_short(array: np.ndarray) -> bool:
    """Whether an array holds floats of less than double precision."""
    return array.dtype.kind == "f" and array.dtype.itemsize < 8


def _places(size: int) -> np.ndarray:
    generator = np.random.RandomState(zlib.crc32(str(size).encode()))
    return np.sort(generator.choice(size, SAMPLES, replace=False))


def _short(number: float) -> float:
    return number if not math.isfinite(number) or number == int(number) else float(f"{number:.13g}")


def compress(entries: list[Entry], reference: list[Entry]) -> list[Entry]:
    """Replace the entries that are as the reference's by `SAME`."""
    padded = [*reference, *[None] * max(0, len(entries) - len(reference))]
    return [
        SAME if right is not None and same_entry(entry, right) else entry
        for entry, right in zip(entries, padded, strict=False)
    ]


def same_entry(a: Entry, b: Entry) -> bool:
    """Whether two entries are the same but for rounding."""
    return _match(a, b, lambda x, y: _near(x, y, EQUAL_RTOL))


def agrees(student: Entry, wrong: Entry, right: Entry | None) -> bool:
    """Whether a student's entry is what a misconception gives.

    Parameters
    ----------
    student, wrong : dict
        The two entries; `wrong` is not `SAME`.
    right : dict or None
        The reference's entry at the same place; it tells how exact the comparison must be.
    """
    tolerance = AGREE_RTOL
    if right is not None:
        tolerance = min(AGREE_RTOL, max(AGREE_FLOOR, AGREE_SHARE * _distance(wrong, right)))
    return _match(*_sharing_aside(student, wrong), lambda x, y: _near(x, y, tolerance))


def _sharing_aside(student: Entry, wrong: Entry) -> tuple[Entry, Entry]:
    """Two entries, without the flag of shared memory where it is not the mistake itself.

    Whoever hands an argument on where that is allowed, or returns the argument that it wrote over, makes the same
    mistake as whoever copies there.
    """
    if SHARED in _flags(wrong) and not any(flag.startswith("changed") for flag in _flags(wrong)):
        return student, wrong
    return _unshared(student), _unshared(wrong)


def _unshared(entry: Entry) -> Entry:
    if SHARED not in _flags(entry):
        return entry
    rest = {key: value for key, value in entry.items() if key != "flags"}
    flags = [flag for flag in entry["flags"] if flag != SHARED]
    return {**rest, "flags": flags} if flags else rest


def _flags(entry: Entry) -> list[str]:
    return entry.get("flags", []) if isinstance(entry, dict) else []


def _near(x: list[float], y: list[float], rtol: float) -> bool:
    scale = max((abs(number) for number in y if math.isfinite(number)), default=0.0)
    return all(
        a == b or (a != a and b != b) or abs(a - b) <= rtol * max(abs(b), 1e-3 * scale) + 1e-300
        for a, b in zip(x, y, strict=True)
    )


def _forgiving(near: Any, values: Any) -> Any:
    """`near` for the arrays of a dict: what is rounding beside its largest number is so everywhere in it.

    The gradient of a bias before BatchNorm, for instance, is 0 but for rounding.
    """
    floor = ROUNDING * max((abs(number) for number in numbers_of(values) if math.isfinite(number)), default=0.0)
    return lambda x, y: near(x, y) or all(abs(a - b) <= floor for a, b in zip(x, y, strict=True))


def _match(a: Any, b: Any, near: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        if "fact" in a or "fact" in b:
            return a.get("fact") == b.get("fact") and _same_fact(a["value"], b["value"], a.get("tolerance", 0.0))
        return a.keys() == b.keys() and all(_match_part(key, a[key], b[key], near) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_match(x, y, near) for x, y in zip(a, b, strict=True))
    if _is_number(a) and _is_number(b):
        return near([float(a)], [float(b)])
    return type(a) is type(b) and a == b


def _match_part(key: str, a: Any, b: Any, near: Any) -> bool:
    if key == "dict":  # in here the keys are the student's
        near = _forgiving(near, b)
        return a.keys() == b.keys() and all(_match(a[name], b[name], near) for name in a)
    if key == "numbers" and len(a) == len(b):
        return near(a, b)
    return _match(a, b, near)


def _same_fact(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same_fact(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if _is_number(a) and _is_number(b):
        return a == b or (a != a and b != b) or abs(a - b) <= tolerance
    return a == b


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbers_of(entry: Any) -> list[float]:
    """Every number in an entry, in order."""
    if isinstance(entry, dict):
        skip = ("shape", "length", "flags", "tolerance")
        return [number for key, value in entry.items() if key not in skip for number in numbers_of(value)]
    if isinstance(entry, list):
        if set(map(type, entry)) <= {float}:  # as nearly always
            return entry
        return [number for value in entry for number in numbers_of(value)]
    return [float(entry)] if _is_number(entry) else []


def _distance(wrong: Entry, right: Entry) -> float:
    """The largest relative difference between the numbers of two entries; 1 where they cannot be compared."""
    a, b = numbers_of(wrong), numbers_of(right)
    if len(a) != len(b) or not a or not all(map(math.isfinite, [*a, *b])):
        return 1.0
    scale = max(map(abs, b)) or 1.0
    largest = max(abs(x - y) for x, y in zip(a, b, strict=True)) / scale
    return largest or 1.0


def is_telling(wrong: Entry, right: Entry | None) -> bool:
    """Whether agreement with an entry can hardly be chance.

    Telling are a pair or more of generic numbers (not whole, finite) unlike the reference's, a value where the
    reference raises, a flag, and a fact in words or as a generic number; an exception, NaN, an infinity, a few whole
    numbers or a fact that holds or does not are not.
    """
    if not isinstance(wrong, dict) or right is None:
        return False
    if "fact" in wrong:
        return isinstance(wrong["value"], str) or _is_telling_number(wrong, right)
    if "flags" in wrong and wrong.get("flags") != right.get("flags"):
        return True
    if "raised" in right and "raised" not in wrong:
        return True
    if "value" not in wrong or "value" not in right:
        return False
    known = {f"{number:.9g}" for number in numbers_of(right["value"])}
    numbers = {f"{number:.9g}" for number in numbers_of(wrong["value"]) if math.isfinite(number)}
    generic = {number for number in numbers - known if not float(number).is_integer()}
    return len(generic) >= 2 or (len(generic) == 1 and not isinstance(wrong["value"], dict))


def _is_telling_number(wrong: Entry, right: Entry) -> bool:
    """Whether a noted number is neither whole nor what it should be: a share, a variance, a factor."""
    numbers, expected, tolerance = numbers_of(wrong["value"]), numbers_of(right.get("value")), wrong["tolerance"]
    return len(numbers) == len(expected) and any(
        math.isfinite(a) and not _same_fact(a, round(a), tolerance) and not _same_fact(a, b, tolerance)
        for a, b in zip(numbers, expected, strict=True)
    )
