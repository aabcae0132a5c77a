"""Flatten: images become vectors."""

import numpy as np

from dlcourse.numpy_nn.module import Module


class Flatten(Module):
    """``torch.nn.Flatten``: (N, C, H, W) -> (N, C·H·W), channels outermost; any axes may follow N.

    (Keras flattens in the order H, W, C: weights that move between them must be permuted.)
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        if x.ndim < 2:
            raise ValueError(f"Flatten: x has shape {x.shape}, expected a batch axis and at least one more")
        self._shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy.reshape(self._shape)
