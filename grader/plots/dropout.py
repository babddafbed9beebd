"""Dropout masks, what they do to a digit, and the mean over masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grader.data import load_digits
from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, VERMILLION

P = 0.5
SHARES = np.linspace(0.0, 1.0, 11)
MEANS = (1, 10, 100, 1000)
COUNTS = np.array([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
SEED = 7
LAYER = (100, 100)
"""The shape of the masks whose zeros are counted."""


def digit() -> np.ndarray:
    """One image, 8 x 8, from 0 to 1, on a grey ground: a dropped pixel shows there too."""
    images, _labels = load_digits()
    return 0.2 + 0.8 * images[3].reshape(8, 8) / 16.0


def _masks(student: Student) -> np.ndarray:
    return np.stack([student.numbers("dropout.dropout_mask", (8, 8), P, SEED + i, shape=(8, 8)) for i in range(4)])


def _passes(student: Student) -> np.ndarray:
    """Two passes of one layer in training, then one in evaluation."""
    layer = student.make("dropout.Dropout", P, SEED)
    passes = [student.ask(layer, "forward", digit(), shape=(8, 8)) for _pass in range(2)]
    student.do(layer, "eval")
    return np.stack([*passes, student.ask(layer, "forward", digit(), shape=(8, 8))])


def _channels(student: Student) -> np.ndarray:
    layer = student.make("dropout.SpatialDropout", P, SEED)
    return student.ask(layer, "forward", np.tile(digit(), (1, 4, 1, 1)), shape=(1, 4, 8, 8))[0]


def _means(student: Student) -> np.ndarray:
    name = "dropout.monte_carlo_mean"
    return np.stack([student.numbers(name, digit(), P, count, SEED, shape=(8, 8)) for count in MEANS])


def _shares(student: Student) -> np.ndarray:
    """The share that is kept, for each probability of dropping."""
    name = "dropout.dropout_mask"
    return np.array([float(student.numbers(name, LAYER, float(p), SEED, shape=LAYER).mean()) for p in SHARES])


def _errors(student: Student) -> np.ndarray:
    """How far the mean over n masks is from x: the root of the mean square, over 900 equal inputs."""
    name, x = "dropout.monte_carlo_mean", np.ones((30, 30))
    means = [student.numbers(name, x, P, int(count), SEED, shape=x.shape) for count in COUNTS]
    return np.array([float(np.sqrt(np.mean((mean - x) ** 2))) for mean in means])


def _row(board: Board, title: str, name: str, captions: Sequence[str], first: np.ndarray | None = None) -> None:
    board.title(title)
    own = board.own(name)
    count = len(captions) - (first is not None)
    drawn: list[np.ndarray | None] = [None] * count if own is None else list(own)
    board.images([*([first] if first is not None else []), *drawn], captions, largest=2.0 if name != "masks" else 1.0)


def _draw_masks(board: Board) -> None:
    _row(board, _("dropout_mask, p = {p}: black is kept").format(p=P), "masks", ["1", "2", "3", "4"])


def _draw_passes(board: Board) -> None:
    title = _("Dropout: what is kept counts {factor} times").format(factor=f"{1 / (1 - P):g}")
    _row(board, title, "passes", ["x", _("training"), _("training"), _("evaluation")], digit())


def _draw_channels(board: Board) -> None:
    captions = [_("channel {number}").format(number=number) for number in range(1, 5)]
    _row(board, _("SpatialDropout: whole channels"), "channels", captions)


def _draw_means(board: Board) -> None:
    captions = [_("1 mask"), *(_("{count} masks").format(count=count) for count in MEANS[1:])]
    _row(board, _("monte_carlo_mean: the mean over masks"), "means", captions)


def _draw_shares(board: Board) -> None:
    board.title(_("Share kept by dropout_mask"))
    board.axis_labels(_("p, the probability of dropping"), _("share kept"))
    board.line("shares", SHARES, BLUE)
    board.fit((0, 1), low=0.0, high=1.0)
    board.label("1 − p", 0.5, 0.5, BLUE, (12, 10), ha="left")


def _draw_errors(board: Board) -> None:
    board.title(_("The mean over masks comes back to x"))
    board.axis_labels(_("number of masks n"), _("distance from x"))
    board.axes.set_xscale("log")
    board.line("errors", COUNTS.astype(np.float64), VERMILLION)
    board.fit((1, 1000), log=True)
    board.label("∝ 1/√n", 30.0, float(np.interp(30, COUNTS, board.right("errors"))), VERMILLION, (10, 10), ha="left")


def _curve(name: str, exercise: str, how: Callable[[Student], np.ndarray], *others: str) -> Curve:
    return Curve(name, tuple(f"dropout.{each}" for each in (exercise, *others)), how)


PICTURE = Picture(
    topic="dropout",
    title=lambda: _("Dropout: many thinned networks, one mean"),
    curves=(
        _curve("masks", "dropout_mask", _masks),
        _curve("shares", "dropout_mask", _shares),
        _curve("passes", "Dropout", _passes),
        _curve("channels", "SpatialDropout", _channels),
        _curve("means", "monte_carlo_mean", _means),
        _curve("errors", "monte_carlo_mean", _errors),
    ),
    panels=(
        Panel("masks", ("masks",), _draw_masks),
        Panel("shares", ("shares",), _draw_shares),
        Panel("passes", ("passes",), _draw_passes),
        Panel("channels", ("channels",), _draw_channels),
        Panel("means", ("means",), _draw_means),
        Panel("errors", ("errors",), _draw_errors),
    ),
    mosaic=(("masks", "shares"), ("passes", "shares"), ("channels", "errors"), ("means", "errors")),
)
