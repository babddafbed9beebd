"""The gradebook, the progress line and the summary: what people and platforms read of a run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from grader.classroom.commands import summary_text
from grader.classroom.gradebook import CANVAS, FORMATS, MOODLE, Row, gradebook, row_of, safe_cell
from grader.classroom.progress import Progress, clock_text
from grader.classroom.roster import Entry
from grader.classroom.runner import Summary
from grader.cli import main
from grader.course import the_course
from grader.result import FAILED, PASSED, CheckResult, SubmissionResult

COURSE = the_course()
TOPICS = [topic.name for topic in COURSE.topics]


def result(student: str, *passed: str, problems: tuple[str, ...] = ()) -> SubmissionResult:
    checks = tuple(
        CheckResult(f"test_{t}.py::test_{i}", t, "x", "parity", "x", PASSED if t in passed else FAILED, i + 1)
        for t in TOPICS
        for i in range(2)
    )
    return SubmissionResult(student, 1, "0", "recorded", checks, problems)


def entry(student: str, platform: str = "", number: str = "") -> Entry:
    return Entry(student, student, platform, number, ())


def table(rows: list[Row], form: str = "plain") -> list[list[str]]:
    return list(csv.reader(io.StringIO(gradebook(rows, COURSE, form))))


def test_points_by_topic_total_maximum_and_problems():
    ana = row_of(entry("Ana"), result("Ana", "losses", "network", problems=("A is odd.", "B, too.")), COURSE)
    head, row = table([ana])
    assert head == ["student", *TOPICS, "total", "maximum", "problems"]
    points = dict(zip(head, row, strict=True))
    assert (points["losses"], points["network"], points["scaling"], points["total"]) == ("3", "3", "0", "6")
    assert points["maximum"] == str(3 * len(TOPICS)) and points["problems"] == "A is odd. B, too."


def test_who_is_not_graded_yet_has_no_points_rather_than_none():
    _head, row = table([row_of(entry("Ana"), None, COURSE)])
    assert row == ["Ana", *[""] * (len(TOPICS) + 2), "This submission is not graded yet."]


def test_moodle_finds_its_participants_by_number():
    rows = [row_of(entry("Ana García", MOODLE, "77"), result("Ana García", "losses"), COURSE)]
    rows += [row_of(entry("Bo"), result("Bo"), COURSE), row_of(entry("Cy", MOODLE, "78"), None, COURSE)]
    head, row = table(rows, MOODLE)
    assert head[:3] == ["Identifier", "Full name", "Grade"] and "Last modified (grade)" in head
    assert row[:4] == ["Participant 77", "Ana García", "3", str(3 * len(TOPICS))]


def test_canvas_finds_its_students_by_number():
    rows = [row_of(entry("garciaana", CANVAS, "12345"), result("garciaana", "losses"), COURSE)]
    rows.append(row_of(entry("Xy12z", CANVAS, "Xy12z"), result("Xy12z"), COURSE))
    head, possible, ana, anonymous = table(rows, CANVAS)
    assert head == ["Student", "ID", "SIS Login ID", "Section", COURSE.title]
    assert "Points Possible" in possible[0] and possible[-1] == str(3 * len(TOPICS))
    assert ana == ["garciaana", "12345", "", "", "3"] and anonymous[1] == ""


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "|calc", "%x", "＝1"])
@pytest.mark.parametrize("form", FORMATS)
def test_no_name_or_problem_is_a_formula(name, form):
    row = row_of(entry(name, form, "1"), result(name, problems=(name,)), COURSE)
    cells = [cell for line in table([row], form) for cell in line]
    assert not any(cell.lstrip()[:1] in "=+-@|%" and cell.lstrip() for cell in cells)
    assert f"'{name}" in cells


@pytest.mark.parametrize(
    ("name", "cell"),
    [("a;=1+1", "a;'=1+1"), ('a; "@x', "a; \"'@x"), ("a\t-1;+2", "a\t'-1;'+2"), ("a;=;=", "a;'=;'=")],
)
def test_no_name_is_a_formula_where_semicolons_part_cells(name, cell):
    assert safe_cell(name) == cell


@pytest.mark.parametrize("name", ["Ana", "O'Neill", "a; b", "a;b=c", "王 美", "", "1-2", "a=b"])
def test_other_names_stay_as_they_are(name):
    assert safe_cell(name) == name


def test_names_with_commas_quotes_and_line_ends_stay_in_their_cell():
    row = row_of(entry('a,"b"\nc'), result("x"), COURSE)
    assert table([row])[1][0] == 'a,"b"\nc'


# -- progress ----------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_terminal_gets_a_bar_with_counts_rate_and_time_left(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    clock, stream = Clock(), Terminal()
    progress = Progress(8, stream, clock)
    progress.step(reused=True, problem=False)
    clock.now = 2.0
    progress.step(reused=False, problem=True)
    text = stream.getvalue().split("\x1b[K")[-1]
    assert text.startswith("[") and "2 of 8 submissions, 0.5 a second, 0:12 left, 1 unchanged, 1 with problems" in text
    progress.finish()
    assert stream.getvalue().endswith("\n")


def test_elsewhere_there_are_ten_lines_however_many_students():
    stream = io.StringIO()
    progress = Progress(1000, stream, Clock())
    for _student in range(1000):
        progress.step(reused=False, problem=False)
    progress.finish()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10 and lines[0].startswith("100 of 1000") and "\r" not in stream.getvalue()


def test_a_narrow_terminal_gets_one_line_that_fits():
    clock = Clock()
    progress = Progress(3, Terminal(), clock)
    clock.now = 1.0
    progress.step(reused=False, problem=True)
    assert all(len(progress.line(width)) < width for width in (20, 40, 60, 80, 200))


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0:00"), (7, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_time_spans(seconds, text):
    assert clock_text(seconds) == text


# -- the summary and the command line ----------------------------------------------------------------------------------


def test_the_summary_names_what_could_not_be_graded_first_and_not_everything():
    problems = {f"s{number:02}": ["Something is odd."] for number in range(30)}
    summary = Summary(Path("out"), 7, total=40, graded=30, reused=10, tier="Confined.", problems=problems)
    summary.ungradable = ["s20"]
    summary.left_out = ("grades.csv",)
    lines = summary_text(summary).splitlines()
    assert lines[0].startswith("30 submissions graded in") and "10 are unchanged" in lines[0]
    assert lines[1] == "  s20: Something is odd." and len(lines) < 18 and "and 20 more" in lines[11]
    assert "Seed 7. Confined." in lines and "grades.csv" in "\n".join(lines)
    assert "class.html" in lines[-1] and "gradebook.csv" in lines[-1] and summary.status == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["grade", "nowhere", "-o", "out"],
        ["grade", "nowhere"],
        ["grade", ".", "-o", "out", "--jobs", "0"],
        ["grade", ".", "-o", "out", "--jobs", "many"],
        ["grade", ".", "-o", "out", "--timeout", "0"],
        ["grade", ".", "-o", "out", "--seed", "-1"],
        ["grade", ".", "-o", "out", "--format", "excel"],
        ["demo", "full", "--students", "3"],
        ["demo", "full/file", "--students", "3"],
    ],
)
def test_bad_usage_is_exit_status_2_and_a_sentence(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x", encoding="utf-8")
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr().err.strip().splitlines()
    assert status == 2 and said[-1].startswith("grader") and "Traceback" not in "".join(said)
    assert not (tmp_path / "out").exists()
