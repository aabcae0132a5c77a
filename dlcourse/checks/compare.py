"""In which way is an answer wrong? Never just "values differ"."""

import numpy as np


def same(got, expected, rtol: float, atol: float) -> bool:
    """Equal shapes and values within the tolerance; NaN equals NaN."""
    if np.shape(got) != np.shape(expected):
        return False
    if np.asarray(got).dtype.kind == np.asarray(expected).dtype.kind == "f":
        with np.errstate(all="ignore"):  # what np.allclose does, without its overhead
            close = np.abs(got - expected) <= atol + rtol * np.abs(expected)
        if close.all():
            return bool(np.isfinite(expected).all() or np.allclose(got, expected, rtol, atol, equal_nan=True))
        if np.isfinite(got).all():
            return False
    return bool(np.allclose(got, expected, rtol, atol, equal_nan=True))


def _plural(count: int, axis: str) -> str:
    return f"{count} {axis}" + ("" if count == 1 else "s")


def _axes(count: int) -> str:
    return f"{count} ax{'i' if count == 1 else 'e'}s"


def _last_axes(axes: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Names for ``count`` axes, where a function takes any number of leading ones: ``axes`` are the last."""
    return (*("sample",) * (count - len(axes)), *axes)[max(0, len(axes) - count) :]


def shape_difference(got: np.ndarray, expected: np.ndarray, axes: tuple[str, ...], public: bool) -> str:
    """What is wrong with the shape; the numbers themselves only where the inputs are public."""
    numbers = f" (it is {got.shape}, expected {expected.shape})" if public else ""
    layout = ", ".join(axes)
    if got.ndim == 0:
        return f"the result is a single number, expected an array with the axes ({layout}){numbers}."
    if expected.ndim == 0:
        how = "make it one with float(...)" if got.size == 1 else "is a sum or a mean missing?"
        return f"the result is an array with {_axes(got.ndim)}, expected a single number{numbers}: {how}."
    if tuple(s for s in got.shape if s != 1) == tuple(s for s in expected.shape if s != 1):
        word = "lacks" if got.ndim < expected.ndim else "has too many axes or"
        if got.ndim != expected.ndim:
            return f"the result {word} an axis of length 1: keep the axes ({layout}){numbers}."
    if got.ndim != expected.ndim:
        return f"the result has {_axes(got.ndim)}, expected {expected.ndim}: ({layout}){numbers}."
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
        if expected.size > 1 and abs(factor) > 1e-12 and equal(got, factor * expected):
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


FACTORS = {
    2: "twice",
    0.5: "half of",
    3: "three times",
    1 / 3: "a third of",
    4: "four times",
    0.25: "a quarter of",
}


def _number_difference(got: float, expected: float, rtol: float, atol: float, public: bool) -> str:
    """How one number differs; the numbers themselves only where the inputs are public."""
    shown = f" (it is {got:.6g}, expected {expected:.6g})" if public else ""

    def equal(a, b):
        return bool(np.isclose(a, b, rtol, atol))

    if equal(got, -expected):
        return f"the sign is wrong{shown}."
    for factor, word in FACTORS.items():
        if equal(got, factor * expected):
            return f"the number is {word} the right one{shown}."
    for whole, word in ((np.trunc, "cut off"), (np.rint, "rounded to a whole number")):
        if equal(got, whole(expected)):
            return f"the number is {word}{shown}."
    if abs(got - expected) < 1e-4 * abs(expected):
        return f"right up to single precision: an intermediate result is float32{shown}."
    if abs(got - expected) == 1:
        return f"the number is one too {'large' if got > expected else 'small'}{shown}."
    return f"the number is too {'large' if got > expected else 'small'}{shown}."


def _truth_difference(got: np.ndarray, expected: np.ndarray, axes) -> str:
    """How an array of True and False differs."""
    if np.array_equal(got, ~expected):
        return "True and False are exchanged."
    if got.size > 1 and (got.all() or not got.any()):
        return f"every entry is {bool(got.flat[0])}."
    if got.ndim >= 2 and got.shape[-1] == got.shape[-2] and np.array_equal(got, expected.swapaxes(-1, -2)):
        return f"the result is transposed: {axes[-2]}s and {axes[-1]}s are exchanged."
    parts = [
        f"{count} {'is' if count == 1 else 'are'} {value} and should be {not value}"
        for value, count in ((True, int((got & ~expected).sum())), (False, int((~got & expected).sum())))
        if count
    ]
    return f"of {got.size} entries {', '.join(parts)}."


def difference(got: np.ndarray, expected: np.ndarray, axes, rtol, atol, public: bool) -> str:
    """One sentence on how ``got`` differs from ``expected``."""
    axes = _last_axes(axes, expected.ndim)
    if got.shape != expected.shape:
        return shape_difference(got, expected, axes, public)
    if got.size == 0:
        return "the result is right."
    if got.dtype.kind == expected.dtype.kind == "b":
        return _truth_difference(got, expected, axes)
    whole = expected.dtype.kind in "iu"
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    bad = ~np.isfinite(got) & np.isfinite(expected)
    if bad.any():
        if got.ndim == 0:
            what = "NaN" if np.isnan(got) else "infinite"
            return f"the result is {what}: is something divided by 0, or is an exponential too large?"
        if np.isnan(got).any():
            return (
                f"{bad.sum()} of {bad.size} values are NaN: is 0 divided by 0, is an exponential too large, "
                "or was the result never set?"
            )
        return (
            f"{bad.sum()} of {bad.size} values are infinite: is something divided by 0, or is an exponential "
            "too large?"
        )
    if expected.ndim == 0:
        return _number_difference(float(got), float(expected), rtol, atol, public)
    if not got.any() and expected.any():
        return "every value is 0."
    if got.size > 1 and np.ptp(got) == 0 and np.ptp(expected) > 0:
        return "every value is the same number."

    def equal(a, b):
        return a.shape == b.shape and bool(np.allclose(a, b, rtol, atol))

    scale = np.abs(expected).max(initial=1e-300)
    error = np.abs(got - expected).max(initial=0.0) / scale
    if whole and np.abs(got - expected).max() <= 1:
        return "some values are off by one: look at the rounding and at where you count from."
    if error < 1e-4 and not whole:
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
