"""A class of invented students: what a real one hands in, from flawless to broken, always the same for a seed.

Each student depends on the seed and their own number alone, so a larger class begins with the smaller one.
"""

from __future__ import annotations

import io
import json
import random
import re
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.classroom.roster import safe_id
from grader.classroom.transplant import (
    CannotTransplant,
    Piece,
    catalogue_file,
    file_with,
    piece_of,
    segment,
    stub_source,
)
from grader.course import Exercise, the_course
from grader.language import _
from grader.misconceptions.catalogue import SOLUTIONS, Alternative, Misconception, alternatives, misconceptions

FIRST_NAMES = """
Ana Bo Chiara Dmitri Elif Fatima Giorgos Hana Ikram Jürgen Kwame Lea Mariam Nguyễn Olu Paweł Quentin Rania Søren
Tomáš Uma Valentina Wei Ximena Yuki Zeynep Аня Дмитро Ελένη 伟 美咲 지우 محمد سارة אורי प्रिया ธนา Łukasz İbrahim Zoë
"""
LAST_NAMES = """
García Müller Rossi Ivanova Yılmaz Haddad Papadopoulos Novák Okafor Jensen Mensah Dubois O'Neill Trần Adeyemi
Kowalski Lefèvre Mansour Ødegård Dvořák Patel Fernández Zhang Nakamura Kim Öztürk Петрова Шевченко Νικολάου 王 佐藤
김 حسن כהן शर्मा สุขใจ Šimić de-la-Cruz Nguyen Smith
"""

READ_ME = "My solutions. I tested them on my laptop.\n"


class DemoError(Exception):
    """A class cannot be made: one sentence."""


@dataclass(frozen=True)
class Student:
    """An invented student: a name, and how far and how well they work."""

    name: str
    skill: float
    diligence: float


def make_class(out: Path, students: int, seed: int, accidents: bool = True) -> int:
    """Write a class of submissions.

    Parameters
    ----------
    out : Path
        A folder that does not exist yet, or is empty.
    students : int
    seed : int
    accidents : bool, optional
        Let some hand in broken files and endless loops, as some do.

    Returns
    -------
    int
        How many submissions were written.

    Raises
    ------
    DemoError
        The folder is in use or cannot be written, or this kit has no solutions.
    """
    if not SOLUTIONS.is_dir():
        raise DemoError(_("A class is made from solutions/, which only the instructor's kit has."))
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise DemoError(_("{folder} exists already: give the name of a new folder.").format(folder=out))
        out.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        for number in range(students):
            chance = random.Random(f"{seed} {number}")
            student = _student(chance, taken)
            texts = _files(student, chance, seed)
            files = _broken(texts, chance) if accidents else {name: text.encode() for name, text in texts.items()}
            _hand_in(out, student, files, chance)
    except OSError as error:
        raise DemoError(_("{folder} cannot be written ({error}): choose another place.").format(
            folder=out, error=error.strerror)) from error  # fmt: skip
    return students


def _student(chance: random.Random, taken: set[str]) -> Student:
    name = f"{chance.choice(FIRST_NAMES.split())} {chance.choice(LAST_NAMES.split())}"
    while safe_id(name).casefold() in taken:
        name = f"{name.split()[0]} {chance.choice(LAST_NAMES.split())} {chance.choice(LAST_NAMES.split())}"
    taken.add(safe_id(name).casefold())
    return Student(name, chance.betavariate(4, 2), chance.betavariate(5, 1.5))


# -- what they know ----------------------------------------------------------------------------------------------------


@cache
def _answers(seed: int) -> dict[str, tuple[list[Misconception], list[Alternative]]]:
    """The wrong answers to each exercise, those first that are common in this class, and the other right ones."""
    found: dict[str, tuple[list[Misconception], list[Alternative]]] = {}
    for wrong in misconceptions():
        found.setdefault(f"{wrong.topic}.{wrong.exercise}", ([], []))[0].append(wrong)
    for right in alternatives():
        found.setdefault(f"{right.topic}.{right.exercise}", ([], []))[1].append(right)
    for exercise, (mistakes, _others) in found.items():
        random.Random(f"{seed} {exercise}").shuffle(mistakes)
    return found


@cache
def _piece(answer: Misconception | Alternative) -> Piece | None:
    try:
        return piece_of(answer, catalogue_file(answer))
    except CannotTransplant:
        return None


def _answer(exercise: Exercise, student: Student, chance: random.Random, seed: int) -> Piece | None:
    """What a student wrote; None for what the reference says. A few mistakes are common, most are rare."""
    mistakes, others = _answers(seed).get(exercise.id, ([], []))
    if chance.random() > 0.35 + 0.65 * student.skill:
        place = int(chance.expovariate(0.6))
        return _piece(mistakes[min(place, len(mistakes) - 1)]) if mistakes else None
    if others and chance.random() < 0.25:
        return _piece(chance.choice(others))
    return None


def _files(student: Student, chance: random.Random, seed: int) -> dict[str, str]:
    """The modules of one student: diligence says how far they came, skill how much of it is right."""
    exercises = the_course().exercises
    reached = int(len(exercises) * min(1.0, student.diligence * 1.25))
    done = {exercise.id for place, exercise in enumerate(exercises) if place < reached or chance.random() < 0.1}
    files = {}
    for topic in the_course().topics:
        pieces: dict[str, Piece] = {}
        to_do: list[str] = []
        for exercise in topic.exercises:
            if exercise.id not in done or chance.random() < 0.03:
                to_do.append(exercise.name)
                continue
            piece = _answer(exercise, student, chance, seed)
            if piece is not None:
                pieces[exercise.name] = piece
        if len(to_do) == len(topic.exercises):
            if chance.random() < 0.5:  # the others leave out a file that they did not touch
                files[f"{topic.name}.py"] = stub_source(topic.name)
        else:
            files[f"{topic.name}.py"] = file_with(topic.name, pieces, to_do)
    return files


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def _broken(texts: Mapping[str, str], chance: random.Random) -> dict[str, bytes]:
    """The files as bytes; about one student in six has an accident with one of them."""
    files = {name: text.encode() for name, text in texts.items()}
    if files and chance.random() < 0.17:
        name = chance.choice(sorted(files))
        accident = chance.choice(ACCIDENTS)
        made = accident(texts[name], name.removesuffix(".py"))
        if made is None:
            del files[name]
        else:
            files[name] = made
    if chance.random() < 0.01:
        files.clear()
    return files


def _missing_colon(text: str, topic: str) -> bytes:
    return re.sub(r"(\ndef \w+\([^)]*\)[^:\n]*):\n", r"\1\n", text, count=1).encode()


def _unfinished_line(text: str, topic: str) -> bytes:
    return f"{text}\n\nresult = (1 +\n".encode()


def _tabs_and_spaces(text: str, topic: str) -> bytes:
    return text.replace("\n    ", "\n\t", 1).encode() if "\ndef " in text else _unfinished_line(text, topic)


def _forgotten_import(text: str, topic: str) -> bytes:
    return text.replace("import numpy as np\n", "", 1).encode()


def _missing_package(text: str, topic: str) -> bytes:
    return text.replace("import numpy as np\n", "import numpy as np\nimport torch\n", 1).encode()


def _endless_import(text: str, topic: str) -> bytes:
    return f"{text}\n\nstep = 1.0\nwhile step != 0.3:\n    step = step - 0.1 if step > 0 else 1.0\n".encode()


def _endless_call(text: str, topic: str) -> bytes:
    name = the_course().topic(topic).exercises[0].name
    lines = text.splitlines()
    first, last = segment(text, name)
    lines[first:last] = [
        f"def {name}(*args, **kwargs):",
        "    error = 1.0",
        "    while error > 0:",
        "        error = abs(error)",
        "    return error",
    ]
    return ("\n".join(lines) + "\n").encode()


def _exit(text: str, topic: str) -> bytes:
    return f'{text}\n\nif __name__ != "main":\n    exit()\n'.encode()


def _latin_1(text: str, topic: str) -> bytes:
    return b"# L\xf6sungen von mir\n" + text.encode("ascii", "replace")


def _byte_order_mark(text: str, topic: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def _windows_lines(text: str, topic: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def _utf_16(text: str, topic: str) -> bytes:
    return text.encode("utf-16")


def _typo_in_a_name(text: str, topic: str) -> bytes:
    name = the_course().topic(topic).exercises[-1].name
    return re.sub(rf"\b{name}\b", f"{name}1", text).encode()


def _chatter(text: str, topic: str) -> bytes:
    return f'{text}\n\nfor attempt in range(200):\n    print("testing", attempt)\n'.encode()


def _lost(text: str, topic: str) -> None:
    return None


ACCIDENTS: tuple[Callable[[str, str], bytes | None], ...] = (
    _missing_colon,
    _unfinished_line,
    _tabs_and_spaces,
    _forgotten_import,
    _missing_package,
    _endless_import,
    _endless_call,
    _exit,
    _latin_1,
    _byte_order_mark,
    _windows_lines,
    _utf_16,
    _typo_in_a_name,
    _chatter,
    _lost,
    _lost,
)


# -- how they hand it in -----------------------------------------------------------------------------------------------


def _hand_in(out: Path, student: Student, files: dict[str, bytes], chance: random.Random) -> None:
    name = safe_id(student.name)
    form = chance.random()
    if form < 0.5:
        _folder(out / name, files, chance.choice(("", "", "exercises/")))
    elif form < 0.72:
        _zip(out / f"{name}.zip", files, chance.choice(("", "exercises/", "homework/exercises/")))
    elif form < 0.84:
        _tar(out / f"{name}.tar.gz", files, chance.choice(("", "exercises/")))
    elif form < 0.92 or len(files) < 2:
        notebooks = {f"{topic.removesuffix('.py')}.ipynb": _notebook(source) for topic, source in files.items()}
        _folder(out / name, notebooks, "")
    elif form < 0.97:
        first = sorted(files)[chance.randrange(len(files))]
        (out / f"{name}_{first}").write_bytes(files[first])
    elif form < 0.99:
        (out / f"{name}.zip").write_bytes(_zip_bytes(files, "")[:2000])
    else:
        _folder(out / name, {"answers.txt": READ_ME.encode()}, "")


def _folder(folder: Path, files: Mapping[str, bytes], prefix: str) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder / f"{prefix}{name}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def _zip_bytes(files: Mapping[str, bytes], prefix: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, "README.txt": READ_ME.encode()}.items():
            archive.writestr(zipfile.ZipInfo(f"{prefix}{name}", (2026, 1, 31, 23, 58, 0)), content)
        if prefix:  # what a Mac adds
            archive.writestr(zipfile.ZipInfo(f"__MACOSX/{prefix}._README.txt", (2026, 1, 31, 23, 58, 0)), b"\0\5\x16\7")
    return buffer.getvalue()


def _zip(path: Path, files: Mapping[str, bytes], prefix: str) -> None:
    path.write_bytes(_zip_bytes(files, prefix))


def _tar(path: Path, files: Mapping[str, bytes], prefix: str) -> None:
    import gzip

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{prefix}{name}")
            member.size, member.mtime = len(content), 1_769_903_880
            archive.addfile(member, io.BytesIO(content))
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))


def _notebook(source: bytes) -> bytes:
    """A module as a notebook: a cell for each definition, with what people try out between them."""
    text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("from __future__ import annotations\n", "")
    cells = ["%matplotlib inline"]
    for number, chunk in enumerate(re.split(r"\n\n\n(?=def |class |[A-Z_]+ = )", text)):
        cells.append(chunk.strip("\n"))
        if number % 5 == 4:
            cells.append("print(np.zeros(3))\n!ls")
    rows: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "id": f"c{i}", "metadata": {}, "outputs": [], "source": cell}
        for i, cell in enumerate(cells)
    ]
    record = {"cells": rows, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(record, indent=1, ensure_ascii=False).encode()
