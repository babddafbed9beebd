"""The sub-command `grader nbgrader`, and the part of `grader grade` that takes a course of nbgrader's."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

from grader.course import DEFAULT_SEED
from grader.language import _, ngettext

DEFAULT_TIMEOUT, DEFAULT_MEMORY = 10.0, 512
"""What `grader grade` takes where the user says nothing: then `nbgrader_config.py` has the say."""
SHOWN = 10


def add_commands(commands: Any) -> None:
    """Add `nbgrader` to the sub-parsers of the `grader` command."""
    nbgrader = commands.add_parser("nbgrader", help=_("the exercises as a course for nbgrader"))
    actions = nbgrader.add_subparsers(dest="action", metavar="ACTION", required=True)
    init = actions.add_parser("init", help=_("make a course folder: source notebooks and nbgrader_config.py"))
    init.add_argument("course", type=Path, metavar="COURSE", help=_("the folder; it may exist"))
    init.add_argument("--topics", metavar="TOPIC,...", help=_("only these topics (default: all)"))
    together = _("one assignment of this name with all notebooks (default: one for each topic)")
    init.add_argument("--together", default="", metavar="NAME", help=together)
    init.add_argument("--force", action="store_true", help=_("write over notebooks and settings that differ"))
    init.set_defaults(run=_init)


def _init(options: argparse.Namespace) -> int:
    from grader.cli import CommandError, chosen_topics
    from grader.notebooks.course_folder import CourseFolderError, Plan, make_course

    try:
        plan = Plan.of(chosen_topics(options.topics), options.together)
        written = make_course(options.course, plan, force=options.force)
    except CourseFolderError as error:
        raise CommandError(str(error)) from error
    for path in written:
        print(_("{path}: written").format(path=path))
    first = next(iter(plan.assignments))
    print(_("Next: cd {course} and nbgrader generate_assignment {assignment}").format(
        course=options.course, assignment=first))  # fmt: skip
    return 0


def add_grade_options(grade: argparse.ArgumentParser) -> None:
    """Add what `grader grade` needs for a course of nbgrader's."""
    text = _("instead of SUBMISSIONS: an assignment of an nbgrader course, into its gradebook")
    grade.add_argument("--nbgrader", nargs=2, metavar=("COURSE", "ASSIGNMENT"), help=text)
    grade.add_argument("--no-feedback", action="store_true", help=_("with --nbgrader: make no feedback pages"))


def grade(options: argparse.Namespace) -> int:
    """Run `grader grade --nbgrader`."""
    from grader.classroom.gradebook import PLAIN
    from grader.cli import CommandError

    if options.submissions is not None or options.out is not None:
        raise CommandError(_("With --nbgrader submissions and results lie in the course: give no other folder."))
    if options.format != PLAIN or options.no_diagnosis:
        raise CommandError(_("--format and --no-diagnosis have no meaning with --nbgrader: nbgrader export makes the "
                             "table."))  # fmt: skip
    if importlib.util.find_spec("nbgrader") is None:
        raise CommandError(_("nbgrader is not installed here: pip install 'nbgrader>=0.9', or start grader from the "
                             "environment that has it."))  # fmt: skip
    # jsonschema loads it for two seconds, to know an IRI when it sees one; notebooks have none.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from grader.notebooks.class_run import ClassRunError, Options, grade_course

    course, assignment = options.nbgrader
    wanted = Options(
        course=Path(course),
        assignment=assignment,
        only=options.only,
        jobs=options.jobs,
        seed=options.seed if options.seed != DEFAULT_SEED else None,
        timeout=options.timeout if options.timeout != DEFAULT_TIMEOUT else None,
        memory=options.memory << 20 if options.memory != DEFAULT_MEMORY else None,
        require_sandbox=options.require_sandbox,
        feedback=not options.no_feedback,
    )
    try:
        summary = grade_course(wanted)
    except ClassRunError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        said = _("grader: stopped. The students that are graded are in the gradebook; the same command grades all of "
                 "them again.")  # fmt: skip
        print(f"\n{said}", file=sys.stderr)
        return 130
    print("\n".join(_summary_lines(summary)))
    return summary.status


def _summary_lines(summary: Any) -> list[str]:
    seconds = f"{summary.seconds:.1f}"
    text = ngettext("{count} submission of {assignment} graded in {seconds} s. {tier}",
                    "{count} submissions of {assignment} graded in {seconds} s. {tier}", summary.graded)  # fmt: skip
    lines = [text.format(count=summary.graded, assignment=summary.assignment, seconds=seconds, tier=summary.tier)]
    text = _("  {student}: not graded: {problem}")
    lines += [text.format(student=student, problem=summary.failed[student]) for student in sorted(summary.failed)]
    text = _("  {student}: graded, but the feedback page could not be made: {problem}")
    lines += [text.format(student=student, problem=summary.pageless[student]) for student in sorted(summary.pageless)]
    named = sorted(summary.remarks)
    lines += [f"  {student}: {' '.join(summary.remarks[student])}"[:300] for student in named[:SHOWN]]
    if len(named) > SHOWN:
        lines.append(_("  and {count} more with remarks: they stand on top of their notebooks.").format(
            count=len(named) - SHOWN))  # fmt: skip
    lines.append(_("The scores are in the gradebook: nbgrader export, nbgrader formgrader."))
    return lines
