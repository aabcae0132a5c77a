"""The transformer language model of the article's listing 4.3, repaired."""

import numpy as np

from dlcourse.models.assemble import assemble


def transformer_language_model(
    nn,
    *,
    vocab_size: int,
    max_length: int,
    d_model: int,
    num_heads: int,
    num_layers: int,
    dff: int,
    dropout: float = 0.1,
    norm_first: bool = False,
    rng=0,
):
    """Embedding plus learned position, ``num_layers`` causal blocks, Linear: the next token at each position.

    Called with ids (B, T), T <= max_length -> logits (B, T, vocab_size); position t sees ids 0 to t.
    20,978 parameters for 50, 20, 32, 4, 2, 64. The listing as printed calls a layer that does not exist, has
    no positions, no causal mask, one block whatever ``num_layers`` says, and the width ``dff``.
    Tokens and positions both start from N(0, 0.02²), as in GPT-2: beside tokens from N(0, 1), which
    ``Embedding`` draws, positions would not be heard. ``norm_first=True`` is the pre-norm form with
    a LayerNorm at the end. Vaswani et al. 2017; Radford et al. 2018, 2019.

    ``model.read(ids, state) -> logits, state`` goes on from a ``KVCache`` (``dlcourse.models.advance``).
    """
    return assemble(
        nn,
        TransformerLanguageModel,
        TransformerLanguageModelBackward,
        vocab_size=vocab_size,
        max_length=max_length,
        d_model=d_model,
        block={
            "nhead": num_heads,
            "dim_feedforward": dff,
            "dropout": dropout,
            "norm_first": norm_first,
        },
        num_layers=num_layers,
        rng=np.random.default_rng(rng),
    )


class TransformerLanguageModel:
    """z = blocks(embedding(ids) + position) Wᵀ + b."""

    def __init__(self, nn, *, vocab_size, max_length, d_model, block, num_layers, rng):
        super().__init__()
        self.max_length = max_length
        self._new_cache = nn.KVCache
        self.embedding = nn.Embedding(vocab_size, d_model, rng=rng)
        self.embedding.weight.data *= 0.02
        self.positions = nn.PositionalEmbedding(max_length, d_model, rng=rng)
        layers = [nn.TransformerEncoderLayer(d_model, **block, rng=rng) for _ in range(num_layers)]
        self.blocks = nn.TransformerEncoder(layers, nn.LayerNorm(d_model) if block["norm_first"] else None)
        self.output = nn.Linear(d_model, vocab_size, rng=rng)

    def forward(self, ids, cache=None):
        x = self.positions(self.embedding(ids), cache)  # (B, T, d_model)
        return self.output(self.blocks(x, causal=True, cache=cache))

    def read(self, ids, state=None):
        """Logits (B, T, V) of the new ids and a ``KVCache`` with them; ``state`` stays as it was."""
        cache = self._new_cache() if state is None else state.copy()
        return self.forward(ids, cache), cache


class TransformerLanguageModelBackward:
    def backward(self, dlogits):
        dx = self.blocks.backward(self.output.backward(dlogits))
        self.embedding.backward(self.positions.backward(dx))
