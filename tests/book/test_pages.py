"""What the check of the built pages finds."""

import pytest

from dlcourse.book.pages import faults_of_site

GOOD = '<h1 id="top">A page</h1><img src="a.svg" alt="Loss against step, falling."><a href="#top">up</a>'


def faults(folder, body, other="<p id='place'>other</p>"):
    (folder / "page.html").write_text(f"<html><body>{body}</body></html>")
    (folder / "other.html").write_text(f"<html><body>{other}</body></html>")
    return faults_of_site(folder)


def test_a_good_page_has_no_fault(tmp_path):
    body = (
        GOOD + '<a href="other.html#place">x</a><a href="https://example.org/">a link that someone clicks</a>'
    )
    assert faults(tmp_path, body) == []


@pytest.mark.parametrize(
    "body, told",
    [
        ('<script src="https://cdn.example/x.js"></script>', "<script> asks another server"),
        ('<img src="//cdn.example/x.png" alt="Some picture here">', "<img> asks another server"),
        ('<link rel="stylesheet" href="http://cdn.example/x.css">', "<link> asks another server"),
        ("<style>@font-face{src:url(https://fonts.example/f.woff)}</style>", "a style asks another server"),
        ('<img src="plot.svg" alt="">', "expected a sentence"),
        ('<img src="_images/plot-of-loss.svg" alt="plot-of-loss.svg">', "expected a sentence"),
        ('<div class="moving-figure-plot" aria-label=""></div>', "no text alternative"),
        ('<a href="nowhere.html">x</a>', "nowhere.html, which does not exist"),
        ('<a href="other.html#nothing">x</a>', "no such place"),
        ('<p id="a"></p><p id="a"></p>', "the id 'a' stands 2 times"),
    ],
)
def test_each_fault_is_told_with_its_page(tmp_path, body, told):
    (fault,) = faults(tmp_path, GOOD + body)
    assert fault.startswith("page.html: ") and told in fault


def test_a_font_in_a_style_sheet_is_a_request_too(tmp_path):
    (tmp_path / "x.css").write_text("@import 'https://fonts.example/css';")
    assert "x.css: asks another server" in faults(tmp_path, GOOD)[0]


def test_a_link_out_of_the_book_into_the_file_system_is_broken(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "secret.html").write_text("x")
    assert "does not exist" in faults(site, '<a href="../secret.html">x</a>')[0]
