"""E15 ``gru_cell``: the mistakes people make."""

import numpy as np

from dlcourse.checks.gru_cell_reference import backward, forward, gates, made, sigmoid, slope
from dlcourse.checks.parts import replaced


def _forward(sentence, change=lambda g: g, **how):
    return made.one("h2", sentence, lambda h2, g: forward(change(g), **how))


def _backward(sentence, **inner):
    """dx with one formula replaced."""
    return made.one("dx", sentence, lambda dx, g: backward(g, **inner).dp @ g.Wx.T)


def _state(sentence, **inner):
    """dh_prev with one formula replaced."""
    return made.one("dh_prev", sentence, lambda d, g: backward(g, **inner).dh_prev)


def _value(name, sentence, function):
    return made.one(name, sentence, lambda value, g: function(backward(g), g))


def _only_reset(after):
    """For mistakes that can be made in one variant only."""

    def keep(misconception_function):
        def change(value, g):
            if g.reset_after != after:
                raise ValueError("the other variant")
            return misconception_function(value, g)

        return change

    return keep


def _merged(h2, g):
    """bx + bh in front of the reset product, or behind it."""
    H = g.h.shape[1]
    inner, outer = g.bx.copy(), g.bh.copy()
    inner[2 * H :] += g.bh[2 * H :]
    outer[2 * H :] = 0
    return forward(replaced(bx=lambda g: inner, bh=lambda g: outer)(g))


def _all_inside(h2, g):
    H = g.h.shape[1]
    v = gates(g)
    return v.z * g.h + (1 - v.z) * np.tanh((g.x @ g.Wx)[:, 2 * H :] + v.r * (v.u + g.bx[2 * H :]))


def _bias_in_product(h2, g):
    """reset before, with bh inside r * (...)."""
    H = g.h.shape[1]
    v = gates(g)
    n = np.tanh((g.x @ g.Wx + g.bx)[:, 2 * H :] + v.r * g.bh[2 * H :] + (v.r * g.h) @ v.Un)
    return v.z * g.h + (1 - v.z) * n


def _reset_input(h2, g):
    H = g.h.shape[1]
    v = gates(g)
    return v.z * g.h + (1 - v.z) * np.tanh(v.r * (g.x @ g.Wx + g.bx)[:, 2 * H :] + v.u)


def _reset_all(g):
    """The gradients of the three arguments, that of n times r."""
    v = backward(g)
    return np.concatenate([v.az, v.ar, v.an * v.r], 1)


AFTER, BEFORE = _only_reset(True), _only_reset(False)
FORWARD = (
    _forward(
        "you mix with (1-z)*h + z*n (Chung 2014, Paddle); here z keeps the OLD state (Cho 2014, PyTorch).",
        mix=lambda v, h: (1 - v.z) * h + v.z * v.n,
    ),
    _forward(
        "the reset gate is on the wrong side of the matrix product: reset_after=True is r * (h Un + bn), "
        "False is (r * h) Un + bn.",
        replaced(reset_after=lambda g: not g.reset_after),
    ),
    _forward(
        "reset_after is ignored: you always reset after the product.", replaced(reset_after=lambda g: True)
    ),
    _forward(
        "reset_after is ignored: you always reset before the product.", replaced(reset_after=lambda g: False)
    ),
    made.one(
        "h2",
        "bx and bh may not be merged: in the candidate bh is inside the reset product, r * (h Un + bn).",
        AFTER(_merged),
    ),
    made.one(
        "h2",
        "the bias bx of the candidate is outside the reset product, you put it inside.",
        AFTER(_all_inside),
    ),
    made.one(
        "h2", "with reset_after=False the bias bh is not reset: (r * h) Un + bn.", BEFORE(_bias_in_product)
    ),
    _forward("the reset gate is not used.", reset=np.ones_like),
    _forward(
        "the candidate is multiplied by 1-r; r lets the old state through: r * ...", reset=lambda r: 1 - r
    ),
    made.one("h2", "the reset gate acts on the input; it acts on the old state.", _reset_input),
    *(
        _forward(f"gate order: z, r, n. You read {', '.join(order)}.", order=order)
        for order in ("rzn", "znr", "nzr", "rnz", "nrz")
    ),
    _forward("the candidate n is missing: h2 = z*h + (1-z)*n.", mix=lambda v, h: v.z * h),
    _forward("h2 = z*h + (1-z)*n: the old state is missing.", mix=lambda v, h: (1 - v.z) * v.n),
    _forward("h2 = z*h + (1-z)*n: you return the candidate.", mix=lambda v, h: v.n),
    _forward("h2 = z*h + (1-z)*n: the factor 1-z is missing.", mix=lambda v, h: v.z * h + v.n),
    _forward("h2 = z*h + (1-z)*n: the factor z is missing.", mix=lambda v, h: h + (1 - v.z) * v.n),
    _forward("h2 = z*h + (1-z)*n: you mix with r.", mix=lambda v, h: v.r * h + (1 - v.r) * v.n),
    _forward("h2 = z*h + (1-z)*n: no tanh round it.", mix=lambda v, h: np.tanh(v.z * h + (1 - v.z) * v.n)),
    _forward("the candidate goes through tanh, you used the sigmoid.", curve=sigmoid),
    _forward("the candidate goes through tanh; you left it as it is.", curve=lambda a: a),
    _forward("z and r go through the sigmoid, you used tanh.", gate=np.tanh),
    _forward(
        "the hard sigmoid is not the sigmoid: 1 / (1 + exp(-a)).", gate=lambda a: np.clip(0.2 * a + 0.5, 0, 1)
    ),
    _forward("the biases are missing.", replaced(bx=lambda g: 0 * g.bx, bh=lambda g: 0 * g.bh)),
    _forward("the bias bx is missing.", replaced(bx=lambda g: 0 * g.bx)),
    _forward("the bias bh is missing.", replaced(bh=lambda g: 0 * g.bh)),
    _forward(
        "the biases are exchanged: bx belongs to x Wx, bh to h Wh.",
        replaced(bx=lambda g: g.bh, bh=lambda g: g.bx),
    ),
    _forward("the old state is not used in the gates.", replaced(Wh=lambda g: 0 * g.Wh)),
    _forward("the term x Wx is missing.", replaced(Wx=lambda g: 0 * g.Wx)),
)

GATES = (
    _backward("1-n^2, the derivative of the candidate, is missing.", n=lambda v, g: g.dh * (1 - v.z)),
    _backward(
        "the candidate is a tanh: its derivative is 1-n^2, you used n(1-n).",
        n=lambda v, g: g.dh * (1 - v.z) * slope(v.n),
    ),
    _backward(
        "the derivative of tanh is 1-n^2; you took tanh of n once more.",
        n=lambda v, g: g.dh * (1 - v.z) * (1 - np.tanh(v.n) ** 2),
    ),
    _backward("the gradient of n carries 1-z.", n=lambda v, g: g.dh * (1 - v.n**2)),
    _backward("the gradient of n carries 1-z, you used z.", n=lambda v, g: g.dh * v.z * (1 - v.n**2)),
    _backward("the derivative of the sigmoid, z(1-z), is missing for z.", z=lambda v, g: g.dh * (g.h - v.n)),
    _backward(
        "z is a sigmoid: its derivative is z(1-z), you used 1-z^2.",
        z=lambda v, g: g.dh * (g.h - v.n) * (1 - v.z**2),
    ),
    _backward(
        "dz = dh * (h - n): the sign is wrong, z keeps the old state.",
        z=lambda v, g: g.dh * (v.n - g.h) * slope(v.z),
    ),
    _backward("dz = dh * (h - n): the part of n is missing.", z=lambda v, g: g.dh * g.h * slope(v.z)),
    _backward("dz = dh * (h - n): the part of h is missing.", z=lambda v, g: -g.dh * v.n * slope(v.z)),
    _backward("dz = dh * (h - n), you added them.", z=lambda v, g: g.dh * (v.n + g.h) * slope(v.z)),
    _backward("the gradient through the update gate is missing.", z=lambda v, g: 0 * g.dh),
    _backward("the gradient through the reset gate is missing.", r=lambda v, g: 0 * g.dh),
    _backward("the gradient through the candidate is missing.", n=lambda v, g: 0 * g.dh),
    _backward(
        "the derivative of the sigmoid, r(1-r), is missing for r.",
        r=lambda v, g: v.an * v.u if g.reset_after else (v.an @ v.Un.T) * g.h,
    ),
    _backward(
        "the derivatives of the sigmoid, z(1-z) and r(1-r), are missing.",
        z=lambda v, g: g.dh * (g.h - v.n),
        r=lambda v, g: v.an * v.u if g.reset_after else (v.an @ v.Un.T) * g.h,
    ),
    _backward(
        "z and r are sigmoids: their derivative is y(1-y), you used 1-y^2.",
        z=lambda v, g: g.dh * (g.h - v.n) * (1 - v.z**2),
        r=lambda v, g: (v.an * v.u if g.reset_after else (v.an @ v.Un.T) * g.h) * (1 - v.r**2),
    ),
    _backward(
        "r meets h Un + bn (reset_after): you multiplied by h.", r=lambda v, g: v.an * g.h * slope(v.r)
    ),
    _backward(
        "dr = dn * (h Un + bn): the bias bn is missing.", r=lambda v, g: v.an * (g.h @ v.Un) * slope(v.r)
    ),
    _backward(
        "dr: r stands on the other side of the product, see reset_after.",
        r=lambda v, g: ((v.an @ v.Un.T) * g.h if g.reset_after else v.an * v.u) * slope(v.r),
    ),
    _backward(
        "reset_after=False: dr = (dn Un^T) * h, you did not transpose Un.",
        r=lambda v, g: (v.an * v.u if g.reset_after else (v.an @ v.Un) * g.h) * slope(v.r),
    ),
    _backward("dr = dn * (h Un + bn): you used n.", r=lambda v, g: v.an * v.n * slope(v.r)),
)

STATE = (
    _state("dh_prev also has the direct term dh*z.", direct=lambda v, g: 0 * g.dh),
    _state("the direct term of dh_prev is dh*z, you used dh*(1-z).", direct=lambda v, g: g.dh * (1 - v.z)),
    _state("the direct term of dh_prev is dh*z, you used dh.", direct=lambda v, g: g.dh),
    _state("dh_prev lacks the way through the candidate.", through_n=lambda v, g: 0 * g.dh),
    _state(
        "dh_prev: on the way through the candidate the factor r is missing.",
        through_n=lambda v, g: v.an @ v.Un.T,
    ),
    _state(
        "dh_prev: on the way through the candidate r stands on the wrong side of Un^T, see reset_after.",
        through_n=lambda v, g: (v.an @ v.Un.T) * v.r if g.reset_after else (v.an * v.r) @ v.Un.T,
    ),
    _value(
        "dh_prev",
        "dh_prev lacks the ways through z and r.",
        lambda v, g: v.dh_prev - v.az @ v.Uz.T - v.ar @ v.Ur.T,
    ),
    _value("dh_prev", "dh_prev lacks the way through z.", lambda v, g: v.dh_prev - v.az @ v.Uz.T),
    _value("dh_prev", "dh_prev lacks the way through r.", lambda v, g: v.dh_prev - v.ar @ v.Ur.T),
    _value("dh_prev", "dh_prev holds the direct term dh*z only.", lambda v, g: g.dh * v.z),
    _value(
        "dh_prev",
        "dh_prev: the blocks of Wh are not transposed.",
        lambda v, g: (
            g.dh * v.z
            + v.az @ v.Uz
            + v.ar @ v.Ur
            + ((v.an * v.r) @ v.Un if g.reset_after else (v.an @ v.Un) * v.r)
        ),
    ),
    *(
        made.one(
            name,
            f"{name} is summed over the batch: each sequence has its own.",
            lambda d, g: np.broadcast_to(d.sum(0), d.shape),
        )
        for name in ("dx", "dh_prev")
    ),
)

WEIGHTS = (
    *(
        made.one(name, f"{name} adds up over the batch, it is not averaged.", lambda d, g: d / len(g.x))
        for name in ("dWx", "dWh", "dbx", "dbh")
    ),
    made.one(
        "dWh",
        "dWh: the block of n lacks the factor r (reset_after): dUn = h^T (dn * r).",
        AFTER(lambda d, g: g.h.T @ backward(g).dp),
    ),
    made.one(
        "dWh",
        "dWh: with reset_after=False Un was multiplied by r * h: dUn = (r * h)^T dn.",
        BEFORE(lambda d, g: g.h.T @ backward(g).dp),
    ),
    made.one(
        "dWh",
        "dWh: reset_after=False is treated like True: dUn = (r * h)^T dn.",
        BEFORE(lambda d, g: g.h.T @ _reset_all(g)),
    ),
    made.one(
        "dWh",
        "dWh pairs the gradients with h2; it is h, the state before, that was multiplied by Wh.",
        AFTER(lambda d, g: forward(g).T @ backward(g).dq),
    ),
    made.one(
        "dWx",
        "dWx: its block of n carries no factor r.",
        lambda d, g: g.x.T @ _reset_all(g),
    ),
    made.one("dWx", "dWx is transposed: it is x^T da, of shape (I, 3H).", lambda d, g: d.T),
    made.one("dWh", "dWh is transposed: it is h^T da, of shape (H, 3H).", lambda d, g: d.T),
    made.one(
        "dbh",
        "dbh is not dbx: with reset_after the bias bn is inside the reset product, its gradient carries r.",
        AFTER(lambda d, g: backward(g).dp.sum(0)),
    ),
    made.one(
        "dbh",
        "dbh: with reset_after=False the bias bn is not reset, its gradient carries no r.",
        BEFORE(lambda d, g: _reset_all(g).sum(0)),
    ),
    made.one(
        "dbx",
        "dbx: its block of n carries no factor r.",
        lambda d, g: _reset_all(g).sum(0),
    ),
    made.one("dbx", "dbx still has the axis of the batch: sum over it.", lambda d, g: backward(g).dp),
    made.one("dbh", "dbh still has the axis of the batch: sum over it.", lambda d, g: backward(g).dq),
)

GRU_MISTAKES = (*FORWARD, *GATES, *STATE, *WEIGHTS)
