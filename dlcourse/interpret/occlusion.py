"""Attribution by perturbation: cover a patch and see how far the score falls."""

from collections.abc import Callable

import numpy as np


def occlusion(f: Callable, x: np.ndarray, k: int, s: int = 1, baseline: float = 0.0) -> np.ndarray:
    """D[i, j] = f(x) - f(x with the k×k window at (s·i, s·j) set to the baseline)  (eq-occlusion).

    x (..., H, W), every channel is covered; ``f(x) -> float`` -> D (⌊(H-k)/s⌋+1, ⌊(W-k)/s⌋+1): windows
    that do not fit are left out. Positive where the covered pixels speak for the class.
    Zeiler & Fergus 2014, §4.2. Raises ``ValueError`` for a window that does not fit into the image.
    """
    return occlusion_map(lambda batch: np.array([float(f(one)) for one in batch]), x, k, s, baseline, 1)


def occlusion_map(
    score: Callable, x: np.ndarray, k: int, s: int = 1, baseline: float = 0.0, batch_size: int = 128
) -> np.ndarray:
    """``occlusion`` for a score of many images at once: ``score(batch (M, ...)) -> (M,)``, a ``ClassScore``.

    x is one image (..., H, W) without a batch axis.
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)  # a baseline of 0.5 must not become 0
    if x.ndim < 2 or not 1 <= k <= min(x.shape[-2:]):
        raise ValueError(f"occlusion: window {k}×{k}, x has shape {x.shape}, expected it to fit (..., H, W)")
    if s < 1 or batch_size < 1:
        raise ValueError(f"occlusion: stride {s}, batch_size {batch_size}, expected at least 1 each")
    rows, columns = ((size - k) // s + 1 for size in x.shape[-2:])
    corners = [(s * i, s * j) for i in range(rows) for j in range(columns)]
    values = []
    for start in range(0, len(corners), batch_size):
        part = corners[start : start + batch_size]
        covered = np.repeat(x[None], len(part), 0)
        for image, (top, left) in zip(covered, part, strict=True):
            image[..., top : top + k, left : left + k] = baseline
        values.append(score(covered))
    return score(x[None])[0] - np.concatenate(values).reshape(rows, columns)
