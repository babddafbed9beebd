"""The files of a student's kit. Pure but for reading the instructor's one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course import ROOT, Course, the_course
from grader.exports.kit import read, taken
from grader.language import DEFAULT, SOURCE, _
from grader.release.contents import DOMAINS, NEVER, OF_A_TOPIC, OF_THE_KIT, PATTERNS
from grader.release.page import page
from grader.stubs import stub_of
from grader.translations.blocks import translated_source

IGNORED = "__pycache__/\n*.egg-info/\n.venv*/\n.pytest_cache/\n.grader/\n"
_TOPIC_TABLE = re.compile(r"^\[\[topic\]\]\n", re.MULTILINE)
_BUILDS_ON = re.compile(r', builds_on = \[(?P<ids>[^\]]*)\]')
_SECTION = re.compile(r"^(?=\[)", re.MULTILINE)


def student_kit(topics: Sequence[str], language: str, root: Path = ROOT) -> dict[str, bytes]:
    """The student's kit, by place.

    Parameters
    ----------
    topics : sequence of str
        In the order of the course.
    language : str
        That of the stubs and of the README, and the one that the messages speak where nobody asks for another.
    root : Path, optional
        The instructor's kit.

    Raises
    ------
    KitError
        A file of the instructor's kit is missing.
    """
    files = {place: content for place, content in taken(_patterns(topics), root).items() if place not in NEVER}
    for topic in topics:
        source = read(root / "solutions" / f"{topic}.py").decode("utf-8")
        stub = stub_of(source, topic)
        files[f"exercises/{topic}.py"] = translated_source(stub, _).encode()
        files[f"grader/desk/stubs/{topic}.txt"] = stub.encode()  # in English: the desk says it in any language
    name = "README.md" if language == SOURCE else f"README.{language}.md"
    drawn = [topic for topic in topics if f"grader/plots/recorded/{topic}.json" in files]
    template = read(root / "grader" / "release" / name).decode("utf-8")
    files["README.md"] = page(template, the_course(), topics, drawn).encode()
    files["grader/course.toml"] = course_of(read(root / "grader" / "course.toml").decode(), topics).encode()
    files["pyproject.toml"] = project_of(read(root / "pyproject.toml").decode()).encode()
    files[f"grader/locale/{DEFAULT.name}"] = f"{language}\n".encode()
    files[".gitignore"] = IGNORED.encode()
    return dict(sorted(files.items()))


def _patterns(topics: Sequence[str]) -> Iterator[str]:
    yield from PATTERNS
    for pattern in OF_A_TOPIC:
        yield from (pattern.format(topic=topic) for topic in topics)
    for pattern in OF_THE_KIT:
        yield from (pattern.format(domain=domain) for domain in DOMAINS)


def course_of(table: str, topics: Sequence[str]) -> str:
    """The table of the course with some of its topics; what builds on the others builds on nothing."""
    head, *parts = _TOPIC_TABLE.split(table)
    kept = [part for part in parts if _name(part) in topics]
    text = "".join([head, *(f"[[topic]]\n{part}" for part in kept)])

    def among(match: re.Match[str]) -> str:
        ids = [text.strip() for text in match["ids"].split(",")]
        here = [text for text in ids if text.strip('"').partition(".")[0] in topics]
        return f", builds_on = [{', '.join(here)}]" if here else ""

    return _BUILDS_ON.sub(among, text).rstrip("\n") + "\n"


def _name(part: str) -> str:
    found = re.match(r'name = "([^"]+)"', part)
    return found[1] if found else ""


def project_of(text: str) -> str:
    """The project file without what only those need who look after the kit."""
    kept = [part for part in _SECTION.split(text) if not part.startswith(("[tool.ruff", "[tool.mypy"))]
    project = "".join(kept).rstrip("\n") + "\n"
    return re.sub(
        r"^\[project\.optional-dependencies\]\n.*?(?=^\[)",
        '[project.optional-dependencies]\nseeds = ["torch>=2.2"]  # answers for other seeds than the recorded one\n\n',
        project,
        flags=re.MULTILINE | re.DOTALL,
    )


def outside_of(course: Course, topics: Sequence[str]) -> list[str]:
    """The exercises of other topics that those of `topics` may use."""
    exercises = [exercise for topic in topics for exercise in course.topic(topic).exercises]
    used = {below for exercise in exercises for below in exercise.builds_on}
    return sorted(below for below in used if below.partition(".")[0] not in topics)
