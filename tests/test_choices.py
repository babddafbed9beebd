"""Checks of the four tables: one check a cell.

The accepted words stand here as digests, because a look at this file should not fill in the tables. A cell whose slide
is a matter of taste has several of them.
"""

import hashlib
import re
import unicodedata

import pytest

from exercises import choices
from grader.checks import assert_that, check, filled, observe
from grader.language import _

# The stated vocabulary.
DEGREES = ("yes", "partly", "no", "not applicable")
RANGES = ("(0, 1)", "(-1, 1)", "[0, inf)", "[-0.17, inf)", "(-inf, inf)")
NEURONS = (1, "d", "K")
FINAL = ("identity", "relu", "tanh", "sigmoid", "softmax")
LOSSES = ("MSELoss", "L1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss")
LAYERS = ("BatchNorm", "LayerNorm", "GroupNorm", "none")
TECHNIQUES = ("weight_decay", "dropout", "early_stopping", "data_augmentation", "batchnorm", "layernorm")

# Other names for the same thing, the slides' own among them.
DEGREE = {
    "sí": "yes",
    "si": "yes",
    "true": "yes",
    "false": "no",
    "partial": "partly",
    "partially": "partly",
    "parcial": "partly",
    "parcialmente": "partly",
    "enparte": "partly",
    "maso": "partly",
    "masomenos": "partly",
    "másomenos": "partly",
    "n/a": "notapplicable",
    "n.a": "notapplicable",
    "na": "notapplicable",
    "noaplica": "notapplicable",
    "noaplicable": "notapplicable",
}
SYNONYMS = {
    "range": {"r": "(-inf,inf)", "ℝ": "(-inf,inf)"},
    "zero_centred": DEGREE,
    "saturates": {**DEGREE, "suave": "partly"},
    "vanishing_gradients": DEGREE,
    "output_neurons": {"one": "1", "uno": "1", "una": "1"},
    "final_activation": {
        "none": "identity",
        "linear": "identity",
        "ninguna": "identity",
        "lineal": "identity",
        "identidad": "identity",
        "sigmoide": "sigmoid",
    },
    "loss": {"maeloss": "l1loss"},
    "layer": {
        "bn": "batchnorm",
        "ln": "layernorm",
        "gn": "groupnorm",
        "no": "none",
        "ninguna": "none",
        "ninguno": "none",
    },
    "technique": {
        "l2": "weightdecay",
        "l2regularization": "weightdecay",
        "l2weightdecay": "weightdecay",
        "regularizaciónl2": "weightdecay",
        "decaimientodepesos": "weightdecay",
        "adamw": "weightdecay",
        "spatialdropout": "dropout",
        "paradatemprana": "earlystopping",
        "detencióntemprana": "earlystopping",
        "paradaanticipada": "earlystopping",
        "detenciónanticipada": "earlystopping",
        "augmentation": "dataaugmentation",
        "aumentodedatos": "dataaugmentation",
        "aumentacióndedatos": "dataaugmentation",
        "bn": "batchnorm",
        "ln": "layernorm",
    },
}

ACCEPTED = """
    02f83d2c 03075be0 03fc7c92 05db1883 07b60573 0959b734 0d94a19c 0fd3cf3a 107b9de3 12840e2d 139ce478 1a1eada2
    1d249c93 2013350d 204cd26e 2400805a 2e320053 34244785 387f4124 3a9e8231 3c32bd7b 3d82c192 3e06a9cb 41f702fd
    4561b0eb 48cf8723 4a186bc7 4a922e1a 4ade0ad6 4dde2bdc 4f82f09c 502e2c34 50b862c8 52ee5f84 52fe53a1 5f677ad1
    61145bb0 638b9348 63cb4f68 65e4f4dc 65f82531 696166e7 6ba9aed4 72d233fb 76da36f7 77c2faef 78652061 7b5dc3d5
    7bdddbca 7d90f408 7e72567f 818886ec 81b6ac05 86f63ce7 870bd3cb 87474634 89e01681 8a17e951 8e028e8c 8f388220
    9688626c 978a7508 9cf3cb84 a1a31f57 a27eba5a a3bfda53 aa6a4671 aad13725 ae3bbb22 ae722d07 af807a99 b05d459f
    b20827f3 b7dfec77 ba118ee3 bb613c5c bb6e7061 bec406bc c104bfe3 c4d4327d c819ab06 c966b823 cd4b113c cec10c94
    cfb935d9 d38669dd d3d45de5 d498346f d6729a4f ded6ee68 e296cb12 e6d348c1 ed9f5d7f ef825775 f19dd746 f2d27894
    f442970b f6f1d37f f716385b f7d770d5 f9d9d0cf fa032f5f fab5a6ad fab6efba ffe1478b
"""


def digest(*words):
    return hashlib.sha256("/".join(words).encode(errors="replace")).hexdigest()[:8]


def canonical(word, column=""):
    """A word without what does not matter: capitals, spaces, hyphens, underscores, `nn.`, remarks and synonyms."""
    if isinstance(word, bool):
        word = "yes" if word else "no"
    text = "".join(unicodedata.normalize("NFC", str(word)).casefold().split())
    if column == "range":
        text = interval(text)
        return SYNONYMS["range"].get(text, text)
    text = re.sub(r"^(torch\.)?nn\.|[-_]|\.$", "", text)
    if column in ("final_activation", "loss", "layer", "technique"):
        text = re.sub(r"(?<=.)\([^()]*\)$", "", text)
    if column == "loss":
        text = text.removesuffix("loss") + "loss"
    if column in ("layer", "technique"):
        text = re.sub(r"(?<=norm)ali[sz]ation$|(?<=norm|pout)[123]d$", "", text)
    return SYNONYMS.get(column, {}).get(text, text)


def interval(text):
    """An interval in the vocabulary's spelling: ]0; 1[ is (0,1), and infinity has many names."""
    text = re.sub(r"∞|\\?infty|infinito|(np|numpy|math)\.inf", "inf", text.replace("−", "-").lstrip("≈~"))
    if ";" in text:
        text = text.replace(",", ".").replace(";", ",")
    bounds = re.fullmatch(r"([\[\](])([^,]+),([^,]+)([\[\])])", text)
    if not bounds:
        return text
    first, *ends, last = bounds.groups()
    try:
        low, high = (format(float(end), "g") for end in ends)
    except ValueError:
        return text
    return f"{first.replace(']', '(')}{low},{high}{last.replace('[', ')')}"


def cell(table, name, *keys):
    """The content of a cell and the way a student writes it; None is to do."""
    written = name
    for key in keys:
        filled(table)
        not_dict = _("{cell} should be a dict with the rows and columns of the stub").format(cell=written)
        assert_that(isinstance(table, dict), not_dict, table)
        missing = _("{cell} has no {key}: keep the rows and columns of the stub").format(cell=written, key=repr(key))
        assert_that(key in table, missing)
        table, written = table[key], f"{written}[{key!r}]"
    return filled(table), written


def members(content):
    """A cell that may hold several words, as a list of words; "a, b", "a / b" and "a or b" hold two as well."""
    words = []
    for word in content if isinstance(content, (set, list, tuple)) else [content]:
        without_remarks = re.sub(r"\([^()]*\)", "", word) if isinstance(word, str) else ""
        listed = [part.strip() for part in re.split(r"[,;/+|&\n]|\s(?:or|and|o|y)\s", without_remarks)]
        words += list(filter(None, listed)) or [word]
    return words


def see(path, words):
    """Note what a cell holds, for the diagnosis; as a digest, because such notes are recorded and handed out."""
    observe("cell", digest("seen", *path, *sorted(words)))


def assert_word(word, column, vocabulary, written):
    """Claim that a word is one of the vocabulary; returns it as `canonical` spells it."""
    text = canonical(word, column)
    assert_that(
        isinstance(word, (str, int, tuple)) and text in [canonical(known, column) for known in vocabulary],
        _("{cell} holds {word}, which is not in the vocabulary above the table: {words}").format(
            cell=written, word=repr(word), words=", ".join(repr(known) for known in vocabulary)
        ),
    )
    return text


def assert_one(table, name, row, column, vocabulary):
    """Claim that a cell holds one accepted word."""
    content, written = cell(table, name, row, column)
    see((name, row, column), [canonical(content, column)])
    word = assert_word(content, column, vocabulary, written)
    assert_that(
        digest(name, row, column, word) in ACCEPTED,
        _("{cell} is not {word}: read the definitions above the table once more").format(
            cell=written, word=repr(content)
        ),
    )


def assert_some(content, written, path, column, vocabulary):
    """Claim that a cell holds an accepted word or several of them."""
    words = members(content)
    see(path, [canonical(word, column) for word in words])
    assert_that(words, _("{cell} is empty: name at least one").format(cell=written))
    for word in words:
        text = assert_word(word, column, vocabulary, written)
        unwanted = _("{cell} should not name {word}").format(cell=written, word=repr(word))
        assert_that(digest(*path, text) in ACCEPTED, unwanted)


# Nothing here is drawn at random. `random=True` makes the diagnosis go by the cell that was observed, so that a known
# mistake in one cell is recognised whatever the other cells hold.


@pytest.mark.parametrize("column", ["range", "zero_centred", "saturates", "vanishing_gradients"])
@pytest.mark.parametrize("row", ["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softmax"])
@check("ACTIVATIONS", "concept", random=True)
def test_activations(row, column):
    """{row}: {column}"""
    assert_one(choices.ACTIVATIONS, "ACTIVATIONS", row, column, RANGES if column == "range" else DEGREES)


TASKS = [f"{kind}_{task}" for kind, task in (
    ("univariate", "regression"),
    ("multivariate", "regression"),
    ("binary", "classification"),
    ("multiclass", "classification"),
    ("multilabel", "classification"),
)]  # fmt: skip


@pytest.mark.parametrize("row", TASKS)
@check("TASKS", "concept", random=True)
def test_output_neurons(row):
    """{row}: number of output neurons"""
    assert_one(choices.TASKS, "TASKS", row, "output_neurons", NEURONS)


@pytest.mark.parametrize("row", TASKS)
@check("TASKS", "concept", random=True)
def test_final_activation(row):
    """{row}: final activation"""
    assert_one(choices.TASKS, "TASKS", row, "final_activation", FINAL)


@pytest.mark.parametrize("row", TASKS)
@check("TASKS", "concept", random=True)
def test_loss(row):
    """{row}: loss"""
    content, written = cell(choices.TASKS, "TASKS", row, "loss")
    assert_some(content, written, ("TASKS", row, "loss"), "loss", LOSSES)


@pytest.mark.parametrize("row", ["deep_cnn_or_mlp", "very_small_network", "very_small_batch", "transformer"])
@check("NORMALIZATION", "concept", random=True)
def test_normalization(row):
    """{row}: the normalization layer"""
    content, written = cell(choices.NORMALIZATION, "NORMALIZATION", row)
    assert_some(content, written, ("NORMALIZATION", row), "layer", LAYERS)


@pytest.mark.parametrize("row", ["mlp", "cnn", "rnn", "transformer", "autoencoder_or_gan"])
@check("REGULARIZATION", "concept", random=True)
def test_regularization(row):
    """{row}: the usual techniques"""
    content, written = cell(choices.REGULARIZATION, "REGULARIZATION", row)
    assert_some(content, written, ("REGULARIZATION", row), "technique", TECHNIQUES)
    named = {canonical(word, "technique") for word in members(content)}
    techniques = [canonical(word, "technique") for word in TECHNIQUES]
    usual = {word for word in techniques if digest("REGULARIZATION", row, "usual", word) in ACCEPTED}
    text = _("{cell} names {count} of the {all} usual techniques")
    assert_that(usual <= named, text.format(cell=written, count=len(usual & named), all=len(usual)))
