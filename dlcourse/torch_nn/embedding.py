"""Embedding: a learned vector for every token."""

import numpy as np
import torch


class Embedding(torch.nn.Embedding):
    """``torch.nn.Embedding`` whose initial weights come from ``rng`` and equal those of ``numpy_nn``."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, *, rng=None, **factory
    ):
        super().__init__(num_embeddings, embedding_dim, padding_idx, **factory)
        weight = np.random.default_rng(rng).standard_normal((num_embeddings, embedding_dim))
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(weight))
            if padding_idx is not None:
                self.weight[padding_idx] = 0
