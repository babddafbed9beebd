"""Checks of batch normalisation and its relatives."""

import numpy as np

from exercises import batchnorm
from grader.checks import (
    as_array,
    assert_close,
    assert_gradient,
    assert_raises,
    assert_shape,
    assert_that,
    check,
    inputs_unchanged,
    new_output,
    no_float_errors,
    observe,
    parts,
)
from grader.language import N_


def batch(rng, *shape):
    """Numbers whose features differ in mean and spread."""
    n = shape[-1]
    return rng.uniform(-3, 3, n) + rng.uniform(0.5, 2.5, n) * rng.normal(size=shape)


def parameters(rng, n):
    """A gamma of both signs, away from 0 and 1, and a beta."""
    gamma = rng.uniform(1.2, 2.0, n) * np.where(np.arange(n) % 2, -1.0, 1.0)
    return gamma, rng.uniform(0.3, 1.5, n) * rng.choice([-1.0, 1.0], n)


def flat(value):
    """Numbers of each feature as one row of them: (n,) and (1, n) are both fine."""
    array = as_array(value)
    return array.ravel() if array.ndim == 2 and array.shape[0] == 1 else array


# batch_mean_and_variance ----------------------------------------------------------------------------------------------


@check("batch_mean_and_variance", "parity")
def test_batch_statistics_agree_with_pytorch(rng, pytorch):
    """one mean and one variance for each feature, as torch.var_mean without correction"""
    z = batch(rng, 5, 3)
    var, mu = pytorch(lambda torch: torch.var_mean(torch.tensor(z), dim=0, correction=0))
    got_mu, got_var = parts(batchnorm.batch_mean_and_variance(z), "mu", "var")
    assert_close(flat(got_mu), mu)
    assert_close(flat(got_var), var)


@check("batch_mean_and_variance", "concept")
def test_batch_statistics_of_a_repeated_batch(rng):
    """every row twice: neither the mean nor the variance changes"""
    z = batch(rng, 3, 4)
    once = parts(batchnorm.batch_mean_and_variance(z), "mu", "var")
    twice = parts(batchnorm.batch_mean_and_variance(np.concatenate([z, z])), "mu", "var")
    assert_close(twice[0], as_array(once[0]))
    assert_close(twice[1], as_array(once[1]), because="An average of squares stays, a sum or a division by m - 1 not.")


@check("batch_mean_and_variance", "concept")
def test_batch_variance_far_from_zero(rng, pytorch):
    """features that are large and hardly vary keep an accurate variance"""
    centres = np.array([1000.0, -700.0, 400.0])
    z = centres + 1e-6 * rng.normal(size=(6, 3))
    var = pytorch(lambda torch: torch.var(torch.tensor(z - centres), dim=0, correction=0))
    _, got_var = parts(batchnorm.batch_mean_and_variance(z), "mu", "var")
    assert_close(
        flat(got_var), var, rtol=1e-3, atol=0.0, because="Two nearly equal numbers of size a million were subtracted."
    )


@check("batch_mean_and_variance", "concept")
def test_batch_statistics_of_integers():
    """lists of integers are fine, and so is a single row or a single feature"""
    mu, var = parts(batchnorm.batch_mean_and_variance([[1, 0, 7], [4, 0, 2]]), "mu", "var")
    assert_close(flat(mu), [2.5, 0.0, 4.5])
    assert_close(flat(var), [2.25, 0.0, 6.25])
    mu, var = parts(batchnorm.batch_mean_and_variance([[3, -2, 5]]), "mu", "var")
    assert_close(flat(mu), [3.0, -2.0, 5.0])
    assert_close(flat(var), [0.0, 0.0, 0.0])
    mu, var = parts(batchnorm.batch_mean_and_variance([[3], [8]]), "mu", "var")
    assert_close(flat(mu), [5.5])
    assert_close(flat(var), [6.25])


@check("batch_mean_and_variance", "concept")
def test_batch_statistics_leave_the_input_alone(rng):
    """z stays as it was"""
    with inputs_unchanged():
        batchnorm.batch_mean_and_variance(batch(rng, 4, 3))


# normalize ------------------------------------------------------------------------------------------------------------


@check("normalize", "parity")
def test_normalize_agrees_with_pytorch(rng, pytorch):
    """the given mean, variance and a large epsilon: the numbers of torch.nn.functional.batch_norm"""
    z, mu, var = batch(rng, 5, 3), rng.normal(size=3), rng.uniform(0.2, 1.5, 3)
    expected = pytorch(
        lambda torch: torch.nn.functional.batch_norm(torch.tensor(z), torch.tensor(mu), torch.tensor(var), eps=0.3)
    )
    assert_close(batchnorm.normalize(z, mu, var, eps=0.3), expected)


@check("normalize", "parity")
def test_normalize_default_epsilon(rng, pytorch):
    """a variance as small as the default epsilon shows which epsilon that is"""
    mu, var = rng.normal(size=4), rng.uniform(0.5, 2.0, 4) * 1e-5
    z = mu + 0.01 * rng.normal(size=(3, 4))
    expected = pytorch(
        lambda torch: torch.nn.functional.batch_norm(torch.tensor(z), torch.tensor(mu), torch.tensor(var))
    )
    assert_close(batchnorm.normalize(z, mu, var), expected)


@check("normalize", "concept")
def test_normalize_constant_feature(rng):
    """a given variance of 0 is no division by zero: epsilon alone is under the root"""
    mu = rng.normal(size=2)
    z = np.array([mu, mu, mu])
    with no_float_errors():
        assert_close(batchnorm.normalize(z, mu, np.array([0.0, 0.0])), np.zeros((3, 2)))
        z[1] = mu + [1.0, -3.0]
        assert_close(batchnorm.normalize(z, mu, np.zeros(2), eps=0.25), [[0.0, 0.0], [2.0, -6.0], [0.0, 0.0]])


@check("normalize", "concept")
def test_normalize_integers():
    """lists of integers are fine, and so are a single row and as many rows as features"""
    assert_close(batchnorm.normalize([[4, 4, 4]], [3, -2, 4], [3, 8, 24], 1), [[0.5, 2.0, 0.0]])
    assert_close(batchnorm.normalize([[2, 4], [1, 1]], [1, -2], [3, 8], 1), [[0.5, 2.0], [0.0, 1.0]])


@check("normalize", "concept")
def test_normalize_leaves_its_inputs_alone(rng):
    """z, mu and var stay as they were"""
    with inputs_unchanged(), new_output():
        batchnorm.normalize(batch(rng, 4, 3), rng.normal(size=3), rng.uniform(0.5, 2.0, 3), eps=0.1)


# scale_and_shift ------------------------------------------------------------------------------------------------------


@check("scale_and_shift", "parity")
def test_scale_and_shift_agrees_with_pytorch(rng, pytorch):
    """each feature with its own gamma and beta, as torch.addcmul"""
    z_hat, (gamma, beta) = rng.normal(size=(5, 3)), parameters(rng, 3)
    expected = pytorch(lambda torch: torch.addcmul(torch.tensor(beta), torch.tensor(gamma), torch.tensor(z_hat)))
    assert_close(batchnorm.scale_and_shift(z_hat, gamma, beta), expected)


@check("scale_and_shift", "concept")
def test_scale_and_shift_sets_mean_and_spread(rng):
    """normalised features come out with mean beta and standard deviation |gamma|"""
    signs = np.array([1.0, -1.0, 1.0, -1.0])
    z_hat = np.stack([rng.permutation(signs) for _ in range(3)], axis=1)
    gamma, beta = parameters(rng, 3)
    out = as_array(batchnorm.scale_and_shift(z_hat, gamma, beta))
    assert_shape(out, (4, 3))
    assert_close(out.mean(axis=0), beta, because="Beta is the mean that comes out.")
    assert_close(out.std(axis=0), np.abs(gamma), because="Gamma is the spread that comes out.")


@check("scale_and_shift", "concept")
def test_scale_and_shift_integers():
    """integers are fine, in lists and in arrays"""
    assert_close(
        batchnorm.scale_and_shift([[1, -2], [0, 4], [3, 5]], [2, -3], [10, 1]), [[12, 7], [10, -11], [16, -14]]
    )
    got = batchnorm.scale_and_shift(np.array([[1, -2], [3, 5]]), np.array([2.5, -3.0]), np.array([10.0, 0.5]))
    assert_close(got, [[12.5, 6.5], [17.5, -14.5]])


@check("scale_and_shift", "concept")
def test_scale_and_shift_leaves_its_inputs_alone(rng):
    """z_hat, gamma and beta stay as they were, and the result is a new array"""
    with inputs_unchanged(), new_output():
        batchnorm.scale_and_shift(rng.normal(size=(4, 3)), *parameters(rng, 3))


# update_running_statistics --------------------------------------------------------------------------------------------


def running_pair(torch, mean, var, z, **options):
    """The running statistics after PyTorch has seen `z` in training."""
    mean, var = torch.tensor(mean), torch.tensor(var)
    torch.nn.functional.batch_norm(torch.tensor(z), mean, var, training=True, **options)
    return mean, var


@check("update_running_statistics", "parity")
def test_running_statistics_agree_with_pytorch(rng, pytorch):
    """momentum other than the default: the running statistics of torch.nn.functional.batch_norm"""
    mean, var, z = rng.normal(size=3), rng.uniform(0.5, 2.0, 3), batch(rng, 4, 3)
    expected = pytorch(lambda torch: running_pair(torch, mean, var, z, momentum=0.3))
    got = parts(batchnorm.update_running_statistics(mean, var, z, momentum=0.3), "new_mean", "new_var")
    assert_close(got[0], expected[0])
    assert_close(got[1], expected[1])


@check("update_running_statistics", "parity")
def test_running_statistics_default_momentum(rng, pytorch):
    """without a momentum, the new batch has PyTorch's default weight"""
    mean, var, z = rng.normal(size=2), rng.uniform(0.5, 2.0, 2), batch(rng, 6, 2)
    expected = pytorch(lambda torch: running_pair(torch, mean, var, z))
    got = parts(batchnorm.update_running_statistics(mean, var, z), "new_mean", "new_var")
    assert_close(got[0], expected[0])
    assert_close(got[1], expected[1])


@check("update_running_statistics", "concept")
def test_running_statistics_ends_of_momentum(rng):
    """momentum 0 keeps the old statistics"""
    mean, var = rng.normal(size=3), rng.uniform(0.5, 2.0, 3)
    got = parts(batchnorm.update_running_statistics(mean, var, batch(rng, 5, 3), 0.0), "new_mean", "new_var")
    because = N_("Momentum is the weight of the new batch: 0 ignores it.")
    assert_close(got[0], mean, because=because)
    assert_close(got[1], var, because=because)


@check("update_running_statistics", "concept")
def test_running_statistics_need_two_rows(rng):
    """one row has no unbiased variance: ValueError"""
    assert_raises(
        ValueError, batchnorm.update_running_statistics, np.zeros(3), np.ones(3), rng.normal(size=(1, 3)), 0.2
    )


@check("update_running_statistics", "concept")
def test_running_statistics_of_integers():
    """lists of integers are fine, and so is a single feature"""
    got = batchnorm.update_running_statistics([0, 4, 2], [1, 2, 6], [[1, 0, 5], [3, 4, 5]], 0.5)
    mean, var = parts(got, "new_mean", "new_var")
    assert_close(mean, [1.0, 3.0, 3.5])
    assert_close(var, [1.5, 5.0, 3.0])
    mean, var = parts(batchnorm.update_running_statistics([0], [1], [[1], [3]], 0.5), "new_mean", "new_var")
    assert_close(mean, [1.0])
    assert_close(var, [1.5])


@check("update_running_statistics", "concept")
def test_running_statistics_are_new(rng):
    """the old statistics and the batch stay as they were; a new pair comes back"""
    with inputs_unchanged(), new_output():
        batchnorm.update_running_statistics(rng.normal(size=3), rng.uniform(0.5, 2.0, 3), batch(rng, 4, 3))


# batchnorm_backward ---------------------------------------------------------------------------------------------------


def projected(torch, dout, z, gamma, beta, **options):
    """Batch normalisation with batch statistics, projected on `dout`: a scalar whose gradient is wanted."""
    out = torch.nn.functional.batch_norm(z, None, None, gamma, beta, training=True, **options)
    return (out * torch.tensor(dout)).sum()


def three_gradients(got):
    return parts(got, "dz", "dgamma", "dbeta")


@check("batchnorm_backward", "gradient")
def test_backward_agrees_with_finite_differences(rng, pytorch):
    """all three gradients with a large epsilon, by finite differences"""
    z, dout, (gamma, beta) = batch(rng, 5, 3), rng.normal(size=(5, 3)), parameters(rng, 3)
    expected = pytorch.numerical(lambda torch, *v: projected(torch, dout, *v, eps=0.3), z, gamma, beta)
    got = three_gradients(batchnorm.batchnorm_backward(dout, z, gamma, eps=0.3))
    for gradient, wanted in zip(got, expected, strict=True):
        assert_gradient(gradient, wanted)


@check("batchnorm_backward", "parity")
def test_backward_agrees_with_autograd(rng, pytorch):
    """default epsilon, features that hardly vary or not at all: the gradients of PyTorch's autograd"""
    z, dout, (gamma, beta) = 0.004 * rng.normal(size=(4, 6)), rng.normal(size=(4, 6)), parameters(rng, 6)
    z[:, 1] = 0.5
    expected = pytorch.autograd(lambda torch, *v: projected(torch, dout, *v), z, gamma, beta)
    got = three_gradients(batchnorm.batchnorm_backward(dout, z, gamma))
    for gradient, wanted in zip(got, expected, strict=True):
        assert_close(gradient, wanted)


@check("batchnorm_backward", "concept")
def test_backward_ignores_shifts(rng):
    """moving a whole feature changes nothing, so every column of dz sums to 0"""
    z, dout, (gamma, _) = batch(rng, 6, 4), rng.normal(size=(6, 4)), parameters(rng, 4)
    dz = as_array(three_gradients(batchnorm.batchnorm_backward(dout, z, gamma, 0.1))[0])
    assert_shape(dz, (6, 4))
    assert_close(dz.sum(axis=0), np.zeros(4), atol=1e-10, because="The mean of the batch moves along with z.")


@check("batchnorm_backward", "concept")
def test_backward_of_integers(pytorch):
    """lists of integers are fine"""
    dout, z, gamma = [[1, 0], [2, -1], [0, 3]], [[1, 5], [2, -1], [6, 0]], [2, 3]
    expected = pytorch.autograd(
        lambda torch, *v: projected(torch, np.array(dout, float), *v, eps=1.0), z, gamma, np.zeros(2)
    )
    got = three_gradients(batchnorm.batchnorm_backward(dout, z, gamma, 1))
    for gradient, wanted in zip(got, expected, strict=True):
        assert_close(gradient, wanted)


@check("batchnorm_backward", "concept")
def test_backward_leaves_its_inputs_alone(rng):
    """dout, z and gamma stay as they were"""
    with inputs_unchanged(), no_float_errors():
        batchnorm.batchnorm_backward(rng.normal(size=(4, 3)), batch(rng, 4, 3), parameters(rng, 3)[0])


# BatchNorm ------------------------------------------------------------------------------------------------------------

SIZES = (4, 6, 3)  # rows of the batches in a row; no two alike


def batches(rng, n):
    """Several different batches."""
    return [batch(rng, m, n) for m in SIZES]


def torch_layer(torch, gamma, beta, training, **options):
    """PyTorch's layer with these parameters, after it has trained on some batches."""
    layer = torch.nn.BatchNorm1d(len(gamma), **options).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gamma))
        layer.bias.copy_(torch.tensor(beta))
    outputs = [layer(torch.tensor(z)) for z in training]
    return layer, outputs


def our_layer(gamma, beta, training, **options):
    """The student's layer after the same."""
    layer = batchnorm.BatchNorm(len(gamma), **options)
    layer.gamma, layer.beta = gamma, beta
    outputs = [layer.forward(z) for z in training]
    return layer, outputs


def layer_gradients(bn, dout):
    """The gradients of the layer's last pass; those of its parameters in the shape that it gives these."""
    dz, dgamma, dbeta = three_gradients(bn.backward(dout))
    if as_array(batchnorm.BatchNorm(len(dout[0])).gamma).ndim == 2:
        return dz, flat(dgamma), flat(dbeta)
    return dz, dgamma, dbeta


@check("BatchNorm", "concept")
def test_layer_starts_neutral():
    """a new object: gamma and running variance one, beta and running mean zero, in training mode"""
    bn = batchnorm.BatchNorm(3)
    assert_close(flat(bn.gamma), np.ones(3))
    assert_close(flat(bn.beta), np.zeros(3))
    assert_close(flat(bn.running_mean), np.zeros(3))
    assert_close(flat(bn.running_var), np.ones(3))
    assert_that(bn.training, "A new object is in training mode: .training should be True.")


@check("BatchNorm", "concept")
def test_layer_switches_modes():
    """eval() and train() switch .training and return the object itself"""
    bn = batchnorm.BatchNorm(2)
    returned = bn.eval()
    observe("whether eval() returned nothing", returned is None, 0.0)
    assert_that(returned == bn, "eval() should return the object itself, so that calls can be chained.")
    assert_that(not bn.training, "After eval(), .training should be False.")
    bn.eval()
    assert_that(not bn.training, "After a second eval(), .training should still be False.")
    assert_that(bn.train() == bn, "train() should return the object itself, so that calls can be chained.")
    assert_that(bn.training, "After train(), .training should be True.")


@check("BatchNorm", "parity")
def test_layer_in_training_agrees_with_pytorch(rng, pytorch):
    """training on three different batches: the outputs of torch.nn.BatchNorm1d"""
    training, (gamma, beta) = batches(rng, 3), parameters(rng, 3)
    expected = pytorch(lambda torch: torch_layer(torch, gamma, beta, training, eps=0.2, momentum=0.3)[1])
    bn = batchnorm.BatchNorm(3, eps=0.2, momentum=0.3)
    bn.gamma, bn.beta = gamma, beta
    for z, wanted in zip(training, expected, strict=True):
        assert_close(bn.forward(z), wanted)


@check("BatchNorm", "parity")
def test_layer_running_statistics_agree_with_pytorch(rng, pytorch):
    """after each of three different batches: the running statistics of torch.nn.BatchNorm1d"""
    training, (gamma, beta) = batches(rng, 3), parameters(rng, 3)

    def statistics(torch, count):
        layer, _ = torch_layer(torch, gamma, beta, training[:count], momentum=0.3)
        return layer.running_mean, layer.running_var

    expected = pytorch(lambda torch: [statistics(torch, count) for count in (1, 2, 3)])
    bn = batchnorm.BatchNorm(3, momentum=0.3)
    for z, (mean, var) in zip(training, expected, strict=True):
        bn.forward(z)
        assert_close(flat(bn.running_mean), mean)
        assert_close(flat(bn.running_var), var)
    still = batchnorm.BatchNorm(3, momentum=0.0)
    still.forward(training[0])
    because = N_("Momentum is the weight of the new batch: 0 ignores it.")
    assert_close(flat(still.running_mean), np.zeros(3), because=because)
    assert_close(flat(still.running_var), np.ones(3), because=because)


@check("BatchNorm", "parity")
def test_layer_defaults_agree_with_pytorch(rng, pytorch):
    """default epsilon and momentum, for features that hardly vary"""
    z = 0.004 * rng.normal(size=(5, 2)) + rng.uniform(-1, 1, 2)

    def output_and_statistics(torch):
        layer, outputs = torch_layer(torch, np.ones(2), np.zeros(2), [z])
        return outputs[0], layer.running_mean, layer.running_var

    out, mean, var = pytorch(output_and_statistics)
    bn = batchnorm.BatchNorm(2)
    assert_close(bn.forward(z), out)
    assert_close(flat(bn.running_mean), mean)
    assert_close(flat(bn.running_var), var)


@check("BatchNorm", "parity")
def test_layer_in_evaluation_agrees_with_pytorch(rng, pytorch):
    """evaluation on a batch unlike the training ones uses the running statistics"""
    training, (gamma, beta) = batches(rng, 3), parameters(rng, 3)
    z = 5.0 + 3.0 * batch(rng, 4, 3)

    def evaluate(torch):
        layer, _ = torch_layer(torch, gamma, beta, training, eps=0.2, momentum=0.4)
        return layer.eval()(torch.tensor(z))

    expected = pytorch(evaluate)
    bn, _ = our_layer(gamma, beta, training, eps=0.2, momentum=0.4)
    bn.eval()
    assert_close(bn.forward(z), expected)
    assert_close(bn.forward(z), expected, because="The same batch in evaluation mode again should give the same.")


@check("BatchNorm", "concept")
def test_layer_evaluation_changes_nothing(rng):
    """evaluation leaves the running statistics exactly as they are"""
    bn, _ = our_layer(*parameters(rng, 3), batches(rng, 3), momentum=0.4)
    mean, var = flat(bn.running_mean), flat(bn.running_var)
    bn.eval()
    bn.forward(5.0 + 3.0 * batch(rng, 6, 3))
    because = N_("Evaluation reads the running statistics and never writes them.")
    assert_close(flat(bn.running_mean), mean, because=because)
    assert_close(flat(bn.running_var), var, because=because)


@check("BatchNorm", "concept")
def test_layer_evaluates_one_row(rng, pytorch):
    """a single row in evaluation mode: after some training, after more, and before any"""
    training, (gamma, beta), z = batches(rng, 4), parameters(rng, 4), batch(rng, 1, 4)

    def evaluate(torch, count):
        return torch_layer(torch, gamma, beta, training[:count], eps=0.1)[0].eval()(torch.tensor(z))

    expected, expected_then, untrained = pytorch(lambda torch: [evaluate(torch, count) for count in (2, 3, 0)])
    bn, _ = our_layer(gamma, beta, training[:2], eps=0.1)
    bn.eval()
    assert_close(bn.forward(z), expected)
    bn.train()
    bn.forward(training[2])
    bn.eval()
    assert_close(bn.forward(z), expected_then, because="The running statistics have changed since.")
    bn = batchnorm.BatchNorm(4, eps=0.1)
    bn.eval()
    bn.gamma, bn.beta = gamma, beta
    assert_close(bn.forward(z), untrained, because="Nothing has been learnt yet: the statistics are 0 and 1.")


@check("BatchNorm", "concept")
def test_layer_refuses_to_train_on_one_row(rng):
    """training on a single row raises ValueError; two rows are enough, of a single feature too"""
    bn = batchnorm.BatchNorm(3)
    assert_raises(ValueError, bn.forward, batch(rng, 1, 3))
    assert_shape(bn.forward(batch(rng, 2, 3)), (2, 3))
    assert_shape(batchnorm.BatchNorm(1).forward(batch(rng, 2, 1)), (2, 1))


@check("BatchNorm", "concept")
def test_layer_trains_again_after_evaluation(rng, pytorch):
    """after eval() and train() the batch is normalised with its own statistics again, and nothing is forgotten"""
    first, second, (gamma, beta) = batch(rng, 4, 3), batch(rng, 6, 3), parameters(rng, 3)
    expected = pytorch(lambda torch: torch_layer(torch, gamma, beta, [first, second], eps=0.1)[1][1])
    bn, _ = our_layer(gamma, beta, [first], eps=0.1)
    bn.eval()
    bn.forward(second)
    mean, var = flat(bn.running_mean), flat(bn.running_var)
    bn.train()
    because = N_("Switching to training leaves the running statistics as they are.")
    assert_close(flat(bn.running_mean), mean, because=because)
    assert_close(flat(bn.running_var), var, because=because)
    assert_close(bn.forward(second), expected)


@check("BatchNorm", "gradient")
def test_layer_backward_agrees_with_finite_differences(rng, pytorch):
    """the gradients of the last training pass, by finite differences"""
    first, z, (gamma, beta) = batch(rng, 5, 3), batch(rng, 5, 3), parameters(rng, 3)
    dout = rng.normal(size=(5, 3))
    expected = pytorch.numerical(lambda torch, *v: projected(torch, dout, *v, eps=0.2), z, gamma, beta)
    bn, _ = our_layer(gamma, beta, [first, z], eps=0.2)
    for gradient, wanted in zip(layer_gradients(bn, dout), expected, strict=True):
        assert_gradient(gradient, wanted)


def evaluation_gradients(pytorch, gamma, beta, training, z, dout, **options):
    """What autograd says about an evaluation pass."""

    def scalar(torch, z, gamma, beta):
        layer, _ = torch_layer(torch, gamma.detach().numpy(), beta.detach().numpy(), training, **options)
        mean, var, eps = layer.running_mean, layer.running_var, layer.eps
        out = torch.nn.functional.batch_norm(z, mean, var, gamma, beta, eps=eps)
        return (out * torch.tensor(dout)).sum()

    return pytorch.autograd(scalar, z, gamma, beta)


@check("BatchNorm", "parity")
def test_layer_backward_in_evaluation(rng, pytorch):
    """the gradients of an evaluation pass, whose statistics are constants"""
    training, (gamma, beta) = [batch(rng, 4, 3), batch(rng, 5, 3)], parameters(rng, 3)
    z, dout = 2.0 + batch(rng, 5, 3), rng.normal(size=(5, 3))
    expected = evaluation_gradients(pytorch, gamma, beta, training, z, dout, eps=0.2, momentum=0.4)
    bn, _ = our_layer(gamma, beta, training, eps=0.2, momentum=0.4)
    bn.eval()
    bn.forward(z)
    for gradient, wanted in zip(layer_gradients(bn, dout), expected, strict=True):
        assert_close(gradient, wanted)


@check("BatchNorm", "concept")
def test_layer_backward_remembers_the_mode(rng, pytorch):
    """switching the mode between forward and backward changes no gradient"""
    training, (gamma, beta) = [batch(rng, 5, 3), batch(rng, 5, 3)], parameters(rng, 3)
    z, dout = 2.0 + batch(rng, 5, 3), rng.normal(size=(5, 3))
    in_training = pytorch.autograd(lambda torch, *v: projected(torch, dout, *v, eps=0.2), training[1], gamma, beta)
    in_evaluation = evaluation_gradients(pytorch, gamma, beta, training, z, dout, eps=0.2)
    bn, _ = our_layer(gamma, beta, training, eps=0.2)
    bn.eval()
    because = N_("The gradients belong to the last forward pass, in the mode in which it ran.")
    for gradient, wanted in zip(layer_gradients(bn, dout), in_training, strict=True):
        assert_close(gradient, wanted, because=because)
    bn.forward(z)
    bn.train()
    for gradient, wanted in zip(layer_gradients(bn, dout), in_evaluation, strict=True):
        assert_close(gradient, wanted, because=because)


@check("BatchNorm", "concept")
def test_layers_are_independent(rng, pytorch):
    """training one object, or switching its mode, leaves another one alone; each goes back through its own pass"""
    z, dout = 2.0 + batch(rng, 4, 3), rng.normal(size=(4, 3))
    dz = pytorch.autograd(lambda torch, v: projected(torch, dout, v, None, None), z)
    one, other = batchnorm.BatchNorm(3), batchnorm.BatchNorm(3)
    one.forward(z)
    because = N_("Each object has its own arrays.")
    assert_close(flat(other.running_mean), np.zeros(3), because=because)
    assert_close(flat(other.running_var), np.ones(3), because=because)
    assert_close(flat(batchnorm.BatchNorm(3).running_var), np.ones(3), because=because)
    other.forward(batch(rng, 4, 3))
    assert_close(three_gradients(one.backward(dout))[0], dz, because="Another object has had a forward pass since.")
    one.eval()
    assert_that(other.training, "Each object has its own mode: eval() of another one should not switch it.")


@check("BatchNorm", "concept")
def test_layer_constant_feature(rng):
    """a constant feature comes out as beta, without dividing by zero"""
    bn = batchnorm.BatchNorm(2)
    beta = rng.normal(size=2)
    bn.beta = beta
    z = np.full((4, 2), 0.5)
    with no_float_errors():
        assert_close(bn.forward(z), np.array([beta] * 4))
        bn.backward(rng.normal(size=(4, 2)))


@check("BatchNorm", "concept")
def test_layer_takes_integers(pytorch):
    """lists of integers are fine in both directions"""
    z, dout = [[1, 5, 0], [2, -1, 4], [6, 0, 1]], [[1, 0, 2], [2, -1, 1], [0, 3, -2]]
    out = pytorch(lambda torch: torch_layer(torch, np.ones(3), np.zeros(3), [np.array(z, float)], eps=1.0)[1][0])
    dz = pytorch.autograd(
        lambda torch, v: projected(torch, np.array(dout, float), v, None, None, eps=1.0), np.array(z, float)
    )
    bn = batchnorm.BatchNorm(3, 1.0)
    assert_close(bn.forward(z), out)
    assert_close(three_gradients(bn.backward(dout))[0], dz)


@check("BatchNorm", "concept")
def test_layer_leaves_its_inputs_alone(rng):
    """z and dout stay as they were, in both modes"""
    bn = batchnorm.BatchNorm(3)
    with inputs_unchanged():
        bn.forward(batch(rng, 4, 3))
        bn.backward(rng.normal(size=(4, 3)))
        bn.eval()
        bn.forward(batch(rng, 4, 3))
        bn.backward(rng.normal(size=(4, 3)))


# batchnorm_layer ------------------------------------------------------------------------------------------------------


def four_steps(torch, a_prev, W, b, gamma, beta, **options):
    """The four steps in PyTorch's functions."""
    a_prev, W, b, gamma, beta = (torch.tensor(np.asarray(v, dtype=float)) for v in (a_prev, W, b, gamma, beta))
    z = torch.nn.functional.linear(a_prev, W, b)
    z = torch.nn.functional.batch_norm(z, None, None, gamma, beta, training=True, **options)
    return torch.nn.functional.relu(z)


@check("batchnorm_layer", "parity")
def test_four_steps_agree_with_pytorch(rng, pytorch):
    """the four steps with a large epsilon, as linear, batch_norm and relu of torch.nn.functional"""
    arguments = batch(rng, 6, 3), rng.normal(size=(4, 3)), rng.normal(size=4), *parameters(rng, 4)
    expected = pytorch(lambda torch: four_steps(torch, *arguments, eps=0.4))
    assert_close(batchnorm.batchnorm_layer(*arguments, eps=0.4), expected)


@check("batchnorm_layer", "parity")
def test_four_steps_default_epsilon(rng, pytorch):
    """the default epsilon, for values that hardly vary"""
    b = rng.uniform(0.5, 1.5, 3) * [1.0, -1.0, 1.0]
    arguments = 0.004 * rng.normal(size=(5, 2)), rng.normal(size=(3, 2)), b, *parameters(rng, 3)
    expected = pytorch(lambda torch: four_steps(torch, *arguments))
    assert_close(batchnorm.batchnorm_layer(*arguments), expected)


@check("batchnorm_layer", "concept")
def test_bias_has_no_effect(rng):
    """another b, the same output: the mean that is subtracted takes it away"""
    a_prev, W, (gamma, beta) = batch(rng, 5, 2), rng.normal(size=(3, 2)), parameters(rng, 3)
    beta = np.abs(beta) + 0.5
    with_zero = as_array(batchnorm.batchnorm_layer(a_prev, W, np.zeros(3), gamma, beta, 0.1))
    with_other = batchnorm.batchnorm_layer(a_prev, W, rng.uniform(1.0, 3.0, 3), gamma, beta, 0.1)
    assert_close(with_other, with_zero, because="b belongs to z, before the normalisation.")


@check("batchnorm_layer", "concept")
def test_normalises_before_the_activation(rng, pytorch):
    """features that are negative in every row come alive, because ReLU acts last"""
    arguments = batch(rng, 6, 2), rng.normal(size=(3, 2)), np.full(3, -60.0), *parameters(rng, 3)
    expected = pytorch(lambda torch: four_steps(torch, *arguments, eps=0.1))
    got = batchnorm.batchnorm_layer(*arguments, eps=0.1)
    assert_close(got, expected, because="The normalisation comes before the activation.")
    assert_that((as_array(got) >= 0).all(), "ReLU is the last step: no output can be negative.", got)


@check("batchnorm_layer", "concept")
def test_four_steps_of_integers(pytorch):
    """lists of integers are fine"""
    arguments = [[1, 2], [3, -1], [0, 4]], [[1, 0], [2, 1], [-1, 3]], [1, 0, -1], [1, 2, -2], [0, 1, 9]
    expected = pytorch(lambda torch: four_steps(torch, *arguments, eps=1.0))
    assert_close(batchnorm.batchnorm_layer(*arguments, 1), expected)


@check("batchnorm_layer", "concept")
def test_four_steps_leave_their_inputs_alone(rng):
    """no argument is changed, and a constant feature divides nothing by zero"""
    with inputs_unchanged(), no_float_errors():
        batchnorm.batchnorm_layer(
            batch(rng, 4, 2), np.array([[0.0, 0.0], [1.0, -2.0], [0.5, 1.0]]), rng.normal(size=3), *parameters(rng, 3)
        )


# layer_norm -----------------------------------------------------------------------------------------------------------


def torch_layer_norm(torch, x, gamma, beta, **options):
    """PyTorch's layer normalisation over the last axis."""
    gamma, beta = torch.tensor(np.asarray(gamma, float)), torch.tensor(np.asarray(beta, float))
    return torch.nn.functional.layer_norm(torch.tensor(np.asarray(x, float)), gamma.shape, gamma, beta, **options)


@check("layer_norm", "parity")
def test_layer_norm_agrees_with_pytorch(rng, pytorch):
    """a batch (m, n) with a large epsilon, as torch.nn.LayerNorm"""
    x, (gamma, beta) = batch(rng, 5, 3), parameters(rng, 3)
    expected = pytorch(lambda torch: torch_layer_norm(torch, x, gamma, beta, eps=0.3))
    assert_close(batchnorm.layer_norm(x, gamma, beta, eps=0.3), expected)


@check("layer_norm", "parity")
def test_layer_norm_of_sequences(rng, pytorch):
    """sequences (m, length, n) are normalised over the last axis alone"""
    x, (gamma, beta) = batch(rng, 2, 4, 4), parameters(rng, 4)
    expected = pytorch(lambda torch: torch_layer_norm(torch, x, gamma, beta, eps=0.1))
    assert_close(batchnorm.layer_norm(x, gamma, beta, eps=0.1), expected)


@check("layer_norm", "parity")
def test_layer_norm_default_epsilon(rng, pytorch):
    """the default epsilon, for features that hardly vary"""
    x, (gamma, beta) = rng.normal() + 0.004 * rng.normal(size=(3, 5)), parameters(rng, 5)
    expected = pytorch(lambda torch: torch_layer_norm(torch, x, gamma, beta))
    assert_close(batchnorm.layer_norm(x, gamma, beta), expected)


@check("layer_norm", "concept")
def test_layer_norm_is_independent_of_the_batch(rng):
    """a sample alone gives what it gives in the batch"""
    x, (gamma, beta) = batch(rng, 4, 3), parameters(rng, 3)
    together = as_array(batchnorm.layer_norm(x, gamma, beta, 0.1))
    assert_shape(together, (4, 3))
    alone = batchnorm.layer_norm(x[2:3], gamma, beta, 0.1)
    assert_close(alone, together[2:3], because="Each sample has its own mean and variance.")


@check("layer_norm", "concept")
def test_layer_norm_of_integers(pytorch):
    """lists of integers are fine, and so is a single vector (n,)"""
    x, gamma, beta = [[1, 2, 6], [4, 0, -1]], [1, 2, -1], [0, 1, 3]
    expected = pytorch(lambda torch: torch_layer_norm(torch, x, gamma, beta, eps=1.0))
    assert_close(batchnorm.layer_norm(x, gamma, beta, 1), expected)
    assert_close(batchnorm.layer_norm(x[0], gamma, beta, 1), expected[0])


@check("layer_norm", "concept")
def test_layer_norm_of_a_constant_sample(rng):
    """a sample whose features are all alike comes out as beta, without dividing by zero"""
    gamma, beta = parameters(rng, 3)
    with no_float_errors():
        assert_close(batchnorm.layer_norm(np.full((2, 3), 0.5), gamma, beta), np.array([beta, beta]))


@check("layer_norm", "concept")
def test_layer_norm_leaves_its_inputs_alone(rng):
    """x, gamma and beta stay as they were"""
    with inputs_unchanged(), new_output():
        batchnorm.layer_norm(batch(rng, 4, 3), *parameters(rng, 3))


# group_norm -----------------------------------------------------------------------------------------------------------


def torch_group_norm(torch, x, n_groups, gamma, beta, **options):
    """PyTorch's group normalisation."""
    x, gamma, beta = (torch.tensor(np.asarray(v, float)) for v in (x, gamma, beta))
    return torch.nn.functional.group_norm(x, n_groups, gamma, beta, **options)


def images(rng, m, channels, height, width):
    """Images whose channels differ in mean and spread."""
    return np.moveaxis(batch(rng, m, height, width, channels), -1, 1)


@check("group_norm", "parity")
def test_group_norm_agrees_with_pytorch(rng, pytorch):
    """six channels in two groups, with a large epsilon, as torch.nn.GroupNorm"""
    x, (gamma, beta) = images(rng, 2, 6, 2, 3), parameters(rng, 6)
    expected = pytorch(lambda torch: torch_group_norm(torch, x, 2, gamma, beta, eps=0.3))
    assert_close(batchnorm.group_norm(x, 2, gamma, beta, eps=0.3), expected)


@check("group_norm", "parity")
def test_group_norm_with_one_group_and_with_one_a_channel(rng, pytorch):
    """one group, and one group for each channel"""
    x, (gamma, beta) = images(rng, 2, 3, 2, 3), parameters(rng, 3)
    one, each = pytorch(lambda torch: [torch_group_norm(torch, x, n, gamma, beta, eps=0.1) for n in (1, 3)])
    assert_close(batchnorm.group_norm(x, 1, gamma, beta, eps=0.1), one)
    assert_close(batchnorm.group_norm(x, 3, gamma, beta, eps=0.1), each)


@check("group_norm", "parity")
def test_group_norm_default_epsilon(rng, pytorch):
    """the default epsilon, for pixels that hardly vary"""
    x, (gamma, beta) = 0.004 * rng.normal(size=(2, 4, 3, 2)), parameters(rng, 4)
    expected = pytorch(lambda torch: torch_group_norm(torch, x, 2, gamma, beta))
    assert_close(batchnorm.group_norm(x, 2, gamma, beta), expected)


@check("group_norm", "concept")
def test_group_norm_scales_channels(rng, pytorch):
    """gamma and beta belong to the channels, also where the width is as large as their number"""
    x, (gamma, beta) = images(rng, 1, 4, 2, 4), parameters(rng, 4)
    expected = pytorch(lambda torch: torch_group_norm(torch, x, 2, gamma, beta, eps=0.1))
    assert_close(batchnorm.group_norm(x, 2, gamma, beta, eps=0.1), expected)


@check("group_norm", "concept")
def test_group_norm_rejects_unequal_groups(rng):
    """channels that cannot be cut into equal groups raise ValueError"""
    gamma, beta = parameters(rng, 4)
    assert_raises(ValueError, batchnorm.group_norm, images(rng, 2, 4, 3, 3), 3, gamma, beta)


@check("group_norm", "concept")
def test_group_norm_is_independent_of_the_batch(rng):
    """an image alone gives what it gives in the batch"""
    x, (gamma, beta) = images(rng, 3, 4, 2, 3), parameters(rng, 4)
    together = as_array(batchnorm.group_norm(x, 2, gamma, beta, 0.1))
    assert_shape(together, (3, 4, 2, 3))
    alone = batchnorm.group_norm(x[1:2], 2, gamma, beta, 0.1)
    assert_close(alone, together[1:2], because="No image has an influence on another.")


@check("group_norm", "concept")
def test_group_norm_of_integers(pytorch):
    """lists of integers are fine"""
    x, gamma, beta = [[[[1, 2, 0]], [[4, -1, 3]]], [[[0, 0, 5]], [[2, 2, 7]]]], [2, -1], [0, 3]
    expected = pytorch(lambda torch: torch_group_norm(torch, x, 1, gamma, beta, eps=1.0))
    assert_close(batchnorm.group_norm(x, 1, gamma, beta, 1), expected)


@check("group_norm", "concept")
def test_group_norm_leaves_its_inputs_alone(rng):
    """x, gamma and beta stay as they were, and a constant group divides nothing by zero"""
    x = images(rng, 2, 4, 2, 3)
    x[0, :2] = 0.5
    with inputs_unchanged(), new_output(), no_float_errors():
        batchnorm.group_norm(x, 2, *parameters(rng, 4))
