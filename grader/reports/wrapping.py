"""Lines of text wrapped to the width of a terminal: between words, and never inside a number. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_GLUE = re.compile(r"(?<=[\[(]) +(?=\S)|(?<=[^ ,]) +(?=[,\])])|(?<=\d,) +(?=(?:\d+, ){0,2}\d+\))")
"""Blanks that end no row: those that line the columns of an array up (`[ 1.4`, `1.294 ,`), and those in `(4, 3)`."""

_STICKY = "\ue000"
"""Stands for such a blank while words are told apart: a character that no text has."""


def columns_of(character: str) -> int:
    """0 for a mark on the character before, 2 for one that is wide, 1 for all others."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width_of(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(columns_of(character) for character in text)


def wrapped(line: str, columns: int) -> list[str]:
    """A line as rows that fit, what follows indented as it is itself, and a little more.

    Parameters
    ----------
    line : str
    columns : int
        How wide a row may be.
    """
    columns = max(columns, 1)
    if width_of(line) <= columns:
        return [line]
    text = line.lstrip(" ")
    indent = min(len(line) - len(text), columns // 3)
    margin = " " * min(indent + 2, columns // 3)
    rows: list[str] = []
    row = " " * indent
    for word in _words(text):
        if width_of(row) + width_of(word.rstrip()) > columns and row.strip():
            rows.append(row.rstrip())
            row = margin
            word = word.lstrip()
        while width_of(row) + width_of(word.rstrip()) > columns:
            piece = _fitting(word, columns - width_of(row))
            rows.append(row + piece)
            row, word = margin, word[len(piece) :]
        row += word
    return [row for row in [*rows, row.rstrip()] if row.strip()]


def _words(text: str) -> Iterable[str]:
    """The words of a text, each with the blanks behind it."""
    glued = _GLUE.sub(lambda blanks: _STICKY * len(blanks[0]), text)
    start = 0
    for index in range(1, len(text)):
        if glued[index - 1] == " " and glued[index] != " ":
            yield text[start:index]
            start = index
    yield text[start:]


def _fitting(text: str, columns: int) -> str:
    """The longest beginning that fits and ends at a comma, or else anywhere; at least one character."""
    used = 0
    for index, character in enumerate(text):
        used += columns_of(character)
        if used > columns and index:
            comma = text.rfind(",", 0, index)
            return text[: comma + 1] if comma >= 0 else text[:index]
    return text
