"""The sub-command `grader release`."""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.course import the_course
from grader.language import _, current, ngettext

_EPOCH = (2026, 1, 1, 0, 0, 0)


def add_commands(commands: Any) -> None:
    """Add `release` to the sub-parsers of the `grader` command."""
    release = commands.add_parser("release", help=_("the kit for students: a folder and a zip, without solutions"))
    place = _("a folder that does not exist yet; OUT.zip appears beside it")
    release.add_argument("out", type=Path, metavar="OUT", help=place)
    release.add_argument("--topics", metavar="TOPIC,...", help=_("only these topics (default: all)"))
    release.set_defaults(run=_release)


def _release(options: argparse.Namespace) -> int:
    from grader.cli import CommandError, chosen_topics
    from grader.exports.kit import KitError
    from grader.release.kit import student_kit

    topics = chosen_topics(options.topics)
    out = options.out.absolute()
    archive = out.with_name(out.name + ".zip")
    for path in (out, archive):
        if path.exists():
            raise CommandError(_("{file} exists already: name a new place, or remove it first.").format(file=path))
    try:
        files = student_kit(topics, current())
        _write(out, archive, files)
    except KitError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(
            _("{file} cannot be written ({error}).").format(file=error.filename or out, error=error.strerror or error)
        ) from error
    print(_summary(topics, files, archive))
    return 0


def _write(out: Path, archive: Path, files: Mapping[str, bytes]) -> None:
    """Folder and zip, whole or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=out.name + ".", suffix=".tmp", dir=out.parent))
    try:
        for place, content in files.items():
            path = scratch / out.name / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        zipped = scratch / archive.name
        zipped.write_bytes(zip_of(out.name, files))
        zipped.rename(archive)
        (scratch / out.name).rename(out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def zip_of(name: str, files: Mapping[str, bytes]) -> bytes:
    """The kit as a zip file, in a folder of that name; the same kit gives the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in files.items():
            entry = zipfile.ZipInfo(f"{name}/{place}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def _summary(topics: tuple[str, ...], files: Mapping[str, bytes], archive: Path) -> str:
    from grader.release.kit import outside_of

    course = the_course()
    points = sum(course.topic(topic).points for topic in topics)
    lines = [
        ngettext("{count} topic, {points} points, language {language}", "{count} topics, {points} points, "
                 "language {language}", len(topics)).format(count=len(topics), points=points, language=current()),
        _("{files} files, {size} KB zipped: {archive}").format(
            files=len(files), size=archive.stat().st_size >> 10, archive=archive
        ),
    ]  # fmt: skip
    outside = outside_of(course, topics)
    if outside:
        text = _("Left out, though what is in the kit may use it: {exercises}. Students write those parts again.")
        lines.append(text.format(exercises=", ".join(outside)))
    return "\n".join(lines)
