"""E12 ``rnn``: the reference, with the places where people go wrong, and what they write there."""

import numpy as np

from dlcourse.checks.parts import Mistakes


def states(x, h0, Wx, Wh, b, curve=np.tanh):
    """h_t = tanh(x_t Wx + h_{t-1} Wh + b): H (B, T, H)."""
    h, found = h0, []
    for t in range(x.shape[1]):
        h = curve(x[:, t] @ Wx + h @ Wh + b)
        found.append(h)
    return np.stack(found, 1)


def slope_of_tanh(h, a, before):
    """From the value h of tanh; a is its argument, before the state before."""
    return 1 - h * h


def to_the_state_before(da, dh, Wh, t):
    """dh is the gradient of h_t, da that of the argument of its tanh."""
    return da @ Wh.T


def back_through_time(g, slope=slope_of_tanh, back=to_the_state_before, order=reversed):
    """H, the state before each step, da for each step, and what leaves the last round of the loop."""
    H = states(g.x, g.h0, g.Wx, g.Wh, g.b)
    before = np.concatenate([g.h0[:, None], H[:, :-1]], 1)
    a = g.x @ g.Wx + before @ g.Wh + g.b
    da, delta = np.empty_like(H), np.zeros_like(g.h0)
    for t in order(range(g.x.shape[1])):
        dh = g.dH[:, t] + delta
        da[:, t] = dh * slope(H[:, t], a[:, t], before[:, t])
        delta = back(da[:, t], dh, g.Wh, t)
    return H, before, da, delta


def weights(x, before, da):
    return {
        "dWx": np.einsum("bti,bth->ih", x, da),
        "dWh": np.einsum("btg,bth->gh", before, da),
        "db": da.sum((0, 1)),
    }


def results(g, **places):
    H, before, da, delta = back_through_time(g, **places)
    return H, da @ g.Wx.T, delta, *weights(g.x, before, da).values()


def reference(x, h0, Wx, Wh, b, dH):
    """E12, in the learner's order of arguments."""
    return results(made.given((x, h0, Wx, Wh, b, dH)))


made = Mistakes(reference, "H", "dx", "dh0", "dWx", "dWh", "db")


def _forward(sentence, **changed):
    """H of other arguments: ``changed`` maps names to functions of the right ones."""

    def change(H, g):
        given = {"x": g.x, "h0": g.h0, "Wx": g.Wx, "Wh": g.Wh, "b": g.b}
        return states(**(given | {name: f(g) for name, f in changed.items()}))

    return made.one("H", f"H: {sentence}", change)


def _curve(sentence, curve):
    return made.one("H", f"H: {sentence}", lambda H, g: states(g.x, g.h0, g.Wx, g.Wh, g.b, curve))


def _slope(sentence, slope):
    return made.one("dx", sentence, lambda dx, g: back_through_time(g, slope=slope)[2] @ g.Wx.T)


def _back(sentence, back):
    return made.early(sentence, lambda g: results(g, back=back))


def _weight(name, sentence, function):
    """``function(x, state before, da, H)`` is the gradient called ``name``."""

    def change(value, g):
        H, before, da, _ = back_through_time(g)
        return function(g.x, before, da, H)

    return made.one(name, sentence, change)


def _steps_only(name, sentence, part):
    return _weight(name, sentence, lambda x, p, da, H: weights(x[part], p[part], da[part])[name])


def _residual(H, g):
    h, found = g.h0, []
    for t in range(g.x.shape[1]):
        h = h + np.tanh(g.x[:, t] @ g.Wx + h @ g.Wh + g.b)
        found.append(h)
    return np.stack(found, 1)


def _at_most(steps):
    """dx, if the loss of each step reaches ``steps`` steps back."""

    def change(dx, g):
        H, _, da, _ = back_through_time(g)
        da[:] = 0
        for end in range(g.x.shape[1]):
            dh = g.dH[:, end]
            for t in range(end, max(end - steps, -1), -1):
                part = dh * (1 - H[:, t] ** 2)
                da[:, t] += part
                dh = part @ g.Wh.T
        return da @ g.Wx.T

    return change


def _last_steps(steps):
    """dx, if the loop backwards ends after ``steps`` steps."""
    return lambda dx, g: np.where(np.arange(dx.shape[1])[:, None] < dx.shape[1] - steps, 0, dx)


def _pieces(steps):
    """dx, if the gradient is dropped after every ``steps`` steps, counted from the end."""

    def change(dx, g):
        T = g.x.shape[1]
        return results(g, back=lambda da, dh, Wh, t: da @ Wh.T * ((T - t) % steps != 0))[1]

    return change


def _last_state_only(g):
    dH = np.zeros_like(g.dH)
    dH[:, -1] = g.dH[:, -1]
    return reference(g.x, g.h0, g.Wx, g.Wh, g.b, dH)


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


FORWARD = (
    _curve("tanh is missing.", lambda a: a),
    _curve("the curve is tanh, you used the sigmoid.", _sigmoid),
    _curve("the curve is tanh, you used ReLU.", lambda a: np.maximum(a, 0)),
    _forward("h0 is ignored: the first step starts from h0, not from 0.", h0=lambda g: 0 * g.h0),
    _forward("the state before is not used: the term h_{t-1} Wh is missing.", Wh=lambda g: 0 * g.Wh),
    _forward("the input is not used: the term x_t Wx is missing.", Wx=lambda g: 0 * g.Wx),
    _forward("the bias is missing.", b=lambda g: 0 * g.b),
    _forward("the bias is added twice.", b=lambda g: 2 * g.b),
    _forward("Wh is transposed: the state is a row, h_{t-1} Wh.", Wh=lambda g: g.Wh.T),
    _forward("the sequence is read from its end.", x=lambda g: g.x[:, ::-1]),
    _forward("every step reads the first input.", x=lambda g: np.broadcast_to(g.x[:, :1], g.x.shape)),
    made.one(
        "H",
        "H: the sequence is read from its end.",
        lambda H, g: states(g.x[:, ::-1], g.h0, g.Wx, g.Wh, g.b)[:, ::-1],
    ),
    made.one(
        "H",
        "H: every step starts from h0: carry the new state to the next step.",
        lambda H, g: np.tanh(g.x @ g.Wx + (g.h0 @ g.Wh)[:, None] + g.b),
    ),
    made.one("H", "H: the old state is added to the new one; it only enters tanh.", _residual),
    made.one(
        "H",
        "H: every step holds the last state: keep a copy of each one.",
        lambda H, g: np.broadcast_to(H[:, -1:], H.shape),
    ),
    made.one(
        "H",
        "H holds h0 as well: it begins with the state after step 1.",
        lambda H, g: np.concatenate([g.h0[:, None], H], 1),
    ),
    made.one(
        "H",
        "H begins with h0 and lacks the last state: it begins with the state after step 1.",
        lambda H, g: np.concatenate([g.h0[:, None], H[:, :-1]], 1),
    ),
    made.one(
        "H", "H holds the last state only: return the states of all steps, (B, T, H).", lambda H, g: H[:, -1]
    ),
    made.one("H", "H has the time first: the axes are (B, T, H).", lambda H, g: H.swapaxes(0, 1)),
)

TRUNCATED = "you stop after a few steps: that is truncated backpropagation; go back to the first step."
THROUGH_TIME = (
    _back(
        "the gradient of step t+1 does not flow back into step t: dh must add what comes from step t+1.",
        lambda da, dh, Wh, t: 0 * dh,
    ),
    _back("going back multiplies by the transpose of Wh.", lambda da, dh, Wh, t: da @ Wh),
    _back(
        "the gradient goes through Wh without the derivative of tanh: use da, not dh, in dh_prev = da Wh^T.",
        lambda da, dh, Wh, t: dh @ Wh.T,
    ),
    _back("the gradient of the next step skips Wh: dh_prev = da Wh^T.", lambda da, dh, Wh, t: da),
    _back(
        "dh is added to the gradient of the state before: there is no direct path, only the one through Wh.",
        lambda da, dh, Wh, t: da @ Wh.T + dh,
    ),
    _slope("the factor (1-h_t^2), the derivative of tanh, is missing.", lambda h, a, p: 1),
    _slope(
        "the derivative of tanh is 1-h^2 with the state h itself; you took tanh of it once more.",
        lambda h, a, p: 1 - np.tanh(h) ** 2,
    ),
    _slope(
        "the derivative of tanh is 1-tanh(a)^2; you took 1-a^2 of the argument a.", lambda h, a, p: 1 - a**2
    ),
    _slope(
        "you used the derivative of the sigmoid, h(1-h); that of tanh is 1-h^2.", lambda h, a, p: h * (1 - h)
    ),
    _slope("the derivative of tanh is 1-h^2; you forgot the square.", lambda h, a, p: 1 - h),
    _slope("the derivative of step t needs h_t, not the state before it.", lambda h, a, p: 1 - p**2),
    made.early("only the gradient of the last state is used: every step has its own dH_t.", _last_state_only),
    made.early(
        "the loop must run backwards, from the last step to the first.", lambda g: results(g, order=iter)
    ),
    *(
        made.one("dx", TRUNCATED, cut(k))
        for cut, lengths in (
            (_at_most, (2, 3, 4, 5)),
            (_last_steps, (1, 2, 3, 4, 5)),
            (_pieces, (2, 3, 4, 5)),
        )
        for k in lengths
    ),
)

INPUTS = (
    made.one("dx", "dx stands in the order of the loop backwards: turn it round.", lambda dx, g: dx[:, ::-1]),
    made.one("dx", "dx lacks the product with Wx^T: it is da Wx^T.", lambda dx, g: back_through_time(g)[2]),
    made.one("dx", "dx has the time first: the axes are (B, T, I).", lambda dx, g: dx.swapaxes(0, 1)),
    made.one(
        "dx", "dx holds one step only: keep the gradient of every step, (B, T, I).", lambda dx, g: dx[:, 0]
    ),
    made.one("dh0", "dh0 is the gradient that leaves step 1 backwards; it is not 0.", lambda dh0, g: 0 * dh0),
    made.one(
        "dh0",
        "dh0 is the gradient of the argument of tanh in step 1: one more product, with Wh^T.",
        lambda dh0, g: back_through_time(g)[2][:, 0],
    ),
    made.one(
        "dh0",
        "dh0 is the gradient that leaves step 1; you add the dH of step 1 to it.",
        lambda dh0, g: dh0 + g.dH[:, 0],
    ),
    made.one("dh0", "dh0 is summed over the batch: each sequence has its own.", lambda dh0, g: dh0.sum(0)),
)

AVERAGES = (
    ("gradients add up over time, they are not averaged.", lambda d, g: d / g.x.shape[1]),
    ("gradients of the weights add up over the batch, they are not averaged.", lambda d, g: d / len(g.x)),
    (
        "gradients of the weights add up over batch and time, they are not averaged.",
        lambda d, g: d / (len(g.x) * g.x.shape[1]),
    ),
)
PARTS = (
    ("keeps only step 1: add up over the steps with +=.", np.s_[:, :1]),
    ("keeps only the last step: add up over all steps.", np.s_[:, -1:]),
    ("leaves step 1 out, where the state before is h0, not 0.", np.s_[:, 1:]),
    ("uses the first sequence only: add up over the batch.", np.s_[:1]),
    ("uses the last sequence only: add up over the batch.", np.s_[-1:]),
)
WEIGHTS = (
    *(made.one(name, *average) for name in ("dWx", "dWh", "db") for average in AVERAGES),
    *(_steps_only(name, f"{name} {what}", part) for name in ("dWx", "dWh", "db") for what, part in PARTS),
    _weight(
        "dWh",
        "dWh pairs da_t with h_t; it is the state before, h_{t-1}, that was multiplied by Wh.",
        lambda x, p, da, H: np.einsum("btg,bth->gh", H, da),
    ),
    made.one(
        "dWh", "dWh is transposed: it is h_{t-1}^T da_t, of the shape and order of Wh.", lambda d, g: d.T
    ),
    made.one("dWx", "dWx is transposed: it is x_t^T da_t, of shape (I, H).", lambda d, g: d.T),
    *(
        _weight(
            name,
            f"{name} is built with dh; use da, the gradient before tanh.",
            lambda x, p, da, H, name=name: weights(x, p, da / (1 - H**2))[name],
        )
        for name in ("dWx", "dWh", "db")
    ),
    _weight(
        "db", "db still has the axis of the batch: sum over batch and time.", lambda x, p, da, H: da.sum(1)
    ),
    _weight(
        "db", "db still has the axis of the time: sum over batch and time.", lambda x, p, da, H: da.sum(0)
    ),
)

RNN_MISTAKES = (*FORWARD, *THROUGH_TIME, *INPUTS, *WEIGHTS)
