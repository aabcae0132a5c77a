"""E09 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def add_at(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]), dout.dtype)
    np.add.at(dW, ids, dout)
    dW[pad] = 0
    return dW


def one_hot(ids, dout, V, pad):
    onehot = (ids.reshape(-1, 1) == np.arange(V)) & (ids.reshape(-1, 1) != pad)
    return onehot.astype(float).T @ dout.reshape(len(onehot), -1)


def loop(ids, dout, V, pad):
    grad = np.zeros((V, dout.shape[2]))
    for sequence, gradients in zip(ids, dout, strict=True):
        for token, g in zip(sequence.tolist(), gradients, strict=True):
            if token != pad:
                grad[token] += g
    return grad


def rows(ids, dout, V, pad):
    """Row by row with a mask."""
    return np.stack([dout[(ids == v) & (v != pad)].sum(axis=0) for v in range(V)])


def bincount(ids, dout, V, pad):
    weights = dout * (ids != pad)[..., None]
    return np.array([np.bincount(ids.ravel(), weights[..., k].ravel(), V) for k in range(dout.shape[-1])]).T


def einsum(ids, dout, V, pad):
    E = np.eye(V)
    E[pad, pad] = 0
    return np.einsum("btv,btd->vd", E[ids], dout)


CORRECT = [add_at, one_hot, loop, rows, bincount, einsum]


def plus_equals(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]))
    dW[ids] += dout
    dW[pad] = 0
    return dW


def per_sequence(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]))
    for b in range(len(ids)):
        dW[ids[b]] += dout[b]
    dW[pad] = 0
    return dW


def per_step(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]))
    for t in range(ids.shape[1]):
        dW[ids[:, t]] += dout[:, t]
    dW[pad] = 0
    return dW


def padding_too(ids, dout, V, pad):
    return einsum(ids, dout, V, V - 1) + np.outer(np.arange(V) == V - 1, dout[ids == V - 1].sum(0))


def row_0(ids, dout, V, pad):
    dW = padding_too(ids, dout, V, pad)
    dW[0] = 0
    return dW


def averaged(ids, dout, V, pad):
    counts = np.bincount(ids.ravel(), minlength=V)[:, None]
    return add_at(ids, dout, V, pad) / np.maximum(counts, 1)


def largest_id(ids, dout, V, pad):
    return add_at(ids, dout, V, pad)[: ids.max() + 1]


def unique_ids(ids, dout, V, pad):
    return np.stack([dout[ids == v].sum(0) * (v != pad) for v in np.unique(ids)])


def counts(ids, dout, V, pad):
    return add_at(ids, np.ones_like(dout), V, pad)


def first_only(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]))
    for v in set(ids.ravel().tolist()) - {pad}:
        dW[v] = dout[ids == v][0]
    return dW


def other_order(ids, dout, V, pad):
    dW = np.zeros((V, dout.shape[-1]))
    np.add.at(dW, ids.ravel(order="F"), dout.reshape(-1, dout.shape[-1]))
    dW[pad] = 0
    return dW


def clears_dout(ids, dout, V, pad):
    dout[ids == pad] = 0
    return add_at(ids, dout, V, pad)


def torch_does_it(ids, dout, V, pad):
    import torch

    layer = torch.nn.Embedding(V, dout.shape[-1], padding_idx=pad, dtype=torch.float64)
    layer(torch.tensor(ids)).backward(torch.tensor(dout))
    return layer.weight.grad.numpy()


def sparse_does_it(ids, dout, V, pad):
    from scipy import sparse

    one = sparse.csr_matrix((np.ones(ids.size), (ids.ravel(), np.arange(ids.size))), (V, ids.size))
    return one @ dout.reshape(ids.size, -1)


WRONG = {
    "dW[ids] += dout": (plus_equals, "keeps only the last occurrence"),
    "per sequence": (per_sequence, "repeated in one sequence counts once"),
    "per step": (per_step, "at the same step counts once"),
    "first occurrence": (first_only, "only the first occurrence"),
    "padding row": (padding_too, "row of the padding token must stay 0"),
    "row 0 cleared": (row_0, "you cleared row 0"),
    "padding removed": (lambda *a: np.delete(add_at(*a), a[3], axis=0), "keep it, filled with 0"),
    "transposed": (lambda *a: add_at(*a).T, "yours is transposed"),
    "averaged": (averaged, "of a repeated id add up, they are not averaged"),
    "batch mean": (lambda *a: add_at(*a) / len(a[0]), "over the batch, they are not averaged"),
    "mean of all": (lambda *a: add_at(*a) / a[0].size, "over all positions"),
    "largest id": (largest_id, "largest id"),
    "unique ids": (unique_ids, "also for those that do not occur"),
    "counts": (counts, "how often an id occurs"),
    "columns summed": (lambda *a: add_at(*a).sum(1), "you summed over them"),
    "first sequence": (
        lambda ids, dout, V, pad: add_at(ids[:1], dout[:1], V, pad),
        "only the first sequence",
    ),
    "last step": (lambda ids, dout, V, pad: add_at(ids[:, -1], dout[:, -1], V, pad), "only the last step"),
    "other order": (other_order, "in different orders"),
    "changes dout": (clears_dout, "changes its input array dout"),
    "nothing": (lambda ids, dout, V, pad: np.zeros((V, dout.shape[-1])), "every value is 0"),
    "integers": (lambda *a: add_at(*a).astype(int), "array of integers"),
    "torch": (torch_does_it, "torch.nn.Embedding"),
    "scipy": (sparse_does_it, "scipy.sparse"),
}
