"""Multi-head attention and its cache: heads, masks, cross-attention, decoding step by step, sentences."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import KVCache, MultiheadAttention
from dlcourse.numpy_nn.attention import attention_weights, scaled_dot_product_attention

B, T, S, E, H = 2, 4, 5, 6, 2  # head width 3


def _layer(**options):
    """A layer in float64 in which no parameter is zero."""
    layer = MultiheadAttention(E, H, rng=0, dtype=np.float64, **options)
    rng = np.random.default_rng(1)
    for p in layer.parameters():
        p.data[...] = rng.standard_normal(p.shape)
    return layer


def _inputs(t=T, s=S, dtype=np.float64):
    rng = np.random.default_rng(2)
    return [rng.standard_normal((B, length, E)).astype(dtype) for length in (t, s, s)]


def test_heads_are_separate_attentions_over_their_own_columns():
    layer, (query, key, value) = _layer(), _inputs()
    W, b = layer.in_proj_weight.data, layer.in_proj_bias.data
    heads, weights = [], []
    for h in range(H):
        columns = [slice(part * E + h * 3, part * E + h * 3 + 3) for part in range(3)]
        q, k, v = (x @ W[c].T + b[c] for x, c in zip((query, key, value), columns, strict=True))
        heads.append(scaled_dot_product_attention(q, k, v)[0])
        weights.append(attention_weights(q, k))
    expected = np.concatenate(heads, -1) @ layer.out_proj.weight.data.T + layer.out_proj.bias.data
    np.testing.assert_allclose(layer(query, key, value), expected)
    np.testing.assert_allclose(layer.attention_weights(query, key), np.stack(weights, 1))


def test_names_shapes_and_initial_weights():
    layer = MultiheadAttention(64, 4, rng=0)
    shapes = {name: p.shape for name, p in layer.named_parameters()}
    assert shapes == {
        "in_proj_weight": (192, 64),
        "in_proj_bias": (192,),
        "out_proj.weight": (64, 64),
        "out_proj.bias": (64,),
    }
    bound = np.sqrt(6 / (192 + 64))
    assert 0.95 * bound < np.abs(layer.in_proj_weight.data).max() <= bound
    assert not layer.in_proj_bias.data.any() and not layer.out_proj.bias.data.any()
    assert [name for name, _ in MultiheadAttention(4, 2, bias=False).named_parameters()] == [
        "in_proj_weight",
        "out_proj.weight",
    ]


@pytest.mark.parametrize("bias", [True, False])
def test_gradients_by_finite_differences(bias):
    check_gradients(MultiheadAttention(E, H, bias=bias, rng=0), *_inputs(3, 2))


def test_gradients_add_up_over_two_calls():
    layer, inputs, dy = _layer(), _inputs(), _inputs()[0]
    layer(*inputs)
    layer.backward(dy)
    once = [p.grad.copy() for p in layer.parameters()]
    layer(*inputs)
    layer.backward(dy)
    for p, grad in zip(layer.parameters(), once, strict=True):
        np.testing.assert_allclose(p.grad, 2 * grad)


def test_forms_of_a_mask_mean_the_same():
    layer, inputs = _layer(), _inputs()
    kept = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]], bool)
    whole = np.broadcast_to(kept[:, None, None, :], (B, H, T, S))
    expected = layer(*inputs, mask=whole)
    np.testing.assert_allclose(layer(*inputs, mask=kept[:, None, :]), expected)
    shorter = [x[:1, :3] for x in inputs[1:]]
    np.testing.assert_allclose(layer(inputs[0][:1], *shorter), expected[:1])
    one = np.random.default_rng(0).random((T, S)) < 0.5
    np.testing.assert_allclose(layer(*inputs, mask=one), layer(*inputs, mask=np.stack([one] * B)))
    weights = layer.attention_weights(*inputs[:2], mask=kept[:, None, :])
    assert not weights[0, ..., 3:].any() and weights[1, ..., 3].all()
    assert np.triu(layer.attention_weights(inputs[1], inputs[1], causal=True), 1).sum() == 0


def test_a_blind_query_gets_the_bias_and_sends_no_gradient():
    layer, inputs = _layer(), _inputs()
    mask = np.ones((B, T, S), bool)
    mask[0, 1] = False
    y = layer(*inputs, mask=mask)
    np.testing.assert_array_equal(y[0, 1], layer.out_proj.bias.data)
    dy = np.zeros_like(y)
    dy[0, 1] = 1
    assert not any(gradient.any() for gradient in layer.backward(dy))


@pytest.mark.parametrize("sizes", [[1] * S, [3, 1, 1], [2, 3]], ids=str)
def test_cached_steps_equal_the_full_causal_pass(sizes):
    layer, x = _layer().eval(), _inputs()[1]
    full, cache, parts = layer(x, x, x, causal=True), KVCache(), []
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        new = x[:, start : start + size]
        parts.append(layer(new, new, new, causal=True, cache=cache))
        assert cache.length == start + size
    np.testing.assert_allclose(np.concatenate(parts, 1), full, atol=1e-13)


def test_a_cached_memory_is_projected_once():
    layer, (query, memory, _) = _layer().eval(), _inputs()
    full, cache = layer(query, memory, memory), KVCache()
    first = layer(query[:, :1], memory, memory, cache=cache)
    others = layer(query[:, 1:], np.full_like(memory, np.nan), np.full_like(memory, np.nan), cache=cache)
    np.testing.assert_allclose(np.concatenate([first, others], 1), full, atol=1e-13)
    assert cache.length == 0  # positions of the memory are not steps of the decoder


def test_a_copied_cache_goes_its_own_way_and_rows_can_be_chosen():
    layer, x = _layer().eval(), _inputs()[1]

    def step(cache, new):
        return layer(new, new, new, causal=True, cache=cache)

    cache = KVCache()
    step(cache, x[:, :3])
    one, other, swapped = cache.copy(), cache.copy(), cache.select(np.array([1, 0, 1]))
    y = step(one, x[:, 3:4])
    step(other, x[:, 4:5])
    np.testing.assert_array_equal(step(cache.copy(), x[:, 3:4]), y)
    assert (cache.length, one.length, swapped.length) == (3, 4, 3)
    np.testing.assert_allclose(step(swapped, x[[1, 0, 1], 3:4]), y[[1, 0, 1]])


def test_dropout_only_in_training_and_repeatable():
    inputs = _inputs()
    layers = [MultiheadAttention(E, H, 0.5, rng=7, dtype=np.float64) for _ in range(2)]
    first, second = layers[0](*inputs), layers[0](*inputs)
    assert not np.allclose(first, second)
    np.testing.assert_array_equal(layers[1](*inputs), first)
    whole = MultiheadAttention(E, H, rng=7, dtype=np.float64)
    np.testing.assert_array_equal(layers[0].eval()(*inputs), whole(*inputs))


def test_float32_is_kept_and_inputs_are_unchanged():
    layer, inputs = MultiheadAttention(E, H, 0.2, rng=0), _inputs(dtype=np.float32)
    kept = [x.copy() for x in inputs]
    y = layer(*inputs, mask=np.ones((T, S), bool))
    gradients = layer.backward(y)
    assert all(x.dtype == np.float32 for x in (y, *gradients))
    assert [g.shape for g in gradients] == [x.shape for x in inputs]
    assert all(np.array_equal(x, before) for x, before in zip(inputs, kept, strict=True))


def test_wrong_arguments_and_input_are_named():
    with pytest.raises(ValueError, match="embed_dim 6 is not divisible by num_heads 4"):
        MultiheadAttention(6, 4)
    with pytest.raises(ValueError, match="embed_dim 6 is not divisible by num_heads 0"):
        MultiheadAttention(6, 0)
    with pytest.raises(ValueError, match=r"MultiheadAttention: p is 1\.5, expected a probability"):
        MultiheadAttention(6, 2, 1.5)
    layer, (query, key, value) = _layer(), _inputs()
    with pytest.raises(TypeError, match="MultiheadAttention: query has dtype int64"):
        layer(query.astype(int), key, value)
    with pytest.raises(ValueError, match=r"query has shape \(2, 4, 5\), expected \(B, T, 6\)"):
        layer(query[..., :5], key, value)
    with pytest.raises(ValueError, match=r"key has shape \(5, 6\), expected \(B, S, 6\)"):
        layer(query, key[0], value)
    with pytest.raises(ValueError, match=r"key \(2, 5, 6\), value \(2, 4, 6\) do not fit"):
        layer(query, key, value[:, :4])
    with pytest.raises(ValueError, match=r"query \(1, 4, 6\), key \(2, 5, 6\), value .* do not fit"):
        layer(query[:1], key, value)
    with pytest.raises(TypeError, match="mask is int64, expected a boolean array"):
        layer(query, key, value, mask=np.ones((T, S), int))
    with pytest.raises(
        ValueError, match=r"mask has shape \(2, 5\), expected one that broadcasts to \(2, 4, 5\)"
    ):
        layer(query, key, value, mask=np.ones((B, S), bool))
    with pytest.raises(
        ValueError, match=r"mask has shape \(2, 3, 4, 5\), expected one that .* \(2, 2, 4, 5\)"
    ):
        layer(query, key, value, mask=np.ones((B, 3, T, S), bool))
    with pytest.raises(ValueError, match=r"a cache is for decoding; call eval\(\) first"):
        layer(query, query, query, cache=KVCache())
