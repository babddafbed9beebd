"""Regularisation: L2, weight decay, Adam with each of them, and early stopping.

A model that is free to grow its weights learns the noise of its training set by heart. An L2 term makes large weights
cost something; weight decay shrinks them in every step. With plain gradient descent the two are the same thing. With
Adam they are not: an L2 term joins the gradient and is then divided by the gradient's own size like everything else
(`AdamL2`), a true decay stays outside of that (`AdamW`). Early stopping regularises by ending the training in time.

Conventions: `lam` and `weight_decay` are the slides' λ, `lr` is their η. The *penalty* is λ times the sum
of squares, so its gradient is 2 λ w; *weight decay* adds λ w, which is the gradient of (λ / 2) times the
sum of squares. Inputs are array_like and are never modified; results are new float64 arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def l2_penalty(weights: Sequence[ArrayLike], lam: float) -> float:
    r"""The L2 term that is added to the loss.

    .. math:: \lambda \sum_i w_i^2

    Parameters
    ----------
    weights : list of array_like
        The weight arrays of all layers. They may differ in shape and in number of dimensions; the sum runs over every
        element of every array.
    lam : float
        Strength λ >= 0.

    Returns
    -------
    float

    Source: slide "L2 Regularization". No factor 1/2 and no mean: the slide has neither.
    """
    raise NotImplementedError("regularization.l2_penalty")


def l2_gradient(w: ArrayLike, lam: float) -> np.ndarray:
    r"""Gradient of ``l2_penalty`` with respect to one of its weight arrays.

    .. math:: \frac{\partial}{\partial w} \, \lambda \sum_i w_i^2 = 2 \lambda w

    Parameters
    ----------
    w : array_like, any shape
    lam : float
        Strength λ.

    Returns
    -------
    ndarray, same shape as `w`

    Source: slide "L2 Regularization".
    """
    raise NotImplementedError("regularization.l2_gradient")


def sgd_weight_decay_step(w: ArrayLike, grad: ArrayLike, lr: float, weight_decay: float) -> np.ndarray:
    r"""One step of gradient descent with weight decay.

    .. math:: w \leftarrow w - \eta \left( \frac{\partial \mathcal{L}}{\partial w} + \lambda w \right)

    It equals a plain gradient step on the loss plus (λ / 2) times the sum of squares. The decay uses the weights
    as they were before the step.

    Parameters
    ----------
    w, grad : array_like, same shape
        Weights and gradient of the data loss. Both are left as they were.
    lr, weight_decay : float
        η and λ.

    Returns
    -------
    ndarray, same shape as `w`
        The new weights.

    Source: slide "Weight decay"; `torch.optim.SGD(weight_decay=)`.
    """
    raise NotImplementedError("regularization.sgd_weight_decay_step")


class AdamL2:
    r"""Adam with L2 regularisation: λ w joins the gradient *before* the moments.

    In step t = 1, 2, ... with the data gradient grad_t, from m_0 = v_0 = 0 on (every operation element by element):

    .. math:: g_t = \text{grad}_t + \lambda w, \qquad
              m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2

    .. math:: w \leftarrow w - \eta \, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}, \qquad
              \hat m_t = \frac{m_t}{1 - \beta_1^t}, \quad \hat v_t = \frac{v_t}{1 - \beta_2^t}

    The hats correct the bias of moments that started at zero. The slides leave that out: with
    ``bias_correction=False``, m_t and v_t themselves stand in the update. Epsilon is added to the root, outside of it,
    after the correction of v.

    Parameters
    ----------
    lr : float
        Learning rate η.
    betas : (float, float)
        Decay rates of the first and the second moment.
    eps : float
        Epsilon.
    weight_decay : float
        λ. The term is λ w (the gradient of (λ / 2) times the sum of squares).
    bias_correction : bool
        True is PyTorch's Adam, False the slides' form.

    Notes
    -----
    An object holds the state of *one* parameter array; two parameters need two objects, which share nothing.

    Source: slide "Example: L2 regularization + Adam"; Kingma & Ba (2015); `torch.optim.Adam(weight_decay=)`.
    """

    def __init__(
        self,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        bias_correction: bool = True,
    ) -> None:
        """Keep the settings; the moments start at zero."""
        raise NotImplementedError("regularization.AdamL2")

    def step(self, w: ArrayLike, grad: ArrayLike) -> np.ndarray:
        """Take one step; the first call is t = 1.

        Parameters
        ----------
        w, grad : array_like, same shape (any, the same in every call)
            The weights as they are now and the gradient of the data loss there (without the L2 term). Both are left as
            they were.

        Returns
        -------
        ndarray, same shape as `w`
            The new weights, a new array.
        """
        raise NotImplementedError("regularization.AdamL2")


class AdamW:
    r"""Adam with decoupled weight decay: λ w stays *outside* of the adaptive part.

    The moments see the data gradient alone, m_t and v_t and their hats as in `AdamL2` with g_t = grad_t, and

    .. math:: w \leftarrow w - \eta \left( \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} + \lambda w \right)

    where both w on the right are the weights as they were before the step. The learning rate multiplies the decay too:
    with zero gradients, a step multiplies the weights by exactly (1 - η λ).

    Parameters
    ----------
    lr : float
        Learning rate η.
    betas : (float, float)
        Decay rates of the first and the second moment.
    eps : float
        Epsilon, added to the root, outside of it, after the correction of v.
    weight_decay : float
        λ.
    bias_correction : bool
        True is PyTorch's AdamW, False the slides' form with m_t and v_t themselves.

    Notes
    -----
    An object holds the state of *one* parameter array; two parameters need two objects, which share nothing. Mind
    that the default of `weight_decay` is 0 here (PyTorch's AdamW has 0.01).

    Source: slide "Example: weight decay + Adam"; Loshchilov & Hutter (2019); `torch.optim.AdamW`.
    """

    def __init__(
        self,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        bias_correction: bool = True,
    ) -> None:
        """Keep the settings; the moments start at zero."""
        raise NotImplementedError("regularization.AdamW")

    def step(self, w: ArrayLike, grad: ArrayLike) -> np.ndarray:
        """Take one step; the first call is t = 1.

        Parameters
        ----------
        w, grad : array_like, same shape (any, the same in every call)
            The weights as they are now and the gradient of the data loss there. Both are left as they were.

        Returns
        -------
        ndarray, same shape as `w`
            The new weights, a new array.
        """
        raise NotImplementedError("regularization.AdamW")


class EarlyStopping:
    """Say when the validation loss has stopped improving.

    A loss is an *improvement* when it is below ``best - min_delta``, strictly; the first loss always is one. Training
    should stop once `patience` updates *in a row* were no improvement. An improvement sets the count back to zero.

    Parameters
    ----------
    patience : int
        Number of updates without improvement after which to stop, at least 1.
    min_delta : float
        How much lower than the best loss a new one must be to count, in the units of the loss.

    Attributes
    ----------
    best : float
        The loss of the latest improvement (a later loss that is no improvement does not touch it).
    best_epoch : int
        The update in which it came, counted from 0.

    Notes
    -----
    With patience 2 the losses 0.9, 0.7, 0.8, 0.7, 0.75 give False, False, False, True, True; then `best` is 0.7 and
    `best_epoch` is 1: an equal loss is no improvement.

    Source: slide table "Regularization by architecture" (row MLP); Prechelt (1998).
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        """Keep the settings; nothing has been seen yet."""
        raise NotImplementedError("regularization.EarlyStopping")

    def update(self, val_loss: float) -> bool:
        """Take the validation loss of one more epoch in.

        Parameters
        ----------
        val_loss : float

        Returns
        -------
        bool
            True when training should stop: this update and the ``patience - 1`` before it were no improvement.
        """
        raise NotImplementedError("regularization.EarlyStopping")
