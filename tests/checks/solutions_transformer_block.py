"""E23 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _softmax(s, axis=-1):
    p = np.exp(s - s.max(axis, keepdims=True))
    return p / p.sum(axis, keepdims=True)


def _norm(x, gamma, beta, eps=1e-5, axis=-1, ddof=0):
    mean = x.mean(axis, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis, keepdims=True, ddof=ddof) + eps) * gamma + beta


def _heads(x, p, h, scale=None, axis=-1, causal=False):
    d = x.shape[-1] // h
    outs = []
    for i in range(h):
        c = slice(i * d, i * d + d)
        q, k, v = x @ p["Wq"][:, c], x @ p["Wk"][:, c], x @ p["Wv"][:, c]
        s = q @ k.swapaxes(1, 2) * (d**-0.5 if scale is None else scale(x, d))
        if causal:
            s = np.where(np.tri(x.shape[1], dtype=bool), s, -np.inf)
        outs.append(_softmax(s, axis) @ v)
    return np.concatenate(outs, -1) @ p["Wo"]


def _ffn(x, p):
    return np.maximum(x @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]


def head_loop(x, params, h, norm):
    def first(z):
        return _norm(z, params["gamma1"], params["beta1"])

    def second(z):
        return _norm(z, params["gamma2"], params["beta2"])

    if norm == "pre":
        x = x + _heads(first(x), params, h)
        return x + _ffn(second(x), params)
    x = first(x + _heads(x, params, h))
    return second(x + _ffn(x, params))


def closed_form_einsum(x: np.ndarray, params: dict, h: int, norm: str) -> np.ndarray:
    E = x.shape[-1]
    z = _norm(x, params["gamma1"], params["beta1"]) if norm == "pre" else x
    q, k, v = (np.einsum("bte,ehd->bhtd", z, params[w].reshape(E, h, -1)) for w in ("Wq", "Wk", "Wv"))
    p = _softmax(np.einsum("bhtd,bhsd->bhts", q, k) / np.sqrt(E / h))
    a = x + np.einsum("bhts,bhsd,hde->bte", p, v, params["Wo"].reshape(h, -1, E))
    if norm == "post":
        a = _norm(a, params["gamma1"], params["beta1"])
    z = a if norm == "post" else _norm(a, params["gamma2"], params["beta2"])
    hidden = z @ params["W1"] + params["b1"]
    y = a + np.where(hidden > 0, hidden, 0) @ params["W2"] + params["b2"]
    return y if norm == "pre" else _norm(y, params["gamma2"], params["beta2"])


def one_sequence_at_a_time(x, params, h, norm):
    Wq, Wk, Wv, Wo, W1, b1, W2, b2, g1, c1, g2, c2 = (
        params[name]
        for name in ("Wq", "Wk", "Wv", "Wo", "W1", "b1", "W2", "b2", "gamma1", "beta1", "gamma2", "beta2")
    )

    def attend(z):
        total = np.zeros(z.shape)
        for part in np.split(np.arange(z.shape[1]), h):
            w = _softmax((z @ Wq)[:, part] @ (z @ Wk)[:, part].T / len(part) ** 0.5)
            total[:, part] = w @ (z @ Wv)[:, part]
        return total @ Wo

    def feed(z):
        hidden = z @ W1 + b1
        return (hidden * (hidden > 0)) @ W2 + b2

    results = []
    for sequence in x:
        y = sequence.copy()
        for f, gamma, beta in ((attend, g1, c1), (feed, g2, c2)):
            y = y + f(_norm(y, gamma, beta)) if norm == "pre" else _norm(y + f(y), gamma, beta)
        results.append(y)
    return np.array(results)


class Sublayer:
    """A residual branch as an object."""

    def __init__(self, function, gamma, beta):
        self.function, self.gamma, self.beta = function, gamma, beta

    def __call__(self, x, before):
        if before:
            return np.add(x, self.function(_norm(x, self.gamma, self.beta)))
        return _norm(np.add(x, self.function(x)), self.gamma, self.beta)


def with_a_class(x, params, h, norm):
    attention = Sublayer(lambda z: _heads(z, params, h), params["gamma1"], params["beta1"])
    network = Sublayer(lambda z: _ffn(z, params), params["gamma2"], params["beta2"])
    return network(attention(x, norm == "pre"), norm == "pre")


CORRECT = [head_loop, closed_form_einsum, one_sequence_at_a_time, with_a_class]


def _variant(post=None, pre=None, attend=_heads, feed=_ffn, normalise=_norm, numbers="12", swap=False):
    """The block with parts exchanged; ``post`` and ``pre`` are functions of (x, branch, norm)."""

    def transformer_block(x, params, h, norm):
        step = {"post": post or (lambda x, f, n: n(x + f(x))), "pre": pre or (lambda x, f, n: x + f(n(x)))}
        norms = [lambda z, i=i: normalise(z, params["gamma" + i], params["beta" + i]) for i in numbers]
        parts = [(lambda z: attend(z, params, h), norms[0]), (lambda z: feed(z, params), norms[1])]
        for part in reversed(parts) if swap else parts:
            x = step[norm](x, *part)
        return x

    return transformer_block


def no_residual_around_attention(x, params, h, norm):
    n1, n2 = (lambda z, i=i: _norm(z, params["gamma" + i], params["beta" + i]) for i in "12")
    if norm == "post":
        a = n1(_heads(x, params, h))
        return n2(a + _ffn(a, params))
    a = _heads(n1(x), params, h)
    return a + _ffn(n2(a), params)


def no_residual_around_ffn(x, params, h, norm):
    n1, n2 = (lambda z, i=i: _norm(z, params["gamma" + i], params["beta" + i]) for i in "12")
    if norm == "post":
        return n2(_ffn(n1(x + _heads(x, params, h)), params))
    return _ffn(n2(x + _heads(n1(x), params, h)), params)


def one_norm(x, params, h, norm):
    n1 = _norm(x, params["gamma1"], params["beta1"]) if norm == "pre" else x
    a = x + _heads(n1, params, h)
    if norm == "post":
        a = _norm(a, params["gamma1"], params["beta1"])
    return a + _ffn(a, params)


def parallel(x, params, h, norm):
    n1, n2 = (lambda z, i=i: _norm(z, params["gamma" + i], params["beta" + i]) for i in "12")
    if norm == "pre":
        return x + _heads(n1(x), params, h) + _ffn(n2(x), params)
    return n2(n1(x + _heads(x, params, h)) + _ffn(x, params))


def adds_x_again(x, params, h, norm):
    n1, n2 = (lambda z, i=i: _norm(z, params["gamma" + i], params["beta" + i]) for i in "12")
    if norm == "post":
        a = n1(x + _heads(x, params, h))
        return n2(x + _ffn(a, params))
    a = x + _heads(n1(x), params, h)
    return x + _ffn(n2(a), params)


def final_norm(x, params, h, norm):
    y = head_loop(x, params, h, norm)
    return _norm(y, params["gamma2"], params["beta2"]) if norm == "pre" else y


def _with(**changed):
    return lambda x, p, h, norm: head_loop(x, p | {k: f(p) for k, f in changed.items()}, h, norm)


def _plain_reshape(x, p, h):
    B, T, E = x.shape
    q, k, v = ((x @ p[w]).reshape(B, h, T, E // h) for w in ("Wq", "Wk", "Wv"))
    o = _softmax(q @ k.swapaxes(2, 3) / np.sqrt(E // h)) @ v
    return o.reshape(B, T, E) @ p["Wo"]


def _plain_merge(x, p, h):
    B, T, E = x.shape
    q, k, v = ((x @ p[w]).reshape(B, T, h, E // h).swapaxes(1, 2) for w in ("Wq", "Wk", "Wv"))
    o = _softmax(q @ k.swapaxes(2, 3) / np.sqrt(E // h)) @ v
    return o.reshape(B, T, E) @ p["Wo"]


def _no_maximum(x, p, h):
    B, T, E = x.shape
    q, k, v = ((x @ p[w]).reshape(B, T, h, E // h).swapaxes(1, 2) for w in ("Wq", "Wk", "Wv"))
    e = np.exp(q @ k.swapaxes(2, 3) / np.sqrt(E // h))
    return (e / e.sum(-1, keepdims=True) @ v).swapaxes(1, 2).reshape(B, T, E) @ p["Wo"]


def _gelu(z):
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def changes_x(x, params, h, norm):
    y = head_loop(x, params, h, norm)
    x += y
    return y


def changes_params(x, params, h, norm):
    y = head_loop(x, params, h, norm)
    params["b1"] -= 0.1
    return y


def with_torch(x, params, h, norm):
    import torch

    return torch.nn.TransformerEncoderLayer(x.shape[-1], h, norm_first=norm == "pre")(
        torch.from_numpy(x)
    ).numpy()


WRONG = {
    "no residual": (
        _variant(lambda x, f, n: n(f(x)), lambda x, f, n: f(n(x))),
        "around attention and around",
    ),
    "no residual, attention": (no_residual_around_attention, "x + f(x) is missing around attention."),
    "no residual, ffn": (no_residual_around_ffn, "is missing around the feed-forward part"),
    "no relu": (
        _variant(feed=lambda x, p: (x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]),
        "collapse into one",
    ),
    "relu after both": (_variant(feed=lambda x, p: np.maximum(_ffn(x, p), 0)), "after the second matrix"),
    "relu at the end": (
        _variant(feed=lambda x, p: np.maximum((x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"], 0)),
        "stands between the two matrices",
    ),
    "gelu": (
        _variant(feed=lambda x, p: _gelu(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]),
        "not GELU",
    ),
    "relu before the bias": (
        _variant(feed=lambda x, p: (np.maximum(x @ p["W1"], 0) + p["b1"]) @ p["W2"] + p["b2"]),
        "after the bias",
    ),
    "always post": (lambda x, p, h, norm: head_loop(x, p, h, "post"), 'you always do what "post" means'),
    "always pre": (lambda x, p, h, norm: head_loop(x, p, h, "pre"), 'you always do what "pre" means'),
    "post and pre exchanged": (
        lambda x, p, h, norm: head_loop(x, p, h, "pre" if norm == "post" else "post"),
        '"post" and "pre" are exchanged',
    ),
    "post: x + LN(f(x))": (_variant(lambda x, f, n: x + n(f(x))), "not x + LN(f(x))"),
    "pre: x + LN(f(x))": (_variant(pre=lambda x, f, n: x + n(f(x))), "not x + LN(f(x))"),
    "post: LN(x) + f(x)": (_variant(lambda x, f, n: n(x) + f(x)), "not LN(x) + f(x)"),
    "pre: residual of LN(x)": (_variant(pre=lambda x, f, n: n(x) + f(n(x))), "carries x itself"),
    "pre: both": (_variant(pre=lambda x, f, n: n(x + f(n(x)))), "you normalise the sum as well"),
    "no norm": (_variant(lambda x, f, n: x + f(x), lambda x, f, n: x + f(x)), "normalisations are missing"),
    "pre: no norm": (_variant(pre=lambda x, f, n: x + f(x)), "not that there is none"),
    "one norm": (one_norm, "that of the feed-forward part is missing"),
    "first norm twice": (_variant(numbers="11"), "the second uses gamma2"),
    "norms exchanged": (_variant(numbers="21"), "have exchanged their gamma"),
    "final norm": (final_norm, "a third one"),
    "order": (_variant(swap=True), "attention first"),
    "order, numbers too": (_variant(swap=True, numbers="21"), "attention first"),
    "parallel": (parallel, "works on the input of the block"),
    "adds x again": (adds_x_again, "add the input of the block again"),
    "only attention": (_variant(feed=lambda x, p: 0 * x), "the feed-forward part is missing"),
    "no b1": (_with(b1=lambda p: 0 * p["b1"]), "b1 is missing"),
    "no b2": (_with(b2=lambda p: 0 * p["b2"]), "b2 is missing"),
    "no biases": (_with(b1=lambda p: 0 * p["b1"], b2=lambda p: 0 * p["b2"]), "b1 and b2 are missing"),
    "no Wo": (_with(Wo=lambda p: np.eye(len(p["Wo"]))), "Wo is missing"),
    "q and k exchanged": (_with(Wq=lambda p: p["Wk"], Wk=lambda p: p["Wq"]), "queries and keys"),
    "transposed": (
        _with(**{w: lambda p, w=w: p[w].T for w in ("Wq", "Wk", "Wv", "Wo")}),
        "applied from the right",
    ),
    "h ignored": (lambda x, p, h, norm: head_loop(x, p, 1, norm), "h has no effect"),
    "plain reshape": (_variant(attend=_plain_reshape), "mixes time steps"),
    "plain merge": (_variant(attend=_plain_merge), "behind the time axis"),
    "no scaling": (
        _variant(attend=lambda x, p, h: _heads(x, p, h, lambda x, d: 1.0)),
        "1/sqrt(d) is missing",
    ),
    "sqrt(E)": (
        _variant(attend=lambda x, p, h: _heads(x, p, h, lambda x, d: x.shape[-1] ** -0.5)),
        "not by sqrt(E)",
    ),
    "over queries": (_variant(attend=lambda x, p, h: _heads(x, p, h, axis=-2)), "softmax over the keys"),
    "overflow": (_variant(attend=_no_maximum), "exp overflows"),
    "causal": (_variant(attend=lambda x, p, h: _heads(x, p, h, causal=True)), "causal mask was not asked"),
    "norm over time": (_variant(normalise=lambda x, g, b: _norm(x, g, b, axis=1)), "not over the time"),
    "norm over batch": (_variant(normalise=lambda x, g, b: _norm(x, g, b, axis=0)), "not over the batch"),
    "ddof": (_variant(normalise=lambda x, g, b: _norm(x, g, b, ddof=1)), "ddof=1"),
    "no gamma": (_variant(normalise=lambda x, g, b: _norm(x, 1, b)), "forgets gamma."),
    "no beta": (_variant(normalise=lambda x, g, b: _norm(x, g, 0)), "forgets beta"),
    "plain norm": (_variant(normalise=lambda x, g, b: _norm(x, 1, 0)), "forgets gamma and beta"),
    "keras eps": (_variant(normalise=lambda x, g, b: _norm(x, g, b, 1e-3)), "is 1e-5"),
    "no eps": (_variant(normalise=lambda x, g, b: _norm(x, g, b, 0)), "is 1e-5"),
    "changes x": (changes_x, "changes its input array x"),
    "changes params": (changes_params, "changes its input array params"),
    "torch": (with_torch, "torch"),
}
