"""The whole folder is a symbolic link to that of another student."""

SAID = "is no folder of its own"
REVIEW = True


def hand_in(notebook, folder):
    folder.rmdir()
    folder.symlink_to("../a_honest/convolution")
