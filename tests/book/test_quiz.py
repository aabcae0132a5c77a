"""The answers of a self-check are read, and a faulty block says what is wrong with it."""

import pytest

from dlcourse.book.sphinx_ext.quiz import read_answers

GOOD = '- "yes": Right one\n  why: So.\n- "no": Other\n  why: Not so.\n'


def test_answers_keep_order_and_verdict():
    assert read_answers(GOOD) == [(True, "Right one", "So."), (False, "Other", "Not so.")]


@pytest.mark.parametrize(
    "text, told",
    [
        (GOOD.replace('"no"', '"yes"'), "exactly one answer should be 'yes'"),
        (GOOD.replace('"yes"', '"no"'), "exactly one answer should be 'yes'"),
        (GOOD.replace("  why: Not so.\n", ""), "answer 2 should have 'why'"),
        ('- "yes": One\n  why: So.\n', "at least two answers"),
        ("just words", "at least two answers"),
        ("- {", "not YAML"),
    ],
)
def test_a_faulty_block_is_told(text, told):
    with pytest.raises(ValueError, match=told):
        read_answers(text)
