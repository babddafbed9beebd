"""What of the kit goes to students.

It is a list of what is taken, never of what is left out: a new file stays at home until somebody names it here.
"""

from __future__ import annotations

from grader.exports.kit import SUITE

PATTERNS = (
    *SUITE,
    "grader/__main__.py",
    "grader/cli.py",
    "grader/desk/*.py",
    "grader/notebooks/selfcheck.py",
    "grader/notebooks/wording.py",
    "grader/plots/*.py",
    "grader/reports/__init__.py",
    "grader/reports/terminal.py",
    "grader/reports/terms.py",
    "grader/reports/wrapping.py",
    "grader/translations/__init__.py",
    "grader/translations/blocks.py",
)
"""Of every topic, and of the kit around them."""

NEVER = ("grader/plots/record.py",)
"""Makes what is recorded; of no use without the solutions."""

OF_A_TOPIC = (
    "tests/test_{topic}.py",
    "grader/answers/recorded/{topic}.json",
    "grader/answers/recorded/{topic}.transcripts.json",
    "grader/plots/recorded/{topic}.json*",  # a topic may have no picture
    "grader/locale/*/LC_MESSAGES/{topic}.mo*",  # a kit may speak English alone
)
OF_THE_KIT = ("grader/answers/recorded/seed.txt", "grader/locale/*/LC_MESSAGES/{domain}.mo*")
DOMAINS = ("kit", "course")
