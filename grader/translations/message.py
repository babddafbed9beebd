"""One thing that is said in English, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """A sentence or a block of text, as it stands in the code.

    Attributes
    ----------
    text : str
        For a count: the singular.
    place : str
        The file, for the translator.
    plural : str
        Empty where nothing is counted.
    note : str
        What it is: a check's title, a hint, ...
    """

    text: str
    place: str
    plural: str = ""
    note: str = ""
