"""E30 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import heapq

import numpy as np


def lists(step, bos, eos, k, max_len, alpha):
    live, finished = [(0.0, [bos])], []
    for _ in range(max_len):
        candidates = []
        for total, tokens in live:
            for token, log_p in enumerate(step(tokens)):
                candidates.append((total + log_p, [*tokens, token]))
        candidates.sort(key=lambda c: c[0], reverse=True)
        live = []
        for total, tokens in candidates[:k]:
            (finished if tokens[-1] == eos else live).append((total, tokens))
        if not live:
            break
    best = max(finished + live, key=lambda h: h[0] / (len(h[1]) - 1) ** alpha)
    return best[1], best[0] / (len(best[1]) - 1) ** alpha


def heap(step, bos: int, eos: int, k: int, max_len: int, alpha: float):
    beam, best = [(0.0, (bos,))], (-np.inf, None)
    for length in range(1, max_len + 1):
        options = ((t + float(p), (*y, v)) for t, y in beam for v, p in enumerate(step(list(y))))
        beam = []
        for total, tokens in heapq.nlargest(k, options):
            if tokens[-1] == eos or length == max_len:
                best = max(best, (total / length**alpha, tokens))
            else:
                beam.append((total, tokens))
    return np.array(best[1]), best[0]


def arrays(step, bos, eos, k, max_len, alpha):
    tokens, totals = np.array([[bos]]), np.zeros(1)
    results = []
    for n in range(1, max_len + 1):
        if len(tokens) == 0:
            break
        scores = totals[:, None] + np.stack([step(row) for row in tokens])
        best = np.argsort(scores, axis=None)[::-1][:k]
        rows, new = np.unravel_index(best, scores.shape)
        tokens, totals = np.hstack([tokens[rows], new[:, None]]), scores[rows, new]
        over = (new == eos) | (n == max_len)
        results += [(s / n**alpha, y) for s, y in zip(totals[over], tokens[over], strict=True)]
        tokens, totals = tokens[~over], totals[~over]
    score, best_tokens = max(results, key=lambda r: r[0])
    return best_tokens.tolist(), score


def with_class(step, bos, eos, k, max_len, alpha):
    hypotheses = [{"tokens": [bos], "sum": 0.0, "over": False}]
    done = []
    while hypotheses and len(hypotheses[0]["tokens"]) <= max_len:
        grown = [
            {"tokens": [*h["tokens"], v], "sum": h["sum"] + p, "over": v == eos}
            for h in hypotheses
            for v, p in enumerate(np.asarray(step(h["tokens"])))
        ]
        grown = sorted(grown, key=lambda h: -h["sum"])[:k]
        done.extend(h for h in grown if h["over"])
        hypotheses = [h for h in grown if not h["over"]]
    for h in done + hypotheses:
        h["score"] = h["sum"] / (len(h["tokens"]) - 1) ** alpha
    winner = sorted(done + hypotheses, key=lambda h: h["score"])[-1]
    return winner["tokens"], winner["score"]


def _two_lists(step, bos, eos, k, max_len, alpha, rank, enough):
    def score(h):
        return h[1] / (len(h[0]) - 1) ** alpha

    live, done = [([bos], 0.0)], []
    for _ in range(max_len):
        grown = [([*t, v], s + float(p)) for t, s in live for v, p in enumerate(step(t))]
        best = sorted(grown, key=lambda h: rank(h[1], score(h)), reverse=True)[:k]
        done += [h for h in best if h[0][-1] == eos]
        live = [h for h in best if h[0][-1] != eos]
        if not live or len(done) >= enough:
            break
    tokens, total = max(live + done, key=score)
    return tokens, score((tokens, total))


def divides_early(step, bos, eos, k, max_len, alpha):
    """The k largest scores live on: in one round all lengths are equal."""
    return _two_lists(step, bos, eos, k, max_len, alpha, lambda total, score: score, np.inf)


CORRECT = [divides_early, lists, heap, arrays, with_class]


def _variant(length=lambda y: len(y) - 1, add=lambda t, p: t + p, begin=0.0, rounds=0, **how):
    def wrong(step, bos, eos, k, max_len, alpha):
        def score(h):
            if "score" in how:
                return how["score"](h[0], length(h[1]), alpha)
            return h[0] / length(h[1]) ** alpha

        live, finished = [(begin, [bos])], []
        for _ in range(max_len + rounds):
            grown = [(add(t, p), [*y, v]) for t, y in live for v, p in enumerate(step(y))]
            grown = sorted(grown, key=how.get("key", lambda h: -h[0]))
            grown = grown[: how.get("width", lambda k: k)(k)]
            finished += [h for h in grown if h[1][-1] == eos]
            live = [h for h in grown if h[1][-1] != eos]
            if not live or (finished and how.get("first")):
                break
        pool = how.get("pool", lambda finished, live: finished + live)(finished, live)
        best = how.get("best", max)(pool, key=score)
        return best[1], score(best)

    return wrong


def best_of_each(step, bos, eos, k, max_len, alpha):
    first = step([bos])
    live = [(first[v], [bos, int(v)]) for v in np.argsort(-first)[:k]]
    finished = []
    for n in range(max_len):
        finished += [h for h in live if h[1][-1] == eos]
        live = [h for h in live if h[1][-1] != eos]
        if n == max_len - 1 or not live:
            break
        live = [(t + np.max(step(y)), [*y, int(np.argmax(step(y)))]) for t, y in live]
    best = max(finished + live, key=lambda h: h[0] / (len(h[1]) - 1) ** alpha)
    return best[1], best[0] / (len(best[1]) - 1) ** alpha


def continues_after_eos(step, bos, eos, k, max_len, alpha):
    live = [(0.0, [bos])]
    for _ in range(max_len):
        live = sorted(
            ((t + p, [*y, v]) for t, y in live for v, p in enumerate(step(y))), key=lambda h: -h[0]
        )[:k]
    return live[0][1], live[0][0] / max_len**alpha


def finished_in_the_beam(step, bos, eos, k, max_len, alpha):
    beam = [(0.0, [bos])]
    for _ in range(max_len):
        grown = [h for h in beam if h[1][-1] == eos]
        grown += [(t + p, [*y, v]) for t, y in beam if y[-1] != eos for v, p in enumerate(step(y))]
        beam = sorted(grown, key=lambda h: -h[0])[:k]
    best = max(beam, key=lambda h: h[0] / (len(h[1]) - 1) ** alpha)
    return best[1], best[0] / (len(best[1]) - 1) ** alpha


def forgets_bos(step, bos, eos, k, max_len, alpha):
    return lists(lambda y: step(y[1:] or [bos]), bos, eos, k, max_len, alpha)


def without_eos(step, bos, eos, *rest):
    tokens, score = lists(step, bos, eos, *rest)
    return [t for t in tokens if t != eos], score


def k_are_enough(step, bos, eos, k, max_len, alpha):
    return _two_lists(step, bos, eos, k, max_len, alpha, lambda total, score: total, k)


WRONG = {
    "stops with k finished": (k_are_enough, "you stop when k of them are finished"),
    "best of each": (best_of_each, "compete for the k places"),
    "greedy": (lambda s, b, e, k, m, a: lists(s, b, e, 1, m, a), "k is ignored"),
    "k + 1": (_variant(width=lambda k: k + 1), "k + 1 hypotheses"),
    "ascending": (_variant(key=lambda h: h[0]), "least probable"),
    "worst": (_variant(best=min), "the worst hypothesis"),
    "no normalisation": (_variant(score=lambda t, n, a: t), "no length normalisation"),
    "bos counted": (_variant(length=len), "bos does not count"),
    "eos not counted": (_variant(length=lambda y: max(1, len(y) - 2)), "eos counts"),
    "mean": (_variant(score=lambda t, n, a: t / n), "alpha is ignored"),
    "times": (_variant(score=lambda t, n, a: t * n**a), "you multiply by it"),
    "constant 5": (_variant(score=lambda t, n, a: t / ((5 + n) / 6) ** a), "(5 + length)/6"),
    "product of logs": (_variant(add=lambda t, p: t * p, begin=1.0), "no product"),
    "probabilities": (_variant(add=lambda t, p: t * np.exp(p), begin=1.0), "you multiply probabilities"),
    "sum of probabilities": (_variant(add=lambda t, p: t + np.exp(p)), "add up probabilities"),
    "last only": (_variant(add=lambda t, p: p), "you keep only the last one"),
    "first eos": (_variant(first=True), "go on until no live"),
    "continues finished": (continues_after_eos, "it raised ValueError"),
    "finished in the beam": (finished_in_the_beam, "takes none of the k places"),
    "only finished": (_variant(pool=lambda f, a: f or a), "still live after max_len"),
    "only live": (_variant(pool=lambda f, a: a or f), "finished hypotheses are lost"),
    "one round too few": (_variant(rounds=-1), "one round too few"),
    "one round too many": (_variant(rounds=1), "one round too many"),
    "sum returned": (
        lambda *a: (lists(*a)[0], lists(*a)[1] * (len(lists(*a)[0]) - 1) ** a[-1]),
        "you return the sum",
    ),
    "probability": (lambda *a: (lists(*a)[0], float(np.exp(lists(*a)[1]))), "you return the probability"),
    "positive": (lambda *a: (lists(*a)[0], -lists(*a)[1]), "yours has the other sign"),
    "without bos": (lambda *a: (lists(*a)[0][1:], lists(*a)[1]), "bos belongs"),
    "without eos": (without_eos, "eos belongs"),
    "reversed": (lambda *a: (lists(*a)[0][::-1], lists(*a)[1]), "reverse order"),
    "step without bos": (forgets_bos, "it raised ValueError"),
    "tokens only": (lambda *a: np.array(lists(*a)[0]), "values: tokens, score"),
    "exchanged": (lambda *a: lists(*a)[::-1], "score is a list"),
}
