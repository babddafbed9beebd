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

    First `GRADER_LANG`, then that of the kit, then the locale.
    """
    own = DEFAULT.read_text(encoding="utf-8").strip() if DEFAULT.is_file() else ""
    for value in (environment.get(VARIABLE, ""), own, *(environment.get(name, "") for name in _POSIX)):
        if value:
            return _first_known(value.split(":"))
    return _of_system() if os.name == "nt" else SOURCE


def _first_known(names: list[str]) -> str:
    return next((_code(name) for name in names if _code(name) in languages()), SOURCE)


def _of_system() -> str:
    """The language of Windows, which knows none of the variables."""
    name = (_locale.getlocale()[0] or "").lower()
    code = "es" if name.startswith(("es_", "spanish")) else _code(name)
    return code if code in languages() else SOURCE


def _code(name: str) -> str:
    return name.replace("-", "_").split("_")[0].split(".")[0].split("@")[0].lower()


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
    if not sentence or current() == SOURCE:
        return sentence
    return _catalogue(current()).gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence for a count, in the reader's language."""
    if current() == SOURCE:
        return one if count == 1 else many
    return _catalogue(current()).ngettext(one, many, count)


def N_(sentence: str) -> str:
    """Mark a sentence of a table for translation; `_` looks it up when it is said."""
    return sentence
