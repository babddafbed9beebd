"""`grader nbgrader init`: a course folder for nbgrader, source notebooks and a configuration that explains itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import DEFAULT_SEED, ROOT, Course, UnknownTopic, the_course
from grader.language import SOURCE, _, current
from grader.notebooks.cell import Notebook
from grader.notebooks.source import source_notebook
from grader.stubs import MarkError
from grader.translations.blocks import translated_source

CONFIG = "nbgrader_config.py"

TEMPLATE = '''"""nbgrader's settings for this course."""

from grader.notebooks.engine import use_engine

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = {course_id!r}

# The kit grades: each submission in a sealed process, with points and messages. Take this line out, and nbgrader runs
# the notebooks itself, the students' code beside the tests.
use_engine(c)

# The inputs of the checks. The students' own self-check uses seed {seed}; another one needs PyTorch once, to make its
# answers, and then nobody can have learnt the numbers by heart.
c.SealedGrading.seed = {seed}

# Seconds for one call of a student's code, megabytes for a submission, and whether to refuse a system that cannot
# confine submissions fully.
c.SealedGrading.timeout = 10.0
c.SealedGrading.memory = 512
c.SealedGrading.require_sandbox = False

# The language of the messages.
c.SealedGrading.language = {language!r}
'''


class CourseFolderError(Exception):
    """A course folder cannot be made: one sentence."""


@dataclass(frozen=True)
class Plan:
    """Which notebooks go into which assignment."""

    assignments: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, topics: Sequence[str], together: str = "", course: Course | None = None) -> Plan:
        """One assignment for each topic, or one for all of them.

        Parameters
        ----------
        topics : sequence of str
            All of the course if empty.
        together : str, optional
            The name of the one assignment for all of them.

        Raises
        ------
        CourseFolderError
            The course has no such topic.
        """
        try:
            chosen = (course or the_course()).chosen(topics)
        except UnknownTopic as error:
            raise CourseFolderError(str(error)) from error
        return cls({together: chosen} if together else {topic: (topic,) for topic in chosen})


def make_course(folder: Path, plan: Plan, solutions: Path = ROOT / "solutions", force: bool = False) -> list[Path]:
    """Write a course folder.

    Parameters
    ----------
    folder : Path
        May exist; what other files it holds is left alone.
    plan : Plan
    solutions : Path, optional
        Holds the solution files.
    force : bool, optional
        Write over notebooks and a configuration that are there and differ.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    CourseFolderError
        It cannot be written, a file is in the way, or this kit has no solutions.
    """
    files = {folder / CONFIG: TEMPLATE.format(course_id=folder.resolve().name, seed=DEFAULT_SEED, language=current())}
    for assignment, topics in plan.assignments.items():
        for topic in topics:
            path = folder / "source" / assignment / f"{topic}.ipynb"
            files[path] = notebook_text(_notebook(topic, solutions))
    changed = {path: text for path, text in files.items() if _differs(path, text)}
    in_the_way = [path for path in changed if path.exists()]
    if in_the_way and not force:
        raise CourseFolderError(_("{path} is there already and differs from what would be written: keep it, or write "
                                  "over it with --force.").format(path=in_the_way[0]))  # fmt: skip
    try:
        for path, text in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CourseFolderError(_("{folder} cannot be written ({error}).").format(
            folder=folder, error=error.strerror or error)) from error  # fmt: skip
    return list(changed)


def _notebook(topic: str, solutions: Path) -> Notebook:
    try:
        source = (solutions / f"{topic}.py").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CourseFolderError(_("{file} is missing: only the instructor's kit can make notebooks.").format(
            file=error.filename)) from error  # fmt: skip
    try:
        spoken = source if current() == SOURCE else translated_source(source, _)
        return source_notebook(the_course().topic(topic), spoken)
    except (MarkError, SyntaxError) as error:
        raise CourseFolderError(str(error)) from error


def notebook_text(notebook: Notebook) -> str:
    """A notebook as the file that Jupyter would write."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except (OSError, ValueError):
        return True
