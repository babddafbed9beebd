"""What PyTorch says, asked live or read from the recorded sheet.

A check asks for its answers in order: `pytorch(f)`, `pytorch.autograd(f, x)`, `pytorch.numerical(f, x)`. What comes
back depends on the check and the seed alone, never on the student, so it can be recorded once and read ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.language import _

STEP = 1e-3
"""Step of the fourth-order central difference, relative to max(1, |x|): truncation about STEP^4/30 = 3e-14 times
the fifth derivative, rounding about eps/STEP = 2e-13, balanced for functions of order 1."""


class AnswerMissing(Exception):
    """The sheet does not hold what a check asks for."""


class Answers:
    """The answers of one check. Subclasses say where an answer comes from."""

    def __call__(self, function: Callable[[Any], Any]) -> Any:
        """What `function(torch)` gives, as NumPy arrays and Python numbers.

        Parameters
        ----------
        function : callable
            Receives the `torch` module; returns a tensor, a number, or a list, tuple or dict of these.
        """
        return self._answer(lambda: _to_numpy(function(_torch())))

    def autograd(self, function: Callable[..., Any], *inputs: Any) -> Any:
        """The gradient of `function(torch, *tensors)`, a scalar, with respect to each input, from autograd.

        Returns
        -------
        ndarray or tuple of ndarray
            One array for each input.
        """
        return self._answer(lambda: _autograd(function, inputs))

    def numerical(self, function: Callable[..., Any], *inputs: Any) -> Any:
        """The same gradient from central finite differences of PyTorch's forward pass in float64."""
        return self._answer(lambda: _numerical(function, inputs))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        raise NotImplementedError


class LiveAnswers(Answers):
    """Asks PyTorch, and keeps what it said in `given`."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def _answer(self, ask: Callable[[], Any]) -> Any:
        answer = ask()
        self.given.append(answer)
        return answer


class RecordedAnswers(Answers):
    """Reads the answers of one check from the sheet."""

    def __init__(self, check_id: str, recorded: Sequence[Any]) -> None:
        self._check_id = check_id
        self._recorded = recorded
        self._next = 0

    def _answer(self, ask: Callable[[], Any]) -> Any:
        if self._next >= len(self._recorded):
            raise AnswerMissing(
                _("the answer sheet holds nothing for {check}: run `grader record`, which needs PyTorch").format(
                    check=self._check_id
                )
            )
        answer = self._recorded[self._next]
        self._next += 1
        return answer


def _torch() -> Any:
    import torch

    return torch


def _to_numpy(value: Any) -> Any:
    if hasattr(value, "detach"):
        array = value.detach().cpu().numpy()
        return array.item() if array.ndim == 0 else np.array(array)
    if isinstance(value, dict):
        return {key: _to_numpy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_to_numpy(item) for item in value)
    if isinstance(value, np.generic):
        return value.item()
    return value


def _tensors(inputs: Sequence[Any], requires_grad: bool = False) -> list[Any]:
    torch = _torch()
    return [torch.tensor(np.asarray(x, dtype=np.float64), requires_grad=requires_grad) for x in inputs]


def _autograd(function: Callable[..., Any], inputs: Sequence[Any]) -> Any:
    torch = _torch()
    tensors = _tensors(inputs, requires_grad=True)
    gradients = torch.autograd.grad(function(torch, *tensors), tensors, allow_unused=True)
    arrays = tuple(
        np.zeros(tuple(t.shape)) if g is None else g.detach().numpy().copy()
        for g, t in zip(gradients, tensors, strict=True)
    )
    return arrays if len(arrays) > 1 else arrays[0]


def _numerical(function: Callable[..., Any], inputs: Sequence[Any]) -> Any:
    torch = _torch()
    arrays = [np.array(x, dtype=np.float64) for x in inputs]

    def value() -> float:
        with torch.no_grad():
            return float(function(torch, *_tensors(arrays)))

    gradients = tuple(_central_differences(value, array) for array in arrays)
    return gradients if len(gradients) > 1 else gradients[0]


def _central_differences(value: Callable[[], float], x: np.ndarray) -> np.ndarray:
    """Fourth-order central differences of `value()` in the entries of `x`, which it reads."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        h = STEP * max(1.0, abs(float(kept)))
        samples = []
        for offset in (-2, -1, 1, 2):
            x[index] = kept + offset * h
            samples.append(value())
        x[index] = kept
        gradient[index] = (samples[0] - 8 * samples[1] + 8 * samples[2] - samples[3]) / (12 * h)
    return gradient
