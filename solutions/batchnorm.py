"""Batch normalisation and its relatives.

Scaling the inputs helps the first layer only: after a few steps the inner layers drift again. Batch normalisation
scales *inside* the network: each feature of `z` is centred and scaled by the statistics of the current mini-batch, and
two learnt vectors, gamma and beta, hand the layer its freedom of scale and mean back. Layer and group normalisation do
the same over other axes, for when a batch is too small to have statistics worth using.

Conventions: `z` is `(m, n)`, m samples in rows and n features in columns; `mu`, `var`, `gamma`, `beta` and the running
statistics are `(n,)`. `eps` is added to the variance, inside the square root. The batch is normalised with the *biased*
variance (division by m), the running variance collects the *unbiased* one (division by m - 1), as PyTorch does it.
`momentum` is the weight of the *new* observation. Inputs are array_like (lists and integers too) and are never
modified; results are new float64 arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

### BEGIN SOLUTION


def _float(*arrays: ArrayLike) -> list[np.ndarray]:
    """The arguments as float64 arrays (never written to, so they may share memory with the caller's)."""
    return [np.asarray(array, dtype=np.float64) for array in arrays]


def _statistics(
    z: np.ndarray, axis: int | tuple[int, ...] = 0, keepdims: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and biased variance over `axis`."""
    mean = z.mean(axis=axis, keepdims=True)
    var = np.mean((z - mean) ** 2, axis=axis, keepdims=keepdims)
    return (mean if keepdims else np.squeeze(mean, axis)), var


def _standardise(x: np.ndarray, axis: int | tuple[int, ...], eps: float) -> np.ndarray:
    """(x - mean) / sqrt(variance + eps) over `axis`, with the biased variance."""
    mean, var = _statistics(x, axis, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


def _updated(
    running_mean: np.ndarray, running_var: np.ndarray, z: np.ndarray, momentum: float
) -> tuple[np.ndarray, np.ndarray]:
    """The running statistics after one more batch of at least two rows."""
    m = z.shape[0]
    if m < 2:
        raise ValueError(f"the unbiased variance needs at least two rows, but the batch has {m}")
    mean, var = _statistics(z)
    return (
        (1 - momentum) * running_mean + momentum * mean,
        (1 - momentum) * running_var + momentum * var * m / (m - 1),
    )


def _gradients(
    dout: np.ndarray, z: np.ndarray, gamma: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dz, dgamma and dbeta where mean and variance come from `z` itself."""
    m = z.shape[0]
    mu, var = _statistics(z)
    std = np.sqrt(var + eps)
    z_hat = (z - mu) / std
    dgamma = np.sum(dout * z_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    # The second term is the way through the mean, the third the one through the variance.
    dz = gamma / std * (dout - dbeta / m - z_hat * dgamma / m)
    return dz, dgamma, dbeta


### END SOLUTION


def batch_mean_and_variance(z: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    r"""Mean and (biased) variance of each feature over the batch.

    .. math:: \mu_j = \frac{1}{m} \sum_{i=1}^m z_{ij}, \qquad
              \sigma^2_j = \frac{1}{m} \sum_{i=1}^m (z_{ij} - \mu_j)^2

    Parameters
    ----------
    z : array_like, shape (m, n)
        One sample a row, m >= 1.

    Returns
    -------
    mu, var : ndarray, ndarray
        Both of shape (n,). The variance divides by m (not m - 1).

    Notes
    -----
    A feature may have a mean of up to 1000 and a spread of 1e-6: the variance must still be right, to a thousandth of
    itself. The shortcut "mean of the squares minus square of the mean" subtracts two nearly equal numbers there and has
    no correct digit left; take the deviations from the mean first, as the formula says. One row has variance 0.

    Source: slides "Batch Normalization", step 1; Ioffe & Szegedy (2015), algorithm 1.
    """
    ### BEGIN SOLUTION
    (z,) = _float(z)
    return _statistics(z)
    ### END SOLUTION


def normalize(z: ArrayLike, mu: ArrayLike, var: ArrayLike, eps: float = 1e-5) -> np.ndarray:
    r"""Centre and scale each feature with a *given* mean and variance.

    .. math:: \hat z_{ij} = \frac{z_{ij} - \mu_j}{\sqrt{\sigma^2_j + \epsilon}}

    Parameters
    ----------
    z : array_like, shape (m, n)
        Any number of rows, one included.
    mu, var : array_like, shape (n,)
        The statistics to use. They need not be those of `z`: in evaluation they are the running ones.
    eps : float
        Small positive number, added to the variance before the root is taken, so that a variance of 0 is no problem.

    Returns
    -------
    ndarray, shape (m, n)

    Source: slides "Batch Normalization", step 2.
    """
    ### BEGIN SOLUTION
    z, mu, var = _float(z, mu, var)
    return (z - mu) / np.sqrt(var + eps)
    ### END SOLUTION


def scale_and_shift(z_hat: ArrayLike, gamma: ArrayLike, beta: ArrayLike) -> np.ndarray:
    r"""Give each feature the scale and the mean that the network has learnt.

    .. math:: \tilde z_{ij} = \gamma_j \, \hat z_{ij} + \beta_j

    Parameters
    ----------
    z_hat : array_like, shape (m, n)
        Normalised values.
    gamma, beta : array_like, shape (n,)
        Learnt standard deviation and learnt mean of each feature.

    Returns
    -------
    ndarray, shape (m, n)

    Source: slides "Batch Normalization", step 3, and "Why step 3?".
    """
    ### BEGIN SOLUTION
    z_hat, gamma, beta = _float(z_hat, gamma, beta)
    return gamma * z_hat + beta
    ### END SOLUTION


def update_running_statistics(
    running_mean: ArrayLike, running_var: ArrayLike, z: ArrayLike, momentum: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    r"""Let the running mean and variance take in one more batch.

    .. math:: r \leftarrow (1 - \text{momentum}) \, r + \text{momentum} \cdot s

    where r is a running statistic and s is that of the batch `z`: its mean for the running mean, its *unbiased*
    variance (division by m - 1) for the running variance.

    Parameters
    ----------
    running_mean, running_var : array_like, shape (n,)
        The statistics so far. They are left as they were; the new pair is returned.
    z : array_like, shape (m, n)
        The batch, m >= 2.
    momentum : float
        Weight of the *new* observation, as in PyTorch: 0 keeps the old statistics, 1 forgets them.

    Returns
    -------
    new_mean, new_var : ndarray, ndarray
        Both of shape (n,).

    Raises
    ------
    ValueError
        If `z` has fewer than two rows: the unbiased variance does not exist.

    Source: slide "What happens to the mean and variance during inference?"; `torch.nn.BatchNorm1d`.
    """
    ### BEGIN SOLUTION
    running_mean, running_var, z = _float(running_mean, running_var, z)
    return _updated(running_mean, running_var, z, momentum)
    ### END SOLUTION


def batchnorm_backward(
    dout: ArrayLike, z: ArrayLike, gamma: ArrayLike, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Gradient of batch normalisation with batch statistics.

    The forward pass is ``out = gamma * z_hat + beta``, where ``z_hat`` normalises `z` with the mean and the biased
    variance of `z` itself. Each row therefore reaches the loss on three ways: through its own deviation, through the
    mean and through the variance; all three belong to `dz`.

    Parameters
    ----------
    dout : array_like, shape (m, n)
        Gradient of the loss with respect to ``out``.
    z : array_like, shape (m, n)
        What was normalised, m >= 2.
    gamma : array_like, shape (n,)
        The scale of the forward pass. (`beta` does not matter for any gradient.)
    eps : float
        That of the forward pass, inside the root.

    Returns
    -------
    dz : ndarray, shape (m, n)
        Gradient with respect to `z`. Moving a whole column does not change ``out``, so each column of `dz` sums to 0.
    dgamma : ndarray, shape (n,)
        Gradient with respect to gamma: upstream gradient times normalised value, summed over the batch.
    dbeta : ndarray, shape (n,)
        Gradient with respect to beta: upstream gradient summed over the batch.

    Source: slides "Batch Normalization"; the gradients are in Ioffe & Szegedy (2015), section 3.
    """
    ### BEGIN SOLUTION
    dout, z, gamma = _float(dout, z, gamma)
    return _gradients(dout, z, gamma, eps)
    ### END SOLUTION


class BatchNorm:
    r"""Batch normalisation as a layer, equal to `torch.nn.BatchNorm1d` on `(m, n)` input.

    Training normalises with the statistics of the batch and lets the running statistics take that batch in;
    evaluation normalises with the running statistics and changes nothing.

    Parameters
    ----------
    n_features : int
        n, the number of columns.
    eps : float
        Added to the variance inside the root, in both modes.
    momentum : float
        Weight of the new batch in the running statistics.

    Attributes
    ----------
    gamma, beta : ndarray, shape (n,)
        Start at ones and zeros. They are plain attributes: an optimiser may replace them with new arrays at any time,
        and the next pass uses what it finds.
    running_mean, running_var : ndarray, shape (n,)
        Start at zeros and ones. Every training pass updates them (the variance with the unbiased one of the batch), no
        evaluation pass does. Each object has its own. They too may be replaced.
    training : bool
        The mode; a new object is in training mode.

    Source: slides "Batch Normalization" and "What happens to the mean and variance during inference?";
    `torch.nn.BatchNorm1d`.
    """

    def __init__(self, n_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        """Keep the settings and set each attribute to its first value."""
        ### BEGIN SOLUTION
        self.eps = eps
        self.momentum = momentum
        self.gamma = np.ones(n_features)
        self.beta = np.zeros(n_features)
        self.running_mean = np.zeros(n_features)
        self.running_var = np.ones(n_features)
        self.training = True
        self._cache: tuple[np.ndarray, np.ndarray, np.ndarray, bool] | None = None
        ### END SOLUTION

    def train(self) -> BatchNorm:
        """Switch to training mode and return the object itself."""
        ### BEGIN SOLUTION
        self.training = True
        return self
        ### END SOLUTION

    def eval(self) -> BatchNorm:
        """Switch to evaluation mode and return the object itself."""
        ### BEGIN SOLUTION
        self.training = False
        return self
        ### END SOLUTION

    def forward(self, z: ArrayLike) -> np.ndarray:
        """Normalise, scale and shift `z`.

        Parameters
        ----------
        z : array_like, shape (m, n)
            In training m >= 2; in evaluation a single row is fine.

        Returns
        -------
        ndarray, shape (m, n)
            ``gamma * (z - mean) / sqrt(variance + eps) + beta`` with the mean and the biased variance of this batch
            (training) or with the running mean and variance as they are (evaluation).

        Raises
        ------
        ValueError
            In training mode if `z` has fewer than two rows: one row has no spread to normalise by.
        """
        ### BEGIN SOLUTION
        z, gamma, beta, mean, var = _float(z, self.gamma, self.beta, self.running_mean, self.running_var)
        if self.training:
            self.running_mean, self.running_var = _updated(mean, var, z, self.momentum)
            mean, var = _statistics(z)
        # Copies: what the caller does to its arrays after this pass must not reach its backward pass.
        self._cache = (z.copy(), mean.copy(), var.copy(), self.training)
        return gamma * (z - mean) / np.sqrt(var + self.eps) + beta
        ### END SOLUTION

    def backward(self, dout: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gradients of the last forward pass, in the mode in which that pass ran.

        If the last `forward` ran in training mode, the mean and the variance depend on `z` (see `batchnorm_backward`).
        If it ran in evaluation mode they are constants, and ``dz = dout * gamma / sqrt(running_var + eps)``. Switching
        the mode between `forward` and `backward` changes nothing.

        Parameters
        ----------
        dout : array_like, shape (m, n)
            Gradient of the loss with respect to what the last `forward` returned.

        Returns
        -------
        dz, dgamma, dbeta : ndarray, ndarray, ndarray
            Shapes (m, n), (n,) and (n,). In both modes `dgamma` sums upstream gradient times normalised value (as that
            pass normalised it) over the batch, `dbeta` sums the upstream gradient.
        """
        ### BEGIN SOLUTION
        if self._cache is None:
            raise ValueError("backward needs a forward pass before it")
        z, mean, var, was_training = self._cache
        dout, gamma = _float(dout, self.gamma)
        if was_training:
            return _gradients(dout, z, gamma, self.eps)
        std = np.sqrt(var + self.eps)
        return dout * gamma / std, np.sum(dout * (z - mean) / std, axis=0), np.sum(dout, axis=0)
        ### END SOLUTION


def batchnorm_layer(
    a_prev: ArrayLike, W: ArrayLike, b: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5
) -> np.ndarray:
    r"""A dense layer with batch normalisation and ReLU: the four steps in the order of the slides.

    .. math:: z = a_{prev} W^T + b, \qquad \hat z = \text{normalised } z, \qquad
              \tilde z = \gamma \hat z + \beta, \qquad a = \max(0, \tilde z)

    The normalisation stands between the linear part and the activation and uses the mean and the biased variance of the
    batch. (Since it subtracts the mean, `b` ends up having no effect; that is what should happen.)

    Parameters
    ----------
    a_prev : array_like, shape (m, n_in)
        m >= 2 rows.
    W : array_like, shape (n_out, n_in)
    b, gamma, beta : array_like, shape (n_out,)
    eps : float
        Added to the variance inside the root.

    Returns
    -------
    ndarray, shape (m, n_out)

    Source: slides "Batch Normalization", steps 1 to 4.
    """
    ### BEGIN SOLUTION
    a_prev, W, b, gamma, beta = _float(a_prev, W, b, gamma, beta)
    z = a_prev @ W.T + b
    z_tilde = gamma * _standardise(z, 0, eps) + beta
    return np.maximum(z_tilde, 0.0)
    ### END SOLUTION


def layer_norm(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> np.ndarray:
    r"""Layer normalisation: each sample is normalised over its own features, the last axis.

    .. math:: y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    with mean and biased variance of every vector along the last axis. Nothing is shared between samples (nor between
    the words of a sentence), so a batch of one works and training and evaluation are the same.

    Parameters
    ----------
    x : array_like, shape (..., n)
        For instance (m, n), or (m, length, n) for sequences.
    gamma, beta : array_like, shape (n,)
        Scale and shift of each of the n positions of the last axis.
    eps : float
        Added to the variance inside the root.

    Returns
    -------
    ndarray, same shape as `x`

    Source: slide table "Is BatchNorm useful?" (row "Transformers / NLP"); Ba, Kiros & Hinton (2016);
    `torch.nn.LayerNorm(n)`.
    """
    ### BEGIN SOLUTION
    x, gamma, beta = _float(x, gamma, beta)
    return gamma * _standardise(x, -1, eps) + beta
    ### END SOLUTION


def group_norm(x: ArrayLike, n_groups: int, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> np.ndarray:
    r"""Group normalisation: each image is normalised over groups of neighbouring channels.

    The C channels are cut into `n_groups` groups of C / n_groups *consecutive* channels. In each image, each group is
    normalised with one mean and one biased variance, taken over all of its channels and pixels; then each channel c is
    multiplied by gamma[c] and shifted by beta[c]. The other images of the batch have no influence.

    Parameters
    ----------
    x : array_like, shape (m, C, H, W)
        Images; H and W may differ.
    n_groups : int
        1 normalises the whole image at once, C each channel by itself.
    gamma, beta : array_like, shape (C,)
        Per channel (not per group).
    eps : float
        Added to the variance inside the root.

    Returns
    -------
    ndarray, shape (m, C, H, W)

    Raises
    ------
    ValueError
        If C is not divisible by `n_groups`.

    Source: slide table "Is BatchNorm useful?" (row "very small batch size"); Wu & He (2018); `torch.nn.GroupNorm`.
    """
    ### BEGIN SOLUTION
    x, gamma, beta = _float(x, gamma, beta)
    m, n_channels, height, width = x.shape
    if n_groups < 1 or n_channels % n_groups:
        raise ValueError(f"{n_channels} channels cannot be cut into {n_groups} equal groups")
    groups = x.reshape(m, n_groups, -1)
    x_hat = _standardise(groups, -1, eps).reshape(m, n_channels, height, width)
    return gamma[:, None, None] * x_hat + beta[:, None, None]
    ### END SOLUTION
