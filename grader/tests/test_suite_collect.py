"""Collecting the checks: the same ones, whatever else is installed for pytest or set in the shell."""

from __future__ import annotations

import os

from grader.course import ROOT
from grader.suite import collect
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
