"""What a save has changed: never too little, and not the whole topic for one exercise."""

from __future__ import annotations

import pytest

from grader.course import ROOT, the_course
from grader.desk.change import change

SOURCES = {topic: (ROOT / "exercises" / f"{topic}.py").read_bytes() for topic in the_course().names}
LOSSES = SOURCES["losses"].decode()


def after(topic: str, source: bytes | str | None):
    new = source.encode() if isinstance(source, str) else source
    return change(SOURCES, {**SOURCES, topic: new}, the_course())


def body(topic: str, name: str, text: str) -> str:
    """A stub file with one body replaced."""
    return SOURCES[topic].decode().replace(f'raise NotImplementedError("{topic}.{name}")', text)


def test_nothing() -> None:
    assert after("losses", SOURCES["losses"]).affected == frozenset()


@pytest.mark.parametrize("add", ["\n# a comment\n", "\n\n\n"])
def test_what_does_not_run_changes_nothing(add: str) -> None:
    assert after("losses", LOSSES + add).affected == frozenset()


def test_prose_changes_nothing() -> None:
    assert after("losses", LOSSES.replace("Mean squared error.", "The MSE.")).affected == frozenset()


def test_one_exercise() -> None:
    found = after("losses", body("losses", "mse", "return 0.0"))
    assert found.topics == ("losses",)
    assert found.direct == found.affected == {"losses.mse"}


def test_what_builds_on_it_in_other_topics_too() -> None:
    found = after("activations", body("activations", "softmax", "return z"))
    assert found.direct == {"activations.softmax"}
    assert found.affected == {"activations.softmax", "losses.cross_entropy_with_logits_gradient", "network.train"}


def test_uses_that_the_course_does_not_know_of() -> None:
    mine = {**SOURCES, "losses": body("losses", "mae", "return abs(mse(y, y_hat))").encode()}
    changed = {**mine, "losses": mine["losses"].replace(b'raise NotImplementedError("losses.mse")', b"return 1.0")}
    assert change(mine, changed, the_course()).affected == {"losses.mse", "losses.mae"}


@pytest.mark.parametrize(
    "line, use",
    [
        ("from exercises.activations import relu", "relu(y)"),
        ("from .activations import relu as r", "r(y)"),
        ("from activations import *", "relu(y)"),
        ("import activations", "activations.relu(y)"),
        ("from exercises import activations as act", "act.relu(y)"),
        ("import exercises.activations", "exercises.activations.relu(y)"),
    ],
)
def test_imports_of_another_topic(line: str, use: str) -> None:
    source = body("losses", "mae", f"return {use}").replace("import numpy as np", f"import numpy as np\n{line}")
    mine = {**SOURCES, "losses": source.encode()}
    changed = {**mine, "activations": body("activations", "relu", "return z").encode()}
    found = change(mine, changed, the_course())
    assert found.direct == {"activations.relu"} and "losses.mae" in found.affected
    assert ("losses.mse" in found.affected) == ("*" in line)  # a star may stand for any name


def test_a_helper_touches_those_that_use_it() -> None:
    helper = "\n\ndef helper(y):\n    return {0}\n"
    used = body("losses", "mae", "return helper(y)")
    before = {**SOURCES, "losses": (used + helper.format(1)).encode()}
    found = change(before, {**SOURCES, "losses": (used + helper.format(2)).encode()}, the_course())
    assert found.direct == found.affected == {"losses.mae"}


@pytest.mark.parametrize("source", [None, b"", b"def mse(:\n", b"\xff\xfe", b"x = 1\0"])
def test_a_file_that_cannot_be_told_is_all_of_its_topic(source: bytes | None) -> None:
    found = after("losses", source)
    assert found.direct == {e.id for e in the_course().topic("losses").exercises}
    back = change({**SOURCES, "losses": source}, SOURCES, the_course())
    assert found.direct == back.direct


def test_code_that_binds_nothing_may_touch_everything() -> None:
    found = after("losses", LOSSES + "\nnp.seterr(all='raise')\n")
    assert found.direct == {e.id for e in the_course().topic("losses").exercises}
