"""Places in files, as editors and terminals understand them."""

from __future__ import annotations

from pathlib import Path


def short_path(path: Path) -> str:
    """A path as seen from where the command was typed."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def place(path: Path, line: int = 0) -> str:
    """A file, and a line of it unless that is 0."""
    return f"{short_path(path)}:{line}" if line else short_path(path)
