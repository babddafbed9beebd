"""The process from which the workers are forked: an interpreter with NumPy and `grader.subject` in it, nothing else.

It holds no test, no answer and no submission, and runs no line of a student's: it forks, ends and buries workers when
the grading side asks for it over a socket, and ends with the grading side.
"""

from __future__ import annotations

import base64
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
import types
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox import confinement as confining
from grader.sandbox.channel import Channel
from grader.sandbox.confinement import Confinement, ConfinementError, become_subreaper, binding_layers
from grader.sandbox.tier import SECCOMP
from grader.sandbox.trees import remove_tree
from grader.sandbox.wire import Bounds, encode
from grader.sandbox.worker import Worker, move_to, settle
from grader.subject import executor, plain

MESSAGE = 1 << 16
PATIENCE = 0.05
"""Seconds that a worker which hung up has to end by itself, so that its own ending can be told from ours."""


class ForkServer:
    """Serves the control socket.

    Parameters
    ----------
    control : socket
        A `SOCK_SEQPACKET` connection to the grading side: JSON messages, a file descriptor with each `spawn`.
    settings : dict
        What `Zygote` writes: `layers`, `limits`, `bounds`, `root`, `forbidden`, `hidden` and `outside`.
    """

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        self._control = control
        self._settings = settings
        self._bounds = Bounds(**settings["bounds"])
        self._workers: set[int] = set()
        self._children = _open_children()
        settle(settings["root"], settings["hidden"])
        self._confinement = _confinement(settings)

    def serve(self) -> None:
        """Until the grading side hangs up; then every worker ends."""
        gc.collect()
        gc.freeze()
        self._reply({"layers": self._proved_layers()})
        try:
            while True:
                message, numbers, _flags, _address = socket.recv_fds(self._control, MESSAGE, 1)
                if not message:
                    return
                self._reply(self._carry_out(json.loads(message), numbers))
        finally:
            for worker in list(self._workers):
                self._end(worker)
            remove_tree(self._settings["root"])  # the grading side may have been killed, and cannot

    def _reply(self, answer: dict[str, Any]) -> None:
        self._control.send(json.dumps(answer).encode())

    def _carry_out(self, request: dict[str, Any], numbers: list[int]) -> dict[str, Any]:
        if request["do"] == "end":
            return self._end(request["worker"], PATIENCE if request["patient"] else 0.0)
        try:
            worker = self._fork(request, numbers[0])
        except OSError as error:
            return {"error": str(error)}
        finally:
            for number in numbers:
                os.close(number)
        self._workers.add(worker)
        return {"worker": worker}

    def _fork(self, request: dict[str, Any], number: int) -> int:
        parent = os.getpid()
        worker = os.fork()
        if worker:
            return worker
        try:
            os.setsid()
            connection = socket.socket(fileno=number)  # it looks at the socket, which is forbidden later
            _open_nothing(0, 1)
            move_to(request["scratch"])
            self._confinement.limits["memory"] = request["memory"]
            self._confinement.apply(request["folder"], request["scratch"], request["seconds"])
            if os.getppid() != parent:
                raise ConfinementError("the process that started it is gone")
            confining.close_all_but(number)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        try:
            os.dup2(0, 2)
            _serve(connection, request, self._bounds)
        finally:
            os._exit(0)

    def _end(self, worker: int, patience: float = 0.0) -> dict[str, Any]:
        """Kill a worker, and whatever it started, and say how it had ended before, if it had."""
        if worker not in self._workers:
            return {"status": 0, "killed": True}
        self._workers.discard(worker)
        ended, status = _ending(worker, patience)
        if not ended:
            _kill_group(worker)
            _number, status = os.waitpid(worker, 0)
        if SECCOMP not in self._confinement.layers:
            _kill_group(worker)
            self._bury_orphans()
        return {"status": status, "killed": not ended}

    def _bury_orphans(self) -> None:
        """Processes that a worker started, where nothing kept it from doing so; they are our children now."""
        for _attempt in range(1000):
            orphans = self._numbers_of_children() - self._workers
            if not orphans:
                return
            for orphan in orphans:
                _kill(orphan)
            for orphan in orphans:
                _wait_for(orphan)

    def _numbers_of_children(self) -> set[int]:
        if self._children is None:
            return set()
        os.lseek(self._children, 0, os.SEEK_SET)
        return {int(word) for word in os.read(self._children, 1 << 20).split()}

    def _proved_layers(self) -> list[str]:
        """The layers that bind a worker, as one finds that tries to break them."""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                root = self._settings["root"]
                self._confinement.apply(root, root, 10)
                layers = binding_layers(self._confinement.layers, self._settings["outside"])
                os.write(writer, json.dumps(layers).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        return json.loads(text) if text else []


def _confinement(settings: dict[str, Any]) -> Confinement:
    readable = confining.interpreter_folders()
    return Confinement(settings["layers"], settings["limits"], readable, settings["forbidden"], settings["root"])


def _open_nothing(*numbers: int) -> None:
    """Open /dev/null anew: the flags of what was open before the fork would be shared with every other worker."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(nothing, number)
    os.close(nothing)


def _serve(connection: socket.socket, request: dict[str, Any], bounds: Bounds) -> None:
    Worker(Channel(connection, bounds.message), request["folder"], request["names"], bounds).serve()


def _ending(worker: int, patience: float) -> tuple[bool, int]:
    """Whether a worker has ended by itself, and how; one that hung up gets a moment for it."""
    until = time.monotonic() + patience
    while True:
        number, status = os.waitpid(worker, os.WNOHANG)
        if number or time.monotonic() >= until:
            return number != 0, status
        time.sleep(0.001)


def _kill_group(worker: int) -> None:
    try:
        os.killpg(worker, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        _kill(worker)


def _kill(number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def _wait_for(number: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(number, 0)


def _open_children() -> int | None:
    """The list of this process's children, opened while `/proc` can still be read."""
    try:
        return os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY)
    except OSError:
        return None


# -- the worker's own machinery --------------------------------------------------------------------------------------


PRELOADED = ("numpy.random", "numpy.linalg", "numpy.fft", "numpy.ma", "typing", "math", "copy", "dataclasses", "abc")
"""What submissions are likely to use, loaded before the fork: importing `numpy.random` takes 30 ms."""


def preload() -> None:
    """Load what submissions are likely to use; a NumPy that lacks one of these is no problem."""
    for name in PRELOADED:
        with suppress(ImportError):
            importlib.import_module(name)


def keep_to_itself() -> None:
    """Give the modules that watch a call their own `builtins` and their own view of NumPy.

    A submission that replaces `numpy.may_share_memory` or `builtins.zip` then replaces it for itself, not for the code
    that notices whether an argument was changed. (Code that seeks out these modules can still alter them: see
    docs/security.md for what it gains.)
    """
    own_numpy = types.SimpleNamespace(**vars(np))
    for module in (plain, executor):
        module.np = own_numpy  # type: ignore[attr-defined]


def main() -> None:
    """Started by `Zygote`: argv is the number of the control socket; the settings come over it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    message = control.recv(MESSAGE)
    if not message:  # the grading side was killed before it could say anything
        remove_tree(str(Path.cwd()))
        return
    settings = json.loads(message)
    become_subreaper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    preload()
    keep_to_itself()
    ForkServer(control, settings).serve()


def alone() -> None:
    """Started by `Launcher`, where there is no `fork`: an interpreter for one worker; the settings come over stdin."""
    request = json.loads(sys.stdin.buffer.readline())
    settings = request["settings"]
    if request["share"] is None:
        connection = socket.socket(fileno=request["number"])
    else:
        connection = socket.fromshare(base64.b64decode(request["share"]))  # type: ignore[attr-defined]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle(request["scratch"], settings["hidden"])
    preload()
    keep_to_itself()
    confinement = _confinement(settings)
    confinement.limits["memory"] = request["memory"]
    confinement.apply(request["folder"], request["scratch"], request["seconds"])
    bounds = Bounds(**settings["bounds"])
    if request["prove"]:
        channel = Channel(connection, bounds.message)
        channel.send(encode(binding_layers(confinement.layers, settings["outside"])))
        return
    _serve(connection, request, bounds)
    os._exit(0)
