"""E28 ``dropout``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Property, call


def sequences(rng: np.random.Generator, shape: tuple, p: float, train: bool, variant: str) -> Call:
    """x (B, T, D) without zeros, and u of the same shape."""
    x = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
    return call(x, p, rng.uniform(0, 1, shape), train, variant)


def on_the_edge(rng: np.random.Generator, p: float, variant: str) -> Call:
    """A third of u is exactly p: these numbers are kept."""
    shape = (3, 4, 6)
    u = rng.permuted(np.tile([p, p / 2, (1 + p) / 2], 24)).reshape(shape)
    return call(rng.uniform(0.5, 2, shape), p, u, True, variant)


def dropped(x, p, u, train, variant):
    """The reference of E28."""
    return _dropped(x, p, u, train, variant)


def _first_step(u):
    return u[:, :1]


def _dropped(x, p, u, train, variant, **wrong):
    """The keywords are for mistakes."""
    if not train:
        return wrong.get("test", lambda x, p: x.copy())(x, p)
    own = wrong.get("plain", lambda u: u)
    u = wrong.get("shared", _first_step)(u) if variant == "recurrent" else own(u)
    keep = wrong.get("keep", lambda u, p: u >= p)(u, p)
    return wrong.get("scaled", lambda x, keep, p: x * keep / (1 - p))(x, keep, p)


def _with(**wrong):
    return lambda *a: _dropped(*a, **wrong)


DROPOUT_MISTAKES = (
    Misconception(
        "a number is dropped where u < p; where u equals p it is kept.", _with(keep=lambda u, p: u > p)
    ),
    Misconception(
        "divide by 1-p in training (inverted dropout), otherwise the scale changes at test time.",
        _with(scaled=lambda x, keep, p: x * keep),
    ),
    Misconception(
        "divide by 1-p in training; you multiply by it.",
        _with(scaled=lambda x, keep, p: x * keep * (1 - p)),
    ),
    Misconception(
        "divide by 1-p, the share that is kept, not by p.", _with(scaled=lambda x, keep, p: x * keep / p)
    ),
    Misconception(
        "divide by 1-p, not by the share that happened to be kept.",
        _with(scaled=lambda x, keep, p: x * keep / np.broadcast_to(keep, x.shape).mean()),
    ),
    Misconception(
        "only what is kept is divided by 1-p; what is dropped is 0.",
        _with(scaled=lambda x, keep, p: np.where(keep, x / (1 - p), x)),
    ),
    Misconception(
        "you keep where u < p: drop there.",
        _with(keep=lambda u, p: u < p),
    ),
    Misconception(
        "you keep where u < p and divide by p: p is the share that is dropped.",
        _with(keep=lambda u, p: u < p, scaled=lambda x, keep, p: x * keep / p),
    ),
    Misconception(
        "p is the probability to drop; you drop where u < 1-p.",
        _with(keep=lambda u, p: u >= 1 - p),
    ),
    Misconception(
        "p is the share that is dropped; you compare u with 1/2.",
        _with(keep=lambda u, p: u >= 0.5),
    ),
    Misconception(
        "you return the mask; multiply x by it.", _with(scaled=lambda x, keep, p: keep / (1 - p) + 0 * x)
    ),
    Misconception(
        "u decides what is dropped; it is no factor.",
        _with(keep=lambda u, p: u * (u >= p)),
    ),
    Misconception("nothing is dropped in training.", _with(scaled=lambda x, keep, p: x.copy())),
    Misconception(
        "nothing is dropped: you only divide by 1-p.", _with(scaled=lambda x, keep, p: x / (1 - p))
    ),
    Misconception(
        "with inverted dropout the test pass is the identity; you scale by 1-p there.",
        _with(test=lambda x, p: x * (1 - p)),
    ),
    Misconception(
        "with inverted dropout the test pass is the identity; you divide by 1-p there.",
        _with(test=lambda x, p: x / (1 - p)),
    ),
    Misconception("with train=False nothing is dropped: train is ignored.", lambda *a: _always(*a)),
    Misconception("train is read the wrong way round.", lambda x, p, u, t, v: dropped(x, p, u, not t, v)),
    Misconception("with train=False the result is x, not 0.", _with(test=lambda x, p: 0 * x)),
    Misconception(
        'variant="recurrent" has no effect: each sequence has one mask for all its time steps.',
        _with(shared=lambda u: u),
    ),
    Misconception(
        "one mask for the whole batch: each sequence has its own.", _with(shared=lambda u: u[:1, :1])
    ),
    Misconception(
        "you share the mask over the batch; it is shared over time.", _with(shared=lambda u: u[:1])
    ),
    Misconception(
        "you share the mask over the features; it is shared over time.",
        _with(shared=lambda u: u[:, :, :1]),
    ),
    Misconception(
        "each feature has its own entry in the mask of a sequence; you drop whole sequences.",
        _with(shared=lambda u: u[:, :1, :1]),
    ),
    Misconception(
        "the mask comes from the first time step of u, not from the last.", _with(shared=lambda u: u[:, -1:])
    ),
    Misconception(
        "the mask comes from the first time step of u, not from the mean over time.",
        _with(shared=lambda u: u.mean(1, keepdims=True)),
    ),
    Misconception(
        "the mask is drawn once; you multiply the masks of all steps so far.",
        _with(
            keep=lambda u, p: u >= p,
            shared=lambda u: np.minimum.accumulate(u, 1),
        ),
    ),
    Misconception(
        "a unit is dropped where u < p in the first step, not where it is in any step.",
        _with(shared=lambda u: u.min(1, keepdims=True)),
    ),
    Misconception(
        'variant="plain" draws a new mask in every time step; you share one over time.',
        _with(plain=_first_step),
    ),
    Misconception("the two variants are exchanged.", _with(plain=_first_step, shared=lambda u: u)),
    Misconception(
        "only the first time step is dropped; its mask holds for all of them.",
        lambda x, p, u, t, v: _first_only(x, p, u, t, v),
    ),
)


def _always(x, p, u, train, variant):
    return dropped(x, p, u, True, variant)


def _first_only(x, p, u, train, variant):
    y = dropped(x, p, u, train, variant)
    if variant == "recurrent":
        y[:, 1:] = x[:, 1:]
    return y


EXERCISE = Exercise(
    name="dropout",
    reference=dropped,
    properties=(
        Property(
            "half of the units, in training", lambda rng: [sequences(rng, (2, 3, 4), 0.5, True, "plain")]
        ),
        Property("p = 0.2 in training", lambda rng: [sequences(rng, (3, 4, 5), 0.2, True, "plain")]),
        Property("the test pass", lambda rng: [sequences(rng, (2, 3, 4), 0.3, False, "plain")]),
        Property(
            "one mask for all time steps", lambda rng: [sequences(rng, (3, 4, 5), 0.4, True, "recurrent")]
        ),
        Property(
            "the test pass of the recurrent variant",
            lambda rng: [sequences(rng, (2, 4, 3), 0.4, False, "recurrent")],
            0.5,
        ),
    ),
    misconceptions=DROPOUT_MISTAKES,
    axes=("sequence", "time step", "feature"),
    forbidden=OTHERS_WORK,
)
