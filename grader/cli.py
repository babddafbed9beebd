"""The `grader` command: it gathers the sub-commands of the rooms."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence

from grader import __version__
from grader.arguments import Parser, translated
from grader.course import UnknownTopic, the_course
from grader.language import LanguageError, _, missing_value, option_help, settle, speak

ROOMS = (
    "grader.desk.commands",
    "grader.plots.commands",
    "grader.classroom.commands",
    "grader.notebooks.commands",
    "grader.exports.commands",
    "grader.release.commands",
    "grader.maintenance",
    "grader.translations.commands",
)
"""Where the sub-commands are. A kit for students has the first ones only."""


class CommandError(Exception):
    """A command cannot do what it was asked: one sentence that says what is wrong and what to do."""


def listed(text: str) -> list[str]:
    """What an option such as `--topics losses,dropout` names."""
    return [name.strip() for name in text.split(",") if name.strip()]


def chosen_topics(text: str | None) -> tuple[str, ...]:
    """The topics that `--topics` names, in the order of the course; all where the option is not given.

    Raises
    ------
    CommandError
        The course has no such topic, or the option names none.
    """
    wanted = listed(text) if text is not None else []
    if text is not None and not wanted:
        sentence = _("--topics names no topic: leave it out for the whole course, or choose from {topics}.")
        raise CommandError(sentence.format(topics=", ".join(the_course().names)))
    try:
        return the_course().chosen(wanted)
    except UnknownTopic as error:
        raise CommandError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    about = _("Neural network exercises: stubs, answers, grading.")
    parser = Parser(prog="grader", description=about)
    version = _("show the version and exit")
    parser.add_argument("--version", action="version", version=__version__, help=version)
    parser.add_argument("--lang", metavar="CODE", help=option_help())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for room in ROOMS:
        if _is_there(room):
            importlib.import_module(room).add_commands(commands)
    return parser


def _is_there(room: str) -> bool:
    try:
        return importlib.util.find_spec(room) is not None
    except ModuleNotFoundError:
        return False


def _spoken(arguments: list[str]) -> list[str]:
    """Speak the language that the arguments ask for, from the help texts on; they may ask anywhere.

    The processes that this one starts inherit the variable.

    Returns
    -------
    list of str
        The other arguments.

    Raises
    ------
    LanguageError
        The language is not there, or none is named.
    """
    notice = settle()
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--lang")
    try:
        known, rest = early.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise LanguageError(missing_value()) from error
    if known.lang is not None:
        speak(known.lang)
    elif notice:
        print(f"grader: {notice}", file=sys.stderr)
    return rest


def _parsed(arguments: list[str]) -> argparse.Namespace:
    with translated():
        return _parser().parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `grader` command; returns its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        arguments = _spoken(arguments)
    except LanguageError as error:
        print(f"grader: {error}", file=sys.stderr)
        return 2
    options = _parsed(arguments)
    try:
        return options.run(options)
    except (CommandError, LanguageError) as error:
        print(f"grader: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ngrader: " + _("stopped."), file=sys.stderr)
        return 130
