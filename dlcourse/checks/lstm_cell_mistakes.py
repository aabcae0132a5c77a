"""E14 ``lstm_cell``: the mistakes people make."""

import numpy as np

from dlcourse.checks.lstm_cell_reference import (
    forward,
    gate_gradients,
    gates,
    made,
    side_by_side,
    sigmoid,
    slope,
)
from dlcourse.checks.parts import replaced


def _forward(sentence, change=lambda g: g, **how):
    """The forward pass done otherwise; the gradients stay as they are."""
    return made.one("h2", sentence, lambda h2, g: forward(change(g), **how)[0])


def _backward(sentence, **inner):
    """dx with one formula replaced: it is the first result that hears of it."""
    return made.one("dx", sentence, lambda dx, g: side_by_side(gate_gradients(g, **inner)) @ g.Wx.T)


def _more_forget(g):
    H = g.h.shape[1]
    return g.b + np.repeat([0, 1, 0, 0], H)


def _without(gate):
    """The block of one gate is 0."""
    return {gate: lambda v, dc, g: 0 * dc}


FORWARD = (
    *(
        _forward(f"gate order: i, f, g (candidate), o. You read {', '.join(order)}.", order=order)
        for order in ("ifog", "figo", "igfo", "fiog", "iofg", "ofig", "gifo", "oifg", "fogi", "ogfi", "iogf")
    ),
    _forward("h2 = o * tanh(c2), not o * c2.", hidden=lambda v, c2: v.o * c2),
    _forward("h2 = o * tanh(c2): the output gate is missing.", hidden=lambda v, c2: np.tanh(c2)),
    _forward(
        "the output is squashed with the sigmoid: h2 = o * tanh(c2).", hidden=lambda v, c2: v.o * sigmoid(c2)
    ),
    made.one(
        "h2",
        "h2 = o * tanh(c2) with the new cell state; you used the one before.",
        lambda h2, g: gates(g).o * np.tanh(g.c),
    ),
    _forward("h2 = o * tanh(c2): you put tanh round the product.", hidden=lambda v, c2: np.tanh(v.o * c2)),
    _forward(
        "the forget gate is missing: c2 = f * c + i * g (without f it is the LSTM of 1997, f came in 2000).",
        cell=lambda v, c: c + v.i * v.g,
    ),
    _forward("the input gate is missing: c2 = f * c + i * g.", cell=lambda v, c: v.f * c + v.g),
    _forward("the old cell state is missing: c2 = f * c + i * g.", cell=lambda v, c: v.i * v.g),
    _forward(
        "forget and input gate are tied (1 - i in place of f): c2 = f * c + i * g.",
        cell=lambda v, c: (1 - v.i) * c + v.i * v.g,
    ),
    _forward(
        "forget and input gate are tied (1 - f in place of i): c2 = f * c + i * g.",
        cell=lambda v, c: v.f * c + (1 - v.f) * v.g,
    ),
    _forward(
        "an open forget gate keeps: f * c, not (1 - f) * c.", cell=lambda v, c: (1 - v.f) * c + v.i * v.g
    ),
    _forward(
        "the gates are exchanged: f acts on the old cell, i on the candidate.",
        cell=lambda v, c: v.i * c + v.f * v.g,
    ),
    _forward(
        "the cell state is squashed: c2 = f * c + i * g has no tanh.",
        cell=lambda v, c: np.tanh(v.f * c + v.i * v.g),
    ),
    _forward("the candidate g goes through tanh, you used the sigmoid.", candidate=sigmoid),
    _forward("the candidate g goes through tanh; you left it as it is.", candidate=lambda a: a),
    _forward("the gates i and f go through the sigmoid, you used tanh.", gate=np.tanh),
    _forward("i, f and o go through the sigmoid, you used tanh for all.", gate=np.tanh, output=np.tanh),
    _forward("the output gate o goes through the sigmoid, you used tanh.", output=np.tanh),
    _forward(
        "the hard sigmoid is not the sigmoid: 1 / (1 + exp(-a)).",
        gate=lambda a: np.clip(0.2 * a + 0.5, 0, 1),
        output=lambda a: np.clip(0.2 * a + 0.5, 0, 1),
    ),
    _forward("the bias is missing.", replaced(b=lambda g: 0 * g.b)),
    _forward("the bias is added twice.", replaced(b=lambda g: 2 * g.b)),
    _forward(
        "you add 1 to the bias of the forget gate; that belongs to the initialisation, not here.",
        replaced(b=_more_forget),
    ),
    _forward("the term h Wh is missing.", replaced(Wh=lambda g: 0 * g.Wh)),
    _forward("the term x Wx is missing.", replaced(Wx=lambda g: 0 * g.Wx)),
    _forward("the gates look at the cell state (c Wh); they look at h.", replaced(h=lambda g: g.c)),
    made.one("h2", "h2 and c2 are exchanged: return h2 first.", lambda h2, g: forward(g)[1]),
)

CELL_GRADIENT = (
    _backward(
        "the factor 1-tanh(c2)^2, the derivative of tanh, is missing.", dc=lambda v, _, g: g.dc + g.dh * v.o
    ),
    _backward(
        "the derivative of tanh is 1-tanh(c2)^2, not 1-c2^2.",
        dc=lambda v, _, g: g.dc + g.dh * v.o * (1 - v.c2**2),
    ),
    _backward(
        "the derivative is 1-tanh(c2)^2; you took tanh twice.",
        dc=lambda v, _, g: g.dc + g.dh * v.o * (1 - np.tanh(v.t) ** 2),
    ),
    _backward(
        "the derivative is 1-tanh(c2)^2 with the new cell state, you used the old one.",
        dc=lambda v, _, g: g.dc + g.dh * v.o * (1 - np.tanh(g.c) ** 2),
    ),
    _backward(
        "the derivative of tanh is 1-tanh(c2)^2; you used h2 in place of tanh(c2).",
        dc=lambda v, _, g: g.dc + g.dh * v.o * (1 - (v.o * v.t) ** 2),
    ),
    _backward(
        "the derivative of tanh is 1-tanh(c2)^2; you forgot the square.",
        dc=lambda v, _, g: g.dc + g.dh * v.o * (1 - v.t),
    ),
    _backward("the path from h2 to c2 is multiplied by o.", dc=lambda v, _, g: g.dc + g.dh * (1 - v.t**2)),
    _backward(
        "the cell hears dh as well: dc + dh * o * (1-tanh(c2)^2); you used dc alone.", dc=lambda v, _, g: g.dc
    ),
    _backward(
        "the incoming dc is missing: the cell hears dc + dh * o * (1-tanh(c2)^2).",
        dc=lambda v, _, g: g.dh * v.o * (1 - v.t**2),
    ),
    _backward(
        "dc is multiplied by the derivative of tanh too; it arrives at c2 directly.",
        dc=lambda v, _, g: (g.dc + g.dh * v.o) * (1 - v.t**2),
    ),
    _backward(
        "dc is multiplied by o and the derivative of tanh too; it arrives at c2 directly.",
        dc=lambda v, _, g: (g.dc + g.dh) * v.o * (1 - v.t**2),
    ),
)

GATE_GRADIENTS = (
    _backward("d f = dc * c, the cell state before, not c2.", f=lambda v, dc, g: dc * v.c2 * slope(v.f)),
    _backward("d i = dc * g: you multiplied by i itself.", i=lambda v, dc, g: dc * v.i * slope(v.i)),
    _backward(
        "d i = dc * g, with the candidate; you multiplied by c.", i=lambda v, dc, g: dc * g.c * slope(v.i)
    ),
    _backward("d f = dc * c, you multiplied by f itself.", f=lambda v, dc, g: dc * v.f * slope(v.f)),
    _backward("d g = dc * i: the factor i is missing.", g=lambda v, dc, g: dc * (1 - v.g**2)),
    _backward("d g = dc * i, you multiplied by g itself.", g=lambda v, dc, g: dc * v.g * (1 - v.g**2)),
    _backward("d o = dh * tanh(c2), not dh * c2.", o=lambda v, dc, g: g.dh * v.c2 * slope(v.o)),
    _backward("d o = dh * tanh(c2): you used dc.", o=lambda v, dc, g: dc * v.t * slope(v.o)),
    _backward("d o = dh * tanh(c2): you used h2.", o=lambda v, dc, g: g.dh * v.o * v.t * slope(v.o)),
    _backward(
        "the derivative of the sigmoid, i(1-i), is missing for the input gate.", i=lambda v, dc, g: dc * v.g
    ),
    _backward(
        "the derivative of the sigmoid, f(1-f), is missing for the forget gate.", f=lambda v, dc, g: dc * g.c
    ),
    _backward(
        "the derivative of the sigmoid, o(1-o), is missing for the output gate.",
        o=lambda v, dc, g: g.dh * v.t,
    ),
    _backward(
        "the derivative of the sigmoid, y(1-y), is missing for i, f and o.",
        i=lambda v, dc, g: dc * v.g,
        f=lambda v, dc, g: dc * g.c,
        o=lambda v, dc, g: g.dh * v.t,
    ),
    _backward(
        "the derivatives of the gates are all missing: y(1-y) for i, f, o and 1-g^2 for g.",
        i=lambda v, dc, g: dc * v.g,
        f=lambda v, dc, g: dc * g.c,
        g=lambda v, dc, g: dc * v.i,
        o=lambda v, dc, g: g.dh * v.t,
    ),
    _backward("1-g^2, the derivative of the candidate, is missing.", g=lambda v, dc, g: dc * v.i),
    _backward(
        "the candidate is a tanh: its derivative is 1-g^2, you used g(1-g).",
        g=lambda v, dc, g: dc * v.i * slope(v.g),
    ),
    _backward(
        "the gates are sigmoids: their derivative is y(1-y), you used 1-y^2.",
        i=lambda v, dc, g: dc * v.g * (1 - v.i**2),
        f=lambda v, dc, g: dc * g.c * (1 - v.f**2),
        o=lambda v, dc, g: g.dh * v.t * (1 - v.o**2),
    ),
    *(_backward(f"the gradient through {name} is missing.", **_without(name)) for name in "ifgo"),
    made.one(
        "dx",
        "the four blocks of da stand in another order than i, f, g, o.",
        lambda dx, g: side_by_side(gate_gradients(g), "ifog") @ g.Wx.T,
    ),
)


def _da(function):
    return lambda value, g: function(side_by_side(gate_gradients(g)), g)


LAST = (
    made.one("dc_prev", "dc_prev = dc * f: the factor f is missing.", lambda _, g: gate_gradients(g).dc),
    made.one(
        "dc_prev",
        "dc_prev = dc * f with the whole dc, that of h2 included; you used the incoming dc.",
        lambda _, g: g.dc * gates(g).f,
    ),
    made.one(
        "dc_prev", "dc_prev is the incoming dc; it is multiplied by f, and h2 adds to it.", lambda _, g: g.dc
    ),
    made.one("dc_prev", "dc_prev lacks the incoming dc.", lambda d, g: d - g.dc * gates(g).f),
    made.one(
        "dc_prev",
        "dc_prev is multiplied by i; what stays in the cell is f.",
        lambda _, g: gate_gradients(g).dc * gates(g).i,
    ),
    made.one("dh_prev", "dh_prev: there is no direct path from h to h2, you add dh.", lambda d, g: d + g.dh),
    made.one(
        "dh_prev",
        "dh_prev = da Wh^T, you did not transpose the blocks of Wh.",
        _da(lambda da, g: sum(a @ w for a, w in zip(np.split(da, 4, 1), np.split(g.Wh, 4, 1), strict=True))),
    ),
    *(
        made.one(
            name,
            f"{name} is summed over the batch: each sequence has its own.",
            lambda d, g: np.broadcast_to(d.sum(0), d.shape),
        )
        for name in ("dx", "dh_prev", "dc_prev")
    ),
    *(
        made.one(name, f"{name} adds up over the batch, it is not averaged.", lambda d, g: d / len(g.x))
        for name in ("dWx", "dWh", "db")
    ),
    made.one(
        "dWh",
        "dWh pairs da with h2; it is h, the state before, that was multiplied by Wh.",
        _da(lambda da, g: forward(g)[0].T @ da),
    ),
    made.one(
        "dWh",
        "dWh pairs da with the cell state; it is h that was multiplied by Wh.",
        _da(lambda da, g: g.c.T @ da),
    ),
    made.one("dWx", "dWx is transposed: it is x^T da, of shape (I, 4H).", lambda d, g: d.T),
    made.one("dWh", "dWh is transposed: it is h^T da, of shape (H, 4H).", lambda d, g: d.T),
    made.one("db", "db still has the axis of the batch: sum over it.", _da(lambda da, g: da)),
    made.one(
        "db",
        "db has one number for each column of Wx, 4H of them; you summed over the gates as well.",
        lambda d, g: d.reshape(4, -1).sum(0),
    ),
)

LSTM_MISTAKES = (*FORWARD, *CELL_GRADIENT, *GATE_GRADIENTS, *LAST)
