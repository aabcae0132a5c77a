"""The blueprints: exact sizes, equal starts, and five whole training steps in both backends."""

import numpy as np
import pytest
import torch

from dlcourse import models, numpy_nn, torch_nn
from dlcourse.backend import load_state_arrays, predict, state_arrays
from dlcourse.conformance.compare import TOLERANCE, random_state, relative_error
from dlcourse.models.start import start_as_keras

BACKENDS = pytest.mark.parametrize("nn", [numpy_nn, torch_nn], ids=["numpy", "torch"])


def count(model):
    return sum(int(np.prod(p.shape)) for p in model.parameters())


@BACKENDS
def test_cnn_has_the_parameters_of_the_listing(nn):
    assert count(models.cnn(nn)) == 163_850
    assert count(models.cnn(nn, padding="same")) == 688_138
    assert count(models.cnn(nn, in_channels=3, size=32)) == 361_034
    assert [a.shape for a in state_arrays(models.cnn(nn)).values()] == [
        (32, 1, 3, 3),
        (32,),
        (64, 32, 3, 3),
        (64,),
        (128, 64, 3, 3),
        (128,),
        (512, 128),
        (512,),
        (10, 512),
        (10,),
    ]


@BACKENDS
def test_start_as_keras_sets_normalisation_to_one_and_leaves_running_statistics(nn):
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3, rng=0), nn.LayerNorm(3)
    )
    used = {k: a if "num_batches" in k else a + 2 for k, a in state_arrays(model).items()}
    load_state_arrays(model, used)
    state = state_arrays(start_as_keras(model, 0))
    assert state["1.weight"].tolist() == [1, 1]
    assert state["4.weight"].tolist() == [1, 1, 1]
    for name in ("0.bias", "1.bias", "3.bias", "4.bias"):
        assert not state[name].any()
    np.testing.assert_array_equal(state["1.running_mean"], [2, 2])
    np.testing.assert_array_equal(state["1.running_var"], [3, 3])
    assert 0 < np.abs(state["3.weight"]).max() <= np.sqrt(6 / 11)


@BACKENDS
def test_start_as_keras_refuses_layers_that_it_has_no_rule_for(nn):
    model = nn.Sequential(nn.Linear(4, 4, rng=0), nn.MultiheadAttention(4, 2, rng=0))
    before = state_arrays(model)
    with pytest.raises(ValueError, match=r"1\.in_proj_weight belongs to a MultiheadAttention, expected only"):
        start_as_keras(model, 0)
    for name, a in state_arrays(model).items():
        np.testing.assert_array_equal(a, before[name])


@pytest.mark.parametrize(
    "build",
    [
        lambda nn, rng: models.cnn(nn, rng=rng),
        lambda nn, rng: models.mlp(nn, inputs=12, hidden=(5,), rng=rng),
    ],
)
def test_both_backends_start_from_the_same_weights(build):
    own, other = state_arrays(build(numpy_nn, 3)), state_arrays(build(torch_nn, 3))
    assert own.keys() == other.keys()
    for name in own:
        np.testing.assert_array_equal(own[name], other[name])
        assert own[name].dtype == np.float32
        assert not own[name].any() if name.endswith("bias") else own[name].all()
    assert not np.array_equal(
        own["1.weight" if "1.weight" in own else "0.weight"],
        next(iter(state_arrays(build(numpy_nn, 4)).values())),
    )


def test_weights_start_inside_the_bounds_of_keras():
    """Linear 128 -> 512 starts at ±.0968 in Keras (±.0884 in PyTorch), the first convolution at ±.142."""
    state = state_arrays(models.cnn(numpy_nn))
    assert np.abs(state["10.weight"]).max() == pytest.approx(0.0968, abs=1e-4)
    assert np.abs(state["0.weight"]).max() == pytest.approx(0.1421, abs=2e-3)


def test_cnn_as_printed_is_blind_to_the_last_six_rows_and_columns():
    """Of 784 pixels 484 have a gradient; the other 300 may hold anything."""
    model = models.cnn(numpy_nn).to(np.float64)
    load_state_arrays(model, random_state(model, np.random.default_rng(0)))
    x = np.random.default_rng(1).standard_normal((64, 1, 28, 28))
    model(x)
    seen = np.abs(model.backward(np.random.default_rng(2).standard_normal((64, 10)))).max((0, 1)) > 0
    assert seen[:22, :22].all() and seen.sum() == 484
    changed = x.copy()
    changed[:, :, 22:] = changed[:, :, :, 22:] = 100.0
    np.testing.assert_array_equal(model(changed), model(x))


def test_padded_cnn_sees_every_pixel():
    model = models.cnn(numpy_nn, padding="same").to(np.float64)
    x = np.random.default_rng(1).standard_normal((16, 1, 28, 28))
    model(x)
    assert (np.abs(model.backward(np.random.default_rng(2).standard_normal((16, 10)))).max((0, 1)) > 0).all()


@BACKENDS
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"size": 21}, "cnn: size is 21, expected at least 22 with padding=0"),
        ({"size": 7, "padding": "same"}, "cnn: size is 7, expected at least 8 with padding='same'"),
        ({"padding": 1}, 'cnn: padding is 1, expected 0 or "same"'),
    ],
)
def test_impossible_sizes_get_a_sentence(nn, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        models.cnn(nn, **arguments)


@BACKENDS
def test_smallest_sizes_work(nn):
    for size, padding in ((22, 0), (8, "same")):
        model = models.cnn(nn, size=size, padding=padding, in_channels=2, classes=3)
        assert predict(model, np.zeros((2, 2, size, size), np.float32)).shape == (2, 3)


WHOLE = {
    "cnn 28": (lambda nn: models.cnn(nn), (1, 28, 28), 10),
    "cnn 32x3": (lambda nn: models.cnn(nn, in_channels=3, size=32, classes=7), (3, 32, 32), 7),
    "cnn same": (lambda nn: models.cnn(nn, padding="same"), (1, 28, 28), 10),
    "mlp": (lambda nn: models.mlp(nn, inputs=30, hidden=(16, 8), classes=3), (30,), 3),
}


@pytest.mark.parametrize("eps_hat", [False, True], ids=["paper", "eps-hat"])
@pytest.mark.parametrize("case", WHOLE)
def test_five_adam_steps_agree(case, eps_hat):
    """Losses before each step, all gradients of each step, and the weights after five, in float64."""
    build, shape, classes = WHOLE[case]
    rng = np.random.default_rng(11)
    own, other = build(numpy_nn).to(np.float64), build(torch_nn).double()
    start = {k: a + 0.05 * rng.standard_normal(a.shape) for k, a in state_arrays(own).items()}
    load_state_arrays(own, start)
    load_state_arrays(other, start)
    arguments = {"lr": 1e-3, "eps": 1e-7, "eps_hat": eps_hat}
    own_steps = numpy_nn.Adam(own.parameters(), **arguments)
    other_steps = torch_nn.Adam(other.parameters(), **arguments)
    own_loss, other_loss = numpy_nn.CrossEntropyLoss(), torch_nn.CrossEntropyLoss()
    for _ in range(5):
        x, y = rng.standard_normal((4, *shape)), rng.integers(0, classes, 4)
        own.zero_grad()
        got = own_loss(own(x), y)
        own.backward(own_loss.backward())
        own_steps.step()
        other_steps.zero_grad()
        expected = other_loss(other(torch.from_numpy(x)), torch.from_numpy(y))
        expected.backward()
        other_steps.step()
        assert got == pytest.approx(float(expected.detach()), rel=TOLERANCE)
        for (name, p), q in zip(own.named_parameters(), other.parameters(), strict=True):
            assert relative_error(p.grad, q.grad.numpy()) <= TOLERANCE, name
    expected = state_arrays(other)
    for name, a in state_arrays(own).items():
        assert relative_error(a, expected[name]) <= TOLERANCE, name
        assert np.abs(a - start[name]).max() > 1e-4, f"{name} did not move"
