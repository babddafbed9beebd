"""What a submission answers to one request: plain, frozen records that can cross a process boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.subject.props import Recipe

Target = tuple[Any, ...]
"""Where it goes: `("losses", "mse")`, `("scaling", "StandardScaler", "load")` or `(number of a handle, "forward")`."""


@dataclass(frozen=True)
class Handle:
    """An object that stays with the submission, known outside by its number."""

    number: int
    type_name: str
    callable: bool = False


@dataclass(frozen=True)
class ExerciseReference:
    """An exercise passed as an argument, such as the optimizer class that `train` receives."""

    topic: str
    name: str


@dataclass(frozen=True)
class GeneratorReference:
    """A `numpy.random.Generator` passed as an argument: made on the student's side, once for each number."""

    number: int
    seed: int


@dataclass(frozen=True, eq=False)
class RemoteReference:
    """A check's own object (a function, an optimizer class) on its way to the student's code, or back.

    With a recipe it is a prop, which a sealed worker may play itself.
    """

    reference: Any
    methods: tuple[str, ...] = ()
    recipe: Recipe | None = None


@dataclass(frozen=True)
class Frame:
    """One line of the student's own code on the way to an exception."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True)
class Raised:
    """Why a request gave no value.

    `kind` is one of `exception`, `to_do`, `needs` (an exercise it builds on is missing, unfinished or broken),
    `no_file`, `unreadable`, `syntax`, `import`, `no_exercise`, `not_callable`, `signature`, `no_attribute`,
    `deadline`, `died` and `protocol`. Where an import found no module, `detail` is its name, `exercises.x` or `x`.
    """

    kind: str
    type: str = ""
    bases: tuple[str, ...] = ()
    message: str = ""
    detail: str = ""
    trace: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Reply:
    """The outcome of one request, and what was noticed on the way."""

    value: Any = None
    raised: Raised | None = None
    float_errors: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    aliased: bool = False
    notes: tuple[str, ...] = ()
