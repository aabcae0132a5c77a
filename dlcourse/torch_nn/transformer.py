"""The blocks of the transformer, and stacks of them."""

from collections.abc import Sequence

import numpy as np
import torch

from dlcourse.numpy_nn.transformer import check_activation, residual
from dlcourse.torch_nn.linear import Linear
from dlcourse.torch_nn.multihead import MultiheadAttention

ACTIVATIONS = {"relu": torch.nn.ReLU, "gelu": torch.nn.GELU}


class TransformerEncoderLayer(torch.nn.Module):
    """``numpy_nn.TransformerEncoderLayer`` on PyTorch, with the state of the one in ``torch.nn``."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        *,
        rng=None,
        **factory,
    ):
        super().__init__()
        check_activation(activation)
        rng = np.random.default_rng(rng)
        self.d_model, self.norm_first = d_model, norm_first
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, rng=rng, **factory)
        self.linear1 = Linear(d_model, dim_feedforward, rng=rng, **factory)
        self.activation = ACTIVATIONS[activation]()
        self.dropout = torch.nn.Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, rng=rng, **factory)
        self.norm1 = torch.nn.LayerNorm(d_model, layer_norm_eps, **factory)
        self.norm2 = torch.nn.LayerNorm(d_model, layer_norm_eps, **factory)
        self.dropout1, self.dropout2 = torch.nn.Dropout(dropout), torch.nn.Dropout(dropout)

    def forward(self, x, mask=None, causal=False, cache=None):
        def attend(x):
            return self.self_attn(x, x, x, mask, causal, cache)

        x = residual(x, attend, self.norm1, self.dropout1, self.norm_first)
        return residual(x, self._feed_forward, self.norm2, self.dropout2, self.norm_first)

    def _feed_forward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerDecoderLayer(TransformerEncoderLayer):
    """``numpy_nn.TransformerDecoderLayer`` on PyTorch, with the state of the one in ``torch.nn``."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        *,
        rng=None,
        **factory,
    ):
        rng = np.random.default_rng(rng)
        super().__init__(
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            norm_first,
            rng=rng,
            **factory,
        )
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, rng=rng, **factory)
        self.norm3 = torch.nn.LayerNorm(d_model, layer_norm_eps, **factory)
        self.dropout3 = torch.nn.Dropout(dropout)

    def forward(self, tgt, memory, mask=None, causal=True, memory_mask=None, cache=None):
        def attend(x):
            return self.self_attn(x, x, x, mask, causal, cache)

        def attend_memory(x):
            return self.multihead_attn(x, memory, memory, memory_mask, cache=cache)

        x = residual(tgt, attend, self.norm1, self.dropout1, self.norm_first)
        x = residual(x, attend_memory, self.norm2, self.dropout2, self.norm_first)
        return residual(x, self._feed_forward, self.norm3, self.dropout3, self.norm_first)


class TransformerEncoder(torch.nn.Module):
    """``numpy_nn.TransformerEncoder`` on PyTorch: takes the layers themselves, each with its own weights."""

    def __init__(self, layers: Sequence[TransformerEncoderLayer], norm: torch.nn.Module | None = None):
        super().__init__()
        self.layers, self.norm = torch.nn.ModuleList(layers), norm

    def forward(self, x, mask=None, causal=False, cache=None):
        for layer in self.layers:
            x = layer(x, mask, causal, cache)
        return x if self.norm is None else self.norm(x)


class TransformerDecoder(torch.nn.Module):
    """``numpy_nn.TransformerDecoder`` on PyTorch."""

    def __init__(self, layers: Sequence[TransformerDecoderLayer], norm: torch.nn.Module | None = None):
        super().__init__()
        self.layers, self.norm = torch.nn.ModuleList(layers), norm

    def forward(self, tgt, memory, mask=None, causal=True, memory_mask=None, cache=None):
        for layer in self.layers:
            tgt = layer(tgt, memory, mask, causal, memory_mask, cache)
        return tgt if self.norm is None else self.norm(tgt)
