"""In which way is an answer wrong? Never just "values differ"."""

import numpy as np

from dlcourse.checks.subject import Foreign, kind_of


def same(got, expected, rtol: float, atol: float) -> bool:
    """Equal shapes and values within the tolerance; NaN equals NaN."""
    return np.shape(got) == np.shape(expected) and bool(
        np.allclose(got, expected, rtol, atol, equal_nan=True)
    )


def as_array(value) -> tuple[np.ndarray | None, str | None]:
    """``value`` as a numeric array, or the sentence that says why it is none."""
    kind = value.kind if isinstance(value, Foreign) else kind_of(value)
    if value is None:
        return None, "it returned None: is there a `return` at the end?"
    if kind == "torch.Tensor":
        return None, "it returned a torch.Tensor; a NumPy array is asked for."
    if isinstance(value, tuple):
        return None, f"it returned a tuple of {len(value)}; one array is asked for."
    if kind in ("list", "tuple"):
        return None, f"it returned a {kind}; wrap it in np.array(...)."
    if kind == "object":
        return None, "it returned an object of another class; a NumPy array is asked for."
    if isinstance(value, Foreign) or not isinstance(value, np.ndarray | np.generic | int | float):
        return None, f"it returned a {kind}; a NumPy array is asked for."
    array = np.asarray(value)
    if array.dtype.kind in "OSUV":
        return None, f"it returned an array of {array.dtype}, which holds no numbers; float64 is asked for."
    if array.dtype.kind == "c":
        return None, "it returned complex numbers; the formula is real."
    if array.dtype.kind == "b":
        return None, "it returned True and False; numbers are asked for."
    return array, None


def _plural(count: int, axis: str) -> str:
    return f"{count} {axis}" + ("" if count == 1 else "s")


def shape_difference(got: np.ndarray, expected: np.ndarray, axes: tuple[str, ...], public: bool) -> str:
    """What is wrong with the shape; the numbers themselves only where the inputs are public."""
    numbers = f" (it is {got.shape}, expected {expected.shape})" if public else ""
    layout = ", ".join(axes)
    if got.ndim == 0:
        return f"it returned a single number, expected an array with the axes ({layout}){numbers}."
    if tuple(s for s in got.shape if s != 1) == tuple(s for s in expected.shape if s != 1):
        word = "lacks" if got.ndim < expected.ndim else "has too many axes or"
        if got.ndim != expected.ndim:
            return f"the result {word} an axis of length 1: keep the axes ({layout}){numbers}."
    if got.ndim != expected.ndim:
        return f"the result has {got.ndim} axes, expected {expected.ndim}: ({layout}){numbers}."
    if sorted(got.shape) == sorted(expected.shape):
        return f"the axes of the result are in the wrong order: they should be ({layout}){numbers}."
    parts = [
        f"{_plural(abs(g - e), axis)} too {'many' if g > e else 'few'}"
        for g, e, axis in zip(got.shape, expected.shape, axes, strict=True)
        if g != e
    ]
    return f"the result has the wrong shape: {', '.join(parts)}{numbers}."


def _simple_transforms(got, expected, axes, equal) -> str | None:
    if equal(got, -expected):
        return "the sign of every value is wrong."
    scale = np.abs(expected).max(initial=0.0)
    if scale and equal(got, np.trunc(expected)):
        return "the fractions are cut off: the result was stored in an array of integers."
    if scale and equal(got, np.rint(expected)):
        return "the values are rounded to whole numbers."
    if (expected < 0).any():
        if equal(got, np.abs(expected)):
            return "the values lost their sign: all of them are positive."
        if equal(got, np.maximum(expected, 0)):
            return "negative values became 0, as if a ReLU had been applied."
    for i, axis in enumerate(axes):
        if expected.shape[i] > 1 and equal(got, np.flip(expected, i)):
            return f"the values stand in the reverse order along the axis of the {axis}s."
    square = expected.ndim >= 2 and expected.shape[-1] == expected.shape[-2] > 1
    if square and equal(got, expected.swapaxes(-1, -2)):
        return f"the result is transposed: {axes[-2]}s and {axes[-1]}s are exchanged."
    for i, axis in enumerate(axes):
        n = expected.shape[i]
        for step, word in ((1, "late"), (-1, "early")):
            inner = [slice(None)] * expected.ndim
            outer = [slice(None)] * expected.ndim
            inner[i], outer[i] = (
                (slice(1, n), slice(0, n - 1)) if step == 1 else (slice(0, n - 1), slice(1, n))
            )
            if n > 2 and equal(got[tuple(inner)], expected[tuple(outer)]):
                return f"the values are right but stand one {axis} too {word}."
    return None


def _scaled(got, expected, equal) -> str | None:
    norm = float((expected * expected).sum())
    if norm:
        factor = float((got * expected).sum()) / norm
        if abs(factor) > 1e-12 and equal(got, factor * expected):
            return f"every value is {factor:.4g} times the right one: a factor is wrong."
    if expected.size > 1:
        gap = got - expected
        if equal(gap, np.full_like(gap, gap.flat[0])):
            return "all values are off by the same constant."
        if expected.ndim == 4:
            one = gap[:1, :, :1, :1]
            if gap[0, 0].size * gap.shape[0] > 1 and equal(gap, np.broadcast_to(one, gap.shape)):
                return "each output channel is off by a constant of its own: look at the bias."
    return None


def _region(wrong: np.ndarray, axes) -> str | None:
    """Where the wrong values are, if they fill a part that has a name."""
    for i, axis in enumerate(axes):
        n = wrong.shape[i]
        bad = wrong.any(axis=tuple(j for j in range(wrong.ndim) if j != i))
        if n == 1 or bad.all() or not bad.any():
            continue
        good = np.flatnonzero(~bad)
        if list(good) == [0]:
            return f"only the first {axis} is right."
        if list(good) == [n - 1]:
            return f"only the last {axis} is right."
        if n > 2 and list(np.flatnonzero(bad)) == [n - 1]:
            return f"only the last {axis} is wrong."
        if n > 2 and list(np.flatnonzero(bad)) == [0]:
            return f"only the first {axis} is wrong."
        return f"{_plural(int(bad.sum()), axis)} of {n} hold wrong values, the others are right."
    if wrong.ndim >= 2 and min(wrong.shape[-2:]) > 2 and not wrong[..., 1:-1, 1:-1].any():
        return "the inside is right, the border is wrong: look at the padding."
    return None


def difference(got: np.ndarray, expected: np.ndarray, axes, rtol, atol, public: bool) -> str:
    """One sentence on how ``got`` differs from ``expected``."""
    if got.shape != expected.shape:
        return shape_difference(got, expected, axes, public)
    got = got.astype(np.float64)
    bad = ~np.isfinite(got) & np.isfinite(expected)
    if bad.any():
        if np.isnan(got).any():
            return f"{bad.sum()} of {bad.size} values are NaN: was the result set before it was added to?"
        return f"{bad.sum()} of {bad.size} values are infinite: is something divided by 0?"
    if not got.any() and expected.any():
        return "every value is 0."
    if got.size > 1 and np.ptp(got) == 0 and np.ptp(expected) > 0:
        return "every value is the same number."

    def equal(a, b):
        return a.shape == b.shape and bool(np.allclose(a, b, rtol, atol))

    scale = np.abs(expected).max(initial=1e-300)
    error = np.abs(got - expected).max(initial=0.0) / scale
    if error < 1e-4:
        return "right up to single precision: an intermediate result is float32; compute in the dtype of x."
    found = _simple_transforms(got, expected, axes, equal) or _scaled(got, expected, equal)
    if found:
        return found
    wrong = ~np.isclose(got, expected, rtol, atol)
    found = _region(wrong, axes)
    if found:
        return found
    if error < 0.02:
        return f"close, but not equal: the largest error is {100 * error:.2g} % of the largest value."
    return (
        f"the shape is right, {wrong.sum()} of {wrong.size} values are wrong: which products does the "
        "formula add, and with which indices? Compute one value by hand."
    )
