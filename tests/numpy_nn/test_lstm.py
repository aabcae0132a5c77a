"""LSTM: one step by hand, the order of the gates, the memory path, the biases that lengthen it."""

import numpy as np
import pytest

from dlcourse.numpy_nn import LSTM
from dlcourse.numpy_nn.init import chrono_biases


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def test_one_step_by_hand():
    layer = LSTM(1, 1, rng=0, dtype=np.float64)
    layer.load_state_dict(
        {
            "weight_ih_l0": np.array([[1.0], [-1.0], [0.5], [2.0]]),  # i, f, g, o
            "weight_hh_l0": np.array([[0.3], [0.6], [-0.9], [0.2]]),
            "bias_ih_l0": np.array([0.1, 0.2, 0.3, 0.4]),
            "bias_hh_l0": np.array([-0.5, 1.0, 0.7, -0.2]),
        }
    )
    x, h_0, c_0 = 0.8, -0.4, 1.5
    y, (h_1, c_1) = layer(np.full((1, 1, 1), x), (np.full((1, 1, 1), h_0), np.full((1, 1, 1), c_0)))
    i = sigmoid(x + 0.3 * h_0 - 0.4)
    f = sigmoid(-x + 0.6 * h_0 + 1.2)
    g = np.tanh(0.5 * x - 0.9 * h_0 + 1.0)
    o = sigmoid(2 * x + 0.2 * h_0 + 0.2)
    c = f * c_0 + i * g
    assert c_1.item() == pytest.approx(c, rel=1e-14)
    assert h_1.item() == y.item() == pytest.approx(o * np.tanh(c), rel=1e-14)

    _, (_, dc_0) = layer.backward(None, (np.zeros((1, 1, 1)), np.ones((1, 1, 1))))
    assert dc_0.item() == pytest.approx(f, rel=1e-14)  # the memory path


def test_forget_gate_sets_how_long_the_memory_lasts():
    """Open (f near 1) the cell keeps its value and the gradient; closed (f near 0) both are gone."""
    steps, H = 50, 2
    layer = LSTM(1, H, rng=0, dtype=np.float64)
    state = np.zeros((1, 1, H)), np.array([[[1.0, -2.0]]])
    for bias, kept in ((20.0, 1.0), (-20.0, 0.0)):
        for name, p in layer.named_parameters():
            p.data[...] = 0
            if name == "bias_ih_l0":
                p.data[H : 2 * H] = bias
        _, (_, c_n) = layer(np.ones((1, steps, 1)), state)
        np.testing.assert_allclose(c_n, kept * state[1], atol=1e-6)
        _, (_, dc_0) = layer.backward(None, (np.zeros((1, 1, H)), np.ones((1, 1, H))))
        np.testing.assert_allclose(dc_0, kept, atol=1e-6)


def test_chrono_biases_go_to_the_gates_they_are_for():
    """f = σ(log u) = u/(1+u): the memory lasts 1/(1-f) = 1 + u steps, up to ``longest``."""
    H, longest = 400, 30
    layer = LSTM(1, H, rng=0, dtype=np.float64)
    for p in layer.parameters():
        p.data[...] = 0
    b_i, b_f = chrono_biases(np.random.default_rng(1), H, longest, np.float64)
    layer.bias_ih_l0.data[: 2 * H] = np.concatenate([b_i, b_f])
    c_0 = np.ones((1, 1, H))
    _, (_, c_n) = layer(np.zeros((1, 1, 1)), (np.zeros_like(c_0), c_0))
    lifetime = 1 / (1 - c_n)
    assert 2 <= lifetime.min() < 4
    assert longest - 3 < lifetime.max() <= longest
