"""E20 ``multi_head_attention``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call
from dlcourse.checks.attention import random_mask, softmax


def heads_input(
    rng: np.random.Generator, B: int, T: int, E: int, h: int, mask: bool = False, size: float = 2.0
) -> Call:
    """x (B, T, E), of numbers of that ``size``, four matrices (E, E), h and perhaps a mask (B, 1, T, T)."""
    matrices = rng.standard_normal((4, E, E)) / np.sqrt(E)
    options = {"mask": random_mask(rng, (B, 1, T, T))} if mask else {}
    return call(size * rng.standard_normal((B, T, E)), *matrices, h, **options)


def split(x, h):
    """(B, T, E) -> (B, h, T, d)"""
    B, T, E = x.shape
    return x.reshape(B, T, h, E // h).swapaxes(1, 2)


def merge(x):
    """(B, h, T, d) -> (B, T, E)"""
    B, h, T, d = x.shape
    return x.swapaxes(1, 2).reshape(B, T, h * d)


def _split_without_transpose(x, h):
    B, T, E = x.shape
    return x.reshape(B, h, T, E // h)


def _merge_without_transpose(x):
    B, h, T, d = x.shape
    return x.reshape(B, T, h * d)


def _split_interleaved(x, h):
    B, T, E = x.shape
    return x.reshape(B, T, E // h, h).transpose(0, 3, 1, 2)


def _merge_interleaved(x):
    B, h, T, d = x.shape
    return x.transpose(0, 2, 3, 1).reshape(B, T, h * d)


def _weights(q, k, mask, scale=None, axis=-1, hidden=-np.inf):
    """(B, h, T, T); ``scale`` in place of 1/sqrt(d), ``hidden`` is the score of a masked key."""
    s = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    return softmax(s if mask is None else np.where(mask, s, hidden), axis)


def attend_with_heads(x, Wq, Wk, Wv, Wo, h, mask=None):
    """The reference of E20."""
    return merge(_weights(split(x @ Wq, h), split(x @ Wk, h), mask) @ split(x @ Wv, h)) @ Wo


def _with(
    cut=split,
    join=merge,
    project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wk, x @ Wv),
    weights=lambda q, k, mask, E: _weights(q, k, mask),
    output=lambda y, Wo, x: y @ Wo,
):
    """Multi-head attention with parts exchanged."""

    def wrong(x, Wq, Wk, Wv, Wo, h, mask=None):
        q, k, v = (cut(part, h) for part in project(x, Wq, Wk, Wv))
        return output(join(weights(q, k, mask, x.shape[-1]) @ v), Wo, x)

    return wrong


def _weights_with(**options):
    """``_weights`` with options, whose scale may be a function of (q, E)."""

    def weights(q, k, mask, E):
        scale = options.get("scale")
        return _weights(q, k, mask, **{**options, "scale": scale(q, E) if scale else None})

    return _with(weights=weights)


def _mask_after(q, k, mask, E):
    p = _weights(q, k, None)
    return p if mask is None else p * mask


def _mask_is(change):
    def wrong(x, Wq, Wk, Wv, Wo, h, mask=None):
        return attend_with_heads(x, Wq, Wk, Wv, Wo, h, None if mask is None else change(mask))

    return wrong


def _only_first_head(x, Wq, Wk, Wv, Wo, h, mask=None):
    heads = _weights(split(x @ Wq, h), split(x @ Wk, h), mask) @ split(x @ Wv, h)
    return merge(np.broadcast_to(heads[:, :1], heads.shape)) @ Wo


def _same_weights(q, k, mask, E):
    return np.broadcast_to(_weights(q, k, mask)[:, :1], (*q.shape[:-1], k.shape[-2]))


def _transposed(*which):
    """The matrices with these numbers are applied as x @ W.T."""

    def wrong(x, Wq, Wk, Wv, Wo, h, mask=None):
        W = [m.T if i in which else m for i, m in enumerate((Wq, Wk, Wv, Wo))]
        return attend_with_heads(x, *W, h, mask)

    return wrong


RESHAPE = (
    "(B,T,E) to (B,h,T,d) needs a reshape to (B,T,h,d) AND a transpose; a plain reshape mixes time steps."
)
MERGE = "bring the heads back behind the time axis before you merge them."
BLOCKS = "a head is a contiguous block of columns; you took every h-th column."

MISTAKES = (
    Misconception(RESHAPE, _with(cut=_split_without_transpose)),
    Misconception(RESHAPE, _with(cut=_split_without_transpose, join=_merge_without_transpose)),
    Misconception(MERGE, _with(join=_merge_without_transpose)),
    Misconception(BLOCKS, _with(cut=_split_interleaved, join=_merge_interleaved)),
    Misconception(BLOCKS, _with(cut=_split_interleaved)),
    Misconception(
        "when you merge, the columns of one head must stay together: (B,T,h,d) to (B,T,E), not (B,T,d,h).",
        _with(join=_merge_interleaved),
    ),
    Misconception(
        "each head scales by sqrt(E/h), not by sqrt(E).", _weights_with(scale=lambda q, E: E**-0.5)
    ),
    Misconception("the factor 1/sqrt(d) is missing in the scores.", _weights_with(scale=lambda q, E: 1)),
    Misconception(
        "divide the scores by sqrt(d), not by d.", _weights_with(scale=lambda q, E: 1 / q.shape[-1])
    ),
    Misconception(
        "divide the scores by sqrt(d), the width of a head, not by sqrt(h), the number of heads.",
        _weights_with(scale=lambda q, E: q.shape[1] ** -0.5),
    ),
    Misconception(
        "divide the scores by sqrt(d), the width of a head, not by sqrt(T).",
        _weights_with(scale=lambda q, E: q.shape[2] ** -0.5),
    ),
    Misconception(
        "divide the scores by sqrt(d); you multiply with it.",
        _weights_with(scale=lambda q, E: q.shape[-1] ** 0.5),
    ),
    Misconception("the output projection Wo is missing.", _with(output=lambda y, Wo, x: y)),
    Misconception(
        "the input is added to the result: the residual belongs to the block, not to attention.",
        _with(output=lambda y, Wo, x: x + y @ Wo),
    ),
    Misconception(
        "queries and keys are exchanged.", _with(project=lambda x, Wq, Wk, Wv: (x @ Wk, x @ Wq, x @ Wv))
    ),
    Misconception(
        "keys and values are exchanged.", _with(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wv, x @ Wk))
    ),
    Misconception(
        "the values are x itself: they are x @ Wv.", _with(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wk, x))
    ),
    Misconception(
        "queries and keys are x itself: project them with Wq and Wk.",
        _with(project=lambda x, Wq, Wk, Wv: (x, x, x @ Wv)),
    ),
    Misconception(
        "nothing is projected: queries, keys and values are x @ Wq, x @ Wk, x @ Wv.",
        _with(project=lambda x, Wq, Wk, Wv: (x, x, x)),
    ),
    Misconception(
        "queries and keys are both made with Wq: the keys have Wk.",
        _with(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wq, x @ Wv)),
    ),
    Misconception(
        "keys and values are both made with Wk: the values have Wv.",
        _with(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wk, x @ Wk)),
    ),
    Misconception(
        "the matrices are applied from the right here: x @ W, not x @ W.T.", _transposed(0, 1, 2, 3)
    ),
    Misconception("Wq, Wk and Wv are applied as x @ W, not x @ W.T.", _transposed(0, 1, 2)),
    Misconception("Wo is applied as y @ Wo, not y @ Wo.T.", _transposed(3)),
    Misconception(
        "h has no effect: there is one head of width E.",
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: attend_with_heads(x, Wq, Wk, Wv, Wo, 1, mask),
    ),
    Misconception(
        "h heads of width d were meant, you made d heads of width h.",
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: attend_with_heads(x, Wq, Wk, Wv, Wo, x.shape[-1] // h, mask),
    ),
    Misconception(
        "there are always two heads: their number is the argument h.",
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: attend_with_heads(x, Wq, Wk, Wv, Wo, 2, mask),
    ),
    Misconception("only the first head is used, for all blocks of columns.", _only_first_head),
    Misconception(
        "all heads use the weights of the first one: each has its own.", _with(weights=_same_weights)
    ),
    Misconception(
        "each query row must sum to 1: softmax over the keys, the last axis.", _weights_with(axis=-2)
    ),
    Misconception(
        "the softmax runs over the heads: it belongs to the keys, the last axis.", _weights_with(axis=1)
    ),
    Misconception(
        "the softmax is missing: the scores are no weights.",
        _with(weights=lambda q, k, mask, E: _scores_only(q, k, mask)),
    ),
    Misconception("masking after the softmax: the rows no longer sum to 1.", _with(weights=_mask_after)),
    Misconception("a score of 0 still gets the weight exp(0): use -np.inf.", _weights_with(hidden=0)),
    Misconception("True means: may look. Your mask is inverted.", _mask_is(np.logical_not)),
    Misconception("the mask is ignored.", _mask_is(np.ones_like)),
    Misconception(
        "exp overflows for large scores: subtract the maximum of each row first.",
        _with(weights=lambda q, k, mask, E: _no_maximum(q, k, mask)),
    ),
    Misconception(
        "every sequence gets the mask of the first one.",
        _mask_is(lambda mask: np.broadcast_to(mask[:1], mask.shape)),
    ),
    Misconception(
        "the mask is transposed: rows are queries, columns are keys.", _mask_is(lambda m: m.swapaxes(2, 3))
    ),
)


def _scores_only(q, k, mask):
    s = q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5
    return s if mask is None else np.where(mask, s, 0)


def _no_maximum(q, k, mask):
    s = q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5
    p = np.exp(s if mask is None else np.where(mask, s, -np.inf))
    return p / p.sum(-1, keepdims=True)


EXERCISE = Exercise(
    name="multi_head_attention",
    reference=attend_with_heads,
    properties=(
        Property("one head", lambda rng: [heads_input(rng, 1, 3, 4, 1)]),
        Property("two heads", lambda rng: [heads_input(rng, 1, 5, 6, 2)]),
        Property("a batch", lambda rng: [heads_input(rng, 3, 4, 12, 3)]),
        Property("a mask", lambda rng: [heads_input(rng, 2, 5, 8, 2, mask=True)]),
    ),
    misconceptions=MISTAKES,
    outputs=(Output("", ("sequence", "position", "column")),),
    forbidden=OTHERS_WORK,
)
