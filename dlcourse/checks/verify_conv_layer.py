"""B1 ``verify_conv_layer``: the learner's test is tried on right and on faulty layers."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Demand, Exercise, Output, driver
from dlcourse.checks.faulty_conv import HUNT
from dlcourse.numpy_nn.conv import conv2d, conv2d_backward


@driver
def judge(verify_conv_layer, numbers):
    """Which layers pass the learner's test."""
    return HUNT.verdicts(verify_conv_layer, numbers)


def caught(says: str, *names: str, weight: float = 1.0) -> Demand:
    """The property that the faulty layers ``names`` are caught and right ones accepted."""
    return HUNT.caught(says, judge, *names, weight=weight)


def verify(layer):
    """The reference: all entries of y, dx, dw and db on awkward input."""
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((3, 2, 5, 6)), rng.standard_normal((4, 2, 3, 3)), rng.standard_normal(4)
    dy = rng.standard_normal((3, 4, 3, 4))
    assert np.allclose(layer.forward(x, w, b), conv2d(x, w, b))
    for got, expected in zip(layer.backward(dy, x, w), conv2d_backward(dy, x, w), strict=True):
        assert np.allclose(got, expected)


EXERCISE = Exercise(
    name="verify_conv_layer",
    reference=verify,
    properties=(
        caught("a layer that ignores its bias is caught, right ones are accepted", "no bias"),
        caught("a wrong kernel in the backward pass", "dx flipped"),
        caught("a mistake that a batch of one hides", "dw one sample"),
        caught("a mistake that a dy of ones hides", "cotangent of ones"),
    ),
    misconceptions=(),
    outputs=(Output("accepted", ("layer",), dtype="bool"),),
    forbidden=tuple(name for name in OTHERS_WORK if name != "scipy"),
)
