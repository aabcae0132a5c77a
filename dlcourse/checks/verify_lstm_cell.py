"""B2 ``verify_lstm_cell``: the learner's test is tried on right and on faulty LSTM cells."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Demand, Exercise, Output, driver
from dlcourse.checks.faulty_lstm import HUNT
from dlcourse.checks.lstm_cell import cell_input
from dlcourse.checks.lstm_cell_reference import reference


@driver
def judge(verify_lstm_cell, numbers):
    """Which cells pass the learner's test."""
    return HUNT.verdicts(verify_lstm_cell, numbers)


def caught(says: str, *names: str, weight: float = 1.0) -> Demand:
    """The property that the faulty cells ``names`` are caught and right ones accepted."""
    return HUNT.caught(says, judge, *names, weight=weight)


def verify(lstm_cell):
    """The reference: all eight results on awkward input."""
    given = cell_input(np.random.default_rng(0), 3, 2, 4).args
    for got, expected in zip(lstm_cell(*given), reference(*given), strict=True):
        assert np.allclose(got, expected)


EXERCISE = Exercise(
    name="verify_lstm_cell",
    reference=verify,
    properties=(
        caught("a cell that ignores its bias is caught, right ones are accepted", "no bias"),
        caught("a mistake that the first step hides", "no forget gate"),
        caught("a mistake that a dc of 0 hides", "dc ignored"),
        caught("a mistake that a batch of one hides", "dWx mean"),
    ),
    misconceptions=(),
    outputs=(Output("accepted", ("cell",), dtype="bool"),),
    forbidden=tuple(name for name in OTHERS_WORK if name not in ("scipy", "torch")),
)
