"""Formula and function name each other; either loose end is found."""

from dlcourse.book.equations import implementations, loose_ends
from dlcourse.book.places import chapter_files
from dlcourse.book.sphinx_ext.code_pages import changed, code_html


def make(tmp_path, docstring, formula):
    code = tmp_path / "dlcourse" / "layer.py"
    code.parent.mkdir()
    code.write_text(f'def layer(x):\n    """{docstring}"""\n    return x\n')
    page = tmp_path / "page.md"
    page.write_text(formula)
    return [page]


def test_no_loose_end_when_both_sides_are_there(tmp_path):
    pages = make(tmp_path, "y = x  (eq-same).", "$$\ny = x\n$$ (eq-same)\n")
    assert loose_ends(pages, tmp_path) == []


def test_a_formula_without_function_and_a_function_without_formula_are_told(tmp_path):
    pages = make(tmp_path, "y = x  (eq-gone).", "$$\ny = x\n$$ (eq-new)\n")
    first, second = loose_ends(pages, tmp_path)
    assert first == "dlcourse.layer.layer names (eq-gone), which no chapter has"
    assert second.startswith("page.md has (eq-new), which no function")


def test_the_code_page_leads_to_the_formula_and_holds_the_place_that_the_formula_leads_to(tmp_path):
    make(tmp_path, "y = x  (eq-same).", "")
    (found,) = implementations(tmp_path)
    html = code_html(found.path, {"layer"}, {"eq-same": "book/page"}, "../")
    assert '(<a href="../book/page.html#equation-eq-same">eq-same</a>)' in html
    assert '<span id="layer"></span>' in html
    assert found.page == "code/layer"


def test_the_book_has_no_loose_end():
    assert loose_ends(chapter_files()) == []


def test_a_code_page_is_written_again_only_if_it_changed_or_is_gone(tmp_path):
    kept, target = tmp_path / "doctrees/code/conv", tmp_path / "conv.html"
    assert changed(kept, target, "one")
    target.write_text("one")
    assert not changed(kept, target, "one")
    assert changed(kept, target, "two")
    target.unlink()
    assert changed(kept, target, "two")
