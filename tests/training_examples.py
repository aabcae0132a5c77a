"""A small model and small data for the tests of training."""

import numpy as np
import pytest

from dlcourse import models, numpy_nn, torch_nn

NN = {"numpy": numpy_nn, "torch": torch_nn}

BACKENDS = pytest.mark.parametrize("nn", NN.values(), ids=NN)


def blobs(rows, seed, classes=3, inputs=6, noise=1.0):
    """Points around one centre a class."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((classes, inputs)) * 2
    y = rng.integers(0, classes, rows)
    return centres[y] + noise * rng.standard_normal((rows, inputs)), y


def small(nn, rng=0, inputs=6, classes=3):
    return models.mlp(nn, inputs=inputs, hidden=(8,), classes=classes, rng=rng)


def double(model):
    return model.double() if hasattr(model, "double") else model.to(np.float64)


TRAIN, VALID = blobs(50, 0), blobs(30, 1)
