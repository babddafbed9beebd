"""Mechanical mutations of a solution: small changes of its syntax tree, one at a time.

Mutated are operators, comparisons, numeric and boolean constants (axes and defaults among them), `and`/`or`, `not`,
conditions, minus signs, and whole statements, which are left out. Left alone are annotations, docstrings and what an
exception says. A mutation is described by what it changes and the statement it stands in, never by a line number.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from grader.stubs import defined_names

SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
REMOVED = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Raise, ast.For, ast.While, ast.Delete)
SKIPPED_FIELDS = ("annotation", "returns", "decorator_list", "ctx", "type_params")
EXCERPT = 100


@dataclass(frozen=True)
class Mutation:
    """One change of one solution: `apply` makes it in the tree, `undo` takes it back."""

    function: str
    change: str
    apply: Callable[[], None] = field(repr=False, compare=False)
    undo: Callable[[], None] = field(repr=False, compare=False)


class Solution:
    """The syntax tree of a topic module, and which of its parts each exercise uses.

    Parameters
    ----------
    source : str
    exercises : tuple of str
        The names that are exercises: one does not count as a part of another.
    """

    def __init__(self, source: str, exercises: tuple[str, ...]) -> None:
        self.tree = ast.parse(source)
        self._exercises = exercises
        self._parts = {name: node for node in self.tree.body for name in defined_names(node)}

    def parts(self, exercise: str) -> list[str]:
        """The exercise and the private names of the module that it uses, directly or not."""
        found, waiting = [], [exercise]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.append(name)
                used = {node.id for node in ast.walk(self._parts[name]) if isinstance(node, ast.Name)}
                waiting += sorted((used & self._parts.keys()) - set(self._exercises))
        return found

    def mutations(self, exercise: str) -> Iterator[Mutation]:
        """Every mutation of an exercise and of what it uses; no two give the same code.

        The tree must be as it was before the next one is asked for.
        """
        for name in self.parts(exercise):
            part = self._parts[name]
            seen = {ast.unparse(part)}
            counts: dict[tuple[str, str], int] = {}
            for mutation in _of_part(part, name):
                mutation.apply()
                text = ast.unparse(part)
                mutation.undo()
                if text in seen:
                    continue
                seen.add(text)
                key = (mutation.function, mutation.change)
                counts[key] = counts.get(key, 0) + 1
                nth = f" (no. {counts[key]})" if counts[key] > 1 else ""
                yield Mutation(mutation.function, mutation.change + nth, mutation.apply, mutation.undo)


def _of_part(part: ast.stmt, name: str) -> Iterator[Mutation]:
    if isinstance(part, ast.ClassDef):
        for member in part.body:
            if isinstance(member, ast.FunctionDef):
                yield from _inside(member, f"{name}.{member.name}", member)
    else:
        yield from _inside(part, name, part)


def _inside(node: ast.AST, function: str, statement: ast.AST) -> Iterator[Mutation]:
    """The mutations of everything below a node."""
    for name, value in ast.iter_fields(node):
        if name in SKIPPED_FIELDS:
            continue
        children = value if isinstance(value, list) else [value]
        for place, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_text(child):
                continue
            inner = child if isinstance(child, ast.stmt) else statement
            for new in _replacements(child, name):
                index = place if isinstance(value, list) else None
                yield _replace(node, name, index, child, new, function, inner)
            if not isinstance(child, (ast.Raise, ast.JoinedStr)):
                yield from _inside(child, function, inner)


def _is_text(node: ast.AST) -> bool:
    """A docstring or another plain string."""
    value = node.value if isinstance(node, ast.Expr) else node
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _replacements(node: ast.AST, name: str) -> Iterator[ast.AST]:
    if isinstance(node, REMOVED) and not (isinstance(node, ast.AnnAssign) and node.value is None):
        yield ast.Pass()
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        for swap in SWAPS.get(type(node.op), ()):
            yield _changed(node, op=swap())
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for swap in SWAPS.get(type(operator), ()):
                yield _changed(node, ops=[*node.ops[:place], swap(), *node.ops[place + 1 :]])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield node.operand
    elif name == "test" and isinstance(node, ast.expr):
        yield ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _other_values(node.value))


def _other_values(value: object) -> list[bool | int | float]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [new for new in dict.fromkeys((value + 1, value * 2, type(value)(0))) if new != value]
    return []


def _changed(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _replace(
    parent: ast.AST, name: str, place: int | None, old: ast.AST, new: ast.AST, function: str, statement: ast.AST
) -> Mutation:
    ast.copy_location(new, old)

    def put(node: ast.AST) -> None:
        if place is None:
            setattr(parent, name, node)
        else:
            getattr(parent, name)[place] = node

    if isinstance(old, ast.stmt):
        left_out = isinstance(new, ast.Pass)
        change = f"left out: {_excerpt(old)}" if left_out else f"{_excerpt(old)} -> {_excerpt(new)}"
    else:
        change = f"{_excerpt(old)} -> {_excerpt(new)} in: {_excerpt(statement)}"
    return Mutation(function, change, lambda: put(new), lambda: put(old))


def _excerpt(node: ast.AST) -> str:
    lines = ast.unparse(node).splitlines()
    text = next(line for line in lines if not line.startswith("@"))
    return text if len(text) <= EXCERPT else text[: EXCERPT - 3] + "..."
