"""The start page says in one screen what the course is, and its figure moves as the reader likes it."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("start")]

START = "book/index.html"
POSITION = "document.querySelector('.sliding-kernel input').valueAsNumber"
FRAME = "document.querySelector('.sliding-kernel-image i').getBoundingClientRect().toJSON()"


def test_one_screen_shows_what_for_whom_how_long_and_the_figure(open_page):
    page = open_page(START)
    for part in ("article h1", ".sliding-kernel", ".facts"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] < page.viewport_size["height"]
    text = page.locator("article").inner_text()
    assert all(word in text for word in ("For whom", "How long", "chapters", "hours", "exercises"))


def test_the_figure_moves_by_itself_and_stops_when_told(open_page):
    page = open_page(START)
    start = page.evaluate(POSITION)
    page.wait_for_function(f"{POSITION} > {start + 2}")
    page.locator(".sliding-kernel button").click()
    here, frame = page.evaluate(POSITION), page.evaluate(FRAME)
    page.wait_for_timeout(400)
    assert page.evaluate(POSITION) == here
    assert page.evaluate(FRAME) == frame
    assert page.locator(".sliding-kernel button").inner_text() == "Play"


def test_the_figure_stands_still_for_those_who_asked_for_it(open_page):
    page = open_page(START, still=True)
    start = page.evaluate(POSITION)
    page.wait_for_timeout(400)
    assert page.evaluate(POSITION) == start
    page.locator(".sliding-kernel button").click()  # but it can be started
    page.wait_for_function(f"{POSITION} !== {start}")


def test_keys_and_pointer_move_the_window(open_page):
    page = open_page(START, still=True)
    told = page.locator(".sliding-kernel output")
    page.locator(".sliding-kernel input").focus()
    before = page.evaluate(FRAME)
    page.keyboard.press("ArrowRight")
    after = page.evaluate(FRAME)
    assert after["x"] > before["x"]
    assert after["y"] == before["y"]
    page.locator(".sliding-kernel-image").first.hover(position={"x": 2, "y": 2})
    assert page.evaluate(POSITION) == 0
    assert told.inner_text() == "sum 0.0"


def test_a_link_to_the_book_can_be_shown_elsewhere(open_page):
    page = open_page(START)
    said = {
        name: page.locator(f'meta[property="og:{name}"]').get_attribute("content")
        for name in ("title", "description", "image", "type")
    }
    assert said["title"] == page.locator("article h1").evaluate("h => h.firstChild.data")
    assert len(said["description"]) > 80
    size = page.evaluate(
        "async url => { const i = new Image(); i.src = url; await i.decode(); return [i.width, i.height]; }",
        said["image"],
    )
    assert size == [1200, 630]
    assert page.locator('link[rel="icon"]').count() == 1
