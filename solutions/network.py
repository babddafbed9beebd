"""Everything put together: a multilayer perceptron and the loop that trains it.

`MLP` stacks what the other topics build: dense layers, batch normalisation, an activation, dropout. `train` is the
loop around it: shuffled mini-batches, an optimizer for each parameter, validation after every epoch, early stopping.

You may build on your own solutions of the other topics, for instance `from exercises.batchnorm import BatchNorm`,
`from exercises.dropout import Dropout` or `from exercises.losses import cross_entropy_with_logits_gradient`; or write
here what you need.

Conventions: one sample a row, x is (m, n). W is (n_out, n_in), b is (n_out,). Labels are integers (m,), from 0 to
K - 1. Inputs are array_like and never modified; results are float64. `rng` is anything that `numpy.random.default_rng`
accepts: the same seed gives the same run, but no particular draw is demanded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

### BEGIN SOLUTION
from exercises.batchnorm import BatchNorm
from exercises.dropout import Dropout
from exercises.losses import cross_entropy_with_logits, cross_entropy_with_logits_gradient
from exercises.regularization import EarlyStopping


def _sigmoid(z: np.ndarray) -> np.ndarray:
    tail = np.exp(-np.abs(z))  # in (0, 1]: never overflows
    return np.where(z >= 0, 1.0, tail) / (1.0 + tail)


# name -> (a from z, da/dz from a); for these three the output says all about the slope
_ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0.0), lambda a: np.where(a > 0.0, 1.0, 0.0)),
    "tanh": (np.tanh, lambda a: 1.0 - a**2),
    "sigmoid": (_sigmoid, lambda a: a * (1.0 - a)),
}


def _initial_std(activation: str, n_in: int, n_out: int) -> float:
    return np.sqrt(2.0 / n_in) if activation == "relu" else np.sqrt(2.0 / (n_in + n_out))


### END SOLUTION


class MLP:
    """A multilayer perceptron for classification: `x` in, one logit for each class out.

    Each hidden layer is dense → batch normalisation (if asked for) → activation → dropout, in this order. The last
    layer is dense alone: no batch normalisation, no activation (the logits go into a cross-entropy that applies
    softmax), no dropout.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, neurons of each hidden layer, number of outputs: [64, 32, 10] has one hidden layer, [64, 10]
        none.
    activation : {"relu", "tanh", "sigmoid"}, default "relu"
        Of every hidden layer.
    batchnorm : bool, default False
        Batch normalisation with eps = 1e-5 and momentum = 0.1, exactly as in the exercise `BatchNorm`: batch statistics
        (biased variance) in training mode, running statistics (mean, unbiased variance) in evaluation mode.
    dropout : float, default 0.0
        Probability of *dropping* a hidden activation, in [0, 1]. Inverted dropout, as in the exercise `Dropout`: in
        training mode what is kept is divided by (1 - dropout), with a fresh mask for each forward pass and each
        hidden layer; in evaluation mode the activations pass unchanged.
    rng : optional
        For the initial weights and the dropout masks. The same seed gives the same network.

    Raises
    ------
    ValueError
        If `activation` is another name or `dropout` lies outside [0, 1].

    Notes
    -----
    A new network is in training mode.

    Parameters are known by name. Layers count from 1: `W1`, `b1`, `W2`, `b2`, ...; with batch normalisation every
    hidden layer l also has `gamma{l}` and `beta{l}`, so that MLP([4, 8, 3], batchnorm=True) has W1, b1, gamma1,
    beta1, W2, b2. W{l} is (n_l, n_{l-1}), the others are (n_l,). The order of the names does not matter. Running
    statistics are no parameters.

    Initial weights are random with mean 0 and variance 2 / n_in for "relu" (He), 2 / (n_in + n_out) for the others
    (Xavier, also called Glorot), n_in and n_out being those of the layer; normal or uniform, as you like. Biases and
    beta start at 0, gamma at 1.

    Source: slides "Batch Normalization" (where it stands in the layer) and "Dropout"; He et al., "Delving deep into
    rectifiers" (2015); Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        batchnorm: bool = False,
        dropout: float = 0.0,
        rng: Any = None,
    ) -> None:
        """Check the arguments and draw the initial weights."""
        ### BEGIN SOLUTION
        if len(sizes) < 2:
            raise ValueError(f"sizes needs at least an input and an output, not {sizes!r}")
        if activation not in _ACTIVATIONS:
            raise ValueError(f"activation must be one of {sorted(_ACTIVATIONS)}, not {activation!r}")
        if not 0.0 <= dropout <= 1.0:
            raise ValueError(f"dropout is a probability in [0, 1], not {dropout!r}")
        rng = np.random.default_rng(rng)
        self.training = True
        self.n_layers = len(sizes) - 1
        self._function, self._slope = _ACTIVATIONS[activation]
        self._norms = [BatchNorm(n) for n in sizes[1:-1]] if batchnorm else []
        self._dropouts = [Dropout(dropout, rng) for _ in sizes[1:-1]]
        self._inputs: list[np.ndarray] = []  # of each dense layer
        self._outputs: list[np.ndarray] = []  # of each hidden layer's activation, before dropout
        self._gradients: dict[str, np.ndarray] = {}
        self._parameters: dict[str, np.ndarray] = {}
        for layer, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), start=1):
            self._parameters[f"W{layer}"] = rng.normal(0.0, _initial_std(activation, n_in, n_out), (n_out, n_in))
            self._parameters[f"b{layer}"] = np.zeros(n_out)
            if batchnorm and layer < self.n_layers:
                self._parameters[f"gamma{layer}"] = np.ones(n_out)
                self._parameters[f"beta{layer}"] = np.zeros(n_out)
        ### END SOLUTION

    def train(self) -> MLP:
        """Switch to training mode: batch statistics, active dropout. Returns the network itself."""
        ### BEGIN SOLUTION
        self.training = True
        for part in (*self._norms, *self._dropouts):
            part.train()
        return self
        ### END SOLUTION

    def eval(self) -> MLP:
        """Switch to evaluation mode: running statistics, left as they are; no dropout. Returns the network itself."""
        ### BEGIN SOLUTION
        self.training = False
        for part in (*self._norms, *self._dropouts):
            part.eval()
        return self
        ### END SOLUTION

    def parameters(self) -> dict[str, np.ndarray]:
        """The parameters by name. Their receiver must not change the arrays; new values come by `load_parameters`."""
        ### BEGIN SOLUTION
        return dict(self._parameters)
        ### END SOLUTION

    def gradients(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward` alone, with the keys and shapes of `parameters`."""
        ### BEGIN SOLUTION
        return dict(self._gradients)
        ### END SOLUTION

    def load_parameters(self, parameters: Mapping[str, ArrayLike]) -> None:
        """Replace the parameters.

        Parameters
        ----------
        parameters : dict of array_like
            The keys and shapes of `parameters()`. Running statistics and the mode stay as they are.
        """
        ### BEGIN SOLUTION
        if set(parameters) != set(self._parameters):
            raise ValueError(f"expected the parameters {sorted(self._parameters)}, got {sorted(parameters)}")
        new = {key: np.array(value, dtype=np.float64) for key, value in parameters.items()}
        for key, value in new.items():
            if value.shape != self._parameters[key].shape:
                raise ValueError(f"{key} has shape {value.shape}, but must have {self._parameters[key].shape}")
        self._parameters = new
        ### END SOLUTION

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Logits of a batch, and whatever `backward` will need.

        Parameters
        ----------
        x : array_like, shape (m, n_0)
            In evaluation mode a single row is fine, and each row's logits do not depend on the other rows.

        Returns
        -------
        logits : ndarray, shape (m, K)
        """
        ### BEGIN SOLUTION
        p = self._parameters
        a = np.array(x, dtype=np.float64)
        self._inputs, self._outputs = [], []
        for layer in range(1, self.n_layers):
            self._inputs.append(a)
            z = a @ p[f"W{layer}"].T + p[f"b{layer}"]
            if self._norms:
                norm = self._norms[layer - 1]
                norm.gamma, norm.beta = p[f"gamma{layer}"], p[f"beta{layer}"]
                z = norm.forward(z)
            a = self._function(z)
            self._outputs.append(a)
            a = self._dropouts[layer - 1].forward(a)
        self._inputs.append(a)
        return a @ p[f"W{self.n_layers}"].T + p[f"b{self.n_layers}"]
        ### END SOLUTION

    def backward(self, dlogits: ArrayLike) -> np.ndarray:
        """Gradients of all parameters, for the last forward pass, in the mode and with the masks of that pass.

        They replace those of the `backward` before: nothing is added up over calls.

        Parameters
        ----------
        dlogits : array_like, shape (m, K)
            ∂L/∂logits of a loss that is already averaged over the batch (no further division by m).

        Returns
        -------
        dx : ndarray, shape (m, n_0)
            ∂L/∂x. Nice to have: it is not checked.
        """
        ### BEGIN SOLUTION
        self._gradients = {}

        def through_dense(layer: int, delta: np.ndarray) -> np.ndarray:
            """Keep the gradients of one dense layer and return the gradient with respect to its input."""
            self._gradients[f"W{layer}"] = delta.T @ self._inputs[layer - 1]
            self._gradients[f"b{layer}"] = delta.sum(axis=0)
            return delta @ self._parameters[f"W{layer}"]

        delta = through_dense(self.n_layers, np.asarray(dlogits, dtype=np.float64))
        for layer in range(self.n_layers - 1, 0, -1):
            delta = self._dropouts[layer - 1].backward(delta)
            delta = delta * self._slope(self._outputs[layer - 1])
            if self._norms:
                delta, dgamma, dbeta = self._norms[layer - 1].backward(delta)
                self._gradients[f"gamma{layer}"], self._gradients[f"beta{layer}"] = dgamma, dbeta
            delta = through_dense(layer, delta)
        return delta
        ### END SOLUTION


def train(
    model: Any,
    optimizer_class: Any,
    x: ArrayLike,
    labels: ArrayLike,
    x_val: ArrayLike,
    labels_val: ArrayLike,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    weight_decay: float,
    patience: int | None,
    rng: Any,
) -> dict[str, list[float]]:
    """Train a classifier on mini-batches, watch it on validation data, and stop in time.

    Once, at the start: make one optimizer for *each* key of `model.parameters()`, by
    `optimizer_class(lr=lr, weight_decay=weight_decay)`. It holds the state of that parameter for the whole training.

    Each epoch:

    1. Shuffle the rows anew with `rng`, cut them into batches of `batch_size`; every row is used exactly once an epoch.
    2. For each batch, with the model in training mode (`model.train()`): logits from `model.forward`; the gradient of
       the *mean* cross-entropy of the batch with respect to the logits into `model.backward`; then a step of every
       optimizer, `new = optimizer.step(parameter, gradient)` with the values of `model.parameters()` and
       `model.gradients()`; the new values into the model by `model.load_parameters`, a dict of all of them.
    3. Validate in evaluation mode (`model.eval()`): mean cross-entropy and accuracy on the validation rows, which are
       for watching only.
    4. Stop early if `val_loss` has not fallen *below* its best value so far in `patience` epochs in a row.

    Parameters
    ----------
    model : MLP or alike
        Anything with `forward`, `backward`, `parameters`, `gradients`, `load_parameters`, `train` and `eval` of
        `MLP`; use no more than these. `parameters()` may hold any keys. It may hand out copies: only
        `load_parameters` changes the model.
    optimizer_class : class
        `AdamW` or alike: `optimizer_class(lr=..., weight_decay=...)`, then `.step(w, grad)` → new w.
    x : array_like, shape (m, n)
        Training rows, scaled already.
    labels : array_like of int, shape (m,)
        Their classes, 0 to K - 1.
    x_val, labels_val : array_like, shapes (m_val, n) and (m_val,)
        Validation rows and their classes.
    epochs : int
        Number of epochs at most.
    batch_size : int
        Rows a batch. (If it does not divide m, what you do with the rest is up to you.)
    lr, weight_decay : float
        Handed to every optimizer.
    patience : int or None
        Number of epochs in a row without a new best `val_loss` after which to stop, 1 or more. None, for never stopping
        early, is nice to have: it is not checked.
    rng
        For the shuffling, and its only source of randomness: the same seed gives the same batches.

    Returns
    -------
    history : dict of lists of float, one entry for each epoch that ran (the one after which it stopped included)
        `train_loss`: mean cross-entropy over the training rows, either as the mean of the batch losses of the epoch
        or evaluated at its end; `val_loss`: mean cross-entropy of the validation rows at the end of the epoch;
        `val_accuracy`: the fraction of the validation rows whose largest logit is that of their class, 0 to 1. The
        loss stays finite and right for logits up to ±1000.

    Notes
    -----
    The model ends with the parameters of the last epoch or with those of the best one, as you prefer; its mode at the
    end is up to you as well.

    Source: slides "Regularization" (weight decay, early stopping) and "Dropout" (`drop.train()`, `drop.eval()`).
    """
    ### BEGIN SOLUTION
    x, x_val = np.asarray(x, dtype=np.float64), np.asarray(x_val, dtype=np.float64)
    labels, labels_val = np.asarray(labels), np.asarray(labels_val)
    rng = np.random.default_rng(rng)
    optimizers = {key: optimizer_class(lr=lr, weight_decay=weight_decay) for key in model.parameters()}
    stopping = None if patience is None else EarlyStopping(patience)
    history: dict[str, list[float]] = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(x))
        model.train()
        total = 0.0
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            logits = np.asarray(model.forward(x[rows]))
            total += len(rows) * float(cross_entropy_with_logits(labels[rows], logits))
            model.backward(cross_entropy_with_logits_gradient(labels[rows], logits))
            parameters, gradients = model.parameters(), model.gradients()
            model.load_parameters({key: optimizers[key].step(parameters[key], gradients[key]) for key in parameters})
        model.eval()
        logits = np.asarray(model.forward(x_val))
        history["train_loss"].append(total / len(x))
        history["val_loss"].append(float(cross_entropy_with_logits(labels_val, logits)))
        history["val_accuracy"].append(float(np.mean(np.argmax(logits, axis=-1) == labels_val)))
        if stopping is not None and stopping.update(history["val_loss"][-1]):
            break
    return history
    ### END SOLUTION
