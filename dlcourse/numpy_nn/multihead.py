"""Multi-head attention."""

import numpy as np

from dlcourse.numpy_nn.attention import (
    attention_weights,
    scaled_dot_product_attention,
    scaled_dot_product_attention_backward,
    spread_mask,
)
from dlcourse.numpy_nn.dropout import require_probability
from dlcourse.numpy_nn.init import glorot_uniform
from dlcourse.numpy_nn.linear import Linear, linear, linear_backward
from dlcourse.numpy_nn.module import Module, Parameter
from dlcourse.numpy_nn.validate import require_float, require_shape


class MultiheadAttention(Module):
    """h attentions side by side, each on its own E/h columns of the projections  (eq-multihead).

    head_i = attention(Q W_iᵠᵀ + b, K W_iᵏᵀ + b, V W_iᵛᵀ + b);  y = [head_1 ... head_h] W_Oᵀ + b_O.

    Parameters have the names and shapes of ``torch.nn.MultiheadAttention``: in_proj_weight (3E, E) holds
    the projections of query, key and value one below the other. Other than there, the batch comes first,
    and a mask means True = may look (PyTorch: blocked).

    Called with query (B, T, E), key and value (B, S, E), and optionally

    * ``mask``: boolean, broadcasts to (B, T, S), or with an axis for the heads to (B, h, T, S); a padding
      mask ``kept`` (B, S) becomes ``kept[:, None, :]``;
    * ``causal``: query t sees keys up to t + S - T;
    * ``cache``: a ``KVCache``, in evaluation mode. If ``key is query``, the new keys and values are put
      behind those of earlier calls; otherwise (cross-attention) the first call's are used again.

    Returns y (B, T, E); backward returns the gradients of query, key and value. ``rng`` draws the initial
    weights (Glorot for the projections, biases 0) and the dropout of the attention weights.
    Raises ``TypeError`` and ``ValueError`` for inputs and masks that do not fit. Vaswani et al. 2017, §3.2.2.
    """

    batch_first = True

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        rng=None,
        dtype=np.float32,
    ):
        check_heads(embed_dim, num_heads, dropout)
        self._rng = np.random.default_rng(rng)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.in_proj_weight = Parameter(glorot_uniform(self._rng, (3 * embed_dim, embed_dim), dtype))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=self._rng, dtype=dtype)
        if bias:
            self.out_proj.bias.data[...] = 0

    def forward(self, query, key, value, mask=None, causal=False, cache=None) -> np.ndarray:
        self._check(query, key, value)
        if cache is not None and self.training:
            raise ValueError("MultiheadAttention: a cache is for decoding; call eval() first")
        if cache is not None and key is not query:
            q = self._project(0, query)
            k, v = cache.once(self, lambda: (self._project(1, key), self._project(2, value)))
        else:
            q, k, v = (self._project(part, x) for part, x in enumerate((query, key, value)))
        if cache is not None and key is query:
            k, v = cache.extend(self, k, v, np.concatenate)
        if mask is not None:
            mask = self._mask_of_heads(mask, q, k)
        options = {"mask": mask, "causal": causal}
        if self.training and self.dropout:
            options |= {"dropout": self.dropout, "seed": int(self._rng.integers(2**63))}
        o, lse = scaled_dot_product_attention(q, k, v, **options)
        self._inputs, self._attention = (query, key, value), (q, k, v, o, lse)
        self._options = options
        return self.out_proj(_merge_heads(o))

    def backward(self, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        do = self._split_heads(self.out_proj.backward(dy))
        gradients = scaled_dot_product_attention_backward(do, *self._attention, **self._options)
        dinputs = []
        for part, (x, dprojected) in enumerate(zip(self._inputs, gradients, strict=True)):
            rows = self._rows(part)
            dx, dweight, dbias = linear_backward(_merge_heads(dprojected), x, self.in_proj_weight.data[rows])
            self.in_proj_weight.grad[rows] += dweight
            if self.in_proj_bias is not None:
                self.in_proj_bias.grad[rows] += dbias
            dinputs.append(dx)
        return tuple(dinputs)

    def attention_weights(self, query, key, mask=None, causal=False) -> np.ndarray:
        """The weights of every head, (B, h, T, S), without dropout: for pictures, not for training."""
        self._check(query, key, key)
        q, k = self._project(0, query), self._project(1, key)
        mask = None if mask is None else self._mask_of_heads(mask, q, k)
        return attention_weights(q, k, mask, causal)

    def _rows(self, part: int) -> slice:
        # in_proj_weight: query in the first E rows, then key, then value.
        return slice(part * self.embed_dim, (part + 1) * self.embed_dim)

    def _project(self, part: int, x: np.ndarray) -> np.ndarray:
        rows = self._rows(part)
        bias = None if self.in_proj_bias is None else self.in_proj_bias.data[rows]
        return self._split_heads(linear(x, self.in_proj_weight.data[rows], bias))

    def _split_heads(self, x: np.ndarray) -> np.ndarray:
        """(B, T, E) -> (B, h, T, E/h), a view."""
        return x.reshape(*x.shape[:-1], self.num_heads, -1).swapaxes(-2, -3)

    def _mask_of_heads(self, mask, q, k) -> np.ndarray:
        """A mask of (B, T, S) means every head: (B, 1, T, S)."""
        B, _, T, _ = q.shape
        if np.ndim(mask) == 4:
            return mask
        return spread_mask("MultiheadAttention", mask, (B, T, k.shape[-2]))[:, None]

    def _check(self, query, key, value) -> None:
        for name, x in (("query", query), ("key", key), ("value", value)):
            require_float("MultiheadAttention", x, name)
            require_shape("MultiheadAttention", x, ("B", "T" if x is query else "S", self.embed_dim), name)
        if not len(query) == len(key) == len(value) or key.shape != value.shape:
            raise ValueError(
                f"MultiheadAttention: query {query.shape}, key {key.shape}, value {value.shape} do not fit; "
                "expected (B, T, E), (B, S, E), (B, S, E)"
            )


def check_heads(embed_dim: int, num_heads: int, dropout: float) -> None:
    """Raise ``ValueError`` unless the heads share the width evenly and ``dropout`` is a probability."""
    if num_heads < 1 or embed_dim % num_heads:
        raise ValueError(
            f"MultiheadAttention: embed_dim {embed_dim} is not divisible by num_heads {num_heads}; "
            "every head gets embed_dim / num_heads columns"
        )
    require_probability("MultiheadAttention", dropout)


def _merge_heads(x: np.ndarray) -> np.ndarray:
    """(B, h, T, d) -> (B, T, h d): the heads' columns side by side again."""
    x = x.swapaxes(-2, -3)
    return x.reshape(*x.shape[:-2], -1)
