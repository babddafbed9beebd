"""One submission through the suite: pure but for the subject that runs its code."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader import __version__
from grader.answers.sheet import AnswerSource
from grader.classroom.intake import Submission
from grader.classroom.memory import Memory
from grader.course import Course
from grader.language import _
from grader.result import ERROR, TO_DO, CheckResult, Failure, SubmissionResult
from grader.sandbox.subject import SealedSubject
from grader.subject.subject import Subject
from grader.suite import Check, Outcome, run_check

Explain = Callable[[Sequence[Outcome]], tuple[CheckResult, ...]]


@dataclass(frozen=True)
class Suite:
    """Everything that a submission is graded with: it depends on the course and the seed, never on a student."""

    course: Course
    checks: tuple[Check, ...]
    seed: int
    answers: AnswerSource
    explain: Explain | None = None
    memory: Memory | None = field(default=None, compare=False)

    def result(
        self, submission: str, checks: Sequence[CheckResult], problems: Sequence[str], tier: str = ""
    ) -> SubmissionResult:
        """The result record of some verdicts."""
        return SubmissionResult(
            submission=submission,
            seed=self.seed,
            kit=__version__,
            answers=self.answers.name,
            checks=tuple(checks),
            problems=tuple(problems),
            tier=tier,
        )


def grade_submission(submission: Submission, suite: Suite, subject: Subject, tier: str = "") -> SubmissionResult:
    """Grade one submission.

    Parameters
    ----------
    submission : Submission
    suite : Suite
    subject : Subject
        Runs the files of this submission, wherever that is.
    tier : str, optional
        How far the subject is confined, for the record.

    Returns
    -------
    SubmissionResult
        A topic of which there is no file is to do: its exercises cost their points, and no sentence more.
    """
    present = set(submission.topics(suite.course.names))
    outcomes = [
        _outcome(check, suite, subject) if check.topic in present else Outcome(_verdict(check, TO_DO), ())
        for check in suite.checks
    ]
    explained = suite.explain(outcomes) if suite.explain else tuple(outcome.result for outcome in outcomes)
    hide = _hider(subject.scratch())
    return suite.result(submission.id, [_without_places(check, hide) for check in explained], submission.problems, tier)


def _outcome(check: Check, suite: Suite, subject: Subject) -> Outcome:
    """Run a check, or know how it goes."""

    def run() -> Outcome:
        answers = suite.answers.answers_for(check.topic, check.id)
        return run_check(check, suite.course, subject, answers, suite.seed)

    if suite.memory is None or not isinstance(subject, SealedSubject):
        return run()
    return suite.memory.outcome(check, subject, run)


def _hider(scratch: str) -> Callable[[str], str]:
    """Replaces where the submission happened to run by words that are the same in every run."""
    places = {scratch: "scratch"}
    home = Path(scratch).parent
    if home != Path(tempfile.gettempdir()):
        places[str(home / "submission")] = "."
        places[str(home)] = "."

    def hide(text: str) -> str:
        for place, word in places.items():
            if place in text:
                text = text.replace(place, word)
        return _ADDRESS.sub("0x...", text) if "0x" in text else text

    return hide


_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,16}\b")
"""Where an object lay in memory, as `repr` tells it."""


def _without_places(check: CheckResult, hide: Callable[[str], str]) -> CheckResult:
    """The verdict without paths and memory addresses, which differ from run to run."""
    failure = check.failure
    if failure is None:
        return check
    texts = {name: hide(getattr(failure, name)) for name in ("message", "expected", "got", "difference", "trace")}
    inputs = tuple((name, hide(text)) for name, text in failure.inputs)
    return replace(check, failure=replace(failure, **texts, inputs=inputs))


def ungraded(identifier: str, suite: Suite, reason: str, problems: Sequence[str] = ()) -> SubmissionResult:
    """The record of a submission that could not be graded: no check says anything about it."""
    failure = Failure("not_graded", _("This check was not run: the submission could not be graded."))
    checks = [_verdict(check, ERROR, failure) for check in suite.checks]
    return suite.result(identifier, checks, [reason, *problems])


def _verdict(check: Check, status: str, failure: Failure | None = None) -> CheckResult:
    return CheckResult(
        id=check.id,
        topic=check.topic,
        exercise=check.exercise,
        kind=check.kind,
        title=check.title,
        status=status,
        maximum=check.points,
        failure=failure,
    )
