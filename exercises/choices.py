"""Four tables of choices: which activation, which output and loss, which normalization, which regularization.

Nothing to compute here: replace each `None` by a word of the vocabulary that stands above its table. Every cell is
judged by itself, so a table can be filled in little by little; a cell that is still `None` is to do, not wrong.
Keep the names of the rows and columns. Capitals, spaces, hyphens and underscores do not matter.

Where good authors differ, every defensible answer counts. The tables ask for the usual choice, so answer for the
ordinary case and leave the exotic exceptions aside.
"""

from __future__ import annotations

# ACTIVATIONS: what each activation function is like. One word a cell.
#
# "range"                the set of values that it really takes (a sketch helps; where a slide is generous, trust the
#                        function). One of
#                            "(0, 1)"   "(-1, 1)"   "[0, inf)"   "[-0.17, inf)"   "(-inf, inf)"
# "zero_centred"         are its outputs in balance around 0?
#                            "yes"      outputs below and above 0 balance each other
#                            "partly"   both signs occur, out of balance
#                            "no"       out of balance, or never negative at all
# "saturates"            does it go flat, so that its derivative goes to 0?
#                            "yes"      at both ends
#                            "partly"   at one end only
#                            "no"       not so that one speaks of saturation
# "vanishing_gradients"  does the gradient vanish in a deep stack of hidden layers that use it?
#                            "yes"      it does
#                            "partly"   only on its way through units that are on the flat or weak side
#                            "no"       it is the cure rather than the illness
#
# "not applicable" is a fourth word for the last three columns: the function has no place in hidden layers, or the
# question makes no sense for it.
#
# Source: the comparison table after slide "Why do Transformers use it?".
ACTIVATIONS = {
    "sigmoid": {"range": None, "zero_centred": None, "saturates": None, "vanishing_gradients": None},
    "tanh": {"range": None, "zero_centred": None, "saturates": None, "vanishing_gradients": None},
    "relu": {"range": None, "zero_centred": None, "saturates": None, "vanishing_gradients": None},
    "leaky_relu": {"range": None, "zero_centred": None, "saturates": None, "vanishing_gradients": None},
    "gelu": {"range": None, "zero_centred": None, "saturates": None, "vanishing_gradients": None},
    "softmax": {"range": None, "zero_centred": None, "saturates": None, "vanishing_gradients": None},
}

# TASKS: how a network ends, and what it is trained on.
#
#     univariate_regression        the target is one real number
#     multivariate_regression      the target is a vector of d real numbers
#     binary_classification        the label is 0 or 1
#     multiclass_classification    the label is exactly one of K classes
#     multilabel_classification    the label is a vector of K zeros and ones, any number of them ones
#
# "output_neurons"    the least that is enough: 1, "d" or "K"
# "final_activation"  what turns the last z into the prediction, no matter whether the network applies it or the loss
#                     has it built in:
#                         "identity" (z is the prediction; "none" and "linear" mean the same)
#                         "relu"   "tanh"   "sigmoid"   "softmax"
# "loss"              the class of torch.nn:
#                         "MSELoss"   "L1Loss" (the MAE)   "HuberLoss"
#                         "BCELoss"   "BCEWithLogitsLoss"   "CrossEntropyLoss"
#                     Where several are usual, one of them is enough; a set, list or tuple of them is fine too, as
#                     long as each of its members suits the task.
#
# Source: the table after slide "Multilabel classification".
TASKS = {
    "univariate_regression": {"output_neurons": None, "final_activation": None, "loss": None},
    "multivariate_regression": {"output_neurons": None, "final_activation": None, "loss": None},
    "binary_classification": {"output_neurons": None, "final_activation": None, "loss": None},
    "multiclass_classification": {"output_neurons": None, "final_activation": None, "loss": None},
    "multilabel_classification": {"output_neurons": None, "final_activation": None, "loss": None},
}

# NORMALIZATION: the normalization layer to reach for.
#
#     deep_cnn_or_mlp       a deep CNN or MLP with batches of ordinary size
#     very_small_network    a handful of units, where the statistics of a batch are mostly noise
#     very_small_batch      one to four samples a batch
#     transformer           Transformers, and language models in general
#
# "BatchNorm"   "LayerNorm"   "GroupNorm"   "none"
#
# Where two suit, one of them is enough; a set, list or tuple is fine too, as long as each of its members suits.
#
# Source: the table after slide "What makes BatchNorm useful?".
NORMALIZATION = {
    "deep_cnn_or_mlp": None,
    "very_small_network": None,
    "very_small_batch": None,
    "transformer": None,
}

# REGULARIZATION: the techniques that each architecture is usually regularized with. A set, list or tuple a cell.
#
#     mlp                   dense networks
#     cnn                   convolutional networks on images
#     rnn                   RNN, LSTM, GRU
#     transformer           text models such as BERT and GPT
#     autoencoder_or_gan    autoencoders and GANs
#
# "weight_decay" (L2 included, inside the loss or as in AdamW)   "dropout"   "early_stopping"
# "data_augmentation"   "batchnorm"   "layernorm"
#
# Each row has three techniques that must be there; a normalization layer counts as one. More are welcome where they
# are in use too (early stopping suits every row), but a technique that is foreign to the architecture spoils the cell.
#
# Source: the table after slide "In PyTorch" (dropout).
REGULARIZATION = {
    "mlp": None,
    "cnn": None,
    "rnn": None,
    "transformer": None,
    "autoencoder_or_gan": None,
}
