"""Every sentence exists in every language, and a text translated block by block is the same text."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import language
from grader.arguments import MESSAGES, translated
from grader.cli import _parser, main
from grader.course import ROOT, the_course
from grader.language import (
    SOURCE,
    VARIABLE,
    LanguageError,
    _,
    current,
    fallback_notice,
    languages,
    ngettext,
    surrounding,
    use,
)
from grader.release.kit import student_kit
from grader.tests.release_here import bare_environment, run_in
from grader.translations.blocks import translated_docstring, translated_markdown, translated_source
from grader.translations.catalogues import fields, load, said_otherwise, shortcomings, updated
from grader.translations.message import Message


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """What a test says in another language is over with it."""
    monkeypatch.setenv(VARIABLE, SOURCE)
    use(SOURCE)
    yield
    use(SOURCE)


@pytest.fixture
def spanish(english):
    use("es")


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
        ({"LANG": "es_AR.UTF-8", "GRADER_LANG": "xx"}, "es"),
        ({"LANG": "es_AR.UTF-8", "GRADER_LANG": ""}, "es"),
        ({"LANG": "C", "GRADER_LANG": "de:es:en"}, "es"),
        ({"LANG": "C", "GRADER_LANG": " es_MX "}, "es"),
        ({"LANG": ""}, "en"),
    ],
)
def test_the_surroundings_choose(environment, language):
    assert surrounding(environment) == language


@pytest.mark.parametrize(
    ("own", "environment", "chosen"),
    [
        ("es", {}, "es"),
        ("es", {"LANG": "en_US.UTF-8"}, "es"),
        ("es", {"GRADER_LANG": "en"}, "en"),
        ("es", {"GRADER_LANG": "de", "LANG": "en_US.UTF-8"}, "es"),
        ("es", {"GRADER_LANG": "", "LANG": "de_DE.UTF-8"}, "es"),
        ("en", {"GRADER_LANG": "de", "LANG": "es_ES.UTF-8"}, "en"),
        ("de", {"LANG": "es_ES.UTF-8"}, "es"),
    ],
)
def test_the_language_of_a_kit_comes_before_that_of_the_system(own, environment, chosen, tmp_path, monkeypatch):
    monkeypatch.setattr(language, "DEFAULT", tmp_path / "default.txt")
    (tmp_path / "default.txt").write_text(f"{own}\n", encoding="utf-8")
    assert surrounding(environment) == chosen


@pytest.mark.parametrize(
    ("name", "code"),
    [("Spanish_Mexico", "es"), ("es_ES", "es"), ("English_United States", "en"), ("German_Germany", ""), (None, "")],
)
def test_windows_says_its_language_in_words(name, code, monkeypatch):
    monkeypatch.setattr(language._locale, "getlocale", lambda: (name, "1252"))
    assert language._of_windows() == code


@pytest.mark.parametrize("value", ["", " ", "es", "de:es", "en_US.UTF-8"])
def test_a_language_that_is_there_needs_no_notice(value):
    assert fallback_notice({VARIABLE: value}) == ""


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m ARGUMENTS` in a process of its own."""
    environment = {**os.environ, VARIABLE: "", "COLUMNS": "100", **variables}
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True,
                          encoding="utf-8", check=False, timeout=240)  # fmt: skip


ENGLISH_NOTICE = "There is no translation into 'de', which GRADER_LANG asks for: the languages are en, es."
SPANISH_NOTICE = "No hay traducción a 'de', que es lo que pide GRADER_LANG: los idiomas son en, es."


@pytest.mark.parametrize(("lang", "notice"), [("C", ENGLISH_NOTICE), ("es_ES.UTF-8", SPANISH_NOTICE)])
def test_a_variable_that_names_no_language_is_said_once(lang, notice):
    plain = {"LANG": lang, "LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "PYTHONIOENCODING": "utf-8"}
    run = command("grader", "--version", GRADER_LANG="de", **plain)
    assert (run.returncode, run.stderr) == (0, f"grader: {notice}\n")
    run = command("grader", "--version", "--lang", "es", GRADER_LANG="de", **plain)
    assert (run.returncode, run.stderr) == (0, "")
    checks = ["-q", "-p", "no:cacheprovider", "tests/test_choices.py"]
    for target in ([], ["--target", str(ROOT / "solutions")]):
        run = command("pytest", *checks, *target, GRADER_LANG="de", **plain)
        assert run.stderr == f"{notice}\n"


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize(
    "arguments", [["--lang"], ["hint", "--lang"], ["--lang="], ["--lang", ""], ["hint", "huber", "--lang", "--all"]]
)
def test_the_option_without_a_language_is_one_sentence(arguments, code, capsys, monkeypatch):
    monkeypatch.setenv(VARIABLE, code)
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", {
        "en": "grader: --lang needs a language: write --lang and one of en, es.\n",
        "es": "grader: --lang necesita un idioma: escribe --lang y uno de estos: en, es.\n",
    }[code])  # fmt: skip


@pytest.mark.parametrize("arguments", [["--lan", "es", "hint"], ["hint", "--la=es"]])
def test_an_abbreviation_changes_the_language_too(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error: falta: EXERCISE" in capsys.readouterr().err


def test_a_language_that_a_setting_names_in_vain_is_one_sentence(monkeypatch, capsys):
    """Such as that of an nbgrader course."""
    monkeypatch.setattr("grader.desk.overview.overview", lambda folder: use("tlh"))
    assert main(["progress"]) == 2
    assert capsys.readouterr().err == "grader: There is no translation into 'tlh': the languages are en, es.\n"


# -- what argparse says ----------------------------------------------------------------------------------------------

_ENGLISH = re.compile(
    r"^usage: |positional arguments|^options:|show this help|show program's|error: argument\b|choose from|\bexpected\b"
    r"|\brequired\b|unrecognized|ambiguous|invalid|not allowed|ignored",
    re.MULTILINE,
)


def _subcommands(parser: argparse.ArgumentParser) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [[name, *rest] for name, sub in action.choices.items() for rest in _subcommands(sub)]
    return found


COMMANDS = _subcommands(_parser())


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments) or "grader")
def test_help_is_in_one_language(arguments, capsys, monkeypatch):
    """Whatever is a sentence in the English help is not in the Spanish one."""
    monkeypatch.setenv("COLUMNS", "1000")
    pages = {}
    for code in languages():
        with pytest.raises(SystemExit) as stopped:
            main(["--lang", code, *arguments, "--help"])
        assert stopped.value.code == 0
        pages[code] = capsys.readouterr().out
    assert _ENGLISH.search(pages["en"]) and not _ENGLISH.search(pages["es"])
    texts = {code: [re.split(r" {2,}", line.strip())[-1] for line in page.splitlines() if line.startswith("  ")]
             for code, page in pages.items()}  # fmt: skip
    english = {text for text in texts["en"] if len(re.findall(r"\b[a-z]{2,}\b", text)) > 2 and text[0] != "-"}
    assert len(texts["en"]) == len(texts["es"]) and not english & set(texts["es"])


WRONG = [
    ([], "falta: COMMAND"),
    (["nonsense"], "argumento COMMAND: 'nonsense' no es válido (elige entre "),
    (["hint"], "falta: EXERCISE"),
    (["hint", "huber", "--step"], "argumento --step: se espera un valor"),
    (["hint", "huber", "--step", "x"], "argumento --step: x no es un número entero"),
    (["hint", "huber", "--step", "1", "--all"], "argumento --all: no se puede usar junto con --step"),
    (["hint", "huber", "--all=3"], "argumento --all: no admite ningún valor, y recibió '3'"),
    (["hint", "huber", "more"], "no se reconoce: more"),
    (["progress", "--nonsense"], "no se reconoce: --nonsense"),
    (["watch", "--t", "x"], "opción ambigua: --t puede ser --target, --timeout-call"),
    (["watch", "--timeout-call", "x"], "argumento --timeout-call: x no es un número"),
    (["watch", "--timeout-call", "nan"], "argumento --timeout-call: nan no es un tiempo de 0.1 a 3600 segundos"),
    (["grade", "class", "--jobs", "x"], "argumento --jobs: x no es un número entero"),
    (["grade", "class", "--jobs", "0"], "argumento --jobs: 0 no es un número de 1 a 1000000"),
    (["grade", "class", "--seed", "x"], "argumento --seed: x no es un número entero"),
    (["grade", "class", "--timeout", "x"], "argumento --timeout: x no es un número"),
    (["grade", "--nbgrader", "one"], "argumento --nbgrader: se esperan 2 valores"),
    (["grade", "class", "--format", "x"], "argumento --format: 'x' no es válido (elige entre "),
    (["export"], "falta: KIND"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: " ".join(value) if value else "grader")
def test_wrong_usage_is_told_in_the_language(arguments, message, capsys):
    told = {}
    for code in languages():
        with pytest.raises(SystemExit) as stopped:
            main(["--lang", code, *arguments])
        assert stopped.value.code == 2
        told[code] = capsys.readouterr().err
    assert told["es"].startswith("uso: grader") and told["en"].startswith("usage: grader")
    assert f": error: {message}" in told["es"]
    assert not _ENGLISH.search(told["es"]), told["es"]
    assert not re.search(r"\b_\w+", told["en"]), "the name of a function"


def test_argparse_is_left_as_it_was():
    before = argparse._, argparse.ngettext
    with translated():
        assert argparse._ is not before[0]
    assert (argparse._, argparse.ngettext) == before


def test_what_argparse_says_is_what_this_python_says():
    """Most of it: a version may have other words for some."""
    source = Path(argparse.__file__).read_text(encoding="utf-8")
    known = [text for text in MESSAGES if repr(text if isinstance(text, str) else text[0]) in source]
    assert len(known) >= len(MESSAGES) - 2


# -- a kit in one language, read in another --------------------------------------------------------------------------

RESET_ALL = """
import sys
from pathlib import Path
from grader.cli import main
for topic in sys.argv[2:]:
    Path("exercises", topic + ".py").unlink()
    assert main(["--lang", sys.argv[1], "reset", topic]) == 0
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return bare_environment(tmp_path_factory.mktemp("environment") / "venv")


@pytest.fixture(scope="module")
def kits(tmp_path_factory):
    """The kit in every language, on the disk."""
    found = {}
    for code in languages():
        use(code)
        found[code] = written(student_kit(tuple(the_course().names), code), tmp_path_factory.mktemp(f"kit_{code}"))
    use(SOURCE)
    return found


def written(files: dict[str, bytes], folder: Path) -> Path:
    for place, content in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content)
    return folder


def stubs_of(kit: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((kit / "exercises").glob("*.py"))}


@pytest.mark.parametrize("wanted", [*languages(), None])
@pytest.mark.parametrize("own", languages())
def test_hints_are_in_the_language_that_is_wanted(kits, python, own, wanted):
    option = [] if wanted is None else ["--lang", wanted]
    heard = {
        "en": ("The idea", "Mean squared error.", "The slide: “MSE”.", "The shape of the computation"),
        "es": ("La idea", "Error cuadrático medio (MSE).", "La diapositiva: «", "La forma del cálculo"),
    }
    run = run_in(kits[own], python, "-m", "grader", *option, "hint", "mse", "--all")
    assert run.returncode == 0, run.stderr
    said = {code: [words in run.stdout for words in sentences] for code, sentences in heard.items()}
    assert said == {code: [code == (wanted or own)] * 4 for code in heard}, run.stdout


@pytest.mark.parametrize("wanted", languages())
@pytest.mark.parametrize("own", languages())
def test_reset_brings_back_what_was_handed_out(kits, python, own, wanted, tmp_path):
    """Byte for byte, whatever the language of the one who asks."""
    kit = Path(shutil.copytree(kits[own], tmp_path / "kit"))
    before = stubs_of(kit)
    untouched = run_in(kit, python, "-m", "grader", "--lang", wanted, "reset", "huber")
    assert stubs_of(kit) == before and untouched.returncode == 0
    run = run_in(kit, python, "-c", RESET_ALL, wanted, *the_course().names)
    assert run.returncode == 0, run.stderr
    assert stubs_of(kit) == before
    own_text = {"en": b"Mean squared error.", "es": "Error cuadrático medio (MSE).".encode()}[own]
    assert own_text in before["losses.py"]
    started = before["losses.py"].replace(b'raise NotImplementedError("losses.mse")', b"return 0.0")
    (kit / "exercises" / "losses.py").write_bytes(started)
    run_in(kit, python, "-m", "grader", "--lang", wanted, "reset", "mse")
    assert stubs_of(kit) == before


@pytest.mark.parametrize("topic", the_course().names)
def test_a_kit_with_one_topic_brings_back_its_stub(topic, python, tmp_path):
    """With the catalogues of that topic alone."""
    use("es")
    kit = written(student_kit((topic,), "es"), tmp_path)
    before = stubs_of(kit)
    run = run_in(kit, python, "-c", RESET_ALL, "en", topic)
    assert run.returncode == 0, run.stderr
    assert stubs_of(kit) == before


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
        ("It needs %s.", "Necesita.", "has other fields: %s"),
        ("one of %(names)s", "uno de %(nombres)s", "has other fields: %(names)s, %(nombres)s"),
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


def test_two_domains_say_the_same(tmp_path):
    """A reader has all domains as one: of two translations of a sentence one would never be heard."""
    one, two = catalogue(tmp_path, "Close it.", "Ciérralo."), catalogue(tmp_path, "Close it.", "Cierra eso.")
    assert list(said_otherwise({"one": one, "same": one})) == []
    assert list(said_otherwise({"one": one, "two": two})) == [("two", "Close it.", "is said otherwise in one.po")]


def test_fields_are_those_of_format():
    assert fields("{a} and {b:.3f} and {{c}}") == {"a", "b"}
    assert fields("a set {1, 2") == set()
    assert fields("%s of %(n)d, 5 % of it") == {"%s", "%(n)d"}


def test_the_languages_are_those_that_have_a_folder():
    assert languages() == ("en", "es")
