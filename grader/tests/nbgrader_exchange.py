"""Sends an assignment through nbgrader's exchange and back, each step by nbgrader's own command.

    python nbgrader_exchange.py COURSE EXCHANGE STUDENT_FOLDER

Started in the environment that has nbgrader. The commands run in one process, because each start takes seconds: the
instructor releases `losses`, a student fetches it, solves it (the answer lies in STUDENT_FOLDER/answer.ipynb) and
submits it, the instructor collects it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from nbgrader.apps import NbGraderApp
from traitlets.config import Application


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run one command of nbgrader's in a folder."""
    os.chdir(folder)
    if Application.initialized():
        type(Application.instance()).clear_instance()
    try:
        NbGraderApp.launch_instance(argv=[*arguments, f"--Exchange.root={exchange}", "--Exchange.cache=cache"])
    except SystemExit as error:
        if error.code:
            sys.exit(f"nbgrader {' '.join(arguments)}: {error.code}")


course, exchange, student = map(Path, sys.argv[1:])
nbgrader(course, "release_assignment", "losses")
nbgrader(student, "fetch_assignment", "losses", f"--course={course.name}")
shutil.copyfile(student / "answer.ipynb", student / "losses" / "losses.ipynb")
nbgrader(student, "submit", "losses", f"--course={course.name}")
nbgrader(course, "collect", "losses")
