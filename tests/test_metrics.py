import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix as sklearn_confusion

from dlcourse.metrics import accuracy, bits_per_character, confusion_matrix, perplexity, wilson_interval


def test_accuracy_counts_real_targets_only():
    logits = np.array([[[1.0, 2.0], [3.0, 0.0], [0.0, 1.0]]])
    assert accuracy(logits, np.array([[1, 1, 0]])) == pytest.approx(1 / 3)
    assert accuracy(logits, np.array([[1, 7, 7]]), ignore_index=7) == 1
    assert np.isnan(accuracy(logits, np.full((1, 3), -100)))
    with pytest.raises(ValueError, match=r"logits have shape \(1, 3, 2\), target \(1, 3, 2\)"):
        accuracy(logits, np.zeros((1, 3, 2)))


def test_perplexity_and_bits_of_a_uniform_guess():
    assert perplexity(np.log(50)) == pytest.approx(50)
    assert bits_per_character(np.log(8)) == pytest.approx(3)


def test_confusion_matrix_is_that_of_sklearn():
    rng = np.random.default_rng(0)
    target, predicted = rng.integers(0, 4, 200).astype(np.uint8), rng.integers(0, 3, 200)
    own = confusion_matrix(target, predicted, 5)
    assert own.shape == (5, 5)
    np.testing.assert_array_equal(own, sklearn_confusion(target, predicted, labels=range(5)))
    assert confusion_matrix(np.array([0]), np.array([1]), 2)[0, 1] == 1


@pytest.mark.parametrize(
    ("target", "predicted", "sentence"),
    [
        ([0, 1], [0, 2], r"predicted holds other values than the integers 0\.\.1"),
        ([0.0, 1.0], [0, 1], r"target holds other values"),
        ([0, 1], [[0, 1], [1, 0]], r"target has shape \(2,\), predicted \(2, 2\)"),
    ],
)
def test_confusion_matrix_refuses(target, predicted, sentence):
    with pytest.raises(ValueError, match=sentence):
        confusion_matrix(np.array(target), np.array(predicted), 2)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (3, 7), (950, 1000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_interval_is_that_of_scipy(successes, trials, confidence):
    expected = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    assert wilson_interval(successes, trials, confidence) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


def test_wilson_interval_refuses():
    with pytest.raises(ValueError, match="11 of 10"):
        wilson_interval(11, 10)
    with pytest.raises(ValueError, match="confidence is 95"):
        wilson_interval(1, 10, 95)
