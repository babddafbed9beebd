"""`docs/result.md` describes the record as it is."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from grader.checks import run
from grader.course import KINDS, ROOT
from grader.reports.progress import NOT_GRADED
from grader.result import (
    ERROR,
    FAILED,
    FILE_REASONS,
    PASSED,
    SCHEMA,
    TO_DO,
    CheckResult,
    Diagnosis,
    Failure,
    SubmissionResult,
)

TEXT = (ROOT / "docs" / "result.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
EXAMPLE = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL).group(1)


def test_the_example_is_a_record_as_the_kit_writes_it() -> None:
    record = SubmissionResult.from_json(EXAMPLE)
    assert record.to_json() == EXAMPLE
    assert {check.status for check in record.checks} == {PASSED, FAILED, TO_DO}


@pytest.mark.parametrize(
    ("section", "kind", "extra"),
    [
        ("Submission", SubmissionResult, ["points", "maximum"]),
        ("Check", CheckResult, ["points"]),
        ("Failure", Failure, []),
        ("Diagnosis", Diagnosis, []),
    ],
)
def test_every_field_is_described_in_its_order(section: str, kind: type, extra: list[str]) -> None:
    described = re.findall(r"^\| `(\w+)` \|", SECTIONS[section], re.MULTILINE)
    assert described == [field.name for field in dataclasses.fields(kind)] + extra


def test_the_fields_are_in_the_file_in_that_order() -> None:
    record = json.loads(EXAMPLE)
    assert list(record) == re.findall(r"^\| `(\w+)` \|", SECTIONS["Submission"], re.MULTILINE)
    assert list(record["checks"][0]) == re.findall(r"^\| `(\w+)` \|", SECTIONS["Check"], re.MULTILINE)


def test_the_version_and_the_words_are_the_ones_in_use() -> None:
    assert f"at present **{SCHEMA}**" in SECTIONS["Version"]
    for word in (PASSED, FAILED, TO_DO, ERROR, *KINDS):
        assert f"`{word}`" in SECTIONS["Check"]
    source = "".join((ROOT / "grader" / "checks" / f"{name}.py").read_text() for name in ("claims", "sentences"))
    source += (ROOT / "grader" / "suite.py").read_text()
    reasons = set(re.findall(r'(?:_fail|Failure)\(\s*"(\w+)"', source))
    kinds = set(re.findall(r'^        "(\w+)": _\(', source, re.MULTILINE))
    assert len(reasons) > 8 and len(kinds) > 8
    demands = {run.FLOAT_ERRORS, run.CHANGED_INPUTS, run.SHARED_OUTPUT}
    mismatches = set(re.findall(r'Mismatch\("(\w+)"', (ROOT / "grader" / "checks" / "comparison.py").read_text()))
    assert mismatches
    for reason in reasons | kinds | demands | mismatches | FILE_REASONS | {NOT_GRADED}:
        assert f"`{reason}`" in SECTIONS["Failure"], reason
