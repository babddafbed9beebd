"""The catalogue: known wrong answers and right alternatives, registered by decorators."""

from __future__ import annotations

import importlib
import importlib.util
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from grader.course import ROOT, the_course
from grader.subject.library import Library

Answer = TypeVar("Answer", bound=Callable)

SOLUTIONS = ROOT / "solutions"


@dataclass(frozen=True)
class Misconception:
    """A wrong version of one exercise."""

    id: str
    topic: str
    exercise: str
    name: str
    hint: str
    equivalents: tuple[str, ...]
    value: Any = field(repr=False, compare=False)


@dataclass(frozen=True)
class Alternative:
    """A right version of one exercise, in a style of its own."""

    id: str
    topic: str
    exercise: str
    style: str
    value: Any = field(repr=False, compare=False)


_misconceptions: list[Misconception] = []
_alternatives: list[Alternative] = []


def _topic(module: str) -> str:
    return module.rsplit(".", 1)[-1]


def misconception(
    exercise: str, name: str, *, hint: str, equivalents: tuple[str, ...] = ()
) -> Callable[[Answer], Answer]:
    """Register a function or class as a known wrong answer.

    Parameters
    ----------
    exercise : str
        The exercise of the module's topic that it takes the place of.
    name : str
        What the mistake is, short and factual.
    hint : str
        One or two sentences that lead to the idea without giving the line away.
    equivalents : tuple of str, optional
        Ids of other mistakes that no input allowed by the contract tells apart from this one.
    """

    def register(answer: Answer) -> Answer:
        _misconceptions.append(
            Misconception(answer.__name__, _topic(answer.__module__), exercise, name, hint, equivalents, answer)
        )
        return answer

    return register


def misconception_table(exercise: str, name: str, *, hint: str, value: Any, topic: str = "choices") -> None:
    """Register a wrongly filled table."""
    slug = "_".join([exercise.lower(), *"".join(c if c.isalnum() else " " for c in name.lower()).split()])
    _misconceptions.append(Misconception(slug, topic, exercise, name, hint, (), value))


def alternative(exercise: str, style: str) -> Callable[[Answer], Answer]:
    """Register a function or class as a right answer in another style."""

    def register(answer: Answer) -> Answer:
        _alternatives.append(Alternative(answer.__name__, _topic(answer.__module__), exercise, style, answer))
        return answer

    return register


@cache
def reference(topic: str) -> types.ModuleType:
    """The reference module of a topic, for wrong answers that change a detail of it."""
    library = Library(SOLUTIONS, the_course().names)
    with library.imports():
        return library.load(topic)


def _load(package: str, topics: tuple[str, ...]) -> None:
    for topic in topics:
        name = f"{package}.{topic}"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


@cache
def misconceptions() -> tuple[Misconception, ...]:
    """Every known wrong answer, in the order of the course."""
    _load("grader.misconceptions", tuple(the_course().names))
    return _in_order(_misconceptions)


@cache
def alternatives() -> tuple[Alternative, ...]:
    """Every right alternative, in the order of the course."""
    _load("grader.tests.alternatives", tuple(the_course().names))
    return _in_order(_alternatives)


def _in_order(answers: list) -> tuple:
    order = {exercise.id: place for place, exercise in enumerate(the_course().exercises)}
    return tuple(sorted(answers, key=lambda answer: order[f"{answer.topic}.{answer.exercise}"]))
