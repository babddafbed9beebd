"""Plain data as JSON and back, exactly: arrays keep shape, dtype and every bit of their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def encode(value: Any) -> Any:
    """Plain data as something that `json` can write."""
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "dtype": value.dtype.str, "data": value.ravel().tolist()}
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
        return np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])
    if "tuple" in value:
        return tuple(decode(item) for item in value["tuple"])
    if "set" in value:
        return {decode(item) for item in value["set"]}
    if "complex" in value:
        return complex(*value["complex"])
    return {decode(key): decode(item) for key, item in value["dict"]}
