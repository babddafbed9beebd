"""The source notebooks of the course: one a topic, built from its solution file and the table of the course.

A source notebook holds the solutions between nbgrader's marks; `nbgrader generate_assignment` takes them out.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course import Exercise, Topic
from grader.language import _
from grader.notebooks import cell
from grader.notebooks.cell import Cell, Notebook
from grader.notebooks.names import bound
from grader.notebooks.prose import prose, source_line
from grader.stubs import BEGIN, END, regions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Parts:
    """A solution file taken apart. `helpers` and `answers` are solutions, everything else is what students see."""

    docstring: str
    setup: str
    helpers: str
    exercises: dict[str, str]
    answers: dict[str, str]
    docstrings: dict[str, str]


@dataclass(frozen=True)
class Try:
    """A cell that students may play with: it stands after an exercise."""

    after: str
    text: str
    code: str


def parts_of(source: str, topic: Topic) -> Parts:
    """Take a solution file (or a stub file, which has no solutions) apart.

    Raises
    ------
    MarkError
        The solution marks do not pair up.
    SyntaxError
        It is no Python.
    """
    tree = ast.parse(source)
    lines = source.splitlines()
    names = {exercise.name for exercise in topic.exercises}
    marked = [region for region in regions(source, f"{topic.name}.py") if region.indent == 0]
    setup: list[str] = []
    helpers: list[str] = []
    exercises: dict[str, str] = {}
    answers: dict[str, list[str]] = {}
    docstrings: dict[str, str] = {}
    has_docstring = ast.get_docstring(tree) is not None
    floor = (tree.body[0].end_lineno or 0) if has_docstring else 0
    for node in tree.body[1 if has_docstring else 0 :]:
        first = _first_line(node, lines, floor)
        floor = _last_line(node, lines)
        text = "\n".join(lines[first - 1 : floor])
        owned = sorted(bound(node) & names)
        if any(region.first < node.lineno < region.last for region in marked):
            if owned:
                answers.setdefault(owned[0], []).append(text)
            else:
                helpers.append(text)
        elif owned:
            exercises[owned[0]] = text
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                docstrings[owned[0]] = ast.get_docstring(node) or ""
        else:
            setup.append(text)
    return Parts(
        ast.get_docstring(tree) or "",
        "\n".join(setup),
        _joined(helpers),
        exercises,
        {name: _joined(texts) for name, texts in answers.items()},
        docstrings,
    )


def _first_line(node: ast.stmt, lines: list[str], floor: int) -> int:
    """The first line of a statement, decorators and the comment right above it included."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    while first - 1 > floor and lines[first - 2].startswith("#") and lines[first - 2].strip() not in (BEGIN, END):
        first -= 1
    return first


def _last_line(node: ast.stmt, lines: list[str]) -> int:
    """The last line of a statement, an indented comment below it (an END mark) included."""
    last = node.end_lineno or node.lineno
    while last < len(lines) and lines[last].startswith((" ", "\t")) and lines[last].strip().startswith("#"):
        last += 1
    return last


def _joined(texts: list[str]) -> str:
    """Statements as a file has them: definitions two lines apart, the rest one."""
    result = ""
    for text in texts:
        is_definition = text.startswith(("def ", "class ", "@"))
        gap = "\n\n\n" if is_definition and result else "\n" if result else ""
        if result and not is_definition and result.splitlines()[-1].startswith((" ", "\t")):
            gap = "\n\n"
        result += gap + text
    return result


@cache
def _tries() -> dict[str, tuple[Try, ...]]:
    table = tomllib.loads(Path(__file__).with_name("tries.toml").read_text(encoding="utf-8"))
    return {
        topic: tuple(Try(row["after"], row["text"], row["code"].strip()) for row in rows)
        for topic, rows in table.items()
    }


def source_notebook(topic: Topic, source: str) -> Notebook:
    """The source notebook of a topic.

    Parameters
    ----------
    topic : Topic
    source : str
        Its solution file.

    Returns
    -------
    dict
        The notebook as nbformat 4.5.

    Raises
    ------
    MarkError, SyntaxError
        The solution file is broken.
    """
    parts = parts_of(source, topic)
    return cell.notebook([*_opening(topic, parts), *(c for e in topic.exercises for c in _exercise(e, parts))])


def _opening(topic: Topic, parts: Parts) -> Iterator[Cell]:
    key = topic.name
    yield cell.markdown(f"# {_(topic.title)}\n\n{prose(parts.docstring)}", f"{key} title")
    guide = _(
        "Fill in the cells that raise `NotImplementedError`, and run `check(...)` below each of them as often as you "
        "like: it says what is right, what is not, and why. The cells marked *to play with* do not count. Together "
        "the {count} exercises are worth {points} points. Before you hand in: *Kernel*, *Restart & Run All*."
    )
    yield cell.markdown(guide.format(count=len(topic.exercises), points=topic.points), f"{key} guide")
    setup = f"{parts.setup}\n\nimport matplotlib.pyplot as plt\n\nfrom grader.notebooks import check, trying"
    yield cell.locked(setup, cell.setup_id(key))
    note = _("# Helper functions, constants and imports of your own may stand here.")
    helpers = f"{note}\n{BEGIN}\n{parts.helpers}\n{END}" if parts.helpers else f"{note}\n{BEGIN}\n{END}"
    yield cell.solution(helpers, cell.helpers_id(key))


def _exercise(exercise: Exercise, parts: Parts) -> Iterator[Cell]:
    key = exercise.id
    yield cell.markdown(_text(exercise, parts), f"{key} text")
    text, answer = parts.exercises[exercise.name], parts.answers.get(exercise.name, "")
    if answer:
        text += f"\n\n{BEGIN}\n{answer}\n{END}"
    yield cell.solution(text, cell.solution_id(exercise.topic, exercise.name))
    pictures = [item for item in _tries().get(exercise.topic, ()) if item.after == exercise.name]
    for number, item in enumerate(pictures):
        if item.text:
            yield cell.markdown(_(item.text), f"{key} try text {number}")
        yield cell.code("# " + _("To play with.") + f"\n{item.code}", f"{key} try {number}")
    if not pictures:
        call = _("To play with: {call}").format(call=f"{exercise.name}{exercise.signature}")
        yield cell.code(f"# {call}\n", f"{key} try")
    yield cell.code(f'check("{key}")', f"{key} check")
    points = _("{points} points: this cell earns them when the notebook is graded. Leave it as it is.")
    test = f'# {points.format(points=exercise.points)}\ncheck("{key}")'
    yield cell.test(test, cell.test_id(exercise.topic, exercise.name), exercise.points)


def _text(exercise: Exercise, parts: Parts) -> str:
    """Heading, prose with formula, and where it comes from."""
    docstring = parts.docstrings.get(exercise.name, "")
    rows = [f"## {exercise.name}"]
    if docstring:
        rows.append(prose(docstring, exercise.id))
    source = source_line(docstring) if docstring else ""
    points = _("{points} points.").format(points=exercise.points)
    rows.append(f"{points} " + _("Source: {source}").format(source=source) if source else points)
    return "\n\n".join(rows)
