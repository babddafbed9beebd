"""The sealed subject: requests, callbacks, deadlines, deaths, and that nobody else pays for them."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import ROOT
from grader.sandbox import subject as sealed
from grader.sandbox import zygote as zygotes
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import LAYERS, Limits, SandboxError, Tier
from grader.sandbox.trees import remove_tree
from grader.sandbox.wire import encode
from grader.sandbox.zygote import Ending, Zygote
from grader.subject.executor import CheckSideError
from grader.subject.reply import ExerciseReference, GeneratorReference, Raised, RemoteReference, Reply
from grader.subject.subject import LocalSubject
from grader.tests.attacks.graded import COURSE, RIGHT, VECTORS, grade, record, write
from grader.tests.attacks.graded import LAYERS as LAYERS_SOURCE
from grader.tests.fuzz.conversation import Conversation, framed

MODULE = """
import numpy as np

def double(x): return 2.0 * np.asarray(x)
def echo(*args, **kwargs): return args, kwargs
def apply(f, x): return f(x)
def swallow(f, x):
    try:
        return f(x)
    except BaseException:
        return "swallowed"
def overwrite(x):
    x[0] = 7.0
    return x
def loop():
    while True: pass
def deaf():
    while True:
        try:
            while True: pass
        except BaseException: pass
def leave(status):
    import os
    os._exit(status)
def die(number):
    import os
    os.kill(os.getpid(), number)
def draw(rng): return rng.random()
def random_numbers():
    fresh = [np.random.default_rng().random() for _ in range(2)] + [np.random.RandomState().rand()]
    return np.random.rand(), __import__("random").random(), *fresh
def where(): return __import__("os").getcwd()
def count():
    count.n = getattr(count, "n", 0) + 1
    return count.n
def method(model, x): return model.step(x), model.rate
def build(model): return model
def stub(): raise NotImplementedError("topic.stub")
def fail(): raise KeyError("no")
def wait(seconds):
    import time
    time.sleep(seconds)
    return seconds
def write(name, size):
    with open(name, "wb") as file:
        file.write(bytes(size))
    return True
def flags(*more):
    import fcntl
    before = [fcntl.fcntl(number, fcntl.F_GETFL) for number in range(3)]
    for number in range(3):
        fcntl.fcntl(number, fcntl.F_SETFL, before[number] | sum(more))
    return before
class Box:
    def __init__(self, value): self.value = value
    def get(self): return self.value
    def loop(self):
        while True: pass
"""
NAMES = {
    "topic": (
        *("double", "echo", "apply", "swallow", "overwrite", "loop", "deaf", "leave", "die", "draw", "random_numbers"),
        *("where", "count", "method", "build", "stub", "fail", "wait", "write", "flags", "Box"),
    ),
    "other": ("one",),
    "broken": ("one", "two", "three"),
    "absent": ("one",),
}
FILES = {"topic": MODULE, "other": "def one(): return 1\n", "broken": "while True: pass\n"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("submission"), FILES)


@pytest.fixture(scope="module")
def zygote():
    with Zygote(Limits(scratch=1 << 20, scratch_files=50)) as zygote:
        yield zygote


@pytest.fixture
def subject(zygote, folder):
    subject = SealedSubject(zygote, folder, NAMES, timeout=5.0)
    yield subject
    subject.close()


def hasty(zygote, folder, timeout=0.2, **more) -> SealedSubject:
    return SealedSubject(zygote, folder, NAMES, timeout=timeout, **more)


def ask(subject, name, *args, **kwargs) -> Reply:
    return subject.call(("topic", name), args, kwargs)


# -- requests ------------------------------------------------------------------------------------------------------


def test_calls_give_plain_values(subject):
    """Arguments and results cross as plain data, with what was noticed on the way."""
    reply = ask(subject, "double", np.array([1.0, 2.0]))
    assert type(reply.value) is np.ndarray and reply.value.tolist() == [2.0, 4.0]
    args, kwargs = ask(subject, "echo", 1, [2.0, (None, "x")], key={"a": {1, 2}}).value
    assert args == (1, [2.0, (None, "x")]) and kwargs == {"key": {"a": {1, 2}}}


def test_what_was_noticed_crosses(subject):
    """A changed argument, shared memory, a stub and an exception are reported as in one process."""
    reply = ask(subject, "overwrite", np.zeros(2))
    assert reply.changed == ("0",) and reply.aliased
    assert ask(subject, "stub").raised.kind == "to_do"
    raised = ask(subject, "fail").raised
    assert (raised.kind, raised.type) == ("exception", "KeyError")
    assert raised.trace[-1].text == 'def fail(): raise KeyError("no")'
    assert subject.call(("topic", "nothing"), (), {}).raised.kind == "no_exercise"
    assert subject.call(("absent", "one"), (), {}).raised.kind == "no_file"
    assert ask(subject, "double", 1, 2, 3).raised.kind == "signature"


def test_objects_stay_with_the_submission(subject):
    """An object is known by a handle: its methods are called, its attributes read and set."""
    box = ask(subject, "Box", 3.0).value
    number = box.number
    assert box.type_name == "Box"
    assert subject.get((number, "value")).value == 3.0
    assert subject.set((number, "value"), np.ones(2)).raised is None
    assert subject.call((number, "get"), (), {}).value.tolist() == [1.0, 1.0]
    ((same,), _kwargs) = ask(subject, "echo", box).value
    assert same.number == number
    assert subject.get((number, "nothing")).raised.kind == "no_attribute"


def test_exercises_and_generators_can_be_passed(subject):
    """References arrive as the real thing; a generator is one object over several calls."""
    assert ask(subject, "apply", ExerciseReference("topic", "double"), 2.0).value == 4.0
    first, second = (ask(subject, "draw", GeneratorReference(1, 5)).value for _ in range(2))
    expected = np.random.default_rng(5)
    assert [first, second] == [expected.random(), expected.random()]


def test_state_lasts_from_call_to_call(subject):
    """One worker serves all requests of a submission."""
    assert [ask(subject, "count").value for _ in range(3)] == [1, 2, 3]


def test_unseeded_draws_are_the_same_for_everybody(zygote, folder):
    """A submission that draws without a seed gets one score, not a new one at each run."""
    draws = []
    for _ in range(2):
        subject = hasty(zygote, folder, 5.0)
        draws.append(ask(subject, "random_numbers").value)
        subject.close()
    assert draws[0] == draws[1]


# -- callbacks -----------------------------------------------------------------------------------------------------


class Model:
    """What a check might hand over."""

    rate = 0.5

    def __init__(self) -> None:
        self.steps = 0

    def step(self, x):
        self.steps += 1
        return x + 1


def test_a_submission_calls_back(subject):
    """Functions, methods and attributes of a check's objects can be used; private ones cannot."""
    assert ask(subject, "apply", subject.refer(lambda x: x * 10), 3).value == 30
    model = Model()
    assert ask(subject, "method", subject.refer(model), 1.0).value == (2.0, 0.5)
    assert model.steps == 1
    assert ask(subject, "build", subject.refer(model)).value.reference is model


def test_calls_within_calls(subject):
    """A check's function that calls the submission, which calls the check's function, and so on."""

    def down(n):
        if n == 0:
            return 0
        return 1 + ask(subject, "apply", subject.refer(down), n - 1).value

    assert ask(subject, "apply", subject.refer(down), 5).value == 5


def test_calls_within_calls_without_end(subject):
    """Ends with an error of the check, not with a crash of the grading side."""

    def down(n):
        reply = ask(subject, "apply", subject.refer(down), n + 1)
        if reply.raised:
            raise ValueError(reply.raised.kind)
        return reply.value

    with pytest.raises(CheckSideError):
        ask(subject, "apply", subject.refer(down), 0)
    assert ask(subject, "double", 1.0).value == 2.0


def test_an_error_of_the_check_is_the_checks(subject, folder):
    """An exception in a check's own function comes back as `CheckSideError`, with its cause, as in one process."""

    def broken(x):
        raise ZeroDivisionError("mine")

    for each in (subject, LocalSubject(folder, NAMES)):
        with pytest.raises(CheckSideError) as caught:
            ask(each, "apply", each.refer(broken), 1)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert ask(each, "swallow", each.refer(broken), 1).value == "swallowed"
        assert ask(each, "double", 1.0).value == 2.0
        each.close()


def test_a_death_during_a_callback(subject):
    """The worker dies in a request that a check's own function makes: both requests end."""
    inner = []

    def function(x):
        inner.append(ask(subject, "leave", 4))
        return 1

    reply = ask(subject, "apply", subject.refer(function), 1)
    assert inner[0].raised.kind == "died" and "exit status 4" in inner[0].raised.detail
    assert reply.raised == inner[0].raised
    assert ask(subject, "double", 1.0).value == 2.0


def test_time_of_the_check_is_not_the_submissions(zygote, folder):
    """A slow function of the check's own does not use up the deadline, within bounds."""
    subject = hasty(zygote, folder, 0.5)
    assert ask(subject, "apply", subject.refer(lambda x: time.sleep(0.4) or x), 7).value == 7
    assert ask(subject, "wait", 0.3).value == 0.3
    subject.close()


def test_the_time_of_the_check_is_given_back_so_often_and_no_more(zygote, folder):
    """A submission that has the check work for it again and again does not take hours."""
    subject = hasty(zygote, folder, 0.4, total=1.0)
    start = time.monotonic()
    for _request in range(50):
        ask(subject, "apply", subject.refer(lambda x: time.sleep(0.35) or x), 7)
    assert "used up" in ask(subject, "double", 1.0).raised.detail
    assert time.monotonic() - start < 5.0
    subject.close()


def test_what_must_not_be_handed_over(subject):
    """Modules and generators of the grading side lead to everything else."""
    for value in (np, np.random.default_rng(), np.random.RandomState(1)):
        with pytest.raises(TypeError, match="cannot be passed"):
            subject.refer(value)

    class Leaky:
        tools = os

    with pytest.raises(CheckSideError):
        subject.call(("topic", "apply"), (subject.refer(lambda x: Leaky.tools), 1), {})


def test_an_interrupted_check_costs_no_other(subject):
    """Ctrl-C while a check's function runs leaves a worker that waits for an answer: it is ended."""

    def interrupt(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(subject, "apply", subject.refer(interrupt), 1)
    assert ask(subject, "double", 1.0).value == 2.0


def test_a_check_that_passes_too_much(subject):
    """What does not fit into a message is the check's mistake, and said to be one."""
    with pytest.raises(ValueError, match="a check passes on"):
        ask(subject, "double", np.zeros(3_000_000))
    assert ask(subject, "double", 1.0).value == 2.0


# -- deadlines -----------------------------------------------------------------------------------------------------


def timed(action):
    start = time.monotonic()
    value = action()
    return value, time.monotonic() - start


@pytest.mark.parametrize("name", ["loop", "deaf"])
def test_a_loop_ends_at_the_deadline(zygote, folder, name):
    """Whether or not it catches what interrupts it; the next one of the same exercise has a tenth of the time."""
    subject = hasty(zygote, folder, 0.4)
    reply, seconds = timed(lambda: ask(subject, name))
    assert reply.raised.kind == "deadline" and 0.39 < seconds < 3.0
    again, less = timed(lambda: ask(subject, name))
    assert again.raised.kind == "deadline" and less < seconds
    assert ask(subject, "double", 1.0).value == 2.0
    subject.close()


def test_a_loop_is_shown_where_it_is(zygote, folder):
    """A loop that can be interrupted is reported with its line."""
    subject = hasty(zygote, folder)
    assert ask(subject, "loop").raised.trace[-1].function == "loop"
    subject.close()


def test_a_loop_in_a_method_is_one_exercise(zygote, folder):
    """Every object of a class shares the verdict on a method that ran out of time."""
    subject = hasty(zygote, folder, 0.4)
    seconds = []
    for _ in range(2):
        number = ask(subject, "Box", 1).value.number
        reply, taken = timed(lambda number=number: subject.call((number, "loop"), (), {}))
        assert reply.raised.kind == "deadline"
        seconds.append(taken)
    assert seconds[1] < seconds[0]
    subject.close()


def test_a_topic_that_loops_when_imported(zygote, folder):
    """It is tried twice, the second time briefly, and then known: its other exercises cost nothing."""
    subject = hasty(zygote, folder, 0.3)
    replies = [subject.call(("broken", name), (), {}) for name in ("one", "two")]
    assert {reply.raised.kind for reply in replies} == {"deadline"}
    reply, seconds = timed(lambda: subject.call(("broken", "three"), (), {}))
    assert reply.raised.kind == "deadline" and seconds < 0.1
    assert subject.call(("other", "one"), (), {}).value == 1
    subject.close()


def test_a_submission_has_so_much_time_in_all(zygote, folder):
    """When it is used up, every request is late at once."""
    subject = hasty(zygote, folder, 0.3, total=0.5)
    for _ in range(3):
        ask(subject, "loop")
        ask(subject, "deaf")
    reply, seconds = timed(lambda: ask(subject, "double", 1.0))
    assert reply.raised.kind == "deadline" and "0.5 seconds" in reply.raised.detail and seconds < 0.1
    subject.close()


# -- deaths --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGSEGV, "killed by signal 11, segmentation fault"),
        (signal.SIGABRT, "killed by signal 6, aborted"),
        (signal.SIGKILL, "killed by signal 9, as the system does when memory runs out"),
    ],
)
def test_deaths_are_told(subject, number, words):
    """A worker that dies is reported in words, and the next request has a new one."""
    raised = ask(subject, "die", int(number)).raised
    assert (raised.kind, raised.detail) == ("died", words)
    assert ask(subject, "double", 1.0).value == 2.0


def test_objects_of_a_dead_worker_are_gone(subject):
    """Their numbers never mean an object of a later worker."""
    old = ask(subject, "Box", 1).value
    ask(subject, "leave", 0)
    new = ask(subject, "Box", 2).value
    assert old.number != new.number
    for reply in (
        subject.call((old.number, "get"), (), {}),
        subject.get((old.number, "value")),
        ask(subject, "echo", old),
    ):
        assert reply.raised.kind == "died" and "lost with the process" in reply.raised.detail
    assert subject.call((new.number, "get"), (), {}).value == 2


def test_a_worker_that_ends_between_requests(subject):
    """It is no answer to the next one, which has a new worker."""
    ask(subject, "count")
    os.kill(subject._worker.process.number, signal.SIGKILL)
    time.sleep(0.05)
    assert ask(subject, "count").value == 1


def test_the_scratch_folder(subject):
    """Files lie where the check says, survive a death, and are gone in the end."""
    scratch = subject.scratch()
    assert ask(subject, "where").value == scratch
    assert ask(subject, "write", f"{scratch}/file", 10).value
    ask(subject, "leave", 1)
    assert Path(scratch, "file").stat().st_size == 10
    subject.close()
    assert not Path(scratch).exists()


def test_too_many_files(zygote, folder):
    """A submission that fills its folder is ended and the folder emptied."""
    subject = hasty(zygote, folder, 5.0)
    for number in range(200):
        reply = ask(subject, "write", f"file-{number}", 10)
        if reply.raised:
            break
    assert reply.raised.kind == "died" and "more files than it may" in reply.raised.detail
    assert list(Path(subject.scratch()).iterdir()) == []
    subject.close()


def test_files_are_counted_in_quick_requests_as_well(zygote, folder):
    """Fewer requests than it takes to look at the folder for their number, none of which lasts."""
    subject = hasty(zygote, folder, 5.0)
    for number in range(40):
        ask(subject, "wait", 0.005)
        reply = ask(subject, "write", f"file-{number}", 1 << 20)
        if reply.raised:
            break
    assert number < 30 and "more files than it may" in reply.raised.detail
    subject.close()


def test_a_tree_that_is_a_link_is_not_followed(tmp_path):
    """Where nothing keeps it from that, a submission may put a link in the place of its folder."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (tmp_path / "tree").symlink_to(tmp_path / "precious")
    remove_tree(str(tmp_path / "tree"))
    assert not (tmp_path / "tree").is_symlink() and (tmp_path / "precious" / "file").exists()


# -- others --------------------------------------------------------------------------------------------------------


def test_nothing_is_left_in_the_flags_of_what_workers_inherit(zygote, folder):
    """What one submission sets on its open files is not there for the next."""
    seen = []
    for _submission in range(2):
        subject = hasty(zygote, folder, 5.0)
        seen.append(ask(subject, "flags", os.O_APPEND, os.O_NONBLOCK).value)
        assert ask(subject, "flags").value[0] & os.O_APPEND
        subject.close()
    assert seen[0] == seen[1] and not seen[0][0] & os.O_APPEND


def test_two_submissions_at_once(zygote, folder):
    """One dies, the other does not notice."""
    one, two = hasty(zygote, folder, 5.0), hasty(zygote, folder, 5.0)
    assert ask(one, "count").value == ask(two, "count").value == 1
    ask(one, "leave", 0)
    assert ask(two, "count").value == 2
    one.close()
    assert ask(two, "count").value == 3
    two.close()


@pytest.mark.skipif(sys.platform != "linux", reason="there is no process that forks elsewhere")
def test_a_lost_zygote_is_replaced(folder):
    """The process that forks workers is killed: a submission loses its objects, and all others nothing."""
    with Zygote() as zygote:
        subject = SealedSubject(zygote, folder, NAMES)
        box = ask(subject, "Box", 1).value
        zygote._source._process.kill()
        zygote._source._process.wait()
        assert subject.call((box.number, "get"), (), {}).raised.kind == "died"
        assert ask(subject, "double", 1.0).value == 2.0
        other = SealedSubject(zygote, folder, NAMES)
        assert ask(other, "double", 1.0).value == 2.0
        other.close()
        subject.close()


def test_a_machine_that_cannot_start_one(monkeypatch):
    """Says what is wrong in a sentence."""
    monkeypatch.setattr(zygotes, "BOOT", "import sys; sys.exit('numpy is not here')  # {entry}")
    with pytest.raises(SandboxError, match="No sealed process can be started here: numpy is not here"), Zygote():
        pass


def test_a_closed_zygote_says_so():
    """Its tier is not known before it is open."""
    with pytest.raises(SandboxError, match="not open"):
        _ = Zygote().tier


def test_nothing_is_left_behind(zygote, folder):
    """Neither descriptors nor processes nor folders nor objects grow with the number of submissions."""

    def use():
        subject = hasty(zygote, folder, 5.0)
        ask(subject, "double", 1.0)
        ask(subject, "leave", 0)
        ask(subject, "double", 1.0)
        subject.close()

    def count():
        gc.collect()
        tree = sum(1 for _ in Path(zygote._root).iterdir())
        alive = sum(isinstance(item, SealedSubject) for item in gc.get_objects())
        return sum(1 for _ in Path("/proc/self/fd").iterdir()), tree, alive

    use()
    before = count()
    for _ in range(20):
        use()
    assert count() == before


KILLED = """
import os, sys, time
from pathlib import Path
from grader.sandbox.zygote import Zygote
from grader.sandbox.subject import SealedSubject
zygote = Zygote()
zygote.__enter__()
subject = SealedSubject(zygote, Path(sys.argv[1]), {"topic": ("loop",)}, timeout=600)
subject._running_worker()
print(zygote._root, zygote._source._process.pid, subject._worker.process.number, flush=True)
subject.call(("topic", "loop"), (), {})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there is no process that forks elsewhere")
def test_a_grading_side_killed_at_its_start(tmp_path):
    """A zygote that never hears a word removes the folder that was made for it."""
    root = tmp_path / "root"
    root.mkdir()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = zygotes.interpreter("main", str(theirs.fileno()))
    with theirs:
        process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), cwd=root, env=zygotes.environment())
    ours.close()
    assert process.wait(20) == 0 and not root.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_grading_side_leaves_nothing(folder):
    """Its zygote, the worker that loops for ever and their folders go with it."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    root, *numbers = process.stdout.readline().split()
    time.sleep(0.1)
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 10.0
    while time.monotonic() < until and (Path(root).exists() or any(Path("/proc", n).exists() for n in numbers)):
        time.sleep(0.02)
    assert not Path(root).exists()
    assert not any(Path("/proc", number).exists() for number in numbers)


def test_forgotten_folders_are_removed(tmp_path):
    """Empty folders of runs that were killed at their very start; not new ones, nor any with something in them."""
    old, new, full, other = (tmp_path / name for name in ("grader-zygote-1", "grader-zygote-2", "grader-zygote-3", "x"))
    for path in (old, new, full / "1", other):
        path.mkdir(parents=True)
    for path in (old, full, other):
        os.utime(path, (1.0, 1.0))
    zygotes.remove_forgotten_folders(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grader-zygote-2", "grader-zygote-3", "x"]


# -- intake --------------------------------------------------------------------------------------------------------


def test_only_regular_files_are_copied(zygote, tmp_path):
    """Links, pipes and compiled files stay outside; helpers and their folders come along."""
    (tmp_path / "secret").write_text("x")
    mine = write(tmp_path / "mine", {"topic": MODULE, "help/__init__.py": "", "help/more.py": "n = 1\n"})
    (mine / "link.py").symlink_to(tmp_path / "secret")
    (mine / "folder").symlink_to(tmp_path)
    os.mkfifo(mine / "pipe")
    (mine / "__pycache__").mkdir()
    (mine / "__pycache__" / "x.pyc").write_text("")
    subject = hasty(zygote, mine)
    copied = {str(path.relative_to(subject._folder)) for path in subject._folder.rglob("*") if path.is_file()}
    assert copied == {"submission/topic.py", "submission/help/__init__.py", "submission/help/more.py"}
    assert subject.left_out == ()
    subject.close()


def test_what_is_too_much_is_left_out(zygote, tmp_path):
    """Ten thousand files or a file of 40 MB are not copied, and named."""
    mine = write(tmp_path / "mine", {"topic": MODULE})
    (mine / "huge.bin").write_bytes(bytes(40 << 20))
    for number in range(600):
        (mine / f"x{number:04}.txt").write_text("")
    subject = hasty(zygote, mine, 5.0)
    assert "huge.bin" in subject.left_out and len(subject.left_out) == 600 + 2 - 500
    assert ask(subject, "double", 1.0).value == 2.0
    subject.close()


def test_a_folder_that_is_not_there(zygote, tmp_path):
    """Every topic is without a file."""
    subject = hasty(zygote, tmp_path / "nowhere")
    assert ask(subject, "double", 1.0).raised.kind == "no_file"
    subject.close()


# -- agreement -----------------------------------------------------------------------------------------------------

STYLES = {
    "right": RIGHT,
    "lists": {**RIGHT, "vectors": VECTORS + "\n_d = double\ndef double(x): return _d(x).tolist()\n"},
    "float32": {**RIGHT, "vectors": VECTORS + "\n_d = double\ndef double(x): return _d(x).astype(np.float32)\n"},
    "long double": {**RIGHT, "vectors": VECTORS + "\n_d = double\ndef double(x): return _d(x).astype(np.longdouble)\n"},
    "object array": {**RIGHT, "vectors": VECTORS + "\n_d = double\ndef double(x): return _d(x).astype(object)\n"},
    "matrix": {**RIGHT, "vectors": VECTORS + "\n_d = double\ndef double(x): return np.asmatrix(_d(x))\n"},
    "mutates": {**RIGHT, "vectors": VECTORS + "\ndef double(x):\n    x *= 2.0\n    return x\n"},
    "none": {**RIGHT, "vectors": VECTORS + "\ndef double(x): pass\n"},
    "raises": {**RIGHT, "vectors": VECTORS + "\ndef double(x): raise ValueError('no')\n"},
    "overflow": {**RIGHT, "vectors": VECTORS + "\ndef softplus(x): return np.log(1.0 + np.exp(x))\n"},
    "stub": {**RIGHT, "vectors": VECTORS + "\ndef double(x): raise NotImplementedError('vectors.double')\n"},
    "other stub": {**RIGHT, "vectors": VECTORS + "\ndef double(x): raise NotImplementedError('layers.Scale')\n"},
    "missing": {"vectors": VECTORS},
    "syntax": {**RIGHT, "vectors": VECTORS + "\ndef double(x:\n"},
    "import fails": {**RIGHT, "vectors": "import nothing_like_it\n"},
    "no exercise": {**RIGHT, "vectors": "import numpy as np\n"},
    "signature": {**RIGHT, "vectors": VECTORS + "\ndef double(): return 1\n"},
    "siblings": {"layers": LAYERS_SOURCE, "vectors": VECTORS + "\nfrom exercises.layers import Scale\n"
                 "def double(x): return Scale(2.0).forward(x)\n"},
    "needs a sibling": {"vectors": VECTORS + "\nfrom .layers import Scale\n"
                        "def double(x): return Scale(2.0).forward(x)\n"},
    "callback misuse": {**RIGHT, "vectors": VECTORS + "\ndef slope(f, x): return f(x, x)\n"},
    "helper": {**RIGHT, "vectors": "from mine import *\n", "mine": VECTORS},
    "strings": {**RIGHT, "vectors": VECTORS + "\ndef double(x): return 'two'\n"},
    "dict": {**RIGHT, "vectors": VECTORS + "\ndef double(x): return {'a': x}\n"},
    "instance": {**RIGHT, "vectors": VECTORS + "\ndef double(x): return double\n"},
    "nothing": {},
}  # fmt: skip


@pytest.mark.parametrize("files", STYLES.values(), ids=STYLES.keys())
def test_sealed_and_local_agree(zygote, tmp_path, files):
    """The same record, to the letter, whether the submission is sealed or in this process."""
    mine = tmp_path / "mine"
    mine.mkdir()
    write(mine, files)
    local = LocalSubject(mine, COURSE.names)
    here = record(grade(local))
    local.close()
    subject = SealedSubject(zygote, mine, COURSE.names)
    there = record(grade(subject))
    subject.close()
    assert there == here


def test_without_fork(folder, tmp_path):
    """An interpreter for each worker gives the same answers behind the same face."""
    with Zygote(Limits(fork=False)) as zygote:
        assert zygote.tier == Tier("full") or sys.platform != "linux"
        honest = write(tmp_path / "honest", RIGHT)
        subject = SealedSubject(zygote, honest, COURSE.names)
        local = LocalSubject(honest, COURSE.names)
        assert record(grade(subject)) == record(grade(local))
        subject.close()
        local.close()
        subject = SealedSubject(zygote, folder, NAMES, timeout=0.5)
        assert "exit status 3" in ask(subject, "leave", 3).raised.detail
        assert ask(subject, "deaf").raised.kind == "deadline"
        assert ask(subject, "double", 1.0).value == 2.0
        root = zygote._root
        subject.close()
    assert not Path(root).exists()


# -- conversations -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def conversation(tmp_path_factory):
    return Conversation(tmp_path_factory.mktemp("conversation"))


LOADED = framed(encode(("reply", 1, Reply())))
SENTENCES = st.sampled_from(
    [
        LOADED,
        framed(encode(("reply", 2, Reply(1.0)))),
        framed(encode(("reply", 2, Reply(None, Raised("exception", "E"))))),
        framed(encode(("reply", 2, Reply(1.0, changed=("5",))))),
        framed(encode(("reply", 2, Reply([RemoteReference(0), RemoteReference(9)])))),
        framed(encode(("call_back", 1, 0, "__call__", (1,), {}))),
        framed(encode(("call_back", 1, 1, "step", (1,), {}))),
        framed(encode(("call_back", 1, 1, "step", (1, 2), {"x": 1}))),
        framed(encode(("call_back", 1, 1, "__init__", (), {}))),
        framed(encode(("call_back", 1, 7, "__call__", (), {}))),
        framed(encode(("call_back", 1, 0, "__call__", [], {}))),
        framed(encode(("call_back", 1, 0, "__call__", (), {1: 2}))),
        framed(encode(("call_back", 1))),
        framed(encode(("read_back", 1, 1, "rate"))),
        framed(encode(("read_back", 1, 1, "__class__"))),
        framed(encode(("read_back", 1, 1, "nothing"))),
        framed(encode(("check_broke", 2))),
        framed(encode(("ready",))),
        framed(encode(7)),
        framed(b""),
        b"\xff\xff\xff\xff",
    ]
)


@settings(max_examples=150, deadline=None)
@given(words=st.lists(SENTENCES | st.binary(max_size=12).map(framed) | st.binary(max_size=12), max_size=5))
def test_every_conversation_ends_in_a_reply(conversation, words):
    """Whatever a worker says, a request is answered, or a check's own object refuses its arguments."""
    try:
        reply = conversation.call(LOADED + b"".join(words))
    except CheckSideError as error:
        assert isinstance(error.__cause__, (TypeError, ValueError))
    else:
        assert type(reply) is Reply


@pytest.mark.parametrize(
    ("words", "kind", "detail"),
    [
        (("reply", 3, Reply(1.0)), "protocol", "another question"),
        (("reply", 2, 1.0), "protocol", "no reply"),
        (("reply", 2, Reply(1.0, changed=("5",))), "protocol", "not passed"),
        (("call_back", 1, 1, "__init__", (), {}), "protocol", "does not exist"),
        (("call_back", 1, 7, "__call__", (), {}), "protocol", "not given"),
        (("read_back", 1, 1, "__class__"), "protocol", "private"),
        (("check_broke", 2), "protocol", "another question"),
        (("verdict", 2, "passed"), "protocol", "another question"),
    ],
)
def test_nonsense_is_named(conversation, words, kind, detail):
    """What is wrong with a message is said."""
    raised = conversation.call(LOADED + framed(encode(words))).raised
    assert raised.kind == kind and detail in raised.detail


# -- words ---------------------------------------------------------------------------------------------------------


def test_endings_in_words():
    """Whole words, on every system."""
    assert Ending(0).words == "it left with exit status 0"
    assert Ending(None).words == "it closed its connection"
    assert "segmentation fault" in Ending(-11).words


def test_tiers_in_words():
    """A tier says what it is and what it lacks."""
    assert Tier.of(LAYERS) == Tier("full")
    partial = Tier.of(tuple(layer for layer in LAYERS if layer != "seccomp"))
    assert partial == Tier("partial", ("seccomp",)) and "seccomp" in partial.sentence
    assert Tier.of(()).name == "process"
    assert len({Tier.of(LAYERS).sentence, partial.sentence, Tier.of(()).sentence}) == 3


def test_limits_of_the_grading_side_are_stated():
    """The face that the runner uses."""
    assert sealed.TOTAL_TIMEOUTS >= 3 and 0 < sealed.TENTH < 1
