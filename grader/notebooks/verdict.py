"""The verdict of the suite as outputs of the cells that earn points: a number that nbgrader reads, and the message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from grader.course import Course
from grader.language import _
from grader.notebooks import cell as cells
from grader.notebooks.cell import Cell
from grader.notebooks.wording import exercise_text, score_html
from grader.result import ERROR, CheckResult, SubmissionResult, Tally


class VerdictError(Exception):
    """The kit could not say anything about a submission, through no fault of it: one sentence."""


def fill(notebook_cells: Sequence[Cell], result: SubmissionResult, course: Course) -> None:
    """Write the outputs of the cells that earn points.

    Raises
    ------
    VerdictError
        A check could not be run.
    """
    by_exercise = grouped(result)
    ids = {cells.test_id(t.name, e.name): (t.name, e.name) for t in course.topics for e in t.exercises}
    for cell in notebook_cells:
        metadata = cells.nbgrader_of(cell)
        if metadata.get("grade") is not True or metadata.get("solution") is True or cell.get("cell_type") != "code":
            continue
        key = ids.get(cells.grade_id_of(cell))
        if key is None or key not in by_exercise:
            cell["outputs"] = [_unknown()]
        else:
            cell["outputs"] = outputs(key[1], by_exercise[key], float(metadata.get("points", 0)))


def grouped(result: SubmissionResult) -> Mapping[tuple[str, str], list[CheckResult]]:
    """The verdicts by exercise.

    Raises
    ------
    VerdictError
        One of them is that the check could not be run.
    """
    found: dict[tuple[str, str], list[CheckResult]] = defaultdict(list)
    for check in result.checks:
        if check.status == ERROR:
            reason = check.failure.message if check.failure is not None else check.id
            raise VerdictError(_("A check could not be run: {reason}").format(reason=reason))
        found[check.topic, check.exercise].append(check)
    return found


def outputs(name: str, results: Sequence[CheckResult], points: float) -> list[dict[str, Any]]:
    """The outputs of the cell that earns `points` for an exercise."""
    tally = Tally.of(results)
    message = {"output_type": "stream", "name": "stdout", "text": exercise_text(name, results) + "\n"}
    number = {"text/plain": str(score(tally, points)), "text/html": score_html(name, tally)}
    return [message, {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": number}]


def score(tally: Tally, points: float) -> float:
    """The share of a cell's points that an exercise has earned: the instructor may have changed what it is worth."""
    if tally.points >= tally.maximum:
        return float(points)
    return min(points, points * tally.points / tally.maximum)


def _unknown() -> dict[str, Any]:
    text = _("The kit has no check for this cell, and runs no other: give its points by hand.")
    return {"output_type": "error", "ename": "NotGraded", "evalue": text, "traceback": [text]}
