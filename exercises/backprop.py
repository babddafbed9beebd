"""Backpropagation and the vanishing gradient.

The chain rule, layer by layer, for a dense network. Layer l computes z[l] = a[l-1] W[l]^T + b[l] and a[l] = σ(z[l]);
a[0] is the input x. The error δ[l] = ∂L/∂z[l] travels from the last layer to the first, and each layer multiplies it by
its weights and by σ'(z[l]). Factors that stay below 1 make the product vanish in a deep network.

Conventions: one sample a row, so a[l] and δ[l] are (m, n_l); W[l] is (n_l, n_{l-1}) and b[l] is (n_l,), the layout of
`torch.nn.Linear`. Inputs are array_like (lists, integers, float32), are never modified, and results are new float64
arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike


def dense_forward(a_prev: ArrayLike, W: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Pre-activation of a dense layer: z = W a + b for every sample.

    With one sample a row this reads z = a_prev W^T + b. No activation is applied.

    Parameters
    ----------
    a_prev : array_like, shape (m, n_in)
        Activations of the layer below, one sample a row.
    W : array_like, shape (n_out, n_in)
        Weights; row j belongs to output neuron j.
    b : array_like, shape (n_out,)
        One bias for each output neuron.

    Returns
    -------
    z : ndarray, shape (m, n_out)

    Notes
    -----
    The same function as `torch.nn.functional.linear(a_prev, W, b)`.

    Source: slide "How does this relate to scaling the inputs?" (z[l] = W[l] a[l-1] + b[l]).
    """
    raise NotImplementedError("backprop.dense_forward")


def hidden_delta(delta_next: ArrayLike, W_next: ArrayLike, activation_derivative: ArrayLike) -> np.ndarray:
    """Error of a hidden layer from the error of the layer above.

    δ[l] = (W[l+1]^T δ[l+1]) ∘ σ'(z[l]), where ∘ is the element by element product, for every sample.

    Parameters
    ----------
    delta_next : array_like, shape (m, n_next)
        δ[l+1], one sample a row.
    W_next : array_like, shape (n_next, n)
        W[l+1], the weights that lead from this layer to the next.
    activation_derivative : array_like, shape (m, n)
        The array σ'(z[l]), already evaluated (not z itself, and not a function).

    Returns
    -------
    delta : ndarray, shape (m, n)
        δ[l]. Nothing is averaged over the samples here.

    Notes
    -----
    Source: slide "Vanishing gradient?"; Rumelhart, Hinton and Williams, "Learning representations by back-propagating
    errors", Nature 323 (1986).
    """
    raise NotImplementedError("backprop.hidden_delta")


def dense_gradients(delta: ArrayLike, a_prev: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of the loss with respect to a layer's weights and biases.

    For one sample ∂L/∂W = δ a_prev^T (an outer product) and ∂L/∂b = δ; a batch adds up the contributions of its
    samples.

    Parameters
    ----------
    delta : array_like, shape (m, n_out)
        δ = ∂L/∂z of this layer, one sample a row. The loss L is *already* averaged over the batch, so the factor 1/m
        is inside δ: do not divide by m again.
    a_prev : array_like, shape (m, n_in)
        The input that the layer had in the forward pass.

    Returns
    -------
    dW : ndarray, shape (n_out, n_in)
        The shape of W.
    db : ndarray, shape (n_out,)
        The shape of b.

    Notes
    -----
    Source: slide "What is the problem otherwise?" (gradient with respect to the weights).
    """
    raise NotImplementedError("backprop.dense_gradients")


def vanishing_bound(depth: int, max_derivative: float = 0.25) -> float:
    """The factor that `depth` activation derivatives can leave of a gradient at most.

    The gradient of an early layer holds one factor σ'(z) for every layer that it passes. If no derivative exceeds
    `max_derivative`, their product does not exceed the product of `depth` such factors.

    Parameters
    ----------
    depth : int
        Number of layers, 0 or more. No layer leaves the gradient as it is: the bound is 1.
    max_derivative : float, default 0.25
        The largest value of σ'. For the sigmoid it is 0.25, at z = 0; for tanh and ReLU it is 1.

    Returns
    -------
    float
        For the sigmoid and 20 layers about 9.1e-13.

    Notes
    -----
    Source: slide "Vanishing gradient?".
    """
    raise NotImplementedError("backprop.vanishing_bound")


def numerical_gradient(f: Callable[[np.ndarray], float], x: ArrayLike, h: float = 1e-5) -> np.ndarray:
    """Gradient of a scalar function by central differences: the test of every analytic gradient.

    Entry i is (f(x + h e_i) - f(x - h e_i)) / (2 h), where x ± h e_i is x with only its i-th entry shifted by h. Its
    error falls with h²; a one-sided difference, (f(x + h e_i) - f(x)) / h, is only accurate to first order in h.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and returns a number or a 0-d array.
    x : array_like, any shape
        Where the gradient is wanted. Integers count as float64: a step of h must not be rounded away.
    h : float, default 1e-5
        The step, the same for every entry.

    Returns
    -------
    ndarray, the shape of x

    Notes
    -----
    `x` is left exactly as it was. Adding h and taking it off again leaves rounding behind: (x + h) - h is not always x.

    Source: the practice behind the slide "Vanishing gradient?"; see CS231n, "Gradient checks".
    """
    raise NotImplementedError("backprop.numerical_gradient")


def mlp_forward(
    x: ArrayLike, weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], activation: str
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Forward pass through a stack of dense layers, keeping what the backward pass needs.

    a[0] = x, and for each layer z[l] = a[l-1] W[l]^T + b[l], a[l] = σ(z[l]). The activation is applied after *every*
    layer, the last one included.

    Parameters
    ----------
    x : array_like, shape (m, n_0)
    weights : sequence of L array_like, shapes (n_l, n_{l-1})
        First layer first.
    biases : sequence of L array_like, shapes (n_l,)
    activation : {"sigmoid", "tanh", "relu"}
        The sigmoid must not overflow, nor warn, for |z| up to 1000.

    Returns
    -------
    zs : list of L ndarrays, shapes (m, n_l)
        The pre-activations z[1], ..., z[L].
    activations : list of L + 1 ndarrays, shapes (m, n_0), (m, n_1), ...
        `activations[0]` is x, `activations[l]` is σ(z[l]); the last one is the output of the network.

    Raises
    ------
    ValueError
        If `activation` is another name.

    Notes
    -----
    Source: slides "Vanishing gradient?" and "How does this relate to scaling the inputs?" (a[0] = x).
    """
    raise NotImplementedError("backprop.mlp_forward")


def mlp_backward(
    dout: ArrayLike,
    zs: Sequence[ArrayLike],
    activations: Sequence[ArrayLike],
    weights: Sequence[ArrayLike],
    activation: str,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Backward pass through the network of `mlp_forward`.

    δ[L] = ∂L/∂a[L] ∘ σ'(z[L]); then from the last layer to the first the weight and bias gradients of the layer
    follow from its δ and its input, and δ of the layer below from the recursion of `hidden_delta`.

    Parameters
    ----------
    dout : array_like, shape (m, n_L)
        ∂L/∂a[L], the gradient with respect to the *output* of the last activation. The loss is already averaged.
    zs : sequence of L array_like
        As `mlp_forward` returns them.
    activations : sequence of L + 1 array_like
        As `mlp_forward` returns them; `activations[0]` is x.
    weights : sequence of L array_like, shapes (n_l, n_{l-1})
    activation : {"sigmoid", "tanh", "relu"}
        The activation of every layer. The derivative of ReLU is 0 at z = 0; that of the others must not overflow, nor
        warn, for |z| up to 1000.

    Returns
    -------
    dWs : list of L ndarrays
        First layer first; `dWs[i]` has the shape of `weights[i]`.
    dbs : list of L ndarrays
        First layer first; `dbs[i]` has the shape (n_{i+1},) of that layer's bias.

    Notes
    -----
    Source: slides "Vanishing gradient?" and "What is the problem otherwise?".
    """
    raise NotImplementedError("backprop.mlp_backward")


def gradient_norms(dWs: Sequence[ArrayLike]) -> np.ndarray:
    """Frobenius norm of each layer's weight gradient: how much each layer learns.

    The Frobenius norm of a matrix is the square root of the sum of its squared entries. Plotted against the layer
    number (on a logarithmic axis) it shows a vanishing gradient at a glance.

    Parameters
    ----------
    dWs : sequence of L array_like
        The weight gradients, first layer first. Their shapes may differ.

    Returns
    -------
    ndarray, shape (L,)
        One norm a layer, in the same order. Small norms keep their relative precision: 1e-13 is not 0.

    Notes
    -----
    Source: slides "Vanishing gradient?" and "Consequences of the vanishing gradient".
    """
    raise NotImplementedError("backprop.gradient_norms")
