"""Pooling: values by hand, ties, borders, finite differences, sentences."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d

X = np.array([[1.0, 5.0, 2.0], [4.0, 3.0, 6.0], [9.0, 7.0, 8.0]])[None, None]


def _distinct(*shape):
    return np.random.default_rng(0).permutation(np.prod(shape)).reshape(shape) / 10


def test_max_by_hand_drops_the_last_row_and_column():
    pool = MaxPool2d(2)
    assert pool(X).tolist() == [[[[5]]]]
    assert pool.backward(np.array([[[[2.0]]]]))[0, 0].tolist() == [[0, 2, 0], [0, 0, 0], [0, 0, 0]]


def test_overlapping_windows_add_up():
    pool = MaxPool2d(2, stride=1)
    assert pool(X)[0, 0].tolist() == [[5, 6], [9, 8]]
    y = MaxPool2d(2, 1)
    y(np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])[None, None])
    assert y.backward(np.array([[[[1.0, 2], [3, 4]]]]))[0, 0, 1, 1] == 10


def test_of_equal_pixels_the_first_takes_the_gradient():
    pool = MaxPool2d(2)
    pool(np.zeros((1, 1, 2, 4)))
    assert pool.backward(np.array([[[[3.0, 7.0]]]]))[0, 0].tolist() == [[3, 0, 7, 0], [0, 0, 0, 0]]


def test_padding_is_never_the_maximum():
    assert MaxPool2d(2, padding=1)(np.full((1, 1, 2, 2), -5.0)).tolist() == [[[[-5, -5], [-5, -5]]]]


def test_average_by_hand_with_and_without_the_border():
    x = np.ones((1, 1, 2, 2))
    assert AvgPool2d(2)(X).tolist() == [[[[3.25]]]]
    assert AvgPool2d(2, padding=1)(x)[0, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert AvgPool2d(2, padding=1, count_include_pad=False)(x)[0, 0].tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    "pool",
    [
        MaxPool2d((2, 3), (1, 2), (0, 1)),
        MaxPool2d(2, 1, 0, (1, 2)),
        AvgPool2d(3, 2, 1),
        AvgPool2d((2, 3), 1, 1, count_include_pad=False),
    ],
)
def test_gradients_by_finite_differences(pool):
    check_gradients(pool, _distinct(2, 3, 4, 5))


@pytest.mark.parametrize("pool", [MaxPool2d(2), AvgPool2d(2)])
def test_float32_is_kept_and_inputs_are_unchanged(pool):
    x = _distinct(2, 3, 5, 6).astype(np.float32)
    dy = np.ones((2, 3, 2, 3), np.float32)
    kept = x.copy(), dy.copy()
    y, dx = pool(x), pool.backward(dy)
    assert y.dtype == dx.dtype == np.float32 and dx.shape == x.shape
    assert np.array_equal(x, kept[0]) and np.array_equal(dy, kept[1])


@pytest.mark.parametrize("kind", [MaxPool2d, AvgPool2d])
def test_wrong_arguments_and_input_are_named(kind):
    name = kind.__name__
    with pytest.raises(ValueError, match=f"{name}: kernel_size is 0"):
        kind(0)
    with pytest.raises(ValueError, match=f"{name}: stride is -1"):
        kind(2, -1)
    with pytest.raises(ValueError, match=f"{name}: padding is 2, expected at most half of kernel_size 3"):
        kind(3, padding=2)
    with pytest.raises(
        ValueError, match=rf"{name}: the kernel spans \(3, 3\) pixels, the input has \(2, 5\)"
    ):
        kind(3)(np.zeros((1, 1, 2, 5)))
    with pytest.raises(ValueError, match=rf"{name}: x has shape \(4, 4\), expected \(N, C, H, W\)"):
        kind(2)(np.zeros((4, 4)))
    with pytest.raises(TypeError, match=f"{name}: x has dtype uint8"):
        kind(2)(np.zeros((1, 1, 4, 4), np.uint8))


def test_adaptive_average_by_hand():
    assert AdaptiveAvgPool2d(1)(X) == pytest.approx(np.array([[[[5]]]]), rel=1e-12)
    # Three pixels in two bins: pixels 0-1 and 1-2.
    assert AdaptiveAvgPool2d((1, 2))(X[:, :, :1]) == pytest.approx(np.array([[[[3, 3.5]]]]), rel=1e-12)
    assert AdaptiveAvgPool2d(3)(X) == pytest.approx(X, rel=1e-12)


def test_adaptive_average_keeps_float32_and_names_wrong_input():
    pool = AdaptiveAvgPool2d((2, 3))
    check_gradients(pool, _distinct(2, 3, 5, 4))
    x = np.ones((2, 3, 5, 4), np.float32)
    assert pool(x).dtype == pool.backward(np.ones((2, 3, 2, 3), np.float32)).dtype == np.float32
    with pytest.raises(ValueError, match="AdaptiveAvgPool2d: output_size is 0"):
        AdaptiveAvgPool2d(0)
    with pytest.raises(ValueError, match=r"AdaptiveAvgPool2d: x has shape \(4, 4\), expected \(N, C, H, W\)"):
        pool(np.zeros((4, 4)))


def test_a_backward_pass_in_eval_mode_gives_the_same():
    x, dy = np.random.default_rng(3).integers(3, size=(2, 3, 6, 4)) * 1.0, np.ones((2, 3, 3, 2))
    training, answering = MaxPool2d(2), MaxPool2d(2).eval()
    np.testing.assert_array_equal(training(x), answering(x))
    np.testing.assert_array_equal(training.backward(dy), answering.backward(dy))
    assert np.abs(answering.backward(dy)).sum() == dy.size
