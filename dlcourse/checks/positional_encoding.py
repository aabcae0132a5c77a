"""E21 ``positional_encoding``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call
from dlcourse.numpy_nn.positional import sinusoidal_positions


def sizes(rng: np.random.Generator, longest: int, widest: int) -> Call:
    """T from ``longest``-3 to ``longest``, an even d from ``widest``-4 to ``widest``."""
    return call(
        int(rng.integers(longest - 3, longest + 1)), int(rng.choice([widest - 4, widest - 2, widest]))
    )


def positions(T, d):
    """The reference of E21."""
    return sinusoidal_positions(T, d)


def _table(T, d, exponent=None, position=None, even=np.sin, odd=np.cos, base=10000.0):
    """Sines and cosines of position * base^-exponent; ``exponent(i, d)`` for the pairs i = 0 ... d/2-1, or
    for even and odd columns apart: a pair of functions."""
    i = np.arange(d // 2)
    exponents = exponent or (lambda i, d: 2 * i / d)
    if not isinstance(exponents, tuple):
        exponents = (exponents, exponents)
    t = (np.arange(T) if position is None else position(np.arange(T), T, d))[:, None]
    table = np.empty((T, d))
    for first, function, power in zip((0, 1), (even, odd), exponents, strict=True):
        table[:, first::2] = function(t * float(base) ** -power(i, d))
    return table


def _with(**options):
    return lambda T, d: _table(T, d, **options)


def _halves(T, d):
    P = positions(T, d)
    return np.concatenate([P[:, 0::2], P[:, 1::2]], axis=1)


def _halves_with(**options):
    def wrong(T, d):
        P = _table(T, d, **options)
        return np.concatenate([P[:, 0::2], P[:, 1::2]], axis=1)

    return wrong


HALVES = (
    "sine and cosine alternate in the paper: you put them in two halves (the tensor2tensor layout, a "
    "permutation of the columns)."
)
OWN = "sine and cosine of one pair share a wavelength: the exponent is 2i/d in both columns."

MISTAKES = (
    Misconception(
        "the exponent is 2i/d: you used i/d, half of the wavelengths are missing.",
        _with(exponent=lambda i, d: i / d),
    ),
    Misconception(
        "the exponent is 2i/d with i = 0 ... d/2-1, the number of the pair; you put the column in the place "
        "of i.",
        _with(exponent=(lambda i, d: 2 * (2 * i) / d, lambda i, d: 2 * (2 * i + 1) / d)),
    ),
    Misconception(
        "the exponent is 2i/d with i = 0 ... d/2-1, the number of the pair; you put the column in the place "
        "of i.",
        _with(exponent=lambda i, d: 4 * i / d),
    ),
    Misconception(OWN, _with(exponent=(lambda i, d: 2 * i / d, lambda i, d: (2 * i + 1) / d))),
    Misconception(OWN, _with(exponent=(lambda i, d: 2 * i / d, lambda i, d: 2 * (i + 1) / d))),
    Misconception(
        "the pairs are counted from 0: you begin with i = 1.", _with(exponent=lambda i, d: 2 * (i + 1) / d)
    ),
    Misconception(
        "the exponent is 2i/d; you divide by d/2-1, so that the last wavelength is 10000 exactly (as in "
        "tensor2tensor).",
        _with(exponent=lambda i, d: i / (d / 2 - 1)),
    ),
    Misconception("the exponent is 2i/d; you divide by d-1.", _with(exponent=lambda i, d: 2 * i / (d - 1))),
    Misconception(
        "the wavelength grows with i: divide the position by 10000^(2i/d), you multiply.",
        _with(exponent=lambda i, d: -2 * i / d),
    ),
    Misconception(
        "all columns have the same wavelength: the divisor is 10000^(2i/d); note that 2i//d is 0.",
        _with(exponent=lambda i, d: 0 * i),
    ),
    Misconception(
        "the power is missing: 10000^(2i/d), not 10000*2i/d.",
        lambda T, d: _interleaved(T, d, lambda t, i: t / np.where(i == 0, 1, 10000 * 2 * i / d)),
    ),
    Misconception("the exponential of 2i/d is taken, not the power of 10000.", _with(base=np.e)),
    Misconception("the base is 10000; you used 1000.", _with(base=1000)),
    Misconception("the base is 10000; you used 100.", _with(base=100)),
    Misconception("the base is 10000; you used 100000.", _with(base=100_000)),
    Misconception(HALVES, _halves),
    Misconception(
        f"{HALVES} The exponent is another one too: it is 2i/d.", _halves_with(exponent=lambda i, d: i / d)
    ),
    Misconception(
        f"{HALVES} And they divide by d/2-1 where the paper has d/2.",
        _halves_with(exponent=lambda i, d: i / (d / 2 - 1)),
    ),
    Misconception("positions start at 0: row 0 is 0, 1, 0, 1, ...", _with(position=lambda t, T, d: t + 1)),
    Misconception("positions count up from 0, you count down.", _with(position=lambda t, T, d: t[::-1])),
    Misconception(
        "positions are whole numbers: you divided them by T.", _with(position=lambda t, T, d: t / T)
    ),
    Misconception(
        "positions are whole numbers: you spread them over 0 to 1.",
        _with(position=lambda t, T, d: t / max(T - 1, 1)),
    ),
    Misconception(
        "even columns are sines, odd ones cosines: you began with the cosine.", _with(even=np.cos, odd=np.sin)
    ),
    Misconception("odd columns are cosines.", _with(odd=np.sin)),
    Misconception("even columns are sines.", _with(even=np.cos)),
    Misconception("odd columns are cosines: they are still 0.", _with(odd=np.zeros_like)),
    Misconception("even columns are sines: they are still 0.", _with(even=np.zeros_like)),
    Misconception(
        "sine and cosine alternate along the columns; you let them alternate along the positions.",
        lambda T, d: _alternating_rows(T, d),
    ),
    Misconception(
        "np.sin expects radians: nothing is to be converted.",
        _with(even=lambda a: np.sin(np.deg2rad(a)), odd=lambda a: np.cos(np.deg2rad(a))),
    ),
    Misconception(
        "np.sin expects radians: nothing is to be converted.",
        _with(even=lambda a: np.sin(np.rad2deg(a)), odd=lambda a: np.cos(np.rad2deg(a))),
    ),
    Misconception(
        "there is no factor 2 pi: the wavelengths are 2 pi to 10000 * 2 pi as they are.",
        _with(position=lambda t, T, d: 2 * np.pi * t),
    ),
    Misconception(
        "the angles are returned: take the sine and the cosine of them.",
        _with(even=lambda a: a, odd=lambda a: a),
    ),
    Misconception(
        "nothing is scaled here: the factor sqrt(d) belongs to the embeddings.",
        lambda T, d: positions(T, d) * np.sqrt(d),
    ),
    Misconception(
        "nothing is scaled here: the factor sqrt(d) belongs to the embeddings.",
        lambda T, d: positions(T, d) / np.sqrt(d),
    ),
    Misconception("positions are rows: the table has the shape (T, d).", lambda T, d: positions(T, d).T),
    Misconception(
        "T and d are exchanged: the first argument counts positions.", lambda T, d: positions(d, T)
    ),
    Misconception(
        "the last row is missing: there are T positions, 0 to T-1.", lambda T, d: positions(T - 1, d)
    ),
    Misconception("there is one row too many: the positions are 0 to T-1.", lambda T, d: positions(T + 1, d)),
    Misconception(
        "only the sines are there, d/2 columns: cosines stand between them.",
        lambda T, d: positions(T, d)[:, ::2],
    ),
)


def _interleaved(T, d, angle):
    a = angle(np.arange(T)[:, None], np.arange(d // 2))
    return np.stack([np.sin(a), np.cos(a)], -1).reshape(T, d)


def _alternating_rows(T, d):
    P = positions(T, d)
    sines, cosines = np.repeat(P[:, 0::2], 2, 1), np.repeat(P[:, 1::2], 2, 1)
    return np.where(np.arange(T)[:, None] % 2 == 0, sines, cosines)


EXERCISE = Exercise(
    name="positional_encoding",
    reference=positions,
    properties=(
        Property("one pair of columns", lambda rng: [call(int(rng.integers(4, 7)), 2)]),
        Property("several pairs", lambda rng: [sizes(rng, 7, 10)]),
        Property("more columns than positions", lambda rng: [sizes(rng, 6, 16)]),
    ),
    misconceptions=MISTAKES,
    outputs=(Output("", ("position", "column")),),
    forbidden=OTHERS_WORK,
)
