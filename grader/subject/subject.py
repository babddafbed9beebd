"""The code under test behind one face, wherever it runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from grader.subject.deadline import deadline
from grader.subject.executor import CheckSideError, Executor, methods_of
from grader.subject.library import Library
from grader.subject.plain import to_plain
from grader.subject.reply import RemoteReference, Reply, Target

DEFAULT_TIMEOUT = 10.0


class Subject(Protocol):
    """What the checks need of a submission: three requests, and a folder it may write in."""

    def begin(self) -> None:
        """A check begins: the objects that the ones before it were given are forgotten."""

    def call(self, target: Target, args: tuple, kwargs: dict[str, Any]) -> Reply:
        """Call a function, class or method."""

    def get(self, target: Target) -> Reply:
        """Read an attribute or a table."""

    def set(self, target: Target, value: Any) -> Reply:
        """Set an attribute."""

    def refer(self, value: Any) -> RemoteReference:
        """Let the submission call an object of the check's own."""

    def scratch(self) -> str:
        """The path of a folder in which the submission may write."""

    def close(self) -> None:
        """Let go of everything."""


class LocalPort:
    """The way back to the checks inside one process."""

    def invoke(self, reference: Any, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        try:
            function = reference if name == "__call__" else getattr(reference, name)
            return self.outward(function(*args, **kwargs))
        except RecursionError:  # it was the student's stack that was full
            raise
        except Exception as error:
            raise CheckSideError from error

    def attribute(self, reference: Any, name: str) -> Any:
        try:
            return self.outward(getattr(reference, name))
        except RecursionError:
            raise
        except Exception as error:
            raise CheckSideError from error

    def meet(self, reference: RemoteReference) -> None:
        """In one process a prop is called like everything else."""

    @staticmethod
    def outward(value: Any) -> Any:
        return to_plain(value, refer)


def refer(value: Any) -> RemoteReference:
    """A reference to a check's own object, for code in the same process."""
    return value if isinstance(value, RemoteReference) else RemoteReference(value, methods_of(value))


class LocalSubject:
    """A folder of topic modules, run in this process: the self-check.

    Parameters
    ----------
    folder : Path
        Holds the topic modules.
    names : mapping of str to sequence of str
        The exercises of each topic.
    timeout : float
        Seconds that one request may take. After an exercise has run out of time once, a tenth of it.
    overrides : mapping of (topic, exercise) to object, optional
        Objects that take the place of the folder's own.
    """

    def __init__(
        self,
        folder: Path,
        names: Mapping[str, tuple[str, ...]],
        timeout: float = DEFAULT_TIMEOUT,
        overrides: Mapping[tuple[str, str], Any] | None = None,
    ) -> None:
        self.library = Library(folder, names, overrides)
        self._timeout = timeout
        self._slow: set[Any] = set()
        self._scratch: str | None = None
        self._executor = Executor(self.library, LocalPort(), self._deadline)

    def begin(self) -> None:
        self._executor.forget()

    def call(self, target: Target, args: tuple, kwargs: dict[str, Any]) -> Reply:
        return self._noted(target, self._executor.call(target, args, kwargs))

    def get(self, target: Target) -> Reply:
        return self._noted(target, self._executor.get(target))

    def set(self, target: Target, value: Any) -> Reply:
        return self._noted(target, self._executor.set(target, value))

    def refer(self, value: Any) -> RemoteReference:
        return refer(value)

    def scratch(self) -> str:
        if self._scratch is None:
            self._scratch = tempfile.mkdtemp(prefix="grader-")
        return self._scratch

    def close(self) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def _deadline(self, target: Target) -> AbstractContextManager[None]:
        return deadline(self._timeout / 10 if target[:2] in self._slow else self._timeout)

    def _noted(self, target: Target, reply: Reply) -> Reply:
        if reply.raised is not None and reply.raised.kind == "deadline":
            self._slow.add(target[:2])
        return reply
