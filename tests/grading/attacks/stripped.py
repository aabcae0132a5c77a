"""No cell carries metadata."""

from dlcourse.grading.attacks import write

SAID = "No cell carries its grading data"
REVIEW = True


def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    write(notebook, folder)
