"""The referee: the same verdicts as pytest's, whatever the student's code does; with and without forks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import ROOT, the_course
from grader.desk.judging import judge
from grader.desk.referee import CAN_FORK, frames_in
from grader.result import FAILED, PASSED, TO_DO

COURSE = the_course()
FORKS = [True, False] if CAN_FORK else [False]
MSE = 'raise NotImplementedError("losses.mse")'
MAE = 'raise NotImplementedError("losses.mae")'


@pytest.fixture
def mine(copy_of_stubs: Path) -> Path:
    """Stubs, the MAE solved by hand."""
    file = copy_of_stubs / "losses.py"
    right = """y, y_hat = np.asarray(y, dtype=float), np.asarray(y_hat, dtype=float)
    if y.shape != y_hat.shape:
        raise ValueError
    return float(np.mean(np.abs(y - y_hat)))"""
    file.write_text(file.read_text(encoding="utf-8").replace(MAE, right), encoding="utf-8")
    return copy_of_stubs


def with_mse(folder: Path, body: str) -> Path:
    file = folder / "losses.py"
    file.write_text(file.read_text(encoding="utf-8").replace(MSE, body), encoding="utf-8")
    return folder


def states(folder: Path, *names: str, **settings) -> dict[str, str]:
    board = judge(folder, {f"losses.{name}" for name in names} or None, **settings)
    return {name: board.state(COURSE.exercise("losses", name)) for name in names}


@pytest.mark.parametrize("fork", FORKS)
def test_the_solutions_are_right(fork: bool) -> None:
    board = judge(ROOT / "solutions", fork=fork)
    assert {e.id: board.state(e) for e in COURSE.exercises} == {e.id: PASSED for e in COURSE.exercises}
    assert board.points(COURSE.exercises)[0] == sum(e.points for e in COURSE.exercises)


@pytest.mark.parametrize("fork", FORKS)
@pytest.mark.parametrize(
    "body, sentence",
    [
        ("import os; os._exit(0)", "exit status 0"),
        ("import os; os.abort()", ""),
        ("import itertools; return sum(itertools.count())", "did not come back in time"),
    ],
)
def test_code_that_takes_its_process_along(mine: Path, fork: bool, body: str, sentence: str) -> None:
    """It costs its own exercise alone; those before and behind it have their verdicts."""
    board = judge(with_mse(mine, body), {"losses.mse", "losses.mae", "losses.huber"}, timeout=0.5, fork=fork)
    results = board.results("losses.mse")
    assert len(results) == 6 and {result.status for result in results} == {FAILED}
    assert any(sentence in result.failure.message for result in results)
    assert board.state(COURSE.exercise("losses", "mae")) == PASSED
    assert board.state(COURSE.exercise("losses", "huber")) == TO_DO


@pytest.mark.parametrize("fork", FORKS)
def test_a_thread_that_never_ends_holds_nothing_up(mine: Path, fork: bool) -> None:
    body = "import threading; threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start(); return 0.0"
    board = judge(with_mse(mine, body), {"losses.mse", "losses.huber"}, fork=fork)
    assert board.state(COURSE.exercise("losses", "mse")) == FAILED
    assert board.state(COURSE.exercise("losses", "huber")) == TO_DO


@pytest.mark.parametrize("fork", FORKS)
def test_the_line_that_crashed_is_named(mine: Path, fork: bool) -> None:
    board = judge(with_mse(mine, "import ctypes; ctypes.string_at(0)"), {"losses.mse"}, fork=fork)
    assert "losses.py:" in board.results("losses.mse")[0].failure.trace
    assert "ctypes.string_at(0)" in board.results("losses.mse")[0].failure.trace


@pytest.mark.parametrize("fork", FORKS)
def test_a_file_that_ends_the_process_while_it_is_loaded(mine: Path, fork: bool) -> None:
    (mine / "losses.py").write_text("import os\nos._exit(7)\n")
    board = judge(mine, {"losses.mse", "losses.mae", "scaling.min_max"}, fork=fork)
    for name in ("mse", "mae"):
        message = board.results(f"losses.{name}")[0].failure.message
        assert message == "losses.py ended the process that ran it (exit status 7)."
    assert board.state(COURSE.exercise("scaling", "min_max")) == TO_DO


def test_a_diagnosis_needs_no_pytest(mine: Path) -> None:
    half = "return float(np.mean((np.asarray(y, float) - np.asarray(y_hat, float)) ** 2) / 2)"
    board = judge(with_mse(mine, half), {"losses.mse"})
    assert any(result.diagnosis for result in board.results("losses.mse"))


def test_a_folder_beside_which_nothing_is(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert states(empty, "mse", "mae") == {"mse": FAILED, "mae": FAILED}


def test_frames_of_the_latest_dump_alone() -> None:
    folder = Path("/home/somebody/exercises")
    notes = f'''Timeout (0:00:11)!
Thread 0x1 (most recent call first):
  File "{folder}/old.py", line 1 in old
Fatal Python error: Segmentation fault

Current thread 0x2 (most recent call first):
  File "/usr/lib/python3/ctypes/__init__.py", line 5 in string_at
  File "{folder}/losses.py", line 9 in inner
  File "{folder}/losses.py", line 3 in mse
'''
    assert [(frame.line, frame.function) for frame in frames_in(notes, folder)] == [(3, "mse"), (9, "inner")]


def test_nothing_of_posix_is_needed(mine: Path) -> None:
    """The desk where there is neither fork nor termios, as on Windows."""
    code = f"""
import os, signal, sys
sys.modules.update(dict.fromkeys(["termios", "fcntl", "pwd", "grp", "resource", "tty", "pty"]))
del os.fork, signal.SIGCHLD, os.setsid, os.killpg, signal.setitimer
import grader.desk.commands, grader.desk.plain, grader.desk.screen, grader.desk.watch, grader.desk.worker
from pathlib import Path
from grader.desk.judging import judge
from grader.course import the_course
board = judge(Path({str(mine)!r}), {{"losses.mae"}})
print(board.state(the_course().exercise("losses", "mae")), grader.desk.referee.CAN_FORK)
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (finished.stdout, finished.stderr) == ("passed False\n", "")


def test_a_kit_that_does_not_load(tmp_path: Path, monkeypatch) -> None:
    """The referee says so after a few attempts instead of trying for ever."""
    from grader.desk.judging import CannotJudge

    broken = tmp_path / "broken" / "numpy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('numpy is broken')")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    with pytest.raises(CannotJudge, match=r"The checks do not start \(ImportError: numpy is broken\)"):
        judge(shutil.copytree(ROOT / "exercises", tmp_path / "mine"))
