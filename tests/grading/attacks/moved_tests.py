"""All tests stand at the top, where nothing is defined yet."""

from dlcourse.grading.attacks import write

SAID = "moved"


def hand_in(notebook, folder):
    notebook["cells"].sort(key=lambda c: not c["metadata"].get("nbgrader", {}).get("points"))
    write(notebook, folder)
