"""Right answers of `losses` in other styles than the reference."""

import math
from fractions import Fraction
from functools import reduce

import numpy as np

from grader.misconceptions.catalogue import alternative


class ShapeMismatch(ValueError):
    """A more specific ValueError."""


def checked(y, y_hat):
    y = np.array(y, dtype=float)
    y_hat = np.array(y_hat, dtype=float)
    if y.shape != y_hat.shape:
        raise ShapeMismatch(f"{y.shape} against {y_hat.shape}")
    return y, y_hat


def logistic(z):
    return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


@alternative("mse", "python loop")
def mse_loop(y, y_hat):
    y, y_hat = checked(y, y_hat)
    total = 0.0
    for a, b in zip(y.ravel().tolist(), y_hat.ravel().tolist(), strict=True):
        total += (a - b) ** 2
    return total / y.size


@alternative("mse", "dot product")
def mse_dot(y, y_hat):
    y, y_hat = checked(y, y_hat)
    error = (y - y_hat).reshape(-1)
    return error @ error / error.size


@alternative("mse", "einsum, 0-d array")
def mse_einsum(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return np.asarray(np.einsum("...,...->...", y - y_hat, y - y_hat).mean())


@alternative("mse", "Frobenius norm")
def mse_norm(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return np.linalg.norm((y - y_hat).ravel()) ** 2 / y.size


@alternative("mse", "mean of squares, expanded binomial with exact fractions")
def mse_fractions(y, y_hat):
    y, y_hat = checked(y, y_hat)
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(y.ravel().tolist(), y_hat.ravel().tolist(), strict=True)]
    return float(sum(a * a - 2 * a * b + b * b for a, b in pairs) / len(pairs))


@alternative("mse", "variance plus squared mean")
def mse_variance_and_bias(y, y_hat):
    y, y_hat = checked(y, y_hat)
    error = np.subtract(y_hat, y)
    return error.var() + error.mean() ** 2


@alternative("mse_gradient", "loop into a new array")
def mse_gradient_loop(y, y_hat):
    y, y_hat = checked(y, y_hat)
    gradient = np.zeros_like(y_hat)
    for index in np.ndindex(y_hat.shape):
        gradient[index] = -2.0 / y_hat.size * (y[index] - y_hat[index])
    return gradient


@alternative("mse_gradient", "nested list")
def mse_gradient_list(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return ((y_hat - y) * (2 / y.size)).tolist()


@alternative("mse_gradient", "in place on a copy")
def mse_gradient_copy(y, y_hat):
    y, gradient = checked(y, y_hat)
    gradient -= y
    gradient += gradient
    gradient /= gradient.size
    return gradient


@alternative("mae", "maximum of both differences")
def mae_maximum(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return np.average(np.maximum(y - y_hat, y_hat - y))


@alternative("mae", "math.fsum")
def mae_fsum(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return math.fsum(abs(a - b) for a, b in zip(y.flat, y_hat.flat, strict=True)) / y.size


@alternative("mae", "1-norm")
def mae_norm(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return np.linalg.norm((y - y_hat).ravel(), ord=1) / y.size


@alternative("mae_gradient", "difference of two booleans")
def mae_gradient_booleans(y, y_hat):
    y, y_hat = checked(y, y_hat)
    return ((y_hat > y).astype(float) - (y_hat < y)) / y.size


@alternative("mae_gradient", "boolean masks")
def mae_gradient_masks(y, y_hat):
    y, y_hat = checked(y, y_hat)
    gradient = np.zeros(y.shape)
    gradient[y_hat > y] = 1 / y.size
    gradient[y_hat < y] = -1 / y.size
    return gradient


@alternative("mae_gradient", "e/|e| with the 0/0 handled")
def mae_gradient_quotient(y, y_hat):
    y, y_hat = checked(y, y_hat)
    e = y_hat - y
    with np.errstate(invalid="ignore"):
        return np.where(e == 0, 0.0, e / np.abs(e)) / e.size


@alternative("mae_gradient", "e/|e| with a guard too small to matter")
def mae_gradient_guarded(y, y_hat):
    y, y_hat = checked(y, y_hat)
    e = y_hat - y
    return e / (np.abs(e) + 1e-12) / e.size


@alternative("huber", "python loop with the strict inequality")
def huber_loop(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0:
        raise ValueError("delta")
    total = 0.0
    for a, b in zip(y.flat, y_hat.flat, strict=True):
        e = abs(a - b)
        total += e * e / 2 if e < delta else delta * e - delta * delta / 2
    return total / y.size


@alternative("huber", "clipped part and rest")
def huber_clipped(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if not delta > 0:
        raise ValueError("delta")
    e = np.abs(y - y_hat)
    inner = np.minimum(e, delta)
    return (inner * (e - 0.5 * inner)).mean()


@alternative("huber", "boolean masks")
def huber_masks(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0.0:
        raise ValueError("delta")
    e = y_hat - y
    small = np.abs(e) <= delta
    return (0.5 * np.sum(e[small] ** 2) + delta * np.sum(np.abs(e[~small]) - delta / 2)) / e.size


@alternative("huber", "smooth L1 times delta, np.piecewise")
def huber_piecewise(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0:
        raise ValueError("delta")
    e = np.abs(y - y_hat)
    smooth = np.piecewise(e, [e < delta, e >= delta], [lambda t: t**2 / (2 * delta), lambda t: t - delta / 2])
    return delta * smooth.mean()


@alternative("huber_gradient", "np.where and sign")
def huber_gradient_where(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0:
        raise ValueError("delta")
    e = y - y_hat
    return -np.where(abs(e) <= delta, e, delta * np.sign(e)) / e.size


@alternative("huber_gradient", "minimum and maximum, element by element")
def huber_gradient_vectorize(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0:
        raise ValueError("delta")
    slope = np.vectorize(lambda a, b: max(-float(delta), min(float(delta), b - a)) / y.size, otypes=[float])
    return slope(y, y_hat)


@alternative("huber_gradient", "scaled to unit length beyond delta")
def huber_gradient_scaled(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0:
        raise ValueError("delta")
    e = y_hat - y
    return e * (delta / np.maximum(np.abs(e), delta)) / e.size


@alternative("bce", "math.log, element by element")
def bce_loop(y, p):
    y, p = checked(y, p)

    def clamped(x):
        return max(math.log(x), -100.0) if x > 0 else -100.0

    return -sum(a * clamped(b) + (1 - a) * clamped(1 - b) for a, b in zip(y.flat, p.flat, strict=True)) / y.size


@alternative("bce", "log1p under a local errstate")
def bce_errstate(y, p):
    y, p = checked(y, p)
    with np.errstate(divide="ignore"):
        log_p = np.maximum(np.log(p), -100)
        log_q = np.clip(np.log1p(-p), -100, None)
    return (-(y * log_p) - (1 - y) * log_q).mean()


@alternative("bce", "probability of the right class")
def bce_right_class(y, p):
    y, p = checked(y, p)
    right = np.where(y == 1, p, 1 - p)
    return np.minimum(-np.log(right, out=np.full(right.shape, -1e9), where=right > 0), 100).mean()


@alternative("huber_gradient", "what lies beyond delta is overwritten in the difference")
def huber_gradient_overwritten(y, y_hat, delta=1.0):
    y, y_hat = checked(y, y_hat)
    if delta <= 0:
        raise ValueError("delta")
    e = y_hat - y
    e[e > delta] = delta
    e[e < -delta] = -delta
    return e / e.size


@alternative("bce_gradient", "floor of the denominator by a mask")
def bce_gradient_masked_floor(y, p):
    y, p = checked(y, p)
    denominator = p * (1 - p)
    denominator[denominator < 1e-12] = 1e-12
    return (p - y) / denominator / p.size


@alternative("bce_gradient", "two fractions")
def bce_gradient_fractions(y, p):
    y, p = checked(y, p)
    return (-y / np.maximum(p, 1e-12) + (1 - y) / np.maximum(1 - p, 1e-12)) / p.size


@alternative("bce_gradient", "PyTorch's floor in the denominator")
def bce_gradient_pytorch(y, p):
    y, p = checked(y, p)
    return (p - y) / np.maximum((1 - p) * p, 1e-12) / p.size


@alternative("bce_gradient", "nan_to_num under a local errstate")
def bce_gradient_nan_to_num(y, p):
    y, p = checked(y, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.where(y == 1, -1 / p, 1 / (1 - p)) / p.size)


@alternative("bce_gradient", "zero outside the open interval")
def bce_gradient_open_interval(y, p):
    y, p = checked(y, p)
    gradient = np.zeros(p.shape)
    inside = (p > 1e-14) & (p < 1 - 1e-14)
    gradient[inside] = (p[inside] - y[inside]) / (p[inside] * (1 - p[inside])) / p.size
    return gradient


@alternative("bce_with_logits", "logaddexp")
def bce_with_logits_logaddexp(y, logits):
    y, z = checked(y, logits)
    return np.mean(np.logaddexp(0, z) - y * z)


@alternative("bce_with_logits", "softplus of the signed logit")
def bce_with_logits_signed(y, logits):
    y, z = checked(y, logits)
    return np.logaddexp(0.0, np.where(y == 1, -z, z)).mean()


@alternative("bce_with_logits", "math module, branch by sign")
def bce_with_logits_loop(y, logits):
    y, z = checked(y, logits)
    total = 0.0
    for label, score in zip(y.ravel(), z.ravel(), strict=True):
        if score >= 0:
            total += math.log1p(math.exp(-score)) + (1 - label) * score
        else:
            total += math.log1p(math.exp(score)) - label * score
    return float(total) / z.size


@alternative("bce_with_logits", "two weighted log-sigmoids")
def bce_with_logits_log_sigmoid(y, logits):
    y, z = checked(y, logits)

    def log_sigmoid(t):
        return np.minimum(t, 0) - np.log(1 + np.exp(-np.abs(t)))

    return -np.mean(y * log_sigmoid(z) + (1 - y) * log_sigmoid(-z))


@alternative("bce_with_logits_gradient", "hyperbolic tangent")
def bce_with_logits_gradient_tanh(y, logits):
    y, z = checked(y, logits)
    return (0.5 + 0.5 * np.tanh(z / 2) - y) / z.size


@alternative("bce_with_logits_gradient", "np.frompyfunc")
def bce_with_logits_gradient_frompyfunc(y, logits):
    y, z = checked(y, logits)
    p = np.asarray(np.frompyfunc(logistic, 1, 1)(z), dtype=float)
    return (p - y) / z.size


@alternative("bce_with_logits_gradient", "clipped logits inside the sigmoid")
def bce_with_logits_gradient_clipped(y, logits):
    y, z = checked(y, logits)
    return (1 / (1 + np.exp(-np.clip(z, -500, 500))) - y) / z.size


@alternative("bce_with_logits_gradient", "overflow allowed in a local errstate")
def bce_with_logits_gradient_errstate(y, logits):
    y, z = checked(y, logits)
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-z)) - y) / z.size


@alternative("log_softmax", "logaddexp.reduce")
def log_softmax_logaddexp(logits):
    z = np.array(logits, dtype=float)
    return z - np.logaddexp.reduce(z, axis=-1, keepdims=True)


@alternative("log_softmax", "one row at a time")
def log_softmax_apply(logits):
    def one(row):
        top = max(row)
        total = math.fsum(math.exp(v - top) for v in row)
        return [v - top - math.log(total) for v in row]

    return np.apply_along_axis(one, -1, np.asarray(logits, dtype=float))


@alternative("log_softmax", "recursion over the leading axes, as lists")
def log_softmax_recursive(logits):
    def descend(z):
        if z.ndim > 1:
            return [descend(part) for part in z]
        shift = z - z.max()
        return (shift - np.log(np.exp(shift).sum())).tolist()

    return descend(np.asarray(logits, dtype=float))


@alternative("log_softmax", "pairwise differences")
def log_softmax_pairwise(logits):
    z = np.asarray(logits, dtype=float)
    difference = z[..., None, :] - z[..., :, None]
    top = difference.max(axis=-1)
    return -(top + np.log(np.exp(difference - top[..., None]).sum(axis=-1)))


@alternative("categorical_cross_entropy", "logarithm of the right class's probability")
def categorical_cross_entropy_argmax(y, p):
    y, p = checked(y, p)
    right = p[np.arange(len(p)), y.argmax(axis=1)]
    with np.errstate(divide="ignore"):
        return -np.maximum(np.log(right), -100.0).mean()


@alternative("categorical_cross_entropy", "einsum")
def categorical_cross_entropy_einsum(y, p):
    y, p = checked(y, p)
    return -np.einsum("ik,ik->", y, np.log(np.clip(p, math.exp(-100), None))) / len(y)


@alternative("categorical_cross_entropy", "boolean mask, math.log")
def categorical_cross_entropy_mask(y, p):
    y, p = checked(y, p)
    costs = [-max(math.log(v), -100) if v > 0 else 100.0 for v in p[y == 1]]
    return sum(costs) / len(costs)


@alternative("categorical_cross_entropy", "sum of all over the rows")
def categorical_cross_entropy_sum(y, p):
    y, p = checked(y, p)
    logs = np.full(p.shape, -100.0)
    np.log(p, out=logs, where=p > 0)
    return np.sum(-y * np.fmax(logs, -100)) / y.shape[0]


@alternative("categorical_cross_entropy", "rows divided by their sum, which is 1")
def categorical_cross_entropy_rescaled(y, p):
    y, p = checked(y, p)
    p = p / p.sum(axis=-1, keepdims=True)
    return np.mean(-np.sum(y * np.log(np.maximum(p, math.exp(-100))), axis=-1))


def checked_labels(labels, logits):
    labels, logits = np.array(labels), np.array(logits, dtype=float)
    if labels.ndim != 1 or len(labels) != len(logits):
        raise ShapeMismatch("labels must be (m,)")
    if not all(0 <= label < logits.shape[1] for label in labels):
        raise ValueError("a label is out of range")
    return labels.astype(int), logits


@alternative("cross_entropy_with_logits", "python loop")
def cross_entropy_with_logits_loop(labels, logits):
    labels, z = checked_labels(labels, logits)
    total = 0.0
    for label, row in zip(labels, z.tolist(), strict=True):
        top = max(row)
        total += top + math.log(sum(math.exp(v - top) for v in row)) - row[label]
    return total / len(z)


@alternative("cross_entropy_with_logits", "one-hot by np.eye")
def cross_entropy_with_logits_one_hot(labels, logits):
    labels, z = checked_labels(labels, logits)
    one_hot = np.eye(z.shape[1])[labels]
    return (np.logaddexp.reduce(z, axis=1) - (one_hot * z).sum(axis=1)).mean()


@alternative("cross_entropy_with_logits", "take_along_axis of the differences to the right class")
def cross_entropy_with_logits_margins(labels, logits):
    labels, z = checked_labels(labels, logits)
    margins = z - np.take_along_axis(z, labels[:, None], axis=1)
    return np.logaddexp.reduce(margins, axis=1).mean()


@alternative("cross_entropy_with_logits_gradient", "one-hot by comparison")
def cross_entropy_with_logits_gradient_compare(labels, logits):
    labels, z = checked_labels(labels, logits)
    e = np.exp(z - z.max(axis=1)[:, None])
    return (e / e.sum(axis=1)[:, None] - (labels[:, None] == np.arange(z.shape[1]))) / z.shape[0]


@alternative("cross_entropy_with_logits_gradient", "row by row through the softmax's Jacobian")
def cross_entropy_with_logits_gradient_jacobian(labels, logits):
    labels, z = checked_labels(labels, logits)
    rows = []
    for label, row in zip(labels, z, strict=True):
        p = np.exp(row - np.logaddexp.reduce(row))
        unit = np.zeros(len(row))
        unit[label] = 1.0
        rows.append((p - unit) / len(z))
    return np.stack(rows)


@alternative("cross_entropy_with_logits_gradient", "quotients of exponentials of differences, np.add.at")
def cross_entropy_with_logits_gradient_add_at(labels, logits):
    labels, z = checked_labels(labels, logits)
    with np.errstate(over="ignore"):
        gradient = 1.0 / np.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)
    np.add.at(gradient, (np.arange(len(z)), labels), -1.0)
    gradient /= len(z)
    return gradient


@alternative("multilabel_bce_with_logits", "column by column")
def multilabel_bce_with_logits_columns(y, logits):
    y, z = checked(y, logits)
    return sum(np.mean(np.logaddexp(0, z[:, k]) - y[:, k] * z[:, k]) for k in range(z.shape[1]))


@alternative("multilabel_bce_with_logits", "K times the mean, functools.reduce")
def multilabel_bce_with_logits_reduce(y, logits):
    y, z = checked(y, logits)
    signed = np.where(y > 0.5, -z, z).ravel().tolist()
    total = reduce(lambda s, t: s + max(t, 0.0) + math.log1p(math.exp(-abs(t))), signed, 0.0)
    return z.shape[1] * total / z.size


@alternative("multilabel_bce_with_logits_gradient", "nested lists")
def multilabel_bce_with_logits_gradient_lists(y, logits):
    y, z = checked(y, logits)
    return [
        [(logistic(s) - t) / len(z) for t, s in zip(*row, strict=True)]
        for row in zip(y.tolist(), z.tolist(), strict=False)
    ]


@alternative("multilabel_bce_with_logits_gradient", "mean gradient times K")
def multilabel_bce_with_logits_gradient_times_k(y, logits):
    y, z = checked(y, logits)
    e = np.exp(-np.abs(z))
    sigma = np.where(z < 0, e, 1) / (1 + e)
    return z.shape[-1] * (sigma - y) / z.size
