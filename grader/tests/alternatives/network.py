"""Right answers of `network` in other styles."""

import copy
import math
from collections import defaultdict, deque

import numpy as np

from grader.misconceptions.catalogue import alternative

# -- MLP: a list of layer objects --------------------------------------------------------------------------------------


class Dense:
    def __init__(self, n_in, n_out, limit, rng):
        self.values = {"W": rng.uniform(-limit, limit, size=(n_out, n_in)), "b": np.zeros(n_out)}
        self.grads = {}

    def forward(self, a, training):
        self.a = a
        return np.einsum("mi,oi->mo", a, self.values["W"]) + self.values["b"]

    def backward(self, d):
        self.grads = {"W": np.einsum("mo,mi->oi", d, self.a), "b": np.einsum("mo->o", d)}
        return np.einsum("mo,oi->mi", d, self.values["W"])


class Normalise:
    def __init__(self, n):
        self.values = {"gamma": np.ones(n), "beta": np.zeros(n)}
        self.grads = {}
        self.mean, self.var = np.zeros(n), np.ones(n)

    def forward(self, z, training):
        m = z.shape[0]
        self.training = training
        mu, var = (z.sum(0) / m, None) if training else (self.mean, self.var)
        self.centred = z - mu
        if training:
            var = (self.centred**2).sum(0) / m
            self.mean = self.mean + 0.1 * (mu - self.mean)
            self.var = self.var + 0.1 * (var * m / (m - 1) - self.var)
        self.inverse = (var + 1e-5) ** -0.5
        self.z_hat = self.centred * self.inverse
        return self.z_hat * self.values["gamma"] + self.values["beta"]

    def backward(self, d):
        m = d.shape[0]
        self.grads = {"gamma": (d * self.z_hat).sum(0), "beta": d.sum(0)}
        dz_hat = d * self.values["gamma"]
        if not self.training:
            return dz_hat * self.inverse
        dvar = (dz_hat * self.centred).sum(0) * -0.5 * self.inverse**3
        dmu = -(dz_hat * self.inverse).sum(0) - 2.0 * dvar * self.centred.mean(0)
        return dz_hat * self.inverse + dvar * 2.0 * self.centred / m + dmu / m


class Activation:
    values, grads = {}, {}

    def __init__(self, name):
        self.name = name

    def forward(self, z, training):
        if self.name == "sigmoid":
            e = np.exp(-np.abs(z))
            self.a = np.where(z < 0, e / (1 + e), 1 / (1 + e))
        else:
            self.a = np.tanh(z) if self.name == "tanh" else z * (z > 0)
        return self.a

    def backward(self, d):
        return d * {"sigmoid": self.a - self.a**2, "tanh": 1 - self.a**2, "relu": np.sign(self.a)}[self.name]


class Thin:
    values, grads = {}, {}

    def __init__(self, p, rng):
        self.p, self.rng = p, rng

    def forward(self, a, training):
        self.keep = np.ones(a.shape)
        if training and self.p:
            self.keep = self.rng.binomial(1, 1 - self.p, a.shape) / ((1 - self.p) or 1)
        return a * self.keep

    def backward(self, d):
        return d * self.keep


@alternative("MLP", "a list of layer objects, uniform weights, binomial masks")
class MLP_layer_objects:
    def __init__(self, sizes, activation="relu", batchnorm=False, dropout=0.0, rng=None):
        if activation not in ("relu", "tanh", "sigmoid"):
            raise ValueError(f"activation {activation!r} is not known")
        if dropout < 0 or dropout > 1:
            raise ValueError("dropout is no probability")
        rng = np.random.default_rng(rng)
        self.layers, self.named, self.training = [], [], True
        for number in range(1, len(sizes)):
            n_in, n_out = sizes[number - 1 : number + 1]
            limit = math.sqrt(6 / n_in) if activation == "relu" else math.sqrt(3 / n_in)  # also called Xavier
            block = [Dense(n_in, n_out, limit, rng)]
            if number < len(sizes) - 1:
                block += [Normalise(n_out)] if batchnorm else []
                block += [Activation(activation), Thin(dropout, rng)]
            self.layers += block
            self.named += [(key, str(number), layer) for layer in block for key in layer.values]

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def parameters(self):
        return {key + number: layer.values[key] for key, number, layer in self.named}

    def gradients(self):
        return {key + number: layer.grads[key] for key, number, layer in self.named}

    def load_parameters(self, parameters):
        for key, number, layer in self.named:
            layer.values[key] = np.array(parameters[key + number], dtype=float)

    def forward(self, x):
        a = np.asarray(x, dtype=float)
        for layer in self.layers:
            a = layer.forward(a, self.training)
        return a

    def backward(self, dlogits):
        d = np.asarray(dlogits, dtype=float)
        for layer in reversed(self.layers):
            d = layer.backward(d)


# -- MLP: closures -----------------------------------------------------------------------------------------------------


class NoProbability(ValueError):
    """A subclass is as good."""


@alternative("MLP", "each forward step leaves its backward step behind as a closure")
class MLP_closures:
    def __init__(self, sizes, activation="relu", batchnorm=False, dropout=0.0, rng=None):
        functions = {"relu": self._relu, "tanh": self._tanh, "sigmoid": self._sigmoid}
        if activation not in functions:
            raise ValueError(f"pick one of {', '.join(functions)}")
        if not (0.0 <= dropout <= 1.0):
            raise NoProbability(dropout)
        self._activate, self._batchnorm, self._p = functions[activation], batchnorm, float(dropout)
        self._rng = np.random.default_rng(rng)
        self._depth = len(sizes) - 1
        self._theta, self._grad, self._stats, self._undo = {}, {}, {}, []
        for l in range(1, self._depth + 1):  # noqa: E741
            fan = sizes[l - 1] if activation == "relu" else sizes[l - 1] + sizes[l]
            self._theta[f"W{l}"] = self._rng.standard_normal((sizes[l], sizes[l - 1])) * (2 / fan) ** 0.5
            self._theta[f"b{l}"] = np.zeros(sizes[l])
            if batchnorm and l < self._depth:
                self._theta[f"gamma{l}"] = np.ones(sizes[l])
                self._theta[f"beta{l}"] = np.zeros(sizes[l])
                self._stats[l] = np.stack([np.zeros(sizes[l]), np.ones(sizes[l])])
        self.training = True

    @staticmethod
    def _relu(z):
        return np.fmax(z, 0), (z > 0).astype(float)

    @staticmethod
    def _tanh(z):
        a = np.tanh(z)
        return a, (1 - a) * (1 + a)

    @staticmethod
    def _sigmoid(z):
        a = 0.5 + 0.5 * np.tanh(z / 2)
        return a, a * (1 - a)

    def train(self):
        self.training = True
        return self

    def eval(self):
        self.training = False
        return self

    def parameters(self):
        return {key: value.copy() for key, value in self._theta.items()}

    def gradients(self):
        return {key: self._grad[key].copy() for key in self._theta}

    def load_parameters(self, parameters):
        for key, value in self._theta.items():
            value[...] = parameters[key]

    def forward(self, x):
        self._undo = []
        a = np.array(x, dtype=np.float64)
        for l in range(1, self._depth):  # noqa: E741
            a = self._dropped(self._activated(self._normed(self._dense(a, l), l)))
        return self._dense(a, self._depth)

    def backward(self, dlogits):
        d = np.array(dlogits, dtype=np.float64)
        while self._undo:
            d = self._undo.pop()(d)
        return d

    def _dense(self, a, l):  # noqa: E741
        W = self._theta[f"W{l}"].copy()

        def undo(d):
            self._grad[f"W{l}"] = sum(np.outer(e, f) for e, f in zip(d, a, strict=True))
            self._grad[f"b{l}"] = np.add.reduce(d)
            return d.dot(W)

        self._undo.append(undo)
        return a.dot(W.T) + self._theta[f"b{l}"]

    def _normed(self, z, l):  # noqa: E741
        if not self._batchnorm:
            return z
        gamma = self._theta[f"gamma{l}"].copy()
        training, m = self.training, len(z)
        if training:
            mean, var = z.mean(axis=0), z.var(axis=0)
            self._stats[l] = 0.9 * self._stats[l] + 0.1 * np.stack([mean, z.var(axis=0, ddof=1)])
        else:
            mean, var = self._stats[l]
        root = np.sqrt(var + 1e-5)
        z_hat = (z - mean) / root

        def undo(d):
            self._grad[f"gamma{l}"], self._grad[f"beta{l}"] = np.sum(z_hat * d, 0), np.sum(d, 0)
            d = d * gamma
            if training:
                # the Jacobian of one feature at a time
                columns = []
                for h, e in zip(z_hat.T, d.T, strict=True):
                    columns.append((np.eye(m) - 1.0 / m - np.outer(h, h) / m) @ e)
                d = np.stack(columns, axis=1)
            return d / root

        self._undo.append(undo)
        return gamma * z_hat + self._theta[f"beta{l}"]

    def _activated(self, z):
        a, slope = self._activate(z)
        self._undo.append(lambda d: d * slope)
        return a

    def _dropped(self, a):
        if not self.training:
            return a
        scale = 0.0 if self._p == 1 else 1 / (1 - self._p)
        factor = np.where(self._rng.random(a.shape) < self._p, 0.0, scale)
        self._undo.append(lambda d: d * factor)
        return a * factor


# -- MLP: one flat class -----------------------------------------------------------------------------------------------


@alternative("MLP", "one class of parallel lists, indexed by layer")
class MLP_lists:
    def __init__(self, sizes, activation="relu", batchnorm=False, dropout=0.0, rng=None):
        if activation not in {"relu", "tanh", "sigmoid"}:
            raise ValueError("unknown activation")
        if not dropout >= 0 or not dropout <= 1:
            raise ValueError("dropout must be between 0 and 1")
        self.kind, self.bn, self.p = activation, batchnorm, dropout
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        pairs = list(zip(sizes, sizes[1:], strict=False))
        self.W = [self.rng.normal(size=(o, i)) * np.sqrt(2 / (i if activation == "relu" else i + o)) for i, o in pairs]
        self.b = [np.zeros(o) for _, o in pairs]
        hidden = sizes[1:-1] if batchnorm else []
        self.gamma, self.beta = [np.ones(n) for n in hidden], [np.zeros(n) for n in hidden]
        self.mean, self.var = [np.zeros(n) for n in hidden], [np.ones(n) for n in hidden]
        self.mode = "train"

    def train(self):
        self.mode = "train"
        return self

    def eval(self):
        self.mode = "eval"
        return self

    def _named(self, **lists):
        return {f"{name}{i}": value for name, values in lists.items() for i, value in enumerate(values, start=1)}

    def parameters(self):
        return self._named(beta=self.beta, gamma=self.gamma, b=self.b, W=self.W)

    def gradients(self):
        return self._named(W=self.dW, b=self.db, gamma=self.dgamma, beta=self.dbeta)

    def load_parameters(self, parameters):
        for name in ("W", "b", "gamma", "beta"):
            values = getattr(self, name)
            values[:] = [np.array(parameters[f"{name}{i + 1}"], dtype=float) for i in range(len(values))]

    def forward(self, x):
        self.a, self.h, self.root, self.slope, self.mask = [np.asarray(x, dtype=float)], [], [], [], []
        self.batch = self.mode == "train"
        for i in range(len(self.W) - 1):
            z = np.matmul(self.a[i], self.W[i].T) + self.b[i]
            if self.bn:
                if self.batch:
                    mean, var = np.mean(z, axis=0), np.var(z, axis=0)
                    m = len(z)
                    self.mean[i] = 0.9 * self.mean[i] + mean / 10
                    self.var[i] = 0.9 * self.var[i] + m / (m - 1) * var / 10
                else:
                    mean, var = self.mean[i], self.var[i]
                self.root.append(np.sqrt(1e-5 + var))
                self.h.append((z - mean) / self.root[i])
                z = self.h[i] * self.gamma[i] + self.beta[i]
            if self.kind == "relu":
                a = np.clip(z, 0, None)
                self.slope.append(np.heaviside(z, 0))
            elif self.kind == "tanh":
                a = np.tanh(z)
                self.slope.append(1 - a * a)
            else:
                a = np.exp(-np.logaddexp(0, -z))
                self.slope.append(a * np.exp(-np.logaddexp(0, z)))
            kept = np.ones(a.shape)
            if self.batch and self.p > 0:
                kept = (self.rng.uniform(size=a.shape) > self.p) / (1 - self.p if self.p < 1 else 1)
            self.mask.append(kept)
            self.a.append(a * kept)
        return np.matmul(self.a[-1], self.W[-1].T) + self.b[-1]

    def backward(self, dlogits):
        self.dW, self.db, self.dgamma, self.dbeta = [], [], [], []
        delta = np.asarray(dlogits, dtype=float)
        for i in range(len(self.W) - 1, -1, -1):
            if i < len(self.W) - 1:
                delta = delta * self.mask[i] * self.slope[i]
                if self.bn:
                    self.dgamma.insert(0, (delta * self.h[i]).sum(axis=0))
                    self.dbeta.insert(0, delta.sum(axis=0))
                    delta = delta * self.gamma[i]
                    if self.batch:
                        inner = (delta * self.h[i]).mean(axis=0)
                        delta = delta - delta.mean(axis=0) - self.h[i] * inner
                    delta = delta / self.root[i]
            self.dW.insert(0, np.tensordot(delta, self.a[i], axes=([0], [0])))
            self.db.insert(0, np.sum(delta, 0))
            delta = np.matmul(delta, self.W[i])


# -- train -------------------------------------------------------------------------------------------------------------


@alternative("train", "training loss at the end of the epoch, best parameters restored, validation in pieces")
def train_restores_best(
    model, optimizer_class, x, labels, x_val, labels_val, *, epochs, batch_size, lr, weight_decay, patience, rng
):
    def cross_entropy(rows, classes):
        total, hits = 0.0, 0
        for piece, y in zip(np.array_split(rows, 3), np.array_split(classes, 3), strict=True):
            logits = np.asarray(model.forward(piece), dtype=float)
            total += np.sum(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y])
            hits += int(np.sum(np.argmax(logits, axis=1) == y))
        return total / len(classes), hits / len(classes)

    generator = np.random.default_rng(rng)
    x, labels, x_val, labels_val = (np.asarray(part) for part in (x, labels, x_val, labels_val))
    steppers = {name: optimizer_class(weight_decay=weight_decay, lr=lr) for name in sorted(model.parameters())}
    history = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    best, best_parameters, bad = np.inf, None, 0
    epoch = 0
    while epoch < epochs and (patience is None or bad < patience):
        model.train()
        order = generator.permutation(x.shape[0])
        for part in range(x.shape[0] // batch_size):
            chosen = order[part * batch_size : (part + 1) * batch_size]
            logits = np.asarray(model.forward(x[chosen]), dtype=float)
            weights = np.exp(logits - np.max(logits, axis=1, keepdims=True))
            gradient = weights / weights.sum(axis=1, keepdims=True)
            gradient[np.arange(len(chosen)), labels[chosen]] -= 1
            model.backward(gradient / len(chosen))
            old, slopes = model.parameters(), model.gradients()
            model.load_parameters({name: steppers[name].step(old[name], slopes[name]) for name in old})
        model.eval()
        history["train_loss"].append(cross_entropy(x, labels)[0])
        loss, accuracy = cross_entropy(x_val, labels_val)
        history["val_loss"].append(loss)
        history["val_accuracy"].append(accuracy)
        bad += 1
        if loss < best:
            best, bad = loss, 0
            best_parameters = {name: np.array(value) for name, value in model.parameters().items()}
        epoch += 1
    if best_parameters is not None:
        model.load_parameters(best_parameters)
    return history


@alternative("train", "optimizers made when first needed, shuffled index list, arrays in the history")
def train_lazy(
    model, optimizer_class, x, labels, x_val, labels_val, *, epochs, batch_size, lr, weight_decay, patience, rng
):
    rng = np.random.default_rng(rng)
    x, y = np.array(x, dtype=float), np.array(labels, dtype=int)
    optimizers = {}
    records = defaultdict(list)
    recent = deque()

    def log_probabilities(z):
        z = np.asarray(z, dtype=float)
        z = z - np.amax(z, axis=-1)[:, None]
        return z - np.log(np.exp(z).sum(-1))[:, None]

    for _ in range(epochs):
        indices = list(range(len(y)))
        rng.shuffle(indices)
        losses = []
        for k in range(0, len(indices), batch_size):
            rows = indices[k : k + batch_size]
            model.train()
            logp = log_probabilities(model.forward(x[rows]))
            one_hot = np.zeros_like(logp)
            for i, row in enumerate(rows):
                one_hot[i][y[row]] = 1.0
            losses.append(-np.sum(one_hot * logp) / len(rows))
            model.backward((np.exp(logp) - one_hot) / len(rows))
            updated = {}
            for key, gradient in model.gradients().items():
                if key not in optimizers:
                    optimizers[key] = optimizer_class(lr, weight_decay=weight_decay)
                updated[key] = optimizers[key].step(model.parameters()[key], gradient)
            model.load_parameters(updated)
        model.eval()
        logp = log_probabilities(model.forward(x_val))
        model.train()
        records["train_loss"].append(np.mean(losses))
        records["val_loss"].append(-np.mean([row[c] for row, c in zip(logp, labels_val, strict=True)]))
        records["val_accuracy"].append(np.mean(np.argmax(logp, -1) == np.asarray(labels_val)))
        recent.append(records["val_loss"][-1])
        if patience is not None and len(recent) > patience:
            # the oldest of the last patience + 1 losses and all before it are not beaten by any later one
            ending = len(recent) - patience
            if min(list(recent)[ending:]) >= min(list(recent)[:ending]):
                break
    return {key: np.array(values) for key, values in records.items()}


@alternative("train", "order from sorted random keys, one-sample gradients, for-else")
def train_sorted_keys(
    model, optimizer_class, x, labels, x_val, labels_val, *, epochs, batch_size, lr, weight_decay, patience, rng
):
    source = np.random.default_rng(rng)
    x = np.asarray(x, dtype=np.float64)
    labels, labels_val = np.asarray(labels, dtype=int), np.asarray(labels_val, dtype=int)
    optimizers = [(key, optimizer_class(lr=lr, weight_decay=weight_decay)) for key in model.parameters()]

    def loss_and_gradient(row, label):
        top = max(row)
        weights = [math.exp(value - top) for value in row]
        total = math.fsum(weights)
        gradient = [weight / total - (k == label) for k, weight in enumerate(weights)]
        return math.log(total) + top - row[label], gradient

    def evaluate(rows, classes):
        logits = np.asarray(model.forward(rows)).tolist()
        losses = [loss_and_gradient(row, label)[0] for row, label in zip(logits, classes, strict=True)]
        hits = [row.index(max(row)) == label for row, label in zip(logits, classes, strict=True)]
        return math.fsum(losses) / len(losses), sum(hits) / len(hits)

    train_loss, val_loss, val_accuracy = [], [], []
    since_best = 0
    for _ in range(epochs):
        order = np.argsort(source.random(len(labels)))
        total = 0.0
        for rows in order.reshape(-1, batch_size):
            model.train()
            pairs = [
                loss_and_gradient(row, label)
                for row, label in zip(np.asarray(model.forward(x[rows])).tolist(), labels[rows], strict=True)
            ]
            total += sum(loss for loss, _ in pairs)
            model.backward(np.array([gradient for _, gradient in pairs]) / len(rows))
            parameters, gradients = model.parameters(), model.gradients()
            for key, optimizer in optimizers:
                parameters[key] = optimizer.step(parameters[key], gradients[key])
            model.load_parameters(parameters)
        model.eval()
        loss, accuracy = evaluate(x_val, labels_val)
        since_best = 0 if not val_loss or loss < min(val_loss) else since_best + 1
        train_loss.append(total / len(labels))
        val_loss.append(loss)
        val_accuracy.append(accuracy)
        if patience and since_best == patience:
            break
    return {"val_accuracy": val_accuracy, "val_loss": val_loss, "train_loss": train_loss, "epochs": len(val_loss)}


@alternative("train", "split into functions, choice without replacement, a generator of batches")
def train_functions(
    model, optimizer_class, x, labels, x_val, labels_val, *, epochs, batch_size, lr, weight_decay, patience, rng
):
    x, labels = np.asarray(x), np.asarray(labels)
    rng = np.random.default_rng(rng)
    tools = dict.fromkeys(model.parameters())
    for key in tools:
        tools[key] = optimizer_class(lr=lr, weight_decay=weight_decay)

    def batches():
        left = rng.choice(len(x), size=len(x), replace=False)
        while len(left):
            now, left = left[:batch_size], left[batch_size:]
            yield x[now], labels[now]

    def softmax_and_loss(logits, y):
        logits = np.array(logits, dtype=float)
        logits -= logits.max(axis=1, keepdims=True)
        e = np.exp(logits)
        loss = np.mean(np.log(e.sum(axis=1)) - np.take_along_axis(logits, np.asarray(y)[:, None], axis=1)[:, 0])
        return e / e.sum(axis=1, keepdims=True), loss

    def one_epoch():
        losses = []
        for a, y in batches():
            model.train()
            p, loss = softmax_and_loss(model.forward(a), y)
            model.backward((p - (np.arange(p.shape[1]) == y[:, None])) / len(y))
            slopes = model.gradients()
            model.load_parameters({k: tools[k].step(w, slopes[k]) for k, w in model.parameters().items()})
            losses.append(loss)
        return sum(losses) / len(losses)

    history = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        history["train_loss"] += [one_epoch()]
        model.eval()
        p, loss = softmax_and_loss(model.forward(x_val), labels_val)
        history["val_loss"] += [loss]
        history["val_accuracy"] += [np.count_nonzero(p.argmax(axis=1) == labels_val) / len(p)]
        losses = history["val_loss"]
        if patience is not None and len(losses) - 1 - losses.index(min(losses)) >= patience:
            return history
    return history


@alternative("train", "knows patience as a number only, keeps a deep copy of the best model, takes its parameters back")
def train_deep_copy(
    model, optimizer_class, x, labels, x_val, labels_val, *, epochs, batch_size, lr, weight_decay, patience, rng
):
    if epochs < 1 or batch_size < 1 or patience < 0:
        raise ValueError("nothing to do")
    x, labels = np.array(x, dtype=float), np.array(labels, dtype=int)
    rng = np.random.default_rng(rng)
    optimizers = {key: optimizer_class(lr=lr, weight_decay=weight_decay) for key in model.parameters()}

    def cross_entropy(logits, y):
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return float(-log_p[np.arange(len(y)), y].mean()), np.exp(log_p)

    def evaluate(rows, y):
        model.eval()
        logits = np.asarray(model.forward(rows))
        return cross_entropy(logits, y)[0], float(np.mean(logits.argmax(axis=1) == y))

    history = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    best_loss, best_model, bad = np.inf, None, 0
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for rows in np.array_split(order, max(1, len(x) // batch_size)):
            model.train()
            _loss, p = cross_entropy(np.asarray(model.forward(x[rows])), labels[rows])
            p[np.arange(len(rows)), labels[rows]] -= 1.0
            model.backward(p / len(rows))
            w, g = model.parameters(), model.gradients()
            model.load_parameters({key: optimizer.step(w[key], g[key]) for key, optimizer in optimizers.items()})
        history["train_loss"].append(evaluate(x, labels)[0])
        loss, accuracy = evaluate(np.asarray(x_val, dtype=float), np.asarray(labels_val))
        history["val_loss"].append(loss)
        history["val_accuracy"].append(accuracy)
        if loss < best_loss:
            best_loss, best_model, bad = loss, copy.deepcopy(model), 0
        else:
            bad += 1
            if bad >= patience:
                break
    model.load_parameters(best_model.parameters())
    return history
