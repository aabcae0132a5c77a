"""E34 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def counter(valid, test, patience):
    best, waited = 0, 0
    for epoch in range(1, len(valid)):
        if valid[epoch] < valid[best]:
            best, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best, epoch, test[best]
    return best, len(valid) - 1, test[best]


def running_minimum(valid, test, patience: int) -> tuple[int, int, float]:
    lowest = np.fmin.accumulate(valid)
    best = [int(np.flatnonzero(valid[: e + 1] == lowest[e])[0]) for e in range(len(valid))]
    late = [e for e in range(len(valid)) if e - best[e] >= patience]
    stop = late[0] if late else len(valid) - 1
    return best[stop], stop, float(test[best[stop]])


def while_loop(valid, test, patience):
    record = {"epoch": -1, "loss": float("inf")}
    epoch = 0
    while epoch < len(valid):
        if float(valid[epoch]) < record["loss"]:
            record = {"epoch": epoch, "loss": float(valid[epoch])}
        if epoch - record["epoch"] >= patience:
            break
        epoch += 1
    return [record["epoch"], min(epoch, len(valid) - 1), test[record["epoch"]]]


def from_the_end(valid, test, patience):
    """The first epoch whose next ``patience`` losses are all no better."""
    clean = np.where(np.isnan(valid), np.inf, valid)
    for e in range(len(clean)):
        is_record = e == 0 or clean[e] < clean[:e].min()
        if is_record and e + patience < len(clean) and clean[e + 1 : e + 1 + patience].min() >= clean[e]:
            return e, e + patience, test[e]
    best = int(clean.argmin())
    return best, len(clean) - 1, test[best]


CORRECT = [counter, running_minimum, while_loop, from_the_end]


def _variant(better=lambda new, best, last: new < best, extra=0, reset=True):
    def wrong(valid, test, patience):
        best, waited = 0, 0
        for e in range(1, len(valid)):
            if better(valid[e], valid[best], valid[e - 1]):
                best = e
                waited = 0 if reset else waited
            else:
                waited += 1
            if waited >= patience + extra:
                return best, e, test[best]
        return best, len(valid) - 1, test[best]

    return wrong


def _after(change):
    return lambda v, t, p: change(*counter(v, t, p), v, t)


def in_place(valid, test, patience):
    result = counter(valid, test, patience)
    valid[:] = np.minimum.accumulate(valid)
    return result


def argmin_of_all(valid, test, patience):
    best = int(np.nanargmin(valid))
    return best, counter(valid, test, patience)[1], test[best]


def looks_back_from_the_second(valid, test, patience):
    best, epoch = 1, 0
    while epoch < len(valid):
        if valid[epoch] < valid[best]:
            best = epoch
        elif epoch - best >= patience:
            break
        epoch += 1
    return best, min(epoch, len(valid) - 1), test[best]


WRONG = {
    "begins with the second": (looks_back_from_the_second, "it raised IndexError"),
    "too long": (_variant(extra=1), "too long by one epoch"),
    "too early": (_variant(extra=-1), "one epoch too early"),
    "last instead of best": (_variant(lambda new, best, last: new < last), "not with that of the last epoch"),
    "larger is better": (_variant(lambda new, best, last: new > best), "rising values"),
    "equal": (_variant(lambda new, best, last: new <= best), "an equal loss is no improvement"),
    "NaN": (_variant(lambda new, best, last: not new >= best), "a NaN is no improvement"),
    "in total": (_variant(reset=False), "begins anew"),
    "whole curve": (argmin_of_all, "never happened"),
    "never stops": (lambda v, t, p: counter(v, t, 10**6), "patience is ignored"),
    "by the test set": (lambda v, t, p: counter(t, t, p), "stop and choose by the test curve"),
    "best by the test set": (
        _after(lambda b, s, r, v, t: (int(t[: s + 1].argmin()), s, t[: s + 1].min())),
        "must not choose the epoch",
    ),
    "lowest test loss": (
        _after(lambda b, s, r, v, t: (b, s, t[: s + 1].min())),
        "the lowest test loss is chosen",
    ),
    "lowest test loss of all": (
        _after(lambda b, s, r, v, t: (b, s, min(t))),
        "the lowest test loss is chosen",
    ),
    "test loss at the stop": (_after(lambda b, s, r, v, t: (b, s, t[s])), "not of the last one that ran"),
    "last test loss": (_after(lambda b, s, r, v, t: (b, s, t[-1])), "not of the end of the curve"),
    "validation loss": (_after(lambda b, s, r, v, t: (b, s, v[b])), "you return the validation loss"),
    "last epoch": (_after(lambda b, s, r, v, t: (s, s, t[s])), "you return the last one that ran"),
    "exchanged": (_after(lambda b, s, r, v, t: (s, b, r)), "best and stop are exchanged"),
    "from 1": (_after(lambda b, s, r, v, t: (b + 1, s + 1, r)), "counted from 1"),
    "count": (_after(lambda b, s, r, v, t: (b, s + 1, r)), "how many ran"),
    "since the best": (_after(lambda b, s, r, v, t: (b, s - b, r)), "since the best"),
    "stop too small": (_after(lambda b, s, r, v, t: (b, s - 1, r)), "one epoch before"),
    "changes the curve": (in_place, "changes its input array valid"),
    "best only": (_after(lambda b, s, r, v, t: b), "values: best, stop, result"),
    "floats": (_after(lambda b, s, r, v, t: (float(b), float(s), r)), "integers are asked for"),
}
