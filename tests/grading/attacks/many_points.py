"""Every test is worth a thousand points."""

from dlcourse.grading.attacks import metas, write

SAID = "Changed points or flags"


def hand_in(notebook, folder):
    for meta in metas(notebook):
        meta["points"] = 1000
    write(notebook, folder)
