"""E22 ``layer_norm``: what is asked for. The mistakes people make are in ``layer_norm_mistakes.py``."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Output, Property, call
from dlcourse.checks.layer_norm_mistakes import MISTAKES, normalise


def norm_input(
    rng: np.random.Generator, shape: tuple, size: float = 1000.0, centre: float = 0.0, **options
) -> Call:
    """x of numbers around ``centre`` with the standard deviation ``size``, gamma, beta, dy."""
    D = shape[-1]
    gamma = rng.uniform(0.5, 2, D) * rng.choice([-1, 1], D)
    x = centre + size * rng.standard_normal(shape)
    return call(x, gamma, rng.standard_normal(D), rng.standard_normal(shape), **options)


def equal_features(rng: np.random.Generator, shape: tuple) -> Call:
    """Each row of x is one number D times: its variance is 0, but for rounding."""
    x, *rest = norm_input(rng, shape).args
    return call(np.repeat(np.rint(x[..., :1]), shape[-1], -1), *rest)


EXERCISE = Exercise(
    name="layer_norm",
    reference=normalise,
    properties=(
        Property("one position", lambda rng: [norm_input(rng, (1, 5))]),
        Property("several positions", lambda rng: [norm_input(rng, (4, 6), centre=3.0)]),
        Property("a batch of sequences", lambda rng: [norm_input(rng, (3, 4, 5))]),
        Property("small numbers: eps counts", lambda rng: [norm_input(rng, (3, 4), size=3e-3)]),
    ),
    misconceptions=MISTAKES,
    outputs=(
        Output("y", ("position", "feature")),
        Output("dx", ("position", "feature")),
        Output("dgamma", ("feature",)),
        Output("dbeta", ("feature",)),
    ),
    forbidden=OTHERS_WORK,
)
