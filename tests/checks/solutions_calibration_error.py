"""E35 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import itertools

import numpy as np


def edges(p, y, bins):
    c, hit = p.max(axis=1), p.argmax(axis=1) == y
    limits = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in itertools.pairwise(limits):
        inside = (c > low) & (c <= high)
        if inside.sum() > 0:
            total += inside.mean() * abs(hit[inside].mean() - c[inside].mean())
    return total


def bincount(p, y, bins: int) -> float:
    c = p.max(1)
    b = np.minimum((c * bins).astype(int), bins - 1)
    hits = np.bincount(b, p.argmax(1) == y, bins)
    return np.abs(hits - np.bincount(b, c, bins)).sum() / len(y)


def digitize(p, y, bins):
    predicted = np.argmax(p, -1)
    confidence = p[np.arange(len(p)), predicted]
    number = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    error = np.zeros(bins)
    for k in np.unique(number):
        error[k] = (number == k).sum() * np.abs(
            np.mean((predicted == y)[number == k]) - confidence[number == k].mean()
        )
    return float(error.sum() / len(y))


def python_lists(p, y, bins):
    boxes = [[] for _ in range(bins)]
    for row, label in zip(p.tolist(), y.tolist(), strict=True):
        c = max(row)
        boxes[min(int(c * bins), bins - 1)].append((c, row.index(c) == label))
    gaps = [abs(sum(h - c for c, h in box)) for box in boxes]
    return sum(gaps) / len(p)


CORRECT = [edges, bincount, digitize, python_lists]


def _variant(gap=abs, total=lambda g, s, n, b: (g * s).sum() / n, mean=lambda c, low, high: c.mean(), **how):
    def wrong(p, y, bins):
        c = how.get("confidence", lambda p, y: p.max(1))(p, y)
        hit = how.get("hit", lambda p, y: p.argmax(1) == y)(p, y)
        limits = how.get("limits", lambda c, bins: np.linspace(0, 1, bins + 1))(c, bins)
        gaps, sizes = [], []
        for low, high in itertools.pairwise(limits):
            inside = (c > low) & (c <= high) if how.get("right", True) else (c >= low) & (c < high)
            if inside.any() or how.get("empty"):
                gaps.append(gap(hit[inside].mean() - mean(c[inside], low, high)))
                sizes.append(inside.sum())
        return float(total(np.array(gaps), np.array(sizes), len(y), bins))

    return wrong


def in_place(p, y, bins):
    result = edges(p, y, bins)
    p /= p.sum(1, keepdims=True) * 2
    return result


def per_bin(p, y, bins):
    b = np.minimum((p.max(1) * bins).astype(int), bins - 1)
    return np.abs(np.bincount(b, p.argmax(1) == y, bins) - np.bincount(b, p.max(1), bins)) / len(y)


WRONG = {
    "mean over bins": (_variant(total=lambda g, s, n, b: g.mean()), "averaged over the bins"),
    "mean over all bins": (_variant(total=lambda g, s, n, b: g.sum() / b), "gaps are averaged over"),
    "sum over bins": (_variant(total=lambda g, s, n, b: g.sum()), "only added up"),
    "no N": (_variant(total=lambda g, s, n, b: (g * s).sum()), "number of predictions N"),
    "largest gap": (_variant(total=lambda g, s, n, b: g.max()), "the largest gap"),
    "signed": (_variant(gap=lambda g: g), "absolute value in each bin"),
    "sign of the sum": (lambda *a: abs(_variant(gap=lambda g: g)(*a)), "absolute value in each bin"),
    "squared": (_variant(gap=lambda g: g**2), "not squared"),
    "middle": (_variant(mean=lambda c, low, high: (low + high) / 2), "the middle of the bin"),
    "edge": (_variant(mean=lambda c, low, high: high), "not with its edge"),
    "true class": (_variant(confidence=lambda p, y: p[np.arange(len(y)), y]), "not that of the true class"),
    "class 1": (_variant(confidence=lambda p, y: p[:, 1]), "that of class 1"),
    "above one half": (_variant(hit=lambda p, y: p.max(1) > 0.5), "above one half"),
    "errors": (_variant(hit=lambda p, y: p.argmax(1) != y), "count the errors"),
    "overall means": (
        lambda p, y, b: abs((p.argmax(1) == y).mean() - p.max(1).mean()),
        "absolute value in each bin",
    ),
    "single predictions": (
        lambda p, y, b: np.abs(p.max(1) - (p.argmax(1) == y)).mean(),
        "not every single prediction",
    ),
    "equal sizes": (
        _variant(
            limits=lambda c, bins: np.concatenate([[0], np.quantile(c, np.arange(1, bins) / bins), [1]])
        ),
        "not the same number of predictions",
    ),
    "one edge too few": (_variant(limits=lambda c, bins: np.linspace(0, 1, bins)), "one bin too few"),
    "always 10": (lambda p, y, b: edges(p, y, 10), "you always use 10"),
    "1 in no bin": (_variant(right=False), "exactly 1 belongs to the last bin"),
    "empty bins": (_variant(empty=True), "empty bin"),
    "percent": (lambda *a: 100 * edges(*a), "not 5 percent"),
    "one minus": (lambda *a: 1 - edges(*a), "1 minus"),
    "accuracy": (lambda p, y, b: (p.argmax(1) == y).mean(), "that is the accuracy"),
    "changes p": (in_place, "changes its input array p"),
    "per bin": (per_bin, "an array with 1 axis"),
}
