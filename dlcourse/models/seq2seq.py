"""From one sequence to another: encoder and decoder, with and without attention."""

import numpy as np

from dlcourse.backend import evaluating, to_model, to_numpy
from dlcourse.models.assemble import assemble, graphless, weighted_sum, weighted_sum_backward, weights_like


def seq2seq(
    nn, *, vocab_size: int, embedding_dim: int, units: int, attention: bool = True, pad: int = 0, rng=0
):
    """A GRU reads the source; another one, started from its last state, writes the target.

    Called with source (B, S) and target (B, T) ids -> logits (B, T, vocab_size) for the token behind each
    of the target (teacher forcing). The source is filled up with ``pad`` at the right. Without ``attention``
    all the decoder knows of the source is that one state (Sutskever et al. 2014; Cho et al. 2014); with it,
    every step also looks at all states of the encoder (Bahdanau et al. 2015; here dot products as in Luong et
    al. 2015, one head). Source and target share one vocabulary.
    """
    return assemble(
        nn,
        Seq2Seq,
        Seq2SeqBackward,
        sizes=(vocab_size, embedding_dim, units),
        attention=attention,
        pad=pad,
        rng=np.random.default_rng(rng),
    )


class Seq2Seq:
    """z_t = W tanh(W_h h_t + b + W_c c_t) + b', c_t = attention of h_t to the states of the encoder."""

    def __init__(self, nn, *, sizes, attention, pad, rng):
        super().__init__()
        vocab_size, embedding_dim, units = sizes
        self.pad = pad
        self.source_embedding = nn.Embedding(vocab_size, embedding_dim, rng=rng)
        self.encoder = nn.GRU(embedding_dim, units, rng=rng)
        self.target_embedding = nn.Embedding(vocab_size, embedding_dim, rng=rng)
        self.decoder = nn.GRU(embedding_dim, units, rng=rng)
        self.from_state = nn.Linear(units, units, rng=rng)
        self.attention = nn.MultiheadAttention(units, 1, rng=rng) if attention else None
        self.from_context = nn.Linear(units, units, bias=False, rng=rng) if attention else None
        self.tanh = nn.Tanh()
        self.output = nn.Linear(units, vocab_size, rng=rng)

    def forward(self, source, target):
        memory, state = self.encode(source)
        return self.decode(target, memory, state)[0]

    def encode(self, source):
        """The memory, states (B, S, units) and which are real (B, S), and the decoder's first state."""
        states, _ = self.encoder(self.source_embedding(source))
        kept = source != self.pad
        # 1 at the last real token: the state after it must not have read padding.
        self._last = weights_like(states, kept & (kept.cumsum(1) == kept.sum(1)[:, None]))
        return (states, kept), weighted_sum(states, self._last)[None]

    def decode(self, target, memory, state):
        """Logits (B, T, V) for the token behind each of ``target`` (B, T), and the state to go on from."""
        h, state = self.decoder(self.target_embedding(target), state)
        a = self.from_state(h)
        if self.attention is not None:
            states, kept = memory
            a = a + self.from_context(self.attention(h, states, states, kept[:, None]))
        return self.output(self.tanh(a)), state


class Seq2SeqBackward:
    def backward(self, dlogits):
        da = self.tanh.backward(self.output.backward(dlogits))
        dh, dstates = self.from_state.backward(da), 0
        if self.attention is not None:
            dquery, dkey, dvalue = self.attention.backward(self.from_context.backward(da))
            dh, dstates = dh + dquery, dkey + dvalue
        dx, dstate = self.decoder.backward(dh)
        self.target_embedding.backward(dx)
        dx, _ = self.encoder.backward(dstates + weighted_sum_backward(dstate[0], self._last))
        self.source_embedding.backward(dx)


def translate(model, source: np.ndarray, *, bos: int, length: int) -> np.ndarray:
    """Greedy answers (N, length) of a ``seq2seq`` model to all rows of ``source`` (N, S), its own output fed
    back at every step; what follows <eos> in a row means nothing."""
    answer = np.full((len(source), 1), bos, dtype=np.int64)
    with evaluating(model), graphless(model):
        memory, state = model.encode(to_model(model, source))
        for _ in range(length):
            logits, state = model.decode(to_model(model, answer[:, -1:]), memory, state)
            answer = np.concatenate([answer, to_numpy(logits)[:, -1:].argmax(-1)], axis=1)
    return answer[:, 1:]
