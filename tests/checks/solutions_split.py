"""E33 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import random
from collections import Counter, defaultdict

import numpy as np


def by_label(texts, labels, seed):
    seen = defaultdict(set)
    for text, label in zip(texts, labels, strict=True):
        seen[text].add(int(label))
    part, groups, done = np.zeros(len(texts), int), defaultdict(list), set()
    for i, text in enumerate(texts):
        if len(seen[text]) == 1 and text not in done:
            done.add(text)
            groups[int(labels[i])].append(i)
    rng = np.random.default_rng(seed)
    for rows in groups.values():
        rng.shuffle(rows)
        part[rows] = 1
        part[rows[: len(rows) // 4]] = 2
    return part


def with_unique(texts, labels, seed: int) -> np.ndarray:
    names, first, inverse = np.unique(texts, return_index=True, return_inverse=True)
    one_label = np.array([len(set(labels[inverse == k])) == 1 for k in range(len(names))])
    keep = np.sort(first[one_label])
    part = np.zeros(len(texts), dtype=np.int64)
    part[keep] = 1
    generator = np.random.default_rng(seed)
    for c in set(labels.tolist()):
        mine = keep[labels[keep] == c]
        part[generator.choice(mine, len(mine) // 4, replace=False)] = 2
    return part


def pythons_random(texts, labels, seed):
    pairs = Counter(zip(texts, labels.tolist(), strict=True))
    labels_of = Counter(text for text, _ in pairs)
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)
    part, taken = np.zeros(len(texts), int), Counter()
    usable = [i for i, t in enumerate(texts) if labels_of[t] == 1 and texts.index(t) == i]
    size = Counter(int(labels[i]) for i in usable)
    for i in order:
        if i in usable:
            c = int(labels[i])
            taken[c] += 1
            part[i] = 2 if taken[c] <= size[c] // 4 else 1
    return part


def ranks(texts, labels, seed):
    n = len(texts)
    same = np.array([[a == b for b in texts] for a in texts])
    contradictory = (same & (labels[:, None] != labels)).any(1)
    copy = np.tril(same, -1).any(1)
    keep = ~contradictory & ~copy
    u = np.random.RandomState(seed).rand(n)
    part = keep.astype(int)
    for c in np.unique(labels):
        rows = np.flatnonzero(keep & (labels == c))
        part[rows[np.argsort(u[rows])[: rows.size // 4]]] = 2
    return part


CORRECT = [by_label, with_unique, pythons_random, ranks]


def _variant(key=lambda t, c: t, contradictory=True, shuffle=True, cut=lambda n: n // 4, **how):
    def wrong(texts, labels, seed):
        seen = defaultdict(set)
        for text, label in zip(texts, labels, strict=True):
            seen[text].add(int(label))
        keep, done = [], set()
        for i, text in enumerate(texts):
            if contradictory and len(seen[text]) > 1:
                continue
            name = key(text, int(labels[i]))
            if name not in done or how.get("all_copies"):
                keep.append(i)
            done.add(name)
        if how.get("last"):
            keep = [max(j for j in range(len(texts)) if texts[j] == texts[i]) for i in keep]
        part, rng = np.zeros(len(texts), int), np.random.default_rng(how.get("seed", seed))
        groups = [keep] if how.get("together") else [[i for i in keep if labels[i] == c] for c in set(labels)]
        for rows in groups:
            rows = list(rng.permutation(rows).astype(int)) if shuffle else list(rows)
            part[rows] = 1
            part[how.get("take", lambda rows, k: rows[:k])(rows, cut(len(rows)))] = 2
        return part

    return wrong


def keeps_only_single(texts, labels, seed):
    part = by_label(texts, labels, seed)
    for i, text in enumerate(texts):
        if texts.count(text) > 1:
            part[i] = 0
    return part


def folded(texts, labels, seed):
    return by_label([text.lower().strip() for text in texts], labels, seed)


def exchanged(texts, labels, seed):
    part = by_label(texts, labels, seed)
    return np.where(part == 0, 0, 3 - part)


def split_then_clean(texts, labels, seed):
    """Copies are removed inside each part only."""
    rng = np.random.default_rng(seed)
    part = np.ones(len(texts), int)
    for c in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == c))
        part[rows[: len(rows) // 4]] = 2
    for p in (1, 2):
        seen = set()
        for i in np.flatnonzero(part == p):
            if texts[i] in seen:
                part[i] = 0
            seen.add(texts[i])
    return part


def true_and_false(texts, labels, seed):
    return by_label(texts, labels, seed) == 2


def from_minus_one(texts, labels, seed):
    return by_label(texts, labels, seed) - 1


def rows(texts, labels, seed):
    part = by_label(texts, labels, seed)
    return np.flatnonzero(part == 1), np.flatnonzero(part == 2)


def no_seed(texts, labels, seed):
    return by_label(texts, labels, None)


def changes_labels(texts, labels, seed):
    part = by_label(texts, labels, seed)
    labels[part == 0] = -1
    return part


def lets_sklearn(texts, labels, seed):
    from sklearn.model_selection import train_test_split

    test = train_test_split(np.arange(len(texts)), test_size=0.25, stratify=labels, random_state=seed)[1]
    return np.where(np.isin(np.arange(len(texts)), test), 2, 1)


WRONG = {
    "ignores the case": (folded, "differ in a capital letter or a blank are different texts"),
    "no dedup": (_variant(all_copies=True), "several"),
    "split first": (split_then_clean, "the same text is in both parts"),
    "dedup by text and label": (
        _variant(key=lambda t, c: (t, c), contradictory=False),
        "two different labels",
    ),
    "contradictions kept": (_variant(contradictory=False), "two different labels"),
    "copies all gone": (keeps_only_single, "all copies of a text are gone"),
    "last copy": (_variant(last=True), "kept a later one"),
    "no shuffle, first": (_variant(shuffle=False), "the first texts of each label"),
    "no shuffle, last": (
        _variant(shuffle=False, take=lambda rows, k: rows[len(rows) - k :]),
        "the last texts of each label",
    ),
    "every fourth": (_variant(shuffle=False, take=lambda rows, k: rows[3::4]), "every fourth"),
    "not stratified": (_variant(together=True), "stratify"),
    "one fifth": (_variant(cut=lambda n: n // 5), "wrong size"),
    "rounded up": (_variant(cut=lambda n: -(-n // 4)), "rounded down"),
    "exchanged": (exchanged, "parts are exchanged"),
    "no test part": (_variant(cut=lambda n: 0), "no text is in the test part"),
    "seed ignored": (_variant(seed=0), "another seed gives the same split"),
    "no seed": (no_seed, "something is kept between the calls"),
    "from -1": (from_minus_one, "a text that occurs once is left out"),
    "bool": (true_and_false, "True and False"),
    "row numbers": (rows, "a tuple of 2"),
    "changes the labels": (changes_labels, "changes its input array labels"),
    "scikit-learn": (lets_sklearn, "sklearn"),
}
