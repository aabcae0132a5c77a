"""GRU: one step of both forms by hand, where they differ, and the update gate as a memory."""

import numpy as np
import pytest

from dlcourse.numpy_nn import GRU

WEIGHTS = {
    "weight_ih_l0": np.array([[1.0], [-1.0], [0.5]]),  # r, z, n
    "weight_hh_l0": np.array([[0.3], [0.6], [-0.9]]),
    "bias_ih_l0": np.array([0.1, 0.2, 0.3]),
    "bias_hh_l0": np.array([-0.5, 1.0, 0.7]),
}


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


@pytest.mark.parametrize("reset_after", [True, False])
def test_one_step_by_hand(reset_after):
    layer = GRU(1, 1, reset_after=reset_after, rng=0, dtype=np.float64)
    layer.load_state_dict(WEIGHTS)
    x, h_0 = 0.8, -0.4
    y, h_1 = layer(np.full((1, 1, 1), x), np.full((1, 1, 1), h_0))
    r = sigmoid(x + 0.3 * h_0 - 0.4)
    z = sigmoid(-x + 0.6 * h_0 + 1.2)
    inner = r * (-0.9 * h_0 + 0.7) if reset_after else -0.9 * (r * h_0) + 0.7
    n = np.tanh(0.5 * x + 0.3 + inner)
    assert h_1.item() == y.item() == pytest.approx((1 - z) * n + z * h_0, rel=1e-14)


def test_the_two_forms_agree_where_the_recurrent_weights_are_diagonal_and_the_inner_bias_is_zero():
    """r ⊙ (U h + b) = U (r ⊙ h) + b only for a diagonal U and b = 0; in general they differ."""
    rng = np.random.default_rng(0)
    after, before = (GRU(4, 3, reset_after=v, rng=1, dtype=np.float64) for v in (True, False))
    x, h_0 = rng.standard_normal((2, 5, 4)), rng.standard_normal((1, 2, 3))
    assert np.abs(after(x, h_0)[0] - before(x, h_0)[0]).max() > 0.01
    for layer in (after, before):
        layer.weight_hh_l0.data[6:] = np.diag([0.5, -1.0, 2.0])
        layer.bias_hh_l0.data[6:] = 0
    np.testing.assert_allclose(after(x, h_0)[0], before(x, h_0)[0], rtol=1e-12)


@pytest.mark.parametrize("reset_after", [True, False])
def test_update_gate_of_one_keeps_the_state_and_its_gradient(reset_after):
    layer = GRU(4, 3, reset_after=reset_after, rng=1, dtype=np.float64)
    layer.bias_ih_l0.data[3:6] = 50.0
    h_0 = np.random.default_rng(0).standard_normal((1, 2, 3))
    x = np.random.default_rng(1).standard_normal((2, 30, 4))
    _, h_n = layer(x, h_0)
    np.testing.assert_allclose(h_n, h_0, rtol=1e-12)
    _, dh_0 = layer.backward(None, np.ones((1, 2, 3)))
    np.testing.assert_allclose(dh_0, 1, rtol=1e-12)


def test_number_of_parameters_of_the_article():
    """Listing 4.2 with E = 16, H = 32: 3 (E H + H H + 2 H) = 4,800, as Keras counts."""
    layer = GRU(16, 32, input_dropout=0.1, recurrent_dropout=0.1, rng=0)
    assert sum(p.size for p in layer.parameters()) == 4800
