"""A socket and a pipe beside the notebook."""

import os
import socket

from dlcourse.grading.attacks import write

SAID = "is not a regular file"


def hand_in(notebook, folder):
    os.mkfifo(folder / "data.csv")
    sock = socket.socket(socket.AF_UNIX)
    here = os.open(folder, os.O_RDONLY)
    sock.bind(f"/proc/self/fd/{here}/s")
    sock.close()
    os.close(here)
    write(notebook, folder)
