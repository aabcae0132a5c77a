"""Scaled dot-product attention, forward and backward, without ever holding all T x S weights.

The softmax of one query needs only that query's row of scores. So the rows are worked off in blocks
that fit the processor's cache; the forward pass keeps, beside the output, one number a row (the
logarithm of the softmax's denominator), from which the backward pass makes the weights again.
"""

import math
from collections.abc import Iterator

import numpy as np

from dlcourse.numpy_nn.dropout import dropout_mask
from dlcourse.numpy_nn.validate import require_float

BLOCK_ROWS = 128  # query rows a block of a long sequence; 64 to 256 are about equally fast
BLOCK_SCORES = 2**17  # scores (rows x keys) a block of several short sequences


def scaled_dot_product_attention(q, k, v, mask=None, causal=False, *, dropout=0.0, seed=None):
    """O = softmax(Q Kᵀ / √d + M) V  (eq-attention), with M = 0 where a query may look, -∞ elsewhere.

    q (..., T, d), k (..., S, d), v (..., S, e) -> o (..., T, e) and the logarithm of each row's
    denominator, lse (..., T), which the backward pass needs.

    ``mask`` is boolean, True = may look, and broadcasts to (..., T, S). ``causal`` hides from query t
    every key after t + S - T: the last query sees all keys, as when S - T earlier steps are cached. A
    row that sees nothing gives 0. ``dropout`` removes weights with that probability and divides the
    rest by 1 - dropout; the draws come from ``seed``, so the backward pass can repeat them.

    Raises ``TypeError`` for a wrong dtype, ``ValueError`` for shapes that do not fit.
    Vaswani et al. 2017, eq. 1; rows in blocks as in Rabe and Staats 2021.
    """
    mask = check_attention(q, k, v, mask)
    o = np.zeros_like(q, shape=(*q.shape[:-1], v.shape[-1]))
    lse = np.zeros(q.shape[:-1], q.dtype)
    rng = np.random.default_rng(seed)
    for index, rows, keys in _blocks(q, k, causal):
        s = _scores(q, k, mask, causal, index, rows, keys)  # (..., rows, keys)
        # The smallest number stands in for the maximum of a row of -∞: exp(-∞ - smallest) is 0.
        m = s.max(-1, keepdims=True, initial=np.finfo(s.dtype).min)
        s -= m
        p = np.exp(s, out=s)
        z = p.sum(-1, keepdims=True)
        z[z == 0] = 1
        if dropout:
            p *= dropout_mask(rng, p.shape, dropout, p.dtype)
        # Dividing after the product touches e numbers a row, not S.
        o[index][..., rows, :] = p @ v[index][..., keys, :] / z
        lse[index][..., rows] = (m + np.log(z))[..., 0]
    return o, lse


def scaled_dot_product_attention_backward(
    do, q, k, v, o, lse, mask=None, causal=False, *, dropout=0.0, seed=None
):
    """Gradients of attention from its inputs and results  (eq-attention-backward).

    P = exp(Q Kᵀ / √d + M - lse);  dV = Pᵀ dO;  dP = dO Vᵀ;  dS = P ⊙ (dP - rowsum(dO ⊙ O));
    dQ = dS K / √d;  dK = dSᵀ Q / √d.

    do (..., T, e), o and lse from the forward pass, the other arguments as they were there
    -> dq, dk, dv like q, k, v. The identity rowsum(dP ⊙ P) = rowsum(dO ⊙ O) is from Dao et al. 2022, §3.1.
    """
    mask = check_attention(q, k, v, mask)
    scale = 1 / math.sqrt(q.shape[-1])
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    rng = np.random.default_rng(seed)
    for index, rows, keys in _blocks(q, k, causal):
        q_b, do_b, o_b = (x[index][..., rows, :] for x in (q, do, o))
        k_b, v_b = (x[index][..., keys, :] for x in (k, v))
        p = _scores(q, k, mask, causal, index, rows, keys)  # (..., rows, keys)
        p -= lse[index][..., rows, None]
        np.exp(p, out=p)
        dp = do_b @ v_b.swapaxes(-1, -2)
        if dropout:
            kept = dropout_mask(rng, p.shape, dropout, p.dtype)
            dp *= kept
            dv[index][..., keys, :] += (p * kept).swapaxes(-1, -2) @ do_b
        else:
            dv[index][..., keys, :] += p.swapaxes(-1, -2) @ do_b
        dp -= (do_b * o_b).sum(-1, keepdims=True)
        dp *= p
        ds = dp
        dq[index][..., rows, :] = ds @ k_b * scale
        dk[index][..., keys, :] += ds.swapaxes(-1, -2) @ (q_b * scale)
    return dq, dk, dv


def attention_weights(q, k, mask=None, causal=False) -> np.ndarray:
    """P = softmax(Q Kᵀ / √d + M)  (eq-attention-weights), whole, to look at.

    q (..., T, d), k (..., S, d) -> (..., T, S); a row that sees nothing is 0. Takes memory for all weights.
    """
    mask = check_attention(q, k, k, mask)
    T, S = q.shape[-2], k.shape[-2]
    rows, keys = slice(_first_row(T, S, causal), T), slice(0, S)
    weights = np.zeros((*q.shape[:-1], S), q.dtype)
    s = _scores(q, k, mask, causal, (), rows, keys)
    p = np.exp(s - s.max(-1, keepdims=True, initial=np.finfo(s.dtype).min))
    z = p.sum(-1, keepdims=True)
    z[z == 0] = 1
    weights[..., rows, :] = p / z
    return weights


def check_attention(q, k, v, mask):
    """Say what does not fit; return the mask spread (without a copy) over all T x S scores."""
    layer = "scaled_dot_product_attention"
    for name, x in (("q", q), ("k", k), ("v", v)):
        require_float(layer, x, name)
    if not q.dtype == k.dtype == v.dtype:
        raise TypeError(f"{layer}: q, k, v have dtypes {q.dtype}, {k.dtype}, {v.dtype}, expected one dtype")
    fits = q.ndim == k.ndim == v.ndim >= 2 and q.shape[:-2] == k.shape[:-2] == v.shape[:-2]
    if not fits or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"{layer}: q {q.shape}, k {k.shape}, v {v.shape} do not fit; expected (..., T, d), (..., S, d), "
            "(..., S, e) with equal leading axes"
        )
    scores = (*q.shape[:-1], k.shape[-2])
    return None if mask is None else spread_mask(layer, mask, scores)


def spread_mask(layer: str, mask: np.ndarray, shape: tuple) -> np.ndarray:
    """``mask`` as a view of ``shape``; says what came if it is not boolean or does not broadcast."""
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        came = getattr(mask, "dtype", type(mask).__name__)
        raise TypeError(f"{layer}: mask is {came}, expected a boolean array in which True means: may look")
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(
            f"{layer}: mask has shape {mask.shape}, expected one that broadcasts to {shape}"
        ) from None


def _first_row(T: int, S: int, causal: bool) -> int:
    # With more queries than keys the first T - S causal queries see nothing; their output stays 0.
    return max(0, T - S) if causal else 0


def _blocks(q, k, causal) -> Iterator[tuple]:
    """Pieces of the score matrix: index of the leading axes, rows of queries, keys that these may see."""
    lead, T, S = q.shape[:-2], q.shape[-2], k.shape[-2]
    per_entry = math.prod(lead[1:]) * T * S
    if lead and per_entry <= BLOCK_SCORES:  # short sequences: some batch entries at a time, whole
        step, height = BLOCK_SCORES // max(per_entry, 1), max(T, 1)
        indices = [(slice(i, i + step),) for i in range(0, lead[0], step)]
    else:
        height, indices = BLOCK_ROWS, np.ndindex(lead)
    for index in indices:
        for start in range(_first_row(T, S, causal), T, height):
            stop = min(start + height, T)
            # Causal: the block's last query sees the keys up to stop + S - T; half of the work is skipped.
            yield index, slice(start, stop), slice(0, stop + S - T if causal else S)


def _scores(q, k, mask, causal, index, rows, keys) -> np.ndarray:
    """Q Kᵀ / √d + M of one block."""
    q_b, k_b = q[index][..., rows, :], k[index][..., keys, :]
    s = (q_b * (1 / math.sqrt(q.shape[-1]))) @ k_b.swapaxes(-1, -2)
    if mask is not None:
        np.copyto(s, -np.inf, where=~mask[index][..., rows, keys])
    if causal:  # only the block's last columns, one a row, reach into the future
        n = rows.stop - rows.start
        np.copyto(s[..., keys.stop - n :], -np.inf, where=np.triu(np.ones((n, n), bool), 1))
    return s
