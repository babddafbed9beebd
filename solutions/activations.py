"""Activation functions and their derivatives.

An activation bends the straight line that a layer computes; its derivative decides how much of the error
signal comes back through the layer. Every function here works element by element, except softmax, which turns
the scores along one axis into probabilities.

Conventions: inputs are array_like of any shape (a plain number, nested lists, integers, an empty array) unless
a docstring narrows that. Results are new float64 arrays of the same shape; for a plain number a float will do.
Inputs are never modified. Any finite input up to |z| = 1000 gives a finite result without an overflow, a divide
or an invalid warning. Derivatives are functions of z, the value *before* the activation.
"""

from __future__ import annotations

### BEGIN SOLUTION
import math

### END SOLUTION
import numpy as np
from numpy.typing import ArrayLike

### BEGIN SOLUTION
_SQRT_2 = math.sqrt(2.0)
_SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
_GELU_CUBIC = 0.044715

# NumPy has no erf. `erfc` keeps the digits of the left tail, where 1 + erf cancels.
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def _as_floats(x: ArrayLike) -> np.ndarray:
    return np.asarray(x, dtype=np.float64)


def _normal_density(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


### END SOLUTION


def sigmoid(z: ArrayLike) -> np.ndarray:
    """Squash every number into (0, 1), as a probability.

        σ(z) = 1 / (1 + e^(-z))

    Parameters
    ----------
    z : array_like
        Any shape, a single number and an empty array included.

    Returns
    -------
    ndarray
        σ(z), the shape of `z`. In float64 the ends round: σ(40) is 1.0.

    Notes
    -----
    e^1000 does not fit into a float64, so the formula as it stands overflows on one side. The same value can be
    written so that the exponent is never positive. The result has to be right (to within 1e-12) and free of
    overflow, divide and invalid warnings for all |z| <= 1000.

    Source: slide "Sigmoid".
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    decay = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, decay) / (1.0 + decay)
    ### END SOLUTION


def sigmoid_derivative(z: ArrayLike) -> np.ndarray:
    """Slope of the sigmoid, as a function of `z` itself (not of σ(z)).

        σ'(z) = σ(z) (1 - σ(z))

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        σ'(z), the shape of `z`. The largest value is 0.25, exactly at z = 0; far from 0, on either side, the
        slope goes to 0: the unit saturates.

    Notes
    -----
    No overflow, divide or invalid warning up to |z| = 1000.

    Source: slide "Vanishing gradient?".
    """
    ### BEGIN SOLUTION
    decay = np.exp(-np.abs(_as_floats(z)))
    return decay / (1.0 + decay) ** 2
    ### END SOLUTION


def tanh(z: ArrayLike) -> np.ndarray:
    """Hyperbolic tangent: an S-curve in (-1, 1) that is centred at zero.

        tanh(z) = (e^z - e^(-z)) / (e^z + e^(-z))

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        tanh(z), the shape of `z`. It is an odd function: tanh(-z) = -tanh(z).

    Notes
    -----
    Taken literally the formula is inf / inf for large |z|; the result has to be right up to |z| = 1000.

    Source: slide "Tanh (hyperbolic tangent)".
    """
    ### BEGIN SOLUTION
    return np.tanh(_as_floats(z))
    ### END SOLUTION


def tanh_derivative(z: ArrayLike) -> np.ndarray:
    """Slope of tanh, as a function of `z` itself (not of tanh(z)).

        tanh'(z) = 1 - tanh(z)^2

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        tanh'(z), the shape of `z`: 1 at z = 0, going to 0 on both sides.

    Notes
    -----
    No overflow, divide or invalid warning up to |z| = 1000.

    Source: slide "Tanh also saturates easily".
    """
    ### BEGIN SOLUTION
    return 1.0 - np.tanh(_as_floats(z)) ** 2
    ### END SOLUTION


def relu(z: ArrayLike) -> np.ndarray:
    """Rectified linear unit: pass what is positive, silence the rest.

        ReLU(z) = max(0, z)

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        A new array with the shape of `z`; `z` itself keeps its negative entries. Every entry with z <= 0 is
        exactly 0, which is what makes the layer's output sparse.

    Source: slide "ReLU (Rectified Linear Unit)"; Nair and Hinton, 2010.
    """
    ### BEGIN SOLUTION
    return np.maximum(_as_floats(z), 0.0)
    ### END SOLUTION


def relu_derivative(z: ArrayLike) -> np.ndarray:
    """Slope of ReLU.

        ReLU'(z) = 1 for z > 0, and 0 for z <= 0

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        The shape of `z`, holding 0.0 and 1.0.

    Notes
    -----
    At the kink z = 0 the slope is not defined; the convention here, on the slide and in PyTorch is 0.

    Source: slides "ReLU (Rectified Linear Unit)" and "ReLU saturates only for z < 0".
    """
    ### BEGIN SOLUTION
    return np.where(_as_floats(z) > 0, 1.0, 0.0)
    ### END SOLUTION


def leaky_relu(z: ArrayLike, alpha: float = 0.01) -> np.ndarray:
    """ReLU that leaks: the negative side keeps a slope, so no unit dies for good.

        f(z) = z for z > 0, and alpha * z for z <= 0

    Parameters
    ----------
    z : array_like
        Any shape.
    alpha : float
        Slope of the negative side. Any finite number is allowed: 0 gives ReLU, and a slope above 1 or below 0 is
        unusual but has to follow the two cases above as well.

    Returns
    -------
    ndarray
        f(z), the shape of `z`.

    Source: slide "Leaky ReLU"; Maas, Hannun and Ng, 2013.
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    return np.where(z > 0, z, alpha * z)
    ### END SOLUTION


def leaky_relu_derivative(z: ArrayLike, alpha: float = 0.01) -> np.ndarray:
    """Slope of the leaky ReLU.

        f'(z) = 1 for z > 0, and alpha for z <= 0

    Parameters
    ----------
    z : array_like
        Any shape.
    alpha : float
        Slope of the negative side; any finite number.

    Returns
    -------
    ndarray
        f'(z), the shape of `z`. At the kink z = 0 the convention is alpha.

    Source: slide "Leaky ReLU".
    """
    ### BEGIN SOLUTION
    return np.where(_as_floats(z) > 0, 1.0, alpha)
    ### END SOLUTION


def prelu(z: ArrayLike, alpha: float) -> np.ndarray:
    """Parametric leaky ReLU: the slope of the negative side is learnt.

        f(z) = z for z > 0, and alpha * z for z <= 0

    Parameters
    ----------
    z : array_like
        Any shape.
    alpha : float
        One number, shared by every entry of `z`. Training may move it anywhere, also above 1 or below 0.

    Returns
    -------
    ndarray
        f(z), the shape of `z`.

    Source: slide "Parametric Leaky ReLU"; He, Zhang, Ren and Sun, 2015.
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    return np.where(z > 0, z, alpha * z)
    ### END SOLUTION


def prelu_backward(dout: ArrayLike, z: ArrayLike, alpha: float) -> tuple[np.ndarray, float]:
    """Gradients of a loss L through `prelu`, for the input and for the slope.

    Write f for `prelu(z, alpha)`. With `dout` = ∂L/∂f the chain rule gives

        dz     = dout * ∂f/∂z        one value for each entry of z
        dalpha = Σ dout * ∂f/∂alpha  one number

    The sum is there because the one alpha acts on every entry. It runs over all axes of the array, and there is
    no averaging: if the loss is a mean, `dout` holds the 1/m already. ∂f/∂alpha is 0 wherever f does not depend
    on alpha.

    Parameters
    ----------
    dout : array_like
        ∂L/∂f, the shape of `z`.
    z : array_like
        The input of the forward pass, any shape.
    alpha : float
        The slope of the forward pass.

    Returns
    -------
    dz : ndarray
        ∂L/∂z, the shape of `z`. At z = 0 the slope ∂f/∂z is alpha, as in `leaky_relu_derivative`.
    dalpha : float
        ∂L/∂alpha, a single number (0.0 when no entry is negative).

    Source: slide "Parametric Leaky ReLU"; He, Zhang, Ren and Sun, 2015, section 2.1.
    """
    ### BEGIN SOLUTION
    dout, z = _as_floats(dout), _as_floats(z)
    positive = z > 0
    dz = np.where(positive, dout, alpha * dout)
    dalpha = float(np.sum(np.where(positive, 0.0, dout * z)))
    return dz, dalpha
    ### END SOLUTION


def normal_cdf(z: ArrayLike) -> np.ndarray:
    """Probability that a standard normal variable is below `z`.

        Φ(z) = ∫ from -∞ to z of e^(-t²/2) / √(2π) dt = (1 + erf(z / √2)) / 2

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        Φ(z), the shape of `z`; between 0 and 1, with Φ(z) + Φ(-z) = 1.

    Notes
    -----
    NumPy has no erf, but the standard library's `math.erf` takes one number at a time. Approximations (logistic
    curves, polynomials good for six digits) are not enough here: the result has to be right to within 1e-12.

    Source: slide "GELU (Gaussian Error Linear Unit)".
    """
    ### BEGIN SOLUTION
    return 0.5 * _erfc(-_as_floats(z) / _SQRT_2)
    ### END SOLUTION


def gelu(z: ArrayLike) -> np.ndarray:
    """Gaussian error linear unit, the exact form.

        GELU(z) = z Φ(z),    Φ the distribution function of the standard normal

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        GELU(z), the shape of `z`.

    Notes
    -----
    Exact: right to within 1e-12, with the Φ of `normal_cdf`. The tanh form (see `gelu_tanh`) differs from it in the
    fourth decimal and is a different exercise. This is PyTorch's `nn.GELU()`.

    Source: slide "GELU (Gaussian Error Linear Unit)"; Hendrycks and Gimpel, 2016.
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    return z * (0.5 * _erfc(-z / _SQRT_2))
    ### END SOLUTION


def gelu_derivative(z: ArrayLike) -> np.ndarray:
    """Slope of the exact GELU.

        GELU'(z) = Φ(z) + z φ(z),    φ(z) = e^(-z²/2) / √(2π)

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        GELU'(z), the shape of `z`: 0.5 at z = 0, and smooth there, unlike ReLU's step. It goes to 0 on the left and
        to 1 on the right, and is slightly outside [0, 1] on the way.

    Source: slide "Why do Transformers use it?"; Hendrycks and Gimpel, 2016.
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    return 0.5 * _erfc(-z / _SQRT_2) + z * _normal_density(z)
    ### END SOLUTION


def gelu_tanh(z: ArrayLike) -> np.ndarray:
    """The cheaper GELU: Φ replaced by a tanh of a cubic.

        f(z) = 0.5 z (1 + tanh(√(2/π) (z + 0.044715 z³)))

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        f(z), the shape of `z`. This is PyTorch's `nn.GELU(approximate="tanh")`; the exact form is `gelu`.

    Source: slide "GELU: efficient approximation"; Hendrycks and Gimpel, 2016.
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    return 0.5 * z * (1.0 + np.tanh(_SQRT_2_OVER_PI * (z + _GELU_CUBIC * z**3)))
    ### END SOLUTION


def gelu_tanh_derivative(z: ArrayLike) -> np.ndarray:
    """Slope of `gelu_tanh`: the derivative of the approximation itself, not of the exact GELU.

    Differentiate

        f(z) = 0.5 z (1 + tanh(u(z))),    u(z) = √(2/π) (z + 0.044715 z³)

    by the product rule, and the tanh by the chain rule.

    Parameters
    ----------
    z : array_like
        Any shape.

    Returns
    -------
    ndarray
        f'(z), the shape of `z`: 0.5 at z = 0.

    Notes
    -----
    No overflow, divide or invalid warning up to |z| = 1000: mind how the derivative of tanh is written.

    Source: slide "GELU: efficient approximation".
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    t = np.tanh(_SQRT_2_OVER_PI * (z + _GELU_CUBIC * z**3))
    inner_slope = _SQRT_2_OVER_PI * (1.0 + 3.0 * _GELU_CUBIC * z**2)
    return 0.5 * (1.0 + t) + 0.5 * z * (1.0 - t**2) * inner_slope
    ### END SOLUTION


def softmax(z: ArrayLike, axis: int = -1) -> np.ndarray:
    """Turn scores into probabilities along one axis.

        p_i = e^(z_i) / Σ_j e^(z_j),    i and j running along `axis`

    Parameters
    ----------
    z : array_like
        Scores with one dimension or more (1-d included), at least one entry along `axis`.
    axis : int
        The axis along which the probabilities sum to 1. Any axis of `z`, negative numbers count from the end.

    Returns
    -------
    ndarray
        The shape of `z`; non-negative, and each slice along `axis` sums to 1.

    Notes
    -----
    Adding one constant to all scores of a slice changes nothing. Choose the constant well (each slice may need its
    own) and no exponential overflows, and no slice becomes 0/0, for scores up to 1000 in size.

    Source: slides "Softmax equation" and "Multiclass classification".
    """
    ### BEGIN SOLUTION
    z = _as_floats(z)
    exponentials = np.exp(z - z.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)
    ### END SOLUTION


def softmax_backward(dout: ArrayLike, p: ArrayLike, axis: int = -1) -> np.ndarray:
    """Gradient of a loss L for the scores, given its gradient for the probabilities.

    Along `axis`, every probability depends on every score:

        ∂p_i/∂z_j = p_i (δ_ij - p_j),    δ_ij = 1 if i = j, else 0

    so with `dout` = ∂L/∂p

        dz_j = Σ_i dout_i ∂p_i/∂z_j

    Parameters
    ----------
    dout : array_like
        ∂L/∂p, the shape of `p`.
    p : array_like
        The output of the forward pass, softmax(z, axis) (not z).
    axis : int
        The axis of the forward pass.

    Returns
    -------
    ndarray
        ∂L/∂z, the shape of `p`. Each slice along `axis` sums to 0, because a constant added to its scores
        changes nothing.

    Source: slide "Softmax equation".
    """
    ### BEGIN SOLUTION
    dout, p = _as_floats(dout), _as_floats(p)
    return p * (dout - np.sum(dout * p, axis=axis, keepdims=True))
    ### END SOLUTION
