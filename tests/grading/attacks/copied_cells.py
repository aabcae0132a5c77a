"""Every cell twice."""

import copy

from dlcourse.grading.attacks import write

SAID = "Copied cells"


def hand_in(notebook, folder):
    notebook["cells"] += copy.deepcopy(notebook["cells"])
    write(notebook, folder)
