"""Convolution layers for the bug hunt: some are right, the others subtly wrong. All of them still train."""

from types import SimpleNamespace

import numpy as np

from dlcourse.numpy_nn.conv import conv2d, conv2d_backward

RIGHT = ("right", "right, shifts and sums", "right, other memory order", "right, rounds otherwise")


def _y_shifts(x, w, b):
    """The right y as a sum over the kernel offsets."""
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    y = sum(
        np.tensordot(x[:, :, p : p + rows, q : q + columns], w[:, :, p, q], (1, 1))
        for p, q in np.ndindex(*w.shape[2:])
    )
    return np.moveaxis(y, 3, 1) + b[:, None, None]


def _backward(entry=None, change=None):
    """The right backward pass with one of dx, dw, db changed: ``change(value, dy, x, w)``."""

    def backward(dy, x, w):
        values = list(conv2d_backward(dy, x, w))
        if entry is not None:
            values[entry] = change(values[entry], dy, x, w)
        return tuple(values)

    return backward


DX, DW, DB = 0, 1, 2
_dx, _dw, _db = (lambda change, entry=entry: (conv2d, _backward(entry, change)) for entry in (DX, DW, DB))


def _without_edge(dx, dy, x, w):
    dx[:, :, -1] = 0
    return dx


# name -> a pair (forward, backward)
LAYERS = {
    "right": lambda: (conv2d, _backward()),
    "right, shifts and sums": lambda: (_y_shifts, _backward()),
    "right, other memory order": lambda: (
        lambda x, w, b: np.asfortranarray(conv2d(x, w, b)),
        _backward(DX, lambda dx, *_: np.asfortranarray(dx)),
    ),
    "right, rounds otherwise": lambda: (
        lambda x, w, b: conv2d(x, w, b) * (1 + 3e-15),
        _backward(DW, lambda dw, *_: dw * (1 - 2e-15)),
    ),
    "no bias": lambda: (lambda x, w, b: conv2d(x, w, 0 * b), _backward()),
    "one bias": lambda: (lambda x, w, b: conv2d(x, w, np.full_like(b, b[0])), _backward()),
    "flipped forward": lambda: (lambda x, w, b: conv2d(x, w[:, :, ::-1, ::-1], b), _backward()),
    "dx flipped": lambda: _dx(lambda dx, dy, x, w: conv2d_backward(dy, x, w[:, :, ::-1, ::-1])[0]),
    "dx transposed kernel": lambda: _dx(
        lambda dx, dy, x, w: conv2d_backward(dy, x, w.swapaxes(2, 3).reshape(w.shape))[0]
    ),
    "dx last row": lambda: _dx(_without_edge),
    "dx one filter": lambda: _dx(lambda dx, dy, x, w: conv2d_backward(dy[:, :1], x, w[:1])[0]),
    "dx mean": lambda: _dx(lambda dx, dy, x, w: dx / len(dy)),
    "dw one sample": lambda: _dw(lambda dw, dy, x, w: conv2d_backward(dy[:1], x[:1], w)[1]),
    "dw mean": lambda: _dw(lambda dw, dy, x, w: dw / len(dy)),
    "dw one channel": lambda: _dw(
        lambda dw, dy, x, w: np.repeat(dw.mean(1, keepdims=True), dw.shape[1], axis=1)
    ),
    "dw transposed": lambda: _dw(lambda dw, dy, x, w: dw.swapaxes(2, 3).reshape(dw.shape)),
    "cotangent of ones": lambda: (
        conv2d,
        lambda dy, x, w: conv2d_backward(np.full_like(dy, dy.mean()), x, w),
    ),
    "db mean": lambda: _db(lambda db, dy, x, w: dy.mean((0, 2, 3)) * dy[0, 0].size),
    "db shared": lambda: _db(lambda db, dy, x, w: np.full_like(db, db.mean())),
}
OVERLOOKED = {
    "no bias": "a layer that ignores b: are your biases different from 0, and do you look at y?",
    "one bias": "a layer that gives every channel the bias of the first: take different biases.",
    "flipped forward": "a layer that flips the kernel: compare y itself with the formula.",
    "dx flipped": "a layer whose dx meets the kernel the wrong way round: a symmetric kernel hides that.",
    "dx transposed kernel": "a layer whose dx exchanges rows and columns of w: a symmetric w hides that.",
    "dx last row": "a layer whose dx lacks the last row: look at every entry of dx.",
    "dx one filter": "a layer whose dx uses the first filter only: take several filters.",
    "dx mean": "a layer that divides dx by the batch size: take a batch of several samples.",
    "dw one sample": "a layer whose dw uses the first sample only: take a batch of several samples.",
    "dw mean": "a layer that divides dw by the batch size: take a batch of several samples.",
    "dw one channel": "a layer whose dw is the same for all input channels: take several channels.",
    "dw transposed": "a layer whose dw exchanges rows and columns: look at every entry of dw.",
    "cotangent of ones": "a layer that replaces dy by its mean: a dy of ones hides that.",
    "db mean": "a layer that divides db by the batch size: take a batch of several samples, and look at db.",
    "db shared": "a layer that gives all channels the same db: take several filters and a random dy.",
}
NUMBERS = {name: number for number, name in enumerate(LAYERS)}


def make_layer(number: int) -> SimpleNamespace:
    """A layer with ``forward(x, w, b) -> y`` and ``backward(dy, x, w) -> dx, dw, db``."""
    forward, backward = list(LAYERS.values())[number]()
    return SimpleNamespace(
        forward=lambda x, w, b: forward(x, w, b), backward=lambda dy, x, w: backward(dy, x, w)
    )
