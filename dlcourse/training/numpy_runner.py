"""One batch through a model of ``numpy_nn``."""

import contextlib

import numpy as np

from dlcourse import numpy_nn
from dlcourse.backend import to_model
from dlcourse.metrics import count_hits


class NumpyRunner:
    """``learn`` leaves the gradients in the parameters; ``measure`` computes the loss only.

    Both return the mean loss, the number of right answers and the number of targets that count.
    ``steps_between_reads`` is how many steps ``fit`` takes before it looks at them.
    """

    nn = numpy_nn
    steps_between_reads = 1

    def __init__(self, model, loss, device, autocast):
        if device not in (None, "cpu", "auto"):
            raise ValueError(
                f'device is {device!r}, but numpy_nn computes on the CPU: expected "cpu" or "auto"'
            )
        if autocast:
            raise ValueError("autocast=True, but numpy_nn has no bfloat16: expected autocast=False")
        self.model, self.loss = model, loss or numpy_nn.CrossEntropyLoss()

    def seed(self, entropy: list[int]) -> None:
        """Nothing to do: NumPy layers hold their own generators."""

    def own_randomness(self):
        """A context that keeps the generators outside the model as they were."""
        return contextlib.nullcontext()

    def learn(self, inputs: tuple, target: np.ndarray) -> tuple[float, int, int]:
        # A diverging run overflows before its loss is NaN: fit then says so in a sentence.
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.model(*to_model(self.model, inputs))
            loss = self.loss(logits, target)
            self.model.zero_grad()
            self.model.backward_parameters(self.loss.backward())
        return loss, *count_hits(logits, target, self.loss.ignore_index)

    def measure(self, inputs: tuple, target: np.ndarray) -> tuple[float, int, int]:
        logits = self.model(*to_model(self.model, inputs))
        return self.loss(logits, target), *count_hits(logits, target, self.loss.ignore_index)
