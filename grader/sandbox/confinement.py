"""Confinement of a worker by the kernel, without privileges: rlimits, Landlock, seccomp.

`Confinement` is prepared once, before the fork (it opens what may be read and writes the filter), and applied by each
worker to itself. Nothing here can be undone by the worker afterwards. Importing this module works everywhere; on a
system that lacks a layer, that layer is left out and the tier says so.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.sandbox.syscalls import ABSENT, ARCHITECTURES, CHECKED, TO_ITSELF, Architecture
from grader.sandbox.tier import LANDLOCK, NO_NEW_PRIVILEGES, RLIMITS, SECCOMP

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
SECCOMP_MODE_FILTER = 2

CLOSE_RANGE = 436
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
READ_FILE, READ_DIR = 1 << 2, 1 << 3
WRITE_FILE, REMOVE_DIR, REMOVE_FILE = 1 << 1, 1 << 4, 1 << 5
MAKE_DIR, MAKE_REGULAR, REFER, TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REGULAR | REFER | TRUNCATE
RIGHTS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many file rights each version of Landlock knows; later ones know as many as version 5."""

READABLE_FILES = ("/dev/zero", "/dev/urandom", "/etc/ld.so.cache", "/etc/localtime")
LIBRARY_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")

ON_LINUX = sys.platform == "linux"
ROOM_BYTES = 4 << 30
"""The address space that a process that grades may take on top of what it starts with."""


class ConfinementError(Exception):
    """A layer that the kernel has could not be applied."""


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """The version of Landlock that the kernel offers; 0 where it has none."""
    if not ON_LINUX:
        return 0
    return max(_libc().syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)), 0)


def architecture() -> Architecture | None:
    """The table of this machine's system calls; None where the filter does not know them."""
    if not ON_LINUX or sys.maxsize < 1 << 32:
        return None
    return ARCHITECTURES.get(platform.machine().lower())


# -- what may be read ----------------------------------------------------------------------------------------------


def readable_paths(folders: Iterable[str], forbidden: Sequence[str]) -> list[tuple[str, int]]:
    """Paths and rights that open `folders` but nothing of `forbidden`.

    Landlock can only allow. Where something forbidden lies within a folder, the folder may be listed and each of its
    other entries is allowed on its own.
    """
    banned = [os.path.realpath(path) for path in forbidden]
    rules: dict[str, int] = {}

    def open_up(path: str) -> None:
        real = os.path.realpath(path)
        if any(_within(real, ban) for ban in banned):
            return
        if not any(_within(ban, real) for ban in banned):
            rules[real] = rules.get(real, 0) | (READ if Path(real).is_dir() else READ_FILE)
            return
        rules[real] = rules.get(real, 0) | READ_DIR
        with os.scandir(real) as entries:
            for entry in entries:
                if not entry.is_symlink():
                    open_up(entry.path)

    for folder in folders:
        if Path(folder).exists():
            open_up(folder)
    whole = [path for path, rights in rules.items() if rights == READ]
    return [
        (path, rights)
        for path, rights in rules.items()
        if not any(path != other and _within(path, other) for other in whole)
    ]


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def interpreter_folders() -> list[str]:
    """The folders that a running interpreter may still load from: its own libraries and those of the system."""
    folders = [path for path in sys.path if Path(path).is_absolute()]
    folders += [str(Path(path).parent) for path in _mapped_files()]
    return [*folders, *LIBRARY_FOLDERS, *READABLE_FILES]


def _mapped_files() -> set[str]:
    try:
        text = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    words = (line.split(None, 5) for line in text.splitlines())
    return {row[5] for row in words if len(row) == 6 and row[5].startswith("/") and ".so" in row[5]}


# -- seccomp -------------------------------------------------------------------------------------------------------

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE, _UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
Step = tuple[int, int, int, int]
_NOBODY = 0x7FFF_FFFE  # stands in the filter for the number of a worker that is not born yet


def seccomp_filter(table: Architecture, pid: int) -> bytes:
    """The filter as BPF instructions.

    The calls whose arguments matter come first; the rest are found by halving, not one after the other: the kernel runs
    a filter for every number when it is installed, which took half of the time of all confinement.

    Parameters
    ----------
    table : Architecture
    pid : int
        The worker's own number, to which it may send signals.
    """
    program: list[Step] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, table.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    checked: dict[str, tuple[int, tuple[int, ...]]] = {**CHECKED, **dict.fromkeys(TO_ITSELF, (0, (pid,)))}
    for name, (argument, values) in checked.items():
        program.append((_EQUAL, 0, len(values) + 3, table.guarded[name]))
        program.append((_LOAD, 0, 0, 16 + 8 * argument))
        program += [(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
        program += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    program += _halving(_ranges(table))
    return b"".join(struct.pack("<HBBI", *step) for step in program)


def _ranges(table: Architecture) -> list[tuple[int, int]]:
    """Where the numbers of system calls begin that have one answer, and the answer, in order."""
    answers = dict.fromkeys(table.allowed.values(), _ALLOW)
    answers.update({table.guarded[name]: _UNKNOWN for name in ABSENT})
    ranges = [(0, answers.get(0, _REFUSE))]
    for number in range(1, table.last + 1):
        answer = answers.get(number, _REFUSE)
        if answer != ranges[-1][1]:
            ranges.append((number, answer))
    ranges.append((table.last + 1, _UNKNOWN))
    if table.compat is not None:
        ranges.append((table.compat, _REFUSE))
    return ranges


def _halving(ranges: list[tuple[int, int]]) -> list[Step]:
    """A search in sorted ranges: at each step one comparison, which jumps over the lower half."""
    if len(ranges) == 1:
        return [(_RETURN, 0, 0, ranges[0][1])]
    middle = len(ranges) // 2
    lower, upper = _halving(ranges[:middle]), _halving(ranges[middle:])
    return [(_AT_LEAST, len(lower), 0, ranges[middle][0]), *lower, *upper]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


# -- the whole -----------------------------------------------------------------------------------------------------


class Confinement:
    """What a worker applies to itself.

    Landlock is applied twice. The process from which the workers are forked encloses itself once, with a rule for each
    library that may be read: hundreds, where something forbidden lies among them. Each worker then adds a second
    enclosure of a few wide rules and its own folders. What counts is what both allow, at a tenth of the cost.

    Parameters
    ----------
    layers : sequence of str
        Which layers to use, of those that the kernel has.
    limits : mapping
        `memory`, `file`, `open_files` (see `grader.sandbox.tier.Limits`).
    readable : iterable of str
        Folders and files that stay readable.
    forbidden : sequence of str
        What must not be readable even where it lies within one of these.
    root : str
        The folder that holds the folders of all workers.
    """

    def __init__(
        self, layers: Sequence[str], limits: dict, readable: Iterable[str], forbidden: Sequence[str], root: str
    ) -> None:
        self.limits = limits
        self._version = landlock_version() if LANDLOCK in layers else 0
        self._architecture = architecture() if SECCOMP in layers else None
        self._libc: Any = _libc() if ON_LINUX else None
        self._rules: list[tuple[int, int]] = []
        present = {
            NO_NEW_PRIVILEGES: ON_LINUX,
            RLIMITS: os.name == "posix",
            LANDLOCK: self._version > 0,
            SECCOMP: self._architecture is not None,
        }
        self.layers = tuple(layer for layer, there in present.items() if there and layer in layers)
        if RLIMITS in self.layers:
            import resource  # noqa: F401  (loaded before the fork, once for all workers)
        if ON_LINUX:
            _volunteer_when_memory_runs_out()
        self._fixed = self._fixed_limits()
        self._filter = seccomp_filter(self._architecture, _NOBODY) if self._architecture else b""
        self._base = _address_space()
        if self._version:
            self._enclose(list(readable), forbidden, root)

    def apply(self, folder: str, scratch: str, seconds: float) -> None:
        """Confine this process for good.

        Parameters
        ----------
        folder, scratch : str
            Stay readable; `scratch` stays writable.
        seconds : float
            Processor time after which the kernel ends the process, whatever happened to those who watch it.

        Raises
        ------
        ConfinementError
        """
        if ON_LINUX:
            self._prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            self._drop_capabilities()
        if RLIMITS in self.layers:
            self._limit(seconds)
        if NO_NEW_PRIVILEGES in self.layers:
            self._prctl(PR_SET_NO_NEW_PRIVS, 1)
        if LANDLOCK in self.layers:
            own = [(os.open(folder, os.O_PATH), READ), (os.open(scratch, os.O_PATH), WRITE)]
            self._restrict([*self._rules, *own])
            for number, _rights in (*self._rules, *own):
                os.close(number)
        if SECCOMP in self.layers:
            self._seccomp()

    # -- layers ------------------------------------------------------------------------------------------------------

    def _fixed_limits(self) -> list[tuple[str, int, int]]:
        """The limits that are the same for every worker: name, soft, hard."""
        wanted = {
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": self.limits.get("file", 0),
            "RLIMIT_NOFILE": self.limits.get("open_files", 0),
            "RLIMIT_NPROC": 0,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_MSGQUEUE": 0,
        }
        return [(name, value, value) for name, value in wanted.items()]

    def _limit(self, seconds: float) -> None:
        import resource

        time = int(seconds) + 1
        limits = [*self._fixed, ("RLIMIT_CPU", time, time + 1)]  # first SIGXCPU, which says why
        if self._base:
            limits.append(("RLIMIT_AS", *[self._base + self.limits["memory"]] * 2))
        for name, soft, hard in limits:
            which = getattr(resource, name, None)
            if which is None:
                continue
            try:
                _lower(which, soft, hard)
            except (OSError, ValueError) as error:
                if ON_LINUX:
                    raise ConfinementError(f"{name}: {error}") from error

    def _drop_capabilities(self) -> None:
        """Root without its capabilities is an ordinary user who owns root's files."""
        if os.geteuid() != 0:
            return
        header = struct.pack("<Ii", 0x20080522, 0)
        if self._libc.capset(header, bytes(24)) != 0:
            raise ConfinementError(self._failure("capset"))

    def _enclose(self, readable: list[str], forbidden: Sequence[str], root: str) -> None:
        self._prctl(PR_SET_NO_NEW_PRIVS, 1)
        precise = [*readable_paths(readable, [*forbidden, root]), (os.devnull, READ_FILE | WRITE_FILE)]
        precise += [(root, WRITE), (str(Path(root).parent), REMOVE_DIR)]  # to remove the root itself in the end
        rules = [(os.open(path, os.O_PATH), rights) for path, rights in precise]
        self._rules = [(os.open(path, os.O_PATH), rights) for path, rights in readable_paths(readable, [root])]
        self._rules.append((os.open(os.devnull, os.O_PATH), READ_FILE | WRITE_FILE))
        self._restrict(rules)
        for number, _rights in rules:
            os.close(number)

    def _restrict(self, rules: Iterable[tuple[int, int]]) -> None:
        handled = (1 << RIGHTS_OF_ABI.get(self._version, 16)) - 1
        network, scope = 0b11, 0b11  # bind and connect by TCP; abstract unix sockets and signals
        attributes = struct.pack("<QQQ", handled, network, scope)
        size = 24 if self._version >= 6 else 16 if self._version >= 4 else 8
        ruleset = self._libc.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
        if ruleset < 0:
            raise ConfinementError(self._failure("landlock_create_ruleset"))
        try:
            for number, rights in rules:
                self._allow(ruleset, number, rights & handled)
            if self._libc.syscall(LANDLOCK_RESTRICT, ruleset, ctypes.c_uint32(0)) != 0:
                raise ConfinementError(self._failure("landlock_restrict_self"))
        finally:
            os.close(ruleset)

    def _allow(self, ruleset: int, number: int, allowed: int) -> None:
        rule = struct.pack("<Qi", allowed, number)
        if self._libc.syscall(LANDLOCK_ADD, ruleset, ctypes.c_int(1), rule, ctypes.c_uint32(0)) != 0:
            raise ConfinementError(self._failure("landlock_add_rule"))

    def _seccomp(self) -> None:
        steps = self._filter.replace(struct.pack("<I", _NOBODY), struct.pack("<I", os.getpid()))
        buffer = ctypes.create_string_buffer(steps, len(steps))
        program = _Program(len(steps) // 8, ctypes.addressof(buffer))
        self._prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))

    def _prctl(self, option: int, *arguments: object) -> None:
        padded = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
        padded += [ctypes.c_ulong(0)] * (4 - len(padded))
        if self._libc.prctl(ctypes.c_int(option), *padded) != 0:
            raise ConfinementError(self._failure(f"prctl {option}"))

    @staticmethod
    def _failure(what: str) -> str:
        return f"{what}: {os.strerror(ctypes.get_errno())}"


def close_all_but(number: int) -> None:
    """Close every file descriptor from 3 on except `number`."""
    for first, last in ((3, number - 1), (number + 1, 0xFFFF_FFFF)):
        if first <= last and (not ON_LINUX or _libc().syscall(CLOSE_RANGE, *map(ctypes.c_uint, (first, last, 0))) != 0):
            os.closerange(first, min(last + 1, 4096))


def _lower(which: int, soft: int, hard: int) -> None:
    """Lower a limit; one that is lower already stays."""
    import resource

    try:
        resource.setrlimit(which, (soft, hard))
    except ValueError:  # higher than the hard limit that this process was given
        given = resource.getrlimit(which)[1]
        resource.setrlimit(which, (min(soft, given), min(hard, given)))


def become_subreaper() -> None:
    """Orphans of this process's children become its own children, so that it can end them."""
    if ON_LINUX:
        _libc().prctl(ctypes.c_int(PR_SET_CHILD_SUBREAPER), *[ctypes.c_ulong(n) for n in (1, 0, 0, 0)])


def bound_memory() -> None:
    """Bound what this process, which grades, may take from here on.

    What a check makes of a column and a row of half a million numbers is a `MemoryError`, not the machine's end.
    """
    size = _address_space()
    if size:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        given = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([size + ROOM_BYTES, *given]), hard))


def _address_space() -> int:
    """The size of this process's address space in bytes; 0 where that is not known."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * mmap.PAGESIZE


def _volunteer_when_memory_runs_out() -> None:
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(b"1000")


# -- proof ---------------------------------------------------------------------------------------------------------


def binding_layers(layers: Sequence[str], outside: str) -> tuple[str, ...]:
    """Which layers bind this process, found by trying what each of them forbids.

    Parameters
    ----------
    layers : sequence of str
        What was applied.
    outside : str
        A file that exists and must not be readable.
    """
    tries = {
        NO_NEW_PRIVILEGES: lambda: _libc().prctl(ctypes.c_int(PR_GET_NO_NEW_PRIVS), *[ctypes.c_ulong(0)] * 4) == 1,
        RLIMITS: _cannot_dump_core,
        LANDLOCK: lambda: _refused(lambda: os.close(os.open(outside, os.O_RDONLY))),
        SECCOMP: lambda: _refused(_open_socket) and _refused(_leave_directory_mode),
    }
    return tuple(layer for layer in layers if tries[layer]())


def _refused(action: object) -> bool:
    try:
        action()  # type: ignore[operator]
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _open_socket() -> None:
    import socket

    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _leave_directory_mode() -> None:
    os.fchmod(2, 0o600)


def _cannot_dump_core() -> bool:
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
