"""Diagnosis: which known misconception explains a failed check.

Transcripts are compared, never code: a student's run of each check is laid beside what every misconception of that
exercise gives on the same inputs. A name is given only when it explains every result of the check, contradicts no
other check of the exercise, and is told apart from its rivals; otherwise the honest answer is none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.course import Course, the_course
from grader.language import _, ngettext
from grader.misconceptions.transcript import SAME, Entry, agrees, is_telling, same_entry
from grader.result import FAILED, PASSED, TO_DO, CheckResult, Diagnosis
from grader.subject.plain import digest
from grader.suite import Outcome

MOST_NAMED = 2
KEPT = 50_000
"""How many answers to a check are kept with the mistakes that give them: in a class the same ones come again."""


@dataclass(frozen=True)
class KnownMistake:
    """A misconception as the answer sheet knows it: its transcripts where it fails, no code."""

    id: str
    name: str
    hint: str
    equivalents: tuple[str, ...]
    transcripts: dict[str, list[Entry]]


@dataclass(frozen=True)
class Sheet:
    """The transcripts of one topic: the reference's, and each misconception's by exercise."""

    reference: dict[str, list[Entry]]
    random: frozenset[str]
    mistakes: dict[str, tuple[KnownMistake, ...]]
    _known: dict[tuple[str, bytes], frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def agreeing(self, exercise: str, check_id: str, entries: tuple[Entry, ...]) -> frozenset[str]:
        """The ids of the mistakes that answer a check as an answer does."""
        key = (check_id, digest(entries))
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = frozenset(
                mistake.id
                for mistake in self.mistakes.get(exercise, ())
                if check_id in mistake.transcripts and self._agree(check_id, entries, mistake.transcripts[check_id])
            )
        return self._known[key]

    def right(self, check_id: str, place: int) -> Entry | None:
        """What the reference answers at one place of a check."""
        reference = self.reference.get(check_id, [])
        return reference[place] if place < len(reference) else None

    def _agree(self, check_id: str, entries: tuple[Entry, ...], wrong: list[Entry]) -> bool:
        if len(entries) != len(wrong):
            return False
        for place, entry in enumerate(entries):
            right = self.right(check_id, place)
            if wrong[place] == SAME:
                if right is None or not _as_right(entry, right):
                    return False
            elif not agrees(entry, wrong[place], right):
                return False
        return True


def _as_right(entry: Entry, right: Entry) -> bool:
    return same_entry(entry, right) or agrees(entry, right, None)


def read_sheet(path: Path) -> Sheet:
    """Read `<topic>.transcripts.json`; a file that is not there is an empty sheet."""
    if not path.exists():
        return Sheet({}, frozenset(), {})
    record = json.loads(path.read_text(encoding="utf-8"))
    return Sheet(
        record["reference"],
        frozenset(record["random"]),
        {
            exercise: tuple(KnownMistake(**{**row, "equivalents": tuple(row["equivalents"])}) for row in rows)
            for exercise, rows in record["mistakes"].items()
        },
    )


class Diagnostician:
    """Explains the failures of a submission.

    Parameters
    ----------
    folder : Path
        The sheet of the run's seed: `<topic>.transcripts.json` for each topic, read at its first use.
    course : Course, optional
    """

    def __init__(self, folder: Path, course: Course | None = None) -> None:
        self._folder = folder
        self._course = course or the_course()
        self._sheets: dict[str, Sheet] = {}

    def explain(self, outcomes: Sequence[Outcome]) -> tuple[CheckResult, ...]:
        """The results of some outcomes, failures explained.

        Parameters
        ----------
        outcomes : sequence of Outcome
            Every check of a submission that ran; the more checks of an exercise, the surer its diagnosis.
        """
        by_exercise: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in outcomes:
            by_exercise.setdefault((outcome.result.topic, outcome.result.exercise), []).append(outcome)
        states = {f"{topic}.{name}": _state(group) for (topic, name), group in by_exercise.items()}
        explained: dict[str, CheckResult] = {}
        for (topic, name), group in by_exercise.items():
            if any(outcome.result.status == FAILED for outcome in group):
                explained.update(self._explain_exercise(topic, name, group, states))
        return tuple(explained.get(outcome.result.id, outcome.result) for outcome in outcomes)

    def _explain_exercise(
        self, topic: str, name: str, group: Sequence[Outcome], states: dict[str, str]
    ) -> dict[str, CheckResult]:
        case = Case(self._sheet(topic), name, group)
        mend_first = self._mend_first(topic, name, states)
        explained = {}
        for outcome in group:
            if outcome.result.status != FAILED:
                continue
            named = case.names(outcome.result.id)
            explained[outcome.result.id] = replace(
                outcome.result,
                diagnosis=tuple(_diagnosis(mistake, case, outcome.result.id) for mistake in named),
                mend_first="" if named else mend_first,
            )
            mend_first = mend_first if named else ""  # an exercise says it once
        return explained

    def _mend_first(self, topic: str, name: str, states: dict[str, str]) -> str:
        unfinished = [
            below for below in self._course.exercise(topic, name).builds_on if states.get(below) == FAILED
        ]
        if not unfinished:
            return ""
        return ngettext(
            "If your {exercise} uses your own {below}: that is not right yet, mend it first.",
            "If your {exercise} uses your own {below}: these are not right yet, mend them first.",
            len(unfinished),
        ).format(exercise=name, below=", ".join(unfinished))

    def prepare(self, topic: str) -> None:
        """Read the sheet of a topic now rather than at its first use."""
        self._sheet(topic)

    def _sheet(self, topic: str) -> Sheet:
        if topic not in self._sheets:
            self._sheets[topic] = read_sheet(self._folder / f"{topic}.transcripts.json")
        return self._sheets[topic]


def _state(group: Sequence[Outcome]) -> str:
    statuses = {outcome.result.status for outcome in group}
    if statuses == {PASSED}:
        return PASSED
    return TO_DO if statuses == {TO_DO} else FAILED


def _diagnosis(mistake: KnownMistake, case: Case, check_id: str) -> Diagnosis:
    entries = mistake.transcripts[check_id]
    differing = sum(entry != SAME for entry in entries)
    evidence = ngettext(
        "The result of this check is what that mistake gives, and not the right one.",
        "All {all} results of this check are what that mistake gives; not the right ones among them: {differing}.",
        len(entries),
    ).format(all=len(entries), differing=differing)
    return Diagnosis(mistake.id, _(mistake.name), _(mistake.hint), evidence)


class Case:
    """One exercise of one submission, beside its known mistakes."""

    def __init__(self, sheet: Sheet, exercise: str, group: Sequence[Outcome]) -> None:
        self._sheet = sheet
        self._mistakes = sheet.mistakes.get(exercise, ())
        # What is to do says nothing: a class is filled in method by method.
        self._outcomes = {outcome.result.id: outcome for outcome in group if outcome.result.status != TO_DO}
        self._agreeing = {
            check_id: sheet.agreeing(exercise, check_id, outcome.entries)
            for check_id, outcome in self._outcomes.items()
            if self._failed(check_id)
        }

    def names(self, check_id: str) -> list[KnownMistake]:
        """The misconceptions that explain a failed check: one, or two that cannot be told apart, or none."""
        candidates = [mistake for mistake in self._mistakes if self._explains(mistake, check_id)]
        if not candidates:
            return []
        best = max(self._support(mistake) for mistake in candidates)
        named = [mistake for mistake in candidates if self._support(mistake) == best]
        ids = {mistake.id for mistake in named}
        first = named[0]
        if ids - {first.id} <= set(first.equivalents):
            return [first]
        return named if len(named) <= MOST_NAMED else []

    def _explains(self, mistake: KnownMistake, check_id: str) -> bool:
        if check_id not in mistake.transcripts or not self._agrees(mistake, check_id):
            return False
        if not all(self._failed(other) for other in mistake.transcripts if other in self._outcomes):
            return False
        if self._telling(mistake, check_id):
            return True
        return self._support(mistake) == len(self._outcomes)

    def _support(self, mistake: KnownMistake) -> int:
        """On how many checks of the exercise the student fares exactly as the mistake does."""
        return sum(
            self._agrees(mistake, check_id)
            if check_id in mistake.transcripts
            else outcome.result.status == PASSED
            for check_id, outcome in self._outcomes.items()
        )

    def _failed(self, check_id: str) -> bool:
        return self._outcomes[check_id].result.status == FAILED

    def _agrees(self, mistake: KnownMistake, check_id: str) -> bool:
        return mistake.id in self._agreeing.get(check_id, ())

    def _telling(self, mistake: KnownMistake, check_id: str) -> bool:
        return any(
            entry != SAME and is_telling(entry, self._sheet.right(check_id, place))
            for place, entry in enumerate(mistake.transcripts[check_id])
        )
