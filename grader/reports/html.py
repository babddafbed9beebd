"""What the HTML pages share: elements that escape what they hold, the skeleton, the styles, small drawings.

Pure functions. A page is one file without scripts and without anything from outside; its policy allows its own style
sheet and nothing else, so that even a mistake in here would not run a line of a student's.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote

from grader.language import SOURCE, current, ngettext
from grader.reports.styles import SHARED

LONGEST = 4000
"""So many characters of one piece of text are shown; the result record has the rest."""

PARTS = ("done", "part", "none", "todo")
"""How far an exercise or a check is, best first: each has a shade, a shape and a word."""


class Html(str):
    """Text that is HTML already. Everything else is escaped where it enters an element."""

    __slots__ = ()


Child: TypeAlias = "str | None | Iterable[Child]"
Attribute: TypeAlias = "str | int | float | bool | None"

_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_VOID = frozenset({"br", "hr", "link", "meta"})


def readable(text: str) -> str:
    """Text as it may be shown: what cannot be seen, encoded or trusted (control characters, lone surrogates, marks that
    reverse the order of what follows) is written as an escape."""
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n").replace("\r", "\n"))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def shortened(text: str, limit: int = LONGEST) -> str:
    """The beginning of a long text, and how much was left off."""
    if len(text) <= limit:
        return text
    rest = len(text) - limit
    left_off = ngettext("[… and {count} more character]", "[… and {count} more characters]", rest)
    return text[:limit] + " " + left_off.format(count=number(rest))


def escape(text: str) -> Html:
    """Any text as HTML, safe between tags and inside a quoted attribute."""
    if isinstance(text, Html):
        return text
    return _escaped_once(text) if len(text) < 200 else Html(html.escape(readable(text)))


@lru_cache(maxsize=8192)  # titles, names and words come again on every page of a class
def _escaped_once(text: str) -> Html:
    return Html(html.escape(readable(text)))


def join(children: Child) -> Html:
    """Children one after the other; what is not HTML yet is escaped."""
    return Html(_flat(children))


def _flat(children: Child) -> str:
    if isinstance(children, Html):
        return children
    if isinstance(children, str):
        return escape(children)
    return "" if children is None else "".join([_flat(child) for child in children])


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """An element.

    Parameters
    ----------
    name : str
    *children : str, None or iterables of these
        `Html` is kept, any other text escaped.
    **attributes : str, number, bool or None
        `class_` and `aria_label` are written `class` and `aria-label`; None and False leave an attribute out.
    """
    written = "".join([_attribute(key, value) for key, value in attributes.items()])
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{_flat(children)}</{name}>")


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, str) and len(value) >= 200:
        return _written(key, value)
    return _written_once(key, value)


def _written(key: str, value: Attribute) -> str:
    key = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {key}"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {key}="{html.escape(readable(text))}"'


_written_once = lru_cache(maxsize=8192, typed=True)(_written)


def code_name(name: str, **attributes: Attribute) -> Html:
    """The name of an exercise, which may be broken after an underscore."""
    return tag("code", Html(escape(name).replace("_", "_<wbr>")), **attributes)


def filled(sentence: str, **parts: str) -> Html:
    """A sentence with elements at its placeholders: `filled(_("Mend {exercise}."), exercise=tag("a", ...))`."""
    pieces = re.split(r"\{(\w+)\}", sentence)
    return join([parts[piece] if place % 2 else piece for place, piece in enumerate(pieces)])


def page_address(folder: str, submission: str) -> str:
    """The relative address of a submission's page."""
    return f"{folder}/{quote(submission, safe='', errors='replace')}.html"


def percent(share: float) -> str:
    """A share as whole percent; only all is 100 and only nothing is 0."""
    whole = round(100 * share)
    whole = min(whole, 99) if share < 1 else whole
    return f"{max(whole, 1) if share > 0 else whole}\u00a0%"


def number(count: int) -> str:
    """A count in digits: groups of three, with a comma where that is English, else a narrow space."""
    digits = f"{count:,}"
    return digits if current() == SOURCE else digits.replace(",", "\u202f")


def page(title: str, styles: str, body: Child) -> str:
    """A whole document.

    Parameters
    ----------
    title : str
    styles : str
        The page's own rules, after those that all pages share. They hold no text of a student's.
    body : children of the body element
    """
    sheet = SHARED + styles
    if "<" in sheet:
        raise ValueError("a style sheet with a tag in it")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", title),
        Html(f"<style>{sheet}</style>"),
    )
    return "<!DOCTYPE html>\n" + tag("html", head, tag("body", DEFINITIONS, body), lang=current()) + "\n"


def icon(name: str) -> Html:
    """A small sign of a state; a word always stands beside it."""
    return Html(f'<svg class="icon {name}" aria-hidden="true"><use href="#{name}"/></svg>')


def stacked_bar(parts: Sequence[tuple[str, float]], label: str, height: int = 12) -> Html:
    """A bar in parts.

    Parameters
    ----------
    parts : sequence of (str, float)
        Names of `PARTS` and their shares, which add up to at most 1.
    label : str
        What the bar says, in words.
    height : int, optional
        In pixels.
    """
    drawn, left = [], 0.0
    for name, share in parts:
        if share > 0 and name != "todo":
            drawn.append(
                tag("rect", x=f"{100 * left:.4g}%", width=f"{100 * share:.4g}%", height="100%", class_=f"fill-{name}")
            )
        left += share
    return tag(
        "svg",
        drawn,
        class_="bar",
        height=height,
        role="img",
        aria_label=label,
    )


def plain_bar(share: float, state: str = "done") -> Html:
    """A bar beside which stands what it says."""
    part = f'<rect class="fill-{state}" width="{100 * share:.4g}%" height="100%"/>'
    return Html(f'<svg class="bar" height="10" aria-hidden="true">{part}</svg>')


def details(summary: Child, *children: Child, opened: bool = False, **attributes: Attribute) -> Html:
    """A part that opens and closes without a script."""
    return tag("details", tag("summary", summary), *children, open=opened, **attributes)


DEFINITIONS = Html(
    '<svg class="definitions" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="hatch-ground"/><rect width="2.5" height="6" class="hatch-line"/></pattern>'
    '<symbol id="done" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9.5" class="shape"/>'
    '<path d="M5.5 10.5l3 3 6-7" class="stroke"/></symbol>'
    '<symbol id="part" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8.5" class="outline"/>'
    '<path d="M10 1.500a8.5 8.5 0 0 1 0 17z" class="shape"/></symbol>'
    '<symbol id="none" viewBox="0 0 20 20"><path d="M10 .5l9.5 9.500l-9.5 9.500l-9.5 -9.500z" class="shape"/>'
    '<path d="M7 7l6 6m0-6l-6 6" class="stroke"/></symbol>'
    '<symbol id="todo" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8" class="outline dashed"/></symbol>'
    '<symbol id="warn" viewBox="0 0 20 20"><path d="M10 1l9.5 18h-19z" class="shape"/>'
    '<path d="M10 7.500v5.500m0 2.200v1.6" class="stroke"/></symbol>'
    "</defs></svg>"
)
