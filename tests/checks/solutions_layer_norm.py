"""E22 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def explicit_jacobian(x, gamma, beta, dy, eps=1e-5):
    D = x.shape[-1]
    rows, grads = x.reshape(-1, D), dy.reshape(-1, D)
    y, dx = np.zeros(rows.shape), np.zeros(rows.shape)
    dgamma, dbeta = np.zeros(D), np.zeros(D)
    for n, (row, grad) in enumerate(zip(rows, grads, strict=True)):
        s = np.sqrt(np.var(row) + eps)
        xh = (row - np.mean(row)) / s
        y[n] = gamma * xh + beta
        jacobian = (np.eye(D) - 1 / D - np.outer(xh, xh) / D) / s
        dx[n] = jacobian.T @ (gamma * grad)
        dgamma += grad * xh
        dbeta += grad
    return y.reshape(x.shape), dx.reshape(x.shape), dgamma, dbeta


def step_by_step(x, gamma, beta, dy, eps=1e-5):
    """The chain rule through every intermediate result, as in a computational graph."""
    D = x.shape[-1]
    mu = x.sum(-1, keepdims=True) / D
    c = x - mu
    v = (c * c).sum(-1, keepdims=True) / D
    s = np.sqrt(v + eps)
    xh = c / s
    dxh = dy * gamma
    dv = (dxh * c).sum(-1, keepdims=True) * -0.5 * (v + eps) ** -1.5
    dc = dxh / s + dv * 2 * c / D
    dmu = -dc.sum(-1, keepdims=True)
    dx = dc + dmu / D
    axes = tuple(range(x.ndim - 1))
    return xh * gamma + beta, dx, np.sum(dy * xh, axis=axes), np.sum(dy, axis=axes)


def einsum(x: np.ndarray, gamma, beta, dy, eps: float = 1e-5) -> list[np.ndarray]:
    size = x.shape[-1]
    centred = x - np.einsum("...i->...", x)[..., None] / size
    inverse = (np.einsum("...i,...i->...", centred, centred) / size + eps) ** -0.5
    normed = centred * inverse[..., None]
    g = gamma * dy
    means = np.einsum("...i->...", g) / size, np.einsum("...i,...i->...", g, normed) / size
    dx = inverse[..., None] * (g - means[0][..., None] - normed * means[1][..., None])
    return [
        gamma * normed + beta,
        dx,
        np.einsum("ni,ni->i", dy.reshape(-1, size), normed.reshape(-1, size)),
        np.einsum("ni->i", dy.reshape(-1, size)),
    ]


def times_d(x, gamma, beta, dy, eps=1e-5):
    """The form with D in front: (D g - sum g - xh sum(g xh)) / (D s)."""
    D = x.shape[-1]
    s = np.sqrt(np.mean((x - x.mean(-1)[..., None]) ** 2, -1)[..., None] + eps)
    xh = (x - x.mean(-1)[..., None]) / s
    g = dy * gamma
    dx = (D * g - g.sum(-1)[..., None] - xh * (g * xh).sum(-1)[..., None]) / (D * s)
    flat = (dy * xh).reshape(-1, D).sum(0), dy.reshape(-1, D).sum(0)
    return gamma * xh + beta, dx, *flat


CORRECT = [explicit_jacobian, step_by_step, einsum, times_d]


def _variant(hat=None, dx=None, dgamma=None, dbeta=None, y=None, variance=None):
    """layer_norm with one thing changed; later parts use what the changed one gives, as learners' do."""

    def layer_norm(x, gamma, beta, dy, eps=1e-5):
        v = x.var(-1, keepdims=True) if variance is None else variance(x)
        s = np.sqrt(v + eps)
        xh = (x - x.mean(-1, keepdims=True)) / s if hat is None else hat(x, eps)
        g = dy * gamma
        axes = tuple(range(x.ndim - 1))
        return (
            gamma * xh + beta if y is None else y(xh, gamma, beta),
            (g - _m(g) - xh * _m(g * xh)) / s if dx is None else dx(g, xh, s, gamma, dy),
            (dy * xh).sum(axes) if dgamma is None else dgamma(dy, xh, x, gamma, axes),
            dy.sum(axes) if dbeta is None else dbeta(dy, gamma, axes),
        )

    return layer_norm


def _m(a):
    return a.mean(-1, keepdims=True)


def _over(axis):
    return _variant(
        lambda x, eps: (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps),
        variance=lambda x: x.var(axis, keepdims=True),
    )


_right = _variant()


def changes_x(x, gamma, beta, dy, eps=1e-5):
    result = _right(x, gamma, beta, dy, eps)
    x -= x.mean(-1, keepdims=True)
    return result


def torch_does_it(x, gamma, beta, dy, eps=1e-5):
    import torch

    return torch.nn.functional.layer_norm(torch.from_numpy(x), gamma.shape, eps=eps)


def _own_dx(of_y=False, divided=False):
    def layer_norm(x, gamma, beta, dy, eps=1e-5):
        mean, root = x.mean(-1, keepdims=True), np.sqrt(x.var(-1, keepdims=True) + eps)
        hat = (x - mean) / root
        y = gamma * hat + beta
        g, h = dy / gamma if divided else dy * gamma, y if of_y else hat
        dx = (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True)) / root
        leading = tuple(range(x.ndim - 1))
        return y, dx, (dy * hat).sum(leading), dy.sum(leading)

    return layer_norm


WRONG = {
    "dx from y": (_own_dx(of_y=True), "you took y = gamma"),
    "divided by gamma": (_own_dx(divided=True), "you divided by gamma"),
    "over the time": (_over(-2), "you do it over the axis before"),
    "over the first axis": (_over(0), "normalise over the features"),
    "over everything": (_over(None), "all positions together"),
    "over a sample": (_over((-2, -1)), "together"),
    "ddof": (_variant(variance=lambda x: x.var(-1, keepdims=True, ddof=1)), "ddof=1"),
    "ddof in y": (
        _variant(lambda x, eps: (x - _m(x)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps)),
        "ddof=1",
    ),
    "variance": (_variant(lambda x, eps: (x - _m(x)) / (x.var(-1, keepdims=True) + eps)), "by the variance"),
    "centred only": (_variant(lambda x, eps: x - _m(x)), "only centred"),
    "not centred": (
        _variant(lambda x, eps: x / np.sqrt(x.var(-1, keepdims=True) + eps)),
        "subtract the mean",
    ),
    "rms": (_variant(lambda x, eps: x / np.sqrt(_m(x * x) + eps)), "RMSNorm"),
    "mean of squares": (
        _variant(lambda x, eps: (x - _m(x)) / np.sqrt(_m(x * x) + eps)),
        "you took the mean of x^2",
    ),
    "eps outside": (
        _variant(lambda x, eps: (x - _m(x)) / (x.std(-1, keepdims=True) + eps)),
        "not sqrt(v) + eps",
    ),
    "no eps": (_variant(lambda x, eps: (x - _m(x)) / x.std(-1, keepdims=True)), "eps is missing"),
    "no eps in dx": (
        _variant(dx=lambda g, xh, s, gamma, dy: (g - _m(g) - xh * _m(g * xh)) / np.sqrt(s**2 - 1e-5)),
        "the variance in it lacks eps",
    ),
    "own eps": (lambda x, gamma, beta, dy, eps=1e-5: _right(x, gamma, beta, dy), "eps has no effect"),
    "keras eps": (lambda x, gamma, beta, dy, eps=1e-5: _right(x, gamma, beta, dy, 1e-3), "eps has no effect"),
    "no gamma": (_variant(y=lambda xh, gamma, beta: xh + beta), "gamma is missing in y"),
    "no beta": (_variant(y=lambda xh, gamma, beta: xh * gamma), "beta is missing in y"),
    "neither": (_variant(y=lambda xh, gamma, beta: xh), "gamma and beta are missing"),
    "exchanged": (_variant(y=lambda xh, gamma, beta: beta * xh + gamma), "exchanged in y"),
    "beta first": (_variant(y=lambda xh, gamma, beta: gamma * (xh + beta)), "beta is added before"),
    "constants": (_variant(dx=lambda g, xh, s, gamma, dy: g / s), "both terms with a mean are missing"),
    "mean constant": (
        _variant(dx=lambda g, xh, s, gamma, dy: (g - xh * _m(g * xh)) / s),
        "the mean depends on x",
    ),
    "variance constant": (
        _variant(dx=lambda g, xh, s, gamma, dy: (g - _m(g)) / s),
        "the variance depends on x",
    ),
    "gamma forgotten": (
        _variant(dx=lambda g, xh, s, gamma, dy: (dy - _m(dy) - xh * _m(dy * xh)) / s),
        "dx starts from dy*gamma",
    ),
    "gamma at the end": (
        _variant(dx=lambda g, xh, s, gamma, dy: gamma * (dy - _m(dy) - xh * _m(dy * xh)) / s),
        "you multiply with it at the end",
    ),
    "no division": (
        _variant(dx=lambda g, xh, s, gamma, dy: g - _m(g) - xh * _m(g * xh)),
        "the division is missing",
    ),
    "no root": (
        _variant(dx=lambda g, xh, s, gamma, dy: (g - _m(g) - xh * _m(g * xh)) / s**2),
        "the root is missing",
    ),
    "sums": (
        _variant(
            dx=lambda g, xh, s, gamma, dy: (
                (g - g.sum(-1, keepdims=True) - xh * (g * xh).sum(-1, keepdims=True)) / s
            )
        ),
        "you take sums",
    ),
    "sign": (
        _variant(dx=lambda g, xh, s, gamma, dy: (g - _m(g) + xh * _m(g * xh)) / s),
        "the third term has the wrong sign",
    ),
    "means over the batch": (
        _variant(
            dx=lambda g, xh, s, gamma, dy: (
                (
                    g
                    - g.mean(tuple(range(g.ndim - 1)), keepdims=True)
                    - xh * (g * xh).mean(tuple(range(g.ndim - 1)), keepdims=True)
                )
                / s
            )
        ),
        "yours run over the positions",
    ),
    "dgamma with x": (
        _variant(dgamma=lambda dy, xh, x, gamma, axes: (dy * x).sum(axes)),
        "you sum dy*x",
    ),
    "dgamma mean": (
        _variant(dgamma=lambda dy, xh, x, gamma, axes: (dy * xh).mean(axes)),
        "dgamma = sum of dy*xh over all positions: you take the mean",
    ),
    "dgamma without xh": (
        _variant(dgamma=lambda dy, xh, x, gamma, axes: dy.sum(axes)),
        "xh is missing",
    ),
    "dgamma with gamma": (
        _variant(dgamma=lambda dy, xh, x, gamma, axes: (gamma * dy * xh).sum(axes)),
        "gamma does not occur in it",
    ),
    "dgamma of the batch": (
        _variant(dgamma=lambda dy, xh, x, gamma, axes: (dy * xh).sum(0)),
        "dgamma has the shape (D,)",
    ),
    "dgamma of the features": (
        _variant(dgamma=lambda dy, xh, x, gamma, axes: (dy * xh).sum(-1)),
        "dgamma has a number for each feature",
    ),
    "dbeta mean": (_variant(dbeta=lambda dy, gamma, axes: dy.mean(axes)), "dbeta = sum of dy"),
    "dbeta of the batch": (_variant(dbeta=lambda dy, gamma, axes: dy.sum(0)), "dbeta has the shape (D,)"),
    "dbeta a number": (
        _variant(dbeta=lambda dy, gamma, axes: dy.sum()),
        "dbeta has a number for each feature",
    ),
    "order": (
        lambda *a, **o: tuple(_right(*a, **o)[i] for i in (0, 1, 3, 2)),
        "dgamma and dbeta are exchanged",
    ),
    "only y": (lambda *a, **o: _right(*a, **o)[0], "expected 4 values: y, dx, dgamma, dbeta"),
    "changes x": (changes_x, "changes its input array x"),
    "torch": (torch_does_it, "torch.nn.functional.layer_norm"),
}
