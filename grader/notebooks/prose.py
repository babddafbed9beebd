"""Docstrings as the text cells of a notebook: paragraphs, and formulas in LaTeX."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from grader.language import _

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_SECTION = re.compile(r"^[A-Z][A-Za-z ]+\n-{3,}$", re.MULTILINE)
_MATH = re.compile(r"^\.\. math::[ ]?")
_INLINE_FORMULA = re.compile(r"^(?:Formula:|L = |log_softmax\(z\)ᵢ = )")


@cache
def formulas() -> dict[str, str]:
    """LaTeX of the formulas that docstrings write in plain characters, by exercise id."""
    table = tomllib.loads(Path(__file__).with_name("formulas.toml").read_text(encoding="utf-8"))
    return {f"{topic}.{name}": text.strip() for topic, names in table.items() for name, text in names.items()}


def prose(docstring: str, exercise_id: str = "") -> str:
    """The text of a docstring up to its sections, as Markdown.

    Parameters
    ----------
    docstring : str
    exercise_id : str, optional
        `topic.Exercise`: its formula is set in LaTeX, wherever the docstring writes it.

    Returns
    -------
    str
    """
    text = inspect.cleandoc(docstring)
    section = _SECTION.search(text)
    body = text[: section.start()] if section else _source().split(text)[0]
    latex = formulas().get(exercise_id, "")
    parts: list[str] = []
    for part in _parts(body):
        if _MATH.match(part):
            parts.append(_display(_MATH.sub("", part)))
        elif latex and is_formula(part):
            continue  # the LaTeX covers all formulas of a docstring
        elif part.startswith("    "):
            parts.append(f"```\n{inspect.cleandoc(part)}\n```")
        else:
            parts.append(_plain(part))
    if latex:
        parts.insert(1, _display(latex))
    return "\n\n".join(parts)


def is_formula(part: str) -> bool:
    """Whether a paragraph of a docstring is a formula in plain characters."""
    return part.startswith("    ") or bool(_INLINE_FORMULA.match(part))


def has_plain_formula(docstring: str) -> bool:
    """Whether a docstring writes a formula in plain characters before its sections."""
    text = inspect.cleandoc(docstring)
    section = _SECTION.search(text)
    body = text[: section.start()] if section else text
    return any(is_formula(part) for part in _parts(body))


def source_line(docstring: str) -> str:
    """Where a docstring says that its formula comes from; empty if it does not."""
    found = _source().split(inspect.cleandoc(docstring), maxsplit=1)
    return " ".join(found[1].split()) if len(found) > 1 else ""


def _source() -> re.Pattern[str]:
    """Where a docstring begins to say where its formula comes from, in the language of the notebook."""
    here = re.escape(_("Source: {source}").partition("{")[0].rstrip())
    return re.compile(rf"^(?:Source:|{here})\s*", re.MULTILINE)


def _parts(text: str) -> Iterator[str]:
    """The paragraphs; a formula with blank lines inside stays together."""
    waiting: list[str] = []
    for part in re.split(r"\n[ ]*\n", text):
        if not part.strip():
            continue
        if part.startswith("    "):
            waiting.append(part)
            continue
        if waiting:
            yield "\n\n".join(waiting)
            waiting = []
        yield part
    if waiting:
        yield "\n\n".join(waiting)


def _display(latex: str) -> str:
    return "$$\n" + "\n".join(line.strip() for line in latex.strip().splitlines()) + "\n$$"


def _plain(part: str) -> str:
    """A paragraph of reStructuredText as Markdown: double backticks single, `*` of arguments safe."""
    return re.sub(r"``([^`]+)``", r"`\1`", part)
