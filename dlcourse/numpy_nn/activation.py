"""Activation functions: each a function, its derivative, and a thin layer; any shape."""

import math

import numpy as np

from dlcourse.numpy_nn.erf import normal_cdf
from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.validate import require_float


def relu(x: np.ndarray) -> np.ndarray:
    """y = max(0, x)  (eq-relu)."""
    return np.maximum(x, 0)


def relu_backward(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dx = dy · 1[y > 0]  (eq-relu-backward); the slope at 0 is 0, as in PyTorch and Keras."""
    dx = (y > 0).astype(dy.dtype)
    dx *= dy
    return dx


def tanh_backward(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dx = dy (1 - y²) for y = tanh(x)  (eq-tanh-backward)."""
    return dy * (1 - y * y)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """y = 1 / (1 + exp(-x))  (eq-sigmoid), computed as (1 + tanh(x/2)) / 2: no overflow, and faster."""
    y = np.tanh(x * 0.5)
    y *= 0.5
    y += 0.5
    return y


def sigmoid_backward(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dx = dy y (1 - y)  (eq-sigmoid-backward)."""
    return dy * y * (1 - y)


def gelu(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """y = x Φ(x)  (eq-gelu), Φ the normal distribution function -> y and Φ(x), both like x."""
    cdf = normal_cdf(x)
    return x * cdf, cdf


def gelu_backward(dy: np.ndarray, x: np.ndarray, cdf: np.ndarray) -> np.ndarray:
    """dx = dy (Φ(x) + x φ(x)), φ(x) = exp(-x²/2)/√(2π)  (eq-gelu-backward)."""
    density = np.exp(x * x * -0.5)
    density *= 1 / math.sqrt(2 * math.pi)
    return dy * (cdf + x * density)


class ReLU(Module):
    """``torch.nn.ReLU``: y = max(0, x) (Nair and Hinton 2010)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("ReLU", x)
        self._y = relu(x)
        return self._y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return relu_backward(dy, self._y)


class Tanh(Module):
    """``torch.nn.Tanh``: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("Tanh", x)
        self._y = np.tanh(x)
        return self._y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return tanh_backward(dy, self._y)


class Sigmoid(Module):
    """``torch.nn.Sigmoid``: y = 1 / (1 + exp(-x))."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("Sigmoid", x)
        self._y = sigmoid(x)
        return self._y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return sigmoid_backward(dy, self._y)


class GELU(Module):
    """``torch.nn.GELU``: y = x Φ(x), the exact form and not the one with tanh (Hendrycks and Gimpel 2016)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("GELU", x)
        y, self._cdf = gelu(x)
        self._x = x
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return gelu_backward(dy, self._x, self._cdf)
