"""Small faults of the theme and its companions, repaired at one place."""


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


def setup(app) -> None:
    app.connect("html-page-context", declare_thebe_once, priority=900)
