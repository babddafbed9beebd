"""Checks of regularisation: L2, weight decay, the two Adams and early stopping."""

import numpy as np
import pytest

from exercises import regularization
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
)
from grader.language import _


def sum_of_squares(torch, w):
    """PyTorch's sum of squared differences from zero."""
    return torch.nn.functional.mse_loss(w, torch.zeros_like(w), reduction="sum")


# l2_penalty -----------------------------------------------------------------------------------------------------------


@check("l2_penalty", "parity")
def test_penalty_agrees_with_pytorch(rng, pytorch):
    """three layers of different shapes: lambda times PyTorch's sum of squares, as one number"""
    weights = [rng.normal(size=(2, 3)), rng.normal(size=4), rng.normal(size=(3, 1, 2))]
    expected = pytorch(lambda torch: 0.3 * sum(sum_of_squares(torch, torch.tensor(w)) for w in weights))
    assert_close(regularization.l2_penalty(weights, 0.3), expected)


@check("l2_penalty", "concept")
def test_penalty_of_large_and_opposite_weights():
    """large weights cost most, weights of opposite sign do not cancel, and with lambda = 0 they cost nothing"""
    weights = [np.array([[3.0, -3.0, 0.0], [0.0, 1.0, 0.0]])]
    assert_close(regularization.l2_penalty(weights, lam=2.0), 38.0)
    assert_close(regularization.l2_penalty(weights, lam=0.0), 0.0)


@check("l2_penalty", "concept")
def test_penalty_of_integers():
    """lists of integers are fine"""
    assert_close(regularization.l2_penalty([[[1, -2], [0, 3]], [4]], 0.5), 15.0)


@check("l2_penalty", "concept")
def test_penalty_leaves_the_weights_alone(rng):
    """the weights stay as they were"""
    with inputs_unchanged():
        regularization.l2_penalty([rng.normal(size=(2, 3)), rng.normal(size=2)], 0.1)


# l2_gradient ----------------------------------------------------------------------------------------------------------


@check("l2_gradient", "gradient")
def test_l2_gradient_agrees_with_finite_differences(rng, pytorch):
    """the slope of the penalty, by finite differences"""
    w = rng.normal(size=(3, 2))
    expected = pytorch.numerical(lambda torch, v: 0.7 * sum_of_squares(torch, v), w)
    assert_gradient(regularization.l2_gradient(w, 0.7), expected)


@check("l2_gradient", "parity")
def test_l2_gradient_agrees_with_autograd(rng, pytorch):
    """an array with three axes: the gradient of PyTorch's autograd"""
    w = rng.normal(size=(3, 1, 4))
    expected = pytorch.autograd(lambda torch, v: 0.3 * sum_of_squares(torch, v), w)
    assert_close(regularization.l2_gradient(w, lam=0.3), expected)


@check("l2_gradient", "concept")
def test_l2_gradient_of_integers():
    """lists of integers are fine, and so is a single number"""
    assert_close(regularization.l2_gradient([[4, -8], [0, 1], [2, -3]], 0.25), [[2.0, -4.0], [0.0, 0.5], [1.0, -1.5]])
    assert_close(regularization.l2_gradient(-3, 0.25), -1.5)


@check("l2_gradient", "concept")
def test_l2_gradient_leaves_the_weights_alone(rng):
    """w stays as it was, and the result is a new array"""
    with inputs_unchanged(), new_output():
        regularization.l2_gradient(rng.normal(size=(3, 2)), 0.1)


# sgd_weight_decay_step ------------------------------------------------------------------------------------------------


def torch_steps(torch, optimizer, w, gradients, **options):
    """The weights after each step of one of PyTorch's optimisers."""
    parameter = torch.nn.Parameter(torch.tensor(np.asarray(w, dtype=float)))
    optimizer = getattr(torch.optim, optimizer)([parameter], **options)
    path = []
    for gradient in gradients:
        parameter.grad = torch.tensor(np.asarray(gradient, dtype=float))
        optimizer.step()
        path.append(parameter.detach().clone())
    return path


@check("sgd_weight_decay_step", "parity")
def test_sgd_agrees_with_pytorch(rng, pytorch):
    """one step of torch.optim.SGD with weight decay"""
    w, grad = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    expected = pytorch(lambda torch: torch_steps(torch, "SGD", w, [grad], lr=0.2, weight_decay=0.7)[0])
    assert_close(regularization.sgd_weight_decay_step(w, grad, lr=0.2, weight_decay=0.7), expected)


@check("sgd_weight_decay_step", "concept")
def test_sgd_equals_l2_with_half_lambda(rng, pytorch):
    """the same as plain gradient descent on the loss plus lambda/2 times the sum of squares"""
    w, x, y = rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)

    def data_loss(torch, v):
        return torch.nn.functional.mse_loss(torch.tensor(x) @ v, torch.tensor(y))

    grad = pytorch.autograd(data_loss, w)
    total = pytorch.autograd(lambda torch, v: data_loss(torch, v) + 0.6 / 2 * sum_of_squares(torch, v), w)
    expected = pytorch(lambda torch: torch_steps(torch, "SGD", w, [total], lr=0.3)[0])
    assert_close(regularization.sgd_weight_decay_step(w, grad, 0.3, 0.6), expected)


@check("sgd_weight_decay_step", "concept")
def test_sgd_without_gradient_shrinks():
    """with a zero gradient the weights shrink by the factor 1 - lr * weight_decay"""
    w = np.array([2.0, -4.0, 0.0])
    assert_close(regularization.sgd_weight_decay_step(w, np.zeros(3), 0.25, 0.5), [1.75, -3.5, 0.0])


@check("sgd_weight_decay_step", "concept")
def test_sgd_of_integers():
    """lists of integers are fine"""
    assert_close(regularization.sgd_weight_decay_step([[4, -2]], [[1, 3]], 0.25, 0.5), [[3.25, -2.5]])


@check("sgd_weight_decay_step", "concept")
def test_sgd_leaves_its_inputs_alone(rng):
    """w and grad stay as they were; the new weights are a new array"""
    with inputs_unchanged(), new_output():
        regularization.sgd_weight_decay_step(rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), 0.1, 0.2)


# AdamL2 and AdamW -----------------------------------------------------------------------------------------------------

OPTIONS = {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.1, "weight_decay": 0.3}


def problem(rng, *shape, steps=6):
    """Weights away from zero, and a gradient for each step."""
    w = rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    return w, [rng.normal(size=shape) for _ in range(steps)]


def slides_steps(torch, optimizer, w, gradients):
    """The path without bias correction: PyTorch's optimiser, with settings that undo the correction in each step."""
    lr, (beta1, beta2), eps, weight_decay = OPTIONS.values()
    parameter = torch.nn.Parameter(torch.tensor(w))
    optimizer = getattr(torch.optim, optimizer)([parameter], betas=(beta1, beta2), weight_decay=weight_decay)
    settings, decoupled = optimizer.param_groups[0], isinstance(optimizer, torch.optim.AdamW)
    path = []
    for t, gradient in enumerate(gradients, start=1):
        too_large = (1 - beta1**t) / (1 - beta2**t) ** 0.5
        settings["lr"], settings["eps"] = lr * too_large, eps / (1 - beta2**t) ** 0.5
        if decoupled:
            settings["weight_decay"] = weight_decay / too_large
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        path.append(parameter.detach().clone())
    return path


def follow(optimizer, w, gradients, path, as_list=False):
    """Claim that the optimiser, fed with its own weights, takes the expected path. All of it is walked first: one step
    does not tell a correction that is missing from one that comes late."""
    taken = []
    for gradient, expected in zip(gradients, path, strict=True):
        taken.append(optimizer.step(w, gradient))
        assert_shape(taken[-1], np.shape(expected))
        w = as_array(taken[-1]).tolist() if as_list else as_array(taken[-1])
    for got, expected in zip(taken, path, strict=True):
        assert_close(got, expected)


@check("AdamL2", "parity")
def test_adam_l2_agrees_with_pytorch(rng, pytorch):
    """six steps with weight decay and a large epsilon: the path of torch.optim.Adam"""
    w, gradients = problem(rng, 2, 3)
    path = pytorch(lambda torch: torch_steps(torch, "Adam", w, gradients, **OPTIONS))
    follow(regularization.AdamL2(**OPTIONS), w, gradients, path)


@check("AdamL2", "parity")
def test_adam_l2_defaults_agree_with_pytorch(rng, pytorch):
    """all defaults, with gradients as tiny as the default epsilon"""
    w, gradients = problem(rng, 4, steps=4)
    gradients = [1e-7 * gradient for gradient in gradients]
    path = pytorch(lambda torch: torch_steps(torch, "Adam", w, gradients))
    follow(regularization.AdamL2(), w, gradients, path)


@check("AdamL2", "concept")
def test_adam_l2_without_bias_correction(rng, pytorch):
    """the slides' form, bias_correction=False, with arguments by position"""
    w, gradients = problem(rng, 3, steps=5)
    path = pytorch(lambda torch: slides_steps(torch, "Adam", w, gradients))
    follow(regularization.AdamL2(*OPTIONS.values(), False), w, gradients, path)


@check("AdamL2", "concept")
def test_adam_l2_adapts_the_decay(rng):
    """with a zero data gradient each step from w is lr for every weight, whatever its size: the decay is adapted too"""
    w = problem(rng, 5)[0]
    optimizer = regularization.AdamL2(lr=0.25, eps=1e-12, weight_decay=0.4)
    steps = [optimizer.step(w, np.zeros(5)) for _ in range(2)]
    for got in steps:
        assert_close(got, w - 0.25 * np.sign(w), because="Lambda w belongs to the gradient that the moments see.")


@check("AdamL2", "concept")
def test_adam_l2_one_object_for_one_parameter(rng, pytorch):
    """two objects that take turns share nothing; arrays with three axes"""
    (w, gradients), (other, others) = problem(rng, 2, 1, 2, steps=3), problem(rng, 2, 1, 2, steps=3)
    path = pytorch(lambda torch: torch_steps(torch, "Adam", w, gradients, **OPTIONS))
    first, second = (regularization.AdamL2(**OPTIONS, bias_correction=True) for _ in range(2))
    taken = []
    for gradient, other_gradient in zip(gradients, others, strict=True):
        other = as_array(second.step(other, other_gradient))
        taken.append(first.step(w, gradient))
        w = as_array(taken[-1])
    for got, expected in zip(taken, path, strict=True):
        assert_close(got, expected)


@check("AdamL2", "concept")
def test_adam_l2_of_integers(pytorch):
    """lists of integers are fine"""
    w, gradients = [[1, -2], [3, 5]], [[[2, 1], [-1, 4]], [[0, 3], [-2, 1]]]
    path = pytorch(lambda torch: torch_steps(torch, "Adam", w, gradients, **OPTIONS))
    follow(regularization.AdamL2(**OPTIONS), w, gradients, path, as_list=True)


@check("AdamL2", "concept")
def test_adam_l2_without_any_gradient(rng):
    """a zero gradient without weight decay moves nothing and divides nothing by zero, also when w is set anew"""
    w = problem(rng, 2, 2)[0]
    optimizer = regularization.AdamL2()
    with no_float_errors():
        for now in (w, 2 * w):
            assert_close(optimizer.step(now, np.zeros((2, 2))), now)


@check("AdamL2", "concept")
def test_adam_l2_leaves_its_inputs_alone(rng):
    """w and grad stay as they were in every step; the new weights are a new array"""
    w, gradients = problem(rng, 2, 3, steps=2)
    optimizer = regularization.AdamL2(lr=0.1, weight_decay=0.3)
    with inputs_unchanged(), new_output():
        for gradient in gradients:
            optimizer.step(w, gradient)


@check("AdamW", "parity")
def test_adamw_agrees_with_pytorch(rng, pytorch):
    """six steps with weight decay and a large epsilon: the path of torch.optim.AdamW"""
    w, gradients = problem(rng, 2, 3)
    path = pytorch(lambda torch: torch_steps(torch, "AdamW", w, gradients, **OPTIONS))
    follow(regularization.AdamW(**OPTIONS), w, gradients, path)


@check("AdamW", "parity")
def test_adamw_defaults(rng, pytorch):
    """all defaults (no weight decay), with gradients as tiny as the default epsilon"""
    w, gradients = problem(rng, 4, steps=4)
    gradients = [1e-7 * gradient for gradient in gradients]
    path = pytorch(lambda torch: torch_steps(torch, "AdamW", w, gradients, weight_decay=0.0))
    follow(regularization.AdamW(), w, gradients, path)


@check("AdamW", "concept")
def test_adamw_without_bias_correction(rng, pytorch):
    """the slides' form, bias_correction=False, with arguments by position"""
    w, gradients = problem(rng, 3, steps=5)
    path = pytorch(lambda torch: slides_steps(torch, "AdamW", w, gradients))
    follow(regularization.AdamW(*OPTIONS.values(), False), w, gradients, path)


@check("AdamW", "concept")
def test_adamw_without_gradient_shrinks(rng):
    """with zero gradients a step multiplies the weights that it is given by 1 - lr * weight_decay, and nothing else"""
    w = problem(rng, 2, 3)[0]
    optimizer = regularization.AdamW(lr=0.25, weight_decay=0.5)
    got = w
    with no_float_errors():
        for t in (1, 2, 3):
            got = as_array(optimizer.step(got, np.zeros((2, 3))))
            assert_close(got, w * 0.875**t, because="The decay is a pure shrinking: outside of the moments, times lr.")
        assert_close(optimizer.step(2 * w, np.zeros((2, 3))), w * 1.75, because="A step starts from the w it is given.")


@check("AdamW", "concept")
def test_adamw_one_object_for_one_parameter(rng, pytorch):
    """two objects that take turns share nothing; arrays with three axes"""
    (w, gradients), (other, others) = problem(rng, 2, 1, 2, steps=3), problem(rng, 2, 1, 2, steps=3)
    path = pytorch(lambda torch: torch_steps(torch, "AdamW", w, gradients, **OPTIONS))
    first, second = (regularization.AdamW(**OPTIONS, bias_correction=True) for _ in range(2))
    taken = []
    for gradient, other_gradient in zip(gradients, others, strict=True):
        other = as_array(second.step(other, other_gradient))
        taken.append(first.step(w, gradient))
        w = as_array(taken[-1])
    for got, expected in zip(taken, path, strict=True):
        assert_close(got, expected)


@check("AdamW", "concept")
def test_adamw_of_integers(pytorch):
    """lists of integers are fine"""
    w, gradients = [[1, -2], [3, 5]], [[[2, 1], [-1, 4]], [[0, 3], [-2, 1]]]
    path = pytorch(lambda torch: torch_steps(torch, "AdamW", w, gradients, **OPTIONS))
    follow(regularization.AdamW(**OPTIONS), w, gradients, path, as_list=True)


@check("AdamW", "concept")
def test_adamw_leaves_its_inputs_alone(rng):
    """w and grad stay as they were in every step; the new weights are a new array"""
    w, gradients = problem(rng, 2, 3, steps=2)
    optimizer = regularization.AdamW(lr=0.1, weight_decay=0.3)
    with inputs_unchanged(), new_output():
        for gradient in gradients:
            optimizer.step(w, gradient)


# EarlyStopping --------------------------------------------------------------------------------------------------------


def hear(stopping, losses, answers, meaning, beside=None):
    """Claim the answers to a row of losses. Halves and quarters only: no rounding decides. An object `beside` hears
    of improvements alone in the meantime."""
    for epoch, (loss, answer) in enumerate(zip(losses, answers, strict=True)):
        got = stopping.update(float(loss))
        if beside is not None:
            beside.update(-100.0 - epoch)
        seen = ", ".join(f"{x:g}" for x in losses[: epoch + 1])
        expected = _("After the losses {losses} the answer should be {answer}.").format(losses=seen, answer=answer)
        assert_that(bool(got) == answer, f"{expected} {meaning}", got)


def level(rng):
    """A first loss: a whole number, also a negative one."""
    return int(rng.randint(-4, 9))


@check("EarlyStopping", "concept")
def test_stops_after_patience(rng):
    """three updates in a row without improvement exhaust a patience of 3, whatever another object hears"""
    b = level(rng)
    hear(
        regularization.EarlyStopping(3),
        [b, b - 1, b + 1, b, b + 2, b + 1],
        [False, False, False, False, True, True],
        _("Count the updates since the best loss: the third says stop, and so do those after it."),
        beside=regularization.EarlyStopping(3),
    )


@check("EarlyStopping", "concept")
def test_patience_of_one(rng):
    """with a patience of 1 the first update without improvement says stop"""
    b = level(rng)
    hear(
        regularization.EarlyStopping(patience=1),
        [b, b - 0.5, b - 2, b - 1],
        [False, False, False, True],
        _("An improvement never stops training; the first failure exhausts a patience of 1."),
    )


@check("EarlyStopping", "concept")
def test_improvement_resets_the_count(rng):
    """an improvement, however small, gives the whole patience back"""
    b = level(rng)
    hear(
        regularization.EarlyStopping(2),
        [b, b + 1, b - 1, b, b - 1 - 2**-17, b, b - 1],
        [False, False, False, False, False, False, True],
        _("Patience counts updates in a row; an improvement starts the count anew."),
    )
    hear(
        regularization.EarlyStopping(3),
        [b, b + 1, b + 1, b - 1, b, b, b],
        [False, False, False, False, False, False, True],
        _("Patience counts updates in a row; an improvement starts the count anew."),
    )


@check("EarlyStopping", "concept")
def test_plateau_is_no_improvement(rng):
    """an equal loss is no improvement"""
    b = level(rng)
    hear(
        regularization.EarlyStopping(2),
        [b, b, b],
        [False, False, True],
        _("An improvement is below the best, not equal."),
    )


@check("EarlyStopping", "concept")
def test_compares_with_the_best(rng):
    """a loss that falls again after a rise is compared with the best, not with the one before"""
    b = level(rng)
    hear(
        regularization.EarlyStopping(3),
        [b, b + 4, b + 3, b + 2],
        [False, False, False, True],
        _("None of them is below the best loss."),
    )


@check("EarlyStopping", "concept")
@pytest.mark.parametrize("start", [8.0, -8.0])
def test_min_delta(start):
    """min_delta = 0.25 from a first loss of {start}: 0.125 higher or lower is no improvement, 1 lower is one"""
    meaning = _("An improvement is lower than the best by more than min_delta, in the units of the loss.")
    hear(regularization.EarlyStopping(1, min_delta=0.25), [start, start + 0.125], [False, True], meaning)
    hear(
        regularization.EarlyStopping(2, min_delta=0.25),
        [start, start - 0.125, start - 1, start - 1.125, start - 1.125],
        [False, False, False, False, True],
        meaning,
    )


@check("EarlyStopping", "concept")
def test_exactly_min_delta(rng):
    """a loss lower by exactly min_delta is no improvement"""
    b = level(rng)
    hear(
        regularization.EarlyStopping(1, 0.5),
        [b, b - 0.5],
        [False, True],
        _("The new loss has to be below best - min_delta; equal is not below."),
    )


@check("EarlyStopping", "concept")
def test_remembers_the_best(rng):
    """best and best_epoch (from 0) are those of the lowest loss so far"""
    b = level(rng)
    stopping = regularization.EarlyStopping(5)
    rows = [(b, b, 0), (b - 1, b - 1, 1), (b + 1, b - 1, 1), (b - 0.5, b - 1, 1), (b - 2, b - 2, 4), (b, b - 2, 4)]
    for loss, best, best_epoch in rows:
        stopping.update(float(loss))
        assert_close(stopping.best, best)
        assert_close(stopping.best_epoch, best_epoch)


@check("EarlyStopping", "concept")
def test_first_loss_is_an_improvement(rng):
    """the first loss is the best so far, however large; a loss of 0 can be the best too"""
    stopping = regularization.EarlyStopping(1, 0.5)
    first = 1e6 * rng.randint(1, 9)
    hear(stopping, [first], [False], _("The first loss always is an improvement."))
    assert_close(stopping.best, first)
    assert_close(stopping.best_epoch, 0)
    hear(regularization.EarlyStopping(1), [1e15], [False], _("The first loss always is an improvement."))
    meaning = _("The best loss is 0, and 1 is not below it.")
    hear(regularization.EarlyStopping(1), [0, 1], [False, True], meaning)
