"""Rows of text, wrapped to a width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line, as long as it likes to be, and the name of a style."""

    text: str = ""
    style: str = ""


def columns_of(character: str) -> int:
    """0 for a mark on the character before, 2 for one that is wide, 1 for all others."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width_of(text: str) -> int:
    """How many columns a text takes."""
    return sum(columns_of(character) for character in text)


def wrapped(row: Row, columns: int) -> list[Row]:
    """A row as rows that fit, what follows indented as it is itself, and a little more."""
    if width_of(row.text) <= columns:
        return [row]
    text = row.text.lstrip(" ")
    indent = min(len(row.text) - len(text), columns // 3)
    margin = " " * min(indent + 2, columns // 3)
    lines: list[str] = []
    line = " " * indent
    for word in _words(text):
        if width_of(line) + width_of(word.rstrip()) > columns and line.strip():
            lines.append(line.rstrip())
            line = margin
            word = word.lstrip()
        while width_of(line) + width_of(word.rstrip()) > columns:
            piece = _fitting(word, columns - width_of(line))
            lines.append(line + piece)
            line, word = margin, word[len(piece) :]
        line += word
    return [Row(text, row.style) for text in [*lines, line.rstrip()] if text.strip()]


def _words(text: str) -> Iterable[str]:
    """The words of a text, each with the blanks behind it."""
    start = 0
    for index in range(1, len(text)):
        if text[index - 1] == " " and text[index] != " ":
            yield text[start:index]
            start = index
    yield text[start:]


def _fitting(text: str, columns: int) -> str:
    """The longest beginning that fits, at least one character."""
    used = 0
    for index, character in enumerate(text):
        used += columns_of(character)
        if used > columns and index:
            return text[:index]
    return text
