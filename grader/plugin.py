"""The pytest plugin: points the suite at a folder, gives points, tells *to do* from *failed*, sums up."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Generator, Hashable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

from grader import __version__
from grader.answers.sheet import RECORDED, AnswerSource, LiveSource, RecordedSource, has_pytorch, recorded_seed
from grader.arguments import seconds
from grader.checks.run import ExerciseRaised
from grader.course import DEFAULT_SEED, ROOT, the_course
from grader.language import LanguageError, _, ngettext, option_help, settle, use
from grader.reports import terminal
from grader.result import FAILED, NEVER_RAN, TO_DO, CheckResult, SubmissionResult, write_result
from grader.subject.face import faces
from grader.subject.reply import Raised
from grader.subject.subject import DEFAULT_TIMEOUT, LocalSubject
from grader.suite import FIXTURES, Check, Outcome, check_of, run_check

EXERCISES = ROOT / "exercises"
SAID_ALIKE = frozenset({"claim", "none", "not_numbers", "parts", "changed_inputs", "shared_output"})
"""Failures of which the sentence says all: what the inputs were adds nothing the second time."""

PRINTED_LINES, PRINTED_WIDTH = 10, 300
"""How much of what the student's code printed during one check is shown."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", _("neural network exercises"))
    group.addoption("--target", metavar="FOLDER", help=_("folder of topic modules to grade (default: exercises)"))
    group.addoption("--seed", type=int, default=DEFAULT_SEED, help=_("seed of the inputs (default: %(default)s)"))
    group.addoption("--live", action="store_true", help=_("ask PyTorch instead of the recorded answers"))
    group.addoption("--result", metavar="FILE", help=_("write the result record as JSON"))
    group.addoption("--lang", metavar="CODE", help=option_help())
    group.addoption("--no-diagnosis", action="store_true", help=_("do not name known misconceptions"))
    group.addoption(
        "--timeout-call",
        type=seconds,
        default=DEFAULT_TIMEOUT,
        metavar="SECONDS",
        help=_("seconds that one call may take (default: %(default)s)"),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Start over with the kit's own settings where `--target` misled pytest.

    pytest looks for its settings before it knows this plugin's options: it takes the folder after `--target` for one
    of tests, and where that lies outside the kit it finds no settings.
    """
    if config.getoption("--target") is None or config.inipath is not None:
        return None
    arguments = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), *config.invocation_params.args]
    if not config.getoption("file_or_dir"):
        arguments.append(str(ROOT / "tests"))
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)  # or `--pdb` could not read the keyboard
    return pytest.main(arguments)


def pytest_configure(config: pytest.Config) -> None:
    _choose_language(config.getoption("--lang"))
    config.addinivalue_line("markers", "check(exercise, kind, points, random): a graded check of an exercise")
    config.pluginmanager.register(Grading(config), "grader-grading")


def _choose_language(wanted: str | None) -> None:
    """Speak the language of `--lang`, else that of the surroundings."""
    if wanted is None:
        if notice := settle():
            print(notice, file=sys.stderr)
        return
    try:
        use(wanted)
    except LanguageError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Any:
    """Seeded numbers; a check gets its own from `run_check`."""


@pytest.fixture
def pytorch(request: pytest.FixtureRequest) -> Any:
    """PyTorch's answers; a check gets its own from `run_check`."""


@pytest.fixture
def scratch(request: pytest.FixtureRequest) -> Any:
    """A folder that the submission may write in; a check gets its own from `run_check`."""


def answer_source(seed: int, live: bool) -> AnswerSource:
    """Where the answers for a seed come from.

    Raises
    ------
    pytest.UsageError
        PyTorch is needed and missing.
    """
    if not live and recorded_seed() == seed:
        return RecordedSource(RECORDED)
    if has_pytorch():
        return LiveSource()
    if live:
        raise pytest.UsageError(_("--live asks PyTorch, which is not installed: pip install -e '.[instructor]'"))
    raise pytest.UsageError(
        _(
            "The answers for seed {seed} are not recorded, and PyTorch, which could give them, is not installed: "
            "leave --seed out, or pip install -e '.[instructor]'"
        ).format(seed=seed)
    )


def target_folder(config: pytest.Config) -> Path:
    """The folder to grade.

    Raises
    ------
    pytest.UsageError
        It is not a folder.
    """
    option = config.getoption("--target")
    folder = EXERCISES if option is None else Path(config.invocation_params.dir, option)
    if not folder.is_dir():
        raise pytest.UsageError(
            _("--target {folder} is not a folder: name the folder that holds the topic modules.").format(folder=folder)
        )
    return folder


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Look for no garbage while everything that comes into being is there to stay, nor among it later."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


class Grading:
    """One pytest session that grades."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.course = the_course()
        self.outcomes: dict[str, tuple[Check, Outcome]] = {}
        self._subject: LocalSubject | None = None
        self._source: AnswerSource | None = None
        self._explained: dict[str, CheckResult] | None = None
        self._reports: dict[str, pytest.TestReport] = {}
        self._more: dict[str, int] = {}
        self.said: set[str] = set()

    # -- collection ----------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        forms = {topic.name: {e.name: e.form for e in topic.exercises} for topic in self.course.topics}
        with faces(forms), _without_garbage_collection():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let `-k` find the checks of an exercise by its name, and have nothing set up that `run_check` gives."""
        for item in items:
            mark = item.get_closest_marker("check")
            if mark is not None and isinstance(item, pytest.Function):
                item.extra_keyword_matches.add(mark.kwargs["exercise"])
                item.funcargs.update(dict.fromkeys(FIXTURES))
                item.funcargs.update(item.callspec.params if hasattr(item, "callspec") else {})

    # -- running -------------------------------------------------------------------------------------------------

    @property
    def subject(self) -> LocalSubject:
        if self._subject is None:
            folder = target_folder(self.config)
            self._subject = LocalSubject(folder, self.course.names, self.config.getoption("--timeout-call"))
        return self._subject

    @property
    def source(self) -> AnswerSource:
        if self._source is None:
            self._source = answer_source(self.seed, self.config.getoption("--live"))
        return self._source

    @property
    def seed(self) -> int:
        return self.config.getoption("--seed")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if any(item.get_closest_marker("check") for item in session.items):
            _subject, _source = self.subject, self.source

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Refuse to spread the checks over processes: the points and the diagnosis need all of them in one."""
        topics = {f"test_{topic}.py" for topic in self.course.names}
        if any(nodeid.partition("::")[0].rpartition("/")[2] in topics for nodeid in ids):
            text = _("The checks add up in one process, and take seconds there: leave out -n (or use -p no:xdist).")
            pytest.exit(text, returncode=pytest.ExitCode.USAGE_ERROR)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        check = check_of(pyfuncitem)
        if check is None:
            return None
        answers = self.source.answers_for(check.topic, check.id)
        outcome = run_check(check, self.course, self.subject, answers, self.seed)
        self.outcomes[pyfuncitem.nodeid] = (check, outcome)
        if outcome.result.status == TO_DO:
            pytest.skip(_("to do: {exercise}").format(exercise=check.exercise_id))
        if outcome.error is not None:
            raise outcome.error
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Generator[None, Any, Any]:
        known = self.outcomes.get(item.nodeid) if call.when == "call" else None
        if known is None:
            return (yield)
        _check, outcome = known
        failure = outcome.result.failure
        traced = self.config.getoption("tbstyle") not in ("auto", "no")
        if failure is not None and not traced:
            item.repr_failure = lambda excinfo, style=None: ""  # type: ignore[method-assign]  # to lay one out is slow
        report = yield
        report.grader_status = outcome.result.status
        report.sections = [(name, shortened(text)) for name, text in report.sections]
        if failure is not None:
            report.longrepr = FailureText(self, item.nodeid, report.longrepr if traced else None)
            if not traced:
                self._reports[item.nodeid] = report
        return report

    def _tell_once(self) -> None:
        """Have each cause told by the first check that met it, and leave out the others, but for one with a name."""
        explained = {result.id: result for result in self.results}
        first: dict[Hashable, tuple[str, CheckResult]] = {}
        for nodeid, report in self._reports.items():
            check, outcome = self.outcomes[nodeid]
            result = explained[check.id]
            told, telling = first.setdefault(cause(outcome), (nodeid, result))
            if told != nodeid and set(result.diagnosis) <= set(telling.diagnosis):
                self._more[told] = self._more.get(told, 0) + 1
                report._pdbshown = True  # type: ignore[attr-defined]  # what pytest calls one that was shown before

    def more_of(self, nodeid: str) -> str:
        """How many more checks failed for the same cause, as a sentence; empty where none did."""
        more = self._more.get(nodeid, 0)
        if not more:
            return ""
        _check, outcome = self.outcomes[nodeid]
        failure = outcome.result.failure
        if raised_by(outcome) is not None and failure is not None and failure.reason not in NEVER_RAN:
            text = ngettext("The same error in {count} more check.", "The same error in {count} more checks.", more)
        else:
            text = ngettext("{count} more check says the same.", "{count} more checks say the same.", more)
        return text.format(count=more)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, Any] | None:
        if getattr(report, "grader_status", None) == TO_DO and report.when == "call":
            return _("to do"), "-", (_("TO DO"), {"yellow": True})
        return None

    # -- telling -------------------------------------------------------------------------------------------------

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """Every verdict so far, failures explained."""
        outcomes = [outcome for _check, outcome in self.outcomes.values()]
        if self.config.getoption("--no-diagnosis"):
            return tuple(outcome.result for outcome in outcomes)
        if self._explained is None or len(self._explained) != len(outcomes):
            results = self._explain(outcomes)
            self._explained = {result.id: result for result in results}
        return tuple(self._explained.values())

    def _explain(self, outcomes: list[Outcome]) -> tuple[CheckResult, ...]:
        if all(outcome.result.status != FAILED for outcome in outcomes):
            return tuple(outcome.result for outcome in outcomes)
        from grader.misconceptions.diagnosis import Diagnostician

        return Diagnostician(RECORDED if self.seed == recorded_seed() else RECORDED / "none").explain(outcomes)

    def result_of(self, nodeid: str) -> CheckResult:
        """One verdict, explained by all that is known so far."""
        check, _outcome = self.outcomes[nodeid]
        return next(result for result in self.results if result.id == check.id)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> Generator[None, Any, None]:
        yield  # the points stand at the end
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and (near := self._meant()):
            text = _("Nothing is called {name}: did you mean {near}?")
            terminalreporter.line(text.format(name=self.config.getoption("keyword"), near=near), yellow=True)
        if self.outcomes:
            lines = terminal.summary(self.course, self.results, terminal.charset_of(terminalreporter._tw._file))
            terminalreporter.section(_("points"))
            for line in lines:
                terminalreporter.line(line)

    def _meant(self) -> str:
        """The topic or exercise that a `-k` of one word has misspelt."""
        names = {name.lower(): name for name in (*self.course.names, *(e.name for e in self.course.exercises))}
        wanted = self.config.getoption("keyword").strip().lower()
        return next((names[name] for name in get_close_matches(wanted, list(names), 1) if name != wanted), "")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, None]:
        record = self._record() if self.outcomes else None
        self._tell_once()
        if record is not None and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            earned = record.points == record.maximum
            session.exitstatus = pytest.ExitCode.OK if earned and session.testsfailed == 0 else 1
        yield
        if record is not None:
            self._write(record, session)
            reporter = self.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                for sentence in terminal.broken_files(record):
                    reporter.line(sentence, red=True)
                reporter.line(terminal.score_line(record))
        if self._subject is not None:
            self._subject.close()

    def _record(self) -> SubmissionResult:
        return SubmissionResult(
            submission=str(self.subject.library.folder.name),
            seed=self.seed,
            kit=__version__,
            answers=self.source.name,
            checks=self.results,
        )

    def _write(self, record: SubmissionResult, session: pytest.Session) -> None:
        option = self.config.getoption("--result")
        if option is None:
            return
        path = Path(self.config.invocation_params.dir, option)
        try:
            write_result(path, record)
        except OSError as error:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            reporter = self.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                text = _("The result could not be written to {path} ({error}): choose another place with --result.")
                reporter.line(text.format(path=path, error=error.strerror or error), red=True)


class FailureText:
    """A failed check on its way to the terminal, laid out when everything about its exercise is known."""

    def __init__(self, grading: Grading, nodeid: str, traceback: Any) -> None:
        self._grading = grading
        self._nodeid = nodeid
        self._traceback = traceback

    def __str__(self) -> str:
        return terminal.failure(self._grading.result_of(self._nodeid))

    def toterminal(self, tw: Any) -> None:
        if self._traceback is not None:
            self._traceback.toterminal(tw)
        width = tw.fullwidth if tw.hasmarkup else None  # into a file, each sentence stays on its line
        more = self._grading.more_of(self._nodeid)
        for line in [*self._lines(), *([f"  {more}"] if more else [])]:
            for row in terminal.wrapped(line, width):
                tw.line(row)

    def _lines(self) -> list[str]:
        """All that there is to say, but for the hint to a mistake that was named before."""
        said, diagnosis = self._grading.said, self._grading.result_of(self._nodeid).diagnosis
        known = {line for item in diagnosis if item.hint in said for line in (f"  {item.hint}", f"    {item.evidence}")}
        said.update(item.hint for item in diagnosis)
        return [line for line in str(self).splitlines() if line not in known]


def cause(outcome: Outcome) -> Hashable:
    """What two checks have in common that failed for the same reason: the same error, or the very same words."""
    result, failure, raised = outcome.result, outcome.result.failure, raised_by(outcome)
    assert failure is not None
    if failure.reason in NEVER_RAN:
        return result.topic, failure.message
    if raised is not None:
        place = raised.trace[-1:] if raised.kind == "exception" else ()
        return result.exercise_id, raised.kind, raised.type, raised.detail, place
    if failure.reason in SAID_ALIKE:
        return result.exercise_id, failure.reason, failure.message
    return result.exercise_id, failure


def raised_by(outcome: Outcome) -> Raised | None:
    """Why the student's code gave no value, even where the check had asked for another exception."""
    for error in (outcome.error, getattr(outcome.error, "__cause__", None)):
        if isinstance(error, ExerciseRaised):
            return error.raised
    return None


def shortened(text: str) -> str:
    """The beginning of what was printed."""
    lines = text.splitlines()
    if len(lines) <= PRINTED_LINES and len(text) <= PRINTED_LINES * PRINTED_WIDTH:
        return text
    rows = [line if len(line) <= PRINTED_WIDTH else line[:PRINTED_WIDTH] + " ..." for line in lines[:PRINTED_LINES]]
    if more := len(lines) - len(rows):
        more_lines = ngettext("... and {count} more line: pytest -s shows it.",
                              "... and {count} more lines: pytest -s shows them.", more)  # fmt: skip
        rows.append(more_lines.format(count=more))
    return "\n".join(rows) + "\n"
