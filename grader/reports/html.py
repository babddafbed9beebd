"""What the HTML pages share: elements that escape what they hold, the skeleton, the styles, small drawings.

Pure functions. A page is one file without scripts and without anything from outside; its policy allows its own style
sheet and nothing else, so that even a mistake in here would not run a line of a student's.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias
from urllib.parse import quote

from grader.language import _

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
    return text[:limit] + " " + _("[… and {count} more characters]").format(count=f"{len(text) - limit:,}")


def escape(text: str) -> Html:
    """Any text as HTML, safe between tags and inside a quoted attribute."""
    return text if isinstance(text, Html) else Html(html.escape(readable(text)))


def join(children: Child) -> Html:
    """Children one after the other; what is not HTML yet is escaped."""
    return Html("".join(_flat(children)))


def _flat(children: Child) -> Iterator[str]:
    if children is None:
        return
    if isinstance(children, str):
        yield escape(children)
        return
    for child in children:
        yield from _flat(child)


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
    written = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None and value is not False)
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{''.join(_flat(children))}</{name}>")


def _attribute(key: str, value: Attribute) -> str:
    key = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {key}"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {key}="{html.escape(readable(text))}"'


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
    return f"{count:,}"


def page(title: str, styles: str, body: Child) -> str:
    """A whole document.

    Parameters
    ----------
    title : str
    styles : str
        The page's own rules, after those that all pages share. They hold no text of a student's.
    body : children of the body element
    """
    sheet = STYLES + styles
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
    return "<!DOCTYPE html>\n" + tag("html", head, tag("body", DEFINITIONS, body), lang="en") + "\n"


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
            drawn.append(tag("rect", x=f"{100 * left:.4g}%", width=f"{100 * share:.4g}%", height="100%", class_=f"fill-{name}"))
        left += share
    return tag(
        "svg",
        tag("rect", width="100%", height="100%", class_="track"),
        drawn,
        class_="bar",
        height=height,
        role="img",
        aria_label=label,
    )


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

STYLES = """
:root{color-scheme:light dark;--ground:#fff;--card:#f5f7f9;--ink:#1a1f24;--muted:#525b65;--line:#c9d1d9;--link:#0a4f94;
--done:#0b4f8a;--part:#4d93c4;--none:#f0b27a;--none-line:#a6571a;--none-ink:#8f3d00;--note:#fff6e5;--note-line:#b7791f;
--track:#fff;--code:#eef1f4;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#12161b;--card:#1b2128;--ink:#e8ecf0;--muted:#a7b0ba;--line:#3a434d;
--link:#8ec5ff;--done:#bfe0ff;--part:#5b9bcb;--none:#7a4413;--none-line:#d98a45;--none-ink:#ffb27a;--note:#2b2415;
--note-line:#d9a441;--track:#12161b;--code:#242b33;--on:#12161b}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;padding:1.25rem 1rem 4rem;max-width:48rem;background:var(--ground);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1,h2,h3,h4{line-height:1.25;margin:0;font-weight:650}
h1{font-size:1.75rem}h2{font-size:1.3rem}h3{font-size:1.05rem}h4{font-size:1rem}
p,ul,ol,dl{margin:.5rem 0}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
code,pre,dd{font-family:ui-monospace,"Cascadia Mono","SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9rem}
code{background:var(--code);border-radius:4px;padding:.05em .3em}
h3 code,summary code{background:none;padding:0;font-size:1em}
pre{background:var(--code);border-radius:6px;padding:.6rem .75rem;margin:.5rem 0;white-space:pre-wrap}
.nowrap{white-space:nowrap}
.muted{color:var(--muted)}
.small{font-size:.9rem}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.5rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.definitions{position:absolute;width:0;height:0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.9rem 1rem;margin:1rem 0}
.note{background:var(--note);border:1px solid var(--note-line);border-left-width:6px;border-radius:8px;padding:.6rem .9rem;margin:.75rem 0}
.icon{width:1.15em;height:1.15em;vertical-align:-.2em;flex:none}
.shape{fill:currentColor}.stroke,.outline{fill:none;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.stroke{stroke:var(--on)}.outline{stroke:currentColor}.dashed{stroke-dasharray:2.5 4}
.icon.done,.icon.part{color:var(--done)}.icon.none,.icon.warn{color:var(--none-ink)}.icon.todo{color:var(--muted)}
.bar{display:block;width:100%;border:1px solid var(--muted);border-radius:3px}
.track{fill:var(--track)}.fill-done{fill:var(--done)}.fill-part{fill:var(--part)}.fill-none{fill:url(#hatch)}
.hatch-ground{fill:var(--none)}.hatch-line{fill:var(--none-line)}
summary{cursor:pointer;padding:.55rem 0;min-height:2.75rem}
summary::marker{color:var(--muted)}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.75rem}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;list-style:none}
.legend svg{width:1.6em;height:.85em;vertical-align:-.05em;margin-right:.35em;border:1px solid var(--muted);border-radius:2px}
.legend .icon{width:1.15em;height:1.15em;border:0;vertical-align:-.2em}
@media print{:root{color-scheme:light;--ground:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#999;--link:#000;--note:#fff;--code:#f2f2f2;
--done:#0b4f8a;--part:#4d93c4;--none:#f0b27a;--none-line:#a6571a;--none-ink:#8f3d00;--note-line:#b7791f;--track:#fff;--on:#fff}
body{max-width:none;padding:0;font-size:10.500pt}svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
details.printed:not([open])::details-content{content-visibility:visible;block-size:auto}
summary{list-style:none}summary::before{display:none}summary::-webkit-details-marker{display:none}
.skip{display:none}article,.card,.note,h2,h3,h4,summary{break-inside:avoid}h2,h3,h4,summary{break-after:avoid}}
"""
