"""E08 ``lm_loss``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Output, Property, call
from dlcourse.checks.lm_loss_reference import made, pieces, reference, results


def batch(rng: np.random.Generator, lengths: tuple[int, ...], T: int, V: int, pad: int = 0, **how) -> Call:
    """logits (B, T, V), targets (B, T) with ``lengths`` real tokens in each row, pad.

    A third of the real tokens, and a third of the padding, is what the logits favour; the logits favour
    the padding at some real tokens. ``scale`` multiplies the logits.
    """
    logits = 2 * rng.standard_normal((len(lengths), T, V))
    real = np.array([v for v in range(V) if v != pad])
    targets = np.where(np.arange(T) < np.array(lengths)[:, None], rng.choice(real, (len(lengths), T)), pad)
    positions = rng.permutation(targets.size).reshape(targets.shape)
    best = np.where(positions % 3 == 0, targets, np.where(positions % 6 == 1, pad, logits.argmax(-1)))
    np.put_along_axis(logits, best[..., None], logits.max(-1, keepdims=True) + 1, -1)
    return call(how.get("scale", 1) * logits, targets, pad)


def _mask(sentence, mask):
    return made.early(sentence, lambda g: results(g, mask=mask(g)))


def _loss(sentence, change):
    """``change(mask, nll)`` in place of the loss."""
    return made.one("loss", sentence, lambda loss, g: change(*pieces(g)[:2]))


def _gradient(sentence, change):
    """``change(mask with an axis more, p, onehot, n)`` in place of dlogits."""

    def wrong(dlogits, g):
        mask, _, p, onehot, _ = pieces(g)
        return change(mask[..., None], p, onehot, max(mask.sum(), 1))

    return made.one("dlogits", sentence, wrong)


def _accuracy(sentence, change):
    """``change(mask, hit)`` in place of the accuracy."""
    return made.one("accuracy", sentence, lambda a, g: change(pieces(g)[0], pieces(g)[4]))


def _overflow(loss, g):
    with np.errstate(all="ignore"):
        e = np.exp(g.logits)
        p = np.take_along_axis(e / e.sum(-1, keepdims=True), g.targets[..., None], -1)[..., 0]
        mask = g.targets != g.pad
        return -np.log(p[mask]).sum() / max(mask.sum(), 1)


def _clipped(smallest):
    def wrong(loss, g):
        mask, nll, *_ = pieces(g)
        return (np.minimum(nll, -np.log(smallest)) * mask).sum() / max(mask.sum(), 1)

    return wrong


def _zeroed(loss, g):
    """The logits at the padding are set to 0 and counted."""
    mask = g.targets != g.pad
    return results(made.given((g.logits * mask[..., None], g.targets, g.pad)), mask=np.ones_like(mask))[0]


def _without_pad(loss, g):
    """The padding token is taken out of the vocabulary."""
    logits = g.logits.copy()
    logits[..., g.pad] = -1e30
    return results(made.given((logits, g.targets, g.pad)))[0]


def _shifted(loss, g):
    if g.logits.shape[1] < 2:
        raise ValueError("nothing to shift")
    return reference(g.logits[:, :-1], g.targets[:, 1:], g.pad)[0]


def _nan_if_empty(mask, value):
    return value if mask.any() else np.nan


def _accuracy_without_pad(accuracy, g):
    logits = g.logits.copy()
    logits[..., g.pad] = -np.inf
    return reference(logits, g.targets, g.pad)[2]


LM_MISTAKES = (
    _loss(
        "a batch of padding only must give 0, not 0/0.",
        lambda m, nll: _nan_if_empty(m, (nll * m).sum() / max(m.sum(), 1)),
    ),
    _mask(
        "padding is counted: leave out the positions where targets == pad.",
        lambda g: np.ones_like(g.targets, bool),
    ),
    _mask(
        "the mask comes from the targets, not from the predictions.", lambda g: g.logits.argmax(-1) != g.pad
    ),
    _mask("the mask is inverted: the real tokens count, targets != pad.", lambda g: g.targets == g.pad),
    _mask("pad is an argument: you take 0 for the padding.", lambda g: g.targets != 0),
    _mask(
        "pad is an argument: you take the ids above it for real (targets > pad).", lambda g: g.targets > g.pad
    ),
    _mask("pad is an argument: you take negative ids for the padding.", lambda g: g.targets >= 0),
    made.early(
        "softmax runs over the vocabulary, the last axis; you normalised over the time.",
        lambda g: results(g, axis=1),
    ),
    made.early(
        "softmax runs over the vocabulary, the last axis; you normalised over the batch.",
        lambda g: results(g, axis=0),
    ),
    _loss(
        "average over all real tokens, not per sequence first: short sequences get too much weight.",
        lambda m, nll: ((nll * m).sum(1) / np.maximum(m.sum(1), 1)).mean(),
    ),
    _loss(
        "average over all real tokens of the batch, not per time step first.",
        lambda m, nll: ((nll * m).sum(0) / np.maximum(m.sum(0), 1)).mean(),
    ),
    _loss(
        "divide by the number of real tokens, not by the batch size.", lambda m, nll: (nll * m).sum() / len(m)
    ),
    _loss(
        "divide by the number of real tokens, not by that of all positions.", lambda m, nll: (nll * m).mean()
    ),
    _loss(
        "divide by the number of real tokens, not by that of the time steps.",
        lambda m, nll: (nll * m).sum() / m.shape[1],
    ),
    _loss("the loss is the mean over the real tokens, you returned the sum.", lambda m, nll: (nll * m).sum()),
    _loss(
        "the loss is a sum over all positions, padding too; it is the mean over the real tokens.",
        lambda m, nll: nll.sum(),
    ),
    _loss(
        "the padding is left out of the count, but not of the sum.",
        lambda m, nll: nll.sum() / max(m.sum(), 1),
    ),
    _loss("the loss is -log p: the sign is wrong.", lambda m, nll: -(nll * m).sum() / max(m.sum(), 1)),
    _loss(
        "that is the perplexity; the loss is its logarithm.",
        lambda m, nll: np.exp((nll * m).sum() / max(m.sum(), 1)),
    ),
    _loss(
        "np.log is the natural logarithm; you divided by ln 2 (bits).",
        lambda m, nll: (nll * m).sum() / max(m.sum(), 1) / np.log(2),
    ),
    _loss(
        "the loss is the mean of -log p, you left the logarithm out.",
        lambda m, nll: (np.exp(-nll) * m).sum() / max(m.sum(), 1),
    ),
    made.one("loss", "exp overflows for large logits: subtract the maximum of each row first.", _overflow),
    *(
        made.one(
            "loss",
            f"p is clipped at {s:g}: the loss of a confidently wrong token saturates. Work from logits.",
            _clipped(s),
        )
        for s in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
    ),
    made.one("loss", "setting the logits to 0 does not leave the padding out: each counts log V.", _zeroed),
    made.one(
        "loss", "the padding token stays in the vocabulary: softmax runs over all V logits.", _without_pad
    ),
    made.one("loss", "the targets are shifted already: compare logits[:, t] with targets[:, t].", _shifted),
    _gradient(
        "the loss ignores padding, the gradient does not: dlogits is 0 there.", lambda m, p, y, n: (p - y) / n
    ),
    _gradient(
        "the gradient at the padding must be 0: mask p too, not only the one-hot part.",
        lambda m, p, y, n: (p - y * m) / n,
    ),
    _gradient(
        "the gradient at the padding must be 0: mask the one-hot part too, not only p.",
        lambda m, p, y, n: (p * m - y) / n,
    ),
    _gradient(
        "loss is a mean, so the gradient is divided by the number of real tokens.",
        lambda m, p, y, n: (p - y) * m,
    ),
    _gradient(
        "the gradient is divided by the number of real tokens, not by the batch size.",
        lambda m, p, y, n: (p - y) * m / len(m),
    ),
    _gradient(
        "the gradient is divided by the number of real tokens, not by that of all positions.",
        lambda m, p, y, n: (p - y) * m / m.size,
    ),
    _gradient(
        "padding counts in the gradient: it is 0 there; divide the rest by the number of real tokens.",
        lambda m, p, y, n: (p - y) / m.size,
    ),
    _gradient("the gradient is p - onehot, yours has the opposite sign.", lambda m, p, y, n: (y - p) * m / n),
    _gradient("the gradient is p - onehot, you forgot the onehot.", lambda m, p, y, n: p * m / n),
    _gradient(
        "the gradient is p - onehot; you treat softmax as the identity: -onehot / p.",
        lambda m, p, y, n: -y / p * m / n,
    ),
    _gradient("the gradient is p - onehot: p itself is missing.", lambda m, p, y, n: -y * m / n),
    made.one(
        "dlogits",
        "dlogits has the axes (B, T, V); yours has lost its rows.",
        lambda d, g: d.reshape(-1, d.shape[-1]),
    ),
    made.one(
        "dlogits",
        "dlogits has a row for every position, also for the padding (zeros).",
        lambda d, g: d[g.targets != g.pad],
    ),
    made.one(
        "accuracy",
        "accuracy counts the hits; you average the probability of the right token.",
        lambda a, g: (np.exp(-pieces(g)[1]) * pieces(g)[0]).sum() / max(pieces(g)[0].sum(), 1),
    ),
    _accuracy("the loss ignores padding, but the accuracy does not.", lambda m, hit: hit.mean()),
    _accuracy(
        "the accuracy is divided by the number of all positions: divide by that of the real tokens.",
        lambda m, hit: (hit & m).mean(),
    ),
    _accuracy(
        "hits at the padding count in the accuracy: mask them, too.",
        lambda m, hit: hit.sum() / max(m.sum(), 1),
    ),
    _accuracy(
        "the accuracy is divided by the batch size: divide by the number of real tokens.",
        lambda m, hit: (hit & m).sum() / len(m),
    ),
    _accuracy("the accuracy is a share between 0 and 1, you counted.", lambda m, hit: (hit & m).sum()),
    _accuracy(
        "the accuracy is a share between 0 and 1, you give per cent.",
        lambda m, hit: 100 * (hit & m).sum() / max(m.sum(), 1),
    ),
    _accuracy(
        "that is the error rate; the accuracy is the share of right predictions.",
        lambda m, hit: (~hit & m).sum() / max(m.sum(), 1),
    ),
    _accuracy(
        "average over all real tokens, not per sequence first.",
        lambda m, hit: ((hit & m).sum(1) / np.maximum(m.sum(1), 1)).mean(),
    ),
    _accuracy(
        "the accuracy counts tokens, you count whole sequences.", lambda m, hit: (hit | ~m).all(1).mean()
    ),
    _accuracy(
        "a batch of padding only must give accuracy 0, not 0/0.",
        lambda m, hit: _nan_if_empty(m, (hit & m).sum() / max(m.sum(), 1)),
    ),
    made.one(
        "accuracy",
        "the prediction is the most probable of all V tokens; you leave the padding token out.",
        _accuracy_without_pad,
    ),
)


EXERCISE = Exercise(
    name="lm_loss",
    reference=reference,
    properties=(
        Property("one sequence without padding", lambda rng: [batch(rng, (4,), 4, 5)]),
        Property("several sequences of one length", lambda rng: [batch(rng, (6, 6), 6, 5)]),
        Property("padding does not count", lambda rng: [batch(rng, (7, 2, 4), 7, 5)], 2),
        Property("another id for the padding", lambda rng: [batch(rng, (3, 6), 6, 5, pad=3)]),
        Property("large logits", lambda rng: [batch(rng, (4, 3), 4, 6, scale=400)]),
        Property("a batch of padding only", lambda rng: [batch(rng, (0, 0), 3, 4)], 0.5),
    ),
    misconceptions=LM_MISTAKES,
    outputs=(Output("loss"), Output("dlogits", ("sequence", "step", "token")), Output("accuracy")),
    forbidden=OTHERS_WORK,
)
