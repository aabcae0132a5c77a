"""Beam search: decoding as a search for the sequence with the best score."""

from collections.abc import Callable

import numpy as np


def beam_search(
    step: Callable, bos: int, eos: int, k: int, max_len: int, alpha: float = 0.0
) -> tuple[list[int], float]:
    """The best sequence that ``k`` hypotheses side by side find, and its score.

    score(y) = Σ_t log p(y_t | y_<t) / n^alpha  (eq-beam), n = number of tokens after bos, eos counted.

    ``step(tokens) -> log-probabilities (V,)`` of the token that follows ``tokens``, which begin with bos.
    In each of at most ``max_len`` rounds all continuations of all live hypotheses compete for ``k``
    places. One that ends with eos is finished: it is set aside and never continued. The search goes on
    until no hypothesis lives; those still alive after ``max_len`` tokens count as they stand.
    Returns the tokens with bos in front. k=1 is greedy decoding.

    Beam search: Lowerre 1976; length normalisation: Wu et al. 2016 (§7, with a constant of 0).
    Raises ``ValueError`` for k or max_len below 1 and for a negative alpha.
    """
    if k < 1 or max_len < 1:
        raise ValueError(f"beam_search: k {k} and max_len {max_len}, expected at least 1 each")
    if alpha < 0:
        raise ValueError(f"beam_search: alpha {alpha}, expected a number >= 0 (0: no length normalisation)")
    live: list[tuple[list[int], float]] = [([bos], 0.0)]
    finished: list[tuple[list[int], float]] = []
    for _ in range(max_len):
        totals = np.stack([total + _log_probs(step(tokens)) for tokens, total in live])  # (beams, V)
        best = np.argsort(-totals, axis=None, kind="stable")[:k]
        grown = []
        for beam, token in zip(*np.unravel_index(best, totals.shape), strict=True):
            if totals[beam, token] > -np.inf:  # an impossible token takes no place
                grown.append(([*live[beam][0], int(token)], float(totals[beam, token])))
        finished += [h for h in grown if h[0][-1] == eos]
        live = [h for h in grown if h[0][-1] != eos]
        if not live:
            break
    scored = [(total / (len(tokens) - 1) ** alpha, tokens) for tokens, total in finished + live]
    score, tokens = max(scored, key=lambda s: s[0])
    return tokens, score


def _log_probs(value) -> np.ndarray:
    log_p = np.asarray(value, dtype=np.float64)
    if log_p.ndim != 1:
        raise ValueError(f"beam_search: step returned shape {log_p.shape}, expected (V,)")
    if np.isnan(log_p).any() or log_p.max() > 1e-6:
        raise ValueError(
            "beam_search: step returned NaN or a value above 0, expected log-probabilities; "
            "take the log of probabilities, or log_softmax of logits"
        )
    if log_p.max() == -np.inf:
        raise ValueError("beam_search: step gives every token probability 0: no hypothesis can go on")
    return log_p
