"""Whether something that goes to students holds what it must not.

That is a definition of an exercise that is more than its stub, a telling line of an answer, any two lines of an answer,
one after the other, or a word for a cell of the tables in what was recorded of them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from grader.course import ROOT, the_course
from grader.notebooks.module import shape
from grader.tests.alternatives import choices

SHORT = 12
"""Lines shorter than this mean nothing beside another, either."""
TELLING = 24
"""Lines longer than this mean something alone."""


def pairs_in(text: str) -> set[tuple[str, str]]:
    """The pairs of telling lines that follow one another."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return {pair for pair in zip(lines, lines[1:], strict=False) if min(map(len, pair)) > SHORT}


def lines_in(text: str) -> set[str]:
    """The lines that tell how something is computed."""
    lines = {line.strip() for line in text.splitlines()}
    return {line for line in lines if len(line) > TELLING and (line.startswith("return ") or " = " in line)}


def _answers() -> Iterator[tuple[str, str]]:
    """The solutions' and the misconceptions' code, piece by piece, each with the stub of its topic."""
    for topic in the_course().names:
        stub = (ROOT / "exercises" / f"{topic}.py").read_text(encoding="utf-8")
        solution = (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solution, re.DOTALL):
            yield region, stub
        wrong = (ROOT / "grader" / "misconceptions" / f"{topic}.py").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(wrong)):
            if isinstance(node, ast.FunctionDef):  # names and hints are public, bodies are not
                yield "\n".join(wrong.splitlines()[node.body[0].lineno - 1 : node.end_lineno]), stub


def _secret(found: Callable[[str], set]) -> frozenset:
    """What is found in the answers, without what the stubs show anyway."""
    pieces = list(_answers())
    public = set().union(*(found(stub) for _answer, stub in pieces))
    return frozenset(set().union(*(found(answer) for answer, _stub in pieces)) - public)


@cache
def secret_pairs() -> frozenset[tuple[str, str]]:
    """The pairs of lines that nobody may read."""
    return _secret(pairs_in)


@cache
def secret_lines() -> frozenset[str]:
    """The lines that nobody may read."""
    return _secret(lines_in)


@cache
def _stubs() -> frozenset[str]:
    return frozenset(
        shape(node)
        for topic in the_course().names
        for node in ast.parse((ROOT / "exercises" / f"{topic}.py").read_text(encoding="utf-8")).body
    )


def definitions_in(code: str) -> set[str]:
    """The exercises that some code defines, other than as their stubs."""
    names = {exercise.name for exercise in the_course().exercises}
    found = set()
    for node in ast.parse(code).body:
        defined = {node.name} if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else set()
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            defined = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if defined & names and shape(node) not in _stubs():
            found |= defined & names
    return found


@cache
def words() -> frozenset[str]:
    """What the tables accept, without what does not matter in writing: capitals, blanks, hyphens, underscores."""
    tables = (choices.ACTIVATIONS, choices.TASKS, choices.NORMALIZATION, choices.REGULARIZATION)
    return frozenset(re.sub(r"[_\s]|(?<=\w)-", "", str(leaf)).casefold() for table in tables for leaf in _leaves(table))


def _leaves(table: Any) -> Iterator[Any]:
    if isinstance(table, (dict, list, tuple, set)):
        for value in table.values() if isinstance(table, dict) else table:
            yield from _leaves(value)
    else:
        yield table


def words_in(record: Any) -> Iterator[str]:
    """The words for a cell that stand anywhere in a JSON record."""
    if isinstance(record, str) and record in words():
        yield record
    elif isinstance(record, dict):
        for key, value in record.items():
            yield from words_in(value) if key != "keys" else ()  # the rows and columns have names like those words
    elif isinstance(record, list):
        for value in record:
            yield from words_in(value)


def leaks(files: Mapping[str, bytes]) -> dict[str, list]:
    """The files that hold something secret, and what."""
    found = {}
    for name, content in files.items():
        texts = [content.decode("utf-8", "replace")]
        code = texts if name.endswith(".py") else []
        if name.endswith(".ipynb"):
            cells = json.loads(content)["cells"]
            texts = ["".join(cell["source"]) for cell in cells]
            code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            texts += [json.dumps(cell.get("outputs", [])) for cell in cells]
        shared: list = [pair for text in texts for pair in pairs_in(text) & secret_pairs()]
        shared += [line for text in texts for line in lines_in(text) & secret_lines()]
        shared += [exercise for text in code for exercise in definitions_in(text)]
        if re.search(r"(^|/)choices\.(\w+\.)?json$", name):
            shared += words_in(json.loads(content))
        if shared:
            found[name] = shared
    return found
