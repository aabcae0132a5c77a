"""E14 ``lstm_cell``: what is asked for. The mistakes people make are in ``lstm_cell_mistakes.py``."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Output, Property, call
from dlcourse.checks.lstm_cell_mistakes import LSTM_MISTAKES
from dlcourse.checks.lstm_cell_reference import reference
from dlcourse.checks.parts import Part


def cell_input(
    rng: np.random.Generator,
    B: int,
    I: int,  # noqa: E741
    H: int,
    bias: bool = True,
    zero_states: bool = False,
) -> Call:
    """x (B, I), h and c (B, H), Wx (I, 4H), Wh (H, 4H), b (4H,), dh and dc (B, H)."""
    b = rng.uniform(0.3, 0.9, 4 * H) * rng.choice([-1, 1], 4 * H)
    h, c = rng.uniform(-0.9, 0.9, (B, H)), 1.5 * rng.standard_normal((B, H))
    return call(
        rng.standard_normal((B, I)),
        0 * h if zero_states else h,
        0 * c if zero_states else c,
        rng.standard_normal((I, 4 * H)) / np.sqrt(I),
        rng.standard_normal((H, 4 * H)) / np.sqrt(H),
        b if bias else 0 * b,
        rng.standard_normal((B, H)),
        rng.standard_normal((B, H)),
    )


FORWARD = ("h2", "c2")
EXERCISE = Exercise(
    name="lstm_cell",
    reference=reference,
    properties=(
        Part(
            "forward from states of 0, bias 0: h2, c2",
            lambda rng: [cell_input(rng, 1, 3, 2, bias=False, zero_states=True)],
            0.5,
            names=FORWARD,
        ),
        Part("forward: h2, c2", lambda rng: [cell_input(rng, 2, 3, 4)], names=FORWARD),
        Property("backward, one sequence", lambda rng: [cell_input(rng, 1, 3, 2)]),
        Property("backward, a batch", lambda rng: [cell_input(rng, 3, 2, 4)]),
    ),
    misconceptions=LSTM_MISTAKES,
    outputs=(
        Output("h2", ("sequence", "unit")),
        Output("c2", ("sequence", "unit")),
        Output("dx", ("sequence", "feature")),
        Output("dh_prev", ("sequence", "unit")),
        Output("dc_prev", ("sequence", "unit")),
        Output("dWx", ("feature", "column")),
        Output("dWh", ("unit before", "column")),
        Output("db", ("column",)),
    ),
    forbidden=OTHERS_WORK,
)
