"""E07 ``softmax_cross_entropy``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call
from dlcourse.numpy_nn.loss import cross_entropy, cross_entropy_backward


def logits_and_labels(
    rng: np.random.Generator, N: int, C: int, scale: float = 2.0, shift: float = 0.0
) -> Call:
    """logits (N, C) around ``shift`` and y (N,)."""
    return call(scale * rng.standard_normal((N, C)) + shift, rng.integers(0, C, N))


def confidently_wrong(rng: np.random.Generator) -> list[Call]:
    """Logits far apart, the label among the small ones: p is 1e-13 and smaller there."""
    z = rng.standard_normal((3, 4))
    y = rng.integers(0, 4, 3)
    z[np.arange(3), y] -= rng.uniform(30, 60, 3)
    return [call(z, y)]


def far_apart(rng: np.random.Generator) -> list[Call]:
    """Logits from -1500 to 1500 in each row, then rows that are far apart."""
    z = rng.permuted(np.tile([-1500.0, 0.0, 1.0, 1500.0], (5, 1)), axis=1)
    rows = rng.standard_normal((3, 4)) + rng.permutation([-1500.0, 0.0, 1500.0])[:, None]
    wide = [z + rng.standard_normal(z.shape), rows]
    return [call(logits, rng.integers(0, 4, len(logits))) for logits in wide]


def loss_and_gradient(logits, y):
    """The reference of E07."""
    loss, e, s = cross_entropy(np.asarray(logits, float), np.asarray(y))
    return loss, cross_entropy_backward(e, s, np.asarray(y))


def _softmax(z, axis=1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _onehot(z, y):
    return np.eye(z.shape[1])[y]


def _from(p, z, y, log=np.log):
    """Loss and gradient as everybody writes them, from some probabilities ``p``."""
    return -log(p[np.arange(len(y)), y]).mean(), (p - _onehot(z, y)) / len(y)


def _gradient(function):
    """A mistake in dlogits only."""
    return lambda z, y: (loss_and_gradient(z, y)[0], function(_softmax(z), z, y))


def _loss(function):
    """A mistake in the loss only."""
    return lambda z, y: (function(_softmax(z), z, y), loss_and_gradient(z, y)[1])


def _clipped_loss(p, z, y):
    return -np.log(np.clip(p, 1e-7, 1 - 1e-7)[np.arange(len(y)), y]).mean()


def _clipped(z, y):
    """Keras on probabilities: where p is clipped, no gradient flows."""
    p = _softmax(z)
    inside = ((p > 1e-7) & (p < 1 - 1e-7))[np.arange(len(y)), y]
    return _clipped_loss(p, z, y), (p - _onehot(z, y)) / len(y) * inside[:, None]


def _overflow(z, y):
    e = np.exp(z)
    return _from(e / e.sum(1, keepdims=True), z, y)


def _minimum(z, y):
    return _overflow(z - z.min(1, keepdims=True), y)


def _minimum_of_logarithms(z, y):
    z = z - z.min(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    return _from(log_p, z, y, lambda entries: entries)[0], _from(np.exp(log_p), z, y)[1]


def _maximum_of_all(z, y):
    z = z - z.max()
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    return _from(log_p, z, y, lambda entries: entries)[0], _from(np.exp(log_p), z, y)[1]


def _one_column(p, z, y):
    """``p[:, y] -= 1``: a 1 is subtracted in every row."""
    p = p.copy()
    p[:, y] -= 1
    return p / len(y)


def _tiny_added(tiny):
    def wrong(z, y):
        return -np.log(_softmax(z)[np.arange(len(y)), y] + tiny).mean()

    return lambda z, y: (wrong(z, y), loss_and_gradient(z, y)[1])


ENTROPY_MISTAKES = (
    Misconception("exp overflows for large logits: subtract the row maximum first.", _overflow),
    Misconception(
        "softmax runs over the classes (axis 1), you normalised over the batch.",
        lambda z, y: _from(_softmax(z, 0), z, y),
    ),
    Misconception(
        "the softmax is normalised over all numbers of the batch at once: each row sums to 1.",
        lambda z, y: _from(_softmax(z.reshape(1, -1)).reshape(z.shape), z, y),
    ),
    Misconception(
        "the loss is the mean over the batch, you returned the sum.",
        _loss(lambda p, z, y: loss_and_gradient(z, y)[0] * len(y)),
    ),
    Misconception(
        "loss and gradient are those of the sum over the batch; the loss is the mean, both carry 1/N.",
        lambda z, y: tuple(len(y) * v for v in loss_and_gradient(z, y)),
    ),
    *(
        Misconception(
            "you subtract the smallest logit; subtract the largest one, then no exponential is above 1.",
            mistake,
        )
        for mistake in (_minimum, _minimum_of_logarithms)
    ),
    *(
        Misconception("each row needs its own maximum: max(axis=1), not that of all logits.", mistake)
        for mistake in (_maximum_of_all, lambda z, y: _overflow(z - z.max(), y))
    ),
    Misconception(
        "p[:, y] -= 1 changes whole columns; subtract 1 at the label of each row: p[np.arange(N), y].",
        _gradient(_one_column),
    ),
    Misconception(
        "you take the predicted class in place of the label y.",
        lambda z, y: loss_and_gradient(z, z.argmax(1)),
    ),
    Misconception(
        "-log(p) is infinite where p was rounded to 0: log p = z - log(sum(exp(z))) never needs it.",
        _loss(lambda p, z, y: -np.log(p[np.arange(len(y)), y]).mean()),
    ),
    Misconception(
        "the loss is a mean over the samples; you divided by the number of classes too.",
        _loss(lambda p, z, y: loss_and_gradient(z, y)[0] / z.shape[1]),
    ),
    Misconception(
        "one loss for each sample: return their mean.",
        _loss(lambda p, z, y: -np.log(p[np.arange(len(y)), y])),
    ),
    Misconception(
        "the loss is a mean, so the gradient carries 1/N.", _gradient(lambda p, z, y: p - _onehot(z, y))
    ),
    Misconception(
        "the gradient carries 1/N, N the number of samples; you divided by the number of classes.",
        _gradient(lambda p, z, y: (p - _onehot(z, y)) / z.shape[1]),
    ),
    Misconception(
        "the gradient carries 1/N, N the number of samples; you divided by the number of all logits.",
        _gradient(lambda p, z, y: (p - _onehot(z, y)) / z.size),
    ),
    Misconception(
        "the gradient is p - onehot, yours has the opposite sign.",
        _gradient(lambda p, z, y: (_onehot(z, y) - p) / len(y)),
    ),
    Misconception(
        "the loss is -log p; the minus sign is missing.", _loss(lambda p, z, y: -loss_and_gradient(z, y)[0])
    ),
    Misconception(
        "the gradient lacks the onehot: it is p - onehot, which is negative at the label.",
        _gradient(lambda p, z, y: p / len(y)),
    ),
    Misconception(
        "that is the gradient with respect to p, -1/p at the label; dlogits is p - onehot.",
        _gradient(lambda p, z, y: -_onehot(z, y) / p / len(y)),
    ),
    Misconception(
        "p*(1-p) is the derivative of a sigmoid; softmax and log together give p - onehot.",
        _gradient(lambda p, z, y: p * (1 - p) / len(y)),
    ),
    Misconception(
        "the gradient goes through the softmax once more: p - onehot is already that of the logits.",
        _gradient(lambda p, z, y: (p - _onehot(z, y)) * p * (1 - p) / len(y)),
    ),
    Misconception(
        "you clip p to 1e-7 like Keras on probabilities: the loss saturates at 16.118 and the gradient of a "
        "confidently wrong sample is exactly 0. Work from logits.",
        _clipped,
    ),
    Misconception(
        "you clip p to 1e-7: the loss saturates at 16.118. Work from logits: log p = z - logsumexp(z).",
        _loss(_clipped_loss),
    ),
    *(
        Misconception(
            f"log(p + {tiny}) saturates for a confidently wrong sample: log p = z - logsumexp(z) needs no "
            "such rescue.",
            _tiny_added(float(tiny)),
        )
        for tiny in ("1e-5", "1e-6", "1e-7", "1e-8", "1e-9", "1e-10", "1e-12", "1e-15")
    ),
    Misconception(
        "np.log is the natural logarithm; you divided by ln 2 (bits).",
        lambda z, y: tuple(v / np.log(2) for v in loss_and_gradient(z, y)),
    ),
    Misconception(
        "np.log is the natural logarithm; you divided by ln 2 (bits).",
        _loss(lambda p, z, y: loss_and_gradient(z, y)[0] / np.log(2)),
    ),
    Misconception(
        "np.log is the natural logarithm; you used log10.",
        _loss(lambda p, z, y: loss_and_gradient(z, y)[0] / np.log(10)),
    ),
    Misconception(
        "the loss is -log p of the label, not 1 - p.",
        _loss(lambda p, z, y: (1 - p[np.arange(len(y)), y]).mean()),
    ),
    Misconception(
        "that is the squared error: the loss is -log p of the label.",
        _loss(lambda p, z, y: ((p - _onehot(z, y)) ** 2).sum(1).mean()),
    ),
    Misconception(
        "that is the entropy of p: take the logarithm at the label.",
        _loss(lambda p, z, y: -(p * np.log(p)).sum(1).mean()),
    ),
    Misconception(
        "that is the binary cross-entropy of each class: softmax needs -log p of the label alone.",
        _loss(lambda p, z, y: -(np.where(_onehot(z, y) > 0, np.log(p), np.log1p(-p))).sum(1).mean()),
    ),
    Misconception(
        "the softmax is missing: the logits are no probabilities.",
        lambda z, y: _from(z, z, y, lambda p: np.log(np.abs(p))),
    ),
)

EXERCISE = Exercise(
    name="softmax_cross_entropy",
    reference=loss_and_gradient,
    properties=(
        Property("one sample", lambda rng: [logits_and_labels(rng, 1, 3)]),
        Property("a batch", lambda rng: [logits_and_labels(rng, 4, 3), logits_and_labels(rng, 3, 5)]),
        Property(
            "a batch as large as the number of classes", lambda rng: [logits_and_labels(rng, 4, 4)], 0.5
        ),
        Property("large logits", lambda rng: [logits_and_labels(rng, 3, 4, 5, 1000)]),
        Property("a confidently wrong sample", confidently_wrong),
    ),
    misconceptions=ENTROPY_MISTAKES,
    outputs=(Output("loss"), Output("dlogits", ("sample", "class"))),
    forbidden=OTHERS_WORK,
)
