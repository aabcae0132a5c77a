"""The built book in a real browser, as a reader meets it. ``make e2e`` builds it first."""

import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from dlcourse.book.places import HTML, ROOT, chapter_files

pytestmark = pytest.mark.browser

CHAPTERS = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in chapter_files()]
OTHERS = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if path.relative_to(HTML).parts[0] in ("code", "genindex.html", "search.html")
)
MOVING = "book/3-formulas/convolution.html"
MEGABYTE = 1e6

# A word of each chapter that a reader may look for.
TERMS = {
    "1-background/image-recognition": "superior",
    "1-background/natural-language": "literature",
    "1-background/advantages": "ensemble",
    "2-concepts/cnn": "equivariance",
    "2-concepts/rnn": "vanishing",
    "2-concepts/transformer": "attention",
    "3-formulas/convolution": "kernel",
    "3-formulas/pooling": "pooling",
    "3-formulas/dense": "softmax",
    "3-formulas/gated-units": "LSTM",
    "3-formulas/training-rnn": "Adam",
    "3-formulas/attention": "query",
    "3-formulas/transformer-block": "LayerNorm",
    "3-formulas/training-transformer": "masked",
    "4-code/cnn": "Keras",
    "4-code/rnn": "Keras",
    "4-code/transformer": "Keras",
    "5-outlook/trends": "quantisation",
    "5-outlook/challenges": "occlusion",
    "6-faq/index": "question",
    "conformance": "cotangent",
    "how-fast": "benchmark",
}


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
    assert visited(name).bytes < 1.5 * MEGABYTE


def with_sliders() -> list[str]:
    return [
        name
        for name in CHAPTERS
        if (HTML / name).exists() and '"sliders":[' in (HTML / name).read_text("utf8")
    ]


def test_many_pages_have_a_figure_to_move():
    assert len(with_sliders()) >= 8


@each_page(with_sliders())
def test_arrow_keys_move_the_figure(open_page, name):
    page = open_page(name)
    for number in range(page.locator(".moving-figure-control input").count()):
        control = page.locator(".moving-figure-control input").nth(number)
        box = page.locator(".moving-figure", has=page.locator(".moving-figure-control")).nth(number)
        told, drawn = box.locator("output"), box.locator(".moving-figure-plot")
        before = told.inner_text(), drawn.inner_html()
        control.focus()
        page.keyboard.press(
            "ArrowLeft" if control.input_value() == control.get_attribute("max") else "ArrowRight"
        )
        page.wait_for_timeout(150)
        assert told.inner_text() != before[0]
        assert drawn.inner_html() != before[1]


def test_tabs_go_together_and_stay_after_a_reload(open_page):
    page = open_page("book/4-code/rnn.html")
    torch = page.locator('.sd-tab-label[data-sync-id="torch"]')
    chosen = "e => document.getElementById(e.htmlFor).checked"
    assert torch.count() >= 1
    assert not torch.first.evaluate(chosen)
    torch.first.click()
    assert all(label.evaluate(chosen) for label in torch.all())
    page.reload()
    assert all(label.evaluate(chosen) for label in torch.all())
    page.goto(page.url.replace("rnn", "transformer"))  # the choice goes with the reader
    assert all(label.evaluate(chosen) for label in torch.all())


def test_the_keyboard_alone_opens_an_explanation(open_page):
    page = open_page(MOVING)
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.quiz-answer > summary')"):
            break
    why = page.locator(".quiz-answer .quiz-why").first
    assert not why.is_visible()
    page.keyboard.press("Enter")
    assert why.is_visible()
    assert why.inner_text().startswith(("Right.", "No."))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator(".quiz-answer .quiz-why").nth(1).is_visible()
    assert not why.is_visible()  # one explanation at a time


def test_search_finds_a_term_of_each_chapter(open_page):
    page = open_page("search.html")
    missing = []
    for chapter, term in TERMS.items():
        page.goto(page.url.split("?")[0] + f"?q={term}")
        link = page.locator(f'#search-results a[href*="book/{chapter}.html"]').first
        try:
            link.wait_for(timeout=5000)
        except Exception:
            missing.append((chapter, term))
    assert missing == []


def test_the_search_field_leads_to_results(open_page):
    page = open_page("book/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("equivariance")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=equivariance")
    page.locator("#search-results a").first.wait_for()


def brightness(locator) -> float:
    return float(np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("L")).mean())


def test_the_dark_switch_changes_figures_and_stays(open_page):
    page = open_page(MOVING)
    figures = [page.locator(".moving-figure-plot").first, page.locator('.bd-content img[src$=".svg"]').first]
    light = [brightness(figure) for figure in figures]
    for _ in range(3):  # auto, light, dark
        page.locator("button.theme-switch-button:visible").first.click()
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    page.mouse.move(5, 400)
    dark = [brightness(figure) for figure in figures]
    assert all(value > 160 for value in light)
    assert all(value < 96 for value in dark)
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


@each_page([name for name in CHAPTERS if (HTML / "_sources" / name).with_suffix(".ipynb").exists()])
def test_the_downloaded_notebook_is_valid_and_has_run(open_page, address, name):
    page = open_page(name)
    link = page.locator('a[href$=".ipynb"]').first
    answer = page.request.get(page.evaluate("e => e.href", link.element_handle()))
    notebook = nbformat.reads(answer.text(), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.execution_count for cell in code)


@pytest.mark.parametrize(
    ("look", "name", "width", "dark"),
    [
        ("start", "book/index.html", 1280, False),
        ("start-dark", "book/index.html", 1280, True),
        ("start-phone", "book/index.html", 360, False),
        ("convolution", MOVING, 1280, False),
        ("convolution-phone-dark", MOVING, 360, True),
        ("attention", "book/3-formulas/attention.html", 1280, False),
        ("attention-dark", "book/3-formulas/attention.html", 1280, True),
        ("checked", "book/article-checked.html", 1280, False),
        ("checked-phone", "book/article-checked.html", 360, False),
        ("rnn-dark", "book/4-code/rnn.html", 1280, True),
        ("transformer-phone", "book/4-code/transformer.html", 360, False),
        ("conformance", "book/conformance.html", 1280, False),
        ("challenges", "book/5-outlook/challenges.html", 1280, False),
    ],
    ids=lambda value: value if isinstance(value, str) and "/" not in value else "",
)
def test_leaves_a_picture(open_page, shots, look, name, width, dark):
    page = open_page(name, width=width, height=900 if width > 400 else 740, dark=dark)
    page.screenshot(path=shots / f"{look}.png")
    page.screenshot(path=shots / f"{look}-whole.png", full_page=True)
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if dark else "light")
