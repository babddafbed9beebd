"""Rows of text, wrapped to a width."""

from __future__ import annotations

from dataclasses import dataclass

from grader.reports import wrapping


@dataclass(frozen=True)
class Row:
    """One line, as long as it likes to be, and the name of a style."""

    text: str = ""
    style: str = ""


def wrapped(row: Row, columns: int) -> list[Row]:
    """A row as rows that fit, see `grader.reports.wrapping`."""
    return [Row(text, row.style) for text in wrapping.wrapped(row.text, columns)]
