"""The HTML reports against text that means harm, and what all pages have in common."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from grader.course import the_course
from grader.reports.class_html import class_page
from grader.reports.feedback_html import feedback_page
from grader.reports.html import escape, page, page_address, percent, readable, shortened, tag
from grader.result import ERROR, FAILED, PASSED, TO_DO, CheckResult, Diagnosis, Failure, SubmissionResult
from grader.tests.sample_results import sample_class

HOSTILE = (
    "<script>window.harmed=1</script>",
    "\"><img src=x onerror='window.harmed=1'>",
    "' onmouseover='window.harmed=1' style='position:fixed",
    "</title></style></summary></details></svg><svg onload=window.harmed=1>",
    "<!-- <base href=//evil.example> -->",
    '<a href="javascript:window.harmed=1">javascript:window.harmed=1</a>',
    "<iframe srcdoc='<script>parent.harmed=1</script>'></iframe>",
    "&lt;b&gt; &amp;#60;script&#62; {name} {0} %s $name",
    "\x00\x08\x1b[31m\x7f\x9b \ud800 \udcff \ufffe \u202e reversed \u2066 \u2028",
    "]]> <![CDATA[ <?php ?> <%= 1 %>",
    "W" * 30_000,
    "a\r\nb\rc\n" * 3,
)
OURS = """
html head meta link title style body header main section footer article nav div span p a h1 h2 h3 h4 ul li dl dt dd
table thead tbody tr th td details summary code pre strong svg g defs pattern symbol rect circle path text use wbr
"""
TAGS = set(OURS.split())


def hostile_results() -> list[SubmissionResult]:
    """Records with every hostile text in every field that a submission has a hand in, and in the others too."""
    return [_hostile(text, place) for place, text in enumerate(HOSTILE)]


def _hostile(text: str, place: int) -> SubmissionResult:
    failure = Failure(text, text, text, ((text, text), (text, text)), text, text, text, text, text)
    diagnosis = (Diagnosis(text, text, text, text), Diagnosis(text + "2", text, text, text))
    reasons = ("deadline", "died", "syntax", "answer_missing", "value")
    checks = [
        CheckResult(f"t::{text}", text, text, text, text, FAILED, 1, failure, diagnosis, text, (text,)),
        CheckResult("t::right", "losses", "mse", "parity", text, PASSED, 1, advice=(text,)),
        CheckResult("t::later", "losses", "mae", "parity", text, TO_DO, 1),
    ]
    for reason in reasons:
        status = ERROR if reason == "answer_missing" else FAILED
        kind = replace(failure, reason=reason)
        checks.append(CheckResult(f"t::{reason}", "losses", "huber", "concept", text, status, 1, kind, diagnosis, text))
        checks.append(CheckResult(f"t::{reason}{text}", f"topic {reason}", "f", "concept", text, status, 1, kind))
    return SubmissionResult(f"{text[:100]} {place}", place, text, text, tuple(checks), (text, text), text)


class Reader(HTMLParser):
    """Gathers what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.words.append("" if tag == "wbr" else " ")
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "link", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes another element"
        self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def pages_of(results: list[SubmissionResult]) -> list[str]:
    course = the_course()
    texts = [feedback_page(result, course) for result in results]
    texts.append(class_page(results, course, title=HOSTILE[0]))
    return texts


@pytest.mark.parametrize("size", [0, 80, 420])
def test_hostile_text_stays_text(size: int) -> None:
    """Whatever a record holds, a page has only elements and attributes of its own."""
    results = hostile_results()
    texts = pages_of(results) if not size else [class_page([*results, *sample_class(size)], the_course())]
    for text in texts:
        text.encode("utf-8")
        reader = Reader(text)
        assert reader.tags <= TAGS, reader.tags - TAGS
        for element, name, value in reader.attributes:
            assert not name.startswith("on") and name not in ("style", "src", "srcdoc", "action", "srcset"), (
                element,
                name,
            )
            if name == "href":
                inside = re.match(r"#|feedback/[^/:?#]+\.html$", value)
                assert value == "data:," if element == "link" else inside, value
        assert "<script" not in text.lower()


def test_hostile_text_can_be_read() -> None:
    """Nothing is swallowed: the student finds the words that the code printed."""
    words = Reader(feedback_page(_hostile(HOSTILE[0], 0), the_course())).text
    assert words.count(HOSTILE[0]) > 15
    assert "\\ud800" in Reader(feedback_page(_hostile(HOSTILE[8], 8), the_course())).text


def test_what_cannot_be_shown_is_written_out() -> None:
    assert readable("a\x00b\x1b\ud800\u202e\ufffe") == "a\\x00b\\x1b\\ud800\\u202e\\ufffe"
    assert readable("tab\tline\r\nline\rline") == "tab\tline\nline\nline"
    assert readable("σ(z) = 1/(1+e⁻ᶻ) 日本 עברית 🙂") == "σ(z) = 1/(1+e⁻ᶻ) 日本 עברית 🙂"


def test_only_html_is_kept() -> None:
    inner = tag("b", "x < y")
    assert tag("p", inner, " & ", ["c", None, ["d"]], title='"') == '<p title="&quot;"><b>x &lt; y</b> &amp; cd</p>'
    assert escape(inner) == inner and escape("<b>") == "&lt;b&gt;"


def test_attributes_tell_numbers_and_switches_apart() -> None:
    assert tag("a", x=1, y=1.0, open=True, id=None, hidden=False) == '<a x="1" y="1" open></a>'
    assert tag("a", open=True, x=1) == '<a open x="1"></a>', "True is not the 1 that was written before"


def test_a_long_text_says_what_is_left_off() -> None:
    assert shortened("x" * 5, 5) == "xxxxx"
    assert shortened("x" * 12_345, 5) == "xxxxx [… and 12,340 more characters]"


@pytest.mark.parametrize(("share", "told"), [(0, "0"), (0.001, "1"), (0.5, "50"), (0.9999, "99"), (1, "100")])
def test_only_all_is_a_hundred_percent(share: float, told: str) -> None:
    assert percent(share) == f"{told}\u00a0%"


def test_an_address_holds_any_name() -> None:
    assert page_address("feedback", "Ann Lee#2/?%") == "feedback/Ann%20Lee%232%2F%3F%25.html"
    page_address("feedback", "\ud800")


def test_the_policy_allows_the_own_style_sheet_alone() -> None:
    for text in pages_of(list(sample_class(3))):
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
        sheets = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        assert policy and len(sheets) == 1
        digest = base64.b64encode(hashlib.sha256(sheets[0].encode()).digest()).decode()
        rules = policy.group(1).replace("&#x27;", "'").split("; ")
        own = f"style-src 'sha256-{digest}'"
        assert rules == ["default-src 'none'", own, "img-src data:", "base-uri 'none'", "form-action 'none'"]


def test_a_style_sheet_with_a_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="tag"):
        page("t", "a{}</style>", "")


def test_every_link_inside_a_page_leads_somewhere_and_ids_are_unique() -> None:
    results = list(sample_class(12))
    for text in [*pages_of(results), class_page(sample_class(450), the_course())]:
        attributes = Reader(text).attributes
        ids = [value for _tag, name, value in attributes if name == "id"]
        assert len(ids) == len(set(ids))
        targets = {value[1:] for _tag, name, value in attributes if name == "href" and value.startswith("#")}
        assert targets <= set(ids), targets - set(ids)
        labels = {value for _tag, name, value in attributes if name == "aria-labelledby"}
        assert labels <= set(ids)


def test_headings_go_down_in_steps() -> None:
    for text in pages_of(list(sample_class(3))):
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
