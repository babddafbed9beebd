"""A small class and a small suite, for the tests of class runs: a run takes a second."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.classroom.runner import Options, Summary, grade_class

SUITE = '''"""A suite of four checks that need no answers."""

from exercises import losses, scaling
from grader.checks import assert_close, check


@check("mse", "parity")
def test_mse():
    """the mean of the squares"""
    assert_close(losses.mse([1.0, 2.0], [3.0, 2.0]), 2.0)


@check("mse", "concept", points=2)
def test_mse_of_nothing_wrong():
    """no difference, no loss"""
    assert_close(losses.mse([1.0, 2.0], [1.0, 2.0]), 0.0)


@check("huber", "parity")
def test_huber():
    """linear far out"""
    assert_close(losses.huber([0.0], [3.0], delta=1.0), 2.5)
'''
SCALING = '''from exercises import scaling
from grader.checks import assert_close, check


@check("scale_bytes", "concept")
def test_scale_bytes():
    """255 is 1"""
    assert_close(scaling.scale_bytes([255.0, 0.0]), [1.0, 0.0])
'''
RIGHT = """import time

import numpy as np


def mse(y, y_hat):
    time.sleep({pause})
    return np.mean((np.asarray(y) - np.asarray(y_hat)) ** 2)


def huber(y, y_hat, delta=1.0):
    return {huber}
"""


def losses(pause: float = 0.0, huber: str = "2.5") -> str:
    """A module of which one point can be wrong, and which can take its time."""
    return RIGHT.format(pause=pause, huber=huber)


def make_suite(folder: Path) -> Options:
    """Write the suite and an empty answer sheet; gives options that use them."""
    tests, sheet = folder / "suite", folder / "sheet"
    tests.mkdir(parents=True)
    sheet.mkdir()
    (tests / "test_losses.py").write_text(SUITE, encoding="utf-8")
    (tests / "test_scaling.py").write_text(SCALING, encoding="utf-8")
    (sheet / "seed.txt").write_text("1\n", encoding="utf-8")
    return Options(folder / "class", folder / "out", tests=tests, sheet=sheet, diagnosis=False, timeout=2.0, jobs=1)


def make_class(folder: Path, count: int, pause: float = 0.0) -> None:
    """Write a class; every third student has one point less."""
    for number in range(count):
        home = folder / f"student {number:03}"
        home.mkdir(parents=True)
        (home / "losses.py").write_text(losses(pause, "9.0" if number % 3 == 0 else "2.5"), encoding="utf-8")


def run(options: Options, **changes: Any) -> Summary:
    """A run in this process, its progress not shown."""
    with Path(options.submissions.parent, "progress.txt").open("w", encoding="utf-8") as stream:
        return grade_class(replace(options, **changes), stream)


def files_of(out: Path) -> dict[str, bytes]:
    """Everything in an output folder that people look at."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".state" not in path.parts
    }


def start(options: Options, **popen: Any) -> subprocess.Popen[str]:
    """The same run in a process of its own."""
    facts = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(options).items()
        if name in ("submissions", "out", "tests", "sheet", "diagnosis", "timeout", "jobs")
    }
    code = (
        "import json, signal, sys\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a script in the background ignores it\n"
        "from grader.classroom.runner import Options, RunError, grade_class\n"
        "from grader.classroom import runner\n"
        "runner._code_digest, runner._page_digest = lambda skip: 'kit', lambda: 'pages'\n"
        "facts = json.loads(sys.argv[1])\n"
        "for name in ('submissions', 'out', 'tests', 'sheet'):\n    facts[name] = Path(facts[name])\n"
        "try:\n    summary = grade_class(Options(**facts))\n"
        "except RunError as error:\n    print(error)\n    sys.exit(error.status)\n"
        "except KeyboardInterrupt:\n    print('stopped')\n    sys.exit(130)\n"
        "print(summary.graded, summary.reused)\nsys.exit(summary.status)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(facts)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen,
    )  # fmt: skip
