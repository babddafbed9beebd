"""A large class: throughput and memory while it is graded, and the time of its page.

    python benchmarks/class_scale.py 100 5000

For each size a demo class is made, broken files and endless loops included, and graded by `grader grade` with all
cores. Memory is resident memory, looked at every half second, of the main process and of each job process with its
sealed workers; the thirds of the run show whether it grows. Linux only.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.demo import make_class
from grader.classroom.store import Store
from grader.course import ROOT, the_course
from grader.reports.class_html import class_page

PERIOD = 0.5
MIB = 1 << 20


@dataclass(frozen=True)
class Process:
    """A process as /proc shows it."""

    parent: int
    resident: int


@dataclass(frozen=True)
class Sample:
    """Bytes at one moment: the main process, the largest job process, and the largest with all that it started."""

    moment: float
    main: int
    job: int
    job_and_workers: int


def processes() -> dict[int, Process]:
    """Every process of this machine."""
    found = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")
                fields = text.rpartition(")")[2].split()
                found[int(entry.name)] = Process(int(fields[1]), int(fields[21]) * page)
            except OSError:  # it ended meanwhile
                continue
    return found


def sample(main: int, moment: float) -> Sample | None:
    """What the processes of a run hold."""
    seen = processes()
    if main not in seen:
        return None
    children = defaultdict(list)
    for number, process in seen.items():
        children[process.parent].append(number)

    def whole(number: int) -> int:
        return seen[number].resident + sum(whole(child) for child in children[number])

    jobs = children[main]
    single = max((seen[job].resident for job in jobs), default=0)
    return Sample(moment, seen[main].resident, single, max(map(whole, jobs), default=0))


def graded(folder: Path, out: Path) -> tuple[float, float, list[Sample]]:
    """Wall and processor seconds of `grader grade`, and what it held."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-o", str(out)]
    samples = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            found = sample(process.pid, time.perf_counter() - started)
            if found is not None:
                samples.append(found)
            time.sleep(PERIOD)
    if process.returncode not in (0, 1):
        raise SystemExit(f"grader grade ended with status {process.returncode}")
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, samples


def page_seconds(out: Path) -> tuple[float, float]:
    """Seconds to make the class page from the results, and its size in MB."""
    started = time.perf_counter()
    store = Store(out)
    read = (store.read(path.stem) for path in sorted(store.results.glob("*.json")))
    page = class_page((result for result in read if result is not None), the_course())
    return time.perf_counter() - started, len(page.encode()) / 1e6


def print_memory(samples: Sequence[Sample], wall: float) -> None:
    """The peaks in each third of the run."""
    print("| resident memory, peak in MiB | first third | second | last |")
    print("| ---------------------------- | ----------: | -----: | ---: |")
    names = {"main": "main process", "job": "a job process", "job_and_workers": "a job with its workers"}
    for field, name in names.items():
        peaks = [
            max((getattr(s, field) for s in samples if i <= 3 * s.moment / wall < i + 1), default=0) // MIB
            for i in range(3)
        ]
        print(f"| {name:<28} | {peaks[0]:>11} | {peaks[1]:>6} | {peaks[2]:>4} |")
    print(flush=True)


def main() -> None:
    """Grade classes of some sizes and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("students", type=int, nargs="*", default=[100])
    options = parser.parse_args()
    for students in options.students:
        with tempfile.TemporaryDirectory() as temporary:
            folder, out = Path(temporary, "class"), Path(temporary, "out")
            make_class(folder, students, seed=1)
            load = os.getloadavg()[0]
            wall, processor, samples = graded(folder, out)
            made, size = page_seconds(out)
            cores = len(os.sched_getaffinity(0))
            print(
                f"{students} submissions on {cores} cores (load before {load:.1f}): {wall:.0f} s, "
                f"{students / wall:.2f} a second; {processor / students:.3f} processor seconds a submission; "
                f"class.html {made:.1f} s, {size:.1f} MB\n",
                flush=True,
            )
            print_memory(samples, wall)


if __name__ == "__main__":
    main()
