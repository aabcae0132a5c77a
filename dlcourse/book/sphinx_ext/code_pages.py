"""Below a labelled equation: a link to the function that computes it. In the function: a link back.

The files of ``numpy_nn`` that name an equation become pages of the book (``code/numpy_nn/conv.html``).
"""

import hashlib
import re
from pathlib import Path

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.transforms import SphinxTransform

from dlcourse.book.equations import LABEL, Implementation, implementations
from dlcourse.book.places import ROOT


class LinkEquations(SphinxTransform):
    """Puts "Computed by numpy_nn.conv.conv2d" under each equation whose label a function names."""

    default_priority = 500

    def apply(self, **options) -> None:
        known: dict[str, list[Implementation]] = {}
        for found in implementations():
            known.setdefault(found.label, []).append(found)
        up = "../" * self.env.docname.count("/")
        for equation in list(self.document.findall(nodes.math_block)):
            functions = known.get(equation.get("label"), [])
            if not functions:
                continue
            line = nodes.paragraph(classes=["equation-code"])
            line += nodes.Text("Computed by ")
            for number, function in enumerate(functions):
                line += nodes.Text(", " if number else "")
                target = f"{up}{function.page}.html#{function.name}"
                name = f"{function.module.removeprefix('dlcourse.')}.{function.name}"
                line += nodes.reference("", "", nodes.literal(text=name), refuri=target, internal=True)
            parent = equation.parent
            parent.insert(parent.index(equation) + 1, line)


def pages(app):
    """One page for each file that names an equation (Sphinx event ``html-collect-pages``)."""
    found = implementations()
    equations = {label: page for label, (page, _) in app.env.get_domain("math").equations.items()}
    for path, page, module in dict.fromkeys((i.path, i.page, i.module) for i in found):
        names = {i.name for i in found if i.path == path}
        body = f"<h1>{module}</h1>\n" + code_html(path, names, equations, "../" * page.count("/"))
        kept = Path(app.doctreedir, "code", *page.split("/")[1:])  # goes with the doctrees
        if changed(kept, Path(app.outdir, f"{page}.html"), body):
            yield page, {"title": module, "body": body}, "page.html"


def changed(kept: Path, target: Path, body: str) -> bool:
    """Is the page at ``target`` made of something else than ``kept`` tells? Writing all takes seconds."""
    sources = [(ROOT / name).read_text("utf8") for name in ("_toc.yml", "_config.yml")]  # the sidebar
    digest = hashlib.sha256("\0".join([body, *sources]).encode()).hexdigest()
    if target.exists() and kept.exists() and kept.read_text() == digest:
        return False
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(digest)
    return True


def code_html(path: Path, names: set[str], equations: dict[str, str], up: str) -> str:
    """The file in colours; the definitions of ``names`` are anchors, equation labels are links."""
    text = highlight(path.read_text("utf8"), PythonLexer(), HtmlFormatter(cssclass="highlight"))
    for name in sorted(names):
        head = (
            rf'<span class="k">(?:def|class)</span><span class="w"> </span><span class="n[fc]">{name}</span>'
        )
        text = re.sub(head, lambda m, name=name: f'<span id="{name}"></span>{m[0]}', text, count=1)

    def link(match: re.Match) -> str:
        if match[1] not in equations:
            return match[0]
        return f'(<a href="{up}{equations[match[1]]}.html#equation-{match[1]}">{match[1]}</a>)'

    return f'<div class="highlight-python notranslate">{LABEL.sub(link, text)}</div>'


def setup(app) -> None:
    app.add_transform(LinkEquations)
    app.connect("html-collect-pages", pages)
