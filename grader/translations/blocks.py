"""Whole texts, translated block by block: the prose of a Python file, of a docstring, of a Markdown page.

A block is a paragraph with its line breaks. Everything around the blocks (code, names, indentation, headings of NumPy
sections) stays. Whoever wants the blocks alone passes a function that notes them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

Translate = Callable[[str], str]

ENTRIES = ("Parameters", "Other Parameters", "Attributes", "Returns", "Yields", "Raises", "Methods")
_RULE = re.compile(r"-{3,}")
_TYPED = re.compile(r"(?P<names>\*{0,2}\w+(?:, \*{0,2}\w+)*) : (?P<type>.+)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_TECHNICAL = frozenset(
    ["array_like", "array", "like", "ndarray", "float", "int", "str", "bool", "list", "tuple", "dict", "callable"]
    + ["None", "object", "self", "torch", "numpy", "random", "RandomState", "Generator"]
    + ["ValueError", "TypeError", "RuntimeError", "NotImplementedError"]
)


def translated_source(source: str, translate: Translate) -> str:
    """A Python file with the docstrings and the comment lines in another language.

    Parameters
    ----------
    source : str
    translate : callable
        Gives the translation of a block.

    Returns
    -------
    str
    """
    lines = source.splitlines()
    result: list[str] = []
    number = 1
    docstrings = {node.lineno: node for node in _docstrings(ast.parse(source))}
    while number <= len(lines):
        node = docstrings.get(number)
        if node is not None:
            last = node.end_lineno or number
            result += _docstring_lines(lines[number - 1 : last], translate)
        elif _is_comment(lines[number - 1]):
            last = number
            while last < len(lines) and _is_comment(lines[last]):
                last += 1
            result += _comment_lines(lines[number - 1 : last], translate)
        else:
            last = number
            result.append(lines[number - 1])
        number = last + 1
    return "\n".join(result) + "\n"


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                yield first.value


def _docstring_lines(lines: list[str], translate: Translate) -> list[str]:
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    opening, text = re.match(r'\s*(r?""")(.*)', "\n".join(lines), re.DOTALL).groups()  # type: ignore[union-attr]
    closing_alone = text.rstrip('"').endswith("\n" + indent) or text.rstrip('"').endswith("\n")
    inner = text.removesuffix('"""').rstrip()
    cleaned = "\n".join(line.removeprefix(indent) for line in inner.split("\n"))
    new = [indent + line if line else "" for line in translated_docstring(cleaned, translate).split("\n")]
    new[0] = indent + opening + new[0].removeprefix(indent)
    if closing_alone:
        return [*new, indent + '"""']
    return [*new[:-1], new[-1] + '"""']


def translated_docstring(text: str, translate: Translate) -> str:
    """A docstring without its indentation, in another language; names, types and section headings stay."""
    lines = text.split("\n")
    result: list[str] = []
    section = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if not line.strip():
            result.append("")
            number += 1
        elif _RULE.fullmatch(following):
            section = line
            result += [line, following]
            number += 2
        elif section in ENTRIES and not _indent(line) and (_indent(following) or _TYPED.match(line)):
            result.append(_entry(line, translate))
            number += 1
        else:
            last = number
            while last + 1 < len(lines) and lines[last + 1].strip() and not _starts_anew(lines, last + 1, line):
                last += 1
            result += _paragraph(lines[number : last + 1], translate)
            number = last + 1
    return "\n".join(result)


def _starts_anew(lines: list[str], number: int, first: str) -> bool:
    """Whether a line cannot belong to the paragraph that began with `first`: a heading, or an entry after its text."""
    return _RULE.fullmatch(lines[number + 1] if number + 1 < len(lines) else "") is not None or (
        bool(_indent(first)) and not _indent(lines[number])
    )


def _entry(line: str, translate: Translate) -> str:
    typed = _TYPED.fullmatch(line)
    if typed:
        return f"{typed['names']} : {_words(typed['type'], translate)}"
    return _words(line, translate)


def _words(text: str, translate: Translate) -> str:
    """A text in another language, unless it holds nothing but names of types and shapes."""
    plain = re.sub(r"`[^`]*`", "", text)
    if all(word in _TECHNICAL for word in _WORD.findall(plain)):
        return text
    return translate(text)


def _paragraph(lines: list[str], translate: Translate) -> list[str]:
    indent = min(_indent(line) for line in lines)
    text = "\n".join(line[indent:] for line in lines)
    if text.startswith((".. math::", ">>>")) or not _WORD.search(text):
        return lines
    return [" " * indent + line if line else "" for line in _words(text, translate).split("\n")]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


def _comment_lines(lines: list[str], translate: Translate) -> list[str]:
    result: list[str] = []
    paragraph: list[str] = []
    for line in [*lines, "#"]:
        if line != "#":
            paragraph.append(line[2:])
            continue
        if paragraph:
            result += [f"# {text}" if text else "#" for text in _paragraph(paragraph, translate)]
        result.append("#")
        paragraph = []
    return result[:-1]


def translated_markdown(text: str, translate: Translate) -> str:
    """A Markdown page in another language: each paragraph, list, table, heading or fenced part is a block."""
    blocks: list[str] = []
    fenced = False
    for part in text.strip("\n").split("\n\n"):
        if fenced:
            blocks[-1] += "\n\n" + part
        else:
            blocks.append(part)
        fenced ^= part.count("```") % 2 == 1
    return "\n\n".join(translate(block) if _WORD.search(block) else block for block in blocks) + "\n"
