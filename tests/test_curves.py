"""Training takes the same path in both backends: the loss of each of 100 steps, for every architecture.

Same initial weights, batches, dropout masks and optimiser, in float64. A difference of 1e-16 in one
step grows in those that follow, so this tolerance lies above the one of a single gradient.
"""

import numpy as np
import pytest
import torch

from dlcourse import models, numpy_nn, torch_nn
from dlcourse.backend import state_arrays
from dlcourse.training import fit

TOLERANCE = 1e-8  # of the losses, and of the weights after 100 steps
STEPS, BATCH = 100, 4
V, T = 11, 7
TEXT = {"vocab_size": V, "embedding_dim": 5, "units": 8}
BLOCKS = {"d_model": 8, "num_heads": 2, "num_layers": 2, "dff": 12}


def images(rng, channels: int, side: int):
    y = rng.integers(0, 3, 40)
    return rng.standard_normal((3, channels, side, side))[y] + rng.standard_normal(
        (40, channels, side, side)
    ), y


def counting(rng):
    """Ids that go up by 1, 2 or 3 at each step: the next one can be learned."""
    ids = (rng.integers(0, V, (40, 1)) + rng.integers(1, 4, (40, 1)) * np.arange(T + 1)) % V
    return ids[:, :-1], ids[:, 1:]


def texts(rng):
    """Ids 1 to 10, padded with 0; the class is that of the first id."""
    ids = np.where(np.arange(T) < rng.integers(1, T + 1, (40, 1)), rng.integers(1, V, (40, T)), 0)
    return ids, ids[:, 0] % 3


def reversals(rng):
    """The target is the source backwards; 0 is padding, 1 starts the target."""
    source = rng.integers(2, V, (40, T))
    target = source[:, ::-1].copy()
    return (source, np.concatenate([np.ones((40, 1), int), target[:, :-1]], 1)), target


ARCHITECTURES = {
    "mlp": (lambda nn: models.mlp(nn, inputs=36, hidden=(16, 8), classes=3), lambda rng: images(rng, 1, 6)),
    "cnn": (lambda nn: models.cnn(nn, size=22, classes=3), lambda rng: images(rng, 1, 22)),
    "rnn": (lambda nn: models.rnn_language_model(nn, **TEXT), counting),
    "lstm": (lambda nn: models.lstm_language_model(nn, **TEXT), counting),
    "gru": (lambda nn: models.gru_language_model(nn, **TEXT), counting),
    "transformer": (
        lambda nn: models.transformer_language_model(nn, vocab_size=V, max_length=T, **BLOCKS, dropout=0.0),
        counting,
    ),
    "transformer, pre-norm": (
        lambda nn: models.transformer_language_model(
            nn, vocab_size=V, max_length=T, **BLOCKS, dropout=0.0, norm_first=True
        ),
        counting,
    ),
    "text classifier": (lambda nn: models.text_classifier(nn, **TEXT, classes=3, dropout=0.2), texts),
    "seq2seq": (lambda nn: models.seq2seq(nn, **TEXT, attention=False), reversals),
    "seq2seq with attention": (lambda nn: models.seq2seq(nn, **TEXT), reversals),
    "vision transformer": (
        lambda nn: models.vision_transformer(nn, size=8, patch=4, classes=3, **BLOCKS),
        lambda rng: images(rng, 1, 8),
    ),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_loss_curves_coincide(name):
    build, draw = ARCHITECTURES[name]
    data = draw(np.random.default_rng(0))
    curves, states = [], []
    for nn in (numpy_nn, torch_nn):
        model = build(nn)
        model = model.to(np.float64) if nn is numpy_nn else model.double()
        optimizer = nn.Adam(model.parameters(), lr=0.01, eps=1e-7, eps_hat=True)
        epochs = STEPS * BATCH // 40
        curves.append(
            fit(model, data, epochs=epochs, batch_size=BATCH, optimizer=optimizer, clip=1.0).step_loss
        )
        states.append(state_arrays(model))
    own, other = curves
    assert len(own) == STEPS
    np.testing.assert_allclose(own, other, rtol=TOLERANCE, atol=TOLERANCE)
    for key, a in states[0].items():
        np.testing.assert_allclose(a, states[1][key], rtol=0, atol=TOLERANCE, err_msg=key)
    assert np.mean(own[-20:]) < 0.9 * np.mean(own[:5]), "nothing was learned, so the path is no test"


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
