"""E22 ``layer_norm``: the reference, and the mistakes people make."""

import numpy as np

from dlcourse.checks import Misconception
from dlcourse.numpy_nn import normalization


def normalise(x, gamma, beta, dy, eps=1e-5):
    """The reference of E22."""
    y, x_hat, rstd = normalization.layer_norm(x, gamma, beta, eps)
    return (y, *normalization.layer_norm_backward(dy, x_hat, rstd, gamma))


def _parts(x, eps):
    centred = x - x.mean(-1, keepdims=True)
    rstd = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    return centred * rstd, rstd


def _only(entry, value):
    """A mistake in one of y, dx, dgamma, dbeta: ``value(x, gamma, beta, dy, eps)``."""

    def wrong(x, gamma, beta, dy, eps=1e-5):
        values = list(normalise(x, gamma, beta, dy, eps))
        values[entry] = value(x, gamma, beta, dy, eps)
        return tuple(values)

    return wrong


Y, DX, DGAMMA, DBETA = range(4)


def _y(hat):
    """Another x̂ in y: ``hat(x, eps)``."""
    return _only(Y, lambda x, gamma, beta, dy, eps: gamma * hat(x, eps) + beta)


def _over(axis):
    def hat(x, eps):
        return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps)

    return _y(hat)


def _dx(formula):
    """Another dx: ``formula(g, x̂, 1/sqrt(v+eps), gamma, dy)`` with g = dy*gamma."""

    def value(x, gamma, beta, dy, eps):
        hat, rstd = _parts(x, eps)
        return formula(dy * gamma, hat, rstd, gamma, dy)

    return _only(DX, value)


def _mean(a):
    return a.mean(-1, keepdims=True)


def _full(g, hat, rstd):
    return (g - _mean(g) - hat * _mean(g * hat)) * rstd


def _dgamma(value):
    return _only(DGAMMA, lambda x, gamma, beta, dy, eps: value(dy, x, _parts(x, eps)[0], gamma))


def _dbeta(value):
    return _only(DBETA, lambda x, gamma, beta, dy, eps: value(dy, gamma))


def _leading(dy):
    return tuple(range(dy.ndim - 1))


def _rows(dy):
    return dy.size // dy.shape[-1]


STEP = "dx = (g - mean(g) - xh*mean(g*xh)) / sqrt(v+eps) with g = dy*gamma"
ALL_ROWS = "sum over all axes but the last, axis=tuple(range(x.ndim - 1))."

MISTAKES = (
    Misconception("normalise over the features (the last axis); you do it over the axis before.", _over(-2)),
    Misconception("normalise over the features (the last axis); you do it over the first axis.", _over(0)),
    Misconception(
        "normalise over the features (the last axis) of each position; you take all positions together.",
        _y(lambda x, eps: (x - x.mean()) / np.sqrt(x.var() + eps)),
    ),
    Misconception(
        "normalise over the features (the last axis) of each position; you take a whole sample together.",
        _over((-2, -1)),
    ),
    Misconception(
        "the variance divides by D; you divide by D-1 (ddof=1).",
        _y(lambda x, eps: (x - _mean(x)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps)),
    ),
    Misconception(
        "divide by the standard deviation; you divide by the variance.",
        _y(lambda x, eps: (x - _mean(x)) / (x.var(-1, keepdims=True) + eps)),
    ),
    Misconception(
        "divide by the standard deviation; the features are only centred.", _y(lambda x, eps: x - _mean(x))
    ),
    Misconception(
        "subtract the mean; you only divide by the standard deviation.",
        _y(lambda x, eps: x / np.sqrt(x.var(-1, keepdims=True) + eps)),
    ),
    Misconception(
        "the mean is not subtracted: what you have is RMSNorm.",
        _y(lambda x, eps: x / np.sqrt(_mean(x * x) + eps)),
    ),
    Misconception(
        "the variance is the mean of (x - mean)^2; you took the mean of x^2.",
        _y(lambda x, eps: (x - _mean(x)) / np.sqrt(_mean(x * x) + eps)),
    ),
    Misconception(
        "eps belongs under the root: sqrt(v + eps), not sqrt(v) + eps.",
        _y(lambda x, eps: (x - _mean(x)) / (x.std(-1, keepdims=True) + eps)),
    ),
    Misconception("eps is missing: a row of equal features gives 0/0.", _y(lambda x, eps: _parts(x, 0.0)[0])),
    Misconception(
        "the argument eps has no effect: it is 1e-5 for you.",
        _only(Y, lambda x, g, b, dy, eps: normalise(x, g, b, dy)[0]),
    ),
    *(
        Misconception(
            "the argument eps has no effect: use it, and not a number of your own.",
            _only(Y, lambda x, g, b, dy, eps, own=own: normalise(x, g, b, dy, own)[0]),
        )
        for own in (1e-3, 1e-6, 1e-8, 1e-12)
    ),
    Misconception(
        "dx: the variance in it lacks eps.",
        _only(DX, lambda x, gamma, beta, dy, eps: normalise(x, gamma, beta, dy, 0.0)[1]),
    ),
    Misconception(
        "dx: the variance in it lacks eps.",
        _only(DX, lambda x, gamma, beta, dy, eps: _full(dy * gamma, _parts(x, eps)[0], _parts(x, 0.0)[1])),
    ),
    Misconception(
        "dgamma and dbeta are exchanged: return y, dx, dgamma, dbeta in this order.",
        lambda *a: tuple(normalise(*a)[i] for i in (Y, DX, DBETA, DGAMMA)),
    ),
    Misconception("gamma is missing in y.", _only(Y, lambda x, g, b, dy, eps: _parts(x, eps)[0] + b)),
    Misconception("beta is missing in y.", _only(Y, lambda x, g, b, dy, eps: g * _parts(x, eps)[0])),
    Misconception("gamma and beta are missing in y.", _only(Y, lambda x, g, b, dy, eps: _parts(x, eps)[0])),
    Misconception(
        "gamma and beta are exchanged in y.", _only(Y, lambda x, g, b, dy, eps: b * _parts(x, eps)[0] + g)
    ),
    Misconception(
        "beta is added before gamma is multiplied: y = gamma*xh + beta.",
        _only(Y, lambda x, g, b, dy, eps: g * (_parts(x, eps)[0] + b)),
    ),
    Misconception(
        "the factor is gamma; you used 1 + gamma.",
        _only(Y, lambda x, g, b, dy, eps: (1 + g) * _parts(x, eps)[0] + b),
    ),
    Misconception(
        "mean and variance depend on x: both terms with a mean are missing in dx.",
        _dx(lambda g, hat, rstd, gamma, dy: g * rstd),
    ),
    Misconception(
        "the mean depends on x: subtract mean(g) in dx, g = dy*gamma.",
        _dx(lambda g, hat, rstd, gamma, dy: (g - hat * _mean(g * hat)) * rstd),
    ),
    Misconception(
        "the variance depends on x: the term xh*mean(g*xh) is missing in dx, g = dy*gamma.",
        _dx(lambda g, hat, rstd, gamma, dy: (g - _mean(g)) * rstd),
    ),
    Misconception(
        "dx: the normalised x̂ belongs into the mean and in front of it; you took y = gamma*x̂ + beta.",
        _only(
            DX,
            lambda x, gamma, beta, dy, eps: _full(
                dy * gamma, gamma * _parts(x, eps)[0] + beta, _parts(x, eps)[1]
            ),
        ),
    ),
    Misconception(
        "dx: g = dy*gamma, you divided by gamma.",
        _dx(lambda g, hat, rstd, gamma, dy: _full(dy / gamma, hat, rstd)),
    ),
    Misconception(
        "dx starts from dy*gamma: gamma is missing.",
        _dx(lambda g, hat, rstd, gamma, dy: _full(dy, hat, rstd)),
    ),
    Misconception(
        "dx: gamma belongs before the means, g = dy*gamma; you multiply with it at the end.",
        _dx(lambda g, hat, rstd, gamma, dy: _full(dy, hat, rstd) * gamma),
    ),
    Misconception(
        "dx: gamma is multiplied twice.", _dx(lambda g, hat, rstd, gamma, dy: _full(g * gamma, hat, rstd))
    ),
    Misconception(f"{STEP}: the division is missing.", _dx(lambda g, hat, rstd, gamma, dy: _full(g, hat, 1))),
    Misconception(
        f"{STEP}: you multiply with the root.", _dx(lambda g, hat, rstd, gamma, dy: _full(g, hat, 1 / rstd))
    ),
    Misconception(
        f"{STEP}: you divide by v+eps, the root is missing.",
        _dx(lambda g, hat, rstd, gamma, dy: _full(g, hat, rstd**2)),
    ),
    Misconception(
        f"{STEP}: the means are missing, you take sums.",
        _dx(
            lambda g, hat, rstd, gamma, dy: (
                (g - g.sum(-1, keepdims=True) - hat * (g * hat).sum(-1, keepdims=True)) * rstd
            )
        ),
    ),
    Misconception(
        f"{STEP}: the second term has the wrong sign.",
        _dx(lambda g, hat, rstd, gamma, dy: (g + _mean(g) - hat * _mean(g * hat)) * rstd),
    ),
    Misconception(
        f"{STEP}: the third term has the wrong sign.",
        _dx(lambda g, hat, rstd, gamma, dy: (g - _mean(g) + hat * _mean(g * hat)) * rstd),
    ),
    Misconception(
        f"{STEP}: the factor xh before the last mean is missing.",
        _dx(lambda g, hat, rstd, gamma, dy: (g - _mean(g) - _mean(g * hat)) * rstd),
    ),
    Misconception(
        f"{STEP}: the last mean is of g*xh, you took that of g.",
        _dx(lambda g, hat, rstd, gamma, dy: (g - _mean(g) - hat * _mean(g)) * rstd),
    ),
    Misconception(
        f"{STEP}: the means run over the features, the last axis; yours run over the positions.",
        _dx(
            lambda g, hat, rstd, gamma, dy: (
                (g - g.mean(_leading(g), keepdims=True) - hat * (g * hat).mean(_leading(g), keepdims=True))
                * rstd
            )
        ),
    ),
    Misconception(
        "dgamma = sum of dy*xh over all positions: you sum dy*x.",
        _dgamma(lambda dy, x, hat, gamma: (dy * x).sum(_leading(dy))),
    ),
    Misconception(
        "dgamma = sum of dy*xh over all positions: you take the mean.",
        _dgamma(lambda dy, x, hat, gamma: (dy * hat).sum(_leading(dy)) / _rows(dy)),
    ),
    Misconception(
        "dgamma = sum of dy*xh over all positions: xh is missing.",
        _dgamma(lambda dy, x, hat, gamma: dy.sum(_leading(dy))),
    ),
    Misconception(
        "dgamma = sum of dy*xh over all positions: gamma does not occur in it.",
        _dgamma(lambda dy, x, hat, gamma: (dy * gamma * hat).sum(_leading(dy))),
    ),
    Misconception(
        f"dgamma has the shape (D,): {ALL_ROWS}", _dgamma(lambda dy, x, hat, gamma: (dy * hat).sum(0))
    ),
    Misconception(f"dgamma has the shape (D,): {ALL_ROWS}", _dgamma(lambda dy, x, hat, gamma: dy * hat)),
    Misconception(
        f"dgamma has a number for each feature: {ALL_ROWS}",
        _dgamma(lambda dy, x, hat, gamma: (dy * hat).sum(-1)),
    ),
    Misconception(
        f"dgamma has a number for each feature: {ALL_ROWS}",
        _dgamma(lambda dy, x, hat, gamma: (dy * hat).sum()),
    ),
    Misconception(
        "dbeta = sum of dy over all positions: you take the mean.",
        _dbeta(lambda dy, gamma: dy.sum(_leading(dy)) / _rows(dy)),
    ),
    Misconception(
        "dbeta = sum of dy over all positions: gamma does not occur in it.",
        _dbeta(lambda dy, gamma: (dy * gamma).sum(_leading(dy))),
    ),
    Misconception(f"dbeta has the shape (D,): {ALL_ROWS}", _dbeta(lambda dy, gamma: dy.sum(0))),
    Misconception(f"dbeta has the shape (D,): {ALL_ROWS}", _dbeta(lambda dy, gamma: dy)),
    Misconception(f"dbeta has a number for each feature: {ALL_ROWS}", _dbeta(lambda dy, gamma: dy.sum(-1))),
    Misconception(f"dbeta has a number for each feature: {ALL_ROWS}", _dbeta(lambda dy, gamma: dy.sum())),
)
