"""Cases of the whole models."""

from dlcourse import models
from dlcourse.conformance.compare import Case

CASES = [
    Case(
        "cnn as printed, 28×28",
        lambda nn, rng: models.cnn(nn, rng=rng),
        lambda rng: (rng.standard_normal((3, 1, 28, 28)),),
    ),
    # At 28×28 the last map is 1×1, so the order of Flatten cannot show; at 32×32 it is 2×2.
    Case(
        "cnn as printed, 32×32 in colour",
        lambda nn, rng: models.cnn(nn, in_channels=3, size=32, classes=7, rng=rng),
        lambda rng: (rng.standard_normal((2, 3, 32, 32)),),
    ),
    Case(
        'cnn, padding="same", 28×28',
        lambda nn, rng: models.cnn(nn, padding="same", rng=rng),
        lambda rng: (rng.standard_normal((2, 1, 28, 28)),),
    ),
    Case(
        "mlp, two hidden layers",
        lambda nn, rng: models.mlp(nn, inputs=30, hidden=(7, 4), classes=3, rng=rng),
        lambda rng: (rng.standard_normal((5, 2, 5, 3)),),
    ),
]
