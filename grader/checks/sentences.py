"""Every sentence that a failing check says. Pure functions from what happened to what the student reads."""

from __future__ import annotations

import re

from grader.course import the_course
from grader.language import N_, _, ngettext
from grader.result import Failure
from grader.subject.reply import Frame, Raised


def trace_text(frames: tuple[Frame, ...]) -> str:
    """The student's own lines on the way to an exception."""
    rows = []
    for frame in frames:
        rows.append(f"{frame.file}:{frame.line}" + (f" in {frame.function}" if frame.function else ""))
        if frame.text:
            rows.append(f"    {frame.text}")
    return "\n".join(rows)

def for_raised(raised: Raised, exercise_id: str, signature: str, call: str, method: str = "") -> Failure:
    """What to say when an exercise gave no value.

    Parameters
    ----------
    raised : Raised
        What happened.
    exercise_id : str
        `topic.name` of the exercise that was asked.
    signature : str
        Its signature in the course.
    call : str
        The call as a student would write it.
    method : str, optional
        `Class.method`, where one was called.
    """
    topic, _dot, name = exercise_id.partition(".")
    file = f"{topic}.py"
    trace = trace_text(raised.trace)
    error = f"{raised.type}: {raised.message}" if raised.message else raised.type
    sentences = {
        "no_file": _("There is no file {file}: put it back, or get a new one with `grader reset {topic}`."),
        "unreadable": _("{file} cannot be read as text ({error}): save it as UTF-8."),
        "syntax": _("{file} does not compile ({error}), so none of its exercises can run: mend this line first."),
        "import": _("{file} fails while it is imported ({error}), so none of its exercises can run."),
        "no_exercise": _("{file} defines no {name}: keep the name from the stub, {name}{signature}."),
        "not_callable": _("{name} is a value of type {detail}, not something that can be called: define it as in the "
                          "stub, {name}{signature}."),
        "signature": _("{call} does not fit your definition {name}{detail}: the exercise asks for "
                       "{name}{signature}."),
        "no_attribute": _("{call} was asked for, but your object has no such attribute: keep the names from the "
                          "stub."),
        "deadline": _("{call} did not come back in time: is there a loop that never ends?"),
        "died": _("{call} ended the process that ran it ({detail})."),
        "protocol": _("{call} answered with something that cannot be understood ({detail})."),
        "needs": _("{call} uses {detail}, which is still to do or does not load: finish that exercise first."),
    }  # fmt: skip
    if raised.detail and raised.kind in ("import", "exception"):
        importer = raised.trace[-1].file if raised.trace else file
        return Failure(raised.kind, not_found(raised, file, importer, call or name), call=call, trace=trace)
    if raised.kind == "deadline" and any((f.file, f.function) == (file, "<module>") for f in raised.trace[:1]):
        endless = _("{file} does not come to its end when it is imported, so none of its exercises can run: is there a "
                    "loop that never ends?")  # fmt: skip
        return Failure("import", endless.format(file=file), call=call, trace=trace)
    if method and raised.kind == "not_callable":
        no_method = _("{method} should be a method, as in the stub: your object has a value of type {detail} there.")
        return Failure(raised.kind, no_method.format(method=method, detail=raised.detail), call=call)
    message = sentences.get(raised.kind, _exception(raised)).format(
        file=file, topic=topic, error=error, name=name, signature=signature, detail=raised.detail, call=call or name
    )
    message += _unknown_name(raised, topic)
    return Failure(raised.kind, message, call=call, trace=trace)

def _unknown_name(raised: Raised, topic: str) -> str:
    """A sentence more where a name is missing that is an exercise of another topic."""
    found = re.fullmatch(r"name '(\w+)' is not defined.*", raised.message) if raised.type == "NameError" else None
    home = next((e.topic for e in the_course().exercises if found and e.name == found[1] and e.topic != topic), "")
    if not home or not found:
        return ""
    text = _("Your own one comes with `from exercises.{home} import {name}`, at the top of the file.")
    return ". " + text.format(home=home, name=found[1])

AMBIGUOUS = "truth value of a"
"""What NumPy says where an array stands in an `if`."""

_SLIPS = (
    (r"(EOFError|OSError): ", r"\binput\(", N_("{call} asks for input(), where nobody answers: what it needs comes as "
                                             "arguments.")),
    (r"SystemExit", "", N_("{call} ends the program, with exit() or the like: give the result back with `return`.")),
    (r"RecursionError: ", "", N_("{call} calls itself, or something that calls it, without end ({error}).")),
    (r"TypeError: .*(scalar|integer)|AxisError", r"\bnp\.(max|min)\(\s*[\d.]+\s*,", N_(
        "{call} raised {error}. np.max looks for the largest entry of one array; np.maximum compares two, entry by "
        "entry.")),
    (r"TypeError: only .*scalar", r"\bmath\.", N_(
        "{call} raised {error}. The functions of math take one number; those of NumPy, such as np.exp, take arrays.")),
    (r"ValueError: matmul: .*mismatch in its core dimension", "", N_(
        "{call} multiplies matrices whose inner sizes differ ({error}): look at the two shapes, one of them may have "
        "to be transposed.")),
    (rf"ValueError: .*{AMBIGUOUS}", "", N_("{call} raised {error}. An `if` decides once for the whole array; np.where "
                                           "decides for each entry.")),
    (r"(TypeError|AttributeError): .*('list'|multiply sequence)", "", N_(
        "{call} raised {error}. Arguments may be lists: np.asarray(..., dtype=np.float64) makes an array of one.")),
)  # fmt: skip
"""Exceptions that have a usual reason: what the error looks like, what its line looks like, what to say."""

def _exception(raised: Raised) -> str:
    """The sentence for an exception, its fields still open."""
    error = f"{raised.type}: {raised.message}"
    line = raised.trace[-1].text if raised.trace else ""
    for told, written, sentence in _SLIPS:
        if re.match(told, error) and re.search(written, line):
            return _(sentence)
    return _("{call} raised {error}")

def not_found(raised: Raised, file: str, importer: str, call: str) -> str:
    """What to say when `importer` imports a module that is not there, such as a topic that a kit leaves out."""
    package, _dot, module = raised.detail.rpartition(".")
    home = next((exercise.topic for exercise in the_course().exercises if exercise.name == module), "")
    kind = "elsewhere" if package and home else "topic" if package else "module"
    sentences = {
        ("import", "topic"): _("{file} fails while it is imported, so none of its exercises can run: there is no "
                               "exercises/{module}.py here, but {importer} imports from it. If the name is spelt "
                               "right, write what you need of it in {importer} itself."),
        ("import", "module"): _("{file} fails while it is imported, so none of its exercises can run: there is no "
                                "package {module} here and no file {module}.py, but {importer} imports from it. If the "
                                "name is spelt right, write what you need of it in {importer} itself."),
        ("import", "elsewhere"): _("{file} fails while it is imported, so none of its exercises can run: {importer} "
                                   "looks for {module} in the folder, but it is in a file of it. Write "
                                   "`from exercises.{home} import {module}`."),
        ("exception", "topic"): _("There is no exercises/{module}.py here, but {call} imports from it: if the name is "
                                  "spelt right, write what you need of it in {importer} itself."),
        ("exception", "module"): _("There is no package {module} here and no file {module}.py, but {call} imports from "
                                   "it: if the name is spelt right, write what you need of it in {importer} itself."),
        ("exception", "elsewhere"): _("{call} looks for {module} in the folder, but it is in a file of it: write "
                                      "`from exercises.{home} import {module}`."),
    }  # fmt: skip
    return sentences[raised.kind, kind].format(module=module, importer=importer, file=file, call=call, home=home)

def is_read(call: str) -> bool:
    """Whether a value comes from an attribute, which stands without parentheses, and not from a call."""
    return "." in call and not call.endswith(")")


def no_exception(call: str, wanted: str) -> str:
    return _("{call} should raise {wanted}, but it returned a value.").format(call=call, wanted=wanted)

def other_exception(call: str, wanted: str, got: str) -> str:
    return _("{call} should raise {wanted}; it raised {got}").format(call=call, wanted=wanted, got=got)

def returned_none(call: str) -> str:
    if is_read(call):
        return _("{call} is None, where a value was expected: is it set in time?").format(call=call)
    return _("{call} returned None: is a `return` missing?").format(call=call)

def not_numbers(call: str, kind: str) -> str:
    if kind.startswith("ragged "):
        return _("{call} returned a ragged {kind}, where numbers were expected: its rows differ in length.").format(
            call=call, kind=kind.removeprefix("ragged ")
        )
    if is_read(call):
        return _("{call} is of type {kind}, where numbers were expected.").format(call=call, kind=kind)
    return _("{call} returned {kind}, where numbers were expected.").format(call=call, kind=kind)

def unusable(call: str, error: str) -> str:
    if is_read(call):
        return _("{call} holds something that the check cannot use ({error}).").format(call=call, error=error)
    return _("{call} returned something that the check cannot use ({error}).").format(call=call, error=error)


def wrong_parts(call: str, names: str) -> str:
    text = _("{call} should return {names}, in this order; it returned one value instead.")
    return text.format(call=call, names=names)


def wrong_count(call: str, names: str, count: int) -> str:
    return ngettext(
        "{call} should return {names}, in this order; it returned {count} value.",
        "{call} should return {names}, in this order; it returned {count} values.",
        count,
    ).format(call=call, names=names, count=count)


def wrong_shape(call: str, got: tuple, expected: tuple) -> str:
    if expected == () and not is_read(call):
        return _("{call} returned shape {got}, where one number was expected.").format(call=call, got=got)
    if is_read(call):
        text = _("{call} has shape {got}, expected shape {expected}.")
        return text.format(call=call, got=got, expected=expected)
    return _("{call} returned shape {got}, expected shape {expected}.").format(call=call, got=got, expected=expected)

def wrong_value(call: str) -> str:
    if is_read(call):
        return _("{call} holds other numbers than expected.").format(call=call)
    return _("{call} returned other numbers than expected.").format(call=call)

def largest_difference(size: float, index: tuple[int, ...], wrong: int, entries: int) -> str:
    """Where two arrays differ most."""
    where = f"[{', '.join(str(i) for i in index)}]"
    if entries <= 1:
        return _("difference {size}").format(size=f"{size:.4g}")
    return _("largest difference {size} at {where}; {wrong} of {entries} entries differ").format(
        size=f"{size:.4g}", where=where, wrong=wrong, entries=entries
    )


def not_finite(call: str, reason: str) -> str:
    if is_read(call):
        nan, infinite = _("{call} holds NaN after finite input."), _("{call} holds an infinity after finite input.")
        return (nan if reason == "nan" else infinite).format(call=call)
    if reason == "nan":
        return _("{call} returned NaN for finite input.").format(call=call)
    return _("{call} returned an infinity for finite input.").format(call=call)

def float_errors(call: str, names: str, broken: bool = False) -> str:
    """Also whether the result shows it: `broken` says that it holds NaN or an infinity."""
    if broken:
        return _("{call} met a floating-point problem on the way ({names}), and NaN or an infinity came out.").format(
            call=call, names=names
        )
    return _("{call} met a floating-point problem on the way ({names}), even if the result may look right.").format(
        call=call, names=names
    )

def changed_inputs(call: str, names: str) -> str:
    return _("{call} changed its input {names}: work on a copy, the caller still needs the original.").format(
        call=call, names=names
    )

def shared_output(call: str) -> str:
    return _("{call} returned its own input (or a view of it): return a new array.").format(call=call)

ADVICE = {
    "list": N_("{name} returns a list; an array (numpy.asarray) is what callers expect."),
    "bool": N_("{name} returns booleans; float64 is what callers expect."),
    "integer": N_("{name} returns integers; float64 is what callers expect."),
    "float32": N_("{name} returns {dtype}; float64 keeps more digits, and callers expect it."),
    "array_subclass": N_("{name} returns a subclass of ndarray; a plain array is what callers expect."),
    "object_array": N_("{name} returns an array of Python objects; float64 is what callers expect."),
}

def advice(key: str, name: str, dtype: str = "") -> str:
    return _(ADVICE[key]).format(name=name, dtype=dtype)
