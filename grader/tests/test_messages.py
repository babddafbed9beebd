"""What a student reads: of a failed check the cause that was met, and nothing that does not belong to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grader import language
from grader.answers.sheet import RECORDED, RecordedSource
from grader.checks.run import show
from grader.course import DEFAULT_SEED, ROOT, the_course
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import CheckResult, Failure
from grader.subject.reply import GeneratorReference, RemoteReference
from grader.subject.subject import LocalSubject
from grader.suite import Check, run_check

Fails = Callable[[str, str], dict[str, CheckResult]]


@pytest.fixture
def fails(tmp_path: Path, checks: list[Check]) -> Fails:
    """The failed checks of an exercise, by function, where code is added to the solution of its topic."""

    def run(exercise: str, code: str) -> dict[str, CheckResult]:
        topic = exercise.partition(".")[0]
        solution = (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")
        (tmp_path / f"{topic}.py").write_text(f"{solution}\n\n{code}", encoding="utf-8")
        course, answers = the_course(), RecordedSource()
        subject = LocalSubject(tmp_path, course.names)
        mine = [check for check in checks if check.exercise_id == exercise]
        results = [run_check(c, course, subject, answers.answers_for(c.topic, c.id), DEFAULT_SEED).result for c in mine]
        return {result.id.partition("::")[2]: result for result in results if result.failure is not None}

    return run


def _failure(results: dict[str, CheckResult], name: str) -> Failure:
    failure = results[name].failure
    assert failure is not None
    return failure


SCALER = """
_Right = StandardScaler


class StandardScaler(_Right):
    def fit(self, x):
        super().fit(x)
        {code}
        return self
"""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("self.std_ = 2 * self.std_", "StandardScaler.std_ holds other numbers than expected."),
        ("self.std_ = self.std_[:2]", "StandardScaler.std_ has shape (2,), expected shape (3,)."),
        ("self.std_ = self.std_ * np.nan", "StandardScaler.std_ holds NaN after finite input."),
        ("self.std_ = np.full(3, np.inf)", "StandardScaler.std_ holds an infinity after finite input."),
        ("self.std_ = None", "StandardScaler.std_ is None, where a value was expected: is it set in time?"),
        ("self.std_ = 'one'", "StandardScaler.std_ is of type str, where numbers were expected."),
        ("del self.std_", "StandardScaler.std_ was asked for, but your object has no such attribute"),
        ("self.mean_ = self.mean_ + 1.0", "StandardScaler.mean_ holds other numbers than expected."),
    ],
)
def test_an_attribute_is_told_as_one(code: str, told: str, fails: Fails) -> None:
    results = fails("scaling.StandardScaler", SCALER.format(code=code))
    failure = _failure(results, "test_standard_scaler_learns_mean_and_std")
    assert failure.message.startswith(told)
    assert "()" not in failure.message + failure.call


def test_a_table_is_told_without_parentheses(fails: Fails) -> None:
    results = fails("choices.ACTIVATIONS", "ACTIVATIONS = 3\n")
    assert results and all("()" not in result.failure.call for result in results.values() if result.failure)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("self.std_ = 2 * self.std_", "it divides by m"),
        ("self.std_ = self.std_[:2]", "Check along which axis you sum"),
        ("self.std_ = self.std_ * np.nan", "NaN usually comes from"),
    ],
)
def test_what_a_difference_means_is_said_of_numbers_alone(code: str, told: str, fails: Fails) -> None:
    results = fails("scaling.StandardScaler", SCALER.format(code=code))
    assert told in _failure(results, "test_standard_scaler_learns_mean_and_std").suggestion


def test_what_to_mend_first_is_said_once_an_exercise(tmp_path: Path, checks: list[Check]) -> None:
    source = (ROOT / "solutions" / "activations.py").read_text(encoding="utf-8")
    below, above = "return 0.1 * np.asarray(z)", "return 3 * sigmoid(z)"
    wrong = f"def sigmoid(z):\n    {below}\n\n\ndef sigmoid_derivative(z):\n    {above}\n"
    (tmp_path / "activations.py").write_text(f"{source}\n\n{wrong}", encoding="utf-8")
    course, answers = the_course(), RecordedSource()
    subject = LocalSubject(tmp_path, course.names)
    mine = [check for check in checks if check.exercise in ("sigmoid", "sigmoid_derivative")]
    outcomes = [run_check(c, course, subject, answers.answers_for(c.topic, c.id), DEFAULT_SEED) for c in mine]
    results = Diagnostician(RECORDED).explain(outcomes)
    said = [result.mend_first for result in results if result.exercise == "sigmoid_derivative" and result.failure]
    assert len(said) > 2 and [bool(line) for line in said] == [True] + [False] * (len(said) - 1)


def test_a_shape_is_told_in_the_language_in_use() -> None:
    before, array = language.current(), np.arange(12.0).reshape(4, 3)
    try:
        texts = []
        for code in ("en", "es", "en"):
            language.use(code)
            texts.append(show(array).rpartition("]]")[2])
    finally:
        language.use(before)
    assert texts == [" shape (4, 3)", " forma (4, 3)", " shape (4, 3)"]


def test_nothing_returned_comes_before_what_was_met_on_the_way(fails: Fails) -> None:
    results = fails("activations.sigmoid", "def sigmoid(z):\n    1 / (1 + np.exp(-np.asarray(z)))\n")
    assert {result.failure.reason for result in results.values() if result.failure} == {"none"}


def test_one_value_for_two_is_shown_below_the_sentence(fails: Fails) -> None:
    results = fails("activations.prelu_backward", "def prelu_backward(dout, z, alpha):\n    return np.asarray(dout)\n")
    failures = [result.failure for result in results.values() if result.failure]
    told = "prelu_backward(dout, z, alpha) should return (dz, dalpha), in this order; it returned one value instead."
    parts = [failure for failure in failures if failure.reason == "parts"]
    assert parts and all(failure.message == told and failure.got for failure in parts)


@pytest.mark.parametrize(
    ("exercise", "code", "told"),
    [
        ("losses.log_softmax", "def log_softmax(logits):\n    return np.log(softmax(logits))\n",
         "name 'softmax' is not defined. Your own one comes with `from exercises.activations import softmax`, at"),
        ("losses.log_softmax", "def log_softmax(logits):\n    return nothing\n", "name 'nothing' is not defined"),
        ("activations.relu", "def relu(z):\n    return np.max(0, z)\n", "np.maximum compares two, entry by entry."),
        ("activations.sigmoid", "import math\n\n\ndef sigmoid(z):\n    return 1 / (1 + math.exp(-z))\n",
         "such as np.exp, take arrays."),
        ("backprop.dense_forward", "def dense_forward(a_prev, W, b):\n    return W @ a_prev + b\n",
         "one of them may have to be transposed."),
    ],
)  # fmt: skip
def test_an_error_that_is_usual_says_what_to_do(exercise: str, code: str, told: str, fails: Fails) -> None:
    messages = [result.failure.message for result in fails(exercise, code).values() if result.failure]
    assert any(told in message for message in messages), messages
    assert all(message.endswith((".", "defined")) for message in messages if told in message)


def test_one_number_is_asked_for_in_words(fails: Fails) -> None:
    results = fails("losses.mse", "def mse(y, y_hat):\n    return (np.asarray(y) - np.asarray(y_hat)) ** 2\n")
    messages = [result.failure.message for result in results.values() if result.failure]
    assert "mse(y, y_hat) returned shape (4, 3), where one number was expected." in messages


def test_arguments_are_shown_as_what_they_are() -> None:
    assert show(GeneratorReference(1, 7)) == "np.random.default_rng(7)"
    assert show(RemoteReference(CheckResult)) == "<class CheckResult>"
    assert show(list(range(12))) == "[ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] shape (12,)"
    assert show([[1, 2]] * 30).endswith("shape (30, 2)")
    assert show(["one"] * 9) == "<list>"


def test_integers_beyond_all_use_are_not_written_out() -> None:
    """Python refuses to from 4300 digits on, which would be told as an error of the check."""
    assert show(10**5000) == "an integer of 16610 bits"
    assert show([10**5000, 3]) == "[an integer of 16610 bits, 3]"
    assert show(10**20) == "100000000000000000000" and show(True) == "True"
