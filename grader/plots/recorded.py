"""The right curves, as recorded from the reference: numbers, one file a topic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).with_name("recorded")
DIGITS = 7


@cache
def read(topic: str) -> Mapping[str, np.ndarray]:
    """The right curves of a topic, by name; the arrays are read-only."""
    curves = parse((FOLDER / f"{topic}.json").read_text(encoding="utf-8"))
    for curve in curves.values():
        curve.setflags(write=False)
    return curves


def parse(text: str) -> dict[str, np.ndarray]:
    """The curves in a file."""
    return {name: np.array(values, dtype=np.float64) for name, values in json.loads(text).items()}


def text_of(curves: Mapping[str, np.ndarray]) -> str:
    """The file of a topic: one line a curve, seven digits a number."""
    texts = {name: json.dumps(_rounded(values), separators=(",", ":")) for name, values in curves.items()}
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "\n}\n"


def _rounded(values: np.ndarray) -> list | float | int:
    if np.ndim(values):
        return [_rounded(value) for value in values]
    number = float(f"{float(values):.{DIGITS}g}")
    return int(number) if number == int(number) and abs(number) < 1e6 else number
