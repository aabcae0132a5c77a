"""E06 ``equivariance_error``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Exercise, Misconception, Property, driver


def _correlate(x, kernel, border):
    """The image and its kernel, as large as the image; ``border``: "wrap" or "constant" (zeros)."""
    P, Q = kernel.shape
    padded = np.pad(x, ((0, P - 1), (0, Q - 1)), mode=border)
    return np.einsum("ijpq,pq->ij", np.lib.stride_tricks.sliding_window_view(padded, (P, Q)), kernel)


@driver
def cyclic_convolution(equivariance_error, kernel, stride, x, k):
    """f is a convolution whose image continues on its other side, then a stride."""
    return equivariance_error(lambda image: _correlate(image, kernel, "wrap")[::stride, ::stride], x, k)


@driver
def padded_convolution(equivariance_error, kernel, stride, x, k):
    """f is a convolution with zeros at the border, ReLU, then a stride: the border is not equivariant."""

    def f(image):
        return np.maximum(_correlate(image, kernel, "constant"), -0.1)[::stride, ::stride]

    return equivariance_error(f, x, k)


@driver
def gain_of_each_pixel(equivariance_error, gain, stride, x, k):
    """f gives every pixel a factor of its own: what it does depends on the place."""
    return equivariance_error(lambda image: (gain * image)[::stride, ::stride], x, k)


@driver
def uneven_pooling(equivariance_error, stride, x, k):
    """f is max pooling with windows as large as the stride."""

    def f(image):
        H, W = image.shape
        return image.reshape(H // stride, stride, W // stride, stride).max((1, 3))

    return equivariance_error(f, x, k)


def error(f, x, k):
    """The reference of E06: max |f(T_k x) - T_{k/s} f(x)| with T_k a cyclic shift by k rows and columns."""
    return float(np.abs(_gap(f, x, k)).max())


def _gap(f, x, k, **wrong):
    y = f(x)
    steps = wrong.get("steps", lambda k, s: k // s)(k, x.shape[0] // y.shape[0])
    axes = wrong.get("axes", (0, 1))
    roll = wrong.get("roll", np.roll)
    return f(roll(x, (k,) * len(axes), axes)) - roll(y, (steps,) * len(axes), axes)


def _zero_fill(x, steps, axes):
    """A shift that loses what leaves the image."""
    for step, axis in zip(steps, axes, strict=True):
        x = np.roll(x, step, axis)
        empty = [slice(None)] * x.ndim
        empty[axis] = slice(0, step) if step >= 0 else slice(step, None)
        x[tuple(empty)] = 0 if step else x[tuple(empty)]
    return x


def _with(**wrong):
    return lambda f, x, k: float(np.abs(_gap(f, x, k, **wrong)).max())


EQUIVARIANCE_MISTAKES = (
    Misconception(
        "the maximum of the error is asked for, not the mean.", lambda f, x, k: np.abs(_gap(f, x, k)).mean()
    ),
    Misconception(
        "the maximum of the error is asked for, not the root of the mean square.",
        lambda f, x, k: np.sqrt((_gap(f, x, k) ** 2).mean()),
    ),
    Misconception(
        "the maximum of the error is asked for, not the mean square.",
        lambda f, x, k: (_gap(f, x, k) ** 2).mean(),
    ),
    Misconception(
        "the maximum of the error is asked for, not the sum.", lambda f, x, k: np.abs(_gap(f, x, k)).sum()
    ),
    Misconception(
        "the maximum of the error is asked for, not the norm.",
        lambda f, x, k: np.sqrt((_gap(f, x, k) ** 2).sum()),
    ),
    Misconception("take the maximum, not the minimum.", lambda f, x, k: np.abs(_gap(f, x, k)).min()),
    Misconception(
        "the error itself is asked for, not its square.", lambda f, x, k: (_gap(f, x, k) ** 2).max()
    ),
    Misconception("take the absolute value: negative errors count too.", lambda f, x, k: _gap(f, x, k).max()),
    Misconception(
        "take the absolute value: negative errors count too.", lambda f, x, k: -_gap(f, x, k).min()
    ),
    Misconception(
        "take the absolute value of each difference, not the difference of the absolute maxima.",
        lambda f, x, k: abs(np.abs(f(np.roll(x, (k, k), (0, 1)))).max() - np.abs(f(x)).max()),
    ),
    Misconception("the two shifts go in opposite directions.", _with(steps=lambda k, s: -(k // s))),
    Misconception(
        "the output is not shifted: that measures invariance, f(shift x) = f(x), which no convolution has.",
        _with(steps=lambda k, s: 0),
    ),
    Misconception(
        "the output is s times smaller: shift it by k/s pixels, not by k.", _with(steps=lambda k, s: k)
    ),
    Misconception(
        "the output is s times smaller: shift it by k/s pixels, not by k*s.", _with(steps=lambda k, s: k * s)
    ),
    Misconception("shift rows and columns; you shifted the rows only.", _with(axes=(0,))),
    Misconception("shift rows and columns; you shifted the columns only.", _with(axes=(1,))),
    Misconception(
        "np.roll without axis= rolls the flattened image: give axis=(0, 1).",
        lambda f, x, k: np.abs(f(np.roll(x, k)) - np.roll(f(x), k // (x.shape[0] // f(x).shape[0]))).max(),
    ),
    Misconception(
        "what leaves the image on one side comes back on the other (np.roll); you filled up with zeros.",
        _with(roll=_zero_fill),
    ),
    Misconception(
        "the error itself is asked for, not relative to the output.",
        lambda f, x, k: np.abs(_gap(f, x, k)).max() / np.abs(f(x)).max(),
    ),
)


def _image(rng, shape=(8, 8)):
    return rng.standard_normal(shape)


EXERCISE = Exercise(
    name="equivariance_error",
    reference=error,
    properties=(
        Property(
            "a layer that treats every place differently",
            lambda rng: [gain_of_each_pixel(_image(rng), 1, _image(rng), 1)],
        ),
        Property(
            "an oblong image, a shift by 3 pixels",
            lambda rng: [gain_of_each_pixel(_image(rng, (6, 9)), 1, _image(rng, (6, 9)), 3)],
        ),
        Property(
            "a convolution with a cyclic border: error 0",
            lambda rng: [cyclic_convolution(_image(rng, (3, 3)), 1, _image(rng), 2)],
        ),
        Property(
            "zeros at the border", lambda rng: [padded_convolution(_image(rng, (3, 3)), 1, _image(rng), 1)]
        ),
        Property(
            "a layer with stride 2",
            lambda rng: [
                gain_of_each_pixel(_image(rng), 2, _image(rng), 2),
                padded_convolution(_image(rng, (3, 2)), 2, _image(rng, (8, 12)), 4),
                cyclic_convolution(_image(rng, (3, 3)), 2, _image(rng), 4),
            ],
        ),
    ),
    misconceptions=EQUIVARIANCE_MISTAKES,
    forbidden=OTHERS_WORK,
)
