"""A sitting laid out for a terminal of a given size. Pure functions; nothing here writes to it."""

from __future__ import annotations

from collections.abc import Sequence

from grader.desk import rows as said
from grader.desk.layout import Row, wrapped
from grader.desk.sitting import LIST, Sitting
from grader.reports.wrapping import width_of

Fragment = tuple[str, str]
"""A style and a piece of text, as prompt_toolkit takes them."""


def footer(columns: int) -> list[Row]:
    """The keys."""
    words = [f"{key} {does}" for key, does in said.key_list()]
    lines, line = [], ""
    for word in words:
        longer = f"{line}   {word}" if line else word
        if line and width_of(longer) > columns:
            lines.append(line)
            line = word
        else:
            line = longer
    return [part for text in [*lines, line] for part in wrapped(Row(text), columns)]


def screen(sitting: Sitting, columns: int, lines: int, charset: Sequence[str]) -> list[Row]:
    """Exactly `lines` rows of at most `columns` columns: heading, what is looked at, remarks, keys.

    Scrolls so that the cursor is in view, and never beyond the end.
    """
    chars = tuple(charset)
    fit = lambda rows: [line for row in rows for line in wrapped(row, columns)]  # noqa: E731
    top = [*fit(said.heading(sitting, chars)), Row()]
    bottom = [*fit(said.status(sitting)), *footer(columns)]
    if lines < 10:
        top = []
    room = max(lines - len(top) - len(bottom), 1)
    middle = fit(said.body(sitting, chars, columns))
    start = _start(sitting, middle, room)
    shown = middle[start : start + room]
    if start + room < len(middle):
        shown[-1] = wrapped(Row(_more(len(middle) - start - room + 1), said.DIM), columns)[0]
    shown += [Row()] * (room - len(shown))
    return [*top, *shown, *bottom][-lines:]


def _more(count: int) -> str:
    text = said.ngettext("↓ {count} more line", "↓ {count} more lines", count)
    return text.format(count=count)


def _start(sitting: Sitting, middle: list[Row], room: int) -> int:
    last = max(len(middle) - room, 0)
    if sitting.sight.view == LIST:
        place = next((index for index, row in enumerate(middle) if row.style == said.CURSOR), 0)
        return max(0, min(place - room // 2, last))
    sitting.sight.top = min(sitting.sight.top, last)
    return sitting.sight.top


def fragments(rows: Sequence[Row]) -> list[Fragment]:
    """Rows as styled text."""
    found: list[Fragment] = []
    for index, row in enumerate(rows):
        end = "\n" if index < len(rows) - 1 else ""
        found.append((f"class:{row.style}" if row.style else "", row.text + end))
    return found
