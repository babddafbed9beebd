"""Records the right curves from the reference: `python -m grader.plots.record`.

With `--check` it only says which of the recorded files are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from grader.course import ROOT, the_course
from grader.plots import recorded
from grader.plots.curve import measure
from grader.plots.picture import Picture
from grader.plots.student import Student
from grader.plots.table import PICTURES
from grader.subject.subject import LocalSubject

RECORDING_SECONDS = 300.0


class RecordError(RuntimeError):
    """The reference gives no numbers for a curve."""


def right_curves(picture: Picture) -> Mapping[str, np.ndarray]:
    """What the reference gives for every curve of a picture.

    Raises
    ------
    RecordError
        It gives no numbers for one of them.
    """
    curves = [replace(each, measure=each.record or each.measure, seconds=RECORDING_SECONDS) for each in picture.curves]
    course = the_course()
    subject = LocalSubject(ROOT / "solutions", course.names, RECORDING_SECONDS)
    try:
        found = measure(curves, Student(subject, course))
    finally:
        subject.close()
    for problem in [*found.gaps.values(), *found.remarks.values()]:
        raise RecordError(f"{picture.topic}: {problem.sentence}")
    return found.values


def order() -> list[Picture]:
    """The pictures, that of the network first: early stopping is shown on its losses."""
    return sorted(PICTURES, key=lambda picture: picture.topic != "network")


def main(arguments: list[str]) -> int:
    """Record the curves, or only compare them; returns the exit status."""
    check = arguments == ["--check"]
    stale = 0
    for picture in order():
        file = recorded.FOLDER / f"{picture.topic}.json"
        text = recorded.text_of(right_curves(picture))
        if check:
            if not file.exists() or not _alike(file.read_text(encoding="utf-8"), text):
                stale += 1
                print(f"{file.name}: differs from what the reference gives now")
            continue
        file.write_text(text, encoding="utf-8", newline="\n")
        recorded.read.cache_clear()
        print(f"{file.relative_to(ROOT)}: written, {len(text) // 1024} KB")
    if stale:
        print("Run `python -m grader.plots.record` and commit the result.")
    return 1 if stale else 0


def _alike(old: str, new: str) -> bool:
    """Whether two files hold the same curves but for the last digits, which depend on the processor."""
    first, second = recorded.parse(old), recorded.parse(new)
    return first.keys() == second.keys() and all(agree(first[name], second[name]) for name in first)


def agree(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two curves are the same to the digits that are recorded."""
    return first.shape == second.shape and np.allclose(first, second, rtol=1e-5, atol=1e-15)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
