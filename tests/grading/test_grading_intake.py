"""A submitted notebook is data: whatever it holds, what comes out can be run and scored."""

import copy
import json
import os
from pathlib import Path

import nbformat
import pytest

from dlcourse.exercises.source import derive
from dlcourse.grading.intake import intake
from dlcourse.grading.limits import Limits
from dlcourse.grading.staging import stage
from dlcourse.grading.version import HIDDEN, NotebookVersion, TrustedCell

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def version(tmp_path_factory) -> NotebookVersion:
    """The version that the gradebook would give, from the sources: stubs in place of solutions."""
    path = derive(ROOT / "solutions", "convolution", tmp_path_factory.mktemp("v"))[0]
    released = json.loads((ROOT / "exercises/convolution/convolution.ipynb").read_text())
    stubs = {
        c["metadata"]["nbgrader"]["grade_id"]: c for c in released["cells"] if "nbgrader" in c["metadata"]
    }
    cells = []
    for cell in nbformat.read(path, as_version=4).cells:
        meta = cell.metadata.get("nbgrader")
        if meta:
            source = "".join(stubs[meta.grade_id]["source"]) if meta.solution else cell.source
            points = meta.points if meta.grade else None
            cells.append(
                TrustedCell(meta.grade_id, cell.cell_type, source, "sum", meta.locked, meta.solution, points)
            )
    return NotebookVersion("convolution", "convolution", tuple(cells))


@pytest.fixture
def released() -> dict:
    return json.loads((ROOT / "exercises/convolution/convolution.ipynb").read_text())


def find(notebook, name):
    cells = notebook["cells"]
    return next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


@pytest.fixture
def take(tmp_path, version):
    def run(content):
        path = tmp_path / "convolution.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        found = intake(path, version)
        nbformat.validate(found.notebook)
        names = [c.metadata["nbgrader"]["grade_id"] for c in found.notebook.cells if "nbgrader" in c.metadata]
        assert sorted(names) == sorted(cell.name for cell in version.cells), "each trusted cell once"
        for trusted in version.cells:
            cell = find(found.notebook, trusted.name)
            assert cell.metadata["nbgrader"] == trusted.metadata()
            assert not trusted.locked or cell.source == trusted.source
        return found

    return run


def test_the_released_notebook_needs_no_remark(take, released):
    found = take(released)
    assert found.remarks == [] and not found.review
    assert HIDDEN.search(find(found.notebook, "E01-hidden").source)


def test_answers_and_own_cells_are_kept_outputs_are_not(take, released):
    find(released, "E01-conv2d_naive")["source"] = ["a = 1\n", "b = 2"]
    own = {"cell_type": "code", "metadata": {"tags": ["x"]}, "source": "c = 3", "execution_count": 1}
    own["outputs"] = [
        {"output_type": "display_data", "data": {"text/html": "<script>1</script>"}, "metadata": {}}
    ]
    released["cells"].insert(4, own)
    found = take(released)
    assert found.remarks == []
    assert find(found.notebook, "E01-conv2d_naive").source == "a = 1\nb = 2"
    kept = found.notebook.cells[4]
    assert (kept.source, kept.outputs, dict(kept.metadata)) == ("c = 3", [], {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b'{"cells": [', "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"\xff\xfe\x00", "is no JSON"),
        (b"[1, 2]", "is no notebook"),
        (b'{"nbformat": "4"}', "is no notebook"),
        (b'{"nbformat": 9, "cells": []}', "unknown format 9"),
        (b'{"nbformat": 4, "cells": {}}', "no list of at most"),
        (b'{"nbformat": 3, "worksheets": 5}', "format 3"),
    ],
)
def test_what_is_no_notebook_is_refused_and_shown_to_a_person(take, content, said):
    found = take(content)
    assert said in found.remarks[0] and "graded as the empty notebook" in found.remarks[0]
    assert found.review


@pytest.mark.parametrize(
    "cell",
    [
        5,
        None,
        {},
        {"cell_type": "code"},
        {"cell_type": "magic", "source": "x"},
        {"cell_type": "code", "source": 7},
        {"cell_type": "code", "source": ["a", 3, None]},
        {"cell_type": "code", "source": "x", "metadata": 4},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": 4}},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": ["E01-test"]}}},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": "E99", "points": "many"}}},
        {"cell_type": "code", "source": "\ud800", "metadata": {}},
        {"cell_type": "markdown", "source": "", "metadata": {}, "attachments": {"a": {"b": 3}}},
    ],
)
def test_odd_cells_do_no_harm(take, released, cell):
    released["cells"].insert(3, cell)
    assert take(released).remarks == []


def test_edited_points_flags_and_texts_are_restored(take, released):
    find(released, "E01-test")["source"] = "pass"
    find(released, "E02-test")["metadata"]["nbgrader"]["points"] = 1000
    find(released, "E02-hidden")["metadata"]["nbgrader"]["grade"] = False
    find(released, "Q1-question")["cell_type"] = "code"
    said = " ".join(take(released).remarks)
    assert "Changed text: E01-test" in said
    assert "Changed points or flags: E02-test, E02-hidden" in said
    assert "Another cell type: Q1-question" in said


def test_a_copied_answer_is_run_but_counts_once(take, released):
    answer = find(released, "E01-conv2d_naive")
    twin = copy.deepcopy(answer)
    twin["source"] = "second = 1"
    released["cells"].insert(released["cells"].index(answer) + 1, twin)
    released["cells"].append(copy.deepcopy(find(released, "E01-test")))
    found = take(released)
    assert "Copied cells: E01-conv2d_naive, E01-test" in found.remarks[0]
    assert sum(c.source == "second = 1" for c in found.notebook.cells) == 1
    assert sum('check("conv2d_naive")' in c.source for c in found.notebook.cells) == 1


def test_removed_cells_are_put_back_after_the_answer(take, released):
    gone = ("setup", "E01-test", "E01-hidden", "Q1-answer")
    released["cells"] = [
        c for c in released["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in gone
    ]
    found = take(released)
    assert "Missing cells were put back: setup, E01-test, E01-hidden, Q1-answer." in found.remarks
    order = [c.metadata["nbgrader"]["grade_id"] for c in found.notebook.cells if "nbgrader" in c.metadata]
    assert order[:4] == ["setup", "E01-conv2d_naive", "E01-test", "E01-hidden"]


def test_moved_tests_run_after_their_exercise(take, released):
    test = find(released, "E01-test")
    released["cells"].remove(test)
    released["cells"].insert(0, test)
    found = take(released)
    assert any("Cells were moved" in remark for remark in found.remarks)
    order = [c.metadata["nbgrader"]["grade_id"] for c in found.notebook.cells if "nbgrader" in c.metadata]
    assert order.index("E01-test") == order.index("E01-conv2d_naive") + 1


def test_lost_metadata_are_recognised_and_shown_to_a_person(take, released):
    for cell in released["cells"]:
        cell["metadata"] = {}
    found = take(released)
    assert found.review and "No cell carries its grading data" in found.remarks[0]
    assert "conv2d_naive" in find(found.notebook, "E01-conv2d_naive").source


def test_format_3_is_converted(take):
    cell = {
        "cell_type": "code",
        "input": "def conv2d(x, w, b):\n    pass",
        "language": "python",
        "outputs": [],
    }
    cell |= {"collapsed": False, "metadata": {}}
    sheets = [{"cells": [cell], "metadata": {}}]
    found = take({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets})
    assert "E02-conv2d was recognised by the function that it defines." in found.remarks
    assert find(found.notebook, "E02-conv2d").source == cell["input"]


def test_links_pipes_and_large_files_are_never_followed(tmp_path, released):
    secret = tmp_path / "secret.txt"
    secret.write_text("the solution")
    folder = tmp_path / "submitted"
    folder.mkdir()
    (folder / "convolution.ipynb").symlink_to(secret)
    (folder / "link.txt").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "large.bin").write_bytes(b"x" * 2_000_000)
    (folder / "data.csv").write_text("1,2")
    staged = stage(folder, tmp_path / "clean", ["convolution"], Limits(files=1 << 20))
    assert sorted(p.name for p in (tmp_path / "clean").iterdir()) == ["convolution.ipynb", "data.csv"]
    assert staged.review
    said = " ".join(staged.remarks)
    for name in (
        "convolution.ipynb is a symbolic link",
        "link.txt is",
        "linked is",
        "pipe is not a regular",
        "large.bin is larger",
    ):
        assert name in said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-11-24 10:00:00.0 UTC", True),
        ("", False),
        ("yesterday evening", False),
        ("\x00", False),
        ("9" * 99, False),
    ],
)
def test_a_time_that_nbgrader_cannot_read_is_left_out(tmp_path, text, kept):
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "timestamp.txt").write_text(text)
    staged = stage(tmp_path / "submitted", tmp_path / "clean", ["convolution"], Limits())
    assert (tmp_path / "clean" / "timestamp.txt").exists() == kept
    assert ("timestamp.txt holds no time; it was left out." in staged.remarks) != kept


def test_a_folder_that_is_a_link_is_not_read(tmp_path, released):
    real = tmp_path / "real"
    real.mkdir()
    (real / "convolution.ipynb").write_text(json.dumps(released))
    (tmp_path / "submitted").symlink_to(real)
    staged = stage(tmp_path / "submitted", tmp_path / "clean", ["convolution"], Limits())
    assert staged.review and "no folder of its own" in staged.remarks[0]
    assert json.loads((tmp_path / "clean" / "convolution.ipynb").read_text())["cells"] == []
