"""A number typed into the text is found; numbers that have a right to be there are not."""

import pytest

from dlcourse.book.places import chapter_files
from dlcourse.book.prose import loose_numbers, numbers_in


@pytest.mark.parametrize(
    "text, number",
    [
        ("The network has 163,850 parameters.", "163,850"),
        ("It reaches 93.3% on the test.", "93.3%"),
        ("Of nine positions 5 are dropped.", "5"),
        ("- an item with 300 pixels", "300"),
        ("| a table | 12 |", "12"),
        ("```{quiz} How many weights?\n- yes: 27\n  why: So it is.\n```", "27"),
    ],
)
def test_a_number_in_the_text_is_found_with_its_line(text, number):
    assert numbers_in("# Title\n\n" + text)[0][1] == number
    assert numbers_in("\n\n\nThen 42 comes.") == [(4, "42")]


@pytest.mark.parametrize(
    "text",
    [
        "```{code-cell} ipython3\nprint(300)\n```",
        "```{statements} 3.1.1.1 3.1.1.2\n```",
        "$$\nx = 2 y\n$$ (eq-x2)",
        "In $x^2$ and `x[0]` and {glue:text}`n_300` and [the page](../3-formulas/pooling.md).",
        "E01 and X04, section 3.1.1, statements 1.1.4 to 1.1.8 (4.1.5), in 2017, within 25 minutes.",
        "# 3.1.1 Convolution",
        "1. First do this.\n2. Then do that.",
        "% given: 28×28, 180°\n\nA picture of 28×28 pixels, turned by 180°.",
        "---\nversion: 3.2\n---\n\nText.",
    ],
)
def test_names_formulas_code_and_given_numbers_pass(text):
    assert numbers_in(text) == []


def test_a_given_number_does_not_cover_its_digits_in_other_numbers():
    assert numbers_in("% given: 28×28\n\nA picture of 28×28 has 28 rows.") == [(3, "28")]


def test_no_chapter_of_the_book_has_a_loose_number():
    assert loose_numbers(chapter_files()) == []
