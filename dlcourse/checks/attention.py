"""E18 ``attention``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, NoPixelLoop, Output, Property, call
from dlcourse.numpy_nn.attention import attention_weights


def queries_keys_values(rng: np.random.Generator, lead: tuple, T: int, S: int, d: int, e: int) -> tuple:
    """q (*lead, T, d), k (*lead, S, d), v (*lead, S, e), standard normal."""
    return tuple(rng.standard_normal((*lead, n, width)) for n, width in ((T, d), (S, d), (S, e)))


def random_mask(rng: np.random.Generator, shape: tuple) -> np.ndarray:
    """True = may look; every row hides some keys and shows some."""
    mask = rng.random(shape) < 0.5
    order = rng.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)
    return (mask | (order == 0)) & (order != 1)


def masked(rng, lead, T, S, d, e, mask: tuple | None = None) -> Call:
    """A call with a mask of shape ``mask`` ((*lead, T, S) without it)."""
    return call(*queries_keys_values(rng, lead, T, S, d, e), random_mask(rng, mask or (*lead, T, S)))


def far_below_zero(rng: np.random.Generator, size: float = 5e4) -> Call:
    """Scores of about -``size`` at the keys that may be seen, +``size`` at those that may not; those of one
    kind differ by about 1."""
    q, k, v = queries_keys_values(rng, (2,), 3, 6, 4, 2)
    mask = random_mask(rng, (2, 1, 6))
    base = rng.uniform(1, 2, 4)
    q = -size * np.sqrt(4) / (base @ base) * base * np.ones((2, 3, 1))
    k = np.where(mask[:, 0, :, None], 1, -1) * (base + k / size)
    return call(q, k, v, mask)


def attend(q, k, v, mask=None):
    """The reference of E18."""
    weights = attention_weights(q, k, mask)
    return weights @ v, weights


def softmax(s, axis=-1):
    p = np.exp(s - s.max(axis, keepdims=True))
    return p / p.sum(axis, keepdims=True)


def _scores(q, k, mask, scale, hidden=-np.inf):
    s = q @ k.swapaxes(-1, -2) * scale
    return s if mask is None else np.where(mask, s, hidden)


def _with(weights):
    """Attention with other weights: ``weights(q, k, v, mask, 1/sqrt(d))``."""

    def wrong(q, k, v, mask=None):
        p = weights(q, k, v, mask, q.shape[-1] ** -0.5)
        return p @ v, p

    return wrong


def _scaled_by(scale):
    """Attention with another factor: ``scale(q, k, v)`` before the softmax."""
    return _with(lambda q, k, v, mask, _: softmax(_scores(q, k, mask, scale(q, k, v))))


def _over(axis):
    """The softmax along other axes."""
    return _with(lambda q, k, v, mask, c: softmax(_scores(q, k, mask, c), axis))


def _hidden_as(value):
    """A masked score is ``value``, not minus infinity."""
    return _with(lambda q, k, v, mask, c: softmax(_scores(q, k, mask, c, value)))


def _unnormalised(s):
    return np.exp(s - s.max(-1, keepdims=True))


def _no_maximum(q, k, v, mask, c):
    p = np.exp(_scores(q, k, mask, c))
    return p / p.sum(-1, keepdims=True)


def _maximum_of_all(q, k, v, mask, c):
    s = _scores(q, k, mask, c)
    p = np.exp(s - s.max())
    return p / p.sum(-1, keepdims=True)


def _mask_after(q, k, v, mask, c):
    p = softmax(_scores(q, k, None, c))
    return p if mask is None else p * mask


def _mask_as_penalty(value):
    """A masked score gets ``value`` added, which need not be enough."""
    return _with(
        lambda q, k, v, mask, c: softmax(
            _scores(q, k, None, c) + (0 if mask is None else np.where(mask, 0, value))
        )
    )


def _maximum_before_the_mask(q, k, v, mask, c):
    s = _scores(q, k, None, c)
    p = np.exp(s - s.max(-1, keepdims=True))
    if mask is not None:
        p = p * mask
    return p / p.sum(-1, keepdims=True)


def _mask_before_the_score(q, k, v, mask, c):
    s = _scores(q, k, None, c)
    return softmax(s if mask is None else s + mask)


def _other_value(change):
    """The weights are right, the output is made in another way."""

    def wrong(q, k, v, mask=None):
        return change(attend(q, k, v, mask)[1], q, k, v), attend(q, k, v, mask)[1]

    return wrong


def _weights_are(change):
    """The output is right, what is returned as the weights is not."""
    return lambda q, k, v, mask=None: (attend(q, k, v, mask)[0], change(q, k, mask, q.shape[-1] ** -0.5))


SMALL = "the score of a hidden key is a finite number, and visible scores can be smaller: use -np.inf."

MISTAKES = (
    Misconception("the factor 1/sqrt(d_k) is missing.", _scaled_by(lambda q, k, v: 1)),
    Misconception("divide by sqrt(d_k), not by d_k.", _scaled_by(lambda q, k, v: 1 / q.shape[-1])),
    Misconception(
        "divide by sqrt(d_k); you multiply with it.", _scaled_by(lambda q, k, v: q.shape[-1] ** 0.5)
    ),
    Misconception(
        "d_k is the length of a key, not of a value.", _scaled_by(lambda q, k, v: v.shape[-1] ** -0.5)
    ),
    Misconception(
        "d_k is the length of a key vector, not the number of keys.",
        _scaled_by(lambda q, k, v: k.shape[-2] ** -0.5),
    ),
    Misconception(
        "d_k is the length of a key vector, not the number of queries.",
        _scaled_by(lambda q, k, v: q.shape[-2] ** -0.5),
    ),
    Misconception(
        "the scaling belongs to the scores, before the softmax; you scale the weights.",
        _with(lambda q, k, v, mask, c: softmax(_scores(q, k, mask, 1)) * c),
    ),
    Misconception("each query row must sum to 1: softmax over the keys, the last axis.", _over(-2)),
    Misconception(
        "all weights of a sequence together sum to 1: each query row must, softmax over the last axis only.",
        _over((-2, -1)),
    ),
    Misconception("the softmax runs over the first axis: it belongs to the keys, the last one.", _over(0)),
    Misconception(
        "the softmax runs over the whole array: it belongs to the last axis only.",
        _with(lambda q, k, v, mask, c: softmax(_scores(q, k, mask, c), None)),
    ),
    Misconception(
        "the softmax is missing: the scores are no weights.",
        _with(lambda q, k, v, mask, c: _scores(q, k, mask, c)),
    ),
    Misconception(
        "the weights are not divided by their sum: each row must sum to 1.",
        _with(lambda q, k, v, mask, c: np.exp(_scores(q, k, mask, c))),
    ),
    Misconception(
        "the weights are not divided by their sum: each row must sum to 1.",
        _with(lambda q, k, v, mask, c: _unnormalised(_scores(q, k, mask, c))),
    ),
    Misconception(
        "you divide the scores by their sum: take exp of them first.",
        _with(
            lambda q, k, v, mask, c: (
                _scores(q, k, mask, c, 0) / _scores(q, k, mask, c, 0).sum(-1, keepdims=True)
            )
        ),
    ),
    Misconception(
        "a sigmoid is no softmax: the weights of a row compete and sum to 1.",
        _with(lambda q, k, v, mask, c: 1 / (1 + np.exp(-_scores(q, k, mask, c)))),
    ),
    Misconception("masking after the softmax: the rows no longer sum to 1.", _with(_mask_after)),
    Misconception("a score of 0 still gets the weight exp(0): use -np.inf.", _hidden_as(0)),
    Misconception(
        "a hidden score of the smallest positive number still gets the weight exp(0): use -np.inf.",
        _hidden_as(np.finfo(float).tiny),
    ),
    Misconception("+inf lets a query see only what it should not: use -np.inf.", _hidden_as(np.inf)),
    *(Misconception(SMALL, _hidden_as(-(10.0**n))) for n in range(5)),
    *(Misconception(SMALL, _mask_as_penalty(-(10.0**n))) for n in range(1, 5)),
    Misconception(
        "the mask is added to the scores as 0 and 1: a hidden key needs the score -np.inf.",
        _with(_mask_before_the_score),
    ),
    Misconception(
        "True means: may look. Your mask is inverted.",
        lambda q, k, v, mask=None: attend(q, k, v, None if mask is None else ~mask),
    ),
    Misconception("the mask is ignored.", lambda q, k, v, mask=None: attend(q, k, v)),
    Misconception(
        "every sequence gets the mask of the first one.",
        lambda q, k, v, mask=None: attend(
            q, k, v, mask if mask is None or mask.ndim < 3 else np.broadcast_to(mask[:1], mask.shape)
        ),
    ),
    Misconception(
        "exp overflows for large scores: subtract the maximum of each row first.", _with(_no_maximum)
    ),
    Misconception(
        "you subtract the maximum of the whole array: a row far below it becomes 0/0. Take each row's own.",
        _with(_maximum_of_all),
    ),
    Misconception(
        "you subtract the maximum before the mask: if a hidden score is far above the others, these become "
        "0/0. Mask first.",
        _with(_maximum_before_the_mask),
    ),
    Misconception(
        "queries and keys are exchanged: a row of the scores belongs to a query, Q Kᵀ.",
        lambda q, k, v, mask=None: attend(k, q, v, mask),
    ),
    Misconception(
        "the scores compare q with k; you compare it with v.",
        _with(lambda q, k, v, mask, c: softmax(_scores(q, v, mask, c))),
    ),
    Misconception(
        "the scores compare q with itself: use k.",
        _with(lambda q, k, v, mask, c: softmax(_scores(q, q, mask, c))),
    ),
    Misconception("the output mixes the keys; it mixes the values.", _other_value(lambda p, q, k, v: p @ k)),
    Misconception(
        "the output is Pᵀ V: row t of P belongs to query t, so it is P V.",
        _other_value(lambda p, q, k, v: p.swapaxes(-1, -2) @ v),
    ),
    Misconception(
        "the second result is the scores; the weights after the softmax are asked for.",
        _weights_are(lambda q, k, mask, c: _scores(q, k, None, c)),
    ),
    Misconception(
        "the second result is the scores; the weights after the softmax are asked for.",
        _weights_are(lambda q, k, mask, c: _scores(q, k, mask, c)),
    ),
    Misconception(
        "the second result is transposed: weights (..., T, S) has a row for each query.",
        _weights_are(lambda q, k, mask, c: softmax(_scores(q, k, mask, c)).swapaxes(-1, -2)),
    ),
    Misconception(
        "the second result is the weights before the mask.",
        _weights_are(lambda q, k, mask, c: softmax(_scores(q, k, None, c))),
    ),
)


def speed_input(n: int) -> Call:
    """A sequence of n queries and n keys, always the same numbers."""
    return call(*queries_keys_values(np.random.default_rng(0), (1,), n, n, 3, 2))


SLOW = (
    "correct but slow: your Python lines run once for every pair of query and key ({small} lines for a short "
    "sequence, {large} for a long one); one matrix product makes all scores."
)

EXERCISE = Exercise(
    name="attention",
    reference=attend,
    properties=(
        Property("as many keys as queries", lambda rng: [call(*queries_keys_values(rng, (), 4, 4, 3, 3))]),
        Property(
            "T, S, d and e all different", lambda rng: [call(*queries_keys_values(rng, (), 4, 5, 3, 2))]
        ),
        Property("a batch", lambda rng: [call(*queries_keys_values(rng, (3,), 4, 5, 2, 6))]),
        Property("a mask", lambda rng: [masked(rng, (3,), 4, 5, 3, 2)]),
        Property("longer sequences", lambda rng: [call(*queries_keys_values(rng, (2,), 30, 40, 3, 4))], 0.5),
        NoPixelLoop(
            "no Python loop over pairs of query and key", speed_input(6), speed_input(30), 30**2 - 6**2, SLOW
        ),
    ),
    misconceptions=MISTAKES,
    outputs=(
        Output("out", ("batch", "query row", "column")),
        Output("weights", ("batch", "query row", "key")),
    ),
    forbidden=OTHERS_WORK,
)
