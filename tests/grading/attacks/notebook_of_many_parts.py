"""A notebook of 15 MB that would become half a gigabyte of empty lists."""

import json

SLOW = True

SAID = "has more than 2000000 parts"
REVIEW = True


def hand_in(notebook, folder):
    text = json.dumps(notebook)
    (folder / "convolution.ipynb").write_text(text[:-1] + ', "more": [' + "[]," * (5 << 20) + "[]]}")
