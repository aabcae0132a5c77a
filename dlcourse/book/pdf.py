"""``python -m dlcourse.book pdf``: every page printed by Chromium, joined in reading order.

Chromium prints a link to another chapter as the address of a file on this machine. In the joined book such a
link leads to the chapter's first page, and is left out where it leads to what is not printed.
"""

import io
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dlcourse.book.places import BUILD, HTML, ROOT, BookError, chapter_files

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY = """async () => {
  if (window.MathJax) await MathJax.startup.promise;
  const figures = [...document.querySelectorAll('.moving-figure-plot')];
  for (let i = 0; i < 400 && figures.some(f => !f.querySelector('.main-svg')); i++)
    await new Promise(done => setTimeout(done, 25));
  // Explanations that a reader opens by hand are open on paper (one at a time is for the screen); the code
  // that only draws a figure stays away.
  document.querySelectorAll('details:not(.hide)').forEach(d => { d.name = ''; d.open = true; });
}"""
FOOTER = """<div style="width: 100%; padding: 0 15mm; font: 8px sans-serif; color: #555; display: flex;
justify-content: space-between"><span class="title"></span>
<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>"""
SHEET = {"width": 800, "height": 1130}  # as wide as the paper, so that figures are drawn to fit
PAPER = {
    "format": "A4",
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOTER,
    "margin": {"top": "14mm", "bottom": "16mm", "left": "15mm", "right": "15mm"},
    "scale": 0.85,
}


def write_pdf() -> Path:
    """Print the built book into ``_build/dlcourse.pdf``."""
    from playwright.sync_api import sync_playwright

    if not (HTML / "index.html").exists():
        raise BookError("nothing is built yet. Run: python -m dlcourse.book build")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            raise BookError("no Chromium here. Install your system's or run: playwright install chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        whole = printed(browser.new_page(viewport=SHEET, reduced_motion="reduce"), chapter_files())
        browser.close()
    target = BUILD / "dlcourse.pdf"
    temporary = target.with_suffix(".new")
    whole.write(temporary)
    temporary.replace(target)
    return target


def printed(page, chapters: list[Path]):
    """The chapters as one PDF with bookmarks (``pypdf.PdfWriter``), printed in the browser's ``page``."""
    from pypdf import PdfWriter

    whole, first_pages = PdfWriter(), {}
    for chapter in chapters:
        built = (HTML / chapter.relative_to(ROOT)).with_suffix(".html")
        page.goto(built.as_uri(), wait_until="networkidle")
        page.evaluate(READY)
        title = page.locator("article h1").first.inner_text().rstrip("#").strip()
        first_pages[built.as_posix()] = len(whole.pages)
        whole.append(io.BytesIO(page.pdf(**PAPER)), outline_item=title)
    lead_inside(whole, first_pages)
    whole.add_metadata({"/Title": "dlcourse", "/Author": "The dlcourse authors"})
    return whole


def lead_inside(whole, first_pages: dict[str, int]) -> None:
    """Turn links to files of this machine into links to the pages on which the chapters begin."""
    from pypdf.generic import ArrayObject, NameObject

    for page in whole.pages:
        kept = ArrayObject()
        for note in page.get("/Annots", []):
            link = note.get_object()
            address = str(link.get("/A", {}).get("/URI", ""))
            if address.startswith("file:"):
                number = first_pages.get(unquote(urlsplit(address).path))
                if number is None:
                    continue
                del link["/A"]
                page_itself = whole.pages[number].indirect_reference
                link[NameObject("/Dest")] = ArrayObject([page_itself, NameObject("/Fit")])
            kept.append(note)
        page[NameObject("/Annots")] = kept
