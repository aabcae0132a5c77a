"""E25 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def midpoints(grad_f, x, baseline, n):
    total = np.zeros_like(x)
    for i in range(n):
        total += grad_f(baseline + (i + 0.5) / n * (x - baseline))
    return (x - baseline) * total / n


def linspace(grad_f, x, baseline, n: int) -> np.ndarray:
    ts = np.linspace(0.5 / n, 1 - 0.5 / n, n)
    return (x - baseline) * np.mean([grad_f((1 - t) * baseline + t * x) for t in ts], axis=0)


def trapezoid(grad_f, x, baseline, n):
    g = np.array([grad_f(baseline + t * (x - baseline)) for t in np.linspace(0, 1, n + 1)])
    return (x - baseline) * np.trapezoid(g, dx=1 / n, axis=0)


def gauss(grad_f, x, baseline, n):
    nodes, shares = np.polynomial.legendre.leggauss(n)
    delta = x - baseline
    return delta * sum(
        w / 2 * grad_f(baseline + (t + 1) / 2 * delta) for t, w in zip(nodes, shares, strict=True)
    )


def backwards(grad_f, x, baseline, n):
    way, point, total = x - baseline, x - (x - baseline) / (2 * n), 0
    for _ in range(n):
        total = total + grad_f(point)
        point = point - way / n
    return total / n * way


CORRECT = [midpoints, linspace, trapezoid, gauss, backwards]


def _variant(points, factor=lambda x, b: x - b, path=lambda x, b, t: b + t * (x - b), mean=np.mean):
    def wrong(grad_f, x, baseline, n):
        return factor(x, baseline) * mean([grad_f(path(x, baseline, t)) for t in points(n)], axis=0)

    return wrong


def _mid(n):
    return (np.arange(n) + 0.5) / n


def last_point(grad_f, x, baseline, n):
    for i in range(n):
        g = grad_f(baseline + (i + 0.5) / n * (x - baseline))
    return (x - baseline) * g


def in_place(grad_f, x, baseline, n):
    result = midpoints(grad_f, x, baseline, n)
    x -= baseline
    return result


def all_at_once(grad_f, x, baseline, n):
    points = baseline + _mid(n)[:, None] * (x - baseline)
    return (x - baseline) * grad_f(points).mean(0)


def every_point(grad_f, x, baseline, n):
    return (x - baseline) * np.array([grad_f(baseline + t * (x - baseline)) for t in _mid(n)])


WRONG = {
    "factor missing": (_variant(_mid, lambda x, b: 1), "multiply the mean gradient"),
    "factor x": (_variant(_mid, lambda x, b: x), "not x."),
    "factor reversed": (_variant(_mid, lambda x, b: b - x), "the sign is wrong"),
    "absolute factor": (_variant(_mid, lambda x, b: np.abs(x - b)), "not |x - baseline|"),
    "length": (_variant(_mid, lambda x, b: np.linalg.norm(x - b)), "not its length"),
    "gradient times input": (lambda g, x, b, n: x * g(x), "gradient times input"),
    "at x": (lambda g, x, b, n: (x - b) * g(x), "at x only"),
    "at the baseline": (lambda g, x, b, n: (x - b) * g(b), "at the baseline only"),
    "one midpoint": (lambda g, x, b, n: (x - b) * g((x + b) / 2), "one point in the middle"),
    "gradient": (lambda g, x, b, n: g(x), "that is the gradient at x"),
    "path from 0": (_variant(_mid, path=lambda x, b, t: t * x), "begins at the baseline, not at 0"),
    "no baseline": (
        _variant(_mid, lambda x, b: x, lambda x, b, t: t * x),
        "baseline is ignored",
    ),
    "path of x": (_variant(_mid, path=lambda x, b, t: b + t * x), "adds t*x to the baseline"),
    "beyond x": (_variant(_mid, path=lambda x, b, t: x + t * (x - b)), "beyond x"),
    "sum": (_variant(_mid, mean=np.sum), "not divided by n"),
    "right ends": (_variant(lambda n: np.arange(1, n + 1) / n), "right end"),
    "left ends": (_variant(lambda n: np.arange(n) / n), "left end"),
    "shifted": (_variant(lambda n: (np.arange(1, n + 1) + 0.5) / n), "the middle of a step is"),
    "linspace with both ends": (_variant(lambda n: np.linspace(0, 1, n)), "points with both ends"),
    "n + 1 points": (_variant(lambda n: np.linspace(0, 1, n + 1)), "points with both ends"),
    "n + 1 points over n": (
        lambda g, x, b, n: (x - b) * sum(g(b + t * (x - b)) for t in np.linspace(0, 1, n + 1)) / n,
        "divided by n: the ends",
    ),
    "last point": (last_point, "only the last point"),
    "last point over n": (lambda g, x, b, n: last_point(g, x, b, n) / n, "only the last point"),
    "absolute": (lambda *a: np.abs(midpoints(*a)), "speak against the class"),
    "absolute gradients": (
        lambda g, x, b, n: midpoints(lambda z: np.abs(g(z)), x, b, n),
        "average their absolute values",
    ),
    "normalised": (lambda *a: midpoints(*a) / np.abs(midpoints(*a)).sum(), "do not normalise"),
    "number": (lambda *a: midpoints(*a).sum(), "not their sum"),
    "changes x": (in_place, "changes its input array"),
    "all points at once": (all_at_once, "it raised ValueError"),
    "every point": (every_point, "2 axes"),
    "a list": (lambda *a: list(midpoints(*a)), "it returned a list"),
}
