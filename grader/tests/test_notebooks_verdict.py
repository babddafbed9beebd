"""The verdict as outputs of a test cell: the number that nbgrader reads, beside the message that people read."""

from __future__ import annotations

import pytest

from grader.course import Course, Exercise, Topic
from grader.notebooks import cell as cells
from grader.notebooks.verdict import VerdictError, fill, outputs, score
from grader.notebooks.wording import WIDTH, exercise_text, score_html
from grader.result import ERROR, FAILED, PASSED, TO_DO, CheckResult, Diagnosis, Failure, SubmissionResult, Tally

TOPIC = Topic("tiny", "Tiny", (Exercise("tiny", "double", "function", "(x)", 4, ("concept",), (), ()),))
COURSE = Course("Tiny", (TOPIC,))
SAID = Failure("values", "double(x) returned other numbers than expected.", expected="2", got="3")


def check(status: str, points: int = 1, failure: Failure | None = None, **more) -> CheckResult:
    title = f"{status} {points}"
    return CheckResult(f"t::{title}", "tiny", "double", "concept", title, status, points, failure, **more)


def cell(grade_id: str = "tiny-double-test", points: float = 4) -> cells.Cell:
    return cells.test("check('tiny.double')", grade_id, points)  # type: ignore[arg-type]


def filled(*checks: CheckResult, **options) -> cells.Cell:
    found = cell(**options)
    fill([found], SubmissionResult("x", 1, "0", "recorded", checks), COURSE)
    return found


@pytest.mark.parametrize(
    ("earned", "of", "worth", "expected"),
    [(0, 4, 4, 0), (1, 4, 4, 1), (3, 4, 8, 6), (1, 3, 1, 1 / 3), (3, 3, 0.1, 0.1)],
)
def test_the_points_are_the_share_of_what_the_cell_is_worth(earned, of, worth, expected):
    assert score(Tally(earned, of, 0, 0, 0), worth) == pytest.approx(expected)
    assert score(Tally(earned, of, 0, 0, 0), worth) <= worth


def test_partial_credit_stands_beside_the_message():
    message, number = filled(check(PASSED, 3), check(FAILED, 1, SAID))["outputs"]
    assert message["name"] == "stdout" and "expected" in message["text"]  # stderr would be a 0 for nbgrader
    assert float(number["data"]["text/plain"]) == 3
    assert number["output_type"] == "execute_result"


def test_a_cell_that_the_kit_has_no_check_for_gives_nothing():
    (said,) = filled(check(PASSED), grade_id="own-test")["outputs"]
    assert said["output_type"] == "error" and "by hand" in said["evalue"]


def test_solutions_to_grade_by_hand_are_left_alone():
    written = cells.markdown("Because.", "why")
    written["metadata"]["nbgrader"] = {"grade": True, "solution": True, "grade_id": "why", "points": 2}
    fill([written], SubmissionResult("x", 1, "0", "recorded", (check(PASSED),)), COURSE)
    assert "outputs" not in written


def test_a_check_that_could_not_be_run_is_no_zero():
    with pytest.raises(VerdictError, match="disk is full"):
        filled(check(ERROR, 1, Failure("error", "the disk is full")))


def test_to_do_is_one_line():
    assert exercise_text("double", [check(TO_DO, 2), check(TO_DO, 2)]) == "double: 0 / 4 points (to do)"


def test_a_hint_is_said_once_and_lines_are_short():
    named = Diagnosis("twice", "Doubles twice", "A hint. " * 30, "It fits.")
    text = exercise_text("double", [check(FAILED, points, SAID, diagnosis=(named,)) for points in (1, 2)])
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.count("Doubles twice") == 2
    assert " ".join(text.split()).count("A hint. " * 30) == 1


def test_names_are_text_in_html():
    assert "<script>" not in score_html("<script>", Tally(1, 2, 1, 1, 0))
    assert "width:50%" in score_html("double", Tally(1, 2, 1, 1, 0))
    assert outputs("double", [check(PASSED)], 1)[1]["data"]["text/html"].count("<div") == 1
