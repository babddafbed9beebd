"""Plain data: what may pass between a submission and the checks.

Plain are `None`, `bool`, `int`, `float`, `complex`, `str`, arrays of numbers (exactly `numpy.ndarray`), and lists,
tuples, sets and dicts of these. Everything else stays where it is and is known by a `Handle`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

NUMBER_KINDS = "biufc"
MAX_DEPTH = 12

ARRAY_SUBCLASS = "array_subclass"
OBJECT_ARRAY = "object_array"


def to_plain(value: Any, opaque: Callable[[Any], Any], notes: list[str] | None = None, depth: int = 0) -> Any:
    """Copy `value` into plain data.

    Parameters
    ----------
    value : object
        Anything that a submission returned.
    opaque : callable
        Called with each object that is not plain; returns what stands for it.
    notes : list of str, optional
        Receives what the copy hides (`array_subclass`, `object_array`).

    Returns
    -------
    object
        Plain data that shares no memory with `value`.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        return value
    if kind is np.ndarray:
        return _plain_array(value, opaque, notes)
    if isinstance(value, np.generic):
        return _plain_scalar(value, opaque)
    if isinstance(value, np.ndarray):
        if notes is not None:
            notes.append(ARRAY_SUBCLASS)
        return _plain_array(np.array(value, subok=False), opaque, notes)
    if depth >= MAX_DEPTH:
        return opaque(value)
    if kind in (list, tuple):
        return kind(to_plain(item, opaque, notes, depth + 1) for item in value)
    if isinstance(value, (set, frozenset)):
        return {item for item in (to_plain(item, opaque, notes, depth + 1) for item in value) if _hashable(item)}
    if isinstance(value, dict):
        return {_plain_key(k): to_plain(v, opaque, notes, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        plain = [to_plain(item, opaque, notes, depth + 1) for item in value]
        return tuple(plain) if isinstance(value, tuple) else plain
    return opaque(value)


def _plain_array(array: np.ndarray, opaque: Callable[[Any], Any], notes: list[str] | None) -> Any:
    if array.dtype.kind in NUMBER_KINDS:
        return array.copy()
    if array.dtype.kind in "OUS":
        try:
            numbers = array.astype(np.float64)
        except (TypeError, ValueError):
            return opaque(array)
        if notes is not None:
            notes.append(OBJECT_ARRAY)
        return numbers
    return opaque(array)


def _plain_scalar(value: np.generic, opaque: Callable[[Any], Any]) -> Any:
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.float64):
        return float(value)
    if isinstance(value, np.number):
        return np.array(value)  # keeps float32, float16 and the like visible
    if isinstance(value, np.str_):
        return str(value)
    return opaque(value)


def _hashable(item: Any) -> bool:
    return item is None or isinstance(item, (bool, int, float, complex, str, tuple))


def _plain_key(key: Any) -> Any:
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or type(key) in (bool, int, float):
        return key
    if isinstance(key, np.integer):
        return int(key)
    return f"<key of type {type(key).__name__}>"


def copy_of(value: Any) -> Any:
    """A deep copy of plain data; what is not plain is passed on as it is."""
    kind = type(value)
    if kind is np.ndarray:
        return value.copy()
    if kind is tuple:
        return tuple([copy_of(item) for item in value])
    if kind is list:
        return [copy_of(item) for item in value]
    if kind is dict:
        return {key: copy_of(item) for key, item in value.items()}
    return value


def same(a: Any, b: Any) -> bool:
    """Whether two pieces of plain data are identical, to the bit; NaN is equal to itself."""
    if type(a) is not type(b):
        return False
    if type(a) is np.ndarray:
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return a == b or (a != a and b != b)
    return a is b or isinstance(a, (str, int, complex)) and a == b


def arrays_in(value: Any, depth: int = 0) -> list[np.ndarray]:
    """Every array in `value`, containers looked through as deep as `to_plain` does."""
    if isinstance(value, np.ndarray):
        return [value]
    if not isinstance(value, (list, tuple, dict)) or depth >= MAX_DEPTH:
        return []
    items = value.values() if isinstance(value, dict) else value
    return [array for item in items for array in arrays_in(item, depth + 1)]


def digest(*parts: object) -> bytes:
    """A stable 32-byte digest of the `repr` of some parts."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
