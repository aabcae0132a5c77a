"""E21 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import math

import numpy as np


def loops(T, d):
    P = np.zeros((T, d))
    for t in range(T):
        for i in range(d // 2):
            angle = t / math.pow(10000, 2 * i / d)
            P[t, 2 * i] = math.sin(angle)
            P[t, 2 * i + 1] = math.cos(angle)
    return P


def complex_exponential(T, d):
    frequencies = np.exp(-math.log(10000) * np.arange(0, d, 2) / d)
    turned = np.exp(1j * np.outer(np.arange(T), frequencies))
    return np.stack([turned.imag, turned.real], axis=-1).reshape(T, d)


def phase_shift(length: int, width: int) -> np.ndarray:
    """Every column its own pair number; cosines as sines a quarter turn later."""
    column = np.arange(width)
    angle = np.arange(length)[:, np.newaxis] / np.power(10_000.0, (column - column % 2) / width)
    return np.sin(angle + (column % 2) * np.pi / 2)


def where_even(T, d):
    t, j = np.indices((T, d))
    angle = t * (1 / 10000) ** (2 * (j // 2) / d)
    return np.where(j % 2 == 0, np.sin(angle), np.cos(angle))


CORRECT = [loops, complex_exponential, phase_shift, where_even]


def _variant(angle, even=np.sin, odd=np.cos, start=0):
    """Loops with another angle(t, i, d) or other functions."""

    def positional_encoding(T, d):
        P = np.zeros((T, d))
        for t in range(T):
            for i in range(d // 2):
                P[t, 2 * i] = even(angle(t + start, i, d))
                P[t, 2 * i + 1] = odd(angle(t + start, i, d))
        return P

    return positional_encoding


def _angle(t, i, d):
    return t / 10000 ** (2 * i / d)


def halves(T, d):
    angle = np.arange(T)[:, None] / 10000 ** (2 * np.arange(d // 2) / d)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def tensor2tensor(T, d):
    angle = np.arange(T)[:, None] * np.exp(-np.log(10000) * np.arange(d // 2) / (d // 2 - 1))
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def every_column_its_own(T, d):
    P = np.arange(T)[:, None] / 10000 ** (np.arange(d) / d)
    P[:, 0::2] = np.sin(P[:, 0::2])
    P[:, 1::2] = np.cos(P[:, 1::2])
    return P


def doubled(T, d):
    P = np.arange(T)[:, None] / 10000 ** (2 * np.arange(d) / d)
    P[:, 0::2] = np.sin(P[:, 0::2])
    P[:, 1::2] = np.cos(P[:, 1::2])
    return P


def doubled_even_only(T, d):
    P = np.zeros((T, d))
    for t in range(T):
        for i in range(0, d, 2):
            P[t, i] = np.sin(t / 10000 ** (2 * i / d))
            P[t, i + 1] = np.cos(t / 10000 ** (2 * i / d))
    return P


def keras_tutorial_odd(T, d):
    P = np.zeros((T, d))
    for t in range(T):
        for i in range(0, d, 2):
            P[t, i] = np.sin(t / 10000 ** (i / d))
            P[t, i + 1] = np.cos(t / 10000 ** ((i + 1) / d))
    return P


def cosine_overwrites(T, d):
    angle = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    P = np.empty((T, d))
    P[:, 0::2] = np.sin(angle)
    P[:, 0::2] = np.cos(angle)
    P[:, 1::2] = np.sin(angle)
    return P


def alternating_rows(T, d):
    P = np.repeat(np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d), 2, axis=1)
    P[0::2] = np.sin(P[0::2])
    P[1::2] = np.cos(P[1::2])
    return P


def integer_table(T, d):
    P = np.zeros((T, d), dtype=int)
    P[...] = loops(T, d)
    return P


def single_precision(T, d):
    angle = np.arange(T, dtype="f4")[:, None] / np.float32(10000) ** (
        np.arange(0, d, 2, dtype="f4") / np.float32(d)
    )
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(T, d)


def learned(T, d):
    return np.random.default_rng(0).standard_normal((T, d))


def first_row_forgotten(T, d):
    P = np.zeros((T, d))
    P[1:] = loops(T, d)[1:]
    return P


def with_torch(T, d):
    import torch

    t = torch.arange(T, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([t.sin(), t.cos()], -1).reshape(T, d).numpy()


WRONG = {
    "i instead of 2i": (_variant(lambda t, i, d: t / 10000 ** (i / d)), "you used i/d"),
    "column in place of i": (doubled, "the column in the place"),
    "steps of two, doubled": (doubled_even_only, "the column in the place"),
    "own exponent": (every_column_its_own, "share a wavelength"),
    "odd exponent": (keras_tutorial_odd, "share a wavelength"),
    "begins with 1": (_variant(lambda t, i, d: _angle(t, i + 1, d)), "you begin with i = 1"),
    "d/2-1": (_variant(lambda t, i, d: t / 10000 ** (i / max(d / 2 - 1, 1))), "d/2-1"),
    "d-1": (_variant(lambda t, i, d: t / 10000 ** (2 * i / (d - 1))), "you divide by d-1"),
    "integer division": (_variant(lambda t, i, d: t / 10000 ** (2 * i // d)), "2i//d is 0"),
    "multiplied": (_variant(lambda t, i, d: t * 10000 ** (2 * i / d)), "you multiply"),
    "same wavelength": (_variant(lambda t, i, d: t), "same wavelength"),
    "no power": (_variant(lambda t, i, d: t / (10000 * 2 * i / d) if i else t), "the power is missing"),
    "exp": (_variant(lambda t, i, d: t / np.exp(2 * i / d)), "not the power of 10000"),
    "1000": (_variant(lambda t, i, d: t / 1000 ** (2 * i / d)), "you used 1000"),
    "halves": (halves, "in two halves"),
    "tensor2tensor": (tensor2tensor, "d/2-1"),
    "starts at 1": (_variant(_angle, start=1), "positions start at 0"),
    "fractions": (lambda T, d: _variant(lambda t, i, d: _angle(t / T, i, d))(T, d), "divided them by T"),
    "cos first": (_variant(_angle, np.cos, np.sin), "you began with the cosine"),
    "overwritten": (cosine_overwrites, "you began with the cosine"),
    "only sines": (_variant(_angle, np.sin, np.sin), "odd columns are cosines"),
    "only cosines": (_variant(_angle, np.cos, np.cos), "even columns are sines"),
    "odd columns empty": (_variant(_angle, odd=lambda a: 0), "they are still 0"),
    "rows alternate": (alternating_rows, "alternate along the positions"),
    "degrees": (_variant(lambda t, i, d: np.radians(_angle(t, i, d))), "expects radians"),
    "to degrees": (_variant(lambda t, i, d: np.degrees(_angle(t, i, d))), "expects radians"),
    "2 pi": (_variant(lambda t, i, d: 2 * math.pi * _angle(t, i, d)), "no factor 2 pi"),
    "angles": (_variant(_angle, lambda a: a, lambda a: a), "the angles are returned"),
    "scaled": (lambda T, d: loops(T, d) * d**0.5, "belongs to the embeddings"),
    "transposed": (lambda T, d: loops(T, d).T, "the table has the shape (T, d)"),
    "exchanged": (lambda T, d: where_even(d, T), "T and d are exchanged"),
    "only half": (lambda T, d: loops(T, d)[:, 0::2], "only the sines are there"),
    "a row less": (lambda T, d: loops(T - 1, d), "the last row is missing"),
    "a row more": (lambda T, d: loops(T + 1, d), "one row too many"),
    "first row 0": (first_row_forgotten, "only the first position is wrong"),
    "integers": (integer_table, "array of integers"),
    "single precision": (single_precision, "single precision"),
    "batch axis": (lambda T, d: loops(T, d)[None], "axis of length 1"),
    "list": (lambda T, d: loops(T, d).tolist(), "returned a list"),
    "learned": (learned, "Compute one value by hand"),
    "torch": (with_torch, "torch"),
}
