"""Notebooks as students hand them in: right, wrong, mangled and hostile. Used by tests and benchmarks."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import the_course
from grader.notebooks.cell import code, grade_id_of

Notebook = dict[str, Any]
PARTIAL = ("wrong", "edited", "flooding")
"""Students whose wrong functions still do a part of what was asked."""


@dataclass(frozen=True)
class Student:
    """One student of the class: the notebook as text, its file name, and what it honestly deserves."""

    name: str
    about: str
    text: str
    lost: tuple[str, ...] = ()
    """The exercises that earn nothing; `*` for all."""
    filename: str = "losses.ipynb"

    @property
    def deserved(self) -> str:
        """The honest score in words: what the exercises that are solved are worth, and what a wrong one still earns."""
        topic = the_course().topic("losses")
        if "*" in self.lost:
            return "0 or 1" if self.name == "hostile" else "0"
        names = [name.rstrip("?") for name in self.lost]
        most = topic.points - sum(exercise.points for exercise in topic.exercises if exercise.name in names)
        return str(most) if not names else f"{most} and a little" if self.name in PARTIAL else str(most)


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    return next(c for c in notebook["cells"] if grade_id_of(c) == grade_id)


def place(notebook: Notebook, grade_id: str) -> int:
    return next(i for i, c in enumerate(notebook["cells"]) if grade_id_of(c) == grade_id)


def scratch(source: str) -> dict[str, Any]:
    return {**code(source, source), "id": f"s{abs(hash(source)) % 10**9}"}


def solved(source: Notebook, release: Notebook) -> Notebook:
    """The released notebook with the reference's answers in its solution cells."""
    result = copy.deepcopy(release)
    for c in result["cells"]:
        nbgrader = c["metadata"].get("nbgrader", {})
        if nbgrader.get("solution"):
            c["source"] = (
                cell(source, nbgrader["grade_id"])["source"]
                .replace("### BEGIN SOLUTION", "")
                .replace("### END SOLUTION", "")
            )
    return result


def noisy(nb: Notebook) -> None:
    cell(nb, "losses-mse")["source"] = (
        "import sys, warnings\n%matplotlib inline\nprint('hello')\nprint('noise', file=sys.stderr)\n"
        "warnings.warn('careful')\n"
        + cell(nb, "losses-mse")["source"]
        + "\nplt.plot([1, 2, 3])\nassert mse([1.0], [2.0]) == 1.0\nprint(mse([1], [3]))\n!ls\n"
    )
    cell(nb, "losses-mae")["source"] = "%%time\n" + cell(nb, "losses-mae")["source"]
    nb["cells"].insert(5, scratch("raise RuntimeError('an experiment that failed')"))
    nb["cells"].insert(6, scratch("%%bash\necho magic"))
    nb["cells"].insert(7, scratch("x = undefined_name + 1"))


def copied(nb: Notebook) -> None:
    """The stub stays where it was, the answer is written into a copy of its cell; test cells are copied too."""
    here = place(nb, "losses-mse")
    stub = copy.deepcopy(nb["cells"][here])
    stub["id"] = "copied-stub"
    stub["source"] = "def mse(y, y_hat):\n    raise NotImplementedError('losses.mse')\n"
    nb["cells"].insert(here, stub)
    test = copy.deepcopy(cell(nb, "losses-mae-test"))
    test["id"] = "copied-test"
    nb["cells"].append(test)


def shuffled(nb: Notebook) -> None:
    """Cells in another order, locked cells deleted, metadata of one solution cell lost, one turned into text."""
    gone = {"losses-setup", "losses-mse-test", "losses-huber-test"}
    nb["cells"] = [c for c in nb["cells"] if grade_id_of(c) not in gone]
    del cell(nb, "losses-mae")["metadata"]["nbgrader"]
    random.Random(1).shuffle(nb["cells"])
    cell(nb, "losses-huber")["cell_type"] = "markdown"


def edited(nb: Notebook) -> None:
    """Test cells that give themselves points."""
    for name in ("mse", "mae", "huber"):
        test = cell(nb, f"losses-{name}-test")
        test["source"] = "100.0"
        test["metadata"]["nbgrader"]["points"] = 1000
        cell(nb, f"losses-{name}")["source"] = f"def {name}(y, y_hat, delta=1.0):\n    return 0.0\n"


def broken(nb: Notebook) -> None:
    cell(nb, "losses-mse")["source"] = "def mse(y, y_hat):\n    return np.mean((y - y_hat) ** 2\n\nprint('after')\n"
    cell(nb, "losses-helpers")["source"] += "\n\n)\n"


def endless(nb: Notebook) -> None:
    cell(nb, "losses-mae")["source"] = "def mae(y, y_hat):\n    while True:\n        pass\n"
    nb["cells"].insert(8, scratch("while True:\n    pass"))


HOSTILE = """
import os, sys
import numpy as np

def mse(y, y_hat):
    return 0.0

class Always(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __le__(self, other): return True
    def __lt__(self, other): return True
    def __ge__(self, other): return True
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __hash__(self): return 0

np.allclose = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
np.isclose = lambda *a, **k: np.True_
try:
    import grader.notebooks
    import grader.notebooks.selfcheck
    check = grader.notebooks.check = grader.notebooks.selfcheck.check = lambda *a, **k: None
except BaseException:
    pass
for place in (".", "..", "../..", "../../..", "/tmp"):
    try:
        import sqlite3
        base = sqlite3.connect(os.path.join(place, "gradebook.db"))
        base.execute("update grade set manual_score = 0 where notebook_id in (select n.id from submitted_notebook n "
                     "join submitted_assignment a on a.id = n.assignment_id where a.student_id != 'hostile')")
        base.commit()
    except BaseException:
        pass
"""


def hostile(nb: Notebook) -> None:
    """Patched NumPy, an own `check`, a hand on the gradebook: no exercise is solved."""
    cell(nb, "losses-mse")["source"] = HOSTILE
    cell(nb, "losses-mae")["source"] = "def mae(y, y_hat):\n    return Always(0.0)\n"
    cell(nb, "losses-huber")["source"] = (
        "import sys\n\ndef huber(y, y_hat, delta=1.0):\n    frame = sys._getframe()\n    while frame:\n"
        "        for key, value in list(frame.f_locals.items()):\n            if key == 'expected':\n"
        "                return value\n        frame = frame.f_back\n    return In[-1], Out\n"
    )
    cell(nb, "losses-bce")["source"] = "%%bash\nrm -rf ../../../submitted 2>/dev/null; sqlite3 ../../../gradebook.db\n"


def flooding(nb: Notebook) -> None:
    cell(nb, "losses-mse")["source"] = (
        "def mse(y, y_hat):\n    for _ in range(3_000):\n        print('x' * 1_000)\n    return 0.0\n"
    )


def deadly(nb: Notebook) -> None:
    """Code that ends the process that runs it."""
    cell(nb, "losses-mse")["source"] = "import os\n\ndef mse(y, y_hat):\n    os._exit(0)\n"
    nb["cells"].insert(6, scratch("import os\nos._exit(0)"))


def make_class(source: Notebook, release: Notebook) -> list[Student]:
    """The class, from the source and the released notebook of the topic `losses`."""
    right = solved(source, release)

    def changed(change: Callable[[Notebook], None], base: Notebook = right) -> str:
        nb = copy.deepcopy(base)
        change(nb)
        return json.dumps(nb)

    def wrong(nb: Notebook) -> None:
        cell(nb, "losses-mse")["source"] = (
            "def mse(y, y_hat):\n    y, y_hat = _same_shape(y, y_hat)\n"
            "    return float(np.sum((y - y_hat) ** 2) / len(y))\n"
        )

    return [
        Student("right", "everything right", json.dumps(right)),
        Student("blank", "as released", json.dumps(release), ("*",)),
        Student("wrong", "divides by the number of rows", changed(wrong), ("mse?",)),
        Student("noisy", "stderr, prints, plots, magics, failing experiments", changed(noisy)),
        Student("copied", "copied solution and test cells", changed(copied)),
        Student("shuffled", "reordered and deleted cells, lost ids, changed types", changed(shuffled)),
        Student("edited", "test cells that give themselves points", changed(edited), ("mse", "mae", "huber")),
        Student("broken", "a syntax error in one cell, a stray bracket in another", changed(broken), ("mse",)),
        Student("endless", "endless loops in a solution and in an experiment", changed(endless), ("mae",)),
        Student("hostile", "patched NumPy, own check, writes to gradebook.db", changed(hostile, release), ("*",)),
        Student("flooding", "prints without end", changed(flooding), ("mse",)),
        Student("deadly", "ends its process", changed(deadly), ("mse",)),
        Student("renamed", "handed in under another name", json.dumps(right), filename="losses-final (1).ipynb"),
        Student("damaged", "a file that is no notebook", json.dumps(right)[:5000], ("*",)),
    ]


def read(path: Path) -> Notebook:
    return json.loads(path.read_text(encoding="utf-8"))


def hand_in(course: Path, students: list[Student], assignment: str = "losses") -> None:
    """Put the class's notebooks where `nbgrader collect` would."""
    for student in students:
        folder = course / "submitted" / student.name / assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / student.filename).write_text(student.text, encoding="utf-8")
