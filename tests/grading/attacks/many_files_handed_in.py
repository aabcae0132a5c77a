"""Two thousand files beside the notebook, and a sparse file of ten gigabytes."""

from dlcourse.grading.attacks import write

SAID = "more than 500 files"

SLOW = True


def hand_in(notebook, folder):
    for number in range(2000):
        (folder / f"f{number}").write_text("")
    with (folder / "a.bin").open("wb") as file:
        file.truncate(10 << 30)
    write(notebook, folder)
