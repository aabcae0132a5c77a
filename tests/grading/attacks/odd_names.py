"""File names with line breaks, markup, control characters and invalid bytes."""

import os

from dlcourse.grading.attacks import write

SLOW = True


def hand_in(notebook, folder):
    for name in ("a\nb", "<script>alert(1)</script>.txt", "\x1b[31m", "-rf", "~", "$(id)", "x" * 255):
        (folder / name.replace("/", "_")).write_text("x")
    os.close(os.open(os.fsencode(folder) + b"/\xff\xfe", os.O_CREAT | os.O_WRONLY))
    write(notebook, folder)
