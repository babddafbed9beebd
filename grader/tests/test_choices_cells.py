"""Every cell of `choices` accepts each of its answers and no other word of the vocabulary."""

import copy

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
