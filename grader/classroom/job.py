"""A job process: grades one submission after another, each in a sealed worker, and tells the main process about it.

It holds the collected tests and the answer sheet, never PyTorch. To the main process it sends small JSON messages; the
results it writes itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath
from typing import Any

from grader.answers.sheet import RecordedSource
from grader.classroom.grading import Suite, grade_submission, ungraded
from grader.classroom.intake import Submission, take_in
from grader.classroom.memory import Memory
from grader.classroom.roster import Entry
from grader.classroom.store import Seal, Store, StoreError, digest_of, unwritable
from grader.course import Course, the_course
from grader.language import _
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import SubmissionResult
from grader.sandbox.confinement import bound_memory
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import Limits, SandboxError
from grader.sandbox.zygote import Zygote
from grader.suite import Check, collect
from grader.verify.laboratory import with_faces

READY, DONE, FATAL = "ready", "done", "fatal"


@dataclass(frozen=True)
class Spec:
    """What a job process needs to know; everything in it can be pickled, for systems without `fork`."""

    tests: Path
    sheet: Path
    out: Path
    scratch: Path
    seed: int
    timeout: float
    limits: Limits
    diagnosis: bool
    regrade: bool
    run: str
    page: str
    core: int | None = None


@dataclass(frozen=True)
class Task:
    """One submission to grade; `lost` says why, where a job process has died of it twice."""

    entry: Entry
    lost: str = ""


@cache
def collected(tests: Path) -> tuple[Check, ...]:
    """The checks of a folder of tests, collected once: job processes that are forked find them here."""
    files = [file for topic in the_course().names if (file := tests / f"test_{topic}.py").exists()]
    with with_faces():
        return tuple(collect(files)) if files else ()


def suite_of(spec: Spec) -> Suite:
    """The suite of a run."""
    explain = Diagnostician(spec.sheet).explain if spec.diagnosis else None
    return Suite(the_course(), collected(spec.tests), spec.seed, RecordedSource(spec.sheet), explain, Memory())


def run_digest(spec: Spec, tier: str) -> str:
    """What the results of a run depend on besides the submission."""
    return digest_of(f"{spec.run} {tier}".encode())


def run_job(connection: Connection, spec: Spec, close: tuple[int, ...]) -> None:
    """The life of a job process: ready, then a task and its report at a time, until the connection ends."""
    for descriptor in close:  # ends of other processes' connections, which would hide from these that main is gone
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _prepare_process()
    _settle_on(spec.core)
    tempfile.tempdir = str(spec.scratch)
    parent = os.getppid()
    try:
        with Zygote(spec.limits) as zygote:
            job = _Job(spec, zygote, parent)
            _tell(connection, READY, tier=zygote.tier.name, sentence=zygote.tier.sentence)
            with contextlib.suppress(EOFError):
                while True:
                    _tell(connection, DONE, **job.do(connection.recv()))
    except StoreError as error:
        _tell(connection, FATAL, sentence=str(error))
    except SandboxError as error:
        _tell(connection, FATAL, sentence=_("No sealed process can be started ({error}).").format(error=error))
    except BrokenPipeError:
        return


def _prepare_process() -> None:
    """Ctrl-C is for the main process, which then ends this one; and this one does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    warnings.simplefilter("ignore")  # of NumPy's, about students' numbers: they would tear the progress bar
    bound_memory()
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG


def _settle_on(core: int | None) -> None:
    """Stay on one core, with the worker: they take turns, and to wake the other elsewhere costs a tenth of the time."""
    if core is not None:
        with contextlib.suppress(OSError):  # a system that does not let us
            os.sched_setaffinity(0, {core})


def _tell(connection: Connection, kind: str, **facts: Any) -> None:
    connection.send_bytes(json.dumps({"kind": kind, **facts}).encode())


class _Job:
    """Grades the tasks of one process."""

    def __init__(self, spec: Spec, zygote: Zygote, parent: int) -> None:
        self.spec = spec
        self.zygote = zygote
        self.parent = parent
        self.store = Store(spec.out)
        self.suite = suite_of(spec)
        self.run = run_digest(spec, zygote.tier.name)

    def do(self, task: Task) -> dict[str, Any]:
        """Grade one submission, or find that its result is as it should be; gives the report for the main process."""
        if task.lost:
            return self._give_up(task)
        try:
            return self._grade(task)
        except (StoreError, SandboxError):
            raise
        except Exception as error:  # a fault of the kit: it costs this submission, and is told
            text = _("It could not be graded, by a fault of the kit ({error}).")
            return self._give_up(replace(task, lost=text.format(error=f"{type(error).__name__}: {error}"[:300])))

    def _grade(self, task: Task) -> dict[str, Any]:
        student = task.entry.id
        submission = take_in(task.entry, self.suite.course.names)
        digest = submission.digest()
        seal = self.store.seal(student)
        fresh = seal is not None and (seal.run, seal.submission) == (self.run, digest) and not self.spec.regrade
        if seal is not None and fresh and self.store.intact(student, seal):
            return self._report(self._with_page(student, seal), reused=True, problems=submission.problems)
        with _files(submission, self.spec.scratch) as folder:
            subject = SealedSubject(self.zygote, folder, self.suite.course.names, timeout=self.spec.timeout)
            try:
                result = grade_submission(submission, self.suite, subject, self.zygote.tier.name)
            finally:
                subject.close()
        self._still_wanted()
        gradable = bool(submission.topics(self.suite.course.names))
        seal = Seal(self.run, digest, self.store.put(result), "", result.points, result.maximum, gradable)
        return self._report(self._with_page(student, seal, result), reused=False, problems=submission.problems)

    def _still_wanted(self) -> None:
        """A job whose main process was killed leaves without a trace: the next run may be at work already."""
        if os.getppid() != self.parent:
            sys.exit(1)

    def _give_up(self, task: Task) -> dict[str, Any]:
        """Record that this submission cannot be graded. It is not sealed, so the next run tries again."""
        self.store.break_seal(task.entry.id)
        result = ungraded(task.entry.id, self.suite, task.lost)
        seal = Seal("", "", self.store.put(result), "", result.points, result.maximum, False)
        return self._report((seal, self._write_page(result)), reused=False, problems=result.problems)

    def _with_page(self, student: str, seal: Seal, result: SubmissionResult | None = None) -> tuple[Seal, str]:
        """Make the student's page where it is missing or of other report code, then seal; gives what went wrong too."""
        if seal.page == self.spec.page and self.store.page_path(student).exists():
            return seal, ""
        problem = self._write_page(result or self.store.read(student))
        seal = replace(seal, page="" if problem else self.spec.page)
        self.store.write_seal(student, seal)
        return seal, problem

    def _write_page(self, result: SubmissionResult | None) -> str:
        if result is None:
            return _("the result cannot be read back")
        try:
            page = _feedback(result, self.suite.course)
        except Exception as error:  # a fault of a page costs that page, not the grades
            return f"{type(error).__name__}: {error}"
        self.store.write(self.store.page_path(result.submission), page.encode("utf-8", "replace"), durable=False)
        return ""

    @staticmethod
    def _report(made: tuple[Seal, str], reused: bool, problems: tuple[str, ...]) -> dict[str, Any]:
        seal, page_problem = made
        return {
            "reused": reused,
            "points": seal.points,
            "maximum": seal.maximum,
            "gradable": seal.gradable,
            "problems": list(problems),
            "page_problem": page_problem,
        }


def _feedback(result: SubmissionResult, course: Course) -> str:
    from grader.reports.feedback_html import feedback_page

    return feedback_page(result, course)


@contextlib.contextmanager
def _files(submission: Submission, scratch: Path) -> Iterator[Path]:
    """The submission's files in a folder of their own."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="s", dir=scratch))
    except OSError as error:
        raise unwritable(scratch, error) from error
    try:
        try:
            for name, content in submission.files.items():
                path = folder.joinpath(*PurePosixPath(name).parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        except OSError as error:
            raise unwritable(scratch, error) from error
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
