"""Carries out requests on a student's code, wherever that code lives.

The self-check calls an executor in its own process, the sealed worker serves one over a socket: the same code runs in
both, so both give the same verdicts.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np

from grader.subject.deadline import DeadlineExceeded
from grader.subject.library import PACKAGE, Library, NeedsSibling, NotLoaded
from grader.subject.plain import arrays_in, copy_of, same, to_plain
from grader.subject.props import Prop
from grader.subject.reply import (
    ExerciseReference,
    Frame,
    GeneratorReference,
    Handle,
    Raised,
    RemoteReference,
    Reply,
    Target,
)

MAX_TRACE = 6
MAX_TEXT = 2000
STOPPED = ("unreadable", "syntax", "import")
"""Why a file does not load that costs its stubs nothing."""

_MODULE = re.compile(rf"({PACKAGE}\.)?[^\W\d]\w{{0,99}}")


class Port(Protocol):
    """The way back to the checks: how a student's code calls what a check passed in."""

    def invoke(self, reference: Any, name: str, args: tuple, kwargs: dict) -> Any:
        """Call `reference` (or its method `name`) and return what it gives, plain or a `Remote`."""

    def attribute(self, reference: Any, name: str) -> Any:
        """Read a data attribute of `reference`."""

    def meet(self, reference: RemoteReference) -> None:
        """A prop comes in: it may be played on this side from here on."""


class Remote:
    """A check's own object (a function, an optimizer class, a small model) as the student's code sees it."""

    def __init__(self, reference: Any, methods: tuple[str, ...], executor: Executor) -> None:
        self._remote = (reference, frozenset(methods), executor)
        self._check = executor.check

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("__call__", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        reference, methods, executor = _reached(self)
        if name in methods:
            return lambda *args, **kwargs: self._call(name, args, kwargs)
        return executor.read_back(reference, name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A prop copies itself, so that the best model can be kept; what cannot stays one, as functions do."""
        return self._call("copy", (), {}) if "copy" in _reached(self)[1] else self

    def _call(self, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        reference, _, executor = _reached(self)
        return executor.call_back(reference, name, args, kwargs)


def _reached(remote: Remote) -> tuple[Any, frozenset[str], Executor]:
    """What is behind it; an object of an earlier check has a number that means another object by now."""
    if remote._check != remote._remote[2].check:
        raise RuntimeError("this object was passed to an earlier call, and is gone: use what this call was given")
    return remote._remote


def methods_of(value: Any) -> tuple[str, ...]:
    """The names of the public callables of a check's own object."""
    if isinstance(value, Prop):
        return value._methods
    return tuple(name for name in dir(value) if not name.startswith("_") and callable(getattr(value, name, None)))


class Executor:
    """Loads, calls, reads and sets what a student wrote.

    Parameters
    ----------
    library : Library
        The student's folder.
    port : Port
        The way back to the checks.
    deadline : callable, optional
        Gives a context manager that raises `DeadlineExceeded` inside it when a request takes too long.
    """

    def __init__(
        self,
        library: Library,
        port: Port,
        deadline: Callable[[Target], AbstractContextManager[None]] | None = None,
    ) -> None:
        self._library = library
        self._port = port
        self._deadline = deadline or (lambda target: nullcontext())
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._generators: dict[int, np.random.Generator] = {}
        self.check = 0
        self._kept: list[dict[int, Any]] = []

    def forget(self) -> None:
        """A check begins: numbers begin at 1 again.

        The objects of the checks before it live on, as in a program that holds them: nobody's `__del__` runs, and no
        `id` comes again.
        """
        self.check += 1
        self._kept.append(self._objects)
        self._objects = {}
        self._numbers.clear()
        self._generators.clear()

    # -- requests ------------------------------------------------------------------------------------------------

    def call(self, target: Target, args: tuple = (), kwargs: dict | None = None) -> Reply:
        """Call a function, a class, a class method or a method."""
        kwargs = kwargs or {}
        given_args, given_kwargs = copy_of(args), copy_of(kwargs)
        events: list[str] = []
        changed: list[str] = []

        def run() -> Reply:
            try:
                result = self._run(target, given_args, given_kwargs, events)
            finally:
                changed.extend(_changed(args, given_args, kwargs, given_kwargs))
            aliased = _shares(result, [*given_args, *given_kwargs.values()])
            return self._reply(result, tuple(dict.fromkeys(events)), tuple(changed), aliased)

        reply, raised = self._attempt(target, run)
        return reply or Reply(None, raised, tuple(dict.fromkeys(events)), tuple(changed))

    def get(self, target: Target) -> Reply:
        """Read an attribute or a table."""
        reply, raised = self._attempt(target, lambda: self._reply(self._resolve(target)))
        return reply or Reply(None, raised)

    def set(self, target: Target, value: Any) -> Reply:
        """Set an attribute of an object."""

        def assign() -> None:
            setattr(self._resolve(target[:-1]), target[-1], self._inward(copy_of(value)))

        _, raised = self._attempt(target, assign)
        return Reply(None, raised)

    # -- callbacks -----------------------------------------------------------------------------------------------

    def call_back(self, reference: Any, name: str, args: tuple, kwargs: dict) -> Any:
        """Call something of the check's from the student's code."""
        plain_args = tuple(to_plain(value, self._opaque) for value in args)
        plain_kwargs = {key: to_plain(value, self._opaque) for key, value in kwargs.items()}
        with np.errstate(all="ignore"):  # what happens in there are not the student's floating-point errors
            answer = self._port.invoke(reference, name, plain_args, plain_kwargs)
        return self._inward(answer)

    def read_back(self, reference: Any, name: str) -> Any:
        """Read an attribute of something of the check's from the student's code."""
        return self._inward(self._port.attribute(reference, name))

    # -- inside --------------------------------------------------------------------------------------------------

    def _attempt(self, target: Target, action: Callable[[], Any]) -> tuple[Any, Raised | None]:
        with self._library.imports():
            try:
                with self._deadline(target):
                    return action(), None
            except (KeyboardInterrupt, CheckSideError):
                raise
            except BaseException as error:
                return None, self._explain(target, error)

    def _run(self, target: Target, args: tuple, kwargs: dict[str, Any], events: list[str]) -> Any:
        """The call itself, and the floating-point errors that it meets."""
        function = self._resolve(target)
        if not callable(function):
            raise _NotCallable(type(function).__name__)
        passed = tuple([self._inward(value) for value in args])
        passed_by_name = {name: self._inward(value) for name, value in kwargs.items()}
        with np.errstate(over="call", divide="call", invalid="call", under="ignore", call=_collector(events)):
            try:
                return function(*passed, **passed_by_name)
            except TypeError as error:
                if _binding_failed(error, function, passed, passed_by_name):
                    raise _WrongSignature(_signature(function)) from error
                raise

    def _reply(self, result: Any, events: tuple = (), changed: tuple = (), aliased: bool = False) -> Reply:
        notes: list[str] = []
        value = to_plain(result, self._opaque, notes)
        return Reply(value, None, events, changed, aliased, tuple(dict.fromkeys(notes)))

    def _resolve(self, target: Target) -> Any:
        root, *path = target
        if isinstance(root, int):
            value = self._objects[root]
        else:
            try:
                value = self._library.exercise(root, path.pop(0))
            except KeyError as error:
                raise _NoExercise from error
            except DeadlineExceeded as error:
                self._library.give_up(root, error)
                raise
        for name in path:
            try:
                value = getattr(value, name)
            except AttributeError as error:
                raise _NoAttribute(type(value).__name__, name) from error
        return value

    def _inward(self, value: Any) -> Any:
        """What a check passed, as the student's code receives it."""
        kind = type(value)
        if kind is np.ndarray:
            return value
        if kind is Handle:
            return self._objects[value.number]
        if kind is ExerciseReference:
            try:
                return self._library.exercise(value.topic, value.name)
            except (KeyError, NotLoaded) as error:
                raise NeedsSibling(f"{value.topic}.{value.name}") from error
        if kind is RemoteReference:
            if value.recipe is not None:
                self._port.meet(value)
            return Remote(value.reference, value.methods, self)
        if kind is GeneratorReference:
            return self._generators.setdefault(value.number, np.random.default_rng(value.seed))
        if kind is list or kind is tuple:
            items = [self._inward(item) for item in value]
            unchanged = all(new is old for new, old in zip(items, value, strict=True))
            return value if unchanged else kind(items)
        if kind is dict:
            return {key: self._inward(item) for key, item in value.items()}
        return value

    def _opaque(self, value: Any) -> Any:
        """What stands outside for a student's object."""
        if isinstance(value, Remote):
            reference, methods, _ = _reached(value)
            return RemoteReference(reference, tuple(sorted(methods)))
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._objects) + 1
            self._numbers[id(value)] = number
            self._objects[number] = value
        return Handle(number, type(value).__name__[:100], callable(value))

    def _explain(self, target: Target, error: BaseException) -> Raised:
        if isinstance(error, NotLoaded):
            cause = error.cause
            if error.kind in STOPPED and self._library.is_untouched(*target[:2]):
                return Raised("to_do", detail=".".join(target[:2]))
            if isinstance(cause, NeedsSibling):
                return Raised("needs", detail=cause.exercise)
            return self._raised(error.kind, cause) if cause is not None else Raised(error.kind)
        if isinstance(error, DeadlineExceeded):
            return Raised("deadline", trace=self._trace(error))
        if isinstance(error, _Problem):
            cause = error.__cause__
            trace = self._trace(cause) if cause is not None else ()
            message = _text(cause) if cause is not None else ""
            return Raised(error.kind, message=message, detail=error.detail, trace=trace)
        if isinstance(error, NeedsSibling):
            return Raised("needs", detail=error.exercise, trace=self._trace(error))
        if isinstance(error, NotImplementedError):
            return self._not_implemented(target, error)
        return self._raised("exception", error)

    def _not_implemented(self, target: Target, error: NotImplementedError) -> Raised:
        message = _text(error)
        topic, _, name = message.partition(".")
        known = name in self._library.names.get(topic, ())
        own = not known or isinstance(target[0], int) or (topic, name) == tuple(target[:2])
        if own:
            return Raised("to_do", detail=message)
        return Raised("needs", detail=message, trace=self._trace(error))

    def _raised(self, kind: str, error: BaseException) -> Raised:
        bases = tuple(base.__name__ for base in type(error).__mro__[:10])
        trace = self._trace(error)
        if isinstance(error, SyntaxError) and isinstance(error.filename, str):
            trace = (*trace, Frame(_name(error.filename), error.lineno or 0, "", str(error.text or "").strip()[:200]))
        message = error.msg if isinstance(error, SyntaxError) else _text(error)
        return Raised(kind, type(error).__name__[:100], bases, str(message)[:MAX_TEXT], _not_found(error), trace)

    def _trace(self, error: BaseException) -> tuple[Frame, ...]:
        frames: list[Frame] = []
        step: types.TracebackType | None = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            if self._library.owns(code.co_filename):
                text = self._library.source_line(code.co_filename, step.tb_lineno)[:200]
                frames.append(Frame(_name(code.co_filename), step.tb_lineno, code.co_name, text))
            step = step.tb_next
        return tuple(frames[-MAX_TRACE:])


class CheckSideError(BaseException):
    """Something of the check's own failed while the student's code called it: not the student's fault."""


class _Problem(Exception):
    kind = ""

    def __init__(self, *detail: str) -> None:
        super().__init__(*detail)
        self.detail = ".".join(detail)


class _NotCallable(_Problem):
    kind = "not_callable"


class _WrongSignature(_Problem):
    kind = "signature"


class _NoExercise(_Problem):
    kind = "no_exercise"


class _NoAttribute(_Problem):
    kind = "no_attribute"


def _collector(events: list[str]) -> Callable[[str, int], None]:
    return lambda name, flag: events.append(name)


def _binding_failed(error: TypeError, function: Any, args: tuple, kwargs: dict) -> bool:
    """Whether a call failed because the arguments do not fit the signature, rather than inside the function."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return True
    except ValueError:
        return False
    return False


def _signature(function: Any) -> str:
    """The parameters as the student wrote them, without annotations."""
    try:
        signature = inspect.signature(function)
        parameters = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
        return str(signature.replace(parameters=parameters, return_annotation=signature.empty))[:300]
    except (TypeError, ValueError):
        return ""


def _changed(args: tuple, given_args: tuple, kwargs: dict[str, Any], given_kwargs: dict[str, Any]) -> list[str]:
    """The arguments that are not as they were, by position or name."""
    changed = [str(i) for i, (a, b) in enumerate(zip(args, given_args, strict=True)) if not same(a, b)]
    return changed + [name for name in kwargs if not same(kwargs[name], given_kwargs[name])]


def _shares(result: Any, given: list) -> bool:
    outputs = arrays_in(result)
    if not outputs:
        return False
    inputs = [array for value in given for array in arrays_in(value)]
    return any(np.may_share_memory(out, array) for out in outputs for array in inputs if out.size and array.size)


def _not_found(error: BaseException) -> str:
    """The module that an import looked for in vain, `exercises.x` or `x`; empty where something else went wrong."""
    name = error.name if type(error) in (ModuleNotFoundError, ImportError) else None  # type: ignore[attr-defined]
    if type(error) is ModuleNotFoundError and _text(error) != f"No module named {name!r}":
        return ""  # whoever raised it has more to say
    if type(error) is ImportError:  # `from exercises import x` and `from . import x`
        found = re.match(r"cannot import name '(\w+)'", _text(error))
        name = f"{PACKAGE}.{found[1]}" if found and name == PACKAGE else None
    return name if isinstance(name, str) and _MODULE.fullmatch(name) else ""


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException:
        return ""


def _name(filename: str) -> str:
    return filename.replace("\\", "/").rsplit("/", 1)[-1]
