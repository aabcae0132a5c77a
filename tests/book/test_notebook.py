"""What chapters import."""

import pytest

from dlcourse.book.notebook import COLOURS, LINE_STYLES, quote
from dlcourse.book.sphinx_ext.figures import figure_html


def test_quote_hands_a_number_over_in_the_format_that_glue_reads(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, metadata, raw: seen.append((data, metadata, raw))
    )
    quote(pixels=300, share=f"{0.5:.0%}")
    prefix = "application/papermill.record/"
    assert seen == [
        ({prefix + "text/plain": "'300'"}, {"scrapbook": {"name": "pixels", "mime_prefix": prefix}}, True),
        ({prefix + "text/plain": "'50%'"}, {"scrapbook": {"name": "share", "mime_prefix": prefix}}, True),
    ]


def test_quote_refuses_a_name_that_prose_cannot_use():
    with pytest.raises(ValueError, match="lower case letters"):
        quote(Pixels=300)


def test_lines_differ_in_style_as_well_as_in_colour():
    assert len(set(COLOURS)) == len({str(style) for style in LINE_STYLES}) == len(COLOURS)


def test_a_moving_figure_carries_its_text_and_cannot_break_out_of_its_script():
    html = figure_html({"data": [{"name": "</script><b>"}], "layout": {"height": 200}}, 'A "curve"')
    assert 'aria-label="A &quot;curve&quot;"' in html and "min-height:200px" in html
    assert html.count("</script>") == 1
