"""``python -m dlcourse.book pdf``: every page printed by Chromium, joined in reading order."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

from dlcourse.book.places import BUILD, HTML, ROOT, BookError, chapter_files

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def write_pdf(told: Callable[[Path], None] = lambda page: None) -> Path:
    """Print the built book into ``_build/dlcourse.pdf``; ``told(page)`` is called after each page."""
    from playwright.sync_api import sync_playwright
    from pypdf import PdfWriter

    if not (HTML / "index.html").exists():
        raise BookError("nothing is built yet. Run: python -m dlcourse.book build")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    whole = PdfWriter()
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            raise BookError("no Chromium here. Install your system's or run: playwright install chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(color_scheme="light")
        for chapter in chapter_files():
            built = (HTML / chapter.relative_to(ROOT)).with_suffix(".html")
            page.goto(built.as_uri(), wait_until="networkidle")
            page.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise; }")
            # Explanations that a reader opens by hand are open on paper; one at a time is for the screen.
            page.evaluate(
                "document.querySelectorAll('details').forEach(d => { d.name = ''; d.open = true; })"
            )
            printed = page.pdf(format="A4", print_background=True)
            title = page.locator("h1").first.inner_text().rstrip("#").strip()
            whole.append(io.BytesIO(printed), outline_item=title)
            told(chapter)
        browser.close()
    target = BUILD / "dlcourse.pdf"
    temporary = target.with_suffix(".new")
    whole.write(temporary)
    temporary.replace(target)
    return target
