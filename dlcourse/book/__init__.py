"""The book: building it, checking it, and what its pages and notebooks are made of.

``python -m dlcourse.book build | check | serve`` is the command; ``sphinx_ext`` is the Sphinx extension
that ``_config.yml`` names; ``notebook`` is what the chapters import.
"""
