"""The transformer's blocks: order of norm and residual, dropout, step by step decoding, sentences."""

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import (
    KVCache,
    LayerNorm,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

B, T, S, E, H, FF = 2, 4, 3, 6, 2, 5


def _arrays(*lengths, dtype=np.float64):
    rng = np.random.default_rng(0)
    return [rng.standard_normal((B, length, E)).astype(dtype) for length in lengths]


def _random_state(layer):
    rng = np.random.default_rng(1)
    for p in layer.parameters():
        p.data[...] = rng.uniform(0.2, 0.8, p.shape) * rng.choice([-1.0, 1.0], p.shape)
    return layer.to(np.float64)


def _by_hand(layer, x, norm_first):
    """The two formulas, written out with the layer's parts."""
    attn, norm1, norm2 = layer.self_attn, layer.norm1, layer.norm2

    def ffn(x):
        return layer.linear2(layer.activation(layer.linear1(x)))

    if norm_first:
        n = norm1(x)
        x = x + attn(n, n, n)
        return x + ffn(norm2(x))
    x = norm1(x + attn(x, x, x))
    return norm2(x + ffn(x))


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_layer_is_its_formula(norm_first, activation):
    layer = _random_state(TransformerEncoderLayer(E, H, FF, 0.0, activation, norm_first=norm_first))
    (x,) = _arrays(T)
    np.testing.assert_allclose(layer(x), _by_hand(layer, x, norm_first))
    if norm_first:
        assert np.abs(layer(x).mean(-1)).max() > 0.01
    else:  # what leaves a post-norm layer is normalised
        y = (layer(x) - layer.norm2.bias.data) / layer.norm2.weight.data
        np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)


@pytest.mark.parametrize("norm_first", [False, True])
def test_gradients_by_finite_differences(norm_first):
    x, memory = _arrays(3, 2)
    check_gradients(
        TransformerEncoderLayer(E, H, FF, 0.0, "gelu", norm_first=norm_first, rng=0), x, tolerance=1e-6
    )
    check_gradients(
        TransformerDecoderLayer(E, H, FF, 0.0, "gelu", norm_first=norm_first, rng=0),
        x,
        memory,
        tolerance=1e-6,
    )


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("kind", [TransformerEncoderLayer, TransformerDecoderLayer])
def test_gradient_through_the_drawn_dropout(kind, norm_first):
    """Every forward pass starts from the same draws, so the loss is a smooth function of the inputs."""
    layer = kind(E, H, FF, 0.3, "gelu", norm_first=norm_first, rng=0, dtype=np.float64)
    inputs = _arrays(T) if kind is TransformerEncoderLayer else _arrays(T, S)
    dy, state = np.flip(inputs[0]), layer.self_attn._rng.bit_generator.state

    def loss(step):
        layer.self_attn._rng.bit_generator.state = state
        return (layer(*(x + step * d for x, d in zip(inputs, directions, strict=True))) * dy).sum()

    rng = np.random.default_rng(5)
    directions = [rng.standard_normal(x.shape) for x in inputs]
    loss(0)
    gradients = layer.backward(dy)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    found = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True))
    assert found == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6)


def test_dropout_is_silent_in_eval_and_repeatable_in_training():
    (x,) = _arrays(T)
    layer, again = (TransformerEncoderLayer(E, H, FF, 0.5, rng=3, dtype=np.float64) for _ in range(2))
    first = layer(x)
    assert not np.allclose(layer(x), first)
    np.testing.assert_array_equal(again(x), first)
    without = TransformerEncoderLayer(E, H, FF, 0.0, rng=3, dtype=np.float64)
    np.testing.assert_array_equal(layer.eval()(x), without(x))


def test_number_of_parameters():
    d, dff = 16, 40
    block = 4 * d * d + 4 * d + 2 * d * dff + dff + d + 4 * d
    assert sum(p.size for p in TransformerEncoderLayer(d, 4, dff).parameters()) == block
    cross = 4 * d * d + 4 * d + 2 * d
    assert sum(p.size for p in TransformerDecoderLayer(d, 4, dff).parameters()) == block + cross


def test_a_decoder_is_causal_unless_told_otherwise():
    layer = _random_state(TransformerDecoderLayer(E, H, FF, 0.0))
    tgt, memory = _arrays(T, S)
    changed = tgt.copy()
    changed[:, -1] += 1
    np.testing.assert_array_equal(layer(changed, memory)[:, :-1], layer(tgt, memory)[:, :-1])
    assert not np.allclose(layer(changed, memory, causal=False)[:, 0], layer(tgt, memory, causal=False)[:, 0])


def test_layers_of_a_stack_have_their_own_weights_and_torch_names():
    rng = np.random.default_rng(0)
    stack = TransformerEncoder([TransformerEncoderLayer(E, H, FF, rng=rng) for _ in range(2)], LayerNorm(E))
    state = stack.state_dict()
    assert not np.allclose(state["layers.0.linear1.weight"], state["layers.1.linear1.weight"])
    assert {"layers.1.self_attn.in_proj_weight", "layers.0.norm2.bias", "norm.weight"} <= set(state)
    one = TransformerEncoder([TransformerEncoderLayer(E, H, FF)])
    assert "norm.weight" not in one.state_dict()


def _models(norm_first):
    norm = LayerNorm(E) if norm_first else None
    kind = {"dropout": 0.2, "norm_first": norm_first}
    encoder = TransformerEncoder([TransformerEncoderLayer(E, H, FF, **kind) for _ in range(2)], norm)
    decoder = TransformerDecoder([TransformerDecoderLayer(E, H, FF, **kind) for _ in range(2)], norm)
    return _random_state(encoder).eval(), _random_state(decoder).eval()


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("first", [1, 2])
def test_decoding_with_a_cache_equals_the_full_pass(norm_first, first):
    encoder, decoder = _models(norm_first)
    x, memory = _arrays(T, S)
    memory_mask = np.array([[[True, True, False]], [[True, True, True]]])
    calls = {
        encoder: lambda x, **kw: encoder(x, causal=True, **kw),
        decoder: lambda x, **kw: decoder(x, memory, memory_mask=memory_mask, **kw),
    }
    for call in calls.values():
        cache = KVCache()
        parts = [call(x[:, :first], cache=cache)]
        parts += [call(x[:, t : t + 1], cache=cache) for t in range(first, T)]
        np.testing.assert_allclose(np.concatenate(parts, 1), call(x), atol=1e-12)
        assert cache.length == T


def test_cached_decoding_projects_the_memory_once():
    decoder = _models(False)[1]
    x, memory = _arrays(T, S)
    full, cache = decoder(x, memory), KVCache()
    decoder(x[:, :1], memory, cache=cache)
    rest = decoder(x[:, 1:], np.full_like(memory, np.nan), cache=cache)
    np.testing.assert_allclose(rest, full[:, 1:], atol=1e-12)


@pytest.mark.parametrize("norm_first", [False, True])
def test_float32_is_kept_and_inputs_are_unchanged(norm_first):
    x, memory = _arrays(T, S, dtype=np.float32)
    kept = x.copy(), memory.copy()
    encoder = TransformerEncoderLayer(E, H, FF, norm_first=norm_first, rng=0)
    decoder = TransformerDecoderLayer(E, H, FF, norm_first=norm_first, rng=0)
    y, z = encoder(x), decoder(x, memory)
    gradients = (encoder.backward(y), *decoder.backward(z))
    assert all(a.dtype == np.float32 for a in (y, z, *gradients))
    assert all(p.grad.dtype == np.float32 and p.grad.any() for p in decoder.parameters())
    assert np.array_equal(x, kept[0]) and np.array_equal(memory, kept[1])


def test_wrong_arguments_and_input_are_named():
    with pytest.raises(ValueError, match="activation 'swish', expected 'relu' or 'gelu'"):
        TransformerEncoderLayer(E, H, activation="swish")
    with pytest.raises(ValueError, match="embed_dim 6 is not divisible by num_heads 4"):
        TransformerDecoderLayer(E, 4)
    encoder, decoder = TransformerEncoderLayer(E, H, FF), TransformerDecoderLayer(E, H, FF)
    x, memory = _arrays(T, S)
    with pytest.raises(
        ValueError, match=r"TransformerEncoderLayer: x has shape \(2, 4, 5\), expected \(B, T, 6\)"
    ):
        encoder(x[..., :5])
    with pytest.raises(TypeError, match="TransformerEncoderLayer: x has dtype int64"):
        encoder(x.astype(int))
    with pytest.raises(
        ValueError, match=r"TransformerDecoderLayer: tgt has shape \(4, 6\), expected \(B, T, 6\)"
    ):
        decoder(x[0], memory)
    with pytest.raises(ValueError, match=r"key has shape \(2, 3, 5\)"):
        decoder(x, memory[..., :5])
