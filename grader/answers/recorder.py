"""Makes answer sheets: asks PyTorch, runs the reference and every misconception, and writes what they said.

A sheet is a folder with `<topic>.json` (PyTorch's answers), `<topic>.transcripts.json` (what each misconception says)
and `seed.txt`. The one of the default seed ships with the kit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from grader.answers.sheet import RECORDED, has_pytorch, recorded_seed, sheet_text
from grader.course import DEFAULT_SEED, ROOT
from grader.language import _
from grader.misconceptions.catalogue import Misconception, misconceptions
from grader.misconceptions.transcript import compress
from grader.result import FAILED
from grader.suite import Outcome
from grader.verify.laboratory import Laboratory, collect_suite, with_faces

SOURCES = ("tests/*.py", "solutions/*.py", "grader/misconceptions/*.py", "grader/checks/*.py", "grader/course.toml")


class SheetError(RuntimeError):
    """A sheet cannot be made."""


def sources_digest(root: Path = ROOT) -> str:
    """A digest of everything that a sheet depends on besides the seed."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def ensure_sheet(seed: int, cache: Path) -> Path:
    """A folder with the sheet of a seed; made in a process of its own where it does not exist yet.

    Parameters
    ----------
    seed : int
    cache : Path
        A folder in which sheets are kept.

    Raises
    ------
    SheetError
        PyTorch is missing or the sheet could not be made.
    """
    if seed == recorded_seed():
        return RECORDED
    folder = cache / f"sheet-{seed}-{sources_digest()}"
    if (folder / "seed.txt").exists():
        return folder
    if not has_pytorch():
        text = _(
            "The answers for seed {seed} are not recorded, and PyTorch, which could give them, is not installed: "
            "pip install -e '.[instructor]', or grade with seed {default}."
        )
        raise SheetError(text.format(seed=seed, default=DEFAULT_SEED))
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "grader.answers.recorder", "--seed", str(seed), "--out", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if finished.returncode != 0:
        last = (finished.stderr.strip().splitlines() or [""])[-1]
        raise SheetError(
            _(
                "The answers for seed {seed} could not be made ({error}): they need PyTorch, "
                "pip install -e '.[instructor]', or grade with seed {default}."
            ).format(seed=seed, error=last, default=DEFAULT_SEED)
        )
    return folder


def make_sheet(seed: int, folder: Path, progress: Callable[[str], None] = lambda line: None) -> None:
    """Make the sheet of a seed; the folder appears whole or not at all."""
    laboratory = prepared(seed)
    files = {f"{topic}.json": sheet_text(_answers(laboratory, topic)) for topic in laboratory.course.names}
    progress(f"{len(laboratory.checks)} checks asked")
    files.update(transcripts(laboratory, progress))
    files["seed.txt"] = f"{seed}\n"
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
    try:
        for name, text in files.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
        if folder.exists():
            shutil.rmtree(folder)
        temporary.chmod(0o755)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def prepared(seed: int) -> Laboratory:
    """A laboratory that has run the reference.

    Raises
    ------
    SheetError
        The reference fails a check.
    """
    with with_faces():
        checks = collect_suite()
    laboratory = Laboratory(checks, seed)
    laboratory.prepare()
    failing = laboratory.failing_reference()
    if failing:
        raise SheetError(f"the reference fails {', '.join(failing)}: mend that before recording answers")
    return laboratory


def _answers(laboratory: Laboratory, topic: str) -> dict[str, list[Any]]:
    return {check.id: laboratory.answers[check.id] for check in laboratory.checks if check.topic == topic}


def transcripts(laboratory: Laboratory, progress: Callable[[str], None] = lambda line: None) -> dict[str, str]:
    """The transcript files of every topic."""
    trials = []
    for wrong in misconceptions():
        progress(wrong.id)
        key = (wrong.topic, wrong.exercise)
        checks = [check for check in laboratory.checks if (check.topic, check.exercise) == key]
        trials.append((wrong, laboratory.run(overrides={key: wrong.value}, checks=checks)))
    return transcript_files(laboratory, trials)


def transcript_files(laboratory: Laboratory, trials: Iterable[tuple[Misconception, list[Outcome]]]) -> dict[str, str]:
    """The transcript files that some runs of misconceptions give: file name to text.

    Parameters
    ----------
    laboratory : Laboratory
        Has run the reference.
    trials : iterable of (Misconception, list of Outcome)
        Each misconception with the outcomes of the checks of its exercise.
    """
    random = {check.id for check in laboratory.checks if check.random}
    reference = {check_id: list(outcome.entries) for check_id, outcome in laboratory.reference.items()}
    by_topic: dict[str, dict[str, Any]] = {}
    for wrong, outcomes in trials:
        found = {
            outcome.result.id: compress(list(outcome.entries), reference[outcome.result.id])
            for outcome in outcomes
            if outcome.result.status == FAILED
        }
        topic = by_topic.setdefault(wrong.topic, {"mistakes": {}, "used": set()})
        topic["mistakes"].setdefault(wrong.exercise, []).append(_row(wrong, found))
        topic["used"].update(found)
    return {
        f"{topic}.transcripts.json": _transcripts_text(rows["mistakes"], rows["used"], reference, random)
        for topic, rows in by_topic.items()
    }


def _row(wrong: Misconception, found: dict[str, list]) -> dict[str, Any]:
    return {
        "id": wrong.id,
        "name": wrong.name,
        "hint": wrong.hint,
        "equivalents": list(wrong.equivalents),
        "transcripts": found,
    }


def _transcripts_text(mistakes: dict, used: set[str], reference: dict[str, list], random: set[str]) -> str:
    record = {
        "random": sorted(random & used),
        "reference": {check_id: reference[check_id] for check_id in sorted(used)},
        "mistakes": mistakes,
    }
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).replace('{"id":', '\n{"id":') + "\n"


def record() -> int:
    """`grader record`: renew the sheet that ships with the kit."""
    make_sheet(DEFAULT_SEED, RECORDED, progress=lambda line: print(".", end="", flush=True))
    print(f"\n{RECORDED.relative_to(ROOT)}: written")
    return 0


def stale() -> int:
    """`grader record --check`: whether the sheet that ships is what would be recorded now."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "sheet"
        make_sheet(DEFAULT_SEED, folder)
        names = {path.name for path in [*folder.iterdir(), *RECORDED.glob("*")]}
        differing = [name for name in sorted(names) if not _same_file(folder / name, RECORDED / name)]
    for name in differing:
        print(f"{name}: differs from what the suite gives now")
    if differing:
        print("Run `grader record` and commit the result.")
    return 1 if differing else 0


def _same_file(new: Path, old: Path) -> bool:
    """Whether two files of a sheet say the same, up to the last digits, which depend on the processor."""
    if not new.exists() or not old.exists():
        return False
    if new.suffix != ".json":
        return new.read_text(encoding="utf-8") == old.read_text(encoding="utf-8")
    records = [json.loads(path.read_text(encoding="utf-8")) for path in (new, old)]
    if new.name.endswith(".transcripts.json"):
        records = [_without_draws(record) for record in records]
    return close_records(*records)


def _without_draws(record: dict[str, Any]) -> dict[str, Any]:
    """A transcript file without what wrong answers said: some draw without a seed, so it differs each time."""
    mistakes = {
        exercise: [{key: row[key] for key in ("id", "name", "hint", "equivalents")} for row in rows]
        for exercise, rows in record["mistakes"].items()
    }
    return {"mistakes": mistakes}


def close_records(a: Any, b: Any, rtol: float = 1e-9, atol: float = 1e-11) -> bool:
    """Whether two JSON records agree but for rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close_records(a[key], b[key], rtol, atol) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(close_records(x, y, rtol, atol) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, (int, float)) or isinstance(b, float) and isinstance(a, (int, float)):
        return a == b or (a != a and b != b) or abs(a - b) <= atol + rtol * abs(b)
    return a == b


def main() -> int:
    """Make one sheet: what `ensure_sheet` runs in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        make_sheet(options.seed, options.out)
    except (SheetError, ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
