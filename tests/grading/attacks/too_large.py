"""A notebook of 200 MB."""

from dlcourse.grading.attacks import code, write

SAID = "is larger than 20 MiB"
REVIEW = True

SLOW = True


def hand_in(notebook, folder):
    notebook["cells"].append(code("x" * 200_000_000))
    write(notebook, folder)
