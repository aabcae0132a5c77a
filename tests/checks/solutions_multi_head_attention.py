"""E20 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _softmax(s, axis=-1):
    p = np.exp(s - s.max(axis=axis, keepdims=True))
    return p / p.sum(axis=axis, keepdims=True)


def one_head_at_a_time(x, Wq, Wk, Wv, Wo, h, mask=None):
    d = x.shape[-1] // h
    heads = []
    for i in range(h):
        part = slice(i * d, (i + 1) * d)
        q, k, v = x @ Wq[:, part], x @ Wk[:, part], x @ Wv[:, part]
        s = q @ k.transpose(0, 2, 1) / np.sqrt(d)
        if mask is not None:
            s[~mask[:, 0]] = -np.inf
        heads.append(_softmax(s) @ v)
    return np.concatenate(heads, axis=-1) @ Wo


def einsum_with_matrices_of_heads(x, Wq, Wk, Wv, Wo, h, mask=None):
    E = x.shape[-1]
    q, k, v = (np.einsum("bte,ehd->bhtd", x, W.reshape(E, h, E // h)) for W in (Wq, Wk, Wv))
    s = np.einsum("bhtd,bhsd->bhts", q, k) * (E / h) ** -0.5
    if mask is not None:
        s = np.where(mask, s, -1e9)
    o = np.einsum("bhts,bhsd->bthd", _softmax(s), v)
    return np.einsum("bthd,hde->bte", o, Wo.reshape(h, E // h, E))


def sum_of_projected_heads(x, Wq, Wk, Wv, Wo, h, mask=None):
    """Each head through its own rows of Wo, then the sum."""
    y = np.zeros(x.shape)
    for columns in np.split(np.arange(x.shape[2]), h):
        for b, sequence in enumerate(x):
            s = (sequence @ Wq[:, columns]) @ (sequence @ Wk[:, columns]).T / len(columns) ** 0.5
            w = _softmax(s if mask is None else s + np.where(mask[b, 0], 0, -np.inf))
            y[b] += w @ (sequence @ Wv[:, columns]) @ Wo[columns]
    return y


def stacked_heads(x: np.ndarray, Wq, Wk, Wv, Wo, h: int, mask=None) -> np.ndarray:
    def heads(z):
        return np.stack(np.split(z, h, axis=2), axis=1)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    scores = np.matmul(q, np.moveaxis(k, 2, 3)) / np.sqrt(q.shape[-1])
    blocked = np.zeros(scores.shape, bool) if mask is None else ~np.broadcast_to(mask, scores.shape)
    scores[blocked] = -np.inf
    mixed = _softmax(scores) @ v
    return np.concatenate([mixed[:, i] for i in range(h)], axis=2) @ Wo


CORRECT = [one_head_at_a_time, einsum_with_matrices_of_heads, sum_of_projected_heads, stacked_heads]


def _split(z, h):
    B, T, E = z.shape
    return z.reshape(B, T, h, E // h).transpose(0, 2, 1, 3)


def _plain_split(z, h):
    B, T, E = z.shape
    return z.reshape(B, h, T, E // h)


def _strided_split(z, h):
    return np.stack([z[:, :, i::h] for i in range(h)], axis=1)


def _merge(z):
    B, h, T, d = z.shape
    return z.transpose(0, 2, 1, 3).reshape(B, T, h * d)


def _plain_merge(z):
    B, h, T, d = z.shape
    return z.reshape(B, T, h * d)


def _strided_merge(z):
    B, h, T, d = z.shape
    y = np.empty((B, T, h * d))
    for i in range(h):
        y[:, :, i::h] = z[:, i]
    return y


def _attend(q, k, v, mask, scale=None, axis=-1, hidden=-np.inf):
    s = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    return _softmax(s if mask is None else np.where(mask, s, hidden), axis) @ v


def _variant(
    split=_split,
    merge=_merge,
    project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wk, x @ Wv),
    attend=lambda q, k, v, mask, E: _attend(q, k, v, mask),
    output=lambda y, Wo, x: y @ Wo,
):
    def multi_head_attention(x, Wq, Wk, Wv, Wo, h, mask=None):
        q, k, v = (split(z, h) for z in project(x, Wq, Wk, Wv))
        return output(merge(attend(q, k, v, mask, x.shape[-1])), Wo, x)

    return multi_head_attention


def mask_after(q, k, v, mask, E):
    w = _softmax(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
    return (w if mask is None else w * mask) @ v


def no_maximum(q, k, v, mask, E):
    e = np.exp(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
    if mask is not None:
        e = e * mask
    return e / e.sum(-1, keepdims=True) @ v


def mask_times_scores(q, k, v, mask, E):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    return _softmax(s if mask is None else s * mask) @ v


def first_head_only(x, Wq, Wk, Wv, Wo, h, mask=None):
    d = x.shape[-1] // h
    q, k, v = (x @ W[:, :d] for W in (Wq, Wk, Wv))
    head = _attend(q, k, v, None if mask is None else mask[:, 0])
    return np.concatenate([head] * h, axis=-1) @ Wo


def same_weights(q, k, v, mask, E):
    s = q[:, :1] @ k[:, :1].swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    return _softmax(s if mask is None else np.where(mask, s, -np.inf)) @ v


def transposed(*which):
    def multi_head_attention(x, Wq, Wk, Wv, Wo, h, mask=None):
        return _right(x, *(W.T if i in which else W for i, W in enumerate((Wq, Wk, Wv, Wo))), h, mask)

    return multi_head_attention


def ignores_h(x, Wq, Wk, Wv, Wo, h, mask=None):
    return _right(x, Wq, Wk, Wv, Wo, 1, mask)


def changes_x(x, Wq, Wk, Wv, Wo, h, mask=None):
    y = _right(x, Wq, Wk, Wv, Wo, h, mask)
    x += y
    return y


_right = _variant()


def torch_does_it(x, Wq, Wk, Wv, Wo, h, mask=None):
    from torch.nn.functional import multi_head_attention_forward

    return multi_head_attention_forward(x, Wq, Wk, Wv, Wo, h, mask)


WRONG = {
    "plain split": (_variant(_plain_split), "mixes time steps"),
    "plain split and merge": (_variant(_plain_split, _plain_merge), "mixes time steps"),
    "plain merge": (_variant(merge=_plain_merge), "bring the heads back behind the time axis"),
    "interleaved": (_variant(_strided_split, _strided_merge), "you took every h-th column"),
    "interleaved split": (_variant(_strided_split), "you took every h-th column"),
    "interleaved merge": (_variant(merge=_strided_merge), "of one head must stay together"),
    "sqrt(E)": (
        _variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, E**-0.5)),
        "not by sqrt(E)",
    ),
    "no scaling": (
        _variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, 1.0)),
        "1/sqrt(d) is missing",
    ),
    "d": (_variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, 1 / q.shape[-1])), "not by d."),
    "sqrt(h)": (
        _variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, q.shape[1] ** -0.5)),
        "not by sqrt(h)",
    ),
    "sqrt(T)": (
        _variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, q.shape[2] ** -0.5)),
        "not by sqrt(T)",
    ),
    "no output projection": (_variant(output=lambda y, Wo, x: y), "Wo is missing"),
    "residual": (_variant(output=lambda y, Wo, x: x + y @ Wo), "the residual belongs to the block"),
    "q and k exchanged": (
        _variant(project=lambda x, Wq, Wk, Wv: (x @ Wk, x @ Wq, x @ Wv)),
        "queries and keys are exchanged",
    ),
    "k and v exchanged": (
        _variant(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wv, x @ Wk)),
        "keys and values are exchanged",
    ),
    "values not projected": (
        _variant(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wk, x)),
        "the values are x itself",
    ),
    "keys with Wq": (
        _variant(project=lambda x, Wq, Wk, Wv: (x @ Wq, x @ Wq, x @ Wv)),
        "both made with Wq",
    ),
    "nothing projected": (_variant(project=lambda x, *_: (x, x, x)), "nothing is projected"),
    "all transposed": (transposed(0, 1, 2, 3), "applied from the right here"),
    "inputs transposed": (transposed(0, 1, 2), "Wq, Wk and Wv are applied as x @ W"),
    "output transposed": (transposed(3), "y @ Wo, not"),
    "h ignored": (ignores_h, "h has no effect"),
    "h and d exchanged": (
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: _right(x, Wq, Wk, Wv, Wo, x.shape[-1] // h, mask),
        "d heads of width h",
    ),
    "two heads always": (
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: _right(x, Wq, Wk, Wv, Wo, 2, mask),
        "always two heads",
    ),
    "first head": (first_head_only, "only the first head is used"),
    "same weights": (_variant(attend=same_weights), "weights of the first one"),
    "over queries": (
        _variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, axis=-2)),
        "softmax over the keys",
    ),
    "over heads": (
        _variant(attend=lambda q, k, v, mask, E: _attend(q, k, v, mask, axis=1)),
        "the softmax runs over the heads",
    ),
    "overflow": (_variant(attend=no_maximum), "exp overflows"),
    "mask after": (_variant(attend=mask_after), "masking after the softmax"),
    "score 0": (_variant(attend=mask_times_scores), "a score of 0"),
    "mask inverted": (
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: _right(x, Wq, Wk, Wv, Wo, h, None if mask is None else ~mask),
        "mask is inverted",
    ),
    "mask ignored": (lambda x, Wq, Wk, Wv, Wo, h, mask=None: _right(x, Wq, Wk, Wv, Wo, h), "mask is ignored"),
    "mask of the first": (
        lambda x, Wq, Wk, Wv, Wo, h, mask=None: _right(
            x, Wq, Wk, Wv, Wo, h, None if mask is None else mask[:1]
        ),
        "mask of the first one",
    ),
    "heads kept": (
        lambda *a, **o: _split(_right(*a, **o), a[5]),
        "axes",
    ),
    "weights too": (lambda *a, **o: (_right(*a, **o), a[0]), "a tuple of 2"),
    "changes x": (changes_x, "changes its input array x"),
    "torch": (torch_does_it, "torch.nn.functional"),
}
