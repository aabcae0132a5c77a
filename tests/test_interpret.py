"""Attributions of functions whose answer is known, both backends, the limits of the method."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from dlcourse.backend import backend
from dlcourse.interpret import (
    ClassScore,
    attention_maps,
    completeness_gap,
    input_x_gradient,
    integrated_gradients,
    occlusion,
    occlusion_map,
    ranks,
    saliency,
    spearman,
)

PAIR = ("numpy", "torch")


def small_cnn(name, seed=0):
    nn, rng = backend(name), np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24, 3, rng=rng)
    )
    return model.to(np.float64) if name == "numpy" else model.double()


X = np.random.default_rng(1).standard_normal((5, 2, 6, 8))
TARGETS = np.array([0, 2, 1, 1, 0])


@pytest.mark.parametrize("name", PAIR)
@pytest.mark.parametrize("target", [1, TARGETS])
def test_the_gradient_of_a_class_score_is_that_of_finite_differences(name, target):
    score = ClassScore(small_cnn(name), target)
    gradient = score.gradient(X)
    assert score(X).shape == (5,)
    for index in [(0, 0, 0, 0), (1, 1, 3, 2), (2, 0, 5, 7), (4, 1, 2, 6)]:
        step = np.zeros_like(X)
        step[index] = 1e-6
        slope = (score(X + step) - score(X - step)) / 2e-6
        assert gradient[index] == pytest.approx(slope[index[0]], abs=1e-8)


def test_both_backends_explain_alike():
    scores = [ClassScore(small_cnn(name), TARGETS) for name in PAIR]
    for attribute in (saliency, input_x_gradient, integrated_gradients):
        ours, theirs = (attribute(score.gradient, X) for score in scores)
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    ours, theirs = (occlusion_map(ClassScore(small_cnn(name), 2), X[0], 3, 2) for name in PAIR)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_saliency_and_input_x_gradient_of_a_linear_function():
    w, x = np.array([2.0, -3.0, 0.0]), np.array([1.0, 2.0, 5.0])
    np.testing.assert_array_equal(saliency(lambda x: w, x), [2, 3, 0])
    np.testing.assert_array_equal(input_x_gradient(lambda x: w, x), [2, -6, 0])


def test_integrated_gradients_of_a_product():
    # f = x₀·x₁ from the baseline (b₀, b₁): a₀ = (x₀-b₀)·(x₁+b₁)/2, exact because ∂f is linear on the path.
    x, b = np.array([3.0, 4.0]), np.array([1.0, -2.0])
    a = integrated_gradients(lambda x: x[::-1], x, b, n=1)
    np.testing.assert_allclose(a, [2 * 1.0, 6 * 2.0], rtol=1e-14)
    assert completeness_gap(lambda x: x[0] * x[1], a, x, b) == pytest.approx(0, abs=1e-12)


def test_the_midpoint_rule_is_of_second_order():
    def f(x):
        return (x**4).sum()

    gaps = [
        completeness_gap(f, integrated_gradients(lambda x: 4 * x**3, np.array([2.0]), n=n), np.array([2.0]))
        for n in (10, 20)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=1e-6)


@pytest.mark.parametrize("name", PAIR)
def test_integrated_gradients_of_a_network_are_complete(name):
    score = ClassScore(small_cnn(name), TARGETS)
    baseline = np.random.default_rng(4).standard_normal(X.shape[1:])
    a = integrated_gradients(score.gradient, X, baseline, n=400)
    gap = completeness_gap(score, a, X, baseline)
    assert gap.shape == (5,)
    assert np.abs(gap).max() < 2e-3
    # input × gradient is not complete: the biases and kinks are missing
    other = completeness_gap(score, input_x_gradient(score.gradient, X), X)
    assert np.abs(other).max() > 1e-2


def test_integers_are_not_rounded():
    a = integrated_gradients(lambda x: 2 * x, np.array([1, 2]), 0.5, n=4)
    np.testing.assert_allclose(a, [0.75, 3.75])
    D = occlusion(np.sum, np.array([[1, 2], [3, 4]]), 1, 1, 0.5)
    np.testing.assert_allclose(D, [[0.5, 1.5], [2.5, 3.5]])


def test_occlusion_by_hand():
    x = np.arange(12.0).reshape(3, 4)
    kept = x.copy()
    D = occlusion(lambda x: float(x[0, 0] + 2 * x[2, 3]), x, 2, 1, 100.0)
    np.testing.assert_array_equal(D, [[-100, 0, 0], [0, 0, -178]])
    np.testing.assert_array_equal(x, kept)
    D = occlusion(np.sum, x, 2, 2)
    np.testing.assert_array_equal(D, [[10, 18]])  # a third row of windows does not fit
    coloured = np.stack([x, 10 * x])
    np.testing.assert_array_equal(occlusion(np.sum, coloured, 2, 2), [[110, 198]])


def test_occlusion_map_does_not_depend_on_the_batch_size():
    score = ClassScore(small_cnn("numpy"), 1)
    expected = occlusion(lambda x: score(x[None])[0], X[0], 3, 2, 0.25)
    for batch_size in (1, 4, 128):
        D = occlusion_map(score, X[0], 3, 2, 0.25, batch_size)
        np.testing.assert_allclose(D, expected, atol=1e-13)
    assert expected.shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: ClassScore(small_cnn("numpy"), 3)(X), "target 3, but the model has the classes 0 to 2"),
        (lambda: ClassScore(small_cnn("numpy"), -1)(X), "target -1"),
        (lambda: ClassScore(small_cnn("numpy"), [0, 1]).gradient(X), "2 targets for 5 samples"),
        (lambda: ClassScore(small_cnn("numpy"), 0.5), "expected a class number"),
        (lambda: ClassScore(backend("numpy").Conv2d(2, 4, 3), 0)(X), r"\(5, 4, 4, 6\), expected \(N, K\)"),
        (lambda: integrated_gradients(np.sign, X, n=0), "n 0"),
        (lambda: integrated_gradients(np.sign, X, np.zeros(3)), r"baseline has shape \(3,\)"),
        (lambda: occlusion(np.sum, np.ones((3, 4)), 4), "window 4×4"),
        (lambda: occlusion(np.sum, np.ones(4), 1), r"x has shape \(4,\)"),
        (lambda: occlusion(np.sum, np.ones((3, 4)), 2, 0), "stride 0"),
        (lambda: spearman([1, 2], [1, 2, 3]), "shapes"),
        (lambda: spearman([1, np.nan], [1, 2]), "NaN"),
        (lambda: spearman([1, 1], [1, 2]), "constant"),
    ],
)
def test_what_is_wrong_is_said(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_ranks_share_ties():
    np.testing.assert_array_equal(ranks([30, 10, 20, 10]), [4, 1.5, 3, 1.5])


@pytest.mark.parametrize("levels", [3, 10, 10**6])
def test_spearman_agrees_with_scipy(levels):
    rng = np.random.default_rng(levels)
    a = rng.integers(0, levels, (9, 11)).astype(float)
    b = a + rng.integers(0, levels, (9, 11))
    assert spearman(a, b) == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic, abs=1e-13)
    assert spearman(a, a**3 + 2) == pytest.approx(1)
    assert spearman(a, -a) == pytest.approx(-1)


def test_the_factor_x_makes_an_untrained_network_agree_with_another_one():
    # Adebayo's sanity check on pictures that are mostly background: two networks that share nothing
    # agree far more on input × gradient than on the gradient.
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 1, (1, 2, 6, 8)) * (rng.random((1, 2, 6, 8)) < 0.2)
    first, second = (ClassScore(small_cnn("numpy", seed), 0) for seed in (1, 2))
    gradients = spearman(saliency(first.gradient, x), saliency(second.gradient, x))
    products = spearman(*(np.abs(input_x_gradient(score.gradient, x)) for score in (first, second)))
    assert products > 0.8 > gradients + 0.3


def test_a_model_without_attention_has_no_maps():
    with pytest.raises(ValueError, match="Sequential called no MultiheadAttention"):
        attention_maps(small_cnn("numpy"), X)
