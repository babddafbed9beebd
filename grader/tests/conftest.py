"""What the kit's own tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import ROOT
from grader.language import SOURCE, VARIABLE
from grader.suite import Check
from grader.verify.laboratory import collect_suite, with_faces

os.environ[VARIABLE] = SOURCE  # the tests read English, whoever runs them


@pytest.fixture(scope="session")
def checks() -> list[Check]:
    """Every graded check."""
    with with_faces():
        return collect_suite()


@pytest.fixture
def run_pytest() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs pytest in a process of its own, as a student does: in the kit's folder."""

    def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)

    return run


@pytest.fixture
def copy_of_stubs(tmp_path: Path) -> Path:
    """A folder with every stub, to be spoilt."""
    return Path(shutil.copytree(ROOT / "exercises", tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def copy_of_solutions(tmp_path: Path) -> Path:
    """A folder with every solution, to be spoilt."""
    return Path(shutil.copytree(ROOT / "solutions", tmp_path / "theirs", ignore=shutil.ignore_patterns("__pycache__")))
