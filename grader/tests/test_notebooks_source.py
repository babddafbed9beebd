"""The source notebooks: everything of the course is in them, and nothing of the solutions in what students get."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from grader.answers.sheet import RECORDED, RecordedSource, recorded_seed
from grader.course import ROOT, the_course
from grader.language import SOURCE, _, use
from grader.notebooks import cell as cells
from grader.notebooks.course_folder import CourseFolderError, Plan, make_course, notebook_text
from grader.notebooks.module import module_of
from grader.notebooks.prose import formulas, has_plain_formula, prose
from grader.notebooks.siblings import stub_source
from grader.notebooks.source import parts_of, source_notebook
from grader.result import PASSED, TO_DO
from grader.subject.subject import LocalSubject
from grader.suite import run_check
from grader.translations.blocks import translated_source

TOPICS = the_course().topics


def solution_source(topic: str) -> str:
    return (ROOT / "solutions" / f"{topic}.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def notebooks() -> dict[str, cells.Notebook]:
    return {topic.name: source_notebook(topic, solution_source(topic.name)) for topic in TOPICS}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_exercise_has_its_cells(topic, notebooks):
    found = notebooks[topic.name]["cells"]
    ids = [cells.grade_id_of(cell) for cell in found if cells.grade_id_of(cell)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", grade_id) for grade_id in ids)
    by_id = {cells.grade_id_of(cell): cell for cell in found}
    for exercise in topic.exercises:
        solution = by_id[cells.solution_id(topic.name, exercise.name)]
        test = by_id[cells.test_id(topic.name, exercise.name)]
        assert solution["metadata"]["nbgrader"]["solution"] is True
        assert test["metadata"]["nbgrader"] | {"grade": True, "locked": True} == test["metadata"]["nbgrader"]
        assert test["metadata"]["nbgrader"]["points"] == exercise.points
        assert test["source"].splitlines()[-1] == f'check("{exercise.id}")'
        assert sum(cell["source"] == f'check("{exercise.id}")' for cell in found) == 1
    assert sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in found) == topic.points
    assert any("plt." in cell["source"] and "nbgrader" not in cell["metadata"] for cell in found)


def test_ids_are_the_same_in_every_build(notebooks):
    again = {topic.name: source_notebook(topic, solution_source(topic.name)) for topic in TOPICS}
    assert {name: notebook_text(nb) for name, nb in again.items()} == {
        name: notebook_text(nb) for name, nb in notebooks.items()
    }
    for notebook in notebooks.values():
        keys = [cell["id"] for cell in notebook["cells"]]
        assert len(keys) == len(set(keys))


def test_formulas_are_set_in_latex(notebooks):
    known = {exercise.id for exercise in the_course().exercises}
    assert set(formulas()) <= known
    for topic in TOPICS:
        docstrings = parts_of(solution_source(topic.name), topic).docstrings
        for exercise in topic.exercises:
            docstring = docstrings.get(exercise.name, "")
            text = prose(docstring, exercise.id) if docstring else ""
            if has_plain_formula(docstring) or ".. math::" in docstring.split("Parameters")[0]:
                assert "$$" in text, f"{exercise.id}: its formula is in no LaTeX"
            assert ".. math::" not in text
            assert text.count("$$") % 2 == 0


def run_source(source: str, topic, checks, folder: Path):
    (folder / f"{topic.name}.py").write_text(source, encoding="utf-8")
    subject = LocalSubject(folder, the_course().names)
    answers = RecordedSource(RECORDED)
    seed = recorded_seed()
    try:
        return [
            run_check(check, the_course(), subject, answers.answers_for(check.topic, check.id), seed).result
            for check in checks
            if check.topic == topic.name
        ]
    finally:
        subject.close()


@pytest.mark.parametrize("name", ["choices", "dropout", "scaling"])
def test_the_cells_give_the_module_back(name, notebooks, checks, tmp_path):
    topic = the_course().topic(name)
    module = module_of(notebooks[name]["cells"], topic, stub_source(name))
    assert module.problems == ()
    results = run_source(module.source, topic, checks, tmp_path)
    assert [result.id for result in results if result.status != PASSED] == []


def test_the_stubs_are_to_do(checks, tmp_path):
    topic = the_course().topic("dropout")
    notebook = source_notebook(topic, stub_source("dropout"))
    module = module_of(notebook["cells"], topic, stub_source("dropout"))
    assert {result.status for result in run_source(module.source, topic, checks, tmp_path)} == {TO_DO}


def test_a_broken_solution_file_is_named(tmp_path):
    topic = the_course().topic("losses")
    (tmp_path / "losses.py").write_text("### BEGIN SOLUTION\n", encoding="utf-8")
    with pytest.raises(CourseFolderError, match="losses.py"):
        make_course(tmp_path / "course", Plan.of(["losses"]), tmp_path)
    with pytest.raises(CourseFolderError, match="only the instructor's kit"):
        make_course(tmp_path / "course", Plan.of(["dropout"]), tmp_path)
    assert topic.points > 0


def test_a_course_folder_is_not_overwritten(tmp_path):
    plan = Plan.of(["dropout"])
    assert len(make_course(tmp_path, plan)) == 2
    assert make_course(tmp_path, plan) == []
    notebook = tmp_path / "source" / "dropout" / "dropout.ipynb"
    notebook.write_text("mine", encoding="utf-8")
    with pytest.raises(CourseFolderError, match="--force"):
        make_course(tmp_path, plan)
    assert make_course(tmp_path, plan, force=True) == [notebook]


def test_a_course_in_another_language(tmp_path):
    topic = the_course().topic("losses")
    use("es")
    try:
        make_course(tmp_path, Plan.of(["losses"]))
        released = source_notebook(topic, translated_source(stub_source("losses"), _))
    finally:
        use(SOURCE)
    assert "language = 'es'" in (tmp_path / "nbgrader_config.py").read_text(encoding="utf-8")
    notebook = json.loads((tmp_path / "source" / "losses" / "losses.ipynb").read_text(encoding="utf-8"))
    assert "Funciones de pérdida" in notebook["cells"][0]["source"]
    module = module_of(released["cells"], topic, stub_source("losses"))
    assert module.problems == () and module.source.count("raise NotImplementedError") == len(topic.exercises)


def test_an_unknown_topic_is_named():
    with pytest.raises(CourseFolderError, match="no topic lossess"):
        Plan.of(["lossess"])


def test_all_topics_in_one_assignment(tmp_path):
    make_course(tmp_path, Plan.of([], "everything"))
    assert len(list((tmp_path / "source" / "everything").glob("*.ipynb"))) == len(TOPICS)
    ast.parse((tmp_path / "nbgrader_config.py").read_text(encoding="utf-8"))
