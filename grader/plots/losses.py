"""The losses: what an error costs, what an outlier does, what a probability costs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, GREEN, INK, NOTE_SIZE, PURPLE, VERMILLION

ERRORS = np.sort(np.concatenate([np.linspace(-3.0, 3.0, 61), [-1e-6, 1e-6]]))
"""ŷ - y for one sample."""

X = np.arange(1.0, 9.0)
Y = np.array([0.7, 1.1, 1.8, 2.1, 2.4, 3.2, 3.4, -2.5])
"""Points near the line y = x / 2, and an outlier at the end."""

SLOPES = np.linspace(-0.2, 0.8, 101)
PROBABILITIES = np.concatenate([[0.002, 0.005, 0.01], np.linspace(0.02, 0.98, 49), [0.99, 0.995, 0.998]])
LOGITS = np.linspace(-8.0, 8.0, 65)

DELTA = 1.5
"""Not 1: there the slope of Huber's straight part would be that of the absolute error."""

REGRESSION = {"mse": BLUE, "mae": VERMILLION, "huber": GREEN}
TITLES = {"mse": "MSE", "mae": "MAE", "huber": "Huber"}


def _extra(name: str) -> tuple[float, ...]:
    return (DELTA,) if name == "huber" else ()


# Each point of a curve is the loss of two samples that are alike: for one sample a sum would be the same as a mean.
TWO = 2


def _of_one(name: str) -> Callable[[Student], np.ndarray]:
    """What a sample with target 0 costs, for each error."""
    exercise, extra = f"losses.{name}", _extra(name)
    return lambda student: np.array(
        [float(student.numbers(exercise, np.zeros(TWO), np.full(TWO, e), *extra, shape=())) for e in ERRORS]
    )


def _slope_of_one(name: str) -> Callable[[Student], np.ndarray]:
    exercise, extra = f"losses.{name}_gradient", _extra(name)
    return lambda student: np.array(
        [TWO * student.numbers(exercise, np.zeros(TWO), np.full(TWO, e), *extra, shape=(TWO,))[0] for e in ERRORS]
    )


def _best_line(name: str) -> Callable[[Student], np.ndarray]:
    """The line through 0 with the smallest loss on the points, the outlier among them."""
    exercise, extra = f"losses.{name}", _extra(name)

    def line(student: Student) -> np.ndarray:
        costs = [float(student.numbers(exercise, Y, slope * X, *extra, shape=())) for slope in SLOPES]
        if not np.isfinite(costs).any():
            return np.full(X.size, np.nan)
        return SLOPES[int(np.nanargmin(costs))] * X

    return line


def _bce(target: float) -> Callable[[Student], np.ndarray]:
    return lambda student: np.array(
        [float(student.numbers("losses.bce", np.full(TWO, target), np.full(TWO, p), shape=())) for p in PROBABILITIES]
    )


def _categorical(student: Student) -> np.ndarray:
    """Three classes, the first one right, the rest of the probability shared by the other two."""
    costs = []
    for p in PROBABILITIES:
        rows = np.array([[p, (1 - p) / 2, (1 - p) / 2]] * TWO)
        first = np.array([[1.0, 0.0, 0.0]] * TWO)
        costs.append(float(student.numbers("losses.categorical_cross_entropy", first, rows, shape=())))
    return np.array(costs)


def _bce_with_logits(student: Student) -> np.ndarray:
    name = "losses.bce_with_logits"
    return np.array([float(student.numbers(name, np.ones(TWO), np.full(TWO, z), shape=())) for z in LOGITS])


def _cross_entropy_with_logits(student: Student) -> np.ndarray:
    """Three classes with the logits (z, 0, 0), the first one right."""
    name, labels = "losses.cross_entropy_with_logits", np.zeros(TWO, dtype=np.int64)
    return np.array([float(student.numbers(name, labels, np.array([[z, 0.0, 0.0]] * TWO), shape=())) for z in LOGITS])


def _bce_slope(student: Student) -> np.ndarray:
    name = "losses.bce_with_logits_gradient"
    return np.array([TWO * student.numbers(name, np.ones(TWO), np.full(TWO, z), shape=(TWO,))[0] for z in LOGITS])


def _cross_entropy_slope(student: Student) -> np.ndarray:
    name, labels = "losses.cross_entropy_with_logits_gradient", np.zeros(TWO, dtype=np.int64)
    rows = [np.array([[z, 0.0, 0.0]] * TWO) for z in LOGITS]
    return np.array([TWO * student.numbers(name, labels, each, shape=(TWO, 3))[0, 0] for each in rows])


def _draw_errors(board: Board) -> None:
    board.title(_("What one error costs (δ = {delta})").format(delta=DELTA))
    board.axis_labels(_("error ŷ − y"), _("loss"))
    for name, hue in REGRESSION.items():
        board.line(name, ERRORS, hue)
    board.fit((-3, 3), high=4.0, visible=np.abs(ERRORS) <= 2.0)
    board.label(TITLES["mse"], 1.9, 3.61, BLUE, (-8, 4), ha="right")
    board.label(TITLES["mae"], 2.9, 2.9, VERMILLION, (4, -30), ha="right")
    board.label(TITLES["huber"], 2.9, 3.2, GREEN, (4, 10), ha="right")


def _draw_slopes(board: Board) -> None:
    board.title(_("How hard it pulls: the gradient"))
    board.axis_labels(_("error ŷ − y"), _("gradient"))
    board.rule(y=0.0)
    for name, hue in REGRESSION.items():
        board.line(f"{name}_gradient", ERRORS, hue)
    board.fit((-3, 3), visible=np.abs(ERRORS) <= 1.7)
    board.label("MSE", 1.4, 2.8, BLUE, (-8, 4), ha="right")
    board.label("MAE", -2.0, -1.0, VERMILLION, (0, 12))
    board.label("Huber", 2.4, 1.5, GREEN, (0, 12))


def _draw_outlier(board: Board) -> None:
    board.title(_("Best line with an outlier"))
    board.axis_labels("x", "y")
    board.axes.plot(X[:-1], Y[:-1], "o", color=INK, markersize=5, zorder=4)
    board.axes.plot(X[-1:], Y[-1:], "o", color=INK, markersize=7, markerfacecolor="white", zorder=4)
    for name, hue in REGRESSION.items():
        board.line(f"{name}.line", X, hue)
    board.fit((0.5, 8.5), low=-2.5, high=4.4)
    board.label(_("outlier"), X[-1], Y[-1], None, (-10, 0), ha="right", fontsize=NOTE_SIZE)
    for name, at in (("mae", (-6, 12)), ("huber", (4, -12)), ("mse", (0, -13))):
        board.label(TITLES[name], 7.0, float(board.right(f"{name}.line")[6]), REGRESSION[name], at, ha="center")


def _draw_probability(board: Board) -> None:
    board.title(_("Cross-entropy against probability"))
    board.axis_labels(_("probability given"), _("loss"))
    board.line("bce.1", PROBABILITIES, BLUE)
    board.line("bce.0", PROBABILITIES, VERMILLION)
    board.line("categorical", PROBABILITIES, PURPLE)
    board.fit((0, 1), low=0.0)
    board.label(_("y = 1: −log p"), 0.06, 2.8, BLUE, (10, 4), ha="left")
    board.label(_("y = 0: −log(1 − p)"), 0.94, 2.8, VERMILLION, (-10, 4), ha="right")
    board.label(_("categorical,\np of the right class"), 0.3, 1.2, PURPLE, (0, 18), ha="left", fontsize=NOTE_SIZE)


def _draw_logits(board: Board) -> None:
    board.title(_("Cross-entropy against the logit"))
    board.axis_labels(_("logit z of the right class"), _("loss"))
    board.line("bce_with_logits", LOGITS, BLUE)
    board.line("cross_entropy_with_logits", LOGITS, VERMILLION)
    board.fit((-8, 8), low=0.0)
    board.axes.set_xticks([-8, -4, 0, 4, 8])
    board.label(_("binary, y = 1"), -2.2, 2.3, BLUE, (-10, -10), ha="right")
    board.label(_("3 classes: (z, 0, 0)"), -4.0, 4.7, VERMILLION, (8, 8), ha="left")


def _draw_logit_slopes(board: Board) -> None:
    board.title(_("Its gradient: p − y"))
    board.axis_labels(_("logit z of the right class"), _("gradient"))
    board.rule(y=0.0)
    board.line("bce_with_logits_gradient", LOGITS, BLUE)
    board.line("cross_entropy_with_logits_gradient", LOGITS, VERMILLION)
    board.fit((-8, 8), low=-1.0, high=0.05)
    board.axes.set_xticks([-8, -4, 0, 4, 8])
    board.label(_("binary"), -0.8, -0.69, BLUE, (-8, 6), ha="right")
    board.label(_("3 classes"), 1.6, -0.29, VERMILLION, (8, -8), ha="left")


def _simple(name: str, how: Callable[[Student], np.ndarray], exercise: str = "") -> Curve:
    return Curve(name, (f"losses.{exercise or name}",), how)


PICTURE = Picture(
    topic="losses",
    title=lambda: _("What the losses punish"),
    curves=(
        *(_simple(name, _of_one(name)) for name in REGRESSION),
        *(_simple(f"{name}_gradient", _slope_of_one(name)) for name in REGRESSION),
        *(_simple(f"{name}.line", _best_line(name), name) for name in REGRESSION),
        _simple("bce.1", _bce(1.0), "bce"),
        _simple("bce.0", _bce(0.0), "bce"),
        _simple("categorical", _categorical, "categorical_cross_entropy"),
        _simple("bce_with_logits", _bce_with_logits),
        _simple("cross_entropy_with_logits", _cross_entropy_with_logits),
        _simple("bce_with_logits_gradient", _bce_slope),
        _simple("cross_entropy_with_logits_gradient", _cross_entropy_slope),
    ),
    panels=(
        Panel("errors", tuple(REGRESSION), _draw_errors),
        Panel("slopes", tuple(f"{name}_gradient" for name in REGRESSION), _draw_slopes),
        Panel("outlier", tuple(f"{name}.line" for name in REGRESSION), _draw_outlier),
        Panel("probability", ("bce.1", "bce.0", "categorical"), _draw_probability),
        Panel("logits", ("bce_with_logits", "cross_entropy_with_logits"), _draw_logits),
        Panel(
            "logit_slopes",
            ("bce_with_logits_gradient", "cross_entropy_with_logits_gradient"),
            _draw_logit_slopes,
        ),
    ),
    mosaic=(("errors", "slopes", "outlier"), ("probability", "logits", "logit_slopes")),
)
