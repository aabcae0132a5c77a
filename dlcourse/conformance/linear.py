"""Cases of the fully connected layer."""

from dlcourse.conformance.compare import Case

CASES = [
    Case(
        "Linear, rows of a batch",
        lambda nn, rng: nn.Linear(5, 3, rng=rng),
        lambda rng: (rng.standard_normal((4, 5)),),
    ),
    Case(
        "Linear, three axes, no bias",
        lambda nn, rng: nn.Linear(5, 3, bias=False, rng=rng),
        lambda rng: (rng.standard_normal((2, 7, 5)),),
    ),
]
