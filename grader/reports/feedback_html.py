"""The page that a student gets: what is earned, each failed check in full, and what to do next. A pure function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from grader.course import DEFAULT_SEED, Course
from grader.language import N_, _, current, ngettext
from grader.reports import styles
from grader.reports.html import (
    Html,
    code_name,
    details,
    filled,
    icon,
    join,
    number,
    page,
    percent,
    shortened,
    stacked_bar,
    tag,
)
from grader.reports.progress import (
    DONE,
    NONE,
    PART,
    TODO,
    ExerciseProgress,
    TopicProgress,
    failed,
    next_exercise,
    not_graded,
    progress,
)
from grader.reports.terms import term
from grader.result import ERROR, PASSED, TO_DO, CheckResult, Diagnosis, Failure, SubmissionResult, Tally


def feedback_page(result: SubmissionResult, course: Course) -> str:
    """The feedback on one submission as a self-contained HTML page.

    Parameters
    ----------
    result : SubmissionResult
    course : Course
        Gives the order, the titles and where the slides have each exercise.

    Returns
    -------
    str
    """
    graded = not not_graded(result)
    topics = progress(result, course) if graded else ()
    following = next_exercise(topics)
    body = [
        tag("a", _("Go to what to do next"), href="#next", class_="skip"),
        _header(result, course, graded),
        tag(
            "main",
            _problems(result.problems),
            _next(following, topics) if graded else _hand_in_again(),
            _overview(topics),
            [_topic(topic, following) for topic in topics],
        ),
        _footer(result),
    ]
    return page(_("Feedback for {name}").format(name=result.submission), styles.FEEDBACK, body)


# -- the head of the page ----------------------------------------------------------------------------------------------


def _header(result: SubmissionResult, course: Course, graded: bool) -> Html:
    tally = Tally.of(result.checks)
    counts = [
        (DONE, ngettext("{count} check passed", "{count} checks passed", tally.passed), tally.passed),
        (NONE, ngettext("{count} check failed", "{count} checks failed", tally.failed), tally.failed),
        (TODO, ngettext("{count} check still to do", "{count} checks still to do", tally.to_do), tally.to_do),
    ]
    legend = [tag("li", icon(name), " ", text.format(count=number(count))) for name, text, count in counts]
    title = [
        tag("p", _(course.title), class_="muted small"),
        tag("h1", _("Feedback for {name}").format(name=shortened(result.submission, 120))),
    ]
    if not graded:
        return tag("header", title, tag("p", _("Nothing of this submission could be graded."), class_="lead"))
    return tag(
        "header",
        title,
        tag("p", _score(tally), class_="score"),
        _points_bar(result.checks, 22),
        tag("ul", legend, class_="legend"),
        tag("p", _encouragement(tally)),
    )


def _score(tally: Tally) -> Html:
    if not tally.maximum:
        return join(_("No check was run."))
    share = percent(tally.points / tally.maximum)
    return join(
        [
            filled(
                _("{points} of {maximum} points"),
                points=tag("strong", number(tally.points)),
                maximum=number(tally.maximum),
            ),
            tag("span", f" ({share})", class_="muted"),
        ]
    )


def _encouragement(tally: Tally) -> str:
    if not tally.maximum:
        return _("There is nothing to say about this submission yet.")
    if tally.points == tally.maximum:
        return _("Every point is earned. Well done!")
    if not tally.passed and not tally.failed:
        return _("Nothing is begun yet, and nothing is lost: each exercise below is small and stands on its own.")
    if not tally.failed:
        return _("Everything that you wrote so far is right. The rest is waiting for you.")
    return _(
        "Each failed check below says what was called, what came back and what should have. A check costs its own "
        "points and no others, so mend them in any order you like."
    )


def _points_bar(checks: Sequence[CheckResult], height: int = 12) -> Html:
    earned, lost = Tally.of(checks), Tally.of(failed(checks))
    maximum = earned.maximum or 1
    label = _("{points} of {maximum} points").format(points=earned.points, maximum=earned.maximum)
    return stacked_bar([(DONE, earned.points / maximum), (NONE, lost.maximum / maximum)], label, height)


def _problems(problems: Sequence[str]) -> Html | None:
    if not problems:
        return None
    rows = [tag("li", shortened(problem, 600)) for problem in problems]
    heading = tag("h2", icon("warn"), " ", _("About the files you handed in"), id="problems")
    return tag("section", heading, tag("ul", rows), class_="note", aria_labelledby="problems")


def _next(following: ExerciseProgress | None, topics: Sequence[TopicProgress]) -> Html | None:
    if not topics:
        return None
    heading = tag("h2", _("What to do next"), id="next")
    if following is None:
        rest: list[Html] = [tag("p", _("Nothing is left to do: every exercise is finished."))]
    else:
        topic = next(topic for topic in topics if topic.name == following.topic)
        rest = list(_next_steps(following, topic.file_failure))
    return tag("section", heading, rest, class_="card next", aria_labelledby="next")


def _hand_in_again() -> Html:
    text = _(
        "Mend what is said above and hand your files in again, or ask your instructor: no check has run, so nothing "
        "is said about your code."
    )
    heading = tag("h2", _("What to do next"), id="next")
    return tag("section", heading, tag("p", text), class_="card next", aria_labelledby="next")


def _next_steps(exercise: ExerciseProgress, file_failure: Failure | None) -> Iterable[Html]:
    link = tag("a", code_name(exercise.name), href=f"#{exercise.id}")
    file = tag("code", f"{exercise.topic}.py")
    tally = exercise.tally
    if file_failure is not None:
        yield tag(
            "p", filled(_("Mend {file} as a whole first: none of it can run at the moment."), file=file), class_="lead"
        )
        yield tag("p", shortened(file_failure.message, 600))
        return
    if exercise.state == TODO:
        yield tag("p", filled(_("Begin {exercise} in {file}."), exercise=link, file=file), class_="lead")
    else:
        yield tag("p", filled(_("Go on with {exercise} in {file}."), exercise=link, file=file), class_="lead")
        passed = _("Checks passed: {passed} of {all}.").format(passed=tally.passed, all=len(exercise.checks))
        yield tag("p", passed)
    if exercise.exercise and exercise.exercise.slides:
        yield tag("p", _("The slides have it under: {slides}.").format(slides=_listed(exercise.exercise.slides)))
    yield tag(
        "p", _("It is the first exercise that is not finished and needs no other unfinished one. To check it yourself:")
    )
    command = f"pytest tests/test_{exercise.topic}.py "
    yield tag("pre", command, tag("span", f"-k {exercise.name}", class_="nowrap"))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_("“{title}”").format(title=_(name)) for name in names)


def _overview(topics: Sequence[TopicProgress]) -> Html | None:
    if not topics:
        return None
    rows = [
        tag(
            "tr",
            tag("th", tag("a", topic.title, href=f"#topic-{topic.name}"), scope="row"),
            tag("td", _points_bar(topic.checks), class_="wide"),
            tag("td", f"{topic.tally.points} / {topic.tally.maximum}", class_="count"),
        )
        for topic in topics
    ]
    head = tag(
        "tr",
        tag("th", _("Topic"), scope="col"),
        tag("th", tag("span", _("Progress"), class_="hidden"), scope="col"),
        tag("th", _("Points"), scope="col", class_="count"),
    )
    legend = [(DONE, _("earned")), (NONE, _("failed")), (TODO, _("to do"))]
    return tag(
        "section",
        tag("h2", _("Your topics"), id="topics"),
        tag("table", tag("thead", head), tag("tbody", rows)),
        tag("ul", [tag("li", _swatch(name), text) for name, text in legend], class_="legend small"),
        aria_labelledby="topics",
    )


def _swatch(name: str) -> Html:
    inner = tag("rect", width="100%", height="100%", class_="track" if name == TODO else f"fill-{name}")
    return tag("svg", inner, aria_hidden="true")


# -- topics and exercises ----------------------------------------------------------------------------------------------

WORDS = {DONE: N_("finished"), PART: N_("partly right"), NONE: N_("not right yet"), TODO: N_("to do")}


def _topic(topic: TopicProgress, following: ExerciseProgress | None) -> Html:
    tally = topic.tally
    heading = [
        icon(topic.state),
        tag("h2", topic.title, id=f"topic-{topic.name}"),
        tag("span", f"{tally.points} / {tally.maximum}", class_="count"),
    ]
    here = following is not None and following.topic == topic.name
    failure = topic.file_failure
    return details(
        tag("span", heading, class_="line"),
        _whole_file(topic.name, failure) if failure else None,
        [_exercise(exercise, exercise is following, failure, current()) for exercise in topic.exercises],
        opened=here or tally.failed > 0,
        class_="topic printed",
    )


def _whole_file(topic: str, failure: Failure) -> Html:
    return tag(
        "div",
        tag(
            "p", tag("strong", _("None of {file} can run.").format(file=f"{topic}.py")), " ", shortened(failure.message)
        ),
        tag("pre", shortened(failure.trace)) if failure.trace else None,
        class_="note",
    )


@lru_cache(1024)
def _exercise(exercise: ExerciseProgress, opened: bool, file_failure: Failure | None, _language: str) -> Html:
    """One exercise. Kept, because in a class the same verdicts on it come again and again."""
    state, tally = exercise.state, exercise.tally
    heading = [
        icon(state),
        tag("h3", code_name(exercise.name)),
        tag("span", _(WORDS[state]), class_=f"word {state}"),
        tag("span", f"{tally.points} / {tally.maximum}", class_="count"),
    ]
    return details(
        tag("span", heading, class_="line"),
        tag("div", _exercise_body(exercise, file_failure), id=exercise.id, class_="body"),
        opened=opened,
        class_="exercise printed" if tally.failed else "exercise",
    )


def _exercise_body(exercise: ExerciseProgress, file_failure: Failure | None) -> Iterable[Html]:
    if exercise.exercise:
        about: list[str] = [tag("code", f"{exercise.name}{exercise.exercise.signature}")]
        if exercise.exercise.slides:
            about += [" ", _("Slides: {slides}.").format(slides=_listed(exercise.exercise.slides))]
        yield tag("p", about, class_="muted small")
    for line in dict.fromkeys(check.mend_first for check in exercise.failed if check.mend_first):
        yield tag(
            "p", icon("warn"), " ", tag("strong", _("Mend this first.")), " ", shortened(line, 1000), class_="note"
        )
    if file_failure is not None and exercise.failed:
        yield tag("p", _("It could not be run: see the note on the whole file above."))
    else:
        yield from _diagnoses(exercise.failed)
        for check in exercise.failed:
            yield _failed_check(check)
    yield from _other_checks(exercise)
    for line in dict.fromkeys(line for check in exercise.checks for line in check.advice):
        yield tag("p", tag("strong", _("Advice, without loss of points.")), " ", shortened(line, 1000), class_="advice")


def _diagnoses(checks: Sequence[CheckResult]) -> Iterable[Html]:
    """Each misconception once, however many of the checks it explains."""
    found: dict[str, Diagnosis] = {}
    explained: dict[str, int] = {}
    for check in checks:
        for item in check.diagnosis:
            found.setdefault(item.id, item)
            explained[item.id] = explained.get(item.id, 0) + 1
    for key, item in found.items():
        count = ""
        if len(checks) > 1:
            count = _("It explains {count} of the {all} failed checks.").format(count=explained[key], all=len(checks))
        yield tag(
            "div",
            tag("h4", _("This looks like a known mistake: “{name}”").format(name=shortened(item.name, 300))),
            tag("p", shortened(item.hint, 1500)),
            tag("p", count, class_="muted small") if count else None,
            class_="note",
        )


def _failed_check(check: CheckResult) -> Html:
    failure = check.failure or Failure("", _("There is no more to say about it."))
    compared = [(_("expected"), failure.expected), (_("got"), failure.got), (_("difference"), failure.difference)]
    return tag(
        "article",
        tag("h4", icon(NONE), " ", shortened(check.title, 300)),
        tag("p", _(KINDS.get(check.kind, check.kind)), " · ", _points(check), class_="muted small"),
        tag("p", _("The check itself could not be judged; tell your instructor.")) if check.status == ERROR else None,
        tag("p", shortened(failure.message)),
        _pairs(failure.inputs, "inputs", _("Called with")),
        _pairs([pair for pair in compared if pair[1]], "compared", ""),
        tag("pre", shortened(failure.trace), aria_label=_("Your lines on the way to the error"))
        if failure.trace
        else None,
        _explained(check, failure),
        class_="check",
    )


def _points(check: CheckResult) -> str:
    return _("points: {points} of {maximum}").format(points=check.points, maximum=check.maximum)


KINDS = {
    "parity": N_("compared with PyTorch"),
    "gradient": N_("compared with finite differences"),
    "concept": N_("a property that the idea must have"),
}


def _pairs(rows: Sequence[tuple[str, str]], kind: str, title: str) -> Html | None:
    if not rows:
        return None
    listed = [tag("div", tag("dt", shortened(name, 100)), tag("dd", shortened(text))) for name, text in rows]
    return join([tag("p", title, class_="label") if title else None, tag("dl", listed, class_=kind)])


def _explained(check: CheckResult, failure: Failure) -> Html | None:
    if not check.diagnosis:
        return tag("p", icon("warn"), " ", shortened(failure.suggestion, 1000)) if failure.suggestion else None
    rows = [
        tag(
            "p",
            tag("strong", _("This is what “{name}” gives.").format(name=shortened(item.name, 300))),
            " ",
            shortened(item.evidence, 1000),
        )
        for item in check.diagnosis
    ]
    if len(rows) > 1:
        rows.insert(0, tag("p", _("More than one known mistake gives exactly these results:")))
    return join(rows)


def _other_checks(exercise: ExerciseProgress) -> Iterable[Html]:
    for status, name, word in ((PASSED, DONE, _("Passed")), (TO_DO, TODO, _("Still to do"))):
        titles = [shortened(check.title, 300) for check in exercise.checks if check.status == status]
        if titles:
            yield tag("p", icon(name), " ", word, class_="label")
            yield tag("ul", [tag("li", title) for title in titles], class_=f"plain {name}")


def _footer(result: SubmissionResult) -> Html:
    facts = [
        (_("Inputs from seed"), str(result.seed)),
        (_("Kit"), result.kit),
        (_("Answers"), term(result.answers)),
        (_("Confinement"), term(result.tier)),
    ]
    rows = [tag("div", tag("dt", name), tag("dd", shortened(value, 300))) for name, value in facts if value]
    note = ""
    if result.seed != DEFAULT_SEED:
        note = _("The numbers here are other ones than in your own runs: this was graded with inputs of its own.")
    return tag("footer", tag("p", note) if note else None, tag("dl", rows, class_="facts"), class_="muted small")
