"""Cells of another assignment and of the manual question, with their ids and full marks."""

from dlcourse.grading.attacks import code, write

SAID = "Copied cells: E02-test, Q1-answer"


def hand_in(notebook, folder):
    for number, name in enumerate(
        ("A01-attention", "E02-test", "Q1-answer", "__proto__", "constructor", "E01-test ", "e01-TEST")
    ):
        meta = {
            "grade": True,
            "solution": True,
            "locked": False,
            "grade_id": name,
            "points": 100,
            "schema_version": 3,
            "cell_type": "code",
        }
        notebook["cells"].insert(
            number, code("100") | {"metadata": {"nbgrader": meta | {"score": 100, "manual_score": 100}}}
        )
    write(notebook, folder)
