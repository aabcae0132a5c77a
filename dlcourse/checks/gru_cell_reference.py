"""E15 ``gru_cell``: the reference, with the places where people go wrong."""

from types import SimpleNamespace

import numpy as np

from dlcourse.checks.parts import Mistakes


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gates(g, order="zrn", gate=sigmoid, curve=np.tanh, reset=lambda r: r):
    """z, r, n of shape (B, H), and u, what the reset gate acts on (reset_after)."""
    p = g.x @ g.Wx + g.bx
    z, r, n = (dict(zip(order, np.split(p, 3, 1), strict=True))[name] for name in "zrn")
    Uz, Ur, Un = (dict(zip(order, np.split(g.Wh, 3, 1), strict=True))[name] for name in "zrn")
    bz, br, bn = (dict(zip(order, np.split(g.bh, 3), strict=True))[name] for name in "zrn")
    z, r = gate(z + g.h @ Uz + bz), gate(r + g.h @ Ur + br)
    u = g.h @ Un + bn
    s = reset(r)
    n = curve(n + (s * u if g.reset_after else (s * g.h) @ Un + bn))
    return SimpleNamespace(z=z, r=r, n=n, u=u, Uz=Uz, Ur=Ur, Un=Un)


def forward(g, mix=lambda v, h: v.z * h + (1 - v.z) * v.n, **how):
    """h2; the last arguments are where the mistakes are made."""
    return mix(gates(g, **how), g.h)


def slope(y):
    return y * (1 - y)


def backward(g, /, **inner):
    """The gradients of the arguments of z, r, n, and all that follows; ``inner`` replaces one formula."""
    v = gates(g)
    f = {
        "n": lambda v, g: g.dh * (1 - v.z) * (1 - v.n**2),
        "z": lambda v, g: g.dh * (g.h - v.n) * slope(v.z),
        "r": lambda v, g: (v.an * v.u if g.reset_after else (v.an @ v.Un.T) * g.h) * slope(v.r),
        "direct": lambda v, g: g.dh * v.z,
        "through_n": lambda v, g: (v.an * v.r) @ v.Un.T if g.reset_after else (v.an @ v.Un.T) * v.r,
    } | inner
    v.an = f["n"](v, g)
    v.az, v.ar = f["z"](v, g), f["r"](v, g)
    # The gradient of what is added to x Wx, and of h Wh + bh: they differ in n if the reset comes after.
    v.dp = np.concatenate([v.az, v.ar, v.an], 1)
    v.dq = np.concatenate([v.az, v.ar, v.an * v.r if g.reset_after else v.an], 1)
    v.dh_prev = f["direct"](v, g) + f["through_n"](v, g) + v.az @ v.Uz.T + v.ar @ v.Ur.T
    return v


def _dWh(v, g):
    if g.reset_after:
        return g.h.T @ v.dq
    return np.concatenate([g.h.T @ v.az, g.h.T @ v.ar, (v.r * g.h).T @ v.an], 1)


def reference(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
    """E15, in the learner's order of arguments."""
    g = made.given((x, h, Wx, Wh, bx, bh, dh, reset_after))
    v = backward(g)
    return forward(g), v.dp @ Wx.T, v.dh_prev, x.T @ v.dp, _dWh(v, g), v.dp.sum(0), v.dq.sum(0)


made = Mistakes(reference, "h2", "dx", "dh_prev", "dWx", "dWh", "dbx", "dbh")
