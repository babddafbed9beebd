"""A result record as Gradescope's `results.json`. A pure function.

The format is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

from __future__ import annotations

from typing import Any

from grader.language import _
from grader.reports import terminal
from grader.result import PASSED, TO_DO, CheckResult, SubmissionResult

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
MAX_OUTPUT = 20_000


def gradescope_results(result: SubmissionResult, visibility: str = "visible", seconds: float = 0.0) -> dict[str, Any]:
    """The record as Gradescope reads it: a test for each check, with points, message and visibility.

    Parameters
    ----------
    result : SubmissionResult
    visibility : str, optional
        When students see the tests: one of `VISIBILITIES`.
    seconds : float, optional
        How long grading took.
    """
    return {
        "score": result.points,
        "execution_time": round(seconds),
        "output": _overview(result),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [_test(check, visibility) for check in result.checks],
    }


def _overview(result: SubmissionResult) -> str:
    rows = [_("{points} of {maximum} points.").format(points=result.points, maximum=result.maximum)]
    rows += list(result.problems)
    rows += terminal.advice(result.checks)
    return "\n".join(rows)


def _test(check: CheckResult, visibility: str) -> dict[str, Any]:
    return {
        "score": check.points,
        "max_score": check.maximum,
        "status": "passed" if check.status == PASSED else "failed",
        "name": f"{check.topic}.{check.exercise}: {check.title}",
        "output": _output(check),
        "tags": [check.topic, check.exercise, check.kind],
        "visibility": visibility,
    }


def _output(check: CheckResult) -> str:
    if check.status == TO_DO:
        return _("To do.")
    if check.failure is not None:
        return terminal.failure(check)[:MAX_OUTPUT]
    return "\n".join(check.advice)
