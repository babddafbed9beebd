"""Checks of backpropagation and the vanishing gradient."""

from contextlib import suppress

import numpy as np
import pytest

from exercises import backprop
from grader.checks import (
    as_array,
    assert_close,
    assert_gradient,
    assert_raises,
    assert_that,
    check,
    inputs_unchanged,
    no_float_errors,
    parts,
)
from grader.language import _

ACTIVATIONS = ("sigmoid", "tanh", "relu")


def network(rng, sizes):
    """Weights and biases of a stack of dense layers; the biases keep most units of a ReLU network alive."""
    weights = [rng.normal(scale=0.6, size=(n_out, n_in)) for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True)]
    biases = [rng.uniform(0.2, 0.8, size=n_out) for n_out in sizes[1:]]
    return weights, biases


def run(torch, x, weights, biases, activation):
    """PyTorch's forward pass: every z and every a, the input first."""
    zs, activations = [], [torch.as_tensor(x)]
    for W, b in zip(weights, biases, strict=True):
        zs.append(torch.nn.functional.linear(activations[-1], torch.as_tensor(W), torch.as_tensor(b)))
        activations.append(getattr(torch, activation)(zs[-1]))
    return zs, activations


def gradients(torch, x, weights, biases, activation, dout):
    """PyTorch's gradients of every weight and bias, for ∂L/∂a[L] = dout."""
    parameters = [torch.tensor(value, requires_grad=True) for value in [*weights, *biases]]
    depth = len(weights)
    _, activations = run(torch, x, parameters[:depth], parameters[depth:], activation)
    found = torch.autograd.grad(activations[-1], parameters, torch.as_tensor(dout))
    return list(found[:depth]), list(found[depth:])


def assert_layers(got, expected, name):
    """One array a layer, each as expected."""
    assert_that(
        isinstance(got, (list, tuple, np.ndarray)) and len(got) == len(expected),
        _("{name} should be a list of {count} arrays, one after the other.").format(name=name, count=len(expected)),
        got,
    )
    for mine, wanted in zip(got, expected, strict=True):
        assert_close(mine, wanted)


# -- dense_forward -----------------------------------------------------------------------------------------------------


@check("dense_forward", "parity")
def test_dense_forward_agrees_with_pytorch(rng, pytorch):
    """the same z as torch.nn.functional.linear, wide layers and square ones"""
    cases = [
        (rng.normal(size=(m, n_in)), rng.normal(size=(n_out, n_in)), rng.normal(size=n_out))
        for m, n_in, n_out in ((3, 3, 3), (5, 3, 2), (1, 2, 4))
    ]
    expected = pytorch(
        lambda torch: [torch.nn.functional.linear(*(torch.tensor(value) for value in case)) for case in cases]
    )
    for case, wanted in zip(cases, expected, strict=True):
        assert_close(backprop.dense_forward(*case), wanted)


@check("dense_forward", "concept")
def test_dense_forward_takes_lists():
    """lists and integers are as good as arrays"""
    got = backprop.dense_forward([[1, 2], [3, 4], [0, -1]], [[1, 0], [0, 2], [1, 1], [-3, 0.5]], [10, 20, 30, 0])
    assert_close(got, [[11, 24, 33, -2], [13, 28, 37, -7], [10, 18, 29, -0.5]])


@check("dense_forward", "concept")
def test_dense_forward_leaves_its_inputs_alone(rng):
    """the arguments are left as they were"""
    with inputs_unchanged():
        backprop.dense_forward(rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), rng.normal(size=2))


# -- hidden_delta ------------------------------------------------------------------------------------------------------


@check("hidden_delta", "gradient")
def test_hidden_delta_agrees_with_finite_differences(rng, pytorch):
    """δ of a hidden layer is ∂L/∂z, by finite differences"""
    delta_next, W_next, z = rng.normal(size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=(4, 3))
    slope = pytorch.autograd(lambda torch, v: torch.tanh(v).sum(), z)
    expected = pytorch.numerical(
        lambda torch, v: (torch.tensor(delta_next) * (torch.tanh(v) @ torch.tensor(W_next).T)).sum(), z
    )
    assert_gradient(backprop.hidden_delta(delta_next, W_next, slope), expected)


@check("hidden_delta", "parity")
def test_hidden_delta_agrees_with_autograd(rng, pytorch):
    """the δ of autograd, between layers of equal width too"""
    for m, n, n_next in ((3, 3, 3), (5, 2, 4)):
        delta_next, W_next = rng.normal(size=(m, n_next)), rng.normal(size=(n_next, n))
        z = rng.normal(scale=2.0, size=(m, n))
        slope = pytorch.autograd(lambda torch, v: torch.sigmoid(v).sum(), z)
        expected = pytorch.autograd(
            lambda torch, v, d=delta_next, W=W_next: (
                torch.tensor(d) * torch.nn.functional.linear(torch.sigmoid(v), torch.tensor(W))
            ).sum(),
            z,
        )
        assert_close(backprop.hidden_delta(delta_next, W_next, slope), expected)


@check("hidden_delta", "concept")
def test_hidden_delta_of_dead_units():
    """no error passes where σ' is 0; lists of integers are as good as arrays, and one neuron alone keeps its axis"""
    got = backprop.hidden_delta([[1, 2], [0, -1]], [[3, 0, 1], [1, 1, -2.5]], [[1, 0, 1], [0, 2, 1]])
    assert_close(got, [[5, 0, -4], [0, -2, 2.5]])
    assert_close(backprop.hidden_delta([[2], [-1]], [[-3]], [[1], [0]]), [[-6], [0]])


@check("hidden_delta", "concept")
def test_hidden_delta_leaves_its_inputs_alone(rng):
    """the arguments are left as they were"""
    with inputs_unchanged():
        backprop.hidden_delta(rng.normal(size=(4, 2)), rng.normal(size=(2, 3)), rng.uniform(0.1, 0.9, size=(4, 3)))


# -- dense_gradients ---------------------------------------------------------------------------------------------------


@check("dense_gradients", "gradient")
def test_dense_gradients_agree_with_finite_differences(rng, pytorch):
    """∂L/∂W and ∂L/∂b, by finite differences"""
    delta, a_prev = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    W, b = rng.normal(size=(3, 2)), rng.normal(size=3)
    expected = pytorch.numerical(
        lambda torch, W, b: (torch.tensor(delta) * torch.nn.functional.linear(torch.tensor(a_prev), W, b)).sum(), W, b
    )
    dW, db = parts(backprop.dense_gradients(delta, a_prev), "dW", "db")
    assert_gradient(dW, expected[0])
    assert_gradient(db, expected[1])


@check("dense_gradients", "parity")
def test_dense_gradients_of_an_averaged_loss(rng, pytorch):
    """for a loss that is averaged already, the gradients of autograd: no further 1/m"""
    a_prev, target = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    W, b = rng.normal(size=(4, 4)), rng.normal(size=4)

    def loss_of(torch, z):
        return torch.nn.functional.mse_loss(z, torch.tensor(target))

    z = pytorch(lambda torch: torch.nn.functional.linear(*(torch.tensor(value) for value in (a_prev, W, b))))
    delta = pytorch.autograd(loss_of, z)
    expected = pytorch.autograd(
        lambda torch, W, b: loss_of(torch, torch.nn.functional.linear(torch.tensor(a_prev), W, b)), W, b
    )
    dW, db = parts(backprop.dense_gradients(delta, a_prev), "dW", "db")
    assert_close(dW, expected[0])
    assert_close(db, expected[1])


@check("dense_gradients", "concept")
def test_dense_gradients_of_one_row():
    """one sample, given as lists of integers: an outer product, and δ itself; one neuron alone keeps its axes"""
    dW, db = parts(backprop.dense_gradients([[2, -1, 0]], [[3, 5]]), "dW", "db")
    assert_close(dW, [[6, 10], [-3, -5], [0, 0]])
    assert_close(db, [2, -1, 0])
    dW, db = parts(backprop.dense_gradients([[2], [-3]], [[4], [1]]), "dW", "db")
    assert_close(dW, [[5]])
    assert_close(db, [-1])


@check("dense_gradients", "concept")
def test_dense_gradients_leave_their_inputs_alone(rng):
    """the arguments are left as they were"""
    with inputs_unchanged():
        backprop.dense_gradients(rng.normal(size=(4, 2)), rng.normal(size=(4, 3)))


# -- vanishing_bound ---------------------------------------------------------------------------------------------------


@check("vanishing_bound", "concept")
def test_vanishing_bound_of_twenty_sigmoid_layers():
    """twenty layers of sigmoids leave 9.1e-13, as on the slide"""
    assert_close(backprop.vanishing_bound(20), 9.094947017729282e-13, atol=0.0)


@check("vanishing_bound", "concept")
def test_vanishing_bound_of_other_activations(rng):
    """another largest derivative, and other depths"""
    slope = float(rng.uniform(0.3, 0.9))
    assert_close(backprop.vanishing_bound(3, 0.5), 0.125)
    assert_close(backprop.vanishing_bound(50, max_derivative=1.0), 1.0)
    assert_close(backprop.vanishing_bound(1, slope), slope)
    assert_close(backprop.vanishing_bound(2, max_derivative=slope), slope * slope)


@check("vanishing_bound", "concept")
def test_vanishing_bound_without_layers():
    """no layer leaves the gradient as it is: 1"""
    assert_close(backprop.vanishing_bound(1), 0.25)
    with suppress(ValueError):  # a network without layers may be refused, not misjudged
        assert_close(backprop.vanishing_bound(0), 1.0)


# -- numerical_gradient ------------------------------------------------------------------------------------------------


def polynomial(x):
    """A polynomial in every entry, each entry coupled to the next."""
    return np.sum(x**3 + 0.1 * x**5) + np.sum(x[:-1] * x[1:])


def central(got, slope, h):
    """What central differences give: h lies between x and each side, or, in other books, between the two sides."""
    wide, narrow = slope(h), slope(h / 2)
    got = as_array(got)
    return narrow if got.shape == narrow.shape and np.allclose(got, narrow, rtol=1e-6) else wide


@check("numerical_gradient", "concept")
def test_numerical_gradient_is_of_second_order(rng):
    """a step to both sides: for a polynomial the error is known, and it falls with h², not with h"""
    x = rng.uniform(0.5, 2.0, size=5)
    neighbours = np.append(x[1:], 0.0) + np.append(0.0, x[:-1])

    def slope(h):
        return 3 * x**2 + 0.5 * x**4 + (1 + x**2) * h**2 + 0.1 * h**4 + neighbours

    for h in (0.1, 0.5):
        got = backprop.numerical_gradient(polynomial, x, h=h)
        assert_close(got, central(got, slope, h))


@check("numerical_gradient", "concept")
def test_numerical_gradient_steps_by_default(rng):
    """left out, h is 1e-5"""
    scale = rng.uniform(1.0, 2.0, size=3)
    got = backprop.numerical_gradient(lambda v: float(np.sum(1e10 * scale * v**3)), np.zeros(3))
    expected = central(got, lambda h: 1e10 * scale * h**2, 1e-5)
    assert_close(
        got, expected, because="At 0 a cubic has slope 0, and central differences are off by h² times its factor."
    )


@check("numerical_gradient", "concept")
def test_numerical_gradient_of_a_matrix(rng):
    """an argument of any shape, and f may rely on that shape"""
    scale = rng.uniform(0.5, 2.0, size=(2, 3))
    x = rng.uniform(0.5, 1.5, size=(2, 3))

    def f(v):
        return np.array(np.sum(scale * v**2) + v[0, 2] * v[1, 0])  # a 0-d array is as good as a number

    expected = 2 * scale * x
    expected[0, 2] += x[1, 0]
    expected[1, 0] += x[0, 2]
    assert_close(backprop.numerical_gradient(f, x), expected, rtol=1e-7, atol=1e-8)
    cube = rng.uniform(0.5, 1.5, size=(2, 1, 3))
    got = backprop.numerical_gradient(lambda v: float((v[1, 0] * v[0, 0] ** 2).sum()), cube, 1e-4)
    expected = np.stack([2 * cube[0] * cube[1], cube[0] ** 2])
    assert_close(got, expected, rtol=1e-6, atol=1e-7)


@check("numerical_gradient", "concept")
def test_numerical_gradient_at_integers():
    """integers are numbers too: the step is not rounded away"""
    got = backprop.numerical_gradient(lambda v: float(np.sum(v * v)), np.array([[1, -2, 3], [0, 4, 5]]))
    assert_close(got, [[2, -4, 6], [0, 8, 10]], rtol=1e-7, atol=1e-7)


@check("numerical_gradient", "concept")
def test_numerical_gradient_leaves_x_exactly(rng):
    """x is left as it was, to the last bit"""
    x = rng.normal(size=(5, 4))
    with inputs_unchanged():
        backprop.numerical_gradient(lambda v: float(np.sum(v**2)), x, h=0.1)
        backprop.numerical_gradient(lambda v: float(np.sum(v**2)), x)


# -- mlp_forward -------------------------------------------------------------------------------------------------------


@check("mlp_forward", "parity")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mlp_forward_agrees_with_pytorch(rng, pytorch, activation):
    """{activation} on every layer: each z and each a as in PyTorch, activations[0] being x"""
    cases = []
    for sizes in ((3, 2), (2, 4, 3, 2)):
        x, (weights, biases) = rng.normal(size=(4, sizes[0])), network(rng, sizes)
        cases.append((x, weights, [b - 0.5 for b in biases], activation))
    expected = pytorch(lambda torch: [run(torch, *case) for case in cases])
    for case, (wanted_zs, wanted_activations) in zip(cases, expected, strict=True):
        zs, activations = parts(backprop.mlp_forward(*case), "zs", "activations")
        assert_layers(zs, wanted_zs, "zs")
        assert_layers(activations, wanted_activations, "activations")


@check("mlp_forward", "concept")
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_mlp_forward_is_stable(rng, activation):
    """{activation} saturates at z = ±1000, with no overflow on the way"""
    weights, biases = [np.diag([1000.0, -1000.0, 400.0]), np.array([[1.0, 2.0, 3.0]])], [np.zeros(3), np.zeros(1)]
    with no_float_errors():
        zs, activations = parts(
            backprop.mlp_forward(np.array([[1.0, 1.0, 1.0], [-1.0, -1.0, 2.0]]), weights, biases, activation),
            "zs",
            "activations",
        )
    low = 0.0 if activation == "sigmoid" else -1.0
    assert_that(len(activations) == 3, "activations should hold x and one array for each layer.", activations)
    assert_close(activations[1], [[1.0, low, 1.0], [low, 1.0, 1.0]])
    assert_close(zs[0], [[1000.0, -1000.0, 400.0], [-1000.0, 1000.0, 800.0]])


@check("mlp_forward", "concept")
def test_mlp_forward_rejects_unknown_activations(rng):
    """an unknown activation raises ValueError"""
    x, row = rng.normal(size=(4, 3)), rng.normal(size=3)
    weights, biases = [np.stack([row, -row])], [np.zeros(2)]  # z of both signs, which tells what is used instead
    assert_raises(ValueError, backprop.mlp_forward, x, weights, biases, "swish")
    assert_raises(ValueError, backprop.mlp_forward, x, weights, biases, activation="none")
    assert_raises(ValueError, backprop.mlp_forward, x, weights, biases, "tan")


@check("mlp_forward", "concept")
def test_mlp_forward_takes_lists():
    """integers and a list for x are as good as arrays, and z keeps its negative numbers"""
    weights, biases = [np.array([[1, 1], [0, -1]]), np.array([[2, 5]])], [np.array([0, 1]), np.array([-7])]
    got = backprop.mlp_forward([[1, 2], [-3, 1]], weights, biases, "relu")
    zs, activations = parts(got, "zs", "activations")
    assert_layers(zs, [[[3, -1], [-2, 0]], [[-1], [-7]]], "zs")
    assert_layers(activations, [[[1, 2], [-3, 1]], [[3, 0], [0, 0]], [[0], [0]]], "activations")


@check("mlp_forward", "concept")
def test_mlp_forward_leaves_its_inputs_alone(rng):
    """the arguments are left as they were"""
    x, (weights, biases) = rng.normal(size=(4, 3)), network(rng, (3, 2, 2))
    with inputs_unchanged():
        backprop.mlp_forward(x, weights, biases, "relu")


# -- mlp_backward ------------------------------------------------------------------------------------------------------


@check("mlp_backward", "parity")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mlp_backward_agrees_with_autograd(rng, pytorch, activation):
    """{activation}: the gradients of autograd at depth 1, 2 and 6"""
    for sizes in ((2, 3), (2, 4, 3), (2, 3, 1, 4, 2, 3, 2)):
        x, (weights, biases) = rng.normal(size=(3, sizes[0])), network(rng, sizes)
        dout = rng.normal(size=(3, sizes[-1]))
        network_and_dout = (x, weights, biases, activation, dout)
        zs, activations = pytorch(lambda torch, case=network_and_dout[:4]: run(torch, *case))
        expected_dWs, expected_dbs = pytorch(lambda torch, case=network_and_dout: gradients(torch, *case))
        dWs, dbs = parts(backprop.mlp_backward(dout, zs, activations, weights, activation), "dWs", "dbs")
        assert_layers(dWs, expected_dWs, "dWs")
        assert_layers(dbs, expected_dbs, "dbs")


@check("mlp_backward", "gradient")
def test_mlp_backward_agrees_with_finite_differences(rng, pytorch):
    """two tanh layers of equal width, by finite differences"""
    x, (weights, biases) = rng.normal(size=(3, 3)), network(rng, (3, 3, 3))
    dout = rng.normal(size=(3, 3))
    zs, activations = pytorch(lambda torch: run(torch, x, weights, biases, "tanh"))
    expected = pytorch.numerical(
        lambda torch, W1, W2, b1, b2: (
            torch.tensor(dout) * run(torch, torch.tensor(x), [W1, W2], [b1, b2], "tanh")[1][-1]
        ).sum(),
        *weights,
        *biases,
    )
    dWs, dbs = parts(backprop.mlp_backward(dout, zs, activations, weights, "tanh"), "dWs", "dbs")
    assert_that(len(dWs) == 2 and len(dbs) == 2, "There should be one dW and one db for each of the two layers.", dWs)
    for got, wanted in zip([*dWs, *dbs], expected, strict=True):
        assert_gradient(got, wanted)


@check("mlp_backward", "concept")
def test_mlp_backward_of_relu_at_zero():
    """the derivative of ReLU is 0 at z = 0 exactly"""
    z, x, W = np.array([[0.0, 1.0, -1.0]]), np.array([[2.0, 3.0]]), np.array([[3.0, -2.0], [2.0, -1.0], [1.0, -1.0]])
    got = backprop.mlp_backward(np.array([[5.0, 7.0, 11.0]]), [z], [x, np.array([[0.0, 1.0, 0.0]])], [W], "relu")
    dWs, dbs = parts(got, "dWs", "dbs")
    assert_layers(dWs, [[[0, 0], [14, 21], [0, 0]]], "dWs")
    assert_layers(dbs, [[0, 7, 0]], "dbs")


@check("mlp_backward", "concept")
def test_mlp_backward_of_saturated_units():
    """z = ±1000 saturates sigmoid and tanh: their slope is 0, with no overflow on the way"""
    z, x, W = np.array([[1000.0, -1000.0, 0.0]]), np.array([[2.0, 3.0]]), np.zeros((3, 2))
    for activation, a, slope in (("sigmoid", [1.0, 0.0, 0.5], 0.25), ("tanh", [1.0, -1.0, 0.0], 1.0)):
        with no_float_errors():
            got = backprop.mlp_backward(np.array([[5.0, 7.0, 4.0]]), [z], [x, np.array([a])], [W], activation)
        dWs, dbs = parts(got, "dWs", "dbs")
        assert_layers(dWs, [[[0, 0], [0, 0], [8 * slope, 12 * slope]]], "dWs")
        assert_layers(dbs, [[0, 0, 4 * slope]], "dbs")


@check("mlp_backward", "concept")
def test_mlp_backward_leaves_its_inputs_alone(rng, pytorch):
    """the arguments are left as they were"""
    x, (weights, biases) = rng.normal(size=(3, 2)), network(rng, (2, 2, 3))
    zs, activations = pytorch(lambda torch: run(torch, x, weights, biases, "sigmoid"))
    with inputs_unchanged():
        backprop.mlp_backward(rng.normal(size=(3, 3)), zs, activations, weights, "sigmoid")


# -- gradient_norms ----------------------------------------------------------------------------------------------------


@check("gradient_norms", "concept")
def test_gradient_norms_of_each_layer():
    """the Frobenius norm of each layer, first layer first, whatever the shapes"""
    got = backprop.gradient_norms(
        [np.diag([3, 4]), np.array([[1.0, -2.0, 2.0]]), np.array([[-7]]), np.zeros((2, 3)), np.full((5, 5), 0.4)]
    )
    assert_close(got, [5, 3, 7, 0, 2])


@check("gradient_norms", "parity")
def test_gradient_norms_of_sigmoid_layers(rng, pytorch):
    """twenty sigmoid layers: the norms fall geometrically, and the smallest keep their digits"""
    x, dout = rng.normal(size=(1, 3)), rng.normal(size=(1, 3))
    weights = [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(20)]
    biases = [np.zeros(3)] * 20
    dWs = pytorch(lambda torch: gradients(torch, x, weights, biases, "sigmoid", dout)[0])
    expected = pytorch(lambda torch: [torch.linalg.norm(torch.tensor(dW)) for dW in dWs])
    norms = backprop.gradient_norms(dWs)
    assert_close(norms, expected, atol=0.0)
    first, last = as_array(norms)[[0, -1]]
    assert_that(first < 1e-8 * last, "The first of twenty sigmoid layers should learn next to nothing.", norms)


@check("gradient_norms", "parity")
def test_gradient_norms_of_relu_layers(rng, pytorch):
    """twenty ReLU layers with He weights: the norms do not vanish"""
    fixed = np.random.RandomState(RELU_SEED)
    weights = [fixed.normal(scale=np.sqrt(2 / 5), size=(5, 5)) for _ in range(20)]
    x, dout = fixed.normal(size=(1, 5)), fixed.normal(size=(1, 5)) * rng.uniform(0.5, 2.0)
    dWs = pytorch(lambda torch: gradients(torch, x, weights, [np.zeros(5)] * 20, "relu", dout)[0])
    expected = pytorch(lambda torch: [torch.linalg.norm(torch.tensor(dW)) for dW in dWs])
    norms = backprop.gradient_norms(dWs)
    assert_close(norms, expected, atol=0.0)
    smallest, largest = as_array(norms).min(), as_array(norms).max()
    assert_that(smallest > 1e-2 * largest, "With ReLU and He weights every layer should learn.", norms)


RELU_SEED = 43
"""A network none of whose layers is dead: twenty narrow ReLU layers may well be, whoever drew their weights."""
