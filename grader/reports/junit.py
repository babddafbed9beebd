"""The result record as JUnit XML, for continuous integration. A pure function.

The layout is the one that Jenkins' `junit-10.xsd` describes and that GitLab, Azure and others read: a test suite for
each topic, a test case for each check. To do is `skipped`. A record has no times, so no `time` is written.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable

from grader.language import _
from grader.reports import terminal
from grader.reports.html import readable
from grader.result import ERROR, FAILED, TO_DO, CheckResult, SubmissionResult, Tally


def junit_xml(result: SubmissionResult) -> str:
    """One submission as JUnit XML.

    Parameters
    ----------
    result : SubmissionResult

    Returns
    -------
    str
        A whole document. Characters that XML cannot hold are written as escapes.
    """
    topics: dict[str, list[CheckResult]] = {}
    for check in result.checks:
        topics.setdefault(check.topic, []).append(check)
    root = ElementTree.Element("testsuites", {"name": readable(result.submission)})
    root.attrib.update(_counts(result.checks, extra_errors=len(result.problems)))
    for topic, checks in topics.items():
        root.append(_suite(topic, checks, result))
    if result.problems:
        root.append(_problems(result))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(checks: Iterable[CheckResult], extra_errors: int = 0) -> dict[str, str]:
    statuses = Counter(check.status for check in checks)
    tests, errors = statuses.total() + extra_errors, statuses[ERROR] + extra_errors
    return {"tests": str(tests), "failures": str(statuses[FAILED]), "errors": str(errors)}


def _suite(topic: str, checks: list[CheckResult], result: SubmissionResult) -> ElementTree.Element:
    skipped = str(sum(check.status == TO_DO for check in checks))
    suite = ElementTree.Element("testsuite", {"name": readable(topic), **_counts(checks), "skipped": skipped})
    tally = Tally.of(checks)
    facts = {
        "points": tally.points,
        "maximum": tally.maximum,
        "seed": result.seed,
        "kit": result.kit,
        "answers": result.answers,
        "tier": result.tier,
    }
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in facts.items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": readable(str(value))})
    titles = Counter((check.exercise, check.title) for check in checks)
    for check in checks:
        suite.append(_case(check, alone=titles[check.exercise, check.title] == 1))
    return suite


def _case(check: CheckResult, alone: bool) -> ElementTree.Element:
    # Readers of this format tell test cases apart by their names, so a title that occurs twice gets
    # the name of the check's function.
    name = check.title if alone else f"{check.title} [{check.id.rpartition('::')[2]}]"
    case = ElementTree.Element(
        "testcase", {"classname": readable(f"{check.topic}.{check.exercise}"), "name": readable(name)}
    )
    if check.status == TO_DO:
        ElementTree.SubElement(case, "skipped", {"message": _("to do")})
    elif check.status in (FAILED, ERROR):
        kind = "failure" if check.status == FAILED else "error"
        reason, message, text = check.status, _("There is no more to say about it."), ""
        if check.failure is not None:
            reason, message, text = check.failure.reason, check.failure.message, terminal.failure(check)
        problem = ElementTree.SubElement(case, kind, {"type": readable(reason), "message": readable(message)})
        problem.text = readable(text)
    elif check.advice:
        ElementTree.SubElement(case, "system-out").text = readable("\n".join(check.advice))
    return case


def _problems(result: SubmissionResult) -> ElementTree.Element:
    """What was wrong with the files, where a reader of the format sees it: as errors of their own."""
    counts = _counts((), extra_errors=len(result.problems))
    suite = ElementTree.Element("testsuite", {"name": "submission", **counts, "skipped": "0"})
    for place, problem in enumerate(result.problems, 1):
        name = _("problem {number} with the files").format(number=place)
        case = ElementTree.SubElement(suite, "testcase", {"classname": "submission", "name": name})
        ElementTree.SubElement(case, "error", {"type": "problem", "message": readable(problem)})
    return suite
