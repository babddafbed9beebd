"""The environment with the real nbgrader, for the tests that run it."""

from __future__ import annotations

import atexit
import csv
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from grader.course import ROOT

MISSING = (
    "These tests run the real nbgrader, and there is none: make an environment for it (python -m venv nb && "
    "nb/bin/pip install -c constraints-nbgrader.txt nbgrader jupyter -e .) and name its interpreter in "
    "GRADER_NBGRADER_PYTHON, or set GRADER_NO_NBGRADER=1 to go without."
)


def nbgrader_python() -> str:
    """The interpreter that has nbgrader."""
    chosen = os.environ.get("GRADER_NBGRADER_PYTHON")
    if chosen:
        return chosen
    if importlib.util.find_spec("nbgrader") is not None:
        return sys.executable
    if os.environ.get("GRADER_NO_NBGRADER") == "1":
        pytest.skip("GRADER_NO_NBGRADER=1")
    pytest.fail(MISSING)


def environment() -> dict[str, str]:
    """The variables of a shell in which nbgrader's environment is active: nbgrader itself calls `alembic` by name."""
    folder = str(Path(nbgrader_python()).parent)
    ours = ("PYTEST_", "JUPYTER_", "NBGRADER_", "MPLBACKEND")  # they would reach the kernels
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    path = os.pathsep.join([folder, os.environ["PATH"]])
    return {**kept, "PATH": path, "OMP_NUM_THREADS": "1", "PYTHONPATH": _quick()}


@cache
def _quick() -> str:
    """A folder that hides `rfc3987_syntax`: jsonschema does without, and it takes two seconds at every start."""
    folder = tempfile.mkdtemp(prefix="quick-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Path(folder, "rfc3987_syntax.py").write_text(
        'raise ImportError("left out, see nbgrader_here.py")\n', encoding="utf-8"
    )
    return folder


def run(*arguments: str, cwd: Path = ROOT, status: int = 0, seconds: float = 600) -> subprocess.CompletedProcess[str]:
    """Run a command in nbgrader's environment; `nbgrader` and `grader` mean the modules of that name."""
    command = list(arguments)
    if command[0] in ("nbgrader", "grader"):
        command = [nbgrader_python(), "-m", *command]
    elif command[0] == "python":
        command = [nbgrader_python(), *command[1:]]
    finished = subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False, timeout=seconds
    )
    assert finished.returncode == status, f"{arguments}\n{finished.stdout[-4000:]}\n{finished.stderr[-6000:]}"
    return finished


def exported(course: Path) -> dict[str, dict[str, str]]:
    """The lines of `nbgrader export` by student and assignment."""
    run("nbgrader", "export", "--to", "grades.csv", cwd=course)
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {f"{row['student_id']}/{row['assignment']}": row for row in csv.DictReader(file)}


def scores(course: Path, assignment: str) -> dict[str, float]:
    """The score of each student, as exported."""
    rows = exported(course)
    return {key.split("/")[0]: float(row["score"]) for key, row in rows.items() if key.endswith(f"/{assignment}")}
