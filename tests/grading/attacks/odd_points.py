"""Points that are words, lists, negative or no numbers."""

from dlcourse.grading.attacks import metas, write

SAID = "Changed points or flags"


def hand_in(notebook, folder):
    for meta, points in zip(
        metas(notebook), ["many", [1], -5, float("nan"), {}, None, True, "4"], strict=False
    ):
        meta["points"] = points
    write(notebook, folder)
