"""Where a token stands: fixed sines and cosines, or one learned vector a position."""

import numpy as np

from dlcourse.numpy_nn.module import Module, Parameter
from dlcourse.numpy_nn.validate import require_float, require_shape


def sinusoidal_positions(length: int, d_model: int) -> np.ndarray:
    """PE(t, 2i) = sin(t / 10000^(2i/d)), PE(t, 2i+1) = cos(t / 10000^(2i/d))  (eq-positional-encoding).

    -> (length, d_model), float64. PE(t + k) is PE(t) turned by angles that depend on k alone.
    Vaswani et al. 2017, §3.5.
    """
    frequency = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)  # (⌈d/2⌉,)
    angle = np.arange(length)[:, None] * frequency  # (T, ⌈d/2⌉)
    table = np.empty((length, d_model))
    table[:, 0::2] = np.sin(angle)
    table[:, 1::2] = np.cos(angle[:, : d_model // 2])
    return table


def positions_of(layer: str, x, d_model: int, max_len: int, cache) -> slice:
    """Where x (..., T, d_model) stands: behind the positions in ``cache``. Too many raise ``ValueError``."""
    require_shape(layer, x, (..., "T", d_model))
    start = 0 if cache is None else cache.length
    stop = start + x.shape[-2]
    if stop > max_len:
        raise ValueError(
            f"{layer}: the sequence reaches {stop} positions, but there are only max_len {max_len}; "
            "shorten it or make the layer with a larger max_len"
        )
    return slice(start, stop)


def initial_positions(rng, max_len: int, d_model: int) -> np.ndarray:
    """N(0, 0.02²): what BERT and GPT-2 start their position vectors from; (max_len, d_model), float64."""
    return np.random.default_rng(rng).normal(0, 0.02, (max_len, d_model))


class PositionalEncoding(Module):
    """y_t = x_t + PE(t), fixed sines and cosines: x (..., T, d_model), T at most ``max_len``.

    No parameters, nothing in the state. With ``cache`` counting starts behind the positions in it.
    """

    def __init__(self, d_model: int, max_len: int = 5000):
        self.d_model, self.max_len = d_model, max_len
        self._table = sinusoidal_positions(max_len, d_model)

    def forward(self, x: np.ndarray, cache=None) -> np.ndarray:
        require_float("PositionalEncoding", x)
        positions = positions_of("PositionalEncoding", x, self.d_model, self.max_len, cache)
        return x + self._table[positions].astype(x.dtype)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy


class PositionalEmbedding(Module):
    """y_t = x_t + weight_t, a learned row of weight (max_len, d_model) a position  (eq-positional-embedding).

    x (..., T, d_model), T at most ``max_len``; ``cache`` as in ``PositionalEncoding``. ``rng`` draws the
    initial weights N(0, 0.02²). Gehring et al. 2017; Devlin et al. 2019.
    """

    def __init__(self, max_len: int, d_model: int, *, rng=None, dtype=np.float32):
        self.d_model, self.max_len = d_model, max_len
        self.weight = Parameter(initial_positions(rng, max_len, d_model).astype(dtype))

    def forward(self, x: np.ndarray, cache=None) -> np.ndarray:
        require_float("PositionalEmbedding", x)
        self._positions = positions_of("PositionalEmbedding", x, self.d_model, self.max_len, cache)
        return x + self.weight.data[self._positions]

    def backward(self, dy: np.ndarray) -> np.ndarray:
        self.weight.grad[self._positions] += dy.reshape(-1, *dy.shape[-2:]).sum(0)
        return dy
