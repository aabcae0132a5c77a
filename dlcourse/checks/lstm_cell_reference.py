"""E14 ``lstm_cell``: the reference, with the places where people go wrong."""

from types import SimpleNamespace

import numpy as np

from dlcourse.checks.parts import Mistakes


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gates(g, order="ifgo", candidate=np.tanh, gate=sigmoid, output=sigmoid):
    """i, f, g, o of shape (B, H); ``order`` is that of the columns of the weights."""
    blocks = dict(zip(order, np.split(g.x @ g.Wx + g.h @ g.Wh + g.b, 4, 1), strict=True))
    return SimpleNamespace(
        i=gate(blocks["i"]), f=gate(blocks["f"]), g=candidate(blocks["g"]), o=output(blocks["o"])
    )


def forward(g, cell=lambda v, c: v.f * c + v.i * v.g, hidden=lambda v, c2: v.o * np.tanh(c2), **how):
    """h2, c2; the last arguments are where the mistakes are made."""
    v = gates(g, **how)
    c2 = cell(v, g.c)
    return hidden(v, c2), c2


def slope(y):
    return y * (1 - y)


def gate_gradients(g, /, **inner):
    """da for the four gates, as attributes i, f, g, o, and dc, all that the cell state hears.

    ``inner`` replaces one formula: a function of the values v, dc, and g.
    """
    v = gates(g)
    v.c2 = v.f * g.c + v.i * v.g
    v.t = np.tanh(v.c2)
    formulas = {
        "dc": lambda v, _, g: g.dc + g.dh * v.o * (1 - v.t**2),
        "i": lambda v, dc, g: dc * v.g * slope(v.i),
        "f": lambda v, dc, g: dc * g.c * slope(v.f),
        "g": lambda v, dc, g: dc * v.i * (1 - v.g**2),
        "o": lambda v, dc, g: g.dh * v.t * slope(v.o),
    } | inner
    dc = formulas.pop("dc")(v, None, g)
    return SimpleNamespace(v=v, dc=dc, **{name: formula(v, dc, g) for name, formula in formulas.items()})


def side_by_side(a, order="ifgo"):
    return np.concatenate([getattr(a, name) for name in order], 1)


def results(g, /, **inner):
    """All eight results, with one formula of the backward pass replaced."""
    a = gate_gradients(g, **inner)
    da = side_by_side(a)
    h2 = a.v.o * a.v.t
    return h2, a.v.c2, da @ g.Wx.T, da @ g.Wh.T, a.dc * a.v.f, g.x.T @ da, g.h.T @ da, da.sum(0)


def reference(x, h, c, Wx, Wh, b, dh, dc):
    """E14, in the learner's order of arguments."""
    return results(made.given((x, h, c, Wx, Wh, b, dh, dc)))


made = Mistakes(reference, "h2", "c2", "dx", "dh_prev", "dc_prev", "dWx", "dWh", "db")
