"""Tests become answers: unlocked, solution, and edited to give full marks."""

from dlcourse.grading.attacks import write

SAID = "Changed text"


def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("points"):
            cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}
            cell["source"] = "4.0"
    write(notebook, folder)
