"""E36 ``wilson_interval``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Exercise, Misconception, Output, Property, call


def counts(rng: np.random.Generator, n: int, share: float, z: float = 1.96):
    """About ``share`` of n answers are right."""
    return call(int(np.clip(round(share * n) + rng.integers(-1, 2), 1, n - 1)), n, z)


def limits(successes, n, z):
    """The reference of E36."""
    return _limits(successes, n, z)


def _limits(k, n, z, middle=None, half=None, scale=lambda n, z: 1 + z * z / n):
    p = k / n
    centre = (middle or (lambda p, n, z: p + z * z / (2 * n)))(p, n, z)
    width = (half or (lambda p, n, z: z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))))(p, n, z)
    return float((centre - width) / scale(n, z)), float((centre + width) / scale(n, z))


def _with(**wrong):
    return lambda k, n, z: _limits(k, n, z, **wrong)


def _wald(p, n, z):
    return z * np.sqrt(p * (1 - p) / n)


def _changed(change):
    return lambda k, n, z: change(*limits(k, n, z), k, n, z)


def _clipped_wald(k, n, z):
    p = k / n
    return max(0.0, p - _wald(p, n, z)), min(1.0, p + _wald(p, n, z))


def _agresti(k, n, z):
    """Add z*z/2 successes and as many failures, then Wald."""
    m = n + z * z
    p = (k + z * z / 2) / m
    return p - _wald(p, m, z), p + _wald(p, m, z)


def _corrected(k, n, z):
    """With continuity correction."""
    p = k / n
    low = (2 * n * p + z * z - (z * np.sqrt(z * z - 1 / n + 4 * n * p * (1 - p) + (4 * p - 2)) + 1)) / (
        2 * (n + z * z)
    )
    high = (2 * n * p + z * z + (z * np.sqrt(z * z - 1 / n + 4 * n * p * (1 - p) - (4 * p - 2)) + 1)) / (
        2 * (n + z * z)
    )
    return max(0.0, low), min(1.0, high)


def _laplace(k, n, z):
    return limits(k + 1, n + 2, z)


WILSON_MISTAKES = (
    Misconception(
        "that is the simple interval p ± z √(p(1-p)/n): it leaves 0..1 and has no width at p = 0 or 1.",
        _with(middle=lambda p, n, z: p, half=_wald, scale=lambda n, z: 1.0),
    ),
    Misconception(
        "that is the simple interval p ± z √(p(1-p)/n), cut at 0 and 1; Wilson's stays inside by itself.",
        _clipped_wald,
    ),
    Misconception("that is the interval of Agresti and Coull; Wilson's formula is asked for.", _agresti),
    Misconception("that is the version with continuity correction; the plain one is asked for.", _corrected),
    Misconception("no imaginary answers are added: p is successes / n.", _laplace),
    Misconception("the division by 1 + z²/n is missing.", _with(scale=lambda n, z: 1.0)),
    Misconception("the middle is p + z²/(2n); you use p.", _with(middle=lambda p, n, z: p)),
    Misconception("the middle is p + z²/(2n); you add z²/n.", _with(middle=lambda p, n, z: p + z * z / n)),
    Misconception(
        "the middle is p + z²/(2n), with the square of z.", _with(middle=lambda p, n, z: p + z / (2 * n))
    ),
    Misconception(
        "the middle is p + z²/(2n); you subtract.", _with(middle=lambda p, n, z: p - z * z / (2 * n))
    ),
    Misconception("the term z²/(4n²) under the root is missing.", _with(half=_wald)),
    Misconception(
        "the term under the root is z²/(4n²), not z²/(4n).",
        _with(half=lambda p, n, z: z * np.sqrt(p * (1 - p) / n + z * z / (4 * n))),
    ),
    Misconception(
        "the term under the root is z²/(4n²), not z²/(2n²).",
        _with(half=lambda p, n, z: z * np.sqrt(p * (1 - p) / n + z * z / (2 * n * n))),
    ),
    Misconception(
        "the term under the root is z²/(4n²), not z/(4n²).",
        _with(half=lambda p, n, z: z * np.sqrt(p * (1 - p) / n + z / (4 * n * n))),
    ),
    Misconception(
        "the factor z in front of the root is missing.",
        _with(half=lambda p, n, z: np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))),
    ),
    Misconception(
        "the root is missing.", _with(half=lambda p, n, z: z * (p * (1 - p) / n + z * z / (4 * n * n)))
    ),
    Misconception(
        "p(1-p) is divided by n; the n is missing.",
        _with(half=lambda p, n, z: z * np.sqrt(p * (1 - p) + z * z / (4 * n * n))),
    ),
    Misconception(
        "p(1-p) is divided by n, not by n - 1.",
        _with(half=lambda p, n, z: z * np.sqrt(p * (1 - p) / max(n - 1, 1) + z * z / (4 * n * n))),
    ),
    Misconception(
        "the variance is p(1-p), not p.", _with(half=lambda p, n, z: z * np.sqrt(p / n + z * z / (4 * n * n)))
    ),
    Misconception(
        "the variance is p(1-p), not p².",
        _with(half=lambda p, n, z: z * np.sqrt(p * p / n + z * z / (4 * n * n))),
    ),
    Misconception("the scale is 1 + z²/n; yours is 1 + z/n.", _with(scale=lambda n, z: 1 + z / n)),
    Misconception(
        "the scale is 1 + z²/n; yours is 1 + z²/(2n).", _with(scale=lambda n, z: 1 + z * z / (2 * n))
    ),
    Misconception(
        "divide the whole of middle ± half by 1 + z²/n; only the half is divided.",
        lambda k, n, z: _limits(
            k,
            n,
            z,
            half=lambda p, n, z: z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
            scale=lambda n, z: 1.0,
        ),
    ),
    Misconception(
        "divide the whole of middle ± half by 1 + z²/n; only the middle is divided.",
        lambda k, n, z: _limits(
            k, n, z, middle=lambda p, n, z: (p + z * z / (2 * n)) / (1 + z * z / n), scale=lambda n, z: 1.0
        ),
    ),
    Misconception("z is ignored: you always use 1.96.", lambda k, n, z: limits(k, n, 1.96)),
    Misconception("you use 1.645: that is the quantile of one side.", lambda k, n, z: limits(k, n, 1.645)),
    Misconception(
        "that is the interval of the wrong answers: p is successes / n.", lambda k, n, z: limits(n - k, n, z)
    ),
    Misconception("low and high are exchanged.", _changed(lambda low, high, *_: (high, low))),
    Misconception(
        "the limits are shares, not percent.", _changed(lambda low, high, *_: (100 * low, 100 * high))
    ),
    Misconception(
        "the limits are shares, not numbers of answers.",
        _changed(lambda low, high, k, n, z: (n * low, n * high)),
    ),
    Misconception(
        "you return the middle and half the width; the two limits are asked for.",
        _changed(lambda low, high, *_: ((low + high) / 2, (high - low) / 2)),
    ),
    Misconception(
        "you return the share p and half the width; the two limits are asked for.",
        _changed(lambda low, high, k, n, z: (k / n, (high - low) / 2)),
    ),
)

EXERCISE = Exercise(
    name="wilson_interval",
    reference=limits,
    properties=(
        Property("30 answers", lambda rng: [counts(rng, 30, 0.7), counts(rng, 30, 0.3)]),
        Property("few answers", lambda rng: [counts(rng, 8, 0.8)]),
        Property("another z", lambda rng: [counts(rng, 40, 0.6, 2.576), counts(rng, 25, 0.4, 1.0)]),
        Property("all or none right", lambda rng: [call(20, 20, 1.96), call(0, 15, 1.96)]),
    ),
    misconceptions=WILSON_MISTAKES,
    outputs=(Output("low"), Output("high")),
    forbidden=(*OTHERS_WORK, "statsmodels"),
)
