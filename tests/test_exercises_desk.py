"""A learner's copy follows the course and loses nothing."""

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from dlcourse.exercises.__main__ import app
from dlcourse.exercises.desk import Desk, chapters

ROOT = Path(__file__).parents[1]
NAME = "convolution/convolution.ipynb"
CHAPTER = "book/3-formulas/pooling.md"
ALSO = ("book/claims.yml", "dlcourse/numpy_nn/pooling.py")  # of which the chapter shows something


@pytest.fixture
def desk(tmp_path):
    for name in (f"exercises/{NAME}", CHAPTER, *ALSO):
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "course" / name)
    desk = Desk(tmp_path / "course", tmp_path / "work")
    assert desk.update() == []
    return desk


def edit(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def cell(cells, grade_id: str):
    return next(c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def new_release(desk, old: str = "Cross-correlation of", new: str = "Correlation of") -> None:
    path = desk.root / "exercises" / NAME
    assert old in path.read_text("utf8")
    path.write_text(path.read_text("utf8").replace(old, new), "utf8")


def write_answer(cells) -> None:
    cell(cells, "E01-conv2d_naive").source = "def conv2d_naive(x, w):\n    return 0"
    cells.insert(1, nbformat.v4.new_code_cell("scratch = 1"))
    cells.append(nbformat.v4.new_markdown_cell("my note"))


def test_copies_are_the_courses_files(desk):
    for name, source in desk.sources().items():
        assert (desk.folder / name).read_bytes() == source
    assert desk.update() == []


def test_work_stays_while_the_course_has_nothing_new(desk):
    edit(desk.folder / NAME, write_answer)
    before = (desk.folder / NAME).read_bytes()
    assert desk.update() == []
    assert (desk.folder / NAME).read_bytes() == before


def test_a_copy_without_work_becomes_the_new_release(desk):
    def run(cells):
        cells[1].outputs = [nbformat.v4.new_output("stream", text="8")]
        cells[1].execution_count = 3

    edit(desk.folder / NAME, run)  # opened and run, nothing written
    new_release(desk)
    assert desk.update() == []
    assert (desk.folder / NAME).read_bytes() == desk.sources()[NAME]


def test_work_is_in_the_new_release_and_the_old_file_is_kept(desk):
    edit(desk.folder / NAME, write_answer)
    mine = (desk.folder / NAME).read_bytes()
    new_release(desk)
    (said,) = desk.update()
    assert said.startswith(
        f"{NAME}: there is a new release. Your file is kept as it was: convolution-before-"
    )
    assert said.endswith("3 cell(s) that you wrote are in the new one too.")
    (kept,) = (desk.folder / NAME).parent.glob("*-before-*.ipynb")
    assert kept.read_bytes() == mine
    cells = nbformat.read(desk.folder / NAME, as_version=4).cells
    assert cell(cells, "E01-conv2d_naive").source == "def conv2d_naive(x, w):\n    return 0"
    assert (cells[1].source, cells[-1].source) == ("scratch = 1", "my note")
    assert desk.update() == []  # said once
    assert nbformat.validate(nbformat.read(desk.folder / NAME, as_version=4)) is None


def test_an_untouched_stub_is_that_of_the_new_release(desk):
    edit(desk.folder / NAME, lambda cells: cells.append(nbformat.v4.new_markdown_cell("my note")))
    new_release(desk)
    desk.update()
    cells = nbformat.read(desk.folder / NAME, as_version=4).cells
    assert "Correlation of" in cell(cells, "E01-conv2d_naive").source
    assert len(cells) == len(nbformat.reads(desk.sources()[NAME], as_version=4).cells) + 1


def test_tests_are_those_of_the_release(desk):
    edit(desk.folder / NAME, lambda cells: cell(cells, "E01-test").update(source="pass"))
    new_release(desk)
    assert "cell(s)" not in desk.update()[0]
    assert cell(nbformat.read(desk.folder / NAME, as_version=4).cells, "E01-test").source != "pass"


def test_two_releases_in_a_day_keep_both_files(desk):
    for number in range(2):
        edit(desk.folder / NAME, lambda cells, n=number: cells[0].update(source=f"note {n}"))
        new_release(desk, *(("Cross-correlation of", "A"), ("A an image", "B an image"))[number])
        desk.update()
    assert len(list((desk.folder / NAME).parent.glob("*-before-*.ipynb"))) == 2


def test_chapters_hold_nothing_that_only_the_book_understands():
    found = chapters(ROOT)
    assert len(found) > 20
    for data in found.values():
        for c in nbformat.reads(data, as_version=4).cells:
            if c.cell_type == "markdown":
                unknown = re.findall(r"^```\{(?!tab-set|admonition|math)[a-z-]+\}", c.source, re.MULTILINE)
                unknown += re.findall(r"\{(?:glue|cite|term)[:a-z]*\}`", c.source)
                assert unknown == []


def test_an_equation_of_another_chapter_is_a_link_to_it():
    found = chapters(ROOT)
    prose = {
        name: "\n".join(
            c.source for c in nbformat.reads(data, as_version=4).cells if c.cell_type == "markdown"
        )
        for name, data in found.items()
    }
    assert "[(equation *max-pool*)](../3-formulas/pooling.ipynb)" in prose["book/2-concepts/cnn.ipynb"]
    assert "{eq}`eq-conv2d`" in prose["book/3-formulas/convolution.ipynb"]  # JupyterLab numbers its own
    for name, text in prose.items():
        own = re.findall(r"\((eq-[a-z0-9-]+)\)|:label: (eq-\S+)", text)
        assert set(re.findall(r"\{eq\}`([^`]+)`", text)) <= {a or b for a, b in own}, name
        for link in re.findall(r"\(equation \*[^)]+\)\]\(([^)]+)\)", text):
            assert Path(os.path.normpath(Path(name).parent / link)).as_posix() in found


def test_a_chapter_that_was_written_in_is_kept(desk):
    path = (desk.folder / CHAPTER).with_suffix(".ipynb")
    edit(path, lambda cells: cells.append(nbformat.v4.new_code_cell("mine = 1")))
    source = desk.root / CHAPTER
    source.write_text(source.read_text("utf8") + "\nA new last sentence.\n", "utf8")
    (said,) = desk.update()
    assert "pooling-before-" in said
    cells = nbformat.read(path, as_version=4).cells
    assert "A new last sentence." in "".join(c.source for c in cells[-2:])
    assert "mine = 1" in [c.source for c in cells[-2:]]


def test_a_damaged_notebook_is_kept_and_replaced(desk):
    (desk.folder / NAME).write_text("{", "utf8")
    new_release(desk)
    assert "kept as it was" in desk.update()[0]
    assert (desk.folder / NAME).read_bytes() == desk.sources()[NAME]


def test_a_folder_that_is_no_course_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["lab", "--root", str(tmp_path), "--folder", str(tmp_path / "work")])
    assert result.exit_code == 1
    assert "run this in the course's folder" in result.output
