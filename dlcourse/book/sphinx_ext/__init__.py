"""The Sphinx extension of the book: each module here adds one thing."""

from dlcourse.book.sphinx_ext import (
    code_pages,
    exercises,
    experiments,
    graders,
    page_head,
    quiz,
    repairs,
    social_card,
    start_page,
    statements,
    vendor,
)

PARTS = (
    vendor,
    page_head,
    social_card,
    start_page,
    repairs,
    statements,
    experiments,
    exercises,
    graders,
    quiz,
    code_pages,
)


def setup(app) -> dict:
    for part in PARTS:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
