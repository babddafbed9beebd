"""Why nothing in a topic's file can be checked, and what to do about it: told before everything else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.checks import sentences
from grader.course import the_course
from grader.desk.place import place
from grader.language import _
from grader.result import FILE_REASONS, CheckResult, Failure
from grader.subject.reply import Raised


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a file.

    `place` is the file, with the line if there is one to mend; `code` is what stands there.
    """

    topic: str
    place: str
    sentence: str
    code: str = ""

    @property
    def title(self) -> str:
        return _("Mend this first: {place}").format(place=self.place)

    @property
    def lines(self) -> tuple[str, ...]:
        """All but the title."""
        return (self.sentence, *([f"  {self.code}"] if self.code else []))


def is_of_file(failure: Failure, topic: str) -> bool:
    """Whether a check has failed because the file of its topic does not load."""
    if failure.reason in FILE_REASONS:
        return True
    if failure.reason not in ("deadline", "died"):
        return False
    loading = rf"{topic}\.py:\d+ in <module>$"
    return failure.call == f"{topic}.py" or re.match(loading, failure.trace, re.MULTILINE) is not None


def trouble_with(topic: str, results: Iterable[CheckResult], folder: Path) -> Trouble | None:
    """What keeps the file of a topic from being checked; None if nothing does.

    Parameters
    ----------
    topic : str
    results : iterable of CheckResult
        The latest verdicts on some exercises of the topic.
    folder : Path
        The topic modules. It is looked at, to say what is there instead.
    """
    failures = [result.failure for result in results if result.failure is not None]
    path = folder / f"{topic}.py"
    for failure in failures:
        if is_of_file(failure, topic):
            return _trouble(topic, failure, path)
    if failures and all(failure.reason == "no_exercise" for failure in failures) and _is_empty(path):
        text = _("{file} is empty: get it as it was handed out with `grader reset {topic}`.")
        return Trouble(topic, place(path), text.format(file=path.name, topic=topic))
    return None


def _trouble(topic: str, failure: Failure, path: Path) -> Trouble:
    if path.is_dir():
        text = _("{file} is a folder, where a file should be: rename it, then `grader reset {topic}` brings the file.")
        return Trouble(topic, place(path), text.format(file=path.name, topic=topic))
    if failure.reason == "no_file":
        return Trouble(topic, place(path), _missing(topic, failure, path))
    if failure.reason == "unreadable":
        return _unreadable(topic, failure, path)
    if failure.reason in ("deadline", "died"):
        failure = _of_file(topic, failure)
    file, line, code = _last_frame(failure.trace)
    return Trouble(topic, place(path.with_name(file) if file else path, line), failure.message, _visible(code))


def _of_file(topic: str, failure: Failure) -> Failure:
    """The same of the file: the call that met it first is not to blame."""
    if failure.reason == "died":
        return failure
    exercise = the_course().topic(topic).exercises[0]
    said = sentences.for_raised(Raised(failure.reason), exercise.id, exercise.signature, f"{topic}.py")
    return Failure(failure.reason, said.message, trace=failure.trace)


_FRAME = re.compile(r"^(?P<file>\S.*\.py):(?P<line>\d+)(?: in .*)?(?:\n {4}(?P<code>.*))?$", re.MULTILINE)


def _last_frame(trace: str) -> tuple[str, int, str]:
    """File, line and code where it happened."""
    frames = list(_FRAME.finditer(trace))
    return (frames[-1]["file"], int(frames[-1]["line"]), frames[-1]["code"] or "") if frames else ("", 0, "")


# -- a file that is not there ------------------------------------------------------------------------------------


def _missing(topic: str, failure: Failure, path: Path) -> str:
    """It may be there under a name that Python, or whoever downloaded it, has made of it."""
    others = _lookalikes(topic, path.parent)
    notebook = next((name for name in others if name.endswith(".ipynb")), "")
    other = next((name for name in others if not name.endswith(".ipynb")), "")
    if other:
        text = _("{file} is missing, and there is {other}: if that is it, rename it; or get a new one with "
                 "`grader reset {topic}`.")  # fmt: skip
        return text.format(file=path.name, other=_quoted(other), topic=topic)
    if notebook:
        text = _("{file} is missing, and there is {notebook}: a notebook is checked by its own `check(...)` cells, not "
                 "here; `grader reset {topic}` brings the file, and you can copy your functions into it.")  # fmt: skip
        return text.format(file=path.name, notebook=_quoted(notebook), topic=topic)
    return failure.message


def _quoted(name: str) -> str:
    return _("“{title}”").format(title=name) if " " in name else name


def _lookalikes(topic: str, folder: Path) -> list[str]:
    """Files such as `Losses.py`, `losses (1).py`, `losses.py.txt`, `losses.ipynb`."""
    alike = re.compile(rf"{topic}[\W_]*\d*(?:copy|copia)?[\W_]*(?:\.pyw?|\.txt|\.ipynb)+", re.IGNORECASE)
    try:
        return sorted(file.name for file in folder.iterdir() if alike.fullmatch(file.name) and file.is_file())
    except OSError:
        return []


# -- a file that cannot be read ----------------------------------------------------------------------------------


def _unreadable(topic: str, failure: Failure, path: Path) -> Trouble:
    try:
        content = path.read_bytes()
    except OSError as error:
        text = _("{file} cannot be opened ({error}): see to it that you may read it.")
        return Trouble(topic, place(path), text.format(file=path.name, error=error.strerror or error))
    line = _line_of_bytes(content)
    code = content.split(b"\n")[line - 1].decode("utf-8", "replace") if line else ""
    return Trouble(topic, place(path, line), failure.message, _visible(code))


def _visible(code: str) -> str:
    """A line of a file without what would move the cursor about."""
    return "".join(c if c.isprintable() else "·" for c in code.strip())[:200]


def _line_of_bytes(content: bytes) -> int:
    """The first line that is no UTF-8, or else the one that names the encoding."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    lines = enumerate(content.split(b"\n")[:2], 1)
    return next((number for number, line in lines if b"coding" in line), 0)


def _is_empty(path: Path) -> bool:
    try:
        return not path.read_bytes().strip()
    except OSError:
        return False
