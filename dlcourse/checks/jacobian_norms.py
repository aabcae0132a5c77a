"""E13 ``jacobian_norms``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import NOT_PYTORCH, Call, Exercise, Misconception, Property, call


def run(rng: np.random.Generator, T: int, H: int, size: float = 1.0, state=None) -> Call:
    """Wh (H, H) and the states hs (T+1, H) of an Elman network that runs with it; ``size`` scales Wh.

    ``state``: every state holds this number (0: tanh is not bent at all).
    """
    Wh = size * rng.standard_normal((H, H)) / np.sqrt(H)
    hs = [rng.uniform(-0.8, 0.8, H)]
    for _ in range(T):
        hs.append(np.tanh(hs[-1] @ Wh + rng.uniform(-0.6, 0.6, H)))
    hs = np.array(hs)
    return call(Wh, hs if state is None else np.full_like(hs, state))


def step(Wh, h):
    """The Jacobian of one step, d h_t / d h_{t-1}: row j, column i."""
    return (1 - h * h)[:, None] * Wh.T


def spectral(J):
    return np.linalg.norm(J, 2)


def norms(Wh, hs, one=step, size=spectral, first=0):
    """``size`` of d h_T / d h_t for t = 0 ... T; step t+1 has the Jacobian ``one(Wh, hs[t + 1 - first])``."""
    T, J = len(hs) - 1, np.eye(len(Wh))
    found = [size(J)]
    for t in reversed(range(T)):
        J = J @ one(Wh, hs[t + 1 - first])
        found.append(size(J))
    return np.array(found[::-1])


def reference(Wh, hs):
    """E13."""
    return norms(Wh, hs)


def _wrong_order(Wh, hs):
    """The factors are multiplied on the other side."""
    J, found = np.eye(len(Wh)), [1.0]
    for h in hs[:0:-1]:
        J = step(Wh, h) @ J
        found.append(spectral(J))
    return np.array(found[::-1])


def _from_the_start(Wh, hs):
    """|| d h_t / d h_0 ||."""
    J, found = np.eye(len(Wh)), [1.0]
    for h in hs[1:]:
        J = step(Wh, h) @ J
        found.append(spectral(J))
    return np.array(found)


def _product_of_norms(Wh, hs, one=step):
    sizes = [spectral(one(Wh, h)) for h in hs[1:]]
    return np.append(np.cumprod(sizes[::-1])[::-1], 1.0)


def _single_steps(Wh, hs):
    return np.array([spectral(step(Wh, h)) for h in hs[1:]] + [1.0])


def _radius(J):
    return np.abs(np.linalg.eigvals(J)).max()


def _powers(which):
    """The Jacobian of one step to a power."""
    return lambda Wh, hs: norms(Wh, np.broadcast_to(hs[which], hs.shape))


def _started_with_step(Wh, hs):
    """The product starts with the last step, so that everything is one step ahead."""
    return np.append(norms(Wh, hs)[:-1], spectral(step(Wh, hs[-1])))


def _zero_at_the_end(Wh, hs):
    return np.append(norms(Wh, hs)[:-1], 0.0)


def _way(one):
    return lambda Wh, hs: norms(Wh, hs, one)


def _measure(size):
    return lambda Wh, hs: norms(Wh, hs, size=size)


JACOBIAN_MISTAKES = (
    Misconception(
        "diag(1-h_t^2) is missing: for tanh it is what makes gradients vanish even for orthogonal Wh.",
        _way(lambda Wh, h: Wh.T),
    ),
    Misconception(
        "np.linalg.norm(J) is the Frobenius norm; the spectral norm is norm(J, 2).", _measure(np.linalg.norm)
    ),
    Misconception(
        "the derivative scales the rows (output side) of the step.", _way(lambda Wh, h: Wh.T * (1 - h * h))
    ),
    Misconception(
        "the Jacobian of a step is diag(1-h_t^2) Wh^T; you took Wh without the transpose.",
        _way(lambda Wh, h: (1 - h * h)[:, None] * Wh),
    ),
    Misconception(
        "the step from h_t to h_{t+1} has the derivative 1-h_{t+1}^2, that of the state it arrives at.",
        lambda Wh, hs: norms(Wh, hs, first=1),
    ),
    Misconception(
        "the factors stand in the wrong order: going back, J = J @ (Jacobian of the step).", _wrong_order
    ),
    Misconception("that is d h_t / d h_0; asked for is d h_T / d h_t, for every t.", _from_the_start),
    Misconception(
        "the values stand in the reverse order: norms[0] belongs to h_0, norms[T] to h_T.",
        lambda Wh, hs: norms(Wh, hs)[::-1],
    ),
    Misconception(
        "that is the product of the norms; multiply the matrices first, then take the norm.",
        _product_of_norms,
    ),
    Misconception("that is the norm of each single step; multiply the steps from t+1 to T.", _single_steps),
    Misconception(
        "that is the largest eigenvalue; the spectral norm is the largest singular value.", _measure(_radius)
    ),
    Misconception(
        "that is the smallest singular value; the spectral norm is the largest.",
        _measure(lambda J: np.linalg.norm(J, -2)),
    ),
    Misconception(
        "that is the largest entry; the spectral norm is norm(J, 2).", _measure(lambda J: np.abs(J).max())
    ),
    Misconception(
        "that is the largest sum of a column, norm(J, 1); the spectral norm is norm(J, 2).",
        _measure(lambda J: np.linalg.norm(J, 1)),
    ),
    Misconception(
        "that is the largest sum of a row, norm(J, inf); the spectral norm is norm(J, 2).",
        _measure(lambda J: np.linalg.norm(J, np.inf)),
    ),
    Misconception(
        "that is the determinant; the spectral norm is norm(J, 2).",
        _measure(lambda J: np.abs(np.linalg.det(J))),
    ),
    Misconception("that is the trace; the spectral norm is norm(J, 2).", _measure(np.trace)),
    Misconception(
        "that is the square of the norm: the largest eigenvalue of J^T J has to be rooted.",
        _measure(lambda J: spectral(J) ** 2),
    ),
    Misconception("that is the logarithm of the norm.", _measure(lambda J: np.log(spectral(J)))),
    Misconception(
        "that is the Frobenius norm divided by a root of H; the spectral norm is norm(J, 2).",
        _measure(lambda J: np.linalg.norm(J) / np.sqrt(len(J))),
    ),
    Misconception(
        "that is the nuclear norm, the sum of the singular values; the spectral norm is the largest one.",
        _measure(lambda J: np.linalg.norm(J, "nuc")),
    ),
    Misconception(
        "the derivative of tanh is 1-h^2 with the state h itself; you took tanh of it once more.",
        _way(lambda Wh, h: (1 - np.tanh(h) ** 2)[:, None] * Wh.T),
    ),
    Misconception(
        "the derivative of tanh is 1-h^2; you forgot the square.", _way(lambda Wh, h: (1 - h)[:, None] * Wh.T)
    ),
    Misconception(
        "the derivative of tanh is 1-h^2; you used h(1-h), that of the sigmoid.",
        _way(lambda Wh, h: (h * (1 - h))[:, None] * Wh.T),
    ),
    Misconception(
        "the derivative of tanh is 1-h^2; you used h^2.", _way(lambda Wh, h: (h * h)[:, None] * Wh.T)
    ),
    Misconception("every step has its own Jacobian, you used that of the last one for all.", _powers(-1)),
    Misconception("every step has its own Jacobian, you used that of the first one for all.", _powers(1)),
    Misconception("norms[T] is 1: d h_T / d h_T is the identity, start from np.eye(H).", _started_with_step),
    Misconception("norms[T] is 1: d h_T / d h_T is the identity, not 0.", _zero_at_the_end),
    Misconception(
        "norms[T], which is 1, is missing: the result has T+1 values.", lambda Wh, hs: norms(Wh, hs)[:-1]
    ),
    Misconception(
        "norms[0] is missing: the result has T+1 values, for h_0 to h_T.", lambda Wh, hs: norms(Wh, hs)[1:]
    ),
    Misconception(
        "that is the norm for t = 0 alone; the result has T+1 values.", lambda Wh, hs: norms(Wh, hs)[0]
    ),
    Misconception(
        "the first factor is h_0's: h_0 was not computed by a step, it has no derivative.",
        lambda Wh, hs: norms(Wh, np.concatenate([hs[:1], hs]))[:-1],
    ),
    Misconception(
        "you divide by the number of steps: the norm itself is asked for.",
        lambda Wh, hs: norms(Wh, hs) / (len(hs) - 1),
    ),
)

EXERCISE = Exercise(
    name="jacobian_norms",
    reference=reference,
    properties=(
        Property("one step", lambda rng: [run(rng, 1, 3)]),
        Property("states of 0, where tanh is straight", lambda rng: [run(rng, 4, 3, state=0)]),
        Property("several steps", lambda rng: [run(rng, 5, 4)], 2),
        Property("gradients that vanish", lambda rng: [run(rng, 12, 5, 0.6)]),
    ),
    misconceptions=JACOBIAN_MISTAKES,
    axes=("step",),
    forbidden=NOT_PYTORCH,
    rtol=1e-9,
    atol=1e-12,
)
