"""The sub-command `grader plot`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import the_course
from grader.language import _

if TYPE_CHECKING:
    from grader.plots.plot import Plot


def add_commands(commands: Any) -> None:
    """Add `plot` to the sub-parsers of the `grader` command."""
    plot = commands.add_parser("plot", help=_("draw your own code beside the right curves"))
    topic = the_course().topics[0]
    name = _("a topic such as {topic}, or one exercise such as {exercise}")
    plot.add_argument("name", metavar="TOPIC", help=name.format(topic=topic.name, exercise=topic.exercises[0].name))
    file = _("write the figure to FILE (png, pdf, svg, jpg, webp) instead of opening a window")
    plot.add_argument("-o", "--out", type=Path, metavar="FILE", help=file)
    plot.add_argument("--target", type=Path, metavar="FOLDER", help=_("folder of topic modules (default: exercises)"))
    plot.set_defaults(run=_plot)


def _plot(options: argparse.Namespace) -> int:
    from grader.cli import CommandError

    try:
        from grader.plots.canvas import NoWindow
        from grader.plots.plot import NoFigure, plot
    except ImportError as error:
        text = _("The figures need matplotlib ({error}): pip install matplotlib")
        raise CommandError(text.format(error=error)) from error
    except ValueError as error:  # matplotlib does not start with a backend that it does not know
        raise CommandError(_("matplotlib does not start here: {error}").format(error=error)) from error
    out = options.out.resolve() if options.out is not None else None  # the student's code may change the folder
    extension = _extension(out) if out is not None else ""
    try:
        made = plot(options.name, options.target, window=out is None)
    except NoFigure as error:
        raise CommandError(str(error)) from error
    except NoWindow as error:
        raise CommandError(
            _("No window can be opened here: give -o FILE, for instance -o {name}.png").format(name=options.name)
        ) from error
    for note in made.notes:
        _say(note)
    if out is None:
        _show(made)
    else:
        _write(made, out, extension)
        _say(_("The figure is in {file}.").format(file=options.out))
    return 0


def _extension(file: Path) -> str:
    from grader.cli import CommandError
    from grader.plots.canvas import EXTENSIONS

    extension = file.suffix.lower().removeprefix(".")
    if extension not in EXTENSIONS:
        raise CommandError(
            _("{file} does not say which format: let its name end in one of {extensions}.").format(
                file=file.name, extensions=", ".join(f".{each}" for each in EXTENSIONS)
            )
        )
    return extension


def _write(made: Plot, file: Path, extension: str) -> None:
    from grader.cli import CommandError
    from grader.plots.canvas import file_bytes

    try:
        file.write_bytes(file_bytes(made.figure, extension))
    except OSError as error:
        raise CommandError(
            _("The figure could not be written to {file} ({error}): choose another place with -o.").format(
                file=file, error=error.strerror or error
            )
        ) from error


def _show(made: Plot) -> None:
    from grader.plots.canvas import show

    _say(_("Close the window to go on."))
    show(made.figure)


def _say(text: str) -> None:
    """Print, whatever the terminal can write."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
