"""Gradient descent with and without scaling: the same step, the same number of steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, FAINT, INK, NOTE_SIZE, VERMILLION

STEPS, RATE = 25, 0.12
_random = np.random.RandomState(5)
_normal = _random.normal(size=(120, 3))
RAW = np.stack([0.3 + 0.5 * (0.25 * _normal[:, 0] + _normal[:, 1]), 0.6 + 2.6 * _normal[:, 0]], axis=1)
"""Two features, the second with five times the spread of the first."""

TARGET = RAW @ np.array([3.5, 1.0]) + 0.4 * _normal[:, 2]
CENTRED = TARGET - TARGET.mean()
"""The target of the scaled features, which have mean 0, for a model without a bias."""

START = {"raw": np.array([-2.5, -0.5]), "scaled": np.array([-2.5, 0.5])}
HUES = {"raw": VERMILLION, "scaled": BLUE}


def loss(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The mean squared error of the linear model `x @ w`, for each row of `w`."""
    return np.mean((x @ np.asarray(w).T - y[:, None]) ** 2, axis=0)


def _gradient(x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda w: 2.0 / len(y) * x.T @ (x @ np.asarray(w, dtype=np.float64).reshape(2) - y)


def _scaled(student: Student) -> np.ndarray:
    scaler = student.make("scaling.StandardScaler")
    return student.ask(scaler, "fit_transform", RAW, shape=RAW.shape)


def _path(student: Student, x: np.ndarray, y: np.ndarray, start: np.ndarray) -> np.ndarray:
    return student.numbers("scaling.gradient_descent", _gradient(x, y), start, RATE, STEPS, shape=(STEPS + 1, 2))


def _raw_path(student: Student) -> np.ndarray:
    return _path(student, RAW, TARGET, START["raw"])


def _scaled_path(student: Student) -> np.ndarray:
    return _path(student, _scaled(student), CENTRED, START["scaled"])


def _condition(student: Student, x: np.ndarray) -> np.ndarray:
    return student.numbers("scaling.mse_condition_number", x, shape=())


def _draw_surface(board: Board, kind: str, title: str, x: np.ndarray, y: np.ndarray, labels: tuple[str, str]) -> None:
    board.title(title)
    board.axis_labels(*labels)
    right, own = board.right(f"{kind}.path"), board.own(f"{kind}.path")
    lowest = _lowest(x, y)
    seen = np.stack([*right, lowest])
    margin = 0.4 + 0.15 * np.ptp(seen, axis=0)
    low, high = seen.min(axis=0) - margin, seen.max(axis=0) + margin
    _contours(board, x, y, low, high)
    board.path(f"{kind}.path", right, own, HUES[kind])
    board.axes.plot(*lowest, linestyle="none", marker="+", markersize=11, markeredgewidth=1.8, color=INK, zorder=4)
    board.label(_("start"), right[0, 0], right[0, 1], HUES[kind], (-6, 0), ha="right")
    board.label(_("minimum"), lowest[0], lowest[1], None, (0, 13), fontsize=NOTE_SIZE)
    _say_condition(board, kind)
    board.axes.set_aspect("equal", adjustable="datalim")
    board.axes.set_xlim(low[0], high[0], auto=True)  # not fixed: one of the two has to give way to equal scales
    board.axes.set_ylim(low[1], high[1], auto=True)


def _contours(board: Board, x: np.ndarray, y: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Lines of equal loss, far beyond the limits: with equal scales on both axes one of them will be widened."""
    middle, half = (high + low) / 2, 2.0 * float(np.max(high - low))
    first, second = np.meshgrid(*(np.linspace(place - half, place + half, 600) for place in middle))
    lowest, curvature = _lowest(x, y), x.T @ x / len(x)
    apart = np.stack([first - lowest[0], second - lowest[1]])
    above = np.einsum("iab,ij,jab->ab", apart, curvature, apart)
    levels = 0.15 * 2.6 ** np.arange(9)
    board.axes.contour(first, second, above, levels=levels, colors=FAINT, linewidths=0.7, alpha=0.8, zorder=1)


def _lowest(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(x, y, rcond=None)[0]


def _say_condition(board: Board, kind: str) -> None:
    right, own = float(board.right(f"{kind}.condition")), board.own(f"{kind}.condition")
    text = _("condition number {number}").format(number=f"{right:.3g}")
    if own is not None:
        text += "\n" + _("yours {number}").format(number=f"{float(own):.3g}")
    board.corner(text, "lower right")


def _draw_raw(board: Board) -> None:
    _draw_surface(board, "raw", _("Loss surface: features as they are"), RAW, TARGET, ("w₁", "w₂"))


def _draw_scaled(board: Board) -> None:
    own = board.own("scaled.features")
    x = board.right("scaled.features") if own is None or not np.isfinite(own).all() else own
    _draw_surface(board, "scaled", _("Loss surface: features standardized"), x, CENTRED, ("w₁", "w₂"))


def _draw_descent(board: Board) -> None:
    board.title(_("Loss on the way"))
    board.axis_labels(_("step"), _("mean squared error"))
    steps = np.arange(STEPS + 1)
    for kind, hue in HUES.items():
        board.line(f"{kind}.loss", steps, hue)
    board.fit((0, STEPS), log=True)
    board.label(_("as they are"), 12, float(board.right("raw.loss")[12]), VERMILLION, (8, 10), ha="left")
    board.label(_("standardized"), 9, float(board.right("scaled.loss")[9]), BLUE, (10, 12), ha="left")
    board.corner(_("learning rate {rate}, {steps} steps both").format(rate=RATE, steps=STEPS))


def _losses(measure: Callable[[Student], np.ndarray], kind: str) -> Callable[[Student], np.ndarray]:
    def along(student: Student) -> np.ndarray:
        path = measure(student)
        return loss(path, RAW, TARGET) if kind == "raw" else loss(path, _scaled(student), CENTRED)

    return along


DESCENT, SCALER = "scaling.gradient_descent", "scaling.StandardScaler"
CONDITION = "scaling.mse_condition_number"

PICTURE = Picture(
    topic="scaling",
    title=lambda: _("The same descent, with and without scaling"),
    curves=(
        Curve("raw.path", (DESCENT,), _raw_path),
        Curve("raw.loss", (DESCENT,), _losses(_raw_path, "raw")),
        Curve("raw.condition", (CONDITION,), lambda student: _condition(student, RAW)),
        Curve("scaled.features", (SCALER,), _scaled),
        Curve("scaled.path", (DESCENT, SCALER), _scaled_path),
        Curve("scaled.loss", (DESCENT, SCALER), _losses(_scaled_path, "scaled")),
        Curve("scaled.condition", (CONDITION, SCALER), lambda student: _condition(student, _scaled(student))),
    ),
    panels=(
        Panel("raw", ("raw.path", "raw.condition"), _draw_raw),
        Panel("scaled", ("scaled.features", "scaled.path", "scaled.condition"), _draw_scaled),
        Panel("descent", ("raw.loss", "scaled.loss"), _draw_descent),
    ),
    mosaic=(("raw", "descent"), ("scaled", "descent")),
)
