"""Attributions by gradients: how a small change of each input value changes the score of a class."""

from collections.abc import Callable

import numpy as np

from dlcourse.backend import input_gradient, predict


class ClassScore:
    """f(x) = the output (logit) of one class, for a model of either backend, and its gradient.

    ``ClassScore(model, target)``: ``target`` is a class, or an integer array (N,) with one class per
    sample. ``score(x) -> (N,)`` and ``score.gradient(x) -> like x`` for x (N, ...), in evaluation mode.
    Explain logits, not probabilities: the softmax mixes in the scores of all other classes
    (Simonyan et al. 2014, §3). Raises ``ValueError`` if the model does not give (N, K) or has no class
    ``target``.
    """

    def __init__(self, model, target):
        self.model, self.target = model, np.asarray(target)
        if self.target.dtype.kind not in "iu" or self.target.ndim > 1:
            raise ValueError(
                f"ClassScore: target {target!r}, expected a class number or an integer array (N,)"
            )

    def __call__(self, x: np.ndarray) -> np.ndarray:
        y = predict(self.model, np.asarray(x))
        rows, classes = self._where(y)
        return y[rows, classes]

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """∂f(x_n)/∂x_n for every sample n: like x."""

        def one_hot(y):
            dy = np.zeros_like(y)
            dy[self._where(y)] = 1
            return dy

        return input_gradient(self.model, np.asarray(x), one_hot)[1]

    def _where(self, y: np.ndarray):
        if y.ndim != 2:
            raise ValueError(f"ClassScore: the model returned shape {y.shape}, expected (N, K)")
        n, k = y.shape
        if self.target.ndim == 1 and len(self.target) != n:
            raise ValueError(f"ClassScore: {len(self.target)} targets for {n} samples")
        if self.target.size and not (self.target.min() >= 0 and self.target.max() < k):
            raise ValueError(
                f"ClassScore: target {self.target.tolist()}, but the model has the classes 0 to {k - 1}"
            )
        return np.arange(n), np.broadcast_to(self.target, n)


def saliency(grad_f: Callable, x: np.ndarray) -> np.ndarray:
    """|∂f/∂x|  (eq-saliency), like x. Simonyan et al. 2014. Take the maximum over colour channels."""
    return np.abs(grad_f(x))


def input_x_gradient(grad_f: Callable, x: np.ndarray) -> np.ndarray:
    """x ⊙ ∂f/∂x, like x. Shrikumar et al. 2017.

    Where the input is mostly background the factor x alone draws the picture: the map of an untrained
    network looks the same (compare them with ``spearman``; Adebayo et al. 2018).
    """
    return x * grad_f(x)


def integrated_gradients(grad_f: Callable, x: np.ndarray, baseline=0.0, n: int = 50) -> np.ndarray:
    """a = (x - b) ⊙ 1/n Σ_{i=1..n} ∂f/∂x at b + (i - ½)/n · (x - b)  (eq-integrated-gradients).

    The integral along the straight path from the baseline b to x, by the midpoint rule.
    ``grad_f(x) -> like x``; baseline a number or like x -> a like x. Sundararajan et al. 2017.
    Complete: Σ a = f(x) - f(b) up to the error of the rule, see ``completeness_gap``.
    Raises ``ValueError`` if n < 1 or the baseline does not fit.
    """
    if n < 1:
        raise ValueError(f"integrated_gradients: n {n}, expected at least 1 point on the path")
    x = _floats(x)
    way = x - _baseline(x, baseline)
    mean = sum(grad_f(x - way * (1 - (i + 0.5) / n)) for i in range(n)) / n
    return way * mean


def completeness_gap(f: Callable, attribution: np.ndarray, x: np.ndarray, baseline=0.0):
    """Σ a - (f(x) - f(b)): 0 for a complete attribution. One number per value of f.

    f gives one value for x, or (N,) for N samples; then the sum runs over all axes but the first.
    """
    x = _floats(x)
    difference = np.asarray(f(x)) - np.asarray(f(np.array(_baseline(x, baseline))))
    axes = tuple(range(difference.ndim, x.ndim))
    return attribution.sum(axes) - difference


def _floats(x) -> np.ndarray:
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _baseline(x: np.ndarray, baseline) -> np.ndarray:
    b = np.asarray(baseline, dtype=x.dtype)
    if b.ndim and b.shape not in (x.shape, x.shape[1:]):
        raise ValueError(f"baseline has shape {b.shape}, expected a number or the shape of x, {x.shape}")
    return np.broadcast_to(b, x.shape)
