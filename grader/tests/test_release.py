"""The kit for students: what is in it, what never is, and that it works on its own."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.cli import chosen_topics, main
from grader.course import ROOT, the_course
from grader.language import SOURCE, _, languages, use
from grader.release.commands import zip_of
from grader.release.kit import course_of, outside_of, student_kit
from grader.tests.no_answers import leaks
from grader.tests.release_here import bare_environment, run_in

TOPICS = tuple(the_course().names)
POSIX_ONLY = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty", "curses")


@pytest.fixture(scope="module")
def kits():
    """The kit in every language, by place."""
    made = {}
    for code in languages():
        use(code)
        made[code] = student_kit(TOPICS, code)
    use(SOURCE)
    return made


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return bare_environment(tmp_path_factory.mktemp("environment") / "venv")


def unpacked(files, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(zip_of("kit", files))).extractall(folder)
    return folder / "kit"


# -- what is in it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", languages())
def test_it_holds_no_answers(kits, code):
    files = kits[code]
    assert leaks(files) == {}
    outside = ("solutions", "docs", "benchmarks", ".ci", "grader/tests", "grader/verify", "grader/classroom")
    assert not [place for place in files if place.startswith(outside)]
    assert not [place for place in files if re.match(r"grader/misconceptions/(?!__init__|diagnosis|transcript)", place)]
    assert not [place for place in files if "__pycache__" in place or "/.git/" in place or place.startswith(".git/")]


def test_the_scan_sees_a_solution(kits):
    solution = (ROOT / "solutions" / "losses.py").read_bytes()
    assert leaks({**kits[SOURCE], "grader/plots/losses.py": solution})


def test_the_scan_sees_a_word_for_a_cell():
    record = {"reference": {"a": [{"keys": ["relu"]}, {"fact": "cell", "value": "yes"}]}}
    place = "grader/answers/recorded/choices.transcripts.json"
    assert leaks({place: json.dumps(record).encode()}) == {place: ["yes"]}


def test_no_solution_function_is_in_it(kits):
    """No function of the solutions, whatever its layout or comments."""

    def bodies(source: str):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                code = "".join(ast.dump(statement) for statement in body)
                if len(code) > 400:
                    yield code

    secret = {code for topic in TOPICS for code in bodies((ROOT / "solutions" / f"{topic}.py").read_text("utf-8"))}
    assert len(secret) > 60
    for place, content in kits[SOURCE].items():
        if place.endswith(".py"):
            assert not secret & set(bodies(content.decode())), place


def test_every_stub_is_to_do_in_every_language(kits):
    for code in languages():
        for topic in TOPICS:
            source = kits[code][f"exercises/{topic}.py"].decode()
            assert "BEGIN SOLUTION" not in source
            assert max(map(len, source.splitlines())) <= 120, (code, topic)
            assert stripped(source) == stripped(kits[SOURCE][f"exercises/{topic}.py"].decode()), (code, topic)


def stripped(source: str) -> str:
    """The code of a module without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def test_a_subset_has_its_topics_and_their_points_alone(tmp_path, python):
    topics = ("losses", "network")
    kit = unpacked(student_kit(topics, SOURCE), tmp_path)
    assert sorted(path.stem for path in (kit / "exercises").iterdir()) == ["losses", "network"]
    run = run_in(kit, python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    maximum = sum(the_course().topic(topic).points for topic in topics)
    assert run.stdout.strip().splitlines()[-1] == f"0 / {maximum}"
    assert "activations.sigmoid" in outside_of(the_course(), topics)
    assert "activations" not in course_of((ROOT / "grader" / "course.toml").read_text("utf-8"), topics)


@pytest.mark.parametrize("text", ["", ",", "  ", " , ,"])
@pytest.mark.parametrize(
    "command",
    [("release", "out"), ("export", "gradescope", "-o", "out"), ("export", "github-actions", "-o", "out"),
     ("nbgrader", "init", "out")],
    ids=" ".join,
)  # fmt: skip
def test_an_option_that_names_no_topic_is_not_the_whole_course(tmp_path, monkeypatch, capsys, command, text):
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--topics", text]) == 2
    said = capsys.readouterr().err
    assert said.startswith("grader: --topics names no topic") and said.count("\n") == 1 and "losses" in said
    assert list(tmp_path.iterdir()) == []


def test_without_the_option_it_is_the_whole_course():
    assert chosen_topics(None) == TOPICS
    assert chosen_topics(" losses,, activations ") == ("activations", "losses")


# -- the page of a kit with some topics ------------------------------------------------------------------------------

SUBSETS = [*((topic,) for topic in TOPICS), ("losses", "network"), ("activations", "choices")]


def named_in_code(page: str) -> set[str]:
    """The words of what a page shows as code, but for the paragraph on what is left out."""
    told = "\n\n".join(part for part in page.split("\n\n") if not part.startswith(("Not part", "No forma")))
    fences = re.findall(r"^```\w*\n(.*?)^```", told, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", told, flags=re.MULTILINE | re.DOTALL))
    return {word for text in [*fences, *spans] for word in re.findall(r"\w+", text.replace("tests/test_", ""))}


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("topics", [*SUBSETS, TOPICS], ids=lambda topics: "+".join(topics)[:30])
def test_the_page_speaks_of_what_is_in_the_kit(topics, code):
    course = the_course()
    use(code)
    try:
        page = student_kit(topics, code)["README.md"].decode()
        titles = [_(course.topic(topic).title) for topic in topics]
    finally:
        use(SOURCE)
    absent = [topic for topic in course.topics if topic.name not in topics]
    names = {name for topic in absent for name in (topic.name, *(exercise.name for exercise in topic.exercises))}
    assert not named_in_code(page) & names
    places = [page.index(f"`exercises/{topic}.py`: {title}") for topic, title in zip(topics, titles, strict=True)]
    assert places == sorted(places)
    assert ("\nNot part of this kit: " in page or "\nNo forma" in page) == bool(absent)
    paragraph = next((part for part in page.split("\n\n") if part.startswith(("Not part", "No forma"))), "")
    assert set(re.findall(r"`(\w+)`", paragraph)) == {topic.name for topic in absent}
    assert not re.search(r"\{|\}|\n\n\n", page)


@pytest.mark.parametrize("topics", [TOPICS, ("choices",), ("regularization",)], ids="+".join)
def test_every_command_of_the_page_works(topics, tmp_path, python):
    kit = unpacked(student_kit(topics, SOURCE), tmp_path)
    commands = re.findall(r"^\.venv/bin/(pytest|grader)(.*?)  +#", (kit / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 7 - (topics == ("choices",))
    for command, rest in commands:
        if rest.split()[:1] == ["watch"]:
            continue
        arguments = [*rest.split(), *(["-o", "figure.png"] if "plot" in rest else [])]
        run = run_in(kit, python, "-m", command, *arguments)
        said = run.stdout + run.stderr
        assert "Traceback" not in said, said
        assert run.returncode == (1 if command == "pytest" else 0), (arguments, said)


def test_commands_stand_in_two_columns():
    for topics in (TOPICS, ("regularization",)):
        page = student_kit(topics, SOURCE)["README.md"].decode()
        lines = [line for line in page.splitlines() if line.startswith(".venv/bin/") and " # " in line]
        assert len(lines) == 7 and len({line.index(" # ") for line in lines}) == 1
        assert min(len(re.search(r" +#", line)[0]) for line in lines) >= 3


def test_the_same_kit_gives_the_same_zip(kits):
    assert zip_of("kit", kits[SOURCE]) == zip_of("kit", student_kit(TOPICS, SOURCE))


# -- that it works ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", languages())
def test_it_goes_from_stubs_to_full_points(kits, code, tmp_path, python):
    kit = unpacked(kits[code], tmp_path)
    maximum = sum(topic.points for topic in the_course().topics)
    before = run_in(kit, python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert before.returncode == 1, before.stdout[-2000:] + before.stderr
    assert before.stdout.strip().splitlines()[-1] == f"0 / {maximum}"
    for topic in TOPICS:
        shutil.copy(ROOT / "solutions" / f"{topic}.py", kit / "exercises")
    after = run_in(kit, python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert after.stdout.strip().splitlines()[-1] == f"{maximum} / {maximum}", after.stdout[-2000:]
    assert after.returncode == 0
    assert run_in(kit, python, "-m", "grader", "--help").returncode == 0


WITHOUT_POSIX = f"""
import os, signal, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in {POSIX_ONLY!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import pytest, numpy, matplotlib.pyplot  # what others do on this system is their affair
for name in {POSIX_ONLY!r}:
    sys.modules.pop(name, None)
for name in ("fork", "forkpty", "getuid", "geteuid", "killpg", "setsid", "sched_setaffinity", "register_at_fork"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGALRM", "SIGKILL", "SIGHUP", "setitimer", "ITIMER_REAL", "pthread_sigmask", "pthread_kill"):
    if hasattr(signal, name):
        delattr(signal, name)

import importlib, pathlib
for path in sorted(pathlib.Path("grader").rglob("*.py")):
    if path.name != "__main__.py":
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "grader.plugin"]))
"""


def test_nothing_that_it_imports_is_for_posix_alone(kits, tmp_path, python):
    """As far as a POSIX system can tell: without its modules and calls, everything loads and the suite runs."""
    kit = unpacked(kits[SOURCE], tmp_path)
    for topic in TOPICS:
        shutil.copy(ROOT / "solutions" / f"{topic}.py", kit / "exercises")
    run = run_in(kit, python, "-c", WITHOUT_POSIX, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]


def test_it_runs_where_the_locale_is_not_utf8(kits, tmp_path, python):
    """The files are UTF-8, wherever they are read; a folder may have a space and an accent in its name."""
    folder = tmp_path / "año 1"
    folder.mkdir()
    kit = unpacked(kits[SOURCE], folder)
    run = run_in(kit, python, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-m", "pytest", "-q",
                 "-p", "no:cacheprovider", "tests/test_losses.py", PYTHONUTF8="0", LC_ALL="C", LANG="C",
                 PYTHONCOERCECLOCALE="0")  # fmt: skip
    assert run.returncode == 1, run.stdout[-2000:] + run.stderr[-2000:]
    assert run.stdout.strip().splitlines()[-1].startswith("0 / ")


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_alone_draws_its_figure(topic, tmp_path, python):
    """From stubs and from the solution; where there is nothing to draw, or not all of it, a sentence says so."""
    kit = unpacked(student_kit((topic,), SOURCE), tmp_path)

    def plot(name, file):
        run = run_in(kit, python, "-m", "grader", "plot", name, "-o", file)
        assert "Traceback" not in run.stdout + run.stderr, run.stderr
        return run

    if topic == "choices":
        run = plot(topic, "stubs.png")
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr == "grader: choices has no curve to draw, and this kit has no topic with a figure.\n"
        return
    run = plot(topic, "stubs.png")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Still to do, so left out of the figure: ")
    for file in [f"{topic}.py", *(["batchnorm.py", "dropout.py", "losses.py"] if topic == "network" else [])]:
        shutil.copy(ROOT / "solutions" / file, kit / "exercises")
    shutil.copy(ROOT / "solutions" / "regularization.py", kit / "exercises")
    run = plot(topic, "solved.png")
    assert (run.returncode, run.stderr) == (0, "")
    told = "The figure trains with AdamW of the topic regularization, which is not part of this kit: train is left out."
    assert run.stdout == (f"{told}\n" if topic == "network" else "") + "The figure is in solved.png.\n"
    assert (kit / "solved.png").read_bytes()[:4] == b"\x89PNG"
    other = next(each for each in TOPICS if each not in (topic, "choices"))
    for name in (other, the_course().topic(other).exercises[0].name, "AdamW"):
        if topic == "regularization" and name == "AdamW":
            continue
        run = plot(name, "other.png")
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith(f"grader: There is no figure {name}: ")
        assert run.stderr.endswith(f" with a figure are {topic}.\n") and f"mean {name}?" not in run.stderr


def test_what_is_not_in_the_kit_is_said(tmp_path, python):
    """A file that imports from a topic that is left out: one sentence, the same for all that is in the file."""
    kit = unpacked(student_kit(("losses",), SOURCE), tmp_path)
    place = kit / "exercises" / "losses.py"
    source, future = (ROOT / "solutions" / "losses.py").read_text("utf-8"), "from __future__ import annotations\n"
    place.write_text(source.replace(future, f"{future}from exercises.activations import relu\n"), encoding="utf-8")
    run = run_in(kit, python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "mse")
    assert run.returncode == 1
    assert "there is no exercises/activations.py here, but losses.py imports from it" in " ".join(run.stdout.split())
