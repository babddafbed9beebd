"""Every figure from the reference, from two misconceptions, from half-empty stubs and from stubs.

The tests of the figures draw from the same cases; `python -m grader.tests.plots_gallery OUT` writes them as PNG, for a
person to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course import ROOT, the_course
from grader.misconceptions.catalogue import misconceptions
from grader.plots.plot import Plot, plot
from grader.plots.table import PICTURES

MISTAKES: dict[str, tuple[str, str]] = {
    "activations": ("sigmoid_derivative_of_output", "gelu_is_silu"),
    "backprop": ("mlp_backward_slope_at_a", "gradient_norms_reversed"),
    "scaling": ("StandardScaler_variance", "gradient_descent_momentum"),
    "batchnorm": ("BatchNorm_batch_statistics_in_eval", "normalize_without_root"),
    "losses": ("huber_line_slope_one", "cross_entropy_with_logits_softmax_twice"),
    "regularization": ("AdamW_is_l2", "EarlyStopping_never_resets"),
    "dropout": ("Dropout_scales_in_eval", "monte_carlo_same_mask"),
    "network": ("train_validates_in_training_mode", "MLP_small_weights"),
}
"""For each topic two known wrong answers that a reader can see."""


@dataclass(frozen=True)
class Case:
    """A student to draw."""

    topic: str
    name: str
    folder: Path
    own: Mapping[str, Any] = field(default_factory=dict)

    def plot(self) -> Plot:
        return plot(self.topic, self.folder, self.own)


def mistake(topic: str, id: str) -> dict[str, Any]:
    """A known wrong answer, by the name of its exercise."""
    wrong = next(wrong for wrong in misconceptions() if wrong.topic == topic and wrong.id == id)
    return {wrong.exercise: wrong.value}


def to_do(exercise: str) -> Any:
    """A stub of an exercise."""

    def stub(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(exercise)

    return stub


def half_empty(topic: str) -> dict[str, Any]:
    """Stubs for every second exercise of a topic."""
    return {exercise.name: to_do(exercise.id) for exercise in the_course().topic(topic).exercises[1::2]}


def cases(topics: tuple[str, ...] = ()) -> Iterator[Case]:
    """Every case of every figure."""
    solutions = ROOT / "solutions"
    for picture in PICTURES:
        topic = picture.topic
        if topics and topic not in topics:
            continue
        yield Case(topic, "reference", solutions)
        for number, id in enumerate(MISTAKES[topic], start=1):
            yield Case(topic, f"wrong{number}", solutions, mistake(topic, id))
        yield Case(topic, "half", solutions, half_empty(topic))
        yield Case(topic, "stubs", ROOT / "exercises")


def main(arguments: list[str]) -> int:
    """Write the gallery."""
    from grader.plots.canvas import file_bytes

    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    for case in cases(tuple(arguments[1:])):
        made = case.plot()
        (out / f"{case.topic}-{case.name}.png").write_bytes(file_bytes(made.figure, "png", 100))
        print(f"{case.topic} {case.name}", *made.notes, sep="\n    ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
