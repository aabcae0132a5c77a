"""E19 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _softmax(s, axis=-1):
    p = np.exp(s - s.max(axis, keepdims=True))
    return p / p.sum(axis, keepdims=True)


def _weights(q, k):
    return _softmax(np.einsum("btd,bsd->bts", q, k) / np.sqrt(q.shape[-1]))


def einsum_with_the_output(dout, q, k, v):
    """The sum over the row is that of dout * out."""
    p = _weights(q, k)
    out = np.einsum("bts,bse->bte", p, v)
    ds = p * (np.einsum("bte,bse->bts", dout, v) - np.sum(dout * out, axis=2)[:, :, None])
    ds /= q.shape[-1] ** 0.5
    return (
        np.einsum("bts,bsd->btd", ds, k),
        np.einsum("bts,btd->bsd", ds, q),
        np.einsum("bts,bte->bse", p, dout),
    )


def jacobian_of_each_row(dout, q, k, v):
    c = q.shape[2] ** -0.5
    dq, dk, dv = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    for b in range(len(q)):
        for t in range(q.shape[1]):
            p = _softmax(c * k[b] @ q[b, t])
            jacobian = np.diag(p) - np.outer(p, p)
            ds = jacobian @ (v[b] @ dout[b, t])
            dq[b, t] = c * ds @ k[b]
            dk[b] += c * np.outer(ds, q[b, t])
            dv[b] += np.outer(p, dout[b, t])
    return dq, dk, dv


def one_sequence_at_a_time(dout, q, k, v):
    results = []
    for g, queries, keys, values in zip(dout, q, k, v, strict=True):
        scale = 1 / np.sqrt(queries.shape[1])
        p = _softmax(queries @ keys.T * scale)
        dp = g @ values.T
        ds = p * dp - p * np.diag(dp @ p.T)[:, None]
        results.append((ds @ keys * scale, ds.T @ queries * scale, p.T @ g))
    return tuple(np.stack(r) for r in zip(*results, strict=True))


def full_jacobian(dout: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray) -> list[np.ndarray]:
    p = _weights(q, k)
    jacobian = np.einsum("bts,su->btsu", p, np.eye(k.shape[1])) - p[..., :, None] * p[..., None, :]
    ds = np.squeeze(jacobian @ (dout @ v.transpose(0, 2, 1))[..., None], -1) / np.sqrt(q.shape[-1])
    return [ds @ k, ds.transpose(0, 2, 1) @ q, p.transpose(0, 2, 1) @ dout]


CORRECT = [einsum_with_the_output, jacobian_of_each_row, one_sequence_at_a_time, full_jacobian]


def _t(x):
    return np.swapaxes(x, 1, 2)


def _variant(ds=None, weights=_weights, dq=None, dk=None, dv=None, dp=None):
    def attention_backward(dout, q, k, v):
        c = 1 / np.sqrt(q.shape[-1])
        p = weights(q, k)
        d = dout @ _t(v) if dp is None else dp(dout, p @ v, v)
        s = p * (d - (d * p).sum(-1, keepdims=True)) if ds is None else ds(p, d)
        return (
            s @ k * c if dq is None else dq(s, q, k, c),
            _t(s) @ q * c if dk is None else dk(s, q, k, c),
            _t(p) @ dout if dv is None else dv(p, dout, v),
        )

    return attention_backward


_right = _variant()


def no_maximum(q, k):
    e = np.exp(q @ _t(k) / np.sqrt(q.shape[-1]))
    return e / e.sum(-1, keepdims=True)


def batch_mean(dout, q, k, v):
    return tuple(g / len(q) for g in _right(dout, q, k, v))


def overwrites(dout, q, k, v):
    _, dk, dv = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    for t in range(q.shape[1]):
        one = [a[:, t : t + 1] for a in (dout, q)]
        _, dk, dv = _right(one[0], one[1], k, v)
    return _right(dout, q, k, v)[0], dk, dv


def changes_dout(dout, q, k, v):
    result = _right(dout, q, k, v)
    dout *= 2
    return result


def torch_autograd(dout, q, k, v):
    import torch

    tensors = [torch.tensor(a, requires_grad=True) for a in (q, k, v)]
    torch.nn.functional.scaled_dot_product_attention(*tensors).backward(torch.from_numpy(dout))
    return tuple(t.grad.numpy() for t in tensors)


def maximum_of_all(dout, q, k, v):
    s = np.einsum("btd,bsd->bts", q, k) / np.sqrt(q.shape[-1])
    p = np.exp(s - s.max())
    p /= p.sum(-1, keepdims=True)
    dp = dout @ v.transpose(0, 2, 1)
    ds = p * (dp - (p * dp).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.transpose(0, 2, 1) @ q, p.transpose(0, 2, 1) @ dout


WRONG = {
    "maximum of all": (maximum_of_all, "needs its own maximum"),
    "identity": (_variant(lambda p, d: d), "through the softmax unchanged"),
    "row sum missing": (_variant(lambda p, d: p * d), "the sum over the row is missing"),
    "sigmoid": (_variant(lambda p, d: p * (1 - p) * d), "the derivative of a sigmoid"),
    "p forgotten": (_variant(lambda p, d: d - (d * p).sum(-1, keepdims=True)), "forgot to multiply with p"),
    "sum of dp": (_variant(lambda p, d: p * (d - d.sum(-1, keepdims=True))), "you sum dp alone"),
    "mean": (_variant(lambda p, d: p * (d - (d * p).mean(-1, keepdims=True))), "you subtract the mean."),
    "over queries": (
        _variant(lambda p, d: p * (d - (d * p).sum(1, keepdims=True))),
        "you sum over the queries",
    ),
    "over both": (
        _variant(lambda p, d: p * (d - (d * p).sum((1, 2), keepdims=True))),
        "over all queries and keys",
    ),
    "over everything": (_variant(lambda p, d: p * (d - np.sum(d * p))), "over the whole array"),
    "plus": (_variant(lambda p, d: p * (d + (d * p).sum(-1, keepdims=True))), "you add it"),
    "scale missing": (
        _variant(dq=lambda s, q, k, c: s @ k, dk=lambda s, q, k, c: _t(s) @ q),
        "dq and dk lack it",
    ),
    "scale twice": (
        _variant(dq=lambda s, q, k, c: s @ k * c * c, dk=lambda s, q, k, c: _t(s) @ q * c * c),
        "once, not twice",
    ),
    "scale multiplied": (
        _variant(dq=lambda s, q, k, c: s @ k / c, dk=lambda s, q, k, c: _t(s) @ q / c),
        "divide by it",
    ),
    "dk without scale": (_variant(dk=lambda s, q, k, c: _t(s) @ q), "dk lacks the factor"),
    "dq without scale": (_variant(dq=lambda s, q, k, c: s @ k), "dq lacks the factor"),
    "weights without scale": (
        _variant(weights=lambda q, k: _softmax(q @ _t(k))),
        "the weights that you use are not",
    ),
    "weights over queries": (
        _variant(weights=lambda q, k: _softmax(q @ _t(k) / np.sqrt(q.shape[-1]), 1)),
        "a softmax over the keys",
    ),
    "scores as weights": (
        _variant(weights=lambda q, k: q @ _t(k) / np.sqrt(q.shape[-1])),
        "where the weights after the softmax belong",
    ),
    "overflow": (_variant(weights=no_maximum), "exp overflows"),
    "dk not transposed": (
        _variant(dk=lambda s, q, k, c: s @ q * c if s.shape[1] == s.shape[2] else _t(s) @ q * c),
        "dk = dsᵀ q: transpose ds",
    ),
    "dk fails": (_variant(dk=lambda s, q, k, c: s @ q * c), "dk = dsᵀ q: transpose ds"),
    "dq transposed": (_variant(dq=lambda s, q, k, c: _t(s) @ k * c), "do not transpose ds"),
    "dq with q": (_variant(dq=lambda s, q, k, c: s @ q * c), "dq = ds k: you multiplied with q"),
    "dk with k": (_variant(dk=lambda s, q, k, c: _t(s) @ k * c), "dk = dsᵀ q: you multiplied with k"),
    "dv not transposed": (_variant(dv=lambda p, dout, v: p @ dout), "dv = pᵀ dout: transpose p"),
    "dv without weights": (_variant(dv=lambda p, dout, v: dout), "the weights are missing"),
    "dv with v": (_variant(dv=lambda p, dout, v: _t(p) @ v), "in place of dout"),
    "dp from out": (_variant(dp=lambda dout, out, v: out @ _t(v)), "you used the output"),
    "dout of ones": (lambda dout, q, k, v: _right(dout * 0 + 1, q, k, v), "replaced by ones"),
    "batch mean": (batch_mean, "divided by the batch size"),
    "sign": (_variant(lambda p, d: p * ((d * p).sum(-1, keepdims=True) - d)), "the sign of dq and dk"),
    "overwrites": (overwrites, "dk"),
    "exchanged": (lambda *a: (_right(*a)[1], _right(*a)[0], _right(*a)[2]), "dq and dk are exchanged"),
    "wrong order": (lambda *a: _right(*a)[::-1], "dq and dv are exchanged"),
    "two values": (lambda *a: _right(*a)[:2], "expected 3 values: dq, dk, dv"),
    "changes dout": (changes_dout, "changes its input array dout"),
    "torch": (torch_autograd, "torch"),
}
