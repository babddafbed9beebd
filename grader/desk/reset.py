"""`grader reset`: puts a stub back and keeps a copy of what was there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.course import the_course
from grader.desk.exercise_name import find_exercise
from grader.desk.home import home_of, write_whole
from grader.desk.stub import Restored, StubError, compiles, handed_out, restore
from grader.language import _, ngettext

KEPT = "kept"


class CannotReset(Exception):
    """Nothing was changed; the message says why."""


def reset(folder: Path, name: str, now: datetime | None = None) -> list[str]:
    """Put the stub of an exercise, or the stubs of a whole topic, back into the student's file.

    Parameters
    ----------
    folder : Path
        The topic modules.
    name : str
        The exercise, see `find_exercise`, or a topic.
    now : datetime, optional

    Returns
    -------
    list of str
        What was done.

    Raises
    ------
    UnknownName
        There is no such exercise or topic.
    CannotReset
        Nothing was changed.
    """
    course = the_course()
    if name in course.names:
        topic, exercise = name, ""
    else:
        found = find_exercise(name, course)
        topic, exercise = found.topic, found.name
    path = folder / f"{topic}.py"
    before = _read(path)
    try:
        if before is None or not exercise:
            after, lines = handed_out(topic).encode(), [_whole(path, before)]
        else:
            restored = restore(before, topic, exercise, course)
            after, lines = restored.content, _said(restored, path, exercise, before)
    except StubError as error:
        raise CannotReset(_why_not(error, path)) from error
    if after == before:
        text = _("{name} is as it was handed out: nothing was changed.")
        return [text.format(name=exercise or path.name)]
    kept = _keep(folder, path, exercise, before, now or datetime.now())
    _write(path, after)
    return [*lines, *kept]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        text = _("{file} cannot be read ({error}); nothing was changed.")
        raise CannotReset(text.format(file=path.name, error=error.strerror or error)) from error


def _keep(folder: Path, path: Path, exercise: str, before: bytes | None, now: datetime) -> list[str]:
    """Keep a copy of the file under a name that no other copy has."""
    if before is None:
        return []
    kept = home_of(folder) / KEPT
    stem = "-".join(part for part in (path.stem, exercise, f"{now:%Y%m%d-%H%M%S}") if part)
    copy, number = kept / f"{stem}.py", 1
    while copy.exists():
        number += 1
        copy = kept / f"{stem}-{number}.py"
    try:
        write_whole(copy, before)
    except OSError as error:
        text = _("No copy could be kept in {folder} ({error}), so nothing was changed: make room or make it writable.")
        raise CannotReset(text.format(folder=kept, error=error.strerror or error)) from error
    return [_("A copy of your file is in {file}.").format(file=copy)]


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        text = _("{file} could not be written ({error}); it is as it was.")
        raise CannotReset(text.format(file=path, error=error.strerror or error)) from error


def _whole(path: Path, before: bytes | None) -> str:
    if before is None:
        return _("{file} was not there: it is back as it was handed out.").format(file=path.name)
    return _("{file} is as it was handed out again.").format(file=path.name)


def _said(restored: Restored, path: Path, exercise: str, before: bytes) -> list[str]:
    lines = []
    if not restored.found:
        text = _("{file} had no {name}: its stub is back in its place.")
        lines.append(text.format(name=exercise, file=path.name))
    elif restored.found == 1:
        text = _("{name} is a stub again; the rest of {file} is as you left it.")
        lines.append(text.format(name=exercise, file=path.name))
    else:
        text = ngettext(
            "{name} is a stub again; the {count} definition of it in {file} is gone.",
            "{name} is a stub again; all {count} definitions of it in {file} are gone.",
            restored.found,
        )
        lines.append(text.format(name=exercise, file=path.name, count=restored.found))
    if restored.guessed and restored.compiles:
        text = _("{file} did not compile and does now: the mistake was in {name}.")
        lines.append(text.format(name=exercise, file=path.name))
    elif not restored.compiles:
        text = _("{file} does not compile, before and after: mend the syntax error elsewhere in it, and see that the "
                 "stub stands where it belongs.")  # fmt: skip
        if compiles(before):
            text = _("{file} does not compile any more: your copy does, take it back.")
        lines.append(text.format(file=path.name))
    return lines


def _why_not(error: StubError, path: Path) -> str:
    if error.reason == "encoding":
        text = _("{file} is no UTF-8 text, so nothing was changed: save it as UTF-8, or reset the whole file with "
                 "`grader reset {topic}` (a copy is kept).")  # fmt: skip
        return text.format(file=path.name, topic=path.stem)
    text = _("This kit has no copy of the stubs ({file} is missing): install it anew. Nothing was changed.")
    return text.format(file=error.detail)
