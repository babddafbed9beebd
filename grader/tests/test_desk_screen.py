"""The layout: every size is kept to, nothing is lost at the edge."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import ROOT, the_course
from grader.desk import rows
from grader.desk.judging import judge
from grader.desk.layout import Row, wrapped
from grader.desk.screen import screen
from grader.desk.sitting import ALL, DESK, LIST, Sight, Sitting, Verdict
from grader.reports.terminal import ASCII, FULL
from grader.reports.wrapping import width_of

SIZES = [(80, 24), (40, 24), (120, 50), (20, 10), (10, 4), (3, 1), (200, 5)]
HALF = "return float(np.mean((np.asarray(y, float) - np.asarray(y_hat, float)) ** 2) / 2)"


class Quiet:
    """A referee with nothing to do."""

    silent = 0.0
    running = ""


@pytest.fixture(scope="module")
def sitting(tmp_path_factory) -> Sitting:
    """A wrong MSE, all else to do."""
    folder = Path(shutil.copytree(ROOT / "exercises", tmp_path_factory.mktemp("desk") / "mine"))
    file = folder / "losses.py"
    source = file.read_text(encoding="utf-8").replace('raise NotImplementedError("losses.mse")', HALF)
    file.write_text(source, encoding="utf-8")
    made = Sitting(folder, the_course(), lambda what: None)
    made.board = judge(folder)
    made._referee = Quiet()
    made.focus = the_course().exercise("losses", "mse")
    return made


@pytest.mark.parametrize("columns, lines", SIZES)
@pytest.mark.parametrize("view", [DESK, LIST, ALL])
@pytest.mark.parametrize("step", [0, 3])
def test_every_size_is_kept_to(sitting: Sitting, columns: int, lines: int, view: str, step: int) -> None:
    sitting.sight, sitting.hinted = Sight(view), (sitting.focus.id, step)
    sitting.verdict = Verdict("20:00:00", 0.1, ("losses.mse",), (), ("losses.mse",), ())
    sitting.note = "a remark " * 3
    for charset in (FULL, ASCII):
        shown = screen(sitting, columns, lines, charset)
        assert len(shown) == lines
        assert all(width_of(row.text) <= columns for row in shown)


@pytest.mark.parametrize("columns", [80, 40])
def test_the_cursor_is_always_in_view(sitting: Sitting, columns: int) -> None:
    for place in range(len(sitting.course.exercises)):
        sitting.sight = Sight(LIST, place)
        name = sitting.course.exercises[place].name
        (row,) = [row for row in screen(sitting, columns, 24, FULL) if row.style == rows.CURSOR]
        assert row.text.startswith("> ") and name[:20] in row.text


def test_scrolling_stops_at_the_end(sitting: Sitting) -> None:
    sitting.sight, sitting.hinted = Sight(DESK, top=10_000), ("", 0)
    shown = screen(sitting, 40, 12, FULL)
    assert sitting.sight.top < 100
    assert any(row.text.strip() for row in shown[3:-2]) and not any("more line" in row.text for row in shown)


def test_what_is_scrolled_through_is_everything(sitting: Sitting) -> None:
    """Whatever the size, scrolling line by line shows each line of the body."""
    sitting.hinted, sitting.note = (sitting.focus.id, 2), ""
    seen = set()
    for top in range(60):
        sitting.sight = Sight(DESK, top=top)
        seen |= {row.text for row in screen(sitting, 40, 14, FULL)}
    body = [line for row in rows.body(sitting, FULL, 40) for line in wrapped(row, 40)]
    assert {row.text for row in body} <= seen


TEXTS = ["", "short", "a" * 100, "    indented " + "words " * 30, "ŷ = σ(z) 漢字" * 20, " " * 90 + "x"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("columns", [3, 10, 40, 80])
def test_wrapping_loses_no_word(text: str, columns: int) -> None:
    lines = [row.text for row in wrapped(Row(text, "x"), columns)]
    assert all(width_of(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_code_that_hangs_is_said_with_its_seconds(sitting: Sitting) -> None:
    class Busy:
        silent = 3.4
        running = "losses.mse"

    sitting._referee = Busy()
    try:
        shown = " ".join(row.text.strip() for row in screen(sitting, 80, 24, FULL))
    finally:
        sitting._referee = Quiet()
    assert "mse has been running for 3 seconds. Does a loop never end? Mend it and save." in shown
