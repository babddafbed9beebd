"""The gradebook: a CSV file of points, plain or in the columns that Moodle and Canvas import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.classroom.roster import Entry
from grader.course import Course
from grader.language import _
from grader.result import SubmissionResult, Tally

PLAIN, MOODLE, CANVAS = "plain", "moodle", "canvas"
FORMATS = (PLAIN, MOODLE, CANVAS)


@dataclass(frozen=True)
class Row:
    """One student's line: the points of each topic are None where the student is not graded yet."""

    student: str
    name: str
    platform: str
    number: str
    topics: tuple[int, ...] | None
    total: int
    maximum: int
    problems: tuple[str, ...]


def row_of(entry: Entry, result: SubmissionResult | None, course: Course) -> Row:
    """The line of one student."""
    if result is None:
        problem = _("This submission is not graded yet.")
        return Row(entry.id, entry.name, entry.platform, entry.number, None, 0, 0, (problem,))
    topics = tuple(
        Tally.of(check for check in result.checks if check.topic == topic.name).points for topic in course.topics
    )
    return Row(
        entry.id, entry.name, entry.platform, entry.number, topics, result.points, result.maximum, result.problems
    )


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front.

    So does what follows a semicolon or a tab: where the comma separates decimals, a spreadsheet begins a cell there.
    """
    words = text.lstrip()
    text = text[: len(text) - len(words)] + _INNER_FORMULA.sub(r"\1'", words)
    # A tab or line end in front is skipped by some of them before they look for the sign.
    return f"'{text}" if words[:1] in SIGNS or text[:1] in "\t\r\n" and text else text


SIGNS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula; the last four are the same in full width, which spreadsheets of East Asia take as well."""
_INNER_FORMULA = re.compile(rf"([;\t][\s\"]*)(?=[{re.escape(''.join(SIGNS))}])")


def gradebook(rows: Iterable[Row], course: Course, form: str = PLAIN) -> str:
    """The gradebook as CSV text.

    Parameters
    ----------
    rows : iterable of Row
    course : Course
    form : str, optional
        `plain`: points by topic, total, maximum and problems. `moodle`: the columns of an assignment's offline grading
        worksheet. `canvas`: those of a gradebook import.
    """
    rows = list(rows)
    table = {PLAIN: _plain, MOODLE: _moodle, CANVAS: _canvas}[form](rows, course)
    text = io.StringIO()
    # csv quotes commas, quotes and line ends; the line end that all of the readers take is CRLF.
    csv.writer(text, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def _plain(rows: Sequence[Row], course: Course) -> Iterable[Sequence[object]]:
    yield ["student", *(topic.name for topic in course.topics), "total", "maximum", "problems"]
    for row in rows:
        points: Sequence[object] = row.topics if row.topics is not None else [""] * len(course.topics)
        total: Sequence[object] = (row.total, row.maximum) if row.topics is not None else ("", "")
        yield [safe_cell(row.student), *points, *total, safe_cell(" ".join(row.problems))]


def _moodle(rows: Sequence[Row], course: Course) -> Iterable[Sequence[object]]:
    # Moodle finds the columns by these names and the participant by the number behind "Participant ".
    yield ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"]
    for row in rows:
        if row.platform == MOODLE and row.topics is not None:
            yield [f"Participant {row.number}", safe_cell(row.name), row.total, row.maximum, "", _comment(row, course)]


def _comment(row: Row, course: Course) -> str:
    """What the student reads beside the grade."""
    points = zip(course.topics, row.topics or (), strict=True)
    by_topic = ", ".join(f"{topic.name} {count}" for topic, count in points)
    return safe_cell(" ".join([f"{by_topic}.", *row.problems]))


def _canvas(rows: Sequence[Row], course: Course) -> Iterable[Sequence[object]]:
    # Canvas wants "Student" and "ID" first and "Section" last of the student's columns; one column an assignment.
    yield ["Student", "ID", "SIS Login ID", "Section", course.title]
    maximum = max((row.maximum for row in rows), default=0)
    yield ["    Points Possible", "", "", "", maximum]
    for row in rows:
        if row.platform == CANVAS and row.topics is not None:
            number = row.number if row.number.isdigit() else ""
            yield [safe_cell(row.name), number, "", "", row.total]
