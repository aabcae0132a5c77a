"""Small faults of the theme and its companions, repaired at one place."""

import shutil
from pathlib import Path


def declare_thebe_once(app, pagename, templatename, context, doctree) -> None:
    """sphinx-thebe declares its constants twice on a page, which is an error in every browser."""
    seen, kept = False, []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body") or ""
        if "THEBE_JS_URL" in body:
            if seen:
                continue
            seen = True
        kept.append(script)
    context["script_files"] = kept


def offer_notebook(app, pagename, templatename, context, doctree) -> None:
    """The theme offers a chapter as notebook only where it offers to launch it somewhere; here always."""
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if app.builder.format != "html" or "kernelspec" not in app.env.metadata.get(pagename, {}):
        return
    if executed.exists():
        target = Path(app.outdir, "_sources", f"{pagename}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(executed, target)
        context["ipynb_source"] = f"{pagename}.ipynb"


def setup(app) -> None:
    app.connect("html-page-context", offer_notebook, priority=100)  # before the theme makes its buttons
    app.connect("html-page-context", declare_thebe_once, priority=900)
