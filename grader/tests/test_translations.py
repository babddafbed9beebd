"""Every sentence exists in every language, and a text translated block by block is the same text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import ROOT, the_course
from grader.language import (
    SOURCE,
    LanguageError,
    _,
    current,
    languages,
    ngettext,
    surrounding,
    use,
)
from grader.translations.blocks import translated_docstring, translated_markdown, translated_source
from grader.translations.catalogues import fields, load, shortcomings, updated
from grader.translations.message import Message


@pytest.fixture
def spanish():
    use("es")
    yield
    use(SOURCE)


def test_every_catalogue_is_complete_and_fresh():
    command = [sys.executable, "-m", "grader", "translations", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr


# -- which language --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "fr:es:en", "LANG": "en_US.UTF-8"}, "es"),
        ({"LANG": "es_ES@euro", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "GRADER_LANG": "es"}, "es"),
        ({"LANG": "es_AR.UTF-8", "GRADER_LANG": "en"}, "en"),
        ({"LANG": "es_AR.UTF-8", "GRADER_LANG": "xx"}, "en"),
        ({"LANG": ""}, "en"),
    ],
)
def test_the_surroundings_choose(environment, language):
    assert surrounding(environment) == language


def test_a_language_that_nobody_speaks():
    with pytest.raises(LanguageError, match="'tlh': the languages are en, es"):
        use("tlh")
    assert current() == SOURCE


def test_sentences_are_looked_up_when_they_are_said(spanish):
    assert _("to do") == "por hacer"
    use(SOURCE)
    assert _("to do") == "to do"


def test_what_has_no_translation_stays(spanish):
    assert _("Nobody has ever said this.") == "Nobody has ever said this."
    assert _("") == ""
    assert ngettext("one thing", "{n} things", 2) == "{n} things"


@pytest.mark.parametrize("arguments", [["grader", "--lang", "es", "plot", "xx"], ["grader", "plot", "xx", "--lang=es"]])
def test_the_command_takes_the_language_anywhere(arguments):
    run = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "No hay" in run.stderr or "no hay" in run.stderr or "tiene" in run.stderr, run.stderr


def test_pytest_speaks_spanish(run_pytest, copy_of_stubs):
    (copy_of_stubs / "losses.py").write_text("def mse(y, y_hat):\n    return 0.0\n")
    run = run_pytest("-q", "--lang", "es", "--target", str(copy_of_stubs), "tests/test_losses.py", "-k", "mse")
    assert "devolvió" in run.stdout, run.stdout
    assert " returned " not in run.stdout
    assert "por hacer" in run.stdout or "fallid" in run.stdout


def test_pytest_refuses_a_language_that_is_not_there(run_pytest):
    run = run_pytest("-q", "--lang", "tlh")
    assert run.returncode == 4
    assert "the languages are en, es" in run.stderr


# -- whole texts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", the_course().names)
def test_a_stub_without_translation_stays_as_it_is(topic):
    source = (ROOT / "exercises" / f"{topic}.py").read_text(encoding="utf-8")
    assert translated_source(source, lambda block: block) == source


def test_the_readme_without_translation_stays_as_it_is():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert translated_markdown(text, lambda block: block) == text


def test_names_and_headings_of_a_docstring_stay():
    text = "Mean of it.\n\nParameters\n----------\nx, y : array_like, any shape\n    The numbers\n    of it.\nn : int\n"
    assert translated_docstring(text, str.upper) == (
        "MEAN OF IT.\n\nParameters\n----------\nx, y : ARRAY_LIKE, ANY SHAPE\n    THE NUMBERS\n    OF IT.\nn : int\n"
    )


def test_what_follows_a_section_is_prose_again():
    text = "Mean.\n\nRaises\n------\nValueError\n    If it is empty.\n\nSource: slide one\nand slide two."
    assert translated_docstring(text, lambda block: f"<{block}>") == (
        "<Mean.>\n\nRaises\n------\nValueError\n    <If it is empty.>\n\n<Source: slide one\nand slide two.>"
    )


def test_code_between_docstrings_is_not_touched():
    source = '"""One thing."""\n\nx = "not this"  # nor this\n# {}\n\n\ndef f():\n    """{}"""\n    return 1\n'
    assert translated_source(source.format("This one.", "And that."), str.upper) == (
        source.format("THIS ONE.", "AND THAT.").replace("One thing.", "ONE THING.")
    )


def test_a_fence_is_one_block():
    seen: list[str] = []
    text = "# Title\n\n```console\none\n\ntwo\n```\n\nText after.\n"
    assert translated_markdown(text, lambda block: (seen.append(block), block)[1]) == text
    assert seen == ["# Title", "```console\none\n\ntwo\n```", "Text after."]


LINES = ["", "Text here.", "Returns", "-------", "x : int, some", "    Indented text.", "- item one"]


@given(st.lists(st.sampled_from(LINES)))
def test_a_docstring_of_any_form_stays_without_translation(lines):
    text = "\n".join(lines)
    assert translated_docstring(text, lambda block: block) == text


# -- catalogues ------------------------------------------------------------------------------------------------------


def catalogue(tmp_path, english: str, translation: str, plural: str = ""):
    made = updated(load(tmp_path / "none.po", "es", "x"), [Message(english, "x.py", plural)], "es", "x")
    made.get(english).string = (translation, translation) if plural else translation
    return made


@pytest.mark.parametrize(
    ("english", "translation", "problem"),
    [
        ("Close the door.", "", "is not translated"),
        ("{name} is late.", "Llega tarde.", "has other fields: name"),
        ("{name} is late.", "{nombre} llega tarde.", "has other fields: name, nombre"),
        ("Call `np.sum` here.", "Llama a `np.suma` aquí.", "quotes other code in backticks"),
        ("Close the door now.", "Close the door now.", "is still in English"),
    ],
)
def test_what_a_translation_lacks_is_said(tmp_path, english, translation, problem):
    assert [text for _english, text in shortcomings(catalogue(tmp_path, english, translation))] == [problem]


@pytest.mark.parametrize(
    ("english", "translation", "plural"),
    [
        ("MSE: `losses.mse`", "MSE: `losses.mse`", ""),
        ("{count} check", "{count} comprobaciones", "{count} checks"),
        ("It is.", "Es.", ""),
        ("\\frac{a}{b} \\text{ for all}", "\\frac{a}{b} \\text{ para todos}", ""),
    ],
)
def test_a_good_translation_lacks_nothing(tmp_path, english, translation, plural):
    assert list(shortcomings(catalogue(tmp_path, english, translation, plural))) == []


def test_a_changed_sentence_loses_its_translation(tmp_path):
    old = catalogue(tmp_path, "Close the door.", "Cierra la puerta.")
    new = updated(old, [Message("Close the window.", "x.py")], "es", "x")
    assert [message.id for message in new if message.id] == ["Close the window."]
    assert not new.get("Close the window.").string


def test_fields_are_those_of_format():
    assert fields("{a} and {b:.3f} and {{c}}") == {"a", "b"}
    assert fields("a set {1, 2") == set()


def test_the_languages_are_those_that_have_a_folder():
    assert languages() == ("en", "es")
