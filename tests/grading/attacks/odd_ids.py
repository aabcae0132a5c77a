"""Grade ids that are paths, SQL, lists, or very long."""

from dlcourse.grading.attacks import metas, write

SAID = "recognised by the function"


def hand_in(notebook, folder):
    for meta, name in zip(
        metas(notebook), ["../../x", "'; DROP TABLE grade; --", ["a"], "x" * 100_000, None, 5], strict=False
    ):
        meta["grade_id"] = name
    write(notebook, folder)
