"""A configuration of nbgrader and of Python handed in with the notebook."""

from dlcourse.grading.attacks import write

SLOW = True


def hand_in(notebook, folder):
    (folder / "nbgrader_config.py").write_text('open("/tmp/PWNED", "w")')
    (folder / "pyvenv.cfg").write_text("home = /tmp")
    (folder / ".ipython").mkdir()
    (folder / ".ipython" / "startup.py").write_text("check = print")
    write(notebook, folder)
