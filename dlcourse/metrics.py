"""Numbers that say how good a model is. All take NumPy arrays."""

from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np


def accuracy(logits: np.ndarray, target: np.ndarray, ignore_index: int = -100) -> float:
    """Share of targets that are the largest logit, over the targets that are not ``ignore_index``.

    logits (..., C), target (...) -> a number in 0..1; NaN if every target is ignored. Padding must not
    count: a model that learns nothing but padding would otherwise look good.
    """
    hits, real = map(int, count_hits(logits, target, ignore_index))
    return hits / real if real else float("nan")


def count_hits(logits, target, ignore_index: int = -100) -> tuple:
    """Right answers and real targets, as counts, so that unequal batches can be added up.

    Tensors are counted where they are; the counts stay there until somebody asks for ``int``.
    """
    if np.shape(target) != np.shape(logits)[:-1]:
        raise ValueError(
            f"accuracy: logits have shape {np.shape(logits)}, target {np.shape(target)}; expected "
            "(..., classes) and (...)"
        )
    real = target != ignore_index
    return ((logits.argmax(-1) == target) & real).sum(), real.sum()


def perplexity(nll: float) -> float:
    """e^nll, where ``nll`` is the mean cross-entropy a token in nats: 1 is perfect, V is a blind guess."""
    return exp(nll)


def bits_per_character(nll: float) -> float:
    """nll / ln 2, where ``nll`` is the mean cross-entropy a character in nats."""
    return nll / log(2)


def confusion_matrix(target: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """M[i, j] = how many examples of class i were called j; (classes, classes), integers.

    Raises ``ValueError`` for unequal shapes and for class numbers outside 0..classes-1.
    """
    target, predicted = np.asarray(target), np.asarray(predicted)
    if target.shape != predicted.shape:
        raise ValueError(
            f"confusion_matrix: target has shape {target.shape}, predicted {predicted.shape}, expected equal "
            "shapes (class numbers, not logits)"
        )
    for name, ids in (("target", target), ("predicted", predicted)):
        if ids.dtype.kind not in "iu" or (ids.size and not 0 <= ids.min() <= ids.max() < classes):
            raise ValueError(
                f"confusion_matrix: {name} holds other values than the integers 0..{classes - 1}"
            )
    cells = np.bincount((target.astype(np.int64) * classes + predicted).ravel(), minlength=classes**2)
    return cells.reshape(classes, classes)


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of a proportion p = successes/trials  (eq-wilson):

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z the normal quantile of ``confidence``.

    Stays inside 0..1 and has a width even for p = 0 or 1, unlike p ± z √(p(1-p)/n). Wilson 1927.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"wilson_interval: {successes} of {trials}, expected 0 <= successes <= trials >= 1")
    if not 0 < confidence < 1:
        raise ValueError(f"wilson_interval: confidence is {confidence}, expected a number between 0 and 1")
    n, p, z = trials, successes / trials, NormalDist().inv_cdf((1 + confidence) / 2)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    middle, scale = p + z * z / (2 * n), 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
