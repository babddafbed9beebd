"""A submitted notebook as the source of a topic module. The notebook is read as data: nothing of it runs here.

Taken are the definitions of the exercises and what these need of the rest of the notebook, by name and not by place:
prints, plots, tests and experiments stay out, so that nothing that they do can cost a point. A cell that does not
parse costs the exercise that it defines, and no other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from grader.course import Topic
from grader.language import _
from grader.notebooks import cell as cells
from grader.notebooks.cell import Cell
from grader.notebooks.names import SyntaxProblem, bound, method_root, needed
from grader.notebooks.scan import defined, statements, without_magics

MAX_CELLS = 2000
MAX_SOURCE = 100 << 10
MAX_TOTAL = 1 << 20
MAX_LINE = 10_000
MAX_NESTING = 100
MAX_REMEMBERED = 4000

METHOD_DECORATORS = ("property", "staticmethod", "classmethod")

_HEADER = "from __future__ import annotations"


@dataclass(frozen=True)
class Module:
    """The source of a topic module, and what was wrong on the way to it."""

    source: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Statement:
    """A top-level statement of a cell."""

    text: str
    node: ast.stmt
    owner: str
    names: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class Broken:
    """A statement that does not parse."""

    name: str
    owner: str
    error: str


@dataclass
class _Code:
    """Everything that the code cells of a notebook say, in their order."""

    statements: list[Statement] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def module_of(notebook_cells: Sequence[Cell], topic: Topic, stub: str) -> Module:
    """The module of a topic that a notebook holds.

    Parameters
    ----------
    notebook_cells : sequence of dict
        The cells of the notebook, whoever wrote it.
    topic : Topic
    stub : str
        The stub module of the topic: what a cell says before anybody filled it in, and what every notebook imports.

    Returns
    -------
    Module
        Its source always compiles.
    """
    names = {exercise.name: exercise.form for exercise in topic.exercises}
    owners = {cells.solution_id(topic.name, name): name for name in names}
    code = _read(notebook_cells[:MAX_CELLS], names, owners, cells.helpers_id(topic.name))
    originals = _originals(stub, tuple(names))
    chosen, broken = _choose(code, topic.name, names, originals)
    kept = _slice(code, chosen, names)
    lines = [_HEADER, *_preamble(stub)]
    problems = []
    for name, problem in broken.items():
        lines.append(_placeholder(name, names[name], problem))
    for statement in kept:
        lines.append(_written(statement))
    for problem in code.broken:
        if problem.name not in broken:
            problems.append(_("A statement in cell {cell} is not Python and was left out: {error}.").format(
                cell=problem.owner or _("without an id"), error=problem.error))  # fmt: skip
    return Module("\n\n\n".join(lines) + "\n", tuple(dict.fromkeys(problems)))


# -- reading -----------------------------------------------------------------------------------------------------------


def _read(notebook_cells: Iterable[Cell], names: Iterable[str], owners: dict[str, str], helpers: str) -> _Code:
    code = _Code()
    total = 0
    for cell in notebook_cells:
        grade_id = cells.grade_id_of(cell)
        ours = grade_id in owners or grade_id == helpers
        if cell.get("cell_type") != "code" and not ours or cells.nbgrader_of(cell).get("grade") is True:
            continue
        source = without_magics(cells.source_of(cell))
        owner = grade_id if ours else ""
        total += len(source)
        too_long = len(source) > MAX_SOURCE or total > MAX_TOTAL
        if too_long or any(len(line) > MAX_LINE for line in source.split("\n")):
            code.broken.append(Broken(owners.get(grade_id, ""), owner, _("the cell is too long")))
            continue
        _read_cell(source, owner, owners.get(grade_id, ""), code)
    return code


def _read_cell(source: str, owner: str, exercise: str, code: _Code) -> None:
    """The statements of a cell: all at once where it parses, one by one where it does not."""
    try:
        code.statements += _parsed(source, owner)
        return
    except SyntaxProblem:
        pass
    for text in statements(source):
        try:
            code.statements += _parsed(_without_stray_brackets(text), owner)
        except SyntaxProblem as error:
            line = source[: source.find(text)].count("\n") + (getattr(error, "lineno", None) or 1)
            reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
            shown = (source.split("\n")[line - 1 : line] or [""])[0].strip()[:100]
            sentence = _("{reason}, line {line} of the cell: {text}").format(reason=reason, line=line, text=shown)
            code.broken.append(Broken(defined(text) or exercise, owner, sentence))


def _without_stray_brackets(text: str) -> str:
    """A statement without the closing brackets that stand below it, if they close nothing."""
    lines = text.rstrip().split("\n")
    if not lines[-1].strip(")]} ") and _nesting(text) > 0 and sum(map(text.count, "([{")) < sum(map(text.count, ")]}")):
        return "\n".join(lines[:-1])
    return text


_Piece = tuple[str, ast.stmt, frozenset[str], frozenset[str]]


def _parsed(source: str, owner: str) -> list[Statement]:
    pieces = _remembered(source) if len(source) <= MAX_REMEMBERED else _taken_apart(source)
    # New ones each time: they are told apart by identity.
    return [Statement(text, node, owner, names, needs) for text, node, names, needs in pieces]


@lru_cache(maxsize=512)
def _remembered(source: str) -> tuple[_Piece, ...]:
    """`_taken_apart`: most cells of a class are as released, and are read once for all."""
    return _taken_apart(source)


def _taken_apart(source: str) -> tuple[_Piece, ...]:
    """The statements of some source, with the names that each binds and needs."""
    if _nesting(source) > MAX_NESTING:
        raise ValueError("too deeply nested")
    tree = ast.parse(source)
    compile(tree, "<cell>", "exec", dont_inherit=True)  # finds what the parser lets through: a return outside
    lines = source.split("\n")
    found: list[tuple[ast.stmt, str, int]] = []
    floor = 0
    for node in tree.body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        while first - 1 > floor and lines[first - 2].startswith("#"):
            first -= 1
        floor = node.end_lineno or node.lineno
        text = "\n".join(lines[first - 1 : floor])
        if node.lineno <= (found[-1][2] if found else 0) or ";" in lines[floor - 1][node.end_col_offset or 0 :]:
            text = ast.unparse(node)  # several statements on one line
        found.append((node, text, floor))
    return tuple((text, node, frozenset(bound(node)), frozenset(needed(text))) for node, text, _floor in found)


def _nesting(source: str) -> int:
    """How deep brackets nest at most, and operators that come without: more than code that people write."""
    depth = deepest = 0
    for character in _BRACKET.findall(source):
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    chain = max((len(found) for found in _CHAIN.findall(source)), default=0)
    return max(deepest, chain // 8)


_BRACKET = re.compile(r"[()\[\]{}]")
_CHAIN = re.compile(r"(?:[-+~]\s*|not\s+|lambda\s*:\s*|await\s+){100,}")


# -- choosing ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _originals(stub: str, names: tuple[str, ...]) -> dict[str, str]:
    """What each exercise looks like before anybody has touched it."""
    found = {}
    for node in ast.parse(stub).body:
        for name in bound(node) & set(names):
            found[name] = shape(node)
    return found


def shape(node: ast.stmt) -> str:
    """A statement without comments, layout and docstring."""
    copy = ast.parse(ast.unparse(node)).body[0]
    for inner in ast.walk(copy):
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(inner, clean=False) is not None:
            inner.body = inner.body[1:] or [ast.Pass()]
    return ast.dump(copy)


def _choose(
    code: _Code, topic: str, names: dict[str, str], originals: dict[str, str]
) -> tuple[dict[str, Statement], dict[str, Broken]]:
    """The definition of each exercise that counts.

    That of its own cell if somebody wrote it, else the last one of any other cell, else a broken one; the stub last.
    """
    chosen: dict[str, Statement] = {}
    broken: dict[str, Broken] = {}
    for name in names:
        definitions = [s for s in code.statements if name in s.names and _defines(s.node, name)]
        written = [s for s in definitions if not _is_original(s, originals.get(name, ""), names[name])]
        own = [s for s in written if s.owner == cells.solution_id(topic, name)]
        failed = [b for b in code.broken if b.name == name]
        if own:
            chosen[name] = own[-1]
        elif written:
            chosen[name] = written[-1]
        elif failed:
            broken[name] = failed[-1]
        elif definitions:
            chosen[name] = definitions[-1]
    return chosen, broken


def _is_original(statement: Statement, original: str, form: str) -> bool:
    """Whether nobody has written anything into a definition yet."""
    if form != "table" and "NotImplementedError" not in statement.text:
        return False  # most are not, and this is seen at once
    return shape(statement.node) == original


def _defines(node: ast.stmt, name: str) -> bool:
    """Whether a statement makes the name, rather than changing what it stands for."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return True
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(node))


def _slice(code: _Code, chosen: dict[str, Statement], names: dict[str, str]) -> list[Statement]:
    """The chosen definitions and what they need, in the order of the notebook."""
    kept: set[Statement] = set(chosen.values())
    waiting = [name for statement in kept for name in statement.needs]
    waiting += [name for name, form in names.items() if form == "table"]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for statement in _makers(code, name, chosen, names):
            if statement not in kept:
                kept.add(statement)
                waiting += statement.needs
    stars = [s for s in code.statements if "*" in s.names]
    return [s for s in code.statements if s in kept or s in stars]


def _makers(code: _Code, name: str, chosen: dict[str, Statement], names: dict[str, str]) -> Iterator[Statement]:
    """The statements that give a name its value. Of a helper, those of the cells to fill in have the say."""
    is_table = names.get(name) == "table"
    makers = [s for s in code.statements if name in s.names or is_table and method_root(s.node) == name]
    if name in names:
        # Another definition of an exercise than the chosen one is an experiment; what fills its table is not.
        yield from (s for s in makers if s is chosen.get(name) or name not in s.names or not _defines(s.node, name))
        return
    ours = [s for s in makers if s.owner]
    yield from (s for s in makers if not ours or s.owner or not _defines(s.node, name))


# -- writing -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _preamble(stub: str) -> list[str]:
    """The imports of the stub: they are there even if the student deleted their cell."""
    rows = []
    for node in ast.parse(stub).body:
        is_import = isinstance(node, (ast.Import, ast.ImportFrom))
        if is_import and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            rows.append(ast.unparse(node))
    return ["\n".join(rows)] if rows else []


def _written(statement: Statement) -> str:
    """A statement as it stands, or guarded where it could fail and take the rest of the module with it."""
    node = statement.node
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return ""
    if _is_plain(node):
        return statement.text
    body = ast.unparse(node)
    text = f"try:\n    {chr(10).join(_indented(body))}\nexcept Exception:\n    pass"
    return text if _same_meaning(text, node) else _as_string(body)


def _is_plain(node: ast.stmt, decorators: tuple[str, ...] = ()) -> bool:
    """Whether nothing of a definition can fail while it is defined."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        decorated = any(not isinstance(d, ast.Name) or d.id not in decorators for d in node.decorator_list)
        return not decorated and all(_is_literal(default) for default in defaults)
    if isinstance(node, ast.ClassDef):
        bare = not (node.decorator_list or node.bases or node.keywords)
        return bare and all(_is_plain(inner, METHOD_DECORATORS) or _is_note(inner) for inner in node.body)
    return False


def _is_note(node: ast.stmt) -> bool:
    """A docstring, `pass`, or a literal that is given a name."""
    if isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign)) and node.value is not None:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        return _is_literal(node.value) and all(t is None or isinstance(t, ast.Name) for t in targets)
    return isinstance(node, ast.Pass)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except SyntaxProblem:
        return False
    return True


def _indented(body: str) -> list[str]:
    lines = body.split("\n")
    return [lines[0], *("    " + line for line in lines[1:])]


def _same_meaning(text: str, node: ast.stmt) -> bool:
    """Whether indenting changed nothing: a string over several lines would grow."""
    try:
        guarded = ast.parse(text).body[0]
    except SyntaxProblem:
        return False
    return isinstance(guarded, ast.Try) and ast.dump(guarded.body[0]) == ast.dump(ast.parse(ast.unparse(node)).body[0])


def _as_string(body: str) -> str:
    return f"try:\n    exec({body!r}, globals())\nexcept Exception:\n    pass"


def _placeholder(name: str, form: str, problem: Broken) -> str:
    """What stands for an exercise whose definition is not Python: it says so when it is used."""
    if form == "table":
        said = _("not Python: {error}").format(error=problem.error)
        return f"{name} = {said!r}"
    # Compiled under another name than the student's file, so that no message shows this line as theirs.
    return f"exec({f'def {name}(*args, **kwargs): raise SyntaxError({problem.error!r})'!r}, globals())"
