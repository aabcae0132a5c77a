"""Activation functions."""

import numpy as np

from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.validate import require_float


def relu(x: np.ndarray) -> np.ndarray:
    """y = max(0, x)  (eq-relu), any shape."""
    return np.maximum(x, 0)


def relu_backward(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dx = dy · 1[y > 0]  (eq-relu-backward); the slope at 0 is 0, as in PyTorch and Keras."""
    dx = (y > 0).astype(dy.dtype)
    dx *= dy
    return dx


class ReLU(Module):
    """``torch.nn.ReLU``: y = max(0, x), any shape (Nair and Hinton 2010)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("ReLU", x)
        self._y = relu(x)
        return self._y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return relu_backward(dy, self._y)
