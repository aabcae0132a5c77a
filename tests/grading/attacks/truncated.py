"""Half of a notebook."""

import json

SAID = "is no JSON"
REVIEW = True


def hand_in(notebook, folder):
    text = json.dumps(notebook)
    (folder / "convolution.ipynb").write_text(text[: len(text) // 2])
