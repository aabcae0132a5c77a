"""E02 ``conv2d``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, NoPixelLoop, Property, call
from dlcourse.numpy_nn.conv import conv2d


def layer_input(rng: np.random.Generator, x: tuple, w: tuple, bias: bool = True, **options) -> Call:
    """x (N, C, H, W), w (O, C, P, Q), and b (O,), which is zero without ``bias``."""
    b = rng.uniform(0.5, 1.5, w[0]) * rng.choice([-1, 1], w[0]) if bias else np.zeros(w[0])
    return call(rng.standard_normal(x), rng.standard_normal(w), b, **options)


def layer(x, w, b, stride=1, padding=0):
    """The reference of E02."""
    return conv2d(x, w, b, stride, padding)


def _padded(x, padding, **how):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), **how)


def _ceil_size(x, w, b, stride, padding):
    x = _padded(x, padding)
    rest = [-(s - k) % stride for s, k in zip(x.shape[2:], w.shape[2:], strict=True)]
    return layer(np.pad(x, ((0, 0), (0, 0), (0, rest[0]), (0, rest[1]))), w, b, stride)


def _one_side(x, w, b, stride, padding, first=True):
    amount = (padding, 0) if first else (0, padding)
    return layer(np.pad(x, ((0, 0), (0, 0), amount, amount)), w, b, stride)


def _only_last_offset(x, w, b, stride, padding):
    x = _padded(x, padding)[:, :, w.shape[2] - 1 :, w.shape[3] - 1 :]
    return layer(x, w[:, :, -1:, -1:], b, stride)


def _dilated(x, w, b, stride, padding):
    return conv2d(x, w, b, 1, padding, dilation=stride)


def _no_bias(w):
    return np.zeros(w.shape[0])


def _columns(b):
    return b[:, None, None]


def _depthwise(x, w, b, stride, padding):
    if w.shape[0] != w.shape[1]:
        raise ValueError("as many filters as channels")
    return np.concatenate(
        [
            layer(x[:, c : c + 1], w[c : c + 1, c : c + 1], b[c : c + 1], stride, padding)
            for c in range(w.shape[0])
        ],
        axis=1,
    )


LAYER_MISTAKES = (
    Misconception(
        "the kernel is flipped: cross-correlation does not flip.",
        lambda x, w, b, s, p: layer(x, w[:, :, ::-1, ::-1], b, s, p),
    ),
    Misconception(
        "rows and columns of the kernel are swapped.",
        lambda x, w, b, s, p: layer(x, w.swapaxes(2, 3), b, s, p),
    ),
    Misconception(
        "the sum over the input channels is missing: only the first channel is used.",
        lambda x, w, b, s, p: layer(x[:, :1], w[:, :1], b, s, p),
    ),
    Misconception(
        "only the last input channel is used: the channels are summed, add with +=.",
        lambda x, w, b, s, p: layer(x[:, -1:], w[:, -1:], b, s, p),
    ),
    Misconception(
        "you average over the channels; they are summed.",
        lambda x, w, b, s, p: layer(x, w / w.shape[1], b, s, p),
    ),
    Misconception(
        "you average over the window; the formula sums.",
        lambda x, w, b, s, p: layer(x, w / w[0, 0].size, b, s, p),
    ),
    Misconception(
        "you average over the window and the channels; the formula sums.",
        lambda x, w, b, s, p: layer(x, w / w[0].size, b, s, p),
    ),
    Misconception(
        "each filter sees only the channel of its own number: every filter sums over all channels.",
        _depthwise,
    ),
    Misconception(
        "every output channel uses the first filter.",
        lambda x, w, b, s, p: layer(x, np.broadcast_to(w[:1], w.shape), b, s, p),
    ),
    Misconception("only the last kernel offset is kept: add to y with +=, do not assign.", _only_last_offset),
    Misconception("the bias is missing.", lambda x, w, b, s, p: layer(x, w, _no_bias(w), s, p)),
    Misconception("the bias is subtracted.", lambda x, w, b, s, p: layer(x, w, -b, s, p)),
    Misconception(
        "the bias is added once for every input channel: add it once, after the sum.",
        lambda x, w, b, s, p: layer(x, w, b * w.shape[1], s, p),
    ),
    Misconception(
        "the bias is added once for every kernel offset: add it once, after the sum.",
        lambda x, w, b, s, p: layer(x, w, b * w[0, 0].size, s, p),
    ),
    Misconception(
        "the bias is added with every product: add it once, after the sum.",
        lambda x, w, b, s, p: layer(x, w, b * w[0].size, s, p),
    ),
    Misconception(
        "every output channel gets the bias of the first one.",
        lambda x, w, b, s, p: layer(x, w, np.full_like(b, b[0]), s, p),
    ),
    Misconception(
        "every output channel gets the sum of all biases.",
        lambda x, w, b, s, p: layer(x, w, np.full_like(b, b.sum()), s, p),
    ),
    Misconception(
        "the bias runs along the columns: b belongs to the output channels, write b[:, None, None].",
        lambda x, w, b, s, p: layer(x, w, _no_bias(w), s, p) + b,
    ),
    Misconception(
        "the bias is multiplied: it is added.",
        lambda x, w, b, s, p: layer(x, w, _no_bias(w), s, p) * _columns(b),
    ),
    Misconception(
        "the first sample's result is repeated for the whole batch.",
        lambda x, w, b, s, p: layer(np.broadcast_to(x[:1], x.shape), w, b, s, p),
    ),
    Misconception(
        "the samples of the batch are added up: each keeps its own result.",
        lambda x, w, b, s, p: layer(x.sum(0, keepdims=True), w, b, s, p),
    ),
    Misconception("stride is ignored.", lambda x, w, b, s, p: layer(x, w, b, 1, p)),
    Misconception("stride and padding are both ignored.", lambda x, w, b, s, p: layer(x, w, b)),
    Misconception(
        "stride is applied to rows but not to columns.",
        lambda x, w, b, s, p: layer(x, w, b, 1, p)[:, :, ::s],
    ),
    Misconception(
        "stride is applied to columns but not to rows.",
        lambda x, w, b, s, p: layer(x, w, b, 1, p)[:, :, :, ::s],
    ),
    Misconception(
        "the size fits the stride, but windows start in neighbouring pixels: window i starts at stride*i.",
        lambda x, w, b, s, p: _cropped_like(layer(x, w, b, 1, p), x, w, s, p),
    ),
    Misconception("stride spreads the kernel (that is dilation); it moves the window.", _dilated),
    Misconception(
        "the strided windows start at stride-1 instead of 0.",
        lambda x, w, b, s, p: layer(x, w, b, 1, p)[:, :, s - 1 :: s, s - 1 :: s],
    ),
    Misconception("padding is ignored.", lambda x, w, b, s, p: layer(x, w, b, s)),
    Misconception(
        "you replicate the border; zero padding is asked for.",
        lambda x, w, b, s, p: layer(_padded(x, p, mode="edge"), w, b, s),
    ),
    Misconception(
        "you mirror the border; zero padding is asked for.",
        lambda x, w, b, s, p: layer(_padded(x, p, mode="reflect"), w, b, s),
    ),
    Misconception(
        "you mirror the border; zero padding is asked for.",
        lambda x, w, b, s, p: layer(_padded(x, p, mode="symmetric"), w, b, s),
    ),
    Misconception(
        "you continue the image from its other side; zero padding is asked for.",
        lambda x, w, b, s, p: layer(_padded(x, p, mode="wrap"), w, b, s),
    ),
    Misconception(
        "you pad with ones; zero padding is asked for.",
        lambda x, w, b, s, p: layer(_padded(x, p, constant_values=1), w, b, s),
    ),
    Misconception("padding is added on the top and left only: it belongs on all four sides.", _one_side),
    Misconception(
        "padding is added on the bottom and right only: it belongs on all four sides.",
        lambda x, w, b, s, p: _one_side(x, w, b, s, p, first=False),
    ),
    Misconception(
        "rows are padded, columns are not.",
        lambda x, w, b, s, p: layer(np.pad(x, ((0, 0), (0, 0), (p, p), (0, 0))), w, b, s),
    ),
    Misconception(
        "columns are padded, rows are not.",
        lambda x, w, b, s, p: layer(np.pad(x, ((0, 0), (0, 0), (0, 0), (p, p))), w, b, s),
    ),
    Misconception("padding is applied twice.", lambda x, w, b, s, p: layer(x, w, b, s, 2 * p)),
    Misconception(
        "padding surrounds the result; it surrounds the input.",
        lambda x, w, b, s, p: _padded(layer(x, w, b, s), p),
    ),
    Misconception(
        "the size of the output forgets the padding: floor((H+2p-P)/s)+1.",
        lambda x, w, b, s, p: _first_positions(x, w, b, s, p),
    ),
    Misconception("the output is one too large: use floor((H+2p-P)/s)+1, windows must fit.", _ceil_size),
    Misconception(
        "the last row and column of windows are missing: there are floor((H+2p-P)/s)+1 positions.",
        lambda x, w, b, s, p: layer(x, w, b, s, p)[:, :, :-1, :-1],
    ),
    Misconception(
        "negative values became 0: the layer has no ReLU.",
        lambda x, w, b, s, p: np.maximum(layer(x, w, b, s, p), 0),
    ),
    Misconception(
        "the output channels stand last: the result is (N, O, Ho, Wo).",
        lambda x, w, b, s, p: layer(x, w, b, s, p).transpose(0, 2, 3, 1),
    ),
    Misconception(
        "the output channels stand first: the result is (N, O, Ho, Wo).",
        lambda x, w, b, s, p: layer(x, w, b, s, p).swapaxes(0, 1),
    ),
    Misconception(
        "rows and columns of the output are exchanged.",
        lambda x, w, b, s, p: layer(x, w, b, s, p).swapaxes(2, 3),
    ),
)


def _cropped_like(y, x, w, stride, padding):
    rows, columns = layer(x[:1, :1], w[:1, :1], _no_bias(w[:1]), stride, padding).shape[2:]
    return y[:, :, :rows, :columns]


def _first_positions(x, w, b, stride, padding):
    rows, columns = layer(x[:1, :1], w[:1, :1], _no_bias(w[:1]), stride).shape[2:]
    return layer(x, w, b, stride, padding)[:, :, :rows, :columns]


def _speed_input(size: int) -> Call:
    return layer_input(np.random.default_rng(0), (1, 2, size, size), (3, 2, 2, 2))


EXERCISE = Exercise(
    name="conv2d",
    reference=layer,
    properties=(
        Property(
            "one channel, one filter, bias 0",
            lambda rng: [layer_input(rng, (1, 1, 5, 5), (1, 1, 3, 3), bias=False)],
        ),
        Property("a bias", lambda rng: [layer_input(rng, (1, 1, 5, 4), (1, 1, 2, 2))]),
        Property(
            "several input channels are summed", lambda rng: [layer_input(rng, (1, 3, 5, 5), (1, 3, 2, 2))]
        ),
        Property("several filters", lambda rng: [layer_input(rng, (1, 2, 5, 6), (4, 2, 3, 3))]),
        Property("a batch", lambda rng: [layer_input(rng, (3, 2, 5, 5), (2, 2, 3, 3))]),
        Property(
            "stride",
            lambda rng: [
                layer_input(rng, (2, 2, 7, 9), (3, 2, 3, 3), stride=2),
                layer_input(rng, (2, 2, 8, 7), (3, 2, 2, 2), stride=3),
            ],
        ),
        Property(
            "padding",
            lambda rng: [
                layer_input(rng, (2, 2, 5, 5), (3, 2, 3, 3), padding=1),
                layer_input(rng, (2, 2, 4, 6), (3, 2, 3, 3), padding=2),
            ],
        ),
        NoPixelLoop(
            "no Python loop over the pixels",
            _speed_input(8),
            _speed_input(40),
            39 * 39 - 7 * 7,
            "correct but slow: your Python lines run once for every pixel ({small} lines for 8x8 pixels, "
            "{large} for 40x40); loop over the kernel offsets, not over the pixels.",
        ),
    ),
    misconceptions=LAYER_MISTAKES,
    axes=("sample", "output channel", "row", "column"),
    forbidden=OTHERS_WORK,
)
