"""E12 ``rnn``: what is asked for. The mistakes people make are in ``rnn_mistakes.py``."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Output, Property, call
from dlcourse.checks.parts import Part
from dlcourse.checks.rnn_mistakes import RNN_MISTAKES, reference


def sequence_input(rng: np.random.Generator, B: int, T: int, I: int, H: int) -> Call:  # noqa: E741
    """x (B, T, I), h0 (B, H), Wx (I, H), Wh (H, H), b (H,), dH (B, T, H); nothing is zero."""
    return call(
        rng.standard_normal((B, T, I)),
        rng.uniform(0.2, 0.9, (B, H)) * rng.choice([-1, 1], (B, H)),
        0.7 * rng.standard_normal((I, H)) / np.sqrt(I),
        rng.standard_normal((H, H)) / np.sqrt(H),
        rng.uniform(0.2, 0.6, H) * rng.choice([-1, 1], H),
        rng.standard_normal((B, T, H)),
    )


EXERCISE = Exercise(
    name="rnn",
    reference=reference,
    properties=(
        Part("forward, one step: H", lambda rng: [sequence_input(rng, 1, 1, 3, 2)], names=("H",)),
        Part("forward, several steps: H", lambda rng: [sequence_input(rng, 2, 5, 3, 4)], names=("H",)),
        Property("backward, one step", lambda rng: [sequence_input(rng, 1, 1, 3, 2)]),
        Property("backward, several steps", lambda rng: [sequence_input(rng, 1, 7, 2, 3)]),
        Property("a batch", lambda rng: [sequence_input(rng, 3, 4, 2, 5)]),
    ),
    misconceptions=RNN_MISTAKES,
    outputs=(
        Output("H", ("sequence", "step", "unit")),
        Output("dx", ("sequence", "step", "feature")),
        Output("dh0", ("sequence", "unit")),
        Output("dWx", ("feature", "unit")),
        Output("dWh", ("unit before", "unit")),
        Output("db", ("unit",)),
    ),
    forbidden=OTHERS_WORK,
)
