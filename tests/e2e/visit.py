"""One visit of one page: everything that a browser can say about it without being asked to do something."""

import gzip
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

# Formulas are set, figures drawn, fonts there.
SETTLED = """async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  await document.fonts.ready;
  const figures = [...document.querySelectorAll('.moving-figure-plot')];
  for (let i = 0; i < 200 && figures.some(f => !f.querySelector('.main-svg')); i++)
    await new Promise(done => setTimeout(done, 25));
}"""
FORMULAS = """() => ({
  written: document.querySelectorAll('.bd-article .math').length,
  set: document.querySelectorAll('.bd-article mjx-container').length,
  faults: [...document.querySelectorAll('mjx-merror, [data-mjx-error]')].map(e => e.textContent),
})"""
# Boxes that scroll by themselves may hold wide things; the page may not be wider than the screen.
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll('.bd-content *')]
    .filter(e => e.getBoundingClientRect().right > room + 1)
    .slice(0, 5).map(e => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 40)}`)
    .concat(`the page is ${document.documentElement.scrollWidth} wide`);
}"""

RULES = {"resultTypes": ["violations"], "preload": False}  # else it asks for style sheets at wrong places
RULES["rules"] = {"empty-table-header": {"enabled": False}}  # the corner above row names may be empty
CONTEXT = {"exclude": [["mjx-container"]]}  # thousands of nodes that MathJax makes, one for each glyph
CONTRAST = {"runOnly": ["color-contrast"], **RULES}


@dataclass
class Seen:
    """What a visit found; empty lists are good."""

    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)
    formulas: dict = field(default_factory=dict)
    bytes: int = 0  # of all responses but the plotting library, compressed as web servers do


def settle(page) -> None:
    page.evaluate(SETTLED)


def visit(browser, address: str, name: str) -> Seen:
    seen, responses = Seen(), []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.on(
        "console",
        lambda m: seen.console.append(f"{m.text} {m.location}") if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: seen.console.append(str(error)))
    page.on("requestfailed", lambda request: seen.failed.append(f"{request.url}: {request.failure}"))
    page.on("request", lambda r: seen.foreign.append(r.url) if not is_ours(r.url, address) else None)
    page.on("response", lambda response: responses.append(response))
    page.goto(f"{address}/{name}")
    settle(page)
    page.wait_for_load_state("networkidle")
    seen.formulas = page.evaluate(FORMULAS)
    for response in responses:
        if response.status >= 400:
            seen.failed.append(f"{response.url}: status {response.status}")
        elif not response.url.endswith("plotly.min.js"):
            seen.bytes += len(gzip.compress(response.body(), 6))
    seen.barriers = barriers(page, RULES)
    if not name.startswith("code/"):  # these pages are one template and the colours of its code
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        page.wait_for_timeout(400)  # the theme fades colours
        seen.barriers += [f"dark: {barrier}" for barrier in barriers(page, CONTRAST)]
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_timeout(100)  # figures follow the new width
    seen.too_wide = page.evaluate(TOO_WIDE)
    context.close()
    return seen


def is_ours(url: str, address: str) -> bool:
    return url.startswith(address) or urlsplit(url).scheme in ("data", "blob")


def barriers(page, options: dict) -> list[str]:
    """What axe-core finds, a line an element."""
    found = Axe().run(page, context=CONTEXT, options=options).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:120]}"
        for violation in found
        for node in violation["nodes"]
    ]
