"""Figures of a student's own code beside the right curves.

In a notebook::

    from grader.plots import figure

    figure("activations")
"""

from __future__ import annotations

from grader.plots.plot import NoFigure, Plot, figure, plot

__all__ = ["NoFigure", "Plot", "figure", "plot"]
