"""Cases of multi-head attention and positions: every kind of mask, T ≠ S, rows that see nothing."""

import numpy as np

from dlcourse.conformance.compare import Case

B, T, S, E, H = 3, 5, 7, 12, 3  # head width 4


def _attention(nn, rng, **options):
    return nn.MultiheadAttention(E, H, rng=rng, **options)


def _inputs(t: int = T, s: int = S):
    return lambda rng: tuple(rng.standard_normal((B, length, E)) for length in (t, s, s))


def _mask(*shape):
    return lambda rng: {"mask": rng.random(shape) < 0.6}


def _blind_rows(rng) -> dict:
    """A random mask in which query 2 of every entry, and all queries of entry 1, see nothing."""
    mask = rng.random((B, T, S)) < 0.6
    mask[:, 2] = False
    mask[1] = False
    return {"mask": mask}


def _padding(rng) -> dict:
    """Entry i has only its first 7, 3 and 1 keys."""
    kept = np.arange(S) < np.array([7, 3, 1])[:, None]
    return {"mask": kept[:, None, :]}


def _causal(rng) -> dict:
    return {"causal": True}


def _both(rng) -> dict:
    return _padding(rng) | _causal(rng)


CASES = [
    Case("MultiheadAttention, T ≠ S", _attention, _inputs()),
    Case("MultiheadAttention, no bias", lambda nn, rng: _attention(nn, rng, bias=False), _inputs()),
    Case("MultiheadAttention, one head", lambda nn, rng: nn.MultiheadAttention(E, 1, rng=rng), _inputs()),
    Case("MultiheadAttention, head width 1", lambda nn, rng: nn.MultiheadAttention(E, E, rng=rng), _inputs()),
    Case("MultiheadAttention, padding mask", _attention, _inputs(), _padding),
    Case("MultiheadAttention, one mask for the batch", _attention, _inputs(), _mask(T, S)),
    Case("MultiheadAttention, a mask per entry", _attention, _inputs(), _mask(B, T, S)),
    Case("MultiheadAttention, a mask per head", _attention, _inputs(), _mask(1, H, T, S)),
    Case("MultiheadAttention, rows that see nothing", _attention, _inputs(), _blind_rows),
    Case("MultiheadAttention, causal", _attention, _inputs(S, S), _causal),
    Case("MultiheadAttention, causal, more keys than queries", _attention, _inputs(T, S), _causal),
    Case("MultiheadAttention, causal, more queries than keys", _attention, _inputs(S, T), _causal),
    Case("MultiheadAttention, causal and padding", _attention, _inputs(S, S), _both),
    Case("MultiheadAttention, several blocks", _attention, _inputs(300, 150)),
    Case("MultiheadAttention, several blocks, causal", _attention, _inputs(261, 300), _causal),
    Case(
        "PositionalEncoding, odd width",
        lambda nn, rng: nn.Sequential(nn.Linear(5, 7, rng=rng), nn.PositionalEncoding(7, 11)),
        lambda rng: (rng.standard_normal((2, 6, 5)),),
    ),
    Case(
        "PositionalEmbedding, shorter than max_len",
        lambda nn, rng: nn.PositionalEmbedding(11, 7, rng=rng),
        lambda rng: (rng.standard_normal((2, 6, 7)),),
    ),
]
