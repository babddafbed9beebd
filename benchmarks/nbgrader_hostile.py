"""The same hostile and mangled notebooks under stock nbgrader and under the kit's engine, side by side.

    python benchmarks/nbgrader_hostile.py [--keep FOLDER] [--only NAME]

Run it in the environment that has nbgrader, as a user who may lose what lies in the temporary folder: stock nbgrader
runs the notebooks. Each is handed in by a class of three: its author, and two students whose work is right, one graded
before it and one after it. So the table shows what a notebook does to its own score, to the others and to
the run. Prints the table of docs/security-nbgrader.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.notebooks.course_folder import Plan, make_course
from grader.tests.notebook_class import Student, hand_in, make_class, read

TIMEOUT = 5
"""Seconds that stock nbgrader gives a cell here; its default is 30."""


def run(course: Path, *command: str) -> tuple[int, float]:
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    started = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    return finished.returncode, time.perf_counter() - started


def graded(course: Path, student: Student, others: list[Student]) -> list[str]:
    """Grade the three; gives the scores, the exit status and the time."""
    hand_in(course, [student, *others])
    status, seconds = run(course, "nbgrader", "autograde", "losses")
    run(course, "nbgrader", "export", "--to", "grades.csv")
    found = {}
    if (course / "grades.csv").exists():
        with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
            found = {row["student_id"]: f"{float(row['score']):g}" for row in csv.DictReader(file)}
    classmates = " / ".join(found.get(other.name, "none") for other in others)
    return [found.get(student.name, "none"), classmates, str(status), f"{seconds:.0f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="", help="the name of one student of the class")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="nbgrader-hostile-"))
    base = folder / "base"
    make_course(base, Plan.of(["losses"]))
    run(base, "nbgrader", "generate_assignment", "losses")
    notebook = "losses/losses.ipynb"
    students = make_class(read(base / "source" / notebook), read(base / "release" / notebook))
    others = [Student(name, "everything right", students[0].text) for name in ("a_classmate", "z_classmate")]
    print("| Notebook | Honest score | Stock: score | classmates | exit | s | Engine: score | classmates | exit | s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for student in [s for s in students if options.only in ("", s.name)]:
        columns = []
        for engine in ("stock", "kit"):
            course = Path(shutil.copytree(base, folder / f"{student.name}-{engine}"))
            config = course / "nbgrader_config.py"
            text = config.read_text(encoding="utf-8")
            if engine == "stock":
                text = text.replace("use_engine(c)", "# use_engine(c)") + f"\nc.Execute.timeout = {TIMEOUT}\n"
            else:
                text = text.replace("timeout = 10.0", f"timeout = {TIMEOUT}.0")
            config.write_text(text, encoding="utf-8")
            columns += graded(course, student, others)
        print(f"| {student.about} | {student.deserved} | {' | '.join(columns)} |", flush=True)
    if options.keep is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
