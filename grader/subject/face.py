"""What `from exercises import losses` gives inside a check: stand-ins that pass each use on to the subject.

A check calls `losses.mse(y, y_hat)` as if the student's module were there. The stand-ins ask the *current run* to do
it, so the tests are imported once and can be pointed at any number of submissions.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from grader.subject.library import PACKAGE
from grader.subject.method import SIGNATURES
from grader.subject.reply import ExerciseReference, Handle, Target


class Run(Protocol):
    """The run of one check, which the stand-ins talk to."""

    def call(self, target: Target, label: str, args: tuple, kwargs: dict[str, Any]) -> Any: ...

    def get(self, target: Target, label: str) -> Any: ...

    def set(self, target: Target, label: str, value: Any) -> None: ...


_current: list[Run] = []


def current_run() -> Run:
    """The run of the check that is under way."""
    if not _current:
        raise RuntimeError("exercises can be used inside a check only (a test function marked with @check)")
    return _current[-1]


@contextmanager
def running(run: Run) -> Iterator[None]:
    """Make `run` the current one."""
    _current.append(run)
    try:
        yield
    finally:
        _current.pop()


class CallableFace:
    """A function, class or method of the student's."""

    def __init__(self, target: Target, label: str) -> None:
        self._target = target
        self._label = label

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return current_run().call(self._target, self._label, args, kwargs)

    def __repr__(self) -> str:
        return self._label


class ExerciseFace(CallableFace):
    """An exercise: callable, and its attributes (`StandardScaler.load`) are too."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return CallableFace((*self._target, name), f"{self._label}.{name}")

    @property
    def reference(self) -> ExerciseReference:
        return ExerciseReference(*self._target)


class ObjectFace:
    """An object of the student's, such as a `BatchNorm`; it stays on the student's side."""

    def __init__(self, handle: Handle) -> None:
        object.__setattr__(self, "_handle", handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in SIGNATURES:
            return CallableFace((self._handle.number, name), self._label(name))
        value = current_run().get((self._handle.number, name), self._label(name))
        if isinstance(value, ObjectFace) and value._handle.callable:
            return CallableFace((self._handle.number, name), self._label(name))
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        current_run().set((self._handle.number, name), self._label(name), value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return current_run().call((self._handle.number,), self._handle.type_name, args, kwargs)

    def _label(self, name: str) -> str:
        return f"{self._handle.type_name}.{name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectFace) and other._handle.number == self._handle.number

    def __hash__(self) -> int:
        return hash(self._handle.number)

    def __repr__(self) -> str:
        return f"<{self._handle.type_name} object>"


class TopicFace(types.ModuleType):
    """A topic module: its attributes are the exercises, tables are read at each use."""

    def __init__(self, topic: str, forms: Mapping[str, str]) -> None:
        super().__init__(f"{PACKAGE}.{topic}")
        self.__dict__["_topic"] = topic
        self.__dict__["_forms"] = dict(forms)

    def __getattr__(self, name: str) -> Any:
        topic, forms = self.__dict__["_topic"], self.__dict__["_forms"]
        if name not in forms:
            raise AttributeError(f"the course has no exercise {topic}.{name}")
        if forms[name] == "table":
            return current_run().get((topic, name), name)
        return ExerciseFace((topic, name), name)


@contextmanager
def faces(forms: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """While this is open, importing `exercises` gives stand-ins.

    Parameters
    ----------
    forms : mapping of str to mapping of str to str
        For each topic, the form (`function`, `class` or `table`) of each exercise.
    """
    package = types.ModuleType(PACKAGE)
    package.__path__ = []
    stand_ins: dict[str, types.ModuleType] = {PACKAGE: package}
    for topic, names in forms.items():
        face = TopicFace(topic, names)
        setattr(package, topic, face)
        stand_ins[f"{PACKAGE}.{topic}"] = face
    outside = {name: sys.modules.get(name) for name in stand_ins}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in outside.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
