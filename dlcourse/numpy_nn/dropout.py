"""Dropout: during training some numbers are set to zero at random, the others grow to make up for it."""

import numpy as np

from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.validate import require_float


def dropout_mask(rng: np.random.Generator, shape: tuple, p: float, dtype=np.float32) -> np.ndarray:
    """Factors m: 0 with probability p, else 1/(1-p), so that the mean of m is 1  (eq-dropout).

    Always drawn in float32, so that float64 and PyTorch see the same mask.
    """
    mask = (rng.random(shape, dtype=np.float32) >= p).astype(dtype)
    if p < 1:
        mask *= 1 / (1 - p)
    return mask


class Dropout(Module):
    """``torch.nn.Dropout``: y = x ⊙ m in training, y = x otherwise; any shape (Srivastava et al. 2014).

    ``rng`` draws the masks. Raises ``ValueError`` for p outside 0 ... 1, ``TypeError`` for a dtype other than
    float32/float64.
    """

    def __init__(self, p: float = 0.5, *, rng=None):
        self.p = require_probability(type(self).__name__, p)
        self._rng = np.random.default_rng(rng)

    def mask_shape(self, shape: tuple) -> tuple:
        return shape

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float(type(self).__name__, x)
        self._mask = None
        if not self.training or self.p == 0:
            return x
        self._mask = dropout_mask(self._rng, self.mask_shape(x.shape), self.p, x.dtype)
        return x * self._mask

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy if self._mask is None else dy * self._mask


class VariationalDropout(Dropout):
    """Dropout with one mask for all time steps (Gal and Ghahramani 2016): what Keras does inside its RNNs.

    x has a time axis ``time_axis``, 1 for (B, T, D); a number that is dropped is dropped at every step.
    """

    def __init__(self, p: float = 0.5, time_axis: int = 1, *, rng=None):
        super().__init__(p, rng=rng)
        self.time_axis = time_axis

    def mask_shape(self, shape: tuple) -> tuple:
        return variational_mask_shape(shape, self.time_axis)


def variational_mask_shape(shape: tuple, time_axis: int) -> tuple:
    """``shape`` with the time axis of length 1; raises ``ValueError`` if there is no such axis."""
    if not -len(shape) <= time_axis < len(shape):
        raise ValueError(f"VariationalDropout: x has shape {tuple(shape)}, expected a time axis {time_axis}")
    return tuple(1 if axis == time_axis % len(shape) else n for axis, n in enumerate(shape))


def require_probability(layer: str, p: float) -> float:
    """p itself; raises ``ValueError`` unless 0 <= p <= 1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{layer}: p is {p}, expected a probability from 0 to 1")
    return p
