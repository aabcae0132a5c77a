"""A notebook of fifty thousand cells."""

from dlcourse.grading.attacks import code, write

SAID = "has no list of at most 2000 cells"
REVIEW = True

SLOW = True


def hand_in(notebook, folder):
    notebook["cells"] += [code("")] * 50_000
    write(notebook, folder)
