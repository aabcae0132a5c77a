"""Attachments that are scripts, bombs or missing; answers and links that would open other files as pages."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    (folder / "evil.html").write_text("<script>alert(1)</script>")
    text = "![a](attachment:a.png) ![b](attachment:b.svg) ![none](attachment:none.png) [c](evil.html) <a href=evil.html>d</a> ![e](../../logout)"
    pasted = {
        "a.png": {"image/png": '"><script>alert(1)</script>'},
        "b.svg": {"image/svg+xml": "PHN2Zy8+"},
        "c": 5,
        "d": {"image/png": ["x"]},
    }
    cell = {"cell_type": "markdown", "metadata": {}, "source": text, "attachments": pasted}
    notebook["cells"].insert(3, cell)
    answer = next(
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "Q1-answer"
    )
    answer |= {"source": text, "attachments": pasted}
    write(notebook, folder)
