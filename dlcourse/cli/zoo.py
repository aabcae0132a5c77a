"""The models that the command line knows by name: how they are built, shown and trained."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlcourse import data, models

LENGTH = 64  # characters that a language model reads at once


@dataclass(frozen=True)
class Entry:
    """``build(nn, classes=..., rng=...)`` makes the model out of a backend; ``example()`` is an input for a
    batch of one. Models that ``dlcourse train`` knows have a data set, ``load(seed=...)``; ``lr`` is Adam's
    learning rate."""

    build: Callable
    example: Callable[[], np.ndarray]
    classes: int
    load: Callable | None = None
    lr: float = 1e-3


def _digit() -> np.ndarray:
    return np.zeros((1, 1, 28, 28), np.float32)


def _text() -> np.ndarray:
    return np.zeros((1, LENGTH), np.int64)


def _english(seed: int) -> data.Dataset:
    return data.load_english(seed=seed, length=LENGTH)


def _padded_cnn(nn, **options):
    return models.cnn(nn, padding="same", **options)


def _recurrent(blueprint: Callable) -> Callable:
    def build(nn, classes: int, rng=0):
        return blueprint(nn, vocab_size=classes, embedding_dim=32, units=128, rng=rng)

    return build


def _names() -> np.ndarray:
    return np.ones((1, 11), np.int64)


def _classifier(nn, classes: int, rng=0):
    return models.text_classifier(nn, vocab_size=27, embedding_dim=16, units=32, classes=classes, rng=rng)


def _transformer(nn, classes: int, rng=0):
    return models.transformer_language_model(
        nn, vocab_size=classes, max_length=LENGTH, d_model=64, num_heads=4, num_layers=2, dff=256, rng=rng
    )


CHARACTERS = 103  # different ones in the English text

ZOO = {
    "cnn": Entry(models.cnn, _digit, 10, data.load_mnist),
    "cnn-same": Entry(_padded_cnn, _digit, 10),
    "mlp": Entry(models.mlp, _digit, 10),
    "vit": Entry(models.vision_transformer, _digit, 10, data.load_mnist),
    "classifier": Entry(_classifier, _names, 2, data.load_names, 5e-3),
    "rnn": Entry(_recurrent(models.rnn_language_model), _text, CHARACTERS, _english, 5e-3),
    "lstm": Entry(_recurrent(models.lstm_language_model), _text, CHARACTERS, _english, 5e-3),
    "gru": Entry(_recurrent(models.gru_language_model), _text, CHARACTERS, _english, 5e-3),
    "transformer": Entry(_transformer, _text, CHARACTERS, _english, 5e-3),
}


def entry(name: str) -> Entry:
    """The model of that name; ``ValueError`` that lists the names otherwise."""
    return _pick(name, ZOO)


def trainable(name: str) -> Entry:
    """The same, for a model that has a data set to train on."""
    return _pick(name, {key: value for key, value in ZOO.items() if value.load})


def _pick(name: str, known: dict[str, Entry]) -> Entry:
    if name not in known:
        raise ValueError(f"there is no model {name!r} here, expected one of {', '.join(known)}")
    return known[name]
