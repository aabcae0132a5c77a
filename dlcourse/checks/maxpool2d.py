"""E05 ``maxpool2d``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Demand, Exercise, Misconception, Output, Property, call
from dlcourse.numpy_nn.pooling import max_pool2d, max_pool2d_backward


def pool_input(rng: np.random.Generator, shape: tuple, k: int, s: int, offset: float = 0.0) -> Call:
    """x (N, C, H, W) of different numbers around ``offset``, k, s, and dy of the right shape."""
    x = rng.permutation(np.prod(shape)).reshape(shape) / 7 + rng.uniform(0, 0.1, shape)
    x = x - x.mean() + offset
    return call(x, k, s, rng.standard_normal(_output_shape(shape, k, s)))


def with_ties(rng: np.random.Generator, shape: tuple, k: int, s: int) -> Call:
    """Small whole numbers: most windows hold their maximum several times."""
    x = rng.integers(0, 2, shape).astype(float)
    return call(x, k, s, rng.uniform(0.5, 1.5, _output_shape(shape, k, s)))


def _output_shape(shape, k, s):
    return (*shape[:2], (shape[2] - k) // s + 1, (shape[3] - k) // s + 1)


def pooled(x, k, s, dy):
    """The reference of E05; of several maxima the first one takes the gradient."""
    y, winner = max_pool2d(x, k, s, return_winner=True)
    return y, max_pool2d_backward(dy, winner, x, k, s)


def _windows(x, k, s):
    """(N, C, Ho, Wo, k, k)"""
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]


def _scatter(x, k, s, share):
    """dx from ``share(window position p, q) -> (N, C, Ho, Wo)``."""
    dx = np.zeros(x.shape)
    rows, columns = _output_shape(x.shape, k, s)[2:]
    for p, q in np.ndindex(k, k):
        dx[:, :, p : p + s * rows : s, q : q + s * columns : s][:, :, :rows, :columns] += share(p, q)
    return dx


def _only_dx(function):
    return lambda x, k, s, dy: (pooled(x, k, s, dy)[0], function(x, k, s, dy))


def _assigned(x, k, s, dy):
    """dx[...] = dy at the maximum: overlapping windows overwrite each other."""
    dx = np.zeros(x.shape)
    windows = _windows(x, k, s)
    best = windows.reshape(*windows.shape[:4], -1).argmax(-1)
    for n, c, i, j in np.ndindex(*best.shape):
        dx[n, c, s * i + best[n, c, i, j] // k, s * j + best[n, c, i, j] % k] = dy[n, c, i, j]
    return dx


def _ceil(x, k, s, dy, fill):
    rest = [(-(n - k)) % s for n in x.shape[2:]]
    if not any(rest):
        raise ValueError("every window fits")
    return max_pool2d(np.pad(x, ((0, 0), (0, 0), (0, rest[0]), (0, rest[1])), constant_values=fill), k, s)


def _mean(x, k, s, dy):
    return _windows(x, k, s).mean((-1, -2)), _scatter(x, k, s, lambda p, q: dy / k**2)


def _at_extreme(reduce):
    """y by another rule, and its gradient to the pixels that hold y."""

    def wrong(x, k, s, dy):
        windows = _windows(x, k, s)
        y = reduce(windows)
        return y, _scatter(x, k, s, lambda p, q: dy * (windows[..., p, q] == y))

    return wrong


def _kernel_step(x, k, s, dy):
    return max_pool2d(x, k, k)


def _y_and_right_dx(function):
    """A mistake in y; whatever becomes of dx."""
    return lambda x, k, s, dy: (function(x, k, s, dy), pooled(x, k, s, dy)[1])


POOL_MISTAKES = (
    Misconception(
        "you used the source formula literally (stride 1); pooling moves by s.",
        _y_and_right_dx(lambda x, k, s, dy: max_pool2d(x, k, 1)),
    ),
    Misconception(
        "the windows move by k; pooling moves by s, which may differ from k.", _y_and_right_dx(_kernel_step)
    ),
    Misconception(
        "partial windows at the border are dropped (floor), you kept them.",
        _y_and_right_dx(lambda *a: _ceil(*a, fill=-np.inf)),
    ),
    Misconception(
        "partial windows at the border are dropped (floor), you filled them up with zeros.",
        _y_and_right_dx(lambda *a: _ceil(*a, fill=0)),
    ),
    Misconception(
        "a zero beats negative activations: did you pad with zeros, or start the maximum at 0 (not -np.inf)?",
        _y_and_right_dx(lambda x, k, s, dy: np.maximum(max_pool2d(x, k, s), 0)),
    ),
    Misconception("that is average pooling: take the maximum of the window.", _mean),
    Misconception(
        "that is the minimum of the window.",
        _y_and_right_dx(lambda x, k, s, dy: -max_pool2d(-x, k, s)),
    ),
    Misconception("that is the minimum of the window.", _at_extreme(lambda w: w.min((-1, -2)))),
    Misconception(
        "you compare absolute values: -5 is smaller than 1.",
        lambda x, k, s, dy: _at_extreme(
            lambda w: np.take_along_axis(
                w.reshape(*w.shape[:4], -1), np.abs(w).reshape(*w.shape[:4], -1).argmax(-1)[..., None], -1
            )[..., 0]
        )(x, k, s, dy),
    ),
    Misconception(
        "the maximum runs over the channels too: each channel is pooled on its own.",
        _y_and_right_dx(
            lambda x, k, s, dy: np.broadcast_to(
                max_pool2d(x, k, s).max(1, keepdims=True), (*x.shape[:2], *dy.shape[2:])
            )
        ),
    ),
    Misconception(
        "y: rows and columns are exchanged.",
        _y_and_right_dx(lambda x, k, s, dy: max_pool2d(x, k, s).swapaxes(2, 3)),
    ),
    Misconception(
        "dx is overwritten where windows overlap: a pixel that wins twice gets both gradients, add with +=.",
        _only_dx(_assigned),
    ),
    Misconception(
        "dx: every pixel of the window gets dy; only the maximum has an influence on y.",
        _only_dx(lambda x, k, s, dy: _scatter(x, k, s, lambda p, q: dy)),
    ),
    Misconception(
        "dx: every pixel of the window gets its share of dy; that is the gradient of average pooling.",
        _only_dx(lambda x, k, s, dy: _scatter(x, k, s, lambda p, q: dy / k**2)),
    ),
    Misconception(
        "dx: the gradient always goes to the first pixel of the window, wherever the maximum is.",
        _only_dx(lambda x, k, s, dy: _scatter(x, k, s, lambda p, q: dy * (p == q == 0))),
    ),
    Misconception(
        "dx marks the maxima with 1: multiply with dy.",
        _only_dx(lambda x, k, s, dy: pooled(x, k, s, np.ones_like(dy))[1]),
    ),
    Misconception(
        "dx is multiplied by the activation: the derivative of the maximum is 1.",
        _only_dx(lambda x, k, s, dy: x * pooled(x, k, s, dy)[1]),
    ),
    Misconception(
        "dx is divided by a number: each window gives its whole dy to its maximum.",
        _only_dx(lambda x, k, s, dy: pooled(x, k, s, dy)[1] / dy[0, 0].size),
    ),
    Misconception(
        "dx is divided by a number: each window gives its whole dy to its maximum.",
        _only_dx(lambda x, k, s, dy: pooled(x, k, s, dy)[1] / k**2),
    ),
    Misconception(
        "dx is divided by the batch size.", _only_dx(lambda x, k, s, dy: pooled(x, k, s, dy)[1] / len(x))
    ),
    Misconception(
        "dx has only one gradient for each image: every window passes its own on.",
        _only_dx(lambda x, k, s, dy: pooled(x, k, s, dy)[1] * (x == x.max((2, 3), keepdims=True))),
    ),
    Misconception(
        "dx is scattered with step 1; windows start every s pixels.",
        _only_dx(
            lambda x, k, s, dy: _scatter(
                x, k, 1, lambda p, q: _grown(dy, x, k) * (_windows(x, k, 1)[..., p, q] == max_pool2d(x, k, 1))
            )
        ),
    ),
)


def _grown(dy, x, k):
    """dy in the top left corner of the positions of stride 1."""
    rows, columns = _output_shape(x.shape, k, 1)[2:]
    return np.pad(dy, ((0, 0), (0, 0), (0, rows - dy.shape[2]), (0, columns - dy.shape[3])))


def fair_shares(got, x, k, s, dy):
    """Every window hands out exactly its dy, to maxima only: to one of them or in shares. (k = s)"""
    y, dx = got["y"], got["dx"]
    windows, shares = _windows(x, k, s), _windows(dx, k, s)
    top = windows.max((-1, -2))
    if not np.allclose(y, top):
        return "y is not the maximum of the window when several pixels are equal."
    given, count = shares.sum((-1, -2)), (windows == top[..., None, None]).sum((-1, -2))
    if not np.allclose(given, dy):
        if np.allclose(given, dy * count):
            return (
                "with ties the whole window gradient was counted more than once: the sum of dx over a window "
                "must equal dy (give it to one maximum, or share it)."
            )
        if np.allclose(given, dy * (count == 1)):
            return "with ties nobody gets the gradient: give it to one maximum, or share it."
        return "with ties the sum of dx over a window is not dy: give dy to one maximum, or share it."
    if np.abs(shares[windows < top[..., None, None]]).max(initial=0) > 1e-9:
        return "a pixel that is not the maximum of its window gets a gradient."
    return None


EXERCISE = Exercise(
    name="maxpool2d",
    reference=pooled,
    properties=(
        Property("one image, windows side by side", lambda rng: [pool_input(rng, (1, 1, 4, 4), 2, 2)]),
        Property("a batch with channels, oblong", lambda rng: [pool_input(rng, (2, 3, 4, 6), 2, 2)]),
        Property(
            "activations that are all negative", lambda rng: [pool_input(rng, (1, 2, 4, 6), 2, 2, -40.0)]
        ),
        Property(
            "images that do not divide",
            lambda rng: [pool_input(rng, (1, 2, 5, 7), 2, 2), pool_input(rng, (1, 1, 8, 7), 3, 3)],
        ),
        Property("overlapping windows (s < k)", lambda rng: [pool_input(rng, (2, 2, 7, 6), 3, 2)]),
        Demand("several maxima in one window", lambda rng: [with_ties(rng, (2, 2, 6, 4), 2, 2)], fair_shares),
    ),
    misconceptions=POOL_MISTAKES,
    outputs=(
        Output("y", ("sample", "channel", "row", "column")),
        Output("dx", ("sample", "channel", "row", "column")),
    ),
    forbidden=OTHERS_WORK,
)
