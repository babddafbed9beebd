"""Terminal text: rows that fit."""

from __future__ import annotations

import re

import numpy as np
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


@given(st.integers(0, 2**32 - 1), st.integers(20, 90), st.integers(0, 8))
def test_no_row_ends_inside_a_number_or_a_bracket(seed, width, indent):
    numbers = np.random.RandomState(seed).normal(0, 30, size=(3, 4))
    numbers[np.abs(numbers) < 4] = 0
    text = np.array2string(numbers.round(4), separator=", ").replace("\n", "")
    line = " " * indent + f"y_hat = {text} shape (3, 4)"
    rows = wrapped(line, width)
    assert "".join("".join(rows).split()) == "".join(line.split())
    assert all(len(row) < width for row in rows)
    assert not any(row.endswith(("[", "(")) or row.strip()[0] in ",])" for row in rows)
    number = re.compile(r"-?\d+\.\d*|\(\d, \d\)")
    assert [found for row in rows for found in number.findall(row)] == number.findall(line)


def test_numbers_without_blanks_break_behind_a_comma():
    line = "  x = [" + ",".join(str(number / 8) for number in range(40)) + "]"
    rows = wrapped(line, 30)
    assert len(rows) > 5 and all(row.endswith((",", "]")) for row in rows if "," in row)
