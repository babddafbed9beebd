"""The kit as nbgrader's engine: what `nbgrader_config.py` puts in the place of running the student's notebook.

`nbgrader autograde` works as ever, but for the step that executes: there the submitted cells become a module in a
sealed process, the kit's suite grades it, and each test cell gets its points and its message as output. Nothing of a
submission runs in the process that holds the gradebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from traitlets import Bool, Float, Integer, Unicode, default
from traitlets.log import get_logger

from grader.course import DEFAULT_SEED, the_course
from grader.language import _, speak
from grader.notebooks import cell as cells
from grader.notebooks.gradebook import scores_of, write_notebook
from grader.notebooks.handed_in import files_of, renamed_sentence, restore_names, topics_in
from grader.notebooks.reading import notebook_at
from grader.notebooks.sealed import Settings, sealed
from grader.notebooks.tidy import Master, masters_in_order, tidied, with_notes
from grader.notebooks.verdict import fill
from grader.stubs import BEGIN, END

HERE = "grader.notebooks.engine"
# nbgrader's lists, but for what executes. TidyCells leaves nothing to do for OverwriteCells and CheckCellMetadata, and
# SaveGrades is SaveAutoGrades in one transaction.
SANITIZE = (
    f"{HERE}.TidyCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
)
AUTOGRADE = (
    f"{HERE}.SealedGrading",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    f"{HERE}.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
)
RELEASE = (
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    f"{HERE}.KitStubs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
)


def use_engine(config: Any) -> None:
    """Put the kit's engine into an nbgrader configuration; without this line the course is stock nbgrader's.

    Parameters
    ----------
    config : traitlets.config.Config
        What `get_config()` gives in `nbgrader_config.py`.
    """
    config.GenerateAssignment.preprocessors = list(RELEASE)
    config.Autograde.sanitize_preprocessors = list(SANITIZE)
    config.Autograde.autograde_preprocessors = list(AUTOGRADE)
    config.Autograde.exporter_class = f"{HERE}.TolerantExporter"
    config.Autograde.pre_convert_hook = f"{HERE}.before_autograde"


class KitStubs(ClearSolutions):
    """Takes the solutions out and leaves the kit's stubs: `raise NotImplementedError("losses.mse")`."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        exercise = _exercise_of(cells.grade_id_of(cell))
        kit_cell = exercise or cells.grade_id_of(cell) in map(cells.helpers_id, the_course().names)
        if not kit_cell or BEGIN not in cell.source:
            return super().preprocess_cell(cell, resources, index)
        cell.source = _stub(cell.source, exercise)
        return cell, resources


def _exercise_of(grade_id: str) -> str:
    """The exercise that is solved in a cell; empty if the cell is another."""
    ids = {cells.solution_id(e.topic, e.name): e.id for e in the_course().exercises}
    return ids.get(grade_id, "")


def _stub(source: str, exercise: str) -> str:
    lines: list[str] = []
    inside = False
    for line in source.split("\n"):
        mark = line.strip()
        if mark == BEGIN:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            if indent:
                lines.append(f'{indent}raise NotImplementedError("{exercise}")')
        elif mark == END:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines).strip("\n")


class TolerantExporter(NotebookExporter):
    """Reads any file as a notebook: one that is damaged becomes one that says so, and is in the log."""

    @default("optimistic_validation")
    def _optimistic_validation(self) -> bool:
        return True  # once after all preprocessors, not after each of them

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        path = Path(filename)
        notebook, reason = notebook_at(path)
        if reason:
            self.log.error(_("%s could not be read: %s."), path, reason)
        resources = self._init_resources(resources)
        resources["metadata"].update(name=path.stem, path=str(path.parent))
        return self.from_notebook_node(nbformat.from_dict(notebook), resources=resources, **options)


_MASTERS: WeakKeyDictionary[Any, dict[tuple[str, str], list[Master]]] = WeakKeyDictionary()
"""By the converter of a run: formgrader's server lives longer, and the assignment may be released anew."""


class TidyCells(NbGraderPreprocessor):
    """Makes any submitted notebook one that nbgrader can grade, instead of stopping the class for it."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        return nbformat.from_dict(tidied(nb, self._masters(resources["nbgrader"]), the_course())), resources

    def _masters(self, place: Mapping[str, str]) -> list[Master]:
        """The released cells of the notebook, read once for all students of a run."""
        known = _MASTERS.setdefault(self.parent.parent, {})
        key = place["assignment"], place["notebook"]
        if key not in known:
            with Gradebook(place["db_url"]) as gradebook:
                known[key] = masters_in_order(masters_of(gradebook, *key), the_course())
        return known[key]


def masters_of(gradebook: Gradebook, assignment: str, notebook: str) -> list[Master]:
    """The released cells of a notebook, as the gradebook knows them."""
    try:
        record = gradebook.find_notebook(notebook, assignment)
    except MissingEntry:
        return []
    grades = {cell.name: cell.max_score for cell in record.grade_cells}
    tasks = {cell.name: cell.max_score for cell in record.task_cells}
    solutions = {cell.name for cell in record.solution_cells}
    return [
        Master(
            grade_id=source.name,
            cell_type=source.cell_type,
            source=source.source or "",
            checksum=source.checksum or "",
            grade=source.name in grades,
            solution=source.name in solutions,
            locked=bool(source.locked),
            task=source.name in tasks,
            points=float(grades.get(source.name, tasks.get(source.name, 0.0))),
        )
        for source in record.source_cells
    ]


class SealedGrading(NbGraderPreprocessor):
    """Grades the notebook in a sealed process and writes points and messages into its test cells."""

    seed = Integer(DEFAULT_SEED, help="Seed of the inputs; with another than the students' own, none knows them.").tag(
        config=True
    )
    timeout = Float(10.0, help="Seconds that one call of the student's code may take.").tag(config=True)
    memory = Integer(512, help="Megabytes that a submission may use.").tag(config=True)
    require_sandbox = Bool(False, help="Refuse to grade with less than full confinement.").tag(config=True)
    language = Unicode("", help="Of the messages; empty for that of the surroundings.").tag(config=True)

    @property
    def settings(self) -> Settings:
        root = Path(self.parent.parent.coursedir.root)
        return Settings(self.seed, self.timeout, self.memory << 20, self.require_sandbox, root / ".grader")

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        course, place = the_course(), resources["nbgrader"]
        if self.language:
            speak(self.language)
        coursedir = self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.submitted_directory, place["student"], place["assignment"]))
        topics = topics_in(nb.cells, course)
        files, problems = files_of(nb.cells, topics, folder, course)
        result = sealed(self.settings).grade(place["student"], topics, files, problems)
        fill(nb.cells, result, course)
        return nbformat.from_dict(with_notes(nb, problems)), resources


class SaveGrades(NbGraderPreprocessor):
    """Writes the scores of a graded notebook into the gradebook."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            write_notebook(gradebook, place, scores_of(nb))
        return nb, resources


def before_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook before it converts a submission: find notebooks under other names than they should have."""
    if not notebooks:
        return
    folder = Path(notebooks[0]).absolute().parent
    expected = expected_notebooks(folder.parents[2], folder.name) or expected_notebooks(Path.cwd(), folder.name)
    for name, origin in restore_names(folder, expected).items():
        get_logger().warning(renamed_sentence(name, origin))
        notebooks.append(str(folder / f"{name}.ipynb"))
    notebooks.sort()


def expected_notebooks(course_folder: Path, assignment: str) -> list[str]:
    """The names of an assignment's notebooks, from its source or, where that is not there, its release."""
    for place in ("source", "release"):
        found = sorted(path.stem for path in (course_folder / place / assignment).glob("*.ipynb"))
        if found:
            return found
    return []
