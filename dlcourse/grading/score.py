"""The test cells, run here, on functions that run elsewhere; errors decide, nothing else."""

import ast
import contextlib
import io
import math
import warnings
from dataclasses import dataclass, field

from dlcourse.checks import CheckFailed, session
from dlcourse.checks.subject import Foreign
from dlcourse.grading.student import RemoteFunction, TestPoint
from dlcourse.grading.version import NotebookVersion, TrustedCell


@dataclass
class CellScore:
    """Points of one test cell, and the outputs from which nbgrader reads exactly these points."""

    points: float
    outputs: list[dict] = field(default_factory=list)
    remark: str = ""
    sentence: str = ""


class Scorer:
    """The locked cells of one notebook version, run in order in one namespace of the grader."""

    def __init__(self, version: NotebookVersion, seed: int):
        self.version, self.seed = version, seed
        self._namespace: dict = {"__name__": "__tests__"}
        self._prepared = 0

    def score(self, cell: TrustedCell, point: TestPoint) -> CellScore:
        """Run one test cell against the functions at ``point``."""
        self._prepare(cell)
        namespace = dict(self._namespace)
        namespace |= {name: RemoteFunction(point, name) for name in self._reachable(point)}
        namespace |= {k: Foreign(kind) for k, kind in point.other.items() if k in self.version.functions}
        printed, failure, value = io.StringIO(), None, None
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(), session(self.seed, point.known):
            warnings.simplefilter("ignore")
            try:
                value = _run(cell, namespace)
            except Exception as problem:
                failure = problem
        return _judge(cell, printed.getvalue(), failure, value)

    def _reachable(self, point: TestPoint) -> list[str]:
        if point.dead is not None:  # it died before the test: each call will say so
            return self.version.functions
        return [name for name in self.version.functions if name in point.callables]

    def _prepare(self, cell: TrustedCell) -> None:
        position = self.version.cells.index(cell)
        for earlier in self.version.cells[self._prepared : position]:
            if earlier.locked and earlier.cell_type == "code" and earlier.points is None:
                exec(compile(earlier.source, f"<{earlier.name}>", "exec"), self._namespace)
        self._prepared = max(self._prepared, position)


def _run(cell: TrustedCell, namespace: dict):
    """Execute the cell; return the value of its last line if that is an expression."""
    tree = ast.parse(cell.source, f"<{cell.name}>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"<{cell.name}>", "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), f"<{cell.name}>", "eval"), namespace)


def _judge(cell: TrustedCell, printed: str, failure: Exception | None, value) -> CellScore:
    if isinstance(failure, CheckFailed):
        points, remark = round(failure.fraction * cell.points, 2), ""
    elif failure is not None:
        points, remark = 0.0, ""
    else:
        points, remark = _partial(value, cell.points)
    sentence = "" if failure is None else _first_line(failure)
    score = CellScore(points, remark=remark, sentence=sentence)
    if printed:
        score.outputs.append({"output_type": "stream", "name": "stdout", "text": printed})
    if points >= cell.points:
        return score
    if points <= 0:
        kind = type(failure).__name__ if failure else "NoPoints"
        line = sentence or remark or "0 points"
        score.outputs.append({"output_type": "error", "ename": kind, "evalue": line, "traceback": [line]})
        return score
    if sentence:
        score.outputs.append({"output_type": "stream", "name": "stdout", "text": sentence + "\n"})
    result = {"data": {"text/plain": f"{points:g}"}, "metadata": {}, "execution_count": None}
    score.outputs.append({"output_type": "execute_result", **result})
    return score


def _partial(value, most: float) -> tuple[float, str]:
    """A number in the last line of a test is its points, as in nbgrader; but only a sane one."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return most, ""
    if not math.isfinite(value) or not 0 <= value <= most:
        return 0.0, f"the test gave {value} of {most:g} points; counted as 0"
    return float(value), ""


def _first_line(problem: Exception) -> str:
    # The first line only: numpy.testing prints the compared values below it, which stay secret.
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return lines[0][:500] if lines else type(problem).__name__
