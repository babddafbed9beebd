"""The graded suite: the checks as records, and the one way to run a check on a subject."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.answers.answers import AnswerMissing, Answers
from grader.checks import sentences
from grader.checks.run import CheckFailed, CheckRun, ExerciseRaised, ToDo, show
from grader.course import ROOT, Course
from grader.language import _
from grader.misconceptions.transcript import Entry, transcript
from grader.result import ERROR, FAILED, PASSED, TO_DO, CheckResult, Failure
from grader.subject.executor import CheckSideError
from grader.subject.face import running
from grader.subject.subject import Subject

SCRATCH = "scratch"
FIXTURES = ("rng", "pytorch", SCRATCH)
"""What a check may ask for by parameter name: seeded numbers, PyTorch's answers, a folder to write in."""


@dataclass(frozen=True)
class Check:
    """One graded test function with its parameters."""

    id: str
    topic: str
    exercise: str
    kind: str
    title: str
    points: int
    random: bool
    function: Callable[..., None] = field(compare=False, repr=False)
    arguments: dict[str, Any] = field(compare=False, repr=False)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The `FIXTURES` that it asks for."""
        code = self.function.__code__
        return tuple(name for name in FIXTURES if name in code.co_varnames[: code.co_argcount])

    @property
    def exercise_id(self) -> str:
        return f"{self.topic}.{self.exercise}"


@dataclass(frozen=True)
class Outcome:
    """A verdict, and what the diagnosis needs to explain it."""

    result: CheckResult
    entries: tuple[Entry, ...]
    error: BaseException | None = field(default=None, compare=False)


def check_id(nodeid: str) -> str:
    """The id of a check: its file and function, whatever folder pytest was started in."""
    path, _separator, rest = nodeid.partition("::")
    return f"{path.rsplit('/', 1)[-1]}::{rest}"


def check_of(item: Any) -> Check | None:
    """The check that a pytest item is; None for an ordinary test."""
    mark = item.get_closest_marker("check")
    if mark is None:
        return None
    arguments = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    return Check(
        id=check_id(item.nodeid),
        topic=Path(item.path).stem.removeprefix("test_"),
        exercise=mark.kwargs["exercise"],
        kind=mark.kwargs["kind"],
        title=_title(item.function, arguments),
        points=mark.kwargs["points"],
        random=mark.kwargs["random"],
        function=item.function,
        arguments=arguments,
    )


def check_title(name: str, docstring: str | None) -> str:
    """The claim of a check in English: the first paragraph of its docstring, else its name."""
    text = docstring or name.removeprefix("test_").replace("_", " ")
    return " ".join(text.split("\n\n")[0].split())


def _title(function: Callable, arguments: dict[str, Any]) -> str:
    title = _(check_title(function.__name__, inspect.getdoc(function)))
    if "{" in title:
        title = title.format(**{name: _told(value) for name, value in arguments.items()})
    return title


def _told(argument: Any) -> Any:
    """An argument of a check as its title says it: words are translated, a name is a name in every language."""
    told = getattr(argument, "__name__", argument)
    return _(told) if isinstance(told, str) and " " in told else told


def run_check(
    check: Check, course: Course, subject: Subject, answers: Answers, seed: int, transcribe: bool = False
) -> Outcome:
    """Run one check.

    Parameters
    ----------
    check : Check
    course : Course
    subject : Subject
        The code under test.
    answers : Answers
        PyTorch's, for this check and seed.
    seed : int
    transcribe : bool, optional
        Keep the transcript of a check that passes, too; of one that fails it is always kept.

    Returns
    -------
    Outcome
        Never raises for anything that the student's code does.
    """
    subject.begin()
    run = CheckRun(course, subject, check.topic, check.exercise, check.id, seed)
    fixtures = {"rng": lambda: run.rng, "pytorch": lambda: answers, SCRATCH: subject.scratch}
    arguments = {**check.arguments, **{name: fixtures[name]() for name in check.wanted}}
    status, failure, error = _judge(check, run, arguments)
    result = CheckResult(
        id=check.id,
        topic=check.topic,
        exercise=check.exercise,
        kind=check.kind,
        title=check.title,
        status=status,
        maximum=check.points,
        failure=failure,
        advice=() if isinstance(error, ExerciseRaised) else tuple(run.advice),  # what came back is not at fault
    )
    entries = tuple(transcript(run.trail, check.random)) if transcribe or status == FAILED else ()
    return Outcome(result, entries, error)


def _judge(check: Check, run: CheckRun, arguments: dict[str, Any]) -> tuple[str, Failure | None, BaseException | None]:
    try:
        with running(run):
            check.function(**arguments)
    except ToDo as stub:
        return TO_DO, None, stub
    except (CheckFailed, ExerciseRaised) as problem:
        return FAILED, problem.failure, problem
    except AssertionError as problem:
        return FAILED, _plain_assertion(run, problem), problem
    except AnswerMissing as problem:
        return ERROR, Failure("answer_missing", str(problem)), problem
    except CheckSideError as problem:
        return FAILED, _check_broke(run, problem.__cause__), problem
    except Exception as problem:
        return FAILED, _check_broke(run, problem), problem
    return PASSED, None, None


def _plain_assertion(run: CheckRun, problem: AssertionError) -> Failure:
    message = _(str(problem).split("\nassert ")[0].strip())
    call = run.calls[-1] if run.calls else None
    return Failure("claim", message, run.written(call) if call else "", run.inputs(call) if call else ())


def _check_broke(run: CheckRun, problem: BaseException | None) -> Failure:
    """The check could not go on with what it was given: that is said, and no points are given."""
    call = run.calls[-1] if run.calls else None
    text, inputs = (run.written(call), run.inputs(call)) if call else ("", ())
    if call is not None and call.value is None:
        return Failure("none", sentences.returned_none(text), text, inputs)
    error = f"{type(problem).__name__}: {problem}"
    got = show(call.value) if call else ""
    return Failure("unusable", sentences.unusable(text or run.exercise, error), text, inputs, got=got)


class _Collector:
    """A pytest plugin that keeps the collected items and runs nothing."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.stopped = False

    def pytest_collection_finish(self, session: Any) -> None:
        self.checks = [check for check in map(check_of, session.items) if check is not None]

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        self.stopped = excinfo.type is KeyboardInterrupt  # and not one of pytest's own, for a file that does not load


class SuiteError(Exception):
    """The suite itself does not load."""


@contextlib.contextmanager
def _without_other_plugins() -> Iterator[None]:
    """Keep what else is installed for pytest out: it could reorder the checks, and takes seconds to load."""
    names = ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ[names[0]] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def collect(paths: Iterable[Path]) -> list[Check]:
    """Collect the checks of some test files or folders, as pytest finds them.

    Raises
    ------
    SuiteError
        A test file does not load.
    KeyboardInterrupt
        Somebody pressed Ctrl-C meanwhile, which pytest keeps to itself.
    """
    import io

    import pytest

    collector = _Collector()
    output = io.StringIO()
    settings = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    plugins = ["no:cacheprovider", "no:unraisableexception", "grader.plugin"]  # the second collects garbage for long
    options = ["--collect-only", "-q", *(word for name in plugins for word in ("-p", name)), *settings]
    arguments = [*options, *(str(path) for path in paths)]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), _without_other_plugins():
        status = pytest.main(arguments, plugins=[collector])
    if collector.stopped:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SuiteError(output.getvalue())
    return collector.checks
