"""Folders in folders, so deep that a copy elsewhere has too long a path, and a hundred empty ones."""

from dlcourse.grading.attacks import write

SAID = "Folders deeper than 10 were left out."


def hand_in(notebook, folder):
    deep = folder
    while len(str(deep)) < 3600:
        deep = deep / ("d" * 120)
    deep.mkdir(parents=True)
    (deep / "file.txt").write_text("x")
    for number in range(100):
        (folder / f"empty{number}").mkdir()
    write(notebook, folder)
