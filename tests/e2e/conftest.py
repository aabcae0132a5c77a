"""A served book and a browser. Everything here is skipped, with the reason, where no Chromium is."""

import functools
import shutil
import threading
from pathlib import Path

import pytest

from dlcourse.book.places import BUILD, HTML
from dlcourse.book.server import Server
from tests.e2e.visit import WIDE, settle, visit

SHOTS = BUILD / "e2e"
PATIENCE = 30_000  # milliseconds; a busy machine is slow, and nothing here measures time
# The pages whose pictures are kept, wide, dark and on a phone, and what they show: to be looked at.
SHOWN = {
    "start": ("book/index.html", "h1"),
    "image-recognition": ("book/1-background/image-recognition.html", "figure"),
    "concepts-rnn": ("book/2-concepts/rnn.html", "h1"),
    "convolution": ("book/3-formulas/convolution.html", ".moving-figure"),
    "attention": ("book/3-formulas/attention.html", ".moving-figure"),
    "code-transformer": ("book/4-code/transformer.html", ".sd-tab-set"),
    "challenges": ("book/5-outlook/challenges.html", ".moving-figure"),
    "questions": ("book/6-faq/index.html", ".quiz"),
    "checked": ("book/article-checked.html", "h1"),
    "conformance": ("book/conformance.html", "h1"),
}


def find_chromium(playwright) -> str | None:
    """Chromium of the system, else the one that ``playwright install chromium`` has fetched."""
    names = ("chromium", "chromium-browser", "google-chrome")
    own = playwright.chromium.executable_path
    return next(filter(None, map(shutil.which, names)), own if Path(own).exists() else None)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            # Whoever runs these tests wants a browser: skipping them all would look like passing.
            pytest.fail("no Chromium here; install your system's or run: playwright install chromium", False)
        # Whoever asks for another host gets an error, which a test then reports.
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", alone]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address() -> str:
    """Where the built book is served."""
    assert (HTML / "index.html").exists(), "nothing is built yet. Run: python -m dlcourse.book build"
    with Server(HTML, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def tab(browser, address):
    """The one tab in which the book is read: a new one for each page would cost three times the work."""
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/search.html")
    yield page
    page.context.close()


@pytest.fixture
def open_page(tab, address):
    """``open_page("book/4-code/cnn.html", dark=True)``: the page, settled, for a reader who is new here."""

    def open_one(name: str, viewport: dict = WIDE, dark: bool = False, still: bool = False):
        tab.evaluate("localStorage.clear()")
        tab.set_viewport_size(viewport)
        tab.emulate_media(
            color_scheme="dark" if dark else "light", reduced_motion="reduce" if still else "no-preference"
        )
        tab.goto(f"{address}/{name}")
        settle(tab)
        return tab

    return open_one


@pytest.fixture(scope="session")
def visited(tab, address, shots):
    """What was seen on a page, visited once for all tests."""
    pictures = {page: (shots / look, part) for look, (page, part) in SHOWN.items()}
    kinds: set[str] = set()

    @functools.cache
    def once(page: str):
        return visit(tab, address, page, kinds, pictures.get(page))

    return once


@pytest.fixture(scope="session")
def shots() -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
