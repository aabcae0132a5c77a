"""The article's listings as Keras computes them: outputs, losses, and weights after five steps of its Adam.

The files are in ``dlcourse/conformance/numbers``; the script that made them is in ``tests/golden``.
No Keras is needed, and no PyTorch for the NumPy half.
"""

from importlib.util import find_spec

import numpy as np
import pytest

from dlcourse.backend import backend, load_state_arrays, predict, state_arrays
from dlcourse.conformance import keras
from dlcourse.conformance.golden import FILES, LISTINGS, STEPS, load
from dlcourse.numpy_nn.softmax import softmax
from dlcourse.training.runner import make_runner

FORWARD, AFTER_FIVE_STEPS = 1e-6, 1e-5  # Keras computes in float32

TORCH = pytest.param(
    "torch", marks=pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
)
BACKENDS = pytest.mark.parametrize("backend_name", ["numpy", TORCH])
ALL = pytest.mark.parametrize("name", LISTINGS)


def golden(name: str):
    return load(LISTINGS[name], FILES / f"keras_{name}.npz")


def started(name: str, backend_name: str, dtype: type = np.float64):
    """The blueprint, with the weights that Keras started from."""
    model = LISTINGS[name].build(backend(backend_name))
    model = model.to(dtype) if backend_name == "numpy" else model.to(to_torch(dtype))
    load_state_arrays(model, LISTINGS[name].state())
    return model


def to_torch(dtype: type):
    import torch

    return getattr(torch, dtype.__name__)


def ours(name: str, batch: tuple) -> tuple:
    """A batch in the layout of this package: images (N, C, H, W), ids int64."""
    x, y = batch
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x.astype(np.int64), y.astype(np.int64)


def probabilities(name: str, model) -> np.ndarray:
    x, _ = ours(name, LISTINGS[name].batch(0))
    return softmax(predict(model, x))


def trained(name: str, model, **adam) -> list[float]:
    """Five steps of Adam, in the form of Keras unless said otherwise; the losses before each."""
    runner = make_runner(model, None, None)
    optimizer = runner.nn.Adam(model.parameters(), **({"eps": 1e-7, "eps_hat": True} | adam))
    model.train()
    losses = []
    for step in range(STEPS):
        x, y = ours(name, LISTINGS[name].batch(step))
        losses.append(float(runner.learn((x,), y)[0]))
        optimizer.step()
    return losses


def distance(state: dict, model) -> dict[str, float]:
    """By name: the largest distance from ``state`` where it holds a number."""
    found = state_arrays(model)
    assert found.keys() == state.keys()
    return {name: float(np.nanmax(np.abs(found[name] - state[name]))) for name in state}


@BACKENDS
@ALL
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_outputs_are_those_of_keras(name, backend_name, dtype):
    difference = probabilities(name, started(name, backend_name, dtype)) - golden(name).probabilities
    assert np.abs(difference).max() <= FORWARD


@BACKENDS
@ALL
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_five_adam_steps_are_those_of_keras(name, backend_name, dtype):
    expected, model = golden(name), started(name, backend_name, dtype)
    losses = trained(name, model)
    np.testing.assert_allclose(losses, expected.losses, atol=AFTER_FIVE_STEPS)
    worst = distance(expected.state_after, model)
    assert max(worst.values()) <= AFTER_FIVE_STEPS, worst
    difference = probabilities(name, model) - expected.probabilities_after
    assert np.abs(difference).max() <= AFTER_FIVE_STEPS


@ALL
def test_every_weight_of_the_files_moved(name):
    """Otherwise the comparison after five steps would show nothing."""
    start, after = LISTINGS[name].state(), golden(name).state_after
    for key, a in start.items():
        known = ~np.isnan(after[key])
        moved = np.abs(after[key] - a)[known]
        assert known.mean() > 0.1 and moved.max() > 1e-3, key


def test_the_paper_form_of_adam_is_not_the_one_of_keras():
    """The same five steps with ε in its usual place end 100 times the tolerance away, losses too."""
    expected, model = golden("cnn_28"), started("cnn_28", "numpy")
    losses = trained("cnn_28", model, eps_hat=False)
    assert max(distance(expected.state_after, model).values()) > 1e-3
    assert np.abs(np.array(losses) - expected.losses).max() > 1e-4


def test_the_order_of_flatten_shows_at_32_pixels_and_not_at_28():
    """Behind Flatten, Dense needs more than a transpose only where the last map has more than one pixel."""
    for name, hidden in (("cnn_28", False), ("cnn_32", True)):
        state = LISTINGS[name].state()
        state["10.weight"] = LISTINGS[name].weights()[6].T  # in Keras' order H, W, C
        model = LISTINGS[name].build(backend("numpy"))
        load_state_arrays(model, state)
        difference = np.abs(probabilities(name, model) - golden(name).probabilities).max()
        assert (difference > 1e-2) == hidden and (difference <= FORWARD) != hidden


def test_a_file_tells_which_versions_made_it():
    assert golden("gru").versions.split()[0] == "keras=3.15.1"


def test_the_file_of_another_listing_is_refused():
    with pytest.raises(
        ValueError, match=r"keras_cnn_28.npz: weight 0 has 42 numbers, expected those of shape"
    ):
        load(LISTINGS["cnn_32"], FILES / "keras_cnn_28.npz")


def test_weights_of_another_form_are_refused():
    with pytest.raises(ValueError, match="the kernel has 512 rows, expected 2·2·64"):
        keras.dense_after_flatten(np.zeros((512, 3)), np.zeros(3), (2, 2, 64))
    with pytest.raises(ValueError, match=r"gru: the bias has shape \(9,\), expected \(2, 3H\)"):
        keras.gru(np.zeros((2, 9)), np.zeros((3, 9)), np.zeros(9))
