"""E12 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def step_by_step(x, h0, Wx, Wh, b, dH):
    B, T, _ = x.shape
    H = np.zeros((B, T, len(b)))
    h = h0
    for t in range(T):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        H[:, t] = h
    dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    dh_next = np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        da = (dH[:, t] + dh_next) * (1 - H[:, t] ** 2)
        dx[:, t] = da @ Wx.T
        dWx += x[:, t].T @ da
        dWh += (H[:, t - 1] if t > 0 else h0).T @ da
        db += da.sum(axis=0)
        dh_next = da @ Wh.T
    return H, dx, dh_next, dWx, dWh, db


def stacked(x, h0, Wx, Wh, b, dH):
    """One product for each weight; time first inside."""
    xs, steps = np.swapaxes(x, 0, 1), x.shape[1]
    all_h = np.empty((steps + 1, *h0.shape))
    all_h[0] = h0
    inputs = xs @ Wx + b
    for t in range(steps):
        all_h[t + 1] = np.tanh(inputs[t] + all_h[t] @ Wh)
    da = np.empty_like(all_h[1:])
    carry = 0
    for t in reversed(range(steps)):
        da[t] = (dH[:, t] + carry) * (1 - all_h[t + 1] ** 2)
        carry = da[t] @ Wh.T
    flat = da.reshape(-1, da.shape[-1])
    dWx = xs.reshape(-1, x.shape[-1]).T @ flat
    dWh = all_h[:-1].reshape(-1, flat.shape[1]).T @ flat
    dx = (da @ Wx.T).swapaxes(0, 1)
    return all_h[1:].swapaxes(0, 1), dx, carry, dWx, dWh, flat.sum(0)


def one_matrix(x, h0, Wx, Wh, b, dH):
    """[x_t, h] times both weights below each other; lists; einsum."""
    W = np.vstack([Wx, Wh])
    n_in = Wx.shape[0]
    hidden, joined = [h0], []
    for x_t in x.transpose(1, 0, 2):
        joined.append(np.concatenate([x_t, hidden[-1]], axis=-1))
        hidden.append(np.tanh(joined[-1] @ W + b))
    dW, db, dxs, dh = 0.0, 0.0, [], np.zeros_like(h0)
    for t, (v, h) in reversed(list(enumerate(zip(joined, hidden[1:], strict=True)))):
        delta = (dH[:, t] + dh) * (1 - np.square(h))
        dW = dW + np.einsum("bi,bj->ij", v, delta)
        db = db + delta.sum(0)
        dv = np.einsum("bj,ij->bi", delta, W)
        dxs.insert(0, dv[:, :n_in])
        dh = dv[:, n_in:]
    return [np.stack(hidden[1:], axis=1), np.stack(dxs, axis=1), dh, dW[:n_in], dW[n_in:], db]


def recursive(x, h0, Wx, Wh, b, dH):
    """The first step, then the rest of the sequence by itself."""
    if x.shape[1] == 0:
        return (
            np.zeros((len(x), 0, len(b))),
            np.zeros_like(x),
            np.zeros_like(h0),
            *map(np.zeros_like, (Wx, Wh, b)),
        )
    h = np.tanh(x[:, 0] @ Wx + h0 @ Wh + b)
    H, dx, dh, dWx, dWh, db = recursive(x[:, 1:], h, Wx, Wh, b, dH[:, 1:])
    da = (dh + dH[:, 0]) * (1 - h**2)
    return (
        np.concatenate([h[:, None], H], 1),
        np.concatenate([(da @ Wx.T)[:, None], dx], 1),
        da @ Wh.T,
        dWx + x[:, 0].T @ da,
        dWh + h0.T @ da,
        db + da.sum(0),
    )


CORRECT = [step_by_step, stacked, one_matrix, recursive]


def variant(
    curve=np.tanh,
    slope=lambda h, a, before: 1 - h**2,
    back=lambda da, dh, Wh: da @ Wh.T,
    before=lambda h, h0, last: last,
    steps=None,
    keep=lambda grad, new: grad + new,
    start=lambda h0: h0,
    finish=lambda *values: values,
):
    """``step_by_step`` with one place changed."""

    def rnn(x, h0, Wx, Wh, b, dH):
        B, T, _ = x.shape
        h = start(h0)
        H, a, previous = (np.zeros((B, T, len(b))) for _ in range(3))
        for t in range(T):
            previous[:, t] = h
            a[:, t] = x[:, t] @ Wx + h @ Wh + b
            h = H[:, t] = curve(a[:, t])
        dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
        dh_next = np.zeros_like(h0)
        for t in list(range(T))[::-1][:steps]:
            dh = dH[:, t] + dh_next
            da = dh * slope(H[:, t], a[:, t], previous[:, t])
            dx[:, t] = da @ Wx.T
            dWx = keep(dWx, x[:, t].T @ da)
            dWh = keep(dWh, before(H[:, t], h0, previous[:, t]).T @ da)
            db = keep(db, da.sum(axis=0))
            dh_next = back(da, dh, Wh)
        return finish(H, dx, dh_next, dWx, dWh, db)

    return rnn


def every_step_from_h0(x, h0, Wx, Wh, b, dH):
    H = np.stack([np.tanh(x[:, t] @ Wx + h0 @ Wh + b) for t in range(x.shape[1])], 1)
    return (H, *step_by_step(x, h0, Wx, Wh, b, dH)[1:])


def same_array_in_the_list(x, h0, Wx, Wh, b, dH):
    h, found = h0.copy(), []
    for t in range(x.shape[1]):
        h[:] = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        found.append(h)
    return (np.stack(found, 1), *step_by_step(x, h0, Wx, Wh, b, dH)[1:])


def appended_backwards(x, h0, Wx, Wh, b, dH):
    H, dx, *rest = step_by_step(x, h0, Wx, Wh, b, dH)
    return H, np.stack([dx[:, t] for t in reversed(range(x.shape[1]))], 1), *rest


def only_forward(x, h0, Wx, Wh, b, dH):
    H = step_by_step(x, h0, Wx, Wh, b, dH)[0]
    return H, *map(np.zeros_like, (x, h0, Wx, Wh, b))


def two_mistakes(x, h0, Wx, Wh, b, dH):
    return variant(slope=lambda h, a, p: 1, keep=lambda g, new: g + new / len(x))(x, h0, Wx, Wh, b, dH)


def overwrites_h0(x, h0, Wx, Wh, b, dH):
    values = step_by_step(x, h0, Wx, Wh, b, dH)
    h0[:] = values[0][:, -1]
    return values


def torch_does_it(x, h0, Wx, Wh, b, dH):
    import torch

    x, h0, Wx, Wh, b = (torch.tensor(v, requires_grad=True) for v in (x, h0, Wx, Wh, b))
    h, found = h0, []
    for x_t in x.unbind(1):
        h = torch.tanh(x_t @ Wx + h @ Wh + b)
        found.append(h)
    H = torch.stack(found, 1)
    gradients = torch.autograd.grad(H, (x, h0, Wx, Wh, b), torch.tensor(dH))
    return H.detach().numpy(), *(g.numpy() for g in gradients)


WRONG = {
    "no tanh": (variant(curve=lambda a: a), "tanh is missing"),
    "sigmoid": (variant(curve=lambda a: 1 / (1 + np.exp(-a)), slope=lambda h, a, p: h * (1 - h)), "sigmoid"),
    "relu": (variant(curve=lambda a: np.maximum(a, 0), slope=lambda h, a, p: h > 0), "ReLU"),
    "h0 ignored": (variant(start=np.zeros_like), "h0 is ignored"),
    "state not carried": (every_step_from_h0, "every step starts from h0"),
    "Wh transposed forward": (
        lambda x, h0, Wx, Wh, b, dH: step_by_step(x, h0, Wx, Wh.T, b, dH),
        "Wh is transposed",
    ),
    "no bias": (lambda x, h0, Wx, Wh, b, dH: step_by_step(x, h0, Wx, Wh, 0 * b, dH), "bias is missing"),
    "one array for all": (same_array_in_the_list, "keep a copy of each one"),
    "h0 in H": (
        variant(finish=lambda H, dx, dh0, *w: (np.concatenate([dh0[:, None], H], 1), dx, dh0, *w)),
        "1 step too many",
    ),
    "time first": (variant(finish=lambda H, dx, *w: (H.swapaxes(0, 1), dx, *w)), "time first"),
    "only forward": (only_forward, "every value is 0"),
    "no recursion": (variant(back=lambda da, dh, Wh: 0 * dh), "does not flow back into step t"),
    "no derivative": (variant(slope=lambda h, a, p: 1), "derivative of tanh, is missing"),
    "tanh twice": (variant(slope=lambda h, a, p: 1 - np.tanh(h) ** 2), "tanh of it once more"),
    "argument": (variant(slope=lambda h, a, p: 1 - a**2), "1-a^2 of the argument"),
    "sigmoid's derivative": (variant(slope=lambda h, a, p: h * (1 - h)), "derivative of the sigmoid"),
    "no square": (variant(slope=lambda h, a, p: 1 - h), "forgot the square"),
    "derivative of the state before": (variant(slope=lambda h, a, p: 1 - p**2), "not the state before it"),
    "stops after three steps": (variant(steps=3), "truncated backpropagation"),
    "Wh not transposed": (variant(back=lambda da, dh, Wh: da @ Wh), "transpose of Wh"),
    "dh through Wh": (variant(back=lambda da, dh, Wh: dh @ Wh.T), "without the derivative of tanh"),
    "without Wh": (variant(back=lambda da, dh, Wh: da), "skips Wh"),
    "dh0 is 0": (variant(finish=lambda H, dx, dh0, *w: (H, dx, 0 * dh0, *w)), "it is not 0"),
    "mean over time": (
        variant(finish=lambda H, dx, dh0, *w: (H, dx, dh0, *(v / H.shape[1] for v in w))),
        "not averaged",
    ),
    "mean over the batch": (
        variant(finish=lambda H, dx, dh0, *w: (H, dx, dh0, *(v / len(H) for v in w))),
        "over the batch",
    ),
    "overwritten": (variant(keep=lambda grad, new: new), "keeps only step 1"),
    "h_t in dWh": (variant(before=lambda h, h0, last: h), "pairs da_t with h_t"),
    "zero state in dWh": (
        lambda x, h0, Wx, Wh, b, dH: (
            *step_by_step(x, h0, Wx, Wh, b, dH)[:4],
            sum(
                (step_by_step(x, h0, Wx, Wh, b, dH)[0][:, t - 1].T @ d)
                for t, d in enumerate(_da(x, h0, Wx, Wh, b, dH))
                if t
            )
            + np.zeros_like(Wh),
            step_by_step(x, h0, Wx, Wh, b, dH)[5],
        ),
        "where the state before is h0, not 0",
    ),
    "dx backwards": (appended_backwards, "turn it round"),
    "dWx transposed": (variant(finish=lambda H, dx, dh0, dWx, *w: (H, dx, dh0, dWx.T, *w)), "transpose"),
    "dWh transposed": (
        variant(finish=lambda H, dx, dh0, dWx, dWh, db: (H, dx, dh0, dWx, dWh.T, db)),
        "dWh is transposed",
    ),
    "db per sequence": (
        lambda *a: (*step_by_step(*a)[:5], np.stack(_da(*a), 1).sum(1)),
        "axis of the batch",
    ),
    "two mistakes": (two_mistakes, "derivative of tanh, is missing"),
    "five values": (variant(finish=lambda *values: values[:5]), "it returned 5 values"),
    "single precision": (
        lambda *a: step_by_step(*(v.astype(np.float32) for v in a)),
        "single precision",
    ),
    "changes h0": (overwrites_h0, "changes its input array h0"),
    "autograd": (torch_does_it, "torch"),
}


def _da(x, h0, Wx, Wh, b, dH):
    H = step_by_step(x, h0, Wx, Wh, b, dH)[0]
    da, carry = [], 0
    for t in reversed(range(x.shape[1])):
        da.insert(0, (dH[:, t] + carry) * (1 - H[:, t] ** 2))
        carry = da[0] @ Wh.T
    return da
