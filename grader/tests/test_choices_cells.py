"""Every cell of `choices` accepts each of its answers and no other word of the vocabulary."""

import copy
from typing import Any

import pytest

from grader.misconceptions.catalogue import reference
from grader.result import PASSED, TO_DO
from grader.tests.alternatives import choices as answers
from grader.verify.laboratory import Laboratory, collect_suite, with_faces

VOCABULARY = {
    "range": ["(0, 1)", "(-1, 1)", "[0, inf)", "[-0.17, inf)", "(-inf, inf)"],
    "zero_centred": answers.DEGREES,
    "saturates": answers.DEGREES,
    "vanishing_gradients": answers.DEGREES,
    "output_neurons": [1, "d", "K"],
    "final_activation": ["identity", "relu", "tanh", "sigmoid", "softmax"],
    "loss": ["MSELoss", "L1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss"],
}
LAYERS = ["BatchNorm", "LayerNorm", "GroupNorm", "none"]
TECHNIQUES = ["weight_decay", "dropout", "early_stopping", "data_augmentation", "batchnorm", "layernorm"]


@pytest.fixture(scope="module")
def laboratory():
    with with_faces():
        checks = collect_suite(["choices"])
    made = Laboratory(checks, seed=1)
    made.prepare()
    return made


def verdicts(laboratory, table, path, content):
    """The status of each check of a row after one cell of the reference is replaced."""
    value = copy.deepcopy(getattr(reference("choices"), table))
    *rows, last = path
    place = value
    for row in rows:
        place = place[row]
    place[last] = content
    checks = [check for check in laboratory.touching("choices", table) if check.arguments["row"] == path[0]]
    outcomes = laboratory.run(overrides={("choices", table): value}, checks=checks)
    return [outcome.result.status for outcome in outcomes]


def passes(laboratory, table, path, content):
    """Whether the cell is accepted; whatever it holds, no other cell may suffer."""
    statuses = verdicts(laboratory, table, path, content)
    assert sum(status != PASSED for status in statuses) <= 1
    return all(status == PASSED for status in statuses)


@pytest.mark.parametrize("table", ["ACTIVATIONS", "TASKS"])
def test_words(laboratory, table):
    for row, cells in getattr(answers, table).items():
        for column, accepted in cells.items():
            for word in [*VOCABULARY[column], "banana"]:
                assert passes(laboratory, table, (row, column), word) == (word in accepted), (row, column, word)


def test_yes_and_no_in_spanish(laboratory):
    said = {"yes": ["sí", "Si", "si\u0301"], "no": ["No"], "partly": ["parcialmente", "en parte"]}
    said["not applicable"] = ["no aplica", "No aplicable"]
    for row, cells in answers.ACTIVATIONS.items():
        for column in ("zero_centred", "saturates", "vanishing_gradients"):
            for word, others in said.items():
                for other in others:
                    accepted = passes(laboratory, "ACTIVATIONS", (row, column), other)
                    assert accepted == (word in cells[column]), (row, column, other)


def test_collections_of_losses(laboratory):
    for row, cells in answers.TASKS.items():
        path = (row, "loss")
        assert passes(laboratory, "TASKS", path, set(cells["loss"]))
        assert not passes(laboratory, "TASKS", path, set(VOCABULARY["loss"]))
        assert not passes(laboratory, "TASKS", path, [])


def test_layers(laboratory):
    for row, accepted in answers.NORMALIZATION.items():
        for word in LAYERS:
            assert passes(laboratory, "NORMALIZATION", (row,), word) == (word in accepted), (row, word)
        assert not passes(laboratory, "NORMALIZATION", (row,), LAYERS)


def test_techniques(laboratory):
    for row, (usual, more) in answers.REGULARIZATION.items():
        for word in TECHNIQUES:
            with_word = {*usual, word}
            assert passes(laboratory, "REGULARIZATION", (row,), with_word) == (word in (*usual, *more)), (row, word)
        for word in usual:
            assert not passes(laboratory, "REGULARIZATION", (row,), {*usual} - {word}), (row, word)
        assert not passes(laboratory, "REGULARIZATION", (row,), TECHNIQUES)


SPELLINGS: dict[tuple[str, ...], list[Any]] = {
    ("ACTIVATIONS", "sigmoid", "range"): ["]0, 1[", "(0; 1)", "(0.0, 1.0)", (0, 1)],
    ("ACTIVATIONS", "relu", "range"): ["[0, ∞)", "[0, +inf[", "[0, infinity)", "[0, np.inf)", r"[0, \infty)"],
    ("ACTIVATIONS", "leaky_relu", "range"): ["(−∞, ∞)", "ℝ"],
    ("ACTIVATIONS", "gelu", "range"): ["[-.17, inf)", "[-0,17; ∞)", "[-0.170, inf)"],
    ("ACTIVATIONS", "tanh", "zero_centred"): ["Yes", "Sí", "si", True, "yes."],
    ("ACTIVATIONS", "sigmoid", "zero_centred"): ["NO", False, "false"],
    ("ACTIVATIONS", "relu", "saturates"): ["Partially", "Maso", "más o menos", "parcialmente"],
    ("ACTIVATIONS", "softmax", "saturates"): ["N/A", "No aplica", "not_applicable"],
    ("TASKS", "univariate_regression", "output_neurons"): ["1", "one", "uno"],
    ("TASKS", "univariate_regression", "final_activation"): ["Ninguna", "lineal", "nn.Identity()"],
    ("TASKS", "multiclass_classification", "final_activation"): ["softmax (implícito)", "nn.Softmax(dim=1)"],
    ("TASKS", "univariate_regression", "loss"): ["MSE", "mse_loss", "MSELoss, MAELoss, HuberLoss", "L1 o Huber"],
    ("TASKS", "binary_classification", "loss"): ["BCELoss / BCEWithLogitsLoss", "BCE", "bce with logits"],
    ("TASKS", "multilabel_classification", "loss"): ["BCEWithLogitsLoss (por neurona)"],
    ("NORMALIZATION", "deep_cnn_or_mlp"): ["BN", "nn.BatchNorm2d", "batch normalisation"],
    ("NORMALIZATION", "very_small_network"): ["No", "ninguna"],
    ("NORMALIZATION", "very_small_batch"): ["LayerNorm or GroupNorm", ["LN", "GN"]],
    ("REGULARIZATION", "mlp"): ["L2 (Weight Decay), Dropout, Early Stopping", ["L2", "dropout", "parada temprana"]],
    ("REGULARIZATION", "cnn"): [
        "L2, Data Augmentation, BatchNorm, (poco Dropout)",
        ["L2", "augmentation", "BatchNorm2d"],
    ],
    ("REGULARIZATION", "rnn"): ["L2, Dropout (pero solo en conexiones no recurrentes), LayerNorm"],
    ("REGULARIZATION", "transformer"): [["Weight Decay (AdamW)", "Dropout", "LayerNorm"]],
}
MISSPELT: dict[tuple[str, ...], list[Any]] = {
    ("ACTIVATIONS", "sigmoid", "range"): ["[0, 1]", "(0, 1]", "0 to 1", ("(0, 1)",)],
    ("ACTIVATIONS", "relu", "range"): ["(0, inf)", "[0, inf]", "[0)", "[zero, inf)"],
    ("ACTIVATIONS", "sigmoid", "zero_centred"): ["yes, no", "no / partly", 0],
    ("TASKS", "binary_classification", "output_neurons"): [2, "1 (or 2)", "1, 2", True],
    ("TASKS", "binary_classification", "loss"): ["BCELoss or MSELoss", "NLLLoss", "loss", "", "()", "BCELoss BCELoss"],
    ("NORMALIZATION", "transformer"): ["LayerNorm / BatchNorm", "norm", "RMSNorm", "\ud800"],
    ("REGULARIZATION", "mlp"): ["L2 (dropout, early stopping)", "L2, dropout, early stopping, LayerNorm"],
}


@pytest.mark.parametrize("path", SPELLINGS, ids="-".join)
def test_other_spellings(laboratory, path):
    for content in SPELLINGS[path]:
        assert passes(laboratory, path[0], path[1:], content), content


@pytest.mark.parametrize("path", MISSPELT, ids="-".join)
def test_what_is_no_spelling_of_an_answer(laboratory, path):
    for content in MISSPELT[path]:
        assert not passes(laboratory, path[0], path[1:], content), content


def test_a_word_outside_the_vocabulary_is_told_the_vocabulary(laboratory):
    value = copy.deepcopy(reference("choices").TASKS)
    value["binary_classification"]["output_neurons"] = 2
    outcomes = laboratory.run(overrides={("choices", "TASKS"): value}, checks=laboratory.touching("choices", "TASKS"))
    (failure,) = [outcome.result.failure for outcome in outcomes if outcome.result.failure]
    assert failure.message.endswith("holds 2, which is not in the vocabulary above the table: 1, 'd', 'K'")


def test_none_is_to_do(laboratory):
    for table, path in (
        ("ACTIVATIONS", ("tanh", "range")),
        ("TASKS", ("binary_classification", "loss")),
        ("NORMALIZATION", ("transformer",)),
        ("REGULARIZATION", ("cnn",)),
    ):
        statuses = verdicts(laboratory, table, path, None)
        assert statuses.count(TO_DO) == 1
        assert statuses.count(PASSED) == len(statuses) - 1


@pytest.mark.parametrize("content", [3.5, {"no", "partly"}, {"a": 1}, [["no"]], (), b"no", "", object()])
def test_unexpected_content_fails(laboratory, content):
    assert not passes(laboratory, "ACTIVATIONS", ("relu", "saturates"), content)
    assert not passes(laboratory, "TASKS", ("binary_classification", "loss"), content)
    assert not passes(laboratory, "REGULARIZATION", ("cnn",), content)


@pytest.mark.parametrize("value", [[], "table", 7, {"relu": 1}, {}])
def test_a_broken_table_fails(laboratory, value):
    overrides = {("choices", "ACTIVATIONS"): value}
    outcomes = laboratory.run(overrides=overrides, checks=laboratory.touching("choices", "ACTIVATIONS"))
    assert {outcome.result.status for outcome in outcomes} == {"failed"}
    assert all("ACTIVATIONS" in outcome.result.failure.message for outcome in outcomes)
