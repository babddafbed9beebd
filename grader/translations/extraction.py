"""Everything that the kit says, gathered from where it stands: one domain of messages for each topic, and four more."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file

from grader.course import ROOT, the_course
from grader.stubs import stub_of
from grader.suite import check_title
from grader.translations.blocks import translated_markdown, translated_source
from grader.translations.message import Message

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "NN_": (1, 2)}
BARE = {"assert_that": 1}
"""Functions of `grader.checks` that take a sentence as it is, and its position."""
PAGES = ("README.md", "grader/release/README.md")
_NOT_KIT = ("tests", "misconceptions")


def domains() -> dict[str, Callable[[], Iterator[Message]]]:
    """The domains and how to gather each."""
    topics = {topic: lambda topic=topic: _topic(topic) for topic in the_course().names}
    return {"kit": _kit, "course": _course, "notebooks": _notebooks, "pages": _pages, **topics}


def _calls(file: Path) -> Iterator[Message]:
    """What stands in `_()`, `N_()` and `ngettext()` in a Python file."""
    place = file.relative_to(ROOT).as_posix()
    for _line, text, _comments, _context in extract_from_file("python", file, keywords=KEYWORDS):
        if isinstance(text, tuple):
            yield Message(text[0], place, text[1])
        elif text:
            yield Message(text, place)


def _kit() -> Iterator[Message]:
    for file in sorted((ROOT / "grader").rglob("*.py")):
        top = file.relative_to(ROOT / "grader").parts[0]
        if top not in _NOT_KIT:
            yield from _calls(file)
    yield from _calls(ROOT / "grader" / "misconceptions" / "diagnosis.py")


def _course() -> Iterator[Message]:
    course = the_course()
    for title in (course.title, *(topic.title for topic in course.topics)):
        yield Message(title, "grader/course.toml", note="a title")
    for exercise in course.exercises:
        yield from (Message(slide, "grader/course.toml", note="title of a slide") for slide in exercise.slides)


def _notebooks() -> Iterator[Message]:
    folder = ROOT / "grader" / "notebooks"
    tries = tomllib.loads((folder / "tries.toml").read_text(encoding="utf-8"))
    for cells in tries.values():
        for cell in cells:
            yield Message(cell["text"], "grader/notebooks/tries.toml", note="above a cell to play with")
    formulas = tomllib.loads((folder / "formulas.toml").read_text(encoding="utf-8"))
    for names in formulas.values():
        for latex in names.values():
            if "\\text{" in latex:
                yield Message(latex.strip(), "grader/notebooks/formulas.toml", note="LaTeX; only what \\text holds")


def _pages() -> Iterator[Message]:
    for page in PAGES:
        file = ROOT / page
        if file.is_file():
            blocks: list[str] = []
            translated_markdown(file.read_text(encoding="utf-8"), _noting(blocks))
            yield from (Message(block, page, note="Markdown") for block in blocks)


def _noting(blocks: list[str]) -> Callable[[str], str]:
    def note(block: str) -> str:
        blocks.append(block)
        return block

    return note


def _topic(topic: str) -> Iterator[Message]:
    yield from _suite(ROOT / "tests" / f"test_{topic}.py")
    yield from _catalogue(topic)
    source = (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")
    blocks: list[str] = []
    translated_source(stub_of(source, topic), _noting(blocks))
    yield from (Message(block, f"exercises/{topic}.py", note="stub") for block in blocks)


def _suite(file: Path) -> Iterator[Message]:
    """The titles of the checks and the sentences of their claims."""
    place = file.relative_to(ROOT).as_posix()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield Message(check_title(node.name, ast.get_docstring(node)), place, note="title of a check")
    for part in ast.walk(tree):
        if isinstance(part, ast.Call):
            yield from (Message(text, place, note="claim") for text in _bare_sentences(part))
        elif isinstance(part, ast.Assert) and part.msg is not None and _text(part.msg):
            yield Message(_text(part.msg), place, note="claim")
    yield from _calls(file)


def _bare_sentences(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in BARE and len(call.args) > BARE[name]:
        yield from filter(None, [_text(call.args[BARE[name]])])
    for keyword in call.keywords:
        if keyword.arg in ("because", "message"):
            yield from filter(None, [_text(keyword.value)])


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _catalogue(topic: str) -> Iterator[Message]:
    from grader.misconceptions.catalogue import misconceptions

    place = f"grader/misconceptions/{topic}.py"
    for mistake in misconceptions():
        if mistake.topic == topic:
            yield Message(mistake.name, place, note=f"known mistake in {mistake.exercise}")
            yield Message(mistake.hint, place, note=f"hint for “{mistake.name}”")
