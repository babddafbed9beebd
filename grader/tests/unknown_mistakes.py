"""Wrong answers that are in no catalogue, as students would write them: one mistake each, or two at once.

`single(topic, exercise, *ids)` registers an answer with the ids of the catalogue that describe its mistake, written
here afresh; without ids the mistake is of a kind that the catalogue does not have. `double` registers two mistakes in
one exercise. Some lines are clumsy on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Wrong:
    """A wrong answer and the ids that would be right names for it; none if there is no name."""

    topic: str
    exercise: str
    label: str
    ids: frozenset[str]
    value: Any


SINGLE: list[Wrong] = []
DOUBLE: list[Wrong] = []


def single(topic: str, exercise: str, *ids: str) -> Callable[[Any], Any]:
    return _register(SINGLE, topic, exercise, ids)


def double(topic: str, exercise: str, *ids: str) -> Callable[[Any], Any]:
    return _register(DOUBLE, topic, exercise, ids)


def _register(into: list[Wrong], topic: str, exercise: str, ids: tuple[str, ...]) -> Callable[[Any], Any]:
    def register(value: Any) -> Any:
        into.append(Wrong(topic, exercise, value.__name__, frozenset(ids), value))
        return value

    return register


def F(x):
    """What a student's own shorthand may look like."""
    return np.array(x, dtype=float)


# One mistake of a kind that the catalogue has.


@single("activations", "sigmoid", "sigmoid_overflows")
def naive_sigmoid(z):
    denominator = 1 + np.exp(-F(z))
    return denominator**-1


@single("activations", "sigmoid_derivative", "sigmoid_derivative_of_output")
def slope_from_output(z):
    s = F(z)
    return s - s * s


@single("activations", "tanh_derivative", "tanh_derivative_not_squared")
def tanh_slope_unsquared(z):
    t = np.tanh(F(z))
    return -t + 1


@single("activations", "relu_derivative", "relu_derivative_one_at_zero")
def step_at_zero(z):
    return np.heaviside(F(z), 1.0)


@single("activations", "leaky_relu", "leaky_relu_maximum")
def leaky_by_max(z, alpha=0.01):
    z = F(z)
    out = np.empty_like(z)
    np.maximum(z, z * alpha, out=out)
    return out


@single("activations", "prelu_backward", "prelu_backward_alpha_sign")
def prelu_absolute(dout, z, alpha):
    z, dout = F(z), F(dout)
    neg = (z <= 0).astype(float)
    return dout * (1 - neg) + dout * alpha * neg, float((neg * dout * abs(z)).sum())


@single("activations", "gelu", "gelu_is_approximate")
def gelu_from_the_blog(z):
    z = F(z)
    inner = math.sqrt(2 / math.pi) * (z + 0.044715 * np.power(z, 3))
    return z / 2 + z / 2 * np.tanh(inner)


@single("activations", "gelu_derivative", "gelu_derivative_constant_weight")
def gelu_slope_cdf_only(z):
    erf = np.vectorize(math.erf, otypes=[float])
    return (1 + erf(F(z) / math.sqrt(2))) / 2


@single("activations", "softmax_backward", "softmax_backward_diagonal")
def softmax_own_entry_only(dout, p, axis=-1):
    p = F(p)
    return F(dout) * (p - np.square(p))


@single("losses", "mse", "mse_halves")
def half_square(y, y_hat):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape:
        raise ValueError("shapes")
    d = (a - b).ravel()
    return float(d @ d) / (2 * d.size)


@single("losses", "mse_gradient", "mse_gradient_sign")
def uphill_mse(y, y_hat):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape:
        raise ValueError("shapes")
    return (a - b) * 2 / a.size


@single("losses", "huber", "huber_no_half")
def huber_full_parabola(y, y_hat, delta=1.0):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape or not delta > 0:
        raise ValueError("bad input")
    e = abs(a - b)
    total = 0.0
    for v in e.ravel():
        total += v * v if v <= delta else delta * (v - delta / 2)
    return total / e.size


@single("losses", "bce", "bce_clips_at_1e_7")
def bce_like_keras(y, p):
    y, p = F(y), F(p)
    if y.shape != p.shape:
        raise ValueError("shapes")
    p = np.minimum(np.maximum(p, 1e-7), 1 - 1e-7)
    return float((-y * np.log(p) - (1 - y) * np.log(1 - p)).mean())


@single("losses", "cross_entropy_with_logits_gradient", "cross_entropy_with_logits_gradient_no_mean")
def ce_slope_summed(labels, logits):
    z, t = F(logits), np.array(labels)
    if z.ndim != 2 or t.shape != (len(z),) or (t != t.astype(int)).any():
        raise ValueError("bad input")
    if t.size and (t.min() < 0 or t.max() >= z.shape[1]):
        raise ValueError("bad label")
    e = np.exp(z - z.max(1)[:, None])
    return e / e.sum(1)[:, None] - np.eye(z.shape[1])[t.astype(int)]


@single("batchnorm", "batch_mean_and_variance", "batch_variance_unbiased")
def sample_statistics(z):
    z = F(z)
    mean = z.sum(0) / len(z)
    with np.errstate(all="ignore"):
        return mean, ((z - mean) ** 2).sum(0) / (len(z) - 1)


@single("batchnorm", "normalize", "normalize_eps_outside")
def normalize_eps_late(z, mu, var, eps=1e-5):
    return (F(z) - F(mu)) / (F(var) ** 0.5 + eps)


@single("batchnorm", "update_running_statistics", "running_momentum_inverted")
def running_like_keras(running_mean, running_var, z, momentum=0.1):
    z = F(z)
    if len(z) < 2:
        raise ValueError("one row")
    m, v = z.mean(0), z.var(0, ddof=1)
    return m + momentum * (F(running_mean) - m), v + momentum * (F(running_var) - v)


@single("batchnorm", "layer_norm", "layer_norm_over_batch")
def layer_norm_of_columns(x, gamma, beta, eps=1e-5):
    x = F(x)
    c = x - x.mean(0)
    return c / np.sqrt((c * c).mean(0) + eps) * F(gamma) + F(beta)


@single("batchnorm", "batchnorm_backward", "backward_statistics_constant")
def bn_slope_without_statistics(dout, z, gamma, eps=1e-5):
    g, z = F(dout), F(z)
    s = 1 / np.sqrt(z.var(0) + eps)
    return g * F(gamma) * s, (g * (z - z.mean(0)) * s).sum(0), g.sum(0)


@single("batchnorm", "batchnorm_backward", "backward_variance_doubled")
def variance_way_twice(dout, z, gamma, eps=1e-5):
    g, z = F(dout), F(z)
    s = np.sqrt(z.var(0) + eps)
    h = (z - z.mean(0)) / s
    dgamma, dbeta = (g * h).sum(0), g.sum(0)
    return F(gamma) / s * (g - g.mean(0) - 2 * h * (g * h).mean(0)), dgamma, dbeta


@single("regularization", "l2_penalty", "penalty_halved")
def ridge_with_half(weights, lam):
    total = 0.0
    for w in weights:
        total += float((F(w) ** 2).sum())
    return lam / 2 * total


@single("regularization", "sgd_weight_decay_step", "sgd_decay_without_lr")
def decay_at_full_speed(w, grad, lr, weight_decay):
    w = F(w)
    return w * (1 - weight_decay) - F(grad) * lr


@single("regularization", "EarlyStopping", "EarlyStopping_one_late")
class Patience:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best = self.best_epoch = None
        self.n = self.bad = 0

    def update(self, val_loss):
        val_loss = float(val_loss)
        if self.best is None or self.best - val_loss > self.min_delta:
            self.best, self.best_epoch, self.bad = val_loss, self.n, 0
        else:
            self.bad += 1
        self.n += 1
        return self.bad > self.patience


@single("regularization", "AdamW", "AdamW_is_l2")
class AdamWithPenalty:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.h = (lr, betas[0], betas[1], eps, weight_decay, bias_correction)
        self.k, self.m, self.v = 0, 0.0, 0.0

    def step(self, w, grad):
        lr, b1, b2, eps, decay, corrected = self.h
        w = F(w)
        g = F(grad) + decay * w
        self.k += 1
        self.m = b1 * self.m + (1 - b1) * g
        self.v = b2 * self.v + (1 - b2) * g * g
        c1, c2 = (1 - b1**self.k, 1 - b2**self.k) if corrected else (1, 1)
        return w - lr * (self.m / c1) / ((self.v / c2) ** 0.5 + eps)


@single("scaling", "min_max", "min_max_reversed")
def from_the_top(x, minimum, maximum):
    x, lo, hi = F(x), F(minimum), F(maximum)
    width = np.where(hi == lo, 1.0, hi - lo)
    return np.where(hi == lo, 0.0, (hi - x) / width)


@single("scaling", "scale_bytes", "scale_bytes_256")
def bytes_by_256(x):
    return F(x) / 2**8


@single("scaling", "gradient_descent", "gradient_descent_ascends")
def hill_climber(gradient, w0, lr, steps):
    path = F(w0)[None, :]
    for _ in range(steps):
        path = np.vstack([path, path[-1] + lr * F(gradient(path[-1].copy()))])
    return path


@single("scaling", "mse_condition_number", "condition_number_of_x")
def condition_of_the_data(x):
    s = np.linalg.svd(F(x))[1]
    return float(s.max() / s.min())


@single("dropout", "dropout_forward", "dropout_forward_unscaled")
def plain_drop(x, mask, p):
    if p < 0 or p > 1:
        raise ValueError("p")
    x = F(x)
    x[F(mask) == 0] = 0 if p < 1 else 0
    return x * (p < 1)


@single("dropout", "dropout_mask", "dropout_mask_keeps_p")
def mask_of_the_paper(shape, p, rng):
    if p < 0 or p > 1:
        raise ValueError("p")
    return np.where(np.random.default_rng(rng).random(shape) < p, 1.0, 0.0)


@single("dropout", "Dropout", "Dropout_drops_in_eval")
class AlwaysDropping:
    def __init__(self, p=0.5, rng=None):
        if p < 0 or p > 1:
            raise ValueError("p")
        self.p, self.g, self.training = p, np.random.default_rng(rng), True

    def train(self):
        self.training = True
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = F(x)
        keep = self.g.random(x.shape) >= self.p
        self.factor = keep / (1 - self.p) if self.p < 1 else keep * 0.0
        return x * self.factor

    def backward(self, dout):
        return F(dout) * self.factor


@single("activations", "softmax", "softmax_overwrites")
def softmax_where_z_was(z, axis=-1):
    z = np.asarray(z, dtype=float)
    z -= z.max(axis=axis, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=axis, keepdims=True)
    return z


@single("backprop", "mlp_forward", "mlp_forward_linear_output")
def linear_output_that_hands_x_on(x, weights, biases, activation):
    functions = {"sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
    if activation not in functions:
        raise ValueError(activation)
    zs, outputs = [], [np.asarray(x, dtype=float)]
    for W, b in zip(weights, biases, strict=True):
        zs.append(outputs[-1] @ F(W).T + F(b))
        outputs.append(functions[activation](zs[-1]))
    outputs[-1] = zs[-1]
    return zs, outputs


# One mistake of a kind that the catalogue does not have.


@single("activations", "sigmoid")
def sigmoid_base_two(z):
    z = F(z)
    e = 2.0 ** -abs(z)
    return np.where(z >= 0, 1, e) / (1 + e)


@single("activations", "tanh")
def tanh_of_third(z):
    return np.tanh(F(z) / 3)


@single("activations", "tanh")
def tanh_of_the_size(z):
    e = np.exp(-2 * np.abs(F(z)))
    return (1 - e) / (1 + e)


@single("activations", "relu")
def relu_from_one(z):
    z = F(z)
    return np.where(z > 1, z, 0.0)


@single("activations", "leaky_relu")
def leaky_subtracts(z, alpha=0.01):
    z = F(z)
    return np.where(z > 0, z, z - alpha)


@single("activations", "softmax")
def softmax_by_largest(z, axis=-1):
    z = F(z)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / (e.max(axis=axis, keepdims=True) + 1)


@single("activations", "softmax", "softmax_absolute_maximum")
def softmax_less_the_largest_size(z, axis=-1):
    z = F(z)
    e = np.exp(z - np.abs(z).max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@single("activations", "normal_cdf")
def root_outside(z):
    return 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(F(z)) / math.sqrt(2))


@single("activations", "gelu_derivative")
def density_times_square(z):
    z = F(z)
    cdf = (1 + np.vectorize(math.erf, otypes=[float])(z / math.sqrt(2))) / 2
    return cdf + z * z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@single("losses", "mse")
def fourth_power(y, y_hat):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape:
        raise ValueError("shapes")
    return float(np.mean((a - b) ** 4))


@single("losses", "mae_gradient")
def softened_sign(y, y_hat):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape:
        raise ValueError("shapes")
    return np.tanh(10 * (b - a)) / a.size


@single("losses", "huber")
def huber_wide(y, y_hat, delta=1.0):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape or not delta > 0:
        raise ValueError("bad input")
    e = abs(a - b)
    return float(np.where(e < 2 * delta, e * e / 2, delta * (e - delta / 2)).mean())


@single("losses", "bce")
def bce_weighted(y, p):
    y, p = F(y), F(p)
    if y.shape != p.shape:
        raise ValueError("shapes")
    log = lambda q: np.maximum(np.log(np.maximum(q, 1e-300)), -100)  # noqa: E731
    return float(-np.mean(2 * y * log(p) + (1 - y) * log(1 - p)))


@single("losses", "log_softmax")
def log_of_one_plus(logits):
    z = F(logits)
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log1p(np.exp(z).sum(axis=-1, keepdims=True))


@single("losses", "cross_entropy_with_logits_gradient")
def subtracts_at_the_guess(labels, logits):
    z, t = F(logits), np.array(labels)
    if z.ndim != 2 or t.shape != (len(z),) or (t != t.astype(int)).any() or t.min() < 0 or t.max() >= z.shape[1]:
        raise ValueError("bad input")
    e = np.exp(z - z.max(1)[:, None])
    return (e / e.sum(1)[:, None] - np.eye(z.shape[1])[z.argmax(1)]) / len(z)


@single("batchnorm", "normalize")
def half_epsilon(z, mu, var, eps=1e-5):
    return (F(z) - F(mu)) / np.sqrt(F(var) + eps / 2)


@single("batchnorm", "update_running_statistics")
def momentum_squared(running_mean, running_var, z, momentum=0.1):
    z = F(z)
    if len(z) < 2:
        raise ValueError("one row")
    k = momentum**2
    return (1 - k) * F(running_mean) + k * z.mean(0), (1 - k) * F(running_var) + k * z.var(0, ddof=1)


@single("batchnorm", "layer_norm")
def layer_median(x, gamma, beta, eps=1e-5):
    x = F(x)
    c = x - np.median(x, axis=-1, keepdims=True)
    return F(gamma) * c / np.sqrt(x.var(axis=-1, keepdims=True) + eps) + F(beta)


@single("regularization", "l2_penalty")
def cubes(weights, lam):
    return float(sum(lam * (abs(F(w)) ** 3).sum() for w in weights))


@single("regularization", "sgd_weight_decay_step")
def decays_the_gradient(w, grad, lr, weight_decay):
    return F(w) - lr * (1 + weight_decay) * F(grad)


@single("regularization", "l2_gradient")
def gradient_by_row(w, lam):
    w = F(w)
    return 2 * lam * w / (len(w) if w.ndim else 1)


@single("regularization", "EarlyStopping")
class CountsFromOneAfterABest:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best = self.best_epoch = None
        self.n = self.bad = 0

    def update(self, val_loss):
        val_loss = float(val_loss)
        if self.best is None or val_loss < self.best - self.min_delta:
            self.bad = 0 if self.best is None else -1
            self.best, self.best_epoch = val_loss, self.n
        else:
            self.bad += 1
        self.n += 1
        return self.bad >= self.patience


@single("scaling", "standardize")
def root_of_std(x, mean, std):
    c, s = F(x) - F(mean), F(std)
    return np.where(s == 0, 0.0, c / np.sqrt(np.where(s == 0, 1.0, s)))


@single("scaling", "min_max")
def by_the_middle(x, minimum, maximum):
    x, lo, hi = F(x), F(minimum), F(maximum)
    width = np.where(hi == lo, 1.0, hi - lo)
    return np.where(hi == lo, 0.0, (x - (lo + hi) / 2) / width)


@single("scaling", "gradient_descent")
def looks_ahead(gradient, w0, lr, steps):
    path = [F(w0)]
    for _ in range(steps):
        probe = path[-1] - lr * F(gradient(path[-1].copy()))
        path.append(path[-1] - lr * F(gradient(probe)))
    return np.array(path)


@single("dropout", "dropout_forward")
def scales_squared(x, mask, p):
    if p < 0 or p > 1:
        raise ValueError("p")
    return F(x) * 0 if p == 1 else F(x) * F(mask) / (1 - p) ** 2


@single("dropout", "dropout_backward")
def scales_by_root(dout, mask, p):
    if p < 0 or p > 1:
        raise ValueError("p")
    return F(dout) * 0 if p == 1 else F(dout) * F(mask) / math.sqrt(1 - p)


@single("dropout", "dropout_mask")
def mask_of_half_p(shape, p, rng):
    if p < 0 or p > 1:
        raise ValueError("p")
    u = np.random.default_rng(rng).random(shape)
    return (u >= (p / 2 if p < 1 else 1)).astype(float)


# Near misses: like a mistake of the catalogue, but another one.


@single("activations", "sigmoid")
def sigmoid_clipped_at_six(z):
    return 1 / (1 + np.exp(-np.clip(F(z), -6, 6)))


@single("activations", "gelu_tanh")
def gelu_tanh_rounded(z):
    z = F(z)
    return 0.5 * z * (1 + np.tanh(0.7979 * (z + 0.0447 * z**3)))


@single("activations", "leaky_relu_derivative")
def leaky_slope_average_at_zero(z, alpha=0.01):
    z = F(z)
    return np.where(z > 0, 1.0, np.where(z < 0, alpha, (1 + alpha) / 2))


@single("losses", "bce_with_logits")
def smaller_instead_of_larger(y, logits):
    y, z = F(y), F(logits)
    if y.shape != z.shape:
        raise ValueError("shapes")
    return np.mean(np.minimum(z, 0) - z * y + np.log1p(np.exp(-abs(z))))


@single("losses", "huber")
def no_half_in_either_piece(y, y_hat, delta=1.0):
    y, y_hat = F(y), F(y_hat)
    if y.shape != y_hat.shape or delta <= 0:
        raise ValueError("shapes or delta")
    size = abs(y - y_hat)
    return np.mean(np.where(size <= delta, size**2, delta * (size - delta)))


@single("losses", "huber_gradient")
def slope_of_the_mae(y, y_hat, delta=1.0):
    y, y_hat = F(y), F(y_hat)
    if y.shape != y_hat.shape or delta <= 0:
        raise ValueError("shapes or delta")
    return np.sign(y_hat - y) / y.size


@single("losses", "multilabel_bce_with_logits")
def worst_label_only(y, logits):
    y, z = F(y), F(logits)
    if y.shape != z.shape:
        raise ValueError("shapes")
    return np.mean(np.max(np.logaddexp(0, z) - y * z, axis=1))


@single("regularization", "l2_penalty")
def penalty_over_twice_the_rows(weights, lam):
    return lam / (2 * len(weights[0])) * sum(np.sum(F(w) ** 2) for w in weights)


@single("regularization", "sgd_weight_decay_step")
def decay_with_the_rate_twice(w, grad, lr, weight_decay):
    return F(w) - lr * (F(grad) + lr * weight_decay * F(w))


class AdamInOnePiece:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.lr, self.betas, self.eps, self.decay, self.corrected = lr, betas, eps, weight_decay, bias_correction
        self.t, self.m, self.v = 0, 0.0, 0.0

    def new_moments(self, g):
        b1, b2 = self.betas
        self.m, self.v = b1 * self.m + (1 - b1) * g, b2 * self.v + (1 - b2) * g * g

    def exponent(self):
        return self.t

    def step(self, w, grad):
        self.t += 1
        self.new_moments(F(grad) + self.decay * F(w))
        k = self.exponent()
        c1, c2 = (1 - self.betas[0] ** k, 1 - self.betas[1] ** k) if self.corrected and k else (1, 1)
        return F(w) - self.lr * self.m / c1 / (np.sqrt(self.v / c2) + self.eps)


@single("regularization", "AdamL2")
class CorrectsOneStepLate(AdamInOnePiece):
    def exponent(self):
        return self.t - 1


@single("regularization", "AdamL2")
class SquaresTheFirstMoment(AdamInOnePiece):
    def new_moments(self, g):
        b1, b2 = self.betas
        self.m = b1 * self.m + (1 - b1) * g
        self.v = b2 * self.v + (1 - b2) * self.m**2


@single("losses", "bce", "bce_clips_at_1e_15", "bce_clips_at_1e_7")
def bce_clips_elsewhere(y, p):
    y, p = F(y), F(p)
    if y.shape != p.shape:
        raise ValueError("shapes")
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return float((-y * np.log(p) - (1 - y) * np.log(1 - p)).mean())


@single("losses", "huber_gradient")
def huber_slope_smoothed(y, y_hat, delta=1.0):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape or not delta > 0:
        raise ValueError("bad input")
    d = b - a
    return d / np.sqrt(1 + (d / delta) ** 2) / d.size


@single("batchnorm", "layer_norm", "layer_norm_unbiased")
def layer_norm_ddof(x, gamma, beta, eps=1e-5):
    x = F(x)
    c = x - x.mean(-1, keepdims=True)
    return F(gamma) * c / np.sqrt(x.var(-1, ddof=1, keepdims=True) + eps) + F(beta)


@single("batchnorm", "group_norm")
def group_norm_backwards(x, n_groups, gamma, beta, eps=1e-5):
    x = F(x)
    m, c, h, w = x.shape
    if n_groups < 1 or c % n_groups:
        raise ValueError("groups")
    g = x.reshape(m, n_groups, -1)
    g = (g - g.mean(-1, keepdims=True)) / np.sqrt(g.var(-1, keepdims=True) + eps)
    return F(gamma)[::-1, None, None] * g.reshape(x.shape) + F(beta)[:, None, None]


@single("regularization", "AdamL2")
class AdamMixed:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.lr, self.betas, self.eps, self.decay, self.fix = lr, betas, eps, weight_decay, bias_correction
        self.t, self.m, self.v = 0, 0, 0

    def step(self, w, grad):
        w, (b1, b2) = F(w), self.betas
        g = F(grad) + self.decay * w
        self.t += 1
        self.m = b1 * self.m + (1 - b1) * g
        self.v = np.maximum(b2 * self.v, abs(g))
        m = self.m / (1 - b1**self.t) if self.fix else self.m
        return w - self.lr * m / (self.v + self.eps)


@single("scaling", "standardize")
def standardize_clipped(x, mean, std):
    c, s = F(x) - F(mean), F(std)
    return np.clip(np.where(s == 0, 0.0, c / np.where(s == 0, 1.0, s)), -1, 1)


@single("scaling", "StandardScaler")
class HalfwayScaler:
    def fit(self, x):
        x = F(x)
        self.mean_, self.std_ = (x.min(0) + x.max(0)) / 2, x.std(0)
        self.std_[x.min(0) == x.max(0)] = 1.0
        return self

    def transform(self, x):
        if not hasattr(self, "mean_"):
            raise ValueError("fit first")
        return (F(x) - self.mean_) / self.std_

    def fit_transform(self, x):
        return self.fit(x).transform(x)

    def inverse_transform(self, x):
        return F(x) * self.std_ + self.mean_

    def save(self, path):
        np.savez(path, a=self.mean_, b=self.std_)

    @classmethod
    def load(cls, path):
        new = cls()
        with np.load(path) as data:
            new.mean_, new.std_ = data["a"], data["b"]
        return new


class _Layer:
    """A right dropout layer; the subclasses spoil a part of it."""

    def __init__(self, p=0.5, rng=None):
        if p < 0 or p > 1:
            raise ValueError("p")
        self.p, self.g, self.training, self.factor = p, np.random.default_rng(rng), True, None

    def train(self):
        self.training = True
        return self

    def eval(self):
        self.training = False
        return self

    def draw(self, shape):
        return self.g.random(shape) >= self.p

    def scale(self):
        return 1 / (1 - self.p) if self.p < 1 else 0.0

    def forward(self, x):
        x = F(x)
        self.factor = self.draw(x.shape) * self.scale() if self.training else np.ones(x.shape)
        return x * self.factor

    def backward(self, dout):
        return F(dout) * self.factor


@single("dropout", "Dropout")
class DropoutScalesTooMuch(_Layer):
    def scale(self):
        return 1 / (1 - self.p) ** 2 if self.p < 1 else 0.0


@single("dropout", "Dropout", "Dropout_same_rows")
class DropoutByColumn(_Layer):
    def draw(self, shape):
        return np.broadcast_to(self.g.random(shape[-1:]) >= self.p, shape)


@single("dropout", "Dropout")
class DropoutHalvesInEval(_Layer):
    def forward(self, x):
        return super().forward(x) if self.training else 0.5 * super().forward(x)


@single("dropout", "Dropout")
class DropoutOfNegativesOnly(_Layer):
    def forward(self, x):
        x = F(x)
        self.factor = np.ones(x.shape)
        if self.training:
            self.factor = np.where(x < 0, self.draw(x.shape) * self.scale(), 1.0)
        return x * self.factor


@single("dropout", "SpatialDropout")
class SpatialByRow(_Layer):
    def draw(self, shape):
        return self.g.random((*shape[:3], 1)) >= self.p


@single("dropout", "monte_carlo_mean")
def monte_carlo_divides_by_one_less(x, p, n_samples, rng):
    if n_samples < 1 or p < 0 or p > 1:
        raise ValueError("bad input")
    g, x = np.random.default_rng(rng), F(x)
    total = sum((g.random(x.shape) >= p) * x for _ in range(n_samples))
    return total * 0 if p == 1 else total / (1 - p) / max(n_samples - 1, 1)


# Two mistakes of the catalogue in one exercise.


@double("activations", "sigmoid_derivative", "sigmoid_derivative_like_tanh", "sigmoid_derivative_negative")
def sigmoid_slope_two(z):
    e = np.exp(-abs(F(z)))
    s = np.where(F(z) >= 0, 1, e) / (1 + e)
    return -(1 - s * s)


@double("activations", "leaky_relu", "leaky_relu_fixed_alpha", "leaky_relu_reflected")
def leaky_two(z, alpha=0.01):
    z = F(z)
    return np.where(z > 0, z, -0.01 * z)


@double("activations", "gelu", "gelu_is_cdf", "gelu_without_root")
def gelu_two(z):
    return 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(F(z)))


@double("activations", "softmax", "softmax_last_axis", "softmax_overflows")
def softmax_two(z, axis=-1):
    e = np.exp(F(z))
    return e / e.sum(axis=-1, keepdims=True)


@double("losses", "mse", "mse_sums", "mse_broadcasts")
def mse_two(y, y_hat):
    return float(((F(y) - F(y_hat)) ** 2).sum())


@double("losses", "mse_gradient", "mse_gradient_no_two", "mse_gradient_sign")
def mse_gradient_two(y, y_hat):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape:
        raise ValueError("shapes")
    return (a - b) / a.size


@double("losses", "huber", "huber_ignores_delta", "huber_accepts_any_delta")
def huber_two(y, y_hat, delta=1.0):
    a, b = F(y), F(y_hat)
    if a.shape != b.shape:
        raise ValueError("shapes")
    e = abs(a - b)
    return float(np.where(e <= 1, e * e / 2, e - 0.5).mean())


@double("batchnorm", "normalize", "normalize_eps_outside", "normalize_without_centring")
def normalize_two(z, mu, var, eps=1e-5):
    return F(z) / (np.sqrt(F(var)) + eps)


@double("batchnorm", "update_running_statistics", "running_momentum_inverted", "running_variance_biased")
def running_two(running_mean, running_var, z, momentum=0.1):
    z = F(z)
    if len(z) < 2:
        raise ValueError("one row")
    return (
        momentum * F(running_mean) + (1 - momentum) * z.mean(0),
        momentum * F(running_var) + (1 - momentum) * z.var(0),
    )


@double("regularization", "sgd_weight_decay_step", "sgd_ascends", "sgd_decay_without_lr")
def sgd_two(w, grad, lr, weight_decay):
    w = F(w)
    return w + lr * F(grad) - weight_decay * w


@double("scaling", "standardize", "standardize_by_variance", "standardize_zero_division")
def standardize_two(x, mean, std):
    return (F(x) - F(mean)) / F(std) ** 2


@double("dropout", "dropout_forward", "dropout_forward_over_p", "dropout_forward_no_validation")
def dropout_forward_two(x, mask, p):
    return F(x) * 0 if p == 1 else F(x) * F(mask) / (p or 1.0)


PAIRS = [
    ("sigmoid_falls", "sigmoid_derivative_twice"),
    ("tanh_not_doubled", "tanh_derivative_plus"),
    ("normal_cdf_without_root", "gelu_is_quick"),
    ("normal_cdf_upper_tail", "gelu_derivative_minus"),
    ("softmax_total_sum", "softmax_backward_plus"),
    ("mse_divides_by_rows", "mse_gradient_no_mean"),
    ("bce_sums", "bce_gradient_of_logits"),
    ("log_softmax_first_axis", "cross_entropy_with_logits_softmax_twice"),
    ("batch_variance_unbiased", "backward_without_gamma"),
    ("batch_statistics_global", "running_variance_biased"),
    ("normalize_without_eps", "layer_eps_outside"),
    ("penalty_sums_norms", "l2_gradient_without_two"),
    ("AdamL2_counts_from_two", "AdamW_exchanges_betas"),
    ("standardize_by_variance", "StandardScaler_sample_std"),
    ("StandardScaler_inverse_without_mean", "split_and_scale_fits_on_all"),
    ("min_max_symmetric", "MinMaxScaler_clips"),
    ("dropout_mask_keeps_p", "Dropout_unscaled"),
    ("dropout_forward_over_p", "dropout_backward_unscaled"),
]
"""Two mistakes of the catalogue in two exercises of one submission."""

INHERITED = {"StandardScaler_sample_std": "split_and_scale_sample_std"}
"""A mistake that shows in an exercise that builds on the one with the mistake, and the right name for it there."""
