"""A released kit on its own: an environment that has NumPy and pytest, and not this kit."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

from grader.language import VARIABLE


def bare_environment(folder: Path) -> Path:
    """A virtual environment with this one's packages, except those that are installed for editing. Gives its Python."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(where, "packages.pth").write_text("\n".join(sorted(places)) + "\n", encoding="utf-8")
    return python


def run_in(kit: Path, python: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` in a released kit, as a student does."""
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if name not in (VARIABLE, "PYTHONPATH")},
        "PYTHONIOENCODING": "utf-8",
        **variables,
    }
    return subprocess.run(
        [str(python), *arguments], cwd=kit, env=environment, capture_output=True, text=True, encoding="utf-8",
        check=False, timeout=240,
    )  # fmt: skip


