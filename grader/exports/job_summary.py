"""A result record for GitHub: the summary of a job as Markdown, and the score as GitHub Classroom reads it.

    python -m grader.exports.job_summary result.json            the summary, for $GITHUB_STEP_SUMMARY
    python -m grader.exports.job_summary result.json --outputs  result=..., for $GITHUB_OUTPUT and Classroom's reporter
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.course import Course, the_course
from grader.language import _
from grader.reports import terminal
from grader.result import PASSED, TO_DO, CheckResult, SubmissionResult, Tally

MAX_BYTES = 900_000
"""GitHub drops a summary of more than 1 MiB."""


def job_summary(result: SubmissionResult, course: Course) -> str:
    """The record as Markdown: points, a table of topics, and every message below a line that opens it."""
    total = Tally.of(result.checks)
    points = _("{points} of {maximum} points").format(points=total.points, maximum=total.maximum)
    heads = " | ".join([_("Topic"), _("Points"), _("To do")])
    rows = [f"### {points}", "", f"| {heads} |", "| --- | ---: | ---: |"]
    groups = {topic.name: [c for c in result.checks if c.topic == topic.name] for topic in course.topics}
    for topic in course.topics:
        if groups[topic.name]:
            tally = Tally.of(groups[topic.name])
            rows.append(f"| {_(topic.title)} | {tally.points} / {tally.maximum} | {tally.to_do or ''} |")
    rows += ["", *(f"- {_escaped(problem)}" for problem in result.problems), ""]
    size = sum(len(row.encode("utf-8", "replace")) + 1 for row in rows)
    for part in _messages([check for checks in groups.values() for check in checks]):
        size += len(part.encode("utf-8", "replace")) + 1
        if size > MAX_BYTES:
            rows.append(_("The rest is left out: run pytest to see it."))
            break
        rows.append(part)
    return "\n".join(rows) + "\n"


def _messages(checks: list[CheckResult]) -> Iterator[str]:
    for check in checks:
        if check.failure is None or check.status in (PASSED, TO_DO):
            continue
        title = f"{check.topic}.{check.exercise}: {check.title}"
        yield f"<details><summary>{_escaped(title)}</summary>\n\n{_fenced(terminal.failure(check))}\n\n</details>"


def _fenced(text: str) -> str:
    """Text as a code block that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def _escaped(text: str) -> str:
    """Text of anybody's that stays text in Markdown."""
    return "".join(f"&#{ord(c)};" if c in "&<>\\`*_{}[]()#+!|~$" else c for c in " ".join(text.split()))


def classroom_result(result: SubmissionResult) -> dict[str, object]:
    """The record as the runners of GitHub Classroom hand it to its reporter: a test for each exercise.

    One for each check would be too long for the environment variable in which the platform hands it over.
    """
    total = Tally.of(result.checks)
    exercises: dict[str, list[CheckResult]] = {}
    for check in result.checks:
        exercises.setdefault(f"{check.topic}.{check.exercise}", []).append(check)
    tests = [_classroom_test(name, Tally.of(checks)) for name, checks in exercises.items()]
    return {"version": 1, "status": _classroom_status(total), "max_score": total.maximum, "tests": tests}


def _classroom_test(name: str, tally: Tally) -> dict[str, object]:
    return {
        "name": name,
        "status": _classroom_status(tally),
        "score": tally.points,
        "message": "",
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }


def _classroom_status(tally: Tally) -> str:
    return "pass" if tally.points == tally.maximum else "fail"


def main(arguments: list[str] | None = None) -> int:
    """Print what was asked for; returns the exit status: 2 where there is no record."""
    parser = argparse.ArgumentParser(prog="python -m grader.exports.job_summary")
    parser.add_argument("result", type=Path, help=_("what pytest --result wrote"))
    parser.add_argument("--outputs", action="store_true", help=_("the score for GitHub Classroom's reporter"))
    options = parser.parse_args(arguments)
    try:
        result = SubmissionResult.from_json(options.result.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(_("There is no result that could be shown ({error}).").format(error=error))
        return 2
    if options.outputs:
        encoded = base64.b64encode(json.dumps(classroom_result(result)).encode()).decode()
        print(f"result={encoded}")
    else:
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        print(job_summary(result, the_course()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
