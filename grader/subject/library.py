"""A folder of topic modules, loaded as the package `exercises` without touching anybody else's imports.

`from exercises.activations import sigmoid`, `from .activations import sigmoid` and `from activations import sigmoid`
all mean the student's own file in this folder. A sibling that is missing or broken does not stop the import: its
exercises become placeholders that say what is wrong when they are used. Only an import that catches its `ImportError`
gets one, because it has a fallback.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import io
import linecache
import os
import sys
import tokenize
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from grader.subject.deadline import DeadlineExceeded
from grader.subject.fallback import is_caught
from grader.subject.untouched import untouched

PACKAGE = "exercises"

_compiled: dict[tuple[str, bytes], types.CodeType] = {}


class NeedsSibling(Exception):
    """Raised when a student's code uses an exercise of another topic that is missing or does not load."""

    def __init__(self, exercise: str) -> None:
        super().__init__(exercise)
        self.exercise = exercise


class NotLoaded(Exception):
    """A topic module that could not be loaded: `kind` is a `Raised.kind`, `cause` the exception behind it."""

    def __init__(self, kind: str, cause: BaseException | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.cause = cause


class Placeholder:
    """Stands for an exercise that a sibling module does not offer; any use of it names what is missing."""

    def __init__(self, exercise: str) -> None:
        object.__setattr__(self, "_exercise", exercise)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NeedsSibling(self._exercise)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NeedsSibling(self._exercise)

    def __getitem__(self, key: Any) -> Any:
        raise NeedsSibling(self._exercise)

    def __mro_entries__(self, bases: tuple) -> tuple:
        return (types.new_class("Missing", (), {}, self._fill_missing),)

    def _fill_missing(self, namespace: dict) -> None:
        exercise = self._exercise

        def __init__(instance: Any, *args: Any, **kwargs: Any) -> None:
            raise NeedsSibling(exercise)

        namespace["__init__"] = __init__


def read_source(path: Path) -> bytes:
    """The bytes of a topic module; a file that is not there raises `NotLoaded("no_file")`."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotLoaded("no_file", error) from error
    except OSError as error:
        raise NotLoaded("unreadable", error) from error


def compile_source(source: bytes, filename: str) -> types.CodeType:
    """Compile a topic module; the same bytes at the same place are compiled once a process."""
    key = (filename, source)
    if key not in _compiled:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            source.decode(encoding)
        except (SyntaxError, LookupError, UnicodeError) as error:
            raise NotLoaded("unreadable", error) from error
        try:
            _compiled[key] = compile(source, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise NotLoaded("syntax", error) from error
        except (RecursionError, MemoryError, OverflowError) as error:
            raise NotLoaded("import", error) from error
    return _compiled[key]


def _module_type(library: Library) -> type[types.ModuleType]:
    """Topic modules in which an exercise that they lack is a placeholder, or is missed where that has a fallback."""

    class TopicModule(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            topic = self.__name__.rpartition(".")[2]
            lacking = [exercise for exercise in library.names.get(topic, ()) if exercise not in self.__dict__]
            if name == "__all__":  # what `import *` takes
                return [*(known for known in self.__dict__ if not known.startswith("_")), *lacking]
            if name not in lacking:
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            if is_caught(library.owns):
                raise ImportError(f"cannot import name {name!r} from {self.__name__!r}", name=self.__name__)
            return Placeholder(f"{topic}.{name}")

    return TopicModule


class _Loader(importlib.abc.Loader):
    def __init__(self, library: Library, topic: str) -> None:
        self.library = library
        self.topic = topic

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self.library.module_for_import(self.topic)

    def exec_module(self, module: types.ModuleType) -> None:
        """The library has run it already."""


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the topic modules of one library; active only while its code runs."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        topic = fullname.removeprefix(PACKAGE + ".")
        if topic in self.library.names and fullname in (topic, f"{PACKAGE}.{topic}"):
            if self.library.is_absent(topic) and is_caught(self.library.owns):
                raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
            return importlib.machinery.ModuleSpec(fullname, _Loader(self.library, topic))
        return None


class Library:
    """The topic modules of one folder.

    Parameters
    ----------
    folder : Path
        Holds `<topic>.py` files.
    names : mapping of str to sequence of str
        The exercises of each topic.
    overrides : mapping of (topic, exercise) to object, optional
        Objects that take the place of the folder's own, as soon as the module is loaded.
    """

    def __init__(
        self,
        folder: Path,
        names: Mapping[str, tuple[str, ...]],
        overrides: Mapping[tuple[str, str], Any] | None = None,
    ) -> None:
        self.folder = Path(folder).resolve()
        self._prefix = f"{self.folder}{os.sep}"
        self.names = names
        self.overrides = dict(overrides or {})
        self.sources: Mapping[str, bytes | None] = {}  # contents that count instead of the files', None for no file
        self.package = types.ModuleType(PACKAGE)
        self.package.__path__ = [str(self.folder)]
        self._modules: dict[str, types.ModuleType] = {}
        self._failures: dict[str, NotLoaded] = {}
        self._untouched: dict[str, frozenset[str]] = {}
        self._slow: Counter[str] = Counter()
        self._module_type = _module_type(self)
        self._finder = _Finder(self)
        self._own: dict[str, types.ModuleType] = {PACKAGE: self.package}
        self._aliases = {PACKAGE, *names, *(f"{PACKAGE}.{topic}" for topic in names)}
        self._active = 0

    def imports(self) -> AbstractContextManager[None]:
        """While this is open, `exercises` means this folder; afterwards it means what it meant before."""
        return nullcontext() if self._active else self._imports()

    @contextmanager
    def _imports(self) -> Iterator[None]:
        outside = {name: sys.modules.pop(name) for name in self._aliases if name in sys.modules}
        known = len(sys.modules)
        sys.modules.update(self._own)
        sys.meta_path.insert(0, self._finder)
        sys.path.append(str(self.folder))
        write_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        self._active += 1
        try:
            yield
        finally:
            self._active -= 1
            sys.dont_write_bytecode = write_bytecode
            _remove(sys.meta_path, self._finder)
            _remove(sys.path, str(self.folder))
            self._keep_own_modules(known)
            sys.modules.update(outside)

    def _keep_own_modules(self, known: int) -> None:
        """Take this folder's modules out of `sys.modules`; helpers are looked for only where something was added."""
        for name in self._aliases:
            if name in sys.modules:
                self._own[name] = sys.modules.pop(name)
        if len(sys.modules) <= known:
            return
        for name, module in list(sys.modules.items()):
            if name.startswith(PACKAGE + ".") or self._is_helper(module):
                self._own[name] = sys.modules.pop(name)

    def _is_helper(self, module: Any) -> bool:
        file = getattr(module, "__file__", None)
        return isinstance(file, str) and self.owns(file)

    def load(self, topic: str) -> types.ModuleType:
        """The module of a topic, run at its first use.

        Raises
        ------
        NotLoaded
            The file is missing, cannot be read, does not compile or raises while it runs.
        """
        if topic in self._modules:
            return self._modules[topic]
        if topic in self._failures:
            raise self._failures[topic]
        path = self.folder / f"{topic}.py"
        try:
            code = compile_source(self._source(topic, path), str(path))
            return self._run(topic, code, path)
        except NotLoaded as failure:
            self._failures[topic] = failure
            raise

    def _source(self, topic: str, path: Path) -> bytes:
        if topic not in self.sources:
            return read_source(path)
        content = self.sources[topic]
        if content is None:
            raise NotLoaded("no_file")
        return content

    def _run(self, topic: str, code: types.CodeType, path: Path) -> types.ModuleType:
        name = f"{PACKAGE}.{topic}"
        module = self._module_type(name)
        module.__file__ = str(path)
        module.__package__ = PACKAGE
        self._modules[topic] = module
        sys.modules[name] = sys.modules[topic] = module
        setattr(self.package, topic, module)
        try:
            exec(code, module.__dict__)
        except BaseException as error:
            del self._modules[topic]
            sys.modules.pop(name, None)
            sys.modules.pop(topic, None)
            if not isinstance(error, Exception) and not isinstance(error, (SystemExit, GeneratorExit)):
                raise
            raise NotLoaded("import", error) from error
        for exercise in self.names[topic]:
            if (topic, exercise) in self.overrides:
                setattr(module, exercise, self.overrides[topic, exercise])
        return module

    def is_absent(self, topic: str) -> bool:
        """Whether there is no file of a topic."""
        if topic in self.sources:
            return self.sources[topic] is None
        return not (self.folder / f"{topic}.py").exists()

    def is_untouched(self, topic: str, name: str) -> bool:
        """Whether an exercise of a topic that does not load is still its stub."""
        if topic not in self._untouched:
            try:
                source = self._source(topic, self.folder / f"{topic}.py")
            except NotLoaded:
                source = b""
            self._untouched[topic] = untouched(source, self.names[topic])
        return name in self._untouched[topic]

    def module_for_import(self, topic: str) -> types.ModuleType:
        """What a sibling's `import` gets: the module, or an empty one where it does not load."""
        try:
            return self.load(topic)
        except NotLoaded:
            return self._module_type(f"{PACKAGE}.{topic}")

    def give_up(self, topic: str, error: DeadlineExceeded) -> None:
        """Note that a request ended while a topic was loading: at the second time nobody waits for that again.

        The first time the siblings that it imports may have been to blame, which are there the next time.
        """
        self._slow[topic] += 1
        if self._slow[topic] > 1:
            self._failures[topic] = NotLoaded("deadline", error)

    def exercise(self, topic: str, name: str) -> Any:
        """An exercise of a loaded topic; `KeyError` if the module does not define it."""
        value = self.load(topic).__dict__[name]
        if isinstance(value, Placeholder) and value._exercise == f"{topic}.{name}":
            raise KeyError(name)
        return value

    def source_line(self, filename: str, line: int) -> str:
        """A line of the student's code, for messages."""
        return linecache.getline(filename, line).strip()

    def owns(self, filename: str) -> bool:
        """Whether a file lies in this folder."""
        return filename.startswith(self._prefix)


def _remove(items: list, item: Any) -> None:
    if item in items:
        items.remove(item)
