"""nbgrader with the kit's engine beside stock nbgrader: the same class, the same notebooks, one run.

    python benchmarks/nbgrader_speed.py [--students 20] [--topics losses,dropout] [--keep FOLDER]

Run it in the environment that has nbgrader. The class hands in all topics in one assignment; one student in three is
right, one has made mistakes, one has left half to do; no two have written a cell alike. Measured, from start to end of
each command, in seconds of the clock and in seconds of processor time of all its processes:

    stock    nbgrader autograde, as nbgrader runs it: every notebook in a kernel (the test cells call the kit's check)
    engine   nbgrader autograde with the kit's engine
    kit      grader grade --nbgrader, without feedback pages, as the two above make none
    pages    the same with feedback pages

Stock nbgrader grades the notebooks of a student in the order of the alphabet and copies each before it runs it. So
`network`, which imports from `regularization`, does not find that one there, and loses points that the others give.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.course import the_course
from grader.notebooks.cell import grade_id_of
from grader.notebooks.course_folder import Plan, make_course

ASSIGNMENT = "all"


def run(course: Path, *command: str) -> tuple[float, float]:
    """Seconds that a command takes, and the processor time of it and of all that it started."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": path}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if finished.returncode:
        sys.exit(f"{' '.join(command)}\n{finished.stderr[-3000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def hand_in(course: Path, topics: list[str], students: int) -> None:
    """Make the class: by turns right, with mistakes, half done."""
    for topic in topics:
        source = json.loads((course / "source" / ASSIGNMENT / f"{topic}.ipynb").read_text(encoding="utf-8"))
        release = json.loads((course / "release" / ASSIGNMENT / f"{topic}.ipynb").read_text(encoding="utf-8"))
        answers = {grade_id_of(cell): "".join(cell["source"]) for cell in source["cells"] if grade_id_of(cell)}
        for number in range(students):
            notebook = copy.deepcopy(release)
            filled = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
            for place, cell in enumerate(filled):
                if number % 3 == 2 and place > len(filled) // 2:
                    continue
                answer = answers[grade_id_of(cell)]
                if number % 3 == 1 and place % 4 == 3:
                    answer = re.sub(r"return (?!NotImpl)(.+)$", r"return 1.5 * (\1)", answer, flags=re.MULTILINE)
                cell["source"] = f"# {place}, by student {number}\n{answer}"
            folder = course / "submitted" / f"student{number:02}" / ASSIGNMENT
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{topic}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def scores(course: Path) -> dict[tuple[str, str], float]:
    """What the gradebook says of each notebook, by student and topic."""
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as base:
        return {(student, topic): score for student, topic, score in base.execute(SCORES)}


SCORES = """
select a.student_id, n.name, sum(g.auto_score) from grade g join submitted_notebook s on s.id = g.notebook_id
join notebook n on n.id = s.notebook_id join submitted_assignment a on a.id = s.assignment_id
group by a.student_id, n.name
"""


def compared(courses: dict[str, Path]) -> Iterator[str]:
    """Whether all ways gave the same scores."""
    right = scores(courses["kit"])
    for name, course in courses.items():
        found = scores(course)
        other = sorted({topic for student, topic in right if found.get((student, topic)) != right[student, topic]})
        yield f"  scores of {name}: " + (f"others than kit's in {', '.join(other)}" if other else "as kit's")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--topics", default="")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    topics = [name for name in options.topics.split(",") if name] or list(the_course().names)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="nbgrader-speed-"))
    base = folder / "base"
    make_course(base, Plan.of(topics, ASSIGNMENT))
    run(base, "nbgrader", "generate_assignment", ASSIGNMENT)
    hand_in(base, topics, options.students)
    courses = {}
    for name in ("kit", "pages", "engine", "stock"):
        courses[name] = Path(shutil.copytree(base, folder / name))
    config = courses["stock"] / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8").replace("use_engine(c)", "# use_engine(c)"), encoding="utf-8")
    commands = {
        "kit": ("grader", "grade", "--nbgrader", ".", ASSIGNMENT, "--no-feedback"),
        "pages": ("grader", "grade", "--nbgrader", ".", ASSIGNMENT),
        "engine": ("nbgrader", "autograde", ASSIGNMENT),
        "stock": ("nbgrader", "autograde", ASSIGNMENT),
    }
    wall, processor = {}, {}
    print(f"{options.students} students, {len(topics)} notebooks each", flush=True)
    for name, command in commands.items():
        wall[name], processor[name] = run(courses[name], *command)
        print(f"  {name:<8}{wall[name]:>8.1f} s {processor[name]:>8.1f} s of processor time", flush=True)
    print("\n".join(compared(courses)))
    for name in ("engine", "kit", "pages"):
        ratios = wall["stock"] / wall[name], processor["stock"] / processor[name]
        print(f"  stock / {name:<7} {ratios[0]:>6.1f}  processor time {ratios[1]:>6.1f}")
    if options.keep is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
