"""Initial weights: bounds, variances, orthogonality, and the generator decides."""

import numpy as np
import pytest

from dlcourse.numpy_nn.init import chrono_biases, glorot_uniform, he_uniform, orthogonal, uniform_fan_in


@pytest.mark.parametrize(
    "draw, bound",
    [
        (lambda rng: uniform_fan_in(rng, (500, 64), 64), 1 / 8),
        (lambda rng: glorot_uniform(rng, (512, 128)), np.sqrt(6 / 640)),
        (lambda rng: glorot_uniform(rng, (32, 16, 3, 5)), np.sqrt(6 / (48 * 15))),
        (lambda rng: he_uniform(rng, (100, 150)), 0.2),
        (lambda rng: he_uniform(rng, (64, 10, 3, 5)), 0.2),
    ],
)
def test_uniform_between_its_bounds(draw, bound):
    weight = draw(np.random.default_rng(0))
    assert weight.dtype == np.float32
    assert (
        0.99 * bound < weight.max() <= bound * 1.000001 and -bound * 1.000001 <= weight.min() < -0.99 * bound
    )
    assert weight.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
    assert np.array_equal(weight, draw(np.random.default_rng(0)))


def test_he_keeps_the_size_of_signals_through_layers_of_relu():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 300))
    for _ in range(10):
        x = np.maximum(x @ he_uniform(rng, (300, 300), np.float64).T, 0)
    assert 0.5 < (x**2).mean() < 2


@pytest.mark.parametrize("shape", [(5, 5), (4, 7), (7, 4)])
def test_orthogonal_rows_or_columns(shape):
    w = orthogonal(np.random.default_rng(0), shape, gain=3, dtype=np.float64)
    assert w.shape == shape
    square = w @ w.T if shape[0] <= shape[1] else w.T @ w
    np.testing.assert_allclose(square, 9 * np.eye(min(shape)), atol=1e-13)


def test_orthogonal_is_uniform_so_both_signs_of_a_corner_come():
    corners = [orthogonal(np.random.default_rng(seed), (2, 2))[0, 0] for seed in range(400)]
    assert abs(np.mean(corners)) < 0.12  # 3.4 standard deviations of a mean over uniform directions


def test_chrono_gates_halve_the_memory_between_two_and_the_longest_number_of_steps():
    b_i, b_f = chrono_biases(np.random.default_rng(0), 1000, 101)
    assert np.array_equal(b_i, -b_f) and b_f.dtype == np.float32
    assert 0 <= b_f.min() < 1 and np.log(90) < b_f.max() <= np.log(100)
    forget = 1 / (1 + np.exp(-b_f))
    assert 1 / (1 - forget).min() == pytest.approx(101, rel=0.05)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"orthogonal: shape is \(2, 3, 4\), expected \(rows, columns\)"):
        orthogonal(np.random.default_rng(0), (2, 3, 4))
    with pytest.raises(ValueError, match="chrono_biases: longest is 1, expected at least 2 steps"):
        chrono_biases(np.random.default_rng(0), 3, 1)
