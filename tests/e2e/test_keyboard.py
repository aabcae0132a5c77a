"""The keyboard alone reaches and works everything."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("keyboard")]

ALL_KINDS = "book/4-code/rnn.html"  # tabs, a figure, questions, hidden code
# Everything that can be worked, in the order of the page; of radio buttons the chosen one takes the focus.
WORKABLE = """() => {
  const found = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
  window.workable = found.filter(e =>
    e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0 &&
    !(e.type === 'radio' && !e.checked) && !e.closest('dialog:not([open])'));
  return window.workable.length;
}"""
WHERE = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect();
  return [window.workable.indexOf(e), e.tagName, getComputedStyle(e).outlineStyle, e.className];
}"""


def test_tab_reaches_everything(open_page):
    page = open_page(ALL_KINDS)
    count = page.evaluate(WORKABLE)
    assert count > 100
    reached = set()
    for _ in range(count + 60):  # wide code is a stop as well: arrow keys scroll it
        page.keyboard.press("Tab")
        number, tag, *_ = page.evaluate(WHERE)
        if tag == "BODY":
            break
        reached.add(number)
    missed = sorted(set(range(count)) - reached)
    assert [page.evaluate("n => workable[n].outerHTML.slice(0, 160)", number) for number in missed] == []


def test_the_first_stop_skips_to_the_text(open_page):
    page = open_page(ALL_KINDS)
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to main content"
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")  # it slides in
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_an_answer_opens_its_explanation(open_page):
    page = open_page("book/3-formulas/convolution.html")
    page.locator(".quiz-answer > summary").first.focus()
    why = page.locator(".quiz-answer .quiz-why")
    assert not why.first.is_visible()
    page.keyboard.press("Enter")
    assert why.first.is_visible()
    assert why.first.inner_text().startswith(("Right.", "No."))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert why.nth(1).is_visible()
    assert not why.first.is_visible()  # one explanation at a time


def test_hidden_code_opens(open_page):
    page = open_page("book/3-formulas/convolution.html")
    cell = page.locator("details.hide").first
    code = cell.locator("pre").first
    cell.locator("summary").focus()
    assert not code.is_visible()
    page.keyboard.press("Enter")
    assert code.is_visible()


def test_arrow_keys_choose_a_tab(open_page):
    page = open_page(ALL_KINDS)
    first = page.locator(".sd-tab-set > input:checked").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".sd-tab-set > input").nth(1).is_checked()
    assert page.locator(".sd-tab-content").nth(1).is_visible()


def test_the_search_field_leads_to_results(open_page):
    page = open_page("book/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("equivariance")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=equivariance")
    page.locator("#search-results a").first.wait_for()


def test_enter_switches_between_light_and_dark(open_page):
    page = open_page("book/index.html", dark=True)
    button = page.locator("button.theme-switch-button:visible").first
    button.focus()
    page.keyboard.press("Enter")  # from what the system says to light
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("Enter")  # the focus has stayed
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
