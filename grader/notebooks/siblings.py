"""The other topics of a notebook: what `from exercises.batchnorm import BatchNorm` means in a notebook about networks.

A student solves each topic in a notebook of its own. The others are looked for beside it, and in the folders of the
other assignments of the same student. They are read, not run, until somebody imports them.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import stat
import sys
import types
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from grader.course import ROOT, the_course
from grader.language import _
from grader.notebooks.cell import cells_of
from grader.notebooks.module import Module, module_of
from grader.subject.library import PACKAGE

MAX_NOTEBOOK = 16 << 20


@cache
def stub_source(topic: str) -> str:
    """The stub of a topic: what its cells say before anybody filled them in."""
    return (ROOT / "exercises" / f"{topic}.py").read_text(encoding="utf-8")


def read_notebook(path: Path) -> Any:
    """A notebook as the JSON that it is.

    Raises
    ------
    OSError, ValueError
        It is no ordinary file, too large, or no JSON.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(_("it is no ordinary file"))
    if status.st_size > MAX_NOTEBOOK:
        raise ValueError(_("it is larger than {limit} MB").format(limit=MAX_NOTEBOOK >> 20))
    try:
        record = json.loads(path.read_bytes().decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError(_("it is nested too deeply")) from error
    if not isinstance(record, dict):
        raise ValueError(_("it is JSON, but no notebook"))
    return record


def places(folder: Path, topic: str) -> Iterator[Path]:
    """Where the notebook of a topic may lie, seen from the folder of another, the nearest first."""
    yield folder / f"{topic}.ipynb"
    yield folder.parent / topic / f"{topic}.ipynb"
    yield from sorted(folder.parent.glob(f"*/{topic}.ipynb"))


def sibling(folder: Path, topic: str) -> Module | None:
    """The module of another topic; None where there is no notebook of it, or none that can be read."""
    for path in places(folder, topic):
        try:
            status = path.lstat()
            return _module_at(path.absolute(), status.st_mtime_ns, status.st_size, topic)
        except (OSError, ValueError):
            continue
    return None


@lru_cache(maxsize=32)
def _module_at(path: Path, _changed: int, _size: int, topic: str) -> Module:
    return module_of(cells_of(read_notebook(path)), the_course().topic(topic), stub_source(topic))


class NoSuchNotebook(ModuleNotFoundError):
    """A notebook imports from a topic of which there is no notebook."""


class _Loader(importlib.abc.Loader):
    def __init__(self, topic: str) -> None:
        self.topic = topic

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        if not self.topic:
            module.__path__ = []
            return
        found = sibling(Path.cwd(), self.topic)
        if found is None:
            text = _("There is no notebook {topic}.ipynb here to import from: put yours beside this one, or write what "
                     "you need here.")  # fmt: skip
            raise NoSuchNotebook(text.format(topic=self.topic))
        exec(compile(found.source, f"{self.topic}.ipynb", "exec"), module.__dict__)


class Finder(importlib.abc.MetaPathFinder):
    """Finds `exercises` and its topics where no folder of that name does."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname == PACKAGE:
            return importlib.machinery.ModuleSpec(fullname, _Loader(""), is_package=True)
        package, _dot, topic = fullname.partition(".")
        if package == PACKAGE and topic in the_course().names:
            return importlib.machinery.ModuleSpec(fullname, _Loader(topic))
        return None


def install() -> None:
    """Make the imports work in this kernel."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.append(Finder())
