"""E31 ``attention_step``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call


def step_input(
    rng: np.random.Generator, B: int, past: int, n: int, E: int, d: int, e: int, scale=1.0
) -> Call:
    """x (B, n, E), the three weights, and a cache of ``past`` positions; x and keys grow with ``scale``."""
    weights = [rng.standard_normal((E, size)) for size in (d, d, e)]
    return call(
        scale * rng.standard_normal((B, n, E)),
        *weights,
        scale * rng.standard_normal((B, past, d)),
        rng.standard_normal((B, past, e)),
    )


def _softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _causal(past, n):
    """(n, past + n): the new position i sees the past and the new ones up to itself."""
    return np.arange(past + n) <= past + np.arange(n)[:, None]


def _behind(old, new):
    return np.concatenate([old, new], axis=1)


def cached(x, Wq, Wk, Wv, keys, values):
    """The reference of E31."""
    return _cached(x, Wq, Wk, Wv, keys, values)


def _cached(x, Wq, Wk, Wv, keys, values, mask=_causal, join=_behind, axis=-1, scale=None):
    q, K, V = x @ Wq, join(keys, x @ Wk), join(values, x @ Wv)
    z = q @ K.swapaxes(1, 2) / (np.sqrt(q.shape[-1]) if scale is None else scale(q, K, V))
    z = np.where(mask(K.shape[1] - x.shape[1], x.shape[1]), z, -np.inf)
    return _softmax(z, axis) @ V, K, V


def _with(**wrong):
    return lambda *a: _cached(*a, **wrong)


def _own_cache(function):
    """A mistake in y; the cache is right."""
    return lambda *a: (function(*a), *cached(*a)[1:])


def _short(past, n):
    """A mask for n queries that begins at the first key."""
    return np.arange(past + n) <= np.arange(n)[:, None]


def _only_new(x, Wq, Wk, Wv, keys, values):
    return cached(x, Wq, Wk, Wv, keys[:, :0], values[:, :0])


def _only_old(x, Wq, Wk, Wv, keys, values):
    if keys.shape[1] == 0:
        raise ValueError("no past")
    return _softmax(x @ Wq @ keys.swapaxes(1, 2) / np.sqrt(Wq.shape[1])) @ values


def _projects_again(x, Wq, Wk, Wv, keys, values):
    """The cached rows are multiplied by the weights once more."""
    if Wk.shape[0] != Wk.shape[1] or Wv.shape[0] != Wv.shape[1]:
        raise ValueError("not square")
    return cached(x, Wq, Wk, Wv, keys @ Wk, values @ Wv)


def _first_sequence(x, Wq, Wk, Wv, keys, values):
    one = np.broadcast_to(keys[:1], keys.shape), np.broadcast_to(values[:1], values.shape)
    return cached(x, Wq, Wk, Wv, *one)[0]


def _last_position(*a):
    return np.broadcast_to(cached(*a)[0][:, -1:], cached(*a)[0].shape)


def _overflow(x, Wq, Wk, Wv, keys, values):
    K, V = _behind(keys, x @ Wk), _behind(values, x @ Wv)
    z = x @ Wq @ K.swapaxes(1, 2) / np.sqrt(Wq.shape[1])
    e = np.exp(np.where(_causal(keys.shape[1], x.shape[1]), z, -np.inf))
    return e / e.sum(-1, keepdims=True) @ V


def _maximum_of_all(x, Wq, Wk, Wv, keys, values):
    K, V = _behind(keys, x @ Wk), _behind(values, x @ Wv)
    z = x @ Wq @ K.swapaxes(1, 2) / np.sqrt(Wq.shape[1])
    z = np.where(_causal(keys.shape[1], x.shape[1]), z, -np.inf)
    e = np.exp(z - z.max())
    return e / e.sum(-1, keepdims=True) @ V


STEP_MISTAKES = (
    Misconception("exp overflows: subtract the largest score of each row first.", _own_cache(_overflow)),
    Misconception("each row of scores needs its own maximum, not that of all.", _own_cache(_maximum_of_all)),
    Misconception(
        "the factor 1/sqrt(d) is missing.", _own_cache(lambda *a: _with(scale=lambda q, K, V: 1.0)(*a)[0])
    ),
    Misconception(
        "the scores are divided by sqrt(d), not by d.",
        _own_cache(lambda *a: _with(scale=lambda q, K, V: q.shape[-1])(*a)[0]),
    ),
    Misconception(
        "d is the length of a key, not of a value.",
        _own_cache(lambda *a: _with(scale=lambda q, K, V: np.sqrt(V.shape[-1]))(*a)[0]),
    ),
    Misconception(
        "d is the length of a key, not the number of keys.",
        _own_cache(lambda *a: _with(scale=lambda q, K, V: np.sqrt(K.shape[1]))(*a)[0]),
    ),
    Misconception(
        "d is the length of a key, not of x.",
        lambda x, *a: _cached(x, *a, scale=lambda q, K, V: np.sqrt(x.shape[-1])),
    ),
    Misconception(
        "each query row must sum to 1: the softmax runs over the keys.",
        _own_cache(lambda *a: _with(axis=1)(*a)[0]),
    ),
    Misconception(
        "the softmax is missing.",
        _own_cache(
            lambda x, Wq, Wk, Wv, K, V: (
                np.where(_causal(K.shape[1], x.shape[1]), x @ Wq @ _behind(K, x @ Wk).swapaxes(1, 2), 0)
                @ _behind(V, x @ Wv)
                / np.sqrt(Wq.shape[1])
            )
        ),
    ),
    Misconception(
        "the mask is missing: a new position must not see the new ones behind it.",
        _own_cache(lambda *a: _with(mask=lambda past, n: np.ones((n, past + n), bool))(*a)[0]),
    ),
    Misconception(
        "the mask is built for the short query: new position i is position t + i, so it sees t + i + 1 keys.",
        _own_cache(lambda *a: _with(mask=_short)(*a)[0]),
    ),
    Misconception(
        "a position may attend to itself: it sees the new ones up to and with itself.",
        _own_cache(lambda *a: _with(mask=_strict)(*a)[0]),
    ),
    Misconception(
        "the mask lets a position see one new position too many.",
        _own_cache(
            lambda *a: _with(mask=lambda past, n: np.arange(past + n) <= past + 1 + np.arange(n)[:, None])(
                *a
            )[0]
        ),
    ),
    Misconception(
        "a score of 0 still gets the weight exp(0): use -inf for what must not be seen.",
        _own_cache(lambda *a: _masked(*a, before=True)),
    ),
    Misconception(
        "masking after the softmax: the rows no longer sum to 1.",
        _own_cache(lambda *a: _masked(*a, before=False)),
    ),
    Misconception("the cache is not used: the new positions see only each other.", _only_new),
    Misconception(
        "y sees only the new positions, although the cache grows: use the joined keys and values.",
        _own_cache(lambda *a: _only_new(*a)[0]),
    ),
    Misconception(
        "a new position must see itself: put its key and value into the cache before attending.",
        _own_cache(_only_old),
    ),
    Misconception(
        "the new keys and values stand behind the old ones; yours stand in front.",
        _with(
            join=lambda old, new: np.concatenate([new, old], axis=1), mask=lambda past, n: _turned(past, n)
        ),
    ),
    Misconception(
        "the new keys and values stand behind the old ones; yours stand in front.",
        _with(join=lambda old, new: np.concatenate([new, old], axis=1)),
    ),
    Misconception(
        "the oldest positions fall out of the cache: it grows, nothing is dropped.",
        lambda *a: _dropped(*a),
    ),
    Misconception(
        "the cache is returned as it came: put the new keys and values behind it.",
        lambda *a: (cached(*a)[0], a[4], a[5]),
    ),
    Misconception(
        "keys and values of the new positions are returned; the whole cache is asked for.",
        lambda x, Wq, Wk, Wv, K, V: (cached(x, Wq, Wk, Wv, K, V)[0], x @ Wk, x @ Wv),
    ),
    Misconception(
        "the cache holds x instead of x Wk and x Wv.",
        lambda x, Wq, Wk, Wv, K, V: cached(x, Wq, np.eye(x.shape[2]), np.eye(x.shape[2]), K, V),
    ),
    Misconception("the cached rows are projected again: they are keys and values already.", _projects_again),
    Misconception(
        "keys and values are exchanged: scores come from keys, the result from values.",
        lambda x, Wq, Wk, Wv, K, V: cached(x, Wq, Wv, Wk, V, K),
    ),
    Misconception(
        "queries and keys are exchanged: Wq makes queries, Wk keys.",
        lambda x, Wq, Wk, Wv, K, V: cached(x, Wk, Wq, Wv, K, V),
    ),
    Misconception(
        "the values are taken from x, not from x Wv.",
        lambda x, Wq, Wk, Wv, K, V: cached(x, Wq, Wk, np.eye(x.shape[2]), K, V),
    ),
    Misconception("every sequence looks at the cache of the first one.", _own_cache(_first_sequence)),
    Misconception("every new position gets the result of the last one.", _own_cache(_last_position)),
)


def _strict(past, n):
    seen = np.arange(past + n) < past + np.arange(n)[:, None]
    if past == 0:
        raise ValueError("an empty row")
    return seen


def _turned(past, n):
    """The causal mask where the new keys stand in front."""
    return np.concatenate([_causal(0, n), np.ones((n, past), bool)], axis=1)


def _masked(x, Wq, Wk, Wv, keys, values, before):
    K, V = _behind(keys, x @ Wk), _behind(values, x @ Wv)
    seen = _causal(keys.shape[1], x.shape[1])
    z = x @ Wq @ K.swapaxes(1, 2) / np.sqrt(Wq.shape[1])
    p = _softmax(np.where(seen, z, 0)) if before else _softmax(z) * seen
    return p @ V


def _dropped(x, Wq, Wk, Wv, keys, values):
    n = x.shape[1]
    if keys.shape[1] < n:
        raise ValueError("shorter than the new part")
    return cached(x, Wq, Wk, Wv, keys[:, n:], values[:, n:])


EXERCISE = Exercise(
    name="attention_step",
    reference=cached,
    properties=(
        Property("one new position", lambda rng: [step_input(rng, 1, 3, 1, 4, 4, 4)]),
        Property("a batch", lambda rng: [step_input(rng, 3, 4, 1, 5, 3, 2)]),
        Property("an empty cache", lambda rng: [step_input(rng, 2, 0, 1, 4, 3, 5)]),
        Property("several new positions", lambda rng: [step_input(rng, 2, 3, 4, 5, 3, 2)]),
        Property("several new positions, empty cache", lambda rng: [step_input(rng, 2, 0, 4, 4, 3, 5)], 0.5),
    ),
    misconceptions=STEP_MISTAKES,
    outputs=(
        Output("y", ("sequence", "new position", "feature")),
        Output("keys", ("sequence", "position", "feature")),
        Output("values", ("sequence", "position", "feature")),
    ),
    forbidden=OTHERS_WORK,
)
