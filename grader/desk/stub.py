"""Stubs as they were handed out, and putting one back into a student's file without touching the rest of it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.course import Course
from grader.language import SOURCE, current, of_kit, said_in
from grader.stubs import defined_names
from grader.translations.blocks import translated_source

ORIGINALS = Path(__file__).with_name("stubs")
"""The stubs in English, one `<topic>.txt` a topic; `grader stubs` keeps them fresh."""


class StubError(Exception):
    """A stub cannot be put back: `reason` says why, for a message."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Restored:
    """A file with one stub put back.

    `found` says how many definitions the stub has replaced (0: it was added), `compiles` whether the file compiles, and
    `guessed` that the definition was found by its first line, because the file did not compile before.
    """

    content: bytes
    found: int
    guessed: bool
    compiles: bool


def original(topic: str) -> str:
    """The stub file of a topic, its prose in the language in use.

    Raises
    ------
    StubError
        The copy is missing: `reason` is "no_original".
    """
    return _in(current(), topic)


def handed_out(topic: str) -> str:
    """The stub file of a topic as it was handed out, whatever the language in use.

    Raises
    ------
    StubError
        The copy is missing: `reason` is "no_original".
    """
    return _in(of_kit(), topic)


def _in(language: str, topic: str) -> str:
    try:
        text = (ORIGINALS / f"{topic}.txt").read_text(encoding="utf-8")
    except OSError as error:
        raise StubError("no_original", f"{topic}.txt") from error
    return text if language == SOURCE else translated_source(text, partial(said_in, language))


def stub_text(topic: str, name: str) -> str:
    """The stub of one exercise as it was handed out, without a line end behind it."""
    source = handed_out(topic)
    spans = _spans(ast.parse(source), name)
    first, last = spans[-1]
    return "\n".join(source.split("\n")[first - 1 : last])


def location(source: bytes, name: str) -> int:
    """The line in which an exercise begins in a student's file; 0 where it is not to be found."""
    spans = _find(source, name)[0]
    return spans[-1][0] if spans else 0


def restore(content: bytes, topic: str, name: str, course: Course) -> Restored:
    """Put the stub of an exercise back into a student's file; every other byte stays as it is.

    Parameters
    ----------
    content : bytes
        The student's file.
    topic, name : str
        The exercise.

    Raises
    ------
    StubError
        The file is no UTF-8 text ("encoding"), or the kit has no copy of its stubs ("no_original").
    """
    _require_utf8(content)
    ending = _line_ending(content)
    stub = ending.join(stub_text(topic, name).encode().split(b"\n"))
    spans, guessed = _find(content, name)
    lines = content.splitlines(keepends=True)
    if not spans:
        new = _added(lines, stub, ending, _place(content, topic, name, course))
        return Restored(new, 0, guessed, compiles(new))
    new = _replaced(lines, spans, stub)
    return Restored(new, len(spans), guessed, compiles(new))


def compiles(content: bytes) -> bool:
    """Whether a file is Python."""
    try:
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _require_utf8(content: bytes) -> None:
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        content.decode("utf-8")
    except (SyntaxError, UnicodeDecodeError) as error:
        raise StubError("encoding") from error
    if encoding not in ("utf-8", "utf-8-sig"):
        raise StubError("encoding")


def _line_ending(content: bytes) -> bytes:
    """The one that most of its lines have."""
    return b"\r\n" if content.count(b"\r\n") * 2 > content.count(b"\n") else b"\n"


# -- finding -----------------------------------------------------------------------------------------------------


Spans = list[tuple[int, int]]
"""First and last lines, counted from 1."""


def _find(content: bytes, name: str) -> tuple[Spans, bool]:
    """Every definition of a name at the top level, and whether it was found by its look alone."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _look_for(content, name), True
    return _spans(tree, name), False


def _spans(tree: ast.Module, name: str) -> Spans:
    return [(_first_line(node), node.end_lineno or node.lineno) for node in tree.body if name in defined_names(node)]


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


_STATEMENT = re.compile(
    rb"@|(?:def|class|async|import|from|if|for|while|with|try|del)\b|[A-Za-z_]\w*\s*(?::[^=]*)?="
)


def _look_for(content: bytes, name: str) -> Spans:
    """Definitions in a file that does not compile: from a line that begins one to the next line that begins another."""
    start = re.compile(rb"(?:(?:async\s+)?def|class)\s+%b\b|%b\s*(?::[^=]*)?=" % (name.encode(), name.encode()))
    lines = content.splitlines()
    inside = _inside_prose(lines)
    spans = []
    for index, line in enumerate(lines):
        if inside[index] or not start.match(line):
            continue
        end = index + 1
        while end < len(lines) and (inside[end] or not _STATEMENT.match(lines[end])):
            end += 1
        while end > index + 1 and _is_gap(lines[end - 1]):
            end -= 1
        first = index
        while first > 0 and lines[first - 1].startswith(b"@"):
            first -= 1
        spans.append((first + 1, end))
    return spans


def _is_gap(line: bytes) -> bool:
    return not line.strip() or line.startswith(b"#")


def _inside_prose(lines: list[bytes]) -> list[bool]:
    """Which lines begin inside a string of three quotes."""
    inside, mark = [], b""
    for line in lines:
        inside.append(bool(mark))
        for quotes in re.findall(rb'"""|\'\'\'', line.split(b"#")[0] if not mark else line):
            mark = b"" if mark == quotes else mark or quotes
    return inside


# -- replacing ---------------------------------------------------------------------------------------------------


def _replaced(lines: list[bytes], spans: Spans, stub: bytes) -> bytes:
    """The first definition becomes the stub; later ones, which would hide it, go."""
    result: list[bytes] = []
    number = 1
    for index, (first, last) in enumerate(spans):
        result += lines[number - 1 : first - 1]
        if index == 0:
            end = lines[last - 1]
            result.append(stub + end[len(end.rstrip(b"\r\n")) :])
        number = last + 1
    return b"".join(result + lines[number - 1 :])


def _added(lines: list[bytes], stub: bytes, ending: bytes, after: int) -> bytes:
    """The stub behind line `after`, with two blank lines around it."""
    before, behind = b"".join(lines[:after]), b"".join(lines[after:])
    if before and not before.endswith((b"\n", b"\r")):
        before += ending
    gap = ending * 2 if before else b""
    return before + gap + stub + ending + behind


def _place(content: bytes, topic: str, name: str, course: Course) -> int:
    """Behind which line a stub belongs that is not there: behind the exercise before it, or else at the end."""
    names = course.names[topic]
    for earlier in reversed(names[: names.index(name)]):
        spans, _guessed = _find(content, earlier)
        if spans:
            return spans[-1][1]
    return len(content.splitlines())
