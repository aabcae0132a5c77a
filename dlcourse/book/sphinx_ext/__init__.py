"""The Sphinx extension of the book: each module here adds one thing."""

from dlcourse.book.sphinx_ext import code_pages, exercises, experiments, quiz, repairs, statements, vendor


def setup(app) -> dict:
    for part in (vendor, repairs, statements, experiments, exercises, quiz, code_pages):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
