"""Loads the worker's own modules with `builtins` of their own, so that a submission cannot replace theirs."""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

KIT = ("grader.subject", "grader.sandbox")


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, names: dict[str, Any]) -> None:
        self._loader = loader
        self._names = names

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = self._names
        self._loader.exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self) -> None:
        self._names = dict(vars(builtins))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(KIT):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._names)
        return spec


def start(entry: str) -> None:
    """Import the fork server in this fresh interpreter and run its function `entry`."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    from grader.sandbox import forkserver

    sys.meta_path.remove(finder)
    getattr(forkserver, entry)()
