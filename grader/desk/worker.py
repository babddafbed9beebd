"""The warm process that runs a student's code for the desk: `python -m grader.desk.worker SPEC`.

It imports NumPy, the suite and the answer sheet once, then waits for jobs, one JSON line each. Where forking is safe,
each job runs in a fork of it; elsewhere the process runs one job and ends, and a spare has been started meanwhile.
Whatever the student's code does, it does it here; the deadline is kept from outside.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import io
import json
import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import __version__
from grader.answers.sheet import RECORDED, RecordedSource
from grader.course import DEFAULT_SEED, ROOT, Course, the_course
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import CheckResult, SubmissionResult
from grader.subject.face import faces
from grader.subject.reply import Target
from grader.subject.subject import LocalSubject
from grader.suite import Check, Outcome, collect, run_check

BEAT_SECONDS = 0.2
MOST_PRINTED = 2000


class Channel:
    """The way back to the desk: one JSON line a message. No `print` of the student's gets there."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def say(self, kind: str, **facts: Any) -> None:
        line = json.dumps({"kind": kind, **facts}).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]

    def break_line(self) -> None:
        """What follows begins a line of its own, even if a killed process has left half of one."""
        os.write(self._descriptor, b"\n")


class Printed(io.TextIOBase):
    """What the student's code prints during one check; the beginning is kept, the rest is dropped."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._size < MOST_PRINTED:
            self._parts.append(text[: MOST_PRINTED - self._size])
        self._size += len(text)
        return len(text)

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts, self._size = [], 0
        return text


class BeatingSubject(LocalSubject):
    """A local subject that shows a sign of life before each request: a hang is then told from a long check."""

    def __init__(self, warm: Warm, sources: Mapping[str, bytes | None], beat: Callable[[], None]) -> None:
        super().__init__(warm.folder, warm.course.names, warm.timeout)
        self.library.sources = sources
        self._beat = beat

    def _deadline(self, target: Target) -> AbstractContextManager[None]:
        self._beat()
        return super()._deadline(target)


@dataclass(frozen=True)
class Warm:
    """What is the same for every job."""

    course: Course
    checks: dict[str, Check]
    answers: RecordedSource
    diagnostician: Diagnostician
    folder: Path
    timeout: float


def warm_up(folder: Path, tests: Path, timeout: float) -> Warm:
    """Import, collect and read everything that does not depend on the student's code."""
    course = the_course()
    files = [file for topic in course.names if (file := tests / f"test_{topic}.py").exists()]
    with faces({topic.name: {e.name: e.form for e in topic.exercises} for topic in course.topics}):
        checks = {check.id: check for check in collect(files)}
    warm = Warm(course, checks, RecordedSource(), Diagnostician(RECORDED), folder, timeout)
    for check in checks.values():
        warm.answers.answers_for(check.topic, check.id)
    for topic in course.topics:
        warm.diagnostician.prepare(topic.name)
    return warm


def cards(warm: Warm) -> list[dict[str, Any]]:
    """The checks as the desk needs to know them."""
    names = ("id", "topic", "exercise", "kind", "title")
    return [{**{name: getattr(check, name) for name in names}, "maximum": check.points}
            for check in warm.checks.values()]  # fmt: skip


class Job:
    """One run of some checks on the student's code as the desk has read it.

    `order` holds the number of the job, the ids of the checks, and the contents of topic modules (as latin-1, which is
    any bytes).
    """

    def __init__(self, warm: Warm, channel: Channel, order: dict[str, Any]) -> None:
        self._warm = warm
        self._channel = channel
        self._number = order["job"]
        self._groups = self._grouped(order["checks"])
        self._sources = {topic: text if text is None else text.encode("latin-1")
                         for topic, text in order["sources"].items()}  # fmt: skip
        self._outcomes: dict[str, list[Outcome]] = {}
        self._last_beat = self._last_watch = 0.0
        self._printed = Printed()

    def run(self) -> None:
        """Run them, exercise by exercise, and say each verdict as soon as it is known."""
        warnings.simplefilter("ignore")  # of NumPy's, about the student's numbers: the checks say what matters
        sys.stdout = sys.stderr = self._printed
        subject = BeatingSubject(self._warm, self._sources, self._beat)
        try:
            loaded: set[str] = set()
            for exercise, checks in self._groups.items():
                topic, _dot, name = exercise.partition(".")
                if topic not in loaded:
                    self._say("loading", topic=topic)
                    subject.get((topic, name))
                    loaded.add(topic)
                self._run_exercise(exercise, checks, subject)
            self._say("done")
        finally:
            subject.close()
            faulthandler.cancel_dump_traceback_later()

    def _grouped(self, wanted: Sequence[str]) -> dict[str, list[Check]]:
        groups: dict[str, list[Check]] = {}
        for check_id in wanted:
            if check_id in self._warm.checks:
                check = self._warm.checks[check_id]
                groups.setdefault(check.exercise_id, []).append(check)
        return groups

    def _run_exercise(self, exercise: str, checks: list[Check], subject: LocalSubject) -> None:
        printed = {}
        outcomes = self._outcomes[exercise] = []
        self._say("exercise", name=exercise)
        for check in checks:
            self._printed.take()
            answers = self._warm.answers.answers_for(check.topic, check.id)
            outcomes.append(run_check(check, self._warm.course, subject, answers, DEFAULT_SEED))
            if text := self._printed.take():
                printed[check.id] = text
        self._say("results", record=self._record(exercise), printed=printed)

    def _record(self, exercise: str) -> str:
        topic, _dot, name = exercise.partition(".")
        below = self._warm.course.exercise(topic, name).builds_on
        known = [outcome for other in (*below, exercise) for outcome in self._outcomes.get(other, ())]
        mine = {outcome.result.id for outcome in self._outcomes[exercise]}
        results = self._warm.diagnostician.explain(known)
        return record_of(tuple(result for result in results if result.id in mine))

    def _say(self, kind: str, **facts: Any) -> None:
        self._last_beat = now = time.monotonic()
        if now - self._last_watch > BEAT_SECONDS:  # costs a thread
            # Should the code hang inside C, the place where it does is written down before the desk kills it.
            faulthandler.dump_traceback_later(self._warm.timeout + 1.0, file=2)
            self._last_watch = now
        self._channel.say(kind, job=self._number, **facts)

    def _beat(self) -> None:
        if time.monotonic() - self._last_beat > BEAT_SECONDS:
            self._say("beat")


def record_of(results: tuple[CheckResult, ...]) -> str:
    """Some verdicts as text."""
    return SubmissionResult("", DEFAULT_SEED, __version__, "recorded", results).to_json()


def _start(warm: Warm, channel: Channel, order: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # where it is no file, nobody reads it
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)
    channel.say("started", job=order["job"])
    Job(warm, channel, order).run()


# -- a job in a fork ---------------------------------------------------------------------------------------------


class Forks:
    """Runs each job in a fork of this process; a new job, or a word to stop, ends the one under way."""

    def __init__(self, warm: Warm, channel: Channel, orders: int) -> None:
        self._warm = warm
        self._channel = channel
        self._orders = orders
        self._child = 0
        self._number = 0
        self._rest = b""
        self._bell, self._ringer = os.pipe()
        os.set_blocking(self._ringer, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._ringer, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the desk goes away."""
        while True:
            ready, _writable, _problems = select.select([self._orders, self._bell], [], [])
            if self._bell in ready:
                os.read(self._bell, 4096)
                self._reap(os.WNOHANG)
            if self._orders in ready:
                data = os.read(self._orders, 1 << 16)
                if not data:
                    return self._stop()
                *lines, self._rest = (self._rest + data).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))

    def _obey(self, order: dict[str, Any]) -> None:
        self._stop()
        if "checks" not in order:
            return
        self._number = order["job"]
        self._child = os.fork()
        if self._child == 0:
            status = 1
            try:
                self._become_child()
                _start(self._warm, self._channel, order)
                status = 0
            finally:
                os._exit(status)

    def _become_child(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()  # so that whatever it starts ends with it
        for descriptor in (self._orders, self._bell, self._ringer):
            os.close(descriptor)

    def _stop(self) -> None:
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)  # it may not have its own group yet
            self._reap(0)

    def _reap(self, flags: int) -> None:
        if not self._child:
            return
        pid, status = os.waitpid(self._child, flags)
        if pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            self._child = 0
            self._channel.break_line()
            self._channel.say("ended", job=self._number, status=os.waitstatus_to_exitcode(status))


# -- one job in this process -------------------------------------------------------------------------------------


def serve_once(warm: Warm, channel: Channel, orders: int) -> None:
    """Run one job here and end: where processes cannot be forked. The process ends, too, when the desk goes away."""
    with os.fdopen(orders, "rb", buffering=0) as stream:
        line = _line(stream)
        if line:
            threading.Thread(target=_end_with_the_desk, args=(stream,), daemon=True).start()
            _start(warm, channel, json.loads(line))
            os._exit(0)  # not held up by threads of the student's


def _line(stream: io.RawIOBase) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = stream.read(1)
        if not byte:
            return b""
        line += byte
    return line


def _end_with_the_desk(stream: io.RawIOBase) -> None:
    while stream.read(1):
        pass
    os._exit(0)


def main(arguments: Sequence[str]) -> None:
    """The life of a worker. `arguments` holds one JSON text: folder, tests, timeout, fork."""
    spec = json.loads(arguments[0])
    channel, orders = Channel(os.dup(1)), os.dup(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)  # the student's `input()` reads nothing, and
    os.dup2(nowhere, 1)  # what a C library prints goes nowhere
    faulthandler.enable(file=2)
    warm = warm_up(Path(spec["folder"]), Path(spec["tests"]) if spec.get("tests") else ROOT / "tests", spec["timeout"])
    gc.collect()
    gc.freeze()  # or the first collection in each fork would copy all of this
    channel.say("ready", checks=cards(warm))
    if spec["fork"]:
        Forks(warm, channel, orders).serve()
    else:
        serve_once(warm, channel, orders)


if __name__ == "__main__":
    main(sys.argv[1:])
