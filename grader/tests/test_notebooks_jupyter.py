"""The notebooks in real Jupyter kernels, from top to bottom: as released, and with the solutions."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest

from grader.course import the_course
from grader.language import SOURCE
from grader.notebooks import cell as cells
from grader.release.kit import student_kit
from grader.tests.nbgrader_here import run
from grader.tests.no_answers import leaks
from grader.tests.notebook_class import read

TOPICS = the_course().topics


@pytest.fixture(scope="module")
def executed(tmp_path_factory) -> dict[str, tuple[cells.Notebook, list[str]]]:
    """`source/losses.ipynb` to the notebook as it ran and to what it complained of."""
    folder = tmp_path_factory.mktemp("jupyter")
    course, out = folder / "course", folder / "out"
    out.mkdir()
    run("grader", "nbgrader", "init", str(course), "--together", "all")
    run("nbgrader", "generate_assignment", "all", cwd=course)
    paths = [course / place / "all" / f"{topic.name}.ipynb" for topic in TOPICS for place in ("source", "release")]
    script = str(Path(__file__).with_name("run_notebooks.py"))
    complaints = json.loads(run("python", script, str(out), *map(str, paths)).stdout.splitlines()[-1])
    assert leaks({path.name: path.read_bytes() for path in (course / "release" / "all").iterdir()}) == {}
    return {key: (read(out / key.replace("/", "-")), problems) for key, problems in complaints.items()}


def points(notebook: cells.Notebook) -> float:
    """What the test cells gave."""
    total = 0.0
    for cell in notebook["cells"]:
        if cells.nbgrader_of(cell).get("grade"):
            total += sum(
                float("".join(output["data"]["text/plain"]))
                for output in cell["outputs"]
                if output["output_type"] == "execute_result"
            )
    return total


def pictures(notebook: cells.Notebook) -> list[bytes]:
    return [
        base64.b64decode("".join(output["data"]["image/png"]))
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_with_the_solutions_everything_is_earned_and_drawn(topic, executed, tmp_path):
    notebook, problems = executed[f"source/{topic.name}.ipynb"]
    assert problems == []
    assert points(notebook) == topic.points
    import matplotlib.image

    drawn = pictures(notebook)
    assert drawn
    for picture in drawn:
        image = matplotlib.image.imread(io.BytesIO(picture))
        assert min(image.shape[:2]) > 150
        colors = {tuple(pixel) for pixel in (image[::7, ::7, :3] * 15).astype(int).reshape(-1, 3)}
        assert len(colors) > 4, "a blank plot"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_as_released_nothing_fails_and_nothing_is_earned(topic, executed):
    notebook, problems = executed[f"release/{topic.name}.ipynb"]
    assert problems == []
    assert points(notebook) == 0
    said = [
        "".join(output.get("text", ""))
        for cell in notebook["cells"]
        if cells.nbgrader_of(cell).get("grade")
        for output in cell["outputs"]
    ]
    assert sum("(to do)" in text for text in said) == len(topic.exercises)


CHECKED = """
import grader, sys
from pathlib import Path
assert Path(grader.__file__).is_relative_to(Path.cwd()), grader.__file__
from grader.notebooks import check, trying
def mae(y, y_hat): return float(abs(y - y_hat).mean())
points = check("losses.mae")
with trying():
    from exercises.batchnorm import BatchNorm
    BatchNorm(2)
assert not [name for name in sys.modules if name.startswith(("torch", "grader.classroom", "nbgrader"))]
"""


def test_the_students_kit_is_enough_for_the_notebooks(tmp_path):
    for place, content in student_kit(tuple(the_course().names), SOURCE).items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    said = run("python", "-c", CHECKED, cwd=tmp_path).stdout
    assert "mae: " in said and "/ 6 points" in said
    assert "To do first: batchnorm.BatchNorm" in said
