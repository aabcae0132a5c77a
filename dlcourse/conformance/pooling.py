"""Cases of pooling: overlapping and gapped windows, borders, ties."""

from dlcourse.conformance.compare import Case


def _real(shape: tuple):
    return lambda rng: (rng.standard_normal(shape),)


def _few_values(shape: tuple):
    """Integers from -1 to 1: nearly every window has several maxima."""
    return lambda rng: (rng.integers(-1, 2, shape).astype(float),)


CASES = [
    Case("MaxPool2d, 2x2", lambda nn, rng: nn.MaxPool2d(2), _real((2, 3, 6, 9))),
    Case("MaxPool2d, ties", lambda nn, rng: nn.MaxPool2d(2), _few_values((3, 2, 8, 7))),
    Case(
        "MaxPool2d, overlapping windows with ties",
        lambda nn, rng: nn.MaxPool2d(3, 1),
        _few_values((2, 3, 7, 8)),
    ),
    Case("MaxPool2d, 3x2, stride (2, 1)", lambda nn, rng: nn.MaxPool2d((3, 2), (2, 1)), _real((2, 3, 8, 7))),
    Case("MaxPool2d, padded, ties", lambda nn, rng: nn.MaxPool2d(3, 2, 1), _few_values((2, 3, 7, 8))),
    Case("MaxPool2d, dilation", lambda nn, rng: nn.MaxPool2d(2, 1, 0, (2, 3)), _real((2, 3, 7, 8))),
    Case("AvgPool2d, 2x2", lambda nn, rng: nn.AvgPool2d(2), _real((2, 3, 6, 9))),
    Case("AvgPool2d, 3x2, stride (1, 2)", lambda nn, rng: nn.AvgPool2d((3, 2), (1, 2)), _real((2, 3, 7, 9))),
    Case("AvgPool2d, padded", lambda nn, rng: nn.AvgPool2d(3, 2, 1), _real((2, 3, 7, 8))),
    Case(
        "AvgPool2d, border not counted",
        lambda nn, rng: nn.AvgPool2d((3, 4), 2, (1, 2), count_include_pad=False),
        _real((2, 3, 7, 8)),
    ),
    Case(
        "Flatten, order of the axes",
        lambda nn, rng: nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24, 5, rng=rng)),
        _real((3, 2, 6, 9)),
    ),
    Case("AdaptiveAvgPool2d, global", lambda nn, rng: nn.AdaptiveAvgPool2d(1), _real((2, 3, 6, 9))),
    Case(
        "AdaptiveAvgPool2d, bins of unequal size",
        lambda nn, rng: nn.AdaptiveAvgPool2d((3, 4)),
        _real((2, 3, 7, 9)),
    ),
]
