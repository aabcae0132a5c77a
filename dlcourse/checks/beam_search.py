"""E30 ``beam_search``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Exercise, Misconception, Output, Property, driver
from dlcourse.checks.call import perform


@driver
def with_table(beam_search, table, bos, eos, k, max_len, alpha):
    """step looks the log-probabilities up: table[number of tokens - 1, last token]."""

    def step(tokens):
        tokens = [int(t) for t in tokens]
        if tokens[0] != bos:
            raise ValueError("step: the tokens should begin with bos")
        if eos in tokens[1:]:
            raise ValueError("step: a hypothesis that ended with eos must not be continued")
        return table[min(len(tokens), len(table)) - 1, tokens[-1]].copy()

    return beam_search(step, bos, eos, k, max_len, alpha)


def model(rng: np.random.Generator, V: int, k: int, max_len: int, alpha: float, stop: float = 1.0, bos=0):
    """A language model of V tokens; eos is V - 1, ``stop`` raises its logit."""
    z = rng.standard_normal((max_len, V, V)) * 1.5
    z[:, :, V - 1] += stop
    z[:, :, bos] -= 9
    return with_table(z - np.log(np.exp(z).sum(-1, keepdims=True)), bos, V - 1, k, max_len, alpha)


def search(step, bos, eos, k, max_len, alpha):
    """The reference of E30."""
    return _search(step, bos, eos, k, max_len, alpha)


def _all_together(candidates, k):
    return sorted(candidates, key=lambda c: -c[1])[:k]


def _score(total, tokens, alpha):
    return total / (len(tokens) - 1) ** alpha


def _search(step, bos, eos, k, max_len, alpha, select=_all_together, score=_score, **wrong):
    """The keywords are for mistakes."""
    add = wrong.get("add", lambda total, log_p: total + log_p)
    live, done = [([bos], wrong.get("begin", 0.0))], []
    for _ in range(max_len + wrong.get("more", 0)):
        places = k - len(done) if wrong.get("finished_take_places") else k
        candidates = [
            ([*tokens, v], add(total, p), tokens)
            for tokens, total in live
            for v, p in enumerate(step(tokens))
        ]
        grown = [(tokens, total) for tokens, total, _ in select(candidates, max(places, 0))]
        done += [h for h in grown if h[0][-1] == eos]
        live = [h for h in grown if h[0][-1] != eos]
        if not live or (wrong.get("first_eos") and done) or (wrong.get("enough") and len(done) >= k):
            break
    if wrong.get("only_finished") and done:
        live = []
    if wrong.get("only_live") and live:
        done = []
    best = wrong.get("best", max)(done + live, key=lambda h: score(h[1], h[0], alpha))
    return best[0], score(best[1], best[0], alpha)


def _with(**wrong):
    return lambda *a: _search(*a, **wrong)


def _best_of_each(candidates, k):
    """The best continuation of every hypothesis; in the first round the k best."""
    parents = {tuple(c[2]) for c in candidates}
    if all(len(p) == 1 for p in parents):
        return _all_together(candidates, k)
    return [max((c for c in candidates if tuple(c[2]) == p), key=lambda c: c[1]) for p in sorted(parents)]


def _last_probability_only(candidates, k):
    """``add`` has put (total, last) together."""
    return sorted(candidates, key=lambda c: -c[1][1])[:k]


def _by_last(step, bos, eos, k, max_len, alpha):
    tokens, score = _search(
        step, bos, eos, k, max_len, alpha,
        select=_last_probability_only,
        add=lambda total, p: (total[0] + p, p),
        begin=(0.0, 0.0),
        score=lambda total, tokens, alpha: _score(total[0], tokens, alpha),
    )  # fmt: skip
    return tokens, score


def _keeps_on(step, bos, eos, k, max_len, alpha):
    """Finished hypotheses stay in the beam and take a place."""
    beam = [([bos], 0.0)]
    for _ in range(max_len):
        grown = []
        for tokens, total in beam:
            if tokens[-1] == eos and len(tokens) > 1:
                grown.append((tokens, total))
            else:
                grown += [([*tokens, v], total + p) for v, p in enumerate(step(tokens))]
        beam = sorted(grown, key=lambda c: -c[1])[:k]
    tokens, total = max(beam, key=lambda h: _score(h[1], h[0], alpha))
    return tokens, _score(total, tokens, alpha)


def _scored(change):
    """The right tokens with another score."""

    def wrong(*a):
        tokens, score = search(*a)
        return tokens, change(score, tokens, a[-1])

    return wrong


def _cut(change):
    def wrong(*a):
        tokens, score = search(*a)
        return change(tokens), score

    return wrong


BEAM_MISTAKES = (
    Misconception(
        "each hypothesis is extended by its own best token: all continuations of all hypotheses compete for "
        "the k places.",
        _with(select=_best_of_each),
    ),
    Misconception(
        "k is ignored: that is greedy decoding (k = 1).", lambda s, b, e, k, m, a: search(s, b, e, 1, m, a)
    ),
    Misconception(
        "k + 1 hypotheses live on; k is asked for.", lambda s, b, e, k, m, a: search(s, b, e, k + 1, m, a)
    ),
    Misconception(
        "you keep the k least probable continuations: sort from the best.",
        _with(select=lambda c, k: sorted(c, key=lambda c: c[1])[:k]),
    ),
    Misconception("the worst hypothesis is returned; the best is asked for.", _with(best=min)),
    Misconception(
        "no length normalisation: divide by length^alpha, otherwise short outputs win.",
        _with(score=lambda total, tokens, alpha: total),
    ),
    Misconception(
        "bos does not count: the length is the number of tokens behind it.",
        _with(score=lambda total, tokens, alpha: total / len(tokens) ** alpha),
    ),
    Misconception(
        "eos counts: the length is the number of all tokens behind bos.",
        _with(score=lambda total, tokens, alpha: total / max(len(tokens) - 2, 1) ** alpha),
    ),
    Misconception(
        "the score is divided by length^alpha, not by alpha * length.",
        _with(score=lambda total, tokens, alpha: total / (max(alpha, 1e-9) * (len(tokens) - 1))),
    ),
    Misconception(
        "alpha is ignored: the length has the power alpha.",
        _with(score=lambda total, tokens, alpha: total / (len(tokens) - 1)),
    ),
    Misconception(
        "the score is divided by length^alpha; you multiply by it.",
        _with(score=lambda total, tokens, alpha: total * (len(tokens) - 1) ** alpha),
    ),
    Misconception(
        "that is the formula with (5 + length)/6 of Wu et al.; here the score is divided by length^alpha.",
        _with(score=lambda total, tokens, alpha: total / ((5 + len(tokens) - 1) / 6) ** alpha),
    ),
    Misconception(
        "step returns log-probabilities already: add them up, no logarithm of a logarithm, no product.",
        _with(add=lambda total, p: total * p, begin=1.0),
    ),
    Misconception(
        "scores must be sums of log-probabilities; you multiply probabilities.",
        _with(add=lambda total, p: total * np.exp(p), begin=1.0),
    ),
    Misconception(
        "scores must be sums of log-probabilities; you add up probabilities.",
        _with(add=lambda total, p: total + np.exp(p)),
    ),
    Misconception(
        "a hypothesis carries the sum of all its log-probabilities; you keep only the last one.",
        _with(add=lambda total, p: p),
    ),
    Misconception("the k places are given by the whole sum, not by the last token alone.", _by_last),
    Misconception(
        "go on until no live hypothesis is left: a longer one can have the better score than the first that "
        "ended.",
        _with(first_eos=True),
    ),
    Misconception(
        "a finished hypothesis is set aside; it takes none of the k places in later rounds.", _keeps_on
    ),
    Misconception(
        "a finished hypothesis is set aside; it takes none of the k places in later rounds.",
        _with(finished_take_places=True),
    ),
    Misconception(
        "hypotheses that still live after max_len tokens count as well.", _with(only_finished=True)
    ),
    Misconception("finished hypotheses are lost: keep them to the end.", _with(only_live=True)),
    Misconception("one round too few: there are max_len of them, bos does not count.", _with(more=-1)),
    Misconception("one round too many: there are max_len of them.", _with(more=1)),
    Misconception(
        "the score is normalised; you return the sum.", _scored(lambda s, t, a: s * (len(t) - 1) ** a)
    ),
    Misconception("score is a logarithm; you return the probability.", _scored(lambda s, t, a: np.exp(s))),
    Misconception(
        "score is a log-probability, at most 0; yours has the other sign.", _scored(lambda s, t, a: -s)
    ),
    Misconception("bos belongs to the tokens that you return.", _cut(lambda t: t[1:])),
    Misconception("eos belongs to the tokens that you return.", lambda *a: _without_eos(*a)),
    Misconception("the tokens stand in the reverse order.", _cut(lambda t: t[::-1])),
    Misconception(
        "the search goes on until no hypothesis is live; you stop when k of them are finished.",
        _with(enough=True),
    ),
)


def _without_eos(step, bos, eos, k, max_len, alpha):
    tokens, score = search(step, bos, eos, k, max_len, alpha)
    return (tokens[:-1] if tokens[-1] == eos else tokens), score


def _telling(rng: np.random.Generator, mistake, *setting):
    """A model on which the mistake finds other tokens."""
    while True:
        one = model(rng, *setting)
        if perform(search, one)[0] != perform(mistake, one)[0]:
            return one


def competing(rng: np.random.Generator):
    """A model for which it matters that the continuations of all hypotheses compete."""
    return _telling(rng, _with(select=_best_of_each), 6, 2, 5, 0.0, -9.0)


def unfinished(rng: np.random.Generator):
    """A model whose best hypothesis has not ended after max_len tokens."""
    return _telling(rng, _with(only_finished=True), 5, 3, 3, 0.0, 0.3)


def crowded(rng: np.random.Generator):
    """A model for which it matters that finished hypotheses leave the beam."""
    return _telling(rng, _keeps_on, 5, 2, 5, 1.5, 1.0)


EXERCISE = Exercise(
    name="beam_search",
    reference=search,
    properties=(
        Property("k = 1: greedy decoding", lambda rng: [model(rng, 5, 1, 4, 0.0, -9.0)]),
        Property("two hypotheses", lambda rng: [competing(rng), competing(rng)]),
        Property(
            "hypotheses that end",
            lambda rng: [unfinished(rng), *(model(rng, 5, 3, 5, 0.0, 0.5) for _ in range(4))],
        ),
        Property(
            "length normalisation",
            lambda rng: [
                *(model(rng, 5, 3, 6, 0.8, 0.3) for _ in range(6)),
                *(model(rng, 5, 2, 7, 1.0, -0.2) for _ in range(6)),
            ],
        ),
        Property("finished hypotheses take no place", lambda rng: [crowded(rng)]),
        Property(
            "bos is another token than 0", lambda rng: [model(rng, 6, 3, 4, 0.6, 0.0, 2) for _ in range(2)]
        ),
    ),
    misconceptions=BEAM_MISTAKES,
    outputs=(Output("tokens", ("token",), listed=True), Output("score")),
    forbidden=OTHERS_WORK,
    atol=1e-9,
)
