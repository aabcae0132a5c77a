"""E09 ``embedding_backward``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Property, call
from dlcourse.numpy_nn.embedding import embedding_backward


def lookups(rng: np.random.Generator, B: int, T: int, V: int, D: int, pad: int = 0, used=None) -> Call:
    """ids (B, T) among ``used`` of the V ids (all: with repetitions), dout (B, T, D), V, pad."""
    ids = rng.choice(np.arange(V) if used is None else used, (B, T))
    return call(ids, rng.standard_normal((B, T, D)), V, pad)


def all_different(rng: np.random.Generator, B: int, T: int, V: int, D: int) -> Call:
    """No id occurs twice, and none is the padding 0."""
    ids = rng.permutation(np.arange(1, V))[: B * T].reshape(B, T)
    return call(ids, rng.standard_normal((B, T, D)), V, 0)


def reference(ids, dout, V, pad):
    """E09."""
    return embedding_backward(dout, ids, V, pad)


def _without_padding(dW, pad):
    dW = dW.copy()
    dW[pad] = 0
    return dW


def _plain(ids, dout, V, pad=None):
    """The gradient with nothing left out."""
    dW = np.zeros((V, dout.shape[-1]))
    np.add.at(dW, ids.ravel(), dout.reshape(-1, dout.shape[-1]))
    return dW


def _assigned(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]))
    dW[ids] = dout
    return _without_padding(dW, pad)


def _first_kept(ids, dout, V, pad):
    return _assigned(ids[::-1, ::-1], dout[::-1, ::-1], V, pad)


def _slices(axis):
    """dW[ids of one sequence (or step)] += dout of it: repetitions inside are lost."""

    def wrong(ids, dout, V, pad):
        dW = np.zeros((V, dout.shape[-1]))
        for k in range(ids.shape[axis]):
            dW[ids.take(k, axis)] += dout.take(k, axis)
        return _without_padding(dW, pad)

    return wrong


def _counts(ids, V):
    return np.maximum(np.bincount(ids.ravel(), minlength=V), 1)[:, None]


def _other_padding(row):
    def wrong(ids, dout, V, pad):
        return _without_padding(_plain(ids, dout, V), row)

    return wrong


def _from(change):
    """The right gradient, changed: ``change(dW, ids, dout)``."""
    return lambda ids, dout, V, pad: change(reference(ids, dout, V, pad), ids, dout)


def _present(dW, ids, dout):
    return dW[np.unique(ids)]


def _reordered(ids, dout, V, pad):
    if ids.shape[0] == 1 or ids.shape[1] == 1:
        raise ValueError("nothing to reorder")
    return _without_padding(_plain(ids.T.ravel(), dout.reshape(-1, dout.shape[-1]), V), pad)


EMBEDDING_MISTAKES = (
    Misconception(
        "dW[ids] += dout keeps only the last occurrence of a repeated id; use np.add.at.", _assigned
    ),
    Misconception("only the first occurrence of a repeated id counts: all of them add up.", _first_kept),
    Misconception(
        "an id that is repeated in one sequence counts once: dW[ids[b]] += dout[b] keeps the last one; use "
        "np.add.at.",
        _slices(0),
    ),
    Misconception(
        "an id that stands in several sequences at the same step counts once: dW[ids[:, t]] += dout[:, t] "
        "keeps the last one; use np.add.at.",
        _slices(1),
    ),
    Misconception("the row of the padding token must stay 0.", _plain),
    Misconception("the row of pad must stay 0; you cleared row 0.", _other_padding(0)),
    Misconception("the row of pad must stay 0; you cleared the last row.", _other_padding(-1)),
    Misconception(
        "the row of pad must stay 0; you cleared row pad+1.",
        lambda i, d, V, p: _without_padding(_plain(i, d, V), (p + 1) % V),
    ),
    Misconception(
        "the row of the padding token is removed; keep it, filled with 0.",
        lambda i, d, V, p: np.delete(reference(i, d, V, p), p, 0),
    ),
    Misconception(
        "the gradients of a repeated id add up, they are not averaged.",
        _from(lambda dW, ids, dout: dW / _counts(ids, len(dW))),
    ),
    Misconception(
        "gradients add up over the batch, they are not averaged.", _from(lambda dW, ids, dout: dW / len(ids))
    ),
    Misconception(
        "gradients add up over all positions, they are not averaged.",
        _from(lambda dW, ids, dout: dW / ids.size),
    ),
    Misconception(
        "gradients add up over the steps, they are not averaged.",
        _from(lambda dW, ids, dout: dW / ids.shape[1]),
    ),
    Misconception(
        "of repeated ids the largest gradient is kept: all of them add up.",
        lambda i, d, V, p: _without_padding(_largest(i, d, V), p),
    ),
    Misconception("dW has shape (V, D); yours is transposed.", _from(lambda dW, *_: dW.T)),
    Misconception("dW has a row for each of the V ids, also for those that do not occur.", _from(_present)),
    Misconception(
        "dW has V rows, not as many as the largest id needs.",
        _from(lambda dW, ids, dout: dW[: ids.max() + 1]),
    ),
    Misconception(
        "dW is the sum of dout; you count how often an id occurs.",
        lambda i, d, V, p: _without_padding(_plain(i, np.ones_like(d), V), p),
    ),
    Misconception("dW keeps the D columns apart; you summed over them.", _from(lambda dW, *_: dW.sum(1))),
    Misconception(
        "dW: every column holds the sum over all of them.",
        _from(lambda dW, *_: np.broadcast_to(dW.sum(1, keepdims=True), dW.shape)),
    ),
    Misconception(
        "only the first sequence is used: sum over the batch.",
        lambda i, d, V, p: reference(i[:1], d[:1], V, p),
    ),
    Misconception(
        "only the last sequence is used: sum over the batch.",
        lambda i, d, V, p: reference(i[-1:], d[-1:], V, p),
    ),
    Misconception(
        "only the last step is used: sum over all steps.",
        lambda i, d, V, p: reference(i[:, -1:], d[:, -1:], V, p),
    ),
    Misconception(
        "ids and dout are put in a row in different orders: reshape both in the same way.", _reordered
    ),
    Misconception("dW is subtracted: a gradient has the sign of dout.", _from(lambda dW, *_: -dW)),
)


def _largest(ids, dout, V):
    dW = np.full((V, dout.shape[-1]), -np.inf)
    np.maximum.at(dW, ids, dout)
    return np.where(np.isinf(dW), 0, dW)


EXERCISE = Exercise(
    name="embedding_backward",
    reference=reference,
    properties=(
        Property("ids that differ", lambda rng: [all_different(rng, 2, 3, 9, 4)]),
        Property("an id that is repeated", lambda rng: [lookups(rng, 1, 6, 5, 2, used=[1, 3])]),
        Property("a batch with repetitions", lambda rng: [lookups(rng, 3, 7, 5, 4, used=[1, 2, 4])]),
        Property("the padding gets no gradient", lambda rng: [lookups(rng, 3, 8, 4, 3)]),
        Property("another id for the padding", lambda rng: [lookups(rng, 2, 9, 4, 3, pad=2)]),
        Property("ids that do not occur", lambda rng: [lookups(rng, 2, 4, 8, 3, used=[0, 1, 4])]),
    ),
    misconceptions=EMBEDDING_MISTAKES,
    axes=("id", "feature"),
    forbidden=OTHERS_WORK,
)
