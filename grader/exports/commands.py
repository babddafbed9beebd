"""The sub-command `grader export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from grader.course import DEFAULT_SEED
from grader.exports.gradescope_results import VISIBILITIES
from grader.language import _, current


def add_commands(commands: Any) -> None:
    """Add `export` to the sub-parsers of the `grader` command."""
    export = commands.add_parser("export", help=_("the kit on other platforms, results in other formats"))
    kinds = export.add_subparsers(dest="kind", metavar="KIND", required=True)

    gradescope = kinds.add_parser("gradescope", help=_("the zip file that Gradescope takes as an autograder"))
    gradescope.add_argument("-o", "--out", type=Path, default=Path("gradescope.zip"), metavar="FILE",
                            help=_("default: %(default)s"))  # fmt: skip
    gradescope.add_argument("--topics", metavar="TOPIC,...", help=_("only these topics (default: all)"))
    gradescope.add_argument("--seed", type=int, default=DEFAULT_SEED,
                            help=_("seed of the inputs (default: %(default)s)"))  # fmt: skip
    gradescope.add_argument("--visibility", choices=VISIBILITIES, default="visible",
                            help=_("when students see the tests (default: %(default)s)"))  # fmt: skip
    gradescope.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS",
                            help=_("for one call (default 10)"))  # fmt: skip
    gradescope.set_defaults(run=_gradescope)

    actions = kinds.add_parser("github-actions", help=_("a workflow that grades a student's repository"))
    actions.add_argument("-o", "--out", type=Path, default=Path(), metavar="REPOSITORY",
                         help=_("the folder of the repository (default: this one)"))  # fmt: skip
    actions.add_argument("--topics", metavar="TOPIC,...", help=_("only these topics (default: all)"))
    actions.add_argument("--kit", default="", metavar="OWNER/REPOSITORY[@REF]",
                         help=_("grade with this kit, not with the tests in the student's repository"))  # fmt: skip
    actions.set_defaults(run=_github)

    junit = kinds.add_parser("junit", help=_("a result record as JUnit XML"))
    junit.add_argument("result", type=Path, metavar="RESULT", help=_("what pytest --result or grader grade wrote"))
    junit.add_argument("-o", "--out", type=Path, default=Path("junit.xml"), metavar="FILE",
                       help=_("default: %(default)s"))  # fmt: skip
    junit.set_defaults(run=_junit)


def _gradescope(options: argparse.Namespace) -> int:
    import tempfile

    from grader.answers.recorder import SheetError, ensure_sheet
    from grader.cli import CommandError, chosen_topics
    from grader.exports.gradescope import gradescope_zip
    from grader.exports.gradescope_run import Settings
    from grader.exports.kit import KitError

    if not 0.1 <= options.timeout <= 600:
        raise CommandError(_("--timeout {seconds} is not a time from 0.1 to 600 seconds.").format(
            seconds=options.timeout))  # fmt: skip
    settings = Settings(chosen_topics(options.topics), options.visibility, options.timeout, language=current())
    try:
        with tempfile.TemporaryDirectory() as cache:
            content = gradescope_zip(settings, ensure_sheet(options.seed, Path(cache)))
    except (KitError, SheetError) as error:
        raise CommandError(str(error)) from error
    _write(options.out, content)
    print(_("{file}: written, {size} KB. Upload it under Configure Autograder.").format(
        file=options.out, size=len(content) >> 10))  # fmt: skip
    return 0


def _github(options: argparse.Namespace) -> int:
    from grader.cli import CommandError, chosen_topics
    from grader.exports.github import PLACE, WorkflowError, workflow

    topics = chosen_topics(options.topics) if options.topics is not None else ()
    try:
        text = workflow(topics, options.kit, current())
    except WorkflowError as error:
        raise CommandError(str(error)) from error
    _write(options.out / PLACE, text.encode())
    print(_("{file}: written. Commit it to the repository that students start from.").format(file=options.out / PLACE))
    return 0


def _junit(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.reports.junit import junit_xml
    from grader.result import SubmissionResult

    try:
        result = SubmissionResult.from_json(options.result.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(_("{file} cannot be read as a result: {error}").format(
            file=options.result, error=error)) from error  # fmt: skip
    _write(options.out, junit_xml(result).encode("utf-8"))
    print(_("{file}: written.").format(file=options.out))
    return 0


def _write(path: Path, content: bytes) -> None:
    from grader.cli import CommandError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(_("{file} cannot be written ({error}).").format(
            file=path, error=error.strerror or error)) from error  # fmt: skip
