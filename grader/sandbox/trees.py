"""Folders that a submission had its hands on: copied in, measured and removed without following where it leads."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAX_FILES = 500
MAX_BYTES = 32 << 20
MAX_DEPTH = 6
LONG_PATH = 3_000


@dataclass(frozen=True)
class Size:
    """What lies in a folder."""

    files: int
    bytes: int


def copy_submission(source: Path, target: Path) -> list[str]:
    """Copy the regular files of a submission; links, sockets and devices are left out.

    Returns
    -------
    list of str
        What was left out because it was too much, by name.
    """
    left_out: list[str] = []
    files = size = 0
    pending = [(Path(source), Path(target), 0)]
    while pending:
        here, there, depth = pending.pop()
        there.mkdir(exist_ok=True)
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            left_out.append(here.name)
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__" and depth < MAX_DEPTH:
                    pending.append((here / entry.name, there / entry.name, depth + 1))
                continue
            if not entry.is_file(follow_symlinks=False):
                continue
            data = None if files >= MAX_FILES else _read(here / entry.name, MAX_BYTES - size)
            if data is None:
                left_out.append(entry.name)
                continue
            files, size = files + 1, size + len(data)
            (there / entry.name).write_bytes(data)
    return left_out


def _read(path: Path, limit: int) -> bytes | None:
    """The bytes of a regular file of at most `limit` bytes; None for any other."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
    except OSError:
        return None
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return None
        data = file.read(limit + 1)
    return data if len(data) <= limit else None


def size_of(folder: str, limit: Size) -> Size:
    """What lies in a folder, counted until it is more than `limit`."""
    files = size = 0
    pending = [folder]
    while pending and files <= limit.files and size <= limit.bytes:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    files += 1
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    else:
                        size += _room(entry.stat(follow_symlinks=False))
                    if files > limit.files or size > limit.bytes:
                        break
        except FileNotFoundError:
            continue
        except OSError:  # a path too long, a folder that cannot be read: more than is due to anybody
            return Size(limit.files + 1, size)
    return Size(files, size)


def removed_but_open(process: int) -> int:
    """The bytes of the files that a process holds open although they lie in no folder any more; Linux alone tells."""
    found: dict[tuple[int, int], int] = {}
    with suppress(OSError):  # it has ended, or may not be looked at
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                status = descriptor.stat()
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    found[status.st_dev, status.st_ino] = _room(status)
    return sum(found.values())


def _room(status: os.stat_result) -> int:
    """What a file takes: there may be more of it than its size tells, beyond its end."""
    return max(status.st_size, 512 * getattr(status, "st_blocks", 0))


def remove_tree(folder: str) -> None:
    """Remove a folder whatever is in it: nested deeper than Python recurses, or without permissions."""
    raised = 0
    todo = [Path(folder)]
    with suppress(OSError):
        if Path(folder).is_symlink():
            Path(folder).unlink()
            return
        while todo:
            here = todo[-1]
            deeper = _empty(here)
            if deeper is None:
                here.rmdir()
                todo.pop()
            elif len(str(here)) < LONG_PATH:
                todo.append(deeper)
            else:  # bring what lies too deep up to the top, where its path is short
                raised += 1
                deeper.rename(Path(folder, f"raised-{raised}"))
                todo = [Path(folder)]


def _empty(folder: Path) -> Path | None:
    """Remove what is in a folder up to the first folder in it, which is returned."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        folder.chmod(0o700)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                return Path(entry.path)
            Path(entry.path).unlink()
    return None
