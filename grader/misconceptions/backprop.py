"""Known wrong answers of `backprop`."""

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("backprop")


def arrays(*values):
    return [np.array(value, dtype=np.float64) for value in values]


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0)}
SLOPES = {
    "sigmoid": lambda z: sigmoid(z) * (1.0 - sigmoid(z)),
    "tanh": lambda z: 1.0 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0.0) * 1.0,
}


def known(activation):
    if activation not in FUNCTIONS:
        raise ValueError(f"unknown activation {activation!r}")


TRANSPOSED = (
    "This works only while both sides of W have the same length, and even then it mixes up the neurons. W is "
    "(n_out, n_in): which of its axes has to meet the features of a_prev?"
)
AVERAGED_TWICE = (
    "The loss has been averaged over the batch before its gradient reached this function, so the factor 1/m is in it "
    "already. What happens to it when you divide once more?"
)

# -- dense_forward -----------------------------------------------------------------------------------------------------


@misconception("dense_forward", "W without the transpose", hint=TRANSPOSED)
def dense_forward_untransposed(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return a_prev @ W + b


@misconception(
    "dense_forward",
    "Reshapes W instead of transposing it",
    hint="The shape fits, but reshape keeps the numbers in reading order and so hands each neuron the weights of "
    "others. Print a 2 x 3 matrix, its transpose, and its reshape to 3 x 2.",
)
def dense_forward_reshaped(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return a_prev @ W.reshape(W.shape[1], W.shape[0]) + b


@misconception(
    "dense_forward",
    "Samples in the columns of the result",
    hint="W a^T is the transpose of what is wanted. One sample is one row, on the way in and on the way out.",
)
def dense_forward_columns(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return W @ a_prev.T + b[:, None]


@misconception(
    "dense_forward",
    "Integer input gives an integer result",
    hint="The array for z was made with the dtype of a_prev, and integers cut off everything behind the point.",
)
def dense_forward_truncates_integers(a_prev, W, b):
    z = np.empty((len(a_prev), len(W)), dtype=np.asarray(a_prev).dtype)
    z[...] = solutions.dense_forward(a_prev, W, b)
    return z


@misconception("dense_forward", "Leaves the bias out", hint="What is z when every input is 0? It should not be 0.")
def dense_forward_without_bias(a_prev, W, b):
    a_prev, W = arrays(a_prev, W)
    return a_prev @ W.T


@misconception(
    "dense_forward",
    "Adds the bias to the rows",
    hint="The rows of z are samples, its columns are neurons. A bias belongs to a neuron: along which axis must it "
    "stay the same?",
)
def dense_forward_bias_per_sample(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return a_prev @ W.T + b[:, None]


@misconception(
    "dense_forward",
    "Applies the sigmoid as well",
    hint="z is the value *before* the activation; all your results lie between 0 and 1. The activation is another "
    "step.",
)
def dense_forward_activated(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return sigmoid(a_prev @ W.T + b)


@misconception(
    "dense_forward",
    "Applies ReLU as well",
    hint="z is the value *before* the activation and may be negative. Yours never is.",
)
def dense_forward_rectified(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return np.maximum(a_prev @ W.T + b, 0.0)


@misconception(
    "dense_forward",
    "Works in float32",
    hint="The first seven digits are right, the others are not. Where does your code ask for single precision?",
)
def dense_forward_single_precision(a_prev, W, b):
    a_prev, W, b = (np.asarray(value, dtype=np.float32) for value in (a_prev, W, b))
    return a_prev @ W.T + b


@misconception(
    "dense_forward",
    "Averages over the inputs",
    hint="The sum over the inputs is divided by their number here. The formula has a matrix product: a plain sum.",
)
def dense_forward_mean(a_prev, W, b):
    a_prev, W, b = arrays(a_prev, W, b)
    return a_prev @ W.T / W.shape[1] + b


# -- hidden_delta ------------------------------------------------------------------------------------------------------


@misconception(
    "hidden_delta",
    "W with a transpose too many",
    hint="The slide's W^T δ is written for one sample as a column. With samples as rows both factors change places: "
    "what becomes of the transpose? Check it with layers of different widths.",
)
def hidden_delta_transposed(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next @ W_next.T) * slope


@misconception(
    "hidden_delta",
    "Leaves σ'(z) out",
    hint="The error of the layer above has been brought back through the weights, but not yet through the activation.",
)
def hidden_delta_without_slope(delta_next, W_next, activation_derivative):
    delta_next, W_next = arrays(delta_next, W_next)
    return delta_next @ W_next


@misconception(
    "hidden_delta",
    "Evaluates the sigmoid's derivative once more",
    hint="The third argument *is* σ'(z), an array that somebody has evaluated for you. It is not z.",
)
def hidden_delta_slope_of_slope(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next @ W_next) * SLOPES["sigmoid"](slope)


@misconception(
    "hidden_delta",
    "Takes σ'(z) for the activation",
    hint="You multiply by s (1 - s), where s is the third argument. That would be right if it held σ(z); it holds "
    "σ'(z).",
)
def hidden_delta_slope_as_activation(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next @ W_next) * slope * (1.0 - slope)


@misconception(
    "hidden_delta",
    "Matrix product instead of ∘",
    hint="∘ multiplies entry by entry and keeps the shape (m, n). A matrix product mixes the samples with one another.",
)
def hidden_delta_matrix_product(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next @ W_next) @ slope.T


@misconception(
    "hidden_delta",
    "σ' before the weights",
    hint="σ'(z[l]) belongs to this layer, δ[l+1] to the next. The error has to come through W first; then it has "
    "this layer's shape.",
)
def hidden_delta_slope_first(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next * slope) @ W_next


@misconception("hidden_delta", "Averages over the batch again", hint=AVERAGED_TWICE)
def hidden_delta_averaged(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next @ W_next) * slope / len(delta_next)


@misconception(
    "hidden_delta",
    "Writes over its argument",
    hint="`*=` changes the caller's array of derivatives. Make a new array for the result.",
)
def hidden_delta_in_place(delta_next, W_next, activation_derivative):
    delta_next, W_next = arrays(delta_next, W_next)
    activation_derivative = np.asarray(activation_derivative)
    if activation_derivative.dtype == np.float64:
        activation_derivative *= delta_next @ W_next
        return activation_derivative
    return activation_derivative * (delta_next @ W_next)


@misconception(
    "hidden_delta",
    "One σ' for the whole batch",
    hint="Every sample has its own z, hence its own σ'(z). You use the first sample's (or their mean) for all of them.",
)
def hidden_delta_mean_slope(delta_next, W_next, activation_derivative):
    delta_next, W_next, slope = arrays(delta_next, W_next, activation_derivative)
    return (delta_next @ W_next) * slope.mean(axis=0)


# -- dense_gradients ---------------------------------------------------------------------------------------------------


@misconception("dense_gradients", "Divides by m again", hint=AVERAGED_TWICE)
def dense_gradients_divided(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev / len(delta), delta.mean(axis=0)


@misconception(
    "dense_gradients",
    "Averages db only",
    hint="dW adds up the samples' contributions and db averages them. Both belong to the same loss: treat them alike.",
)
def dense_gradients_mean_bias(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, delta.mean(axis=0)


@misconception(
    "dense_gradients",
    "dW transposed",
    hint="A step is W - lr * dW, so dW needs the shape of W, (n_out, n_in). Which factor comes first?",
)
def dense_gradients_transposed(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return a_prev.T @ delta, delta.sum(axis=0)


@misconception(
    "dense_gradients",
    "db per sample",
    hint="b has one entry a neuron, and every sample of the batch adds to it. Over which axis do you sum?",
)
def dense_gradients_bias_axis(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, delta.sum(axis=1)


@misconception(
    "dense_gradients",
    "db is not summed over the samples",
    hint="One bias serves every sample, so each of them adds its share to db. The shape of db is that of b.",
)
def dense_gradients_bias_not_summed(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, delta


@misconception("dense_gradients", "Averages dW only", hint=AVERAGED_TWICE)
def dense_gradients_mean_weights(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev / len(delta), delta.sum(axis=0)


@misconception(
    "dense_gradients",
    "db of a single neuron is a bare number",
    hint="`squeeze` takes every axis of length 1 away, also the one that a layer with one neuron needs. db has the "
    "shape of b.",
)
def dense_gradients_bias_squeezed(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, np.squeeze(delta.sum(axis=0))


@misconception(
    "dense_gradients",
    "db as a row matrix",
    hint="b is (n_out,), so db is too. With shape (1, n_out), or (n_out, 1), the step b - lr * db changes the shape "
    "of b.",
)
def dense_gradients_bias_keeps_axis(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, delta.sum(axis=0, keepdims=True)


@misconception(
    "dense_gradients",
    "db is one number",
    hint="`sum()` without an axis adds up everything. Each neuron has a bias of its own, and a gradient of its own.",
)
def dense_gradients_bias_total(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, delta.sum()


@misconception(
    "dense_gradients",
    "First sample only",
    hint="The result depends on the first row alone. The loss depends on all of them.",
)
def dense_gradients_first_sample(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return np.outer(delta[0], a_prev[0]), delta[0]


@misconception(
    "dense_gradients",
    "Puts the inputs into db",
    hint="You sum the inputs. ∂z/∂b is 1: what does the chain rule leave of ∂L/∂b?",
)
def dense_gradients_bias_from_input(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.T @ a_prev, (delta.T @ a_prev).sum(axis=1)


@misconception(
    "dense_gradients",
    "Sums db into the first row of δ",
    hint="`db = delta[0]` is a view, not a copy: `db += row` then adds to the caller's array. Start from zeros, or "
    "use `sum`.",
)
def dense_gradients_in_place(delta, a_prev):
    delta, a_prev = np.asarray(delta, dtype=np.float64), np.asarray(a_prev, dtype=np.float64)
    dW = delta.T @ a_prev
    db = delta[0]
    for row in delta[1:]:
        db += row
    return dW, db.copy()


@misconception(
    "dense_gradients",
    "Returns (db, dW)",
    hint="Both gradients are right; the contract asks for dW first.",
)
def dense_gradients_swapped(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return delta.sum(axis=0), delta.T @ a_prev


@misconception(
    "dense_gradients",
    "Multiplies sums instead of summing products",
    hint="Each sample's δ belongs to that sample's input: first the outer product of a sample, then the sum over the "
    "samples.",
)
def dense_gradients_product_of_sums(delta, a_prev):
    delta, a_prev = arrays(delta, a_prev)
    return np.outer(delta.sum(axis=0), a_prev.sum(axis=0)), delta.sum(axis=0)


# -- vanishing_bound ---------------------------------------------------------------------------------------------------


@misconception(
    "vanishing_bound",
    "Multiplies the depth by the derivative",
    hint="The chain rule multiplies one factor for each layer. Twenty factors of 0.25 are not twenty times 0.25.",
)
def vanishing_bound_linear(depth, max_derivative=0.25):
    return depth * max_derivative


@misconception(
    "vanishing_bound",
    "Always 0.25",
    hint="Your bound is the same for tanh, whose derivative reaches 1. What is the second argument for?",
)
def vanishing_bound_hard_coded(depth, max_derivative=0.25):
    return 0.25**depth


@misconception(
    "vanishing_bound",
    "One factor too few",
    hint="How many factors are there for a depth of 1? And for a depth of 0, where nothing is multiplied?",
)
def vanishing_bound_one_less(depth, max_derivative=0.25):
    return max_derivative ** (depth - 1)


@misconception(
    "vanishing_bound",
    "One factor too many",
    hint="How many factors are there for a depth of 1? And for a depth of 0, where nothing is multiplied?",
)
def vanishing_bound_one_more(depth, max_derivative=0.25):
    return max_derivative ** (depth + 1)


@misconception(
    "vanishing_bound",
    "Base and exponent swapped",
    hint="Your bound grows with the depth. Which of the two numbers is multiplied by itself, and how often?",
)
def vanishing_bound_swapped(depth, max_derivative=0.25):
    return float(depth) ** max_derivative


@misconception(
    "vanishing_bound",
    "Rounds tiny values to 0",
    hint="9.1e-13 is a tiny number, but it is not 0: do not round.",
)
def vanishing_bound_rounded(depth, max_derivative=0.25):
    return round(max_derivative**depth, 8)


# -- numerical_gradient ------------------------------------------------------------------------------------------------


def shifted(f, x, h, quotient):
    """Apply `quotient(f at +h, f at -h, f at x)` to every entry of a float64 copy."""
    x = np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        result[index] = quotient(float(f(up)), float(f(down)), lambda: float(f(x.copy())))
    return result


@misconception(
    "numerical_gradient",
    "One-sided difference",
    hint="A step to one side only has an error of the size of h. For f(x) = x² at 0 and h = 0.1 it gives 0.1, where "
    "the gradient is 0. What does a step to both sides give?",
)
def numerical_gradient_forward(f, x, h=1e-5):
    return shifted(f, x, h, lambda up, down, here: (up - here()) / h)


@misconception(
    "numerical_gradient",
    "Backward difference",
    hint="You step to the left only; the error is of the size of h. What does a step to both sides give?",
)
def numerical_gradient_backward(f, x, h=1e-5):
    return shifted(f, x, h, lambda up, down, here: (here() - down) / h)


@misconception(
    "numerical_gradient",
    "Divides by h instead of 2h",
    hint="Every entry is twice what it should be. How far apart are the two points at which you evaluate f?",
)
def numerical_gradient_factor_two(f, x, h=1e-5):
    return shifted(f, x, h, lambda up, down, here: (up - down) / h)


@misconception(
    "numerical_gradient",
    "Ignores h",
    hint="The result is the same for every step h. Do you use the argument, or a number of your own?",
)
def numerical_gradient_fixed_step(f, x, h=1e-5):
    return shifted(f, x, 1e-5, lambda up, down, here: (up - down) / 2e-5)


@misconception(
    "numerical_gradient",
    "Another step by default",
    hint="When h is left out it is 1e-5. With 1e-3 the error of a central difference is ten thousand times as large.",
)
def numerical_gradient_coarse_default(f, x, h=1e-3):
    return shifted(f, x, h, lambda up, down, here: (up - down) / (2 * h))


@misconception(
    "numerical_gradient",
    "Right side minus left side swapped",
    hint="Every entry has the wrong sign. Which of the two points comes first in the numerator?",
)
def numerical_gradient_sign(f, x, h=1e-5):
    return shifted(f, x, h, lambda up, down, here: (down - up) / (2 * h))


@misconception(
    "numerical_gradient",
    "Shifts every entry at once",
    hint="All entries of your gradient are equal: they hold the slope along the diagonal. Partial derivatives move "
    "one entry at a time.",
)
def numerical_gradient_all_at_once(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    return np.full(x.shape, (float(f(x + h)) - float(f(x - h))) / (2 * h))


@misconception(
    "numerical_gradient",
    "Shifts whole rows",
    hint="x[i] of a matrix is a row, so you move all its entries together. An entry of an array of any shape needs "
    "a full index.",
)
def numerical_gradient_rows(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        result[i] = (float(f(up)) - float(f(down))) / (2 * h)
    return result


@misconception(
    "numerical_gradient",
    "Flattened result",
    hint="The numbers are right; the gradient of a matrix is a matrix: give it the shape of x.",
)
def numerical_gradient_flat(f, x, h=1e-5):
    return shifted(f, x, h, lambda up, down, here: (up - down) / (2 * h)).ravel()


@misconception(
    "numerical_gradient",
    "Calls f with a flat array",
    hint="f expects an array of the shape of x; yours is 1-d. f may well index it by rows and columns.",
)
def numerical_gradient_flat_argument(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    return shifted(f, x.ravel(), h, lambda up, down, here: (up - down) / (2 * h)).reshape(x.shape)


@misconception(
    "numerical_gradient",
    "Never moves back",
    hint="After an entry has been shifted it stays shifted while the next one is tried, and the caller's x has "
    "changed in the end.",
)
def numerical_gradient_not_restored(f, x, h=1e-5):
    x = np.asarray(x) if np.asarray(x).dtype == np.float64 else np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = float(f(x.copy()))
        x[index] -= 2 * h
        result[index] = (up - float(f(x.copy()))) / (2 * h)
    return result


@misconception(
    "numerical_gradient",
    "Leaves rounding behind in x",
    hint="+h, -2h, +h does not lead back to exactly the same number. Keep the old value and put it back, or work on "
    "a copy.",
)
def numerical_gradient_residue(f, x, h=1e-5):
    x = np.asarray(x) if np.asarray(x).dtype == np.float64 else np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = float(f(x.copy()))
        x[index] -= 2 * h
        result[index] = (up - float(f(x.copy()))) / (2 * h)
        x[index] += h
    return result


@misconception(
    "numerical_gradient",
    "Steps vanish in an integer array",
    hint="x may hold integers. A copy of it then holds integers too, and x + h is rounded back to x before f sees it.",
)
def numerical_gradient_integers(f, x, h=1e-5):
    x = np.array(x)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] = up[index] + h
        down[index] = down[index] - h
        result[index] = (float(f(up)) - float(f(down))) / (2 * h)
    return result


@misconception(
    "numerical_gradient",
    "Integer input gives an integer result",
    hint="`np.zeros_like(x)` holds integers when x does, and the gradient is cut to integers.",
)
def numerical_gradient_truncates_integers(f, x, h=1e-5):
    result = np.zeros_like(x)
    result[...] = solutions.numerical_gradient(f, x, h)
    return result


@misconception(
    "numerical_gradient",
    "/ 2 * h multiplies by h",
    hint="Python goes from left to right: `/ 2 * h` halves and then multiplies by h. What should be divided by?",
)
def numerical_gradient_precedence(f, x, h=1e-5):
    return solutions.numerical_gradient(f, x, h) * h * h


@misconception(
    "numerical_gradient",
    "A formula of fourth order",
    hint="Your formula is more accurate than asked for. The exercise is the plain central difference, whose error "
    "falls with h².",
)
def numerical_gradient_fourth_order(f, x, h=1e-5):
    return (4 * solutions.numerical_gradient(f, x, h) - solutions.numerical_gradient(f, x, 2 * h)) / 3


@misconception(
    "numerical_gradient",
    "Works in float32",
    hint="With seven digits the difference of two nearly equal values is mostly rounding. Do everything in float64.",
)
def numerical_gradient_single_precision(f, x, h=1e-5):
    x = np.array(x, dtype=np.float32)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += np.float32(h)
        down[index] -= np.float32(h)
        result[index] = (float(f(up)) - float(f(down))) / (2 * h)
    return result


# -- mlp_forward -------------------------------------------------------------------------------------------------------


def forward(x, weights, biases, activation, function=None, last=None):
    known(activation)
    function = function or FUNCTIONS[activation]
    zs, activations = [], [np.array(x, dtype=np.float64)]
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        W, b = arrays(W, b)
        zs.append(activations[-1] @ W.T + b)
        final = i == len(weights) - 1 and last is not None
        activations.append(last(zs[-1]) if final else function(zs[-1]))
    return zs, activations


@misconception(
    "mlp_forward",
    "No activation on the last layer",
    hint="In this exercise every layer has the activation, the last one included; a linear output is another design.",
)
def mlp_forward_linear_output(x, weights, biases, activation):
    return forward(x, weights, biases, activation, last=lambda z: z.copy())


@misconception(
    "mlp_forward",
    "Always the sigmoid",
    hint="The values do not depend on the name of the activation. Is there a sigmoid for everybody?",
)
def mlp_forward_always_sigmoid(x, weights, biases, activation):
    return forward(x, weights, biases, activation, function=sigmoid)


@misconception(
    "mlp_forward",
    "ReLU on the hidden layers whatever the name",
    hint="The last layer follows the name of the activation, the hidden ones do not.",
)
def mlp_forward_hidden_relu(x, weights, biases, activation):
    return forward(x, weights, biases, activation, function=FUNCTIONS["relu"], last=FUNCTIONS.get(activation))


@misconception(
    "mlp_forward",
    "Unknown activations pass in silence",
    hint="A misspelt name makes a linear network and nobody notices. The contract asks for a ValueError.",
)
def mlp_forward_unknown_is_linear(x, weights, biases, activation):
    function = FUNCTIONS.get(activation, lambda z: z.copy())
    return forward(x, weights, biases, "relu", function=function)


@misconception(
    "mlp_forward",
    "Every unknown activation is ReLU",
    hint="The last `else` takes every name that is left, misspelt ones too. The contract asks for a ValueError.",
)
def mlp_forward_unknown_is_relu(x, weights, biases, activation):
    return forward(x, weights, biases, activation if activation in FUNCTIONS else "relu")


@misconception(
    "mlp_forward",
    "KeyError for an unknown activation",
    hint="Looking the name up in a dict raises a KeyError, which is no ValueError. Check the name first and say "
    "which ones there are.",
)
def mlp_forward_key_error(x, weights, biases, activation):
    return forward(x, weights, biases, "relu", function=FUNCTIONS[activation])


def overflowing_sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def overflowing_tanh(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


@misconception(
    "mlp_forward",
    "Sigmoid overflows",
    hint="exp(1000) is not a float64. For which sign of z is exp(-z) harmless, and what can you write for the other "
    "one?",
)
def mlp_forward_overflow(x, weights, biases, activation):
    function = overflowing_sigmoid if activation == "sigmoid" else None
    return forward(x, weights, biases, activation, function=function)


@misconception(
    "mlp_forward",
    "tanh from four exponentials",
    hint="For large |z| an exponential overflows above and below the line: inf / inf is nan. NumPy has a tanh.",
)
def mlp_forward_tanh_overflow(x, weights, biases, activation):
    function = overflowing_tanh if activation == "tanh" else None
    return forward(x, weights, biases, activation, function=function)


@misconception(
    "mlp_forward",
    "Leaky instead of ReLU",
    hint="ReLU is exactly 0 for negative z; yours lets a hundredth through.",
)
def mlp_forward_leaky(x, weights, biases, activation):
    function = (lambda z: np.where(z > 0, z, 0.01 * z)) if activation == "relu" else None
    return forward(x, weights, biases, activation, function=function)


@misconception(
    "mlp_forward",
    "ReLU written over z",
    hint="An in-place ReLU (out=z, or z[z < 0] = 0) destroys the z that the backward pass needs; zs then holds no "
    "negative number.",
)
def mlp_forward_overwrites_z(x, weights, biases, activation):
    zs, activations = forward(x, weights, biases, activation)
    if activation == "relu":
        zs = [a.copy() for a in activations[1:]]
    return zs, activations


@misconception(
    "mlp_forward",
    "Activation on the input",
    hint="a[0] is x itself. The activation comes after a layer, not before the first one.",
)
def mlp_forward_activated_input(x, weights, biases, activation):
    known(activation)
    return forward(FUNCTIONS[activation](np.array(x, dtype=np.float64)), weights, biases, activation)


@misconception(
    "mlp_forward",
    "Leaves x out of the activations",
    hint="`activations` has L + 1 entries, because the first layer's gradient needs its input: activations[0] is x.",
)
def mlp_forward_without_x(x, weights, biases, activation):
    zs, activations = forward(x, weights, biases, activation)
    return zs, activations[1:]


@misconception(
    "mlp_forward",
    "Only the last layer is returned",
    hint="The backward pass needs z and a of every layer, not only the output.",
)
def mlp_forward_last_only(x, weights, biases, activation):
    zs, activations = forward(x, weights, biases, activation)
    return zs[-1], activations[-1]


@misconception("mlp_forward", "Returns (activations, zs)", hint="Everything is there; the contract asks for zs first.")
def mlp_forward_swapped(x, weights, biases, activation):
    zs, activations = forward(x, weights, biases, activation)
    return activations, zs


@misconception(
    "mlp_forward",
    "Feeds z on instead of a",
    hint="The next layer receives σ(z) of this one. Without it the network is one linear map, however deep.",
)
def mlp_forward_feeds_z(x, weights, biases, activation):
    known(activation)
    zs, activations = [], [np.array(x, dtype=np.float64)]
    a = activations[0]
    for W, b in zip(weights, biases, strict=True):
        W, b = arrays(W, b)
        a = a @ W.T + b
        zs.append(a)
        activations.append(FUNCTIONS[activation](a))
    return zs, activations


@misconception(
    "mlp_forward",
    "Leaves the biases out",
    hint="What is z of the first layer for x = 0? It should be the bias.",
)
def mlp_forward_without_bias(x, weights, biases, activation):
    return forward(x, weights, [np.zeros(np.shape(b)) for b in biases], activation)


@misconception(
    "mlp_forward",
    "Takes the caller's lists apart",
    hint="`pop` removes the layer from the caller's own list: the second forward pass finds no weights. Loop over "
    "the list instead.",
)
def mlp_forward_pops(x, weights, biases, activation):
    result = forward(x, weights, biases, activation)
    while weights:
        weights.pop(0)
        biases.pop(0)
    return result


@misconception(
    "mlp_forward",
    "Every unknown activation is the sigmoid",
    hint="The last `else` takes every name that is left, misspelt ones too. The contract asks for a ValueError.",
)
def mlp_forward_unknown_is_sigmoid(x, weights, biases, activation):
    return forward(x, weights, biases, activation if activation in FUNCTIONS else "sigmoid")


@misconception(
    "mlp_forward",
    "Returns nothing for an unknown activation",
    hint="The caller learns of a misspelt name only when something else breaks. Raise a ValueError that says which "
    "names there are.",
)
def mlp_forward_unknown_is_nothing(x, weights, biases, activation):
    return forward(x, weights, biases, activation) if activation in FUNCTIONS else None


# -- mlp_backward ------------------------------------------------------------------------------------------------------


def backward(dout, zs, activations, weights, activation, slope=None, first=True, inputs=None, hidden_only=None):
    """The right backward pass with parts that can be exchanged.

    `slope(z, a)` gives σ', `first` says whether the last layer's σ' counts, `inputs` what dW takes for inputs.
    """
    slope = slope or (lambda z, a: SLOPES[activation](z))
    zs, activations, weights = arrays(*zs), arrays(*activations), arrays(*weights)
    inputs = activations if inputs is None else inputs(zs, activations)
    (gradient,) = arrays(dout)
    dWs, dbs = [], []
    for i in range(len(weights) - 1, -1, -1):
        last = i == len(weights) - 1
        delta = gradient if last and not first else gradient * slope(zs[i], activations[i + 1])
        dWs.insert(0, delta.T @ inputs[i])
        dbs.insert(0, delta.sum(axis=0))
        gradient = delta @ weights[i]
    return dWs, dbs


@misconception(
    "mlp_backward",
    "Takes dout for δ of the last layer",
    hint="dout is ∂L/∂a[L]. Between a[L] and z[L] stands the activation: which factor is missing?",
)
def mlp_backward_output_slope(dout, zs, activations, weights, activation):
    return backward(dout, zs, activations, weights, activation, first=False)


@misconception(
    "mlp_backward",
    "Last layer first",
    hint="The backward pass meets the last layer first, but the lists are to start with the first layer, like "
    "`weights`.",
)
def mlp_backward_reversed(dout, zs, activations, weights, activation):
    dWs, dbs = backward(dout, zs, activations, weights, activation)
    return dWs[::-1], dbs[::-1]


@misconception("mlp_backward", "Divides by m again", hint=AVERAGED_TWICE)
def mlp_backward_divided(dout, zs, activations, weights, activation):
    dWs, dbs = backward(dout, zs, activations, weights, activation)
    m = len(np.asarray(dout))
    return [dW / m for dW in dWs], [db / m for db in dbs]


@misconception(
    "mlp_backward",
    "Averages over the batch in every layer",
    hint="The deeper the layer, the more factors 1/m its gradient has. The loss is averaged already: none is needed.",
)
def mlp_backward_divided_each_layer(dout, zs, activations, weights, activation):
    m = len(np.asarray(dout))
    return backward(dout, zs, activations, weights, activation, slope=lambda z, a: SLOPES[activation](z) / m)


@misconception(
    "mlp_backward",
    "σ' evaluated at a instead of z",
    hint="σ' as a function of z must be given z. You hand it σ(z), so the activation is applied twice.",
)
def mlp_backward_slope_at_a(dout, zs, activations, weights, activation):
    return backward(dout, zs, activations, weights, activation, slope=lambda z, a: SLOPES[activation](a))


@misconception(
    "mlp_backward",
    "σ' from z as if it were a",
    hint="a (1 - a) and 1 - a² are right with a = σ(z). You put z itself into them.",
)
def mlp_backward_z_as_a(dout, zs, activations, weights, activation):
    formulas = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a**2, "relu": lambda a: (a > 0) * 1.0}
    return backward(dout, zs, activations, weights, activation, slope=lambda z, a: formulas[activation](z))


@misconception(
    "mlp_backward",
    "Always the sigmoid's derivative",
    hint="The gradients do not depend on the name of the activation. tanh and ReLU have slopes of their own.",
)
def mlp_backward_always_sigmoid(dout, zs, activations, weights, activation):
    return backward(dout, zs, activations, weights, activation, slope=lambda z, a: SLOPES["sigmoid"](z))


@misconception(
    "mlp_backward",
    "Slope of ReLU is 1 at 0",
    hint="By the convention of this course (and of PyTorch) the derivative at exactly z = 0 is 0. How do you compare?",
)
def mlp_backward_relu_at_zero(dout, zs, activations, weights, activation):
    slope = (lambda z, a: (z >= 0) * 1.0) if activation == "relu" else None
    return backward(dout, zs, activations, weights, activation, slope=slope)


@misconception(
    "mlp_backward",
    "tanh' without the square",
    hint="The derivative of tanh is 1 - tanh². At a = -0.5 yours exceeds 1, and a slope of tanh never does.",
)
def mlp_backward_tanh_not_squared(dout, zs, activations, weights, activation):
    slope = (lambda z, a: 1 - a) if activation == "tanh" else None
    return backward(dout, zs, activations, weights, activation, slope=slope)


@misconception(
    "mlp_backward",
    "Output of the layer in place of its input",
    hint="∂L/∂W[l] is δ[l] times what went *into* layer l: a[l-1]. Count the entries of `activations`: there is one "
    "more than layers.",
)
def mlp_backward_output_as_input(dout, zs, activations, weights, activation):
    return backward(dout, zs, activations, weights, activation, inputs=lambda zs, activations: activations[1:])


@misconception(
    "mlp_backward",
    "z of the layer below in place of a",
    hint="What went into layer l is a[l-1] = σ(z[l-1]), not z[l-1]. Only the first layer, fed with x, is right.",
)
def mlp_backward_z_as_input(dout, zs, activations, weights, activation):
    return backward(dout, zs, activations, weights, activation, inputs=lambda zs, activations: [activations[0], *zs])


@misconception(
    "mlp_backward",
    "Averages db only",
    hint="dWs add up the samples' contributions and dbs average them. Treat both alike: the loss is averaged already.",
)
def mlp_backward_mean_bias(dout, zs, activations, weights, activation):
    dWs, dbs = backward(dout, zs, activations, weights, activation)
    return dWs, [db / len(np.asarray(dout)) for db in dbs]


@misconception(
    "mlp_backward",
    "Returns (dbs, dWs)",
    hint="The order of the results is part of the contract: the weights first.",
)
def mlp_backward_swapped(dout, zs, activations, weights, activation):
    dWs, dbs = backward(dout, zs, activations, weights, activation)
    return dbs, dWs


@misconception(
    "mlp_backward",
    "Each db as a row matrix",
    hint="`keepdims` leaves an axis of length 1 in front. A bias has one axis, and so has its gradient.",
)
def mlp_backward_bias_keeps_axis(dout, zs, activations, weights, activation):
    dWs, dbs = backward(dout, zs, activations, weights, activation)
    return dWs, [db[None] for db in dbs]


@misconception(
    "mlp_backward",
    "The sigmoid overflows",
    hint="σ' needs σ(z), and for z = -1000 your exponential is e^1000. The activations that you are given hold σ(z) "
    "already.",
)
def mlp_backward_sigmoid_overflows(dout, zs, activations, weights, activation):
    slopes = {**SLOPES, "sigmoid": lambda z: 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z)))}
    return backward(dout, zs, activations, weights, activation, slope=lambda z, a: slopes[activation](z))


@misconception(
    "mlp_backward",
    "e^(-z) / (1 + e^(-z))² becomes inf / inf",
    hint="For z = -1000 this is inf / inf. The activations that you are given hold σ(z) already: σ' is σ (1 - σ).",
)
def mlp_backward_ratio_of_infinities(dout, zs, activations, weights, activation):
    slopes = {**SLOPES, "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2}
    return backward(dout, zs, activations, weights, activation, slope=lambda z, a: slopes[activation](z))


@misconception(
    "mlp_backward",
    "Takes the caller's lists apart",
    hint="`pop` and `reverse` work on the caller's own lists, and the next pass finds them changed. Use "
    "`reversed(...)` or an index that counts down.",
)
def mlp_backward_pops(dout, zs, activations, weights, activation):
    result = backward(dout, zs, activations, weights, activation)
    activations.pop()
    while zs:
        zs.pop()
        activations.pop()
    return result


@misconception(
    "mlp_backward",
    "Hidden layers without σ'",
    hint="The last layer is right, the ones below it are not: each of them has an activation with a slope of its own.",
)
def mlp_backward_hidden_slopes(dout, zs, activations, weights, activation):
    slopes = iter([SLOPES[activation]])
    return backward(
        dout, zs, activations, weights, activation, slope=lambda z, a: next(slopes, lambda z: np.ones(z.shape))(z)
    )


@misconception(
    "mlp_backward",
    "Hands dout down without the slopes",
    hint="Each layer's own slope is there, but what goes on to the layer below is dout times the weights alone. The "
    "chain rule multiplies all the slopes on the way.",
)
def mlp_backward_slopes_not_carried(dout, zs, activations, weights, activation):
    (gradient,) = arrays(dout)
    zs, activations, weights = arrays(*zs), arrays(*activations), arrays(*weights)
    dWs, dbs = [], []
    for i in range(len(weights) - 1, -1, -1):
        delta = gradient * SLOPES[activation](zs[i])
        dWs.insert(0, delta.T @ activations[i])
        dbs.insert(0, delta.sum(axis=0))
        gradient = gradient @ weights[i]
    return dWs, dbs


@misconception(
    "mlp_backward",
    "The last layer's σ' counts twice",
    hint="δ of the last layer holds its slope before the loop begins, and the loop multiplies by it once more.",
)
def mlp_backward_last_slope_twice(dout, zs, activations, weights, activation):
    return backward(dout * SLOPES[activation](arrays(*zs)[-1]), zs, activations, weights, activation)


@misconception(
    "mlp_backward",
    "Applies ReLU to the gradient",
    hint="For ReLU it is z that decides which gradient passes, and a negative gradient passes, too.",
)
def mlp_backward_rectified_gradient(dout, zs, activations, weights, activation):
    if activation != "relu":
        return backward(dout, zs, activations, weights, activation)
    (gradient,) = arrays(dout)
    dWs, dbs = [], []
    for W, a in zip(arrays(*weights)[::-1], arrays(*activations)[-2::-1], strict=True):
        delta = np.maximum(gradient, 0.0)
        dWs.insert(0, delta.T @ a)
        dbs.insert(0, delta.sum(axis=0))
        gradient = delta @ W
    return dWs, dbs


@misconception(
    "mlp_backward",
    "W with a transpose too many",
    hint="With samples as rows δ W leads back to the layer below, with no transpose. It shows as soon as widths "
    "differ.",
)
def mlp_backward_transposed(dout, zs, activations, weights, activation):
    right = arrays(*weights)
    wrong = [right[0], *(W.T for W in right[1:])]
    return backward(dout, zs, activations, wrong, activation)


@misconception(
    "mlp_backward",
    "Writes over dout",
    hint="`dout *= ...` changes the caller's array. Make a new array for δ.",
)
def mlp_backward_in_place(dout, zs, activations, weights, activation):
    result = backward(dout, zs, activations, weights, activation)
    dout = np.asarray(dout)
    if dout.dtype == np.float64:
        dout *= SLOPES[activation](np.asarray(zs[-1], dtype=np.float64))
    return result


# -- gradient_norms ----------------------------------------------------------------------------------------------------


def norms(dWs, norm):
    return np.array([norm(*arrays(dW)) for dW in dWs])


@misconception(
    "gradient_norms",
    "Leaves the root out",
    hint="A norm of 2 A is twice the norm of A; yours is four times as large.",
)
def gradient_norms_squared(dWs):
    return norms(dWs, lambda dW: np.sum(dW**2))


@misconception(
    "gradient_norms",
    "Spectral norm",
    hint="`np.linalg.norm(dW, 2)` of a *matrix* is its largest singular value. The Frobenius norm is the default, "
    "`ord=None`.",
)
def gradient_norms_spectral(dWs):
    return norms(dWs, lambda dW: np.linalg.norm(dW, 2))


@misconception(
    "gradient_norms",
    "Root of the mean instead of the sum",
    hint="Averaging the squares divides the norm by the root of the number of weights. The Frobenius norm has a sum.",
)
def gradient_norms_mean(dWs):
    return norms(dWs, lambda dW: np.sqrt(np.mean(dW**2)))


@misconception(
    "gradient_norms",
    "Sum of absolute values",
    hint="That is the entrywise 1-norm. Where do the squares come in?",
)
def gradient_norms_absolute(dWs):
    return norms(dWs, lambda dW: np.sum(np.abs(dW)))


@misconception(
    "gradient_norms",
    "Largest entry",
    hint="The Frobenius norm depends on every entry, not only on the largest.",
)
def gradient_norms_largest(dWs):
    return norms(dWs, lambda dW: np.max(np.abs(dW)))


@misconception(
    "gradient_norms",
    "One norm for the whole network",
    hint="The point is to compare the layers: one number for each of them.",
)
def gradient_norms_total(dWs):
    return np.sqrt(np.sum(norms(dWs, lambda dW: np.sum(dW**2))))


@misconception(
    "gradient_norms",
    "A small number under the root",
    hint="An added 1e-8 or 1e-12 hides exactly what this exercise is to show: norms far below it. The root of 0 is "
    "no problem here.",
)
def gradient_norms_floor(dWs):
    return norms(dWs, lambda dW: np.sqrt(np.sum(dW**2) + 1e-12))


@misconception(
    "gradient_norms",
    "Rounded",
    hint="A norm of 1e-12 becomes 0, and the decay over twenty layers cannot be seen any more. Do not round.",
)
def gradient_norms_rounded(dWs):
    return norms(dWs, lambda dW: np.round(np.sqrt(np.sum(dW**2)), 8))


@misconception(
    "gradient_norms",
    "Last layer first",
    hint="The norms are right but in the wrong order: `dWs` starts with the first layer, and so does the result.",
)
def gradient_norms_reversed(dWs):
    return norms(dWs, lambda dW: np.sqrt(np.sum(dW**2)))[::-1]
