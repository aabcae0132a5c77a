"""E26 ``occlusion``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Exercise, Misconception, Property, driver


def _score(weight, image):
    """A score in which neighbouring pixels act together: no map of single pixels gives it."""
    image = np.asarray(image, float)
    return float((weight * image).sum() + np.tanh(image[1:] * image[:-1]).sum() + 3.0)


@driver
def scored(occlusion, weight, x, k, s, baseline):
    """f is a weighted sum of the pixels and of products of neighbours."""
    return occlusion(lambda image: _score(weight, image), x, k, s, baseline)


def example(rng: np.random.Generator, shape: tuple, k: int, s: int, baseline: float):
    return scored(rng.standard_normal(shape), rng.standard_normal(shape) + 0.5, k, s, baseline)


def drops(f, x, k, s, baseline):
    """The reference of E26."""
    return _drops(f, x, k, s, baseline)


def _drops(f, x, k, s, baseline, **wrong):
    """D from ``value(f, x, covered)`` for each window; the keywords are for mistakes."""
    size = wrong.get("size", lambda n, k, s: (n - k) // s + 1)
    place = wrong.get("place", lambda i, s: s * i)
    cover = wrong.get("cover", lambda part, b: np.full_like(part, b))
    value = wrong.get("value", lambda f, x, covered: f(x) - f(covered))
    D = np.zeros([size(n, k, s) for n in x.shape])
    covered = x.copy()
    for i, j in np.ndindex(*D.shape):
        if not wrong.get("keeps"):
            covered = x.copy()
        top, left = place(i, s), place(j, s)
        window = slice(top, top + k), slice(left, left + k)
        covered[window] = cover(x[window], baseline)
        D[i, j] = value(f, x, covered)
    return D


def _with(**wrong):
    return lambda f, x, k, s, b: _drops(f, x, k, s, b, **wrong)


def _only_window(f, x, k, s, b):
    """Everything but the window is covered."""
    D = drops(f, x, k, s, b)
    for i, j in np.ndindex(*D.shape):
        image = np.full_like(x, b)
        window = slice(s * i, s * i + k), slice(s * j, s * j + k)
        image[window] = x[window]
        D[i, j] = f(x) - f(image)
    return D


def _centred(f, x, k, s, b):
    D = drops(f, x, k, s, b)
    for i, j in np.ndindex(*D.shape):
        top, left = max(0, s * i - k // 2), max(0, s * j - k // 2)
        image = x.copy()
        image[top : s * i - k // 2 + k, left : s * j - k // 2 + k] = b
        D[i, j] = f(x) - f(image)
    return D


def _spread(f, x, k, s, b):
    """A map as large as the image: every pixel gets the mean over the windows that cover it."""
    D, total, count = drops(f, x, k, s, b), np.zeros(x.shape), np.zeros(x.shape)
    for i, j in np.ndindex(*D.shape):
        total[s * i : s * i + k, s * j : s * j + k] += D[i, j]
        count[s * i : s * i + k, s * j : s * j + k] += 1
    return total / np.maximum(count, 1)


def _bordered(f, x, k, s, b):
    """Windows that reach over the border."""
    return _drops(f, x, k, s, b, size=lambda n, k, s: -(-n // s))


def _one_square(f, x, k, s, b):
    """The row alone decides where the window lies."""
    D = drops(f, x, k, s, b)
    for i, j in np.ndindex(*D.shape):
        image = x.copy()
        image[s * j : s * j + k, s * i : s * i + k] = b
        D[i, j] = f(x) - f(image)
    return D


OCCLUSION_MISTAKES = (
    Misconception(
        "D is f(x) - f(covered): positive where the pixels speak for the class; yours has the opposite sign.",
        _with(value=lambda f, x, c: f(c) - f(x)),
    ),
    Misconception("return the drop, not the score of the covered image.", _with(value=lambda f, x, c: f(c))),
    Misconception(
        "return the absolute drop f(x) - f(covered), not the relative one.",
        _with(value=lambda f, x, c: (f(x) - f(c)) / f(x)),
    ),
    Misconception(
        "the drop keeps its sign: negative values show pixels that speak against the class.",
        _with(value=lambda f, x, c: abs(f(x) - f(c))),
    ),
    Misconception(
        "the drop keeps its sign: negative values show pixels that speak against the class.",
        _with(value=lambda f, x, c: max(0.0, f(x) - f(c))),
    ),
    Misconception("return the drop, not its square.", _with(value=lambda f, x, c: (f(x) - f(c)) ** 2)),
    Misconception(
        "the drop of the whole window is asked for; you divide by its k*k pixels.",
        lambda f, x, k, s, b: drops(f, x, k, s, b) / k**2,
    ),
    Misconception(
        "return the drop itself; you scale the map to a largest value of 1.", lambda *a: _scaled(*a)
    ),
    Misconception("rows and columns of the map are exchanged.", lambda f, x, k, s, b: drops(f, x, k, s, b).T),
    Misconception("the window of D[i, j] begins in row s*i, column s*j: i and j are exchanged.", _one_square),
    Misconception(
        "the windows stay covered: begin with a fresh copy of x for each of them.", _with(keeps=True)
    ),
    Misconception("stride is ignored.", lambda f, x, k, s, b: drops(f, x, k, 1, b)),
    Misconception("the windows move by k; they move by s.", lambda f, x, k, s, b: drops(f, x, k, k, b)),
    Misconception(
        "the size fits the stride, but windows begin in neighbouring pixels: window i begins at s*i.",
        _with(place=lambda i, s: i),
    ),
    Misconception("baseline is ignored: you cover with 0.", lambda f, x, k, s, b: drops(f, x, k, s, 0.0)),
    Misconception("set the window to the baseline; you subtract it.", _with(cover=lambda part, b: part - b)),
    Misconception("set the window to the baseline; you add it.", _with(cover=lambda part, b: part + b)),
    Misconception(
        "set the window to the baseline; you multiply by it.", _with(cover=lambda part, b: part * b)
    ),
    Misconception(
        "set the window to the baseline, not to the mean of its pixels.",
        _with(cover=lambda part, b: np.full_like(part, part.mean())),
    ),
    Misconception(
        "set the window to the baseline, not to the mean of the image.",
        lambda f, x, k, s, b: drops(f, x, k, s, x.mean()),
    ),
    Misconception("cover the window and leave the rest; you do the opposite.", _only_window),
    Misconception(
        "the window begins at (s*i, s*j); yours has its centre there and reaches over the border.", _centred
    ),
    Misconception(
        "the window has k*k pixels; yours covers one pixel.",
        lambda f, x, k, s, b: _sized(f, x, k, s, b, 1),
    ),
    Misconception(
        "the window is one pixel too large: it ends before row s*i + k.",
        lambda f, x, k, s, b: _sized(f, x, k, s, b, k + 1),
    ),
    Misconception(
        "the window is one pixel too small: a slice ends before its upper limit.",
        lambda f, x, k, s, b: _sized(f, x, k, s, b, k - 1),
    ),
    Misconception("windows that do not fit into the image are left out; you keep them.", _bordered),
    Misconception(
        "the last row and column of windows are missing: there are (H-k)//s + 1.",
        _with(size=lambda n, k, s: (n - k) // s),
    ),
    Misconception(
        "the map has one value for each window; you spread it over the pixels of the image.", _spread
    ),
    Misconception(
        "every value is the mean of the map.", lambda *a: np.full_like(drops(*a), drops(*a).mean())
    ),
)


def _scaled(*arguments):
    D = drops(*arguments)
    return D / np.abs(D).max()


def _sized(f, x, k, s, b, side):
    """Windows of another size at the places of the right ones."""
    D = drops(f, x, k, s, b)
    for i, j in np.ndindex(*D.shape):
        image = x.copy()
        image[s * i : s * i + side, s * j : s * j + side] = b
        D[i, j] = f(x) - f(image)
    return D


EXERCISE = Exercise(
    name="occlusion",
    reference=drops,
    properties=(
        Property("a square image, windows side by side", lambda rng: [example(rng, (4, 4), 2, 2, 0.0)]),
        Property("an oblong image", lambda rng: [example(rng, (4, 6), 2, 2, 0.0)]),
        Property("another baseline", lambda rng: [example(rng, (4, 6), 2, 2, -0.7)]),
        Property("overlapping windows (s < k)", lambda rng: [example(rng, (5, 4), 3, 1, 0.4)]),
        Property("images that do not divide", lambda rng: [example(rng, (6, 8), 3, 2, 0.3)]),
    ),
    misconceptions=OCCLUSION_MISTAKES,
    axes=("row", "column"),
    forbidden=OTHERS_WORK,
)
