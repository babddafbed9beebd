"""The board: the latest verdict on every check, and what follows from it: points, states, the next thing to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.course import Course, Exercise
from grader.desk.progress import Score
from grader.result import FAILED, PASSED, TO_DO, Card, CheckResult

UNKNOWN = "unknown"


@dataclass
class Board:
    """The latest verdicts.

    Parameters
    ----------
    course : Course
    remembered : mapping of str to Score
        The scores of an earlier session, for exercises that have not been run in this one.
    """

    course: Course
    remembered: Mapping[str, Score] = field(default_factory=dict)
    _results: dict[str, dict[str, CheckResult]] = field(default_factory=dict)
    _cards: dict[str, list[Card]] = field(default_factory=dict)

    def know(self, cards: Iterable[Card]) -> None:
        """Learn which checks there are."""
        self._cards = {}
        for card in cards:
            self._cards.setdefault(card.exercise_id, []).append(card)

    def checks(self, exercises: Iterable[str]) -> list[str]:
        """The ids of the checks of some exercises, in the order of the course."""
        wanted = set(exercises)
        return [card.id for e in self.course.exercises if e.id in wanted for card in self._cards.get(e.id, ())]

    def put(self, results: Iterable[CheckResult]) -> None:
        for result in results:
            self._results.setdefault(f"{result.topic}.{result.exercise}", {})[result.id] = result

    def results(self, exercise: str) -> list[CheckResult]:
        """The latest verdicts on an exercise (`topic.name`), in the order of its checks."""
        known = self._results.get(exercise, {})
        order = [card.id for card in self._cards.get(exercise, ())] or list(known)
        return [known[check_id] for check_id in order if check_id in known]

    def score(self, exercise: Exercise) -> Score:
        """Its points: those of this session, or else those that are remembered, or else none."""
        results = self.results(exercise.id)
        if results:
            points = sum(result.points for result in results)
            return Score(points, exercise.points, all(result.status == TO_DO for result in results))
        return self.remembered.get(exercise.id, Score(0, exercise.points, True))

    def state(self, exercise: Exercise) -> str:
        """`passed`, `failed`, `to_do`, or `unknown` before the first verdict."""
        if self.results(exercise.id) or exercise.id in self.remembered:
            score = self.score(exercise)
            return PASSED if score.complete else TO_DO if score.to_do else FAILED
        return UNKNOWN

    def points(self, exercises: Iterable[Exercise]) -> tuple[int, int]:
        """Points earned and points there are."""
        scores = [self.score(exercise) for exercise in exercises]
        return sum(score.points for score in scores), sum(score.maximum for score in scores)

    def unfinished_below(self, exercise: Exercise) -> list[str]:
        """What it builds on and is not right yet."""
        return [name for name in exercise.builds_on if self.state(self.course.exercise(*name.split("."))) != PASSED]

    def next_after(self, topic: str, at: str = "") -> Exercise | None:
        """The next thing to do: what is wrong in this topic, then what is to do, from `at` on; then the next topic.

        Parameters
        ----------
        topic : str
        at : str, optional
            The exercise (`topic.name`) behind which to look first.

        Returns
        -------
        Exercise or None
            None when everything is done.
        """
        topics = list(self.course.names)
        place = topics.index(topic)
        for name in (*topics[place:], *topics[:place]):
            exercises = list(self.course.topic(name).exercises)
            ids = [exercise.id for exercise in exercises]
            if at in ids:
                start = ids.index(at) + 1
                exercises = exercises[start:] + exercises[:start]
            for state in (FAILED, TO_DO, UNKNOWN):
                found = [exercise for exercise in exercises if self.state(exercise) == state]
                free = [exercise for exercise in found if not self.unfinished_below(exercise)]
                if found:
                    return (free or found)[0]
        return None
