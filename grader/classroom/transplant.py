"""Topic modules with other answers in the place of the reference's: real, standalone Python files.

The source of a misconception or an alternative is lifted out of its catalogue module together with the helpers that it
uses, renamed to the exercise, and put where the reference stood. Sources are read and written, never run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from grader.course import ROOT, the_course
from grader.misconceptions.catalogue import SOLUTIONS, Alternative, Misconception, reference
from grader.stubs import BEGIN, END, stub_of

REFERENCE = "solutions"
"""The name by which catalogue modules speak of the reference."""

Definition = ast.FunctionDef | ast.ClassDef


class CannotTransplant(Exception):
    """An answer that no standalone source can be made of."""


@dataclass(frozen=True)
class Piece:
    """What stands in a file for one exercise: the helpers it needs, by name, and its own text."""

    imports: tuple[str, ...]
    helpers: tuple[tuple[str, str], ...]
    text: str


# -- source files as definitions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Module:
    """A source file, its top-level definitions by name in the order in which they stand."""

    text: str
    definitions: Mapping[str, ast.stmt]
    imports: Mapping[str, ast.Import | ast.ImportFrom]

    def needs(self, node: ast.AST) -> set[str]:
        """The names of this module that a piece of code uses, directly or not."""
        found: set[str] = set()
        waiting = [node]
        while waiting:
            for name in names_in(waiting.pop()):
                if name in self.definitions and name not in found:
                    found.add(name)
                    waiting.append(self.definitions[name])
        return found


def names_in(node: ast.AST) -> set[str]:
    """Every name that some code reads."""
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)}


@cache
def read_module(path: Path) -> Module:
    """Read a source file."""
    text = path.read_text(encoding="utf-8")
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, ast.Import | ast.ImportFrom] = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.decorator_list = [d for d in node.decorator_list if not _registers(d)]
            definitions[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name) and name.id != REFERENCE:
                        definitions[name.id] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                imports[alias.asname or alias.name] = node
    return Module(text, definitions, imports)


def _registers(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(call, ast.Name) and call.id in ("misconception", "alternative")


@cache
def clean_source(topic: str) -> str:
    """The reference of a topic without the marks around its solutions; tables filled in where a student would."""
    tables = [exercise.name for exercise in the_course().topic(topic).exercises if exercise.form == "table"]
    if tables:
        right = reference(topic)
        return _replaced(stub_source(topic), {name: table_text(name, getattr(right, name)) for name in tables})
    lines = read_module(SOLUTIONS / f"{topic}.py").text.splitlines()
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END)) + "\n"


def table_text(name: str, value: Any) -> str:
    """A table as a student writes it."""
    return f"{name} = {_literal(value)}"


def _literal(value: Any, indent: str = "") -> str:
    """Plain data as Python source, the same in every process: `repr` writes sets in any order."""
    if isinstance(value, dict):
        inner = indent + "    "
        flat = all(type(item) is not dict for item in value.values())
        pairs = [f"{_literal(key)}: {_literal(item, inner)}" for key, item in value.items()]
        text = ", ".join(pairs)
        if flat and len(indent) + len(text) < 100:
            return "{" + text + "}"
        return "{\n" + "".join(f"{inner}{pair},\n" for pair in pairs) + indent + "}"
    if type(value) in (list, tuple):
        text = ", ".join(_literal(item, indent) for item in value)
        return f"[{text}]" if type(value) is list else f"({text}{',' if len(value) == 1 else ''})"
    if type(value) in (set, frozenset):
        text = "{" + ", ".join(sorted(_literal(item, indent) for item in value)) + "}" if value else "set()"
        return text if type(value) is set else f"frozenset({text})"
    if value is None or type(value) in (bool, int, float, str):
        return repr(value)
    raise CannotTransplant(type(value).__name__)


@cache
def stub_source(topic: str) -> str:
    """The stub of a topic, as students receive it."""
    return stub_of(read_module(SOLUTIONS / f"{topic}.py").text, topic)


def segment(source: str, name: str) -> tuple[int, int]:
    """The lines of a top-level definition: from the first, counted from 0, to before the last."""
    try:
        return _segments(source)[name]
    except KeyError as error:
        raise CannotTransplant(name) from error


@lru_cache(maxsize=64)
def _segments(source: str) -> dict[str, tuple[int, int]]:
    """Where each top-level definition of a source first stands."""
    found: dict[str, tuple[int, int]] = {}
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [getattr(node, "name", ""), *(target.id for target in targets if isinstance(target, ast.Name))]
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        for name in names:
            found.setdefault(name, (first - 1, node.end_lineno or first))
    return found


# -- answers as pieces -------------------------------------------------------------------------------------------------


class _Rename(ast.NodeTransformer):
    """Renames globals, and turns `solutions.name` into the name of this file's own."""

    def __init__(self, names: Mapping[str, str], reference: Callable[[str], str]) -> None:
        self.names = names
        self.reference = reference

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == REFERENCE:
            return ast.Name(self.reference(node.attr), node.ctx)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.col_offset == 0:
            node.name = self.names.get(node.name, node.name)
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        if node.col_offset == 0:
            node.name = self.names.get(node.name, node.name)
        self.generic_visit(node)
        return node


def _copy(node: ast.stmt) -> ast.stmt:
    """A copy of a definition, which a transformer may change."""
    return ast.parse(ast.unparse(node)).body[0]


def piece_of(answer: Misconception | Alternative, catalogue: Path) -> Piece:
    """The source of an answer.

    Parameters
    ----------
    answer : Misconception or Alternative
    catalogue : Path
        The file in which it is defined.

    Raises
    ------
    CannotTransplant
        It is made in a way that leaves no source, or uses something of the kit's.
    """
    if not callable(answer.value):
        return Piece((), (), table_text(answer.exercise, answer.value))
    home, right = read_module(catalogue), read_module(SOLUTIONS / f"{answer.topic}.py")
    node = home.definitions.get(answer.id)
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name != answer.id:
        raise CannotTransplant(answer.id)
    own = home.needs(node) - {answer.id}
    firsts = _first_versions(answer, [node, *(home.definitions[name] for name in own)], right)
    suffix = "" if isinstance(answer, Misconception) else "_"
    taken = {*right.definitions, *right.imports}
    names = {name: f"my_{name.lstrip('_')}" if name in taken else name + suffix for name in own}
    names[answer.id] = answer.exercise
    rename = _Rename(names, lambda name: firsts.get(name, name))
    copies = _Rename(firsts, lambda name: name)
    helpers = [
        (firsts[name], _text(copies.visit(_copy(definition))))
        for name, definition in right.definitions.items()
        if name in firsts
    ]
    done: list[ast.stmt] = []
    for name, definition in home.definitions.items():
        if name in own and definition not in done:  # one statement may define several names
            done.append(definition)
            helpers.append((names[name], _text(rename.visit(_copy(definition)))))
    text = _text(_with_docstring(rename.visit(_copy(node)), right.definitions.get(answer.exercise)))
    used = set().union(*(names_in(n) for n in [node, *done]))
    return Piece(_imports(home, used, right), tuple(helpers), text)


def _first_versions(answer: Misconception | Alternative, nodes: Sequence[ast.stmt], right: Module) -> dict[str, str]:
    """Other names for the reference's own versions that an answer builds on and, directly or not, replaces."""
    asked = {
        item.attr
        for node in nodes
        for item in ast.walk(node)
        if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == REFERENCE
    }
    closure = set(asked)
    for name in asked & set(right.definitions):
        closure |= right.needs(right.definitions[name])
    dirty = {
        name
        for name in closure & set(right.definitions)
        if name == answer.exercise or answer.exercise in right.needs(right.definitions[name])
    }
    return {name: f"_first_{name.lstrip('_')}" for name in dirty}


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _with_docstring(node: ast.stmt, right: ast.stmt | None) -> ast.stmt:
    """The definition with the stub's docstring: a student leaves it where it stands."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and isinstance(right, (ast.FunctionDef, ast.ClassDef)):
        text = ast.get_docstring(right, clean=False)
        if text and ast.get_docstring(node) is None:
            node.body.insert(0, ast.Expr(ast.Constant(text)))
    return node


def _imports(home: Module, used: set[str], right: Module) -> tuple[str, ...]:
    """The import lines that an answer needs besides those of the reference."""
    lines = []
    for name in sorted(used & set(home.imports)):
        node = home.imports[name]
        if name in right.imports and ast.unparse(node) == ast.unparse(right.imports[name]):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grader"):
            raise CannotTransplant(name)
        alias = next(alias for alias in node.names if (alias.asname or alias.name) == name)
        as_name = f" as {alias.asname}" if alias.asname else ""
        origin = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
        lines.append(f"{origin}import {alias.name}{as_name}")
    return tuple(lines)


# -- files -------------------------------------------------------------------------------------------------------------


def file_with(topic: str, pieces: Mapping[str, Piece], to_do: Iterable[str] = ()) -> str:
    """A topic module: the reference, with some exercises answered otherwise and some still stubs.

    Parameters
    ----------
    topic : str
    pieces : mapping of str to Piece
        The other answers, by exercise.
    to_do : iterable of str
        The exercises that are still stubs.

    Returns
    -------
    str
    """
    source = clean_source(topic)
    stubs = stub_source(topic)
    texts = {name: _stub_text(stubs, name) for name in to_do}
    given: set[tuple[str, str]] = set()
    for name in sorted(pieces, key=lambda name: segment(source, name)):
        new = [helper for helper in pieces[name].helpers if helper not in given]
        given.update(new)
        texts[name] = "\n\n\n".join([*(text for _name, text in new), pieces[name].text])
    lines = source.splitlines()
    place = _after_imports(source)
    extra = sorted({line for piece in pieces.values() for line in piece.imports})
    # Behind the imports the text is replaced; in front of it nothing is, so the place stays what it is.
    return "\n".join([*lines[:place], *extra, *_replaced(source, texts).splitlines()[place:]]) + "\n"


def _replaced(source: str, texts: Mapping[str, str]) -> str:
    """A source with some of its definitions replaced."""
    lines = source.splitlines()
    for name, (first, last) in sorted(((n, segment(source, n)) for n in texts), key=lambda row: -row[1][0]):
        lines[first:last] = texts[name].splitlines()
    return "\n".join(lines) + "\n"


def _stub_text(stubs: str, name: str) -> str:
    first, last = segment(stubs, name)
    return "\n".join(stubs.splitlines()[first:last])


@lru_cache(maxsize=64)
def _after_imports(source: str) -> int:
    """Where another import line may stand: after `from __future__` and before what follows."""
    place = 0
    for node in ast.parse(source).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        place = node.end_lineno or 0
    return place


def catalogue_file(answer: Any) -> Path:
    """The file in which an answer is defined."""
    folder = "misconceptions" if isinstance(answer, Misconception) else "tests/alternatives"
    return ROOT / "grader" / folder / f"{answer.topic}.py"
