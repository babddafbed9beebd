"""Known wrong answers of `choices`: each is a right table with one idea wrong in it."""

import copy

from grader.misconceptions.catalogue import misconception_table, reference

solutions = reference("choices")


def wrong(table, name, *changes, hint):
    """Register `table` with some of its cells replaced; a change is a path of keys and the wrong value."""
    value = copy.deepcopy(getattr(solutions, table))
    for *path, last, content in changes:
        row = value
        for key in path:
            row = row[key]
        row[last] = content
    misconception_table(table, name, hint=hint, value=value)


# ACTIVATIONS

wrong(
    "ACTIVATIONS",
    "The sigmoid is centred",
    ("sigmoid", "zero_centred", "yes"),
    hint="The sigmoid's values are probabilities. Which sign do they have, and around which number do they lie?",
)
wrong(
    "ACTIVATIONS",
    "tanh has the sigmoid's range",
    ("tanh", "range", "(0, 1)"),
    hint="The two S-curves differ in their lower end. What is tanh of a very negative number?",
)
wrong(
    "ACTIVATIONS",
    "Being centred saves tanh from saturating",
    ("tanh", "saturates", "no"),
    hint="Centred outputs are one thing, flat ends another. How steep is tanh at z = 10?",
)
wrong(
    "ACTIVATIONS",
    "Being centred saves tanh from vanishing gradients",
    ("tanh", "vanishing_gradients", "no"),
    hint="The derivative of tanh is below 1 everywhere but at 0. What becomes of a product of twenty of them?",
)
wrong(
    "ACTIVATIONS",
    "The sigmoid's gradient does not vanish",
    ("sigmoid", "vanishing_gradients", "no"),
    hint="The largest slope of a sigmoid is 0.25. What becomes of a product of twenty such factors?",
)
wrong(
    "ACTIVATIONS",
    "ReLU's range includes negative numbers",
    ("relu", "range", "(-inf, inf)"),
    hint="What does ReLU return for z = -3? Can it return anything below?",
)
wrong(
    "ACTIVATIONS",
    "ReLU's range is bounded",
    ("relu", "range", "(0, 1)"),
    hint="What does ReLU return for z = 1000? It is an activation, not a probability.",
)
wrong(
    "ACTIVATIONS",
    "ReLU is centred",
    ("relu", "zero_centred", "yes"),
    hint="Balanced outputs need both signs. Which sign is missing among ReLU's?",
)
wrong(
    "ACTIVATIONS",
    "ReLU saturates at both ends",
    ("relu", "saturates", "yes"),
    hint="Half of that is true. Is ReLU flat for large positive z as well?",
)
wrong(
    "ACTIVATIONS",
    "ReLU's gradient vanishes like the sigmoid's",
    ("relu", "vanishing_gradients", "yes"),
    hint="Along a path of active units every factor is the slope of ReLU for z > 0. What is the product of these?",
)
wrong(
    "ACTIVATIONS",
    "The leaky ReLU has ReLU's range",
    ("leaky_relu", "range", "[0, inf)"),
    hint="The leak lets something through for z < 0. Which sign has it, and how far does it go?",
)
wrong(
    "ACTIVATIONS",
    "The leaky ReLU saturates",
    ("leaky_relu", "saturates", "yes"),
    hint="Saturated means flat. What slope has the leaky ReLU far to the left, and far to the right?",
)
wrong(
    "ACTIVATIONS",
    "The leaky ReLU is centred",
    ("leaky_relu", "zero_centred", "yes"),
    hint="It has both signs, but compare f(3) with f(-3): do they balance?",
)
wrong(
    "ACTIVATIONS",
    "GELU's range is unbounded below",
    ("gelu", "range", "(-inf, inf)"),
    hint="The slide is generous here. Evaluate your `gelu` at -0.75, -2 and -10: how low does it get?",
)
wrong(
    "ACTIVATIONS",
    "GELU has ReLU's range",
    ("gelu", "range", "[0, inf)"),
    hint="GELU looks like ReLU from afar. Evaluate your `gelu` at -0.75.",
)
wrong(
    "ACTIVATIONS",
    "GELU saturates at both ends",
    ("gelu", "saturates", "yes"),
    hint="For large positive z GELU is nearly z itself. Is that flat?",
)
wrong(
    "ACTIVATIONS",
    "Softmax is unbounded",
    ("softmax", "range", "(-inf, inf)"),
    hint="Scores go in, probabilities come out. Between which numbers do probabilities lie?",
)
wrong(
    "ACTIVATIONS",
    "Softmax has tanh's range",
    ("softmax", "range", "(-1, 1)"),
    hint="Exponentials are positive, and so is their share of a sum of exponentials.",
)

# TASKS

wrong(
    "TASKS",
    "One output for a vector of d targets",
    ("multivariate_regression", "output_neurons", 1),
    hint="Each component of the target needs a number of its own.",
)
wrong(
    "TASKS",
    "A sigmoid on the output for one real target",
    ("univariate_regression", "final_activation", "sigmoid"),
    hint="Could the network ever predict 3.7, or -2? A regression target is any real number.",
)
wrong(
    "TASKS",
    "A sigmoid on the outputs for a vector of real targets",
    ("multivariate_regression", "final_activation", "sigmoid"),
    hint="Could the network ever predict 3.7, or -2? A regression target is any real number.",
)
wrong(
    "TASKS",
    "A ReLU on the output for one real target",
    ("univariate_regression", "final_activation", "relu"),
    hint="Could the network ever predict -2? ReLU belongs to the hidden layers.",
)
wrong(
    "TASKS",
    "A ReLU on the outputs for a vector of real targets",
    ("multivariate_regression", "final_activation", "relu"),
    hint="Could the network ever predict -2? ReLU belongs to the hidden layers.",
)
wrong(
    "TASKS",
    "A tanh on the output for one real target",
    ("univariate_regression", "final_activation", "tanh"),
    hint="Could the network ever predict 3.7? A regression target is any real number.",
)
wrong(
    "TASKS",
    "A tanh on the outputs for a vector of real targets",
    ("multivariate_regression", "final_activation", "tanh"),
    hint="Could the network ever predict 3.7? A regression target is any real number.",
)
wrong(
    "TASKS",
    "Cross-entropy for one real target",
    ("univariate_regression", "loss", "CrossEntropyLoss"),
    hint="Cross-entropy compares probabilities of classes. What measures the distance of two real numbers?",
)
wrong(
    "TASKS",
    "Cross-entropy for a vector of real targets",
    ("multivariate_regression", "loss", "CrossEntropyLoss"),
    hint="Cross-entropy compares probabilities of classes. What measures the distance of two real numbers?",
)
wrong(
    "TASKS",
    "K outputs for a yes-or-no question",
    ("binary_classification", "output_neurons", "K"),
    hint="The probability of 'no' follows from that of 'yes'. How many numbers are enough?",
)
wrong(
    "TASKS",
    "Softmax for a yes-or-no question",
    ("binary_classification", "final_activation", "softmax"),
    hint="What does a softmax over a single output always return?",
)
wrong(
    "TASKS",
    "Squared error for a yes-or-no question",
    ("binary_classification", "loss", "MSELoss"),
    hint="With a sigmoid before it the squared error is flat where the network is confidently wrong. Which loss is "
    "steep there?",
)
wrong(
    "TASKS",
    "CrossEntropyLoss on a single output",
    ("binary_classification", "loss", "CrossEntropyLoss"),
    hint="CrossEntropyLoss takes a softmax over the outputs, and here there is only one of them.",
)
wrong(
    "TASKS",
    "One output for K classes",
    ("multiclass_classification", "output_neurons", 1),
    hint="A class number is a name, not a quantity: each class needs a score.",
)
wrong(
    "TASKS",
    "Independent sigmoids for exclusive classes",
    ("multiclass_classification", "final_activation", "sigmoid"),
    hint="Exactly one class is right, so their probabilities have to sum to 1. Do independent sigmoids?",
)
wrong(
    "TASKS",
    "No activation at all for exclusive classes",
    ("multiclass_classification", "final_activation", "identity"),
    hint="That the loss has it built in does not mean that it is not there. What turns the K scores into "
    "probabilities?",
)
wrong(
    "TASKS",
    "Binary cross-entropy for exclusive classes",
    ("multiclass_classification", "loss", "BCEWithLogitsLoss"),
    hint="Binary cross-entropy asks K separate questions. Here there is one question with K possible answers.",
)
wrong(
    "TASKS",
    "Squared error for exclusive classes",
    ("multiclass_classification", "loss", "MSELoss"),
    hint="The distance between class 2 and class 7 means nothing. Which loss looks at the probability of the right "
    "class?",
)
wrong(
    "TASKS",
    "One output for K labels",
    ("multilabel_classification", "output_neurons", 1),
    hint="Each label is a question of its own, and each needs an answer.",
)
wrong(
    "TASKS",
    "Softmax for labels that do not exclude each other",
    ("multilabel_classification", "final_activation", "softmax"),
    hint="Two labels can both be present with probability 0.9. Can two outputs of a softmax both be 0.9?",
)
wrong(
    "TASKS",
    "CrossEntropyLoss for labels that do not exclude each other",
    ("multilabel_classification", "loss", "CrossEntropyLoss"),
    hint="CrossEntropyLoss lets the K outputs compete for one right class. Here several labels may be right, or none.",
)

# NORMALIZATION

wrong(
    "NORMALIZATION",
    "BatchNorm in Transformers",
    ("transformer", "BatchNorm"),
    hint="Sentences differ in length, and a prediction must not depend on its neighbours in the batch. What normalizes "
    "each token by itself?",
)
wrong(
    "NORMALIZATION",
    "No normalization in Transformers",
    ("transformer", "none"),
    hint="Transformers normalize in every block, only not over the batch.",
)
wrong(
    "NORMALIZATION",
    "BatchNorm with a tiny batch",
    ("very_small_batch", "BatchNorm"),
    hint="How good is a variance estimated from two samples? Which layers do without the batch?",
)
wrong(
    "NORMALIZATION",
    "No normalization with a tiny batch",
    ("very_small_batch", "none"),
    hint="Only the statistics over the batch are at fault. There are layers that normalize each sample by itself.",
)
wrong(
    "NORMALIZATION",
    "BatchNorm in a tiny network",
    ("very_small_network", "BatchNorm"),
    hint="BatchNorm helps deep networks. In a very small one, what does the noise of the batch's variance buy?",
)
wrong(
    "NORMALIZATION",
    "LayerNorm where BatchNorm is the standard",
    ("deep_cnn_or_mlp", "LayerNorm"),
    hint="With batches of ordinary size and a deep CNN there is one layer that everybody starts with.",
)
wrong(
    "NORMALIZATION",
    "No normalization in a deep network",
    ("deep_cnn_or_mlp", "none"),
    hint="Depth is where normalization pays off: larger learning rates, faster convergence.",
)

# REGULARIZATION

wrong(
    "REGULARIZATION",
    "BatchNorm in Transformers",
    ("transformer", ("weight_decay", "dropout", "batchnorm")),
    hint="Transformers normalize each token by itself. Which normalization does that?",
)
wrong(
    "REGULARIZATION",
    "Transformers without dropout",
    ("transformer", ("weight_decay", "layernorm")),
    hint="Look into an encoder block: after attention and after the MLP something is switched off at random.",
)
wrong(
    "REGULARIZATION",
    "CNNs without data augmentation",
    ("cnn", ("weight_decay", "dropout", "batchnorm")),
    hint="A cat that is flipped or shifted is still a cat. Which technique makes use of that?",
)
wrong(
    "REGULARIZATION",
    "CNNs with LayerNorm",
    ("cnn", ("weight_decay", "data_augmentation", "layernorm")),
    hint="Which normalization is the standard of deep convolutional networks?",
)
wrong(
    "REGULARIZATION",
    "BatchNorm in recurrent networks",
    ("rnn", ("weight_decay", "dropout", "batchnorm")),
    hint="Batch statistics would differ at each time step. Which normalization looks at one sample only?",
)
wrong(
    "REGULARIZATION",
    "Recurrent networks without dropout",
    ("rnn", ("weight_decay", "layernorm")),
    hint="Dropout is not forbidden in recurrent networks: it only spares the recurrent connections.",
)
wrong(
    "REGULARIZATION",
    "Dense networks without early stopping",
    ("mlp", ("weight_decay", "dropout")),
    hint="One technique costs nothing but a look at the validation loss.",
)
wrong(
    "REGULARIZATION",
    "Data augmentation for dense networks",
    ("mlp", ("weight_decay", "dropout", "data_augmentation")),
    hint="Flips and crops suit images. A table of features has nothing to flip; what can be watched instead while "
    "training?",
)
wrong(
    "REGULARIZATION",
    "Only dropout, everywhere",
    *((architecture, ("dropout",)) for architecture in solutions.REGULARIZATION),
    hint="Dropout is one technique. Each architecture has three that usually go together.",
)
wrong(
    "REGULARIZATION",
    "Everything everywhere",
    *(
        (
            architecture,
            ("weight_decay", "dropout", "early_stopping", "data_augmentation", "batchnorm", "layernorm"),
        )
        for architecture in solutions.REGULARIZATION
    ),
    hint="A list of everything says nothing. Leave out what the architecture does not use.",
)
wrong(
    "REGULARIZATION",
    "GANs without BatchNorm",
    ("autoencoder_or_gan", ("weight_decay", "dropout", "layernorm")),
    hint="Training a GAN is shaky. Which normalization steadies the generator?",
)


wrong(
    "ACTIVATIONS",
    "GELU vanishes like a sigmoid",
    ("gelu", "vanishing_gradients", "yes"),
    hint="How steep is GELU for z = 3? A product of twenty slopes near 1 does not vanish.",
)
wrong(
    "ACTIVATIONS",
    "Leaky ReLU's gradient vanishes",
    ("leaky_relu", "vanishing_gradients", "yes"),
    hint="What is the slope of Leaky ReLU for positive z, layer after layer?",
)
wrong(
    "ACTIVATIONS",
    "The sigmoid has tanh's range",
    ("sigmoid", "range", "(-1, 1)"),
    hint="A sigmoid's output is read as a probability. Can it be negative?",
)
wrong(
    "ACTIVATIONS",
    "The sigmoid does not saturate",
    ("sigmoid", "saturates", "no"),
    hint="Look at the two ends of the curve: how steep is it at z = 10 and at z = -10?",
)
wrong(
    "ACTIVATIONS",
    "Softmax never saturates",
    ("softmax", "saturates", "no"),
    hint="Is it the saturation of a hidden unit that the question is about? Where does softmax stand in a network?",
)
wrong(
    "ACTIVATIONS",
    "Softmax cures vanishing gradients",
    ("softmax", "vanishing_gradients", "no"),
    hint="Softmax stands at the output only. Does the question make sense for what hidden layers do not use?",
)
wrong(
    "ACTIVATIONS",
    "Softmax is centred",
    ("softmax", "zero_centred", "yes"),
    hint="The outputs of softmax are probabilities. Which sign do they have?",
)
wrong(
    "ACTIVATIONS",
    "tanh is not centred",
    ("tanh", "zero_centred", "no"),
    hint="What are tanh(2) and tanh(-2)? What does that say about the balance of its outputs?",
)
wrong(
    "TASKS",
    "One real number needs K neurons",
    ("univariate_regression", "output_neurons", "K"),
    hint="How many numbers does the network have to put out when the target is a single one?",
)

wrong(
    "ACTIVATIONS",
    "Centring is no question for GELU",
    ("gelu", "zero_centred", "not applicable"),
    hint="GELU stands in hidden layers, so the next layer sees its outputs: are they in balance around 0?",
)

wrong(
    "ACTIVATIONS",
    "The sigmoid saturates at one end",
    ("sigmoid", "saturates", "partly"),
    hint="How steep is the sigmoid at z = 10, and how steep at z = -10?",
)
wrong(
    "ACTIVATIONS",
    "tanh saturates at one end",
    ("tanh", "saturates", "partly"),
    hint="tanh is odd, so what one end does the other does as well.",
)
wrong(
    "ACTIVATIONS",
    "The sigmoid's range is its domain",
    ("sigmoid", "range", "(-inf, inf)"),
    hint="Every z may go in. Which numbers come out?",
)
wrong(
    "ACTIVATIONS",
    "tanh's range is its domain",
    ("tanh", "range", "(-inf, inf)"),
    hint="Every z may go in. Between which two numbers does the curve stay?",
)
wrong(
    "ACTIVATIONS",
    "ReLU is partly centred",
    ("relu", "zero_centred", "partly"),
    hint="Partly means that both signs occur. Does ReLU ever return a negative number?",
)
wrong(
    "TASKS",
    "Two outputs for a yes-or-no question",
    ("binary_classification", "output_neurons", 2),
    hint="The probability of 'no' is 1 minus that of 'yes'. What is the least that is enough?",
)
wrong(
    "TASKS",
    "No activation at all for a yes-or-no question",
    ("binary_classification", "final_activation", "identity"),
    hint="A loss that takes logits has the activation built in; it is there all the same. What turns the score into a "
    "probability?",
)
wrong(
    "TASKS",
    "No activation at all for labels that do not exclude each other",
    ("multilabel_classification", "final_activation", "identity"),
    hint="That the loss has it built in does not mean that it is not there. What turns each score into a probability?",
)
wrong(
    "TASKS",
    "BCELoss for exclusive classes",
    ("multiclass_classification", "loss", "BCELoss"),
    hint="Binary cross-entropy asks K separate questions. Here there is one question with K possible answers.",
)
wrong(
    "TASKS",
    "Squared error for labels that do not exclude each other",
    ("multilabel_classification", "loss", "MSELoss"),
    hint="Each label is a yes-or-no question. Which loss belongs to such a question?",
)
wrong(
    "REGULARIZATION",
    "CNNs without BatchNorm",
    ("cnn", ("weight_decay", "dropout", "data_augmentation")),
    hint="One layer of nearly every deep convolutional network regularizes on the side. Which one?",
)
wrong(
    "REGULARIZATION",
    "Transformers without LayerNorm",
    ("transformer", ("weight_decay", "dropout", "early_stopping")),
    hint="A normalization layer counts as a technique. Which one stands in every block of a Transformer?",
)
