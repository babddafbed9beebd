"""The sub-commands `grader grade` and `grader demo`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, TextIO

from grader import arguments
from grader.classroom.gradebook import FORMATS, PLAIN
from grader.course import DEFAULT_SEED
from grader.language import _, ngettext
from grader.notebooks import commands as notebooks

SHOWN = 10
"""How many submissions with problems the summary names; the class page has them all."""


def add_commands(commands: Any) -> None:
    """Add `grade` and `demo` to the sub-parsers of the `grader` command."""
    grade = commands.add_parser("grade", help=_("grade a class: a folder with one submission a student"))
    grade.add_argument("submissions", type=Path, nargs="?", metavar="SUBMISSIONS",
                       help=_("folder with a folder, .zip, .tar.gz, topic module or notebook for each student; "
                              "bulk downloads of Moodle and Canvas are understood"))  # fmt: skip
    grade.add_argument("-o", "--out", type=Path, metavar="OUT", help=_("folder for results and pages"))
    grade.add_argument("--seed", type=arguments.seed, default=DEFAULT_SEED,
                       help=_("seed of the inputs (default: %(default)s, the one that students see)"))  # fmt: skip
    grade.add_argument("--jobs", type=arguments.count, default=0, metavar="N",
                       help=_("submissions at a time (default: all cores)"))  # fmt: skip
    grade.add_argument("--timeout", type=arguments.seconds, default=10.0, metavar="SECONDS",
                       help=_("for one call (default 10)"))  # fmt: skip
    grade.add_argument("--memory", type=arguments.count, default=512, metavar="MB",
                       help=_("memory of a submission (default 512)"))  # fmt: skip
    grade.add_argument("--require-sandbox", action="store_true",
                       help=_("refuse to grade with less than full confinement"))  # fmt: skip
    grade.add_argument("--only", default="", metavar="STUDENT", help=_("grade one student, and touch nobody else"))
    grade.add_argument("--regrade", action="store_true", help=_("grade again what is graded already"))
    grade.add_argument("--format", choices=FORMATS, default=PLAIN, help=_("columns of gradebook.csv (default: plain)"))
    grade.add_argument("--no-diagnosis", action="store_true", help=_("do not name known misconceptions"))
    notebooks.add_grade_options(grade)
    grade.set_defaults(run=_grade)

    demo = commands.add_parser("demo", help=_("make a class of invented students, to try `grader grade` on"))
    demo.add_argument("out", type=Path, metavar="OUT", help=_("a folder that does not exist yet"))
    demo.add_argument("--students", type=arguments.count, default=30, metavar="N", help=_("how many (default 30)"))
    demo.add_argument("--seed", type=arguments.seed, default=DEFAULT_SEED, help=_("another seed makes another class"))
    demo.set_defaults(run=_demo)


def _grade(options: argparse.Namespace) -> int:
    from grader.classroom.runner import Options, RunError, grade_class

    if options.nbgrader is not None:
        return notebooks.grade(options)
    if options.submissions is None or options.out is None:
        _say(_("grader: give the folder of the submissions, and with -o one for the results."), sys.stderr)
        return 2
    wanted = Options(
        submissions=options.submissions,
        out=options.out,
        seed=options.seed,
        jobs=options.jobs,
        timeout=options.timeout,
        memory=options.memory << 20,
        require_sandbox=options.require_sandbox,
        only=options.only,
        regrade=options.regrade,
        form=options.format,
        diagnosis=not options.no_diagnosis,
    )
    try:
        summary = grade_class(wanted)
    except RunError as error:
        _say(f"grader: {error}", sys.stderr)
        return error.status
    except KeyboardInterrupt:
        _say(_("grader: stopped. What is graded is kept: the same command goes on from there."), sys.stderr)
        return 130
    _say(summary_text(summary), sys.stdout)
    return summary.status


def _say(text: str, stream: TextIO) -> None:
    """Print, whatever the stream can write."""
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=stream)


def summary_text(summary: Any) -> str:
    """The end of a run in a few lines."""
    lines = [_counts(summary), *_named_problems(summary)]
    for name, error in summary.broken_pages.items():
        lines.append(_("  {name}: the page could not be made ({error}).").format(name=name, error=error))
    own = summary.seed == DEFAULT_SEED
    seed = _("Seed {seed}, the one of the students' own tests (--seed takes another).") if own else _("Seed {seed}.")
    lines.append(f"{seed.format(seed=summary.seed)} {summary.tier}")
    if summary.left_out:
        lines.append(_("No submissions, and left out: {names}.").format(names=_listed(summary.left_out)))
    if summary.unplaced:
        lines.append(_("Not in the {form} gradebook, because their names carry no number of it: {names}.").format(
            form=summary.form, names=_listed(summary.unplaced)))  # fmt: skip
    if summary.waiting:
        lines.append(ngettext("{count} of the class is not graded yet: run without --only.",
            "{count} of the class are not graded yet: run without --only.",
            summary.waiting).format(count=summary.waiting))  # fmt: skip
    if summary.stale:
        lines.append(ngettext("{count} result was made with another seed, suite or option: run without --only.",
            "{count} results were made with another seed, suite or option: run without --only.",
            summary.stale).format(count=summary.stale))  # fmt: skip
    if summary.others:
        lines.append(ngettext("{count} result in {folder} is of nobody in this class: it is kept, not counted.",
            "{count} results in {folder} are of nobody in this class: they are kept, not counted.",
            summary.others).format(count=summary.others, folder=summary.out / "results"))  # fmt: skip
    out = summary.out
    lines.append(_("The class: {page}   each student: {pages}   points: {table}").format(
        page=out / "class.html", pages=out / "feedback", table=out / "gradebook.csv"))  # fmt: skip
    return "\n".join(lines)


def _counts(summary: Any) -> str:
    graded = ngettext(
        "{count} submission graded in {seconds} s.", "{count} submissions graded in {seconds} s.", summary.graded
    ).format(count=summary.graded, seconds=f"{summary.seconds:.1f}")
    reused = ngettext(
        "{count} is unchanged since the last run.", "{count} are unchanged since the last run.", summary.reused
    ).format(count=summary.reused)
    ungradable = len(summary.ungradable)
    failed = ngettext("{count} could not be graded.", "{count} could not be graded.", ungradable)
    sentences = ((graded, True), (reused, summary.reused), (failed.format(count=ungradable), ungradable))
    return " ".join(sentence for sentence, holds in sentences if holds)


def _named_problems(summary: Any) -> list[str]:
    """The submissions that could not be graded first, then those with other problems, as many as one reads."""
    names = [*summary.ungradable, *(name for name in sorted(summary.problems) if name not in set(summary.ungradable))]
    lines = [f"  {name}: {' '.join(summary.problems.get(name, []))}"[:300] for name in names[:SHOWN]]
    if len(names) > SHOWN:
        lines.append(_("  and {count} more: see the class page.").format(count=len(names) - SHOWN))
    return lines


def _listed(names: Any) -> str:
    shown = ", ".join(names[:SHOWN])
    rest = len(names) - SHOWN
    text = ngettext("{names} and {count} more", "{names} and {count} more", rest)
    return shown if rest <= 0 else text.format(names=shown, count=rest)


def _demo(options: argparse.Namespace) -> int:
    from grader.classroom.demo import DemoError, make_class

    try:
        made = make_class(options.out, options.students, options.seed)
    except DemoError as error:
        _say(f"grader: {error}", sys.stderr)
        return 2
    _say(_("{count} submissions in {folder}. Try: grader grade {folder} -o results").format(
        count=made, folder=options.out), sys.stdout)  # fmt: skip
    return 0
