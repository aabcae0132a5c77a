"""Positions: the table by hand, rotation, learned rows, counting behind a cache, sentences."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import KVCache, PositionalEmbedding, PositionalEncoding
from dlcourse.numpy_nn.positional import sinusoidal_positions


def test_table_by_hand():
    table = sinusoidal_positions(3, 4)
    np.testing.assert_allclose(table[0], [0, 1, 0, 1])
    np.testing.assert_allclose(table[2], [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)])
    np.testing.assert_array_equal(sinusoidal_positions(3, 5)[1, 4], np.sin(10000**-0.8))


def test_a_shift_is_a_rotation_that_depends_on_the_distance_alone():
    d, k = 6, 3
    table = sinusoidal_positions(20, d).reshape(20, d // 2, 2)  # pairs (sin, cos)
    angle = k * 10000.0 ** (-np.arange(0, d, 2) / d)
    sin, cos = table[..., 0], table[..., 1]
    turned = np.stack(
        [sin * np.cos(angle) + cos * np.sin(angle), cos * np.cos(angle) - sin * np.sin(angle)], -1
    )
    np.testing.assert_allclose(table[k:], turned[:-k], atol=1e-14)


def test_encoding_adds_the_table_and_passes_the_gradient_on():
    layer = PositionalEncoding(4, max_len=6)
    x = np.ones((2, 5, 4))
    np.testing.assert_allclose(layer(x), 1 + np.stack([sinusoidal_positions(5, 4)] * 2))
    assert layer.backward(x) is x and layer.state_dict() == {}


def test_embedding_adds_its_rows_and_collects_their_gradient():
    layer = PositionalEmbedding(6, 4, rng=0, dtype=np.float64)
    x = np.ones((2, 3, 5, 4))
    np.testing.assert_allclose(layer(x)[1, 2], 1 + layer.weight.data[:5])
    layer.backward(2 * x)
    np.testing.assert_array_equal(layer.weight.grad, [[12] * 4] * 5 + [[0] * 4])
    layer.backward(x)
    np.testing.assert_array_equal(layer.weight.grad, [[18] * 4] * 5 + [[0] * 4])
    check_gradients(PositionalEmbedding(5, 3), np.random.default_rng(0).standard_normal((2, 4, 3)))


def test_initial_positions():
    data = PositionalEmbedding(200, 100, rng=0).weight.data
    assert data.dtype == np.float32 and data.std() == pytest.approx(0.02, rel=0.02)


@pytest.mark.parametrize("layer", [PositionalEncoding(4, 6), PositionalEmbedding(6, 4, rng=0)])
def test_counting_goes_on_behind_the_cache(layer):
    x = np.random.default_rng(0).standard_normal((2, 6, 4)).astype(np.float32)
    cache = KVCache()
    cache.length = 4
    np.testing.assert_array_equal(layer(x[:, 4:], cache=cache), layer(x)[:, 4:])
    with pytest.raises(ValueError, match="reaches 7 positions, but there are only max_len 6; shorten"):
        layer(x[:, 3:], cache=cache)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("PositionalEncoding", PositionalEncoding(4, 6)),
        ("PositionalEmbedding", PositionalEmbedding(6, 4, rng=0)),
    ],
)
def test_float32_is_kept_and_wrong_input_is_named(name, layer):
    x = np.ones((2, 3, 4), np.float32)
    assert layer(x).dtype == layer.backward(x).dtype == np.float32
    assert np.array_equal(x, np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=f"{name}: the sequence reaches 7 positions"):
        layer(np.ones((2, 7, 4)))
    with pytest.raises(ValueError, match=rf"{name}: x has shape \(2, 3, 5\), expected \(..., T, 4\)"):
        layer(np.ones((2, 3, 5)))
    with pytest.raises(TypeError, match=f"{name}: x has dtype int64"):
        layer(np.ones((2, 3, 4), int))
