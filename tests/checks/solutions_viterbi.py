"""E32 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import itertools

import numpy as np


def table(emissions, transitions, start, stop):
    T, K = emissions.shape
    best, back = np.empty((T, K)), np.zeros((T, K), int)
    best[0] = start + emissions[0]
    for t in range(1, T):
        scores = best[t - 1][:, None] + transitions
        back[t] = scores.argmax(0)
        best[t] = scores.max(0) + emissions[t]
    tags = np.empty(T, int)
    tags[-1] = (best[-1] + stop).argmax()
    for t in range(T - 1, 0, -1):
        tags[t - 1] = back[t, tags[t]]
    return tags, (best[-1] + stop).max()


def paths(emissions, transitions, start, stop):
    """Carries the whole best path of every tag along."""
    K = len(start)
    live = [(float(start[j] + emissions[0, j]), [j]) for j in range(K)]
    for row in emissions[1:]:
        live = [
            max(
                (total + float(transitions[i, j] + row[j]), [*path, j])
                for i, (total, path) in enumerate(live)
            )
            for j in range(K)
        ]
    score, tags = max((total + float(stop[j]), path) for j, (total, path) in enumerate(live))
    return tags, score


def everything(emissions, transitions, start, stop):
    """From the end: the best that can still come (for short sentences all paths)."""
    T, K = emissions.shape
    if K**T <= 100:
        tags = max(
            itertools.product(range(K), repeat=T),
            key=lambda y: _score(y, emissions, transitions, start, stop),
        )
        return list(tags), _score(tags, emissions, transitions, start, stop)
    rest = np.zeros((T, K))
    rest[-1] = stop
    for t in range(T - 2, -1, -1):
        rest[t] = (transitions + emissions[t + 1] + rest[t + 1]).max(axis=1)
    tags = [int(np.argmax(start + emissions[0] + rest[0]))]
    for t in range(1, T):
        tags.append(int(np.argmax(transitions[tags[-1]] + emissions[t] + rest[t])))
    return tags, _score(tags, emissions, transitions, start, stop)


def loops(emissions, transitions, start, stop) -> tuple[np.ndarray, float]:
    delta, pointers = [float(s + e) for s, e in zip(start, emissions[0], strict=True)], []
    for t in range(1, len(emissions)):
        new, row = [], []
        for j in range(len(start)):
            arrivals = [delta[i] + transitions[i][j] for i in range(len(start))]
            row.append(int(np.argmax(arrivals)))
            new.append(max(arrivals) + emissions[t][j])
        delta, pointers = new, [*pointers, row]
    final = [d + s for d, s in zip(delta, stop, strict=True)]
    tag = int(np.argmax(final))
    tags = [tag]
    for row in reversed(pointers):
        tag = row[tag]
        tags.insert(0, tag)
    return np.array(tags), max(final)


CORRECT = [table, paths, everything, loops]


def _score(y, emissions, transitions, start, stop):
    total = start[y[0]] + stop[y[-1]] + sum(emissions[t, k] for t, k in enumerate(y))
    return float(total + sum(transitions[i, j] for i, j in itertools.pairwise(y)))


def each_word(e, t, a, z):
    return e.argmax(1), _score(e.argmax(1), e, t, a, z)


def each_word_own_score(e, t, a, z):
    return e.argmax(1), e.max(1).sum()


def greedy(e, t, a, z):
    y = [int((a + e[0]).argmax())]
    for row in e[1:]:
        y.append(int((t[y[-1]] + row).argmax()))
    return np.array(y), _score(y, e, t, a, z)


def no_way_back(e, t, a, z):
    d = a + e[0]
    y = [d.argmax()]
    for row in e[1:]:
        d = (d[:, None] + t).max(0) + row
        y.append(d.argmax())
    y[-1] = (d + z).argmax()
    return np.array(y), (d + z).max()


def _variant(walk=None, last=None, reverse=True, axis=0):
    def wrong(e, t, a, z):
        d, back = a + e[0], []
        for row in e[1:]:
            s = d[:, None] + t
            back.append(s.argmax(axis))
            d = s.max(axis) + row
        y = [int((d + z).argmax()) if last is None else last(d)]
        for b in walk(back) if walk else back[::-1]:
            y.append(int(b[y[-1]]))
        return np.array(y[::-1] if reverse else y), (d + z).max()

    return wrong


def stop_only_in_the_score(e, t, a, z):
    y = table(e, t, a, 0 * z)[0]
    return y, _score(y, e, t, a, z)


def forward(e, t, a, z):
    d = a + e[0]
    for row in e[1:]:
        d = np.log(np.exp(d[:, None] + t).sum(0)) + row
    return table(e, t, a, z)[0], np.log(np.exp(d + z).sum())


def smallest(e, t, a, z):
    y, s = table(-e, -t, -a, -z)
    return y, -s


def off_by_one(e, t, a, z):
    T, K = e.shape
    d, back = a + e[0], np.zeros((T, K), int)
    for i in range(1, T):
        s = d[:, None] + t
        back[i] = s.argmax(0)
        d = s.max(0) + e[i]
    y = [int((d + z).argmax())]
    for i in range(T - 2, -1, -1):
        y.insert(0, int(back[max(i, 1) if T > 1 else 0][y[0]]))
    return np.array(y), (d + z).max()


def stop_everywhere(e, t, a, z):
    new = e.copy()
    new[:-1] += z
    return table(new, t, a, z)


def start_everywhere(e, t, a, z):
    new = e.copy()
    new[1:] += a
    return table(new, t, a, z)


def no_first_emission(e, t, a, z):
    new = e.copy()
    new[0] = 0
    return table(new, t, a, z)


def no_last_emission(e, t, a, z):
    new = e.copy()
    new[-1] = 0
    return table(new, t, a, z)


def in_place(e, t, a, z):
    result = table(e, t, a, z)
    e[0] += a
    return result


def float_tags(e, t, a, z):
    y, s = table(e, t, a, z)
    return y.astype(float), s


def from_one(e, t, a, z):
    y, s = table(e, t, a, z)
    return y + 1, s


WRONG = {
    "each word": (each_word, "best tag of each word alone"),
    "each word, own score": (each_word_own_score, "best tag of each word alone"),
    "no transitions": (lambda e, t, a, z: table(e, 0 * t, a, z), "transitions count nowhere"),
    "greedy": (greedy, "you walk greedily"),
    "no way back": (no_way_back, "follow the back-pointers"),
    "transposed": (lambda e, t, a, z: table(e, t.T, a, z), "the wrong way round"),
    "start and stop exchanged": (lambda e, t, a, z: table(e, t, z, a), "start and stop are exchanged"),
    "no stop": (lambda e, t, a, z: table(e, t, a, 0 * z), "stop is missing"),
    "stop only in the score": (stop_only_in_the_score, "the last tag is chosen without it"),
    "stop not in the score": (
        lambda e, t, a, z: (table(e, t, a, z)[0], table(e, t, a, z)[1] - z[table(e, t, a, z)[0][-1]]),
        "missing in the score",
    ),
    "no start": (lambda e, t, a, z: table(e, t, 0 * a, z), "start is missing"),
    "neither": (lambda e, t, a, z: table(e, t, 0 * a, 0 * z), "both missing"),
    "no first emission": (no_first_emission, "the first word is missing"),
    "no last emission": (no_last_emission, "the last word is missing"),
    "stop everywhere": (stop_everywhere, "stop is added after every word"),
    "start everywhere": (start_everywhere, "start is added to every word"),
    "smallest": (smallest, "the smallest score wins"),
    "walks forwards": (_variant(walk=lambda b: b), "from the beginning"),
    "off by one": (off_by_one, "off by one"),
    "reversed": (_variant(reverse=False), "from the last word to the first"),
    "ends in tag 0": (_variant(last=lambda d: 0), "not in tag 0"),
    "over the tag after": (_variant(axis=1), "over the tag after"),
    "forward algorithm": (forward, "the forward algorithm"),
    "probability": (lambda *a: (table(*a)[0], np.exp(table(*a)[1])), "are logarithms"),
    "mean": (lambda *a: (table(*a)[0], table(*a)[1] / len(a[0])), "not divided by its length"),
    "sign": (lambda *a: (table(*a)[0], -table(*a)[1]), "other sign"),
    "in place": (in_place, "changes its input array emissions"),
    "float tags": (float_tags, "integers are asked for"),
    "tags only": (lambda *a: table(*a)[0], "values: tags, score"),
    "counts from 1": (from_one, "tags"),
}
