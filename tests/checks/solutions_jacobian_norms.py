"""E13 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def backwards(Wh, hs):
    J = np.eye(len(Wh))
    norms = np.ones(len(hs))
    for t in range(len(hs) - 2, -1, -1):
        J = J @ np.diag(1 - hs[t + 1] ** 2) @ Wh.T
        norms[t] = np.linalg.norm(J, ord=2)
    return norms


def row_scaling(Wh, hs):
    """The transposed Jacobian, columns scaled, singular values."""
    product, found = np.identity(Wh.shape[0]), [1.0]
    for h in hs[1:][::-1]:
        product = Wh * (1 - h**2) @ product
        found.append(np.linalg.svd(product, compute_uv=False)[0])
    return np.array(found)[::-1]


def from_scratch(Wh, hs):
    """Every product anew; the norm as the root of the largest eigenvalue of J J^T."""

    def norm(t):
        J = np.eye(len(Wh))
        for h in hs[t + 1 :]:
            J = (Wh.T * (1 - h * h)[:, np.newaxis]) @ J
        return np.sqrt(np.linalg.eigvalsh(J @ J.T).max())

    return np.array([norm(t) for t in range(len(hs))])


def multi_dot(Wh, hs):
    steps = np.einsum("ti,ji->tij", 1 - hs[1:] ** 2, Wh)
    products = [np.eye(len(Wh))]
    for J in steps[::-1]:
        products.insert(0, products[0] @ J)
    return np.linalg.norm(np.stack(products), 2, axis=(1, 2))


def autograd(Wh, hs):
    """PyTorch differentiates the steps; the inputs are what makes the given states come out."""
    import torch

    W, states = torch.tensor(Wh), torch.tensor(hs)
    inputs = torch.atanh(states[1:]) - states[:-1] @ W

    def last(h, t):
        for u in inputs[t:]:
            h = torch.tanh(h @ W + u)
        return h

    jacobians = [
        torch.autograd.functional.jacobian(lambda h, t=t: last(h, t), states[t]) for t in range(len(hs))
    ]
    return np.array([torch.linalg.matrix_norm(J, 2).item() for J in jacobians])


CORRECT = [backwards, row_scaling, from_scratch, multi_dot, autograd]


def variant(
    one=lambda Wh, h: np.diag(1 - h**2) @ Wh.T, norm=lambda J: np.linalg.norm(J, 2), shift=0, side="right"
):
    """``backwards`` with one place changed."""

    def jacobian_norms(Wh, hs):
        J = np.eye(len(Wh))
        found = [norm(J)]
        for t in range(len(hs) - 2, -1, -1):
            step = one(Wh, hs[t + 1 - shift])
            J = J @ step if side == "right" else step @ J
            found.insert(0, norm(J))
        return np.array(found)

    return jacobian_norms


def from_the_start(Wh, hs):
    J, found = np.eye(len(Wh)), [1.0]
    for h in hs[1:]:
        J = np.diag(1 - h**2) @ Wh.T @ J
        found.append(np.linalg.norm(J, 2))
    return np.array(found)


def product_of_norms(Wh, hs):
    found = [1.0]
    for h in hs[:0:-1]:
        found.insert(0, found[0] * np.linalg.norm(np.diag(1 - h**2) @ Wh.T, 2))
    return np.array(found)


def single_steps(Wh, hs):
    return np.array([np.linalg.norm(np.diag(1 - h**2) @ Wh.T, 2) for h in hs[1:]] + [1])


def one_too_many(Wh, hs):
    found, J = [], np.eye(len(Wh))
    for h in hs[::-1]:
        J = J @ np.diag(1 - h**2) @ Wh.T
        found.insert(0, np.linalg.norm(J, 2))
    return np.array(found)


def changes_hs(Wh, hs):
    found = backwards(Wh, hs)
    hs **= 2
    return found


WRONG = {
    "no tanh derivative": (variant(lambda Wh, h: Wh.T), "diag(1-h_t^2) is missing"),
    "Frobenius": (variant(norm=np.linalg.norm), "Frobenius norm; the spectral"),
    "wrong side": (variant(lambda Wh, h: Wh.T @ np.diag(1 - h**2)), "rows (output side)"),
    "not transposed": (variant(lambda Wh, h: np.diag(1 - h**2) @ Wh), "without the transpose"),
    "state before": (variant(shift=1), "the state it arrives at"),
    "order of the factors": (variant(side="left"), "in the wrong order"),
    "from the start": (from_the_start, "that is d h_t / d h_0"),
    "reversed": (lambda Wh, hs: backwards(Wh, hs)[::-1], "reverse order"),
    "product of norms": (product_of_norms, "product of the norms"),
    "single steps": (single_steps, "norm of each single step"),
    "eigenvalue": (variant(norm=lambda J: np.abs(np.linalg.eigvals(J)).max()), "largest eigenvalue"),
    "largest entry": (variant(norm=lambda J: np.abs(J).max()), "largest entry"),
    "smallest": (variant(norm=lambda J: np.linalg.svd(J)[1][-1]), "smallest singular value"),
    "sum of a column": (variant(norm=lambda J: np.linalg.norm(J, 1)), "sum of a column"),
    "no root": (variant(norm=lambda J: np.linalg.eigvalsh(J.T @ J)[-1]), "square of the norm"),
    "logarithm": (variant(norm=lambda J: np.log10(np.linalg.norm(J, 2)) * np.log(10)), "logarithm"),
    "tanh twice": (variant(lambda Wh, h: np.diag(1 - np.tanh(h) ** 2) @ Wh.T), "tanh of it once more"),
    "no square": (variant(lambda Wh, h: np.diag(1 - h) @ Wh.T), "forgot the square"),
    "sigmoid": (variant(lambda Wh, h: np.diag(h * (1 - h)) @ Wh.T), "that of the sigmoid"),
    "last Jacobian": (
        lambda Wh, hs: backwards(Wh, np.repeat(hs[-1:], len(hs), 0)),
        "that of the last one for all",
    ),
    "without h_T": (lambda Wh, hs: backwards(Wh, hs)[:-1], "norms[T], which is 1, is missing"),
    "only h_0": (lambda Wh, hs: backwards(Wh, hs)[0], "for t = 0 alone"),
    "0 at the end": (lambda Wh, hs: np.append(backwards(Wh, hs)[:-1], 0), "is the identity, not 0"),
    "one factor too many": (one_too_many, "h_0 was not computed by a step"),
    "a list": (lambda Wh, hs: list(backwards(Wh, hs)), "it returned a list"),
    "changes hs": (changes_hs, "changes its input array hs"),
    "single precision": (
        lambda Wh, hs: backwards(Wh.astype("f4"), hs.astype("f4")).astype("f4"),
        "single precision",
    ),
}
