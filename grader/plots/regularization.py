"""Weight decay in SGD, in Adam with L2 and in AdamW; early stopping on recorded losses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.recorded import read
from grader.plots.student import Student, Thing
from grader.plots.style import BLUE, GREEN, INK, NOTE_SIZE, VERMILLION

STEPS, RATE, DECAY = 300, 0.01, 1.0
SIZES = np.array([0.1, 1.0, 10.0])
"""Three weights, whose data gradients are of these sizes and change sign at every step: only the decay moves them."""

HUES = (BLUE, GREEN, VERMILLION)
PATIENCE = 8


def _gradient(step: int) -> np.ndarray:
    return SIZES * (-1.0) ** step


def _adaptive(name: str) -> Callable[[Student], np.ndarray]:
    """The three weights, step by step."""

    def walk(student: Student) -> np.ndarray:
        optimizer: Thing = student.make(f"regularization.{name}", lr=RATE, weight_decay=DECAY)
        weights = [np.ones(3)]
        for step in range(STEPS):
            weights.append(student.ask(optimizer, "step", weights[-1], _gradient(step), shape=(3,)))
        return np.stack(weights)

    return walk


def _decayed(student: Student) -> np.ndarray:
    weights = [np.ones(3)]
    for step in range(STEPS):
        arguments = (weights[-1], _gradient(step), RATE, DECAY)
        weights.append(student.numbers("regularization.sgd_weight_decay_step", *arguments, shape=(3,)))
    return np.stack(weights)[:, 0]


def _penalized(student: Student) -> np.ndarray:
    """Plain gradient steps on the loss with the penalty λ/2 Σ w²."""
    weights = [np.ones(1)]
    for step in range(STEPS):
        w = weights[-1]
        penalty = student.numbers("regularization.l2_gradient", w, DECAY / 2, shape=(1,))
        weights.append(w - RATE * (_gradient(step)[:1] + penalty))
    return np.stack(weights)[:, 0]


def _losses(_student: Student) -> np.ndarray:
    """Validation losses of the plain network on the digits: one run of the reference, recorded with that picture."""
    return read("network")["plain"][0, 1]


def _stopping(student: Student, losses: np.ndarray) -> np.ndarray:
    """The epoch after which it says stop, the best epoch (both from 1) and the best loss."""
    watch = student.make("regularization.EarlyStopping", PATIENCE)
    last = 0
    for loss in losses:
        last += 1
        if bool(student.do(watch, "update", float(loss))):
            break
    best = student.read(watch, "best_epoch", shape=())
    return np.array([float(last), float(best) + 1, float(student.read(watch, "best", shape=()))])


Label = tuple[str, int, int, tuple[float, float]]
"""A word, the weight that it belongs to, the step at which it stands and how many points away."""


def _draw_weights(board: Board, name: str, title: str, labels: tuple[Label, ...]) -> None:
    board.title(title)
    board.axis_labels(_("step"), _("weight"))
    board.rule(y=0.0)
    steps = np.arange(STEPS + 1)
    for place, hue in enumerate(HUES):
        board.line(name, steps, hue, (slice(None), place))
    board.fit((0, STEPS), low=0.0, high=1.0)
    for text, place, step, at in labels:
        board.label(text, step, float(board.right(name)[step, place]), HUES[place], at, ha="left")


def _draw_sgd(board: Board) -> None:
    board.title(_("SGD: decay and L2 penalty are the same"))
    board.axis_labels(_("step"), _("weight"))
    board.rule(y=0.0)
    steps = np.arange(STEPS + 1)
    board.line("sgd.decay", steps, BLUE)
    board.line("sgd.penalty", steps, VERMILLION)
    board.fit((0, STEPS), low=0.0, high=1.0)
    board.label(_("weight decay λ"), 75, float(board.right("sgd.decay")[75]), BLUE, (8, 12), ha="left")
    board.label(_("penalty (λ/2) Σ w²"), 0, 0.2, VERMILLION, (6, 0), ha="left")


def _draw_adam_l2(board: Board) -> None:
    labels = (
        (_("large gradients (10)"), 2, 130, (0, 13)),
        (_("medium (1)"), 1, 90, (10, 8)),
        (_("small (0.1)"), 0, 100, (-80, -14)),
    )
    _draw_weights(board, "AdamL2", _("Adam + L2: large gradients escape the decay"), labels)


def _draw_adamw(board: Board) -> None:
    labels = ((_("all three, whatever their gradients"), 1, 75, (10, 10)),)
    _draw_weights(board, "AdamW", _("AdamW: every weight decays alike"), labels)


def _draw_stopping(board: Board) -> None:
    board.title(_("Early stopping, patience {patience}").format(patience=PATIENCE))
    board.axis_labels(_("epoch"), _("validation loss"))
    curve = board.right("losses")
    epochs = np.arange(1, curve.size + 1)
    board.axes.plot(epochs, curve, color=INK, linewidth=1.2, zorder=2)
    right, own = board.right("stopping"), board.own("stopping")
    for place, hue in enumerate((VERMILLION, BLUE)):
        board.moment(float(right[place]), None if own is None else float(own[place]), hue)
    low, high = float(curve.min()), float(np.quantile(curve, 0.96))
    board.axes.set_xlim(0, curve.size + 1)
    board.axes.set_ylim(low - 0.1 * (high - low), high + 0.25 * (high - low))
    board.label(_("loss on the digits"), 34, float(curve[33]), None, (0, -16), fontsize=NOTE_SIZE)
    for value, text, hue in ((right[1], _("best"), BLUE), (right[0], _("stop"), VERMILLION)):
        board.label(text, float(value), high + 0.18 * (high - low), hue, (7, 0), ha="left")


PICTURE = Picture(
    topic="regularization",
    title=lambda: _("Weight decay and early stopping"),
    curves=(
        Curve("sgd.decay", ("regularization.sgd_weight_decay_step",), _decayed),
        Curve("sgd.penalty", ("regularization.l2_gradient",), _penalized),
        Curve("AdamL2", ("regularization.AdamL2",), _adaptive("AdamL2")),
        Curve("AdamW", ("regularization.AdamW",), _adaptive("AdamW")),
        Curve(
            "stopping",
            ("regularization.EarlyStopping",),
            lambda student: _stopping(student, read("regularization")["losses"]),
            record=lambda student: _stopping(student, _losses(student)),
        ),
        Curve("losses", (), _losses),  # in no panel's list: recorded here, so that the picture needs no other topic's
    ),
    panels=(
        Panel("sgd", ("sgd.decay", "sgd.penalty"), _draw_sgd),
        Panel("AdamL2", ("AdamL2",), _draw_adam_l2),
        Panel("stopping", ("stopping",), _draw_stopping),
        Panel("AdamW", ("AdamW",), _draw_adamw),
    ),
    mosaic=(("sgd", "AdamL2"), ("stopping", "AdamW")),
)
