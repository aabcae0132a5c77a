"""E26 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def loops(f, x, k, s, baseline):
    H, W = x.shape
    rows, columns = (H - k) // s + 1, (W - k) // s + 1
    D = np.zeros((rows, columns))
    whole = f(x)
    for i in range(rows):
        for j in range(columns):
            covered = x.copy()
            covered[i * s : i * s + k, j * s : j * s + k] = baseline
            D[i, j] = whole - f(covered)
    return D


def collect_then_evaluate(f, x, k: int, s: int, baseline: float) -> np.ndarray:
    tops, lefts = np.arange(0, x.shape[0] - k + 1, s), np.arange(0, x.shape[1] - k + 1, s)
    images = np.tile(x, (len(tops), len(lefts), 1, 1))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            images[i, j, top : top + k, left : left + k] = baseline
    return np.array([[f(x) - f(image) for image in row] for row in images])


def index_masks(f, x, k, s, baseline):
    r, c = np.indices(x.shape)
    return np.array(
        [
            [
                f(x) - f(np.where((top <= r) & (r < top + k) & (left <= c) & (c < left + k), baseline, x))
                for left in range(0, x.shape[1] - k + 1, s)
            ]
            for top in range(0, x.shape[0] - k + 1, s)
        ]
    )


def covers_and_restores(f, x, k, s, baseline):
    x = np.array(x)
    values, whole = [], f(x)
    for top in range(0, len(x) - k + 1, s):
        values.append([])
        for left in range(0, len(x[0]) - k + 1, s):
            window = x[top : top + k, left : left + k]
            saved = window.copy()
            window[:] = baseline
            values[-1].append(whole - f(x))
            window[:] = saved
    return np.asarray(values)


CORRECT = [loops, collect_then_evaluate, index_masks, covers_and_restores]


def _variant(value=lambda whole, covered: whole - covered, cover=None, step=None, side=None, count=None):
    def wrong(f, x, k, s, baseline):
        t = s if step is None else step(k, s)
        rows, columns = (count or (lambda n, k, s: (n - k) // s + 1))(x.shape[0], k, s), None
        columns = (count or (lambda n, k, s: (n - k) // s + 1))(x.shape[1], k, s)
        D = np.zeros((rows, columns))
        w = k if side is None else side(k)
        for i in range(rows):
            for j in range(columns):
                c = x.copy()
                part = c[i * t : i * t + w, j * t : j * t + w]
                part[...] = baseline if cover is None else cover(part, baseline)
                D[i, j] = value(f(x), f(c))
        return D

    return wrong


def no_copy(f, x, k, s, baseline):
    whole = f(x)
    D = np.zeros(((x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1))
    covered = x.copy()
    for i, j in np.ndindex(*D.shape):
        covered[i * s : i * s + k, j * s : j * s + k] = baseline
        D[i, j] = whole - f(covered)
    return D


def covers_x_itself(f, x, k, s, baseline):
    D = loops(f, x, k, s, baseline)
    x[-k:, -k:] = baseline
    return D


def changes_only_at_the_end(f, x, k, s, baseline):
    D = loops(f, x, k, s, baseline)
    x *= 1.5
    return D


def exchanged(f, x, k, s, baseline):
    D = np.zeros(((x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1))
    for i, j in np.ndindex(*D.shape):
        covered = x.copy()
        covered[j * s : j * s + k, i * s : i * s + k] = baseline
        D[i, j] = f(x) - f(covered)
    return D


def keeps_only_the_window(f, x, k, s, baseline):
    D = np.zeros(((x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1))
    for i, j in np.ndindex(*D.shape):
        rest = np.ones_like(x) * baseline
        rest[i * s : i * s + k, j * s : j * s + k] = x[i * s : i * s + k, j * s : j * s + k]
        D[i, j] = f(x) - f(rest)
    return D


def heat_map(f, x, k, s, baseline):
    D = loops(f, x, k, s, baseline)
    heat, hits = np.zeros_like(x), np.zeros_like(x)
    for i, j in np.ndindex(*D.shape):
        heat[i * s : i * s + k, j * s : j * s + k] += D[i, j]
        hits[i * s : i * s + k, j * s : j * s + k] += 1
    return heat / np.where(hits > 0, hits, 1)


def square_map(f, x, k, s, baseline):
    n = (x.shape[0] - k) // s + 1
    return loops(f, x, k, s, baseline)[:n, :n]


def relative_to_largest(f, x, k, s, baseline):
    D = loops(f, x, k, s, baseline)
    return D / np.max(np.abs(D))


def integer_map(f, x, k, s, baseline):
    return loops(f, x, k, s, baseline).astype(int)


WRONG = {
    "sign": (_variant(lambda a, b: b - a), "opposite sign"),
    "score": (_variant(lambda a, b: b), "not the score of the covered image"),
    "relative": (_variant(lambda a, b: (a - b) / a), "not the relative one"),
    "absolute": (_variant(lambda a, b: abs(a - b)), "keeps its sign"),
    "positive part": (_variant(lambda a, b: max(a - b, 0)), "keeps its sign"),
    "square": (_variant(lambda a, b: (a - b) ** 2), "not its square"),
    "per pixel": (lambda f, x, k, s, b: loops(f, x, k, s, b) / k**2, "divide by its k*k pixels"),
    "normalised": (relative_to_largest, "a largest value of 1"),
    "transposed": (lambda *a: loops(*a).T, "rows and columns of the map are exchanged"),
    "window transposed": (exchanged, "i and j are exchanged"),
    "stays covered": (no_copy, "stay covered"),
    "stride 1": (lambda f, x, k, s, b: loops(f, x, k, 1, b), "stride is ignored"),
    "stride k": (lambda f, x, k, s, b: loops(f, x, k, k, b), "the windows move by k"),
    "neighbouring windows": (_variant(step=lambda k, s: 1), "window i begins at s*i"),
    "zero": (_variant(cover=lambda p, b: 0), "you cover with 0"),
    "subtracts": (_variant(cover=lambda p, b: p - b), "you subtract it"),
    "multiplies": (_variant(cover=lambda p, b: p * b), "you multiply by it"),
    "mean of the window": (_variant(cover=lambda p, b: p.mean()), "mean of its pixels"),
    "mean of the image": (
        lambda f, x, k, s, b: loops(f, x, k, s, x.mean()),
        "not to the mean of the image",
    ),
    "keeps the window": (keeps_only_the_window, "you do the opposite"),
    "one pixel": (_variant(side=lambda k: 1), "covers one pixel"),
    "k+1": (_variant(side=lambda k: k + 1), "one pixel too large"),
    "k-1": (_variant(side=lambda k: k - 1), "pixel"),
    "partial windows": (_variant(count=lambda n, k, s: -(-n // s)), "you keep them"),
    "one row too few": (_variant(count=lambda n, k, s: (n - k) // s), "last row and column of windows"),
    "heat map": (heat_map, "you spread it"),
    "square map": (square_map, "too few"),
    "integers": (integer_map, "fractions are cut off"),
    "covers x": (covers_x_itself, "changes its input array"),
    "changes x": (changes_only_at_the_end, "changes its input array"),
    "a list": (lambda *a: loops(*a).tolist(), "it returned a list"),
}
