"""Normalisation: mean 0, variance 1 over the batch or over the features, then a learned scale and shift."""

import numpy as np

from dlcourse.numpy_nn.module import Buffer, Module, Parameter
from dlcourse.numpy_nn.validate import require_float, require_positive, require_shape


def layer_norm(x, weight, bias, eps: float = 1e-5):
    """x̂ = (x - μ)/√(v + ε), y = γ x̂ + β  (eq-layer-norm); μ and v (biased) over the last axis.

    x (..., D), weight γ (D,), bias β (D,) -> y like x, x̂ like x, rstd = 1/√(v + ε) (..., 1).
    """
    x_hat = x - _row_mean(x, np.ones_like(weight))
    rstd = 1 / np.sqrt(_row_mean(x_hat, x_hat) + x.dtype.type(eps))
    x_hat *= rstd
    y = x_hat * weight
    y += bias
    return y, x_hat, rstd


def layer_norm_backward(dy, x_hat, rstd, weight):
    """dx = (d̂ - mean d̂ - x̂ mean(d̂ ⊙ x̂)) rstd with d̂ = γ dy; dγ = Σ dy ⊙ x̂; dβ = Σ dy
    (eq-layer-norm-backward).

    dy (..., D) -> dx like dy, dweight (D,), dbias (D,).
    """
    D = dy.shape[-1]
    dx = dy * weight
    dx -= _row_mean(dy, weight) + x_hat * _row_mean(dx, x_hat)
    dx *= rstd
    return dx, _column_sum((dy * x_hat).reshape(-1, D)), _column_sum(dy.reshape(-1, D))


def _row_mean(a, b):
    """The mean of a ⊙ b over the last axis, kept as an axis of length 1."""
    return np.vecdot(a, b)[..., None] / a.dtype.type(a.shape[-1])


def _column_sum(a):
    """a.sum(0) of a matrix, as a product with ones: faster for narrow rows."""
    return np.ones(len(a), a.dtype) @ a


def batch_norm(x, mean, var, weight, bias, eps: float = 1e-5):
    """x̂ = (x - μ)/√(v + ε), y = γ x̂ + β for each channel  (eq-batch-norm).

    x (M, C): a row for every pixel of every image; mean, var, weight, bias (C,)
    -> y like x, x̂ like x, rstd = 1/√(v + ε) (C,).
    """
    rstd = 1 / np.sqrt(var + x.dtype.type(eps))
    x_hat = (x - mean) * rstd
    return x_hat * weight + bias, x_hat, rstd


def batch_norm_backward(dy, x_hat, rstd, weight, training: bool = True):
    """dx = γ rstd (dy - mean dy - x̂ mean(dy ⊙ x̂)), means over the rows; dγ = Σ dy ⊙ x̂; dβ = Σ dy
    (eq-batch-norm-backward). In evaluation μ and v are constants: dx = γ rstd dy.

    dy (M, C) -> dx like dy, dweight (C,), dbias (C,).
    """
    dweight, dbias = _column_sum(dy * x_hat), _column_sum(dy)
    dx = dy - (dbias + x_hat * dweight) / dy.dtype.type(len(dy)) if training else dy
    return dx * (weight * rstd), dweight, dbias


class LayerNorm(Module):
    """``torch.nn.LayerNorm`` over the last axes, ``normalized_shape`` (Ba et al. 2016).

    Raises ``TypeError`` for a dtype other than float32/float64, ``ValueError`` for other last axes.
    """

    def __init__(self, normalized_shape, eps: float = 1e-5, *, dtype=np.float32):
        shape = (normalized_shape,) if isinstance(normalized_shape, int | np.integer) else normalized_shape
        self.normalized_shape, self.eps = tuple(shape), eps
        require_positive("LayerNorm", **{f"normalized_shape[{i}]": n for i, n in enumerate(shape)})
        self.weight = Parameter(np.ones(self.normalized_shape, dtype))
        self.bias = Parameter(np.zeros(self.normalized_shape, dtype))

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("LayerNorm", x)
        require_shape("LayerNorm", x, (..., *self.normalized_shape))
        y, self._x_hat, self._rstd = layer_norm(
            self._rows(x), self.weight.data.reshape(-1), self.bias.data.reshape(-1), self.eps
        )
        return y.reshape(x.shape)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = layer_norm_backward(
            self._rows(dy), self._x_hat, self._rstd, self.weight.data.reshape(-1)
        )
        self.weight.grad += dweight.reshape(self.normalized_shape)
        self.bias.grad += dbias.reshape(self.normalized_shape)
        return dx.reshape(dy.shape)

    def _rows(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(-1, self.weight.size)


class _BatchNorm(Module):
    """What the batch norms share: rows of channels, running statistics."""

    shapes: tuple[tuple, ...]  # the inputs that a subclass accepts, after N and C

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, *, dtype=np.float32):
        require_positive(type(self).__name__, num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = Parameter(np.ones(num_features, dtype))
        self.bias = Parameter(np.zeros(num_features, dtype))
        self.running_mean = Buffer(np.zeros(num_features, dtype))
        self.running_var = Buffer(np.ones(num_features, dtype))
        self.num_batches_tracked = Buffer(np.array(0))

    def forward(self, x: np.ndarray) -> np.ndarray:
        name = type(self).__name__
        require_float(name, x)
        fitting = [s for s in self.shapes if len(s) + 2 == x.ndim]
        require_shape(name, x, ("N", self.num_features, *(fitting or self.shapes)[0]))
        rows = self._rows(x)
        if self.training:
            mean = _column_sum(rows) / rows.dtype.type(len(rows))
            var = _column_sum((rows - mean) ** 2) / rows.dtype.type(len(rows))
            self._update_running(mean, var, len(rows))
        else:
            mean, var = self.running_mean.data, self.running_var.data
        y, self._x_hat, self._rstd = batch_norm(rows, mean, var, self.weight.data, self.bias.data, self.eps)
        return self._unrows(y, x.shape)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = batch_norm_backward(
            self._rows(dy), self._x_hat, self._rstd, self.weight.data, self.training
        )
        self.weight.grad += dweight
        self.bias.grad += dbias
        return self._unrows(dx, dy.shape)

    def _update_running(self, mean: np.ndarray, var: np.ndarray, count: int) -> None:
        """running ← (1 - momentum) running + momentum new, with the unbiased variance, as PyTorch does."""
        if count < 2:
            raise ValueError(
                f"{type(self).__name__}: training with one value per channel, expected at least two: "
                "use a larger batch, or eval()"
            )
        for running, new in ((self.running_mean, mean), (self.running_var, var * (count / (count - 1)))):
            running.data += self.momentum * (new - running.data)
        self.num_batches_tracked.data += 1

    def _rows(self, x: np.ndarray) -> np.ndarray:
        return np.moveaxis(x, 1, -1).reshape(-1, self.num_features)

    def _unrows(self, rows: np.ndarray, shape: tuple) -> np.ndarray:
        return np.moveaxis(rows.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


class BatchNorm1d(_BatchNorm):
    """``torch.nn.BatchNorm1d``: each feature over the batch; (N, C) or (N, C, L) (Ioffe and Szegedy 2015).

    The running variance is unbiased, as in PyTorch; Keras keeps the biased one. ``momentum`` is the share of
    the new batch (Keras: of the old value). Raises ``ValueError`` for a wrong shape and for training with a
    single value per channel, ``TypeError`` for a dtype other than float32/float64.
    """

    shapes = ((), ("L",))


class BatchNorm2d(_BatchNorm):
    """``torch.nn.BatchNorm2d``: each channel over batch and pixels; (N, C, H, W). See ``BatchNorm1d``."""

    shapes = (("H", "W"),)
