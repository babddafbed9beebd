"""The result record as terminal text. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from grader.course import Course, Topic
from grader.language import _
from grader.reports import wrapping
from grader.reports.terms import term
from grader.result import FILE_REASONS, PASSED, CheckResult, Failure, SubmissionResult, Tally

WIDTH = 20
FULL = ("█", "░", "✓", "✗", "·")
ASCII = ("#", ".", "+", "x", "-")


def charset_of(stream: Any) -> tuple[str, ...]:
    """Block characters where the stream can show them, ASCII elsewhere."""
    try:
        "".join(FULL).encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return FULL


def bar(points: int, maximum: int, charset: tuple[str, ...]) -> str:
    filled = WIDTH * points // maximum if maximum else 0
    return charset[0] * filled + charset[1] * (WIDTH - filled)


def summary(course: Course, results: Iterable[CheckResult], charset: tuple[str, ...] = FULL) -> list[str]:
    """Points by topic and exercise; a topic that is all to do or all earned takes one line."""
    by_topic: dict[str, list[CheckResult]] = {}
    for result in results:
        by_topic.setdefault(result.topic, []).append(result)
    lines: list[str] = []
    for topic in course.topics:
        if topic.name in by_topic:
            lines += _topic_lines(topic, by_topic[topic.name], charset)
    return lines


def _topic_lines(topic: Topic, results: list[CheckResult], charset: tuple[str, ...]) -> Iterator[str]:
    tally = Tally.of(results)
    note = ""
    if tally.to_do == len(results):
        note = "  " + _("to do")
    yield f"{topic.name:<22}{bar(tally.points, tally.maximum, charset)}  {tally.points:>3} / {tally.maximum}{note}"
    if tally.to_do == len(results) or tally.points == tally.maximum:
        return
    by_exercise: dict[str, list[CheckResult]] = {}
    for result in results:
        by_exercise.setdefault(result.exercise, []).append(result)
    for name, checks in by_exercise.items():
        tally = Tally.of(checks)
        mark = charset[2] if tally.passed == len(checks) else charset[3] if tally.failed else charset[4]
        yield f"  {mark} {name:<38}  {tally.points:>3} / {tally.maximum}{_exercise_note(tally, len(checks))}"


def _exercise_note(tally: Tally, checks: int) -> str:
    if tally.to_do == checks:
        return "  " + _("to do")
    if tally.failed and tally.to_do:
        return "  " + _("failed: {failed}, to do: {to_do}").format(failed=tally.failed, to_do=tally.to_do)
    if tally.failed:
        return "  " + _("failed: {failed}").format(failed=tally.failed)
    if tally.to_do:
        return "  " + _("to do: {to_do}").format(to_do=tally.to_do)
    return ""


def score_line(record: SubmissionResult) -> str:
    return f"{record.points} / {record.maximum}"


def broken_files(record: SubmissionResult) -> list[str]:
    """Why whole files could not be run, each once, with its line: to be read last, where the eye is."""
    failures = [check.failure for check in record.checks if check.failure is not None]
    told = {failure.message: _line_of(failure) for failure in failures if failure.reason in FILE_REASONS}
    return [f"{place}: {message}" if place else message for message, place in told.items()]


def _line_of(failure: Failure) -> str:
    """Where it happened, such as `losses.py:44`."""
    places = [line.partition(" in ")[0] for line in failure.trace.splitlines() if not line.startswith(" ")]
    return places[-1] if places else ""


def failure(result: CheckResult) -> str:
    """A failed check in full: the claim, what happened, the inputs, expected, got, what it suggests."""
    assert result.failure is not None
    part = result.failure
    head = f"{result.exercise}: {result.title}"
    rows = [f"{head}  [{term(result.kind)}, 0/{result.maximum}]", f"  {part.message}"]
    rows += [f"    {name} = {text}" for name, text in part.inputs]
    if part.expected:
        rows.append("  " + _("expected  {value}").format(value=part.expected))
    if part.got:
        rows.append("  " + _("got       {value}").format(value=part.got))
    if part.difference:
        rows.append(f"  ({part.difference})")
    rows += [f"    {line}" for line in part.trace.splitlines()]
    if result.diagnosis:
        for item in result.diagnosis:
            rows.append("  " + _("This is what “{name}” gives.  [known misconception]").format(name=item.name))
            rows.append(f"  {item.hint}")
            rows.append(f"    {item.evidence}")
    elif part.suggestion:
        rows.append(f"  {part.suggestion}")
    if result.mend_first:
        rows.append(f"  {result.mend_first}")
    rows += [f"  {line}" for line in result.advice]
    return "\n".join(rows)


def advice(results: Iterable[CheckResult]) -> list[str]:
    """The remarks that cost no points, each once."""
    return list(dict.fromkeys(line for result in results if result.status == PASSED for line in result.advice))


def wrapped(line: str, width: int | None) -> list[str]:
    """A line in rows of a terminal, its last column left free; into a file (None) it stays whole."""
    return [line] if width is None else wrapping.wrapped(line, width - 1)
