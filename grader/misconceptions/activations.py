"""Known wrong answers of `activations`."""

from math import erf, pi, sqrt

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("activations")

_erf = np.vectorize(erf, otypes=[np.float64])
ROOT = sqrt(2.0 / pi)


def floats(x):
    return np.asarray(x, dtype=np.float64)


def density(z):
    return np.exp(-z * z / 2) / sqrt(2 * pi)


def one_sided_slope(function, z, h=1e-5):
    z = floats(z)
    return (function(z + h) - function(z)) / h


# sigmoid


@misconception(
    "sigmoid",
    "The formula as it stands overflows",
    hint="The value may be right, but NumPy warns: for z = -1000 your exponential is e^1000. Which exponent stays "
    "small for negative z?",
)
def sigmoid_overflows(z):
    return 1 / (1 + np.exp(-floats(z)))


@misconception(
    "sigmoid",
    "e^z / (1 + e^z) becomes inf / inf",
    hint="For z = 1000 numerator and denominator are both infinite, and inf / inf is nan. This form is the good one "
    "for negative z only.",
)
def sigmoid_ratio_of_infinities(z):
    e = np.exp(floats(z))
    return e / (1 + e)


@misconception(
    "sigmoid",
    "Works out e^1000 and inf / inf, and chooses afterwards",
    hint="np.where and np.nan_to_num choose among finished numbers: what was right for z < 0 has met z = 1000 as well, "
    "and overflowed. Give each formula its own entries only, or exponents that are never positive.",
)
def sigmoid_both_branches(z):
    z = floats(z)
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


@misconception(
    "sigmoid",
    "Sign of the exponent",
    hint="Your curve falls from 1 to 0. A larger score has to give a larger probability: look at the sign in the "
    "exponent.",
)
def sigmoid_falls(z):
    return solutions.sigmoid(-floats(z))


@misconception(
    "sigmoid",
    "tanh instead of the sigmoid",
    hint="A value below 0 cannot be a probability. The two S-curves are relatives, with another range and another "
    "scale in z.",
)
def sigmoid_is_tanh(z):
    return np.tanh(floats(z))


@misconception(
    "sigmoid",
    "tanh(z) moved to (0, 1) without halving z",
    hint="The range is right but the curve is too steep: sigmoid and tanh differ in the scale of z as well.",
)
def sigmoid_too_steep(z):
    return 0.5 * (1 + np.tanh(floats(z)))


@misconception(
    "sigmoid",
    "Straight lines instead of the curve (hard sigmoid)",
    hint="This is the piecewise linear stand-in, which reaches 0 and 1 exactly. The exercise is the smooth function.",
)
def sigmoid_hard(z):
    return np.clip(floats(z) / 6 + 0.5, 0.0, 1.0)


@misconception(
    "sigmoid",
    "Clips z at ±10 to avoid the overflow",
    hint="Clipping stops the overflow, but with limits this tight it changes the answer: between -10 and -1000 the "
    "value still has a way to go.",
)
def sigmoid_clips_early(z):
    return 1 / (1 + np.exp(-np.clip(floats(z), -10, 10)))


@misconception(
    "sigmoid",
    "Integer input gives an integer result",
    hint="An output array made with the type of z truncates every probability to 0 when z holds integers.",
)
def sigmoid_truncates_integers(z):
    z = np.asarray(z)
    out = np.zeros_like(z)
    out[...] = solutions.sigmoid(z)
    return out


@misconception(
    "sigmoid",
    "Loses the shape of the input",
    hint="The numbers are right, but they come back as one flat list. The result has the shape of z.",
)
def sigmoid_flattens(z):
    return solutions.sigmoid(z).ravel()


@misconception(
    "sigmoid",
    "Works in float32",
    hint="Half of the digits are missing. Compute in float64.",
)
def sigmoid_float32(z):
    z = np.asarray(z, dtype=np.float32)
    return solutions.sigmoid(z).astype(np.float32)


@misconception(
    "sigmoid",
    "Overwrites its input",
    hint="The result is right, but z is no longer what it was: an in-place operation wrote into the caller's array.",
)
def sigmoid_overwrites(z):
    out = solutions.sigmoid(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z[...] = out
    return out


@misconception(
    "sigmoid",
    "Forgets z = 0 between two masks",
    hint="z > 0 and z < 0 leave out one number: at z = 0 your result is what the array held at first. Where does the "
    "curve cross the vertical axis?",
)
def sigmoid_skips_zero(z):
    z = floats(z)
    return np.where(z == 0, 0.0, solutions.sigmoid(z))


# sigmoid_derivative


@misconception(
    "sigmoid_derivative",
    "Takes its argument for σ(z)",
    hint="z(1 - z) would be right if the argument were the output of the sigmoid already. Here it is z.",
)
def sigmoid_derivative_of_output(z):
    z = floats(z)
    return z * (1 - z)


@misconception(
    "sigmoid_derivative",
    "Applies the sigmoid twice",
    hint="One sigmoid too many: compute s = σ(z) once and use it in both factors.",
)
def sigmoid_derivative_twice(z):
    s = solutions.sigmoid(solutions.sigmoid(z))
    return s * (1 - s)


@misconception(
    "sigmoid_derivative",
    "1 - σ² as for tanh",
    hint="That pattern belongs to tanh. At z = 0 the sigmoid is 0.5 and its slope is 0.25, not 0.75.",
)
def sigmoid_derivative_like_tanh(z):
    return 1 - solutions.sigmoid(z) ** 2


@misconception(
    "sigmoid_derivative",
    "Returns σ(z) itself",
    hint="This is the function, not its slope: the slope is small at both ends.",
)
def sigmoid_derivative_is_sigmoid(z):
    return solutions.sigmoid(z)


@misconception(
    "sigmoid_derivative",
    "Sign of the derivative",
    hint="The sigmoid rises everywhere, so its slope is never negative. The minus of e^(-z) meets the minus of the "
    "power -1.",
)
def sigmoid_derivative_negative(z):
    return -solutions.sigmoid_derivative(z)


@misconception(
    "sigmoid_derivative",
    "Square missing in the denominator",
    hint="The quotient rule squares the denominator: e^(-z) over (1 + e^(-z)) alone is 1 - σ(z), which is only one of "
    "the two factors.",
)
def sigmoid_derivative_one_factor(z):
    return 1 - solutions.sigmoid(z)


@misconception(
    "sigmoid_derivative",
    "e^(-z) / (1 + e^(-z))² overflows for negative z",
    hint="For z = -1000 this is inf / inf. Build the slope from a sigmoid that is already stable, or use the symmetry "
    "in z.",
)
def sigmoid_derivative_overflows(z):
    e = np.exp(-floats(z))
    return e / (1 + e) ** 2


@misconception(
    "sigmoid_derivative",
    "σ(1 - σ) with a sigmoid that overflows",
    hint="The value may be right, but NumPy warns: for z = -1000 the sigmoid inside needs e^1000. Call your own stable "
    "sigmoid instead of writing the formula out again.",
)
def sigmoid_derivative_of_naive_sigmoid(z):
    s = 1 / (1 + np.exp(-floats(z)))
    return s * (1 - s)


@misconception(
    "sigmoid_derivative",
    "A one-sided difference instead of the formula",
    hint="Close, but only to five or six digits: a difference quotient is an estimate, and the closed form is one "
    "line.",
)
def sigmoid_derivative_estimated(z):
    return one_sided_slope(solutions.sigmoid, z)


# tanh


@misconception(
    "tanh",
    "The formula as it stands becomes inf / inf",
    hint="For z = 1000 both sums are infinite and the ratio is nan. NumPy has a function that does not need them.",
)
def tanh_ratio_of_infinities(z):
    z = floats(z)
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


@misconception(
    "tanh",
    "1 - 2 / (e^(2z) + 1) overflows",
    hint="The value is right, but e^2000 does not fit into a float64 and NumPy warns.",
)
def tanh_overflows(z):
    return 1 - 2 / (np.exp(2 * floats(z)) + 1)


@misconception(
    "tanh",
    "(e^(2z) - 1) / (e^(2z) + 1) becomes inf / inf",
    hint="e^2000 does not fit into a float64: for large positive z this is inf / inf. Which exponent stays "
    "small there?",
)
def tanh_doubled_exponent(z):
    e = np.exp(2 * floats(z))
    return (e - 1) / (e + 1)


@misconception(
    "tanh",
    "2σ(z) - 1: z is not doubled",
    hint="Right range, wrong scale: stretching the sigmoid to (-1, 1) needs a factor inside it as well.",
)
def tanh_not_doubled(z):
    return 2 * solutions.sigmoid(z) - 1


@misconception(
    "tanh",
    "2σ(2z) is not moved down",
    hint="Your values lie between 0 and 2. tanh is centred: tanh(0) = 0.",
)
def tanh_not_centred(z):
    return 2 * solutions.sigmoid(2 * floats(z))


@misconception(
    "tanh",
    "Numerator the wrong way round",
    hint="Your curve falls. tanh has the sign of z, so e^z comes first in the numerator.",
)
def tanh_falls(z):
    return -np.tanh(floats(z))


@misconception(
    "tanh",
    "Numerator and denominator swapped (coth)",
    hint="The values exceed 1 and jump at 0: the difference belongs above the sum.",
)
def tanh_upside_down(z):
    with np.errstate(divide="ignore"):
        return 1 / np.tanh(floats(z))


@misconception(
    "tanh",
    "Straight lines instead of the curve (hard tanh)",
    hint="Clipping z to [-1, 1] has the right ends but no curve between them.",
)
def tanh_hard(z):
    return np.clip(floats(z), -1.0, 1.0)


@misconception(
    "tanh",
    "Integer input gives an integer result",
    hint="An output array made with the type of z truncates the fractions when z holds integers.",
)
def tanh_truncates_integers(z):
    z = np.asarray(z)
    return np.tanh(z).astype(z.dtype)


# tanh_derivative


@misconception(
    "tanh_derivative",
    "Takes its argument for tanh(z)",
    hint="1 - z² would be right if the argument were the output of tanh already. Here it is z.",
)
def tanh_derivative_of_output(z):
    return 1 - floats(z) ** 2


@misconception(
    "tanh_derivative",
    "tanh is not squared",
    hint="1 - tanh(z) is 2 for very negative z. A slope of tanh is the same on both sides of 0.",
)
def tanh_derivative_not_squared(z):
    return 1 - np.tanh(floats(z))


@misconception(
    "tanh_derivative",
    "t(1 - t) as for the sigmoid",
    hint="That pattern belongs to the sigmoid. At z = 0 it gives 0, where tanh is steepest.",
)
def tanh_derivative_like_sigmoid(z):
    t = np.tanh(floats(z))
    return t * (1 - t)


@misconception(
    "tanh_derivative",
    "The square is on z",
    hint="It is the value of tanh that is squared, not its argument.",
)
def tanh_derivative_square_inside(z):
    return 1 - np.tanh(floats(z) ** 2)


@misconception(
    "tanh_derivative",
    "1 + tanh²",
    hint="Your slope grows to 2 at the ends, where tanh is flat: look at the sign.",
)
def tanh_derivative_plus(z):
    return 1 + np.tanh(floats(z)) ** 2


@misconception(
    "tanh_derivative",
    "1 / cosh² overflows",
    hint="The formula is right, but cosh(1000) does not fit into a float64 and NumPy warns. tanh itself is always "
    "small.",
)
def tanh_derivative_overflows(z):
    return 1 / np.cosh(floats(z)) ** 2


@misconception(
    "tanh_derivative",
    "1 / cosh without the square",
    hint="The slope at 0 is right, but it falls too slowly: it is the square of 1 / cosh(z).",
)
def tanh_derivative_sech(z):
    a = np.exp(-np.abs(floats(z)))
    return 2 * a / (1 + a * a)


# relu


@misconception(
    "relu",
    "Absolute value",
    hint="Negative entries are to be silenced, not reflected.",
)
def relu_absolute(z):
    return np.abs(floats(z))


@misconception(
    "relu",
    "Keeps the negative side",
    hint="The minimum keeps exactly what ReLU removes.",
)
def relu_minimum(z):
    return np.minimum(floats(z), 0.0)


@misconception(
    "relu",
    "Returns the derivative (0 or 1)",
    hint="A comparison says where the unit is on. Where it is on, ReLU passes z itself.",
)
def relu_step(z):
    return np.where(floats(z) > 0, 1.0, 0.0)


@misconception(
    "relu",
    "np.max instead of an element-wise maximum",
    hint="np.max(z, 0) takes the largest entry along axis 0. What is wanted is the larger of each entry and 0.",
)
def relu_reduces(z):
    return np.max(floats(z), 0)


@misconception(
    "relu",
    "Overwrites its input",
    hint="z[z < 0] = 0 changes the caller's array, and the backward pass needs the old z. Work on a new array.",
)
def relu_overwrites(z):
    z = floats(z)
    z[z < 0] = 0.0
    return z


@misconception(
    "relu",
    "Leaks on the negative side",
    hint="ReLU's negative side is exactly 0; the small slope is the leaky ReLU.",
)
def relu_leaks(z):
    z = floats(z)
    return np.where(z > 0, z, 0.01 * z)


@misconception(
    "relu",
    "Capped at 6 (ReLU6)",
    hint="ReLU does not saturate: large positive values pass unchanged.",
)
def relu_capped(z):
    return np.clip(floats(z), 0.0, 6.0)


@misconception(
    "relu",
    "Smooth version (softplus)",
    hint="log(1 + e^z) is a smooth relative of ReLU. It is never exactly 0, so the output is not sparse.",
)
def relu_softplus(z):
    return np.logaddexp(0.0, floats(z))


# relu_derivative


@misconception(
    "relu_derivative",
    "1 at z = 0",
    hint="At the kink the convention is 0: only z > 0 passes the gradient.",
)
def relu_derivative_one_at_zero(z):
    return np.where(floats(z) >= 0, 1.0, 0.0)


@misconception(
    "relu_derivative",
    "0.5 at z = 0",
    hint="At the kink the convention of the course (and of PyTorch) is 0, not the average of both slopes.",
)
def relu_derivative_half_at_zero(z):
    return np.heaviside(floats(z), 0.5)


@misconception(
    "relu_derivative",
    "Returns ReLU itself",
    hint="The slope of the line y = z is 1, whatever z is.",
)
def relu_derivative_is_relu(z):
    return np.maximum(floats(z), 0.0)


@misconception(
    "relu_derivative",
    "-1 on the negative side",
    hint="The sign of z is the slope of |z|. ReLU is flat for negative z.",
)
def relu_derivative_sign(z):
    return np.sign(floats(z))


@misconception(
    "relu_derivative",
    "Sides swapped",
    hint="Your gradient flows where the unit is off.",
)
def relu_derivative_swapped(z):
    return np.where(floats(z) < 0, 1.0, 0.0)


@misconception(
    "relu_derivative",
    "1 everywhere",
    hint="Where ReLU gives a constant 0, a change of z changes nothing: the slope there is 0.",
)
def relu_derivative_constant(z):
    return np.ones_like(floats(z))


@misconception(
    "relu_derivative",
    "Leaks on the negative side",
    hint="0.01 is the slope of the leaky ReLU. A plain ReLU that is off passes nothing back.",
)
def relu_derivative_leaks(z):
    return np.where(floats(z) > 0, 1.0, 0.01)


# leaky_relu


@misconception(
    "leaky_relu",
    "max(z, αz) is wrong for α above 1",
    hint="The larger of z and αz is the right one only while α <= 1. Decide by the sign of z.",
)
def leaky_relu_maximum(z, alpha=0.01):
    z = floats(z)
    return np.maximum(z, alpha * z)


@misconception(
    "leaky_relu",
    "α on the positive side",
    hint="The positive side passes z unchanged; α belongs to the negative one.",
)
def leaky_relu_swapped(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, alpha * z, z)


@misconception(
    "leaky_relu",
    "α on both sides",
    hint="Multiplying the whole ReLU or the whole z by α changes the positive side, which has slope 1.",
)
def leaky_relu_alpha_everywhere(z, alpha=0.01):
    return alpha * floats(z)


@misconception(
    "leaky_relu",
    "Ignores the argument alpha",
    hint="Your negative slope is always 0.01: that is only the default.",
)
def leaky_relu_fixed_alpha(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, z, 0.01 * z)


@misconception(
    "leaky_relu",
    "α itself on the negative side",
    hint="α is a slope: the negative side is the line αz, not the constant α.",
)
def leaky_relu_constant(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, z, alpha)


@misconception(
    "leaky_relu",
    "z / α on the negative side",
    hint="Some papers write the leak as z divided by a large number. Here α is the slope and multiplies.",
)
def leaky_relu_divides(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, z, z * (1 / alpha if alpha else 0.0))


@misconception(
    "leaky_relu",
    "Sign of the negative side",
    hint="For z < 0 and α > 0 the value is a little below 0. Yours is above: |z| instead of z.",
)
def leaky_relu_reflected(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, z, -alpha * z)


@misconception(
    "leaky_relu",
    "No leak",
    hint="The negative side is still 0, so a unit there can die: use the slope α.",
)
def leaky_relu_is_relu(z, alpha=0.01):
    return np.maximum(floats(z), 0.0)


@misconception(
    "leaky_relu",
    "ELU instead of a straight line",
    hint="α(e^z - 1) is the ELU, which flattens out. The leaky ReLU is a straight line on each side.",
)
def leaky_relu_elu(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


@misconception(
    "leaky_relu",
    "Integer input gives an integer result",
    hint="An output array made with the type of z truncates the small negative values to 0 when z holds integers.",
)
def leaky_relu_truncates_integers(z, alpha=0.01):
    z = np.asarray(z)
    return np.where(z > 0, z, alpha * z).astype(z.dtype)


@misconception(
    "leaky_relu",
    "Default slope is not 0.01",
    hint="The formula is right; look at the default value of alpha.",
)
def leaky_relu_default_alpha(z, alpha=0.1):
    return solutions.leaky_relu(z, alpha)


@misconception(
    "leaky_relu",
    "Overwrites its input",
    hint="z[z < 0] *= alpha writes into the caller's array, which the backward pass still needs.",
)
def leaky_relu_overwrites(z, alpha=0.01):
    z = floats(z)
    out = np.where(z > 0, z, alpha * z)
    z[...] = out
    return out


@misconception(
    "leaky_relu",
    "Takes α = 0 for α left out",
    hint="`alpha or 0.01` is 0.01 for alpha = 0 as well: 0 counts as false. A default belongs in the signature.",
)
def leaky_relu_zero_alpha(z, alpha=0.01):
    return solutions.leaky_relu(z, alpha or 0.01)


# leaky_relu_derivative


@misconception(
    "leaky_relu_derivative",
    "1 at z = 0",
    hint="At the kink the convention is α: z = 0 belongs to the negative branch, as in the slide's two cases.",
)
def leaky_relu_derivative_one_at_zero(z, alpha=0.01):
    return np.where(floats(z) >= 0, 1.0, alpha)


@misconception(
    "leaky_relu_derivative",
    "0 at z = 0",
    hint="Both strict comparisons leave out z = 0. The convention there is α.",
)
def leaky_relu_derivative_gap_at_zero(z, alpha=0.01):
    z = floats(z)
    return 1.0 * (z > 0) + alpha * (z < 0)


@misconception(
    "leaky_relu_derivative",
    "Returns the function on the negative side",
    hint="αz is the value; its slope with respect to z is the constant α.",
)
def leaky_relu_derivative_keeps_z(z, alpha=0.01):
    z = floats(z)
    return np.where(z > 0, 1.0, alpha * z)


@misconception(
    "leaky_relu_derivative",
    "0 on the negative side",
    hint="That is ReLU's derivative. The leak is what keeps a gradient alive for negative z.",
)
def leaky_relu_derivative_is_relu(z, alpha=0.01):
    return np.where(floats(z) > 0, 1.0, 0.0)


@misconception(
    "leaky_relu_derivative",
    "Ignores the argument alpha",
    hint="Your slope is always 0.01: that is only the default.",
)
def leaky_relu_derivative_fixed_alpha(z, alpha=0.01):
    return np.where(floats(z) > 0, 1.0, 0.01)


@misconception(
    "leaky_relu_derivative",
    "Negative slope -α",
    hint="The sign of z is not the sign of the slope: αz rises when α > 0.",
)
def leaky_relu_derivative_negative(z, alpha=0.01):
    return np.where(floats(z) > 0, 1.0, -alpha)


@misconception(
    "leaky_relu_derivative",
    "Integer input gives an integer result",
    hint="np.ones_like of integers makes integers, and α stored in it is truncated to 0.",
)
def leaky_relu_derivative_truncates_integers(z, alpha=0.01):
    z = np.asarray(z)
    return np.where(z > 0, 1.0, alpha).astype(z.dtype)


@misconception(
    "leaky_relu_derivative",
    "Returns the leaky ReLU itself",
    hint="The slope of a straight line is a number that does not depend on z: 1 on one side, alpha on the other.",
)
def leaky_relu_derivative_is_leaky_relu(z, alpha=0.01):
    return solutions.leaky_relu(z, alpha)


@misconception(
    "leaky_relu_derivative",
    "Takes the slopes that it has written for entries of z",
    hint="After `d[d <= 0] = alpha` those entries are positive, so `d[d > 0] = 1` meets them too. Ask the original z.",
)
def leaky_relu_derivative_writes_in_turn(z, alpha=0.01):
    d = np.array(z, dtype=np.float64)
    d[d <= 0] = alpha
    d[d > 0] = 1.0
    return d


@misconception(
    "leaky_relu_derivative",
    "Sides swapped",
    hint="The slope 1 belongs to z > 0, α to the rest.",
)
def leaky_relu_derivative_swapped(z, alpha=0.01):
    return np.where(floats(z) > 0, alpha, 1.0)


@misconception(
    "leaky_relu_derivative",
    "Takes α = 0 for α left out",
    hint="`alpha or 0.01` is 0.01 for alpha = 0 as well: 0 counts as false. A default belongs in the signature.",
)
def leaky_relu_derivative_zero_alpha(z, alpha=0.01):
    return solutions.leaky_relu_derivative(z, alpha or 0.01)


# prelu


@misconception(
    "prelu",
    "max(z, αz) is wrong for α above 1",
    hint="Training may push α above 1, and then the maximum picks the wrong branch. Decide by the sign of z.",
)
def prelu_maximum(z, alpha):
    z = floats(z)
    return np.maximum(z, alpha * z)


@misconception(
    "prelu",
    "α on the positive side",
    hint="The positive side passes z unchanged; the learnt slope belongs to the negative one.",
)
def prelu_swapped(z, alpha):
    z = floats(z)
    return np.where(z > 0, alpha * z, z)


@misconception(
    "prelu",
    "Always the initial slope 0.25",
    hint="0.25 is where training usually starts. The slope to use is the argument.",
)
def prelu_fixed_alpha(z, alpha):
    z = floats(z)
    return np.where(z > 0, z, 0.25 * z)


@misconception(
    "prelu",
    "Sign of the negative side",
    hint="max(0, z) - α min(0, z) turns the negative side upside down.",
)
def prelu_reflected(z, alpha):
    z = floats(z)
    return np.maximum(z, 0) - alpha * np.minimum(z, 0)


@misconception(
    "prelu",
    "α itself on the negative side",
    hint="α is a slope: the negative side is the line αz, not the constant α.",
)
def prelu_constant(z, alpha):
    z = floats(z)
    return np.where(z > 0, z, alpha)


@misconception(
    "prelu",
    "Forces α to be positive",
    hint="The slope is learnt and may become negative. Use it as it is.",
)
def prelu_absolute_alpha(z, alpha):
    z = floats(z)
    return np.where(z > 0, z, abs(alpha) * z)


@misconception(
    "prelu",
    "Forces α into [0, 1]",
    hint="The slope is learnt and nothing keeps it between 0 and 1. Use it as it is.",
)
def prelu_clips_alpha(z, alpha):
    z = floats(z)
    return np.where(z > 0, z, min(max(alpha, 0.0), 1.0) * z)


# prelu_backward


@misconception(
    "prelu_backward",
    "dalpha is averaged",
    hint="Every entry adds its share to the one α: a sum. An average over the batch, if any, is in dout already.",
)
def prelu_backward_mean(dout, z, alpha):
    dz, dalpha = solutions.prelu_backward(dout, z, alpha)
    return dz, dalpha / max(np.size(z), 1)


@misconception(
    "prelu_backward",
    "dalpha is averaged over the rows",
    hint="Every sample adds its share to the one α: a sum. An average over the batch, if any, is in dout already.",
)
def prelu_backward_batch_mean(dout, z, alpha):
    dz, dalpha = solutions.prelu_backward(dout, z, alpha)
    return dz, dalpha / max(len(np.atleast_1d(z)), 1)


@misconception(
    "prelu_backward",
    "dalpha is not summed",
    hint="There is one α and one gradient for it. You return one value for each entry.",
)
def prelu_backward_not_summed(dout, z, alpha):
    dout, z = floats(dout), floats(z)
    return np.where(z > 0, dout, alpha * dout), np.where(z > 0, 0.0, dout * z)


@misconception(
    "prelu_backward",
    "dalpha is summed over the batch only",
    hint="You return one gradient a column, as if each feature had its own slope. Here α is shared by all of them.",
)
def prelu_backward_sums_axis_zero(dout, z, alpha):
    dout, z = floats(dout), floats(z)
    return np.where(z > 0, dout, alpha * dout), np.where(z > 0, 0.0, dout * z).sum(axis=0)


@misconception(
    "prelu_backward",
    "dalpha takes in the positive entries",
    hint="Where z > 0 the output does not depend on α at all: these entries add nothing.",
)
def prelu_backward_all_entries(dout, z, alpha):
    dout, z = floats(dout), floats(z)
    return np.where(z > 0, dout, alpha * dout), float(np.sum(dout * z))


@misconception(
    "prelu_backward",
    "dalpha forgets dout",
    hint="The chain rule weighs each entry's ∂f/∂α with the gradient that arrives there.",
)
def prelu_backward_alpha_without_dout(dout, z, alpha):
    dz, _ = solutions.prelu_backward(dout, z, alpha)
    return dz, float(np.minimum(floats(z), 0.0).sum())


@misconception(
    "prelu_backward",
    "dalpha forgets z",
    hint="The derivative of αz with respect to α is z, not 1.",
)
def prelu_backward_alpha_without_z(dout, z, alpha):
    dz, _ = solutions.prelu_backward(dout, z, alpha)
    return dz, float(np.where(floats(z) > 0, 0.0, floats(dout)).sum())


@misconception(
    "prelu_backward",
    "dalpha multiplied by α",
    hint="∂(αz)/∂α is z: the factor α itself is gone after differentiating.",
)
def prelu_backward_alpha_times_alpha(dout, z, alpha):
    dz, dalpha = solutions.prelu_backward(dout, z, alpha)
    return dz, dalpha * alpha


@misconception(
    "prelu_backward",
    "Sign of dalpha",
    hint="Negative entries multiply their dout by z, which is negative: yours has |z|.",
)
def prelu_backward_alpha_sign(dout, z, alpha):
    dz, dalpha = solutions.prelu_backward(dout, z, alpha)
    return dz, -dalpha


@misconception(
    "prelu_backward",
    "dz forgets dout",
    hint="You return the local slope. The chain rule multiplies it with the gradient that arrives.",
)
def prelu_backward_dz_without_dout(dout, z, alpha):
    _, dalpha = solutions.prelu_backward(dout, z, alpha)
    return solutions.leaky_relu_derivative(z, alpha), dalpha


@misconception(
    "prelu_backward",
    "dz is 0 on the negative side",
    hint="The negative side has slope α, so its gradient is not blocked as in a plain ReLU.",
)
def prelu_backward_blocks_negative(dout, z, alpha):
    _, dalpha = solutions.prelu_backward(dout, z, alpha)
    return np.where(floats(z) > 0, dout, 0.0), dalpha


@misconception(
    "prelu_backward",
    "dz takes slope 1 at z = 0",
    hint="z = 0 belongs to the negative branch, whose slope is α.",
)
def prelu_backward_one_at_zero(dout, z, alpha):
    _, dalpha = solutions.prelu_backward(dout, z, alpha)
    return np.where(floats(z) >= 0, dout, alpha * floats(dout)), dalpha


@misconception(
    "prelu_backward",
    "Takes z first and dout second",
    hint="The order of the arguments is dout, z, alpha. It is the sign of z that decides, not that of the gradient.",
)
def prelu_backward_arguments_swapped(z, dout, alpha):
    return solutions.prelu_backward(dout, z, alpha)


@misconception(
    "prelu_backward",
    "Returns (dalpha, dz)",
    hint="The order is dz first, then dalpha.",
)
def prelu_backward_wrong_order(dout, z, alpha):
    dz, dalpha = solutions.prelu_backward(dout, z, alpha)
    return dalpha, dz


# normal_cdf


@misconception(
    "normal_cdf",
    "Multiplies by √2 inside erf",
    hint="erf belongs to a normal that is narrower than the standard one. Does its argument have to grow or to shrink?",
)
def normal_cdf_times_root(z):
    return 0.5 * (1 + _erf(floats(z) * sqrt(2)))


@misconception(
    "normal_cdf",
    "erf(z) without dividing by √2",
    hint="erf belongs to a normal with variance 1/2. Rescale its argument for a standard normal.",
)
def normal_cdf_without_root(z):
    return 0.5 * (1 + _erf(floats(z)))


@misconception(
    "normal_cdf",
    "erf itself, from -1 to 1",
    hint="A probability lies between 0 and 1: shift and halve erf.",
)
def normal_cdf_is_erf(z):
    return _erf(floats(z) / sqrt(2))


@misconception(
    "normal_cdf",
    "1 + erf without halving",
    hint="Your largest value is 2. Φ(0) is one half.",
)
def normal_cdf_not_halved(z):
    return 1 + _erf(floats(z) / sqrt(2))


@misconception(
    "normal_cdf",
    "The density φ instead of the distribution function Φ",
    hint="The bell curve is what is integrated. Φ is the area to the left of z, so it rises from 0 to 1.",
)
def normal_cdf_is_density(z):
    return density(floats(z))


@misconception(
    "normal_cdf",
    "The area to the right of z",
    hint="Φ(z) is the probability of a value *below* z. Yours falls from 1 to 0.",
)
def normal_cdf_upper_tail(z):
    return 0.5 * (1 - _erf(floats(z) / sqrt(2)))


@misconception(
    "normal_cdf",
    "A logistic curve, σ(1.702z)",
    hint="This approximation is off in the second or third decimal. The exact Φ needs erf.",
)
def normal_cdf_logistic(z):
    return solutions.sigmoid(1.702 * floats(z))


@misconception(
    "normal_cdf",
    "The tanh approximation",
    hint="That is the curve inside the approximate GELU, off in the fourth decimal. The exact Φ needs erf.",
)
def normal_cdf_tanh(z):
    z = floats(z)
    return 0.5 * (1 + np.tanh(ROOT * (z + 0.044715 * z**3)))


@misconception(
    "normal_cdf",
    "A polynomial that is good for six digits",
    hint="The textbook polynomial for erf is off by about 1e-7. math.erf is exact to the last digit.",
)
def normal_cdf_polynomial(z):
    z = floats(z)
    x = np.abs(z) / sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return 0.5 * (1 + np.sign(z) * (1 - poly * np.exp(-x * x)))


# gelu


@misconception(
    "gelu",
    "The tanh approximation instead of the exact form",
    hint="Close, but off in the fourth decimal: that is `gelu_tanh`. Here Φ is the exact distribution function.",
)
def gelu_is_approximate(z):
    return solutions.gelu_tanh(z)


@misconception(
    "gelu",
    "z σ(1.702z)",
    hint="The sigmoid approximation is off in the second or third decimal. Here Φ is the exact distribution function.",
)
def gelu_is_quick(z):
    z = floats(z)
    return z * solutions.sigmoid(1.702 * z)


@misconception(
    "gelu",
    "z σ(z) (SiLU)",
    hint="The weight of z is the normal distribution function, not the sigmoid. What you have is SiLU, or swish.",
)
def gelu_is_silu(z):
    z = floats(z)
    return z * solutions.sigmoid(z)


@misconception(
    "gelu",
    "Φ(z) without the factor z",
    hint="Φ(z) is only the weight; GELU is z times its weight.",
)
def gelu_is_cdf(z):
    return solutions.normal_cdf(z)


@misconception(
    "gelu",
    "The density φ instead of Φ",
    hint="Your curve comes back to 0 for large z. The weight is the area under the bell curve, not the curve.",
)
def gelu_with_density(z):
    z = floats(z)
    return z * density(z)


@misconception(
    "gelu",
    "erf(z) without dividing by √2",
    hint="erf belongs to a normal with variance 1/2: look at its argument.",
)
def gelu_without_root(z):
    z = floats(z)
    return z * 0.5 * (1 + _erf(z))


@misconception(
    "gelu",
    "z (1 + erf) without halving",
    hint="For large z GELU is z; yours is 2z.",
)
def gelu_not_halved(z):
    z = floats(z)
    return z * (1 + _erf(z / sqrt(2)))


# gelu_derivative


@misconception(
    "gelu_derivative",
    "Φ(z) alone: the product rule is missing",
    hint="Φ depends on z too. The product rule has a second term.",
)
def gelu_derivative_constant_weight(z):
    return solutions.normal_cdf(z)


@misconception(
    "gelu_derivative",
    "φ(z) without its factor z",
    hint="In the product rule the second term keeps the first factor of z Φ(z).",
)
def gelu_derivative_without_z(z):
    z = floats(z)
    return solutions.normal_cdf(z) + density(z)


@misconception(
    "gelu_derivative",
    "Minus between the two terms",
    hint="The derivative of Φ is +φ; the minus sign belongs to the derivative of φ, which is not needed here.",
)
def gelu_derivative_minus(z):
    z = floats(z)
    return solutions.normal_cdf(z) - z * density(z)


@misconception(
    "gelu_derivative",
    "z φ(z) alone",
    hint="The product rule has two terms; at z = 0 the slope is 0.5.",
)
def gelu_derivative_second_term(z):
    z = floats(z)
    return z * density(z)


@misconception(
    "gelu_derivative",
    "φ without 1/√(2π)",
    hint="The bell curve integrates to 1 only with its constant in front.",
)
def gelu_derivative_unnormalised(z):
    z = floats(z)
    return solutions.normal_cdf(z) + z * np.exp(-z * z / 2)


@misconception(
    "gelu_derivative",
    "φ with e^(-z²)",
    hint="The exponent of the standard normal has a factor 1/2.",
)
def gelu_derivative_narrow(z):
    z = floats(z)
    return solutions.normal_cdf(z) + z * np.exp(-z * z) / sqrt(2 * pi)


@misconception(
    "gelu_derivative",
    "Slope of the tanh approximation",
    hint="Close, but off in the third or fourth decimal: that belongs to `gelu_tanh_derivative`.",
)
def gelu_derivative_is_approximate(z):
    return solutions.gelu_tanh_derivative(z)


@misconception(
    "gelu_derivative",
    "A one-sided difference instead of the formula",
    hint="Close, but only to five or six digits: a difference quotient is an estimate, and the closed form is short.",
)
def gelu_derivative_estimated(z):
    return one_sided_slope(solutions.gelu, z)


# gelu_tanh


def _gelu_tanh(z, scale=ROOT, cubic=0.044715, power=3):
    z = floats(z)
    return 0.5 * z * (1 + np.tanh(scale * (z + cubic * z**power)))


@misconception(
    "gelu_tanh",
    "The exact form",
    hint="Close, but this is `gelu`. The exercise is the tanh formula, which differs in the fourth decimal.",
)
def gelu_tanh_is_exact(z):
    return solutions.gelu(z)


@misconception(
    "gelu_tanh",
    "0.44715 instead of 0.044715",
    hint="Count the zeros of the coefficient of z³.",
)
def gelu_tanh_coefficient(z):
    return _gelu_tanh(z, cubic=0.44715)


@misconception(
    "gelu_tanh",
    "z² inside the tanh",
    hint="The argument of the tanh is an odd function of z; the correction is cubic.",
)
def gelu_tanh_square(z):
    return _gelu_tanh(z, power=2)


@misconception(
    "gelu_tanh",
    "2/π without the root",
    hint="The factor in front of the bracket is the square root of 2/π.",
)
def gelu_tanh_without_root(z):
    return _gelu_tanh(z, scale=2 / pi)


@misconception(
    "gelu_tanh",
    "√(π/2) instead of √(2/π)",
    hint="The factor in front of the bracket is below 1: the fraction is upside down.",
)
def gelu_tanh_inverted_root(z):
    return _gelu_tanh(z, scale=sqrt(pi / 2))


@misconception(
    "gelu_tanh",
    "√(2/π) multiplies z only",
    hint="The factor stands before the bracket and reaches the cubic term as well.",
)
def gelu_tanh_bracket(z):
    z = floats(z)
    return 0.5 * z * (1 + np.tanh(ROOT * z + 0.044715 * z**3))


@misconception(
    "gelu_tanh",
    "0.5 is missing",
    hint="For large z the function is z; yours is 2z.",
)
def gelu_tanh_not_halved(z):
    return 2 * _gelu_tanh(z)


@misconception(
    "gelu_tanh",
    "The factor z is missing",
    hint="0.5 (1 + tanh(...)) only imitates Φ; GELU is z times it.",
)
def gelu_tanh_without_z(z):
    z = floats(z)
    return 0.5 * (1 + np.tanh(ROOT * (z + 0.044715 * z**3)))


# gelu_tanh_derivative


def _gelu_tanh_slope(z, inner=lambda z: ROOT * (1 + 3 * 0.044715 * z**2), first=1.0):
    z = floats(z)
    t = np.tanh(ROOT * (z + 0.044715 * z**3))
    return first * 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * inner(z)


@misconception(
    "gelu_tanh_derivative",
    "Slope of the exact form",
    hint="Close, but this is `gelu_derivative`. Differentiate the tanh formula itself.",
)
def gelu_tanh_derivative_is_exact(z):
    return solutions.gelu_derivative(z)


@misconception(
    "gelu_tanh_derivative",
    "The derivative of the bracket is missing",
    hint="The chain rule: the slope of tanh(u) is (1 - tanh²(u)) times u'.",
)
def gelu_tanh_derivative_no_chain(z):
    return _gelu_tanh_slope(z, inner=lambda z: 1.0)


@misconception(
    "gelu_tanh_derivative",
    "z³ differentiated without its 3",
    hint="The derivative of z³ is 3z².",
)
def gelu_tanh_derivative_without_three(z):
    return _gelu_tanh_slope(z, inner=lambda z: ROOT * (1 + 0.044715 * z**2))


@misconception(
    "gelu_tanh_derivative",
    "√(2/π) lost in the inner derivative",
    hint="The constant in front of the bracket stays when the bracket is differentiated.",
)
def gelu_tanh_derivative_without_root(z):
    return _gelu_tanh_slope(z, inner=lambda z: 1 + 3 * 0.044715 * z**2)


@misconception(
    "gelu_tanh_derivative",
    "The cubic term is not differentiated",
    hint="u'(z) is more than a constant: the cubic term has a derivative as well.",
)
def gelu_tanh_derivative_linear_inside(z):
    return _gelu_tanh_slope(z, inner=lambda z: ROOT)


@misconception(
    "gelu_tanh_derivative",
    "Only the first term of the product rule",
    hint="The tanh depends on z too: the product rule has a second term.",
)
def gelu_tanh_derivative_first_term(z):
    return _gelu_tanh_slope(z, inner=lambda z: 0.0)


@misconception(
    "gelu_tanh_derivative",
    "Only the second term of the product rule",
    hint="The factor z has a derivative too: at z = 0 the slope is 0.5.",
)
def gelu_tanh_derivative_second_term(z):
    return _gelu_tanh_slope(z, first=0.0)


@misconception(
    "gelu_tanh_derivative",
    "0.5 is missing in the second term",
    hint="The factor 0.5 stands in front of z (1 + tanh), so the product rule brings it into both terms.",
)
def gelu_tanh_derivative_half_lost(z):
    z = floats(z)
    t = np.tanh(ROOT * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + z * (1 - t**2) * ROOT * (1 + 3 * 0.044715 * z**2)


@misconception(
    "gelu_tanh_derivative",
    "The slope of tanh without the square",
    hint="The slope of tanh is 1 - tanh², not 1 - tanh.",
)
def gelu_tanh_derivative_not_squared(z):
    z = floats(z)
    t = np.tanh(ROOT * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t) * ROOT * (1 + 3 * 0.044715 * z**2)


@misconception(
    "gelu_tanh_derivative",
    "1 / cosh² overflows",
    hint="The formula is right, but cosh of a large number does not fit into a float64. Write the slope of tanh with "
    "tanh.",
)
def gelu_tanh_derivative_overflows(z):
    z = floats(z)
    u = ROOT * (z + 0.044715 * z**3)
    return 0.5 * (1 + np.tanh(u)) + 0.5 * z / np.cosh(u) ** 2 * ROOT * (1 + 3 * 0.044715 * z**2)


# softmax


@misconception(
    "softmax",
    "The formula as it stands overflows",
    hint="e^1000 is infinite and inf / inf is nan. A constant subtracted from all scores changes nothing but the size "
    "of the exponentials.",
)
def softmax_overflows(z, axis=-1):
    e = np.exp(floats(z))
    return e / e.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "One maximum for the whole array",
    hint="A slice whose scores are all far below the overall maximum becomes 0 / 0. Each slice needs its own shift.",
)
def softmax_global_maximum(z, axis=-1):
    z = floats(z)
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Subtracts the mean, not the maximum",
    hint="Subtracting the mean still leaves large positive exponents. Which constant makes all of them at most 0?",
)
def softmax_subtracts_mean(z, axis=-1):
    z = floats(z)
    e = np.exp(z - z.mean(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Ignores the argument axis",
    hint="Your probabilities always sum to 1 along the last axis, whatever axis says.",
)
def softmax_last_axis(z, axis=-1):
    return solutions.softmax(z, axis=-1)


@misconception(
    "softmax",
    "Default axis is 0",
    hint="The samples are the rows, so by default the probabilities of each row sum to 1, not those of each column.",
)
def softmax_default_axis(z, axis=0):
    return solutions.softmax(z, axis=axis)


@misconception(
    "softmax",
    "Works along axis 0, whatever axis says",
    hint="Your probabilities always sum to 1 along the first axis. The argument axis says which one it is; by default "
    "the last.",
)
def softmax_first_axis(z, axis=-1):
    return solutions.softmax(z, axis=0)


@misconception(
    "softmax",
    "Divides by the sum of the whole array",
    hint="All entries together sum to 1. Each slice along axis has to sum to 1 on its own.",
)
def softmax_total_sum(z, axis=-1):
    z = floats(z)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum()


@misconception(
    "softmax",
    "One softmax over the whole array",
    hint="The maximum and the sum run over all entries, so all of them together sum to 1. Each slice along axis has to "
    "sum to 1 on its own.",
)
def softmax_of_everything(z, axis=-1):
    e = np.exp(floats(z) - np.max(z))
    return e / np.sum(e)


@misconception(
    "softmax",
    "Default axis is 1",
    hint="For a matrix the last axis is axis 1, but one sample alone has no axis 1. Which number names the last axis "
    "of any array?",
)
def softmax_default_axis_one(z, axis=1):
    return solutions.softmax(z, axis=axis)


@misconception(
    "softmax",
    "keepdims is missing",
    hint="A sum over the last axis of an (m, K) array has shape (m,), which broadcasts against the wrong axis or not "
    "at all.",
)
def softmax_without_keepdims(z, axis=-1):
    z = floats(z)
    e = np.exp(z - z.max(axis=axis))
    return e / e.sum(axis=axis)


@misconception(
    "softmax",
    "Always axis 1",
    hint="A single sample is a 1-d array, which has no axis 1. The last axis is -1.",
)
def softmax_axis_one(z, axis=-1):
    return solutions.softmax(z, axis=1)


@misconception(
    "softmax",
    "A sigmoid for each score",
    hint="Independent sigmoids do not sum to 1. In a softmax the classes compete.",
)
def softmax_is_sigmoid(z, axis=-1):
    return solutions.sigmoid(z)


@misconception(
    "softmax",
    "Normalizes the scores without exponentials",
    hint="Scores divided by their sum can be negative. The exponentials come first.",
)
def softmax_without_exponentials(z, axis=-1):
    z = floats(z)
    with np.errstate(all="ignore"):
        return z / z.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "The logarithm of the softmax",
    hint="Your values are negative: these are log-probabilities. One exponential is missing at the end.",
)
def softmax_is_log(z, axis=-1):
    z = floats(z)
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    "softmax",
    "Adds 1e-8 to the denominator",
    hint="It is small, but the probabilities no longer sum to 1. With the maximum subtracted the sum is at least 1: "
    "what should the 1e-8 guard against?",
)
def softmax_small_epsilon(z, axis=-1):
    z = floats(z)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-8)


@misconception(
    "softmax",
    "Clips the scores",
    hint="Two scores beyond the bound become equal, and so do their probabilities. Which constant may be subtracted "
    "from a row without changing anything?",
)
def softmax_clips_scores(z, axis=-1):
    e = np.exp(np.clip(floats(z), -500, 500))
    return e / e.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Subtracts the largest |z|, not the maximum",
    hint="In a row of very negative scores that pushes all of them further down, until every exponential is 0. The "
    "largest exponent should be 0.",
)
def softmax_absolute_maximum(z, axis=-1):
    z = floats(z)
    e = np.exp(z - np.abs(z).max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Takes axis = 0 for an axis left out",
    hint="`axis or -1` is -1 for axis = 0 as well: 0 counts as false. A default belongs in the signature.",
)
def softmax_axis_zero(z, axis=-1):
    return solutions.softmax(z, axis or -1)


@misconception(
    "softmax",
    "Adds an ε to the denominator",
    hint="With the maximum subtracted the sum is at least 1 and needs no ε. With it, the probabilities no longer sum "
    "to 1.",
)
def softmax_epsilon(z, axis=-1):
    z = floats(z)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-6)


@misconception(
    "softmax",
    "Overwrites its input",
    hint="z -= max is an in-place operation: it shifts the caller's scores. Make a new array.",
)
def softmax_overwrites(z, axis=-1):
    z = floats(z)
    z -= z.max(axis=axis, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


# softmax_backward


@misconception(
    "softmax_backward",
    "Only the diagonal of the Jacobian",
    hint="p(1 - p) is how p_i depends on its own score. It depends on every other score of the slice as well.",
)
def softmax_backward_diagonal(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return dout * p * (1 - p)


@misconception(
    "softmax_backward",
    "dout * p without the coupling term",
    hint="Raising one score lowers all other probabilities: a term that mixes the slice is missing.",
)
def softmax_backward_uncoupled(dout, p, axis=-1):
    return floats(dout) * floats(p)


@misconception(
    "softmax_backward",
    "Sums dout without weighing it by p",
    hint="In Σ_i dout_i p_i (δ_ij - p_j) the sum over i carries p_i.",
)
def softmax_backward_unweighted(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return p * (dout - dout.sum(axis=axis, keepdims=True))


@misconception(
    "softmax_backward",
    "Averages where it should sum",
    hint="The coupling term is the sum of dout_i p_i over the slice. The weights p_i make it an average already.",
)
def softmax_backward_mean(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return p * (dout - (dout * p).mean(axis=axis, keepdims=True))


@misconception(
    "softmax_backward",
    "Plus instead of minus in the coupling term",
    hint="∂p_i/∂z_j is negative for i ≠ j: another class's higher score takes probability away.",
)
def softmax_backward_plus(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return p * (dout + (dout * p).sum(axis=axis, keepdims=True))


@misconception(
    "softmax_backward",
    "The factor p is missing in front",
    hint="dout - Σ dout p is only the bracket. Each entry is multiplied by its own probability.",
)
def softmax_backward_without_p(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return dout - (dout * p).sum(axis=axis, keepdims=True)


@misconception(
    "softmax_backward",
    "Sums over the whole array",
    hint="Slices do not influence each other: the sum runs along axis only.",
)
def softmax_backward_total_sum(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return p * (dout - (dout * p).sum())


@misconception(
    "softmax_backward",
    "Ignores the argument axis",
    hint="You always sum along the last axis, whatever axis says.",
)
def softmax_backward_last_axis(dout, p, axis=-1):
    return solutions.softmax_backward(dout, p, axis=-1)


@misconception(
    "softmax_backward",
    "Applies softmax to p again",
    hint="p is the output of softmax already. A second softmax squeezes it towards equal probabilities.",
)
def softmax_backward_softmax_twice(dout, p, axis=-1):
    return solutions.softmax_backward(dout, solutions.softmax(p, axis), axis)


@misconception(
    "softmax_backward",
    "p - dout, as for softmax with cross-entropy",
    hint="p - y is the gradient of softmax and cross-entropy together. Here the loss is unknown and dout tells about "
    "it.",
)
def softmax_backward_cross_entropy(dout, p, axis=-1):
    return floats(p) - floats(dout)


@misconception(
    "softmax_backward",
    "Takes p first and dout second",
    hint="The order of the arguments is dout, p. What you take for probabilities is the gradient that arrives.",
)
def softmax_backward_arguments_swapped(p, dout, axis=-1):
    return solutions.softmax_backward(dout, p, axis)


@misconception(
    "softmax_backward",
    "Divides by the number of samples",
    hint="If the loss is a mean, dout holds the 1/m already. Nothing is averaged on the way back.",
)
def softmax_backward_divided(dout, p, axis=-1):
    return solutions.softmax_backward(dout, p, axis=axis) / len(np.asarray(p))


@misconception(
    "softmax_backward",
    "keepdims is missing",
    hint="The sum over the last axis has shape (m,), which broadcasts against the wrong axis or not at all.",
)
def softmax_backward_without_keepdims(dout, p, axis=-1):
    dout, p = floats(dout), floats(p)
    return p * (dout - (dout * p).sum(axis=axis))


@misconception(
    "gelu",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def gelu_in_place(z):
    answer = solutions.gelu(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "gelu_derivative",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def gelu_derivative_in_place(z):
    answer = solutions.gelu_derivative(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "gelu_tanh",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def gelu_tanh_in_place(z):
    answer = solutions.gelu_tanh(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "gelu_tanh_derivative",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def gelu_tanh_derivative_in_place(z):
    answer = solutions.gelu_tanh_derivative(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "leaky_relu_derivative",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def leaky_relu_derivative_in_place(z, alpha=0.01):
    answer = solutions.leaky_relu_derivative(z, alpha)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "normal_cdf",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def normal_cdf_in_place(z):
    answer = solutions.normal_cdf(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "prelu",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def prelu_in_place(z, alpha):
    answer = solutions.prelu(z, alpha)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "relu_derivative",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def relu_derivative_in_place(z):
    answer = solutions.relu_derivative(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "sigmoid_derivative",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def sigmoid_derivative_in_place(z):
    answer = solutions.sigmoid_derivative(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "tanh",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def tanh_in_place(z):
    answer = solutions.tanh(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "tanh_derivative",
    "Works in place on z",
    hint="The caller still needs the array that was passed in. Print z before and after a call.",
)
def tanh_derivative_in_place(z):
    answer = solutions.tanh_derivative(z)
    if isinstance(z, np.ndarray) and z.dtype == np.float64:
        z -= 1.0
    return answer


@misconception(
    "prelu_backward",
    "Works in place on dout",
    hint="The caller still needs the array that was passed in. Print dout before and after a call.",
)
def prelu_backward_in_place(dout, z, alpha):
    answer = solutions.prelu_backward(dout, z, alpha)
    if isinstance(dout, np.ndarray) and dout.dtype == np.float64:
        dout -= 1.0
    return answer
