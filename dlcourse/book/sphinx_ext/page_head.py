"""What the head of a page loads and says: only the scripts it needs, a description, a picture to share.

``book/_templates/layout.html`` writes it. Where the book will be read is known only to whoever publishes it:
``BOOK_URL=https://... make book`` makes the addresses whole, which those who show a shared link want.
"""

import os
import re

from docutils import nodes

CARD = "_static/social-card.png"
UNUSED = ("sphinx-thebe", "THEBE_JS_URL")  # cells run in JupyterLab, not in the page
AT_ONCE = "documentation_options"  # scripts written into the page use it


def know_the_address(app, config) -> None:
    address = os.environ.get("BOOK_URL", config.html_baseurl).strip()
    config.html_baseurl = address.rstrip("/") + "/" if address else ""


def load_what_is_needed(app, pagename, templatename, context, doctree) -> None:
    """Drop scripts that the page has no use for; let none but one hold up its first picture."""
    formulas = 'class="math' in context.get("body", "")
    kept, written = [], set()
    for script in context.get("script_files", []):
        attributes = getattr(script, "attributes", {})
        name, body = str(getattr(script, "filename", "") or ""), attributes.get("body") or ""
        mathematics = "mathjax" in name or "window.MathJax" in body
        if any(word in name + body for word in UNUSED) or (mathematics and not formulas) or body in written:
            continue
        if body:
            written.add(body)
        elif pagename == "search":  # its template's own scripts use what was loaded before them
            attributes.pop("defer", None)
        elif AT_ONCE not in name:
            attributes["defer"] = "defer"
        kept.append(script)
    context["script_files"] = kept
    context["css_files"] = [s for s in context.get("css_files", []) if "sphinx-thebe" not in str(s.filename)]


def describe(app, pagename, templatename, context, doctree) -> None:
    context["description"] = first_sentences(doctree) if doctree else app.config.html_title
    address = app.config.html_baseurl
    context["card"] = address + CARD if address else context["pathto"](CARD, 1)


def first_sentences(doctree: nodes.document, room: int = 200) -> str:
    """The first paragraph of the text itself, cut between two words; ready to stand in an attribute."""
    paragraphs = (p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section))
    text = re.sub(r"\s+", " ", next((p.astext() for p in paragraphs), "")).strip()
    if len(text) > room:
        text = text[: text.rfind(" ", 0, room)].rstrip(",;:") + " …"
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def setup(app) -> None:
    app.connect("config-inited", know_the_address)
    app.connect("html-page-context", load_what_is_needed, priority=900)  # after whoever adds a script
    app.connect("html-page-context", describe)
