"""Convolution layers for the bug hunt: some are right, the others subtly wrong. All of them still train."""

from types import SimpleNamespace

import numpy as np

from dlcourse.checks.bug_hunt import Hunt
from dlcourse.numpy_nn.conv import conv2d, conv2d_backward


def _y_shifts(x, w, b):
    """The right y as a sum over the kernel offsets."""
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    y = sum(
        np.tensordot(x[:, :, p : p + rows, q : q + columns], w[:, :, p, q], (1, 1))
        for p, q in np.ndindex(*w.shape[2:])
    )
    return np.moveaxis(y, 3, 1) + b[:, None, None]


def _layer(forward=conv2d, backward=conv2d_backward):
    """A layer with ``forward(x, w, b) -> y`` and ``backward(dy, x, w) -> dx, dw, db``."""
    return SimpleNamespace(
        forward=lambda x, w, b: forward(x, w, b), backward=lambda dy, x, w: backward(dy, x, w)
    )


def _changed(entry):
    """Makes layers of which one of dx, dw, db is ``change(value, dy, x, w)``."""

    def of(change, forward=conv2d):
        def backward(dy, x, w):
            values = list(conv2d_backward(dy, x, w))
            values[entry] = change(values[entry], dy, x, w)
            return tuple(values)

        return _layer(forward, backward)

    return of


_dx, _dw, _db = map(_changed, range(3))


def _without_edge(dx, dy, x, w):
    dx[:, :, -1] = 0
    return dx


HUNT = Hunt(
    right={
        "right": _layer(),
        "shifts and sums": _layer(_y_shifts),
        "other memory order": _dx(
            lambda dx, *_: np.asfortranarray(dx), lambda x, w, b: np.asfortranarray(conv2d(x, w, b))
        ),
        "rounds otherwise": _dw(
            lambda dw, *_: dw * (1 - 2e-15), lambda x, w, b: conv2d(x, w, b) * (1 + 3e-15)
        ),
    },
    nonsense=_layer(
        lambda x, w, b: 0 * conv2d(x, w, b), lambda *given: tuple(0 * v for v in conv2d_backward(*given))
    ),
    faulty={
        "no bias": _layer(lambda x, w, b: conv2d(x, w, 0 * b)),
        "one bias": _layer(lambda x, w, b: conv2d(x, w, np.full_like(b, b[0]))),
        "flipped forward": _layer(lambda x, w, b: conv2d(x, w[:, :, ::-1, ::-1], b)),
        "dx flipped": _dx(lambda dx, dy, x, w: conv2d_backward(dy, x, w[:, :, ::-1, ::-1])[0]),
        "dx transposed kernel": _dx(
            lambda dx, dy, x, w: conv2d_backward(dy, x, w.swapaxes(2, 3).reshape(w.shape))[0]
        ),
        "dx last row": _dx(_without_edge),
        "dx one filter": _dx(lambda dx, dy, x, w: conv2d_backward(dy[:, :1], x, w[:1])[0]),
        "dx mean": _dx(lambda dx, dy, x, w: dx / len(dy)),
        "dw one sample": _dw(lambda dw, dy, x, w: conv2d_backward(dy[:1], x[:1], w)[1]),
        "dw mean": _dw(lambda dw, dy, x, w: dw / len(dy)),
        "dw one channel": _dw(lambda dw, *_: np.repeat(dw.mean(1, keepdims=True), dw.shape[1], axis=1)),
        "dw transposed": _dw(lambda dw, *_: dw.swapaxes(2, 3).reshape(dw.shape)),
        "cotangent of ones": _layer(
            backward=lambda dy, x, w: conv2d_backward(np.full_like(dy, dy.mean()), x, w)
        ),
        "db mean": _db(lambda db, dy, *_: db / len(dy)),
        "db shared": _db(lambda db, *_: np.full_like(db, db.mean())),
    },
    overlooked={
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
        "db mean": "a layer that divides db by the batch size: take several samples, and look at db.",
        "db shared": "a layer that gives all channels the same db: take several filters and a random dy.",
    },
)
