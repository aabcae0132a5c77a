"""Embedding: rows by number, repeated ids add up, the padding row stays."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import Embedding


def test_rows_are_looked_up():
    layer = Embedding(3, 2, rng=0)
    layer.weight.data[...] = [[1, 2], [3, 4], [5, 6]]
    assert layer(np.array([[2, 0]])).tolist() == [[[5, 6], [1, 2]]]


def test_gradients_of_repeated_ids_add_up_over_calls_too():
    layer = Embedding(3, 2, rng=0)
    de = np.array([[1.0, 2.0], [10.0, 20.0], [5.0, 5.0]], np.float32)
    for _ in range(2):
        layer(np.array([2, 2, 0]))
        assert layer.backward(de) is None
    assert layer.weight.grad.tolist() == [[10, 10], [0, 0], [22, 44]]


def test_the_padding_row_starts_at_zero_and_gets_no_gradient():
    layer = Embedding(4, 3, padding_idx=1, rng=0)
    assert not layer.weight.data[1].any() and layer.weight.data[[0, 2, 3]].all()
    layer(np.array([1, 3]))
    layer.backward(np.ones((2, 3), np.float32))
    assert layer.weight.grad.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 1, 1]]


def test_gradients_by_finite_differences():
    check_gradients(Embedding(4, 3, rng=0), np.array([[1, 0, 1], [3, 3, 1]]))


def test_weights_start_standard_normal():
    weight = Embedding(300, 200, rng=0).weight.data
    assert weight.dtype == np.float32
    assert abs(weight.mean()) < 0.02 and abs(weight.std() - 1) < 0.02


def test_wrong_arguments_and_ids_are_named():
    with pytest.raises(ValueError, match="Embedding: num_embeddings is 0"):
        Embedding(0, 3)
    with pytest.raises(ValueError, match="Embedding: padding_idx is 4, expected 0 to 3"):
        Embedding(4, 3, padding_idx=4)
    layer = Embedding(4, 3, rng=0)
    with pytest.raises(ValueError, match="Embedding: ids holds 4, expected values from 0 to 3"):
        layer(np.array([0, 4]))
    with pytest.raises(ValueError, match="Embedding: ids holds -1"):
        layer(np.array([-1]))
    with pytest.raises(TypeError, match="Embedding: ids has dtype float64, expected integers"):
        layer(np.array([1.0]))
    with pytest.raises(TypeError, match="Embedding: ids is a list"):
        layer([1])
