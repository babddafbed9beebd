"""Whether an import statement has a fallback: then a module that is not there must be missed, not made up."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterator
from types import FrameType

CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def importing_line(owns: Callable[[str], bool]) -> tuple[str, int]:
    """The file and line of the import that is going on; an empty name where that is in no file that is `owns`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_machinery(frame):
        frame = frame.f_back
    if frame is None or not owns(frame.f_code.co_filename):
        return "", 0
    return frame.f_code.co_filename, frame.f_lineno


def _is_machinery(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith(("importlib", "grader.subject."))


def is_caught(owns: Callable[[str], bool]) -> bool:
    """Whether the import that is going on stands in a student's file and has a fallback there."""
    filename, line = importing_line(owns)
    if not filename:
        return False
    linecache.checkcache(filename)
    return has_fallback("".join(linecache.getlines(filename)), line)


def has_fallback(source: str, line: int) -> bool:
    """Whether the import in a line stands in a block whose `ImportError` is caught.

    Parameters
    ----------
    source : str
        The file.
    line : int
        Counted from 1.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(first <= line <= last for first, last in _guarded(tree))


def _guarded(tree: ast.AST) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Try, ast.With)) and _lets_go_on(node):
            yield from (_lines(statement) for statement in node.body)


def _lets_go_on(block: ast.Try | ast.With) -> bool:
    if isinstance(block, ast.Try):
        return any(_catches(handler.type) for handler in block.handlers)
    return any(_suppresses(item.context_expr) for item in block.items)


def _lines(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.end_lineno or statement.lineno


def _catches(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(_name(name) in CATCHES for name in names)


def _suppresses(context: ast.expr) -> bool:
    return (
        isinstance(context, ast.Call) and _name(context.func) == "suppress" and any(map(_catches, context.args))
    )


def _name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
