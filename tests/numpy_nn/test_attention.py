"""Scaled dot-product attention: values by hand, masks, blocks, memory, dropout, sentences."""

import tracemalloc

import numpy as np
import pytest

from dlcourse.numpy_nn.attention import (
    attention_weights,
    scaled_dot_product_attention,
    scaled_dot_product_attention_backward,
)

LOG3 = np.log(3.0)


def _random(*shapes, dtype=np.float64):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def plain(q, k, v, allowed):
    """The formula as it stands, all weights at once; ``allowed`` (..., T, S)."""
    s = np.where(allowed, q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), -np.inf)
    p = np.exp(s - np.where(allowed, s, -1e9).max(-1, keepdims=True)) * allowed
    p = p / np.maximum(p.sum(-1, keepdims=True), 1e-300)
    return p, p @ v


def plain_backward(do, q, k, v, p):
    dp = do @ v.swapaxes(-1, -2)
    ds = p * (dp - (dp * p).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ do


def past(T, S):
    return np.arange(S) <= np.arange(T)[:, None] + S - T


def test_by_hand():
    # d = 4, so the scale is 1/2; scores 0 and ln 3 give weights 1/4 and 3/4.
    q = np.array([[2 * LOG3, 0, 0, 0]])
    k = np.array([[0.0, 5, 0, 0], [1, 0, 7, 0]])
    v = np.array([[4.0, 0], [8, 1]])
    o, lse = scaled_dot_product_attention(q, k, v)
    np.testing.assert_allclose(o, [[7, 0.75]])
    np.testing.assert_allclose(lse, [np.log(4)])
    np.testing.assert_allclose(attention_weights(q, k), [[0.25, 0.75]])
    # dO = (1, 0): dP = (4, 8), rowsum(dO O) = 7, dS = (1/4 * -3, 3/4 * 1) = (-3/4, 3/4).
    dq, dk, dv = scaled_dot_product_attention_backward(np.array([[1.0, 0]]), q, k, v, o, lse)
    np.testing.assert_allclose(dv, [[0.25, 0], [0.75, 0]])
    np.testing.assert_allclose(dq, [[3 / 8, -15 / 8, 21 / 8, 0]])
    np.testing.assert_allclose(dk, [[-3 / 4 * LOG3, 0, 0, 0], [3 / 4 * LOG3, 0, 0, 0]])


def test_masked_key_has_no_weight():
    q, k, v = _random((1, 3), (2, 3), (2, 5))
    o, _ = scaled_dot_product_attention(q, k, v, mask=np.array([True, False]))
    np.testing.assert_allclose(o, v[:1])


SHAPES = [
    ((2, 3), 5, 7),  # several entries in one block
    ((40, 2), 61, 47),  # blocks of entries, the last one smaller
    ((2,), 300, 700),  # 300 is no multiple of the block's rows
    ((2,), 700, 300),
    ((), 130, 1),
    ((), 1, 130),
]


@pytest.mark.parametrize(("lead", "T", "S"), SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["full", "padding", "per score", "causal", "causal and padding"])
def test_blocks_equal_the_plain_formula(lead, T, S, kind):
    q, k, v, do = _random((*lead, T, 4), (*lead, S, 4), (*lead, S, 3), (*lead, T, 3))
    rng = np.random.default_rng(1)
    mask = {"padding": rng.random((1, S)) < 0.7, "per score": rng.random((*lead, T, S)) < 0.5}.get(
        kind.removeprefix("causal and ")
    )
    causal = kind.startswith("causal")
    allowed = np.broadcast_to(True if mask is None else mask, (*lead, T, S)) & (
        past(T, S) if causal else True
    )
    p, expected = plain(q, k, v, allowed)
    o, lse = scaled_dot_product_attention(q, k, v, mask, causal)
    np.testing.assert_allclose(o, expected, atol=1e-13)
    np.testing.assert_allclose(attention_weights(q, k, mask, causal), p, atol=1e-13)
    found = scaled_dot_product_attention_backward(do, q, k, v, o, lse, mask, causal)
    for gradient, wanted in zip(found, plain_backward(do, q, k, v, p), strict=True):
        np.testing.assert_allclose(gradient, wanted, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"causal": True}, {"dropout": 0.4, "seed": 3}], ids=str)
def test_gradients_by_finite_differences(options):
    inputs = _random((2, 3, 4), (2, 5, 4), (2, 5, 3))
    do = _random((2, 3, 3))[0]
    o, lse = scaled_dot_product_attention(*inputs, **options)
    gradients = scaled_dot_product_attention_backward(do, *inputs, o, lse, **options)
    h = 1e-6
    for x, gradient in zip(inputs, gradients, strict=True):
        for index in np.ndindex(x.shape):
            kept, losses = x[index], []
            for moved in (kept + h, kept - h):
                x[index] = moved
                losses.append((scaled_dot_product_attention(*inputs, **options)[0] * do).sum())
            x[index] = kept
            assert gradient[index] == pytest.approx((losses[0] - losses[1]) / (2 * h), abs=1e-7)


def test_a_row_that_sees_nothing_gives_zero_and_gradient_zero():
    q, k, v, do = _random((2, 4, 3), (2, 5, 3), (2, 5, 3), (2, 4, 3))
    mask = np.ones((2, 4, 5), bool)
    mask[0, 1] = mask[1] = False
    o, lse = scaled_dot_product_attention(q, k, v, mask)
    dq, dk, dv = scaled_dot_product_attention_backward(do, q, k, v, o, lse, mask)
    for blind in (o[0, 1], o[1], dq[0, 1], dq[1], dk[1], dv[1], attention_weights(q, k, mask)[1]):
        assert np.array_equal(blind, np.zeros_like(blind))
    assert np.isfinite(lse).all() and np.abs(dq[0, 0]).min() > 0
    no_keys, _ = scaled_dot_product_attention(q, k[:, :0], v[:, :0])
    assert np.array_equal(no_keys, np.zeros((2, 4, 3)))


def test_large_scores_do_not_overflow():
    q, k, v = _random((3, 2), (4, 2), (4, 2), dtype=np.float32)
    o, lse = scaled_dot_product_attention(q * 1e4, k, v)
    best = np.argmax(q @ k.T, 1)
    np.testing.assert_allclose(o, v[best])
    assert np.isfinite(scaled_dot_product_attention_backward(v[:3], q * 1e4, k, v, o, lse)[0]).all()


@pytest.mark.parametrize("T", [10, 300])
def test_dropout_removes_its_share_and_keeps_the_mean(T):
    q, k = np.zeros((2, T, 2)), np.zeros((2, T, 2))
    v = np.broadcast_to(np.eye(T), (2, T, T))  # the output is the matrix of weights
    o, _ = scaled_dot_product_attention(q, k, v, dropout=0.25, seed=1)
    assert {round(w * T * 0.75, 9) for w in np.unique(o)} == {0, 1}
    assert (o == 0).mean() == pytest.approx(0.25, abs=0.1)
    again, _ = scaled_dot_product_attention(q, k, v, dropout=0.25, seed=1)
    other, _ = scaled_dot_product_attention(q, k, v, dropout=0.25, seed=2)
    assert np.array_equal(o, again) and not np.array_equal(o, other)


@pytest.mark.parametrize("causal", [False, True])
def test_dropout_of_long_sequences_is_the_same_in_both_passes(causal):
    T = 290
    q, k, v, do = _random((2, T, 3), (2, T, 3), (2, T, T), (2, T, 2))
    options = {"causal": causal, "dropout": 0.5, "seed": 9}
    dropped, _ = scaled_dot_product_attention(q, k, np.broadcast_to(np.eye(T), (2, T, T)), **options)
    o, lse = scaled_dot_product_attention(q, k, v[..., :2], **options)
    np.testing.assert_allclose(o, dropped @ v[..., :2], atol=1e-12)
    dv = scaled_dot_product_attention_backward(do, q, k, v[..., :2], o, lse, **options)[2]
    np.testing.assert_allclose(dv, dropped.swapaxes(-1, -2) @ do, atol=1e-12)


def test_float32_is_kept_inputs_are_unchanged_and_strides_do_not_matter():
    q, k, v, do = _random((2, 4, 3, 5), (2, 6, 3, 5), (2, 6, 3, 5), (2, 4, 3, 5), dtype=np.float32)
    mask = np.random.default_rng(2).random((4, 6)) < 0.7
    heads = [x.swapaxes(1, 2) for x in (q, k, v, do)]  # views
    reversed_keys = [x[..., ::-1, :] for x in heads[1:3]]
    kept = [x.copy() for x in (q, k, v, do, mask)]
    for dropout in (0.0, 0.3):
        o, lse = scaled_dot_product_attention(*heads[:3], mask, dropout=dropout, seed=0)
        gradients = scaled_dot_product_attention_backward(
            heads[3], *heads[:3], o, lse, mask, dropout=dropout, seed=0
        )
        assert all(x.dtype == np.float32 for x in (o, lse, *gradients))
    assert attention_weights(heads[0], heads[1]).dtype == np.float32
    copies = [x.copy() for x in heads[:3]]
    o, _ = scaled_dot_product_attention(*heads[:3])
    np.testing.assert_allclose(o, scaled_dot_product_attention(*copies)[0], rtol=1e-5)
    np.testing.assert_allclose(o, scaled_dot_product_attention(heads[0], *reversed_keys)[0], rtol=1e-4)
    assert all(np.array_equal(x, before) for x, before in zip((q, k, v, do, mask), kept, strict=True))


@pytest.mark.parametrize("causal", [False, True])
def test_memory_does_not_grow_with_the_square_of_the_length(causal):
    """T = 4096, 8 heads of width 64: all weights would be 537 MB; the results alone are 34 MB."""
    q, k, v, do = _random(*[(1, 8, 4096, 64)] * 4, dtype=np.float32)
    tracemalloc.start()
    o, lse = scaled_dot_product_attention(q, k, v, causal=causal)
    scaled_dot_product_attention_backward(do, q, k, v, o, lse, causal=causal)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64e6


def test_wrong_input_is_named():
    q, k, v = _random((2, 3, 4), (2, 5, 4), (2, 5, 6))
    attend = scaled_dot_product_attention
    with pytest.raises(TypeError, match="k has dtype int64, expected float32 or float64"):
        attend(q, k.astype(int), v)
    with pytest.raises(TypeError, match="dtypes float64, float32, float64, expected one dtype"):
        attend(q, k.astype(np.float32), v)
    for bad in (
        (q[..., :3], k, v),
        (q, k[:, :4], v),
        (q[:1], k, v),
        (q[0], k, v),
        (q[0, 0], k[0, 0], v[0, 0]),
    ):
        with pytest.raises(ValueError, match=r"do not fit; expected \(..., T, d\), \(..., S, d\)"):
            attend(*bad)
    with pytest.raises(TypeError, match="mask is float64, expected a boolean array in which True means"):
        attend(q, k, v, np.zeros((3, 5)))
    with pytest.raises(TypeError, match="mask is list, expected a boolean array"):
        attend(q, k, v, [[True] * 5] * 3)
    with pytest.raises(
        ValueError, match=r"mask has shape \(5, 3\), expected one that broadcasts to \(2, 3, 5\)"
    ):
        attend(q, k, v, np.ones((5, 3), bool))
