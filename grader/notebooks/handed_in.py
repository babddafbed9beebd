"""The folder that a student handed in for an assignment: its notebooks as modules, and the Python files beside them."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from grader.classroom.roster import topic_of_name
from grader.course import Course, the_course
from grader.language import _
from grader.notebooks import cell as cells
from grader.notebooks.cell import Cell
from grader.notebooks.module import module_of
from grader.notebooks.siblings import read_notebook, sibling, stub_source

MAX_FILES = 50
MAX_FILE = 512 << 10


def topics_in(notebook_cells: Iterable[Cell], course: Course) -> list[str]:
    """The topics of which a notebook has cells that earn points."""
    ids = {cells.grade_id_of(cell) for cell in notebook_cells}
    return [t.name for t in course.topics if any(cells.test_id(t.name, e.name) in ids for e in t.exercises)]


def kit_modules(record: Any, stem: str, course: Course | None = None) -> dict[str, str]:
    """The modules of a notebook that the kit released, by topic; empty for a notebook of anybody's own making.

    Parameters
    ----------
    record : object
        The notebook's JSON.
    stem : str
        The name of its file: it decides where the cells have lost their ids.
    course : Course, optional
    """
    course = course or the_course()
    found = cells.cells_of(record)
    ids = {cells.grade_id_of(cell) for cell in found}
    topics = [t for t in course.topics if any(cells.solution_id(t.name, e.name) in ids for e in t.exercises)]
    if not topics and any("from grader.notebooks import" in cells.source_of(cell) for cell in found):
        topics = [topic for topic in course.topics if topic.name == topic_of_name(stem, course.names)]
    return {topic.name: module_of(found, topic, stub_source(topic.name)).source for topic in topics}


def files_of(
    notebook_cells: Sequence[Cell], topics: Sequence[str], folder: Path, course: Course
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """What is graded of a notebook, and what was wrong with it.

    Parameters
    ----------
    notebook_cells : sequence of dict
    topics : sequence of str
        The topics that it is about.
    folder : Path
        Where it was handed in: the notebooks of other topics are looked for from there.
    course : Course

    Returns
    -------
    files : dict of str to bytes
        Python modules by their names.
    problems : tuple of str
    """
    files = _python_files(folder, course)
    problems: list[str] = []
    for name in topics:
        module = module_of(notebook_cells, course.topic(name), stub_source(name))
        files[f"{name}.py"] = module.source.encode("utf-8", "replace")
        problems += module.problems
    for name in _below(topics, course):
        found = sibling(folder, name)
        if found is not None:
            files[f"{name}.py"] = found.source.encode("utf-8", "replace")
    return files, tuple(problems)


def _below(topics: Sequence[str], course: Course) -> list[str]:
    """The other topics that the exercises of some topics may build on, directly or not."""
    found, waiting = set(topics), list(topics)
    while waiting:
        for exercise in course.topic(waiting.pop()).exercises:
            for topic in (name.partition(".")[0] for name in exercise.builds_on):
                if topic not in found:
                    found.add(topic)
                    waiting.append(topic)
    return [topic for topic in course.names if topic in found and topic not in topics]


def _python_files(folder: Path, course: Course) -> dict[str, bytes]:
    """Modules that a student handed in beside the notebooks, for these to import."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.py"))[:MAX_FILES]:
        if path.stem in course.names or not path.stem.isidentifier():
            continue
        try:
            status = path.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE:
                files[path.name] = path.read_bytes()
        except OSError:
            continue
    return files


def restore_names(folder: Path, expected: Sequence[str], course: Course | None = None) -> dict[str, Path]:
    """Find the notebooks that a student renamed, by what is in them, and copy each to the name that it should have.

    Parameters
    ----------
    folder : Path
        What a student handed in for an assignment.
    expected : sequence of str
        The names that the assignment's notebooks have, without the suffix.
    course : Course, optional

    Returns
    -------
    dict of str to Path
        For each name that was missing and is there now, the notebook that it was found in.
    """
    course = course or the_course()
    present = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    others = [path for stem, path in present.items() if stem not in expected]
    found: dict[str, Path] = {}
    for name in expected:
        if name in present or name not in course.names:
            continue
        scored = [(_likeness(path, name, course), path) for path in others]
        best = max((score for score, _path in scored), default=0)
        if best > 0:
            origin = max((path for score, path in scored if score == best), key=lambda path: path.lstat().st_mtime)
            shutil.copyfile(origin, folder / f"{name}.ipynb", follow_symlinks=False)
            others.remove(origin)
            found[name] = origin
    return found


def _likeness(path: Path, topic: str, course: Course) -> int:
    """How many of a topic's own cells a notebook has."""
    try:
        ids = {cells.grade_id_of(cell) for cell in cells.cells_of(read_notebook(path))}
    except (OSError, ValueError):
        return 0
    return sum(cells.solution_id(topic, exercise.name) in ids for exercise in course.topic(topic).exercises)


def renamed_sentence(name: str, origin: Path) -> str:
    """What the log says of a notebook that was found under another name."""
    return _("{origin} is graded as {name}.ipynb, whose cells it has.").format(origin=origin, name=name)
