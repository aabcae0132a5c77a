"""Weights as small integers: symmetric quantisation, per tensor or per channel."""

from dataclasses import dataclass

import numpy as np

from dlcourse.backend import to_numpy


def scale_of(w: np.ndarray, bits: int, axis: int | None = None) -> np.ndarray:
    """s = max|w| / (2^(bits-1) - 1), over the whole of w or per slice of ``axis``; 1 where all w are 0.

    The shape is that of w with every reduced axis of length 1.
    """
    if bits != int(bits) or not 2 <= bits <= 8:
        raise ValueError(f"quantize: bits {bits}, expected an integer from 2 to 8")
    w = np.asarray(w)
    if w.dtype.kind != "f":
        raise ValueError(f"quantize: w has dtype {w.dtype}, expected floating-point weights")
    if w.size == 0 or not np.isfinite(w).all():
        raise ValueError("quantize: w is empty or holds NaN or infinity, which have no scale")
    if axis is not None and not -w.ndim <= axis < w.ndim:
        raise ValueError(f"quantize: axis {axis}, but w has {w.ndim} axes")
    axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis % w.ndim)
    largest = np.abs(w).max(axes, keepdims=True)
    scale = largest / (2 ** (int(bits) - 1) - 1)
    # A channel of zeros (or of numbers too small to divide by) gets the scale 1, which gives q = 0.
    return np.where(scale > 0, scale, 1).astype(w.dtype)


def quantize(w: np.ndarray, bits: int, axis: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """q = round(w / s), ŵ = s·q with s = max|w| / (2^(bits-1) - 1)  (eq-quantisation).

    ``axis`` None: one scale per tensor; else one per slice of that axis (0: per output channel of
    Linear and Conv2d). w any shape -> q (int8, |q| <= 2^(bits-1) - 1) and ŵ, both like w; |w - ŵ| <= s/2.
    Ties are rounded to even. A channel of zeros stays zero.

    Jacob et al. 2018 (§3, symmetric as in Krishnamoorthi 2018). Raises ``ValueError`` for bits outside
    2 to 8, integer weights, NaN, or an axis that w does not have.
    """
    w = np.asarray(w)
    scale = scale_of(w, bits, axis)
    levels = 2 ** (int(bits) - 1) - 1
    # The limit binds only where the scale itself had to be rounded (weights near the smallest number).
    q = np.clip(np.round(w / scale), -levels, levels).astype(np.int8)
    return q, q * scale


@dataclass(frozen=True)
class Quantized:
    """The state of a model with quantised weights: integers, their scales, and what was kept as it was."""

    bits: int
    integers: dict[str, np.ndarray]
    scales: dict[str, np.ndarray]
    kept: dict[str, np.ndarray]
    names: tuple[str, ...]

    def state(self) -> dict[str, np.ndarray]:
        """ŵ = s·q for the quantised weights, and the rest; ready for ``load_state_arrays``."""
        return {
            name: self.integers[name] * self.scales[name] if name in self.integers else self.kept[name]
            for name in self.names
        }

    @property
    def nbytes(self) -> int:
        """Bytes to store it, ``bits`` bits a weight (4-bit weights packed two to a byte), scales included."""
        packed = sum(-(-q.size * self.bits // 8) for q in self.integers.values())
        return packed + sum(a.nbytes for a in (*self.scales.values(), *self.kept.values()))


def quantize_state(state: dict, bits: int, axis: int | None = 0) -> Quantized:
    """``quantize`` for a whole ``state_dict`` of either backend (arrays or tensors).

    Floating-point weights with at least two axes are quantised; biases, the parameters of
    normalisations and integer buffers are few and kept as they are. ``axis`` as in ``quantize``.
    """
    arrays = {name: to_numpy(value) for name, value in state.items()}
    weights = {name: w for name, w in arrays.items() if w.ndim >= 2 and w.dtype.kind == "f"}
    return Quantized(
        bits,
        {name: quantize(w, bits, axis)[0] for name, w in weights.items()},
        {name: scale_of(w, bits, axis) for name, w in weights.items()},
        {name: a.copy() for name, a in arrays.items() if name not in weights},
        tuple(arrays),
    )
