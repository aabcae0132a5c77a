"""E31 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def masked(x, Wq, Wk, Wv, keys, values):
    t, n = keys.shape[1], x.shape[1]
    keys = np.concatenate((keys, x @ Wk), axis=1)
    values = np.concatenate((values, x @ Wv), axis=1)
    z = np.einsum("bnd,bsd->bns", x @ Wq, keys) / Wq.shape[1] ** 0.5
    z += np.triu(np.full((n, t + n), -np.inf), t + 1)
    return _softmax(z) @ values, keys, values


def one_by_one(x, Wq, Wk, Wv, keys, values):
    """One new position after the other: then no mask is needed."""
    rows = []
    for i in range(x.shape[1]):
        new = x[:, i : i + 1]
        keys, values = np.hstack([keys, new @ Wk]), np.hstack([values, new @ Wv])
        z = (new @ Wq) @ keys.transpose(0, 2, 1) / np.sqrt(Wk.shape[-1])
        rows.append(_softmax(z) @ values)
    return np.concatenate(rows, 1), keys, values


def per_sequence(x, Wq, Wk, Wv, keys, values):
    results = []
    for row, K, V in zip(x, keys, values, strict=True):
        K, V = np.vstack([K, row @ Wk]), np.vstack([V, row @ Wv])
        y = np.zeros((len(row), V.shape[1]))
        for i, q in enumerate(row @ Wq):
            seen = len(K) - len(row) + i + 1
            z = K[:seen] @ q / np.sqrt(len(q))
            w = np.exp(z - max(z))
            y[i] = w @ V[:seen] / w.sum()
        results.append((y, K, V))
    return tuple(np.stack(part) for part in zip(*results, strict=True))


def preallocated(x, Wq, Wk, Wv, keys, values):
    B, t, d = keys.shape
    n = x.shape[1]
    K, V = np.empty((B, t + n, d)), np.empty((B, t + n, values.shape[2]))
    K[:, :t], V[:, :t], K[:, t:], V[:, t:] = keys, values, x @ Wk, x @ Wv
    z = x @ Wq @ np.swapaxes(K, -1, -2) * d**-0.5
    hidden = np.arange(t + n)[None] > np.arange(t, t + n)[:, None]
    z = np.where(hidden, -1e30, z)
    return [_softmax(z) @ V, K, V]


CORRECT = [masked, one_by_one, per_sequence, preallocated]


def _variant(scale=lambda q, K, V, x: np.sqrt(q.shape[-1]), seen=None, join=None, softmax=_softmax, see=None):
    def wrong(x, Wq, Wk, Wv, keys, values):
        join_ = join or (lambda old, new: np.concatenate([old, new], 1))
        t, n = keys.shape[1], x.shape[1]
        q, K, V = x @ Wq, join_(keys, x @ Wk), join_(values, x @ Wv)
        z = q @ K.swapaxes(1, 2) / scale(q, K, V, x)
        s, i = np.arange(K.shape[1]), np.arange(n)[:, None]
        z = np.where(s <= t + i if seen is None else seen(s, t, i), z, -np.inf)
        return softmax(z) @ V, K, V

    return wrong


def new_only(x, Wq, Wk, Wv, keys, values):
    return masked(x, Wq, Wk, Wv, keys[:, :0], values[:, :0])


def grows_but_unused(x, Wq, Wk, Wv, keys, values):
    _, K, V = masked(x, Wq, Wk, Wv, keys, values)
    return new_only(x, Wq, Wk, Wv, keys, values)[0], K, V


def past_only(x, Wq, Wk, Wv, keys, values):
    _, K, V = masked(x, Wq, Wk, Wv, keys, values)
    if keys.shape[1] == 0:
        return x @ Wv, K, V
    return _softmax(x @ Wq @ keys.swapaxes(1, 2) / np.sqrt(Wq.shape[1])) @ values, K, V


def zero_score(x, Wq, Wk, Wv, keys, values):
    t, n = keys.shape[1], x.shape[1]
    K, V = np.hstack([keys, x @ Wk]), np.hstack([values, x @ Wv])
    z = x @ Wq @ K.swapaxes(1, 2) / np.sqrt(Wq.shape[1]) * np.tri(n, t + n, t)
    return _softmax(z) @ V, K, V


def mask_after(x, Wq, Wk, Wv, keys, values):
    t, n = keys.shape[1], x.shape[1]
    K, V = np.hstack([keys, x @ Wk]), np.hstack([values, x @ Wv])
    return (_softmax(x @ Wq @ K.swapaxes(1, 2) / np.sqrt(Wq.shape[1])) * np.tri(n, t + n, t)) @ V, K, V


def window(x, Wq, Wk, Wv, keys, values):
    n = x.shape[1]
    return masked(x, Wq, Wk, Wv, keys[:, n:], values[:, n:])


def first_cache(x, Wq, Wk, Wv, keys, values):
    _, K, V = masked(x, Wq, Wk, Wv, keys, values)
    y = masked(x, Wq, Wk, Wv, keys[:1].repeat(len(x), 0), values[:1].repeat(len(x), 0))[0]
    return y, K, V


def cache_unchanged(x, Wq, Wk, Wv, keys, values):
    return masked(x, Wq, Wk, Wv, keys, values)[0], keys, values


def new_rows(x, Wq, Wk, Wv, keys, values):
    return masked(x, Wq, Wk, Wv, keys, values)[0], x @ Wk, x @ Wv


def projects_all_again(x, Wq, Wk, Wv, keys, values):
    K, V = np.hstack([keys, x]) @ Wk, np.hstack([values, x]) @ Wv
    t, n = keys.shape[1], x.shape[1]
    z = x @ Wq @ K.swapaxes(1, 2) / np.sqrt(Wq.shape[1]) + np.triu(np.full((n, t + n), -np.inf), t + 1)
    return _softmax(z) @ V, K, V


def in_place(x, Wq, Wk, Wv, keys, values):
    result = masked(x, Wq, Wk, Wv, keys, values)
    keys[:, :-1] = keys[:, 1:]
    return result


def lets_torch(x, Wq, Wk, Wv, keys, values):
    import torch

    K, V = np.hstack([keys, x @ Wk]), np.hstack([values, x @ Wv])
    q, k, v = (torch.tensor(a) for a in (x @ Wq, K, V))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v).numpy(), K, V


def overflow(x, Wq, Wk, Wv, keys, values):
    K, V = np.concatenate([keys, x @ Wk], 1), np.concatenate([values, x @ Wv], 1)
    e = np.exp(x @ Wq @ K.swapaxes(1, 2) / np.sqrt(K.shape[-1]))
    e *= np.tri(*e.shape[1:], keys.shape[1])
    return e / e.sum(-1, keepdims=True) @ V, K, V


def maximum_of_all(x, Wq, Wk, Wv, keys, values):
    def softmax(z):
        e = np.exp(z - np.max(z))
        return e / e.sum(-1, keepdims=True)

    return _variant(softmax=softmax)(x, Wq, Wk, Wv, keys, values)


WRONG = {
    "maximum of all": (maximum_of_all, "needs its own maximum"),
    "overflow": (overflow, "exp overflows"),
    "no scale": (_variant(lambda q, K, V, x: 1), "1/sqrt(d) is missing"),
    "d": (_variant(lambda q, K, V, x: q.shape[-1]), "not by d"),
    "length of a value": (_variant(lambda q, K, V, x: np.sqrt(V.shape[-1])), "not of a value"),
    "number of keys": (_variant(lambda q, K, V, x: np.sqrt(K.shape[1])), "not the number of keys"),
    "length of x": (_variant(lambda q, K, V, x: np.sqrt(x.shape[-1])), "not of x"),
    "softmax over queries": (_variant(softmax=lambda z: _softmax(z, 1)), "runs over the keys"),
    "no softmax": (_variant(softmax=lambda z: np.where(np.isfinite(z), z, 0)), "softmax is missing"),
    "no mask": (_variant(seen=lambda s, t, i: s >= 0), "the mask is missing"),
    "short mask": (_variant(seen=lambda s, t, i: s <= i), "built for the short query"),
    "not itself": (_variant(seen=lambda s, t, i: (s < t + i) | (t + i == 0)), "may attend to itself"),
    "one too many": (_variant(seen=lambda s, t, i: s <= t + i + 1), "one new position too many"),
    "score 0": (zero_score, "exp(0)"),
    "mask after": (mask_after, "masking after the softmax"),
    "cache unused": (new_only, "the cache is not used"),
    "cache grows unused": (grows_but_unused, "although the cache grows"),
    "past only": (past_only, "must see itself"),
    "in front": (_variant(join=lambda old, new: np.concatenate([new, old], 1)), "yours stand in front"),
    "window": (window, "fall out of the cache"),
    "unchanged": (cache_unchanged, "returned as it came"),
    "new rows": (new_rows, "the whole cache is asked for"),
    "projects again": (projects_all_again, "projected again"),
    "keys as values": (lambda x, q, k, v, K, V: masked(x, q, v, k, V, K), "keys and values are exchanged"),
    "query weights": (lambda x, q, k, v, K, V: masked(x, k, q, v, K, V), "queries and keys are exchanged"),
    "x as value": (
        lambda x, q, k, v, K, V: masked(x, q, k, np.eye(x.shape[2]), K, V),
        "not from x Wv",
    ),
    "first cache": (first_cache, "cache of the first one"),
    "in place": (in_place, "changes its input array keys"),
    "y only": (lambda *a: masked(*a)[0], "values: y, keys, values"),
    "order": (lambda *a: (masked(*a)[1], *masked(*a)[::2]), "y"),
    "no axis of positions": (lambda *a: (masked(*a)[0][:, 0], *masked(*a)[1:]), "axis of length 1"),
    "torch": (lets_torch, "torch.nn.functional"),
}
