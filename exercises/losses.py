"""Loss functions: how wrong is the network, and which way is downhill?

Every loss takes the truth first and the prediction second, and returns one number (a Python float or a 0-d array).
Every gradient is the derivative of that number with respect to the *second* argument, in the shape of that argument.
Means run over every element unless the docstring says otherwise, so the factor 1/n belongs to the gradient too.
Inputs are array_like (lists and integers too), are computed with as float64 and are never modified; the two
must have equal shapes, because `(n,)` against `(n, 1)` would broadcast to `(n, n)` without a word.
Finite input gives finite output and no overflow, divide or invalid warning, for values up to 1000 in size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def mse(y: ArrayLike, y_hat: ArrayLike) -> float:
    """Mean squared error.

    L = 1/n Σ (y - ŷ)²,  with n the number of *all* elements (m·d for an (m, d) input).

    Large errors weigh far more than small ones, so a single outlier can own the loss.

    Parameters
    ----------
    y : array_like, any shape
        Targets. Integers and unsigned bytes are converted to float64 before anything is subtracted.
    y_hat : array_like, shape of `y`
        Predictions.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "MSE"; `torch.nn.MSELoss`.
    """
    raise NotImplementedError("losses.mse")


def mse_gradient(y: ArrayLike, y_hat: ArrayLike) -> np.ndarray:
    """Gradient of `mse` with respect to ŷ.

    Differentiate 1/n Σ (y - ŷ)² by each ŷᵢ: the square brings a factor 2, the mean leaves its 1/n, with n the number
    of all elements. It points from the target to the prediction: positive where ŷ is too large.

    Parameters
    ----------
    y : array_like, any shape
        Targets.
    y_hat : array_like, shape of `y`
        Predictions.

    Returns
    -------
    np.ndarray, shape of `y_hat`
        A new float64 array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "MSE".
    """
    raise NotImplementedError("losses.mse_gradient")


def mae(y: ArrayLike, y_hat: ArrayLike) -> float:
    """Mean absolute error.

    L = 1/n Σ |y - ŷ|,  with n the number of all elements.

    Every unit of error costs the same, so outliers pull less than in `mse`.

    Parameters
    ----------
    y : array_like, any shape
        Targets. Integers and unsigned bytes are converted to float64 before anything is subtracted.
    y_hat : array_like, shape of `y`
        Predictions.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "MAE"; `torch.nn.L1Loss` (PyTorch has no `MAELoss`).
    """
    raise NotImplementedError("losses.mae")


def mae_gradient(y: ArrayLike, y_hat: ArrayLike) -> np.ndarray:
    """Gradient of `mae` with respect to ŷ.

    The absolute value has slope +1 where ŷ > y and -1 where ŷ < y. At ŷ = y it has a kink and no derivative;
    the convention here, as in PyTorch, is 0. The mean leaves its 1/n, with n the number of all elements.

    Parameters
    ----------
    y : array_like, any shape
        Targets.
    y_hat : array_like, shape of `y`
        Predictions.

    Returns
    -------
    np.ndarray, shape of `y_hat`
        A new float64 array whose entries are -1/n, 0 or 1/n.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "MAE".
    """
    raise NotImplementedError("losses.mae_gradient")


def huber(y: ArrayLike, y_hat: ArrayLike, delta: float = 1.0) -> float:
    """Huber loss: a parabola for small errors, a straight line for large ones.

    With e = y - ŷ, each element costs

        ½ e²               where |e| <= δ
        δ (|e| - ½ δ)      elsewhere

    and the loss is the mean over all elements. Value and slope agree where the pieces meet. (PyTorch's `SmoothL1Loss`
    is this divided by its beta; this one is `HuberLoss`.)

    Parameters
    ----------
    y : array_like, any shape
        Targets.
    y_hat : array_like, shape of `y`
        Predictions.
    delta : float, default 1.0
        The error size δ > 0 at which the parabola becomes a line.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast, or if `delta <= 0`.

    Source: slide "Huber loss"; P. J. Huber, "Robust Estimation of a Location Parameter" (1964);
    `torch.nn.HuberLoss`.
    """
    raise NotImplementedError("losses.huber")


def huber_gradient(y: ArrayLike, y_hat: ArrayLike, delta: float = 1.0) -> np.ndarray:
    """Gradient of `huber` with respect to ŷ.

    Differentiate both pieces of `huber`: the parabola gives the error itself, the line gives a constant slope
    of size δ with the sign of the error (positive where ŷ is too large). So no element, however wrong, pulls
    harder than δ. The mean leaves its 1/n, with n the number of all elements.

    Parameters
    ----------
    y : array_like, any shape
        Targets.
    y_hat : array_like, shape of `y`
        Predictions.
    delta : float, default 1.0
        The error size δ > 0 at which the parabola becomes a line.

    Returns
    -------
    np.ndarray, shape of `y_hat`
        A new float64 array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast, or if `delta <= 0`.

    Source: slide "Huber loss".
    """
    raise NotImplementedError("losses.huber_gradient")


def bce(y: ArrayLike, p: ArrayLike) -> float:
    """Binary cross-entropy of probabilities.

    L = -1/n Σ [ y log p + (1 - y) log(1 - p) ],  with n the number of all elements.

    Each of the two logarithms is clamped at -100 from below, as PyTorch does: wherever log p or log(1 - p) would be
    smaller (p = 0, p = 1, p = 1e-50), -100 stands in its place, before anything is multiplied with y or 1 - y.
    So a sure and wrong prediction costs exactly 100, a sure and right one exactly 0, and nothing is inf or nan.
    No other epsilon: p = 1e-10 with y = 1 costs 10·log(10).

    Parameters
    ----------
    y : array_like, any shape
        Labels, 0 or 1.
    p : array_like, shape of `y`
        Probabilities of class 1, in [0, 1] with both ends allowed (already through the sigmoid).

    Returns
    -------
    float
        The loss, as a Python float or 0-d array; no divide or invalid warning on the way.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Binary cross-entropy"; `torch.nn.BCELoss`.
    """
    raise NotImplementedError("losses.bce")


def bce_gradient(y: ArrayLike, p: ArrayLike) -> np.ndarray:
    """Gradient of `bce` with respect to the probabilities p.

    Differentiate -1/n [ y log p + (1 - y) log(1 - p) ] by p, with n the number of all elements. The sigmoid is not part
    of this function, so neither is its derivative: the result grows without bound as a sure prediction turns out wrong.

    The exact derivative is asked for wherever p(1 - p) >= 1e-12. Closer to 0 and 1, and at p = 0 and p = 1 themselves,
    any finite value is right (authors differ; PyTorch floors the denominator), but no inf, nan or divide warning.

    Parameters
    ----------
    y : array_like, any shape
        Labels, 0 or 1.
    p : array_like, shape of `y`
        Probabilities of class 1, in [0, 1] with both ends allowed.

    Returns
    -------
    np.ndarray, shape of `p`
        A new float64 array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Binary cross-entropy".
    """
    raise NotImplementedError("losses.bce_gradient")


def bce_with_logits(y: ArrayLike, logits: ArrayLike) -> float:
    """Sigmoid and binary cross-entropy in one stable step.

    L = -1/n Σ [ y log σ(z) + (1 - y) log(1 - σ(z)) ],  with z the logits and n the number of all elements.

    Written like that it fails: in float64 σ(40) is exactly 1, and log(1 - σ(40)) is log 0, although the true loss for
    y = 0 is 40. Rewrite the formula so that it only ever takes the exponential of a number <= 0. Nothing is clamped
    here: a logit of -1000 with y = 1 costs 1000, one of +1000 costs 0, and there is no overflow warning.

    Parameters
    ----------
    y : array_like, any shape
        Labels, 0 or 1.
    logits : array_like, shape of `y`
        Raw scores z, before any sigmoid.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Binary cross-entropy"; `torch.nn.BCEWithLogitsLoss`.
    """
    raise NotImplementedError("losses.bce_with_logits")


def bce_with_logits_gradient(y: ArrayLike, logits: ArrayLike) -> np.ndarray:
    """Gradient of `bce_with_logits` with respect to the logits.

    Send the derivative of `bce` through the derivative of the sigmoid: the p(1 - p) of the one cancels the p(1 - p) of
    the other, and the probability's plain error is left, with the 1/n of the mean (n = all elements).
    Being wrong and sure is therefore no plateau: the slope is largest there.

    Parameters
    ----------
    y : array_like, any shape
        Labels, 0 or 1.
    logits : array_like, shape of `y`
        Raw scores z, before any sigmoid; up to ±1000 without an overflow warning.

    Returns
    -------
    np.ndarray, shape of `logits`
        A new float64 array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Binary cross-entropy".
    """
    raise NotImplementedError("losses.bce_with_logits_gradient")


def log_softmax(logits: ArrayLike) -> np.ndarray:
    """Logarithm of the softmax along the last axis.

    log_softmax(z)ᵢ = log( e^zᵢ / Σⱼ e^zⱼ ) = zᵢ - log Σⱼ e^zⱼ

    The same number added to all logits of one sample cancels out. Use that to keep the exponentials in range, sample by
    sample: each has its own largest logit. The first form takes the logarithm of something that may have rounded to 0;
    the second need not. Nothing is clamped: log_softmax([1000, -1000]) is [0, -2000].

    Parameters
    ----------
    logits : array_like, shape (K,), (m, K) or (..., K)
        Raw scores.

    Returns
    -------
    np.ndarray, shape of `logits`
        A new float64 array; the exponentials of the last axis sum to 1. No overflow or divide warning up to ±1000.

    Source: slide "Softmax equation"; `torch.nn.functional.log_softmax`.
    """
    raise NotImplementedError("losses.log_softmax")


def categorical_cross_entropy(y: ArrayLike, p: ArrayLike) -> float:
    """Cross-entropy of one-hot targets and class probabilities.

    L = 1/m Σ_samples ( -Σ_classes y log p )

    *Summed* over the K classes, *averaged* over the m samples. Only the probability of the right class counts.
    The logarithm is clamped at -100 from below (so p = 0 for the right class costs 100, and p = 0 for a wrong one
    costs nothing, rather than 0·(-inf) = nan). No other epsilon: p = 1e-10 costs 10·log(10).

    Parameters
    ----------
    y : array_like, shape (m, K)
        One-hot rows: a 1 for the right class, 0 elsewhere.
    p : array_like, shape (m, K)
        Probabilities in [0, 1], each row already through the softmax.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array; no divide or invalid warning on the way.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Categorical cross-entropy".
    """
    raise NotImplementedError("losses.categorical_cross_entropy")


def cross_entropy_with_logits(labels: ArrayLike, logits: ArrayLike) -> float:
    """Softmax and cross-entropy in one stable step, for integer labels.

    L = -1/m Σᵢ log_softmax(logits)[i, labels[i]]

    The softmax is part of this loss, once: the network must hand over raw scores. Nothing is clamped; a right class
    that lies 2000 below the largest logit costs 2000.

    Parameters
    ----------
    labels : array_like of int, shape (m,)
        The right class of each sample, from 0 to K - 1.
    logits : array_like, shape (m, K)
        Raw scores, up to ±1000 without an overflow or divide warning.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array.

    Raises
    ------
    ValueError
        If `labels` is not of shape (m,) (one of (m, 1) neither, nor a single label for many rows), or if a label
        is negative or >= K.

    Source: slide "Categorical cross-entropy"; `torch.nn.CrossEntropyLoss`.
    """
    raise NotImplementedError("losses.cross_entropy_with_logits")


def cross_entropy_with_logits_gradient(labels: ArrayLike, logits: ArrayLike) -> np.ndarray:
    """Gradient of `cross_entropy_with_logits` with respect to the logits.

    As with the sigmoid, the derivatives cancel to something short: per sample the softmax probabilities, with 1 taken
    from the right class, and the 1/m of the mean over *samples* (not over m·K). Each row sums to 0.

    Parameters
    ----------
    labels : array_like of int, shape (m,)
        The right class of each sample, from 0 to K - 1.
    logits : array_like, shape (m, K)
        Raw scores, up to ±1000 without an overflow or divide warning.

    Returns
    -------
    np.ndarray, shape (m, K)
        A new float64 array.

    Raises
    ------
    ValueError
        If `labels` is not of shape (m,) (one of (m, 1) neither, nor a single label for many rows), or if a label
        is negative or >= K.

    Source: slide "Categorical cross-entropy".
    """
    raise NotImplementedError("losses.cross_entropy_with_logits_gradient")


def multilabel_bce_with_logits(y: ArrayLike, logits: ArrayLike) -> float:
    """Cross-entropy when several labels may be true at once.

    L = -1/m Σ_samples Σ_labels [ y log σ(z) + (1 - y) log(1 - σ(z)) ]

    Every output is a yes/no question of its own with its own sigmoid, so the outputs do not compete as in a softmax.
    *Summed* over the K labels, *averaged* over the m samples: K times the mean that `torch.nn.BCEWithLogitsLoss` gives.
    Stable like `bce_with_logits`, and like there nothing is clamped.

    Parameters
    ----------
    y : array_like, shape (m, K)
        Labels, each 0 or 1; any number of ones in a row.
    logits : array_like, shape (m, K)
        Raw scores z, before any sigmoid; up to ±1000 without an overflow or divide warning.

    Returns
    -------
    float
        The loss, as a Python float or 0-d array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Multilabel classification" (its title says CCE; its formula is a sum of binary cross-entropies).
    """
    raise NotImplementedError("losses.multilabel_bce_with_logits")


def multilabel_bce_with_logits_gradient(y: ArrayLike, logits: ArrayLike) -> np.ndarray:
    """Gradient of `multilabel_bce_with_logits` with respect to the logits.

    The same cancellation as in `bce_with_logits_gradient`, element by element. Only the divisor differs: the loss is
    averaged over the m samples and summed over the K labels, so it is m, not m·K.

    Parameters
    ----------
    y : array_like, shape (m, K)
        Labels, each 0 or 1; any number of ones in a row.
    logits : array_like, shape (m, K)
        Raw scores z, before any sigmoid; up to ±1000 without an overflow warning.

    Returns
    -------
    np.ndarray, shape (m, K)
        A new float64 array.

    Raises
    ------
    ValueError
        If the shapes differ, even where they would broadcast.

    Source: slide "Multilabel classification".
    """
    raise NotImplementedError("losses.multilabel_bce_with_logits_gradient")
