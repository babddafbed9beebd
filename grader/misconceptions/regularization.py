"""Known wrong answers of `regularization`."""

import math

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("regularization")


def _array(x):
    return np.asarray(x, dtype=np.float64)


# l2_penalty -----------------------------------------------------------------------------------------------------------


@misconception(
    "l2_penalty",
    "Halves the penalty",
    hint="The slide's penalty has no factor 1/2. (With it, the gradient would be lambda w.)",
)
def penalty_halved(weights, lam):
    return 0.5 * lam * sum(np.sum(_array(w) ** 2) for w in weights)


@misconception(
    "l2_penalty",
    "Means instead of sums",
    hint="The sum of the squares is not divided by the number of weights.",
)
def penalty_averages_weights(weights, lam):
    return lam * sum(np.mean(_array(w) ** 2) for w in weights)


@misconception(
    "l2_penalty",
    "Averages over the layers",
    hint="Every layer adds its full share; the number of layers does not divide anything.",
)
def penalty_averages_layers(weights, lam):
    return lam * sum(np.sum(_array(w) ** 2) for w in weights) / len(weights)


@misconception(
    "l2_penalty",
    "Norm instead of its square",
    hint="The formula sums squares and takes no root.",
)
def penalty_sums_norms(weights, lam):
    return lam * sum(np.sqrt(np.sum(_array(w) ** 2)) for w in weights)


@misconception(
    "l2_penalty",
    "Root of the whole sum",
    hint="The formula sums squares and takes no root.",
)
def penalty_is_norm(weights, lam):
    return lam * np.sqrt(sum(np.sum(_array(w) ** 2) for w in weights))


@misconception(
    "l2_penalty",
    "Absolute values instead of squares",
    hint="The sum of absolute values is L1 regularisation. L2 squares.",
)
def penalty_is_l1(weights, lam):
    return lam * sum(np.sum(np.abs(_array(w))) for w in weights)


@misconception(
    "l2_penalty",
    "Squares the sum of the weights",
    hint="Square every weight first, then add. As it is, weights of opposite sign cancel.",
)
def penalty_squares_the_sum(weights, lam):
    return lam * sum(np.sum(_array(w)) ** 2 for w in weights)


@misconception(
    "l2_penalty",
    "Leaves arrays with one axis out",
    hint="Biases are often left alone in practice, but here the sum runs over every element of every array.",
)
def penalty_of_matrices(weights, lam):
    return lam * sum(np.sum(_array(w) ** 2) for w in weights if _array(w).ndim > 1)


@misconception(
    "l2_penalty",
    "Rejects lambda = 0",
    hint="lambda >= 0 is allowed: with 0 there is no regularisation, and the penalty is 0.",
)
def penalty_rejects_zero(weights, lam):
    if lam <= 0:
        raise ValueError("lam must be positive")
    return solutions.l2_penalty(weights, lam)


@misconception(
    "l2_penalty",
    "First layer only",
    hint="The list holds the weights of all layers, and all of them are penalised.",
)
def penalty_of_first_layer(weights, lam):
    return lam * np.sum(_array(weights[0]) ** 2)


@misconception(
    "l2_penalty",
    "Last layer only",
    hint="The list holds the weights of all layers. Do you add to the total or replace it in each turn of the loop?",
)
def penalty_of_last_layer(weights, lam):
    return lam * np.sum(_array(weights[-1]) ** 2)


@misconception(
    "l2_penalty",
    "Lambda inside the square",
    hint="Lambda multiplies the sum of the squares once.",
)
def penalty_squares_lambda(weights, lam):
    return sum(np.sum((lam * _array(w)) ** 2) for w in weights)


@misconception(
    "l2_penalty",
    "Squares the caller's weights in place",
    hint="`**=` and `*=` write into the weights of the network. Make a new array.",
)
def penalty_in_place(weights, lam):
    total = 0.0
    for w in weights:
        values = w if isinstance(w, np.ndarray) and w.dtype == np.float64 else _array(w).copy()
        values **= 2
        total += values.sum()
    return lam * total


# l2_gradient ----------------------------------------------------------------------------------------------------------


@misconception(
    "l2_gradient",
    "Forgets the factor 2",
    hint="Differentiate lambda w squared. The penalty has no 1/2 that would cancel what the square brings down.",
)
def l2_gradient_without_two(w, lam):
    return lam * _array(w)


@misconception(
    "l2_gradient",
    "Gradient of L1",
    hint="The sign is the derivative of the absolute value. What is the derivative of the square?",
)
def l2_gradient_of_l1(w, lam):
    return lam * np.sign(_array(w))


@misconception(
    "l2_gradient",
    "Loses the sign of the weights",
    hint="A negative weight has a negative slope: the step must bring it up, towards zero.",
)
def l2_gradient_absolute(w, lam):
    return 2 * lam * np.abs(_array(w))


@misconception(
    "l2_gradient",
    "Points downhill",
    hint="The gradient points uphill, away from zero. The minus sign belongs to the step of the optimiser.",
)
def l2_gradient_negative(w, lam):
    return -2 * lam * _array(w)


@misconception(
    "l2_gradient",
    "Divides by the number of weights",
    hint="The penalty is a sum and not a mean.",
)
def l2_gradient_averaged(w, lam):
    w = _array(w)
    return 2 * lam * w / w.size


@misconception(
    "l2_gradient",
    "A single number becomes an array of one",
    hint="`np.atleast_1d` adds an axis that w does not have. The gradient has the shape of w, also for a number.",
)
def l2_gradient_at_least_one_axis(w, lam):
    return 2 * lam * np.atleast_1d(_array(w))


@misconception(
    "l2_gradient",
    "Adds the gradient up",
    hint="There is one partial derivative for each weight: the result has the shape of w.",
)
def l2_gradient_summed(w, lam):
    return 2 * lam * np.sum(_array(w))


@misconception(
    "l2_gradient",
    "Scales the weights themselves",
    hint="`*=` changes the caller's array, here the weights of the network. Make a new one.",
)
def l2_gradient_in_place(w, lam):
    if not (isinstance(w, np.ndarray) and w.dtype == np.float64):
        w = _array(w)
    w *= 2 * lam
    return w


# sgd_weight_decay_step ------------------------------------------------------------------------------------------------


@misconception(
    "sgd_weight_decay_step",
    "Decay without the learning rate",
    hint="In the formula the learning rate stands in front of the bracket, and lambda w is inside of it.",
)
def sgd_decay_without_lr(w, grad, lr, weight_decay):
    w = _array(w)
    return w - lr * _array(grad) - weight_decay * w


@misconception(
    "sgd_weight_decay_step",
    "Twice the decay",
    hint="Weight decay adds lambda w, which is the gradient of (lambda / 2) times the sum of squares. No factor 2 "
    "here.",
)
def sgd_decay_doubled(w, grad, lr, weight_decay):
    w = _array(w)
    return w - lr * (_array(grad) + 2 * weight_decay * w)


@misconception(
    "sgd_weight_decay_step",
    "Decay makes the weights grow",
    hint="Without a data gradient the weights must shrink. Check the sign of lambda w.",
)
def sgd_decay_grows(w, grad, lr, weight_decay):
    w = _array(w)
    return w - lr * (_array(grad) - weight_decay * w)


@misconception(
    "sgd_weight_decay_step",
    "Steps uphill",
    hint="Descent goes against the gradient.",
)
def sgd_ascends(w, grad, lr, weight_decay):
    w = _array(w)
    return w + lr * (_array(grad) + weight_decay * w)


@misconception(
    "sgd_weight_decay_step",
    "Decays after the step",
    hint="Both terms use the weights as they were before the step.",
)
def sgd_decays_after(w, grad, lr, weight_decay):
    return (_array(w) - lr * _array(grad)) * (1 - lr * weight_decay)


@misconception(
    "sgd_weight_decay_step",
    "Forgets the decay",
    hint="That is a plain gradient step. Where is lambda?",
)
def sgd_without_decay(w, grad, lr, weight_decay):
    return _array(w) - lr * _array(grad)


@misconception(
    "sgd_weight_decay_step",
    "Decay by a constant amount",
    hint="Subtracting the same amount from every weight's size is L1. Weight decay takes a fraction of the weight.",
)
def sgd_decays_by_sign(w, grad, lr, weight_decay):
    w = _array(w)
    return w - lr * (_array(grad) + weight_decay * np.sign(w))


@misconception(
    "sgd_weight_decay_step",
    "Half the decay",
    hint="lambda w is the gradient of (lambda / 2) times the sum of squares already: its 1/2 is gone.",
)
def sgd_decay_halved(w, grad, lr, weight_decay):
    w, grad = _array(w), _array(grad)
    return w - lr * (grad + weight_decay / 2 * w)


@misconception(
    "sgd_weight_decay_step",
    "Returns the change alone",
    hint="The result is the new weights, not what is added to them.",
)
def sgd_returns_change(w, grad, lr, weight_decay):
    w, grad = _array(w), _array(grad)
    return -lr * (grad + weight_decay * w)


@misconception(
    "sgd_weight_decay_step",
    "Adds the decay to the caller's gradient",
    hint="`grad += ...` writes into the array that the caller still holds. Make a new one.",
)
def sgd_changes_gradient(w, grad, lr, weight_decay):
    w, grad = _array(w), np.asarray(grad, dtype=np.float64)
    grad += weight_decay * w
    return w - lr * grad


@misconception(
    "sgd_weight_decay_step",
    "Changes the caller's weights",
    hint="`w -= ...` writes into the array that the caller still holds. Return a new array.",
)
def sgd_in_place(w, grad, lr, weight_decay):
    if not (isinstance(w, np.ndarray) and w.dtype == np.float64):
        w = _array(w)
    w -= lr * (_array(grad) + weight_decay * w)
    return w


# AdamL2 and AdamW -----------------------------------------------------------------------------------------------------


class _Adam:
    """A right optimiser of either kind in small methods, so that each wrong one below changes one of them only."""

    decoupled = False

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.lr, self.eps, self.weight_decay, self.bias_correction = lr, eps, weight_decay, bias_correction
        self.beta1, self.beta2 = betas
        self.m = self.v = 0.0
        self.t = 0

    def decay(self, w):
        return self.weight_decay * w

    def gradient(self, w, grad):
        return grad if self.decoupled else grad + self.decay(w)

    def first(self, g):
        return self.beta1 * self.m + (1 - self.beta1) * g

    def second(self, g):
        return self.beta2 * self.v + (1 - self.beta2) * g**2

    def advance(self, w, grad):
        """The moments take the gradient in."""
        self.t += 1
        g = self.gradient(w, grad)
        self.m, self.v = self.first(g), self.second(g)

    def corrections(self):
        if self.bias_correction:
            return 1 - self.beta1**self.t, 1 - self.beta2**self.t
        return 1.0, 1.0

    def direction(self):
        c1, c2 = self.corrections()
        return (self.m / c1) / (np.sqrt(self.v / c2) + self.eps)

    def change(self, w):
        return self.direction() + self.decay(w) if self.decoupled else self.direction()

    def step(self, w, grad):
        w, grad = _array(w), _array(grad)
        self.advance(w, grad)
        return w - self.lr * self.change(w)


class _L2(_Adam):
    decoupled = False


class _W(_Adam):
    decoupled = True


@misconception(
    "AdamL2",
    "Decay outside the adaptive step",
    hint="That is AdamW. Here lambda w joins the gradient before the moments see it.",
)
class AdamL2_is_adamw(_W):
    pass


@misconception(
    "AdamL2",
    "Forgets weight decay",
    hint="With weight_decay above zero the steps must differ from plain Adam's.",
)
class AdamL2_without_decay(_L2):
    def decay(self, w):
        return 0.0


@misconception(
    "AdamL2",
    "Twice the L2 gradient",
    hint="The slide adds lambda w to the gradient, without the factor 2 of the penalty's derivative.",
)
class AdamL2_doubles_decay(_L2):
    def decay(self, w):
        return 2 * self.weight_decay * w


@misconception(
    "AdamL2",
    "Second moment of the data gradient alone",
    hint="Both moments see the same gradient, lambda w included.",
)
class AdamL2_second_moment_without_decay(_L2):
    def advance(self, w, grad):
        self.t += 1
        self.m, self.v = self.first(grad + self.decay(w)), self.second(grad)


@misconception(
    "AdamL2",
    "Never corrects the bias",
    hint="The moments start at zero and are too small at first. With bias_correction=True they are divided by 1 - "
    "beta^t.",
)
class AdamL2_never_corrects(_L2):
    def corrections(self):
        return 1.0, 1.0


@misconception(
    "AdamL2",
    "Always corrects the bias",
    hint="With bias_correction=False (the slides' form) the moments stand in the update as they are.",
)
class AdamL2_always_corrects(_L2):
    def corrections(self):
        return 1 - self.beta1**self.t, 1 - self.beta2**self.t


@misconception(
    "AdamL2",
    "Counts the steps from 2",
    hint="The first call is t = 1. Is your counter increased twice, or does it start at 1 and grow before it is used?",
)
class AdamL2_counts_from_two(_L2):
    def corrections(self):
        return (1 - self.beta1 ** (self.t + 1), 1 - self.beta2 ** (self.t + 1)) if self.bias_correction else (1.0, 1.0)


@misconception(
    "AdamL2",
    "Bias correction of the first step in every step",
    hint="The correction is 1 - beta to the power of t, and t grows by one with each call.",
)
class AdamL2_frozen_correction(_L2):
    def corrections(self):
        return (1 - self.beta1, 1 - self.beta2) if self.bias_correction else (1.0, 1.0)


@misconception(
    "AdamL2",
    "Keeps the corrected moments",
    hint="The corrected moments are used in the update only. The next step goes on from the uncorrected ones.",
)
class AdamL2_stores_corrected_moments(_L2):
    def direction(self):
        c1, c2 = self.corrections()
        self.m, self.v = self.m / c1, self.v / c2
        return self.m / (np.sqrt(self.v) + self.eps)


@misconception(
    "AdamL2",
    "Corrects the first moment only",
    hint="Both moments start at zero, so both need their correction.",
)
class AdamL2_corrects_first_only(_L2):
    def corrections(self):
        return super().corrections()[0], 1.0


@misconception(
    "AdamL2",
    "Epsilon inside the root",
    hint="Here epsilon is added to the root, outside of it (unlike in batch normalisation).",
)
class AdamL2_eps_inside(_L2):
    def direction(self):
        c1, c2 = self.corrections()
        return (self.m / c1) / np.sqrt(self.v / c2 + self.eps)


@misconception(
    "AdamL2",
    "Epsilon added before the correction of v",
    hint="Correct v first, take the root, then add epsilon. Folding both corrections into the learning rate scales "
    "epsilon too.",
)
class AdamL2_eps_before_correction(_L2):
    def direction(self):
        c1, c2 = self.corrections()
        return np.sqrt(c2) / c1 * self.m / (np.sqrt(self.v) + self.eps)


@misconception(
    "AdamL2",
    "Epsilon fixed at 1e-8",
    hint="Keep the eps that the constructor was given.",
)
class AdamL2_eps_hard_coded(_L2):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        super().__init__(lr, betas, 1e-8, weight_decay, bias_correction)


@misconception(
    "AdamL2",
    "Forgets epsilon",
    hint="A weight whose gradient has always been zero has zero moments. What does your step divide by?",
)
class AdamL2_without_eps(_L2):
    def direction(self):
        c1, c2 = self.corrections()
        return (self.m / c1) / np.sqrt(self.v / c2)


@misconception(
    "AdamL2",
    "Betas exchanged",
    hint="The first beta belongs to the first moment, the second to the second.",
)
class AdamL2_exchanges_betas(_L2):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        super().__init__(lr, (betas[1], betas[0]), eps, weight_decay, bias_correction)


@misconception(
    "AdamL2",
    "Betas fixed at 0.9 and 0.999",
    hint="Keep the betas that the constructor was given.",
)
class AdamL2_betas_hard_coded(_L2):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        super().__init__(lr, (0.9, 0.999), eps, weight_decay, bias_correction)


@misconception(
    "AdamL2",
    "Divides by the second moment, without the root",
    hint="The second moment is an average of squares. What brings it back to the units of the gradient?",
)
class AdamL2_without_root(_L2):
    def direction(self):
        c1, c2 = self.corrections()
        return (self.m / c1) / (self.v / c2 + self.eps)


@misconception(
    "AdamL2",
    "Sums the squared gradients",
    hint="A sum that only grows is AdaGrad. Adam's second moment is a moving average: the new square has weight 1 "
    "- beta2.",
)
class AdamL2_sums_squares(_L2):
    def second(self, g):
        return self.v + g**2


@misconception(
    "AdamL2",
    "New gradient with weight 1 in the first moment",
    hint="The first moment is an average as well: the new gradient has weight 1 - beta1.",
)
class AdamL2_heavy_ball(_L2):
    def first(self, g):
        return self.beta1 * self.m + g


@misconception(
    "AdamL2",
    "No first moment",
    hint="The numerator is the moving average of the gradients, not the gradient of this step (that is RMSProp).",
)
class AdamL2_is_rmsprop(_L2):
    def first(self, g):
        return g * self.corrections()[0]


@misconception(
    "AdamL2",
    "Forgets its moments",
    hint="The object lives from step to step because the moments do. Are yours new in each call?",
)
class AdamL2_forgets_moments(_L2):
    def advance(self, w, grad):
        self.m = self.v = 0.0
        super().advance(w, grad)


@misconception(
    "AdamL2",
    "Learning rate fixed at 1e-3",
    hint="Keep the lr that the constructor was given.",
)
class AdamL2_lr_hard_coded(_L2):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        super().__init__(1e-3, betas, eps, weight_decay, bias_correction)


class _FirstGradient:
    def advance(self, w, grad):
        if self.t == 0:
            g = self.gradient(w, grad)
            self.m, self.v = g, g**2
        super().advance(w, grad)


@misconception(
    "AdamL2",
    "Moments start from the first gradient",
    hint="m and v are 0 before the first step; that is what the bias correction makes up for.",
)
class AdamL2_first_gradient(_FirstGradient, _L2):
    pass


@misconception(
    "AdamL2",
    "Corrects the bias only when told to",
    hint="Left out, `bias_correction` is True: PyTorch's form, not the slides'.",
)
class AdamL2_default_without_correction(_L2):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=False):
        super().__init__(lr, betas, eps, weight_decay, bias_correction)


class _OwnWeights:
    weights = None

    def step(self, w, grad):
        self.weights = super().step(w if self.weights is None else self.weights, grad)
        return self.weights.copy()


@misconception(
    "AdamL2",
    "Goes on from weights of its own",
    hint="A step starts from the w that it is given, which need not be what the last step returned.",
)
class AdamL2_own_weights(_OwnWeights, _L2):
    pass


class _ChangesWeights:
    def step(self, w, grad):
        new = super().step(w, grad)
        if isinstance(w, np.ndarray) and w.dtype == np.float64:
            w[...] = new
        return new


@misconception(
    "AdamL2",
    "Changes the caller's weights",
    hint="`w -= ...` writes into the array that the caller still holds. Return a new array.",
)
class AdamL2_changes_weights(_ChangesWeights, _L2):
    pass


@misconception(
    "AdamL2",
    "Adds the decay to the caller's gradient",
    hint="`grad += ...` writes into the array that the caller still holds. Make a new one.",
)
class AdamL2_changes_gradient(_L2):
    def step(self, w, grad):
        new = super().step(w, grad)
        if isinstance(grad, np.ndarray) and grad.dtype == np.float64:
            grad += self.decay(_array(w))
        return new


@misconception(
    "AdamW",
    "Decay inside the gradient",
    hint="That is Adam with L2. Here the moments see the data gradient alone and the decay joins at the very end.",
)
class AdamW_is_l2(_L2):
    pass


@misconception(
    "AdamW",
    "Decay without the learning rate",
    hint="The learning rate multiplies the whole bracket: with zero gradients a step scales the weights by 1 - lr "
    "* weight_decay.",
)
class AdamW_decay_without_lr(_W):
    def step(self, w, grad):
        w, grad = _array(w), _array(grad)
        self.advance(w, grad)
        return w - self.lr * self.direction() - self.decay(w)


@misconception(
    "AdamW",
    "Decays the weights after the step",
    hint="The decay takes the weights as they were before the step, not the ones that the adaptive part has just "
    "moved.",
)
class AdamW_decays_after(_W):
    def step(self, w, grad):
        w, grad = _array(w), _array(grad)
        self.advance(w, grad)
        return (w - self.lr * self.direction()) * (1 - self.lr * self.weight_decay)


@misconception(
    "AdamW",
    "Decay divided by the root of the second moment",
    hint="Outside of the adaptive part means outside of the fraction: lambda w is not divided by anything.",
)
class AdamW_decay_in_numerator(_W):
    def change(self, w):
        c1, c2 = self.corrections()
        return (self.m / c1 + self.decay(w)) / (np.sqrt(self.v / c2) + self.eps)


@misconception(
    "AdamW",
    "Decay in the gradient and in the step",
    hint="The weights decay twice. The moments see the data gradient alone.",
)
class AdamW_decays_twice(_W):
    def gradient(self, w, grad):
        return grad + self.decay(w)


@misconception(
    "AdamW",
    "Twice the decay",
    hint="The decay is lambda w, without the factor 2 of the penalty's derivative.",
)
class AdamW_doubles_decay(_W):
    def decay(self, w):
        return 2 * self.weight_decay * w


@misconception(
    "AdamW",
    "Decay makes the weights grow",
    hint="With zero gradients the weights must shrink. Check the sign of lambda w.",
)
class AdamW_decay_grows(_W):
    def decay(self, w):
        return -self.weight_decay * w


@misconception(
    "AdamW",
    "Forgets weight decay",
    hint="With weight_decay above zero the steps must differ from plain Adam's.",
)
class AdamW_without_decay(_W):
    def decay(self, w):
        return 0.0


@misconception(
    "AdamW",
    "Decays by 0.01 unless told otherwise",
    hint="The default of weight_decay is 0.0 here; PyTorch's AdamW has another one.",
)
class AdamW_default_decay(_W):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, bias_correction=True):
        super().__init__(lr, betas, eps, weight_decay, bias_correction)


@misconception(
    "AdamW",
    "Never corrects the bias",
    hint="The moments start at zero and are too small at first. With bias_correction=True they are divided by 1 - "
    "beta^t.",
)
class AdamW_never_corrects(_W):
    def corrections(self):
        return 1.0, 1.0


@misconception(
    "AdamW",
    "Always corrects the bias",
    hint="With bias_correction=False (the slides' form) the moments stand in the update as they are.",
)
class AdamW_always_corrects(_W):
    def corrections(self):
        return 1 - self.beta1**self.t, 1 - self.beta2**self.t


@misconception(
    "AdamW",
    "Counts the steps from 2",
    hint="The first call is t = 1. Is your counter increased twice, or does it start at 1 and grow before it is used?",
)
class AdamW_counts_from_two(_W):
    def corrections(self):
        return (1 - self.beta1 ** (self.t + 1), 1 - self.beta2 ** (self.t + 1)) if self.bias_correction else (1.0, 1.0)


@misconception(
    "AdamW",
    "Epsilon inside the root",
    hint="Here epsilon is added to the root, outside of it (unlike in batch normalisation).",
)
class AdamW_eps_inside(_W):
    def direction(self):
        c1, c2 = self.corrections()
        return (self.m / c1) / np.sqrt(self.v / c2 + self.eps)


@misconception(
    "AdamW",
    "Epsilon added before the correction of v",
    hint="Correct v first, take the root, then add epsilon. Folding both corrections into the learning rate scales "
    "epsilon too.",
)
class AdamW_eps_before_correction(_W):
    def direction(self):
        c1, c2 = self.corrections()
        return math.sqrt(c2) / c1 * self.m / (np.sqrt(self.v) + self.eps)


@misconception(
    "AdamW",
    "Betas exchanged",
    hint="The first beta belongs to the first moment, the second to the second.",
)
class AdamW_exchanges_betas(_W):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        super().__init__(lr, (betas[1], betas[0]), eps, weight_decay, bias_correction)


@misconception(
    "AdamW",
    "Forgets its moments",
    hint="The object lives from step to step because the moments do. Are yours new in each call?",
)
class AdamW_forgets_moments(_W):
    def advance(self, w, grad):
        self.m = self.v = 0.0
        super().advance(w, grad)


@misconception(
    "AdamW",
    "Bias correction of the first step in every step",
    hint="The correction is 1 - beta to the power of t, and t grows by one with each call.",
)
class AdamW_frozen_correction(_W):
    def corrections(self):
        return (1 - self.beta1, 1 - self.beta2) if self.bias_correction else (1.0, 1.0)


@misconception(
    "AdamW",
    "Keeps the corrected moments",
    hint="The corrected moments are used in the update only. The next step goes on from the uncorrected ones.",
)
class AdamW_stores_corrected_moments(_W):
    def direction(self):
        c1, c2 = self.corrections()
        self.m, self.v = self.m / c1, self.v / c2
        return self.m / (np.sqrt(self.v) + self.eps)


@misconception(
    "AdamW",
    "Divides by the second moment, without the root",
    hint="The second moment is an average of squares. What brings it back to the units of the gradient?",
)
class AdamW_without_root(_W):
    def direction(self):
        c1, c2 = self.corrections()
        return (self.m / c1) / (self.v / c2 + self.eps)


@misconception(
    "AdamW",
    "Moments start from the first gradient",
    hint="m and v are 0 before the first step; that is what the bias correction makes up for.",
)
class AdamW_first_gradient(_FirstGradient, _W):
    pass


@misconception(
    "AdamW",
    "Corrects the bias only when told to",
    hint="Left out, `bias_correction` is True: PyTorch's form, not the slides'.",
)
class AdamW_default_without_correction(_W):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=False):
        super().__init__(lr, betas, eps, weight_decay, bias_correction)


@misconception(
    "AdamW",
    "Goes on from weights of its own",
    hint="A step starts from the w that it is given, which need not be what the last step returned.",
)
class AdamW_own_weights(_OwnWeights, _W):
    pass


@misconception(
    "AdamW",
    "Changes the caller's weights",
    hint="`w -= ...` writes into the array that the caller still holds. Return a new array.",
)
class AdamW_changes_weights(_ChangesWeights, _W):
    pass


@misconception(
    "AdamL2",
    "Corrects the bias where it should not, and only there",
    hint="`bias_correction=True` asks for the division by 1 - beta^t, `False` for none. Is there a `not` too many?",
)
class AdamL2_flag_inverted(_L2):
    def corrections(self):
        return (1.0, 1.0) if self.bias_correction else (1 - self.beta1**self.t, 1 - self.beta2**self.t)


@misconception(
    "AdamL2",
    "Steps uphill",
    hint="Descent goes against the gradient: the whole bracket is subtracted.",
)
class AdamL2_ascends(_L2):
    def change(self, w):
        return -super().change(w)


class _WeighsTheNew:
    def first(self, g):
        return (1 - self.beta1) * self.m + self.beta1 * g

    def second(self, g):
        return (1 - self.beta2) * self.v + self.beta2 * g**2


@misconception(
    "AdamL2",
    "Betas weigh the new gradient",
    hint="In Adam beta is the weight of what was, and 1 - beta that of the new gradient (BatchNorm's momentum is the "
    "other way round).",
)
class AdamL2_weighs_the_new(_WeighsTheNew, _L2):
    pass


@misconception(
    "AdamW",
    "Corrects the bias where it should not, and only there",
    hint="`bias_correction=True` asks for the division by 1 - beta^t, `False` for none. Is there a `not` too many?",
)
class AdamW_flag_inverted(_W):
    def corrections(self):
        return (1.0, 1.0) if self.bias_correction else (1 - self.beta1**self.t, 1 - self.beta2**self.t)


@misconception(
    "AdamW",
    "Steps uphill",
    hint="Descent goes against the gradient: the whole bracket is subtracted.",
)
class AdamW_ascends(_W):
    def change(self, w):
        return -super().change(w)


@misconception(
    "AdamW",
    "Betas weigh the new gradient",
    hint="In Adam beta is the weight of what was, and 1 - beta that of the new gradient (BatchNorm's momentum is the "
    "other way round).",
)
class AdamW_weighs_the_new(_WeighsTheNew, _W):
    pass


# EarlyStopping --------------------------------------------------------------------------------------------------------


class _EarlyStopping:
    """A right EarlyStopping in small methods."""

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_epoch = math.inf, 0
        self.epoch = -1
        self.waited = 0

    def improved(self, loss):
        return self.epoch == 0 or loss < self.best - self.min_delta

    def improve(self, loss):
        self.best, self.best_epoch = loss, self.epoch
        self.waited = 0

    def wait(self, loss):
        self.waited += 1

    def stop(self):
        return self.waited >= self.patience

    def update(self, val_loss):
        self.epoch += 1
        if self.improved(val_loss):
            self.improve(val_loss)
        else:
            self.wait(val_loss)
        return self.stop()


@misconception(
    "EarlyStopping",
    "Stops one update too late",
    hint="With patience 2, the second update in a row without improvement already says stop.",
)
class EarlyStopping_one_late(_EarlyStopping):
    def stop(self):
        return self.waited > self.patience


@misconception(
    "EarlyStopping",
    "Stops one update too early",
    hint="With patience 2, one update without improvement is not yet a reason to stop.",
)
class EarlyStopping_one_early(_EarlyStopping):
    def stop(self):
        return self.waited > 0 and self.waited >= self.patience - 1


@misconception(
    "EarlyStopping",
    "Stops one update too early, even at an improvement",
    hint="A count of patience - 1 is not enough. With a patience of 1 that count is 0, so even an improvement stops.",
)
class EarlyStopping_always_one_early(_EarlyStopping):
    def stop(self):
        return self.waited >= self.patience - 1


@misconception(
    "EarlyStopping",
    "Says stop only once",
    hint="If training goes on and nothing improves, the answer is still True.",
)
class EarlyStopping_says_it_once(_EarlyStopping):
    def stop(self):
        return self.waited == self.patience


@misconception(
    "EarlyStopping",
    "Never resets the count",
    hint="Patience counts updates in a row. What happens to the count when the loss improves?",
)
class EarlyStopping_never_resets(_EarlyStopping):
    def improve(self, loss):
        self.best, self.best_epoch = loss, self.epoch


@misconception(
    "EarlyStopping",
    "An improvement takes one off the count",
    hint="Patience counts updates in a row: after an improvement the count starts again from 0, however high it was.",
)
class EarlyStopping_takes_one_off(_EarlyStopping):
    def improve(self, loss):
        self.best, self.best_epoch = loss, self.epoch
        self.waited = max(0, self.waited - 1)


@misconception(
    "EarlyStopping",
    "Counts an equal loss as an improvement",
    hint="An improvement is strictly below the best loss minus min_delta. A plateau is none.",
)
class EarlyStopping_accepts_equal(_EarlyStopping):
    def improved(self, loss):
        return loss <= self.best - self.min_delta


@misconception(
    "EarlyStopping",
    "Compares with the previous loss",
    hint="A loss that goes up and then a little down again is not better than the best one seen.",
)
class EarlyStopping_compares_with_previous(_EarlyStopping):
    previous = math.inf

    def improved(self, loss):
        return loss < self.previous - self.min_delta

    def update(self, val_loss):
        stop = super().update(val_loss)
        self.previous = val_loss
        return stop


@misconception(
    "EarlyStopping",
    "Ignores min_delta",
    hint="A loss that is lower by less than min_delta does not count as an improvement.",
)
class EarlyStopping_ignores_min_delta(_EarlyStopping):
    def improved(self, loss):
        return self.epoch == 0 or loss < self.best


@misconception(
    "EarlyStopping",
    "min_delta with the wrong sign",
    hint="min_delta makes it harder to count as an improvement: the loss must be below best minus min_delta.",
)
class EarlyStopping_min_delta_added(_EarlyStopping):
    def improved(self, loss):
        return self.epoch == 0 or loss < self.best + self.min_delta


@misconception(
    "EarlyStopping",
    "min_delta as a fraction of the best loss",
    hint="min_delta is in the units of the loss, not a percentage.",
)
class EarlyStopping_min_delta_relative(_EarlyStopping):
    def improved(self, loss):
        return self.epoch == 0 or loss < self.best - self.min_delta * abs(self.best)


@misconception(
    "EarlyStopping",
    "Waits for a higher value",
    hint="What comes in is a loss: lower is better.",
)
class EarlyStopping_maximizes(_EarlyStopping):
    def improved(self, loss):
        return self.epoch == 0 or loss > self.best + self.min_delta


@misconception(
    "EarlyStopping",
    "Default min_delta is not 0",
    hint="Left out, min_delta is 0: then every lower loss is an improvement, however little lower.",
)
class EarlyStopping_default_min_delta(_EarlyStopping):
    def __init__(self, patience, min_delta=1e-4):
        super().__init__(patience, min_delta)


@misconception(
    "EarlyStopping",
    "Takes a best loss of 0 for none",
    hint="`if not self.best` is true for None and for 0.0 as well. Ask whether it `is None`.",
)
class EarlyStopping_zero_is_none(_EarlyStopping):
    def improved(self, loss):
        return self.epoch == 0 or not self.best or loss < self.best - self.min_delta


@misconception(
    "EarlyStopping",
    "Starts from a large number instead of infinity",
    hint="Whatever number best starts from, a first loss can be larger. math.inf is above every loss.",
)
class EarlyStopping_starts_at_large_number(_EarlyStopping):
    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.best = 1e9

    def improved(self, loss):
        return loss < self.best - self.min_delta


@misconception(
    "EarlyStopping",
    "best follows every loss",
    hint="A worse loss must leave best as it is. Otherwise each loss is compared with the one before it.",
)
class EarlyStopping_best_follows(_EarlyStopping):
    def wait(self, loss):
        super().wait(loss)
        self.best = loss


@misconception(
    "EarlyStopping",
    "Starts from a best loss of 1",
    hint="The first loss always is an improvement, however large it is.",
)
class EarlyStopping_starts_at_one(_EarlyStopping):
    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.best = 1.0

    def improved(self, loss):
        return loss < self.best - self.min_delta


@misconception(
    "EarlyStopping",
    "best_epoch counted from 1",
    hint="Epochs are counted from 0: after the first update, best_epoch is 0.",
)
class EarlyStopping_epochs_from_one(_EarlyStopping):
    def improve(self, loss):
        super().improve(loss)
        self.best_epoch = self.epoch + 1


@misconception(
    "EarlyStopping",
    "best_epoch is the latest epoch",
    hint="best_epoch tells in which update the best loss came; it stays where it is while nothing improves.",
)
class EarlyStopping_latest_epoch(_EarlyStopping):
    def wait(self, loss):
        super().wait(loss)
        self.best_epoch = self.epoch


@misconception(
    "EarlyStopping",
    "best is the latest loss",
    hint="A worse loss does not replace the best one.",
)
class EarlyStopping_latest_loss(_EarlyStopping):
    seen = math.inf

    def improved(self, loss):
        return self.epoch == 0 or loss < self.seen - self.min_delta

    def improve(self, loss):
        super().improve(loss)
        self.seen = loss

    def wait(self, loss):
        super().wait(loss)
        self.best = loss


@misconception(
    "EarlyStopping",
    "Returns whether training may go on",
    hint="True means stop.",
)
class EarlyStopping_inverted(_EarlyStopping):
    def stop(self):
        return self.waited < self.patience
