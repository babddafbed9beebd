"""Where workers come from: a fresh interpreter that forks one for each submission, as the grading side knows it.

    with Zygote(Limits()) as zygote:
        print(zygote.tier.sentence)
        subject = SealedSubject(zygote, folder, course.names, timeout=10)

The workers are ended by the process that forked them: it alone can be sure that a process number still means the
worker. That process may be lost (the machine ran out of memory, say); the next `spawn` starts another.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from grader.course import ROOT
from grader.language import _
from grader.sandbox.channel import Gone, Late, TimedChannel
from grader.sandbox.tier import LAYERS, Limits, SandboxError, Tier
from grader.sandbox.trees import remove_tree
from grader.sandbox.wire import WireError, decode
from grader.sandbox.worker import ABSENT_PACKAGES

START_SECONDS = 60.0
CONTROL_SECONDS = 20.0
MESSAGE = 1 << 16
PREFIX = "grader-zygote-"
FORGOTTEN_SECONDS = 3600.0
IN_MEMORY = "/dev/shm"
ENOUGH_ROOM = 1 << 30
BOOT = "import sys; sys.path[:0] = sys.argv[2:]; from grader.sandbox.private import start; start({entry!r})"
THREADS = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


@dataclass(frozen=True)
class Order:
    """What a new worker needs to know."""

    folder: str
    scratch: str
    names: Mapping[str, Sequence[str]]
    seconds: float
    memory: int


@dataclass(frozen=True)
class Ending:
    """How a worker ended: its exit status, negative for a signal; None where it was ended from outside."""

    status: int | None

    @property
    def words(self) -> str:
        """For a sentence: "... ended the process that ran it (killed by signal 11, segmentation fault)"."""
        if self.status is None:
            return _("it closed its connection")
        if self.status >= 0:
            return _("it left with exit status {status}").format(status=self.status)
        number = -self.status
        if number == signal.SIGKILL:
            return _("killed by signal 9, as the system does when memory runs out")
        name = signal.strsignal(number) or ""
        return _("killed by signal {number}, {name}").format(number=number, name=name.split("(")[0].strip().lower())


@dataclass(frozen=True)
class WorkerProcess:
    """A running worker: its process, and this side's end of the connection."""

    number: int
    connection: socket.socket = field(repr=False)
    owner: Any = field(default=None, repr=False)


class Source(Protocol):
    """Starts and ends workers."""

    layers: tuple[str, ...]

    def spawn(self, order: Order) -> WorkerProcess: ...

    def end(self, worker: WorkerProcess, patient: bool) -> Ending: ...

    def close(self) -> None: ...

    def problem(self) -> str: ...


class Lost(Exception):
    """The process that forks the workers is gone."""


class Zygote:
    """A source of workers; a context manager.

    Parameters
    ----------
    limits : Limits, optional
        They hold for each worker.

    Raises
    ------
    SandboxError
        On entering, if no worker can be started here.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._source: Source | None = None
        self._root: str | None = None
        self._folders = 0
        self._tier: Tier | None = None

    def __enter__(self) -> Zygote:
        place = fast_folder() or tempfile.gettempdir()
        remove_forgotten_folders(Path(place))
        self._root = os.path.realpath(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def tier(self) -> Tier:
        """Which layers bind the workers, proved when the zygote started."""
        if self._tier is None:
            raise SandboxError(_("The zygote is not open: use it in a `with` statement."))
        return self._tier

    def new_folder(self) -> Path:
        """A new, empty folder for one submission."""
        assert self._root is not None, "the zygote is not open"
        self._folders += 1
        folder = Path(self._root, f"{self._folders}")
        folder.mkdir(mode=0o700)
        return folder

    def spawn(self, order: Order) -> WorkerProcess:
        """Start a worker.

        Raises
        ------
        SandboxError
            It cannot be started, even by a new zygote.
        """
        for _attempt in range(2):
            if self._source is None:
                self._start()
            assert self._source is not None
            try:
                return self._source.spawn(order)
            except Lost:
                self._drop()
        raise SandboxError(_("No process can be started for a submission: is the machine short of memory?"))

    def end(self, worker: WorkerProcess, patient: bool = False) -> Ending:
        """End a worker and everything that it started, and say how it ended if it was no longer running.

        Parameters
        ----------
        worker : WorkerProcess
        patient : bool
            Give a worker that has closed its connection a moment to end by itself.
        """
        worker.connection.close()
        if worker.owner is not self._source or self._source is None:
            return Ending(-int(signal.SIGKILL) if os.name == "posix" else None)
        try:
            return self._source.end(worker, patient)
        except Lost:
            self._drop()
            return Ending(None)

    def problem(self) -> str:
        """The last that was heard of a worker that could not be started."""
        return "" if self._source is None else self._source.problem()

    def close(self) -> None:
        """End all workers and remove their folders."""
        self._drop()
        if self._root is not None:
            remove_tree(self._root)
            self._root = None

    def _start(self) -> None:
        assert self._root is not None, "the zygote is not open"
        settings = self._settings()
        can_fork = self.limits.fork and hasattr(os, "fork") and sys.platform.startswith("linux")
        self._source = ForkingSource(settings) if can_fork else Launcher(settings)
        proved = Tier.of(self._source.layers)
        if self._tier is not None and proved != self._tier:
            self._drop()
            raise SandboxError(_("A new zygote is confined otherwise than the first one: start the run again."))
        self._tier = proved

    def _drop(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _settings(self) -> dict[str, Any]:
        limits = self.limits
        kit = [str(ROOT / name) for name in ("grader", "solutions", "tests", "exercises")]
        frameworks = [
            str(path)
            for site in site_folders()
            for package in ABSENT_PACKAGES
            for path in Path(site).glob(f"{package}*")
        ]
        return {
            "layers": [layer for layer in LAYERS if layer in limits.layers],
            "limits": {"memory": limits.memory, "file": limits.file, "open_files": limits.open_files},
            "bounds": asdict(limits.bounds),
            "root": self._root,
            "forbidden": [*kit, *frameworks],
            "hidden": [str(ROOT)] if str(ROOT) not in site_folders() else [],
            "outside": str(Path(__file__).resolve()),
        }


# -- a process that forks ----------------------------------------------------------------------------------------------


class ForkingSource:
    """The fork server, as seen from outside."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (it lives as long as the process)
        self._workers: set[int] = set()
        try:
            self._process = subprocess.Popen(
                interpreter("main", str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                pass_fds=(theirs.fileno(),),
                env=environment(),
                cwd=settings["root"],
                start_new_session=True,
            )
        finally:
            theirs.close()
        self._control.settimeout(START_SECONDS)
        try:
            self.layers = tuple(self._exchange(settings)["layers"])
        except Lost as error:
            problem = self.problem()
            self.close()
            raise SandboxError(_("No sealed process can be started here: {problem}").format(problem=problem)) from error
        self._control.settimeout(CONTROL_SECONDS)

    def spawn(self, order: Order) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        try:
            answer = self._exchange({"do": "spawn", **asdict(order)}, theirs)
        except Lost:
            ours.close()
            raise
        finally:
            theirs.close()
        if "error" in answer:
            ours.close()
            raise SandboxError(_("No process can be started for a submission: {error}").format(error=answer["error"]))
        self._workers.add(answer["worker"])
        return WorkerProcess(answer["worker"], ours, self)

    def end(self, worker: WorkerProcess, patient: bool) -> Ending:
        self._workers.discard(worker.number)
        answer = self._exchange({"do": "end", "worker": worker.number, "patient": patient})
        return Ending(None if answer["killed"] else os.waitstatus_to_exitcode(answer["status"]))

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(CONTROL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _exchange(self, request: dict[str, Any], connection: socket.socket | None = None) -> dict[str, Any]:
        message = json.dumps(request).encode()
        numbers = [] if connection is None else [connection.fileno()]
        try:
            socket.send_fds(self._control, [message], numbers)
            answer = self._control.recv(MESSAGE)
        except OSError as error:
            raise Lost from error
        if not answer:
            raise Lost
        return json.loads(answer)

    def problem(self) -> str:
        """The last line of what the process said before it ended."""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), _("it gave no reason"))


# -- a process for each worker -----------------------------------------------------------------------------------------


class Launcher:
    """Starts a fresh interpreter for each worker, where there is no `fork` (or none that NumPy survives)."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._processes: dict[int, subprocess.Popen] = {}
        self.layers = self._proved_layers()

    def spawn(self, order: Order) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        try:
            process = self._launch(theirs, asdict(order), prove=False)
        except OSError as error:
            ours.close()
            raise SandboxError(_("No process can be started for a submission: {error}").format(error=error)) from error
        finally:
            theirs.close()
        self._processes[process.pid] = process
        return WorkerProcess(process.pid, ours, self)

    def end(self, worker: WorkerProcess, patient: bool) -> Ending:
        if patient:
            time.sleep(0.05)
        status = _kill_process(self._processes.pop(worker.number))
        return Ending(None if status in (-9, 1 if os.name == "nt" else -9) else status)

    def close(self) -> None:
        for process in self._processes.values():
            _kill_process(process)
        self._processes.clear()

    def problem(self) -> str:
        return ""

    def _launch(self, theirs: socket.socket, order: dict[str, Any], prove: bool) -> subprocess.Popen:
        windows = os.name == "nt"
        options: dict[str, Any] = {} if windows else {"pass_fds": (theirs.fileno(),), "start_new_session": True}
        process = subprocess.Popen(
            interpreter("alone", ""),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd=self._settings["root"],
            **options,
        )
        assert process.stdin is not None
        request = {**order, "settings": self._settings, "prove": prove, "number": theirs.fileno(), "share": None}
        if windows:
            request["share"] = base64.b64encode(theirs.share(process.pid)).decode()  # type: ignore[attr-defined]
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.close()
        except OSError:
            _kill_process(process)
            raise
        return process

    def _proved_layers(self) -> tuple[str, ...]:
        root = self._settings["root"]
        ours, theirs = socket.socketpair()
        order = Order(root, root, {}, 10, self._settings["limits"]["memory"])
        process = self._launch(theirs, asdict(order), prove=True)
        theirs.close()
        try:
            channel = TimedChannel(ours, MESSAGE)
            channel.start(time.monotonic() + START_SECONDS)
            layers = decode(channel.receive())
        except (Gone, Late, WireError) as error:
            raise SandboxError(_("No sealed process can be started here: Python or NumPy does not start.")) from error
        finally:
            _kill_process(process)
            ours.close()
        return tuple(layers)


def _kill_process(process: subprocess.Popen) -> int:
    """Kill a child and its process group; its number cannot mean another process before it is waited for."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    return process.wait()


# -- how an interpreter is started -------------------------------------------------------------------------------------


def remove_forgotten_folders(place: Path) -> None:
    """Remove the empty folders of grading processes that were killed before they had started a zygote."""
    for folder in place.glob(PREFIX + "*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > FORGOTTEN_SECONDS:
                folder.rmdir()


def fast_folder() -> str | None:
    """A place in memory for the folders of workers, which saves some 5 ms a submission; None where there is none."""
    try:
        room = os.statvfs(IN_MEMORY)
    except (AttributeError, OSError):
        return None
    enough = room.f_bavail * room.f_frsize >= ENOUGH_ROOM
    return IN_MEMORY if enough and os.access(IN_MEMORY, os.W_OK | os.X_OK) else None


def site_folders() -> list[str]:
    """The folders of installed packages that this interpreter uses."""
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(np.__file__).parents[1])]
    found += [path for path in sys.path if path.rstrip("/\\").endswith(("site-packages", "dist-packages"))]
    return list(dict.fromkeys(os.path.realpath(path) for path in found if Path(path).is_dir()))


def interpreter(entry: str, argument: str) -> list[str]:
    """The command for a fresh interpreter without `site`: no `.pth` file, no `sitecustomize`, no user folder."""
    paths = [str(ROOT), *site_folders()]
    return [sys.executable, "-s", "-S", "-B", "-c", BOOT.format(entry=entry), argument, *dict.fromkeys(paths)]


def environment() -> dict[str, str]:
    """All of the environment that it gets: one thread, one order of sets, one language."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, **dict.fromkeys(THREADS, "1"), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
