"""Collecting the checks: the same ones, whatever else is installed for pytest or set in the shell."""

from __future__ import annotations

import os
import re

import pytest

from grader.course import ROOT
from grader.suite import SuiteError, collect
from grader.verify.laboratory import with_faces


def collected() -> list[str]:
    with with_faces():
        return [check.id for check in collect([ROOT / "tests" / "test_choices.py"])]


def test_settings_of_the_shell_change_nothing(monkeypatch):
    expected = collected()
    assert expected
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing_of_the_kind --no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert collected() == expected
    assert os.environ["PYTEST_PLUGINS"] == "no_such_plugin"
    assert "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ


@pytest.mark.parametrize("topic, name", [("scaling", "MinMaxScaler"), ("regularization", "l2_penalty")])
def test_k_finds_an_exercise_by_its_name(run_pytest, topic, name):
    """Its checks may be called otherwise: a student types what stands in the stub."""
    source = (ROOT / "tests" / f"test_{topic}.py").read_text(encoding="utf-8")
    wanted = re.findall(rf'^@check\("{name}".*\n(?:@.*\n)*def (\w+)', source, re.MULTILINE)
    assert wanted and not any(name.lower() in each.lower() for each in wanted)
    run = run_pytest("--collect-only", "-q", "-k", name)
    found = re.findall(rf"^tests/test_{topic}\.py::(\w+)", run.stdout, re.MULTILINE)
    assert set(found) == set(wanted)


@pytest.mark.parametrize(
    ("text", "kind"), [("raise KeyboardInterrupt", KeyboardInterrupt), ("raise ValueError", SuiteError)]
)
def test_ctrl_c_while_tests_are_collected_is_no_fault_of_theirs(tmp_path, text, kind):
    (tmp_path / "test_losses.py").write_text(text, encoding="utf-8")
    with pytest.raises(kind):
        collect([tmp_path])
