"""The answer sheet: where the answers of each check come from, and the files that hold the recorded ones."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any, Protocol

from grader.answers.answers import Answers, LiveAnswers, RecordedAnswers
from grader.answers.codec import decode, encode

RECORDED = Path(__file__).with_name("recorded")


class AnswerSource(Protocol):
    """Gives the answers of each check."""

    name: str

    def answers_for(self, topic: str, check_id: str) -> Answers:
        """PyTorch's answers for one check."""


class LiveSource:
    """PyTorch itself."""

    name = "live"

    def answers_for(self, topic: str, check_id: str) -> Answers:
        return LiveAnswers()


class RecordedSource:
    """The recorded sheet of one seed: a file `<topic>.json` a topic, read at its first use."""

    name = "recorded"

    def __init__(self, folder: Path = RECORDED) -> None:
        self._folder = folder
        self._topics: dict[str, dict[str, list[Any]]] = {}

    def answers_for(self, topic: str, check_id: str) -> Answers:
        if topic not in self._topics:
            path = self._folder / f"{topic}.json"
            self._topics[topic] = json.loads(path.read_text(encoding="utf-8"))["answers"] if path.exists() else {}
        return RecordedAnswers(check_id, decode(self._topics[topic].get(check_id, [])))


class MemorySource:
    """Answers recorded in this process."""

    name = "recorded"

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        self._answers = answers

    def answers_for(self, topic: str, check_id: str) -> Answers:
        return RecordedAnswers(check_id, self._answers.get(check_id, []))


def has_pytorch() -> bool:
    """Whether PyTorch is installed; does not import it."""
    return importlib.util.find_spec("torch") is not None


def recorded_seed(folder: Path = RECORDED) -> int | None:
    """The seed of the recorded sheet; None where there is none."""
    path = folder / "seed.txt"
    return int(path.read_text(encoding="utf-8")) if path.exists() else None


def sheet_text(answers: dict[str, list[Any]]) -> str:
    """The file of one topic: one line a check, so that a change shows as the line it is."""
    rows = [
        f"  {json.dumps(check_id)}: {json.dumps(encode(given), separators=(',', ':'))}"
        for check_id, given in sorted(answers.items())
        if given
    ]
    return '{"answers": {\n' + ",\n".join(rows) + "\n}}\n"
