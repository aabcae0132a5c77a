"""E24 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def masked_logits(logits, temperature, top_k, top_p):
    z = logits / temperature
    if top_k > 0:
        z = np.where(z < np.sort(z)[::-1][min(top_k, len(z)) - 1], -np.inf, z)
    p = _softmax(z)
    if top_p < 1.0:
        order = np.argsort(p)[::-1]
        before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])
        z[order[before >= top_p]] = -np.inf
    return _softmax(z)


def loop(logits, temperature: float, top_k: int, top_p: float) -> np.ndarray:
    scores = [float(v) / temperature for v in logits]
    weights = [np.exp(s - max(scores)) for s in scores]
    ranked = sorted(range(len(scores)), key=lambda v: -scores[v])
    ranked = ranked[: top_k or len(ranked)]
    total = sum(weights[v] for v in ranked)
    nucleus, mass = [], 0.0
    for v in ranked:
        nucleus.append(v)
        mass += weights[v] / total
        if top_p < 1 and mass >= top_p:
            break
    p = np.zeros(len(scores))
    for v in nucleus:
        p[v] = weights[v] / sum(weights[u] for u in nucleus)
    return p


def search_sorted(logits, temperature, top_k, top_p):
    order = np.argsort(-logits)
    p = np.exp((logits[order] - logits[order[0]]) / temperature)
    if 0 < top_k < len(p):
        p[top_k:] = 0
    p /= p.sum()
    if top_p < 1:
        p[np.searchsorted(np.cumsum(p), top_p) + 1 :] = 0
        p /= p.sum()
    out = np.empty_like(p)
    out[order] = p
    return out


def log_space(logits, temperature, top_k, top_p):
    z = logits / temperature
    logp = z - z.max() - np.log(np.exp(z - z.max()).sum())
    keep = np.ones(len(z), bool)
    rank = np.empty(len(z), int)
    rank[np.argsort(-z)] = np.arange(len(z))
    if top_k:
        keep &= rank < top_k
    p = np.where(keep, np.exp(logp), 0)
    p = p / p.sum()
    mass_before = np.array([p[rank < r].sum() for r in rank])
    if top_p != 1:
        p = np.where(mass_before < top_p, p, 0)
    return p / p.sum()


CORRECT = [masked_logits, loop, search_sorted, log_space]


def _parts(scale=lambda z, t: z / t, cut_k=None, middle=True, cut_p=None, last=True, softmax=_softmax):
    """A solution with parts replaced: ``cut_k(p, k)`` and ``cut_p(p, top_p)`` return what is kept."""

    def wrong(logits, temperature, top_k, top_p):
        p = softmax(scale(logits, temperature))
        if top_k > 0:
            p = p * (cut_k or _best)(p, top_k)
            p = p / p.sum() if middle else p
        if top_p < 1:
            p = p * (cut_p or _nucleus)(p, top_p)
        return p / p.sum() if last else p

    return wrong


def _best(p, k):
    keep = np.zeros(len(p), bool)
    keep[np.argsort(-p)[:k]] = True
    return keep


def _nucleus(p, top_p, shift=1):
    order = np.argsort(-p)
    keep = np.zeros(len(p), bool)
    keep[order[: np.searchsorted(np.cumsum(p[order]), top_p) + shift]] = True
    return keep


def _ascending(p, top_p):
    order = np.argsort(p)
    keep = np.zeros(len(p), bool)
    keep[order[: np.searchsorted(np.cumsum(p[order]), top_p) + 1]] = True
    return keep


def _by_id(p, top_p):
    return np.cumsum(p) - p < top_p


def _naive(z):
    return np.exp(z) / np.exp(z).sum()


def zero_logits(logits, temperature, top_k, top_p):
    z = logits / temperature
    keep = loop(logits, temperature, top_k, top_p) > 0
    return _softmax(z * keep)


def p_before_k(logits, temperature, top_k, top_p):
    p = loop(logits, temperature, 0, top_p)
    if top_k:
        p = p * _best(p, top_k)
    return p / p.sum()


def temperature_at_the_end(logits, temperature, top_k, top_p):
    p = loop(logits, 1.0, top_k, top_p) ** (1 / temperature)
    return p / p.sum()


def always_cuts_k(logits, temperature, top_k, top_p):
    p = _softmax(logits / temperature)
    keep = np.zeros(len(p), bool)
    keep[np.argsort(-p)[:top_k]] = True
    p = np.where(keep, p, 0)
    with np.errstate(all="ignore"):
        p = p / p.sum()
    return p * _nucleus(p, top_p) / (p * _nucleus(p, top_p)).sum() if top_p < 1 else p


def changes_logits(logits, temperature, top_k, top_p):
    p = loop(logits, temperature, top_k, top_p)
    logits /= temperature
    return p


def lets_scipy(logits, temperature, top_k, top_p):
    from scipy.special import softmax

    return softmax(logits / temperature)


def draws(logits, temperature, top_k, top_p):
    return np.random.default_rng(0).choice(len(logits), p=loop(logits, temperature, top_k, top_p))


def sorted_result(logits, temperature, top_k, top_p):
    return np.sort(loop(logits, temperature, top_k, top_p))[::-1]


def only_the_kept(logits, temperature, top_k, top_p):
    p = loop(logits, temperature, top_k, top_p)
    return p[p > 0]


WRONG = {
    "from the minimum": (_parts(softmax=lambda z: _naive(z - z.min())), "you subtract the smallest logit"),
    "multiplies": (_parts(scale=lambda z, t: z * t), "you multiply by it"),
    "no temperature": (_parts(scale=lambda z, t: z), "temperature is ignored"),
    "temperature last": (temperature_at_the_end, "the temperature comes first"),
    "overflow": (_parts(softmax=_naive), "subtract the maximum"),
    "not renormalised": (_parts(middle=False, last=False), "sum to 1 again"),
    "not renormalised after top-p": (_parts(last=False), "after top-p the rest"),
    "not renormalised between": (_parts(middle=False), "before top-p adds it up"),
    "top-p first": (p_before_k, "top-k comes first"),
    "no top-k": (_parts(cut_k=lambda p, k: p > 0), "top_k is ignored"),
    "no top-p": (_parts(cut_p=lambda p, q: p > 0), "top_p is ignored"),
    "k-1": (_parts(cut_k=lambda p, k: p > np.sort(p)[-k]), "you keep k-1 tokens"),
    "k+1": (_parts(cut_k=lambda p, k: _best(p, k + 1)), "you keep k+1 tokens"),
    "least k": (_parts(cut_k=lambda p, k: _best(-p, k)), "k least probable"),
    "cuts the best": (_parts(cut_k=lambda p, k: ~_best(p, k)), "cut the k most probable"),
    "first k ids": (_parts(cut_k=lambda p, k: np.arange(len(p)) < k), "the first k ids"),
    "k = 0 empties": (always_cuts_k, "top_k = 0 means"),
    "ascending": (_parts(cut_p=_ascending), "you begin with the least probable"),
    "by id": (_parts(cut_p=_by_id), "in the order of the ids"),
    "one too few": (_parts(cut_p=lambda p, q: _nucleus(p, q, 0)), "that crosses top_p belongs"),
    "one too few, never none": (
        _parts(cut_p=lambda p, q: _nucleus(p, q, 0) | (p == p.max())),
        "that crosses top_p belongs",
    ),
    "one too many": (_parts(cut_p=lambda p, q: _nucleus(p, q, 2)), "one token too many"),
    "the tail": (_parts(cut_p=lambda p, q: ~_nucleus(p, q)), "you keep those that it cuts"),
    "min-p": (_parts(cut_p=lambda p, q: p >= q * p.max()), "min-p"),
    "limit for each": (_parts(cut_p=lambda p, q: p >= 1 - q), "not for each one"),
    "zero logits": (zero_logits, "a logit of 0 is no ban"),
    "softmax twice": (lambda *a: _softmax(loop(*a)), "softmax is applied twice"),
    "uniform": (lambda *a: (loop(*a) > 0) / (loop(*a) > 0).sum(), "made it uniform"),
    "sorted": (sorted_result, "in the order of their size"),
    "logarithms": (lambda *a: np.log(np.maximum(loop(*a), 0)), "you return logarithms"),
    "only the kept": (only_the_kept, "too few"),
    "draws": (draws, "a single number"),
    "changes the logits": (changes_logits, "changes its input array logits"),
    "scipy": (lets_scipy, "scipy.special.softmax"),
}
