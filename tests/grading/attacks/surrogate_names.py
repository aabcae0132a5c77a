"""File names that are no text, that look like the notebook, or that a page would take for markup."""

import os

from dlcourse.grading.attacks import write


def hand_in(notebook, folder):
    write(notebook, folder)
    for name in (
        b"\xff\xfe.txt",
        "convolution\u200b.ipynb".encode(),
        "c\u043envolution.ipynb".encode(),
        b"a\nb.txt",
        b"<img src=x onerror=alert(1)>.txt",
        b"=cmd|'C calc'!A0",
        b"-rf",
        b"*",
    ):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"x")
