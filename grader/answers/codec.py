"""Plain data as JSON and back, exactly: arrays keep shape, dtype and every bit of their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def encode(value: Any) -> Any:
    """Plain data as something that `json` can write."""
    if isinstance(value, np.ndarray):
        flat = value.ravel()
        numbers = flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat
        return {"shape": list(value.shape), "dtype": value.dtype.str, "data": numbers.tolist()}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((encode(item) for item in value), key=repr)}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    return value


def decode(value: Any) -> Any:
    """The inverse of `encode`."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "shape" in value:
        dtype = np.dtype(value["dtype"])
        part = np.dtype(f"{dtype.byteorder}f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype
        return np.array(value["data"], dtype=part).view(dtype).reshape(value["shape"])
    if "tuple" in value:
        return tuple(decode(item) for item in value["tuple"])
    if "set" in value:
        return {decode(item) for item in value["set"]}
    if "complex" in value:
        return complex(*value["complex"])
    return {decode(key): decode(item) for key, item in value["dict"]}
