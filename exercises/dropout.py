"""Dropout: switch units off at random while training, so that no unit can rely on a particular other one.

Every batch trains another thinned network, all of them sharing the same weights: an ensemble made on the fly. At
evaluation the whole network answers for the ensemble.

Conventions: ``p`` is the probability of *dropping* a unit, as in PyTorch (the 2014 paper's p is the probability of
keeping it). This is *inverted* dropout: in training what is kept is divided by ``1 - p``, so the expected value stays
``x`` and evaluation needs no scaling. ``rng`` is anything that ``numpy.random.default_rng`` accepts: a seed, a
Generator or None; the same seed twice gives the same draw. Inputs are array_like and never modified; results are
float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def dropout_mask(shape: tuple[int, ...], p: float, rng: Any) -> np.ndarray:
    """Draw a mask that says which units stay: 1 = kept, 0 = dropped.

    Each entry is 0 with probability ``p``, *independently* of all the others (of its row and its column too).

    Parameters
    ----------
    shape : tuple of int
        Shape of the mask.
    p : float
        Probability of dropping, in [0, 1]. With 0 everything is kept, with 1 nothing.
    rng : seed, numpy.random.Generator or None
        Source of randomness, as for ``numpy.random.default_rng``. The same seed gives the same mask.

    Returns
    -------
    np.ndarray, shape ``shape``
        Zeros and ones only; the factor 1/(1 - p) is not part of the mask.

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1].

    Source: slide "Dropout"; Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting"
    (2014).
    """
    raise NotImplementedError("dropout.dropout_mask")


def dropout_forward(x: ArrayLike, mask: ArrayLike, p: float) -> np.ndarray:
    """Inverted dropout in training: drop what the mask drops and scale up what stays.

    Formula: ``x * mask / (1 - p)``, element by element.

    Parameters
    ----------
    x : array_like, any shape
    mask : array_like, shape of x
        1 = kept, 0 = dropped (floats, integers or booleans), already drawn.
    p : float
        The probability of dropping with which the mask was drawn (not the share of zeros that happens to be in it).

    Returns
    -------
    np.ndarray, shape of x
        New float64 array. With ``p = 1`` all zeros (and no warning).

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1].

    Source: slide "Dropout".
    """
    raise NotImplementedError("dropout.dropout_forward")


def dropout_backward(dout: ArrayLike, mask: ArrayLike, p: float) -> np.ndarray:
    """Gradient of the loss with respect to the input ``x`` of ``dropout_forward``.

    Parameters
    ----------
    dout : array_like, any shape
        Gradient of the loss with respect to the output of ``dropout_forward``.
    mask : array_like, shape of dout
        The mask that the forward pass used: 1 = kept, 0 = dropped.
    p : float
        The p that the forward pass used.

    Returns
    -------
    np.ndarray, shape of dout
        dL/dx, a new float64 array: nothing flows through a dropped unit, and what flows through a kept one is
        multiplied by the same factor as its value was. With ``p = 1`` all zeros (and no warning).

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1].

    Source: slide "Dropout".
    """
    raise NotImplementedError("dropout.dropout_backward")


class Dropout:
    """A dropout layer with a training mode and an evaluation mode.

    Parameters
    ----------
    p : float, default 0.5
        Probability of dropping each element, in [0, 1].
    rng : seed, numpy.random.Generator or None
        Source of randomness, as for ``numpy.random.default_rng``. Two layers made with the same seed draw the same
        masks, in the same order.

    Attributes
    ----------
    training : bool
        True after construction and after ``train()``, False after ``eval()``.

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1].

    Source: slides "Dropout" and "Dropout in PyTorch" (``nn.Dropout``).
    """

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        """Check ``p`` and start in training mode; see the class for the arguments."""
        raise NotImplementedError("dropout.Dropout")

    def train(self) -> Dropout:
        """Switch dropout on; returns self."""
        raise NotImplementedError("dropout.Dropout")

    def eval(self) -> Dropout:
        """Switch dropout off; returns self."""
        raise NotImplementedError("dropout.Dropout")

    def forward(self, x: ArrayLike) -> np.ndarray:
        """In training drop elements of ``x`` (any shape) and divide the rest by 1 - p; in evaluation return ``x``.

        Each element of each batch is dropped independently, and every call draws a fresh mask. With ``p = 1`` the
        training output is all zeros. In evaluation nothing is dropped or scaled; the result may be ``x`` itself.
        """
        raise NotImplementedError("dropout.Dropout")

    def backward(self, dout: ArrayLike) -> np.ndarray:
        """Gradient with respect to the input of the *last* ``forward``, with the mask and in the mode of that call.

        The mask decides, not the values: a kept element that happened to be 0 passes its gradient on. Switching the
        mode between ``forward`` and ``backward`` changes nothing. After a ``forward`` in evaluation it is ``dout``,
        unchanged.
        """
        raise NotImplementedError("dropout.Dropout")


class SpatialDropout:
    """Dropout for images that drops whole channels (PyTorch's ``nn.Dropout2d``).

    Neighbouring pixels are so alike that dropping single ones hides little; a feature map therefore goes as a whole.

    Parameters
    ----------
    p : float, default 0.5
        Probability of dropping each channel of each image, in [0, 1].
    rng : seed, numpy.random.Generator or None
        Source of randomness, as for ``numpy.random.default_rng``. Two layers made with the same seed draw the same
        masks, in the same order.

    Attributes
    ----------
    training : bool
        True after construction and after ``train()``, False after ``eval()``.

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1].

    Source: slide "Techniques by architecture" (``nn.Dropout2d``); Tompson et al., "Efficient object
    localization using convolutional networks" (2015).
    """

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        """Check ``p`` and start in training mode; see the class for the arguments."""
        raise NotImplementedError("dropout.SpatialDropout")

    def train(self) -> SpatialDropout:
        """Switch dropout on; returns self."""
        raise NotImplementedError("dropout.SpatialDropout")

    def eval(self) -> SpatialDropout:
        """Switch dropout off; returns self."""
        raise NotImplementedError("dropout.SpatialDropout")

    def forward(self, x: ArrayLike) -> np.ndarray:
        """In training drop channels of ``x``, ``(m, C, H, W)``, and divide the rest by 1 - p; else return ``x``.

        Each channel of each image is dropped independently: all its H * W values or none of them, and another choice
        for every image. Every call draws a fresh mask. With ``p = 1`` the training output is all zeros.
        """
        raise NotImplementedError("dropout.SpatialDropout")

    def backward(self, dout: ArrayLike) -> np.ndarray:
        """Gradient with respect to the input of the *last* ``forward``, with the mask and in the mode of that call.

        The mask decides, not the values: a kept channel passes its gradient on even where its values were 0. Switching
        the mode between ``forward`` and ``backward`` changes nothing. After a ``forward`` in evaluation it is ``dout``.
        """
        raise NotImplementedError("dropout.SpatialDropout")


def monte_carlo_mean(x: ArrayLike, p: float, n_samples: int, rng: Any) -> np.ndarray:
    """Average many dropout passes over the same input: the ensemble that dropout stands for.

    Each pass is inverted dropout in training with a mask of its own; the result is the mean of the ``n_samples``
    passes, element by element. For p < 1 it approaches ``x`` as ``n_samples`` grows, which is why evaluation can use
    ``x`` itself.

    Parameters
    ----------
    x : array_like, any shape
    p : float
        Probability of dropping, in [0, 1]. With 1 the result is all zeros.
    n_samples : int
        Number of passes, at least 1.
    rng : seed, numpy.random.Generator or None
        Source of randomness, as for ``numpy.random.default_rng``. A seed seeds the whole run, not each pass.

    Returns
    -------
    np.ndarray, shape of x
        New float64 array.

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1] or ``n_samples`` is less than 1.

    Source: slide "Dropout" (the ensemble in real time); Gal and Ghahramani, "Dropout as a Bayesian approximation"
    (2016).
    """
    raise NotImplementedError("dropout.monte_carlo_mean")
