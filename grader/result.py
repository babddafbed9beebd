"""The result record: what a run of the suite says about one submission. Nothing downstream of it runs code."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from grader.language import _

SCHEMA = 1

PASSED = "passed"
FAILED = "failed"
TO_DO = "to_do"
ERROR = "error"

FILE_REASONS = frozenset({"no_file", "unreadable", "syntax", "import"})
"""Failures of a whole file: they say the same about each of its exercises."""

NEVER_RAN = FILE_REASONS | {"no_exercise", "not_callable"}
"""Failures of which no call and no input is to blame: there was nothing to call."""


@dataclass(frozen=True)
class Failure:
    """Why a check failed, in whole sentences, ready to be laid out."""

    reason: str
    message: str
    call: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    expected: str = ""
    got: str = ""
    difference: str = ""
    suggestion: str = ""
    trace: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """A known misconception that explains a failure."""

    id: str
    name: str
    hint: str
    evidence: str


@dataclass(frozen=True)
class Card:
    """What is known of a check without running it."""

    id: str
    topic: str
    exercise: str
    kind: str
    title: str
    maximum: int

    @property
    def exercise_id(self) -> str:
        return f"{self.topic}.{self.exercise}"


@dataclass(frozen=True)
class CheckResult:
    """The verdict of one check."""

    id: str
    topic: str
    exercise: str
    kind: str
    title: str
    status: str
    maximum: int
    failure: Failure | None = None
    diagnosis: tuple[Diagnosis, ...] = ()
    mend_first: str = ""
    advice: tuple[str, ...] = ()

    @property
    def exercise_id(self) -> str:
        return f"{self.topic}.{self.exercise}"

    @property
    def points(self) -> int:
        return self.maximum if self.status == PASSED else 0


@dataclass(frozen=True)
class SubmissionResult:
    """Every verdict on one submission, and what made them."""

    submission: str
    seed: int
    kit: str
    answers: str
    checks: tuple[CheckResult, ...]
    problems: tuple[str, ...] = ()
    tier: str = ""
    schema: int = field(default=SCHEMA)

    @property
    def points(self) -> int:
        return sum(check.points for check in self.checks)

    @property
    def maximum(self) -> int:
        return sum(check.maximum for check in self.checks)

    def to_json(self) -> str:
        """The record as JSON text; the same record always gives the same text."""
        record = {**vars(self), "checks": [], "points": self.points, "maximum": self.maximum}
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        if not self.checks:
            return text
        before, place, after = text.partition(_NO_CHECKS)  # in a text the quotes would be escaped
        return "".join([before, place[:-1], ",".join([_written(check) for check in self.checks]), "\n ]", after])

    @classmethod
    def from_json(cls, text: str) -> SubmissionResult:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            The text is not a result record, or one of another schema.
        """
        try:
            record = json.loads(text)
            if record["schema"] != SCHEMA:
                raise ValueError(
                    _("result record of schema {found}, this kit reads schema {schema}").format(
                        found=record["schema"], schema=SCHEMA
                    )
                )
            return cls(
                submission=record["submission"],
                seed=record["seed"],
                kit=record["kit"],
                answers=record["answers"],
                checks=tuple(_check(row) for row in record["checks"]),
                problems=tuple(record["problems"]),
                tier=record["tier"],
            )
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(_("not a result record: {error}").format(error=error)) from error


_NO_CHECKS = ' "checks": []'


@lru_cache(4096)
def _written(check: CheckResult) -> str:
    """A check as it stands in the record. Kept, because a class gives the same verdicts again and again."""
    return "\n  " + json.dumps(_row(check), indent=1, ensure_ascii=False).replace("\n", "\n  ")


def _row(check: CheckResult) -> dict[str, Any]:
    failure = vars(check.failure) if check.failure is not None else None
    diagnosis = [vars(item) for item in check.diagnosis]
    return {**vars(check), "failure": failure, "diagnosis": diagnosis, "points": check.points}


def _check(row: dict[str, Any]) -> CheckResult:
    failure = row["failure"]
    if failure is not None:
        failure = Failure(**{**failure, "inputs": tuple((name, text) for name, text in failure["inputs"])})
    known = {key: row[key] for key in ("id", "topic", "exercise", "kind", "title", "status", "maximum", "mend_first")}
    return CheckResult(
        **known,
        failure=failure,
        diagnosis=tuple(Diagnosis(**item) for item in row["diagnosis"]),
        advice=tuple(row["advice"]),
    )


@dataclass(frozen=True)
class Tally:
    """Points and counts of a group of checks."""

    points: int
    maximum: int
    passed: int
    failed: int
    to_do: int

    @classmethod
    def of(cls, checks: Iterable[CheckResult]) -> Tally:
        checks = list(checks)
        statuses = [check.status for check in checks]
        return cls(
            sum(check.points for check in checks),
            sum(check.maximum for check in checks),
            statuses.count(PASSED),
            statuses.count(FAILED) + statuses.count(ERROR),
            statuses.count(TO_DO),
        )


def write_result(path: Path, result: SubmissionResult) -> None:
    """Write a record so that a reader never sees half of it."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        # A lone surrogate in a student's text becomes the escape by which JSON writes it.
        temporary.write_text(result.to_json(), encoding="utf-8", errors="backslashreplace", newline="\n")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


