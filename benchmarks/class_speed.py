"""How long a class takes: `grader grade` beside `nbgrader autograde`, fresh pytest processes, and the bare checks.

    python benchmarks/class_speed.py --students 60

All of it in one run on one machine, on the same submissions, which the demo makes without broken files and endless
loops (these cost time-outs, which would drown what is measured); for nbgrader the same checks and exercises are
exported to notebooks, one a topic, and filled in like a class (see nbgrader_speed.py). Seconds are wall clock;
"processor" counts the seconds that all processes together computed, which depends little on what else the machine is
doing. The slow ones get few submissions; `--nbgrader 0` leaves nbgrader out.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from nbgrader_speed import ASSIGNMENT, hand_in, run

from grader import __version__
from grader.answers.sheet import RECORDED, RecordedSource
from grader.classroom.demo import make_class
from grader.classroom.grading import Suite, grade_submission
from grader.classroom.intake import Submission, take_in
from grader.classroom.job import collected
from grader.classroom.memory import Memory
from grader.classroom.roster import read_roster
from grader.course import ROOT, the_course
from grader.misconceptions.diagnosis import Diagnostician
from grader.notebooks.course_folder import Plan, make_course
from grader.reports.feedback_html import feedback_page
from grader.result import SubmissionResult
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import LAYERS, Limits
from grader.sandbox.zygote import Zygote
from grader.subject.subject import LocalSubject


@dataclass(frozen=True)
class Row:
    """One way of grading: seconds a submission."""

    name: str
    wall: float
    processor: float
    submissions: int


def processor_seconds() -> float:
    """What this process and its children that have ended computed so far."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measured(name: str, submissions: int, action: Callable[[], object]) -> Row:
    """Do something once and time it."""
    print(f"... {name}", file=sys.stderr, flush=True)
    processor, wall = processor_seconds(), time.perf_counter()
    action()
    wall, processor = time.perf_counter() - wall, processor_seconds() - processor
    return Row(name, wall / submissions, processor / submissions, submissions)


def unpacked(submissions: Sequence[Submission], folder: Path) -> list[Path]:
    """Each submission as a plain folder, as a fresh process wants it."""
    homes = []
    for number, submission in enumerate(submissions):
        home = folder / str(number)
        for name, content in submission.files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        homes.append(home)
    return homes


def fresh_pytest(homes: Sequence[Path], *options: str) -> None:
    """One process of pytest after the other."""
    pytest_command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *options]
    for home in homes:
        subprocess.run([*pytest_command, "--target", str(home)], cwd=ROOT, capture_output=True, check=False)


def bare_checks(submissions: Sequence[Submission], homes: Sequence[Path], suite: Suite) -> None:
    """The checks in this process, which is warm; the stubs' topics are left out as in a class run."""
    for submission, home in zip(submissions, homes, strict=True):
        subject = LocalSubject(home, suite.course.names)
        grade_submission(submission, suite, subject)
        subject.close()


def sealed_checks(
    submissions: Sequence[Submission], homes: Sequence[Path], suite: Suite, layers: tuple[str, ...]
) -> list[SubmissionResult]:
    """The checks through sealed workers, one after the other; nothing is written."""
    results = []
    with Zygote(Limits(layers=layers)) as zygote:
        for submission, home in zip(submissions, homes, strict=True):
            subject = SealedSubject(zygote, home, suite.course.names)
            results.append(grade_submission(submission, suite, subject))
            subject.close()
    return results


def grade_command(folder: Path, out: Path, *options: str) -> None:
    """The whole command, start of Python, class page and gradebook included."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-o", str(out), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)


def notebook_course(folder: Path, students: int) -> Path:
    """A course of stock nbgrader with a class that handed in, ready to be graded."""
    topics = list(the_course().names)
    make_course(folder, Plan.of(topics, ASSIGNMENT))
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8").replace("use_engine(c)", "# use_engine(c)"), encoding="utf-8")
    run(folder, "nbgrader", "generate_assignment", ASSIGNMENT)
    hand_in(folder, topics, students)
    return folder


def gradable(folder: Path) -> list[Submission]:
    """The submissions of a class in which there is something to grade; the others are taken out of it."""
    names, found = the_course().names, []
    for entry in read_roster(folder, tuple(names)).entries:
        submission = take_in(entry, names)
        if submission.topics(names):
            found.append(submission)
            continue
        for part in entry.parts:
            if part.path.is_dir():
                shutil.rmtree(part.path)
            else:
                part.path.unlink()
    return found


def pages(results: Sequence[SubmissionResult]) -> None:
    """Result records and feedback pages as text."""
    for result in results:
        result.to_json()
        feedback_page(result, the_course())


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--fresh", type=int, default=8, help="submissions for the fresh processes, which are slow")
    parser.add_argument("--nbgrader", type=int, default=3, help="submissions for nbgrader, which is slower")
    parser.add_argument("--warm", type=int, default=30, help="submissions for what runs in this process")
    options = parser.parse_args()
    course, checks = the_course(), collected(ROOT / "tests")
    source = RecordedSource(RECORDED)
    suite = Suite(course, checks, 1, source)
    telling = Suite(course, checks, 1, source, Diagnostician(RECORDED).explain)
    memory = Memory()
    remembering = Suite(course, checks, 1, source, Diagnostician(RECORDED).explain, memory)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "class")
        make_class(folder, options.students, seed=1, accidents=False)
        submissions = gradable(folder)
        entries = read_roster(folder, tuple(course.names)).entries
        homes = unpacked(submissions, Path(temporary, "homes"))
        warm, warm_homes = submissions[: options.warm], homes[: options.warm]
        bare_checks(warm[:3], warm_homes[:3], suite)  # so that everything is loaded
        rows = [
            measured("bare checks, one warm process", len(warm), lambda: bare_checks(warm, warm_homes, suite)),
            measured("sealed, no layers", len(warm), lambda: sealed_checks(warm, warm_homes, suite, ())),
            measured("sealed and confined", len(warm), lambda: sealed_checks(warm, warm_homes, suite, LAYERS)),
        ]
        results: list[SubmissionResult] = []
        rows += [
            measured(
                "sealed, confined, diagnosed",
                len(warm),
                lambda: results.extend(sealed_checks(warm, warm_homes, telling, LAYERS)),
            ),
            measured(
                "the same, remembering",
                len(submissions),
                lambda: sealed_checks(submissions, homes, remembering, LAYERS),
            ),
            measured("records and pages as text", len(results), lambda: pages(results)),
            measured("reading what was handed in", len(entries), lambda: [take_in(e, course.names) for e in entries]),
            measured(
                "grader grade, one job",
                len(entries),
                lambda: grade_command(folder, Path(temporary, "1"), "--jobs", "1"),
            ),
            measured("grader grade", len(entries), lambda: grade_command(folder, Path(temporary, "2"))),
            measured(
                "grader grade again, all unchanged", len(entries), lambda: grade_command(folder, Path(temporary, "2"))
            ),
            measured("a fresh pytest each", options.fresh, lambda: fresh_pytest(homes[: options.fresh])),
            measured(
                "a fresh pytest each, asking PyTorch",
                options.fresh,
                lambda: fresh_pytest(homes[: options.fresh], "--live"),
            ),
        ]
        if options.nbgrader:
            notebooks = notebook_course(Path(temporary, "nbgrader"), options.nbgrader)
            autograde = ("nbgrader", "autograde", ASSIGNMENT)
            rows.append(measured("nbgrader autograde", options.nbgrader, lambda: run(notebooks, *autograde)))
    print_table(rows, len(checks))
    known = memory.known / (memory.known + memory.run)
    print(f"\nchecks that were known from another submission, in one job: {known:.0%}")


def print_table(rows: Sequence[Row], checks: int) -> None:
    """The rows beside the bare checks."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(
        f"{checks} checks a submission; {cores} cores, load {os.getloadavg()[0]:.1f}; "
        f"{platform.machine()}, {processor()}"
    )
    print(
        f"kit {__version__}, Python {platform.python_version()}, NumPy {np.__version__}, pytest {pytest.__version__}\n"
    )
    bare = rows[0]
    print(f"| {'way of grading':<35} | s a submission | × bare | processor s | × bare | submissions |")
    print(f"| {'-' * 35} | -------------: | -----: | ----------: | -----: | ----------: |")
    for row in rows:
        print(
            f"| {row.name:<35} | {row.wall:>14.3f} | {row.wall / bare.wall:>6.2f} | {row.processor:>11.3f} "
            f"| {row.processor / bare.processor:>6.2f} | {row.submissions:>11} |"
        )


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor unknown"


if __name__ == "__main__":
    main()
