"""Verdicts on demand, without a sitting: what `grader hint` and `grader progress` need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from grader.course import Course, the_course
from grader.desk.board import Board
from grader.desk.inbox import Inbox
from grader.desk.progress import Memory, changes, scores_of
from grader.desk.referee import CAN_FORK, TIMEOUT, Broken, Event, Finished, Ready, Referee, Verdicts
from grader.language import current

TICK_SECONDS = 0.2


class CannotJudge(Exception):
    """The checks cannot be run; the message says why."""


def judge(
    folder: Path, exercises: Iterable[str] | None = None, timeout: float = TIMEOUT, fork: bool = CAN_FORK
) -> Board:
    """Run the checks of some exercises (`topic.name`), or of all, in a process of their own.

    Raises
    ------
    CannotJudge
    """
    course = the_course()
    wanted = {exercise.id for exercise in course.exercises} if exercises is None else set(exercises)
    board = Board(course)
    inbox = Inbox()
    over: list[str] = []

    def take(event: Event) -> None:
        if isinstance(event, Ready):
            board.know(event.cards)
            referee.start(board.checks(wanted), {})
        elif isinstance(event, Verdicts):
            board.put(event.results)
        elif isinstance(event, Finished):
            over.append("")
        elif isinstance(event, Broken):
            over.append(event.sentence)

    referee = Referee(folder, take, lambda heard: inbox.put(referee.take, heard), timeout, fork, language=current())
    try:
        while not over:
            inbox.wait(TICK_SECONDS)
            referee.tick()
    finally:
        referee.close()
    if over[0]:
        raise CannotJudge(over[0])
    return board


def remember(board: Board, memory: Memory, course: Course) -> None:
    """Keep the points that a board shows."""
    progress = memory.recall(course)
    scores = scores_of(result for exercise in course.exercises for result in board.results(exercise.id))
    memory.keep(progress.scored(scores), changes(progress.scores, scores, datetime.now()))
