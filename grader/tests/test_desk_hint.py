"""Hints: in steps, a named mistake first, and never a line of the solution."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import ROOT, the_course
from grader.desk.hint import STEPS, hints
from grader.desk.home import home_of
from grader.desk.progress import Memory
from grader.language import said_in

COURSE = the_course()
MSE = 'raise NotImplementedError("losses.mse")'
HALF = "return float(np.mean((np.asarray(y, float) - np.asarray(y_hat, float)) ** 2) / 2)"


def ask(folder: Path, capsys, *arguments: str) -> list[str]:
    assert main(["hint", *arguments, "--target", str(folder)]) == 0
    return capsys.readouterr().out.splitlines()


def solution_lines(topic: str) -> set[str]:
    """The statements inside the solution's marks."""
    lines, inside = set(), False
    for line in (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8").splitlines():
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside and len(line.strip()) > 12:
            lines.add(line.strip())
    return lines


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.id)
def test_every_exercise_has_every_hint_and_none_gives_the_line(exercise) -> None:
    found = hints(exercise, [])
    assert len(found) == STEPS
    idea, shape, _case = found
    assert idea.lines and shape.lines
    said = {line.strip() for hint in found for line in hint.lines}
    assert not said & solution_lines(exercise.topic)


@pytest.mark.parametrize(
    "exercise, line",
    [
        ("losses.mse", "All the entries become one number: no axis is left."),
        ("losses.mse_gradient", "One value for each entry of y_hat: whatever is summed on the way, no axis is lost."),
        ("activations.prelu_backward", "dalpha: all the entries become one number, no axis is left."),
        ("backprop.dense_forward", "Summed or averaged over: n_in. Kept: m, n_out."),
        ("backprop.dense_gradients", "Summed or averaged over: m. Kept: n_out, n_in."),
        ("batchnorm.batch_mean_and_variance", "Summed or averaged over: m. Kept: n."),
        ("batchnorm.normalize", "Kept: m, n. No axis is lost."),
        ("choices.TASKS", "columns  output_neurons, final_activation, loss"),
    ],
)
def test_the_shape_of_the_computation(exercise: str, line: str) -> None:
    assert line in hints(COURSE.exercise(*exercise.split(".")), [])[1].lines


def test_every_name_of_a_list_is_said() -> None:
    (out,) = [line for line in hints(COURSE.exercise("network", "train"), [])[1].lines if line.startswith("out")]
    assert all(f"`{name}`" in out for name in ("train_loss", "val_loss", "val_accuracy"))


@pytest.mark.parametrize("language, marks", [("en", "“”"), ("es", "«»")])
def test_no_title_of_a_slide_has_the_quotes_that_stand_around_it(language: str, marks: str) -> None:
    titles = {said_in(language, title) for exercise in COURSE.exercises for title in exercise.slides}
    assert not [title for title in titles if set(title) & set(marks)]


@pytest.mark.parametrize("exercise", ["scaling.split_and_scale", "backprop.mlp_forward", "backprop.vanishing_bound"])
def test_nothing_is_said_that_the_shapes_do_not_say(exercise: str) -> None:
    lines = hints(COURSE.exercise(*exercise.split(".")), [])[1].lines
    assert not any(line.startswith(("Summed", "Kept", "All", "One value")) for line in lines)


@pytest.mark.parametrize("name", ["BatchNorm.forward", "batchnorm.BatchNorm.backward", "BatchNorm."])
def test_a_method_means_its_class(copy_of_stubs: Path, capsys, name: str) -> None:
    assert ask(copy_of_stubs, capsys, name)[0].startswith("batchnorm.BatchNorm, hint 1 of 3")


def test_step_by_step(copy_of_stubs: Path, capsys) -> None:
    said = [ask(copy_of_stubs, capsys, "mse") for _ in range(4)]
    assert [lines[0] for lines in said] == [
        "losses.mse, hint 1 of 3: The idea",
        "losses.mse, hint 2 of 3: The shape of the computation",
        "losses.mse, hint 3 of 3: The first thing that mse will be asked",
        "losses.mse, hint 3 of 3: The first thing that mse will be asked",
    ]
    assert said[0][-1] == "Type `grader hint mse` again for the next one."
    assert said[2][2 - 1] == "  the same number as torch.nn.MSELoss"
    assert said[3][-1].startswith("That was the last hint.")
    assert Memory(home_of(copy_of_stubs)).recall(COURSE).hints == {"losses.mse": 3}


def test_a_step_of_ones_own_and_all(copy_of_stubs: Path, capsys) -> None:
    assert ask(copy_of_stubs, capsys, "losses.mse", "--step", "2")[0].startswith("losses.mse, hint 2 of 3")
    assert ask(copy_of_stubs, capsys, "mse", "--step", "99")[0].startswith("losses.mse, hint 3 of 3")
    assert ask(copy_of_stubs, capsys, "mse", "--step", "-1")[0].startswith("losses.mse, hint 1 of 3")
    everything = ask(copy_of_stubs, capsys, "MSE", "--all")
    titles = [line for line in everything if line.startswith("losses.mse, hint")]
    assert [title.partition(":")[0] for title in titles] == [f"losses.mse, hint {n} of 3" for n in (1, 2, 3)]


def test_a_named_mistake_comes_first_and_the_case_last(copy_of_stubs: Path, capsys) -> None:
    file = copy_of_stubs / "losses.py"
    file.write_text(file.read_text(encoding="utf-8").replace(MSE, HALF), encoding="utf-8")
    said = ask(copy_of_stubs, capsys, "mse", "--all")
    assert said[0] == "losses.mse: A mistake with a name" and said[1].startswith("  This is what “")
    case = said[said.index("losses.mse, hint 3 of 3: The case that fails") :]
    assert any("expected" in line for line in case) and any("got" in line for line in case)
    assert not any("[known misconception]" in line for line in case)


def test_what_is_right_needs_no_hint(copy_of_solutions: Path, capsys) -> None:
    assert ask(copy_of_solutions, capsys, "mse") == ["losses.mse is right: there is nothing to hint at."]


def test_a_solved_exercise_starts_over(copy_of_solutions: Path, copy_of_stubs: Path, capsys) -> None:
    ask(copy_of_stubs, capsys, "mse")
    ask(copy_of_stubs, capsys, "mse")
    stub = (copy_of_stubs / "losses.py").read_bytes()
    (copy_of_stubs / "losses.py").write_bytes((copy_of_solutions / "losses.py").read_bytes())
    ask(copy_of_stubs, capsys, "mse")
    (copy_of_stubs / "losses.py").write_bytes(stub)
    assert ask(copy_of_stubs, capsys, "mse")[0].startswith("losses.mse, hint 1 of 3")


@pytest.mark.parametrize("source", [None, b"def (\n", b"import os\nos._exit(1)\n"])
def test_files_that_do_not_load(copy_of_stubs: Path, capsys, source: bytes | None) -> None:
    file = copy_of_stubs / "losses.py"
    file.unlink() if source is None else file.write_bytes(source)
    assert any("losses.py" in line for line in ask(copy_of_stubs, capsys, "mse", "--step", "3"))


def test_it_goes_on_without_memory(copy_of_stubs: Path, capsys) -> None:
    """And says how to get the next hint, which nothing can count."""
    home = home_of(copy_of_stubs)
    home.parent.mkdir()
    home.write_text("in the way")
    for step, arguments in ((1, []), (2, ["--step", "2"])):
        said = ask(copy_of_stubs, capsys, "mse", *arguments)
        assert said[0].startswith(f"losses.mse, hint {step}") and said[-1].startswith("Your progress cannot be kept in")
        following = f"type `grader hint mse --step {step + 1}` for the next one."
        assert said[-2] == f"Nothing can be kept here, so {following}"
    assert ask(copy_of_stubs, capsys, "mse", "--step", "3")[-2].startswith("That was the last hint.")


@pytest.mark.parametrize("exercise", [e for e in COURSE.exercises if e.form == "table"], ids=lambda e: e.id)
def test_a_table_has_a_comment_and_no_docstring(copy_of_stubs: Path, capsys, exercise) -> None:
    said = ask(copy_of_stubs, capsys, exercise.name, "--step", "3")
    last = "That was the last hint. The comment above the table in exercises/choices.py has the rest."
    assert last in said and not any("docstring" in line for line in said)


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("hubr", "There is no exercise hubr: did you mean huber?"),
        ("losses", "losses is a topic: name one of its exercises, such as losses.mse."),
        ("", "Name an exercise, such as activations.sigmoid."),
        (" ", "Name an exercise, such as activations.sigmoid."),
        ("frobnicate", "There is no exercise frobnicate in this kit: the files in exercises/ have their names."),
    ],
)
def test_names_that_are_none(copy_of_stubs: Path, capsys, name: str, sentence: str) -> None:
    assert main(["hint", name, "--target", str(copy_of_stubs)]) == 2
    assert capsys.readouterr().err == f"grader: {sentence}\n"


@pytest.mark.parametrize("exercise", [e for e in COURSE.exercises if e.topic == "regularization"], ids=lambda e: e.id)
def test_a_greek_letter_has_one_spelling(exercise) -> None:
    said = " ".join(line for hint in hints(exercise, []) for line in hint.lines)
    assert not re.search(r"\b(lambda|eta)\b", said, re.IGNORECASE)
