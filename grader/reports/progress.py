"""How far a submission is: its checks gathered by topic and exercise, and which exercise comes next. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.course import Course, Exercise, Topic
from grader.language import _
from grader.result import ERROR, FAILED, FILE_REASONS, TO_DO, CheckResult, Failure, SubmissionResult, Tally

DONE, PART, NONE, TODO = "done", "part", "none", "todo"
"""Every check passed; some; none although some were tried; all still to do."""

NOT_GRADED = "not_graded"
"""The reason of every check of a submission that could not be graded at all."""


@dataclass(frozen=True)
class ExerciseProgress:
    """One exercise and the verdicts on it; `exercise` is None for one that the course does not know."""

    topic: str
    name: str
    exercise: Exercise | None
    checks: tuple[CheckResult, ...]

    @cached_property
    def id(self) -> str:
        return f"{self.topic}.{self.name}"

    @cached_property
    def tally(self) -> Tally:
        return Tally.of(self.checks)

    @cached_property
    def state(self) -> str:
        return state_of(self.tally, len(self.checks))

    @cached_property
    def failed(self) -> tuple[CheckResult, ...]:
        return failed(self.checks)


@dataclass(frozen=True)
class TopicProgress:
    """One topic and its exercises, as far as there are verdicts on them."""

    name: str
    title: str
    exercises: tuple[ExerciseProgress, ...]

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        return tuple(check for exercise in self.exercises for check in exercise.checks)

    @cached_property
    def tally(self) -> Tally:
        return Tally.of(self.checks)

    @cached_property
    def state(self) -> str:
        return state_of(self.tally, len(self.checks))

    @cached_property
    def file_failure(self) -> Failure | None:
        """The one reason why nothing of the topic's file runs; None where it does."""
        failures = {check.failure for check in failed(self.checks)}
        told = {(failure.reason, failure.message, failure.trace) for failure in failures if failure is not None}
        failure = next(iter(failures), None)
        if failure is None or len(told) != 1 or failure.reason not in FILE_REASONS:
            return None
        return failure


def state_of(tally: Tally, checks: int) -> str:
    """How far the exercise (or topic) is that has these verdicts."""
    if tally.passed == checks:
        return DONE
    if tally.passed:
        return PART
    return NONE if tally.failed else TODO


def failed(checks: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    return tuple(check for check in checks if check.status in (FAILED, ERROR))


def not_graded(result: SubmissionResult) -> bool:
    """Whether nothing of a submission could be graded, or nothing of it found; its problems say why."""
    if result.problems and all(check.status == TO_DO for check in result.checks):
        return True
    reasons = {check.failure.reason if check.failure else "" for check in result.checks}
    return reasons == {NOT_GRADED}


def progress(result: SubmissionResult, course: Course) -> tuple[TopicProgress, ...]:
    """The verdicts of a record in the order of the course; what the course does not know comes last."""
    checks: dict[str, dict[str, list[CheckResult]]] = {}
    for check in result.checks:
        checks.setdefault(check.topic, {}).setdefault(check.exercise, []).append(check)
    known = {topic.name: topic for topic in course.topics}
    names = [name for name in known if name in checks] + [name for name in checks if name not in known]
    return tuple(_topic(name, known.get(name), checks[name]) for name in names)


def _topic(name: str, topic: Topic | None, checks: dict[str, list[CheckResult]]) -> TopicProgress:
    exercises = {exercise.name: exercise for exercise in topic.exercises} if topic else {}
    order = [one for one in exercises if one in checks] + [one for one in checks if one not in exercises]
    found = tuple(ExerciseProgress(name, one, exercises.get(one), tuple(checks[one])) for one in order)
    return TopicProgress(name, _(topic.title) if topic else name, found)


def next_exercise(topics: Sequence[TopicProgress]) -> ExerciseProgress | None:
    """The first unfinished exercise that builds on no unfinished one; None where all are finished."""
    exercises = [exercise for topic in topics for exercise in topic.exercises]
    unfinished = {exercise.id for exercise in exercises if exercise.state != DONE}
    for exercise in exercises:
        needs = exercise.exercise.builds_on if exercise.exercise else ()
        if exercise.id in unfinished and unfinished.isdisjoint(needs):
            return exercise
    return next((exercise for exercise in exercises if exercise.id in unfinished), None)
