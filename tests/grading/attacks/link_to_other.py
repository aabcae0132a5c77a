"""A symbolic link to the notebook of another student."""

SAID = "is a symbolic link"
REVIEW = True


def hand_in(notebook, folder):
    (folder / "convolution.ipynb").symlink_to("../../a_honest/convolution/convolution.ipynb")
