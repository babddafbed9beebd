"""Right answers of `activations` in really different styles."""

import math
from statistics import NormalDist

import numpy as np

from grader.misconceptions.catalogue import alternative

# sigmoid


@alternative("sigmoid", "boolean masks, one formula for each sign")
def sigmoid_masks(z):
    z = np.asarray(z, dtype=float)
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    out[~positive] = e / (1 + e)
    return out


@alternative("sigmoid", "half a tanh")
def sigmoid_half_tanh(z):
    return (np.tanh(np.asarray(z) / 2) + 1) / 2


@alternative("sigmoid", "the plain formula inside a local errstate")
def sigmoid_errstate(z):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-np.asarray(z, dtype=np.float64)))


@alternative("sigmoid", "math module, element by element, recursion over nested lists")
def sigmoid_recursive(z):
    if np.ndim(z) == 0:
        z = float(z)
        return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))
    if np.size(z) == 0:
        return np.zeros(np.shape(z))
    return [sigmoid_recursive(row) for row in z]


@alternative("sigmoid", "its result a list")
def sigmoid_list(z):
    return ((1 + np.tanh(np.asarray(z, dtype=float) / 2)) / 2).tolist()


@alternative("sigmoid", "logaddexp")
def sigmoid_logaddexp(z):
    return np.exp(-np.logaddexp(0.0, np.negative(np.asarray(z, dtype=np.float64))))


@alternative("sigmoid", "clipped where the float64 has rounded to 0 or 1 long ago")
def sigmoid_clipped(z):
    return 1 / (1 + np.exp(-np.clip(np.asarray(z, dtype=float), -700, 700)))


# sigmoid_derivative


@alternative("sigmoid_derivative", "σ(z) σ(-z) with a nested helper")
def sigmoid_derivative_product(z):
    def sigma(t):
        return 0.5 + 0.5 * np.tanh(0.5 * t)

    z = np.array(z, dtype=np.float64)
    return sigma(z) * sigma(-z)


@alternative("sigmoid_derivative", "a quarter of the derivative of tanh at z/2")
def sigmoid_derivative_tanh(z):
    return 0.25 * (1 - np.tanh(np.divide(z, 2)) ** 2)


@alternative("sigmoid_derivative", "loop over a flat copy")
def sigmoid_derivative_loop(z):
    z = np.array(z, dtype=float)
    flat = z.reshape(-1)
    for i, value in enumerate(flat):
        e = math.exp(-abs(value))
        s = 1 / (1 + e)
        flat[i] = s - s * s
    return flat.reshape(z.shape)


# tanh


@alternative("tanh", "the quotient on |z|, then the sign")
def tanh_by_symmetry(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


@alternative("tanh", "two sigmoids in a composition")
def tanh_from_sigmoid(z):
    return sigmoid_masks(2 * np.asarray(z, dtype=float)) * 2 - 1


@alternative("tanh", "math.tanh through frompyfunc")
def tanh_frompyfunc(z):
    return np.asarray(np.frompyfunc(math.tanh, 1, 1)(z), dtype=float)


@alternative("tanh_derivative", "(1 - t)(1 + t)")
def tanh_derivative_factored(z):
    t = np.tanh(z)
    return (1 - t) * (1 + t)


@alternative("tanh_derivative", "1 / cosh² on a clipped argument")
def tanh_derivative_cosh(z):
    return np.cosh(np.clip(z, -300.0, 300.0)) ** -2.0


# relu


@alternative("relu", "multiplies by the mask")
def relu_mask(z):
    z = np.asarray(z)
    return z * (z > 0)


@alternative("relu", "half of z + |z|")
def relu_half(z):
    z = np.asarray(z, dtype=float)
    return (z + np.abs(z)) / 2


@alternative("relu", "writes zeros into a copy")
def relu_copy(z):
    out = np.array(z, dtype=np.float64)
    out[out < 0] = 0
    return out


@alternative("relu_derivative", "boolean result")
def relu_derivative_boolean(z):
    return np.asarray(z) > 0


@alternative("relu_derivative", "heaviside with 0 at 0")
def relu_derivative_heaviside(z):
    return np.heaviside(np.asarray(z, dtype=float), 0)


@alternative("relu_derivative", "a list by comprehension over a flat iterator")
def relu_derivative_flat(z):
    z = np.asarray(z)
    return np.array([1.0 if value > 0 else 0.0 for value in z.flat]).reshape(z.shape)


# leaky_relu


@alternative("leaky_relu", "positive part plus α times the negative part")
def leaky_relu_parts(z, alpha=0.01):
    return np.maximum(z, 0) + alpha * np.minimum(z, 0)


@alternative("leaky_relu", "slope array times z, keyword-only helper")
def leaky_relu_slope(z, alpha=0.01):
    def slope(*, at, negative):
        return np.choose(at > 0, [negative, 1.0])

    z = np.asarray(z, dtype=float)
    return slope(at=z, negative=float(alpha)) * z


@alternative("leaky_relu", "np.where in place on a copy")
def leaky_relu_inplace_copy(z, alpha=0.01):
    out = np.array(z, dtype=float, copy=True)
    np.multiply(out, alpha, out=out, where=out <= 0)
    return out


@alternative("leaky_relu_derivative", "arithmetic on the mask")
def leaky_relu_derivative_mask(z, alpha=0.01):
    on = (np.asarray(z) > 0).astype(float)
    return on + alpha * (1 - on)


@alternative("leaky_relu_derivative", "np.full and a mask")
def leaky_relu_derivative_full(z, alpha=0.01):
    z = np.asarray(z)
    out = np.full(z.shape, alpha, dtype=float)
    out[z > 0] = 1
    return out


@alternative("leaky_relu", "a guard against a slope that does not leak")
def leaky_relu_guarded(z, alpha=0.01):
    if alpha <= 0:
        raise ValueError(f"alpha should be positive, not {alpha}")
    z = np.asarray(z, dtype=np.float64)
    return np.maximum(z, 0) + alpha * np.minimum(z, 0)


@alternative("leaky_relu_derivative", "a guard against a slope that does not leak")
def leaky_relu_derivative_guarded(z, alpha=0.01):
    if alpha <= 0:
        raise ValueError(f"alpha should be positive, not {alpha}")
    return np.where(np.asarray(z) > 0, 1.0, alpha)


# prelu


@alternative("prelu", "np.piecewise")
def prelu_piecewise(z, alpha):
    z = np.asarray(z, dtype=np.float64)
    return np.piecewise(z, [z > 0], [lambda t: t, lambda t: float(alpha) * t])


@alternative("prelu", "|z| form")
def prelu_absolute(z, alpha):
    z = np.asarray(z, dtype=float)
    return (1 + alpha) / 2 * z + (1 - alpha) / 2 * np.abs(z)


@alternative("prelu_backward", "loop with an accumulator, dalpha a 0-d array")
def prelu_backward_loop(dout, z, alpha):
    dout, z = np.asarray(dout, dtype=float), np.asarray(z, dtype=float)
    dz = np.zeros(z.shape)
    total = np.array(0.0)
    for index in np.ndindex(z.shape):
        if z[index] > 0:
            dz[index] = dout[index]
        else:
            dz[index] = dout[index] * alpha
            total += dout[index] * z[index]
    return dz, total


@alternative("prelu_backward", "einsum and a list as the pair")
def prelu_backward_einsum(dout, z, alpha):
    dout, z = np.asarray(dout, dtype=float), np.asarray(z, dtype=float)
    dalpha = np.einsum("i,i->", dout.ravel(), np.minimum(z, 0).ravel())
    return [dout * (alpha + (1 - alpha) * (z > 0)), float(dalpha)]


@alternative("prelu_backward", "dot product of the selected entries")
def prelu_backward_dot(dout, z, alpha):
    g, t = np.atleast_1d(np.asarray(dout, dtype=float)), np.atleast_1d(np.asarray(z, dtype=float))
    off = t <= 0
    dz = g.copy()
    dz[off] *= alpha
    return dz.reshape(np.shape(z)), np.dot(g[off], t[off])


# normal_cdf


@alternative("normal_cdf", "statistics.NormalDist")
def normal_cdf_statistics(z):
    return np.vectorize(NormalDist().cdf, otypes=[float])(z)


@alternative("normal_cdf", "math.erf through frompyfunc")
def normal_cdf_frompyfunc(z):
    z = np.asarray(z, dtype=float)
    return 0.5 + 0.5 * np.asarray(np.frompyfunc(math.erf, 1, 1)(z / math.sqrt(2)), dtype=float)


@alternative("normal_cdf", "integrates the density: Gauss-Legendre on [0, |z|]")
def normal_cdf_quadrature(z):
    z = np.asarray(z, dtype=float)
    nodes, weights = np.polynomial.legendre.leggauss(80)
    end = np.minimum(np.abs(z), 10.0)[..., None]
    t = end * (nodes + 1) / 2
    area = (np.exp(-t * t / 2) * weights).sum(axis=-1) * end[..., 0] / 2 / np.sqrt(2 * np.pi)
    return 0.5 + np.sign(z) * area


@alternative("normal_cdf", "np.vectorize as it comes, which takes no empty array")
def normal_cdf_plain_vectorize(z):
    return 0.5 * (1 + np.vectorize(math.erf)(np.asarray(z, dtype=np.float64) / np.sqrt(2)))


# gelu


@alternative("gelu", "element by element with math.erf")
def gelu_loop(z):
    z = np.asarray(z, dtype=float)
    return np.array([t * (1 + math.erf(t / 2**0.5)) / 2 for t in z.ravel()], dtype=float).reshape(z.shape)


@alternative("gelu", "nested lists")
def gelu_nested(z):
    if np.ndim(z) == 0:
        return float(z) * NormalDist().cdf(float(z))
    if np.size(z) == 0:
        return np.zeros(np.shape(z))
    return [gelu_nested(row) for row in z]


@alternative("gelu_derivative", "element by element with NormalDist")
def gelu_derivative_statistics(z):
    normal = NormalDist()
    return np.vectorize(lambda t: normal.cdf(t) + t * normal.pdf(t), otypes=[float])(z)


@alternative("gelu_derivative", "frompyfunc over erfc")
def gelu_derivative_erfc(z):
    def slope(t):
        return math.erfc(-t / math.sqrt(2)) / 2 + t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    return np.asarray(np.frompyfunc(slope, 1, 1)(np.asarray(z, dtype=float)), dtype=float)


@alternative("gelu_tanh", "z times a sigmoid of twice the bracket")
def gelu_tanh_sigmoid(z):
    z = np.asarray(z, dtype=float)
    return z * sigmoid_masks(2 * np.sqrt(2 / np.pi) * z * (1 + 0.044715 * z * z))


@alternative("gelu_tanh", "polyval inside")
def gelu_tanh_polyval(z):
    u = np.polyval(np.sqrt(2 / np.pi) * np.array([0.044715, 0, 1, 0]), np.asarray(z, dtype=float))
    return np.multiply(z, (1 + np.tanh(u)) / 2)


@alternative("gelu_tanh_derivative", "sigmoid form of the product rule")
def gelu_tanh_derivative_sigmoid(z):
    z = np.asarray(z, dtype=float)
    c = 2 * math.sqrt(2 / math.pi)
    s = sigmoid_masks(c * (z + 0.044715 * z**3))
    return s + z * s * (1 - s) * c * (1 + 0.134145 * z**2)


@alternative("gelu_tanh_derivative", "complex step")
def gelu_tanh_derivative_complex(z):
    z = np.asarray(z, dtype=float)
    far = np.abs(z) > 12
    t = np.where(far, 0.0, z) + 1e-30j
    value = 0.5 * t * (1 + np.tanh(math.sqrt(2 / math.pi) * (t + 0.044715 * t**3)))
    return np.where(far, z > 0, value.imag / 1e-30)


# softmax


@alternative("softmax", "one over a sum of differences, local errstate")
def softmax_differences(z, axis=-1):
    z = np.moveaxis(np.asarray(z, dtype=float), axis, -1)
    with np.errstate(over="ignore"):
        p = 1 / np.exp(z[..., None, :] - z[..., :, None]).sum(axis=-1)
    return np.moveaxis(p, -1, axis)


@alternative("softmax", "slice by slice")
def softmax_slices(z, axis=-1):
    def one(scores):
        e = [math.exp(s - max(scores)) for s in scores]
        return np.array(e) / math.fsum(e)

    return np.apply_along_axis(one, axis, np.asarray(z, dtype=float))


@alternative("softmax", "through the log-softmax")
def softmax_log(z, axis=-1):
    z = np.asarray(z, dtype=float)
    return np.exp(z - np.logaddexp.reduce(z, axis=axis, keepdims=True))


@alternative("softmax_backward", "the whole Jacobian")
def softmax_backward_jacobian(dout, p, axis=-1):
    p = np.moveaxis(np.asarray(p, dtype=float), axis, -1)
    dout = np.moveaxis(np.asarray(dout, dtype=float), axis, -1)
    jacobian = p[..., :, None] * (np.eye(p.shape[-1]) - p[..., None, :])
    return np.moveaxis(np.einsum("...i,...ij->...j", dout, jacobian), -1, axis)


@alternative("softmax_backward", "double loop over the classes")
def softmax_backward_double_loop(dout, p, axis=-1):
    p = np.moveaxis(np.asarray(p, dtype=float), axis, 0)
    dout = np.moveaxis(np.asarray(dout, dtype=float), axis, 0)
    dz = np.zeros_like(p)
    for i in range(len(p)):
        for j in range(len(p)):
            dz[j] += dout[i] * p[i] * ((i == j) - p[j])
    return np.moveaxis(dz, 0, axis)
