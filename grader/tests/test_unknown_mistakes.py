"""No wrong name: mistakes that are in no catalogue, and two mistakes in one submission."""

from __future__ import annotations

from functools import cache

import pytest

from grader.answers.sheet import RECORDED, RecordedSource
from grader.course import DEFAULT_SEED, the_course
from grader.misconceptions.catalogue import SOLUTIONS, Misconception, misconceptions
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import FAILED
from grader.subject.subject import LocalSubject
from grader.suite import Check, run_check
from grader.tests.unknown_mistakes import DOUBLE, INHERITED, PAIRS, SINGLE, Wrong
from grader.verify.laboratory import collect_suite, with_faces

TOPICS = ("activations", "backprop", "losses", "batchnorm", "regularization", "scaling", "dropout")
UNKNOWN_SHARE = 0.2
Key = tuple[str, str]


@cache
def suite() -> tuple[Check, ...]:
    with with_faces():
        return tuple(collect_suite(TOPICS))


@cache
def diagnostician() -> Diagnostician:
    return Diagnostician(RECORDED)


@cache
def source() -> RecordedSource:
    return RecordedSource()


@cache
def catalogue() -> dict[str, Misconception]:
    return {wrong.id: wrong for wrong in misconceptions()}


def verdicts(answers: dict[Key, object]) -> dict[Key, list[set[str]]]:
    """The names at each failed check of every exercise that is replaced or says that it builds on one."""
    ids = {f"{topic}.{name}" for topic, name in answers}
    concerned = {e.id for e in the_course().exercises if e.id in ids or ids & set(e.builds_on)}
    subject = LocalSubject(SOLUTIONS, the_course().names, 10.0, answers)
    try:
        outcomes = [
            run_check(check, the_course(), subject, source().answers_for(check.topic, check.id), DEFAULT_SEED)
            for check in suite()
            if check.exercise_id in concerned
        ]
    finally:
        subject.close()
    found: dict[Key, list[set[str]]] = {}
    for result in diagnostician().explain(outcomes):
        if result.status == FAILED:
            found.setdefault((result.topic, result.exercise), []).append({item.id for item in result.diagnosis})
    return found


@cache
def names_of(wrong: Wrong) -> tuple[frozenset[str], ...]:
    """The names at each failed check of the exercise; one that builds on it may fail, but is never named."""
    found = verdicts({(wrong.topic, wrong.exercise): wrong.value})
    own = found.pop((wrong.topic, wrong.exercise), [])
    assert not any(names for others in found.values() for names in others)
    return tuple(map(frozenset, own))


def accepted(ids: frozenset[str]) -> set[str]:
    """Ids with their declared equivalents; an id that the catalogue does not have is a slip of this file."""
    return {name for id in ids for name in (id, *catalogue()[id].equivalents)}


def label(wrong: Wrong) -> str:
    return wrong.label


@pytest.mark.parametrize("wrong", [*SINGLE, *DOUBLE], ids=label)
def test_a_mistake_from_outside_is_rejected_and_never_called_by_a_wrong_name(wrong: Wrong) -> None:
    names = names_of(wrong)
    assert names, "no check of the exercise rejects it"
    for found in names:
        assert not found or found & accepted(wrong.ids), f"called {sorted(found)}"


def test_at_most_a_fifth_of_what_the_catalogue_covers_stays_unknown() -> None:
    covered = [wrong for wrong in SINGLE if wrong.ids]
    unknown = [wrong.label for wrong in covered if not any(names_of(wrong))]
    assert len(unknown) <= UNKNOWN_SHARE * len(covered), unknown


@pytest.mark.parametrize("name", ["softmax_where_z_was", "linear_output_that_hands_x_on"])
def test_memory_that_is_shared_hides_no_name(name: str) -> None:
    (wrong,) = [wrong for wrong in SINGLE if wrong.label == name]
    assert any(names_of(wrong))


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_two_mistakes_in_two_exercises_are_both_named_or_left_unnamed(pair: tuple[str, str]) -> None:
    both = [catalogue()[id] for id in pair]
    answers = {(wrong.topic, wrong.exercise): wrong.value for wrong in both}
    assert len(answers) == 2
    found = verdicts(answers)
    for wrong in both:
        own = found.pop((wrong.topic, wrong.exercise))
        assert own
        right = accepted(frozenset([wrong.id]))
        for names in own:
            assert not names or names & right, f"{wrong.id} is called {sorted(names)}"
    inherited = {INHERITED[id] for id in pair if id in INHERITED}
    assert not any(names - inherited for others in found.values() for names in others)


def test_there_are_enough_of_them() -> None:
    assert len(SINGLE) >= 40 and len(DOUBLE) + len(PAIRS) >= 20
    assert {wrong.topic for wrong in SINGLE} <= set(TOPICS)
