"""E27 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def with_axes(w, bits, axis):
    axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis)
    scale = np.abs(w).max(axis=axes, keepdims=True) / (2 ** (bits - 1) - 1)
    scale[scale == 0] = 1
    q = np.rint(w / scale).astype(np.int8)
    return q, scale * q


def loop_over_channels(w, bits: int, axis: int | None):
    if axis is None:
        top = np.abs(w).max()
        s = top / (2 ** (bits - 1) - 1) if top > 0 else 1.0
        q = np.round(w / s)
        return q.astype("int8"), q * s
    parts = [loop_over_channels(part, bits, None) for part in np.moveaxis(w, axis, 0)]
    return tuple(np.moveaxis(np.stack(p), 0, axis) for p in zip(*parts, strict=True))


def flattened(w, bits, axis):
    rows = w.reshape(1, -1) if axis is None else np.moveaxis(w, axis, 0).reshape(w.shape[axis], -1)
    limit = (1 << (bits - 1)) - 1
    largest = np.maximum(rows.max(1), -rows.min(1))
    s = np.where(largest > 0, largest, limit) / limit
    q = np.floor(rows / s[:, None] + 0.5).clip(-limit, limit).astype(np.int8)

    def back(a):
        if axis is None:
            return a.reshape(w.shape)
        shape = [w.shape[axis], *np.delete(w.shape, axis)]
        return np.moveaxis(a.reshape(shape), 0, axis)

    return back(q), back(q * s[:, None])


def safe_division(w, bits, axis):
    levels = 2 ** (bits - 1) - 1
    axes = tuple(set(range(w.ndim)) - ({axis} if axis is not None else set()))
    top = np.max(np.abs(w), axis=axes, keepdims=True)
    inverse = np.divide(levels, top, out=np.zeros_like(top), where=top > 0)
    q = np.round(w * inverse).astype(np.int8)
    return [q, q.astype(float) * top / levels]


CORRECT = [with_axes, loop_over_channels, flattened, safe_division]


def _variant(top=lambda w, axes: np.abs(w).max(axes, keepdims=True), levels=None, rounding=np.round, **how):
    def wrong(w, bits, axis):
        axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis)
        n = 2 ** (bits - 1) - 1 if levels is None else levels(bits)
        s = top(w, axes) / n
        if how.get("guard", True):
            s = np.where(s == 0, 1, s)
        q = rounding(w / s)
        if how.get("clip"):
            q = np.clip(q, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        q = q.astype(np.int64).astype(np.int8)
        return q, how.get("back", lambda q, s, w: q * s)(q, s, w)

    return wrong


def reduces_axis(w, bits, axis):
    s = np.abs(w).max(axis, keepdims=True) / (2 ** (bits - 1) - 1)
    s = np.where(s == 0, 1, s)
    q = np.round(w / s).astype(np.int8)
    return q, q * s


def affine(w, bits, axis):
    axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis)
    low, high = w.min(axes, keepdims=True), w.max(axes, keepdims=True)
    s = np.where(high > low, (high - low) / (2**bits - 1), 1)
    q = np.round((w - low) / s) - 2 ** (bits - 1)
    return q.astype(np.int8), (q + 2 ** (bits - 1)) * s + low


def half_up(q):
    return (q + 0.5).astype(int)


def returns_floats(w, bits, axis):
    q, w_hat = with_axes(w, bits, axis)
    return q.astype(float), w_hat


def in_place(w, bits, axis):
    q, w_hat = with_axes(w, bits, axis)
    w[...] = w_hat
    return q, w


def lets_torch(w, bits, axis):
    import torch

    s = float(np.abs(w).max()) / 127
    q = torch.quantize_per_tensor(torch.tensor(w, dtype=torch.float32), s, 0, torch.qint8)
    return q.int_repr().numpy(), q.dequantize().numpy()


def exchanged(w, bits, axis):
    return with_axes(w, bits, axis)[::-1]


def wrong_scale_kept(w, bits, axis):
    """q per channel, w_hat with the scale of the whole tensor."""
    q, _ = with_axes(w, bits, axis)
    return q, q * (np.abs(w).max() / (2 ** (bits - 1) - 1))


WRONG = {
    "truncates": (_variant(rounding=np.trunc), "astype(int) truncates"),
    "floor": (_variant(rounding=np.floor), "floor rounds down"),
    "half up, then cut": (_variant(rounding=half_up), "negative numbers wrongly"),
    "128 levels": (_variant(levels=lambda b: 2 ** (b - 1)), "must map the maximum"),
    "128 levels, clipped": (_variant(levels=lambda b: 2 ** (b - 1), clip=True), "must map the maximum"),
    "255 levels": (_variant(levels=lambda b: 2**b - 1), "not 2^bits-1"),
    "255 levels, clipped": (_variant(levels=lambda b: 2**b - 1, clip=True), "not 2^bits-1"),
    "256 levels": (_variant(levels=lambda b: 2**b), "not 2^bits."),
    "always 127": (_variant(levels=lambda b: 127), "bits is ignored"),
    "per tensor only": (lambda w, b, a: with_axes(w, b, None), "one for the whole tensor"),
    "always axis 0": (
        lambda w, b, a: with_axes(w, b, 0 if a is not None else None),
        "always belong to axis 0",
    ),
    "always per channel": (lambda w, b, a: with_axes(w, b, a or 0), "with axis=None"),
    "maximum along axis": (reduces_axis, "along `axis` itself"),
    "range / 2": (
        _variant(lambda w, a: (w.max(a, keepdims=True) - w.min(a, keepdims=True)) / 2, clip=True),
        "(max-min)/2",
    ),
    "range": (_variant(lambda w, a: w.max(a, keepdims=True) - w.min(a, keepdims=True)), "not max-min"),
    "no absolute value": (_variant(lambda w, a: w.max(a, keepdims=True)), "misses the negative weights"),
    "no absolute value, clipped": (
        _variant(lambda w, a: w.max(a, keepdims=True), clip=True),
        "misses the negative weights",
    ),
    "mean": (_variant(lambda w, a: np.abs(w).mean(a, keepdims=True), clip=True), "the mean clips"),
    "mean, wrapped": (_variant(lambda w, a: np.abs(w).mean(a, keepdims=True)), "do not fit"),
    "0/0": (_variant(guard=False), "0/0"),
    "asymmetric": (affine, "no zero point"),
    "no scale back": (_variant(back=lambda q, s, w: q * 1.0), "you forgot the scale"),
    "divides": (_variant(back=lambda q, s, w: q / s), "you divide by the scale"),
    "returns w": (_variant(back=lambda q, s, w: w.copy()), "you return w"),
    "error": (_variant(back=lambda q, s, w: w - q * s), "rounding error"),
    "sign lost": (lambda w, b, a: with_axes(np.abs(w), b, a), "sign of w is lost"),
    "other scale": (wrong_scale_kept, "w_hat"),
    "floats": (returns_floats, "int8 is asked for"),
    "int64": (lambda w, b, a: (with_axes(w, b, a)[0].astype(int), with_axes(w, b, a)[1]), "int8 is asked"),
    "exchanged": (exchanged, "q is an array of float64"),
    "one value": (lambda *a: with_axes(*a)[1], "expected 2 values"),
    "in place": (in_place, "changes its input array w"),
    "torch": (lets_torch, "it lets torch"),
}
