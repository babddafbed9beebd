"""`grader grade --nbgrader`: a whole class of an nbgrader course at once, into nbgrader's own gradebook and folders.

Submissions are graded in parallel; one process writes the gradebook, a student in one transaction. What lies in
`autograded/` and `feedback/` afterwards is what `nbgrader autograde` and `nbgrader generate_feedback` put there.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import AutogradeApp
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config

from grader.answers.recorder import SheetError, ensure_sheet
from grader.classroom.progress import Progress
from grader.course import the_course
from grader.language import _, ngettext, speak
from grader.notebooks import cell as cells
from grader.notebooks.crew import Crew, CrewError, cores
from grader.notebooks.engine import masters_of
from grader.notebooks.gradebook import NotebookScores, keep_cells, scores_of, write_student
from grader.notebooks.handed_in import files_of, renamed_sentence, restore_names, topics_in
from grader.notebooks.pages import prepare_feedback
from grader.notebooks.reading import notebook_at
from grader.notebooks.sealed import Sealed, Settings, checks_of
from grader.notebooks.tidy import Master, masters_in_order, tidied, with_notes
from grader.notebooks.verdict import fill
from grader.sandbox.confinement import bound_memory


class ClassRunError(Exception):
    """The class cannot be graded: one sentence."""


@dataclass(frozen=True)
class Options:
    """What the user asked for. What is None is as `nbgrader_config.py` says."""

    course: Path
    assignment: str
    only: str = ""
    jobs: int = 0
    seed: int | None = None
    timeout: float | None = None
    memory: int | None = None
    require_sandbox: bool = False
    feedback: bool = True


@dataclass(frozen=True)
class Spec:
    """What a process that grades needs to know."""

    settings: Settings
    masters: Mapping[str, tuple[Master, ...]]


@dataclass(frozen=True)
class Task:
    """One student's submission."""

    student: str
    folder: Path


@dataclass(frozen=True)
class Graded:
    """One student's submission, graded: the notebooks with their outputs, and the scores."""

    notebooks: Mapping[str, str]
    scores: Mapping[str, NotebookScores]
    points: float
    maximum: float
    remarks: tuple[str, ...]
    tier: str


@dataclass
class Summary:
    """What came of a run."""

    course: Path
    assignment: str
    seed: int
    tier: str = ""
    graded: int = 0
    remarks: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    pageless: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.failed or self.pageless else 0


def grade_course(options: Options, stream: TextIO | None = None) -> Summary:
    """Grade an assignment of an nbgrader course.

    Parameters
    ----------
    options : Options
    stream : text file, optional
        Where progress goes; standard error by default.

    Raises
    ------
    ClassRunError
        There is nothing to grade, or the run cannot go on. What is written stays.
    """
    stream = stream or sys.stderr
    started = time.monotonic()
    with _course(options.course, options.assignment) as app:
        directory = app.coursedir
        tasks = _tasks(directory, options)
        settings = _settings(app.config, Path(directory.root), options)
        language = app.config.SealedGrading.get("language", "")
        if language:
            speak(language)
        summary = Summary(options.course, options.assignment, settings.seed)
        try:
            ensure_sheet(settings.seed, settings.cache)
            with Gradebook(directory.db_url, directory.course_id) as gradebook:
                spec = Spec(settings, _masters(gradebook, options.assignment))
                checks_of(_topics(spec))  # before the processes fork, so that they find them collected
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way with its database
                    written = _grade(app, gradebook, spec, tasks, options, summary, stream)
            if options.feedback and written:
                _give_feedback(app, written, options, summary, stream)
        except (SheetError, CrewError) as error:
            raise ClassRunError(str(error)) from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise ClassRunError(_("The gradebook {gradebook} cannot be used: {reason}.").format(
                gradebook=directory.db_url, reason=reason)) from error  # fmt: skip
    summary.seconds = time.monotonic() - started
    return summary


# -- before ------------------------------------------------------------------------------------------------------------


@contextmanager
def _course(folder: Path, assignment: str) -> Iterator[AutogradeApp]:
    """nbgrader's application for a course folder, configured as its commands are."""
    if not (folder / "nbgrader_config.py").exists():
        text = _("{folder} is no course of nbgrader's: it has no nbgrader_config.py.")
        raise ClassRunError(text.format(folder=folder))
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield _configured(folder, assignment)
    finally:
        AutogradeApp.clear_instance()
        os.chdir(before)


def _configured(folder: Path, assignment: str) -> AutogradeApp:
    app = AutogradeApp()
    app.log_level = 40
    app.raise_config_file_errors = True  # nbgrader would go on without the settings
    try:
        app.initialize([], root=str(Path.cwd()))
    except Exception as error:  # the file is Python: it can raise anything
        raise ClassRunError(_("{folder}/nbgrader_config.py cannot be read: {error}.").format(
            folder=folder, error=f"{type(error).__name__}: {error}")) from error  # fmt: skip
    app.coursedir.assignment_id = assignment
    return app


def _tasks(directory: Any, options: Options) -> list[Task]:
    pattern = directory.format_path(directory.submitted_directory, "*", options.assignment)
    root = Path(directory.format_path(directory.submitted_directory, ".", ".")).resolve()
    found = [
        Task(folder.name, Path(directory.format_path(directory.submitted_directory, folder.name, options.assignment)))
        for folder in sorted(root.iterdir() if root.is_dir() else [])
        if folder.is_dir() and not folder.name.startswith(".")
    ]
    tasks = [task for task in found if task.folder.is_dir()]
    if not tasks:
        raise ClassRunError(_("Nothing is handed in for {assignment}: there is no {pattern}.").format(
            assignment=options.assignment, pattern=pattern))  # fmt: skip
    if options.only:
        tasks = [task for task in tasks if task.student == options.only]
        if not tasks:
            raise ClassRunError(_("Nothing is handed in by {student} for {assignment}.").format(
                student=options.only, assignment=options.assignment))  # fmt: skip
    return tasks


def _settings(config: Config, root: Path, options: Options) -> Settings:
    """The settings of the course, and what the user asked for instead."""
    section = config.SealedGrading
    default = Settings()
    try:
        given = {
            "seed": int(section.get("seed", default.seed)),
            "timeout": float(section.get("timeout", default.timeout)),
            "memory": int(section.get("memory", default.memory >> 20)) << 20,
            "require_sandbox": options.require_sandbox or bool(section.get("require_sandbox", False)),
        }
    except (TypeError, ValueError) as error:
        raise ClassRunError(_("A setting of c.SealedGrading in nbgrader_config.py is no number: {error}.").format(
            error=error)) from error  # fmt: skip
    asked = {"seed": options.seed, "timeout": options.timeout, "memory": options.memory}
    given.update({name: value for name, value in asked.items() if value is not None})
    return Settings(cache=root / ".grader", **given)  # type: ignore[arg-type]


def _masters(gradebook: Gradebook, assignment: str) -> dict[str, tuple[Master, ...]]:
    try:
        names = [notebook.name for notebook in gradebook.find_assignment(assignment).notebooks]
    except MissingEntry:
        names = []
    if not names:
        raise ClassRunError(_("The gradebook has no assignment {assignment}: run "
                              "nbgrader generate_assignment {assignment} first.").format(
            assignment=assignment))  # fmt: skip
    course = the_course()
    return {name: tuple(masters_in_order(masters_of(gradebook, assignment, name), course)) for name in sorted(names)}


# -- grading, in processes of their own --------------------------------------------------------------------------------


def _topics(spec: Spec) -> list[str]:
    """The topics of an assignment."""
    ids = {master.grade_id for masters in spec.masters.values() for master in masters}
    return [t.name for t in the_course().topics if any(cells.test_id(t.name, e.name) in ids for e in t.exercises)]


def prepare_grading(spec: Spec) -> Callable[[Task], Graded]:
    """Open a sealed grader; gives what grades one submission."""
    bound_memory()
    grader = Sealed(spec.settings)
    return lambda task: grade_folder(task, spec, grader)


def grade_folder(task: Task, spec: Spec, grader: Sealed) -> Graded:
    """Grade what one student handed in."""
    course = the_course()
    found = restore_names(task.folder, list(spec.masters))
    remarks = [renamed_sentence(name, origin) for name, origin in found.items()]
    texts, scores, points, maximum = {}, {}, 0.0, 0.0
    for name, masters in spec.masters.items():
        path = task.folder / f"{name}.ipynb"
        maximum += sum(master.points for master in masters if master.grade)
        if not path.exists():
            remarks.append(_("{name}.ipynb was not handed in.").format(name=name))
            continue
        notebook, reason = notebook_at(path)
        if reason:
            remarks.append(_("{name} could not be read: {reason}.").format(name=path.name, reason=reason))
        notebook = tidied(notebook, masters, course)
        topics = topics_in(notebook["cells"], course)
        files, problems = files_of(notebook["cells"], topics, task.folder, course)
        result = grader.grade(task.student, topics, files, problems)
        fill(notebook["cells"], result, course)
        notebook = with_notes(notebook, problems)
        remarks += problems
        texts[name] = _notebook_text(notebook)
        scores[name] = scores_of(nbformat.from_dict(notebook))
        points += sum(score or 0.0 for score in scores[name].scores.values())
    return Graded(texts, scores, points, maximum, tuple(remarks), grader.tier.sentence)


def _notebook_text(notebook: cells.Notebook) -> str:
    """The file, a cell a line: indented JSON is not written in C, and takes ten times as long."""
    rows = ",\n".join(json.dumps(cell, ensure_ascii=False, sort_keys=True) for cell in notebook["cells"])
    rest = json.dumps({key: value for key, value in notebook.items() if key != "cells"}, sort_keys=True)
    return f'{{"cells": [\n{rows}\n],\n{rest[1:]}\n'


# -- writing, in this process ------------------------------------------------------------------------------------------


def _grade(
    app: AutogradeApp,
    gradebook: Gradebook,
    spec: Spec,
    tasks: Sequence[Task],
    options: Options,
    summary: Summary,
    stream: TextIO,
) -> list[str]:
    """Grade and write everything; gives the students who are written."""
    late = AssignLatePenalties(parent=app)
    late.init_plugin()
    _kept = keep_cells(gradebook)
    progress = Progress(len(tasks), stream)
    written: list[str] = []

    def done(task: Task, graded: Graded | None, problem: str) -> None:
        if graded is not None:
            problem = _write(app, gradebook, task, graded, late.plugin_inst)
        if problem:
            summary.failed[task.student] = problem
        else:
            written.append(task.student)
            summary.graded += 1
        if graded is not None:
            summary.tier = graded.tier
            if graded.remarks:
                summary.remarks[task.student] = list(graded.remarks)
        progress.step(False, bool(problem))

    try:
        Crew(options.jobs or cores(), prepare_grading, spec).run(tasks, done)
    finally:
        progress.finish()
    return sorted(written)


def _write(app: AutogradeApp, gradebook: Gradebook, task: Task, graded: Graded, late: Any) -> str:
    """Write one student's grades and notebooks; gives what went wrong."""
    directory, assignment = app.coursedir, app.coursedir.assignment_id
    place = Path(directory.format_path(directory.autograded_directory, task.student, assignment))
    part = place.with_name(f".{place.name}.part")
    try:
        _remove(part)
        part.mkdir(parents=True)
        source = Path(directory.format_path(directory.source_directory, ".", assignment))
        for folder in (task.folder, source):
            _copy_others(folder, part, directory.ignore)
        for name, text in graded.notebooks.items():
            (part / f"{name}.ipynb").write_bytes(text.encode("utf-8", "replace"))
        for path in part.rglob("*"):
            if path.is_file():
                path.chmod(0o444)
        timestamp = directory.get_existing_timestamp(str(task.folder))
        write_student(gradebook, assignment, task.student, timestamp, graded.scores, late)
        _remove(place)
        part.rename(place)
    except Exception as error:  # one student's trouble is not the class's
        _remove(part)
        return f"{type(error).__name__}: {error}"
    return ""


def _copy_others(folder: Path, target: Path, ignore: Sequence[str]) -> None:
    """Copy what lies beside the notebooks: ordinary files only, a link is nobody's work."""
    for name in find_all_files(str(folder), [*ignore, "*.ipynb"]):
        path = Path(name)
        if not stat.S_ISREG(path.lstat().st_mode):
            continue
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        shutil.copy(path, copy)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


# -- feedback ----------------------------------------------------------------------------------------------------------


def _give_feedback(
    app: AutogradeApp, students: Sequence[str], options: Options, summary: Summary, stream: TextIO
) -> None:
    """Make the pages that `nbgrader generate_feedback` makes, in parallel."""
    text = ngettext("Feedback pages for {count} student", "Feedback pages for {count} students", len(students))
    print(text.format(count=len(students)), file=stream, flush=True)
    progress = Progress(len(students), stream)

    def done(student: str, answer: Any, problem: str) -> None:
        if problem:
            summary.pageless[student] = problem
        progress.step(False, bool(problem))

    try:
        Crew(options.jobs or cores(), prepare_feedback, (app.coursedir.root, options.assignment)).run(students, done)
    finally:
        progress.finish()
