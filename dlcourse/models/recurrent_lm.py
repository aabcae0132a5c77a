"""The recurrent language model of the article's listing 4.2, with an RNN, an LSTM or a GRU."""

from dlcourse.models.assemble import assemble
from dlcourse.models.start import start_as_keras


def rnn_language_model(nn, **arguments):
    """``gru_language_model`` with the plain recurrence of Elman 1990."""
    return _language_model(nn, nn.RNN, **arguments)


def lstm_language_model(nn, **arguments):
    """``gru_language_model`` with an LSTM (Hochreiter & Schmidhuber 1997; forget gates start open)."""
    return _language_model(nn, nn.LSTM, **arguments)


def gru_language_model(nn, **arguments):
    """Embedding, GRU with both dropouts, Linear and ReLU, Linear: the next token at every position.

    Called with ids (B, T) -> logits (B, T, vocab_size). Arguments: ``vocab_size``, ``embedding_dim``,
    ``units`` (as many in the GRU as in the hidden layer), ``dropout=0.1`` on the GRU's input and
    ``recurrent_dropout=0.1`` on its state (one mask for all steps, Gal & Ghahramani 2016), ``rng=0``.
    8,306 parameters for 50, 16, 32. Weights start as in Keras. Cho et al. 2014.

    ``model.read(ids, state) -> logits, state`` goes on from a state (``dlcourse.models.advance``).
    """
    return _language_model(nn, nn.GRU, **arguments)


def _language_model(nn, cell, *, vocab_size, embedding_dim, units, dropout=0.1, recurrent_dropout=0.1, rng=0):
    model = assemble(
        nn,
        RecurrentLanguageModel,
        RecurrentLanguageModelBackward,
        cell=cell,
        vocab_size=vocab_size,
        embedding_dim=embedding_dim,
        units=units,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        rng=rng,
    )
    return start_as_keras(model, rng)


class RecurrentLanguageModel:
    """z_t = W₂ ReLU(W₁ h_t + b₁) + b₂ with h_t from the recurrence over embedded ids."""

    max_length = None  # a recurrent network reads texts of any length

    def __init__(self, nn, *, cell, vocab_size, embedding_dim, units, dropout, recurrent_dropout, rng):
        super().__init__()
        rates = {"input_dropout": dropout, "recurrent_dropout": recurrent_dropout}
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.recurrent = cell(embedding_dim, units, **rates, rng=rng)
        self.hidden = nn.Linear(units, units)
        self.relu = nn.ReLU()
        self.output = nn.Linear(units, vocab_size)

    def forward(self, ids):
        return self.read(ids)[0]

    def read(self, ids, state=None):
        """Logits (B, T, V) and the state after the last id; ``state`` is what an earlier call returned."""
        h, state = self.recurrent(self.embedding(ids), state)  # (B, T, units)
        return self.output(self.relu(self.hidden(h))), state


class RecurrentLanguageModelBackward:
    def backward(self, dlogits):
        dh = self.hidden.backward(self.relu.backward(self.output.backward(dlogits)))
        dx, _ = self.recurrent.backward(dh)
        self.embedding.backward(dx)
