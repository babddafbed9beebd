"""The parser of the `grader` command: argparse, whose own words are in the reader's language, too.

argparse looks its messages up in the two names that it has imported from `gettext`; a message that a version of Python
has changed stays in English.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from grader.language import N_, NN_, _, ngettext

MESSAGES = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("unrecognized arguments: %s"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("unexpected option string: %s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid choice: %(value)r, maybe you meant %(maybe)r? (choose from %(choices)s)"),
    NN_("expected %s argument", "expected %s arguments"),
)
"""What argparse says to those who use a command, in the words of Python 3.10 to 3.14."""

MOST = 1_000_000


class Parser(argparse.ArgumentParser):
    """A parser, and those of its sub-commands, whose errors are said in the reader's language."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("type", int, whole)
        self.register("type", float, decimal)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how the command is used; exit status 2."""
        problem = sys.exc_info()[1]
        if isinstance(problem, argparse.ArgumentError) and problem.argument_name is not None:
            text = _("argument {name}: {message}")  # Python 3.10 does not look this one up
            message = text.format(name=problem.argument_name, message=problem.message)
        self.print_usage(sys.stderr)
        self.exit(2, _("{command}: error: {message}").format(command=self.prog, message=message) + "\n")


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("{text} is not a whole number").format(text=text)) from error


def decimal(text: str) -> float:
    """A number."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("{text} is not a number").format(text=text)) from error


def count(text: str) -> int:
    """A number of things, at least one."""
    number = whole(text)
    if not 1 <= number <= MOST:
        text = _("{number} is not a number from 1 to {most}").format(number=number, most=MOST)
        raise argparse.ArgumentTypeError(text)
    return number


def seed(text: str) -> int:
    """The seed of a generator."""
    number = whole(text)
    if number < 0:
        raise argparse.ArgumentTypeError(_("a seed is a number from 0 on, not {number}").format(number=number))
    return number


def seconds(text: str) -> float:
    """A time that a call may take."""
    number = decimal(text)
    if not 0.1 <= number <= 3600:
        raise argparse.ArgumentTypeError(_("{number} is not a time from 0.1 to 3600 seconds").format(number=text))
    return number


@contextmanager
def translated() -> Iterator[None]:
    """Argparse speaks the reader's language inside, and what it spoke before outside."""
    module: Any = argparse
    before = module._, module.ngettext
    module._, module.ngettext = _, ngettext
    try:
        yield
    finally:
        module._, module.ngettext = before
