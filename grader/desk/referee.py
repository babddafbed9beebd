"""The referee: has checks run by the warm process, keeps the deadline from outside, and goes on after a crash."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.checks import sentences
from grader.course import Course, the_course
from grader.language import VARIABLE, _
from grader.result import FAILED, Card, CheckResult, SubmissionResult
from grader.subject.reply import Frame, Raised

TIMEOUT = 10.0
"""Seconds for one call of the student's code, as in pytest: no answer that is right there is wrong here."""

GRACE = 2.0
"""Seconds that a call may outlast its deadline, before its process is killed."""

START_SECONDS = 60.0
MOST_STARTS = 3

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether each job may run in a fork. macOS has `fork`, but its numerical libraries do not survive it."""


@dataclass(frozen=True)
class Ready:
    """The suite is loaded; from now on the checks are known."""

    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Verdicts:
    """Verdicts of one exercise, and what its code printed, check by check."""

    results: tuple[CheckResult, ...]
    printed: dict[str, str]


@dataclass(frozen=True)
class Finished:
    """Every check of a round has its verdict."""


@dataclass(frozen=True)
class Broken:
    """The checks cannot be run at all; `sentence` says why."""

    sentence: str


Event = Ready | Verdicts | Finished | Broken


@dataclass(frozen=True)
class Heard:
    """One message of a worker, or its end (`message` is None)."""

    worker: Worker
    message: dict[str, Any] | None


class Worker:
    """One warm process and the thread that listens to it."""

    def __init__(self, folder: Path, tests: Path | None, fork: bool, timeout: float, language: str,
                 hear: Callable[[Heard], None]) -> None:  # fmt: skip
        self.fork = fork
        self.born = time.monotonic()
        self.ready = False
        self.used = False
        self._notes = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`; where in the code it crashed
        spec = {"folder": str(folder), "tests": str(tests) if tests else "", "timeout": timeout, "fork": fork}
        alone: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for the desk
        if sys.platform == "win32":
            alone = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grader.desk.worker", json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._notes,
            env={**os.environ, **({VARIABLE: language} if language else {})},
            **alone,
        )
        threading.Thread(target=self._listen, args=(hear,), daemon=True).start()

    def send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it has ended: the listener says so
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def stop(self, number: int) -> None:
        """End the job under way, at once."""
        if self.fork:
            self.send({"stop": number})
        else:
            self.kill()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Let it go: it ends by itself when nobody holds its input, and is killed if it does not."""
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(OSError):
            self._notes.close()

    def notes(self) -> str:
        """What it left on its way out."""
        with contextlib.suppress(OSError, ValueError):
            self._notes.seek(0)
            return self._notes.read(20000).decode("utf-8", "replace")
        return ""

    def status(self) -> int:
        return self._process.wait()

    def _listen(self, hear: Callable[[Heard], None]) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                with contextlib.suppress(ValueError):
                    message = json.loads(line)
                    if isinstance(message, dict):
                        hear(Heard(self, message))
        hear(Heard(self, None))


@dataclass
class _Round:
    """The checks under way."""

    waiting: list[str]
    sources: dict[str, str | None]
    at: str = ""
    loading: str = ""
    heard: float = 0.0
    done: bool = False
    killed: bool = False
    job: int = 0


class Referee:
    """Runs checks on a folder.

    Its methods must be called from one thread; `post` is called from there too, except for what `relay` is given.

    Parameters
    ----------
    folder : Path
        The topic modules.
    post : callable
        Receives each `Event`.
    relay : callable
        Receives each `Heard`, from other threads; what it receives must come back through `take`.
    """

    def __init__(
        self,
        folder: Path,
        post: Callable[[Event], None],
        relay: Callable[[Heard], None],
        timeout: float = TIMEOUT,
        fork: bool = CAN_FORK,
        tests: Path | None = None,
        language: str = "",
    ) -> None:
        self.cards: dict[str, Card] = {}
        self._folder = folder.resolve()
        self._post = post
        self._relay = relay
        self._timeout = timeout
        self._fork = fork
        self._tests = tests
        self._language = language
        self._course: Course = the_course()
        self._round: _Round | None = None
        self._jobs = 0
        self._failed_starts = 0
        self._closed = False
        self._worker: Worker = self._new_worker()
        self._spare: Worker | None = None

    # -- what the desk asks --------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._round is not None

    @property
    def running(self) -> str:
        """The exercise under way, `topic.name`; empty if there is none."""
        return self._round.at if self._round else ""

    @property
    def silent(self) -> float:
        """For how many seconds the student's code has not come back."""
        return time.monotonic() - self._round.heard if self._round and self._round.heard else 0.0

    def start(self, checks: Iterable[str], sources: Mapping[str, bytes | None]) -> None:
        """Run these checks, instead of any that are under way.

        Parameters
        ----------
        checks : iterable of str
            Their ids.
        sources : mapping of str to bytes or None
            The contents of topic modules that were read already, None for a file that is not there: the verdict is on
            these, whatever happens to the files meanwhile. A module that is not among them is read when it is needed.
        """
        if self._round is not None and self._round.job and not self._round.done:
            self._end_job()
        texts = {topic: content if content is None else content.decode("latin-1") for topic, content in sources.items()}
        self._round = _Round(list(checks), texts)
        self._send()

    def tick(self) -> None:
        """Look at the clock: to be called a few times a second."""
        now = time.monotonic()
        if not self._worker.ready and now - self._worker.born > START_SECONDS:
            self._worker.kill()
        round_ = self._round
        if round_ is None or not round_.heard:
            return
        limit = self._timeout + GRACE
        if now - round_.heard > limit and not round_.killed:
            round_.killed = True
            self._worker.stop(round_.job)
        elif now - round_.heard > limit + GRACE:
            self._worker.kill()

    def restart(self, language: str) -> None:
        """A new warm process, which speaks another language."""
        self._language = language
        self._round, self.cards = None, {}
        self._discard(self._worker)
        if self._spare is not None:
            self._discard(self._spare)
            self._spare = None
        self._worker = self._new_worker()

    def close(self) -> None:
        """End every process."""
        self._closed = True
        for worker in (self._worker, self._spare):
            if worker is not None:
                self._discard(worker)

    def take(self, heard: Heard) -> None:
        """Take in what a worker said."""
        if self._closed or heard.worker not in (self._worker, self._spare):
            return
        if heard.message is None:
            self._ended(heard.worker)
            return
        kind = heard.message["kind"]
        if kind == "ready":
            self._is_ready(heard.worker, heard.message["checks"])
        elif self._round is not None and heard.message.get("job") == self._round.job:
            self._about_job(self._round, kind, heard.message)

    # -- inside --------------------------------------------------------------------------------------------------

    def _new_worker(self) -> Worker:
        return Worker(self._folder, self._tests, self._fork, self._timeout, self._language, self._relay)

    def _discard(self, worker: Worker) -> None:
        if not worker.fork:
            worker.kill()
        worker.close()

    def _is_ready(self, worker: Worker, rows: list[dict[str, Any]]) -> None:
        worker.ready = True
        self._failed_starts = 0
        if worker is self._worker and not self.cards:
            self.cards = {row["id"]: Card(**row) for row in rows}
            self._post(Ready(tuple(self.cards.values())))
        elif worker is self._worker and self._round is not None:
            self._order()

    def _send(self) -> None:
        assert self._round is not None
        if self._worker.used and not self._fork:
            self._next_worker()
        self._jobs += 1
        self._round.job, self._round.at, self._round.loading = self._jobs, "", ""
        self._round.heard, self._round.done, self._round.killed = 0.0, False, False
        if self._worker.ready:
            self._order()

    def _order(self) -> None:
        assert self._round is not None
        self._worker.used = True
        self._worker.send({"job": self._round.job, "checks": self._round.waiting, "sources": self._round.sources})

    def _end_job(self) -> None:
        if not self._fork:
            self._next_worker()

    def _next_worker(self) -> None:
        """The spare takes over."""
        old, self._worker = self._worker, self._spare or self._new_worker()
        self._spare = None
        self._discard(old)

    def _about_job(self, round_: _Round, kind: str, message: dict[str, Any]) -> None:
        round_.heard = time.monotonic()
        if kind == "loading":
            round_.loading, round_.at = message["topic"], ""
        elif kind == "exercise":
            round_.loading, round_.at = "", message["name"]
        elif kind == "results":
            results = SubmissionResult.from_json(message["record"]).checks
            self._give(results, message["printed"])
        elif kind == "done":
            round_.done = True
            if not self._fork:
                self._finish()
        elif kind == "ended":
            self._job_ended(message["status"])

    def _give(self, results: Sequence[CheckResult], printed: dict[str, str]) -> None:
        assert self._round is not None
        given = {result.id for result in results}
        self._round.waiting = [check_id for check_id in self._round.waiting if check_id not in given]
        self._post(Verdicts(tuple(results), printed))

    def _finish(self) -> None:
        assert self._round is not None
        self._round = None
        if not self._fork and self._worker.used and self._spare is None:
            self._spare = self._new_worker()
        self._post(Finished())

    def _ended(self, worker: Worker) -> None:
        """A worker is gone."""
        if worker is self._spare:
            self._spare = None
            return
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= MOST_STARTS:
                last = (worker.notes().strip().splitlines() or [_("no reason was given")])[-1]
                self._post(Broken(_("The checks do not start ({error}): install the kit anew.").format(error=last)))
                return
            self._discard(worker)
            self._worker = self._new_worker()
            if self._round is not None:
                self._send()
        elif self._round is not None:
            self._job_ended(worker.status())
        elif self._fork:
            self._worker = self._new_worker()

    def _job_ended(self, status: int) -> None:
        """The process of the job under way has ended: in good order, or the student's code ended it."""
        round_ = self._round
        if round_ is None:
            return
        if not round_.done:
            self._give(self._lost(round_, status), {})
        if not self._fork or self._worker_is_gone():
            self._next_worker()
        if round_.done or not round_.waiting:
            self._finish()
        else:
            self._send()

    def _worker_is_gone(self) -> bool:
        return self._worker._process.poll() is not None

    def _lost(self, round_: _Round, status: int) -> list[CheckResult]:
        """The verdicts on what the student's code took with it: the exercise under way, or the file being loaded."""
        waiting = [self.cards[check_id] for check_id in round_.waiting if check_id in self.cards]
        if round_.at:
            lost = [card for card in waiting if card.exercise_id == round_.at]
        elif round_.loading:
            lost = [card for card in waiting if card.topic == round_.loading]
        else:
            lost = waiting
        frames = frames_in(self._worker.notes(), self._folder)
        detail = _how(status)
        return [self._lost_check(card, round_, frames, detail) for card in lost]

    def _lost_check(self, card: Card, round_: _Round, frames: tuple[Frame, ...], detail: str) -> CheckResult:
        kind = "deadline" if round_.killed else "died"
        exercise = self._course.exercise(card.topic, card.exercise)
        call = f"{card.exercise}(...)" if round_.at else f"{card.topic}.py"
        raised = Raised(kind, detail=detail, trace=frames)
        failure = sentences.for_raised(raised, exercise.id, exercise.signature, call)
        return CheckResult(card.id, card.topic, card.exercise, card.kind, card.title, FAILED, card.maximum, failure)


def _how(status: int) -> str:
    if status < 0:
        return _("signal {number}").format(number=-status)
    return _("exit status {number}").format(number=status)


_DUMP = re.compile(r"^(?:Timeout \(|Fatal Python error|Windows fatal exception)", re.MULTILINE)
_FRAME = re.compile(r'^ +File "(?P<file>.*)", line (?P<line>\d+)(?: in (?P<function>.*))?$')


def frames_in(notes: str, folder: Path) -> tuple[Frame, ...]:
    """The student's own lines in what `faulthandler` wrote, outermost first."""
    frames = []
    latest = _DUMP.split(notes)[-1]
    for match in map(_FRAME.match, latest.splitlines()):
        if match is None:
            continue
        file = Path(match["file"])
        if file.parent == folder:
            line = int(match["line"])
            frames.append(Frame(file.name, line, match["function"] or "", _line_of(file, line)))
    return tuple(reversed(frames[:6]))


def _line_of(file: Path, line: int) -> str:
    with contextlib.suppress(OSError, IndexError):
        return file.read_text(encoding="utf-8", errors="replace").splitlines()[line - 1].strip()[:200]
    return ""
