"""The activations and their derivatives, with the zones in which they saturate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, FAINT, NOTE_SIZE, VERMILLION

EDGE = 1e-6
Z = np.sort(np.concatenate([np.linspace(-6.0, 6.0, 121), [-EDGE, EDGE]]))
"""From -6 to 6, with a point close to 0 on either side: there the derivative of ReLU jumps."""

ALPHA, PRELU_ALPHA = 0.1, 0.25
SATURATED = 0.05
"""A zone at the edge is saturated where the slope is less than this share of the steepest one."""

FIRST = 1.0 / (1.0 + 2.0 * np.exp(-Z))
PROBABILITIES = np.stack([FIRST, (1.0 - FIRST) / 2.0, (1.0 - FIRST) / 2.0], axis=1)
"""What three classes get for the scores (z, 0, 0)."""

PICKED = np.tile([1.0, 0.0, 0.0], (Z.size, 1))
SCORES = PICKED * Z[:, None]


@dataclass(frozen=True)
class Row:
    """An activation: the names of its two exercises, how they are called, where the panel and its labels are."""

    name: str
    derivative: str
    title: Callable[[], str]
    reach: float
    value_at: tuple[float, float, float]
    derivative_at: tuple[float, float, float]
    value: Callable[[Student, str], np.ndarray]
    slope: Callable[[Student, str], np.ndarray]


def _plain(student: Student, exercise: str) -> np.ndarray:
    return student.numbers(exercise, Z, shape=Z.shape)


def _leaky(student: Student, exercise: str) -> np.ndarray:
    return student.numbers(exercise, Z, shape=Z.shape, alpha=ALPHA)


def _prelu(student: Student, exercise: str) -> np.ndarray:
    return student.numbers(exercise, Z, PRELU_ALPHA, shape=Z.shape)


def _prelu_slope(student: Student, exercise: str) -> np.ndarray:
    dz, _dalpha = student.parts(exercise, np.ones_like(Z), Z, PRELU_ALPHA, count=2)
    return student.array(exercise, dz, Z.shape)


def _softmax(student: Student, exercise: str) -> np.ndarray:
    return student.numbers(exercise, SCORES, shape=SCORES.shape)[:, 0]


def _softmax_slope(student: Student, exercise: str) -> np.ndarray:
    return student.numbers(exercise, PICKED, PROBABILITIES, shape=SCORES.shape)[:, 0]


ROWS = (
    Row("sigmoid", "sigmoid_derivative", lambda: _("Sigmoid"), 6.0, (1.0, -12, 10), (1.3, 6, 10), _plain, _plain),
    Row("tanh", "tanh_derivative", lambda: _("Tanh"), 6.0, (-0.6, 12, -10), (1.5, 10, 14), _plain, _plain),
    Row("relu", "relu_derivative", lambda: _("ReLU"), 3.0, (1.7, -8, 6), (3.0, -2, -20), _plain, _plain),
    Row("softmax", "softmax_backward", lambda: _("Softmax of (z, 0, 0)"), 6.0, (1.6, -12, 10), (1.4, 8, 10),
        _softmax, _softmax_slope),
    Row("leaky_relu", "leaky_relu_derivative", lambda: _("Leaky ReLU, α = {alpha}").format(alpha=ALPHA), 3.0,
        (1.7, -8, 6), (3.0, -2, -20), _leaky, _leaky),
    Row("prelu", "prelu_backward", lambda: _("PReLU, α = {alpha}").format(alpha=PRELU_ALPHA), 3.0,
        (1.7, -8, 6), (3.0, -2, -20), _prelu, _prelu_slope),
    Row("gelu", "gelu_derivative", lambda: _("GELU"), 3.0, (1.9, -8, 4), (3.0, -2, -20), _plain, _plain),
    Row("gelu_tanh", "gelu_tanh_derivative", lambda: _("GELU, tanh form"), 3.0,
        (1.9, -8, 4), (3.0, -2, -20), _plain, _plain),
)  # fmt: skip


def _curve(name: str, how: Callable[[Student, str], np.ndarray]) -> Curve:
    exercise = f"activations.{name}"
    return Curve(name, (exercise,), lambda student: how(student, exercise))


def _draw(board: Board, row: Row) -> None:
    board.title(row.title())
    board.axis_labels("z", "")
    board.rule(y=0.0)
    board.line(row.name, Z, BLUE)
    board.line(row.derivative, Z, VERMILLION)
    visible = np.abs(Z) <= row.reach
    board.fit((-row.reach, row.reach), visible=visible)
    board.axes.set_xticks(np.linspace(-row.reach, row.reach, 7 if row.reach == 3.0 else 5))
    for first, last in saturated(board.right(row.derivative)):
        if first < row.reach and last > -row.reach:
            _zone(board, row, max(first, -row.reach), min(last, row.reach))
    for name, (x, *at), hue, text in (
        (row.name, row.value_at, BLUE, _("value")),
        (row.derivative, row.derivative_at, VERMILLION, _("derivative")),
    ):
        side = "left" if at[0] > 0 else "right"
        board.label(text, x, float(np.interp(x, Z, board.right(name))), hue, (at[0], at[1]), ha=side)


def saturated(slope: np.ndarray) -> list[tuple[float, float]]:
    """The zones at the two edges in which a derivative stays close to 0."""
    flat = np.abs(slope) < SATURATED * np.abs(slope).max()
    steep = np.flatnonzero(~flat)
    zones = []
    if flat[0]:
        zones.append((float(Z[0]), float(Z[steep[0] - 1])))
    if flat[-1]:
        zones.append((float(Z[steep[-1] + 1]), float(Z[-1])))
    return zones


def _zone(board: Board, row: Row, first: float, last: float) -> None:
    board.axes.axvspan(first, last, facecolor="#E9E9E9", edgecolor="none", zorder=0)
    bottom, top = board.axes.get_ylim()
    inside = np.flatnonzero((first <= Z) & (last >= Z))
    taken = np.concatenate([board.right(name)[inside] for name in (row.name, row.derivative)])
    shares = np.append((taken - bottom) / (top - bottom), _label_height(board, row))
    height = max((0.5, 0.3, 0.7, 0.25, 0.75), key=lambda place: float(np.abs(shares - place).min()) >= 0.18)
    board.axes.text((first + last) / 2, height, _("saturated"), transform=board.axes.get_xaxis_transform(), rotation=90,
                    ha="center", va="center", fontsize=NOTE_SIZE, color=FAINT, zorder=1)  # fmt: skip


def _label_height(board: Board, row: Row) -> float:
    """Where in the panel, from 0 to 1, the label of the derivative stands."""
    bottom, top = board.axes.get_ylim()
    x, _dx, dy = row.derivative_at
    return (float(np.interp(x, Z, board.right(row.derivative))) - bottom) / (top - bottom) + dy / 180.0


def _panel(row: Row) -> Panel:
    return Panel(row.name, (row.name, row.derivative), lambda board: _draw(board, row))


PICTURE = Picture(
    topic="activations",
    title=lambda: _("Activation functions and their derivatives"),
    curves=tuple(curve for row in ROWS for curve in (_curve(row.name, row.value), _curve(row.derivative, row.slope))),
    panels=tuple(_panel(row) for row in ROWS),
    mosaic=(tuple(row.name for row in ROWS[:4]), tuple(row.name for row in ROWS[4:])),
)
