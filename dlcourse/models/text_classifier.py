"""A classifier of short texts."""

import numpy as np

from dlcourse.models.assemble import assemble, weighted_sum, weighted_sum_backward, weights_like


def text_classifier(
    nn,
    *,
    vocab_size: int,
    embedding_dim: int,
    units: int,
    classes: int,
    pad: int = 0,
    dropout: float = 0.0,
    rng=0,
):
    """Embedding, GRU, the mean of its states over the real tokens, dropout, Linear.

    Called with ids (B, T), filled up with ``pad`` at the right -> logits (B, classes). Padding changes
    nothing: the GRU reads from the left, and the mean leaves it out. A text of padding alone has mean 0.
    """
    return assemble(
        nn,
        TextClassifier,
        TextClassifierBackward,
        sizes=(vocab_size, embedding_dim, units, classes),
        pad=pad,
        dropout=dropout,
        rng=np.random.default_rng(rng),
    )


class TextClassifier:
    """z = W s + b, s = Σ_t m_t h_t / Σ_t m_t, m_t = 0 at padding."""

    def __init__(self, nn, *, sizes, pad, dropout, rng):
        super().__init__()
        vocab_size, embedding_dim, units, classes = sizes
        self.pad = pad
        self.embedding = nn.Embedding(vocab_size, embedding_dim, rng=rng)
        self.recurrent = nn.GRU(embedding_dim, units, rng=rng)
        self.dropout = nn.Dropout(dropout, rng=rng)
        self.output = nn.Linear(units, classes, rng=rng)

    def forward(self, ids):
        h, _ = self.recurrent(self.embedding(ids))  # (B, T, units)
        m = weights_like(h, ids != self.pad)
        self._shares = m / m.sum(1)[:, None].clip(1)  # (B, T)
        return self.output(self.dropout(weighted_sum(h, self._shares)))


class TextClassifierBackward:
    def backward(self, dlogits):
        ds = self.dropout.backward(self.output.backward(dlogits))
        dx, _ = self.recurrent.backward(weighted_sum_backward(ds, self._shares))
        self.embedding.backward(dx)
