"""The bug hunt as people write it: tests that find every fault, and tests that overlook one."""

import numpy as np


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _numbers(rng, B=3, I=2, H=4):  # noqa: E741 (the book's symbol)
    shapes = (B, I), (B, H), (B, H), (I, 4 * H), (H, 4 * H), (4 * H,), (B, H), (B, H)
    return [rng.standard_normal(shape) for shape in shapes]


def _formula(x, h, c, Wx, Wh, b, dh, dc):
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    c2 = f * c + i * g
    t = np.tanh(c2)
    d = dc + dh * o * (1 - t**2)
    da = np.hstack([d * g * i * (1 - i), d * c * f * (1 - f), d * i * (1 - g**2), dh * t * o * (1 - o)])
    return o * t, c2, da @ Wx.T, da @ Wh.T, d * f, x.T @ da, h.T @ da, da.sum(0)


def formulas(lstm_cell):
    given = _numbers(np.random.default_rng(5))
    for got, expected in zip(lstm_cell(*given), _formula(*given), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-10)


def finite_differences(cell):
    """h2 and c2 by loops over units; gradients against differences of the cell's own results."""
    x, h, c, Wx, Wh, b, dh, dc = given = _numbers(np.random.default_rng(1), B=2, I=2, H=2)
    h2, c2, *gradients = cell(*given)
    for n, k in np.ndindex(*h.shape):
        i, f, g, o = (x[n] @ Wx[:, k + s] + h[n] @ Wh[:, k + s] + b[k + s] for s in (0, 2, 4, 6))
        new = _sigmoid(f) * c[n, k] + _sigmoid(i) * np.tanh(g)
        assert abs(c2[n, k] - new) < 1e-9
        assert abs(h2[n, k] - _sigmoid(o) * np.tanh(new)) < 1e-9
    for array, gradient in zip(given[:6], gradients, strict=True):
        assert gradient.shape == array.shape
        for index in np.ndindex(*array.shape):
            kept, values = array[index], []
            for step in (1e-5, -1e-5):
                array[index] = kept + step
                up = cell(*given)
                values.append((up[0] * dh).sum() + (up[1] * dc).sum())
            array[index] = kept
            assert abs((values[0] - values[1]) / 2e-5 - gradient[index]) < 1e-6


def with_torch(lstm_cell):
    import torch

    for seed in (0, 1):
        given = _numbers(np.random.default_rng(seed), B=4, I=3, H=2)
        x, h, c, Wx, Wh, b = (torch.tensor(v, requires_grad=True) for v in given[:6])
        i, f, g, o = (x @ Wx + h @ Wh + b).chunk(4, dim=1)
        c2 = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h2 = o.sigmoid() * c2.tanh()
        gradients = torch.autograd.grad((h2, c2), (x, h, c, Wx, Wh, b), [torch.tensor(v) for v in given[6:]])
        for got, expected in zip(lstm_cell(*given), (h2, c2, *gradients), strict=True):
            if not np.allclose(got, expected.detach().numpy()):
                raise AssertionError("wrong")


CORRECT = [formulas, finite_differences, with_torch]
NAMES = ("x", "h", "c", "Wx", "Wh", "b", "dh", "dc")


def _overlooks(skip=(), sizes=None, **tame):
    """``formulas`` with some arguments replaced, or without some of the eight results."""

    def verify_lstm_cell(lstm_cell):
        given = dict(zip(NAMES, _numbers(np.random.default_rng(3), **(sizes or {})), strict=True))
        given |= {name: change(given[name]) for name, change in tame.items()}
        results = zip(lstm_cell(*given.values()), _formula(*given.values()), strict=True)
        for entry, (got, expected) in enumerate(results):
            if entry not in skip:
                assert np.allclose(got, expected)

    return verify_lstm_cell


def accepts_all(lstm_cell):
    lstm_cell(*_numbers(np.random.default_rng(3)))


def rejects_all(lstm_cell):
    raise AssertionError("wrong")


def returns_false(lstm_cell):
    given = _numbers(np.random.default_rng(3))
    return all(np.allclose(a, b) for a, b in zip(lstm_cell(*given), _formula(*given), strict=True))


def exactly_equal(lstm_cell):
    given = _numbers(np.random.default_rng(3))
    assert all((a == b).all() for a, b in zip(lstm_cell(*given), _formula(*given), strict=True))


def unpacks_too_few(lstm_cell):
    h2, c2 = lstm_cell(*_numbers(np.random.default_rng(3)))
    assert h2.shape == c2.shape


def wrong_order(lstm_cell):
    x, h, c, Wx, Wh, b, dh, dc = _numbers(np.random.default_rng(3))
    i, f, o, g = np.split(b, 4)
    moved = np.concatenate([i, f, g, o])
    for got, expected in zip(
        lstm_cell(x, h, c, Wx, Wh, b, dh, dc), _formula(x, h, c, Wx, Wh, moved + 1, dh, dc), strict=True
    ):
        assert np.allclose(got, expected)


def _zero(v):
    return 0 * v


WRONG = {
    "zero bias": (_overlooks(b=_zero), "a bias of 0, as fresh layers have it"),
    "equal biases": (_overlooks(b=np.ones_like), "biases of 0, or all equal, hide that"),
    "zero cell state": (_overlooks(c=_zero), "never forgets"),
    "zero states": (_overlooks(h=_zero, c=_zero), "never forgets"),
    "zero state": (_overlooks(h=_zero), "gates do not see h"),
    "zero dc": (_overlooks(dc=_zero), "drops the incoming dc"),
    "zero dh": (_overlooks(dh=_zero), "does not hear dh"),
    "dh of ones": (_overlooks(dh=np.ones_like), "dh of ones hides that"),
    "batch of one": (_overlooks(sizes={"B": 1}), "divides dWx by the batch size"),
    "forward only": (_overlooks(skip=range(2, 8)), "drops the incoming dc"),
    "without dc_prev": (_overlooks(skip=(4,)), "forgets dc in dc_prev"),
    "without dh_prev": (_overlooks(skip=(3,)), "does not transpose Wh"),
    "without dWh": (_overlooks(skip=(6,)), "pairs dWh with h2"),
    "without dWx": (_overlooks(skip=(5,)), "divides dWx by the batch size"),
    "without db": (_overlooks(skip=(7,)), "uses the first sequence only"),
    "accepts all": (accepts_all, "use assert"),
    "returns False": (returns_false, "use assert"),
    "rejects all": (rejects_all, "rejects everything"),
    "wrong expected value": (wrong_order, "rejects everything"),
    "exactly equal": (exactly_equal, "not with =="),
    "unpacks too few": (unpacks_too_few, "it raised ValueError"),
}
