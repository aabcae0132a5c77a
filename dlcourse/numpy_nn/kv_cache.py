"""What a transformer remembers between the steps of incremental decoding; the same for both backends."""


class KVCache:
    """Keys and values of the positions already read, one pair an attention layer.

    One empty ``KVCache()`` goes as ``cache=`` through every call of a model in evaluation mode; each call
    then gets only the new positions. ``length`` counts the positions read, so that a positional encoding
    knows where it is. 2 L T d numbers for L layers, T positions, width d. Arrays in it are never changed:
    ``copy`` is cheap, and two hypotheses of a beam may go on from the same cache.
    """

    def __init__(self):
        self.length = 0
        self._pairs = {}

    def extend(self, layer, k, v, concatenate):
        """Self-attention: the keys and values of ``layer`` with the new ones (..., T, d) behind them."""
        if layer in self._pairs:
            old_k, old_v = self._pairs[layer]
            k, v = concatenate((old_k, k), -2), concatenate((old_v, v), -2)
        self._pairs[layer] = k, v
        self.length = k.shape[-2]
        return k, v

    def once(self, layer, project):
        """Cross-attention: the memory stays, so it is projected in the first step only."""
        if layer not in self._pairs:
            self._pairs[layer] = project()
        return self._pairs[layer]

    def copy(self) -> "KVCache":
        """A cache that goes its own way from here; shares the arrays so far."""
        return self.select(...)

    def select(self, rows) -> "KVCache":
        """The cache of these batch rows, in this order: beam search goes on with its best hypotheses."""
        other = KVCache()
        other.length = self.length
        other._pairs = {layer: (k[rows], v[rows]) for layer, (k, v) in self._pairs.items()}
        return other
