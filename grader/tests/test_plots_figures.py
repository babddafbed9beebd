"""Every figure, from the reference, from misconceptions, from half-empty stubs and from stubs."""

from functools import cache

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from grader import language
from grader.course import ROOT, the_course
from grader.misconceptions.catalogue import reference
from grader.plots.activations import SATURATED, Z, saturated
from grader.plots.curve import measure
from grader.plots.plot import NoFigure, figure, find, plot
from grader.plots.recorded import read
from grader.plots.student import Student
from grader.plots.style import LINE_WIDTH
from grader.plots.table import PICTURES
from grader.subject.subject import LocalSubject
from grader.tests.plots_gallery import MISTAKES, cases, mistake, to_do

TOPICS = [picture.topic for picture in PICTURES]


@cache
def drawn(topic, name):
    """A case of the gallery, laid out as it would be in a file."""
    case = next(case for case in cases((topic,)) if case.name == name)
    made = case.plot()
    made.figure.draw_without_rendering()
    return made


def words(drawing):
    """Everything that stands in a figure but for the numbers at the axes."""
    return "\n".join(text.get_text().replace("\n", " ") for text in placed(drawing))


def placed(drawing):
    """The texts that the figures place themselves: titles, notes, labels, the key."""
    found = [*drawing.texts, *(text for legend in drawing.legends for text in legend.get_texts())]
    for axes in drawing.axes:
        for each in (axes, *axes.child_axes):
            titles = (each.get_title(loc="left") and each._left_title, each.xaxis.label, each.yaxis.label)
            found += [*each.texts, *(title for title in titles if title)]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def own_lines(drawing):
    """The student's lines, which are thin, and the outlines of histograms."""
    lines = [line for axes in drawing.axes for line in axes.get_lines() if line.get_linestyle() != "None"]
    thin = [line for line in lines if line.get_linewidth() in (LINE_WIDTH, 1.1)]
    return thin + [step for step in drawing.findobj(StepPatch) if not step.get_fill()]


@cache
def in_language(topic, code):
    """The figure of the reference in a language."""
    before = language.current()
    language.use(code)
    try:
        made = next(case for case in cases((topic,)) if case.name == "reference").plot()
    finally:
        language.use(before)
    made.figure.draw_without_rendering()
    return made.figure


def curves(axes):
    """The student's lines in a panel."""
    return [line for line in axes.get_lines() if line.get_linewidth() == LINE_WIDTH and len(line.get_xdata()) > 2]


def dense(points):
    """Points of a line, and some between them."""
    steps, places = np.arange(len(points) * 8 - 7) / 8, np.arange(len(points))
    return np.stack([np.interp(steps, places, column) for column in np.asarray(points, float).T], axis=1)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_reference_leaves_nothing_out(topic):
    made = drawn(topic, "reference")
    assert made.notes == ()
    assert "still to do" not in words(made.figure) and "outside" not in words(made.figure)


@pytest.mark.parametrize("topic", TOPICS)
def test_stubs_leave_every_curve_out_and_say_so(topic):
    made = drawn(topic, "stubs")
    assert len(own_lines(made.figure)) == 0 < len(own_lines(drawn(topic, "reference").figure))
    assert len(made.notes) == 1 and made.notes[0].startswith("Still to do, so left out of the figure:")
    said = words(made.figure)
    for panel in next(picture for picture in PICTURES if picture.topic == topic).panels:
        if panel.curves:
            assert "still to do" in said


@pytest.mark.parametrize("topic", TOPICS)
def test_half_empty_stubs_draw_the_other_half(topic):
    """What is to do is named on the figure and on the terminal; what is done is drawn."""
    made = drawn(topic, "half")
    empty = [exercise.name for exercise in the_course().topic(topic).exercises[1::2]]
    said = made.notes[0].partition(": ")[2].rstrip(".").split(", ")
    assert said and set(said) <= set(empty)
    for name in said:
        assert name in words(made.figure)
    assert len(own_lines(made.figure)) < len(own_lines(drawn(topic, "reference").figure))
    if topic not in ("network", "backprop", "scaling"):  # there every second exercise is the root of all curves
        assert len(own_lines(made.figure)) > 0


@pytest.mark.parametrize("topic, id", [(topic, id) for topic, ids in MISTAKES.items() for id in ids])
def test_a_misconception_shows(topic, id):
    """The mistakes of the gallery change what is drawn, by more than the width of a line."""
    picture = next(picture for picture in PICTURES if picture.topic == topic)
    names = the_course().names
    results = []
    for own in ({}, mistake(topic, id)):
        overrides = {(topic, name): value for name, value in own.items()}
        subject = LocalSubject(ROOT / "solutions", names, 60.0, overrides)
        results.append(measure(picture.curves, Student(subject, the_course())))
    right, wrong = results
    assert not wrong.gaps
    changed = [
        name
        for name, value in right.values.items()
        if value.shape != wrong.values[name].shape
        or np.max(np.abs(value - wrong.values[name])) > 0.02 * max(1e-6, float(np.ptp(value)))
    ]
    assert changed


@pytest.mark.parametrize("name", ["reference", "stubs", "half"])
@pytest.mark.parametrize("topic", TOPICS)
def test_no_word_is_cut_off(topic, name):
    drawing = drawn(topic, name).figure
    width, height = drawing.bbox.width, drawing.bbox.height
    for text in placed(drawing):
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.y0 >= -1, text.get_text()
        assert box.x1 <= width + 1 and box.y1 <= height + 1, text.get_text()


@pytest.mark.parametrize("name", ["reference", "stubs", "half"])
@pytest.mark.parametrize("topic", TOPICS)
def test_titles_and_notes_do_not_cover_one_another(topic, name):
    drawing = drawn(topic, name).figure
    heads = [text for text in placed(drawing) if text.get_fontweight() == "bold" or text.get_style() == "italic"]
    heads += drawing.legends[0].get_texts()
    boxes = [(text.get_text(), text.get_window_extent()) for text in heads]
    for place, (text, box) in enumerate(boxes):
        for other, second in boxes[place + 1 :]:
            assert not box.padded(-1).overlaps(second.padded(-1)), (text, other)


@pytest.mark.parametrize("topic", TOPICS)
def test_labels_of_the_reference_do_not_cover_one_another(topic):
    drawing = drawn(topic, "reference").figure
    for axes in drawing.axes:
        boxes = [(text.get_text(), text.get_window_extent()) for text in axes.texts if text.get_text()]
        for place, (text, box) in enumerate(boxes):
            for other, second in boxes[place + 1 :]:
                assert not box.padded(-1).overlaps(second.padded(-1)), (text, other)


@pytest.mark.parametrize("code", ["en", "es"])
@pytest.mark.parametrize("topic", TOPICS)
def test_labels_stay_in_their_panel(topic, code):
    drawing = in_language(topic, code)
    for axes in drawing.axes:
        panel = axes.get_window_extent()
        for text in axes.texts:
            box = text.get_window_extent()
            assert text.get_text() == "" or panel.x0 - 3 <= box.x0 and box.x1 <= panel.x1 + 3, text.get_text()


@pytest.mark.parametrize("code", ["en", "es"])
@pytest.mark.parametrize("topic", ["activations", "network"])
def test_labels_stand_beside_the_curves(topic, code):
    for axes in in_language(topic, code).axes:
        points = [line.get_transform().transform(dense(line.get_xydata())) for line in curves(axes)]
        for text in axes.texts:
            box = text.get_window_extent()
            for each in points:
                inside = (box.x0 < each[:, 0]) & (each[:, 0] < box.x1) & (box.y0 < each[:, 1]) & (each[:, 1] < box.y1)
                assert not inside.any(), (axes.get_title(loc="left"), text.get_text())


@pytest.mark.parametrize("topic", TOPICS)
def test_axes_are_labelled_and_lines_differ_without_colour(topic):
    drawing = drawn(topic, "reference").figure
    for axes in drawing.axes:
        if axes.axison and axes.get_subplotspec() is not None:
            assert axes.get_xlabel(), axes.get_title(loc="left")
        dashes = {}
        for line in axes.get_lines():
            if line.get_linewidth() == LINE_WIDTH and line.get_linestyle() != "None":
                dashes.setdefault(str(line._unscaled_dash_pattern), set()).add(line.get_color())
        assert all(len(colors) == 1 for colors in dashes.values())


def test_saturation_zones():
    """Where the slope is below a twentieth of the steepest: told from the formulas."""
    sigmoid, tanh, relu = (saturated(read("activations")[f"{name}_derivative"]) for name in ("sigmoid", "tanh", "relu"))
    edge = np.log((1 + np.sqrt(1 - SATURATED)) / (1 - np.sqrt(1 - SATURATED)))  # 4σ(1 - σ) = SATURATED
    assert sigmoid[0][1] == pytest.approx(-edge, abs=0.11) and sigmoid[1][0] == pytest.approx(edge, abs=0.11)
    assert tanh[1][0] == pytest.approx(np.arctanh(np.sqrt(1 - SATURATED)), abs=0.11)
    assert relu == [(Z[0], 0.0)]
    assert saturated(read("activations")["leaky_relu_derivative"]) == []


def test_one_exercise_gives_its_panels_only():
    picture, panels = find("gelu")
    assert picture.topic == "activations" and [panel.name for panel in panels] == ["gelu"]
    assert find("activations.gelu") == find("gelu")
    assert [panel.name for panel in find("mse")[1]] == ["errors", "outlier"]
    drawing = figure("gelu", ROOT / "solutions")
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["GELU"]


@pytest.mark.parametrize(
    "name, words",
    [
        ("activation", "did you mean activations"),
        ("gelo", "did you mean gelu"),
        ("", "Name a topic: activations, "),
        ("choices", "choices has no curve to draw"),
        ("TASKS", "TASKS has no curve to draw"),
        ("log_softmax", "`grader plot losses`"),
        ("../solutions", "There is no figure"),
    ],
)
def test_unknown_figures(name, words):
    with pytest.raises(NoFigure, match="^[^\n]+$") as caught:
        figure(name)
    assert words in str(caught.value)


def test_no_folder(tmp_path):
    with pytest.raises(NoFigure, match="is not a folder"):
        figure("gelu", tmp_path / "missing")


def test_definitions_of_a_notebook_take_the_place_of_the_folder():
    """`own=globals()`: the topic's exercises among the names are drawn, all others are of no interest."""
    names = {"relu": lambda z: np.full_like(z, 0.5), "np": np, "x": 3, "mse": None}
    made = plot("relu", ROOT / "exercises", names)
    assert made.notes == ("Still to do, so left out of the figure: relu_derivative.",)
    (line,) = own_lines(made.figure)
    assert np.nanmax(np.abs(line.get_ydata() - 0.5)) == 0.0


def test_inline_figures_are_not_kept_by_pyplot():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    drawing = figure("gelu", ROOT / "solutions")
    assert drawing._repr_png_().startswith(b"\x89PNG")
    assert pyplot.get_fignums() == before


def test_early_stopping_needs_the_network_only_as_numbers():
    """The losses that `EarlyStopping` watches are recorded: it is drawn whether or not the network is done."""
    made = plot("EarlyStopping", ROOT / "solutions", {"AdamW": to_do("regularization.AdamW")})
    assert made.notes == ()
    assert len(own_lines(made.figure)) == 2


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "bce", "bce_with_logits", "cross_entropy_with_logits"])
def test_a_sum_shows_where_a_mean_should_be(name):
    """One sample would not tell them apart."""
    right = getattr(reference("losses"), name)

    def summed(y, y_hat, *options, **named):
        return right(y, y_hat, *options, **named) * len(np.atleast_1d(y_hat))

    picture = next(picture for picture in PICTURES if picture.topic == "losses")
    subject = LocalSubject(ROOT / "solutions", the_course().names, 60.0, {("losses", name): summed})
    mine = [curve for curve in picture.curves if curve.exercises[0] == f"losses.{name}" and "line" not in curve.name]
    for own, values in measure(mine, Student(subject, the_course())).values.items():
        np.testing.assert_allclose(values, 2 * read("losses")[own], rtol=1e-5, atol=1e-9)
