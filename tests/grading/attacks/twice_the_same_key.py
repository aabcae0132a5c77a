"""JSON with duplicate keys, NaN, infinite points and numbers too large for a float."""

import json

from dlcourse.grading.attacks import metas

SAID = "Changed points or flags"


def hand_in(notebook, folder):
    for meta in metas(notebook):
        if "points" in meta:
            meta["points"] = float("inf")
    text = json.dumps(notebook)
    text = text.replace('"points": Infinity', '"points": 1, "points": NaN, "points": 1e999', 3)
    text = text.replace('"cells"', '"cells": [{"cell_type": "code"}], "nbformat": 1e999, "cells"', 1)
    (folder / "convolution.ipynb").write_text(text)
