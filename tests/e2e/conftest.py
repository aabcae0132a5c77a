"""A served book and a browser. Everything here is skipped, with the reason, where no Chromium is."""

import contextlib
import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest

from dlcourse.book.places import BUILD, HTML
from tests.e2e.visit import visit

SHOTS = BUILD / "e2e"


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
            pytest.skip("no Chromium here; install your system's or run: playwright install chromium")
        # Whoever asks for another host gets an error, which a test then reports.
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", alone]
        )
        yield browser
        browser.close()


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        pass

    def copyfile(self, source, outputfile) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the reader has gone on
            super().copyfile(source, outputfile)


@pytest.fixture(scope="session")
def address() -> str:
    """Where the built book is served."""
    assert (HTML / "index.html").exists(), "nothing is built yet. Run: python -m dlcourse.book build"
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(HTML))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(browser, address):
    """``open_page("book/4-code/cnn.html", width=360, dark=True)``: the page in a fresh profile, settled."""
    contexts = []

    def open_one(name: str, width: int = 1280, height: int = 900, dark: bool = False):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/{name}")
        settle(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def visited(browser, address):
    """What was seen on a page, visited once for all tests."""
    return functools.cache(lambda name: visit(browser, address, name))


@pytest.fixture(scope="session")
def shots() -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS


def settle(page) -> None:
    from tests.e2e.visit import settle

    settle(page)
