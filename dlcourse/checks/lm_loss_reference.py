"""E08 ``lm_loss``: the reference, with the places where people go wrong."""

import numpy as np

from dlcourse.checks.parts import Mistakes


def softmax(logits, axis=-1):
    e = np.exp(logits - logits.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def pieces(g, mask=None, axis=-1):
    """The mask, -log p of the targets, p and the one-hot targets, whether each prediction is right."""
    mask = g.targets != g.pad if mask is None else mask
    onehot = np.arange(g.logits.shape[-1]) == g.targets[..., None]
    p = softmax(g.logits, axis)
    shifted = g.logits - g.logits.max(axis, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
    return mask, -(log_p * onehot).sum(-1), p, onehot, g.logits.argmax(-1) == g.targets


def results(g, **how):
    mask, nll, p, onehot, hit = pieces(g, **how)
    n = max(mask.sum(), 1)
    return (nll * mask).sum() / n, (p - onehot) * mask[..., None] / n, (hit & mask).sum() / n


def reference(logits, targets, pad):
    """E08, in the learner's order of arguments."""
    return results(made.given((logits, targets, pad)))


made = Mistakes(reference, "loss", "dlogits", "accuracy")
