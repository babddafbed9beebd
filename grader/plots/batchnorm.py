"""What batch normalization does to the outputs of a layer, in training and in evaluation."""

from __future__ import annotations

import numpy as np

from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, VERMILLION, Hue

HUES = (BLUE, VERMILLION)
MEANS, SPREADS = np.array([3.0, -1.0]), np.array([2.0, 0.5])
"""Two units of a layer, far from each other in place and width."""

GAMMA, BETA = np.array([0.5, 1.5]), np.array([1.0, -2.0])
BATCH, BATCHES = 64, 40

_random = np.random.RandomState(11)
SEEN = [MEANS + SPREADS * _random.normal(size=(BATCH, 2)) for _batch in range(BATCHES)]
Z = MEANS + SPREADS * _random.normal(size=(300, 2))
SHIFTED = MEANS + SPREADS * (1.5 + _random.normal(size=(300, 2)))
"""A batch unlike those that came before: it lies one and a half standard deviations higher."""

VALUES = np.linspace(-6.0, 10.0, 41)
"""The edges of the histograms."""


def _statistics(student: Student) -> np.ndarray:
    mean, variance = student.parts("batchnorm.batch_mean_and_variance", Z, count=2)
    return np.stack([student.array("batchnorm.batch_mean_and_variance", part, (2,)) for part in (mean, variance)])


def _normalized(student: Student) -> np.ndarray:
    mean, variance = _statistics(student)
    return student.numbers("batchnorm.normalize", Z, mean, variance, shape=Z.shape)


def _rescaled(student: Student) -> np.ndarray:
    standard = (Z - MEANS) / SPREADS
    return student.numbers("batchnorm.scale_and_shift", standard, GAMMA, BETA, shape=Z.shape)


def _layer(student: Student) -> tuple:
    layer = student.make("batchnorm.BatchNorm", 2)
    mean, variance = [], []
    for batch in SEEN:
        student.ask(layer, "forward", batch, shape=batch.shape)
        mean.append(student.read(layer, "running_mean", shape=(2,)))
        variance.append(student.read(layer, "running_var", shape=(2,)))
    return layer, np.stack([np.stack(mean), np.stack(variance)])


def _running(student: Student) -> np.ndarray:
    return _layer(student)[1]


def _in_mode(student: Student, mode: str) -> np.ndarray:
    layer, _trace = _layer(student)
    student.do(layer, mode)
    return student.ask(layer, "forward", SHIFTED, shape=SHIFTED.shape)


def _density(values: np.ndarray) -> np.ndarray:
    return np.histogram(values, bins=VALUES)[0] / (len(values) * (VALUES[1] - VALUES[0]))


def _draw_histograms(board: Board, title: str, name: str, reach: tuple[float, float], axis: str) -> None:
    board.title(title)
    board.axis_labels(axis, "")
    own, right = board.own(name), board.right(name)
    for unit, hue in enumerate(HUES):
        _histogram(board, name, right[:, unit], None if own is None else own[:, unit], hue)
    _frame(board, right, reach)


def _histogram(board: Board, name: str, right: np.ndarray, own: np.ndarray | None, hue: Hue) -> None:
    board.steps(name, VALUES, _density(right), None if own is None else _density(own), hue)


def _frame(board: Board, right: np.ndarray, reach: tuple[float, float]) -> None:
    board.rule(x=0.0)
    board.fit(reach, low=0.0, pad=0.0, high=1.25 * max(float(_density(right[:, unit]).max()) for unit in range(2)))
    board.axes.set_yticks([])
    board.axes.spines["left"].set_visible(False)
    for unit, hue in enumerate(HUES):
        density = _density(right[:, unit])
        place = float(VALUES[np.argmax(density)] + 0.2)
        board.label(_("unit {number}").format(number=unit + 1), place, float(density.max()), hue, (0, 10))


def _draw_before(board: Board) -> None:
    board.title(_("Before: z = W a + b"))
    board.axis_labels("z", "")
    for unit, hue in enumerate(HUES):
        board.steps("", VALUES, _density(Z[:, unit]), None, hue)
    _frame(board, Z, (-4, 9))


def _draw_together(board: Board, title: str, name: str, reach: tuple[float, float], axis: str, note: str = "") -> None:
    """Histograms of units that lie on one another: one label for both."""
    board.title(title)
    board.axis_labels(axis, "")
    own, right = board.own(name), board.right(name)
    for unit, hue in enumerate(HUES):
        _histogram(board, name, right[:, unit], None if own is None else own[:, unit], hue)
    board.rule(x=0.0)
    highest = max(float(_density(right[:, unit]).max()) for unit in range(2))
    board.fit(reach, low=0.0, pad=0.0, high=1.45 * highest)
    board.axes.set_yticks([])
    board.axes.spines["left"].set_visible(False)
    board.label(_("both units"), float(right.mean()), highest, None, (0, 12))
    if note:
        board.corner(note)


def _draw_running(board: Board) -> None:
    board.title(_("Running statistics, batch by batch"))
    board.axis_labels(_("batches seen"), "")
    seen = np.arange(1, BATCHES + 1)
    for unit, hue in enumerate(HUES):
        for statistic in range(2):
            board.line("running", seen, hue, (statistic, slice(None), unit))
    board.fit((0, BATCHES), pad=0.12)
    right = board.right("running")[:, -1]
    for statistic, unit, text in (
        (0, 0, _("mean of unit 1")), (1, 0, _("variance of unit 1")),
        (0, 1, _("mean of unit 2")), (1, 1, _("variance of unit 2")),
    ):  # fmt: skip
        board.label(text, BATCHES, float(right[statistic, unit]), HUES[unit], (0, 11), ha="right")


LAYER = "batchnorm.BatchNorm"

PICTURE = Picture(
    topic="batchnorm",
    title=lambda: _("What BatchNorm does to the outputs of a layer"),
    curves=(
        Curve("normalized", ("batchnorm.normalize", "batchnorm.batch_mean_and_variance"), _normalized),
        Curve("rescaled", ("batchnorm.scale_and_shift",), _rescaled),
        Curve("training", (LAYER,), lambda student: _in_mode(student, "train")),
        Curve("evaluation", (LAYER,), lambda student: _in_mode(student, "eval")),
        Curve("running", (LAYER,), _running),
    ),
    panels=(
        Panel("before", (), _draw_before),
        Panel(
            "normalized", ("normalized",),
            lambda board: _draw_together(board, _("Normalized: mean 0, variance 1"), "normalized",
                                         (-4, 9), "ẑ"),
        ),
        Panel(
            "rescaled", ("rescaled",),
            lambda board: _draw_histograms(board, _("Scaled and shifted: γ ẑ + β"), "rescaled", (-6.5, 6.5),
                                           "γ ẑ + β"),
        ),
        Panel("running", ("running",), _draw_running),
        Panel(
            "training", ("training",),
            lambda board: _draw_together(board, _("Training: a batch 1.5 σ higher"), "training", (-4, 9),
                                         _("output"), _("uses the batch's own statistics:\nthe shift is gone")),
        ),
        Panel(
            "evaluation", ("evaluation",),
            lambda board: _draw_together(board, _("Evaluation: the same batch"), "evaluation", (-4, 9),
                                         _("output"), _("uses the running statistics:\nthe shift stays")),
        ),
    ),
    mosaic=(("before", "normalized", "rescaled"), ("running", "training", "evaluation")),
)  # fmt: skip
