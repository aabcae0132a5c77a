"""A time stamp that is no time, and one from the future."""

from dlcourse.grading.attacks import write

SAID = "timestamp.txt holds no time"


def hand_in(notebook, folder):
    (folder / "timestamp.txt").write_text("9999999-99-99 <script>")
    write(notebook, folder)
