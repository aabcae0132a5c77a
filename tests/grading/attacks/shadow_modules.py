"""Modules beside the notebook with the names of those that the grader imports."""

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    for name in (
        "numpy",
        "json",
        "IPython",
        "socket",
        "sitecustomize",
        "usercustomize",
        "dlcourse",
        "traitlets",
        "nbgrader_config",
        "conftest",
    ):
        (folder / f"{name}.py").write_text("raise SystemExit")
    write(notebook, folder)
