"""Cases of the activation functions."""

from dlcourse.conformance.compare import Case

CASES = [
    Case("ReLU", lambda nn, rng: nn.ReLU(), lambda rng: (rng.standard_normal((3, 4, 5)),)),
    Case("ReLU, zeros", lambda nn, rng: nn.ReLU(), lambda rng: (rng.integers(-1, 2, (6, 7)).astype(float),)),
]
