"""Dropout: what is kept grows, the mean stays; one mask for all steps when variational."""

import numpy as np
import pytest

from dlcourse.numpy_nn import Dropout, Sequential, VariationalDropout


def test_numbers_are_dropped_or_grow():
    y = Dropout(0.2, rng=0)(np.full((200, 100), 4.0))
    assert set(np.unique(y)) == {0.0, 5.0}
    assert abs((y == 0).mean() - 0.2) < 0.01  # 3.5 standard deviations


def test_backward_uses_the_mask_of_forward():
    dropout = Dropout(0.5, rng=0)
    x = np.random.default_rng(1).standard_normal((6, 7))
    y = dropout(x)
    np.testing.assert_array_equal(dropout.backward(x), y)


def test_each_call_draws_a_new_mask_and_a_seed_repeats_them():
    x = np.ones((5, 40))
    one, two = Dropout(0.5, rng=3), Dropout(0.5, rng=3)
    first, second = one(x), one(x)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, two(x)) and np.array_equal(second, two(x))


def test_float32_sees_the_mask_of_float64():
    wide, narrow = (Dropout(0.3, rng=5)(np.ones((8, 9), dtype)) for dtype in (np.float64, np.float32))
    assert narrow.dtype == np.float32 and np.array_equal(wide == 0, narrow == 0)


def test_evaluation_is_the_identity():
    model = Sequential(Dropout(0.9, rng=0)).eval()
    x = np.ones((3, 4))
    assert np.array_equal(model(x), x) and np.array_equal(model.backward(x), x)


@pytest.mark.parametrize("p, value", [(0, 1), (1, 0)])
def test_probability_zero_keeps_and_one_drops_everything(p, value):
    dropout = Dropout(p, rng=0)
    x = np.ones((3, 4))
    assert (dropout(x) == value).all() and (dropout.backward(x) == value).all()


@pytest.mark.parametrize("axis", [0, 1, -2])
def test_variational_mask_is_the_same_at_every_step(axis):
    x = np.ones((4, 5, 60))
    y = np.moveaxis(VariationalDropout(0.5, axis, rng=0)(x), axis, 0)
    assert (y == y[0]).all()
    assert 0.3 < (y[0] == 0).mean() < 0.7 and not (y[0] == y[0][:1]).all()


def test_wrong_arguments_and_input_are_named():
    with pytest.raises(ValueError, match=r"Dropout: p is 1.5, expected a probability from 0 to 1"):
        Dropout(1.5)
    with pytest.raises(ValueError, match="VariationalDropout: p is -1"):
        VariationalDropout(-1)
    with pytest.raises(ValueError, match=r"VariationalDropout: x has shape \(3,\), expected a time axis 1"):
        VariationalDropout(0.5)(np.ones(3))
    with pytest.raises(TypeError, match="Dropout: x has dtype int64"):
        Dropout(0.5)(np.ones((2, 2), int))
