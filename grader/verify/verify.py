"""`grader verify`: proves the kit's verdicts and prints the figures.

For each seed: the reference passes, stubs are to do, each misconception is rejected by a check of its own exercise,
costs no exercise that does not build on it and is named, each right alternative gets full marks and no name, and no
check is idle: a misconception fails it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.answers.recorder import transcript_files
from grader.course import ROOT, Course
from grader.misconceptions.catalogue import Alternative, Misconception, alternatives, misconceptions
from grader.misconceptions.diagnosis import Diagnostician
from grader.reports import terminal
from grader.result import PASSED, TO_DO, CheckResult
from grader.suite import Outcome
from grader.verify.laboratory import Laboratory, collect_suite, with_faces

Answer = Misconception | Alternative


@dataclass(frozen=True)
class Selection:
    """What to verify."""

    topics: tuple[str, ...] = ()
    only: str = ""
    messages: bool = False

    def takes(self, answer: Answer) -> bool:
        return (not self.topics or answer.topic in self.topics) and self.only in answer.id

    def answers(self) -> list[Answer]:
        """The selected misconceptions, then the selected alternatives."""
        known: list[Answer] = [*misconceptions(), *alternatives()]
        return [answer for answer in known if self.takes(answer)]


@dataclass
class Figures:
    """What one seed showed."""

    seed: int
    checks: int = 0
    misconceptions: int = 0
    rejected: int = 0
    named: int = 0
    ambiguous: int = 0
    wrong_names: int = 0
    alternatives: int = 0
    full_marks: int = 0
    seconds: float = 0.0
    idle: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"seed {self.seed}: {self.checks} checks; misconceptions {self.rejected}/{self.misconceptions} rejected, "
            f"{self.named} named ({self.ambiguous} beside a second name), {self.wrong_names} wrong names; "
            f"alternatives {self.full_marks}/{self.alternatives} at full marks; {self.seconds:.0f} s"
        )


def verify(selection: Selection, seeds: Sequence[int], jobs: int = 0) -> int:
    """Verify for some seeds; returns the exit status."""
    problems: set[str] = set()
    for seed in seeds:
        figures = verify_seed(selection, seed, jobs or os.cpu_count() or 1)
        print(figures.line(), flush=True)
        for problem in figures.problems:
            if problem not in problems:
                print(f"  {problem}", flush=True)
        problems.update(figures.problems)
    print(f"{len(problems)} problems over {len(seeds)} seeds" if problems else "all verdicts hold")
    return 1 if problems else 0


def verify_seed(selection: Selection, seed: int, jobs: int) -> Figures:
    """Verify for one seed, with some processes."""
    start = time.monotonic()
    figures = Figures(seed)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:  # a process of its own: PyTorch's threads stay in it
        answers = pool.submit(ask, selection.topics, seed).result()
    laboratory = prepared(selection.topics, seed, answers)
    figures.checks = len(laboratory.checks)
    _reference(laboratory, figures)
    _stubs(laboratory, figures)
    trials = _trials(selection, seed, answers, jobs)
    _judge(laboratory, trials, figures, selection.messages)
    if not selection.only:
        for check_id, exercise in sorted(figures.idle.items()):
            figures.problems.append(f"{exercise}: no misconception fails {check_id}: add one, or drop the check")
    figures.seconds = time.monotonic() - start
    return figures


def ask(topics: Sequence[str], seed: int) -> dict[str, list[Any]]:
    """What PyTorch says for a seed."""
    with with_faces():
        checks = collect_suite(topics or None)
    laboratory = Laboratory(checks, seed)
    laboratory.prepare()
    return laboratory.answers


def prepared(topics: Sequence[str], seed: int, answers: dict[str, list[Any]]) -> Laboratory:
    """A laboratory that has run the reference."""
    with with_faces():
        checks = collect_suite(topics or None)
    laboratory = Laboratory(checks, seed)
    laboratory.prepare(answers)
    return laboratory


def _trials(
    selection: Selection, seed: int, answers: dict[str, list[Any]], jobs: int
) -> list[tuple[Answer, list[Outcome]]]:
    """Every selected answer with the outcomes of the checks that can notice it."""
    chosen = selection.answers()
    meter = Meter(len(chosen))
    context = multiprocessing.get_context("spawn")
    settings = (selection, seed, answers)
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=settings) as pool:
        outcomes = []
        for answer, found in zip(chosen, pool.map(_try, range(len(chosen)), chunksize=4), strict=True):
            meter.step(answer.id)
            outcomes.append(found)
    meter.done()
    return list(zip(chosen, outcomes, strict=True))


_bench: list[tuple[Laboratory, list[Answer]]] = []
"""The laboratory and the answers of a working process."""


def _start(selection: Selection, seed: int, answers: dict[str, list[Any]]) -> None:
    _bench[:] = [(prepared(selection.topics, seed, answers), selection.answers())]


def _try(place: int) -> list[Outcome]:
    laboratory, chosen = _bench[0]
    answer = chosen[place]
    key = (answer.topic, answer.exercise)
    outcomes = laboratory.run(overrides={key: answer.value}, checks=laboratory.touching(*key))
    return [replace(outcome, error=None) for outcome in outcomes]


class Meter:
    """Progress on a terminal; a line at each quarter elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._count = 0
        self._terminal = sys.stderr.isatty()

    def step(self, label: str) -> None:
        self._count += 1
        if self._terminal:
            print(f"\r{self._count}/{self._total} {label:<60.60}", end="", file=sys.stderr, flush=True)
        elif self._count % max(1, self._total // 4) == 0:
            print(f"{self._count}/{self._total} answers tried", file=sys.stderr, flush=True)

    def done(self) -> None:
        if self._terminal:
            print("\r" + " " * 78 + "\r", end="", file=sys.stderr, flush=True)


def _reference(laboratory: Laboratory, figures: Figures) -> None:
    for check_id in laboratory.failing_reference():
        failure = laboratory.reference[check_id].result.failure
        message = failure.message if failure else ""
        figures.problems.append(f"the reference fails {check_id} ({message}): mend the check or the solution")


def _stubs(laboratory: Laboratory, figures: Figures) -> None:
    for outcome in laboratory.run(ROOT / "exercises"):
        if outcome.result.status != TO_DO:
            figures.problems.append(f"an untouched stub is not to do in {outcome.result.id}: let the check call it")


def _judge(
    laboratory: Laboratory, trials: Sequence[tuple[Answer, list[Outcome]]], figures: Figures, messages: bool
) -> None:
    wrong = [(answer, outcomes) for answer, outcomes in trials if isinstance(answer, Misconception)]
    with tempfile.TemporaryDirectory() as folder:
        own = [(answer, _own(answer, outcomes)) for answer, outcomes in wrong]
        for name, text in transcript_files(laboratory, own).items():
            Path(folder, name).write_text(text, encoding="utf-8")
        diagnostician = Diagnostician(Path(folder))
        idle = {check.id: check.exercise_id for check in laboratory.checks}
        for answer, outcomes in trials:
            results = diagnostician.explain(outcomes)
            for result in results:
                if result.status != PASSED:
                    idle.pop(result.id, None)
            if isinstance(answer, Misconception):
                _misconception(laboratory.course, answer, results, figures, messages)
            else:
                _alternative(answer, results, figures)
    figures.idle = idle


def _own(answer: Answer, outcomes: Sequence[Outcome]) -> list[Outcome]:
    key = (answer.topic, answer.exercise)
    return [outcome for outcome in outcomes if (outcome.result.topic, outcome.result.exercise) == key]


def _misconception(
    course: Course, wrong: Misconception, results: Sequence[CheckResult], figures: Figures, messages: bool
) -> None:
    label = f"{wrong.topic}.{wrong.exercise}"
    figures.misconceptions += 1
    bad = [result for result in results if result.status != PASSED]
    own = [result for result in bad if (result.topic, result.exercise) == (wrong.topic, wrong.exercise)]
    others = {f"{result.topic}.{result.exercise}" for result in bad} - {label}
    stray = sorted(other for other in others if label not in foundations(course, other))
    if stray:
        figures.problems.append(f"{label}: {wrong.id} also costs {', '.join(stray)}: part them, or say builds_on")
    if not own:
        figures.problems.append(f"{label}: {wrong.id} passes every check of its exercise: add a check that rejects it")
        return
    figures.rejected += 1
    _names(wrong, label, own, figures)
    if messages:
        print(f"--- {wrong.id}")
        print("\n".join(terminal.failure(result) for result in own if result.failure is not None))


def _names(wrong: Misconception, label: str, own: Sequence[CheckResult], figures: Figures) -> None:
    accepted = {wrong.id, *wrong.equivalents}
    names = {result.id: {item.id for item in result.diagnosis} for result in own if result.diagnosis}
    right = [found for found in names.values() if found & accepted]
    if right:
        figures.named += 1
        figures.ambiguous += all(found - accepted for found in right)
    else:
        figures.problems.append(f"{label}: {wrong.id} is rejected but not named: give a check generic inputs for it")
    for check_id, found in names.items():
        if not found & accepted:
            figures.wrong_names += 1
            figures.problems.append(f"{label}: {wrong.id} is called {', '.join(sorted(found))} in {check_id}")


def foundations(course: Course, exercise_id: str) -> set[str]:
    """The exercises that one builds on, directly or not."""
    found: set[str] = set()
    waiting = [exercise_id]
    while waiting:
        topic, _dot, name = waiting.pop().partition(".")
        for below in course.exercise(topic, name).builds_on:
            if below not in found:
                found.add(below)
                waiting.append(below)
    return found


def _alternative(right: Alternative, results: Sequence[CheckResult], figures: Figures) -> None:
    figures.alternatives += 1
    bad = [result for result in results if result.status != PASSED]
    figures.full_marks += not bad
    for result in bad:
        message = result.failure.message if result.failure else ""
        figures.problems.append(
            f"{right.topic}.{right.exercise}: the right answer {right.id} ({right.style}) fails {result.id}: {message}"
        )
