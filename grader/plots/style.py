"""How the figures look: colours that colour-blind readers tell apart, after Okabe and Ito, each with a line style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hue:
    """A colour and the line style that tells it from the others in black and white."""

    color: str
    dash: Any = "-"


BLUE = Hue("#0072B2")
VERMILLION = Hue("#D55E00", (0, (5, 2)))
GREEN = Hue("#00875F", (0, (8, 2, 1.5, 2)))
PURPLE = Hue("#B0518A", (0, (1.5, 1.5)))

INK = "#222222"
FAINT = "#767676"
ALERT = "#9C3D00"
"""For the notes on what is left out."""

BAND_WIDTH = 7.0
BAND_ALPHA = 0.28
"""The right curve is a broad, pale band, on which the student's thin line lies."""

LINE_WIDTH = 1.7

SIZE = (12.0, 6.75)
"""Inches: the shape of a slide."""

SMALL_SIZE, SMALL_TITLE = (8.0, 4.5), 13.0
"""For a figure of one panel: inches, and points of its title."""

NOTE_SIZE = 9.5

SETTINGS: dict[str, Any] = {
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.09,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "font.size": 11.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 11.0,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.0,
    "axes.titleweight": "bold",
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10.0,
    "ytick.labelsize": 10.0,
    "figure.titlesize": 16.0,
    "figure.titleweight": "bold",
    "legend.frameon": False,
    "lines.linewidth": LINE_WIDTH,
    "svg.hashsalt": "grader",
}
