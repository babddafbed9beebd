"""The memory of a class run: what it spares, and that no verdict depends on it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader import language
from grader.answers.sheet import RECORDED, RecordedSource
from grader.classroom.demo import make_class
from grader.classroom.grading import Suite, grade_submission
from grader.classroom.intake import take_in
from grader.classroom.job import collected
from grader.classroom.memory import Memory, _key
from grader.classroom.roster import read_roster
from grader.course import ROOT, the_course
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tape import TAPE_BYTES, Astray, Said, Tape
from grader.sandbox.tier import Limits
from grader.sandbox.zygote import Zygote
from grader.subject.subject import LocalSubject
from grader.suite import Check, Outcome
from grader.tests.attacks.graded import CHECKS, COURSE, RIGHT, grade, record, write
from grader.tests.attacks.graded import vectors as attacked

NAMED = {check.id: check for check in CHECKS}
KEPT = len(CHECKS) - 3
"""All checks but the one that writes files, and the first one of each topic, which loads it."""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(Limits(scratch=1 << 20, scratch_files=50)) as zygote:
        yield zygote


@pytest.fixture
def graded(zygote: Zygote, tmp_path: Path):
    """Grades a submission with a memory, and without: both have to say the same. Gives the outcomes by check."""
    numbers = itertools.count()

    def graded(memory: Memory | None, **files: str) -> dict[str, Outcome]:
        found = []
        folder = write(tmp_path / str(next(numbers)), {**RIGHT, **files})
        for with_memory in (memory, None):
            subject = SealedSubject(zygote, folder, COURSE.names, timeout=1.0)
            found.append(grade(subject, memory=with_memory))
            subject.close()
        assert record(found[0]) == record(found[1])
        return {outcome.result.id: outcome for outcome in found[0]}

    return graded


def changed(**exercises: str) -> str:
    """The right answers with other functions in their place."""
    heads = {"double": "double(x)", "softplus": "softplus(x)", "slope": "slope(f, x)"}
    return RIGHT["vectors"] + "".join(f"\n\ndef {heads[name]}:\n    {body}\n" for name, body in exercises.items())


# -- what it spares ----------------------------------------------------------------------------------------------------


def test_the_same_answers_are_judged_once(graded):
    memory = Memory()
    graded(memory)
    assert (memory.known, memory.run) == (0, KEPT)
    graded(memory)
    assert (memory.known, memory.run) == (KEPT, KEPT)


def test_other_code_with_the_same_answers_is_known(graded):
    memory = Memory()
    graded(memory)
    graded(memory, vectors=changed(double="return np.add(x, x)"))
    assert memory.known == KEPT


def test_a_last_digit_makes_another_answer(graded):
    memory = Memory()
    graded(memory)
    graded(memory, vectors=changed(double="return np.nextafter(2.0 * np.asarray(x), 9.0)"))
    assert memory.known == KEPT - 3


def test_the_same_mistake_is_told_in_the_same_words(graded):
    memory = Memory()
    wrong = changed(softplus="return np.log(1 + np.exp(x))", slope="return (f(x + 1) - f(x)) * f(x)")
    first, second = graded(memory, vectors=wrong), graded(memory, vectors="# mine\n" + wrong)
    assert memory.known == KEPT
    assert [first[name].result for name in NAMED] == [second[name].result for name in NAMED]
    assert first["softplus_is_stable"].entries == second["softplus_is_stable"].entries != ()


def test_where_something_new_is_heard_the_check_hears_all_of_it(graded):
    """A call back that differs, and an object that differs at its second use."""
    memory = Memory()
    graded(memory)
    outcomes = graded(memory, vectors=changed(slope="return (f(x + 1e-5) - f(x - 2e-5)) / 3e-5"))
    assert outcomes["slope_of_a_line"].result.status == "passed" and memory.known == KEPT - 1
    tired = RIGHT["layers"].replace("self.seen += 1", "self.seen = 1")
    outcomes = graded(memory, layers=tired)
    assert outcomes["scale_counts"].result.failure.message == "two calls were seen."


def test_an_object_of_the_checks_is_told_what_it_was_told(graded):
    """The check's own function has counted its calls when the check goes on by itself."""
    memory = Memory()
    graded(memory, vectors=changed(slope="return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5"))
    lazy = changed(slope="f(x + 1e-5); return 3.0")
    assert graded(memory, vectors=lazy)["slope_of_a_line"].result.status == "failed"


def test_draws_without_a_seed_are_what_they_are(graded):
    memory = Memory()
    noisy = changed(double="return 2.0 * np.asarray(x) + np.random.normal(scale=1e-13)")
    for _ in range(2):
        assert graded(memory, vectors=noisy)["double_of_a_row"].result.status == "passed"


def test_what_was_found_is_told_in_the_language_in_use(graded):
    memory, wrong = Memory(), changed(softplus="return np.zeros(3)")
    told = []
    for code in ("en", "es", "en"):
        language.use(code)
        told.append(graded(memory, vectors=wrong)["softplus_is_stable"].result.failure.message)
    assert told[0] == told[2] != told[1]


# -- what goes wrong ---------------------------------------------------------------------------------------------------

DEAF = """
    while True:
        try:
            while True: pass
        except BaseException: pass
"""
ENDINGS = {
    "a death": "import os; os._exit(3)",
    "a loop": "while True: pass",
    "a loop that hears nothing": DEAF.lstrip(),
    "too much": "return np.zeros(3_000_000)",
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("before", ["", "f(x + 1e-5)\n    "])
def test_an_ending_in_a_known_place(graded, ending, before):
    """At the first request and after a call back: what it costs is what it costs without a memory."""
    memory = Memory()
    graded(memory)
    outcomes = graded(memory, vectors=changed(slope=before + ENDINGS[ending]))
    assert outcomes["slope_of_a_line"].result.status == "failed"
    assert outcomes["scale_counts"].result.status == "passed"


SEVERAL_TIMES = "global calls\n    calls = globals().get('calls', 0) + 1\n    "


def test_who_was_slow_once_has_little_time_from_then_on(graded):
    """A deadline counts beyond its check, so it is no pattern for others, however often it comes."""
    memory = Memory()
    sleeps = SEVERAL_TIMES + "import time; time.sleep(3 if calls == 1 else 0.4)\n    return 2.0 * np.asarray(x)"
    for _ in range(2):
        outcomes = graded(memory, vectors=changed(double=sleeps))
        assert [o.result.status for name, o in outcomes.items() if "double" in name] == ["failed"] * 4


def test_files_beyond_the_limit(graded):
    """They end the worker in the same check, with a memory and without."""
    memory = Memory()
    graded(memory)
    fill = "for i in range(80): open(f'{i}', 'w').close()\n    "
    assert graded(memory, vectors=changed(double=fill + "return 2.0 * np.asarray(x)"))
    once = (
        SEVERAL_TIMES + "if calls == 2:\n        import time\n        " + fill.strip() + "\n        time.sleep(0.3)\n"
    )
    outcomes = graded(memory, vectors=changed(double=once + "    return 2.0 * np.asarray(x)"))
    assert [o.result.status for name, o in outcomes.items() if "double" in name] == ["passed", "failed"] * 2


@pytest.mark.parametrize("ending", ["os._exit(1)", "\n    while True: pass"])
def test_a_module_that_does_not_load_the_first_time(graded, ending):
    first = f"import os\nif not os.path.exists('been'):\n    open('been', 'w').close()\n    {ending.strip()}\n"
    outcomes = graded(Memory(), vectors=first + RIGHT["vectors"])
    assert [o.result.status for name, o in outcomes.items() if "double" in name] == ["failed", *["passed"] * 3]


def test_the_checks_own_time_is_its_own(zygote, tmp_path):
    """Also where it comes after something new was heard."""

    def ponders() -> None:
        attacked.double(2.0)
        time.sleep(1.5)
        assert abs(attacked.slope(lambda x: 3.0 * x, 2.0) - 3.0) < 1e-5

    memory, other = Memory(), changed(slope="return (f(x + 1e-5) - f(x - 2e-5)) / 3e-5")
    for number, text in enumerate((RIGHT["vectors"], other)):
        subject = SealedSubject(zygote, write(tmp_path / str(number), {**RIGHT, "vectors": text}), COURSE.names, 1.0)
        grade(subject, [NAMED["double_of_a_row"]])
        assert grade(subject, [one_check(ponders)], memory)[0].result.status == "passed"
        subject.close()
    assert (memory.known, memory.run) == (0, 2)


def test_a_fault_of_the_grading_side_is_nobody_elses(zygote, tmp_path):
    faults = iter([MemoryError(), None, None])

    def short_of_memory() -> None:
        attacked.double(2.0)
        fault = next(faults)
        if fault is not None:
            raise fault

    memory, subject = Memory(), SealedSubject(zygote, write(tmp_path / "x", RIGHT), COURSE.names)
    grade(subject, [NAMED["double_of_a_row"]])
    statuses = [grade(subject, [one_check(short_of_memory)], memory)[0].result.status for _ in range(3)]
    assert statuses == ["failed", "passed", "passed"] and memory.known == 1
    subject.close()


# -- checks that are not what they should be ---------------------------------------------------------------------------


def one_check(function) -> Check:
    return Check("odd", "vectors", "double", "concept", "odd", 1, False, function, {})


def test_a_check_that_depends_on_more_is_run_each_time(zygote, tmp_path):
    """One that asks something else each time; its verdict is its own."""
    count = itertools.count()

    def restless() -> None:
        assert float(attacked.double(float(next(count)))) >= 0.0

    new = "global seen\n    seen = globals().get('seen', 0) + 1\n    return 2.0 * np.asarray(x) + 1e-12 * seen"
    folder = write(tmp_path / "x", {**RIGHT, "vectors": changed(double=new)})
    memory, subject = Memory(), SealedSubject(zygote, folder, COURSE.names)
    statuses = [grade(subject, [one_check(restless)], memory)[0].result.status for _ in range(4)]
    assert statuses == ["passed"] * 4 and (memory.known, memory.run) == (0, 2)
    assert grade(subject, [NAMED["double_of_a_row"]], memory)[0].result.status == "passed"
    subject.close()


A, B, C = Said(b"a", True), Said(b"b", False), Said(b"c", False)


@pytest.mark.parametrize(
    "courses",
    [
        [[(A, b"1")], [(A, b"1"), (B, b"2")]],
        [[(A, b"1"), (B, b"2")], [(A, b"1")]],
        [[(A, b"1"), (B, b"2")], [(A, b"1"), (C, b"2")]],
        [[(A, b"1")], [(C, b"1")]],
    ],
)
def test_of_a_check_that_goes_on_otherwise_nothing_is_kept(courses):
    """The same question and the same answer, and then something else."""
    memory, subject, check = Memory(), Talks(*courses), one_check(lambda: None)
    for _ in courses:
        assert check.id not in memory._odd
        memory.outcome(check, subject, passed)
    assert check.id in memory._odd and _key(check) not in memory._first


class Talks:
    """A subject that was told nothing before, and has said what a test wants."""

    open = shut = start_again = lambda self, topic="": True

    def __init__(self, *courses) -> None:
        self.courses = list(courses)

    def repeat(self, said):
        return None

    def turns(self):
        return tuple(self.courses.pop(0)) if self.courses else ()


def passed() -> Outcome:
    return grade(LocalSubject(ROOT, COURSE.names), [one_check(lambda: None)])[0]


def test_the_same_end_once_more_is_no_contradiction():
    memory, check, course = Memory(), one_check(lambda: None), [(A, b"1"), (B, b"2")]
    subject = Talks(course, course)
    for _ in range(2):
        memory.outcome(check, subject, passed)
    assert not memory._odd and _key(check) in memory._first


def test_a_full_memory_learns_nothing_more(graded):
    memory = Memory(size=60_000)
    graded(memory)
    graded(memory)
    assert 0 < memory.known < KEPT


def test_what_is_kept_is_what_is_counted():
    """Long answers in the middle too; no submission adds more than its part."""
    memory, check = Memory(size=1_000_000), one_check(lambda: None)
    for number in range(200):
        heard = str(number).encode().ljust(10_000)
        memory.outcome(check, Talks([(A, heard), (B, b"2")]), passed)
    assert 50 < len(memory._first[_key(check)].after) < 100 and -20_000 < memory._left < 20_000
    memory, greedy = Memory(size=1_000_000), Talks(*[[(A, str(n).encode().ljust(10_000))] for n in range(100)])
    for _ in range(100):
        memory.outcome(check, greedy, passed)
    assert memory._left > 800_000


def test_long_conversations_are_not_kept():
    tape, said = Tape(), Said(b"x" * 100, True)
    for _ in range(TAPE_BYTES // 1100 + 2):
        assert tape.say(said)
        tape.hear(lambda: b"y" * 1000)
    assert tape.turns == ()


def test_a_tape_plays_what_was_heard_and_then_listens():
    tape = Tape()
    tape.keep(Said(b"a", True), b"1")
    tape.keep(Said(b"b", False), ValueError("gone"))
    assert tape.replaying and not tape.say(Said(b"a", True))
    assert tape.hear(lambda: b"never") == b"1"
    assert not tape.say(Said(b"b", False))
    with pytest.raises(ValueError, match="gone"):
        tape.hear(lambda: b"never")
    assert not tape.replaying and tape.say(Said(b"c", True)) and tape.hear(lambda: b"2") == b"2"
    tape.keep(Said(b"a", True), b"1")
    with pytest.raises(Astray):
        tape.say(Said(b"another", True))


# -- a class -----------------------------------------------------------------------------------------------------------


def test_a_class_has_the_same_results_with_and_without(zygote, tmp_path):
    """Every byte of every result: mistakes, other styles, broken files."""
    names = the_course().names
    make_class(tmp_path / "class", 8, seed=3)
    memory = Memory()
    plain = Suite(the_course(), collected(ROOT / "tests"), 1, RecordedSource(RECORDED))
    remembering = Suite(plain.course, plain.checks, 1, plain.answers, memory=memory)
    for number, entry in enumerate(read_roster(tmp_path / "class", tuple(names)).entries):
        submission = take_in(entry, names)
        folder = write(tmp_path / str(number), submission.files)
        texts = []
        for suite in (plain, remembering):
            subject = SealedSubject(zygote, folder, names, timeout=2.0)
            texts.append(grade_submission(submission, suite, subject).to_json())
            subject.close()
        assert json.loads(texts[0]) == json.loads(texts[1]), entry.id
    assert memory.known > memory.run > 0 and not memory._odd


# -- what begins with a check ------------------------------------------------------------------------------------------

KEEPS = """
import numpy as np
kept = []

def double(x):
    return 2.0 * x

def softplus(x):
    return kept[0](x) if kept else None

def slope(f, x):
    kept.append(f)
    return f(x)
"""


@pytest.mark.parametrize("sealed", [True, False])
def test_what_a_check_passed_in_is_gone_when_the_next_begins(zygote, tmp_path, sealed):
    """Its number means another object by now; so in this process too, where it would still be there."""
    folder = write(tmp_path / "x", {"vectors": KEEPS, "layers": RIGHT["layers"]})
    subject = SealedSubject(zygote, folder, COURSE.names) if sealed else LocalSubject(folder, COURSE.names)
    subject.begin()
    assert subject.call(("vectors", "slope"), (subject.refer(lambda x: x + 1), 1.0), {}).value == 2.0
    assert subject.call(("vectors", "softplus"), (1.0,), {}).value == 2.0
    subject.begin()
    subject.refer(np.sin)
    raised = subject.call(("vectors", "softplus"), (1.0,), {}).raised
    assert raised.type == "RuntimeError" and "an earlier call" in raised.message
    subject.close()


@pytest.mark.parametrize("sealed", [True, False])
def test_objects_are_counted_anew_in_each_check(zygote, tmp_path, sealed):
    """And one of an earlier check is gone, not another one."""
    folder = write(tmp_path / "x", RIGHT)
    subject = SealedSubject(zygote, folder, COURSE.names) if sealed else LocalSubject(folder, COURSE.names)
    numbers = []
    for factor in (2.0, 3.0):
        subject.begin()
        handle = subject.call(("layers", "Scale"), (factor,), {}).value
        numbers.append(handle.number & 0xFFFF_FFFF)
        assert subject.get((handle.number, "factor")).value == factor
    assert numbers == [1, 1]
    subject.close()


@pytest.mark.parametrize("sealed", [True, False])
def test_what_is_over_cannot_be_given_back_either(zygote, tmp_path, sealed):
    folder = write(tmp_path / "x", {"vectors": KEEPS.replace("return f(x)", "return kept[0]")})
    subject = SealedSubject(zygote, folder, COURSE.names) if sealed else LocalSubject(folder, COURSE.names)
    replies = []
    for function in (np.sin, np.cos):
        subject.begin()
        replies.append(subject.call(("vectors", "slope"), (subject.refer(function), 1.0), {}))
    assert replies[0].value.reference is np.sin
    assert replies[1].value is None and "an earlier call" in replies[1].raised.message
    subject.close()


@pytest.mark.parametrize("sealed", [True, False])
def test_objects_of_earlier_checks_live_on(zygote, tmp_path, sealed):
    """What is known by the `id` of an object stays that object's."""
    layers = RIGHT["layers"].replace("import numpy as np", "import numpy as np\nSEEN = {}")
    layers = layers.replace("        self.seen = 0\n", "")
    layers = layers.replace("self.seen += 1", "SEEN[id(self)] = SEEN.get(id(self), 0) + 1")
    layers += "\n    @property\n    def seen(self):\n        return SEEN.get(id(self), 0)\n"
    folder = write(tmp_path / "x", {**RIGHT, "layers": layers})
    subject = SealedSubject(zygote, folder, COURSE.names) if sealed else LocalSubject(folder, COURSE.names)
    outcomes = grade(subject, [NAMED["scale_counts"]] * 40)
    assert {outcome.result.status for outcome in outcomes} == {"passed"}
    subject.close()


def test_a_method_that_is_a_value_is_called_by_its_name(graded):
    layers = RIGHT["layers"].replace("        self.seen = 0\n", "        self.seen = 0\n        self.save = {}\n")
    layers = layers.replace("    def save(", "    def keep(")
    failure = graded(None, layers=layers)["scale_saves_and_loads"].result.failure
    assert failure.message.startswith("Scale.save should be a method") and "type dict" in failure.message
