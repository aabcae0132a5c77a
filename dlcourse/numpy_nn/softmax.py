"""Softmax and its logarithm along one axis."""

import numpy as np

from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.validate import require_float


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """p_v = exp(x_v) / Σ_w exp(x_w)  (eq-softmax); the maximum is subtracted first, which changes nothing
    but the overflow. Any shape."""
    p = x - x.max(axis, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis, keepdims=True)
    return p


def softmax_backward(dp: np.ndarray, p: np.ndarray, axis: int = -1) -> np.ndarray:
    """dx = p ⊙ (dp - Σ_v dp_v p_v)  (eq-softmax-backward)."""
    dx = dp - (dp * p).sum(axis, keepdims=True)
    dx *= p
    return dx


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """y_v = x_v - log Σ_w exp(x_w)  (eq-log-softmax), with the maximum subtracted first. Any shape."""
    y = x - x.max(axis, keepdims=True)
    y -= np.log(np.exp(y).sum(axis, keepdims=True))
    return y


def log_softmax_backward(dy: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """dx = dy - exp(y) Σ_v dy_v  (eq-log-softmax-backward)."""
    return dy - np.exp(y) * dy.sum(axis, keepdims=True)


class Softmax(Module):
    """``torch.nn.Softmax``: weights that are positive and sum to 1 along ``dim``."""

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("Softmax", x)
        _require_axis("Softmax", x, self.dim)
        self._p = softmax(x, self.dim)
        return self._p

    def backward(self, dp: np.ndarray) -> np.ndarray:
        return softmax_backward(dp, self._p, self.dim)


class LogSoftmax(Module):
    """``torch.nn.LogSoftmax``: the logarithm of ``Softmax``, without its underflow."""

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("LogSoftmax", x)
        _require_axis("LogSoftmax", x, self.dim)
        self._y = log_softmax(x, self.dim)
        return self._y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return log_softmax_backward(dy, self._y, self.dim)


def _require_axis(layer: str, x: np.ndarray, dim: int) -> None:
    if not -x.ndim <= dim < x.ndim:
        raise ValueError(f"{layer}: x has shape {x.shape}, expected an axis {dim}")
