"""`grader reset`: the stub comes back, a copy is kept, and every other byte stays."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import ROOT, the_course
from grader.desk.home import home_of
from grader.desk.reset import CannotReset, reset
from grader.desk.stub import ORIGINALS, original, restore, stub_text
from grader.stubs import stubs

COURSE = the_course()
SOLUTION = (ROOT / "solutions" / "losses.py").read_bytes()
BOTH = [(ending, bom) for ending in (b"\n", b"\r\n") for bom in (b"", b"\xef\xbb\xbf")]


def kept(folder: Path) -> list[Path]:
    return sorted((home_of(folder) / "kept").iterdir())


def test_the_copies_are_the_stubs() -> None:
    for topic, path, text in stubs(ROOT / "solutions", ORIGINALS, tuple(COURSE.names), ".txt"):
        assert path.read_text(encoding="utf-8") == text == (ROOT / "exercises" / f"{topic}.py").read_text("utf-8")


CODE = [exercise for exercise in COURSE.exercises if exercise.form != "table"]


@pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
def test_every_exercise_of_a_solved_file(exercise) -> None:
    """What lies before and behind the definition is untouched; the definition is the stub."""
    content = (ROOT / "solutions" / f"{exercise.topic}.py").read_bytes()
    restored = restore(content, exercise.topic, exercise.name, COURSE)
    stub = stub_text(exercise.topic, exercise.name).encode()
    assert restored.found == 1 and restored.compiles and not restored.guessed
    before, _stub, behind = restored.content.partition(stub)
    assert _stub and content.startswith(before) and content.endswith(behind)
    assert content != restored.content


@pytest.mark.parametrize("ending, bom", BOTH)
def test_line_endings_and_marks_stay(ending: bytes, bom: bytes) -> None:
    content = bom + SOLUTION.replace(b"\n", ending) + b"# the end, without a line end"
    restored = restore(content, "losses", "huber", COURSE).content
    assert restored.startswith(bom) and restored.endswith(b"# the end, without a line end")
    assert restored.count(b"\n") == restored.count(ending)
    again = restore(restored, "losses", "huber", COURSE)
    assert again.content == restored


def test_mixed_line_endings_of_the_rest_stay() -> None:
    content = SOLUTION.replace(b"\n", b"\r\n", 5) + b"x = 1\r\n\x0cy = 2\n"
    restored = restore(content, "losses", "huber", COURSE).content
    assert restored.startswith(content[:200]) and restored.endswith(b"x = 1\r\n\x0cy = 2\n")


def test_definitions_that_hide_each_other_all_go() -> None:
    content = SOLUTION + b"\n\n@staticmethod\ndef mse(a, b):\n    return 1\n\n\nmse = lambda y, y_hat: 2\nz = 3\n"
    restored = restore(content, "losses", "mse", COURSE)
    assert restored.found == 3 and restored.compiles
    assert b"lambda" not in restored.content and b"@staticmethod" not in restored.content
    assert restored.content.endswith(b"\n\n\n\n\nz = 3\n")


def test_an_exercise_that_is_gone_comes_back_in_its_place() -> None:
    content = SOLUTION.replace(b"def huber(", b"def my_huber(")
    restored = restore(content, "losses", "huber", COURSE)
    assert restored.found == 0 and restored.compiles
    assert restored.content.index(b"def mae_gradient(") < restored.content.index(b"def huber(")
    assert restored.content.index(b"def huber(") < restored.content.index(b"def my_huber(")
    assert restored.content.replace(b"\n\n" + stub_text("losses", "huber").encode() + b"\n", b"", 1) == content


def test_a_table() -> None:
    """The solutions define each twice, the stub and the answers behind it; a file with one alone is a student's."""
    solution = (ROOT / "solutions" / "choices.py").read_bytes()
    restored = restore(solution, "choices", "TASKS", COURSE)
    assert restored.found == 2 and restored.compiles and b'"loss": None' in restored.content
    stubs = (ROOT / "exercises" / "choices.py").read_bytes()
    filled = stubs.replace(b'"transformer": None,\n}', b'"transformer": "LayerNorm",  # sure\n}', 1)
    assert filled != stubs and restore(filled, "choices", "NORMALIZATION", COURSE).content == stubs


@pytest.mark.parametrize("place", ["before", "inside", "behind"])
def test_a_file_with_a_syntax_error(place: str) -> None:
    spoilt = {
        "before": SOLUTION.replace(b"def mse(y", b"def mse((y"),
        "inside": SOLUTION.replace(b"def huber(y", b"def huber(((y"),
        "behind": SOLUTION + b"\ndef (:\n",
    }[place]
    restored = restore(spoilt, "losses", "huber", COURSE)
    stub = stub_text("losses", "huber").encode()
    before, found, behind = restored.content.partition(stub)
    assert found and restored.guessed and spoilt.startswith(before) and spoilt.endswith(behind)
    assert restored.compiles == (place == "inside")


# -- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "exercises"
    folder.mkdir()
    shutil.copy(ROOT / "solutions" / "losses.py", folder)
    return folder


def test_the_command(mine: Path, capsys) -> None:
    assert main(["reset", "huber", "--target", str(mine)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("huber is a stub again; the rest of losses.py is as you left it.\nA copy of your file is ")
    (copy,) = kept(mine)
    assert copy.read_bytes() == SOLUTION and str(copy) in said and copy.parent.parent == mine.parent / ".grader"
    assert b'NotImplementedError("losses.huber")' in (mine / "losses.py").read_bytes()
    assert main(["reset", "losses.huber", "--target", str(mine)]) == 0
    assert capsys.readouterr().out == "huber is as it was handed out: nothing was changed.\n"
    assert len(kept(mine)) == 1


def test_two_copies_of_one_second_are_both_kept(mine: Path) -> None:
    now = datetime(2026, 11, 24, 20, 0, 0)
    reset(mine, "huber", now)
    (mine / "losses.py").write_bytes(SOLUTION + b"# other\n")
    reset(mine, "huber", now)
    assert [copy.read_bytes() for copy in kept(mine)] == [SOLUTION + b"# other\n", SOLUTION]


def test_a_missing_file_comes_back_whole(mine: Path) -> None:
    (mine / "losses.py").unlink()
    assert reset(mine, "huber") == ["losses.py was not there: it is back as it was handed out."]
    assert (mine / "losses.py").read_text(encoding="utf-8") == original("losses")


def test_a_whole_topic(mine: Path) -> None:
    assert reset(mine, "losses")[0] == "losses.py is as it was handed out again."
    assert (mine / "losses.py").read_text(encoding="utf-8") == original("losses")
    assert kept(mine)[0].read_bytes() == SOLUTION


def test_what_is_said_of_syntax_errors(mine: Path) -> None:
    (mine / "losses.py").write_bytes(SOLUTION.replace(b"def huber(y", b"def huber(((y"))
    assert "losses.py did not compile and does now: the mistake was in huber." in reset(mine, "huber")
    (mine / "losses.py").write_bytes(SOLUTION + b"\ndef (:\n")
    assert any(line.startswith("losses.py does not compile, before and after") for line in reset(mine, "huber"))


def test_the_mode_of_the_file_stays(mine: Path) -> None:
    (mine / "losses.py").chmod(0o640)
    reset(mine, "huber")
    assert (mine / "losses.py").stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_no_utf8(mine: Path, capsys) -> None:
    content = "# año\n".encode("latin-1") + SOLUTION
    (mine / "losses.py").write_bytes(content)
    assert main(["reset", "huber", "--target", str(mine)]) == 2
    assert capsys.readouterr().err.startswith("grader: losses.py is no UTF-8 text, so nothing was changed")
    assert (mine / "losses.py").read_bytes() == content


def test_no_copy_no_change(mine: Path) -> None:
    (mine.parent / ".grader").write_text("in the way")
    with pytest.raises(CannotReset, match="No copy could be kept in .* so nothing was changed"):
        reset(mine, "huber")
    assert (mine / "losses.py").read_bytes() == SOLUTION


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("hubr", "There is no exercise hubr: did you mean huber?"),
        ("losses.hubr", "There is no exercise losses.hubr: did you mean losses.huber?"),
        ("qwertz", "There is no exercise qwertz in this kit: the files in exercises/ have their names."),
    ],
)
def test_names_that_are_none(mine: Path, capsys, name: str, sentence: str) -> None:
    assert main(["reset", name, "--target", str(mine)]) == 2
    assert capsys.readouterr().err == f"grader: {sentence}\n"


def test_a_folder_that_is_none(tmp_path: Path, capsys) -> None:
    for command in (["reset", "huber"], ["hint", "huber"], ["progress"], ["watch"]):
        assert main([*command, "--target", str(tmp_path / "none")]) == 2
        assert "is not a folder" in capsys.readouterr().err


def test_without_the_solutions(mine: Path, monkeypatch) -> None:
    """A student's kit has none."""
    read = Path.read_text

    def without(path: Path, *arguments, **named):
        assert "solutions" not in path.parts
        return read(path, *arguments, **named)

    monkeypatch.setattr(Path, "read_text", without)
    reset(mine, "mse")
    assert [path.name for path in mine.iterdir()] == ["losses.py"]
