"""What the self-check costs beside an empty pytest run, in one run: the figures of the README.

Run it in the student's environment (NumPy, pytest, matplotlib; no PyTorch): `python benchmarks/self_check.py`.
"""

from __future__ import annotations

import ast
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 7
TOPICS = ("activations", "losses", "network")


def seconds(command: list[str], cwd: Path) -> float:
    """Wall time of a command, in seconds."""
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    return time.perf_counter() - start


class _NothingRight(ast.NodeTransformer):
    """Make every function give 0 and every cell of a table hold the same word."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = ast.parse("return 0.0").body
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("banana") if node.value is None else node


def wrong_answers(folder: Path) -> str:
    """A folder of topic modules in which each exercise is attempted and wrong."""
    folder.mkdir()
    for stub in (ROOT / "exercises").glob("*.py"):
        tree = _NothingRight().visit(ast.parse(stub.read_text(encoding="utf-8")))
        (folder / stub.name).write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
    return str(folder)


def main() -> None:
    """Measure in rounds, so that a slow moment of the machine falls on every row, and print a table."""
    pytest = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        (empty / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        solved = str(shutil.copytree(ROOT / "solutions", empty / "solved"))
        wrong = wrong_answers(empty / "wrong")
        runs = {
            "import numpy, pytest": ([sys.executable, "-c", "import numpy, pytest"], empty),
            "empty pytest run": ([*pytest, "-p", "no:grader", "test_nothing.py"], empty),
            "whole self-check, untouched stubs": ([*pytest, "--target", str(ROOT / "exercises")], ROOT),
            "whole self-check, everything solved": ([*pytest, "--target", solved], ROOT),
            "whole self-check, everything wrong": ([*pytest, "--target", wrong], ROOT),
            **{
                f"one topic, solved: {topic}": ([*pytest, "--target", solved, f"tests/test_{topic}.py"], ROOT)
                for topic in TOPICS
            },
        }
        rounds = [{name: seconds(*run) for name, run in runs.items()} for _ in range(REPEATS + 1)]
        medians = {name: statistics.median(times[name] for times in rounds[1:]) for name in runs}  # the first one warms
        base = medians.pop("import numpy, pytest") + medians.pop("empty pytest run")
        rows = [("import numpy, pytest + empty pytest run", base), *medians.items()]
        listed = subprocess.run(
            [*pytest, "--collect-only", "-q"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    checks = sum("::" in line for line in listed.stdout.splitlines())
    print(f"{platform.platform()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}, "
          f"NumPy {version('numpy')}, pytest {version('pytest')}; {checks} checks; median of {REPEATS}")  # fmt: skip
    for label, value in rows:
        print(f"{label:<42} {value:6.2f} s  {value / base:5.2f} x")


if __name__ == "__main__":
    main()
