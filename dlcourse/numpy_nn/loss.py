"""Softmax and cross-entropy."""

import numpy as np

from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.validate import require_float, require_ids


def cross_entropy(logits, target, ignore_index: int = -100, label_smoothing: float = 0.0):
    """L = -Σ_i m_i Σ_v q_iv log p_iv / M,  p_i = softmax(z_i)  (eq-cross-entropy).

    q_i = (1-ε) onehot(target_i) + ε/V with ε = ``label_smoothing``; m_i = 0 where target_i is
    ``ignore_index``, else 1; M = Σ m_i; L = 0 if M = 0.

    logits z (..., V), target (...) -> loss (a float), e = exp(z - max z) like logits, s = Σ_v e (...);
    p = e/s.
    """
    z = logits.reshape(-1, logits.shape[-1])
    t, share = _real_targets(target, ignore_index, z.dtype)
    rows = np.arange(len(t))
    largest = z[rows, z.argmax(1)]  # = z.max(1), but faster
    z = z - largest[:, None]  # exp can no longer overflow
    q_dot_z = (1 - label_smoothing) * z[rows, t]
    if label_smoothing:
        q_dot_z += label_smoothing * z.mean(1)
    e = np.exp(z, out=z)
    s = e @ np.ones(e.shape[1], e.dtype)  # = e.sum(1), but faster
    loss = float(share @ (np.log(s) - q_dot_z))
    return loss, e.reshape(logits.shape), s.reshape(target.shape)


def cross_entropy_backward(e, s, target, ignore_index: int = -100, label_smoothing: float = 0.0, dloss=1.0):
    """dz_i = (p_i - q_i) m_i / M · dL with p = e/s  (eq-cross-entropy-backward).

    e (..., V), s (...), target (...) -> dlogits like e.
    """
    t, share = _real_targets(target, ignore_index, e.dtype)
    share *= dloss
    V = e.shape[-1]
    dz = e.reshape(-1, V) * (share / s.reshape(-1))[:, None]
    if label_smoothing:
        dz -= share[:, None] * (label_smoothing / V)
    dz[np.arange(len(t)), t] -= (1 - label_smoothing) * share
    return dz.reshape(e.shape)


def _real_targets(target, ignore_index, dtype) -> tuple[np.ndarray, np.ndarray]:
    """The targets in one row (0 for the ignored ones) and m_i / M."""
    t = target.reshape(-1)
    m = t != ignore_index
    return np.where(m, t, 0), (m / max(1, m.sum())).astype(dtype)


class CrossEntropyLoss(Module):
    """``torch.nn.CrossEntropyLoss`` with the classes on the **last** axis, in both backends.

    logits (N, C) or (B, T, V) and integer target (N,) or (B, T) -> the mean loss over all targets that are
    not ``ignore_index``, a float; 0 if there is none. (PyTorch's own class wants the classes on axis 1.)
    ``label_smoothing`` ε in [0, 1] as in Szegedy et al. 2016.
    Raises ``TypeError`` for logits that are not float or a target that is not integer, ``ValueError`` for
    shapes that do not fit and for targets out of range.
    """

    def __init__(self, *, ignore_index: int = -100, label_smoothing: float = 0.0):
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"CrossEntropyLoss: label_smoothing is {label_smoothing}, expected 0 to 1")
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, logits: np.ndarray, target: np.ndarray) -> float:
        require_float("CrossEntropyLoss", logits, "logits")
        if logits.ndim < 1 or np.shape(target) != logits.shape[:-1]:
            raise ValueError(
                f"CrossEntropyLoss: logits have shape {logits.shape}, target {np.shape(target)}; expected "
                "(..., classes) and (...)"
            )
        require_ids("CrossEntropyLoss", target, logits.shape[-1], "target", self.ignore_index)
        loss, self._e, self._s = cross_entropy(logits, target, self.ignore_index, self.label_smoothing)
        self._target = target
        return loss

    def backward(self, dloss: float = 1.0) -> np.ndarray:
        """The gradient with respect to the logits (times ``dloss``)."""
        return cross_entropy_backward(
            self._e, self._s, self._target, self.ignore_index, self.label_smoothing, dloss
        )
