"""Comparison, suggestions, plain data and the answer sheet's format: properties."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.answers.codec import decode, encode
from grader.checks.comparison import GRADIENT_RTOL, as_numbers, mismatch
from grader.checks.suggestion import suggest
from grader.misconceptions.transcript import agrees, fingerprint, same_entry
from grader.subject.plain import copy_of, same, to_plain

FINITE = st.floats(-1e6, 1e6, allow_nan=False, width=64)
ARRAYS = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=FINITE)
ANY_ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128, np.uint8]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ANY_ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


def one_nan(value):
    """The value with every NaN in an array the usual one: its other bits mean nothing."""
    if isinstance(value, np.ndarray):
        return np.where(np.isnan(value), np.array(np.nan, value.dtype), value) if value.dtype.kind in "fc" else value
    if isinstance(value, (list, tuple)):
        return type(value)(one_nan(item) for item in value)
    return {key: one_nan(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_what_is_recorded_is_read_exactly(value) -> None:
    assert same(one_nan(decode(json.loads(json.dumps(encode(value))))), one_nan(value))


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_plain_data_passes_as_it_is(value) -> None:
    copy = to_plain(value, lambda other: pytest.fail(f"{type(other)} is plain"))
    assert same(copy, value) and same(copy_of(value), value)


@given(ARRAYS)
@settings(max_examples=100, deadline=None)
def test_rounding_is_no_mismatch_and_float32_is_one(x: np.ndarray) -> None:
    assert mismatch(x * (1 + 1e-13), x) is None
    rounded = x.astype(np.float32).astype(np.float64)
    exact = np.abs(rounded - x) <= 1e-9 * np.abs(x) + max(1e-11 * np.abs(x).max(initial=0), 1e-12)
    assert (mismatch(rounded, x) is None) == bool(exact.all())


@given(ARRAYS.filter(lambda x: x.size > 0 and np.abs(x).max() > 1e-3), st.sampled_from([-1.0, 2.0, 0.5, 1.001]))
@settings(max_examples=100, deadline=None)
def test_a_factor_is_a_mismatch_at_every_tolerance(x: np.ndarray, factor: float) -> None:
    assert mismatch(x * factor, x) is not None
    assert mismatch(x * factor, x, rtol=GRADIENT_RTOL) is not None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_never_passes_for_a_number(bad: float) -> None:
    found = mismatch(np.array([1.0, bad]), np.array([1.0, 2.0]))
    assert found is not None and found.reason in ("nan", "infinite") and found.index == (1,)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_agrees_with_nothing(bad: float) -> None:
    """Checks that compare one answer with another would take NaN beside NaN for agreement."""
    found = mismatch(np.array([1.0, bad]), np.array([1.0, bad]))
    assert found is not None and found.reason in ("nan", "infinite") and found.wrong == 1
    assert mismatch(np.array([1.0, 2.0]), np.array([1.0, bad])) is not None


def test_shapes_are_compared_before_numbers() -> None:
    assert mismatch(np.zeros((3, 1)), np.zeros(3)).reason == "shape"
    assert mismatch(np.zeros(()), np.zeros(1)).reason == "shape"
    assert mismatch(np.zeros((0, 3)), np.zeros((0, 3))) is None


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (lambda x: -x, "opposite sign"),
        (lambda x: 2 * x, "2 times"),
        (lambda x: x / 4, "1/4 times"),
        (lambda x: x + 0.25, "off by the same 0.25"),
        (lambda x: 0 * x, "All zeros"),
        (lambda x: x.T, "transpose"),
        (lambda x: np.abs(x), "some signs are not"),
        (lambda x: x.ravel(), "lost or added axis"),
        (lambda x: np.full_like(x, np.nan), "NaN usually comes from"),
        (lambda x: np.full_like(x, np.inf), "infinity usually comes from"),
        (lambda x: x.sum(), "summed or averaged away"),
    ],
)
def test_suggestions_read_the_pattern(got, words: str) -> None:
    x = np.array([[1.5, -2.25, 0.5], [3.125, 0.75, -1.0]])
    square = np.array([[1.5, -2.25], [0.5, 3.125]])
    expected = square if "transpose" in words else x
    found = mismatch(np.asarray(got(expected)), expected)
    assert found is not None and words in suggest(np.asarray(got(expected)), expected, found.wrong)


def test_entries_that_are_right_are_counted_once() -> None:
    """What the comparison calls wrong the suggestion does not call right, however near it is."""
    x = np.arange(1.0, 13.0)
    got = x.copy()
    got[:3] += 1e-3 * np.array([1.0, -2.0, 1.0])
    got[3] += 1e-8
    assert "8 of 12 entries are right" in suggest(got, x, mismatch(got, x).wrong)


@pytest.mark.parametrize("nearly", [lambda x: x.astype(np.float32), lambda x: x * (1 + 1e-8), lambda x: x + 1e-8])
def test_what_is_nearly_right_is_told_as_that(nearly) -> None:
    """Not as a factor of 1, and not as an offset."""
    x = np.linspace(0.1, 3.0, 12)
    got = nearly(x).astype(float)
    assert "nearly right" in suggest(got, x, mismatch(got, x).wrong)


@pytest.mark.parametrize(
    ("value", "problem"),
    [(None, "none"), ("text", "str"), ([[1], [1, 2]], "ragged list"), ({"a": 1}, "dict"), (object(), "object")],
)
def test_what_does_not_read_as_numbers(value, problem: str) -> None:
    assert as_numbers(value).problem == problem


@given(ARRAYS)
@settings(max_examples=100, deadline=None)
def test_a_fingerprint_agrees_with_itself_but_for_rounding(x: np.ndarray) -> None:
    mark = json.loads(json.dumps(fingerprint(x)))
    near = json.loads(json.dumps(fingerprint(np.asarray(x * (1 + 1e-13)))))
    assert same_entry({"value": mark}, {"value": near})
    if x.size and np.abs(x).max() > 1e-3:
        other = fingerprint(np.asarray(x * 1.5))
        assert not agrees({"value": mark}, {"value": other}, {"value": mark})


@pytest.mark.parametrize("key", ["fact", "numbers", "value", "dict", "shape"])
def test_a_dict_may_have_any_keys(key: str) -> None:
    """Those of what a student returned are not those of a transcript."""
    right, wrong, student = ({"value": fingerprint({key: value})} for value in (1.5, 2.5, None))
    other = {"value": fingerprint({"W1": 1.5})}
    assert agrees(wrong, wrong, right) and same_entry(wrong, wrong)
    for a, b in ((student, wrong), (student, other), (wrong, right)):
        assert not agrees(a, b, right) and not same_entry(a, b)


def test_sharing_memory_hides_no_name() -> None:
    right, wrong = {"value": 1.5}, {"value": 2.5}
    assert agrees({"value": 2.5, "flags": ["shared"]}, wrong, right)
    assert not agrees({"value": 1.5, "flags": ["shared"]}, wrong, right)
    written_over = {"value": 1.5, "flags": ["changed 0"]}
    assert agrees({"value": 1.5, "flags": ["changed 0", "shared"]}, written_over, right)
    assert not agrees({"value": 1.5, "flags": ["shared"]}, written_over, right)
    handed_on = {"value": 1.5, "flags": ["shared"]}
    assert agrees(handed_on, handed_on, right) and not agrees(right, handed_on, right)
