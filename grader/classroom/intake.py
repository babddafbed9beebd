"""What one student handed in, read without running or believing any of it.

Whatever is wrong with it becomes a sentence of that submission and costs nobody else anything.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import tokenize
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.classroom.archive import MAX_DEPTH, MAX_MEMBERS, Shelf, is_wanted, read_archive, size_limit
from grader.classroom.notebook import NotebookError, modules_of, statements, topics_defined
from grader.classroom.roster import ARCHIVES, OTHER_ARCHIVES, Entry, Part, is_hidden, readable, suffix_of, topic_of_name
from grader.language import _

MAX_HELPERS = 100
MAX_ARCHIVES = 5
SKIPPED_FOLDERS = ("venv", "env", "site-packages", "node_modules", "dist-packages")
NO_CHARSETS = ("idna", "punycode", "undefined")
"""What Python takes for encodings of text, which are none; to decode a long file by the first two takes hours."""
SKIPPED_FILES = ("conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py")


@dataclass(frozen=True)
class Submission:
    """What is graded of one student: Python files by their relative names, and what was wrong on the way to them.

    `id` is safe as a file name, `name` is for people, `platform` and `number` are how Moodle or Canvas know them.
    """

    id: str
    name: str
    files: Mapping[str, bytes]
    problems: tuple[str, ...] = ()
    platform: str = ""
    number: str = ""

    def digest(self) -> str:
        """A digest of everything that the grading of this submission depends on."""
        parts = [self.id, self.name, *self.problems]
        digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass"))
        for name, content in sorted(self.files.items()):
            digest.update(f"\x1e{name}\x1f{len(content)}\x1f".encode("utf-8", "surrogatepass"))
            digest.update(content)
        return digest.hexdigest()

    def topics(self, topics: Collection[str]) -> list[str]:
        """The topics that it has a module of."""
        return [topic for topic in topics if f"{topic}.py" in self.files]


def take_in(entry: Entry, names: Mapping[str, Sequence[str]]) -> Submission:
    """Read what one student handed in.

    Parameters
    ----------
    entry : Entry
    names : mapping of str to sequence of str
        The exercises of each topic of the course.

    Returns
    -------
    Submission
        Never raises for anything that a student can hand in.
    """
    files: dict[str, bytes] = {}
    problems: list[str] = []
    for part in entry.parts:
        shelf = Shelf()
        _read_part(part, shelf)
        found, remarks = _chosen(shelf, names)
        problems += [*shelf.problems, *remarks]
        if shelf.skipped_problems:
            problems.append(_("{count} more things of this kind were wrong.").format(count=shelf.skipped_problems))
        for name, content in found.items():
            if files.setdefault(name, content) != content:
                problems.append(_("{file} was handed in twice: the one in {part} was left out.").format(
                    file=name, part=readable(part.path.name)))  # fmt: skip
    if len(entry.parts) > 1 and any(part.path.is_dir() or suffix_of(part.name, ARCHIVES) for part in entry.parts):
        parts = ", ".join(readable(part.path.name) for part in entry.parts)
        problems.insert(0, _("There are {count} entries for this student: {parts}.").format(
            count=len(entry.parts), parts=parts))  # fmt: skip
    problems += [sentence for name in sorted(files) for sentence in _encoding_problem(name, files[name])]
    if not any(f"{topic}.py" in files for topic in names):
        problems.append(_("There is nothing to grade: no file is named after a topic or defines one's exercises."))
    return Submission(
        entry.id, entry.name, dict(sorted(files.items())), tuple(dict.fromkeys(problems)), entry.platform, entry.number
    )


# -- reading -----------------------------------------------------------------------------------------------------------


def _read_part(part: Part, shelf: Shelf) -> None:
    try:
        mode = part.path.lstat().st_mode
    except OSError as error:
        shelf.complain(_unreadable(PurePosixPath(part.name), error))
        return
    if stat.S_ISLNK(mode):
        _read_link(PurePosixPath(readable(part.name)), shelf)
    elif stat.S_ISDIR(mode):
        _read_folder(part.path, shelf)
    else:
        _read_file(part.path, PurePosixPath(part.name), shelf)


def _read_link(name: PurePosixPath, shelf: Shelf) -> None:
    shelf.complain(_("{name} is a link, which is not followed: hand in the file itself.").format(name=name))


def _unreadable(name: PurePosixPath, error: OSError) -> str:
    return _("{name} cannot be read ({error}).").format(name=readable(str(name)), error=error.strerror or error)


def _read_folder(folder: Path, shelf: Shelf) -> None:
    """Put what lies in a folder on a shelf, archives in it looked into, links not followed."""
    waiting = [PurePosixPath()]
    archives = 0
    while waiting:
        place = waiting.pop(0)
        try:
            with os.scandir(folder / place) as found:
                entries = _bounded(found, shelf)
        except OSError as error:
            shelf.complain(_unreadable(place, error))
            continue
        for entry in entries:
            name = place / entry.name
            if is_hidden(entry.name):
                continue
            if entry.is_symlink():
                _read_link(PurePosixPath(readable(str(name))), shelf)
            elif entry.is_dir(follow_symlinks=False):
                if len(name.parts) < MAX_DEPTH and entry.name.lower() not in SKIPPED_FOLDERS:
                    waiting.append(name)
            elif suffix_of(entry.name, ARCHIVES):
                archives += 1
                if archives <= MAX_ARCHIVES:
                    _read_file(folder / name, name, shelf)
            else:
                _read_file(folder / name, name, shelf)


def _bounded(found: Iterable[os.DirEntry], shelf: Shelf) -> list[os.DirEntry]:
    """The entries of one folder in the order of their names, as far as the bound on files allows."""
    entries = []
    for entry in found:
        if shelf.seen >= MAX_MEMBERS:
            shelf.complain(_("There are more than {limit} files: not all of them were looked at.").format(
                limit=MAX_MEMBERS))  # fmt: skip
            break
        shelf.seen += 1
        entries.append(entry)
    return sorted(entries, key=lambda entry: entry.name)


def _read_file(path: Path, name: PurePosixPath, shelf: Shelf) -> None:
    """Put a file, or what an archive holds, on a shelf."""
    archive = bool(suffix_of(name.name, ARCHIVES))
    if not archive and suffix_of(name.name, OTHER_ARCHIVES):
        shelf.complain(_("{name} is of a kind that is not opened: hand in a .zip or .tar.gz file.").format(
            name=readable(str(name))))  # fmt: skip
        return
    if not archive and not is_wanted(name):
        return
    try:
        # Not blocking, so that a pipe cannot hold the run up; no link, even if it took the place of a file just now.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                shelf.complain(_("{name} is no ordinary file and was left out.").format(name=readable(str(name))))
            elif archive:
                read_archive(file, status.st_size, shelf)
            elif shelf.has_room(name, status.st_size):
                content = file.read(size_limit(name) + 1)
                if shelf.has_room(name, len(content)):
                    shelf.put(name, content)
    except OSError as error:
        shelf.complain(_unreadable(name, error))


# -- choosing ----------------------------------------------------------------------------------------------------------


def _chosen(shelf: Shelf, names: Mapping[str, Sequence[str]]) -> tuple[dict[str, bytes], list[str]]:
    """Of everything on a shelf what is graded: a module a topic, and the modules beside them that these may import."""
    files = {name: content for name, content in sorted(shelf.files.items()) if not _is_noise(name)}
    remarks: list[str] = []
    by_topic: dict[str, list[PurePosixPath]] = defaultdict(list)
    for name in files:
        topic = topic_of_name(name.stem, names)
        if topic:
            by_topic[topic].append(name)
    base = _base(by_topic)
    chosen: dict[str, bytes] = {}
    for topic, candidates in by_topic.items():
        candidates.sort(key=lambda name: _preference(name, topic, base))
        _take(candidates, topic, files, names, chosen, remarks)
    if not chosen:
        _take_by_content(files, names, chosen, remarks)
    if len(files) > 1:
        _take_helpers(files, base, chosen, remarks)
    return chosen, remarks


def _is_noise(name: PurePosixPath) -> bool:
    folders = name.parts[:-1]
    return (
        any(is_hidden(part) for part in name.parts)
        or any(part.lower() in SKIPPED_FOLDERS for part in folders)
        or name.name.lower() in SKIPPED_FILES
        or name.name.lower().startswith("test_")
    )


def _base(by_topic: Mapping[str, Sequence[PurePosixPath]]) -> PurePosixPath:
    """The folder that holds the topic modules: most of them, `exercises` by preference, the least deep."""
    counts: dict[PurePosixPath, set[str]] = defaultdict(set)
    for topic, candidates in by_topic.items():
        for name in candidates:
            counts[name.parent].add(topic)
    if not counts:
        return PurePosixPath()
    return min(counts, key=lambda f: (f.name.lower() != "exercises", -len(counts[f]), len(f.parts), str(f)))


def _preference(name: PurePosixPath, topic: str, base: PurePosixPath) -> tuple:
    exact = name.stem == topic
    python = name.suffix.lower() == ".py"
    return name.parent != base, not python, not exact, len(name.parts), str(name)


def _take(
    candidates: Sequence[PurePosixPath],
    topic: str,
    files: Mapping[PurePosixPath, bytes],
    names: Mapping[str, Sequence[str]],
    chosen: dict[str, bytes],
    remarks: list[str],
) -> None:
    """Take the module of one topic from the best of its candidates."""
    taken: PurePosixPath | None = None
    for name in candidates:
        if taken is not None:
            if name.parent == taken.parent and files[name] != files[taken]:
                remarks.append(_("{topic} is there twice: {taken} is graded, {name} is not.").format(
                    topic=topic, taken=readable(str(taken)), name=readable(str(name))))  # fmt: skip
            continue
        if name.suffix.lower() == ".py":
            chosen[f"{topic}.py"] = files[name]
            taken = name
        else:
            source = _notebook(name, files[name], names, remarks).get(topic)
            if source is not None:
                chosen[f"{topic}.py"] = source
                taken = name


def _notebook(
    name: PurePosixPath, content: bytes, names: Mapping[str, Sequence[str]], remarks: list[str]
) -> dict[str, bytes]:
    """The modules of a notebook, or a remark."""
    try:
        modules = modules_of(content, name, names)
    except NotebookError as error:
        remarks.append(f"{readable(str(name))} {error}.")
        return {}
    if not modules:
        remarks.append(_("{name} has no cell that defines an exercise.").format(name=readable(str(name))))
    return {topic: source.encode("utf-8", "replace") for topic, source in modules.items()}


def _take_by_content(
    files: Mapping[PurePosixPath, bytes],
    names: Mapping[str, Sequence[str]],
    chosen: dict[str, bytes],
    remarks: list[str],
) -> None:
    """Where no name says what a file is about, its definitions do."""
    for name, content in sorted(files.items(), key=lambda item: (len(item[0].parts), str(item[0])))[:MAX_HELPERS]:
        if name.suffix.lower() == ".py":
            counts = topics_defined(statements(content.decode("utf-8", "replace")), names)
            modules = {topic: content for topic, _count in counts.most_common(1)}
        else:
            modules = _notebook(name, content, names, remarks)
        for topic, source in modules.items():
            if chosen.setdefault(f"{topic}.py", source) is not source:
                continue
            remarks.append(_("{name} is graded as {topic}, whose exercises it defines.").format(
                name=readable(str(name)), topic=topic))  # fmt: skip


def _take_helpers(
    files: Mapping[PurePosixPath, bytes], base: PurePosixPath, chosen: dict[str, bytes], remarks: list[str]
) -> None:
    """Take the Python files beside and below the topic modules, as far as they can be imported."""
    helpers = 0
    for name, content in sorted(files.items(), key=lambda item: (len(item[0].parts), str(item[0]))):
        if name.suffix.lower() != ".py" or not name.is_relative_to(base):
            continue
        relative = name.relative_to(base)
        importable = all(part.isidentifier() for part in (*relative.parts[:-1], relative.stem))
        if not importable or relative.suffix != ".py" or str(relative) in chosen:
            continue
        helpers += 1
        if helpers <= MAX_HELPERS:
            chosen[str(relative)] = content
    if helpers > MAX_HELPERS:
        remarks.append(_("There are {count} Python files: besides the topics' own, {limit} were taken.").format(
            count=helpers, limit=MAX_HELPERS))  # fmt: skip


def _encoding_problem(name: str, content: bytes) -> list[str]:
    """What stands in the way of reading a module as text, as Python itself would find."""
    if b"\0" in content:
        return [_("{name} holds zero bytes (UTF-16, or not text at all): save it as UTF-8.").format(name=name)]
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        if codecs.lookup(encoding).name in NO_CHARSETS:
            raise LookupError(f"unknown encoding: {encoding}")
        content.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        return [_("{name} is not UTF-8 text ({error}): save it as UTF-8.").format(
            name=name, error=readable(str(reason))[:160])]  # fmt: skip
    return []
