"""What a reader does with a page: move a figure, choose a tab, answer a question, search, switch to dark."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.e2e.test_book import CHAPTERS, HTML

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("reading")]

MOVING = "book/3-formulas/convolution.html"

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


def with_sliders() -> list[str]:
    pages = {name: HTML / name for name in CHAPTERS}
    return [name for name, path in pages.items() if path.exists() and '"sliders":[' in path.read_text("utf8")]


def test_many_pages_have_a_figure_to_move():
    assert len(with_sliders()) >= 8


@pytest.mark.parametrize("name", with_sliders())
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
        assert told.inner_text() != before[0]
        page.wait_for_function(
            "([plot, before]) => plot.innerHTML !== before", arg=[drawn.element_handle(), before[1]]
        )


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


def test_search_finds_a_term_of_each_chapter(open_page):
    page = open_page("search.html")
    missing = []
    for term in dict.fromkeys(TERMS.values()):
        page.goto(page.url.split("?")[0] + f"?q={term}")
        page.wait_for_function("Search.output && document.querySelector('#search-results .search-summary')")
        page.wait_for_function(
            "/found|did not match/.test(document.querySelector('.search-summary').innerText)"
        )
        hits = page.locator("#search-results a").evaluate_all("links => links.map(a => a.pathname)")
        pages = [chapter for chapter, word in TERMS.items() if word == term]
        missing += [(chapter, term) for chapter in pages if f"/book/{chapter}.html" not in hits]
    assert missing == []


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
