"""The docstring of an exercise, taken apart: the opening, what goes in, what comes out, the slide."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass

_HEADINGS = {
    "Parameters": "parameters", "Parámetros": "parameters",
    "Returns": "returns", "Devuelve": "returns", "Retorna": "returns",
    "Notes": "notes", "Notas": "notes",
    "Raises": "raises", "Excepciones": "raises", "Lanza": "raises",
    "Attributes": "attributes", "Atributos": "attributes",
}  # fmt: skip
_SOURCE = re.compile(r"^(?:Source|Fuente): ")


@dataclass(frozen=True)
class Item:
    """One entry of a section: `y : array_like, any shape` and the lines below it."""

    head: str
    text: str


@dataclass(frozen=True)
class Docstring:
    """What a docstring says, by part."""

    summary: str
    opening: str
    parameters: tuple[Item, ...]
    returns: tuple[Item, ...]
    notes: str
    source: str


@dataclass(frozen=True)
class Prose:
    """A stub's prose and its signature.

    `gives` is the annotation of what it returns; `methods` holds the public methods of a class.
    """

    name: str
    text: Docstring
    signature: str
    gives: str
    methods: tuple[Prose, ...] = ()


def read_docstring(text: str) -> Docstring:
    """Take a docstring in NumPy style apart.

    Parameters
    ----------
    text : str
        The docstring, indented or not.
    """
    sections: dict[str, list[str]] = {"opening": []}
    current, source = "opening", ""
    lines = inspect.cleandoc(text).split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        ruled = index + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[index + 1].strip())
        if ruled:
            current = _HEADINGS.get(line.strip(), line.strip())
            index += 2
            continue
        if _SOURCE.match(line):
            source = " ".join(part.strip() for part in lines[index:])
            break
        sections.setdefault(current, []).append(line)
        index += 1
    summary, _gap, rest = "\n".join(sections["opening"]).strip().partition("\n\n")
    return Docstring(
        summary=" ".join(summary.split()),
        opening=rest.strip("\n"),
        parameters=_items(sections.get("parameters", [])),
        returns=_items(sections.get("returns", [])),
        notes="\n".join(sections.get("notes", [])).strip(),
        source=_SOURCE.sub("", source),
    )


def _items(lines: list[str]) -> tuple[Item, ...]:
    items: list[tuple[str, list[str]]] = []
    for line in lines:
        if line and not line.startswith(" "):
            items.append((line.strip(), []))
        elif items and line.strip():
            items[-1][1].append(line.strip())
    return tuple(Item(head, " ".join(text)) for head, text in items)


def prose_of(source: str, name: str) -> Prose | None:
    """The prose of one exercise in a stub file; None for one that is neither function nor class.

    Parameters
    ----------
    source : str
        The stub file.
    name : str
    """
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return _prose(node)
    return None


def _prose(node: ast.FunctionDef | ast.ClassDef) -> Prose:
    text = read_docstring(ast.get_docstring(node) or "")
    if isinstance(node, ast.FunctionDef):
        gives = ast.unparse(node.returns) if node.returns is not None else ""
        names = [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs) if arg.arg not in ("self", "cls")]
        return Prose(node.name, text, f"({', '.join(names)})", gives)
    methods = [child for child in node.body if isinstance(child, ast.FunctionDef) and not child.name.startswith("_")]
    return Prose(node.name, text, "", "", tuple(_prose(method) for method in methods))
