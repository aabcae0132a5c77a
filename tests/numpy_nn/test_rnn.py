"""RNN: one step by hand, and how gradients vanish or explode."""

import numpy as np
import pytest

from dlcourse.numpy_nn import RNN


def test_two_steps_by_hand():
    layer = RNN(1, 1, rng=0, dtype=np.float64)
    values = {"weight_ih_l0": [[2.0]], "weight_hh_l0": [[0.5]], "bias_ih_l0": [0.1], "bias_hh_l0": [-0.3]}
    layer.load_state_dict(values)
    y, h_n = layer(np.array([[[1.0], [-1.0]]]), np.array([[[0.4]]]))
    h_1 = np.tanh(2.0 * 1.0 + 0.1 + 0.5 * 0.4 - 0.3)
    h_2 = np.tanh(-2.0 + 0.1 + 0.5 * h_1 - 0.3)
    np.testing.assert_allclose(y.ravel(), [h_1, h_2], rtol=1e-15)
    assert h_n.shape == (1, 1, 1)
    assert h_n[0, 0, 0] == y[0, 1, 0]

    dx, dh_0 = layer.backward(np.array([[[0.0], [1.0]]]))
    a_2 = 1 - h_2**2
    a_1 = 0.5 * a_2 * (1 - h_1**2)
    np.testing.assert_allclose(dx.ravel(), [2 * a_1, 2 * a_2], rtol=1e-14)
    np.testing.assert_allclose(dh_0.ravel(), [0.5 * a_1], rtol=1e-14)
    assert layer.weight_ih_l0.grad[0, 0] == pytest.approx(a_1 - a_2, rel=1e-14)
    assert layer.weight_hh_l0.grad[0, 0] == pytest.approx(0.4 * a_1 + h_1 * a_2, rel=1e-14)
    assert layer.bias_hh_l0.grad[0] == layer.bias_ih_l0.grad[0] == pytest.approx(a_1 + a_2, rel=1e-14)


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_gradient_shrinks_or_grows_with_the_power_of_the_recurrent_weight(scale):
    """At h = 0 the Jacobian of a step is W_hh itself: scale^T after T steps."""
    steps = 20
    layer = RNN(2, 3, bias=False, rng=0, dtype=np.float64)
    layer.weight_hh_l0.data[...] = scale * np.eye(3)
    layer(np.zeros((1, steps, 2)))
    _, dh_0 = layer.backward(None, np.ones((1, 1, 3)))
    np.testing.assert_allclose(dh_0, scale**steps, rtol=1e-12)
