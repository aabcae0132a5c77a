"""Layer norm and batch norm: values by hand, running statistics, finite differences."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import BatchNorm1d, BatchNorm2d, LayerNorm

X = 3 + 2 * np.random.default_rng(0).standard_normal((4, 3, 2, 5))


def test_layer_norm_by_hand():
    norm = LayerNorm(3, eps=0.0).to(np.float64)
    norm.weight.data[...], norm.bias.data[...] = [1, 2, 3], [0, 10, 0]
    s = np.sqrt(1.5)  # the deviations -1, 0, 1 have variance 2/3
    np.testing.assert_allclose(norm(np.array([[4.0, 5.0, 6.0]])), [[-s, 10, 3 * s]])


def test_layer_norm_does_not_depend_on_offset_or_scale():
    norm = LayerNorm((2, 5), eps=0.0).to(np.float64)
    np.testing.assert_allclose(norm(X), norm(7 * X + 100), atol=1e-10)


def test_eps_keeps_a_constant_row_finite():
    norm = LayerNorm(4)
    assert not norm(np.full((2, 4), 9.0, np.float32)).any()
    assert np.isfinite(norm.backward(np.ones((2, 4), np.float32))).all()


def test_batch_norm_has_mean_zero_and_variance_one_in_each_channel():
    y = BatchNorm2d(3, eps=0.0).to(np.float64)(X)
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-14)
    np.testing.assert_allclose(y.var((0, 2, 3)), 1)


def test_running_statistics_keep_the_unbiased_variance():
    norm = BatchNorm1d(2, momentum=0.25).to(np.float64)
    norm(np.array([[1.0, 0.0], [3.0, 8.0]]))
    assert norm.running_mean.data.tolist() == [0.5, 1.0]  # 0.75 · 0 + 0.25 · (2, 4)
    assert norm.running_var.data.tolist() == [1.25, 8.75]  # 0.75 · 1 + 0.25 · (2, 32)
    assert norm.num_batches_tracked.data == 1


def test_evaluation_uses_the_running_statistics_and_leaves_them():
    norm = BatchNorm2d(3, eps=0.0).to(np.float64)
    norm.running_mean.data[...], norm.running_var.data[...] = [1, 2, 3], [4, 9, 16]
    before = norm.state_dict()
    y = norm.eval()(X)
    np.testing.assert_allclose(y[:, 2], (X[:, 2] - 3) / 4)
    assert all(np.array_equal(before[name], after) for name, after in norm.state_dict().items())


@pytest.mark.parametrize(
    "norm, shape",
    [
        (LayerNorm(5), (3, 2, 5)),
        (LayerNorm((2, 5), 0.1), (3, 2, 5)),
        (BatchNorm1d(4), (5, 4)),
        (BatchNorm1d(4), (3, 4, 2)),
        (BatchNorm2d(3), (2, 3, 2, 4)),
        (BatchNorm2d(3).eval(), (2, 3, 2, 4)),
    ],
)
def test_gradients_by_finite_differences(norm, shape):
    x = 3 + 2 * np.random.default_rng(1).standard_normal(shape)
    check_gradients(norm, x, tolerance=1e-6)


@pytest.mark.parametrize("norm", [LayerNorm(5), BatchNorm2d(3)])
def test_float32_is_kept_and_inputs_are_unchanged(norm):
    x, dy = X.astype(np.float32), np.ones(X.shape, np.float32)
    y, dx = norm(x), norm.backward(dy)
    assert y.dtype == dx.dtype == norm.weight.grad.dtype == np.float32
    assert all(value.dtype in (np.float32, np.int64) for value in norm.state_dict().values())
    assert np.array_equal(x, X.astype(np.float32)) and (dy == 1).all()


def test_wrong_arguments_and_input_are_named():
    with pytest.raises(ValueError, match=r"LayerNorm: normalized_shape\[1\] is 0"):
        LayerNorm((3, 0))
    with pytest.raises(ValueError, match=r"LayerNorm: x has shape \(2, 4\), expected \(..., 5\)"):
        LayerNorm(5)(np.zeros((2, 4)))
    with pytest.raises(TypeError, match="LayerNorm: x has dtype int64"):
        LayerNorm(5)(np.zeros((2, 5), int))
    with pytest.raises(ValueError, match="BatchNorm2d: num_features is -1"):
        BatchNorm2d(-1)
    with pytest.raises(ValueError, match=r"BatchNorm2d: x has shape \(4, 3\), expected \(N, 3, H, W\)"):
        BatchNorm2d(3)(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"BatchNorm1d: x has shape \(4, 2, 7\), expected \(N, 3, L\)"):
        BatchNorm1d(3)(np.zeros((4, 2, 7)))
    with pytest.raises(TypeError, match="BatchNorm1d: x has dtype int64"):
        BatchNorm1d(3)(np.zeros((4, 3), int))
    with pytest.raises(ValueError, match="BatchNorm1d: training with one value per channel"):
        BatchNorm1d(3)(np.zeros((1, 3)))
