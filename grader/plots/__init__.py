"""Figures of a student's own code beside the right curves.

In a notebook::

    from grader.plots import figure

    figure("activations")
    figure("gelu", own=globals())  # what the notebook defines, in place of exercises/activations.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.plots.plot import NoFigure, Plot, figure, plot

__all__ = ["NoFigure", "Plot", "figure", "plot"]


def __getattr__(name: str) -> Any:
    """Load the figures at their first use: the `grader` command reads this package for each of its sub-commands."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    # `grader.plots.plot` is a module of this package as well as the function in it: the function is what callers want.
    module = import_module("grader.plots.plot")
    globals().update({each: getattr(module, each) for each in __all__})
    return globals()[name]
