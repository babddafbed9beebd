"""One sitting at the desk: takes in saves, verdicts, keys and the clock, and knows what to show. Draws nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader import language
from grader.course import Course, Exercise
from grader.desk import hint
from grader.desk.board import Board
from grader.desk.change import Sources, change, prepare
from grader.desk.figure import Figures
from grader.desk.home import home_of
from grader.desk.progress import Memory, Progress, changes, scores_of
from grader.desk.referee import Broken, Event, Finished, Heard, Ready, Referee, Verdicts
from grader.desk.trouble import Trouble, trouble_with
from grader.language import _
from grader.result import FAILED, PASSED, TO_DO

DESK, LIST, ALL = "desk", "list", "all"
"""What can be looked at: one exercise, the list of all, the points of every topic."""

RELOOK_SECONDS = 0.3
"""How long a file may be missing or empty before that is news: editors that save by renaming take a moment."""

PATIENCE_SECONDS = 2.0
"""After how many seconds without an answer the desk says that the code is still running."""


@dataclass
class Run:
    """A round of checks that is under way.

    `asked` are the exercises that it is about, `awaited` those that must be in before there is a verdict to tell.
    """

    asked: frozenset[str]
    awaited: set[str]
    began: float
    told: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a save has led to.

    `right` are exercises of the save that are right now, `wrong` those that are not, `broken` those that were right
    before and use what was saved; `when` is the time of day.
    """

    when: str
    seconds: float
    asked: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass
class Sight:
    """What is being looked at."""

    view: str = DESK
    cursor: int = 0
    top: int = 0


@dataclass
class Sitting:
    """The state of the desk. All its methods belong to one thread.

    Parameters
    ----------
    folder : Path
        The topic modules.
    course : Course
    referee : Referee
    tell : callable
        Called with "screen" after anything that may be seen has changed, with "verdict" when there is one, with "note"
        when there is a remark, with "hint" when one was asked for, with "end" when the sitting is over.
    """

    folder: Path
    course: Course
    tell: Callable[[str], None]
    memory: Memory = field(init=False)
    progress: Progress = field(init=False)
    board: Board = field(init=False)
    figures: Figures = field(init=False)
    focus: Exercise = field(init=False)
    sight: Sight = field(default_factory=Sight)
    verdict: Verdict | None = None
    note: str = ""
    hinted: tuple[str, int] = ("", 0)
    printed: dict[str, str] = field(default_factory=dict)
    run: Run | None = None
    problem: str = ""
    over: bool = False

    def __post_init__(self) -> None:
        home = home_of(self.folder)
        self.memory = Memory(home)
        self.progress = self.memory.recall(self.course)
        self.board = Board(self.course, self.progress.scores)
        self.figures = Figures(self.folder, home)
        self.focus = self.course.exercises[0]
        self._sources: Sources = {}
        self._extra: dict[str, tuple[int, int]] = {}
        self._owed: set[str] = set()
        self._states: dict[str, str] = {}
        self._missing_since = 0.0
        self._saved_at = 0.0
        self._hinted_before = ("", 0)
        self._chosen = self._undecided = False
        self._kept = self.progress
        self._said_problem = ""

    def begin(self, referee: Referee, topic: str = "", exercise: str = "") -> None:
        """Sit down: at what is asked for, or else where the student stopped."""
        self._referee = referee
        self._chosen = bool(topic)
        self._sources, self._extra = self._read(), self._read_extra()
        self._owed = {e.id for e in self.course.exercises}
        if exercise:
            self.focus = self._exercise(exercise)
        elif topic:
            self.focus = self.course.topic(topic).exercises[0]
            if self.progress.at.partition(".")[0] == topic:
                self.focus = self._exercise(self.progress.at)
        elif self.progress.at:
            self.focus = self._exercise(self.progress.at)
        self._note_memory()

    # -- events --------------------------------------------------------------------------------------------------

    def hear(self, heard: Heard) -> None:
        """A worker said something."""
        self._referee.take(heard)

    def take(self, event: Event) -> None:
        """The referee has news."""
        if isinstance(event, Ready):
            self.board.know(event.cards)
            self._sources, self._extra = self._read(), self._read_extra()
            self._start(self._owed_of_topic())
            prepare(self._sources, self.course)
        elif isinstance(event, Verdicts):
            self._take_verdicts(event)
        elif isinstance(event, Finished):
            self._conclude()
            self.run = None
            if self._undecided:
                self._undecided = False
                self.focus = self.board.next_after(self.focus.topic, self.focus.id) or self.focus
            self._keep()
        elif isinstance(event, Broken):
            self.problem = event.sentence
            self.end()
        self.tell("screen")

    def saved(self) -> None:
        """Something in the folder may have changed: see what."""
        if not self.board.checks([self.focus.id]):
            return  # not warm yet: the first round reads the files as they are then
        sources = self._read()
        if self._is_passing(sources):
            return
        self._missing_since = 0.0
        found = change(self._sources, sources, self.course)
        extra = self._read_extra()
        same = sources == self._sources
        helper = extra != self._extra
        self._sources, self._extra = sources, extra
        if helper:
            topic = found.topics[0] if found.topics else self.focus.topic
            everything = {e.id for e in self.course.exercises}
            self._after_save(topic, {e.id for e in self.course.topic(topic).exercises} | found.direct, everything)
        elif found.affected:
            topic = self.focus.topic if self.focus.topic in found.topics else found.topics[0]
            self._after_save(topic, found.direct, found.affected)
        elif not same:
            self._say(_("Saved. No code has changed, so nothing was run."))

    def tick(self) -> None:
        """The clock: to be called a few times a second."""
        self._referee.tick()
        if self._missing_since and time.monotonic() - self._missing_since > RELOOK_SECONDS:
            self.saved()
        sentence = self.figures.news()
        if sentence:
            self._say(sentence)
        if self._referee.silent > PATIENCE_SECONDS:
            self.tell("screen")

    def end(self) -> None:
        """Get up."""
        if not self.over:
            self.over = True
            self._keep()
            self.figures.close()
            self._referee.close()
            self.tell("end")

    # -- keys ----------------------------------------------------------------------------------------------------

    def hint(self) -> None:
        """One more hint for the exercise that is being looked at."""
        self.sight = Sight()
        self.note = ""
        if self.board.state(self.focus) == PASSED:
            self._say(_("{name} is right: there is nothing to hint at.").format(name=self.focus.name))
            return
        given = self.progress.hints.get(self.focus.id, 0)
        steps = given % hint.STEPS + 1
        if given >= hint.STEPS and steps == 1:
            self.note = _("These were all the hints: here is the first one again.")
        self.hinted = (self.focus.id, steps)
        self.progress = self.progress.hinted(self.focus.id, steps)
        self._keep()
        self.tell("hint")

    @property
    def hint_shown(self) -> int:
        """Which hint for the exercise that is being looked at is on the screen; 0 for none."""
        return self.hinted[1] if self.hinted[0] == self.focus.id else 0

    def show_list(self) -> None:
        """The list of exercises, or back."""
        place = [e.id for e in self.course.exercises].index(self.focus.id)
        self.sight = Sight() if self.sight.view == LIST else Sight(LIST, place)
        self.tell("screen")

    def show_all(self) -> None:
        """Run everything anew, and show the points of every topic."""
        self.sight = Sight(ALL)
        self._owed = {e.id for e in self.course.exercises}
        self._start(self._owed_of_topic())
        self.tell("screen")

    def back(self) -> None:
        self.sight = Sight()
        self.note, self.hinted = "", ("", 0)
        self.tell("screen")

    def move(self, rows: int) -> None:
        """Up and down: the cursor of the list, or the text."""
        if self.sight.view == LIST:
            self.sight.cursor = max(0, min(self.sight.cursor + rows, len(self.course.exercises) - 1))
        else:
            self.sight.top = max(0, self.sight.top + rows)
        self.tell("screen")

    def choose(self) -> None:
        """Look at the exercise under the cursor; elsewhere, go back to the desk."""
        if self.sight.view == LIST:
            self.focus = self.course.exercises[self.sight.cursor]
            self.verdict = None
            self._keep()
        self.back()

    def plot(self) -> None:
        """Open the figure of the topic."""
        try:
            self.figures.open(self.focus.topic)
        except OSError as error:
            self._say(_("The figure could not be drawn ({error}).").format(error=error.strerror or error))
            return
        self._say(_("The figure of {topic} is being drawn.").format(topic=self.focus.topic))

    def switch_language(self) -> None:
        """Speak the next language."""
        known = language.languages()
        if len(known) < 2:
            self._say(_("There is no other language yet."))
            return
        code = language.use(known[(known.index(language.current()) + 1) % len(known)])
        os.environ[language.VARIABLE] = code  # for the figures' process
        self.note, self.run = "", None
        self._owed = {e.id for e in self.course.exercises}
        self._referee.restart(code)
        self.tell("screen")

    # -- what the screen asks ------------------------------------------------------------------------------------

    @property
    def warm(self) -> bool:
        """Whether the checks are loaded."""
        return bool(self.board.checks([self.focus.id]))

    @property
    def stuck(self) -> tuple[str, int]:
        """The exercise that has not come back for a while, and the seconds; empty and 0 if all is well."""
        if self._referee.silent <= PATIENCE_SECONDS:
            return "", 0
        return self._referee.running.partition(".")[2] or self.focus.topic, int(self._referee.silent)

    def file_of(self, exercise: Exercise) -> Path:
        return self.folder / f"{exercise.topic}.py"

    def source_of(self, exercise: Exercise) -> bytes | None:
        return self._sources.get(exercise.topic)

    def trouble(self, topic: str) -> Trouble | None:
        """What keeps the file of a topic from being checked, as far as its verdicts are in."""
        exercises = self.course.topic(topic).exercises
        if self.focus.topic == topic:
            return trouble_with(topic, self.board.results(self.focus.id), self.folder)
        return trouble_with(topic, (result for e in exercises for result in self.board.results(e.id)), self.folder)

    def next_exercise(self) -> Exercise | None:
        """What to do next, as seen from the exercise that is being looked at."""
        if self.board.state(self.focus) != PASSED:
            return self.focus
        return self.board.next_after(self.focus.topic, self.focus.id)

    # -- inside --------------------------------------------------------------------------------------------------

    def _exercise(self, name: str) -> Exercise:
        topic, _dot, exercise = name.partition(".")
        return self.course.exercise(topic, exercise)

    def _read(self) -> Sources:
        return {topic: _content(self.folder / f"{topic}.py") for topic in self.course.names}

    def _read_extra(self) -> dict[str, tuple[int, int]]:
        """The student's other modules in the folder, which any topic may use."""
        found = {}
        try:
            for file in self.folder.glob("*.py"):
                if file.stem not in self.course.names:
                    status = file.stat()
                    found[file.name] = (status.st_mtime_ns, status.st_size)
        except OSError:
            return {}
        return found

    def _is_passing(self, sources: Sources) -> bool:
        """Whether a file is missing or empty that was not: perhaps an editor is in the middle of saving it."""
        gone = any(not content and self._sources.get(topic) for topic, content in sources.items())
        if not gone:
            return False
        self._missing_since = self._missing_since or time.monotonic()
        return time.monotonic() - self._missing_since < RELOOK_SECONDS

    def _after_save(self, topic: str, direct: Iterable[str], affected: Iterable[str]) -> None:
        self._saved_at = time.monotonic()
        self._hinted_before = self.hinted
        self.note = ""
        below = {name for e in affected for name in self.board.unfinished_below(self._exercise(e))}
        self._owed |= {*affected, *below}
        asked = frozenset(direct)
        if self.focus.topic != topic:
            self.focus = self.course.topic(topic).exercises[0]
        self.sight = Sight() if self.sight.view in (DESK, ALL) else self.sight
        self._start(asked)

    def _owed_of_topic(self) -> frozenset[str]:
        return frozenset(e.id for e in self.course.topic(self.focus.topic).exercises)

    def _start(self, asked: frozenset[str]) -> None:
        """Run whatever is owed a verdict: what was asked for first, then its topic, then the rest."""
        self._states = {e.id: self.board.state(e) for e in self.course.exercises}
        topic = self.focus.topic
        rest = self._owed - asked
        same = {name for name in rest if name.partition(".")[0] == topic}
        order = [*self.board.checks(asked), *self.board.checks(same), *self.board.checks(rest - same)]
        read = {topic: content for topic, content in self._sources.items() if content != b""}
        self._referee.start(order, read)
        self.run = Run(asked, {*asked, *same}, time.monotonic())

    def _take_verdicts(self, event: Verdicts) -> None:
        self.board.put(event.results)
        for result in event.results:
            self.printed.pop(result.id, None)
            name = f"{result.topic}.{result.exercise}"
            self._owed.discard(name)
            if self.run is not None:
                self.run.awaited.discard(name)
        self.printed.update(event.printed)
        if self.run is not None and not self.run.awaited:
            self._conclude()

    def _conclude(self) -> None:
        """What was asked for has its verdicts: say so, and choose what to look at."""
        run = self.run
        if run is None or run.told:
            return
        run.told = True
        asked = [e for e in self.course.exercises if e.id in run.asked]
        states = {e.id: self.board.state(e) for e in self.course.exercises}
        right = tuple(e.id for e in asked if states[e.id] == PASSED)
        wrong = tuple(e.id for e in asked if states[e.id] == FAILED)
        broken = tuple(
            name for name, state in states.items()
            if state == FAILED and self._states.get(name) == PASSED and name not in run.asked
        )  # fmt: skip
        saved = self._saved_at > 0
        if saved:
            seconds = time.monotonic() - self._saved_at
            names = tuple(e.id for e in asked)
            self.verdict = Verdict(datetime.now().strftime("%H:%M:%S"), seconds, names, right, wrong, broken)
            self._saved_at = 0.0
            if self.hinted == self._hinted_before:  # one that was asked for since the save is about what is there now
                self.hinted = ("", 0)
        before = self.focus
        self._look_at_what_matters(right, wrong, broken, [e.id for e in asked if states[e.id] == TO_DO], saved)
        if self.sight.view == DESK and (saved or self.focus != before):
            self.sight.top = 0
        self._keep()
        self.tell("verdict")

    def _look_at_what_matters(
        self, right: tuple[str, ...], wrong: tuple[str, ...], broken: tuple[str, ...], to_do: list[str], saved: bool
    ) -> None:
        if not saved:
            following = self.board.next_after(self.focus.topic, self.focus.id)
            if self.board.state(self.focus) != PASSED:
                return
            if following is not None and following.topic == self.focus.topic:
                self.focus = following
            else:  # what is next will be known when the other topics have their verdicts
                self._undecided = not self._chosen
            return
        if wrong:
            self.focus = self._exercise(self.focus.id if self.focus.id in wrong else wrong[0])
        elif broken:
            self.focus = self._exercise(broken[0])
        elif right:
            last = right[-1] if self.focus.id not in right else self.focus.id
            self.focus = self.board.next_after(self.focus.topic, last) or self._exercise(last)
        elif to_do and self.focus.id not in to_do:
            self.focus = self._exercise(to_do[0])

    def _keep(self) -> None:
        """Remember where we are, and the points."""
        complete = [
            result for e in self.course.exercises if e.id not in self._owed for result in self.board.results(e.id)
        ]
        scores = scores_of(complete)
        events = changes(self._kept.scores, scores, datetime.now())
        self.progress = self.progress.stopped_at(self.focus.id).scored(scores)
        if self.progress != self._kept and self.memory.keep(self.progress, events):
            self._kept = self.progress
        self._note_memory()

    def _note_memory(self) -> None:
        if self.memory.problem and self.memory.problem != self._said_problem:
            self._said_problem = self.memory.problem
            self._say(self.memory.problem)

    def _say(self, sentence: str) -> None:
        self.note = sentence
        self.tell("note")


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return b""
