"""CrossEntropyLoss: values by hand, masks, smoothing, finite differences, sentences."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import CrossEntropyLoss


def test_by_hand():
    loss = CrossEntropyLoss()
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    assert loss(logits, np.array([0, 2])) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2)
    expected = np.array([[-0.5, 0.25, 0.25], [0.1, 0.1, -0.2]]) / 2
    np.testing.assert_allclose(loss.backward(), expected, atol=1e-15)
    np.testing.assert_allclose(loss.backward(3.0), 3 * expected, atol=1e-15)


def test_equal_logits_cost_log_of_the_number_of_classes():
    assert CrossEntropyLoss()(np.zeros((4, 7)), np.arange(4)) == pytest.approx(np.log(7))


def test_huge_logits_do_not_overflow():
    loss = CrossEntropyLoss()
    assert loss(np.array([[1e4, -1e4]]), np.array([1])) == 2e4
    assert loss.backward().tolist() == [[1, -1]]


def test_only_real_targets_count():
    logits = np.random.default_rng(0).standard_normal((2, 4, 5))
    target = np.array([[1, 2, 0, 0], [3, 0, 0, 0]])
    loss = CrossEntropyLoss(ignore_index=0)
    assert loss(logits, target) == pytest.approx(CrossEntropyLoss()(logits[target > 0], target[target > 0]))
    dlogits = loss.backward()
    assert dlogits.shape == logits.shape and not dlogits[target == 0].any() and dlogits[target > 0].all()


def test_no_real_target_costs_nothing():
    loss = CrossEntropyLoss()
    assert loss(np.ones((2, 3)), np.array([-100, -100])) == 0
    assert not loss.backward().any()


def test_label_smoothing_mixes_in_the_mean_over_the_classes():
    logits = np.array([[1.0, 2.0, 4.0]])
    log_p = logits - np.log(np.exp(logits).sum())
    found = CrossEntropyLoss(label_smoothing=0.3)(logits, np.array([1]))
    assert found == pytest.approx(-(0.7 * log_p[0, 1] + 0.3 * log_p.mean()))


@pytest.mark.parametrize("options", [{}, {"ignore_index": 2}, {"label_smoothing": 0.2}], ids=str)
def test_gradients_by_finite_differences(options):
    rng = np.random.default_rng(3)
    check_gradients(CrossEntropyLoss(**options), rng.standard_normal((3, 2, 4)), rng.integers(0, 4, (3, 2)))


def test_float32_is_kept_and_inputs_are_unchanged():
    logits = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    target = np.array([0, 1, 2, -100, 1])
    kept = logits.copy(), target.copy()
    loss = CrossEntropyLoss(label_smoothing=0.1)
    assert isinstance(loss(logits, target), float)
    assert loss.backward(2.0).dtype == np.float32
    assert np.array_equal(logits, kept[0]) and np.array_equal(target, kept[1])


@pytest.mark.parametrize(
    "logits, target, error, sentence",
    [
        (np.zeros((2, 3), int), np.zeros(2, int), TypeError, "logits has dtype int64"),
        (np.zeros((2, 3)), np.zeros(2), TypeError, "target has dtype float64, expected integers"),
        (np.zeros((2, 3)), [0, 1], TypeError, "target is a list"),
        (np.zeros((2, 3)), np.array([0, 3]), ValueError, "target holds 3, expected values from 0 to 2"),
        (np.zeros((2, 3)), np.array([-1, 0]), ValueError, "target holds -1"),
        (np.zeros((2, 3)), np.zeros((2, 3), int), ValueError, r"logits have shape \(2, 3\), target \(2, 3\)"),
        (np.zeros((2, 3, 4)), np.zeros((2, 4), int), ValueError, r"expected \(..., classes\) and \(...\)"),
    ],
)
def test_wrong_input_is_named(logits, target, error, sentence):
    with pytest.raises(error, match=f"CrossEntropyLoss: .*{sentence}"):
        CrossEntropyLoss()(logits, target)


def test_wrong_label_smoothing_is_named():
    with pytest.raises(ValueError, match=r"CrossEntropyLoss: label_smoothing is 1.5, expected 0 to 1"):
        CrossEntropyLoss(label_smoothing=1.5)
