"""The demo class: the same for a seed, real files, every form, and graded the same sealed and in this process."""

from __future__ import annotations

import ast
import hashlib
import random
from collections import Counter
from pathlib import Path

import pytest

from grader.answers.sheet import RecordedSource, recorded_seed
from grader.classroom.demo import DemoError, make_class
from grader.classroom.grading import Suite, grade_submission
from grader.classroom.intake import Submission, take_in
from grader.classroom.roster import read_roster
from grader.classroom.transplant import Piece, catalogue_file, file_with, piece_of
from grader.course import the_course
from grader.misconceptions.catalogue import SOLUTIONS, Alternative, Misconception, alternatives, misconceptions
from grader.result import FAILED, PASSED, TO_DO
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import Limits
from grader.sandbox.zygote import Zygote
from grader.subject.subject import LocalSubject
from grader.suite import Check, run_check

COURSE = the_course()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "class"
    make_class(folder, 40, seed=1)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def students(folder: Path) -> list[Submission]:
    return [take_in(entry, COURSE.names) for entry in read_roster(folder, tuple(COURSE.names)).entries]


def test_a_class_is_the_same_for_a_seed_and_begins_with_the_smaller_one(demo, tmp_path):
    make_class(tmp_path / "again", 10, seed=1)
    make_class(tmp_path / "other", 10, seed=2)
    small, large = digests(tmp_path / "again"), digests(demo)
    assert small and small.items() <= large.items()
    assert digests(tmp_path / "other") != small


def test_it_has_every_form_of_handing_in(demo):
    names = [path.name for path in demo.iterdir()]
    forms = Counter("folder" if Path(demo, name).is_dir() else name.partition(".")[2] for name in names)
    assert len(names) == len(students(demo)) == 40
    assert set(forms) == {"folder", "zip", "tar.gz", "py"}
    assert any(path.suffix == ".ipynb" for path in demo.rglob("*"))
    assert any(not name.isascii() for name in names), "names from all over the world"


def test_it_has_good_middling_and_hopeless_students(demo):
    topics = [len(student.topics(COURSE.names)) for student in students(demo)]
    assert min(topics) < 2 and max(topics) == len(COURSE.topics)
    texts = [content for student in students(demo) for content in student.files.values()]
    assert any(b"raise NotImplementedError" in text for text in texts), "unfinished work"
    found = students(demo)
    broken = [one for one in found if one.problems or any(map(_does_not_parse, one.files.values()))]
    assert 0 < len(broken) < 12


def _does_not_parse(content: bytes) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError):
        return True
    return False


def test_no_file_leans_on_the_kit(demo):
    for student in students(demo):
        for name, content in student.files.items():
            assert b"grader" not in content and b"BEGIN SOLUTION" not in content, (student.name, name)


def test_a_folder_in_use_is_refused(demo):
    with pytest.raises(DemoError, match="exists already"):
        make_class(demo, 3, seed=1)


# -- transplants -------------------------------------------------------------------------------------------------------


def sample(answers: tuple, count: int) -> list:
    """Some answers of each topic, always the same ones."""
    chance = random.Random(3)
    by_topic = {topic: [a for a in answers if a.topic == topic] for topic in COURSE.names}
    return [answer for found in by_topic.values() for answer in chance.sample(found, min(count, len(found)))]


@pytest.mark.parametrize(
    "answer", [*sample(misconceptions(), 3), *sample(alternatives(), 1)], ids=lambda answer: answer.id
)
def test_a_transplanted_answer_gives_the_verdicts_of_the_answer_itself(answer, checks, tmp_path):
    own = [check for check in checks if (check.topic, check.exercise) == (answer.topic, answer.exercise)]
    for path in SOLUTIONS.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    piece = piece_of(answer, catalogue_file(answer))
    text = file_with(answer.topic, {answer.exercise: piece})
    (tmp_path / f"{answer.topic}.py").write_text(text, encoding="utf-8")
    transplanted = verdicts(own, tmp_path, {})
    assert transplanted == verdicts(own, SOLUTIONS, {(answer.topic, answer.exercise): answer.value})
    assert all(status == PASSED for status in transplanted) == isinstance(answer, Alternative)


def verdicts(own: list[Check], folder: Path, overrides: dict) -> list[str]:
    subject, source = LocalSubject(folder, COURSE.names, 10.0, overrides), RecordedSource()
    seed = recorded_seed() or 1
    try:
        return [
            run_check(check, COURSE, subject, source.answers_for(check.topic, check.id), seed).result.status
            for check in own
        ]
    finally:
        subject.close()


def test_several_answers_in_one_file_share_their_helpers(tmp_path):
    wrong = [answer for answer in misconceptions() if answer.topic == "losses"]
    first: dict[str, Misconception] = {}
    for answer in wrong:
        first.setdefault(answer.exercise, answer)
    pieces = {name: piece_of(answer, catalogue_file(answer)) for name, answer in first.items()}
    tree = ast.parse(file_with("losses", pieces))
    names = Counter(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    assert max(names.values()) == 1 and set(pieces) <= set(names)


def test_exercises_can_be_left_to_do():
    text = file_with("losses", {"mae": Piece((), (), "def mae(y, y_hat):\n    return 0.0")}, to_do=["mse"])
    assert 'raise NotImplementedError("losses.mse")' in text and "losses.mae" not in text
    ast.parse(text)


# -- grading them ------------------------------------------------------------------------------------------------------


def test_sealed_and_in_this_process_the_verdicts_are_the_same(demo, checks, tmp_path):
    """On students that are neither broken nor endless; the attack corpus looks at the others."""
    seed = recorded_seed() or 1
    some = [check for place, check in enumerate(checks) if place % 4 == 0]
    suite = Suite(COURSE, tuple(some), seed, RecordedSource())
    chosen = [student for student in students(demo) if len(student.topics(COURSE.names)) >= 7 and not student.problems]
    with Zygote(Limits()) as zygote:
        for student in chosen[:4]:
            folder = tmp_path / student.id
            for name, content in student.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            sealed, local = SealedSubject(zygote, folder, COURSE.names), LocalSubject(folder, COURSE.names)
            try:
                results = [grade_submission(student, suite, subject) for subject in (sealed, local)]
            finally:
                sealed.close()
                local.close()
            one, other = ([(check.id, check.status) for check in result.checks] for result in results)
            assert one == other
            assert {status for _id, status in one} <= {PASSED, FAILED, TO_DO}
