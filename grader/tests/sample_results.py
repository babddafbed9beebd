"""Result records of an invented class of any size. The same arguments give the same class."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from grader.course import Course, Exercise, the_course
from grader.result import FAILED, PASSED, TO_DO, CheckResult, Diagnosis, Failure, SubmissionResult

FIRST = (
    "Ada",
    "Alan",
    "Amara",
    "Bao",
    "Carla",
    "Chidi",
    "Dana",
    "Emmy",
    "Fatima",
    "Grace",
    "Hedy",
    "Jun",
    "Kofi",
    "Mei",
)
LAST = ("Abel", "Bauer", "Chen", "Diaz", "Eze", "García", "Haddad", "Ito", "Kowalski", "Müller", "Okafor", "Sørensen")

MISTAKES = (
    ("sums", "Sums instead of averaging", "The values grow with the number of elements. What does the 1/n stand for?"),
    (
        "sign",
        "Has the sign the wrong way round",
        "If the prediction is too large, does the loss grow or shrink with it?",
    ),
    ("eps_outside", "Adds ε after the square root", "Add ε to the variance before the root, not to the root."),
    ("broadcasts", "Broadcasts shapes that differ", "Try (4,) against (4, 1) and look at the shape of the difference."),
    ("forgets_upstream", "Forgets the upstream gradient", "The chain rule multiplies by what comes from above."),
    (
        "float32",
        "Computes in float32",
        "The digits after the seventh are noise. Which dtype do the conventions ask for?",
    ),
)
TITLES = {
    "parity": ("the same numbers as PyTorch", "with other than the default arguments, as PyTorch has it"),
    "gradient": ("the slope, by finite differences",),
    "concept": (
        "a single number, an empty array, three axes: the shape stays",
        "right and without overflow up to |z| = 1000",
        "shapes that differ raise ValueError instead of broadcasting",
        "integers and nested lists: the result is not cut to integers",
        "the input is unchanged, the result is a new array",
        "the defaults are the ones of the contract",
    ),
}


@cache
def blank_checks(course: Course) -> tuple[CheckResult, ...]:
    """A suite for a course: the kinds that its table asks for, some of them twice, all to do."""
    return tuple(check for exercise in course.exercises for check in _checks_of(exercise))


def _checks_of(exercise: Exercise) -> Iterator[CheckResult]:
    for kind in exercise.kinds:
        for place, title in enumerate(TITLES[kind]):
            identity = f"test_{exercise.topic}.py::test_{exercise.name}_{kind}_{place}"
            yield CheckResult(identity, exercise.topic, exercise.name, kind, title, TO_DO, 1 + (kind == "gradient"))


@cache
def _passed(check: CheckResult) -> CheckResult:
    return replace(check, status=PASSED)


@cache
def _wrong(check: CheckResult, mistake: int) -> CheckResult:
    call = f"{check.exercise}(y, y_hat)"
    failure = Failure(
        "value",
        f"{call} returned other numbers than expected.",
        call,
        (
            ("y", "[[ 0.4967, -0.1383,  0.6477], [ 1.523 , -0.2342, -0.2341]]  shape (2, 3)"),
            ("y_hat", "[[ 1.579 , 0.767], ...]"),
        ),
        expected="[[ 0.6130, -0.2211, 1.0442], [-0.4121, 0.0007, 0.9123]]  shape (2, 3)",
        got="[[ 0.6551, -0.2363, 1.1159], [-0.4404, 0.0007, 0.9750]]  shape (2, 3)",
        difference="largest difference 0.0717 at [0, 2]; 5 of 6 entries differ",
        suggestion="" if mistake < len(MISTAKES) else "Every entry is 1.0686 times what was expected.",
    )
    named = MISTAKES[mistake : mistake + 1]
    diagnosis = tuple(
        Diagnosis(f"{check.exercise}_{i}", name, hint, "All 6 numbers agree with it.") for i, name, hint in named
    )
    return replace(check, status=FAILED, failure=failure, diagnosis=diagnosis)


@cache
def _raised(check: CheckResult) -> CheckResult:
    call = f"{check.exercise}(z)"
    trace = (
        f"{check.topic}.py:41 in {check.exercise}\n    shifted = _shift(z)\n"
        f"{check.topic}.py:12 in _shift\n    return z - z.max(axis=1)"
    )
    message = f"{call} raised AxisError: axis 1 is out of bounds for array of dimension 1"
    return replace(
        check, status=FAILED, failure=Failure("exception", message, call, (("z", "[1. 2. 3.]"),), trace=trace)
    )


@cache
def _never_ended(check: CheckResult) -> CheckResult:
    call = f"{check.exercise}(x)"
    message = f"{call} did not come back in time: is there a loop that never ends?"
    return replace(check, status=FAILED, failure=Failure("deadline", message, call, (("x", "[0.1 0.7]"),)))


@cache
def _does_not_compile(check: CheckResult) -> CheckResult:
    message = (
        f"{check.topic}.py does not compile (SyntaxError: '(' was never closed), so none of its exercises can run."
    )
    failure = Failure(
        "syntax", message, f"{check.exercise}(z)", trace=f"{check.topic}.py:57\n    return np.mean((y - y_hat) ** 2"
    )
    return replace(check, status=FAILED, failure=failure)


def sample_class(students: int, seed: int = 1, course: Course | None = None) -> Iterator[SubmissionResult]:
    """The records of a class, one after the other."""
    course = course or the_course()
    dice = random.Random(seed)
    hardness = {exercise.id: dice.gauss(0, 0.8) for exercise in course.exercises}
    for place in range(students):
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        yield _student(f"{name} {place + 1:04d}", course, hardness, dice)


def _student(name: str, course: Course, hardness: dict[str, float], dice: random.Random) -> SubmissionResult:
    checks = blank_checks(course)
    fate = dice.random()
    problems: tuple[str, ...] = ()
    ability = dice.gauss(0.9, 1.0)
    reach = min(1.0, max(0.05, dice.gauss(0.8 + 0.15 * ability, 0.25))) * len(course.exercises)
    if fate < 0.02:
        reach = 0.0
    if fate > 0.985:
        reach, problems = 0.0, ("The archive is damaged (bad CRC-32 for losses.py): hand it in again.",)
    broken = dice.choice(course.topics).name if 0.04 < fate < 0.07 else ""
    loops = dice.choice(course.exercises).id if 0.07 < fate < 0.10 else ""
    order = {exercise.id: number for number, exercise in enumerate(course.exercises)}
    mistakes = {exercise.id: dice.randrange(len(MISTAKES) + 2) for exercise in course.exercises}
    results = []
    for check in checks:
        exercise = f"{check.topic}.{check.exercise}"
        if order[exercise] >= reach or dice.random() < 0.01:
            results.append(check)
        elif check.topic == broken:
            results.append(_does_not_compile(check))
        elif exercise == loops:
            results.append(_never_ended(check))
        elif dice.gauss(ability - hardness[exercise], 0.9) > (-0.6 if check.kind == "concept" else -0.3):
            results.append(_passed(check))
        elif mistakes[exercise] == len(MISTAKES) + 1:
            results.append(_raised(check))
        else:
            results.append(_wrong(check, mistakes[exercise]))
    return SubmissionResult(name, 20, "0.1.0", "recorded", tuple(results), problems, "all layers")
