"""Files that do not load: what is wrong with them is told first, wherever the desk speaks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import the_course
from grader.desk import rows
from grader.desk.judging import judge
from grader.desk.place import place
from grader.desk.screen import screen
from grader.desk.sitting import ALL, LIST, Sight, Sitting, Verdict
from grader.desk.trouble import trouble_with
from grader.reports.terminal import FULL
from grader.tests.evening import Evening

SYNTAX = b"import numpy as np\n\n\ndef mse(y, y_hat)\n    return 1\n"
BROKEN = [
    (SYNTAX, ":4", "does not compile (SyntaxError: expected ':')", "def mse(y, y_hat)"),
    (b"x = (1,\n", ":1", "does not compile (SyntaxError: '(' was never closed)", "x = (1,"),
    ("x = 1\n# año\n".encode("latin-1"), ":2", "cannot be read as text", "# a\ufffdo"),
    (b"# coding: klingon\n", ":1", "cannot be read as text", "# coding: klingon"),
    ("x = 1\n".encode("utf-16"), ":1", "cannot be read as text", ""),
    (b"import os\nraise ValueError('no')\n", ":2", "fails while it is imported (ValueError: no)", "raise ValueError"),
    (b"import os\nos._exit(7)\n", "", "losses.py ended the process that ran it (exit status 7).", ""),
    (b"def f():\n    while True: pass\nf()\n", ":2", "losses.py does not come to its end", "while True: pass"),
    (b"\n  \n", "", "losses.py is empty: get it as it was handed out with `grader reset losses`.", ""),
]


class Quiet:
    """A referee with nothing to do."""

    silent = 0.0
    running = ""


def said(capsys, *arguments: str) -> list[str]:
    assert main([*arguments]) == 0
    return capsys.readouterr().out.splitlines()


def seated(folder: Path, **settings) -> Sitting:
    """A sitting at the losses with its verdicts."""
    sitting = Sitting(folder, the_course(), lambda what: None)
    sitting.board = judge(folder, [e.id for e in the_course().topic("losses").exercises], **settings)
    sitting._referee = Quiet()
    sitting.focus = the_course().exercise("losses", "mse")
    return sitting


@pytest.mark.parametrize("source, line, sentence, code", BROKEN)
def test_what_is_wrong_and_where(copy_of_stubs: Path, source: bytes, line: str, sentence: str, code: str) -> None:
    file = copy_of_stubs / "losses.py"
    file.write_bytes(source)
    board = judge(copy_of_stubs, {"losses.mse"}, timeout=0.5)
    trouble = trouble_with("losses", board.results("losses.mse"), copy_of_stubs)
    assert trouble is not None
    assert trouble.place == f"{file}{line}" and sentence in trouble.sentence and code in trouble.code
    assert trouble.code.isprintable()


@pytest.mark.parametrize("source, line, sentence, code", BROKEN[:6])
def test_a_hint_tells_it_first(copy_of_stubs: Path, capsys, source: bytes, line: str, sentence: str, code: str) -> None:
    """And then gives the hint, without inputs that nothing was called with."""
    file = copy_of_stubs / "losses.py"
    file.write_bytes(source)
    for step in range(3):
        lines = said(capsys, "hint", "mse", "--target", str(copy_of_stubs))
        assert lines[0] == f"Mend this first: {file}{line}" and sentence in lines[1]
        assert any(text.startswith(f"losses.mse, hint {step + 1} of 3") for text in lines)
        assert not any(text.strip().startswith("y = ") for text in lines)
        assert sum(sentence in text for text in lines) == 1


def test_a_hint_tells_of_files_below(copy_of_stubs: Path, capsys) -> None:
    exercise = next(e for e in the_course().exercises if any(n.split(".")[0] != e.topic for n in e.builds_on))
    below = next(name.partition(".")[0] for name in exercise.builds_on if name.partition(".")[0] != exercise.topic)
    (copy_of_stubs / f"{below}.py").write_bytes(SYNTAX)
    lines = said(capsys, "hint", exercise.id, "--target", str(copy_of_stubs))
    assert lines[0] == f"Mend this first: {copy_of_stubs / below}.py:4"


def test_progress_tells_it_by_topic(copy_of_solutions: Path, capsys) -> None:
    folder = str(copy_of_solutions)
    said(capsys, "progress", "--target", folder)
    file = copy_of_solutions / "losses.py"
    file.write_bytes(SYNTAX)
    lines = said(capsys, "progress", "--target", folder)
    at = next(number for number, line in enumerate(lines) if line.startswith("losses "))
    assert lines[at + 1] == f"  Mend this first: {file}:4"
    assert "does not compile" in lines[at + 2] and lines[at + 3].strip() == "def mse(y, y_hat)"
    assert sum("Mend this first" in line for line in lines) == 1
    assert lines[-1] == f"Next: mend {file}:4, then `grader progress` counts losses again."
    assert not any("losses." in line for line in lines if "more points once" in line)


# -- a file that is not there ------------------------------------------------------------------------------------


OTHERS = [
    ("losses.ipynb", "losses.py is missing, and there is losses.ipynb: a notebook is checked by its own `check(...)` "
     "cells, not here; `grader reset losses` brings the file, and you can copy your functions into it."),
    ("losses.py.txt", "losses.py is missing, and there is losses.py.txt: if that is it, rename it; or get a new one "
     "with `grader reset losses`."),
    ("losses (1).py", "losses.py is missing, and there is “losses (1).py”: if that is it, rename it; or get a new one "
     "with `grader reset losses`."),
    ("losses.md", "There is no file losses.py: put it back, or get a new one with `grader reset losses`."),
]  # fmt: skip


@pytest.mark.parametrize("other, sentence", OTHERS)
def test_what_is_there_instead(copy_of_stubs: Path, capsys, other: str, sentence: str) -> None:
    (copy_of_stubs / "losses.py").rename(copy_of_stubs / other)
    for command in (["hint", "mse"], ["progress"]):
        assert sentence in [line.strip() for line in said(capsys, *command, "--target", str(copy_of_stubs))]
    assert f"  {sentence}" in [row.text for row in rows.body(seated(copy_of_stubs))]


def test_a_folder_with_the_name_of_a_file(copy_of_stubs: Path, capsys) -> None:
    (copy_of_stubs / "losses.py").unlink()
    (copy_of_stubs / "losses.py").mkdir()
    sentence = "losses.py is a folder, where a file should be: rename it, then `grader reset losses` brings the file."
    for command in (["hint", "mse"], ["progress"]):
        assert sentence in [line.strip() for line in said(capsys, *command, "--target", str(copy_of_stubs))]
    (copy_of_stubs / "losses.py").rename(copy_of_stubs / "aside")
    said(capsys, "reset", "losses", "--target", str(copy_of_stubs))
    assert not any("Mend this" in line for line in said(capsys, "hint", "mse", "--target", str(copy_of_stubs)))


def test_a_file_that_cannot_be_opened(copy_of_stubs: Path, capsys) -> None:
    """A link to itself, which not even root may open."""
    (copy_of_stubs / "losses.py").unlink()
    (copy_of_stubs / "losses.py").symlink_to("losses.py")
    lines = said(capsys, "hint", "mse", "--target", str(copy_of_stubs))
    assert lines[1].startswith("  losses.py cannot be opened (Too many levels of symbolic links)")


# -- the screen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns, lines", [(80, 24), (40, 16)])
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_it_leads_on_the_screen_with_a_hint_and_without(
    copy_of_stubs: Path, monkeypatch, columns: int, lines: int, step: int
) -> None:
    (copy_of_stubs / "losses.py").write_bytes(SYNTAX)
    monkeypatch.chdir(copy_of_stubs.parent)
    sitting = seated(copy_of_stubs)
    names = tuple(e.id for e in the_course().topic("losses").exercises)
    sitting.verdict = Verdict("20:00:00", 0.1, names, (), names, ())
    sitting.hinted = ("losses.mse", step)
    shown = [row.text.strip() for row in screen(sitting, columns, lines, FULL)]
    assert f"Mend this first: {place(copy_of_stubs / 'losses.py', 4)}" in shown[:7]
    assert "def mse(y, y_hat)" in shown and "does not compile" in " ".join(shown)
    assert not any(text.startswith(("y = ", "✗")) for text in shown)
    assert any("Hint" in text for text in shown) == bool(step)


@pytest.mark.parametrize("view", [LIST, ALL])
def test_the_overviews_point_to_it(copy_of_stubs: Path, view: str) -> None:
    (copy_of_stubs / "losses.py").write_bytes(SYNTAX)
    sitting = seated(copy_of_stubs)
    sitting.sight = Sight(view, 0)
    told = [row.text for row in rows.body(sitting)]
    assert told.count(f"  Mend this first: {copy_of_stubs / 'losses.py'}:4") == 1


def test_at_a_real_terminal(copy_of_stubs: Path) -> None:
    """Right before, broken, a hint, and right again."""
    file = copy_of_stubs / "losses.py"
    stub = file.read_bytes()
    with Evening(copy_of_stubs, "losses", columns=100) as evening:
        evening.sees("Next: mse (6 points)")
        file.write_bytes(SYNTAX)
        evening.sees("Mend this first:", "losses.py:4", "does not compile", "def mse(y, y_hat)", absent="y = [[")
        evening.press("h").sees("Mend this first:", "Hint 1 of 3: The idea", "def mse(y, y_hat)")
        file.write_bytes(stub)
        evening.sees("Next: mse (6 points)", absent="Mend this first")
        file.rename(copy_of_stubs / "losses.ipynb")
        evening.sees("losses.py is missing, and there is losses.ipynb")


def test_a_reader_that_has_read_enough(copy_of_stubs: Path) -> None:
    """`grader progress | head -1` is no crash."""
    command = [sys.executable, "-m", "grader", "progress", "--target", str(copy_of_stubs)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ})
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 0
