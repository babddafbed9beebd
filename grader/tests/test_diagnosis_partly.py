"""A mistake has its name where more is amiss: what is still to do, and what is forgotten as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.answers.sheet import RECORDED, RecordedSource
from grader.course import DEFAULT_SEED, ROOT, the_course
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import FAILED, CheckResult
from grader.subject.subject import LocalSubject
from grader.suite import Check, run_check

HALF_A_SCALER = '''

class StandardScaler:
    def __init__(self):
        self.mean_ = None
        self.std_ = None

    def fit(self, x):
        x = np.asarray(x, dtype=np.float64)
        self.mean_ = x.mean(axis=0)
        std = x.std(axis=0, ddof=1)
        self.std_ = np.where(std == 0, 1.0, std)
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise RuntimeError("fit first")
        return (np.asarray(x, dtype=np.float64) - self.mean_) / self.std_

    def fit_transform(self, x):
        raise NotImplementedError

    def inverse_transform(self, z):
        raise NotImplementedError

    def save(self, path):
        raise NotImplementedError

    @classmethod
    def load(cls, path):
        raise NotImplementedError
'''


@pytest.fixture
def explained(checks: list[Check], tmp_path: Path) -> Callable[[str, str, str], list[CheckResult]]:
    def run(topic: str, exercise: str, source: str) -> list[CheckResult]:
        (tmp_path / f"{topic}.py").write_text(source, encoding="utf-8")
        course, answers = the_course(), RecordedSource()
        subject = LocalSubject(tmp_path, course.names)
        mine = [check for check in checks if check.topic == topic]
        given = {check.id: answers.answers_for(topic, check.id) for check in mine}
        outcomes = [run_check(check, course, subject, given[check.id], DEFAULT_SEED) for check in mine]
        return [r for r in Diagnostician(RECORDED).explain(outcomes) if r.exercise == exercise and r.status == FAILED]

    return run


def test_a_class_that_is_filled_in_method_by_method_has_its_mistake_named(explained) -> None:
    stub = (ROOT / "exercises" / "scaling.py").read_text(encoding="utf-8")
    failed = explained("scaling", "StandardScaler", stub + HALF_A_SCALER)
    names = {item.name for result in failed for item in result.diagnosis}
    assert names == {"Sample standard deviation (m - 1)"}


def test_what_is_to_do_is_not_to_be_mended_first(explained) -> None:
    stub = (ROOT / "exercises" / "scaling.py").read_text(encoding="utf-8")
    assert not any(result.mend_first for result in explained("scaling", "StandardScaler", stub + HALF_A_SCALER))
    wrong = "\n\ndef standardize(x):\n    return np.asarray(x)\n"
    assert any(result.mend_first for result in explained("scaling", "StandardScaler", stub + wrong + HALF_A_SCALER))


HURRIED = {
    "dropout.dropout_mask": (
        "def dropout_mask(shape, p, rng):\n    return (np.random.rand(*shape) < p).astype(float)\n",
        {"p is the probability of keeping", "Accepts a p outside [0, 1]"},
    ),
    "losses.bce_with_logits": (
        "def bce_with_logits(y, logits):\n    p = 1 / (1 + np.exp(-np.asarray(logits, dtype=float)))\n"
        "    p = np.clip(p, 1e-7, 1 - 1e-7)\n    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))\n",
        {"Clips the probabilities", "Lets different shapes broadcast"},
    ),
    "losses.log_softmax": (
        "def log_softmax(logits):\n    e = np.exp(logits)\n    return np.log(e / e.sum(axis=1, keepdims=True))\n",
        {"Takes the formula of the softmax as it stands, then the logarithm"},
    ),
}


@pytest.mark.parametrize("exercise", HURRIED)
def test_what_a_hurried_student_writes_is_named(explained, exercise: str) -> None:
    """Two or three mistakes at once, each of which has its own checks."""
    topic, name = exercise.split(".")
    code, expected = HURRIED[exercise]
    source = (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")
    failed = explained(topic, name, f"{source}\n\n{code}")
    assert {item.name for result in failed for item in result.diagnosis} == expected
