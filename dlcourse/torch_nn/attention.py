"""Scaled dot-product attention with the conventions of ``numpy_nn``, on PyTorch's fused kernels."""

import torch
import torch.nn.functional as F


def scaled_dot_product_attention(q, k, v, mask=None, causal=False, *, dropout=0.0):
    """``F.scaled_dot_product_attention`` (flash or memory-efficient where the device has it).

    As in ``numpy_nn``: mask True = may look, ``causal`` hides from query t the keys after t + S - T (and may
    be combined with a mask), a row that sees nothing gives 0 and gradient 0.
    """
    T, S = q.shape[-2], k.shape[-2]
    if mask is not None and mask.dtype != torch.bool:
        raise TypeError(
            f"scaled_dot_product_attention: mask is {mask.dtype}, expected a boolean tensor in which True "
            "means: may look"
        )
    if causal and T == 1:
        causal = False  # the only query is the last one: it sees every key
    if causal and (mask is not None or T != S):
        past = torch.ones(T, S, dtype=torch.bool, device=q.device).tril(S - T)
        mask, causal = past if mask is None else mask & past, False
    if mask is None:
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal, dropout_p=dropout)
    # Not every kernel and version agrees on a row without keys: let it see all of them, then take it out.
    sees = mask.any(-1, keepdim=True)
    o = F.scaled_dot_product_attention(q, k, v, mask | ~sees, dropout)
    return o.masked_fill(~sees, 0)


def attention_weights(q, k, mask=None, causal=False):
    """softmax(Q Kᵀ / √d + M), whole, to look at: q (..., T, d), k (..., S, d) -> (..., T, S)."""
    values = torch.eye(k.shape[-2], dtype=q.dtype, device=q.device).expand(*k.shape[:-1], k.shape[-2])
    return scaled_dot_product_attention(q, k, values, mask, causal)
