"""A class as one table: students × checks, and what the records say beside it. Pure functions of result records.

The records pass by one after the other and are not kept: 5,000 of them with a few hundred checks each would take
gigabytes, the table takes a byte a check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from grader.course import Course
from grader.reports.progress import DONE, NONE, PART, TODO
from grader.result import ERROR, FAILED, FILE_REASONS, PASSED, TO_DO, Card, CheckResult, SubmissionResult

ABSENT = 0
CODES = {TO_DO: 1, FAILED: 2, ERROR: 3, PASSED: 4}
"""How the table writes a verdict; `ABSENT` where a record has no such check."""

STATES = (DONE, PART, NONE, TODO)
TROUBLE_REASONS = {
    "deadline": "deadline",
    "died": "died",
    "protocol": "died",
    "answer_missing": "kit",
    **dict.fromkeys(FILE_REASONS, "file"),
}


@dataclass(frozen=True)
class Trouble:
    """Something about a submission that is worth a look: `deadline`, `died`, `file`, `kit` or `problem`."""

    kind: str
    student: int
    place: str
    message: str


@dataclass(frozen=True)
class Spread:
    """A misconception and who has it."""

    id: str
    topic: str
    exercise: str
    name: str
    hint: str
    students: tuple[int, ...]


@dataclass(frozen=True)
class ClassTable:
    """A class.

    Attributes
    ----------
    students : tuple of str
        The names of the submissions, in the order in which they came.
    columns : tuple of Card
        In the order of the course.
    verdicts : ndarray, students × columns
        `CODES`, as bytes.
    spreads : tuple of Spread
        The most frequent first.
    troubles : tuple of Trouble
    runs : tuple of dict
        What made the records: the values of seed, kit, answers and tier with how many records have each.
    """

    students: tuple[str, ...]
    columns: tuple[Card, ...]
    verdicts: np.ndarray = field(repr=False)
    spreads: tuple[Spread, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    runs: dict[str, Counter[str]] = field(default_factory=dict)

    @cached_property
    def maxima(self) -> np.ndarray:
        return np.array([column.maximum for column in self.columns], dtype=np.int64)

    @cached_property
    def passed(self) -> np.ndarray:
        return self.verdicts == CODES[PASSED]

    @cached_property
    def tried(self) -> np.ndarray:
        """Where a student did something that the check could judge."""
        return (self.verdicts == CODES[PASSED]) | (self.verdicts == CODES[FAILED])

    @cached_property
    def points(self) -> np.ndarray:
        return self.passed @ self.maxima

    @cached_property
    def maximum(self) -> int:
        return int(self.maxima.sum())

    @cached_property
    def shares(self) -> np.ndarray:
        """The share of the points that each student has."""
        return self.points / self.maximum if self.maximum else np.zeros(len(self.students))

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """The ids of the exercises, in the order of the columns."""
        return tuple(dict.fromkeys(column.exercise_id for column in self.columns))

    @cached_property
    def exercise_states(self) -> np.ndarray:
        """How far each student is with each exercise: indices into `STATES`, students × exercises."""
        place = {name: i for i, name in enumerate(self.exercises)}
        member = np.array([place[column.exercise_id] for column in self.columns], dtype=np.int64)
        checks, passed, failed = (_grouped(part, member, len(place)) for part in self._parts())
        states = np.full(passed.shape, STATES.index(TODO), dtype=np.uint8)
        states[failed > 0] = STATES.index(NONE)
        states[passed > 0] = STATES.index(PART)
        states[(passed > 0) & (passed == checks)] = STATES.index(DONE)
        return states

    @cached_property
    def exercise_shares(self) -> np.ndarray:
        """The share of the points of each exercise that each student has, students × exercises."""
        place = {name: i for i, name in enumerate(self.exercises)}
        member = np.array([place[column.exercise_id] for column in self.columns], dtype=np.int64)
        earned = _grouped(self.passed * self.maxima, member, len(place))
        maximum = _grouped(self.maxima[np.newaxis, :], member, len(place))
        return earned / np.maximum(maximum, 1)

    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        # A check that could not be judged says nothing about the student, so it counts as to do.
        return self.verdicts != ABSENT, self.passed, self.verdicts == CODES[FAILED]


def _grouped(values: np.ndarray, member: np.ndarray, groups: int) -> np.ndarray:
    """The sums of the columns that belong together."""
    sums = np.zeros((values.shape[0], groups), dtype=np.int64)
    for group in range(groups):
        sums[:, group] = values[:, member == group].sum(axis=1)
    return sums


class _Gatherer:
    """Takes the records one by one."""

    def __init__(self) -> None:
        self.students: list[str] = []
        self.places: dict[str, int] = {}
        self.columns: list[Card] = []
        self.rows: list[np.ndarray] = []
        self.spreads: dict[tuple[str, str, str], tuple[Spread, list[int]]] = {}
        self.troubles: dict[tuple[str, int, str, str], Trouble] = {}
        self.runs: dict[str, Counter[str]] = {name: Counter() for name in ("seed", "kit", "answers", "tier")}
        self._ids: list[str] = []  # of the latest record: the next one nearly always has the same checks
        self._row_places: list[int] = []

    def add(self, result: SubmissionResult) -> None:
        student = len(self.students)
        self.students.append(result.submission)
        ids = [check.id for check in result.checks]
        if ids != self._ids:
            self._ids, self._row_places = ids, [self._place(check) for check in result.checks]
        row = np.zeros(len(self.columns), dtype=np.uint8)
        row[self._row_places] = [CODES.get(check.status, ABSENT) for check in result.checks]
        self.rows.append(row)
        for name, values in self.runs.items():
            values[str(getattr(result, name))] += 1
        for problem in result.problems:
            self._trouble("problem", student, "", problem)
        for check in result.checks:
            if check.failure is not None:
                self._failed(student, check)

    def _place(self, check: CheckResult) -> int:
        if check.id not in self.places:
            self.places[check.id] = len(self.columns)
            self.columns.append(Card(check.id, check.topic, check.exercise, check.kind, check.title, check.maximum))
        return self.places[check.id]

    def _failed(self, student: int, check: CheckResult) -> None:
        assert check.failure is not None
        kind = TROUBLE_REASONS.get(check.failure.reason)
        if kind is not None:
            place = check.topic if kind == "file" else f"{check.topic}.{check.exercise}"
            self._trouble(kind, student, place, check.failure.message)
        for item in check.diagnosis:
            key = (check.topic, check.exercise, item.id)
            if key not in self.spreads:
                spread = Spread(item.id, check.topic, check.exercise, item.name, item.hint, ())
                self.spreads[key] = (spread, [])
            students = self.spreads[key][1]
            if not students or students[-1] != student:
                students.append(student)

    def _trouble(self, kind: str, student: int, place: str, message: str) -> None:
        message = message[:1000]
        # A loop or a broken file shows in many checks and is one trouble; the first message speaks for it.
        key = (kind, student, place, message if kind == "problem" else "")
        self.troubles.setdefault(key, Trouble(kind, student, place, message))


def class_table(results: Iterable[SubmissionResult], course: Course) -> ClassTable:
    """Gather the records of a class.

    Parameters
    ----------
    results : iterable of SubmissionResult
        Taken one after the other and not kept, so they may be read from their files on the way.
    course : Course
        Gives the order of the columns; what it does not know comes last.

    Returns
    -------
    ClassTable
    """
    gathered = _Gatherer()
    for result in results:
        gathered.add(result)
    verdicts = np.zeros((len(gathered.rows), len(gathered.columns)), dtype=np.uint8)
    for place, row in enumerate(gathered.rows):
        verdicts[place, : len(row)] = row
    known = {exercise.id: place for place, exercise in enumerate(course.exercises)}
    first = {column.exercise_id: place for place, column in reversed(list(enumerate(gathered.columns)))}
    order = sorted(
        range(len(gathered.columns)),
        key=lambda i: (
            known.get(gathered.columns[i].exercise_id, len(known)),
            first[gathered.columns[i].exercise_id],
            i,
        ),
    )
    spreads = [replace(spread, students=tuple(students)) for spread, students in gathered.spreads.values()]
    spreads.sort(
        key=lambda spread: (
            -len(spread.students),
            known.get(f"{spread.topic}.{spread.exercise}", len(known)),
            spread.id,
        )
    )
    return ClassTable(
        tuple(gathered.students),
        tuple(gathered.columns[i] for i in order),
        verdicts[:, order],
        tuple(spreads),
        tuple(gathered.troubles.values()),
        gathered.runs,
    )


@dataclass(frozen=True)
class CheckQuality:
    """How hard and how telling a check was, for those who tried it.

    Attributes
    ----------
    tried, passed : int
        So many students.
    telling : float or None
        The point-biserial correlation of passing with the points of all other checks; None where nobody or everybody
        passed, or where the others do not differ.
    """

    tried: int
    passed: int
    telling: float | None

    @property
    def share(self) -> float:
        return self.passed / self.tried if self.tried else 0.0


def check_qualities(table: ClassTable) -> list[CheckQuality]:
    """The quality of each column of a class."""
    tried, passed, points = table.tried, table.passed, table.points
    qualities = []
    for place, maximum in enumerate(table.maxima):
        who = tried[:, place]
        good = passed[who, place]
        rest = points[who] - good * maximum
        qualities.append(CheckQuality(int(who.sum()), int(good.sum()), _correlation(good, rest)))
    return qualities


def _correlation(good: np.ndarray, rest: np.ndarray) -> float | None:
    if good.size < 2 or good.all() or not good.any() or (rest == rest[0]).all():
        return None
    return float(np.corrcoef(good.astype(np.float64), rest.astype(np.float64))[0, 1])
