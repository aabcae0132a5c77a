"""Choosing the next token: the most probable one, or one drawn from a reshaped distribution."""

import numpy as np


def log_softmax(z: np.ndarray) -> np.ndarray:
    """z_v - log Σ_u exp(z_u) over the last axis, with the maximum subtracted first (eq-log-softmax)."""
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def next_token_probs(
    logits: np.ndarray, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> np.ndarray:
    """p = softmax(logits / temperature), cut to top_k tokens, renormalised, cut to the nucleus top_p.

    logits (V,), or log-probabilities, which are logits too -> p (V,), Σ p = 1  (eq-decoding).
    top_k keeps the k most probable tokens (of equal ones those with the lower id); 0: off.
    top_p then keeps, of what is left and sums to 1 again, the smallest set of most probable tokens whose
    probabilities sum to at least top_p; 1: off. The most probable token always stays.

    Temperature: Ackley et al. 1985; top-k: Fan et al. 2018; top-p: Holtzman et al. 2020.
    Raises ``ValueError`` for logits that are no vector with a finite maximum and for options out of range.
    """
    z = _vector(logits)
    if not temperature > 0:
        raise ValueError(
            f"next_token_probs: temperature {temperature}, expected a number > 0; use greedy for the limit 0"
        )
    if top_k < 0 or top_k != int(top_k):
        raise ValueError(f"next_token_probs: top_k {top_k}, expected an integer >= 0 (0 keeps all tokens)")
    if not 0 < top_p <= 1:
        raise ValueError(f"next_token_probs: top_p {top_p}, expected 0 < top_p <= 1 (1 keeps all tokens)")
    p = np.exp(log_softmax(z / temperature))
    order = np.argsort(-p, kind="stable")  # most probable first
    if 0 < top_k < len(p):
        p[order[int(top_k) :]] = 0
        p /= p.sum()
    if top_p < 1:
        before = np.cumsum(p[order]) - p[order]  # the mass of the tokens in front of each one
        p[order[before >= top_p]] = 0
        p /= p.sum()
    return p


def greedy(log_probs: np.ndarray) -> int:
    """argmax_v log p(v); of equally probable tokens the one with the lowest id."""
    return int(np.argmax(_vector(log_probs)))


class Sampler:
    """Draws the next token from ``next_token_probs`` with an explicit ``numpy.random.Generator``.

    ``Sampler(rng, temperature=0.8, top_k=40)(log_probs) -> token id``. The same seed draws the same text.
    """

    def __init__(
        self, rng: np.random.Generator, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
    ):
        if not isinstance(rng, np.random.Generator):
            raise TypeError(
                f"Sampler: rng is a {type(rng).__name__}, expected a generator: np.random.default_rng(0)"
            )
        self.rng, self.temperature, self.top_k, self.top_p = rng, temperature, top_k, top_p

    def __call__(self, log_probs: np.ndarray) -> int:
        p = next_token_probs(log_probs, self.temperature, self.top_k, self.top_p)
        return int(self.rng.choice(len(p), p=p))


def _vector(z) -> np.ndarray:
    z = np.asarray(z, dtype=np.float64)
    if z.ndim != 1 or len(z) == 0:
        raise ValueError(f"decoding: logits have shape {z.shape}, expected (V,): those of one position")
    if np.isnan(z).any() or not np.isfinite(z.max()):
        raise ValueError("decoding: logits hold NaN, +inf, or nothing but -inf: no token can be chosen")
    return z
