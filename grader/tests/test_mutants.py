"""Mechanical mutants: what is mutated, what is left alone, and the verdict of the command."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from grader.course import the_course
from grader.misconceptions.catalogue import SOLUTIONS
from grader.verify.mutants import Equivalence, Verdict, _report, equivalences, table_mutants
from grader.verify.mutations import Solution

SOURCE = '''
_HALF = 0.5

def _helper(x: int = 3) -> int:
    """Adds 1."""
    return -x

def first(a, b):
    """First."""
    if not a < b:
        raise ValueError(f"{a + 1} is too large")
    c = _HALF * _helper(a)
    return c

def second(a):
    return first(a, a) and True
'''


def changes(exercise: str) -> list[tuple[str, str]]:
    return [(m.function, m.change) for m in Solution(SOURCE, ("first", "second")).mutations(exercise)]


def test_the_helpers_of_an_exercise_are_mutated_and_other_exercises_are_not() -> None:
    assert {function for function, _change in changes("first")} == {"first", "_helper", "_HALF"}
    assert {function for function, _change in changes("second")} == {"second"}


def test_operators_constants_conditions_and_statements_are_mutated() -> None:
    found = changes("first") + changes("second")
    for expected in (
        ("first", "a < b -> a <= b in: if not a < b:"),
        ("first", "not a < b -> a < b in: if not a < b:"),
        ("first", "_HALF * _helper(a) -> _HALF / _helper(a) in: c = _HALF * _helper(a)"),
        ("first", "left out: c = _HALF * _helper(a)"),
        ("_helper", "-x -> x in: return -x"),
        ("_helper", "3 -> 0 in: def _helper(x: int=3) -> int:"),
        ("_HALF", "0.5 -> 1.5 in: _HALF = 0.5"),
        ("second", "first(a, a) and True -> first(a, a) or True in: return first(a, a) and True"),
        ("second", "True -> False in: return first(a, a) and True"),
    ):
        assert expected in found


def test_what_an_exception_says_a_docstring_and_an_annotation_are_left_alone() -> None:
    assert not any("too large" in change and "left out" not in change for _function, change in changes("first"))
    assert not any("Adds" in change or "First" in change for _function, change in changes("first"))


@pytest.mark.parametrize("topic", [topic for topic in the_course().names if topic != "choices"])
def test_every_mutation_of_a_solution_changes_it_and_can_be_undone(topic: str) -> None:
    solution = Solution((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8"), the_course().names[topic])
    whole = ast.dump(solution.tree)
    for mutation in solution.mutations(the_course().names[topic][0]):
        mutation.apply()
        mutated = ast.dump(solution.tree)
        mutation.undo()
        assert mutated != whole and ast.dump(solution.tree) == whole


def test_a_cell_of_a_table_changes_at_a_time() -> None:
    table = {"a": {"x": "yes", "y": 1}, "b": {"x": "no", "y": 2}}
    found = dict(table_mutants(table))
    assert found["a, x: 'yes' -> 'no'"] == {"a": {"x": "no", "y": 1}, "b": {"x": "no", "y": 2}}
    assert len(found) == 4


def test_a_survivor_that_is_not_listed_fails_the_command(monkeypatch, capsys) -> None:
    listed = Equivalence("losses", "f", ("a -> b",), ("mse",), "They are the same.")
    monkeypatch.setattr("grader.verify.mutants.equivalences", lambda: [listed])
    rejected = Verdict("losses", "mse", "f", "c -> d", "test_losses.py::test")
    known = Verdict("losses", "mse", "f", "a -> b", "")
    unknown = Verdict("losses", "mae", "f", "a -> b", "")
    assert _report([rejected, known], ["losses"], show=False, seconds=1.0, whole=True) == 0
    assert "2 mutants, 1 equivalent, 1 of the other 1 rejected (100.00 %)" in capsys.readouterr().out
    assert _report([rejected, known, unknown], ["losses"], show=False, seconds=1.0, whole=True) == 1
    assert "survives: losses.mae, in f: a -> b" in capsys.readouterr().out


@cache
def mutations_of(topic: str, exercise: str) -> list[tuple[str, str]]:
    solution = Solution((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8"), the_course().names[topic])
    return [(mutation.function, mutation.change) for mutation in solution.mutations(exercise)]


def test_every_listed_mutant_exists_and_has_a_reason() -> None:
    for entry in equivalences():
        assert entry.reason.endswith(".")
        if entry.topic == "choices":
            continue
        for exercise in entry.exercises or (entry.function.split(".")[0],):
            found = {change for function, change in mutations_of(entry.topic, exercise) if function == entry.function}
            assert set(entry.changes) <= found, (exercise, entry.function)
