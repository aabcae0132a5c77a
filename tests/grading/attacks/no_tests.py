"""All tests are deleted."""

from dlcourse.grading.attacks import write

SAID = "Missing cells were put back"


def hand_in(notebook, folder):
    notebook["cells"] = [c for c in notebook["cells"] if not c["metadata"].get("nbgrader", {}).get("grade")]
    write(notebook, folder)
