"""``dlcourse check`` and ``dlcourse progress``: what they run, what they say, what they keep."""

import json

import pytest
from typer.testing import CliRunner

from dlcourse.checks.progress import progress_file, record, shares
from dlcourse.cli import app

GOOD = """
import numpy as np


def conv2d_naive(x, w):
    return np.einsum("ijpq,pq->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)
"""


@pytest.fixture(autouse=True)
def _nothing_solved_yet(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path / "data"))


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def notebook(path, *cells):
    """A notebook with these code cells; a cell that calls ``check`` is a locked test."""
    made = [
        {
            "cell_type": "code",
            "source": source.splitlines(keepends=True),
            "metadata": {"nbgrader": {"grade": "check(" in source}},
        }
        for source in cells
    ]
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "text"}, *made]}))
    return path


def test_a_python_file_that_is_right(tmp_path):
    (tmp_path / "mine.py").write_text(GOOD)
    result = run("check", "conv2d_naive", tmp_path / "mine.py")
    assert result.exit_code == 0 and "all 4 checks passed" in result.stdout
    assert shares() == {"conv2d_naive": 1.0}


def test_a_notebook_with_magics_a_broken_cell_and_its_own_tests(tmp_path):
    path = notebook(tmp_path / "mine.ipynb", "%matplotlib inline\nx = 1", "1 / 0", GOOD, "check('conv2d')")
    result = run("check", "conv2d_naive", path)
    assert result.exit_code == 0
    assert "cell 2 of mine.ipynb was left at ZeroDivisionError: division by zero" in result.stderr


def test_a_wrong_function_hears_its_sentence(tmp_path):
    (tmp_path / "mine.py").write_text(GOOD.replace('"ijpq,pq->ij"', '"ijpq,pq->ji"'))
    result = run("check", "conv2d_naive", tmp_path / "mine.py")
    assert result.exit_code == 1
    assert "conv2d_naive: the result is transposed" in result.stderr


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("conv2d_naive", "none.py", "none.py does not exist"),
        ("conv2d_naive", "notes.txt", "expected a notebook (.ipynb) or a Python file (.py)"),
        ("conv2d_naive", "broken.ipynb", "broken.ipynb is no notebook"),
        ("conv2d_naive", "empty.py", "There is no function conv2d_naive."),
        ("conv3d", "empty.py", "there is no exercise 'conv3d'"),
    ],
)
def test_what_cannot_be_checked_gets_a_sentence(tmp_path, name, file, said):
    for other, text in (("notes.txt", ""), ("broken.ipynb", "{"), ("empty.py", "")):
        (tmp_path / other).write_text(text)
    result = run("check", name, tmp_path / file)
    assert result.exit_code == 1 and said in result.stderr and "Traceback" not in result.output


def test_progress_keeps_the_best_share_and_shows_it():
    record("conv2d", 0.5)
    record("conv2d", 0.25)
    record("adam", 1.0)
    shown = run("progress").stdout
    assert "conv2d                   50 %" in shown and "adam                     solved" in shown
    assert f"Kept in {progress_file()}" in shown
    assert [path.name for path in progress_file().parent.iterdir()] == ["progress.json"]


def test_a_damaged_progress_file_is_named_and_stops_no_check(tmp_path):
    record("conv2d", 0.5)
    progress_file().write_text("[]")
    result = run("progress")
    assert result.exit_code == 1 and "is damaged" in result.stderr
    (tmp_path / "mine.py").write_text(GOOD)
    assert run("check", "conv2d_naive", tmp_path / "mine.py").exit_code == 0
