"""Which exercises of a file that does not load are as they were handed out: these are to do, whatever stops the file.

The file need not compile, so it is cut where a line begins at the margin, and each piece is read on its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_HEAD = re.compile(r"(?:async +)?(?:def|class) +(?P<defined>\w+)|(?P<assigned>\w+)(?: *:[^=]*)? *=(?!=)")
_CONTINUES = tuple(")]}#@")
"""What stands at the margin and begins no statement of its own; decorators are left out on purpose."""


def untouched(source: bytes, names: tuple[str, ...]) -> frozenset[str]:
    """The exercises of a file that are still stubs.

    Parameters
    ----------
    source : bytes
        The file, which may not compile.
    names : tuple of str
        The exercises that it should hold.

    Returns
    -------
    frozenset of str
        Empty where every exercise that is there is a stub: then something else has to say that the file is broken.
    """
    stubs: dict[str, bool] = {}
    for name, piece in _pieces(source.decode("utf-8", "replace")):
        if name in names:
            stubs[name] = stubs.get(name, True) and _is_stub(piece)
    return frozenset(name for name, is_stub in stubs.items() if is_stub) if not all(stubs.values()) else frozenset()


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Each definition at the margin: its name and its lines."""
    name, lines = "", [""]
    for line in [*text.splitlines(), "end"]:
        if line[:1].strip() and not line.startswith(_CONTINUES):
            yield name, "\n".join(lines)
            head = _HEAD.match(line)
            name, lines = (head["defined"] or head["assigned"]) if head else "", []
        lines.append(line)


def _is_stub(piece: str) -> bool:
    try:
        (node,) = ast.parse(piece).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if isinstance(node, ast.ClassDef):
        body = _without_docstring(node)
        return bool(body) and all(_only_raises(method) for method in body)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return node.value is not None and _is_empty(node.value)
    return _only_raises(node)


def _only_raises(node: ast.stmt) -> bool:
    """Whether a function is `raise NotImplementedError(...)` and nothing else."""
    if not isinstance(node, ast.FunctionDef):
        return False
    body = _without_docstring(node)
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _is_empty(value: ast.expr) -> bool:
    """Whether a table holds nothing yet."""
    if isinstance(value, ast.Dict):
        return bool(value.values) and all(map(_is_empty, value.values))
    return isinstance(value, ast.Constant) and value.value is None


def _without_docstring(node: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
