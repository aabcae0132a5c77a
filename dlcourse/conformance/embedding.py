"""Cases of the embedding: repeated ids, padding, ids that never come."""

from dlcourse.conformance.compare import Case

CASES = [
    Case(
        "Embedding, repeated ids",
        lambda nn, rng: nn.Embedding(4, 3, rng=rng),
        lambda rng: (rng.integers(0, 3, (5, 7)),),
    ),
    Case(
        "Embedding, padding row",
        lambda nn, rng: nn.Embedding(5, 4, padding_idx=2, rng=rng),
        lambda rng: (rng.integers(0, 5, (3, 8)),),
    ),
    Case(
        "Embedding, then a layer",
        lambda nn, rng: nn.Sequential(nn.Embedding(6, 4, rng=rng), nn.Linear(4, 2, rng=rng)),
        lambda rng: (rng.integers(0, 6, 9),),
    ),
]
