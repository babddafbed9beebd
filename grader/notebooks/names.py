"""Which names a statement binds and which it needs, read from its syntax tree."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

SyntaxProblem = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What reading hostile source can raise."""


def bound(node: ast.stmt) -> set[str]:
    """The top-level names that a statement gives a value, or changes: `a = 1`, `a["x"] = 1`, `for a in ...`."""
    return set(_bound(node))


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        return
    if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
        root = _root(node)
        if root:
            yield root
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def method_root(node: ast.stmt) -> str:
    """The name whose method a bare call calls: `TASKS` for `TASKS.update(...)`; empty for anything else."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _root(node.value.func) if isinstance(node.value.func, ast.Attribute) else ""
    return ""


def needed(source: str) -> set[str]:
    """The global names that some source reads, in its functions and classes too.

    Raises
    ------
    SyntaxError and the others of `SyntaxProblem`
    """
    names: set[str] = set()
    top = symtable.symtable(source, "<cell>", "exec")
    names.update(symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced())
    waiting = list(top.get_children())
    while waiting:
        table = waiting.pop()
        names.update(s.get_name() for s in table.get_symbols() if s.is_global() or not s.is_local() and not s.is_free())
        waiting += table.get_children()
    return names
