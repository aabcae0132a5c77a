"""Scripts in markdown, raw cells, links, pictures and attachments."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    for text in (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "<svg onload=alert(1)>",
        '<iframe srcdoc="<script>alert(1)</script>">',
        "$\\href{javascript:alert(1)}{x}$",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<style>*{display:none}</style>",
        '<form action="http://x"><input></form>',
    ):
        for kind in ("markdown", "raw"):
            notebook["cells"].insert(
                0, {"cell_type": kind, "metadata": {"raw_mimetype": "text/html"}, "source": text}
            )
    write(notebook, folder)
