"""Formulas of docstrings as plain text: every stub's, in every language."""

from __future__ import annotations

import re

import pytest

from grader import language
from grader.course import the_course
from grader.desk import maths
from grader.desk.hint import hints
from grader.desk.stub import original

COURSE = the_course()


@pytest.fixture(params=language.languages())
def spoken(request):
    before = language.current()
    yield language.use(request.param)
    language.use(before)


@pytest.mark.parametrize(
    "latex, text",
    [
        (r"m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t", "m_t = β₁ m_(t-1) + (1 - β₁) g_t"),
        (r"w - \eta \, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}", "w - η m̂_t / (√v̂_t + ε)"),
        (r"\frac{z_{ij} - \mu_j}{\sqrt{\sigma^2_j + \epsilon}}", "(z_ij - μ_j) / √(σ²_j + ε)"),
        (r"\frac{m_t}{1 - \beta_1^t}", "m_t / (1 - β₁^t)"),
        (r"\frac{1}{m} \sum_{i=1}^m x_i", "1/m Σ(i=1..m) x_i"),
        (r"\frac{\partial \mathcal{L}}{\partial w}", "∂L/∂w"),
        (r"\left( \frac{a}{b} + \lambda w \right)", "(a/b + λ w)"),
        (r"\frac{\frac{a}{b}}{c - d}", "a/b / (c - d)"),
        (r"\frac{a + b}{c d}", "(a + b) / (c d)"),
        (r"a_{prev} W^T", "a_prev Wᵀ"),
        (r"\max(0, \tilde z)", "max(0, z̃)"),
        (r"\log x + \log(x)", "log x + log(x)"),
        (r"\text{momentum} \cdot s", "momentum · s"),
        (r"e^{-z} + x^{10} + x^{n + 1}", "e^(-z) + x¹⁰ + x^(n + 1)"),
        (r"\sqrt{x} \sqrt{x + 1} \sqrt{f(x, y)}", "√x √(x + 1) √f(x, y)"),
        (r"\hat{y}_i \in \{0, 1\}", "ŷ_i ∈ {0, 1}"),
        (r"\nonsense{x}", "nonsensex"),
        (r"\frac{a", "a / "),
        ("}", ""),
        ("", ""),
    ],
)
def test_a_formula(latex: str, text: str) -> None:
    assert maths.plain_formula(latex).strip() == text.strip()


def test_a_block_ends_a_line_where_it_leaves_room() -> None:
    block = "a = 1, \\qquad\n      b = \\alpha, \\quad c = 2 \\\\ d"
    assert maths.formulas(block) == ["a = 1", "b = α", "c = 2", "d"]


def test_marks_of_code_and_of_formulas_in_a_sentence() -> None:
    assert maths.plain_prose(r"``x`` times :math:`\beta_1`, (n, n_{l-1})") == "`x` times β₁, (n, n_(l-1))"


def test_every_command_of_the_stubs_is_known() -> None:
    known = {*maths.SIGNS, *maths.MARKS, *maths.ALPHABETS, *maths.BUILT}
    block = re.compile(r"\.\. math::(.*(?:\n {8,}\S.*)*)")
    blocks = [found for topic in COURSE.names for found in block.findall(original(topic))]
    used = {command for block in blocks for command in re.findall(r"\\([a-zA-Z]+|[^a-zA-Z\s])", block)}
    assert len(blocks) > 10 and used <= known


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.id)
def test_no_hint_shows_markup(spoken: str, exercise) -> None:
    text = "\n".join(line for hint in hints(exercise, []) for line in hint.lines)
    assert not re.search(r"\\|\.\. \w+::|:\w+:`|``|\{\}|[_^]\{", text)


@pytest.mark.parametrize(
    "exercise, formula",
    [
        ("regularization.AdamL2", "    v̂_t = v_t / (1 - β₂^t)"),
        ("regularization.AdamW", "    w ← w - η (m̂_t / (√v̂_t + ε) + λ w)"),
        ("batchnorm.batch_mean_and_variance", "    σ²_j = 1/m Σ(i=1..m) (z_ij - μ_j)²"),
        ("batchnorm.batchnorm_layer", "    a = max(0, z̃)"),
    ],
)
def test_a_formula_stands_on_a_line_of_its_own(spoken: str, exercise: str, formula: str) -> None:
    assert formula in hints(COURSE.exercise(*exercise.split(".")), [])[0].lines
