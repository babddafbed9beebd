"""The whole cycle with the real nbgrader: release, collect, autograde, feedback, formgrader, export."""

from __future__ import annotations

import contextlib
import csv
import getpass
import json
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from grader.course import the_course
from grader.notebooks import cell as cells
from grader.tests.browser import BrowserError, a_browser
from grader.tests.nbgrader_formgrader import TOKEN, formgrader
from grader.tests.nbgrader_here import exported, nbgrader_python, run, scores
from grader.tests.no_answers import leaks
from grader.tests.notebook_class import Student, hand_in, make_class, read

pytestmark = pytest.mark.filterwarnings("ignore")
TOTAL = the_course().topic("losses").points
OWN_CELLS = [
    {
        **cells.markdown("Because outliers count twice.", "why"),
        "metadata": {"nbgrader": {"schema_version": 3, "grade": True, "grade_id": "why", "locked": False, "points": 3,
                                  "solution": True, "task": False}},
    },
    cells.test("assert True", "own-test", 2),
]  # fmt: skip
"""What an instructor may add: a question to grade by hand, and an autograded test, which the kit does not run."""
OWN_POINTS = 5
USER = getpass.getuser()
"""Whose name nbgrader's exchange gives to what is submitted here."""
POINTS = {exercise.name: exercise.points for exercise in the_course().topic("losses").exercises}


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    """A course whose assignment `losses` is released."""
    course = tmp_path_factory.mktemp("nbgrader") / "course"
    run("grader", "nbgrader", "init", str(course), "--topics", "losses")
    config = course / "nbgrader_config.py"
    config.write_text(
        config.read_text(encoding="utf-8").replace("timeout = 10.0", "timeout = 1.0")
        + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n',
        encoding="utf-8",
    )
    notebook = course / "source" / "losses" / "losses.ipynb"
    record = read(notebook)
    record["cells"] += OWN_CELLS
    notebook.write_text(json.dumps(record), encoding="utf-8")
    run("nbgrader", "generate_assignment", "losses", cwd=course)
    return course


@pytest.fixture(scope="module")
def students(released) -> list[Student]:
    notebook = "losses/losses.ipynb"
    return make_class(read(released / "source" / notebook), read(released / "release" / notebook))


@pytest.fixture(scope="module")
def collected(released, students, tmp_path_factory) -> Path:
    """The course with a right notebook that went through nbgrader's exchange: released, submitted and collected."""
    exchange, desk = tmp_path_factory.mktemp("exchange"), tmp_path_factory.mktemp("desk")
    exchange.chmod(0o777)
    (desk / "answer.ipynb").write_text(students[0].text, encoding="utf-8")
    script = str(Path(__file__).with_name("nbgrader_exchange.py"))
    run("python", script, str(released), str(exchange), str(desk))
    outbound = exchange / released.name / "outbound" / "losses"
    assert leaks({path.name: path.read_bytes() for path in outbound.iterdir()}) == {}
    return released


@pytest.fixture(scope="module")
def course(released, students, collected) -> Path:
    """The course after `nbgrader autograde`, once for all tests that look at what it left."""
    hand_in(released, students)
    (released / "submitted" / "late").mkdir()
    shutil.copytree(released / "submitted" / "right" / "losses", released / "submitted" / "late" / "losses")
    stamp = released / "submitted" / "late" / "losses" / "timestamp.txt"
    stamp.write_text("2030-01-02 00:00:00 UTC", encoding="utf-8")
    run("nbgrader", "db", "assignment", "add", "losses", "--duedate", "2030-01-01 00:00:00 UTC", cwd=released)
    log = run("nbgrader", "autograde", "losses", cwd=released).stderr
    (released / "autograde.log").write_text(log, encoding="utf-8")
    return released


@pytest.fixture(scope="module")
def found(course) -> dict[str, dict[str, str]]:
    return {key.split("/")[0]: row for key, row in exported(course).items()}


def graded(course: Path, student: str) -> list[cells.Cell]:
    return cells.cells_of(read(course / "autograded" / student / "losses" / "losses.ipynb"))


def output(course: Path, student: str, exercise: str) -> str:
    cell = next(c for c in graded(course, student) if cells.grade_id_of(c) == f"losses-{exercise}-test")
    return "".join(cell["outputs"][0]["text"])


def test_the_release_holds_no_solution(released):
    text = (released / "release" / "losses" / "losses.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    source = read(released / "source" / "losses" / "losses.ipynb")
    for cell in source["cells"]:
        for answer in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", "".join(cell["source"]), re.DOTALL):
            for line in answer.splitlines():
                if len(line.strip()) > 20 and not line.strip().startswith(("#", '"""', "import", "from")):
                    assert json.dumps(line.strip())[1:-1] not in text, line
    notebook = read(released / "release" / "losses" / "losses.ipynb")
    stubs = ["".join(c["source"]) for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
    assert sum('raise NotImplementedError("losses.' in stub for stub in stubs) == len(POINTS)
    assert not any(c.get("outputs") for c in notebook["cells"])


def test_everybody_is_in_the_export_with_the_points_that_they_deserve(found, students):
    assert set(found) == {student.name for student in students} | {"late", USER}
    assert float(found[USER]["score"]) == TOTAL
    for student in students:
        row = found[student.name]
        lost = sum(POINTS[name] for name in POINTS if name in student.lost)
        assert float(row["max_score"]) == TOTAL + OWN_POINTS
        if "*" in student.lost:
            assert float(row["score"]) <= 1, student.about  # a function that returns 0 leaves its input alone
        elif student.name == "wrong":
            assert TOTAL - POINTS["mse"] < float(row["score"]) < TOTAL, "partial credit"
        else:
            assert TOTAL - lost <= float(row["score"]) <= TOTAL - lost + len(student.lost) * 1, student.about


def test_scores_are_those_of_grader_grade_on_the_same_notebooks(course, found, students, tmp_path):
    folder = tmp_path / "class"
    for student in students:
        place = folder / student.name
        place.mkdir(parents=True)
        (place / student.filename).write_text(student.text, encoding="utf-8")
    options = ["--timeout", "1", "--no-diagnosis"]
    run("grader", "grade", str(folder), "-o", str(tmp_path / "out"), *options, cwd=tmp_path, status=1)
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    column = next(name for name in rows[0] if "losses" in name.lower())
    key = next(iter(rows[0]))
    ours = {row[key]: float(row[column] or 0) for row in rows}
    assert ours == {student.name: float(found[student.name]["score"]) for student in students}


def test_messages_stand_beside_partial_credit(course):
    text = output(course, "wrong", "mse")
    assert "Divides by the number of rows" in text
    assert "expected" in text
    cell = next(c for c in graded(course, "wrong") if cells.grade_id_of(c) == "losses-mse-test")
    number = float("".join(cell["outputs"][1]["data"]["text/plain"]))
    assert 0 < number < POINTS["mse"]
    assert "to do" in output(course, "blank", "mse")
    assert "never closed" in output(course, "broken", "mse")
    assert "loop" in output(course, "endless", "mae")
    assert "ended the process" in output(course, "deadly", "mse")


def test_what_was_wrong_with_a_notebook_is_said_on_top_of_it(course):
    assert "could not be read" in "".join(graded(course, "damaged")[0]["source"])
    assert "deleted" in "".join(graded(course, "shuffled")[0]["source"])
    assert "losses.ipynb" in (course / "autograde.log").read_text(encoding="utf-8")
    assert "renamed" in (course / "autograde.log").read_text(encoding="utf-8")


def test_a_late_hand_in_gets_the_penalty_of_the_course(found):
    assert float(found["late"]["raw_score"]) == TOTAL
    assert float(found["late"]["score"]) == 0


def test_cells_that_the_instructor_added(course):
    rows = {row[:2]: row[2:] for row in gradebook_rows(course) if row[1] in ("why", "own-test") and len(row) == 6}
    assert rows["right", "why"] == (None, None, None, 1)  # somebody has to read it
    assert rows["blank", "why"] == (0, None, None, 0)
    assert rows["right", "own-test"][0] == 0  # the kit runs no other tests, and gives no points for them
    cell = next(c for c in graded(course, "right") if cells.grade_id_of(c) == "own-test")
    assert "by hand" in cell["outputs"][0]["evalue"]
    comments = {row[:2]: row[2] for row in gradebook_rows(course) if len(row) == 4}
    assert comments["blank", "why"] == "No response." and comments["right", "why"] is None
    assert comments["blank", "losses-mse"] == "No response." and comments["right", "losses-mse"] is None


def test_hostile_notebooks_wrote_nothing(course):
    files = {path.relative_to(course).parts[0] for path in course.rglob("*") if path.is_file()}
    assert files <= {"nbgrader_config.py", "gradebook.db", "source", "release", "submitted", "autograded", "grades.csv",
                     "autograde.log", ".grader", "feedback", "server.log"}  # fmt: skip
    assert (course / "submitted" / "right" / "losses" / "losses.ipynb").exists()


def test_validate_shows_the_messages(released, students, tmp_path):
    wrong = next(student for student in students if student.name == "wrong")
    (tmp_path / "losses.ipynb").write_text(wrong.text, encoding="utf-8")
    shown = run("nbgrader", "validate", "losses.ipynb", cwd=tmp_path).stdout
    assert "VALIDATION FAILED ON 1 CELL" in shown
    assert "mse: 3 / 6 points" in shown
    assert "Divides by the number of rows" in shown
    assert "..." not in [line.strip()[-3:] for line in shown.splitlines() if "expected" in line]


def by_the_kit(course: Path, *options: str) -> str:
    return run("grader", "grade", "--nbgrader", str(course), "losses", *options, cwd=course).stdout


def database(course: Path, script: str) -> str:
    """Run some lines with nbgrader's API; `gradebook` is open."""
    head = "from nbgrader.api import Gradebook\ngradebook = Gradebook('sqlite:///gradebook.db')\n"
    return run("python", "-c", head + script + "\ngradebook.db.commit()\ngradebook.close()", cwd=course).stdout


GRADES = """
select a.student_id, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade
from grade g join base_cell c on c.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment a on a.id = n.assignment_id
"""
COMMENTS = """
select a.student_id, c.name, o.auto_comment, o.manual_comment
from comment o join base_cell c on c.id = o.cell_id join submitted_notebook n on n.id = o.notebook_id
join submitted_assignment a on a.id = n.assignment_id
"""
PENALTIES = """
select a.student_id, n.late_submission_penalty, a.timestamp
from submitted_notebook n join submitted_assignment a on a.id = n.assignment_id
"""


def gradebook_rows(course: Path) -> list[tuple]:
    """Everything that the gradebook says of the students' work."""
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as base:
        return sorted((row for query in (GRADES, COMMENTS, PENALTIES) for row in base.execute(query)), key=str)


@pytest.fixture(scope="module")
def twin(course, found, tmp_path_factory) -> Path:
    """A copy of the course before anything was graded but with the class handed in, graded by the kit itself."""
    twin = tmp_path_factory.mktemp("twin") / "course"
    shutil.copytree(course, twin, ignore=shutil.ignore_patterns("autograded", "feedback"))
    database(twin, "for s in list(gradebook.students): gradebook.remove_student(s.id)")
    (twin / "submitted" / "renamed" / "losses" / "losses.ipynb").unlink()
    by_the_kit(twin)
    return twin


def test_grading_the_class_at_once_gives_the_same(course, twin):
    assert scores(twin, "losses") == scores(course, "losses")
    assert gradebook_rows(twin) == gradebook_rows(course)
    for student in ("wrong", "shuffled", "damaged"):
        ours, theirs = graded(twin, student), graded(course, student)
        assert [c["source"] for c in map(normal, ours)] == [c["source"] for c in map(normal, theirs)]
        assert [c.get("outputs") for c in map(normal, ours)] == [c.get("outputs") for c in map(normal, theirs)]


def normal(cell: cells.Cell) -> cells.Cell:
    """A cell with its texts joined, as nbformat may write them either way."""
    outputs = [
        {key: "".join(value) if key == "text" else value for key, value in output.items() if key != "data"}
        for output in cell.get("outputs", [])
    ]
    return {"source": cells.source_of(cell), "outputs": outputs}


def test_feedback_is_where_nbgrader_has_it(twin):
    page = (twin / "feedback" / "wrong" / "losses" / "losses.html").read_text(encoding="utf-8")
    assert "Divides by the number of rows" in page
    assert "Score: 114.0 / 122.0" in re.sub(r"\s+", " ", page)


def test_manual_grades_and_comments_survive_and_one_student_touches_nobody_else(twin):
    database(twin, """
grade = gradebook.find_grade("losses-mse-test", "losses", "losses", "wrong")
grade.manual_score = 5.5
grade.extra_credit = 1.0
gradebook.find_comment("losses-mse", "losses", "losses", "wrong").manual_comment = "Well tried."
""")  # fmt: skip
    before = gradebook_rows(twin)
    times = {path: path.stat().st_mtime_ns for path in (twin / "autograded").rglob("*.ipynb")}
    time.sleep(0.05)
    by_the_kit(twin, "--only", "wrong")
    after = gradebook_rows(twin)
    assert [row for row in after if row[0] != "wrong"] == [row for row in before if row[0] != "wrong"]
    assert [row[:5] for row in after] == [row[:5] for row in before]
    changed = {path for path, when in times.items() if path.stat().st_mtime_ns != when}
    assert {path.parts[-3] for path in changed} == {"wrong"}
    page = (twin / "feedback" / "wrong" / "losses" / "losses.html").read_text(encoding="utf-8")
    assert "Well tried." in page
    assert ("wrong", "losses-mse-test", 3.0, 5.5, 1.0, 1) in after


def test_a_student_is_written_whole_or_not_at_all(twin):
    before = gradebook_rows(twin)
    said = database(twin, """
from grader.notebooks.gradebook import NotebookScores, write_student
class Broken:
    def late_submission_penalty(self, *arguments):
        raise OSError("no space left on device")
found = {"losses": NotebookScores({"losses-mse-test": 0.0, "losses-mae-test": 0.0}, {"losses-mse": False})}
try:
    write_student(gradebook, "losses", "late", None, found, Broken())
except OSError as error:
    print(error)
""")  # fmt: skip
    assert "no space left" in said
    assert gradebook_rows(twin) == before


def test_what_cannot_be_graded_is_said(course, tmp_path):
    broken, garbage = tmp_path / "broken", tmp_path / "garbage"
    broken.mkdir()
    (broken / "nbgrader_config.py").write_text("this is no Python (", encoding="utf-8")
    (garbage / "submitted" / "ana" / "losses").mkdir(parents=True)
    (garbage / "gradebook.db").write_text("this is no database", encoding="utf-8")
    shutil.copy(course / "nbgrader_config.py", garbage)
    calls = [
        [str(tmp_path), "losses"],
        [str(course), "nosuch"],
        [str(course), "losses", "--only", "nobody"],
        [str(course), "extra"],
        [str(course), "losses", "-o", "somewhere"],
        [str(broken), "losses"],
        [str(garbage), "losses"],
        [str(course), "losses", "--no-diagnosis"],
    ]
    (course / "submitted" / "right" / "extra").mkdir()
    try:
        script = "import json, sys\nfrom grader.cli import main\nfor call in json.loads(sys.argv[1]):\n"
        script += "    assert main(['grade', '--nbgrader', *call]) == 2, call\n"
        said = run("python", "-c", script, json.dumps(calls)).stderr.splitlines()
    finally:
        (course / "submitted" / "right" / "extra").rmdir()
    assert len(said) == len(calls)
    assert "no nbgrader_config.py" in said[0]
    assert "Nothing is handed in for nosuch" in said[1]
    assert "Nothing is handed in by nobody" in said[2]
    assert "generate_assignment extra" in said[3]
    assert "lie in the course" in said[4]
    assert "never closed" in said[5]
    assert "not a database" in said[6]
    assert "no meaning with --nbgrader" in said[7]


def test_formgrader_and_feedback_in_a_browser(twin, tmp_path):
    if os.environ.get("GRADER_NO_BROWSER") == "1":
        pytest.skip("GRADER_NO_BROWSER=1")
    before = gradebook_rows(twin)
    with formgrader(twin) as server, a_browser() as browser:
        pressed = server.press("submission/losses/wrong/autograde")
        assert pressed["success"], pressed["log"]
        assert gradebook_rows(twin) == before
        browser.screen(1300, 900)
        browser.ask("Network.setExtraHTTPHeaders", headers={"Authorization": f"token {TOKEN}"})
        submissions = server.api("submissions/losses")
        wrong = next(row for row in submissions if row["student"] == "wrong")
        assert wrong["autograded"] and wrong["score"] == 117.5  # 5.5 + 1 by hand in place of 3

        def show(place: str, text: str) -> None:
            address = server.page(place)
            browser.events.clear()
            browser.ask("Page.navigate", url=address)
            browser.wait_for("Page.loadEventFired")
            for _attempt in range(100):
                if text in (browser.evaluate("document.body.innerText") or ""):
                    break
                time.sleep(0.1)
            else:
                raise BrowserError(f"{place} does not show {text!r}")
            browser.screenshot(tmp_path / f"{place.replace('/', '-')}.png")

        show("manage_submissions/losses", "wrong")
        show("gradebook/losses", "losses")
        notebook = server.api("submitted_notebooks/losses/losses")
        identifier = next(row["id"] for row in notebook if row["student"] == "wrong")
        show(f"submissions/{identifier}", "Divides by the number of rows")
        browser.open(twin / "feedback" / "wrong" / "losses" / "losses.html")
        text = browser.evaluate("document.body.innerText")
        assert "Divides by the number of rows" in text and "Well tried." in text
        browser.screenshot(tmp_path / "feedback.png")
    if os.environ.get("GRADER_KEEP_PICTURES"):
        shutil.copytree(tmp_path, os.environ["GRADER_KEEP_PICTURES"], dirs_exist_ok=True)


def test_the_interpreter_is_the_one_that_was_asked_for():
    version = run("python", "-c", "import nbgrader; print(nbgrader.__version__)").stdout
    assert version.startswith("0.9"), nbgrader_python()
