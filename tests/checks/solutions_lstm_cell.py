"""E14 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_gate(x, h, c, Wx, Wh, b, dh, dc):
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i, f = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])
    g, o = np.tanh(a[:, 2 * H : 3 * H]), sigmoid(a[:, 3 * H :])
    c2 = f * c + i * g
    t = np.tanh(c2)
    d = dc + dh * o * (1 - t * t)
    da = np.hstack([d * g * i * (1 - i), d * c * f * (1 - f), d * i * (1 - g * g), dh * t * o * (1 - o)])
    return o * t, c2, da @ Wx.T, da @ Wh.T, d * f, x.T @ da, h.T @ da, da.sum(0)


def joined(x, h, c, Wx, Wh, b, dh, dc):
    """One matrix for x and h; sigmoid written with tanh; gates along an axis of their own."""
    features, units = Wx.shape[0], h.shape[-1]
    v, W = np.concatenate((x, h), axis=1), np.concatenate((Wx, Wh), axis=0)
    a = (v @ W + b).reshape(len(x), 4, units)
    y = 0.5 + 0.5 * np.tanh(a / 2)
    y[:, 2] = np.tanh(a[:, 2])
    slopes = y * (1 - y)
    slopes[:, 2] = 1 - y[:, 2] ** 2
    new_cell = y[:, 1] * c + y[:, 0] * y[:, 2]
    squashed = np.tanh(new_cell)
    cell_gradient = dc + dh * y[:, 3] / np.cosh(new_cell) ** 2
    gradients = np.stack(
        [cell_gradient * y[:, 2], cell_gradient * c, cell_gradient * y[:, 0], dh * squashed], axis=1
    )
    gradients = (gradients * slopes).reshape(len(x), -1)
    dW, dv = v.T @ gradients, gradients @ W.T
    return (
        y[:, 3] * squashed,
        new_cell,
        dv[:, :features],
        dv[:, features:],
        cell_gradient * y[:, 1],
        dW[:features],
        dW[features:],
        np.einsum("bk->k", gradients),
    )


def four_products(x, h, c, Wx, Wh, b, dh, dc):
    """Every gate with weights of its own, as the papers write it."""
    curves = [sigmoid, sigmoid, np.tanh, sigmoid]
    slopes = [lambda y: y * (1 - y)] * 2 + [lambda y: 1 - y**2] + [lambda y: y * (1 - y)]
    parts = list(zip(np.split(Wx, 4, 1), np.split(Wh, 4, 1), np.split(b, 4), strict=True))
    i, f, g, o = (curve(x @ W + h @ U + bias) for curve, (W, U, bias) in zip(curves, parts, strict=True))
    c2 = f * c + i * g
    h2 = o * np.tanh(c2)
    dc = dc + dh * o * (1 - np.tanh(c2) ** 2)
    outer = [dc * g, dc * c, dc * i, dh * np.tanh(c2)]
    das = [d * slope(y) for d, slope, y in zip(outer, slopes, (i, f, g, o), strict=True)]
    dx = sum(da @ W.T for da, (W, _, _) in zip(das, parts, strict=True))
    dh_prev = sum(da @ U.T for da, (_, U, _) in zip(das, parts, strict=True))
    dWx = np.concatenate([x.T @ da for da in das], axis=1)
    dWh = np.concatenate([h.T @ da for da in das], axis=1)
    return h2, c2, dx, dh_prev, dc * f, dWx, dWh, np.concatenate([da.sum(axis=0) for da in das])


def one_sequence_at_a_time(x, h, c, Wx, Wh, b, dh, dc):
    rows = [
        by_gate(*(v[None] for v in (x[n], h[n], c[n])), Wx, Wh, b, dh[n][None], dc[n][None])
        for n in range(len(x))
    ]
    columns = list(zip(*rows, strict=True))
    return (*(np.concatenate(column) for column in columns[:5]), *(sum(column) for column in columns[5:]))


CORRECT = [by_gate, joined, four_products, one_sequence_at_a_time]


def variant(
    order=(0, 1, 2, 3),
    candidate=np.tanh,
    cell=lambda i, f, g, c: f * c + i * g,
    out=lambda o, c2: o * np.tanh(c2),
    gradient=lambda dh, dc, o, c2, c: dc + dh * o * (1 - np.tanh(c2) ** 2),
    gates=lambda d, dh, i, f, g, o, c, c2: (d * g, d * c, d * i, dh * np.tanh(c2)),
    slope=lambda y: y * (1 - y),
    slope_g=lambda g: 1 - g**2,
    dc_prev=lambda d, dc, f: d * f,
    finish=lambda *values: values,
):
    """``by_gate`` with one place changed."""

    def lstm_cell(x, h, c, Wx, Wh, b, dh, dc):
        blocks = np.split(x @ Wx + h @ Wh + b, 4, 1)
        i, f, g, o = (blocks[k] for k in order)
        i, f, g, o = sigmoid(i), sigmoid(f), candidate(g), sigmoid(o)
        c2 = cell(i, f, g, c)
        d = gradient(dh, dc, o, c2, c)
        di, df, dg, do = gates(d, dh, i, f, g, o, c, c2)
        parts = [di * slope(i), df * slope(f), dg * slope_g(g), do * slope(o)]
        da = np.hstack([parts[order.index(k)] for k in range(4)])
        return finish(out(o, c2), c2, da @ Wx.T, da @ Wh.T, dc_prev(d, dc, f), x.T @ da, h.T @ da, da.sum(0))

    return lstm_cell


def gates_from_c(x, h, c, Wx, Wh, b, dh, dc):
    return by_gate(x, c, c, Wx, Wh, b, dh, dc)


def changes_dc(x, h, c, Wx, Wh, b, dh, dc):
    values = by_gate(x, h, c, Wx, Wh, b, dh, dc)
    dc += dh
    return values


def torch_does_it(x, h, c, Wx, Wh, b, dh, dc):
    import torch

    given = [torch.tensor(v, requires_grad=True) for v in (x, h, c, Wx, Wh, b)]
    a = given[0] @ given[3] + given[1] @ given[4] + given[5]
    i, f, g, o = a.chunk(4, 1)
    c2 = f.sigmoid() * given[2] + i.sigmoid() * g.tanh()
    h2 = o.sigmoid() * c2.tanh()
    gradients = torch.autograd.grad((h2, c2), given, (torch.tensor(dh), torch.tensor(dc)))
    return h2.detach().numpy(), c2.detach().numpy(), *(v.numpy() for v in gradients)


WRONG = {
    "i f o g": (variant(order=(0, 1, 3, 2)), "You read i, f, o, g"),
    "f i g o": (variant(order=(1, 0, 2, 3)), "You read f, i, g, o"),
    "candidate sigmoid": (
        variant(candidate=sigmoid, slope_g=lambda g: g * (1 - g)),
        "goes through tanh, you used",
    ),
    "no tanh on the output": (variant(out=lambda o, c2: o * c2), "h2 = o * tanh(c2), not o * c2"),
    "no output gate": (variant(out=lambda o, c2: np.tanh(c2)), "output gate is missing"),
    "tanh round the product": (variant(out=lambda o, c2: np.tanh(o * c2)), "tanh round the product"),
    "no forget gate": (variant(cell=lambda i, f, g, c: c + i * g), "forget gate is missing"),
    "no input gate": (variant(cell=lambda i, f, g, c: f * c + g), "input gate is missing"),
    "tied": (variant(cell=lambda i, f, g, c: (1 - i) * c + i * g), "tied (1 - i"),
    "forget means forget": (variant(cell=lambda i, f, g, c: (1 - f) * c + i * g), "not (1 - f) * c"),
    "squashed cell": (variant(cell=lambda i, f, g, c: np.tanh(f * c + i * g)), "the cell state is squashed"),
    "no bias": (
        lambda x, h, c, Wx, Wh, b, dh, dc: by_gate(x, h, c, Wx, Wh, 0 * b, dh, dc),
        "bias is missing",
    ),
    "gates look at c": (gates_from_c, "they look at h"),
    "exchanged": (variant(finish=lambda h2, c2, *rest: (c2, h2, *rest)), "exchanged"),
    "no derivative of tanh": (
        variant(gradient=lambda dh, dc, o, c2, c: dc + dh * o),
        "1-tanh(c2)^2, the derivative",
    ),
    "1-c2^2": (variant(gradient=lambda dh, dc, o, c2, c: dc + dh * o * (1 - c2**2)), "not 1-c2^2"),
    "old cell": (
        variant(gradient=lambda dh, dc, o, c2, c: dc + dh * o * (1 - np.tanh(c) ** 2)),
        "new cell state, you used the old",
    ),
    "without o": (
        variant(gradient=lambda dh, dc, o, c2, c: dc + dh * (1 - np.tanh(c2) ** 2)),
        "multiplied by o",
    ),
    "dc alone": (variant(gradient=lambda dh, dc, o, c2, c: dc), "you used dc alone"),
    "dc forgotten": (
        variant(gradient=lambda dh, dc, o, c2, c: dh * o * (1 - np.tanh(c2) ** 2)),
        "incoming dc is missing",
    ),
    "dc through tanh": (
        variant(gradient=lambda dh, dc, o, c2, c: (dc + dh * o) * (1 - np.tanh(c2) ** 2)),
        "derivative of tanh too",
    ),
    "df with c2": (
        variant(gates=lambda d, dh, i, f, g, o, c, c2: (d * g, d * c2, d * i, dh * np.tanh(c2))),
        "not c2",
    ),
    "di with c": (
        variant(gates=lambda d, dh, i, f, g, o, c, c2: (d * c, d * c, d * i, dh * np.tanh(c2))),
        "with the candidate",
    ),
    "do with c2": (
        variant(gates=lambda d, dh, i, f, g, o, c, c2: (d * g, d * c, d * i, dh * c2)),
        "not dh * c2",
    ),
    "do with dc": (
        variant(gates=lambda d, dh, i, f, g, o, c, c2: (d * g, d * c, d * i, d * np.tanh(c2))),
        "you used dc.",
    ),
    "no slopes": (variant(slope=lambda y: 1), "missing for i, f and o"),
    "slope of tanh": (variant(slope=lambda y: 1 - y**2), "you used 1-y^2"),
    "no slope of g": (variant(slope_g=lambda g: 1), "derivative of the candidate, is missing"),
    "sigmoid's slope for g": (variant(slope_g=lambda g: g * (1 - g)), "you used g(1-g)"),
    "dc_prev without f": (variant(dc_prev=lambda d, dc, f: d), "the factor f is missing"),
    "dc_prev from dc": (variant(dc_prev=lambda d, dc, f: dc * f), "you used the incoming dc"),
    "direct path": (
        lambda x, h, c, Wx, Wh, b, dh, dc: [
            v + dh * (k == 3) if k == 3 else v for k, v in enumerate(by_gate(x, h, c, Wx, Wh, b, dh, dc))
        ],
        "no direct path",
    ),
    "mean": (
        lambda x, h, c, Wx, Wh, b, dh, dc: [
            v / len(x) if k > 4 else v for k, v in enumerate(by_gate(x, h, c, Wx, Wh, b, dh, dc))
        ],
        "not averaged",
    ),
    "db not summed": (
        lambda x, h, c, Wx, Wh, b, dh, dc: (
            *by_gate(x, h, c, Wx, Wh, b, dh, dc)[:7],
            np.concatenate(
                [
                    by_gate(*(v[[n]] for v in (x, h, c)), Wx, Wh, b, dh[[n]], dc[[n]])[7][None]
                    for n in range(len(x))
                ]
            ),
        ),
        "axis of the batch",
    ),
    "single precision": (lambda *a: by_gate(*(v.astype(np.float32) for v in a)), "single precision"),
    "changes dc": (changes_dc, "changes its input array dc"),
    "autograd": (torch_does_it, "torch"),
}
