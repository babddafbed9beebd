"""Right answers of `backprop` in other styles."""

import math
import operator
from functools import reduce

import numpy as np

from grader.misconceptions.catalogue import alternative


@alternative("dense_forward", "python loops over lists")
def dense_forward_loops(a_prev, W, b):
    return [
        [
            sum(float(w) * float(a) for w, a in zip(row, x, strict=True)) + float(bias)
            for row, bias in zip(W, b, strict=True)
        ]
        for x in a_prev
    ]


@alternative("dense_forward", "einsum, bias by broadcasting")
def dense_forward_einsum(a_prev, W, b):
    return np.einsum("mi,oi->mo", np.asarray(a_prev, float), np.asarray(W, float)) + np.asarray(b, float)[np.newaxis, :]


@alternative("dense_forward", "the bias as the weight of a constant input")
def dense_forward_augmented(a_prev, W, b):
    ones = np.ones((len(a_prev), 1))
    return np.hstack([a_prev, ones]) @ np.hstack([W, np.reshape(b, (-1, 1))]).T


@alternative("dense_forward", "column by column, the slides' layout transposed back")
def dense_forward_columns(a_prev, W, b):
    columns = np.matmul(np.array(W, dtype=float), np.array(a_prev, dtype=float).transpose())
    return (columns + np.array(b, dtype=float).reshape(-1, 1)).T


@alternative("hidden_delta", "einsum")
def hidden_delta_einsum(delta_next, W_next, activation_derivative):
    return np.einsum("mk,kn,mn->mn", *(np.asarray(v, float) for v in (delta_next, W_next, activation_derivative)))


@alternative("hidden_delta", "one sample at a time")
def hidden_delta_samples(delta_next, W_next, activation_derivative):
    W_next = np.asarray(W_next, dtype=np.float64)
    return np.array(
        [W_next.T @ np.asarray(d) * s for d, s in zip(delta_next, np.asarray(activation_derivative), strict=True)]
    )


@alternative("hidden_delta", "diagonal Jacobians")
def hidden_delta_jacobians(delta_next, W_next, activation_derivative):
    return np.vstack([
        np.asarray(d, float) @ np.asarray(W_next, float) @ np.diag(np.asarray(s, float))
        for d, s in zip(delta_next, activation_derivative, strict=True)
    ])  # fmt: skip


@alternative("dense_gradients", "sum of outer products")
def dense_gradients_outer(delta, a_prev):
    dW = sum(np.outer(np.asarray(d, float), np.asarray(a, float)) for d, a in zip(delta, a_prev, strict=True))
    db = reduce(np.add, [np.asarray(d, float) for d in delta])
    return [dW, np.array(db)]


@alternative("dense_gradients", "tensordot, and a product with ones")
def dense_gradients_tensordot(delta, a_prev):
    delta, a_prev = np.array(delta, float), np.array(a_prev, float)
    return np.tensordot(delta, a_prev, axes=(0, 0)), np.ones(len(delta)) @ delta


@alternative("dense_gradients", "broadcasting to three axes")
def dense_gradients_broadcast(delta, a_prev):
    delta, a_prev = np.array(delta, float), np.array(a_prev, float)
    return (delta[:, :, None] * a_prev[:, None, :]).sum(0), np.einsum("mo->o", delta)


@alternative("vanishing_bound", "loop")
def vanishing_bound_loop(depth, max_derivative=0.25):
    bound = 1.0
    for _ in range(depth):
        bound *= max_derivative
    return bound


@alternative("vanishing_bound", "recursion")
def vanishing_bound_recursive(depth, max_derivative=0.25):
    return 1.0 if depth == 0 else max_derivative * vanishing_bound_recursive(depth - 1, max_derivative)


@alternative("vanishing_bound", "np.prod of a list, as a 0-d array")
def vanishing_bound_product(depth, max_derivative=0.25):
    return np.array(np.prod([max_derivative] * depth))


@alternative("vanishing_bound", "exponential of a sum of logarithms")
def vanishing_bound_logarithms(depth, max_derivative=0.25):
    return math.exp(depth * math.log(max_derivative))


@alternative("vanishing_bound", "a guard against a network without layers")
def vanishing_bound_guarded(depth, max_derivative=0.25):
    if depth < 1:
        raise ValueError("a network has at least one layer")
    return max_derivative**depth


@alternative("numerical_gradient", "shifts the caller's array and puts the old value back")
def numerical_gradient_in_place(f, x, h=1e-5):
    x = x if isinstance(x, np.ndarray) and x.dtype == np.float64 else np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    iterator = np.nditer(x, flags=["multi_index"])
    for _ in iterator:
        index = iterator.multi_index
        old = x[index]
        x[index] = old + h
        above = f(x)
        x[index] = old - h
        below = f(x)
        x[index] = old
        gradient[index] = (above - below) / (2 * h)
    return gradient


@alternative("numerical_gradient", "unit vectors of an identity matrix")
def numerical_gradient_identity(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (h + h) for step in steps], dtype=float).reshape(x.shape)


@alternative("numerical_gradient", "flat copies and a list comprehension")
def numerical_gradient_flat_copies(f, x, h=1e-5):
    flat, shape = np.ravel(np.array(x, dtype=float)), np.shape(x)

    def at(i, offset):
        moved = np.copy(flat)
        moved[i] = flat[i] + offset
        return float(f(moved.reshape(shape)))

    return np.reshape([0.5 * (at(i, h) - at(i, -h)) / h for i in range(flat.size)], shape)


class UnknownActivation(ValueError):
    """A subclass is as good."""


def logistic(z):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-np.asarray(z, dtype=float)))


@alternative("numerical_gradient", "h from one side to the other")
def numerical_gradient_half_steps(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h / 2
        gradient[index] = (f(x + step) - f(x - step)) / h
    return gradient


@alternative("mlp_forward", "recursion over the layers, tuples, its own kind of ValueError")
def mlp_forward_recursive(x, weights, biases, activation):
    functions = {"sigmoid": logistic, "tanh": np.tanh, "relu": lambda z: z * (z > 0)}
    if activation not in functions:
        raise UnknownActivation(f"no activation named {activation}")
    x = np.asarray(x, dtype=float)
    if len(weights) == 0:
        return (), (x,)
    z = x.dot(np.asarray(weights[0], dtype=float).T) + np.asarray(biases[0], dtype=float)
    zs, activations = mlp_forward_recursive(functions[activation](z), weights[1:], biases[1:], activation)
    return (z, *zs), (x, *activations)


@alternative("mlp_forward", "if and elif, sigmoid by cases")
def mlp_forward_cases(x, weights, biases, activation):
    zs = []
    activations = [x]
    for layer in range(len(weights)):
        z = np.matmul(np.array(activations[layer], dtype=np.float64), np.array(weights[layer]).T) + biases[layer]
        if activation == "sigmoid":
            a = np.empty_like(z)
            positive = z > 0
            a[positive] = 1 / (1 + np.exp(-z[positive]))
            a[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
        elif activation == "tanh":
            a = np.tanh(z)
        elif activation == "relu":
            a = np.copy(z)
            a[a < 0] = 0
        else:
            raise ValueError("activation must be sigmoid, tanh or relu")
        zs.append(z)
        activations.append(a)
    return zs, activations


@alternative("mlp_forward", "math module, element by element")
def mlp_forward_math(x, weights, biases, activation):
    def sigmoid(z):
        return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))

    table = {"sigmoid": sigmoid, "tanh": math.tanh, "relu": lambda z: max(z, 0.0)}
    if activation not in table:
        raise ValueError(activation)
    zs, activations = [], [np.array(x, dtype=float)]
    for W, b in zip(weights, biases, strict=True):
        neurons = list(zip(W, b, strict=True))
        rows = [[math.fsum(map(operator.mul, w, a)) + c for w, c in neurons] for a in activations[-1]]
        zs.append(np.array(rows))
        activations.append(np.array([[table[activation](v) for v in row] for row in zs[-1]], dtype=float))
    return zs, activations


@alternative("mlp_backward", "recursion, slopes from the activations")
def mlp_backward_recursive(dout, zs, activations, weights, activation):
    if len(weights) == 0:
        return [], []
    a = np.asarray(activations[-1], dtype=float)
    slope = {"sigmoid": a - a**2, "tanh": (1 - a) * (1 + a), "relu": np.sign(a)}[activation]
    delta = np.asarray(dout, dtype=float) * slope
    dWs, dbs = mlp_backward_recursive(
        delta @ np.asarray(weights[-1], dtype=float), zs[:-1], activations[:-1], weights[:-1], activation
    )
    return [*dWs, delta.T @ np.asarray(activations[-2], dtype=float)], [*dbs, delta.sum(0)]


@alternative("mlp_backward", "slopes from z, filled from the end, tuples")
def mlp_backward_filled(dout, zs, activations, weights, activation):
    def slope(z):
        z = np.asarray(z, dtype=float)
        if activation == "relu":
            return np.heaviside(z, 0.0)
        if activation == "tanh":
            return 1 / np.cosh(np.clip(z, -300, 300)) ** 2
        return logistic(z) * logistic(-z)

    L = len(weights)
    dWs, dbs = [None] * L, [None] * L
    delta = np.asarray(dout, dtype=float) * slope(zs[L - 1])
    for l in range(L - 1, -1, -1):  # noqa: E741
        dWs[l] = np.einsum("mo,mi->oi", delta, np.asarray(activations[l], dtype=float))
        dbs[l] = np.einsum("mo->o", delta)
        if l:
            delta = np.einsum("mo,oi->mi", delta, np.asarray(weights[l], dtype=float)) * slope(zs[l - 1])
    return tuple(dWs), tuple(dbs)


@alternative("mlp_backward", "one sample at a time, with columns as on the slides")
def mlp_backward_samples(dout, zs, activations, weights, activation):
    derivatives = {
        "sigmoid": lambda a: a * (1 - a),
        "tanh": lambda a: 1 - a * a,
        "relu": lambda a: (a > 0).astype(float),
    }
    dWs = [np.zeros(np.shape(W)) for W in weights]
    dbs = [np.zeros(np.shape(W)[0]) for W in weights]
    for i in range(len(dout)):
        error = np.asarray(dout[i], dtype=float).reshape(-1, 1)
        for layer in reversed(range(len(weights))):
            delta = error * derivatives[activation](np.asarray(activations[layer + 1][i]).reshape(-1, 1))
            dWs[layer] += delta @ np.asarray(activations[layer][i], dtype=float).reshape(1, -1)
            dbs[layer] += delta[:, 0]
            error = np.asarray(weights[layer], dtype=float).T @ delta
    return dWs, dbs


@alternative("gradient_norms", "np.linalg.norm")
def gradient_norms_linalg(dWs):
    return np.array([np.linalg.norm(dW) for dW in dWs])


@alternative("gradient_norms", "root of the trace, collected in a list of floats")
def gradient_norms_trace(dWs):
    return [float(np.sqrt(np.trace(np.asarray(dW, float).T @ np.asarray(dW, float)))) for dW in dWs]


@alternative("gradient_norms", "singular values")
def gradient_norms_singular_values(dWs):
    return np.fromiter((np.sqrt((np.linalg.svd(dW, compute_uv=False) ** 2).sum()) for dW in dWs), dtype=float)


@alternative("gradient_norms", "math.hypot over the entries")
def gradient_norms_hypot(dWs):
    return np.asarray([math.hypot(*np.ravel(dW)) for dW in dWs])
