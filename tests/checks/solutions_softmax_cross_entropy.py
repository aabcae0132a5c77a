"""E07 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import math

import numpy as np


def one_hot(logits, y):
    onehot = np.eye(logits.shape[1])[y]
    top = logits.max(1, keepdims=True)
    log_sum = top + np.log(np.exp(logits - top).sum(1, keepdims=True))
    loss = (log_sum[:, 0] - (onehot * logits).sum(1)).mean()
    return loss, (np.exp(logits - log_sum) - onehot) / logits.shape[0]


def loops(logits, y):
    gradient, total = np.zeros(logits.shape), 0.0
    for n, row in enumerate(logits.tolist()):
        top = max(row)
        e = [math.exp(z - top) for z in row]
        total += math.log(sum(e)) + top - row[y[n]]
        for c, value in enumerate(e):
            gradient[n, c] = (value / sum(e) - (c == y[n])) / len(y)
    return total / len(y), gradient


def logaddexp(z, labels):
    log_p = z - np.logaddexp.reduce(z, axis=1)[:, np.newaxis]
    rows = range(len(labels))
    g = np.exp(log_p)
    g[rows, labels] -= 1.0
    return [float(-np.mean(log_p[rows, labels])), g / len(labels)]


CORRECT = [one_hot, loops, logaddexp]


def _softmax(z, axis=1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _written(
    p=_softmax, label=lambda q, y: -np.log(q), reduce=np.mean, gradient=lambda p, h, N: (p - h) / N
):  # fmt: skip
    def softmax_cross_entropy(logits, y):
        probability, N = p(logits), len(y)
        onehot = np.zeros_like(logits)
        onehot[np.arange(N), y] = 1
        loss = reduce(label(probability[np.arange(N), y], y))
        return loss, gradient(probability, onehot, N)

    return softmax_cross_entropy


def _right_loss(gradient):
    def softmax_cross_entropy(logits, y):
        p, onehot = _softmax(logits), np.eye(logits.shape[1])[y]
        return logaddexp(logits, y)[0], gradient(p, onehot, len(y))

    return softmax_cross_entropy


def overflow(z):
    return np.exp(z) / np.exp(z).sum(1, keepdims=True)


def keras(logits, y):
    p = _softmax(logits)
    clipped = np.clip(p, 1e-7, 1 - 1e-7)
    rows = np.arange(len(y))
    loss = -np.log(clipped[rows, y]).mean()
    passes = (p[rows, y] == clipped[rows, y])[:, None]
    return loss, (p - np.eye(p.shape[1])[y]) * passes / len(y)


def loss_per_sample(logits, y):
    losses = [loops(logits[n : n + 1], y[n : n + 1])[0] for n in range(len(y))]
    return np.array(losses), one_hot(logits, y)[1]


def only_loss(logits, y):
    return logaddexp(logits, y)[0]


def gradient_first(logits, y):
    return logaddexp(logits, y)[::-1]


def in_place(logits, y):
    logits -= logits.max(1, keepdims=True)
    return logaddexp(logits, y)


def by_torch(logits, y):
    import torch.nn.functional as F

    return F.cross_entropy(logits, y).item(), logits


def by_scipy(logits, y):
    from scipy.special import log_softmax

    log_p = log_softmax(logits, axis=1)
    return -log_p[np.arange(len(y)), y].mean(), (np.exp(log_p) - np.eye(logits.shape[1])[y]) / len(y)


def from_the_minimum(logits, y):
    z = logits - logits.min(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    g = np.exp(log_p)
    g[np.arange(len(y)), y] -= 1
    return -log_p[np.arange(len(y)), y].mean(), g / len(y)


def _by_logarithms(top=lambda z: z.max(1, keepdims=True), label=lambda z, y: y, at=None):
    def softmax_cross_entropy(logits, y):
        z = logits - top(logits)
        log_p, y, rows = z - np.log(np.exp(z).sum(1, keepdims=True)), label(z, y), np.arange(len(y))
        g = np.exp(log_p)
        g[(at or (lambda rows: rows))(rows), y] -= 1
        return -log_p[rows, y].mean(), g / len(y)

    return softmax_cross_entropy


WRONG = {
    "maximum of all": (_by_logarithms(top=np.max), "each row needs its own maximum"),
    "whole columns": (_by_logarithms(at=lambda rows: slice(None)), "changes whole columns"),
    "predicted class": (_by_logarithms(label=lambda z, y: z.argmax(1)), "in place of the label"),
    "from the minimum": (from_the_minimum, "subtract the largest one"),
    "p from the minimum": (
        _written(p=lambda z: overflow(z - z.min(1, keepdims=True))),
        "subtract the largest one",
    ),
    "log of 0": (_written(), "infinite where p was rounded to 0"),
    "overflow": (_written(p=overflow), "exp overflows"),
    "over the batch": (_written(p=lambda z: _softmax(z, 0)), "normalised over the batch"),
    "sum": (_right_loss(lambda p, h, N: p - h), "the gradient carries 1/N"),
    "both summed": (
        lambda z, y: (logaddexp(z, y)[0] * len(y), logaddexp(z, y)[1] * len(y)),
        "those of the sum over the batch",
    ),
    "loss summed": (lambda z, y: (logaddexp(z, y)[0] * len(y), logaddexp(z, y)[1]), "you returned the sum"),
    "loss per sample": (loss_per_sample, "return their mean"),
    "sign": (_right_loss(lambda p, h, N: (h - p) / N), "opposite sign"),
    "minus missing": (lambda z, y: (-logaddexp(z, y)[0], logaddexp(z, y)[1]), "minus sign is missing"),
    "no onehot": (_right_loss(lambda p, h, N: p / N), "lacks the onehot"),
    "sigmoid": (_right_loss(lambda p, h, N: p * (1 - p) / N), "derivative of a sigmoid"),
    "by classes": (_right_loss(lambda p, h, N: (p - h) / p.shape[1]), "divided by the number of classes"),
    "clipped": (keras, "saturates at 16.118 and the gradient"),
    "tiny added": (_written(label=lambda q, y: -np.log(q + 1e-12)), "log(p + 1e-12) saturates"),
    "bits": (_written(label=lambda q, y: -np.log2(q)), "ln 2 (bits)"),
    "log10": (_written(label=lambda q, y: -np.log10(q)), "you used log10"),
    "1 - p": (_written(label=lambda q, y: 1 - q), "not 1 - p"),
    "only the loss": (only_loss, "it returned one number, expected 2 values: loss, dlogits"),
    "gradient first": (gradient_first, "loss and dlogits are exchanged"),
    "in place": (in_place, "changes its input array logits"),
    "torch": (by_torch, "torch.nn.functional.cross_entropy do the work"),
    "scipy": (by_scipy, "scipy.special.log_softmax do the work"),
}
