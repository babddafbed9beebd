"""The sub-commands of those who look after the kit: `stubs`, `record`, `verify`, `mutants`."""

from __future__ import annotations

import argparse
from typing import Any

from grader.arguments import count
from grader.course import DEFAULT_SEED
from grader.language import _


def add_commands(commands: Any) -> None:
    """Add them to the sub-parsers of the `grader` command."""
    stubs = commands.add_parser("stubs", help=_("write exercises/ from solutions/"))
    stubs.add_argument("--check", action="store_true", help=_("only say which stubs differ; exit status 1 if any does"))
    stubs.set_defaults(run=_stubs)

    record = commands.add_parser("record", help=_("record PyTorch's answers for the self-check"))
    record.add_argument("--check", action="store_true", help=_("only say whether the recorded answers are up to date"))
    record.set_defaults(run=_record)

    verify = commands.add_parser("verify", help=_("prove the verdicts: reference, stubs, misconceptions, alternatives"))
    verify.add_argument("topics", nargs="*", metavar="TOPIC", help=_("only these topics (default: all)"))
    verify.add_argument("--seeds", type=int, default=1, metavar="N", help=_("how many seeds (default 1)"))
    verify.add_argument("--jobs", type=count, default=0, metavar="N", help=_("processes (default: cores)"))
    verify.add_argument("--first-seed", type=int, default=1, metavar="SEED", help=_("the first of them (default 1)"))
    verify.add_argument("-k", dest="only", default="", metavar="TEXT", help=_("only answers whose id contains TEXT"))
    verify.add_argument("--messages", action="store_true", help=_("show what each misconception's student would read"))
    verify.set_defaults(run=_verify)

    mutants = commands.add_parser("mutants", help=_("try mechanical mutants of the solutions against the suite"))
    mutants.add_argument("topics", nargs="*", metavar="TOPIC", help=_("only these topics (default: all)"))
    mutants.add_argument("--list", action="store_true", help=_("show every mutant and the check that rejects it"))
    only = _("only exercises whose name contains TEXT")
    mutants.add_argument("-k", dest="only", default="", metavar="TEXT", help=only)
    mutants.add_argument("--seed", type=int, default=DEFAULT_SEED, help=_("seed of the inputs (default: %(default)s)"))
    mutants.add_argument("--jobs", type=count, default=0, metavar="N", help=_("processes (default: cores)"))
    mutants.set_defaults(run=_mutants)


def _stubs(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.course import ROOT, the_course
    from grader.desk.stub import ORIGINALS
    from grader.stubs import MarkError, stale_stubs, write_stubs

    topics = tuple(the_course().names)
    action = stale_stubs if options.check else write_stubs
    try:
        files = action(ROOT / "solutions", ROOT / "exercises", topics)
        files += action(ROOT / "solutions", ORIGINALS, topics, ".txt")  # for `grader reset`, which has no solutions
    except MarkError as error:
        raise CommandError(str(error)) from error
    except FileNotFoundError as error:
        raise CommandError(_("{file} is missing: only the instructor's kit can make stubs.").format(
            file=error.filename)) from error  # fmt: skip
    for file in files:
        print(f"{file.relative_to(ROOT)}: " + ("differs from its solution" if options.check else "written"))
    if options.check and files:
        print("Run `grader stubs` and commit the result.")
        return 1
    return 0


def _record(options: argparse.Namespace) -> int:
    from grader.answers.recorder import record, stale

    return stale() if options.check else record()


def _verify(options: argparse.Namespace) -> int:
    from grader.verify.verify import Selection, verify

    seeds = range(options.first_seed, options.first_seed + options.seeds)
    return verify(Selection(tuple(options.topics), options.only, options.messages), seeds, options.jobs)


def _mutants(options: argparse.Namespace) -> int:
    from grader.verify.mutants import mutants

    return mutants(options.topics, options.only, options.list, options.seed, options.jobs)
