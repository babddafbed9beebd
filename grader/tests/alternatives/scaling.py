"""Right answers of `scaling` in other styles than the reference."""

import json
import math
import pickle
from pathlib import Path

import numpy as np

from grader.misconceptions.catalogue import alternative


class NotFitted(ValueError):
    """A subclass of ValueError is fine."""


@alternative("standardize", "python loops, nested lists")
def standardize_loops(x, mean, std):
    x, mean, std = np.asarray(x).tolist(), np.asarray(mean).tolist(), np.asarray(std).tolist()
    return [[(value - m) / s if s != 0 else 0.0 for value, m, s in zip(row, mean, std, strict=True)] for row in x]


@alternative("standardize", "std 0 replaced by 1")
def standardize_where(x, mean, std):
    std = np.asarray(std, dtype=float)
    return (np.asarray(x, dtype=float) - np.asarray(mean, dtype=float)) / np.where(std == 0, 1.0, std)


@alternative("standardize", "local errstate and a mask")
def standardize_errstate(x, mean, std):
    x, mean, std = (np.asarray(a, dtype=float) for a in (x, mean, std))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x - mean) / std
    z[:, std == 0] = 0
    return z


@alternative("standardize", "multiplies by the inverse, column by column")
def standardize_columns(x, mean, std):
    z = np.array(x, dtype=np.float64)
    for j, (m, s) in enumerate(zip(np.asarray(mean), np.asarray(std), strict=True)):
        z[:, j] = (z[:, j] - m) * (1 / s if s else 0.0)
    return z


@alternative("standardize", "what rounding may leave counts as 0")
def standardize_rounding(x, mean, std):
    x, mean, std = (np.asarray(a, dtype=float) for a in (x, mean, std))
    return (x - mean) / np.where(np.isclose(std, 0.0), 1.0, std)


@alternative("standardize", "a floor under the standard deviation")
def standardize_floor(x, mean, std):
    x, mean, std = (np.asarray(a, dtype=float) for a in (x, mean, std))
    return (x - mean) / np.maximum(std, 1e-12)


@alternative("min_max", "what rounding may leave counts as 0")
def min_max_rounding(x, minimum, maximum):
    x, minimum, maximum = (np.asarray(a, dtype=float) for a in (x, minimum, maximum))
    width = maximum - minimum
    return (x - minimum) / np.where(width < 1e-8, 1.0, width)


@alternative("min_max", "boolean mask")
def min_max_mask(x, minimum, maximum):
    x, low, high = np.array(x, dtype=float), np.array(minimum, dtype=float), np.array(maximum, dtype=float)
    out = np.zeros_like(x)
    ok = high > low
    out[:, ok] = (x[:, ok] - low[ok]) / (high[ok] - low[ok])
    return out


@alternative("min_max", "range of 0 replaced by 1")
def min_max_range_one(x, minimum, maximum):
    width = np.subtract(maximum, minimum, dtype=np.float64)
    width[width == 0] = 1
    return np.subtract(x, minimum, dtype=np.float64) / width


@alternative("min_max", "interpolation")
def min_max_affine(x, minimum, maximum):
    def column(values, low, high):
        slope = 0.0 if low == high else 1.0 / (high - low)
        return [slope * (v - low) for v in values]

    x, minimum, maximum = (np.asarray(a, dtype=float) for a in (x, minimum, maximum))
    return np.array([column(*c) for c in zip(x.T, minimum, maximum, strict=True)]).T


@alternative("scale_bytes", "true_divide")
def scale_bytes_true_divide(x):
    return np.true_divide(x, 255, dtype=np.float64)


@alternative("scale_bytes", "multiplication by the inverse")
def scale_bytes_multiplies(x):
    return np.array(x).astype(float) * (1 / 255)


@alternative("scale_bytes", "look-up table")
def scale_bytes_table(x):
    return np.linspace(0.0, 1.0, 256)[np.asarray(x, dtype=np.intp)]


@alternative("scale_bytes", "the range checked first")
def scale_bytes_checked(x):
    x = np.asarray(x)
    if x.min() < 0 or x.max() > 255:
        raise ValueError("bytes lie between 0 and 255")
    return x / 255


@alternative("scale_bytes", "recursion over nested lists")
def scale_bytes_recursion(x):
    if np.ndim(x) == 0:
        return int(x) / 255
    return np.array([scale_bytes_recursion(part) for part in x], dtype=float).reshape(np.shape(x))


@alternative("StandardScaler", "python loops, json file, static load")
class StandardScaler_loops:
    def __init__(self):
        self.fitted = False

    def fit(self, x):
        columns = np.asarray(x, dtype=float).T.tolist()
        self.mean_ = np.array([math.fsum(c) / len(c) for c in columns])
        self.std_ = np.array(
            [math.sqrt(math.fsum((v - m) ** 2 for v in c) / len(c)) for c, m in zip(columns, self.mean_, strict=True)]
        )
        self.fitted = True
        return self

    def transform(self, x):
        if not self.fitted:
            raise NotFitted("call fit first")
        safe = [s or 1.0 for s in self.std_]
        return [[(v - m) / s for v, m, s in zip(row, self.mean_, safe, strict=True)] for row in np.asarray(x, float)]

    def fit_transform(self, x):
        self.fit(x)
        return self.transform(x)

    def inverse_transform(self, x):
        return np.einsum("ij,j->ij", np.asarray(x, float), self.std_) + self.mean_

    def save(self, path):
        Path(path).write_text(json.dumps({"mean": self.mean_.tolist(), "std": self.std_.tolist()}))

    @staticmethod
    def load(path):
        data = json.loads(Path(path).read_text())
        scaler = StandardScaler_loops()
        scaler.mean_, scaler.std_, scaler.fitted = np.array(data["mean"]), np.array(data["std"]), True
        return scaler


@alternative("StandardScaler", "statistics as (1, n), std 1 for constants, pickle")
class StandardScaler_keepdims:
    mean_ = None
    std_ = None

    def fit(self, x):
        x = np.asarray(x, dtype=np.float64)
        self.mean_ = np.average(x, axis=0, weights=None)[np.newaxis]
        self.std_ = np.linalg.norm(x - self.mean_, axis=0, keepdims=True) / np.sqrt(len(x))
        self.std_[self.std_ == 0] = 1.0
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return np.divide(np.subtract(x, self.mean_), self.std_)

    def fit_transform(self, x):
        return self.fit(x).transform(x)

    def inverse_transform(self, x):
        return np.multiply(x, self.std_) + self.mean_

    def save(self, path):
        with Path(path).open("wb") as file:
            pickle.dump(vars(self), file)

    @classmethod
    def load(cls, path):
        scaler = cls()
        with Path(path).open("rb") as file:
            vars(scaler).update(pickle.load(file))
        return scaler


@alternative("StandardScaler", "statistics behind properties, one array in the file")
class StandardScaler_properties:
    def __init__(self):
        self._table = None
        self.history = []

    @property
    def mean_(self):
        return self._table[0]

    @property
    def std_(self):
        return self._table[1]

    def fit(self, x):
        x = np.array(x, dtype=np.float64)
        mean = sum(x[i] for i in range(len(x))) / len(x)
        self._table = np.stack([mean, np.sqrt(np.mean(np.square(x - mean), axis=0))])
        self.history.append(len(x))
        return self

    def transform(self, x):
        if self._table is None:
            raise ValueError("fit the scaler first")
        out = np.array(x, dtype=np.float64)
        out -= self.mean_
        np.divide(out, self.std_, out=out, where=np.broadcast_to(self.std_ > 0, out.shape))
        return out

    fit_transform = lambda self, x: self.fit(x).transform(x)  # noqa: E731

    def inverse_transform(self, x):
        return np.asarray(x, dtype=np.float64) @ np.diag(self.std_) + self.mean_

    def save(self, path):
        with Path(path).open("wb") as file:
            np.save(file, self._table)

    @classmethod
    def load(cls, path):
        scaler = cls()
        with Path(path).open("rb") as file:
            scaler._table = np.load(file)
        return scaler


@alternative("MinMaxScaler", "sorting, savez by position")
class MinMaxScaler_sorts:
    def fit(self, x):
        ordered = np.sort(np.asarray(x, dtype=np.float64), axis=0)
        self.min_, self.max_ = ordered[0], ordered[-1]
        return self

    def transform(self, x):
        if not hasattr(self, "min_"):
            raise ValueError("fit the scaler first")
        scale = np.where(self.max_ > self.min_, self.max_ - self.min_, 1.0)
        return (np.asarray(x, dtype=np.float64) - self.min_) / scale

    def fit_transform(self, x):
        return self.fit(x).transform(x)

    def inverse_transform(self, x):
        x = np.asarray(x, dtype=np.float64)
        return (1 - x) * self.min_ + x * self.max_

    def save(self, path):
        np.savez(path, self.min_, self.max_)

    @classmethod
    def load(cls, path):
        scaler = cls()
        data = np.load(path)
        scaler.min_, scaler.max_ = data["arr_0"], data["arr_1"]
        return scaler


@alternative("MinMaxScaler", "python min and max, text file")
class MinMaxScaler_text:
    def __init__(self):
        self.min_ = self.max_ = None

    def fit(self, x):
        columns = list(zip(*np.asarray(x, dtype=float).tolist(), strict=True))
        self.min_, self.max_ = [min(c) for c in columns], [max(c) for c in columns]
        return self

    def transform(self, x):
        if self.min_ is None:
            raise NotFitted("call fit first")
        return np.array(
            [
                [(v - lo) / (hi - lo) if hi != lo else 0.0 for v, lo, hi in zip(row, self.min_, self.max_, strict=True)]
                for row in np.asarray(x, dtype=float).tolist()
            ]
        )

    def fit_transform(self, x):
        self.fit(x)
        return self.transform(x)

    def inverse_transform(self, x):
        return np.asarray(x, dtype=float) * np.subtract(self.max_, self.min_) + self.min_

    def save(self, path):
        np.savetxt(path, [self.min_, self.max_], fmt="%.17g")

    @classmethod
    def load(cls, path):
        scaler = cls()
        scaler.min_, scaler.max_ = np.loadtxt(path, ndmin=2).tolist()
        return scaler


@alternative("ChannelScaler", "channels moved to the last axis")
class ChannelScaler_moveaxis:
    mean_ = None

    def fit(self, x):
        pixels = np.moveaxis(np.asarray(x, dtype=np.float64), 1, -1).reshape(-1, np.shape(x)[1])
        self.mean_, self.std_ = pixels.mean(0), pixels.std(0)
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("fit the scaler first")
        last = np.moveaxis(np.asarray(x, dtype=np.float64), 1, -1)
        return np.moveaxis((last - self.mean_) / np.where(self.std_ == 0, 1, self.std_), -1, 1)

    def fit_transform(self, x):
        return self.fit(x).transform(x)


@alternative("ChannelScaler", "a loop over channels, with an inverse")
class ChannelScaler_loop:
    def __init__(self):
        self.mean_ = self.std_ = None

    def fit(self, x):
        x = np.asarray(x)
        self.mean_ = np.array([x[:, c].mean(dtype=np.float64) for c in range(x.shape[1])])
        self.std_ = np.array([x[:, c].astype(float).std() for c in range(x.shape[1])])
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise NotFitted("fit the scaler first")
        out = np.zeros(np.shape(x))
        for c in range(out.shape[1]):
            if self.std_[c] > 0:
                out[:, c] = (np.asarray(x, dtype=float)[:, c] - self.mean_[c]) / self.std_[c]
        return out

    def fit_transform(self, x):
        self.fit(x)
        return self.transform(x)

    def inverse_transform(self, x):
        return np.asarray(x) * self.std_.reshape(-1, 1, 1) + self.mean_.reshape(-1, 1, 1)


@alternative("ChannelScaler", "mean of means and law of total variance")
class ChannelScaler_total_variance:
    mean_ = None
    std_ = None

    def fit(self, x):
        x = np.asarray(x, dtype=np.float64)
        means, variances = x.mean(axis=(2, 3)), x.var(axis=(2, 3))
        self.mean_ = means.mean(axis=0)
        self.std_ = np.sqrt(variances.mean(axis=0) + means.var(axis=0))
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("fit the scaler first")
        divisor = np.where(self.std_ > 0, self.std_, np.inf)
        return (np.asarray(x, dtype=np.float64) - self.mean_[None, :, None, None]) / divisor[None, :, None, None]

    def fit_transform(self, x):
        return self.fit(x).transform(x)


@alternative("split_and_scale", "from scratch")
def split_and_scale_from_scratch(x_train, x_test):
    scaler = StandardScaler_keepdims()
    train = scaler.fit_transform(x_train)
    return train, (np.asarray(x_test, dtype=float) - scaler.mean_) / scaler.std_, scaler


@alternative("split_and_scale", "one transform of both, then split, as a list")
def split_and_scale_stacked(x_train, x_test):
    scaler = StandardScaler_loops().fit(x_train)
    both = np.array(scaler.transform(np.vstack([x_train, x_test])))
    return [both[: len(x_train)], both[len(x_train) :], scaler]


@alternative("gradient_descent", "array filled row by row")
def gradient_descent_rows(gradient, w0, lr, steps):
    trajectory = np.empty((steps + 1, len(w0)))
    trajectory[0] = w0
    for k in range(steps):
        trajectory[k + 1] = trajectory[k] - lr * np.asarray(gradient(trajectory[k]))
    return trajectory


@alternative("gradient_descent", "recursion, list of lists")
def gradient_descent_recursive(gradient, w0, lr, steps):
    w0 = [float(w) for w in w0]
    if steps == 0:
        return [w0]
    g = gradient(np.array(w0))
    return [
        w0,
        *gradient_descent_recursive(gradient, [w - lr * float(d) for w, d in zip(w0, g, strict=True)], lr, steps - 1),
    ]


@alternative("gradient_descent", "in place on a copy")
def gradient_descent_copy(gradient, w0, lr, steps):
    w = np.array(w0, dtype=np.float64)
    path = [w.copy()]
    while len(path) <= steps:
        w -= np.multiply(lr, gradient(w))
        path.append(w.copy())
    return np.vstack(path)


@alternative("gradient_descent", "accumulated updates")
def gradient_descent_accumulates(gradient, w0, lr, steps):
    start = np.asarray(w0, dtype=np.float64)
    updates = [np.zeros_like(start)]
    total = np.zeros_like(start)
    for _ in range(steps):
        total = total - lr * np.asarray(gradient(start + total))
        updates.append(total)
    return start + np.array(updates)


@alternative("mse_condition_number", "condition of the Hessian")
def condition_number_hessian(x):
    x = np.asarray(x, dtype=np.float64)
    return np.linalg.cond(2 / len(x) * x.T @ x)


@alternative("mse_condition_number", "eigenvalues, 0-d array")
def condition_number_eigenvalues(x):
    x = np.array(x, dtype=float)
    eigenvalues = np.linalg.eigvalsh(2 * np.einsum("ki,kj->ij", x, x) / x.shape[0])
    return np.array(eigenvalues.max() / eigenvalues.min())


@alternative("mse_condition_number", "condition of X, squared")
def condition_number_of_x_squared(x):
    return np.linalg.cond(np.asarray(x, dtype=float), 2) ** 2


@alternative("mse_condition_number", "norm of the Hessian times norm of its inverse")
def condition_number_norms(x):
    x = np.asarray(x, dtype=float)
    hessian = 2 * x.T.dot(x) / x.shape[0]
    return float(np.linalg.norm(hessian, 2) * np.linalg.norm(np.linalg.inv(hessian), 2))


@alternative("mse_condition_number", "general eigenvalues from a QR decomposition")
def condition_number_qr(x):
    r = np.linalg.qr(np.asarray(x, dtype=float), mode="r")
    eigenvalues = np.abs(np.linalg.eigvals(r.T @ r))
    return eigenvalues.max() / eigenvalues.min()
