"""Markdown pages in another language."""

from __future__ import annotations

from babel.messages.catalog import Catalog

from grader.translations.blocks import translated_markdown


def page_in(source: str, catalogue: Catalog) -> str:
    """A page in another language; what has no translation yet stays in English."""

    def translate(block: str) -> str:
        known = catalogue.get(block)
        return str(known.string) if known is not None and known.string else block

    return translated_markdown(source, translate)
