"""What students wrote, on the pages that a person opens: nothing of it acts or asks another server."""

from html.parser import HTMLParser
from pathlib import Path

import nbformat
import nbgrader.server_extensions.formgrader as formgrader
import pytest
from nbformat import v4
from traitlets.config import Config

from dlcourse.grading.attacks import live_markup
from dlcourse.grading.formulas import mathml
from dlcourse.grading.page import FeedbackPage, FormgraderPage
from dlcourse.grading.safe_html import safe_html
from dlcourse.grading.settings import configure

ACT = "alert(1)"
MARKDOWN = [
    f"<script>{ACT}</script>",
    f'<img src=x onerror="{ACT}">',
    f"<svg onload={ACT}><script>{ACT}</script></svg>",
    f"[a](javascript:{ACT}) <a href='javascript:{ACT}'>b</a> <a href=' java\nscript:{ACT}'>c</a>",
    f"<iframe srcdoc='<script>{ACT}</script>'></iframe>",
    '<meta http-equiv=refresh content="0;url=https://example.org"><base href="https://example.org">',
    f"<details open ontoggle={ACT}>x</details><input autofocus onfocus={ACT}>",
    f"<math><mtext><table><mglyph><style><img src onerror={ACT}></style></mglyph></table></mtext></math>",
    rf"$\href{{javascript:{ACT}}}{{x}}$ $$\href{{javascript:{ACT}}}{{y}}$$",
    rf"$\text{{</mtext></math><script>{ACT}</script>}}$ $\style{{x:{ACT}}}{{y}}$ $\class{{{ACT}}}{{z}}$",
    "![p](https://example.org/p.png) ![q](../../logout) <link rel=stylesheet href=https://example.org/c>",
    "[other](evil.html) [up](../x) [there](//example.org) <form action=https://example.org><button>b</form>",
    f"![s](attachment:s.svg) ![t](attachment:t.png) ![u](attachment:none) <!-- --!> <script>{ACT}</script>",
]
OUTPUTS = {
    "text/html": f"<script>{ACT}</script><img src=x onerror={ACT}>",
    "image/svg+xml": f"<svg onload={ACT}><script>{ACT}</script></svg>",
    "text/markdown": f"<img src=x onerror={ACT}>",
    "text/latex": rf"$\href{{javascript:{ACT}}}{{x}}$",
    "application/javascript": ACT,
    "text/plain": f"<script>{ACT}</script>",
}


class Elements(HTMLParser):
    """All elements with their attributes, and the text of scripts."""

    def __init__(self):
        super().__init__()
        self.all, self.scripts = [], []

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.lasttag == "script":
            self.scripts.append(data.strip())


def notebook(hostile: bool):
    wanted = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}
    meta = {
        "nbgrader": wanted
        | {"grade_id": "Q1", "points": 3, "score": 0, "cell_type": "markdown", "comment": None}
    }
    nb = v4.new_notebook(cells=[v4.new_markdown_cell("an answer", metadata=meta)])
    if hostile:
        pasted = {"s.svg": {"image/svg+xml": "PHN2Zz4="}, "t.png": {"image/png": f'"><script>{ACT}</script>'}}
        nb.cells += [v4.new_markdown_cell(text, attachments=pasted) for text in MARKDOWN]
        nb.cells[0].source = "\n\n".join(MARKDOWN)
        nb.cells[0].metadata.nbgrader.comment = MARKDOWN[0]
        outputs = [v4.new_output("display_data", data={kind: text}) for kind, text in OUTPUTS.items()]
        outputs.append(v4.new_output("stream", text=OUTPUTS["text/html"]))
        outputs.append(v4.new_output("error", ename=ACT, evalue=ACT, traceback=[OUTPUTS["text/html"]]))
        nb.cells.append(v4.new_code_cell(f"# </script><script>{ACT}</script>", outputs=outputs))
        nb.cells.append(v4.new_raw_cell(f"<script>{ACT}</script>", metadata={"raw_mimetype": "text/plain"}))
    return nbformat.from_dict(nb)


def page(maker, name: str, hostile: bool) -> str:
    config = configure(Config())
    config.HTMLExporter.template_name = name
    folder = Path(formgrader.__file__).parent
    config.HTMLExporter.extra_template_basedirs = [str(folder / "templates")]
    config.HTMLExporter.extra_template_paths = [str(folder / "static/node_modules/bootstrap/dist/css")]
    about = {"notebook": "n", "score": 0, "max_score": 3, "late_penalty": 0, "index": 1, "total": 2}
    resources = {"nbgrader": about, **about}
    return maker(config=config).from_notebook_node(notebook(hostile), resources=resources)[0]


@pytest.mark.parametrize(("maker", "name"), [(FeedbackPage, "feedback"), (FormgraderPage, "formgrade")])
def test_nothing_of_a_hostile_notebook_acts(maker, name):
    honest, hostile = Elements(), Elements()
    honest.feed(page(maker, name, hostile=False))
    hostile.feed(page(maker, name, hostile=True))
    assert hostile.scripts == honest.scripts, "a script came with the notebook"
    added = [element for element in hostile.all if element not in honest.all]
    assert len(added) > 20
    for tag, attributes in added:
        assert tag not in ("script", "iframe", "style", "form", "meta", "base", "link", "svg", "object")
        assert not any(key.startswith("on") or key in ("style", "srcdoc") for key in attributes)
        assert attributes.get("href", "#").startswith(("#", "https://", "http://", "mailto:"))
    for tag, attributes in hostile.all:
        if tag in ("script", "img", "link"):
            source = attributes.get("src") or attributes.get("href") or ""
            assert not source.startswith(("http", "//")), f"{tag} is loaded from {source}"
    rules = [a["content"] for t, a in hostile.all if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(rules) == 1 and "default-src 'self'" * (name == "formgrade") in rules[0]


def test_feedback_runs_no_script_at_all():
    text = page(FeedbackPage, "feedback", hostile=True)
    assert live_markup(text) == [] and "<script" not in text
    assert "default-src 'none'" in text.split("</head>")[0]
    spoiled = text.replace("</body>", f"<script>{ACT}</script></body>", 1)
    assert live_markup(spoiled) == ["<script>"]


def test_formulas_and_pasted_pictures_are_shown():
    html = safe_html(
        "**a** $x_i < 3$ `$y$`\n\n$$\n\\begin{aligned}a&=b\\\\c&=d\\end{aligned}\n$$\n\n"
        "![p](attachment:p.png) ![q](q.png)",
        {"p.png": {"image/png": "aGFs\nbG8="}},
    )
    assert "<strong>a</strong>" in html and "<code>$y$</code>" in html
    assert "<msub><mi>x</mi><mi>i</mi></msub><mo>&lt;</mo>" in html and html.count("<mtr>") == 2
    assert 'src="data:image/png;base64,aGFsbG8="' in html and 'src="q.png"' in html


def test_an_answer_cannot_dress_up_as_a_part_of_the_page():
    html = safe_html("<div class='panel-heading' id=submission_id><b class='score next'>15 / 15</b></div>")
    assert html.strip() == "<div><b>15 / 15</b></div>"


@pytest.mark.parametrize("latex", [r"\frac{a}{", "{" * 5000, "x" * 10_000, r"\begin{pmatrix}"])
def test_a_formula_that_cannot_be_read_is_shown_as_text(latex):
    assert mathml(latex, display=False).startswith("<code>")
