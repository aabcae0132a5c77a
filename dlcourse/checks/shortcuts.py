"""Which library functions does a solution call? Read from its source, without running it."""

import ast
import functools
import inspect
import linecache
from types import FunctionType, ModuleType

HIDDEN_CODE = {
    *("__import__", "eval", "exec", "importlib.import_module"),
    *("sys._getframe", "inspect.currentframe", "inspect.stack", "gc.get_objects", "gc.get_referrers"),
}


@functools.lru_cache(256)
def parse_cell(source: str) -> ast.Module:
    """The syntax tree of a notebook cell; magics and shell lines are left out, broken cells are empty."""
    lines = ["pass" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.split("\n")]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


@functools.lru_cache(4096)
def imported(tree: ast.AST) -> dict[str, str]:
    """name -> dotted origin, for every import statement in ``tree``; not to be changed."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _dotted(node: ast.AST) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _bound(node: ast.AST) -> set[str]:
    """Names that a function binds itself: arguments, assignments, loop variables. They hide globals."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return set()
    shared = {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
    names = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names - shared


def _definitions(trees: list[ast.AST]) -> dict[str, list[ast.AST]]:
    """name -> the nodes that give it a value at the top level (functions, classes, assignments)."""
    found: dict[str, list[ast.AST]] = {}
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found[node.name] = [node]  # a later definition replaces the earlier one
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                    found[name] = [node.value]
    return found


def uses(cells: list[str], *names: str, origins: dict[str, str] | None = None) -> set[str]:
    """Dotted names that the functions ``names`` reach through the helpers defined in ``cells``.

    ``origins`` maps names to the modules they stand for, where the cells do not import them.
    """
    return set(_uses(tuple(cells), names, tuple(sorted((origins or {}).items()))))


@functools.lru_cache(256)
def _uses(
    cells: tuple[str, ...], names: tuple[str, ...], given: tuple[tuple[str, str], ...]
) -> frozenset[str]:
    trees = [parse_cell(cell) for cell in cells]
    origins = dict(given)
    for tree in trees:
        origins |= imported(tree)
    definitions = _definitions(trees)
    found: set[str] = set()
    seen, todo = set(), list(names)
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current not in definitions and current in origins:
            found.add(origins[current])
        for node in definitions.get(current, []):
            local, bound = origins | imported(node), _bound(node)
            for dotted in {dotted for n in ast.walk(node) if (dotted := _dotted(n))}:
                head, _, tail = dotted.partition(".")
                if head in bound:
                    continue
                if head in local:
                    found.add(f"{local[head]}.{tail}" if tail else local[head])
                elif dotted in HIDDEN_CODE:
                    found.add(dotted)
                todo.append(head)
            found |= {origin for key, origin in imported(node).items() if key not in origins}
    return frozenset(n for n in found if not any(other.startswith(f"{n}.") for other in found))


def uses_of_function(function, name: str) -> set[str]:
    """The same for a live function: its cell, the cells of its helpers, and the modules it can see."""
    if not isinstance(function, FunctionType):
        module = getattr(function, "__module__", None)
        return {f"{module}.{getattr(function, '__name__', '')}"} if isinstance(module, str) else set()
    cells: dict[str, str] = {}
    origins: dict[str, str] = {}
    todo, seen = [function], set()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        file = current.__code__.co_filename
        cells[file] = "".join(linecache.getlines(file))
        for key in _names_of(current.__code__):
            value = current.__globals__.get(key)
            if isinstance(value, ModuleType):
                origins[key] = value.__name__
            elif isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                todo.append(value)
            elif callable(value) and isinstance(getattr(value, "__module__", None), str):
                origins[key] = f"{value.__module__}.{getattr(value, '__name__', key)}"
    return uses(list(cells.values()), name, function.__name__, origins=origins)


def _names_of(code) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if inspect.iscode(constant):
            names |= _names_of(constant)
    return names
