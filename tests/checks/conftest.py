"""``mark(name, function, seed)``: what the two test cells of an exercise say of a function."""

import contextlib
import functools
import io
import linecache
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from dlcourse.checks import CheckFailed, check, session
from dlcourse.exercises.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"


@dataclass
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


@functools.cache
def _notebooks() -> list[list]:
    return [read_source(path).cells for path in sorted(SOLUTIONS.glob("*/*.md"))]


def _kind(cell, key: str) -> bool:
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get(key))


@functools.cache
def _test_cells(name: str) -> tuple:
    """The visible and the hidden test cell of one exercise, compiled."""
    for cells in _notebooks():
        tests = [c.source for c in cells if _kind(c, "grade") and f'"{name}"' in c.source]
        if len(tests) == 2:
            return tuple(compile(source, "<test cell>", "exec") for source in tests)
    raise AssertionError(f"no pair of test cells names {name}")


def model_solution(name: str):
    """The function in the solution cell of the text notebook."""
    for cells in _notebooks():
        for cell in (c for c in cells if _kind(c, "solution") and f"def {name}(" in c.source):
            namespace: dict = {"np": np}
            for open_cell in cells:
                graded = _kind(open_cell, "grade") or _kind(open_cell, "solution")
                if open_cell.cell_type == "code" and not graded:
                    exec(open_cell.source, namespace)
            file = f"<solution of {name}>"
            linecache.cache[file] = (0, None, cell.source.splitlines(keepends=True), file)
            exec(compile(cell.source, file, "exec"), namespace)
            return namespace[name]
    raise AssertionError(f"no solution cell defines {name}")


@pytest.fixture(autouse=True, scope="session")
def _progress_of_the_tests(tmp_path_factory):
    """What tests solve is not the progress of who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCOURSE_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def mark():
    def run(name: str, function, seed: int | None = None) -> Mark:
        shares, sentences, printed = [], [], io.StringIO()
        for code in _test_cells(name):
            namespace = {"np": np, "check": check, name: function}
            where = contextlib.nullcontext() if seed is None else session(seed)
            with where, contextlib.redirect_stdout(printed):
                try:
                    exec(code, namespace)
                    shares.append(1.0)
                    sentences.append("")
                except CheckFailed as failed:
                    shares.append(failed.fraction)
                    sentences.append(str(failed))
        return Mark(shares[0], shares[1], sentences[0], sentences[1], printed.getvalue())

    return run
