"""How fast the page of a class opens in a real browser.

    python benchmarks/class_page.py 300 5000
    python benchmarks/class_page.py 5000 --from OUT/results --pictures FOLDER

The class is mixed from real result records, exercise by exercise at random: those of a folder, or else of a demo class
that is graded first. Seconds are wall clock from the order to open the file until it is painted, in a browser that has
just been started, the median of several; "bottom" is the jump to the last student after that.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.classroom.demo import make_class
from grader.classroom.runner import Options, grade_class
from grader.course import the_course
from grader.reports.class_html import class_page
from grader.result import CheckResult, SubmissionResult
from grader.tests.browser import Browser, a_browser
from grader.tests.sample_results import FIRST, LAST

DESKTOP, PHONE = (1280, 900), (390, 844)
TO_BOTTOM = (
    "new Promise(done => { scrollTo(0, document.body.scrollHeight);"
    " requestAnimationFrame(() => requestAnimationFrame(() => done(1))); })"
)


def records(folder: Path) -> list[SubmissionResult]:
    """The records of a graded class."""
    found = [SubmissionResult.from_json(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    if not found:
        raise SystemExit(f"{folder} holds no result records")
    return found


def graded_demo(students: int) -> list[SubmissionResult]:
    """The records of a demo class."""
    with tempfile.TemporaryDirectory() as temporary:
        make_class(Path(temporary, "class"), students, seed=1)
        grade_class(Options(Path(temporary, "class"), Path(temporary, "out")))
        return records(Path(temporary, "out", "results"))


def mixed_class(found: Sequence[SubmissionResult], students: int, seed: int = 1) -> Iterator[SubmissionResult]:
    """A class of any size: each student has the work of one student, and some exercises of others."""
    chance = random.Random(seed)
    works = [_by_exercise(result.checks) for result in found]
    for number in range(students):
        own = chance.randrange(len(found))
        checks = [
            check
            for exercise in works[own]
            for check in works[chance.randrange(len(found)) if chance.random() < 0.3 else own][exercise]
        ]
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {number + 1:04d}"
        yield replace(found[own], submission=name, checks=tuple(checks))


def _by_exercise(checks: Sequence[CheckResult]) -> dict[str, list[CheckResult]]:
    groups: dict[str, list[CheckResult]] = {}
    for check in checks:
        groups.setdefault(f"{check.topic}.{check.exercise}", []).append(check)
    return groups


def measured(browser: Browser, page: Path, size: tuple[int, int]) -> tuple[float, float]:
    """The seconds until a page is painted, and until its end is after that."""
    browser.screen(*size)
    opened = browser.open(page)
    started = time.perf_counter()
    browser.evaluate(TO_BOTTOM)
    return opened, time.perf_counter() - started


def main() -> None:
    """Make the pages, open them, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("students", type=int, nargs="*", default=[300, 5000])
    parser.add_argument("--from", dest="folder", type=Path, help="a folder of result records")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--pictures", type=Path, help="where to put pictures of the pages")
    options = parser.parse_args()
    found = records(options.folder) if options.folder else graded_demo(40)
    print(f"mixed from {len(found)} records of {len(found[0].checks)} checks\n")
    print("| students | MB | s to make | s to open, desktop | to the bottom | s to open, phone | to the bottom |")
    print("| -------: | -: | --------: | -----------------: | ------------: | ---------------: | ------------: |")
    for students in options.students:
        with tempfile.TemporaryDirectory() as temporary:
            started = time.perf_counter()
            text = class_page(mixed_class(found, students), the_course())
            made = time.perf_counter() - started
            page = Path(temporary, "class.html")
            page.write_text(text, encoding="utf-8")
            medians: list[float] = []
            for size in (DESKTOP, PHONE):
                times = []
                for _attempt in range(options.repeat):
                    with a_browser() as browser:
                        times.append(measured(browser, page, size))
                        if options.pictures is not None and _attempt == 0:
                            options.pictures.mkdir(parents=True, exist_ok=True)
                            browser.screenshot(options.pictures / f"class-{students}-{size[0]}.png", whole=True)
                medians += [statistics.median(column) for column in zip(*times, strict=True)]
            opened = " | ".join(f"{seconds:.2f}" for seconds in medians)
            print(f"| {students} | {len(text.encode()) / 1e6:.1f} | {made:.1f} | {opened} |", flush=True)


if __name__ == "__main__":
    main()
