"""Multi-head attention."""

import numpy as np
import torch
import torch.nn.functional as F

from dlcourse.numpy_nn.init import glorot_uniform
from dlcourse.numpy_nn.multihead import check_heads
from dlcourse.torch_nn.attention import attention_weights, scaled_dot_product_attention
from dlcourse.torch_nn.linear import Linear


class MultiheadAttention(torch.nn.Module):
    """``numpy_nn.MultiheadAttention`` on PyTorch: same arguments, call, mask convention and initial weights.

    Not ``torch.nn.MultiheadAttention``, whose masks mean the opposite, but with its parameters: a
    ``state_dict`` goes from one to the other. Dropout draws from PyTorch's own generator.
    """

    batch_first = True

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, *, rng=None, **factory
    ):
        super().__init__()
        check_heads(embed_dim, num_heads, dropout)
        rng = np.random.default_rng(rng)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.in_proj_weight = torch.nn.Parameter(torch.empty(3 * embed_dim, embed_dim, **factory))
        with torch.no_grad():
            weight = glorot_uniform(rng, (3 * embed_dim, embed_dim), np.float64)
            self.in_proj_weight.copy_(torch.from_numpy(weight))
        self.in_proj_bias = torch.nn.Parameter(torch.zeros(3 * embed_dim, **factory)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, **factory)
        if bias:
            torch.nn.init.zeros_(self.out_proj.bias)

    def forward(self, query, key, value, mask=None, causal=False, cache=None):
        if cache is not None and self.training:
            raise ValueError("MultiheadAttention: a cache is for decoding; call eval() first")
        if cache is not None and key is not query:
            q = self._project(0, query)
            k, v = cache.once(self, lambda: (self._project(1, key), self._project(2, value)))
        elif query is key is value:  # one large product keeps a GPU busier than three
            projected = F.linear(query, self.in_proj_weight, self.in_proj_bias)
            q, k, v = (self._split_heads(x) for x in projected.chunk(3, -1))
        else:
            q, k, v = (self._project(part, x) for part, x in enumerate((query, key, value)))
        if cache is not None and key is query:
            k, v = cache.extend(self, k, v, torch.cat)
        dropout = self.dropout if self.training else 0.0
        o = scaled_dot_product_attention(q, k, v, _mask_of_heads(mask), causal, dropout=dropout)
        return self.out_proj(o.transpose(1, 2).flatten(2))

    def attention_weights(self, query, key, mask=None, causal=False):
        """The weights of every head, (B, h, T, S), without dropout: for pictures, not for training."""
        return attention_weights(self._project(0, query), self._project(1, key), _mask_of_heads(mask), causal)

    def _project(self, part: int, x):
        rows = slice(part * self.embed_dim, (part + 1) * self.embed_dim)
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        return self._split_heads(F.linear(x, self.in_proj_weight[rows], bias))

    def _split_heads(self, x):
        """(B, T, E) -> (B, h, T, E/h)."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


def _mask_of_heads(mask):
    """A mask of three axes (B, T, S) means every head: (B, 1, T, S)."""
    return mask if mask is None or mask.ndim != 3 else mask[:, None]
