"""Checks of the loss functions."""

import numpy as np

from exercises import losses
from grader.checks import (
    as_array,
    assert_close,
    assert_finite,
    assert_gradient,
    assert_raises,
    assert_shape,
    check,
    inputs_unchanged,
    new_output,
    no_float_errors,
)

EXTREME = np.array([[1000.0, -1000.0, 0.5], [-0.5, 2.0, -700.0]])
"""Logits beyond any limit at which an answer may clip them: what is clipped must be a copy."""


def errors(rng, shape, delta=1.0):
    """Errors of both signs, two thirds of them well inside ±delta and a third well outside, in random order."""
    count = int(np.prod(shape))
    inside = np.arange(count) % 3 < 2
    size = delta * np.where(inside, rng.uniform(0.2, 0.8, count), rng.uniform(1.3, 4.0, count))
    sign = np.where(np.arange(count) % 4 < 2, 1.0, -1.0)
    return rng.permutation(size * sign).reshape(shape)


def binary(rng, shape):
    """Labels 0 and 1 in random order, as many of the one as of the other."""
    return rng.permutation(np.arange(int(np.prod(shape))) % 2).reshape(shape).astype(float)


def bytes_apart(rng, shape, least=10, most=100):
    """Two tables of bytes that differ by `least` to `most`: half of the second ones are smaller, the others larger."""
    count = int(np.prod(shape))
    step = rng.randint(least, most, count) * np.where(np.arange(count) % 2 == 0, 1, -1)
    y = rng.randint(100, 156, count)
    return y.reshape(shape), (y + rng.permutation(step)).reshape(shape)


def one_hot(labels, n_classes):
    """The labels as rows of zeros and ones."""
    rows = np.zeros((len(labels), n_classes))
    for row, label in zip(rows, labels, strict=True):
        row[label] = 1.0
    return rows


# mse and its gradient


@check("mse", "parity")
def test_mse_agrees_with_pytorch(rng, pytorch):
    """the same number as torch.nn.MSELoss"""
    y, y_hat = rng.normal(size=(4, 3)), rng.normal(scale=2.0, size=(4, 3))
    expected = pytorch(lambda torch: torch.nn.functional.mse_loss(torch.tensor(y_hat), torch.tensor(y)))
    assert_close(losses.mse(y, y_hat), expected)


@check("mse", "concept")
def test_mse_takes_any_shape(rng, pytorch):
    """one number for input of any shape: a vector, three axes, a scalar"""
    pairs = [(rng.normal(size=s), rng.normal(size=s)) for s in [(5,), (2, 3, 4), (1, 6), ()]]
    expected = pytorch(
        lambda torch: [torch.nn.functional.mse_loss(torch.tensor(y_hat), torch.tensor(y)) for y, y_hat in pairs]
    )
    for (y, y_hat), number in zip(pairs, expected, strict=True):
        assert_close(losses.mse(y, y_hat), number)


@check("mse", "concept")
def test_mse_is_not_blind_to_a_constant_error(rng):
    """a prediction that is off by 3 everywhere costs 9, by +3 and -3 in turn as well"""
    y = rng.normal(size=6)
    assert_close(losses.mse(y, y + 3.0), 9.0)
    assert_close(losses.mse(y, y + np.array([3.0, -3.0, 3.0, -3.0, 3.0, -3.0])), 9.0)


@check("mse", "concept")
def test_mse_computes_in_float64(rng, pytorch):
    """bytes, lists of integers and float32 are computed with as float64"""
    y, y_hat = bytes_apart(rng, (4, 3))
    a, b = rng.normal(size=7).astype(np.float32), rng.normal(size=7).astype(np.float32)
    of_integers, of_singles = pytorch(
        lambda torch: [
            torch.nn.functional.mse_loss(torch.tensor(v).double(), torch.tensor(w).double())
            for v, w in [(y_hat, y), (b, a)]
        ]
    )
    assert_close(losses.mse(y.astype(np.uint8), y_hat.astype(np.uint8)), of_integers)
    assert_close(losses.mse(y.tolist(), y_hat.tolist()), of_integers)
    assert_close(losses.mse(a, b), of_singles)


@check("mse", "concept")
def test_mse_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = rng.normal(size=4)
    assert_raises(ValueError, losses.mse, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.mse, y, rng.normal(size=1))
    assert_raises(ValueError, losses.mse, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.mse, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("mse", "concept")
def test_mse_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.mse(rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))


@check("mse_gradient", "gradient")
def test_mse_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope of the MSE, by finite differences"""
    y, y_hat = rng.normal(size=(4, 3)), rng.normal(scale=2.0, size=(4, 3))
    expected = pytorch.numerical(lambda torch, v: torch.nn.functional.mse_loss(v, torch.tensor(y)), y_hat)
    assert_gradient(losses.mse_gradient(y, y_hat), expected)


@check("mse_gradient", "parity")
def test_mse_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, for a vector, three axes and a scalar"""
    pairs = [(rng.normal(size=s), rng.normal(size=s)) for s in [(5,), (2, 3, 4), ()]]
    expected = [
        pytorch.autograd(lambda torch, v, y=y: torch.nn.functional.mse_loss(v, torch.tensor(y)), y_hat)
        for y, y_hat in pairs
    ]
    for (y, y_hat), gradient in zip(pairs, expected, strict=True):
        assert_close(losses.mse_gradient(y, y_hat), gradient)


@check("mse_gradient", "concept")
def test_mse_gradient_computes_in_float64(rng, pytorch):
    """bytes, lists of integers and float32 are computed with as float64"""
    y, y_hat = bytes_apart(rng, (2, 3))
    a, b = rng.normal(size=5).astype(np.float32), rng.normal(size=5).astype(np.float32)
    of_integers, of_singles = [
        pytorch.autograd(lambda torch, v, w=w: torch.nn.functional.mse_loss(v, torch.tensor(w).double()), start)
        for w, start in [(y, y_hat.astype(float)), (a, b.astype(float))]
    ]
    assert_close(losses.mse_gradient(y.astype(np.uint8), y_hat.astype(np.uint8)), of_integers)
    assert_close(losses.mse_gradient(y.tolist(), y_hat.tolist()), of_integers)
    assert_close(losses.mse_gradient(a, b), of_singles)


@check("mse_gradient", "concept")
def test_mse_gradient_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = rng.normal(size=4)
    assert_raises(ValueError, losses.mse_gradient, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.mse_gradient, y, rng.normal(size=1))
    assert_raises(ValueError, losses.mse_gradient, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.mse_gradient, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("mse_gradient", "concept")
def test_mse_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    with inputs_unchanged(), new_output():
        losses.mse_gradient(rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))


# mae and its gradient


@check("mae", "parity")
def test_mae_agrees_with_pytorch(rng, pytorch):
    """the same number as torch.nn.L1Loss"""
    y, y_hat = rng.normal(size=(4, 3)), rng.normal(scale=2.0, size=(4, 3))
    expected = pytorch(lambda torch: torch.nn.functional.l1_loss(torch.tensor(y_hat), torch.tensor(y)))
    assert_close(losses.mae(y, y_hat), expected)


@check("mae", "concept")
def test_mae_takes_any_shape(rng, pytorch):
    """one number for input of any shape: a vector, three axes, a scalar"""
    pairs = [(rng.normal(size=s), rng.normal(size=s)) for s in [(5,), (2, 3, 4), (1, 6), ()]]
    expected = pytorch(
        lambda torch: [torch.nn.functional.l1_loss(torch.tensor(y_hat), torch.tensor(y)) for y, y_hat in pairs]
    )
    for (y, y_hat), number in zip(pairs, expected, strict=True):
        assert_close(losses.mae(y, y_hat), number)


@check("mae", "concept")
def test_mae_weighs_every_unit_alike(rng):
    """an outlier counts as what it is: nine hits and one error of 50 make 5, in either direction"""
    y = rng.normal(size=10)
    outlier = np.where(np.arange(10) == rng.randint(10), 50.0, 0.0)
    assert_close(losses.mae(y, y + outlier), 5.0)
    assert_close(losses.mae(y, y - outlier), 5.0)


@check("mae", "concept")
def test_mae_computes_in_float64(rng, pytorch):
    """bytes, lists of integers and float32 are computed with as float64"""
    y, y_hat = bytes_apart(rng, (4, 3))
    a, b = rng.normal(size=7).astype(np.float32), rng.normal(size=7).astype(np.float32)
    of_integers, of_singles = pytorch(
        lambda torch: [
            torch.nn.functional.l1_loss(torch.tensor(v).double(), torch.tensor(w).double())
            for v, w in [(y_hat, y), (b, a)]
        ]
    )
    assert_close(losses.mae(y.astype(np.uint8), y_hat.astype(np.uint8)), of_integers)
    assert_close(losses.mae(y.tolist(), y_hat.tolist()), of_integers)
    assert_close(losses.mae(a, b), of_singles)


@check("mae", "concept")
def test_mae_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = rng.normal(size=4)
    assert_raises(ValueError, losses.mae, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.mae, y, rng.normal(size=1))
    assert_raises(ValueError, losses.mae, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.mae, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("mae", "concept")
def test_mae_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.mae(rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))


@check("mae_gradient", "gradient")
def test_mae_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope of the MAE, by finite differences away from the kink"""
    y = rng.normal(size=(4, 3))
    y_hat = y + errors(rng, (4, 3))
    expected = pytorch.numerical(lambda torch, v: torch.nn.functional.l1_loss(v, torch.tensor(y)), y_hat)
    assert_gradient(losses.mae_gradient(y, y_hat), expected)


@check("mae_gradient", "parity")
def test_mae_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, for a vector, three axes and a scalar"""
    ys = [rng.normal(size=s) for s in [(5,), (2, 3, 4), ()]]
    pairs = [(y, y + errors(rng, y.shape)) for y in ys]
    expected = [
        pytorch.autograd(lambda torch, v, y=y: torch.nn.functional.l1_loss(v, torch.tensor(y)), y_hat)
        for y, y_hat in pairs
    ]
    for (y, y_hat), gradient in zip(pairs, expected, strict=True):
        assert_close(losses.mae_gradient(y, y_hat), gradient)


@check("mae_gradient", "concept")
def test_mae_gradient_is_zero_at_a_hit(rng):
    """where prediction and target are equal, and only there, the gradient is 0, without a warning"""
    y = rng.uniform(1.0, 2.0, size=4)
    with no_float_errors():
        got = losses.mae_gradient(y, y + np.array([1.5, 0.0, -1.5, 0.0]))
        near = losses.mae_gradient(y, y + np.array([1e-7, 1.5, -1e-7, 0.0]))
    assert_close(got, [0.25, 0.0, -0.25, 0.0], because="At ŷ = y the absolute value has a kink; the contract says 0.")
    wanted = [0.25, 0.25, -0.25, 0.0]  # e/(|e| + 1e-12) is near enough
    assert_close(near, wanted, rtol=1e-4, because="Of an error of 1e-7 too only the sign counts.")


@check("mae_gradient", "concept")
def test_mae_gradient_computes_in_float64(rng):
    """bytes, lists of integers and float32 are computed with as float64"""
    y = rng.permutation([10, 20, 30, 40, 50, 60])
    steps = rng.permutation([1, -1, 0, 5, -5, 0])
    expected = [{1: 1 / 6, 0: 0.0, -1: -1 / 6}[int(np.sign(step))] for step in steps]
    assert_close(losses.mae_gradient(y.astype(np.uint8), (y + steps).astype(np.uint8)), expected)
    assert_close(losses.mae_gradient(y.tolist(), (y + steps).tolist()), expected)
    assert_close(losses.mae_gradient(y.astype(np.float32), (y + steps).astype(np.float32)), expected)


@check("mae_gradient", "concept")
def test_mae_gradient_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = rng.normal(size=4)
    assert_raises(ValueError, losses.mae_gradient, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.mae_gradient, y, rng.normal(size=1))
    assert_raises(ValueError, losses.mae_gradient, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.mae_gradient, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("mae_gradient", "concept")
def test_mae_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    with inputs_unchanged(), new_output():
        losses.mae_gradient(rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))


# huber and its gradient


@check("huber", "parity")
def test_huber_agrees_with_pytorch(rng, pytorch):
    """delta other than 1, by name and by position: the same number as torch.nn.HuberLoss"""
    y = rng.normal(size=(4, 3))
    small, large = y + errors(rng, (4, 3), 0.7), y + errors(rng, (4, 3), 2.5)
    expected = pytorch(
        lambda torch: [
            torch.nn.functional.huber_loss(torch.tensor(y_hat), torch.tensor(y), delta=delta)
            for y_hat, delta in [(small, 0.7), (large, 2.5)]
        ]
    )
    assert_close(losses.huber(y, small, delta=0.7), expected[0])
    assert_close(losses.huber(y, large, 2.5), expected[1])


@check("huber", "concept")
def test_huber_default_delta(rng, pytorch):
    """without a delta it is 1, for a vector, three axes and a scalar"""
    ys = [rng.normal(size=s) for s in [(6,), (2, 3, 4), ()]]
    pairs = [(y, y + errors(rng, y.shape)) for y in ys]
    expected = pytorch(
        lambda torch: [torch.nn.functional.huber_loss(torch.tensor(y_hat), torch.tensor(y)) for y, y_hat in pairs]
    )
    for (y, y_hat), number in zip(pairs, expected, strict=True):
        assert_close(losses.huber(y, y_hat), number)


@check("huber", "concept")
def test_huber_is_continuous(rng):
    """parabola and line meet at an error of ±delta"""
    sizes = [2.0 - 1e-9, 2.0, 2.0 + 1e-9, -2.0 + 1e-9, -2.0, -2.0 - 1e-9]
    around = [losses.huber(np.zeros(4), np.array([size, 0.0, 0.0, 0.0]), delta=2.0) for size in sizes]
    for got in around:
        assert_close(
            got,
            0.5,
            rtol=1e-8,
            because="At |e| = δ both pieces are worth ½δ². If one of them gives something else, the loss jumps.",
        )


@check("huber", "concept")
def test_huber_computes_in_float64(rng, pytorch):
    """bytes, lists of integers and float32 are computed with as float64"""
    y, y_hat = bytes_apart(rng, (4, 3))
    a = rng.normal(size=6).astype(np.float32)
    b = (a + errors(rng, 6)).astype(np.float32)
    of_integers, of_singles = pytorch(
        lambda torch: [
            torch.nn.functional.huber_loss(torch.tensor(v).double(), torch.tensor(w).double(), delta=delta)
            for v, w, delta in [(y_hat, y, 50.0), (b, a, 1.0)]
        ]
    )
    assert_close(losses.huber(y.astype(np.uint8), y_hat.astype(np.uint8), delta=50), of_integers)
    assert_close(losses.huber(y.tolist(), y_hat.tolist(), delta=50), of_integers)
    assert_close(losses.huber(a, b), of_singles)


@check("huber", "concept")
def test_huber_rejects_bad_delta(rng):
    """a delta that is not positive raises ValueError"""
    y, y_hat = rng.normal(size=4), rng.normal(size=4)
    assert_raises(ValueError, losses.huber, y, y_hat, delta=-0.5)
    assert_raises(ValueError, losses.huber, y, y_hat, delta=0.0)


@check("huber", "concept")
def test_huber_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = rng.normal(size=4)
    assert_raises(ValueError, losses.huber, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.huber, y, rng.normal(size=1))
    assert_raises(ValueError, losses.huber, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.huber, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("huber", "concept")
def test_huber_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values, and huge errors cause no warning"""
    with inputs_unchanged(), no_float_errors():
        losses.huber(rng.normal(size=(2, 3)), np.array([[1000.0, -1000.0, 0.5], [0.0, -0.5, 2.0]]))


@check("huber_gradient", "gradient")
def test_huber_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope of Huber, by finite differences away from ±delta"""
    y = rng.normal(size=(4, 3))
    y_hat = y + errors(rng, (4, 3), 0.7)
    expected = pytorch.numerical(lambda torch, v: torch.nn.functional.huber_loss(v, torch.tensor(y), delta=0.7), y_hat)
    assert_gradient(losses.huber_gradient(y, y_hat, delta=0.7), expected)


@check("huber_gradient", "parity")
def test_huber_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, with delta by position and left out, for any shape"""
    ys = [rng.normal(size=s) for s in [(4,), (2, 3, 2), (1, 1)]]  # no 0-d: differences of 0-d arrays cannot be masked
    pairs = [(y, y + errors(rng, y.shape, delta)) for y, delta in zip(ys, (2.5, 1.0, 1.0), strict=True)]
    expected = [
        pytorch.autograd(
            lambda torch, v, y=y, delta=delta: torch.nn.functional.huber_loss(v, torch.tensor(y), delta=delta), y_hat
        )
        for (y, y_hat), delta in zip(pairs, (2.5, 1.0, 1.0), strict=True)
    ]
    assert_close(losses.huber_gradient(*pairs[0], 2.5), expected[0])
    assert_close(losses.huber_gradient(*pairs[1]), expected[1])
    assert_close(losses.huber_gradient(*pairs[2]), expected[2])


@check("huber_gradient", "concept")
def test_huber_gradient_is_continuous_and_bounded(rng):
    """the slope is ±delta from ±delta on, however large the error"""
    sizes = np.array([0.1, 0.4 - 1e-9, 0.4, 0.4 + 1e-9, 1000.0])
    got = losses.huber_gradient(np.zeros(10), np.concatenate([sizes, -sizes]), delta=0.4)
    wanted = [0.01, 0.04, 0.04, 0.04, 0.04, -0.01, -0.04, -0.04, -0.04, -0.04]
    assert_close(got, wanted, rtol=1e-8, because="No element pulls harder than δ, and from |e| = δ on all pull alike.")


@check("huber_gradient", "concept")
def test_huber_gradient_computes_in_float64(rng, pytorch):
    """bytes, lists of integers and float32 are computed with as float64"""
    y, y_hat = bytes_apart(rng, (4, 3))
    a = rng.normal(size=6).astype(np.float32)
    b = (a + errors(rng, 6)).astype(np.float32)
    of_integers, of_singles = [
        pytorch.autograd(
            lambda torch, v, w=w, delta=delta: torch.nn.functional.huber_loss(v, torch.tensor(w).double(), delta=delta),
            start.astype(float),
        )
        for w, start, delta in [(y, y_hat, 50.0), (a, b, 1.0)]
    ]
    of_bytes = losses.huber_gradient(y.astype(np.uint8), y_hat.astype(np.uint8), delta=50)
    of_lists = losses.huber_gradient(y.tolist(), y_hat.tolist(), delta=50)
    got = losses.huber_gradient(a, b)
    assert_close(of_bytes, of_integers)
    assert_close(of_lists, of_integers)
    assert_close(got, of_singles)


@check("huber_gradient", "concept")
def test_huber_gradient_rejects_bad_delta(rng):
    """a delta that is not positive raises ValueError"""
    y, y_hat = rng.normal(size=4), rng.normal(size=4)
    assert_raises(ValueError, losses.huber_gradient, y, y_hat, delta=-0.5)
    assert_raises(ValueError, losses.huber_gradient, y, y_hat, delta=0.0)


@check("huber_gradient", "concept")
def test_huber_gradient_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = rng.normal(size=4)
    assert_raises(ValueError, losses.huber_gradient, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.huber_gradient, y, rng.normal(size=1))
    assert_raises(ValueError, losses.huber_gradient, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.huber_gradient, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("huber_gradient", "concept")
def test_huber_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    y = rng.normal(size=(4, 3))
    with inputs_unchanged(), new_output():
        losses.huber_gradient(y, y + errors(rng, (4, 3)))


# bce and its gradient


@check("bce", "parity")
def test_bce_agrees_with_pytorch(rng, pytorch):
    """the same number as torch.nn.BCELoss"""
    y, p = binary(rng, (4, 3)), rng.uniform(0.05, 0.95, size=(4, 3))
    expected = pytorch(lambda torch: torch.nn.functional.binary_cross_entropy(torch.tensor(p), torch.tensor(y)))
    assert_close(losses.bce(y, p), expected)


@check("bce", "concept")
def test_bce_takes_any_shape(rng, pytorch):
    """one number for input of any shape: a vector, a column, three axes, a scalar"""
    pairs = [(binary(rng, s), rng.uniform(0.05, 0.95, size=s)) for s in [(5,), (6, 1), (2, 3, 4), ()]]
    expected = pytorch(
        lambda torch: [torch.nn.functional.binary_cross_entropy(torch.tensor(p), torch.tensor(y)) for y, p in pairs]
    )
    for (y, p), number in zip(pairs, expected, strict=True):
        assert_close(losses.bce(y, p), number)


@check("bce", "concept")
def test_bce_counts_both_classes(rng):
    """a coin toss costs log 2 whatever the label, and class 0 counts like class 1"""
    for y in (np.zeros(3), np.ones(3)):
        assert_close(losses.bce(y, np.full(3, 0.5)), 0.6931471805599453)
    assert_close(losses.bce(np.zeros(3), np.full(3, 0.9)), 2.302585092994046)
    assert_close(losses.bce(np.ones(3), np.full(3, 0.1)), 2.302585092994046)


@check("bce", "concept")
def test_bce_sure_and_wrong(rng):
    """p = 0 for class 1 and p = 1 for class 0 cost 100 each, without a warning"""
    y = np.array([1.0, 1.0, 0.0, 1.0])
    for p in ([0.0, 0.5, 0.5, 0.5], [0.5, 0.5, 1.0, 0.5], [0.5, 1e-50, 0.5, 0.5]):
        with no_float_errors():
            got = losses.bce(y, np.array(p))
        assert_close(got, (100.0 + 3 * 0.6931471805599453) / 4)


@check("bce", "concept")
def test_bce_sure_and_right(rng):
    """p = 0 for class 0 and p = 1 for class 1 cost nothing, without a warning"""
    for y in ([1.0, 1.0], [0.0, 0.0], [0.0, 1.0]):
        with no_float_errors():
            got = losses.bce(np.array(y), np.array(y))
        assert_close(got, 0.0)


@check("bce", "concept")
def test_bce_has_no_other_epsilon(rng, pytorch):
    """up to the clamp at -100 no probability is bent: 1e-10 is still 1e-10"""
    y = np.array([1.0, 0.0, 1.0, 0.0, 1.0])
    p = np.array([1e-5, 1.0 - 1e-5, 1e-10, 1.0 - 1e-10, 1e-30])
    expected = pytorch(
        lambda torch: torch.nn.functional.binary_cross_entropy(torch.tensor(p), torch.tensor(y), reduction="none")
    )
    for label, probability, cost in zip(y, p, expected, strict=True):
        assert_close(losses.bce([label], [probability]), cost)


@check("bce", "concept")
def test_bce_computes_in_float64(rng, pytorch):
    """byte labels, lists and float32 are computed with as float64"""
    y, p = binary(rng, 6), rng.uniform(0.05, 0.95, size=6)
    single = p.astype(np.float32)
    expected, of_single = pytorch(
        lambda torch: [
            torch.nn.functional.binary_cross_entropy(torch.tensor(v).double(), torch.tensor(y)) for v in (p, single)
        ]
    )
    assert_close(losses.bce(y.astype(np.uint8), p), expected)
    assert_close(losses.bce(y.astype(int).tolist(), p.tolist()), expected)
    assert_close(losses.bce(y.astype(np.float32), single), of_single)


@check("bce", "concept")
def test_bce_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = binary(rng, 4)
    assert_raises(ValueError, losses.bce, y, rng.uniform(0.1, 0.9, size=(4, 1)))
    assert_raises(ValueError, losses.bce, y, rng.uniform(0.1, 0.9, size=1))
    assert_raises(ValueError, losses.bce, y, rng.uniform(0.1, 0.9, size=(1, 4)))
    assert_raises(ValueError, losses.bce, y.reshape(4, 1), rng.uniform(0.1, 0.9, size=(4, 3)))


@check("bce", "concept")
def test_bce_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.bce(np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 0.3, 0.7]))


@check("bce_gradient", "gradient")
def test_bce_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope of the BCE in p, by finite differences"""
    y, p = binary(rng, (4, 3)), rng.uniform(0.1, 0.9, size=(4, 3))
    expected = pytorch.numerical(lambda torch, v: torch.nn.functional.binary_cross_entropy(v, torch.tensor(y)), p)
    assert_gradient(losses.bce_gradient(y, p), expected)


@check("bce_gradient", "parity")
def test_bce_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, for a vector, a column and a single row"""
    shapes = [(5,), (6, 1), (1, 4)]  # no 0-d: products of 0-d arrays cannot be masked
    pairs = [(binary(rng, s), rng.uniform(0.05, 0.95, size=s)) for s in shapes]
    expected = [
        pytorch.autograd(lambda torch, v, y=y: torch.nn.functional.binary_cross_entropy(v, torch.tensor(y)), p)
        for y, p in pairs
    ]
    for (y, p), gradient in zip(pairs, expected, strict=True):
        assert_close(losses.bce_gradient(y, p), gradient)


@check("bce_gradient", "concept")
def test_bce_gradient_grows_without_bound(rng):
    """for p = 1e-6 and 1e-9 the exact slope, a million and a billion, down to p = 2e-12, with no epsilon in the way"""
    y, p = np.array([1.0, 1.0, 1.0, 0.0]), np.array([1e-6, 1e-9, 2e-12, 1.0 - 1e-6])
    got = losses.bce_gradient(y, p)
    wanted = [-0.25e6, -0.25e9, -1.25e11, 0.25e6]
    assert_close(got, wanted, because="Here no logarithm is clamped yet, so the derivative is exact.")


@check("bce_gradient", "concept")
def test_bce_gradient_is_finite_at_the_ends(rng):
    """p = 0 and p = 1 give finite numbers, without a warning"""
    with no_float_errors():
        got = losses.bce_gradient(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert_finite(got)


@check("bce_gradient", "concept")
def test_bce_gradient_computes_in_float64(rng, pytorch):
    """byte labels, lists and float32 are computed with as float64"""
    y, p = binary(rng, 6), rng.uniform(0.1, 0.9, size=6)
    single = p.astype(np.float32)
    expected, of_single = [
        pytorch.autograd(lambda torch, v: torch.nn.functional.binary_cross_entropy(v, torch.tensor(y)), start)
        for start in (p, single.astype(float))
    ]
    assert_close(losses.bce_gradient(y.astype(np.uint8), p), expected)
    assert_close(losses.bce_gradient(y.astype(int).tolist(), p.tolist()), expected)
    assert_close(losses.bce_gradient(y.astype(np.float32), single), of_single)


@check("bce_gradient", "concept")
def test_bce_gradient_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = binary(rng, 4)
    assert_raises(ValueError, losses.bce_gradient, y, rng.uniform(0.1, 0.9, size=(4, 1)))
    assert_raises(ValueError, losses.bce_gradient, y, rng.uniform(0.1, 0.9, size=1))
    assert_raises(ValueError, losses.bce_gradient, y, rng.uniform(0.1, 0.9, size=(1, 4)))
    assert_raises(ValueError, losses.bce_gradient, y.reshape(4, 1), rng.uniform(0.1, 0.9, size=(4, 3)))


@check("bce_gradient", "concept")
def test_bce_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    with inputs_unchanged(), new_output():
        losses.bce_gradient(np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 0.3, 0.7]))


# bce_with_logits and its gradient


@check("bce_with_logits", "parity")
def test_bce_with_logits_agrees_with_pytorch(rng, pytorch):
    """the same number as torch.nn.BCEWithLogitsLoss"""
    y, z = binary(rng, (4, 3)), rng.normal(scale=2.0, size=(4, 3))
    expected = pytorch(
        lambda torch: torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(z), torch.tensor(y))
    )
    assert_close(losses.bce_with_logits(y, z), expected)


@check("bce_with_logits", "concept")
def test_bce_with_logits_takes_any_shape(rng, pytorch):
    """one number for input of any shape: a vector, a column, three axes, a scalar"""
    pairs = [(binary(rng, s), rng.normal(scale=2.0, size=s)) for s in [(5,), (6, 1), (2, 3, 4), ()]]
    expected = pytorch(
        lambda torch: [
            torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(z), torch.tensor(y)) for y, z in pairs
        ]
    )
    for (y, z), number in zip(pairs, expected, strict=True):
        assert_close(losses.bce_with_logits(y, z), number)


@check("bce_with_logits", "concept")
def test_bce_with_logits_sure_and_wrong(rng):
    """a wrong logit of 30 costs 30, one of 40 costs 40, one of 1000 costs 1000; the two right ones beside it nothing"""
    for size in (30.0, 40.0, 300.0, 1000.0):
        wrong = np.array([-size, size, size])
        with no_float_errors():
            for_one = losses.bce_with_logits(np.ones(3), wrong)
            for_zero = losses.bce_with_logits(np.zeros(3), -wrong)
        assert_close(for_one, size / 3)
        assert_close(for_zero, size / 3)


@check("bce_with_logits", "concept")
def test_bce_with_logits_sure_and_right(rng):
    """a right logit of ±40 or ±1000 costs nothing, without a warning"""
    for size in (40.0, 1000.0):
        with no_float_errors():
            got = losses.bce_with_logits(np.array([1.0, 0.0]), np.array([size, -size]))
        assert_close(got, 0.0)


@check("bce_with_logits", "concept")
def test_bce_with_logits_computes_in_float64(rng, pytorch):
    """small integers, lists and float32 are computed with as float64"""
    y, z = binary(rng, (2, 3)), rng.permutation([-9, -4, -1, 2, 3, 7]).reshape(2, 3)
    single = rng.normal(size=(2, 3)).astype(np.float32)
    expected, of_single = pytorch(
        lambda torch: [
            torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(v).double(), torch.tensor(y))
            for v in (z, single)
        ]
    )
    assert_close(losses.bce_with_logits(y.astype(np.uint8), z.astype(np.int8)), expected)
    assert_close(losses.bce_with_logits(y.astype(int).tolist(), z.tolist()), expected)
    assert_close(losses.bce_with_logits(y.astype(np.float32), single), of_single)


@check("bce_with_logits", "concept")
def test_bce_with_logits_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = binary(rng, 4)
    assert_raises(ValueError, losses.bce_with_logits, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.bce_with_logits, y, rng.normal(size=1))
    assert_raises(ValueError, losses.bce_with_logits, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.bce_with_logits, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("bce_with_logits", "concept")
def test_bce_with_logits_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.bce_with_logits(binary(rng, (2, 3)), EXTREME.copy())


@check("bce_with_logits_gradient", "gradient")
def test_bce_with_logits_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope in the logits, by finite differences"""
    y, z = binary(rng, (4, 3)), rng.normal(scale=2.0, size=(4, 3))
    expected = pytorch.numerical(
        lambda torch, v: torch.nn.functional.binary_cross_entropy_with_logits(v, torch.tensor(y)), z
    )
    assert_gradient(losses.bce_with_logits_gradient(y, z), expected)


@check("bce_with_logits_gradient", "parity")
def test_bce_with_logits_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, for a vector, a column and a scalar"""
    pairs = [(binary(rng, s), rng.normal(scale=2.0, size=s)) for s in [(5,), (6, 1), ()]]
    expected = [
        pytorch.autograd(
            lambda torch, v, y=y: torch.nn.functional.binary_cross_entropy_with_logits(v, torch.tensor(y)), z
        )
        for y, z in pairs
    ]
    for (y, z), gradient in zip(pairs, expected, strict=True):
        assert_close(losses.bce_with_logits_gradient(y, z), gradient)


@check("bce_with_logits_gradient", "concept")
def test_bce_with_logits_gradient_is_stable(rng):
    """logits of ±1000: sure and wrong has the full slope, sure and right none, and nothing overflows"""
    with no_float_errors():
        got = losses.bce_with_logits_gradient(
            np.array([1.0, 0.0, 1.0, 0.0]), np.array([-1000.0, 1000.0, 1000.0, -1000.0])
        )
    assert_close(got, [-0.25, 0.25, 0.0, 0.0])


@check("bce_with_logits_gradient", "concept")
def test_bce_with_logits_gradient_computes_in_float64(rng, pytorch):
    """small integers, lists and float32 are computed with as float64"""
    y, z = binary(rng, (2, 3)), rng.permutation([-9, -4, -1, 2, 3, 7]).reshape(2, 3)
    single = rng.normal(size=(2, 3)).astype(np.float32)
    expected, of_single = [
        pytorch.autograd(
            lambda torch, v: torch.nn.functional.binary_cross_entropy_with_logits(v, torch.tensor(y)),
            start.astype(float),
        )
        for start in (z, single)
    ]
    assert_close(losses.bce_with_logits_gradient(y.astype(np.uint8), z.astype(np.int8)), expected)
    assert_close(losses.bce_with_logits_gradient(y.astype(int).tolist(), z.tolist()), expected)
    assert_close(losses.bce_with_logits_gradient(y.astype(np.float32), single), of_single)


@check("bce_with_logits_gradient", "concept")
def test_bce_with_logits_gradient_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    y = binary(rng, 4)
    assert_raises(ValueError, losses.bce_with_logits_gradient, y, rng.normal(size=(4, 1)))
    assert_raises(ValueError, losses.bce_with_logits_gradient, y, rng.normal(size=1))
    assert_raises(ValueError, losses.bce_with_logits_gradient, y, rng.normal(size=(1, 4)))
    assert_raises(ValueError, losses.bce_with_logits_gradient, y.reshape(4, 1), rng.normal(size=(4, 3)))


@check("bce_with_logits_gradient", "concept")
def test_bce_with_logits_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    with inputs_unchanged(), new_output():
        losses.bce_with_logits_gradient(binary(rng, (2, 3)), EXTREME.copy())


# log_softmax


@check("log_softmax", "parity")
def test_log_softmax_agrees_with_pytorch(rng, pytorch):
    """the same numbers as torch.nn.functional.log_softmax, row by row"""
    z = rng.normal(scale=2.0, size=(5, 4))
    expected = pytorch(lambda torch: torch.nn.functional.log_softmax(torch.tensor(z), dim=-1))
    assert_close(losses.log_softmax(z), expected)


@check("log_softmax", "concept")
def test_log_softmax_uses_the_last_axis(rng, pytorch):
    """the last axis holds the classes: of one sample alone, and of three axes"""
    alone, block = rng.normal(scale=2.0, size=4), rng.normal(scale=2.0, size=(2, 3, 4))
    expected = pytorch(lambda torch: [torch.nn.functional.log_softmax(torch.tensor(z), dim=-1) for z in (alone, block)])
    assert_close(losses.log_softmax(alone), expected[0])
    assert_close(losses.log_softmax(block), expected[1])


@check("log_softmax", "concept")
def test_log_softmax_ignores_a_common_offset(rng, pytorch):
    """1000 added to every logit overflows nowhere and changes nothing, -1000 neither"""
    z = rng.uniform(-2.0, 2.0, size=(2, 4))
    expected = pytorch(lambda torch: torch.nn.functional.log_softmax(torch.tensor(z), dim=-1))
    for offset in (998.0, -998.0):
        with no_float_errors():
            got = losses.log_softmax(z + offset)
        assert_close(got, expected)


@check("log_softmax", "concept")
def test_log_softmax_does_not_underflow(rng):
    """logits from -1000 to 1000 in one row: the smallest keeps its value, -2000"""
    with no_float_errors():
        got = losses.log_softmax(np.array([[1000.0, -1000.0, -1000.0], [-50.0, 100.0, -800.0], [0.0, -300.0, -600.0]]))
    assert_close(got, [[0.0, -2000.0, -2000.0], [-150.0, 0.0, -900.0], [0.0, -300.0, -600.0]])


@check("log_softmax", "concept")
def test_log_softmax_treats_each_row_alone(rng, pytorch):
    """a row around -1000 is computed as well beside one around 1000"""
    z = rng.uniform(-2.0, 2.0, size=(3, 4))
    expected = pytorch(lambda torch: torch.nn.functional.log_softmax(torch.tensor(z), dim=-1))
    with no_float_errors():
        got = losses.log_softmax(z + np.array([[998.0], [0.0], [-998.0]]))
    assert_close(got, expected)


@check("log_softmax", "concept")
def test_log_softmax_computes_in_float64(rng, pytorch):
    """small integers, lists and float32 are computed with as float64"""
    z = rng.permutation([-9, -4, -1, 2, 3, 7]).reshape(2, 3)
    single = rng.normal(size=(2, 3)).astype(np.float32)
    expected, of_single = pytorch(
        lambda torch: [torch.nn.functional.log_softmax(torch.tensor(v).double(), dim=-1) for v in (z, single)]
    )
    assert_close(losses.log_softmax(z.astype(np.int8)), expected)
    assert_close(losses.log_softmax(z.tolist()), expected)
    assert_close(losses.log_softmax(single), of_single)


@check("log_softmax", "concept")
def test_log_softmax_leaves_its_input_alone(rng):
    """a new array; the caller's logits keep their values"""
    with inputs_unchanged(), new_output():
        losses.log_softmax(EXTREME.copy())


# categorical_cross_entropy


@check("categorical_cross_entropy", "parity")
def test_categorical_cross_entropy_agrees_with_pytorch(rng, pytorch):
    """summed over classes and averaged over samples: what torch.nn.NLLLoss gives for log p"""
    labels = rng.permutation([0, 2, 1, 3, 1])
    p = 0.02 + 0.92 * rng.dirichlet(np.ones(4), size=5)
    expected = pytorch(lambda torch: torch.nn.functional.nll_loss(torch.log(torch.tensor(p)), torch.tensor(labels)))
    assert_close(losses.categorical_cross_entropy(one_hot(labels, 4), p), expected)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_counts_the_right_class_only(rng):
    """how the rest is spread over the wrong classes does not matter"""
    y = one_hot([2, 0], 4)
    for p in ([[0.7, 0.1, 0.1, 0.1], [0.1, 0.3, 0.3, 0.3]], [[0.0, 0.9, 0.1, 0.0], [0.1, 0.0, 0.0, 0.9]]):
        assert_close(losses.categorical_cross_entropy(y, np.array(p)), 2.302585092994046)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_does_not_depend_on_the_batch_size(rng):
    """the same sample once, twice or six times costs the same"""
    y, p = one_hot([1], 3), np.array([[0.3, 0.2, 0.5]])
    for copies in (1, 2, 6):
        got = losses.categorical_cross_entropy(np.repeat(y, copies, axis=0), np.repeat(p, copies, axis=0))
        assert_close(got, 1.6094379124341003)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_sure_and_wrong(rng):
    """p = 0 for the right class costs 100, without a warning"""
    y = one_hot([0, 1], 3)
    for p in ([[0.0, 0.75, 0.25], [0.25, 0.5, 0.25]], [[1e-50, 1.0, 0.0], [0.25, 0.5, 0.25]]):
        with no_float_errors():
            got = losses.categorical_cross_entropy(y, np.array(p))
        assert_close(got, (100.0 + 0.6931471805599453) / 2)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_sure_and_right(rng):
    """p = 1 for the right class costs nothing; the zeros beside it neither give NaN nor warn"""
    y = one_hot(rng.permutation([0, 1, 2, 1]), 3)
    with no_float_errors():
        got = losses.categorical_cross_entropy(y, y)
    assert_close(got, 0.0)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_has_no_other_epsilon(rng):
    """up to the clamp at -100 no probability is bent: 1e-10 is still 1e-10"""
    y = one_hot([0], 2)
    assert_close(losses.categorical_cross_entropy(y, np.array([[1e-10, 1.0 - 1e-10]])), 23.025850929940457)
    assert_close(losses.categorical_cross_entropy(y, np.array([[1e-30, 1.0]])), 69.07755278982137)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_computes_in_float64(rng, pytorch):
    """byte targets, lists and float32 are computed with as float64"""
    labels = rng.permutation([0, 2, 1, 1])
    y, p = one_hot(labels, 3), 0.05 + 0.85 * rng.dirichlet(np.ones(3), size=4)
    single = np.array([rng.permutation([3, 5, 8]) / 16 for _row in labels], dtype=np.float32)  # sums to 1 exactly
    expected, of_single = pytorch(
        lambda torch: [
            torch.nn.functional.nll_loss(torch.log(torch.tensor(v).double()), torch.tensor(labels)) for v in (p, single)
        ]
    )
    assert_close(losses.categorical_cross_entropy(y.astype(np.uint8), p), expected)
    assert_close(losses.categorical_cross_entropy(y.astype(int).tolist(), p.tolist()), expected)
    assert_close(losses.categorical_cross_entropy(y.astype(np.float32), single), of_single)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    p = rng.dirichlet(np.ones(3), size=4)
    assert_raises(ValueError, losses.categorical_cross_entropy, one_hot([1], 3), p)
    assert_raises(ValueError, losses.categorical_cross_entropy, np.array([[1.0], [0.0], [1.0], [1.0]]), p)


@check("categorical_cross_entropy", "concept")
def test_categorical_cross_entropy_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.categorical_cross_entropy(one_hot([1, 0], 3), np.array([[0.2, 0.8, 0.0], [0.0, 0.4, 0.6]]))


# cross_entropy_with_logits and its gradient


@check("cross_entropy_with_logits", "parity")
def test_cross_entropy_with_logits_agrees_with_pytorch(rng, pytorch):
    """the same number as torch.nn.CrossEntropyLoss"""
    labels, z = rng.permutation([0, 2, 1, 3, 1]), rng.normal(scale=2.0, size=(5, 4))
    expected = pytorch(lambda torch: torch.nn.functional.cross_entropy(torch.tensor(z), torch.tensor(labels)))
    assert_close(losses.cross_entropy_with_logits(labels, z), expected)


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_applies_the_softmax_once(rng):
    """a sure and right answer costs nothing: the logits pass through one softmax, not two"""
    labels = rng.permutation([0, 2, 1, 2])
    got = losses.cross_entropy_with_logits(labels, 60.0 * one_hot(labels, 3))
    assert_close(got, 0.0, because="A second softmax would see numbers between 0 and 1 only, and could never be sure.")


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_knows_nothing_costs_log_k(rng):
    """equal logits cost log K, for one sample and for six"""
    for m in (1, 6):
        got = losses.cross_entropy_with_logits(np.arange(m) % 5, np.full((m, 5), 1.5))
        assert_close(got, 1.6094379124341003)


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_sure_and_wrong(rng):
    """logits of ±1000: the right class 2000 below the largest costs 2000, without a warning"""
    with no_float_errors():
        far = losses.cross_entropy_with_logits([1, 1], np.array([[1000.0, -1000.0, 0.0], [0.0, -1000.0, 1000.0]]))
        near = losses.cross_entropy_with_logits([2, 0], np.array([[150.0, -20.0, 0.0], [0.0, 150.0, -20.0]]))
    assert_close(far, 2000.0)
    assert_close(near, 150.0)


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_ignores_a_common_offset(rng, pytorch):
    """998 added to the logits of one sample, -998 to those of another: the same loss, without a warning"""
    labels, z = rng.permutation([0, 2, 1]), rng.uniform(-2.0, 2.0, size=(3, 4))
    expected = pytorch(lambda torch: torch.nn.functional.cross_entropy(torch.tensor(z), torch.tensor(labels)))
    for offset in ([[998.0], [998.0], [998.0]], [[998.0], [0.0], [-998.0]]):
        with no_float_errors():
            got = losses.cross_entropy_with_logits(labels, z + np.array(offset))
        assert_close(got, expected)


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_computes_in_float64(rng, pytorch):
    """byte labels, lists, small integers and float32 are taken, and computed with as float64"""
    labels, z = rng.permutation([0, 2, 1]), rng.randint(-5, 6, size=(3, 4))
    single = rng.normal(size=(3, 4)).astype(np.float32)
    expected, of_single = pytorch(
        lambda torch: [
            torch.nn.functional.cross_entropy(torch.tensor(v).double(), torch.tensor(labels)) for v in (z, single)
        ]
    )
    assert_close(losses.cross_entropy_with_logits(labels.astype(np.uint8), z.astype(np.int8)), expected)
    assert_close(losses.cross_entropy_with_logits(labels.tolist(), z.tolist()), expected)
    assert_close(losses.cross_entropy_with_logits(labels, single), of_single)


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_rejects_negative_labels(rng):
    """a label below 0 raises ValueError"""
    assert_raises(ValueError, losses.cross_entropy_with_logits, np.array([0, -1, 2]), rng.normal(size=(3, 4)))


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_rejects_labels_too_large(rng):
    """a label of K or more raises ValueError, in a batch of more rows than classes too"""
    for labels, shape in [([0, 4, 2], (3, 4)), ([0, 3, 2, 1], (4, 3))]:
        assert_raises(ValueError, losses.cross_entropy_with_logits, np.array(labels), rng.normal(size=shape))


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_rejects_a_column_of_labels(rng):
    """labels of shape (m, 1) raise ValueError"""
    assert_raises(ValueError, losses.cross_entropy_with_logits, np.array([[0], [3], [2]]), rng.normal(size=(3, 4)))


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_rejects_a_wrong_number_of_labels(rng):
    """one label, or four, for three rows raise ValueError"""
    z = rng.normal(size=(3, 4))
    assert_raises(ValueError, losses.cross_entropy_with_logits, np.array([1]), z)
    assert_raises(ValueError, losses.cross_entropy_with_logits, np.array([0, 3, 2, 1]), z)


@check("cross_entropy_with_logits", "concept")
def test_cross_entropy_with_logits_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.cross_entropy_with_logits(np.array([0, 2]), EXTREME.copy())


@check("cross_entropy_with_logits_gradient", "gradient")
def test_cross_entropy_with_logits_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope in the logits, by finite differences"""
    labels, z = rng.permutation([0, 2, 1, 3, 1]), rng.normal(scale=2.0, size=(5, 4))
    expected = pytorch.numerical(lambda torch, v: torch.nn.functional.cross_entropy(v, torch.tensor(labels)), z)
    assert_gradient(losses.cross_entropy_with_logits_gradient(labels, z), expected)


@check("cross_entropy_with_logits_gradient", "parity")
def test_cross_entropy_with_logits_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, for three samples and for one"""
    pairs = [(rng.permutation([3, 0, 2]), rng.normal(size=(3, 4))), (np.array([1]), rng.normal(size=(1, 3)))]
    expected = [
        pytorch.autograd(lambda torch, v, labels=labels: torch.nn.functional.cross_entropy(v, torch.tensor(labels)), z)
        for labels, z in pairs
    ]
    for (labels, z), gradient in zip(pairs, expected, strict=True):
        assert_close(losses.cross_entropy_with_logits_gradient(labels, z), gradient)


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_is_stable(rng):
    """logits of ±1000: sure and wrong has the full slope, sure and right none, and nothing overflows"""
    z = np.array([[1000.0, -1000.0, 0.0], [1000.0, 0.0, -1000.0]])
    with no_float_errors():
        got = losses.cross_entropy_with_logits_gradient(np.array([1, 0]), z)
    assert_close(got, [[0.5, -0.5, 0.0], [0.0, 0.0, 0.0]])


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_treats_each_row_alone(rng, pytorch):
    """a row around -1000 is computed as well beside one around 1000"""
    labels, z = rng.permutation([0, 2, 1]), rng.uniform(-2.0, 2.0, size=(3, 4))
    expected = pytorch.autograd(lambda torch, v: torch.nn.functional.cross_entropy(v, torch.tensor(labels)), z)
    with no_float_errors():
        got = losses.cross_entropy_with_logits_gradient(labels, z + np.array([[998.0], [0.0], [-998.0]]))
    assert_close(got, expected)


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_computes_in_float64(rng, pytorch):
    """byte labels, lists, small integers and float32 are taken, and computed with as float64"""
    labels, z = rng.permutation([0, 2, 1]), rng.randint(-5, 6, size=(3, 4))
    single = rng.normal(size=(3, 4)).astype(np.float32)
    expected, of_single = [
        pytorch.autograd(
            lambda torch, v: torch.nn.functional.cross_entropy(v, torch.tensor(labels)), start.astype(float)
        )
        for start in (z, single)
    ]
    assert_close(losses.cross_entropy_with_logits_gradient(labels.astype(np.uint8), z.astype(np.int8)), expected)
    assert_close(losses.cross_entropy_with_logits_gradient(labels.tolist(), z.tolist()), expected)
    assert_close(losses.cross_entropy_with_logits_gradient(labels, single), of_single)


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_rejects_negative_labels(rng):
    """a label below 0 raises ValueError"""
    assert_raises(ValueError, losses.cross_entropy_with_logits_gradient, np.array([0, -1, 2]), rng.normal(size=(3, 4)))


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_rejects_labels_too_large(rng):
    """a label of K or more raises ValueError, in a batch of more rows than classes too"""
    for labels, shape in [([0, 4, 2], (3, 4)), ([0, 3, 2, 1], (4, 3))]:
        assert_raises(ValueError, losses.cross_entropy_with_logits_gradient, np.array(labels), rng.normal(size=shape))


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_rejects_a_column_of_labels(rng):
    """labels of shape (m, 1) raise ValueError"""
    labels, z = np.array([[0], [3], [2]]), rng.normal(size=(3, 4))
    assert_raises(ValueError, losses.cross_entropy_with_logits_gradient, labels, z)


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_rejects_a_wrong_number_of_labels(rng):
    """one label, or four, for three rows raise ValueError"""
    z = rng.normal(size=(3, 4))
    assert_raises(ValueError, losses.cross_entropy_with_logits_gradient, np.array([1]), z)
    assert_raises(ValueError, losses.cross_entropy_with_logits_gradient, np.array([0, 3, 2, 1]), z)


@check("cross_entropy_with_logits_gradient", "concept")
def test_cross_entropy_with_logits_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    with inputs_unchanged(), new_output():
        losses.cross_entropy_with_logits_gradient(np.array([0, 2]), EXTREME.copy())


# multilabel_bce_with_logits and its gradient


@check("multilabel_bce_with_logits", "parity")
def test_multilabel_bce_with_logits_agrees_with_pytorch(rng, pytorch):
    """summed over labels and averaged over samples: K times what torch.nn.BCEWithLogitsLoss gives"""
    y, z = binary(rng, (5, 4)), rng.normal(scale=2.0, size=(5, 4))
    expected = pytorch(
        lambda torch: 4 * torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(z), torch.tensor(y))
    )
    assert_close(losses.multilabel_bce_with_logits(y, z), expected)


@check("multilabel_bce_with_logits", "concept")
def test_multilabel_bce_with_logits_does_not_depend_on_the_batch_size(rng):
    """logits of 0 cost log 2 a label: 3 log 2, for one sample and for four, and where no label is present"""
    for y in (binary(rng, (1, 3)), binary(rng, (4, 3)), np.zeros((2, 3))):
        assert_close(losses.multilabel_bce_with_logits(y, np.zeros(y.shape)), 2.0794415416798357)


@check("multilabel_bce_with_logits", "concept")
def test_multilabel_bce_with_logits_lets_several_labels_be_true(rng):
    """all labels present, none or some: whoever is sure and right pays nothing"""
    y = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    got = losses.multilabel_bce_with_logits(y, 120.0 * y - 60.0)
    assert_close(got, 0.0, because="Each output answers a question of its own: they do not share one probability.")


@check("multilabel_bce_with_logits", "concept")
def test_multilabel_bce_with_logits_is_stable(rng):
    """logits of ±30, ±40 and ±1000: a wrong one costs its size, without a warning"""
    for size in (30.0, 40.0, 1000.0):
        with no_float_errors():
            got = losses.multilabel_bce_with_logits(
                np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0]]),
                np.array([[-size, size, size, size], [size, size, size, size]]),
            )
        assert_close(got, 1.5 * size)


@check("multilabel_bce_with_logits", "concept")
def test_multilabel_bce_with_logits_computes_in_float64(rng, pytorch):
    """small integers, lists and float32 are computed with as float64"""
    y = rng.permutation([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]).reshape(2, 3)
    z = rng.permutation([-9, -4, -1, 2, 3, 7]).reshape(2, 3)
    single = rng.normal(size=(2, 3)).astype(np.float32)
    expected, of_single = pytorch(
        lambda torch: [
            3 * torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(v).double(), torch.tensor(y))
            for v in (z, single)
        ]
    )
    assert_close(losses.multilabel_bce_with_logits(y.astype(np.uint8), z.astype(np.int8)), expected)
    assert_close(losses.multilabel_bce_with_logits(y.astype(int).tolist(), z.tolist()), expected)
    assert_close(losses.multilabel_bce_with_logits(y.astype(np.float32), single), of_single)


@check("multilabel_bce_with_logits", "concept")
def test_multilabel_bce_with_logits_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    z = rng.normal(size=(4, 3))
    assert_raises(ValueError, losses.multilabel_bce_with_logits, binary(rng, (4, 1)), z)
    assert_raises(ValueError, losses.multilabel_bce_with_logits, binary(rng, (1, 3)), z)


@check("multilabel_bce_with_logits", "concept")
def test_multilabel_bce_with_logits_leaves_its_inputs_alone(rng):
    """the caller's arrays keep their values"""
    with inputs_unchanged():
        losses.multilabel_bce_with_logits(binary(rng, (2, 3)), EXTREME.copy())


@check("multilabel_bce_with_logits_gradient", "gradient")
def test_multilabel_bce_with_logits_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope in the logits, by finite differences"""
    y, z = binary(rng, (5, 4)), rng.normal(scale=2.0, size=(5, 4))
    expected = pytorch.numerical(
        lambda torch, v: 4 * torch.nn.functional.binary_cross_entropy_with_logits(v, torch.tensor(y)), z
    )
    assert_gradient(losses.multilabel_bce_with_logits_gradient(y, z), expected)


@check("multilabel_bce_with_logits_gradient", "parity")
def test_multilabel_bce_with_logits_gradient_agrees_with_pytorch(rng, pytorch):
    """the gradient that PyTorch gives, for three samples and for one"""
    pairs = [(binary(rng, s), rng.normal(scale=2.0, size=s)) for s in [(3, 2), (1, 5)]]
    expected = [
        pytorch.autograd(
            lambda torch, v, y=y: y.shape[1] * torch.nn.functional.binary_cross_entropy_with_logits(v, torch.tensor(y)),
            z,
        )
        for y, z in pairs
    ]
    for (y, z), gradient in zip(pairs, expected, strict=True):
        assert_close(losses.multilabel_bce_with_logits_gradient(y, z), gradient)


@check("multilabel_bce_with_logits_gradient", "concept")
def test_multilabel_bce_with_logits_gradient_treats_each_output_alone(rng):
    """another logit in one column changes that column's gradient and no other"""
    y, z = binary(rng, (4, 3)), rng.normal(size=(4, 3))
    before = losses.multilabel_bce_with_logits_gradient(y, z)
    after = losses.multilabel_bce_with_logits_gradient(y, z + np.array([0.0, 2.0, 0.0]))
    assert_shape(before, (4, 3))
    assert_shape(after, (4, 3))
    assert_close(
        as_array(after)[:, [0, 2]],
        as_array(before)[:, [0, 2]],
        because="The outputs compete here, as in a softmax. In a multilabel task each one stands alone.",
    )


@check("multilabel_bce_with_logits_gradient", "concept")
def test_multilabel_bce_with_logits_gradient_is_stable(rng):
    """logits of ±1000: sure and wrong has the full slope, sure and right none, and nothing overflows"""
    with no_float_errors():
        got = losses.multilabel_bce_with_logits_gradient(
            np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]),
            np.array([[-1000.0, 1000.0, 1000.0], [1000.0, -1000.0, 1000.0]]),
        )
    assert_close(got, [[-0.5, 0.5, 0.0], [0.0, -0.5, 0.5]])


@check("multilabel_bce_with_logits_gradient", "concept")
def test_multilabel_bce_with_logits_gradient_computes_in_float64(rng, pytorch):
    """small integers, lists and float32 are computed with as float64"""
    y = rng.permutation([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]).reshape(2, 3)
    z = rng.permutation([-9, -4, -1, 2, 3, 7]).reshape(2, 3)
    single = rng.normal(size=(2, 3)).astype(np.float32)
    expected, of_single = [
        pytorch.autograd(
            lambda torch, v: 3 * torch.nn.functional.binary_cross_entropy_with_logits(v, torch.tensor(y)),
            start.astype(float),
        )
        for start in (z, single)
    ]
    assert_close(losses.multilabel_bce_with_logits_gradient(y.astype(np.uint8), z.astype(np.int8)), expected)
    assert_close(losses.multilabel_bce_with_logits_gradient(y.astype(int).tolist(), z.tolist()), expected)
    assert_close(losses.multilabel_bce_with_logits_gradient(y.astype(np.float32), single), of_single)


@check("multilabel_bce_with_logits_gradient", "concept")
def test_multilabel_bce_with_logits_gradient_rejects_shapes_that_differ(rng):
    """shapes that differ raise ValueError instead of broadcasting"""
    z = rng.normal(size=(4, 3))
    assert_raises(ValueError, losses.multilabel_bce_with_logits_gradient, binary(rng, (4, 1)), z)
    assert_raises(ValueError, losses.multilabel_bce_with_logits_gradient, binary(rng, (1, 3)), z)


@check("multilabel_bce_with_logits_gradient", "concept")
def test_multilabel_bce_with_logits_gradient_leaves_its_inputs_alone(rng):
    """a new array; the caller's arrays keep their values"""
    with inputs_unchanged(), new_output():
        losses.multilabel_bce_with_logits_gradient(binary(rng, (2, 3)), EXTREME.copy())
