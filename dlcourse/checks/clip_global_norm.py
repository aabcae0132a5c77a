"""E11 ``clip_global_norm``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call


def gradients(rng: np.random.Generator, shapes: list[tuple], share: float) -> Call:
    """Gradients of different sizes, the second the largest; max_norm is ``share`` of their global norm."""
    grads = [
        rng.standard_normal(s) * rng.uniform(0.5, 1) * (6 if i == 1 else 1) for i, s in enumerate(shapes)
    ]
    return call(grads, share * _norm(grads))


def zeros(rng: np.random.Generator) -> list[Call]:
    """Gradients that are all 0."""
    return [call([np.zeros((2, 3)), np.zeros(4)], float(rng.uniform(0.5, 2)))]


def _norm(grads, order=2):
    return float((sum((np.abs(g) ** order).sum() for g in grads)) ** (1 / order))


def clipped(grads, max_norm):
    """The reference of E11."""
    return _clipped(grads, max_norm)


def _clipped(grads, max_norm, norm=_norm, factor=lambda n, c: min(1.0, c / n) if n else 1.0, returned=None):
    n = norm(grads)
    new = [g * factor(n, max_norm) for g in grads]
    return new, n if returned is None else returned(grads, new, n)


def _with(**wrong):
    return lambda grads, c: _clipped(grads, c, **wrong)


def _only_grads(function):
    """A mistake in the gradients; whatever norm is returned."""
    return lambda grads, c: (function(grads, c), _norm(grads))


def _each(grads, c, factor=lambda n, c: min(1.0, c / n) if n else 1.0):
    return [g * factor(_norm([g]), c) for g in grads]


CLIP_MISTAKES = (
    Misconception(
        "each tensor was clipped on its own, which changes the direction. One common factor is needed.",
        _only_grads(_each),
    ),
    Misconception(
        "you clipped the values one by one, which changes the direction. Multiply all by one factor.",
        _only_grads(lambda grads, c: [np.clip(g, -c, c) for g in grads]),
    ),
    Misconception(
        "the norms of the tensors were taken one by one and the largest of them decides: add all squares.",
        _with(norm=lambda grads: max(_norm([g]) for g in grads)),
    ),
    Misconception(
        "the global norm is the root of the sum of squares, not the sum of the norms.",
        _with(norm=lambda grads: sum(_norm([g]) for g in grads)),
    ),
    Misconception(
        "the global norm is the root of the sum of squares, not the mean of the norms.",
        _with(norm=lambda grads: sum(_norm([g]) for g in grads) / len(grads)),
    ),
    Misconception(
        "the square root is missing: you use the square of the norm.",
        _with(norm=lambda grads: _norm(grads) ** 2),
    ),
    Misconception(
        "that is the sum of absolute values (L1); the norm is the root of the sum of squares.",
        _with(norm=lambda grads: _norm(grads, 1)),
    ),
    Misconception(
        "that is the largest absolute value; the norm is the root of the sum of squares.",
        _with(norm=lambda grads: max(np.abs(g).max() for g in grads)),
    ),
    Misconception(
        "that is the root of the mean square; the norm is the root of the sum.",
        _with(norm=lambda grads: _norm(grads) / np.sqrt(sum(g.size for g in grads))),
    ),
    Misconception(
        "for a matrix np.linalg.norm(g, 2) is the largest singular value; add all squares.",
        _with(norm=lambda grads: np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in grads))),
    ),
    Misconception(
        "the norm counts the first tensor only; it runs over all tensors.",
        _with(norm=lambda grads: _norm(grads[:1])),
    ),
    Misconception(
        "the norm counts the last tensor only: add the squares up with +=.",
        _with(norm=lambda grads: _norm(grads[-1:])),
    ),
    Misconception(
        "only the first tensor is scaled.", _only_grads(lambda g, c: [clipped(g, c)[0][0], *g[1:]])
    ),
    Misconception(
        "only the last tensor is scaled.", _only_grads(lambda g, c: [*g[:-1], clipped(g, c)[0][-1]])
    ),
    Misconception(
        "small gradients stay as they are: the factor is at most 1. You stretch them to max_norm.",
        _with(factor=lambda n, c: c / n if n else 1.0),
    ),
    Misconception(
        "large gradients are to be clipped, not small ones: the comparison is the wrong way round.",
        _with(factor=lambda n, c: max(1.0, c / n) if n else 1.0),
    ),
    Misconception(
        "gradients that are too long are shortened to max_norm; you set them to 0.",
        _with(factor=lambda n, c: float(n <= c)),
    ),
    Misconception(
        "gradients that are too long get the norm max_norm, not 1.",
        _with(factor=lambda n, c: 1 / n if n > c else 1.0),
    ),
    Misconception(
        "divide max_norm by the norm, not the norm by max_norm.",
        _with(factor=lambda n, c: n / c if n > c else 1.0),
    ),
    Misconception(
        "multiply by max_norm / norm; you multiply by max_norm.",
        _with(factor=lambda n, c: c if n > c else 1.0),
    ),
    Misconception(
        "divide max_norm by the norm, not by its square.", _with(factor=lambda n, c: min(1.0, c / n**2))
    ),
    Misconception(
        "max_norm / (norm + 1) is no rule to clip by: the factor is min(1, max_norm / norm).",
        _with(factor=lambda n, c: min(1.0, c / (n + 1))),
    ),
    Misconception("the gradients are not clipped.", _with(factor=lambda n, c: 1.0)),
    Misconception(
        "return the norm before clipping (this is what one logs); yours is the one after it.",
        _with(returned=lambda grads, new, n: _norm(new)),
    ),
    Misconception(
        "return the norm before clipping; you return max_norm.", lambda g, c: (clipped(g, c)[0], c)
    ),
    Misconception(
        "return the norm before clipping; you return the factor.",
        lambda g, c: (clipped(g, c)[0], min(1.0, c / _norm(g)) if _norm(g) else 1.0),
    ),
    Misconception(
        "norm is its square: the root is missing where you return it.",
        _with(returned=lambda g, new, n: n * n),
    ),
    Misconception(
        "gradients that are all 0 give 0/0: leave them as they are.",
        _with(factor=lambda n, c: np.minimum(1.0, np.divide(c * (n > 0), n))),
    ),
)

EXERCISE = Exercise(
    name="clip_global_norm",
    reference=clipped,
    properties=(
        Property("one long vector", lambda rng: [gradients(rng, [(5,)], 0.4)]),
        Property("small gradients stay as they are", lambda rng: [gradients(rng, [(5,)], 2.5)]),
        Property("several tensors", lambda rng: [gradients(rng, [(3, 4), (4,), (2, 2)], 0.3)]),
        Property("several small tensors", lambda rng: [gradients(rng, [(3, 2), (5,)], 1.4)]),
    ),
    misconceptions=CLIP_MISTAKES,
    outputs=(Output("grads", ("row", "weight"), several=True), Output("norm")),
    forbidden=OTHERS_WORK,
    rtol=1e-5,
)
