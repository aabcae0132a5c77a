"""Every page of the built book in a real browser. ``make e2e`` builds it first."""

import nbformat
import pytest

from dlcourse.book.places import HTML, ROOT, chapter_files
from tests.e2e.conftest import SHOWN

pytestmark = pytest.mark.browser

CHAPTERS = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in chapter_files()]
# The pages with code come out of one template; the largest and the smallest stand for all of them.
CODE = sorted((HTML / "code").rglob("*.html"), key=lambda path: path.stat().st_size)
OTHERS = [path.relative_to(HTML).as_posix() for path in CODE[:1] + CODE[-1:]] + [
    "genindex.html",
    "search.html",
]
KILOBYTE = 1000


def each_page(pages):
    """A group a page: with several workers, tests of one page share one visit."""
    marked = [pytest.param(page, marks=pytest.mark.xdist_group(page)) for page in pages]
    return pytest.mark.parametrize("name", marked)


@each_page(CHAPTERS + OTHERS)
def test_the_page_opens_without_error_and_asks_nobody_else(visited, name):
    seen = visited(name)
    assert seen.console == []
    assert seen.failed == []
    assert seen.foreign == []


@each_page(CHAPTERS)
def test_formulas_are_set(visited, name):
    formulas = visited(name).formulas
    assert formulas["faults"] == []
    assert formulas["set"] >= formulas["written"]


@each_page(CHAPTERS + OTHERS)
def test_a_phone_needs_no_sideways_scroll(visited, name):
    assert visited(name).too_wide == []


@each_page(CHAPTERS + OTHERS)
def test_axe_finds_no_barrier(visited, name):
    assert visited(name).barriers == []


@each_page(CHAPTERS)
def test_the_page_is_light(visited, name):
    """As sent, without the plotting library; and what must come before anything is drawn."""
    seen = visited(name)
    assert 100 * KILOBYTE < seen.sent < 1000 * KILOBYTE
    assert 50 * KILOBYTE < seen.before_paint < 180 * KILOBYTE


@each_page(CHAPTERS)
def test_the_page_loads_only_what_it_uses(visited, name):
    loaded, html = visited(name).loaded, (HTML / name).read_text("utf8")
    assert any("/mathjax/" in path for path in loaded) == ('class="math' in html)
    assert any("plotly.min.js" in path for path in loaded) == ('class="moving-figure"' in html)
    assert not any("fontawesome.js" in path or "searchindex.js" in path for path in loaded)


@each_page([name for name in CHAPTERS if (HTML / "_sources" / name).with_suffix(".ipynb").exists()])
def test_the_downloaded_notebook_is_valid_and_has_run(tab, address, name):
    source = (HTML / name).read_text("utf8")
    assert (
        f'href="../../_sources/{name[:-5]}.ipynb"' in source
        or f'href="../_sources/{name[:-5]}.ipynb"' in source
    )
    notebook = nbformat.reads(tab.request.get(f"{address}/_sources/{name[:-5]}.ipynb").text(), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.execution_count for cell in code)


@each_page([page for page, _ in SHOWN.values()])
def test_pictures_are_left(visited, shots, name):
    visited(name)
    look = next(look for look, (page, _) in SHOWN.items() if page == name)
    for kind in ("", "-phone", "-dark"):
        assert (shots / f"{look}{kind}.png").stat().st_size > 10 * KILOBYTE
