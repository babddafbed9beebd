"""The stubs of `exercises/`, made from the solutions.

A region between `### BEGIN SOLUTION` and `### END SOLUTION` (nbgrader's marks) becomes
`raise NotImplementedError("<topic>.<exercise>")` inside a function or method, and nothing at module level.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


class MarkError(ValueError):
    """The solution marks of a file do not pair up."""


@dataclass(frozen=True)
class Region:
    """A marked region: the lines of its two marks, counted from 1, and the indentation."""

    first: int
    last: int
    indent: int


def regions(source: str, filename: str) -> list[Region]:
    """The marked regions of a solution file.

    Raises
    ------
    MarkError
        A mark has no partner.
    """
    found: list[Region] = []
    begin: tuple[int, int] | None = None
    for number, line in enumerate(source.splitlines(), start=1):
        mark = line.strip()
        if mark == BEGIN:
            if begin is not None:
                raise MarkError(f"{filename}:{number}: a solution region begins inside another one")
            begin = (number, len(line) - len(line.lstrip()))
        elif mark == END:
            if begin is None:
                raise MarkError(f"{filename}:{number}: a solution region ends that did not begin")
            found.append(Region(begin[0], number, begin[1]))
            begin = None
    if begin is not None:
        raise MarkError(f"{filename}:{begin[0]}: a solution region does not end")
    return found


def defined_names(node: ast.stmt) -> list[str]:
    """The names of the functions, classes and tables that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _owner(tree: ast.Module, line: int) -> str:
    """The name of the top-level function or class that a line belongs to; empty at module level."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.lineno <= line <= (node.end_lineno or 0):
            return node.name
    return ""


def stub_of(source: str, topic: str, filename: str = "<solution>") -> str:
    """The stub of a solution file.

    Parameters
    ----------
    source : str
        The solution.
    topic : str
        Its topic, for the message of `NotImplementedError`.
    filename : str, optional
        For messages.

    Returns
    -------
    str
        The same file without the solution.
    """
    tree = ast.parse(source, filename)
    lines = source.splitlines()
    skip: dict[int, Region] = {region.first: region for region in regions(source, filename)}
    result: list[str] = []
    number = 1
    while number <= len(lines):
        region = skip.get(number)
        if region is None:
            result.append(lines[number - 1])
            number += 1
            continue
        owner = _owner(tree, number)
        if owner:
            result.append(" " * region.indent + f'raise NotImplementedError("{topic}.{owner}")')
        number = region.last + 1
        if not owner:
            result, number = _close_gap(result, lines, number)
    return _tidy(result)


def _close_gap(result: list[str], lines: list[str], number: int) -> tuple[list[str], int]:
    """Drop the blank lines before a region that vanished: those after it remain."""
    while result and not result[-1].strip():
        result.pop()
    while number <= len(lines) and not lines[number - 1].strip():
        number += 1
    if number <= len(lines):
        result += ["", ""]
    return result, number


def _tidy(lines: list[str]) -> str:
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines) + "\n"


def write_stubs(solutions: Path, exercises: Path, topics: tuple[str, ...], suffix: str = ".py") -> list[Path]:
    """Write the stub of every topic; returns the files that changed."""
    changed = []
    exercises.mkdir(exist_ok=True)
    for _topic, path, text in stubs(solutions, exercises, topics, suffix):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def stale_stubs(solutions: Path, exercises: Path, topics: tuple[str, ...], suffix: str = ".py") -> list[Path]:
    """The stubs that are missing or differ from what their solutions give."""
    return [
        path
        for _topic, path, text in stubs(solutions, exercises, topics, suffix)
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def stubs(
    solutions: Path, exercises: Path, topics: tuple[str, ...], suffix: str = ".py"
) -> list[tuple[str, Path, str]]:
    """Topic, path and text of every stub."""
    return [
        (topic, exercises / f"{topic}{suffix}", stub_of(_read(solutions, topic), topic, f"{topic}.py"))
        for topic in topics
    ]


def _read(solutions: Path, topic: str) -> str:
    return (solutions / f"{topic}.py").read_text(encoding="utf-8")
