"""The models that the command line knows by name, each with an input to show it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlcourse import models


@dataclass(frozen=True)
class Entry:
    """``build(nn)`` makes the model out of a backend; ``example()`` is an input for a batch of one."""

    build: Callable
    example: Callable[[], np.ndarray]


def _digit() -> np.ndarray:
    return np.zeros((1, 1, 28, 28), np.float32)


ZOO = {
    "cnn": Entry(models.cnn, _digit),
    "cnn-same": Entry(lambda nn: models.cnn(nn, padding="same"), _digit),
    "mlp": Entry(models.mlp, _digit),
}


def entry(name: str) -> Entry:
    """The model of that name; ``ValueError`` that lists the names otherwise."""
    if name not in ZOO:
        raise ValueError(f"there is no model {name!r}, expected one of {', '.join(ZOO)}")
    return ZOO[name]
