"""E33 ``split``: what is asked for, and the mistakes people make. Many results are right: they are judged."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Demand, Exercise, Output, call, driver

OUT, TRAIN, TEST = 0, 1, 2


@driver
def two_seeds(split, texts, labels, first, second):
    """The parts with one seed, and with another one."""
    return np.stack([split(texts, labels, first), split(texts, labels, second)])


def sorted_texts(rng: np.random.Generator, counts: tuple[int, ...], copies: int = 0, contradictions: int = 0):
    """Texts in the order of their labels, ``counts`` of each; then ``copies`` of some of them with the same
    label, and of ``contradictions`` others with another label."""
    words = rng.permutation(1000)[: sum(counts)]
    texts = [f"text {word}" for word in words]
    labels = np.repeat(np.arange(len(counts)), counts)
    again = rng.permutation(len(texts))[: copies + contradictions]
    new = np.where(np.arange(len(again)) < copies, labels[again], (labels[again] + 1) % len(counts))
    texts += [texts[i] for i in again]
    return texts, np.concatenate([labels, new])


def alike(rng: np.random.Generator):
    """Texts that differ in a capital letter or a blank only: all of them are usable."""
    words = [f"text {word}" for word in rng.permutation(1000)[:12]]
    texts = [change(text) for change in (str, str.capitalize, str.upper, " {}".format) for text in words]
    return call(texts, np.arange(len(texts)) % 2, int(rng.integers(1000)))


def one_split(rng: np.random.Generator, *arguments):
    return call(*sorted_texts(rng, *arguments), int(rng.integers(1000)))


def another_seed(rng: np.random.Generator, *arguments):
    first = int(rng.integers(1000))
    return two_seeds(*sorted_texts(rng, *arguments), first, first + 1)


def usable(texts, labels) -> np.ndarray:
    """True for the first copy of each text that has one label only."""
    seen: dict[str, set] = {}
    for text, label in zip(texts, labels, strict=True):
        seen.setdefault(text, set()).add(int(label))
    first = {text: i for i, text in reversed(list(enumerate(texts)))}
    return np.array([first[text] == i and len(seen[text]) == 1 for i, text in enumerate(texts)])


def parts(texts, labels, seed):
    """The reference of E33: a quarter of each label, rounded down, is for the test."""
    part = np.where(usable(texts, labels), TRAIN, OUT)
    rng = np.random.default_rng(seed)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero((part == TRAIN) & (labels == label)))
        part[rows[: len(rows) // 4]] = TEST
    return part


def _numbers(got):
    if not np.isin(got, (OUT, TRAIN, TEST)).all():
        return "part holds other numbers than 0 (left out), 1 (training) and 2 (test)."
    return None


def _repeated(got, texts, labels):
    """What is wrong with texts that occur more than once."""
    index: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        index.setdefault(text, []).append(i)
    for rows in index.values():
        used = got[rows][got[rows] != OUT]
        if len({int(labels[i]) for i in rows}) > 1:
            if len(used):
                return (
                    "a text has two different labels: nobody knows which is right, leave all its copies out."
                )
        elif {TRAIN, TEST} <= set(used.tolist()):
            return "the same text is in both parts: the test set leaks. Remove copies before you split."
        elif len(used) > 1:
            return "a text is in one part several times: keep one copy of it."
        elif len(used) == 0 and len(rows) > 1:
            return "all copies of a text are gone: the first one stays."
        elif len(rows) > 1 and got[rows[0]] == OUT:
            return "of several copies the first one stays; you kept a later one."
    return None


def fair_parts(got, texts, labels, seed):
    """One sentence on the first rule that the parts break."""
    if sentence := _numbers(got) or _repeated(got, texts, labels):
        return sentence
    if not got.any():
        return "everything is left out."
    use = usable(texts, labels)
    if (got[use] == OUT).any():
        plain = ["".join(text.casefold().split()) for text in texts]
        if all(plain.count(plain[i]) > 1 for i in np.flatnonzero(use & (got == OUT))):
            return (
                "texts that differ in a capital letter or a blank are different texts: compare the strings."
            )
        return "a text that occurs once is left out: every usable text belongs to one of the parts."
    return _sizes(got, labels, use) or _order(got, labels, use)


def _sizes(got, labels, use):
    kinds = np.unique(labels)
    counts = {c: int((use & (labels == c)).sum()) for c in kinds}
    in_test = {c: int(((got == TEST) & (labels == c)).sum()) for c in kinds}
    if all(in_test[c] == counts[c] // 4 for c in kinds):
        return None
    total, n = sum(in_test.values()), sum(counts.values())
    if total == 0:
        return "no text is in the test part (2)."
    if all(in_test[c] == counts[c] - counts[c] // 4 for c in kinds):
        return "the parts are exchanged: 1 is training (three quarters), 2 is test (one quarter)."
    if total in (n // 4, round(n / 4), -(-n // 4)):
        return "the test part does not hold a quarter of every label: draw from each on its own (stratify)."
    if all(abs(in_test[c] - counts[c] / 4) < 1 for c in kinds):
        return "a quarter is rounded down: n // 4 texts of each label are for the test."
    return "the test part has the wrong size: n // 4 of the n usable texts of each label."


def _order(got, labels, use):
    """Nobody shuffled: the test part is one end of every label."""
    for name, pick in (("last", lambda rows, k: rows[len(rows) - k :]), ("first", lambda rows, k: rows[:k])):
        same = True
        for c in np.unique(labels):
            rows = np.flatnonzero(use & (labels == c))
            same &= set(pick(rows, len(rows) // 4)) == set(rows[got[rows] == TEST])
        if same:
            return f"the {name} texts of each label are the test part: shuffle first, data often come sorted."
    ranks = [np.flatnonzero(got[use & (labels == c)] == TEST) for c in np.unique(labels)]
    if sum(map(len, ranks)) > 6 and all((np.diff(chosen) == 4).all() for chosen in ranks):
        return "every fourth text is in the test part: draw at random, data may have a rhythm."
    return None


def follows_the_seed(got, texts, labels, first, second):
    for part, seed in zip(got, (first, second), strict=True):
        if sentence := fair_parts(part, texts, labels, seed):
            return sentence
    if np.array_equal(got[0], got[1]):
        return "another seed gives the same split: use np.random.default_rng(seed)."
    return None


EXERCISE = Exercise(
    name="split",
    reference=parts,
    properties=(
        Demand("a quarter of the texts is for the test", lambda rng: [one_split(rng, (40,))], fair_parts),
        Demand("a quarter of every label", lambda rng: [one_split(rng, (32, 16))], fair_parts),
        Demand("texts that occur twice", lambda rng: [one_split(rng, (28, 20), 10)], fair_parts),
        Demand("texts with two labels", lambda rng: [one_split(rng, (28, 20), 0, 8)], fair_parts),
        Demand("the seed decides", lambda rng: [another_seed(rng, (28, 28))], follows_the_seed),
    ),
    misconceptions=(),
    outputs=(Output("", ("text",), "int"),),
    forbidden=(*OTHERS_WORK, "sklearn", "pandas"),
)
