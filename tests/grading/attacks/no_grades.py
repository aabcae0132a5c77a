"""Every test says that it is not graded."""

from dlcourse.grading.attacks import metas, write

SAID = "Changed points or flags"


def hand_in(notebook, folder):
    for meta in metas(notebook):
        meta["grade"] = False
    write(notebook, folder)
