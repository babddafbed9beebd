"""What the desk says, as rows of text with a style each. Pure functions of a sitting; screen and pipe share them."""

from __future__ import annotations

from collections.abc import Iterator

from grader.course import Course, Exercise
from grader.desk import hint
from grader.desk.docstring import prose_of
from grader.desk.hint import Hint
from grader.desk.layout import Row
from grader.desk.maths import plain_prose
from grader.desk.place import place
from grader.desk.sitting import ALL, LIST, Sitting, Verdict
from grader.desk.stub import StubError, location, original
from grader.desk.trouble import Trouble
from grader.language import _, ngettext
from grader.reports import terminal
from grader.result import FAILED, PASSED, TO_DO, CheckResult

PLAIN, TITLE, RIGHT, WRONG, WAITING, DIM, NOTE, CURSOR = (
    "", "title", "right", "wrong", "waiting", "dim", "note", "cursor",
)  # fmt: skip

MOST_PRINTED_LINES = 6


def heading(sitting: Sitting, charset: tuple[str, ...] = terminal.FULL) -> list[Row]:
    """The topic and its points."""
    topic = sitting.course.topic(sitting.focus.topic)
    points, maximum = sitting.board.points(topic.exercises)
    return [
        Row(f"{topic.name} {'·' if charset == terminal.FULL else '-'} {_(topic.title)}", TITLE),
        Row(f"{terminal.bar(points, maximum, charset)}  {points} / {maximum}", DIM),
    ]


def body(sitting: Sitting, charset: tuple[str, ...] = terminal.FULL, columns: int = 80) -> list[Row]:
    """What is being looked at; tables fit `columns`, sentences are wrapped later."""
    if not sitting.warm:
        return [Row(_("One moment: the checks are being loaded."), DIM)]
    if sitting.sight.view == LIST:
        return listing(sitting, charset, columns)
    if sitting.sight.view == ALL:
        return totals(sitting, charset, columns)
    hints = hint_rows(sitting)
    if sitting.trouble(sitting.focus.topic) is not None:
        return [*verdict_rows(sitting, charset), *focus_rows(sitting), Row(), *hints]
    shown = hints and sitting.hint_shown == hint.STEPS  # the last hint is the case that fails
    return [*verdict_rows(sitting, charset), *hints, *([Row(_place(sitting), DIM)] if shown else focus_rows(sitting))]


def status(sitting: Sitting) -> list[Row]:
    """What is going on at this moment: code that does not come back, a remark."""
    name, seconds = sitting.stuck
    if name:
        text = ngettext(
            "{name} has been running for {seconds} second. Does a loop never end? Mend it and save.",
            "{name} has been running for {seconds} seconds. Does a loop never end? Mend it and save.",
            seconds,
        )
        return [Row(text.format(name=name, seconds=seconds), WRONG)]
    return [Row(sitting.note, NOTE)] if sitting.note else []


def key_list() -> list[tuple[str, str]]:
    """The keys and what they do."""
    return [
        ("h", _("hint")), ("l", _("list")), ("a", _("all")), ("p", _("plot")), ("L", _("language")), ("q", _("quit")),
    ]  # fmt: skip


# -- the verdict -------------------------------------------------------------------------------------------------


def verdict_rows(sitting: Sitting, charset: tuple[str, ...] = terminal.FULL) -> list[Row]:
    """What the latest save has led to."""
    verdict = sitting.verdict
    if verdict is None:
        return []
    rows = [Row(_headline(verdict, sitting.course), DIM)]
    if verdict.right:
        earned = sum(_exercise(sitting.course, name).points for name in verdict.right)
        text = ngettext("{names} is right: {points} points.", "{names} are right: {points} points.", len(verdict.right))
        rows.append(Row(f"{charset[2]} " + text.format(names=_names(verdict.right), points=earned), RIGHT))
        rows += _completed(sitting, verdict)
    failed = _of_files_that_load(sitting, verdict.wrong)
    if failed:
        text = ngettext("{names} is not right yet.", "{names} are not right yet.", len(failed))
        rows.append(Row(f"{charset[3]} " + text.format(names=_names(failed)), WRONG))
    fallen = _of_files_that_load(sitting, verdict.broken)
    if fallen:
        text = ngettext(
            "{names} was right before this save and is not now: it uses what you have changed.",
            "{names} were right before this save and are not now: they use what you have changed.",
            len(fallen),
        )
        rows.append(Row(f"{charset[3]} " + text.format(names=_names(fallen)), WRONG))
    return [*rows, Row()]


def _of_files_that_load(sitting: Sitting, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Without the exercises of broken files: what is wrong is the file."""
    topics = {name.partition(".")[0] for name in ids}
    broken = {topic for topic in topics if sitting.trouble(topic) is not None}
    return tuple(name for name in ids if name.partition(".")[0] not in broken)


def _completed(sitting: Sitting, verdict: Verdict) -> list[Row]:
    """The topics that the save has completed."""
    rows = []
    for name in dict.fromkeys(name.partition(".")[0] for name in verdict.right):
        topic = sitting.course.topic(name)
        points, maximum = sitting.board.points(topic.exercises)
        if points == maximum:
            text = _("{topic} is complete: {points} of {maximum} points.")
            rows.append(Row(text.format(topic=topic.name, points=points, maximum=maximum), RIGHT))
    return rows


def _headline(verdict: Verdict, course: Course) -> str:
    whole = {topic.name for topic in course.topics if {e.id for e in topic.exercises} <= set(verdict.asked)}
    names = sorted(whole) or [name.partition(".")[2] for name in verdict.asked]
    if len(names) > 4:
        count = len(names) - 3
        text = ngettext("{time}  {names} and {count} more  ({seconds} s)",
                        "{time}  {names} and {count} more  ({seconds} s)", count)  # fmt: skip
    else:
        count, text = 0, _("{time}  {names}  ({seconds} s)")
    shown = ", ".join(names[:3] if count else names)
    return text.format(time=verdict.when, names=shown, count=count, seconds=f"{verdict.seconds:.2f}")


def _names(ids: tuple[str, ...]) -> str:
    names = [name.partition(".")[2] for name in ids]
    if len(names) > 4:
        text = ngettext("{names} and {count} more", "{names} and {count} more", len(names) - 3)
        return text.format(names=", ".join(names[:3]), count=len(names) - 3)
    return ", ".join(names)


def _exercise(course: Course, name: str) -> Exercise:
    topic, _dot, exercise = name.partition(".")
    return course.exercise(topic, exercise)


# -- the exercise ------------------------------------------------------------------------------------------------


def focus_rows(sitting: Sitting) -> list[Row]:
    """The exercise that is being looked at: what is wrong with it or with its file, or what it asks for."""
    trouble = sitting.trouble(sitting.focus.topic)
    if trouble is not None:
        return trouble_rows(trouble)
    state = sitting.board.state(sitting.focus)
    if state == FAILED:
        return list(_failure(sitting))
    if state == PASSED:
        return list(_passed(sitting))
    return list(_to_do(sitting))


def trouble_rows(trouble: Trouble) -> list[Row]:
    """Why the file does not load, and where."""
    return [Row(trouble.title, WRONG), *(Row(f"  {line}") for line in trouble.lines)]


def _failure(sitting: Sitting) -> Iterator[Row]:
    results = sitting.board.results(sitting.focus.id)
    failed = [result for result in results if result.failure is not None]
    if not failed:
        yield from _to_do(sitting)
        return
    first = next((result for result in failed if result.diagnosis), failed[0])
    head, *rest = terminal.failure(first).splitlines()
    yield Row(head, WRONG)
    yield from _styled(first, rest)
    yield from _printed(sitting, first.id)
    if len(failed) > 1:
        text = ngettext("{count} more check of {name} fails.", "{count} more checks of {name} fail.", len(failed) - 1)
        yield Row()
        yield Row(text.format(count=len(failed) - 1, name=sitting.focus.name), DIM)
    yield Row(_place(sitting), DIM)


def _styled(result: CheckResult, lines: list[str]) -> Iterator[Row]:
    """The name of a mistake and its hint stand out."""
    named = {f"  {item.hint}" for item in result.diagnosis}
    named |= {"  " + _("This is what “{name}” gives.  [known misconception]").format(name=item.name)
              for item in result.diagnosis}  # fmt: skip
    for line in lines:
        yield Row(line, WAITING if line in named else PLAIN)


def _printed(sitting: Sitting, check_id: str) -> Iterator[Row]:
    text = sitting.printed.get(check_id, "")
    lines = text.splitlines()
    if not lines:
        return
    yield Row("  " + _("Your code printed:"), DIM)
    for line in lines[:MOST_PRINTED_LINES]:
        yield Row("    " + _visible(line))
    if len(lines) > MOST_PRINTED_LINES:
        yield Row("    ...", DIM)


def _visible(line: str) -> str:
    """Printed text without what would move the cursor about."""
    return "".join(c if c.isprintable() else "·" for c in line.expandtabs(4))[:300]


def _to_do(sitting: Sitting) -> Iterator[Row]:
    exercise = sitting.focus
    text = ngettext("Next: {name}  ({points} point)", "Next: {name}  ({points} points)", exercise.points)
    yield Row(text.format(name=exercise.name, points=exercise.points), WAITING)
    summary = summary_of(exercise)
    if summary:
        yield Row(f"  {summary}")
    below = sitting.board.unfinished_below(exercise)
    if below:
        yield Row("  " + _("It builds on {names}: do that first.").format(names=", ".join(below)), DIM)
    yield Row(_place(sitting), DIM)


def _passed(sitting: Sitting) -> Iterator[Row]:
    following = sitting.next_exercise()
    if following is None:
        points, maximum = sitting.board.points(sitting.course.exercises)
        text = _("Everything is right: {points} of {maximum} points. There is nothing left to do.")
        yield Row(text.format(points=points, maximum=maximum), RIGHT)
        return
    yield Row(_("{name} is right.").format(name=sitting.focus.name), RIGHT)
    yield Row(_("Next: {name}").format(name=following.id), WAITING)


def _place(sitting: Sitting) -> str:
    """Where the exercise stands, as editors and terminals understand it."""
    source = sitting.source_of(sitting.focus)
    line = location(source, sitting.focus.name) if source else 0
    return f"  {place(sitting.file_of(sitting.focus), line)}"


def summary_of(exercise: Exercise) -> str:
    """The first sentence of an exercise's docstring."""
    try:
        prose = prose_of(original(exercise.topic), exercise.name)
    except StubError:
        return ""
    return plain_prose(prose.text.summary) if prose is not None else ""


# -- hints -------------------------------------------------------------------------------------------------------


def hint_rows(sitting: Sitting) -> list[Row]:
    """The hint that was asked for, the name of the mistake first."""
    step = sitting.hint_shown
    if not step:
        return []
    results = sitting.board.results(sitting.focus.id)
    if hint.is_right(results):
        return []
    named = hint.named_mistake(results)
    shown = hint.hints(sitting.focus, results)[step - 1]
    rows = [] if named is None else [*_hint(named.title, named), Row()]
    title = _("Hint {step} of {count}: {title}").format(step=step, count=hint.STEPS, title=shown.title)
    return [*rows, *_hint(title, shown), Row()]


def _hint(title: str, shown: Hint) -> list[Row]:
    return [Row(title, NOTE), *(Row(f"  {line}") for line in shown.lines)]


# -- overviews ---------------------------------------------------------------------------------------------------


def listing(sitting: Sitting, charset: tuple[str, ...] = terminal.FULL, columns: int = 80) -> list[Row]:
    """Every exercise, topic by topic; the cursor is on one."""
    rows: list[Row] = []
    chosen = sitting.course.exercises[sitting.sight.cursor]
    for topic in sitting.course.topics:
        points, maximum = sitting.board.points(topic.exercises)
        rows.append(Row(f"{topic.name}  {points} / {maximum}", TITLE))
        rows += _to_mend(sitting, topic.name)
        for exercise in topic.exercises:
            rows.append(_listed(sitting, exercise, exercise == chosen, charset, max(min(36, columns - 14), 8)))
    return rows


def _to_mend(sitting: Sitting, topic: str) -> list[Row]:
    trouble = sitting.trouble(topic)
    return [] if trouble is None else [Row(f"  {trouble.title}", WRONG)]


def _listed(sitting: Sitting, exercise: Exercise, chosen: bool, charset: tuple[str, ...], width: int) -> Row:
    marks = {PASSED: (charset[2], RIGHT), FAILED: (charset[3], WRONG), TO_DO: (charset[4], PLAIN)}
    mark, style = marks.get(sitting.board.state(exercise), (charset[4], DIM))
    score = sitting.board.score(exercise)
    name = _cut(exercise.name, width, charset)
    text = f"{'>' if chosen else ' '} {mark} {name:<{width}} {score.points:>3} / {score.maximum}"
    return Row(text, CURSOR if chosen else style)


def _cut(name: str, width: int, charset: tuple[str, ...]) -> str:
    """A name that fits."""
    mark = "…" if charset == terminal.FULL else "~"
    return name if len(name) <= width else name[: width - 1] + mark


def totals(sitting: Sitting, charset: tuple[str, ...] = terminal.FULL, columns: int = 80) -> list[Row]:
    """The points of every topic."""
    rows = []
    for topic in sitting.course.topics:
        points, maximum = sitting.board.points(topic.exercises)
        style = RIGHT if points == maximum else PLAIN
        bar = f"{terminal.bar(points, maximum, charset)}  " if columns >= 50 else ""
        rows.append(Row(f"{topic.name:<16}{bar}{points:>3} / {maximum}", style))
        rows += _to_mend(sitting, topic.name)
    points, maximum = sitting.board.points(sitting.course.exercises)
    rows += [Row(), Row(_("All together: {points} of {maximum} points.").format(points=points, maximum=maximum), TITLE)]
    following = sitting.board.next_after(sitting.focus.topic)
    if following is not None and sitting.trouble(following.topic) is None:
        rows.append(Row(_("Next: {name}").format(name=following.id), WAITING))
    return rows


def farewell(sitting: Sitting) -> str:
    """The last word."""
    points, maximum = sitting.board.points(sitting.course.exercises)
    if points == maximum:
        return _("{points} of {maximum} points: everything is right.").format(points=points, maximum=maximum)
    text = _("{points} of {maximum} points. You stopped at {name}: `grader watch` goes on from there.")
    return text.format(points=points, maximum=maximum, name=sitting.focus.id)
