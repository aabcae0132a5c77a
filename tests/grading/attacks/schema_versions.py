"""Metadata of the first and of a future version."""

from dlcourse.grading.attacks import metas, write

SLOW = True


def hand_in(notebook, folder):
    for number, meta in enumerate(metas(notebook)):
        meta["schema_version"] = (1, 99, "x")[number % 3]
    write(notebook, folder)
