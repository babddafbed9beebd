"""The sub-commands of the student's desk: `grader watch`, `hint`, `progress` and `reset`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.arguments import seconds
from grader.course import ROOT, the_course
from grader.language import _


def add_commands(commands: Any) -> None:
    """Add the desk's sub-parsers to the `grader` command."""
    folder = _("folder of topic modules (default: exercises)")

    watch = commands.add_parser("watch", help=_("a verdict on each save; hints, pictures and what is next by a key"))
    begin = _("where to begin (default: where you stopped)")
    watch.add_argument("name", nargs="?", default="", metavar="TOPIC", help=begin)
    watch.add_argument("--target", type=Path, metavar="FOLDER", help=folder)
    time = _("time for one call of your code (default: %(default)s)")
    watch.add_argument("--timeout-call", type=seconds, default=10.0, metavar="SECONDS", help=time)
    watch.set_defaults(run=_watch)

    hint = commands.add_parser("hint", help=_("one more hint for an exercise, never the line itself"))
    hint.add_argument("name", metavar="EXERCISE", help=_("such as huber or losses.huber"))
    steps = hint.add_mutually_exclusive_group()
    steps.add_argument("--step", type=int, metavar="N", help=_("this hint rather than the next one"))
    steps.add_argument("--all", action="store_true", help=_("every hint"))
    hint.add_argument("--target", type=Path, metavar="FOLDER", help=folder)
    hint.set_defaults(run=_hint)

    progress = commands.add_parser("progress", help=_("your points by topic, what is done, to do and next"))
    progress.add_argument("--target", type=Path, metavar="FOLDER", help=folder)
    progress.set_defaults(run=_progress)

    reset = commands.add_parser("reset", help=_("put one stub back; a copy of what was there is kept"))
    which = _("such as huber or losses.huber; a topic resets its whole file")
    reset.add_argument("name", metavar="EXERCISE", help=which)
    reset.add_argument("--target", type=Path, metavar="FOLDER", help=folder)
    reset.set_defaults(run=_reset)


def _watch(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.desk.exercise_name import UnknownName, find_topic

    folder = _folder(options.target)
    try:
        topic, exercise = find_topic(options.name, the_course()) if options.name else ("", "")
    except UnknownName as error:
        raise CommandError(str(error)) from error
    try:
        from grader.desk import rows
        from grader.desk.plain import Plain
        from grader.desk.terminal import Terminal
        from grader.desk.watch import on_a_terminal, watch
    except ModuleNotFoundError as error:
        text = _("`grader watch` needs {module}: pip install watchdog prompt_toolkit")
        raise CommandError(text.format(module=(error.name or "").partition(".")[0])) from error
    face = Terminal() if on_a_terminal() else Plain()
    try:
        sitting = watch(folder, face, topic, exercise, timeout=options.timeout_call)
    except BrokenPipeError:  # whoever read the plain lines is gone
        _forget_output()
        return 0
    if sitting.problem:
        raise CommandError(sitting.problem)
    _print([rows.farewell(sitting)])
    return 0


def _hint(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.desk.asking import ask_for_hint
    from grader.desk.exercise_name import UnknownName
    from grader.desk.judging import CannotJudge

    try:
        _print(ask_for_hint(_folder(options.target), options.name, options.step, options.all))
    except (UnknownName, CannotJudge) as error:
        raise CommandError(str(error)) from error
    return 0


def _progress(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.desk.judging import CannotJudge
    from grader.desk.overview import overview

    try:
        _print(overview(_folder(options.target)))
    except CannotJudge as error:
        raise CommandError(str(error)) from error
    return 0


def _reset(options: argparse.Namespace) -> int:
    from grader.cli import CommandError
    from grader.desk.exercise_name import UnknownName
    from grader.desk.reset import CannotReset, reset

    try:
        _print(reset(_folder(options.target), options.name))
    except (UnknownName, CannotReset) as error:
        raise CommandError(str(error)) from error
    return 0


def _folder(target: Path | None) -> Path:
    from grader.cli import CommandError

    folder = ROOT / "exercises" if target is None else target
    if not folder.is_dir():
        text = _("{folder} is not a folder: name the folder that holds the topic modules.")
        raise CommandError(text.format(folder=folder))
    return folder.resolve()


def _print(lines: Iterable[str]) -> None:
    """Print, whatever the terminal can write, as wide as it is."""
    from grader.desk.layout import Row, wrapped

    encoding = sys.stdout.encoding or "utf-8"
    if sys.stdout.isatty():
        columns = max(shutil.get_terminal_size().columns, 20)
        lines = [row.text for line in lines for row in wrapped(Row(line), columns)]
    try:
        for line in lines:
            print(line.encode(encoding, "replace").decode(encoding), flush=True)
    except BrokenPipeError:  # such as `head`, which has read enough
        _forget_output()


def _forget_output() -> None:
    """Nobody reads it any more: Python shall not complain of that at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
