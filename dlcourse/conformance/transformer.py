"""Cases of the transformer's blocks: post- and pre-norm, both activations, masks, memory, stacks."""

import numpy as np

from dlcourse.conformance.compare import Case

B, T, S, E, H, FF = 2, 5, 7, 12, 3, 10


def _encoder_layer(**options):
    return lambda nn, rng: nn.TransformerEncoderLayer(E, H, FF, dropout=0.0, rng=rng, **options)


def _decoder_layer(**options):
    return lambda nn, rng: nn.TransformerDecoderLayer(E, H, FF, dropout=0.0, rng=rng, **options)


def _encoder(nn, rng):
    layers = [nn.TransformerEncoderLayer(E, H, FF, 0.0, "gelu", norm_first=True, rng=rng) for _ in range(2)]
    return nn.TransformerEncoder(layers, nn.LayerNorm(E))


def _decoder(nn, rng):
    layers = [nn.TransformerDecoderLayer(E, H, FF, 0.0, norm_first=True, rng=rng) for _ in range(2)]
    return nn.TransformerDecoder(layers, nn.LayerNorm(E))


def _post_norm_decoder(nn, rng):
    return nn.TransformerDecoder([nn.TransformerDecoderLayer(E, H, FF, 0.0, rng=rng) for _ in range(2)])


def _x(rng) -> tuple:
    return (rng.standard_normal((B, T, E)),)


def _target_and_memory(rng) -> tuple:
    return rng.standard_normal((B, T, E)), rng.standard_normal((B, S, E))


def _padding(length: int, kept: tuple):
    return (np.arange(length) < np.array(kept)[:, None])[:, None, :]


def _causal_and_padding(rng) -> dict:
    """The padding stands in front, so the first queries of entry 1 see nothing."""
    return {"causal": True, "mask": _padding(T, (5, 3))[..., ::-1].copy()}


def _memory_mask(rng) -> dict:
    """Entry 1 has no memory at all."""
    return {"memory_mask": _padding(S, (4, 0))}


def _all_masks(rng) -> dict:
    return {"mask": rng.random((T, T)) < 0.7, "causal": False, "memory_mask": rng.random((B, T, S)) < 0.5}


CASES = [
    Case("TransformerEncoderLayer, post-norm, ReLU", _encoder_layer(), _x),
    Case("TransformerEncoderLayer, pre-norm, GELU", _encoder_layer(norm_first=True, activation="gelu"), _x),
    Case("TransformerEncoderLayer, causal and padding", _encoder_layer(), _x, _causal_and_padding),
    Case("TransformerEncoderLayer, large ε", _encoder_layer(layer_norm_eps=0.1), _x),
    Case("TransformerDecoderLayer, post-norm, GELU", _decoder_layer(activation="gelu"), _target_and_memory),
    Case("TransformerDecoderLayer, pre-norm, ReLU", _decoder_layer(norm_first=True), _target_and_memory),
    Case("TransformerDecoderLayer, memory mask", _decoder_layer(), _target_and_memory, _memory_mask),
    Case("TransformerDecoderLayer, all masks", _decoder_layer(), _target_and_memory, _all_masks),
    Case("TransformerEncoder, two layers and norm", _encoder, _x, _causal_and_padding),
    Case("TransformerDecoder, two layers and norm", _decoder, _target_and_memory, _memory_mask),
    Case("TransformerDecoder, two layers, post-norm", _post_norm_decoder, _target_and_memory),
]
