"""`grader verify`: proves the kit's verdicts and prints the figures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from grader.course import ROOT
from grader.misconceptions.catalogue import alternatives, misconceptions
from grader.reports import terminal
from grader.result import PASSED, TO_DO
from grader.suite import Outcome
from grader.verify.laboratory import Laboratory, collect_suite, with_faces


def verify(topics: Sequence[str], seeds: Iterable[int], only: str = "", messages: bool = False) -> int:
    """Run every known answer through the suite; returns the exit status."""
    with with_faces():
        checks = collect_suite(topics or None)
    problems: list[str] = []
    for seed in seeds:
        print(f"seed {seed}: {len(checks)} checks")
        laboratory = Laboratory(checks, seed)
        laboratory.prepare()
        for check_id in laboratory.failing_reference():
            problems.append(f"seed {seed}: the reference fails {check_id}")
            print(terminal.failure(laboratory.reference[check_id].result))
        for outcome in laboratory.run(ROOT / "exercises"):
            if outcome.result.status != TO_DO:
                problems.append(f"seed {seed}: a stub is not to do in {outcome.result.id}")
        problems += _misconceptions(laboratory, topics, only, messages)
        problems += _alternatives(laboratory, topics, only)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


def _bad(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.result.status != PASSED]


def _misconceptions(laboratory: Laboratory, topics: Sequence[str], only: str, messages: bool) -> list[str]:
    problems = []
    for wrong in misconceptions():
        if (topics and wrong.topic not in topics) or only not in wrong.id:
            continue
        key = (wrong.topic, wrong.exercise)
        exercise = laboratory.course.exercise(*key)
        outcomes = laboratory.run(overrides={key: wrong.value}, checks=laboratory.touching(*key))
        bad = _bad(outcomes)
        own = [o for o in bad if (o.result.topic, o.result.exercise) == key]
        others = {f"{o.result.topic}.{o.result.exercise}" for o in bad} - {exercise.id}
        stray = [o for o in others if exercise.id not in _foundations(laboratory, o)]
        if not own:
            problems.append(f"{exercise.id}: misconception {wrong.id} is not rejected by any check of its exercise")
        if stray:
            problems.append(f"{exercise.id}: misconception {wrong.id} also costs {', '.join(sorted(stray))}")
        if messages:
            print(f"--- {wrong.id} ({wrong.name})")
            for outcome in own:
                if outcome.result.failure:
                    print(terminal.failure(outcome.result))
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return problems


def _foundations(laboratory: Laboratory, exercise_id: str) -> set[str]:
    """The exercises that one builds on, directly or not."""
    found: set[str] = set()
    waiting = [exercise_id]
    while waiting:
        topic, _dot, name = waiting.pop().partition(".")
        for below in laboratory.course.exercise(topic, name).builds_on:
            if below not in found:
                found.add(below)
                waiting.append(below)
    return found


def _alternatives(laboratory: Laboratory, topics: Sequence[str], only: str) -> list[str]:
    problems = []
    for right in alternatives():
        if (topics and right.topic not in topics) or only not in right.id:
            continue
        key = (right.topic, right.exercise)
        for outcome in _bad(laboratory.run(overrides={key: right.value}, checks=laboratory.touching(*key))):
            problems.append(f"{right.topic}.{right.exercise}: alternative {right.id} fails {outcome.result.id}")
            if outcome.result.failure:
                print(terminal.failure(outcome.result))
    return problems
