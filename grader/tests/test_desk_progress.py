"""Progress: kept, recomputed, never lost."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import the_course
from grader.desk.board import Board
from grader.desk.home import home_of, write_whole
from grader.desk.overview import overview_lines
from grader.desk.progress import Event, Memory, Progress, Score, changes
from grader.reports.terminal import ASCII, FULL

COURSE = the_course()
TOTAL = sum(topic.points for topic in COURSE.topics)
NOW = datetime(2026, 11, 24, 20, 0, tzinfo=timezone.utc)
MSE = 'raise NotImplementedError("losses.mse")'
RIGHT = """y, y_hat = np.asarray(y, dtype=float), np.asarray(y_hat, dtype=float)
    if y.shape != y_hat.shape:
        raise ValueError
    return float(np.mean((y - y_hat) ** 2))"""


def show(folder: Path, capsys) -> list[str]:
    assert main(["progress", "--target", str(folder)]) == 0
    return capsys.readouterr().out.splitlines()


def solve(folder: Path, old: str = MSE, new: str = RIGHT) -> None:
    file = folder / "losses.py"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_the_command(copy_of_stubs: Path, capsys) -> None:
    fresh = show(copy_of_stubs, capsys)
    assert fresh[0].startswith("activations") and "0 / 124" in fresh[0] and fresh[0].endswith("0 of 17 exercises")
    assert fresh[-2:] == [
        f"All together: 0 of {TOTAL} points.",
        "Next: activations.sigmoid, in exercises/activations.py.  `grader watch` takes you there.",
    ]
    solve(copy_of_stubs)
    later = show(copy_of_stubs, capsys)
    assert "  done:  mse" in later and any(line.startswith("  to do: mse_gradient, mae") for line in later)
    assert f"All together: 6 of {TOTAL} points." in later and "Today: 6 points more." in later
    solve(copy_of_stubs, RIGHT, "return 0")
    lost = show(copy_of_stubs, capsys)
    assert "  wrong: mse" in lost and "losses.mse had more points once than it has now." in lost
    points = [(event.exercise, event.points) for event in Memory(home_of(copy_of_stubs)).history()]
    assert points[0] == ("losses.mse", 6) and len(points) == 2 and points[1][1] < 6


def test_everything_is_right(copy_of_solutions: Path, capsys) -> None:
    assert show(copy_of_solutions, capsys)[-1] == "Everything is right: there is nothing left to do."


def test_it_is_computed_anew_whatever_the_file_says(copy_of_stubs: Path, capsys) -> None:
    memory = Memory(home_of(copy_of_stubs))
    assert memory.keep(Progress("losses.mae", {}, {"losses.mse": Score(6, 6, False)}))
    said = show(copy_of_stubs, capsys)
    assert f"All together: 0 of {TOTAL} points." in said
    assert said[-1].startswith("Next: losses.mse")


# -- the files ---------------------------------------------------------------------------------------------------


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    memory = Memory(tmp_path / ".grader")
    progress = Progress("losses.mse", {"losses.mae": 2}, {"losses.mse": Score(4, 6, False)})
    assert memory.keep(progress, [Event(NOW.isoformat(), "losses.mse", 4, 6)])
    assert memory.recall(COURSE) == progress and memory.problem == ""
    assert memory.history() == [Event(NOW.isoformat(), "losses.mse", 4, 6)]
    assert sorted(path.name for path in memory.home.iterdir()) == ["history.jsonl", "progress.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"schema": 2}',
        b'{"schema": 1, "at": [], "hints": {}, "scores": {}}',
        b'{"schema": 1, "at": "", "hints": {"losses.mse": "x"}, "scores": {}}',
        b'{"schema": 1, "at": "", "hints": [], "scores": 3}',
        b'{"schema": 1, "at": "", "hints": {}, "scores": {"losses.mse": 5}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_put_aside_not_lost(tmp_path: Path, content: bytes) -> None:
    memory = Memory(tmp_path)
    (tmp_path / "progress.json").write_bytes(content)
    row = b'{"when": "2026-11-01T20:00:00+00:00", "exercise": "losses.mse", "points": 6, "maximum": 6}'
    (tmp_path / "history.jsonl").write_bytes(row + b"\n")
    assert memory.recall(COURSE) == Progress()
    assert memory.problem.startswith("progress.json was damaged; it is kept as progress.json.damaged-")
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == content and len(memory.history()) == 1
    assert memory.keep(Progress("losses.mse")) and len(memory.history()) == 1


def test_exercises_that_the_course_has_no_more_are_passed_over(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(Progress("old.one", {"old.one": 1}, {"old.one": Score(1, 1, False), "losses.mse": Score(6, 6, False)}))
    assert memory.recall(COURSE) == Progress("", {}, {"losses.mse": Score(6, 6, False)})


def test_torn_lines_of_the_history_cost_only_themselves(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    event = Event(NOW.isoformat(), "losses.mse", 6, 6)
    memory.keep(Progress(), [event])
    with (tmp_path / "history.jsonl").open("ab") as stream:
        stream.write(b'nonsense\n{"when": "yesterday", "exercise": "x", "points": 1, "maximum": 1}\n{"when": "2026')
    memory.keep(Progress("losses.mse"), [event])
    assert memory.history() == [event, event]


def test_several_at_once_lose_nothing(tmp_path: Path) -> None:
    """Watch, hint and progress may run at the same time."""
    def work(number: int) -> bool:
        return Memory(tmp_path).keep(Progress("losses.mse"), [Event(NOW.isoformat(), "losses.mse", number, 1000)])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    memory = Memory(tmp_path)
    assert sorted(event.points for event in memory.history()) == list(range(200))
    assert memory.recall(COURSE).at == "losses.mse" and memory.problem == ""
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".grader").write_text("in the way")
    memory = Memory(tmp_path / ".grader")
    assert memory.recall(COURSE) == Progress()
    assert not memory.keep(Progress("losses.mse"), [Event(NOW.isoformat(), "losses.mse", 6, 6)])
    assert memory.problem.startswith("Your progress cannot be kept in") and memory.history() == []


def test_half_a_file_is_never_seen(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "x"
    write_whole(path, b"old")

    def fails(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.desk.home.os.fsync", fails)
    with pytest.raises(OSError):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and [each.name for each in tmp_path.iterdir()] == ["x"]


def test_two_folders_do_not_mix(tmp_path: Path) -> None:
    assert home_of(tmp_path / "exercises") == tmp_path / ".grader"
    assert home_of(tmp_path / "other") == tmp_path / ".grader" / "other"


def test_changes() -> None:
    before = {"a": Score(1, 2, False), "b": Score(2, 2, False)}
    after = {"a": Score(2, 2, False), "b": Score(2, 2, False), "c": Score(0, 3, True), "d": Score(1, 3, False)}
    assert [(event.exercise, event.points) for event in changes(before, after, NOW)] == [("a", 2), ("d", 1)]


def test_today_is_today() -> None:
    history = [
        Event("2026-11-23T12:00:00+00:00", "losses.mse", 4, 6),
        Event("2026-11-24T12:00:00+00:00", "losses.mse", 6, 6),
        Event("2026-11-24T12:00:00+00:00", "losses.mae", 1, 6),
    ]
    board = Board(COURSE, {"losses.mse": Score(6, 6, False), "losses.mae": Score(1, 6, False)})
    today = datetime.fromisoformat("2026-11-24T12:00:00+00:00").astimezone().date()
    assert "Today: 3 points more." in overview_lines(board, COURSE, history, "losses.mae", today, FULL)
    assert not any("Today" in line for line in overview_lines(board, COURSE, history, "", date(2026, 12, 24), ASCII))


def test_the_next_thing() -> None:
    """What is wrong before what is to do; what is below first; then the next topic; then from the start."""
    done = {e.id: Score(e.points, e.points, False) for e in COURSE.exercises}
    board = Board(COURSE, {**done, "losses.mae": Score(0, 6, True), "losses.bce": Score(3, 9, False)})
    assert board.next_after("losses").id == "losses.bce"
    wrong = {"batchnorm.BatchNorm": Score(1, 17, False), "batchnorm.normalize": Score(1, 5, False)}
    assert Board(COURSE, {**done, **wrong}).next_after("batchnorm", "batchnorm.normalize").id == "batchnorm.normalize"
    last = Board(COURSE, {**done, "scaling.min_max": Score(0, 6, True)})
    assert last.next_after("losses").id == "scaling.min_max"
    assert Board(COURSE, done).next_after("losses") is None


def test_a_pipe_that_cannot_write_the_signs(copy_of_stubs: Path) -> None:
    import os
    import subprocess

    command = [sys.executable, "-m", "grader", "progress", "--target", str(copy_of_stubs)]
    settings = {**os.environ, "PYTHONIOENCODING": "ascii", "GRADER_LANG": "en"}
    finished = subprocess.run(command, capture_output=True, env=settings, check=False)
    assert finished.returncode == 0 and b"...................." in finished.stdout


def test_the_record_is_readable(tmp_path: Path) -> None:
    Memory(tmp_path).keep(Progress("losses.mse", {"losses.mae": 1}, {"losses.mse": Score(6, 6, False)}))
    assert json.loads((tmp_path / "progress.json").read_text("utf-8")) == {
        "schema": 1, "at": "losses.mse", "hints": {"losses.mae": 1}, "scores": {"losses.mse": [6, 6, False]},
    }  # fmt: skip
