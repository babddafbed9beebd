"""Checks of the whole network and of its training."""

import numpy as np
import pytest

from exercises import network
from grader.checks import (
    Clocks,
    LookUp,
    Optimizers,
    Script,
    any_result,
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    assert_that,
    check,
    generator,
    inputs_unchanged,
    no_float_errors,
    observe,
)
from grader.data import load_digits
from grader.language import N_, _

ACTIVATIONS = ("relu", "tanh", "sigmoid")


# -- helpers for MLP ---------------------------------------------------------------------------------------------------


def shapes_of(sizes, batchnorm=False):
    """The shape of each parameter, by name."""
    shapes = {}
    for layer in range(1, len(sizes)):
        hidden = layer < len(sizes) - 1
        shapes[f"W{layer}"] = (sizes[layer], sizes[layer - 1])
        names = ["b", "gamma", "beta"] if batchnorm and hidden else ["b"]
        shapes.update({f"{name}{layer}": (sizes[layer],) for name in names})
    return shapes


def values_for(rng, sizes, batchnorm=False):
    """Values for every parameter."""
    values = {key: rng.normal(scale=0.7, size=shape) for key, shape in shapes_of(sizes, batchnorm).items()}
    return {key: value + 1.5 if key.startswith("gamma") else value for key, value in values.items()}


def network_with(values, sizes, **options):
    """The student's MLP with given parameters."""
    mlp = network.MLP(list(sizes), **options)
    mlp.load_parameters(values)
    return mlp


def in_pytorch(torch, values, x, activation="relu", running=None, training=True):
    """The logits of the same network in PyTorch; `running` is a list of (mean, variance), one for each hidden layer."""
    a, layers = torch.as_tensor(x), sum(key.startswith("W") for key in values)
    values = {key: torch.as_tensor(value) for key, value in values.items()}
    for layer in range(1, layers + 1):
        a = torch.nn.functional.linear(a, values[f"W{layer}"], values[f"b{layer}"])
        if layer < layers:
            if running is not None:
                mean, var = running[layer - 1]
                a = torch.nn.functional.batch_norm(
                    a, mean, var, values[f"gamma{layer}"], values[f"beta{layer}"], training, momentum=0.1, eps=1e-5
                )
            a = getattr(torch, activation)(a)
    return a


def fresh(torch, sizes):
    """Running statistics as they start."""
    return [(torch.zeros(n).double(), torch.ones(n).double()) for n in sizes[1:-1]]


def answers_of(torch, values, x, dlogits, activation="relu", running=None, training=True):
    """PyTorch's logits, and its gradients by name."""
    leaves = {key: torch.tensor(value, requires_grad=True) for key, value in values.items()}
    logits = in_pytorch(torch, leaves, x, activation, running, training)
    gradients = torch.autograd.grad(logits, list(leaves.values()), torch.as_tensor(dlogits))
    return logits, dict(zip(leaves, gradients, strict=True))


def send_back(mlp, dlogits):
    """The backward pass; what it returns is not checked."""
    with any_result():
        mlp.backward(dlogits)


def assert_named(got, expected, what):
    """A dict with the expected keys, each array as expected."""
    text = _("{what} should be a dict of arrays by name, such as W1 and b1.")
    assert_that(isinstance(got, dict), text.format(what=what), got)
    missing, unknown = sorted(set(expected) - set(got)), sorted(set(got) - set(expected))
    text = _("{what} should hold {names} as well.")
    assert_that(not missing, text.format(what=what, names=", ".join(missing)), sorted(got))
    text = _("{what} holds {names}, which this network does not have.")
    assert_that(not unknown, text.format(what=what, names=", ".join(unknown)), sorted(got))
    scale = max(float(np.abs(wanted).max()) for wanted in expected.values())
    for key, wanted in expected.items():  # the gradient of a bias before BatchNorm is 0 but for rounding
        because = _("This is {key} of {what}.").format(key=key, what=what)
        assert_close(got[key], wanted, atol=1e-11 * max(scale, 1.0), because=because)


# -- MLP: parameters ---------------------------------------------------------------------------------------------------


@check("MLP", "concept")
def test_mlp_names_its_parameters():
    """W1, b1, W2, ... in the right shapes, and gamma and beta of the hidden layers with BatchNorm"""
    for sizes, batchnorm in (((4, 3), True), ((5, 4, 2, 3), False), ((5, 4, 2, 3), True)):
        wanted = shapes_of(sizes, batchnorm)
        with any_result():
            got = network.MLP(list(sizes), batchnorm=batchnorm).parameters()
        assert_that(isinstance(got, dict), "parameters() should be a dict of arrays by name.", got)
        observe(f"of {sizes}, {batchnorm}", "; ".join(f"{key} {np.shape(got[key])}" for key in sorted(got, key=str)))
        text = _("{model} should have the parameters {names}.").format(
            model=f"MLP({list(sizes)}, batchnorm={batchnorm})", names=", ".join(sorted(wanted))
        )
        assert_that(set(got) == set(wanted), text, sorted(got))
        for key, shape in wanted.items():
            assert_shape(got[key], shape)


@check("MLP", "concept")
def test_mlp_loads_parameters(rng):
    """what is loaded is what parameters() shows, whatever other networks there are"""
    sizes = (3, 4, 4, 2)
    values = values_for(rng, sizes, batchnorm=True)
    mlp = network.MLP(list(sizes), batchnorm=True, rng=1)
    with inputs_unchanged():
        mlp.load_parameters(values)
    network_with(values_for(rng, (3, 4, 2)), (3, 4, 2))
    assert_named(mlp.parameters(), values, "parameters()")


def relative_variance(W):
    """The variance of the weights times the number of inputs."""
    W = as_array(W)
    return float(W.var() * W.shape[1])


@check("MLP", "concept", random=True)
def test_mlp_starts_as_he_for_relu(rng):
    """for ReLU the initial weights have mean 0 and variance 2 / n_in"""
    start = network.MLP([100, 200, 120, 90], "relu", rng=int(rng.randint(10**6))).parameters()
    for key in ("W1", "W2", "W3"):
        W = as_array(start[key])
        observe(f"variance of {key}", relative_variance(W), 0.15)
        observe(f"mean of {key}", float(W.mean() / (W.std() or 1.0)), 0.1)
    last = relative_variance(start["W3"])  # no ReLU comes after it: Xavier, in either form, is as good there
    also = next((wanted for wanted in (1.0, 2 * 120 / (120 + 90)) if np.isclose(last, wanted, rtol=0.06)), 2.0)
    for key, wanted in (("W1", 2.0), ("W2", 2.0), ("W3", also)):
        W = as_array(start[key])
        because = _("This is the variance of {key} times its number of inputs.").format(key=key)
        assert_close(relative_variance(W), wanted, rtol=0.1, because=because)
        because = _("This is the mean of {key}, in standard deviations.").format(key=key)
        assert_close(W.mean() / W.std(), 0.0, atol=0.1, because=because)


WANTED_SPREAD = {"W1": 2 / 3, "W2": 4 / 3, "W3": 1.0}
"""Xavier's variance times the number of inputs, in a network of 100, 200, 100 and 100."""


@check("MLP", "concept", random=True)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_mlp_starts_as_xavier_otherwise(rng, activation):
    """for {activation} the initial weights have mean 0 and variance 2 / (n_in + n_out)"""
    start = network.MLP([100, 200, 100, 100], activation, rng=int(rng.randint(10**6))).parameters()
    for key in WANTED_SPREAD:
        W = as_array(start[key])
        observe(f"variance of {key}", relative_variance(W), 0.08)
        observe(f"mean of {key}", float(W.mean() / (W.std() or 1.0)), 0.1)
    spreads = [relative_variance(start[key]) for key in WANTED_SPREAD]
    older = np.allclose(spreads, 1.0, rtol=0.1)  # 1 / n_in, which goes by the name of Xavier, too
    for key, wanted in WANTED_SPREAD.items():
        W = as_array(start[key])
        wanted = 1.0 if older else wanted
        because = _("This is the variance of {key} times its number of inputs.").format(key=key)
        assert_close(relative_variance(W), wanted, rtol=0.1, because=because)
        because = _("This is the mean of {key}, in standard deviations.").format(key=key)
        assert_close(W.mean() / W.std(), 0.0, atol=0.1, because=because)


@check("MLP", "concept", random=True)
def test_mlp_starts_without_shift():
    """biases and beta start at 0, gamma at 1"""
    start = network.MLP([3, 4, 5, 2], batchnorm=True, rng=3).parameters()
    for name in ("b", "gamma", "beta"):
        values = np.concatenate([as_array(start[f"{name}{layer}"]).ravel() for layer in (1, 2)])
        alike = bool((values == values[0]).all())
        observe(f"start of {name}", float(values[0]) if alike else "of any size", 1e-9)
    for key, shape in shapes_of((3, 4, 5, 2), batchnorm=True).items():
        if not key.startswith("W"):
            wanted = np.full(shape, 1.0 if key.startswith("gamma") else 0.0)
            assert_close(start[key], wanted, because=_("This is {name}.").format(name=key))


@check("MLP", "concept", random=True)
def test_mlp_is_reproducible(rng):
    """the same seed gives the same network and masks, another seed another network; a Generator is a seed too"""

    def dropping(source):
        mlp = network_with(pass_through(1), [WIDTH] * 3, dropout=0.4, rng=source)
        mlp.train()
        return mlp

    def first_weights(source):
        return as_array(network.MLP([4, 6, 3], rng=source).parameters()["W1"])

    seed = int(rng.randint(10**6))
    same = np.array_equal(first_weights(seed), first_weights(seed))
    other = np.array_equal(first_weights(seed), first_weights(seed + 1))
    generators = np.array_equal(first_weights(generator(seed)), first_weights(generator(seed)))
    unseeded = np.array_equal(first_weights(None), first_weights(None))
    masks = np.array_equal(*(as_array(mlp.forward(np.ones((20, WIDTH)))) for mlp in (dropping(seed), dropping(seed))))
    square = network.MLP([6, 6, 6], rng=seed).parameters()
    layers = np.allclose(as_array(square["W1"]), as_array(square["W2"]))
    for name, value in (
        ("same", same),
        ("other", other),
        ("generators", generators),
        ("unseeded", unseeded),
        ("the same masks", masks),
        ("layers alike", layers),
    ):
        observe(name, value)
    assert_that(same, "Two networks made with the same rng should start alike: draw everything from it.")
    assert_that(not other, "Two networks made with different seeds should differ: use the rng that is passed in.")
    assert_that(generators, "Two Generators made from the same seed should give the same network.")
    assert_that(not unseeded, "Without rng two networks should differ.")
    assert_that(masks, "Two networks made with the same rng should draw the same masks: draw these from it as well.")
    assert_that(not layers, "Two layers of the same shape start alike: make one Generator and draw all layers from it.")


@check("MLP", "concept")
def test_mlp_may_drop_everything():
    """dropout=1: nothing passes in training, where a network starts, and all in evaluation; loading keeps the mode"""
    values = {
        "W1": np.array([[1.0, -1.0], [2.0, 0.5]]),
        "b1": np.zeros(2),
        "W2": np.eye(2),
        "b2": np.array([10.0, 20.0]),
    }
    mlp, x = network_with(values, [2, 2, 2], dropout=1.0), np.array([[3.0, 1.0]])
    assert_close(mlp.forward(x), [[10.0, 20.0]], because="A new network is in training, where dropout=1 drops all.")
    mlp.eval()
    mlp.load_parameters(values)
    assert_close(mlp.forward(x), [[12.0, 26.5]], because="After eval() nothing is dropped, load_parameters or not.")
    mlp.train()
    mlp.load_parameters(values)
    assert_close(mlp.forward(x), [[10.0, 20.0]], because="After train() everything is dropped again.")


@check("MLP", "concept")
def test_mlp_rejects_bad_arguments():
    """a dropout outside [0, 1] and an unknown activation raise ValueError, before the first logits at the latest"""

    def make_and_use(**options):
        with any_result():
            return network.MLP([3, 4, 2], **options).forward(np.ones((2, 3)))

    assert_raises(ValueError, make_and_use, dropout=1.5)
    assert_raises(ValueError, make_and_use, dropout=-0.1)
    assert_raises(ValueError, make_and_use, activation="rectangle")


# -- MLP: forward and backward -----------------------------------------------------------------------------------------


@check("MLP", "parity")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mlp_agrees_with_pytorch(rng, pytorch, activation):
    """{activation}: logits and gradients of PyTorch, for one batch after another"""
    sizes = (3, 5, 4, 2)
    values = values_for(rng, sizes)
    batches = [(rng.normal(size=(m, 3)), rng.normal(size=(m, 2))) for m in (6, 4)]
    expected = pytorch(lambda torch: [answers_of(torch, values, x, d, activation) for x, d in batches])
    mlp = network_with(values, sizes, activation=activation)
    for (x, dlogits), (logits, gradients) in zip(batches, expected, strict=True):
        assert_close(mlp.forward(x), logits)
        send_back(mlp, dlogits)
        assert_named(mlp.gradients(), gradients, "gradients()")


@check("MLP", "parity")
def test_mlp_without_hidden_layers(rng, pytorch):
    """no hidden layer: a linear classifier"""
    values, x, dlogits = values_for(rng, (3, 4), True), rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    expected = pytorch(lambda torch: answers_of(torch, values, x, dlogits))
    mlp = network_with(values, (3, 4), batchnorm=True)
    assert_close(mlp.forward(x), expected[0])
    send_back(mlp, dlogits)
    assert_named(mlp.gradients(), expected[1], "gradients()")


@check("MLP", "parity")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_mlp_with_batchnorm_agrees_with_pytorch(rng, pytorch, activation):
    """{activation} with BatchNorm, in training: logits and gradients of PyTorch"""
    sizes = (3, 5, 4, 2)
    values, x, dlogits = values_for(rng, sizes, True), rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    faint = {**values, "W1": 0.003 * values["W1"]}  # a variance of the size of ε
    expected = pytorch(
        lambda torch: [answers_of(torch, case, x, dlogits, activation, fresh(torch, sizes)) for case in (values, faint)]
    )
    for case, (logits, gradients) in zip((values, faint), expected, strict=True):
        mlp = network_with(case, sizes, activation=activation, batchnorm=True)
        mlp.train()
        assert_close(mlp.forward(x), logits)
        send_back(mlp, dlogits)
        assert_named(mlp.gradients(), gradients, "gradients()")


@check("MLP", "parity")
def test_mlp_evaluates_with_running_statistics(rng, pytorch):
    """BatchNorm in evaluation: the running statistics of several batches, as in PyTorch, and training again after it"""
    sizes = (3, 4, 4, 2)
    values = values_for(rng, sizes, True)
    batches = [rng.normal(loc=shift, scale=1 + shift, size=(5 + shift, 3)) for shift in range(4)]
    unlike = rng.normal(loc=-2.0, scale=3.0, size=(4, 3))

    def course_of(torch):
        running = fresh(torch, sizes)
        for x in batches[:3]:
            in_pytorch(torch, values, x, "tanh", running)
        return [
            in_pytorch(torch, values, unlike, "tanh", running, training=False),
            in_pytorch(torch, values, batches[3], "tanh", running),
            in_pytorch(torch, values, unlike[:1], "tanh", running, training=False),
        ]

    evaluated, trained, evaluated_again = pytorch(course_of)
    mlp = network_with(values, sizes, activation="tanh", batchnorm=True)
    mlp.train()
    for x in batches[:3]:
        mlp.forward(x)
    mlp.eval()
    assert_close(mlp.forward(unlike), evaluated)
    mlp.train()
    assert_close(mlp.forward(batches[3]), trained)
    mlp.eval()
    assert_close(mlp.forward(unlike[:1]), evaluated_again)


@check("MLP", "concept")
def test_mlp_evaluation_changes_nothing(rng):
    """in evaluation a row's logits depend neither on the rows beside it nor on evaluations before it"""
    sizes = (3, 4, 2)
    mlp = network_with(values_for(rng, sizes, True), sizes, batchnorm=True, dropout=0.4)
    mlp.train()
    with any_result():  # its masks are anybody's guess
        mlp.forward(rng.normal(loc=1.0, size=(6, 3)))
    mlp.eval()
    x = rng.normal(size=(5, 3))
    together = as_array(mlp.forward(x))
    mlp.forward(rng.normal(loc=-5.0, scale=4.0, size=(8, 3)))
    assert_close(mlp.forward(x), together, because="The same batch gave other logits after another evaluation.")
    assert_close(mlp.forward(x[2:3]), together[2:3], because="A row alone gave other logits than among others.")


@check("MLP", "parity")
def test_mlp_backward_in_evaluation(rng, pytorch):
    """backward after a forward pass in evaluation: constant statistics, no masks"""
    sizes = (3, 4, 2)
    values, x, dlogits = values_for(rng, sizes, True), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    before = rng.normal(loc=1.0, scale=2.0, size=(6, 3))

    def course_of(torch):
        running = fresh(torch, sizes)
        in_pytorch(torch, values, before, "tanh", running)
        return answers_of(torch, values, x, dlogits, "tanh", running, training=False)

    logits, gradients = pytorch(course_of)
    mlp = network_with(values, sizes, activation="tanh", batchnorm=True, dropout=0.5)
    mlp.train()
    with any_result():  # its masks are anybody's guess
        mlp.forward(before)
    mlp.eval()
    assert_close(mlp.forward(x), logits)
    send_back(mlp, dlogits)
    assert_named(mlp.gradients(), gradients, "gradients()")
    assert_close(mlp.forward(x), logits, because="The network is in evaluation still: backward changes no mode.")


@check("MLP", "parity")
def test_mlp_backward_belongs_to_its_last_forward(rng, pytorch):
    """neither a change of mode nor another network between forward and backward changes the gradients"""
    sizes = (3, 4, 2)
    values, x, dlogits = values_for(rng, sizes, True), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    _logits, gradients = pytorch(lambda torch: answers_of(torch, values, x, dlogits, "tanh", fresh(torch, sizes)))
    mlp = network_with(values, sizes, activation="tanh", batchnorm=True)
    other = network_with(values_for(rng, sizes, True), sizes, activation="tanh", batchnorm=True)
    mlp.train()
    mlp.forward(x)
    other.forward(-x)
    mlp.eval()
    send_back(mlp, dlogits)
    send_back(other, dlogits)
    assert_named(mlp.gradients(), gradients, "gradients()")
    dropping = network_with(pass_through(1), [WIDTH] * 3, dropout=1.0)
    dropping.train()
    dropping.forward(np.ones((2, WIDTH)))
    dropping.eval()
    send_back(dropping, rng.normal(size=(2, WIDTH)))
    assert_close(
        dropping.gradients()["b1"],
        np.zeros(WIDTH),
        because="The last forward ran in training, and dropout=1 lets no gradient through, whatever the mode is now.",
    )


@check("MLP", "gradient", points=2)
@pytest.mark.parametrize("batchnorm", [False, True])
def test_mlp_gradients_agree_with_finite_differences(rng, batchnorm):
    """the whole network against finite differences of its own loss (BatchNorm: {batchnorm})"""
    sizes = (4, 5, 3, 3)
    values, x, weights = values_for(rng, sizes, batchnorm), rng.normal(size=(12, 4)), rng.normal(size=(12, 3))
    directions = [{key: rng.normal(size=value.shape) for key, value in values.items()} for _ in range(3)]
    mlp = network.MLP(list(sizes), "tanh", batchnorm)
    mlp.train()

    def loss_at(direction, step):
        mlp.load_parameters({key: value + step * direction[key] for key, value in values.items()})
        return float(np.sum(weights * as_array(mlp.forward(x))))

    for direction in directions:
        loss_at(direction, 0.0)
        send_back(mlp, weights)
        gradients = mlp.gradients()
        assert_that(
            isinstance(gradients, dict) and set(gradients) == set(values),
            _("gradients() should have the keys {names}.").format(names=", ".join(sorted(values))),
            gradients,
        )
        analytic = sum(float(np.sum(direction[key] * as_array(gradients[key]))) for key in values)
        h = 2e-4  # four points: an error of the order of h⁴
        samples = [loss_at(direction, k * h) for k in (-2, -1, 1, 2)]
        numerical = (samples[0] - 8 * samples[1] + 8 * samples[2] - samples[3]) / (12 * h)
        assert_close(
            analytic,
            numerical,
            rtol=1e-6,
            atol=1e-6,
            because="This is the slope of the loss along a random direction: expected by finite differences of your "
            "forward pass, got from your gradients.",
        )


@check("MLP", "parity")
def test_mlp_follows_pytorch_through_adamw(rng, pytorch):
    """25 steps of AdamW in PyTorch: at each the same logits and gradients, after the last the same evaluation"""
    sizes = (3, 4, 2)
    start = values_for(rng, sizes, True)
    batches = [(rng.normal(size=(6, 3)), rng.randint(2, size=6)) for _ in range(25)]
    x_val = rng.normal(size=(4, 3))

    def training_of(torch):
        values = {key: torch.tensor(value, requires_grad=True) for key, value in start.items()}
        optimizer = torch.optim.AdamW(list(values.values()), lr=0.05, weight_decay=0.1)
        running, steps = fresh(torch, sizes), []
        for x, labels in batches:
            before = {key: value.detach().clone() for key, value in values.items()}
            logits = in_pytorch(torch, values, x, "relu", running)
            logits.retain_grad()
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).backward()
            # Before BatchNorm a bias has a gradient of 0 but for rounding, which Adam would make steps of: they would
            # differ from processor to processor.
            values["b1"].grad.zero_()
            steps.append((before, logits, logits.grad, {key: value.grad.clone() for key, value in values.items()}))
            optimizer.step()
        return steps, dict(values), in_pytorch(torch, values, x_val, "relu", running, training=False)

    steps, last, evaluated = pytorch(training_of)
    mlp = network.MLP(list(sizes), batchnorm=True)
    mlp.train()
    for (x, _rows), (values, logits, dlogits, gradients) in zip(batches, steps, strict=True):
        mlp.load_parameters(values)
        assert_close(mlp.forward(x), logits)
        send_back(mlp, dlogits)
        assert_named(mlp.gradients(), gradients, "gradients()")
    mlp.load_parameters(last)
    mlp.eval()
    assert_close(mlp.forward(x_val), evaluated)


@check("MLP", "concept")
def test_mlp_takes_lists_of_integers(rng):
    """integers and lists are as good as arrays"""
    values = {"W1": [[1, -1], [0, 2], [1, 1]], "b1": [0, 1, -3], "W2": [[1, 1, 0], [0, -1, 2]], "b2": [10, 20]}
    mlp = network_with(values, [2, 3, 2])
    assert_close(mlp.forward([[3, 1], [1, 4]]), [[15, 19], [19, 15]])
    send_back(mlp, [[1, 0], [0, 2]])
    wanted = {"W1": [[3, 1], [1, -7], [4, 16]], "b1": [1, -1, 4], "W2": [[2, 3, 1], [0, 18, 4]], "b2": [1, 2]}
    assert_named(mlp.gradients(), {key: np.array(value) for key, value in wanted.items()}, "gradients()")


@check("MLP", "concept")
def test_mlp_is_stable(rng):
    """hidden sigmoids and tanhs at z = ±1000 saturate with no overflow on the way"""
    values = {"W1": np.diag([1000.0, -1000.0]), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.array([2.0, 3.0])}
    x = np.array([[1.0, 1.0], [-1.0, -1.0]])
    saturated = {"sigmoid": [[3.0, 3.0], [2.0, 4.0]], "tanh": [[3.0, 2.0], [1.0, 4.0]]}
    for activation, logits in saturated.items():
        mlp = network_with(values, (2, 2, 2), activation=activation)
        with no_float_errors():
            assert_close(mlp.forward(x), logits)
            send_back(mlp, np.ones((2, 2)))


@check("MLP", "concept")
def test_mlp_leaves_its_inputs_alone(rng):
    """a network and its forward and backward leave their arguments as they were"""
    sizes = (3, 4, 2)
    with inputs_unchanged(), any_result():
        mlp = network_with(values_for(rng, sizes, True), sizes, batchnorm=True, dropout=0.3)
        mlp.forward(rng.normal(size=(5, 3)))
        send_back(mlp, rng.normal(size=(5, 2)))


# -- MLP: dropout ------------------------------------------------------------------------------------------------------

WIDTH = 30


def pass_through(hidden_layers):
    """Parameters with which every layer hands its input on: what dropout does to it can be read off the logits.

    Hidden layers after the first add 1, the last one adds 10.
    """
    values = {}
    for layer in range(1, hidden_layers + 2):
        shift = 10.0 if layer == hidden_layers + 1 else 0.0 if layer == 1 else 1.0
        values[f"W{layer}"], values[f"b{layer}"] = np.eye(WIDTH), np.full(WIDTH, shift)
    return values


def share(array, value):
    """The share of entries that have a value."""
    return float(np.mean(np.isclose(array, value, rtol=1e-9, atol=1e-9)))


@check("MLP", "concept", random=True)
@pytest.mark.parametrize("p", [0.2, 0.7])
def test_mlp_drops_hidden_units(rng, p):
    """dropout={p} in training: that share of each hidden layer is 0, the rest is scaled up; no more than that"""
    mlp = network_with(pass_through(2), [WIDTH] * 4, dropout=p, rng=int(rng.randint(10**6)))
    mlp.train()
    hidden = as_array(mlp.forward(np.ones((60, WIDTH)))) - 10.0
    assert_shape(hidden, (60, WIDTH))
    kept = 1.0 / (1.0 - p)
    dropped, below_dropped, below_kept = share(hidden, 0.0), share(hidden, kept), share(hidden, (1.0 + kept) * kept)
    observe("rows or units alike", bool((hidden == hidden[:, :1]).all() or (hidden == hidden[:1]).all()))
    observe("dropped", dropped, 0.06)
    observe("kept, the unit below dropped", below_dropped, 0.06)
    observe("kept, the unit below kept", below_kept, 0.06)
    observe("lowest and highest", [float(hidden.min()), float(hidden.max())], 1e-6)
    text = _(
        "With both hidden layers handing on 1 and adding 1 in between, a unit of the second one should put out 0 "
        "(dropped), {once} or {twice} (kept): dropout acts on every hidden layer and only there, "
        "and scales what it keeps."
    ).format(once=f"{kept:.4g}", twice=f"{(1 + kept) * kept:.4g}")
    assert_that(abs(dropped + below_dropped + below_kept - 1.0) < 1e-9, text, hidden)
    assert_close(dropped, p, atol=0.06, because="This is the share of the second hidden layer that is dropped.")
    assert_close(
        below_dropped, p * (1 - p), atol=0.06, because="This shows the share of the first layer that is dropped."
    )


@check("MLP", "concept", random=True)
@pytest.mark.parametrize("batchnorm", [False, True])
def test_mlp_drops_after_the_activation(rng, batchnorm):
    """dropout comes after the activation: a dropped sigmoid puts out 0, not 0.5 (BatchNorm: {batchnorm})"""
    values = pass_through(1)
    if batchnorm:
        values.update(gamma1=np.full(WIDTH, 2.0), beta1=np.zeros(WIDTH))
    else:
        values["W1"] = np.zeros((WIDTH, WIDTH))
    mlp = network_with(
        values, [WIDTH] * 3, activation="sigmoid", batchnorm=batchnorm, dropout=0.4, rng=int(rng.randint(10**6))
    )
    mlp.train()
    hidden = as_array(mlp.forward(np.ones((60, WIDTH)))) - 10.0
    dropped, kept = share(hidden, 0.0), share(hidden, 0.5 / 0.6)
    observe("dropped", dropped, 0.06)
    observe("kept", kept, 0.06)
    observe("lowest and highest", [float(hidden.min()), float(hidden.max())], 1e-6)
    assert_that(
        abs(dropped + kept - 1.0) < 1e-9,
        "Where the sigmoid's input is 0, a unit should put out 0 (dropped) or 0.5 / (1 - dropout): the order is dense, "
        "BatchNorm, activation, dropout.",
        hidden,
    )
    assert_close(dropped, 0.4, atol=0.06, because="This is the share of dropped units.")


@check("MLP", "concept", random=True)
def test_mlp_draws_fresh_masks(rng):
    """each forward pass in training draws fresh masks, one decision for each unit of each row"""
    mlp = network_with(pass_through(1), [WIDTH] * 3, dropout=0.4, rng=int(rng.randint(10**6)))
    mlp.train()
    first, second, *others = (as_array(mlp.forward(np.ones((4, WIDTH)))) for _ in range(14))
    assert_shape(first, (4, WIDTH))
    same_twice, same_units = np.array_equal(first, second), bool((first == first[:, :1]).all())
    same_rows = not same_units and np.array_equal(first[0], first[1])
    fixed = len({share(out, 10.0) for out in (first, second, *others)}) == 1
    observe("the same mask twice", same_twice)
    observe("the same mask for all rows", same_rows)
    observe("one decision for a row", same_units)
    observe("fixed number", fixed)
    assert_that(
        not same_units, "All units of a row were dropped or kept together: each has a decision of its own.", first
    )
    assert_that(not same_twice, "Two forward passes in training dropped the same units.", first)
    assert_that(not same_rows, "Two rows of a batch dropped the same units: each draws its own.", first)
    assert_that(not fixed, "The number of dropped units differs from pass to pass when each is dropped on its own.")


@check("MLP", "concept", random=True)
def test_mlp_sends_gradients_through_the_mask(rng):
    """backward uses the mask of its forward pass: each unit's gradient has the factor that its value had

    In the second network every hidden value is tanh(0.5) before dropout, whatever BatchNorm makes of x: only
    beta, 0.5, reaches it. tanh has the slope 0.786 there.
    """
    mlp = network_with(pass_through(1), [WIDTH] * 3, dropout=0.4, rng=int(rng.randint(10**6)))
    mlp.train()
    factors = as_array(mlp.forward(np.ones((1, WIDTH)))) - 10.0  # the hidden values are 1 before dropout
    upstream = rng.uniform(1.0, 2.0, size=(1, WIDTH))
    send_back(mlp, upstream)
    got = as_array(mlp.gradients()["b1"])
    assert_shape(got, (WIDTH,))
    passed = got / upstream[0]
    observe("lowest and highest factor of the gradient", [float(passed.min()), float(passed.max())], 1e-6)
    observe("as in forward", bool(np.allclose(passed, factors[0])))
    values = {**pass_through(1), "gamma1": np.zeros(WIDTH), "beta1": np.full(WIDTH, 0.5)}
    mlp = network_with(values, [WIDTH] * 3, activation="tanh", batchnorm=True, dropout=0.4, rng=int(rng.randint(10**6)))
    mlp.train()
    out = as_array(mlp.forward(rng.normal(size=(6, WIDTH))))
    upstream = rng.uniform(1.0, 2.0, size=(6, WIDTH))
    send_back(mlp, upstream)
    got_beta = as_array(mlp.gradients()["beta1"])
    assert_shape(out, upstream.shape)
    assert_shape(got_beta, (WIDTH,))
    arriving = (upstream * (out - 10.0) / 0.46211715726000975).sum(axis=0)
    slopes = got_beta[arriving > 0] / arriving[arriving > 0]
    observe("slope of tanh", float(np.median(slopes)) if slopes.size else -1.0, 1e-3)
    assert_close(passed, factors[0], because="This is the factor with which the gradient passes each unit.")
    assert_close(
        got_beta,
        0.7864477329659274 * arriving,
        atol=1e-12,
        because="This is the gradient of beta, with tanh at 0.5: its slope there times what came through the masks.",
    )


@check("MLP", "parity", random=True)
def test_mlp_evaluates_without_dropout(rng, pytorch):
    """in evaluation there is no dropout and no scaling: the logits of PyTorch, every time"""
    sizes = (3, 6, 5, 2)
    values, x = values_for(rng, sizes), rng.normal(size=(4, 3))
    expected = pytorch(lambda torch: in_pytorch(torch, values, x, "tanh"))
    mlp = network_with(values, sizes, activation="tanh", dropout=0.6, rng=1)
    mlp.train()
    mlp.forward(x)
    mlp.eval()
    first, second = mlp.forward(x), mlp.forward(x)
    same = np.array_equal(as_array(first), as_array(second))
    right = as_array(first).shape == expected.shape and bool(np.allclose(as_array(first), expected))
    observe("evaluation", "the same each time" if same else "another one each time")
    observe("right", right)
    assert_close(first, expected)
    assert_close(second, expected)


# -- helpers for train -------------------------------------------------------------------------------------------------

GROUPS, CLASSES = 6, 3


def pairs(rng):
    """The 36 pairs (i, j), 24 of them for training and 12 for validation, each with a class that follows from i."""
    rows = rng.permutation([(i, j) for i in range(GROUPS) for j in range(GROUPS)])
    labels = rows[:, 0] % CLASSES
    return rows[:24].astype(float), labels[:24], rows[24:].astype(float), labels[24:]


def tables(rng, scale):
    return [rng.normal(scale=scale, size=(GROUPS, CLASSES)) for _ in range(2)]


NOTHING_TRAINED = N_("No batch was trained on: each one goes through model.forward and model.backward, then a step.")

SETTINGS = {"epochs": 2, "batch_size": 12, "lr": 0.5, "weight_decay": 0.0, "patience": 1000, "rng": 0}


def history_of(history, epochs=None):
    """The three lists of a history, of one length."""
    keys = ("train_loss", "val_loss", "val_accuracy")
    text = _("train should return a dict with the lists {names}.").format(names=", ".join(keys))
    missing = [key for key in keys if key not in history] if isinstance(history, dict) else []
    observe("history without", ", ".join(missing) if isinstance(history, dict) else type(history).__name__)
    assert_that(isinstance(history, dict), text, history)
    assert_that(not missing, _("The history should hold {names} as well.").format(names=", ".join(missing)), history)
    lists = [as_array(history[key]) for key in keys]
    observe("entries", [values.size for values in lists])
    length = epochs if epochs is not None else lists[1].size
    for key, values in zip(keys, lists, strict=True):
        text = _("{name} should have one entry for each of the {count} epochs that ran.")
        assert_that(values.shape == (length,), text.format(name=key, count=length), history)
    return lists


def history_from(model, optimizer_class, *data, **settings):
    """What train returns. It has its freedoms, so that the diagnosis goes by what a check notes of it."""
    with any_result():
        return network.train(model, optimizer_class, *data, **settings)


def epochs_of(model, batches):
    """The training steps of a `LookUp`, cut into epochs."""
    return [model.steps[start : start + batches] for start in range(0, len(model.steps), batches)]


# -- train: steps ------------------------------------------------------------------------------------------------------


def full_batch_course(torch, start, data, epochs, lr):
    """Five numbers an epoch and the parameters after it, for full batches, by PyTorch."""
    W1, b1 = (torch.tensor(value, requires_grad=True) for value in start)
    optimizer = torch.optim.SGD([W1, b1], lr=lr, momentum=0.9)
    x, labels, x_val, labels_val = (torch.tensor(np.asarray(part)).long() for part in data)

    def loss_of(x, labels):
        logits = W1[x[:, 0]] + b1[x[:, 1]]
        accuracy = (logits.argmax(1) == labels).double().mean()
        return torch.nn.functional.cross_entropy(logits, labels), accuracy

    running, evaluated, val_loss, val_accuracy, parameters = [], [], [], [], []
    for _epoch in range(epochs):
        optimizer.zero_grad()
        loss, _accuracy = loss_of(x, labels)
        running.append(loss.item())
        loss.backward()
        optimizer.step()
        evaluated.append(loss_of(x, labels)[0].item())
        loss, accuracy = loss_of(x_val, labels_val)
        val_loss.append(loss.item())
        val_accuracy.append(accuracy.item())
        parameters.append((W1.detach().clone(), b1.detach().clone()))
    best = val_loss.index(min(val_loss))
    return {
        "train_loss": (running, evaluated),
        "val_loss": val_loss,
        "val_accuracy": val_accuracy,
        "parameters": (parameters[-1], parameters[best]),
    }


@check("train", "parity", points=2)
def test_train_takes_the_steps_of_pytorch(rng, pytorch):
    """full batches: after a few epochs the parameters that PyTorch has with the same optimizer"""
    data, start = pairs(rng), tables(rng, 0.3)
    last, best = pytorch(lambda torch: full_batch_course(torch, start, data, 5, 1.5)["parameters"])
    model, optimizer_class = LookUp(*start), Optimizers()
    settings = {**SETTINGS, "epochs": 5, "batch_size": 24, "lr": 1.5, "weight_decay": 0.4}  # left to the optimizer
    history_from(model, optimizer_class, *data, **settings)
    got = model.parameters()
    for key, value in sorted(got.items()):
        observe(key, value.ravel().tolist(), 1e-9)
    # the parameters of the last epoch, or those of the best one
    ends = last if np.allclose(got["W1"], last[0], rtol=1e-6) else best
    for key, wanted in zip(("W1", "b1"), ends, strict=True):
        assert_close(got[key], wanted, because=_("This is the model's {name} after training.").format(name=key))


@check("train", "parity")
def test_train_records_the_validation(rng, pytorch):
    """the mean cross-entropy and the accuracy of the validation rows after each epoch"""
    data, start = pairs(rng), tables(rng, 0.3)
    expected = pytorch(lambda torch: full_batch_course(torch, start, data, 5, 1.5))
    optimizer_class = Optimizers()
    settings = {**SETTINGS, "epochs": 5, "batch_size": 24, "lr": 1.5, "weight_decay": 0.4}
    history = history_from(LookUp(*start), optimizer_class, *data, **settings)
    _train_loss, val_loss, val_accuracy = history_of(history, 5)
    observe("val_loss", val_loss.tolist(), 1e-9)
    observe("val_accuracy", val_accuracy.tolist(), 1e-9)
    assert_close(val_loss, expected["val_loss"], because="This is val_loss.")
    assert_close(val_accuracy, expected["val_accuracy"], because="This is val_accuracy.")


@check("train", "parity")
def test_train_records_the_training_loss(rng, pytorch):
    """the mean cross-entropy of the training rows, over the epoch's batches or at its end"""
    data, start = pairs(rng), tables(rng, 0.3)
    running, evaluated = pytorch(lambda torch: full_batch_course(torch, start, data, 5, 1.5)["train_loss"])
    optimizer_class = Optimizers()
    history = history_from(
        LookUp(*start), optimizer_class, *data, **{**SETTINGS, "epochs": 5, "batch_size": 24, "lr": 1.5}
    )
    train_loss, _val_loss, _val_accuracy = history_of(history, 5)
    observe("train_loss", train_loss.tolist(), 1e-9)
    wanted = evaluated if np.allclose(train_loss, evaluated, rtol=1e-6) else running
    assert_close(train_loss, wanted, because="This is train_loss.")


@check("train", "parity")
@pytest.mark.parametrize("size", [1, 1000])
def test_train_averages_losses(rng, pytorch, size):
    """an optimizer that does not move: every epoch has the mean losses of the start (logits up to ±{size})"""
    data, start = pairs(rng), [rng.uniform(-0.5, 0.5, size=(GROUPS, CLASSES)) for _ in range(2)]
    start[0][::2, 0] += size - 1  # where another class is right, that costs as much
    start[0][1::2, 1] -= size - 1

    def losses_of(torch):
        W1, b1 = (torch.tensor(value) for value in start)
        logits = [
            W1[rows[:, 0]] + b1[rows[:, 1]] for rows in (torch.tensor(data[0]).long(), torch.tensor(data[2]).long())
        ]
        labels = [torch.tensor(data[1]), torch.tensor(data[3])]
        losses = [torch.nn.functional.cross_entropy(z, y) for z, y in zip(logits, labels, strict=True)]
        return losses, (logits[1].argmax(1) == labels[1]).double().mean()

    (train_loss, val_loss), accuracy = pytorch(losses_of)
    optimizer_class = Optimizers(moves=False)
    with no_float_errors():
        history = history_from(LookUp(*start), optimizer_class, *data, **{**SETTINGS, "batch_size": 6})
    lists = history_of(history, 2)
    names = ("train_loss", "val_loss", "val_accuracy")
    for name, got in zip(names, lists, strict=True):
        observe(name, got.tolist(), 1e-9)
    for name, got, wanted in zip(names, lists, (train_loss, val_loss, accuracy), strict=True):
        assert_close(got, [wanted, wanted], because=_("This is {name}.").format(name=name))


@check("train", "concept")
def test_train_takes_lists(rng):
    """lists are as good as arrays, and a class may be without rows"""
    x, labels, x_val, labels_val = (part.tolist() for part in pairs(rng))
    labels, labels_val = ([min(label, CLASSES - 2) for label in part] for part in (labels, labels_val))
    optimizer_class = Optimizers(moves=False)
    model = LookUp(*np.zeros((2, GROUPS, CLASSES)))
    train_loss, val_loss, _val_accuracy = history_of(
        history_from(model, optimizer_class, x, labels, x_val, labels_val, **SETTINGS), 2
    )
    for name, got in (("train_loss", train_loss), ("val_loss", val_loss)):
        because = _("This is {name}, with three equal logits in each row.").format(name=name)
        assert_close(got, np.log([3.0, 3.0]), because=because)


@check("train", "concept", random=True)
def test_train_makes_one_optimizer_for_each_parameter(rng):
    """one optimizer for each parameter, made once, with the lr and the weight_decay that were asked for"""
    model, data, optimizer_class, without = LookUp(*tables(rng, 0.3)), pairs(rng), Optimizers(), Optimizers()
    network.train(model, optimizer_class, *data, **{**SETTINGS, "lr": 0.02, "weight_decay": 0.3})
    network.train(model, without, *data, **{**SETTINGS, "epochs": 1, "weight_decay": 0.0})
    made = optimizer_class.made
    none = sorted(decay for _, decay in without.made)
    observe("optimizers", len(made))
    observe("lr", sorted({lr for lr, _ in made}))
    observe("weight_decay", sorted({decay for _, decay in made}))
    observe("without weight_decay", sorted(set(none)))
    assert_that(
        len(made) == 2,
        _("A model with 2 parameters needs 2 optimizers, made once at the start; {count} were made.").format(
            count=len(made)
        ),
    )
    assert_close(sorted(lr for lr, _ in made), [0.02, 0.02], because="This is the lr that reached each optimizer.")
    assert_close(
        sorted(decay for _, decay in made), [0.3, 0.3], because="This is the weight_decay that reached each optimizer."
    )
    assert_close(none, [0.0, 0.0], because="With weight_decay=0 this is what reached each optimizer.")


# -- train: batches ----------------------------------------------------------------------------------------------------


@check("train", "concept", random=True)
def test_train_uses_every_row_once_an_epoch(rng):
    """batches of batch_size rows; each training row once an epoch, no validation row ever"""
    data = pairs(rng)
    model, optimizer_class = LookUp(*tables(rng, 0.3)), Optimizers()
    network.train(model, optimizer_class, *data, **SETTINGS)
    sizes = sorted({len(rows) for _, rows, _ in model.steps})
    wanted = sorted(tuple(row) for row in data[0].astype(int))
    epochs = [sorted(row for _, rows, _ in epoch for row in rows) for epoch in epochs_of(model, 2)]
    held_out = {tuple(row) for row in data[2].astype(int)}
    leaked = any(row in held_out for _, rows, _ in model.steps for row in rows)
    complete = all(epoch == wanted for epoch in epochs)
    observe("sizes", sizes)
    observe("steps", len(model.steps))
    observe("leaked", leaked)
    observe("complete", complete)
    assert_that(model.steps, NOTHING_TRAINED)
    assert_that(not leaked, "A validation row was trained on: then it says nothing about unseen data any more.")
    text = _("Every batch should have batch_size = 12 rows; there were batches of {sizes}.")
    assert_that(sizes == [12], text.format(sizes=sizes))
    text = _("24 rows in batches of 12 for 2 epochs are 4 steps; there were {count}.")
    assert_that(len(model.steps) == 4, text.format(count=len(model.steps)))
    assert_that(complete, "In each epoch every training row should be used exactly once.")


@check("train", "concept", random=True)
def test_train_shuffles_every_epoch(rng):
    """the rows are shuffled anew for each epoch"""
    data = pairs(rng)
    model, optimizer_class = LookUp(*tables(rng, 0.3)), Optimizers()
    network.train(model, optimizer_class, *data, **SETTINGS)
    epochs = [[frozenset(rows) for _, rows, _ in epoch] for epoch in epochs_of(model, 2)]
    given = [frozenset(tuple(row) for row in half.astype(int)) for half in (data[0][:12], data[0][12:])]
    as_given = set(epochs[0]) == set(given) if epochs else True
    repeats = len(epochs) > 1 and set(epochs[0]) == set(epochs[1])
    observe("as given", as_given)
    first = [tuple(row) for row in data[0].astype(int)]
    kept = all(list(rows) == [row for row in first if row in rows] for _, rows, _ in model.steps)
    observe("rows of a batch in their order", kept)
    observe("the same batches twice", repeats)
    assert_that(not as_given, "The first batches are the rows in the order in which they came: shuffle them.")
    assert_that(not repeats, "The first two epochs had the same batches: draw a new order for each.")


@check("train", "concept", random=True)
def test_train_shuffles_by_its_rng(rng):
    """the same rng gives the same batches, another one or None others; a Generator will do"""
    data, start = pairs(rng), tables(rng, 0.3)

    def batches(source):
        model, optimizer_class = LookUp(*start), Optimizers()
        network.train(model, optimizer_class, *data, **{**SETTINGS, "epochs": 1, "batch_size": 6, "rng": source})
        return [rows for _, rows, _ in model.steps]

    seed = int(rng.randint(10**6))
    first = batches(seed)
    same, other = first == batches(seed), first == batches(seed + 1)
    unseeded = [batches(None) for _ in range(4)]
    frozen = all(rows == unseeded[0] for rows in unseeded)
    generators = batches(generator(seed)) == batches(generator(seed))
    observe("same", same)
    observe("other", other)
    observe("generators", generators)
    observe("unseeded", frozen)
    assert_that(same, "The same seed gave other batches: the shuffling should draw from rng alone.")
    assert_that(not other, "Two seeds gave the same batches: the shuffling should draw from rng.")
    assert_that(generators, "Two Generators made from the same seed should give the same batches.")
    assert_that(not frozen, "With rng = None each training should have batches of its own.")


@check("train", "concept", random=True)
def test_train_keeps_rows_and_labels_together(rng):
    """each row keeps its label, and the gradient is that of the mean over the batch"""
    data = pairs(rng)
    labels = {tuple(row): label for row, label in zip(data[0].astype(int), data[1], strict=True)}
    model, optimizer_class = LookUp(*np.zeros((2, GROUPS, CLASSES))), Optimizers(moves=False)
    network.train(model, optimizer_class, *data, **{**SETTINGS, "epochs": 1})
    rows = [row for _, rows, _ in model.steps for row in rows]
    usable = bool(model.steps) and all(d.shape == (len(rows), CLASSES) for _, rows, d in model.steps)
    assert_that(usable, "model.backward should receive one row of gradients for each row of the batch.")
    dlogits = np.concatenate([d for _, _, d in model.steps])
    lowest = [int(place) for place in dlogits.argmin(axis=1)]
    right = sum(place == labels.get(row, place) for place, row in zip(lowest, rows, strict=True)) / len(rows)
    observe("largest batch", max(len(rows) for _, rows, _ in model.steps))
    observe("right labels", right, 0.35)
    observe("largest and smallest", [float(dlogits.max()), float(dlogits.min())], 1e-9)
    assert_that(
        right == 1.0,
        "The only logit that should grow is that of the row's own label: shuffle rows and labels by the same order.",
    )
    # three equal logits, twelve rows: (1/3 - 1) / 12 for the label, 1/3 / 12 for the others
    extremes = [dlogits.min(), dlogits.max()]
    assert_close(extremes, [-1 / 18, 1 / 36], because="These are the gradients of the label's logit and of the others.")


@check("train", "concept", random=True)
def test_train_switches_modes(rng):
    """training mode for each training batch, evaluation mode for the validation rows, every epoch"""
    data = pairs(rng)
    model, optimizer_class = LookUp(*tables(rng, 0.3)), Optimizers()
    network.train(model, optimizer_class, *data, **SETTINGS)
    held_out = {tuple(row) for row in data[2].astype(int)}
    training = sorted({mode for mode, _, _ in model.steps})
    validation = sorted({mode for mode, rows in model.looks if held_out.intersection(rows)})
    observe("training", training)
    observe("batch after batch", " ".join(mode for mode, _, _ in model.steps))
    observe("validation", validation)
    assert_that(model.steps, NOTHING_TRAINED)
    assert_that(
        training == ["train"],
        _("Every batch should be trained on after model.train(); the modes were {modes}.").format(
            modes=", ".join(training)
        ),
    )
    assert_that(validation, "The validation rows were never asked about: that is done after every epoch.")
    assert_that(
        validation == ["eval"],
        _("The validation rows should be seen after model.eval() only; the modes were {modes}.").format(
            modes=", ".join(validation)
        ),
    )


@check("train", "concept")
def test_train_leaves_its_inputs_alone(rng):
    """the data are left as they were"""
    optimizer_class = Optimizers()
    with inputs_unchanged():
        network.train(LookUp(*tables(rng, 0.3)), optimizer_class, *pairs(rng), **SETTINGS)


# -- train: early stopping ---------------------------------------------------------------------------------------------


FALLING, RISING = -np.arange(1.0, 10.0), np.arange(1.0, 10.0) - 9.5
SINKING = -1.0 - 1e-4 * np.arange(6)
STORIES = {
    N_("after two epochs in a row without a new best"): (FALLING, [-2, -3, 1, -4, -3, -3.5, -3.8, -5, -6], 2, 6),
    N_("a loss that equals the best is no improvement"): (FALLING, [-1, -2, -2, -2, -3, -4], 2, 4),
    N_("with patience 1 at the first epoch that is no better"): (FALLING, [-1, -2, -3, -2.5, -2, -4], 1, 4),
    N_("not with two and then three bad epochs and patience 4"): (FALLING, [-3, -1, -2, -3.5, -1, -2, -3, -4], 4, 8),
    N_("not while val_loss falls, whatever train_loss does"): (RISING, SINKING, 2, 6),
    N_("never with a patience of more epochs than there are"): (FALLING, [-5, -4, -3, -2, -1, -0.5], 7, 6),
}


@check("train", "concept")
@pytest.mark.parametrize("story", list(STORIES))
def test_train_stops_early(rng, pytorch, story):
    """early stopping: {story}"""
    training, levels, patience, epochs = STORIES[story]
    validation = rng.uniform(0.7, 1.0) * np.array(levels, dtype=float)
    losses = pytorch(lambda torch: torch.nn.functional.softplus(torch.tensor(validation)))
    history = history_from(
        Script(training, validation),
        Clocks(),
        np.zeros((4, 1)),
        np.zeros(4, dtype=int),
        np.ones((3, 1)),
        np.zeros(3, dtype=int),
        **{**SETTINGS, "epochs": len(levels), "batch_size": 4, "patience": patience},
    )
    assert_that(
        isinstance(history, dict) and "val_loss" in history, "train should return a dict with val_loss in it.", history
    )
    seen = as_array(history["val_loss"]).ravel()
    ran = seen.size
    observe("val_loss", seen.tolist(), 1e-9)
    text = _(
        "With patience={patience} and a val_loss that goes {losses} there should be {epochs} epochs; there were {ran}."
    ).format(patience=patience, losses=", ".join(f"{loss:.5f}" for loss in losses), epochs=epochs, ran=ran)
    assert_that(ran == epochs, text, history)
    _train_loss, val_loss, val_accuracy = history_of(history, epochs)
    observe("val_accuracy", val_accuracy.tolist(), 1e-9)
    assert_close(val_loss, losses[:epochs], because="This is val_loss.")
    hits = [float(level < 0) for level in levels[:epochs]]
    assert_close(val_accuracy, hits, because="This is val_accuracy.")


# -- everything together -----------------------------------------------------------------------------------------------


@check("train", "concept", points=2)
def test_train_learns_the_digits(rng):
    """real data: your MLP learns handwritten digits to 75 percent, scaled by what the training rows say"""
    images, labels = load_digits()
    order = rng.permutation(len(images))[:600]
    train_rows, val_rows = order[:400], order[400:]
    brightest = images[train_rows].max()  # fitted on the training rows only
    x, x_val = images[train_rows] / brightest, images[val_rows] / brightest
    labels = labels.astype(int)
    mlp = network.MLP([64, 32, 10], batchnorm=True, dropout=0.1, rng=int(rng.randint(10**6)))
    optimizer_class = Optimizers()
    history = network.train(
        mlp,
        optimizer_class,
        x,
        labels[train_rows],
        x_val,
        labels[val_rows],
        epochs=3,
        batch_size=50,
        lr=0.1,
        weight_decay=0.0,
        patience=10,
        rng=int(rng.randint(10**6)),
    )
    _train_loss, val_loss, val_accuracy = history_of(history, 3)
    assert_that(
        val_accuracy[-1] > 0.75,  # the right answers lie between 0.84 and 0.96, by their draws
        _("After three epochs over 75 percent of the unseen digits should be right; it was {share}.").format(
            share=f"{val_accuracy[-1]:.0%}"
        ),
        history,
    )
    assert_that(val_loss[-1] < val_loss[0], "val_loss should fall from the first epoch to the last.", history)
