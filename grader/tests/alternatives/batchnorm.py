"""Right answers of `batchnorm` in other styles than the reference."""

import math
import statistics

import numpy as np

from grader.misconceptions.catalogue import alternative


@alternative("batch_mean_and_variance", "python loops, results as lists")
def mean_and_variance_loops(z):
    rows = [[float(value) for value in row] for row in z]
    m = len(rows)
    mu, var = [], []
    for j in range(len(rows[0])):
        mean = 0.0
        for row in rows:
            mean += row[j] / m
        mu.append(mean)
        var.append(sum((row[j] - mean) ** 2 for row in rows) / m)
    return mu, var


@alternative("batch_mean_and_variance", "Welford's one pass")
def mean_and_variance_welford(z):
    z = np.array(z, dtype=float)
    mean, squares = np.zeros(z.shape[1]), np.zeros(z.shape[1])
    for count, row in enumerate(z, start=1):
        before = row - mean
        mean = mean + before / count
        squares = squares + before * (row - mean)
    return mean, squares / len(z)


@alternative("batch_mean_and_variance", "numpy's var, in a list")
def mean_and_variance_var(z):
    return [np.mean(z, 0), np.var(z, 0)]


@alternative("batch_mean_and_variance", "statistics module")
def mean_and_variance_statistics(z):
    columns = np.asarray(z, dtype=float).T.tolist()
    return (
        np.array([statistics.fmean(column) for column in columns]),
        np.array([statistics.pvariance(column) for column in columns]),
    )


@alternative("batch_mean_and_variance", "matrix products of the deviations")
def mean_and_variance_matmul(z):
    z = np.asarray(z, dtype=np.float64)
    weights = np.full(len(z), 1 / len(z))
    mu = weights @ z
    deviation = z - mu
    return mu, np.diag(deviation.T @ deviation) / len(z)


@alternative("batch_mean_and_variance", "shifted data, then the shortcut")
def mean_and_variance_shifted(z):
    z = np.asarray(z, dtype=np.float64)
    shifted = z - z[0]
    mean = shifted.mean(axis=0)
    mean_of_rest = (shifted - mean).mean(axis=0)
    return z[0] + mean, ((shifted - mean) ** 2).mean(axis=0) - mean_of_rest**2


@alternative("batch_mean_and_variance", "one row of statistics, as keepdims leaves it")
def mean_and_variance_keepdims(z):
    z = np.asarray(z, dtype=np.float64)
    mu = z.mean(axis=0, keepdims=True)
    return mu, np.square(z - mu).mean(axis=0, keepdims=True)


@alternative("normalize", "math module, element by element")
def normalize_elementwise(z, mu, var, eps=1e-5):
    return np.array(
        [[(v - m) / math.sqrt(s + eps) for v, m, s in zip(row, mu, var, strict=True)] for row in z], dtype=np.float64
    )


@alternative("normalize", "power -1/2 and explicit broadcasting")
def normalize_power(z, mu, var, eps=1e-5):
    z, mu, var = (np.array(a, dtype=np.float64) for a in (z, mu, var))
    return np.multiply(z - mu[np.newaxis, :], np.power(var + eps, -0.5)[None])


@alternative("normalize", "transposed, one feature at a time")
def normalize_columns(z, mu, var, eps=1e-5):
    z = np.asarray(z, dtype=float)
    out = np.empty(z.shape)
    for j in range(z.shape[1]):
        out[:, j] = (z[:, j] - mu[j]) / np.hypot(np.sqrt(var[j]), np.sqrt(eps))
    return out


@alternative("scale_and_shift", "einsum")
def scale_and_shift_einsum(z_hat, gamma, beta):
    return np.einsum("ij,j->ij", np.asarray(z_hat, float), np.asarray(gamma, float)) + np.asarray(beta, float)


@alternative("scale_and_shift", "diagonal matrix")
def scale_and_shift_diagonal(z_hat, gamma, beta):
    z_hat = np.asarray(z_hat, dtype=np.float64)
    return z_hat @ np.diag(gamma) + np.ones((len(z_hat), 1)) @ np.atleast_2d(beta)


@alternative("scale_and_shift", "list comprehension, result as nested list")
def scale_and_shift_lists(z_hat, gamma, beta):
    return [[float(g * v + b) for v, g, b in zip(row, gamma, beta, strict=True)] for row in z_hat]


@alternative("update_running_statistics", "moves towards the new value")
def running_moves(running_mean, running_var, z, momentum=0.1):
    z = np.asarray(z, dtype=np.float64)
    if z.shape[0] == 1:
        raise ValueError("one row has no unbiased variance")
    running_mean, running_var = np.array(running_mean, dtype=float), np.array(running_var, dtype=float)
    running_mean += momentum * (z.mean(0) - running_mean)
    running_var += momentum * (z.var(0, ddof=1) - running_var)
    return running_mean, running_var


class TooFewRows(ValueError):
    """The batch has fewer than two rows."""


@alternative("update_running_statistics", "covariance matrix, np.average, own ValueError")
def running_covariance(running_mean, running_var, z, momentum=0.1):
    z = np.asarray(z, dtype=float)
    if len(z) < 2:
        raise TooFewRows(len(z))
    pairs = (running_mean, z.mean(axis=0)), (running_var, np.diag(np.atleast_2d(np.cov(z, rowvar=False))))
    return tuple(np.average(pair, axis=0, weights=[1 - momentum, momentum]) for pair in pairs)


@alternative("batchnorm_backward", "step by step through the computation graph")
def backward_graph(dout, z, gamma, eps=1e-5):
    dout, z, gamma = (np.asarray(a, dtype=np.float64) for a in (dout, z, gamma))
    m = z.shape[0]
    mu = z.sum(axis=0) / m
    centred = z - mu
    var = (centred**2).sum(axis=0) / m
    root = np.sqrt(var + eps)
    inverse = 1 / root
    z_hat = centred * inverse
    dbeta = dout.sum(axis=0)
    dgamma = (dout * z_hat).sum(axis=0)
    dz_hat = dout * gamma
    dinverse = (dz_hat * centred).sum(axis=0)
    dcentred = dz_hat * inverse
    droot = -dinverse / root**2
    dvar = 0.5 * droot / root
    dcentred = dcentred + 2 * centred * np.ones_like(z) * dvar / m
    dmu = -dcentred.sum(axis=0)
    return dcentred + np.ones_like(z) * dmu / m, dgamma, dbeta


@alternative("batchnorm_backward", "explicit Jacobian of each feature")
def backward_jacobian(dout, z, gamma, eps=1e-5):
    dout, z = np.asarray(dout, dtype=float), np.asarray(z, dtype=float)
    m, n = z.shape
    dz, dgamma, dbeta = np.zeros((m, n)), np.zeros(n), np.zeros(n)
    for j in range(n):
        d = z[:, j] - z[:, j].mean()
        s = np.sqrt(np.mean(d * d) + eps)
        jacobian = (np.eye(m) - 1 / m) / s - np.outer(d, d) / (m * s**3)
        dz[:, j] = gamma[j] * jacobian.T @ dout[:, j]
        dgamma[j] = d @ dout[:, j] / s
        dbeta[j] = math.fsum(dout[:, j])
    return dz, dgamma, dbeta


@alternative("batchnorm_backward", "the formula over one denominator")
def backward_one_fraction(dout, z, gamma, eps=1e-5):
    dout, z, gamma = np.array(dout, float), np.array(z, float), np.array(gamma, float)
    m = float(len(z))
    inv = (z.var(0) + eps) ** -0.5
    zh = (z - z.mean(0)) * inv
    dg, db = np.einsum("ij,ij->j", dout, zh), np.einsum("ij->j", dout)
    return [(gamma * inv / m) * (m * dout - db - zh * dg), dg, db]


@alternative("BatchNorm", "everything in one class, extra attributes")
class BatchNormAllInOne:
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        self.n_features, self.eps, self.momentum = n_features, eps, momentum
        self.gamma, self.beta = np.ones((n_features,)), np.zeros((n_features,))
        self.running_mean, self.running_var = np.zeros((n_features,)), np.ones((n_features,))
        self.num_batches_tracked = 0
        self.training = True
        self.dgamma = self.dbeta = None
        self._saved = {}

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, z):
        return self.forward(z)

    def forward(self, z):
        z = np.array(z, dtype=np.float64)
        if self.training:
            m = z.shape[0]
            if m == 1:
                raise ValueError("Expected more than 1 value per channel when training")
            mu, var = z.mean(axis=0), z.var(axis=0)
            self.running_mean = self.running_mean * (1 - self.momentum) + self.momentum * mu
            self.running_var = self.running_var * (1 - self.momentum) + self.momentum * var * m / (m - 1)
            self.num_batches_tracked += 1
        else:
            mu, var = self.running_mean.copy(), self.running_var.copy()
        inv = 1.0 / np.sqrt(var + self.eps)
        z_hat = (z - mu) * inv
        self._saved = {"z_hat": z_hat, "inv": inv, "batch": self.training}
        return z_hat * self.gamma + self.beta

    def backward(self, dout):
        dout = np.array(dout, dtype=np.float64)
        z_hat, inv = self._saved["z_hat"], self._saved["inv"]
        self.dgamma, self.dbeta = (dout * z_hat).sum(0), dout.sum(0)
        dz_hat = dout * self.gamma
        if self._saved["batch"]:
            dz_hat = dz_hat - dz_hat.mean(0) - z_hat * (dz_hat * z_hat).mean(0)
        return dz_hat * inv, self.dgamma, self.dbeta


class _TrainingPass:
    def __init__(self, layer, z):
        if len(z) < 2:
            raise ValueError("a batch of one row cannot be normalised")
        self.mean, self.var = z.mean(axis=0), z.var(axis=0)
        unbiased = z.var(axis=0, ddof=1)
        layer.running_mean = layer.running_mean + layer.momentum * (self.mean - layer.running_mean)
        layer.running_var = layer.running_var + layer.momentum * (unbiased - layer.running_var)

    def dz(self, dz_hat, z_hat, std):
        m = len(dz_hat)
        projection = np.eye(m) - 1 / m
        return (projection @ dz_hat - z_hat * np.mean(dz_hat * z_hat, axis=0)) / std


class _EvaluationPass:
    def __init__(self, layer, z):
        self.mean, self.var = np.array(layer.running_mean), np.array(layer.running_var)

    def dz(self, dz_hat, z_hat, std):
        return dz_hat / std


@alternative("BatchNorm", "one object per pass, training as a property")
class BatchNormPasses:
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma = np.full(n_features, 1.0)
        self.beta = np.full(n_features, 0.0)
        self.running_mean = np.full(n_features, 0.0)
        self.running_var = np.full(n_features, 1.0)
        self.kind = _TrainingPass

    @property
    def training(self):
        return self.kind is _TrainingPass

    @training.setter
    def training(self, value):
        self.kind = _TrainingPass if value else _EvaluationPass

    def train(self):
        self.kind = _TrainingPass
        return self

    def eval(self):
        self.kind = _EvaluationPass
        return self

    def forward(self, z):
        z = np.asarray(z, dtype=np.float64)
        self.run = self.kind(self, z)
        self.std = np.sqrt(self.run.var + self.eps)
        self.z_hat = (z - self.run.mean) / self.std
        return np.add(np.multiply(self.gamma, self.z_hat), self.beta)

    def backward(self, dout):
        dout = np.asarray(dout, dtype=np.float64)
        return (
            self.run.dz(dout * self.gamma, self.z_hat, self.std),
            np.sum(dout * self.z_hat, axis=0),
            np.sum(dout, axis=0),
        )


@alternative("BatchNorm", "running statistics updated in place in arrays of its own")
class BatchNormInPlace:
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(n_features), np.zeros(n_features)
        self.running_mean, self.running_var = np.zeros(n_features), np.ones(n_features)
        self.training, self.eps, self.momentum = True, eps, momentum

    def train(self):
        self.training = True
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, z):
        z = np.asarray(z, dtype=np.float64).copy()
        self.mode_of_pass = "train" if self.training else "eval"
        if self.training and z.shape[0] <= 1:
            raise ValueError("need two rows")
        if self.training:
            self.mu, self.v = np.mean(z, axis=0), np.var(z, axis=0)
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * self.mu
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * np.var(z, axis=0, ddof=1)
        else:
            self.mu, self.v = self.running_mean.copy(), self.running_var.copy()
        self.z = z
        return self.gamma * (z - self.mu) / np.sqrt(self.v + self.eps) + self.beta

    def backward(self, dout):
        dout = np.asarray(dout, dtype=np.float64)
        m = len(dout)
        s2 = self.v + self.eps
        d = self.z - self.mu
        dz_hat = dout * self.gamma
        dgamma, dbeta = np.sum(dout * d / np.sqrt(s2), axis=0), np.sum(dout, axis=0)
        if self.mode_of_pass == "eval":
            return dz_hat / np.sqrt(s2), dgamma, dbeta
        dvar = np.sum(dz_hat * d, axis=0) * -0.5 * s2**-1.5
        dmu = -np.sum(dz_hat, axis=0) / np.sqrt(s2) + dvar * np.mean(-2 * d, axis=0)
        return dz_hat / np.sqrt(s2) + dvar * 2 * d / m + dmu / m, dgamma, dbeta


@alternative("BatchNorm", "running statistics as (1, n)")
class BatchNormRows(BatchNormInPlace):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        self.running_mean, self.running_var = np.zeros((1, n_features)), np.ones((1, n_features))


@alternative("BatchNorm", "running statistics that can be read only")
class BatchNormReadOnly:
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        if eps <= 0 or not 0 <= momentum <= 1:
            raise ValueError("eps must be positive, momentum a fraction")
        self._inner = BatchNormInPlace(n_features, eps, momentum)
        self.gamma, self.beta = self._inner.gamma, self._inner.beta

    @property
    def running_mean(self):
        return self._inner.running_mean.copy()

    @property
    def running_var(self):
        return self._inner.running_var.copy()

    @property
    def training(self):
        return self._inner.training

    def train(self):
        self._inner.train()
        return self

    def eval(self):
        self._inner.eval()
        return self

    def forward(self, z):
        self._inner.gamma, self._inner.beta = self.gamma, self.beta
        return self._inner.forward(z)

    def backward(self, dout):
        return self._inner.backward(dout)


@alternative("batchnorm_layer", "without the bias, which cancels")
def layer_without_bias(a_prev, W, b, gamma, beta, eps=1e-5):
    z = np.einsum("mi,oi->mo", np.asarray(a_prev, float), np.asarray(W, float))
    z = z - z.mean(axis=0)
    z_tilde = np.asarray(gamma, float) * z / np.sqrt((z * z).mean(axis=0) + eps) + np.asarray(beta, float)
    return np.where(z_tilde > 0, z_tilde, 0.0)


@alternative("batchnorm_layer", "one neuron at a time")
def layer_neurons(a_prev, W, b, gamma, beta, eps=1e-5):
    a_prev = np.asarray(a_prev, dtype=np.float64)
    columns = []
    for weights, bias, g, s in zip(W, b, gamma, beta, strict=True):
        z = a_prev @ np.asarray(weights, dtype=np.float64) + bias
        y = g * (z - z.mean()) / math.sqrt(z.var() + eps) + s
        columns.append((y + np.abs(y)) / 2)
    return np.stack(columns, axis=1)


@alternative("batchnorm_layer", "boolean mask")
def layer_mask(a_prev, W, b, gamma, beta, eps=1e-5):
    z = np.dot(a_prev, np.transpose(W)) + np.asarray(b)
    out = (z - np.mean(z, axis=0)) * np.asarray(gamma, dtype=float) / np.sqrt(np.var(z, axis=0) + eps) + np.asarray(
        beta
    )
    out[out < 0] = 0
    return out


@alternative("layer_norm", "keepdims")
def layer_norm_keepdims(x, gamma, beta, eps=1e-5):
    x = np.asarray(x, dtype=np.float64)
    mu = np.mean(x, axis=-1, keepdims=True)
    var = np.var(x, axis=-1, keepdims=True)
    return (x - mu) / np.sqrt(var + eps) * gamma + beta


@alternative("layer_norm", "apply_along_axis")
def layer_norm_apply(x, gamma, beta, eps=1e-5):
    gamma, beta = np.asarray(gamma, dtype=float), np.asarray(beta, dtype=float)
    return np.apply_along_axis(
        lambda row: gamma * (row - row.mean()) / np.sqrt(row.var() + eps) + beta, -1, np.asarray(x, dtype=float)
    )


@alternative("layer_norm", "recursion down to the last axis")
def layer_norm_recursive(x, gamma, beta, eps=1e-5):
    x = np.asarray(x, dtype=float)
    if x.ndim > 1:
        return np.array([layer_norm_recursive(part, gamma, beta, eps) for part in x])
    d = x - x.sum() / x.size
    return np.asarray(gamma) * d / math.sqrt(d @ d / d.size + eps) + np.asarray(beta)


@alternative("layer_norm", "batch statistics of the transpose")
def layer_norm_transposed(x, gamma, beta, eps=1e-5):
    x = np.asarray(x, dtype=np.float64)
    flat = x.reshape(-1, x.shape[-1]).T
    hat = (flat - flat.mean(axis=0)) / np.sqrt(flat.var(axis=0) + eps)
    return (hat.T * np.asarray(gamma) + np.asarray(beta)).reshape(x.shape)


@alternative("group_norm", "loops over images and groups")
def group_norm_loops(x, n_groups, gamma, beta, eps=1e-5):
    x = np.asarray(x, dtype=float)
    m, n_channels, _, _ = x.shape
    size, rest = divmod(n_channels, n_groups)
    if rest != 0:
        raise ValueError("n_groups must divide the number of channels")
    out = np.zeros_like(x)
    for i in range(m):
        for g in range(n_groups):
            block = x[i, g * size : (g + 1) * size]
            out[i, g * size : (g + 1) * size] = (block - block.mean()) / np.sqrt(block.var() + eps)
        for c in range(n_channels):
            out[i, c] = out[i, c] * gamma[c] + beta[c]
    return out


@alternative("group_norm", "five axes and einsum")
def group_norm_five_axes(x, n_groups, gamma, beta, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    m, c, h, w = x.shape
    if c % n_groups:
        raise ValueError("not divisible")
    y = x.reshape(m, n_groups, c // n_groups, h, w)
    y = y - y.mean((2, 3, 4), keepdims=True)
    y = y / np.sqrt(np.einsum("mgchw,mgchw->mg", y, y) * n_groups / (c * h * w) + eps)[..., None, None, None]
    return np.einsum("mchw,c->mchw", y.reshape(m, c, h, w), np.asarray(gamma, float)) + np.reshape(beta, (1, c, 1, 1))


@alternative("group_norm", "np.split, and layer normalisation of each part")
def group_norm_split(x, n_groups, gamma, beta, eps=1e-5):
    x = np.asarray(x, dtype=np.float64)
    hats = []
    for part in np.split(x, n_groups, axis=1):  # raises ValueError when the cut is unequal
        flat = part.reshape(len(part), -1)
        flat = (flat - flat.mean(1, keepdims=True)) / np.sqrt(flat.var(1, keepdims=True) + eps)
        hats.append(flat.reshape(part.shape))
    out = np.moveaxis(np.concatenate(hats, axis=1), 1, -1)
    return np.moveaxis(out * np.asarray(gamma) + np.asarray(beta), -1, 1)
