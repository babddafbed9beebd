"""Checks of the activation functions."""

from contextlib import suppress

import numpy as np
import pytest

from exercises import activations
from grader.checks import (
    as_array,
    assert_close,
    assert_gradient,
    assert_shape,
    assert_that,
    check,
    inputs_unchanged,
    new_output,
    no_float_errors,
    parts,
)

ALPHA = 0.3

# What PyTorch calls the functions that work element by element; `<name>_derivative` is the slope of `<name>`.
PYTORCH = {
    "sigmoid": lambda torch, z: torch.sigmoid(z),
    "tanh": lambda torch, z: torch.tanh(z),
    "relu": lambda torch, z: torch.relu(z),
    "leaky_relu": lambda torch, z: torch.nn.functional.leaky_relu(z),
    "prelu": lambda torch, z: torch.nn.functional.prelu(z, torch.tensor(np.array([ALPHA]))),
    "normal_cdf": lambda torch, z: torch.special.ndtr(z),
    "gelu": lambda torch, z: torch.nn.functional.gelu(z),
    "gelu_tanh": lambda torch, z: torch.nn.functional.gelu(z, approximate="tanh"),
}
FUNCTIONS = tuple(PYTORCH)
DERIVATIVES = tuple(f"{name}_derivative" for name in FUNCTIONS if name not in ("prelu", "normal_cdf"))

# NumPy has no erf, and the usual stand-in, `numpy.vectorize(math.erf)`, takes no empty array: nobody has to.
ERF = ("normal_cdf", "gelu", "gelu_derivative")


def each(names, kind):
    """One check of `kind` for each exercise."""
    return pytest.mark.parametrize("name", [pytest.param(name, marks=check(name, kind)) for name in names])


def call(name, z):
    """Call an exercise; the slope of `prelu` has no default."""
    function = getattr(activations, name)
    return function(z, ALPHA) if name == "prelu" else function(z)


def function_of(name):
    """The exercise whose slope an exercise is, or itself."""
    return name.removesuffix("_derivative")


def answer(pytorch, name, z):
    """What PyTorch says."""
    z = np.asarray(z, dtype=np.float64)
    function = PYTORCH[function_of(name)]
    if name in DERIVATIVES:
        return pytorch.autograd(lambda torch, t: function(torch, t).sum(), z)
    return pytorch(lambda torch: function(torch, torch.tensor(z)))


def away_from_zero(rng, shape, low=0.2, high=3.0):
    """Numbers of both signs, clear of the kink at 0."""
    signs = np.where(np.arange(np.prod(shape)) % 2 == 0, 1.0, -1.0)
    return (rng.permutation(signs) * rng.uniform(low, high, size=signs.size)).reshape(shape)


# Every function that works element by element


@each(FUNCTIONS + DERIVATIVES, "parity")
def test_agrees_with_pytorch(name, rng, pytorch):
    """the numbers of PyTorch"""
    z = away_from_zero(rng, (4, 3))
    if name in FUNCTIONS:
        z[1] = -rng.uniform(0.3, 0.8), 0.0, rng.uniform(0.3, 0.8)  # slopes at 0 have checks of their own
    expected = answer(pytorch, name, z)
    assert_close(call(name, z), expected)


@each(DERIVATIVES, "gradient")
def test_agrees_with_finite_differences(name, rng, pytorch):
    """the slope of the function, by finite differences"""
    z = away_from_zero(rng, (2, 5))
    function = PYTORCH[function_of(name)]
    expected = pytorch.numerical(lambda torch, t: function(torch, t).sum(), z)
    assert_gradient(call(name, z), expected)


@each(FUNCTIONS + DERIVATIVES, "concept")
def test_is_stable_for_large_input(name, rng, pytorch):
    """right and without overflow up to |z| = 1000"""
    sizes = np.concatenate([rng.uniform(3, 10, size=4), rng.uniform(10, 40, size=2), rng.uniform(100, 900, size=2)])
    z = np.concatenate([sizes * np.tile([-1.0, 1.0], 4), [-1000.0, 1000.0]])
    expected = answer(pytorch, name, z)
    with no_float_errors():
        assert_close(call(name, z), expected)


@each(FUNCTIONS + DERIVATIVES, "concept")
def test_takes_any_shape(name, rng, pytorch):
    """a single number, an empty array, three axes: the shape stays"""
    number = round(float(rng.uniform(0.3, 2.0)), 3)
    z = away_from_zero(rng, (2, 1, 3))
    for_numbers, for_array = answer(pytorch, name, [-number, number]), answer(pytorch, name, z)
    assert_close(call(name, z), for_array)  # first: one number alone hardly tells mistakes apart
    assert_close(call(name, -number), for_numbers[0])
    assert_close(call(name, number), for_numbers[1])
    if name not in ERF:
        assert_shape(call(name, np.zeros(0)), (0,))
        assert_shape(call(name, np.zeros((2, 0))), (2, 0))


@each(FUNCTIONS + DERIVATIVES, "concept")
def test_takes_integers_and_lists(name, rng, pytorch):
    """integers and nested lists: the result is not cut to integers"""
    z = (rng.permutation([-3, -2, -1, 1, 2, 4])).reshape(2, 3)
    expected = answer(pytorch, name, z)
    assert_close(call(name, z), expected)
    assert_close(call(name, z.tolist()), expected)


@each(FUNCTIONS + DERIVATIVES, "concept")
def test_leaves_its_input_alone(name, rng):
    """the input is unchanged, the result is a new array"""
    with inputs_unchanged(), new_output():
        assert_shape(call(name, away_from_zero(rng, (3, 2))), (3, 2))
        assert_shape(call(name, rng.uniform(1, 2, size=4)), (4,))


# Sigmoid and tanh


@check("sigmoid_derivative", "concept")
def test_sigmoid_derivative_is_a_quarter_at_zero():
    """the largest slope is 0.25, at z = 0"""
    slope = as_array(activations.sigmoid_derivative(np.array([-0.5, 0.0, 0.5])))
    assert_shape(slope, (3,))
    assert_close(slope[1], 0.25, rtol=1e-14, because="At z = 0 both factors are one half.")
    assert_that(
        slope[0] < slope[1] > slope[2], "the slope should be largest at z = 0 and smaller on either side of it", slope
    )


@check("tanh", "concept")
def test_tanh_is_odd(rng):
    """centred at zero: tanh(0) = 0 and tanh(-z) = -tanh(z)"""
    z = rng.uniform(0.1, 3.0, size=5)
    assert_close(activations.tanh(np.zeros(2)), np.zeros(2))
    right = as_array(activations.tanh(z))
    assert_that(np.all(right > 0), "tanh(z) has the sign of z, so it should be positive for positive z", right)
    assert_close(activations.tanh(-z), -right, because="The function should be odd: tanh(-z) = -tanh(z).")


@check("tanh_derivative", "concept")
def test_tanh_derivative_is_even(rng):
    """the slope is 1 at z = 0, its largest value, and the same on both sides"""
    z = rng.uniform(0.1, 3.0, size=5)
    assert_close(activations.tanh_derivative(np.zeros(2)), np.ones(2))
    right = as_array(activations.tanh_derivative(z))
    assert_that(np.all((right > 0) & (right < 1)), "away from 0 the slope should lie between 0 and 1", right)
    assert_close(activations.tanh_derivative(-z), right, because="The slope should be the same at z and at -z.")


# ReLU and its relatives


@check("relu", "concept")
def test_relu_is_sparse(rng):
    """exactly 0 for z <= 0, exactly z for z > 0"""
    z = np.concatenate([rng.permutation(away_from_zero(rng, (10,), high=30.0)), [0.0, -1e-9, 1e-9]])
    off, got = z <= 0, as_array(activations.relu(z))
    assert_shape(got, z.shape)
    assert_that(
        np.count_nonzero(got[off]) == 0, "every entry with z <= 0 should become exactly 0: a sparse output", got
    )
    assert_that(np.array_equal(got[~off], z[~off]), "every entry with z > 0 should pass unchanged", got)


@check("relu_derivative", "concept")
def test_relu_derivative_at_the_kink():
    """0 at z = 0, 1 just to the right of it"""
    assert_close(activations.relu_derivative(np.array([0.0, -0.0, 1e-12, -1e-12])), [0.0, 0.0, 1.0, 0.0])


@check("relu_derivative", "concept")
def test_relu_derivative_of_a_dead_unit(rng):
    """no gradient anywhere for z < 0: a dead unit stays dead"""
    z = -rng.uniform(1e-6, 50.0, size=(3, 4))
    assert_close(activations.relu_derivative(z), np.zeros((3, 4)))


@check("leaky_relu", "concept")
def test_leaky_relu_uses_alpha_on_the_negative_side(rng, pytorch):
    """alpha is the slope for z < 0 and for nothing else"""
    z, alpha = away_from_zero(rng, (3, 4)), float(rng.uniform(0.05, 0.4))
    expected = pytorch(lambda torch: torch.nn.functional.leaky_relu(torch.tensor(z), alpha))
    assert_close(activations.leaky_relu(z, alpha), expected)
    assert_close(activations.leaky_relu(z, alpha=alpha), expected)


@check("leaky_relu", "concept")
def test_leaky_relu_allows_any_alpha(rng, pytorch):
    """alpha above 1, 0 and below 0"""
    z = away_from_zero(rng, (3, 4))
    alphas = (float(rng.uniform(1.5, 3.0)), 0.0, -float(rng.uniform(0.2, 0.8)))
    expected = pytorch(lambda torch: [torch.nn.functional.leaky_relu(torch.tensor(z), alpha) for alpha in alphas])
    assert_close(activations.leaky_relu(z, alphas[0]), expected[0])
    for alpha, wanted in zip(alphas[1:], expected[1:], strict=True):
        with suppress(ValueError):  # a slope that does not leak may be refused, not misread
            assert_close(activations.leaky_relu(z, alpha), wanted)


@check("leaky_relu_derivative", "concept")
def test_leaky_relu_derivative_uses_alpha(rng):
    """alpha for z < 0, 1 for z > 0, for small, large, zero and negative alpha"""
    size = rng.uniform(0.2, 3.0, size=5)
    z = size * [1, -1, -1, 1, -1]
    for alpha in (float(rng.uniform(0.05, 0.4)), float(rng.uniform(1.5, 3.0))):
        assert_close(activations.leaky_relu_derivative(z, alpha), [1.0, alpha, alpha, 1.0, alpha])
        assert_close(activations.leaky_relu_derivative(z, alpha=alpha), [1.0, alpha, alpha, 1.0, alpha])
    for alpha in (-float(rng.uniform(0.2, 0.8)), 0.0):
        with suppress(ValueError):  # a slope that does not leak may be refused, not misread
            assert_close(activations.leaky_relu_derivative(z, alpha), [1.0, alpha, alpha, 1.0, alpha])


@check("leaky_relu_derivative", "concept")
def test_leaky_relu_derivative_at_the_kink(rng):
    """alpha at z = 0"""
    alpha = float(rng.uniform(0.1, 0.6))
    assert_close(
        activations.leaky_relu_derivative(np.array([0.0, -0.0, 1e-12]), alpha),
        [alpha, alpha, 1.0],
        because="The derivative at z = 0 belongs to the negative side: alpha.",
    )


@check("prelu", "concept")
def test_prelu_allows_any_alpha(rng, pytorch):
    """alpha above 1, 0 and below 0: training may move it anywhere"""
    z = away_from_zero(rng, (3, 4))
    alphas = (float(rng.uniform(1.5, 3.0)), 0.0, -float(rng.uniform(0.2, 0.8)))
    expected = pytorch(
        lambda torch: [torch.nn.functional.prelu(torch.tensor(z), torch.tensor(np.array([alpha]))) for alpha in alphas]
    )
    for alpha, wanted in zip(alphas, expected, strict=True):
        assert_close(activations.prelu(z, alpha), wanted)


@check("prelu_backward", "gradient")
def test_prelu_backward_agrees_with_finite_differences(rng, pytorch):
    """both gradients, by finite differences"""
    z, dout, alpha = away_from_zero(rng, (3, 4)), rng.normal(size=(3, 4)), rng.uniform(0.1, 0.5, size=1)
    dz, dalpha = pytorch.numerical(
        lambda torch, t, a: (torch.nn.functional.prelu(t, a) * torch.tensor(dout)).sum(), z, alpha
    )
    got_dz, got_dalpha = parts(activations.prelu_backward(dout, z, float(alpha[0])), "dz", "dalpha")
    assert_gradient(got_dz, dz)
    assert_gradient(got_dalpha, dalpha[0])


@pytest.mark.parametrize("alpha", [2.3, -0.7, 0.0])
@check("prelu_backward", "parity")
def test_prelu_backward_agrees_with_autograd(alpha, rng, pytorch):
    """both gradients agree with PyTorch at alpha = {alpha}"""
    z, dout = away_from_zero(rng, (2, 3, 2)), rng.normal(size=(2, 3, 2))
    dz, dalpha = pytorch.autograd(
        lambda torch, t, a: (torch.nn.functional.prelu(t, a) * torch.tensor(dout)).sum(), z, np.array([alpha])
    )
    got_dz, got_dalpha = parts(activations.prelu_backward(dout, z, alpha), "dz", "dalpha")
    assert_close(got_dz, dz)
    assert_close(got_dalpha, dalpha[0])


@check("prelu_backward", "concept")
def test_prelu_backward_at_the_kink(rng):
    """at z = 0 the slope is alpha, and nothing is added to dalpha"""
    dout, alpha = rng.uniform(0.5, 2.0, size=3), float(rng.uniform(0.1, 0.5))
    dz, dalpha = parts(activations.prelu_backward(dout, np.array([0.0, -0.0, -2.0]), alpha), "dz", "dalpha")
    assert_close(dz, alpha * dout)
    assert_close(dalpha, -2.0 * dout[2])


@check("prelu_backward", "concept")
def test_prelu_backward_of_positive_input(rng):
    """without a negative entry alpha has no influence: dz is dout and dalpha is 0"""
    dout, z = rng.normal(size=(2, 3)), rng.uniform(0.2, 3.0, size=(2, 3))
    dz, dalpha = parts(activations.prelu_backward(dout, z, 0.4), "dz", "dalpha")
    assert_close(dz, dout)
    assert_close(dalpha, 0.0)


@check("prelu_backward", "concept")
def test_prelu_backward_takes_any_shape(rng):
    """a single number, an empty array"""
    dout, z = float(rng.uniform(1.0, 2.0)), -float(rng.uniform(1.0, 2.0))
    dz, dalpha = parts(activations.prelu_backward(dout, z, 0.5), "dz", "dalpha")
    assert_close(dz, dout / 2)
    assert_close(dalpha, dout * z)
    dz, dalpha = parts(activations.prelu_backward(dout, -z, 0.5), "dz", "dalpha")
    assert_close(dz, dout)
    assert_close(dalpha, 0.0)
    dz, dalpha = parts(activations.prelu_backward(np.zeros((2, 0)), np.zeros((2, 0)), 0.5), "dz", "dalpha")
    assert_shape(dz, (2, 0))
    assert_close(dalpha, 0.0)


@check("prelu_backward", "concept")
def test_prelu_backward_takes_integers_and_lists():
    """integers and nested lists: the result is not cut to integers"""
    dz, dalpha = parts(activations.prelu_backward([[1, -2], [3, 1]], [[-1, 2], [4, -3]], 0.25), "dz", "dalpha")
    assert_close(dz, [[0.25, -2.0], [3.0, 0.25]])
    assert_close(dalpha, -4.0)


@check("prelu_backward", "concept")
def test_prelu_backward_leaves_its_input_alone(rng):
    """the inputs are unchanged, the result is a new array"""
    with inputs_unchanged(), new_output():
        activations.prelu_backward(rng.normal(size=(3, 2)), away_from_zero(rng, (3, 2)), 0.2)
        activations.prelu_backward(rng.normal(size=4), rng.uniform(1.0, 2.0, size=4), 0.2)


# The normal distribution and GELU


@check("normal_cdf", "concept")
def test_normal_cdf_is_symmetric(rng):
    """Φ(0) is one half and Φ(z) + Φ(-z) is 1"""
    z = rng.uniform(0.2, 4.0, size=6)
    assert_close(activations.normal_cdf(np.zeros(2)), [0.5, 0.5])
    above, below = as_array(activations.normal_cdf(z)), as_array(activations.normal_cdf(-z))
    assert_close(above + below, np.ones(6), because="Φ(z) + Φ(-z) should be 1.")
    assert_that(np.all(above > 0.5), "Φ should rise: more than half of the probability lies below a positive z", above)


@check("normal_cdf", "concept")
def test_normal_cdf_is_exact(rng, pytorch):
    """right to nine digits, which no approximation reaches"""
    z = np.array([-1.96, -0.7, 0.5, 1.3, 2.6]) + rng.uniform(-0.1, 0.1, size=5)
    expected = answer(pytorch, "normal_cdf", z)
    assert_close(activations.normal_cdf(z), expected)


@each(("gelu", "gelu_derivative", "gelu_tanh", "gelu_tanh_derivative"), "concept")
def test_tells_both_forms_of_gelu_apart(name, rng, pytorch):
    """the right one of the two forms, where they differ most"""
    z = np.array([-2.4, -1.6, 1.6, 2.4]) + rng.uniform(-0.1, 0.1, size=4)
    expected = answer(pytorch, name, z)
    assert_close(call(name, z), expected)


@each(("gelu_derivative", "gelu_tanh_derivative"), "concept")
def test_slope_of_gelu_at_zero(name):
    """the slope at z = 0 is one half"""
    assert_close(call(name, np.zeros(3)), np.full(3, 0.5))


@each(("gelu_derivative", "gelu_tanh_derivative"), "concept")
def test_slope_of_gelu_has_both_signs(name, rng):
    """slightly below 0 around z = -2, slightly above 1 around z = 2"""
    z = rng.uniform(1.6, 2.4, size=3)
    left, right = as_array(call(name, -z)), as_array(call(name, z))
    assert_that(np.all((left < 0) & (left > -0.15)), "around z = -2 GELU falls, so its slope is a little below 0", left)
    assert_that(np.all((right > 1) & (right < 1.15)), "around z = 2 GELU is steeper than the line y = z", right)


# Softmax


@check("softmax", "parity")
def test_softmax_agrees_with_pytorch(rng, pytorch):
    """the numbers of PyTorch, along the last axis by default"""
    z = rng.normal(scale=2.0, size=(3, 4))
    expected = pytorch(lambda torch: torch.softmax(torch.tensor(z), -1))
    assert_close(activations.softmax(z), expected)


@pytest.mark.parametrize("axis", [0, 2, -2])
@check("softmax", "parity")
def test_softmax_along_any_axis(axis, rng, pytorch):
    """three axes or two, along axis {axis}"""
    z = rng.normal(scale=2.0, size=(2, 3, 4))
    expected = pytorch(lambda torch: torch.softmax(torch.tensor(z), axis))
    assert_close(activations.softmax(z, axis), expected)
    assert_close(activations.softmax(z, axis=axis), expected)
    if axis == 2:
        assert_close(activations.softmax(z), expected)
    elif axis == 0:
        assert_close(activations.softmax(z[:, 1], axis), expected[:, 1])


@check("softmax", "concept")
def test_softmax_sums_to_one(rng):
    """positive, and each row sums to 1"""
    got = as_array(activations.softmax(rng.normal(scale=3.0, size=(5, 3))))
    assert_shape(got, (5, 3))
    assert_that(np.all(got > 0), "every probability should be positive", got)
    assert_close(got.sum(axis=1), np.ones(5), because="Each row should sum to 1.")


@check("softmax", "concept")
def test_softmax_ignores_a_constant(rng, pytorch):
    """a constant added to all scores of a row changes nothing"""
    z = rng.normal(size=(3, 4))
    expected = pytorch(lambda torch: torch.softmax(torch.tensor(z), -1))
    assert_close(activations.softmax(z + rng.uniform(-60, 60, size=(3, 1))), expected)


@check("softmax", "concept")
def test_softmax_is_stable(rng, pytorch):
    """scores of ±1000, also in different rows: no overflow, no 0/0"""
    z = np.array(
        [
            [1000.0, 999.0, -1000.0, 998.5, 999.5],
            [-1000.0, -999.0, -998.0, -1000.0, -998.5],
            [1000.0, -1000.0, -1000.0, 0.0, 500.0],
            [199.0, 200.0, 198.5, 199.5, -200.0],
            [-1000.0, 999.5, 1000.0, -999.0, -1000.0],
        ]
    )
    z += rng.uniform(-1, 0, size=z.shape)
    expected = pytorch(lambda torch: torch.softmax(torch.tensor(z), -1))
    with no_float_errors():
        assert_close(activations.softmax(z), expected)


@check("softmax", "concept")
def test_softmax_of_one_sample(rng, pytorch):
    """a single sample, 1-d"""
    z = rng.normal(size=5)
    expected = pytorch(lambda torch: torch.softmax(torch.tensor(z), -1))
    assert_close(activations.softmax(z), expected)
    assert_close(activations.softmax(z, axis=0), expected)


@check("softmax", "concept")
def test_softmax_takes_integers_and_lists(rng, pytorch):
    """integers and nested lists"""
    z = rng.randint(-3, 4, size=(2, 3))
    expected = pytorch(lambda torch: torch.softmax(torch.tensor(z.astype(np.float64)), -1))
    assert_close(activations.softmax(z), expected)
    assert_close(activations.softmax(z.tolist()), expected)


@check("softmax", "concept")
def test_softmax_leaves_its_input_alone(rng):
    """the scores are unchanged, the result is a new array"""
    with inputs_unchanged(), new_output():
        assert_shape(activations.softmax(rng.normal(size=(3, 2))), (3, 2))


def probabilities(rng, shape, axis):
    """Positive numbers that sum to 1 along an axis, with the scores that they belong to."""
    p = rng.uniform(0.2, 1.0, size=shape)
    p /= p.sum(axis=axis, keepdims=True)
    return p, np.log(p)


@check("softmax_backward", "gradient")
def test_softmax_backward_agrees_with_finite_differences(rng, pytorch):
    """the gradient of a random projection, by finite differences"""
    (p, z), dout = probabilities(rng, (3, 4), -1), rng.normal(size=(3, 4))
    expected = pytorch.numerical(lambda torch, t: (torch.softmax(t, -1) * torch.tensor(dout)).sum(), z)
    assert_gradient(activations.softmax_backward(dout, p), expected)


@pytest.mark.parametrize("axis", [0, 1, -1])
@check("softmax_backward", "parity")
def test_softmax_backward_along_any_axis(axis, rng, pytorch):
    """agrees with PyTorch: three axes or two, along axis {axis}"""
    (p, z), dout = probabilities(rng, (2, 3, 4), axis), rng.normal(size=(2, 3, 4))
    expected = pytorch.autograd(lambda torch, t: (torch.softmax(t, axis) * torch.tensor(dout)).sum(), z)
    assert_close(activations.softmax_backward(dout, p, axis), expected)
    assert_close(activations.softmax_backward(dout, p, axis=axis), expected)
    if axis == -1:
        assert_close(activations.softmax_backward(dout, p), expected)
    elif axis == 0:
        assert_close(activations.softmax_backward(dout[:, 1], p[:, 1], axis), expected[:, 1])


@check("softmax_backward", "concept")
def test_softmax_backward_sums_to_zero(rng):
    """each row of the gradient sums to 0, and equal entries of dout give no gradient"""
    (p, _z), dout = probabilities(rng, (3, 5), -1), rng.normal(size=(3, 5))
    got = as_array(activations.softmax_backward(dout, p))
    assert_shape(got, (3, 5))
    assert_close(got.sum(axis=1), np.zeros(3), because="Each row of the gradient should sum to 0.")
    constant = np.repeat(rng.normal(size=(3, 1)), 5, axis=1)
    assert_close(activations.softmax_backward(constant, p), np.zeros((3, 5)))


@check("softmax_backward", "concept")
def test_softmax_backward_of_one_sample(rng, pytorch):
    """a single sample, 1-d"""
    (p, z), dout = probabilities(rng, (4,), -1), rng.normal(size=4)
    expected = pytorch.autograd(lambda torch, t: (torch.softmax(t, -1) * torch.tensor(dout)).sum(), z)
    assert_close(activations.softmax_backward(dout, p), expected)


@check("softmax_backward", "concept")
def test_softmax_backward_takes_integers_and_lists():
    """integers and nested lists"""
    assert_close(
        activations.softmax_backward([[4, -2], [3, 2]], [[0.5, 0.5], [0.25, 0.75]]), [[1.5, -1.5], [0.1875, -0.1875]]
    )
    assert_close(activations.softmax_backward(np.array([4, -2, 1]), np.array([0, 1, 0])), np.zeros(3))


@check("softmax_backward", "concept")
def test_softmax_backward_leaves_its_input_alone(rng):
    """the inputs are unchanged, the result is a new array"""
    (p, _z), dout = probabilities(rng, (3, 2), -1), rng.normal(size=(3, 2))
    with inputs_unchanged(), new_output():
        assert_shape(activations.softmax_backward(dout, p), (3, 2))
