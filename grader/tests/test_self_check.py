"""The student's way: bare pytest, in a process of its own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from grader.answers.sheet import has_pytorch
from grader.course import ROOT, the_course
from grader.result import SubmissionResult

MAXIMUM = sum(topic.points for topic in the_course().topics)


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_untouched_stubs_are_to_do(run_pytest, tmp_path: Path) -> None:
    finished = run_pytest("--result", str(tmp_path / "result.json"))
    assert last_line(finished.stdout) == f"0 / {MAXIMUM}"
    assert finished.returncode == 1
    assert "Traceback" not in finished.stdout and "FAILURES" not in finished.stdout
    record = SubmissionResult.from_json((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert {check.status for check in record.checks} == {"to_do"}
    assert record.maximum == MAXIMUM


def test_the_solutions_earn_every_point_from_recorded_answers(run_pytest, tmp_path: Path) -> None:
    finished = run_pytest("--target", "solutions", "--result", str(tmp_path / "result.json"))
    assert last_line(finished.stdout) == f"{MAXIMUM} / {MAXIMUM}"
    assert finished.returncode == 0
    assert "skipped" not in finished.stdout
    record = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert record["schema"] == 1 and record["answers"] == "recorded" and record["points"] == MAXIMUM


def test_live_answers_and_another_seed_give_every_point_too(run_pytest) -> None:
    assert has_pytorch(), "the kit's own tests need PyTorch: pip install -e '.[dev]'"
    finished = run_pytest("--target", "solutions", "--live", "--seed", "77", "tests/test_losses.py")
    points = the_course().topic("losses").points
    assert (last_line(finished.stdout), finished.returncode) == (f"{points} / {points}", 0)


def test_another_seed_without_pytorch_says_what_to_do(run_pytest, tmp_path: Path, monkeypatch) -> None:
    """A `torch` that does not exist: the import system finds none."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'torch' else find(name, *a)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finished = run_pytest("--target", "solutions", "--seed", "77")
    assert finished.returncode == 4
    assert "The answers for seed 77 are not recorded" in finished.stderr
    assert "pip install" in finished.stderr
    finished = run_pytest("--live")
    assert finished.returncode == 4 and "--live asks PyTorch, which is not installed" in finished.stderr


def test_a_target_outside_the_kit(run_pytest, copy_of_solutions: Path) -> None:
    (copy_of_solutions / "choices.py").unlink()
    finished = run_pytest("--target", str(copy_of_solutions))
    lost = the_course().topic("choices").points
    assert last_line(finished.stdout) == f"{MAXIMUM - lost} / {MAXIMUM}"
    finished = run_pytest(f"--target={copy_of_solutions}", "tests/test_scaling.py", "-k", "standardize")
    assert finished.returncode == 0


def test_a_target_from_another_folder(run_pytest, copy_of_solutions: Path, tmp_path: Path) -> None:
    finished = run_pytest("--target", str(copy_of_solutions), cwd=tmp_path)
    assert last_line(finished.stdout) == f"{MAXIMUM} / {MAXIMUM}"


@pytest.mark.parametrize("target", ["nowhere", "README.md"])
def test_a_target_that_is_no_folder(run_pytest, target: str) -> None:
    finished = run_pytest("--target", target)
    assert finished.returncode == 4
    assert "is not a folder" in finished.stderr and "Traceback" not in finished.stderr


def test_selection_counts_what_is_selected(run_pytest) -> None:
    finished = run_pytest("--target", "solutions", "tests/test_losses.py", "-k", "huber")
    points = sum(e.points for e in the_course().topic("losses").exercises if e.name.startswith("huber"))
    assert last_line(finished.stdout) == f"{points} / {points}" and finished.returncode == 0
    finished = run_pytest("-k", "nothing_is_called_so")
    assert finished.returncode == 5 and "did you mean" not in finished.stdout


def test_a_selection_that_is_misspelt_is_told(run_pytest) -> None:
    finished = run_pytest("-k", "hubber")
    assert finished.returncode == 5 and "Nothing is called hubber: did you mean huber?" in finished.stdout
    assert "did you mean" not in run_pytest("-k", "huber", "tests/test_dropout.py").stdout


def test_x_stops_at_the_first_failure_not_at_what_is_to_do(run_pytest, copy_of_stubs: Path) -> None:
    shutil.copy(ROOT / "solutions" / "losses.py", copy_of_stubs)
    text = (copy_of_stubs / "losses.py").read_text(encoding="utf-8")
    (copy_of_stubs / "losses.py").write_text(text + "\n\ndef mse(y, y_hat):\n    return 0.0\n", encoding="utf-8")
    finished = run_pytest("--target", str(copy_of_stubs), "-x", "tests/test_activations.py", "tests/test_losses.py")
    assert "1 failed" in finished.stdout and finished.returncode == 1
    assert "mse returned" in finished.stdout.replace("mse(y, y_hat)", "mse")


def test_pdb_stops_in_the_failing_check(copy_of_solutions: Path) -> None:
    import subprocess
    import sys

    text = (copy_of_solutions / "losses.py").read_text(encoding="utf-8")
    (copy_of_solutions / "losses.py").write_text(text + "\n\ndef mse(y, y_hat):\n    return 0.0\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--target",
        str(copy_of_solutions),
        "--pdb",
        "-x",
        "-k",
        "mse and not gradient",
    ]
    keys = "up\nup\np sorted(locals())\nq\n"
    finished = subprocess.run(command, cwd=ROOT, input=keys, capture_output=True, text=True, check=False, timeout=120)
    assert "(Pdb)" in finished.stdout
    assert "rng" in finished.stdout


def test_tracebacks_are_shown_when_asked_for(run_pytest, copy_of_solutions: Path) -> None:
    text = (copy_of_solutions / "losses.py").read_text(encoding="utf-8")
    (copy_of_solutions / "losses.py").write_text(text + "\n\ndef mse(y, y_hat):\n    return 0.0\n", encoding="utf-8")
    target = ("--target", str(copy_of_solutions), "tests/test_losses.py", "-k", "test_mse_agrees")
    assert "def test_mse" not in run_pytest(*target).stdout
    assert "def test_mse" in run_pytest(*target, "--tb=long").stdout


def test_a_traceback_that_nobody_reads_is_not_laid_out(copy_of_solutions: Path) -> None:
    """pytest takes 40 ms for each: a student with everything wrong would wait for twenty seconds."""
    import subprocess
    import sys

    text = (copy_of_solutions / "losses.py").read_text(encoding="utf-8")
    (copy_of_solutions / "losses.py").write_text(text + "\n\ndef mse(y, y_hat):\n    return 0.0\n", encoding="utf-8")
    code = (
        "import sys, pytest\n"
        "def never(*arguments, **options):\n    raise SystemExit('laid out')\n"
        "pytest.ExceptionInfo.getrepr = never\n"
        "sys.exit(pytest.main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", code, "--target", str(copy_of_solutions), "tests/test_losses.py"]
    run = {"cwd": ROOT, "capture_output": True, "text": True, "check": False, "timeout": 120}
    finished = subprocess.run(command, **run)
    assert finished.returncode == 1 and "mse returned" in finished.stdout.replace("mse(y, y_hat)", "mse")
    assert "laid out" in subprocess.run([*command, "--tb=short"], **run).stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text + "\n\ndef mae(y, y_hat)\n    return 0.0\n", "losses.py does not compile"),
        (lambda text: "import nothing_of_that_name\n" + text, "losses.py fails while it is imported"),
        (lambda text: text.replace("def mse(", "def mean_squared("), "losses.py defines no mse: keep the name"),
    ],
)
def test_what_never_ran_is_told_once_and_without_inputs(run_pytest, copy_of_solutions: Path, change, told: str) -> None:
    file = copy_of_solutions / "losses.py"
    text = change(file.read_text(encoding="utf-8"))
    file.write_text(text.replace("from __future__ import annotations\n", ""), encoding="utf-8")
    finished = run_pytest("--target", str(copy_of_solutions), "tests/test_losses.py")
    above = "defines no" not in told  # what is wrong with a whole file is said again above the points
    assert finished.stdout.count(told) == 1 + above and " shape (" not in finished.stdout
    assert not above or re.search(rf"^losses\.py:\d+: {re.escape(told)}", finished.stdout, re.MULTILINE)
    failed = int(re.search(r"(\d+) failed", finished.stdout)[1])
    assert f"{failed - 1} more checks say the same." in finished.stdout
    finished = run_pytest("--target", str(copy_of_solutions), "--tb=short", "tests/test_losses.py")
    assert finished.stdout.count(told) > 1 and "more checks" not in finished.stdout


def test_a_file_that_never_ends_is_waited_for_twice_in_all(run_pytest, copy_of_solutions: Path, tmp_path: Path) -> None:
    file, noted = copy_of_solutions / "losses.py", tmp_path / "loads"
    loop = f"open({str(noted)!r}, 'a').write('x')\nwhile True:\n    pass\n"
    file.write_text(file.read_text(encoding="utf-8") + loop, encoding="utf-8")
    finished = run_pytest("--target", str(copy_of_solutions), "--timeout-call", "1", "tests/test_losses.py")
    assert noted.read_text() == "xx"
    told = "losses.py does not come to its end when it is imported"
    assert finished.stdout.count(told) == 2 and finished.returncode == 1  # with the checks, and above the points
    assert last_line(finished.stdout) == f"0 / {the_course().topic('losses').points}"


def test_a_known_mistake_is_named_and_can_be_left_out(run_pytest, copy_of_solutions: Path, tmp_path: Path) -> None:
    text = (copy_of_solutions / "losses.py").read_text(encoding="utf-8")
    wrong = "\n\ndef mse(y, y_hat):\n    y, y_hat = _same_shape(y, y_hat)\n    return float(((y - y_hat) ** 2).sum())\n"
    (copy_of_solutions / "losses.py").write_text(text + wrong, encoding="utf-8")
    target = ("--target", str(copy_of_solutions), "tests/test_losses.py")
    finished = run_pytest(*target, "--result", str(tmp_path / "r.json"))
    assert "[known misconception]" in finished.stdout
    record = SubmissionResult.from_json((tmp_path / "r.json").read_text(encoding="utf-8"))
    named = {item.id for check in record.checks for item in check.diagnosis}
    assert named == {"mse_sums"}
    assert "[known misconception]" not in run_pytest(*target, "--no-diagnosis").stdout


def test_a_result_that_cannot_be_written(run_pytest, tmp_path: Path) -> None:
    finished = run_pytest(
        "--target", "solutions", "-k", "test_mse", "--result", str(tmp_path / "no" / "such" / "r.json")
    )
    assert finished.returncode == 4
    assert "could not be written" in finished.stdout and "choose another place" in finished.stdout


def test_verbose_names_what_is_to_do(run_pytest) -> None:
    finished = run_pytest("-v", "tests/test_choices.py")
    assert "TO DO" in finished.stdout and "SKIPPED" not in finished.stdout


def test_an_ascii_terminal_gets_ascii(run_pytest, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    finished = run_pytest("tests/test_choices.py")
    assert "..................." in finished.stdout and "Error" not in finished.stderr


def test_several_processes_are_refused(run_pytest):
    """With pytest-xdist the points would be spread over processes, and nobody would see them."""
    run = run_pytest("-q", "-n", "2", "tests/test_choices.py")
    assert run.returncode == 4
    assert "leave out -n" in run.stdout + run.stderr
    assert run_pytest("-q", "-p", "no:xdist", "tests/test_choices.py").returncode == 1


def spoilt(folder: Path, code: str) -> tuple[str, ...]:
    """The solutions with code added to the losses, as a target of pytest."""
    file = folder / "losses.py"
    file.write_text(file.read_text(encoding="utf-8") + f"\n\n{code}\n", encoding="utf-8")
    return ("--target", str(folder), "tests/test_losses.py")


@pytest.mark.parametrize("body", ["return np.maen(y)", "return np.ones(len(y)) @ np.ones(1 + len(np.ravel(y)))"])
def test_an_exception_is_told_once_an_exercise(run_pytest, copy_of_solutions: Path, body: str) -> None:
    target = spoilt(copy_of_solutions, f"def mse(y, y_hat):\n    {body}\n\n\ndef mae(y, y_hat):\n    {body}")
    finished = run_pytest(*target, "-k", "mse or mae and not gradient")
    failed = int(re.search(r"(\d+) failed", finished.stdout)[1])
    more = [int(count) for count in re.findall(r"  The same error in (\d+) more checks\.", finished.stdout)]
    assert len(more) == 2 and sum(more) + 2 == failed and finished.stdout.count(f"        {body}") == 2
    assert run_pytest(*target, "-k", "mse or mae", "--tb=short").stdout.count(f"        {body}") > 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("np.mean((np.asarray(y) - np.asarray(y_hat)) ** 2)", "mse(y, y_hat) returned None: is a `return` missing?"),
        ("return 'one'", "mse(y, y_hat) returned str, where numbers were expected."),
    ],
)
def test_what_a_sentence_says_alone_is_told_once(run_pytest, copy_of_solutions: Path, body: str, told: str) -> None:
    finished = run_pytest(*spoilt(copy_of_solutions, f"def mse(y, y_hat):\n    {body}"))
    assert finished.stdout.count(told) == 1 and "more checks say the same." in finished.stdout


def test_two_exceptions_are_told_each(run_pytest, copy_of_solutions: Path) -> None:
    code = "def mse(y, y_hat):\n    if np.ndim(y) == 1:\n        return one\n    return other"
    finished = run_pytest(*spoilt(copy_of_solutions, code), "-k", "test_mse and not gradient")
    assert finished.stdout.count("return one") == 1 and finished.stdout.count("return other") == 1


def test_a_hint_is_given_once(run_pytest, copy_of_solutions: Path) -> None:
    right = "y, y_hat = _same_shape(y, y_hat)"
    code = f"def mse_gradient(y, y_hat):\n    {right}\n    return 2 * (y - y_hat) / y.size"
    finished = run_pytest(*spoilt(copy_of_solutions, code))
    assert finished.stdout.count("“Has the opposite sign”") > 1
    assert finished.stdout.count("if the prediction is too large, does the loss grow") == 1


def test_a_flood_of_printing_is_cut(run_pytest, copy_of_solutions: Path) -> None:
    flood = "print('long ' * 1000)\n    for i in range(3000):\n        print('row', i)"
    code = f"def mse(y, y_hat):\n    {flood}\n    return 0.0"
    finished = run_pytest(*spoilt(copy_of_solutions, code), "-k", "test_mse_agrees")
    assert "row 8" in finished.stdout and "row 9\n" not in finished.stdout
    assert "... and 2991 more lines: pytest -s shows them." in finished.stdout
    assert max(map(len, finished.stdout.splitlines())) < 320
    assert "row 2999" in run_pytest(*spoilt(copy_of_solutions, code), "-k", "test_mse_agrees", "-s").stdout


def test_the_points_stand_at_the_end(run_pytest, copy_of_solutions: Path) -> None:
    finished = run_pytest(*spoilt(copy_of_solutions, "def mse(y, y_hat):\n    return 0.0"))
    assert finished.stdout.rindex("FAILED tests/") < finished.stdout.index(" points =")


def test_what_does_not_fit_is_shown_without_annotations(run_pytest, copy_of_solutions: Path) -> None:
    code = "def mse(y: ArrayLike) -> float:\n    return 0.0"
    finished = run_pytest(*spoilt(copy_of_solutions, code), "-k", "test_mse_agrees")
    assert "does not fit your definition mse(y): the exercise asks for mse(y, y_hat)" in finished.stdout
