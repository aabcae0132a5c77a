"""Code becomes text and text becomes code."""

from dlcourse.grading.attacks import write

SAID = "Another cell type"

SLOW = True


def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        cell["cell_type"] = {"code": "markdown", "markdown": "code", "raw": "code"}[cell["cell_type"]]
    write(notebook, folder)
