"""Small mistakes made by a machine: one operator, number, index, axis or term of a function is changed.

A mutation tool of the shelf runs a whole test suite for each change of a file on disk; here a change is a
function that is called in this process, some thousand times a minute.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
NAMES = {
    "max": "min",
    "maximum": "minimum",
    "argmax": "argmin",
    "sum": "mean",
    "mean": "sum",
    "var": "std",
    "sin": "cos",
    "cos": "sin",
    "tanh": "sin",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "tril": "triu",
    "argsort": "argmax",
    "round": "trunc",
    "reversed": "iter",
    "sorted": "list",
    "train": "eval",
    "eval": "train",
}


@dataclass(frozen=True)
class Mutant:
    """A function's source with one change: ``line`` became ``became``; ``count`` numbers equal changes."""

    source: str
    line: str
    became: str
    count: int


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Other nodes that could stand in the place of ``node``."""
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)
        yield node.left  # a term or a factor is missing
        yield node.right
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for other in OPERATORS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        for other in OPERATORS[type(node.op)]:
            yield ast.BoolOp(other(), node.values)
        yield from node.values
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        yield from map(ast.Constant, _other_numbers(node.value))
    elif isinstance(node, ast.Attribute):
        if node.attr in NAMES:
            yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)
        if node.attr == "T":
            yield node.value
    elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield ast.Name(NAMES[node.id], node.ctx)
    elif isinstance(node, ast.Call) and not node.keywords:
        if isinstance(node.func, ast.Attribute) and len(node.args) == 0:
            yield node.func.value  # x.copy() -> x
        elif len(node.args) == 1:
            yield node.args[0]  # np.abs(x) -> x
    elif isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part) is not None:
                changed = copy.copy(node)
                setattr(changed, part, None)
                yield changed
    elif isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Continue | ast.Break):
        yield ast.Pass()


def _other_numbers(value) -> list:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    return [2 * value] if value else [1.0]


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where something stands: (parent, field, position in the list or None), docstrings left out."""
    for name, value in ast.iter_fields(node):
        for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST):
                continue
            text = name == "body" and isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if text or name in ("annotation", "returns"):
                continue
            yield node, name, position
            yield from _places(child)


def mutants(source: str) -> list[Mutant]:
    """All of ``source``, which defines functions, with one change each."""
    tree = ast.parse(source)
    plain = ast.unparse(tree)
    found, seen = [], {plain}
    counts: dict[tuple[str, str], int] = {}
    for parent, name, position in list(_places(tree)):
        field = getattr(parent, name)
        original = field if position is None else field[position]
        for other in _changes(original):
            _put(parent, name, position, other)
            text = ast.unparse(ast.fix_missing_locations(tree))
            _put(parent, name, position, original)
            if text in seen:
                continue
            seen.add(text)
            lines = [
                pair
                for pair in zip(plain.splitlines(), text.splitlines(), strict=False)
                if pair[0] != pair[1]
            ]
            was, became = (line.strip() for line in (lines or [("", "")])[0])
            counts[was, became] = counts.get((was, became), 0) + 1
            found.append(Mutant(text, was, became, counts[was, became]))
    return found


def _put(parent: ast.AST, name: str, position: int | None, node: ast.AST) -> None:
    if position is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[position] = node
