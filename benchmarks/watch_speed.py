"""From a save to its verdict in `grader watch`, beside a fresh `pytest` of the same topic, in one run.

The watch is the real one: its file watching, its warm process, its verdict; only the screen is left out. Before each
repetition one exercise is solved differently, and once the whole topic is made to run. Run it in the student's
environment: `python benchmarks/watch_speed.py`.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

from grader.course import ROOT
from grader.desk.watch import TICK_SECONDS, Desk, watch

REPEATS = 15
TOPICS = {"losses": "huber", "activations": "gelu", "batchnorm": "BatchNorm", "network": "MLP"}
"""Each topic with an exercise of it that is saved anew."""


class Stopwatch:
    """The face of a watch that nobody looks at: saves a file, and notes when the verdict comes."""

    def __init__(self, file: Path, exercise: str) -> None:
        self._file = file
        self._source = file.read_text(encoding="utf-8")
        self._exercise = exercise
        self._verdict = threading.Event()
        self.one: list[float] = []
        self.all: list[float] = []

    def tell(self, what: str) -> None:
        if what == "verdict":
            self._verdict.set()

    def show(self, desk: Desk) -> None:
        saver = threading.Thread(target=self._save_again_and_again, args=(desk,))
        saver.start()
        while not desk.sitting.over:
            desk.inbox.wait(TICK_SECONDS)
            desk.sitting.tick()
        saver.join()

    def _save_again_and_again(self, desk: Desk) -> None:
        self._verdict.wait()
        while desk.sitting.run is not None:  # the first round, over all topics
            time.sleep(0.05)
        for number in range(REPEATS):
            # The exercise under another name and back: its own code has changed, and only that.
            self.one.append(self._seconds(f"\n\n_{number} = {self._exercise}\n{self._exercise} = _{number}\n"))
            self.all.append(self._seconds(f"\n\nassert {number} + 1\n"))
        desk.inbox.put(desk.sitting.end)

    def _seconds(self, addition: str) -> float:
        time.sleep(0.3)
        self._verdict.clear()
        start = time.perf_counter()
        self._file.write_text(self._source + addition, encoding="utf-8")
        self._verdict.wait()
        return time.perf_counter() - start


def pytest_seconds(folder: Path, topic: str) -> float:
    """Median wall time of a fresh `pytest` of one topic."""
    command = [sys.executable, "-m", "pytest", "-q", "--target", str(folder), f"tests/test_{topic}.py"]
    times = []
    for _ in range(REPEATS // 2):
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure, and print a table."""
    print(f"{platform.platform()}, Python {platform.python_version()}, NumPy {version('numpy')}, "
          f"pytest {version('pytest')}, load {os.getloadavg()[0]:.1f}; median (worst) of {REPEATS}, in ms")  # fmt: skip
    print(f"{'topic':<14}{'save of one exercise':>22}{'save of all of it':>22}{'fresh pytest':>14}{'ratio':>7}")
    for topic, exercise in TOPICS.items():
        with tempfile.TemporaryDirectory() as place:
            ignore = shutil.ignore_patterns("__pycache__")
            folder = Path(shutil.copytree(ROOT / "solutions", Path(place) / "mine", ignore=ignore))
            stopwatch = Stopwatch(folder / f"{topic}.py", exercise)
            watch(folder, stopwatch, topic)
            fresh = pytest_seconds(folder, topic)
        one, everything = statistics.median(stopwatch.one), statistics.median(stopwatch.all)
        print(f"{topic:<14}{one * 1000:>13.0f} ({max(stopwatch.one) * 1000:>4.0f})   "
              f"{everything * 1000:>13.0f} ({max(stopwatch.all) * 1000:>4.0f})  "
              f"{fresh * 1000:>14.0f}{everything / fresh:>7.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
