"""`grader mutants`: mechanical mutants of the solutions against the suite.

Every mutation of every exercise and of the private helpers that it uses is tried in that one exercise, the others
staying right. A mutant that no check rejects is either equivalent, and then listed with the reason in
`equivalent_mutants.toml`, or it shows a gap in the suite.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import sys
import time
import types
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import DEFAULT_SEED, the_course
from grader.language import _
from grader.misconceptions.catalogue import SOLUTIONS
from grader.result import PASSED
from grader.subject.library import PACKAGE, Library
from grader.suite import Check
from grader.verify.laboratory import Laboratory
from grader.verify.mutations import Solution
from grader.verify.verify import Meter, ask, prepared

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
DEADLINE, PATIENCE = 0.5, 5.0


@dataclass(frozen=True)
class Verdict:
    """One mutant of one exercise: the check that rejected it, or none."""

    topic: str
    exercise: str
    function: str
    change: str
    rejected_by: str

    def sentence(self) -> str:
        return f"{self.topic}.{self.exercise}, in {self.function}: {self.change}"


@dataclass(frozen=True)
class Equivalence:
    """An entry of the list: why some changes of a function leave some exercises (all, if none is named) right."""

    topic: str
    function: str
    changes: tuple[str, ...]
    exercises: tuple[str, ...]
    reason: str

    def covers(self, verdict: Verdict) -> bool:
        same = (self.topic, self.function) == (verdict.topic, verdict.function) and verdict.change in self.changes
        return same and (not self.exercises or verdict.exercise in self.exercises)


def equivalences(path: Path = EQUIVALENT) -> list[Equivalence]:
    """The mutants that are known to be equivalent."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    return [
        Equivalence(
            row["topic"], row["function"], tuple(row["changes"]), tuple(row.get("exercises", ())), row["reason"]
        )
        for row in rows
    ]


def mutants(
    topics: Sequence[str] = (), only: str = "", show: bool = False, seed: int = DEFAULT_SEED, jobs: int = 0
) -> int:
    """Try the mutants of some topics; returns the exit status: 1 if one survives that is not listed."""
    course = the_course()
    unknown = [topic for topic in topics if topic not in course.names]
    if unknown:
        known = ", ".join(course.names)
        print(
            "grader: " + _("There is no topic {topic}; the topics are {known}.").format(topic=unknown[0], known=known),
            file=sys.stderr,
        )
        return 2
    chosen = tuple(topic for topic in course.names if not topics or topic in topics)
    start = time.monotonic()
    verdicts: list[Verdict] = []
    context = multiprocessing.get_context("spawn")
    meter = Meter(len(chosen))
    work = [(topic, only, seed) for topic in chosen]
    with ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=context) as pool:
        for topic, found in zip(chosen, pool.map(try_topic, work), strict=True):
            meter.step(topic)
            verdicts += found
    meter.done()
    return _report(verdicts, chosen, show, time.monotonic() - start, whole=not only)


def _report(verdicts: list[Verdict], topics: Sequence[str], show: bool, seconds: float, whole: bool) -> int:
    listed = equivalences()
    if show:
        for verdict in verdicts:
            print(f"{verdict.sentence()}: {verdict.rejected_by or 'SURVIVES'}")
    open_ones = []
    for topic in topics:
        mine = [verdict for verdict in verdicts if verdict.topic == topic]
        survivors = [verdict for verdict in mine if not verdict.rejected_by]
        gaps = [verdict for verdict in survivors if not any(entry.covers(verdict) for entry in listed)]
        open_ones += gaps
        print(_line(topic, len(mine), len(survivors) - len(gaps), len(gaps)))
    survivors = [verdict for verdict in verdicts if not verdict.rejected_by]
    print(_line("all", len(verdicts), len(survivors) - len(open_ones), len(open_ones)) + f"; {seconds:.0f} s")
    for verdict in open_ones:
        print(f"  survives: {verdict.sentence()}")
    if whole:
        for entry in listed:
            if entry.topic in topics and not any(entry.covers(verdict) for verdict in survivors):
                print(f"  listed as equivalent, but none survives: {entry.topic}, {entry.function}: {entry.changes[0]}")
    if open_ones:
        print("Write a check that rejects each, or list it in grader/verify/equivalent_mutants.toml with the reason.")
    return 1 if open_ones else 0


def _line(label: str, tried: int, equivalent: int, surviving: int) -> str:
    counted = tried - equivalent
    share = 100.0 * (counted - surviving) / counted if counted else 100.0
    return (
        f"{label}: {tried} mutants, {equivalent} equivalent, "
        f"{counted - surviving} of the other {counted} rejected ({share:.2f} %)"
    )


def try_topic(work: tuple[str, str, int]) -> list[Verdict]:
    """Every mutant of a topic; runs in a process of its own, which asks PyTorch, too."""
    topic, only, seed = work
    warnings.simplefilter("ignore")
    laboratory = prepared([topic], seed, ask([topic], seed))
    bench = Bench(topic, laboratory)
    names = [name for name in the_course().names[topic] if only in name]
    return [verdict for name in names for verdict in bench.try_exercise(name)]


class Bench:
    """Tries the mutants of one topic.

    Raises
    ------
    RuntimeError
        The solution as it is does not pass: then a rejection would prove nothing.
    """

    def __init__(self, topic: str, laboratory: Laboratory) -> None:
        self._topic = topic
        self._laboratory = laboratory
        names = the_course().names
        self._path = SOLUTIONS / f"{topic}.py"
        self._solution = Solution(self._path.read_text(encoding="utf-8"), names[topic])
        self._siblings = Library(SOLUTIONS, names)
        with self._siblings.imports():
            self._siblings.load(topic)

    def try_exercise(self, exercise: str) -> Iterator[Verdict]:
        """The verdicts on every mutant of an exercise."""
        own = [c for c in self._laboratory.touching(self._topic, exercise) if c.exercise == exercise]
        others = [c for c in self._laboratory.touching(self._topic, exercise) if c.exercise != exercise]
        checks = [*own, *others]
        if isinstance(self._value(exercise), dict):
            yield from self._try_table(exercise, checks)
            return
        failed = self._rejected_by(exercise, self._value(exercise), checks)
        if failed:
            raise RuntimeError(f"the solution of {self._topic}.{exercise} fails {failed} as it is")
        for mutation in self._solution.mutations(exercise):
            mutation.apply()
            try:
                value = self._value(exercise)
            except Exception as error:  # the mutated module does not even load
                rejected_by = f"{type(error).__name__} while loading"
            else:
                rejected_by = self._rejected_by(exercise, value, checks)
            finally:
                mutation.undo()
            yield Verdict(self._topic, exercise, mutation.function, mutation.change, rejected_by)

    def _try_table(self, exercise: str, checks: list[Check]) -> Iterator[Verdict]:
        table = self._value(exercise)
        for change, mutated in table_mutants(table):
            yield Verdict(self._topic, exercise, exercise, change, self._rejected_by(exercise, mutated, checks))

    def _value(self, exercise: str) -> Any:
        """The exercise from a fresh run of the module with the tree as it is now."""
        module = types.ModuleType(f"{PACKAGE}.{self._topic}")
        module.__file__ = str(self._path)
        module.__package__ = PACKAGE
        code = compile(ast.fix_missing_locations(self._solution.tree), str(self._path), "exec", dont_inherit=True)
        with self._siblings.imports():
            exec(code, module.__dict__)
        return module.__dict__[exercise]

    def _rejected_by(self, exercise: str, value: Any, checks: list[Check]) -> str:
        """The id of the first check that fails, the exercise's own before others.

        It is asked first the next time: most mutants fail the same ones.
        """
        for place, check in enumerate(checks):
            overrides = {(self._topic, exercise): value}
            outcome = self._laboratory.run(overrides=overrides, checks=[check], timeout=DEADLINE)[0]
            if outcome.result.failure is not None and outcome.result.failure.reason == "deadline":  # or a busy machine
                outcome = self._laboratory.run(overrides=overrides, checks=[check], timeout=PATIENCE)[0]
            if outcome.result.status != PASSED:
                if check.exercise == exercise:
                    checks.insert(0, checks.pop(place))
                return check.id
        return ""


def table_mutants(table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A table with one cell changed to the next other value of its column; every cell in turn."""
    columns = sorted({column for row in table.values() if isinstance(row, dict) for column in row}) or [None]
    for column in columns:
        values = [row if column is None else row[column] for row in table.values()]
        different = list(dict.fromkeys(values))
        for row, value in zip(table, values, strict=True):
            new = different[(different.index(value) + 1) % len(different)]
            where = row if column is None else f"{row}, {column}"
            changed = {**table, row: new if column is None else {**table[row], column: new}}
            yield f"{where}: {value!r} -> {new!r}", changed
