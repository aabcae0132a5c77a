"""E03 ``receptive_field``: what is asked for, and the mistakes people make."""

from collections.abc import Sequence

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call

ARTICLE = [("conv", 3, 1), ("pool", 2, 2)] * 3  # the network of the article's listing 4.1


def some_layers(rng: np.random.Generator, kinds: str, height: tuple[int, int] = (24, 40)) -> Call:
    """A stack with one layer for each letter: c convolution (stride 1), s with a stride of 2, p pooling.

    Kernels are at least as large as their stride, so that no pixel between two windows is skipped.
    """
    layers = []
    for kind in kinds:
        k = int(rng.integers(2, 5))
        if kind == "p":
            layers.append(("pool", k, int(rng.integers(2, k + 1))))
        else:
            layers.append(("conv", k, 2 if kind == "s" else 1))
    H = int(rng.integers(*height))
    while _walk(H, layers)[2] < 1:
        H += 7
    return call(H, layers)


def with_a_rest(rng: np.random.Generator) -> list[Call]:
    """Two stacks whose last windows do not fit: floor and ceil differ, whatever is drawn."""
    k = int(rng.integers(3, 6))
    return [
        call(4 * int(rng.integers(4, 8)) + 1, [("pool", 2, 2), ("conv", k, 1), ("pool", 2, 2)]),
        call(3 * int(rng.integers(7, 10)) + 2, [("conv", 2, 1), ("pool", 3, 3), ("conv", 2, 1)]),
    ]


def _walk(H: int, layers: Sequence, **wrong) -> tuple[int, int, int]:
    """r, j, n after all layers; ``wrong`` replaces single rules."""
    r, j, n = wrong.get("start", 1), 1, H
    grow = wrong.get("grow", lambda r, j, k, s: r + (k - 1) * j)
    jump = wrong.get("jump", lambda j, k, s: j * s)
    size = wrong.get("size", lambda n, k, s: (n - k) // s + 1)
    for kind, k, s in layers:
        if kind not in wrong.get("skip", ()):
            if wrong.get("early"):
                j = jump(j, k, s)
                r = grow(r, j, k, s)
            else:
                r = grow(r, j, k, s)
                j = jump(j, k, s)
        n = size(n, k, s)
    return r, j, n


def receptive_field(H, layers):
    """The reference of E03: r += (k-1) j, then j *= s; the outputs see r + (n-1) j rows and columns."""
    return _with_area(H, *_walk(H, layers))


def _with_area(H, r, j, n):
    return r, j, n, H * H - (r + (n - 1) * j) ** 2


def _unseen(area):
    """A mistake in the last value only."""

    def wrong(H, layers):
        r, j, n = _walk(H, layers)
        return r, j, n, area(H, r, j, n)

    return wrong


def _rules(**wrong):
    return lambda H, layers: _with_area(H, *_walk(H, layers, **wrong))


FIELD_MISTAKES = (
    Misconception("pooling layers enlarge the receptive field as well.", _rules(skip=("pool",))),
    Misconception(
        "pooling layers enlarge the receptive field as well: you skipped them there (their stride you kept).",
        lambda H, layers: _with_area(
            H, _walk(H, [(a, 1 if a == "pool" else k, s) for a, k, s in layers])[0], *_walk(H, layers)[1:]
        ),
    ),
    Misconception("update the jump after, not before, adding (k-1)*jump.", _rules(early=True)),
    Misconception(
        "receptive fields do not multiply: each layer adds (k-1)*jump.", _rules(grow=lambda r, j, k, s: r * k)
    ),
    Misconception(
        "a layer adds (k-1)*jump, not k*jump: the windows share a pixel.",
        _rules(grow=lambda r, j, k, s: r + k * j),
    ),
    Misconception(
        "a layer adds (k-1) pixels of its own input: multiply with the jump to count pixels of the image.",
        _rules(grow=lambda r, j, k, s: r + k - 1),
    ),
    Misconception(
        "the receptive field of one pixel of the image is 1, not 0: start with r = 1.", _rules(start=0)
    ),
    Misconception(
        "the jump is the product of the strides, not their sum.", _rules(jump=lambda j, k, s: j + s)
    ),
    Misconception(
        "the jump is the product of all strides; yours is that of the last layer only.",
        _rules(jump=lambda j, k, s: s),
    ),
    Misconception(
        "the jump grows with the strides, not with the kernel sizes.", _rules(jump=lambda j, k, s: j * k)
    ),
    Misconception("the jump stays 1: multiply it with the stride.", _rules(jump=lambda j, k, s: j)),
    Misconception(
        "windows that do not fit are dropped (floor), not completed (ceil).",
        _rules(size=lambda n, k, s: -(-(n - k) // s) + 1),
    ),
    Misconception("n lacks the first window: (n-k)//s + 1.", _rules(size=lambda n, k, s: (n - k) // s)),
    Misconception(
        "n is divided by the stride but does not lose the k-1 pixels at the edge: (n-k)//s + 1.",
        _rules(size=lambda n, k, s: n // s),
    ),
    Misconception(
        "unseen counts pixels (an area), you counted rows.", _unseen(lambda H, r, j, n: H - r - (n - 1) * j)
    ),
    Misconception(
        "unseen is the area of the image minus the area that is seen, not the square of the difference.",
        _unseen(lambda H, r, j, n: (H - r - (n - 1) * j) ** 2),
    ),
    Misconception(
        "unseen: all n outputs together see r + (n-1)*j rows; you took the field of one output.",
        _unseen(lambda H, r, j, n: H * H - r * r),
    ),
    Misconception(
        "unseen: the outputs see r + (n-1)*j rows, not r + n*j: n places have n-1 steps between them.",
        _unseen(lambda H, r, j, n: H * H - (r + n * j) ** 2),
    ),
    Misconception(
        "unseen: the fields of the outputs overlap; do not add up their areas.",
        _unseen(lambda H, r, j, n: H * H - n * n * r * r),
    ),
    Misconception(
        "that is the number of pixels that are seen; unseen is the rest.",
        _unseen(lambda H, r, j, n: (r + (n - 1) * j) ** 2),
    ),
    Misconception(
        "unseen is a number of pixels, not a share of the image.",
        _unseen(lambda H, r, j, n: 1 - (r + (n - 1) * j) ** 2 / (H * H)),
    ),
    Misconception(
        "unseen compares the output with the image: ask which pixels any output depends on.",
        _unseen(lambda H, r, j, n: H * H - n * n),
    ),
)

EXERCISE = Exercise(
    name="receptive_field",
    reference=receptive_field,
    properties=(
        Property("one convolution", lambda rng: [some_layers(rng, "c")]),
        Property("several convolutions", lambda rng: [some_layers(rng, "ccc")]),
        Property("convolution, then pooling", lambda rng: [some_layers(rng, "cp")]),
        Property(
            "several layers with strides",
            lambda rng: [some_layers(rng, "cpcp", (60, 90)), some_layers(rng, "scp")],
        ),
        Property("windows that do not fit", with_a_rest),
        Property("the network of the article, 28x28 pixels", lambda rng: [call(28, ARTICLE)], 0.5),
    ),
    misconceptions=FIELD_MISTAKES,
    outputs=(Output("r"), Output("j"), Output("n"), Output("unseen")),
    forbidden=OTHERS_WORK,
)
