"""The same work as others write it: from the published formulas, for comparison only.

None of these functions is used by the course; each is checked against ``numpy_nn`` before it is timed.
"""

# ruff: noqa: E741 (O is the book's symbol for output channels)
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.pairs import NUMPY, TORCH, as_images, draw
from benchmarks.timing import Work
from dlcourse.numpy_nn.activation import sigmoid
from dlcourse.numpy_nn.attention import scaled_dot_product_attention, scaled_dot_product_attention_backward
from dlcourse.numpy_nn.conv import conv2d, conv2d_backward
from dlcourse.numpy_nn.lstm import lstm
from dlcourse.numpy_nn.pooling import max_pool2d


def conv2d_loops(x, w, b) -> np.ndarray:
    """The formula, one multiplication at a time, on Python numbers."""
    (N, C, H, W), (O, _, P, Q) = x.shape, w.shape
    x, w, b = x.tolist(), w.tolist(), b.tolist()
    y = np.empty((N, O, H - P + 1, W - Q + 1), np.float32)
    for n, o, i, j in np.ndindex(*y.shape):
        total = b[o]
        for c in range(C):
            for p in range(P):
                for q in range(Q):
                    total += x[n][c][i + p][j + q] * w[o][c][p][q]
        y[n, o, i, j] = total
    return y


def conv2d_windows(x, w, b) -> np.ndarray:
    """One sum over a window for every number of the output."""
    (N, _, H, W), (O, _, P, Q) = x.shape, w.shape
    y = np.empty((N, O, H - P + 1, W - Q + 1), np.float32)
    for n, o, i, j in np.ndindex(*y.shape):
        y[n, o, i, j] = np.sum(x[n, :, i : i + P, j : j + Q] * w[o]) + b[o]
    return y


def window_indices(C: int, H: int, W: int, P: int, Q: int) -> tuple:
    """Channel, row and column of every pixel of every window: (C·P·Q, H_o·W_o); the im2col of CS231n."""
    c, p, q = (a.reshape(-1, 1) for a in np.mgrid[:C, :P, :Q])
    i, j = (a.reshape(1, -1) for a in np.mgrid[: H - P + 1, : W - Q + 1])
    return c, p + i, q + j


def conv2d_indexed(x, w, b) -> np.ndarray:
    """Windows fetched by index arrays, then one product."""
    (N, C, H, W), (O, _, P, Q) = x.shape, w.shape
    columns = x[:, *window_indices(C, H, W, P, Q)]  # (N, C·P·Q, H_o·W_o)
    columns = columns.transpose(1, 2, 0).reshape(C * P * Q, -1)
    y = w.reshape(O, -1) @ columns + b[:, None]
    return y.reshape(O, H - P + 1, W - Q + 1, N).transpose(3, 0, 1, 2)


def conv2d_indexed_backward(dy, x, w):
    """Its gradients; the windows are added back with ``np.add.at``."""
    (N, C, H, W), (O, _, P, Q) = x.shape, w.shape
    index = (slice(None), *window_indices(C, H, W, P, Q))
    columns = x[index].transpose(1, 2, 0).reshape(C * P * Q, -1)
    rows = dy.transpose(1, 2, 3, 0).reshape(O, -1)
    dcolumns = (w.reshape(O, -1).T @ rows).reshape(C * P * Q, -1, N)
    dx = np.zeros_like(x)
    np.add.at(dx, index, dcolumns.transpose(2, 0, 1))
    return dx, (rows @ columns.T).reshape(w.shape), rows.sum(1)


def max_pool2d_loops(x) -> np.ndarray:
    """The maximum of each 2×2 window, one window at a time."""
    N, C, H, W = x.shape
    y = np.empty((N, C, H // 2, W // 2), x.dtype)
    for n, c, i, j in np.ndindex(*y.shape):
        y[n, c, i, j] = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return y


def attention_formula(q, k, v):
    """softmax(QKᵀ/√d)V with all scores at once -> o and the weights."""
    s = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    p = np.exp(s - s.max(-1, keepdims=True))
    p = p / p.sum(-1, keepdims=True)
    return p @ v, p


def attention_formula_backward(do, q, k, v, p):
    """Its gradients from the kept weights."""
    dp = do @ v.swapaxes(-1, -2)
    ds = p * (dp - (dp * p).sum(-1, keepdims=True)) / math.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ do


def lstm_gates(x, h, c, w_ih, w_hh, b_ih, b_hh) -> np.ndarray:
    """An LSTM as the four equations are printed: every gate and step with products of its own."""
    W, U, b = np.split(w_ih, 4), np.split(w_hh, 4), np.split(b_ih + b_hh, 4)
    ys = []
    for t in range(x.shape[1]):
        i, f, g, o = (x[:, t] @ W[k].T + h @ U[k].T + b[k] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        ys.append(h)
    return np.stack(ys, 1)


def works(batch: int = 128, size: int = 13, channels=(32, 64), T: int = 512, steps: int = 64, H: int = 128):
    """The second convolution and the pooling of the article's CNN, attention, an LSTM: ours and theirs."""
    C, O = channels
    yield from _convolution(batch, size, C, O)
    yield _pooling(C, size)
    yield from _attention(T)
    yield _lstm(steps, H)


def _pooling(C: int, size: int) -> Work:
    x = as_images(draw(1, C, size, size).clip(0))
    t = torch.from_numpy(x.copy(order="C"))
    sides = {NUMPY: lambda: max_pool2d(x, 2), TORCH: lambda: F.max_pool2d(t, 2)}
    return Work(
        "max pooling, one image", "forward", sides | {"loop over windows": lambda: max_pool2d_loops(x)}
    )


def _lstm(steps: int, H: int) -> Work:
    x, h, c = draw(32, steps, H), draw(32, H, seed=1), draw(32, H, seed=2)
    weights = [draw(4 * H, H, seed=k) * np.float32(H**-0.5) for k in (3, 4)] + [draw(4 * H, seed=5)] * 2
    sides = {NUMPY: lambda: lstm(x, h, c, *weights)[0], "gate by gate": lambda: lstm_gates(x, h, c, *weights)}
    return Work(f"LSTM H={H}", "forward", sides)


def _convolution(batch: int, size: int, C: int, O: int) -> Iterator[Work]:
    w, b = draw(O, C, 3, 3), draw(O)
    for n in (1, batch):
        x, dy = as_images(draw(n, C, size, size)), as_images(draw(n, O, size - 2, size - 2))
        # Each gets the memory layout it was written for.
        x_c, dy_c = x.copy(order="C"), dy.copy(order="C")
        tensors = [torch.from_numpy(a.copy(order="C")).requires_grad_() for a in (x, w, b)]
        y, cotangent = F.conv2d(*tensors), torch.from_numpy(dy_c)
        forward = {
            NUMPY: lambda x=x: conv2d(x, w, b),
            TORCH: lambda tensors=tensors: F.conv2d(*tensors),
            "index arrays": lambda x=x_c: conv2d_indexed(x, w, b),
        }
        if n == 1:
            forward["loop over outputs"] = lambda x=x_c: conv2d_windows(x, w, b)
            forward["seven loops"] = lambda x=x_c: conv2d_loops(x, w, b)
        backward = {
            NUMPY: lambda x=x, dy=dy: conv2d_backward(dy, x, w),
            TORCH: lambda y=y, t=tensors, dy=cotangent: torch.autograd.grad(y, t, dy, retain_graph=True),
            "index arrays": lambda x=x_c, dy=dy_c: conv2d_indexed_backward(dy, x, w),
        }
        images = "one image" if n == 1 else f"{n} images"
        yield Work(f"convolution 2, {images}", "forward", forward)
        yield Work(f"convolution 2, {images}", "backward", backward)


def _attention(T: int) -> Iterator[Work]:
    q, k, v, do = (draw(1, 8, T, 64, seed=i) for i in range(4))
    o, lse = scaled_dot_product_attention(q, k, v)
    p = attention_formula(q, k, v)[1]
    forward = {
        NUMPY: lambda: scaled_dot_product_attention(q, k, v)[0],
        "all scores at once": lambda: attention_formula(q, k, v)[0],
    }
    backward = {
        NUMPY: lambda: scaled_dot_product_attention_backward(do, q, k, v, o, lse),
        "all scores at once": lambda: attention_formula_backward(do, q, k, v, p),
    }
    yield Work(f"attention, one text, T={T}", "forward", forward)
    yield Work(f"attention, one text, T={T}", "backward", backward)
