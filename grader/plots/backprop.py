"""The vanishing gradient: what twenty derivatives leave of an error signal."""

from __future__ import annotations

from functools import partial

import numpy as np

from grader.language import N_, _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, FAINT, GREEN, INK, NOTE_SIZE, VERMILLION, Hue

DEPTH = 20
BACK = np.arange(DEPTH + 1)
LAYERS = np.arange(1, DEPTH + 1)

TURN = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
"""Weights that keep the length of δ, so that the derivative alone makes it shrink."""

SLOPES = {"sigmoid": 0.25, "tanh": 0.42, "relu": 1.0}
"""σ' at best for the sigmoid, tanh' at z = ±1, ReLU' of an active unit."""

HUES = {"sigmoid": BLUE, "tanh": GREEN, "relu": VERMILLION}
NAMES = {"sigmoid": N_("sigmoid"), "tanh": N_("tanh"), "relu": N_("relu")}
BLACK = Hue(INK, (0, (1, 2)))

ROWS, WIDTH = 64, 32
_random = np.random.RandomState(3)
X = _random.normal(size=(ROWS, WIDTH))
DOUT = _random.normal(size=(ROWS, WIDTH))
DOUT /= np.linalg.norm(DOUT)
UNIT_WEIGHTS = [_random.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH) for _layer in LAYERS]
BIASES = [_random.normal(size=WIDTH) for _layer in LAYERS]
GAINS = {"sigmoid": 1.0, "tanh": 1.0, "relu": np.sqrt(2.0)}
"""Xavier's variance 1/n for sigmoid and tanh, He's 2/n for ReLU."""


def _delta_norms(student: Student, slope: float) -> np.ndarray:
    """The length of δ after 0, 1, ..., 20 steps back through layers with the same derivative."""
    delta = np.array([[1.0, 0.0]])
    norms = [1.0]
    for _step in range(DEPTH):
        delta = student.numbers("backprop.hidden_delta", delta, TURN, np.full((1, 2), slope), shape=(1, 2))
        norms.append(float(np.linalg.norm(delta)))
    return np.array(norms)


def _bound(student: Student) -> np.ndarray:
    bounds = [student.numbers("backprop.vanishing_bound", depth, shape=()) for depth in range(1, DEPTH + 1)]
    return np.array(bounds)


def _gradient_norms(student: Student, activation: str) -> np.ndarray:
    weights = [GAINS[activation] * weight for weight in UNIT_WEIGHTS]
    zs, activations = student.parts("backprop.mlp_forward", X, weights, BIASES, activation, count=2)
    dWs, _dbs = student.parts("backprop.mlp_backward", DOUT, zs, activations, weights, activation, count=2)
    return student.numbers("backprop.gradient_norms", dWs, shape=(DEPTH,))


def _draw_bound(board: Board) -> None:
    board.title(_("What each layer leaves of δ"))
    board.axis_labels(_("layers on the way back"), _("length of δ"))
    for name in SLOPES:
        board.line(f"delta.{name}", BACK, HUES[name])
    tanh, sigmoid, bound = (board.right(name) for name in ("delta.tanh", "delta.sigmoid", "bound"))
    board.line("bound", BACK[1:], BLACK)
    board.axes.set_xticks(range(0, DEPTH + 1, 5))
    board.fit((-0.5, DEPTH + 0.5), log=True, low=1e-13, high=10.0, pad=0.02)
    board.label(_("ReLU, σ' = 1"), 12.0, 1.0, VERMILLION, (0, 12))
    board.label(_("tanh at z = ±1, σ' = 0.42"), 9.8, float(tanh[10]), GREEN, (8, 8), ha="left")
    board.label(_("sigmoid at best, σ' = 0.25"), 12.0, float(sigmoid[12]), BLUE, (-10, -8), ha="right")
    board.label(_("the bound, 0.25²⁰ ≈ 9.1 · 10⁻¹³"), 19.0, float(bound[-1]), None, (-8, -4), ha="right")


def _draw_norms(board: Board) -> None:
    board.title(_("The gradient in a network of {depth} layers").format(depth=DEPTH))
    board.axis_labels(_("layer (1 is next to the input)"), _("norm of ∂L/∂W"))
    for name in GAINS:
        board.line(f"norms.{name}", LAYERS, HUES[name])
    board.axes.set_xticks([1, 5, 10, 15, 20])
    board.fit((0.5, DEPTH + 0.5), log=True, low=1e-13, high=30.0, pad=0.04)
    for name, at, ha in (("sigmoid", (12, -4), "left"), ("tanh", (4, -13), "left"), ("relu", (0, 12), "left")):
        board.label(_(NAMES[name]), 2.0, float(board.right(f"norms.{name}")[1]), HUES[name], at, ha=ha)
    board.axes.annotate(_("weights: Xavier for sigmoid and tanh, He for ReLU"), (1, 0), (0, 4),
                        xycoords="axes fraction", textcoords="offset points", ha="right", va="bottom",
                        fontsize=NOTE_SIZE, color=FAINT)  # fmt: skip


DELTA = ("backprop.hidden_delta",)
NETWORK = ("backprop.gradient_norms", "backprop.mlp_forward", "backprop.mlp_backward")

PICTURE = Picture(
    topic="backprop",
    title=lambda: _("The vanishing gradient"),
    curves=(
        *(Curve(f"delta.{name}", DELTA, partial(_delta_norms, slope=SLOPES[name])) for name in SLOPES),
        Curve("bound", ("backprop.vanishing_bound",), _bound),
        *(Curve(f"norms.{name}", NETWORK, partial(_gradient_norms, activation=name)) for name in GAINS),
    ),
    panels=(
        Panel("bound", (*(f"delta.{name}" for name in SLOPES), "bound"), _draw_bound),
        Panel("norms", tuple(f"norms.{name}" for name in GAINS), _draw_norms),
    ),
    mosaic=(("bound", "norms"),),
)
