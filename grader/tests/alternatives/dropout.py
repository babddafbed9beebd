"""Right answers of `dropout` in other styles than the reference."""

import random

import numpy as np

from grader.misconceptions.catalogue import alternative


class BadProbability(ValueError):
    """A subclass of ValueError is fine."""


def _check(p):
    if p < 0 or p > 1:
        raise BadProbability(f"p must be between 0 and 1, not {p}")


# dropout_mask


@alternative("dropout_mask", "binomial")
def dropout_mask_binomial(shape, p, rng):
    return np.random.default_rng(rng).binomial(1, 1 - p, size=shape)  # binomial refuses a bad p with ValueError itself


@alternative("dropout_mask", "booleans")
def dropout_mask_boolean(shape, p, rng):
    _check(p)
    return np.random.default_rng(rng).random(shape) >= p


@alternative("dropout_mask", "compared with 1 - p")
def dropout_mask_other_side(shape, p, rng):
    _check(p)
    return (np.random.default_rng(rng).random(shape) < 1 - p).astype(np.float64)


@alternative("dropout_mask", "uniform and where, transposed draw")
def dropout_mask_where(shape, p, rng):
    _check(p)
    return np.where(p > np.random.default_rng(rng).uniform(0, 1, tuple(shape)[::-1]).T, 0, 1)


@alternative("dropout_mask", "choice")
def dropout_mask_choice(shape, p, rng):
    _check(p)
    return np.random.default_rng(rng).choice([0.0, 1.0], size=shape, p=[p, 1 - p])


@alternative("dropout_mask", "one number at a time")
def dropout_mask_loop(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    generator = np.random.default_rng(rng)
    mask = np.empty(shape)
    for index in np.ndindex(mask.shape):
        mask[index] = 0 if generator.random() < p else 1
    return mask


@alternative("dropout_mask", "Python's own generator, seeded from rng")
def dropout_mask_python_random(shape, p, rng):
    _check(p)
    source = random.Random(int(np.random.default_rng(rng).integers(2**63)))
    size = int(np.prod(shape))
    return np.array([float(source.random() >= p) for _ in range(size)]).reshape(shape)


@alternative("dropout_mask", "integers")
def dropout_mask_integers(shape, p, rng):
    _check(p)
    draws = np.random.default_rng(rng).integers(0, 2**53, size=shape)
    return (draws >= p * 2**53).astype(int)


# dropout_forward and dropout_backward


@alternative("dropout_forward", "where")
def dropout_forward_where(x, mask, p):
    _check(p)
    if p == 1:
        return np.zeros(np.shape(x))
    return np.where(np.asarray(mask) == 1, np.asarray(x, dtype=float) / (1 - p), 0.0)


@alternative("dropout_forward", "boolean assignment")
def dropout_forward_boolean(x, mask, p):
    _check(p)
    out = np.zeros(np.shape(x))
    kept = np.asarray(mask).astype(bool)
    if p < 1:
        out[kept] = np.asarray(x)[kept] / (1 - p)
    return out


@alternative("dropout_forward", "scaled mask first")
def dropout_forward_scaled_mask(x, mask, p):
    _check(p)
    scale = 0.0 if p == 1 else 1 / (1 - p)
    return np.multiply(x, np.multiply(mask, scale))


@alternative("dropout_forward", "loop over a flat view")
def dropout_forward_loop(x, mask, p):
    _check(p)
    flat = [v / (1 - p) if keep else 0.0 for v, keep in zip(np.ravel(x), np.ravel(mask), strict=True)]
    return np.array(flat, dtype=float).reshape(np.shape(x))


@alternative("dropout_backward", "multiplication by the derivative")
def dropout_backward_derivative(dout, mask, p):
    _check(p)
    derivative = np.asarray(mask, dtype=float) / (1 - p) if p != 1 else np.zeros(np.shape(mask))
    return derivative * np.asarray(dout, dtype=float)


@alternative("dropout_backward", "local errstate")
def dropout_backward_errstate(dout, mask, p):
    _check(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        dx = np.asarray(dout) * np.asarray(mask) / np.float64(1 - p)
    return np.where(np.asarray(mask) != 0, dx, 0.0) if p < 1 else np.zeros_like(dx)


@alternative("dropout_backward", "einsum, lists")
def dropout_backward_einsum(dout, mask, p):
    _check(p)
    factor = 1 / (1 - p) if p < 1 else 0.0
    return np.einsum("...,...,->...", np.asarray(dout, float), np.asarray(mask, float), factor).tolist()


# Dropout


@alternative("Dropout", "binomial, the factor kept in the mask")
class Dropout_binomial:
    def __init__(self, p=0.5, rng=None):
        _check(p)
        self.p, self.training = p, True
        self.generator = np.random.default_rng(rng)
        self.factor = 1.0

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if not self.training:
            self.factor = 1.0
            return x
        scale = 0.0 if self.p == 1 else 1 / (1 - self.p)
        self.factor = self.generator.binomial(1, 1 - self.p, size=np.shape(x)) * scale
        return np.asarray(x) * self.factor

    def backward(self, dout):
        return np.asarray(dout) * self.factor


@alternative("Dropout", "a closure for the backward pass, lazy generator")
class Dropout_closure:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p <= 1:
            raise ValueError("p must be a probability")
        self.keep, self.rng, self._mode = 1 - p, rng, "train"
        self._calls = 0
        self._back = lambda dout: dout

    @property
    def training(self):
        return self._mode == "train"

    def train(self):
        self._mode = "train"
        return self

    def eval(self):
        self._mode = "eval"
        return self

    def forward(self, x):
        if self._mode == "eval":
            self._back = lambda dout: np.array(dout, dtype=float)
            return np.array(x, dtype=float)
        if self._calls == 0:
            self._generator = np.random.default_rng(self.rng)
        self._calls += 1
        kept = self._generator.uniform(size=np.shape(x)) < self.keep

        def apply(values):
            return np.where(kept, np.asarray(values) / (self.keep or 1.0), 0.0)

        self._back = apply
        return apply(x)

    def backward(self, dout):
        return self._back(dout)


@alternative("Dropout", "indices of the dropped elements")
class Dropout_indices:
    def __init__(self, p=0.5, rng=None):
        _check(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.train()

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        self.dropped = None
        if self.training:
            self.dropped = np.nonzero(self.rng.random(np.shape(x), dtype=np.float32) < self.p)
        return self._apply(x)

    def backward(self, dout):
        return self._apply(dout)

    def _apply(self, values):
        values = np.array(values, dtype=np.float64)
        if self.dropped is None:
            return values
        if self.p < 1:
            values /= 1 - self.p
        values[self.dropped] = 0
        return values


# SpatialDropout


@alternative("SpatialDropout", "loop over images and channels")
class SpatialDropout_loop:
    def __init__(self, p=0.5, rng=None):
        _check(p)
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        self.factors = None

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        x = np.array(x, dtype=float)
        self.factors = None
        if self.training:
            m, channels = x.shape[:2]
            self.factors = [
                [0.0 if self.p == 1 or self.rng.random() < self.p else 1 / (1 - self.p) for _ in range(channels)]
                for _ in range(m)
            ]
        return self.backward(x)

    def backward(self, dout):
        out = np.array(dout, dtype=float)
        if self.factors is not None:
            for i, row in enumerate(self.factors):
                for c, factor in enumerate(row):
                    out[i, c] *= factor
        return out


@alternative("SpatialDropout", "repeat to full size, channels drawn first")
class SpatialDropout_repeat:
    def __init__(self, p=0.5, rng=None):
        self.layer = Dropout_indices(p, rng)

    @property
    def training(self):
        return self.layer.training

    def train(self):
        self.layer.train()
        return self

    def eval(self):
        self.layer.eval()
        return self

    def forward(self, x):
        x = np.asarray(x, dtype=float)
        m, channels, height, width = x.shape
        factor = np.asarray(self.layer.forward(np.ones((channels, m)))).T
        self.factor = factor.repeat(height * width).reshape(x.shape)
        return x * self.factor

    def backward(self, dout):
        return self.factor * np.asarray(dout)


@alternative("SpatialDropout", "einsum with an (m, C) mask")
class SpatialDropout_einsum:
    training = True

    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p <= 1):
            raise ValueError("p is not a probability")
        self._p = p
        self._rng = np.random.default_rng(rng)

    def train(self):
        self.training = True
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if self.training:
            kept = self._rng.random(np.shape(x)[:2]) >= self._p
            self._mask = kept / (1 - self._p) if self._p < 1 else np.zeros(kept.shape)
        else:
            self._mask = np.ones(np.shape(x)[:2])
        return self.backward(x)

    def backward(self, dout):
        return np.einsum("mchw,mc->mchw", dout, self._mask)


# monte_carlo_mean


@alternative("monte_carlo_mean", "one binomial draw for all passes")
def monte_carlo_binomial(x, p, n_samples, rng):
    if n_samples < 1:
        raise ValueError("at least one pass")
    _check(p)
    x = np.asarray(x, dtype=float)
    kept = np.random.default_rng(rng).binomial(n_samples, 1 - p, size=x.shape)
    return x * kept / (n_samples * (1 - p)) if p < 1 else np.zeros(x.shape)


@alternative("monte_carlo_mean", "all passes in one array")
def monte_carlo_stacked(x, p, n_samples, rng):
    _check(p)
    if n_samples <= 0:
        raise BadProbability("no passes")
    x = np.asarray(x, dtype=float)
    masks = np.random.default_rng(rng).random((n_samples, *x.shape)) >= p
    return (masks * x).mean(axis=0) / (1 - p or 1.0)


@alternative("monte_carlo_mean", "running mean with the Dropout layer")
def monte_carlo_running(x, p, n_samples, rng):
    if n_samples < 1:
        raise ValueError("n_samples must be positive")
    layer = Dropout_binomial(p, rng)
    mean = np.zeros(np.shape(x))
    for k in range(n_samples):
        mean = mean + (layer.forward(np.asarray(x)) - mean) / (k + 1)
    return mean


@alternative("monte_carlo_mean", "a seed for every pass, spawned from rng")
def monte_carlo_spawned(x, p, n_samples, rng):
    _check(p)
    if n_samples < 1:
        raise ValueError("n_samples must be positive")
    seeds = np.random.default_rng(rng).integers(2**63, size=n_samples)
    passes = [dropout_mask_boolean(np.shape(x), p, seed) for seed in seeds]
    return np.multiply(x, np.mean(passes, axis=0)) / max(1 - p, 1e-300)
