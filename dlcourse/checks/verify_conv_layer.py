"""The bug hunt of the assignment ``cnn``: the learner's test is tested on right and on faulty layers."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Demand, Exercise, Output, driver
from dlcourse.checks.faulty_conv import LAYERS, NUMBERS, OVERLOOKED, RIGHT, make_layer
from dlcourse.numpy_nn.conv import conv2d, conv2d_backward

REJECTED, ACCEPTED, RETURNED_FALSE = 0, 1, 2


@driver
def judge(verify_conv_layer, numbers):
    """For each layer, what the learner's test says. AssertionError: no. A faulty layer may make the test
    stumble in another way; that is noticed too."""
    verdicts = []
    for number in numbers:
        try:
            returned = verify_conv_layer(make_layer(int(number)))
        except AssertionError:
            verdicts.append(REJECTED)
        except Exception:
            if number < len(RIGHT):  # that is a mistake of the test, whose sentence it deserves
                raise
            verdicts.append(REJECTED)
        else:
            verdicts.append(RETURNED_FALSE if returned is False else ACCEPTED)
    return np.array(verdicts)


def hunt(rng: np.random.Generator, *names: str) -> Call:
    """The faulty layers ``names`` and as many right ones, in random order."""
    right = [NUMBERS[RIGHT[i % len(RIGHT)]] for i in range(max(2, len(names)))]
    return judge(rng.permutation([NUMBERS[name] for name in names] + right))


def verify(layer):
    """The reference: all entries of y, dx, dw and db on awkward input."""
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((3, 2, 5, 6)), rng.standard_normal((4, 2, 3, 3)), rng.standard_normal(4)
    dy = rng.standard_normal((3, 4, 3, 4))
    assert np.allclose(layer.forward(x, w, b), conv2d(x, w, b))
    for got, expected in zip(layer.backward(dy, x, w), conv2d_backward(dy, x, w), strict=True):
        assert np.allclose(got, expected)


def all_found(got, numbers):
    """The sentence on the first layer that was judged wrongly."""
    names = list(LAYERS)
    if (got == RETURNED_FALSE).any():
        return "your test returns False; it should raise AssertionError when it says no: use assert."
    accepted = {int(number) for number, verdict in zip(numbers, got, strict=True) if verdict == ACCEPTED}
    if not accepted:
        return (
            "your test rejects every layer, right ones too: is the expected value right, is the tolerance "
            "not too small (finite differences are good to 1e-6)?"
        )
    if any(names[number] in RIGHT and number not in accepted for number in numbers):
        return "your test rejects a right layer that adds up in another order: compare with a tolerance."
    overlooked = sorted(number for number in accepted if names[number] not in RIGHT)
    return f"your test accepts {OVERLOOKED[names[overlooked[0]]]}" if overlooked else None


def caught(says: str, *names: str, weight: float = 1.0) -> Demand:
    """The property that the faulty layers ``names`` are caught and right ones accepted."""
    return Demand(says, lambda rng: [hunt(rng, *names)], all_found, weight)


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
    outputs=(Output("verdict", ("layer",), dtype="int"),),
    forbidden=tuple(name for name in OTHERS_WORK if name != "scipy"),
)
