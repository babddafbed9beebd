"""The README of a kit: a template filled in with what the kit holds. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Sequence

from grader.course import Course, Exercise, Topic
from grader.language import _, ngettext

FAVOURITE = "losses.huber"
"""The exercise of the example commands, where it is in the kit."""

WIDTH = 120
_COMMAND = re.compile(r"^(?P<command>\.venv\S+.*?) +# (?P<comment>.*)$", re.MULTILINE)


def page(template: str, course: Course, topics: Sequence[str], drawn: Collection[str]) -> str:
    """The README of a kit.

    Parameters
    ----------
    template : str
        With `{topic}` and `{exercise}` for examples, `{drawn}` for a topic with a figure (a line with it goes where
        there is none) and `{topics}` for the list of what is in the kit.
    course : Course
        The whole one.
    topics : sequence of str
        Those of the kit.
    drawn : collection of str
        Those that have a figure.
    """
    example = _example(course, topics)
    figure = example.topic if example.topic in drawn else next((topic for topic in topics if topic in drawn), "")
    kept = [line for line in template.splitlines() if figure or "{drawn}" not in line]
    text = "\n".join(kept) + "\n"
    content = _contents(course, topics)
    return _aligned(text.format(topic=example.topic, exercise=example.name, drawn=figure, topics=content))


def _example(course: Course, topics: Sequence[str]) -> Exercise:
    exercises = [exercise for topic in topics for exercise in course.topic(topic).exercises]
    return next((exercise for exercise in exercises if exercise.id == FAVOURITE), exercises[0])


def _contents(course: Course, topics: Sequence[str]) -> str:
    """A line for each topic of the kit, and a paragraph on those that are left out."""
    lines = [_line(course.topic(topic)) for topic in topics]
    absent = [f"`{topic}`" for topic in course.names if topic not in topics]
    if absent:
        text = _("Not part of this kit: {topics}. Where a stub speaks of one of these, or your code could use what is "
                 "asked for there, write that part in the file that needs it.")  # fmt: skip
        lines += ["", textwrap.fill(text.format(topics=", ".join(absent)), WIDTH, break_on_hyphens=False)]
    return "\n".join(lines)


def _line(topic: Topic) -> str:
    text = ngettext("{file}: {title}, {count} point", "{file}: {title}, {count} points", topic.points)
    return "- " + text.format(file=f"`exercises/{topic.name}.py`", title=_(topic.title), count=topic.points)


def _aligned(text: str) -> str:
    """The comments behind the commands in one column, however long the names are."""
    width = max((len(found["command"]) for found in _COMMAND.finditer(text)), default=0)
    return _COMMAND.sub(lambda found: f"{found['command']:<{width}}    # {found['comment']}", text)
