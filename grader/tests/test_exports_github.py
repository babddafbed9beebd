"""The workflow for a student's repository: its steps, run as the platform runs them, and what comes of them."""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.answers.sheet import RECORDED
from grader.cli import main
from grader.course import ROOT, the_course
from grader.exports.github import PLACE, WorkflowError, workflow
from grader.exports.job_summary import MAX_BYTES, classroom_result, job_summary
from grader.exports.job_summary import main as summary_main
from grader.exports.kit import kit_files
from grader.language import SOURCE
from grader.release.kit import student_kit
from grader.result import CheckResult, Failure, SubmissionResult, write_result
from grader.tests.nbgrader_here import run
from grader.tests.no_answers import leaks
from grader.tests.sample_results import sample_class


def parsed(text: str) -> dict:
    """The workflow as YAML reads it; PyYAML comes with Jupyter."""
    script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1]), default=str))"
    return json.loads(run("python", "-c", script, text).stdout)


def steps_of(text: str) -> list[dict]:
    return parsed(text)["jobs"]["run-autograding-tests"]["steps"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """A student's repository: the students' kit, with one topic solved, one half, one broken."""
    root = tmp_path_factory.mktemp("student")
    for place, content in student_kit(tuple(the_course().names), SOURCE).items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    exercises = root / "exercises"
    (exercises / "dropout.py").write_bytes((ROOT / "solutions" / "dropout.py").read_bytes())
    half = (ROOT / "solutions" / "scaling.py").read_text(encoding="utf-8")
    (exercises / "scaling.py").write_text(half.replace("/ 255.0", "/ 256.0"), encoding="utf-8")
    (exercises / "choices.py").write_text("this is no Python", encoding="utf-8")
    return root


class Runner:
    """Runs the `run:` steps of a workflow with bash, as GitHub's runner does."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.repository = repository
        self.summary, self.output, self.temp = folder / "summary.md", folder / "output.txt", folder / "temp"
        self.temp.mkdir()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "GRADER_"))},
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_WORKSPACE": str(repository),
            "RUNNER_TEMP": str(self.temp),
            "PYTHONPATH": str(repository),  # in place of the step that installs the kit
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    def run(self, step: dict) -> subprocess.CompletedProcess[str]:
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        folder = self.repository / step.get("working-directory", ".")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )


def test_a_push_is_graded_into_the_summary_and_for_classroom(repository, tmp_path):
    text = workflow()
    runner = Runner(repository, tmp_path)
    steps = {step["name"]: step for step in steps_of(text)}
    graded = runner.run(steps["Grade"])
    assert graded.returncode == 0, graded.stderr[-2000:]
    reported = runner.run(steps["The score, and what is wrong"])
    assert reported.returncode == 0, reported.stderr[-2000:]
    summary = runner.summary.read_text(encoding="utf-8")
    dropout, scaling = the_course().topic("dropout"), the_course().topic("scaling")
    assert f"| {dropout.title} | {dropout.points} / {dropout.points} |" in summary
    assert re.search(rf"\| {scaling.title} \| \d+ / {scaling.points} \|", summary)
    assert "scale&#95;bytes" in summary and "expected" in summary
    name, value = runner.output.read_text(encoding="utf-8").strip().split("=", 1)
    assert name == "result"
    record = json.loads(base64.b64decode(value))
    # What GitHub Classroom's reporter adds up, from each step's result:
    assert record["max_score"] == sum(topic.points for topic in the_course().topics)
    earned = sum(test["score"] for test in record["tests"])
    assert dropout.points < earned < dropout.points + scaling.points
    assert f"### {earned} of {record['max_score']} points" in summary
    assert record["status"] == "fail"


def test_the_classroom_step_reads_the_output_of_the_step_before():
    steps = steps_of(workflow())
    reporter = steps[-1]
    assert reporter["uses"].startswith("classroom-resources/autograding-grading-reporter@")
    runner = reporter["with"]["runners"]
    assert reporter["env"] == {f"{runner.upper()}_RESULTS": f"${{{{ steps.{runner}.outputs.result }}}}"}
    assert [step["id"] for step in steps if "id" in step] == [runner]


def test_it_is_where_classroom_looks_and_named_as_classroom_names_it():
    assert PLACE == ".github/workflows/classroom.yml"
    record = parsed(workflow())
    assert record["name"] == "Autograding Tests" and list(record["jobs"]) == ["run-autograding-tests"]
    assert record["permissions"] == {"checks": "write", "actions": "read", "contents": "read"}
    checkouts = [step for step in steps_of(workflow((), "a/b")) if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 2
    assert not any(step["with"]["persist-credentials"] for step in checkouts), "the student's code could read the token"


def test_a_kit_out_of_the_students_reach():
    steps = {step["name"]: step for step in steps_of(workflow(("losses",), "course/kit@v2"))}
    checkout = steps["The kit, out of the student's reach"]
    assert checkout["with"] == {"persist-credentials": False, "repository": "course/kit", "ref": "v2", "path": ".kit"}
    assert steps["Grade"]["working-directory"] == ".kit"
    assert '--target "$GITHUB_WORKSPACE/exercises"' in steps["Grade"]["run"]
    assert "tests/test_losses.py" in steps["Grade"]["run"]
    assert steps["The kit"]["run"].endswith("-e .kit")


def test_the_tests_of_that_kit_count(repository, tmp_path):
    """The student has emptied the tests; the kit's own grade the repository all the same."""
    text = workflow(("dropout",), "course/kit")
    runner = Runner(repository, tmp_path)
    kit = repository / ".kit"
    for place, content in kit_files(("dropout",), RECORDED).items():
        (kit / place).parent.mkdir(parents=True, exist_ok=True)
        (kit / place).write_bytes(content)
    runner.environment["PYTHONPATH"] = str(kit)
    own = repository / "tests" / "test_dropout.py"
    kept = own.read_bytes()
    own.write_text("def test_everything(): pass\n", encoding="utf-8")
    try:
        for name in ("Grade", "The score, and what is wrong"):
            finished = runner.run(next(step for step in steps_of(text) if step["name"] == name))
            assert finished.returncode == 0, finished.stderr[-2000:]
    finally:
        own.write_bytes(kept)
    points = the_course().topic("dropout").points
    assert f"### {points} of {points} points" in runner.summary.read_text(encoding="utf-8")


def test_messages_in_another_language():
    for code in ("en", "es"):  # a kit in the repository may have another language of its own
        assert parsed(workflow(language=code))["jobs"]["run-autograding-tests"]["env"] == {"GRADER_LANG": code}


@pytest.mark.parametrize("kit", ["kit", "a/b/c", "a b/c", "a/b@", "a/b@x y", "https://github.com/a/b", "a/b\n- run: x"])
def test_a_name_that_is_no_repository(kit):
    with pytest.raises(WorkflowError, match="owner/repository"):
        workflow((), kit)


def test_the_command_writes_it_where_github_looks(tmp_path, capsys):
    assert main(["export", "github-actions", "-o", str(tmp_path), "--topics", "losses"]) == 0
    assert (tmp_path / PLACE).read_text(encoding="utf-8") == workflow(("losses",))
    assert leaks({"classroom.yml": (tmp_path / PLACE).read_bytes()}) == {}
    assert main(["export", "github-actions", "-o", str(tmp_path), "--topics", "lossess"]) == 2
    assert "lossess" in capsys.readouterr().err


# -- the summary -------------------------------------------------------------------------------------------------------


def hostile_result(size: int = 1) -> SubmissionResult:
    text = "```\n</details><script>alert(1)</script>\n| a | b |\n# heading ![x](y)"
    failure = Failure("values", text, got=text * size, trace=text)
    count = 3 if size == 1 else 90
    checks = tuple(CheckResult(f"t::{i}", "losses", "mse", "concept", text, "failed", 1, failure) for i in range(count))
    return SubmissionResult("x", 1, "0", "recorded", checks, problems=(text,))


def test_what_students_write_stays_text():
    summary = job_summary(hostile_result(), the_course())
    outside = re.sub(r"(`{4,})text\n.*?\n\1\n", "", summary, flags=re.DOTALL)
    assert "<script>" not in outside and "![" not in outside
    assert outside.count("<details>") == outside.count("</details>") == 3


def test_a_summary_is_never_too_large():
    summary = job_summary(hostile_result(900), the_course())
    assert len(summary.encode()) < MAX_BYTES + 1000
    assert "left out" in summary


def test_full_points_pass():
    passed = CheckResult("t::1", "losses", "mse", "concept", "title", "passed", 2)
    record = classroom_result(SubmissionResult("x", 1, "0", "recorded", (passed,)))
    assert record["status"] == "pass" and record["max_score"] == 2


def test_classrooms_reporter_can_be_started_with_the_points_of_the_whole_course(checks):
    """The platform hands them over in one variable, and Linux starts no process with one of more than 128 KiB."""
    results = tuple(
        CheckResult(check.id, check.topic, check.exercise, check.kind, check.title, status, check.points)
        for check, status in zip(checks, itertools.cycle(("passed", "passed", "failed")), strict=False)
    )
    record = classroom_result(SubmissionResult("x", 1, "0", "recorded", results))
    assert record["max_score"] == sum(topic.points for topic in the_course().topics)
    assert sum(test["score"] for test in record["tests"]) == sum(result.points for result in results)
    variable = {"KIT_RESULTS": base64.b64encode(json.dumps(record).encode()).decode()}
    subprocess.run([sys.executable, "-c", "pass"], env={**os.environ, **variable}, check=True)


def test_no_record_is_said(tmp_path, capsys):
    assert summary_main([str(tmp_path / "nothing.json")]) == 2
    assert "no result" in capsys.readouterr().out


def test_junit_of_a_result(tmp_path, capsys):
    import xml.etree.ElementTree as ElementTree

    result = next(sample_class(1))
    write_result(tmp_path / "result.json", result)
    assert main(["export", "junit", str(tmp_path / "result.json"), "-o", str(tmp_path / "junit.xml")]) == 0
    tree = ElementTree.parse(tmp_path / "junit.xml")
    assert len(tree.findall(".//testcase")) >= len(result.checks)
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    assert main(["export", "junit", str(tmp_path / "bad.json"), "-o", str(tmp_path / "x.xml")]) == 2
    assert "bad.json" in capsys.readouterr().err
