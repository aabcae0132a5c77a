"""A named pipe in place of the notebook, on which a reader would wait for ever."""

import os

SAID = "is not a regular file"
REVIEW = True


def hand_in(notebook, folder):
    os.mkfifo(folder / "convolution.ipynb")
