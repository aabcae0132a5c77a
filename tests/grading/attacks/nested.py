"""JSON that is nested a hundred thousand times."""

SAID = "is no JSON"
REVIEW = True


def hand_in(notebook, folder):
    (folder / "convolution.ipynb").write_text("[" * 100_000)
