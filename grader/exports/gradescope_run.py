"""What `run_autograder` runs on Gradescope: grades `/autograder/submission`, writes `/autograder/results/results.json`.

Started as `python -m grader.exports.gradescope_run FOLDER`, where FOLDER is `/autograder`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.answers.sheet import RECORDED, RecordedSource, recorded_seed
from grader.classroom.grading import Suite, grade_submission
from grader.classroom.intake import Submission, take_in
from grader.classroom.roster import Entry, Part
from grader.course import ROOT, Course, Topic, the_course
from grader.exports.gradescope_results import gradescope_results
from grader.language import SOURCE, speak
from grader.misconceptions.diagnosis import Diagnostician
from grader.result import SubmissionResult
from grader.sandbox.confinement import bound_memory
from grader.sandbox.subject import SealedSubject
from grader.sandbox.tier import Limits
from grader.sandbox.zygote import Zygote
from grader.subject.face import faces
from grader.suite import Check, collect

SETTINGS = "settings.json"


@dataclass(frozen=True)
class Settings:
    """What the instructor decided when the autograder was built."""

    topics: tuple[str, ...]
    visibility: str = "visible"
    timeout: float = 10.0
    memory: int = 512 << 20
    language: str = SOURCE

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read what `to_json` wrote."""
        record = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**record, "topics": tuple(record["topics"])})

    def to_json(self) -> str:
        """The settings as text."""
        return json.dumps(self.__dict__, indent=1) + "\n"


def course_of(topics: tuple[str, ...]) -> Course:
    """The course with some of its topics only."""
    whole = the_course()
    chosen: tuple[Topic, ...] = tuple(topic for topic in whole.topics if topic.name in topics)
    return Course(whole.title, chosen)


def run(root: Path) -> SubmissionResult:
    """Grade what lies under the folder and write the results.

    Raises
    ------
    SandboxError, SuiteError
        The machine or the kit is at fault; then there are no results, and Gradescope says that the autograder failed.
    """
    started = time.monotonic()
    settings = Settings.read(root / "source" / SETTINGS)
    speak(settings.language)
    folder = root / "submission"
    entry = Entry("submission", "submission", "", "", (Part(folder, folder.name),))
    submission = take_in(entry, course_of(settings.topics).names)
    result = grade(submission, settings)
    results = root / "results"
    results.mkdir(exist_ok=True)
    record = gradescope_results(result, settings.visibility, time.monotonic() - started)
    part = results / "results.json.part"
    part.write_text(json.dumps(record, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    part.replace(results / "results.json")
    return result


def grade(submission: Submission, settings: Settings) -> SubmissionResult:
    """Grade one submission in a sealed process."""
    course = the_course()
    checks = _collect(settings.topics, course)
    seed = recorded_seed()
    assert seed is not None, "the autograder was built without recorded answers"
    suite = Suite(course, checks, seed, RecordedSource(RECORDED), Diagnostician(RECORDED).explain)
    with tempfile.TemporaryDirectory(prefix="grader-") as place, Zygote(Limits(memory=settings.memory)) as zygote:
        for name, content in submission.files.items():
            path = Path(place).joinpath(*PurePosixPath(name).parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        subject = SealedSubject(zygote, Path(place), course.names, settings.timeout)
        try:
            return grade_submission(submission, suite, subject, zygote.tier.name)
        finally:
            subject.close()


def _collect(topics: tuple[str, ...], course: Course) -> tuple[Check, ...]:
    with faces({topic.name: {e.name: e.form for e in topic.exercises} for topic in course.topics}):
        return tuple(collect([ROOT / "tests" / f"test_{topic}.py" for topic in topics]))


def main(arguments: list[str] | None = None) -> int:
    """Grade once; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    bound_memory()
    result = run(Path(given[0] if given else "/autograder"))
    print(f"{result.points} / {result.maximum}  sandbox: {result.tier}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
