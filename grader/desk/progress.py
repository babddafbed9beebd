"""What the desk remembers of a student: where they stopped, hints that were given, points, and how these came.

Two files. `progress.json` is written whole each time and can be computed anew; `history.jsonl` only ever grows.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.desk.home import write_whole
from grader.language import _
from grader.result import CheckResult, Tally

SCHEMA = 1
FILE = "progress.json"
HISTORY = "history.jsonl"


@dataclass(frozen=True)
class Score:
    """The points of one exercise, and whether it is still a stub."""

    points: int
    maximum: int
    to_do: bool

    @property
    def complete(self) -> bool:
        return self.points == self.maximum


@dataclass(frozen=True)
class Event:
    """A change of the points of one exercise."""

    when: str
    exercise: str
    points: int
    maximum: int


@dataclass(frozen=True)
class Progress:
    """What is remembered.

    `at` is the exercise (`topic.name`) at which the student stopped, empty at first; `hints` counts the hints given for
    each exercise.
    """

    at: str = ""
    hints: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)

    def stopped_at(self, exercise: str) -> Progress:
        return replace(self, at=exercise)

    def hinted(self, exercise: str, steps: int) -> Progress:
        return replace(self, hints={**self.hints, exercise: steps})

    def scored(self, scores: Mapping[str, Score]) -> Progress:
        """With new scores; an exercise that is complete starts over with its hints."""
        hints = {name: steps for name, steps in self.hints.items() if name not in scores or not scores[name].complete}
        return replace(self, scores={**self.scores, **scores}, hints=hints)


def scores_of(results: Iterable[CheckResult]) -> dict[str, Score]:
    """The score of each exercise of which every check is among some results."""
    groups: dict[str, list[CheckResult]] = {}
    for result in results:
        groups.setdefault(f"{result.topic}.{result.exercise}", []).append(result)
    scores = {}
    for exercise, checks in groups.items():
        tally = Tally.of(checks)
        scores[exercise] = Score(tally.points, tally.maximum, tally.to_do == len(checks))
    return scores


def changes(before: Mapping[str, Score], after: Mapping[str, Score], when: datetime) -> list[Event]:
    """What is new in some scores: exercises whose points are others than before."""
    stamp = when.astimezone().isoformat(timespec="seconds")
    return [
        Event(stamp, exercise, score.points, score.maximum)
        for exercise, score in after.items()
        if score.points != (before[exercise].points if exercise in before else 0)
    ]


# -- on disk -----------------------------------------------------------------------------------------------------


class Memory:
    """The two files of one student.

    Nothing here raises: what goes wrong is kept in `problem`, one sentence, and the desk goes on without.

    Parameters
    ----------
    home : Path
        The folder `.grader`.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.problem = ""

    def recall(self, course: Course) -> Progress:
        """What is remembered; nothing where there is no file, or one that cannot be used, which is put aside."""
        path = self.home / FILE
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return Progress()
        except OSError as error:
            self._cannot_read(path, error)
            return Progress()
        try:
            return _progress(json.loads(content.decode("utf-8")), course)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._put_aside(path)
            return Progress()

    def keep(self, progress: Progress, events: Iterable[Event] = ()) -> bool:
        """Write what is to be remembered; False where that is not possible."""
        record = {
            "schema": SCHEMA,
            "at": progress.at,
            "hints": dict(progress.hints),
            "scores": {name: [s.points, s.maximum, s.to_do] for name, s in progress.scores.items()},
        }
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._add(events)
            write_whole(self.home / FILE, (json.dumps(record, indent=1) + "\n").encode(), durable=False)
        except OSError as error:
            self._cannot_write(error)
            return False
        return True

    def history(self) -> list[Event]:
        """Every change of points that was ever noted, oldest first; lines that cannot be read are passed over."""
        events = []
        with contextlib.suppress(OSError):
            for line in (self.home / HISTORY).read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, TypeError):
                    events.append(_event(json.loads(line)))
        return events

    def _add(self, events: Iterable[Event]) -> None:
        rows = "".join(json.dumps(vars(event)) + "\n" for event in events)
        if not rows:
            return
        path = self.home / HISTORY
        torn = path.exists() and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(descriptor, (b"\n" if torn else b"") + rows.encode())
        finally:
            os.close(descriptor)

    def _cannot_read(self, path: Path, error: OSError) -> None:
        text = _("Your progress cannot be read from {path} ({error}); this session begins without it.")
        self.problem = text.format(path=path, error=error.strerror or error)

    def _cannot_write(self, error: OSError) -> None:
        text = _("Your progress cannot be kept in {folder} ({error}): make it writable. Your code is not affected.")
        self.problem = text.format(folder=self.home, error=error.strerror or error)

    def _put_aside(self, path: Path) -> None:
        aside = path.with_name(f"{path.name}.damaged-{datetime.now():%Y%m%d-%H%M%S}")
        try:
            path.replace(aside)
        except OSError as error:
            self._cannot_read(path, error)
            return
        text = _("{file} was damaged; it is kept as {aside}, and your points are computed anew.")
        self.problem = text.format(file=path.name, aside=aside.name)


def _progress(record: Any, course: Course) -> Progress:
    if record["schema"] != SCHEMA:
        raise ValueError(record["schema"])
    known = {exercise.id for exercise in course.exercises}
    at = record["at"] if record["at"] in known else ""
    hints = {name: int(steps) for name, steps in record["hints"].items() if name in known}
    scores = {
        name: Score(int(points), int(maximum), bool(to_do))
        for name, (points, maximum, to_do) in record["scores"].items()
        if name in known
    }
    return Progress(at, hints, scores)


def _event(row: Any) -> Event:
    event = Event(str(row["when"]), str(row["exercise"]), int(row["points"]), int(row["maximum"]))
    datetime.fromisoformat(event.when)
    return event
