"""What of the kit goes to students.

It is a list of what is taken, never of what is left out: a new file stays at home until somebody names it here.
"""

from __future__ import annotations

PATTERNS = (
    "LICENSE*",
    "grader/__init__.py",
    "grader/__main__.py",
    "grader/cli.py",
    "grader/course.py",
    "grader/language.py",
    "grader/plugin.py",
    "grader/result.py",
    "grader/stubs.py",
    "grader/suite.py",
    "grader/answers/__init__.py",
    "grader/answers/answers.py",
    "grader/answers/codec.py",
    "grader/answers/sheet.py",
    "grader/checks/*.py",
    "grader/data/*",
    "grader/desk/*.py",
    "grader/exports/__init__.py",
    "grader/exports/job_summary.py",
    "grader/misconceptions/__init__.py",
    "grader/misconceptions/diagnosis.py",
    "grader/misconceptions/transcript.py",
    "grader/notebooks/__init__.py",
    "grader/notebooks/cell.py",
    "grader/notebooks/module.py",
    "grader/notebooks/names.py",
    "grader/notebooks/scan.py",
    "grader/notebooks/selfcheck.py",
    "grader/notebooks/siblings.py",
    "grader/notebooks/wording.py",
    "grader/plots/*.py",
    "grader/reports/__init__.py",
    "grader/reports/terminal.py",
    "grader/reports/terms.py",
    "grader/subject/*.py",
    "grader/translations/__init__.py",
    "grader/translations/blocks.py",
)
"""Of every topic, and of the kit around them."""

NEVER = ("grader/plots/record.py",)
"""Makes what is recorded; of no use without the solutions."""

OF_A_TOPIC = (
    "tests/test_{topic}.py",
    "grader/desk/stubs/{topic}.txt",
    "grader/answers/recorded/{topic}.json",
    "grader/answers/recorded/{topic}.transcripts.json",
    "grader/plots/recorded/{topic}.json",
    "grader/locale/*/LC_MESSAGES/{topic}.mo",
)
OF_THE_KIT = ("grader/answers/recorded/seed.txt", "grader/locale/*/LC_MESSAGES/{domain}.mo")
DOMAINS = ("kit", "course")
