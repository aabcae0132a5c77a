"""Small faults of the theme and its companions, repaired at one place."""

import functools
import re
from pathlib import Path

import nbformat

from dlcourse.book.equations import chapter_labels
from dlcourse.book.execution import write_executed
from dlcourse.book.places import chapter_files
from dlcourse.book.plain import Course, glued, plain_notebook
from dlcourse.book.statements import read_statements


@functools.cache
def course() -> Course:
    return Course(read_statements(), chapter_labels(chapter_files()))


NEVER_RAN = '"execution_count": null'


def keep_outputs(app, env) -> None:
    """MyST-NB writes a chapter whose outputs come from the cache to ``jupyter_execute`` without outputs.

    What checks and readers get would be a notebook that never ran. Here the outputs are put back, into those
    that MyST-NB has written anew.
    """
    for docname in env.found_docs:
        target = Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"
        if "kernelspec" not in env.metadata.get(docname, {}) or not target.exists():
            continue
        if NEVER_RAN in target.read_text("utf8"):
            write_executed(Path(env.doc2path(docname)), Path(app.config.nb_execution_cache_path), target)


def offer_notebook(app, pagename, templatename, context, doctree) -> None:
    """The theme offers a chapter as notebook only where it offers to launch it somewhere; here always.

    In the notebook, what only the book understands is said in plain MyST: JupyterLab shows it.
    """
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if app.builder.format != "html" or "kernelspec" not in app.env.metadata.get(pagename, {}):
        return
    if executed.exists():
        target = Path(app.outdir, "_sources", f"{pagename}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook, chapter = nbformat.read(executed, as_version=4), Path(app.env.doc2path(pagename))
        nbformat.write(plain_notebook(notebook, chapter, course(), glued(notebook)), target)
        context["ipynb_source"] = f"{pagename}.ipynb"


# What screen readers are told, and what they should be told (axe: region, aria-allowed-role, summary-name).
SIDEBAR = '<div id="pst-primary-sidebar" '
ROLES = {
    re.escape(SIDEBAR + "class"): SIDEBAR + 'role="region" aria-label="The book" class',
    'role="doc-biblioentry"': 'role="listitem"',  # docutils puts the entries into a list
    r'>([^<]+)</a>(<details[^>]*>)<summary>(?=<span class="toctree-toggle")': (
        r'>\1</a>\2<summary aria-label="Pages below: \1">'
    ),
}


def mend_roles(app, exception) -> None:
    """The theme's sidebar is no landmark and its buttons have no names; docutils' references stand in a list
    but are no items of it."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = mended = path.read_text("utf8")
        for wrong, right in ROLES.items():
            mended = re.sub(wrong, right, mended)
        if mended != text:
            path.write_text(mended, "utf8")


def setup(app) -> None:
    app.connect("env-updated", keep_outputs)
    app.connect("html-page-context", offer_notebook, priority=100)  # before the theme makes its buttons
    app.connect("build-finished", mend_roles)
