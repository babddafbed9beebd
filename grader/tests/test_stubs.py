"""Stubs: what is cut, what stays, and marks that do not pair up."""

from __future__ import annotations

import ast

import pytest

from grader.course import ROOT, the_course
from grader.stubs import MarkError, stub_of

SOURCE = '''"""Doc."""

import numpy as np

### BEGIN SOLUTION
import math

def _helper(x):
    return math.sqrt(x)


### END SOLUTION


def f(x):
    """What f does."""
    ### BEGIN SOLUTION
    return _helper(x)
    ### END SOLUTION


class C:
    """What C is."""

    def __init__(self):
        """Start."""
        ### BEGIN SOLUTION
        self.a = 1
        ### END SOLUTION
'''


def test_a_body_becomes_not_implemented_and_helpers_vanish() -> None:
    stub = stub_of(SOURCE, "topic")
    assert "_helper" not in stub and "math" not in stub and "SOLUTION" not in stub
    assert '    raise NotImplementedError("topic.f")' in stub
    assert '        raise NotImplementedError("topic.C")' in stub
    assert "What f does." in stub and "Start." in stub
    ast.parse(stub)


@pytest.mark.parametrize(
    "source",
    ["### BEGIN SOLUTION\nx = 1\n", "x = 1\n### END SOLUTION\n", "### BEGIN SOLUTION\n### BEGIN SOLUTION\n"],
)
def test_marks_that_do_not_pair_up_are_named_by_line(source: str) -> None:
    with pytest.raises(MarkError, match=r"file\.py:\d+"):
        stub_of(source, "topic", "file.py")


@pytest.mark.parametrize("topic", list(the_course().names))
def test_no_stub_holds_a_line_of_its_solution(topic: str) -> None:
    solution = (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")
    stub = (ROOT / "exercises" / f"{topic}.py").read_text(encoding="utf-8")
    inside, hidden = False, set()
    for line in solution.splitlines():
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside and len(line.strip()) > 12 and not line.strip().startswith(")") and not line.endswith("{"):
            hidden.add(line.strip())
    assert hidden & {line.strip() for line in stub.splitlines()} == set()
