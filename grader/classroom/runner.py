"""A class run: hands submissions to job processes, survives what happens to them, and writes what belongs to all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import platform
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from grader import __version__
from grader.answers.recorder import SheetError, ensure_sheet
from grader.classroom.gradebook import PLAIN, Row, gradebook, row_of
from grader.classroom.grading import grade_submission
from grader.classroom.job import DONE, FATAL, READY, Spec, Task, collected, run_digest, run_job
from grader.classroom.progress import Progress
from grader.classroom.roster import Entry, Roster, RosterError, read_roster, safe_id
from grader.classroom.store import Store, StoreError, digest_of
from grader.course import DEFAULT_SEED, ROOT, Course, the_course
from grader.language import LOCALE, _, current
from grader.result import SubmissionResult
from grader.sandbox.tier import FULL, Limits

__all__ = ["Options", "RunError", "Summary", "grade_class", "grade_submission"]

START_METHOD = "fork" if hasattr(os, "fork") else "spawn"
ATTEMPTS = 2
GRACE, BUDGETS = 60.0, 20
"""A job process that spends this many seconds, and this many time-outs, on one submission is stuck and is ended. All
calls of a submission together may take six time-outs."""


class RunError(Exception):
    """The run cannot start or go on: one sentence; `status` is the exit status that it deserves."""

    def __init__(self, sentence: str, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    submissions: Path
    out: Path
    seed: int = DEFAULT_SEED
    jobs: int = 0
    timeout: float = 10.0
    memory: int = 512 << 20
    require_sandbox: bool = False
    only: str = ""
    regrade: bool = False
    form: str = PLAIN
    diagnosis: bool = True
    tests: Path = ROOT / "tests"
    sheet: Path | None = None


@dataclass
class Summary:
    """What came of a run."""

    out: Path
    seed: int
    form: str = PLAIN
    total: int = 0
    graded: int = 0
    reused: int = 0
    tier: str = ""
    problems: dict[str, list[str]] = field(default_factory=dict)
    ungradable: list[str] = field(default_factory=list)
    broken_pages: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    unplaced: list[str] = field(default_factory=list)
    others: int = 0
    stale: int = 0
    waiting: int = 0
    seconds: float = 0.0

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.ungradable or self.broken_pages else 0


def grade_class(options: Options, stream: TextIO | None = None) -> Summary:
    """Grade a class.

    Parameters
    ----------
    options : Options
    stream : text file, optional
        Where progress goes; standard error by default.

    Returns
    -------
    Summary

    Raises
    ------
    RunError
        The run cannot start or go on. What is graded is kept, and the next run goes on from there.
    KeyboardInterrupt
        After the job processes have ended.
    """
    stream = stream or sys.stderr
    started = time.monotonic()
    try:
        roster = _roster(options)
        chosen = _chosen(roster, options.only)
        store = Store(options.out)
        store.prepare()
        with store.lock() as lock, store.scratch() as scratch:
            spec = _spec(options, store, scratch, stream)
            summary = Summary(options.out, options.seed, options.form, len(chosen), left_out=roster.left_out)
            crew = _Crew(spec, _job_count(options, len(chosen)), options.require_sandbox, lock)
            _grade(crew, chosen, summary, stream)
            run = run_digest(spec, crew.tier)
            seals = (store.seal(entry.id) for entry in roster.entries)
            summary.stale = sum(seal is not None and seal.run != run for seal in seals)
            _write_class_files(store, roster, options, summary)
    except (RosterError, SheetError) as error:
        raise RunError(str(error)) from error
    except StoreError as error:
        raise RunError(str(error), 1) from error
    summary.seconds = time.monotonic() - started
    return summary


# -- before ------------------------------------------------------------------------------------------------------------


def _roster(options: Options) -> Roster:
    out, submissions = options.out.resolve(), options.submissions.resolve()
    if out == submissions or submissions in out.parents:
        raise RunError(_("{out} lies in the folder of the submissions: choose another place with -o.").format(
            out=options.out))  # fmt: skip
    roster = read_roster(options.submissions, tuple(the_course().names))
    if not roster.entries:
        raise RunError(_("{folder} holds no submissions: it should have a folder, an archive or a file for each "
                         "student.").format(folder=options.submissions))  # fmt: skip
    return roster


def _chosen(roster: Roster, only: str) -> tuple[Entry, ...]:
    """The entries to grade: all, or the one that was asked for by id, name or number."""
    if not only:
        return roster.entries
    for matches in (
        [entry for entry in roster.entries if only in (entry.id, entry.number)],
        [entry for entry in roster.entries if safe_id(only).casefold() in (entry.id.casefold(), entry.name.casefold())],
        [entry for entry in roster.entries if only.casefold() in entry.name.casefold()],
    ):
        if len(matches) == 1:
            return (matches[0],)
        if matches:
            names = ", ".join(entry.id for entry in matches[:10])
            raise RunError(_("More than one student fits {only}: {names}. Give one of these in full.").format(
                only=only, names=names))  # fmt: skip
    raise RunError(_("None of the {count} submissions is by {only}: give a name as in the gradebook.").format(
        only=only, count=len(roster.entries)))  # fmt: skip


def _job_count(options: Options, submissions: int) -> int:
    return max(1, min(options.jobs or len(_cores()) or os.cpu_count() or 1, submissions))


def _cores() -> list[int]:
    """The cores that this process may use; empty where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _spec(options: Options, store: Store, scratch: Path, stream: TextIO) -> Spec:
    tests = options.tests.resolve()
    if not collected(tests):
        raise RunError(_("{folder} holds no checks, so nothing can be graded.").format(folder=options.tests))
    sheet = options.sheet or ensure_sheet(options.seed, store.answers)
    limits = Limits(memory=options.memory)
    facts = {
        "kit": [__version__, _code_digest(skip=("tests", "reports"))],
        "suite": _folder_digest(tests, ("*.py",)),
        "sheet": _folder_digest(sheet, ("*.json", "*.txt")),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "seed": options.seed,
        "timeout": options.timeout,
        "limits": repr(limits),
        "diagnosis": options.diagnosis,
        "language": _language_digest(),
    }
    return Spec(
        tests=tests,
        sheet=sheet,
        out=options.out.resolve(),
        scratch=scratch,
        seed=options.seed,
        timeout=options.timeout,
        limits=limits,
        diagnosis=options.diagnosis,
        regrade=options.regrade,
        run=digest_of(json.dumps(facts, sort_keys=True).encode()),
        page=_page_digest(),
    )


def _folder_digest(folder: Path, patterns: Sequence[str]) -> str:
    """A digest of the names and bytes of some files of a folder."""
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            content = path.read_bytes()
            digest.update(f"{path.name}\x1f{len(content)}\x1f".encode() + content)
    return digest.hexdigest()


def _page_digest() -> str:
    """A digest of the code that makes the pages, and of the language that they speak."""
    code = _folder_digest(ROOT / "grader" / "reports", ("*.py",))
    return digest_of(f"{code} {_language_digest()}".encode())[:32]


def _language_digest() -> str:
    """The language and a digest of its sentences."""
    return f"{current()} {_folder_digest(LOCALE / current() / 'LC_MESSAGES', ('*.mo',))}"


def _code_digest(skip: Sequence[str]) -> str:
    """A digest of the kit's own code and of its course table."""
    home = ROOT / "grader"
    folders = [home, *sorted(path for path in home.rglob("*") if path.is_dir())]
    digests = [
        f"{folder.relative_to(home)} {_folder_digest(folder, ('*.py', '*.toml'))}"
        for folder in folders
        if not {*skip, "__pycache__"} & set(folder.relative_to(home).parts)
    ]
    return digest_of("\n".join(digests).encode())


# -- the job processes -------------------------------------------------------------------------------------------------


@dataclass
class _Worker:
    """One job process as the main process sees it."""

    process: Any
    connection: Connection
    core: int | None
    ready: bool = False
    task: Task | None = None
    since: float = 0.0


class _Crew:
    """The job processes of a run: each on a core of its own where there is one for each of them.

    Parameters
    ----------
    spec : Spec
    count : int
    require_sandbox : bool
        Refuse to grade with less than the full confinement.
    lock : int
        The descriptor of the lock, which job processes close.
    """

    def __init__(self, spec: Spec, count: int, require_sandbox: bool, lock: int) -> None:
        self.spec = spec
        self.count = count
        self.tier = ""
        self.tier_sentence = ""
        self._require_sandbox = require_sandbox
        self._lock = lock
        self._workers: list[_Worker] = []
        self._cores = deque(_cores() if count == len(_cores()) else [None] * count)
        self._context: Any = multiprocessing.get_context(START_METHOD)

    def run(self, entries: Iterable[Entry], done: Callable[[Entry, dict[str, Any]], None]) -> None:
        """Grade some entries; `done` is called with each one's report, in the order in which they finish."""
        waiting = deque(Task(entry) for entry in entries)
        deaths: dict[str, int] = {}
        try:
            for _number in range(self.count):
                self._start()
            while waiting or any(worker.task for worker in self._workers):
                self._hand_out(waiting)
                for worker in self._with_news():
                    message = self._hear(worker)
                    if message is None:
                        self._replace(worker, waiting, deaths)
                    elif message["kind"] == READY:
                        self._welcome(worker, message)
                    elif message["kind"] == FATAL:
                        raise RunError(message["sentence"], 1)
                    elif message["kind"] == DONE and worker.task is not None:
                        task, worker.task = worker.task, None
                        done(task.entry, message)
        finally:
            self._stop()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        close: tuple[int, ...] = ()
        if self._context.get_start_method() == "fork":
            close = (self._lock, ours.fileno(), *(worker.connection.fileno() for worker in self._workers))
        core = self._cores.popleft()
        spec = replace(self.spec, core=core)
        process = self._context.Process(target=run_job, args=(theirs, spec, close), daemon=True)
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours, core, since=time.monotonic()))

    def _hand_out(self, waiting: deque[Task]) -> None:
        for worker in self._workers:
            if waiting and worker.ready and worker.task is None:
                worker.task, worker.since = waiting.popleft(), time.monotonic()
                with contextlib.suppress(OSError):  # it is dead: its connection says so next
                    worker.connection.send(worker.task)

    def _with_news(self) -> list[_Worker]:
        """The workers that said something or died; those that take too long are ended."""
        now = time.monotonic()
        for worker in self._workers:
            if (worker.task or not worker.ready) and now - worker.since > GRACE + BUDGETS * self.spec.timeout:
                worker.process.kill()
        ready = wait([worker.connection for worker in self._workers], timeout=1.0)
        return [worker for worker in self._workers if worker.connection in ready]

    @staticmethod
    def _hear(worker: _Worker) -> dict[str, Any] | None:
        try:
            return json.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            return None

    def _welcome(self, worker: _Worker, message: dict[str, Any]) -> None:
        worker.ready = True
        self.tier = message["tier"]
        self.tier_sentence = message["sentence"]
        if self._require_sandbox and self.tier != FULL:
            raise RunError(_("--require-sandbox: this system gives less than the full confinement. {sentence}").format(
                sentence=self.tier_sentence))  # fmt: skip

    def _replace(self, worker: _Worker, waiting: deque[Task], deaths: dict[str, int]) -> None:
        """A job process died: start another, and give its submission one more chance."""
        self._workers.remove(worker)
        self._cores.append(worker.core)
        worker.connection.close()
        worker.process.join()
        task = worker.task
        place = task.entry.id if task is not None else ""
        deaths[place] = deaths.get(place, 0) + 1
        if task is None and deaths[place] > self.count * ATTEMPTS or task is not None and task.lost:
            raise RunError(_("The job processes end before they grade anything (exit status {code}).").format(
                code=worker.process.exitcode), 1)  # fmt: skip
        if task is not None:
            lost = ""
            if deaths[place] >= ATTEMPTS:
                lost = _("It could not be graded: the process that graded it ended {count} times.").format(
                    count=deaths[place])  # fmt: skip
            waiting.appendleft(Task(task.entry, lost))
        self._start()

    def _stop(self) -> None:
        """End every job process, gently where it is idle."""
        for worker in self._workers:
            if worker.task is not None or not worker.ready:
                worker.process.terminate()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join(timeout=5.0)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _grade(crew: _Crew, entries: Sequence[Entry], summary: Summary, stream: TextIO) -> None:
    progress = Progress(len(entries), stream)

    def done(entry: Entry, report: dict[str, Any]) -> None:
        summary.graded += not report["reused"]
        summary.reused += report["reused"]
        if report["problems"]:
            summary.problems[entry.id] = report["problems"]
        if not report["gradable"]:
            summary.ungradable.append(entry.id)
        if report["page_problem"]:
            summary.broken_pages[entry.id] = report["page_problem"]
        progress.step(report["reused"], bool(report["problems"]))

    try:
        crew.run(entries, done)
    finally:
        progress.finish()
    summary.tier = crew.tier_sentence
    summary.ungradable.sort()


# -- after -------------------------------------------------------------------------------------------------------------


def _write_class_files(store: Store, roster: Roster, options: Options, summary: Summary) -> None:
    """The gradebook and the class page, from every result there is: with `--only`, the others' as they are."""
    course = the_course()
    known = {entry.id for entry in roster.entries}
    summary.others = sum(path.stem not in known for path in store.results.glob("*.json"))
    summary.unplaced = [e.id for e in roster.entries if options.form != PLAIN and e.platform != options.form]
    summary.waiting = sum(not store.result_path(entry.id).exists() for entry in roster.entries)
    made_from = _class_digest(store, roster, options)
    if store.class_files_are_of(made_from):
        return
    rows: list[Row] = []
    page = ""
    try:
        page = _class_page(_results(store, roster, course, rows), course)
    except Exception as error:  # a fault of a page costs that page, not the gradebook
        summary.broken_pages["class.html"] = f"{type(error).__name__}: {error}"
        rows.clear()
        deque(_results(store, roster, course, rows), maxlen=0)
    store.write_class_files(gradebook(rows, course, options.form), page, made_from)


def _class_digest(store: Store, roster: Roster, options: Options) -> str:
    """A digest of everything that the gradebook and the class page are made from."""
    digest = hashlib.sha256(f"{_page_digest()} {options.form}".encode())
    for entry in roster.entries:
        seal = store.seal(entry.id)
        state = store.digest_of_result(entry.id) if seal is None else seal.result
        digest.update("\x1f".join([entry.id, entry.name, entry.platform, entry.number, state]).encode())
    return digest.hexdigest()


def _results(store: Store, roster: Roster, course: Course, rows: list[Row]) -> Iterator[SubmissionResult]:
    """The results one by one, never all at once; their gradebook lines are kept on the way."""
    for entry in roster.entries:
        result = store.read(entry.id)
        rows.append(row_of(entry, result, course))
        if result is not None:
            yield result


def _class_page(results: Iterator[SubmissionResult], course: Course) -> str:
    from grader.reports.class_html import class_page

    return class_page(results, course)
