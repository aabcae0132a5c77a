"""E17 ``make_mask``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call


def tokens(rng: np.random.Generator, shape: tuple, pad: int, causal: bool, hidden=()) -> Call:
    """ids (B, T) of numbers other than ``pad``, which stands at the places (b, t) of ``hidden``."""
    ids = rng.choice([n for n in range(-2, 30) if n != pad], shape)
    for b, t in hidden:
        ids[b, t] = pad
    return call(ids, pad, causal)


def visible_keys(ids, pad, causal):
    """The reference of E17."""
    return _keys(ids != pad) & _past(ids, causal)


def _keys(seen):
    """``seen`` (B, T), a truth for each key, for every query."""
    return np.broadcast_to(seen[:, None, None, :], (*seen.shape[:1], 1, seen.shape[1], seen.shape[1]))


def _queries(seen):
    return _keys(seen).swapaxes(2, 3)


def _past(ids, causal, k=0):
    T = ids.shape[1]
    return np.tril(np.ones((T, T), bool), k) if causal else np.ones((T, T), bool)


def _with(seen, past=_past):
    """The two conditions joined, with another rule for padding or for time."""
    return lambda ids, pad, causal: _keys(seen(ids, pad)) & past(ids, causal)


def _real(ids, pad):
    return ids != pad


def _counted(ids, pad):
    return np.arange(ids.shape[1]) < (ids != pad).sum(1, keepdims=True)


MISTAKES = (
    Misconception(
        "a position may look at itself: keep the diagonal (without it query 0 sees nothing).",
        _with(_real, lambda ids, causal: _past(ids, causal, -1)),
    ),
    Misconception(
        "each query sees one key too many: the next position is already the future.",
        _with(_real, lambda ids, causal: _past(ids, causal, 1)),
    ),
    Misconception(
        "you show the future and hide the past: query t sees the keys 0 to t, the lower triangle.",
        _with(_real, lambda ids, causal: _past(ids, causal).T),
    ),
    Misconception(
        "you show the future and hide the past: query t sees the keys 0 to t, the lower triangle.",
        _with(_real, lambda ids, causal: ~_past(ids, True) if causal else _past(ids, False)),
    ),
    Misconception("causal=True has no effect.", _with(_real, lambda ids, causal: _past(ids, False))),
    Misconception(
        "causal=False has no effect: without it later keys may be seen too.",
        _with(_real, lambda ids, causal: _past(ids, True)),
    ),
    Misconception(
        "causal is read the wrong way round: True hides later keys.",
        _with(_real, lambda ids, causal: _past(ids, not causal)),
    ),
    Misconception(
        "padding must be hidden as a KEY (columns); you hid the query rows.",
        lambda ids, pad, causal: _queries(ids != pad) & _past(ids, causal),
    ),
    Misconception(
        "padding is hidden as a key, rightly, but you emptied its query rows too: leave the rows alone.",
        lambda ids, pad, causal: _keys(ids != pad) & _queries(ids != pad) & _past(ids, causal),
    ),
    Misconception(
        "a padding key is hidden from real queries only: hide it from every query.",
        lambda ids, pad, causal: (_keys(ids != pad) | _queries(ids == pad)) & _past(ids, causal),
    ),
    Misconception(
        "a padding token sees itself: as a key it is hidden from everyone.",
        lambda ids, pad, causal: (_keys(ids != pad) | np.eye(ids.shape[1], dtype=bool)) & _past(ids, causal),
    ),
    Misconception(
        "padding tokens are still visible.", lambda ids, pad, causal: _keys(ids == ids) & _past(ids, causal)
    ),
    Misconception(
        "only padding is visible: compare with != instead of ==.", _with(lambda ids, pad: ids == pad)
    ),
    Misconception(
        "both conditions must hold: & instead of |.",
        lambda ids, pad, causal: _keys(ids != pad) | _past(ids, causal),
    ),
    Misconception(
        "both conditions must hold: & instead of |.",
        lambda ids, pad, causal: _keys(ids != pad) | (_past(ids, True) & causal),
    ),
    Misconception(
        "neither padding nor causal has an effect.", _with(lambda ids, pad: ids == ids, lambda ids, c: True)
    ),
    Misconception(
        "with causal=True the padding is forgotten: both conditions must hold.",
        lambda ids, pad, causal: _keys((ids != pad) | bool(causal)) & _past(ids, causal),
    ),
    Misconception(
        "one condition is enough for you to see a key where one is enough to hide it: & instead of ^.",
        lambda ids, pad, causal: _keys(ids != pad) ^ _past(ids, causal),
    ),
    Misconception("True means: may look. Your mask is inverted.", lambda *a: ~visible_keys(*a)),
    Misconception(
        "padding is the number 0 for you: it is the number that the argument pad gives.",
        _with(lambda ids, pad: ids != 0),
    ),
    Misconception(
        "padding is every number up to 0 for you: it is the number that the argument pad gives.",
        _with(lambda ids, pad: ids > 0),
    ),
    Misconception("every number up to pad is hidden: compare with !=.", _with(lambda ids, pad: ids > pad)),
    Misconception(
        "you counted the padding and hid as many keys at the end: it may stand at the beginning too.",
        _with(_counted),
    ),
    Misconception(
        "everything behind the first padding token is hidden: padding may stand at the beginning.",
        _with(lambda ids, pad: np.cumprod(ids != pad, 1).astype(bool)),
    ),
    Misconception(
        "every sequence has the padding of the first one.",
        _with(lambda ids, pad: np.broadcast_to(ids[:1] != pad, ids.shape)),
    ),
    Misconception(
        "a key that is padding in one sequence is hidden in all of them: each sequence has its own.",
        _with(lambda ids, pad: np.broadcast_to((ids != pad).all(0, keepdims=True), ids.shape)),
    ),
)


EXERCISE = Exercise(
    name="make_mask",
    reference=visible_keys,
    properties=(
        Property("no padding, causal=False: all is visible", lambda rng: [tokens(rng, (2, 4), 0, False)]),
        Property("causal=True hides later keys", lambda rng: [tokens(rng, (2, 5), 0, True)]),
        Property(
            "padding at the end is hidden as a key",
            lambda rng: [tokens(rng, (3, 5), 0, False, [(0, 3), (0, 4), (2, 4)])],
        ),
        Property(
            "padding and causal together",
            lambda rng: [tokens(rng, (3, 6), 0, True, [(0, 4), (0, 5), (1, 3), (1, 4), (1, 5)])],
        ),
    ),
    misconceptions=MISTAKES,
    outputs=(Output("", ("sequence", "head", "query row", "key column"), "bool"),),
    forbidden=OTHERS_WORK,
)
