"""Cases of layer norm and batch norm: means far from 0, training and evaluation."""

from dlcourse.conformance.compare import Case


def _real(*shape: int):
    return lambda rng: (3 + 2 * rng.standard_normal(shape),)


CASES = [
    Case("LayerNorm, last axis", lambda nn, rng: nn.LayerNorm(7), _real(3, 4, 7)),
    Case("LayerNorm, two axes", lambda nn, rng: nn.LayerNorm((4, 5)), _real(3, 4, 5)),
    Case("LayerNorm, large eps", lambda nn, rng: nn.LayerNorm(5, 0.1), _real(6, 5)),
    Case("BatchNorm1d, training", lambda nn, rng: nn.BatchNorm1d(4), _real(6, 4)),
    Case("BatchNorm1d, sequences, evaluation", lambda nn, rng: nn.BatchNorm1d(4).eval(), _real(3, 4, 5)),
    Case("BatchNorm1d, sequences, training", lambda nn, rng: nn.BatchNorm1d(4, 1e-3, 0.4), _real(3, 4, 5)),
    Case("BatchNorm2d, training", lambda nn, rng: nn.BatchNorm2d(3), _real(2, 3, 4, 5)),
    Case("BatchNorm2d, evaluation", lambda nn, rng: nn.BatchNorm2d(3, 0.1).eval(), _real(2, 3, 4, 5)),
    Case(
        "BatchNorm2d, behind a convolution",
        lambda nn, rng: nn.Sequential(nn.Conv2d(2, 3, 2, rng=rng), nn.BatchNorm2d(3), nn.ReLU()),
        _real(3, 2, 5, 4),
    ),
]
