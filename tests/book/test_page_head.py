"""A page loads only the scripts it needs, and says in its head what it is about."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from dlcourse.book.sphinx_ext.page_head import first_sentences, know_the_address, load_what_is_needed


def script(filename, **attributes):
    return SimpleNamespace(filename=filename, attributes=attributes)


def loaded(body, pagename="page"):
    scripts = [
        script("_static/documentation_options.js"),
        script("_static/doctools.js"),
        script(None, body="const THEBE_JS_URL = 1"),
        script("_static/sphinx-thebe.js", **{"async": "async"}),
        script(None, body="var selector = 1"),
        script(None, body="var selector = 1"),
        script(None, body="window.MathJax = {}"),
        script("_static/vendor/mathjax/startup.js", defer="defer"),
    ]
    context = {"body": body, "script_files": scripts}
    load_what_is_needed(None, pagename, "page.html", context, None)
    return context["script_files"]


def test_a_page_without_formulas_loads_no_mathjax_and_no_thebe():
    names = [script.filename or script.attributes["body"] for script in loaded("<p>words</p>")]
    assert names == ["_static/documentation_options.js", "_static/doctools.js", "var selector = 1"]


def test_a_page_with_a_formula_loads_mathjax():
    names = [script.filename for script in loaded('<span class="math notranslate">x</span>')]
    assert names[-1] == "_static/vendor/mathjax/startup.js"


def test_scripts_wait_for_the_page_but_the_options_do_not():
    waiting = [script.filename for script in loaded("") if "defer" in script.attributes]
    assert waiting == ["_static/doctools.js"]


def test_the_search_page_waits_for_nothing():
    assert not any("defer" in script.attributes for script in loaded("", pagename="search"))


def page(*paragraphs):
    document = new_document("page")
    section = nodes.section()
    document += section
    section += [nodes.paragraph(text=text) for text in paragraphs]
    return document


def test_the_description_is_the_first_paragraph_fit_for_an_attribute():
    assert first_sentences(page('A "net" & more.', "Other.")) == "A &quot;net&quot; &amp; more."


def test_a_long_description_ends_between_two_words():
    text = first_sentences(page("word " * 100), room=33)
    assert text == "word word word word word word …"


@pytest.mark.parametrize(
    ("given", "known"),
    [("", ""), ("https://a.example/b", "https://a.example/b/"), ("https://a.example/b/", None)],
)
def test_the_address_ends_in_one_slash(monkeypatch, given, known):
    monkeypatch.setenv("BOOK_URL", given)
    config = SimpleNamespace(html_baseurl="")
    know_the_address(None, config)
    assert config.html_baseurl == (given if known is None else known)
