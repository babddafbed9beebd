"""The words for the codes that a result record holds."""

from __future__ import annotations

from grader.language import N_, _

TERMS = {
    "gradient": N_("gradient"),
    "parity": N_("parity"),
    "concept": N_("concept"),
    "recorded": N_("recorded"),
    "live": N_("live"),
    "full": N_("full"),
    "partial": N_("partial"),
    "process": N_("process"),
}
"""Kinds of checks, where the answers came from, tiers of confinement."""


def term(code: str) -> str:
    """A code in the reader's language; one that nobody knows stays as it is."""
    return _(TERMS[code]) if code in TERMS else code
