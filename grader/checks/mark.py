"""The mark that makes a test function a graded check."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

Function = TypeVar("Function", bound=Callable)


def check(exercise: str, kind: str, *, points: int = 1, random: bool = False) -> Callable[[Function], Function]:
    """Mark a test function as a check of an exercise.

    Parameters
    ----------
    exercise : str
        The exercise of the file's topic (`test_losses.py` holds the checks of `losses`).
    kind : str
        `gradient` (finite differences), `parity` (PyTorch) or `concept` (edge cases, modes, stability, contracts).
    points : int, optional
        What passing is worth; the points of an exercise are those of its checks.
    random : bool, optional
        The results depend on random draws: diagnosis compares what the check notes with `observe`, never the results.
    """
    return pytest.mark.check(exercise=exercise, kind=kind, points=points, random=random)
