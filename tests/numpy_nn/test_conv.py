"""Conv2d: values by hand, gradients by finite differences, sentences for wrong input."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import Conv2d, Flatten, ReLU, Sequential
from dlcourse.numpy_nn.conv import conv2d, conv2d_backward


def test_by_hand_it_is_a_cross_correlation():
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    weight = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 1, 2, 2)
    y = conv2d(x, weight, np.array([10.0]))
    assert y.tolist() == [[[[37, 47], [67, 77]]]]  # 0·1 + 1·2 + 3·3 + 4·4 + 10, kernel not turned


def test_backward_by_hand():
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    weight = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 1, 2, 2)
    dy = np.array([[1.0, 0.0], [0.0, 10.0]]).reshape(1, 1, 2, 2)
    dx, dweight, dbias = conv2d_backward(dy, x, weight)
    assert dx.tolist() == [[[[1, 2, 0], [3, 14, 20], [0, 30, 40]]]]
    assert dweight.tolist() == [[[[40, 51], [73, 84]]]]
    assert dbias.tolist() == [11]


def test_channels_are_summed():
    x = np.stack([np.ones((3, 4)), np.full((3, 4), 10.0)])[None]
    weight = np.stack([np.ones((2, 3)), np.full((2, 3), 2.0)])[None]
    assert conv2d(x, weight).tolist() == [[[[126, 126], [126, 126]]]]  # 6·1 + 6·20


def test_same_padding_puts_the_larger_half_below_and_right():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 1
    y = conv2d(x, np.arange(1.0, 5.0).reshape(1, 1, 2, 2), padding="same")
    assert y[0, 0].tolist() == [[4, 3, 0], [2, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": (2, 3), "stride": (1, 2), "padding": 1},
        {"kernel_size": 2, "dilation": (2, 1), "groups": 2},
        {"kernel_size": (1, 2), "padding": "same", "bias": False},
    ],
    ids=str,
)
def test_gradients_by_finite_differences(options):
    x = np.random.default_rng(1).standard_normal((2, 4, 4, 5))
    check_gradients(Conv2d(4, 2, **options, rng=0), x)


def test_gradients_accumulate_and_zero_grad_clears_them():
    conv = Conv2d(1, 1, 2, rng=0).to(np.float64)
    x, dy = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    for _ in range(2):
        conv(x)
        conv.backward(dy)
    assert conv.weight.grad.tolist() == [[[[8, 8], [8, 8]]]] and conv.bias.grad.tolist() == [8]
    conv.zero_grad()
    assert not conv.weight.grad.any() and not conv.bias.grad.any()


def test_many_images_equal_one_at_a_time():
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((40, 8, 20, 20)), rng.standard_normal((3, 8, 3, 3))
    dy = rng.standard_normal((40, 3, 18, 18))
    each = [conv2d_backward(dy[n : n + 1], x[n : n + 1], weight) for n in range(40)]
    dx, dweight, dbias = conv2d_backward(dy, x, weight)
    close = {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(
        conv2d(x, weight), np.concatenate([conv2d(i[None], weight) for i in x]), **close
    )
    np.testing.assert_allclose(dx, np.concatenate([e[0] for e in each]), **close)
    np.testing.assert_allclose(dweight, sum(e[1] for e in each), **close)
    np.testing.assert_allclose(dbias, sum(e[2] for e in each), **close)


@pytest.mark.parametrize("memory", ["rows of pixels", "channels last", "every second image"])
def test_the_layout_of_the_input_in_memory_does_not_matter(memory):
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((4, 3, 6, 5)), rng.standard_normal((2, 3, 3, 2))
    expected = conv2d(x, weight)
    if memory == "channels last":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    elif memory == "every second image":
        x = np.repeat(x, 2, axis=0)[::2]
    assert np.array_equal(conv2d(x, weight), expected)


def test_float32_is_kept_and_inputs_are_unchanged():
    rng = np.random.default_rng(0)
    conv = Conv2d(2, 3, 3, padding=1, rng=0)
    x = rng.standard_normal((2, 2, 5, 4)).astype(np.float32)
    dy = rng.standard_normal((2, 3, 5, 4)).astype(np.float32)
    kept = x.copy(), dy.copy()
    y, dx = conv(x), conv.backward(dy)
    assert y.dtype == dx.dtype == conv.weight.grad.dtype == conv.bias.grad.dtype == np.float32
    assert np.array_equal(x, kept[0]) and np.array_equal(dy, kept[1])


def test_an_empty_batch_gives_an_empty_output():
    conv = Conv2d(2, 3, 3, rng=0)
    assert conv(np.zeros((0, 2, 5, 6), np.float32)).shape == (0, 3, 3, 4)
    assert conv.backward(np.zeros((0, 3, 3, 4), np.float32)).shape == (0, 2, 5, 6)


def test_initial_weights_lie_in_the_interval_of_the_fan_in():
    conv = Conv2d(8, 64, 3, rng=0)
    bound = 1 / np.sqrt(8 * 9)
    for p in conv.parameters():
        assert 0.9 * bound < abs(p.data).max() <= bound
    assert np.array_equal(conv.weight.data, Conv2d(8, 64, 3, rng=0).weight.data)


@pytest.mark.parametrize(
    "arguments, options, sentence",
    [
        ((0, 1, 3), {}, "in_channels is 0, expected an integer of at least 1"),
        ((1, 2.0, 3), {}, "out_channels is 2.0"),
        ((1, 1, 0), {}, "kernel_size is 0"),
        ((1, 1, (3, 3, 3)), {}, r"kernel_size is \(3, 3, 3\)"),
        ((1, 1, 3), {"stride": -1}, "stride is -1, expected an integer of at least 1 or a pair"),
        ((1, 1, 3), {"padding": -2}, "padding is -2, expected an integer of at least 0"),
        ((1, 1, 3), {"padding": "valid"}, "padding is 'valid'"),
        ((1, 1, 3), {"padding": "same", "stride": 2}, r"padding is 'same' with stride \(2, 2\)"),
        ((1, 1, 3), {"dilation": True}, "dilation is True"),
        ((4, 6, 3), {"groups": 4}, "groups is 4, expected a divisor of in_channels 4 and out_channels 6"),
    ],
)
def test_wrong_arguments_are_named(arguments, options, sentence):
    with pytest.raises(ValueError, match=f"Conv2d: {sentence}"):
        Conv2d(*arguments, **options)


@pytest.mark.parametrize(
    "x, error, sentence",
    [
        (np.zeros((1, 3, 8, 8)), ValueError, r"x has shape \(1, 3, 8, 8\), expected \(N, 2, H, W\)"),
        (np.zeros((2, 8, 8)), ValueError, r"x has shape \(2, 8, 8\)"),
        (np.zeros((1, 2, 8, 8), int), TypeError, "x has dtype int64, expected float32 or float64"),
        ([[1.0]], TypeError, "x is a list, expected a NumPy array"),
        (np.zeros((1, 2, 8, 2)), ValueError, r"the kernel spans \(3, 3\) pixels, the input has \(8, 2\)"),
    ],
)
def test_wrong_input_is_named(x, error, sentence):
    with pytest.raises(error, match=f"Conv2d: {sentence}"):
        Conv2d(2, 1, 3, rng=0)(x)


@pytest.mark.parametrize("options", [{}, {"groups": 2, "stride": 2, "padding": 1}])
def test_without_the_gradient_of_the_input_those_of_the_parameters_are_the_same(options):
    rng = np.random.default_rng(5)
    x = rng.standard_normal((3, 4, 7, 6))
    grads = []
    for backward in ("backward", "backward_parameters"):
        conv = Conv2d(4, 6, (3, 2), **options, rng=0, dtype=np.float64)
        model = Sequential(conv, ReLU(), Flatten())
        dy = np.random.default_rng(6).standard_normal(model(x).shape)
        getattr(model, backward)(dy)
        grads.append((conv.weight.grad, conv.bias.grad))
    np.testing.assert_array_equal(grads[0][0], grads[1][0])
    np.testing.assert_array_equal(grads[0][1], grads[1][1])
    assert np.abs(grads[0][0]).min() > 0


def test_few_and_many_channels_are_the_same_sum():
    """Few channels are copied column by column, many row by row."""
    rng = np.random.default_rng(7)
    x, weight = rng.standard_normal((2, 9, 6, 7)), rng.standard_normal((4, 9, 3, 2))
    parts = sum(conv2d(x[:, c : c + 3], weight[:, c : c + 3]) for c in (0, 3, 6))
    np.testing.assert_allclose(conv2d(x, weight), parts, atol=1e-12)
