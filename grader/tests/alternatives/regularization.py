"""Right answers of `regularization` in other styles than the reference."""

import math

import numpy as np

from grader.misconceptions.catalogue import alternative


@alternative("l2_penalty", "python loops over the flattened weights")
def penalty_loops(weights, lam):
    total = 0.0
    for w in weights:
        for value in np.ravel(w).tolist():
            total += value * value
    return lam * total


@alternative("l2_penalty", "one long vector, 0-d result")
def penalty_concatenated(weights, lam):
    flat = np.concatenate([np.ravel(np.asarray(w, dtype=np.float64)) for w in weights])
    return np.array(lam * (flat @ flat))


@alternative("l2_penalty", "sum of squared norms")
def penalty_norms(weights, lam):
    return sum(lam * np.linalg.norm(np.asarray(w, dtype=float)) ** 2 for w in weights)


@alternative("l2_penalty", "math.fsum")
def penalty_fsum(weights, lam):
    return math.fsum(lam * float(v) ** 2 for w in weights for v in np.asarray(w).flat)


@alternative("l2_penalty", "recursion over the list")
def penalty_recursive(weights, lam):
    if len(weights) == 0:
        return 0.0
    head = np.asarray(weights[0], dtype=np.float64)
    return lam * float(np.vdot(head, head)) + penalty_recursive(weights[1:], lam)


@alternative("l2_gradient", "sum with itself")
def l2_gradient_added(w, lam):
    w = np.asarray(w, dtype=np.float64)
    return lam * w + lam * w


@alternative("l2_gradient", "element by element, result as nested list")
def l2_gradient_lists(w, lam):
    if np.ndim(w) == 0:
        return 2 * lam * float(w)
    return [l2_gradient_lists(part, lam) for part in w]


@alternative("l2_gradient", "np.multiply into a new array")
def l2_gradient_out(w, lam):
    w = np.asarray(w)
    return np.multiply(2 * lam, w, out=np.empty(w.shape))


@alternative("sgd_weight_decay_step", "shrinks first, then steps")
def sgd_shrinks(w, grad, lr, weight_decay):
    return np.asarray(w, dtype=float) * (1 - lr * weight_decay) - lr * np.asarray(grad, dtype=float)


@alternative("sgd_weight_decay_step", "in place on a copy")
def sgd_on_a_copy(w, grad, lr, weight_decay):
    new = np.array(w, dtype=np.float64)
    step = new * weight_decay
    step += grad
    step *= lr
    new -= step
    return new


@alternative("sgd_weight_decay_step", "gradient of the regularised loss")
def sgd_regularised_loss(w, grad, lr, weight_decay):
    w, grad = np.asarray(w, dtype=np.float64), np.asarray(grad, dtype=np.float64)
    penalty_gradient = 2 * (weight_decay / 2) * w
    return np.subtract(w, np.multiply(lr, np.add(grad, penalty_gradient)))


@alternative("AdamL2", "PyTorch's order of operations, state made on first use")
class AdamL2TorchOrder:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        self.bias_correction = bias_correction
        self.state = {}

    def step(self, w, grad):
        w, grad = np.array(w, dtype=np.float64), np.array(grad, dtype=np.float64)
        lr, (beta1, beta2) = self.defaults["lr"], self.defaults["betas"]
        if not self.state:
            self.state = {"step": 0, "exp_avg": np.zeros_like(w), "exp_avg_sq": np.zeros_like(w)}
        self.state["step"] += 1
        t, m, v = self.state["step"], self.state["exp_avg"], self.state["exp_avg_sq"]
        grad += self.defaults["weight_decay"] * w
        m += (grad - m) * (1 - beta1)
        v *= beta2
        v += (1 - beta2) * grad * grad
        step_size, root = lr, np.sqrt(v)
        if self.bias_correction:
            step_size = lr / (1 - beta1**t)
            root = root / math.sqrt(1 - beta2**t)
        w += -step_size * m / (root + self.defaults["eps"])
        return w


@alternative("AdamL2", "element by element in Python floats")
class AdamL2Elements:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.lr, self.b1, self.b2, self.eps, self.wd, self.correct = lr, *betas, eps, weight_decay, bias_correction
        self.moments = {}
        self.t = 0

    def step(self, w, grad):
        w, grad = np.asarray(w, dtype=float), np.asarray(grad, dtype=float)
        self.t += 1
        new = np.empty_like(w)
        for index in np.ndindex(w.shape):
            g = float(grad[index] + self.wd * w[index])
            m, v = self.moments.get(index, (0.0, 0.0))
            m, v = self.b1 * m + (1 - self.b1) * g, self.b2 * v + (1 - self.b2) * g * g
            self.moments[index] = m, v
            if self.correct:
                m, v = m / (1 - self.b1**self.t), v / (1 - self.b2**self.t)
            new[index] = w[index] - self.lr * m / (math.sqrt(v) + self.eps)
        return new


@alternative("AdamL2", "keeps the history of gradients and sums it anew")
class AdamL2History:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.bias_correction = bias_correction
        self.gradients = []

    def _average(self, values, beta):
        powers = beta ** np.arange(len(values) - 1, -1, -1)
        total = np.tensordot((1 - beta) * powers, np.stack(values), axes=1)
        return total / (1 - beta ** len(values)) if self.bias_correction else total

    def step(self, w, grad):
        w = np.asarray(w, dtype=np.float64)
        self.gradients.append(np.asarray(grad, dtype=np.float64) + self.weight_decay * w)
        m = self._average(self.gradients, self.betas[0])
        v = self._average([g**2 for g in self.gradients], self.betas[1])
        return w - self.lr * m / (np.sqrt(v) + self.eps)


@alternative("AdamW", "decays a copy first, as PyTorch does")
class AdamWDecaysFirst:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.bias_correction = bias_correction
        self.m = self.v = None
        self.power1 = self.power2 = 1.0

    def step(self, w, grad):
        w, grad = np.asarray(w, dtype=np.float64), np.asarray(grad, dtype=np.float64)
        if self.m is None:
            self.m, self.v = np.zeros(w.shape), np.zeros(w.shape)
        beta1, beta2 = self.betas
        self.power1 *= beta1
        self.power2 *= beta2
        self.m = beta1 * self.m + (1 - beta1) * grad
        self.v = beta2 * self.v + (1 - beta2) * np.square(grad)
        decayed = w * (1 - self.lr * self.weight_decay)
        scale1, scale2 = (1 - self.power1, 1 - self.power2) if self.bias_correction else (1, 1)
        return decayed - self.lr * (self.m / scale1) / (np.sqrt(self.v / scale2) + self.eps)


class _Average:
    """A moving average that starts at zero and knows its bias."""

    def __init__(self, beta, unbiased):
        self.beta, self.unbiased = beta, unbiased
        self.value, self.weight = 0.0, 0.0

    def __call__(self, new):
        self.value = self.value + (1 - self.beta) * (new - self.value)
        self.weight = self.weight + (1 - self.beta) * (1 - self.weight)
        return self.value / self.weight if self.unbiased else self.value


@alternative("AdamW", "composed of two averages")
class AdamWAverages:
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, bias_correction=True):
        self.settings = lr, eps, weight_decay
        self.first, self.second = (_Average(beta, bias_correction) for beta in betas)

    def step(self, w, grad):
        lr, eps, weight_decay = self.settings
        w, grad = np.asarray(w, dtype=float), np.asarray(grad, dtype=float)
        direction = self.first(grad) / (np.sqrt(self.second(grad**2)) + eps)
        return w - lr * direction - lr * weight_decay * w


@alternative("EarlyStopping", "looks through its whole history")
class EarlyStoppingHistory:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.losses, self.improvements = [], []

    @property
    def best_epoch(self):
        return self.improvements[-1]

    @property
    def best(self):
        return self.losses[self.best_epoch]

    def update(self, val_loss):
        self.losses.append(val_loss)
        if len(self.losses) == 1 or val_loss < self.best - self.min_delta:
            self.improvements.append(len(self.losses) - 1)
        return len(self.losses) - 1 - self.best_epoch >= self.patience


@alternative("EarlyStopping", "counts patience down from infinity, numpy bool as result")
class EarlyStoppingCountdown:
    def __init__(self, patience, min_delta=0.0):
        self.patience = self.left = patience
        self.min_delta = min_delta
        self.best = np.inf
        self.best_epoch = -1
        self.epoch = 0

    def update(self, val_loss):
        if np.isinf(self.best) or self.best - val_loss > self.min_delta:
            self.best, self.best_epoch, self.left = np.float64(val_loss), self.epoch, self.patience
        else:
            self.left = max(self.left - 1, 0)
        self.epoch += 1
        return np.bool_(self.left == 0)


@alternative("EarlyStopping", "compares two epochs, answer as 0 or 1")
class EarlyStoppingTuple:
    def __init__(self, patience, min_delta=0.0):
        self.rule = patience, min_delta
        self.best, self.best_epoch, self.now = None, None, None

    def update(self, val_loss):
        patience, min_delta = self.rule
        self.now = 0 if self.now is None else self.now + 1
        if self.best is None or not val_loss >= self.best - min_delta:
            self.best, self.best_epoch = val_loss, self.now
        return int(self.now - self.best_epoch >= patience)
