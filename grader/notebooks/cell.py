"""Cells of a notebook as plain JSON records, and the ids by which nbgrader and the kit know them."""

from __future__ import annotations

import hashlib
from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]

SCHEMA = 3
"""Of nbgrader's metadata: what nbgrader 0.6 to 0.9 read."""

SETUP = "setup"
HELPERS = "helpers"
TEST = "-test"


def setup_id(topic: str) -> str:
    """The id of the locked cell with the imports."""
    return f"{topic}-{SETUP}"


def helpers_id(topic: str) -> str:
    """The id of the cell for helper functions and constants."""
    return f"{topic}-{HELPERS}"


def solution_id(topic: str, exercise: str) -> str:
    """The id of the cell in which an exercise is solved."""
    return f"{topic}-{exercise}"


def test_id(topic: str, exercise: str) -> str:
    """The id of the cell that earns the points of an exercise."""
    return f"{topic}-{exercise}{TEST}"


test_id.__test__ = False  # type: ignore[attr-defined]  # a name that pytest would take for a test


def markdown(source: str, key: str) -> Cell:
    """A text cell; `key` gives it a stable id."""
    return {"cell_type": "markdown", "id": _id(key), "metadata": {}, "source": source}


def code(source: str, key: str, **nbgrader: Any) -> Cell:
    """A code cell; with keyword arguments one that nbgrader knows."""
    cell: Cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": _id(key),
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    if nbgrader:
        cell["metadata"]["nbgrader"] = {"schema_version": SCHEMA, **nbgrader}
    return cell


def solution(source: str, grade_id: str) -> Cell:
    """A cell that the student fills in."""
    return code(source, grade_id, grade=False, grade_id=grade_id, locked=False, solution=True, task=False)


def test(source: str, grade_id: str, points: int) -> Cell:
    """A locked cell that earns points."""
    return code(source, grade_id, grade=True, grade_id=grade_id, locked=True, points=points, solution=False, task=False)


test.__test__ = False  # type: ignore[attr-defined]


def locked(source: str, grade_id: str) -> Cell:
    """A cell that the student reads and runs but does not edit."""
    return code(source, grade_id, grade=False, grade_id=grade_id, locked=True, solution=False, task=False)


def notebook(cells: list[Cell]) -> Notebook:
    """A notebook for the Python kernel."""
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def source_of(cell: Cell) -> str:
    """The source of a cell of anybody's notebook, whatever stands there."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def nbgrader_of(cell: Cell) -> dict[str, Any]:
    """nbgrader's metadata of a cell of anybody's notebook; empty where there is none, or none that makes sense."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def grade_id_of(cell: Cell) -> str:
    """The id by which nbgrader knows a cell; empty if it has none."""
    found = nbgrader_of(cell).get("grade_id")
    return found if isinstance(found, str) else ""


def cells_of(record: Any) -> list[Cell]:
    """The cells of anybody's notebook."""
    cells = record.get("cells") if isinstance(record, dict) else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _id(key: str) -> str:
    """A cell id as nbformat 4.5 wants it: the same for the same key in every build."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
