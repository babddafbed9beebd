"""The catalogues on disk: `<domain>.po` for the translator, `<domain>.mo` for the program, in step with the code."""

from __future__ import annotations

import io
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from grader import __version__
from grader.language import LOCALE
from grader.translations.message import Message

_EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
_CODE = re.compile(r"`+[^`\n]+`+")
_NAMES = re.compile(r"^```.*?^```|`+[^`\n]+`+|\{\w*\}", re.DOTALL | re.MULTILINE)
_PERCENT = re.compile(r"%(?:\(\w+\))?[srd]\b")
_WORDS = re.compile(r"\b[a-z]{3,}\b")
_NO_LANGUAGE = 3
"""A text with fewer small words may stay as it is: names and formulas are the same in every language."""


def folder(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES"


def load(file: Path, language: str, domain: str) -> Catalog:
    """A catalogue from disk; an empty one where there is no file."""
    if not file.is_file():
        return _empty(language, domain)
    with file.open("rb") as stream:
        return read_po(stream, locale=language, domain=domain)


def _empty(language: str, domain: str) -> Catalog:
    return Catalog(
        locale=language,
        domain=domain,
        project="neural-network-exercises",
        version=__version__,
        fuzzy=False,
        copyright_holder="the authors",
        last_translator="the authors",
        language_team=language,
        creation_date=_EPOCH,
        revision_date=_EPOCH,
        header_comment=f"# {domain}",
    )


def updated(old: Catalog, messages: Iterable[Message], language: str, domain: str) -> Catalog:
    """Today's messages in the order of the code, with the old translations that still apply."""
    new = _empty(language, domain)
    for message in messages:
        key = (message.text, message.plural) if message.plural else message.text
        known = old.get(message.text)
        fits = known is not None and isinstance(known.string, str) is not bool(message.plural)
        new.add(
            key,
            known.string if known is not None and fits else None,
            locations=[(message.place, 0)],
            auto_comments=[message.note] if message.note else [],
            flags=set(known.flags) - {"python-format", "python-brace-format"} if known is not None and fits else (),
        )
    return new


def as_po(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(stream, catalogue, width=110, include_lineno=False)
    return stream.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def shortcomings(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """What a catalogue lacks: (the English text, what is wrong with its translation)."""
    for entry in catalogue:
        if entry.id:
            for problem in _of_entry(entry):
                yield (entry.id if isinstance(entry.id, str) else entry.id[0]), problem


def _of_entry(entry: Entry) -> Iterator[str]:
    sources = [entry.id] if isinstance(entry.id, str) else list(entry.id)
    texts = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
    if not texts or not all(texts):
        yield "is not translated"
        return
    if entry.fuzzy:
        yield "is marked as fuzzy"
    for source, text in zip(sources if len(sources) == len(texts) else sources * len(texts), texts, strict=False):
        yield from _of_text(source, text, counted=len(texts) > 1)


def _of_text(source: str, text: str, counted: bool) -> Iterator[str]:
    missing = fields(source) ^ fields(text)
    if missing - ({"count", "n"} if counted else set()):
        yield f"has other fields: {', '.join(sorted(missing))}"
    if sorted(set(_CODE.findall(source))) != sorted(set(_CODE.findall(text))):
        yield "quotes other code in backticks"
    if source == text and " " in source and len(_WORDS.findall(_NAMES.sub("", source))) >= _NO_LANGUAGE:
        yield "is still in English"
    if source.startswith(" ") != text.startswith(" ") or source.endswith("\n") != text.endswith("\n"):
        yield "begins or ends with other spaces"


def said_otherwise(catalogues: Mapping[str, Catalog]) -> Iterator[tuple[str, str, str]]:
    """What two domains say differently; a reader has all of them as one, so that one of the two is never heard.

    Parameters
    ----------
    catalogues : mapping of str to Catalog
        By domain.

    Yields
    ------
    tuple of str
        The domain, the English text, what is wrong.
    """
    first: dict[object, tuple[str, Entry]] = {}
    for domain, catalogue in catalogues.items():
        for entry in catalogue:
            if not entry.id or not entry.string:
                continue
            other, known = first.setdefault(entry.id, (domain, entry))
            if known.string and known.string != entry.string:
                text = entry.id if isinstance(entry.id, str) else entry.id[0]
                yield domain, text, f"is said otherwise in {other}.po"


def fields(text: str) -> set[str]:
    """The `{named}` fields of a sentence, and those with a percent sign; LaTeX has none."""
    if "\\" in text:
        return set()
    percent = set(_PERCENT.findall(text))
    try:
        return percent | {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}
    except ValueError:
        return percent
