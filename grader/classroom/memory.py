"""What the checks said to earlier submissions and heard from them, so that the same answers are judged once.

A check depends on the seed and on what the submission answers, on nothing else: that is how the suite is built, and
`grader verify` and the tests of class runs would not be repeatable otherwise. So where a submission answers, byte for
byte, what another one did, the check has nothing new to find out: it says what it said then, and its verdict is the
same. Only when something new is heard, the check itself is run, and hears what was heard so far again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from grader.sandbox.subject import SealedSubject
from grader.sandbox.tape import Astray, Said, Turn
from grader.suite import SCRATCH, Check, Outcome

MEMORY_BYTES = 64 << 20
ENTRY_BYTES = 400
"""About what Python needs for a step and for an outcome, besides the messages."""


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
        self._left = size
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
            self._learn(check.id, subject.turns(), replace(outcome, error=None))
            return outcome
        except Astray:
            self._forget(check.id)
            subject.start_again()
            return run()
        finally:
            subject.shut()

    def _follow(self, check: Check, subject: SealedSubject) -> _Step | Outcome | None:
        """Say what was said before, for as long as the answers are known."""
        step: _Step | Outcome | None = self._first.get(check.id)
        while isinstance(step, _Step):
            heard = subject.repeat(step.said)
            step = None if heard is None else step.after.get(heard)
        return step

    def _learn(self, check: str, turns: tuple[Turn, ...], outcome: Outcome) -> None:
        """Keep a conversation and its end, unless the check said something else before, having heard the same."""
        if not turns or self._left <= 0:
            return
        place: dict[Any, _Step | Outcome] = self._first
        key: Any = check
        for said, heard in turns:
            step = place.setdefault(key, _Step(said))
            if isinstance(step, Outcome) or step.said != said:
                self._forget(check)
                return
            self._left -= 0 if step.after else len(said.data) + len(heard) + ENTRY_BYTES
            place, key = step.after, heard
        if key in place:
            self._forget(check)
            return
        place[key] = outcome
        self._left -= len(key) + ENTRY_BYTES

    def _forget(self, check: str) -> None:
        """A check that goes on otherwise than it did after the same answers is run each time."""
        self._odd.add(check)
        self._first.pop(check, None)
