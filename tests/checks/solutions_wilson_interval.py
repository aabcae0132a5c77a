"""E36 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import math

import numpy as np


def formula(successes, n, z):
    p = successes / n
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (p + z**2 / (2 * n) - half) / (1 + z**2 / n), (p + z**2 / (2 * n) + half) / (1 + z**2 / n)


def with_counts(successes: int, n: int, z: float) -> tuple[float, float]:
    wrong, zz = n - successes, z * z
    centre = (successes + zz / 2) / (n + zz)
    spread = z / (n + zz) * (successes * wrong / n + zz / 4) ** 0.5
    return centre - spread, centre + spread


def quadratic(successes, n, z):
    """(p - q)² = z² q(1-q)/n, solved for q."""
    p = successes / n
    roots = np.roots([1 + z * z / n, -2 * p - z * z / n, p * p]).real
    return min(roots), max(roots)


def signs(k, n, z):
    p = np.float64(k) / n
    both = np.array([-1, 1]) * np.sqrt(4 * n * p * (1 - p) + z * z)
    low, high = (2 * n * p + z * z + z * both) / (2 * (n + z * z))
    return [low, high]


CORRECT = [formula, with_counts, quadratic, signs]


def _variant(middle=lambda p, n, z: p + z * z / (2 * n), half=None, scale=lambda n, z: 1 + z * z / n):
    def wrong(k, n, z):
        p = k / n
        h = half(p, n, z) if half else z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle(p, n, z) - h) / scale(n, z), (middle(p, n, z) + h) / scale(n, z)

    return wrong


def wald(k, n, z):
    p = k / n
    return p - z * math.sqrt(p * (1 - p) / n), p + z * math.sqrt(p * (1 - p) / n)


def wald_cut(k, n, z):
    low, high = wald(k, n, z)
    return max(0, low), min(1, high)


def agresti(k, n, z):
    return wald(k + z * z / 2, n + z * z, z)


def lets_scipy(k, n, z):
    from scipy.stats import binomtest

    result = binomtest(k, n).proportion_ci(method="wilson")
    return result.low, result.high


def text(k, n, z):
    low, high = formula(k, n, z)
    return f"{low:.3f}", f"{high:.3f}"


def rounded(k, n, z):
    return tuple(round(v, 2) for v in formula(k, n, z))


WRONG = {
    "simple": (wald, "that is the simple interval"),
    "simple, cut": (wald_cut, "that is the simple interval"),
    "Agresti": (agresti, "Agresti"),
    "two more": (lambda k, n, z: formula(k + 1, n + 2, z), "no imaginary answers"),
    "no division": (_variant(scale=lambda n, z: 1), "division by 1 + z²/n is missing"),
    "middle p": (_variant(lambda p, n, z: p), "you use p"),
    "middle twice": (_variant(lambda p, n, z: p + z * z / n), "you add z²/n"),
    "middle without square": (_variant(lambda p, n, z: p + z / (2 * n)), "with the square of z"),
    "simple half": (
        _variant(half=lambda p, n, z: z * math.sqrt(p * (1 - p) / n)),
        "z²/(4n²) under the root is missing",
    ),
    "4n": (_variant(half=lambda p, n, z: z * math.sqrt(p * (1 - p) / n + z * z / (4 * n))), "not z²/(4n)."),
    "2n²": (
        _variant(half=lambda p, n, z: z * math.sqrt(p * (1 - p) / n + z * z / (2 * n * n))),
        "not z²/(2n²)",
    ),
    "no z": (
        _variant(half=lambda p, n, z: math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))),
        "factor z in front",
    ),
    "no root": (
        _variant(half=lambda p, n, z: z * (p * (1 - p) / n + z * z / (4 * n * n))),
        "the root is missing",
    ),
    "no n": (
        _variant(half=lambda p, n, z: z * math.sqrt(p * (1 - p) + z * z / (4 * n * n))),
        "the n is missing",
    ),
    "n - 1": (
        _variant(half=lambda p, n, z: z * math.sqrt(p * (1 - p) / (n - 1) + z * z / (4 * n * n))),
        "not by n - 1",
    ),
    "variance p": (_variant(half=lambda p, n, z: z * math.sqrt(p / n + z * z / (4 * n * n))), "not p."),
    "scale": (_variant(scale=lambda n, z: 1 + z / n), "yours is 1 + z/n"),
    "brackets": (
        lambda k, n, z: (
            k / n + z * z / (2 * n) - (formula(k, n, z)[1] - formula(k, n, z)[0]) / 2,
            k / n + z * z / (2 * n) + (formula(k, n, z)[1] - formula(k, n, z)[0]) / 2,
        ),
        "only the half is divided",
    ),
    "always 1.96": (lambda k, n, z: formula(k, n, 1.96), "you always use 1.96"),
    "1.645": (lambda k, n, z: formula(k, n, 1.645), "one side"),
    "wrong answers": (lambda k, n, z: formula(n - k, n, z), "the wrong answers"),
    "exchanged": (lambda *a: formula(*a)[::-1], "low and high are exchanged"),
    "percent": (lambda *a: tuple(100 * v for v in formula(*a)), "not percent"),
    "middle and half": (
        lambda *a: (sum(formula(*a)) / 2, (formula(*a)[1] - formula(*a)[0]) / 2),
        "the middle and half the width",
    ),
    "scipy": (lets_scipy, "scipy.stats.binomtest"),
    "text": (text, "low is a str"),
    "rounded": (rounded, "low"),
    "one number": (lambda *a: formula(*a)[0], "values: low, high"),
}
