"""Where the desk keeps what it knows of a student: the folder `.grader` beside the exercises."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

NAME = ".grader"


def home_of(folder: Path) -> Path:
    """The desk's own folder for a folder of topic modules.

    `exercises/` has `.grader/` beside it; another folder has a part of it to itself, so that two of them do not mix.
    """
    folder = folder.resolve()
    home = folder.parent / NAME
    return home if folder.name == "exercises" else home / folder.name


def write_whole(path: Path, content: bytes, durable: bool = True) -> None:
    """Write a file so that a reader, or a crash, never sees half of it.

    Parameters
    ----------
    path : Path
    content : bytes
    durable : bool
        Wait until the disk has it: for what cannot be had again.

    Raises
    ------
    OSError
        It could not be written; what was there before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode if path.exists() else None
    descriptor, name = tempfile.mkstemp(prefix=path.name + ".", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        if mode is None:
            mask = os.umask(0)
            os.umask(mask)
            mode = 0o666 & ~mask
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
