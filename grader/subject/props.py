"""Props: objects of a check's own that the student's code is given and that it calls many times.

A `train` is given a model and an optimizer that are easy to follow. In the self-check it calls them as it would any
other object of the check's. A sealed worker has a copy of its own of a prop, plays it itself, and sends the log of its
calls, which are then made again on the check's own object (`grader.sandbox.cast`): so it is spared a question and an
answer for each. What the check finds in its object is what these calls made of it, wherever they were made first.

A prop is therefore a class of this module, made from plain data, whose methods take plain data, do not change it, and
call nobody. It is handed over as it was made, before the check itself calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np


class Recipe(NamedTuple):
    """How a prop was made, in plain data."""

    name: str
    args: tuple
    kwargs: dict[str, Any]


class Prop:
    """What all props have: they know how they were made, and their methods."""

    _recipe: Recipe
    _methods: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._methods = tuple(name for name in dir(cls) if not name.startswith("_") and callable(getattr(cls, name)))

    def __new__(cls, *args: Any, **kwargs: Any) -> Prop:
        prop = super().__new__(cls)
        prop._recipe = Recipe(cls.__name__, args, kwargs)
        return prop

    def copy(self) -> Prop:
        """Another one in the same state, its notes blank: what `copy.deepcopy` gives the student's code.

        It shares the arrays, which no prop changes in place: however many copies are made, they weigh nothing.
        """
        other = type(self).__new__(type(self), *self._recipe.args, **self._recipe.kwargs)
        for key, value in vars(self).items():
            if key != "_recipe":
                own = [] if isinstance(value, list) else dict(value) if isinstance(value, dict) else value
                setattr(other, key, own)
        return other


def recipe_of(value: Any) -> Recipe | None:
    """How to make another one like `value`; None for what is no prop."""
    return value._recipe if isinstance(value, Prop) and PROPS.get(type(value).__name__) is type(value) else None


# -- models ------------------------------------------------------------------------------------------------------------


class LookUp(Prop):
    """A model that is easy to follow: the logits of row (i, j) are W1[i] + b1[j]. It notes how it is used.

    `steps` holds, for each `backward`, the mode and the rows of the forward pass before it, and what came in; `looks`
    the mode and the rows of every forward pass.
    """

    def __init__(self, W1: Any, b1: Any) -> None:
        self._values = {"W1": np.array(W1), "b1": np.array(b1)}
        self._gradients: dict[str, Any] = {}
        self._mode = "none"
        self._rows = np.zeros((0, 2), dtype=int)
        self.steps: list[tuple] = []
        self.looks: list[tuple] = []

    def train(self) -> LookUp:
        self._mode = "train"
        return self

    def eval(self) -> LookUp:
        self._mode = "eval"
        return self

    def parameters(self) -> dict[str, np.ndarray]:
        return {key: value.copy() for key, value in self._values.items()}

    def gradients(self) -> dict[str, np.ndarray]:
        return {key: value.copy() for key, value in self._gradients.items()}

    def load_parameters(self, parameters: dict[str, Any]) -> None:
        values = {key: np.array(value, dtype=float) for key, value in parameters.items()}
        if any(key in self._values and self._values[key].shape != value.shape for key, value in values.items()):
            raise ValueError("the parameters have other shapes than the model's own")
        self._values.update(values)

    def forward(self, x: Any) -> np.ndarray:
        self._rows = np.asarray(x).round().astype(int)
        self.looks.append((self._mode, _tuples(self._rows)))
        i, j = self._rows.T
        return self._values["W1"][i] + self._values["b1"][j]

    def backward(self, dlogits: Any) -> None:
        dlogits = np.asarray(dlogits, dtype=float)
        self.steps.append((self._mode, _tuples(self._rows), dlogits))
        self._gradients = {key: np.zeros_like(value) for key, value in self._values.items()}
        for key, places in zip(("W1", "b1"), self._rows.T, strict=True):
            np.add.at(self._gradients[key], places, dlogits)


def _tuples(rows: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(row) for row in rows.tolist()]


class Script(Prop):
    """A model that plays a script: after epoch k the logits are (0, script[k - 1]), and the label is 0.

    There is one script for the training rows and one for the validation rows. One step is one epoch: the optimizers
    that `Clocks` makes add 1 to the only parameter at each step.
    """

    def __init__(self, training: Any, validation: Any) -> None:
        self._scripts = (training, validation)
        self._epoch = np.zeros(1)

    def train(self) -> Script:
        return self

    def eval(self) -> Script:
        return self

    def parameters(self) -> dict[str, np.ndarray]:
        return {"W1": self._epoch.copy()}

    def gradients(self) -> dict[str, np.ndarray]:
        return {"W1": np.ones(1)}

    def load_parameters(self, parameters: dict[str, Any]) -> None:
        self._epoch = np.array(parameters["W1"], dtype=float)

    def forward(self, x: Any) -> np.ndarray:
        epoch = int(self._epoch[0])
        levels = [script[min(epoch, len(script)) - 1] if epoch else -0.01 for script in self._scripts]
        validation = np.asarray(x)[:, :1] > 0.5
        return np.hstack([np.zeros(validation.shape), np.where(validation, levels[1], levels[0])])

    def backward(self, dlogits: Any) -> None:
        pass


# -- optimizers --------------------------------------------------------------------------------------------------------


class Momentum(Prop):
    """An optimizer with a memory: SGD whose velocity keeps nine tenths of itself."""

    def __init__(self, lr: Any, moves: bool) -> None:
        self._lr, self._moves = lr, moves
        self._velocity: Any = 0.0

    def step(self, w: Any, grad: Any) -> np.ndarray:
        self._velocity = 0.9 * self._velocity + np.asarray(grad, dtype=float)
        return np.asarray(w, dtype=float) - (self._lr * self._velocity if self._moves else 0.0)


class Optimizers(Prop):
    """In place of an optimizer class: called as one, it makes a `Momentum`; `made` lists each (lr, weight_decay)."""

    def __init__(self, moves: bool = True) -> None:
        self._moves = moves
        self.made: list[tuple] = []

    def __call__(
        self,
        lr: Any = 1e-3,
        betas: Any = (0.9, 0.999),
        eps: Any = 1e-8,
        weight_decay: Any = 0.0,
        bias_correction: Any = True,
    ) -> Prop:
        self.made.append((lr, weight_decay))
        return self._optimizer(lr)

    def _optimizer(self, lr: Any) -> Prop:
        return Momentum(lr, self._moves)


class Clock(Prop):
    """The optimizer of `Script`."""

    def step(self, w: Any, grad: Any) -> np.ndarray:
        return np.asarray(w, dtype=float) + 1.0


class Clocks(Optimizers):
    """The same, but it makes a `Clock` each time."""

    def _optimizer(self, lr: Any) -> Prop:
        return Clock()


PROPS: dict[str, Callable[..., Prop]] = {
    prop.__name__: prop for prop in (LookUp, Script, Momentum, Optimizers, Clock, Clocks)
}
