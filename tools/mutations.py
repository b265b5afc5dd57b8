"""The small changes that mutation testing tries, by Python's own grammar.

They are those by which people go wrong: one off at a boundary, the other branch, a step forgotten,
an argument left out. Prose is left alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}
PAIRS = (
    ("min", "max"),
    ("any", "all"),
    ("lower", "upper"),
    ("startswith", "endswith"),
    ("lstrip", "rstrip"),
    ("removeprefix", "removesuffix"),
    ("partition", "rpartition"),
    ("find", "rfind"),
)
OPPOSITES = {one: other for a, b in PAIRS for one, other in ((a, b), (b, a))}
DECLARING = {"annotation", "returns", "decorator_list", "bases", "keywords", "type"}
"""Fields of statements that say what something is; those of a call are changed."""
AROUND = 24


@dataclass(frozen=True)
class Mutant:
    path: Path
    function: str
    lines: range
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by when lines have moved."""
        return f"{self.path}:{self.function}", f"{self.before} -> {self.after}"

    def __str__(self) -> str:
        return f"{self.path}:{self.lines.start}: {self.function}: {self.key[1]}"


@dataclass(frozen=True)
class _Place:
    """A node, where it hangs, and what it stands in."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None = None
    function: str = ""
    is_in_function: bool = False
    statement: ast.AST | None = None
    lines: range = range(0)
    """Of the statement, or of its head."""

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of(path: Path, text: str) -> Iterator[tuple[Mutant, CodeType]]:
    """Every mutant of a module's functions, with the code of the whole module so changed."""
    tree = ast.parse(text)
    file = str(path.absolute())
    whole = compile(tree, file, "exec", dont_inherit=True)
    for place in list(_places(_Place(tree, tree, ""))):
        for change in _changes(place):
            ast.fix_missing_locations(ast.copy_location(change, place.node))
            place.put(change)
            code = compile(tree, file, "exec", dont_inherit=True)
            statement = place.statement or tree
            after = ast.unparse(change if statement is place.node else statement)
            place.put(place.node)
            if code != whole:
                shown = _difference(ast.unparse(statement), after)
                yield Mutant(path, place.function, place.lines, *shown), code


def _places(above: _Place) -> Iterator[_Place]:
    """Every node below one that may be changed."""
    parent = above.node
    for field, value in ast.iter_fields(parent):
        if field in DECLARING and isinstance(parent, ast.stmt):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or isinstance(node, ast.arguments):
                continue
            if isinstance(node, ast.Constant) and isinstance(parent, ast.JoinedStr):
                continue
            place = replace(above, node=node, parent=parent, field=field, index=index)
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                name = f"{above.function}.{node.name}".lstrip(".")
                inside = above.is_in_function or isinstance(node, ast.FunctionDef)
                place = replace(place, function=name, is_in_function=inside)
            elif isinstance(node, ast.stmt):
                place = replace(place, statement=node, lines=_head(node))
            if above.is_in_function:
                yield place
            yield from _places(place)


def _head(statement: ast.stmt) -> range:
    """The lines of a statement without the statements within it."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not body:
        return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    first = body[0].lineno if isinstance(body[0], ast.stmt) else body[0].pattern.lineno
    return range(statement.lineno, max(first, statement.lineno + 1))


def _changes(place: _Place) -> Iterator[ast.AST]:
    """What may stand in place of a node."""
    node, parent = place.node, place.parent
    is_condition = isinstance(parent, ast.If | ast.IfExp | ast.While) and place.field == "test"
    if is_condition or place.field == "ifs":
        yield ast.Constant(value=True)
        if place.field != "ifs":
            yield ast.Constant(value=False)
    elif isinstance(parent, ast.Return) and not isinstance(node, ast.Constant):
        yield ast.Constant(value=None)
    if type(node) in OPERATORS:
        yield OPERATORS[type(node)]()
    elif isinstance(node, ast.Constant):
        yield from _other_constant(node, parent)
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and not is_condition:
        yield node.operand
    elif _is_step(node):
        yield ast.Pass()


def _is_step(node: ast.AST) -> bool:
    """Whether a statement does something, and nothing that a later one could not do without."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant | ast.Yield | ast.YieldFrom)
    if isinstance(node, ast.Assign):
        return not any(isinstance(one, ast.Name | ast.Tuple) for one in node.targets)
    return isinstance(node, ast.Raise | ast.Delete)


def _other_constant(node: ast.Constant, parent: ast.AST) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(value=not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value=value + 1)
    elif isinstance(value, str) and " " not in value and not isinstance(parent, ast.Expr):
        yield ast.Constant(value=value + "X")


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    """The call of the opposite, and one without this or that argument."""
    called = node.func
    if isinstance(called, ast.Name) and called.id in OPPOSITES:
        yield ast.Call(ast.Name(OPPOSITES[called.id], ast.Load()), node.args, node.keywords)
    if isinstance(called, ast.Attribute) and called.attr in OPPOSITES:
        other = ast.Attribute(called.value, OPPOSITES[called.attr], ast.Load())
        yield ast.Call(other, node.args, node.keywords)
    if isinstance(called, ast.Name) and called.id in ("isinstance", "cast", "len"):
        return
    for index, argument in enumerate(node.args):
        if not isinstance(argument, ast.Constant | ast.Starred):
            args = [*node.args[:index], ast.Constant(value=None), *node.args[index + 1 :]]
            yield ast.Call(called, args, node.keywords)
    for index in range(len(node.keywords)):
        yield ast.Call(called, node.args, [*node.keywords[:index], *node.keywords[index + 1 :]])


def _difference(before: str, after: str) -> tuple[str, str]:
    """What differs in two texts, each on one line, with a little of what stands around it."""
    before, after = " ".join(before.split()), " ".join(after.split())
    same = _common(before, after)
    same_end = _common(before[same:][::-1], after[same:][::-1])
    first = max(0, same - AROUND)
    return (
        before[first : len(before) - same_end + AROUND],
        after[first : len(after) - same_end + AROUND],
    )


def _common(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
