"""A symbolic link to the solution."""

SAID = "is a symbolic link"
REVIEW = True


def hand_in(notebook, folder):
    (folder / "convolution.ipynb").symlink_to("../../../solutions/convolution/convolution.ipynb")
