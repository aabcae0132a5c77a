"""Dropout that can draw its masks from a NumPy generator."""

import numpy as np
import torch

from dlcourse.numpy_nn.dropout import dropout_mask, require_probability, variational_mask_shape


class Dropout(torch.nn.Module):
    """``torch.nn.Dropout``; with ``rng`` (NumPy generator or seed) its masks equal those of ``numpy_nn``.

    Masks from ``rng`` are made on the CPU and copied, so that two backends can be compared. Without it
    PyTorch draws them on the device, which is the fast way.
    """

    def __init__(self, p: float = 0.5, *, rng=None):
        super().__init__()
        self.p = require_probability(type(self).__name__, p)
        self._rng = None if rng is None else np.random.default_rng(rng)

    def mask_shape(self, shape: tuple) -> tuple:
        return shape

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        shape = self.mask_shape(tuple(x.shape))
        if self._rng is not None:
            return x * torch.from_numpy(dropout_mask(self._rng, shape, self.p, np.float64)).to(x)
        if shape == tuple(x.shape):
            return torch.nn.functional.dropout(x, self.p)
        return x * torch.nn.functional.dropout(x.new_ones(shape), self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class VariationalDropout(Dropout):
    """Dropout with one mask for all time steps (Gal and Ghahramani 2016): ``time_axis`` 1 for (B, T, D)."""

    def __init__(self, p: float = 0.5, time_axis: int = 1, *, rng=None):
        super().__init__(p, rng=rng)
        self.time_axis = time_axis

    def mask_shape(self, shape: tuple) -> tuple:
        return variational_mask_shape(shape, self.time_axis)
