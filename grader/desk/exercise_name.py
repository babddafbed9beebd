"""What a student means by a name: a topic or an exercise, with a suggestion where it is neither."""

from __future__ import annotations

import difflib

from grader.course import Course, Exercise
from grader.language import _


class UnknownName(ValueError):
    """There is no such exercise or topic: one sentence that says what to type instead."""


def find_exercise(name: str, course: Course) -> Exercise:
    """The exercise that `huber`, `losses.huber` or `exercises/losses.py::huber` means; capitals do not matter.

    Raises
    ------
    UnknownName
        There is none.
    """
    wanted = _plain(name)
    if not wanted:
        raise UnknownName(_("Name an exercise, such as {example}.").format(example=course.exercises[0].id))
    owner = name.strip().rpartition(".")[0]  # of a method such as `BatchNorm.forward`
    for exercise in course.exercises:
        if name in (exercise.name, exercise.id):
            return exercise
    for exercise in course.exercises:
        if exercise.form == "class" and owner in (exercise.name, exercise.id):
            return exercise
    for exercise in course.exercises:
        if wanted in (exercise.name.lower(), exercise.id.lower()):
            return exercise
    if wanted in course.names:
        text = _("{name} is a topic: name one of its exercises, such as {example}.")
        raise UnknownName(text.format(name=wanted, example=course.topic(wanted).exercises[0].id))
    near = _near(wanted, [name for e in course.exercises for name in (e.name, e.id)])
    if near:
        raise UnknownName(_("There is no exercise {name}: did you mean {near}?").format(name=name, near=near))
    raise UnknownName(
        _("There is no exercise {name} in this kit: the files in exercises/ have their names.").format(name=name)
    )


def find_topic(name: str, course: Course) -> tuple[str, str]:
    """The topic that a name means, and the exercise (`topic.name`) if it means one; empty otherwise.

    Raises
    ------
    UnknownName
        It means neither.
    """
    wanted = _plain(name)
    if wanted in course.names:
        return wanted, ""
    if not wanted:
        raise UnknownName(_("Name a topic: {topics}.").format(topics=", ".join(course.names)))
    try:
        exercise = find_exercise(name, course)
    except UnknownName as error:
        near = _near(wanted, [*course.names, *(e.name for e in course.exercises)])
        topics = ", ".join(course.names)
        if near:
            text = _("There is no topic {name}: did you mean {near}? The topics are {topics}.")
            raise UnknownName(text.format(name=name, near=near, topics=topics)) from error
        text = _("There is no topic {name}: the topics are {topics}.")
        raise UnknownName(text.format(name=name, topics=topics)) from error
    return exercise.topic, exercise.id


def _plain(name: str) -> str:
    """A name without what editors and shells put around it."""
    text = name.strip().replace("\\", "/").rsplit("/", 1)[-1].lower()
    return text.replace(".py::", ".").removesuffix(".py").removeprefix("exercises.").removeprefix("test_")


def _near(wanted: str, known: list[str]) -> str:
    lowered = {name.lower(): name for name in known}
    return next((lowered[name] for name in difflib.get_close_matches(wanted, list(lowered), 1)), "")
