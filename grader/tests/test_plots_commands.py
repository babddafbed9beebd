"""`grader plot`: files, windows, and one clear sentence for whatever it cannot do."""

import os
import subprocess
import sys

import pytest

from grader.cli import main
from grader.course import ROOT

HEADS = {
    "png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml", "jpg": b"\xff\xd8", "jpeg": b"\xff\xd8", "webp": b"RIFF",
    "PNG": b"\x89PNG",
}  # fmt: skip
SOLUTIONS = str(ROOT / "solutions")


def headless(*arguments, **settings):
    """The command in a process of its own, without a display."""
    known = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    }
    command = [sys.executable, "-m", "grader", "plot", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**known, **settings}, timeout=120)


@pytest.mark.parametrize("extension", HEADS)
def test_files(tmp_path, capsys, extension):
    file = tmp_path / f"relu.{extension}"
    assert main(["plot", "relu", "--target", SOLUTIONS, "-o", str(file)]) == 0
    assert file.read_bytes().startswith(HEADS[extension])
    assert capsys.readouterr().out == f"The figure is in {file}.\n"


def test_the_same_figure_twice_is_the_same_file(tmp_path):
    for extension in ("svg", "pdf", "png"):
        files = [tmp_path / f"{number}.{extension}" for number in (1, 2)]
        for file in files:
            assert main(["plot", "relu", "--target", SOLUTIONS, "-o", str(file)]) == 0
        assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_left_out_is_said(tmp_path, capsys):
    file = tmp_path / "losses.png"
    assert main(["plot", "mse", "--target", str(ROOT / "exercises"), "-o", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "Still to do, so left out of the figure: mse, mae, huber."
    assert file.exists()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["nothing", "-o", "x.png"], "There is no figure nothing"),
        (["choices", "-o", "x.png"], "choices has no curve to draw"),
        (["gelu", "-o", "x.docx"], "x.docx does not say which format"),
        (["gelu", "-o", "x"], "x does not say which format"),
        (["gelu", "-o", "missing/x.png"], "could not be written to"),
        (["gelu", "-o", "folder.png"], "could not be written to"),
        (["gelu", "-o", "x.png", "--target", "missing"], "missing is not a folder"),
    ],
)
def test_mistakes_of_usage(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    assert main(["plot", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("grader: ") and said.count("\n") == 1 and sentence in said
    assert not (tmp_path / "x.png").exists()


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path, capsys):
    tmp_path.chmod(0o500)
    assert main(["plot", "gelu", "-o", str(tmp_path / "x.png")]) == 2
    assert "could not be written to" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there a display is always there")
@pytest.mark.parametrize("settings", [{}, {"MPLBACKEND": "agg"}, {"MPLBACKEND": "tkagg"}, {"DISPLAY": ":4711"}])
def test_no_display(settings):
    finished = headless("gelu", "--target", SOLUTIONS, **settings)
    assert finished.returncode == 2
    assert finished.stderr == "grader: No window can be opened here: give -o FILE, for instance -o gelu.png\n"


def test_a_backend_that_does_not_exist(tmp_path):
    finished = headless("gelu", "-o", str(tmp_path / "x.png"), MPLBACKEND="nonsense")
    assert finished.returncode == 2
    assert finished.stderr.startswith("grader: matplotlib does not start here") and finished.stderr.count("\n") == 1


def test_a_file_needs_no_display(tmp_path):
    file = tmp_path / "gelu.png"
    finished = headless("gelu", "--target", SOLUTIONS, "-o", str(file), PYTHONIOENCODING="ascii")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert file.read_bytes().startswith(b"\x89PNG")


def test_the_students_module_may_change_the_folder(tmp_path, monkeypatch):
    """A relative -o means the folder in which the command was typed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code").mkdir()
    (tmp_path / "elsewhere").mkdir()
    source = f"import os\nos.chdir({str(tmp_path / 'elsewhere')!r})\ndef relu(z):\n    return z * (z > 0)\n"
    (tmp_path / "code" / "activations.py").write_text(source, encoding="utf-8")
    assert main(["plot", "relu", "--target", "code", "-o", "relu.png"]) == 0
    assert (tmp_path / "relu.png").exists()


def test_a_window_shows_the_figure_and_nothing_of_the_students(monkeypatch):
    """With a toolkit that can open windows, the figure is shown; the student's own figures are closed first."""
    from matplotlib import pyplot

    from grader.plots import canvas

    shown = []
    pyplot.switch_backend("agg")
    monkeypatch.setattr("matplotlib.backends.backend_agg.FigureCanvasAgg.required_interactive_framework", "tk")
    monkeypatch.setattr(pyplot, "show", lambda block: shown.append((block, pyplot.get_fignums())))
    stray = pyplot.figure()
    figure = canvas.new_figure((2.0, 1.0), window=True)
    canvas.show(figure)
    assert shown == [(True, [figure.number])]
    assert not pyplot.fignum_exists(stray.number)
    pyplot.close("all")


def test_matplotlib_waits_until_it_is_needed():
    """`grader` and pytest start without matplotlib."""
    code = "import sys, grader.cli, grader.plugin, grader.plots.commands; print('matplotlib' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout == "False\n"
