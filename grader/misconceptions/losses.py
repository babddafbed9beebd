"""Known wrong answers of `losses`."""

import math

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("losses")


def pair(y, y_hat):
    """What a careful student does first: float64 and equal shapes. The mistakes below come after it."""
    y = np.asarray(y, dtype=np.float64)
    y_hat = np.asarray(y_hat, dtype=np.float64)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return y, y_hat


def loose(y, y_hat):
    """The same without a look at the shapes."""
    return np.asarray(y, dtype=np.float64), np.asarray(y_hat, dtype=np.float64)


def positive(delta):
    if delta <= 0:
        raise ValueError("delta must be positive")


def classes(labels, logits):
    labels = np.asarray(labels)
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim != 2 or labels.shape != (logits.shape[0],):
        raise ValueError("labels must be (m,) and logits (m, K)")
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError("label out of range")
    return labels.astype(int), logits


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def stable_sigmoid(z):
    """Exact for z < 0 as well, where `sigmoid` rounds to 0."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(z, axis=-1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def log(p):
    return np.log(np.maximum(p, math.exp(-100)))


def log_or_floor(p):
    """The logarithm, and -100 where there is none."""
    return np.log(p, out=np.full(p.shape, -100.0), where=p > 0)


def bce_terms(y, z):
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


def logistic(z):
    """As the slide writes it: it overflows."""
    return 1.0 / (1.0 + np.exp(-z))


def unclamped(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def clipped(y, p, margin):
    return unclamped(y, np.clip(p, margin, 1 - margin))


def with_epsilon(y, p, epsilon):
    return -np.mean(y * np.log(p + epsilon) + (1 - y) * np.log(1 - p + epsilon))


def huber_terms(e, delta):
    return np.where(np.abs(e) <= delta, e**2 / 2, delta * (np.abs(e) - delta / 2))


def rows(a):
    return len(a) if a.ndim else 1


SUMS = "The values grow with the number of elements. What does the M of the name, or the 1/n of the formula, stand for?"
ROWS = "Right for 1-d input only. Of a table with m rows and d columns, how many elements take part in the mean?"
SHAPES = (
    "Try targets of shape (4,) and predictions of shape (4, 1), and look at the shape of their difference. The "
    "contract "
    "asks for a ValueError before that can happen."
)
NO_MEAN = "The loss is a mean. Its 1/n is a constant factor: what becomes of a constant factor in a derivative?"
SIGN = "Check one element: if the prediction is too large, does the loss grow or shrink when the prediction grows?"
FLOAT = (
    "Right for floats. Take unsigned bytes, 3 - 5, and see what NumPy answers; convert before the first operation, "
    "not after it."
)
SINGLE = "The digits after the seventh are noise. Which dtype do the conventions ask for?"
CALLER = (
    "After the call the caller's array holds other numbers than before. In-place operators work on the object itself."
)


# mse


@misconception("mse", "Sums instead of averaging", hint=SUMS)
def mse_sums(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sum((y - y_hat) ** 2)


@misconception(
    "mse",
    "Halves the mean",
    hint="Some books put a ½ in front to make the derivative tidy. Compare with the formula of this contract.",
)
def mse_halves(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return 0.5 * np.mean((y - y_hat) ** 2)


@misconception(
    "mse", "Takes the root of the mean", hint="That is the RMSE, in the units of y. The MSE keeps the square."
)
def mse_takes_root(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sqrt(np.mean((y - y_hat) ** 2))


@misconception("mse", "Divides by the number of rows", hint=ROWS)
def mse_divides_by_rows(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sum((y - y_hat) ** 2) / rows(y)


@misconception(
    "mse",
    "Squares the mean error",
    hint="Errors of +1 and -1 make a loss of 0 here. Which has to come first, the square or the mean?",
)
def mse_squares_the_mean(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.mean(y - y_hat) ** 2


@misconception(
    "mse",
    "Takes the variance of the error",
    hint="A prediction that is off by the same amount everywhere costs 0 here. The errors are compared with 0, not "
    "with "
    "their own mean.",
)
def mse_variance_of_error(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.var(y - y_hat)


@misconception(
    "mse",
    "Averages over the first axis only",
    hint="A loss is one number. For 2-d input this gives one per column.",
)
def mse_one_per_column(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.mean((y - y_hat) ** 2, axis=0) if y.ndim else (y - y_hat) ** 2


@misconception("mse", "Lets different shapes broadcast", hint=SHAPES)
def mse_broadcasts(y, y_hat):
    y, y_hat = loose(y, y_hat)
    return np.mean((y - y_hat) ** 2)


@misconception(
    "mse",
    "Flattens instead of comparing shapes",
    hint="Flattening hides that the two do not belong together. Shapes that differ are an error to be reported.",
)
def mse_flattens(y, y_hat):
    y, y_hat = loose(y, y_hat)
    return np.mean((y.ravel() - y_hat.ravel()) ** 2)


@misconception("mse", "Subtracts in the input's integer type", hint=FLOAT)
def mse_integer_arithmetic(y, y_hat):
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return np.mean((y - y_hat) ** 2)


@misconception("mse", "Computes in single precision", hint=SINGLE)
def mse_single_precision(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.mean((y.astype(np.float32) - y_hat.astype(np.float32)) ** 2)


@misconception("mse", "Writes the difference into the predictions", hint=CALLER)
def mse_overwrites_input(y, y_hat):
    y, y_hat = pair(y, y_hat)
    y_hat -= y
    return np.mean(y_hat**2)


# mse_gradient


@misconception("mse_gradient", "Forgets the mean", hint=NO_MEAN)
def mse_gradient_no_mean(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return 2 * (y_hat - y)


@misconception("mse_gradient", "Forgets the factor of the square", hint="Half of what it should be. What is d(e²)/de?")
def mse_gradient_no_two(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return (y_hat - y) / y.size


@misconception("mse_gradient", "Has the opposite sign", hint=SIGN)
def mse_gradient_sign(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return 2 * (y - y_hat) / y.size


@misconception("mse_gradient", "Divides by the number of rows", hint=ROWS)
def mse_gradient_divides_by_rows(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return 2 * (y_hat - y) / rows(y)


@misconception(
    "mse_gradient",
    "Averages the gradient to one number",
    hint="The loss is one number, but it depends on every prediction: there is one derivative for each.",
)
def mse_gradient_scalar(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.mean(2 * (y_hat - y))


@misconception(
    "mse_gradient",
    "Averages the gradient over the rows",
    hint="Every prediction has a derivative of its own: the gradient has the shape of the predictions, and the mean of "
    "the loss is a factor in it.",
)
def mse_gradient_averages_rows(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return 2 * np.mean(y_hat - y, axis=0 if y.ndim else None)


@misconception("mse_gradient", "Lets different shapes broadcast", hint=SHAPES)
def mse_gradient_broadcasts(y, y_hat):
    y, y_hat = loose(y, y_hat)
    return 2 * (y_hat - y) / y_hat.size


@misconception("mse_gradient", "Subtracts in the input's integer type", hint=FLOAT)
def mse_gradient_integer_arithmetic(y, y_hat):
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return 2.0 * (y_hat - y) / y.size


@misconception("mse_gradient", "Computes in the input's integer type", hint=FLOAT)
def mse_gradient_integer_arithmetic_throughout(y, y_hat):
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return 2 * (y_hat - y) / y.size


@misconception("mse_gradient", "Writes the gradient into the predictions", hint=CALLER)
def mse_gradient_overwrites_input(y, y_hat):
    y, y_hat = pair(y, y_hat)
    y_hat -= y
    y_hat *= 2.0 / y.size
    return y_hat


# mae


@misconception("mae", "Sums instead of averaging", hint=SUMS)
def mae_sums(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sum(np.abs(y - y_hat))


@misconception(
    "mae",
    "Takes the absolute value of the mean",
    hint="Errors of +1 and -1 make a loss of 0 here. Which comes first, the absolute value or the mean?",
)
def mae_absolute_of_mean(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.abs(np.mean(y - y_hat))


@misconception("mae", "Forgets the absolute value", hint="A loss cannot be negative. What happened to the bars |·|?")
def mae_no_absolute(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.mean(y - y_hat)


@misconception(
    "mae", "Takes the median", hint="The M is for mean: an outlier counts less than in the MSE, but it counts."
)
def mae_median(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.median(np.abs(y - y_hat))


@misconception("mae", "Divides by the number of rows", hint=ROWS)
def mae_divides_by_rows(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sum(np.abs(y - y_hat)) / rows(y)


@misconception(
    "mae", "Takes the root of the mean square", hint="√(e²) is |e| for one error, not for a mean of several."
)
def mae_root_mean_square(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sqrt(np.mean((y - y_hat) ** 2))


@misconception(
    "mae", "Squares the errors", hint="That is the MSE. The A is for absolute: every unit of error costs the same."
)
def mae_squares(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.mean((y - y_hat) ** 2)


@misconception("mae", "Lets different shapes broadcast", hint=SHAPES)
def mae_broadcasts(y, y_hat):
    y, y_hat = loose(y, y_hat)
    return np.mean(np.abs(y - y_hat))


@misconception("mae", "Subtracts in the input's integer type", hint=FLOAT)
def mae_integer_arithmetic(y, y_hat):
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return np.mean(np.abs(y - y_hat))


# mae_gradient


@misconception("mae_gradient", "Forgets the mean", hint=NO_MEAN)
def mae_gradient_no_mean(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sign(y_hat - y)


@misconception("mae_gradient", "Has the opposite sign", hint=SIGN)
def mae_gradient_sign(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sign(y - y_hat) / y.size


@misconception(
    "mae_gradient",
    "Counts a hit as too large",
    hint="Look at an element where prediction and target are equal. Which of the three cases is it?",
)
def mae_gradient_tie_is_positive(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.where(y_hat >= y, 1.0, -1.0) / y.size


@misconception(
    "mae_gradient",
    "Counts a hit as too small",
    hint="Look at an element where prediction and target are equal. A choice between two values cannot give the third.",
)
def mae_gradient_tie_is_negative(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.where(y_hat > y, 1.0, -1.0) / y.size


@misconception(
    "mae_gradient",
    "Divides 0 by 0 at a hit",
    hint="e/|e| is the sign of e, except where e = 0. The contract says what belongs there.",
)
def mae_gradient_tie_is_nan(y, y_hat):
    y, y_hat = pair(y, y_hat)
    e = y_hat - y
    return e / np.abs(e) / y.size


@misconception(
    "mae_gradient",
    "Adds an epsilon to |e|",
    hint="e/(|e| + ε) is 1 for no e, and far from 1 for a small one. Which function gives the sign itself?",
)
def mae_gradient_epsilon(y, y_hat):
    y, y_hat = pair(y, y_hat)
    e = y_hat - y
    return e / (np.abs(e) + 1e-8) / y.size


@misconception(
    "mae_gradient",
    "Takes a near miss for a hit",
    hint="np.isclose has a tolerance, and so has a threshold; the sign of an error has none. Try an error of 1e-9.",
)
def mae_gradient_near_miss(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.where(np.isclose(y, y_hat), 0.0, np.sign(y_hat - y)) / y.size


@misconception(
    "mae_gradient",
    "Returns the error itself",
    hint="That is half the gradient of the MSE. The slope of |e| does not depend on how large e is.",
)
def mae_gradient_error_itself(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return (y_hat - y) / y.size


@misconception("mae_gradient", "Divides by the number of rows", hint=ROWS)
def mae_gradient_divides_by_rows(y, y_hat):
    y, y_hat = pair(y, y_hat)
    return np.sign(y_hat - y) / rows(y)


@misconception("mae_gradient", "Lets different shapes broadcast", hint=SHAPES)
def mae_gradient_broadcasts(y, y_hat):
    y, y_hat = loose(y, y_hat)
    return np.sign(y_hat - y) / y_hat.size


@misconception("mae_gradient", "Subtracts in the input's integer type", hint=FLOAT)
def mae_gradient_integer_arithmetic(y, y_hat):
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return np.sign(y_hat - y) / y.size


# huber

DELTA = "Right for δ = 1. Try another: where does δ enter the formula, and does it do so everywhere in the code?"
BAD_DELTA = "With δ = 0 or below the formula means nothing. The contract says what a bad argument must do."


@misconception("huber", "Sums instead of averaging", hint=SUMS)
def huber_sums(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.sum(huber_terms(y - y_hat, delta))


@misconception("huber", "Divides by the number of rows", hint=ROWS)
def huber_divides_by_rows(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.sum(huber_terms(y - y_hat, delta)) / rows(y)


@misconception("huber", "Ignores delta", hint=DELTA)
def huber_ignores_delta(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.mean(huber_terms(y - y_hat, 1.0))


@misconception(
    "huber",
    "Forgets the half of the parabola",
    hint="Evaluate both pieces at |e| = δ. They should meet there; the line does what the slide says.",
)
def huber_no_half(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(np.where(e <= delta, e**2, delta * (e - delta / 2)))


@misconception(
    "huber",
    "Is twice the loss of the slide",
    hint="e² and 2δ|e| - δ² is Huber's loss in some books. Compare both pieces with the formula of this contract.",
)
def huber_doubled(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return 2 * np.mean(huber_terms(y - y_hat, delta))


@misconception("huber", "Subtracts in the input's integer type", hint=FLOAT)
def huber_integer_arithmetic(y, y_hat, delta=1.0):
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    positive(delta)
    if y.shape != y_hat.shape:
        raise ValueError("the shapes differ")
    return np.mean(huber_terms(y - y_hat, delta))


@misconception(
    "huber",
    "Subtracts ½ instead of ½δ in the line",
    hint="Right for δ = 1. Evaluate both pieces at |e| = δ for δ = 2: do they meet?",
)
def huber_offset_without_delta(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(np.where(e <= delta, e**2 / 2, delta * (e - 0.5)))


@misconception(
    "huber",
    "Lets the line pass through the origin",
    hint="The line has the right slope but jumps at |e| = δ. What has to be taken away so that it starts where the "
    "parabola ends?",
)
def huber_no_offset(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(np.where(e <= delta, e**2 / 2, delta * e))


@misconception(
    "huber",
    "Forgets the slope of the line",
    hint="Right for δ = 1. Which slope has the parabola at |e| = δ, and which has your line?",
)
def huber_line_slope_one(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(np.where(e <= delta, e**2 / 2, e - delta / 2))


@misconception(
    "huber",
    "Is the smooth L1 loss",
    hint="PyTorch has two of these: SmoothL1Loss divides by its parameter, HuberLoss does not. For 1 they agree.",
)
def huber_smooth_l1(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.mean(huber_terms(y - y_hat, delta)) / delta


@misconception(
    "huber",
    "Compares the signed error with delta",
    hint="An error of -100 is below δ too, but it is not small. Which errors take the parabola?",
)
def huber_signed_comparison(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = y - y_hat
    return np.mean(np.where(e <= delta, e**2 / 2, delta * (np.abs(e) - delta / 2)))


@misconception(
    "huber",
    "Takes the smaller of the two pieces",
    hint="The line touches the parabola at |e| = δ and lies below it everywhere else, so the smaller one is always the "
    "line. The size of the error decides.",
)
def huber_minimum(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(np.minimum(e**2 / 2, delta * (e - delta / 2)))


@misconception(
    "huber",
    "Swaps the two pieces",
    hint="Which of the two grows faster for large errors? Huber's idea is to use the slower one there.",
)
def huber_swapped(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(np.where(e > delta, e**2 / 2, delta * (e - delta / 2)))


@misconception(
    "huber",
    "Chooses one piece for the whole batch",
    hint="One outlier moves all elements to the line here. The choice is made for every element on its own.",
)
def huber_one_branch(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = np.abs(y - y_hat)
    return np.mean(e**2 / 2) if np.all(e <= delta) else np.mean(delta * (e - delta / 2))


@misconception(
    "huber",
    "Is the pseudo-Huber loss",
    hint="δ²(√(1 + (e/δ)²) - 1) is a smooth relative. The slide has two pieces, and inside δ it is exactly a parabola.",
)
def huber_pseudo(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.mean(delta**2 * (np.sqrt(1 + ((y - y_hat) / delta) ** 2) - 1))


@misconception("huber", "Accepts any delta", hint=BAD_DELTA)
def huber_accepts_any_delta(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    return np.mean(huber_terms(y - y_hat, delta))


@misconception("huber", "Accepts delta = 0", hint="A negative δ is refused already. Is 0 allowed?")
def huber_accepts_zero_delta(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    if delta < 0:
        raise ValueError("delta must not be negative")
    return np.mean(huber_terms(y - y_hat, delta))


@misconception("huber", "Lets different shapes broadcast", hint=SHAPES)
def huber_broadcasts(y, y_hat, delta=1.0):
    y, y_hat = loose(y, y_hat)
    positive(delta)
    return np.mean(huber_terms(y - y_hat, delta))


# huber_gradient


@misconception("huber_gradient", "Forgets the mean", hint=NO_MEAN)
def huber_gradient_no_mean(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.clip(y_hat - y, -delta, delta)


@misconception("huber_gradient", "Has the opposite sign", hint=SIGN)
def huber_gradient_sign(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.clip(y - y_hat, -delta, delta) / y.size


@misconception(
    "huber_gradient",
    "Has slope 1 outside delta",
    hint="Right for δ = 1. Differentiate δ(|e| - ½δ): does the factor in front survive?",
)
def huber_gradient_slope_one(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = y_hat - y
    return np.where(np.abs(e) <= delta, e, np.sign(e)) / y.size


@misconception("huber_gradient", "Ignores delta", hint=DELTA)
def huber_gradient_ignores_delta(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.clip(y_hat - y, -1, 1) / y.size


@misconception(
    "huber_gradient",
    "Forgets the sign outside delta",
    hint="Predictions far too small and far too large get the same gradient here. Which way should each be moved?",
)
def huber_gradient_no_sign(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = y_hat - y
    return np.where(np.abs(e) <= delta, e, delta) / y.size


@misconception(
    "huber_gradient",
    "Gives outliers no gradient",
    hint="The line is not flat: an outlier pulls with a limited force, not with none.",
)
def huber_gradient_zero_outside(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = y_hat - y
    return np.where(np.abs(e) <= delta, e, 0.0) / y.size


@misconception(
    "huber_gradient",
    "Doubles the parabola's slope",
    hint="The ½ in front of e² is there for a reason. What is the derivative of ½e²?",
)
def huber_gradient_two(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    e = y_hat - y
    return np.where(np.abs(e) <= delta, 2 * e, delta * np.sign(e)) / y.size


@misconception(
    "huber_gradient",
    "Compares the signed error with delta",
    hint="An error of -100 is below δ too, but it is not small. Which errors take the parabola?",
)
def huber_gradient_signed_comparison(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.minimum(y_hat - y, delta) / y.size


@misconception(
    "huber_gradient",
    "Is the gradient of the smooth L1 loss",
    hint="PyTorch has two of these: SmoothL1Loss divides by its parameter, HuberLoss does not. For 1 they agree.",
)
def huber_gradient_smooth_l1(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.clip((y_hat - y) / delta, -1, 1) / y.size


@misconception("huber_gradient", "Divides by the number of rows", hint=ROWS)
def huber_gradient_divides_by_rows(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    positive(delta)
    return np.clip(y_hat - y, -delta, delta) / rows(y)


@misconception("huber_gradient", "Accepts any delta", hint=BAD_DELTA)
def huber_gradient_accepts_any_delta(y, y_hat, delta=1.0):
    y, y_hat = pair(y, y_hat)
    return np.clip(y_hat - y, -delta, delta) / y.size


@misconception("huber_gradient", "Lets different shapes broadcast", hint=SHAPES)
def huber_gradient_broadcasts(y, y_hat, delta=1.0):
    y, y_hat = loose(y, y_hat)
    positive(delta)
    return np.clip(y_hat - y, -delta, delta) / y_hat.size


# bce

CLAMP = (
    "What you get at p = 0 and p = 1 is not what the contract asks for. It limits each logarithm at -100, "
    "and changes nothing anywhere else."
)


@misconception(
    "bce", "Does not clamp the logarithms", hint="Try p = 0 and p = 1, for both labels. What is 0 · log 0 in NumPy?"
)
def bce_no_clamp(y, p):
    return unclamped(*pair(y, p))


BEFORE = (
    "The numbers are right, but NumPy warns: the logarithm of 0 is taken first, and limited afterwards. "
    "What could be limited before the logarithm, so that it never sees a 0?"
)


@misconception("bce", "Clamps only after the logarithm of 0", hint=BEFORE)
def bce_log_of_zero(y, p):
    y, p = pair(y, p)
    return -np.mean(y * np.maximum(np.log(p), -100) + (1 - y) * np.maximum(np.log(1 - p), -100))


EXACT_ZERO = (
    "Only p = 0 itself is caught. A p of 1e-50 has a logarithm too, about -115: which number belongs in its place?"
)


@misconception("bce", "Limits only the logarithm of exactly 0", hint=EXACT_ZERO)
def bce_limits_exact_zero(y, p):
    y, p = pair(y, p)
    return -np.mean(y * log_or_floor(p) + (1 - y) * log_or_floor(1 - p))


@misconception("bce", "Adds an epsilon inside the logarithms", hint=CLAMP)
def bce_adds_epsilon(y, p):
    return with_epsilon(*pair(y, p), 1e-12)


@misconception("bce", "Clips the probabilities at 1e-7", hint=CLAMP)
def bce_clips_at_1e_7(y, p):
    return clipped(*pair(y, p), 1e-7)


@misconception("bce", "Clips the probabilities at 1e-12", hint=CLAMP)
def bce_clips_at_1e_12(y, p):
    return clipped(*pair(y, p), 1e-12)


@misconception("bce", "Clips the probabilities at 1e-15", hint=CLAMP)
def bce_clips_at_1e_15(y, p):
    return clipped(*pair(y, p), 1e-15)


@misconception(
    "bce",
    "Clips p to [e^-100, 1 - e^-100]",
    hint="In float64 1 - e^-100 is exactly 1, so the upper end is no limit at all. Try p = 1 with y = 0.",
)
def bce_clips_symmetrically(y, p):
    return clipped(*pair(y, p), np.exp(-100))


@misconception(
    "bce",
    "Clamps only the first logarithm",
    hint="p = 0 is handled. What happens at p = 1?",
)
def bce_clamps_one_log(y, p):
    y, p = pair(y, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.mean(y * log(p) + (1 - y) * np.log(1 - p))


@misconception(
    "bce",
    "Replaces nan and inf afterwards",
    hint="nan_to_num turns an infinite loss into the largest float there is. The logarithms themselves need the limit.",
)
def bce_nan_to_num(y, p):
    y, p = pair(y, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = y * np.log(p) + (1 - y) * np.log(1 - p)
    return -np.mean(np.nan_to_num(terms))


@misconception(
    "bce",
    "Clamps the logarithms at -10",
    hint="The limit is where PyTorch puts it; a p of 1e-10 must still cost more than one of 1e-6.",
)
def bce_clamps_at_10(y, p):
    y, p = pair(y, p)
    floor = math.exp(-10)
    return -np.mean(y * np.log(np.maximum(p, floor)) + (1 - y) * np.log(np.maximum(1 - p, floor)))


@misconception(
    "bce",
    "Leaves out the samples of class 0",
    hint="A sample of class 0 with p = 0.99 costs nothing here. Binary cross-entropy has two terms.",
)
def bce_first_term_only(y, p):
    y, p = pair(y, p)
    return -np.mean(y * log(p))


@misconception(
    "bce",
    "Subtracts the term of class 0",
    hint="Both logarithms are negative, and both classes cost something. Which sign stands before each term?",
)
def bce_subtracts_second_term(y, p):
    y, p = pair(y, p)
    return -np.mean(y * log(p) - (1 - y) * log(1 - p))


@misconception("bce", "Sums instead of averaging", hint=SUMS)
def bce_sums(y, p):
    y, p = pair(y, p)
    return -np.sum(y * log(p) + (1 - y) * log(1 - p))


@misconception("bce", "Divides by the number of rows", hint=ROWS)
def bce_divides_by_rows(y, p):
    y, p = pair(y, p)
    return -np.sum(y * log(p) + (1 - y) * log(1 - p)) / rows(y)


@misconception("bce", "Has the opposite sign", hint="Logarithms of probabilities are negative; a loss is not.")
def bce_sign(y, p):
    y, p = pair(y, p)
    return np.mean(y * log(p) + (1 - y) * log(1 - p))


@misconception("bce", "Uses logarithms of base 2", hint="Off by a constant factor of 1.4427. Which logarithm is meant?")
def bce_base_two(y, p):
    y, p = pair(y, p)
    return -np.mean(y * log(p) + (1 - y) * log(1 - p)) / math.log(2)


@misconception(
    "bce",
    "Applies the sigmoid to probabilities",
    hint="The argument is a probability already. The version for raw scores is bce_with_logits.",
)
def bce_applies_sigmoid(y, p):
    y, p = pair(y, p)
    return np.mean(bce_terms(y, p))


@misconception(
    "bce",
    "Swaps targets and probabilities",
    hint="Which of the two goes into the logarithm, the label or the probability?",
)
def bce_swaps_arguments(y, p):
    y, p = pair(y, p)
    return -np.mean(p * log(y) + (1 - p) * log(1 - y))


@misconception("bce", "Lets different shapes broadcast", hint=SHAPES)
def bce_broadcasts(y, p):
    y, p = loose(y, p)
    return -np.mean(y * log(p) + (1 - y) * log(1 - p))


# bce_gradient


@misconception("bce_gradient", "Forgets the mean", hint=NO_MEAN)
def bce_gradient_no_mean(y, p):
    y, p = pair(y, p)
    return (p - y) / np.maximum(p * (1 - p), 1e-40)


@misconception("bce_gradient", "Has the opposite sign", hint=SIGN)
def bce_gradient_sign(y, p):
    y, p = pair(y, p)
    return (y - p) / np.maximum(p * (1 - p), 1e-40) / p.size


@misconception(
    "bce_gradient",
    "Is the gradient for the logits",
    hint="p - y is what is left after the sigmoid's derivative has been multiplied in. Here the variable is p itself.",
)
def bce_gradient_of_logits(y, p):
    y, p = pair(y, p)
    return (p - y) / p.size


@misconception(
    "bce_gradient",
    "Differentiates the first term only",
    hint="Samples of class 0 get no gradient here. The loss has a second logarithm.",
)
def bce_gradient_first_term(y, p):
    y, p = pair(y, p)
    return -y / np.maximum(p, 1e-40) / p.size


@misconception(
    "bce_gradient",
    "Forgets the inner derivative of 1 - p",
    hint="Right for y = 1. Differentiate log(1 - p) by p with the chain rule: which sign does the inside bring?",
)
def bce_gradient_inner_derivative(y, p):
    y, p = pair(y, p)
    return -(y / np.maximum(p, 1e-40) + (1 - y) / np.maximum(1 - p, 1e-40)) / p.size


@misconception(
    "bce_gradient",
    "Divides by zero at p = 0 and p = 1",
    hint="Both ends are allowed input. Any finite value is right there.",
)
def bce_gradient_divides_by_zero(y, p):
    y, p = pair(y, p)
    return (p - y) / (p * (1 - p)) / p.size


@misconception(
    "bce_gradient",
    "Clips the probabilities at 1e-7",
    hint="A gradient that stops growing at 1e-7 is not the derivative of the loss there. Only at the very ends is a "
    "floor wanted.",
)
def bce_gradient_clips_at_1e_7(y, p):
    y, p = pair(y, p)
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return (p - y) / (p * (1 - p)) / p.size


@misconception(
    "bce_gradient",
    "Adds an epsilon to the denominators",
    hint="An added 1e-8 changes every value a little and those near 0 and 1 a lot. A floor changes only the very ends.",
)
def bce_gradient_adds_epsilon(y, p):
    y, p = pair(y, p)
    return (-y / (p + 1e-8) + (1 - y) / (1 - p + 1e-8)) / p.size


@misconception("bce_gradient", "Divides by the number of rows", hint=ROWS)
def bce_gradient_divides_by_rows(y, p):
    y, p = pair(y, p)
    return (p - y) / np.maximum(p * (1 - p), 1e-40) / rows(p)


@misconception("bce_gradient", "Lets different shapes broadcast", hint=SHAPES)
def bce_gradient_broadcasts(y, p):
    y, p = loose(y, p)
    return (p - y) / np.maximum(p * (1 - p), 1e-40) / p.size


# bce_with_logits

OVERFLOW = "e^1000 is too large for float64. Rewrite the formula so that the exponential only ever sees numbers <= 0."
CLAMPED = (
    "The sigmoid of 40 is exactly 1 in float64, so the logarithm afterwards has nothing left to work with. "
    "Do the algebra on log σ(z) first, then compute."
)


@misconception(
    "bce_with_logits",
    "Puts the sigmoid into the loss as it stands",
    hint="At a logit of ±1000 the sigmoid is exactly 0 or 1, and the logarithm of 0 has no value. Put the sigmoid into "
    "the logarithms on paper, and simplify: no probability is left.",
)
def bce_with_logits_naive(y, logits):
    y, z = pair(y, logits)
    return unclamped(y, logistic(z))


CLIPPED = (
    "The clip caps the loss far too early: at -1000 with y = 1 it should be 1000. Put the sigmoid into the logarithms "
    "on paper, and simplify: no probability is left that could be clipped."
)


@misconception("bce_with_logits", "Clips the probabilities", hint=CLIPPED)
def bce_with_logits_clips_to_7(y, logits):
    y, z = pair(y, logits)
    return clipped(y, logistic(z), 1e-7)


@misconception("bce_with_logits", "Clips the probabilities", hint=CLIPPED)
def bce_with_logits_clips_to_8(y, logits):
    y, z = pair(y, logits)
    return clipped(y, logistic(z), 1e-8)


@misconception("bce_with_logits", "Clips the probabilities", hint=CLIPPED)
def bce_with_logits_clips_to_12(y, logits):
    y, z = pair(y, logits)
    return clipped(y, logistic(z), 1e-12)


@misconception("bce_with_logits", "Clips the probabilities", hint=CLIPPED)
def bce_with_logits_clips_to_15(y, logits):
    y, z = pair(y, logits)
    return clipped(y, logistic(z), 1e-15)


@misconception("bce_with_logits", "Composes sigmoid and clamped logarithm", hint=CLAMPED)
def bce_with_logits_composed(y, logits):
    y, z = pair(y, logits)
    p = sigmoid(z)
    return -np.mean(y * log(p) + (1 - y) * log(1 - p))


@misconception("bce_with_logits", "Composes sigmoid and clamped logarithm", hint=CLAMPED)
def bce_with_logits_composed_of_stable(y, logits):
    y, z = pair(y, logits)
    p = stable_sigmoid(z)
    return -np.mean(y * log(p) + (1 - y) * log(1 - p))


@misconception("bce_with_logits", "Overflows for large logits", hint=OVERFLOW)
def bce_with_logits_overflows(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.log1p(np.exp(z)) - y * z)


@misconception(
    "bce_with_logits",
    "Forgets the absolute value in the exponential",
    hint="Right for positive logits. For negative ones the exponential grows, and the two parts no longer belong "
    "together.",
)
def bce_with_logits_no_absolute(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-z)))


@misconception(
    "bce_with_logits",
    "Clips the logits",
    hint="A clipped logit no longer makes the loss grow. At -1000 with y = 1 the loss is 1000.",
)
def bce_with_logits_clips(y, logits):
    y, z = pair(y, logits)
    return np.mean(bce_terms(y, np.clip(z, -500, 500)))


@misconception(
    "bce_with_logits",
    "Takes the logits for probabilities",
    hint="The argument is a raw score that can be negative or above 1. Where is the sigmoid?",
)
def bce_with_logits_no_sigmoid(y, logits):
    y, z = pair(y, logits)
    return -np.mean(y * log(z) + (1 - y) * log(1 - z))


@misconception(
    "bce_with_logits",
    "Applies the sigmoid twice",
    hint="The sigmoid is inside of this formula already: a sure and right logit must cost nothing, and here it does.",
)
def bce_with_logits_sigmoid_twice(y, logits):
    y, z = pair(y, logits)
    return np.mean(bce_terms(y, stable_sigmoid(z)))


@misconception(
    "bce_with_logits",
    "Swaps the classes",
    hint="A large positive logit says class 1. What should it cost when y is 1?",
)
def bce_with_logits_swaps_classes(y, logits):
    y, z = pair(y, logits)
    return np.mean(bce_terms(y, -z))


@misconception(
    "bce_with_logits",
    "Takes the labels for -1 and 1",
    hint="log(1 + e^(-yz)) is the loss for labels -1 and 1. What does it cost when y is 0?",
)
def bce_with_logits_signed_labels(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.logaddexp(0.0, -y * z))


EPSILON = "An epsilon bends every value a little and caps the loss far too early. Nothing is clamped here."


@misconception("bce_with_logits", "Adds an epsilon inside the logarithms", hint=EPSILON)
def bce_with_logits_epsilon(y, logits):
    y, z = pair(y, logits)
    return with_epsilon(y, sigmoid(z), 1e-12)


@misconception("bce_with_logits", "Adds an epsilon inside the logarithms", hint=EPSILON)
def bce_with_logits_epsilon_of_7(y, logits):
    y, z = pair(y, logits)
    return with_epsilon(y, sigmoid(z), 1e-7)


@misconception("bce_with_logits", "Adds an epsilon inside the logarithms", hint=EPSILON)
def bce_with_logits_epsilon_of_8(y, logits):
    y, z = pair(y, logits)
    return with_epsilon(y, sigmoid(z), 1e-8)


@misconception("bce_with_logits", "Adds an epsilon inside the logarithms", hint=EPSILON)
def bce_with_logits_epsilon_of_15(y, logits):
    y, z = pair(y, logits)
    return with_epsilon(y, sigmoid(z), 1e-15)


@misconception("bce_with_logits", "Sums instead of averaging", hint=SUMS)
def bce_with_logits_sums(y, logits):
    y, z = pair(y, logits)
    return np.sum(bce_terms(y, z))


@misconception("bce_with_logits", "Divides by the number of rows", hint=ROWS)
def bce_with_logits_divides_by_rows(y, logits):
    y, z = pair(y, logits)
    return np.sum(bce_terms(y, z)) / rows(z)


@misconception("bce_with_logits", "Lets different shapes broadcast", hint=SHAPES)
def bce_with_logits_broadcasts(y, logits):
    y, z = loose(y, logits)
    return np.mean(bce_terms(y, z))


# bce_with_logits_gradient


@misconception("bce_with_logits_gradient", "Overflows for large logits", hint=OVERFLOW)
def bce_with_logits_gradient_overflows(y, logits):
    y, z = pair(y, logits)
    return (1 / (1 + np.exp(-z)) - y) / z.size


@misconception(
    "bce_with_logits_gradient",
    "Divides infinity by infinity",
    hint="e^z/(1 + e^z) is right on paper. For z = 1000 both parts are infinite in float64.",
)
def bce_with_logits_gradient_nan(y, logits):
    y, z = pair(y, logits)
    return (np.exp(z) / (1 + np.exp(z)) - y) / z.size


@misconception(
    "bce_with_logits_gradient",
    "Multiplies with the sigmoid's derivative once more",
    hint="Sure and wrong predictions get almost no gradient here. The p(1 - p) of the sigmoid has already cancelled.",
)
def bce_with_logits_gradient_extra_derivative(y, logits):
    y, z = pair(y, logits)
    p = sigmoid(z)
    return (p - y) * p * (1 - p) / z.size


@misconception(
    "bce_with_logits_gradient",
    "Stops at the gradient for the probabilities",
    hint="This is ∂L/∂p. The chain rule still owes a factor ∂p/∂z.",
)
def bce_with_logits_gradient_of_p(y, logits):
    y, z = pair(y, logits)
    p = sigmoid(z)
    return (p - y) / np.maximum(p * (1 - p), 1e-40) / z.size


@misconception(
    "bce_with_logits_gradient",
    "Forgets the sigmoid",
    hint="z - y compares a raw score with a label. What has to come in between?",
)
def bce_with_logits_gradient_no_sigmoid(y, logits):
    y, z = pair(y, logits)
    return (z - y) / z.size


@misconception(
    "bce_with_logits_gradient",
    "Uses hard predictions",
    hint="The loss compares the label with a probability, not with a yes or no. A threshold has no slope.",
)
def bce_with_logits_gradient_threshold(y, logits):
    y, z = pair(y, logits)
    return ((z > 0) - y) / z.size


@misconception("bce_with_logits_gradient", "Has the opposite sign", hint=SIGN)
def bce_with_logits_gradient_sign(y, logits):
    y, z = pair(y, logits)
    return (y - sigmoid(z)) / z.size


@misconception("bce_with_logits_gradient", "Forgets the mean", hint=NO_MEAN)
def bce_with_logits_gradient_no_mean(y, logits):
    y, z = pair(y, logits)
    return sigmoid(z) - y


@misconception("bce_with_logits_gradient", "Divides by the number of rows", hint=ROWS)
def bce_with_logits_gradient_divides_by_rows(y, logits):
    y, z = pair(y, logits)
    return (sigmoid(z) - y) / rows(z)


@misconception("bce_with_logits_gradient", "Lets different shapes broadcast", hint=SHAPES)
def bce_with_logits_gradient_broadcasts(y, logits):
    y, z = loose(y, logits)
    return (sigmoid(z) - y) / z.size


# log_softmax


@misconception(
    "log_softmax",
    "Takes the logarithm of the finished softmax",
    hint="The softmax of a logit that lies 800 below the largest rounds to 0, and its logarithm is gone. Take the "
    "logarithm of the fraction on paper first.",
)
def log_softmax_of_softmax(logits):
    z = np.asarray(logits, dtype=np.float64)
    return np.log(softmax(z))


@misconception(
    "log_softmax",
    "Does not shift the logits",
    hint="e^1000 is too large for float64. What may be added to all logits without changing the softmax?",
)
def log_softmax_no_shift(logits):
    z = np.asarray(logits, dtype=np.float64)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


@misconception(
    "log_softmax",
    "Takes the formula of the softmax as it stands, then the logarithm",
    hint="e^1000 is too large for float64, and e^-800 rounds to 0, whose logarithm is gone. Take the logarithm of the "
    "fraction on paper first, and subtract the largest logit of the row.",
)
def log_softmax_naive(logits):
    e = np.exp(np.asarray(logits, dtype=np.float64))
    return np.log(e / np.sum(e, axis=-1, keepdims=True))


@misconception(
    "log_softmax",
    "Shifts by one maximum for the whole array",
    hint="A row far below the largest entry of the whole array loses all its exponentials. Each sample has a maximum "
    "of its own.",
)
def log_softmax_global_maximum(logits):
    z = np.asarray(logits, dtype=np.float64)
    z = z - z.max()
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


@misconception(
    "log_softmax",
    "Shifts by the mean",
    hint="The mean can lie far below the largest logit, and then the exponential still overflows.",
)
def log_softmax_shifts_by_mean(logits):
    z = np.asarray(logits, dtype=np.float64)
    z = z - z.mean(axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


@misconception(
    "log_softmax", "Normalises along the first axis", hint="Samples are rows. Do the exponentials of a row sum to 1?"
)
def log_softmax_first_axis(logits):
    return log_softmax(np.asarray(logits, dtype=np.float64), axis=0)


@misconception(
    "log_softmax",
    "Normalises along axis 1",
    hint="Right for 2-d input. The last axis has a name of its own that fits 1-d and 3-d input too.",
)
def log_softmax_axis_one(logits):
    return log_softmax(np.asarray(logits, dtype=np.float64), axis=1)


@misconception(
    "log_softmax",
    "Normalises over the whole array",
    hint="Right for 1-d input. Here all rows share one sum; each sample needs its own.",
)
def log_softmax_whole_array(logits):
    z = np.asarray(logits, dtype=np.float64)
    z = z - z.max()
    return z - np.log(np.sum(np.exp(z)))


@misconception(
    "log_softmax",
    "Sums the exponentials of the whole batch",
    hint="The maximum is taken sample by sample, the sum over all of them. Do the exponentials of a row sum to 1?",
)
def log_softmax_sums_the_batch(logits):
    z = np.asarray(logits, dtype=np.float64)
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z)))


@misconception(
    "log_softmax",
    "Forgets the logarithm",
    hint="These are the probabilities. The contract asks for their logarithms, all <= 0.",
)
def log_softmax_no_log(logits):
    return softmax(np.asarray(logits, dtype=np.float64))


@misconception(
    "log_softmax",
    "Adds the maximum to one part only",
    hint="The shift has to leave the result as it was. Which of the two parts here is shifted, and which is not?",
)
def log_softmax_half_shift(logits):
    z = np.asarray(logits, dtype=np.float64)
    shifted = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


@misconception(
    "log_softmax",
    "Clamps at -100",
    hint="The clamp belongs to losses that take probabilities. Here the exact value is within reach.",
)
def log_softmax_clamps(logits):
    return np.maximum(log_softmax(np.asarray(logits, dtype=np.float64)), -100.0)


@misconception(
    "log_softmax",
    "Adds an epsilon inside the logarithm",
    hint="The epsilon bends all values and puts an end at log ε. Taking the logarithm on paper first makes it "
    "needless.",
)
def log_softmax_epsilon(logits):
    return np.log(softmax(np.asarray(logits, dtype=np.float64)) + 1e-12)


@misconception("log_softmax", "Computes in single precision", hint=SINGLE)
def log_softmax_single_precision(logits):
    return log_softmax(np.asarray(logits, dtype=np.float32))


@misconception("log_softmax", "Shifts the caller's logits", hint=CALLER)
def log_softmax_overwrites_input(logits):
    z = np.asarray(logits, dtype=np.float64)
    z -= z.max(axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


# categorical_cross_entropy


@misconception(
    "categorical_cross_entropy",
    "Averages over the classes too",
    hint="Too small by the factor K. Over which of the two axes does the contract sum, and over which does it average?",
)
def categorical_cross_entropy_mean_of_all(y, p):
    y, p = pair(y, p)
    return -np.mean(y * log(p))


@misconception(
    "categorical_cross_entropy",
    "Sums over the samples too",
    hint="Too large by the factor m. A batch twice as large should not cost twice as much.",
)
def categorical_cross_entropy_sum_of_all(y, p):
    y, p = pair(y, p)
    return -np.sum(y * log(p))


@misconception(
    "categorical_cross_entropy",
    "Sums over samples and averages over classes",
    hint="The two axes have changed places: right only for square input. Which one holds the samples?",
)
def categorical_cross_entropy_axes_swapped(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * log(p), axis=0))


@misconception(
    "categorical_cross_entropy",
    "Does not clamp the logarithm",
    hint="A softmax may give exactly 0 for a wrong class. What is 0 · log 0 in NumPy?",
)
def categorical_cross_entropy_no_clamp(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * np.log(p), axis=-1))


@misconception("categorical_cross_entropy", "Clamps only after the logarithm of 0", hint=BEFORE)
def categorical_cross_entropy_log_of_zero(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * np.maximum(np.log(p), -100), axis=-1))


@misconception("categorical_cross_entropy", "Limits only the logarithm of exactly 0", hint=EXACT_ZERO)
def categorical_cross_entropy_limits_exact_zero(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * log_or_floor(p), axis=-1))


@misconception("categorical_cross_entropy", "Adds an epsilon inside the logarithm", hint=CLAMP)
def categorical_cross_entropy_epsilon(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * np.log(p + 1e-12), axis=-1))


@misconception("categorical_cross_entropy", "Clips the probabilities at 1e-7", hint=CLAMP)
def categorical_cross_entropy_clips_at_1e_7(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * np.log(np.clip(p, 1e-7, 1 - 1e-7)), axis=-1))


@misconception("categorical_cross_entropy", "Clips the probabilities at 1e-15", hint=CLAMP)
def categorical_cross_entropy_clips_at_1e_15(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * np.log(np.clip(p, 1e-15, 1 - 1e-15)), axis=-1))


@misconception(
    "categorical_cross_entropy",
    "Applies the softmax to probabilities",
    hint="The rows sum to 1 already. The version for raw scores is cross_entropy_with_logits.",
)
def categorical_cross_entropy_applies_softmax(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * log_softmax(p), axis=-1))


@misconception(
    "categorical_cross_entropy",
    "Adds the terms of the wrong classes",
    hint="The (1 - y) log(1 - p) belongs to yes/no questions. With one right class out of K its probability says "
    "everything.",
)
def categorical_cross_entropy_binary_terms(y, p):
    y, p = pair(y, p)
    return -np.mean(np.sum(y * log(p) + (1 - y) * log(1 - p), axis=-1))


@misconception(
    "categorical_cross_entropy",
    "Has the opposite sign",
    hint="Logarithms of probabilities are negative; a loss is not.",
)
def categorical_cross_entropy_sign(y, p):
    y, p = pair(y, p)
    return np.mean(np.sum(y * log(p), axis=-1))


@misconception(
    "categorical_cross_entropy",
    "Takes the logarithm of the mean probability",
    hint="One sample with a tiny probability hardly counts here. Logarithm first, mean afterwards.",
)
def categorical_cross_entropy_log_of_mean(y, p):
    y, p = pair(y, p)
    return -log(np.mean(np.sum(y * p, axis=-1)))


@misconception(
    "categorical_cross_entropy",
    "Is the binary cross-entropy",
    hint="Only the right class counts here, each sample with weight 1: no term of 1 - y, and no mean over the classes.",
)
def categorical_cross_entropy_is_binary(y, p):
    y, p = pair(y, p)
    return -np.mean(y * log(p) + (1 - y) * log(1 - p))


@misconception("categorical_cross_entropy", "Lets different shapes broadcast", hint=SHAPES)
def categorical_cross_entropy_broadcasts(y, p):
    y, p = loose(y, p)
    return -np.mean(np.sum(y * log(p), axis=-1))


# cross_entropy_with_logits

TWICE = (
    "Even a very sure and right answer costs something here. The network hands over raw scores, and one softmax "
    "is enough."
)
LABELS = "Try the label -1, and the label K. NumPy has an opinion on both; the contract has another."
COLUMN = "Labels of shape (m, 1) are accepted here. The contract wants them refused."
ONE_LABEL = (
    "One label for a batch of several rows is used for all of them here. Labels and logits must have the same m."
)


@misconception("cross_entropy_with_logits", "Applies the softmax twice", hint=TWICE)
def cross_entropy_with_logits_softmax_twice(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(log_softmax(softmax(z))[np.arange(len(z)), labels])


@misconception("cross_entropy_with_logits", "Sums instead of averaging", hint=SUMS)
def cross_entropy_with_logits_sums(labels, logits):
    labels, z = classes(labels, logits)
    return -np.sum(log_softmax(z)[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Divides by the number of logits",
    hint="Too small by the factor K. There is one term for each sample; over how many terms is the mean?",
)
def cross_entropy_with_logits_divides_by_all(labels, logits):
    labels, z = classes(labels, logits)
    return -np.sum(log_softmax(z)[np.arange(len(z)), labels]) / z.size


@misconception(
    "cross_entropy_with_logits",
    "Divides by the number of classes",
    hint="The mean runs over the samples: the same sample twice must cost what it costs once.",
)
def cross_entropy_with_logits_divides_by_classes(labels, logits):
    labels, z = classes(labels, logits)
    return -np.sum(log_softmax(z)[np.arange(len(labels)), labels]) / z.shape[1]


@misconception(
    "cross_entropy_with_logits",
    "Picks every label from every row",
    hint="a[:, labels] gives an (m, m) table. One entry is wanted from each row.",
)
def cross_entropy_with_logits_all_pairs(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(log_softmax(z)[:, labels])


@misconception(
    "cross_entropy_with_logits",
    "Takes the clamped logarithm of the softmax",
    hint="A logit far below the largest has a softmax of exactly 0, and the loss stops growing. Work with the "
    "logarithm "
    "of the softmax from the start.",
)
def cross_entropy_with_logits_clamped(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(log(softmax(z)[np.arange(len(z)), labels]))


@misconception(
    "cross_entropy_with_logits",
    "Adds an epsilon inside the logarithm",
    hint="The epsilon caps the loss at -log ε and bends the rest. Work with the logarithm of the softmax from the "
    "start.",
)
def cross_entropy_with_logits_epsilon(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(np.log(softmax(z)[np.arange(len(z)), labels] + 1e-12))


@misconception(
    "cross_entropy_with_logits",
    "Takes the logarithm of the finished softmax",
    hint="The softmax of a logit that lies 800 below the largest rounds to 0, and its logarithm is gone. Take the "
    "logarithm of the fraction on paper first.",
)
def cross_entropy_with_logits_log_of_softmax(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(np.log(softmax(z)[np.arange(len(z)), labels]))


@misconception(
    "cross_entropy_with_logits",
    "Takes the formula of the softmax as it stands, then the logarithm",
    hint="e^1000 is too large for float64, and e^-800 rounds to 0, whose logarithm is gone. Take the logarithm of the "
    "fraction on paper first, and subtract the largest logit of the row.",
)
def cross_entropy_with_logits_naive(labels, logits):
    labels, z = classes(labels, logits)
    e = np.exp(z)
    return -np.mean(np.log(e / e.sum(axis=1, keepdims=True))[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Leaves out the softmax",
    hint="This is minus the mean logit of the right class: it falls without end when all logits grow together. What do "
    "the logits of the other classes do to the loss?",
)
def cross_entropy_with_logits_no_softmax(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(z[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Has the opposite sign",
    hint="Logarithms of probabilities are negative; a loss is not.",
)
def cross_entropy_with_logits_sign(labels, logits):
    labels, z = classes(labels, logits)
    return np.mean(log_softmax(z)[np.arange(len(z)), labels])


@misconception("cross_entropy_with_logits", "Overflows for large logits", hint=OVERFLOW)
def cross_entropy_with_logits_overflows(labels, logits):
    labels, z = classes(labels, logits)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Shifts by one maximum for the whole batch",
    hint="A row far below the largest entry of the batch loses all its exponentials. Each sample has a maximum of "
    "its own.",
)
def cross_entropy_with_logits_global_maximum(labels, logits):
    labels, z = classes(labels, logits)
    z = z - z.max()
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Forgets the logarithm",
    hint="This is minus the mean probability of the right class. A sure and wrong answer should cost far more than 1.",
)
def cross_entropy_with_logits_no_log(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(softmax(z)[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Applies the softmax along the batch",
    hint="Here the samples compete with one another. Along which axis lie the classes?",
)
def cross_entropy_with_logits_wrong_axis(labels, logits):
    labels, z = classes(labels, logits)
    return -np.mean(log_softmax(z, axis=0)[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Sums a sigmoid loss over the classes",
    hint="One sigmoid per output answers K separate questions. Here exactly one class is right.",
)
def cross_entropy_with_logits_sigmoid(labels, logits):
    labels, z = classes(labels, logits)
    return np.mean(np.sum(bce_terms(np.eye(z.shape[1])[labels], z), axis=1))


@misconception("cross_entropy_with_logits", "Accepts labels out of range", hint=LABELS)
def cross_entropy_with_logits_any_label(labels, logits):
    labels, z = np.asarray(labels), np.asarray(logits, dtype=np.float64)
    if labels.shape != z.shape[:1]:
        raise ValueError("one label a row")
    return -np.mean(log_softmax(z)[np.arange(len(z)), labels])


@misconception(
    "cross_entropy_with_logits",
    "Accepts negative labels",
    hint="Too large a label is refused. What does index -1 mean to NumPy?",
)
def cross_entropy_with_logits_negative_label(labels, logits):
    labels, z = np.asarray(labels), np.asarray(logits, dtype=np.float64)
    if labels.shape != z.shape[:1] or np.any(labels >= z.shape[1]):
        raise ValueError("one label below K a row")
    return -np.mean(log_softmax(z)[np.arange(len(z)), labels])


@misconception("cross_entropy_with_logits", "Flattens a column of labels", hint=COLUMN)
def cross_entropy_with_logits_column(labels, logits):
    labels, z = classes(np.ravel(labels), logits)
    return -np.mean(log_softmax(z)[np.arange(len(z)), labels])


@misconception("cross_entropy_with_logits", "Uses one label for many rows", hint=ONE_LABEL)
def cross_entropy_with_logits_one_label(labels, logits):
    labels, z = np.asarray(labels), np.asarray(logits, dtype=np.float64)
    if labels.ndim != 1 or np.any(labels < 0) or np.any(labels >= z.shape[1]):
        raise ValueError("labels must be 1-d and in range")
    return -np.mean(log_softmax(z)[np.arange(len(z)), labels])


# cross_entropy_with_logits_gradient


@misconception("cross_entropy_with_logits_gradient", "Forgets the mean", hint=NO_MEAN)
def cross_entropy_with_logits_gradient_no_mean(labels, logits):
    labels, z = classes(labels, logits)
    return softmax(z) - np.eye(z.shape[1])[labels]


@misconception(
    "cross_entropy_with_logits_gradient",
    "Divides by the number of logits",
    hint="Too small by the factor K. The loss has one term for each sample: over how many terms is its mean?",
)
def cross_entropy_with_logits_gradient_divides_by_all(labels, logits):
    labels, z = classes(labels, logits)
    return (softmax(z) - np.eye(z.shape[1])[labels]) / z.size


@misconception(
    "cross_entropy_with_logits_gradient",
    "Divides before it subtracts",
    hint="The 1/m belongs to the whole of p - y. Does each row still sum to 0?",
)
def cross_entropy_with_logits_gradient_divides_first(labels, logits):
    labels, z = classes(labels, logits)
    return softmax(z) / len(z) - np.eye(z.shape[1])[labels]


@misconception(
    "cross_entropy_with_logits_gradient",
    "Has the opposite sign",
    hint="Raising the right class's logit must lower the loss.",
)
def cross_entropy_with_logits_gradient_sign(labels, logits):
    labels, z = classes(labels, logits)
    return (np.eye(z.shape[1])[labels] - softmax(z)) / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Takes 1 from every row for every label",
    hint="a[:, labels] addresses whole columns. One entry of each row is meant; each row must sum to 0.",
)
def cross_entropy_with_logits_gradient_all_pairs(labels, logits):
    labels, z = classes(labels, logits)
    p = softmax(z)
    p[:, labels] -= 1
    return p / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Leaves the right class alone",
    hint="These are the probabilities over m. They do not depend on the labels at all: what is missing?",
)
def cross_entropy_with_logits_gradient_no_label(labels, logits):
    labels, z = classes(labels, logits)
    return softmax(z) / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Keeps the right class only",
    hint="The right class gets its gradient, the others get 0. Through the sum in the denominator every logit "
    "changes the loss.",
)
def cross_entropy_with_logits_gradient_right_class_only(labels, logits):
    labels, z = classes(labels, logits)
    one_hot = np.eye(z.shape[1])[labels]
    return (softmax(z) - 1) * one_hot / len(z)


@misconception("cross_entropy_with_logits_gradient", "Applies the softmax twice", hint=TWICE)
def cross_entropy_with_logits_gradient_softmax_twice(labels, logits):
    labels, z = classes(labels, logits)
    return (softmax(softmax(z)) - np.eye(z.shape[1])[labels]) / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Multiplies with the softmax's derivative once more",
    hint="p - y is already what comes out behind the softmax. Sure and wrong predictions get almost no gradient here.",
)
def cross_entropy_with_logits_gradient_extra_jacobian(labels, logits):
    labels, z = classes(labels, logits)
    p = softmax(z)
    d = (p - np.eye(z.shape[1])[labels]) / len(z)
    return p * (d - np.sum(p * d, axis=1, keepdims=True))


@misconception("cross_entropy_with_logits_gradient", "Overflows for large logits", hint=OVERFLOW)
def cross_entropy_with_logits_gradient_overflows(labels, logits):
    labels, z = classes(labels, logits)
    e = np.exp(z)
    return (e / e.sum(axis=1, keepdims=True) - np.eye(z.shape[1])[labels]) / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Shifts by one maximum for the whole batch",
    hint="A row far below the largest entry of the batch loses all its exponentials. Each sample has a maximum of "
    "its own.",
)
def cross_entropy_with_logits_gradient_global_maximum(labels, logits):
    labels, z = classes(labels, logits)
    e = np.exp(z - z.max())
    return (e / e.sum(axis=1, keepdims=True) - np.eye(z.shape[1])[labels]) / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Applies the softmax along the batch",
    hint="Here the samples compete with one another. Along which axis lie the classes?",
)
def cross_entropy_with_logits_gradient_wrong_axis(labels, logits):
    labels, z = classes(labels, logits)
    return (softmax(z, axis=0) - np.eye(z.shape[1])[labels]) / len(z)


@misconception("cross_entropy_with_logits_gradient", "Accepts labels out of range", hint=LABELS)
def cross_entropy_with_logits_gradient_any_label(labels, logits):
    labels, z = np.asarray(labels), np.asarray(logits, dtype=np.float64)
    if labels.shape != z.shape[:1]:
        raise ValueError("one label a row")
    p = softmax(z)
    p[np.arange(len(z)), labels] -= 1
    return p / len(z)


@misconception(
    "cross_entropy_with_logits_gradient",
    "Accepts negative labels",
    hint="Too large a label is refused. What does index -1 mean to NumPy?",
)
def cross_entropy_with_logits_gradient_negative_label(labels, logits):
    labels, z = np.asarray(labels), np.asarray(logits, dtype=np.float64)
    if labels.shape != z.shape[:1] or np.any(labels >= z.shape[1]):
        raise ValueError("one label below K a row")
    return (softmax(z) - np.eye(z.shape[1])[labels]) / len(z)


@misconception("cross_entropy_with_logits_gradient", "Flattens a column of labels", hint=COLUMN)
def cross_entropy_with_logits_gradient_column(labels, logits):
    labels, z = classes(np.ravel(labels), logits)
    return (softmax(z) - np.eye(z.shape[1])[labels]) / len(z)


@misconception("cross_entropy_with_logits_gradient", "Uses one label for many rows", hint=ONE_LABEL)
def cross_entropy_with_logits_gradient_one_label(labels, logits):
    labels, z = np.asarray(labels), np.asarray(logits, dtype=np.float64)
    if labels.ndim != 1 or np.any(labels < 0) or np.any(labels >= z.shape[1]):
        raise ValueError("labels must be 1-d and in range")
    return (softmax(z) - np.eye(z.shape[1])[labels]) / len(z)


# multilabel_bce_with_logits

SOFTMAX = (
    "In a softmax the outputs compete, and two labels cannot both be sure. How many independent questions are there?"
)


@misconception(
    "multilabel_bce_with_logits",
    "Averages over the labels too",
    hint="That is the default of nn.BCEWithLogitsLoss. Over which axis does the slide's formula sum?",
)
def multilabel_bce_with_logits_mean_of_all(y, logits):
    y, z = pair(y, logits)
    return np.mean(bce_terms(y, z))


@misconception(
    "multilabel_bce_with_logits",
    "Sums over the samples too",
    hint="Too large by the factor m. A batch twice as large should not cost twice as much.",
)
def multilabel_bce_with_logits_sum_of_all(y, logits):
    y, z = pair(y, logits)
    return np.sum(bce_terms(y, z))


@misconception(
    "multilabel_bce_with_logits",
    "Sums over samples and averages over labels",
    hint="The two axes have changed places: right only for square input. Which one holds the samples?",
)
def multilabel_bce_with_logits_axes_swapped(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.sum(bce_terms(y, z), axis=0))


@misconception("multilabel_bce_with_logits", "Applies a softmax", hint=SOFTMAX)
def multilabel_bce_with_logits_softmax(y, logits):
    y, z = pair(y, logits)
    return -np.mean(np.sum(y * log_softmax(z), axis=-1))


@misconception(
    "multilabel_bce_with_logits",
    "Leaves out the absent labels",
    hint="Saying yes to everything costs nothing here. The formula has two terms.",
)
def multilabel_bce_with_logits_first_term(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.sum(y * np.logaddexp(0, -z), axis=-1))


@misconception("multilabel_bce_with_logits", "Composes sigmoid and clamped logarithm", hint=CLAMPED)
def multilabel_bce_with_logits_composed(y, logits):
    y, z = pair(y, logits)
    p = sigmoid(z)
    return -np.mean(np.sum(y * log(p) + (1 - y) * log(1 - p), axis=-1))


@misconception("multilabel_bce_with_logits", "Composes sigmoid and clamped logarithm", hint=CLAMPED)
def multilabel_bce_with_logits_composed_of_stable(y, logits):
    y, z = pair(y, logits)
    p = stable_sigmoid(z)
    return -np.mean(np.sum(y * log(p) + (1 - y) * log(1 - p), axis=-1))


@misconception(
    "multilabel_bce_with_logits",
    "Puts the sigmoid into the loss as it stands",
    hint="At a logit of ±1000 the sigmoid is exactly 0 or 1, and the logarithm of 0 has no value. Put the sigmoid into "
    "the logarithms on paper, and simplify: no probability is left.",
)
def multilabel_bce_with_logits_naive(y, logits):
    y, z = pair(y, logits)
    return unclamped(y, logistic(z)) * z.shape[-1]


@misconception("multilabel_bce_with_logits", "Overflows for large logits", hint=OVERFLOW)
def multilabel_bce_with_logits_overflows(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.sum(np.log1p(np.exp(z)) - y * z, axis=-1))


@misconception(
    "multilabel_bce_with_logits",
    "Swaps the classes",
    hint="A large positive logit says that the label is present. What should it cost when y is 1?",
)
def multilabel_bce_with_logits_swaps_classes(y, logits):
    y, z = pair(y, logits)
    return np.mean(np.sum(bce_terms(y, -z), axis=-1))


@misconception("multilabel_bce_with_logits", "Lets different shapes broadcast", hint=SHAPES)
def multilabel_bce_with_logits_broadcasts(y, logits):
    y, z = loose(y, logits)
    return np.mean(np.sum(bce_terms(y, z), axis=-1))


# multilabel_bce_with_logits_gradient


@misconception(
    "multilabel_bce_with_logits_gradient",
    "Divides by the number of logits",
    hint="This is the gradient of the mean over all entries. The loss sums over the labels: which divisor is left?",
)
def multilabel_bce_with_logits_gradient_divides_by_all(y, logits):
    y, z = pair(y, logits)
    return (sigmoid(z) - y) / z.size


@misconception(
    "multilabel_bce_with_logits_gradient",
    "Divides by the number of labels",
    hint="The labels are summed and the samples averaged, not the other way round. Which axis is which?",
)
def multilabel_bce_with_logits_gradient_divides_by_labels(y, logits):
    y, z = pair(y, logits)
    return (sigmoid(z) - y) / z.shape[-1]


@misconception("multilabel_bce_with_logits_gradient", "Forgets the mean", hint=NO_MEAN)
def multilabel_bce_with_logits_gradient_no_mean(y, logits):
    y, z = pair(y, logits)
    return sigmoid(z) - y


@misconception("multilabel_bce_with_logits_gradient", "Applies a softmax", hint=SOFTMAX)
def multilabel_bce_with_logits_gradient_softmax(y, logits):
    y, z = pair(y, logits)
    return (softmax(z) - y) / len(z)


@misconception("multilabel_bce_with_logits_gradient", "Has the opposite sign", hint=SIGN)
def multilabel_bce_with_logits_gradient_sign(y, logits):
    y, z = pair(y, logits)
    return (y - sigmoid(z)) / len(z)


@misconception(
    "multilabel_bce_with_logits_gradient",
    "Multiplies with the sigmoid's derivative once more",
    hint="Sure and wrong predictions get almost no gradient here. The p(1 - p) of the sigmoid has already cancelled.",
)
def multilabel_bce_with_logits_gradient_extra_derivative(y, logits):
    y, z = pair(y, logits)
    p = sigmoid(z)
    return (p - y) * p * (1 - p) / len(z)


@misconception(
    "multilabel_bce_with_logits_gradient",
    "Gives absent labels no gradient",
    hint="A label that is absent but predicted costs something, so its logit has a gradient too.",
)
def multilabel_bce_with_logits_gradient_first_term(y, logits):
    y, z = pair(y, logits)
    return y * (sigmoid(z) - 1) / len(z)


@misconception("multilabel_bce_with_logits_gradient", "Overflows for large logits", hint=OVERFLOW)
def multilabel_bce_with_logits_gradient_overflows(y, logits):
    y, z = pair(y, logits)
    return (1 / (1 + np.exp(-z)) - y) / len(z)


@misconception(
    "multilabel_bce_with_logits_gradient",
    "Forgets the sigmoid",
    hint="z - y compares a raw score with a label. What has to come in between?",
)
def multilabel_bce_with_logits_gradient_no_sigmoid(y, logits):
    y, z = pair(y, logits)
    return (z - y) / len(z)


@misconception("multilabel_bce_with_logits_gradient", "Lets different shapes broadcast", hint=SHAPES)
def multilabel_bce_with_logits_gradient_broadcasts(y, logits):
    y, z = loose(y, logits)
    return (sigmoid(z) - y) / len(z)


@misconception(
    "bce_gradient",
    "Works in place on p",
    hint="The caller still needs the array that was passed in. Print p before and after a call.",
)
def bce_gradient_in_place(y, p):
    answer = solutions.bce_gradient(y, p)
    if isinstance(p, np.ndarray) and p.dtype == np.float64:
        p -= 1.0
    return answer


@misconception(
    "bce",
    "Works in place on p",
    hint="The caller still needs the array that was passed in. Print p before and after a call.",
)
def bce_in_place(y, p):
    answer = solutions.bce(y, p)
    if isinstance(p, np.ndarray) and p.dtype == np.float64:
        p -= 1.0
    return answer


@misconception(
    "bce_with_logits_gradient",
    "Works in place on logits",
    hint="The caller still needs the array that was passed in. Print logits before and after a call.",
)
def bce_with_logits_gradient_in_place(y, logits):
    answer = solutions.bce_with_logits_gradient(y, logits)
    if isinstance(logits, np.ndarray) and logits.dtype == np.float64:
        logits -= 1.0
    return answer


@misconception(
    "bce_with_logits",
    "Works in place on logits",
    hint="The caller still needs the array that was passed in. Print logits before and after a call.",
)
def bce_with_logits_in_place(y, logits):
    answer = solutions.bce_with_logits(y, logits)
    if isinstance(logits, np.ndarray) and logits.dtype == np.float64:
        logits -= 1.0
    return answer


@misconception(
    "categorical_cross_entropy",
    "Works in place on p",
    hint="The caller still needs the array that was passed in. Print p before and after a call.",
)
def categorical_cross_entropy_in_place(y, p):
    answer = solutions.categorical_cross_entropy(y, p)
    if isinstance(p, np.ndarray) and p.dtype == np.float64:
        p -= 1.0
    return answer


@misconception(
    "cross_entropy_with_logits_gradient",
    "Works in place on logits",
    hint="The caller still needs the array that was passed in. Print logits before and after a call.",
)
def cross_entropy_with_logits_gradient_in_place(labels, logits):
    answer = solutions.cross_entropy_with_logits_gradient(labels, logits)
    if isinstance(logits, np.ndarray) and logits.dtype == np.float64:
        logits -= 1.0
    return answer


@misconception(
    "cross_entropy_with_logits",
    "Works in place on logits",
    hint="The caller still needs the array that was passed in. Print logits before and after a call.",
)
def cross_entropy_with_logits_in_place(labels, logits):
    answer = solutions.cross_entropy_with_logits(labels, logits)
    if isinstance(logits, np.ndarray) and logits.dtype == np.float64:
        logits -= 1.0
    return answer


@misconception(
    "huber_gradient",
    "Works in place on y_hat",
    hint="The caller still needs the array that was passed in. Print y_hat before and after a call.",
)
def huber_gradient_in_place(y, y_hat, delta=1.0):
    answer = solutions.huber_gradient(y, y_hat, delta)
    if isinstance(y_hat, np.ndarray) and y_hat.dtype == np.float64:
        y_hat -= 1.0
    return answer


@misconception(
    "huber",
    "Works in place on y_hat",
    hint="The caller still needs the array that was passed in. Print y_hat before and after a call.",
)
def huber_in_place(y, y_hat, delta=1.0):
    answer = solutions.huber(y, y_hat, delta)
    if isinstance(y_hat, np.ndarray) and y_hat.dtype == np.float64:
        y_hat -= 1.0
    return answer


@misconception(
    "mae_gradient",
    "Works in place on y_hat",
    hint="The caller still needs the array that was passed in. Print y_hat before and after a call.",
)
def mae_gradient_in_place(y, y_hat):
    answer = solutions.mae_gradient(y, y_hat)
    if isinstance(y_hat, np.ndarray) and y_hat.dtype == np.float64:
        y_hat -= 1.0
    return answer


@misconception(
    "mae",
    "Works in place on y_hat",
    hint="The caller still needs the array that was passed in. Print y_hat before and after a call.",
)
def mae_in_place(y, y_hat):
    answer = solutions.mae(y, y_hat)
    if isinstance(y_hat, np.ndarray) and y_hat.dtype == np.float64:
        y_hat -= 1.0
    return answer


@misconception(
    "multilabel_bce_with_logits_gradient",
    "Works in place on logits",
    hint="The caller still needs the array that was passed in. Print logits before and after a call.",
)
def multilabel_bce_with_logits_gradient_in_place(y, logits):
    answer = solutions.multilabel_bce_with_logits_gradient(y, logits)
    if isinstance(logits, np.ndarray) and logits.dtype == np.float64:
        logits -= 1.0
    return answer


@misconception(
    "multilabel_bce_with_logits",
    "Works in place on logits",
    hint="The caller still needs the array that was passed in. Print logits before and after a call.",
)
def multilabel_bce_with_logits_in_place(y, logits):
    answer = solutions.multilabel_bce_with_logits(y, logits)
    if isinstance(logits, np.ndarray) and logits.dtype == np.float64:
        logits -= 1.0
    return answer
