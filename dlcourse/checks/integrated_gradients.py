"""E25 ``integrated_gradients``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Demand, Exercise, Misconception, Property, driver


def score(a, A, x):
    """f(x) = a · tanh(A x): a small network with one hidden layer."""
    return float(a @ np.tanh(A @ x))


@driver
def of_network(integrated_gradients, a, A, x, baseline, n):
    """grad_f is the gradient of ``score``; the point must be one vector (D,)."""

    def grad_f(x):
        return (a * (1 - np.tanh(A @ x) ** 2)) @ A

    return integrated_gradients(grad_f, x, baseline, n)


def example(rng: np.random.Generator, D: int, n: int, baseline: float = 1.0):
    """A network that saturates between baseline and x; ``baseline`` 0: a baseline of zeros."""
    a, A = rng.uniform(1, 2, 3) * rng.choice([-1, 1], 3), rng.standard_normal((3, D)) * 0.7
    x = rng.uniform(1, 2, D) * (-1.0) ** np.arange(1, D + 1)
    return of_network(a, A, x, baseline * rng.uniform(-0.5, 0.5, D), n)


def attribution(grad_f, x, baseline, n):
    """The reference of E25: the midpoint rule."""
    return _attribution(grad_f, x, baseline, n)


def _attribution(grad_f, x, baseline, n, at=lambda i, n: (i - 0.5) / n, factor=None, steps=None, count=None):
    way = x - baseline
    points = [at(i, n) for i in range(1, (steps or (lambda n: n))(n) + 1)]
    total = sum(grad_f(baseline + t * way) for t in points)
    return (way if factor is None else factor(x, baseline)) * total / (count or (lambda n: n))(n)


def _with(**wrong):
    return lambda g, x, b, n: _attribution(g, x, b, n, **wrong)


IG_MISTAKES = (
    Misconception(
        "multiply the mean gradient with x - baseline.", _with(factor=lambda x, b: np.ones_like(x))
    ),
    Misconception("the factor is x - baseline, not x.", _with(factor=lambda x, b: x)),
    Misconception("the factor is x - baseline; the sign is wrong.", _with(factor=lambda x, b: b - x)),
    Misconception(
        "the factor x - baseline belongs to each feature, not its length.",
        _with(factor=lambda x, b: np.full_like(x, np.linalg.norm(x - b))),
    ),
    Misconception(
        "the factor keeps its sign: x - baseline, not |x - baseline|.",
        _with(factor=lambda x, b: np.abs(x - b)),
    ),
    Misconception(
        "that is gradient times input; integrate over the path from the baseline to x.",
        lambda g, x, b, n: x * g(x),
    ),
    Misconception(
        "the gradient is taken at x only; integrate over the path.", lambda g, x, b, n: (x - b) * g(x)
    ),
    Misconception(
        "the gradient is taken at the baseline only; integrate over the path.",
        lambda g, x, b, n: (x - b) * g(b),
    ),
    Misconception(
        "one point in the middle of the path is not enough: use n of them.",
        lambda g, x, b, n: attribution(g, x, b, 1),
    ),
    Misconception("that is the gradient at x; integrate over the path.", lambda g, x, b, n: g(x)),
    Misconception(
        "the path begins at the baseline, not at 0.",
        lambda g, x, b, n: (x - b) * _attribution(g, x, 0 * b, n, factor=lambda x, b: 1.0),
    ),
    Misconception(
        "the baseline is ignored: path and factor begin at 0.", lambda g, x, b, n: attribution(g, x, 0 * b, n)
    ),
    Misconception(
        "the path goes from the baseline to x; yours adds t*x to the baseline.",
        lambda g, x, b, n: (x - b) * sum(g(b + (i - 0.5) / n * x) for i in range(1, n + 1)) / n,
    ),
    Misconception(
        "the path goes beyond x: the point is baseline + t*(x - baseline), not x + t*(x - baseline).",
        lambda g, x, b, n: (x - b) * sum(g(x + (i - 0.5) / n * (x - b)) for i in range(1, n + 1)) / n,
    ),
    Misconception("the sum is not divided by n.", _with(count=lambda n: 1)),
    Misconception("divide by n, the number of points, not by n + 1.", _with(count=lambda n: n + 1)),
    Misconception("divide by n, the number of points, not by n - 1.", _with(count=lambda n: n - 1)),
    Misconception("divide by n once, not twice.", _with(count=lambda n: n * n)),
    Misconception(
        "the gradients are taken at the right end of each step; the middle, (i-1/2)/n, is far more precise.",
        _with(at=lambda i, n: i / n),
    ),
    Misconception(
        "the gradients are taken at the left end of each step; the middle, (i-1/2)/n, is far more precise.",
        _with(at=lambda i, n: (i - 1) / n),
    ),
    Misconception(
        "with i from 0 the middle of a step is (i+1/2)/n, with i from 1 it is (i-1/2)/n.",
        _with(at=lambda i, n: (i + 0.5) / n),
    ),
    Misconception(
        "with i from 0 the middle of a step is (i+1/2)/n, with i from 1 it is (i-1/2)/n.",
        _with(at=lambda i, n: (i - 1.5) / n),
    ),
    Misconception(
        "a mean over points with both ends: these two count half (or take the middles of n steps).",
        _with(at=lambda i, n: (i - 1) / max(n - 1, 1)),
    ),
    Misconception(
        "a mean over points with both ends: these two count half (or take the middles of n steps).",
        _with(at=lambda i, n: (i - 1) / n, steps=lambda n: n + 1, count=lambda n: n + 1),
    ),
    Misconception(
        "n + 1 points are added up and divided by n: the ends of the path count half.",
        _with(at=lambda i, n: (i - 1) / n, steps=lambda n: n + 1),
    ),
    Misconception(
        "only the last point of the path is used: add the gradients up with +=.",
        lambda g, x, b, n: (x - b) * g(b + (n - 0.5) / n * (x - b)),
    ),
    Misconception(
        "only the last point of the path is used, and divided by n: add the gradients up with +=.",
        lambda g, x, b, n: (x - b) * g(b + (n - 0.5) / n * (x - b)) / n,
    ),
    Misconception(
        "the attribution keeps its sign: negative values speak against the class.",
        lambda *a: np.abs(attribution(*a)),
    ),
    Misconception(
        "the gradients keep their sign on the path; you average their absolute values.",
        lambda g, x, b, n: attribution(lambda z: np.abs(g(z)), x, b, n),
    ),
    Misconception(
        "do not normalise: the sum of a must be f(x) - f(baseline).",
        lambda *a: attribution(*a) / np.abs(attribution(*a)).sum(),
    ),
    Misconception(
        "one number for each feature is asked for, not their sum.", lambda *a: attribution(*a).sum()
    ),
)


def completeness(got, a, A, x, baseline, n):
    """The attributions add up to f(x) - f(baseline)."""
    gap = got.sum() - (score(a, A, x) - score(a, A, baseline))
    if abs(gap) > 0.002 * np.abs(got).sum() + 0.0003 * len(got):
        return "the attributions do not add up to f(x) - f(baseline): path, factor or the mean is wrong."
    return None


EXERCISE = Exercise(
    name="integrated_gradients",
    reference=attribution,
    properties=(
        Property("a baseline of zeros", lambda rng: [example(rng, 4, 60, 0.0)]),
        Property("another baseline", lambda rng: [example(rng, 5, 60)]),
        Property("many points", lambda rng: [example(rng, 6, 81)]),
        Demand(
            "completeness: the sum is f(x) - f(baseline)", lambda rng: [example(rng, 6, 60)], completeness
        ),
    ),
    misconceptions=IG_MISTAKES,
    axes=("feature",),
    forbidden=OTHERS_WORK,
    rtol=0.002,
    atol=0.0003,
)
