"""The intake: every way of handing in that is understood, and every broken one as one sentence."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import stat
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from grader.classroom import archive
from grader.classroom.intake import Submission, take_in
from grader.classroom.notebook import statements, without_magics
from grader.classroom.roster import Roster, RosterError, read_roster, readable, safe_id, topic_of_name

NAMES = {"losses": ("mse", "huber"), "scaling": ("min_max", "StandardScaler"), "choices": ("TASKS",)}
TOPICS = tuple(NAMES)
LOSSES = b"import numpy as np\n\n\ndef mse(y, y_hat):\n    return 1.0\n"
SCALING = b"def min_max(x, minimum, maximum):\n    return x\n"


def roster_of(folder: Path) -> Roster:
    return read_roster(folder, TOPICS)


def taken(folder: Path) -> dict[str, Submission]:
    return {entry.id: take_in(entry, NAMES) for entry in roster_of(folder).entries}


def only(folder: Path) -> Submission:
    (submission,) = taken(folder).values()
    return submission


def write(path: Path, content: bytes = LOSSES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def zip_of(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def tar_of(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as out:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return path


def notebook(*sources: str, solution: bool = False) -> bytes:
    metadata = {"nbgrader": {"solution": True, "grade": False}} if solution else {}
    cells = [
        {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}
        for source in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


# -- every way of handing in -------------------------------------------------------------------------------------------


def test_a_folder_of_modules(tmp_path):
    write(tmp_path / "ana" / "losses.py")
    write(tmp_path / "ana" / "helpers.py", b"x = 1\n")
    write(tmp_path / "ana" / "tools" / "numbers.py", b"y = 2\n")
    ana = only(tmp_path)
    assert dict(ana.files) == {"losses.py": LOSSES, "helpers.py": b"x = 1\n", "tools/numbers.py": b"y = 2\n"}
    assert ana.id == ana.name == "ana" and ana.problems == ()


@pytest.mark.parametrize("prefix", ["", "homework/", "a/b/exercises/", "./", "exercises\\"])
@pytest.mark.parametrize("suffix", [".zip", ".tar.gz", ".tgz", ".tar"])
def test_archives_with_and_without_a_nested_folder(tmp_path, prefix, suffix):
    members = {f"{prefix}losses.py": LOSSES, f"{prefix}scaling.py": SCALING, f"{prefix}data.csv": b"1,2"}
    if suffix == ".zip":
        zip_of(tmp_path / "ana.zip", members)
    else:
        tar_of(tmp_path / f"ana{suffix}", members, "w" if suffix == ".tar" else "w:gz")
    ana = only(tmp_path)
    assert dict(ana.files) == {"losses.py": LOSSES, "scaling.py": SCALING}
    assert ana.id == "ana" and ana.problems == ()


def test_single_files_are_grouped_by_student(tmp_path):
    write(tmp_path / "ana_losses.py")
    write(tmp_path / "ana_scaling.py", SCALING)
    write(tmp_path / "Bob Losses.py")
    students = taken(tmp_path)
    assert dict(students["ana"].files) == {"losses.py": LOSSES, "scaling.py": SCALING}
    assert dict(students["Bob"].files) == {"losses.py": LOSSES}
    assert not any(student.problems for student in students.values())


def test_one_file_named_after_the_student_is_known_by_its_definitions(tmp_path):
    write(tmp_path / "ana.py", SCALING)
    ana = only(tmp_path)
    assert dict(ana.files) == {"scaling.py": SCALING}
    assert ana.problems == ("ana.py is graded as scaling, whose exercises it defines.",)


def test_a_folder_of_topic_modules_is_a_class_of_one(tmp_path):
    write(tmp_path / "ana" / "losses.py")
    write(tmp_path / "ana" / "scaling.py", SCALING)
    ana = only(tmp_path / "ana")
    assert ana.id == "ana" and set(ana.files) == {"losses.py", "scaling.py"}


def test_moodle_folders_files_and_blind_marking(tmp_path):
    write(tmp_path / "Ana García_123456_assignsubmission_file_" / "losses.py")
    zip_of(tmp_path / "Bo Ek_77_assignsubmission_file_" / "work.zip", {"x/losses.py": LOSSES})
    write(tmp_path / "Chi Wei_88_assignsubmission_file_losses.py")
    write(tmp_path / "Chi Wei_88_assignsubmission_onlinetext_" / "onlinetext.html", b"<p>done</p>")
    write(tmp_path / "Participant_99_assignsubmission_file" / "scaling.py", SCALING)
    students = taken(tmp_path)
    assert set(students) == {"Ana García", "Bo Ek", "Chi Wei", "Participant 99"}
    for name in ("Ana García", "Bo Ek", "Chi Wei"):
        assert dict(students[name].files) == {"losses.py": LOSSES}, name
    assert students["Ana García"].number == "123456" and students["Ana García"].platform == "moodle"
    assert students["Bo Ek"].problems == ()


def test_canvas_names_late_resubmitted_and_anonymous(tmp_path):
    write(tmp_path / "garciaana_12345_67890_losses.py")
    write(tmp_path / "garciaana_12345_67891_scaling-1.py", SCALING)
    write(tmp_path / "ekbo_LATE_222_333_losses-2.py")
    write(tmp_path / "anon_Xy12z_444_losses.py")
    write(tmp_path / "weichi_555_666_report.pdf", b"%PDF")
    students = taken(tmp_path)
    assert set(students) == {"garciaana", "ekbo", "Xy12z", "weichi"}
    assert dict(students["garciaana"].files) == {"losses.py": LOSSES, "scaling.py": SCALING}
    assert dict(students["ekbo"].files) == dict(students["Xy12z"].files) == {"losses.py": LOSSES}
    assert (students["ekbo"].platform, students["ekbo"].number) == ("canvas", "222")
    assert [len(students[name].problems) for name in ("garciaana", "ekbo", "Xy12z", "weichi")] == [0, 0, 0, 1]


def test_of_two_canvas_uploads_of_one_topic_the_latest_is_graded(tmp_path):
    write(tmp_path / "ana_1_20_losses.py", b"def mse(y, y_hat): return 2\n")
    write(tmp_path / "ana_1_10_losses-1.py", b"def mse(y, y_hat): return 1\n")
    ana = only(tmp_path)
    assert b"return 2" in ana.files["losses.py"]
    assert ana.problems == ("losses.py was handed in twice: the one in ana_1_10_losses-1.py was left out.",)


def test_two_students_of_one_name_are_told_apart(tmp_path):
    write(tmp_path / "Ana García_1_assignsubmission_file_" / "losses.py")
    write(tmp_path / "Ana García_2_assignsubmission_file_" / "losses.py")
    assert [entry.id for entry in roster_of(tmp_path).entries] == ["Ana García (1)", "Ana García (2)"]


def test_ids_never_differ_in_case_only(tmp_path):
    write(tmp_path / "ana_1_2_losses.py")
    write(tmp_path / "ANA" / "losses.py")
    ids = [entry.id.casefold() for entry in roster_of(tmp_path).entries]
    assert len(set(ids)) == 2


def test_notebooks_by_name_and_by_definitions(tmp_path):
    cells = (
        "%matplotlib inline\nimport numpy as np",
        "EPS = 1e-9\nx = np.zeros(3)",
        "def mse(y, y_hat):\n    return EPS",
    )
    write(tmp_path / "ana" / "losses.ipynb", notebook(*cells))
    write(tmp_path / "bob.ipynb", notebook(*cells))
    write(tmp_path / "cleo" / "final.ipynb", notebook(*cells, "def min_max(x, a, b):\n    return mse(x, a)"))
    students = taken(tmp_path)
    expected = "import numpy as np\n\nEPS = 1e-9\n\ndef mse(y, y_hat):\n    return EPS\n"
    assert students["ana"].files["losses.py"].decode() == expected
    assert students["bob"].files["losses.py"].decode() == expected
    assert set(students["cleo"].files) == {"losses.py", "scaling.py"}
    assert b"def mse" in students["cleo"].files["scaling.py"], "a notebook is one namespace"


def test_cells_that_nbgrader_marks_are_taken_whole_but_for_bare_calls(tmp_path):
    source = 'TASKS = {"a": None}\nTASKS["a"] = "b"\nprint(TASKS)\nassert TASKS'
    write(tmp_path / "ana" / "choices.ipynb", notebook(source, solution=True))
    text = only(tmp_path).files["choices.py"].decode()
    assert 'TASKS["a"] = "b"' in text and "print" not in text and "assert" not in text


def test_a_whole_kit_handed_in_is_reduced_to_the_exercises(tmp_path):
    kit = {
        "kit/exercises/losses.py": LOSSES,
        "kit/tests/test_losses.py": b"1",
        "kit/grader/misconceptions/losses.py": b"2",
    }
    kit |= {"kit/conftest.py": b"3", "kit/.venv/lib/losses.py": b"4", "kit/venv/scaling.py": b"5"}
    zip_of(tmp_path / "ana.zip", kit)
    ana = only(tmp_path)
    assert dict(ana.files) == {"losses.py": LOSSES} and ana.problems == ()


def test_a_folder_for_each_topic(tmp_path):
    write(tmp_path / "ana" / "week1" / "losses.py")
    write(tmp_path / "ana" / "week2" / "scaling.py", SCALING)
    assert dict(only(tmp_path).files)["scaling.py"] == SCALING


def test_stray_files_are_nobodys_submission(tmp_path):
    for name in ("grades.csv", "README.md", ".DS_Store", "Thumbs.db"):
        write(tmp_path / name, b"x")
    write(tmp_path / "__MACOSX" / "ana" / "._losses.py", b"x")
    write(tmp_path / "ana" / "losses.py")
    write(tmp_path / "ana" / "._losses.py", b"\0\5")
    roster = roster_of(tmp_path)
    assert [entry.id for entry in roster.entries] == ["ana"]
    assert roster.left_out == ("README.md", "grades.csv")
    assert only(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("stem", "topic"),
    [
        ("losses", "losses"),
        ("Losses", "losses"),
        ("losses (2)", "losses"),
        ("losses-1", "losses"),
        ("losses_v2_final", "losses"),
        ("02_losses", "losses"),
        ("ana losses", "losses"),
        ("test_losses", ""),
        ("glosses", ""),
        ("lossesful", ""),
        ("utils", ""),
        ("", ""),
    ],
)
def test_the_topic_of_a_file_name(stem, topic):
    assert topic_of_name(stem, TOPICS) == topic


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana García", "Ana García"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a:b*c?", "a_b_c_"),
        ("..", "student"),
        ("", "student"),
        ("CON", "_CON"),
        ("-rf", "_-rf"),
        ("李 小龍", "李 小龍"),
        ("evil\u202egnp.exe", "evil gnp.exe"),
        ("tab\tnew\nline\0", "tab new line"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_ids_are_safe_file_names(name, expected):
    assert safe_id(name) == expected


def test_long_names_are_cut_and_stay_apart():
    first, second = safe_id("ö" * 300 + "a"), safe_id("ö" * 300 + "b")
    assert first != second and len((first + ".json.tmp").encode()) < 255


def test_file_names_that_are_not_utf8(tmp_path):
    write(tmp_path / os.fsdecode(b"Mar\xeda") / "losses.py")
    maria = only(tmp_path)
    assert maria.files["losses.py"] == LOSSES
    maria.id.encode("utf-8")


# -- broken things: one sentence each ----------------------------------------------------------------------------------


def encrypted(path: Path) -> Path:
    zip_of(path, {"losses.py": LOSSES}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[6] |= 1  # general purpose flags of the local header and of the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def with_symlink(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        link = zipfile.ZipInfo("losses.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    return path


def tar_member(path: Path, name: str, kind: bytes, target: str = "") -> Path:
    with tarfile.open(path, "w:gz") as out:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        out.addfile(info)
    return path


def lying_tar(path: Path, size: int, kind: bytes = tarfile.XHDTYPE) -> Path:
    """A header that claims `size` bytes, in base 256 as GNU tar writes large and negative numbers."""
    info = tarfile.TarInfo("losses.py")
    info.type = kind
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = size.to_bytes(12, "big", signed=True)
    if size >= 0:
        header[124] = 0o200
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path.write_bytes(gzip.compress(bytes(header) + bytes(4096)))
    return path


def truncated(path: Path) -> Path:
    full = zip_of(path, {"losses.py": os.urandom(5000)})
    full.write_bytes(full.read_bytes()[:2000])
    return full


def wrong_checksum(path: Path) -> Path:
    full = zip_of(path, {"losses.py": LOSSES}, zipfile.ZIP_STORED)
    full.write_bytes(full.read_bytes().replace(b"return 1.0", b"return 9.0"))
    return full


def zip64_directory_bomb(path: Path) -> Path:
    """A zip64 record that announces a directory of a terabyte."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 34, 1 << 34, 1 << 40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(b"PK\x03\x04" + record + locator + end)
    return path


def write_folder(path: Path, name: str, content: bytes) -> Path:
    write(path / name, content)
    return path


def lying_zip(path: Path, method: int, size: int = 1 << 20) -> Path:
    """A file of `size` zeros that says it has ten bytes."""
    zip_of(path, {"losses.py": bytes(size)}, method)
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, 22, 10)
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(content)
    return path


def tar_with_holes(path: Path, places: bytes) -> Path:
    """A sparse file as GNU tar writes it, with its list of places in front."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as out:
        info = tarfile.TarInfo("losses.py")
        info.size = len(places)
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
        out.addfile(info, io.BytesIO(places))
    return path


def tar_of_headers(path: Path, count: int) -> Path:
    """Nothing but extended headers of 1 MB."""
    body = b"".join(b"15 a%06d=12\n" % number for number in range(69_000))
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XGLTYPE, len(body)
    header = info.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512)
    path.write_bytes(gzip.compress(header * count, compresslevel=1))
    return path


BROKEN = {
    "zip: bomb in bzip2": (lambda p: lying_zip(p / "ana.zip", zipfile.ZIP_BZIP2), "is compressed in a way that is not"),
    "zip: bomb in LZMA": (lambda p: lying_zip(p / "ana.zip", zipfile.ZIP_LZMA), "is compressed in a way that is not"),
    "zip: a size that is too small": (lambda p: lying_zip(p / "ana.zip", zipfile.ZIP_DEFLATED), "is damaged"),
    "tar: a list of holes": (lambda p: tar_with_holes(p / "ana.tgz", b"9999\n" + b"1\n" * 9999), "a file with holes"),
    "tar: an old list of holes": (
        lambda p: tar_member(p / "ana.tgz", "losses.py", tarfile.GNUTYPE_SPARSE),
        "a file with holes",
    ),
    "tar: headers without end": (lambda p: tar_of_headers(p / "ana.tgz", 20), "headers of an impossible size"),
    "gzip: empty parts without end": (lambda p: write(p / "ana.tgz", gzip.compress(b"") * 50_000), "too many parts"),
    "gzip: zeros behind it": (lambda p: write(p / "ana.tgz", gzip.compress(b"x" * 99) + bytes(200_000)), "is damaged"),
    "encoding: undefined": (lambda p: write(p / "ana" / "losses.py", b"# coding: undefined\n"), "is not UTF-8 text"),
    "encoding: punycode": (
        lambda p: write(p / "ana" / "losses.py", b"# coding: punycode\n#" + b"a" * 200_000 + b"-" + b"a" * 300_000),
        "is not UTF-8 text",
    ),
    "encoding: idna": (lambda p: write(p / "ana" / "losses.py", b"# coding: idna\n"), "is not UTF-8 text"),
    "zip: path traversal": (lambda p: zip_of(p / "ana.zip", {"../../losses.py": LOSSES}), "a place outside itself"),
    "zip: absolute name": (lambda p: zip_of(p / "ana.zip", {"/etc/losses.py": LOSSES}), "a place outside itself"),
    "zip: drive letter": (lambda p: zip_of(p / "ana.zip", {"C:\\losses.py": LOSSES}), "a place outside itself"),
    "zip: link": (lambda p: with_symlink(p / "ana.zip"), "is a link, which is not followed"),
    "zip: encrypted": (lambda p: encrypted(p / "ana.zip"), "is encrypted"),
    "zip: truncated": (lambda p: truncated(p / "ana.zip"), "is damaged"),
    "zip: wrong checksum": (lambda p: wrong_checksum(p / "ana.zip"), "is damaged"),
    "zip: huge directory": (lambda p: zip64_directory_bomb(p / "ana.zip"), "more than 20000 files"),
    "zip: empty file": (lambda p: write(p / "ana.zip", b""), "is an empty file"),
    "zip: a page of HTML": (lambda p: write(p / "ana.zip", b"<html>Log in"), "neither a .zip nor a .tar.gz"),
    "zip: really a rar": (lambda p: write(p / "ana.zip", b"Rar!\x1a\x07\x01\x00" + bytes(900)), "neither a .zip"),
    "rar": (lambda p: write(p / "ana.rar", b"Rar!"), "hand in a .zip or .tar.gz"),
    "7z in a folder": (lambda p: write(p / "ana" / "work.7z", b"7z"), "hand in a .zip or .tar.gz"),
    "zip: bomb, large file": (
        lambda p: zip_of(p / "ana.zip", {"losses.py": bytes(30 << 20)}),
        "larger than 512 KB and was not read",
    ),
    "zip: bomb, all together": (
        lambda p: zip_of(p / "ana.zip", {f"{i}.ipynb": bytes(15 << 20) for i in range(3)}),
        "larger than 32 MB together",
    ),
    "zip: bomb, other files": (
        lambda p: zip_of(p / "ana.zip", {f"{i}.csv": bytes(8 << 20) for i in range(9)}),
        "unpacks to more than 64 MB",
    ),
    "tar: path traversal": (lambda p: tar_of(p / "ana.tgz", {"../losses.py": LOSSES}), "a place outside itself"),
    "tar: absolute name": (lambda p: tar_of(p / "ana.tgz", {"/losses.py": LOSSES}), "a place outside itself"),
    "tar: symbolic link": (
        lambda p: tar_member(p / "ana.tgz", "losses.py", tarfile.SYMTYPE, "/etc/passwd"),
        "is a link, which is not followed",
    ),
    "tar: hard link": (
        lambda p: tar_member(p / "ana.tgz", "losses.py", tarfile.LNKTYPE, "scaling.py"),
        "is a link, which is not followed",
    ),
    "tar: pipe": (lambda p: tar_member(p / "ana.tgz", "losses.py", tarfile.FIFOTYPE), "is no ordinary file"),
    "tar: device": (lambda p: tar_member(p / "ana.tgz", "losses.py", tarfile.CHRTYPE), "is no ordinary file"),
    "tar: truncated": (
        lambda p: write(p / "ana.tgz", gzip.compress(b"x" * 10_000)[:-20]),
        "is damaged",
    ),
    "tar: header of 3 GB": (lambda p: lying_tar(p / "ana.tgz", 3 << 30), "impossible size"),
    "tar: negative size": (lambda p: lying_tar(p / "ana.tgz", -512, tarfile.REGTYPE), "impossible size"),
    "tar: bomb": (
        lambda p: write(p / "ana.tgz", gzip.compress(_large_tar(), compresslevel=1)),
        "unpacks to more than 64 MB",
    ),
    "folder: empty": (lambda p: (p / "ana").mkdir(), "nothing to grade"),
    "folder: nothing of the course": (lambda p: write(p / "ana" / "essay.docx", b"x"), "nothing to grade"),
    "folder: link to a file": (
        lambda p: (
            write(p / "secret", LOSSES),
            (p / "ana").mkdir(),
            (p / "ana" / "losses.py").symlink_to(p / "secret"),
        ),
        "is a link, which is not followed",
    ),
    "folder: link to a folder": (
        lambda p: (write_folder(p / "ana", "x.txt", b""), (p / "ana" / "exercises").symlink_to("/etc")),
        "is a link, which is not followed",
    ),
    "entry: a link": (lambda p: (p / "ana").symlink_to("/etc"), "is a link, which is not followed"),
    "folder: a pipe": (lambda p: ((p / "ana").mkdir(), os.mkfifo(p / "ana" / "losses.py")), "is no ordinary file"),
    "folder: large file": (lambda p: write(p / "ana" / "losses.py", bytes(1 << 20)), "larger than 512 KB"),
    "latin-1": (lambda p: write(p / "ana" / "losses.py", "# Müller".encode("latin-1")), "is not UTF-8 text"),
    "utf-16": (lambda p: write(p / "ana" / "losses.py", LOSSES.decode().encode("utf-16")), "save it as UTF-8"),
    "unknown encoding": (lambda p: write(p / "ana" / "losses.py", b"# coding: klingon\n"), "is not UTF-8 text"),
    "zero bytes": (lambda p: write(p / "ana" / "losses.py", LOSSES + b"\0"), "holds zero bytes"),
    "notebook: damaged": (lambda p: write(p / "ana" / "losses.ipynb", b'{"cells": ['), "its JSON is damaged"),
    "notebook: deep": (lambda p: write(p / "ana" / "losses.ipynb", b"[" * 200_000), "its JSON is damaged"),
    "notebook: format 3": (lambda p: write(p / "ana" / "losses.ipynb", b'{"worksheets": []}'), "format 4"),
    "notebook: cells of nonsense": (
        lambda p: write(p / "ana" / "losses.ipynb", b'{"cells": [1, null, {"cell_type": "code", "source": 5}]}'),
        "no cell that defines an exercise",
    ),
    "two files for one topic": (
        lambda p: (write(p / "ana" / "losses.py"), write(p / "ana" / "losses (1).py", LOSSES + b"#")),
        "losses is there twice",
    ),
    "module and notebook for one topic": (
        lambda p: (write(p / "ana" / "losses.py"), write(p / "ana" / "losses.ipynb", notebook("def mse(): 1"))),
        "losses is there twice",
    ),
    "two entries for one student": (
        lambda p: (write(p / "ana" / "losses.py"), zip_of(p / "ana.zip", {"losses.py": SCALING})),
        "There are 2 entries for this student: ana, ana.zip.",
    ),
    "twice in one archive": (
        lambda p: _zip_with_duplicates(p / "ana.zip"),
        "is in the archive twice",
    ),
}


def _large_tar(size: int = 70 << 20) -> bytes:
    info = tarfile.TarInfo("data.bin")
    info.size = size
    return info.tobuf() + bytes(size)


def _zip_with_duplicates(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as out, pytest.warns(UserWarning, match="Duplicate name"):
        out.writestr("losses.py", LOSSES)
        out.writestr("losses.py", SCALING)
    return path


@pytest.mark.parametrize("what", BROKEN)
def test_broken_submissions_are_one_clear_sentence_and_cost_nobody_else_anything(tmp_path, what, monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED", 64 << 20)  # so that small bombs will do
    make, sentence = BROKEN[what]
    write(tmp_path / "zoe" / "losses.py")
    make(tmp_path)
    started = time.monotonic()
    students = taken(tmp_path)
    assert time.monotonic() - started < 5.0
    problems = students["ana"].problems
    assert sum(sentence in problem for problem in problems) == 1, problems
    assert len(problems) <= 4 and all(problem.rstrip().endswith(".") and "\n" not in problem for problem in problems)
    assert dict(students["zoe"].files) == {"losses.py": LOSSES} and students["zoe"].problems == ()


def test_ten_thousand_tiny_files(tmp_path):
    folder = tmp_path / "ana"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"m{number}.py").write_bytes(b"1\n")
    write(folder / "losses.py")
    zip_of(tmp_path / "bob.zip", {f"m{number}.py": b"1\n" for number in range(10_000)} | {"losses.py": LOSSES})
    zip_of(tmp_path / "cleo.zip", {f"m{number}.py": b"1\n" for number in range(20_001)} | {"losses.py": LOSSES})
    students = taken(tmp_path)
    for name in ("ana", "bob"):
        assert students[name].files["losses.py"] == LOSSES and len(students[name].files) == 101
        assert students[name].problems == ("There are 10000 Python files: besides the topics' own, 100 were taken.",)
    assert "more than 20000 files" in students["cleo"].problems[0]


def test_an_archive_in_several_gzip_streams_is_read(tmp_path):
    tar = tar_of(tmp_path / "whole", {"losses.py": LOSSES, "scaling.py": SCALING})
    plain = gzip.decompress(tar.read_bytes()) if tar.read_bytes()[:2] == b"\x1f\x8b" else tar.read_bytes()
    tar.unlink()
    parts = [gzip.compress(plain[:700]), gzip.compress(b""), gzip.compress(plain[700:]), bytes(1000)]
    write(tmp_path / "ana.tar.gz", b"".join(parts))
    assert dict(only(tmp_path).files) == {"losses.py": LOSSES, "scaling.py": SCALING}


def test_an_unreadable_file_is_said(tmp_path, monkeypatch):
    write(tmp_path / "ana" / "losses.py")
    write(tmp_path / "ana" / "scaling.py", SCALING)
    real = os.open

    def refused(path, flags, *rest, **named):
        if str(path).endswith("losses.py"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *rest, **named)

    monkeypatch.setattr("grader.classroom.intake.os.open", refused)
    ana = only(tmp_path)
    assert dict(ana.files) == {"scaling.py": SCALING}
    assert ana.problems == ("losses.py cannot be read (Permission denied).",)


def test_many_problems_do_not_pile_up(tmp_path):
    zip_of(tmp_path / "ana.zip", {f"../{number}.py": b"1" for number in range(500)})
    problems = only(tmp_path).problems
    assert len(problems) == archive.MAX_PROBLEMS + 2 and "480 more things of this kind" in problems[-2]


def test_bombs_take_little_memory(tmp_path):
    """In a process of its own that may not have more than 512 MB, the worst archives are still one sentence each."""
    write(tmp_path / "a.tgz", gzip.compress(_large_tar(400 << 20), compresslevel=1))
    zip_of(tmp_path / "b.zip", {"losses.py": bytes(64 << 20)})
    lying_tar(tmp_path / "c.tgz", 3 << 30)
    zip64_directory_bomb(tmp_path / "d.zip")
    lying_zip(tmp_path / "e.zip", zipfile.ZIP_LZMA, 600 << 20)
    code = (
        "import sys\nfrom pathlib import Path\nfrom grader.classroom.intake import take_in\n"
        "from grader.classroom.roster import read_roster\n"
        "for entry in read_roster(Path(sys.argv[1]), ['losses']).entries:\n"
        "    print(len(take_in(entry, {'losses': ('mse',)}).problems))\n"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, preexec_fn=limit, check=False
    )
    assert done.stdout.split() == ["2", "2", "2", "2", "2"], done.stderr


def test_nothing_of_a_submission_runs(tmp_path):
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\n".encode()
    write(tmp_path / "class" / "ana" / "losses.py", trap + LOSSES)
    write(tmp_path / "class" / "ana" / "conftest.py", trap)
    write(tmp_path / "class" / "bob.ipynb", notebook(trap.decode(), "def mse(): pass"))
    write(tmp_path / "class" / "cleo.py", trap + LOSSES)
    taken(tmp_path / "class")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: p / "nowhere", "There is no folder"),
        (lambda p: write(p / "class.zip", b"x"), "is a file: unpack it"),
    ],
)
def test_a_class_that_is_not_there(tmp_path, make, sentence):
    with pytest.raises(RosterError, match=sentence):
        roster_of(make(tmp_path))


# -- the scanner of cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1"),
        ("!pip install numpy", ""),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%bash\nrm -rf /", ""),
        ("%%html\n<b>", ""),
        ("np.sum?", ""),
        ("?np.sum", ""),
        ("files = !ls", "files = None"),
        ("t = %timeit -o f()", "t = None"),
        ("if x:\n    %time f()", "if x:\n    pass"),
        ("x = (a\n% b)", "x = (a\n% b)"),
        ("x = a \\\n% b", "x = a \\\n% b"),
        ('"""\n%matplotlib\n!ls\n"""', '"""\n%matplotlib\n!ls\n"""'),
        ("s = '#' # !\n!ls", "s = '#' # !\n"),
        ("x = a % b\ny = a != b", "x = a % b\ny = a != b"),
    ],
)
def test_magics_are_told_from_python(source, expected):
    assert without_magics(source) == expected


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import numpy as np\nx = 1", 2),
        ("@decorated\n\ndef f():\n    return 1\n\n    # more\nx = 1", 2),
        ("if a:\n    b\nelif c:\n    d\nelse:\n    e\nf", 2),
        ("x = [\n1,\n2,\n]\ny = 2", 2),
        ('def f():\n    """\ntext\n"""\n    return 1\ng', 2),
        ("# a comment\n\nx = 1", 1),
        ("x = ))\ny = 1", 2),
        ("s = 'unclosed\ny = 1", 2),
    ],
)
def test_cells_are_split_into_statements(source, count):
    found = list(statements(source))
    assert len(found) == count
    assert "\n".join(found) == source


def test_names_are_readable_text():
    assert readable("a\ud800b\x1b[31m") == "a?b [31m"
