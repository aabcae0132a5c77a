"""E11 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def squares(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    if norm > max_norm:
        return [g * (max_norm / norm) for g in grads], norm
    return [g.copy() for g in grads], norm


def concatenated(grads: list, max_norm: float) -> tuple[list, float]:
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    scale = 1.0 if norm <= max_norm else max_norm / norm
    return [scale * g for g in grads], norm


def as_torch_does(grads, max_norm):
    total = np.linalg.norm([np.linalg.norm(g) for g in grads])
    factor = min(1.0, max_norm / (total + 1e-6))
    return tuple(g * factor for g in grads), float(total)


def loop(grads, max_norm):
    total = 0.0
    for g in grads:
        for value in g.flat:
            total += value * value
    norm, clipped = total**0.5, []
    for g in grads:
        clipped.append(g / max(1.0, norm / max_norm))
    return [clipped, norm]


CORRECT = [squares, concatenated, as_torch_does, loop]


def _norm(grads):
    return np.sqrt(sum((g * g).sum() for g in grads))


def _variant(norm=_norm, factor=lambda n, c: min(1, c / n) if n > 0 else 1, returned=lambda n, c: n):
    def wrong(grads, max_norm):
        n = norm(grads)
        return [g * factor(n, max_norm) for g in grads], returned(n, max_norm)

    return wrong


def each_on_its_own(grads, max_norm):
    return [squares([g], max_norm)[0][0] for g in grads], _norm(grads)


def by_value(grads, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in grads], _norm(grads)


def norm_of_the_result(grads, max_norm):
    new = squares(grads, max_norm)[0]
    return new, _norm(new)


def in_place(grads, max_norm):
    norm = _norm(grads)
    if norm > max_norm:
        for g in grads:
            g *= max_norm / norm
    return grads, norm


def first_only(grads, max_norm):
    return [squares(grads, max_norm)[0][0], *grads[1:]], _norm(grads)


def one_vector(grads, max_norm):
    return np.concatenate([g.ravel() for g in squares(grads, max_norm)[0]]), _norm(grads)


def zero_divided(grads, max_norm):
    norm = _norm(grads)
    return [g * np.minimum(1, max_norm / norm) * (norm / norm) for g in grads], norm


def lets_torch(grads, max_norm):
    import torch

    p = [torch.nn.Parameter(torch.tensor(g)) for g in grads]
    for q, g in zip(p, grads, strict=True):
        q.grad = torch.tensor(g)
    return None, torch.nn.utils.clip_grad_norm_(p, max_norm)


def drops_the_last(grads, max_norm):
    new, norm = squares(grads, max_norm)
    return new[:-1] if len(new) > 1 else new, norm


WRONG = {
    "each on its own": (each_on_its_own, "One common factor"),
    "by value": (by_value, "values one by one"),
    "sum of norms": (_variant(lambda gs: sum(np.linalg.norm(g) for g in gs)), "not the sum of the norms"),
    "mean of norms": (_variant(lambda gs: np.mean([_norm([g]) for g in gs])), "not the mean of the norms"),
    "largest norm": (_variant(lambda gs: max(_norm([g]) for g in gs)), "the largest of them decides"),
    "no root": (_variant(lambda gs: _norm(gs) ** 2), "square root is missing"),
    "L1": (_variant(lambda gs: sum(np.abs(g).sum() for g in gs)), "(L1)"),
    "maximum": (_variant(lambda gs: max(np.abs(g).max() for g in gs)), "largest absolute value"),
    "root mean square": (
        _variant(lambda gs: np.sqrt(np.mean(np.concatenate([g.ravel() for g in gs]) ** 2))),
        "root of the mean square",
    ),
    "first tensor": (_variant(lambda gs: _norm(gs[:1])), "counts the first tensor only"),
    "last tensor": (_variant(lambda gs: _norm(gs[-1:])), "counts the last tensor only"),
    "spectral norm": (
        _variant(lambda gs: np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in gs))),
        "largest singular value",
    ),
    "scales the first": (first_only, "only the first tensor is scaled"),
    "always": (_variant(factor=lambda n, c: c / n if n else 1), "You stretch them"),
    "wrong way round": (_variant(factor=lambda n, c: c / n if 0 < n < c else 1), "wrong way round"),
    "zero": (_variant(factor=lambda n, c: 0 if n > c else 1), "you set them to 0"),
    "unit": (_variant(factor=lambda n, c: 1 / n if n > c else 1), "not 1"),
    "inverse": (_variant(factor=lambda n, c: n / c if n > c else 1), "not the norm by max_norm"),
    "times max_norm": (_variant(factor=lambda n, c: c if n > c else 1), "you multiply by max_norm"),
    "plus 1": (_variant(factor=lambda n, c: min(1, c / (n + 1))), "max_norm / (norm + 1)"),
    "no clipping": (_variant(factor=lambda n, c: 1), "are not clipped"),
    "norm after clipping": (norm_of_the_result, "before clipping (this is what one logs)"),
    "returns max_norm": (_variant(returned=lambda n, c: c), "you return max_norm"),
    "returns the factor": (
        _variant(returned=lambda n, c: min(1, c / n) if n else 1),
        "you return the factor",
    ),
    "returns the square": (_variant(returned=lambda n, c: n * n), "norm is its square"),
    "0/0": (zero_divided, "0/0"),
    "in place": (in_place, "changes its input array grads"),
    "only the gradients": (lambda g, c: squares(g, c)[0], "values: grads, norm"),
    "order": (lambda g, c: squares(g, c)[::-1], "a list of arrays is asked for"),
    "one vector": (one_vector, "a list of arrays is asked for"),
    "one tensor lost": (drops_the_last, "it holds"),
    "torch": (lets_torch, "torch.nn.utils.clip_grad_norm_"),
}
