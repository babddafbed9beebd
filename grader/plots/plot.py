"""One figure from a name and a folder: what the command, notebooks and `grader watch` share."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import ROOT, Course, the_course
from grader.language import _
from grader.plots.curve import Measured, measure
from grader.plots.picture import Panel, Picture, draw
from grader.plots.recorded import read
from grader.plots.student import Student
from grader.plots.table import pictures_of
from grader.subject.subject import LocalSubject

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXERCISES = ROOT / "exercises"


class NoFigure(ValueError):
    """There is no such figure, or it cannot be made: one sentence that says what to do."""


@dataclass(frozen=True)
class Plot:
    """A figure and what is to be said about it."""

    figure: Figure
    notes: tuple[str, ...]


def figure(name: str, target: str | Path | None = None, own: Mapping[str, Any] | None = None) -> Figure:
    """The figure of a topic, or the panels of one exercise, as a matplotlib Figure.

    Parameters
    ----------
    name : str
        A topic (`"activations"`) or an exercise (`"gelu"` or `"activations.gelu"`).
    target : path, optional
        The folder with the topic modules; the kit's `exercises/` if left out.
    own : mapping of str to object, optional
        Definitions that take the place of those in the folder, by name: `globals()` in a notebook.

    Raises
    ------
    NoFigure
        There is no such figure, or the folder is none.

    Examples
    --------
    >>> figure("activations")                       # doctest: +SKIP
    >>> figure("gelu", own=globals())               # doctest: +SKIP
    """
    return plot(name, target, own).figure


def plot(
    name: str, target: str | Path | None = None, own: Mapping[str, Any] | None = None, window: bool = False
) -> Plot:
    """As `figure`, with the sentences on what is left out.

    Parameters
    ----------
    window : bool
        Make the figure for a window.

    Raises
    ------
    NoFigure
        There is no such figure, or the folder is none.
    grader.plots.canvas.NoWindow
        A window was asked for, and none can be opened.
    """
    picture, panels = find(name)
    folder = (EXERCISES if target is None else Path(target)).resolve()
    if not folder.is_dir():
        raise NoFigure(
            _("{folder} is not a folder: name the folder that holds the topic modules.").format(folder=folder)
        )
    if window:
        from grader.plots.canvas import require_window

        require_window()
    names = the_course().names
    overrides = {(picture.topic, key): value for key, value in (own or {}).items() if key in names[picture.topic]}
    subject = LocalSubject(folder, names, picture.timeout, overrides)
    try:
        measured = measure(picture.curves_of(panels), Student(subject, the_course()))
    finally:
        subject.close()
    drawn = draw(picture, panels, measured, read(picture.topic), window)
    return Plot(drawn, notes_on(measured))


def notes_on(measured: Measured) -> tuple[str, ...]:
    """What the terminal says of the curves that are left out or have holes: what is to do in one sentence."""
    gaps = [*measured.gaps.values(), *measured.remarks.values()]
    to_do = dict.fromkeys(gap.exercise.partition(".")[2] for gap in gaps if gap.to_do)
    notes = [_("Still to do, so left out of the figure: {names}.").format(names=", ".join(to_do))] if to_do else []
    return (*notes, *dict.fromkeys(gap.sentence for gap in gaps if not gap.to_do))


def find(name: str) -> tuple[Picture, tuple[Panel, ...]]:
    """The picture that a name means, and the panels of it.

    Raises
    ------
    NoFigure
        There is none.
    """
    course = the_course()
    pictures = {picture.topic: picture for picture in pictures_of(course)}
    if name in pictures:
        return pictures[name], pictures[name].panels
    for exercise in course.exercises:
        if name in (exercise.name, exercise.id):
            owner = pictures.get(exercise.topic)
            panels = owner.showing(exercise.id) if owner is not None else ()
            if owner is not None and panels:
                return owner, panels
            raise NoFigure(_absent(name, owner, pictures))
    if name in course.names:
        raise NoFigure(_absent(name, None, pictures))
    raise NoFigure(_unknown(name, course, pictures))


def _unknown(name: str, course: Course, pictures: Mapping[str, Picture]) -> str:
    shown = dict.fromkeys(exercise for picture in pictures.values() for exercise in picture.exercises)
    known = [*pictures, *(exercise.name for exercise in course.exercises if exercise.id in shown)]
    near = difflib.get_close_matches(name, known, 1)
    topics = ", ".join(pictures)
    if not pictures:
        return _("There is no figure {name}: this kit has no topic with a figure.").format(name=name)
    if not name.strip():
        return _("Name a topic: {topics}.").format(topics=topics)
    if near:
        text = _("There is no figure {name}: did you mean {near}? The topics with a figure are {topics}.")
        return text.format(name=name, near=near[0], topics=topics)
    text = _("There is no figure {name}: the topics with a figure are {topics}.")
    return text.format(name=name, topics=topics)


def _absent(name: str, owner: Picture | None, pictures: Mapping[str, Picture]) -> str:
    if owner is not None:
        return _("{name} is in no panel of a figure; `grader plot {topic}` draws what its topic has.").format(
            name=name, topic=owner.topic
        )
    if not pictures:
        return _("{name} has no curve to draw, and this kit has no topic with a figure.").format(name=name)
    topics = ", ".join(pictures)
    return _("{name} has no curve to draw; the topics with a figure are {topics}.").format(name=name, topics=topics)
