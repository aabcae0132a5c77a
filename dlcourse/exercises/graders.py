"""Graders graded: what the two test cells of an exercise say of a function, in this process.

No notebook is run and no sandbox is there: this is for functions that we wrote ourselves, right and wrong.
"""

import ast
import contextlib
import functools
import io
import linecache
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcourse.checks import CheckFailed, session
from dlcourse.exercises.source import SourceError, read_source


@dataclass(frozen=True)
class Mark:
    """Share of the points and the sentence ("" if there is none), visible and hidden."""

    visible: float
    hidden: float
    sentence: str
    hidden_sentence: str
    printed: str

    @property
    def share(self) -> float:
        return 0.4 * self.visible + 0.6 * self.hidden

    @property
    def said(self) -> str:
        """The sentence of the first cell that says one."""
        return self.sentence or self.hidden_sentence


@functools.cache
def _notebooks(solutions: Path) -> dict[str, list]:
    """assignment -> the cells of its text notebook."""
    return {path.parent.name: read_source(path).cells for path in sorted(solutions.glob("*/*.md"))}


def _is(cell, key: str) -> bool:
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get(key))


def assignment_of(solutions: Path, name: str) -> str:
    """The assignment in which the exercise ``name`` is set. Raises ``SourceError`` if there is none."""
    for assignment, cells in _notebooks(solutions).items():
        if any(_is(c, "grade") and f'"{name}"' in c.source for c in cells):
            return assignment
    raise SourceError(f"no assignment in {solutions} has a test cell that checks {name!r}")


@functools.cache
def _test_cells(solutions: Path, name: str) -> tuple[str, str]:
    """The visible and the hidden test cell of one exercise."""
    cells = _notebooks(solutions)[assignment_of(solutions, name)]
    tests = [c.source for c in cells if _is(c, "grade") and f'"{name}"' in c.source]
    if len(tests) != 2:
        raise SourceError(f"{name!r} has {len(tests)} test cells, expected a visible and a hidden one")
    return tuple(tests)


def graded_points(solutions: Path, name: str) -> float:
    """The points of both test cells together."""
    cells = _notebooks(solutions)[assignment_of(solutions, name)]
    tests = [c for c in cells if _is(c, "grade") and f'"{name}"' in c.source]
    return round(sum(c.metadata.nbgrader.points for c in tests), 2)


def hidden_properties(solutions: Path, name: str) -> list:
    """The properties that the hidden test cell of ``name`` asks for."""
    *before, last = ast.parse(_test_cells(solutions, name)[1]).body  # the last line: check(name, [...])
    namespace: dict = {"np": np}
    exec(compile(ast.Module(before, []), "<test cell>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value.args[1]), "<test cell>", "eval"), namespace)


def solution_source(solutions: Path, name: str) -> str:
    """The cell of the text notebook that defines ``name``, the solution in it."""
    cells = _notebooks(solutions)[assignment_of(solutions, name)]
    return next(c.source for c in cells if _is(c, "solution") and f"def {name}(" in c.source)


def define(solutions: Path, name: str, source: str):
    """The function ``name`` of ``source``, after the open code cells of its notebook have run."""
    namespace: dict = {"np": np}
    for cell in _notebooks(solutions)[assignment_of(solutions, name)]:
        if cell.cell_type == "code" and not _is(cell, "grade") and not _is(cell, "solution"):
            exec(cell.source, namespace)
    file = f"<solution of {name}>"
    linecache.cache[file] = (0, None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def model_solution(solutions: Path, name: str):
    """The published solution of ``name``."""
    return define(solutions, name, solution_source(solutions, name))


def mark(solutions: Path, name: str, function, seed: int | None = None) -> Mark:
    """The marks of ``function``; inputs come from ``seed``, without one from the public seed."""
    shares, sentences, printed = [], [], io.StringIO()
    for code in _test_cells(solutions, name):
        where = contextlib.nullcontext() if seed is None else session(seed)
        with where, contextlib.redirect_stdout(printed):
            try:
                exec(code, {"np": np, name: function})
                shares.append(1.0)
                sentences.append("")
            except CheckFailed as failed:
                shares.append(failed.fraction)
                sentences.append(str(failed))
    return Mark(*shares, *sentences, printed.getvalue())
