"""What of the kit goes to places where students' code is graded: all that grading needs, and nothing that solves.

It is a list of what is taken, never of what is left out: a new file stays at home until somebody names it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.course import ROOT, the_course
from grader.language import _

SUITE = (
    "LICENSE*",
    "grader/__init__.py",
    "grader/arguments.py",
    "grader/course.py",
    "grader/language.py",
    "grader/plugin.py",
    "grader/result.py",
    "grader/stubs.py",
    "grader/suite.py",
    "grader/answers/__init__.py",
    "grader/answers/answers.py",
    "grader/answers/codec.py",
    "grader/answers/sheet.py",
    "grader/checks/*.py",
    "grader/data/*",
    "grader/exports/__init__.py",
    "grader/exports/job_summary.py",
    "grader/misconceptions/__init__.py",
    "grader/misconceptions/diagnosis.py",
    "grader/misconceptions/transcript.py",
    "grader/notebooks/__init__.py",
    "grader/notebooks/cell.py",
    "grader/notebooks/module.py",
    "grader/notebooks/names.py",
    "grader/notebooks/scan.py",
    "grader/notebooks/siblings.py",
    "grader/subject/*.py",
)
"""What runs the suite, wherever that is."""

PATTERNS = (
    *SUITE,
    "pyproject.toml",
    "grader/course.toml",
    "grader/classroom/__init__.py",
    "grader/classroom/archive.py",
    "grader/classroom/grading.py",
    "grader/classroom/intake.py",
    "grader/classroom/memory.py",
    "grader/classroom/notebook.py",
    "grader/classroom/roster.py",
    "grader/exports/gradescope_results.py",
    "grader/exports/gradescope_run.py",
    "grader/notebooks/handed_in.py",
    "grader/reports/*.py",
    "grader/sandbox/*.py",
)
SHEET = "grader/answers/recorded"
CATALOGUES = "grader/locale/*/LC_MESSAGES/*.mo"
"""The sentences in other languages: a file for each topic, and some for all."""


class KitError(Exception):
    """The kit is not complete: one sentence."""


def kit_files(topics: Sequence[str], sheet: Path, root: Path = ROOT) -> dict[str, bytes]:
    """The files that grade some topics, by their places in the kit.

    Parameters
    ----------
    topics : sequence of str
    sheet : Path
        The recorded answers to take along.
    root : Path, optional
        The kit.

    Raises
    ------
    KitError
        A file is missing.
    """
    files = taken(PATTERNS, root)
    others = set(the_course().names) - set(topics)
    files.update({p.relative_to(root).as_posix(): read(p) for p in root.glob(CATALOGUES) if p.stem not in others})
    for topic in topics:
        for place in (f"tests/test_{topic}.py", f"exercises/{topic}.py"):
            files[place] = read(root / place)
        for path in sorted(sheet.glob(f"{topic}.*json")):
            files[f"{SHEET}/{path.name}"] = path.read_bytes()
    files[f"{SHEET}/seed.txt"] = read(sheet / "seed.txt")
    return files


def taken(patterns: Iterable[str], root: Path) -> dict[str, bytes]:
    """The files of the kit that some patterns name, by their places; a pattern that ends with a star may name none.

    Raises
    ------
    KitError
        A file is missing.
    """
    files: dict[str, bytes] = {}
    for pattern in patterns:
        found = sorted(path for path in root.glob(pattern) if path.is_file())
        if not found and not pattern.endswith("*"):
            raise KitError(_("{file} is missing from the kit.").format(file=root / pattern))
        files.update({path.relative_to(root).as_posix(): read(path) for path in found})
    return files


def read(path: Path) -> bytes:
    """A file of the kit.

    Raises
    ------
    KitError
        It is missing.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise KitError(_("{file} is missing from the kit.").format(file=path)) from error
