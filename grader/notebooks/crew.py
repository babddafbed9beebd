"""Processes that do the same work on one task after another, and survive what a task does to one of them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from grader.language import _

PATIENCE = 900.0
"""Seconds after which a process is taken for stuck: every call of a submission has its own, much shorter deadline."""


class CrewError(Exception):
    """The processes cannot work: one sentence."""


@dataclass
class _Member:
    process: Any
    connection: Connection
    task: Any = None
    since: float = field(default_factory=time.monotonic)


def _serve(connection: Connection, prepare: Callable[[Any], Callable[[Any], Any]], argument: Any) -> None:
    """The life of a process: (True, answer) or (False, sentence) for each task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG: not to outlive the main process
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        work = prepare(argument)
    except Exception as error:
        connection.send((False, str(error) or type(error).__name__))
        return
    connection.send((True, None))
    with contextlib.suppress(EOFError, BrokenPipeError):
        while (task := connection.recv()) is not None:
            try:
                answer = (True, work(task))
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {error}")
            connection.send(answer)


class Crew:
    """Some processes.

    Parameters
    ----------
    count : int
    prepare : callable
        Called once in each process with `argument`; gives the function that does a task. A top-level function.
    argument : object
        Anything that can be pickled.
    """

    def __init__(self, count: int, prepare: Callable[[Any], Callable[[Any], Any]], argument: Any) -> None:
        fork = "fork" in multiprocessing.get_all_start_methods() and sys.platform == "linux"
        self._context: Any = multiprocessing.get_context("fork" if fork else "spawn")
        self._count, self._prepare, self._argument = count, prepare, argument
        self._members: list[_Member] = []

    def run(self, tasks: Sequence[Any], done: Callable[[Any, Any, str], None]) -> None:
        """Do the tasks.

        Parameters
        ----------
        tasks : sequence
        done : callable
            Called with each task, its answer, and a sentence that says why there is none (empty if there is one).

        Raises
        ------
        CrewError
            A process cannot start.
        """
        waiting, tried = deque(tasks), dict.fromkeys(range(len(tasks)), 0)
        numbers = {id(task): number for number, task in enumerate(tasks)}
        try:
            for _number in range(min(self._count, len(tasks))):
                self._start()
            while waiting or any(member.task is not None for member in self._members):
                for member in self._members:
                    if member.task is None and waiting:
                        member.task, member.since = waiting.popleft(), time.monotonic()
                        member.connection.send(member.task)
                for member in self._with_news():
                    task, member.task = member.task, None
                    try:
                        fine, answer = member.connection.recv()
                        done(task, answer if fine else None, "" if fine else answer)
                    except (EOFError, OSError):
                        self._bury(member)
                        tried[numbers[id(task)]] += 1
                        if tried[numbers[id(task)]] < 2:
                            waiting.appendleft(task)
                        else:
                            done(task, None, _("the process that graded it ended twice"))
                        self._start()
        finally:
            for member in list(self._members):
                if member.task is not None:
                    member.process.terminate()
                self._bury(member)

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._prepare, self._argument), daemon=True)
        process.start()
        theirs.close()
        member = _Member(process, ours)
        try:
            fine, reason = ours.recv()
        except EOFError:
            fine, reason = False, _("a process ended before it could start")
        if not fine:
            self._bury(member)
            raise CrewError(reason)
        self._members.append(member)

    def _with_news(self) -> list[_Member]:
        busy = [member for member in self._members if member.task is not None]
        for member in busy:
            if time.monotonic() - member.since > PATIENCE:
                member.process.kill()
        ready = wait([member.connection for member in busy], timeout=1.0)
        return [member for member in busy if member.connection in ready]

    def _bury(self, member: _Member) -> None:
        # Its siblings were forked with this end of its connection, so closing it alone would not reach it.
        with contextlib.suppress(OSError):
            member.connection.send(None)
        member.connection.close()
        member.process.join(5.0)
        if member.process.is_alive():
            member.process.kill()
            member.process.join()
        if member in self._members:
            self._members.remove(member)


def cores() -> int:
    """How many processes can work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
