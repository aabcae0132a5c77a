"""The tables of the instructor's pages, and that nothing on these public pages is secret."""

import pytest

from dlcourse.book.graders import matrix_table, mistakes, points_table
from dlcourse.book.places import ROOT
from dlcourse.checks import names
from dlcourse.exercises.leaks import secret_lines
from dlcourse.exercises.matrix import stored
from dlcourse.exercises.source import assignments

ASSIGNMENTS = assignments(ROOT / "solutions")


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_matrix_has_a_line_for_each_function_and_adds_up():
    *rows, total = cells(matrix_table())
    assert [row[1].replace("\\", "") for row in rows] == list(names())
    for column in (2, 3, 4, 5, 6):
        assert float(total[column]) == sum(float(row[column] or 0) for row in rows)
    assert float(total[-1].removesuffix(" %")) >= 95


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_points_of_an_assignment_add_up(assignment):
    *rows, total = cells(points_table(assignment))
    for column in range(1, 6):
        assert float(total[column]) == pytest.approx(sum(float(row[column] or 0) for row in rows))
    by_test = sum(row["points"] for row in stored().values() if row["assignment"] == assignment)
    assert float(total[3]) + float(total[4]) == pytest.approx(by_test)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_assignment_has_a_page_with_its_tables_that_gives_nothing_away(assignment):
    page = (ROOT / "book" / "instructor" / f"{assignment}.md").read_text()
    assert f"{{points}} {assignment}" in page and f"{{mistakes}} {assignment}" in page
    secrets = secret_lines(ROOT / "solutions" / assignment / f"{assignment}.md")
    assert [line for line in secrets if line in page + points_table(assignment)] == []
    told = mistakes(assignment)  # its sentences may name a call like model.train()
    assert [line for line in secrets if line in told and len(line) > 20] == []


def test_mistakes_stand_with_their_sentence_and_mark_nothing_up():
    box = mistakes("convolution")
    assert "| flipped | you rotated the kernel by 180 degrees" in box
    assert r"w\[q,p\]" in box and box.count(":::{dropdown}") == 2


def test_an_unknown_assignment_is_named():
    with pytest.raises(ValueError, match="no assignment is called 'conv'"):
        points_table("conv")
