"""Measuring a trained model."""

from typing import NamedTuple

import numpy as np

from dlcourse import backend
from dlcourse.training.checks import require_fit, require_split
from dlcourse.training.runner import make_runner


class Evaluation(NamedTuple):
    """Mean loss (nats), accuracy (0..1) and the number of targets that counted."""

    loss: float
    accuracy: float
    count: int


def evaluate(model, data, *, loss=None, batch_size: int = 256, device: str | None = None) -> Evaluation:
    """Loss and accuracy of ``model`` on ``data`` = (x, y), in evaluation mode; the mode is restored.

    Batches of unequal size are weighted by their number of real targets. Raises as ``fit`` does.
    """
    data = require_split("evaluate: data", data)
    runner = make_runner(model, loss, device)
    require_fit("evaluate", model, data, runner.loss.ignore_index)
    return measure(runner, data, batch_size)


def measure(runner, data, batch_size: int) -> Evaluation:
    """``evaluate`` for a runner and checked data."""
    total = Totals()
    with backend.evaluating(runner.model):
        for start in range(0, len(data.y), batch_size):
            rows = slice(start, start + batch_size)
            total.add(*runner.measure(take(data.x, rows), data.y[rows]))
    return total.evaluation()


def predict(model, x, *, batch_size: int = 256) -> np.ndarray:
    """The logits of all rows of ``x`` (an array, or a tuple of arrays) as one NumPy array."""
    rows = len(x[0]) if isinstance(x, tuple) else len(x)
    starts = range(0, rows, batch_size)
    return np.concatenate([backend.predict(model, *take(x, slice(i, i + batch_size))) for i in starts])


def take(x, rows) -> tuple:
    """The given rows of every input, always as a tuple of inputs."""
    return tuple(a[rows] for a in x) if isinstance(x, tuple) else (x[rows],)


class Totals:
    """Sums over batches."""

    def __init__(self):
        self.loss, self.hits, self.real = 0.0, 0, 0

    def add(self, loss, hits, real) -> None:
        """Numbers, or tensors without an axis: reading those waits for their device."""
        real = int(real)
        self.loss += float(loss) * real
        self.hits += int(hits)
        self.real += real

    def evaluation(self) -> Evaluation:
        real = max(1, self.real)
        return Evaluation(self.loss / real, self.hits / real, self.real)
