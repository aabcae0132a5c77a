"""The answer and the test exchange their names."""

from dlcourse.grading.attacks import metas, write

SAID = "Changed"


def hand_in(notebook, folder):
    names = {m["grade_id"]: m for m in metas(notebook)}
    names["E01-test"]["grade_id"], names["E01-conv2d_naive"]["grade_id"] = "E01-conv2d_naive", "E01-test"
    write(notebook, folder)
