"""LSTM cells for the bug hunt: some are right, the others subtly wrong. All of them still train."""

import numpy as np

from dlcourse.checks.bug_hunt import Hunt
from dlcourse.checks.lstm_cell_reference import (
    forward,
    gate_gradients,
    gates,
    made,
    reference,
    results,
    side_by_side,
)

DH_PREV, DC_PREV, DWX, DWH, DB = range(3, 8)


def _formula(**inner):
    """A cell with one formula of the backward pass replaced."""
    return lambda *a: results(made.given(a), **inner)


def _only(entry, change):
    """A cell with one result changed: ``change(value, *arguments)``."""

    def cell(*a):
        values = list(reference(*a))
        values[entry] = change(values[entry], *a)
        return tuple(values)

    return cell


def _bias(change):
    """A cell whose bias is ``change(b)``; all gradients fit the wrong forward pass, but for db."""
    return lambda x, h, c, Wx, Wh, b, dh, dc: reference(x, h, c, Wx, Wh, change(b), dh, dc)


def _candidate_and_output(b):
    i, f, g, o = np.split(b, 4)
    return np.concatenate([i, f, o, g])


def _one_bias(b):
    return np.repeat(b.reshape(4, -1)[:, 0], len(b) // 4)


def _joined(x, h, c, Wx, Wh, b, dh, dc):
    """Right: one product for x and h, the sigmoid by way of tanh."""
    I = x.shape[1]  # noqa: E741
    v, W = np.hstack([x, h]), np.vstack([Wx, Wh])
    a = v @ W + b
    i, f, g, o = np.split(0.5 * (1 + np.tanh(a / 2)), 4, 1)
    g = np.tanh(np.split(a, 4, 1)[2])
    c2 = i * g + f * c
    t = np.tanh(c2)
    d = dh * o / np.cosh(c2) ** 2 + dc
    da = np.hstack(
        [d * g * (i - i * i), d * c * (f - f * f), d * i * (1 + g) * (1 - g), dh * t * (o - o * o)]
    )
    dv, dW = da @ W.T, v.T @ da
    return o * t, c2, dv[:, :I], dv[:, I:], d * f, dW[:I], dW[I:], np.ones(len(x)) @ da


def _fortran(*a):
    return tuple(np.asfortranarray(v) for v in reference(*a))


def _rounds_otherwise(*a):
    return tuple(v * (1 + 2e-15) for v in reference(*a))


def _never_forgets(*a):
    """c2 = c + i * g, with the gradients of the right formula: with c = 0 nothing is wrong."""
    return *forward(made.given(a), cell=lambda v, c: c + v.i * v.g), *reference(*a)[2:]


def _all_zero(x, h, c, Wx, Wh, b, dh, dc):
    return tuple(np.zeros(v.shape) for v in (h, c, x, h, c, Wx, Wh, b))


def _one_block_at_a_time(d, *a):
    """dh_prev with the blocks of Wh not transposed."""
    g = made.given(a)
    blocks = zip(np.split(side_by_side(gate_gradients(g)), 4, 1), np.split(g.Wh, 4, 1), strict=True)
    return sum(da @ U for da, U in blocks)


def _paired_with_h2(d, *a):
    return reference(*a)[0].T @ side_by_side(gate_gradients(made.given(a)))


def _first_sequence(x, h, c, Wx, Wh, b, dh, dc):
    return reference(x[:1], h[:1], c[:1], Wx, Wh, b, dh[:1], dc[:1])


HUNT = Hunt(
    right={"right": reference, "joined": _joined, "memory": _fortran, "rounding": _rounds_otherwise},
    nonsense=_all_zero,
    faulty={
        "no bias": _bias(lambda b: 0 * b),
        "bias order": _bias(_candidate_and_output),
        "bias twice": _bias(lambda b: 2 * b),
        "shared bias": _bias(_one_bias),
        "h ignored": lambda x, h, c, *rest: reference(x, 0 * h, c, *rest),
        "no forget gate": _never_forgets,
        "dc ignored": _formula(dc=lambda v, _, g: g.dh * v.o * (1 - v.t**2)),
        "dh ignored": _formula(dc=lambda v, _, g: g.dc),
        "df": _formula(f=lambda v, dc, g: dc * v.c2 * v.f * (1 - v.f)),
        "do": _formula(o=lambda v, dc, g: g.dh * v.c2 * v.o * (1 - v.o)),
        "ones": lambda *a: reference(*a[:6], np.full_like(a[6], a[6].mean()), a[7]),
        "dc_prev": _only(DC_PREV, lambda d, *a: d - a[7] * gates(made.given(a)).f),
        "dh_prev": _only(DH_PREV, _one_block_at_a_time),
        "dWh": _only(DWH, _paired_with_h2),
        "dWx mean": _only(DWX, lambda d, x, *_: d / len(x)),
        "db one": _only(DB, lambda d, *a: _first_sequence(*a)[DB]),
        "db gates": _only(DB, lambda d, *_: d * np.repeat([1, 1, 1, 0], len(d) // 4)),
    },
    overlooked={
        "no bias": "a cell that ignores b: a bias of 0, as fresh layers have it, hides that.",
        "bias order": "a cell that reads b in the order i, f, o, g: biases of 0, or all equal, hide that.",
        "bias twice": "a cell that adds b twice: a bias of 0 hides that.",
        "shared bias": "a cell that gives all units the bias of the first: take different biases.",
        "h ignored": "a cell whose gates do not see h: a state of 0, as at the first step, hides that.",
        "no forget gate": "a cell that never forgets: a cell state of 0, as at the first step, hides that.",
        "dc ignored": "a cell that drops the incoming dc: a dc of 0 hides that.",
        "dh ignored": "a cell whose cell state does not hear dh: a dh of 0 hides that.",
        "df": "a cell that uses c2 in place of c for the gradient of f: look at every gradient.",
        "do": "a cell that uses c2 in place of tanh(c2) for the gradient of o: look at every gradient.",
        "ones": "a cell that replaces dh by its mean: a dh of ones hides that.",
        "dc_prev": "a cell that forgets dc in dc_prev: look at dc_prev with dc not 0.",
        "dh_prev": "a cell whose dh_prev does not transpose Wh: look at dh_prev.",
        "dWh": "a cell that pairs dWh with h2 in place of h: look at dWh.",
        "dWx mean": "a cell that divides dWx by the batch size: take several sequences, and look at dWx.",
        "db one": "a cell whose db uses the first sequence only: take several sequences, and look at db.",
        "db gates": "a cell whose db lacks the output gate: look at every entry of db.",
    },
)
