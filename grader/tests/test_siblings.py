"""Topic modules that import one another: the student's own files, and a broken sibling costs only what uses it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.answers.sheet import RecordedSource
from grader.course import DEFAULT_SEED, ROOT, the_course
from grader.result import FAILED, PASSED
from grader.subject.fallback import has_fallback
from grader.subject.library import NeedsSibling
from grader.subject.subject import LocalSubject
from grader.suite import Check, run_check

LOSSES = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8")
BODY = """
def bce_with_logits_gradient(y, logits):
    y, logits = _same_shape(y, logits)
    return (sigmoid(logits) - y) / logits.size
"""
SIGMOID = (ROOT / "solutions" / "activations.py").read_text(encoding="utf-8")


@pytest.fixture
def grade(tmp_path: Path, checks: list[Check]) -> Callable[..., dict[str, set[str]]]:
    def run(**files: str) -> dict[str, set[str]]:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        course, answers = the_course(), RecordedSource()
        subject = LocalSubject(tmp_path, course.names)
        found: dict[str, set[str]] = {}
        run.messages = []
        for c in checks:
            if c.exercise in ("bce_with_logits_gradient", "mse"):
                given = answers.answers_for(c.topic, c.id)
                result = run_check(c, course, subject, given, DEFAULT_SEED).result
                found.setdefault(c.exercise, set()).add(result.status)
                if result.failure:
                    run.messages.append(result.failure.message)
        return found

    return run


IMPORTS = [
    "from exercises.activations import sigmoid",
    "from activations import sigmoid",
    "from .activations import sigmoid",
    "import exercises.activations\nsigmoid = exercises.activations.sigmoid",
    "import activations\ndef sigmoid(z):\n    return activations.sigmoid(z)",
    "def sigmoid(z):\n    from exercises.activations import sigmoid as mine\n    return mine(z)",
]


@pytest.mark.parametrize("line", IMPORTS)
def test_every_way_to_import_a_sibling_means_the_students_own_file(line: str, grade) -> None:
    assert grade(losses=f"{LOSSES}\n{line}\n{BODY}", activations=SIGMOID) == {
        "bce_with_logits_gradient": {PASSED},
        "mse": {PASSED},
    }


@pytest.mark.parametrize(
    "sibling",
    [
        None,
        "def sigmoid(z)\n    return 1",
        "1 / 0",
        "def sigmoid(z):\n    raise NotImplementedError('activations.sigmoid')",
        "def other(z):\n    return z",
    ],
    ids=["missing", "syntax error", "raises at import", "to do", "lacks the name"],
)
@pytest.mark.parametrize("line", IMPORTS[:3])
def test_a_sibling_that_is_missing_or_broken_costs_only_what_uses_it(line: str, sibling: str | None, grade) -> None:
    files = {"losses": f"{LOSSES}\n{line}\n{BODY}"}
    if sibling is not None:
        files["activations"] = sibling
    found = grade(**files)
    assert found["mse"] == {PASSED}
    assert FAILED in found["bce_with_logits_gradient"]
    assert any("activations.sigmoid" in message for message in grade.messages)


ABSENT = [
    ("from exercises.left_out import sigmoid", "no exercises/left_out.py here, but losses.py imports from it"),
    ("from .left_out import sigmoid", "no exercises/left_out.py here, but losses.py imports from it"),
    ("from exercises import left_out", "no exercises/left_out.py here, but losses.py imports from it"),
    ("from . import left_out", "no exercises/left_out.py here, but losses.py imports from it"),
    ("import exercises.left_out", "no exercises/left_out.py here, but losses.py imports from it"),
    ("from left_out import sigmoid", "no package left_out here and no file left_out.py, but losses.py imports from it"),
    ("import left_out", "no package left_out here and no file left_out.py, but losses.py imports from it"),
    ("from exercises.my_helper import sigmoid", "no exercises/left_out.py here, but my_helper.py imports from it"),
]


@pytest.mark.parametrize("line, sentence", ABSENT, ids=[line for line, _sentence in ABSENT])
def test_an_import_of_what_is_not_there_is_said_once_for_the_file(line: str, sentence: str, grade) -> None:
    helper = "from exercises.left_out import sigmoid\n"
    future = "from __future__ import annotations\n"
    grade(losses=LOSSES.replace(future, f"{future}{line}\n"), my_helper=helper)
    assert len(set(grade.messages)) == 1
    assert sentence in grade.messages[0]
    assert grade.messages[0].startswith("losses.py fails while it is imported, so none of its exercises can run: there")
    importer = "my_helper.py" if "my_helper" in line else "losses.py"
    assert grade.messages[0].endswith(f"If the name is spelt right, write what you need of it in {importer} itself.")


@pytest.mark.parametrize("line, sentence", ABSENT[:-1], ids=[line for line, _sentence in ABSENT[:-1]])
def test_an_import_inside_a_function_costs_that_function(line: str, sentence: str, grade) -> None:
    body = BODY.replace("    y, logits =", f"    {line}\n    y, logits =")
    found = grade(losses=f"{LOSSES}\n{body}")
    assert found["mse"] == {PASSED}
    assert FAILED in found["bce_with_logits_gradient"]
    start = f"There is {sentence.partition(',')[0]}"
    assert all(message.startswith(start) and "bce_with_logits_gradient(" in message for message in grade.messages)


def test_an_exercise_that_is_looked_for_in_the_folder_is_in_a_file_of_it(grade) -> None:
    remedy = "in a file of it. Write `from exercises.activations import sigmoid`."
    grade(losses=LOSSES + "\nfrom exercises import sigmoid\n")
    assert set(grade.messages) == {grade.messages[0]} and grade.messages[0].endswith(remedy)
    grade(losses=f"{LOSSES}\n{BODY}".replace("    y, logits =", "    from exercises import sigmoid\n    y, logits ="))
    assert all("bce_with_logits_gradient(" in message and "Write" not in message for message in grade.messages)
    assert all("`from exercises.activations import sigmoid`" in message for message in grade.messages)


def test_a_fallback_for_what_is_not_there_is_right(grade) -> None:
    """Whoever catches the error has written that part in the file itself."""
    lines = "try:\n    from exercises.left_out import sigmoid\nexcept ImportError:\n"
    lines += "    def sigmoid(z):\n        return 1 / (1 + np.exp(-z))\n"
    assert grade(losses=LOSSES + lines)["mse"] == {PASSED}


GUARDED = {
    "at the top": "try:\n    {line}\nexcept ImportError:\n    {own}\n",
    "several things": "try:\n    import math\n    {line}\nexcept (AttributeError, ModuleNotFoundError):\n    {own}\n",
    "any error": "try:\n    {line}\nexcept Exception as problem:\n    {own}\n",
    "every error": "try:\n    {line}\nexcept:\n    {own}\n",
    "in a function": "def made():\n    try:\n        {line}\n    except ImportError:\n        {own}\n"
    "    return sigmoid\n\nsigmoid = made()\n",
    "suppressed": "import contextlib\n{own}\nwith contextlib.suppress(ImportError):\n    {line}\n",
}
OWN = "sigmoid = lambda z: 0.5 + 0.5 * np.tanh(0.5 * z)"


@pytest.mark.parametrize("line", IMPORTS[:3])
@pytest.mark.parametrize("way", GUARDED)
def test_a_fallback_for_a_sibling_that_was_not_handed_in_is_right(way: str, line: str, grade) -> None:
    """It is what a student writes whose kit has some topics only."""
    source = LOSSES + "\n" + GUARDED[way].format(line=line, own=OWN) + BODY
    found = grade(losses=source)
    assert found["bce_with_logits_gradient"] == found["mse"] == {PASSED}
    text = "def sigmoid(z):\n    return 0 * z\n"
    assert FAILED in grade(losses=source, activations=text)["bce_with_logits_gradient"]  # the file comes first


GUARD = "try:\n    from exercises.activations import sigmoid\nexcept ImportError:\n    {own}\n"


def test_a_fallback_is_used_whoever_else_imports_the_sibling(grade) -> None:
    other = "import exercises.activations\nfrom exercises.activations import relu\n"
    source = f"{LOSSES}\nimport exercises.dropout\n{GUARD.format(own=OWN)}{BODY}"
    assert grade(losses=source, dropout=other)["bce_with_logits_gradient"] == {PASSED}


@pytest.mark.parametrize("first", [[], ["activations"]], ids=["by the import", "by its own checks"])
@pytest.mark.parametrize(
    "line", [f"from exercises.activations import {name}" for name in ("sigmoid", "*")] + ["from activations import *"]
)
def test_what_a_sibling_lacks_is_a_placeholder_however_the_sibling_came_to_be_loaded(
    line: str, first: list[str], tmp_path: Path
) -> None:
    (tmp_path / "activations.py").write_text("def relu(z):\n    return z\n")
    (tmp_path / "losses.py").write_text(f"{line}\n\ndef mse(y, y_hat):\n    return sigmoid(y)\n")
    library = LocalSubject(tmp_path, the_course().names).library
    with library.imports():
        for topic in first:
            library.load(topic)
        with pytest.raises(NeedsSibling, match=r"activations\.sigmoid"):
            library.exercise("losses", "mse")(1, 2)


@pytest.mark.parametrize("first", [[], ["activations"]], ids=["by the import", "by its own checks"])
def test_a_fallback_for_what_a_sibling_lacks_is_right(first: list[str], tmp_path: Path) -> None:
    (tmp_path / "activations.py").write_text("def relu(z):\n    return z\n")
    source = GUARD.format(own="def sigmoid(z): return 'own'") + "\ndef mse(y, y_hat):\n    return sigmoid(y)\n"
    (tmp_path / "losses.py").write_text(source)
    library = LocalSubject(tmp_path, the_course().names).library
    with library.imports():
        for topic in first:
            library.load(topic)
        assert library.exercise("losses", "mse")(1, 2) == "own"


NOT_CAUGHT = [
    "try:\n    {line}\nexcept ValueError:\n    pass\n",
    "try:\n    {line}\nexcept ImportError:\n    raise\n",
    "try:\n    def later():\n        {line}\nexcept ImportError:\n    pass\n{line}\n",
    "try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    {line}\n",
]


@pytest.mark.parametrize("text", NOT_CAUGHT)
def test_an_import_without_a_fallback_gets_a_placeholder(text: str) -> None:
    source = text.format(line="from exercises.activations import sigmoid")
    assert not any(has_fallback(source, number) for number in range(1, source.count("\n") + 2))


def test_an_error_that_nobody_would_catch_still_costs_only_what_uses_the_sibling(grade) -> None:
    source = f"{LOSSES}\ntry:\n    from exercises.activations import sigmoid\nexcept ValueError:\n    pass\n{BODY}"
    found = grade(losses=source)
    assert found["mse"] == {PASSED} and FAILED in found["bce_with_logits_gradient"]


def test_other_import_errors_say_what_python_says(grade) -> None:
    for line in ("from numpy import no_such_name", "import numpy.no_such_module", "raise ImportError('mine')"):
        future = "from __future__ import annotations\n"
        grade(losses=LOSSES.replace(future, f"{future}{line}\n"))
        assert all("fails while it is imported (" in message for message in grade.messages), line


def test_siblings_that_import_each_other(grade) -> None:
    future = "from __future__ import annotations\n"
    losses = LOSSES.replace(future, f"{future}import exercises.activations as a\n")
    activations = SIGMOID.replace(future, f"{future}import losses\n")
    found = grade(losses=f"{losses}\nsigmoid = lambda z: a.sigmoid(z)\n{BODY}", activations=activations)
    assert found["bce_with_logits_gradient"] == {PASSED}


def test_helper_modules_of_the_students_own(grade) -> None:
    helper = "from exercises.activations import sigmoid as s\n\ndef sigmoid(z):\n    return s(z)\n"
    losses = f"{LOSSES}\nfrom exercises.my_helper import sigmoid\n{BODY}"
    assert grade(losses=losses, activations=SIGMOID, my_helper=helper)["bce_with_logits_gradient"] == {PASSED}


def test_a_file_that_shadows_a_library_shadows_nothing(grade) -> None:
    assert grade(losses=LOSSES, numpy="raise SystemExit\n")["mse"] == {PASSED}


def test_the_kits_own_imports_are_left_as_they_were(grade) -> None:
    import sys

    before = {name for name in sys.modules if name.split(".")[0] in ("exercises", "activations", "losses")}
    path, finders = list(sys.path), list(sys.meta_path)
    grade(losses=f"{LOSSES}\nfrom exercises.activations import sigmoid\n{BODY}", activations=SIGMOID)
    assert {name for name in sys.modules if name.split(".")[0] in ("exercises", "activations", "losses")} == before
    assert (sys.path, sys.meta_path) == (path, finders)
