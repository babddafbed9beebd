"""Archives that strangers made, read without trusting a word of them.

Nothing is unpacked to disk. Only Python files and notebooks are read, each bounded by what really comes out rather than
by what the archive says; everything that is wrong becomes a sentence in `problems`.
"""

from __future__ import annotations

import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from grader.classroom.roster import SOURCES, readable, suffix_of
from grader.language import _

if TYPE_CHECKING:
    from typing_extensions import Self

MAX_ARCHIVE = 64 << 20
MAX_DIRECTORY = 4 << 20
MAX_MEMBERS = 20_000
MAX_SOURCE = 512 << 10
MAX_NOTEBOOK = 16 << 20
MAX_TOTAL = 32 << 20
MAX_UNPACKED = 256 << 20
MAX_HEADER = 1 << 20
MAX_HEADERS = 16 << 20
MAX_RATIO = 200
MAX_DEPTH = 8
MAX_PROBLEMS = 20
MAX_STREAMS = 1_000
CHUNK = 1 << 16


class Shelf:
    """Python files and notebooks by their relative names, as they were found in one place."""

    def __init__(self) -> None:
        self.files: dict[PurePosixPath, bytes] = {}
        self.problems: list[str] = []
        self.seen = 0
        self.total = 0
        self.skipped_problems = 0

    def complain(self, sentence: str) -> None:
        """Keep a sentence, once, and not without end."""
        if sentence in self.problems:
            return
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(sentence)
        else:
            self.skipped_problems += 1

    def put(self, name: PurePosixPath, content: bytes) -> None:
        """Keep a file."""
        if name in self.files:
            self.complain(_("{name} is in the archive twice: the last one counts.").format(name=name))
        self.total += len(content)
        self.files[name] = content

    def has_room(self, name: PurePosixPath, size: int) -> bool:
        """Whether a file of this size may still be taken; says so where it may not."""
        limit = size_limit(name)
        if size > limit:
            self.complain(_("{name} is larger than {limit} KB and was not read.").format(name=name, limit=limit >> 10))
            return False
        if self.total + size > MAX_TOTAL:
            self.complain(_("The files are larger than {limit} MB together: not all of them were read.").format(
                limit=MAX_TOTAL >> 20))  # fmt: skip
            return False
        return True


def size_limit(name: PurePosixPath) -> int:
    """The largest size that a file may have: notebooks carry their pictures with them."""
    return MAX_NOTEBOOK if name.suffix.lower() == ".ipynb" else MAX_SOURCE


def relative_name(text: str) -> PurePosixPath | None:
    """A name inside an archive as a relative path; None where it points out of it or cannot be a path."""
    text = text.replace("\\", "/")
    if text.startswith("/") or "\0" in text or text[1:2] == ":":
        return None
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        return None
    return PurePosixPath(*parts)


def is_wanted(name: PurePosixPath) -> bool:
    """Whether a file may matter: Python or a notebook, at no absurd place."""
    return bool(suffix_of(name.name, SOURCES)) and len(name.parts) <= MAX_DEPTH and len(name.name) <= 200


def read_archive(file: BinaryIO, size: int, shelf: Shelf) -> None:
    """Put the Python files and notebooks of an archive on a shelf.

    Parameters
    ----------
    file : binary file
        Open for reading; its content decides what kind of archive it is, not its name.
    size : int
        Its size in bytes.
    shelf : Shelf
        Receives files and problems. Nothing is raised for anything that the archive holds.
    """
    start = file.read(512)
    file.seek(0)
    if size > MAX_ARCHIVE:
        shelf.complain(_("The archive is larger than {limit} MB and was not opened.").format(limit=MAX_ARCHIVE >> 20))
    elif start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with _explained(shelf):
            _read_zip(file, size, shelf)
    elif start.startswith(b"\x1f\x8b"):
        with _explained(shelf):
            _read_tar(_Unzipped(file), size, shelf)
    elif start[257:262] == b"ustar":
        with _explained(shelf):
            _read_tar(file, size, shelf)
    elif not start:
        shelf.complain(_("The archive is an empty file."))
    else:
        shelf.complain(_("The archive is neither a .zip nor a .tar.gz file, whatever its name says."))


@contextmanager
def _explained(shelf: Shelf) -> Iterator[None]:
    """Turn everything that reading a broken archive can raise into a sentence."""
    try:
        yield
    except _TooLarge as error:
        shelf.complain(str(error))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, struct.error) as error:
        shelf.complain(_("The archive is damaged ({error}).").format(error=readable(str(error))[:200]))
    except (ValueError, KeyError, IndexError, OverflowError, RecursionError, MemoryError, NotImplementedError) as error:
        # What zipfile and tarfile let through on forged headers.
        shelf.complain(_("The archive is damaged ({error}).").format(error=type(error).__name__))


class _TooLarge(Exception):
    """An archive that unpacks to more than anybody hands in."""


def _too_many() -> _TooLarge:
    return _TooLarge(_("The archive holds more than {limit} files and was not opened.").format(limit=MAX_MEMBERS))


def _bomb(size: int, unpacked: int) -> _TooLarge:
    text = _("The archive of {size} KB unpacks to more than {unpacked} MB and was not read to its end.")
    return _TooLarge(text.format(size=size >> 10, unpacked=unpacked >> 20))


# -- zip ---------------------------------------------------------------------------------------------------------------


def _read_zip(file: BinaryIO, size: int, shelf: Shelf) -> None:
    # `zipfile` makes an object for each line of the directory: its size is looked at before.
    if _directory_size(file, size) > MAX_DIRECTORY:
        raise _too_many()
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise _too_many()
        shelf.seen += len(members)
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED and unpacked > MAX_RATIO * size:
            raise _bomb(size, MAX_UNPACKED)
        for member in members:
            _read_zip_member(archive, member, shelf)


def _directory_size(file: BinaryIO, size: int) -> int:
    """The size of a zip file's central directory, as its last record gives it."""
    length = min(size, 22 + 0xFFFF + 20)
    file.seek(size - length)
    tail = file.read(length)
    file.seek(0)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise zipfile.BadZipFile("no end of central directory")
    directory = struct.unpack_from("<L", tail, place + 12)[0]
    if place >= 20 and tail[place - 20 : place - 16] == b"PK\x06\x07":
        offset = struct.unpack_from("<Q", tail, place - 12)[0]
        file.seek(min(offset, size))
        record = file.read(56)
        file.seek(0)
        if len(record) == 56 and record[:4] == b"PK\x06\x06":
            directory = max(directory, struct.unpack_from("<Q", record, 40)[0])
    return directory


def _read_zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, shelf: Shelf) -> None:
    name = relative_name(member.filename)
    if name is None:
        _outside(member.filename, shelf)
        return
    if stat.S_ISLNK(member.external_attr >> 16):
        _link(name, shelf)
        return
    if member.is_dir() or not is_wanted(name):
        return
    if member.flag_bits & 0x1:
        shelf.complain(_("The archive is encrypted: hand it in without a password."))
        return
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # `zipfile` bounds only what comes out of these: of the others a few KB can become all of the memory.
        shelf.complain(_("{name} is compressed in a way that is not opened: make the archive again as an ordinary .zip "
                         "file.").format(name=name))  # fmt: skip
        return
    if not shelf.has_room(name, member.file_size):
        return
    try:
        with archive.open(member) as stream:
            content = _read_bounded(stream, name, shelf)
    except (OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile, ValueError) as error:
        shelf.complain(_("{name} in the archive is damaged ({error}).").format(
            name=name, error=readable(str(error))[:200] or type(error).__name__))  # fmt: skip
        return
    if content is not None:
        shelf.put(name, content)


def _read_bounded(stream: IO[bytes], name: PurePosixPath, shelf: Shelf) -> bytes | None:
    content = stream.read(size_limit(name) + 1)
    return content if shelf.has_room(name, len(content)) else None


def _outside(text: str, shelf: Shelf) -> None:
    shelf.complain(_("The archive names a place outside itself ({name}): that file was left out.").format(
        name=readable(text)[:100]))  # fmt: skip


def _link(name: PurePosixPath, shelf: Shelf) -> None:
    shelf.complain(_("{name} is a link, which is not followed: hand in the file itself.").format(name=name))


# -- tar ---------------------------------------------------------------------------------------------------------------


class _Unzipped:
    """What a gzip file holds. Not `gzip`, which looks for the next byte through millions of empty streams."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._stream = zlib.decompressobj(31)
        self._streams = 1

    def read(self, size: int) -> bytes:
        """Some of what comes next, at most `size` bytes; nothing at the end."""
        content = b""
        while not content:
            if self._stream.eof and not self._next_stream():
                break
            packed = self._stream.unconsumed_tail or self._file.read(CHUNK)
            if not packed:
                raise EOFError("it ends too early")
            content = self._stream.decompress(packed, size)
        return content

    def _next_stream(self) -> bool:
        """Go on to the stream behind one that has ended, if there is one; zeros may lie between them."""
        rest = self._stream.unused_data.lstrip(b"\0")
        while not rest and (packed := self._file.read(CHUNK)):
            rest = packed.lstrip(b"\0")
        self._streams += 1
        if self._streams > MAX_STREAMS:
            raise tarfile.ReadError("too many parts")
        self._stream = zlib.decompressobj(31)
        if rest:
            self._file.seek(-len(rest), 1)
        return bool(rest)


class _Bounded:
    """A stream that ends with `_TooLarge` once more came out of it than anybody hands in."""

    def __init__(self, stream: Any, size: int) -> None:
        self._stream = stream
        self._size = size
        self._left = MAX_UNPACKED

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise _bomb(self._size, MAX_UNPACKED)
        return content


class _Member(tarfile.TarInfo):
    """A header that is refused before tarfile believes its size."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)  # type: ignore[arg-type]
        is_file = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
        if member.size < 0 or not is_file and member.size > MAX_HEADER:
            # tarfile reads long names and extended headers whole, however long they say they are.
            raise tarfile.ReadError("a header of an impossible size")
        if member.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("a file with holes")
        return member

    def _proc_pax(self, archive: _Tar) -> tarfile.TarInfo:
        archive.headers_left -= self.size
        if archive.headers_left < 0:
            raise tarfile.ReadError("headers of an impossible size")
        return super()._proc_pax(archive)  # type: ignore[misc]

    def _proc_gnusparse_10(self, *_arguments: object) -> None:
        # tarfile would read a list of places as long as whoever made it likes, a number at a time.
        raise tarfile.ReadError("a file with holes")


class _Tar(tarfile.TarFile):
    """An archive whose extended headers are bounded all together: each of their words is read one by one."""

    tarinfo = _Member
    headers_left = MAX_HEADERS


def _read_tar(stream: Any, size: int, shelf: Shelf) -> None:
    source: Any = _Bounded(stream, size)
    with _Tar.open(fileobj=source, mode="r|", bufsize=1 << 16) as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # what is past is not needed, and would pile up
            shelf.seen += 1
            if shelf.seen > MAX_MEMBERS:
                raise _too_many()
            _read_tar_member(archive, member, shelf)


def _read_tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo, shelf: Shelf) -> None:
    name = relative_name(member.name)
    if name is None:
        _outside(member.name, shelf)
        return
    if member.issym() or member.islnk():
        _link(name, shelf)
        return
    if not is_wanted(name) or member.isdir():
        return
    if not member.isreg():
        shelf.complain(_("{name} is no ordinary file and was left out.").format(name=name))
        return
    if member.size < 0 or not shelf.has_room(name, member.size):
        return
    stream = archive.extractfile(member)
    content = _read_bounded(stream, name, shelf) if stream is not None else None
    if content is not None:
        shelf.put(name, content)
