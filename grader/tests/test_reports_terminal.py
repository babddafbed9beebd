"""Terminal text: rows that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.reports.terminal import wrapped

WORDS = st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=30)


@given(WORDS, st.integers(0, 6), st.integers(24, 60))
def test_rows_fit_and_lose_no_word(words, indent, width):
    line = " " * indent + " ".join(words)
    rows = wrapped(line, width)
    assert all(len(row) < width for row in rows) and [word for row in rows for word in row.split()] == words
    assert all(row.startswith(" " * indent) for row in rows)


def test_into_a_file_a_line_stays_whole():
    assert wrapped("  word " * 50, None) == ["  word " * 50]
