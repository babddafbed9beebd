"""Whether an import statement has a fallback: then a module that is not there must be missed, not made up."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

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
    name = str(frame.f_globals.get("__name__"))
    return name == "importlib" or name.startswith(("importlib.", "grader.subject."))


def is_caught(owns: Callable[[str], bool]) -> bool:
    """Whether the import that is going on stands in a student's file and has a fallback there."""
    filename, line = importing_line(owns)
    if not filename:
        return False
    linecache.checkcache(filename)
    return has_fallback("".join(linecache.getlines(filename)), line)


def has_fallback(source: str, line: int) -> bool:
    """Whether the import in a line stands in a block whose `ImportError` is caught, and not raised again.

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
    blocks = (node for node in ast.walk(tree) if isinstance(node, _BLOCKS) and _lets_go_on(node))
    return any(
        statement.lineno <= line <= (statement.end_lineno or 0)
        for block in blocks
        for statement in _imports(block.body)
    )


_BLOCKS = (ast.Try, ast.With) if sys.version_info < (3, 11) else (ast.Try, ast.TryStar, ast.With)
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _imports(body: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run while a block runs."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif not isinstance(node, _LATER):
            yield from _imports(ast.iter_child_nodes(node))


def _lets_go_on(block: Any) -> bool:
    if isinstance(block, ast.With):
        return any(_suppresses(item.context_expr) for item in block.items)
    return any(_catches(handler.type) and not _raises(handler.body) for handler in block.handlers)


def _raises(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Raise)


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
