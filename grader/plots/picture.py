"""Pictures: one figure a topic, made of panels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from grader.language import _
from grader.plots.board import Board
from grader.plots.curve import Curve, Measured
from grader.plots.student import CALL_SECONDS
from grader.plots.style import (
    BAND_ALPHA,
    BAND_WIDTH,
    INK,
    LINE_WIDTH,
    NOTE_SIZE,
    SETTINGS,
    SIZE,
    SMALL_SIZE,
    SMALL_TITLE,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Panel:
    """One pair of axes: which curves it shows, and how it draws them."""

    name: str
    curves: tuple[str, ...]
    draw: Callable[[Board], None] = field(compare=False)


@dataclass(frozen=True)
class Picture:
    """The figure of a topic.

    Attributes
    ----------
    topic : str
    title : callable
        Gives the title in the reader's language.
    curves : tuple of Curve
    panels : tuple of Panel
    mosaic : tuple of tuple of str
        Rows of panel names; a name in several neighbouring places makes one large panel.
    timeout : float
        Seconds for one call.
    """

    topic: str
    title: Callable[[], str]
    curves: tuple[Curve, ...]
    panels: tuple[Panel, ...]
    mosaic: tuple[tuple[str, ...], ...]
    timeout: float = CALL_SECONDS

    @property
    def exercises(self) -> tuple[str, ...]:
        """Every exercise that the picture shows, `topic.name`."""
        return tuple(dict.fromkeys(exercise for curve in self.curves for exercise in curve.exercises))

    def showing(self, exercise: str) -> tuple[Panel, ...]:
        """The panels that show an exercise."""
        curves = {curve.name for curve in self.curves if exercise in curve.exercises}
        return tuple(panel for panel in self.panels if curves.intersection(panel.curves))

    def curves_of(self, panels: Sequence[Panel]) -> tuple[Curve, ...]:
        """The curves that some panels need."""
        names = {name for panel in panels for name in panel.curves}
        return tuple(curve for curve in self.curves if curve.name in names)


def draw(
    picture: Picture, panels: Sequence[Panel], own: Measured, right: Mapping[str, np.ndarray], window: bool = False
) -> Figure:
    """Draw some panels of a picture.

    Parameters
    ----------
    picture : Picture
    panels : sequence of Panel
        All of them for the whole picture.
    own : Measured
        What the student's code gave.
    right : mapping of str to ndarray
        What is recorded.
    window : bool
        Make the figure for a window. Raises `ImportError` where no window can be opened.
    """
    from grader.plots.canvas import new_figure, settings

    mosaic = picture.mosaic if len(panels) == len(picture.panels) else _grid([panel.name for panel in panels])
    size, title_size = (SIZE, SETTINGS["figure.titlesize"]) if len(panels) > 1 else (SMALL_SIZE, SMALL_TITLE)
    with settings():
        figure = new_figure(size, window)
        places = figure.subplot_mosaic([list(row) for row in mosaic], empty_sentinel="")
        curves = {curve.name: curve for curve in picture.curves}
        boards = {panel.name: Board(places[panel.name], curves, own, right) for panel in panels}
        for panel in panels:
            panel.draw(boards[panel.name])
        room = {name: _room(mosaic, name, size[0]) for name in boards}
        for name, board in boards.items():
            beside = [other for row in mosaic if name in row for other in row if other]
            board.finish(room[name], max(len(boards[other].note_lines(room[other])) for other in beside))
        figure.suptitle(picture.title(), x=0.01, ha="left", fontsize=title_size)
        _key(figure)
    return figure


def _grid(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Names in rows, as square as may be."""
    columns = 1 if len(names) == 1 else 2 if len(names) <= 4 else 3
    padded = [*names, *[""] * (-len(names) % columns)]
    return tuple(tuple(padded[start : start + columns]) for start in range(0, len(padded), columns))


def _room(mosaic: Sequence[Sequence[str]], name: str, width: float) -> int:
    """How many characters of a note fit above a panel."""
    columns = len(mosaic[0])
    spanned = max(row.count(name) for row in mosaic)
    inches = width * spanned / columns - 0.35
    return max(20, int(inches * 72 / (NOTE_SIZE * 0.56)))


def _key(figure: Figure) -> None:
    """The one thing that direct labels do not say: which line is whose."""
    from matplotlib.lines import Line2D

    right = Line2D([], [], color=INK, linewidth=BAND_WIDTH, alpha=BAND_ALPHA, solid_capstyle="butt")
    own = Line2D([], [], color=INK, linewidth=LINE_WIDTH)
    figure.legend([right, own], [_("right"), _("yours")], loc="upper right", ncols=2, fontsize=NOTE_SIZE + 1,
                  handlelength=2.6, borderaxespad=0.2)  # fmt: skip
