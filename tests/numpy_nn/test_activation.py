"""Activation functions and softmax: values by hand, extreme input, finite differences."""

import math

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import GELU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from dlcourse.numpy_nn.activation import sigmoid
from dlcourse.numpy_nn.erf import erfc, normal_cdf
from dlcourse.numpy_nn.softmax import log_softmax, softmax

LAYERS = [ReLU, Tanh, Sigmoid, GELU, Softmax, LogSoftmax]


def test_relu_by_hand_and_its_slope_at_zero_is_zero():
    relu = ReLU()
    assert relu(np.array([-2.0, 0.0, 3.0])).tolist() == [0, 0, 3]
    assert relu.backward(np.array([5.0, 6.0, 7.0])).tolist() == [0, 0, 7]


def test_sigmoid_by_hand_and_without_overflow():
    found = sigmoid(np.array([-1e4, -math.log(3), 0.0, math.log(3), 1e4]))
    np.testing.assert_allclose(found, [0, 0.25, 0.5, 0.75, 1], atol=1e-16)


def test_gelu_by_hand():
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_allclose(GELU()(x), [-0.15865525393145707, 0, 1.9544997361036416], rtol=1e-14)


def test_erfc_agrees_with_the_standard_library():
    x = np.concatenate([np.linspace(-7, 7, 5001), np.linspace(7, 26, 501)])
    expected = np.array([math.erfc(v) for v in x])
    assert abs(erfc(x) - expected).max() < 1e-14
    np.testing.assert_allclose(erfc(x), expected, rtol=2e-13)  # the tail as well


def test_erfc_in_float32_and_more_numbers_than_one_piece():
    x = np.random.default_rng(0).standard_normal((300, 200)).astype(np.float32)
    expected = np.vectorize(math.erfc)(x.astype(np.float64))
    assert erfc(x).dtype == np.float32 and abs(erfc(x) - expected).max() < 1e-6


def test_erfc_far_out_and_normal_cdf():
    assert erfc(np.array([-np.inf, -40.0, 40.0])).tolist() == [2, 2, 0]
    np.testing.assert_allclose(normal_cdf(np.array([0.0, 1.959963984540054])), [0.5, 0.975], rtol=1e-14)
    assert erfc(np.zeros(3, np.float32)).dtype == np.float32


def test_softmax_by_hand_along_each_axis():
    x = np.log(np.array([[1.0, 3.0], [3.0, 3.0]]))
    np.testing.assert_allclose(softmax(x), [[0.25, 0.75], [0.5, 0.5]])
    np.testing.assert_allclose(softmax(x, axis=0), [[0.25, 0.5], [0.75, 0.5]])
    np.testing.assert_allclose(np.exp(log_softmax(x, axis=0)), [[0.25, 0.5], [0.75, 0.5]])


def test_softmax_of_huge_numbers():
    x = np.array([1e5, 1e5 - 1000])
    assert softmax(x).tolist() == [1, 0] and log_softmax(x).tolist() == [0, -1000]


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_by_finite_differences(layer):
    check_gradients(layer(), 2 * np.random.default_rng(0).standard_normal((3, 5)))


@pytest.mark.parametrize("layer", [Softmax, LogSoftmax])
def test_softmax_gradients_along_the_first_axis(layer):
    check_gradients(layer(0), 2 * np.random.default_rng(0).standard_normal((4, 3)))


@pytest.mark.parametrize("layer", LAYERS)
def test_float32_is_kept_and_inputs_are_unchanged(layer):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, 4, 3)).astype(np.float32), np.ones((2, 4, 3), np.float32)
    kept = x.copy()
    f = layer()
    assert f(x).dtype == f.backward(dy).dtype == np.float32
    assert np.array_equal(x, kept) and (dy == 1).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_integers_and_lists_are_refused(layer):
    with pytest.raises(TypeError, match=f"{layer.__name__}: x has dtype int64, expected float32 or float64"):
        layer()(np.array([1, 2]))
    with pytest.raises(TypeError, match=f"{layer.__name__}: x is a list"):
        layer()([1.0])


@pytest.mark.parametrize("layer", [Softmax, LogSoftmax])
def test_an_axis_that_does_not_exist_is_refused(layer):
    with pytest.raises(ValueError, match=rf"{layer.__name__}: x has shape \(2, 3\), expected an axis 2"):
        layer(2)(np.zeros((2, 3)))
