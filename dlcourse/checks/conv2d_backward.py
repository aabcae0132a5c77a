"""E04 ``conv2d_backward``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call
from dlcourse.numpy_nn import conv


def gradient_input(rng: np.random.Generator, x: tuple, w: tuple, **options) -> Call:
    """dy of the right shape, x (N, C, H, W) and w (O, C, P, Q), all of standard normal numbers."""
    stride, padding = options.get("stride", 1), options.get("padding", 0)
    size = [(x[a] + 2 * padding - w[a]) // stride + 1 for a in (2, 3)]
    dy = rng.standard_normal((x[0], w[0], *size))
    return call(dy, rng.standard_normal(x), rng.standard_normal(w), **options)


def layer_backward(dy, x, w, stride=1, padding=0):
    """The reference of E04."""
    return conv.conv2d_backward(dy, x, w, stride, padding)


def _only(entry: int, function):
    """A mistake in one of dx, dw, db: ``function(right value, dy, x, w, stride, padding)``."""

    def wrong(dy, x, w, stride=1, padding=0):
        values = list(layer_backward(dy, x, w, stride, padding))
        values[entry] = function(values[entry], dy, x, w, stride, padding)
        return tuple(values)

    return wrong


DX, DW, DB = 0, 1, 2


def _padded(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def _padded_dx(dy, x, w, s, p):
    """dx before the border is cut off."""
    return layer_backward(dy, _padded(x, p), w, s, 0)[0]


def _dx_step_one(dx, dy, x, w, s, p):
    """Scattered side by side instead of every ``stride`` pixels."""
    padded = np.zeros_like(_padded(x, p))
    rows, columns = dy.shape[2:]
    for i, j in np.ndindex(*w.shape[2:]):
        padded[:, :, i : i + rows, j : j + columns] += np.einsum("nohw,oc->nchw", dy, w[:, :, i, j])
    return padded[:, :, p : p + x.shape[2], p : p + x.shape[3]]


def _dw_step_one(dw, dy, x, w, s, p):
    rows, columns = dy.shape[2:]
    result = np.zeros_like(w)
    for i, j in np.ndindex(*w.shape[2:]):
        part = _padded(x, p)[:, :, i : i + rows, j : j + columns]
        result[:, :, i, j] = np.einsum("nohw,nchw->oc", dy, part)
    return result


def _dw_without_padding(dw, dy, x, w, s, p):
    """x without its border: the products meet the wrong pixels, where the slices still fit."""
    result = np.zeros_like(w)
    for i, j in np.ndindex(*w.shape[2:]):
        part = x[:, :, i::s, j::s][:, :, : dy.shape[2], : dy.shape[3]]
        result[:, :, i, j] = np.einsum("nohw,nchw->oc", dy[:, :, : part.shape[2], : part.shape[3]], part)
    return result


def _last_offset(dx, dy, x, w, s, p):
    last = np.zeros_like(w)
    last[:, :, -1, -1] = w[:, :, -1, -1]
    return layer_backward(dy, x, last, s, p)[0]


def _overwritten(dx, dy, x, w, s, p):
    """dx[...] = instead of +=: where windows overlap the last kernel offset wins."""
    padded = np.zeros_like(_padded(x, p))
    rows, columns = dy.shape[2:]
    for i, j in np.ndindex(*w.shape[2:]):
        padded[:, :, i : i + s * rows : s, j : j + s * columns : s] = np.einsum(
            "nohw,oc->nchw", dy, w[:, :, i, j]
        )[:, :, : len(range(i, min(i + s * rows, padded.shape[2]), s))]
    return padded[:, :, p : p + x.shape[2], p : p + x.shape[3]]


def _swapped_channels(w):
    if w.shape[0] != w.shape[1]:
        raise ValueError("as many filters as channels")
    return w.swapaxes(0, 1)


def _dx_with(change):
    return _only(DX, lambda dx, dy, x, w, s, p: layer_backward(dy, x, change(w), s, p)[0])


BACKWARD_MISTAKES = (
    Misconception(
        "db sums over batch and positions; you take the mean.",
        _only(DB, lambda db, dy, *_: dy.mean((0, 2, 3))),
    ),
    Misconception(
        "db sums over batch and positions; you average over the batch.",
        _only(DB, lambda db, dy, *_: db / len(dy)),
    ),
    Misconception(
        "db sums over batch and positions; you average over the positions.",
        _only(DB, lambda db, dy, *_: db / dy[0, 0].size),
    ),
    Misconception(
        "db sums over the whole batch; you took the first sample only.",
        _only(DB, lambda db, dy, *_: dy[0].sum((1, 2))),
    ),
    Misconception(
        "db still has the axes of the positions: sum over batch, rows and columns, axis=(0, 2, 3).",
        _only(DB, lambda db, dy, *_: dy.sum(0)),
    ),
    Misconception(
        "db still has the axis of the batch: sum over batch, rows and columns, axis=(0, 2, 3).",
        _only(DB, lambda db, dy, *_: dy.sum((2, 3))),
    ),
    Misconception(
        "db still has the axis of the rows or columns: sum over batch, rows and columns, axis=(0, 2, 3).",
        _only(DB, lambda db, dy, *_: dy.sum((0, 2))),
    ),
    Misconception(
        "db has one number for each output channel; you summed over the channels too.",
        _only(DB, lambda db, dy, *_: dy.sum()),
    ),
    Misconception(
        "dx still is in the padded frame: cut `padding` rows and columns off on every side.",
        _only(DX, lambda dx, *rest: _padded_dx(*rest)),
    ),
    Misconception(
        "dx still is in the padded frame: cut the padding off on the left and top too, not only at the end.",
        _only(DX, lambda dx, *rest: _padded_dx(*rest)[:, :, : dx.shape[2], : dx.shape[3]]),
    ),
    Misconception(
        "dx lost rows and columns on the left and top only: cut the padding off at the end too.",
        _only(DX, lambda dx, *rest: _padded_dx(*rest)[:, :, rest[-1] :, rest[-1] :]),
    ),
    Misconception(
        "dx is scattered with step 1; windows start every `stride` pixels.", _only(DX, _dx_step_one)
    ),
    Misconception(
        "dw pairs dy with neighbouring pixels; windows start every `stride` pixels: "
        "x[..., p::stride, q::stride].",
        _only(DW, _dw_step_one),
    ),
    Misconception(
        "dw forgets the padding: the forward pass saw the padded x.", _only(DW, _dw_without_padding)
    ),
    Misconception(
        "dx meets the kernel the wrong way round: y[i] used x[i+p] with w[p], so dx[i+p] gets dy[i]*w[p].",
        _dx_with(lambda w: w[:, :, ::-1, ::-1]),
    ),
    Misconception("dx: rows and columns of the kernel are exchanged.", _dx_with(lambda w: w.swapaxes(2, 3))),
    Misconception(
        "dx sums over the output channels: w is read with its two channel axes exchanged.",
        _dx_with(_swapped_channels),
    ),
    Misconception(
        "dx uses the first output channel only: sum over all of them.",
        _only(DX, lambda dx, dy, x, w, s, p: layer_backward(dy[:, :1], x, w[:1], s, p)[0]),
    ),
    Misconception(
        "dx keeps only the last output channel: sum over all of them, add with +=.",
        _only(DX, lambda dx, dy, x, w, s, p: layer_backward(dy[:, -1:], x, w[-1:], s, p)[0]),
    ),
    Misconception(
        "dx keeps only the last kernel offset: the windows overlap, add with +=.", _only(DX, _last_offset)
    ),
    Misconception(
        "dx is overwritten where windows overlap: add with +=, do not assign.", _only(DX, _overwritten)
    ),
    Misconception(
        "dx is divided by the batch size: each sample has its own dx.",
        _only(DX, lambda dx, dy, *_: dx / len(dy)),
    ),
    Misconception(
        "dx is summed over the batch: each sample has its own dx.",
        _only(DX, lambda dx, *_: np.broadcast_to(dx.sum(0, keepdims=True), dx.shape)),
    ),
    Misconception("dw sums over the batch; you take the mean.", _only(DW, lambda dw, dy, *_: dw / len(dy))),
    Misconception(
        "dw and db sum over the batch; you take the mean.",
        lambda dy, x, w, s=1, p=0: tuple(
            value / n for value, n in zip(layer_backward(dy, x, w, s, p), (1, len(dy), len(dy)), strict=True)
        ),
    ),
    Misconception(
        "dw sums over the positions; you take the mean.", _only(DW, lambda dw, dy, *_: dw / dy[0, 0].size)
    ),
    Misconception(
        "dw sums over batch and positions; you take the mean.",
        _only(DW, lambda dw, dy, *_: dw / (len(dy) * dy[0, 0].size)),
    ),
    Misconception(
        "dw sums over the whole batch; you took the first sample only.",
        _only(DW, lambda dw, dy, x, w, s, p: layer_backward(dy[:1], x[:1], w, s, p)[1]),
    ),
    Misconception(
        "dw keeps only the last sample: sum over the batch, add with +=.",
        _only(DW, lambda dw, dy, x, w, s, p: layer_backward(dy[-1:], x[-1:], w, s, p)[1]),
    ),
    Misconception(
        "dw is turned by 180 degrees: dw[p,q] pairs dy[i,j] with x[i+p, j+q].",
        _only(DW, lambda dw, *_: dw[:, :, ::-1, ::-1]),
    ),
    Misconception(
        "dw: rows and columns of the kernel are exchanged.", _only(DW, lambda dw, *_: dw.swapaxes(2, 3))
    ),
    Misconception(
        "dw has the axes (C, O, P, Q); it should be like w: (O, C, P, Q).",
        _only(DW, lambda dw, *_: dw.swapaxes(0, 1)),
    ),
    Misconception(
        "dw has the same value for every input channel: do not sum over c.",
        _only(DW, lambda dw, *_: np.broadcast_to(dw.sum(1, keepdims=True), dw.shape)),
    ),
)

EXERCISE = Exercise(
    name="conv2d_backward",
    reference=layer_backward,
    properties=(
        Property(
            "one sample, one channel, one filter",
            lambda rng: [gradient_input(rng, (1, 1, 5, 5), (1, 1, 3, 3))],
        ),
        Property("oblong images and kernels", lambda rng: [gradient_input(rng, (1, 1, 5, 6), (1, 1, 3, 2))]),
        Property("channels and filters", lambda rng: [gradient_input(rng, (1, 3, 5, 5), (2, 3, 2, 2))]),
        Property("a batch", lambda rng: [gradient_input(rng, (3, 2, 5, 5), (2, 2, 3, 3))]),
        Property("stride", lambda rng: [gradient_input(rng, (2, 2, 7, 9), (3, 2, 3, 3), stride=2)]),
        Property("padding", lambda rng: [gradient_input(rng, (2, 2, 5, 5), (3, 2, 3, 3), padding=1)]),
    ),
    misconceptions=BACKWARD_MISTAKES,
    outputs=(
        Output("dx", ("sample", "channel", "row", "column")),
        Output("dw", ("output channel", "input channel", "row", "column")),
        Output("db", ("output channel",)),
    ),
    forbidden=OTHERS_WORK,
)
