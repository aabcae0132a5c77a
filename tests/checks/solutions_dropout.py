"""E28 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def where(x, p, u, train, variant):
    if not train:
        return x
    mask = u if variant == "plain" else np.broadcast_to(u[:, [0]], x.shape)
    return np.where(mask < p, 0.0, x / (1 - p))


def time_loop(x, p: float, u, train: bool, variant: str) -> np.ndarray:
    y = np.array(x)
    if train:
        for t in range(x.shape[1]):
            source = u[:, 0] if variant == "recurrent" else u[:, t]
            y[:, t] *= (source >= p).astype(x.dtype) / (1.0 - p)
    return y


def einsum(x, p, u, train, variant):
    if not train:
        return x.copy()
    if variant == "recurrent":
        return np.einsum("btd,bd->btd", x, ~(u[:, 0, :] < p)) / (1 - p)
    return x * ~(u < p) * (1 / (1 - p))


def zeroes_a_copy(x, p, u, train, variant):
    y = x.copy()
    if train:
        drop = u < p
        if variant == "recurrent":
            drop = np.repeat(drop[:, :1], x.shape[1], axis=1)
        y[drop] = 0
        y /= 1 - p
    return y


CORRECT = [where, time_loop, einsum, zeroes_a_copy]


def _variant(keep=lambda u, p: u >= p, scale=lambda p: 1 / (1 - p), shared=lambda u: u[:, :1], test=1):
    def wrong(x, p, u, train, variant):
        if not train:
            return x * (test if isinstance(test, int) else test(p))
        mask = keep(shared(u) if variant == "recurrent" else u, p)
        return x * mask * scale(p)

    return wrong


def mask_only(x, p, u, train, variant):
    return where(np.ones_like(x), p, u, train, variant) if train else x


def leaves_dropped(x, p, u, train, variant):
    y = where(x, p, u, train, variant)
    return np.where(y == 0, x, y)


def observed_share(x, p, u, train, variant):
    y = where(x, p, u, train, variant)
    return y * (1 - p) / (y != 0).mean() if train else y


def draws_its_own(x, p, u, train, variant):
    return where(x, p, np.random.default_rng(11).random(x.shape), train, variant)


def in_place(x, p, u, train, variant):
    x[...] = where(x, p, u, train, variant)
    return x


def lets_torch(x, p, u, train, variant):
    import torch

    return torch.nn.functional.dropout(torch.tensor(x), p, train).numpy()


def flattened(x, p, u, train, variant):
    return where(x, p, u, train, variant).reshape(-1, x.shape[2])


def does_not_return(x, p, u, train, variant):
    if train:
        return where(x, p, u, train, variant)


def above(x, p, u, train, variant):
    if not train:
        return x.copy()
    return np.where((u[:, [0]] if variant == "recurrent" else u) > p, x, 0) / (1 - p)


WRONG = {
    "above p": (above, "where u equals p it is kept"),
    "not rescaled": (_variant(scale=lambda p: 1), "divide by 1-p in training (inverted"),
    "classic dropout": (
        _variant(scale=lambda p: 1, test=lambda p: 1 - p),
        "divide by 1-p in training (inverted",
    ),
    "multiplies": (_variant(scale=lambda p: 1 - p), "1-p"),
    "divides by p": (_variant(scale=lambda p: 1 / p), "not by p"),
    "observed share": (observed_share, "happened to be kept"),
    "keeps u < p": (_variant(keep=lambda u, p: u < p), "you keep where u < p"),
    "p kept": (_variant(keep=lambda u, p: u < p, scale=lambda p: 1 / p), "you keep where u < p"),
    "drops 1-p": (_variant(keep=lambda u, p: u >= 1 - p), "you drop where u < 1-p"),
    "one half": (_variant(keep=lambda u, p: u >= 0.5), "compare u with 1/2"),
    "mask": (mask_only, "you return the mask"),
    "u as a factor": (_variant(keep=lambda u, p: u * (u > p)), "it is no factor"),
    "leaves the dropped": (leaves_dropped, "what is dropped is 0"),
    "nothing dropped": (_variant(keep=lambda u, p: True), "nothing is dropped: you only"),
    "identity": (lambda x, *a: x.copy(), "nothing is dropped in training"),
    "scales at test time": (_variant(test=lambda p: 1 - p), "you scale by 1-p there"),
    "divides at test time": (_variant(test=lambda p: 1 / (1 - p)), "you divide by 1-p there"),
    "train ignored": (lambda x, p, u, t, v: where(x, p, u, True, v), "train is ignored"),
    "train reversed": (lambda x, p, u, t, v: where(x, p, u, not t, v), "wrong way round"),
    "zero at test time": (_variant(test=0), "not 0"),
    "variant ignored": (_variant(shared=lambda u: u), "has no effect"),
    "one mask for the batch": (_variant(shared=lambda u: u[:1, :1]), "each sequence has its own"),
    "shared over the batch": (_variant(shared=lambda u: u[:1]), "you share the mask over the batch"),
    "shared over the features": (_variant(shared=lambda u: u[..., :1]), "over the features"),
    "whole sequences": (_variant(shared=lambda u: u[:, :1, :1]), "you drop whole sequences"),
    "last step": (_variant(shared=lambda u: u[:, -1:]), "not from the last"),
    "mean over time": (_variant(shared=lambda u: u.mean(1, keepdims=True)), "mean over time"),
    "always shared": (lambda x, p, u, t, v: where(x, p, u, t, "recurrent"), "you share one over time"),
    "own random numbers": (draws_its_own, "wrong"),
    "in place": (in_place, "changes its input array x"),
    "torch": (lets_torch, "torch.nn.functional.dropout"),
    "two axes": (flattened, "axes"),
    "None at test time": (does_not_return, "it returned None"),
}
