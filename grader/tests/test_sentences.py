"""Every sentence for a reader can be translated: it stands whole in the code, and is looked up when it is said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader import language
from grader.checks import sentences
from grader.course import ROOT, the_course
from grader.misconceptions.diagnosis import KnownMistake, _diagnosis
from grader.reports import terminal
from grader.reports.class_html import class_page
from grader.reports.feedback_html import feedback_page
from grader.result import FAILED, CheckResult, Failure
from grader.suite import _title
from grader.tests.sample_results import sample_class

SUITE = sorted((ROOT / "tests").glob("test_*.py"))
KIT = sorted(file for file in (ROOT / "grader").rglob("*.py") if "tests" not in file.relative_to(ROOT).parts)

LOOKED_UP = {
    "grader/checks/claims.py": {"because", "message"},
    "grader/checks/sentences.py": {"ADVICE[key]", "sentence"},
    "grader/exports/job_summary.py": {"topic.title"},
    "grader/misconceptions/diagnosis.py": {"mistake.name", "mistake.hint"},
    "grader/plots/backprop.py": {"NAMES[name]"},
    "grader/release/page.py": {"topic.title"},
    "grader/reports/class_html.py": {"course.title", "topic.title", "WEAK[tier]", "WORDS[state]", "word"},
    "grader/reports/feedback_html.py": {"course.title", "name", "WORDS[state]", "KINDS.get(check.kind, check.kind)"},
    "grader/reports/progress.py": {"topic.title"},
    "grader/reports/terms.py": {"TERMS[code]"},
    "grader/suite.py": {
        "check_title(function.__name__, inspect.getdoc(function))",
        "told",
        "str(problem).split('\\nassert ')[0].strip()",
    },
}
"""Where `_` is given what is no constant: sentences that are marked, or gathered from elsewhere."""

LOOKED_UP_BY_OTHERS = ("grader/notebooks/", "grader/desk/", "grader/translations/")
"""Names alone may be looked up there: what they hold comes from tables and TOML files."""

WORDS_OF_A_SENTENCE = 3


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def _words(node: ast.expr) -> int:
    """How many words of a language an f-string or a constant holds beside its fields."""
    if isinstance(node, ast.JoinedStr):
        return sum(_words(part) for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return len(re.findall(r"\b[^\W\d_]{2,}\b", node.value))
    return 0


def untranslatable(tree: ast.AST) -> list[str]:
    """The sentences of a file of checks that are put together before anybody could translate them."""
    facts = {id(node) for call in _calls(tree, "observe") for node in ast.walk(call)}  # no student reads these
    marked = {id(node) for call in _calls(tree, "_", "N_", "ngettext") for node in ast.walk(call)}
    found = []
    for node in ast.walk(tree):
        if id(node) in facts:
            continue
        glued = isinstance(node, ast.JoinedStr)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
            glued = max(_words(node.left), _words(node.right)) >= WORDS_OF_A_SENTENCE and id(node.left) not in marked
        formatted = isinstance(node, ast.Attribute) and node.attr == "format" and isinstance(node.value, ast.Constant)
        text = node.value if isinstance(node, ast.Attribute) else node
        if (glued and not isinstance(node, ast.JoinedStr)) or (
            (glued or formatted) and isinstance(text, ast.expr) and _words(text) >= WORDS_OF_A_SENTENCE
        ):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def not_constant(tree: ast.AST) -> set[str]:
    """What `_`, `N_` and `ngettext` are given that is no constant."""
    arguments = [arg for call in _calls(tree, "_", "N_") for arg in call.args[:1]]
    arguments += [arg for call in _calls(tree, "ngettext") for arg in call.args[:2]]
    return {ast.unparse(argument) for argument in arguments if not isinstance(argument, ast.Constant)}


def said_at_import(node: ast.AST) -> list[int]:
    """The lines of the calls of `_` and `ngettext` that run when the module is imported."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            parts = [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]
            found += [line for part in parts for line in said_at_import(ast.Expression(part))]
        elif not isinstance(child, ast.Lambda):
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in ("_", "ngettext"):
                found.append(child.lineno)
            found += said_at_import(child)
    return found


def shadowed(tree: ast.AST) -> list[str]:
    """The functions that look up sentences with `_` and throw away values with it."""
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [function.name for function in functions if any(_calls(function, "_")) and "_" in _assigned(function)]


def _assigned(node: ast.AST) -> set[str]:
    names = {argument.arg for argument in node.args.args} if isinstance(node, ast.FunctionDef) else set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            names.add(child.id)
        elif not isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
                                    ast.GeneratorExp)):  # fmt: skip
            names |= _assigned(child)
    return names


def nameless_fields(tree: ast.AST) -> list[str]:
    """The sentences with a field that has no name: a translator could not move it."""
    constants = [arg.value for call in _calls(tree, "_", "N_", "ngettext") for arg in call.args[:2]
                 if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]  # fmt: skip
    return [text for text in constants if re.search(r"(?<!\{)\{\d*[!:}]", text)]


@pytest.mark.parametrize("file", SUITE, ids=lambda file: file.stem)
def test_a_check_says_nothing_that_cannot_be_translated(file: Path) -> None:
    assert untranslatable(_tree(file)) == []


@pytest.mark.parametrize(
    "code",
    [
        'assert_that(x, f"With p = {p} nothing is left to chance.")',
        'assert_close(x, y, because=f"This is the {name} of it.")',
        'assert x, f"It should be about {x}."',
        'message = "It should be about " + str(x)',
        'message = "It should be about %s" % x',
        'message = "It should be about {x}.".format(x=x)',
        'message = _(f"It should be about {x}.")',
    ],
)
def test_a_sentence_that_is_glued_is_found(code: str) -> None:
    assert untranslatable(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        'assert_that(x, "Nothing is left to chance.")',
        'assert_that(x, _("With p = {p} nothing is left to chance.").format(p=p))',
        'observe(f"mask of the {batch} forward", 1)',
        'name = f"{topic}_{name}"',
    ],
)
def test_a_sentence_that_is_whole_is_none_of_them(code: str) -> None:
    assert not untranslatable(ast.parse(code))


def test_sentences_are_constants_but_for_those_of_tables() -> None:
    found = {file.relative_to(ROOT).as_posix(): not_constant(_tree(file)) for file in [*KIT, *SUITE]}
    unknown = {file: arguments - LOOKED_UP.get(file, set()) for file, arguments in found.items()}
    for file, arguments in unknown.items():
        if file.startswith(LOOKED_UP_BY_OTHERS):
            arguments -= {argument for argument in arguments if re.fullmatch(r"[\w.\[\]\"']+", argument)}
    assert {file: arguments for file, arguments in unknown.items() if arguments} == {}
    assert not_constant(ast.parse('_(f"It is {x}.")')), "an f-string is no constant"


def test_no_sentence_is_said_at_import() -> None:
    found = {file.relative_to(ROOT).as_posix(): said_at_import(_tree(file)) for file in [*KIT, *SUITE]}
    assert {file: lines for file, lines in found.items() if lines} == {}
    code = 'A = {1: _("one")}\nclass B:\n    c = _("two")\ndef f(x=_("three")):\n    _("later")\ng = lambda: _("it")\n'
    assert said_at_import(ast.parse(code)) == [1, 3, 4]


def test_no_sentence_is_looked_up_inside_an_f_string() -> None:
    """What gathers the sentences does not see it there."""
    for file in (*KIT, *SUITE):
        inside = [node for node in ast.walk(_tree(file)) if isinstance(node, ast.JoinedStr)]
        calls = [call for node in inside for call in _calls(node, "_", "ngettext", "N_")]
        assert not [ast.unparse(call) for call in calls if isinstance(call.args[0], ast.Constant)], file


def test_what_looks_up_sentences_is_no_name_for_leftovers() -> None:
    found = {file.relative_to(ROOT).as_posix(): shadowed(_tree(file)) for file in [*KIT, *SUITE]}
    assert {file: functions for file, functions in found.items() if functions} == {}
    assert shadowed(ast.parse('def f():\n    a, _ = g()\n    _("It is.")\n')) == ["f"]


def test_every_field_has_a_name() -> None:
    found = {file.relative_to(ROOT).as_posix(): nameless_fields(_tree(file)) for file in [*KIT, *SUITE]}
    assert {file: texts for file, texts in found.items() if texts} == {}
    assert nameless_fields(ast.parse('_("{} of {0}")')) and not nameless_fields(ast.parse('_("{a} of {{}}")'))


class _Marking:
    """A language in which every sentence is its own translation in brackets."""

    def gettext(self, sentence: str) -> str:
        return f"⟦{sentence}⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{one if count == 1 else many}⟧"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_current", "xx")
    monkeypatch.setattr(language, "_catalogue", lambda code: _Marking())


class _Texts(HTMLParser):
    """What a page says outside `code`, `pre` and the styles."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("code", "pre", "style")
        self.said += [value for name, value in attrs if name == "aria-label" and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("code", "pre", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def unmarked(page: str) -> set[str]:
    """The texts of a page that no `_` has seen."""
    parser = _Texts()
    parser.feed(page)
    return {text.strip() for text in parser.said if re.search(r"[^\W\d_]{2,}", _beside(text))}


def _beside(text: str) -> str:
    """What stands beside the marks; a sentence that an element interrupts leaves one of them open."""
    while (rest := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = rest
    return re.sub("^[^⟦⟧]*⟧|⟦[^⟦⟧]*$", "", text)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _strings(item)
    elif hasattr(value, "__dataclass_fields__"):
        yield from _strings(list(vars(value).values()))


def test_a_page_says_nothing_untranslated_but_what_the_record_holds(marked: None) -> None:
    results = list(sample_class(30))
    data = " ".join(text for result in results for text in _strings(result))
    for page in (*(feedback_page(result, the_course()) for result in results[:10]), class_page(results, the_course())):
        assert {text for text in unmarked(page) if not _holds(data, text)} == set()


def _holds(data: str, text: str) -> bool:
    """Whether a text is the record's: its names and titles, with colons and numbers between."""
    parts = re.split(r": | \(\d.*\)$", text.rstrip("…"))
    return all(part in data for part in parts)


def test_a_failure_is_told_in_the_language(marked: None) -> None:
    failure = Failure("claim", "MESSAGE", "f(x)", (("x", "1"),), "1", "2")
    told = terminal.failure(CheckResult("test_a.py::test_b", "a", "b", "parity", "TITLE", FAILED, 1, failure))
    assert set(re.findall(r"[A-Za-z]{2,}", _beside(told))) == {"MESSAGE", "TITLE"}


def test_what_stands_in_tables_is_looked_up_when_it_is_said(marked: None) -> None:
    assert sentences.advice("list", "mse").startswith("⟦mse returns a list")


def test_a_title_is_translated_with_its_words_and_without_its_names(marked: None) -> None:
    def story(story: str, name: str) -> None:
        """{name}: {story}"""

    assert _title(story, {"story": "a story of its own", "name": "relu"}) == "⟦relu: ⟦a story of its own⟧⟧"


def test_a_known_mistake_is_named_in_the_language(marked: None) -> None:
    mistake = KnownMistake("sums", "Sums", "Average it.", (), {"one": []})
    named = _diagnosis(mistake, None, "one")  # type: ignore[arg-type]
    assert (named.id, named.name, named.hint) == ("sums", "⟦Sums⟧", "⟦Average it.⟧")
