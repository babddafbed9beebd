"""The code of a notebook as topic modules. The notebook is read as data: nothing of it runs here.

A cell is split into its top-level statements, so that broken code stays broken in one place only.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from grader.classroom.roster import topic_of_name
from grader.language import _
from grader.notebooks.scan import defined, statements, without_magics

MAX_CELLS = 2000

_CONSTANT = re.compile(r"^_*[A-Z][A-Z0-9_]*\s*(?::[^=]+)?=(?!=)|^\w+\s*=\s*(?:[-+]?[\d.]+(?:e[-+]?\d+)?\s*$|lambda\b)")
_CALL = re.compile(r"^[\w.]+\s*\(")


class NotebookError(Exception):
    """A notebook that cannot be read: one sentence."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its statements, and whether nbgrader marks it as one to fill in."""

    statements: tuple[str, ...]
    solution: bool


def modules_of(content: bytes, name: PurePosixPath, names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The topic modules that a notebook holds.

    Parameters
    ----------
    content : bytes
        The notebook.
    name : PurePosixPath
        Its name: one that names a topic decides.
    names : mapping of str to sequence of str
        The exercises of each topic.

    Returns
    -------
    dict of str to str
        The source of each topic of which the notebook has something; empty if it has nothing of the course.

    Raises
    ------
    NotebookError
        The file is not a notebook.
    """
    record = _record(content)
    released = _released(record, name)
    if released:
        return {topic: source for topic, source in released.items() if topic in names}
    cells = _cells(record)
    counts = [_count(cell, names) for cell in cells]
    wanted = list(dict.fromkeys(topic for count in counts for topic in count))
    named = topic_of_name(name.stem, names)
    if named and wanted:
        wanted = [named]
    # A notebook is one namespace: each topic that it defines something of gets all of its definitions.
    source = _module(cells, [bool(count) for count in counts])
    return dict.fromkeys(wanted, source)


def _released(record: Any, name: PurePosixPath) -> dict[str, str]:
    """The modules of a notebook that the kit released for nbgrader, read as its engine there reads them."""
    from grader.notebooks.handed_in import kit_modules  # which reads cells by means of this module

    return kit_modules(record, name.stem)


def _record(content: bytes) -> Any:
    """The JSON of a notebook.

    Raises
    ------
    NotebookError
        It is none.
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotebookError(_("is not UTF-8 text")) from error
    except (ValueError, RecursionError) as error:
        raise NotebookError(_("is not a notebook: its JSON is damaged")) from error


def _cells(record: Any) -> list[Cell]:
    """The code cells of a notebook, without magics and shell lines."""
    cells = record.get("cells") if isinstance(record, dict) else None
    if not isinstance(cells, list):
        raise NotebookError(_("is not a notebook of format 4: save it with a current Jupyter"))
    return [_cell(cell) for cell in cells[:MAX_CELLS] if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _cell(record: dict[str, Any]) -> Cell:
    source = record.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        source = ""
    metadata = record.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    solution = isinstance(nbgrader, dict) and nbgrader.get("solution") is True
    return Cell(tuple(statements(without_magics(source))), solution)


def topics_defined(source: Iterable[str], names: Mapping[str, Sequence[str]]) -> Counter[str]:
    """How many exercises of each topic some statements define."""
    owner = {exercise: topic for topic, exercises in names.items() for exercise in exercises}
    return Counter(owner[name] for name in map(defined, source) if name in owner)


def _count(cell: Cell, names: Mapping[str, Sequence[str]]) -> Counter[str]:
    return topics_defined(cell.statements, names)


def _module(cells: Sequence[Cell], own: Sequence[bool]) -> str:
    """The cells with exercises but for bare calls, and of the others what these may need."""
    kept = [
        statement.strip("\n")
        for cell, has_exercise in zip(cells, own, strict=True)
        for statement in cell.statements
        if (not _runs_something(statement) if has_exercise or cell.solution else _is_preparation(statement))
    ]
    return "\n\n".join(kept) + "\n"


def _first_line(statement: str) -> str:
    return next((line for line in statement.splitlines() if line.strip() and not line.startswith("#")), "")


def _runs_something(statement: str) -> bool:
    """Whether a statement only tries something out: a bare call, an assertion."""
    line = _first_line(statement)
    return bool(_CALL.match(line)) or line.startswith("assert")


def _is_preparation(statement: str) -> bool:
    """Whether a statement outside the cells of the exercises may be needed by them: imports, helpers, constants."""
    line = _first_line(statement)
    return line.startswith(("import ", "from ", "@", "def ", "class ", "async def ")) or bool(_CONSTANT.match(line))
