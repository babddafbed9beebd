"""Grades the modules of a notebook in a sealed process; keeps what is the same for every student."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.answers.recorder import ensure_sheet
from grader.answers.sheet import RecordedSource
from grader.classroom.grading import Suite, grade_submission
from grader.classroom.intake import Submission
from grader.classroom.memory import Memory
from grader.course import DEFAULT_SEED, ROOT, the_course
from grader.language import _
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import SubmissionResult
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import FULL, Limits, SandboxError
from grader.sandbox.zygote import Zygote
from grader.suite import Check, collect
from grader.verify.laboratory import with_faces


@dataclass(frozen=True)
class Settings:
    """How notebooks are graded."""

    seed: int = DEFAULT_SEED
    timeout: float = 10.0
    memory: int = 512 << 20
    require_sandbox: bool = False
    cache: Path = Path(".grader")


_collected: dict[str, tuple[Check, ...]] = {}


def checks_of(topics: Sequence[str]) -> tuple[Check, ...]:
    """The checks of some topics, collected once a process."""
    missing = [topic for topic in topics if topic not in _collected]
    if missing:
        with with_faces():
            found = collect([ROOT / "tests" / f"test_{topic}.py" for topic in missing])
        _collected.update({topic: tuple(check for check in found if check.topic == topic) for topic in missing})
    return tuple(check for topic in topics for check in _collected[topic])


class Sealed:
    """One open zygote and the suite of one seed, for as many notebooks as come.

    Parameters
    ----------
    settings : Settings

    Raises
    ------
    SandboxError
        No sealed process can be started, or a lesser one than was asked for.
    SheetError
        The answers for the seed are missing and cannot be made.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        sheet = ensure_sheet(settings.seed, settings.cache)
        self._answers = RecordedSource(sheet)
        self._explain = Diagnostician(sheet).explain
        self._memory = Memory()
        self._zygote = Zygote(Limits(memory=settings.memory))
        self._zygote.__enter__()
        self.tier = self._zygote.tier
        if settings.require_sandbox and self.tier.name != FULL:
            self.close()
            raise SandboxError(_("This system gives less than the full confinement. {sentence}").format(
                sentence=self.tier.sentence))  # fmt: skip

    def close(self) -> None:
        """End the processes."""
        self._zygote.close()

    def grade(
        self, submission: str, topics: Sequence[str], files: Mapping[str, bytes], problems: Sequence[str] = ()
    ) -> SubmissionResult:
        """Run the checks of some topics.

        Parameters
        ----------
        submission : str
            Whose it is, for the record.
        topics : sequence of str
            What is graded; other topics may be among the files, to be imported.
        files : mapping of str to bytes
            Python modules by their names.
        problems : sequence of str, optional
        """
        seed = self.settings.seed
        suite = Suite(the_course(), checks_of(topics), seed, self._answers, self._explain, self._memory)
        with tempfile.TemporaryDirectory(prefix="grader-") as folder:
            for name, content in files.items():
                Path(folder, name).write_bytes(content)
            subject = SealedSubject(self._zygote, Path(folder), the_course().names, self.settings.timeout)
            try:
                return grade_submission(
                    Submission(submission, submission, files, tuple(problems)), suite, subject, self.tier.name
                )
            finally:
                subject.close()


@cache
def sealed(settings: Settings) -> Sealed:
    """The one of these settings, open until the process ends."""
    opened = Sealed(settings)
    atexit.register(opened.close)
    return opened
