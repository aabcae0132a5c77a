"""E08 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def masked(logits, targets, pad):
    real = targets != pad
    n = real.sum()
    if n == 0:
        return 0.0, np.zeros_like(logits), 0.0
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    picked = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    d = np.exp(log_p)
    np.put_along_axis(d, targets[..., None], np.take_along_axis(d, targets[..., None], -1) - 1, -1)
    right = (logits.argmax(-1) == targets) & real
    return -(picked * real).sum() / n, d * real[..., None] / n, right.sum() / n


def select_first(logits, targets, pad):
    """Select the real tokens, then the loss of a classifier."""
    where = np.nonzero(targets != pad)
    rows, y = logits[where], targets[where]
    dlogits = np.zeros(logits.shape)
    if not len(y):
        return 0, dlogits, 0
    e = np.exp(rows - rows.max(1)[:, None])
    p = e / e.sum(1)[:, None]
    highest = rows.max(1)
    log_sum = highest + np.log(np.exp(rows - highest[:, None]).sum(1))
    loss = (log_sum - rows[np.arange(len(y)), y]).mean()
    p[np.arange(len(y)), y] -= 1
    dlogits[where] = p / len(y)
    return loss, dlogits, float(np.mean(rows.argmax(1) == y))


def token_loop(logits, targets, pad):
    B, T, V = logits.shape
    loss, hits, count = 0.0, 0, 0
    dlogits = np.zeros((B, T, V))
    for b in range(B):
        for t in range(T):
            y = targets[b, t]
            if y == pad:
                continue
            row = logits[b, t] - max(logits[b, t])
            total = np.exp(row).sum()
            loss -= row[y] - np.log(total)
            dlogits[b, t] = np.exp(row) / total
            dlogits[b, t, y] -= 1
            hits += int(np.argmax(row) == y)
            count += 1
    count = max(count, 1)
    return loss / count, dlogits / count, hits / count


def logaddexp(logits, targets, pad):
    weights = (targets != pad) / np.maximum(np.count_nonzero(targets != pad), 1)
    onehot = np.eye(logits.shape[-1])[targets]
    log_p = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    loss = -np.einsum("btv,btv,bt->", log_p, onehot, weights)
    dlogits = np.einsum("btv,bt->btv", np.exp(log_p) - onehot, weights)
    return np.float64(loss), dlogits, ((np.argmax(logits, 2) == targets) * weights).sum()


CORRECT = [masked, select_first, token_loop, logaddexp]


def _nll(logits, targets, axis=-1):
    z = logits - logits.max(axis, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., None], -1)[..., 0], np.exp(log_p)


def variant(
    mask=lambda logits, targets, pad: targets != pad,
    axis=-1,
    loss=lambda nll, m, n: (nll * m).sum() / n,
    gradient=lambda d, m, n: d * m[..., None] / n,
    accuracy=lambda hit, m, n: (hit & m).sum() / n,
    empty=lambda n: max(n, 1),
):
    """``masked`` with one place changed."""

    def lm_loss(logits, targets, pad):
        m = mask(logits, targets, pad)
        n = empty(m.sum())
        nll, d = _nll(logits, targets, axis)
        d = d - (np.arange(logits.shape[-1]) == targets[..., None])
        return loss(nll, m, n), gradient(d, m, n), accuracy(logits.argmax(-1) == targets, m, n)

    return lm_loss


def no_maximum(logits, targets, pad):
    e = np.exp(logits)
    p = e / e.sum(-1, keepdims=True)
    m = targets != pad
    n = max(m.sum(), 1)
    nll = -np.log(np.take_along_axis(p, targets[..., None], -1)[..., 0])
    return (
        nll[m].sum() / n,
        (p - np.eye(p.shape[-1])[targets]) * m[..., None] / n,
        masked(logits, targets, pad)[2],
    )


def clipped(logits, targets, pad):
    m = targets != pad
    n = max(m.sum(), 1)
    p = np.clip(_nll(logits, targets)[1], 1e-7, 1 - 1e-7)
    nll = -np.log(np.take_along_axis(p, targets[..., None], -1)[..., 0])
    return (nll * m).sum() / n, *masked(logits, targets, pad)[1:]


def zeroed_logits(logits, targets, pad):
    m = targets != pad
    return variant(mask=lambda *_: np.ones_like(m))(logits * m[..., None], targets, pad)


def shifted(logits, targets, pad):
    loss, d, accuracy = masked(logits[:, :-1], targets[:, 1:], pad)
    return loss, np.pad(d, ((0, 0), (0, 1), (0, 0))), accuracy


def changes_logits(logits, targets, pad):
    values = masked(logits, targets, pad)
    logits -= logits.max(-1, keepdims=True)
    return values


def torch_does_it(logits, targets, pad):
    import torch.nn.functional as F
    from torch import tensor

    z = tensor(logits, requires_grad=True)
    loss = F.cross_entropy(z.flatten(0, 1), tensor(targets).flatten(), ignore_index=pad)
    loss.backward()
    return loss.item(), z.grad.numpy(), masked(logits, targets, pad)[2]


def probability(logits, targets, pad):
    loss, dlogits, _ = masked(logits, targets, pad)
    real = targets != pad
    e = np.exp(logits - logits.max(-1, keepdims=True))
    p = np.take_along_axis(e / e.sum(-1, keepdims=True), targets[..., None], -1)[..., 0]
    return loss, dlogits, (p * real).sum() / max(real.sum(), 1)


WRONG = {
    "mean probability": (probability, "you average the probability of the right token"),
    "padding counted": (variant(mask=lambda z, y, pad: np.ones_like(y, bool)), "padding is counted"),
    "mean of means": (
        variant(loss=lambda nll, m, n: ((nll * m).sum(1) / np.maximum(m.sum(1), 1)).mean()),
        "not per sequence first",
    ),
    "per batch": (variant(loss=lambda nll, m, n: (nll * m).sum() / len(m)), "not by the batch size"),
    "per position": (variant(loss=lambda nll, m, n: (nll * m).mean()), "not by that of all positions"),
    "sum": (variant(loss=lambda nll, m, n: (nll * m).sum()), "you returned the sum"),
    "count only": (
        variant(loss=lambda nll, m, n: nll.sum() / n),
        "left out of the count, but not of the sum",
    ),
    "sign": (variant(loss=lambda nll, m, n: -(nll * m).sum() / n), "the sign is wrong"),
    "perplexity": (variant(loss=lambda nll, m, n: np.exp((nll * m).sum() / n)), "perplexity"),
    "bits": (variant(loss=lambda nll, m, n: (nll * m).sum() / n / np.log(2)), "bits"),
    "accuracy over all": (variant(accuracy=lambda hit, m, n: hit.mean()), "but the accuracy does not"),
    "accuracy divided by all": (
        variant(accuracy=lambda hit, m, n: (hit & m).mean()),
        "number of all positions: divide",
    ),
    "hits at the padding": (variant(accuracy=lambda hit, m, n: hit.sum() / n), "hits at the padding"),
    "per cent": (variant(accuracy=lambda hit, m, n: 100 * (hit & m).sum() / n), "per cent"),
    "count of hits": (variant(accuracy=lambda hit, m, n: (hit & m).sum()), "you counted"),
    "error rate": (variant(accuracy=lambda hit, m, n: 1 - (hit & m).sum() / n), "error rate"),
    "whole sequences": (variant(accuracy=lambda hit, m, n: (hit | ~m).all(1).mean()), "whole sequences"),
    "nan on an empty batch": (variant(empty=lambda n: n), "must give 0, not 0/0"),
    "mask from predictions": (
        variant(mask=lambda z, y, pad: z.argmax(-1) != pad),
        "not from the predictions",
    ),
    "inverted": (variant(mask=lambda z, y, pad: y == pad), "inverted"),
    "pad is 0": (variant(mask=lambda z, y, pad: y != 0), "you take 0 for the padding"),
    "pad is the smallest": (variant(mask=lambda z, y, pad: y > pad), "above it for real"),
    "softmax over the time": (variant(axis=1), "over the time"),
    "no maximum": (no_maximum, "exp overflows"),
    "clipped": (clipped, "saturates"),
    "logits set to 0": (zeroed_logits, "each counts log V"),
    "shifted": (shifted, "shifted already"),
    "gradient at the padding": (
        variant(gradient=lambda d, m, n: d / n),
        "the gradient does not: dlogits is 0",
    ),
    "gradient not divided": (
        variant(gradient=lambda d, m, n: d * m[..., None]),
        "loss is a mean, so the gradient",
    ),
    "gradient per batch": (
        variant(gradient=lambda d, m, n: d * m[..., None] / len(m)),
        "divided by the number of real tokens, not by the batch",
    ),
    "gradient sign": (variant(gradient=lambda d, m, n: -d * m[..., None] / n), "opposite sign"),
    "gradient of real tokens": (variant(gradient=lambda d, m, n: d[m] / n), "a row for every position"),
    "two values": (lambda z, y, pad: masked(z, y, pad)[:2], "it returned 2 values"),
    "changes the logits": (changes_logits, "changes its input array logits"),
    "torch": (torch_does_it, "torch"),
}
