"""Whatever a student's code does, a curve is drawn or left out with a reason, and the figure stands."""

import sys
import textwrap
import time

import numpy as np
import pytest

from grader.course import the_course
from grader.plots.activations import PICTURE, Z
from grader.plots.curve import Curve, measure
from grader.plots.network import PICTURE as NETWORK
from grader.plots.picture import draw
from grader.plots.plot import notes_on
from grader.plots.recorded import read
from grader.plots.student import Student
from grader.subject.subject import LocalSubject


def measured(folder, source, curves=PICTURE.curves, topic="activations", timeout=0.4):
    (folder / f"{topic}.py").write_text(textwrap.dedent(source), encoding="utf-8")
    subject = LocalSubject(folder, the_course().names, timeout)
    try:
        return measure(curves, Student(subject, the_course()))
    finally:
        subject.close()


BROKEN = {
    "raises": (
        "def sigmoid(z):\n    return 1 / 0",
        "sigmoid: ZeroDivisionError",
        "sigmoid(z) raised ZeroDivisionError",
    ),
    "to do": ("def sigmoid(z):\n    raise NotImplementedError('activations.sigmoid')", "sigmoid: still to do", "to do"),
    "other to do": (
        "def sigmoid(z):\n    raise NotImplementedError('activations.tanh')",
        "sigmoid: needs activations.tanh",
        "sigmoid(z) uses activations.tanh",
    ),
    "none": ("def sigmoid(z):\n    pass", "sigmoid: returns None", "sigmoid(z) returned None"),
    "text": ("def sigmoid(z):\n    return 'one half'", "sigmoid: returns no numbers", "returned str"),
    "objects": ("class A: pass\ndef sigmoid(z):\n    return A()", "sigmoid: returns no numbers", "returned A"),
    "complex": ("def sigmoid(z):\n    return z + 1j", "sigmoid: returns no numbers", "numbers were expected"),
    "ragged": ("def sigmoid(z):\n    return [[1.0], [1.0, 2.0]]", "sigmoid: returns no numbers", "returned list"),
    "generator": ("def sigmoid(z):\n    yield from z", "sigmoid: returns no numbers", "returned generator"),
    "shape": (
        "def sigmoid(z):\n    return z[:-1]",
        "sigmoid: wrong shape",
        "returned shape (122,), expected shape (123,)",
    ),
    "scalar": ("def sigmoid(z):\n    return 0.5", "sigmoid: wrong shape", "expected shape (123,)"),
    "all nan": (
        "import numpy as np\ndef sigmoid(z):\n    return z * np.nan",
        "sigmoid: no finite number",
        "sigmoid gives no finite number",
    ),
    "endless": ("def sigmoid(z):\n    while True: pass", "sigmoid: no answer in time", "did not come back in time"),
    "exit": ("import sys\ndef sigmoid(z):\n    sys.exit(3)", "sigmoid: SystemExit", "ends the program"),
    "recursion": ("def sigmoid(z):\n    return sigmoid(z)", "sigmoid: RecursionError", "RecursionError"),
    "arguments": ("def sigmoid():\n    return 1", "sigmoid: takes other arguments", "does not fit"),
    "not callable": ("sigmoid = 3", "sigmoid: cannot be called", "value of type int"),
    "absent": ("", "sigmoid: not defined", "defines no sigmoid"),
    "syntax": ("def sigmoid(z) return z", "sigmoid: the file does not compile", "does not compile"),
    "import": ("import no_such_module", "sigmoid: the file does not load", "no_such_module"),
    "endless import": ("while True: pass", "sigmoid: no answer in time", "does not come to its end"),
}


@pytest.mark.parametrize("source, short, sentence", BROKEN.values(), ids=BROKEN)
def test_broken_code_leaves_its_curve_out_and_says_why(tmp_path, source, short, sentence):
    found = measured(tmp_path, source, PICTURE.curves[:1])
    assert not found.values and not found.remarks
    assert found.gaps["sigmoid"].short == short
    assert sentence in found.gaps["sigmoid"].sentence
    assert found.gaps["sigmoid"].to_do == (short == "sigmoid: still to do")


def test_missing_file_is_told(tmp_path):
    subject = LocalSubject(tmp_path, the_course().names, 1.0)
    found = measure(PICTURE.curves, Student(subject, the_course()))
    assert {gap.short.partition(": ")[2] for gap in found.gaps.values()} == {"no file"}
    draw(PICTURE, PICTURE.panels, found, read("activations")).draw_without_rendering()


def test_some_bad_numbers_leave_holes_in_the_curve(tmp_path):
    source = """
        import numpy as np
        def relu(z):
            out = np.maximum(z, 0.0)
            out[:10], out[10:15] = np.nan, np.inf
            return out
    """
    found = measured(tmp_path, source)
    assert np.isnan(found.values["relu"][:15]).all() and np.isfinite(found.values["relu"][15:]).all()
    assert found.remarks["relu"].short == "relu: NaN or infinity in 15 of 123"
    assert "relu: 15 of 123 values are NaN or infinite and are left out." in notes_on(found)
    figure = draw(PICTURE, PICTURE.panels, found, read("activations"))
    figure.draw_without_rendering()
    assert any("NaN or infinity in 15 of 123" in text.get_text() for text in texts(figure))


@pytest.mark.parametrize("factor", ["1e300", "-1e9", "1e-300", "0"])
def test_wild_sizes_leave_the_axes_alone(tmp_path, factor):
    found = measured(tmp_path, f"def sigmoid(z):\n    return {factor} * (z + 7)")
    figure = draw(PICTURE, PICTURE.panels, found, read("activations"))
    figure.draw_without_rendering()
    bottom, top = figure.axes[0].get_ylim()
    assert -2 < bottom < 0 and 1 < top < 3
    gone = any("sigmoid: outside the picture" in text.get_text() for text in texts(figure))
    assert gone == (factor in ("1e300", "-1e9"))


def test_lists_integers_and_float32_are_numbers(tmp_path):
    source = """
        import numpy as np
        def sigmoid(z): return [0.5] * len(z)
        def relu(z): return z > 0
        def tanh(z): return np.tanh(z).astype(np.float32)
        def gelu(z): return np.matrix(z) * 0 if False else (z * 0).astype(int)
    """
    found = measured(tmp_path, source)
    assert set(found.values) == {"sigmoid", "relu", "tanh", "gelu"}
    assert all(value.dtype == np.float64 for value in found.values.values())


def test_the_students_settings_stay_outside(tmp_path, capsys, monkeypatch):
    """What a module does to NumPy, to warnings, to matplotlib and to the folder does not reach the figure."""
    monkeypatch.chdir(tmp_path)
    before = np.geterr()
    source = """
        import os, warnings
        import numpy as np
        import matplotlib
        np.seterr(all="raise")
        warnings.simplefilter("error")
        matplotlib.rcParams["font.size"] = 60
        matplotlib.rcParams["text.usetex"] = True
        os.chdir("/")
        print("loading")
        def sigmoid(z):
            print("called")
            return 1 / (1 + np.exp(-z))
    """
    import matplotlib

    try:
        with matplotlib.rc_context():
            found = measured(tmp_path, source)
            figure = draw(PICTURE, PICTURE.panels, found, read("activations"))
            from grader.plots.canvas import file_bytes

            assert file_bytes(figure, "png", 40)
        assert max(text.get_fontsize() for text in texts(figure)) == 16.0
        np.testing.assert_allclose(found.values["sigmoid"], 1 / (1 + np.exp(-Z)))
        assert "called" not in capsys.readouterr().out
    finally:
        np.seterr(**before)


def test_slow_code_costs_its_curve_and_no_more(tmp_path):
    """Many short calls that are each in time add up: the curve is given up."""
    from grader.plots.losses import PICTURE as LOSSES

    curves = [
        Curve(curve.name, curve.exercises, curve.measure, seconds=0.5)
        for curve in LOSSES.curves
        if curve.name in ("mse", "mae")
    ]
    source = """
        import time
        def mse(y, y_hat):
            time.sleep(0.05)
            return 0.0
        def mae(y, y_hat):
            return float(abs(y - y_hat).mean())
    """
    start = time.monotonic()
    found = measured(tmp_path, source, curves, "losses")
    assert time.monotonic() - start < 3.0
    assert found.gaps["mse"].short == "mse: too slow"
    assert set(found.values) == {"mae"}


HISTORIES = {
    "none": ("None", "returns no history"),
    "keys": ("{'loss': [1.0]}", "returns no history"),
    "lengths": ("{'train_loss': [1.0], 'val_loss': [1.0, 2.0], 'val_accuracy': [1.0]}", "lists of different lengths"),
    "empty": ("{'train_loss': [], 'val_loss': [], 'val_accuracy': []}", "lists of different lengths"),
    "words": ("{'train_loss': ['a'], 'val_loss': ['b'], 'val_accuracy': ['c']}", "returns no numbers"),
    "nan": ("{'train_loss': [float('nan')], 'val_loss': [float('nan')], 'val_accuracy': [0.1]}", ""),
    "long": ("{'train_loss': [1.0] * 500, 'val_loss': [1.0] * 500, 'val_accuracy': [0.1] * 500}", ""),
    "negative": ("{'train_loss': [-1.0] * 5, 'val_loss': [-1.0] * 5, 'val_accuracy': [0.7] * 5}", ""),
}


@pytest.mark.parametrize("history, short", HISTORIES.values(), ids=HISTORIES)
def test_any_history_gives_a_figure(tmp_path, history, short):
    (tmp_path / "regularization.py").write_text("class AdamW: pass", encoding="utf-8")
    source = f"""
        class MLP:
            def __init__(self, *args, **kwargs): pass
        def train(*args, **kwargs):
            return {history}
    """
    found = measured(tmp_path, source, NETWORK.curves, "network")
    if short:
        assert found.gaps["plain"].short == f"train: {short}"
    draw(NETWORK, NETWORK.panels, found, read("network")).draw_without_rendering()


def test_a_curve_that_fails_on_our_side_is_left_out(tmp_path):
    def strange(student):
        return np.stack([np.ones(2), np.ones(3)])

    found = measured(tmp_path, "", [Curve("strange", ("activations.sigmoid",), strange)])
    assert found.gaps["strange"].short == "sigmoid: cannot be drawn"


def test_a_gradient_asked_with_nonsense_is_left_out(tmp_path):
    """The kit's own function is called by the student's code, with whatever that passes."""
    from grader.plots.scaling import PICTURE as SCALING

    source = """
        def gradient_descent(gradient, w0, lr, steps):
            return gradient("nonsense")
    """
    found = measured(tmp_path, source, SCALING.curves, "scaling")
    assert "raw.path" in found.gaps
    draw(SCALING, SCALING.panels, found, read("scaling")).draw_without_rendering()


def texts(figure):
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def test_no_module_is_left_behind(tmp_path):
    measured(tmp_path, "import helper_of_mine\ndef sigmoid(z): return z")
    assert "activations" not in sys.modules and "exercises.activations" not in sys.modules
