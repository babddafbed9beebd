"""The code of a notebook as topic modules. The notebook is read as data: nothing of it runs here.

A cell is split into its top-level statements by a small scanner that knows strings, brackets and continued lines, so
that broken code stays broken in one place only, and magics and shell lines can be told from a modulo at the start of a
continued line.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from grader.classroom.roster import topic_of_name
from grader.language import _

MAX_CELLS = 2000
PYTHON_CELL_MAGICS = ("time", "timeit", "capture", "prun", "python", "python3")

_TARGETS = re.compile(r"[\w.,\s\[\]]+")
_HELP = re.compile(r"^\s*\??\??[\w.]+\?\??\s*$")
_DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)")
_ASSIGNMENT = re.compile(r"^(\w+)\s*(?::[^=]+)?=(?!=)")
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


def defined(statement: str) -> str:
    """The name that a top-level statement defines; empty if it defines none."""
    lines = statement.lstrip("\n").splitlines()
    line = next((line for line in lines if line.strip() and not line.startswith(("@", "#"))), "")
    found = _DEFINITION.match(line) or _ASSIGNMENT.match(line)
    return found[1] if found else ""


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


# -- the scanner -------------------------------------------------------------------------------------------------------


def without_magics(source: str) -> str:
    """Cell source without IPython's own syntax; a line inside a block leaves `pass`, so that the block stays one."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        if (lines[first][2:].split() or [""])[0] not in PYTHON_CELL_MAGICS:
            return ""
        lines[first] = ""
    return "\n".join(_plain_line(line) if fresh else line for line, fresh in _scan(lines))


def _plain_line(line: str) -> str:
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    if text.startswith(("%", "!", "?")) or _HELP.match(line) and text.rstrip().endswith("?"):
        return indent + "pass" if indent else ""
    # Cut at the sign instead of one expression for the whole: that would take hours over a line of blanks.
    targets, _sign, value = line.partition("=")
    value = value.lstrip()
    if value.startswith(("%", "!")) and value[1:2] != "=" and _TARGETS.fullmatch(targets) and targets.strip():
        return f"{targets.rstrip()} = None"
    return line


def statements(source: str) -> Iterator[str]:
    """The top-level statements of some code, decorators and comments with what they belong to."""
    waiting: list[str] = []
    prelude = True  # so far nothing but decorators and comments: what comes next belongs to them
    for line, fresh in _scan(source.split("\n")):
        starts = fresh and line[:1].strip() and not line.startswith((")", "]", "}"))
        joins = _CONTINUES.match(line) or prelude
        if starts and waiting and not joins:
            yield "\n".join(waiting)
            waiting, prelude = [], True
        waiting.append(line)
        prelude = prelude and (not line.strip() or line.startswith(("@", "#", " ", "\t", ")")))
    if any(line.strip() for line in waiting):
        yield "\n".join(waiting)


_CONTINUES = re.compile(r"^(?:else|elif|except|finally|case)\b")


def _scan(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it begins a statement rather than continuing a string, a bracket or a line."""
    quote, depth, joined = "", 0, False
    for line in lines:
        fresh = not quote and depth <= 0 and not joined
        yield line, fresh
        if fresh:
            depth = 0  # a closing bracket too many does not swallow the rest of the cell
        quote, depth = _after(line, quote, depth)
        joined = not quote and line.endswith("\\")


def _after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """The state of the scanner after a line."""
    place = 0
    while place < len(line):
        character = line[place]
        if quote:
            if character == "\\":
                place += 1
            elif line.startswith(quote, place):
                place += len(quote) - 1
                quote = ""
        elif character == "#":
            break
        elif character in "\"'":
            quote = character * 3 if line.startswith(character * 3, place) else character
            place += len(quote) - 1
        else:
            depth += (character in "([{") - (character in ")]}")
        place += 1
    if len(quote) == 1 and not line.endswith("\\"):
        quote = ""  # a string that ends with its line, closed or not
    return quote, depth
