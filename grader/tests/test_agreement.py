"""Sealed grading and the self-check in this process say the same about every answer that is known.

By default a part of the answers, always the same one; with GRADER_THOROUGH=1 all of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from grader.answers.codec import decode
from grader.answers.sheet import RECORDED, RecordedSource, recorded_seed
from grader.classroom.demo import make_class
from grader.classroom.intake import Submission, take_in
from grader.classroom.memory import Memory
from grader.classroom.roster import read_roster
from grader.classroom.transplant import catalogue_file, file_with, piece_of
from grader.course import the_course
from grader.misconceptions.catalogue import SOLUTIONS, Alternative, Misconception, alternatives, misconceptions
from grader.result import PASSED
from grader.sandbox.subject import SealedSubject
from grader.sandbox.zygote import Zygote
from grader.subject.subject import LocalSubject, Subject
from grader.suite import Check, run_check
from grader.verify.laboratory import Laboratory

COURSE = the_course()
SEED = recorded_seed() or 1
THOROUGH = bool(os.environ.get("GRADER_THOROUGH"))
EVERY = 1 if THOROUGH else 24
STUDENTS = 60 if THOROUGH else 6
TIMEOUT = 5.0

Verdict = tuple[str, str, str, str, int]


@pytest.fixture(scope="module")
def laboratory(checks: list[Check]) -> Laboratory:
    """Knows which checks an exercise has to do with."""
    laboratory = Laboratory(checks, SEED)
    sheets = [json.loads((RECORDED / f"{topic}.json").read_text(encoding="utf-8")) for topic in COURSE.names]
    laboratory.prepare({check: decode(given) for sheet in sheets for check, given in sheet["answers"].items()})
    assert not laboratory.failing_reference()
    return laboratory


MEMORY = Memory()
"""Sealed grading is told what the answers before gave, as in a class."""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as zygote:
        yield zygote


def judged(subject: Subject, checks: Iterable[Check], source: RecordedSource) -> dict[str, Verdict]:
    """The verdicts on a subject. What a failure shows of numbers is left out: draws without a seed differ."""
    found = {}
    for check in checks:
        run = partial(run_check, check, COURSE, subject, source.answers_for(check.topic, check.id), SEED)
        result = (MEMORY.outcome(check, subject, run) if isinstance(subject, SealedSubject) else run()).result
        failure = result.failure
        told = (failure.reason, failure.call, failure.trace) if failure is not None else ("", "", "")
        found[check.id] = (result.status, *told, len(result.advice))
    return found


def both(folder: Path, checks: Sequence[Check], zygote: Zygote) -> tuple[dict[str, Verdict], dict[str, Verdict]]:
    """The verdicts sealed and in this process."""
    source = RecordedSource()
    sealed = SealedSubject(zygote, folder, COURSE.names, TIMEOUT)
    local = LocalSubject(folder, COURSE.names, TIMEOUT)
    try:
        return judged(sealed, checks, source), judged(local, checks, source)
    finally:
        sealed.close()
        local.close()


def differing(one: dict[str, Verdict], other: dict[str, Verdict]) -> dict[str, tuple[Verdict, Verdict]]:
    return {check: (one[check], other[check]) for check in one if one[check] != other[check]}


def placed(folder: Path, answer: Misconception | Alternative) -> Path:
    """The reference with one answer in its place, as files."""
    folder.mkdir()
    for path in SOLUTIONS.glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    text = file_with(answer.topic, {answer.exercise: piece_of(answer, catalogue_file(answer))})
    (folder / f"{answer.topic}.py").write_text(text, encoding="utf-8")
    return folder


def test_on_the_solutions(laboratory: Laboratory, zygote: Zygote) -> None:
    one, other = both(SOLUTIONS, laboratory.checks, zygote)
    assert one == other
    assert {status for status, *_rest in one.values()} == {PASSED}


@pytest.mark.parametrize("topic", COURSE.names)
def test_on_wrong_answers(laboratory: Laboratory, zygote: Zygote, tmp_path: Path, topic: str) -> None:
    chosen = [answer for answer in misconceptions() if answer.topic == topic][::EVERY]
    assert chosen
    for number, answer in enumerate(chosen):
        folder = placed(tmp_path / str(number), answer)
        one, other = both(folder, laboratory.touching(topic, answer.exercise), zygote)
        assert not differing(one, other), answer.id
        assert any(status != PASSED for status, *_rest in one.values()), answer.id


@pytest.mark.parametrize("topic", COURSE.names)
def test_on_right_answers(laboratory: Laboratory, zygote: Zygote, tmp_path: Path, topic: str) -> None:
    chosen = [answer for answer in alternatives() if answer.topic == topic][::EVERY]
    for number, answer in enumerate(chosen):
        folder = placed(tmp_path / str(number), answer)
        one, other = both(folder, laboratory.touching(topic, answer.exercise), zygote)
        assert not differing(one, other), answer.id
        assert {status for status, *_rest in one.values()} == {PASSED}, answer.id


def test_every_topic_has_right_answers_of_another_style() -> None:
    assert {answer.topic for answer in alternatives()} >= {topic for topic in COURSE.names if topic != "choices"}


def test_on_a_demo_class(laboratory: Laboratory, zygote: Zygote, tmp_path: Path) -> None:
    """Whole submissions, broken files among them; only what is killed from outside has no like in this process."""
    make_class(tmp_path / "class", STUDENTS, seed=1)
    entries = read_roster(tmp_path / "class", tuple(COURSE.names)).entries
    students = [take_in(entry, COURSE.names) for entry in entries]
    graded = [student for student in students if student.topics(COURSE.names)]
    assert len(graded) > STUDENTS / 2
    for number, student in enumerate(graded):
        folder = unpacked(student, tmp_path / str(number))
        present = set(student.topics(COURSE.names))
        chosen = [check for check in laboratory.checks if check.topic in present]
        one, other = both(folder, chosen if THOROUGH else chosen[number % 3 :: 3], zygote)
        assert not differing(one, other), student.id


def unpacked(student: Submission, folder: Path) -> Path:
    for name, content in student.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
