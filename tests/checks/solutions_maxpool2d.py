"""E05 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _size(x, k, s):
    return (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1


def _windows(x, k, s):
    for i, j in np.ndindex(*_size(x, k, s)):
        yield i, j, np.s_[:, :, i * s : i * s + k, j * s : j * s + k]


def shares(x, k, s, dy):
    """Loops over windows; equal maxima share."""
    y, dx = np.empty((*x.shape[:2], *_size(x, k, s))), np.zeros_like(x)
    for i, j, window in _windows(x, k, s):
        part = x[window]
        y[:, :, i, j] = part.max(axis=(2, 3))
        mask = part == y[:, :, i, j, None, None]
        dx[window] += mask * (dy[:, :, i, j] / mask.sum((2, 3)))[:, :, None, None]
    return y, dx


def last_maximum(x, k, s, dy):
    """Every pixel by itself; the last of several maxima takes all."""
    Ho, Wo = _size(x, k, s)
    y, dx = np.full((*x.shape[:2], Ho, Wo), -np.inf), np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*y.shape):
        for p in range(k):
            for q in range(k):
                value = x[n, c, i * s + p, j * s + q]
                if value >= y[n, c, i, j]:
                    y[n, c, i, j], best = value, (i * s + p, j * s + q)
        dx[(n, c, *best)] += dy[n, c, i, j]
    return [y, dx]


def offsets(x, k, s, dy):
    """A running maximum over the kernel offsets; where it last changed is where dy goes."""
    Ho, Wo = _size(x, k, s)

    def at(p, q):
        return np.s_[:, :, p : p + s * (Ho - 1) + 1 : s, q : q + s * (Wo - 1) + 1 : s]

    y, winner = x[at(0, 0)].copy(), np.zeros(dy.shape, int)
    for p, q in np.ndindex(k, k):
        better = x[at(p, q)] > y
        y[better], winner[better] = x[at(p, q)][better], p * k + q
    dx = np.zeros_like(x)
    for p, q in np.ndindex(k, k):
        dx[at(p, q)] += np.where(winner == p * k + q, dy, 0)
    return y, dx


CORRECT = [shares, last_maximum, offsets]


def ties_twice(x, k, s, dy):
    y, dx = shares(x, k, s, dy)
    dx = np.zeros(x.shape)
    for i, j, window in _windows(x, k, s):
        dx[window] += (x[window] == y[:, :, i, j, None, None]) * dy[:, :, i, j, None, None]
    return y, dx


def ties_nobody(x, k, s, dy):
    y = shares(x, k, s, dy)[0]
    dx = np.zeros(x.shape)
    for i, j, window in _windows(x, k, s):
        mask = x[window] == y[:, :, i, j, None, None]
        dx[window] += mask * (dy[:, :, i, j] * (mask.sum((2, 3)) == 1))[:, :, None, None]
    return y, dx


def _gradient(f):
    """The right y, and dx window by window from ``f(part, dy of the window, mask of the maximum)``."""

    def maxpool2d(x, k, s, dy):
        dx = np.zeros(x.shape)
        for i, j, window in _windows(x, k, s):
            part = x[window]
            first = part.reshape(*part.shape[:2], -1).argmax(-1)[..., None] == np.arange(k * k)
            dx[window] += f(part, dy[:, :, i, j, None, None], first.reshape(part.shape))
        return shares(x, k, s, dy)[0], dx

    return maxpool2d


def _forward(f):
    return lambda x, k, s, dy: (f(x, k, s), shares(x, k, s, dy)[1])


def stride_one(x, k, s):
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3)).max((-1, -2))


def ceil_mode(x, k, s):
    Ho, Wo = (-(-(n - k) // s) + 1 for n in x.shape[2:])
    y = np.empty((*x.shape[:2], Ho, Wo))
    for i, j in np.ndindex(Ho, Wo):
        y[:, :, i, j] = x[:, :, i * s : i * s + k, j * s : j * s + k].max((2, 3))
    return y


def zero_filled(x, k, s):
    Ho, Wo = (-(-(n - k) // s) + 1 for n in x.shape[2:])
    wide = np.zeros((*x.shape[:2], s * Ho + k, s * Wo + k))
    wide[:, :, : x.shape[2], : x.shape[3]] = x
    return np.stack(
        [
            np.stack([wide[:, :, i * s : i * s + k, j * s : j * s + k].max((2, 3)) for j in range(Wo)], -1)
            for i in range(Ho)
        ],
        -2,
    )


def starts_at_zero(x, k, s):
    y = np.zeros((*x.shape[:2], *_size(x, k, s)))
    for i, j, window in _windows(x, k, s):
        y[:, :, i, j] = np.maximum(y[:, :, i, j], x[window].max((2, 3)))
    return y


def mean(x, k, s, dy):
    y, dx = np.empty(dy.shape), np.zeros(x.shape)
    for i, j, window in _windows(x, k, s):
        y[:, :, i, j] = x[window].mean((2, 3))
        dx[window] += dy[:, :, i, j, None, None] / k**2
    return y, dx


def overwrites(x, k, s, dy):
    y, dx = shares(x, k, s, dy)[0], np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dy.shape):
        part = x[n, c, i * s : i * s + k, j * s : j * s + k]
        p, q = np.unravel_index(part.argmax(), part.shape)
        dx[n, c, i * s + p, j * s + q] = dy[n, c, i, j]
    return y, dx


def only_y(x, k, s, dy):
    return shares(x, k, s, dy)[0]


def in_place(x, k, s, dy):
    found = shares(x, k, s, dy)
    x[x < 0] = 0
    return found


def across_channels(x, k, s):
    y = stride_one(x, k, s)[:, :, ::s, ::s]
    return np.repeat(y.max(axis=1, keepdims=True), x.shape[1], axis=1)


WRONG = {
    "stride one": (_forward(stride_one), "literally (stride 1)"),
    "step of k": (_forward(lambda x, k, s: stride_one(x, k, s)[:, :, ::k, ::k]), "pooling moves by s"),
    "ceil": (_forward(ceil_mode), "you kept them"),
    "zeros": (_forward(zero_filled), "filled them up with zeros"),
    "starts at zero": (_forward(starts_at_zero), "a zero beats negative activations"),
    "mean": (mean, "average pooling"),
    "minimum": (_forward(lambda x, k, s: -stride_one(-x, k, s)[:, :, ::s, ::s]), "minimum of the window"),
    "across channels": (_forward(across_channels), "runs over the channels too"),
    "ties twice": (ties_twice, "counted more than once"),
    "ties nobody": (ties_nobody, "nobody gets the gradient"),
    "dy to all": (_gradient(lambda part, dy, mask: dy + 0 * part), "every pixel of the window gets dy"),
    "dy shared": (_gradient(lambda part, dy, mask: dy / mask[0, 0].size + 0 * part), "gradient of average"),
    "ones": (_gradient(lambda part, dy, mask: 1.0 * mask), "multiply with dy"),
    "times x": (_gradient(lambda part, dy, mask: mask * dy * part), "multiplied by the activation"),
    "mean over batch": (_gradient(lambda part, dy, mask: mask * dy / len(part)), "divided by the batch size"),
    "sign": (_gradient(lambda part, dy, mask: -mask * dy), "dx: the sign of every value is wrong"),
    "overwrites": (overwrites, "overwritten where windows overlap"),
    "only y": (only_y, "it returned one array, expected 2 values: y, dx"),
    "in place": (in_place, "changes its input array x"),
}
