"""What a student reads below an exercise: the points, what is right in short, what is not in full."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from grader.language import _
from grader.reports import terminal
from grader.reports.wrapping import wrapped
from grader.result import ERROR, FAILED, PASSED, TO_DO, CheckResult, Tally

WIDTH = 96


def exercise_text(name: str, results: Sequence[CheckResult], width: int = WIDTH) -> str:
    """The verdict on one exercise as plain text.

    Parameters
    ----------
    name : str
    results : sequence of CheckResult
        Of all checks of the exercise.
    width : int, optional
        Of a line.
    """
    tally = Tally.of(results)
    rows = [f"{name}: " + score_text(tally)]
    if tally.to_do == len(results):
        return rows[0] + " " + _("(to do)")
    rows += [f"  ✓ {result.title}" for result in results if result.status == PASSED]
    rows += [f"  · {result.title}  " + _("(to do)") for result in results if result.status == TO_DO]
    said: set[str] = set()
    for result in results:
        if result.status in (FAILED, ERROR) and result.failure is not None:
            rows += ["", *_failure(result, said)]
    advice = terminal.advice(results)
    rows += ["", *(f"  {line}" for line in advice)] if advice else []
    return "\n".join(line for row in rows for part in row.split("\n") for line in wrapped(part.rstrip(), width))


def _failure(result: CheckResult, said: set[str]) -> list[str]:
    """One failed check; what was said in the same words before is not said again."""
    assert result.failure is not None
    message = result.failure.message
    if message in said and not (result.diagnosis or result.failure.expected or result.failure.got):
        return [f"✗ {result.title}", "  " + _("The same as above.")]
    said.add(message)
    lines = ("✗ " + terminal.failure(result)).split("\n")
    hints = {f"  {item.hint}" for item in result.diagnosis}
    lines = [_FILE.sub(r"\1", line) for line in lines if line not in hints & said]
    said |= hints
    return lines


_FILE = re.compile(r"^(\s+)\w+\.py:\d+ (?=in )")
"""A notebook has cells: the file and line that its code was given mean nothing to its author."""


def score_text(tally: Tally) -> str:
    """The points of an exercise in words."""
    return _("{points} / {maximum} points").format(points=tally.points, maximum=tally.maximum)


def score_html(name: str, tally: Tally) -> str:
    """The points of an exercise as one line of HTML with a bar."""
    share = 100 * tally.points / tally.maximum if tally.maximum else 0
    color = "#1a7f37" if tally.points == tally.maximum else "#9a6700" if tally.points else "#b35900"
    return (
        f'<div style="font-family:sans-serif"><b>{html.escape(name)}</b> {html.escape(score_text(tally))} '
        f'<span style="display:inline-block;width:10em;height:.6em;background:#d0d7de;border-radius:.3em">'
        f'<span style="display:block;width:{share:.0f}%;height:100%;background:{color};border-radius:.3em"></span>'
        f"</span></div>"
    )
