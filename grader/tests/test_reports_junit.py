"""JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from grader.reports.junit import junit_xml
from grader.result import FAILED, PASSED, TO_DO, SubmissionResult, Tally
from grader.tests.sample_results import sample_class
from grader.tests.test_reports_feedback import check, record
from grader.tests.test_reports_html import hostile_results

# What junit-10.xsd allows: the attributes of each element (required ones first) and the elements within it.
SCHEMA = {
    "testsuites": ((), ("name", "tests", "failures", "errors", "time"), ("testsuite",)),
    "testsuite": (("name", "tests", "failures", "errors"), ("skipped", "time"), ("properties", "testcase")),
    "properties": ((), (), ("property",)),
    "property": (("name", "value"), (), ()),
    "testcase": (("name",), ("classname", "time"), ("skipped", "failure", "error", "system-out")),
    "skipped": ((), ("message", "type"), ()),
    "failure": ((), ("message", "type"), ()),
    "error": ((), ("message", "type"), ()),
    "system-out": ((), (), ()),
}


def assert_valid(element: ElementTree.Element) -> None:
    required, optional, children = SCHEMA[element.tag]
    assert set(required) <= set(element.attrib) <= {*required, *optional}, element.attrib
    for child in element:
        assert child.tag in children, (element.tag, child.tag)
        assert_valid(child)


def parsed(result: SubmissionResult) -> ElementTree.Element:
    root = ElementTree.fromstring(junit_xml(result).encode())
    assert_valid(root)
    return root


def test_every_check_is_a_case_with_its_verdict() -> None:
    for result in sample_class(20):
        root = parsed(result)
        tally = Tally.of(result.checks)
        assert (
            len(root.findall(".//testcase")) == len(result.checks) + len(result.problems) == int(root.get("tests", ""))
        )
        assert len(root.findall(".//failure")) == tally.failed == int(root.get("failures", ""))
        assert len(root.findall(".//skipped")) == tally.to_do
        for suite in root:
            assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
            assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))
            assert int(suite.get("errors", "")) == len(suite.findall("testcase/error"))


def test_a_failure_says_everything() -> None:
    root = parsed(record(check("first", "plain", FAILED, "doubles z"), check("first", "built", TO_DO)))
    failure = root.find(".//failure")
    assert failure is not None and failure.get("message") == "plain(z) returned other numbers."
    assert failure.text and "[3. 4.]" in failure.text and "Factor 2." in failure.text
    assert [case.get("classname") for case in root.iter("testcase")] == ["first.plain", "first.built"]


def test_cases_of_one_title_have_names_of_their_own() -> None:
    rows = [check("first", "plain", PASSED, "holds", id=f"test_first.py::test_it[{i}]") for i in range(3)]
    names = [case.get("name") for case in parsed(record(*rows)).iter("testcase")]
    assert names == [f"holds [test_it[{i}]]" for i in range(3)]


def test_problems_with_the_files_are_errors() -> None:
    root = parsed(record(check("first", "plain", PASSED), problems=("damaged", "no losses.py")))
    assert root.get("errors") == "2" and root.get("tests") == "3"
    assert [error.get("message") for error in root.iter("error")] == ["damaged", "no losses.py"]


def test_hostile_text_makes_well_formed_xml() -> None:
    for result in hostile_results():
        parsed(result)
