"""Every chapter has all of its parts: what a learner needs from the first screen to the next page."""

import re

import pytest

from dlcourse.book.places import ROOT, chapter_files
from dlcourse.book.prose import without_code

CHAPTERS = [path for path in chapter_files() if re.match(r"\d-", path.relative_to(ROOT / "book").as_posix())]
REAL_DATA = re.compile(r"\bload_(mnist|patches|names|english|dates|digits|breast_cancer|wine)\b")


def each(path):
    return path.relative_to(ROOT / "book").with_suffix("").as_posix()


chapters = pytest.mark.parametrize("path", CHAPTERS, ids=each)


def test_these_are_the_chapters():
    assert len(CHAPTERS) == 21


@chapters
def test_it_says_what_you_will_be_able_to_do_and_how_long_it_takes(path):
    (goals,) = re.findall(
        r"\{admonition\} After this page you can\n:class: goals\n(.*?)^:::", path.read_text(), re.S | re.M
    )
    assert len(re.findall(r"^- ", goals, re.M)) >= 3
    assert 10 <= int(re.search(r"\*\*Time:\*\* (\d+) minutes", goals)[1]) <= 25
    assert "**Needs:**" in goals


@chapters
def test_the_time_is_enough_to_read_words_and_code(path):
    text = path.read_text()
    words = len(without_code(text).split("\n---\n", 1)[-1].split())
    cells = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```", text, re.S | re.M)
    lines = sum(len(cell.splitlines()) for cell in cells if "hide-input" not in cell)
    stated = int(re.search(r"\*\*Time:\*\* (\d+) minutes", text)[1])
    assert words / 200 + lines / 25 <= stated  # words and lines a minute


@chapters
def test_a_cell_that_runs_stands_within_the_first_screen(path):
    before, cell, _ = path.read_text().partition("```{code-cell}")
    assert cell and "\n## " not in before
    assert len(before.split("\n---\n", 1)[1].split()) < 260, "words before the first cell"


@chapters
def test_statements_stand_beside_their_experiments(path):
    shown = re.findall(r"^```\{statements\} (.+)$", path.read_text(), re.M)
    assert shown
    if shown != ["7.1"]:
        after_a_cell = [m.start() for m in re.finditer(r"^```\{statements\}", path.read_text(), re.M)]
        assert min(after_a_cell) > path.read_text().index("```{code-cell}")


@chapters
def test_its_data_are_real(path):
    assert REAL_DATA.search(path.read_text())


@chapters
def test_it_computes_something_by_hand(path):
    assert re.search(r"by[ _]hand", path.read_text(), re.I)


@chapters
def test_a_formula_has_a_label_or_leads_to_one_and_its_symbols_are_explained(path):
    text = path.read_text()
    labels = re.findall(r"^\$\$ \((eq-[a-z0-9-]+)\)$", text, re.M)
    assert labels or re.search(r"\{eq\}`eq-", text)
    if labels:
        assert re.search(r"^\| Symbol \| Meaning \|", text, re.M), "a table of the symbols"


@chapters
def test_it_has_a_figure_with_a_caption_and_every_static_one_an_alt_text(path):
    options = re.findall(r"^  figure:\n(.*?)^---$", path.read_text(), re.S | re.M)
    assert options
    moving = path.read_text().count('"control": "')  # with its text alternative beside it
    static = [text for text in options if re.search(r"^    alt: \S.{30}", text, re.M)]
    assert all(re.search(r"^    caption: \S.{30}", text, re.M) for text in options)
    assert len(options) - len(static) <= moving, "a figure that does not move lacks 'alt'"


def test_many_pages_have_a_figure_that_moves():
    assert sum('"control": "' in path.read_text() for path in CHAPTERS) >= 8


@chapters
def test_it_asks_two_to_four_questions(path):
    assert 2 <= len(re.findall(r"^```\{quiz\} ", path.read_text(), re.M)) <= 4


@chapters
def test_it_names_common_misconceptions(path):
    (told,) = re.findall(r"^## Common misconceptions\n(.*?)^## ", path.read_text(), re.S | re.M)
    assert len(re.findall(r'^- \*"', told, re.M)) >= 2


@chapters
def test_it_leads_to_an_exercise_and_to_the_next_page(path):
    (end,) = re.findall(r"^## (?:Exercises? and w|W)hat comes next\n(.*)", path.read_text(), re.S | re.M)
    assert re.search(r"^```\{exercises\} E\d\d", end, re.M)
    assert re.search(r"\]\([\w./-]+\.md\)", end)


def test_every_term_of_the_glossary_is_linked_from_some_chapter():
    glossary = (ROOT / "book/glossary.md").read_text().split("```{glossary}")[1]
    terms = {term.lower() for term in re.findall(r"^(\S[^\n]*)\n  ", glossary, re.M)}
    text = "\n".join(path.read_text() for path in chapter_files())
    linked = {name.lower() for name in re.findall(r"\{term\}`(?:[^`<]*<)?([^`<>]+)>?`", text)}
    assert terms - linked == set()
