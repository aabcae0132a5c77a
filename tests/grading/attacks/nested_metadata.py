"""A valid notebook with metadata nested 900 times, and numbers of a thousand digits."""

from dlcourse.grading.attacks import write

SLOW = True


def hand_in(notebook, folder):
    deep = 1
    for _ in range(900):
        deep = {"a": deep}
    notebook["metadata"]["deep"] = deep
    notebook["nbformat_minor"] = 10**1000
    for cell in notebook["cells"]:
        cell["metadata"]["deep"] = deep
    write(notebook, folder)
