"""Everything that needs matplotlib as a whole: new figures, their settings, files and windows."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from grader.plots.style import SETTINGS

EXTENSIONS = ("png", "pdf", "svg", "jpg", "jpeg", "webp")


class SlideFigure(Figure):
    """A figure that a notebook shows by itself, whatever was imported before."""

    def _repr_png_(self) -> bytes:
        return file_bytes(self, "png", dpi=110)


class NoWindow(Exception):
    """There is no display, or matplotlib has no toolkit to open a window with."""


@contextmanager
def settings() -> Iterator[None]:
    """The look of the figures, whatever the reader's or the student's settings are."""
    with np.errstate(all="ignore"), warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("ignore")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast("Any", SETTINGS))
        yield


def new_figure(size: tuple[float, float], window: bool) -> Figure:
    """An empty figure.

    Raises
    ------
    NoWindow
        It was asked for a window and none can be opened.
    """
    if not window:
        return SlideFigure(figsize=size, layout="constrained")
    try:
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=size, layout="constrained")
    except Exception as error:  # each toolkit has its own: ImportError, TclError, RuntimeError, ...
        raise NoWindow from error
    if not getattr(figure.canvas, "required_interactive_framework", None):
        pyplot.close(figure)
        raise NoWindow
    return figure


def require_window() -> None:
    """Raise `NoWindow` where none can be opened."""
    from matplotlib import pyplot

    pyplot.close(new_figure((1.0, 1.0), window=True))


def show(figure: Figure) -> None:
    """Show a figure that was made for a window, until it is closed."""
    from matplotlib import pyplot

    with settings():
        for number in pyplot.get_fignums():
            if pyplot.figure(number) is not figure:  # a figure of the student's own code
                pyplot.close(number)
        if figure.canvas.manager is not None:
            figure.canvas.manager.set_window_title("grader plot")
        pyplot.show(block=True)


def file_bytes(figure: Figure, extension: str, dpi: float = SETTINGS["savefig.dpi"]) -> bytes:
    """The figure as a file of one of `EXTENSIONS`."""
    undated: dict[str, Any] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    options = {"metadata": undated[extension]} if extension in undated else {}
    buffer = io.BytesIO()
    with settings():
        figure.savefig(buffer, format=extension, dpi=dpi, **options)
    return buffer.getvalue()
