"""Known wrong answers of `network`."""

import numpy as np

from grader.misconceptions.catalogue import misconception


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0)}
SLOPES = {
    "sigmoid": lambda z, a: a * (1.0 - a),
    "tanh": lambda z, a: 1.0 - a**2,
    "relu": lambda z, a: (z > 0.0) * 1.0,
}

# -- MLP ---------------------------------------------------------------------------------------------------------------


class Network:
    """A right MLP in parts, one or two of which a mistake replaces.

    `before`, `hidden` and `after` name the steps on the input, after each hidden dense layer and after the last
    one. Each step keeps on the tape what its backward step needs.
    """

    before = ()
    hidden = ("norm", "activate", "drop")
    after = ()
    eps = 1e-5
    momentum = 0.1

    def __init__(self, sizes, activation="relu", batchnorm=False, dropout=0.0, rng=None):
        self.check(activation, dropout)
        self.activation, self.batchnorm, self.dropout = activation, batchnorm, dropout
        self.rng = self.generator(rng)
        self.layers = len(sizes) - 1
        self.training = True
        self.p, self.g, self.running, self.tape = {}, {}, {}, []
        for layer in range(1, self.layers + 1):
            n_in, n_out = sizes[layer - 1], sizes[layer]
            self.p[f"W{layer}"] = self.weights(n_in, n_out)
            self.p[f"b{layer}"] = self.biases(n_out)
            if batchnorm and (layer < self.layers or "norm" in self.after):
                self.p[f"gamma{layer}"], self.p[f"beta{layer}"] = np.ones(n_out), np.zeros(n_out)
                self.running[layer] = (np.zeros(n_out), np.ones(n_out))

    def check(self, activation, dropout):
        if activation not in FUNCTIONS:
            raise ValueError(f"unknown activation {activation!r}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout must be in [0, 1], not {dropout}")

    def generator(self, rng):
        return np.random.default_rng(rng)

    def weights(self, n_in, n_out):
        return self.rng.normal(0.0, self.std(n_in, n_out), (n_out, n_in))

    def std(self, n_in, n_out):
        return np.sqrt(2.0 / n_in if self.activation == "relu" else 2.0 / (n_in + n_out))

    def biases(self, n_out):
        return np.zeros(n_out)

    def train(self):
        self.training = True
        return self

    def eval(self):
        self.training = False
        return self

    def parameters(self):
        return dict(self.p)

    def gradients(self):
        return dict(self.g)

    def load_parameters(self, parameters):
        for key, value in parameters.items():
            self.p[key] = np.array(value, dtype=np.float64)

    def forward(self, x):
        self.tape = []
        a = np.array(x, dtype=np.float64)
        for step in self.before:
            a = getattr(self, step)(0, a)
        for layer in range(1, self.layers + 1):
            a = self.dense(layer, a)
            for step in self.after if layer == self.layers else self.hidden:
                a = getattr(self, step)(layer, a)
        return a

    def backward(self, dlogits):
        self.begin_backward()
        d = np.array(dlogits, dtype=np.float64)
        for step, layer, saved in reversed(self.tape):
            d = getattr(self, step + "_back")(layer, d, saved)
        return d

    def begin_backward(self):
        self.g = {}

    def store(self, key, gradient):
        self.g[key] = gradient

    def dense(self, layer, a):
        self.tape.append(("dense", layer, a))
        return a @ self.p[f"W{layer}"].T + self.p[f"b{layer}"]

    def dense_back(self, layer, d, a):
        self.store(f"W{layer}", d.T @ a)
        self.store(f"b{layer}", d.sum(axis=0))
        return d @ self.p[f"W{layer}"]

    def activate(self, layer, z):
        a = self.function(z)
        self.tape.append(("activate", layer, (z, a)))
        return a

    def activate_back(self, layer, d, saved):
        return d * self.slope(*saved)

    def function(self, z):
        return FUNCTIONS[self.activation](z)

    def slope(self, z, a):
        return SLOPES[self.activation](z, a)

    def drop(self, layer, a):
        factor = self.factor(layer, a.shape)
        self.tape.append(("drop", layer, factor))
        return a * factor

    def drop_back(self, layer, d, factor):
        return d * factor

    def factor(self, layer, shape):
        if not self.training or self.dropout == 0:
            return 1.0
        return self.mask(layer, shape) / max(1.0 - self.dropout, 1e-300)

    def mask(self, layer, shape):
        return (self.rng.random(shape) >= self.dropout) * 1.0

    def norm(self, layer, z):
        if not self.batchnorm:
            return z
        mean, var = self.statistics(layer, z)
        z_hat = (z - mean) / self.spread(var)
        self.tape.append(("norm", layer, (z_hat, var, self.training)))
        return self.p[f"gamma{layer}"] * z_hat + self.p[f"beta{layer}"]

    def spread(self, var):
        return np.sqrt(var + self.eps)

    def statistics(self, layer, z):
        if not self.training:
            return self.running[layer]
        if len(z) < 2:
            raise ValueError("training needs two rows")
        self.update(layer, z)
        return z.mean(axis=0), z.var(axis=0)

    def update(self, layer, z):
        mean, var = self.running[layer]
        keep, new = 1.0 - self.momentum, self.momentum
        self.running[layer] = (keep * mean + new * z.mean(axis=0), keep * var + new * self.running_variance(z))

    def running_variance(self, z):
        return z.var(axis=0, ddof=min(1, len(z) - 1))

    def norm_back(self, layer, d, saved):
        z_hat, var, training = saved
        dgamma, dbeta = (d * z_hat).sum(axis=0), d.sum(axis=0)
        self.store(f"gamma{layer}", dgamma)
        self.store(f"beta{layer}", dbeta)
        scale = self.p[f"gamma{layer}"] / self.spread(var)
        return scale * (d - dbeta / len(d) - z_hat * dgamma / len(d)) if training else scale * d


@misconception(
    "MLP",
    "Activation on the logits",
    hint="The last layer is dense alone. A logit may be negative or larger than 1; the softmax belongs to the loss.",
)
class MLP_activates_logits(Network):
    after = ("activate_logits",)

    def activate_logits(self, layer, z):
        return self.function(z)


@misconception(
    "MLP",
    "Softmax on the logits",
    hint="The loss applies the softmax itself; yours would be applied twice. What comes out of the last layer is z.",
)
class MLP_softmax(Network):
    after = ("soften",)

    def soften(self, layer, z):
        return np.exp(log_softmax(z))


@misconception(
    "MLP",
    "Softmax in evaluation",
    hint="forward returns logits in both modes: whoever wants probabilities applies the softmax to them.",
)
class MLP_softmax_in_evaluation(Network):
    def forward(self, x):
        logits = super().forward(x)
        return logits if self.training else np.exp(log_softmax(logits))


@misconception(
    "MLP",
    "BatchNorm after the activation",
    hint="On the slides the normalisation stands between z and the activation. Yours normalises the activations.",
)
class MLP_norm_after_activation(Network):
    hidden = ("activate", "norm", "drop")


@misconception(
    "MLP",
    "Dropout before the activation",
    hint="A dropped unit must put out 0. If z is dropped instead, a sigmoid unit puts out 0.5.",
)
class MLP_dropout_before_activation(Network):
    hidden = ("norm", "drop", "activate")


@misconception(
    "MLP",
    "Dropout before BatchNorm",
    hint="The order in a hidden layer is dense, BatchNorm, activation, dropout; your masks disturb the batch "
    "statistics.",
)
class MLP_dropout_before_norm(Network):
    hidden = ("drop", "norm", "activate")


@misconception(
    "MLP",
    "Drops inputs",
    hint="Dropout acts on the hidden activations here; the pixels of x themselves are all kept.",
)
class MLP_drops_inputs(Network):
    before = ("drop",)


@misconception(
    "MLP",
    "Drops logits",
    hint="Dropout acts on the hidden layers. A dropped logit makes the loss of that class noise.",
)
class MLP_drops_logits(Network):
    after = ("drop",)


@misconception(
    "MLP",
    "BatchNorm on the last layer",
    hint="The last layer is dense alone: no gamma and beta of its own, and logits of any mean and spread.",
)
class MLP_norm_on_last_layer(Network):
    after = ("norm",)


@misconception(
    "MLP",
    "Dropout in the last hidden layer only",
    hint="Every hidden layer has its dropout, not only the last one. Is the call inside your loop?",
)
class MLP_drops_last_hidden_only(Network):
    def factor(self, layer, shape):
        return super().factor(layer, shape) if layer == self.layers - 1 else 1.0


@misconception(
    "MLP",
    "Dropout in evaluation",
    hint="Two evaluations of the same batch differ. Which mode may draw masks?",
    equivalents=("MLP_eval_misses_dropout",),
)
class MLP_drops_in_eval(Network):
    def factor(self, layer, shape):
        return self.mask(layer, shape) / max(1.0 - self.dropout, 1e-300)


@misconception(
    "MLP",
    "Dropout without 1 / (1 - p)",
    hint="With a share p of the units gone the next layer receives less than in evaluation. What restores the mean?",
)
class MLP_unscaled_dropout(Network):
    def factor(self, layer, shape):
        return self.mask(layer, shape) if self.training and self.dropout else 1.0


@misconception(
    "MLP",
    "Scales in evaluation instead of in training",
    hint="The original form of dropout multiplies by (1 - p) at evaluation. The inverted form, asked for here, does "
    "its scaling in training and leaves evaluation alone.",
)
class MLP_scales_in_eval(Network):
    def factor(self, layer, shape):
        return self.mask(layer, shape) if self.training and self.dropout else 1.0 - self.dropout


@misconception(
    "MLP",
    "dropout is the probability of keeping",
    hint="With dropout=0.2 your network loses 80 percent of its units. The argument is the probability of *dropping*.",
)
class MLP_keeps_with_p(Network):
    def factor(self, layer, shape):
        if not self.training or self.dropout == 0:
            return 1.0
        return (self.rng.random(shape) < self.dropout) / self.dropout


@misconception(
    "MLP",
    "One mask for ever",
    hint="Two forward passes in training drop the same units. Each pass needs a fresh mask.",
)
class MLP_reuses_mask(Network):
    def mask(self, layer, shape):
        kept = self.__dict__.setdefault("masks", {})
        if (layer, shape) not in kept:
            kept[layer, shape] = super().mask(layer, shape)
        return kept[layer, shape]


@misconception(
    "MLP",
    "One mask for all rows",
    hint="In your network a unit is dropped for the whole batch or not at all. Each sample draws its own.",
)
class MLP_mask_per_unit(Network):
    def mask(self, layer, shape):
        return np.broadcast_to(super().mask(layer, shape[1:]), shape)


@misconception(
    "MLP",
    "One decision for a whole row",
    hint="Within a row some units stay and others go. What is the shape of the draw?",
)
class MLP_mask_per_row(Network):
    def mask(self, layer, shape):
        return np.broadcast_to(super().mask(layer, (shape[0], 1)), shape)


@misconception(
    "MLP",
    "Drops a fixed number of units",
    hint="Each unit is dropped on its own, so their number varies from pass to pass. Does yours?",
)
class MLP_exact_share(Network):
    def mask(self, layer, shape):
        mask = np.ones(shape)
        mask.flat[self.rng.permutation(mask.size)[: round(self.dropout * mask.size)]] = 0.0
        return mask


@misconception(
    "MLP",
    "Backward without the mask",
    hint="A dropped unit had no influence on the loss, so no gradient may pass it.",
)
class MLP_backward_without_mask(Network):
    def drop_back(self, layer, d, factor):
        return d


@misconception(
    "MLP",
    "Backward with the mask but without its scale",
    hint="Forward multiplies the kept units by 1 / (1 - p). The chain rule multiplies their gradient by the same "
    "factor.",
)
class MLP_backward_unscaled(Network):
    def drop_back(self, layer, d, factor):
        return d * (np.asarray(factor) > 0)


@misconception(
    "MLP",
    "Backward draws another mask",
    hint="Backward belongs to the forward pass before it and needs the very mask of that pass: keep it.",
)
class MLP_backward_fresh_mask(Network):
    def drop_back(self, layer, d, factor):
        return d * (1.0 if np.ndim(factor) == 0 else self.factor(layer, d.shape))


@misconception(
    "MLP",
    "Takes the slope after dropout",
    hint="The slope belongs to the output of the activation. Yours is read off that output after dropout has "
    "scaled it.",
)
class MLP_slope_after_dropout(Network):
    def forward(self, x):
        out = super().forward(x)
        factors = {layer: saved for step, layer, saved in self.tape if step == "drop"}
        self.tape = [
            (step, layer, (saved[0], saved[1] * factors[layer]) if step == "activate" else saved)
            for step, layer, saved in self.tape
        ]
        return out


@misconception(
    "MLP",
    "The same mask in every layer",
    hint="Each layer drops the very units that the one before it dropped. Is each mask drawn with the same seed?",
)
class MLP_same_mask_in_all_layers(Network):
    def forward(self, x):
        self.seed = int(self.rng.integers(2**31))
        return super().forward(x)

    def mask(self, layer, shape):
        return (np.random.default_rng(self.seed).random(shape) >= self.dropout) * 1.0


@misconception(
    "MLP",
    "The masks do not follow rng",
    hint="The same rng should give the same masks as well as the same weights. Where do the masks come from?",
)
class MLP_masks_unseeded(Network):
    def mask(self, layer, shape):
        return (np.random.default_rng().random(shape) >= self.dropout) * 1.0


@misconception(
    "MLP",
    "backward looks at the mode of now",
    hint="backward belongs to the last forward pass. Call eval() between the two: nothing should change.",
)
class MLP_backward_current_mode(Network):
    def drop_back(self, layer, d, factor):
        return super().drop_back(layer, d, factor if self.training else 1.0)

    def norm_back(self, layer, d, saved):
        return super().norm_back(layer, d, (*saved[:2], self.training))


@misconception(
    "MLP",
    "Gradients add up over calls",
    hint="The second `backward` gives the sum of both batches. PyTorch does that too (hence zero_grad); here each "
    "call replaces.",
)
class MLP_accumulates(Network):
    def begin_backward(self):
        pass

    def store(self, key, gradient):
        self.g[key] = self.g.get(key, 0.0) + gradient


@misconception(
    "MLP",
    "Divides by m again",
    hint="dlogits comes from a loss that is averaged already. A further 1/m makes the step depend on the batch size.",
)
class MLP_divides_by_m(Network):
    def dense_back(self, layer, d, a):
        below = super().dense_back(layer, d, a)
        self.store(f"W{layer}", d.T @ a / len(d))
        self.store(f"b{layer}", d.mean(axis=0))
        return below


@misconception(
    "MLP",
    "Averages the weight gradients",
    hint="The biases' gradients are sums over the batch, those of the weights means. Treat both alike.",
)
class MLP_mean_weight_gradient(Network):
    def dense_back(self, layer, d, a):
        below = super().dense_back(layer, d, a)
        self.store(f"W{layer}", d.T @ a / len(d))
        return below


@misconception(
    "MLP",
    "Averages the bias gradients",
    hint="The weights' gradients are sums over the batch, those of the biases means. Treat both alike.",
)
class MLP_mean_bias_gradient(Network):
    def dense_back(self, layer, d, a):
        below = super().dense_back(layer, d, a)
        self.store(f"b{layer}", d.mean(axis=0))
        return below


@misconception(
    "MLP",
    "Trains the last layer only",
    hint="The gradients of the hidden layers are all zero: the error has to travel on, layer by layer.",
)
class MLP_last_layer_only(Network):
    def dense_back(self, layer, d, a):
        return 0.0 * super().dense_back(layer, d, a)


@misconception(
    "MLP",
    "Statistics treated as constants",
    hint="In training the mean and the variance depend on every row of z, and the gradient flows through them as well.",
)
class MLP_norm_constant_statistics(Network):
    def norm_back(self, layer, d, saved):
        z_hat, var, _ = saved
        return super().norm_back(layer, d, (z_hat, var, False))


@misconception(
    "MLP",
    "Gradient through the mean but not the variance",
    hint="Both statistics depend on z. Yours is the gradient of a layer that only centres.",
)
class MLP_norm_forgets_variance(Network):
    def norm_back(self, layer, d, saved):
        scaled = super().norm_back(layer, d, (*saved[:2], False))
        return scaled - scaled.mean(axis=0) if saved[2] else scaled


@misconception(
    "MLP",
    "Evaluation normalises with the batch",
    hint="In evaluation a row's logits change with the rows beside it. Which statistics belong to that mode?",
)
class MLP_eval_batch_statistics(Network):
    def statistics(self, layer, z):
        if self.training:
            self.update(layer, z)
        return z.mean(axis=0), z.var(axis=0)


@misconception(
    "MLP",
    "Evaluation updates the running statistics",
    hint="Evaluating twice gives two answers, because the first call changed the network. Evaluation only looks.",
)
class MLP_eval_updates(Network):
    def statistics(self, layer, z):
        used = super().statistics(layer, z)
        if not self.training and len(z) > 1:
            self.update(layer, z)
        return used


@misconception(
    "MLP",
    "Never updates the running statistics",
    hint="Evaluation after training still normalises with mean 0 and variance 1, the start values.",
)
class MLP_never_updates(Network):
    def update(self, layer, z):
        pass


@misconception(
    "MLP",
    "Running variance biased",
    hint="The batch is normalised with the variance over m, but the running variance collects the one over m - 1.",
)
class MLP_biased_running_variance(Network):
    def running_variance(self, z):
        return z.var(axis=0)


@misconception(
    "MLP",
    "Batch normalised with the unbiased variance",
    hint="Only the running variance takes the division by m - 1. The batch itself is normalised with the one over m.",
)
class MLP_unbiased_batch_variance(Network):
    def statistics(self, layer, z):
        mean, var = super().statistics(layer, z)
        return (mean, z.var(axis=0, ddof=1)) if self.training else (mean, var)


@misconception(
    "MLP",
    "Momentum the other way round",
    hint="momentum = 0.1 is the weight of the *new* batch, as in PyTorch. Yours forgets nine tenths in each step.",
)
class MLP_inverted_momentum(Network):
    momentum = 0.9


@misconception(
    "MLP",
    "ε outside the root",
    hint="ε is added to the variance, before the root is taken. For a feature with a tiny variance the place matters.",
)
class MLP_eps_outside(Network):
    def spread(self, var):
        return np.sqrt(var) + self.eps


@misconception(
    "MLP",
    "Evaluation backward as in training",
    hint="In evaluation the statistics are constants, so nothing flows through them. Backward follows the mode of "
    "the forward pass before it.",
)
class MLP_eval_backward(Network):
    def norm_back(self, layer, d, saved):
        return super().norm_back(layer, d, (*saved[:2], True))


@misconception(
    "MLP",
    "Gradients of gamma and beta swapped",
    hint="gamma multiplies the normalised value, beta is added. Which of the two gradients is a plain sum?",
)
class MLP_gamma_beta_swapped(Network):
    def norm_back(self, layer, d, saved):
        below = super().norm_back(layer, d, saved)
        self.g[f"gamma{layer}"], self.g[f"beta{layer}"] = self.g[f"beta{layer}"], self.g[f"gamma{layer}"]
        return below


@misconception(
    "MLP",
    "Xavier for ReLU",
    hint="ReLU halves the signal's mean square. He's variance makes up for that; yours is Xavier's.",
)
class MLP_xavier_for_relu(Network):
    def std(self, n_in, n_out):
        return np.sqrt(2.0 / (n_in + n_out))


@misconception(
    "MLP",
    "He for tanh and sigmoid",
    hint="The factor 2 of He's variance makes up for ReLU's dead half. The other activations take Xavier's.",
)
class MLP_he_for_all(Network):
    def std(self, n_in, n_out):
        return np.sqrt(2.0 / n_in)


@misconception(
    "MLP",
    "Variance 1 / n_in",
    hint="That is for units that let everything through. Half of what reaches a ReLU becomes 0: how much more does it "
    "need?",
)
class MLP_one_over_n_in(Network):
    def std(self, n_in, n_out):
        return np.sqrt(1.0 / n_in)


@misconception(
    "MLP",
    "Uniform within 1/√n_in",
    hint="That is how PyTorch's Linear starts: the variance is 1/(3 n_in). He and Xavier ask for more.",
)
class MLP_start_of_linear(Network):
    def weights(self, n_in, n_out):
        return self.rng.uniform(-1.0, 1.0, (n_out, n_in)) / np.sqrt(n_in)


@misconception(
    "MLP",
    "Starts the generator again for each layer",
    hint="With the same seed every layer begins with the same numbers. Make the Generator once, before the loop.",
)
class MLP_reseeds_each_layer(Network):
    def generator(self, rng):
        self.source = rng
        return super().generator(rng)

    def weights(self, n_in, n_out):
        return np.random.default_rng(self.source).normal(0.0, self.std(n_in, n_out), (n_out, n_in))


@misconception(
    "MLP",
    "Uniform within one standard deviation",
    hint="The variance of a uniform distribution on [-a, a] is a² / 3, not a². How large must a be?",
)
class MLP_narrow_uniform(Network):
    def weights(self, n_in, n_out):
        return self.rng.uniform(-self.std(n_in, n_out), self.std(n_in, n_out), (n_out, n_in))


@misconception(
    "MLP",
    "Weights with variance 1",
    hint="With n_in inputs of size 1 the pre-activations have a spread of √n_in. How must the weights shrink as "
    "n_in grows?",
)
class MLP_standard_normal(Network):
    def std(self, n_in, n_out):
        return 1.0


@misconception(
    "MLP",
    "Weights of size 0.01",
    hint="A fixed small size lets the signal die out in wide networks. He and Xavier depend on the width of the layer.",
)
class MLP_small_weights(Network):
    def std(self, n_in, n_out):
        return 0.01


@misconception(
    "MLP",
    "Weights all zero",
    hint="If all neurons of a layer start alike they receive the same gradients and stay alike for ever.",
)
class MLP_zero_weights(Network):
    def weights(self, n_in, n_out):
        return np.zeros((n_out, n_in))


@misconception(
    "MLP",
    "Variance taken for the standard deviation",
    hint="2 / n_in is the *variance*. What does `rng.normal` expect as its scale?",
)
class MLP_variance_as_std(Network):
    def std(self, n_in, n_out):
        return super().std(n_in, n_out) ** 2


@misconception(
    "MLP",
    "Fan-out for fan-in",
    hint="He's variance is 2 over the number of *inputs* of the layer. Which axis of W holds the inputs?",
)
class MLP_fan_out(Network):
    def std(self, n_in, n_out):
        return super().std(n_out, n_in)


@misconception(
    "MLP",
    "Weights uniform in [0, 1)",
    hint="`rng.random` gives positive numbers only. The weights need mean 0.",
)
class MLP_positive_weights(Network):
    def weights(self, n_in, n_out):
        return self.rng.random((n_out, n_in)) * self.std(n_in, n_out)


@misconception("MLP", "Random biases", hint="Biases start at 0; the weights alone break the symmetry.")
class MLP_random_biases(Network):
    def biases(self, n_out):
        return self.rng.normal(0.0, 0.1, n_out)


@misconception(
    "MLP",
    "Ignores rng",
    hint="The same seed gives two different networks. Where do your weights get their randomness from?",
)
class MLP_ignores_rng(Network):
    def generator(self, rng):
        return np.random.default_rng()


@misconception(
    "MLP",
    "A seed of its own",
    hint="Every seed gives the same network. Did you leave a fixed seed in the constructor?",
)
class MLP_fixed_seed(Network):
    def generator(self, rng):
        return np.random.default_rng(0)


class Renamed(Network):
    """Parameters under other names, or in other layouts, towards the outside."""

    def rename(self, key):
        raise NotImplementedError

    def parameters(self):
        return {self.rename(key): value for key, value in self.p.items()}

    def gradients(self):
        return {self.rename(key): value for key, value in self.g.items()}

    def load_parameters(self, parameters):
        super().load_parameters({key: parameters[self.rename(key)] for key in self.p if self.rename(key) in parameters})


@misconception("MLP", "Counts layers from 0", hint="The first layer's parameters are W1 and b1, as on the slides.")
class MLP_counts_from_zero(Renamed):
    def rename(self, key):
        return key.rstrip("0123456789") + str(int(key.lstrip("Wbgamet")) - 1)


@misconception(
    "MLP",
    "W stored as (n_in, n_out)",
    hint="W{l} is (n_l, n_{l-1}): one row a neuron. Yours is its transpose.",
)
class MLP_transposed_weights(Network):
    def turn(self, values):
        return {key: np.transpose(value) if key[0] == "W" else value for key, value in values.items()}

    def parameters(self):
        return self.turn(self.p)

    def gradients(self):
        return self.turn(self.g)

    def load_parameters(self, parameters):
        super().load_parameters(self.turn(parameters))


@misconception(
    "MLP",
    "gamma and beta are no parameters",
    hint="What `parameters` does not show no optimizer can train. gamma and beta are learnt.",
)
class MLP_norm_not_learnt(Network):
    def visible(self, values):
        return {key: value for key, value in values.items() if key[0] == "W" or key[:2] != "be" and key[0] == "b"}

    def parameters(self):
        return self.visible(self.p)

    def gradients(self):
        return self.visible(self.g)


@misconception(
    "MLP",
    "No gradients for gamma and beta",
    hint="`gradients` needs every key of `parameters`; gamma and beta are missing.",
)
class MLP_norm_without_gradients(MLP_norm_not_learnt):
    def parameters(self):
        return dict(self.p)


@misconception(
    "MLP",
    "Loads W and b only",
    hint="After `load_parameters` gamma and beta still have their old values.",
)
class MLP_loads_without_norm(Network):
    def load_parameters(self, parameters):
        super().load_parameters({key: value for key, value in parameters.items() if key[:2] not in ("ga", "be")})


@misconception("MLP", "Loads the weights only", hint="After `load_parameters` the biases still have their old values.")
class MLP_loads_without_biases(Network):
    def load_parameters(self, parameters):
        super().load_parameters({key: value for key, value in parameters.items() if key[0] != "b" or key[:2] == "be"})


@misconception(
    "MLP",
    "Always ReLU",
    hint="The logits do not depend on `activation`. Do you use the argument?",
)
class MLP_always_relu(Network):
    def function(self, z):
        return FUNCTIONS["relu"](z)

    def slope(self, z, a):
        return SLOPES["relu"](z, a)


@misconception(
    "MLP",
    "No activation at all",
    hint="Without a nonlinearity between its layers the network is one linear map, however deep.",
)
class MLP_linear(Network):
    hidden = ("norm", "drop")


@misconception(
    "MLP",
    "tanh' from z instead of tanh(z)",
    hint="The derivative of tanh is 1 - a² with a = tanh(z). You square z itself.",
)
class MLP_tanh_slope_from_z(Network):
    def slope(self, z, a):
        return 1.0 - z**2 if self.activation == "tanh" else super().slope(z, a)


@misconception(
    "MLP",
    "The sigmoid's derivative is a",
    hint="σ' = σ (1 - σ). One factor is missing.",
)
class MLP_sigmoid_slope(Network):
    def slope(self, z, a):
        return a if self.activation == "sigmoid" else super().slope(z, a)


@misconception(
    "MLP",
    "Activates a second time before the slope",
    hint="A slope that is written as a function of z wants z. Yours receives the output of the activation.",
)
class MLP_slope_of_output(Network):
    def slope(self, z, a):
        return super().slope(a, self.function(a))


@misconception(
    "MLP",
    "ReLU passes every gradient",
    hint="A unit whose z is negative puts out 0 whatever z is, so its gradient is 0.",
)
class MLP_relu_slope_one(Network):
    def slope(self, z, a):
        return np.ones(z.shape) if self.activation == "relu" else super().slope(z, a)


@misconception(
    "MLP",
    "Any dropout probability goes",
    hint="1.5 and -0.1 are no probabilities. The contract asks for a ValueError.",
)
class MLP_unchecked_dropout(Network):
    def check(self, activation, dropout):
        super().check(activation, 0.0)


@misconception(
    "MLP",
    "Refuses dropout=1",
    hint="Dropping everything is pointless but allowed: the probability lies in [0, 1], both ends included.",
)
class MLP_refuses_full_dropout(Network):
    def check(self, activation, dropout):
        super().check(activation, dropout)
        if dropout == 1:
            raise ValueError("dropout must be below 1")


@misconception(
    "MLP",
    "Unknown activations pass in silence",
    hint="A misspelt name gives some network and nobody notices. The contract asks for a ValueError.",
)
class MLP_unchecked_activation(Network):
    def check(self, activation, dropout):
        super().check("relu", dropout)

    def function(self, z):
        return FUNCTIONS.get(self.activation, lambda z: z)(z)


@misconception(
    "MLP",
    "train() does not lead back from eval()",
    hint="After one evaluation your network stays in evaluation mode, whatever is called.",
)
class MLP_train_without_effect(Network):
    def train(self):
        return self


@misconception(
    "MLP",
    "Starts in evaluation mode",
    hint="A new network is in training mode, as in PyTorch.",
)
class MLP_starts_in_eval(Network):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.training = False


@misconception(
    "MLP",
    "Loading parameters switches to training",
    hint="Load parameters after eval(): the network should stay in evaluation. What does load_parameters build anew?",
)
class MLP_loading_trains(Network):
    def load_parameters(self, parameters):
        super().load_parameters(parameters)
        self.train()


@misconception(
    "MLP",
    "All networks share their parameters",
    hint="Make a second network: the first one should keep its own. Are the parameters stored on the object or on its "
    "class?",
)
class MLP_class_parameters(Network):
    _shared = {}

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._shared.clear()
        self._shared.update(self.p)
        self.p = self._shared


@misconception("MLP", "eval() has no effect", hint="After `eval()` the network still behaves as in training.")
class MLP_eval_without_effect(Network):
    def eval(self):
        return self


@misconception(
    "MLP",
    "eval() reaches the dropout only",
    hint="Switch *every* part of the network that has a mode, the normalisations too.",
)
class MLP_eval_misses_norm(Network):
    def statistics(self, layer, z):
        self.update(layer, z)
        return z.mean(axis=0), z.var(axis=0)

    def norm_back(self, layer, d, saved):
        return super().norm_back(layer, d, (*saved[:2], True))


@misconception(
    "MLP",
    "eval() reaches the BatchNorm only",
    hint="Switch *every* part of the network that has a mode, the dropouts too.",
    equivalents=("MLP_drops_in_eval",),
)
class MLP_eval_misses_dropout(Network):
    def factor(self, layer, shape):
        mode, self.training = self.training, True
        try:
            return super().factor(layer, shape)
        finally:
            self.training = mode


@misconception(
    "MLP",
    "One set of running statistics for all layers",
    hint="Each hidden layer has a BatchNorm of its own. With layers of the same width a shared one goes unnoticed.",
)
class MLP_shared_running_statistics(Network):
    def statistics(self, layer, z):
        for other, (mean, _) in self.running.items():
            if mean.shape == z.shape[1:]:
                return super().statistics(other, z)
        return super().statistics(layer, z)


@misconception(
    "MLP",
    "Sigmoid overflows",
    hint="exp(1000) is not a float64. For which sign of z is exp(-z) harmless, and what can you write for the other "
    "one?",
)
class MLP_overflow(Network):
    def function(self, z):
        return 1.0 / (1.0 + np.exp(-z)) if self.activation == "sigmoid" else super().function(z)


@misconception(
    "MLP",
    "tanh overflows",
    hint="Above and below the fraction stands exp(1000), which is not a float64. NumPy has a tanh of its own.",
)
class MLP_tanh_overflow(Network):
    def function(self, z):
        if self.activation != "tanh":
            return super().function(z)
        up, down = np.exp(z), np.exp(-z)
        return (up - down) / (up + down)


@misconception(
    "MLP",
    "Works in float32",
    hint="The first seven digits are right, the others are not. Where does your code ask for single precision?",
)
class MLP_single_precision(Network):
    def load_parameters(self, parameters):
        super().load_parameters({key: np.asarray(value, dtype=np.float32) for key, value in parameters.items()})


# -- train -------------------------------------------------------------------------------------------------------------


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class Loop:
    """A right training loop in parts, one of which a mistake replaces."""

    def __init__(
        self, model, optimizer_class, x, labels, x_val, labels_val,
        *, epochs, batch_size, lr, weight_decay, patience, rng,
    ):  # fmt: skip
        self.model, self.optimizer_class = model, optimizer_class
        self.x, self.labels = np.asarray(x, dtype=np.float64), np.asarray(labels)
        self.x_val, self.labels_val = np.asarray(x_val, dtype=np.float64), np.asarray(labels_val)
        self.epochs, self.batch_size, self.patience = epochs, batch_size, patience
        self.lr, self.weight_decay = lr, weight_decay
        self.rng = self.generator(rng)
        self.history = {"train_loss": [], "val_loss": [], "val_accuracy": []}

    def run(self):
        self.optimizers = {key: self.optimizer() for key in self.model.parameters()}
        self.begin()
        for _ in range(self.epochs):
            self.begin_epoch()
            losses = []
            for rows in self.batches():
                losses.append(self.step(self.x[rows], self.labels[rows]))
            self.history["train_loss"].append(self.train_loss(losses))
            self.validate()
            if self.stop():
                break
        return self.history

    def generator(self, rng):
        return np.random.default_rng(rng)

    def optimizer(self):
        return self.optimizer_class(lr=self.lr, weight_decay=self.weight_decay)

    def begin(self):
        pass

    def begin_epoch(self):
        self.model.train()

    def batches(self):
        order = self.order()
        return [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]

    def order(self):
        return self.rng.permutation(len(self.x))

    def step(self, x, labels):
        logits = np.asarray(self.model.forward(x))
        self.model.backward(self.gradient(labels, logits))
        self.update(self.model.parameters(), self.model.gradients())
        return self.loss(labels, logits)

    def update(self, parameters, gradients):
        self.model.load_parameters(
            {key: self.optimizers[key].step(parameters[key], gradients[key]) for key in parameters}
        )

    def loss(self, labels, logits):
        return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())

    def gradient(self, labels, logits):
        return (np.exp(log_softmax(logits)) - np.eye(logits.shape[1])[labels]) / len(labels)

    def train_loss(self, losses):
        return float(np.mean(losses))

    def evaluation(self):
        self.model.eval()

    def validate(self):
        self.evaluation()
        logits = np.asarray(self.model.forward(self.x_val))
        self.history["val_loss"].append(self.val_loss(logits))
        self.history["val_accuracy"].append(self.accuracy(logits))

    def val_loss(self, logits):
        return self.loss(self.labels_val, logits)

    def accuracy(self, logits):
        return float((logits.argmax(axis=1) == self.labels_val).mean())

    def watched(self):
        return self.history["val_loss"]

    def stop(self):
        return self.patience is not None and self.waited(self.watched()) >= self.patience

    def waited(self, losses):
        """How many epochs in a row were no improvement."""
        return len(losses) - 1 - int(np.argmin(losses))


@misconception(
    "train",
    "Indexes the data as they come",
    hint="x and the labels may be lists, and a list cannot be indexed by an array of rows. Convert them first.",
)
def train_needs_arrays(model, optimizer_class, x, labels, x_val, labels_val, **settings):
    loop = Loop(model, optimizer_class, x, labels, x_val, labels_val, **settings)
    loop.x, loop.labels = x, labels
    return loop.run()


@misconception(
    "train",
    "Never shuffles",
    hint="Every epoch sees the same batches in the same order. The rows are to be shuffled anew each time.",
)
def train_without_shuffling(*args, **settings):
    class Wrong(Loop):
        def order(self):
            return np.arange(len(self.x))

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Shuffles once",
    hint="The rows are mixed, but every epoch has the same batches. Does each epoch draw an order of its own?",
)
def train_shuffles_once(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            self.first = self.rng.permutation(len(self.x))

        def order(self):
            return self.first

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "The same order in every epoch",
    hint="A generator made from the same seed in every epoch gives the same permutation every time. Make it once.",
)
def train_reseeds(*args, **settings):
    class Wrong(Loop):
        def order(self):
            return np.random.default_rng(0).permutation(len(self.x))

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Shuffles the batches, not the rows",
    hint="The same rows share a batch in every epoch; only the order of the batches changes.",
)
def train_shuffles_batches(*args, **settings):
    class Wrong(Loop):
        def batches(self):
            starts = self.rng.permutation(np.arange(0, len(self.x), self.batch_size))
            return [np.arange(start, start + self.batch_size) for start in starts]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Always the same batches when rng is None",
    hint="rng = None asks for an order that nobody can foresee. Which seed do you put in its place?",
)
def train_seeds_none(*args, **settings):
    class Wrong(Loop):
        def generator(self, rng):
            return super().generator(42 if rng is None else rng)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Takes batch_size for the number of batches",
    hint="With 24 rows and batch_size 6 there are 4 batches of 6 rows. How many do you cut?",
)
def train_number_of_batches(*args, **settings):
    class Wrong(Loop):
        def batches(self):
            return np.array_split(self.order(), self.batch_size)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Draws with replacement",
    hint="Some rows come twice in an epoch and others never. Shuffle the rows instead of drawing at random.",
)
def train_with_replacement(*args, **settings):
    class Wrong(Loop):
        def order(self):
            return self.rng.integers(0, len(self.x), len(self.x))

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Labels left unshuffled",
    hint="The rows of x are mixed and the labels are not: most rows now carry the label of another. Use one order "
    "for both.",
)
def train_labels_unshuffled(*args, **settings):
    class Wrong(Loop):
        def batches(self):
            self.starts = iter(range(0, len(self.x), self.batch_size))
            return super().batches()

        def step(self, x, labels):
            start = next(self.starts)
            return super().step(x, self.labels[start : start + len(x)])

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Ignores batch_size",
    hint="One step with all rows each epoch is gradient descent without mini-batches.",
)
def train_full_batch(*args, **settings):
    class Wrong(Loop):
        def batches(self):
            return [self.order()]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Leaves the last batch out",
    hint="Some rows are not used in an epoch although the batches divide them evenly. Check where your range ends.",
)
def train_drops_last_batch(*args, **settings):
    class Wrong(Loop):
        def batches(self):
            batches = super().batches()
            return batches[:-1] if len(batches) > 1 else batches

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Randomness from somewhere else",
    hint="The same rng gives other batches each time. Let the generator that you are given do the shuffling.",
)
def train_ignores_rng(*args, **settings):
    class Wrong(Loop):
        def generator(self, rng):
            return np.random.default_rng()

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Shuffles the caller's arrays",
    hint="Shuffling x in place changes the data of whoever called you. Shuffle indices instead.",
)
def train_shuffles_in_place(
    model, optimizer_class, x, labels, x_val, labels_val, **settings
):  # fmt: skip
    class Wrong(Loop):
        def order(self):
            order = super().order()
            x[:], labels[:] = x[order], labels[order]
            return np.arange(len(order))

    loop = Wrong(model, optimizer_class, x, labels, x_val, labels_val, **settings)
    loop.x, loop.labels = x, labels
    return loop.run()


@misconception(
    "train",
    "Trains on the validation rows too",
    hint="Rows that have been trained on say nothing about unseen data. The validation rows are for watching only.",
)
def train_leaks_validation(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            self.x = np.concatenate([self.x, self.x_val])
            self.labels = np.concatenate([self.labels, self.labels_val])

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "One optimizer for all parameters",
    hint="An optimizer holds the moments of *one* parameter. Shared, it mixes the history of W1 into W2.",
)
def train_shared_optimizer(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            shared = next(iter(self.optimizers.values()))
            self.optimizers = dict.fromkeys(self.optimizers, shared)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "New optimizers every epoch",
    hint="An optimizer made anew has forgotten its momentum. Make them once, before the first epoch.",
)
def train_new_optimizers_each_epoch(*args, **settings):
    class Wrong(Loop):
        def begin_epoch(self):
            super().begin_epoch()
            self.optimizers = {key: self.optimizer() for key in self.optimizers}

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "New optimizers every step",
    hint="An optimizer made anew has forgotten its momentum: Adam then is at t = 1 for ever. Make them once.",
)
def train_new_optimizers_each_step(*args, **settings):
    class Wrong(Loop):
        def step(self, x, labels):
            self.optimizers = {key: self.optimizer() for key in self.optimizers}
            return super().step(x, labels)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Learning rate not handed on",
    hint="The optimizers run with their own default. `lr` has to reach them.",
)
def train_default_lr(*args, **settings):
    class Wrong(Loop):
        def optimizer(self):
            return self.optimizer_class(weight_decay=self.weight_decay)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Weight decay not handed on",
    hint="The optimizers run without weight decay. `weight_decay` has to reach them.",
)
def train_without_weight_decay(*args, **settings):
    class Wrong(Loop):
        def optimizer(self):
            return self.optimizer_class(lr=self.lr)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Decays the weights a second time",
    hint="The optimizer has been given weight_decay and takes care of it. What does your gradient hold besides?",
)
def train_decays_twice(*args, **settings):
    class Wrong(Loop):
        def update(self, parameters, gradients):
            decay = self.weight_decay
            super().update(parameters, {key: gradients[key] + decay * parameters[key] for key in parameters})

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Adds the weight penalty to the losses",
    hint="val_loss is the cross-entropy alone: weight decay is the optimizer's, and no part of the loss.",
)
def train_penalised_losses(*args, **settings):
    class Wrong(Loop):
        def loss(self, labels, logits):
            penalty = sum(float(np.sum(value**2)) for value in self.model.parameters().values())
            return super().loss(labels, logits) + self.weight_decay / 2 * penalty

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Decays the weights only",
    hint="Every optimizer gets the weight_decay that was asked for, that of a bias too.",
)
def train_decays_weights_only(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            self.optimizers = {
                key: self.optimizer_class(lr=self.lr, weight_decay=self.weight_decay if key.startswith("W") else 0.0)
                for key in self.optimizers
            }

        def optimizer(self):
            return None

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Plain gradient descent in place of the optimizer",
    hint="Your own w - lr * g works, but the caller asked for a certain optimizer. Use its `step`.",
)
def train_own_gradient_descent(*args, **settings):
    class Wrong(Loop):
        def update(self, parameters, gradients):
            self.model.load_parameters({k: parameters[k] - self.lr * gradients[k] for k in parameters})

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Throws the new parameters away",
    hint="`step` returns a new array and changes nothing. Who tells the model?",
)
def train_never_loads(*args, **settings):
    class Wrong(Loop):
        def update(self, parameters, gradients):
            for key in parameters:
                self.optimizers[key].step(parameters[key], gradients[key])

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Writes into what parameters() returned",
    hint="parameters() may hand out copies: what is written into them is lost. New values come by `load_parameters`.",
)
def train_writes_into_parameters(*args, **settings):
    class Wrong(Loop):
        def update(self, parameters, gradients):
            for key in parameters:
                parameters[key][...] = self.optimizers[key].step(parameters[key], gradients[key])

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Updates the weights but not the biases",
    hint="Every key of `parameters()` is trained, whatever its name.",
)
def train_weights_only(*args, **settings):
    class Wrong(Loop):
        def update(self, parameters, gradients):
            stepped = {k: self.optimizers[k].step(w, gradients[k]) for k, w in parameters.items() if k[0] == "W"}
            self.model.load_parameters({**parameters, **stepped})

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Gradient of the summed loss",
    hint="The loss is the mean over the batch. Without 1/m the step grows with the batch size.",
)
def train_summed_gradient(*args, **settings):
    class Wrong(Loop):
        def gradient(self, labels, logits):
            return super().gradient(labels, logits) * len(labels)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Averages the gradient twice",
    hint="The gradient of the mean loss has been divided by the rows of the batch already. Where is the second time?",
)
def train_gradient_averaged_twice(*args, **settings):
    class Wrong(Loop):
        def gradient(self, labels, logits):
            return super().gradient(labels, logits) / len(labels)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Gradient averaged over the classes as well",
    hint="The mean runs over the samples. The K classes of a sample are summed by the cross-entropy itself.",
)
def train_gradient_over_classes(*args, **settings):
    class Wrong(Loop):
        def gradient(self, labels, logits):
            return super().gradient(labels, logits) / logits.shape[1]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Climbs instead of descends",
    hint="The loss rises. Which sign has the gradient for the class of the label, whose logit should grow?",
)
def train_ascends(*args, **settings):
    class Wrong(Loop):
        def gradient(self, labels, logits):
            return -super().gradient(labels, logits)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Gradient without the labels",
    hint="You hand the probabilities themselves to `backward`. What is to be subtracted from that of the right class?",
)
def train_gradient_without_labels(*args, **settings):
    class Wrong(Loop):
        def gradient(self, labels, logits):
            return np.exp(log_softmax(logits)) / len(labels)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "exp overflows",
    hint="Logits may reach 1000, and exp(1000) is not a float64. A softmax may subtract the largest logit first.",
)
def train_overflow(*args, **settings):
    class Wrong(Loop):
        def gradient(self, labels, logits):
            p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            return (p - np.eye(logits.shape[1])[labels]) / len(labels)

        def loss(self, labels, logits):
            p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            return float(-np.log(p[np.arange(len(labels)), labels]).mean())

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Adds a small number inside the logarithm",
    hint="log(p + 1e-8) caps the loss at 18, and shifts every loss a little. log-softmax needs no such help.",
)
def train_log_floor(*args, **settings):
    class Wrong(Loop):
        def loss(self, labels, logits):
            return float(-np.log(np.exp(log_softmax(logits))[np.arange(len(labels)), labels] + 1e-8).mean())

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Clips the probabilities",
    hint="A probability that is not allowed below 1e-12 caps the loss at 27.6. log-softmax needs no such help.",
)
def train_clipped_loss(*args, **settings):
    class Wrong(Loop):
        def loss(self, labels, logits):
            p = np.clip(np.exp(log_softmax(logits)), 1e-12, 1.0)
            return float(-np.log(p[np.arange(len(labels)), labels]).mean())

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Stops at the first epoch that is no better",
    hint="patience is how many such epochs in a row it takes. Where does your loop use the number?",
)
def train_without_patience(*args, **settings):
    class Wrong(Loop):
        def stop(self):
            return self.patience is not None and self.waited(self.watched()) >= 1

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Any drop has to be large enough",
    hint="A new best is any val_loss below the best one, however little. Is there a min_delta or a tolerance?",
)
def train_min_delta(*args, **settings):
    class Wrong(Loop):
        def waited(self, losses):
            best, waited = np.inf, 0
            for loss in losses:
                best, waited = (loss, 0) if loss < best - 1e-4 else (best, waited + 1)
            return waited

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Compares with the loss of patience epochs ago",
    hint="What counts is the best val_loss so far: with a new best in between, training goes on.",
)
def train_compares_with_earlier(*args, **settings):
    class Wrong(Loop):
        def stop(self):
            losses, patience = self.history["val_loss"], self.patience
            return patience is not None and len(losses) > patience and losses[-1] >= losses[-1 - patience]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "One epoch too many",
    hint="How many entries has the history for epochs=3? Check the ends of your range.",
)
def train_one_epoch_more(*args, **settings):
    return Loop(*args, **{**settings, "epochs": settings["epochs"] + 1}).run()


@misconception(
    "train",
    "Validates on the first batch only",
    hint="The loss and the accuracy are those of *all* validation rows. How many of them does your model see?",
)
def train_validates_on_one_batch(*args, **settings):
    loop = Loop(*args, **settings)
    loop.x_val, loop.labels_val = loop.x_val[: loop.batch_size], loop.labels_val[: loop.batch_size]
    return loop.run()


@misconception(
    "train",
    "Returns nothing",
    hint="The history is built but never handed back. What does the last line of `train` do?",
)
def train_returns_nothing(*args, **settings):
    Loop(*args, **settings).run()


@misconception(
    "train",
    "Validates in training mode",
    hint="Without `model.eval()` dropout is active and BatchNorm uses, and learns from, the validation batch.",
)
def train_validates_in_training_mode(*args, **settings):
    class Wrong(Loop):
        def evaluation(self):
            pass

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Stays in evaluation mode after the first epoch",
    hint="Validation switches the model to evaluation. Who switches it back for the next epoch?",
)
def train_mode_set_once(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            self.model.train()

        def begin_epoch(self):
            pass

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Trains in evaluation mode",
    hint="In evaluation mode there is no dropout and no batch statistics. Call `model.train()` before the batches.",
)
def train_in_eval_mode(*args, **settings):
    class Wrong(Loop):
        def begin_epoch(self):
            self.model.eval()

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Validates on the training rows",
    hint="val_loss follows the training rows and cannot show overfitting. Which arrays are for validation?",
)
def train_validates_on_training_rows(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            self.x_val, self.labels_val = self.x, self.labels

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Validates before training",
    hint="The first entry is the loss of the untrained model. Validation comes at the end of each epoch.",
)
def train_validates_first(*args, **settings):
    class Wrong(Loop):
        def begin_epoch(self):
            Loop.validate(self)
            super().begin_epoch()

        def validate(self):
            pass

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "val_loss summed",
    hint="The loss grows with the number of validation rows. It is a mean over them.",
)
def train_val_loss_summed(*args, **settings):
    class Wrong(Loop):
        def val_loss(self, logits):
            return super().val_loss(logits) * len(logits)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "train_loss summed over the batches",
    hint="The loss grows with the number of batches. An epoch's loss is the mean over its rows.",
)
def train_train_loss_summed(*args, **settings):
    class Wrong(Loop):
        def train_loss(self, losses):
            return float(np.sum(losses))

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "train_loss of the last batch only",
    hint="One batch says little about an epoch. All training rows take part in its mean.",
)
def train_train_loss_last_batch(*args, **settings):
    class Wrong(Loop):
        def train_loss(self, losses):
            return losses[-1]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "train_loss of each batch",
    hint="The list has one entry for each batch. The history has one for each epoch.",
)
def train_train_loss_per_batch(*args, **settings):
    class Wrong(Loop):
        def train_loss(self, losses):
            self.history["train_loss"].extend(losses[:-1])
            return losses[-1]

    return Wrong(*args, **settings).run()


@misconception("train", "Accuracy in percent", hint="A fraction lies between 0 and 1.")
def train_accuracy_percent(*args, **settings):
    class Wrong(Loop):
        def accuracy(self, logits):
            return 100.0 * super().accuracy(logits)

    return Wrong(*args, **settings).run()


@misconception("train", "Counts the hits", hint="The accuracy is the fraction of hits, not their number.")
def train_accuracy_count(*args, **settings):
    class Wrong(Loop):
        def accuracy(self, logits):
            return super().accuracy(logits) * len(logits)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Error rate instead of accuracy",
    hint="Your number falls as the model gets better. Do you count hits or misses?",
)
def train_error_rate(*args, **settings):
    class Wrong(Loop):
        def accuracy(self, logits):
            return 1.0 - super().accuracy(logits)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "No early stopping",
    hint="All epochs run, however long the validation loss has been rising. What is `patience` for?",
)
def train_never_stops(*args, **settings):
    class Wrong(Loop):
        def stop(self):
            return False

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "One epoch too patient",
    hint="With patience 2 the training ends after the second epoch in a row without a new best. Yours adds one.",
)
def train_too_patient(*args, **settings):
    class Wrong(Loop):
        def stop(self):
            return self.patience is not None and self.waited(self.watched()) > self.patience

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "One epoch too impatient",
    hint="With patience 2 one epoch without a new best is still allowed. Yours stops there.",
)
def train_too_impatient(*args, **settings):
    class Wrong(Loop):
        def stop(self):
            return self.patience is not None and self.waited(self.watched()) >= max(self.patience - 1, 1)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Never sets the count back",
    hint="The epochs without improvement have to come *in a row*: a new best starts the count again.",
)
def train_counts_in_total(*args, **settings):
    class Wrong(Loop):
        def waited(self, losses):
            return sum(loss >= min(losses[:i]) for i, loss in enumerate(losses) if i)

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Compares with the epoch before",
    hint="Falling again after a bad epoch is no improvement unless the loss falls below its *best* value so far.",
)
def train_compares_with_last(*args, **settings):
    class Wrong(Loop):
        def waited(self, losses):
            count = 0
            for i in range(1, len(losses)):
                count = count + 1 if losses[i] >= losses[i - 1] else 0
            return count

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "An equal loss counts as an improvement",
    hint="On a plateau your training never ends. An improvement is *below* the best so far.",
)
def train_equal_is_better(*args, **settings):
    class Wrong(Loop):
        def waited(self, losses):
            return int(np.argmin(losses[::-1]))

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Watches the training loss",
    hint="The training loss goes on falling while the model overfits. Which loss tells you?",
)
def train_watches_training_loss(*args, **settings):
    class Wrong(Loop):
        def watched(self):
            return self.history["train_loss"]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Watches the accuracy",
    hint="The contract stops by val_loss. The accuracy often stands still while the loss still falls, and the other "
    "way round.",
)
def train_watches_accuracy(*args, **settings):
    class Wrong(Loop):
        def watched(self):
            return [-accuracy for accuracy in self.history["val_accuracy"]]

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Leaves the last epoch out of the history",
    hint="The epoch after which the training stopped has run and belongs in the history.",
)
def train_history_without_last(*args, **settings):
    class Wrong(Loop):
        def stop(self):
            stops = super().stop()
            if stops:
                for values in self.history.values():
                    values.pop()
            return stops

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "One epoch too few",
    hint="How many entries has the history for epochs=3? Check the ends of your range.",
)
def train_one_epoch_less(*args, **settings):
    settings["epochs"] = max(settings["epochs"] - 1, 1)
    return Loop(*args, **settings).run()


@misconception(
    "train",
    "Starts the history with the untrained model",
    hint="The history has one entry for each epoch; yours has one more.",
)
def train_history_with_start(*args, **settings):
    class Wrong(Loop):
        def begin(self):
            self.validate()
            self.history["train_loss"].append(self.history["val_loss"][0])

    return Wrong(*args, **settings).run()


@misconception(
    "train",
    "Returns the model",
    hint="The model is changed in place and needs no returning. The caller waits for the history.",
)
def train_returns_model(model, *args, **settings):
    Loop(model, *args, **settings).run()
    return model
