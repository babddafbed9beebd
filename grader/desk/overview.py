"""`grader progress`: points by topic, what is done, what is to do, what is next, and how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from grader.course import Course, Topic, the_course
from grader.desk.board import Board
from grader.desk.home import home_of
from grader.desk.judging import judge, remember
from grader.desk.progress import Event, Memory
from grader.desk.trouble import Trouble, trouble_with
from grader.language import _, ngettext
from grader.reports import terminal
from grader.result import FAILED, PASSED, TO_DO


def overview(folder: Path) -> list[str]:
    """The lines of the overview; every check is run.

    Raises
    ------
    CannotJudge
        The checks do not run.
    """
    course = the_course()
    memory = Memory(home_of(folder))
    board = judge(folder)
    remember(board, memory, course)
    at = memory.recall(course).at
    charset = terminal.charset_of(sys.stdout)
    lines = overview_lines(board, course, memory.history(), at, date.today(), charset, troubles(board, course, folder))
    return [*lines, memory.problem] if memory.problem else lines


def troubles(board: Board, course: Course, folder: Path) -> dict[str, Trouble]:
    """By topic, what keeps its file from being checked."""
    found = {}
    for topic in course.topics:
        results = [result for exercise in topic.exercises for result in board.results(exercise.id)]
        if (trouble := trouble_with(topic.name, results, folder)) is not None:
            found[topic.name] = trouble
    return found


def overview_lines(
    board: Board,
    course: Course,
    history: Sequence[Event],
    at: str,
    today: date,
    charset: tuple[str, ...],
    broken: Mapping[str, Trouble] | None = None,
) -> list[str]:
    """The overview as lines.

    Parameters
    ----------
    board : Board
        With a verdict on every exercise.
    course : Course
    history : sequence of Event
    at : str
        Where the student stopped, `topic.name` or empty.
    today : date
    charset : tuple of str
        See `grader.reports.terminal`.
    broken : mapping of str to Trouble, optional
        The topics whose file does not load.
    """
    broken = broken or {}
    lines = [line for topic in course.topics for line in _topic(board, topic, charset, broken.get(topic.name))]
    points, maximum = board.points(course.exercises)
    lines += ["", _("All together: {points} of {maximum} points.").format(points=points, maximum=maximum)]
    lines += _gained(history, today)
    lines += _lost(board, course, history, broken)
    topic = at.partition(".")[0] or course.topics[0].name
    following = board.next_after(topic)
    if following is None:
        return [*lines, _("Everything is right: there is nothing left to do.")]
    if following.topic in broken:
        text = _("Next: mend {place}, then `grader progress` counts {topic} again.")
        return [*lines, text.format(place=broken[following.topic].place, topic=following.topic)]
    text = _("Next: {name}, in exercises/{topic}.py.  `grader watch` takes you there.")
    return [*lines, text.format(name=following.id, topic=following.topic)]


def _topic(board: Board, topic: Topic, charset: tuple[str, ...], trouble: Trouble | None) -> list[str]:
    points, maximum = board.points(topic.exercises)
    states = {exercise.name: board.state(exercise) for exercise in topic.exercises}
    done = sum(state == PASSED for state in states.values())
    text = ngettext("{done} of {count} exercise", "{done} of {count} exercises", len(states))
    counted = text.format(done=done, count=len(states))
    lines = [f"{topic.name:<16}{terminal.bar(points, maximum, charset)}  {points:>3} / {maximum:<3}  {counted}"]
    if trouble is not None:
        return [*lines, f"  {trouble.title}", *(f"    {line}" for line in trouble.lines)]
    begun = any(state != TO_DO for state in states.values())
    if not begun or done == len(states):
        return lines
    for label, wanted in ((_("done:  {names}"), PASSED), (_("wrong: {names}"), FAILED), (_("to do: {names}"), TO_DO)):
        names = [name for name, state in states.items() if state == wanted]
        if names:
            lines.append("  " + label.format(names=", ".join(names)))
    return lines


def _gained(history: Sequence[Event], today: date) -> list[str]:
    """How many points came today, if any did."""
    latest: dict[str, int] = {}
    gained = 0
    for event in history:
        if datetime.fromisoformat(event.when).astimezone().date() == today:
            gained += event.points - latest.get(event.exercise, 0)
        latest[event.exercise] = event.points
    if gained <= 0:
        return []
    return [ngettext("Today: {points} point more.", "Today: {points} points more.", gained).format(points=gained)]


def _lost(board: Board, course: Course, history: Sequence[Event], broken: Mapping[str, Trouble]) -> list[str]:
    """Exercises that had more points once than they have now; those of a file that does not load come back with it."""
    best: dict[str, int] = {}
    for event in history:
        best[event.exercise] = max(event.points, best.get(event.exercise, 0))
    whole = [exercise for exercise in course.exercises if exercise.topic not in broken]
    lost = [exercise.id for exercise in whole if best.get(exercise.id, 0) > board.score(exercise).points]
    if not lost:
        return []
    text = ngettext(
        "{names} had more points once than it has now.", "{names} had more points once than they have now.", len(lost)
    )
    return [text.format(names=", ".join(lost))]
