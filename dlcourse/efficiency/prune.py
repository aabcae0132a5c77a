"""Magnitude pruning: the smallest weights become zero."""

import numpy as np

from dlcourse.backend import to_numpy

SCOPES = ("global", "tensor")


def prune(w: np.ndarray, fraction: float) -> np.ndarray:
    """ŵ = w, with the ⌊fraction · n⌋ entries of smallest |w| set to 0  (eq-pruning).

    w any shape (n entries) -> like w. Of equal magnitudes the ones with the lower index go first.
    Han et al. 2015. Raises ``ValueError`` unless 0 <= fraction <= 1.
    """
    _check(fraction)
    w = np.asarray(w)
    kept = w.copy()
    kept.flat[_smallest(np.abs(w).ravel(), fraction)] = 0
    return kept


def prune_state(state: dict, fraction: float, scope: str = "global") -> dict[str, np.ndarray]:
    """``prune`` for the weights (two axes or more, floating point) of a ``state_dict`` of either backend.

    ``scope`` "global": one threshold for all weights, so layers lose different shares; "tensor": every
    weight loses the same share. Biases and normalisations stay. Returns NumPy arrays by name.
    """
    _check(fraction)
    if scope not in SCOPES:
        raise ValueError(f"prune_state: scope {scope!r}, expected one of {', '.join(SCOPES)}")
    pruned = {name: to_numpy(value).copy() for name, value in state.items()}
    weights = {name: w for name, w in pruned.items() if _is_weight(w)}
    if scope == "tensor":
        return pruned | {name: prune(w, fraction) for name, w in weights.items()}
    if weights:
        magnitudes = np.concatenate([np.abs(w).ravel() for w in weights.values()])
        small = np.zeros(magnitudes.size, bool)
        small[_smallest(magnitudes, fraction)] = True
        ends = np.cumsum([w.size for w in weights.values()])
        for w, part in zip(weights.values(), np.split(small, ends[:-1]), strict=True):
            w[part.reshape(w.shape)] = 0
    return pruned


def sparsity(state: dict) -> float:
    """The share of zeros among the weights (two axes or more, floating point) of a ``state_dict``."""
    weights = [w for w in map(to_numpy, state.values()) if _is_weight(w)]
    total = sum(w.size for w in weights)
    return sum(int((w == 0).sum()) for w in weights) / total if total else 0.0


def _is_weight(w: np.ndarray) -> bool:
    return w.ndim >= 2 and w.dtype.kind == "f"


def _smallest(magnitudes: np.ndarray, fraction: float) -> np.ndarray:
    # 0.29 · 100 is 28.999… in floating point: a hair is added before rounding down.
    count = int(np.floor(fraction * magnitudes.size + 1e-9))
    return np.argsort(magnitudes, kind="stable")[:count]


def _check(fraction: float) -> None:
    if not 0 <= fraction <= 1:
        raise ValueError(f"prune: fraction {fraction}, expected a share from 0 to 1")
