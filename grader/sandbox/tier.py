"""How much of a worker's confinement this machine can give, and the limits that hold for each worker."""

from __future__ import annotations

from dataclasses import dataclass

from grader.language import _
from grader.sandbox.wire import Bounds

NO_NEW_PRIVILEGES = "no_new_privs"
RLIMITS = "rlimits"
LANDLOCK = "landlock"
SECCOMP = "seccomp"
LAYERS = (NO_NEW_PRIVILEGES, RLIMITS, LANDLOCK, SECCOMP)

FULL, PARTIAL, PROCESS = "full", "partial", "process"


@dataclass(frozen=True)
class Tier:
    """The layers that bind, proved by a worker that tried to break them.

    `name` is `full` (every layer), `partial` (Landlock or seccomp is missing) or `process` (neither: the process
    boundary and the deadlines alone).
    """

    name: str
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, layers: tuple[str, ...]) -> Tier:
        missing = tuple(layer for layer in LAYERS if layer not in layers)
        if not missing:
            return cls(FULL)
        return cls(PROCESS if LANDLOCK in missing and SECCOMP in missing else PARTIAL, missing)

    @property
    def sentence(self) -> str:
        """What a person should know of this tier."""
        if self.name == FULL:
            return _("Submissions run confined: no files but their own, no network, no other processes.")
        if self.name == PARTIAL:
            return _(
                "Submissions run partly confined, this system lacks {layers}: see docs/security.md for what that "
                "lets through."
            ).format(layers=", ".join(self.missing))
        return _(
            "Submissions run in processes of their own with deadlines, but can read and write files as you can: "
            "grade only code that you would run yourself, or use Linux 5.13 or newer (see docs/security.md)."
        )


@dataclass(frozen=True)
class Limits:
    """What one worker may use. Sizes in bytes.

    `memory` is counted on top of what NumPy itself occupies. `layers` leaves confinement layers out, and `fork=False`
    starts an interpreter for each worker, as systems without `fork` do: both exist so that the tests can show what
    each layer is for.
    """

    memory: int = 512 << 20
    file: int = 16 << 20
    scratch: int = 64 << 20
    scratch_files: int = 1_000
    open_files: int = 64
    bounds: Bounds = Bounds()
    callback: int = 1 << 20
    layers: tuple[str, ...] = LAYERS
    fork: bool = True


class SandboxError(Exception):
    """A worker cannot be started or confined: a fault of the machine or the kit, never of a submission."""
