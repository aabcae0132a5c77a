"""Attention maps of both backends, masked and by hand."""

import numpy as np

from dlcourse.backend import backend
from dlcourse.interpret import attention_maps

PAIR = ("numpy", "torch")


def two_layers(name):
    nn, rng = backend(name), np.random.default_rng(0)
    layers = [nn.TransformerEncoderLayer(8, 2, 12, rng=rng) for _ in range(2)]
    model = nn.TransformerEncoder(layers)
    return model.to(np.float64) if name == "numpy" else model.double()


TOKENS = np.random.default_rng(3).standard_normal((3, 5, 8))


def test_attention_maps_of_both_backends_agree():
    kept = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0]], bool)
    ours, theirs = (
        attention_maps(two_layers(name), TOKENS, mask=kept[:, None, :], causal=True) for name in PAIR
    )
    assert list(ours) == list(theirs) == ["layers.0.self_attn", "layers.1.self_attn"]
    for name, weights in ours.items():
        np.testing.assert_allclose(weights, theirs[name], atol=1e-12)
        assert weights.shape == (3, 2, 5, 5)
        assert not np.triu(weights, 1).any()
        assert not weights[1, :, :, 3:].any()
        np.testing.assert_allclose(weights.sum(-1)[:2], 1)
        assert not weights[2].any()


def test_attention_maps_explain_the_first_layer_by_hand():
    model = two_layers("numpy")
    state = model.state_dict()
    q, k = (
        (TOKENS @ state["layers.0.self_attn.in_proj_weight"][rows].T)[..., 4:]
        for rows in (slice(8), slice(8, 16))
    )
    scores = np.exp(q @ k.swapaxes(1, 2) / 2)  # head 1: columns 4 to 7, √4 = 2; the biases start at zero
    expected = scores / scores.sum(-1, keepdims=True)
    np.testing.assert_allclose(
        attention_maps(model, TOKENS)["layers.0.self_attn"][:, 1], expected, rtol=1e-10
    )
