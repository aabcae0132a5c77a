"""E17 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def index_grids(ids, pad, causal):
    T = ids.shape[1]
    query, key = np.indices((T, T))
    mask = (ids != pad)[:, None, None, :] & np.ones((T, 1), bool)
    return mask & (key <= query) if causal else mask


def loops(ids, pad, causal):
    B, T = ids.shape
    mask = np.zeros((B, 1, T, T), dtype=bool)
    for b in range(B):
        for t in range(T):
            for s in range(T):
                mask[b, 0, t, s] = ids[b, s] != pad and (not causal or s <= t)
    return mask


def start_with_true(ids: np.ndarray, pad: int, causal: bool) -> np.ndarray:
    batch, length = ids.shape
    mask = np.full((batch, 1, length, length), True)
    for row, sentence in zip(mask, ids, strict=True):
        row[:, :, sentence == pad] = False
    if causal:
        mask[..., np.triu_indices(length, 1)[0], np.triu_indices(length, 1)[1]] = False
    return mask


def numbers_then_bool(ids, pad, causal):
    B, T = ids.shape
    keys = np.where(ids == pad, 0, 1).reshape(B, 1, 1, T)
    past = np.tri(T) if causal else np.ones((T, T))
    return (keys * past).astype(bool)


def blocked_inverted(ids, pad, causal):
    blocked = np.repeat((ids == pad)[:, None, :], ids.shape[1], axis=1)
    if causal:
        blocked |= np.triu(np.ones_like(blocked), k=1)
    return np.expand_dims(np.logical_not(blocked), 1)


CORRECT = [index_grids, loops, start_with_true, numbers_then_bool, blocked_inverted]


def _from(condition):
    """The loops with another condition on (ids of the sequence, pad, causal, query t, key s)."""

    def make_mask(ids, pad, causal):
        B, T = ids.shape
        mask = np.zeros((B, 1, T, T), dtype=bool)
        for b, t, s in np.ndindex(B, T, T):
            mask[b, 0, t, s] = condition(ids[b], pad, causal, t, s)
        return mask

    return make_mask


def minus_infinity(ids, pad, causal):
    return np.where(loops(ids, pad, causal), 0.0, -np.inf)


def for_every_token(ids, pad, causal):
    T = ids.shape[1]
    return (ids != pad)[:, None, None, :] & (np.tri(T, dtype=bool) if causal else True)


def one_for_all(ids, pad, causal):
    return np.broadcast_to(loops(ids[:1], pad, causal), (len(ids), 1, ids.shape[1], ids.shape[1]))


def no_condition_kept(ids, pad, causal):
    T = ids.shape[1]
    mask = np.broadcast_to((ids != pad)[:, None, None, :], (len(ids), 1, T, T))
    if causal:
        mask = np.broadcast_to(np.tril(np.ones((T, T), bool)), mask.shape)
    return mask


def marks_the_ids(ids, pad, causal):
    mask = loops(ids, pad, causal)
    ids[ids == pad] = -100
    return mask


def does_not_return(ids, pad, causal):
    loops(ids, pad, causal)


WRONG = {
    "diagonal excluded": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad and (not causal or s < t)),
        "keep the diagonal",
    ),
    "one too many": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad and (not causal or s <= t + 1)),
        "one key too many",
    ),
    "upper triangle": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad and (not causal or s >= t)),
        "show the future and hide the past",
    ),
    "strictly upper": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad and (not causal or s > t)),
        "show the future and hide the past",
    ),
    "causal missing": (_from(lambda ids, pad, causal, t, s: ids[s] != pad), "causal=True has no effect"),
    "always causal": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad and s <= t),
        "causal=False has no effect",
    ),
    "causal exchanged": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad and (causal or s <= t)),
        "causal is read the wrong way round",
    ),
    "query rows": (
        _from(lambda ids, pad, causal, t, s: ids[t] != pad and (not causal or s <= t)),
        "hid the query rows",
    ),
    "rows and columns": (
        _from(lambda ids, pad, causal, t, s: pad not in (ids[t], ids[s]) and (not causal or s <= t)),
        "emptied its query rows too",
    ),
    "padding sees itself": (
        _from(lambda ids, pad, causal, t, s: s == t or (ids[s] != pad and (not causal or s <= t))),
        "a padding token sees itself",
    ),
    "padding missing": (
        _from(lambda ids, pad, causal, t, s: not causal or s <= t),
        "padding tokens are still visible",
    ),
    "only padding": (
        _from(lambda ids, pad, causal, t, s: ids[s] == pad and (not causal or s <= t)),
        "compare with != instead of ==",
    ),
    "or": (_from(lambda ids, pad, causal, t, s: ids[s] != pad or (causal and s <= t)), "& instead of |"),
    "or of triangles": (
        _from(lambda ids, pad, causal, t, s: ids[s] != pad or not causal or s <= t),
        "& instead of |",
    ),
    "inverted": (lambda *a: ~loops(*a), "Your mask is inverted"),
    "pad is 0": (
        _from(lambda ids, pad, causal, t, s: ids[s] != 0 and (not causal or s <= t)),
        "the argument pad gives",
    ),
    "positive ids": (
        _from(lambda ids, pad, causal, t, s: ids[s] > 0 and (not causal or s <= t)),
        "every number up to 0",
    ),
    "greater than pad": (
        _from(lambda ids, pad, causal, t, s: ids[s] > pad and (not causal or s <= t)),
        "every number up to",
    ),
    "counts": (
        _from(lambda ids, pad, causal, t, s: s < (ids != pad).sum() and (not causal or s <= t)),
        "at the beginning too",
    ),
    "up to the first": (
        _from(lambda ids, pad, causal, t, s: pad not in ids[: s + 1] and (not causal or s <= t)),
        "everything behind the first padding token",
    ),
    "padding forgotten with causal": (no_condition_kept, "with causal=True the padding is forgotten"),
    "first sequence": (one_for_all, "padding of the first one"),
    "minus infinity": (minus_infinity, "True and False (bool) are asked for"),
    "without query axis": (for_every_token, "query rows too few"),
    "no head axis": (lambda *a: loops(*a)[:, 0], "axis of length 1"),
    "heads first": (lambda *a: loops(*a).swapaxes(0, 1), "wrong order"),
    "integers": (lambda *a: loops(*a).astype(int), "True and False (bool) are asked for"),
    "changes ids": (marks_the_ids, "changes its input array ids"),
    "nothing": (does_not_return, "is there a `return`"),
    "everything": (
        lambda ids, *_: np.ones((len(ids), 1, *ids.shape[1:] * 2), bool),
        "neither padding nor causal",
    ),
}
