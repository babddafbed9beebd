"""The Gradescope autograder: built, looked through, and run as the platform runs it."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.answers.sheet import RECORDED
from grader.course import ROOT, the_course
from grader.exports.gradescope import gradescope_zip
from grader.exports.gradescope_results import gradescope_results
from grader.exports.gradescope_run import Settings
from grader.exports.kit import KitError, kit_files
from grader.tests.no_answers import leaks, secret_pairs
from grader.tests.sample_results import sample_class

TOPICS = ("dropout", "network")
STUDENT_SEES = {"score", "max_score", "status", "name", "output", "tags", "visibility"}


@pytest.fixture(scope="module")
def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(gradescope_zip(Settings(tuple(the_course().names))))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_nothing_that_solves_the_exercises(members):
    assert len(secret_pairs()) > 500, "the test would find nothing"
    assert leaks(members) == {}
    assert not [name for name in members if "solutions" in name or "alternatives" in name]
    code = {name for name in members if name.startswith("kit/grader/misconceptions/")}
    assert {Path(name).stem for name in code} == {"__init__", "diagnosis", "transcript"}


def test_a_solution_would_be_found():
    solution = (ROOT / "solutions" / "losses.py").read_bytes()
    assert leaks({"kit/losses.py": solution})
    assert leaks({"kit/wrong.py": (ROOT / "grader" / "misconceptions" / "losses.py").read_bytes()})
    one = b"def mse(y, y_hat):\n    return 0.0 + np.mean((y - y_hat) ** 2)\n"
    assert leaks({"kit/one.py": one}) == {"kit/one.py": ["mse"]}
    assert leaks({"kit/stub.py": (ROOT / "exercises" / "losses.py").read_bytes()}) == {}


def test_its_answers_are_the_public_sheet(members):
    sheet = {name: content for name, content in members.items() if "/recorded/" in name}
    assert sheet
    for name, content in sheet.items():
        assert content == (RECORDED / Path(name).name).read_bytes()


def test_the_same_kit_gives_the_same_zip():
    assert gradescope_zip(Settings(TOPICS)) == gradescope_zip(Settings(TOPICS))


def test_scripts_are_executable_and_at_the_root():
    with zipfile.ZipFile(io.BytesIO(gradescope_zip(Settings(TOPICS)))) as archive:
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 & stat.S_IXUSR
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_it_speaks_the_language_that_it_was_built_in(tmp_path):
    (tmp_path / "settings.json").write_text(Settings(TOPICS, language="es").to_json(), encoding="utf-8")
    assert Settings.read(tmp_path / "settings.json") == Settings(TOPICS, language="es")


def test_only_the_topics_that_were_asked_for():
    files = kit_files(("losses",), RECORDED)
    assert [name for name in files if name.startswith("tests/")] == ["tests/test_losses.py"]
    assert not [name for name in files if "activations" in name]


def test_an_incomplete_kit_is_named(tmp_path):
    with pytest.raises(KitError, match="missing"):
        kit_files(("losses",), RECORDED, tmp_path)


def test_results_have_the_documented_form():
    result = next(sample_class(1))
    record = gradescope_results(result, "after_published", 3.4)
    assert record["score"] == sum(test["score"] for test in record["tests"]) == result.points
    assert sum(test["max_score"] for test in record["tests"]) == result.maximum
    assert record["visibility"] == "after_published" and record["stdout_visibility"] == "hidden"
    for test in record["tests"]:
        assert set(test) == STUDENT_SEES
        assert test["status"] in ("passed", "failed")
        assert test["visibility"] == "after_published"
        assert isinstance(test["output"], str) and isinstance(test["name"], str)
    assert json.loads(json.dumps(record)) == record


# -- as the platform runs it -------------------------------------------------------------------------------------------


class Platform:
    """`/autograder`, elsewhere: the zip unpacked to `source`, `setup.sh` run once, `run_autograder` copied up."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("source", "submission", "results"):
            (root / name).mkdir()
        with zipfile.ZipFile(io.BytesIO(gradescope_zip(Settings(TOPICS, timeout=2.0)))) as archive:
            archive.extractall(root / "source")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "GRADER_AUTOGRADER_ROOT": str(root),
            "GRADER_PYTHON": sys.executable,
        }
        self.environment |= {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "REQ"))}
        self._bash("source/setup.sh")
        shutil.copy(root / "source" / "run_autograder", root / "run_autograder")

    def _bash(self, script: str) -> str:
        finished = subprocess.run(
            ["bash", str(self.root / script)], cwd=self.root, env=self.environment, capture_output=True, text=True,
            check=False, timeout=400,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr[-3000:]
        return finished.stdout

    def grade(self, files: dict[str, str | bytes]) -> dict:
        shutil.rmtree(self.root / "submission")
        shutil.rmtree(self.root / "results")
        (self.root / "submission").mkdir()
        (self.root / "results").mkdir()
        for name, content in files.items():
            path = self.root / "submission" / name
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.stdout = self._bash("run_autograder")
        return json.loads((self.root / "results" / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Platform:
    return Platform(tmp_path_factory.mktemp("autograder"))


def solution(topic: str) -> str:
    return (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")


def points_of(record: dict, topic: str) -> float:
    return sum(test["score"] for test in record["tests"] if test["tags"][0] == topic)


def test_a_right_submission_gets_every_point(platform):
    names = ("dropout", "network", "batchnorm", "losses", "regularization")
    record = platform.grade({f"{name}.py": solution(name) for name in names})
    failed = [(test["name"], test["output"]) for test in record["tests"] if test["status"] != "passed"]
    assert failed == []
    assert record["score"] == sum(the_course().topic(name).points for name in TOPICS)
    assert "sandbox:" in platform.stdout


def test_a_wrong_one_reads_why(platform):
    wrong = solution("dropout").replace("kept / (1.0 - p)", "kept / p")
    record = platform.grade({"dropout.py": wrong})
    failed = [test for test in record["tests"] if test["status"] == "failed" and test["tags"][0] == "dropout"]
    assert failed and 0 < points_of(record, "dropout") < the_course().topic("dropout").points
    assert any("expected" in test["output"] and "got" in test["output"] for test in failed)
    assert points_of(record, "network") == 0
    assert {test["output"] for test in record["tests"] if test["tags"][0] == "network"} == {"To do."}


def test_nothing_handed_in(platform):
    record = platform.grade({"notes.txt": "hello"})
    assert record["score"] == 0
    assert "nothing to grade" in record["output"]


def test_a_hostile_one_writes_no_results(platform):
    results = platform.root / "results" / "results.json"
    hostile = (
        "import json, os\n"
        f"try:\n    json.dump({{'score': 10**6}}, open({str(results)!r}, 'w'))\nexcept OSError:\n    pass\n"
        "def dropout_mask(shape, p, rng):\n    os._exit(0)\n"
        "def dropout_forward(x, mask, p):\n    while True: pass\n"
    )
    record = platform.grade({"dropout.py": hostile, "conftest.py": "raise SystemExit", "pytest.py": "1/0"})
    assert record["score"] == 0
    assert any("ended the process" in test["output"] for test in record["tests"])
