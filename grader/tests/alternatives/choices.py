"""Right answers of `choices`, and everything that its cells accept.

`tests/test_choices.py` holds the accepted words as digests; here they are in plain text. After a change to them run
`python -m grader.tests.alternatives.choices`, which writes the digests anew.
"""

import copy
from pathlib import Path

from grader.misconceptions.catalogue import alternative, reference

solutions = reference("choices")

DEGREES = ("yes", "partly", "no", "not applicable")

# The reference's answer is among the words of each cell. Where there are more, books and courses differ:
# - "partly" and "no" are both said of a function that is flat (or weak) on one side only;
# - GELU is called centred on the slide; its outputs have both signs, but their mean is positive;
# - softmax has no place in hidden layers; those who ask all the same see it saturate like the sigmoid, and its outputs
#   out of balance.
ACTIVATIONS = {
    "sigmoid": {"range": ["(0, 1)"], "zero_centred": ["no"], "saturates": ["yes"], "vanishing_gradients": ["yes"]},
    "tanh": {"range": ["(-1, 1)"], "zero_centred": ["yes"], "saturates": ["yes"], "vanishing_gradients": ["yes"]},
    "relu": {
        "range": ["[0, inf)"],
        "zero_centred": ["no"],
        "saturates": ["partly", "no"],
        "vanishing_gradients": ["partly", "no"],
    },
    "leaky_relu": {
        "range": ["(-inf, inf)"],
        "zero_centred": ["no", "partly"],
        "saturates": ["no"],
        "vanishing_gradients": ["no", "partly"],
    },
    "gelu": {
        "range": ["[-0.17, inf)"],
        "zero_centred": ["partly", "yes", "no"],
        "saturates": ["partly", "no"],
        "vanishing_gradients": ["no", "partly"],
    },
    "softmax": {
        "range": ["(0, 1)"],
        "zero_centred": ["no", "not applicable"],
        "saturates": ["not applicable", "yes", "partly"],
        "vanishing_gradients": ["not applicable", "yes", "partly"],
    },
}

DISTANCES = ["MSELoss", "L1Loss", "HuberLoss"]
TASKS = {
    "univariate_regression": {"output_neurons": [1], "final_activation": ["identity"], "loss": DISTANCES},
    "multivariate_regression": {"output_neurons": ["d"], "final_activation": ["identity"], "loss": DISTANCES},
    "binary_classification": {
        "output_neurons": [1],
        "final_activation": ["sigmoid"],
        "loss": ["BCEWithLogitsLoss", "BCELoss"],
    },
    "multiclass_classification": {
        "output_neurons": ["K"],
        "final_activation": ["softmax"],
        "loss": ["CrossEntropyLoss"],
    },
    "multilabel_classification": {
        "output_neurons": ["K"],
        "final_activation": ["sigmoid"],
        "loss": ["BCEWithLogitsLoss", "BCELoss"],
    },
}

# In a very small network only BatchNorm is a poor choice: the others do without the noisy statistics of the batch.
NORMALIZATION = {
    "deep_cnn_or_mlp": ["BatchNorm"],
    "very_small_network": ["none", "LayerNorm", "GroupNorm"],
    "very_small_batch": ["GroupNorm", "LayerNorm"],
    "transformer": ["LayerNorm"],
}

# The usual three, and what is allowed beside them.
REGULARIZATION = {
    "mlp": (["weight_decay", "dropout", "early_stopping"], ["batchnorm", "data_augmentation"]),
    "cnn": (["weight_decay", "data_augmentation", "batchnorm"], ["dropout", "early_stopping"]),
    "rnn": (["weight_decay", "dropout", "layernorm"], ["early_stopping", "data_augmentation"]),
    "transformer": (["weight_decay", "dropout", "layernorm"], ["early_stopping", "data_augmentation"]),
    "autoencoder_or_gan": (["weight_decay", "dropout", "batchnorm"], ["early_stopping", "data_augmentation"]),
}


class Filled(dict):
    """A filled table that the catalogue can name."""

    def __init__(self, name, rows):
        super().__init__(rows)
        self.__name__ = name


def table(exercise, name, style, rows):
    alternative(exercise, style)(Filled(f"{exercise.lower()}_{name}", rows))


def last_words(rows):
    """The accepted answer of each cell that is farthest from the reference's."""
    return {row: {column: words[-1] for column, words in cells.items()} for row, cells in rows.items()}


# The slides' own table, word for word where the vocabulary has the word; only GELU's range is the true one.
slides = copy.deepcopy(solutions.ACTIVATIONS)
slides["gelu"]["zero_centred"] = "yes"

table("ACTIVATIONS", "of_the_slides", "the slides' table", slides)
table("ACTIVATIONS", "last_words", "the less usual of the defensible answers", last_words(ACTIVATIONS))
table(
    "ACTIVATIONS",
    "spelling",
    "capitals, no spaces, the infinity sign, booleans, rows in another order",
    {
        row: {
            column: {"yes": True, "no": False}.get(word, word.upper().replace(" ", "").replace("INF", "∞"))
            for column, word in cells.items()
        }
        for row, cells in reversed(solutions.ACTIVATIONS.items())
    },
)
table(
    "ACTIVATIONS",
    "with_prelu",
    "one more row and one more column",
    {row: {**cells, "cost": None} for row, cells in {**solutions.ACTIVATIONS, "prelu": {}}.items()},
)

table("TASKS", "last_words", "one loss a cell, the least usual", last_words(TASKS))
table(
    "TASKS",
    "all_losses",
    "all acceptable losses, as sets",
    {row: {**solutions.TASKS[row], "loss": set(cells["loss"])} for row, cells in TASKS.items()},
)
table(
    "TASKS",
    "pytorch_names",
    "nn. in front, the number as text, none for the identity",
    {
        row: {
            "output_neurons": str(cells["output_neurons"][0]),
            "final_activation": cells["final_activation"][0].replace("identity", "none"),
            "loss": [f"nn.{word}()" for word in cells["loss"]],
        }
        for row, cells in TASKS.items()
    },
)
table(
    "TASKS",
    "slides_maeloss",
    "MAELoss as on the slide, linear for the identity",
    {
        **copy.deepcopy(solutions.TASKS),
        "univariate_regression": {
            "output_neurons": 1,
            "final_activation": "linear",
            "loss": ["MSELoss", "MAELoss", "HuberLoss"],
        },
    },
)

table(
    "TASKS",
    "slides_word_for_word",
    "the slides' table word for word, remarks included",
    {
        "univariate_regression": {
            "output_neurons": "1",
            "final_activation": "Ninguna",
            "loss": "MSELoss, MAELoss, HuberLoss",
        },
        "multivariate_regression": {"output_neurons": "d", "final_activation": "Ninguna", "loss": "MSELoss"},
        "binary_classification": {
            "output_neurons": "1",
            "final_activation": "sigmoid",
            "loss": "BCELoss / BCEWithLogitsLoss",
        },
        "multiclass_classification": {
            "output_neurons": "K",
            "final_activation": "softmax (implícito)",
            "loss": "CrossEntropyLoss",
        },
        "multilabel_classification": {
            "output_neurons": "K",
            "final_activation": "sigmoid (por salida)",
            "loss": "BCEWithLogitsLoss (por neurona)",
        },
    },
)

table("NORMALIZATION", "last_words", "one layer a cell", {row: words[-1] for row, words in NORMALIZATION.items()})
table("NORMALIZATION", "all_words", "every suitable layer, as lists", dict(NORMALIZATION))
table(
    "NORMALIZATION",
    "spelling",
    "other spellings",
    {
        "deep_cnn_or_mlp": "Batch Normalization",
        "very_small_network": "None",
        "very_small_batch": {"layer_norm", "group-norm"},
        "transformer": "LAYERNORM",
    },
)

table("REGULARIZATION", "sets", "sets", {row: set(usual) for row, (usual, _more) in REGULARIZATION.items()})
table(
    "REGULARIZATION",
    "generous",
    "everything that is allowed, as lists",
    {row: [*more, *usual] for row, (usual, more) in REGULARIZATION.items()},
)
table(
    "REGULARIZATION",
    "slide_words",
    "L2 and AdamW for weight decay, spaces and capitals",
    {
        row: tuple(
            word.replace("weight_decay", "AdamW" if row == "transformer" else "L2").replace("_", " ").title()
            for word in usual
        )
        for row, (usual, _more) in REGULARIZATION.items()
    },
)
table(
    "REGULARIZATION",
    "slides_word_for_word",
    "the slides' table word for word, remarks included",
    {
        "mlp": "L2 (Weight Decay), Dropout, Early Stopping",
        "cnn": "L2, Data Augmentation, BatchNorm, (poco Dropout)",
        "rnn": "L2, Dropout (pero solo en conexiones no recurrentes), LayerNorm",
        "transformer": "Weight Decay (AdamW), Dropout, LayerNorm",
        "autoencoder_or_gan": "L2, Dropout (en codificadores), BatchNorm (en generadores)",
    },
)
table(
    "ACTIVATIONS",
    "in_spanish",
    "the words of a Spanish course",
    {
        row: {
            column: {"yes": "Sí", "no": "No", "partly": "Maso", "not applicable": "No aplica"}.get(word, word)
            for column, word in cells.items()
        }
        for row, cells in solutions.ACTIVATIONS.items()
    },
)


def accepted_paths():
    """The path of each accepted word: table, row, column, word."""
    for name, rows in (("ACTIVATIONS", ACTIVATIONS), ("TASKS", TASKS)):
        for row, cells in rows.items():
            for column, words in cells.items():
                for word in words:
                    yield name, row, column, word
    for row, words in NORMALIZATION.items():
        for word in words:
            yield "NORMALIZATION", row, word
    for row, (usual, more) in REGULARIZATION.items():
        for word in (*usual, *more):
            yield "REGULARIZATION", row, word
        for word in usual:
            yield "REGULARIZATION", row, "usual", word


COLUMNS = {"NORMALIZATION": "layer", "REGULARIZATION": "technique"}


def digests(suite):
    """The sorted digests of all accepted words, as `tests/test_choices.py` (loaded as `suite`) makes them."""
    paths = accepted_paths()
    return sorted(suite.digest(*path, suite.canonical(word, COLUMNS.get(path[0], path[-1]))) for *path, word in paths)


def main():
    import importlib.util
    import re

    from grader.course import ROOT
    from grader.verify.laboratory import with_faces

    path = Path(ROOT, "tests", "test_choices.py")
    spec = importlib.util.spec_from_file_location("choices_suite", path)
    suite = importlib.util.module_from_spec(spec)
    with with_faces():
        spec.loader.exec_module(suite)
    made = digests(suite)
    rows = ["    " + " ".join(made[i : i + 12]) for i in range(0, len(made), 12)]
    text = path.read_text(encoding="utf-8")
    new = 'ACCEPTED = """\n' + "\n".join(rows) + '\n"""'
    path.write_text(re.sub(r'ACCEPTED = """[^"]*"""', lambda _: new, text), encoding="utf-8")


if __name__ == "__main__":
    main()
