"""Fully connected layer."""

import numpy as np

from dlcourse.numpy_nn.init import uniform_fan_in
from dlcourse.numpy_nn.module import Module, Parameter
from dlcourse.numpy_nn.validate import require_float, require_shape


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """y = x weightᵀ + bias  (eq-linear).

    x (..., I), weight (O, I), bias (O,) -> y (..., O).
    """
    y = x @ weight.T
    if bias is not None:
        y += bias
    return y


def linear_backward(dy: np.ndarray, x: np.ndarray, weight: np.ndarray):
    """dx = dy weight, dweight = dyᵀ x, dbias = Σ dy  (eq-linear-backward).

    dy (..., O) -> dx like x, dweight like weight, dbias (O,); sums run over all leading axes.
    """
    rows_dy = dy.reshape(-1, dy.shape[-1])
    rows_x = x.reshape(-1, x.shape[-1])
    return dy @ weight, rows_dy.T @ rows_x, rows_dy.sum(0)


class Linear(Module):
    """``torch.nn.Linear``: y = x weightᵀ + bias over the last axis.

    ``rng`` draws the initial weights U(±1/√in_features), as PyTorch does (LeCun et al. 1998, §4.6).
    Raises ``TypeError`` for a dtype other than float32/float64, ``ValueError`` for a wrong last axis.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, rng=None, dtype=np.float32):
        rng = np.random.default_rng(rng)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(uniform_fan_in(rng, (out_features, in_features), in_features, dtype))
        self.bias = Parameter(uniform_fan_in(rng, (out_features,), in_features, dtype)) if bias else None

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("Linear", x)
        require_shape("Linear", x, (..., self.in_features))
        self._x = x
        return linear(x, self.weight.data, None if self.bias is None else self.bias.data)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = linear_backward(dy, self._x, self.weight.data)
        self.weight.grad += dweight
        if self.bias is not None:
            self.bias.grad += dbias
        return dx
