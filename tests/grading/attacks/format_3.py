"""A notebook of the old format."""

import json


def hand_in(notebook, folder):
    (folder / "convolution.ipynb").write_text(
        json.dumps(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [{"cells": [], "metadata": {}}],
            }
        )
    )
