"""From the text notebooks in ``solutions/`` (the only source) to ``exercises/`` (what learners get)."""
