"""One panel of a figure: its axes, the right curves as broad bands, the student's as thin lines, notes on the rest."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.language import _
from grader.plots.curve import Curve, Measured
from grader.plots.style import ALERT, BAND_ALPHA, BAND_WIDTH, FAINT, INK, LINE_WIDTH, NOTE_SIZE, Hue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

JUMP = 1e-4
"""Two points of a curve that are nearer than this and differ are a jump: no line joins them."""

TITLE_ROOM = 0.71
"""Characters of a bold title for each character of a note."""

PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
"""What lies behind the words in a corner."""

STRETCH = 0.5
"""A panel grows by at most this share of its height to take in a student's curve that is off."""


class Board:
    """What a panel draws on.

    Parameters
    ----------
    axes : Axes
    curves : mapping of str to Curve
        The picture's, by name.
    own : Measured
        What the student's code gave.
    right : mapping of str to ndarray
        What is recorded.
    """

    def __init__(self, axes: Axes, curves: Mapping[str, Curve], own: Measured, right: Mapping[str, np.ndarray]) -> None:
        self.axes = axes
        self._curves = curves
        self._own = own
        self._right = right
        self._title = ""
        self._used: list[str] = []
        self._drawn: list[tuple[str, Any, np.ndarray]] = []
        self._rights: list[np.ndarray] = []

    # -- numbers -------------------------------------------------------------------------------------------------

    def right(self, name: str) -> np.ndarray:
        """A recorded curve."""
        return self._right[name]

    def own(self, name: str) -> np.ndarray | None:
        """The student's curve, or None: then the panel says why."""
        if name not in self._used:
            self._used.append(name)
        return self._own.values.get(name)

    # -- drawing -------------------------------------------------------------------------------------------------

    def title(self, text: str) -> None:
        self._title = text

    def axis_labels(self, x: str, y: str) -> None:
        self.axes.set_xlabel(x)
        self.axes.set_ylabel(y)

    def line(self, name: str, x: np.ndarray, hue: Hue, column: Any = ...) -> None:
        """The right curve and the student's."""
        own = self.own(name)
        self.pair(name, x, self.right(name)[column], None if own is None else own[column], hue)

    def pair(self, name: str, x: np.ndarray, right: np.ndarray, own: np.ndarray | None, hue: Hue) -> None:
        """A right curve and the student's, given as numbers."""
        self._rights.append(right)
        self.axes.plot(*_broken(x, right), color=hue.color, linewidth=BAND_WIDTH, alpha=BAND_ALPHA,
                       solid_capstyle="butt", zorder=2)  # fmt: skip
        if own is not None:
            self._drawn.append((name, x, own))
            self.axes.plot(*_broken(x, own), color=hue.color, linestyle=hue.dash, linewidth=LINE_WIDTH, zorder=3)

    def path(self, name: str, right: np.ndarray, own: np.ndarray | None, hue: Hue) -> None:
        """A walk through the plane, right and the student's, a dot for each step."""
        self.axes.plot(*right.T, color=hue.color, linewidth=BAND_WIDTH, alpha=BAND_ALPHA, zorder=2)
        if own is not None:
            self._drawn.append((name, own[:, 0], own[:, 1]))
            self.axes.plot(*own.T, color=hue.color, linewidth=1.1, marker="o", markersize=3.5, zorder=3, clip_on=True)

    def steps(self, name: str, edges: np.ndarray, right: np.ndarray, own: np.ndarray | None, hue: Hue) -> None:
        """A histogram: the right one filled and pale, the student's an outline."""
        self._rights.append(right)
        self.axes.stairs(right, edges, fill=True, color=hue.color, alpha=BAND_ALPHA, zorder=2)
        if own is not None:
            self._drawn.append((name, (edges[1:] + edges[:-1]) / 2, np.where(own > 0, own, np.nan)))
            self.axes.stairs(own, edges, color=hue.color, linewidth=LINE_WIDTH, linestyle=hue.dash, zorder=3)

    def band(self, name: str, x: np.ndarray, runs: np.ndarray, own: np.ndarray | None, hue: Hue) -> None:
        """What several right runs span, and the student's run, which may be shorter."""
        self._rights.append(runs)
        self.axes.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=hue.color, alpha=BAND_ALPHA, linewidth=0,
                               zorder=2)  # fmt: skip
        if own is not None:
            shown = x[0] + np.arange(own.size)
            self._drawn.append((name, shown, own))
            self.axes.plot(shown, own, color=hue.color, linestyle=hue.dash, linewidth=LINE_WIDTH, zorder=3)

    def moment(self, right: float, own: float | None, hue: Hue) -> None:
        """A moment on the x axis, right and the student's."""
        self.axes.axvline(right, color=hue.color, linewidth=BAND_WIDTH, alpha=BAND_ALPHA, zorder=1)
        if own is not None:
            self.axes.axvline(own, color=hue.color, linestyle=hue.dash, linewidth=LINE_WIDTH, zorder=3)

    def corner(self, text: str, place: str = "upper right") -> None:
        """A few faint words in a corner."""
        right, top = "right" in place, "upper" in place
        note = self.axes.annotate(text, (float(right), float(top)), (-4 if right else 4, -4 if top else 4),
                                  xycoords="axes fraction", textcoords="offset points", fontsize=NOTE_SIZE, color=FAINT,
                                  ha="right" if right else "left", va="top" if top else "bottom", zorder=6,
                                  bbox=PAPER)  # fmt: skip
        note.set_in_layout(False)

    def label(self, text: str, x: float, y: float, hue: Hue | None = None, at: tuple[float, float] = (0, 8),
              ha: str = "center", va: str = "center", **options: Any) -> None:  # fmt: skip
        """A word beside a curve, `at` points away from the data point (x, y)."""
        note = self.axes.annotate(text, (x, y), at, textcoords="offset points", ha=ha, va=va, zorder=6,
                                  color=hue.color if hue else INK, annotation_clip=False, **options)  # fmt: skip
        note.set_in_layout(False)
        outline(note)

    def rule(self, *, x: float | None = None, y: float | None = None) -> None:
        """A faint line across the panel, such as an axis through zero."""
        if x is not None:
            self.axes.axvline(x, ymax=0.8, color=FAINT, linewidth=0.7, zorder=1)
        if y is not None:
            self.axes.axhline(y, color=FAINT, linewidth=0.7, zorder=1)

    def fit(self, x: tuple[float, float] | None = None, low: float | None = None, high: float | None = None,
            pad: float = 0.08, log: bool = False, visible: Any = ...) -> None:  # fmt: skip
        """Set the limits from the right curves; a student's curve that is off stretches them, within measure.

        Parameters
        ----------
        x : tuple of float, optional
            The limits in x.
        low, high : float, optional
            y that must be within the limits.
        visible : index, optional
            The points of each curve that lie within the limits in x.
        """
        if x is not None:
            self.axes.set_xlim(*x)
        scale, back = (np.log10, lambda v: 10.0**v) if log else (np.asarray, lambda v: v)
        known = np.concatenate([np.ravel(values[visible]) for values in self._rights])
        extra = [value for value in (low, high) if value is not None]
        known = scale(np.concatenate([known[known > 0] if log else known, np.asarray(extra, dtype=np.float64)]))
        bottom, top = float(known.min()), float(known.max())
        span = (top - bottom) or 1.0
        for _curve, _x, drawn in self._drawn:
            values = drawn[visible]
            finite = values[np.isfinite(values) & (values > 0)] if log else values[np.isfinite(values)]
            if finite.size:
                bottom = min(bottom, max(float(scale(finite).min()), float(known.min()) - STRETCH * span))
                top = max(top, min(float(scale(finite).max()), float(known.max()) + STRETCH * span))
        if log:
            self.axes.set_yscale("log")
        span = (top - bottom) or 1.0
        self.axes.set_ylim(back(bottom - pad * span), back(top + pad * span))

    def images(self, pictures: Sequence[np.ndarray | None], captions: Sequence[str], largest: float) -> None:
        """A row of small grey images, 0 white and `largest` black; None leaves a question mark."""
        self.axes.set_axis_off()
        count = len(captions)
        for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
            inset = self.axes.inset_axes((place / count, 0.0, 0.92 / count, 1.0))
            inset.set_xticks([])
            inset.set_yticks([])
            for spine in inset.spines.values():
                spine.set_visible(True)
                spine.set_color(FAINT)
            inset.set_xlabel(caption, fontsize=NOTE_SIZE, labelpad=3)
            inset.set_aspect("equal")
            if picture is None:
                inset.set(xlim=(0, 1), ylim=(0, 1))
                inset.text(0.5, 0.5, "?", ha="center", va="center", fontsize=16, color=FAINT)
            else:
                inset.imshow(picture, cmap="gray_r", vmin=0.0, vmax=largest, interpolation="nearest")

    # -- the end -------------------------------------------------------------------------------------------------

    def note_lines(self, room: int) -> list[str]:
        """The notes, `room` characters a line."""
        return [line for note in self.notes() for line in textwrap.wrap(note, room)]

    def finish(self, room: int, lines: int) -> None:
        """Write the title and, below it, the notes, in the space of `lines` lines."""
        notes = self.note_lines(room)
        if notes:
            height = 2 + 1.32 * NOTE_SIZE * lines
            self.axes.annotate("\n".join(notes), (0, 1), (0, height), xycoords="axes fraction",
                               textcoords="offset points", va="top", fontsize=NOTE_SIZE, color=ALERT, style="italic",
                               annotation_clip=False).set_in_layout(False)  # fmt: skip
        title = textwrap.wrap(self._title, int(TITLE_ROOM * room))
        self.axes.set_title("\n".join(title), loc="left", pad=6 + 1.32 * NOTE_SIZE * lines)

    def notes(self) -> list[str]:
        """What this panel leaves out and why: what is to do in one line, then each problem."""
        to_do: dict[str, None] = {}
        problems: dict[str, None] = {}
        for name in self._used:
            gap = self._own.gaps.get(name) or self._own.remarks.get(name)
            if gap is not None and gap.to_do:
                to_do[gap.exercise.rpartition(".")[2]] = None
            elif gap is not None:
                problems[gap.short] = None
        for name in self._outside():
            problems[_("{name}: outside the picture").format(name=name)] = None
        first = [_("still to do: {names}").format(names=", ".join(to_do))] if to_do else []
        return [*first, *problems]

    def _outside(self) -> list[str]:
        """The exercises whose line was drawn where nobody sees it."""
        (left, right), (bottom, top) = sorted(self.axes.get_xlim()), sorted(self.axes.get_ylim())
        found = []
        for name, x, y in self._drawn:
            inside = (x >= left) & (x <= right)
            if inside.any() and not np.any((y[inside] >= bottom) & (y[inside] <= top)):
                found.append(self._curves[name].exercises[0].rpartition(".")[2])
        return found


def outline(text: Any) -> None:
    """A white edge, so that a label reads on top of lines."""
    from matplotlib.patheffects import withStroke

    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _broken(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of a curve with a gap at each jump."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    jumps = np.flatnonzero((np.diff(x) < JUMP) & (np.abs(np.diff(y)) > 0.02)) + 1
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)
