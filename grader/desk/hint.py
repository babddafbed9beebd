"""Hints, in steps: the idea, the shape of the computation, the case that fails. Never the line itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.course import Exercise
from grader.desk.docstring import Item, Prose, prose_of
from grader.desk.maths import formulas, plain_prose
from grader.desk.stub import StubError, original
from grader.desk.trouble import is_of_file
from grader.language import _, ngettext
from grader.reports import terminal
from grader.result import ERROR, FAILED, PASSED, CheckResult

STEPS = 3


@dataclass(frozen=True)
class Hint:
    """One hint, ready to be laid out; `lines` may be longer than a terminal is wide."""

    title: str
    lines: tuple[str, ...]


def hints(exercise: Exercise, results: Sequence[CheckResult]) -> tuple[Hint, ...]:
    """Every hint for an exercise, in order.

    Parameters
    ----------
    exercise : Exercise
    results : sequence of CheckResult
        The latest verdicts on its checks.
    """
    return _idea(exercise), _shape(exercise), _case(exercise, results)


def named_mistake(results: Sequence[CheckResult]) -> Hint | None:
    """What the diagnosis says, if it knows the mistake."""
    for result in results:
        if result.diagnosis:
            lines = [
                line
                for item in result.diagnosis
                for line in (_("This is what “{name}” gives.").format(name=item.name), item.hint)
            ]
            return Hint(_("A mistake with a name"), tuple(lines))
    return None


def is_right(results: Sequence[CheckResult]) -> bool:
    """Whether every check has passed: there is nothing to hint at."""
    return bool(results) and all(result.status == PASSED for result in results)


# -- the idea ----------------------------------------------------------------------------------------------------


def _idea(exercise: Exercise) -> Hint:
    lines: list[str] = []
    prose = _prose(exercise)
    if prose is not None:
        lines = [plain_prose(prose.text.summary), *_paragraphs(prose.text.opening)]
    elif exercise.form == "table":
        lines = _comment(exercise)
    slides = ngettext("The slide: {titles}.", "The slides: {titles}.", len(exercise.slides))
    lines.append(slides.format(titles=", ".join(_("“{title}”").format(title=_(title)) for title in exercise.slides)))
    if exercise.builds_on:
        text = _("It may use what you have written before: {names}.")
        lines.append(text.format(names=", ".join(exercise.builds_on)))
    return Hint(_("The idea"), tuple(line for line in lines if line))


def _paragraphs(text: str) -> list[str]:
    """Prose as one line a paragraph, a displayed formula on lines of its own; what else is indented keeps its lines."""
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", _FORMULA_BELOW.sub(".. math:: ", text)):
        rows = block.split("\n")
        if block.startswith(_FORMULA):
            lines += [f"    {row}" for row in formulas(block.removeprefix(_FORMULA))]
        elif any(row.startswith(" ") for row in rows):
            lines += [plain_prose(row.rstrip()) for row in rows]
        elif block.strip():
            lines.append(plain_prose(" ".join(block.split())))
    return lines


_FORMULA = ".. math::"
_FORMULA_BELOW = re.compile(r"^\.\. math::\s*\n\s+(?=\S)", re.MULTILINE)


def _prose(exercise: Exercise) -> Prose | None:
    try:
        return prose_of(original(exercise.topic), exercise.name)
    except StubError:
        return None


def _comment(exercise: Exercise) -> list[str]:
    """The comment above a table."""
    try:
        before = original(exercise.topic).split(f"\n{exercise.name} = ")[0]
    except StubError:
        return []
    lines = []
    for line in reversed(before.split("\n")):
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" "))
    return lines[::-1]


# -- the shape of the computation --------------------------------------------------------------------------------


def _shape(exercise: Exercise) -> Hint:
    prose = _prose(exercise)
    if prose is None:
        lines = _cells(exercise) if exercise.form == "table" else []
    elif prose.methods:
        lines = [line for method in prose.methods for line in _method(method)]
    else:
        lines = _in_and_out(prose)
    return Hint(_("The shape of the computation"), tuple(lines))


def _in_and_out(prose: Prose) -> list[str]:
    takes, gives = prose.text.parameters, prose.text.returns
    lines = [_("in   {item}").format(item=_entry(item)) for item in takes]
    lines += [_("out  {item}").format(item=_entry(item)) for item in gives]
    return [plain_prose(line) for line in lines + _derived(takes, gives, prose.gives)]


def _method(method: Prose) -> list[str]:
    text = f"{method.name}{method.signature}: {plain_prose(method.text.summary)}"
    return [text, *("  " + line for line in _in_and_out(method))]


def _entry(item: Item) -> str:
    """The head of an entry and its first sentence; of a list of names (`a`: ...; `b`: ...) every name."""
    ends = r"(?<=\.)\s" if _LIST.match(item.text) else r"(?<=[.;])\s"
    first = re.split(ends, item.text, maxsplit=1)[0].rstrip(";")
    return f"{item.head}  –  {first}" if first else item.head


_LIST = re.compile(r"`+\w+`+: ")
_TUPLE = re.compile(r"\(([^()]*,[^()]*)\)")
_SAME = re.compile(r"(?:shape of|forma de)\s+`{0,2}(\w+)`{0,2}|(?:same shape as|misma forma que)\s+`{0,2}(\w+)`{0,2}")


def _axes(texts: Sequence[str]) -> list[list[str]]:
    """The axes of each shape such as `(m, n)` in some texts."""
    return [[part.strip() for part in inner.split(",") if part.strip()]
            for text in texts for inner in _TUPLE.findall(text)]  # fmt: skip


def _derived(takes: Sequence[Item], gives: Sequence[Item], annotation: str) -> list[str]:
    """What the shapes alone say: which axes go, which stay."""
    shapes = _axes([item.head for item in takes])
    given = list(dict.fromkeys(axis for shape in shapes for axis in shape if axis.isidentifier()))
    results = _axes([item.head if _TUPLE.search(item.head) else item.text for item in gives])
    kept = {axis for shape in results for axis in shape}
    if given and len(results) == len(gives) > 0:
        gone = ", ".join(axis for axis in given if axis not in kept)
        stay = ", ".join(axis for axis in given if axis in kept)
        if gone and stay:
            return [_("Summed or averaged over: {gone}. Kept: {stay}.").format(gone=gone, stay=stay)]
        if stay and len(gives) == 1 and kept <= set(given):
            return [_("Kept: {stay}. No axis is lost.").format(stay=stay)]
        return []
    return [line for item in gives for line in _derived_alone(item, takes, annotation)]


def _derived_alone(item: Item, takes: Sequence[Item], annotation: str) -> list[str]:
    result = item.head.split(" : ")[0] if " : " in item.head else ""
    number = item.head.endswith(": float") or item.head == annotation == "float"
    if number and any("array" in taken.head for taken in takes):
        if result:
            return [_("{result}: all the entries become one number, no axis is left.").format(result=result)]
        return [_("All the entries become one number: no axis is left.")]
    same = _SAME.search(f"{item.head} {item.text}")
    if same and result:
        text = _("{result}: one value for each entry of {name}; whatever is summed on the way, no axis is lost.")
        return [text.format(name=same[1] or same[2], result=result)]
    if same:
        text = _("One value for each entry of {name}: whatever is summed on the way, no axis is lost.")
        return [text.format(name=same[1] or same[2])]
    return []


def _cells(exercise: Exercise) -> list[str]:
    """The rows and columns of a table that is to be filled in."""
    try:
        tree = ast.parse(original(exercise.topic))
    except StubError:
        return []
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == exercise.name for t in node.targets):
            table = ast.literal_eval(node.value)
            lines = [_("rows     {names}").format(names=", ".join(table))]
            first = next(iter(table.values()))
            if isinstance(first, dict):
                lines.append(_("columns  {names}").format(names=", ".join(first)))
            return [*lines, _("Each cell counts for itself: fill in what you are sure of first.")]
    return []


# -- the case that fails -----------------------------------------------------------------------------------------


def _case(exercise: Exercise, results: Sequence[CheckResult]) -> Hint:
    failed = [result for result in results if _has_a_case(result)]
    if failed:
        first = replace(failed[0], diagnosis=())
        lines = tuple(line for line in terminal.failure(first).splitlines())
        return Hint(_("The case that fails"), lines)
    waiting = [result for result in results if result.status != PASSED]
    if not waiting:
        return Hint(_("The case that fails"), (_("None: every check has passed."),))
    title = _("The first thing that {name} will be asked").format(name=exercise.name)
    return Hint(title, (waiting[0].title,))


def _has_a_case(result: CheckResult) -> bool:
    """Whether a check has come to ask anything: of a file that does not load none has."""
    failure = result.failure
    return result.status in (FAILED, ERROR) and failure is not None and not is_of_file(failure, result.topic)
