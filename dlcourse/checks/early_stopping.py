"""E34 ``early_stopping``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import OTHERS_WORK, Exercise, Misconception, Output, Property, call

SETTINGS = ((12, 2, 4), (14, 3, 5), (10, 2, 3))  # epochs, patience, the best epoch seen


def curves(rng: np.random.Generator, epochs: int, patience: int, best: int, **how):
    """A validation curve that falls with a bump, is at its best in epoch ``best``, and falls lower again
    after the run has stopped; a test curve that is best elsewhere. ``gap`` > 0: a NaN behind the best."""
    valid = 2 - np.sort(rng.uniform(0, 1, best + 1)) - 0.1 * np.arange(best + 1)
    if best > 1:  # a rise on the way, shorter than the patience if that is possible
        valid[best - 1] = valid[best - 2] + rng.uniform(0.02, 0.08) * (1 if patience > 1 else -0.1)
    later = valid[best] + rng.uniform(0.2, 0.6, epochs - best - 1)
    later[:patience] = valid[best] + np.sort(rng.uniform(0.05, 0.5, len(later[:patience])))[::-1]
    if how.get("lower_later", True):
        later[patience:] = valid[best] - rng.uniform(0.1, 0.4, len(later[patience:]))
    if how.get("tie"):
        later[0] = valid[best]
    if how.get("nan"):
        later[0] = np.nan
    valid = np.concatenate([valid, later])
    return call(valid, rng.uniform(0.4, 2, epochs), patience)


def improving(rng: np.random.Generator, epochs: int, patience: int):
    """A curve that improves to the end, or nearly: the patience never runs out."""
    valid = np.sort(rng.uniform(0.5, 2, epochs))[::-1].copy()
    return call(valid, rng.uniform(0.4, 2, epochs), patience)


def one_epoch(rng: np.random.Generator):
    """A run that was broken off at once."""
    return call(rng.uniform(0.5, 2, 1), rng.uniform(0.4, 2, 1), 2)


def stopped(valid, test, patience):
    """The reference of E34."""
    return _stopped(valid, test, patience)


def _stopped(valid, test, patience, better=lambda new, best, last: new < best, limit=0, **wrong):
    best, lowest, waited, last = 0, np.inf, 0, np.inf
    for epoch, loss in enumerate(valid):
        if better(loss, lowest, last):
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        last = loss
        if waited >= patience + limit:
            break
    return best, epoch, test[best]


def _with(**wrong):
    return lambda v, t, p: _stopped(v, t, p, **wrong)


def _changed(change):
    """``change(best, stop, result, valid, test)`` of the right values."""
    return lambda v, t, p: change(*stopped(v, t, p), v, t)


def _counted_in_all(valid, test, patience):
    """Epochs without improvement are counted in total, not in a row."""
    best, lowest, waited = 0, np.inf, 0
    for epoch, loss in enumerate(valid):
        if loss < lowest:
            best, lowest = epoch, loss
        else:
            waited += 1
        if waited >= patience:
            break
    return best, epoch, test[best]


EARLY_MISTAKES = (
    Misconception(
        "the run goes on too long by one epoch: it ends when patience epochs in a row brought nothing.",
        _with(limit=1),
    ),
    Misconception(
        "the run ends one epoch too early: patience epochs in a row may bring nothing.",
        lambda v, t, p: _stopped(v, t, p, limit=-1) if p > 1 else _nothing(),
    ),
    Misconception(
        "compare with the best loss so far, not with that of the last epoch.",
        _with(better=lambda new, best, last: new < last),
    ),
    Misconception(
        "the loss should fall: you take rising values as better.",
        _with(better=lambda new, best, last: new > best or best == np.inf),
    ),
    Misconception(
        "an equal loss is no improvement: < instead of <=.", _with(better=lambda new, best, last: new <= best)
    ),
    Misconception(
        "a NaN is no improvement: NaN < best is False, but not (NaN >= best) is True.",
        _with(better=lambda new, best, last: not new >= best),
    ),
    Misconception(
        "the count begins anew with every improvement: patience counts epochs in a row.", _counted_in_all
    ),
    Misconception(
        "the whole curve is used: epochs after the stop never happened.",
        lambda v, t, p: (int(np.nanargmin(v)), stopped(v, t, p)[1], t[int(np.nanargmin(v))]),
    ),
    Misconception("patience is ignored: the run does not stop.", lambda v, t, p: stopped(v, t, len(v) + 1)),
    Misconception(
        "the test set must not choose anything: you stop and choose by the test curve.",
        lambda v, t, p: stopped(t, t, p),
    ),
    Misconception(
        "the test set must not choose the epoch: best is the one with the lowest validation loss.",
        _changed(lambda b, s, r, v, t: (int(np.argmin(t[: s + 1])), s, t[: s + 1].min())),
    ),
    Misconception(
        "result is the test loss of the best epoch; the lowest test loss is chosen by the test set.",
        _changed(lambda b, s, r, v, t: (b, s, t[: s + 1].min())),
    ),
    Misconception(
        "result is the test loss of the best epoch; the lowest test loss is chosen by the test set.",
        _changed(lambda b, s, r, v, t: (b, s, t.min())),
    ),
    Misconception(
        "result is the test loss of the best epoch, not of the last one that ran.",
        _changed(lambda b, s, r, v, t: (b, s, t[s])),
    ),
    Misconception(
        "result is the test loss of the best epoch, not of the end of the curve.",
        _changed(lambda b, s, r, v, t: (b, s, t[-1])),
    ),
    Misconception(
        "result is a test loss; you return the validation loss, by which the epoch was chosen.",
        _changed(lambda b, s, r, v, t: (b, s, v[b])),
    ),
    Misconception(
        "best is the epoch with the lowest validation loss; you return the last one that ran.",
        _changed(lambda b, s, r, v, t: (s, s, t[s])),
    ),
    Misconception("best and stop are exchanged.", _changed(lambda b, s, r, v, t: (s, b, r))),
    Misconception(
        "epochs are counted from 0; yours are counted from 1.",
        _changed(lambda b, s, r, v, t: (b + 1, s + 1, r)),
    ),
    Misconception(
        "stop is the last epoch that ran; you return how many ran.",
        _changed(lambda b, s, r, v, t: (b, s + 1, r)),
    ),
    Misconception(
        "stop is the last epoch that ran; yours is the number of epochs since the best.",
        _changed(lambda b, s, r, v, t: (b, s - b, r)),
    ),
    Misconception(
        "stop is one epoch before the last that ran.", _changed(lambda b, s, r, v, t: (b, s - 1, r))
    ),
    Misconception(
        "best is off by one: it is the epoch before the losses rise.",
        lambda v, t, p: (stopped(v, t, p)[0] + 1, stopped(v, t, p)[1], t[stopped(v, t, p)[0] + 1]),
    ),
)


def _nothing():
    raise ValueError("not on this input")


def _all_settings(rng, **how):
    return [curves(rng, *setting, **how) for setting in SETTINGS]


EXERCISE = Exercise(
    name="early_stopping",
    reference=stopped,
    properties=(
        Property("the patience runs out", lambda rng: _all_settings(rng, lower_later=False)),
        Property("the curve would fall again later", _all_settings),
        Property("the curve falls to the end", lambda rng: [improving(rng, 6, 2)]),
        Property("a curve that breaks off", lambda rng: [curves(rng, 7, 4, 4)]),
    ),
    misconceptions=EARLY_MISTAKES,
    outputs=(Output("best", dtype="int"), Output("stop", dtype="int"), Output("result")),
    forbidden=OTHERS_WORK,
)
