"""The folder that a class run writes: results, pages, and what lets an interrupted run continue.

Every file appears whole or not at all. Beside each result lies a seal: digests of what the result was made from and of
the result itself. A result counts as done only while its seal says so.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.language import _
from grader.result import SubmissionResult

try:
    import fcntl
except ImportError:  # Windows: two runs in one folder are not kept apart there
    fcntl = None  # type: ignore[assignment]


SCRATCH_PREFIX = "grader-class-"


class StoreError(Exception):
    """The output folder cannot be used: one sentence."""


NO_PLACE = (errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENAMETOOLONG)
"""Errors that more room does not mend."""


def unwritable(folder: Path, error: OSError) -> StoreError:
    """The sentence for a folder that takes no more files, or none at all."""
    if error.errno in NO_PLACE:
        text = _("{folder} cannot be written ({error}): choose another place with -o, or let yourself write in it.")
    else:
        text = _("{folder} cannot be written ({error}): make room, and the same command goes on from there.")
    return StoreError(text.format(folder=folder, error=error.strerror or error))


@dataclass(frozen=True)
class Seal:
    """What a result was made from, and what it says in short.

    `run` stands for suite, kit, seed and options, `submission` for what was handed in, `result` for the result file,
    `page` for the kit's report code that made the page.
    """

    run: str
    submission: str
    result: str
    page: str
    points: int
    maximum: int
    gradable: bool


def digest_of(content: bytes) -> str:
    """A short, stable digest."""
    return hashlib.sha256(content).hexdigest()[:32]


class Store:
    """The output folder.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "results"
        self.feedback = folder / "feedback"
        self.state = folder / ".state"
        self.seals = self.state / "seals"
        self.answers = self.state / "answers"

    def result_path(self, student: str) -> Path:
        return self.results / f"{student}.json"

    def page_path(self, student: str) -> Path:
        return self.feedback / f"{student}.html"

    def prepare(self) -> None:
        """Make the folders.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        try:
            for folder in (self.results, self.feedback, self.seals):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def _clear_leftovers(self) -> None:
        for folder in (self.folder, self.results, self.feedback, self.seals):
            for path in folder.glob(".*.part"):
                path.unlink(missing_ok=True)
        note = self.state / "scratch"
        if note.exists():
            folder = Path(os.fsdecode(note.read_bytes()))
            if folder.name.startswith(SCRATCH_PREFIX):  # somebody else may have written the note
                shutil.rmtree(folder, ignore_errors=True)
            note.unlink()

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder outside this one for the files of the submissions that are being graded.

        Outside, because on systems without confinement a submission could look around where its own files lie. Where
        it is is noted, so that the next run clears it away if this one is killed.
        """
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX))
        try:
            self.write(self.state / "scratch", str(folder).encode())
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):
                (self.state / "scratch").unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[int]:
        """Keep a second run out of this folder, and clear away what a killed one left half written.

        Gives the descriptor, which job processes close.

        Raises
        ------
        StoreError
            Another run is at work in it, or it cannot be written.
        """
        try:
            descriptor = os.open(self.state / "lock", os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        try:
            if fcntl is not None:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    if error.errno in (errno.EAGAIN, errno.EACCES):
                        raise StoreError(_("Another run is grading into {folder}: wait for it, or choose another place "
                                           "with -o.").format(folder=self.folder)) from error  # fmt: skip
                    # A file system without locks: go on without.
            try:
                self._clear_leftovers()  # not before: they could be those of a run that is at work
            except OSError as error:
                raise unwritable(self.folder, error) from error
            yield descriptor
        finally:
            with contextlib.suppress(OSError):  # a job process that ends by this way has closed it already
                os.close(descriptor)

    @staticmethod
    def write(path: Path, content: bytes, durable: bool = True) -> None:
        """Write a file so that whoever looks, and whatever happens, it is there whole or as it was before.

        Raises
        ------
        StoreError
            The disk is full, or the like; nothing of the attempt stays.
        """
        temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise unwritable(path.parent, error) from error
            raise

    # -- what belongs to all ------------------------------------------------------------------------------------------

    def class_files_are_of(self, made_from: str) -> bool:
        """Whether gradebook and class page are there as they were made from exactly this."""
        try:
            note = json.loads((self.state / "class").read_bytes())
            return note["made_from"] == made_from and all(
                digest_of((self.folder / name).read_bytes()) == digest for name, digest in note["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False

    def write_class_files(self, gradebook: str, page: str, made_from: str) -> None:
        """Write gradebook and class page; a page that could not be made is empty, and is tried again next time."""
        files = {"gradebook.csv": gradebook.encode("utf-8", "replace"), "class.html": page.encode("utf-8", "replace")}
        for name, content in files.items():
            if content:
                self.write(self.folder / name, content)
        note = {
            "made_from": made_from if page else "",
            "files": {name: digest_of(content) for name, content in files.items()},
        }
        self.write(self.state / "class", json.dumps(note).encode())

    # -- results -----------------------------------------------------------------------------------------------------

    def seal(self, student: str) -> Seal | None:
        """The seal of a student's result; None where there is none that can be read."""
        try:
            return Seal(**json.loads((self.seals / f"{student}.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def intact(self, student: str, seal: Seal) -> bool:
        """Whether the result file is the one that was sealed."""
        return self.digest_of_result(student) == seal.result

    def digest_of_result(self, student: str) -> str:
        """The digest of a student's result file; empty where there is none."""
        try:
            return digest_of(self.result_path(student).read_bytes())
        except OSError:
            return ""

    def put(self, result: SubmissionResult) -> str:
        """Write a result, not sealed yet; gives its digest."""
        # A lone surrogate, which student text may hold, becomes the JSON escape of itself.
        content = result.to_json().encode("utf-8", "backslashreplace")
        self.write(self.result_path(result.submission), content)
        return digest_of(content)

    def write_seal(self, student: str, seal: Seal) -> None:
        """Write a seal. One that a loss of power takes with it costs a student graded again, no more."""
        text = json.dumps(asdict(seal)) + "\n"
        self.write(self.seals / f"{student}.json", text.encode(), durable=False)

    def break_seal(self, student: str) -> None:
        """Make sure that a result is not taken for done."""
        with contextlib.suppress(OSError):
            (self.seals / f"{student}.json").unlink(missing_ok=True)

    def read(self, student: str) -> SubmissionResult | None:
        """A student's result; None where there is none that can be read."""
        try:
            return SubmissionResult.from_json(self.result_path(student).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
