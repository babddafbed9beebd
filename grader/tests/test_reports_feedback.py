"""The page that a student gets."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.course import Course, Exercise, Topic, the_course
from grader.reports.feedback_html import feedback_page
from grader.reports.progress import next_exercise, progress
from grader.result import ERROR, FAILED, PASSED, TO_DO, CheckResult, Diagnosis, Failure, SubmissionResult
from grader.tests.sample_results import sample_class
from grader.tests.test_reports_html import Reader


def _exercise(topic: str, name: str, *builds_on: str) -> Exercise:
    return Exercise(topic, name, "function", "(z)", 2, ("concept",), (f"Slide of {name}",), builds_on)


COURSE = Course(
    "A small course",
    (
        Topic("first", "The first topic", (_exercise("first", "built", "second.base"), _exercise("first", "plain"))),
        Topic("second", "The second topic", (_exercise("second", "base"),)),
    ),
)
FAILURE = Failure(
    "value",
    "plain(z) returned other numbers.",
    "plain(z)",
    (("z", "[1. 2.]"),),
    "[3. 4.]",
    "[5. 6.]",
    "largest 2",
    "Factor 2.",
)


def check(topic: str, exercise: str, status: str, title: str = "holds", **parts: object) -> CheckResult:
    failure = FAILURE if status == FAILED else None
    row = CheckResult(f"{topic}::{exercise}::{title}", topic, exercise, "concept", title, status, 1, failure)
    return replace(row, **parts)


def record(*checks: CheckResult, **parts: object) -> SubmissionResult:
    return replace(SubmissionResult("ann", 1, "0.1.0", "recorded", checks, (), "full"), **parts)


def words(result: SubmissionResult, course: Course = COURSE) -> str:
    return Reader(feedback_page(result, course)).text


def following(*checks: CheckResult) -> str | None:
    found = next_exercise(progress(record(*checks), COURSE))
    return found.id if found else None


def test_next_is_the_first_unfinished_that_builds_on_nothing_unfinished() -> None:
    base, built, plain = ("second", "base"), ("first", "built"), ("first", "plain")
    assert following(check(*built, TO_DO), check(*plain, TO_DO), check(*base, TO_DO)) == "first.plain"
    assert following(check(*built, TO_DO), check(*plain, PASSED), check(*base, FAILED)) == "second.base"
    assert following(check(*built, FAILED), check(*plain, TO_DO), check(*base, PASSED)) == "first.built"
    assert following(check(*built, TO_DO), check(*plain, TO_DO)) == "first.built", "what is not graded is no obstacle"
    assert following(check(*built, PASSED), check(*plain, PASSED)) is None


def test_a_half_right_exercise_is_not_finished() -> None:
    assert following(check("first", "plain", PASSED), check("first", "plain", TO_DO, "two")) == "first.plain"


def test_the_exercises_come_in_the_order_of_the_course_and_strangers_last() -> None:
    result = record(check("other", "new", TO_DO), check("second", "base", TO_DO), check("first", "plain", TO_DO))
    assert [topic.name for topic in progress(result, COURSE)] == ["first", "second", "other"]
    assert "other" in words(result)


def test_a_failed_check_is_told_in_full() -> None:
    trace = "first.py:3 in plain\n    return 2 * z"
    failed = check("first", "plain", FAILED, "doubles z", failure=replace(FAILURE, trace=trace))
    text = words(record(failed))
    for part in (
        "doubles z",
        FAILURE.message,
        "[1. 2.]",
        "[3. 4.]",
        "[5. 6.]",
        "largest 2",
        "Factor 2.",
        "first.py:3 in plain",
    ):
        assert part in text
    assert "return 2 * z" in text and "0 of 1 points" in text


def test_a_diagnosis_gives_its_hint_once_and_its_evidence_at_each_check() -> None:
    named = Diagnosis("doubles", "Doubles everything", "Where does the 2 come from?", "3 of 3 results agree.")
    rows = [check("first", "plain", FAILED, title, diagnosis=(named,)) for title in ("one", "two")]
    text = words(record(*rows, check("first", "plain", FAILED, "three")))
    assert text.count("Where does the 2 come from?") == 1
    assert text.count("3 of 3 results agree.") == 2
    assert "It explains 2 of the 3 failed checks." in text
    assert text.count("Factor 2.") == 1, "the general remark only where no mistake is named"


def test_two_diagnoses_are_both_given() -> None:
    pair = (Diagnosis("a", "Mistake A", "Hint A", "E"), Diagnosis("b", "Mistake B", "Hint B", "E"))
    text = words(record(check("first", "plain", FAILED, diagnosis=pair)))
    assert "More than one known mistake" in text and "Hint A" in text and "Hint B" in text


def test_what_to_mend_first_and_advice_are_said_once() -> None:
    rows = [check("first", "plain", FAILED, title, mend_first="Mend base first.") for title in ("one", "two")]
    rows.append(check("first", "plain", PASSED, "three", advice=("Return an array.",)))
    rows.append(check("first", "plain", PASSED, "four", advice=("Return an array.",)))
    text = words(record(*rows))
    assert text.count("Mend base first.") == 1 and text.count("Return an array.") == 1
    assert "without loss of points" in text


def test_a_broken_file_is_told_once() -> None:
    failure = Failure("syntax", "first.py does not compile (SyntaxError), line 7.", "plain(z)", trace="first.py:7")
    rows = [
        check("first", name, FAILED, title, failure=failure) for name in ("built", "plain") for title in ("one", "two")
    ]
    text = words(record(*rows, check("second", "base", PASSED)))
    assert text.count(failure.message) == 2, "once in what to do next, once at the topic"
    assert "Mend first.py as a whole first" in text


def test_what_could_not_be_graded_says_so_and_nothing_else() -> None:
    failure = Failure("not_graded", "This check was not run: the submission could not be graded.")
    rows = [check("first", "plain", ERROR, title, failure=failure) for title in ("one", "two")]
    text = words(record(*rows, problems=("The archive is damaged.",)))
    assert "Nothing of this submission could be graded." in text and "The archive is damaged." in text
    assert failure.message not in text and "Your topics" not in text
    assert "hand your files in again" in text


def test_where_nothing_was_found_the_student_is_not_sent_to_the_first_exercise() -> None:
    text = words(record(check("first", "plain", TO_DO), problems=("No file is named after a topic.",)))
    assert "hand your files in again" in text and "Begin" not in text
    text = words(record(check("first", "plain", TO_DO), check("second", "base", PASSED), problems=("An odd name.",)))
    assert "Begin plain in first.py" in text


def test_a_check_that_the_kit_could_not_judge_is_not_put_to_the_student() -> None:
    failure = Failure("answer_missing", "The sheet has no answer.")
    text = words(record(check("first", "plain", ERROR, failure=failure), check("first", "plain", PASSED, "two")))
    assert "tell your instructor" in text


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ((PASSED, PASSED), "Every point is earned."),
        ((TO_DO, TO_DO), "Nothing is begun yet"),
        ((PASSED, TO_DO), "Everything that you wrote so far is right."),
        ((PASSED, FAILED), "A check costs its own points and no others"),
    ],
)
def test_the_greeting_fits(statuses: tuple[str, str], sentence: str) -> None:
    rows = [check("first", "plain", status, str(place)) for place, status in enumerate(statuses)]
    assert sentence in words(record(*rows))


def test_a_record_without_checks_makes_a_page() -> None:
    assert "No check was run." in words(record())
    assert "Nothing was found." in words(record(problems=("Nothing was found.",)))


def test_other_inputs_than_the_students_own_are_mentioned() -> None:
    row = check("first", "plain", PASSED)
    assert "inputs of its own" not in words(record(row))
    assert "inputs of its own" in words(record(row, seed=99))


def test_only_what_comes_next_is_open_and_finished_topics_are_closed() -> None:
    rows = [check("first", "plain", FAILED), check("first", "built", TO_DO), check("second", "base", PASSED)]
    page = feedback_page(record(*rows), COURSE)
    opened = re.findall(r"<details( open)? class=\"(topic|exercise)", page)
    assert opened == [(" open", "topic"), (" open", "exercise"), ("", "exercise"), ("", "topic"), ("", "exercise")]


def test_a_page_stays_small() -> None:
    sizes = [len(feedback_page(result, the_course()).encode()) for result in sample_class(20)]
    assert max(sizes) < 450_000 and sum(sizes) / len(sizes) < 250_000
