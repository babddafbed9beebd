"""Runs the suite on many answers in one process: the reference, stubs, misconceptions, alternatives, mutants.

Answers of PyTorch are asked once a seed and kept, so that each further run costs the calls alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.answers.answers import LiveAnswers
from grader.answers.sheet import MemorySource
from grader.course import ROOT, Course, the_course
from grader.misconceptions.catalogue import SOLUTIONS
from grader.result import PASSED
from grader.subject.face import faces
from grader.subject.subject import LocalSubject
from grader.suite import Check, Outcome, collect, run_check

TESTS = ROOT / "tests"
TIMEOUT = 10.0


def collect_suite(topics: Iterable[str] | None = None, tests: Path = TESTS) -> list[Check]:
    """The checks of some topics, or of all."""
    files = [tests / f"test_{topic}.py" for topic in topics or the_course().names]
    return collect([file for file in files if file.exists()])


class Laboratory:
    """The checks, the answers for one seed, and runs of any answer against them.

    Parameters
    ----------
    checks : list of Check
    seed : int
    course : Course, optional
    """

    def __init__(self, checks: list[Check], seed: int, course: Course | None = None) -> None:
        self.checks = checks
        self.seed = seed
        self.course = course or the_course()
        self.reference: dict[str, Outcome] = {}
        self.answers: dict[str, list[Any]] = {}
        self.uses: dict[str, frozenset[tuple[str, str]]] = {}

    def prepare(self, answers: dict[str, list[Any]] | None = None) -> dict[str, Outcome]:
        """Run the reference, and see which exercises each check touches.

        Parameters
        ----------
        answers : dict, optional
            What PyTorch said before; without it PyTorch is asked.
        """
        self.answers = self._asked() if answers is None else answers
        source = MemorySource(self.answers)
        with self._subject(SOLUTIONS, {}) as subject, _tracing(subject, self.course) as touched:
            for check in self.checks:
                touched.clear()
                given = source.answers_for(check.topic, check.id)
                self.reference[check.id] = run_check(check, self.course, subject, given, self.seed, transcribe=True)
                self.uses[check.id] = frozenset(touched)
        return self.reference

    def _asked(self) -> dict[str, list[Any]]:
        """What PyTorch says, in a run of the reference that is not traced: tracing would slow PyTorch down."""
        said = {}
        with self._subject(SOLUTIONS, {}) as subject:
            for check in self.checks:
                answers = LiveAnswers()
                run_check(check, self.course, subject, answers, self.seed)
                said[check.id] = answers.given
        return said

    def failing_reference(self) -> list[str]:
        """The checks that the reference itself does not pass."""
        return [check_id for check_id, outcome in self.reference.items() if outcome.result.status != PASSED]

    def run(
        self,
        folder: Path = SOLUTIONS,
        overrides: Mapping[tuple[str, str], Any] | None = None,
        checks: Iterable[Check] | None = None,
        timeout: float = TIMEOUT,
    ) -> list[Outcome]:
        """Run checks on a folder, some of its exercises replaced."""
        source = MemorySource(self.answers)
        outcomes = []
        with self._subject(folder, overrides or {}, timeout) as subject:
            for check in self.checks if checks is None else checks:
                answers = source.answers_for(check.topic, check.id)
                outcomes.append(run_check(check, self.course, subject, answers, self.seed))
        return outcomes

    def touching(self, topic: str, exercise: str) -> list[Check]:
        """The checks whose run on the reference touches an exercise: no other can notice that it is replaced."""
        return [
            check
            for check in self.checks
            if (topic, exercise) in self.uses.get(check.id, ()) or (check.topic, check.exercise) == (topic, exercise)
        ]

    @contextmanager
    def _subject(
        self, folder: Path, overrides: Mapping[tuple[str, str], Any], timeout: float = TIMEOUT
    ) -> Iterator[LocalSubject]:
        subject = LocalSubject(folder, self.course.names, timeout, overrides)
        try:
            yield subject
        finally:
            subject.close()


@contextmanager
def _tracing(subject: LocalSubject, course: Course) -> Iterator[set[tuple[str, str]]]:
    """Note which exercises of the reference run: those that the checks ask for and those that these use."""
    touched: set[tuple[str, str]] = set()
    codes: dict[Any, tuple[str, str]] = {}
    for exercise in course.exercises:
        with subject.library.imports():
            value = subject.library.exercise(exercise.topic, exercise.name)
        for code in _codes(value):
            codes[code] = (exercise.topic, exercise.name)

    def profile(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in codes:
            touched.add(codes[frame.f_code])

    sys.setprofile(profile)
    try:
        yield touched
    finally:
        sys.setprofile(None)


def _codes(value: Any) -> list[Any]:
    if hasattr(value, "__code__"):
        return [value.__code__]
    if isinstance(value, type):
        members = [getattr(member, "__func__", member) for member in vars(value).values()]
        return [member.__code__ for member in members if hasattr(member, "__code__")]
    return []


def with_faces() -> Any:
    """Collection needs the stand-ins for `exercises`; the plugin opens them, other callers do it here."""
    course = the_course()
    return faces({topic.name: {e.name: e.form for e in topic.exercises} for topic in course.topics})
