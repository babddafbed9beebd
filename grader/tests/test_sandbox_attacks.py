"""Every attack of the corpus, on every tier: what it gains, what it costs others, and that it ends."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.classroom.memory import Memory
from grader.course import ROOT
from grader.result import PASSED
from grader.sandbox.confinement import architecture, landlock_version
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import LANDLOCK, LAYERS, SECCOMP, Limits, Tier
from grader.sandbox.zygote import Zygote
from grader.tests.attacks.corpus import ATTACKS, KIT, NEIGHBOUR, RESULTS, SECRET, Attack, Link
from grader.tests.attacks.graded import CHECKS, COURSE, RIGHT, grade, record, write

TIERS = {
    "full": LAYERS,
    "no-landlock": tuple(layer for layer in LAYERS if layer != LANDLOCK),
    "no-seccomp": tuple(layer for layer in LAYERS if layer != SECCOMP),
    "process": (),
}
TIMES = {False: (5.0, 10.0), True: (0.1, 0.3)}
"""Seconds for a call and in all; little for those that are there to run out of it."""
UNSURE = {"kills_its_parent", "reads_its_parent"}
if getattr(os, "geteuid", int)() != 0:
    UNSURE |= {"reads_etc_shadow", "signals_init", "forks", "leaves_a_child", "thread"}
"""Attacks that may or may not get through where their layer is missing; some need the rights of root."""
SLACK = 10.0
"""Seconds beyond its own time that a submission may take on a busy machine: starting and ending its workers."""

THOROUGH = bool(os.environ.get("GRADER_THOROUGH"))
"""Whether the partial tiers face the attacks as well that no layer has to do with."""

if not landlock_version() or architecture() is None:
    pytest.skip("needs Linux with Landlock and seccomp", allow_module_level=True)


class Range:
    """A class run in small: one zygote, an honest student, and files that nobody may touch."""

    def __init__(self, folder: Path, layers: tuple[str, ...]) -> None:
        self.folder = folder
        self.layers = layers
        self.secret = folder / "answers.txt"
        self.results = folder / "results" / "alice.json"
        self.honest = write(folder / "honest", RIGHT)
        os.environ["GRADER_SECRET"] = "2.0"  # no worker may see it
        self.zygote = Zygote(Limits(layers=layers, memory=256 << 20, scratch=4 << 20, scratch_files=200))
        self.memory = Memory()
        self.count = 0
        self.reset()

    def reset(self) -> None:
        self.secret.write_text("2.0")
        self.results.parent.mkdir(exist_ok=True)
        if self.results.exists():
            self.results.chmod(0o600)
        self.results.write_text("alice: 7 points")

    def untouched(self) -> bool:
        return (
            self.results.exists()
            and self.results.read_text() == "alice: 7 points"
            and self.results.stat().st_mode & 0o777 != 0
            and self.secret.read_text() == "2.0"
        )

    def processes(self) -> int:
        """How many processes there are beside the one that forks them."""
        number = self.zygote._source._process.pid
        return len(Path(f"/proc/{number}/task/{number}/children").read_text().split())

    def submission(self, attack: Attack) -> Path:
        self.count += 1
        folder = self.folder / f"attacks-{self.count}"
        folder.mkdir()
        for name, content in attack.files.items():
            if isinstance(content, Link):
                (folder / name).symlink_to(self._filled(content.target))
            else:
                write(folder, {name: content if isinstance(content, bytes) else self._filled(content)})
        return folder

    def _filled(self, text: str) -> str:
        places = {SECRET: self.secret, RESULTS: self.results, KIT: ROOT, NEIGHBOUR: self.honest}
        for name, path in places.items():
            text = text.replace(name, str(path))
        return text

    def honest_again(self) -> None:
        """A student whose worker is there while the attack runs."""
        self.student = self.subject(self.honest, 10.0, 600.0)

    def subject(self, folder: Path, timeout: float, total: float) -> SealedSubject:
        return SealedSubject(self.zygote, folder, COURSE.names, timeout=timeout, total=total)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A range for each tier, opened when it is first needed."""
    ranges: dict[str, Range] = {}
    with ExitStack() as stack:

        def place(tier: str) -> Range:
            if tier not in ranges:
                here = Range(tmp_path_factory.mktemp(tier), TIERS[tier])
                stack.enter_context(here.zygote)
                assert here.zygote.tier == Tier.of(here.layers)
                here.honest_again()
                here.alone = record(grade(here.student))
                assert json.loads(here.alone)["points"] == len(CHECKS)
                ranges[tier] = here
            return ranges[tier]

        yield place


def through(attack: Attack, layers: tuple[str, ...]) -> bool:
    """Whether every layer that stops an attack is missing."""
    return bool(attack.needs) and not set(attack.needs) & set(layers)


def tried(attack: Attack, layers: tuple[str, ...]) -> bool:
    """Whether an attack is tried on a tier: not where it would do harm to the machine.

    A partial tier faces only what a layer has to do with, unless GRADER_THOROUGH is set: all else is stopped by the
    grading side alone, as the process tier shows.
    """
    if attack.name.startswith("call_") and platform.machine() != "x86_64":
        return False  # system calls by their numbers on x86-64
    if attack.too_harmful and through(attack, layers):
        return False
    return bool(attack.needs) or len(layers) in (0, len(LAYERS)) or THOROUGH


CASES = [(tier, attack) for tier, layers in TIERS.items() for attack in ATTACKS if tried(attack, layers)]


@pytest.mark.parametrize(("tier", "attack"), CASES, ids=[f"{tier}-{attack.name}" for tier, attack in CASES])
def test_attack(places, tier, attack):
    """It earns what its code honestly earns, the honest student's result stays byte for byte the same, and it ends."""
    place = places(tier)
    let_through = through(attack, place.layers)
    timeout, total = TIMES[attack.runs_out_of_time]
    start = time.monotonic()
    attacker = place.subject(place.submission(attack), timeout, total)
    outcomes = grade(attacker, memory=place.memory)
    attacker.close()
    elapsed = time.monotonic() - start
    if let_through and attack.name == "kills_its_parent":
        place.honest_again()  # the worker died with the zygote; the next one has nothing of it
    others = {record(grade(place.student)), record(grade(place.student, memory=place.memory))}

    text = record(outcomes)
    json.loads(text.encode("utf-8"))
    passed = {outcome.result.id for outcome in outcomes if outcome.result.status == PASSED}
    allowed = attack.earns | attack.known_gain | (attack.gains if let_through else frozenset())
    story = "\n".join(f"{o.result.id}: {o.result.failure.message[:300]}" for o in outcomes if o.result.failure)
    assert passed <= allowed, f"gained {sorted(passed - allowed)}"
    if place.layers == LAYERS and attack.sign not in text:
        pytest.fail(f"no sign of {attack.sign!r} in:\n{story}")
    if let_through and attack.gains and attack.name not in UNSURE:
        assert passed & attack.gains, f"an attack that should get through here:\n{story}"
    assert others == {place.alone}
    assert elapsed < total + SLACK
    assert place.processes() == 1, "the attack left a process behind"
    if not let_through:
        assert place.untouched()
    place.reset()


def test_the_document_lists_what_gets_through():
    """`docs/security.md` names, for each lower tier, exactly the attacks that no layer stops there."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for tier, layers in TIERS.items():
        section = text.partition(f"<!-- {tier} -->")[2].partition("<!-- end -->")[0]
        named = set(re.findall(r"`(\w+)`", section))
        assert named == {attack.name for attack in ATTACKS if through(attack, layers)}, tier
    known = text.partition("<!-- known -->")[2].partition("<!-- end -->")[0]
    assert set(re.findall(r"`(\w+)`", known)) == {attack.name for attack in ATTACKS if attack.known_gain}
    assert f"{len(ATTACKS)} submissions" in text


def test_the_corpus_is_large_enough():
    """At least 80 attacks, with names and intentions of their own."""
    assert len(ATTACKS) >= 80
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack.tries for attack in ATTACKS}) == len(ATTACKS)
