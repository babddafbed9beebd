"""What a save has changed: the exercises whose code is another now, and those that use them. Nothing is run here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from grader.course import Course

Node = tuple[str, str]
"""Something that a topic module binds at its top level: (topic, name)."""

Sources = Mapping[str, bytes | None]
"""The bytes of each topic module; None where there is no file."""


@dataclass(frozen=True)
class Binding:
    """A top-level name of a module: its code without places and prose, and the names that it uses."""

    code: str
    uses: frozenset[str]


@dataclass(frozen=True)
class Outline:
    """A module, taken apart.

    `imported` says for each name that stands for something of another topic what it is: (topic, name), or (topic, "")
    for the module itself. `loose` is the code that binds no name, which anything may depend on.
    """

    bindings: Mapping[str, Binding]
    imported: Mapping[str, Node]
    loose: str


@cache
def outline(source: bytes, topics: tuple[str, ...]) -> Outline | None:
    """Take a module apart; None for one that does not compile."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    codes: dict[str, list[str]] = {}
    uses: dict[str, set[str]] = {}
    imported: dict[str, Node] = {}
    loose: list[str] = []
    for node in _statements(tree):
        imported.update(_imports(node, topics))
        names = _bound(node)
        code = ast.dump(node)
        if not names:
            loose.append(code)
        for name in names:
            codes.setdefault(name, []).append(code)
            uses.setdefault(name, set()).update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
    bindings = {name: Binding("\n".join(parts), frozenset(uses[name])) for name, parts in codes.items()}
    return Outline(bindings, imported, "\n".join(loose))


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """The statements of a module, docstrings taken out."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return tree.body


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return []


def _imports(node: ast.stmt, topics: tuple[str, ...]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    if isinstance(node, ast.ImportFrom):
        module = (node.module or "").removeprefix("exercises").removeprefix(".")
        for alias in node.names:
            if module in topics:
                found[alias.asname or alias.name] = (module, "" if alias.name == "*" else alias.name)
            elif not module and alias.name in topics:
                found[alias.asname or alias.name] = (alias.name, "")
    elif isinstance(node, ast.Import):
        for alias in node.names:
            module = alias.name.removeprefix("exercises.")
            if module in topics:
                found[alias.asname or alias.name.split(".")[0]] = (module, "")
    return found


@dataclass(frozen=True)
class Change:
    """What a save may have touched, as exercises (`topic.name`).

    `direct` are those whose own code is another now (all of the topic where that cannot be told), `affected` these and
    whatever uses them; `topics` are the topics whose code has changed.
    """

    topics: tuple[str, ...]
    direct: frozenset[str]
    affected: frozenset[str]


def prepare(sources: Sources, course: Course) -> None:
    """Take the modules apart now, so that the first save need not wait for that."""
    for source in sources.values():
        if source is not None:
            outline(source, tuple(course.names))


def change(before: Sources, after: Sources, course: Course) -> Change:
    """Compare the topic modules at the last run with those of now.

    Parameters
    ----------
    before, after : mapping of str to bytes or None
    course : Course
        Says what builds on what, for uses that the code does not show.
    """
    changed: set[Node] = set()
    for topic in course.names:
        old, new = before.get(topic), after.get(topic)
        if old != new:
            changed |= _changed(topic, old, new, course)
    affected = _dependents(changed, after, course)
    topics = tuple(topic for topic in course.names if any(node[0] == topic for node in changed))
    direct = {f"{topic}.{name}" for topic, name in changed if course.has(topic, name)}
    helped = {name for name in affected if name.partition(".")[0] in topics}
    return Change(topics, frozenset(direct or helped), affected)


def _changed(topic: str, old: bytes | None, new: bytes | None, course: Course) -> set[Node]:
    topics = tuple(course.names)
    everything = {(topic, name) for name in course.names[topic]} | {(topic, "")}
    if old is None or new is None:
        return everything
    one, two = outline(old, topics), outline(new, topics)
    if one is None or two is None or one.loose != two.loose:
        return everything
    names = {*one.bindings, *two.bindings}
    return {(topic, name) for name in names if _code(one, name) != _code(two, name)}


def _code(parts: Outline, name: str) -> str:
    return parts.bindings[name].code if name in parts.bindings else ""


def _dependents(changed: Iterable[Node], sources: Sources, course: Course) -> frozenset[str]:
    users: dict[Node, set[Node]] = {}
    for topic in course.names:
        for name, used in _uses(topic, sources.get(topic), tuple(course.names)):
            users.setdefault(used, set()).add((topic, name))
    for exercise in course.exercises:
        for below in exercise.builds_on:
            topic, _dot, name = below.partition(".")
            users.setdefault((topic, name), set()).add((exercise.topic, exercise.name))
    reached: set[Node] = set()
    waiting = list(changed)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += users.get(node, ())
            waiting += users.get((node[0], ""), ()) if node[1] else ()
    return frozenset(f"{topic}.{name}" for topic, name in reached if course.has(topic, name))


def _uses(topic: str, source: bytes | None, topics: tuple[str, ...]) -> list[tuple[str, Node]]:
    """Which top-level name of a module uses which other, its own or another topic's."""
    parts = outline(source, topics) if source is not None else None
    if parts is None:
        return []
    found: list[tuple[str, Node]] = []
    for name, binding in parts.bindings.items():
        found += [(name, (topic, used)) for used in binding.uses if used in parts.bindings and used != name]
        found += [(name, parts.imported[used]) for used in (*binding.uses, "*") if used in parts.imported]
    return found
