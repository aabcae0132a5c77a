"""A picture with the name of a notebook."""

SAID = "is no JSON"
REVIEW = True


def hand_in(notebook, folder):
    (folder / "convolution.ipynb").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
