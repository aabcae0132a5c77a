"""E24 ``next_token_probs``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Property, call


def logits(rng: np.random.Generator, V: int, temperature=1.0, top_k=0, top_p=1.0, offset=0.0) -> Call:
    """V logits, all different; ``top_p`` is moved away from every sum of probabilities."""
    z = rng.permutation(V) * 0.45 + rng.uniform(0, 0.3, V) - 0.2 * V
    if 0 < top_p < 1:
        sums = np.cumsum(_cut_k(_softmax(z / temperature), top_k)[np.argsort(-z)])
        below, above = max(sums[sums < top_p], default=0.0), min(sums[sums >= top_p], default=1.0)
        top_p = float(below + 0.6 * (above - below))
    return call(z + offset, temperature, top_k, top_p)


def far_apart(rng: np.random.Generator) -> list[Call]:
    """Logits from -1500 to 1500, two of them close together at the top."""
    z = np.array([-1500.0, 0.0, 1500.0, 1500.5]) + rng.uniform(0, 0.2, 4)
    return [call(rng.permutation(z), 1.0, 0, 1.0)]


def _softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def _cut_k(p, k):
    """The k most probable, not renormalised."""
    if k == 0 or k >= len(p):
        return p
    return np.where(p >= np.sort(p)[-k], p, 0)


def _cut_p(p, top_p):
    """The smallest set of the most probable that reaches top_p, not renormalised."""
    order = np.argsort(-p, kind="stable")
    kept = np.zeros_like(p)
    count = min(int((np.cumsum(p[order]) < top_p).sum()) + 1, len(p))
    kept[order[:count]] = p[order[:count]]
    return kept if top_p < 1 else p


def _renormalised(p):
    return p / p.sum()


def probs(logits, temperature, top_k, top_p):
    """The reference of E24."""
    return _probs(logits, temperature, top_k, top_p)


def _probs(z, t, k, top_p, scale=np.divide, cut_k=_cut_k, between=_renormalised, cut_p=_cut_p):
    return _renormalised(cut_p(between(cut_k(_softmax(scale(z, t)), k)), top_p))


def _with(**wrong):
    return lambda z, t, k, p: _probs(z, t, k, p, **wrong)


def _count_in_p(change):
    """top-p that keeps ``change(right number, length)`` tokens."""

    def cut(p, top_p):
        right = int((_cut_p(p, top_p) > 0).sum())
        return _cut_k(p, max(0, min(len(p), change(right, len(p))))) if top_p < 1 else p

    return cut


def _least(p, k):
    return p if k == 0 or k >= len(p) else np.where(p <= np.sort(p)[k - 1], p, 0)


def _least_p(p, top_p):
    order = np.argsort(p)
    kept = np.zeros_like(p)
    count = int((np.cumsum(p[order]) < top_p).sum()) + 1
    kept[order[:count]] = p[order[:count]]
    return kept if top_p < 1 else p


def _in_order_of_ids(p, top_p):
    count = int((np.cumsum(p) < top_p).sum()) + 1
    return np.where(np.arange(len(p)) < count, p, 0) if top_p < 1 else p


def _no_last_softmax(z, t, k, p):
    return _cut_p(_renormalised(_cut_k(_softmax(z / t), k)), p)


def _zeros_in_logits(z, t, k, p):
    """What is cut gets the logit 0, which is e^0 = 1 before the softmax."""
    kept = probs(z, t, k, p) > 0
    return _softmax(np.where(kept, z / t, 0.0))


def _temperature_last(z, t, k, p):
    """The cuts see the distribution at temperature 1."""
    kept = probs(z, 1.0, k, p) > 0
    return _renormalised(np.where(kept, _softmax(z / t), 0))


def _softmax_again(z, t, k, p):
    return _softmax(probs(z, t, k, p))


def _uniform(z, t, k, p):
    kept = probs(z, t, k, p) > 0
    return kept / kept.sum()


def _overflows(z, t, k, p):
    e = np.exp(z / t)
    return _renormalised(_cut_p(_renormalised(_cut_k(e / e.sum(), k)), p))


def _from_minimum(z, t, k, p):
    return _overflows(z - z.min(), t, k, p)


def _threshold(p, top_p):
    return np.where(p >= top_p * p.max(), p, 0) if top_p < 1 else p


def _above(p, top_p):
    return np.where(p >= 1 - top_p, p, 0) if top_p < 1 else p


def _sorted(z, t, k, p):
    return -np.sort(-probs(z, t, k, p))


def _k_zero(p, k):
    return np.where(p >= np.sort(p)[-k], p, 0) if k else p * np.nan


DECODING_MISTAKES = (
    Misconception("the temperature divides the logits; you multiply by it.", _with(scale=np.multiply)),
    Misconception("the temperature is ignored.", _with(scale=lambda z, t: z)),
    Misconception(
        "the temperature divides the logits, before the softmax; dividing the probabilities changes nothing.",
        lambda z, t, k, p: _probs(z / 1.0, 1.0, k, p) / t,
    ),
    Misconception(
        "the temperature comes first: top-k and top-p cut the distribution that it has shaped.",
        _temperature_last,
    ),
    Misconception("exp overflows for large logits: subtract the maximum first.", _overflows),
    Misconception(
        "you subtract the smallest logit; with the largest one no exponential is above 1.", _from_minimum
    ),
    Misconception(
        "after cutting, the rest must sum to 1 again: divide by its sum.",
        lambda z, t, k, p: _cut_p(_cut_k(_softmax(z / t), k), p),
    ),
    Misconception("after top-p the rest must sum to 1 again: divide by its sum once more.", _no_last_softmax),
    Misconception(
        "top-k comes first, and what it leaves must sum to 1 again before top-p adds it up.",
        _with(between=lambda p: p),
    ),
    Misconception("top_k is ignored.", _with(cut_k=lambda p, k: p)),
    Misconception("top_p is ignored.", _with(cut_p=lambda p, top_p: p)),
    Misconception(
        "you keep k-1 tokens: the k-th largest belongs to them (>= instead of >).",
        _with(cut_k=lambda p, k: _cut_k(p, k - 1) if k > 1 else p * (k == 0)),
    ),
    Misconception("you keep k+1 tokens.", _with(cut_k=lambda p, k: _cut_k(p, k + 1) if k else p)),
    Misconception("you keep the k least probable tokens; keep the most probable.", _with(cut_k=_least)),
    Misconception(
        "you cut the k most probable tokens away; keep them.",
        _with(cut_k=lambda p, k: np.where(_cut_k(p, k) > 0, 0, p) if k else p),
    ),
    Misconception(
        "top_k keeps the first k ids; it keeps the k most probable tokens.",
        _with(cut_k=lambda p, k: np.where(np.arange(len(p)) < k, p, 0) if k else p),
    ),
    Misconception("top_k = 0 means: keep all tokens.", _with(cut_k=_k_zero)),
    Misconception(
        "top-p collects the most probable tokens first; you begin with the least probable.",
        _with(cut_p=_least_p),
    ),
    Misconception(
        "top-p collects the most probable tokens first; you add up in the order of the ids: sort.",
        _with(cut_p=_in_order_of_ids),
    ),
    Misconception(
        "top-p keeps one token too few: the one that crosses top_p belongs to the set.",
        _with(cut_p=_count_in_p(lambda right, n: right - 1)),
    ),
    Misconception(
        "the token that crosses top_p belongs to the set (the most probable one you kept).",
        _with(cut_p=_count_in_p(lambda right, n: max(1, right - 1))),
    ),
    Misconception(
        "top-p keeps one token too many: stop as soon as the sum reaches top_p.",
        _with(cut_p=_count_in_p(lambda right, n: right + 1)),
    ),
    Misconception(
        "top-p keeps the most probable tokens; you keep those that it cuts.",
        _with(cut_p=lambda p, top_p: np.where(_cut_p(p, top_p) > 0, 0, p) if top_p < 1 else p),
    ),
    Misconception(
        "top_p limits the sum of the probabilities; a share of the largest one is another rule (min-p).",
        _with(cut_p=_threshold),
    ),
    Misconception(
        "top_p is a limit for the sum of the probabilities, not for each one.",
        _with(cut_p=lambda p, top_p: np.where(p >= top_p, p, 0) if top_p < 1 else p),
    ),
    Misconception(
        "top_p is a limit for the sum of the probabilities, not for each one.", _with(cut_p=_above)
    ),
    Misconception(
        "a logit of 0 is no ban: exp(0) = 1. Set what is cut to probability 0 or to the logit -inf.",
        _zeros_in_logits,
    ),
    Misconception("the softmax is applied twice; to renormalise, divide by the sum.", _softmax_again),
    Misconception("what is left keeps its proportions; you made it uniform.", _uniform),
    Misconception("the probabilities stand in the order of their size; p[v] belongs to token v.", _sorted),
    Misconception("you return logarithms; probabilities are asked for.", lambda *a: np.log(probs(*a))),
    Misconception(
        "you return logits; probabilities are asked for.",
        lambda z, t, k, p: np.where(probs(z, t, k, p) > 0, z / t, -np.inf),
    ),
    Misconception(
        "you return the choice of the most probable token; its distribution is asked for.",
        lambda *a: np.eye(len(a[0]))[np.argmax(a[0])],
    ),
)


EXERCISE = Exercise(
    name="next_token_probs",
    reference=probs,
    properties=(
        Property("softmax", lambda rng: [logits(rng, 5)]),
        Property("temperature", lambda rng: [logits(rng, 6, 0.5), logits(rng, 6, 2.0)]),
        Property("top-k", lambda rng: [logits(rng, 7, top_k=3), logits(rng, 6, top_k=1)]),
        Property("top-p", lambda rng: [logits(rng, 7, top_p=0.6), logits(rng, 8, top_p=0.9)]),
        Property("top-k, then top-p", lambda rng: [logits(rng, 9, 1.5, 5, 0.75)]),
        Property("large logits", lambda rng: [logits(rng, 6, offset=1000.0)], 0.5),
    ),
    misconceptions=DECODING_MISTAKES,
    axes=("token",),
    forbidden=OTHERS_WORK,
)
