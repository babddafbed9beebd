"""What runs in the sealed process: it carries out requests on one submission and reports what came of them.

Nothing that it says is believed: the grading side checks each byte. It can be wrong only about its own submission.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox.cast import Cast, passed_on
from grader.sandbox.channel import Channel, Gone
from grader.sandbox.order import unpack
from grader.sandbox.wire import Bounds, WireError, encode
from grader.subject.deadline import HAS_TIMER, deadline
from grader.subject.executor import CheckSideError, Executor
from grader.subject.library import Library, NotLoaded
from grader.subject.plain import copy_of
from grader.subject.reply import Raised, RemoteReference, Reply, Target

READY, REPLY, CHECK_BROKE = "ready", "reply", "check_broke"
CALL_BACK, READ_BACK, CALLED = "call_back", "read_back", "called"
LOAD, CALL, GET, SET, ANSWER = "load", "call", "get", "set", "answer"

ABSENT_PACKAGES = ("torch", "torchvision", "functorch", "torchgen", "tensorflow", "keras", "jax", "jaxlib", "autograd")
"""What would do the exercises: not at hand while grading, whatever else is installed."""
SEED = 1
"""Of all draws without a seed, so that a submission that makes some has one score and one report, not several."""


class Absent:
    """An import hook that knows no frameworks, and nothing of the kit."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] in (*ABSENT_PACKAGES, "grader"):
            raise ModuleNotFoundError(f"No module named {fullname!r} while grading: use NumPy", name=fullname)
        return None


class Worker:
    """Serves the requests of the grading side for one submission.

    Parameters
    ----------
    channel : Channel
    folder : str
        Holds the topic modules.
    names : mapping of str to sequence of str
        The exercises of each topic.
    bounds : Bounds
        Of what it sends.
    """

    def __init__(self, channel: Channel, folder: str, names: Mapping[str, Sequence[str]], bounds: Bounds) -> None:
        self._channel = channel
        self._bounds = bounds
        self._library = Library(Path(folder), {topic: tuple(exercises) for topic, exercises in names.items()})
        self._executor = Executor(self._library, self, self._deadline)
        self._cast = Cast(bounds)
        self._seconds = 0.0
        self._asked = 0

    def serve(self) -> None:
        """Until the grading side closes the connection."""
        _seed_everything()
        self._send(encode((READY,)))
        with suppress(Gone), self._library.imports():  # open for good: there is no other `exercises` here
            while True:
                self._carry_out(unpack(self._channel.receive()))

    # -- the way back to the checks (`Port`) --------------------------------------------------------------------------

    def invoke(self, reference: Any, name: str, args: tuple, kwargs: dict) -> Any:
        if not self._cast.has(reference):
            return self._ask(CALL_BACK, reference, name, args, kwargs)
        if self._cast.full:
            self._ask(CALLED)
        return self._cast.play(reference, name, args, kwargs)

    def attribute(self, reference: Any, name: str) -> Any:
        return self._ask(READ_BACK, reference, name)

    def meet(self, reference: RemoteReference) -> None:
        self._cast.meet(reference)

    def _ask(self, *question: Any) -> Any:
        self._asked += 1
        number = self._asked
        kind, *rest = question
        message = passed_on((kind, number, *rest), self._bounds)
        with _StoppedClock():
            self._send(message)
            answer = unpack(self._channel.receive())
            while answer[:2] != (ANSWER, number):
                self._carry_out(answer)
                answer = unpack(self._channel.receive())
        _kind, _number, fine, value = answer
        if not fine:
            raise CheckSideError
        return copy_of(value)

    # -- requests ------------------------------------------------------------------------------------------------------

    def _carry_out(self, request: tuple) -> None:
        if request[0] == ANSWER:
            return  # it came too late: whoever asked ran out of time
        kind, number, seconds, target, *rest = request
        if number == 1:  # the first request of a check; the loading of a module may come before it, or be it
            self._executor.forget()
            self._cast.clear()
            self._asked = 0
        outer, self._seconds = self._seconds, seconds
        try:
            reply = self._reply(kind, target, rest)
        except CheckSideError:
            self._send(encode((CHECK_BROKE, number)))
            return
        except BaseException as error:
            reply = Reply(None, self._explain(target, error))
        finally:
            self._seconds = outer
        self._send(self._encoded(number, reply))

    def _reply(self, kind: str, target: Target, rest: list) -> Reply:
        if kind == LOAD:
            return self._load(target)
        if kind == GET:
            return self._executor.get(target)
        if kind == SET:
            return self._executor.set(target, *rest)
        return self._executor.call(target, *rest)

    def _load(self, target: Target) -> Reply:
        """Run a topic's module. What is wrong with it is said again by each request that needs it."""
        with self._library.imports():
            try:
                with self._deadline(target):
                    self._library.load(target[0])
            except NotLoaded:
                pass
        return Reply()

    def _deadline(self, target: Target) -> AbstractContextManager[None]:
        return deadline(self._seconds)

    def _explain(self, target: Target, error: BaseException) -> Raised:
        try:
            return self._executor._explain(target, error)
        except BaseException:
            return Raised("exception", "Exception", ("Exception",))

    def _encoded(self, number: int, reply: Reply) -> bytes:
        try:
            return encode((REPLY, number, reply), bounds=self._bounds)
        except WireError as error:
            return encode((REPLY, number, Reply(None, Raised("protocol", detail=str(error)))))
        except BaseException as error:
            return encode((REPLY, number, Reply(None, self._explain((), error))))

    def _send(self, message: bytes) -> None:
        self._channel.send(self._cast.with_log(message))


def _seed_everything() -> None:
    """The global generators, and what `default_rng()` takes its entropy from: each one that is made still differs."""
    random.seed(SEED)
    np.random.seed(SEED)
    np.random.bit_generator.randbits = random.Random(SEED).getrandbits  # type: ignore[attr-defined]


class _StoppedClock:
    """While the checks are at work, the submission's own time stands still; theirs is kept on the other side."""

    def __enter__(self) -> None:
        if HAS_TIMER:
            self._left = signal.setitimer(signal.ITIMER_REAL, 0)

    def __exit__(self, *exception: object) -> None:
        if HAS_TIMER:
            signal.setitimer(signal.ITIMER_REAL, *self._left)


def settle(scratch: str, paths_to_hide: Sequence[str]) -> None:
    """Make this process a place for submissions: an empty environment, no way to the kit."""
    os.environ.clear()
    os.environ.update({"LC_ALL": "C.UTF-8", "MPLBACKEND": "Agg"})
    sys.argv[:] = [""]
    sys.path[:] = [path for path in sys.path if path and path not in paths_to_hide]
    sys.meta_path.insert(0, Absent())
    move_to(scratch)


def move_to(scratch: str) -> None:
    """Make a folder the only one that this process knows of."""
    os.chdir(scratch)
    os.environ["HOME"] = os.environ["TMPDIR"] = scratch
