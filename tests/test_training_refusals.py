"""``fit``: wrong data, settings and optimisers, and a run that diverges, get a sentence."""

import numpy as np
import pytest
import torch
from training_examples import BACKENDS, TRAIN, small

from dlcourse import models, torch_nn
from dlcourse.backend import state_arrays
from dlcourse.training import evaluate, fit

IMAGES, LABELS = np.zeros((4, 28, 28, 1), np.float32), np.arange(4)

PROPER = IMAGES.transpose(0, 3, 1, 2)


@BACKENDS
@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        ((IMAGES, LABELS), ValueError, r"x of shape \(N, 28, 28, 1\).*x\.transpose\(0, 3, 1, 2\)"),
        ((IMAGES[..., 0], LABELS), ValueError, r"x of shape \(N, 28, 28\).*x\[:, None\]"),
        ((PROPER.astype(np.uint8), LABELS), ValueError, r"dtype uint8; pixels become floats with x\.astype"),
        ((PROPER, np.eye(10)[:4]), TypeError, r"y has dtype float64 and shape \(4, 10\).*y\.argmax\(-1\)"),
        ((PROPER, LABELS[:3]), ValueError, "x has 4 rows and y has 3, expected equally many"),
        ((PROPER, LABELS + 7), ValueError, r"y holds classes 7\.\.10, expected 0\.\.9"),
        ((PROPER, LABELS[:, None]), ValueError, r"the model gives \(1, 10\) and y has \(1, 1\)"),
        ((PROPER[:0], LABELS[:0]), ValueError, "x has no rows"),
        ((PROPER * np.nan, LABELS), ValueError, "x holds NaN or infinite values"),
        ((PROPER.tolist(), LABELS), TypeError, "x is a list, expected a NumPy array"),
        (PROPER, TypeError, r"is a ndarray, expected a pair \(x, y\)"),
    ],
)
def test_wrong_data_get_a_sentence_before_the_first_step(nn, data, error, sentence):
    model = models.cnn(nn)
    before = state_arrays(model)
    with pytest.raises(error, match="fit: train.*" + sentence):
        fit(model, data, epochs=1)
    with pytest.raises(error, match="fit: valid.*" + sentence):
        fit(model, (PROPER, LABELS), data, epochs=1)
    with pytest.raises(error, match="evaluate.*" + sentence):
        evaluate(model, data)
    for name, a in state_arrays(model).items():
        np.testing.assert_array_equal(a, before[name])


@BACKENDS
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "epochs is 0, expected a whole number of at least 1"),
        ({"epochs": 1, "batch_size": 2.5}, r"batch_size is 2\.5, expected a whole number"),
        ({"epochs": 1, "patience": 2}, "patience needs validation data"),
        ({"epochs": 1, "device": "tpu"}, "device is 'tpu'"),
    ],
)
def test_wrong_settings_get_a_sentence(nn, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        fit(small(nn), TRAIN, **settings)


@BACKENDS
def test_an_optimiser_of_another_model_or_library_is_refused(nn):

    with pytest.raises(ValueError, match="the optimizer holds parameters of another model"):
        fit(small(nn), TRAIN, epochs=1, optimizer=nn.SGD(small(nn).parameters()))
    stock = torch.optim.SGD(small(torch_nn).parameters())
    with pytest.raises(
        TypeError, match=r"optimizer is a torch\.optim\.sgd\.SGD, expected SGD, Adam or AdamW"
    ):
        fit(small(nn), TRAIN, epochs=1, optimizer=stock)


@BACKENDS
def test_a_diverging_run_stops_with_a_sentence(nn):
    model = small(nn)
    with pytest.raises(
        FloatingPointError, match=r"the loss is (nan|inf) in epoch \d+, step \d+.*learning rate"
    ):
        fit(model, TRAIN, epochs=50, batch_size=8, optimizer=nn.SGD(model.parameters(), lr=1e20))


def test_the_step_that_diverged_is_named_although_it_is_read_later():
    model = small(torch_nn)
    broken = TRAIN[0][:20].copy()
    broken[:, :] = 1e30
    with pytest.raises(FloatingPointError, match=r"in epoch 1, step [123]:"):
        fit(
            model,
            (broken, TRAIN[1][:20]),
            epochs=1,
            batch_size=2,
            optimizer=torch_nn.SGD(model.parameters(), lr=1e9),
        )
