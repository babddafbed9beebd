"""The page of a class for its instructor: to look at rather than to read. A pure function of the records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from grader.course import Course
from grader.language import N_, _, ngettext
from grader.reports import class_charts as charts
from grader.reports import styles
from grader.reports.class_table import (
    STATES,
    CheckQuality,
    ClassTable,
    Spread,
    Trouble,
    check_qualities,
    class_table,
)
from grader.reports.html import (
    Child,
    Html,
    code_name,
    details,
    icon,
    join,
    number,
    page,
    page_address,
    percent,
    plain_bar,
    readable,
    shortened,
    stacked_bar,
    tag,
)
from grader.reports.progress import DONE, NONE, PART, TODO
from grader.reports.terms import term
from grader.result import SubmissionResult

FOLDER = "feedback"
"""Where the pages of the students lie, seen from the page of the class."""

SHOWN = 12
"""So many misconceptions are shown at once; the others open."""

LINKED = 6000
"""Beyond so many names under the misconceptions they are plain text; the list at the end has the links."""

TELLING_LEAST = 10
"""Fewer students than this say nothing about how telling a check is."""

LONGEST_LIST = 500


def class_page(results: Iterable[SubmissionResult], course: Course, *, title: str = "") -> str:
    """The results of a class as a self-contained HTML page.

    Parameters
    ----------
    results : iterable of SubmissionResult
        Taken one after the other and not kept, so they may be read from their files on the way.
    course : Course
    title : str, optional
        By default the title of the course.

    Returns
    -------
    str
        Links to `feedback/<submission>.html`.
    """
    table = class_table(results, course)
    title = title or _(course.title)
    body = [_header(table, course, title)]
    if table.students and table.columns:
        states, qualities = table.exercise_states, check_qualities(table)
        body.append(
            tag(
                "main",
                _scores(table),
                _misconceptions(table),
                _progress(table, course, states),
                _map(table),
                _checks(table, course, qualities),
                _troubles(table),
                _students(table, states),
            )
        )
    elif table.students:
        body.append(tag("main", _troubles(table), _students(table, np.zeros((len(table.students), 0), dtype=int))))
    else:
        body.append(tag("main", tag("p", _("There are no results yet: grade at least one submission."), class_="note")))
    return page(_("{title}: the class").format(title=title), styles.CLASS, body)


# -- the head ----------------------------------------------------------------------------------------------------------


def _header(table: ClassTable, course: Course, title: str) -> Html:
    count = len(table.students)
    looked_at = {trouble.student for trouble in table.troubles}
    cards = [(number(count), ngettext("submission", "submissions", count), "#students")]
    if count and table.maximum:
        begun = table.tried.any(axis=1)
        cards += [
            (percent(float(np.median(table.shares))), _("of the points: the median"), "#scores"),
            (number(int((table.shares == 1).sum())), _("with every point"), "#students"),
            (number(int((~begun).sum())), _("with nothing begun"), "#students"),
        ]
    cards.append((number(len(looked_at)), ngettext("needs a look", "need a look", len(looked_at)), "#trouble"))
    shown = [tag("li", tag("a", tag("strong", value), tag("span", text), href=link)) for value, text, link in cards]
    return tag(
        "header",
        tag("p", _(course.title), class_="muted small") if title != _(course.title) else None,
        tag("h1", shortened(title, 200)),
        tag("ul", shown, class_="cards"),
        _runs(table),
    )


def _runs(table: ClassTable) -> Html:
    names = {"seed": _("Seed"), "kit": _("Kit"), "answers": _("Answers"), "tier": _("Confinement")}
    rows, mixed = [], []
    for key, name in names.items():
        values = {term(value): times for value, times in table.runs.get(key, {}).items() if value}
        if len(values) > 1:
            mixed.append(name)
        told = ", ".join(f"{value} ({number(times)})" if len(values) > 1 else value for value, times in values.items())
        if not values:
            told = (
                _("none: the code ran in the grader's own process")
                if key == "tier" and table.students
                else _("unknown")
            )
        rows.append(tag("div", tag("dt", name), tag("dd", shortened(told, 400))))
    warning = None
    if mixed:
        text = _(
            "Not all results come from the same run: they differ in {parts}. "
            "Grade the class again to compare like with like."
        )
        warning = tag("p", icon("warn"), " ", text.format(parts=", ".join(mixed)), class_="note")
    weak = [
        tag("p", icon("warn"), " ", _(WEAK[tier]), class_="note") for tier in table.runs.get("tier", {}) if tier in WEAK
    ]
    return join([tag("dl", rows, class_="facts"), warning, weak])


WEAK = {
    "": N_(
        "The code of the submissions ran unconfined, in the process that graded it: these points prove nothing if "
        "somebody meant to cheat."
    ),
    "partial": N_(
        "The submissions ran only partly confined on this machine: docs/security.md says what that lets through."
    ),
    "process": N_(
        "The submissions ran in processes of their own, but could read and write files as you can: docs/security.md "
        "says what that lets through."
    ),
}


def _section(name: str, title: str, lead: Child, *children: Child) -> Html:
    heading = tag("h2", title, id=name)
    return tag("section", heading, tag("p", lead, class_="lead") if lead else None, *children, aria_labelledby=name)


# -- scores ------------------------------------------------------------------------------------------------------------


def _scores(table: ClassTable) -> Html:
    low, middle, high = (percent(float(share)) for share in np.quantile(table.shares, (0.25, 0.5, 0.75)))
    lead = (
        _("Too few submissions for a distribution.")
        if len(table.students) < 4
        else _(
            "Half of the class has {middle} of the points or more; the middle half lies between {low} and {high}."
        ).format(middle=middle, low=low, high=high)
    )
    counts = charts.histogram_counts(table.shares, 10)
    rows = [
        tag(
            "tr",
            tag("th", _("{low} to {high} %").format(low=10 * i, high=10 * (i + 1)), scope="row"),
            tag("td", number(count)),
        )
        for i, count in enumerate(counts)
    ]
    head = tag(
        "thead", tag("tr", tag("th", _("Share of the points"), scope="col"), tag("th", _("Students"), scope="col"))
    )
    numbers = details(_("The numbers as a table"), tag("table", head, tag("tbody", rows), class_="narrow"))
    return _section("scores", _("Scores"), lead, charts.histogram(table), numbers)


# -- misconceptions ----------------------------------------------------------------------------------------------------


def _misconceptions(table: ClassTable) -> Html:
    title = _("What the class misunderstood")
    if not table.spreads:
        return _section("misconceptions", title, _("No known misconception was found."))
    most = len(table.spreads[0].students)
    linked = sum(len(spread.students) for spread in table.spreads) <= LINKED
    rows = [_spread(spread, table, most, linked) for spread in table.spreads]
    rest = None
    if len(rows) > SHOWN:
        rest = details(
            _("{count} more, down to the rarest").format(count=number(len(rows) - SHOWN)),
            tag("ul", rows[SHOWN:], class_="spreads"),
        )
    lead = _(
        "Known mistakes by how many students make them. Open one for the hint that they read, and for who they are."
    )
    return _section("misconceptions", title, lead, tag("ul", rows[:SHOWN], class_="spreads"), rest)


def _spread(spread: Spread, table: ClassTable, most: int, linked: bool) -> Html:
    count = len(spread.students)
    head = [
        tag("span", number(count), class_="count"),
        plain_bar(count / most, PART),
        tag(
            "span",
            shortened(spread.name, 200),
            " ",
            code_name(f"{spread.topic}.{spread.exercise}", class_="muted"),
            class_="what",
        ),
    ]
    return tag("li", details(head, tag("p", shortened(spread.hint, 1500)), _who(spread.students, table, linked)))


def _who(students: Sequence[int], table: ClassTable, linked: bool) -> Html:
    names = [table.students[student] for student in students]
    if not linked:
        return tag("p", ", ".join(shortened(name, 80) for name in names), class_="who")
    return tag("p", [[_link(name), " "] for name in names], class_="who")


def _link(name: str) -> Html:
    return tag("a", shortened(name, 80), href=page_address(FOLDER, name))


# -- how far the class is ----------------------------------------------------------------------------------------------

WORDS = {DONE: N_("finished"), PART: N_("partly right"), NONE: N_("not right yet"), TODO: N_("to do")}


def _legend() -> Html:
    rows = []
    for state, word in WORDS.items():
        inner = tag("rect", width="100%", height="100%", class_="track" if state == TODO else f"fill-{state}")
        rows.append(tag("li", tag("svg", inner, aria_hidden="true"), _(word)))
    return tag("ul", rows, class_="legend small")


def _progress(table: ClassTable, course: Course, states: np.ndarray) -> Html:
    topics: dict[str, list[int]] = {}
    for place, exercise in enumerate(table.exercises):
        topics.setdefault(exercise.partition(".")[0], []).append(place)
    titles = {topic.name: _(topic.title) for topic in course.topics}
    rows = []
    for topic, places in topics.items():
        inner = [
            tag(
                "li",
                tag("span", code_name(table.exercises[i].partition(".")[2]), class_="what"),
                *_share_bar(states[:, [i]]),
            )
            for i in places
        ]
        head = [tag("span", titles.get(topic, topic), class_="what"), *_share_bar(states[:, places])]
        rows.append(tag("li", details(head, tag("ul", inner, class_="shares inner"))))
    lead = _("Each topic's exercises over all students. Open a topic for its exercises.")
    return _section("progress", _("How far the class is"), lead, _legend(), tag("ul", rows, class_="shares"))


def _share_bar(states: np.ndarray) -> tuple[Html, Html]:
    shares = np.bincount(states.ravel(), minlength=len(STATES)) / states.size
    told = ", ".join(f"{_(WORDS[state])} {percent(share)}" for state, share in zip(STATES, shares, strict=True))
    done = percent(float(shares[STATES.index(DONE)]))
    return stacked_bar(list(zip(STATES, shares.tolist(), strict=True)), told, 16), tag("span", done, class_="count")


# -- the map -----------------------------------------------------------------------------------------------------------


def _map(table: ClassTable) -> Html:
    count = len(table.students)
    if count <= charts.NAMED:
        lead = _(
            "One row a student, the best at the top; one column an exercise, in the order of the course. "
            "The bars at the top show how many have finished each."
        )
        signs = {DONE: "M1 1h10v14h-10z", PART: "M1 8h10v7h-10z", NONE: "M3 5l6 6m0-6l-6 6", TODO: "M5 8h2"}
        key = [
            tag(
                "li",
                tag(
                    "svg",
                    tag("path", d=path, class_=f"sign-{state}"),
                    viewBox="0 0 12 16",
                    class_="sign",
                    aria_hidden="true",
                ),
                _(WORDS[state]),
            )
            for state, path in signs.items()
        ]
        legend = tag("ul", key, class_="legend small")
    elif count <= charts.SINGLE:
        lead = _(
            "One thin row a student, the best at the top, with the scores on the left; one column an exercise, in the "
            "order of the course. A broken column is an exercise that is hard for all, a broken row a student who "
            "needs help; "
            "the list below has the names."
        )
        key = [
            tag(
                "li",
                tag("svg", tag("rect", width="100%", height="100%", class_=f"flat-{state}"), aria_hidden="true"),
                _(word),
            )
            for state, word in WORDS.items()
        ]
        legend = tag("ul", key, class_="legend small")
    else:
        lead = _(
            "Each row is a band of about {size} students with neighbouring scores, the best at the top, with the "
            "scores on the left; one column an exercise. The stronger the colour, the more of its points they have."
        ).format(size=round(count / min(charts.BANDS, count)))
        key = [
            tag(
                "li",
                tag("svg", tag("rect", width="100%", height="100%", class_=f"level-{i}"), aria_hidden="true"),
                f"{percent(i / charts.LEVELS)} – {percent((i + 1) / charts.LEVELS)}",
            )
            for i in range(charts.LEVELS)
        ]
        legend = tag("ul", key, class_="legend small levels")
    region = tag(
        "div", charts.heat_map(table, FOLDER), class_="scroll", tabindex=0, role="region", aria_labelledby="map"
    )
    hint = tag("p", _("The map is wider than this screen: move it sideways."), class_="hint small muted")
    return _section("map", _("Students and exercises"), lead, legend, hint, region)


# -- checks ------------------------------------------------------------------------------------------------------------


def _checks(table: ClassTable, course: Course, qualities: Sequence[CheckQuality]) -> Html:
    lead = _(
        "Across: how many of those who tried it passed. Up: how well passing it goes with the points for everything "
        "else (point-biserial correlation). High is telling; near or below zero, look at the check and at its "
        "explanation."
    )
    marks = [("parity", _("PyTorch")), ("gradient", _("finite differences")), ("concept", _("concept"))]
    legend = tag("ul", [tag("li", charts.kind_mark(kind), word) for kind, word in marks], class_="legend small")
    enough = len(table.students) >= TELLING_LEAST
    few = tag(
        "p",
        _("With fewer than {least} students there is nothing to say about how telling a check is.").format(
            least=TELLING_LEAST
        ),
    )
    by_topic: dict[str, list[int]] = {}
    for place, column in enumerate(table.columns):
        by_topic.setdefault(column.topic, []).append(place)
    titles = {topic.name: _(topic.title) for topic in course.topics}
    tables = [
        details(
            ngettext("{topic}: {count} check", "{topic}: {count} checks", len(places)).format(
                topic=titles.get(topic, topic), count=len(places)
            ),
            _check_table(table, qualities, places),
        )
        for topic, places in by_topic.items()
    ]
    return _section(
        "checks",
        _("How hard and how telling each check was"),
        lead if enough else "",
        charts.kind_marks(),
        [legend, charts.scatter(table, qualities, TELLING_LEAST)] if enough else few,
        _worth_a_look(table, qualities),
        tag("h3", _("All checks")),
        tables,
    )


def _worth_a_look(table: ClassTable, qualities: Sequence[CheckQuality]) -> Html:
    tried = [i for i, quality in enumerate(qualities) if quality.tried >= max(3, len(table.students) // 10)]
    by_share = sorted((i for i in tried if qualities[i].share < 0.7), key=lambda i: qualities[i].share)
    by_telling = sorted((i for i in tried if _hardly_telling(qualities[i])), key=lambda i: qualities[i].telling or 0.0)
    hardest, odd = _one_an_exercise(by_share, table)[:8], _one_an_exercise(by_telling, table)[:8]
    parts = []
    if hardest:
        parts.append(
            tag(
                "div",
                tag("h3", _("The hardest check of each hard exercise")),
                _check_table(table, qualities, hardest, linked=True),
            )
        )
    if odd:
        parts.append(
            tag("div", tag("h3", _("The least telling ones")), _check_table(table, qualities, odd, linked=True))
        )
    return tag("div", parts, class_="pair")


def _one_an_exercise(places: Sequence[int], table: ClassTable) -> list[int]:
    """The first check of each exercise: the others mostly fail for the same reason."""
    first: dict[str, int] = {}
    for place in places:
        first.setdefault(table.columns[place].exercise_id, place)
    return list(first.values())


def _hardly_telling(quality: CheckQuality) -> bool:
    """Whether passing goes badly with the rest, beyond what chance does in so many students (two standard errors)."""
    if quality.telling is None or min(quality.passed, quality.tried - quality.passed) < 5:
        return False
    return quality.telling + 2 / quality.tried**0.5 < 0.3


def _check_table(
    table: ClassTable, qualities: Sequence[CheckQuality], places: Sequence[int], linked: bool = False
) -> Html:
    head = [
        tag("th", _("Check"), scope="col"),
        tag("th", _("passed, of those who tried"), scope="col"),
        tag("th", _("telling"), scope="col"),
    ]
    rows = []
    for place in places:
        column, quality = table.columns[place], qualities[place]
        name = code_name(column.exercise)
        told = _("{passed} of {tried}").format(passed=number(quality.passed), tried=number(quality.tried))
        rows.append(
            tag(
                "tr",
                tag(
                    "th",
                    charts.kind_mark(column.kind),
                    tag("a", name, href=f"#check-{place}") if linked else name,
                    " ",
                    shortened(column.title, 200),
                    scope="row",
                ),
                tag("td", plain_bar(quality.share), tag("span", told)),
                tag("td", _told_telling(quality)),
                id=None if linked else f"check-{place}",
            )
        )
    return tag("table", tag("thead", tag("tr", head)), tag("tbody", rows), class_="checks")


def _told_telling(quality: CheckQuality) -> str:
    if quality.telling is None or quality.tried < TELLING_LEAST:
        return "–"
    return f"{quality.telling:.2f}".replace("-", "\u2212")


# -- trouble -----------------------------------------------------------------------------------------------------------


def _troubles(table: ClassTable) -> Html:
    titles = {
        "problem": _("Problems with what was handed in"),
        "file": _("Files that do not run"),
        "deadline": _("Calls that did not come back in time"),
        "died": _("Calls that ended their process"),
        "kit": _("Checks that the kit itself could not judge"),
    }
    groups = []
    for kind, title in titles.items():
        found = [trouble for trouble in table.troubles if trouble.kind == kind]
        if found:
            students = len({trouble.student for trouble in found})
            head = [icon("warn"), tag("span", f" {title}: "), tag("strong", _people(students))]
            rest = _("… and {count} more, in the results.").format(count=number(len(found) - LONGEST_LIST))
            groups.append(
                details(
                    head,
                    tag("ul", [_trouble(trouble, table) for trouble in found[:LONGEST_LIST]], class_="troubles"),
                    tag("p", rest) if len(found) > LONGEST_LIST else None,
                    opened=len(found) <= 8,
                )
            )
    lead = "" if groups else _("Every file could be read and run, and every call came back in time.")
    return _section("trouble", _("What needs a look"), lead, groups)


def _people(count: int) -> str:
    return ngettext("{count} student", "{count} students", count).format(count=number(count))


def _trouble(trouble: Trouble, table: ClassTable) -> Html:
    place = [code_name(trouble.place), " "] if trouble.place else None
    return tag("li", _link(table.students[trouble.student]), " ", place, shortened(trouble.message, 300))


# -- students ----------------------------------------------------------------------------------------------------------


def _students(table: ClassTable, states: np.ndarray) -> Html:
    order = sorted(range(len(table.students)), key=lambda i: (table.students[i].casefold(), table.students[i]))
    if len(order) > charts.SINGLE:
        return _directory(table, order)
    kinds: dict[int, set[str]] = {}
    for trouble in table.troubles:
        kinds.setdefault(trouble.student, set()).add(trouble.kind)
    lead = _(
        "By name. A tall line is a finished exercise, one of half the height is partly right, a low one is not right "
        "yet."
    )
    places = charts.column_places(table)
    rows = [_student(i, table, states[i].tolist(), places, kinds.get(i, set())) for i in order]
    lines = charts.strip_lines(places) if places else None
    return _section("students", _("Students"), lead if places else "", lines, tag("ul", rows, class_="students"))


def _directory(table: ClassTable, order: Sequence[int]) -> Html:
    """A large class: names and shares alone, by the first letter."""
    letters: dict[str, list[Html]] = {}
    for i in order:
        row = tag("li", _link(table.students[i]), " ", tag("span", percent(float(table.shares[i]))))
        letters.setdefault(readable(table.students[i][:1]).upper(), []).append(row)
    jumps = tag(
        "p", [[tag("a", letter, href=f"#letter-{place}"), " "] for place, letter in enumerate(letters)], class_="jumps"
    )
    parts = [
        [tag("h3", letter, id=f"letter-{place}"), tag("ul", rows, class_="directory")]
        for place, (letter, rows) in enumerate(letters.items())
    ]
    return _section("students", _("Students"), _("By name, with their share of the points."), jumps, parts)


SIGNS = {
    "problem": N_("hand-in"),
    "file": N_("file"),
    "deadline": N_("time-out"),
    "died": N_("died"),
    "kit": N_("not judged"),
}


def _student(student: int, table: ClassTable, states: Sequence[int], places: Sequence[int], kinds: set[str]) -> Html:
    signs = ", ".join(_(word) for kind, word in SIGNS.items() if kind in kinds)
    return tag(
        "li",
        tag("span", _link(table.students[student]), class_="what"),
        tag("span", f"{number(int(table.points[student]))} / {number(table.maximum)}", class_="count"),
        charts.strip(states, places) if places else tag("span"),
        tag("span", icon("warn"), " ", signs, class_="signs") if signs else tag("span"),
    )
