"""E35 ``calibration_error``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Property, call


def predictions(
    rng: np.random.Generator, N: int, C: int, bins: int, sharp: float = 1.5, sure: bool = False
) -> Call:
    """p (N, C), y (N,); ``sure``: two predictions have the confidence 1. No confidence lies on an edge."""
    p = rng.dirichlet(np.full(C, 1 / sharp), N)
    while np.abs(p.max(1) * bins - np.rint(p.max(1) * bins)).min() < 1e-6:
        p = rng.dirichlet(np.full(C, 1 / sharp), N)
    if sure:
        p[:2] = np.eye(C)[rng.integers(C, size=2)]
    right = rng.uniform(size=N) < p.max(1) ** 1.5
    y = np.where(right, p.argmax(1), rng.integers(C, size=N))
    if sure:
        y[0], y[1] = p[0].argmax(), (p[1].argmax() + 1) % C
    return call(p, y, bins)


def ece(p, y, bins):
    """The reference of E35."""
    return _ece(p, y, bins)


def _numbers(confidence, bins):
    """b with b/bins < confidence <= (b+1)/bins."""
    return np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)


def _ece(p, y, bins, confidence=lambda p, y: p.max(1), hit=lambda p, y: p.argmax(1) == y, **wrong):
    """The keywords are for mistakes."""
    c, h = confidence(p, y), hit(p, y)
    which = wrong.get("number", _numbers)(c, bins)
    total = []
    for b in range(bins):
        inside = which == b
        if inside.any():
            mean = wrong.get("mean", lambda c, b, bins: c.mean())(c[inside], b, bins)
            gap = wrong.get("gap", abs)(h[inside].mean() - mean)
            total.append((gap, inside.sum()))
    gaps, sizes = np.array(total, float).T if total else np.zeros((2, 1))
    return float(
        wrong.get("sum", lambda gaps, sizes, n, bins: (gaps * sizes).sum() / n)(gaps, sizes, len(y), bins)
    )


def _with(**wrong):
    return lambda p, y, bins: _ece(p, y, bins, **wrong)


def _equal_sizes(p, y, bins):
    """Bins that hold equally many predictions."""
    order = np.argsort(p.max(1))
    c, h = p.max(1)[order], (p.argmax(1) == y)[order]
    chunks = [part for part in np.array_split(np.arange(len(y)), bins) if len(part)]
    return float(sum(len(i) * abs(h[i].mean() - c[i].mean()) for i in chunks) / len(y))


def _of_true_class(p, y):
    return p[np.arange(len(y)), y]


CALIBRATION_MISTAKES = (
    Misconception(
        "the gaps are averaged over the bins; each counts with its share of the predictions.",
        _with(sum=lambda gaps, sizes, n, bins: gaps.mean()),
    ),
    Misconception(
        "the gaps are averaged over all bins, empty ones too; each counts with its share of the predictions.",
        _with(sum=lambda gaps, sizes, n, bins: gaps.sum() / bins),
    ),
    Misconception(
        "the gaps are only added up: each has the weight n_b / N.", _with(sum=lambda g, s, n, b: g.sum())
    ),
    Misconception(
        "the sum is not divided by the number of predictions N.", _with(sum=lambda g, s, n, b: (g * s).sum())
    ),
    Misconception(
        "that is the largest gap (maximum calibration error); the weighted mean is asked for.",
        _with(sum=lambda g, s, n, b: g.max()),
    ),
    Misconception(
        "take the absolute value in each bin: over- and underconfidence must not cancel out.",
        _with(gap=lambda g: g),
    ),
    Misconception(
        "take the absolute value in each bin: over- and underconfidence must not cancel out.",
        _with(gap=lambda g: -g),
    ),
    Misconception(
        "take the absolute value in each bin: over- and underconfidence must not cancel out.",
        lambda p, y, bins: abs(_ece(p, y, bins, gap=lambda g: g)),
    ),
    Misconception("the gaps are not squared.", _with(gap=lambda g: g * g)),
    Misconception(
        "the gaps are not squared (nor is there a root).",
        lambda p, y, bins: np.sqrt(_ece(p, y, bins, gap=lambda g: g * g)),
    ),
    Misconception(
        "compare with the mean confidence in the bin, not with the middle of the bin.",
        _with(mean=lambda c, b, bins: (b + 0.5) / bins),
    ),
    Misconception(
        "compare with the mean confidence in the bin, not with its edge.",
        _with(mean=lambda c, b, bins: (b + 1) / bins),
    ),
    Misconception(
        "compare with the mean confidence in the bin, not with its edge.",
        _with(mean=lambda c, b, bins: b / bins),
    ),
    Misconception(
        "the confidence is the largest probability, not that of the true class.",
        _with(confidence=_of_true_class),
    ),
    Misconception(
        "the confidence is the largest probability; you take that of class 1.",
        _with(confidence=lambda p, y: p[:, 1]),
    ),
    Misconception(
        "a prediction is right if its class is y, not if the probability is above one half.",
        _with(hit=lambda p, y: p.max(1) > 0.5),
    ),
    Misconception(
        "a prediction is right if its class is y; you compare with class 1.", _with(hit=lambda p, y: y == 1)
    ),
    Misconception(
        "you count the errors in place of the right ones.", _with(hit=lambda p, y: p.argmax(1) != y)
    ),
    Misconception(
        "compare the means of a bin, not every single prediction.",
        lambda p, y, bins: np.abs(p.max(1) - (p.argmax(1) == y)).mean(),
    ),
    Misconception("all bins have the same width 1/bins, not the same number of predictions.", _equal_sizes),
    Misconception(
        "the bins divide 0 to 1, not the range of the confidences that occur.",
        _with(number=lambda c, bins: _numbers((c - c.min()) / max(np.ptp(c), 1e-9), bins)),
    ),
    Misconception(
        "the bins divide 0 to 1, not 1/C to 1.",
        lambda p, y, bins: _ece(
            p, y, bins, number=lambda c, b: _numbers((c - 1 / p.shape[1]) / (1 - 1 / p.shape[1]), b)
        ),
    ),
    Misconception(
        "there is one bin too few: `bins` bins have bins + 1 edges.", lambda p, y, bins: ece(p, y, bins - 1)
    ),
    Misconception("there is one bin too many.", lambda p, y, bins: ece(p, y, bins + 1)),
    Misconception("bins is ignored: you always use 10.", lambda p, y, bins: ece(p, y, 10)),
    Misconception(
        "a confidence of exactly 1 belongs to the last bin; yours is in none.",
        _with(number=lambda c, bins: np.floor(c * bins).astype(int)),
    ),
    Misconception(
        "the last bin is left out.", _with(number=lambda c, bins: _without(_numbers(c, bins), bins - 1))
    ),
    Misconception(
        "an empty bin counts 0: skip it before you divide by its size.",
        lambda p, y, bins: _nan_if_empty(p, y, bins),
    ),
    Misconception("an error of 0.05 is 0.05, not 5 percent.", lambda *a: 100 * ece(*a)),
    Misconception("that is 1 minus the calibration error.", lambda *a: 1 - ece(*a)),
    Misconception("that is the accuracy.", lambda p, y, bins: (p.argmax(1) == y).mean()),
)


def _without(which, last):
    return np.where(which == last, -1, which)


def _nan_if_empty(p, y, bins):
    return np.nan if len(set(_numbers(p.max(1), bins))) < bins else ece(p, y, bins)


EXERCISE = Exercise(
    name="calibration_error",
    reference=ece,
    properties=(
        Property("one bin", lambda rng: [predictions(rng, 12, 2, 1)]),
        Property("two classes, four bins", lambda rng: [predictions(rng, 60, 2, 4)]),
        Property("three classes, five bins", lambda rng: [predictions(rng, 80, 3, 5)]),
        Property("bins that stay empty", lambda rng: [predictions(rng, 30, 4, 12)]),
    ),
    misconceptions=CALIBRATION_MISTAKES,
    forbidden=(*OTHERS_WORK, "sklearn"),
)
