"""A submitted notebook brought into the form that nbgrader can grade, whatever the student did to its cells.

nbgrader gives up on a notebook, or on the whole class, when a cell was copied, or when its metadata is damaged. Here a
copy loses its id, a damaged or deleted test cell comes back, and everything else stays where it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.course import Course
from grader.language import _
from grader.notebooks import cell as cells
from grader.notebooks.cell import Cell, Notebook
from grader.notebooks.scan import defined, statements, without_magics

MAX_CELLS = 5000
MAX_NOTES = 10
UNREADABLE = "grader_unreadable"
"""Marks, in a notebook's metadata, what stands for one that could not be read."""


@dataclass(frozen=True)
class Master:
    """A cell as it was released."""

    grade_id: str
    cell_type: str
    source: str
    checksum: str
    grade: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False
    points: float = 0.0

    @property
    def metadata(self) -> dict[str, Any]:
        """nbgrader's metadata of the cell."""
        points = {"points": self.points} if self.grade or self.task else {}
        return {
            "schema_version": cells.SCHEMA,
            "grade": self.grade,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "solution": self.solution,
            "task": self.task,
            "checksum": self.checksum,
            "cell_type": self.cell_type,
            **points,
        }


def masters_in_order(masters: Sequence[Master], course: Course) -> list[Master]:
    """The released cells in the order of the course; cells that the instructor added come last, as they are."""
    order: dict[str, int] = {}
    for topic in course.topics:
        ids = [cells.setup_id(topic.name), cells.helpers_id(topic.name)]
        for exercise in topic.exercises:
            ids += [cells.solution_id(topic.name, exercise.name), cells.test_id(topic.name, exercise.name)]
        order.update((grade_id, len(order) + place) for place, grade_id in enumerate(ids))
    return sorted(masters, key=lambda master: order.get(master.grade_id, len(order) + 1))


def readable_notebook(record: Any) -> Notebook:
    """Anybody's JSON as a notebook that can be worked with: what is no cell is left out, outputs are dropped."""
    kept = []
    for number, raw in enumerate(cells.cells_of(record)[:MAX_CELLS]):
        kind = raw.get("cell_type") if raw.get("cell_type") in ("code", "markdown", "raw") else "markdown"
        metadata = raw["metadata"] if isinstance(raw.get("metadata"), dict) else {}
        fresh: Cell = {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {key: value for key, value in metadata.items() if key in ("nbgrader", "deletable", "editable")},
            "source": cells.source_of(raw).encode("utf-8", "replace").decode("utf-8"),
        }
        if kind == "code":
            fresh.update(execution_count=None, outputs=[])
        kept.append(fresh)
    return cells.notebook(kept)


def unreadable_notebook(reason: str) -> Notebook:
    """What stands for a notebook that cannot be read."""
    notebook = cells.notebook([_note_cell([_("This notebook could not be read: {reason}.").format(reason=reason)])])
    notebook["metadata"][UNREADABLE] = True
    return notebook


def tidied(notebook: Notebook, masters: Sequence[Master], course: Course) -> Notebook:
    """The notebook with each released id at most once, and every cell that earns points exactly once.

    Parameters
    ----------
    notebook : dict
        As `readable_notebook` gives it.
    masters : sequence of Master
        The released cells, in order.
    course : Course
    """
    known = {master.grade_id: master for master in masters}
    found = list(notebook["cells"])
    notes: list[str] = []
    owners: dict[str, list[Cell]] = defaultdict(list)
    for cell in found:
        grade_id = cells.grade_id_of(cell)
        if grade_id in known:
            owners[grade_id].append(cell)
        cell["metadata"].pop("nbgrader", None)
    keepers = {grade_id: _keeper(copies, known[grade_id]) for grade_id, copies in owners.items()}
    for grade_id, copies in owners.items():
        if len(copies) > 1 and known[grade_id].solution:
            notes.append(_("The cell {cell} is there {count} times: the last one that you wrote in counts.").format(
                cell=grade_id, count=len(copies)))  # fmt: skip
    _adopt(found, keepers, known, course)
    for grade_id, cell in keepers.items():
        _as_released(cell, known[grade_id])
    _restore(found, keepers, masters, notes)
    if notes and UNREADABLE not in notebook["metadata"]:
        found.insert(0, _note_cell(notes))
    return {**notebook, "cells": found}


def _as_released(cell: Cell, master: Master) -> None:
    """Give a cell the kind, the metadata and, where it is locked, the source that it was released with."""
    if cell["cell_type"] != master.cell_type:
        cell["cell_type"] = master.cell_type
        for key in ("execution_count", "outputs", "attachments"):
            cell.pop(key, None)
        if master.cell_type == "code":
            cell.update(execution_count=None, outputs=[])
    if master.locked:
        cell["source"] = master.source
    cell["metadata"]["nbgrader"] = master.metadata


def _keeper(copies: Sequence[Cell], master: Master) -> Cell:
    """Of several cells with one id the one that counts."""
    if master.solution:
        edited = [cell for cell in copies if cells.source_of(cell).strip() != master.source.strip()]
        return (edited or copies)[-1]
    return copies[-1]


def _adopt(found: Sequence[Cell], keepers: dict[str, Cell], known: dict[str, Master], course: Course) -> None:
    """Give the id of a deleted solution cell to the cell that defines its exercise now."""
    taken = {id(cell) for cell in keepers.values()}
    missing = {
        exercise.name: cells.solution_id(topic.name, exercise.name)
        for topic in course.topics
        for exercise in topic.exercises
        if cells.solution_id(topic.name, exercise.name) in known.keys() - keepers.keys()
    }
    for cell in reversed(found if missing else []):
        if cell["cell_type"] != "code" or id(cell) in taken:
            continue
        names = [name for name in map(defined, statements(without_magics(cells.source_of(cell)))) if name in missing]
        if names:
            keepers[missing.pop(names[0])] = cell
            taken.add(id(cell))


def _restore(found: list[Cell], keepers: dict[str, Cell], masters: Sequence[Master], notes: list[str]) -> None:
    """Put back the cells that earn points and are gone, each after the one that stood before it."""
    before: Cell | None = None
    for master in masters:
        if master.grade_id not in keepers and (master.grade or master.task):
            fresh = {"cell_type": master.cell_type, "id": f"back-{len(notes)}-{len(found)}", "source": master.source}
            fresh["metadata"] = {"nbgrader": master.metadata}  # type: ignore[assignment]
            if master.cell_type == "code":
                fresh.update(execution_count=None, outputs=[])  # type: ignore[call-overload]
            place = next((i + 1 for i, cell in enumerate(found) if cell is before), len(found))
            found.insert(place, fresh)
            keepers[master.grade_id] = fresh
            notes.append(_("The cell {cell} was deleted, and was put back.").format(cell=master.grade_id))
        before = keepers.get(master.grade_id, before)


def _note_cell(notes: Sequence[str]) -> Cell:
    shown = [f"- {_safe(note)}" for note in notes[:MAX_NOTES]]
    if len(notes) > MAX_NOTES:
        shown.append("- " + _("and {count} more of this kind.").format(count=len(notes) - MAX_NOTES))
    return cells.markdown("**" + _("Notes of the grader") + "**\n\n" + "\n".join(shown), f"notes {notes[0]}")


def with_notes(notebook: Notebook, notes: Sequence[str]) -> Notebook:
    """The notebook with remarks for its author on top."""
    return {**notebook, "cells": [_note_cell(notes), *notebook["cells"]]} if notes else notebook


def _safe(text: str) -> str:
    """Text of anybody's as Markdown that is nothing but text."""
    return "".join(f"&#{ord(c)};" if c in "&<>\"'\\`*_{}[]()#+!|~$:" else c for c in " ".join(text.split()))
