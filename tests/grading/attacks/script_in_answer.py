"""A script in the written answer, which a person reads in Formgrader."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "Q1-answer":
            cell["source"] = (
                "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=javascript:alert(1)>"
            )
    write(notebook, folder)
