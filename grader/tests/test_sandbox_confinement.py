"""The layers of confinement: that they bind, for root as well, and that what a submission needs still works."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import ROOT
from grader.sandbox import confinement
from grader.sandbox.confinement import READ, READ_DIR, READ_FILE, architecture, landlock_version, readable_paths
from grader.sandbox.subject import SealedSubject
from grader.sandbox.syscalls import AARCH64, ABSENT, CHECKED, X86_64
from grader.sandbox.tier import FULL, LAYERS, Limits, Tier
from grader.sandbox.trees import Size, remove_tree, size_of
from grader.sandbox.zygote import Zygote
from grader.tests.attacks.graded import write

CONFINED = bool(landlock_version()) and architecture() is not None
needs_linux = pytest.mark.skipif(not CONFINED, reason="needs Linux with Landlock and seccomp")

PROBE = """
def attempt(source):
    try:
        exec(source, {})
    except BaseException as error:
        return type(error).__name__ + ": " + str(error)
    return "allowed"
"""
NAMES = {"probe": ("attempt",)}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A worker that runs what the tests give it, and another submission beside it."""
    with Zygote() as zygote:
        folder = write(tmp_path_factory.mktemp("probe"), {"probe": PROBE})
        subject = SealedSubject(zygote, folder, NAMES)
        neighbour = SealedSubject(zygote, folder, NAMES)
        neighbour.call(("probe", "attempt"), ("open('mine', 'w').write('1')",), {})
        yield subject, neighbour
        subject.close()
        neighbour.close()


def attempt(subject: SealedSubject, source: str) -> str:
    return subject.call(("probe", "attempt"), (source,), {}).value


FORBIDDEN = {
    "read /etc/passwd": "open('/etc/passwd').read()",
    "read the course": f"open({str(ROOT / 'grader' / 'course.toml')!r}).read()",
    "read the sandbox": f"open({str(Path(confinement.__file__))!r}).read()",
    "read the solutions": f"open({str(ROOT / 'solutions' / 'losses.py')!r}).read()",
    "read the answers": f"__import__('os').listdir({str(ROOT / 'grader' / 'answers')!r})",
    "read the tests": f"__import__('os').listdir({str(ROOT / 'tests')!r})",
    "list the root": "__import__('os').listdir('/')",
    "list its parents": "__import__('os').listdir('../..')",
    "read /proc": "open('/proc/self/status').read()",
    "write to /tmp": "open('/tmp/grader-was-here', 'w')",
    "write beside its folder": "open('../here', 'w')",
    "write its own source": "open('../submission/probe.py', 'a')",
    "write to a library": "open(__import__('numpy').__file__, 'a')",
    "make a folder elsewhere": "__import__('os').mkdir('/tmp/grader-was-here')",
    "make a link": "__import__('os').symlink('a', 'b')",
    "make a hard link": "open('a', 'w').close(); __import__('os').link('a', 'b')",
    "make a pipe": "__import__('os').mkfifo('pipe')",
    "make a device": "__import__('os').mknod('device', 0o20600, 0x103)",
    "change a mode": "__import__('os').chmod('.', 0o777)",
    "change an owner": "__import__('os').chown('.', 1, 1)",
    "change a time": "__import__('os').utime('/etc/passwd')",
    "set an attribute": "__import__('os').setxattr('.', 'user.x', b'1')",
    "truncate": "__import__('os').truncate('/etc/passwd', 0)",
    "tcp": "__import__('socket').socket()",
    "udp": "s = __import__('socket'); s.socket(s.AF_INET, s.SOCK_DGRAM)",
    "tcp over IPv6": "s = __import__('socket'); s.socket(s.AF_INET6)",
    "unix": "s = __import__('socket'); s.socket(s.AF_UNIX)",
    "pair": "__import__('socket').socketpair()",
    "netlink": "s = __import__('socket'); s.socket(s.AF_NETLINK, s.SOCK_RAW)",
    "fork": "__import__('os').fork()",
    "exec": "__import__('os').execv('/bin/true', ['true'])",
    "spawn": "__import__('subprocess').run(['/bin/true'])",
    "kill its parent": "os = __import__('os'); os.kill(os.getppid(), 0)",
    "kill the first process": "__import__('os').kill(1, 0)",
    "kill all": "__import__('os').kill(-1, 0)",
    "kill its group": "__import__('os').killpg(0, 0)",
    "own a descriptor's signals": "f = __import__('fcntl'); f.fcntl(0, f.F_SETOWN, 1)",
    "steer a terminal": "f = __import__('fcntl'); f.ioctl(0, 0x5412, b'x')",
    "raise a limit": "r = __import__('resource'); r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY,) * 2)",
    "raise its priority": "__import__('os').setpriority(0, 0, -20)",
    "become another user": "__import__('os').setuid(1)",
    "change the root": "__import__('os').chroot('.')",
    "leave its session": "__import__('os').setsid()",
    "share memory": "__import__('multiprocessing.shared_memory').shared_memory.SharedMemory(create=True, size=10)",
    "make a file in memory": "__import__('os').memfd_create('x')",
    "wait for its parent": "os = __import__('os'); os.pidfd_open(os.getppid())",
}


@needs_linux
@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_forbidden(place, source):
    """The kernel refuses it, whoever runs the tests, root included."""
    assert place[0].tier.name == FULL
    answer = attempt(place[0], source)
    refused = ("PermissionError: [Errno 1]", "PermissionError: [Errno 13]", "ValueError: not allowed to raise")
    assert answer.startswith(refused), answer


@needs_linux
def test_a_thread_is_refused(place):
    """Python says it in words of its own."""
    assert "can't start new thread" in attempt(place[0], "t = __import__('threading'); t.Thread(target=print).start()")


@needs_linux
def test_another_submissions_folder_is_out_of_reach(place):
    """Neither its source nor its scratch folder, though both belong to the same user."""
    subject, neighbour = place
    for path in (neighbour.scratch() + "/mine", str(neighbour._folder / "submission" / "probe.py")):
        assert Path(path).exists()
        assert attempt(subject, f"open({path!r})").startswith("PermissionError: [Errno 13]")


ALLOWED = {
    "write and read": "open('a', 'w').write('1'); assert open('a').read() == '1'",
    "make folders": "o = __import__('os'); o.makedirs('d/e'); o.rename('d/e', 'd/f'); o.rmdir('d/f'); o.rmdir('d')",
    "remove files": "open('b', 'w').close(); __import__('os').remove('b')",
    "read its source": "assert 'attempt' in open('../submission/probe.py').read()",
    "temporary files": "t = __import__('tempfile'); t.NamedTemporaryFile().write(b'1')",
    "save arrays": "n = __import__('numpy'); n.savez('x.npz', a=n.ones(3)); assert n.load('x.npz')['a'].sum() == 3",
    "linear algebra": "n = __import__('numpy'); n.linalg.svd(n.random.rand(200, 200)); n.ones((9, 9)) @ n.ones((9, 9))",
    "fourier": "n = __import__('numpy'); n.fft.fft(n.ones(64))",
    "unloaded modules": "import csv, decimal, fractions, unittest, sqlite3, zoneinfo, ctypes, ssl, asyncio, logging",
    "time": "t = __import__('time'); t.sleep(0.001); t.time(); t.localtime()",
    "randomness": "__import__('os').urandom(8); __import__('secrets').token_hex(); open('/dev/urandom', 'rb').read(1)",
    "print": "print('x' * 100000, flush=True); print('y', file=__import__('sys').stderr)",
    "silence": "open('/dev/null', 'w').write('x')",
    "alarms for itself": "s = __import__('signal'); s.raise_signal(s.SIGURG)",
    "signals to itself": "o = __import__('os'); o.kill(o.getpid(), 0)",
    "its limits": "r = __import__('resource'); r.getrlimit(r.RLIMIT_AS)",
    "fewer files": "r = __import__('resource'); r.setrlimit(r.RLIMIT_NOFILE, (60, 60))",
    "pipes": "o = __import__('os'); a, b = o.pipe(); o.write(b, b'x'); o.read(a, 1); o.close(a); o.close(b)",
    "tracebacks": "t = __import__('traceback'); t.format_exc()",
    "inspection": "i = __import__('inspect'); i.getsource(i.getsource)",
}


@needs_linux
@pytest.mark.parametrize("source", ALLOWED.values(), ids=ALLOWED.keys())
def test_allowed(place, source):
    """What honest code may need is not in the way."""
    assert attempt(place[0], source) == "allowed"


@needs_linux
def test_nothing_comes_along(place):
    """No environment, no open files but its own, no arguments, and nothing on the path that is the kit's."""
    subject, _neighbour = place
    assert (
        attempt(subject, "assert set(__import__('os').environ) == {'HOME', 'TMPDIR', 'LC_ALL', 'MPLBACKEND'}")
        == "allowed"
    )
    count = """
o, n = __import__('os'), 0
for i in range(200):
    try:
        o.fstat(i)
        n += 1
    except OSError:
        pass
assert n == 4, n
"""
    assert attempt(subject, count) == "allowed"
    assert (
        attempt(subject, f"s = __import__('sys'); assert s.argv == [''] and {str(ROOT)!r} not in s.path") == "allowed"
    )
    loaded = "m = {n.partition('.')[0] for n in __import__('sys').modules}\n"
    assert attempt(subject, loaded + "assert not m & {'pytest', 'torch', 'tests', 'solutions'}, m") == "allowed"
    kit = "m = {n for n in __import__('sys').modules if n.startswith('grader.')}\n"
    assert attempt(subject, kit + "assert not [n for n in m if 'answer' in n or 'check' in n], m") == "allowed"


@needs_linux
def test_root_has_no_more_rights_than_others(place):
    """Without its capabilities, root cannot enter a folder that is closed to its owner."""
    source = "o = __import__('os'); o.mkdir('closed', 0); o.listdir('closed')"
    assert attempt(place[0], source).startswith("PermissionError")


@needs_linux
def test_limits_bind(place):
    """Memory, file size, number of files, core dumps."""
    subject, _neighbour = place
    assert attempt(subject, "bytearray(2 << 30)").startswith("MemoryError")
    assert (
        attempt(
            subject, "open('big', 'wb', buffering=0).write(bytes(17 << 20)); open('big', 'ab', buffering=0).write(b'x')"
        )
        != "allowed"
    )
    assert "Too many open files" in attempt(subject, "hoard = [open('/dev/null') for _ in range(100)]")
    assert attempt(subject, "r = __import__('resource'); assert r.getrlimit(r.RLIMIT_CORE) == (0, 0)") == "allowed"


@needs_linux
def test_more_memory_for_one_submission(tmp_path):
    """The limit is counted on top of what NumPy occupies, and can be set for each subject."""
    folder = write(tmp_path, {"probe": PROBE})
    with Zygote(Limits(memory=64 << 20)) as zygote:
        for memory, answer in ((None, "MemoryError: "), (512 << 20, "allowed")):
            subject = SealedSubject(zygote, folder, NAMES, memory=memory)
            assert attempt(subject, "bytearray(128 << 20)") == answer
            subject.close()


@needs_linux
@pytest.mark.parametrize(
    "layers", [(), ("rlimits",), ("landlock", "no_new_privs"), ("seccomp", "no_new_privs"), LAYERS]
)
def test_tiers_are_proved(layers):
    """A tier names what binds, found by a worker that tried."""
    with Zygote(Limits(layers=layers)) as zygote:
        assert zygote.tier == Tier.of(layers)


@needs_linux
def test_a_layer_that_does_not_bind_is_missed(monkeypatch):
    """A kernel that accepts the rules but does not enforce them gives a lower tier."""
    proofs = (
        (confinement._refused, lambda action: False),
        (confinement._cannot_dump_core, lambda: False),
    )
    for original, lie in proofs:
        monkeypatch.setattr(confinement, original.__name__, lie)
    assert confinement.binding_layers(("rlimits", "landlock", "seccomp"), __file__) == ()


# -- the filter ----------------------------------------------------------------------------------------------------


def run_filter(program: bytes, number: int, arguments: tuple[int, ...] = (), audit: int = X86_64.audit) -> int:
    """What a BPF program answers: a small machine that knows the instructions of the filter."""
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, audit, 0, *(arguments + (0,) * 6)[:6])
    steps = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = at = 0
    while True:
        code, true, false, value = steps[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x15:
            at += true if accumulator == value else false
        elif code == 0x35:
            at += true if accumulator >= value else false
        elif code == 0x05:
            at += value
        elif code == 0x06:
            return value
        else:
            raise AssertionError(f"an instruction {code:#x} that the filter should not have")


ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x50001, 0x50026


@pytest.mark.parametrize("table", [X86_64, AARCH64], ids=["x86_64", "aarch64"])
def test_the_filter_says_what_the_table_says(table):
    """Every number from 0 to 600: allowed, absent or refused."""
    program = confinement.seccomp_filter(table, 4242)
    allowed, guarded = set(table.allowed.values()), {number: name for name, number in table.guarded.items()}
    for number in range(600):
        answer = run_filter(program, number, (999_999, 999_999), table.audit)
        if number in allowed:
            assert answer == ALLOW, number
        elif guarded.get(number) in ABSENT or number > table.last:
            assert answer == ENOSYS, number
        else:
            assert answer == EPERM, number


@pytest.mark.parametrize("table", [X86_64, AARCH64], ids=["x86_64", "aarch64"])
def test_the_filter_looks_at_arguments(table):
    """Guarded calls pass with the values of the table and no others."""
    program = confinement.seccomp_filter(table, 4242)
    for name, (argument, values) in {**CHECKED, "kill": (0, (4242,)), "tgkill": (0, (4242,))}.items():
        for value in (*values, 4243, 77, 0xFFFFFFFF, 8, 1024, 0x5412):
            arguments = tuple(value if i == argument else 3 for i in range(6))
            expected = ALLOW if value in values else EPERM
            assert run_filter(program, table.guarded[name], arguments, table.audit) == expected, (name, value)


def test_the_filter_knows_its_architecture():
    """Calls by another architecture's numbers end the process; x32 numbers are refused."""
    program = confinement.seccomp_filter(X86_64, 1)
    assert run_filter(program, 0, audit=0x40000003) == KILL
    assert run_filter(program, 0, audit=AARCH64.audit) == KILL
    assert run_filter(program, 0x40000000) == EPERM


@pytest.mark.parametrize(
    ("table", "header"),
    [(X86_64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (AARCH64, "/usr/include/asm-generic/unistd.h")],
    ids=["x86_64", "aarch64"],
)
def test_the_tables_are_the_kernels(table, header):
    """The numbers agree with the C headers, where these are installed."""
    if not Path(header).exists():
        pytest.skip(f"{header} is not installed")
    text = Path(header).read_text()
    numbers = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    aliases = {"newfstatat": "fstatat", "mmap": "mmap", "fadvise64": "fadvise64"}
    for name, number in {**table.allowed, **table.guarded}.items():
        known = numbers.get(name, numbers.get(aliases.get(name, name)))
        assert known in (number, None), name
    assert sum(name in numbers for name in table.allowed) > 0.9 * len(table.allowed)


def test_what_is_never_allowed():
    """A change of the tables that lets one of these through is a mistake."""
    never = (
        "socket socketpair connect accept bind listen sendmsg recvmsg clone fork vfork execve execveat ptrace "
        "process_vm_readv process_vm_writev io_uring_setup keyctl bpf mount unshare setns chroot pivot_root setuid "
        "chmod fchmod fchmodat chown link symlink mknod truncate memfd_create userfaultfd perf_event_open seccomp "
        "shmget pidfd_open pidfd_send_signal kcmp personality setsid setpgid utimensat setxattr"
    )
    for table in (X86_64, AARCH64):
        assert not set(never.split()) & set(table.allowed)
        assert not set(table.allowed) & set(table.guarded)


# -- what may be read ----------------------------------------------------------------------------------------------


def test_readable_paths_leave_out_what_is_forbidden(tmp_path):
    """A folder with something forbidden in it may be listed, its other entries read; the rest is one rule."""
    site = tmp_path / "site"
    for name in ("numpy/core", "torch/lib", "grader/answers"):
        (site / name).mkdir(parents=True)
    (site / "six.py").write_text("")
    (tmp_path / "other" / "deep").mkdir(parents=True)
    folders = [str(site), str(tmp_path / "other"), str(tmp_path / "nowhere")]
    rules = dict(readable_paths(folders, [str(site / "torch"), str(site / "grader")]))
    assert rules == {
        str(site): READ_DIR,
        str(site / "numpy"): READ,
        str(site / "six.py"): READ_FILE,
        str(tmp_path / "other"): READ,
    }
    assert dict(readable_paths([str(site)], [str(site)])) == {}
    assert dict(readable_paths([str(site), str(site / "numpy")], [])) == {str(site): READ}


# -- folders -------------------------------------------------------------------------------------------------------


def test_any_tree_is_removed(tmp_path):
    """Deeper than any path, closed, or with links that lead elsewhere."""
    keep = tmp_path / "keep"
    keep.mkdir()
    (keep / "file").write_text("1")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link").symlink_to(keep)
    (tree / "closed").mkdir(mode=0)
    deep = """
import os, sys
os.chdir(sys.argv[1])
for i in range(60):
    os.mkdir('d' * 100); os.chdir('d' * 100); open('f', 'w').close()
"""
    subprocess.run([sys.executable, "-c", deep, str(tree)], check=True)
    assert size_of(str(tree), Size(1000, 1 << 20)).files > 40
    remove_tree(str(tree))
    assert not tree.exists() and (keep / "file").exists()
    remove_tree(str(tree))


def test_sizes_are_bounded(tmp_path):
    """Counting stops where there is too much."""
    for number in range(30):
        (tmp_path / str(number)).write_bytes(bytes(1 << 16))
    assert size_of(str(tmp_path), Size(100, 1 << 22)) == Size(30, 30 << 16)
    assert size_of(str(tmp_path), Size(10, 1 << 22)).files == 11
    assert size_of(str(tmp_path), Size(100, 10 << 16)).bytes == 11 << 16


# -- elsewhere -----------------------------------------------------------------------------------------------------

WINDOWS = """
import sys, os, importlib, pathlib, socket, select, subprocess, tempfile, sysconfig, platform, signal, numpy, json
import multiprocessing, ctypes, random, asyncio
a, b = socket.socketpair()
for name in ("resource", "fcntl", "pwd", "grp", "termios", "pty"):
    sys.modules[name] = None
for name in "fork setsid killpg geteuid O_PATH waitpid getppid sysconf statvfs set_blocking".split():
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "setitimer", "SIGALRM", "pause"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("AF_UNIX", "SOCK_SEQPACKET", "send_fds", "recv_fds"):
    if hasattr(socket, name):
        delattr(socket, name)
del select.poll
sys.platform = "win32"
for name in "wire channel tier trees syscalls confinement worker forkserver private zygote subject".split():
    importlib.import_module(f"grader.sandbox.{name}")
from grader.sandbox import confinement, zygote
from grader.sandbox.tier import Tier
assert confinement.landlock_version() == 0 and confinement.architecture() is None
assert confinement.Confinement(("landlock", "seccomp", "no_new_privs"), {}, [], [], ".").layers == ()
confinement.Confinement(("landlock",), {}, [], [], ".").apply(".", ".", 1.0)
assert zygote.fast_folder() is None
assert zygote.Ending(1).words == "it left with exit status 1"
from grader.sandbox.channel import TimedChannel, Late
import time
channel = TimedChannel(a, 100)
channel.start(time.monotonic() + 0.05)
try:
    channel.receive()
except Late:
    print("fine")
"""


def test_importing_where_there_is_no_posix():
    """Every module loads, and says that there are no layers, on a system without fork, rlimits and the like."""
    done = subprocess.run([sys.executable, "-c", WINDOWS], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.strip() == "fine", done.stderr


@needs_linux
def test_without_the_layers_it_still_starts(monkeypatch, tmp_path):
    """A kernel without Landlock and an unknown architecture: the process tier, and the same answers."""
    folder = write(tmp_path, {"probe": PROBE})
    with Zygote(Limits(layers=("rlimits",), fork=False)) as zygote:
        assert zygote.tier.name == "process" and "landlock" in zygote.tier.missing
        subject = SealedSubject(zygote, folder, NAMES)
        assert attempt(subject, "open('/etc/passwd')") == "allowed"
        subject.close()
