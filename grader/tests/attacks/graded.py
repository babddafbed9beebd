"""A small course with a suite of its own: what the attacks are graded with, and right answers to start from."""

from __future__ import annotations

from functools import partial

import numpy as np

from grader.answers.answers import RecordedAnswers
from grader.checks import (
    assert_close,
    assert_raises,
    assert_that,
    check,
    inputs_unchanged,
    new_output,
    no_float_errors,
)
from grader.classroom.memory import Memory
from grader.course import Course, Exercise, Topic
from grader.result import SubmissionResult
from grader.subject.face import faces
from grader.suite import Check, Outcome, run_check

SEED = 1

VECTORS = """
import numpy as np


def double(x):
    return 2.0 * np.asarray(x, dtype=np.float64)


def softplus(x):
    return np.logaddexp(0.0, np.asarray(x, dtype=np.float64))


def slope(f, x):
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
"""

LAYERS = """
import numpy as np


class Scale:
    def __init__(self, factor):
        if factor <= 0:
            raise ValueError("factor must be positive")
        self.factor = float(factor)
        self.seen = 0

    def forward(self, x):
        self.seen += 1
        return self.factor * np.asarray(x, dtype=np.float64)

    def save(self, path):
        with open(path, "w") as file:
            file.write(repr(self.factor))

    def load(self, path):
        with open(path) as file:
            self.factor = float(file.read())
"""

RIGHT = {"vectors": VECTORS, "layers": LAYERS}


def _exercise(topic: str, name: str, form: str, signature: str) -> Exercise:
    return Exercise(topic, name, form, signature, 1, ("concept",), (), ())


COURSE = Course(
    "attacked",
    (
        Topic(
            "vectors",
            "Vectors",
            (
                _exercise("vectors", "double", "function", "(x)"),
                _exercise("vectors", "softplus", "function", "(x)"),
                _exercise("vectors", "slope", "function", "(f, x)"),
            ),
        ),
        Topic("layers", "Layers", (_exercise("layers", "Scale", "class", "(factor)"),)),
    ),
)

FORMS = {topic.name: {exercise.name: exercise.form for exercise in topic.exercises} for topic in COURSE.topics}

with faces(FORMS):
    from exercises import layers, vectors


@check("double", "concept")
def double_of_random_numbers(rng, pytorch):
    """twice each entry"""
    x = rng.normal(size=(3, 4))
    expected = pytorch(None)
    assert_close(vectors.double(x) - 2.0 * x + expected, expected)


@check("double", "concept")
def double_of_a_row():
    """twice each entry, again"""
    assert_close(vectors.double(np.array([1.0, -2.5])), [2.0, -5.0])


@check("double", "concept")
def double_keeps_its_input():
    """the argument stays as it was"""
    with inputs_unchanged():
        vectors.double(np.array([1.0, 2.0]))


@check("double", "concept")
def double_gives_new_memory():
    """the result is a new array"""
    with new_output():
        vectors.double(np.array([1.0, 2.0]))


@check("softplus", "concept")
def softplus_is_stable():
    """no overflow on the way"""
    with no_float_errors():
        assert_close(vectors.softplus(np.array([0.0, 1000.0, -1000.0])), [np.log(2.0), 1000.0, 0.0])


@check("slope", "gradient")
def slope_of_a_line():
    """the slope of what the check passes in"""
    calls = []

    def line(x):
        calls.append(x)
        return 3.0 * x + 1.0

    assert_close(vectors.slope(line, 2.0), 3.0, rtol=1e-6)
    assert_that(len(calls) >= 2, "slope asks the function at two places at least.")


@check("Scale", "concept")
def scale_forward():
    """forward multiplies by the factor"""
    scale = layers.Scale(3.0)
    assert_close(scale.forward(np.array([1.0, 2.0])), [3.0, 6.0])
    scale.factor = 0.5
    assert_close(scale.forward(np.array([1.0, 2.0])), [0.5, 1.0])


@check("Scale", "concept")
def scale_saves_and_loads(scratch):
    """what was saved is loaded"""
    path = f"{scratch}/scale.txt"
    layers.Scale(0.25).save(path)
    other = layers.Scale(1.0)
    other.load(path)
    assert_that(other.factor == 0.25, "load brings the factor back.", other.factor)


@check("Scale", "concept")
def scale_rejects_negative_factors():
    """a factor that is not positive raises ValueError"""
    assert_raises(ValueError, layers.Scale, -1.0)


@check("Scale", "concept")
def scale_counts():
    """an object keeps its state"""
    scale = layers.Scale(2.0)
    scale.forward(np.ones(2))
    scale.forward(np.ones(2))
    assert_that(scale.seen == 2, "two calls were seen.", scale.seen)


def _check(function) -> Check:
    mark = function.pytestmark[0].kwargs
    topic = "layers" if mark["exercise"] == "Scale" else "vectors"
    title = function.__doc__
    return Check(function.__name__, topic, mark["exercise"], mark["kind"], title, 1, False, function, {})


CHECKS = tuple(
    _check(value) for value in list(globals().values()) if callable(value) and getattr(value, "pytestmark", None)
)
NAMES = frozenset(check.id for check in CHECKS)
ANSWERS = [np.arange(12.0).reshape(3, 4)]


def grade(subject, checks=CHECKS, memory: Memory | None = None):
    """The outcomes of checks on a subject, in the light of what others answered where there is a memory."""

    def run(item: Check) -> Outcome:
        return run_check(item, COURSE, subject, RecordedAnswers(item.id, ANSWERS), SEED)

    return [memory.outcome(item, subject, partial(run, item)) if memory else run(item) for item in checks]


def record(outcomes, tier: str = "") -> str:
    """The result record of a submission, as the class run writes it."""
    results = tuple(outcome.result for outcome in outcomes)
    return SubmissionResult("somebody", SEED, "0", "recorded", results, tier=tier).to_json()


def write(folder, files: dict[str, str | bytes]):
    """A submission's folder: topic names get `.py`, anything else is a path of its own."""
    for name, text in files.items():
        path = folder / (name if "." in name or "/" in name else f"{name}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
