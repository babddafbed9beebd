"""The drawings of the class page, as inline SVG. Pure functions of the table of the class.

Drawings are as wide as the page: places along x are percentages, so that nothing is squeezed on a phone and letters
keep their size. The map alone has a fixed width and scrolls. Shades go from light to dark, so that they read without
colour.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.language import _
from grader.reports.class_table import STATES, CheckQuality, ClassTable
from grader.reports.html import Html, join, number, page_address, percent, shortened, tag
from grader.reports.progress import DONE, NONE, PART, TODO

NAMED = 60
"""So many students have their names in the map."""

SINGLE = 400
"""So many students have a row each; more are drawn as bands of students with neighbouring scores."""

BANDS = 180
LEVELS = 6
"""Shades of a band: an equal step of the share of the points each."""

CELL, GAP = 12, 6
LABELS = 224
"""Pixels for the names of the exercises, written upwards."""


def histogram(table: ClassTable) -> Html:
    """How many students have which share of the points."""
    shares = table.shares
    bins = 20 if len(shares) >= 100 else 10
    counts = histogram_counts(shares, bins)
    top, floor, step = 24, 184, 100 / bins
    drawn: list[Html] = []
    for place, count in enumerate(counts):
        if not count:
            continue
        height = max((floor - top) * count / max(counts), 2.0)
        middle = f"{(place + 0.5) * step:g}%"
        drawn += [
            tag(
                "rect",
                x=f"{(place + 0.06) * step:g}%",
                width=f"{0.88 * step:g}%",
                y=floor - height,
                height=height,
                class_="fill-done",
            ),
            tag(
                "text", number(count), x=middle, y=floor - height - 5, class_="middle" + (" dense" if bins > 10 else "")
            ),
        ]
    axis = [
        tag("text", f"{mark}\u00a0%", x=f"{mark}%", y=floor + 18, class_={0: "start", 100: "end"}.get(mark, "middle"))
        for mark in (0, 25, 50, 75, 100)
    ]
    ground = tag("rect", x=0, y=floor, width="100%", height=1, class_="axis")
    return tag(
        "svg",
        drawn,
        ground,
        axis,
        _median(shares, floor),
        class_="chart",
        height=floor + 44,
        role="img",
        aria_label=_("How many students have which share of the points; the table below has the numbers."),
    )


def histogram_counts(shares: np.ndarray, bins: int) -> list[int]:
    """Students by share of the points; the last bin holds those with all of them too."""
    places = np.minimum((shares * bins + 1e-9).astype(int), bins - 1)
    return np.bincount(places, minlength=bins).tolist()


def _median(shares: np.ndarray, floor: int) -> list[Html]:
    median = float(np.median(shares))
    place = f"{100 * median:.4g}%"
    side = "start" if median < 0.15 else "end" if median > 0.85 else "middle"
    return [
        tag("svg", tag("path", d="M0 0l5 8h-10z", class_="mark"), x=place, y=floor + 22, class_="loose"),
        tag("text", _("median {share}").format(share=percent(median)), x=place, y=floor + 42, class_=f"{side} strong"),
    ]


# -- the map -----------------------------------------------------------------------------------------------------------


def column_places(table: ClassTable) -> list[int]:
    """Where each exercise's column begins in the map, in pixels: a gap before each topic."""
    places, at, before = [], 0, None
    for exercise in table.exercises:
        topic = exercise.partition(".")[0]
        if before is not None and topic != before:
            at += GAP
        places.append(at)
        at += CELL
        before = topic
    return places


def heat_map(table: ClassTable, folder: str) -> Html:
    """Students × exercises, the best at the top."""
    places = column_places(table)
    order = np.argsort(-table.shares, kind="stable")
    rows = len(order)
    if rows <= NAMED:
        height, side, body = 18.0, 196, _named_cells(table, order, places)
        sides = _names(table, order, height, folder)
    elif rows <= SINGLE:
        height, side = max(2.0, min(10.0, 900 / rows)), 116
        body = _thin_cells(table.exercise_states[order], places, height)
        sides = _ranks(table.shares[order], rows * height)
    else:
        rows, height, side = min(BANDS, rows), 4.0, 116
        body = _band_cells(band_shares(table.exercise_shares[order], rows), places, height)
        sides = _ranks(table.shares[order], rows * height)
    top, deep = LABELS + 72, rows * height
    frame = tag("rect", x=0, y=0, width=places[-1] + CELL, height=deep, class_="frame")
    cells = tag(
        "svg",
        tag("g", _topic_labels(table, places), _exercise_labels(table, places), _column_bars(table, places)),
        tag("g", body, frame, transform=f"translate(0 {top})"),
        tag("g", _column_overlays(table, places, top + deep)),
        width=places[-1] + CELL + 8,
        height=top + deep + 4,
        class_="cells",
        role="img",
        aria_label=_("Map of students and exercises; the lists above and below say the same in words."),
    )
    beside = tag("g", sides, transform=f"translate(0 {top})")
    return tag(
        "div", tag("svg", beside, width=side, height=top + deep + 4, class_=f"side side-{side}"), cells, class_="map"
    )


def _topic_labels(table: ClassTable, places: Sequence[int]) -> list[Html]:
    topics: dict[str, list[int]] = {}
    for exercise, place in zip(table.exercises, places, strict=True):
        topics.setdefault(exercise.partition(".")[0], []).append(place)
    drawn = []
    for i, (topic, found) in enumerate(topics.items()):
        high = 12 if i % 2 == 0 else 27  # neighbours on two lines: a narrow topic has no room for its name
        width = found[-1] - found[0] + CELL
        end = i == len(topics) - 1
        drawn += [
            tag(
                "text",
                shortened(topic, 40),
                x=found[-1] + CELL if end else found[0],
                y=high,
                class_="strong" + (" end" if end else ""),
            ),
            tag("path", d=f"M{found[0]} 34h{width}", class_="rule"),
        ]
    return drawn


def _exercise_labels(table: ClassTable, places: Sequence[int]) -> list[Html]:
    return [
        tag(
            "text",
            shortened(exercise.partition(".")[2], 40),
            transform=f"translate({place + 9.5} {LABELS + 34})rotate(-90)",
        )
        for exercise, place in zip(table.exercises, places, strict=True)
    ]


def _column_bars(table: ClassTable, places: Sequence[int]) -> list[Html]:
    """Above each column, how much of the class has finished the exercise."""
    floor = LABELS + 68
    finished = (table.exercise_states == STATES.index(DONE)).mean(axis=0)
    outline = "".join(f"M{place + 1} {floor}v-28h10v28z" for place in places)
    filled = "".join(
        f"M{p + 1} {floor}v{-28 * share:.3g}h10V{floor}z" for p, share in zip(places, finished, strict=True) if share
    )
    return [tag("path", d=outline, class_="thin"), tag("path", d=filled, class_="fill-done")]


def _column_overlays(table: ClassTable, places: Sequence[int], height: float) -> list[Html]:
    """Over each column what there is to say about it, for a reader who points at it."""
    states = table.exercise_states
    drawn = []
    for column, (exercise, place) in enumerate(zip(table.exercises, places, strict=True)):
        counts = np.bincount(states[:, column], minlength=len(STATES))
        text = _("{exercise}: finished {done}, partly right {part}, not right yet {none}, to do {todo}").format(
            exercise=shortened(exercise, 100), **dict(zip(STATES, map(number, counts.tolist()), strict=True))
        )
        drawn.append(tag("rect", tag("title", text), x=place, width=CELL, height=height, class_="over"))
    return drawn


def _named_cells(table: ClassTable, order: np.ndarray, places: Sequence[int]) -> list[Html]:
    """A sign a cell: a full block, a half one, a cross, a dot."""
    signs = {DONE: "M{x} {y}h10v14h-10z", PART: "M{x} {h}h10v7h-10z", NONE: "M{c} {d}l6 6m0-6l-6 6", TODO: "M{e} {h}h2"}
    paths: dict[str, list[str]] = {state: [] for state in STATES}
    for row, states in enumerate(table.exercise_states[order]):
        y = 18 * row + 2
        for place, code in zip(places, states.tolist(), strict=True):
            state = STATES[code]
            paths[state].append(signs[state].format(x=place + 1, y=y, h=y + 7, c=place + 3, d=y + 4, e=place + 5))
    return [tag("path", d="".join(paths[state]), class_=f"sign-{state}") for state in STATES]


def _thin_cells(states: np.ndarray, places: Sequence[int], height: float) -> list[Html]:
    """A shade a cell; neighbours of one shade are drawn in one go."""
    drawn = []
    for state in (DONE, PART, NONE):
        mask = states == STATES.index(state)
        drawn.append(tag("path", d=_blocks(mask, places, height), class_=f"flat-{state}"))
    return [*drawn, _grid(places, len(states) * height)]


def band_shares(shares: np.ndarray, bands: int) -> np.ndarray:
    """The mean of each band of neighbouring rows."""
    edges = np.linspace(0, len(shares), bands + 1).astype(int)
    return np.stack([shares[start:end].mean(axis=0) for start, end in zip(edges, edges[1:], strict=False)])


def _band_cells(shares: np.ndarray, places: Sequence[int], height: float) -> list[Html]:
    levels = np.minimum((shares * LEVELS + 1e-9).astype(int), LEVELS - 1)
    drawn = [tag("path", d=_blocks(levels == i, places, height), class_=f"level-{i}") for i in range(1, LEVELS)]
    return [*drawn, _grid(places, len(shares) * height)]


def _blocks(mask: np.ndarray, places: Sequence[int], height: float, at: float = 0.0) -> str:
    """The path of the cells of a mask, run by run."""
    path = []
    size = f"{height:.4g}"
    for row, cells in enumerate(mask.tolist()):
        y = f"{at + row * height:.5g}"
        start = None
        for column, cell in enumerate([*cells, False]):
            if cell and start is None:
                start = column
            elif not cell and start is not None:
                width = places[column - 1] + CELL - places[start]
                path.append(f"M{places[start]} {y}h{width}v{size}h-{width}z")
                start = None
    return "".join(path)


def _grid(places: Sequence[int], height: float) -> Html:
    """Lines in the colour of the page between columns; wide ones between topics."""
    thin = "".join(f"M{place} 0v{height:g}" for place in places)
    wide = "".join(f"M{b - GAP / 2:g} 0v{height:g}" for a, b in zip(places, places[1:], strict=False) if b - a > CELL)
    return join([tag("path", d=thin, class_="grid"), tag("path", d=wide, class_="grid wide")])


def _names(table: ClassTable, order: np.ndarray, height: float, folder: str) -> list[Html]:
    drawn = []
    for row, student in enumerate(order.tolist()):
        name, share = table.students[student], float(table.shares[student])
        y = row * height + 13
        text = tag("text", name if len(name) <= 20 else name[:19] + "…", x=0, y=y)
        drawn.append(tag("a", text, href=page_address(folder, name)))
        drawn.append(tag("text", percent(share), x=156, y=y, class_="end"))
        if share:
            drawn.append(tag("path", d=f"M160 {y - 10}h{30 * share:.3g}v10h{-30 * share:.3g}z", class_="fill-part"))
    return drawn


def _ranks(shares: np.ndarray, height: float) -> list[Html]:
    """The scores down the side, as a curve with the quarters of the class marked."""
    steps = max(1, len(shares) // 400)
    points = [
        f"{50 + 58 * share:.4g} {height * place / len(shares):.4g}"
        for place, share in enumerate(shares)
        if place % steps == 0
    ]
    drawn = [tag("path", d="M50 0L" + "L".join(points) + f"V{height:g}H50z", class_="fill-part")]
    for quarter in range(5):
        place = round(quarter / 4 * (len(shares) - 1))
        y = {0: 11.0, 4: height - 2}.get(quarter, quarter / 4 * height + 4)
        drawn.append(tag("text", percent(float(shares[place])), x=44, y=y, class_="end"))
    return drawn


# -- one row ----------------------------------------------------------------------------------------------------------


def strip(states: Sequence[int], places: Sequence[int]) -> Html:
    """A student's exercises in a line: tall where finished, half where partly right, low where not right yet."""
    mask = np.array([states])
    drawn = []
    for state, height in ((DONE, 16), (PART, 8), (NONE, 3)):
        path = _blocks(mask == STATES.index(state), places, height, at=16 - height)
        if path:
            drawn.append(tag("path", d=path, class_=f"tick-{state}"))
    count = int((mask == STATES.index(DONE)).sum())
    label = _("exercises finished: {done} of {all}").format(done=count, all=len(states))
    box = f"0 0 {places[-1] + CELL} 16"
    grid = Html('<use href="#lines"/>')
    return tag(
        "svg", drawn, grid, class_="strip", viewBox=box, preserveAspectRatio="none", role="img", aria_label=label
    )


def strip_lines(places: Sequence[int]) -> Html:
    """The lines between the exercises of every strip, drawn once."""
    return tag("svg", tag("defs", tag("g", _grid(places, 16), id="lines")), class_="definitions", aria_hidden="true")


# -- the checks -------------------------------------------------------------------------------------------------------

KIND_MARKS = {
    "parity": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "gradient": "M0-5.5l5 9h-10z",
    "concept": "M-4-4h8v8h-8z",
}


def scatter(table: ClassTable, qualities: Sequence[CheckQuality], least: int) -> Html:
    """How hard (across) and how telling (up) each check was."""
    found = [(i, q) for i, q in enumerate(qualities) if q.tried >= least and q.telling is not None]
    low = min([-0.1, *(q.telling for _i, q in found if q.telling is not None)])
    high = max([0.6, *(q.telling for _i, q in found if q.telling is not None)])
    top, floor = 14, 300

    def height(telling: float) -> float:
        return round(floor - (telling - low) / (high - low) * (floor - top), 1)

    marks = []
    for place, quality in found:
        assert quality.telling is not None
        column = table.columns[place]
        text = f"{column.exercise}: {shortened(column.title, 120)} ({percent(quality.share)}, {quality.telling:.2f})"
        mark = tag(
            "use",
            tag("title", text),
            href=f"#mark-{column.kind}" if column.kind in KIND_MARKS else "#mark-concept",
            x=f"{4 + 92 * quality.share:.4g}%",
            y=height(quality.telling),
        )
        marks.append(tag("a", mark, href=f"#check-{place}", tabindex=-1))
    lines = [
        [
            tag("rect", y=height(step / 5), width="100%", height=1, class_="axis" if step == 0 else "faint"),
            tag(
                "text",
                f"{step / 5:g}" if step else _("0: says nothing about the rest"),
                x=0,
                y=height(step / 5) - 4,
                class_="quiet",
            ),
        ]
        for step in range(int(high * 5) + 1)
    ]
    axis = [
        tag("text", f"{mark}\u00a0%", x=f"{4 + 0.92 * mark:g}%", y=floor + 22, class_="middle")
        for mark in (0, 25, 50, 75, 100)
    ]
    return tag(
        "svg",
        lines,
        axis,
        tag("g", marks, class_="marks"),
        class_="chart",
        height=floor + 30,
        role="img",
        aria_label=_("How hard and how telling each check was; the tables below have the numbers."),
    )


def kind_mark(kind: str) -> Html:
    """The shape of a kind of check, for the eye; `kind_marks` has to be on the page."""
    known = kind if kind in KIND_MARKS else "concept"
    return Html(f'<svg class="kind" viewBox="-7 -7 14 14" aria-hidden="true"><use href="#mark-{known}"/></svg>')


def kind_marks() -> Html:
    symbols = [tag("path", id=f"mark-{kind}", d=path) for kind, path in KIND_MARKS.items()]
    return tag("svg", tag("defs", symbols), class_="definitions", aria_hidden="true")
