"""`grader watch` on a real terminal: a student's evening, and whatever may go wrong in one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.course import ROOT, the_course
from grader.desk.home import home_of
from grader.desk.progress import Memory
from grader.tests.evening import PATIENCE, Evening

TOTAL = sum(topic.points for topic in the_course().topics)
MSE = 'raise NotImplementedError("losses.mse")'
MAE = 'raise NotImplementedError("losses.mae")'
HALF = "return float(np.mean((np.asarray(y, float) - np.asarray(y_hat, float)) ** 2) / 2)"
RIGHT = """y, y_hat = np.asarray(y, dtype=float), np.asarray(y_hat, dtype=float)
    if y.shape != y_hat.shape:
        raise ValueError("shapes differ")
    return float(np.mean((y - y_hat) ** 2))"""


def test_a_students_evening(copy_of_stubs: Path) -> None:
    """A wrong save, a named mistake, a hint, the mend, the next exercise; and on from there the next day."""
    with Evening(copy_of_stubs, "losses") as evening:
        evening.sees("losses · Loss functions", "0 / 117", "Next: mse (6 points)", "Mean squared error.", "q quit")
        evening.save("losses", MSE, HALF)
        evening.sees("✗ mse is not right yet.", "This is what “", "[known misconception]")
        evening.press("h").sees("A mistake with a name", "Hint 1 of 3: The idea", "L = 1/n Σ (y - ŷ)²")
        evening.press("h").sees("Hint 2 of 3: The shape of the computation", "All the entries become one number")
        evening.press("h").sees("Hint 3 of 3: The case that fails", "expected")
        evening.save("losses", HALF, RIGHT)
        evening.sees("✓ mse is right: 6 points.", "Next: mse_gradient", "6 / 117", absent="Hint")
        evening.press("q")
        assert evening.ends() == 0
        evening.sees(f"6 of {TOTAL} points. You stopped at losses.mse_gradient")
    with Evening(copy_of_stubs) as next_day:
        next_day.sees("losses · Loss functions", "6 / 117", "Next: mse_gradient")


@pytest.fixture
def evening(copy_of_stubs: Path):
    """An evening with the losses, begun; a call may take half a second."""
    with Evening(copy_of_stubs, "losses", "--timeout-call", "0.5") as begun:
        yield begun.sees("Next: mse (6 points)")


def goes_on(evening: Evening) -> None:
    """The watch still works: the next save has its verdict."""
    source = (ROOT / "exercises" / "losses.py").read_text(encoding="utf-8").replace(MSE, RIGHT)
    (evening.folder / "losses.py").write_text(source, encoding="utf-8")
    evening.sees("✓", "mse", "Next: mse_gradient")


@pytest.mark.parametrize(
    "body, sentences",
    [
        ("import os; os._exit(3)", ["mse(...) ended the process that ran it (exit status 3)."]),
        ("import ctypes; ctypes.string_at(0)", ["mse(...) ended the process that ran it (signal 11).", "losses.py:"]),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ["ended the process that ran it (signal 9)"]),
        ("raise SystemExit", ["ends the program, with exit() or the like"]),
        ("while True: pass", ["did not come back in time: is there a loop that never ends?"]),
        ("import itertools; return sum(itertools.count())", ["mse(...) did not come back in time", "itertools.count"]),
        ("return input()", ["asks for input(), where nobody answers"]),
        ("return mse(y, y_hat)", ["calls itself, or something that calls it, without end (RecursionError"]),
        ("return undefined", ["raised NameError"]),
        ("print('a=', 1); return 0", ["returned other numbers than expected", "Your code printed:", "a= 1"]),
        ("print('\\x1b[2J\\x1b]0;x\\x07' * 3); return 0", ["Your code printed:", "·[2J·]0;x·"]),
        ("import os; os.chdir('/'); return 0", ["returned other numbers than expected"]),
        ("import sys; sys.stdout.write('x' * 10**7); return 0", ["Your code printed:", "xxx"]),
        ("import os; os.write(1, b'{}' * 1000); os.close(1); return 0", ["returned other numbers than expected"]),
    ],
)
def test_code_that_misbehaves_does_not_end_it(evening: Evening, body: str, sentences: list[str]) -> None:
    evening.save("losses", MSE, body).sees("✗ mse is not right yet.", *sentences)
    goes_on(evening)


@pytest.mark.parametrize(
    "source, sentence",
    [
        (b"def mse(y, y_hat)\n    return 1\n", "losses.py does not compile"),
        (b"import os\nos._exit(0)\n", "losses.py ended the process that ran it (exit status 0)."),
        (b"import itertools\nsum(itertools.count())\n", "losses.py does not come to its end when it is imported"),
        (b"while True: pass\n", "losses.py does not come to its end when it is imported"),
        (b"raise ValueError('no')\n", "losses.py fails while it is imported"),
        ("ñ = 1  # año\n".encode("latin-1"), "losses.py cannot be read as text"),
        (b"", "losses.py is empty: get it as it was handed out with `grader reset losses`."),
    ],
)
def test_files_that_do_not_load_do_not_end_it(evening: Evening, source: bytes, sentence: str) -> None:
    (evening.folder / "losses.py").write_bytes(source)
    evening.sees(sentence)
    goes_on(evening)


def test_a_file_that_vanishes_and_comes_back(evening: Evening) -> None:
    file = evening.folder / "losses.py"
    file.rename(evening.folder / "renamed.py")
    evening.sees("There is no file losses.py")
    (evening.folder / "renamed.py").rename(file)
    evening.sees("Next: mse (6 points)", absent="There is no file")
    goes_on(evening)


def test_a_folder_that_vanishes_and_comes_back(evening: Evening) -> None:
    elsewhere = evening.folder.with_name("elsewhere")
    evening.folder.rename(elsewhere)
    evening.sees("There is no file losses.py")
    elsewhere.rename(evening.folder)
    evening.sees("Next: mse (6 points)", absent="There is no file")
    goes_on(evening)


def test_an_editor_that_saves_by_renaming(evening: Evening) -> None:
    file = evening.folder / "losses.py"
    new = file.with_suffix(".swp")
    new.write_text(file.read_text(encoding="utf-8").replace(MSE, RIGHT), encoding="utf-8")
    file.rename(evening.folder / "losses.py~")
    new.rename(file)
    evening.sees("✓ mse is right: 6 points.", "Next: mse_gradient")


def test_a_save_ends_a_run_that_hangs(copy_of_stubs: Path) -> None:
    """With minutes to go until its deadline."""
    with Evening(copy_of_stubs, "losses", "--timeout-call", "600") as evening:
        evening.sees("Next: mse (6 points)").save("losses", MSE, "import itertools; sum(itertools.count())")
        evening.sees("mse has been running for", "Does a loop never end?")
        goes_on(evening)


def test_a_save_in_another_topic_moves_there(evening: Evening) -> None:
    evening.save("activations", 'raise NotImplementedError("activations.relu")', "return np.maximum(z, 0.0) + 1")
    evening.sees("activations · Activation functions", "✗ relu is not right yet.", "relu:")


def test_only_prose_has_changed(evening: Evening) -> None:
    evening.save("losses", "Mean squared error.\n", "Mean squared error, said otherwise.\n")
    evening.sees("Saved. No code has changed, so nothing was run.")


def test_what_uses_it_breaks(copy_of_solutions: Path) -> None:
    """Full points; then a change of one exercise breaks those that are built on it."""
    with Evening(copy_of_solutions, "activations") as evening:
        evening.sees("124 / 124", "sigmoid is right.").sees("Everything is right")
        file = evening.folder / "activations.py"
        uses = "\n\ndef sigmoid_derivative(z):\n    return sigmoid(z) * (1 - sigmoid(z))\n"
        file.write_text(file.read_text(encoding="utf-8") + uses, encoding="utf-8")
        evening.sees("✓ sigmoid_derivative is right: 7 points.", "activations is complete: 124 of 124 points.")
        wrong = "\n\ndef sigmoid(z):\n    return 0.5 * np.asarray(z)\n"
        file.write_text(file.read_text(encoding="utf-8") + wrong, encoding="utf-8")
        evening.sees("✗ sigmoid is not right yet.", "sigmoid_derivative was right before this save and is not now")


def test_list_all_and_sizes(evening: Evening) -> None:
    evening.press("l").sees("> · mse", "0 / 6").press("j").sees("> · mse_gradient")
    evening.press("\r").sees("Next: mse_gradient (5 points)")
    evening.press("a").sees("network", "0 / 56", f"All together: 0 of {TOTAL} points.")
    evening.resize(40, 16).sees("↓", "activations 0 / 124").press(" ").sees(f"All together: 0 of {TOTAL} points.")
    evening.press("\x1b").sees("Next: mse_gradient", "q quit")
    evening.resize(10, 3).resize(120, 40).sees("Next: mse_gradient (5 points)", "losses · Loss functions")
    goes_on(evening)


def test_the_other_language(evening: Evening) -> None:
    """The checks speak it, too; and back."""
    evening.press("L").sees("losses · Funciones de pérdida", "Error cuadrático medio", absent="Loss functions")
    evening.save("losses", MSE, HALF).sees("el mismo número que torch.nn.MSELoss")
    evening.press("L").sees("losses · Loss functions", "the same number as torch.nn.MSELoss")
    goes_on(evening)


def test_the_figure_goes_to_a_file_where_no_window_opens(evening: Evening) -> None:
    evening.press("p").sees("No window can be opened here: the figure is in")
    assert (home_of(evening.folder) / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_ctrl_c(evening: Evening) -> None:
    evening.press("\x03")
    assert evening.ends() == 130
    evening.sees("grader: stopped.")
    assert Memory(home_of(evening.folder)).recall(the_course()).at == "losses.mse"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_in_order(evening: Evening, number: int) -> None:
    evening.process.kill(number)
    assert evening.ends() == 0
    evening.sees("You stopped at losses.mse")


def test_no_process_is_left(evening: Evening) -> None:
    """Not even when the watch itself is killed while the student's code hangs."""
    psutil = pytest.importorskip("psutil")
    family = psutil.Process(evening.process.pid)
    evening.save("losses", MSE, "import itertools; sum(itertools.count())")
    end = time.monotonic() + PATIENCE
    while len(children := family.children(recursive=True)) < 2 and time.monotonic() < end:
        evening.read()
    evening.process.kill(signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert len(gone) >= 2 and not alive


# -- without a terminal ------------------------------------------------------------------------------------------


@pytest.fixture
def piped(copy_of_stubs: Path):
    """`grader watch` with its output in a pipe, and a way to wait for a line of it."""
    environment = {**os.environ, "GRADER_LANG": "en"}
    program = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a script in the background ignores it\n"
        "from grader.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", program, "watch", "losses", "--target", str(copy_of_stubs)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        encoding="utf-8", env=environment,
    )  # fmt: skip
    yield process, copy_of_stubs
    process.kill()
    process.communicate()


def until(process: subprocess.Popen[str], text: str) -> list[str]:
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if text in line:
            return lines
    raise AssertionError(f"never saw {text!r} in\n" + "\n".join(lines))


def test_plain_lines(piped) -> None:
    process, folder = piped
    assert until(process, "Next: mse")[0].startswith("Watching ")
    file = folder / "losses.py"
    file.write_text(file.read_text(encoding="utf-8").replace(MSE, HALF), encoding="utf-8")
    lines = until(process, "known misconception")
    assert "✗ mse is not right yet." in lines
    assert not any("\x1b" in line for line in lines)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert process.stderr.read().strip() == "grader: stopped."


def test_nobody_reads_the_plain_lines(piped) -> None:
    process, folder = piped
    until(process, "Next: mse")
    process.stdout.close()
    file = folder / "losses.py"
    file.write_text(file.read_text(encoding="utf-8").replace(MSE, HALF), encoding="utf-8")
    assert process.wait(PATIENCE) == 0
    assert process.stderr.read() == ""


# -- what can be wrong around it ---------------------------------------------------------------------------------


def test_progress_that_is_damaged(copy_of_stubs: Path) -> None:
    home = home_of(copy_of_stubs)
    home.mkdir(parents=True)
    (home / "progress.json").write_bytes(b"\xff{")
    with Evening(copy_of_stubs, "losses") as evening:
        evening.sees("progress.json was damaged; it is kept as progress.json.damaged-", "Next: mse")
        goes_on(evening)


def test_progress_that_cannot_be_kept(copy_of_stubs: Path) -> None:
    home = home_of(copy_of_stubs)
    home.parent.mkdir()
    home.write_text("a file where the folder should be")
    with Evening(copy_of_stubs, "losses") as evening:
        evening.sees("Your progress cannot be kept in", "Next: mse")
        goes_on(evening)


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("loses", "grader: There is no topic loses: did you mean losses? The topics are"),
        ("zzzz", "grader: There is no topic zzzz: the topics are"),
    ],
)
def test_a_topic_that_is_not_there(name: str, sentence: str, capsys) -> None:
    from grader.cli import main

    assert main(["watch", name]) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_libraries_that_are_not_installed() -> None:
    code = (
        "import sys; sys.modules['watchdog'] = None; "
        "from grader.cli import main; sys.exit(main(['watch', 'losses']))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "GRADER_LANG": "en"}
    )
    assert finished.returncode == 2
    assert finished.stderr == "grader: `grader watch` needs watchdog: pip install watchdog prompt_toolkit\n"
