"""A sitting with the real folder, the real checks and no screen: with forks, and with spare processes as on Windows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import language
from grader.course import the_course
from grader.desk import rows
from grader.desk.referee import CAN_FORK
from grader.desk.sitting import Sitting
from grader.desk.terminal import Terminal
from grader.desk.watch import TICK_SECONDS, Desk, watch
from grader.result import FAILED, PASSED, TO_DO
from grader.tests.evening import PATIENCE

FORKS = [True, False] if CAN_FORK else [False]
MSE = 'raise NotImplementedError("losses.mse")'
WRONG = "return 0.0"
HANGS = "import itertools; sum(itertools.count())"
RIGHT = """y, y_hat = np.asarray(y, dtype=float), np.asarray(y_hat, dtype=float)
    if y.shape != y_hat.shape:
        raise ValueError
    return float(np.mean((y - y_hat) ** 2))"""


class Script:
    """A face that plays a student: `play` runs in a thread of its own, and sees what a screen would show."""

    def __init__(self, folder: Path, play: Callable[[Script], None]) -> None:
        self.folder = folder
        self.failure: BaseException | None = None
        self.verdicts = 0
        self.notes: list[str] = []
        self._play = play
        self.screen: Terminal | None = None

    def tell(self, what: str) -> None:
        if self.screen is not None:
            self.screen.tell(what)
        if what == "verdict":
            self.verdicts += 1
        elif what == "note":
            self.notes.append(self.sitting.note)

    def show(self, desk: Desk) -> None:
        self.desk, self.sitting = desk, desk.sitting
        player = threading.Thread(target=self._run)
        player.start()
        while player.is_alive() and not desk.sitting.over:
            desk.inbox.wait(TICK_SECONDS)
            desk.sitting.tick()
        player.join()

    def _run(self) -> None:
        try:
            self._play(self)
        except BaseException as error:
            self.failure = error

    def save(self, body: str, topic: str = "losses", stub: str = MSE) -> None:
        file = self.folder / f"{topic}.py"
        original = self.folder / f"{topic}.original"
        if not original.exists():
            original.write_bytes(file.read_bytes())
        file.write_text(original.read_text(encoding="utf-8").replace(stub, body), encoding="utf-8")

    def press(self, action: Callable[[], None]) -> None:
        self.desk.inbox.put(action)

    def state(self, name: str = "losses.mse") -> str:
        return self.sitting.board.state(the_course().exercise(*name.split(".")))

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, "\n".join(row.text for row in rows.body(self.sitting))
            time.sleep(0.02)


def play(folder: Path, script: Callable[[Script], None], topic: str = "losses", **settings) -> Sitting:
    face = Script(folder, script)
    sitting = watch(folder, face, topic, **settings)
    if face.failure is not None:
        raise face.failure
    return sitting


@pytest.mark.parametrize("fork", FORKS)
def test_saves_one_after_another(copy_of_stubs: Path, fork: bool) -> None:
    def script(student: Script) -> None:
        student.until(lambda: student.state() == TO_DO)
        for body, state in [(WRONG, FAILED), (RIGHT, PASSED), ("import os; os._exit(1)", FAILED), (RIGHT, PASSED)]:
            student.save(body)
            student.until(lambda state=state: student.state() == state)
        student.until(lambda: student.sitting.run is None)

    sitting = play(copy_of_stubs, script, fork=fork)
    assert sitting.board.points(sitting.course.exercises)[0] == 6
    assert sitting.focus.id == "losses.mse_gradient" and sitting.over


@pytest.mark.parametrize("fork", FORKS)
def test_a_save_ends_what_hangs(copy_of_stubs: Path, fork: bool) -> None:
    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1)
        student.save(HANGS)
        student.until(lambda: student.sitting.stuck[0] == "mse")
        student.save(RIGHT)
        student.until(lambda: student.state() == PASSED)

    play(copy_of_stubs, script, fork=fork, timeout=600.0)


@pytest.mark.parametrize("fork", FORKS)
def test_the_last_of_a_burst_counts(copy_of_stubs: Path, fork: bool) -> None:
    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1)
        for number in range(40):
            student.save(f"return {number}.0")
            time.sleep(0.01)
        student.save(RIGHT)
        student.until(lambda: student.state() == PASSED and student.sitting.run is None)
        time.sleep(0.5)
        assert student.state() == PASSED

    play(copy_of_stubs, script, fork=fork)


def test_a_file_that_changes_while_it_runs_gives_no_mixed_verdict(copy_of_stubs: Path) -> None:
    """The verdict is on what was read: a module that the desk has not seen yet is not run."""
    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1)
        student.save("import time; time.sleep(0.3); return 0.0")
        student.until(lambda: student.sitting.run is not None)
        (student.folder / "losses.py").write_text("import os\nos._exit(1)\n")
        student.until(lambda: student.state("losses.huber") == FAILED)
        student.save(RIGHT)
        student.until(lambda: student.state() == PASSED and student.state("losses.huber") == TO_DO)

    play(copy_of_stubs, script)


@pytest.mark.parametrize("fork", FORKS)
def test_another_language(copy_of_stubs: Path, fork: bool, monkeypatch) -> None:
    monkeypatch.setenv(language.VARIABLE, "en")  # what the sitting sets is taken back
    before = language.current()

    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1)
        student.press(student.sitting.switch_language)
        student.until(lambda: student.verdicts == 2 and student.sitting.run is None)
        student.save(WRONG)
        student.until(lambda: student.state() == FAILED)
        titles = [result.title for result in student.sitting.board.results("losses.mse")]
        assert "el mismo número que torch.nn.MSELoss" in titles

    try:
        language.use("en")
        play(copy_of_stubs, script, fork=fork)
    finally:
        language.use(before)


def test_a_helper_module_of_ones_own(copy_of_stubs: Path) -> None:
    (copy_of_stubs / "mine.py").write_text("factor = 2.0\n")
    body = RIGHT.replace("return ", "from mine import factor\n    return factor * ")

    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1)
        student.save(body)
        student.until(lambda: student.state() == FAILED)
        (student.folder / "mine.py").write_text("factor = 1.0\n")
        student.until(lambda: student.state() == PASSED)

    play(copy_of_stubs, script)


def test_it_starts_where_it_stopped(copy_of_solutions: Path) -> None:
    def begins(student: Script) -> None:
        student.until(lambda: student.verdicts == 1 and student.sitting.run is None)

    first = play(copy_of_solutions, begins, topic="scaling")
    assert first.focus.topic == "scaling"
    source = (copy_of_solutions / "dropout.py").read_text(encoding="utf-8")
    (copy_of_solutions / "dropout.py").write_text(source + "\n\ndef dropout_mask(shape, p, rng):\n    return 0\n")
    assert play(copy_of_solutions, begins, topic="").focus.id == "dropout.dropout_mask"
    assert play(copy_of_solutions, begins, topic="").focus.id == "dropout.dropout_mask"


def test_a_hint_advances_and_starts_over(copy_of_stubs: Path) -> None:
    notes: list[str] = []

    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1)
        for step in (1, 2, 3, 1):
            student.press(student.sitting.hint)
            student.until(lambda step=step: student.sitting.hint_shown == step)
            notes.append(student.sitting.note)
        student.save(RIGHT)
        student.until(lambda: student.sitting.focus.id == "losses.mse_gradient")
        assert student.sitting.hint_shown == 0

    assert play(copy_of_stubs, script).progress.hints == {}
    assert notes == ["", "", "", "These were all the hints: here is the first one again."]


def test_a_hint_goes_with_the_next_verdict(copy_of_stubs: Path) -> None:
    """It may speak of a case that fails no more; a save without news leaves it."""
    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1 and student.sitting.run is None)
        student.save(WRONG)
        student.until(lambda: student.state() == FAILED and student.sitting.run is None)
        student.press(student.sitting.hint)
        student.until(lambda: student.sitting.hint_shown == 1)
        student.save(WRONG + "  # a remark")
        student.until(lambda: "Saved." in student.sitting.note)
        assert student.sitting.hint_shown == 1
        student.save("return 1.0")
        student.until(lambda: student.verdicts == 3 and student.sitting.run is None)
        assert student.state() == FAILED and student.sitting.hint_shown == 0
        assert not rows.hint_rows(student.sitting)

    assert play(copy_of_stubs, script).progress.hints == {"losses.mse": 1}


def test_a_hint_that_was_asked_for_since_the_save_stays(copy_of_stubs: Path) -> None:
    """Whoever asks before the verdict is there asks about what was saved."""
    def script(student: Script) -> None:
        student.until(lambda: student.verdicts == 1 and student.sitting.run is None)
        student.save(WRONG)
        student.until(lambda: student.sitting._saved_at > 0 or student.verdicts == 2)  # it may be there in no time
        student.press(student.sitting.hint)
        student.until(lambda: student.verdicts == 2 and student.sitting.run is None)
        student.until(lambda: student.sitting.hint_shown == 1)
        assert student.state() == FAILED

    play(copy_of_stubs, script)


def test_a_verdict_does_not_scroll_what_it_is_not_about(copy_of_stubs: Path) -> None:
    """The points of all topics stay where they are while they come in; a save is read from its beginning."""
    def script(student: Script) -> None:
        sitting = student.sitting
        student.until(lambda: student.verdicts == 1 and sitting.run is None)

        def scrolls_at_once() -> None:
            sitting.show_all()
            sitting.move(5)

        student.screen = Terminal()
        student.screen._desk = student.desk
        student.press(scrolls_at_once)
        student.until(lambda: student.verdicts == 2 and sitting.run is None)
        assert sitting.sight.top == 5
        student.press(sitting.back)
        student.press(lambda: sitting.move(3))
        student.save(WRONG)
        student.until(lambda: student.state() == FAILED and sitting.run is None)
        assert sitting.sight.top == 0

    play(copy_of_stubs, script)


def test_the_checks_do_not_load(copy_of_stubs: Path, tmp_path: Path, monkeypatch) -> None:
    broken = tmp_path / "broken" / "numpy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('numpy is broken')")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    sitting = play(copy_of_stubs, lambda student: student.until(lambda: student.sitting.over))
    assert sitting.problem == "The checks do not start (ImportError: numpy is broken): install the kit anew."
