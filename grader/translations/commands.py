"""The sub-command `grader translations`: catalogues in step with what the code says."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import ROOT
from grader.language import _, current, languages, use


def add_commands(commands: Any) -> None:
    """Add `translations` to the sub-parsers of the `grader` command."""
    parser = commands.add_parser("translations", help=_("bring the catalogues of other languages up to date"))
    parser.add_argument("--check", action="store_true", help=_("only say what is missing or stale (status 1)"))
    parser.set_defaults(run=_translations)


WIDTH = 120
"""Columns of a stub."""


@dataclass(frozen=True)
class Complaint:
    """Something that a translation lacks."""

    file: Path
    text: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}: {self.text}"


def _translations(options: argparse.Namespace) -> int:
    from grader.cli import CommandError

    try:
        import babel  # noqa: F401
    except ImportError as error:
        raise CommandError(_("The catalogues need Babel, which is not installed: pip install -e '.[dev]'")) from error
    complaints = [complaint for code in languages()[1:] for complaint in _language(code, options.check)]
    for complaint in complaints:
        print(complaint)
    if complaints:
        print(f"{len(complaints)} to do: docs/translating.md says how; then run `grader translations`.")
    return 1 if complaints else 0


def _language(code: str, check: bool) -> Iterator[Complaint]:
    from grader.translations.catalogues import as_mo, as_po, folder, load, said_otherwise, shortcomings, updated
    from grader.translations.extraction import domains

    known, catalogues = set(), {}
    for domain, gather in domains().items():
        file = folder(code) / f"{domain}.po"
        known |= {file, file.with_suffix(".mo")}
        catalogue = catalogues[domain] = updated(load(file, code, domain), gather(), code, domain)
        yield from _written(file, as_po(catalogue), check)
        yield from _written(file.with_suffix(".mo"), as_mo(catalogue), check)
        for text, problem in shortcomings(catalogue):
            yield Complaint(file, f"{_quoted(text)} {problem}")
    for domain, text, problem in said_otherwise(catalogues):
        yield Complaint(folder(code) / f"{domain}.po", f"{_quoted(text)} {problem}")
    for file in sorted(set(folder(code).iterdir()) - known):
        yield Complaint(file, "belongs to no domain: delete it")
    yield from _pages(code, check)
    yield from _stubs(code)


def _quoted(text: str) -> str:
    return f"“{' '.join(text.split())[:70]}”"


def _stubs(code: str) -> Iterator[Complaint]:
    """Lines of the stubs that are too long in this language."""
    from grader.course import the_course
    from grader.stubs import stub_of
    from grader.translations.blocks import translated_source
    from grader.translations.catalogues import folder

    before = current()
    use(code)
    for topic in the_course().names:
        file = ROOT / "solutions" / f"{topic}.py"
        stub = translated_source(stub_of(file.read_text(encoding="utf-8"), topic), _)
        for line in stub.splitlines():
            if len(line) > WIDTH:
                yield Complaint(folder(code) / f"{topic}.po", f"{_quoted(line)} is too long a line for the stub")
    use(before)


def _pages(code: str, check: bool) -> Iterator[Complaint]:
    """The pages that exist as files in each language."""
    from grader.translations.catalogues import folder, load
    from grader.translations.extraction import PAGES
    from grader.translations.pages import page_in

    catalogue = load(folder(code) / "pages.po", code, "pages")
    for page in PAGES:
        source = ROOT / page
        text = page_in(source.read_text(encoding="utf-8"), catalogue)
        yield from _written(source.with_name(f"{source.stem}.{code}{source.suffix}"), text.encode(), check)


def _written(file: Path, content: bytes, check: bool) -> Iterator[Complaint]:
    """Write a file that is not what it should be; with `check`, only say so."""
    if file.is_file() and file.read_bytes() == content:
        return
    if check:
        yield Complaint(file, "is not up to date")
    else:
        file.write_bytes(content)
