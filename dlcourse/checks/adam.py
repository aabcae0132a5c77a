"""E10 ``adam``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Property, call


def gradients(rng: np.random.Generator, shape: tuple, steps: int, **settings) -> Call:
    """w and ``steps`` gradients of very different sizes; lr 0.1, b1 0.8, b2 0.95, eps 1e-3 unless set."""
    grads = [rng.choice([-1, 1], shape) * 10.0 ** rng.uniform(-2, 1, shape) for _ in range(steps)]
    setting = {"lr": 0.1, "b1": 0.8, "b2": 0.95, "eps": 1e-3} | settings
    return call(rng.standard_normal(shape), grads, *setting.values())


def _step(m, v, t, lr, b1, b2, eps):
    return lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)


def _mean(old, new, b):
    return b * old + (1 - b) * new


def updated(w, grads, lr, b1, b2, eps):
    """The reference of E10."""
    return _updated(w, grads, lr, b1, b2, eps)


def _updated(w, grads, lr, b1, b2, eps, step=_step, mean=_mean, square=lambda g: g * g, start=0.0):
    m, v = np.full(np.shape(w), start), np.full(np.shape(w), start)
    for t, g in enumerate(grads, 1):
        m, v = mean(m, g, b1), mean(v, square(g), b2)
        w = w - step(m, v, t, lr, b1, b2, eps)
    return w


def _with(**wrong):
    return lambda *a: _updated(*a, **wrong)


def _stepping(formula):
    return _with(step=formula)


def _first_corrected(m, v, t, lr, b1, b2, eps):
    return lr * (m / (1 - b1)) / (np.sqrt(v / (1 - b2)) + eps)


def _state_lost(w, grads, *rest):
    for g in grads:
        w = updated(w, [g], *rest)
    return w


def _corrected_in_place(w, grads, lr, b1, b2, eps):
    """The corrected m and v are kept as m and v."""
    m = v = np.zeros(np.shape(w))
    for t, g in enumerate(grads, 1):
        m = _mean(m, g, b1) / (1 - b1**t)
        v = _mean(v, g * g, b2) / (1 - b2**t)
        w = w - lr * m / (np.sqrt(v) + eps)
    return w


def _amsgrad(w, grads, lr, b1, b2, eps):
    m, v, largest = (np.zeros(np.shape(w)) for _ in range(3))
    for t, g in enumerate(grads, 1):
        m, v = _mean(m, g, b1), _mean(v, g * g, b2)
        largest = np.maximum(largest, v)
        w = w - _step(m, largest, t, lr, b1, b2, eps)
    return w


def _nesterov(w, grads, lr, b1, b2, eps):
    m, v = np.zeros(np.shape(w)), np.zeros(np.shape(w))
    for t, g in enumerate(grads, 1):
        m, v = _mean(m, g, b1), _mean(v, g * g, b2)
        ahead = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)
        w = w - lr * ahead / (np.sqrt(v / (1 - b2**t)) + eps)
    return w


def _total(w, grads, lr, b1, b2, eps):
    return np.sum([np.asarray(w), *grads], axis=0) - w


ADAM_MISTAKES = (
    Misconception("subtract the step: you go uphill.", lambda w, *a: 2 * w - updated(w, *a)),
    Misconception(
        "m and v start at 0: without bias correction the first steps have the wrong size.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * m / (np.sqrt(v) + eps)),
    ),
    Misconception(
        "the bias correction of v is missing: divide v by 1 - b2**t.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * m / (1 - b1**t) / (np.sqrt(v) + eps)),
    ),
    Misconception(
        "the bias correction of m is missing: divide m by 1 - b1**t.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * m / (np.sqrt(v / (1 - b2**t)) + eps)),
    ),
    Misconception(
        "the bias correction divides by 1 - b**t; the power of t is missing.", _stepping(_first_corrected)
    ),
    Misconception(
        "the bias correction of v has 1 - b2**t; you used b1.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: _step(m, v, t, lr, b1, b1, eps)),
    ),
    Misconception(
        "the bias correction of m has 1 - b1**t; you used b2.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: _step(m, v, t, lr, b2, b2, eps)),
    ),
    Misconception(
        "lr does not fall with t: it is the same in every step.",
        _stepping(lambda m, v, t, lr, *a: _step(m, v, t, lr / np.sqrt(t), *a)),
    ),
    Misconception("that is AMSGrad, which keeps the largest v; here v may fall again.", _amsgrad),
    Misconception("that is Nadam, which looks one step ahead; here the step is made with m.", _nesterov),
    Misconception(
        "t is one too large: it is 1 in the first step.",
        _stepping(lambda m, v, t, *a: _step(m, v, t + 1, *a)),
    ),
    Misconception(
        "t starts at 1: with t = 0 you divide by 0.", _stepping(lambda m, v, t, *a: _step(m, v, t - 1, *a))
    ),
    Misconception(
        "you multiply by 1 - b**t; the bias correction divides by it.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * m * (1 - b1**t) / (np.sqrt(v * (1 - b2**t)) + eps)),
    ),
    Misconception(
        "eps is added after the square root, not inside it.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t) + eps)),
    ),
    Misconception(
        "eps is added to the corrected root, sqrt(v/(1-b2**t)) + eps; you added it before the correction.",
        _stepping(
            lambda m, v, t, lr, b1, b2, eps: lr * (m / (1 - b1**t)) * np.sqrt(1 - b2**t) / (np.sqrt(v) + eps)
        ),
    ),
    Misconception("eps is missing.", lambda w, g, lr, b1, b2, eps: updated(w, g, lr, b1, b2, 0.0)),
    Misconception(
        "eps is subtracted; it is added to the root.",
        lambda w, g, lr, b1, b2, eps: updated(w, g, lr, b1, b2, -eps),
    ),
    Misconception(
        "the square root of v is missing.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * (m / (1 - b1**t)) / (v / (1 - b2**t) + eps)),
    ),
    Misconception(
        "the betas are swapped: b1 belongs to the mean, b2 to the square.",
        lambda w, g, lr, b1, b2, eps: updated(w, g, lr, b2, b1, eps),
    ),
    Misconception(
        "b1 is used for both means: v has b2.",
        lambda w, g, lr, b1, b2, eps: updated(w, g, lr, b1, b1, eps),
    ),
    Misconception(
        "b2 is used for both means: m has b1.",
        lambda w, g, lr, b1, b2, eps: updated(w, g, lr, b2, b2, eps),
    ),
    Misconception(
        "b and 1-b are exchanged: the old mean keeps the share b.",
        _with(mean=lambda old, new, b: (1 - b) * old + b * new),
    ),
    Misconception(
        "the new gradient needs the factor 1-b: m is a mean, not a sum.",
        _with(mean=lambda old, new, b: b * old + new),
    ),
    Misconception("v averages g*g, not g.", _with(square=lambda g: g)),
    Misconception("v averages g*g, not |g|.", _with(square=np.abs)),
    Misconception(
        "v averages g*g for each weight, not the square of the whole norm.",
        _with(square=lambda g: np.full(g.shape, (g * g).sum())),
    ),
    Misconception(
        "v averages g*g for each weight, not its mean over all weights.",
        _with(square=lambda g: np.full(g.shape, (g * g).mean())),
    ),
    Misconception(
        "m and v must survive from step to step; yours begin anew with every gradient.", _state_lost
    ),
    Misconception(
        "the corrected means are for this step only: keep the uncorrected m and v for the next one.",
        _corrected_in_place,
    ),
    Misconception("m and v start at 0, not at 1.", _with(start=1.0)),
    Misconception(
        "the learning rate is missing.", lambda w, g, lr, b1, b2, eps: updated(w, g, 1.0, b1, b2, eps)
    ),
    Misconception(
        "only the first gradient is used: is the return inside the loop?",
        lambda w, g, *a: updated(w, g[:1], *a),
    ),
    Misconception("only the last gradient is used.", lambda w, g, *a: updated(w, g[-1:], *a)),
    Misconception("the last gradient is left out.", lambda w, g, *a: updated(w, g[:-1], *a)),
    Misconception("the gradients are taken in the reverse order.", lambda w, g, *a: updated(w, g[::-1], *a)),
    Misconception(
        "the gradients are added up before the first step; each one makes a step of its own.",
        lambda w, g, *a: updated(w, [sum(g)], *a),
    ),
    Misconception(
        "the gradients are averaged before the first step; each one makes a step of its own.",
        lambda w, g, *a: updated(w, [sum(g) / len(g)], *a),
    ),
    Misconception(
        "only the last step is subtracted: w must keep what the earlier steps did.",
        lambda w, g, *a: w + updated(w, g, *a) - updated(w, g[:-1], *a),
    ),
    Misconception(
        "you return the change of w; the new w is asked for.", lambda w, g, *a: updated(w, g, *a) - w
    ),
    Misconception(
        "that is plain gradient descent: m and v are not used.",
        lambda w, g, lr, *a: w - lr * _total(w, g, lr, *a),
    ),
    Misconception(
        "that is momentum: the division by the root of v is missing.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * m / (1 - b1**t)),
    ),
    Misconception(
        "that is momentum without bias correction: v is not used.",
        _stepping(lambda m, v, t, lr, b1, b2, eps: lr * m),
    ),
    Misconception(
        "that is RMSprop: the mean m of the gradients is not used.",
        lambda w, g, lr, b1, b2, eps: updated(w, g, lr, 0.0, b2, eps),
    ),
    Misconception(
        "v grows without limit (that is Adagrad): it is a running mean.",
        lambda w, g, lr, b1, b2, eps: _adagrad(w, g, lr, b1, eps),
    ),
)


def _adagrad(w, grads, lr, b1, eps):
    m = v = np.zeros(np.shape(w))
    for t, g in enumerate(grads, 1):
        m, v = _mean(m, g, b1), v + g * g
        w = w - lr * (m / (1 - b1**t)) / (np.sqrt(v) + eps)
    return w


EXERCISE = Exercise(
    name="adam",
    reference=updated,
    properties=(
        Property("one step", lambda rng: [gradients(rng, (4,), 1)]),
        Property("two steps", lambda rng: [gradients(rng, (4,), 2)]),
        Property("ten steps", lambda rng: [gradients(rng, (4,), 10)]),
        Property("weights with two axes", lambda rng: [gradients(rng, (3, 4), 5)]),
        Property(
            "the usual settings of the book",
            lambda rng: [gradients(rng, (2, 3), 6, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8)],
        ),
    ),
    misconceptions=ADAM_MISTAKES,
    axes=("row", "weight"),
    forbidden=OTHERS_WORK,
    rtol=1e-9,
    atol=1e-12,
)
