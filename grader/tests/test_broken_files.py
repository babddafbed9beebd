"""Files that do not work: each kind gets a sentence of its own, and costs the other topics nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.answers.sheet import RecordedSource
from grader.course import DEFAULT_SEED, ROOT, the_course
from grader.reports import terminal
from grader.result import FAILED, PASSED, TO_DO, CheckResult
from grader.subject.subject import LocalSubject
from grader.subject.untouched import untouched
from grader.suite import Check, run_check

SOLUTION = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8")


def replaced(body: str) -> bytes:
    """The right losses, with another `mse` at the end."""
    return (SOLUTION + "\n\n" + body + "\n").encode()


@dataclass(frozen=True)
class Broken:
    """One kind of broken file, and the sentence that a student must read."""

    name: str
    source: bytes | None
    sentence: str
    status: str = FAILED
    whole_topic: bool = False
    partly: bool = False


def mse(body: str) -> bytes:
    return replaced("def mse(y, y_hat):\n    " + body.replace("\n", "\n    "))


ROWS = [
    Broken("missing file", None, "There is no file losses.py", whole_topic=True),
    Broken("syntax error", b"def mse(y, y_hat)\n    return 1\n", "losses.py does not compile", whole_topic=True),
    Broken("indentation", b"def mse(y, y_hat):\nreturn 1\n", "losses.py does not compile", whole_topic=True),
    Broken("null byte", b"x = 1\0\n", "losses.py does not compile", whole_topic=True),
    Broken("not utf-8", "ñ = 1  # año\n".encode("latin-1"), "cannot be read as text", whole_topic=True),
    Broken("unknown encoding", b"# -*- coding: klingon -*-\n", "cannot be read as text", whole_topic=True),
    Broken("missing module", b"import tensorflow_that_is_not_there\n", "fails while it is imported", whole_topic=True),
    Broken("raises at import", b"1 / 0\n", "ZeroDivisionError", whole_topic=True),
    Broken("exits at import", b"raise SystemExit(0)\n", "fails while it is imported", whole_topic=True),
    Broken("loops at import", b"while True: pass\n", "does not come to its end", whole_topic=True),
    Broken("recursion at import", b"def f(): f()\nf()\n", "RecursionError", whole_topic=True),
    Broken("nested too deep", b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "losses.py", whole_topic=True),
    Broken("empty file", b"", "losses.py defines no mse", whole_topic=True),
    Broken("renamed", SOLUTION.replace("def mse(", "def my_mse(").encode(), "losses.py defines no mse"),
    Broken("not callable", replaced("mse = 3"), "is a value of type int"),
    Broken("fewer parameters", replaced("def mse(y):\n    return 0.0"), "the exercise asks for mse(y, y_hat)"),
    Broken("more parameters", replaced("def mse(y, y_hat, n):\n    return 0.0"), "the exercise asks for mse(y, y_hat)"),
    Broken("returns None", mse("y - y_hat"), "is a `return` missing?"),
    Broken("returns text", mse("return 'zero'"), "where numbers were expected"),
    Broken("returns a dict", mse("return {'loss': 0.0}"), "where numbers were expected", partly=True),
    Broken("returns an object", mse("return object()"), "where numbers were expected"),
    Broken("returns NaN", mse("return float('nan')"), "returned NaN for finite input", partly=True),
    Broken("returns the wrong shape", mse("return (np.asarray(y) - y_hat) ** 2"), "returned shape", partly=True),
    Broken("returns a ragged list", mse("return [[1], [1, 2]]"), "where numbers were expected", partly=True),
    Broken("raises", mse("return undefined_name"), "raised NameError"),
    Broken(
        "raises something evil", mse("class E(Exception):\n    def __str__(self): return 1 / 0\nraise E"), "raised E"
    ),
    Broken("exits", mse("raise SystemExit"), "raised SystemExit"),
    Broken("loops", mse("while True: pass"), "did not come back in time"),
    Broken(
        "loops and swallows",
        mse("while True:\n    try:\n        while True: pass\n    except Exception: pass"),
        "in time",
    ),
    Broken("recurses", mse("return mse(y, y_hat)"), "raised RecursionError"),
    Broken(
        "changes its inputs",
        mse("y, y_hat = _same_shape(y, y_hat)\ny -= y_hat\nreturn float(np.mean(y * y))"),
        "its input",
        partly=True,
    ),
    Broken("another stub", mse("raise NotImplementedError('activations.sigmoid')"), "which is still to do"),
    Broken("stub", mse("raise NotImplementedError('losses.mse')"), "", TO_DO),
    Broken("plain NotImplementedError", mse("raise NotImplementedError"), "", TO_DO),
]


@pytest.fixture
def grade(tmp_path: Path, checks: list[Check]) -> Callable[[bytes | None], list[CheckResult]]:
    def run(source: bytes | None) -> list[CheckResult]:
        folder = tmp_path / "student"
        folder.mkdir()
        shutil.copy(ROOT / "solutions" / "regularization.py", folder)
        if source is not None:
            (folder / "losses.py").write_bytes(source)
        course, answers = the_course(), RecordedSource()
        subject = LocalSubject(folder, course.names, timeout=0.4)
        wanted = [c for c in checks if c.topic == "regularization" or c.exercise in ("mse", "mae")]
        return [run_check(c, course, subject, answers.answers_for(c.topic, c.id), DEFAULT_SEED).result for c in wanted]

    return run


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_kind_gets_its_sentence(row: Broken, grade) -> None:
    results = grade(row.source)
    mine = [result for result in results if result.exercise == "mse"]
    assert mine and (row.partly or all(result.status != PASSED for result in mine))
    wanted = [result for result in mine if result.status == row.status]
    assert wanted
    if row.sentence:
        texts = [terminal.failure(result) for result in wanted]
        assert any(row.sentence in text for text in texts), texts[0]
        assert all("site-packages" not in text and "grader/" not in text for text in texts)
    others = {result.status for result in results if result.topic == "regularization"}
    assert others == {PASSED}
    neighbours = {result.status for result in results if result.exercise == "mae"}
    assert neighbours == ({FAILED} if row.whole_topic else {PASSED})


STUBS = (ROOT / "exercises" / "losses.py").read_text(encoding="utf-8")
MINE = 'raise NotImplementedError("losses.mse")'

STOPPED = {
    "does not compile": STUBS.replace(MINE, "return np.mean((y - y_hat) ** 2"),
    "pasted at the margin": STUBS.replace(f"    {MINE}", "return 0.0"),
    "a quote that is not closed": STUBS.replace(MINE, 'return """0.0'),
    "no such package": "import tensorflow_that_is_not_there\n" + STUBS.replace(MINE, "return 0.0"),
    "raises at import": STUBS.replace(MINE, "return 0.0") + "\nprint(mse_of_nobody)\n",
}


@pytest.mark.parametrize("source", STOPPED.values(), ids=list(STOPPED))
def test_what_is_a_stub_is_to_do_whatever_stops_its_file(source: str, grade) -> None:
    results = grade(source.encode())
    assert {result.status for result in results if result.exercise == "mse"} == {FAILED}
    assert {result.status for result in results if result.exercise == "mae"} == {TO_DO}


def test_a_letter_that_is_not_utf8_costs_the_stubs_nothing(grade) -> None:
    results = grade(STUBS.replace(MINE, "return 0.0  # ano").encode().replace(b"# ano", b"# a\xf1o"))
    assert {result.status for result in results if result.exercise == "mse"} == {FAILED}
    assert {result.status for result in results if result.exercise == "mae"} == {TO_DO}


@pytest.mark.parametrize("source", ["x = (\n" + STUBS, STUBS + "\nundefined\n"], ids=["above", "below"])
def test_a_file_of_stubs_alone_says_what_stops_it(source: str, grade) -> None:
    results = grade(source.encode())
    assert {result.status for result in results if result.topic == "losses"} == {FAILED}


PIECES = '''import numpy as np
def mine(x):
    """Does it."""
    return x
def stub(
    x: int,
) -> int:
    """Does it.

    In lines.
    """
    raise NotImplementedError("topic.stub")
def begun(x):
    y = 2 * x
    raise NotImplementedError("topic.begun")
def twice(x):
    raise NotImplementedError("topic.twice")
class Stub:
    """A class."""
    def __init__(self):
        """Begin."""
        raise NotImplementedError("topic.Stub")
    @classmethod
    def load(cls):
        raise NotImplementedError("topic.Stub")
class Begun:
    def __init__(self):
        self.x = 1
    def step(self):
        raise NotImplementedError("topic.Begun")
TABLE = {
    "a": {"x": None, "y": None},
    "b": {"x": None, "y": None},
}
BEGUN = {"a": {"x": None, "y": "yes"}}
def twice(x):
    return x
def broken(x:
    raise NotImplementedError("topic.broken")
'''


def test_the_stubs_of_a_file_that_does_not_compile() -> None:
    names = ("mine", "stub", "begun", "twice", "Stub", "Begun", "TABLE", "BEGUN", "broken", "absent")
    assert untouched(PIECES.encode(), names) == {"stub", "Stub", "TABLE"}


def test_every_stub_that_is_handed_out_is_known_as_one() -> None:
    for topic in the_course().topics:
        source = (ROOT / "exercises" / f"{topic.name}.py").read_bytes() + b"\ndef mine():\n    return (\n"
        names = the_course().names[topic.name]
        assert untouched(source, (*names, "mine")) == set(names)


def test_an_exception_shows_the_students_own_lines(grade) -> None:
    results = grade(mse("total = 0\nreturn total / nothing"))
    text = terminal.failure(next(result for result in results if result.exercise == "mse"))
    assert "losses.py:" in text and "return total / nothing" in text


@pytest.mark.parametrize("result", ["np.asarray(value)", "float(value)", "np.array(value).astype(object)[()]"])
def test_ways_to_return_a_number(result: str, grade) -> None:
    results = grade(mse(f"y, y_hat = _same_shape(y, y_hat)\nvalue = np.mean((y - y_hat) ** 2)\nreturn {result}"))
    assert {r.status for r in results if r.exercise == "mse"} == {PASSED}


def test_a_gradient_as_a_list_is_right_with_advice(grade, checks: list[Check], tmp_path: Path) -> None:
    folder = tmp_path / "listy"
    folder.mkdir()
    body = "def mse_gradient(y, y_hat):\n    return _right(y, y_hat).tolist()"
    source = SOLUTION + "\n\n_right = mse_gradient\n\n\n" + body + "\n"
    (folder / "losses.py").write_text(source, encoding="utf-8")
    course, answers = the_course(), RecordedSource()
    subject = LocalSubject(folder, course.names)
    mine = [check for check in checks if check.exercise == "mse_gradient"]
    results = [run_check(c, course, subject, answers.answers_for(c.topic, c.id), DEFAULT_SEED).result for c in mine]
    assert {result.status for result in results} == {PASSED}
    assert any("mse_gradient returns a list" in line for result in results for line in result.advice)


def test_advice_judges_no_values(grade) -> None:
    """It stands beside failed checks, too."""
    results = grade(mse("return np.array(int(np.mean((np.asarray(y) - np.asarray(y_hat)) ** 2)))"))
    told = [line for result in results if result.status == FAILED for line in result.advice]
    assert any("mse returns" in line for line in told) and not any("right" in line for line in told)


def test_a_value_error_at_import_earns_no_check_that_asks_for_one(grade) -> None:
    results = grade(b"raise ValueError('at import')\n")
    assert {result.status for result in results if result.topic == "losses"} == {FAILED}


SLIPS = [
    ("return float(input('y? '))", "asks for input(), where nobody answers"),
    ("exit()", "ends the program, with exit() or the like"),
    ("raise SystemExit('bye')", "ends the program, with exit() or the like"),
    ("return mse(y, y_hat)", "calls itself, or something that calls it, without end"),
    ("return 0.0 if y == y_hat else 1.0", "np.where decides for each entry"),
]


@pytest.mark.parametrize(("body", "told"), SLIPS)
def test_an_exception_with_a_usual_reason_says_what_to_do(body: str, told: str, grade) -> None:
    messages = [result.failure.message for result in grade(mse(body)) if result.failure and result.exercise == "mse"]
    assert any(told in message for message in messages), messages


def test_an_array_in_an_if_is_no_check_of_the_arguments(grade) -> None:
    results = grade(mse("return 0.0 if np.asarray(y) == np.asarray(y_hat) else 1.0"))
    rejecting = [result for result in results if result.id.endswith("test_mse_rejects_shapes_that_differ")]
    assert [result.status for result in rejecting] == [FAILED]


@pytest.fixture
def grade_activation(checks: list[Check], tmp_path: Path):
    """The verdicts on one exercise of activations after its code is replaced."""

    def run(name: str, code: str) -> list[CheckResult]:
        solution = (ROOT / "solutions" / "activations.py").read_text(encoding="utf-8")
        (tmp_path / "activations.py").write_text(f"{solution}\n\n{code}", encoding="utf-8")
        course, answers = the_course(), RecordedSource()
        subject = LocalSubject(tmp_path, course.names)
        mine = [check for check in checks if check.exercise_id == f"activations.{name}"]
        return [run_check(c, course, subject, answers.answers_for(c.topic, c.id), DEFAULT_SEED).result for c in mine]

    return run


def test_nothing_is_said_of_what_came_back_where_an_exception_came(grade_activation) -> None:
    results = grade_activation("relu", "def relu(z):\n    return z * (z > 0)\n")
    raised = [result for result in results if result.failure and result.failure.reason == "exception"]
    assert raised and not any(result.advice for result in raised)
    assert all("Arguments may be lists: np.asarray(" in result.failure.message for result in raised)


def test_nan_is_said_to_have_come_out(grade_activation) -> None:
    naive = "def softmax(z, axis=-1):\n    e = np.exp(np.asarray(z, float))\n"
    results = grade_activation("softmax", naive + "    return e / e.sum(axis=axis, keepdims=True)\n")
    told = [result.failure for result in results if result.failure and result.failure.reason == "float_errors"]
    assert told and all("NaN or an infinity came out" in failure.message and failure.got for failure in told)
