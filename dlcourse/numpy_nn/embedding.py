"""Embedding: a learned vector for every token."""

import numpy as np

from dlcourse.numpy_nn.module import Module, Parameter
from dlcourse.numpy_nn.validate import require_ids, require_positive


def embedding(ids: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """e = weight[ids]  (eq-embedding); ids (...), weight (V, D) -> e (..., D)."""
    return weight[ids]


def embedding_backward(de: np.ndarray, ids: np.ndarray, count: int, padding_idx: int | None = None):
    """dweight[v] = Σ de over all places where ids = v  (eq-embedding-backward); the padding row gets none.

    de (..., D), ids (...) -> dweight (count, D). A token that occurs twice gets both gradients.
    """
    dweight = np.zeros((count, de.shape[-1]), de.dtype)
    ids, de = ids.reshape(-1), de.reshape(-1, de.shape[-1])
    order = np.argsort(ids, kind="stable")
    ids, de = ids[order], de[order]  # equal ids side by side: four times as fast as np.add.at
    while True:
        tokens, starts, counts = np.unique(ids, return_index=True, return_counts=True)
        if len(tokens) == len(ids):
            break
        second = np.flatnonzero((np.arange(len(ids)) - np.repeat(starts, counts)) % 2)
        de[second - 1] += de[second]  # pairs of one token become one, until every token is left once
        ids, de = np.delete(ids, second), np.delete(de, second, axis=0)
    dweight[ids] = de
    if padding_idx is not None:
        dweight[padding_idx] = 0
    return dweight


class Embedding(Module):
    """``torch.nn.Embedding``: integer ids (...) -> vectors (..., embedding_dim).

    ``rng`` draws the weights from N(0, 1), as PyTorch does; the row ``padding_idx`` starts at 0 and is never
    trained. Raises ``TypeError`` for ids that are not integers, ``ValueError`` for ids out of range.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng=None,
        dtype=np.float32,
    ):
        require_positive("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None and not 0 <= padding_idx < num_embeddings:
            raise ValueError(f"Embedding: padding_idx is {padding_idx}, expected 0 to {num_embeddings - 1}")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        weight = np.random.default_rng(rng).standard_normal((num_embeddings, embedding_dim)).astype(dtype)
        if padding_idx is not None:
            weight[padding_idx] = 0
        self.weight = Parameter(weight)

    def forward(self, ids: np.ndarray) -> np.ndarray:
        require_ids("Embedding", ids, self.num_embeddings)
        self._ids = ids
        return embedding(ids, self.weight.data)

    def backward(self, de: np.ndarray) -> None:
        """Accumulates the gradient of the weights; ids have none."""
        self.weight.grad += embedding_backward(de, self._ids, self.num_embeddings, self.padding_idx)
