"""A submission in a sealed process: the `Subject` that grading uses.

This side keeps the time, checks every byte that comes back, and ends a worker that is late, dead or talks nonsense.
The next request then gets a new worker. What a submission can do to anybody but itself is in docs/security.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from grader.language import _
from grader.sandbox.cast import split
from grader.sandbox.channel import CLOSED, QUIET, TALKING, Gone, Late, TimedChannel
from grader.sandbox.order import pack
from grader.sandbox.tape import NoTape, Said, Tape, Turn
from grader.sandbox.tier import SandboxError, Tier
from grader.sandbox.trees import Size, copy_submission, remove_tree, removed_but_open, size_of
from grader.sandbox.wire import WireError, decode
from grader.sandbox.worker import (
    ANSWER,
    CALL,
    CALL_BACK,
    CALLED,
    CHECK_BROKE,
    GET,
    LOAD,
    READ_BACK,
    READY,
    REPLY,
    SET,
)
from grader.sandbox.zygote import Order, WorkerProcess, Zygote
from grader.subject.executor import CheckSideError, methods_of
from grader.subject.plain import to_plain
from grader.subject.props import recipe_of
from grader.subject.reply import Handle, Raised, RemoteReference, Reply, Target
from grader.subject.subject import DEFAULT_TIMEOUT

START_SECONDS = 20.0
TENTH = 0.1
TOTAL_TIMEOUTS = 6
"""How many full time-outs a submission may burn in all."""
GRACE = 0.25
"""The part of a time-out after which a worker that has not stopped by itself is killed."""
MUCH_TIME = 3
"""How many time-outs must be left of a submission's time for its requests to have what everybody's have."""
MAX_NESTING = 16
MAX_REFERENCES = 10_000
CALLS_BACK = 64
"""How many times the largest callback may be sent during one request, all callbacks together."""
NOT_FOR_SUBMISSIONS = (ModuleType, FrameType, CodeType, TracebackType, np.random.RandomState, np.random.Generator)
"""What a check must not hand over: a way to everything else, or numbers of any size at this side's expense."""


class Broken(Exception):
    """A worker that is of no more use: `raised` says what its request is answered with."""

    def __init__(self, raised: Raised) -> None:
        super().__init__(raised.kind)
        self.raised = raised


class TooManyFiles(Exception):
    """The scratch folder holds more than it may."""


@dataclass
class _Worker:
    """One worker of this submission, and what this side knows of it."""

    process: WorkerProcess
    channel: TimedChannel
    loaded: set[str]


class SealedSubject:
    """A folder of topic modules, run in sealed processes.

    As `wire.Names` and `order.Numbers` it knows the submission's objects by numbers that no later worker uses again.

    Parameters
    ----------
    zygote : Zygote
        Open; may serve any number of subjects, one after the other or at once, from one thread.
    folder : Path
        Holds the topic modules; its regular files are copied to where the worker can read them.
    names : mapping of str to sequence of str
        The exercises of each topic.
    timeout : float
        Seconds that one request may take. After an exercise has run out of time once, a tenth of it.
    total : float, optional
        Seconds that all requests together may take; by default six time-outs.
    memory : int, optional
        Bytes; by default as the zygote's limits say.

    Raises
    ------
    SandboxError
        Here or from any request: the files cannot be copied, no worker can be started. Never because of anything that
        the submission does.
    """

    def __init__(
        self,
        zygote: Zygote,
        folder: Path,
        names: Mapping[str, tuple[str, ...]],
        timeout: float = DEFAULT_TIMEOUT,
        total: float | None = None,
        memory: int | None = None,
    ) -> None:
        self._zygote = zygote
        self._names = names
        self._timeout = timeout
        self._left = TOTAL_TIMEOUTS * timeout if total is None else total
        self._budget = self._to_give_back = self._left
        self._memory = zygote.limits.memory if memory is None else memory
        self._limits = zygote.limits
        try:
            self._folder = zygote.new_folder()
            self.left_out = tuple(copy_submission(folder, self._folder / "submission"))
            self._scratch = str(self._folder / "scratch")
            Path(self._scratch).mkdir()
        except OSError as error:
            raise SandboxError(_("A submission cannot be copied to its worker: {error}").format(error=error)) from error
        self._worker: _Worker | None = None
        self._generation = 0
        self._number = 0
        self._requests = 0
        self._depth = 0
        self._slow: set[tuple] = set()
        self._broken_topics: dict[str, list[Raised]] = {}
        self._classes: dict[int, tuple] = {}
        self._references: list[tuple[Any, frozenset[str]]] = []
        self._reference_numbers: dict[int, int] = {}
        self._made: list[tuple[Any, frozenset[str]]] = []
        self._problem: BaseException | None = None
        self._broken: Broken | None = None
        self._returned = 0.0
        self._called_bytes = 0
        self._tape: Tape = NoTape()

    @property
    def tier(self) -> Tier:
        """Which layers of confinement bind the worker."""
        return self._zygote.tier

    # -- the face of a subject -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A check begins. Its requests, objects and callbacks are numbered anew, so that it says the same each time."""
        self._number = 0
        self._generation += 1
        self._classes.clear()
        self._references.clear()
        self._made.clear()
        self._reference_numbers.clear()

    def call(self, target: Target, args: tuple, kwargs: dict[str, Any]) -> Reply:
        return self._request(CALL, target, (args, kwargs))

    def get(self, target: Target) -> Reply:
        """Read an attribute or a table."""
        return self._request(GET, target)

    def set(self, target: Target, value: Any) -> Reply:
        return self._request(SET, target, (value,))

    def refer(self, value: Any) -> RemoteReference:
        """Let the submission call an object of the check's own."""
        if isinstance(value, RemoteReference):
            value = value.reference
        number = self._reference_numbers.get(id(value))
        if number is not None:
            return RemoteReference(value, tuple(sorted(self._behind(number)[1])))
        self._number_it(value, len(self._references), self._references)
        return RemoteReference(value, tuple(sorted(self._references[-1][1])), recipe_of(value))

    def _number_it(self, value: Any, number: int, among: list[tuple[Any, frozenset[str]]]) -> None:
        if isinstance(value, NOT_FOR_SUBMISSIONS):
            raise TypeError(f"a {type(value).__name__} cannot be passed to a submission")
        if len(among) >= MAX_REFERENCES:
            raise ValueError("the submission was given too many objects")
        self._reference_numbers[id(value)] = number
        among.append((value, frozenset(methods_of(value))))

    def _behind(self, number: Any) -> tuple[Any, frozenset[str]]:
        """What a submission was given under a number, and the methods that it may call."""
        if type(number) is int:
            if 0 <= number < len(self._references):
                return self._references[number]
            if 0 < -number <= len(self._made):
                return self._made[-number - 1]
        raise WireError("an object that it was not given")

    def scratch(self) -> str:
        return self._scratch

    def close(self) -> None:
        """End the worker and remove its folder."""
        self._drop()
        remove_tree(str(self._folder))

    # -- checks that were run before -----------------------------------------------------------------------------------

    def open(self, topic: str) -> bool:
        """Get ready to keep what is said in a check of a topic.

        Returns
        -------
        bool
            Whether the check can go as it goes for others: not where the topic is not loaded yet (which may fail, or
            take its time), or this submission was slow before.
        """
        if self._worker is None or topic not in self._worker.loaded or self._slow:
            return False
        self._tape = Tape()
        return True

    def repeat(self, said: Said) -> bytes | None:
        """Say what a check said before, in its place.

        Returns
        -------
        bytes or None
            What came back; None where the check has to go on itself. It then hears again what was heard so far, and how
            it ended where it did.
        """
        if said.opens and not self._may_repeat():
            return None
        worker = self._worker
        assert worker is not None
        start = time.monotonic()
        if said.opens:
            worker.channel.start(start + self._timeout * (1 + GRACE))
        heard: bytes | Exception
        try:
            worker.channel.send(said.data)
            heard = worker.channel.receive()
        except (Late, Gone, WireError, TooManyFiles) as problem:
            heard = problem
        except BaseException:
            self._drop()
            raise
        finally:
            self._left -= time.monotonic() - start
        self._tape.keep(said, heard)
        return heard if isinstance(heard, bytes) else None

    def turns(self) -> tuple[Turn, ...]:
        """What was said and heard since the check began; nothing where that is no pattern for other submissions."""
        return self._tape.turns

    def start_again(self) -> None:
        """Have a new worker, and nothing said to it yet."""
        self._drop()
        self.shut()

    def shut(self) -> None:
        """The check has ended: what is said from now on is not kept."""
        self._tape = NoTape()

    def _may_repeat(self) -> bool:
        worker = self._worker
        if worker is None or worker.channel.state() != QUIET or self._left < MUCH_TIME * self._timeout:
            return False
        try:
            self._count_request()
        except TooManyFiles:
            self._requests -= 1  # the check finds them itself, when it makes this request
            return False
        return True

    # -- requests ------------------------------------------------------------------------------------------------------

    def _request(self, kind: str, target: Target, rest: tuple = ()) -> Reply:
        """Answer a request, come what may of the worker."""
        if self._depth:
            return self._nested(kind, target, rest)
        key = self._key(target)
        try:
            self._check_for_litter()
            self._check_generation(target)
            self._prepare(target)
            seconds = self._timeout * TENTH if key in self._slow else self._timeout
            reply = self._timed(kind, target, rest, seconds)
        except Broken as broken:
            reply = Reply(None, broken.raised)
        if reply.raised is not None and reply.raised.kind == "deadline":
            self._slow.add(key)
            self._tape.spoil()
        if isinstance(reply.value, Handle):
            self._classes.setdefault(reply.value.number, key)
        return reply

    def _nested(self, kind: str, target: Target, rest: tuple) -> Reply:
        """A request that a check's own function makes while the submission calls it: under the same deadline."""
        try:
            self._check_generation(target)
            return self._exchange(kind, target, rest, 0.0)
        except Broken as broken:
            self._broken = broken
            return Reply(None, broken.raised)

    def _key(self, target: Target) -> tuple:
        """What a request is about: a topic and an exercise, and a method where the exercise is a class."""
        if isinstance(target[0], int):
            return (*self._classes.get(target[0], ()), *target[1:])
        return tuple(target[:2])

    def _check_generation(self, target: Target) -> None:
        """An object of a worker that has ended is gone."""
        if isinstance(target[0], int) and (self._worker is None or target[0] >> 32 != self._generation):
            raise Broken(Raised("died", detail=_("the object was lost with the process that held it")))

    def _prepare(self, target: Target) -> None:
        """Have a worker that has loaded the topic of a request."""
        topic = target[0]
        if isinstance(topic, int) or (self._worker is not None and topic in self._worker.loaded):
            return
        failures = self._broken_topics.setdefault(topic, [])
        if len(failures) >= 2:
            raise Broken(failures[-1])
        seconds = self._timeout * TENTH if failures else self._timeout
        self._tape.spoil()
        try:
            reply = self._timed(LOAD, (topic,), (), seconds)
        except Broken as broken:
            failures.append(broken.raised)
            raise
        if reply.raised is not None and reply.raised.kind in ("deadline", "protocol"):
            failures.append(reply.raised)
            raise Broken(reply.raised)
        assert self._worker is not None
        self._worker.loaded.add(topic)

    def _check_for_litter(self) -> None:
        worker = self._worker
        if worker is None or self._tape.replaying:
            return
        state = worker.channel.state()
        if state == CLOSED:  # it ended between two requests, which is no answer to this one
            self._drop()
            return
        if state == TALKING:
            self._drop()
            raise Broken(Raised("protocol", detail=_("it sent something that nobody had asked for")))
        try:
            self._count_request()
        except TooManyFiles:
            raise self._overfull() from None

    def _count_request(self) -> None:
        self._requests += 1
        if self._requests % 50 == 0:
            self._watch_scratch()

    def _timed(self, kind: str, target: Target, rest: tuple, seconds: float) -> Reply:
        """One request under a deadline; its time is taken off what the submission has left."""
        if self._left <= 0:
            used_up = _("the submission has used up its {seconds:g} seconds").format(seconds=self._budget)
            raise Broken(Raised("deadline", detail=used_up))
        seconds = min(seconds, self._left)
        if seconds != self._timeout:
            self._tape.spoil()
        worker = self._running_worker()
        start = time.monotonic()
        self._returned, self._called_bytes, self._problem, self._broken = 0.0, 0, None, None
        if not self._tape.replaying:  # otherwise the time of the request under way runs already
            worker.channel.start(start + seconds * (1 + GRACE))
        self._depth = 1
        try:
            return self._exchange(kind, target, rest, seconds)
        except Broken:
            raise
        except CheckSideError:
            raise
        except BaseException:
            self._drop()  # it waits for an answer that will not come
            raise
        finally:
            self._depth = 0
            self._left -= time.monotonic() - start - self._returned

    def _exchange(self, kind: str, target: Target, rest: tuple, seconds: float) -> Reply:
        worker = self._worker
        if worker is None:
            raise Broken(Raised("died", detail=_("it ended during a call")))
        self._number += 1
        number = self._number
        try:
            request = pack((kind, number, seconds, self._inner(target), *rest), self)
        except WireError as error:
            raise ValueError(f"a check passes on {error}") from error
        try:
            self._say(worker, Said(request, kind != LOAD and seconds > 0))
            while True:
                message = self._message(worker)
                if message[:2] == (REPLY, number) and len(message) == 3:
                    return self._checked(message[2], rest)
                if message == (CHECK_BROKE, number) and self._problem is not None:
                    problem, self._problem = self._problem, None
                    raise CheckSideError from problem
                if message[0] not in (CALL_BACK, READ_BACK, CALLED):
                    raise WireError("an answer to another question")
                answer = self._called_back(worker, message)
                if self._worker is not worker:
                    raise self._broken or Broken(Raised("died", detail=_("it ended during a call")))
                self._say(worker, Said(answer, False))
        except Late:
            self._drop()
            raise Broken(Raised("deadline")) from None
        except Gone:
            raise Broken(self._how_it_died()) from None
        except TooManyFiles:
            raise self._overfull() from None
        except WireError as error:
            self._drop()
            raise Broken(Raised("protocol", detail=str(error))) from None

    def _say(self, worker: _Worker, said: Said) -> None:
        if self._tape.say(said):
            worker.channel.send(said.data)

    def _message(self, worker: _Worker) -> tuple:
        replaying = self._tape.replaying
        data = self._tape.hear(worker.channel.receive)
        if replaying and not self._tape.replaying:  # the time in between was the check's own
            worker.channel.deadline += time.monotonic() - self._tape.kept
        log, data = split(data)
        if log:
            self._make_again(worker, log)
        message = decode(data, self, self._limits.bounds)
        if type(message) is not tuple or len(message) < 2 or type(message[0]) is not str or type(message[1]) is not int:
            raise WireError("no message")
        if message[0] in (CALL_BACK, READ_BACK, CALLED):
            self._count_called(data)
        return message

    def _count_called(self, data: bytes) -> None:
        self._called_bytes += len(data)
        if len(data) > self._limits.callback or self._called_bytes > CALLS_BACK * self._limits.callback:
            raise WireError("more arguments than a check's function is given")

    @staticmethod
    def _checked(reply: Any, passed: tuple) -> Reply:
        """A reply as it may be believed; `passed` are the arguments by position and by name, where there were any."""
        if type(reply) is not Reply:
            raise WireError("an answer that is no reply")
        if reply.changed:
            args, kwargs = passed if len(passed) == 2 else ((), {})
            if not {*map(str, range(len(args))), *kwargs}.issuperset(reply.changed):
                raise WireError("a report on arguments that were not passed")
        raised = reply.raised
        if raised is not None and raised.kind != "exception" and raised.bases:
            # A module that raises ValueError when it is imported is not an exercise that raises ValueError.
            reply = replace(reply, raised=replace(raised, bases=()))
        return reply

    @staticmethod
    def _inner(target: Target) -> tuple:
        return (target[0] & 0xFFFF_FFFF, *target[1:]) if isinstance(target[0], int) else tuple(target)

    # -- callbacks -----------------------------------------------------------------------------------------------------

    def _called_back(self, worker: _Worker, message: tuple) -> bytes:
        """Do what the submission asks of a check's own object, and encode the answer."""
        action = self._action(message)
        with self._own_time(worker), np.errstate(all="ignore"):
            try:
                if self._depth > MAX_NESTING:
                    raise RecursionError("the submission and the check call each other without end")
                return pack((ANSWER, message[1], True, to_plain(action(), self.refer)), self)
            except CheckSideError as error:
                self._problem = error.__cause__ or error
            except Exception as error:
                self._problem = error
            return pack((ANSWER, message[1], False, None), self)

    def _make_again(self, worker: _Worker, log: list[bytes]) -> None:
        """Make the calls of props that the worker has made already on the check's own."""
        for entry in log:
            if not self._tape.replaying:
                worker.channel.look_at_the_clock()
            self._count_called(entry)
            with self._own_time(worker), np.errstate(all="ignore"):
                call = decode(entry, self, self._limits.bounds)
                if type(call) is not tuple or len(call) != 4:
                    raise WireError("an entry that is no call")
                if recipe_of(self._behind(call[0])[0]) is None:
                    raise WireError("a call of what it cannot have made")
                action = self._call(*call)
                try:
                    to_plain(action(), self._made_again)
                except Exception as error:
                    self._problem = error

    def _made_again(self, value: Any) -> None:
        """Number what a prop made, as the worker did."""
        if id(value) not in self._reference_numbers:
            self._number_it(value, -len(self._made) - 1, self._made)

    def _forget_made(self) -> None:
        """A new worker numbers what props make from -1 again, and has nothing of what others made."""
        for value, _methods in self._made:
            del self._reference_numbers[id(value)]
        self._made.clear()

    @contextmanager
    def _own_time(self, worker: _Worker) -> Iterator[None]:
        """A check's own time is not the submission's, but lengthens the deadline.

        By no more than one time-out a request; and no more is given back to a submission than it has for itself.
        """
        start = time.monotonic()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 1:
                most = min(self._timeout - self._returned, self._to_give_back)
                given_back = min(time.monotonic() - start, max(most, 0.0))
                self._returned += given_back
                self._to_give_back -= given_back
                worker.channel.deadline += given_back

    def _action(self, message: tuple) -> Callable[[], Any]:
        if message[0] == CALLED:
            return lambda: None
        kind, _number, reference, name, args, kwargs = (*message, None, None, None, None)[:6]
        if kind == CALL_BACK:
            return self._call(reference, name, args, kwargs)
        value, _methods = self._behind(reference)
        if type(name) is not str or name.startswith("_"):
            raise WireError("a look at a private attribute")
        return lambda: getattr(value, name)

    def _call(self, reference: Any, name: Any, args: Any, kwargs: Any) -> Callable[[], Any]:
        """A call of a check's own object, or of its method."""
        value, methods = self._behind(reference)
        if type(args) is not tuple or type(kwargs) is not dict or not all(type(key) is str for key in kwargs):
            raise WireError("a call without proper arguments")
        if name == "__call__":
            return lambda: value(*args, **kwargs)
        if type(name) is not str or name not in methods:
            raise WireError("a call of a method that does not exist")
        return lambda: getattr(value, name)(*args, **kwargs)

    # -- names of objects (`wire.Names`) -------------------------------------------------------------------------------

    def handle_out(self, handle: Handle) -> int:
        if handle.number >> 32 != self._generation:
            raise Broken(Raised("died", detail=_("the object was lost with the process that held it")))
        return handle.number & 0xFFFF_FFFF

    def handle_in(self, number: int, type_name: str, callable: bool) -> Handle:
        if not 0 < number <= 0xFFFF_FFFF:
            raise WireError("an object with an impossible number")
        return Handle(self._generation << 32 | number, type_name, callable)

    def remote_out(self, reference: RemoteReference) -> int:
        self.refer(reference.reference)
        return self._reference_numbers[id(reference.reference)]

    def remote_in(self, number: int, methods: tuple[str, ...]) -> RemoteReference:
        return self.refer(self._behind(number)[0])

    # -- workers -------------------------------------------------------------------------------------------------------

    def _running_worker(self) -> _Worker:
        for _attempt in range(2):
            if self._worker is not None:
                return self._worker
            order = Order(
                str(self._folder / "submission"), self._scratch, self._names, self._budget + START_SECONDS, self._memory
            )
            self._tape.spoil()
            process = self._zygote.spawn(order)
            self._generation += 1
            self._classes.clear()
            self._forget_made()
            channel = TimedChannel(process.connection, self._limits.bounds.message, self._watch_scratch)
            channel.start(time.monotonic() + START_SECONDS)
            self._worker = _Worker(process, channel, set())
            try:
                if decode(channel.receive()) == (READY,):
                    continue
            except (Late, Gone, WireError):
                pass
            except TooManyFiles:
                self._overfull()
            self._drop()
        if self._worker is None:
            problem = self._zygote.problem()
            raise SandboxError(
                _("A sealed process does not start or cannot be confined. {problem}").format(problem=problem)
            )
        return self._worker

    def _drop(self) -> None:
        self._tape.spoil()
        worker, self._worker = self._worker, None
        if worker is not None:
            self._zygote.end(worker.process)

    def _how_it_died(self) -> Raised:
        self._tape.spoil()
        worker, self._worker = self._worker, None
        assert worker is not None
        return Raised("died", detail=self._zygote.end(worker.process, patient=True).words)

    def _watch_scratch(self) -> None:
        limit = Size(self._limits.scratch_files, self._limits.scratch)
        size = size_of(self._scratch, limit)
        removed = removed_but_open(self._worker.process.number) if self._worker is not None else 0
        if size.files > limit.files or size.bytes + removed > limit.bytes:
            raise TooManyFiles

    def _overfull(self) -> Broken:
        """End a worker that wrote too much, and what it wrote."""
        self._drop()
        remove_tree(self._scratch)
        Path(self._scratch).mkdir(exist_ok=True)
        return Broken(Raised("died", detail=_("it wrote more files than it may")))
