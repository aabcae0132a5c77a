"""``fit``: both backends walk the same path; what only PyTorch has (devices, autocast); life without it."""

import subprocess
import sys
import tempfile

import numpy as np
import pytest
import torch
from training_examples import NN, TRAIN, VALID, double, small

from dlcourse import models, numpy_nn, torch_nn
from dlcourse.backend import load_state_arrays, state_arrays
from dlcourse.data import load_mnist
from dlcourse.torch_nn.device import pick_device
from dlcourse.training import evaluate, fit, predict

OPTIMISERS = {
    "SGD": lambda nn, p: nn.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda nn, p: nn.Adam(p, lr=3e-3, eps=1e-7, eps_hat=True),
    "AdamW": lambda nn, p: nn.AdamW(p, lr=3e-3),
}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_training_curves_coincide(optimiser):
    """The same path in float64: 100 losses, epoch means, accuracies, and the weights at the end."""
    found = []
    for nn in NN.values():
        model = double(models.cnn(nn, size=22, classes=4))
        rng = np.random.default_rng(0)
        y = rng.integers(0, 4, 80)
        x = rng.standard_normal((4, 1, 22, 22))[y] + rng.standard_normal((80, 1, 22, 22))
        history = fit(
            model,
            (x[:68], y[:68]),
            (x[68:], y[68:]),
            epochs=12,
            batch_size=8,
            optimizer=OPTIMISERS[optimiser](nn, model.parameters()),
            schedule=numpy_nn.one_cycle(0.03 if optimiser == "SGD" else 3e-3, 12 * 9),
            clip=1.0,
            augment=lambda x, rng: np.roll(x, rng.integers(-2, 3, 2), (2, 3)),
        )
        found.append((history, state_arrays(model)))
    (own, own_state), (other, other_state) = found
    assert len(own.step_loss) == 108 and own.loss[-1] < 0.9 * own.loss[0]
    for name, values in own.as_dict().items():
        np.testing.assert_allclose(values, other.as_dict()[name], rtol=1e-7, atol=1e-9, err_msg=name)
    for name, a in own_state.items():
        np.testing.assert_allclose(a, other_state[name], atol=1e-7, err_msg=name)


def test_a_used_optimiser_goes_on_and_the_cpu_is_a_device_of_both():
    """Two runs with one optimiser are not one with a fresh optimiser: its moments are kept."""
    found = []
    for nn in NN.values():
        model = double(small(nn))
        optimizer = nn.Adam(model.parameters(), lr=0.01)
        first = fit(model, TRAIN, epochs=2, optimizer=optimizer, device="cpu")
        second = fit(model, TRAIN, epochs=2, optimizer=optimizer, device="auto" if nn is numpy_nn else "cpu")
        assert int(optimizer.state_arrays()["steps"]) == 8
        found.append(first.step_loss + second.step_loss)
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_the_cnn_reads_digits():
    """One epoch of the article's network on 4000 digits, trained in NumPy, measured in both."""
    data = load_mnist()
    model, other = models.cnn(numpy_nn), models.cnn(torch_nn, rng=1)
    fit(model, data.train, epochs=1)
    load_state_arrays(other, state_arrays(model))
    found, expected = evaluate(model, data.test), evaluate(other, data.test)
    assert 0.85 < found.accuracy == expected.accuracy and found.count == 500
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)


def test_training_in_numpy_needs_no_torch():
    """Models, data, training, checkpoints with torch out of reach, in a process of its own."""
    code = """
import sys
sys.modules["torch"] = None
import numpy as np
from dlcourse import models, numpy_nn
from dlcourse.training import evaluate, fit
model = models.gru_language_model(numpy_nn, vocab_size=5, embedding_dim=2, units=3)
data = np.zeros((4, 6), int), np.ones((4, 6), int)
fit(model, data, data, epochs=2, patience=1, checkpoint=sys.argv[1])
print(evaluate(model, data).count)
"""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code, f"{folder}/run.npz"], capture_output=True, text=True, check=True
        )
    assert done.stdout == "24\n" and done.stderr == ""


def test_weights_trained_in_one_backend_predict_in_the_other():
    model = small(torch_nn)
    fit(model, TRAIN, epochs=3)
    other = small(numpy_nn, rng=9)
    load_state_arrays(other, state_arrays(model))
    np.testing.assert_allclose(predict(other, VALID[0]), predict(model, VALID[0]), rtol=1e-5, atol=1e-6)


def test_autocast_trains_nearly_as_float32_does_and_is_refused_in_numpy():
    """bfloat16 has three digits: the losses differ in the fourth, not in the first."""

    def losses(**more):
        model = models.mlp(torch_nn, inputs=6, hidden=(64,), classes=3)
        history = fit(model, TRAIN, epochs=8, **more)
        assert {a.dtype for a in state_arrays(model).values()} == {np.dtype(np.float32)}
        return np.array(history.step_loss)

    exact, rough = losses(), losses(autocast=True)
    assert 0 < np.abs(rough - exact).max() < 0.03
    with pytest.raises(ValueError, match="numpy_nn has no bfloat16"):
        fit(small(numpy_nn), TRAIN, epochs=1, autocast=True)


def test_torch_reads_no_number_inside_a_step(monkeypatch):
    """Reading a loss waits for a GPU: only every twentieth step and the last of an epoch may do it."""
    reads = []
    for name in ("item", "tolist", "__float__", "__int__", "__bool__"):
        read = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor, name, lambda t, *a, read=read, name=name: (reads.append(len(steps)), read(t, *a))[1]
        )
    steps = []
    model = small(torch_nn)
    sgd = torch_nn.SGD(model.parameters(), lr=0.1)
    monkeypatch.setattr(sgd, "step", lambda step=sgd.step: (step(), steps.append(None)))
    rows = np.arange(50) % len(TRAIN[1])
    fit(model, (TRAIN[0][rows], TRAIN[1][rows]), epochs=1, batch_size=2, optimizer=sgd, clip=1.0)
    assert len(steps) == 25
    assert set(reads) == {19, 24}


def test_torch_draws_outside_the_model_are_not_disturbed():
    import torch

    model = small(torch_nn)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    fit(model, TRAIN, epochs=1)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize(
    ("cuda", "mps", "fastest", "missing"),
    [(True, False, "cuda", "mps"), (False, True, "mps", "cuda"), (False, False, "cpu", "cuda")],
)
def test_auto_is_the_fastest_device_that_is_there(cuda, mps, fastest, missing, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device("auto").type == pick_device(fastest).type == fastest
    with pytest.raises(ValueError, match=f"device is '{missing}', expected one of .*cpu"):
        pick_device(missing)
