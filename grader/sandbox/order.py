"""What the grading side says to a worker, as bytes and back: requests, and the answers to callbacks.

Only the grading side writes these, so `marshal` may read them, which takes a third of the time of the guarded format in
which a worker answers (`grader.sandbox.wire`). Arrays and references are tuples that begin with an ellipsis, which is
no plain data.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from grader.sandbox.wire import BOUNDS, CODES, NUMBERS, Bounds, WireError, in_wire_order
from grader.subject.props import Recipe
from grader.subject.reply import ExerciseReference, GeneratorReference, Handle, RemoteReference

VERSION = 2
"""Of the format: the last in which equal values are equal bytes, whoever else refers to their parts."""

_AS_THEY_ARE = frozenset((type(None), bool, int, float, complex, str))


class Numbers(Protocol):
    """The numbers by which the worker knows objects."""

    def handle_out(self, handle: Handle) -> int:
        """The number of an object of the worker's own."""

    def remote_out(self, reference: RemoteReference) -> int:
        """The number of a check's own object."""


def pack(value: Any, numbers: Numbers, bounds: Bounds = BOUNDS) -> bytes:
    """Write plain data and references.

    Raises
    ------
    WireError
        It is not plain, or larger than a message may be.
    """
    try:
        data = marshal.dumps(_outward(value, numbers), VERSION)
    except (ValueError, RecursionError) as error:
        raise WireError("containers in containers without end") from error
    if len(data) > bounds.message:
        raise WireError(f"an answer of more than {bounds.message >> 10} KiB")
    return data


def unpack(data: bytes) -> Any:
    """Read what `pack` wrote. Arrays share the memory of the message, and are read-only."""
    return _inward(marshal.loads(data))


def _outward(value: Any, numbers: Numbers) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is np.ndarray:
        code = CODES.get(value.dtype)
        if code is None:
            value = in_wire_order(value)
            code = CODES[value.dtype]
        return (..., "array", code, value.shape, value.tobytes())
    if kind is tuple or kind is list:
        items = [item if type(item) in _AS_THEY_ARE else _outward(item, numbers) for item in value]
        return items if kind is list else tuple(items)
    if kind is dict:
        return {_outward(key, numbers): _outward(item, numbers) for key, item in value.items()}
    if kind is set:
        return {_outward(item, numbers) for item in value}
    write = _REFERENCES.get(kind)
    if write is None:
        raise WireError(f"a value of type {kind.__name__[:100]}")
    return (..., *write(value, numbers))


def _remote(value: RemoteReference, numbers: Numbers) -> tuple:
    recipe = None if value.recipe is None else _outward(tuple(value.recipe), numbers)
    return "remote", numbers.remote_out(value), value.methods, recipe


_REFERENCES: dict[type, Callable[[Any, Numbers], tuple]] = {
    Handle: lambda value, numbers: ("handle", numbers.handle_out(value), value.type_name, value.callable),
    ExerciseReference: lambda value, numbers: ("exercise", value.topic, value.name),
    GeneratorReference: lambda value, numbers: ("generator", value.number, value.seed),
    RemoteReference: _remote,
}


def _inward(value: Any) -> Any:
    kind = type(value)
    if kind is tuple:
        if value and value[0] is ...:
            return _MADE[value[1]](*value[2:])
        return tuple([item if type(item) in _AS_THEY_ARE else _inward(item) for item in value])
    if kind is list:
        return [item if type(item) in _AS_THEY_ARE else _inward(item) for item in value]
    if kind is dict:
        return {key: _inward(item) for key, item in value.items()}
    return value


def _array(code: int, shape: tuple[int, ...], data: bytes) -> np.ndarray:
    return np.ndarray(shape, NUMBERS[code], data)


def _prop_or_not(number: int, methods: tuple[str, ...], recipe: Any) -> RemoteReference:
    return RemoteReference(number, methods, None if recipe is None else Recipe(*_inward(recipe)))


_MADE: dict[str, Callable[..., Any]] = {
    "array": _array,
    "handle": Handle,
    "exercise": ExerciseReference,
    "generator": GeneratorReference,
    "remote": _prop_or_not,
}
