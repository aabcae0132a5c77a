"""The backend adaptor: NumPy in, NumPy out, the same for both backends, and the model left as it was."""

import subprocess
import sys

import numpy as np
import pytest

from dlcourse import backend, numpy_nn, torch_nn

PAIR = ("numpy", "torch")


def model_of(name, seed=0):
    nn = backend.backend(name)
    rng = np.random.default_rng(seed)
    model = (
        numpy_nn.Sequential(nn.Linear(5, 4, rng=rng), nn.Linear(4, 3, rng=rng))
        if name == "numpy"
        else __import__("torch").nn.Sequential(nn.Linear(5, 4, rng=rng), nn.Linear(4, 3, rng=rng))
    )
    return model


def test_the_backend_of_a_model_is_recognised():
    assert not backend.is_torch(numpy_nn.Linear(2, 2))
    assert backend.is_torch(torch_nn.Linear(2, 2))
    with pytest.raises(TypeError, match="got a int"):
        backend.is_torch(3)


def test_an_unknown_backend_is_named():
    with pytest.raises(ValueError, match="backend 'jax' does not exist, expected one of numpy, torch"):
        backend.backend("jax")


def test_a_missing_torch_is_said_with_the_remedy(monkeypatch):
    for module in [m for m in sys.modules if m.startswith("dlcourse.torch_nn")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'dlcourse\[torch\]'"):
        backend.backend("torch")


def test_predict_agrees_and_converts_the_dtype():
    x = np.random.default_rng(1).standard_normal((6, 5))
    ours, theirs = (backend.predict(model_of(name), x) for name in PAIR)
    assert ours.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("name", PAIR)
def test_modes_are_restored_one_by_one(name):
    model = model_of(name).train()
    next(m for n, m in backend.named_modules(model) if n == "1").eval()
    with backend.evaluating(model):
        assert not any(m.training for m in model.modules())
    assert [m.training for m in model.modules()] == [True, True, False]


def test_input_gradient_is_the_product_of_the_weights_and_leaves_parameter_gradients():
    x = np.random.default_rng(1).standard_normal((6, 5))
    for name in PAIR:
        model = model_of(name)
        model = model.to(np.float64) if name == "numpy" else model.double()
        state = backend.state_arrays(model)
        y, dx = backend.input_gradient(model, x, lambda y: np.ones_like(y))
        np.testing.assert_allclose(y, backend.predict(model, x), rtol=1e-12)
        np.testing.assert_allclose(dx, np.ones((6, 3)) @ state["1.weight"] @ state["0.weight"], rtol=1e-12)
        grads = [p.grad for p in model.parameters()]
        assert all(g is None or not g.any() for g in grads)


@pytest.mark.parametrize("name", PAIR)
def test_state_travels_as_arrays(name):
    source, goal = model_of("torch" if name == "numpy" else "numpy", seed=3), model_of(name)
    backend.load_state_arrays(goal, backend.state_arrays(source))
    x = np.ones((2, 5), np.float32)
    np.testing.assert_allclose(backend.predict(goal, x), backend.predict(source, x), atol=1e-6)
    with pytest.raises(ValueError, match=r"1\.weight"):
        backend.load_state_arrays(goal, {"0.weight": np.zeros((4, 5))})


@pytest.mark.parametrize("name", PAIR)
def test_recording_sees_the_calls_and_leaves_no_trace(name):
    model = model_of(name)
    x = np.ones((2, 5), np.float32)
    with backend.recording(model, lambda module: type(module).__name__ == "Linear") as calls:
        y = backend.predict(model, x)
    assert [call.name for call in calls] == ["0", "1"]
    assert isinstance(calls[1].output, np.ndarray)
    np.testing.assert_array_equal(calls[1].output, y)
    np.testing.assert_array_equal(calls[1].inputs[0], calls[0].output)
    backend.predict(model, x)
    assert len(calls) == 2


def test_numpy_models_need_no_torch():
    code = (
        "import sys, numpy as np; from dlcourse import backend; nn = backend.backend('numpy');"
        "backend.predict(nn.Linear(2, 2), np.ones((1, 2))); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
