"""The page of a class, and the table that it is drawn from."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from grader.course import the_course
from grader.reports.class_charts import NAMED, SINGLE, band_shares, histogram_counts
from grader.reports.class_html import LINKED, class_page
from grader.reports.class_table import STATES, ClassTable, check_qualities, class_table
from grader.result import ERROR, FAILED, PASSED, TO_DO, Diagnosis, Failure, SubmissionResult
from grader.tests.sample_results import sample_class
from grader.tests.test_reports_feedback import COURSE, check, record
from grader.tests.test_reports_html import Reader

NAMED_MISTAKE = Diagnosis("doubles", "Doubles everything", "Where does the 2 come from?", "All agree.")


def a_class(*rows: str) -> list[SubmissionResult]:
    """Students by their verdicts on four checks of three exercises: p(assed), f(ailed), t(o do), e(rror)."""
    statuses = {"p": PASSED, "f": FAILED, "t": TO_DO, "e": ERROR}
    places = (("first", "built", "a"), ("first", "plain", "b"), ("first", "plain", "c"), ("second", "base", "d"))
    results = []
    for number, row in enumerate(rows):
        checks = [
            check(topic, name, statuses[letter], title)
            for letter, (topic, name, title) in zip(row, places, strict=True)
        ]
        results.append(record(*checks, submission=f"student {number}"))
    return results


def table(*rows: str) -> ClassTable:
    return class_table(a_class(*rows), COURSE)


def words(results: list[SubmissionResult]) -> str:
    return Reader(class_page(results, COURSE)).text


# -- the table ---------------------------------------------------------------------------------------------------------


def test_points_and_states() -> None:
    found = table("pppp", "pftt", "ffft", "tttt", "tpte")
    assert found.points.tolist() == [4, 1, 0, 0, 1] and found.maximum == 4
    assert found.exercises == ("first.built", "first.plain", "second.base")
    states = [[STATES[code] for code in row] for row in found.exercise_states]
    assert states == [
        ["done", "done", "done"],
        ["done", "none", "todo"],
        ["none", "none", "todo"],
        ["todo", "todo", "todo"],
        ["todo", "part", "todo"],  # what the kit could not judge is not held against the student
    ]
    assert found.exercise_shares[4].tolist() == [0.0, 0.5, 0.0]


def test_points_count_what_checks_are_worth() -> None:
    rows = [check("first", "plain", PASSED, "a", maximum=3), check("first", "plain", FAILED, "b", maximum=5)]
    found = class_table([record(*rows)], COURSE)
    assert found.points.tolist() == [3] and found.maximum == 8 and found.shares.tolist() == [0.375]


def test_the_columns_are_in_the_order_of_the_course() -> None:
    rows = [check("other", "new", PASSED), check("second", "base", PASSED), check("first", "plain", PASSED)]
    assert class_table([record(*rows)], COURSE).exercises == ("first.plain", "second.base", "other.new")


def test_records_of_different_suites_are_put_together() -> None:
    results = [record(check("first", "plain", PASSED, "a")), record(check("second", "base", FAILED, "b"))]
    found = class_table(results, COURSE)
    assert found.verdicts.shape == (2, 2) and found.points.tolist() == [1, 0]
    assert found.tried.tolist() == [[True, False], [False, True]]


def test_totals_are_those_of_the_records() -> None:
    results = list(sample_class(50))
    found = class_table(results, the_course())
    assert found.points.tolist() == [result.points for result in results]
    assert found.maximum == results[0].maximum


def test_how_telling_is_the_point_biserial_correlation_with_the_rest() -> None:
    found = class_table(sample_class(60), the_course())
    for place, quality in enumerate(check_qualities(found)):
        who = np.flatnonzero(found.tried[:, place])
        good = [i for i in who if found.passed[i, place]]
        bad = [i for i in who if not found.passed[i, place]]
        assert (quality.tried, quality.passed) == (len(who), len(good))
        if not good or not bad:
            assert quality.telling is None
            continue
        rest = {i: int(found.points[i] - found.passed[i, place] * found.maxima[place]) for i in who}
        spread = np.std([rest[i] for i in who])
        means = np.mean([rest[i] for i in good]) - np.mean([rest[i] for i in bad])
        expected = means / spread * np.sqrt(len(good) * len(bad)) / len(who)
        assert quality.telling == pytest.approx(expected, abs=1e-12)


def test_nothing_is_said_where_nobody_differs() -> None:
    qualities = check_qualities(table("pppp", "pppp", "ppft"))
    assert [quality.telling for quality in qualities] == [None, None, 1.0, None]
    assert qualities[3].tried == 2 and qualities[3].share == 1.0


def test_misconceptions_are_counted_once_a_student_and_the_most_frequent_come_first() -> None:
    rare = replace(NAMED_MISTAKE, id="rare", name="Rare")
    both = [check("first", "plain", FAILED, title, diagnosis=(NAMED_MISTAKE,)) for title in ("a", "b")]
    results = [
        record(check("first", "built", FAILED, "c", diagnosis=(rare,)), submission="u"),
        record(*both, submission="v"),
        record(*both[:1], submission="w"),
    ]
    spreads = class_table(results, COURSE).spreads
    assert [(spread.id, spread.exercise, spread.students) for spread in spreads] == [
        ("doubles", "plain", (1, 2)),
        ("rare", "built", (0,)),
    ]


def test_a_broken_file_or_loop_is_one_trouble() -> None:
    syntax = Failure("syntax", "first.py does not compile.")
    loop = Failure("deadline", "base(z) did not come back.")
    rows = [check("first", name, FAILED, title, failure=syntax) for name in ("built", "plain") for title in "ab"]
    rows += [check("second", "base", FAILED, title, failure=loop) for title in "ab"]
    result = record(*rows, problems=("odd name", "odd encoding"))
    troubles = [(trouble.kind, trouble.place) for trouble in class_table([result], COURSE).troubles]
    assert troubles == [("problem", ""), ("problem", ""), ("file", "first"), ("deadline", "second.base")]


def test_records_are_not_kept() -> None:
    """A class of thousands passes by record by record: never more than two of them exist at once."""
    alive: weakref.WeakSet[SubmissionResult] = weakref.WeakSet()
    most = 0

    def watched() -> Iterator[SubmissionResult]:
        nonlocal most
        for number in range(20):
            result = _Watched("s", number, "0", "r", (check("first", "plain", FAILED, diagnosis=(NAMED_MISTAKE,)),))
            alive.add(result)
            gc.collect()
            most = max(most, len(alive))
            yield result
            del result

    class_page(watched(), COURSE)
    assert most <= 2


class _Watched(SubmissionResult):
    __hash__ = object.__hash__


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_histogram_counts_everybody_once() -> None:
    shares = np.array([0.0, 0.049, 0.05, 0.5, 0.999, 1.0, 1.0])
    assert histogram_counts(shares, 20) == [2, 1, *[0] * 7, 0, 1, *[0] * 8, 3]
    assert histogram_counts(np.arange(11) / 10, 10) == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2], "rounding moves nobody"


def test_bands_keep_the_mean_of_their_students() -> None:
    shares = np.random.RandomState(0).uniform(size=(1234, 7))
    bands = band_shares(shares, 100)
    assert bands.shape == (100, 7)
    sizes = np.diff(np.linspace(0, 1234, 101).astype(int))
    np.testing.assert_allclose((bands * sizes[:, None]).sum(axis=0), shares.sum(axis=0))


@pytest.mark.parametrize("students", [1, 2, NAMED, NAMED + 1, SINGLE, SINGLE + 1])
def test_every_student_is_linked_once_or_more(students: int) -> None:
    results = list(sample_class(students))
    links = [
        value
        for tag, name, value in Reader(class_page(results, the_course())).attributes
        if (tag, name) == ("a", "href")
    ]
    pages = {link for link in links if link.startswith("feedback/")}
    assert pages == {f"feedback/{result.submission.replace(' ', '%20')}.html" for result in map(_ascii, results)}


def _ascii(result: SubmissionResult) -> SubmissionResult:
    from urllib.parse import quote

    return replace(result, submission=quote(result.submission, safe=" "))


def test_the_head_says_what_made_the_results() -> None:
    text = words(a_class("pppp", "ffff", "tttt"))
    for part in ("Seed 1", "Kit 0.1.0", "Answers recorded", "Confinement full", "3 submissions", "1 with every point"):
        assert part in text, part
    assert "1 with nothing begun" in text and "0 need a look" in text


def test_results_of_different_runs_are_noticed() -> None:
    one, two = a_class("pppp", "pppp")
    assert "same run" not in words([one, two])
    text = words([one, replace(two, seed=2)])
    assert "they differ in Seed" in text and "1 (1), 2 (1)" in text


@pytest.mark.parametrize(
    ("tier", "sentence"), [("partial", "only partly confined"), ("process", "read and write"), ("", "unconfined")]
)
def test_weak_confinement_is_said(tier: str, sentence: str) -> None:
    (one,) = a_class("pppp")
    assert sentence in words([replace(one, tier=tier)]) and sentence not in words([one])


def test_who_has_a_misconception_is_told() -> None:
    results = [
        record(check("first", "plain", FAILED, diagnosis=(NAMED_MISTAKE,)), submission=f"student {i}") for i in range(3)
    ]
    text = words([*results, record(check("first", "plain", PASSED), submission="good")])
    assert "3 Doubles everything first.plain Where does the 2 come from? student 0 student 1 student 2" in text


def test_in_a_large_class_the_names_under_misconceptions_are_plain() -> None:
    row = check("first", "plain", FAILED, diagnosis=(NAMED_MISTAKE,))
    results = (record(row, submission=f"s{i}") for i in range(LINKED + 1))
    page = class_page(results, COURSE)
    assert page.count('href="feedback/s17.html"') == 1
    assert "s16, s17, s18" in page


def test_trouble_is_listed_with_its_student() -> None:
    loop = Failure("deadline", "base(z) did not come back in time.")
    result = record(check("second", "base", FAILED, failure=loop), submission="ann", problems=("An odd file name.",))
    text = words([result, *a_class("pppp")])
    assert "1 needs a look" in text
    assert "Calls that did not come back in time: 1 student ann second.base base(z) did not come back in time." in text
    assert "Problems with what was handed in: 1 student ann An odd file name." in text


def test_a_submission_that_could_not_be_graded_counts_as_nothing_begun() -> None:
    failure = Failure("not_graded", "This check was not run.")
    bad = record(
        check("first", "plain", ERROR, failure=failure), submission="bad", problems=("The archive is damaged.",)
    )
    text = words([bad, record(check("first", "plain", PASSED), submission="good")])
    assert "1 with nothing begun" in text and "bad The archive is damaged." in text


def test_an_empty_class_makes_a_page() -> None:
    assert "There are no results yet" in words([])


def test_records_without_checks_make_a_page() -> None:
    text = words([record(problems=("Nothing was found.",))])
    assert "ann Nothing was found." in text and "1 submission " in text


def test_the_same_class_gives_the_same_page() -> None:
    assert class_page(sample_class(70), the_course()) == class_page(sample_class(70), the_course())


def test_a_class_of_300_stays_small() -> None:
    assert len(class_page(sample_class(300), the_course()).encode()) < 1_500_000


def test_few_students_say_nothing_about_how_telling_a_check_is() -> None:
    text = words(a_class("pppp", "pfft"))
    assert "With fewer than 10 students" in text
