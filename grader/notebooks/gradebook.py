"""Writes scores into nbgrader's gradebook by its own API: a student in one transaction, manual grades left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import BaseCell, Gradebook
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task


@dataclass(frozen=True)
class NotebookScores:
    """What the autograder found in one notebook, by cell.

    `scores` holds None where a person has to give the points; `answered` says of each cell to fill in whether anybody
    did.
    """

    scores: Mapping[str, float | None] = field(default_factory=dict)
    answered: Mapping[str, bool] = field(default_factory=dict)


def scores_of(notebook: Any) -> NotebookScores:
    """What nbgrader itself reads in a graded notebook."""
    scores: dict[str, float | None] = {}
    answered: dict[str, bool] = {}
    for cell in notebook.cells:
        if is_grade(cell):
            scores[cell.metadata.nbgrader["grade_id"]] = determine_grade(cell)[0]
        if is_solution(cell) or is_task(cell):
            untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
            answered[cell.metadata.nbgrader["grade_id"]] = not untouched
    return NotebookScores(scores, answered)


def keep_cells(gradebook: Gradebook) -> list[Any]:
    """Load the released cells once for all students; they stay loaded as long as somebody holds what this gives."""
    session = gradebook.db()
    session.expire_on_commit = False
    return session.query(BaseCell).all()


@contextmanager
def one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """While this is open nothing is final; at its end all of it is, or none."""
    session = gradebook.db
    commit = session.commit
    session.commit = session.flush  # the API's own methods commit; here that is for the whole
    try:
        yield
        commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit


def write_student(
    gradebook: Gradebook,
    assignment: str,
    student: str,
    timestamp: Any,
    notebooks: Mapping[str, NotebookScores],
    late: Any,
) -> None:
    """Write what the autograder found for a student, as `nbgrader autograde` would.

    Parameters
    ----------
    gradebook : Gradebook
    assignment, student : str
    timestamp : datetime or None
        When it was handed in.
    notebooks : mapping of str to NotebookScores
        By the notebooks' names; one that was not handed in is not among them, and earns nothing.
    late : plugin
        nbgrader's late submission plug-in, as the course has configured it.
    """
    with one_transaction(gradebook):
        gradebook.update_or_create_student(student)
        when = {"timestamp": timestamp} if timestamp else {}
        submission = gradebook.update_or_create_submission(assignment, student, **when)
        gradebook.db.flush()
        gradebook.db.refresh(submission)
        for notebook in submission.notebooks:
            _write_notebook(notebook, notebooks.get(notebook.name))
            gradebook.db.flush()
            gradebook.db.refresh(notebook)
            notebook.late_submission_penalty = _penalty(submission, notebook, student, late)
            gradebook.db.flush()


def write_notebook(gradebook: Gradebook, place: Mapping[str, str], found: NotebookScores) -> None:
    """Write what the autograder found in one notebook.

    Parameters
    ----------
    gradebook : Gradebook
    place : mapping of str to str
        nbgrader's names: `notebook`, `assignment` and `student`.
    found : NotebookScores
    """
    with one_transaction(gradebook):
        _kept = keep_cells(gradebook)
        notebook = gradebook.find_submission_notebook(place["notebook"], place["assignment"], place["student"])
        _write_notebook(notebook, found)


def _write_notebook(notebook: Any, found: NotebookScores | None) -> None:
    for grade in notebook.grades:
        if found is None:
            grade.auto_score, grade.needs_manual_grade = 0.0, False
        elif grade.name in found.scores:
            grade.auto_score = found.scores[grade.name]
            # As nbgrader does it: a score that a person gave stands, and is marked for a second look.
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    if found is not None:
        for comment in notebook.comments:
            if comment.name in found.answered:
                comment.auto_comment = None if found.answered[comment.name] else "No response."


def _penalty(submission: Any, notebook: Any, student: str, late: Any) -> float | None:
    if submission.total_seconds_late <= 0:
        return None
    penalty = late.late_submission_penalty(student, notebook.score, submission.total_seconds_late)
    return None if penalty is None else min(max(penalty, 0), notebook.score)
