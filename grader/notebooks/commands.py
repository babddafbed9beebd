"""The sub-command `grader nbgrader`, and the part of `grader grade` that takes a course of nbgrader's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from grader.language import _


def add_commands(commands: Any) -> None:
    """Add `nbgrader` to the sub-parsers of the `grader` command."""
    nbgrader = commands.add_parser("nbgrader", help="the exercises as a course for nbgrader")
    actions = nbgrader.add_subparsers(dest="action", metavar="ACTION", required=True)
    init = actions.add_parser("init", help="make a course folder: source notebooks and nbgrader_config.py")
    init.add_argument("course", type=Path, metavar="COURSE", help="the folder; it may exist")
    init.add_argument("--topics", default="", metavar="TOPIC,...", help="only these topics (default: all)")
    init.add_argument("--together", default="", metavar="NAME",
                      help="one assignment of this name with all notebooks (default: one for each topic)")  # fmt: skip
    init.add_argument("--force", action="store_true", help="write over notebooks and settings that differ")
    init.set_defaults(run=_init)


def _init(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.notebooks.course_folder import CourseFolderError, Plan, make_course

    topics = [name.strip() for name in options.topics.split(",") if name.strip()]
    try:
        plan = Plan.of(topics, options.together)
        written = make_course(options.course, plan, force=options.force)
    except CourseFolderError as error:
        raise CommandError(str(error)) from error
    for path in written:
        print(_("{path}: written").format(path=path))
    first = next(iter(plan.assignments))
    print(_("Next: cd {course} and nbgrader generate_assignment {assignment}").format(
        course=options.course, assignment=first))  # fmt: skip
    return 0
