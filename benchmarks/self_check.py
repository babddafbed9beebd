"""What the self-check costs beside an empty pytest run, in one run: the figures of the README.

Run it in the student's environment (NumPy, pytest, matplotlib; no PyTorch): `python benchmarks/self_check.py`.
"""

from __future__ import annotations

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
    """Median wall time of a command, in seconds; one run first, to warm the disk and the byte code."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        subprocess.run(command, cwd=cwd, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Measure, and print a table."""
    python = [sys.executable]
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        (empty / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        start = seconds([*python, "-c", "import numpy, pytest"], empty)
        bare = seconds([*python, "-m", "pytest", "-p", "no:grader", "test_nothing.py"], empty)
        base = start + bare
        solved = Path(shutil.copytree(ROOT / "solutions", empty / "solved"))
        rows = [("import numpy, pytest + empty pytest run", base)]
        for label, target in (("untouched stubs", ROOT / "exercises"), ("everything solved", solved)):
            rows.append(
                (f"whole self-check, {label}", seconds([*python, "-m", "pytest", "--target", str(target)], ROOT))
            )
        for topic in TOPICS:
            command = [*python, "-m", "pytest", "--target", str(solved), f"tests/test_{topic}.py"]
            rows.append((f"one topic, solved: {topic}", seconds(command, ROOT)))
        listed = subprocess.run(
            [*python, "-m", "pytest", "--collect-only", "-q"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    checks = sum("::" in line for line in listed.stdout.splitlines())
    print(f"{platform.platform()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}, "
          f"NumPy {version('numpy')}, pytest {version('pytest')}; {checks} checks; median of {REPEATS}")  # fmt: skip
    for label, value in rows:
        print(f"{label:<42} {value:6.2f} s  {value / base:5.2f} x")


if __name__ == "__main__":
    main()
