"""Training on real digits: both losses, epoch by epoch, and where early stopping ends it."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.course import the_course
from grader.data import load_digits
from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve
from grader.plots.picture import Panel, Picture
from grader.plots.student import Student
from grader.plots.style import BLUE, INK, NOTE_SIZE, VERMILLION
from grader.subject.reply import ExerciseReference

TRAINING_ROWS, WRONG_LABELS, VALIDATION_ROWS = 200, 30, 600
EPOCHS, PATIENCE = 40, 8
SEEDS = (0, 1, 2, 3, 4)
"""The right band spans these runs of the reference: another draw is another curve."""

SECONDS = 40.0
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {"dropout": 0.0, "weight_decay": 0.0},
    "regularized": {"dropout": 0.5, "weight_decay": 0.1},
}
KEYS = ("train_loss", "val_loss", "val_accuracy")
TRAIN = "network.train"
OPTIMIZER = ExerciseReference("regularization", "AdamW")


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training rows and labels, some of these wrong, then validation rows and labels."""
    images, labels = load_digits()
    order = np.random.RandomState(0).permutation(len(images))
    first, last = order[:TRAINING_ROWS], order[-VALIDATION_ROWS:]
    known = labels[first].astype(np.int64)
    known[:WRONG_LABELS] = (known[:WRONG_LABELS] + 1 + np.arange(WRONG_LABELS) % 9) % 10
    return images[first] / 16.0, known, images[last] / 16.0, labels[last].astype(np.int64)


def _history(student: Student, setting: str, seed: int, patience: int | None) -> np.ndarray:
    """Training loss, validation loss and validation accuracy, a row each."""
    options = SETTINGS[setting]
    model = student.make("network.MLP", [64, 64, 10], dropout=options["dropout"], rng=seed)
    if not the_course().has(OPTIMIZER.topic, OPTIMIZER.name):
        text = _("The figure trains with {optimizer} of the topic {topic}, which is not part of this kit: train is "
                 "left out.")  # fmt: skip
        sentence = text.format(optimizer=OPTIMIZER.name, topic=OPTIMIZER.topic)
        raise student.unusable(TRAIN, sentence, _("needs {exercise}").format(exercise=OPTIMIZER.name))
    x, labels, x_val, labels_val = digits()
    history = student.value(
        TRAIN, model, OPTIMIZER, x, labels, x_val, labels_val,
        epochs=EPOCHS, batch_size=25, lr=0.01, weight_decay=options["weight_decay"], patience=patience, rng=seed,
    )  # fmt: skip
    if not isinstance(history, dict) or not set(KEYS) <= history.keys():
        sentence = _("train should return a dict with {keys}.").format(keys=", ".join(KEYS))
        raise student.unusable(TRAIN, sentence, _("returns no history"))
    rows = [student.array(TRAIN, history[key], None) for key in KEYS]
    if any(row.ndim != 1 or row.shape != rows[0].shape or not row.size for row in rows):
        sentence = _("train should return lists of one length: one number an epoch.")
        raise student.unusable(TRAIN, sentence, _("lists of different lengths"))
    return np.stack(rows)


def _own(setting: str) -> Any:
    return lambda student: _history(student, setting, SEEDS[0], PATIENCE)


def _all_seeds(setting: str) -> Any:
    return lambda student: np.stack([_history(student, setting, seed, None) for seed in SEEDS])


def _draw_losses(board: Board, setting: str, title: str) -> None:
    board.title(title)
    board.axis_labels(_("epoch"), _("cross-entropy"))
    board.axes.set_yscale("log")
    right, own = board.right(setting), board.own(setting)
    epochs = np.arange(1, EPOCHS + 1)
    for row, hue in ((0, VERMILLION), (1, BLUE)):
        board.band(setting, epochs, right[:, row], None if own is None else own[row], hue)
    board.fit((0, EPOCHS + 1), log=True, low=0.05, high=3.0)
    middle = np.median(right, axis=0)
    above = setting == "plain"
    board.label(_("training"), 6, middle[0, 5], VERMILLION, (6, 12), ha="left")
    board.label(_("validation"), EPOCHS, middle[1, 35], BLUE, (0, 24 if above else -24), ha="right")
    if own is not None:
        _mark_stop(board, own[1])


def _mark_stop(board: Board, losses: np.ndarray) -> None:
    """The epoch with the student's best validation loss, and the last one."""
    if not np.isfinite(losses).any():
        return
    best = int(np.nanargmin(losses))
    board.axes.plot([best + 1], [losses[best]], linestyle="none", marker="o", markersize=7, color=BLUE.color, zorder=5,
                    markerfacecolor="white")  # fmt: skip
    board.axes.axvline(losses.size, ymax=0.86, color=INK, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
    stopped = losses.size < EPOCHS
    text = _("stopped in epoch {epoch},\nbest was epoch {best}") if stopped else _("no stop,\nbest is epoch {best}")
    near = losses.size > EPOCHS / 2
    note = board.axes.annotate(
        text.format(epoch=losses.size, best=best + 1), (losses.size, 0.93), (-4 if near else 4, 0),
        xycoords=("data", "axes fraction"), textcoords="offset points", ha="right" if near else "left", va="center",
        fontsize=NOTE_SIZE,
    )  # fmt: skip
    note.set_in_layout(False)


def _draw_accuracy(board: Board) -> None:
    board.title(_("Accuracy on the validation digits"))
    board.axis_labels(_("epoch"), _("share that is right"))
    epochs = np.arange(1, EPOCHS + 1)
    for setting, hue in (("plain", BLUE), ("regularized", VERMILLION)):
        own = board.own(setting)
        board.band(setting, epochs, board.right(setting)[:, 2], None if own is None else own[2], hue)
    board.fit((0, EPOCHS + 1))
    board.axes.set_ylim(0.5, 1.0)
    middle = np.median(board.right("plain"), axis=0)
    board.label(_("plain"), EPOCHS, middle[2, 35], BLUE, (0, -38), ha="right")
    board.label(_("with dropout and weight decay"), 40, 0.95, VERMILLION, (0, 4), ha="right")


def _losses(setting: str) -> Any:
    titles = {
        "plain": lambda: _("Plain: it learns the wrong labels"),
        "regularized": lambda: _("Dropout {p}, weight decay {decay}").format(
            p=SETTINGS["regularized"]["dropout"], decay=SETTINGS["regularized"]["weight_decay"]
        ),
    }
    return lambda board: _draw_losses(board, setting, titles[setting]())


def _curve(setting: str) -> Curve:
    builds_on = (TRAIN, "network.MLP", f"{OPTIMIZER.topic}.{OPTIMIZER.name}")
    return Curve(setting, builds_on, _own(setting), record=_all_seeds(setting), seconds=2 * SECONDS)


PICTURE = Picture(
    topic="network",
    title=lambda: _("Training on {rows} digits, {wrong} of them with a wrong label").format(
        rows=TRAINING_ROWS, wrong=WRONG_LABELS
    ),
    curves=tuple(_curve(setting) for setting in SETTINGS),
    panels=(
        Panel("plain", ("plain",), _losses("plain")),
        Panel("regularized", ("regularized",), _losses("regularized")),
        Panel("accuracy", ("plain", "regularized"), _draw_accuracy),
    ),
    mosaic=(("plain", "regularized", "accuracy"),),
    timeout=SECONDS,
)
