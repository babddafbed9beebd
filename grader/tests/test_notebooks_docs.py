"""docs/instructors.md: every command on the page, run in its order."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.course import ROOT, the_course
from grader.tests.nbgrader_here import environment, nbgrader_python

PAGE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")


def sections() -> dict[str, list[str]]:
    """The commands of each route."""
    found = {}
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"```console\n(.*?)```", part, re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        assert all(line.startswith("$ ") for line in lines)
        found[part.splitlines()[0]] = [line.removeprefix("$ ") for line in lines]
    return found


class Shell:
    """One command after the other, `cd` included, with `grader` and `nbgrader` of the environment that has nbgrader."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = nbgrader_python()

    def run(self, command: str) -> str:
        if command.startswith("cd "):
            self.folder = self.folder / command[3:]
            return ""
        command = re.sub(r"^(grader|nbgrader) ", rf"{self.python} -m \1 ", command)
        finished = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=environment(), capture_output=True, text=True, check=False,
            timeout=300,
        )  # fmt: skip
        assert finished.returncode == 0, f"{command}\n{finished.stderr[-3000:]}"
        return finished.stdout


def test_ten_commands_are_enough():
    assert {name: len(lines) for name, lines in sections().items() if len(lines) > 10} == {}
    assert all(sections().values())


class Tokens(HTMLParser):
    """A page as tags and texts, however it is written down."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[tuple] = []
        self.text = ""
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, sorted((name, " ".join((value or "").split())) for name, value in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_nbgrader_route(tmp_path):
    shell = Shell(tmp_path)
    commands = sections()["nbgrader"]
    page = tmp_path / "course" / "feedback" / "ana" / "losses" / "losses.html"
    for command in commands:
        if command == "nbgrader autograde losses":  # what students do in between
            for student, place in (("ana", "source"), ("ben", "release")):
                folder = tmp_path / "course" / "submitted" / student / "losses"
                folder.mkdir(parents=True)
                shutil.copy(tmp_path / "course" / place / "losses" / "losses.ipynb", folder)
        shell.run(command)
        if command.startswith("nbgrader generate_feedback"):
            theirs = Tokens(page)
        if command == "grader grade --nbgrader . losses":
            ours = Tokens(page)
            assert ours.tags == theirs.tags and ours.text.split() == theirs.text.split()
            assert ours.text.count("points") > 10
        if command.startswith("nbgrader export"):
            rows = (tmp_path / "course" / "grades.csv").read_text(encoding="utf-8").splitlines()
            points = the_course().topic("losses").points
            assert [row.split(",")[3:4] + row.split(",")[9:] for row in rows[1:]] == [
                ["ana", f"{points}.0", f"{points}.0"],
                ["ben", "0.0", f"{points}.0"],
            ]
    assert page.exists()


def test_the_other_routes(tmp_path):
    shell = Shell(tmp_path)
    for student in ("ana", "ben"):
        (tmp_path / "class" / student).mkdir(parents=True)
        shutil.copy(ROOT / "solutions" / "dropout.py", tmp_path / "class" / student)
    (tmp_path / "template").mkdir()
    for name in ("A folder", "Gradescope", "GitHub"):
        for command in sections()[name]:
            shell.run(command)
    workflow = "template/.github/workflows/classroom.yml"
    for place in ("handout.zip", "out/gradebook.csv", "ana.xml", "autograder.zip", workflow):
        assert (tmp_path / place).stat().st_size > 100


@pytest.mark.parametrize("name", re.findall(r"`(docs/[\w-]+\.md)`", PAGE))
def test_pages_that_it_names_exist(name):
    assert (ROOT / name).exists()
