"""The exercises as notebooks: nbgrader's cycle with the kit's engine.

In a notebook: `from grader.notebooks import check, trying`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "trying"]


def __getattr__(name: str) -> Any:
    """Load what notebooks use when they use it: nothing of it is needed to build or grade them."""
    if name in __all__:
        from grader.notebooks import selfcheck, siblings

        siblings.install()
        return getattr(selfcheck, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
