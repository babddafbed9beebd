"""What a notebook's cells become: the exercises and what these need, whatever else stands there."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from grader.course import Course, Exercise, Topic
from grader.notebooks import cell as cells
from grader.notebooks.module import MAX_SOURCE, module_of
from grader.notebooks.tidy import Master, readable_notebook, tidied

STUB = '''"""A topic."""

import numpy as np


def double(x):
    """Twice."""
    raise NotImplementedError("tiny.double")


def half(x):
    raise NotImplementedError("tiny.half")


TABLE = {
    "a": None,
}
'''


def exercise(name: str, form: str = "function") -> Exercise:
    return Exercise("tiny", name, form, "(x)", 2, ("concept",), (), ())


TOPIC = Topic("tiny", "Tiny", (exercise("double"), exercise("half"), exercise("TABLE", "table")))
COURSE = Course("Tiny", (TOPIC,))
GOOD = "def double(x):\n    return 2 * x\n"
RELEASED = 'def double(x):\n    """Twice."""\n    raise NotImplementedError("tiny.double")'


def solve(source: str, name: str = "double") -> cells.Cell:
    return cells.solution(source, f"tiny-{name}")


def free(source: str) -> cells.Cell:
    return cells.code(source, source)


def load(*notebook: cells.Cell) -> types.SimpleNamespace:
    module = module_of(notebook, TOPIC, STUB)
    namespace: dict = {}
    exec(compile(module.source, "tiny.py", "exec"), namespace)
    return types.SimpleNamespace(**namespace, problems=module.problems)


def test_the_cell_by_its_id_wins_over_experiments_after_it():
    assert load(solve(GOOD), free("def double(x):\n    return 3 * x")).double(2) == 4


def test_an_answer_elsewhere_counts_where_the_cell_is_still_a_stub():
    stub = solve(RELEASED.replace("Twice", "TWICE") + "  # not yet")
    assert load(stub, free(GOOD)).double(2) == 4
    assert load(free(GOOD), stub).double(2) == 4


def test_a_stub_alone_is_to_do():
    with pytest.raises(NotImplementedError, match="tiny.double"):
        load(solve(RELEASED)).double(2)


def test_the_last_written_copy_counts():
    assert load(solve(RELEASED), solve(GOOD), solve(RELEASED)).double(2) == 4
    assert load(solve("def double(x):\n    return 0"), solve(GOOD)).double(2) == 4


def test_order_does_not_matter():
    helper = free("def _times(x, k):\n    return x * k")
    assert load(solve("def double(x):\n    return _times(x, FACTOR)"), helper, free("FACTOR = 2")).double(2) == 4


def test_helpers_of_the_cells_to_fill_in_win_over_experiments():
    helper = cells.solution("def _k():\n    return 2", "tiny-helpers")
    assert load(helper, solve("def double(x):\n    return _k() * x"), free("def _k():\n    return 5")).double(2) == 4


def test_nothing_runs_that_no_exercise_needs():
    noise = [free("raise SystemExit"), free("while True:\n    pass"), free("x = 1 / 0"), free("import nosuchmodule")]
    cell = solve("print('noise')\nassert False\n1 / 0\nplt.show()\n" + GOOD + "double(1)\nraise RuntimeError")
    assert load(*noise, cell).double(2) == 4


def test_what_fails_costs_only_what_needs_it():
    cell = solve("import nosuchmodule\nBAD = 1 / 0\ndef double(x):\n    return BAD * nosuchmodule.k * x")
    module = load(cell, solve("def half(x):\n    return x / 2", "half"))
    assert module.half(2) == 1
    with pytest.raises(NameError):
        module.double(2)


def test_definitions_that_fail_while_they_are_made():
    class_cell = solve("class Base(Missing):\n    pass\n\ndef double(x, k=Base()):\n    return k")
    module = load(class_cell, solve("def half(x):\n    return x / 2", "half"))
    assert module.half(2) == 1
    assert not hasattr(module, "double")


def test_a_syntax_error_costs_its_exercise_only_and_is_named():
    module = load(solve("def double(x):\n    return (2 * x\n"), solve("def half(x):\n    return x / 2", "half"))
    assert module.half(2) == 1
    with pytest.raises(SyntaxError, match="line 2 of the cell: return"):
        module.double(2)


def test_a_syntax_error_beside_an_answer_is_left_out_and_said():
    module = load(solve(GOOD + "\nthis is no Python\n"))
    assert module.double(2) == 4
    assert any("tiny-double" in problem for problem in module.problems)


def test_stray_brackets_cost_nothing():
    assert load(solve(GOOD + "\n\n)\n")).double(2) == 4


def test_magics_and_shell_lines():
    cell = solve("%%time\n%matplotlib inline\n!ls\nfiles = !ls\n" + GOOD + "double?\n")
    assert load(cell, free("%%bash\nrm -rf /"), free("%%html\n<b>def double(x): pass</b>")).double(2) == 4


def test_an_answer_in_a_cell_that_became_text():
    cell = solve(GOOD)
    cell["cell_type"] = "markdown"
    assert load(cell).double(2) == 4


def test_text_is_no_code():
    with pytest.raises(AttributeError):
        load(cells.markdown(GOOD, "text")).double(2)


def test_test_cells_are_no_code():
    with pytest.raises(AttributeError):
        load(cells.test(GOOD, "tiny-double-test", 2)).double(2)


def test_tables_are_filled_in_every_way():
    table = solve('TABLE = {\n    "a": None,\n}\nTABLE["a"] = 1', "TABLE")
    assert load(table).TABLE == {"a": 1}
    assert load(solve('TABLE = {"a": None}', "TABLE"), free("TABLE.update(a=2)")).TABLE == {"a": 2}
    loop = 'TABLE = {"a": None}\nfor key in list(TABLE):\n    TABLE[key] = 3'
    assert load(solve(loop, "TABLE")).TABLE == {"a": 3}


def test_a_class_keeps_its_text_and_its_strings():
    source = (
        'class double:\n    """Doc\n    string."""\n\n    kind = "a"\n\n    def __init__(self):\n'
        '        self.t = """two\nlines"""\n'
    )
    made = load(solve(source)).double()
    assert made.t == "two\nlines"
    guarded = source.replace("class double:", "class double(object):")
    assert load(solve(guarded)).double().t == "two\nlines"


def test_imports_of_a_deleted_cell_are_there():
    assert load(solve("def double(x):\n    return np.add(x, x)")).double(2) == 4


def test_several_statements_on_one_line():
    assert load(solve("a = 1; b = 2; c = 3\ndef double(x): return b * x; 7")).double(2) == 4


def test_a_star_import_is_kept():
    assert load(solve("from math import *\ndef double(x):\n    return floor(2.5) * x")).double(2) == 4


HOSTILE = {
    "brackets": "(" * 50_000,
    "balanced": "(" * 50_000 + ")" * 50_000,
    "minus": "-" * 200_000 + "1",
    "not": "not " * 100_000 + "1",
    "lambda": "lambda:" * 50_000 + "1",
    "sum": "1" + "+1" * 100_000,
    "attributes": "a" + ".b" * 100_000,
    "calls": "a" + "()" * 100_000,
    "subscripts": "a" + "[0]" * 100_000,
    "powers": "1" + "**1" * 50_000,
    "comparisons": "1" + "<1" * 100_000,
    "ifs": "1 if 1 else " * 50_000 + "1",
    "fstrings": "f'" + "{" * 5_000 + "'",
    "blocks": "\n".join("    " * i + "if 1:" for i in range(99)) + "\n" + "    " * 99 + "pass",
    "elif": "if 1:\n    pass\n" + "elif 1:\n    pass\n" * 20_000,
    "blanks": " " * 9_000 + "x " + " " * 9_000 + "y",
    "digits": "x = " + "9" * 100_000,
    "zero": "x = '\0'",
    "surrogate": "x = '\ud800'",
    "huge": "#" * (MAX_SOURCE + 1),
    "form feed": "\f\f\x0b x = 1",
    "decorators": "@a\n" * 20_000 + "def f(): pass",
    "power of power": "x = 10**10**10",
}


def test_hostile_cells_never_end_the_grader():
    """In a process of its own: the worst that they could do is to end it."""
    script = (
        "import sys\nsys.path[:0] = [sys.argv[1]]\n"
        "from grader.tests.test_notebooks_module import HOSTILE, solve, GOOD, load, free\n"
        "for name, text in HOSTILE.items():\n"
        "    for hostile in (free(text), solve(text, 'half'), free('def f():\\n    return ' + text)):\n"
        "        assert load(hostile, solve(GOOD)).double(2) == 4, name\n"
        "        print(name, flush=True)\n"
    )
    from grader.course import ROOT

    finished = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=False, timeout=120
    )
    assert finished.returncode == 0, f"after {finished.stdout.split()[-1:]}: {finished.stderr[-2000:]}"


# -- tidying -----------------------------------------------------------------------------------------------------------


MASTERS = [
    Master("tiny-setup", "code", "import numpy as np", "c" * 32, locked=True),
    Master("tiny-double", "code", RELEASED, "c" * 32, solution=True),
    Master("tiny-double-test", "code", "check('tiny.double')", "c" * 32, grade=True, locked=True, points=2.0),
    Master("tiny-half", "code", "def half(x): ...", "c" * 32, solution=True),
    Master("tiny-half-test", "code", "check('tiny.half')", "c" * 32, grade=True, locked=True, points=2.0),
]


def tidy(*given: cells.Cell) -> list[cells.Cell]:
    return tidied(readable_notebook(cells.notebook(list(given))), MASTERS, COURSE)["cells"]


def ids(found: list[cells.Cell]) -> list[str]:
    return [cells.grade_id_of(cell) for cell in found if cells.grade_id_of(cell)]


def test_deleted_test_cells_come_back_after_their_exercise():
    found = tidy(solve(GOOD), free("x"), solve("def half(x): return 1", "half"))
    assert ids(found) == ["tiny-double", "tiny-double-test", "tiny-half", "tiny-half-test"]


def test_copies_lose_their_id():
    tests = [cells.test(source, "tiny-double-test", 5) for source in ("10", "3")]
    found = tidy(solve(GOOD), solve(RELEASED), *tests)
    assert sorted(ids(found)) == ["tiny-double", "tiny-double-test", "tiny-half-test"]
    kept = next(cell for cell in found if cells.grade_id_of(cell) == "tiny-double")
    assert kept["source"] == GOOD


def test_edited_test_cells_are_as_released():
    edited = cells.test("100.0", "tiny-double-test", 1000)
    found = next(cell for cell in tidy(edited) if cells.grade_id_of(cell) == "tiny-double-test")
    assert found["source"] == "check('tiny.double')"
    assert cells.nbgrader_of(found)["points"] == 2.0


def test_a_lost_id_goes_to_the_cell_that_defines_the_exercise():
    found = tidy(free("def half(x):\n    return x / 2"))
    kept = next(cell for cell in found if cells.grade_id_of(cell) == "tiny-half")
    assert "return x / 2" in kept["source"]


@pytest.mark.parametrize(
    "metadata",
    [None, [], "x", {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": 5}}, {"nbgrader": {"grade": True}},
     {"nbgrader": {"grade_id": "tiny-double-test"}}, {"nbgrader": {"schema_version": 99, "grade_id": "no-such"}}],
)  # fmt: skip
def test_damaged_metadata(metadata):
    cell = {"cell_type": "code", "metadata": metadata, "source": ["a = 1\n", 5]}
    assert {"tiny-double-test", "tiny-half-test"} <= set(ids(tidy(cell)))


@pytest.mark.parametrize("cell", [None, 1, "x", {}, {"cell_type": "heading"}, {"source": 3, "cell_type": "code"}])
def test_damaged_notebooks(cell):
    for record in ({}, {"cells": cell}, {"cells": [cell]}, {"cells": {"a": cell}}, cell):
        found = tidied(readable_notebook(record), MASTERS, COURSE)["cells"]
        assert {"tiny-double-test", "tiny-half-test"} <= set(ids(found))


def test_notes_are_text_and_nothing_else():
    module = load(solve(GOOD + "\n<script>alert(1)</script> [x](javascript:y)\n"))
    from grader.notebooks.tidy import with_notes

    note = with_notes(cells.notebook([]), module.problems)["cells"][0]["source"]
    assert "<script>" not in note
    assert "](" not in note
