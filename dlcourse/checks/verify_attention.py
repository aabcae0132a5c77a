"""B3 ``verify_attention``: the learner's test is tried on right and on faulty attention."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Demand, Exercise, Output, driver
from dlcourse.checks.attention import attend, queries_keys_values, random_mask, softmax
from dlcourse.checks.bug_hunt import Hunt


def _scores(q, k, mask, scale=None, hidden=-np.inf):
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1] if scale is None else scale)
    return s if mask is None else np.where(mask, s, hidden)


def _faulty(weights):
    """Attention with other weights: ``weights(q, k, v, mask)``."""

    def attention(q, k, v, mask=None):
        p = weights(q, k, v, mask)
        return p @ v, p

    return attention


def _einsum(q, k, v, mask=None):
    """Right: a large negative number for hidden keys, division at the end."""
    s = np.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    s = s if mask is None else np.where(mask, s, -1e30)
    e = np.exp(s - s.max(-1, keepdims=True))
    z = e.sum(-1, keepdims=True)
    return np.einsum("...ts,...se->...te", e, v) / z, e / z


def _row_by_row(q, k, v, mask=None):
    """Right: one query at a time."""
    mask = np.broadcast_to(True if mask is None else mask, (*q.shape[:-1], k.shape[-2]))
    rows = [slice(t, t + 1) for t in range(q.shape[-2])]
    found = [attend(q[..., row, :], k, v, mask[..., row, :]) for row in rows]
    return tuple(np.concatenate(parts, -2) for parts in zip(*found, strict=True))


def _rounds_otherwise(q, k, v, mask=None):
    out, weights = attend(q, k, v, mask)
    return out * (1 + 3e-15), weights * (1 - 2e-15)


def _of_the_first(x):
    return x if x is None or x.ndim < 3 else np.broadcast_to(x[:1], x.shape)


def _mask_after(q, k, v, mask):
    p = softmax(_scores(q, k, None))
    return p if mask is None else p * mask


def _no_maximum(q, k, v, mask):
    p = np.exp(_scores(q, k, mask))
    return p / p.sum(-1, keepdims=True)


HUNT = Hunt(
    right={
        "right": attend,
        "einsum": _einsum,
        "row by row": _row_by_row,
        "rounds otherwise": _rounds_otherwise,
    },
    faulty={
        "over the queries": _faulty(lambda q, k, v, mask: softmax(_scores(q, k, mask, hidden=-1e30), -2)),
        "over all": _faulty(lambda q, k, v, mask: softmax(_scores(q, k, mask), (-2, -1))),
        "no scaling": _faulty(lambda q, k, v, mask: softmax(_scores(q, k, mask, 1))),
        "sqrt of S": _faulty(lambda q, k, v, mask: softmax(_scores(q, k, mask, k.shape[-2]))),
        "sqrt of e": _faulty(lambda q, k, v, mask: softmax(_scores(q, k, mask, v.shape[-1]))),
        "mask ignored": lambda q, k, v, mask=None: attend(q, k, v),
        "mask after": _faulty(_mask_after),
        "score 0": _faulty(lambda q, k, v, mask: softmax(_scores(q, k, mask, hidden=0))),
        "first mask": lambda q, k, v, mask=None: attend(q, k, v, _of_the_first(mask)),
        "first keys": lambda q, k, v, mask=None: attend(q, _of_the_first(k), v, mask),
        "first values": lambda q, k, v, mask=None: (
            attend(q, k, _of_the_first(v), mask)[0],
            attend(q, k, v, mask)[1],
        ),
        "weights without mask": lambda q, k, v, mask=None: (attend(q, k, v, mask)[0], attend(q, k, v)[1]),
        "overflow": _faulty(_no_maximum),
    },
    overlooked={
        "over the queries": "a softmax over the queries: each row of the weights must sum to 1, not each "
        "column. Compare out and weights with the formula.",
        "over all": "a softmax over all scores of a sequence: each row of the weights must sum to 1.",
        "no scaling": "scores without 1/sqrt(d): weights that sum to 1 can still be the wrong ones.",
        "sqrt of S": "scores divided by sqrt(S): as many keys as columns of q (S = d) hide that.",
        "sqrt of e": "scores divided by sqrt(e): values as wide as keys (e = d) hide that.",
        "mask ignored": "an attention that ignores its mask: call it with a mask that hides something.",
        "mask after": "a mask after the softmax: the rows no longer sum to 1.",
        "score 0": "a mask that sets scores to 0: the weight of a hidden key must be 0, compare it.",
        "first mask": "an attention that uses the first sequence's mask for all: take masks that differ.",
        "first keys": "an attention that uses the first sequence's keys for all: take a batch of several.",
        "first values": "an attention that uses the first sequence's values for all: take a batch, see out.",
        "weights without mask": "weights as they were before the mask, out is right: look at both results.",
        "overflow": "an exp that overflows: take scores of 1000 too.",
    },
    nonsense=lambda q, k, v, mask=None: tuple(7 - 2 * x for x in attend(q, k, v, mask)),
)


@driver
def judge(verify_attention, numbers):
    """Which functions pass the learner's test."""
    with np.errstate(all="ignore"):
        return HUNT.verdicts(verify_attention, numbers)


def caught(says: str, *names: str, weight: float = 1.0) -> Demand:
    """The property that the faulty functions ``names`` are caught and right ones accepted."""
    return HUNT.caught(says, judge, *names, weight=weight)


def verify(attention):
    """The reference: both results on awkward input, with and without mask, and for large scores."""
    rng = np.random.default_rng(0)
    q, k, v = queries_keys_values(rng, (3,), 4, 5, 2, 6)
    for given in ((q, k, v), (q, k, v, random_mask(rng, (3, 4, 5))), (1000 * q, k, v)):
        for got, expected in zip(attention(*given), attend(*given), strict=True):
            assert np.allclose(got, expected)


EXERCISE = Exercise(
    name="verify_attention",
    reference=verify,
    properties=(
        caught("a softmax over the queries is caught, right functions are accepted", "over the queries"),
        caught("scores that are not scaled", "no scaling"),
        caught("a mask that is ignored", "mask ignored"),
        caught("a mistake that a batch of one hides", "first keys"),
    ),
    misconceptions=(),
    outputs=(Output("accepted", ("function",), dtype="bool"),),
    forbidden=tuple(name for name in OTHERS_WORK if name not in ("scipy", "torch")),
)
