"""Two chapters on paper: what a reader opens by hand is open, and no address of this machine is left."""

import io

import pytest
from pypdf import PdfReader

from dlcourse.book.pdf import SHEET, printed
from dlcourse.book.places import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("paper")]


def test_chapters_on_paper(browser):
    page = browser.new_page(viewport=SHEET, reduced_motion="reduce")
    chapters = [ROOT / "book" / name for name in ("3-formulas/pooling.md", "3-formulas/convolution.md")]
    file = io.BytesIO()
    printed(page, chapters).write(file)
    page.context.close()
    assert b"file:" not in file.getvalue()
    book = PdfReader(file)
    text = " ".join(" ".join(sheet.extract_text() for sheet in book.pages).split())
    assert [item.title for item in book.outline] == ["3.1.2 Pooling", "3.1.1 Convolution"]
    assert "3.1.1 Convolution" in book.pages[book.get_destination_page_number(book.outline[1])].extract_text()
    assert "Right." in text  # explanations are open
    links = [note.get_object() for sheet in book.pages for note in sheet.get("/Annots", [])]
    numbers = {sheet.indirect_reference.idnum: number for number, sheet in enumerate(book.pages)}
    led = {numbers[link["/Dest"][0].idnum] for link in links if isinstance(link.get("/Dest"), list)}
    assert 0 in led  # from one chapter to the beginning of the other
