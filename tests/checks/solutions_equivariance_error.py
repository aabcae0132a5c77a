"""E06 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def shift_back(f, x, k):
    """Moves the output back instead of the other forth."""
    s = len(x) // len(f(x))
    moved = f(np.roll(np.roll(x, k, axis=0), k, axis=1))
    back = np.roll(moved, -(k // s), axis=(0, 1))
    return float(np.max(np.abs(back - f(x))))


def index_arithmetic(f, x, k):
    (H, W), y = x.shape, f(x)
    step = k * y.shape[0] // H
    rows, columns = (np.arange(H) - k) % H, (np.arange(W) - k) % W
    z = f(x[np.ix_(rows, columns)])
    return max(
        abs(z[i, j] - y[(i - step) % y.shape[0], (j - step) % y.shape[1]]) for i, j in np.ndindex(*y.shape)
    )


def by_norm(f, x, k):
    def shift(image, by):
        return np.concatenate([image[-by:], image[:-by]]) if by else image

    def both(image, by):
        return shift(shift(image, by % len(image)).T, by % image.shape[1]).T

    y = f(x)
    return np.linalg.norm((f(both(x, k)) - both(y, k * len(y) // len(x))).ravel(), np.inf)


CORRECT = [shift_back, index_arithmetic, by_norm]


def _parts(f, x, k, step=None, axes=(0, 1)):
    y = f(x)
    s = x.shape[0] // y.shape[0]
    by = k // s if step is None else step(k, s)
    for axis in axes:
        x, y = np.roll(x, k, axis), np.roll(y, by, axis)
    return f(x), y


def _with(reduce=lambda gap: np.abs(gap).max(), **how):
    def equivariance_error(f, x, k):
        moved, y = _parts(f, x, k, **how)
        return reduce(moved - y)

    return equivariance_error


def flat_roll(f, x, k):
    y = f(x)
    return np.abs(f(np.roll(x, k)) - np.roll(y, k // (len(x) // len(y)))).max()


def fills_with_zeros(f, x, k):
    def shift(a, by):
        out = np.zeros_like(a)
        out[by:, by:] = a[: len(a) - by, : a.shape[1] - by]
        return out

    y = f(x)
    return np.abs(f(shift(x, k)) - shift(y, k // (len(x) // len(y)))).max()


def relative(f, x, k):
    moved, y = _parts(f, x, k)
    return np.abs(moved - y).max() / np.abs(y).max()


def rolls_in_place(f, x, k):
    result = shift_back(f, x, k)
    x[...] = np.roll(x, k, axis=(0, 1))
    return result


def a_map(f, x, k):
    moved, y = _parts(f, x, k)
    return np.abs(moved - y)


WRONG = {
    "mean": (_with(lambda gap: np.abs(gap).mean()), "not the mean."),
    "no abs": (_with(lambda gap: gap.max()), "negative errors count too"),
    "norm": (_with(np.linalg.norm), "not the norm"),
    "sum": (_with(lambda gap: np.abs(gap).sum()), "not the sum"),
    "mean square": (_with(lambda gap: (gap**2).mean()), "not the mean square"),
    "square": (_with(lambda gap: (gap**2).max()), "not its square"),
    "other direction": (_with(step=lambda k, s: -(k // s)), "opposite directions"),
    "invariance": (_with(step=lambda k, s: 0), "measures invariance"),
    "k in both": (_with(step=lambda k, s: k), "by k/s pixels, not by k."),
    "rows only": (_with(axes=(0,)), "the rows only"),
    "columns only": (_with(axes=(1,)), "the columns only"),
    "flat roll": (flat_roll, "rolls the flattened image"),
    "zeros": (fills_with_zeros, "filled up with zeros"),
    "relative": (relative, "not relative to the output"),
    "in place": (rolls_in_place, "changes its input array"),
    "a map": (a_map, "expected a single number"),
    "a flag": (_with(lambda gap: bool(np.allclose(gap, 0))), "it returned True and False"),
}
