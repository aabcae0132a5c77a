"""E27 ``quantize``: what is asked for, and the mistakes people make."""

import warnings

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call, driver


def weights(rng: np.random.Generator, shape: tuple, bits: int, axis=None) -> Call:
    """Weights whose slices have very different sizes; the largest |w| of every slice is negative."""
    w = rng.uniform(-0.8, 0.8, shape)
    along = 0 if axis is None else axis
    w = np.moveaxis(w, along, 0)
    for i, part in enumerate(w):
        part.flat[rng.integers(part.size)] = -1.0
        part *= rng.uniform(0.3, 0.9) * 3.0 ** (i - 1)
    return call(np.ascontiguousarray(np.moveaxis(w, 0, along)), bits, axis)


@driver
def without_nan(quantize, w, bits, axis):
    """NaN in place of w_hat if a NaN was turned into an integer (0 here, anything elsewhere)."""
    with warnings.catch_warnings(record=True) as heard, np.errstate(invalid="warn"):
        warnings.simplefilter("always")
        value = quantize(w, bits, axis)
    if any("in cast" in str(one.message) for one in heard):
        return np.zeros(w.shape, np.int8), np.full(w.shape, np.nan)
    return value


def with_zeros(rng: np.random.Generator, shape: tuple, bits: int, axis: int | None) -> Call:
    """As ``weights``; slice 1 of ``axis``, or everything, is 0."""
    w = weights(rng, shape, bits, axis).args[0]
    np.moveaxis(w, axis or 0, 0)[slice(None) if axis is None else 1] = 0
    return without_nan(w, bits, axis)


def integers(w, bits, axis):
    """The reference of E27."""
    return _quantized(w, bits, axis)


def _largest(w, axes):
    return np.abs(w).max(axes, keepdims=True)


def _levels(bits):
    return 2 ** (bits - 1) - 1


def _quantized(
    w, bits, axis, largest=_largest, levels=_levels, rounded=np.round, kept=None, back=None, guard=1.0
):
    axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis % w.ndim)
    s = largest(w, axes) / levels(bits)
    s = np.where(s == 0, guard, s)
    limit = kept or (lambda q, bits: np.clip(q, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    q = limit(rounded(w / s), bits)
    return q.astype(np.int8), (back or (lambda q, s, w: q * s))(q.astype(np.int8), s, w)


def _with(**wrong):
    return lambda w, bits, axis: _quantized(w, bits, axis, **wrong)


def _wrapped(q, bits):
    return q.astype(np.int64)


def _other_axis(w, bits, axis):
    """One scale for each slice of another axis: the maximum is taken along ``axis`` only."""
    if axis is None:
        raise ValueError("no axis")
    s = np.abs(w).max(axis, keepdims=True) / _levels(bits)
    q = np.round(w / np.where(s == 0, 1, s))
    return q.astype(np.int8), q * s


def _only_axis(move):
    def wrong(w, bits, axis):
        if axis is None:
            raise ValueError("no axis")
        return integers(w, bits, move(axis, w.ndim))

    return wrong


def _asymmetric(w, bits, axis):
    """Zero point and scale from minimum to maximum, as for activations."""
    axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis % w.ndim)
    low, high = w.min(axes, keepdims=True), w.max(axes, keepdims=True)
    s = np.where(high > low, (high - low) / (2**bits - 1), 1.0)
    q = np.round((w - low) / s) - 2 ** (bits - 1)
    return q.astype(np.int8), (q + 2 ** (bits - 1)) * s + low


QUANTIZE_MISTAKES = (
    Misconception("astype(int) truncates; round to the nearest level.", _with(rounded=np.trunc)),
    Misconception("floor rounds down; round to the nearest level.", _with(rounded=np.floor)),
    Misconception("ceil rounds up; round to the nearest level.", _with(rounded=np.ceil)),
    Misconception(
        "adding 0.5 and cutting off rounds negative numbers wrongly: use np.round.",
        _with(rounded=lambda q: np.trunc(q + 0.5)),
    ),
    Misconception(
        "the scale must map the maximum to 2^(bits-1)-1; with 2^(bits-1) it does not fit into the integer.",
        _with(levels=lambda b: 2 ** (b - 1)),
    ),
    Misconception(
        "the scale must map the maximum to 2^(bits-1)-1; with 2^(bits-1) it does not fit into the integer.",
        _with(levels=lambda b: 2 ** (b - 1), kept=_wrapped),
    ),
    Misconception(
        "signed integers have 2^(bits-1)-1 positive levels, not 2^bits-1.",
        _with(levels=lambda b: 2**b - 1),
    ),
    Misconception(
        "signed integers have 2^(bits-1)-1 positive levels, not 2^bits-1.",
        _with(levels=lambda b: 2**b - 1, kept=_wrapped),
    ),
    Misconception(
        "signed integers have 2^(bits-1)-1 positive levels, not 2^bits.", _with(levels=lambda b: 2**b)
    ),
    Misconception(
        "signed integers have 2^(bits-1)-1 positive levels, not 2^bits.",
        _with(levels=lambda b: 2**b, kept=_wrapped),
    ),
    Misconception("bits is ignored: you always use 127 levels.", _with(levels=lambda b: 127)),
    Misconception("bits is ignored: you always use 127 levels.", _with(levels=lambda b: 127, kept=_wrapped)),
    Misconception(
        "the largest level is 2^(bits-1)-1; yours is bits-1.", _with(levels=lambda b: b - 1, kept=_wrapped)
    ),
    Misconception(
        "one scale per slice of axis is asked for; you use one for the whole tensor.",
        lambda w, bits, axis: integers(w, bits, None),
    ),
    Misconception(
        "with axis=None there is one scale for the whole tensor.",
        lambda w, bits, axis: integers(w, bits, 0 if axis is None else axis),
    ),
    Misconception("reduce over all axes but `axis`: you took the maximum along `axis` itself.", _other_axis),
    Misconception(
        "the scales belong to another axis than the one asked for.", _only_axis(lambda a, n: (a + 1) % n)
    ),
    Misconception("axis is ignored: the scales always belong to axis 0.", _only_axis(lambda a, n: 0)),
    Misconception(
        "axis is ignored: the scales always belong to the last axis.", _only_axis(lambda a, n: n - 1)
    ),
    Misconception(
        "symmetric quantisation uses max|w|; (max-min)/2 clips the larger side.",
        _with(largest=lambda w, axes: (w.max(axes, keepdims=True) - w.min(axes, keepdims=True)) / 2),
    ),
    Misconception(
        "symmetric quantisation uses max|w|, not max-min.",
        _with(largest=lambda w, axes: w.max(axes, keepdims=True) - w.min(axes, keepdims=True)),
    ),
    Misconception(
        "the maximum without the absolute value misses the negative weights: max|w|.",
        _with(largest=lambda w, axes: w.max(axes, keepdims=True)),
    ),
    Misconception(
        "the maximum without the absolute value misses the negative weights: max|w|.",
        _with(largest=lambda w, axes: w.max(axes, keepdims=True), kept=_wrapped),
    ),
    Misconception(
        "use the maximum; the mean clips most weights.",
        _with(largest=lambda w, axes: np.abs(w).mean(axes, keepdims=True)),
    ),
    Misconception(
        "use the maximum; with the mean most weights do not fit into the integers.",
        _with(largest=lambda w, axes: np.abs(w).mean(axes, keepdims=True), kept=_wrapped),
    ),
    Misconception(
        "use the maximum, not the standard deviation.",
        _with(largest=lambda w, axes: w.std(axes, keepdims=True)),
    ),
    Misconception("symmetric quantisation has no zero point: q = round(w/s), and 0 stays 0.", _asymmetric),
    Misconception("a channel of zeros gives 0/0: use a scale of 1 where the maximum is 0.", _with(guard=0.0)),
    Misconception("q is w/s; you multiply by the scale.", lambda w, b, a: _multiplied(w, b, a)),
    Misconception("w_hat is s*q; you forgot the scale.", _with(back=lambda q, s, w: q.astype(float))),
    Misconception("w_hat is s*q; you divide by the scale.", _with(back=lambda q, s, w: q / s)),
    Misconception("w_hat is s*q, computed from the rounded q; you return w.", _with(back=lambda q, s, w: w)),
    Misconception("w_hat is s*q; you return the rounding error.", _with(back=lambda q, s, w: w - q * s)),
    Misconception("w_hat is s*q; you return the scale.", _with(back=lambda q, s, w: s + 0 * w)),
    Misconception("the sign of w is lost: q is signed.", lambda w, b, a: integers(np.abs(w), b, a)),
)


def _multiplied(w, bits, axis):
    axes = None if axis is None else tuple(a for a in range(w.ndim) if a != axis % w.ndim)
    s = _largest(w, axes) / _levels(bits)
    q = np.round(w * s)
    return q.astype(np.int8), q / s


EXERCISE = Exercise(
    name="quantize",
    reference=integers,
    properties=(
        Property("8 bits, one scale for the tensor", lambda rng: [weights(rng, (4, 4), 8)]),
        Property("4 bits", lambda rng: [weights(rng, (3, 5), 4)]),
        Property("one scale for each row", lambda rng: [weights(rng, (4, 5), 8, 0)]),
        Property("one scale for each column", lambda rng: [weights(rng, (3, 4), 5, 1)]),
        Property("a channel of zeros", lambda rng: [with_zeros(rng, (3, 4), 8, 0)], 0.5),
        Property("four axes", lambda rng: [weights(rng, (3, 2, 3, 2), 8, 0)]),
    ),
    misconceptions=QUANTIZE_MISTAKES,
    outputs=(
        Output("q", ("slice", "slice", "row", "column"), "int8"),
        Output("w_hat", ("slice", "slice", "row", "column")),
    ),
    forbidden=OTHERS_WORK,
)
