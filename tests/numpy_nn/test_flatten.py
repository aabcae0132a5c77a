"""Flatten: the order of the axes, and back."""

import numpy as np
import pytest

from dlcourse.numpy_nn import Flatten


@pytest.mark.parametrize("channels_last", [False, True])
def test_channels_are_outermost_whatever_the_memory_layout(channels_last):
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    if channels_last:
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    flatten = Flatten()
    y = flatten(x)
    assert y.tolist() == np.arange(24.0).reshape(2, 12).tolist()
    assert np.array_equal(flatten.backward(y), x)


def test_a_single_axis_is_refused():
    with pytest.raises(ValueError, match=r"Flatten: x has shape \(3,\), expected a batch axis"):
        Flatten()(np.zeros(3))
