"""E03 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def indices_backwards(H, layers):
    """Which pixels does an output depend on? Sets of indices, from the top down."""
    size = [H]
    for _, k, s in layers:
        size.append((size[-1] - k) // s + 1)
    n = size[-1]

    def below(positions):
        for _, k, s in reversed(layers):
            positions = {i * s + p for i in positions for p in range(k)}
        return positions

    first, every = below({0}), below(set(range(n)))
    jump = min(below({1})) - min(first) if n > 1 else int(np.prod([s for _, _, s in layers]))
    return len(first), jump, n, H**2 - len(every) ** 2


def recursion(H, layers):
    def from_the_top(rest):
        if not rest:
            return 1
        (_, k, s), *above = rest
        return (from_the_top(above) - 1) * s + k

    n, j = H, 1
    for layer in layers:
        n = 1 + (n - layer[1]) // layer[2]
        j = j * layer[2]
    r = from_the_top(list(layers))
    return [r, j, n, H * H - (r + j * (n - 1)) ** 2]


def closed_form(H, layers):
    strides = np.cumprod([1] + [s for _, _, s in layers])
    r = 1 + sum((k - 1) * j for (_, k, _), j in zip(layers, strides[:-1], strict=True))
    n = H
    for _, k, s in layers:
        n = int(np.floor((n - k) / s)) + 1
    return r, strides[-1], n, float(H * H - (r + (n - 1) * strides[-1]) ** 2)


CORRECT = [indices_backwards, recursion, closed_form]


def _variant(
    start=1,
    only=("conv", "pool"),
    add=lambda r, j, k: r + (k - 1) * j,
    early=False,
    jump=lambda j, k, s: j * s,
    size=lambda n, k, s: (n - k) // s + 1,
    unseen=lambda H, r, j, n: H * H - (r + (n - 1) * j) ** 2,
):
    def receptive_field(H, layers):
        r, j, n = start, 1, H
        for kind, k, s in layers:
            if kind in only:
                if early:
                    j = jump(j, k, s)
                r = add(r, j, k)
                if not early:
                    j = jump(j, k, s)
            n = size(n, k, s)
        return r, j, n, unseen(H, r, j, n)

    return receptive_field


def three_values(H, layers):
    return closed_form(H, layers)[:3]


def other_order(H, layers):
    r, j, n, unseen = closed_form(H, layers)
    return j, r, n, unseen


def changes_the_list(H, layers):
    found = closed_form(H, layers)
    layers.clear()
    return found


def text(H, layers):
    r, j, n, unseen = closed_form(H, layers)
    return r, j, n, f"{unseen} pixels"


WRONG = {
    "pooling skipped": (_variant(only=("conv",)), "pooling layers enlarge"),
    "jump too early": (_variant(early=True), "after, not before"),
    "product": (_variant(add=lambda r, j, k: r * k), "do not multiply"),
    "k j": (_variant(add=lambda r, j, k: r + k * j), "(k-1)*jump, not k*jump"),
    "no jump": (_variant(add=lambda r, j, k: r + k - 1), "multiply with the jump"),
    "starts at 0": (_variant(start=0), "start with r = 1"),
    "sum of strides": (_variant(jump=lambda j, k, s: j + s), "not their sum"),
    "last stride": (_variant(jump=lambda j, k, s: s), "last layer only"),
    "jump by k": (_variant(jump=lambda j, k, s: j * k), "not with the kernel"),
    "ceil": (_variant(size=lambda n, k, s: int(np.ceil((n - k) / s)) + 1), "floor"),
    "n one short": (_variant(size=lambda n, k, s: (n - k) // s), "lacks the first window"),
    "n // s": (_variant(size=lambda n, k, s: n // s), "does not lose"),
    "rows": (_variant(unseen=lambda H, r, j, n: H - (r + (n - 1) * j)), "counted rows"),
    "square of rows": (
        _variant(unseen=lambda H, r, j, n: (H - (r + (n - 1) * j)) ** 2),
        "square of the diff",
    ),
    "one field": (_variant(unseen=lambda H, r, j, n: H * H - r * r), "field of one output"),
    "n steps": (_variant(unseen=lambda H, r, j, n: H * H - (r + n * j) ** 2), "n-1 steps"),
    "seen": (_variant(unseen=lambda H, r, j, n: (r + (n - 1) * j) ** 2), "unseen is the rest"),
    "three values": (three_values, "returned 3 values, expected 4 values: r, j, n, unseen"),
    "other order": (other_order, "exchanged"),
    "changes the list": (changes_the_list, "changes its input array layers"),
    "text": (text, "unseen is a str"),
}
