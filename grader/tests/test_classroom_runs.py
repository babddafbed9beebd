"""Class runs: what is reused, what is not, and what happens when something ends them."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grader.classroom import job as job_module
from grader.classroom import runner
from grader.classroom.runner import Options, RunError
from grader.classroom.store import Store
from grader.course import ROOT
from grader.result import ERROR, TO_DO, SubmissionResult
from grader.sandbox.tier import Limits
from grader.tests.classroom_class import files_of, losses, make_class, make_suite, run, start

KILLS = int(os.environ.get("GRADER_TEST_KILLS", "3"))
"""How often the durability test kills a run; the figure in the documentation is from a run with 50."""


@pytest.fixture(autouse=True)
def one_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One version of the kit from the beginning of a test to its end, even while somebody edits it."""
    monkeypatch.setattr(runner, "_code_digest", lambda skip: "kit")
    monkeypatch.setattr(runner, "_page_digest", lambda: "pages")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """The small suite, and a class of four."""
    made = make_suite(tmp_path)
    make_class(made.submissions, 4)
    return made


def result_of(options: Options, student: str) -> SubmissionResult:
    result = Store(options.out).read(student)
    assert result is not None
    return result


def times(options: Options) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in (options.out / "results").iterdir()}


def renewed(options: Options, before: dict[str, int]) -> set[str]:
    """The students whose results were written since."""
    return {student for student, moment in times(options).items() if before.get(student) != moment}


# -- what a run gives --------------------------------------------------------------------------------------------------


def test_a_run_gives_results_pages_and_a_gradebook(options):
    summary = run(options)
    assert (summary.status, summary.total, summary.graded, summary.reused) == (0, 4, 4, 0)
    names = [f"student 00{number}" for number in range(4)]
    assert set(files_of(options.out)) == {
        "class.html",
        "gradebook.csv",
        *(f"results/{name}.json" for name in names),
        *(f"feedback/{name}.html" for name in names),
    }
    assert [result_of(options, name).points for name in names] == [3, 4, 4, 3]
    result = result_of(options, "student 000")
    assert (result.maximum, result.seed) == (5, 1) and result.tier in ("full", "partial", "process")
    assert {check.status for check in result.checks if check.topic == "scaling"} == {TO_DO}, "a missing topic is to do"
    assert [check.title for check in result.checks if check.failure] == ["linear far out"]
    table = (options.out / "gradebook.csv").read_text(encoding="utf-8").splitlines()
    assert table[0].startswith("student,activations,") and table[0].endswith(",total,maximum,problems")
    assert table[1].startswith("student 000,0,") and table[1].endswith(",3,5,") and len(table) == 5


def test_two_runs_give_the_same_bytes_whatever_the_number_of_jobs(options):
    run(options, jobs=1)
    run(options, jobs=2, out=options.out.with_name("other"))
    assert files_of(options.out) == files_of(options.out.with_name("other"))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_a_job_for_each_core_stays_on_it_and_fewer_jobs_move_as_they_like(options, monkeypatch, tmp_path):
    real, mine = job_module.grade_submission, sorted(os.sched_getaffinity(0))
    monkeypatch.setattr(runner, "_cores", lambda: mine[:2])
    seen = tmp_path / "seen"
    seen.mkdir()

    def noted(*arguments, **named):
        (seen / str(os.getpid())).write_text(repr(sorted(os.sched_getaffinity(0))), encoding="utf-8")
        return real(*arguments, **named)

    monkeypatch.setattr(job_module, "grade_submission", noted)
    run(options, jobs=len(mine[:2]))
    assert {path.read_text(encoding="utf-8") for path in seen.iterdir()} <= {repr([core]) for core in mine[:2]}
    monkeypatch.setattr(runner, "_cores", lambda: [*mine, -1])
    for path in seen.iterdir():
        path.unlink()
    run(options, jobs=len(mine[:2]), regrade=True)
    assert {path.read_text(encoding="utf-8") for path in seen.iterdir()} == {repr(mine)}


def test_the_main_process_and_the_jobs_hold_no_pytorch(options, monkeypatch):
    real = job_module.grade_submission

    def watched(*arguments, **named):
        assert "torch" not in sys.modules, "a job process that holds PyTorch"
        return real(*arguments, **named)

    monkeypatch.setattr(job_module, "grade_submission", watched)
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)  # another test has loaded it; a job that does shows it again
    assert run(options).status == 0


def test_what_cannot_be_graded_is_said_and_costs_nobody_else_anything(options):
    run(options)
    before = files_of(options.out)
    (options.submissions / "zoe.zip").write_bytes(b"not a zip")
    (options.submissions / "yves").mkdir()
    summary = run(options)
    assert summary.status == 1 and summary.ungradable == ["yves", "zoe"]
    assert "nothing to grade" in summary.problems["yves"][0]
    after = files_of(options.out)
    assert all(after[name] == content for name, content in before.items() if "student" in name)
    assert result_of(options, "zoe").points == 0 and len(result_of(options, "zoe").problems) == 2


# -- what is reused ----------------------------------------------------------------------------------------------------


def test_nothing_is_graded_twice(options):
    run(options)
    before, pages = times(options), files_of(options.out)
    summary = run(options)
    assert (summary.graded, summary.reused, renewed(options, before)) == (0, 4, set())
    assert files_of(options.out) == pages


def test_only_the_submission_that_changed_is_graded_again(options):
    run(options)
    before = times(options)
    (options.submissions / "student 002" / "losses.py").write_text(losses(huber="0.0"), encoding="utf-8")
    summary = run(options)
    assert (summary.graded, summary.reused, renewed(options, before)) == (1, 3, {"student 002"})
    assert result_of(options, "student 002").points == 3


def test_whatever_a_result_depends_on_makes_it_stale(options, monkeypatch):
    run(options)

    def all_graded_again(**changes) -> bool:
        before = times(options)
        summary = run(options, **changes)
        return (summary.graded, len(renewed(options, before))) == (4, 4)

    for name, value in {"regrade": True, "seed": 2, "timeout": 3.0, "memory": 1 << 28, "diagnosis": True}.items():
        assert all_graded_again(**{name: value}), name
    assert all_graded_again(), "the options as they were at first"
    tests = Path(shutil.copytree(options.tests, options.tests.with_name("suite2")))  # collected once a process
    assert not all_graded_again(tests=tests), "the same bytes elsewhere"
    tests = Path(shutil.copytree(options.tests, options.tests.with_name("suite3")))
    with (tests / "test_losses.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert all_graded_again(tests=tests), "suite"
    (options.sheet / "losses.json").write_text('{"answers": {}}', encoding="utf-8")
    assert all_graded_again(tests=tests), "sheet"
    monkeypatch.setattr(runner, "_code_digest", lambda skip: "another")
    assert all_graded_again(tests=tests), "kit"


def test_a_result_that_somebody_altered_is_graded_again(options):
    run(options)
    path = options.out / "results" / "student 001.json"
    genuine = path.read_bytes()
    path.write_bytes(genuine.replace(b'"passed"', b'"failed"', 1))
    assert run(options).graded == 1 and path.read_bytes() == genuine


def test_a_page_that_is_gone_is_made_again_without_grading(options):
    run(options)
    page = options.out / "feedback" / "student 001.html"
    genuine = page.read_bytes()
    page.unlink()
    assert run(options).reused == 4 and page.read_bytes() == genuine


def test_only_touches_nobody_else(options):
    run(options)
    before = times(options)
    for number in (1, 2):
        (options.submissions / f"student 00{number}" / "losses.py").write_text(losses(huber="0"), encoding="utf-8")
    summary = run(options, only="student 001")
    assert renewed(options, before) == {"student 001"} and summary.total == 1
    table = (options.out / "gradebook.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[-3] for row in table[1:]] == ["3", "3", "4", "3"]


def test_only_with_another_seed_says_that_the_others_are_of_an_old_one(options):
    run(options)
    assert run(options, only="student 001", seed=2).stale == 3


def test_class_files_are_made_again_only_when_something_changed(options):
    run(options)
    table, page = options.out / "gradebook.csv", options.out / "class.html"
    written = [path.stat().st_mtime_ns for path in (table, page)]
    run(options)
    assert [path.stat().st_mtime_ns for path in (table, page)] == written
    genuine = table.read_bytes()
    table.write_bytes(b"somebody's own")
    run(options)
    assert table.read_bytes() == genuine
    run(options, form="moodle")
    assert table.read_bytes().startswith(b"Identifier,")
    (options.submissions / "zoe").mkdir()
    run(options)
    assert b"zoe" in table.read_bytes()


def test_only_before_anything_else_is_graded(options):
    summary = run(options, only="Student 003")
    assert set(times(options)) == {"student 003"} and summary.waiting == 3
    assert "not graded yet" in (options.out / "gradebook.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("only", "sentence"), [("nobody", "None of the 4 submissions is by nobody"), ("student", "More than one student")]
)
def test_only_with_a_name_that_fits_none_or_many(options, only, sentence):
    with pytest.raises(RunError, match=sentence) as caught:
        run(options, only=only)
    assert caught.value.status == 2


def test_results_of_people_who_left_are_kept_and_not_counted(options):
    run(options)
    shutil.rmtree(options.submissions / "student 003")
    summary = run(options)
    assert summary.others == 1 and "student 003" in times(options)
    assert "student 003" not in (options.out / "gradebook.csv").read_text(encoding="utf-8")


# -- what ends a run ---------------------------------------------------------------------------------------------------


def processes_of(text: str) -> list[int]:
    """The processes whose command line holds a text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def gone(text: str, seconds: float = 10.0) -> bool:
    """Whether every process of a run ends."""
    end = time.monotonic() + seconds
    while processes_of(text) and time.monotonic() < end:
        time.sleep(0.05)
    return not processes_of(text)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_killed_at_random_moments_a_run_ends_with_the_same_results(tmp_path):
    options = make_suite(tmp_path)
    options = replace(options, jobs=2)
    students = 12 + 12 * KILLS  # so many that no run is over before it is killed
    make_class(options.submissions, students, pause=0.02)
    run(options, out=tmp_path / "undisturbed")
    chance, killed = random.Random(7), 0
    while killed < KILLS:
        process = start(options)
        try:
            done = len(list((options.out / "results").glob("*.json"))) if options.out.exists() else 0
            wait_for_more_results(options, process, done)
            process.wait(chance.random() * 0.2)
            break  # it was done before we could kill it
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
        assert gone(str(options.out)), "a job process outlived its run"
    process = start(options)
    said, _noise = process.communicate(timeout=60)
    assert process.returncode == 0 and killed >= min(KILLS, 3)
    graded, reused = map(int, said.split())
    assert reused > 0 and graded + reused == students
    assert files_of(options.out) == files_of(tmp_path / "undisturbed")
    leftovers = [path for path in options.out.rglob("*") if path.name.endswith(".part") or path.name == "scratch"]
    assert leftovers == []


def wait_for_more_results(options: Options, process: subprocess.Popen, done: int) -> None:
    """Until a run has written a result, so that a kill meets it at work and not while Python starts."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if options.out.exists() and len(list((options.out / "results").glob("*.json"))) > done:
            return
        time.sleep(0.01)


def test_ctrl_c_ends_everything_and_keeps_what_is_graded(tmp_path):
    options = make_suite(tmp_path)
    make_class(options.submissions, 12, pause=0.3)
    process = start(options, start_new_session=True)
    wait_for_more_results(options, process, 1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the group
    said, noise = process.communicate(timeout=30)
    assert (process.returncode, said.strip()) == (130, "stopped")
    assert "Traceback" not in noise, noise
    assert gone(str(options.out))
    kept = times(options)
    assert 0 < len(kept) < 12
    summary = run(options)
    assert summary.graded + summary.reused == 12 and summary.reused >= len(kept) - options.jobs - 2


def test_a_job_process_that_dies_costs_one_more_attempt(options, monkeypatch):
    marker = options.out.with_name("died-once")
    real = job_module.take_in

    def fatal(entry, names):
        if entry.id == "student 001" and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return real(entry, names)

    monkeypatch.setattr(job_module, "take_in", fatal)
    summary = run(options)
    assert marker.exists() and summary.status == 0 and summary.graded == 4
    assert result_of(options, "student 001").points == 4


def test_a_submission_that_kills_its_job_twice_is_recorded_and_tried_again_next_time(options, monkeypatch):
    real = job_module.take_in

    def fatal(entry, names):
        if entry.id == "student 001":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(entry, names)

    with monkeypatch.context() as patch:
        patch.setattr(job_module, "take_in", fatal)
        summary = run(options)
    assert summary.status == 1 and summary.ungradable == ["student 001"] and summary.graded == 4
    lost = result_of(options, "student 001")
    assert {check.status for check in lost.checks} == {ERROR} and lost.maximum == 5 and lost.points == 0
    assert lost.problems == ("It could not be graded: the process that graded it ended 2 times.",)
    assert run(options).graded == 1 and result_of(options, "student 001").points == 4


def test_a_fault_of_the_kit_costs_one_submission_and_is_told(options, monkeypatch):
    real = job_module.grade_submission

    def faulty(submission, *rest):
        if submission.id == "student 002":
            raise ZeroDivisionError("of the kit")
        return real(submission, *rest)

    monkeypatch.setattr(job_module, "grade_submission", faulty)
    summary = run(options)
    assert summary.ungradable == ["student 002"] and summary.graded == 4
    (problem,) = result_of(options, "student 002").problems
    assert problem == "It could not be graded, by a fault of the kit (ZeroDivisionError: of the kit)."


def test_a_page_that_cannot_be_made_costs_no_grades(options, monkeypatch):
    def faulty(*_arguments):
        raise KeyError("colour")

    with monkeypatch.context() as patch:
        patch.setattr(job_module, "_feedback", faulty)
        patch.setattr(runner, "_class_page", faulty)
        summary = run(options)
    assert summary.status == 1 and set(summary.broken_pages) == {"class.html", *times(options)}
    assert len((options.out / "gradebook.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert run(options).reused == 4
    assert (options.out / "class.html").exists() and len(list((options.out / "feedback").iterdir())) == 4


def test_without_fork_job_processes_are_started_afresh(options, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(runner, "START_METHOD", "spawn")
        assert run(options).status == 0
    afresh = files_of(options.out)
    run(options, regrade=True)
    assert files_of(options.out) == afresh


def test_a_job_process_that_hangs_is_ended(options, monkeypatch):
    real = job_module.take_in

    def endless(entry, names):
        while entry.id == "student 001":
            time.sleep(1)
        return real(entry, names)

    monkeypatch.setattr(job_module, "take_in", endless)
    monkeypatch.setattr(runner, "GRACE", 0.5)
    monkeypatch.setattr(runner, "BUDGETS", 0)
    summary = run(options, jobs=1)
    assert summary.ungradable == ["student 001"] and summary.graded == 4


TABLE = '''from exercises import losses
from grader.checks import as_array, assert_that, check


@check("mse", "concept")
def test_mse_twice():
    """the same twice"""
    first, second = as_array(losses.mse([1.0], [2.0])), as_array(losses.mse([3.0], [2.0]))
    assert_that((first + second).size == 1, "One number each.")
'''
COLUMNS_AND_ROWS = """import numpy as np


def mse(y, y_hat):
    return np.ones((30_000, 1)) if y[0] == 1.0 else np.ones((1, 30_000))
"""


def test_what_a_check_makes_of_answers_has_a_size(tmp_path):
    """A check that adds a column and a row of many numbers would need 7 GB for it: that costs a check, and no more."""
    options = make_suite(tmp_path)
    (options.tests / "test_losses.py").write_text(TABLE, encoding="utf-8")
    make_class(options.submissions, 2)
    (options.submissions / "student 001" / "losses.py").write_text(COLUMNS_AND_ROWS, encoding="utf-8")
    summary = run(options)
    assert summary.graded == 2 and not summary.ungradable
    first, second = (json.loads((options.out / "results" / f"student 00{n}.json").read_text()) for n in (0, 1))
    assert (first["points"], second["points"]) == (1, 0)
    assert any("MemoryError" in check["failure"]["message"] for check in second["checks"] if check["failure"])


PROCESSES_THAT_GRADE = {
    "a job": "import grader.classroom.job as module; module._prepare_process()",
    "a class of notebooks": (
        "import types, grader.notebooks.class_run as module; module.Sealed = lambda settings: None; "
        "module.prepare_grading(types.SimpleNamespace(settings=None))"
    ),
    "Gradescope's": (
        "import types, grader.exports.gradescope_run as module; "
        "module.run = lambda root: types.SimpleNamespace(points=0, maximum=0, tier=''); module.main(['.'])"
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the size of a process is not known")
@pytest.mark.parametrize("process", PROCESSES_THAT_GRADE)
def test_every_process_that_grades_has_a_bound(process):
    """And one that was started with less keeps it."""
    if "notebooks" in process:
        pytest.importorskip("nbgrader")
    for given, most in (("-1, -1", 8 << 30), ("3 << 30, -1", 3 << 30), ("3 << 30, 3 << 30", 3 << 30)):
        code = (
            f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({given}))\n"
            f"{PROCESSES_THAT_GRADE[process]}\n"
            f"assert 0 < resource.getrlimit(resource.RLIMIT_AS)[0] <= {most}\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_job_processes_that_die_at_once_end_the_run(options, monkeypatch):
    monkeypatch.setattr(job_module, "_prepare_process", lambda: os._exit(9))
    with pytest.raises(RunError, match="end before they grade anything .exit status 9") as caught:
        run(options)
    assert caught.value.status == 1


def test_a_full_disk_stops_the_run_with_one_sentence_and_the_next_goes_on(tmp_path):
    """No file may be larger than a limit that some results keep and one does not."""
    options = make_suite(tmp_path)
    make_class(options.submissions, 6)
    long = losses() + "\n\ndef mse(y, y_hat):\n    raise ValueError('x' * 1900)\n"
    (options.submissions / "student 004" / "losses.py").write_text(long, encoding="utf-8")
    run(options, out=tmp_path / "undisturbed")
    sizes = {path.stem: path.stat().st_size for path in (tmp_path / "undisturbed" / "results").iterdir()}
    bound = sizes["student 004"] - 10
    assert all(size < bound for student, size in sizes.items() if student != "student 004")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bound, bound))

    process = start(replace(options, jobs=1), preexec_fn=limit)
    said, noise = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in noise, noise
    assert said.count("\n") == 1 and "cannot be written" in said and "goes on from there" in said
    assert not list(options.out.rglob("*.part")) and not (options.out / "results" / "student 004.json").exists()
    summary = run(options)
    assert summary.status == 0
    assert files_of(options.out) == files_of(tmp_path / "undisturbed")


def test_two_runs_do_not_share_a_folder(options):
    store = Store(options.out)
    store.prepare()
    with store.lock(), pytest.raises(RunError, match="Another run is grading into") as caught:
        run(options)
    assert caught.value.status == 1
    assert run(options).status == 0


def test_a_run_that_is_kept_out_takes_nothing_away_from_the_one_that_is_at_work(options):
    store = Store(options.out)
    store.prepare()
    with store.lock(), store.scratch() as scratch:
        half_written = store.results / ".student 001.json.1.part"
        half_written.write_text("{")
        with pytest.raises(RunError, match="Another run is grading into"):
            run(options)
        assert scratch.is_dir() and half_written.exists() and (store.state / "scratch").exists()
    assert run(options).status == 0 and not half_written.exists()


@pytest.mark.parametrize("note", [lambda path: os.fsencode(path), lambda path: b"", lambda path: b"\xff\0", None])
def test_what_is_noted_of_a_killed_run_is_removed_only_where_it_is_a_runs(options, tmp_path, note):
    precious = tmp_path / "precious"
    precious.mkdir()
    store = Store(options.out)
    store.prepare()
    if note is None:
        (store.state / "lock").mkdir()
        with pytest.raises(RunError, match="cannot be written"):
            run(options)
    else:
        (store.state / "scratch").write_bytes(note(precious))
        assert run(options).status == 0 and precious.is_dir()


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_less_than_the_full_confinement_is_refused_on_demand(options, monkeypatch):
    monkeypatch.setattr(runner, "Limits", lambda memory: Limits(memory=memory, layers=("rlimits",)))
    with pytest.raises(RunError, match="--require-sandbox") as caught:
        run(options, require_sandbox=True)
    assert caught.value.status == 2
    summary = run(options)
    assert summary.status == 0 and "can read and write files as you can" in summary.tier


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (lambda o: {"submissions": o.out / "nowhere"}, "There is no folder"),
        (lambda o: {"submissions": o.tests / "test_losses.py"}, "is a file: unpack it"),
        (lambda o: {"submissions": o.sheet}, "holds no submissions"),
        (lambda o: {"out": o.submissions}, "lies in the folder of the submissions"),
        (lambda o: {"out": o.submissions / "results"}, "lies in the folder of the submissions"),
        (lambda o: {"out": o.tests / "test_losses.py" / "out"}, "cannot be written"),
        (lambda o: {"tests": o.sheet}, "holds no checks"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(options, changes, sentence):
    with pytest.raises(RunError, match=sentence) as caught:
        run(options, **changes(options))
    assert "\n" not in str(caught.value)
