"""The result record: text and back, and student text that is no valid Unicode."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.result import CheckResult, Diagnosis, Failure, SubmissionResult, write_result

FAILURE = Failure("value", "wrong \udc80", "mse(y)", (("y", "[1, 2]"),), "1", "2", "(difference 1)", "look", "a.py:1")
NAMED = (Diagnosis("id", "name", "hint", "evidence"),)
CHECK = CheckResult(
    "test_losses.py::test_x", "losses", "mse", "parity", "title", "failed", 2, FAILURE, NAMED, "mend", ("advice",)
)
RESULT = SubmissionResult("ana", 1, "0.1", "recorded", (CHECK,), ("a problem",), "full")


def test_a_record_reads_back_as_it_was_written(tmp_path: Path) -> None:
    write_result(tmp_path / "r.json", RESULT)
    assert SubmissionResult.from_json((tmp_path / "r.json").read_text(encoding="utf-8")) == RESULT
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 99}', "null"])
def test_what_is_no_record_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="result record"):
        SubmissionResult.from_json(text)
