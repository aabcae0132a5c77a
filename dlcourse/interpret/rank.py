"""Do two attributions put the pixels in the same order?"""

import numpy as np


def ranks(a: np.ndarray) -> np.ndarray:
    """Ranks 1 … n of the flattened values; equal values share the mean of their ranks."""
    _, group, size = np.unique(np.ravel(a), return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return (last - (size - 1) / 2)[group]


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """ρ = Pearson correlation of the ranks of a and b  (eq-spearman), from -1 to 1. Spearman 1904.

    The sanity check of Adebayo et al. 2018: an attribution that has the same order for a trained and for
    a random network does not explain the training. Raises ``ValueError`` for different shapes, NaN, or a
    constant map, which has no order.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"spearman: shapes {a.shape} and {b.shape}, expected equal ones")
    if np.isnan(a).any() or np.isnan(b).any():
        raise ValueError("spearman: NaN has no rank")
    x, y = ranks(a), ranks(b)
    x, y = x - x.mean(), y - y.mean()
    if not x.any() or not y.any():
        raise ValueError("spearman: one of the maps is constant, its ranks say nothing")
    return float((x @ y) / np.sqrt((x @ x) * (y @ y)))
