"""`grader hint`: the next hint for an exercise, after a look at how the student's code fares."""

from __future__ import annotations

from pathlib import Path

from grader.course import Exercise, the_course
from grader.desk import hint
from grader.desk.board import Board
from grader.desk.exercise_name import find_exercise
from grader.desk.hint import Hint
from grader.desk.home import home_of
from grader.desk.judging import judge, remember
from grader.desk.progress import Memory
from grader.desk.trouble import Trouble, trouble_with
from grader.language import _


def ask_for_hint(folder: Path, name: str, step: int | None = None, everything: bool = False) -> list[str]:
    """The lines of a hint. Files that it depends on and that do not load come first.

    Parameters
    ----------
    folder : Path
        The topic modules.
    name : str
        The exercise, see `find_exercise`.
    step : int, optional
        Which hint; by default the one after the last that was given. Too small means the first, too large the last.
    everything : bool
        Every hint at once.

    Raises
    ------
    UnknownName
        There is no such exercise.
    CannotJudge
        The checks do not run.
    """
    course = the_course()
    exercise = find_exercise(name, course)
    memory = Memory(home_of(folder))
    board = judge(folder, {exercise.id, *exercise.builds_on})
    remember(board, memory, course)
    results = board.results(exercise.id)
    if hint.is_right(results) and step is None and not everything:
        return [_("{name} is right: there is nothing to hint at.").format(name=exercise.id), *_problem(memory)]
    progress = memory.recall(course)
    given = progress.hints.get(exercise.id, 0)
    number = min(max(given + 1 if step is None else step, 1), hint.STEPS)
    last = hint.STEPS if everything else number
    kept = memory.keep(progress.stopped_at(exercise.id).hinted(exercise.id, max(last, given)))
    numbers = range(1, hint.STEPS + 1) if everything else [number]
    lines = [line for trouble in _troubles(board, exercise, folder) for line in _told(trouble)]
    if (named := hint.named_mistake(results)) is not None:
        lines += [*_laid_out(named, exercise.id), ""]
    shown = hint.hints(exercise, results)
    for each in numbers:
        lines += [*_numbered(shown[each - 1], each, exercise), ""]
    return [*lines, _and_then(exercise, last, kept), *_problem(memory)]


def _troubles(board: Board, exercise: Exercise, folder: Path) -> list[Trouble]:
    """Of the exercise's own file, then of those that it builds on."""
    found: dict[str, Trouble] = {}
    for name in (exercise.id, *exercise.builds_on):
        topic = name.partition(".")[0]
        if topic not in found and (trouble := trouble_with(topic, board.results(name), folder)) is not None:
            found[topic] = trouble
    return list(found.values())


def _told(trouble: Trouble) -> list[str]:
    return [trouble.title, *(f"  {line}" for line in trouble.lines), ""]


def _numbered(shown: Hint, number: int, exercise: Exercise) -> list[str]:
    text = _("{exercise}, hint {step} of {count}: {title}")
    title = text.format(exercise=exercise.id, step=number, count=hint.STEPS, title=shown.title)
    return [title, *(f"  {line}" for line in shown.lines)]


def _laid_out(shown: Hint, exercise: str) -> list[str]:
    title = _("{exercise}: {title}").format(exercise=exercise, title=shown.title)
    return [title, *(f"  {line}" for line in shown.lines)]


def _and_then(exercise: Exercise, number: int, kept: bool) -> str:
    if number < hint.STEPS and not kept:
        text = _("Nothing can be kept here, so type `grader hint {name} --step {step}` for the next one.")
        return text.format(name=exercise.name, step=number + 1)
    if number < hint.STEPS:
        return _("Type `grader hint {name}` again for the next one.").format(name=exercise.name)
    if exercise.form == "table":
        text = _("That was the last hint. The comment above the table in exercises/{topic}.py has the rest.")
        return text.format(topic=exercise.topic)
    return _("That was the last hint. The docstring in exercises/{topic}.py has the rest.").format(topic=exercise.topic)


def _problem(memory: Memory) -> list[str]:
    return [memory.problem] if memory.problem else []
