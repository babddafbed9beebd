"""What the checks said to earlier submissions and heard from them, so that the same answers are judged once.

What a check says and finds depends on the seed and on what the submission answers: that is how the suite is built, and
its verdicts would not be repeatable otherwise. So where a submission answers, byte for byte, what another one did, the
check has nothing new to find out: it says what it said then, and its verdict is the same. Only when something new is
heard, the check itself is run, and hears what was heard so far again.

Whatever no answer tells of is left to the checks themselves: time-outs, deaths, files, the loading of a module, a fault
of the grading side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from grader.checks.run import CheckFailed, ExerciseRaised, ToDo
from grader.language import current
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tape import Astray, Said
from grader.suite import SCRATCH, Check, Outcome

MEMORY_BYTES = 64 << 20
SHARES = 8
"""The most that one submission can add is this part of it."""
ENTRY_BYTES, OUTCOME_BYTES = 400, 1200
"""About what Python needs for a step besides its messages, and for an outcome."""
FINDINGS = (ToDo, CheckFailed, ExerciseRaised, AssertionError)
"""How a check ends that has found something; anything else may be a fault of the moment."""


@dataclass
class _Step:
    """A message of a check, and what followed each answer to it."""

    said: Said
    after: dict[bytes, _Step | Outcome] = field(default_factory=dict)


class Memory:
    """The conversations of one suite, in one process; full, it learns nothing more.

    Parameters
    ----------
    size : int, optional
        Bytes.
    """

    def __init__(self, size: int = MEMORY_BYTES) -> None:
        self._first: dict[str, _Step | Outcome] = {}
        self._odd: set[str] = set()
        self._size = self._left = size
        self._subject: SealedSubject | None = None
        self._share = 0
        self.known = 0
        self.run = 0

    def outcome(self, check: Check, subject: SealedSubject, run: Callable[[], Outcome]) -> Outcome:
        """The outcome of a check.

        Parameters
        ----------
        check : Check
        subject : SealedSubject
        run : callable
            Runs the check on the subject.
        """
        if check.id in self._odd or SCRATCH in check.wanted or not subject.open(check.topic):
            return run()
        try:
            step = self._follow(check, subject)
            if isinstance(step, Outcome):
                self.known += 1
                return step
            self.run += 1
            outcome = run()
            if outcome.error is None or isinstance(outcome.error, FINDINGS):
                self._learn(check, subject, replace(outcome, error=None))
            return outcome
        except Astray:
            self._forget(check)
            subject.start_again()
            return run()
        finally:
            subject.shut()

    def _follow(self, check: Check, subject: SealedSubject) -> _Step | Outcome | None:
        """Say what was said before, for as long as the answers are known."""
        step: _Step | Outcome | None = self._first.get(_key(check))
        while isinstance(step, _Step):
            heard = subject.repeat(step.said)
            step = None if heard is None else step.after.get(heard)
        return step

    def _learn(self, check: Check, subject: SealedSubject, outcome: Outcome) -> None:
        """Keep a conversation and its end, unless the check said something else before, having heard the same."""
        turns = subject.turns()
        if subject is not self._subject:
            self._subject, self._share = subject, self._size // SHARES
        if not turns or min(self._left, self._share) <= 0:
            return
        place: dict[Any, _Step | Outcome] = self._first
        key: Any = _key(check)
        for said, heard in turns:
            if key not in place:
                place[key] = _Step(said)
                self._charge(len(said.data) + len(key))
            step = place[key]
            if isinstance(step, Outcome) or step.said != said:
                self._forget(check)
                return
            place, key = step.after, heard
        if place.setdefault(key, outcome) != outcome:
            self._forget(check)
            return
        self._charge(len(key) + OUTCOME_BYTES)

    def _charge(self, size: int) -> None:
        self._left -= size + ENTRY_BYTES
        self._share -= size + ENTRY_BYTES

    def _forget(self, check: Check) -> None:
        """A check that goes on otherwise than it did after the same answers is run each time."""
        self._odd.add(check.id)
        self._first.pop(_key(check), None)


def _key(check: Check) -> str:
    """Where the conversations of a check begin: what it finds is told in the language in use."""
    return f"{current()} {check.id}"
