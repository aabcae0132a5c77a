"""One visit of one page: everything that a browser can say about it without being asked to do something."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}

# Formulas are set, figures drawn, fonts there.
SETTLED = """async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  await document.fonts.ready;
  const figures = [...document.querySelectorAll('.moving-figure-plot')];
  for (let i = 0; i < 400 && figures.some(f => !f.querySelector('.main-svg')); i++)
    await new Promise(done => setTimeout(done, 25));
}"""
FORMULAS = """() => ({
  written: document.querySelectorAll('.bd-article .math').length,
  set: document.querySelectorAll('.bd-article mjx-container').length,
  faults: [...document.querySelectorAll('mjx-merror, [data-mjx-error]')].map(e => e.textContent),
})"""
# Boxes that scroll by themselves may hold wide things; the page may not be wider than the screen. Figures
# follow a new width a moment later.
TOO_WIDE = """async () => {
  const room = document.documentElement.clientWidth, width = () => document.documentElement.scrollWidth;
  for (let i = 0; i < 100 && width() > room; i++) await new Promise(done => setTimeout(done, 50));
  if (width() <= room) return [];
  return [...document.querySelectorAll('.bd-content *')]
    .filter(e => e.getBoundingClientRect().right > room + 1 && !e.closest('pre, mjx-container'))
    .slice(0, 5).map(e => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 40)}`)
    .concat(`the page is ${width()} wide`);
}"""
# What the page loaded: address, bytes as sent and as unpacked, and whether nothing was drawn before it came.
LOADED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .map(e => [e.name, e.encodedBodySize, e.decodedBodySize,
             e.entryType === 'navigation' || e.renderBlockingStatus === 'blocking'])"""
# Contrast is what axe needs longest for, and most texts are alike: it gets one of each kind that is new.
MARK_KINDS = """known => {
  const seen = new Set(known), fresh = [];
  for (const e of document.querySelectorAll('body *')) {
    const speaks = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!speaks || !e.checkVisibility() || e.closest('mjx-container, svg')) continue;
    let ground = e;
    while (ground.parentElement && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)')
      ground = ground.parentElement;
    const kind = [e.tagName, e.className, e.parentElement.className, getComputedStyle(e).color,
                  getComputedStyle(ground).backgroundColor].join('|');
    if (seen.has(kind)) continue;
    seen.add(kind); fresh.push(kind);
    e.dataset.kind = '';
  }
  return fresh;
}"""
RUN_AXE = """async only => {
  axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-kind]' }] });
  const found = await axe.run({ exclude: [['mjx-container']] }, {  // nodes that MathJax makes, one a glyph
    resultTypes: ['violations'], preload: false,  // else it asks for style sheets at wrong places
    rules: { 'empty-table-header': { enabled: false } },  // the corner above row names may be empty
    ...(only ? { runOnly: only } : {}),
  });
  return found.violations.flatMap(v => v.nodes.map(
    n => `${v.id} (${v.impact}): ${n.target} ${n.html.slice(0, 120)}`));
}"""
SHOW = """async part => {
  const shown = document.querySelector('article ' + part);
  scrollTo({ top: shown.getBoundingClientRect().top + scrollY - 120, behavior: 'instant' });
  await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
}"""


@dataclass
class Seen:
    """What a visit found; empty lists are good."""

    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)
    formulas: dict = field(default_factory=dict)
    loaded: list[str] = field(default_factory=list)
    # Bytes without the plotting library: as sent, as unpacked, and as sent before anything is drawn.
    sent: int = 0
    unpacked: int = 0
    before_paint: int = 0


def settle(page) -> None:
    page.evaluate(SETTLED)


def visit(page, address: str, name: str, kinds: set[str], picture: tuple | None) -> Seen:
    """Open the page wide, narrow and dark. ``kinds`` holds the kinds of text whose contrast is known."""
    seen = Seen()
    with listening(page, seen, address):
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        page.goto(f"{address}/{name}", wait_until="load")
        settle(page)
        page.add_style_tag(content="* { transition: none !important }")  # colours change at once
        seen.formulas = page.evaluate(FORMULAS)
        weigh(seen, page.evaluate(LOADED))
        fresh = page.evaluate(MARK_KINDS, sorted(kinds))
        kinds.update(fresh)
        page.evaluate(AXE_SCRIPT)
        seen.barriers = page.evaluate(RUN_AXE, None)
        shoot(page, picture, "")
        page.set_viewport_size(NARROW)
        seen.too_wide = page.evaluate(TOO_WIDE)
        shoot(page, picture, "-phone")
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        if fresh:
            seen.barriers += [f"dark: {barrier}" for barrier in page.evaluate(RUN_AXE, ["color-contrast"])]
        if picture:
            page.set_viewport_size(WIDE)
            page.wait_for_timeout(100)
            shoot(page, picture, "-dark")
    return seen


@contextmanager
def listening(page, seen: Seen, address: str) -> Iterator[None]:
    """Note what goes wrong on the page."""

    def console(message) -> None:
        if message.type in ("error", "warning"):
            seen.console.append(f"{message.text} {message.location}")

    def request(request) -> None:
        if not is_ours(request.url, address):
            seen.foreign.append(request.url)

    def response(response) -> None:
        if response.status >= 400:
            seen.failed.append(f"{response.url}: {response.status}")

    ears = {
        "console": console,
        "pageerror": lambda error: seen.console.append(str(error)),
        "request": request,
        "response": response,
        "requestfailed": lambda request: seen.failed.append(f"{request.url}: {request.failure}"),
    }
    for event, ear in ears.items():
        page.on(event, ear)
    try:
        yield
    finally:
        for event, ear in ears.items():
            page.remove_listener(event, ear)


def shoot(page, picture: tuple[Path, str] | None, look: str) -> None:
    """Keep a picture of the screen, with the part of the page that it is about near its top."""
    if picture:
        path, part = picture
        page.evaluate(SHOW, part)
        page.screenshot(path=path.with_name(f"{path.name}{look}.png"))
        page.evaluate("scrollTo(0, 0)")


def weigh(seen: Seen, entries: list) -> None:
    for url, sent, unpacked, blocks in entries:
        seen.loaded.append(urlsplit(url).path)
        if not url.endswith("plotly.min.js"):
            seen.sent += sent
            seen.unpacked += unpacked
            seen.before_paint += sent if blocks else 0


def is_ours(url: str, address: str) -> bool:
    return url.startswith(address) or urlsplit(url).scheme in ("data", "blob")
