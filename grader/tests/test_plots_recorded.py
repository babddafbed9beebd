"""The recorded right curves are numbers, and they are what the reference gives."""

import json
import math

import numpy as np
import pytest

from grader.plots import recorded
from grader.plots.activations import Z
from grader.plots.losses import PROBABILITIES
from grader.plots.record import agree, main, right_curves
from grader.plots.table import PICTURES

TOPICS = [picture.topic for picture in PICTURES]


def leaves(value):
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("picture", PICTURES, ids=TOPICS)
def test_recorded_curves_are_those_of_the_reference(picture):
    found, kept = right_curves(picture), recorded.read(picture.topic)
    assert set(found) == set(kept) == {curve.name for curve in picture.curves}
    for name in found:
        assert agree(found[name], kept[name]), f"{picture.topic}: {name}: run `python -m grader.plots.record`"


@pytest.mark.parametrize("topic", TOPICS)
def test_files_hold_finite_numbers_and_nothing_else(topic):
    text = (recorded.FOLDER / f"{topic}.json").read_text(encoding="utf-8")
    for values in json.loads(text).values():
        assert all(type(leaf) in (int, float) and math.isfinite(leaf) for leaf in leaves(values))


def test_every_file_belongs_to_a_picture():
    assert sorted(path.stem for path in recorded.FOLDER.iterdir()) == sorted(TOPICS)


def test_what_is_recorded_is_right():
    """Facts of the slides, told from the numbers alone: a wrong reference would be recorded and agree with itself."""
    curves = recorded.read("activations")
    np.testing.assert_allclose(curves["sigmoid"], 1 / (1 + np.exp(-Z)), rtol=1e-6)
    assert curves["sigmoid_derivative"].max() == 0.25
    np.testing.assert_allclose(curves["tanh_derivative"], 1 - np.tanh(Z) ** 2, rtol=1e-5)
    np.testing.assert_allclose(recorded.read("losses")["bce.1"], -np.log(PROBABILITIES), rtol=1e-6, atol=1e-9)
    assert recorded.read("backprop")["bound"][-1] == pytest.approx(9.1e-13, rel=1e-2)
    assert np.all(np.diff(np.log(recorded.read("backprop")["norms.sigmoid"])) > 0.5)
    weights = recorded.read("regularization")["AdamW"]
    np.testing.assert_allclose(weights[-1], 0.99**300, atol=0.01)


def test_agreement_is_narrow():
    values = np.linspace(1e-12, 1.0, 50)
    assert agree(values, values * (1 + 1e-6))
    assert not agree(values, values * (1 + 1e-4))
    assert not agree(values, values[:-1])


def test_stale_files_are_told(tmp_path, monkeypatch, capsys):
    """`--check` writes nothing and names what differs."""
    picture = next(picture for picture in PICTURES if picture.topic == "backprop")
    monkeypatch.setattr("grader.plots.record.PICTURES", (picture,))
    kept = (recorded.FOLDER / "backprop.json").read_text(encoding="utf-8")
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    (tmp_path / "backprop.json").write_text(kept, encoding="utf-8")
    assert main(["--check"]) == 0
    wrong = json.loads(kept)
    wrong["bound"][3] *= 1.001
    (tmp_path / "backprop.json").write_text(json.dumps(wrong), encoding="utf-8")
    assert main(["--check"]) == 1
    assert "backprop.json" in capsys.readouterr().out
    assert json.loads((tmp_path / "backprop.json").read_text(encoding="utf-8")) == wrong
