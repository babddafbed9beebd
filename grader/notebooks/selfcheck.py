"""`check("losses.mse")` in a notebook: grades what the notebook defines right now, in its own kernel."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from grader.answers.sheet import RECORDED, RecordedSource, recorded_seed
from grader.course import DEFAULT_SEED, ROOT, Exercise, the_course
from grader.language import _
from grader.misconceptions.diagnosis import Diagnostician
from grader.notebooks.siblings import sibling
from grader.notebooks.wording import exercise_text, score_html
from grader.result import CheckResult, Tally
from grader.subject.face import faces
from grader.subject.subject import DEFAULT_TIMEOUT, LocalSubject
from grader.suite import Check, collect, run_check

VALIDATING = "NBGRADER_VALIDATING"
"""Set by `nbgrader validate`, which shows what a cell writes to stderr and nothing else."""

VALIDATION_WIDTH = 82
"""`nbgrader validate` cuts longer lines."""


class Points(float):
    """The points of an exercise: a number for nbgrader, a line with a bar for people."""

    name: str
    tally: Tally

    @classmethod
    def of(cls, name: str, tally: Tally) -> Points:
        points = cls(tally.points)
        points.name, points.tally = name, tally
        return points

    def _repr_html_(self) -> str:
        return score_html(self.name, self.tally)


def check(exercise: str, namespace: Mapping[str, Any] | None = None) -> Points:
    """Run the checks of an exercise on what this notebook defines, say what came of it, and give the points.

    Parameters
    ----------
    exercise : str
        `topic.Exercise`, as in `check("losses.mse")`.
    namespace : mapping, optional
        Where the exercise is defined; by default the notebook that calls.

    Raises
    ------
    ValueError
        The course has no such exercise.
    """
    wanted = _exercise(exercise)
    validating = bool(os.environ.get(VALIDATING))
    namespace = sys._getframe(1).f_globals if namespace is None else namespace
    results = _results(wanted, namespace)
    tally = Tally.of(results)
    if wanted.name not in namespace:
        text = _("{exercise} is not defined in this notebook yet: run its cell first.").format(exercise=wanted.name)
        print(text, file=sys.stderr if validating else sys.stdout)
        return Points.of(wanted.name, tally)
    text = exercise_text(wanted.name, results, VALIDATION_WIDTH) if validating else exercise_text(wanted.name, results)
    print(text, file=sys.stderr if validating and tally.points < tally.maximum else sys.stdout)
    return Points.of(wanted.name, tally)


@contextmanager
def trying() -> Iterator[None]:
    """Around code that uses exercises: one that is not done yet is a short line instead of a traceback."""
    try:
        yield
    except NotImplementedError as error:
        print(_("To do first: {exercise}.").format(exercise=str(error) or _("an exercise that this cell uses")))
    except NameError as error:
        print(_("{error}: run its cell first.").format(error=error))
    except ModuleNotFoundError as error:
        print(error)


def _exercise(text: str) -> Exercise:
    topic, _dot, name = str(text).partition(".")
    course = the_course()
    if not course.has(topic, name):
        sentence = _('The course has no exercise {text}: write it as in check("losses.mse").')
        raise ValueError(sentence.format(text=text))
    return course.exercise(topic, name)


@cache
def _checks(topic: str) -> tuple[Check, ...]:
    forms = {t.name: {e.name: e.form for e in t.exercises} for t in the_course().topics}
    with faces(forms):
        return tuple(collect([ROOT / "tests" / f"test_{topic}.py"]))


@cache
def _source() -> RecordedSource:
    return RecordedSource(RECORDED)


@cache
def _diagnostician() -> Diagnostician:
    return Diagnostician(RECORDED)


def _results(exercise: Exercise, namespace: Mapping[str, Any]) -> tuple[CheckResult, ...]:
    course = the_course()
    names = course.names[exercise.topic]
    overrides = {(exercise.topic, name): namespace[name] for name in names if name in namespace}
    seed = recorded_seed() or DEFAULT_SEED
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        _fill(Path(folder), exercise)
        subject = LocalSubject(Path(folder), course.names, DEFAULT_TIMEOUT, overrides)
        try:
            outcomes = [
                run_check(item, course, subject, _source().answers_for(item.topic, item.id), seed)
                for item in _checks(exercise.topic)
                if item.exercise == exercise.name
            ]
        finally:
            subject.close()
    return _diagnostician().explain(outcomes)


def _fill(folder: Path, exercise: Exercise) -> None:
    """The modules beside the notebook's own: empty for its topic, whose exercises come from the notebook itself."""
    (folder / f"{exercise.topic}.py").write_text("", encoding="utf-8")
    below = {name.partition(".")[0] for e in the_course().topic(exercise.topic).exercises for name in e.builds_on}
    for topic in below - {exercise.topic}:
        found = sibling(Path.cwd(), topic)
        if found is not None:
            (folder / f"{topic}.py").write_text(found.source, encoding="utf-8")
