"""Formulas of docstrings as plain text: `\\frac{\\hat m_t}{\\sqrt{\\hat v_t} + \\epsilon}` is `m̂_t / (√v̂_t + ε)`.

For LaTeX as docstrings have it. A command that it does not know is written without its backslash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Phi": "Φ", "Sigma": "Σ", "Omega": "Ω",
    "sum": "Σ", "prod": "Π", "partial": "∂", "nabla": "∇", "infty": "∞", "in": "∈",
    "leftarrow": "←", "gets": "←", "rightarrow": "→", "to": "→", "cdot": "·", "times": "×", "odot": "∘", "circ": "∘",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "pm": "±", "top": "ᵀ",
    "ldots": "...", "dots": "...", "cdots": "...", "quad": "  ", "qquad": "  ", "mid": "|", "|": "‖",
    "log": "log", "exp": "exp", "max": "max", "min": "min", "tanh": "tanh", "erf": "erf",
    "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "displaystyle": "",
    ",": " ", ";": " ", ":": " ", " ": " ", "!": "", "{": "{", "}": "}", "%": "%", "_": "_", "\\": " ",
}  # fmt: skip
"""What a command without arguments stands for."""

MARKS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307"}
"""Commands that put a mark on a letter."""

ALPHABETS = frozenset({"text", "mathcal", "mathrm", "mathbf", "mathbb", "operatorname", "textbf", "textit"})
"""Commands that choose the letters of their argument, which plain text cannot."""

BUILT = frozenset({"frac", "tfrac", "dfrac", "sqrt"})
"""Commands that are laid out in another way."""

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|[{}^_]|[^\S\n]+|\n|[^\\{}^_\s]", re.DOTALL)
_ROWS = re.compile(r",?\s*\\q?quad\b\s*|\\\\\s*")
_LOWER = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UPPER = str.maketrans("0123456789T", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ")
_OPERATOR = re.compile(r"(?<=\S) *[-+=·×←] *(?=\S)")


def formulas(latex: str) -> list[str]:
    r"""The formulas of a displayed block, one a line: they end where the block leaves a `\quad` or more.

    Parameters
    ----------
    latex : str
        What stands behind `.. math::`, on one line or several.
    """
    rows = (plain_formula(part) for part in _ROWS.split(" ".join(latex.split())))
    return [row for row in rows if row]


def plain_formula(latex: str) -> str:
    """One formula in plain characters."""
    text = _Reader(latex).read()
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"(?<=[(\[]) | (?=[)\],])", "", text)


def plain_prose(text: str) -> str:
    """A sentence without the marks of reStructuredText around code and formulas, nor LaTeX's of an index."""
    text = re.sub(r":math:`([^`]*)`", lambda found: plain_formula(found[1]), text)
    return re.sub(r"([_^])\{([^{}]*)\}", r"\1(\2)", text).replace("``", "`")


@dataclass
class _Reader:
    """Reads a formula from left to right."""

    latex: str

    def __post_init__(self) -> None:
        self._tokens: list[str] = _TOKEN.findall(self.latex)
        self._at = 0

    def read(self) -> str:
        return "".join(self._pieces(until=""))

    def _pieces(self, until: str) -> Iterator[str]:
        while self._at < len(self._tokens):
            if self._tokens[self._at] == until:
                self._at += 1
                return
            yield self._piece()

    def _piece(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        if token == "{":
            return "".join(self._pieces(until="}"))
        if token == "}":
            return ""
        if token == "^":
            return _script(self._argument(), _UPPER, "^")
        if token == "_":
            return self._below()
        return self._command(token[1:]) if token.startswith("\\") else token

    def _below(self) -> str:
        """An index; of a sum with both limits, the range."""
        low = self._argument()
        if "=" in low and self._next() == "^":
            self._at += 1
            return f"({low}..{self._argument()}) "
        return _script(low, _LOWER, "_")

    def _command(self, name: str) -> str:
        if name in MARKS:
            base = self._argument()
            return unicodedata.normalize("NFC", base[:1] + MARKS[name]) + base[1:]
        if name in ALPHABETS:
            return self._argument()
        if name == "sqrt":
            return f"√{_grouped(self._argument(), _is_one)}"
        if name in BUILT:
            return _fraction(self._argument().strip(), self._argument().strip())
        sign = SIGNS.get(name, name)
        return f"{sign} " if sign.isalpha() and sign.isascii() and self._next().isalpha() else sign

    def _argument(self) -> str:
        while self._next().isspace():
            self._at += 1
        return self._piece() if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""


def _script(text: str, raised: dict[int, int], sign: str) -> str:
    """An index or a power, in small figures where there are such."""
    text = text.strip()
    small = text.translate(raised)
    if len(text) <= 2 and all(a != b for a, b in zip(text, small, strict=True)):
        return small
    return f"{sign}{_grouped(text, str.isalnum)}"


def _fraction(above: str, below: str) -> str:
    if above.startswith("∂") and below.startswith("∂"):
        return f"{above.replace(' ', '')}/{below.replace(' ', '')}"
    if above.isalnum() and below.isalnum():
        return f"{above}/{below}"
    return f"{_grouped(above, _is_product)} / {_grouped(below, _is_one)}"


def _grouped(text: str, stands_alone: Callable[[str], bool]) -> str:
    return text if stands_alone(text) else f"({text})"


def _is_one(text: str) -> bool:
    """Whether a text is one factor, which a root or a division takes whole."""
    return " " not in _outside(text) and _is_product(text)


def _is_product(text: str) -> bool:
    return not _OPERATOR.search(_outside(text))


def _outside(text: str) -> str:
    """What stands outside of all brackets."""
    while (less := re.sub(r"\([^()]*\)", "", text)) != text:
        text = less
    return text
