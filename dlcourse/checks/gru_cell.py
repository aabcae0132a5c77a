"""E15 ``gru_cell``: what is asked for. The mistakes people make are in ``gru_cell_mistakes.py``."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Output, Property, call
from dlcourse.checks.gru_cell_mistakes import GRU_MISTAKES
from dlcourse.checks.gru_cell_reference import reference
from dlcourse.checks.parts import Part


def cell_input(
    rng: np.random.Generator,
    B: int,
    I: int,  # noqa: E741
    H: int,
    bias: bool = True,
    zero_state: bool = False,
    **options,
) -> Call:
    """x (B, I), h (B, H), Wx (I, 3H), Wh (H, 3H), bx and bh (3H,), dh (B, H), perhaps reset_after."""
    bx, bh = (rng.uniform(0.3, 0.9, 3 * H) * rng.choice([-1, 1], 3 * H) for _ in range(2))
    h = rng.uniform(-0.9, 0.9, (B, H))
    return call(
        rng.standard_normal((B, I)),
        0 * h if zero_state else h,
        rng.standard_normal((I, 3 * H)) / np.sqrt(I),
        rng.standard_normal((H, 3 * H)) / np.sqrt(H),
        bx if bias else 0 * bx,
        bh if bias else 0 * bh,
        rng.standard_normal((B, H)),
        **options,
    )


def both(rng: np.random.Generator, *sizes: int) -> list[Call]:
    """The same sizes for both variants."""
    return [cell_input(rng, *sizes, reset_after=after) for after in (True, False)]


EXERCISE = Exercise(
    name="gru_cell",
    reference=reference,
    properties=(
        Part(
            "forward from a state of 0, biases 0: h2",
            lambda rng: [cell_input(rng, 1, 3, 2, bias=False, zero_state=True)],
            0.5,
            names=("h2",),
        ),
        Part("forward, reset after: h2", lambda rng: [cell_input(rng, 2, 3, 4)], names=("h2",)),
        Part(
            "forward, reset before: h2",
            lambda rng: [cell_input(rng, 2, 4, 3, reset_after=False)],
            names=("h2",),
        ),
        Property("backward, reset after", lambda rng: [cell_input(rng, 3, 2, 4)], 1.5),
        Property("backward, reset before", lambda rng: [cell_input(rng, 3, 4, 2, reset_after=False)]),
    ),
    misconceptions=GRU_MISTAKES,
    outputs=(
        Output("h2", ("sequence", "unit")),
        Output("dx", ("sequence", "feature")),
        Output("dh_prev", ("sequence", "unit")),
        Output("dWx", ("feature", "column")),
        Output("dWh", ("unit before", "column")),
        Output("dbx", ("column",)),
        Output("dbh", ("column",)),
    ),
    forbidden=OTHERS_WORK,
)
