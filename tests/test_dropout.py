"""Checks of dropout.

No check wants a particular draw: what is random is claimed within `margin`, wide enough that a right answer fails less
than once in 10^10 checks, narrow enough for every confusion of p, 1 - p and 1/2.
"""

import numpy as np
import pytest

from exercises import dropout
from grader.checks import (
    as_array,
    assert_close,
    assert_gradient,
    assert_raises,
    assert_shape,
    assert_that,
    check,
    generator,
    inputs_unchanged,
    no_float_errors,
    observe,
)
from grader.language import _

FACTORS = {0.2: 1.25, 0.5: 2.0, 0.8: 5.0}
"""By what a kept value grows, for each probability of dropping."""

NOT_PROBABILITIES = (-0.5, 1.5, 20.0)


def seed(rng):
    return int(rng.randint(2**31))


def margin(p, n, claims=1):
    """How far the share in n draws of probability p may be off: Bernstein's bound at 1e-11 over all claims."""
    log = np.log(2.0 * claims / 1e-11)
    return (log / 3 + np.sqrt(log**2 / 9 + 2 * n * p * (1 - p) * log)) / n


def bits(mask):
    """A mask as float64, whatever its dtype: that is the student's choice."""
    return mask.astype(np.float64) if isinstance(mask, np.ndarray) and mask.dtype.kind in "biu" else as_array(mask)


def agreement(zeros, axis):
    """The share of pairs of neighbours along an axis that are both dropped or both kept (pairs do not overlap)."""
    zeros = np.moveaxis(zeros, axis, 0)
    pairs = len(zeros) // 2 * 2
    return float((zeros[0:pairs:2] == zeros[1:pairs:2]).mean())


def assert_share(share, expected, n, message, got, claims=1):
    """Claim that a share of n independent draws is what it should be."""
    allowed = margin(expected, n, claims)
    found = _("It should be about {expected}, and is {share}.").format(expected=f"{expected:g}", share=f"{share:.3f}")
    assert_that(abs(share - expected) <= allowed, f"{message} {found}", got)


def alike(zeros):
    """Along which of the first two axes all slices share their fate: none, if each draw is independent."""
    return [axis for axis in range(min(zeros.ndim, 2)) if zeros.size and (zeros == zeros.take([0], axis=axis)).all()]


def assert_independent(zeros, p, got, axes=("sample", "unit")):
    """Claim that neighbours along the first two axes are dropped independently of each other."""
    expected, n = p * p + (1 - p) * (1 - p), zeros.size // 2
    messages = {
        "sample": _(
            "Neighbours along axis {axis} share their fate too often: each sample should have a draw of its own."
        ),
        "unit": _("Neighbours along axis {axis} share their fate too often: each unit should have a draw of its own."),
        "image": _(
            "Neighbours along axis {axis} share their fate too often: each image should have a draw of its own."
        ),
        "channel": _(
            "Neighbours along axis {axis} share their fate too often: each channel should have a draw of its own."
        ),
    }
    for axis, name in enumerate(axes):
        message = messages[name].format(axis=axis)
        assert_share(agreement(zeros, axis), expected, n, message, got, claims=2)


def assert_not_alike(zeros, got):
    """Claim that the fate of an element depends on its place along both of the first two axes."""
    assert_that(
        not alike(zeros), "Everything along an axis shares its fate: each element should be drawn on its own.", got
    )


# dropout_mask


def observe_mask(mask):
    """Note what a mask is like, whatever the draw."""
    together = alike(mask == 0)
    observe("shape", list(mask.shape))
    observe("alike along", together)
    observe("share of zeros", -1.0 if together else float((mask == 0).mean()), 0.1)
    observe("largest entry", -1.0 if together else float(mask.max(initial=0.0)), 0.01)
    observe("zeros and ones", bool(np.isin(mask, (0, 1)).all()))


@pytest.mark.parametrize("p", [0.2, 0.8])
@check("dropout_mask", "concept", random=True)
def test_mask_drops_the_share_p(rng, p):
    """at p = {p} the mask holds zeros and ones, and that share of it are zeros"""
    got = dropout.dropout_mask((40, 50), p, seed(rng))
    mask = bits(got)
    observe_mask(mask)
    assert_shape(mask, (40, 50))
    assert_that(np.isin(mask, (0, 1)).all(), "A mask holds nothing but 0 (dropped) and 1 (kept).", got)
    assert_not_alike(mask == 0, got)
    message = _("p = {p} is the share that is dropped.").format(p=p)
    assert_share(float((mask == 0).mean()), p, mask.size, message, got)


@check("dropout_mask", "concept", random=True)
def test_mask_entries_are_independent(rng):
    """each entry is drawn on its own: neither rows nor columns go together, nor is the number of zeros fixed"""
    source = generator(seed(rng))
    got = dropout.dropout_mask((40, 50), 0.2, source)
    mask = bits(got)
    observe_mask(mask)
    assert_shape(mask, (40, 50))
    counts = [int((bits(dropout.dropout_mask((10, 9), 0.2, source)) == 0).sum()) for _ in range(20)]
    observe("fixed number", len(set(counts)) == 1)
    assert_independent(mask == 0, 0.2, got)
    assert_that(
        len(set(counts)) > 1, "The number of zeros differs from mask to mask when each entry is drawn on its own."
    )


@check("dropout_mask", "concept", random=True)
def test_mask_follows_rng(rng):
    """the same seed gives the same mask, another seed or None another one, and a Generator moves on"""
    first, second = seed(rng), seed(rng)
    source, twin = generator(first), generator(first)
    sources = (first, first, second, source, source, twin)
    masks = [bits(dropout.dropout_mask((30, 40), 0.5, s)) for s in sources]
    unseeded = [bits(dropout.dropout_mask((30, 40), 0.5, None)) for _ in range(2)]
    places = ((0, 1), (0, 2), (3, 4), (3, 5))
    again, other, moved, followed = (bool(np.array_equal(masks[i], masks[j])) for i, j in places)
    frozen = bool(np.array_equal(*unseeded))
    observe("same seed, same mask", again)
    observe("other seed, same mask", other or first == second)
    observe("generator stands still", moved)
    observe("generator is followed", followed)
    observe("without a seed the same mask", frozen)
    assert_that(again, "The same seed should give the same mask.")
    assert_that(not other or first == second, "Another seed should give another mask.")
    assert_that(not moved, "A Generator that is used twice should give two different masks.")
    assert_that(followed, "Two Generators made from the same seed should give the same mask.")
    assert_that(not frozen, "With rng = None each mask should be another one.")


@check("dropout_mask", "concept", random=True)
def test_mask_at_the_ends(rng):
    """p = 0 keeps everything and p = 1 nothing, for any shape"""
    for shape in ((30, 40), (900,), (10, 20, 1, 5)):
        for p, value in ((0.0, 1.0), (1.0, 0.0)):
            mask = bits(dropout.dropout_mask(shape, p, seed(rng)))
            observe(f"share of zeros at p = {p}", float((mask == 0).mean()), 0.1)
            because = _("At p = {p} every entry is {value}.").format(p=p, value=f"{value:g}")
            assert_close(mask, np.full(shape, value), because=because)


@check("dropout_mask", "concept", random=True)
def test_mask_needs_a_probability():
    """p outside [0, 1] raises ValueError"""
    for p in NOT_PROBABILITIES:
        assert_raises(ValueError, dropout.dropout_mask, (3, 2), p, 7)


# dropout_forward and dropout_backward


def precision_at(p):
    """Near p = 1 something of 1e-12 that guards a division by 0 is of weight."""
    return 1e-5 if p > 0.9 else 1e-9


def mask_with_both(rng, shape, kept):
    """A mask with a given number of ones."""
    mask = np.zeros(int(np.prod(shape)))
    mask[:kept] = 1.0
    return rng.permutation(mask).reshape(shape)


def pytorch_mask(pytorch, rng, shape, p):
    """A mask that PyTorch draws, and the number with which it draws it again."""
    number = seed(rng)

    def draw(torch):
        torch.manual_seed(number)
        return (torch.nn.functional.dropout(torch.ones(shape, dtype=torch.float64), p) != 0).double()

    return pytorch(draw), number


@check("dropout_forward", "concept")
def test_forward_scales_what_stays(rng):
    """dropped values become 0, and kept ones grow so that nothing is lost on average"""
    x = rng.uniform(1.0, 3.0, size=(4, 5)) * rng.choice([-1.0, 1.0], size=(4, 5))
    for p, factor in ((0.2, 1.25), (0.8, 5.0), (0.999999, 1e6)):
        for kept in (7, 15):
            mask, precision = mask_with_both(rng, x.shape, kept), precision_at(p)
            assert_close(dropout.dropout_forward(x, mask, p), np.where(mask == 1, factor * x, 0.0), rtol=precision)


@pytest.mark.parametrize("p", [0.2, 0.8])
@check("dropout_forward", "parity")
def test_forward_agrees_with_pytorch(rng, pytorch, p):
    """at p = {p}, with PyTorch's own mask, the numbers of torch.nn.functional.dropout"""
    x = rng.normal(size=(4, 5))
    mask, number = pytorch_mask(pytorch, rng, x.shape, p)

    def forward(torch):
        torch.manual_seed(number)
        return torch.nn.functional.dropout(torch.tensor(x), p)

    expected = pytorch(forward)
    assert_close(dropout.dropout_forward(x, mask, p), expected)


@check("dropout_forward", "concept")
def test_forward_keeps_the_mean(rng):
    """over all the masks there are, each with its probability, the mean is x"""
    x, p, mean = rng.normal(size=3), 0.3, np.zeros(3)
    for number in range(8):
        mask = np.array([number >> bit & 1 for bit in range(3)])
        probability = 0.7 ** mask.sum() * 0.3 ** (3 - mask.sum())
        out = as_array(dropout.dropout_forward(x, mask, p))
        assert_shape(out, (3,))
        mean += probability * out
    message = _("The mean over all masks should be x = {x}, and is {mean}.").format(x=x, mean=mean)
    assert_that(np.abs(mean - x).max() < 1e-9, message)


@check("dropout_forward", "concept")
def test_forward_at_the_ends(rng):
    """p = 0 gives x and p = 1 zeros, without a division by 0"""
    x = rng.normal(size=(2, 3, 4))
    with no_float_errors():
        assert_close(dropout.dropout_forward(x, np.ones(x.shape), 0.0), x)
        assert_close(dropout.dropout_forward(x, np.zeros(x.shape), 1.0), np.zeros(x.shape))
        assert_close(dropout.dropout_forward(x, np.zeros(x.shape), 1), np.zeros(x.shape))


@check("dropout_forward", "concept")
def test_forward_needs_a_probability(rng):
    """p outside [0, 1] raises ValueError"""
    for p in NOT_PROBABILITIES:
        assert_raises(ValueError, dropout.dropout_forward, rng.normal(size=(3, 2)), np.ones((3, 2)), p)


@check("dropout_forward", "concept")
def test_forward_integers():
    """whole numbers in x, and a mask of integers or of booleans, work as well"""
    expected = [[1.25, 0.0, 3.75], [0.0, -6.25, 7.5]]
    x, mask = [[1, 2, 3], [4, -5, 6]], [[1, 0, 1], [0, 1, 1]]
    assert_close(dropout.dropout_forward(x, mask, 0.2), expected)
    assert_close(dropout.dropout_forward(np.array(x), np.array(mask), 0.2), expected)
    assert_close(dropout.dropout_forward(np.array(x), np.array(mask, dtype=bool), 0.2), expected)


@check("dropout_forward", "concept")
def test_forward_leaves_its_inputs(rng):
    """x and the mask stay as they were"""
    x = rng.normal(size=(3, 4))
    with inputs_unchanged():
        assert_shape(dropout.dropout_forward(x, mask_with_both(rng, x.shape, 7), 0.2), (3, 4))


@check("dropout_backward", "gradient")
def test_backward_agrees_with_finite_differences(rng, pytorch):
    """the gradient with respect to x, by finite differences through PyTorch's dropout"""
    x, dout = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    mask, number = pytorch_mask(pytorch, rng, x.shape, 0.3)

    def loss(torch, v):
        torch.manual_seed(number)
        return (torch.nn.functional.dropout(v, 0.3) * torch.tensor(dout)).sum()

    expected = pytorch.numerical(loss, x)
    assert_gradient(dropout.dropout_backward(dout, mask, 0.3), expected)


@pytest.mark.parametrize("p", [0.2, 0.8])
@check("dropout_backward", "parity")
def test_backward_agrees_with_pytorch(rng, pytorch, p):
    """at p = {p}, with PyTorch's own mask, the gradient that autograd gives"""
    x, dout = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    mask, number = pytorch_mask(pytorch, rng, x.shape, p)

    def loss(torch, v):
        torch.manual_seed(number)
        return (torch.nn.functional.dropout(v, p) * torch.tensor(dout)).sum()

    expected = pytorch.autograd(loss, x)
    assert_close(dropout.dropout_backward(dout, mask, p), expected)


@check("dropout_backward", "concept")
def test_backward_flows_through_what_was_kept(rng):
    """nothing flows through a dropped unit, and through a kept one as much more as its value had grown"""
    dout = rng.uniform(1.0, 3.0, size=(3, 6)) * rng.choice([-1.0, 1.0], size=(3, 6))
    for p, factor in ((0.2, 1.25), (0.8, 5.0), (0.999999, 1e6)):
        mask = mask_with_both(rng, dout.shape, 7)
        expected = np.where(mask == 1, factor * dout, 0.0)
        assert_close(dropout.dropout_backward(dout, mask, p), expected, rtol=precision_at(p))


@check("dropout_backward", "concept")
def test_backward_at_the_ends(rng):
    """p = 0 passes dout on and p = 1 nothing, without a division by 0"""
    dout = rng.normal(size=(2, 3, 4))
    with no_float_errors():
        assert_close(dropout.dropout_backward(dout, np.ones(dout.shape), 0.0), dout)
        assert_close(dropout.dropout_backward(dout, np.zeros(dout.shape), 1.0), np.zeros(dout.shape))
        assert_close(dropout.dropout_backward(dout, np.zeros(dout.shape), 1), np.zeros(dout.shape))


@check("dropout_backward", "concept")
def test_backward_needs_a_probability(rng):
    """p outside [0, 1] raises ValueError"""
    for p in NOT_PROBABILITIES:
        assert_raises(ValueError, dropout.dropout_backward, rng.normal(size=(3, 2)), np.ones((3, 2)), p)


@check("dropout_backward", "concept")
def test_backward_integers():
    """whole numbers in dout, and a mask of integers or of booleans, work as well"""
    expected = [[1.25, 0.0, 3.75], [0.0, -6.25, 7.5]]
    dout, mask = [[1, 2, 3], [4, -5, 6]], [[1, 0, 1], [0, 1, 1]]
    assert_close(dropout.dropout_backward(dout, mask, 0.2), expected)
    assert_close(dropout.dropout_backward(np.array(dout), np.array(mask), 0.2), expected)
    assert_close(dropout.dropout_backward(np.array(dout), np.array(mask, dtype=bool), 0.2), expected)


@check("dropout_backward", "concept")
def test_backward_leaves_its_inputs(rng):
    """dout and the mask stay as they were"""
    dout = rng.normal(size=(3, 4))
    with inputs_unchanged():
        assert_shape(dropout.dropout_backward(dout, mask_with_both(rng, dout.shape, 7), 0.2), (3, 4))


# Dropout


def nonzero(rng, shape):
    """Numbers of both signs, none of them near 0."""
    return rng.uniform(1.0, 3.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def typical(ratios):
    """The typical factor among those that are not 0."""
    kept = ratios[ratios != 0]
    return float(np.median(kept)) if kept.size else 0.0


def assert_dropped_or_scaled(out, x, p, got):
    """Claim that each element is 0 or x times the factor of p; returns which are 0."""
    assert_shape(out, x.shape)
    factor = FACTORS[p]
    right = (out == 0) | (np.abs(out - factor * x) <= 1e-9 * np.abs(factor * x))
    message = _("In training at p = {p} each element is either 0 or {factor} times what it was.")
    found = _("The factor here is typically {factor}.").format(factor=f"{typical(out / x):.4g}")
    assert_that(right.all(), f"{message.format(p=p, factor=f'{factor:g}')} {found}", got)
    return out == 0


def training_output(got, x):
    """The result of a pass in training as an array, its nature noted."""
    assert_shape(got, x.shape)
    out = as_array(got)
    together = alike(out == 0)
    observe("alike along", together)
    observe("share of zeros", -1.0 if together else float((out == 0).mean()), 0.15)
    observe("factor", -1.0 if together else typical(out / x), 1e-3)
    return out


def settled_output(got, given):
    """The result of a pass that leaves nothing to chance, as it came, its nature noted."""
    assert_shape(got, given.shape)
    out = as_array(got)
    finite = bool(np.isfinite(out).all())
    factor = typical(out / given) if finite else -1.0
    observe("finite", finite)
    observe("all alike", finite and bool(np.allclose(out, factor * given, rtol=1e-9, atol=0.0)))
    observe("factor", factor, 1e-3)
    return got


@pytest.mark.parametrize("p", [0.2, 0.8])
@check("Dropout", "concept", random=True)
def test_dropout_in_training(rng, p):
    """in training at p = {p} that share becomes 0 and the rest grows by 1/(1 - p)"""
    x = nonzero(rng, (40, 50))
    layer = dropout.Dropout(p, seed(rng))
    got = layer.forward(x)
    out = training_output(got, x)
    zeros = assert_dropped_or_scaled(out, x, p, got)
    assert_not_alike(zeros, got)
    message = _("p = {p} is the share that is dropped.").format(p=p)
    assert_share(float(zeros.mean()), p, x.size, message, got)


@check("Dropout", "concept", random=True)
def test_dropout_defaults(rng):
    """without arguments p is 1/2 and the draw is anybody's guess"""
    x = nonzero(rng, (40, 50))
    got = dropout.Dropout().forward(x)
    out = training_output(got, x)
    zeros = assert_dropped_or_scaled(out, x, 0.5, got)
    assert_not_alike(zeros, got)
    assert_share(float(zeros.mean()), 0.5, x.size, _("The default of p is 0.5."), got)


@check("Dropout", "concept", random=True)
def test_dropout_elements_are_independent(rng):
    """each element of each sample is dropped on its own: rows do not go together, nor is the number of zeros fixed"""
    x = nonzero(rng, (40, 50))
    layer = dropout.Dropout(p=0.2, rng=seed(rng))
    got = layer.forward(x)
    zeros = training_output(got, x) == 0
    counts = [int((as_array(layer.forward(x[:9])) == 0).sum()) for _ in range(20)]
    observe("fixed number", len(set(counts)) == 1)
    assert_independent(zeros, 0.2, got)
    assert_that(
        len(set(counts)) > 1,
        "The number of zeros differs from pass to pass when each element is dropped on its own.",
    )


@check("Dropout", "concept", random=True)
def test_dropout_draws_a_fresh_mask(rng):
    """every batch gets a mask of its own, also after batches of other shapes"""
    x = nonzero(rng, (12, 50))
    layer = dropout.Dropout(0.2, seed(rng))
    zeros = []
    for batch in (x, x, x[:6], x):
        got = layer.forward(batch)
        assert_shape(got, batch.shape)
        zeros.append(as_array(got) == 0)
    same = bool(np.array_equal(zeros[0], zeros[1]))
    resumed = bool(np.array_equal(zeros[0][:6], zeros[2]))
    observe("the same mask twice", same)
    observe("a smaller batch has the beginning of the mask", resumed)
    message = _("Two batches in a row had the same mask: each forward in training draws a new one.")
    assert_that(not same and not np.array_equal(zeros[1], zeros[3]) and not np.array_equal(zeros[0], zeros[3]), message)
    assert_that(not resumed, message)


@check("Dropout", "concept", random=True)
def test_dropout_mean_is_x(rng):
    """over many passes each element is dropped at times and kept at times, and the mean of the output is x"""
    x = nonzero(rng, (5, 10))
    layer, passes = dropout.Dropout(0.3, seed(rng)), 60
    total, dropped = np.zeros(x.shape), np.zeros(x.shape)
    for _pass in range(passes):
        out = as_array(layer.forward(x))
        assert_shape(out, x.shape)
        total += out
        dropped += out == 0
    ratio = float((total / passes / x).mean())
    varies = bool(((dropped > 0) & (dropped < passes)).all())
    observe("every element varies", varies)
    observe("mean of output / x", ratio if varies else -1.0, 0.1)
    assert_that(varies, "Over many passes every element should be dropped at times and kept at times.")
    message = _("The mean over many passes should be x; it is {ratio} times x.").format(ratio=f"{ratio:.3f}")
    assert_that(abs(ratio - 1) < 0.15, message)


@check("Dropout", "concept", random=True, points=2)
def test_dropout_backward_uses_the_mask_of_forward(rng):
    """the gradient flows through the elements that the last forward kept, times the same factor"""
    x, dout = nonzero(rng, (20, 30)), nonzero(rng, (20, 30))
    layer = dropout.Dropout(0.2, seed(rng))
    for batch in ("first", "second"):
        got_out = layer.forward(x)
        got_dx = layer.backward(dout)
        out, dx = as_array(got_out), as_array(got_dx)
        assert_shape(out, x.shape)
        assert_shape(dx, dout.shape)
        same = bool(np.array_equal(out == 0, dx == 0))
        observe(f"mask of the {batch} forward", same)
        observe(
            f"{batch} factor of backward over that of forward", typical(dx / dout) / (typical(out / x) or 1.0), 1e-3
        )
        assert_that(same, "The gradient should be 0 exactly where the last forward dropped the element.", got_dx)
        assert_close(dx, dout * (out / x), because="A kept element's gradient grows by the same factor as its value.")


def assert_zeros_pass_on(zeros, got):
    """Claim that some, and not all, gradients are 0 where x is 0 of itself."""
    share = float(zeros.mean())
    observe("gradient where x is 0", "none" if share > 0.95 else "all of it" if share == 0 else "some of it")
    message = _("Where x is 0, the gradient should be 0 for what was dropped and for nothing else: the mask decides.")
    assert_that(0 < share <= 0.95, message, got)


@check("Dropout", "concept", random=True)
def test_dropout_backward_where_x_is_zero(rng):
    """an element that is 0 of itself and was kept passes its gradient on"""
    x, dout = nonzero(rng, (40, 100)), nonzero(rng, (40, 100))
    x[:, ::2] = 0.0
    layer = dropout.Dropout(0.2, seed(rng))
    layer.forward(x)
    got = layer.backward(dout)
    assert_shape(got, dout.shape)
    observe("factor where x is not 0", typical((as_array(got) / dout)[:, 1::2]), 1e-3)
    assert_zeros_pass_on(as_array(got)[:, ::2] == 0, got)


@check("Dropout", "parity", random=True)
def test_dropout_evaluation_agrees_with_pytorch(rng, pytorch):
    """in evaluation it is the identity, forward and backward, like torch.nn.Dropout"""
    x, dout = nonzero(rng, (5, 8)), nonzero(rng, (5, 8))

    def layer_of(torch):
        return torch.nn.Dropout(0.2).eval()

    expected = pytorch(lambda torch: layer_of(torch)(torch.tensor(x)))
    expected_dx = pytorch.autograd(lambda torch, v: (layer_of(torch)(v) * torch.tensor(dout)).sum(), x)
    layer = dropout.Dropout(0.2, seed(rng))
    layer.eval()
    out = settled_output(layer.forward(x), x)
    dx = settled_output(layer.backward(dout), dout)
    again = settled_output(layer.forward(x), x)
    assert_close(out, expected, because="In evaluation nothing is dropped and nothing is scaled.")
    assert_close(dx, expected_dx, because="In evaluation the layer is the identity.")
    assert_close(again, expected, because="In evaluation it stays, until train() is called.")


@check("Dropout", "parity", random=True)
def test_dropout_at_the_ends_agrees_with_pytorch(rng, pytorch):
    """in training at p = 0 and p = 1, without a division by 0, the numbers of torch.nn.Dropout"""
    x, dout = nonzero(rng, (5, 8)), nonzero(rng, (5, 8))
    expected = {p: pytorch(lambda torch, p=p: torch.nn.Dropout(p)(torch.tensor(x))) for p in (0.0, 1.0)}
    gradients = {0.0: dout, 1.0: np.zeros(dout.shape)}
    for p in (0.0, 1.0):
        with no_float_errors():
            layer = dropout.Dropout(p, seed(rng))
            out = settled_output(layer.forward(x), x)
            dx = settled_output(layer.backward(dout), dout)
        assert_close(out, expected[p], because=_("With p = {p} nothing is left to chance.").format(p=p))
        assert_close(dx, gradients[p], because=_("With p = {p} nothing is left to chance.").format(p=p))


@check("Dropout", "concept", random=True)
def test_dropout_changes_modes(rng):
    """a new layer is in training, eval() switches dropout off and train() on again"""
    x, zeros = nonzero(rng, (5, 8)), np.zeros((5, 8))
    layer = dropout.Dropout(1.0, seed(rng))
    flags, outputs = [layer.training], [settled_output(layer.forward(x), x)]
    layer.eval()
    once = [bool(layer.training)]
    layer.eval()
    flags.append(layer.training)
    outputs.append(settled_output(layer.forward(x), x))
    layer.train()
    once.append(bool(layer.training))
    layer.train()
    flags.append(layer.training)
    outputs.append(settled_output(layer.forward(x), x))
    flags = [bool(flag) for flag in flags]
    observe("training", flags)
    observe("training after one switch", once)
    assert_that(flags[0], "A new layer should be in training mode: training is True.", flags[0])
    assert_that(not flags[1], "After eval() training should be False.", flags[1])
    assert_that(flags[2], "After train() training should be True.", flags[2])
    assert_close(outputs[0], zeros, because="A new layer should be in training mode, and p = 1 drops everything.")
    assert_close(outputs[1], x, because="After eval() the layer should be the identity.")
    assert_close(outputs[2], zeros, because="After train() the layer should drop again.")


@check("Dropout", "concept", random=True)
def test_dropout_backward_belongs_to_the_last_forward(rng):
    """switching the mode between forward and backward changes nothing"""
    x, dout = nonzero(rng, (5, 8)), nonzero(rng, (5, 8))
    layer = dropout.Dropout(1.0, seed(rng))
    layer.forward(x)
    layer.eval()
    after_training = settled_output(layer.backward(dout), dout)
    layer.forward(x)
    layer.train()
    after_evaluation = settled_output(layer.backward(dout), dout)
    assert_close(after_training, np.zeros(dout.shape), because="The last forward ran in training, and p = 1.")
    assert_close(after_evaluation, dout, because="The last forward ran in evaluation.")


@check("Dropout", "concept", random=True)
def test_dropout_backward_after_a_change_of_mode(rng):
    """the mask of a training pass outlives eval(), and an evaluation pass forgets it"""
    x, dout = nonzero(rng, (10, 30)), nonzero(rng, (10, 30))
    layer = dropout.Dropout(0.2, seed(rng))
    out = as_array(layer.forward(x))
    layer.eval()
    dx = as_array(layer.backward(dout))
    assert_shape(out, x.shape)
    assert_shape(dx, dout.shape)
    observe("mask after eval()", bool(np.array_equal(out == 0, dx == 0)))
    layer.forward(x)
    layer.train()
    identity = layer.backward(dout)
    observe("identity after an evaluation pass", bool(np.array_equal(as_array(identity), dout)))
    assert_close(dx, dout * (out / x), because="backward belongs to the last forward, which ran in training.")
    assert_close(identity, dout, because="backward belongs to the last forward, which ran in evaluation.")


@check("Dropout", "concept", random=True)
def test_dropout_layers_keep_their_own_masks(rng):
    """each layer of a network remembers its own mask and its own mode"""
    x, dout = nonzero(rng, (10, 30)), nonzero(rng, (10, 30))
    first, second = dropout.Dropout(0.2, seed(rng)), dropout.Dropout(0.2, seed(rng))
    out = as_array(first.forward(x))
    assert_shape(out, x.shape)
    second.forward(x)
    second.eval()
    dx = as_array(first.backward(dout))
    assert_shape(dx, dout.shape)
    observe("mask after another layer's forward", bool(np.array_equal(out == 0, dx == 0)))
    observe("training after another layer's eval()", bool(first.training))
    assert_that(first.training, "eval() of one layer should leave the mode of another as it is.", first.training)
    assert_close(dx, dout * (out / x), because="Another layer has run forward since: a layer's mask is its own.")


@check("Dropout", "concept", random=True)
def test_dropout_follows_rng(rng):
    """layers with the same seed draw the same masks in the same order; another seed, or none, gives other masks"""
    x, first, second = nonzero(rng, (30, 40)), seed(rng), seed(rng)
    layers = [dropout.Dropout(0.5, rng=s) for s in (first, first, second)]
    outputs = [[as_array(layer.forward(x)) for layer in layers] for _ in range(2)]
    alone = [as_array(dropout.Dropout(0.5, rng=first).forward(x)) for _ in range(2)]
    unseeded = [as_array(dropout.Dropout(0.5).forward(x)) for _ in range(2)]
    again = all(np.array_equal(a, b) for a, b, _ in outputs)
    other = any(np.array_equal(a, c) for a, _, c in outputs)
    observe("same seed, same mask while no other layer draws", bool(np.array_equal(*alone)))
    observe("same seed, same mask", again)
    observe("other seed, same mask", other or first == second)
    observe("without a seed the same mask", bool(np.array_equal(*unseeded)))
    assert_that(again, "Two layers with the same seed should draw the same masks.")
    assert_that(not other or first == second, "Layers with different seeds should draw different masks.")
    assert_that(not np.array_equal(*unseeded), "Without rng two layers should draw different masks.")


@check("Dropout", "concept", random=True)
def test_dropout_takes_a_generator(rng):
    """two layers that share a Generator draw different masks, which follow from it"""
    x, number = nonzero(rng, (30, 40)), seed(rng)
    source, twin = generator(number), generator(number)
    first, second, third = (as_array(dropout.Dropout(0.5, s).forward(x)) for s in (source, source, twin))
    same, followed = bool(np.array_equal(first, second)), bool(np.array_equal(first, third))
    observe("generator stands still", same)
    observe("generator is followed", followed)
    assert_that(not same, "Two layers that share a Generator should draw different masks.")
    assert_that(followed, "Two Generators made from the same seed should give the same masks.")


def use(layer_class, p, x):
    """Make a layer and use it once."""
    layer = layer_class(p, 3)
    return layer.forward(x)


@check("Dropout", "concept", random=True)
def test_dropout_needs_a_probability(rng):
    """p outside [0, 1] raises ValueError"""
    for p in NOT_PROBABILITIES:
        assert_raises(ValueError, use, dropout.Dropout, p, rng.normal(size=(3, 2)))


@check("Dropout", "concept", random=True)
def test_dropout_any_shape(rng):
    """vectors, images and a batch of one row work as well as (m, n)"""
    for shape in ((40,), (1, 40), (4, 3, 5), (4, 3, 1, 5)):
        x, dout = nonzero(rng, shape), nonzero(rng, shape)
        for p, kept in ((0.0, 1.0), (1.0, 0.0)):
            layer = dropout.Dropout(p, seed(rng))
            out = settled_output(layer.forward(x), x)
            dx = settled_output(layer.backward(dout), dout)
            assert_close(out, kept * x)
            assert_close(dx, kept * dout)


@check("Dropout", "concept", random=True)
def test_dropout_integers(rng):
    """whole numbers in lists or arrays work as well, in both modes"""
    x = rng.randint(1, 9, size=(5, 8))
    got = dropout.Dropout(0.2, seed(rng)).forward(x)
    assert_shape(got, x.shape)
    observe("factor on whole numbers", typical(as_array(got) / x), 1e-3)
    layer = dropout.Dropout(0.0, seed(rng))
    training = settled_output(layer.forward(x.tolist()), x)
    layer.eval()
    evaluation = settled_output(layer.forward(x.tolist()), x)
    assert_close(training, x)
    assert_close(evaluation, x)
    assert_dropped_or_scaled(as_array(got), x, 0.2, got)


@check("Dropout", "concept", random=True)
def test_dropout_leaves_its_inputs(rng):
    """x and dout stay as they were"""
    x, dout = nonzero(rng, (6, 20)), nonzero(rng, (6, 20))
    with inputs_unchanged():
        for p in (1.0, 0.2):
            layer = dropout.Dropout(p, seed(rng))
            layer.forward(x)
            layer.backward(dout)
        layer.eval()
        layer.forward(x)
        layer.backward(dout)


# SpatialDropout


def fates(zeros):
    """Which of the axes of (m, C, H, W) the fate of an element depends on."""
    same = {
        name: bool((zeros == zeros.take([0], axis=axis)).all())
        for axis, name in enumerate(("images", "channels", "rows", "columns"))
    }
    return [name for name, alike in same.items() if not alike]


def spatial_output(got, x):
    """The result of a pass in training, its nature noted; and which channels of which images are 0."""
    assert_shape(got, x.shape)
    out = as_array(got)
    on = fates(out == 0)
    observe("depends on", on)
    observe("share of zeros", -1.0 if len(on) < 2 else float((out == 0).mean()), 0.2)
    observe("factor", -1.0 if len(on) < 2 else typical(out / x), 1e-3)
    return out


def assert_channels(out, x, p, got, message):
    """Claim that whole channels are dropped with probability p, and the others scaled."""
    zeros = out == 0
    whole = (zeros == zeros[:, :, :1, :1]).all()
    assert_that(whole, "A channel of an image is lost with all its pixels or not at all.", got)
    both = {"images", "channels"} <= set(fates(zeros))
    assert_that(both, "Which channels are lost should differ from channel to channel and from image to image.", got)
    assert_dropped_or_scaled(out, x, p, got)
    assert_share(float(zeros.mean()), p, zeros.shape[0] * zeros.shape[1], message, got)


@pytest.mark.parametrize("p", [0.2, 0.8])
@check("SpatialDropout", "concept", random=True, points=2)
def test_spatial_dropout_drops_whole_channels(rng, p):
    """in training at p = {p} that share of the channels is lost whole and the others grow by 1/(1 - p)"""
    x = nonzero(rng, (40, 25, 2, 3))
    got = dropout.SpatialDropout(p, seed(rng)).forward(x)
    out = spatial_output(got, x)
    assert_channels(out, x, p, got, _("p = {p} is the share of channels that is dropped.").format(p=p))


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_channels_are_independent(rng):
    """each channel of each image is dropped on its own, so images lose different channels"""
    x = nonzero(rng, (40, 25, 3, 2))
    got = dropout.SpatialDropout(p=0.2, rng=seed(rng)).forward(x)
    zeros = spatial_output(got, x)[:, :, 0, 0] == 0
    fixed = len(set(zeros.sum(axis=1).tolist())) == 1
    observe("fixed number", fixed)
    assert_independent(zeros, 0.2, got, axes=("image", "channel"))
    assert_that(
        not fixed, "The number of lost channels differs from image to image when each is dropped on its own.", got
    )


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_defaults(rng):
    """without arguments half of the channels are dropped"""
    x = nonzero(rng, (40, 25, 2, 2))
    got = dropout.SpatialDropout().forward(x)
    out = spatial_output(got, x)
    assert_channels(out, x, 0.5, got, _("The default of p is 0.5."))


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_draws_a_fresh_mask(rng):
    """every batch gets a mask of its own"""
    x = nonzero(rng, (40, 50, 2, 1))
    layer = dropout.SpatialDropout(0.2, seed(rng))
    zeros = []
    for _pass in range(3):
        got = layer.forward(x)
        assert_shape(got, x.shape)
        zeros.append(as_array(got) == 0)
    same = bool(np.array_equal(zeros[0], zeros[1]))
    observe("the same mask twice", same)
    message = _("Two batches in a row had the same mask: each forward in training draws a new one.")
    assert_that(not same and not np.array_equal(zeros[1], zeros[2]), message)


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_backward_uses_the_mask_of_forward(rng):
    """the gradient flows through the channels that the last forward kept, times the same factor"""
    x, dout = nonzero(rng, (40, 50, 1, 2)), nonzero(rng, (40, 50, 1, 2))
    layer = dropout.SpatialDropout(0.2, seed(rng))
    for batch in ("first", "second"):
        got_out = layer.forward(x)
        got_dx = layer.backward(dout)
        out, dx = as_array(got_out), as_array(got_dx)
        assert_shape(out, x.shape)
        assert_shape(dx, dout.shape)
        same = bool(np.array_equal(out == 0, dx == 0))
        observe(f"mask of the {batch} forward", same)
        observe(
            f"{batch} factor of backward over that of forward", typical(dx / dout) / (typical(out / x) or 1.0), 1e-3
        )
        assert_that(same, "The gradient should be 0 exactly where the last forward dropped the channel.", got_dx)
        assert_close(dx, dout * (out / x), because="A kept channel's gradient grows by the same factor as its values.")


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_backward_where_x_is_zero(rng):
    """a kept channel passes the gradient of its zeros on as well"""
    x, dout = nonzero(rng, (40, 50, 1, 2)), nonzero(rng, (40, 50, 1, 2))
    x[:, :, :, 0] = 0.0
    x[::2] = 0.0
    layer = dropout.SpatialDropout(0.2, seed(rng))
    layer.forward(x)
    got = layer.backward(dout)
    assert_shape(got, dout.shape)
    observe("factor where x is not 0", typical((as_array(got) / dout)[1::2, :, :, 1]), 1e-3)
    assert_zeros_pass_on(as_array(got)[::2] == 0, got)
    zeros = as_array(got) == 0
    assert_that(
        (zeros[..., 0] == zeros[..., 1]).all(), "The gradient of a channel flows to all its pixels or to none.", got
    )


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_in_evaluation(rng):
    """in evaluation it is the identity, forward and backward"""
    x, dout = nonzero(rng, (5, 8, 2, 1)), nonzero(rng, (5, 8, 2, 1))
    layer = dropout.SpatialDropout(0.2, seed(rng))
    layer.eval()
    out = settled_output(layer.forward(x), x)
    dx = settled_output(layer.backward(dout), dout)
    assert_close(out, x, because="In evaluation nothing is dropped and nothing is scaled.")
    assert_close(dx, dout, because="In evaluation the layer is the identity.")


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_at_the_ends(rng):
    """in training p = 0 keeps every channel and p = 1 none, without a division by 0"""
    x, dout = nonzero(rng, (5, 8, 2, 1)), nonzero(rng, (5, 8, 2, 1))
    for p, kept in ((0.0, 1.0), (1.0, 0.0)):
        with no_float_errors():
            layer = dropout.SpatialDropout(p, seed(rng))
            out = settled_output(layer.forward(x), x)
            dx = settled_output(layer.backward(dout), dout)
        assert_close(out, kept * x, because=_("With p = {p} nothing is left to chance.").format(p=p))
        assert_close(dx, kept * dout, because=_("With p = {p} nothing is left to chance.").format(p=p))


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_changes_modes(rng):
    """a new layer is in training, eval() switches dropout off and train() on again"""
    x, zeros = nonzero(rng, (5, 8, 2, 1)), np.zeros((5, 8, 2, 1))
    layer = dropout.SpatialDropout(1.0, seed(rng))
    flags, outputs = [layer.training], [settled_output(layer.forward(x), x)]
    layer.eval()
    once = [bool(layer.training)]
    layer.eval()
    flags.append(layer.training)
    outputs.append(settled_output(layer.forward(x), x))
    layer.train()
    once.append(bool(layer.training))
    layer.train()
    flags.append(layer.training)
    outputs.append(settled_output(layer.forward(x), x))
    flags = [bool(flag) for flag in flags]
    observe("training", flags)
    observe("training after one switch", once)
    assert_that(flags[0], "A new layer should be in training mode: training is True.", flags[0])
    assert_that(not flags[1], "After eval() training should be False.", flags[1])
    assert_that(flags[2], "After train() training should be True.", flags[2])
    assert_close(outputs[0], zeros, because="A new layer should be in training mode, and p = 1 drops everything.")
    assert_close(outputs[1], x, because="After eval() the layer should be the identity.")
    assert_close(outputs[2], zeros, because="After train() the layer should drop again.")


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_backward_belongs_to_the_last_forward(rng):
    """neither the mode nor another layer between forward and backward changes anything"""
    x, dout = nonzero(rng, (5, 8, 2, 1)), nonzero(rng, (5, 8, 2, 1))
    layer, other = dropout.SpatialDropout(1.0, seed(rng)), dropout.SpatialDropout(0.2, seed(rng))
    layer.forward(x)
    other.eval()
    other.forward(x)
    observe("training after another layer's eval()", bool(layer.training))
    assert_that(layer.training, "eval() of one layer should leave the mode of another as it is.", layer.training)
    beside = settled_output(layer.backward(dout), dout)
    layer.eval()
    after_training = settled_output(layer.backward(dout), dout)
    layer.forward(x)
    layer.train()
    after_evaluation = settled_output(layer.backward(dout), dout)
    assert_close(
        beside, np.zeros(dout.shape), because="Another layer has run forward since: a layer's mask is its own."
    )
    assert_close(after_training, np.zeros(dout.shape), because="The last forward ran in training, and p = 1.")
    assert_close(after_evaluation, dout, because="The last forward ran in evaluation.")


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_follows_rng(rng):
    """layers with the same seed draw the same masks, another seed gives other masks, a shared Generator moves on"""
    x, first, second = nonzero(rng, (40, 50, 1, 2)), seed(rng), seed(rng)
    source, twin = generator(first), generator(first)
    layers = [dropout.SpatialDropout(0.5, s) for s in (first, first, second, source, source, twin, None, None)]
    outputs = [as_array(layer.forward(x)) for layer in layers]
    places = ((0, 1), (0, 2), (3, 4), (3, 5), (6, 7))
    again, other, moved, followed, frozen = (bool(np.array_equal(outputs[i], outputs[j])) for i, j in places)
    observe("same seed, same mask", again)
    observe("other seed, same mask", other or first == second)
    observe("generator stands still", moved)
    observe("generator is followed", followed)
    observe("without a seed the same mask", frozen)
    assert_that(again, "Two layers with the same seed should draw the same masks.")
    assert_that(not other or first == second, "Layers with different seeds should draw different masks.")
    assert_that(not moved, "Two layers that share a Generator should draw different masks.")
    assert_that(followed, "Two Generators made from the same seed should give the same masks.")
    assert_that(not frozen, "Without rng two layers should draw different masks.")


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_needs_a_probability(rng):
    """p outside [0, 1] raises ValueError"""
    for p in NOT_PROBABILITIES:
        assert_raises(ValueError, use, dropout.SpatialDropout, p, rng.normal(size=(2, 3, 1, 2)))


@check("SpatialDropout", "concept", random=True)
def test_spatial_dropout_leaves_its_inputs(rng):
    """x and dout stay as they were; whole numbers in lists or arrays work as well"""
    x, dout = nonzero(rng, (3, 8, 2, 2)), nonzero(rng, (3, 8, 2, 2))
    with inputs_unchanged():
        for p in (1.0, 0.2):
            layer = dropout.SpatialDropout(p, seed(rng))
            layer.forward(x)
            layer.backward(dout)
    images = [[[[1, 2]], [[3, 4]], [[5, 6]]]]
    whole = rng.randint(1, 9, size=(5, 8, 1, 2))
    got = dropout.SpatialDropout(0.2, seed(rng)).forward(whole)
    assert_shape(got, whole.shape)
    observe("factor on whole numbers", typical(as_array(got) / whole), 1e-3)
    assert_close(dropout.SpatialDropout(1.0, seed(rng)).forward(images), np.zeros((1, 3, 1, 2)))
    assert_dropped_or_scaled(as_array(got), whole, 0.2, got)


# monte_carlo_mean


def passes_kept(got, x, p, n_samples):
    """In how many of the passes each element was kept, if the result is a mean of passes at all."""
    return as_array(got) / x * n_samples / FACTORS[p]


@pytest.mark.parametrize("p", [0.2, 0.8])
@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_single_pass(rng, p):
    """a single pass at p = {p} is dropout in training: that share is 0, the rest grows by 1/(1 - p)"""
    x = nonzero(rng, (40, 50))
    got = dropout.monte_carlo_mean(x, p, 1, seed(rng))
    out = training_output(got, x)
    zeros = assert_dropped_or_scaled(out, x, p, got)
    assert_not_alike(zeros, got)
    message = _("p = {p} is the share that is dropped.").format(p=p)
    assert_share(float(zeros.mean()), p, x.size, message, got)


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_elements_are_independent(rng):
    """within a pass each element is dropped on its own"""
    x = nonzero(rng, (40, 50))
    got = dropout.monte_carlo_mean(x, 0.2, 1, seed(rng))
    assert_independent(training_output(got, x) == 0, 0.2, got)


@check("monte_carlo_mean", "concept", random=True, points=2)
def test_monte_carlo_averages_different_passes(rng):
    """seven passes have seven masks: each element is the mean of what it was in each of them"""
    x, p, n = nonzero(rng, (50, 60)), 0.2, 7
    got = dropout.monte_carlo_mean(x, p, n, seed(rng))
    assert_shape(got, x.shape)
    kept = passes_kept(got, x, p, n)
    counts = np.rint(kept)
    whole = bool((np.abs(kept - counts) < 1e-6).all())
    together = alike(counts)
    mixed = -1.0 if together else float(((counts > 0) & (counts < n)).mean())
    mean = -1.0 if together else float(kept.mean()) / n
    observe("alike along", together)
    observe("whole numbers of passes", whole)
    observe("share of elements kept in some passes only", mixed, 0.2)
    observe("mean share of passes kept", mean, 0.05)
    assert_that(whole, "The mean of 7 passes is a whole number of sevenths of x/(1 - p).", got)
    assert_not_alike(counts, got)
    assert_that(
        mixed > 0.5, "Most elements should be kept in some passes and dropped in others: is each mask new?", got
    )
    assert_share(mean, 1 - p, x.size * n, _("The share of passes in which an element is kept."), got)


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_approaches_x(rng):
    """with many passes the mean approaches x"""
    x, p, n = nonzero(rng, (20, 30)), 0.2, 600
    got = dropout.monte_carlo_mean(x, p, n, seed(rng))
    assert_shape(got, x.shape)
    ratio = as_array(got) / x
    mean = float(ratio.mean())
    right = abs(mean - 1) < 0.1
    close = right and bool(np.abs(ratio - 1).max() < 0.25)
    observe("mean over x", mean, 0.15)
    observe("close in every element", close)
    message = _("The mean of 600 passes should be about x, and is about {mean} times x.").format(mean=f"{mean:.3f}")
    assert_that(right, message, got)
    assert_that(close, "The mean of 600 passes should be close to x in every element.", got)


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_follows_rng(rng):
    """the same seed gives the same result, another seed or None another one, and a Generator moves on"""
    x, first, second = nonzero(rng, (30, 40)), seed(rng), seed(rng)
    source, twin = generator(first), generator(first)
    sources = (first, first, second, source, source, twin)
    means = [as_array(dropout.monte_carlo_mean(x, 0.5, 3, s)) for s in sources]
    unseeded = [as_array(dropout.monte_carlo_mean(x[:9], 0.5, 3, None)) for _ in range(12)]
    places = ((0, 1), (0, 2), (3, 4), (3, 5))
    again, other, moved, followed = (bool(np.array_equal(means[i], means[j])) for i, j in places)
    frozen = all(np.array_equal(unseeded[0], mean) for mean in unseeded)
    observe("same seed, same result", again)
    observe("other seed, same result", other or first == second)
    observe("generator stands still", moved)
    observe("generator is followed", followed)
    observe("without a seed the same result", frozen)
    assert_that(again, "The same seed should give the same result.")
    assert_that(not other or first == second, "Another seed should give another result.")
    assert_that(not moved, "A Generator that is used twice should give two different results.")
    assert_that(followed, "Two Generators made from the same seed should give the same result.")
    assert_that(not frozen, "With rng = None each result should be another one.")


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_at_the_ends(rng):
    """p = 0 gives x and p = 1 zeros, without a division by 0, for any number of passes and any shape"""
    for shape, n in (((5, 8), 1), ((40,), 6), ((4, 2, 1, 5), 3)):
        x = nonzero(rng, shape)
        for p, kept in ((0.0, 1.0), (1.0, 0.0)):
            with no_float_errors():
                out = settled_output(dropout.monte_carlo_mean(x, p, n, seed(rng)), x)
            assert_close(out, kept * x, because=_("With p = {p} nothing is left to chance.").format(p=p))


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_needs_passes(rng):
    """fewer than one pass raises ValueError"""
    for n in (0, -3):
        assert_raises(ValueError, dropout.monte_carlo_mean, rng.normal(size=(3, 2)), 0.2, n, 5)


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_needs_a_probability(rng):
    """p outside [0, 1] raises ValueError"""
    for p in NOT_PROBABILITIES:
        assert_raises(ValueError, dropout.monte_carlo_mean, rng.normal(size=(3, 2)), p, 4, 5)


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_integers(rng):
    """whole numbers in lists or arrays work as well"""
    x = rng.randint(1, 9, size=(5, 8))
    got = dropout.monte_carlo_mean(x, 0.2, 1, seed(rng))
    assert_shape(got, x.shape)
    observe("factor on whole numbers", typical(as_array(got) / x), 1e-3)
    assert_close(settled_output(dropout.monte_carlo_mean(x.tolist(), 0.0, 3, seed(rng)), x), x)
    assert_dropped_or_scaled(as_array(got), x, 0.2, got)


@check("monte_carlo_mean", "concept", random=True)
def test_monte_carlo_leaves_its_input(rng):
    """x stays as it was"""
    x = nonzero(rng, (6, 20))
    with inputs_unchanged():
        dropout.monte_carlo_mean(x, 1.0, 2, seed(rng))
        dropout.monte_carlo_mean(x, 0.2, 3, seed(rng))
