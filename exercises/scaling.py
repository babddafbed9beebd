"""Scaling the inputs: why features of very different size slow training down, and what to do about it.

The gradient of the first layer is the product of its deltas and the inputs themselves, so a feature that is a
thousand times larger pulls its weights a thousand times harder: the loss becomes a narrow valley in which one
learning rate cannot suit every direction. Scaling makes the valley round.

Conventions: data are ``(m, n)``, m samples in the rows and n features in the columns, and every statistic belongs to
one feature. The standard deviation is the *population* one (it divides by m). Statistics come from the training data
alone. Inputs are array_like (lists and integers too) and are never modified; results are new float64 arrays.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def standardize(x: ArrayLike, mean: ArrayLike, std: ArrayLike) -> np.ndarray:
    """Standardise each feature with a mean and a standard deviation that are given (the z-score).

    Formula: ``x' = (x - mean) / std``, column by column.

    Parameters
    ----------
    x : array_like, shape (m, n)
        m samples of n features.
    mean, std : array_like, shape (n,)
        One mean and one standard deviation (>= 0) per feature. They are *used*, not computed again from ``x``.

    Returns
    -------
    np.ndarray, shape (m, n)
        A new float64 array.

    Notes
    -----
    A feature with ``std == 0`` is constant: where ``x`` equals the mean the result is 0, not nan or inf, and no
    divide or invalid warning is raised on the way. What such a feature gives for any other value is up to you.
    Every other feature follows the formula exactly: no epsilon is added, so a standard deviation of 1e-4 counts in
    full.

    Source: slide "Standardization".
    """
    raise NotImplementedError("scaling.standardize")


def min_max(x: ArrayLike, minimum: ArrayLike, maximum: ArrayLike) -> np.ndarray:
    """Map each feature linearly so that its minimum goes to 0 and its maximum to 1.

    Formula: ``x' = (x - minimum) / (maximum - minimum)``, column by column.

    Parameters
    ----------
    x : array_like, shape (m, n)
        m samples of n features.
    minimum, maximum : array_like, shape (n,)
        The limits of each feature. They are *used*, not computed again from ``x``.

    Returns
    -------
    np.ndarray, shape (m, n)
        A new float64 array. A value outside the limits is *not* clipped: it lands below 0 or above 1.

    Notes
    -----
    A constant feature (``minimum == maximum``) gives 0 for that value, not nan or inf, and no divide or invalid
    warning is raised on the way. What such a feature gives for any other value is up to you. No epsilon is added
    elsewhere.

    Source: slide "Min-max normalization".
    """
    raise NotImplementedError("scaling.min_max")


def scale_bytes(x: ArrayLike) -> np.ndarray:
    """Bring 8-bit values from 0..255 to [0, 1] by dividing by the constant 255.

    Formula: ``x' = x / 255``

    Parameters
    ----------
    x : array_like of integers in 0..255, any shape
        Usually a ``uint8`` image or a batch of images, but a list of integers and a single number work as well. Mind
        that arithmetic *in* ``uint8`` wraps around at 256.

    Returns
    -------
    np.ndarray, shape of x
        A new array in float64 precision: 0 becomes 0.0 and 255 becomes 1.0, whatever the extremes of this image are.

    Source: slide "Dividing by a constant".
    """
    raise NotImplementedError("scaling.scale_bytes")


class StandardScaler:
    """Learn mean and standard deviation of each feature from the training data, then standardise any data with them.

    ``StandardScaler()`` takes no arguments.

    Attributes
    ----------
    mean_ : np.ndarray, shape (n,)
        Mean of each feature of the data given to the last ``fit``.
    std_ : np.ndarray, shape (n,)
        *Population* standard deviation of each feature (divides by m, not m - 1).

    Notes
    -----
    - Only ``fit`` (and ``fit_transform``) changes the state. Fitting again replaces the old statistics, and
      each scaler has its own.
    - A constant training feature transforms its own value to 0, without a warning, and ``inverse_transform`` brings
      that value back exactly. Whether ``std_`` holds 0 or 1 for it, and what an unseen value of it gives, is up to
      you.
    - A large offset must not cost accuracy: values around 10 million that differ by about 1 still have the right
      standard deviation. (Square the distances to the mean, not the values.)

    Source: slides "Standardization" and "Key good practices", points 1 and 3.
    """

    def __init__(self) -> None:
        """Make a scaler that is not fitted yet."""
        raise NotImplementedError("scaling.StandardScaler")

    def fit(self, x: ArrayLike) -> StandardScaler:
        """Compute ``mean_`` and ``std_`` of each column of ``x``, shape ``(m, n)``, and return ``self``."""
        raise NotImplementedError("scaling.StandardScaler")

    def transform(self, x: ArrayLike) -> np.ndarray:
        """Standardise ``x``, shape ``(m, n)``, with the stored statistics; m may differ from that of the training data.

        Raises ValueError if the scaler has not been fitted.
        """
        raise NotImplementedError("scaling.StandardScaler")

    def fit_transform(self, x: ArrayLike) -> np.ndarray:
        """Fit to ``x`` and return ``x`` transformed; the scaler stays fitted."""
        raise NotImplementedError("scaling.StandardScaler")

    def inverse_transform(self, x: ArrayLike) -> np.ndarray:
        """Undo ``transform``: from scaled values, shape ``(m, n)``, back to the original units."""
        raise NotImplementedError("scaling.StandardScaler")

    def save(self, path: str) -> None:
        """Write the fitted statistics to the file ``path``.

        The path ends in ``.npz`` and its folder exists. What is in the file is your choice (``numpy.savez`` is the easy
        one), but it must keep full float64 precision, and a later ``fit`` must not change what was saved.
        """
        raise NotImplementedError("scaling.StandardScaler")

    @classmethod
    def load(cls, path: str) -> StandardScaler:
        """Return a new, fitted scaler from a file that ``save`` wrote: ``StandardScaler.load(path)``.

        It has the same ``mean_`` and ``std_`` and transforms, and transforms back, like the scaler that was saved.
        """
        raise NotImplementedError("scaling.StandardScaler")


class MinMaxScaler:
    """Learn minimum and maximum of each feature from the training data, then scale any data with them.

    ``MinMaxScaler()`` takes no arguments.

    Attributes
    ----------
    min_, max_ : np.ndarray, shape (n,)
        Smallest and largest value of each feature of the data given to the last ``fit``.

    Notes
    -----
    - The training data land in [0, 1]. New values outside the training range land outside [0, 1]: they are not clipped.
    - Only ``fit`` (and ``fit_transform``) changes the state. Fitting again replaces the old limits, and
      each scaler has its own.
    - A constant training feature transforms its own value to 0, without a warning, and ``inverse_transform`` brings
      that value back exactly. What an unseen value of it gives is up to you.

    Source: slides "Min-max normalization" and "Key good practices", points 1 and 3.
    """

    def __init__(self) -> None:
        """Make a scaler that is not fitted yet."""
        raise NotImplementedError("scaling.MinMaxScaler")

    def fit(self, x: ArrayLike) -> MinMaxScaler:
        """Compute ``min_`` and ``max_`` of each column of ``x``, shape ``(m, n)``, and return ``self``."""
        raise NotImplementedError("scaling.MinMaxScaler")

    def transform(self, x: ArrayLike) -> np.ndarray:
        """Scale ``x``, shape ``(m, n)``, with the stored limits; m may differ from that of the training data.

        Raises ValueError if the scaler has not been fitted.
        """
        raise NotImplementedError("scaling.MinMaxScaler")

    def fit_transform(self, x: ArrayLike) -> np.ndarray:
        """Fit to ``x`` and return ``x`` transformed; the scaler stays fitted."""
        raise NotImplementedError("scaling.MinMaxScaler")

    def inverse_transform(self, x: ArrayLike) -> np.ndarray:
        """Undo ``transform``: from scaled values, shape ``(m, n)``, back to the original units."""
        raise NotImplementedError("scaling.MinMaxScaler")

    def save(self, path: str) -> None:
        """Write the fitted limits to the file ``path``.

        The path ends in ``.npz`` and its folder exists. What is in the file is your choice (``numpy.savez`` is the easy
        one), but it must keep full float64 precision, and a later ``fit`` must not change what was saved.
        """
        raise NotImplementedError("scaling.MinMaxScaler")

    @classmethod
    def load(cls, path: str) -> MinMaxScaler:
        """Return a new, fitted scaler from a file that ``save`` wrote: ``MinMaxScaler.load(path)``.

        It has the same ``min_`` and ``max_`` and transforms, and transforms back, like the scaler that was saved.
        """
        raise NotImplementedError("scaling.MinMaxScaler")


class ChannelScaler:
    """Standardise images channel by channel: red with the mean and deviation of red, and so on.

    ``ChannelScaler()`` takes no arguments. Images are ``(m, C, H, W)``: m images of C channels, H rows and W columns.

    Attributes
    ----------
    mean_, std_ : np.ndarray, shape (C,)
        Mean and *population* standard deviation of each channel over all its m * H * W values: every image and every
        pixel together, neither per pixel nor over all channels at once.

    Notes
    -----
    - ``transform`` uses the statistics of ``fit`` and never changes them, however unlike the new images are.
    - A channel that is constant in the training images transforms that value to 0, without a warning.
    - H, W and m of the images to transform may differ from those of the training images; C may not. C may equal W by
      chance.

    Source: slide "Key good practices", point 4.
    """

    def __init__(self) -> None:
        """Make a scaler that is not fitted yet."""
        raise NotImplementedError("scaling.ChannelScaler")

    def fit(self, x: ArrayLike) -> ChannelScaler:
        """Compute ``mean_`` and ``std_`` of each channel of ``x``, shape ``(m, C, H, W)``, and return ``self``."""
        raise NotImplementedError("scaling.ChannelScaler")

    def transform(self, x: ArrayLike) -> np.ndarray:
        """Standardise ``x``, shape ``(m, C, H, W)``, with the stored statistics of each channel; the shape stays.

        Raises ValueError if the scaler has not been fitted.
        """
        raise NotImplementedError("scaling.ChannelScaler")

    def fit_transform(self, x: ArrayLike) -> np.ndarray:
        """Fit to ``x`` and return ``x`` transformed; the scaler stays fitted."""
        raise NotImplementedError("scaling.ChannelScaler")


def split_and_scale(x_train: ArrayLike, x_test: ArrayLike) -> tuple[np.ndarray, np.ndarray, StandardScaler]:
    """Standardise a training set and a test set without letting the test set leak into the training.

    Mean and population standard deviation come from the *training rows only*; both sets are standardised with them.

    Parameters
    ----------
    x_train : array_like, shape (m_train, n)
    x_test : array_like, shape (m_test, n)
        The data are split already; nothing is shuffled.

    Returns
    -------
    train_scaled : np.ndarray, shape (m_train, n)
        Mean 0 and standard deviation 1 in each (not constant) feature, rows in the order they came.
    test_scaled : np.ndarray, shape (m_test, n)
        In the same units, so a test set that is shifted against the training set stays shifted.
    scaler : StandardScaler
        The one used, fitted, ready to transform what comes in production.

    Notes
    -----
    Changing, adding or removing test rows never changes ``train_scaled`` or the scaler.

    Source: slide "Key good practices", point 1.
    """
    raise NotImplementedError("scaling.split_and_scale")


def gradient_descent(gradient: Callable[[np.ndarray], ArrayLike], w0: ArrayLike, lr: float, steps: int) -> np.ndarray:
    """Run plain gradient descent and return every point that it visits.

    Formula: ``w[k + 1] = w[k] - lr * gradient(w[k])``, for k = 0 .. steps - 1.

    Parameters
    ----------
    gradient : callable
        Takes an array of shape ``(n,)`` and returns the gradient there, shape ``(n,)``. Any function may come.
    w0 : array_like, shape (n,)
        Where to start; may hold integers. It is left as it was.
    lr : float
        Learning rate, the same at every step.
    steps : int
        Number of updates, 0 or more.

    Returns
    -------
    np.ndarray, shape (steps + 1, n)
        The trajectory: ``w0`` in the first row, the point after the last update in the last row. With ``steps = 0``
        it is ``w0`` alone.

    Source: slide "Gradient path".
    """
    raise NotImplementedError("scaling.gradient_descent")


def mse_condition_number(x: ArrayLike) -> float:
    """Condition number of the Hessian of the mean squared error of a linear model: how narrow its valley is.

    For predictions ``X w`` (no bias) and the loss ``(1/m) * sum((X w - y)**2)`` the Hessian with respect to w is
    ``H = (2/m) * X.T @ X``. Its condition number is its largest eigenvalue divided by its smallest one (the 2-norm).
    1 is a round bowl; features of very different size make it huge, and standardising them brings it down.

    Parameters
    ----------
    x : array_like, shape (m, n)
        The data as they are (neither centred nor scaled here), with m >= n and linearly independent columns.

    Returns
    -------
    float
        At least 1.

    Source: slide "Loss landscape"; LeCun, Bottou, Orr and Müller,
    "Efficient BackProp" (1998).
    """
    raise NotImplementedError("scaling.mse_condition_number")
