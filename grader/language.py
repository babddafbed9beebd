"""The language in which the kit speaks to its readers.

English is what stands in the code. The catalogues in `locale/<language>/LC_MESSAGES/` give the sentences in another
language; `grader translations` makes and checks them. Sentences are looked up when they are said, so the language can
change at any time.
"""

from __future__ import annotations

import gettext as _gettext
import locale as _locale
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).with_name("locale")
SOURCE = "en"
DEFAULT = LOCALE / "default.txt"
"""The language of a kit for students, which goes before that of the system; there is no such file elsewhere."""
VARIABLE = "GRADER_LANG"
_POSIX = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_current: str | None = None


class LanguageError(ValueError):
    """Nobody has translated the kit into this language."""


@cache
def languages() -> tuple[str, ...]:
    """The languages that the kit speaks, English first."""
    return SOURCE, *sorted(folder.name for folder in LOCALE.glob("*") if (folder / "LC_MESSAGES").is_dir())


def use(wanted: str | None) -> str:
    """Speak this language from now on.

    Parameters
    ----------
    wanted : str or None
        A language such as `es`, also with a country (`es_MX`, `es-AR.UTF-8`). None: what the surroundings say.

    Returns
    -------
    str
        The language in use.

    Raises
    ------
    LanguageError
        The language was asked for and is not there.
    """
    global _current
    if wanted is None:
        _current = surrounding(os.environ)
        return _current
    if not wanted.strip():
        raise LanguageError(missing_value())
    code = _code(wanted)
    if code not in languages():
        raise LanguageError(
            _("There is no translation into {wanted!r}: the languages are {languages}.").format(
                wanted=wanted, languages=", ".join(languages())
            )
        )
    _current = code
    return code


def speak(language: str) -> None:
    """Speak this language in this process, whatever its surroundings say, and in those that it starts."""
    os.environ[VARIABLE] = use(language)


def current() -> str:
    """The language in use."""
    return _current or use(None)


def surrounding(environment: Mapping[str, str]) -> str:
    """The language that the surroundings ask for; English where there is no translation.

    First `GRADER_LANG`, then that of the kit, each if the kit speaks it; then the locale.
    """
    return _known(environment.get(VARIABLE, "")) or _own() or _of_locale(environment) or SOURCE


def of_kit() -> str:
    """The language in which this kit was handed out."""
    return _own() or SOURCE


def fallback_notice(environment: Mapping[str, str]) -> str:
    """What to tell who set `GRADER_LANG` to a language that is not there; empty for everybody else."""
    wanted = environment.get(VARIABLE, "")
    if not wanted.strip() or _known(wanted):
        return ""
    text = _("There is no translation into {wanted!r}, which {variable} asks for: the languages are {languages}.")
    return text.format(wanted=wanted, variable=VARIABLE, languages=", ".join(languages()))


def settle() -> str:
    """Speak the language of the surroundings, in the processes that this one starts as well.

    Returns
    -------
    str
        What to tell the reader once, see `fallback_notice`.
    """
    use(None)
    notice = fallback_notice(os.environ)
    if notice:
        speak(current())
    return notice


def option_help() -> str:
    """What `--lang` does."""
    text = _("language: {languages} (default: GRADER_LANG, then that of the kit, then that of the system)")
    return text.format(languages=", ".join(languages()))


def missing_value() -> str:
    """What to tell who wrote `--lang` and no language."""
    text = _("--lang needs a language: write --lang and one of {languages}.")
    return text.format(languages=", ".join(languages()))


def _own() -> str:
    return _known(DEFAULT.read_text(encoding="utf-8")) if DEFAULT.is_file() else ""


def _of_locale(environment: Mapping[str, str]) -> str:
    """The first variable that is set decides, even for a language that the kit does not speak."""
    value = next(filter(None, (environment.get(name, "") for name in _POSIX)), "")
    return _of_windows() if os.name == "nt" and not value else _known(value)


def _known(names: str) -> str:
    """The first language of a list such as `de:es` that the kit speaks; empty if it speaks none."""
    return next((_code(name) for name in names.split(":") if _code(name) in languages()), "")


def _of_windows() -> str:
    """Windows knows none of the variables, and says `Spanish_Mexico` where others say `es_MX`."""
    name = (_locale.getlocale()[0] or "").partition("_")[0]
    return _known(_locale.normalize(name))


def _code(name: str) -> str:
    return name.strip().replace("-", "_").split("_")[0].split(".")[0].split("@")[0].lower()


@cache
def _catalogue(code: str) -> _gettext.NullTranslations:
    """All catalogues of a language as one."""
    found = _gettext.NullTranslations()
    for file in sorted((LOCALE / code / "LC_MESSAGES").glob("*.mo"), reverse=True):
        with file.open("rb") as stream:
            part = _gettext.GNUTranslations(stream)
        part.add_fallback(found)
        found = part
    return found


def _(sentence: str) -> str:
    """The sentence in the reader's language. Every sentence that a student reads passes through here, whole."""
    return said_in(current(), sentence)


def said_in(code: str, sentence: str) -> str:
    """The sentence in a language, whichever is in use."""
    return sentence if not sentence or code == SOURCE else _catalogue(code).gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence for a count, in the reader's language."""
    if current() == SOURCE:
        return one if count == 1 else many
    return _catalogue(current()).ngettext(one, many, count)


def N_(sentence: str) -> str:
    """Mark a sentence of a table for translation; `_` looks it up when it is said."""
    return sentence


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark a sentence for a count, as `N_` does; `ngettext` looks it up when it is said."""
    return one, many
