"""torch_nn's attention and transformer beside PyTorch's own: state, outputs, masks, cache, dropout."""

import numpy as np
import pytest
import torch

from dlcourse import numpy_nn, torch_nn
from dlcourse.torch_nn.attention import attention_weights, scaled_dot_product_attention

B, T, S, E, H, FF = 2, 4, 5, 12, 3, 10


def _tensors(*lengths):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(B, n, E, dtype=torch.float64, generator=generator) for n in lengths]


def _randomise(module):
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn(p.shape, generator=generator))
    return module.double()


def _close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


def test_multihead_attention_takes_the_state_of_torch_and_its_masks_inverted():
    stock = _randomise(torch.nn.MultiheadAttention(E, H, batch_first=True))
    ours = torch_nn.MultiheadAttention(E, H).double()
    ours.load_state_dict(stock.state_dict())
    query, key, value = _tensors(T, S, S)
    kept = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]], dtype=torch.bool)
    allowed = torch.rand(T, S) < 0.6
    allowed[:, 0] = True
    expected, weights = stock(
        query, key, value, key_padding_mask=~kept, attn_mask=~allowed, average_attn_weights=False
    )
    mask = kept[:, None, :] & allowed
    _close(ours(query, key, value, mask=mask), expected)
    _close(ours.attention_weights(query, key, mask=mask), weights)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_layers_take_the_state_of_torch(norm_first, activation):
    arguments = (E, H, FF, 0.0, activation)
    x, memory = _tensors(T, S)
    past = torch.nn.Transformer.generate_square_subsequent_mask(T, dtype=torch.float64)

    def stock(kind):
        return _randomise(kind(*arguments, batch_first=True, norm_first=norm_first))

    theirs = stock(torch.nn.TransformerEncoderLayer)
    ours = torch_nn.TransformerEncoderLayer(*arguments, norm_first=norm_first).double()
    ours.load_state_dict(theirs.state_dict())
    _close(ours(x, causal=True), theirs(x, past))

    theirs = stock(torch.nn.TransformerDecoderLayer)
    ours = torch_nn.TransformerDecoderLayer(*arguments, norm_first=norm_first).double()
    ours.load_state_dict(theirs.state_dict())
    keys = torch.rand(B, S) < 0.7
    keys[:, 1] = True
    expected = theirs(x, memory, past, memory_key_padding_mask=~keys)
    _close(ours(x, memory, memory_mask=keys[:, None, :]), expected)


BUILDERS = {
    "MultiheadAttention": lambda nn, rng: nn.MultiheadAttention(E, H, rng=rng),
    "PositionalEmbedding": lambda nn, rng: nn.PositionalEmbedding(7, E, rng=rng),
    "TransformerEncoderLayer": lambda nn, rng: nn.TransformerEncoderLayer(E, H, FF, rng=rng),
    "TransformerDecoderLayer": lambda nn, rng: nn.TransformerDecoderLayer(E, H, FF, rng=rng),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_both_backends_start_from_the_same_weights(name):
    ours, theirs = (BUILDERS[name](nn, 5).state_dict() for nn in (numpy_nn, torch_nn))
    assert list(ours) == list(theirs)
    for key, value in ours.items():
        np.testing.assert_array_equal(value, theirs[key].numpy())


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
@pytest.mark.parametrize("nn", [numpy_nn, torch_nn], ids=["numpy", "torch"])
def test_a_language_model_decodes_with_a_cache_in_both_backends(nn, kind):
    """Positions, two layers and a norm, five positions read as 2 + 1 + 1 + 1."""
    rng = np.random.default_rng(0)
    layer, stack = {
        "encoder": (nn.TransformerEncoderLayer, nn.TransformerEncoder),
        "decoder": (nn.TransformerDecoderLayer, nn.TransformerDecoder),
    }[kind]
    model = stack([layer(E, H, FF, 0.1, norm_first=True, rng=rng) for _ in range(2)], nn.LayerNorm(E)).eval()
    positions = nn.PositionalEmbedding(5, E, rng=rng), nn.PositionalEncoding(E, 5)
    arrays = [rng.standard_normal((B, n, E)).astype(np.float32) for n in (5, S)]
    x, memory = arrays if nn is numpy_nn else map(torch.from_numpy, arrays)

    def run(x, cache=None):
        for position in positions:
            x = position(x, cache=cache)
        inputs = (x,) if kind == "encoder" else (x, memory)
        return np.asarray(model(*inputs, causal=True, cache=cache))

    with torch.no_grad():
        full, cache = run(x), nn.KVCache()
        steps = [run(x[:, a:b], cache) for a, b in ((0, 2), (2, 3), (3, 4), (4, 5))]
    np.testing.assert_allclose(np.concatenate(steps, 1), full, atol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
def test_a_row_that_sees_nothing_is_zero_with_gradient_zero(causal):
    q, k, v = (x.requires_grad_() for x in _tensors(T, T, T))
    mask = torch.ones(B, T, T, dtype=torch.bool)
    mask[0, 0] = mask[1] = False
    o = scaled_dot_product_attention(q, k, v, mask, causal)
    o.sum().backward()
    for blind in (o[0, 0], o[1], q.grad[0, 0], q.grad[1], k.grad[1], v.grad[1]):
        assert not blind.any()
    assert all(x.grad.isfinite().all() for x in (q, k, v)) and q.grad[0, 1].any()
    assert not attention_weights(q, k, mask, causal)[1].any()


def test_dropout_acts_on_the_weights_in_training_only():
    torch.manual_seed(0)
    layer = torch_nn.MultiheadAttention(E, H, dropout=0.5, rng=0).double()
    x = _tensors(T)[0]
    assert not torch.equal(layer(x, x, x), layer(x, x, x))
    layer.eval()
    _close(layer(x, x, x), layer(x, x, x))


def test_wrong_arguments_and_input_are_named():
    with pytest.raises(ValueError, match="embed_dim 12 is not divisible by num_heads 5"):
        torch_nn.MultiheadAttention(E, 5)
    with pytest.raises(ValueError, match="activation 'swish', expected 'relu' or 'gelu'"):
        torch_nn.TransformerEncoderLayer(E, H, activation="swish")
    layer, (x,) = torch_nn.MultiheadAttention(E, H).double(), _tensors(T)
    with pytest.raises(
        TypeError, match=r"mask is torch\.float64, expected a boolean tensor in which True means"
    ):
        layer(x, x, x, mask=torch.zeros(T, T, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"a cache is for decoding; call eval\(\) first"):
        layer(x, x, x, cache=torch_nn.KVCache())
    with pytest.raises(
        ValueError, match=r"PositionalEncoding: the sequence reaches 4 positions, .* max_len 3"
    ):
        torch_nn.PositionalEncoding(E, 3)(x)
