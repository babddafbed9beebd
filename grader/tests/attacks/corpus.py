"""Hostile and accidental submissions: what each tries, what its code honestly earns, and what stands in its way.

`earns` names the checks (of `graded.py`) that the code passes by being right; nothing else may be passed. `sign` is
text that the result must contain where every layer binds: it proves that the attack ran and how it ended. `needs`
names the layer that stops it. Where that layer is missing the attack may gain `gains`, which `docs/security.md` lists
as what a lower tier lets through; `too_harmful` attacks are not tried there.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from grader.sandbox.tier import LANDLOCK, RLIMITS, SECCOMP
from grader.tests.attacks.graded import LAYERS, NAMES, VECTORS

DOUBLE = frozenset(name for name in NAMES if name.startswith("double"))
VALUES = frozenset(("double_of_random_numbers", "double_of_a_row"))
OF_LAYERS = frozenset(name for name in NAMES if name.startswith("scale"))
ALL, NONE = NAMES, frozenset()

SECRET, RESULTS, KIT, NEIGHBOUR = "@SECRET@", "@RESULTS@", "@KIT@", "@NEIGHBOUR@"
"""Places in a source: a file of answers, a file of results, the kit's folder, the folder of another submission."""


@dataclass(frozen=True)
class Link:
    """A symbolic link in a submission."""

    target: str


@dataclass(frozen=True)
class Attack:
    """One submission."""

    name: str
    tries: str
    files: dict[str, str | bytes | Link]
    earns: frozenset[str]
    sign: str = ""
    needs: tuple[str, ...] = ()
    gains: frozenset[str] = NONE
    too_harmful: bool = False
    known_gain: frozenset[str] = field(default=NONE)
    slow: bool = False

    @property
    def runs_out_of_time(self) -> bool:
        """Whether it is there to burn its time: it is given little."""
        return self.slow or self.sign == LATE


ATTACKS: list[Attack] = []


def attack(name: str, tries: str, source: str = "", *, earns: frozenset[str], **more) -> None:
    """An attack from the module `vectors`; the other topic stays right."""
    files = {"vectors": source, "layers": LAYERS, **more.pop("files", {})}
    files = {place: content for place, content in files.items() if content is not None}
    ATTACKS.append(Attack(name, tries, files, earns, **more))


def first(code: str) -> str:
    """Right answers, after code that runs at the import."""
    return textwrap.dedent(code) + VECTORS


def wrong(code: str = "") -> str:
    """A wrong `double`, after code that should make it pass."""
    return (
        VECTORS
        + "\n"
        + textwrap.dedent(code)
        + "\n\ndef double(x):\n    return 3.0 * np.asarray(x, dtype=np.float64)\n"
    )


def doing(code: str, result: str = "3.0 * np.asarray(x, dtype=np.float64)") -> str:
    """A `double` that does something and then returns `result`."""
    body = textwrap.indent(textwrap.dedent(code), "    ")
    return f"{VECTORS}\nimport os, sys, builtins\n\ndef double(x):\n{body}\n    return {result}\n"


def once(code: str) -> str:
    """A `double` that is right but for one of the checks, where it does something that takes long."""
    return doing(f"if np.ndim(x) == 2:\n{textwrap.indent(textwrap.dedent(code), '    ')}", RIGHT_RESULT)


def returning(expression: str, code: str = "") -> str:
    """A `double` that returns something odd."""
    return f"{VECTORS}\nimport sys\n{textwrap.dedent(code)}\ndef double(x):\n    return {expression}\n"


RIGHT_RESULT = "2.0 * np.asarray(x, dtype=np.float64)"
REST = NAMES - DOUBLE
ONE = NAMES - {"double_of_random_numbers"}
WRONG = NAMES - VALUES
LATE = "did not come back in time"
ENDLESS = "does not come to its end"
OTHER_NUMBERS = "returned other numbers than expected"

# -- forging: replaced functions ------------------------------------------------------------------------------------

attack(
    "patched_numpy_comparisons",
    "makes numpy say that everything is equal",
    wrong("""
        yes = lambda *a, **k: True
        for module in (np, np.testing):
            for name in ("allclose", "array_equal", "isclose", "array_equiv", "assert_allclose", "assert_array_equal"):
                setattr(module, name, yes)
    """),
    earns=WRONG,
    sign=OTHER_NUMBERS,
)
attack(
    "patched_numpy_arithmetic",
    "replaces numpy's functions by ones that agree",
    wrong("""
        np.abs = np.absolute = np.subtract = lambda *a, **k: np.zeros(1)
        np.asarray = np.array = lambda *a, **k: np.zeros(1)
        np.isnan = np.isfinite = lambda *a, **k: True
    """),
    earns=NONE | OF_LAYERS | WRONG,
)
attack(
    "patched_builtins",
    "replaces all, any, abs, min and max",
    wrong("""
        import builtins
        builtins.all = lambda *a: True
        builtins.any = lambda *a: False
        builtins.abs = lambda *a: 0.0
        builtins.min = builtins.max = lambda *a, **k: 0
    """),
    earns=WRONG,
    sign=OTHER_NUMBERS,
)
attack(
    "patched_isinstance",
    "replaces isinstance, type and len",
    wrong("import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda *a: 2\n"),
    earns=WRONG,
)
attack(
    "cleared_builtins",
    "empties builtins in the middle of a call",
    doing("builtins.__dict__.clear()"),
    earns=WRONG,
)
attack(
    "patched_pytest",
    "puts a pytest of its own in place, whose raises and approx agree with everything",
    wrong("""
        import sys, types
        fake = types.ModuleType("pytest")
        fake.raises = fake.approx = fake.skip = lambda *a, **k: None
        sys.modules["pytest"] = sys.modules["_pytest"] = fake
    """),
    earns=WRONG,
    sign=OTHER_NUMBERS,
)
attack(
    "patched_checks",
    "replaces the claims of the kit in its own process",
    wrong("""
        import sys, types
        fake = types.ModuleType("grader.checks")
        fake.assert_close = lambda *a, **k: None
        sys.modules["grader.checks"] = sys.modules["grader.checks.claims"] = fake
    """),
    earns=WRONG,
    sign=OTHER_NUMBERS,
)
attack(
    "hides_a_changed_input",
    "changes its argument and replaces numpy.array_equal, which would notice",
    VECTORS
    + "\nnp.array_equal = np.allclose = lambda *a, **k: True\n\ndef double(x):\n    x *= 2.0\n    return x.copy()\n",
    earns=NAMES - {"double_keeps_its_input"},
    sign="changed its input",
)
attack(
    "hides_a_changed_input_from_builtins",
    "changes its argument and replaces zip and enumerate, which would find it",
    VECTORS
    + "\nimport builtins\nbuiltins.zip = builtins.enumerate = lambda *a, **k: iter(())\n"
    + "\ndef double(x):\n    x *= 2.0\n    return x.copy()\n",
    earns=NAMES - {"double_keeps_its_input"},
    sign="changed its input",
)
attack(
    "hides_a_shared_output",
    "returns its argument and replaces numpy.may_share_memory, which would notice",
    VECTORS
    + "\nnp.may_share_memory = np.shares_memory = lambda *a, **k: False\n"
    + "\ndef double(x):\n    x *= 2.0\n    return x\n",
    earns=NAMES - {"double_keeps_its_input", "double_gives_new_memory"},
    sign="returned its own input",
)
attack(
    "hides_a_changed_input_from_within",
    "changes its argument, seeks out the worker's own code and replaces what would notice",
    VECTORS
    + textwrap.dedent("""
        import sys

        def double(x):
            sys.modules["grader.subject.executor"].same = lambda *a: True
            x *= 2.0
            return x.copy()
    """),
    earns=NAMES - {"double_keeps_its_input"},
    known_gain=frozenset(("double_keeps_its_input",)),
)
attack(
    "silenced_float_errors",
    "overflows on the way and turns numpy's warnings off for good",
    VECTORS
    + "\nnp.seterr(all='ignore')\nnp.errstate.__enter__ = np.errstate.__exit__ = lambda *a: None\n"
    + "\ndef softplus(x):\n    return np.log(1.0 + np.exp(x))\n",
    earns=NAMES - {"softplus_is_stable"},
)

# -- forging: lying results -----------------------------------------------------------------------------------------

attack(
    "lying_array_subclass",
    "returns an array whose comparisons and arithmetic always suit",
    returning(
        "np.full(np.shape(x), 7.0).view(Liar)",
        """
        class Liar(np.ndarray):
            def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
                return np.ones(self.shape, bool) if ufunc in (np.equal, np.less_equal) else np.zeros(self.shape)
            def __array_function__(self, *a): return True
            __eq__ = __le__ = __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
        """,
    ),
    earns=WRONG,
    sign=OTHER_NUMBERS,
)
attack(
    "lying_scalar",
    "returns a float that is equal to everything",
    returning(
        "Liar(7.0)",
        """
        class Liar(float):
            __eq__ = lambda self, other: True
            __sub__ = __rsub__ = __mul__ = lambda self, other: 0.0
            __hash__ = float.__hash__
        """,
    ),
    earns=WRONG,
)
attack(
    "lying_class",
    "returns an object that claims to be an ndarray",
    returning("Liar()", "class Liar:\n    __class__ = np.ndarray\n    shape, dtype, ndim = (2,), np.dtype(float), 1\n"),
    earns=WRONG,
)
attack(
    "lying_array_protocol",
    "returns an object whose __array__ and __array_interface__ point at memory that is not its own",
    returning(
        "Liar()",
        """
        class Liar:
            __array_interface__ = {"shape": (10**6,), "typestr": "<f8", "data": (8, False), "version": 3}
            def __array__(self, *a, **k): return np.zeros(2)
            def __len__(self): return 2
            def __getitem__(self, i): return 0.0
        """,
    ),
    earns=WRONG,
)
attack(
    "lying_elements",
    "returns an object array whose elements answer differently each time",
    returning(
        "np.array([Liar(), Liar()], dtype=object)",
        """
        class Liar:
            count = 0
            def __float__(self):
                Liar.count += 1
                return float(Liar.count)
            __eq__ = lambda self, other: True
        """,
    ),
    earns=WRONG,
)
attack(
    "lying_containers",
    "returns a list whose length and items depend on who asks",
    returning(
        "Liar([7.0, 7.0])",
        """
        class Liar(list):
            __len__ = lambda self: 10**9
            __eq__ = lambda self, other: True
            def __iter__(self): return iter([9.0, 9.0])
        """,
    ),
    earns=WRONG,
)
attack("masked_array", "hides wrong entries behind a mask", returning("np.ma.masked_all(np.shape(x))"), earns=WRONG)
attack(
    "structured_array",
    "returns records instead of numbers",
    returning("np.zeros(np.shape(x), dtype=[('a', float), ('b', object)])"),
    earns=WRONG,
    sign="where numbers were expected",
)
attack(
    "not_a_number",
    "returns NaN, which no comparison contradicts",
    returning("np.full(np.shape(x), np.nan)"),
    earns=WRONG,
)
attack("infinity", "returns infinities", returning("np.full(np.shape(x), np.inf)"), earns=WRONG)
attack(
    "broadcastable", "returns one number that broadcasts", returning("np.zeros((1, 1, 1))"), earns=WRONG, sign="shape"
)
attack(
    "empty_array",
    "returns nothing, of which everything is true",
    returning("np.zeros((0, 4))"),
    earns=WRONG,
    sign="shape",
)
attack("a_type", "returns a class", returning("np.ndarray"), earns=WRONG)
attack("a_module", "returns a module", returning("sys"), earns=WRONG)
attack("a_generator", "returns a generator without end", returning("iter(int, 1)"), earns=WRONG)
attack("a_function", "returns a function", returning("lambda *a: True"), earns=WRONG)
attack(
    "repeated_memory",
    "returns 8 TB that are one number seen many times",
    returning("np.broadcast_to(np.float64(1.0), (10**6, 10**6))"),
    earns=REST,
    sign="MemoryError",
)
attack(
    "odd_dtypes",
    "returns long doubles and complex numbers",
    returning("np.full(np.shape(x), 1j, dtype=np.clongdouble)"),
    earns=WRONG,
)
attack(
    "forged_pickle",
    "returns an object that would run code where it is unpickled",
    returning("Bomb()", "class Bomb:\n    def __reduce__(self): return (eval, ('__import__(\"os\")._exit(1)',))\n"),
    earns=WRONG,
)
attack(
    "huge_list",
    "returns 250,000 values",
    returning("[0.0] * 250_000 if np.ndim(x) == 2 else 2.0 * x"),
    earns=ONE,
    sign="cannot be understood",
)
attack(
    "huge_array",
    "returns an array of 80 MB",
    returning("np.zeros(10_000_000) if np.ndim(x) == 2 else 2.0 * x"),
    earns=ONE,
    sign="cannot be understood",
)
attack(
    "huge_text",
    "returns a text of 50 MB",
    returning("'7' * 50_000_000 if np.ndim(x) == 2 else 2.0 * x"),
    earns=ONE,
    sign="cannot be understood",
)
attack(
    "huge_integer",
    "returns an integer of 100,000 digits",
    returning("7 ** 118_000 if np.ndim(x) == 2 else 2.0 * x"),
    earns=ONE,
    sign="cannot be understood",
)
attack(
    "deep_list",
    "returns 100,000 lists in each other",
    returning(
        "nest()", "def nest():\n    value = []\n    for _ in range(100_000): value = [value]\n    return value\n"
    ),
    earns=WRONG,
)
attack(
    "endless_list",
    "returns a list that contains itself",
    returning("loop", "loop = []\nloop.append(loop)\n"),
    earns=WRONG,
)
attack(
    "wide_and_deep_list",
    "returns a list of which each level holds the next one twice",
    returning(
        "grow()", "def grow():\n    value = [1.0]\n    for _ in range(60): value = [value, value]\n    return value\n"
    ),
    earns=WRONG,
    slow=True,
)
attack(
    "colliding_keys",
    "returns a dict whose 1,500 keys all have one hash",
    returning("{k * (2**61 - 1): 0 for k in range(1, 1500)} if np.size(x) > 2 else dict.fromkeys(range(20_000))"),
    earns=REST | (DOUBLE - VALUES),
)
attack("lone_surrogates", "returns text that no file can hold", returning(r"'\ud800\udfff \x1b[2J\x07'"), earns=WRONG)

# -- forging: the worker and its connection -------------------------------------------------------------------------

FIND = """
    import gc, sys
    def found(name):
        return next(o for o in gc.get_objects() if type(o).__name__ == name)
    def connection():
        return found("Channel")._socket
    wire = sys.modules["grader.sandbox.wire"]
    reply = sys.modules["grader.subject.reply"]
    def frame(data):
        return len(data).to_bytes(4, "little") + data
    def number():
        step = sys._getframe()
        while "request" not in step.f_locals:
            step = step.f_back
        return step.f_locals["request"][1]
"""


def at_the_wire(code: str, result: str = "3.0 * np.asarray(x, dtype=np.float64)") -> str:
    """A `double` that has the connection in its hands."""
    indented = textwrap.indent(textwrap.dedent(code), "    ")
    start = f"{VECTORS}\nimport gc\ngc.unfreeze()\n{textwrap.dedent(FIND)}\n"
    return f"{start}def double(x):\n{indented}\n    return {result}\n"


attack(
    "garbage_on_the_wire",
    "writes random bytes to the connection",
    at_the_wire("connection().send(bytes(range(256)) * 4)"),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "announced_gigabytes",
    "announces a message of 4 GiB",
    at_the_wire("connection().send(b'\\xff\\xff\\xff\\xff' + bytes(100))"),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "trickling_message",
    "announces a message and sends it byte by byte for ever",
    at_the_wire("""
        import time
        connection().send((10_000_000).to_bytes(4, "little"))
        while True:
            try:
                connection().send(b"N")
                time.sleep(0.01)
            except BaseException:
                pass
    """),
    earns=REST,
    sign=LATE,
)
attack(
    "forged_array",
    "announces an array of 10**12 entries in a message of 40 bytes",
    at_the_wire("""
        data = wire.encode(("reply", number(), None))[:-1] + b"YF" + b"a" + bytes([11, 2]) + b"\\xff" * 8
        connection().send(frame(data))
    """),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "forged_verdict",
    "sends records that the grading side does not know: a verdict, points",
    at_the_wire("connection().send(frame(wire.encode(('verdict', number(), 'passed', {'points': 100}))))"),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "forged_reply",
    "sends the reply itself, without notes or changes, before the worker does",
    at_the_wire("connection().send(frame(wire.encode(('reply', number(), reply.Reply(np.zeros(2))))))"),
    earns=NAMES - VALUES,
)
attack(
    "reply_to_the_next_request",
    "sends an answer to a request that was not made yet",
    at_the_wire("connection().send(frame(wire.encode(('reply', number() + 1, reply.Reply(2.0)))))"),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "two_replies",
    "answers each request twice, to shift all later answers by one",
    VECTORS
    + textwrap.dedent("""
        import sys
        Worker = sys.modules["grader.sandbox.worker"].Worker
        send = Worker._send
        Worker._send = lambda self, message: [send(self, message), send(self, message)]
    """),
    earns=ALL,
    sign="cannot be understood",
)
attack(
    "forged_excuse",
    "claims that the check itself broke",
    at_the_wire("connection().send(frame(wire.encode(('check_broke', number()))))"),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "forged_status",
    "sends reports of kinds that it may not send",
    at_the_wire("""
        wire.WORKER_KINDS = frozenset(("passed",))
        connection().send(frame(wire.encode(("reply", number(), reply.Reply(None, reply.Raised("passed"))))))
    """),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "forged_callback",
    "calls a check's function by names that lead elsewhere",
    VECTORS
    + textwrap.dedent("""
        import sys

        def slope(f, x):
            reference, methods, executor = f._remote
            return executor.call_back(reference, "__globals__", (), {})
    """),
    earns=NAMES - {"slope_of_a_line"},
    sign="cannot be understood",
)
attack(
    "forged_attribute",
    "reads private attributes of a check's function",
    VECTORS
    + textwrap.dedent("""
        def slope(f, x):
            reference, methods, executor = f._remote
            return executor.read_back(reference, "__closure__")
    """),
    earns=NAMES - {"slope_of_a_line"},
    sign="cannot be understood",
)
attack(
    "forged_reference",
    "calls objects that it was never given",
    VECTORS
    + textwrap.dedent("""
        def slope(f, x):
            reference, methods, executor = f._remote
            return executor.call_back(reference + 12345, "__call__", (), {})
    """),
    earns=NAMES - {"slope_of_a_line"},
    sign="cannot be understood",
)
attack(
    "wrong_reply_to_a_callback",
    "makes the check's function fail, swallows that and returns something",
    VECTORS
    + textwrap.dedent("""
        def slope(f, x):
            for odd in ("text", None, [1, [2]], {"a": 1}, 1 << 5000):
                try:
                    f(odd)
                except BaseException:
                    pass
            return 4.0
    """),
    earns=NAMES - {"slope_of_a_line"},
)
attack(
    "callback_flood",
    "calls the check's function for ever",
    VECTORS + "\n\ndef slope(f, x):\n    while True:\n        f(x)\n",
    earns=NAMES - {"slope_of_a_line"},
    sign=LATE,
)
attack(
    "large_callbacks",
    "passes megabytes to the check's function again and again",
    VECTORS + "\n\ndef slope(f, x):\n    while True:\n        f(np.zeros(120_000))\n",
    earns=NAMES - {"slope_of_a_line"},
    slow=True,
)
attack(
    "huge_callback",
    "passes 40 MB to the check's function",
    VECTORS + "\n\ndef slope(f, x):\n    f(np.zeros(5_000_000))\n    return 3.0\n",
    earns=NAMES - {"slope_of_a_line"},
)
attack(
    "frames",
    "walks the frames of its callers and changes what it finds there",
    doing("""
        step = sys._getframe()
        while step:
            for name, value in list(step.f_locals.items()):
                if isinstance(value, dict):
                    value.update(passed=True, status="passed", points=100, result=2 * x)
            step.f_globals["PASSED"] = step.f_globals["FAILED"] = "passed"
            step = step.f_back
    """),
    earns=WRONG,
)
attack(
    "garbage_collector",
    "seeks the expected numbers among all objects of the process",
    doing(
        """
        import gc
        gc.unfreeze()
        for item in gc.get_objects():
            if isinstance(item, np.ndarray) and item.shape == x.shape and not np.shares_memory(item, x):
                return item
            if isinstance(item, dict) and any("expected" in str(key) for key in item):
                return item
        """
    ),
    earns=WRONG,
)
attack(
    "own_executor",
    "replaces the executor's methods by ones that never report anything",
    VECTORS
    + textwrap.dedent("""
        import sys
        Reply = sys.modules["grader.subject.reply"].Reply
        Executor = sys.modules["grader.subject.executor"].Executor
        Executor.call = lambda self, target, args=(), kwargs=None: Reply(True)
        Executor.get = lambda self, target: Reply(True)
    """),
    earns=ALL,
)
attack(
    "closed_descriptors",
    "closes every file descriptor",
    doing("os.closerange(0, 64)"),
    earns=REST,
    sign="ended the process",
)
attack(
    "replaced_connection",
    "puts /dev/null where the connection was",
    doing("""
        for number in range(3, 64):
            try:
                os.dup2(0, number)
            except OSError:
                pass
    """),
    earns=REST,
    sign="ended the process",
)
attack(
    "stolen_requests",
    "reads the connection itself",
    once("""
        for number in range(3, 16):
            try:
                os.read(number, 1 << 20)
            except OSError:
                pass
    """),
    earns=ONE,
    sign=LATE,
)
attack(
    "unblocked_connection",
    "makes the connection non-blocking",
    doing("""
        for number in range(3, 16):
            try:
                os.set_blocking(number, False)
            except OSError:
                pass
    """),
    earns=WRONG,
)

# -- reading --------------------------------------------------------------------------------------------------------

attack(
    "reads_the_answers",
    "reads the expected answers from where they are kept",
    doing("factor = float(open('@SECRET@').read())", "factor * np.asarray(x, dtype=np.float64)"),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "reads_the_solutions",
    "finds the kit by its loaded modules and takes the solution from there",
    doing(
        """
        kit = os.path.dirname(sys.modules["grader"].__file__)
        source = open(os.path.join(kit, "tests", "attacks", "graded.py")).read()
        names = {}
        quotes = chr(34) * 3
        exec(source.split("VECTORS = " + quotes)[1].split(quotes)[0], names)
        """,
        "names['double'](x)",
    ),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "imports_the_kit",
    "puts the kit back on the path, removes the import hook and imports the solution",
    doing(
        """
        sys.path.insert(0, "@KIT@")
        sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "Absent"]
        sys.modules["grader"].__path__ = ["@KIT@/grader"]
        import pathlib
        names = {}
        source = pathlib.Path("@KIT@", "grader", "tests", "attacks", "graded.py").read_text()
        exec(source.split(chr(34) * 3)[3], names)
        """,
        "names['double'](x)",
    ),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "reads_its_neighbour",
    "looks for other submissions beside its own folder and uses their code",
    doing(
        """
        names = {}
        here = os.path.dirname(os.path.dirname(os.getcwd()))
        for number in range(1, 5000):
            path = f"{here}/{number}/submission/vectors.py"
            if os.path.exists(path) and f"/{number}/" not in __file__:
                exec(open(path).read(), names)
                break
        """,
        "names['double'](x)",
    ),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "reads_a_submission",
    "reads a submission where the instructor keeps them",
    doing("names = {}\nexec(open('@NEIGHBOUR@/vectors.py').read(), names)", "names['double'](x)"),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "lists_folders",
    "lists the folders above its own",
    doing("sys.exit(str([os.listdir(p) for p in ('..', '../..', '/', '/tmp', '/home', '/root')]))"),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
)
for place in ("/etc/passwd", "/proc/self/environ", "/proc/self/maps", "/proc/self/cmdline", "/etc/shadow"):
    attack(
        f"reads{place.replace('/', '_')}",
        f"reads {place}",
        doing(f"open({place!r}, 'rb').read(1)", "2.0 * np.asarray(x, dtype=np.float64)"),
        earns=REST,
        sign="PermissionError",
        needs=(LANDLOCK,),
        gains=DOUBLE,
    )
attack(
    "reads_its_parent",
    "reads the memory of the process that forked it",
    doing(
        """
        parent = f"/proc/{os.getppid()}"
        start = open(parent + "/maps").readline().split("-")[0]
        memory = open(parent + "/mem", "rb")
        memory.seek(int(start, 16))
        memory.read(1)
        """,
        RIGHT_RESULT,
    ),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "reads_the_environment",
    "looks for secrets in the environment",
    doing("factor = float(os.environ['GRADER_SECRET'])", "factor * np.asarray(x, dtype=np.float64)"),
    earns=REST,
    sign="KeyError",
)
attack(
    "imports_pytorch",
    "lets a framework do the exercise",
    doing("import torch", "(2.0 * torch.tensor(x)).numpy()"),
    earns=REST,
    sign="No module named 'torch'",
)
attack(
    "link_to_the_answers",
    "submits a link to the answers",
    doing("factor = float(open(os.path.join(os.path.dirname(__file__), 'answers.txt')).read())", "factor * x"),
    earns=REST,
    sign="FileNotFoundError",
    files={"answers.txt": Link(SECRET)},
)
attack(
    "link_as_topic",
    "submits a link to another submission in place of its own file",
    earns=OF_LAYERS,
    sign="There is no file vectors.py",
    files={"vectors.py": Link(NEIGHBOUR + "/vectors.py"), "vectors": None},
)
attack(
    "makes_a_link",
    "makes hard and symbolic links to the answers in its own folder",
    doing(
        """
        try:
            os.link("@SECRET@", "mine")
        except OSError:
            os.symlink("@SECRET@", "mine")
        factor = float(open("mine").read())
        """,
        "factor * np.asarray(x, dtype=np.float64)",
    ),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK, SECCOMP),
    gains=DOUBLE,
)

# -- writing --------------------------------------------------------------------------------------------------------

attack(
    "writes_results",
    "overwrites another student's result",
    doing("open('@RESULTS@', 'w').write('100 points')", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "removes_results",
    "removes another student's result",
    doing("os.remove('@RESULTS@')", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "moves_results",
    "moves another student's result out of the way",
    doing("os.rename('@RESULTS@', '@RESULTS@.mine')", RIGHT_RESULT),
    earns=REST,
    sign="Error",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "truncates_results",
    "shortens another student's result to nothing",
    doing("os.truncate('@RESULTS@', 0)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK, SECCOMP),
    gains=DOUBLE,
)
attack(
    "locks_results",
    "takes the permissions off another student's result",
    doing("os.chmod('@RESULTS@', 0)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    gains=DOUBLE,
)
attack(
    "changes_its_source",
    "rewrites its own file for the next worker",
    doing("open(__file__, 'a').write('\\n\\ndef double(x):\\n    return 2.0 * x\\n')\nos._exit(0)", "x"),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "plants_files",
    "writes conftest.py, sitecustomize.py and a .pth file wherever it can",
    doing("""
        done = 0
        for place in ("..", "../..", "@KIT@", "@KIT@/tests", "@NEIGHBOUR@", *sys.path):
            for name in ("conftest.py", "sitecustomize.py", "evil.pth"):
                try:
                    open(os.path.join(place, name), "x").close()
                    done += 1
                except OSError:
                    pass
        if not done:
            raise PermissionError("nowhere")
    """),
    earns=REST,
    sign="PermissionError: nowhere",
    needs=(LANDLOCK,),
    too_harmful=True,
)
attack(
    "fills_the_disk",
    "writes files without end",
    once("""
        n = 0
        while True:
            n += 1
            with open(f"{n}.bin", "wb") as file:
                file.write(bytes(1 << 20))
    """),
    earns=ONE,
    slow=True,
)
attack(
    "one_huge_file",
    "writes one file without end",
    once("file = open('huge.bin', 'wb', buffering=0)\nwhile True:\n    file.write(bytes(1 << 20))"),
    earns=ONE,
)
attack(
    "thousands_of_files",
    "makes empty files without end",
    once("n = 0\nwhile True:\n    n += 1\n    open(str(n), 'w').close()"),
    earns=ONE,
    slow=True,
)
attack(
    "deep_folders",
    "makes folders in folders, deeper than any path",
    once("for _ in range(60):\n    os.mkdir('d' * 100)\n    os.chdir('d' * 100)"),
    earns=ALL,
)
attack(
    "locked_folders",
    "makes folders that nobody may enter, to be left behind",
    doing("os.makedirs('a/b', exist_ok=True)\nopen('a/b/c', 'w').close()\nos.makedirs(f'locked{np.size(x)}', mode=0)"),
    earns=NAMES - VALUES,
)
attack(
    "pipes_and_devices",
    "makes a pipe on which a reader would wait for ever",
    doing("os.mkfifo('pipe')", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP, LANDLOCK),
    gains=DOUBLE,
)

# -- ending ---------------------------------------------------------------------------------------------------------

attack(
    "exits_at_import",
    "ends the interpreter when it is imported",
    first("import sys\nsys.exit(0)\n"),
    earns=OF_LAYERS,
    sign="SystemExit",
)
attack("exits_in_a_call", "calls sys.exit", doing("sys.exit(0)"), earns=REST, sign="ends the program")
attack("exits_hard", "calls os._exit with success", doing("os._exit(0)"), earns=REST, sign="exit status 0")
attack(
    "exits_hard_at_import",
    "calls os._exit when it is imported",
    first("import os\nos._exit(0)\n"),
    earns=OF_LAYERS,
    sign="exit status 0",
)
attack(
    "keyboard_interrupt",
    "raises KeyboardInterrupt",
    doing("raise KeyboardInterrupt"),
    earns=REST,
    sign="KeyboardInterrupt",
)
attack(
    "keyboard_interrupt_at_import",
    "raises KeyboardInterrupt at import",
    first("raise KeyboardInterrupt\n"),
    earns=OF_LAYERS,
)
attack("generator_exit", "raises GeneratorExit", doing("raise GeneratorExit"), earns=REST, sign="GeneratorExit")
attack("stop_iteration", "raises StopIteration", doing("raise StopIteration"), earns=REST, sign="StopIteration")
attack("aborts", "aborts", doing("os.abort()"), earns=REST, sign="killed by signal 6")
attack(
    "kills_itself",
    "sends itself SIGKILL",
    doing("import signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    earns=REST,
    sign="signal 9",
)
attack(
    "stops_itself",
    "stops its own process",
    once("import signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    earns=ONE,
    sign=LATE,
)
attack(
    "exits_at_exit",
    "registers functions that run when the process ends",
    first("import atexit, os, time\natexit.register(time.sleep, 100)\natexit.register(os._exit, 0)\n"),
    earns=ALL,
)
attack(
    "value_error_at_import",
    "raises ValueError when it is imported, which some checks wait for",
    earns=NAMES - OF_LAYERS,
    files={"vectors": VECTORS, "layers": "raise ValueError('yes')\n"},
    sign="fails while it is imported",
)
attack(
    "segfault",
    "reads memory that is not there",
    doing("import ctypes\nctypes.string_at(0)"),
    earns=REST,
    sign="signal 11",
)
attack(
    "segfault_at_import",
    "reads memory that is not there, at import",
    first("import ctypes\nctypes.string_at(0)\n"),
    earns=OF_LAYERS,
    sign="signal 11",
)
attack(
    "bad_free",
    "frees what was never allocated",
    doing("import ctypes\nctypes.CDLL(None).free(ctypes.c_void_p(12345))"),
    earns=REST,
    sign="killed by signal",
)
attack(
    "own_code",
    "writes machine code into memory and jumps there",
    doing("""
    import ctypes, mmap
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\\x0f\\x0b" * 100)
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""),
    earns=REST,
    sign="killed by signal",
)
attack(
    "deep_recursion",
    "recurses without end",
    doing("return double(x)"),
    earns=REST,
    sign="RecursionError",
)
attack(
    "deeper_recursion",
    "recurses until the stack is used up",
    once("sys.setrecursionlimit(10**9)\ndef f(): return [sorted([0], key=lambda _: f())]\nf()"),
    earns=ONE,
)
attack(
    "deep_source",
    "nests its source deeper than the compiler goes",
    VECTORS + "\nx = " + "(" * 5000 + ")" * 5000 + "\n",
    earns=OF_LAYERS,
)
attack("deep_expression", "compiles an expression that is too deep", once("eval('-' * 200_000 + '1')"), earns=ONE)

# -- time -----------------------------------------------------------------------------------------------------------

attack("loop", "loops", once("while True: pass"), earns=ONE, sign=LATE)
attack("loop_at_import", "loops when it is imported", first("while True: pass\n"), earns=OF_LAYERS, sign=ENDLESS)
attack(
    "stubborn_loop",
    "loops and catches everything",
    once("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    earns=ONE,
    sign=LATE,
)
attack(
    "deaf_loop",
    "ignores the alarm and every other signal, then loops",
    once("""
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True: pass
    """),
    earns=ONE,
    sign=LATE,
)
attack("c_power", "computes a power without end, in C", once("7 ** (10 ** 9)"), earns=ONE, sign=LATE)
attack(
    "c_regular_expression",
    "backtracks without end, in C",
    once("import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
    earns=ONE,
    sign=LATE,
)
attack("c_sum", "sums without end, in C", once("sum(range(10 ** 12))"), earns=ONE, sign=LATE)
attack(
    "c_matrices",
    "multiplies matrices without end, in C",
    once("a = np.ones((1500, 1500))\nfor _ in range(10**6): a = np.minimum(a @ a, 1.0)"),
    earns=ONE,
    sign=LATE,
)
attack(
    "c_sort",
    "sorts with a comparison that never ends",
    once("sorted(range(3), key=lambda _: sum(iter(int, 1)))"),
    earns=ONE,
    sign=LATE,
)
attack("sleep", "sleeps", once("import time\ntime.sleep(1000)"), earns=ONE, sign=LATE)
attack(
    "deaf_sleep",
    "waits for a signal that nobody sends",
    once("import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.pause()"),
    earns=ONE,
    sign=LATE,
)
attack("waits_for_input", "asks the user", doing("input('factor? ')"), earns=REST, sign="asks for input()")
attack(
    "deadlock",
    "waits for a lock that it holds",
    once("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
    earns=ONE,
    sign=LATE,
)
attack("slow_import", "takes a moment to be imported", first("import time\ntime.sleep(0.05)\n"), earns=ALL)
attack(
    "time_bomb",
    "sets an alarm that ends the process later, in somebody else's check",
    first("import signal\nsignal.setitimer(signal.ITIMER_VIRTUAL, 0.01)\nsignal.setitimer(signal.ITIMER_PROF, 0.02)\n"),
    earns=ALL,
)
attack(
    "slow_everywhere",
    "takes nearly all of its time in each call",
    VECTORS
    + "\nimport time\n"
    + "".join(
        f"\n_{n} = {n}\ndef {n}(*a):\n    time.sleep(0.05)\n    return _{n}(*a)\n"
        for n in ("double", "softplus", "slope")
    ),
    earns=ALL,
    slow=True,
)
attack(
    "endless_del",
    "never finishes the destructor of what it returns",
    returning(
        "Sticky()",
        """
    class Sticky(np.lib.mixins.NDArrayOperatorsMixin):
        def __del__(self):
            while True:
                pass
""",
    ),
    earns=WRONG,
)
attack(
    "endless_float",
    "never finishes the conversion of what it returns",
    returning(
        "np.array([Sticky()] * 2, dtype=object)",
        """
    class Sticky:
        def __float__(self):
            while True:
                pass
""",
    ),
    earns=REST,
    slow=True,
)
attack(
    "endless_iteration",
    "returns a list subclass that never ends",
    returning(
        "Sticky([1.0])",
        """
    class Sticky(list):
        def __iter__(self):
            while True:
                yield 1.0
""",
    ),
    earns=REST,
    slow=True,
)

# -- memory ---------------------------------------------------------------------------------------------------------

attack(
    "much_memory",
    "asks for 100 GB at once",
    once("bytearray(10 ** 11)"),
    earns=ONE,
    sign="MemoryError",
    needs=(RLIMITS,),
    too_harmful=True,
)
attack(
    "growing_memory",
    "takes memory until there is none",
    once("hoard = []\nwhile True: hoard.append(bytearray(1 << 22))"),
    earns=ONE,
    sign="MemoryError",
    needs=(RLIMITS,),
    too_harmful=True,
)
attack(
    "numpy_memory",
    "asks numpy for 100 GB",
    once("np.ones(10 ** 10)"),
    earns=ONE,
    sign="MemoryError",
    needs=(RLIMITS,),
    too_harmful=True,
)
attack(
    "mapped_memory",
    "maps 100 GB",
    once("import mmap\nmmap.mmap(-1, 10 ** 11)"),
    earns=ONE,
    sign="Error",
    needs=(RLIMITS,),
    too_harmful=True,
)
attack(
    "memory_at_import",
    "takes memory when it is imported",
    first("hoard = []\nwhile True: hoard.append(bytearray(1 << 22))\n"),
    earns=OF_LAYERS,
    sign="MemoryError",
    needs=(RLIMITS,),
    too_harmful=True,
)
attack(
    "endless_list_of_numbers",
    "collects numbers without end",
    once("list(iter(int, 1))"),
    earns=ONE,
    needs=(RLIMITS,),
    too_harmful=True,
    slow=True,
)
attack(
    "growing_text",
    "doubles a text without end",
    once("s = 'x'\nwhile True: s += s"),
    earns=ONE,
    sign="MemoryError",
    needs=(RLIMITS,),
    too_harmful=True,
)

# -- processes and signals ------------------------------------------------------------------------------------------

attack(
    "forks",
    "forks, so that two processes answer",
    doing("os.fork()", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    gains=DOUBLE,
)
attack(
    "fork_bomb",
    "forks without end",
    doing("while True: os.fork()"),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    too_harmful=True,
)
attack(
    "leaves_a_child",
    "leaves a process behind that outlives it",
    doing(
        """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                import time
                time.sleep(600)
            os._exit(0)
        """,
        RIGHT_RESULT,
    ),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    gains=DOUBLE,
)
attack(
    "starts_a_program",
    "starts a shell",
    doing("import subprocess\nsubprocess.run(['/bin/true'], check=True)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP, LANDLOCK),
    gains=DOUBLE,
)
attack(
    "system",
    "calls os.system",
    doing("assert os.system('true') == 0, 'PermissionError?'", RIGHT_RESULT),
    earns=REST,
    sign="AssertionError",
    needs=(SECCOMP, LANDLOCK),
    gains=DOUBLE,
)
attack(
    "spawns",
    "calls posix_spawn",
    doing("os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP, LANDLOCK),
    gains=DOUBLE,
)
attack(
    "executes",
    "replaces itself by another program",
    doing("os.execv('/bin/true', ['true'])"),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP, LANDLOCK),
)
attack(
    "thread",
    "starts a thread",
    doing("import threading\nthreading.Thread(target=print).start()", RIGHT_RESULT),
    earns=REST,
    sign="can't start new thread",
    needs=(SECCOMP,),
    gains=DOUBLE,
)
attack(
    "multiprocessing",
    "starts a pool of processes",
    doing(
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool: pool.map(abs, [1, 2])",
        RIGHT_RESULT,
    ),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    too_harmful=True,
)
attack(
    "kills_its_parent",
    "kills the process that forked it",
    doing("import signal\nos.kill(os.getppid(), signal.SIGKILL)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP, LANDLOCK),
    gains=DOUBLE,
)
attack(
    "signals_everybody",
    "signals every process",
    doing("import signal\nos.kill(-1, signal.SIGCONT)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    too_harmful=True,
)
attack(
    "signals_init",
    "signals the first process",
    doing("os.kill(1, 0)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP, LANDLOCK),
    gains=DOUBLE,
)
attack(
    "signals_its_group",
    "signals its process group",
    doing("import signal\nos.killpg(0, signal.SIGCONT)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    gains=DOUBLE,
)
attack(
    "signals_by_descriptor",
    "has the kernel signal its parent when a descriptor is ready",
    doing("import fcntl\nfcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    gains=DOUBLE,
)

# -- network --------------------------------------------------------------------------------------------------------

FAMILIES = {
    "tcp": "socket.AF_INET, socket.SOCK_STREAM",
    "udp": "socket.AF_INET, socket.SOCK_DGRAM",
    "tcp6": "socket.AF_INET6, socket.SOCK_STREAM",
    "unix": "socket.AF_UNIX, socket.SOCK_STREAM",
    "netlink": "socket.AF_NETLINK, socket.SOCK_RAW",
}
for family, arguments in FAMILIES.items():
    attack(
        f"opens_a_{family}_socket",
        f"opens a {family} socket",
        doing(f"import socket\nsocket.socket({arguments})", RIGHT_RESULT),
        earns=REST,
        sign="PermissionError",
        needs=(SECCOMP,),
        gains=DOUBLE,
    )
attack(
    "opens_a_pair",
    "opens a pair of sockets",
    doing("import socket\nsocket.socketpair()", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(SECCOMP,),
    gains=DOUBLE,
)
attack(
    "resolves_a_name",
    "asks for an address",
    doing("import socket\nsocket.getaddrinfo('localhost', 80)", RIGHT_RESULT),
    earns=REST,
    sign="Error",
    needs=(LANDLOCK,),
    gains=DOUBLE,
)
attack(
    "fetches_a_page",
    "fetches a page",
    doing("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/')"),
    earns=REST,
    sign="Error",
)

attack(
    "opens_a_packet_socket",
    "listens to all of the network, as root may",
    doing("import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
)

# -- system calls ---------------------------------------------------------------------------------------------------

CALLS = {
    "ptrace": (101, "16, os.getppid(), 0, 0"),
    "process_vm_readv": (310, "os.getppid(), 0, 0, 0, 0, 0"),
    "process_vm_writev": (311, "os.getppid(), 0, 0, 0, 0, 0"),
    "io_uring_setup": (425, "1, 0"),
    "keyctl": (250, "0, -3, 0"),
    "bpf": (321, "0, 0, 0"),
    "unshare": (272, "0x10000000"),
    "setns": (308, "-1, 0"),
    "mount": (165, "0, 0, 0, 0, 0"),
    "chroot": (161, "0"),
    "pidfd_open": (434, "os.getppid(), 0"),
    "perf_event_open": (298, "0, 0, -1, -1, 0"),
    "userfaultfd": (323, "1"),
    "memfd_create": (319, "0, 0"),
    "name_to_handle_at": (303, "-100, 0, 0, 0, 0"),
    "open_by_handle_at": (304, "-1, 0, 0"),
    "shmget": (29, "0, 4096, 0o1600"),
    "msgget": (68, "0, 0o1600"),
    "mq_open": (240, "0, 0, 0, 0"),
    "prctl_pdeathsig": (157, "1, 0, 0, 0, 0"),
    "prctl_dumpable": (157, "4, 1, 0, 0, 0"),
    "setuid": (105, "0"),
    "setpriority": (141, "0, 0, -20"),
    "sched_setaffinity": (203, "0, 0, 0"),
    "personality": (135, "0xFFFFFFFF"),
    "x32_getpid": (0x4000_0000 + 39, ""),
    "clone": (56, "0, 0, 0, 0, 0"),
    "vfork": (58, ""),
    "execveat": (322, "-1, 0, 0, 0, 0"),
    "seccomp": (317, "0, 1, 0"),
    "kcmp": (312, "0, 0, 0, 0, 0"),
    "rt_sigqueueinfo": (129, "os.getppid(), 0, 0"),
    "tiocsti": (16, "0, 0x5412, 0"),
    "raise_own_limits": (302, "os.getppid(), 9, 0, 0"),
}
"""By their numbers on x86-64, with arguments that would do no harm where they are let through."""

for call, (number, arguments) in CALLS.items():
    attack(
        f"call_{call}",
        f"makes the system call {call.replace('_', ' ')}" if call[0] in "xr" else f"makes the system call {call}",
        doing(
            f"""
            import ctypes, errno
            system = ctypes.CDLL(None, use_errno=True)
            if system.syscall({number}, {arguments or 0}) == -1 and ctypes.get_errno() == errno.EPERM:
                raise PermissionError("EPERM {call}")
            """,
            RIGHT_RESULT,
        ),
        earns=REST,
        sign=f"EPERM {call}",
        needs=(SECCOMP,),
        too_harmful=True,
    )

# -- output ---------------------------------------------------------------------------------------------------------

attack("prints_without_end", "prints without end", once("while True: print('x' * 10_000)"), earns=ONE, sign=LATE)
attack(
    "prints_a_lot",
    "prints a lot, and is right",
    doing("for _ in range(2000): print('x' * 1000)\nsys.stderr.write('y' * 100_000)", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "closes_its_output",
    "closes its output",
    doing("sys.stdout.close(); sys.stderr.close(); os.close(1)", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "replaces_its_output",
    "replaces sys.stdout by something that fails",
    doing("sys.stdout = sys.stderr = None", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "warns",
    "turns warnings into errors",
    first("import warnings\nwarnings.simplefilter('error')\nnp = None\n") + "\nnp.seterr(all='raise')\n",
    earns=ALL,
)

# -- exceptions -----------------------------------------------------------------------------------------------------

attack(
    "evil_str",
    "raises an exception whose text never ends",
    once("""
    class Evil(Exception):
        def __str__(self):
            while True: pass
    raise Evil
"""),
    earns=ONE,
    sign=LATE,
)
attack(
    "evil_repr",
    "raises an exception whose text raises",
    doing("""
    class Evil(Exception):
        def __str__(self): raise KeyboardInterrupt
        __repr__ = __str__
    raise Evil
"""),
    earns=REST,
    sign="Evil",
)
attack(
    "evil_text",
    "raises an exception with 100 MB of steering characters",
    once("raise ValueError('\\x1b[2J\\x00\\ud800<script>' * 5_000_000)"),
    earns=ONE,
    sign="raised ValueError",
)
attack(
    "evil_name",
    "raises an exception whose class has no proper name",
    doing("""
    class Meta(type):
        __name__ = property(lambda cls: 7)
        def mro(cls): return super().mro()
    class Evil(Exception, metaclass=Meta): pass
    raise Evil
"""),
    earns=REST,
)
attack(
    "evil_long_name",
    "raises an exception with a name of 1 MB",
    once("raise type('E' * 1_000_000, (Exception,), {})()"),
    earns=ONE,
    sign="EEEE",
)
attack(
    "evil_traceback",
    "raises through a thousand of its own frames",
    once("def f(n):\n    if n: f(n - 1)\n    raise ValueError('deep')\nf(900)"),
    earns=ONE,
    sign="deep",
)
attack(
    "evil_syntax_error",
    "raises a syntax error that lies about where it is",
    doing("raise SyntaxError('mine', ('/etc/passwd', -5, 3, 'root' * 10_000))"),
    earns=REST,
)
attack(
    "posing_as_the_kit",
    "raises the worker's own exceptions",
    doing("raise sys.modules['grader.subject.executor'].CheckSideError"),
    earns=REST,
)
attack(
    "posing_as_a_stub",
    "raises NotImplementedError in another exercise's name",
    doing("raise NotImplementedError('layers.Scale')"),
    earns=REST,
)
attack(
    "posing_as_late",
    "raises the deadline's own exception",
    doing("raise sys.modules['grader.subject.executor'].DeadlineExceeded"),
    earns=REST,
)

# -- shadows and planted files --------------------------------------------------------------------------------------

BAD = "raise RuntimeError('shadow')\n"
for shadow in (
    "numpy",
    "typing",
    "random",
    "os",
    "json",
    "socket",
    "pytest",
    "torch",
    "grader",
    "exercises",
    "sitecustomize",
    "conftest",
):
    attack(f"shadow_{shadow}", f"brings a {shadow}.py of its own", VECTORS, earns=ALL, files={shadow: BAD})
attack(
    "shadow_packages",
    "brings packages of its own",
    VECTORS,
    earns=ALL,
    files={
        "numpy/__init__.py": BAD,
        "grader/__init__.py": BAD,
        "__init__.py": BAD,
        "evil.pth": "import os; os._exit(3)\n",
    },
)
attack(
    "planted_bytecode",
    "brings compiled files that differ from their source",
    VECTORS,
    earns=ALL,
    files={"__pycache__/vectors.cpython-311.pyc": b"\xa7\r\r\n" + bytes(200)},
)
attack("null_bytes", "is not text", "\0" * 100, earns=OF_LAYERS, files={"vectors": b"\0\xff" * 100}, sign="vectors.py")
attack(
    "wrong_encoding",
    "claims an encoding that does not exist",
    "# -*- coding: klingon -*-\n" + VECTORS,
    earns=OF_LAYERS,
    sign="cannot be read as text",
)
attack("bomb_of_source", "is 600 kB long", VECTORS, earns=OF_LAYERS, files={"vectors": "x = 1\n" * 100_000})
attack(
    "folder_as_topic",
    "has a folder where a file should be",
    VECTORS,
    earns=OF_LAYERS,
    files={"vectors.py/inner.py": "", "vectors": None},
)

# -- the interpreter ------------------------------------------------------------------------------------------------

attack(
    "tracing",
    "traces and profiles everything that follows",
    first("import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\n"),
    earns=ALL,
)
attack(
    "tracing_loop",
    "loops in a profile function",
    first("import sys\ndef p(*a):\n    while True: pass\nsys.setprofile(p)\n"),
    earns=OF_LAYERS,
    slow=True,
)
attack("no_modules", "empties sys.modules", doing("sys.modules.clear()", RIGHT_RESULT), earns=ALL)
attack(
    "no_importing",
    "removes every way to import",
    first("import sys\nsys.meta_path.clear()\nsys.path.clear()\n"),
    earns=ALL,
)
attack(
    "audit_hook",
    "installs an audit hook that refuses everything",
    first("import sys\ndef hook(*a): raise RuntimeError('no')\n") + "\nsys.addaudithook(hook)\n",
    earns=ALL,
)
attack(
    "gc_callbacks",
    "hooks into garbage collection",
    first("import gc\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.set_threshold(1, 1, 1)\n"),
    earns=ALL,
)
attack(
    "tiny_recursion_limit",
    "sets the recursion limit to almost nothing",
    doing("try:\n    sys.setrecursionlimit(60)\nexcept RecursionError: pass", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "integer_digits",
    "lifts the limit on digits",
    first("import sys\nif hasattr(sys, 'set_int_max_str_digits'): sys.set_int_max_str_digits(0)\n"),
    earns=ALL,
)
attack(
    "swapped_code",
    "swaps the code of its functions while they run",
    doing("double.__code__ = softplus.__code__", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "other_topic",
    "changes another topic's exercises",
    first("import sys\nfrom exercises import layers\nlayers.Scale.forward = lambda self, x: 0.0\n"),
    earns=NAMES,
)
attack(
    "leaves_its_folder",
    "changes the working directory",
    doing("os.chdir('/')", RIGHT_RESULT),
    earns=ALL,
)
attack("changes_the_mask", "makes everything that follows unreadable", first("import os\nos.umask(0o777)\n"), earns=ALL)

# -- around the limits ----------------------------------------------------------------------------------------------

OVERFULL = "more files than it may"

attack(
    "files_beyond_their_end",
    "has its files take room beyond their end, where no size tells of it",
    once("""
        import ctypes, time
        system = ctypes.CDLL(None, use_errno=True)
        for n in range(60):
            number = os.open(f"{n}.bin", os.O_CREAT | os.O_WRONLY)
            system.fallocate(number, 1, ctypes.c_long(0), ctypes.c_long(1 << 20))
            os.close(number)
        time.sleep(1)
    """),
    earns=ONE,
    sign=OVERFULL,
)
attack(
    "removed_files",
    "holds files open that it has removed, where no folder tells of them",
    once("""
        import time
        kept = []
        for _ in range(20):
            kept.append(open("x", "wb", buffering=0))
            kept[-1].write(bytes(1 << 20))
            os.remove("x")
        time.sleep(1)
    """),
    earns=ONE,
    sign=OVERFULL,
)
attack(
    "own_alarm",
    "puts a handler of its own where the deadline's was, and loops",
    once("import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nwhile True: pass"),
    earns=ONE,
    sign=LATE,
)
attack(
    "moved_alarm",
    "moves the deadline's timer to next week, and loops",
    once("import signal\nsignal.setitimer(signal.ITIMER_REAL, 10**6)\nwhile True: pass"),
    earns=ONE,
    sign=LATE,
)
attack(
    "early_alarm",
    "has the deadline pass early",
    doing("import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.001)\ntime.sleep(0.01)"),
    earns=REST,
    sign=LATE,
)
attack(
    "works_between_requests",
    "writes files in a signal handler, whoever is at work just then",
    first("""
        import os, signal
        def tick(*a):
            try:
                open(os.urandom(3).hex(), "wb").close()
            except OSError: pass
        for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF): signal.signal(number, tick)
        for timer in range(3): signal.setitimer(timer, 0.001, 0.001)
    """),
    earns=ALL,
)
attack(
    "ignores_the_file_size",
    "ignores the signal of a file that is too large, and goes on",
    once("""
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        while True:
            for n in range(100):
                try:
                    with open(str(n), "ab", buffering=0) as file:
                        while file.write(bytes(1 << 20)): pass
                except OSError: pass
    """),
    earns=ONE,
    sign="ended the process",
)
attack(
    "no_more_descriptors",
    "opens files until there are no more descriptors, and keeps them",
    doing("global kept\nkept = []\ntry:\n    while True: kept.append(os.dup(0))\nexcept OSError: pass", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "full_pipes",
    "fills as many pipes as it may have",
    doing(
        """
        global kept
        kept = []
        try:
            while len(kept) < 200:
                kept.append(os.pipe())
                os.set_blocking(kept[-1][1], False)
                os.write(kept[-1][1], bytes(1 << 20))
        except OSError: pass
        """,
        RIGHT_RESULT,
    ),
    earns=ALL,
)
attack(
    "locked_libraries",
    "locks every library that others load from",
    first("""
        import fcntl, sys
        locked = []
        for module in list(sys.modules.values())[:30]:
            try:
                locked.append(open(module.__file__))
                fcntl.flock(locked[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (AttributeError, OSError, TypeError): pass
    """),
    earns=ALL,
)
attack(
    "own_folder_away",
    "removes its working directory",
    doing("place = os.getcwd()\nos.chdir('/')\ntry:\n    os.rmdir(place)\nexcept OSError: pass", RIGHT_RESULT),
    earns=ALL,
)
attack(
    "folder_moved_away",
    "moves its working directory away and puts a link in its place",
    doing("place = os.getcwd()\nos.rename(place, place + '-2')\nos.symlink('@NEIGHBOUR@', place)", RIGHT_RESULT),
    earns=REST,
    sign="PermissionError",
    needs=(LANDLOCK, SECCOMP),
    too_harmful=True,
)
attack(
    "late_callback",
    "calls the check's function from a destructor, from an alarm and in the next call",
    VECTORS
    + textwrap.dedent("""
        import signal
        kept, right = [], slope

        class Late:
            def __init__(self, f): self.f = f
            def __del__(self): self.f(1.0)

        def slope(f, x):
            kept.append(f)
            Late(f)
            signal.signal(signal.SIGALRM, lambda *a: kept[-1](2.0))
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            return right(f, x)

        def double(x):
            for f in kept:
                try: f(x)
                except BaseException: pass
            return 2.0 * np.asarray(x, dtype=np.float64)
    """),
    earns=ALL,
)
attack(
    "function_of_itself",
    "passes the check's function to itself, alone and in containers",
    VECTORS
    + textwrap.dedent("""
        def slope(f, x):
            for value in [f, [f, {"a": f}], (f,) * 100, [f] * 1000] * 50:
                try: f(value)
                except BaseException: pass
            return 4.0
    """),
    earns=NAMES - {"slope_of_a_line"},
)
attack(
    "odd_keywords",
    "calls the check's function with names and numbers of arguments of every kind",
    VECTORS
    + textwrap.dedent("""
        def slope(f, x):
            for name in ("self", "__class__", "a" * 100_000, "\\ud800", ""):
                try: f(x, **{name: 1})
                except BaseException: pass
            try: f(*[x] * 50_000)
            except BaseException: pass
            return 4.0
    """),
    earns=NAMES - {"slope_of_a_line"},
)
attack(
    "reply_inside_a_callback",
    "answers the request while fifty calls of the check's function are under way",
    VECTORS
    + "\nimport gc\ngc.unfreeze()\n"
    + textwrap.dedent(FIND)
    + textwrap.dedent("""
        def slope(f, x):
            connection().send(frame(wire.encode(("call_back", 1, 0, "__call__", (1.0,), {}))) * 50)
            connection().send(frame(wire.encode(("reply", number(), reply.Reply(4.0)))))
            return 4.0
    """),
    earns=NAMES - {"slope_of_a_line"},
)
attack(
    "reply_in_two_halves",
    "sends a reply in two halves, and a moment in between",
    at_the_wire("""
        import time
        data = frame(wire.encode(("reply", number(), reply.Reply(3.0 * x))))
        connection().send(data[:7])
        time.sleep(0.1)
        connection().send(data[7:])
    """),
    earns=WRONG,
    sign=OTHER_NUMBERS,
)
attack(
    "replies_in_replies",
    "sends 100,000 replies in each other",
    at_the_wire("connection().send(frame(wire.encode(('reply', number(), None))[:-1] + b'V' * 100_000))"),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "tuples_in_tuples",
    "sends 100,000 tuples in each other",
    at_the_wire(
        "connection().send(frame(wire.encode(('reply', number(), None))[:-1] + b'V' + b'(\\1\\0\\0\\0' * 100_000))"
    ),
    earns=REST,
    sign="cannot be understood",
)
attack(
    "arrays_of_nothing",
    "sends 190,000 arrays without an entry",
    at_the_wire("""
        one = b"a" + bytes([11, 16]) + bytes(64)
        start = wire.encode(("reply", number(), None))[:-1] + b"V["
        connection().sendall(frame(start + (190_000).to_bytes(4, "little") + one * 190_000))
    """),
    earns=WRONG,
)
attack(
    "texts_of_a_megabyte",
    "sends fifteen texts of a megabyte",
    at_the_wire("""
        one = b"s" + (1 << 20).to_bytes(4, "little") + b"7" * (1 << 20)
        connection().sendall(frame(wire.encode(("reply", number(), None))[:-1] + b"V[\\x0f\\0\\0\\0" + one * 15))
    """),
    earns=WRONG,
)
attack(
    "integers_beyond_floats",
    "returns integers that are larger than any float",
    returning("[1 << 8000] * 4"),
    earns=WRONG,
)
attack(
    "all_that_hashes",
    "returns a set of everything that can be in one",
    returning("{1, 'a', None, (1, (2, (3,))), float('nan'), 1j, True, frozenset([1])}"),
    earns=WRONG,
)
attack(
    "shifting_keys",
    "returns a dict whose keys have another hash each time",
    returning(
        "dict.fromkeys(map(Key, range(50)))",
        """
        class Key(str):
            count = 0
            def __hash__(self):
                Key.count += 1
                return Key.count
            __eq__ = lambda self, other: True
        """,
    ),
    earns=WRONG,
)
attack(
    "numpy_scalar_of_its_own",
    "returns a NumPy scalar that empties the worker's lists while it is converted",
    returning(
        "Liar(2.0)",
        """
        class Liar(np.float64):
            def __float__(self):
                step = sys._getframe()
                while step:
                    for value in list(step.f_locals.values()):
                        if type(value) is list: value.clear()
                    step = step.f_back
                return 2.0
        """,
    ),
    earns=WRONG,
)
attack(
    "all_dunders",
    "returns an object whose every special method ends the program",
    returning(
        "Evil()",
        """
        class Evil:
            def __bool__(self): raise SystemExit
            __len__ = __iter__ = __index__ = __float__ = __complex__ = __int__ = __hash__ = __del__ = __bool__
            def __reduce_ex__(self, protocol): raise SystemExit
            def __getattr__(self, name): raise KeyboardInterrupt
            __class__ = property(__bool__)
        """,
    ),
    earns=WRONG,
)
attack(
    "markup_as_a_type",
    "returns an object of a type whose name is markup and turns the text around",
    returning("type('<script>alert(1)</script>\\u202e\\x1b[2J', (), {})()"),
    earns=WRONG,
    sign="<script>alert(1)</script>",
)
attack(
    "liar_as_a_module",
    "puts an object in the place of its own module that has every name",
    wrong("""
        import sys
        class Liar:
            def __getattr__(self, name): return lambda *a, **k: 7.0
        sys.modules["exercises.vectors"] = sys.modules["vectors"] = Liar()
    """),
    earns=WRONG,
)
attack(
    "endless_signature",
    "has a function whose signature never ends, and raises TypeError",
    VECTORS
    + textwrap.dedent("""
        class Double:
            @property
            def __signature__(self):
                while True: pass
            def __call__(self, x): raise TypeError("no")
        double = Double()
    """),
    earns=REST,
    sign=LATE,
)
attack(
    "endless_finalizers",
    "loops in finalizers, hooks and at the end of the program",
    first("""
        import atexit, sys, weakref
        def forever(*a):
            while True: pass
        class Thing: pass
        thing = Thing()
        weakref.finalize(thing, forever)
        atexit.register(forever)
        sys.excepthook = sys.unraisablehook = sys.displayhook = sys.breakpointhook = forever
    """),
    earns=ALL,
)
attack(
    "exits_with_an_object",
    "exits with a status whose text never ends",
    once("class Status:\n    def __str__(self):\n        while True: pass\nraise SystemExit(Status())"),
    earns=ONE,
    slow=True,
)
attack(
    "false_bases",
    "raises an exception whose type lists bases that it does not have",
    doing("""
        class Meta(type):
            def mro(cls): return [cls, ValueError, Exception, BaseException, object]
        class CheckFailed(ValueError, metaclass=Meta): pass
        raise CheckFailed("points: 100")
    """),
    earns=REST,
    sign="raised CheckFailed",
)
attack(
    "groups_in_groups",
    "raises 500 groups of exceptions in each other",
    doing(
        "error = ValueError('x')\n"
        "for _ in range(500): error = getattr(builtins, 'ExceptionGroup', ValueError)('g' * 1000, [error, error])\n"
        "raise error"
    ),
    earns=REST,
)
attack(
    "ring_of_causes",
    "raises an exception that is the cause of its own cause",
    doing("a, b = ValueError('a'), ValueError('b')\na.__cause__, b.__cause__ = b, a\nraise a"),
    earns=REST,
    sign="raised ValueError",
)
attack(
    "long_traceback",
    "raises an exception with a traceback of 100,000 steps that were never taken",
    once("""
        import types
        step = None
        for line in range(100_000): step = types.TracebackType(step, sys._getframe(), 0, line + 1)
        raise ValueError("long").with_traceback(step)
    """),
    earns=ONE,
    sign="raised ValueError",
)
attack(
    "false_place",
    "raises in code that claims to be of another file in its folder",
    doing("exec(compile('raise ValueError(1)', __file__ + '/../../../../etc/passwd', 'exec'))"),
    earns=REST,
    sign="raised ValueError",
)
attack(
    "false_lines",
    "puts megabytes of markup where the lines of its source come from",
    doing("import linecache\nlinecache.getline = lambda *a: '<script>' * 100_000\nraise ValueError('x')"),
    earns=REST,
    sign="raised ValueError",
)
for number in (4, 7, 8, 15, 24, 25, 31):
    attack(
        f"dies_of_signal_{number}",
        f"sends itself signal {number}",
        once(f"import signal\nsignal.signal({number}, signal.SIG_DFL)\nos.kill(os.getpid(), {number})"),
        earns=ONE,
        sign=f"killed by signal {number}",
    )

# -- knowing the game -----------------------------------------------------------------------------------------------

attack(
    "right_once",
    "is right the first time only",
    VECTORS
    + "\n_right, _count = double, []\n\ndef double(x):\n    _count.append(1)\n"
    + "    return _right(x) if len(_count) < 2 else 0.0 * x\n",
    earns=NAMES,
)
attack(
    "learnt_by_heart",
    "knows the public numbers by heart",
    VECTORS + "\n\ndef double(x):\n    return np.array([2.0, -5.0]) if np.shape(x) == (2,) else 0.0 * x\n",
    earns=NAMES - {"double_of_random_numbers"},
    sign=OTHER_NUMBERS,
)
attack(
    "detects_the_grader",
    "is right only where it is graded",
    doing("graded = 'grader.sandbox.worker' in sys.modules", "2.0 * x if graded else 0.0 * x"),
    earns=ALL,
)
attack("random_answers", "guesses", returning("np.random.randn(*np.shape(x))"), earns=WRONG, sign=OTHER_NUMBERS)
attack("empty_file", "hands in nothing", "", earns=OF_LAYERS, sign="defines no")
