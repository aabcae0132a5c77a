"""E19 ``attention_backward``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call
from dlcourse.checks.attention import queries_keys_values, softmax


def gradient_input(
    rng: np.random.Generator, B: int, T: int, S: int, d: int, e: int, size: float = 1.0
) -> Call:
    """dout (B, T, e), then q (times ``size``), k, v."""
    q, k, v = queries_keys_values(rng, (B,), T, S, d, e)
    return call(rng.standard_normal((B, T, e)), size * q, k, v)


def _turned(x):
    return x.swapaxes(-1, -2)


def _weights(q, k, v, dout):
    return softmax(q @ _turned(k) * q.shape[-1] ** -0.5)


def _jacobian(p, dp, dout, out):
    """dS from P and dP: the softmax of each row."""
    return p * (dp - (dp * p).sum(-1, keepdims=True))


def _backward(
    weights=_weights, dp=lambda dout, v, out: dout @ _turned(v), ds=_jacobian, dq=None, dk=None, dv=None
):
    """Attention backward with parts that can be exchanged; each part is a factor of the formula.

    ``dq``, ``dk`` take (dS, q, k, c) with c = 1/sqrt(d); ``dv`` takes (P, dout, v).
    """

    def backward(dout, q, k, v):
        p, c = weights(q, k, v, dout), q.shape[-1] ** -0.5
        out = p @ v
        d_scores = ds(p, dp(dout, v, out), dout, out)
        return (
            (dq or (lambda s, q, k, c: s @ k * c))(d_scores, q, k, c),
            (dk or (lambda s, q, k, c: _turned(s) @ q * c))(d_scores, q, k, c),
            (dv or (lambda p, dout, v: _turned(p) @ dout))(p, dout, v),
        )

    return backward


gradients = _backward()  # the reference of E19


def reference(dout, q, k, v):
    """The reference of E19."""
    return gradients(dout, q, k, v)


def _scaled(n):
    """1/sqrt(d) to the power n in dq and dk."""
    return _backward(dq=lambda s, q, k, c: s @ k * c**n, dk=lambda s, q, k, c: _turned(s) @ q * c**n)


def _times(dq=1.0, dk=1.0, dv=1.0):
    """Results multiplied with functions of the shapes: ``factor(dout)``."""

    def backward(dout, q, k, v):
        factors = (f(dout) if callable(f) else f for f in (dq, dk, dv))
        return tuple(f * g for f, g in zip(factors, gradients(dout, q, k, v), strict=True))

    return backward


def _per_batch(dout):
    return 1 / len(dout)


def _only_first(entry):
    def backward(dout, q, k, v):
        values = list(gradients(dout, q, k, v))
        values[entry] = np.broadcast_to(values[entry][:1], values[entry].shape)
        return tuple(values)

    return backward


ROW_SUM = "ds = p*(dp - sum(dp*p)), with the sum over each row of keys"

MISTAKES = (
    Misconception(
        "you passed the gradient through the softmax unchanged.", _backward(ds=lambda p, dp, dout, out: dp)
    ),
    Misconception(
        f"{ROW_SUM}: the sum over the row is missing.", _backward(ds=lambda p, dp, dout, out: p * dp)
    ),
    Misconception(
        "p*(1-p) is the derivative of a sigmoid, and only the diagonal of the softmax's: every weight "
        "depends on every score of its row.",
        _backward(ds=lambda p, dp, dout, out: p * (1 - p) * dp),
    ),
    Misconception(
        f"{ROW_SUM}: you forgot to multiply with p.",
        _backward(ds=lambda p, dp, dout, out: dp - (dp * p).sum(-1, keepdims=True)),
    ),
    Misconception(
        f"{ROW_SUM}: the sum is over dp*p, you sum dp alone.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - dp.sum(-1, keepdims=True))),
    ),
    Misconception(
        f"{ROW_SUM}: you subtract the mean.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - (dp * p).mean(-1, keepdims=True))),
    ),
    Misconception(
        f"{ROW_SUM}: you subtract the mean of dp.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - dp.mean(-1, keepdims=True))),
    ),
    Misconception(
        f"{ROW_SUM}: you sum over the queries.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - (dp * p).sum(-2, keepdims=True))),
    ),
    Misconception(
        f"{ROW_SUM}: you sum over all queries and keys.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - (dp * p).sum((-2, -1), keepdims=True))),
    ),
    Misconception(
        f"{ROW_SUM}: you sum over the whole array.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - (dp * p).sum())),
    ),
    Misconception(
        f"{ROW_SUM}: the sum lost its axis and was subtracted along the wrong one; keepdims=True.",
        _backward(ds=lambda p, dp, dout, out: p * (dp - (dp * p).sum(-1)[..., None, :])),
    ),
    Misconception(
        f"{ROW_SUM}: the sum is subtracted, you add it.",
        _backward(ds=lambda p, dp, dout, out: p * (dp + (dp * p).sum(-1, keepdims=True))),
    ),
    Misconception("the gradient carries 1/sqrt(d_k) too: dq and dk lack it.", _scaled(0)),
    Misconception("1/sqrt(d_k) once, not twice.", _scaled(2)),
    Misconception("you multiply dq and dk with sqrt(d_k); divide by it.", _scaled(-1)),
    Misconception("dq lacks the factor 1/sqrt(d_k).", _backward(dq=lambda s, q, k, c: s @ k)),
    Misconception("dk lacks the factor 1/sqrt(d_k).", _backward(dk=lambda s, q, k, c: _turned(s) @ q)),
    Misconception(
        "dv does not contain the factor 1/sqrt(d_k): the scores have it, the values have not.",
        lambda dout, q, k, v: (
            *gradients(dout, q, k, v)[:2],
            gradients(dout, q, k, v)[2] * q.shape[-1] ** -0.5,
        ),
    ),
    Misconception(
        "the scores of the forward pass were divided by sqrt(d_k): the weights that you use are not.",
        _backward(weights=lambda q, k, v, dout: softmax(q @ _turned(k))),
    ),
    Misconception(
        "the weights of the forward pass come from a softmax over the keys, the last axis.",
        _backward(weights=lambda q, k, v, dout: softmax(q @ _turned(k) * q.shape[-1] ** -0.5, -2)),
    ),
    Misconception(
        "you use the scores where the weights after the softmax belong.",
        _backward(weights=lambda q, k, v, dout: q @ _turned(k) * q.shape[-1] ** -0.5),
    ),
    Misconception(
        "dp = dout vᵀ: you used the output where dout belongs.",
        _backward(dp=lambda dout, v, out: out @ _turned(v)),
    ),
    Misconception(
        "dp = dout vᵀ: dout is missing, every output counts differently.",
        _backward(dp=lambda dout, v, out: np.ones_like(dout) @ _turned(v)),
    ),
    Misconception(
        "dout is replaced by ones: multiply with the gradient that arrives.",
        lambda dout, q, k, v: gradients(np.ones_like(dout), q, k, v),
    ),
    Misconception("dk = dsᵀ q: transpose ds.", _backward(dk=lambda s, q, k, c: s @ q * c)),
    Misconception("dq = ds k: do not transpose ds.", _backward(dq=lambda s, q, k, c: _turned(s) @ k * c)),
    Misconception("dq = ds k: you multiplied with q.", _backward(dq=lambda s, q, k, c: s @ q * c)),
    Misconception("dk = dsᵀ q: you multiplied with k.", _backward(dk=lambda s, q, k, c: _turned(s) @ k * c)),
    Misconception("dk = dsᵀ q: you multiplied with k.", _backward(dk=lambda s, q, k, c: s @ k * c)),
    Misconception(
        "dv = pᵀ dout: transpose p, a value hears from all queries that looked at it.",
        _backward(dv=lambda p, dout, v: p @ dout),
    ),
    Misconception("dv = pᵀ dout: the weights are missing.", _backward(dv=lambda p, dout, v: dout)),
    Misconception(
        "dv = pᵀ dout: the weights are missing.",
        _backward(dv=lambda p, dout, v: np.broadcast_to(dout.sum(-2, keepdims=True), v.shape)),
    ),
    Misconception(
        "dv = pᵀ dout: you used v in place of dout.", _backward(dv=lambda p, dout, v: _turned(p) @ v)
    ),
    Misconception(
        "the gradients are divided by the batch size: nothing in the formula takes a mean.",
        _times(_per_batch, _per_batch, _per_batch),
    ),
    Misconception("dq belongs to its own sequence: you repeat that of the first one.", _only_first(0)),
    Misconception("dk belongs to its own sequence: you repeat that of the first one.", _only_first(1)),
    Misconception("dv belongs to its own sequence: you repeat that of the first one.", _only_first(2)),
    Misconception(
        "the sign of dq and dk is wrong: dS = P*(dP - ...), not the other way round.", _times(-1, -1)
    ),
    Misconception(
        "exp overflows for large scores: subtract the maximum of each row first.",
        _backward(weights=lambda q, k, v, dout: _naive_softmax(q @ _turned(k) * q.shape[-1] ** -0.5)),
    ),
    Misconception(
        "each row of scores needs its own maximum, not that of all.",
        _backward(
            weights=lambda q, k, v, dout: _naive_softmax(_below_0(q @ _turned(k) * q.shape[-1] ** -0.5))
        ),
    ),
)


def _below_0(s):
    return s - s.max()


def _naive_softmax(s):
    p = np.exp(s)
    return p / p.sum(-1, keepdims=True)


EXERCISE = Exercise(
    name="attention_backward",
    reference=reference,
    properties=(
        Property("one sequence, as many keys as queries", lambda rng: [gradient_input(rng, 1, 4, 4, 3, 3)]),
        Property("T, S, d and e all different", lambda rng: [gradient_input(rng, 1, 4, 5, 3, 2)]),
        Property("a batch", lambda rng: [gradient_input(rng, 3, 3, 5, 2, 4)]),
    ),
    misconceptions=MISTAKES,
    outputs=(
        Output("dq", ("sequence", "query row", "column")),
        Output("dk", ("sequence", "key row", "column")),
        Output("dv", ("sequence", "key row", "column")),
    ),
    forbidden=OTHERS_WORK,
)
