"""E01 ``conv2d_naive``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Property, call
from dlcourse.numpy_nn.conv import conv2d


def image_and_kernel(rng: np.random.Generator, image: tuple, kernel: tuple) -> Call:
    """x (H, W) and w (P, Q) of standard normal numbers."""
    return call(rng.standard_normal(image), rng.standard_normal(kernel))


def correlate(x, w):
    """The reference of E01: y[i,j] = Σ_pq x[i+p, j+q] w[p,q], a layer (eq-conv2d) with one channel."""
    return conv2d(np.asarray(x, float)[None, None], np.asarray(w, float)[None, None])[0, 0]


def _shifted(x, w, offset):
    y = np.zeros_like(correlate(x, w))
    rows, columns = y.shape
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            part = x[p + offset : p + offset + rows, q + offset : q + offset + columns]
            y[: part.shape[0], : part.shape[1]] += part * w[p, q]
    return y


def _window_max(x, w):
    return np.lib.stride_tricks.sliding_window_view(x, w.shape).max((-1, -2))


def _same_size(x, w):
    p, q = w.shape
    before = ((p - 1) // 2, (q - 1) // 2)
    padded = np.pad(x, ((before[0], p - 1 - before[0]), (before[1], q - 1 - before[1])))
    return correlate(padded, w)


NAIVE_MISTAKES = (
    Misconception(
        "you rotated the kernel by 180 degrees: that is the mathematical convolution; the formula "
        "(and every framework) does not flip.",
        lambda x, w: correlate(x, w[::-1, ::-1]),
    ),
    Misconception("the rows of the kernel are used in reverse order.", lambda x, w: correlate(x, w[::-1])),
    Misconception(
        "the columns of the kernel are used in reverse order.", lambda x, w: correlate(x, w[:, ::-1])
    ),
    Misconception(
        "rows and columns of the kernel are swapped: w[q,p] instead of w[p,q].",
        lambda x, w: correlate(x, w.T),
    ),
    Misconception(
        "rows and columns of the image are swapped: x[j+q, i+p] instead of x[i+p, j+q].",
        lambda x, w: correlate(x.T, w),
    ),
    Misconception(
        'the output is larger than the input: a "full" convolution, whose windows hang over the edge.',
        lambda x, w: correlate(np.pad(x, ((w.shape[0] - 1,) * 2, (w.shape[1] - 1,) * 2)), w),
    ),
    Misconception(
        'the output is larger than the input and the kernel flipped: the "full" mathematical convolution.',
        lambda x, w: correlate(np.pad(x, ((w.shape[0] - 1,) * 2, (w.shape[1] - 1,) * 2)), w[::-1, ::-1]),
    ),
    Misconception(
        "the output has the size of the input: zeros were added around it; the formula has no padding.",
        _same_size,
    ),
    Misconception(
        "the output has the size of the input and its end is left at 0: there are H-P+1 by W-Q+1 positions.",
        lambda x, w: np.pad(correlate(x, w), ((0, w.shape[0] - 1), (0, w.shape[1] - 1))),
    ),
    Misconception(
        "the last row and column are missing: there are H-P+1 positions, not H-P.",
        lambda x, w: correlate(x, w)[:-1, :-1],
    ),
    Misconception(
        "the last row and column are never computed: there are H-P+1 positions, the loops stop at H-P.",
        lambda x, w: np.pad(correlate(x, w)[:-1, :-1], ((0, 1), (0, 1))),
    ),
    Misconception(
        "you take the maximum of the products (pooling does something like that); the formula sums them.",
        lambda x, w: (np.lib.stride_tricks.sliding_window_view(x, w.shape) * w).max((-1, -2)),
    ),
    Misconception("you average over the window; the formula sums.", lambda x, w: correlate(x, w) / w.size),
    Misconception(
        "you divide by the sum of the kernel; the formula does not normalise.",
        lambda x, w: correlate(x, w) / w.sum(),
    ),
    Misconception(
        "only the last product of each window is kept: add to y[i,j] with +=, do not assign.",
        lambda x, w: correlate(x[w.shape[0] - 1 :, w.shape[1] - 1 :], w[-1:, -1:]),
    ),
    Misconception(
        "only the first product of each window is there: does the function return inside the loop?",
        lambda x, w: correlate(x, w[:1, :1])[: x.shape[0] - w.shape[0] + 1, : x.shape[1] - w.shape[1] + 1],
    ),
    Misconception(
        "only the last row of the kernel is used: the sum starts again with every p.",
        lambda x, w: correlate(x[w.shape[0] - 1 :], w[-1:]),
    ),
    Misconception(
        "only the first row of the kernel is used: the sum over p is missing.",
        lambda x, w: correlate(x[: x.shape[0] - w.shape[0] + 1], w[:1]),
    ),
    Misconception(
        "only the first column of the kernel is used: the sum over q is missing.",
        lambda x, w: correlate(x[:, : x.shape[1] - w.shape[1] + 1], w[:, :1]),
    ),
    Misconception(
        "the kernel is not used: you sum the window without its weights.",
        lambda x, w: correlate(x, np.ones(w.shape)),
    ),
    Misconception("that is max pooling: the window's maximum, without the kernel.", _window_max),
    Misconception(
        "you add kernel and window; the formula multiplies them.",
        lambda x, w: correlate(x, np.ones(w.shape)) + w.sum(),
    ),
    Misconception(
        "indices are counted from 1, as in the book's formula on paper: in Python p and q start at 0.",
        lambda x, w: _shifted(x, w, 1),
    ),
    Misconception(
        "p and q start at 1: the first row and the first column of the kernel are left out.",
        lambda x, w: correlate(x[1:, 1:], w[1:, 1:]),
    ),
    Misconception(
        "the windows step by the size of the kernel: they should overlap, one start in every pixel.",
        lambda x, w: correlate(x, w)[:: w.shape[0], :: w.shape[1]],
    ),
    Misconception(
        "p runs over the number of columns and q over the number of rows: check w.shape[0] and w.shape[1].",
        lambda x, w: correlate(x[:, : x.shape[1]], w[: min(w.shape), : min(w.shape)])[
            : x.shape[0] - w.shape[0] + 1, : x.shape[1] - w.shape[1] + 1
        ],
    ),
)

EXERCISE = Exercise(
    name="conv2d_naive",
    reference=correlate,
    properties=(
        Property("a square image and a 2x2 kernel", lambda rng: [image_and_kernel(rng, (4, 4), (2, 2))]),
        Property(
            "oblong images and a 3x3 kernel",
            lambda rng: [image_and_kernel(rng, (6, 5), (3, 3)), image_and_kernel(rng, (4, 7), (3, 3))],
        ),
        Property("an oblong kernel", lambda rng: [image_and_kernel(rng, (6, 7), (2, 3))]),
        Property("a kernel as large as the image", lambda rng: [image_and_kernel(rng, (3, 4), (3, 4))], 0.5),
    ),
    misconceptions=NAIVE_MISTAKES,
    axes=("row", "column"),
    forbidden=OTHERS_WORK,
)
