"""Cases of the cross-entropy loss."""

import numpy as np

from dlcourse.conformance.compare import Case


def _inputs(shape: tuple, ignored: int | None = None, scale: float = 1.0):
    def draw(rng):
        target = rng.integers(0, shape[-1], shape[:-1])
        if ignored is not None:
            target = np.where(rng.random(target.shape) < 0.4, ignored, target)
        return scale * rng.standard_normal(shape), target

    return draw


CASES = [
    Case("CrossEntropyLoss", lambda nn, rng: nn.CrossEntropyLoss(), _inputs((5, 4))),
    Case("CrossEntropyLoss, large logits", lambda nn, rng: nn.CrossEntropyLoss(), _inputs((5, 4), scale=1e3)),
    Case("CrossEntropyLoss, a sequence", lambda nn, rng: nn.CrossEntropyLoss(), _inputs((3, 7, 5))),
    Case(
        "CrossEntropyLoss, ignore_index",
        lambda nn, rng: nn.CrossEntropyLoss(ignore_index=0),
        _inputs((4, 6, 5)),
    ),
    Case(
        "CrossEntropyLoss, label smoothing",
        lambda nn, rng: nn.CrossEntropyLoss(label_smoothing=0.1),
        _inputs((6, 5)),
    ),
    Case(
        "CrossEntropyLoss, label smoothing and ignored targets",
        lambda nn, rng: nn.CrossEntropyLoss(label_smoothing=0.3, ignore_index=-100),
        _inputs((4, 6, 5), ignored=-100),
    ),
    Case(
        "CrossEntropyLoss, everything ignored",
        lambda nn, rng: nn.CrossEntropyLoss(ignore_index=-1),
        lambda rng: (rng.standard_normal((3, 4)), np.full(3, -1)),
    ),
]
