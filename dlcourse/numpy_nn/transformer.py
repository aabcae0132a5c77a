"""The blocks of the transformer, and stacks of them."""

from collections.abc import Callable, Sequence

import numpy as np

from dlcourse.numpy_nn.activation import GELU, ReLU
from dlcourse.numpy_nn.dropout import Dropout
from dlcourse.numpy_nn.linear import Linear
from dlcourse.numpy_nn.module import Module
from dlcourse.numpy_nn.module import Sequential as Layers
from dlcourse.numpy_nn.multihead import MultiheadAttention
from dlcourse.numpy_nn.normalization import LayerNorm
from dlcourse.numpy_nn.validate import require_float, require_shape

ACTIVATIONS = {"relu": ReLU, "gelu": GELU}


def residual(x, branch: Callable, norm: Module, dropout: Module, norm_first: bool):
    """Post-norm: y = LN(x + branch(x));  pre-norm: y = x + branch(LN(x))  (eq-residual).

    Vaswani et al. 2017, §5.4; pre-norm: Xiong et al. 2020.
    """
    if norm_first:
        return x + dropout(branch(norm(x)))
    return norm(x + dropout(branch(x)))


def residual_backward(dy, branch_backward: Callable, norm: Module, dropout: Module, norm_first: bool):
    """The gradient arrives twice: around the branch, and through it."""
    if norm_first:
        return dy + norm.backward(branch_backward(dropout.backward(dy)))
    dsum = norm.backward(dy)
    return dsum + branch_backward(dropout.backward(dsum))


class TransformerEncoderLayer(Module):
    """Self-attention, then a two-layer network at every position, each with a residual  (eq-encoder-layer).

    FFN(x) = activation(x W₁ᵀ + b₁) W₂ᵀ + b₂, with ``dim_feedforward`` hidden units. Parameter names,
    places of dropout and defaults are those of ``torch.nn.TransformerEncoderLayer`` with batch_first.

    Called with x (B, T, d_model) and the ``mask`` (True = may look), ``causal`` and ``cache`` of
    ``MultiheadAttention``. A causal encoder layer is the block of GPT. ``norm_first=True`` is pre-norm: then
    a LayerNorm belongs behind the stack. Vaswani et al. 2017, §3.1; GELU: Hendrycks and Gimpel 2016.
    """

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
        dtype=np.float32,
    ):
        check_activation(activation)
        rng = np.random.default_rng(rng)
        self.d_model, self.norm_first = d_model, norm_first
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, rng=rng, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, rng=rng, dtype=dtype)
        self.activation = ACTIVATIONS[activation]()
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, dtype=dtype)
        self.dropout1, self.dropout2 = Dropout(dropout, rng=rng), Dropout(dropout, rng=rng)

    def forward(self, x: np.ndarray, mask=None, causal=False, cache=None) -> np.ndarray:
        check_tokens("TransformerEncoderLayer", "x", x, self.d_model)

        def attend(x):
            return self.self_attn(x, x, x, mask, causal, cache)

        x = residual(x, attend, self.norm1, self.dropout1, self.norm_first)
        return residual(x, self._feed_forward, self.norm2, self.dropout2, self.norm_first)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy = residual_backward(dy, self._feed_forward_backward, self.norm2, self.dropout2, self.norm_first)
        return residual_backward(dy, self._attend_backward, self.norm1, self.dropout1, self.norm_first)

    def _attend_backward(self, dy):
        return sum(self.self_attn.backward(dy))  # x was query, key and value at once

    def _feed_forward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _feed_forward_backward(self, dy):
        dy = self.dropout.backward(self.linear2.backward(dy))
        return self.linear1.backward(self.activation.backward(dy))


class TransformerDecoderLayer(TransformerEncoderLayer):
    """Self-attention over the target, cross-attention to the memory, feed-forward  (eq-decoder-layer).

    Called with tgt (B, T, d_model) and memory (B, S, d_model); ``mask`` and ``causal`` (True unless said
    otherwise) are for the self-attention, ``memory_mask`` (True = may look, broadcasts to (B, T, S)) for the
    memory. Returns y like tgt; backward returns dtgt and dmemory. Names as in ``torch.nn``.
    """

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
        dtype=np.float32,
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
            dtype=dtype,
        )
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, rng=rng, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, dtype=dtype)
        self.dropout3 = Dropout(dropout, rng=rng)

    def forward(self, tgt, memory, mask=None, causal=True, memory_mask=None, cache=None) -> np.ndarray:
        check_tokens("TransformerDecoderLayer", "tgt", tgt, self.d_model)

        def attend(x):
            return self.self_attn(x, x, x, mask, causal, cache)

        def attend_memory(x):
            return self.multihead_attn(x, memory, memory, memory_mask, cache=cache)

        x = residual(tgt, attend, self.norm1, self.dropout1, self.norm_first)
        x = residual(x, attend_memory, self.norm2, self.dropout2, self.norm_first)
        return residual(x, self._feed_forward, self.norm3, self.dropout3, self.norm_first)

    def backward(self, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        def attend_memory_backward(dy):
            nonlocal dmemory
            dx, dkey, dvalue = self.multihead_attn.backward(dy)
            dmemory = dkey + dvalue
            return dx

        dmemory = None
        dy = residual_backward(dy, self._feed_forward_backward, self.norm3, self.dropout3, self.norm_first)
        dy = residual_backward(dy, attend_memory_backward, self.norm2, self.dropout2, self.norm_first)
        dy = residual_backward(dy, self._attend_backward, self.norm1, self.dropout1, self.norm_first)
        return dy, dmemory


class TransformerEncoder(Module):
    """Encoder layers one after the other, and ``norm`` behind the last (for pre-norm layers: a LayerNorm).

    Takes the layers themselves, each with its own initial weights; ``torch.nn.TransformerEncoder`` copies
    one, so that all its layers start equal. The state has the same names. Called like one layer.
    """

    def __init__(self, layers: Sequence[TransformerEncoderLayer], norm: Module | None = None):
        self.layers, self.norm = Layers(*layers), norm

    def forward(self, x: np.ndarray, mask=None, causal=False, cache=None) -> np.ndarray:
        for layer in self.layers.layers:
            x = layer(x, mask, causal, cache)
        return x if self.norm is None else self.norm(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy = dy if self.norm is None else self.norm.backward(dy)
        return self.layers.backward(dy)


class TransformerDecoder(Module):
    """Decoder layers one after the other, all with the same memory; see ``TransformerEncoder``."""

    def __init__(self, layers: Sequence[TransformerDecoderLayer], norm: Module | None = None):
        self.layers, self.norm = Layers(*layers), norm

    def forward(self, tgt, memory, mask=None, causal=True, memory_mask=None, cache=None) -> np.ndarray:
        for layer in self.layers.layers:
            tgt = layer(tgt, memory, mask, causal, memory_mask, cache)
        return tgt if self.norm is None else self.norm(tgt)

    def backward(self, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dy = dy if self.norm is None else self.norm.backward(dy)
        dmemory = 0
        for layer in reversed(self.layers.layers):
            dy, dlayer = layer.backward(dy)
            dmemory = dmemory + dlayer
        return dy, dmemory


def check_activation(activation: str) -> None:
    """Raise ``ValueError`` for an activation other than relu and gelu."""
    if activation not in ACTIVATIONS:
        raise ValueError(f"TransformerEncoderLayer: activation {activation!r}, expected 'relu' or 'gelu'")


def check_tokens(layer: str, name: str, x, d_model: int) -> None:
    """Raise a sentence unless x is a float array (B, T, d_model)."""
    require_float(layer, x, name)
    require_shape(layer, x, ("B", "T", d_model), name)
