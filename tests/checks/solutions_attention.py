"""E18 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import math

import numpy as np


def _softmax(s, axis=-1):
    p = np.exp(s - np.max(s, axis=axis, keepdims=True))
    return p / np.sum(p, axis=axis, keepdims=True)


def einsum_and_a_large_number(q, k, v, mask=None):
    s = np.einsum("...td,...sd->...ts", q, k) / q.shape[-1] ** 0.5
    if mask is not None:
        s = np.where(mask, s, -1e30)
    w = _softmax(s)
    return np.einsum("...ts,...se->...te", w, v), w


def scale_the_queries(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None):
    scores = np.matmul(q / math.sqrt(k.shape[-1]), np.moveaxis(k, -1, -2))
    if mask is not None:
        scores = scores + np.where(mask, 0.0, -np.inf)
    z = scores - np.amax(scores, axis=-1, keepdims=True)
    log_weights = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    weights = np.exp(log_weights)
    return np.matmul(weights, v), weights


def one_query_at_a_time(q, k, v, mask=None):
    lead, T, S = q.shape[:-2], q.shape[-2], k.shape[-2]
    if mask is None:
        mask = np.ones((T, S), bool)
    mask = np.broadcast_to(mask, (*lead, T, S))
    out = np.zeros((*lead, T, v.shape[-1]))
    weights = np.zeros((*lead, T, S))
    for place in np.ndindex(*lead, T):
        keys = k[place[:-1]]
        seen = mask[place]
        s = keys[seen] @ q[place] / np.sqrt(len(q[place]))
        e = np.exp(s - s.max())
        weights[place][seen] = e / e.sum()
        out[place] = weights[place] @ v[place[:-1]]
    return out, weights


def masked_array(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -2, -1)
    scores *= 1 / np.sqrt(q.shape[-1])
    if mask is not None:
        np.putmask(scores, ~np.broadcast_to(mask, scores.shape), -np.inf)
    scores -= scores.max(-1)[..., None]
    np.exp(scores, out=scores)
    total = scores.sum(-1)[..., None]
    return [scores @ v / total, scores / total]


def softmax_then_mask_and_renormalise_in_log_space(q, k, v, mask=None):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    keep = np.ones(s.shape, bool) if mask is None else np.broadcast_to(mask, s.shape)
    top = s.max(-1, keepdims=True, where=keep, initial=-np.inf)
    e = np.exp(np.where(keep, s - top, -np.inf)) * keep
    return (e / e.sum(-1, keepdims=True)) @ v, e / e.sum(-1, keepdims=True)


CORRECT = [
    einsum_and_a_large_number,
    scale_the_queries,
    one_query_at_a_time,
    masked_array,
    softmax_then_mask_and_renormalise_in_log_space,
]


def _variant(factor=None, weights=None, hidden=-np.inf, output=None):
    """Attention with one thing changed."""

    def attention(q, k, v, mask=None):
        s = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if factor is None else factor(q, k, v))
        if mask is not None:
            s = np.where(mask, s, hidden)
        w = (weights or _softmax)(s)
        return w @ v if output is None else output(w, q, k, v), w

    return attention


def no_maximum(q, k, v, mask=None):
    s = np.exp(q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1]))
    if mask is not None:
        s = s * mask
    w = s / s.sum(-1, keepdims=True)
    return w @ v, w


def mask_after(q, k, v, mask=None):
    w = _softmax(q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1]))
    if mask is not None:
        w = w * mask
    return w @ v, w


def mask_times_scores(q, k, v, mask=None):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1])
    if mask is not None:
        s = s * mask
    w = _softmax(s)
    return w @ v, w


def mask_added(q, k, v, mask=None):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1])
    w = _softmax(s if mask is None else s + mask)
    return w @ v, w


def penalty(q, k, v, mask=None):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1])
    if mask is not None:
        s = s - 1e4 * (1 - mask)
    w = _softmax(s)
    return w @ v, w


def maximum_before_the_mask(q, k, v, mask=None):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1])
    e = np.exp(s - s.max(-1, keepdims=True))
    if mask is not None:
        e *= mask
    w = e / e.sum(-1, keepdims=True)
    return w @ v, w


def scores_returned(q, k, v, mask=None):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1])
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    return _softmax(s) @ v, s


def pair_loops(q, k, v, mask=None):
    lead, T, S = q.shape[:-2], q.shape[-2], k.shape[-2]
    s = np.zeros((*lead, T, S))
    for place in np.ndindex(*lead):
        for t in range(T):
            for j in range(S):
                s[(*place, t, j)] = q[(*place, t)] @ k[(*place, j)] / np.sqrt(q.shape[-1])
    if mask is not None:
        s[~np.broadcast_to(mask, s.shape)] = -np.inf
    w = _softmax(s)
    return w @ v, w


def transposes_all(q, k, v, mask=None):
    s = q @ k.T / np.sqrt(k.shape[-1])
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    return _softmax(s) @ v, _softmax(s)


def scales_q_in_place(q, k, v, mask=None):
    q /= np.sqrt(q.shape[-1])
    return _variant(lambda *_: 1)(q, k, v, mask)


def torch_does_it(q, k, v, mask=None):
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    arrays = [torch.from_numpy(a) for a in (q, k, v)]
    out = scaled_dot_product_attention(*arrays, attn_mask=None if mask is None else torch.from_numpy(mask))
    return out.numpy(), one_query_at_a_time(q, k, v, mask)[1]


def scipy_softmax(q, k, v, mask=None):
    from scipy.special import softmax

    return _variant(weights=lambda s: softmax(s, axis=-1))(q, k, v, mask)


def maximum_of_all(s):
    e = np.exp(s - s.max())
    return e / e.sum(-1, keepdims=True)


WRONG = {
    "no scaling": (_variant(lambda *_: 1.0), "factor 1/sqrt(d_k) is missing"),
    "divides by d": (_variant(lambda q, k, v: 1 / k.shape[-1]), "not by d_k"),
    "multiplies": (_variant(lambda q, k, v: np.sqrt(k.shape[-1])), "you multiply with it"),
    "sqrt of the value": (_variant(lambda q, k, v: v.shape[-1] ** -0.5), "not of a value"),
    "sqrt of the keys": (_variant(lambda q, k, v: 1 / math.sqrt(k.shape[-2])), "not the number of keys"),
    "sqrt of the queries": (
        _variant(lambda q, k, v: 1 / math.sqrt(q.shape[-2])),
        "not the number of queries",
    ),
    "scales the weights": (
        _variant(lambda *_: 1.0, lambda s: _softmax(s) / np.sqrt(3)),
        "you scale the weights",
    ),
    "over the queries": (_variant(weights=lambda s: _softmax(s, -2)), "softmax over the keys"),
    "over both": (_variant(weights=lambda s: _softmax(s, (-2, -1))), "of a sequence together sum to 1"),
    "over the array": (_variant(weights=lambda s: _softmax(s, None)), "runs over the whole array"),
    "first axis": (_variant(weights=lambda s: _softmax(s, 0)), "last"),
    "second axis": (_variant(weights=lambda s: _softmax(s, 1)), "softmax over the keys"),
    "no softmax": (_variant(weights=lambda s: s), "the softmax is missing"),
    "exp only": (_variant(weights=np.exp), "not divided by their sum"),
    "divided, no exp": (_variant(weights=lambda s: s / s.sum(-1, keepdims=True)), "take exp of them first"),
    "sigmoid": (_variant(weights=lambda s: 1 / (1 + np.exp(-s))), "a sigmoid is no softmax"),
    "mask after": (mask_after, "masking after the softmax"),
    "score 0": (_variant(hidden=0), "a score of 0 still gets"),
    "mask times scores": (mask_times_scores, "a score of 0 still gets"),
    "mask added": (mask_added, "added to the scores as 0 and 1"),
    "-1000": (_variant(hidden=-1000.0), "is a finite number"),
    "-1e4": (_variant(hidden=-1e4), "is a finite number"),
    "penalty": (penalty, "is a finite number"),
    "maximum before the mask": (maximum_before_the_mask, "maximum before the mask"),
    "inverted": (
        lambda q, k, v, mask=None: _variant()(q, k, v, None if mask is None else ~mask),
        "Your mask is inverted",
    ),
    "ignored": (lambda q, k, v, mask=None: _variant()(q, k, v), "the mask is ignored"),
    "overflow": (no_maximum, "exp overflows"),
    "maximum of all": (_variant(weights=maximum_of_all), "maximum of the whole array"),
    "q and k exchanged": (
        lambda q, k, v, mask=None: _variant()(k, q, v, mask),
        "queries and keys are exchanged",
    ),
    "q with v": (lambda q, k, v, mask=None: _variant()(q, v, v, mask), "you compare it with v"),
    "mixes the keys": (_variant(output=lambda w, q, k, v: w @ k), "it mixes the values"),
    "transposed weights": (
        _variant(output=lambda w, q, k, v: w.swapaxes(-1, -2) @ v if w.shape[-1] == w.shape[-2] else w @ v),
        "the output is Pᵀ V",
    ),
    "scores returned": (scores_returned, "the second result is the scores"),
    "weights first": (lambda *a, **o: _variant()(*a, **o)[::-1], "out and weights are exchanged"),
    "only out": (lambda *a, **o: _variant()(*a, **o)[0], "expected 2 values: out, weights"),
    "pair loops": (pair_loops, "once for every pair"),
    "k.T": (transposes_all, "it raised ValueError"),
    "no mask argument": (lambda q, k, v: _variant()(q, k, v), "it raised TypeError"),
    "changes q": (scales_q_in_place, "changes its input array q"),
    "single precision": (
        lambda q, k, v, mask=None: _variant()(*(a.astype("f4") for a in (q, k, v)), mask),
        "single precision",
    ),
    "torch": (torch_does_it, "torch.nn.functional"),
    "scipy": (scipy_softmax, "scipy.special.softmax"),
}
