"""Pooling: the maximum or the mean of each window."""

import numpy as np

from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.validate import pair, require_float, require_shape
from dlcourse.numpy_nn.windows import Window, channels_first, channels_last, chunks


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, return_winner=False):
    """y[n,c,i,j] = max_pq x̃[n, c, s·i + d·p, s·j + d·q]  (eq-max-pool).

    x (N, C, H, W) -> y (N, C, H_o, W_o); the border of x̃ is -∞. ``stride`` is the kernel size unless given.
    ``return_winner`` adds what the backward pass needs: for each y the place p·Q + q in the window of the
    pixel that won. Where several are the maximum (zeros after a ReLU), it is the first, row by row.
    """
    window = _pool_window("MaxPool2d", kernel_size, stride, padding, dilation)
    x = window.pad(channels_last(x), -np.inf)
    y = np.empty((len(x), *window.output_size(x), x.shape[-1]), x.dtype)
    winner = np.zeros(y.shape, np.min_scalar_type(np.prod(window.kernel)))
    for n in chunks(x):
        first, *others = window.views(x[n])
        y[n] = first
        for place, pixels in enumerate(others, 1):
            if return_winner:
                larger = pixels > y[n]
                np.maximum(winner[n], larger * winner.dtype.type(place), out=winner[n])  # places only grow
            np.maximum(y[n], pixels, out=y[n])
    return (channels_first(y), channels_first(winner)) if return_winner else channels_first(y)


def max_pool2d_backward(dy, winner, x, kernel_size, stride=None, padding=0, dilation=1) -> np.ndarray:
    """dx̃[the pixel that won window (i, j)] += dy[n,c,i,j]  (eq-max-pool-backward).

    dy, winner (N, C, H_o, W_o), x (N, C, H, W) -> dx like x.
    """
    window = _pool_window("MaxPool2d", kernel_size, stride, padding, dilation)
    dy, winner = channels_last(dy), channels_last(winner)
    dx = np.zeros_like(window.pad(channels_last(x)))
    for n in chunks(dx):
        for place, dpixels in enumerate(window.views(dx[n])):
            given = (winner[n] == place).astype(dy.dtype)
            given *= dy[n]
            if window.overlaps:
                dpixels += given
            else:
                dpixels[...] = given  # a fifth faster
    return channels_first(window.crop(dx))


def avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True) -> np.ndarray:
    """y[n,c,i,j] = (1/k) Σ_pq x̃[n, c, s·i + p, s·j + q]  (eq-avg-pool).

    k = P·Q, or with ``count_include_pad=False`` the number of pixels of the window inside the image.
    x (N, C, H, W) -> y (N, C, H_o, W_o).
    """
    window = _pool_window("AvgPool2d", kernel_size, stride, padding)
    y = sum(window.views(window.pad(channels_last(x))))
    y /= _pixel_count(window, x, count_include_pad)
    return channels_first(y)


def avg_pool2d_backward(dy, x, kernel_size, stride=None, padding=0, count_include_pad=True) -> np.ndarray:
    """dx̃[n, c, s·i + p, s·j + q] += dy[n,c,i,j] / k  (eq-avg-pool-backward).

    dy (N, C, H_o, W_o), x (N, C, H, W) -> dx like x.
    """
    window = _pool_window("AvgPool2d", kernel_size, stride, padding)
    share = channels_last(dy) / _pixel_count(window, x, count_include_pad)
    dx = np.zeros_like(window.pad(channels_last(x)))
    for dpixels in window.views(dx):
        dpixels += share
    return channels_first(window.crop(dx))


def _pool_window(layer, kernel_size, stride, padding, dilation=1) -> Window:
    window = Window(layer, kernel_size, kernel_size if stride is None else stride, padding, dilation)
    if any(2 * p > k for (p, _), k in zip(window.padding, window.kernel, strict=True)):
        raise ValueError(
            f"{layer}: padding is {padding}, expected at most half of kernel_size {kernel_size}: "
            "a window must see the image"
        )
    return window


def _pixel_count(window: Window, x: np.ndarray, count_include_pad: bool):
    """The divisor k of each output position: a number, or (1, H_o, W_o, 1)."""
    if count_include_pad:
        return x.dtype.type(window.kernel[0] * window.kernel[1])
    return sum(window.views(window.pad(np.ones((1, *x.shape[2:], 1), x.dtype))))


class MaxPool2d(Module):
    """``torch.nn.MaxPool2d``: the maximum of each window (``max_pool2d``); (N, C, H, W) -> (N, C, H_o, W_o).

    Raises ``ValueError`` for windows larger than the image, ``TypeError`` for a dtype other than float.
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1):
        _pool_window("MaxPool2d", kernel_size, stride, padding, dilation)
        self.options = (kernel_size, stride, padding, dilation)

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("MaxPool2d", x)
        require_shape("MaxPool2d", x, ("N", "C", "H", "W"))
        self._x, self._winner = x, None
        if not self.training:  # a backward pass is rare then, and finds the winners itself
            return max_pool2d(x, *self.options)
        y, self._winner = max_pool2d(x, *self.options, return_winner=True)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        if self._winner is None:
            _, self._winner = max_pool2d(self._x, *self.options, return_winner=True)
        return max_pool2d_backward(dy, self._winner, self._x, *self.options)


class AvgPool2d(Module):
    """``torch.nn.AvgPool2d``: the mean of each window (``avg_pool2d``); (N, C, H, W) -> (N, C, H_o, W_o).

    Raises ``ValueError`` for windows larger than the image, ``TypeError`` for a dtype other than float.
    """

    def __init__(self, kernel_size, stride=None, padding=0, *, count_include_pad: bool = True):
        _pool_window("AvgPool2d", kernel_size, stride, padding)
        self.options = (kernel_size, stride, padding, count_include_pad)

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("AvgPool2d", x)
        require_shape("AvgPool2d", x, ("N", "C", "H", "W"))
        self._x = x
        return avg_pool2d(x, *self.options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return avg_pool2d_backward(dy, self._x, *self.options)


def _mean_over_bins(size: int, bins: int, dtype) -> np.ndarray:
    """(bins, size): row i averages the pixels ⌊i·size/bins⌋ ... ⌈(i+1)·size/bins⌉ - 1."""
    i, pixel = np.arange(bins)[:, None], np.arange(size)
    inside = (pixel >= i * size // bins) & (pixel < -(-(i + 1) * size // bins))
    return (inside / inside.sum(1, keepdims=True)).astype(dtype)


def adaptive_avg_pool2d(x: np.ndarray, output_size) -> np.ndarray:
    """y[n,c] = A x[n,c] Bᵀ  (eq-adaptive-avg-pool), the rows of A and B average the pixels of a bin.

    x (N, C, H, W) -> y (N, C, H_o, W_o); ``output_size`` 1 is global average pooling (Lin et al. 2014).
    """
    A, B = _bin_matrices(x, output_size)
    return A @ x @ B.T


def adaptive_avg_pool2d_backward(dy: np.ndarray, x: np.ndarray, output_size) -> np.ndarray:
    """dx[n,c] = Aᵀ dy[n,c] B  (eq-adaptive-avg-pool-backward); dy (N, C, H_o, W_o) -> dx like x."""
    A, B = _bin_matrices(x, output_size)
    return A.T @ dy @ B


def _bin_matrices(x, output_size) -> list[np.ndarray]:
    bins = pair("AdaptiveAvgPool2d", "output_size", output_size)
    return [_mean_over_bins(n, b, x.dtype) for n, b in zip(x.shape[2:], bins, strict=True)]


class AdaptiveAvgPool2d(Module):
    """``torch.nn.AdaptiveAvgPool2d``: means of ``output_size`` bins whatever the size of the image.

    ``AdaptiveAvgPool2d(1)`` is global average pooling. x (N, C, H, W) -> (N, C, H_o, W_o).
    Raises ``ValueError`` for a wrong shape, ``TypeError`` for a dtype other than float.
    """

    def __init__(self, output_size):
        self.output_size = pair("AdaptiveAvgPool2d", "output_size", output_size)

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("AdaptiveAvgPool2d", x)
        require_shape("AdaptiveAvgPool2d", x, ("N", "C", "H", "W"))
        self._x = x
        return adaptive_avg_pool2d(x, self.output_size)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return adaptive_avg_pool2d_backward(dy, self._x, self.output_size)
