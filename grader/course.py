"""The table of the course (`course.toml`) as typed records."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from grader.language import _

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KINDS = ("gradient", "parity", "concept")
DEFAULT_SEED = 1

ROOT = Path(__file__).resolve().parent.parent
"""The kit's own folder: the one that holds `exercises/`, `tests/` and `grader/`."""


class UnknownTopic(ValueError):
    """The course has no such topic: one sentence that says which it has."""


@dataclass(frozen=True)
class Exercise:
    """One stub to fill in: a function, a class or a table of a topic."""

    topic: str
    name: str
    form: str
    signature: str
    points: int
    kinds: tuple[str, ...]
    slides: tuple[str, ...]
    builds_on: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.topic}.{self.name}"


@dataclass(frozen=True)
class Topic:
    """One module of exercises."""

    name: str
    title: str
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)


@dataclass(frozen=True)
class Course:
    """Every topic, in the order in which the course teaches them."""

    title: str
    topics: tuple[Topic, ...]

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(exercise for topic in self.topics for exercise in topic.exercises)

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names of the exercises of each topic: all that a worker needs to know of the course."""
        return {topic.name: tuple(e.name for e in topic.exercises) for topic in self.topics}

    def topic(self, name: str) -> Topic:
        for topic in self.topics:
            if topic.name == name:
                return topic
        raise KeyError(f"no topic {name!r} in the course; it has {', '.join(t.name for t in self.topics)}")

    def chosen(self, wanted: Collection[str]) -> tuple[str, ...]:
        """The names of the wanted topics in the order of the course; of all if none is named.

        Raises
        ------
        UnknownTopic
            The course has no such topic.
        """
        for name in wanted:
            if name not in self.names:
                text = _("The course has no topic {topic}: it has {topics}.")
                raise UnknownTopic(text.format(topic=name, topics=", ".join(self.names)))
        return tuple(name for name in self.names if not wanted or name in wanted)

    def exercise(self, topic: str, name: str) -> Exercise:
        if not self.has(topic, name):
            raise KeyError(f"no exercise {topic}.{name} in the course")
        return self._by_name[topic, name]

    def has(self, topic: str, name: str) -> bool:
        return (topic, name) in self._by_name

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Exercise]:
        return {(exercise.topic, exercise.name): exercise for exercise in self.exercises}


def _exercise(topic: str, row: dict) -> Exercise:
    return Exercise(
        topic=topic,
        name=row["name"],
        form=row.get("form", "function"),
        signature=row.get("signature", ""),
        points=int(row["points"]),
        kinds=tuple(row["kinds"]),
        slides=tuple(row["slides"]),
        builds_on=tuple(row.get("builds_on", ())),
    )


def read_course(path: Path) -> Course:
    """Read a course table.

    Parameters
    ----------
    path : Path
        A TOML file with `title` and one `[[topic]]` table a topic.

    Returns
    -------
    Course
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    topics = tuple(
        Topic(row["name"], row["title"], tuple(_exercise(row["name"], e) for e in row["exercises"]))
        for row in table["topic"]
    )
    return Course(table["title"], topics)


@cache
def the_course() -> Course:
    """The course that this kit teaches."""
    return read_course(Path(__file__).with_name("course.toml"))
