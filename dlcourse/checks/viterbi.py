"""E32 ``viterbi``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call


def sentence(rng: np.random.Generator, T: int, K: int, strength: float = 2.0) -> Call:
    """Scores of T words and K tags; ``strength`` scales start, stop and transitions."""
    return call(
        rng.standard_normal((T, K)),
        strength * rng.standard_normal((K, K)),
        strength * rng.standard_normal(K),
        strength * rng.standard_normal(K),
    )


def best_path(emissions, transitions, start, stop):
    """The reference of E32."""
    return _best_path(emissions, transitions, start, stop)


def _best_path(emissions, transitions, start, stop, best=np.argmax, first=None, walk=None, end=None):
    """The keywords are for mistakes."""
    total = start + emissions[0] if first is None else first(emissions[0], start)
    back = []
    for e in emissions[1:]:
        scores = total[:, None] + transitions  # from row i to column j
        back.append(best(scores, axis=0))
        total = np.take_along_axis(scores, back[-1][None], 0)[0] + e
    total = total + stop
    tags = [int(best(total) if end is None else end(total))]
    for pointers in (walk or (lambda b: b[::-1]))(back):
        tags.append(int(pointers[tags[-1]]))
    return np.array(tags[::-1]), float(total[best(total)])


def score_of(tags, emissions, transitions, start, stop):
    """The score of one sequence of tags."""
    steps = transitions[tags[:-1], tags[1:]].sum()
    return float(start[tags[0]] + emissions[np.arange(len(tags)), tags].sum() + steps + stop[tags[-1]])


def _with(**wrong):
    return lambda *a: _best_path(*a, **wrong)


def _scored(tags, *a):
    return tags, score_of(tags, *a)


def _greedy_walk(emissions, transitions, start, stop):
    tags = [int(np.argmax(start + emissions[0]))]
    for e in emissions[1:]:
        tags.append(int(np.argmax(transitions[tags[-1]] + e)))
    return np.array(tags)


def _greedy_walk_with_stop(emissions, transitions, start, stop):
    last = np.array(emissions)
    last[-1] += stop
    return _greedy_walk(last, transitions, start, stop)


def _forward(emissions, transitions, start, stop):
    total = start + emissions[0]
    for e in emissions[1:]:
        total = np.logaddexp.reduce(total[:, None] + transitions, axis=0) + e
    return best_path(emissions, transitions, start, stop)[0], float(np.logaddexp.reduce(total + stop))


def _of_each_prefix(emissions, transitions, start, stop):
    """The best tag of every total on the way, without going back."""
    total = start + emissions[0]
    tags = [int(np.argmax(total))]
    for e in emissions[1:]:
        total = (total[:, None] + transitions).max(0) + e
        tags.append(int(np.argmax(total)))
    tags[-1] = int(np.argmax(total + stop))
    return np.array(tags), float((total + stop).max())


def _score_as(change):
    return lambda *a: (best_path(*a)[0], change(best_path(*a)[1], *a))


def _zeros(x):
    return np.zeros_like(x)


VITERBI_MISTAKES = (
    Misconception(
        "that is the best tag of each word alone; the transitions are not used.",
        lambda e, t, a, z: _scored(np.argmax(e, 1), e, t, a, z),
    ),
    Misconception(
        "that is the best tag of each word alone; the transitions are not used.",
        lambda e, t, a, z: (np.argmax(e, 1), float(e.max(1).sum())),
    ),
    Misconception(
        "transitions count nowhere: add them between neighbouring tags.",
        lambda e, t, a, z: best_path(e, _zeros(t), a, z),
    ),
    Misconception(
        "you walk greedily from word to word; a worse tag may win later: keep the best total of every tag.",
        lambda *a: _scored(_greedy_walk(*a), *a),
    ),
    Misconception(
        "you walk greedily from word to word; a worse tag may win later: keep the best total of every tag.",
        lambda *a: _scored(_greedy_walk_with_stop(*a), *a),
    ),
    Misconception(
        "you take the best tag of every total on the way; follow the back-pointers from the end instead.",
        _of_each_prefix,
    ),
    Misconception(
        "transitions is read the wrong way round: transitions[i, j] leads from tag i to tag j.",
        lambda e, t, a, z: best_path(e, t.T, a, z),
    ),
    Misconception("start and stop are exchanged.", lambda e, t, a, z: best_path(e, t, z, a)),
    Misconception(
        "stop is missing: add it before you choose the last tag.",
        lambda e, t, a, z: best_path(e, t, a, _zeros(z)),
    ),
    Misconception(
        "stop counts in the score, but the last tag is chosen without it.",
        lambda e, t, a, z: _scored(best_path(e, t, a, _zeros(z))[0], e, t, a, z),
    ),
    Misconception(
        "stop counts for the tags, but it is missing in the score.",
        lambda e, t, a, z: (
            best_path(e, t, a, z)[0],
            best_path(e, t, a, z)[1] - z[best_path(e, t, a, z)[0][-1]],
        ),
    ),
    Misconception("start is missing.", lambda e, t, a, z: best_path(e, t, _zeros(a), z)),
    Misconception(
        "start and stop are both missing.", lambda e, t, a, z: best_path(e, t, _zeros(a), _zeros(z))
    ),
    Misconception("the emission of the first word is missing.", _with(first=lambda e, start: start)),
    Misconception(
        "the emission of the last word is missing.",
        lambda e, t, a, z: best_path(np.concatenate([e[:-1], _zeros(e[-1:])]), t, a, z),
    ),
    Misconception(
        "the emissions are not used after the first word.",
        lambda e, t, a, z: best_path(np.concatenate([e[:1], _zeros(e[1:])]), t, a, z),
    ),
    Misconception(
        "stop is added after every word; it is added once, at the end.",
        lambda e, t, a, z: best_path(np.concatenate([e[:-1] + z, e[-1:]]), t, a, z),
    ),
    Misconception(
        "start is added to every word; it is added once, at the beginning.",
        lambda e, t, a, z: best_path(np.concatenate([e[:1], e[1:] + a]), t, a, z),
    ),
    Misconception("the smallest score wins; the largest is asked for.", _with(best=np.argmin)),
    Misconception(
        "the back-pointers are followed from the beginning; go from the last word to the first.",
        _with(walk=lambda back: back),
    ),
    Misconception(
        "the back-pointers are off by one: the one of word t says which tag word t-1 has.",
        _with(walk=lambda back: [back[-1], *back[:0:-1]] if len(back) > 1 else back),
    ),
    Misconception(
        "the back-pointers are off by one: the one of word t says which tag word t-1 has.",
        _with(walk=lambda back: [*back[-2::-1], back[0]] if len(back) > 1 else back),
    ),
    Misconception(
        "the tags are in the wrong order: the back-pointers give them from the last word to the first.",
        lambda *a: (best_path(*a)[0][::-1], best_path(*a)[1]),
    ),
    Misconception("the path has to end in the best last tag, not in tag 0.", _with(end=lambda total: 0)),
    Misconception(
        "the path has to end in the best last tag, not in the last one.",
        _with(end=lambda total: len(total) - 1),
    ),
    Misconception(
        "the score is that of the best path; you add up all paths (the forward algorithm).", _forward
    ),
    Misconception(
        "the scores are logarithms: add them along a path.", _score_as(lambda s, *a: float(np.exp(s)))
    ),
    Misconception(
        "the score is that of the whole sentence, not divided by its length.",
        _score_as(lambda s, e, *a: s / len(e)),
    ),
    Misconception("score has the other sign.", _score_as(lambda s, *a: -s)),
    Misconception(
        "the maximum runs over the tag before; you took it over the tag after.",
        lambda *a: _over_rows(*a),
    ),
)


def _over_rows(emissions, transitions, start, stop):
    total, back = start + emissions[0], []
    for e in emissions[1:]:
        scores = total[:, None] + transitions
        back.append(np.argmax(scores, axis=1))
        total = scores.max(1) + e
    tags = [int(np.argmax(total + stop))]
    for pointers in back[::-1]:
        tags.append(int(pointers[tags[-1]]))
    return np.array(tags[::-1]), float((total + stop).max())


EXERCISE = Exercise(
    name="viterbi",
    reference=best_path,
    properties=(
        Property("two words, two tags", lambda rng: [sentence(rng, 2, 2) for _ in range(5)]),
        Property("four words, three tags", lambda rng: [sentence(rng, 4, 3) for _ in range(5)]),
        Property("a long sentence", lambda rng: [sentence(rng, 12, 4)]),
        Property("one word", lambda rng: [sentence(rng, 1, 5)], 0.5),
    ),
    misconceptions=VITERBI_MISTAKES,
    outputs=(Output("tags", ("word",), "int", listed=True), Output("score")),
    forbidden=OTHERS_WORK,
)
