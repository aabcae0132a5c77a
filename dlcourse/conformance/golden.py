"""The third oracle: what Keras computed for the article's listings, kept in small files.

A ``Listing`` knows the weights to start from and the batches, from formulas that are the same wherever
they are evaluated; the file holds what Keras made of them. ``tests/golden/make_keras_golden.py`` writes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcourse import models
from dlcourse.conformance import keras

FILES = Path(__file__).parent / "numbers"  # keras_<listing>.npz
STEPS = 5  # of Keras' Adam: lr 1e-3, ε̂ 1e-7


@dataclass(frozen=True)
class Listing:
    """One listing of the article: ``build(nn)`` makes it from its blueprint, ``shapes`` are those of Keras'
    weights, ``convert(weights)`` turns them into a state of the blueprint, ``draw(random)`` is a batch (x, y)
    for Keras. Of each weight the file keeps every ``every``-th number."""

    build: Callable
    shapes: tuple[tuple[int, ...], ...]
    convert: Callable[[list[np.ndarray]], dict[str, np.ndarray]]
    draw: Callable[[np.random.RandomState], tuple[np.ndarray, np.ndarray]]
    every: int = 1

    # RandomState, the old generator: NumPy promises that its numbers never change.

    def weights(self) -> list[np.ndarray]:
        """The initial weights for Keras, U(±b) with b = √(3/fan_in), at most ½: no bias is 0."""
        random = np.random.RandomState(0)
        bounds = [min(0.5, np.sqrt(3 / np.prod(shape[:-1]))) for shape in self.shapes]
        return [
            random.uniform(-b, b, shape).astype(np.float32)
            for b, shape in zip(bounds, self.shapes, strict=True)
        ]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        return self.draw(np.random.RandomState(100 + step))

    def state(self) -> dict[str, np.ndarray]:
        """The initial state for the blueprint."""
        return self.convert(self.weights())


@dataclass(frozen=True)
class Golden:
    """The file of a listing: softmax outputs for batch 0 before and after, losses of the steps, and the
    state after them, in which numbers that the file does not hold are NaN."""

    probabilities: np.ndarray
    losses: np.ndarray
    probabilities_after: np.ndarray
    state_after: dict[str, np.ndarray]
    versions: str


def load(listing: Listing, path: str | Path) -> Golden:
    """Read the file that was made for ``listing``; ``ValueError`` if it was made for another."""
    with np.load(path, allow_pickle=False) as file:
        stored = {key: file[key] for key in file.files}
    weights = []
    for i, shape in enumerate(listing.shapes):
        kept = stored[f"weight_{i:02}"]
        full = np.full(int(np.prod(shape)), np.nan, np.float32)
        if full[:: listing.every].shape != kept.shape:
            raise ValueError(f"{path}: weight {i} has {kept.size} numbers, expected those of shape {shape}")
        full[:: listing.every] = kept
        weights.append(full.reshape(shape))
    return Golden(
        stored["probabilities"],
        stored["losses"],
        stored["probabilities_after"],
        listing.convert(weights),
        str(stored["versions"]),
    )


def _cnn(side: int, channels: int) -> Listing:
    last = side
    for _ in range(3):
        last = (last - 2) // 2  # 3×3 convolution, then pooling

    def convert(w: list[np.ndarray]) -> dict[str, np.ndarray]:
        layers = {str(3 * i): keras.conv2d(*w[2 * i : 2 * i + 2]) for i in range(3)}
        layers["10"] = keras.dense_after_flatten(*w[6:8], (last, last, 128))
        return keras.prefixed(**layers, **{"12": keras.dense(*w[8:])})

    def draw(random):
        return random.uniform(0, 1, (6, side, side, channels)).astype(np.float32), random.randint(0, 10, 6)

    convs = [((3, 3, a, b), (b,)) for a, b in ((channels, 32), (32, 64), (64, 128))]
    denses = [((a, b), (b,)) for a, b in ((last * last * 128, 512), (512, 10))]
    return Listing(
        lambda nn: models.cnn(nn, in_channels=channels, size=side),
        tuple(shape for layer in convs + denses for shape in layer),
        convert,
        draw,
        every=7,  # no divisor of a channel count: every row and column of every kernel is there
    )


V, T = 50, 20


def _tokens(random):
    ids = random.randint(0, V, (4, T + 1)).astype(np.int32)
    return ids[:, :-1], ids[:, 1:]


def _gru(E: int = 16, H: int = 32) -> Listing:
    def convert(w: list[np.ndarray]) -> dict[str, np.ndarray]:
        return keras.prefixed(
            embedding=keras.embedding(w[0]),
            recurrent=keras.gru(*w[1:4]),
            hidden=keras.dense(*w[4:6]),
            output=keras.dense(*w[6:]),
        )

    def build(nn):
        sizes = {"vocab_size": V, "embedding_dim": E, "units": H}
        return models.gru_language_model(nn, **sizes, dropout=0.0, recurrent_dropout=0.0)

    shapes = ((V, E), (E, 3 * H), (H, 3 * H), (2, 3 * H), (H, H), (H,), (H, V), (V,))
    return Listing(build, shapes, convert, _tokens)


def _transformer(d: int = 32, heads: int = 4, layers: int = 2, dff: int = 64) -> Listing:
    split = ((d, heads, d // heads), (heads, d // heads))
    attention = (*split * 3, (heads, d // heads, d), (d,))
    block = (*attention, (d,), (d,), (d, dff), (dff,), (dff, d), (d,), (d,), (d,))

    def convert_block(w: list[np.ndarray]) -> dict[str, np.ndarray]:
        return keras.prefixed(
            self_attn=keras.multi_head_attention(*w[:8]),
            norm1=keras.layer_norm(*w[8:10]),
            linear1=keras.dense(*w[10:12]),
            linear2=keras.dense(*w[12:14]),
            norm2=keras.layer_norm(*w[14:]),
        )

    def convert(w: list[np.ndarray]) -> dict[str, np.ndarray]:
        blocks = [w[2 + i * len(block) :][: len(block)] for i in range(layers)]
        return keras.prefixed(
            embedding=keras.embedding(w[0]),
            positions=keras.embedding(w[1]),
            **{f"blocks.layers.{i}": convert_block(b) for i, b in enumerate(blocks)},
            output=keras.dense(*w[-2:]),
        )

    def build(nn):
        sizes = {"vocab_size": V, "max_length": T, "d_model": d, "num_heads": heads}
        return models.transformer_language_model(nn, **sizes, num_layers=layers, dff=dff, dropout=0.0)

    shapes = ((V, d), (T, d), *block * layers, (d, V), (V,))
    return Listing(build, shapes, convert, _tokens)


LISTINGS = {"cnn_28": _cnn(28, 1), "cnn_32": _cnn(32, 3), "gru": _gru(), "transformer": _transformer()}
