"""A folder with the name of the notebook."""

SAID = "convolution.ipynb"


def hand_in(notebook, folder):
    (folder / "convolution.ipynb").mkdir()
    (folder / "convolution.ipynb" / "x").write_text("")
