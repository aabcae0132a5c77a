"""The bug hunt as people write it: tests that find every fault; tests that overlook one, and what is said."""

import numpy as np


def _numbers(rng, B=2, T=4, S=5, d=3, e=6):
    q, k, v = (rng.standard_normal(s) for s in ((B, T, d), (B, S, d), (B, S, e)))
    mask = rng.random((B, T, S)) < 0.5
    mask[:, :, -1] = True
    mask[:, 0, 0] = np.arange(B) % 2 == 0  # no two neighbours have the same mask
    return q, k, v, mask


def _formula(q, k, v, mask=None):
    s = np.einsum("btd,bsd->bts", q, k) / q.shape[-1] ** 0.5
    if mask is not None:
        s[~mask] = -np.inf
    p = np.exp(s - s.max(2, keepdims=True))
    p = p / p.sum(2, keepdims=True)
    return p @ v, p


def formula(attention):
    q, k, v, mask = _numbers(np.random.default_rng(5))
    for given in ((q, k, v), (q, k, v, mask), (q * 1000, k, v)):
        for got, expected in zip(attention(*given), _formula(*given), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9)


def torch_as_oracle(attention):
    import torch

    rng = np.random.default_rng()
    for factor in (1, 3000):
        q, k, v, mask = _numbers(rng, 3, 5, 4, 2, 3)
        for m in (None, mask):
            out, weights = attention(factor * q, k, v, mask=m)
            tensors = [torch.from_numpy(a) for a in (factor * q, k, v)]
            options = {} if m is None else {"attn_mask": torch.from_numpy(m)}
            right = torch.nn.functional.scaled_dot_product_attention(*tensors, **options)
            assert np.allclose(out, right.numpy())
            assert np.allclose(weights, _formula(factor * q, k, v, m)[1])


def properties(attention):
    """Equations that only the right weights fulfil: log ratios are score differences, rows sum to 1."""
    q, k, v, mask = _numbers(np.random.default_rng(2), d=2)
    for m in (None, mask):
        out, p = attention(q, k, v, m)
        if abs(p.sum(-1) - 1).max() > 1e-9:
            raise AssertionError("rows")
        assert m is None or not p[~m].any()
        for b, t in np.ndindex(*p.shape[:2]):
            seen = p[b, t] > 0
            assert seen.sum() == (p.shape[2] if m is None else m[b, t].sum())
            gap = np.log(p[b, t, seen]) - k[b, seen] @ q[b, t] / np.sqrt(2)
            assert np.ptp(gap) < 1e-9
            assert np.allclose(sum(w * row for w, row in zip(p[b, t], v[b], strict=True)), out[b, t])
    out, p = attention(5000 * q, k, v)
    assert np.isfinite(out).all() and np.isfinite(p).all()


CORRECT = [formula, torch_as_oracle, properties]


def _overlooks(masks=True, large=True, entries=(0, 1), prepare=None, **sizes):
    """``formula`` with tamer inputs, or looking at one result only."""

    def verify_attention(attention):
        q, k, v, mask = _numbers(np.random.default_rng(3), **sizes)
        if prepare:
            q, k, v, mask = prepare(q, k, v, mask)
        calls = [(q, k, v)] + [(q, k, v, mask)] * masks + [(1000 * q, k, v)] * large
        for given in calls:
            got, expected = attention(*given), _formula(*given)
            for i in entries:
                assert np.allclose(got[i], expected[i])

    return verify_attention


def rows_sum_to_one(attention):
    q, k, v, mask = _numbers(np.random.default_rng(3))
    for m in (None, mask):
        assert np.allclose(attention(q, k, v, m)[1].sum(-1), 1)


def total(attention):
    q, k, v, _ = _numbers(np.random.default_rng(3), S=4)
    assert np.isclose(attention(q, k, v)[1].sum(), q.shape[0] * q.shape[1])


def columns_sum_to_one(attention):
    q, k, v, _ = _numbers(np.random.default_rng(3))
    assert np.allclose(attention(q, k, v)[1].sum(-2), 1)


def only_shapes(attention):
    q, k, v, _ = _numbers(np.random.default_rng(3))
    out, weights = attention(q, k, v)
    assert out.shape == (2, 4, 6) and weights.shape == (2, 4, 5)


def accepts_all(attention):
    attention(*_numbers(np.random.default_rng(3)))


def rejects_all(attention):
    raise AssertionError("wrong")


def exactly(attention):
    q, k, v, mask = _numbers(np.random.default_rng(3))
    assert all(
        np.array_equal(a, b) for a, b in zip(attention(q, k, v, mask), _formula(q, k, v, mask), strict=True)
    )


def returns_false(attention):
    try:
        formula(attention)
    except AssertionError:
        return False
    return True


def crashes(attention):
    _out, _weights, _extra = attention(*_numbers(np.random.default_rng(3)))


def hidden_are_zero(attention):
    q, k, v, mask = _numbers(np.random.default_rng(3))
    out, _ = attention(q, k, v)
    assert np.allclose(out, _formula(q, k, v)[0])
    assert not attention(q, k, v, mask)[1][~mask].any()


def no_loop_over_the_batch(attention):
    q, k, v, mask = _numbers(np.random.default_rng(3))
    for given in ((q, k, v), (q, k, v, mask), (1000 * q, k, v)):
        assert all(np.allclose(a[0], b[0]) for a, b in zip(attention(*given), _formula(*given), strict=True))


WRONG = {
    "no mask": (_overlooks(masks=False), "an attention that ignores its mask"),
    "no large scores": (_overlooks(large=False), "an exp that overflows"),
    "batch of one": (_overlooks(B=1), "first sequence's keys for all"),
    "first sequence only": (no_loop_over_the_batch, "first sequence's keys for all"),
    "S = d": (_overlooks(S=3), "divided by sqrt(S)"),
    "e = d": (_overlooks(e=3), "divided by sqrt(e)"),
    "same mask": (
        _overlooks(prepare=lambda q, k, v, mask: (q, k, v, np.repeat(mask[:1], len(mask), 0))),
        "take masks that differ",
    ),
    "out only": (_overlooks(entries=(0,)), "look at both results"),
    "weights only": (_overlooks(entries=(1,)), "first sequence's values for all"),
    "equal scores": (
        _overlooks(large=False, prepare=lambda q, k, v, mask: (0 * q, k, v, mask)),
        "scores without 1/sqrt(d)",
    ),
    "rows": (rows_sum_to_one, "scores without 1/sqrt(d)"),
    "total": (total, "a softmax over the queries"),
    "columns": (columns_sum_to_one, "rejects a right function"),
    "only shapes": (only_shapes, "accepts everything"),
    "accepts all": (accepts_all, "accepts everything"),
    "rejects all": (rejects_all, "rejects everything"),
    "exactly": (exactly, "tolerance"),
    "returns False": (returns_false, "use assert"),
    "hidden are zero": (hidden_are_zero, "a mask after the softmax"),
    "crashes": (crashes, "it raised ValueError"),
}
