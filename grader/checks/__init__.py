"""What a check is written with: marks, claims and inputs. See `docs/writing-checks.md`."""

from grader.checks.claims import (
    any_result,
    as_array,
    assert_close,
    assert_finite,
    assert_gradient,
    assert_raises,
    assert_shape,
    assert_that,
    filled,
    generator,
    inputs_unchanged,
    new_output,
    no_float_errors,
    observe,
    parts,
)
from grader.checks.mark import check
from grader.subject.props import Clocks, LookUp, Optimizers, Script

__all__ = [
    "Clocks",
    "LookUp",
    "Optimizers",
    "Script",
    "any_result",
    "as_array",
    "assert_close",
    "assert_finite",
    "assert_gradient",
    "assert_raises",
    "assert_shape",
    "assert_that",
    "check",
    "filled",
    "generator",
    "inputs_unchanged",
    "new_output",
    "no_float_errors",
    "observe",
    "parts",
]
