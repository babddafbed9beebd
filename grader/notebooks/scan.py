"""The statements of a cell, told apart by a small scanner that knows strings, brackets and continued lines.

So broken code stays broken in one place only, and magics and shell lines can be told from a modulo at the start of a
continued line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

PYTHON_CELL_MAGICS = ("time", "timeit", "capture", "prun", "python", "python3")

_TARGETS = re.compile(r"[\w.,\s\[\]]+")
_HELP = re.compile(r"^\s*\??\??[\w.]+\?\??\s*$")
_MAY_BE_MAGIC = re.compile(r"^[^\S\n]*[%!?]|\?[^\S\n]*$|=\s*[%!]", re.MULTILINE)
_DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)")
_ASSIGNMENT = re.compile(r"^(\w+)\s*(?::[^=]+)?=(?!=)")


def defined(statement: str) -> str:
    """The name that a top-level statement defines; empty if it defines none."""
    lines = statement.lstrip("\n").splitlines()
    line = next((line for line in lines if line.strip() and not line.startswith(("@", "#"))), "")
    found = _DEFINITION.match(line) or _ASSIGNMENT.match(line)
    return found[1] if found else ""


def without_magics(source: str) -> str:
    """Cell source without IPython's own syntax; a line inside a block leaves `pass`, so that the block stays one."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if not _MAY_BE_MAGIC.search(source):
        return source  # as most are: the scanner reads character by character
    lines = source.split("\n")
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
