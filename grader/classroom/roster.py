"""Who handed in what: a folder of submissions as a list of students, from the names alone.

Understood are plain names (`ana/`, `ana.zip`, `ana_losses.py`) and those of the bulk downloads of Moodle
(`Ana García_123456_assignsubmission_file_`, as a folder or in front of a file) and Canvas
(`garciaana_LATE_12345_67890_losses.py`). What a student handed in as several files is one entry.
"""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.language import _

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
OTHER_ARCHIVES = (".rar", ".7z", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".gz", ".bz2", ".xz")
SOURCES = (".py", ".ipynb")
SYSTEM_NAMES = ("__macosx", "thumbs.db", "desktop.ini", "__pycache__")
MAX_ENTRIES = 100_000
MAX_NAME = 120

_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL)
_CANVAS = re.compile(r"(?P<name>.+?)(?:_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL)
_CANVAS_ANONYMOUS = re.compile(r"(?:LATE_)?anon_(?P<number>[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL)
_VERSION = re.compile(r"(?:[\s_-]*\(\d+\)|[\s_-]+(?:v?\d+|copy|final|solution))$", re.IGNORECASE)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


class RosterError(Exception):
    """A folder of submissions that cannot be read: one sentence."""


@dataclass(frozen=True)
class Part:
    """One file or folder of a student's, and the name that it had before the platform renamed it."""

    path: Path
    name: str
    upload: int = 0


@dataclass(frozen=True)
class Entry:
    """One student, not read yet.

    `id` is safe as a file name and unique in the class; `number` is the student's on the platform.
    """

    id: str
    name: str
    platform: str
    number: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Roster:
    """The class: its entries in the order of their ids, and the names of what is no submission."""

    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Named:
    """What the name of one file or folder says."""

    student: str
    platform: str
    number: str
    part: Part

    @property
    def key(self) -> tuple[str, str]:
        plain = unicodedata.normalize("NFC", self.student).casefold()
        return (self.platform, self.number) if self.platform else ("", plain)


def readable(text: str) -> str:
    """A name as text that can be written anywhere: no control characters, no bytes that are not UTF-8."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = "".join(" " if _unprintable(c) else c for c in unicodedata.normalize("NFC", text))
    return " ".join(text.split())


def _unprintable(character: str) -> bool:
    joiner = character in "\u200c\u200d"  # Persian and Indic names need them
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and not joiner


def safe_id(name: str) -> str:
    """A student's name as the name of a file, on every system, still readable."""
    text = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", readable(name)).strip(". ")
    if text.startswith(("-", "~")) or _RESERVED.fullmatch(text):
        text = "_" + text
    if len(text.encode()) > MAX_NAME:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        text = f"{text.encode()[:MAX_NAME].decode('utf-8', 'ignore').rstrip()}-{digest}"
    return text or "student"


def is_hidden(name: str) -> bool:
    """Whether a name belongs to the system rather than to a person."""
    return name.startswith(".") or name.casefold() in SYSTEM_NAMES


def suffix_of(name: str, suffixes: Collection[str]) -> str:
    """The one of some suffixes that a name ends with, the longest first; empty if it has none of them."""
    lower = name.lower()
    return next((suffix for suffix in sorted(suffixes, key=len, reverse=True) if lower.endswith(suffix)), "")


def topic_of_name(stem: str, topics: Collection[str]) -> str:
    """The topic that a file is about, from its name without the suffix: `losses`, `losses (1)`, `ana_losses`."""
    text = stem.lower().strip()
    while text:
        if text in topics:
            return text
        for topic in topics:
            if text.endswith(topic) and not text[: -len(topic)][-1:].isalnum() and not text.startswith("test_"):
                return topic
        shorter = _VERSION.sub("", text)
        if shorter == text:
            return ""
        text = shorter
    return ""


def read_roster(folder: Path, topics: Sequence[str]) -> Roster:
    """List the students of a folder of submissions; opens none of them.

    Parameters
    ----------
    folder : Path
        Holds one entry a student. A folder that itself holds topic modules and nothing else is a class of one.
    topics : sequence of str
        The names of the course's topics.

    Raises
    ------
    RosterError
        The folder does not exist, cannot be read, or holds too much to be a class.
    """
    names = _listed(folder)
    if names and all(_is_topic_module(folder / name, topics) for name in names):
        named = [_Named(readable(folder.resolve().name), "", "", Part(folder, folder.resolve().name))]
        return Roster(tuple(_entries(named)), ())
    named, left_out = [], []
    for name in names:
        found = _named(folder / name, name, topics)
        if found is None:
            left_out.append(readable(name))
        else:
            named.append(found)
    return Roster(tuple(sorted(_entries(named), key=lambda entry: entry.id)), tuple(left_out))


def _listed(folder: Path) -> list[str]:
    try:
        names = sorted(path.name for path in folder.iterdir() if not is_hidden(path.name))
    except FileNotFoundError as error:
        raise RosterError(_("There is no folder {folder}: give the one that holds the submissions.").format(
            folder=folder)) from error  # fmt: skip
    except NotADirectoryError as error:
        raise RosterError(_("{folder} is a file: unpack it, and give the folder that holds the submissions.").format(
            folder=folder)) from error  # fmt: skip
    except OSError as error:
        raise RosterError(_("The folder {folder} cannot be read ({error}).").format(
            folder=folder, error=error.strerror)) from error  # fmt: skip
    if len(names) > MAX_ENTRIES:
        raise RosterError(_("{folder} holds {count} entries, more than the {most} that a class may have.").format(
            folder=folder, count=len(names), most=MAX_ENTRIES))  # fmt: skip
    return names


def _is_topic_module(path: Path, topics: Collection[str]) -> bool:
    return path.suffix.lower() in SOURCES and path.stem.lower() in topics and path.is_file()


def _named(path: Path, name: str, topics: Collection[str]) -> _Named | None:
    """What one name says; None for what is nobody's submission."""
    moodle = _MOODLE.fullmatch(name)
    if moodle is not None:
        number, student = moodle["number"], readable(moodle["name"])
        if student.casefold() == "participant":
            student = f"{student} {number}"
        return _Named(student, "moodle", number, Part(path, moodle["file"] or name))
    anonymous, canvas = _CANVAS_ANONYMOUS.fullmatch(name), _CANVAS.fullmatch(name)
    found = anonymous or canvas
    if found is not None:
        student = found["number"] if anonymous else readable(found["name"])
        return _Named(student, "canvas", found["number"], Part(path, found["file"], _upload(found["upload"])))
    return _plain(path, name, topics)


def _upload(digits: str) -> int:
    return int(digits[:18])


def _plain(path: Path, name: str, topics: Collection[str]) -> _Named | None:
    suffix = suffix_of(name, (*ARCHIVES, *OTHER_ARCHIVES, *SOURCES))
    if not suffix:
        # Links, pipes and the like are somebody's entry as well: the intake says what is wrong with them.
        plain_file = stat.S_ISREG(_mode(path))
        return None if plain_file else _Named(readable(name), "", "", Part(path, name))
    stem = name[: -len(suffix)]
    if suffix in SOURCES:
        stem = _student_of(stem, topics) or stem
    return _Named(readable(stem), "", "", Part(path, name))


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _student_of(stem: str, topics: Collection[str]) -> str:
    """The part of `ana_losses` that is a name; empty where the whole is one."""
    topic = topic_of_name(stem, topics)
    place = stem.lower().rfind(topic) if topic else 0
    return stem[:place].rstrip(" _-.")


def _entries(named: Sequence[_Named]) -> Iterator[Entry]:
    groups: dict[tuple[str, str], list[_Named]] = {}
    for item in named:
        groups.setdefault(item.key, []).append(item)
    wanted = Counter(safe_id(items[0].student).casefold() for items in groups.values())
    taken: set[str] = set()
    for items in groups.values():
        first = items[0]
        identifier = safe_id(first.student)
        if wanted[identifier.casefold()] > 1 and first.number:
            identifier = safe_id(f"{first.student} ({first.number})")
        identifier = _free(identifier, taken)
        taken.add(identifier.casefold())
        parts = tuple(sorted((item.part for item in items), key=_order))
        yield Entry(identifier, first.student, first.platform, first.number, parts)


def _free(identifier: str, taken: set[str]) -> str:
    """The id itself or with a number, so that no two differ in case only: not every file system tells these apart."""
    candidate, number = identifier, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{identifier} {number}"
    return candidate


def _order(part: Part) -> tuple[int, int, str]:
    """Folders first, then archives, then files; of Canvas uploads the latest first."""
    rank = 0 if part.path.is_dir() else 1 if suffix_of(part.name, ARCHIVES) else 2
    return rank, -part.upload, part.path.name
