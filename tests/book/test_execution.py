"""Executing chapters: what works is cached, what fails is told in a few lines and tried again."""

import pytest

from dlcourse.book.cells import unfinished_cells
from dlcourse.book.execution import fill_cache, find_failure, read_notebook, write_executed

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Chapter

"""


def chapter(folder, *cells, name="page.md"):
    page = folder / name
    page.write_text(HEAD + "\n".join(f"```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells))
    return page


def test_a_chapter_is_executed_once_and_then_found_in_the_cache(tmp_path):
    page = chapter(tmp_path, "print(6 * 7)")
    told = []
    for _ in range(2):
        assert fill_cache([page], tmp_path / "cache", told=lambda page, seconds: told.append(seconds)) == []
    assert told[0] > 0 and told[1] is None
    page.write_text(page.read_text().replace("# Chapter", "# Chapter, other words"))
    fill_cache([page], tmp_path / "cache", told=lambda page, seconds: told.append(seconds))
    assert told[2] is None, "a change of the prose must not run the cells again"


@pytest.mark.parametrize(
    "cell, told",
    [
        ("x = [1, 2]\nx.index(3)", "ValueError: 3 is not in list\n    > x.index(3)"),
        ("import sys\nprint('hm', file=sys.stderr)", "printed on stderr, which no page shows: hm"),
        ("open('data.txt')", "FileNotFoundError"),
    ],
)
def test_a_failing_cell_is_told_with_page_cell_line_and_error_and_is_not_cached(tmp_path, cell, told):
    page = chapter(tmp_path, "a = 1", cell)
    for _ in range(2):
        (failure,) = fill_cache([page], tmp_path / "cache")
        text = str(failure)
        assert told in text and len(text.splitlines()) == 2
        assert text.startswith(f"{page}, cell 3 (line 13): ")


def test_a_cell_that_does_not_end_is_told(tmp_path):
    page = chapter(tmp_path, "while True: pass")
    (failure,) = fill_cache([page], tmp_path / "cache", timeout=2)
    assert failure.cell == 2 and "longer than the time limit" in failure.error


def test_a_page_finds_neither_names_nor_files_of_another_page(tmp_path):
    first = chapter(tmp_path, "left = 1\nopen('left.txt', 'w').close()", name="first.md")
    second = chapter(tmp_path, "import os\nassert os.listdir() == []", "left", name="second.md")
    (failure,) = fill_cache([first, second], tmp_path / "cache", workers=1)
    assert failure.page == second and "NameError: name 'left' is not defined" in failure.error
    assert failure.cell == 3, "the cell before it finds an empty folder"


def test_a_page_without_cells_is_no_notebook(tmp_path):
    page = tmp_path / "prose.md"
    page.write_text("# Prose\n\nOnly words.\n")
    assert read_notebook(page) is None
    assert fill_cache([page], tmp_path / "cache") == []


def test_the_executed_notebook_has_outputs_although_they_come_from_the_cache(tmp_path):
    import nbformat

    page, target = chapter(tmp_path, "print(6 * 7)"), tmp_path / "page.ipynb"
    assert write_executed(page, tmp_path / "cache", target) is False
    fill_cache([page], tmp_path / "cache")
    assert write_executed(page, tmp_path / "cache", target) is True
    cell = nbformat.read(target, nbformat.NO_CONVERT).cells[1]
    assert (cell.execution_count, cell.outputs[0].text) == (1, "42\n")


def executed(tmp_path, change=lambda notebook: None):
    """A chapter and what a build would leave of it."""
    import nbformat

    page = chapter(tmp_path, "print(1)")
    notebook = read_notebook(page)
    notebook.cells[1].execution_count = 1
    change(notebook)
    folder = tmp_path / "executed"
    folder.mkdir()
    nbformat.write(notebook, folder / "page.ipynb", version=nbformat.NO_CONVERT)
    return unfinished_cells(folder, [page], tmp_path)


def test_the_guard_accepts_a_chapter_whose_cells_ran(tmp_path):
    assert executed(tmp_path) == []


def test_the_guard_finds_a_cell_that_did_not_run(tmp_path):
    def forget(notebook):
        notebook.cells[1].execution_count = None

    assert executed(tmp_path, forget) == ["page.md, code cell 1: was not executed"]


def test_the_guard_finds_an_error_that_was_kept(tmp_path):
    from nbformat.v4 import new_output

    def fail(notebook):
        notebook.cells[1].outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]

    assert executed(tmp_path, fail) == ["page.md, code cell 1: ValueError: no"]


def test_the_guard_finds_a_missing_notebook_and_a_missing_cell(tmp_path):
    page = chapter(tmp_path, "print(1)")
    assert "left no executed notebook" in unfinished_cells(tmp_path / "none", [page], tmp_path)[0]

    def drop(notebook):
        del notebook.cells[1]

    assert "0 cells were executed, the page has 1" in executed(tmp_path, drop)[0]


def test_a_page_that_ran_has_no_failure(tmp_path):
    assert find_failure(tmp_path, read_notebook(chapter(tmp_path, "print(1)"))) is None
